"""What is not answered: each wrong request has its status and says what, where and what to do; none harms the next.

The table of statuses is the contract (../shared/DESIGN.md, section 7). SERVICE and updates have a file of their own.
"""

import re
from typing import Final
from urllib.parse import quote

import pytest

from tests.server import FORM, QUERY, UPDATE, WAYS, Parameters, Request, Server, direct, form, get, problem

FIREFOX: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CHROME: Final = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7"
)
ENDLESS: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
MEGABYTE: Final = 2**20


def post(content_type: str, body: bytes, target: str = "/sparql") -> Request:
    """Write a POST with this type; the empty type sends none."""
    return Request("POST", target, (("Content-Type", content_type),) if content_type else (), body)


def nested(depth: int, left: str, right: str) -> str:
    """Nest brackets so deep, the outermost of the query included."""
    return left * depth + right * depth


# 400: the query ------------------------------------------------------------------------------------

MISTAKES: dict[str, tuple[str, int, int, str]] = {
    # query, line, column, the line itself
    "missing-object": ("SELECT * {\n ?s ?p }", 2, 9, " ?s ?p }"),
    "misspelt-keyword": ("SELECT ?x WHER { ?s ?p ?o }", 1, 16, "SELECT ?x WHER { ?s ?p ?o }"),
    "unknown-prefix": ("SELECT * {\n ?s rdfs:label ?o }", 2, 5, " ?s rdfs:label ?o }"),
    "windows-line-breaks": ("SELECT *\r\n{\r\n ?s ?p }", 3, 9, " ?s ?p }"),
    "after-characters-beyond-ascii": ("SELECT * { # 面包 🍞\n ?s '面🍞'", 2, 9, " ?s '面🍞'"),
    "never-closed": ("ASK {\n  ?s ?p ?o", 2, 11, "  ?s ?p ?o"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("text", "line", "column", "source"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_malformed_query_says_where(server: Server, way: str, text: str, line: int, column: int, source: str) -> None:
    """Line and column are members of the problem and stand in its text, with the line itself; both count from 1."""
    reply = server.send(WAYS[way](text))

    assert problem(400) == reply.problem
    assert (line, column) == (reply.json["line"], reply.json["column"])
    assert [True, True] == [part in reply.json["detail"] for part in (f"line {line}, column {column}", source)]


PREFIXES = {
    "known-to-the-software": ("skos:prefLabel", "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>"),
    "known-to-the-project": ("thesaurus:bread", "PREFIX thesaurus: <https://example.org/thesaurus/>"),
    "known-to-nobody": ("cake:sweet", "PREFIX"),
}


@pytest.mark.parametrize(("name", "hint"), PREFIXES.values(), ids=PREFIXES.keys())
def test_an_unknown_prefix_comes_with_the_line_to_add(server: Server, name: str, hint: str) -> None:
    """The PREFIX line is ready to be pasted when the project knows the prefix."""
    reply = server.send(get(f"SELECT * {{ ?s {name} ?o }}"))

    assert problem(400) == reply.problem
    assert hint in reply.json["detail"]


BAD_QUERIES: dict[str, tuple[Request, str]] = {
    # request, what the detail says
    "no-query-at-all": (get("hello"), "no SPARQL query"),
    "empty": (get(""), "query"),
    "blank": (get(" \n"), "query"),
    "comment-only": (get("# ASK {}"), "query"),
    "empty-body": (post(QUERY, b""), "query"),
    "missing-in-a-form": (post(FORM, b"format=json"), "query"),
    "two-in-the-url": (Request("GET", "/sparql?query=ASK%20%7B%7D&query=ASK%20%7B%7D"), "2 times"),
    "two-in-a-form": (post(FORM, b"query=ASK%20%7B%7D&query=ASK%20%7B%7D"), "2 times"),
    "nul-in-the-url": (Request("GET", "/sparql?query=ASK%20%7B%7D%00"), "NUL"),
    "nul-in-a-form": (post(FORM, b"query=ASK%20%7B%7D%00"), "NUL"),
    "nul-in-the-body": (post(QUERY, b"ASK {}\x00"), "NUL"),
    "nul-in-a-string": (get("ASK { FILTER('\x00' = '') }"), "NUL"),
    "not-utf-8-in-the-url": (Request("GET", "/sparql?query=SELECT%20(%27%FF%27%20AS%20%3Fx)%20%7B%7D"), "UTF-8"),
    "not-utf-8-in-a-form": (post(FORM, b"query=SELECT+(%27%FF%27+AS+%3Fx)+%7B%7D"), "UTF-8"),
    "not-utf-8-in-the-body": (post(QUERY, b"SELECT ('\xff' AS ?x) {}"), "UTF-8"),
    "overlong-utf-8": (Request("GET", "/sparql?query=ASK%20%7B%7D%20%23%C0%80"), "UTF-8"),
    "surrogate": (Request("GET", "/sparql?query=ASK%20%7B%7D%20%23%ED%A0%80"), "UTF-8"),
    "utf-16": (post(QUERY, "ASK {}".encode("utf-16")), "UTF-8"),
    "201-braces": (get("ASK " + nested(201, "{", "}")), "200"),
    "201-brackets": (get("SELECT (" + nested(200, "(", ")").replace("()", "(1)") + " AS ?x) {}"), "200"),
    "5000-braces": (direct("ASK " + nested(5_000, "{", "}")), "200"),
    "201-escaped-braces": (get("ASK " + nested(201, r"\u007B", r"\u007D")), "200"),
    "never-closed-braces": (get("ASK " + "{" * 201), "200"),
}


@pytest.mark.parametrize(("request_", "part"), BAD_QUERIES.values(), ids=BAD_QUERIES.keys())
def test_what_is_no_query_is_400_and_says_why(server: Server, request_: Request, part: str) -> None:
    """Nothing is mended or guessed: a byte that is no UTF-8 never becomes another character."""
    reply = server.send(request_)

    assert problem(400) == reply.problem
    assert part in reply.json["detail"]


NESTED_ENOUGH = {
    "200-braces": "ASK " + nested(200, "{", "}"),
    "200-brackets": "ASK { FILTER(" + nested(198, "(", ")").replace("()", "(true)") + ") }",
    "in-a-string": "ASK { FILTER('" + "{" * 5_000 + "' != '') }",
    "in-a-comment": "ASK {} # " + "{" * 5_000,
    "side-by-side": "ASK { " + "{}" * 500 + " }",
}


@pytest.mark.parametrize("text", NESTED_ENOUGH.values(), ids=NESTED_ENOUGH.keys())
def test_brackets_count_only_where_they_nest(server: Server, text: str) -> None:
    """200 levels are answered; brackets in strings, comments and side by side do not count."""
    reply = server.send(direct(text))

    assert (200, True) == (reply.status, reply.json.get("boolean"))


# 400: the parameters -------------------------------------------------------------------------------

BAD_PARAMETERS: dict[str, tuple[Parameters, str]] = {
    "timeout-word": ({"timeout": "soon"}, "timeout"),
    "timeout-zero": ({"timeout": "0"}, "timeout"),
    "timeout-negative": ({"timeout": "-1"}, "timeout"),
    "timeout-no-number": ({"timeout": "nan"}, "timeout"),
    "timeout-with-unit": ({"timeout": "5s"}, "timeout"),
    "timeout-with-comma": ({"timeout": "0,5"}, "timeout"),
    "timeout-twice": ({"timeout": ["1", "2"]}, "timeout"),
    "default-graph-no-iri": ({"default-graph-uri": "not an IRI"}, "default-graph-uri"),
    "default-graph-with-brackets": ({"default-graph-uri": "<http://example.org/>"}, "default-graph-uri"),
    "named-graph-no-iri": ({"named-graph-uri": "http://example.org/{x}"}, "named-graph-uri"),
    "default-graph-nul": ({"default-graph-uri": "http://example.org/\x00"}, "default-graph-uri"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("parameters", "part"), BAD_PARAMETERS.values(), ids=BAD_PARAMETERS.keys())
def test_a_wrong_parameter_is_400_and_named(server: Server, way: str, parameters: Parameters, part: str) -> None:
    """In the URL and in the form alike."""
    reply = server.send(WAYS[way]("ASK {}", parameters))

    assert problem(400) == reply.problem
    assert part in reply.json["detail"]


# 403, 404, 413, 414, 415, 504 ----------------------------------------------------------------------

REFUSED: dict[str, Request] = {
    "update-parameter-in-the-url": Request("GET", "/sparql?update=CLEAR%20ALL"),
    "update-parameter-in-a-form": post(FORM, b"update=CLEAR+ALL"),
    "update-beside-a-query": post(FORM, b"query=ASK+%7B%7D&update=CLEAR+ALL"),
    "update-as-body": post(UPDATE, b"CLEAR ALL"),
    "update-as-query": get("INSERT DATA { <http://example.org/s> <http://example.org/p> 1 }"),
    "load-as-query": direct("LOAD <http://example.org/>"),
}


@pytest.mark.parametrize("request_", REFUSED.values(), ids=REFUSED.keys())
def test_an_update_is_403_and_says_how_the_graph_changes(server: Server, request_: Request) -> None:
    """The reply names the sources and the build."""
    reply = server.send(request_)

    assert problem(403) == reply.problem
    assert [True, True] == [part in reply.json["detail"] for part in ("updates are refused", "build")]


@pytest.mark.parametrize("path", ["/nothing/here", "/sparql/more", "/sparqlx", "/%00", "/%ff", "/../../etc/passwd"])
def test_an_unknown_path_is_404(server: Server, path: str) -> None:
    """What is not there is a problem like every other."""
    reply = server.send(Request("GET", path))

    assert problem(404) == reply.problem


TOO_LONG: dict[str, Request] = {
    "one-byte-more": direct("ASK {} #" + "x" * (1_000_001 - len("ASK {} #"))),
    "more-bytes-than-characters": direct("ASK {} #" + "面" * 334_000),
    "in-a-form": form("ASK {} #" + "x" * 1_000_000),
    "20-megabytes": direct("ASK {} #" + "x" * 20 * MEGABYTE),
    "20-megabytes-in-a-form": form("ASK {} #" + "x" * 20 * MEGABYTE),
    "20-megabytes-of-brackets": direct("{" * 20 * MEGABYTE),
    "63-megabytes": direct("x" * 63 * MEGABYTE),
}


@pytest.mark.parametrize("request_", TOO_LONG.values(), ids=TOO_LONG.keys())
def test_a_query_of_over_a_megabyte_is_413(server: Server, request_: Request) -> None:
    """A client that sends everything before it reads gets the answer, which names the limit."""
    reply = server.send(request_)

    assert problem(413) == reply.problem
    assert re.search(r"1[ ,]?000[ ,]?000|1 MB", reply.json["detail"])


def test_a_query_in_chunks_of_over_a_megabyte_is_413(server: Server) -> None:
    """A length that is not said beforehand is found out."""
    headers = (("Content-Type", QUERY), ("Transfer-Encoding", "chunked"))
    chunk = f"{MEGABYTE:x}\r\n".encode() + b"x" * MEGABYTE + b"\r\n"

    reply = server.send(Request("POST", "/sparql", headers, chunk * 3 + b"0\r\n\r\n"))

    assert problem(413) == reply.problem


LONG_ENOUGH: dict[str, Request] = {
    "direct": direct("ASK {} #" + "x" * (1_000_000 - len("ASK {} #"))),
    "form": form("ASK {} #" + "x" * (1_000_000 - len("ASK {} #"))),
    "form-that-is-longer-than-its-text": form("ASK {} #" + "面" * 333_000),
}


@pytest.mark.parametrize("request_", LONG_ENOUGH.values(), ids=LONG_ENOUGH.keys())
def test_a_query_of_a_megabyte_is_answered(server: Server, request_: Request) -> None:
    """The limit is on the bytes of the query's text, however long they are once encoded."""
    reply = server.send(request_)

    assert (200, True) == (reply.status, reply.json.get("boolean"))


def test_a_url_of_a_megabyte_harms_nobody(server: Server) -> None:
    """It is a 4xx, or the connection closes before all of it was sent; the next client is answered."""
    target = "/sparql?query=" + quote("ASK {} #") + "x" * MEGABYTE
    told = server.raw(f"GET {target} HTTP/1.1\r\nHost: {server.host}\r\nConnection: close\r\n\r\n".encode())

    reply = server.send(get("ASK {}"))

    assert told == b"" or re.match(rb"HTTP/1\.[01] 4\d\d ", told)
    assert (200, True) == (reply.status, reply.json.get("boolean"))


WRONG_TYPES: dict[str, Request] = {
    "text": post("text/plain", b"ASK {}"),
    "none": post("", b"ASK {}"),
    "none-and-a-form": post("", b"query=ASK%20%7B%7D"),
    "json": post("application/json", b'{"query": "ASK {}"}'),
    "multipart": post("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="query"\r\n\r\nASK {}\r\n--b--\r\n'),
    "nonsense": post("nonsense", b"ASK {}"),
}  # fmt: skip


@pytest.mark.parametrize("request_", WRONG_TYPES.values(), ids=WRONG_TYPES.keys())
def test_a_body_of_another_type_is_415(server: Server, request_: Request) -> None:
    """The reply says which types are taken."""
    reply = server.send(request_)

    assert problem(415) == reply.problem
    assert QUERY in reply.json["detail"]


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_a_query_that_takes_too_long_is_504_and_names_the_limit(server: Server, way: str) -> None:
    """`timeout` counts in the URL and in the form; what was stopped is never a 200."""
    reply = server.send(WAYS[way](ENDLESS, {"timeout": "0.3"}))

    assert problem(504) == reply.problem
    assert "0.3 seconds" in reply.json["detail"]


# Who asks ------------------------------------------------------------------------------------------

ERRORS: dict[str, tuple[Request, int]] = {
    "malformed": (get("SELECT * { ?s ?p }"), 400),
    "refused": (get("CLEAR ALL"), 403),
    "unknown-path": (Request("GET", "/nothing/here"), 404),
    "method": (Request("DELETE", "/sparql"), 405),
    "format": (get("ASK {}", {"format": "xlsx"}), 406),
    "too-long": (form("#" * 1_000_001), 413),
    "type": (post("text/plain", b"ASK {}"), 415),
}


@pytest.mark.parametrize("accept", [FIREFOX, CHROME, "text/html"], ids=["firefox", "chrome", "html-only"])
@pytest.mark.parametrize(("request_", "status"), ERRORS.values(), ids=ERRORS.keys())
def test_a_browser_gets_a_page(server: Server, request_: Request, status: int, accept: str) -> None:
    """The status is the same; what is wrong stands on a page in HTML."""
    told = server.send(request_).json["title"]

    reply = server.send(request_.asking(accept))

    assert (status, "text/html") == (reply.status, reply.media_type)
    assert told in reply.text


PROGRAMS = {
    "none": (),
    "anything": ("*/*",),
    "json": ("application/json",),
    "results": ("application/sparql-results+json",),
    "rdflib": ("application/sparql-results+xml, application/rdf+xml",),
    "html-last": ("text/html;q=0.1, application/json",),
}


@pytest.mark.parametrize("accept", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_a_program_gets_a_problem(server: Server, accept: tuple[str, ...]) -> None:
    """RFC 9457: type, title, status and detail, whatever format the answer was to have."""
    reply = server.send(get("SELECT * { ?s ?p }").asking(*accept))

    assert problem(400) == reply.problem
    assert {"type", "title", "status", "detail"} <= set(reply.json)


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(get("SELECT * { <script>alert(1)</script> }"), id="query"),
        pytest.param(get("SELECT * { \"><script>alert(1)</script> }"), id="query-out-of-an-attribute"),
        pytest.param(get("</textarea><script>alert(1)</script>"), id="query-out-of-a-text-area"),
        pytest.param(get("ASK {}", {"format": "<script>alert(1)</script>"}), id="format"),
        pytest.param(get("ASK {}", {"timeout": "<script>alert(1)</script>"}), id="timeout"),
        pytest.param(get("ASK {}", {"default-graph-uri": "<script>alert(1)</script>"}), id="graph"),
        pytest.param(Request("GET", "/%3Cscript%3Ealert(1)%3C/script%3E"), id="path"),
    ],
)  # fmt: skip
def test_a_page_shows_markup_and_does_not_obey_it(server: Server, request_: Request) -> None:
    """Whatever a visitor sends comes back escaped."""
    reply = server.send(request_.asking(FIREFOX))

    assert (True, "text/html") == (400 <= reply.status < 500, reply.media_type)
    assert "<script>alert" not in reply.text


# The next one is answered --------------------------------------------------------------------------

LONG_CHAINS = {
    "not": "ASK { FILTER(" + "!" * 100_000 + "true) }",
    "plus": "SELECT (1" + "+1" * 100_000 + " AS ?x) {}",
    "or": "ASK { FILTER(true" + "||true" * 100_000 + ") }",
    "comparisons": "ASK { ?s ?p ?o FILTER(?o=0" + "".join(f"||?o={number}" for number in range(60_000)) + ") }",
    "path": "ASK { ?s " + "/".join(["<p:p>"] * 100_000) + " ?o }",
    "alternatives": "ASK { ?s " + "|".join(["<p:p>"] * 100_000) + " ?o }",
    "inverse": "ASK { ?s " + "^" * 100_000 + "<p:p> ?o }",
    "union": "ASK { {}" + "UNION{}" * 100_000 + " }",
    "optional": "ASK { " + "OPTIONAL{}" * 90_000 + " }",
    "minus": "ASK { " + "MINUS{?a ?b ?c}" * 60_000 + " }",
    "filters": "ASK { " + "FILTER(true)" * 80_000 + " }",
    "triples": "ASK { " + "?s ?p ?o." * 100_000 + " }",
    "values": "ASK { VALUES ?x {" + "1 " * 450_000 + "} }",
    "in": "ASK { FILTER(1 IN (" + ",".join(["2"] * 450_000) + ")) }",
    "semicolons": "ASK { ?s ?p ?o" + ";" * 900_000 + " }",
    "collection": "ASK { ?s ?p " + nested(190, "(", ")").replace("()", "(1)") + " }",
    "nested-blank-nodes": "ASK { ?s ?p " + "[?p " * 190 + "1" + "]" * 190 + " }",
}


@pytest.mark.slow
@pytest.mark.parametrize("text", LONG_CHAINS.values(), ids=LONG_CHAINS.keys())
def test_a_chain_without_end_harms_nobody(server: Server, text: str) -> None:
    """Texts that overflow the engine's stack or take it for ever are a 4xx, 503 or 504; a dead worker is no 500."""
    reply = server.send(direct(text, {"timeout": "2"}))
    after = server.send(get("ASK {}"))

    assert reply.status == 200 or reply.problem in [problem(status) for status in (400, 413, 503, 504)]
    assert (200, True) == (after.status, after.json.get("boolean"))


HALF_REQUESTS = {
    "nothing": b"",
    "line": b"GET /sparql?query=ASK%20%7B%7D HTTP/1.1\r\n",
    "headers": b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 600\r\n",
    "body": b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 600\r\n\r\nASK {",
    "chunk": b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nASK",
}


@pytest.mark.parametrize("data", HALF_REQUESTS.values(), ids=HALF_REQUESTS.keys())
def test_a_client_that_hangs_up_midway_harms_nobody(server: Server, data: bytes) -> None:
    """Half a request ties nothing up: the next client is answered."""
    server.hang_up(data)

    reply = server.send(get("ASK {}"))

    assert (200, True) == (reply.status, reply.json.get("boolean"))


BROKEN_HTTP = {
    "nonsense": b"hello\r\n\r\n",
    "length-is-no-number": b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\nConnection: close\r\n\r\n",
    "negative-length": b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\nConnection: close\r\n\r\n",
    "two-lengths": b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab",
    "bare-bytes-in-the-url": "GET /sparql?query=ASK{}#面 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode(),
    "blank-in-the-url": b"GET /sparql?query=ASK {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 40 + b"\r\n\r\n",
}


@pytest.mark.parametrize("data", BROKEN_HTTP.values(), ids=BROKEN_HTTP.keys())
def test_what_is_no_http_is_no_server_error(server: Server, data: bytes) -> None:
    """It is a 4xx, a closed connection, or taken for what was meant; and the next client is answered."""
    told = server.raw(data)
    reply = server.send(get("ASK {}"))

    assert told == b"" or re.match(rb"HTTP/1\.[01] [24]\d\d ", told)
    assert (200, True) == (reply.status, reply.json.get("boolean"))


def test_a_connection_lives_on_after_an_error(server: Server) -> None:
    """HTTP/1.1 keeps a connection: a malformed query does not cost the next one its connection."""
    host = f"Host: {server.host}\r\n"
    data = f"GET /sparql?query=SELECT HTTP/1.1\r\n{host}\r\nGET /sparql?query=ASK%20%7B%7D HTTP/1.1\r\n{host}Connection: close\r\n\r\n"

    statuses = re.findall(rb"HTTP/1\.1 (\d+)", server.raw(data.encode()))

    assert [b"400", b"200"] == statuses
