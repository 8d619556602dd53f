"""The SPARQL protocol over HTTP: what is answered, in which format, and what is refused and how."""

import csv
import io
import json
import threading
from collections.abc import Iterator
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pyoxigraph as ox
import pytest
import rdflib
from flask import Flask
from flask.testing import FlaskClient
from SPARQLWrapper import CSV, JSON, TURTLE, SPARQLWrapper

from lungkg.engines import Engine
from lungkg.project import Project
from lungkg.release import Release
from lungkg.web import create_app
from lungkg.web.cache import AnswerCache
from lungkg.web.service import Served, Service

COUNT = "SELECT (COUNT(?c) AS ?n) WHERE { ?c a <https://w3id.org/lungkg/ont#Claim> }"
GRAPH = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 3"
JSON_TYPE = "application/sparql-results+json"
PROBLEM = "application/problem+json"
FORM = "application/x-www-form-urlencoded"


def test_the_question_of_the_readme_is_answered_in_csv(client: FlaskClient) -> None:
    """A POST form with Accept: text/csv counts the claims."""
    response = client.post("/sparql", data={"query": COUNT}, headers={"Accept": "text/csv"})

    assert response.status_code == 200
    assert list(csv.reader(io.StringIO(response.text))) == [["n"], ["44"]]


@pytest.mark.parametrize("path", ["/sparql", "/sparql/"])
@pytest.mark.parametrize("way", ["get", "post-form", "post-direct"])
def test_a_query_may_be_sent_in_three_ways(client: FlaskClient, path: str, way: str) -> None:
    """GET, POST form and POST direct give the same answer, with and without a slash at the end."""
    send = {
        "get": lambda: client.get(path, query_string={"query": COUNT}),
        "post-form": lambda: client.post(path, data={"query": COUNT}),
        "post-direct": lambda: client.post(path, data=COUNT, content_type="application/sparql-query"),
    }

    response = send[way]()

    assert response.status_code == 200
    assert response.get_json(force=True)["results"]["bindings"][0]["n"]["value"] == "44"


@pytest.mark.parametrize(
    ("query", "accept", "expected"),
    [
        pytest.param(COUNT, "", JSON_TYPE, id="rows-without-accept"),
        pytest.param(COUNT, "*/*", JSON_TYPE, id="rows-anything"),
        pytest.param(COUNT, "application/sparql-results+xml", "application/sparql-results+xml", id="rows-xml"),
        pytest.param(COUNT, "text/csv", "text/csv; charset=utf-8", id="rows-csv"),
        pytest.param(COUNT, "text/tab-separated-values", "text/tab-separated-values; charset=utf-8", id="rows-tsv"),
        pytest.param(COUNT, "text/csv;q=0.1, application/json", JSON_TYPE, id="rows-weighted"),
        pytest.param(GRAPH, "", "text/turtle; charset=utf-8", id="graph-without-accept"),
        pytest.param(GRAPH, "text/turtle", "text/turtle; charset=utf-8", id="graph-turtle"),
        pytest.param(GRAPH, "application/n-triples", "application/n-triples", id="graph-ntriples"),
        pytest.param(GRAPH, "application/ld+json", "application/ld+json", id="graph-jsonld"),
        pytest.param(GRAPH, "application/rdf+xml", "application/rdf+xml", id="graph-rdfxml"),
    ],
)
def test_the_accept_header_chooses_the_format(client: FlaskClient, query: str, accept: str, expected: str) -> None:
    """Each format is had by its media type, and the first one when nothing is asked for."""
    response = client.get("/sparql", query_string={"query": query}, headers={"Accept": accept} if accept else {})

    assert (response.status_code, response.headers["Content-Type"]) == (200, expected)


@pytest.mark.parametrize("name", ["turtle", "ntriples", "jsonld", "rdfxml", "nquads", "trig"])
def test_the_format_parameter_overrules_accept(client: FlaskClient, name: str) -> None:
    """?format= names a format, and what comes back parses as that format."""
    forms = {
        "turtle": ox.RdfFormat.TURTLE, "ntriples": ox.RdfFormat.N_TRIPLES, "jsonld": ox.RdfFormat.JSON_LD,
        "rdfxml": ox.RdfFormat.RDF_XML, "nquads": ox.RdfFormat.N_QUADS, "trig": ox.RdfFormat.TRIG,
    }  # fmt: skip

    response = client.get(
        "/sparql", query_string={"query": GRAPH, "format": name}, headers={"Accept": "application/json"}
    )

    assert len(list(ox.parse(response.data, format=forms[name]))) == 3


@pytest.mark.parametrize(
    ("request_", "status", "part"),
    [
        pytest.param({"query_string": {"query": "SELECT * {"}}, 400, "line 1", id="malformed"),
        pytest.param({"query_string": {"query": "SELECT * { ?s rdfs:label ?o }"}}, 400, "PREFIX rdfs:", id="prefix"),
        pytest.param({"query_string": {"query": "ASK {} \x00"}}, 400, "NUL", id="nul"),
        pytest.param({"query_string": {"query": "ASK " + "{" * 300 + "}" * 300}}, 400, "nest", id="nesting"),
        pytest.param({"query_string": {"query": "hello"}}, 400, "no SPARQL query", id="no-query-at-all"),
        pytest.param({"query_string": {"query": ""}}, 400, "no SPARQL query", id="empty-query"),
        pytest.param({"query_string": {"query": ["ASK {}", "ASK {}"]}}, 400, "given 2 times", id="two-queries"),
        pytest.param({"query_string": {"query": COUNT, "timeout": "soon"}}, 400, "timeout", id="timeout-text"),
        pytest.param({"query_string": {"query": COUNT, "timeout": "-1"}}, 400, "timeout", id="timeout-negative"),
        pytest.param({"query_string": {"query": "INSERT DATA { <a:b> <a:c> 1 }"}}, 403, "updates", id="update-as-query"),
        pytest.param({"query_string": {"query": "LOAD <http://example.org/>"}}, 403, "updates", id="load"),
        pytest.param({"query_string": {"query": "ASK { SERVICE <http://127.0.0.1:1/> {} }"}}, 403, "SERVICE", id="service"),
        pytest.param(
            {"query_string": {"query": "ASK { \\u0053ERVICE <http://127.0.0.1:1/> {} }"}}, 403, "SERVICE", id="service-escaped"
        ),
        pytest.param({"method": "POST", "data": {"update": "CLEAR ALL"}}, 403, "updates", id="update-parameter"),
        pytest.param(
            {"method": "POST", "data": "CLEAR ALL", "content_type": "application/sparql-update"}, 403, "updates", id="update-direct"
        ),
        pytest.param({"query_string": {"query": COUNT}, "headers": {"Accept": "image/png"}}, 406, "csv", id="unacceptable"),
        pytest.param({"query_string": {"query": COUNT, "format": "turtle"}}, 406, "SELECT", id="wrong-kind-of-format"),
        pytest.param({"method": "POST", "data": COUNT, "content_type": "text/plain"}, 415, "sparql-query", id="body-type"),
        pytest.param({"method": "POST", "data": {"query": "#" * 1_000_001}}, 413, "1000000", id="too-long"),
        pytest.param(
            {"method": "POST", "data": b"\xff\xfe", "content_type": "application/sparql-query"}, 400, "UTF-8", id="not-utf-8"
        ),
        pytest.param({"method": "PUT", "data": COUNT}, 405, "not allowed", id="method"),
        pytest.param({"query_string": {"query": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", "timeout": "0.2"}}, 504, "0.2 seconds", id="deadline"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_a_problem_that_says_why(
    client: FlaskClient, request_: dict[str, object], status: int, part: str
) -> None:
    """Each wrong request has its status and a problem+json body with the reason; none is a 500."""
    response = client.open("/sparql", **request_)  # type: ignore[arg-type]

    assert (response.status_code, response.headers["Content-Type"]) == (status, PROBLEM)
    assert part.lower() in json.loads(response.data)["detail"].lower()
    assert json.loads(response.data)["status"] == status


def test_an_unknown_path_is_a_problem_too(client: FlaskClient) -> None:
    """404 has the same form as every other error."""
    response = client.get("/nothing/here")

    assert (response.status_code, response.headers["Content-Type"]) == (404, PROBLEM)


def test_head_has_the_headers_of_get_and_no_body(client: FlaskClient) -> None:
    """HEAD answers like GET, without the body."""
    response = client.head("/sparql", query_string={"query": COUNT})

    assert (response.status_code, response.headers["Content-Type"], response.data) == (200, JSON_TYPE, b"")


def test_browsers_elsewhere_may_ask(client: FlaskClient) -> None:
    """A preflight is allowed, and answers carry the CORS and security headers."""
    preflight = client.options("/sparql", headers={"Origin": "https://example.org"})
    answer = client.get("/sparql", query_string={"query": "ASK {}"})

    assert preflight.status_code in (200, 204)
    assert {"GET", "POST", "HEAD", "OPTIONS"} <= set(preflight.headers["Allow"].split(", "))
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (
        answer.headers["Content-Security-Policy"]
        == "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    assert "Accept" in answer.headers["Vary"]


def test_health_names_the_release(client: FlaskClient, release: object) -> None:
    """/health is 200 only when a query was answered, and says which release is served."""
    response = client.get("/health")

    assert response.status_code == 200
    assert response.get_json()["status"] == "ready"
    assert response.get_json()["release"] == release.id  # type: ignore[attr-defined]


def test_a_browser_is_offered_a_form(client: FlaskClient) -> None:
    """At /sparql a browser finds a form that works without scripts, and nothing from another origin."""
    response = client.get("/sparql", headers={"Accept": "text/html"})

    assert response.status_code == 200
    assert '<form class="query" action="/sparql#answer" method="get">' in response.text
    assert "<script" not in response.text
    assert "http-equiv" not in response.text


@pytest.fixture(scope="module")
def address(client: FlaskClient) -> Iterator[str]:
    """The application behind a real socket on loopback."""

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    app = client.application
    assert isinstance(app, Flask)
    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/sparql"
        server.shutdown()
        thread.join()


@pytest.mark.slow
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sparqlwrapper_is_answered(address: str, method: str) -> None:
    """The usual Python client gets JSON, CSV and Turtle."""
    wrapper = SPARQLWrapper(address)
    wrapper.setMethod(method)

    def ask(query: str, form: str) -> object:
        wrapper.setQuery(query)
        wrapper.setReturnFormat(form)
        return wrapper.query().convert()

    rows = ask(COUNT, JSON)
    assert isinstance(rows, dict)
    assert rows["results"]["bindings"][0]["n"]["value"] == "44"
    assert ask(COUNT, CSV) == b"n\r\n44\r\n"
    turtle = ask(GRAPH, TURTLE)
    assert isinstance(turtle, bytes)
    assert len(rdflib.Graph().parse(data=turtle, format="turtle")) == 3


@pytest.mark.slow
def test_rdflib_as_a_client_is_answered(address: str) -> None:
    """rdflib's SPARQLStore reads the graph over the protocol."""
    graph = rdflib.Graph("SPARQLStore")
    graph.open(address)

    (row,) = graph.query(COUNT)

    assert str(row[0]) == "44"  # type: ignore[index]


def test_a_post_is_answered_whole_whatever_the_client_has(engine: Engine, project: Project, release: Release) -> None:
    """304 is for GET and HEAD: a POST with the tag of an answer that is not kept any more gets that answer."""
    served = Served(engine, project, release, answers=AnswerCache(16))
    asking = create_app(Service(served)).test_client()
    first = asking.post("/sparql", data={"query": "ASK {}"})
    served.answers.forget()

    again = asking.post("/sparql", data={"query": "ASK {}"}, headers={"If-None-Match": first.headers["ETag"]})

    assert (200, first.data) == (again.status_code, again.data)
