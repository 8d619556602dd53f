"""Describes a release in its own metadata graph: title, licence, graphs with their counts, prefixes."""

from collections.abc import Iterator

import pyoxigraph as ox

from lungkg.namespaces import DCTERMS, GRAPHS, OWL, SH, VOID, XSD, Minter
from lungkg.project import Project
from lungkg.stores import select
from lungkg.triples import COMMENT, LABEL, A, english, instant, integer

_ANY_URI = ox.NamedNode(XSD + "anyURI")

GRAPH_COMMENTS = {
    "ontology": "The vocabulary: kinds of entity, relations, external terms and mappings.",
    "entities": "What the claims speak of, with labels, definitions and matches to other vocabularies.",
    "documents": "The source texts with their sentences and the numbers they cite by.",
    "claims": "What the documents say, each claim with its words, offsets, hedges and citations.",
    "edges": "One plain triple for each affirmed claim; it reads: is claimed to.",
    "background": "What the curators assume and no document says.",
    "inferred": "What rules derive from claims and assumptions; no document says it.",
    "shapes": "The SHACL shapes that every release conforms to.",
    "queries": "The canned queries.",
    "metadata": "This description.",
}


def describe(store: ox.Store, project: Project, date: str) -> Iterator[ox.Quad]:
    """Yield the metadata quads for a store that holds all other graphs."""
    iris = Minter(project.base)
    graph, dataset = ox.NamedNode(iris.graph("metadata")), ox.NamedNode(iris.dataset)
    counts = count_graphs(store, iris)

    def say(subject: ox.NamedNode, predicate: str | ox.NamedNode, value: ox.NamedNode | ox.Literal) -> ox.Quad:
        return ox.Quad(
            subject,
            predicate if isinstance(predicate, ox.NamedNode) else ox.NamedNode(predicate),
            value,
            graph,
        )

    yield say(dataset, A, ox.NamedNode(VOID + "Dataset"))
    yield say(dataset, LABEL, english(project.title))
    yield say(dataset, DCTERMS + "title", english(project.title))
    yield say(dataset, DCTERMS + "description", english(project.description))
    yield say(dataset, DCTERMS + "license", ox.NamedNode(project.license))
    yield say(dataset, DCTERMS + "publisher", english(project.publisher))
    yield say(dataset, DCTERMS + "issued", instant(project.issued))
    yield say(dataset, DCTERMS + "modified", instant(date))
    yield say(dataset, OWL + "versionInfo", ox.Literal(project.version))
    yield say(dataset, VOID + "triples", integer(sum(counts.values())))
    for name in GRAPHS:
        part = ox.NamedNode(iris.graph(name))
        yield say(dataset, VOID + "subset", part)
        yield say(part, A, ox.NamedNode(VOID + "Dataset"))
        yield say(part, LABEL, english(f"graph {name}"))
        yield say(part, COMMENT, english(GRAPH_COMMENTS[name]))
        if name in counts:
            yield say(part, VOID + "triples", integer(counts[name]))
    for prefix, namespace in sorted(project.prefixes.items()):
        node = ox.NamedNode(f"{iris.dataset}#prefix-{prefix}")
        yield say(dataset, SH + "declare", node)
        yield say(node, A, ox.NamedNode(SH + "PrefixDeclaration"))
        yield say(node, SH + "prefix", ox.Literal(prefix))
        yield say(node, SH + "namespace", ox.Literal(namespace, datatype=_ANY_URI))


def count_graphs(store: ox.Store, iris: Minter) -> dict[str, int]:
    """Count the triples of each graph but metadata, which cannot count itself."""
    counts = {}
    for name in GRAPHS:
        if name != "metadata":
            query = f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{iris.graph(name)}> {{ ?s ?p ?o }} }}"
            (row,) = select(store, query)
            counts[name] = int(row["n"].value)
    return counts
