"""The SPARQL 1.1 Protocol on a running server: how queries are sent, and what each reply says about itself.

What is negotiated, what the answers hold, what is refused and what is cached have files of their own here.
"""

from typing import Final
from urllib.parse import quote

import pytest
import rdflib

from tests.server import (
    BREAD_GRAPH,
    CAKE_GRAPH,
    FORM,
    QUERY,
    WAYS,
    Parameters,
    Request,
    Server,
    direct,
    form,
    get,
    problem,
)

LABEL: Final = "http://www.w3.org/2000/01/rdf-schema#label"
SD: Final = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
FIREFOX: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
UNKNOWN: Final = "https://example.org/protocol/unknown"
COUNT: Final = (
    "SELECT (COUNT(*) AS ?n) {0} {{ VALUES ?s {{ <http://example.org/bread> <http://example.org/cake> }} ?s ?p ?o }}"
)


def head(text: str) -> Request:
    """Write a query as HEAD."""
    return get(text)._replace(method="HEAD")


# How a query is sent -------------------------------------------------------------------------------

TEXTS = {
    "plain": ("SELECT (1 AS ?x) {}", "1"),
    "plus-and-percent": ("SELECT ('1+1=2 & 100%' AS ?x) {}", "1+1=2 & 100%"),
    "semicolon-and-hash": ("SELECT ('a;b#c' AS ?x) {}", "a;b#c"),
    "beyond-ascii": ("SELECT ('面包 🍞' AS ?x) {}", "面包 🍞"),
    "variable-beyond-ascii": ("SELECT ('bread' AS ?面包) {}", "bread"),
    "iri-beyond-ascii": ("SELECT (STR(<http://example.org/面包>) AS ?x) {}", "http://example.org/面包"),
    "code-point-escape": (r"SELECT ('\u9762\U0001F35E' AS ?x) {}", "面🍞"),
    "combining-mark-is-kept": ("SELECT ('e\u0301' AS ?x) {}", "e\u0301"),
    "line-breaks": ("SELECT ('''a\nb''' AS ?x)\n{}\n", "a\nb"),
    "windows-line-breaks": ("SELECT\r\n('a' AS ?x)\r\n{}\r\n", "a"),
    "blanks-before": ("\r\n\r\n\t SELECT ('a' AS ?x) {}", "a"),
    "comment-before": ("# which one?\nSELECT ('a' AS ?x) {}", "a"),
    "comment-at-the-end": ("SELECT ('a' AS ?x) {} # done", "a"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("text", "expected"), TEXTS.values(), ids=TEXTS.keys())
def test_a_query_arrives_as_it_was_sent(server: Server, way: str, text: str, expected: str) -> None:
    """GET, POST of a form and POST of the query itself carry every character."""
    reply = server.send(WAYS[way](text))

    assert (200, [expected]) == (reply.status, [value for row in reply.rows for value in row.values()])


@pytest.mark.parametrize("path", ["/sparql", "/sparql/"])
@pytest.mark.parametrize("way", WAYS)
def test_the_endpoint_is_there_with_and_without_a_slash(server: Server, way: str, path: str) -> None:
    """Both spellings answer themselves; a redirect would turn a POST into a GET."""
    reply = server.send(WAYS[way]("SELECT (1 AS ?x) {}", path=path))

    assert (200, [{"x": "1"}]) == (reply.status, reply.rows)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        pytest.param(f"{FORM}; charset=UTF-8", b"query=ASK%20%7B%7D", id="form-with-charset"),
        pytest.param("Application/X-WWW-Form-URLEncoded", b"query=ASK+%7B%7D", id="form-in-capitals"),
        pytest.param(f"{QUERY}; charset=utf-8", b"ASK {}", id="direct-with-charset"),
        pytest.param(f'{QUERY};charset="UTF-8"', b"ASK {}", id="direct-with-quoted-charset"),
        pytest.param("APPLICATION/SPARQL-QUERY", b"ASK {}", id="direct-in-capitals"),
        pytest.param(QUERY, b"\xef\xbb\xbfASK {}", id="direct-with-byte-order-mark"),
    ],
)
def test_a_body_may_say_its_type_in_several_ways(server: Server, content_type: str, body: bytes) -> None:
    """Media types are compared without case and parameters; a signature of UTF-8 is no part of the text."""
    reply = server.send(Request("POST", "/sparql", (("Content-Type", content_type),), body))

    assert (200, True) == (reply.status, reply.json.get("boolean"))


def test_a_body_may_come_in_chunks(server: Server) -> None:
    """HTTP/1.1 lets a client send a body without saying its length first."""
    headers = (("Content-Type", QUERY), ("Transfer-Encoding", "chunked"))

    reply = server.send(Request("POST", "/sparql", headers, b"4\r\nASK \r\n2\r\n{}\r\n0\r\n\r\n"))

    assert (200, True) == (reply.status, reply.json.get("boolean"))


def test_a_url_of_eight_thousand_bytes_is_taken(server: Server) -> None:
    """RFC 9110, 4.1: at least 8,000 octets should be supported in a URL."""
    query = quote("ASK {} #", safe="")
    target = "/sparql?query=" + query + "x" * (8_000 - len("/sparql?query=") - len(query))

    reply = server.send(Request("GET", target))

    assert (8_000, 200) == (len(target), reply.status)


def test_parameters_that_nobody_knows_are_ignored(server: Server) -> None:
    """SPARQL editors send ?ac=1 and clients their own settings; neither is an error, even twice."""
    reply = server.send(Request("GET", "/sparql?ac=1&query=ASK%20%7B%7D&debug=on&debug=off&should-sponge="))

    assert (200, True) == (reply.status, reply.json.get("boolean"))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("timeout", ["5", "0.5", "1e1", "100000"])
def test_a_timeout_may_be_given(server: Server, way: str, timeout: str) -> None:
    """It is a number of seconds; one above the server's own limit is taken, and lowers nothing."""
    reply = server.send(WAYS[way]("ASK {}", {"timeout": timeout}))

    assert (200, True) == (reply.status, reply.json.get("boolean"))


# Which graphs are asked ----------------------------------------------------------------------------

DATASETS: dict[str, tuple[str, Parameters, str]] = {
    # clause of the query, parameters of the protocol, count of triples about bread and cake
    "all-graphs": ("", {}, "5"),
    "from": (f"FROM <{BREAD_GRAPH}>", {}, "3"),
    "from-two": (f"FROM <{BREAD_GRAPH}> FROM <{CAKE_GRAPH}>", {}, "5"),
    "from-unknown": (f"FROM <{UNKNOWN}>", {}, "0"),
    "from-named": (f"FROM NAMED <{BREAD_GRAPH}>", {}, "0"),
    "default-graph": ("", {"default-graph-uri": CAKE_GRAPH}, "2"),
    "two-default-graphs": ("", {"default-graph-uri": [BREAD_GRAPH, CAKE_GRAPH]}, "5"),
    "unknown-default-graph": ("", {"default-graph-uri": UNKNOWN}, "0"),
    "known-and-unknown": ("", {"default-graph-uri": [UNKNOWN, CAKE_GRAPH]}, "2"),
    "named-graph-only": ("", {"named-graph-uri": BREAD_GRAPH}, "0"),
    "protocol-overrules-from": (f"FROM <{BREAD_GRAPH}>", {"default-graph-uri": CAKE_GRAPH}, "2"),
    "protocol-overrules-from-with-named": (f"FROM <{BREAD_GRAPH}>", {"named-graph-uri": CAKE_GRAPH}, "0"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("clause", "parameters", "expected"), DATASETS.values(), ids=DATASETS.keys())
def test_the_default_graph_is_the_one_that_was_asked_for(
    server: Server, way: str, clause: str, parameters: Parameters, expected: str
) -> None:
    """All graphs without a wish, then FROM, then the protocol; a graph that is not ours is empty."""
    reply = server.send(WAYS[way](COUNT.format(clause), parameters))

    assert (200, [{"n": expected}]) == (reply.status, reply.rows)


NAMED: dict[str, tuple[str, Parameters, list[str]]] = {
    # clause, parameters, graphs that have a label of bread or cake
    "all-graphs": ("", {}, [BREAD_GRAPH, CAKE_GRAPH]),
    "from-named": (f"FROM NAMED <{CAKE_GRAPH}>", {}, [CAKE_GRAPH]),
    "from-alone": (f"FROM <{CAKE_GRAPH}>", {}, []),
    "named-graph": ("", {"named-graph-uri": BREAD_GRAPH}, [BREAD_GRAPH]),
    "two-named-graphs": ("", {"named-graph-uri": [BREAD_GRAPH, CAKE_GRAPH]}, [BREAD_GRAPH, CAKE_GRAPH]),
    "unknown-named-graph": ("", {"named-graph-uri": UNKNOWN}, []),
    "default-graph-alone": ("", {"default-graph-uri": BREAD_GRAPH}, []),
    "protocol-overrules-from": (f"FROM NAMED <{BREAD_GRAPH}>", {"named-graph-uri": CAKE_GRAPH}, [CAKE_GRAPH]),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("clause", "parameters", "expected"), NAMED.values(), ids=NAMED.keys())
def test_the_named_graphs_are_those_that_were_asked_for(
    server: Server, way: str, clause: str, parameters: Parameters, expected: list[str]
) -> None:
    """GRAPH ?g goes over the named graphs of the query's dataset only."""
    text = (
        f"SELECT DISTINCT ?g {clause} {{ VALUES ?s {{ <http://example.org/bread> <http://example.org/cake> }} "
        f"GRAPH ?g {{ ?s <{LABEL}> ?o }} }} ORDER BY ?g"
    )

    reply = server.send(WAYS[way](text, parameters))

    assert (200, expected) == (reply.status, [row["g"] for row in reply.rows])


# Relative IRIs and the host ------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_a_relative_iri_is_made_whole(server: Server, way: str) -> None:
    """SPARQL 1.1 Protocol, 2.1.4: without BASE, the service has a base of its own."""
    reply = server.send(WAYS[way]("SELECT (STR(<bread>) AS ?x) {}"))

    assert (200, [True]) == (reply.status, [row["x"].startswith("http") for row in reply.rows])


def test_base_in_a_query_comes_first(server: Server) -> None:
    """A query's own BASE decides what its relative IRIs are."""
    reply = server.send(get("BASE <http://example.org/> SELECT (STR(<bread>) AS ?x) {}"))

    assert (200, [{"x": "http://example.org/bread"}]) == (reply.status, reply.rows)


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(get("SELECT (STR(<bread>) AS ?x) {}"), id="relative-iri"),
        pytest.param(Request("GET", "/sparql", (("Accept", "text/turtle"),)), id="service-description"),
    ],
)
def test_one_host_never_gets_what_was_made_for_another(server: Server, request_: Request) -> None:
    """What depends on the Host header does not come from the cache of another Host."""
    server.send(request_.asking(Host="first.example"))

    reply = server.send(request_.asking(Host="second.example"))

    assert (200, False) == (reply.status, "first.example" in reply.text)


# The service description ---------------------------------------------------------------------------

DESCRIPTIONS = {
    "turtle": ("text/turtle", "turtle"),
    "ntriples": ("application/n-triples", "nt"),
    "rdfxml": ("application/rdf+xml", "xml"),
    "jsonld": ("application/ld+json", "json-ld"),
}


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # rdflib's JSON-LD makes one
@pytest.mark.filterwarnings("ignore:Dataset.default_context is deprecated:DeprecationWarning")
@pytest.mark.parametrize(("accept", "syntax"), DESCRIPTIONS.values(), ids=DESCRIPTIONS.keys())
@pytest.mark.parametrize("path", ["/sparql", "/sparql/"])
def test_without_a_query_the_service_describes_itself(server: Server, path: str, accept: str, syntax: str) -> None:
    """A bare GET is answered in RDF, by Accept, and names the URL that was asked as the endpoint."""
    reply = server.send(Request("GET", path, (("Accept", accept),)))

    assert (200, accept) == (reply.status, reply.media_type)
    graph = rdflib.Graph().parse(data=reply.body, format=syntax, publicID=server.endpoint)
    endpoints = {str(iri) for iri in graph.objects(None, SD.endpoint)}
    assert {server.origin + path} == endpoints


def test_a_browser_without_a_query_gets_a_form(server: Server) -> None:
    """A person finds a page with a text area named query and a button, and no script that has to run."""
    reply = server.send(Request("GET", "/sparql").asking(FIREFOX))

    assert (200, "text/html") == (reply.status, reply.media_type)
    assert [True, True, True] == [part in reply.text for part in ("<form", 'name="query"', "<textarea")]


# What every reply says -----------------------------------------------------------------------------

REPLIES = {
    "answer": (get("SELECT (1 AS ?x) {}"), 200),
    "graph": (get("DESCRIBE <http://example.org/bread>"), 200),
    "by-post": (form("ASK {}"), 200),
    "description": (Request("GET", "/sparql"), 200),
    "page": (Request("GET", "/sparql").asking(FIREFOX), 200),
    "front-page": (Request("GET", "/"), 200),
    "health": (Request("GET", "/health"), 200),
    "malformed": (get("SELECT"), 400),
    "malformed-for-a-browser": (get("SELECT").asking(FIREFOX), 400),
    "refused": (get("CLEAR ALL"), 403),
    "unknown-path": (Request("GET", "/nothing/here"), 404),
    "method": (Request("DELETE", "/sparql"), 405),
    "unacceptable": (get("ASK {}").asking("image/png"), 406),
    "too-long": (direct("#" * 1_000_001), 413),
    "wrong-type": (Request("POST", "/sparql", (("Content-Type", "text/plain"),), b"ASK {}"), 415),
}


@pytest.mark.parametrize(("request_", "status"), REPLIES.values(), ids=REPLIES.keys())
def test_every_reply_may_be_read_from_elsewhere(server: Server, request_: Request, status: int) -> None:
    """CORS: scripts of any site may read answers and errors, and the headers that matter."""
    reply = server.send(request_.asking(Origin="https://editor.example"))

    exposed = {name.strip().lower() for name in reply.header("Access-Control-Expose-Headers").split(",")}
    assert (status, "*") == (reply.status, reply.header("Access-Control-Allow-Origin"))
    assert {"etag", "link", "location", "retry-after", "server-timing"} <= exposed


@pytest.mark.parametrize(("request_", "status"), REPLIES.values(), ids=REPLIES.keys())
def test_every_reply_keeps_browsers_from_guessing(server: Server, request_: Request, status: int) -> None:
    """No content is taken for a script by what it looks like."""
    reply = server.send(request_)

    assert (status, "nosniff") == (reply.status, reply.header("X-Content-Type-Options"))


@pytest.mark.parametrize(("request_", "status"), REPLIES.values(), ids=REPLIES.keys())
def test_every_reply_allows_content_of_its_own_origin_only(server: Server, request_: Request, status: int) -> None:
    """The policy names no other host, no wildcard and no inline code; what it does not name is 'self' or nothing."""
    reply = server.send(request_)

    policy = [
        directive.split() for directive in reply.header("Content-Security-Policy").split(";") if directive.strip()
    ]
    sources = {source for name, *sources in policy for source in sources}
    assert status == reply.status
    assert "default-src" in {name for name, *_ in policy}
    assert set() == {source for source in sources if source not in ("'self'", "'none'", "data:")}


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(get("SELECT (1 AS ?x) {}"), id="answer"),
        pytest.param(get("DESCRIBE <http://example.org/bread>").asking("application/rdf+xml"), id="graph"),
        pytest.param(get("SELECT * { ?s ?p ?o } LIMIT 500").asking(Accept_Encoding="gzip"), id="compressed"),
        pytest.param(get("SELECT"), id="malformed"),
        pytest.param(get("ASK {}").asking("image/png"), id="unacceptable"),
        pytest.param(Request("GET", "/sparql"), id="description"),
        pytest.param(Request("GET", "/health"), id="health"),
    ],
)
def test_head_has_the_headers_of_get(server: Server, request_: Request) -> None:
    """RFC 9110, 9.3.2: HEAD is GET without the content; only clocks and names of requests differ."""
    passing = {"date", "server-timing", "x-request-id"}
    expected = server.send(request_)

    actual = server.send(request_._replace(method="HEAD"))

    assert expected.status == actual.status
    assert sorted(
        (name.lower(), value) for name, value in expected.headers.items() if name.lower() not in passing
    ) == sorted((name.lower(), value) for name, value in actual.headers.items() if name.lower() not in passing)


@pytest.mark.parametrize("text", ["SELECT (1 AS ?x) {}", "SELECT"], ids=["answer", "malformed"])
def test_head_has_no_body(server: Server, text: str) -> None:
    """Not one byte follows the headers, not even of an error."""
    target = head(text).target
    data = server.raw(f"HEAD {target} HTTP/1.1\r\nHost: {server.host}\r\nConnection: close\r\n\r\n".encode())

    assert b"" == data.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("path", ["/sparql", "/sparql/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_preflight_is_allowed(server: Server, path: str, method: str) -> None:
    """A script elsewhere may send a query with its content type, Accept and If-None-Match."""
    wanted = "accept, content-type, if-none-match"
    preflight = Request("OPTIONS", path).asking(
        Origin="https://editor.example", Access_Control_Request_Method=method, Access_Control_Request_Headers=wanted
    )

    reply = server.send(preflight)

    methods = {name.strip() for name in reply.header("Access-Control-Allow-Methods").split(",")}
    headers = {name.strip().lower() for name in reply.header("Access-Control-Allow-Headers").split(",")}
    assert (True, "*") == (reply.status in (200, 204), reply.header("Access-Control-Allow-Origin"))
    assert {"GET", "POST"} <= methods
    assert "*" in headers or set(wanted.split(", ")) <= headers


def test_options_lists_the_methods(server: Server) -> None:
    """A plain OPTIONS says what may be done."""
    reply = server.send(Request("OPTIONS", "/sparql"))

    methods = {name.strip() for name in reply.header("Allow").split(",")}
    assert (True, b"") == (reply.status in (200, 204), reply.body)
    assert {"GET", "HEAD", "OPTIONS", "POST"} == methods


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_named_as_not_allowed(server: Server, method: str) -> None:
    """405 comes with the methods that are."""
    reply = server.send(Request(method, "/sparql?query=ASK%20%7B%7D"))

    methods = {name.strip() for name in reply.header("Allow").split(",")}
    assert problem(405) == reply.problem
    assert {"GET", "HEAD", "OPTIONS", "POST"} == methods
