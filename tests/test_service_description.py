"""The service description: nothing in it that the endpoint does not do, nothing missing that it does."""

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from lungkg.formats import GRAPHS as GRAPH_FORMATS
from lungkg.formats import RESULTS, Format
from lungkg.namespaces import GRAPHS, RDF, VOID, Minter
from lungkg.project import Project
from lungkg.release import Release
from lungkg.service_description import (
    FORMAT_NAMES,
    FORMATS,
    OXIGRAPH_FUNCTIONS,
    describe_service,
    prefixes,
    result_formats,
)
from lungkg.stores import select, written

ENDPOINT = "http://localhost:8080/sparql"
SD = "http://www.w3.org/ns/sparql-service-description#"
SERVICE = f"{ENDPOINT}#service"


@pytest.fixture(scope="module")
def store(release: Release) -> ox.Store:
    """The store of the real release."""
    return ox.Store.read_only(str(release.store))


@pytest.fixture(scope="module")
def counts(release: Release) -> dict[str, int]:
    """The counts as a server gets them."""
    found: dict[str, int] = release.info["triples"]
    return found


@pytest.fixture(scope="module")
def described(project: Project, counts: dict[str, int]) -> ox.Store:
    """The description of the endpoint over the real release."""
    found = ox.Store()
    graph = ox.NamedNode("urn:description")
    triples = describe_service(ENDPOINT, project, counts, functions=OXIGRAPH_FUNCTIONS)
    found.extend(ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples)
    return found


def values(described: ox.Store, subject: str, predicate: str) -> list[str]:
    """The values that the description gives, sorted."""
    query = f"SELECT ?value {{ <{subject}> <{predicate}> ?value }} ORDER BY ?value"
    return [row["value"].value for row in select(described, query)]


SAID = {
    "endpoint": [ENDPOINT],
    "supportedLanguage": [SD + "SPARQL11Query"],
    "feature": [SD + "UnionDefaultGraph"],
    "defaultEntailmentRegime": ["http://www.w3.org/ns/entailment/Simple"],
    "resultFormat": sorted(result_formats()),
    "extensionFunction": sorted(OXIGRAPH_FUNCTIONS),
    "defaultDataset": ["https://w3id.org/lungkg/dataset"],
    "inputFormat": [],
    "propertyFeature": [],
}


@pytest.mark.parametrize(("predicate", "expected"), SAID.items(), ids=SAID)
def test_what_is_said_of_the_service(described: ox.Store, predicate: str, expected: list[str]) -> None:
    """The address is the one that was asked; languages, features and formats are these and no others."""
    assert values(described, SERVICE, SD + predicate) == expected


def test_the_dataset_is_that_of_the_void_description(described: ox.Store, store: ox.Store) -> None:
    """Its IRI leads from the service to what the release says of itself, and back to the endpoint."""
    (dataset,) = values(described, SERVICE, SD + "defaultDataset")

    assert values(described, dataset, VOID + "sparqlEndpoint") == [ENDPOINT]
    assert list(select(store, f"SELECT * {{ <{dataset}> a <{VOID}Dataset> ; <{VOID}classPartition> ?part }} LIMIT 1"))


# Counts


def test_every_named_graph_has_its_count(described: ox.Store, store: ox.Store) -> None:
    """The names and numbers are those that counting every GRAPH gives."""
    rows = select(store, "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
    expected = {row["g"].value: int(row["n"].value) for row in rows}
    pattern = f"?d <{SD}namedGraph> ?node . ?node <{SD}name> ?g ; <{SD}graph>/<{VOID}triples> ?n"

    told = {row["g"].value: int(row["n"].value) for row in select(described, f"SELECT ?g ?n {{ {pattern} }}")}

    assert told == expected
    assert len(told) == len(GRAPHS)


def test_the_default_graph_is_the_union_with_its_count(described: ox.Store, client: FlaskClient) -> None:
    """As many triples as a query without GRAPH finds."""
    query = {"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "format": "csv"}

    answer = client.get("/sparql", query_string=query).text

    assert values(described, f"{ENDPOINT}#default-graph", VOID + "triples") == [answer.split()[1]]


def test_a_graph_without_a_count_is_not_named(project: Project) -> None:
    """The description says nothing that nobody counted."""
    graph = ox.NamedNode(Minter(project.base).graph("claims"))

    assert [triple for triple in describe_service(ENDPOINT, project, {"edges": 1}) if graph in triple] == []


# What is offered is there


@pytest.mark.parametrize("offered", [*RESULTS, *GRAPH_FORMATS], ids=[f.name for f in (*RESULTS, *GRAPH_FORMATS)])
def test_every_format_is_told_and_can_be_had(offered: Format, client: FlaskClient) -> None:
    """The W3C's name of each is in the description, and the endpoint writes answers that can be read back."""
    query = "SELECT ?s { ?s ?p ?o } LIMIT 2" if offered in RESULTS else "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 2"

    response = client.get("/sparql", query_string={"query": query, "format": offered.name})

    assert response.status_code == 200
    assert FORMATS + FORMAT_NAMES[offered.media_type] in result_formats()
    assert number_of_results(response.data, offered) == 2


def number_of_results(content: bytes, written_as: Format) -> int:
    """Read an answer back and count."""
    if written_as.media_type == "text/csv":  # pyoxigraph reads none
        return len(content.split()) - 1
    results = ox.QueryResultsFormat.from_media_type(written_as.media_type)
    if results is None:
        return len(list(ox.parse(content, format=ox.RdfFormat.from_media_type(written_as.media_type))))
    solutions = ox.parse_query_results(content, format=results)
    assert isinstance(solutions, ox.QuerySolutions)
    return len(list(solutions))


def test_no_format_is_told_twice_or_is_not_offered() -> None:
    """As many as the table of formats has."""
    assert len(set(result_formats())) == len(result_formats()) == len((*RESULTS, *GRAPH_FORMATS))


@pytest.mark.parametrize("function", OXIGRAPH_FUNCTIONS, ids=lambda iri: iri.rpartition("/")[2])
def test_every_function_is_there(function: str) -> None:
    """pyoxigraph knows it: called without arguments it has no value, and is no error."""
    (row,) = select(ox.Store(), f"SELECT (<{function}>() AS ?x) {{}}")

    assert row["x"] is None


def test_a_function_that_is_not_there_is_noticed() -> None:
    """The check above trips on one that pyoxigraph does not know."""
    with pytest.raises(RuntimeError, match="not supported"):
        list(select(ox.Store(), f"SELECT (<{OXIGRAPH_FUNCTIONS[0]}s>() AS ?x) {{}}"))


def test_federation_is_told_where_it_is_allowed(project: Project) -> None:
    """A server with an allow-list for SERVICE says so."""
    feature = ox.NamedNode(SD + "feature")

    told = {t.object for t in describe_service(ENDPOINT, project, {}, federated=True) if t.predicate == feature}

    assert told == {ox.NamedNode(SD + "UnionDefaultGraph"), ox.NamedNode(SD + "BasicFederatedQuery")}


# How it is written


def test_nothing_is_a_blank_node(described: ox.Store) -> None:
    """What has no IRI of its own is a fragment of the address."""
    terms = {term for quad in described.quads_for_pattern(None, None, None, None) for term in quad.triple}

    assert [term for term in terms if isinstance(term, ox.BlankNode)] == []


def test_every_subject_has_a_type(described: ox.Store) -> None:
    """Formats, languages and features are the W3C's to describe; all else is said to be something."""
    subjects = {quad.subject for quad in described.quads_for_pattern(None, None, None, None)}
    typed = {quad.subject for quad in described.quads_for_pattern(None, ox.NamedNode(RDF + "type"), None, None)}

    assert subjects == typed


def test_the_same_arguments_give_the_same_bytes(project: Project, counts: dict[str, int]) -> None:
    """So that an ETag of it holds: neither the order of the counts nor the run matters."""
    once = describe_service(ENDPOINT, project, counts)
    again = describe_service(ENDPOINT, project, dict(reversed(counts.items())))

    assert written(once, ox.RdfFormat.TURTLE) == written(again, ox.RdfFormat.TURTLE)


def test_only_the_address_differs_between_addresses(project: Project, counts: dict[str, int]) -> None:
    """The data keep the IRIs of their base, wherever they are served."""
    here = written(describe_service(ENDPOINT, project, counts), ox.RdfFormat.N_TRIPLES)
    there = written(describe_service("https://a.org/kg/sparql", project, counts), ox.RdfFormat.N_TRIPLES)

    assert here.replace(ENDPOINT.encode(), b"https://a.org/kg/sparql") == there


def test_it_is_written_with_the_prefixes_of_the_words_it_uses(project: Project, counts: dict[str, int]) -> None:
    """Turtle of it is short to read."""
    triples = describe_service(ENDPOINT, project, counts)
    text = (ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=prefixes(project)) or b"").decode()

    assert "sd:supportedLanguage sd:SPARQL11Query" in text
    assert "formats:Turtle" in text
