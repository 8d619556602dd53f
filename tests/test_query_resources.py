"""The canned queries as linked data: what the graph says of them, and how it is dereferenced."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import html5rdf  # type: ignore[import-untyped]  # it has no types
import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from lungkg import lexer
from lungkg.endpoint_terms import SCHEMA
from lungkg.engines import Engine
from lungkg.namespaces import DCTERMS, ONT, RDF, RDFS, SH, SKOS, XSD, Minter
from lungkg.project import Project, load_project
from lungkg.queries import CannedQuery, Choice, Parameter, load_catalogue
from lungkg.queries.resource import catalogue_quads
from lungkg.release import Release
from lungkg.web import create_app
from lungkg.web.service import Served, Service

NAME: Final = "what-does"
PATH: Final = f"/doc/query/{NAME}"
PROBLEM: Final = "application/problem+json"

FORMS: Final = {
    "ttl": ("text/turtle", ox.RdfFormat.TURTLE),
    "jsonld": ("application/ld+json", ox.RdfFormat.JSON_LD),
    "nt": ("application/n-triples", ox.RdfFormat.N_TRIPLES),
    "rdf": ("application/rdf+xml", ox.RdfFormat.RDF_XML),
}
"""Media type and form of RDF, by suffix."""


def triples(content: bytes, form: ox.RdfFormat) -> set[ox.Triple]:
    """Read a graph, which has to have no blank nodes to be compared so."""
    return {quad.triple for quad in ox.parse(content, format=form)}


@pytest.fixture(scope="module")
def catalogue(project: Project) -> Mapping[str, CannedQuery]:
    """The canned queries of the real project."""
    return load_catalogue(project)


@pytest.fixture(scope="module")
def store(release: Release) -> ox.Store:
    """The store of the release."""
    return ox.Store.read_only(str(release.store))


# What the graph says


def query(**more: Any) -> CannedQuery:
    """Make a canned query with one parameter, `name`, unless told otherwise."""
    made = {
        "name": "some", "form": "SELECT", "summary": "What is it?", "question": "What is bread?",
        "description": "All of it.", "text": "SELECT ?o { ?_name_iri ?p ?o }", "path": Path("some.rq"),
        "parameters": {"name": Parameter("name", "entity", label="Name", help="what", example=("bread",))},
        "variables": {"name": "?_name_iri"},
    }  # fmt: skip
    return CannedQuery(**{**made, **more})


def said(made: CannedQuery, project: Project, part: str = "") -> dict[str, set[str]]:
    """Give what is said of a query, or of a part of it, by property without its namespace."""
    node = Minter(project.base).thing("query", made.name) + part
    found: dict[str, set[str]] = {}
    for quad in catalogue_quads({made.name: made}, project):
        if quad.subject == ox.NamedNode(node):
            local = re.split(r"[#/]", quad.predicate.value)[-1]
            found.setdefault(local, set()).add(str(quad.object))
    return found


def test_a_query_is_described_by_its_header(project: Project) -> None:
    """Name, question in general and by example, description, tags, who asks, where it is answered."""
    made = query(tags=("claims", "evidence"), audience=("curators",))

    assert said(made, project) == {
        "type": {f"<{SH}SPARQLExecutable>", f"<{SH}SPARQLSelectExecutable>"},
        "label": {'"What is it?"@en'},
        "comment": {'"What is it?"@en'},
        "example": {'"What is bread?"@en'},
        "identifier": {'"some"'},
        "description": {'"All of it."@en'},
        "select": {'"SELECT ?o { ?_name_iri ?p ?o }"'},
        "prefixes": {f"<{project.base}dataset>"},
        "target": {f"<{project.base}sparql>"},
        "url": {f'"{project.base}query/some"^^<{XSD}anyURI>'},
        "keywords": {'"claims"', '"evidence"'},
        "audience": {'"curators"'},
        "parameter": {f"<{project.base}id/query/some#name>"},
    }


def test_a_parameter_is_described(project: Project) -> None:
    """Its name in addresses, its label and help, the variable it stands for, its kind and an example."""
    assert said(query(), project, "#name") == {
        "type": {f"<{SH}Parameter>"},
        "label": {'"Name"@en'},
        "identifier": {'"name"'},
        "name": {'"Name"@en'},
        "description": {'"what"@en'},
        "path": {f"<{project.base}id/query/some#_name_iri>"},
        "order": {f'"0"^^<{XSD}integer>'},
        "class": {f"<{ONT}Entity>"},
        "maxCount": {f'"1"^^<{XSD}integer>'},
        "example": {'"bread"'},
    }


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        pytest.param({"kind": "claim"}, {"class": {f"<{ONT}Claim>"}}, id="thing"),
        pytest.param({"kind": "iri"}, {"nodeKind": {f"<{SH}IRI>"}}, id="iri"),
        pytest.param({"kind": "literal"}, {"datatype": {f"<{XSD}string>"}}, id="text"),
        pytest.param({"kind": "literal", "language": "en"}, {"datatype": {f"<{RDF}langString>"}}, id="text-in-a-language"),
        pytest.param({"kind": "date"}, {"datatype": {f"<{XSD}date>"}}, id="date"),
        pytest.param(
            {"kind": "integer", "example": ("8",)},
            {"datatype": {f"<{XSD}integer>"}, "example": {f'"8"^^<{XSD}integer>'}},
            id="integer",
        ),
        pytest.param(
            {"kind": "boolean", "default": ("no",), "required": False},
            {"datatype": {f"<{XSD}boolean>"}, "defaultValue": {f'"false"^^<{XSD}boolean>'}, "optional": {f'"true"^^<{XSD}boolean>'}},
            id="boolean-with-default",
        ),
        pytest.param({"kind": "literal", "required": False}, {"optional": {f'"true"^^<{XSD}boolean>'}}, id="optional"),
    ],
)  # fmt: skip
def test_the_kind_of_a_parameter_is_said_in_shacl(
    parameter: dict[str, Any], expected: dict[str, set[str]], project: Project
) -> None:
    """A class for things, a datatype for literals; what may be left out, and what stands in for it."""
    made = query(parameters={"name": Parameter("name", **parameter)})

    found = said(made, project, "#name")

    assert {name: found[name] for name in expected} == expected


def test_one_that_takes_many_has_no_most(project: Project) -> None:
    """sh:maxCount 1 is said of all others."""
    made = query(parameters={"name": Parameter("name", "entity", many=True)})

    assert "maxCount" not in said(made, project, "#name")


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("literal", "up", '"up"'),
        ("integer", "3", f'"3"^^<{XSD}integer>'),
        ("iri", "ont:Asserted", f"<{ONT}Asserted>"),
        ("iri", "https://example.org/x", "<https://example.org/x>"),
        ("entity", "bread", "<https://w3id.org/lungkg/id/entity/bread>"),
        ("entity", "brown bread", '"brown bread"'),
    ],
)
def test_choices_are_a_list(kind: str, value: str, expected: str, project: Project) -> None:
    """sh:in leads to a list, whose items carry the label that a person sees; none is a blank node."""
    parameter = Parameter("name", kind, choices=(Choice(value, "One"), Choice(value, "Two")))
    made = query(parameters={"name": parameter})
    item = f"<{project.base}id/query/some#name-choice-"

    assert said(made, project, "#name")["in"] == {f"{item}1>"}
    assert said(made, project, "#name-choice-1") == {
        "type": {f"<{RDF}List>"}, "label": {'"One"@en'}, "first": {expected}, "rest": {f"{item}2>"},
    }  # fmt: skip
    assert said(made, project, "#name-choice-2")["rest"] == {f"<{RDF}nil>"}


def test_the_question_is_said_once(project: Project) -> None:
    """A query without parameters has the same question in general and by example."""
    assert "example" not in said(query(question="What is it?"), project)


def test_a_base_moves_queries_and_choices(project: Project) -> None:
    """The resource, its parts, and the IRIs in its text."""
    moved = load_project(project.root, base="http://localhost:8080/")
    quads = list(catalogue_quads(load_catalogue(moved), moved))

    left = {
        term.value
        for quad in quads
        for term in (quad.subject, quad.object)
        if isinstance(term, ox.NamedNode) and term.value.startswith((f"{project.base}id/", f"{project.base}query/"))
    }

    assert left == set()


def test_a_parameter_leads_to_its_variable(project: Project, catalogue: Mapping[str, CannedQuery]) -> None:
    """As SHACL says: the local name of sh:path is the variable, and it stands in the text."""
    quads = list(catalogue_quads(catalogue, project))
    of = {quad.object: quad.subject for quad in quads if quad.predicate.value == SH + "parameter"}
    paths = [
        (str(of[quad.subject]).rpartition("/")[2].rstrip(">"), quad.object.value.rpartition("#")[2])
        for quad in quads
        if quad.predicate.value == SH + "path" and isinstance(quad.object, ox.NamedNode)
    ]

    variables = {
        name: {token.text for token in lexer.tokens(entry.text) if token.kind == "variable"}
        for name, entry in catalogue.items()
    }

    assert len(paths) == sum(len(entry.parameters) for entry in catalogue.values()) > 10
    assert [(name, local) for name, local in paths if f"?{local}" not in variables[name]] == []
    assert [local for _, local in paths if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", local)] == []


# Dereferencing


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_resource_leads_to_its_document(client: FlaskClient, method: str) -> None:
    """303, path-absolute: it holds wherever the server stands."""
    response = client.open(f"/id/query/{NAME}", method=method)

    assert (response.status_code, response.headers["Location"]) == (303, PATH)


def test_links_have_the_prefix_of_the_application(client: FlaskClient) -> None:
    """Behind a proxy that mounts it elsewhere, percent-encoded as links have to be."""
    mounted = {"SCRIPT_NAME": "/deep er/kg"}

    leading = client.get(f"/id/query/{NAME}", environ_overrides=mounted)
    document = client.get(f"{PATH}.ttl", environ_overrides=mounted)

    assert leading.headers["Location"] == f"/deep%20er/kg{PATH}"
    assert document.headers["Content-Location"] == f"/deep%20er/kg{PATH}.ttl"
    assert f'</deep%20er/kg/id/query/{NAME}>; rel="describes"' in document.headers["Link"]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/id/query/what-dose", "what-does"),
        ("/doc/query/what-dose", "what-does"),
        ("/doc/query/what-dose.ttl", "what-does"),
        ("/id/query/zzzzzzzz", "/query/"),
        (f"{PATH}.pdf", ".ttl, .jsonld, .nt, .rdf, .html"),
        (f"{PATH}.ttl.ttl", ".ttl, "),
        (f"{PATH}.", ".ttl, "),
        (f"/id/query/{NAME}.ttl", NAME),
    ],
)
def test_what_is_not_there_says_what_is_near(client: FlaskClient, path: str, told: str) -> None:
    """404 at once, never a redirect to nowhere."""
    response = client.get(path)

    assert (response.status_code, response.headers["Content-Type"]) == (404, PROBLEM)
    assert told in response.get_json(force=True)["detail"]


@pytest.mark.parametrize("suffix", FORMS)
@pytest.mark.parametrize("way", ["suffix", "accept"])
def test_a_document_holds_what_the_graph_says(
    client: FlaskClient, store: ox.Store, project: Project, catalogue: Mapping[str, CannedQuery], suffix: str, way: str
) -> None:
    """All triples of the query and its parameters, and the label of everything that is mentioned."""
    media_type, form = FORMS[suffix]
    about = {quad.triple for quad in catalogue_quads({NAME: catalogue[NAME]}, project)}
    mentioned = {term for triple in about for term in triple if isinstance(term, ox.NamedNode)}
    labels = {
        quad.triple for term in mentioned for quad in store.quads_for_pattern(term, ox.NamedNode(RDFS + "label"), None)
    }

    response = client.get(f"{PATH}.{suffix}") if way == "suffix" else client.get(PATH, headers={"Accept": media_type})

    assert response.content_type.partition(";")[0] == media_type
    assert response.headers["Content-Location"] == f"{PATH}.{suffix}"
    found = triples(response.data, form)
    query = ox.NamedNode(Minter(project.base).thing("query", NAME))
    assert about | labels <= found
    assert {triple for triple in found if triple.subject == query} == {one for one in about if one.subject == query}


def test_the_resource_itself_comes_first(client: FlaskClient, project: Project) -> None:
    """In every form that is read from top to bottom."""
    first = client.get(f"{PATH}.nt").text.splitlines()[0]

    assert first.startswith(f"<{project.base}id/query/{NAME}> <{RDF}type>")


def test_a_document_is_the_same_each_time(client: FlaskClient) -> None:
    """Byte by byte, with an entity tag that spares a second sending."""
    once, again = client.get(f"{PATH}.ttl"), client.get(f"{PATH}.ttl")

    known = client.get(f"{PATH}.ttl", headers={"If-None-Match": once.headers["ETag"]})

    assert once.data == again.data
    assert (known.status_code, known.data) == (304, b"")
    assert {"Accept", "Accept-Encoding"} <= set(once.vary)


@pytest.mark.parametrize("suffix", ["ttl", "rdf"])
def test_only_prefixes_that_are_used_are_declared(client: FlaskClient, suffix: str) -> None:
    """In the order of the alphabet, so that every server writes the same bytes."""
    head = client.get(f"{PATH}.{suffix}").text.partition("SPARQLExecutable")[0]

    declared = re.findall(r"@prefix (\w+):|xmlns:(\w+)=", head)
    names = [one or other for one, other in declared]

    assert names == sorted(names)
    assert {"sh", "rdfs", "dcterms"} <= set(names) <= {
        "sh", "rdf", "rdfs", "dcterms", "schema", "skos", "query", "ont", "xsd", "its", "foaf", "owl", "sd", "void", "dcat",
    }  # fmt: skip


def test_head_has_the_headers_of_get(client: FlaskClient) -> None:
    """And no body."""
    head, get = client.head(PATH), client.get(PATH)

    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == get.headers["ETag"]


@pytest.mark.parametrize("path", [PATH, "/.well-known/sparql-examples"])
def test_what_cannot_be_had_is_not_acceptable(client: FlaskClient, path: str) -> None:
    """With a list of what can."""
    response = client.get(path, headers={"Accept": "image/png"})

    assert (response.status_code, response.headers["Content-Type"]) == (406, PROBLEM)
    assert "text/turtle" in response.get_json(force=True)["detail"]


@pytest.mark.parametrize("way", [{"path": PATH, "headers": {"Accept": "text/html"}}, {"path": f"{PATH}.html"}])
def test_a_browser_gets_a_page(client: FlaskClient, catalogue: Mapping[str, CannedQuery], way: dict[str, Any]) -> None:
    """The question, a link to the form, the triples, and the document as files."""
    page = client.get(**way)

    assert page.content_type == "text/html; charset=utf-8"
    assert f"<h1>{catalogue[NAME].summary}</h1>" in page.text
    assert f'href="/query/{NAME}"' in page.text
    assert [suffix for suffix in FORMS if f'href="{PATH}.{suffix}"' not in page.text] == []
    html5rdf.HTMLParser(strict=True).parse(page.text)
    assert re.findall(r"<script[^>]*>", page.text) == ['<script type="application/ld+json">']
    assert [name for name in catalogue[NAME].parameters if f">{name}</bdi>" not in page.text] == []


def test_a_query_that_is_newer_than_the_release_says_so(
    engine: Engine, project: Project, release: Release, catalogue: Mapping[str, CannedQuery]
) -> None:
    """The graph knows nothing of it before the next build."""
    more = {**catalogue, "newer": replace(catalogue[NAME], name="newer")}
    newer = create_app(Service(Served(engine, project, release, more))).test_client()

    response = newer.get("/doc/query/newer.ttl")

    assert (response.status_code, response.content_type) == (404, PROBLEM)
    assert "built before" in response.get_json(force=True)["detail"]


# The catalogue


@pytest.mark.parametrize(("media_type", "form"), FORMS.values(), ids=FORMS)
def test_the_catalogue_is_whole(
    client: FlaskClient, project: Project, catalogue: Mapping[str, CannedQuery], media_type: str, form: ox.RdfFormat
) -> None:
    """All that the graph says of all queries, with the prefixes that they are written with."""
    response = client.get("/.well-known/sparql-examples", headers={"Accept": media_type})

    found = triples(response.data, form)
    assert response.content_type.partition(";")[0] == media_type
    assert {quad.triple for quad in catalogue_quads(catalogue, project)} <= found
    assert {triple.object.value for triple in found if triple.predicate.value == SH + "prefix"} == set(project.prefixes)  # type: ignore[union-attr]


@pytest.mark.parametrize("accept", ["", "*/*", "text/html,application/xhtml+xml,*/*;q=0.8"])
def test_the_catalogue_is_turtle_unless_asked_otherwise(client: FlaskClient, accept: str) -> None:
    """For a browser too: the list for people is at /query/."""
    response = client.get("/.well-known/sparql-examples", headers={"Accept": accept} if accept else {})

    assert response.content_type == "text/turtle; charset=utf-8"


def test_no_word_is_unknown(project: Project, catalogue: Mapping[str, CannedQuery]) -> None:
    """Only words of SHACL, sparql-examples, schema.org, Dublin Core, SKOS and RDF are used."""
    known = {
        RDF: {"type", "first", "rest"}, RDFS: {"label", "comment"}, SKOS: {"example"},
        DCTERMS: {"identifier", "description"}, SCHEMA: {"target", "url", "keywords", "audience"},
        SH: {"select", "ask", "construct", "prefixes", "parameter", "name", "description", "path", "order", "class",
             "datatype", "nodeKind", "in", "optional", "maxCount", "defaultValue"},
    }  # fmt: skip
    words = {space + local for space, locals_ in known.items() for local in locals_}

    assert {quad.predicate.value for quad in catalogue_quads(catalogue, project)} <= words
