"""The conventions of SIB's sparql-editor and sparql-examples: what they ask an endpoint for is there, and complete.

The editor asks three questions, over the default graph: which prefixes, which classes with which properties,
which examples. The queries here ask the same in our own words.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from lungkg.endpoint_terms import SCHEMA, SPEX
from lungkg.namespaces import DCTERMS, ONT, OWL, RDF, RDFS, SH, SKOS, XSD
from lungkg.project import Project, load_project
from lungkg.queries import CannedQuery, load_catalogue
from lungkg.queries.resource import catalogue_quads

Row = dict[str, str]

WORDS: Final = """
    PREFIX sh: <http://www.w3.org/ns/shacl#>
    PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
    PREFIX void: <http://rdfs.org/ns/void#>
    PREFIX ext: <http://ldf.fi/void-ext#>
    PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
    PREFIX spex: <https://purl.expasy.org/sparql-examples/ontology#>
    PREFIX ont: <https://w3id.org/lungkg/ont#>
"""

PREFIXES_QUERY: Final = "SELECT DISTINCT ?prefix ?namespace { [] sh:prefix ?prefix ; sh:namespace ?namespace }"

CLASSES_QUERY: Final = """
    SELECT DISTINCT ?graph ?class ?classLabel ?property ?propertyLabel ?triples ?valueClass ?datatype {
      OPTIONAL { ?graph sd:graph/void:classPartition ?part }
      ?part void:class ?class ; void:propertyPartition ?properties .
      OPTIONAL { ?class rdfs:label ?classLabel }
      ?properties void:property ?property .
      OPTIONAL { ?properties void:triples ?triples }
      OPTIONAL { ?property rdfs:label ?propertyLabel }
      OPTIONAL {
        { ?properties void:classPartition/void:class ?valueClass }
        UNION
        { ?properties ext:datatypePartition/ext:datatype ?datatype }
      }
    }
"""

EXAMPLES_QUERY: Final = """
    SELECT DISTINCT ?example ?comment ?query {
      ?example a sh:SPARQLExecutable ; rdfs:comment ?comment ; sh:select|sh:ask|sh:construct|spex:describe ?query .
    }
"""


def ask(client: FlaskClient, query: str) -> list[Row]:
    """Ask as the editor does: by GET, with a parameter `ac` that nobody here knows, for JSON."""
    response = client.get(
        "/sparql",
        query_string={"ac": "1", "query": WORDS + query},
        headers={"Accept": "application/sparql-results+json"},
    )
    assert response.status_code == 200
    rows = response.get_json(force=True)["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in rows]


@pytest.fixture(scope="module")
def described(client: FlaskClient) -> list[Row]:
    """What the editor learns of classes and properties."""
    return ask(client, CLASSES_QUERY)


# Prefixes


def test_every_prefix_of_the_project_comes_back(client: FlaskClient, project: Project) -> None:
    """Each with its namespace, so that the editor completes and declares them."""
    found = {(row["prefix"], row["namespace"]) for row in ask(client, PREFIXES_QUERY)}

    assert set(project.prefixes.items()) <= found


def test_no_prefix_has_two_namespaces(client: FlaskClient) -> None:
    """The editor keeps the last one it reads, so two would be a lottery."""
    prefixes = [row["prefix"] for row in ask(client, PREFIXES_QUERY)]

    assert sorted(set(prefixes)) == sorted(prefixes)


# Classes and properties

METADATA: Final = "FILTER NOT EXISTS { GRAPH <https://w3id.org/lungkg/graph/metadata> { ?s ?property ?value } }"


def test_every_class_is_there(client: FlaskClient, described: list[Row]) -> None:
    """What has an instance in the data can be completed."""
    used = ask(
        client,
        f"SELECT DISTINCT ?value {{ ?s a ?value . BIND(<{RDF}type> AS ?property) {METADATA} FILTER(isIRI(?value)) }}",
    )

    assert {row["class"] for row in described} == {row["value"] for row in used}


@pytest.mark.parametrize(
    "local", ["Claim", "InferredClaim", "Document", "Sentence", "Reference", "BackgroundAssumption", "CellType"]
)
def test_the_properties_of_a_class_are_complete(client: FlaskClient, described: list[Row], local: str) -> None:
    """After `?x a ont:Claim ; `, the editor offers what claims have, all of it and nothing else."""
    has = ask(client, f"SELECT DISTINCT ?property {{ ?s a ont:{local} ; ?property ?value }}")

    assert {row["property"] for row in described if row["class"] == ONT + local} == {row["property"] for row in has}
    assert len(has) > 1


def test_every_property_of_an_instance_is_there(client: FlaskClient, described: list[Row]) -> None:
    """Class by class, as a full scan of the data finds them."""
    scan = f"SELECT DISTINCT ?class ?property {{ ?s a ?class ; ?property ?value {METADATA} FILTER(isIRI(?class)) }}"

    assert {(row["class"], row["property"]) for row in described} == {
        (row["class"], row["property"]) for row in ask(client, scan)
    }


def test_the_values_of_a_property_say_what_they_are(described: list[Row]) -> None:
    """An IRI by the class of what it names, a literal by its datatype."""
    values = {
        (row["property"].removeprefix(ONT), row.get("valueClass", row.get("datatype")))
        for row in described
        if row["class"] == ONT + "Claim"
    }

    assert {
        ("statedIn", ONT + "Document"),
        ("inSentence", ONT + "Sentence"),
        ("certainty", ONT + "Certainty"),
        ("hedgeText", XSD + "string"),
        ("curatorNote", RDF + "langString"),
    } <= values


def test_triples_are_counted(client: FlaskClient, described: list[Row]) -> None:
    """The count that the editor's overview draws with is the one that counting gives."""
    told = {
        row["triples"] for row in described if (row["class"], row["property"]) == (ONT + "Claim", ONT + "hedgeText")
    }
    (counted,) = ask(client, "SELECT (COUNT(*) AS ?n) { ?s a ont:Claim ; ont:hedgeText ?value }")

    assert told == {counted["n"]}


def test_classes_and_properties_have_labels(described: list[Row]) -> None:
    """The editor shows them; only the words of RDF, OWL and SHACL themselves have none here."""
    terms = {(row[kind], f"{kind}Label" in row) for row in described for kind in ("class", "property")}

    assert {iri.partition("#")[0] + "#" for iri, labelled in terms if not labelled} <= {RDF, RDFS, OWL, SH}
    assert (ONT + "Claim", True) in terms


# Examples


def test_the_examples_are_all_canned_queries(client: FlaskClient, project: Project) -> None:
    """Each with its question and its text as it is in its file, once."""
    catalogue = load_catalogue(project)

    found = sorted((row["example"], row["comment"], row["query"]) for row in ask(client, EXAMPLES_QUERY))

    assert found == sorted(
        (f"{project.base}id/query/{query.name}", query.summary, query.text) for query in catalogue.values()
    )
    assert len(found) >= 10


def test_an_example_runs_as_it_is(client: FlaskClient) -> None:
    """Parameters are variables, so a click on an example gives an answer."""
    texts = [row["query"] for row in ask(client, EXAMPLES_QUERY)]

    status = {text: client.get("/sparql", query_string={"query": text}).status_code for text in texts}

    assert status == dict.fromkeys(texts, 200)


# What makes an example, after sparql-examples


TEXTS: Final = {
    SH + "select": SH + "SPARQLSelectExecutable",
    SH + "ask": SH + "SPARQLAskExecutable",
    SH + "construct": SH + "SPARQLConstructExecutable",
    SPEX + "describe": SPEX + "SPARQLDescribeExecutable",
}
"""The property that holds a query's text, and the class of such examples."""

OTHERS: Final = {
    RDFS + "label", RDF + "type", RDFS + "comment", SCHEMA + "url", DCTERMS + "identifier", DCTERMS + "description",
    SH + "prefixes", SH + "parameter", SCHEMA + "target", SCHEMA + "keywords", SCHEMA + "audience", SKOS + "example",
}  # fmt: skip


def wrong_with(quads: Sequence[ox.Quad]) -> list[str]:
    """Say what keeps the quads about one example from following the conventions."""

    def values(predicate: str) -> list[ox.NamedNode | ox.Literal]:
        found = [quad.object for quad in quads if quad.predicate.value == predicate]
        return [value for value in found if isinstance(value, ox.NamedNode | ox.Literal)]

    def problems() -> Iterator[str]:
        texts = [(predicate, text) for predicate in TEXTS for text in values(predicate)]
        kinds = {value.value for value in values(RDF + "type")}
        if len(texts) != 1:
            yield f"{len(texts)} query texts"
        if kinds != {SH + "SPARQLExecutable", *(TEXTS[predicate] for predicate, _ in texts)}:
            yield "classes that do not fit the query"
        comments = values(RDFS + "comment")
        if not comments or not all(isinstance(comment, ox.Literal) and comment.language for comment in comments):
            yield "no comment in a language"
        if not values(SCHEMA + "target") or not all(isinstance(v, ox.NamedNode) for v in values(SCHEMA + "target")):
            yield "no target"
        if any(word.value != word.value.strip() or not word.value for word in values(SCHEMA + "keywords")):
            yield "a keyword with space around it"
        yield from (f"unknown: {q.predicate.value}" for q in quads if q.predicate.value not in {*TEXTS, *OTHERS})

    return list(problems())


QUERIES: Final = {
    "select": "SELECT * { ?s ?p ?o }",
    "ask": "ASK { ?s ?p ?o }",
    "construct": "CONSTRUCT WHERE { ?s ?p ?o }",
    "describe": "DESCRIBE <http://a.org/>",
}


def example(text: str, project: Project, tags: tuple[str, ...] = ("tag",)) -> list[ox.Quad]:
    """Write a query as an example."""
    query = CannedQuery(
        name="name",
        form=text.partition(" ")[0],
        summary="Is it so?",
        question="Is it so?",
        description="It is, or not.",
        text=text,
        path=Path("name.rq"),
        tags=tags,
    )
    return list(catalogue_quads({"name": query}, project))


@pytest.mark.parametrize("text", QUERIES.values(), ids=QUERIES)
def test_a_query_of_every_form_follows_the_conventions(text: str, project: Project) -> None:
    """One text under the property for its form, the classes for it, a comment, a target, keywords."""
    assert wrong_with(example(text, project)) == []


def test_every_canned_query_follows_the_conventions(project: Project) -> None:
    """In what the build writes, query by query."""
    quads = list(catalogue_quads(load_catalogue(project), project))
    subjects = {quad.subject for quad in quads if quad.object == ox.NamedNode(SH + "SPARQLExecutable")}

    assert {str(subject): wrong_with([q for q in quads if q.subject == subject]) for subject in subjects} == {
        str(subject): [] for subject in subjects
    }


def test_tags_are_keywords(project: Project) -> None:
    """Each a word of its own; a query without tags has none."""
    keywords = {
        tags: {
            str(quad.object) for quad in example("ASK {}", project, tags) if quad.predicate.value == SCHEMA + "keywords"
        }
        for tags in [("claims", "evidence"), ()]
    }

    assert keywords == {("claims", "evidence"): {'"claims"', '"evidence"'}, (): set()}


@pytest.mark.parametrize("base", ["https://w3id.org/lungkg/", "http://localhost:8080/"])
def test_the_target_is_below_the_base(base: str, project: Project) -> None:
    """The endpoint as the data name it, wherever it is served; --base moves it."""
    moved = load_project(project.root, base=base)

    target = {quad.object for quad in example("ASK {}", moved) if quad.predicate.value == SCHEMA + "target"}

    assert target == {ox.NamedNode(f"{base}sparql")}


def test_the_prefixes_of_an_example_are_those_of_the_dataset(client: FlaskClient, project: Project) -> None:
    """sh:prefixes leads to a node with a declaration for each."""
    rows = ask(
        client, "SELECT DISTINCT ?prefix { ?example a sh:SPARQLExecutable ; sh:prefixes/sh:declare/sh:prefix ?prefix }"
    )

    assert {row["prefix"] for row in rows} == set(project.prefixes)


SPOILT: Final = {
    "two-texts": (SH + "ask", ox.Literal("ASK {}"), "2 query texts"),
    "a-class-too-many": (RDF + "type", ox.NamedNode(SH + "SPARQLAskExecutable"), "classes that do not fit"),
    "a-comment-in-no-language": (RDFS + "comment", ox.Literal("So?"), "no comment"),
    "a-target-as-text": (SCHEMA + "target", ox.Literal("http://a.org/"), "no target"),
    "a-keyword-with-a-space": (SCHEMA + "keywords", ox.Literal("tag "), "a keyword with space"),
    "a-misspelt-property": (SCHEMA + "keyword", ox.Literal("tag"), "unknown"),
}


@pytest.mark.parametrize(("predicate", "value", "told"), SPOILT.values(), ids=SPOILT)
def test_an_example_that_breaks_a_convention_is_noticed(
    predicate: str, value: ox.NamedNode | ox.Literal, told: str, project: Project
) -> None:
    """The check above trips on each."""
    quads = example(QUERIES["select"], project)

    found = wrong_with([*quads, ox.Quad(quads[0].subject, ox.NamedNode(predicate), value)])

    assert told in " ".join(found)


@pytest.mark.parametrize("missing", [SH + "select", SCHEMA + "target", RDFS + "comment"])
def test_an_example_without_what_it_needs_is_noticed(missing: str, project: Project) -> None:
    """A text, a target and a comment: none may be left out."""
    assert wrong_with([quad for quad in example(QUERIES["select"], project) if quad.predicate.value != missing]) != []
