"""The description of a release in its own metadata graph: every count is what counting gives."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from lungkg.description import count_graphs, describe
from lungkg.endpoint_terms import DECLARED, SPEX
from lungkg.linksets import linksets
from lungkg.namespaces import GRAPHS, OWL, RDF, RDFS, SH, SKOS, VOID, XSD, Minter
from lungkg.project import Project, load_project
from lungkg.queries import CannedQuery
from lungkg.queries.resource import catalogue_quads
from lungkg.release import Release
from lungkg.stores import select

ID = "0123456789ab" * 5 + "cdef"
TYPE, LABEL = ox.NamedNode(RDF + "type"), ox.NamedNode(RDFS + "label")
PREFIXES = """
    PREFIX void: <http://rdfs.org/ns/void#>
    PREFIX ext: <http://ldf.fi/void-ext#>
    PREFIX dataset: <https://w3id.org/lungkg/dataset>
"""


@pytest.fixture(scope="module")
def store(release: Release) -> ox.Store:
    """The store of the real release."""
    return ox.Store.read_only(str(release.store))


@pytest.fixture(scope="module")
def data(store: ox.Store, project: Project) -> list[ox.Quad]:
    """Everything that is counted: all graphs but metadata."""
    metadata = ox.NamedNode(Minter(project.base).graph("metadata"))
    return [quad for quad in store.quads_for_pattern(None, None, None, None) if quad.graph_name != metadata]


@pytest.fixture(scope="module")
def types(data: list[ox.Quad]) -> dict[object, list[str]]:
    """The classes of every node, where they have an IRI."""
    found: dict[object, list[str]] = {}
    for quad in data:
        if quad.predicate == TYPE and isinstance(quad.object, ox.NamedNode):
            found.setdefault(quad.subject, []).append(quad.object.value)
    return found


def said(store: ox.Store, pattern: str) -> dict[tuple[str, ...], int]:
    """What the description says where a pattern matches: ?n, by all other variables."""
    rows = select(store, f"{PREFIXES} SELECT * {{ {pattern} }}")
    names = [variable.value for variable in rows.variables if not variable.value.startswith(("n", "node"))]
    return {tuple(row[name].value for name in sorted(names)): int(row["n"].value) for row in rows}


# The whole


def test_the_totals_are_those_of_the_data(store: ox.Store, data: list[ox.Quad]) -> None:
    """Triples, entities, classes, properties, subjects and objects: as often as a plain count says."""
    subjects = {quad.subject for quad in data}
    expected = {
        "triples": len(data),
        "entities": sum(isinstance(subject, ox.NamedNode) for subject in subjects),
        "classes": len({q.object for q in data if q.predicate == TYPE and isinstance(q.object, ox.NamedNode)}),
        "properties": len({quad.predicate for quad in data}),
        "distinctSubjects": len(subjects),
        "distinctObjects": len({quad.object for quad in data}),
    }

    told = said(store, f"VALUES ?a {{ {' '.join(f'void:{name}' for name in expected)} }} dataset: ?a ?n")

    assert {iris[0].removeprefix(VOID): n for iris, n in told.items()} == expected


def test_no_triple_stands_in_two_graphs(data: list[ox.Quad]) -> None:
    """So the union has as many triples as the graphs together, however an engine forms it."""
    assert [triple for triple, n in Counter(quad.triple for quad in data).items() if n > 1] == []


@pytest.mark.parametrize("graph", GRAPHS)
def test_the_count_of_a_graph_is_its_number_of_triples(store: ox.Store, graph: str, project: Project) -> None:
    """Each named graph is described with its count, the graph that says so included."""
    iri = Minter(project.base).graph(graph)
    expected = sum(1 for _ in store.quads_for_pattern(None, None, None, ox.NamedNode(iri)))

    assert said(store, f"dataset: void:subset <{iri}> . <{iri}> void:triples ?n") == {(): expected}
    assert expected > 0


def test_graphs_are_counted_by_name(store: ox.Store, project: Project, release: Release) -> None:
    """What release.json says of each graph is what counting gives, and together they are the whole store."""
    counted = count_graphs(store, Minter(project.base))

    assert release.info["triples"] == counted
    assert sum(counted.values()) == len(store)


def test_a_graph_without_triples_is_counted_as_empty(project: Project) -> None:
    """An empty store has ten graphs of no triples."""
    assert count_graphs(ox.Store(), Minter(project.base)) == dict.fromkeys(GRAPHS, 0)


def test_the_vocabularies_are_the_namespaces_of_classes_and_properties(store: ox.Store) -> None:
    """Ours and those of others that the release is written in."""
    found = {row["v"].value for row in select(store, f"{PREFIXES} SELECT ?v {{ dataset: void:vocabulary ?v }}")}

    assert found >= {OWL, RDF, RDFS, SH, "https://w3id.org/lungkg/ont#", "http://www.w3.org/ns/oa#"}
    assert XSD not in found


def test_no_address_is_given_that_a_build_cannot_know(store: ox.Store) -> None:
    """void:sparqlEndpoint is said by the service description of the server, not by the release."""
    assert list(select(store, f"{PREFIXES} SELECT * {{ ?s void:sparqlEndpoint ?o }}")) == []


# The parts


def test_property_partitions_are_complete(store: ox.Store, data: list[ox.Quad]) -> None:
    """One for each property of the data, with its triples."""
    told = said(store, "dataset: void:propertyPartition ?node . ?node void:property ?p ; void:triples ?n")

    assert told == {(iri,): n for iri, n in Counter(quad.predicate.value for quad in data).items()}


def test_class_partitions_are_complete(store: ox.Store, types: dict[object, list[str]]) -> None:
    """One for each class of the data, with its instances."""
    told = said(store, "dataset: void:classPartition ?node . ?node void:class ?c ; void:entities ?n")

    assert told == {(iri,): n for iri, n in Counter(iri for iris in types.values() for iri in iris).items()}


CLASS = "dataset: void:classPartition ?node . ?node void:class ?a ; void:propertyPartition ?nodeP . "


def test_the_properties_of_a_class_are_complete(
    store: ox.Store, data: list[ox.Quad], types: dict[object, list[str]]
) -> None:
    """Below each class, every property that its instances have, with the triples."""
    told = said(store, f"{CLASS} ?nodeP void:property ?b ; void:triples ?n")

    assert told == dict(Counter((kind, quad.predicate.value) for quad in data for kind in types.get(quad.subject, ())))


def test_the_classes_of_values_are_complete(
    store: ox.Store, data: list[ox.Quad], types: dict[object, list[str]]
) -> None:
    """Below each property of a class, every class of its values, with the triples."""
    told = said(
        store, f"{CLASS} ?nodeP void:property ?b ; void:classPartition ?nodeV . ?nodeV void:class ?c ; void:triples ?n"
    )

    assert told == dict(
        Counter(
            (kind, quad.predicate.value, value)
            for quad in data
            for kind in types.get(quad.subject, ())
            for value in types.get(quad.object, ())
        )
    )


def test_the_datatypes_of_values_are_complete(
    store: ox.Store, data: list[ox.Quad], types: dict[object, list[str]]
) -> None:
    """Below each property of a class, every datatype of its values, with the triples."""
    told = said(
        store,
        f"{CLASS} ?nodeP void:property ?b ; ext:datatypePartition ?nodeV . ?nodeV ext:datatype ?c ; void:triples ?n",
    )

    assert told == dict(
        Counter(
            (kind, quad.predicate.value, quad.object.datatype.value)
            for quad in data
            if isinstance(quad.object, ox.Literal)
            for kind in types.get(quad.subject, ())
        )
    )


def test_partitions_are_fragments_of_the_dataset(store: ox.Store, project: Project) -> None:
    """Every node that says a count, but for datasets and graphs, is one; no two partitions share a node."""
    iris = Minter(project.base)
    counted = [row["s"] for row in select(store, f"{PREFIXES} SELECT ?s {{ ?s void:triples|void:entities ?n }}")]
    wholes = {iris.dataset, *(iris.graph(name) for name in GRAPHS)}
    parts = [node.value for node in counted if node.value not in wholes]

    assert [part for part in parts if not part.startswith(f"{iris.dataset}#")] == []
    assert len(set(parts)) == len(parts) > 400
    assert f"{iris.dataset}#class/ont:Claim/property/ont:hedgeText/datatype/xsd:string" in parts


def test_linksets_are_the_matches_to_each_vocabulary(store: ox.Store, data: list[ox.Quad], project: Project) -> None:
    """One for each kind of match and each namespace with a prefix, with the links that there are."""
    told = said(
        store,
        "?node a void:Linkset ; void:subjectsTarget dataset: ; void:linkPredicate ?a ; void:triples ?n ;"
        " void:objectsTarget/void:uriSpace ?b",
    )
    links = [
        (quad.predicate.value, space)
        for quad in data
        if quad.predicate.value.startswith(SKOS) and quad.predicate.value.endswith("Match")
        for space in {space for space in project.prefixes.values() if str(quad.object).startswith(f"<{space}")}
    ]

    assert told == dict(Counter(links))
    assert len(told) > 5


def test_links_count_for_the_longest_namespace_that_has_a_prefix() -> None:
    """A link into a namespace without a prefix is in no linkset."""
    store = ox.Store()
    for number, iri in enumerate(("http://a.org/b/1", "http://a.org/2", "http://c.org/3")):
        subject = ox.NamedNode(f"http://a.org/{number}")
        store.add(ox.Quad(subject, ox.NamedNode(SKOS + "exactMatch"), ox.NamedNode(iri), subject))

    triples = linksets(store, "http://a.org/dataset", {"a": "http://a.org/", "b": "http://a.org/b/"})
    counts = {str(t.subject): t.object for t in triples if t.predicate.value == VOID + "triples"}

    assert counts == {
        f"<http://a.org/dataset#linkset/skos:exactMatch/{name}>": ox.Literal(
            "1", datatype=ox.NamedNode(XSD + "integer")
        )
        for name in ("a", "b")
    }


# How it is written


def test_literals_are_of_the_datatypes_that_every_store_keeps(store: ox.Store, project: Project) -> None:
    """Strings, integers, truths, dates with time, IRIs as text, and English."""
    graph = ox.NamedNode(Minter(project.base).graph("metadata"))
    literals = [q.object for q in store.quads_for_pattern(None, None, None, graph) if isinstance(q.object, ox.Literal)]

    assert {literal.datatype.value for literal in literals} == {
        RDF + "langString", XSD + "string", XSD + "integer", XSD + "dateTime", XSD + "anyURI",
        XSD + "boolean",
    }  # fmt: skip
    assert {literal.language for literal in literals} == {None, "en"}


def test_the_same_data_are_described_in_the_same_bytes(data: list[ox.Quad], project: Project) -> None:
    """The order in which a store was filled changes nothing, not even the order of the triples."""

    def described(quads: Iterator[ox.Quad]) -> list[ox.Quad]:
        store = ox.Store()
        store.extend(quads)
        return list(describe(store, project, "2026-01-01", ID))

    first, second = described(iter(data)), described(reversed(data))

    assert first == second
    assert len(set(first)) == len(first)


def test_what_a_release_says_of_itself_moves_with_its_base(data: list[ox.Quad], project: Project) -> None:
    """Under another base only vocabulary keeps the IRIs it was written with."""
    moved = load_project(project.root, base="http://localhost:8080/")
    store = ox.Store()
    store.extend(data)

    terms = {term for quad in describe(store, moved, "2026-01-01", ID) for term in quad.triple}
    still = {t.value for t in terms if isinstance(t, ox.NamedNode) and t.value.startswith("https://w3id.org/lungkg/")}
    # The data were not moved: partitions are by classes and properties as written, and the example is one of them.
    example = "https://w3id.org/lungkg/id/claim/000_a5af86fa0d89168c-C01"
    assert {iri.split("#")[0] for iri in still} == {"https://w3id.org/lungkg/ont", example}


@pytest.mark.parametrize("term", [term for term in DECLARED if not term.startswith(SPEX)])
def test_terms_that_no_ontology_declares_are_declared(store: ox.Store, term: str) -> None:
    """Each term of an endpoint's vocabulary that is used has a type and a label."""
    properties = {q.predicate for q in store.quads_for_pattern(ox.NamedNode(term), None, None, None)}

    assert properties == {TYPE, LABEL}


def test_terms_that_are_not_used_are_not_declared(store: ox.Store) -> None:
    """There is no canned DESCRIBE query, so its words are not there."""
    assert list(store.quads_for_pattern(ox.NamedNode(SPEX + "describe"), None, None, None)) == []


def test_the_words_for_describe_are_declared_where_they_are_used(project: Project) -> None:
    """SHACL has no word for a DESCRIBE query; sparql-examples has, and a release that uses it explains it."""
    query = CannedQuery(
        name="about",
        form="DESCRIBE",
        summary="What is it?",
        question="What is it?",
        description="All.",
        text="DESCRIBE <http://a.org/>",
        path=Path("about.rq"),
    )
    store = ox.Store()
    store.extend(catalogue_quads({"about": query}, project))

    declared = {quad.subject for quad in describe(store, project, "2026-01-01", ID) if quad.predicate == LABEL}

    assert {ox.NamedNode(SPEX + "describe"), ox.NamedNode(SPEX + "SPARQLDescribeExecutable")} <= declared
