"""Describes a release in its own metadata graph: title, licence, graphs with their counts, prefixes, VoID."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator

import pyoxigraph as ox

from lungkg.dcat import catalogued, distributed
from lungkg.downloads import Download
from lungkg.endpoint_terms import DCAT, DECLARED, PREFIXES, SD, endpoint_of, said
from lungkg.linksets import linksets
from lungkg.namespaces import DCTERMS, GRAPHS, ONT, OWL, RDF, RDFS, SH, VOID, XSD, Minter
from lungkg.partitions import measure, partitions
from lungkg.project import Project
from lungkg.stores import select
from lungkg.triples import english, instant, integer

_ANY_URI = ox.NamedNode(XSD + "anyURI")
_A, _LABEL, _COMMENT = RDF + "type", RDFS + "label", RDFS + "comment"

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

WITH_BLANK_NODES = ("ontology", "shapes", "queries")
"""The graphs with what is written in OWL and SHACL; in the others everything has an IRI."""

WHAT_IS_COUNTED = (
    "The counts of the dataset and of its partitions are over the union of all graphs but graph/metadata, "
    "which holds them."
)
WHERE_THE_ENDPOINT_IS = (
    "The endpoint below the base of the dataset. A server that stands elsewhere gives its own address, as "
    "sd:endpoint, to a GET of that address without a query."
)


def describe(
    store: ox.Store, project: Project, date: str, release_id: str, downloads: Iterable[Download] = ()
) -> Iterator[ox.Quad]:
    """Yield the metadata quads for a store that holds all other graphs, and for the files that they are in."""
    iris = Minter(project.base)
    metadata = ox.NamedNode(iris.graph("metadata"))
    counted = measure(store, [iris.graph(name) for name in WITH_BLANK_NODES])
    triples = dict.fromkeys(
        [
            *_dataset(project, date, counted.by_graph.total()),
            *_graphs(iris, counted.by_graph),
            *_prefixes(iris.dataset, project.prefixes),
            *_endpoint(endpoint_of(project.base)),
            *_example(store, iris),
            *linksets(store, iris.dataset, project.prefixes),
            *catalogued(project, date, release_id, downloads),
            *partitions(counted, iris.dataset, {**PREFIXES, **project.prefixes}),
        ]
    )
    terms = {term for triple in triples for term in (triple.predicate, triple.object)}
    triples |= dict.fromkeys(_declarations(lambda term: term in terms or _uses(store, term)))
    yield from _counted(triples, metadata)


def describe_more(
    described: Iterable[ox.Quad],
    project: Project,
    release_id: str,
    downloads: Iterable[Download],
    known: Iterable[ox.Triple] = (),
) -> Iterator[ox.Quad]:
    """Yield the metadata quads that `describe` gave, those of further files, and what else is known by then.

    These need no further terms to be declared.
    """
    metadata = ox.NamedNode(Minter(project.base).graph("metadata"))
    count = (metadata, ox.NamedNode(VOID + "triples"))
    before = (quad.triple for quad in described if (quad.subject, quad.predicate) != count)
    yield from _counted(dict.fromkeys([*before, *distributed(project, release_id, downloads), *known]), metadata)


def _counted(triples: Collection[ox.Triple], metadata: ox.NamedNode) -> Iterator[ox.Quad]:
    """Put the triples into their graph, which is in no other count but its own, and that is of itself, too."""
    own_count = said(metadata.value, VOID + "triples", integer(len(triples) + 1))
    for triple in (*triples, own_count):
        yield ox.Quad(triple.subject, triple.predicate, triple.object, metadata)


def _dataset(project: Project, date: str, triples: int) -> Iterator[ox.Triple]:
    dataset = Minter(project.base).dataset
    yield said(dataset, _A, VOID + "Dataset")
    yield said(dataset, _LABEL, english(project.title))
    yield said(dataset, _COMMENT, english(WHAT_IS_COUNTED))
    yield said(dataset, DCTERMS + "title", english(project.title))
    yield said(dataset, DCTERMS + "description", english(project.description))
    yield said(dataset, DCTERMS + "license", project.license)
    yield said(dataset, DCTERMS + "issued", instant(project.issued))
    yield said(dataset, DCTERMS + "modified", instant(date))
    yield said(dataset, OWL + "versionInfo", ox.Literal(project.version))
    yield said(dataset, VOID + "triples", integer(triples))


def _graphs(iris: Minter, counts: Counter[str]) -> Iterator[ox.Triple]:
    for name in GRAPHS:
        part = iris.graph(name)
        yield said(iris.dataset, VOID + "subset", part)
        yield said(part, _A, VOID + "Dataset")
        yield said(part, _A, DCAT + "Dataset")
        yield said(part, DCTERMS + "isPartOf", iris.dataset)
        yield said(part, _LABEL, english(f"graph {name}"))
        yield said(part, _COMMENT, english(GRAPH_COMMENTS[name]))
        if name != "metadata":
            yield said(part, VOID + "triples", integer(counts[part]))


def _prefixes(dataset: str, prefixes: dict[str, str]) -> Iterator[ox.Triple]:
    for prefix, namespace in sorted(prefixes.items()):
        node = f"{dataset}#prefix-{prefix}"
        yield said(dataset, SH + "declare", node)
        yield said(node, _A, SH + "PrefixDeclaration")
        yield said(node, SH + "prefix", ox.Literal(prefix))
        yield said(node, SH + "namespace", ox.Literal(namespace, datatype=_ANY_URI))


def _endpoint(endpoint: str) -> Iterator[ox.Triple]:
    """Say what the canned queries are sent to."""
    yield said(endpoint, _A, SD + "Service")
    yield said(endpoint, _LABEL, english("SPARQL endpoint"))
    yield said(endpoint, _COMMENT, english(WHERE_THE_ENDPOINT_IS))


def _example(store: ox.Store, iris: Minter) -> Iterator[ox.Triple]:
    """Name a claim that readers may begin with, if there is any."""
    claims = store.quads_for_pattern(None, ox.NamedNode(_A), ox.NamedNode(ONT + "Claim"), None)
    first = min((quad.subject.value for quad in claims if isinstance(quad.subject, ox.NamedNode)), default="")
    if first:
        yield said(iris.dataset, VOID + "exampleResource", first)


def _declarations(used: Callable[[ox.NamedNode], bool]) -> Iterator[ox.Triple]:
    """Declare the terms that descriptions and canned queries use and no ontology of a project declares."""
    for iri, (kind, label) in DECLARED.items():
        if used(ox.NamedNode(iri)):
            yield said(iri, _A, kind)
            yield said(iri, _LABEL, english(label))


def _uses(store: ox.Store, term: ox.NamedNode) -> bool:
    places = ((None, term, None, None), (None, None, term, None))
    return any(True for place in places for _ in store.quads_for_pattern(*place))


def count_graphs(store: ox.Store, iris: Minter) -> dict[str, int]:
    """Count the triples of each graph; one that is not in the store has none."""
    rows = select(store, "SELECT ?graph (COUNT(*) AS ?n) { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph")
    found = {str(row["graph"].value): int(row["n"].value) for row in rows}
    return {name: found.get(iris.graph(name), 0) for name in GRAPHS}
