"""No query makes the server call another one, and no request changes the graph, however it is written.

A canary listens on loopback: whatever SERVICE, LOAD, FROM or a parameter names, nobody may ever connect to it.
There are two fences, and both are tried: what the server refuses to run, and workers that cannot open sockets.
"""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lungkg import lexer
from lungkg.engines import LocalEngine, choose_format
from lungkg.errors import LungkgError
from lungkg.limits import Limits
from tests.server import BREAD, BREAD_GRAPH, FORM, UPDATE, WAYS, Request, Server, direct, get, problem

# The canary ----------------------------------------------------------------------------------------


@dataclass
class Canary:
    """A listener that counts who comes; it answers, so that a caller has no reason to come twice."""

    listener: socket.socket
    visits: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self.listener.getsockname()[1]
        return port

    @property
    def iri(self) -> str:
        """The IRI that would bring somebody here."""
        return f"http://127.0.0.1:{self.port}/sparql"

    def listen(self) -> None:
        """Take connections until the listener is shut down."""
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(10)
                self.visits.append(connection.recv(4096).decode("latin-1"))
                connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    """A listener on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Canary(listener)
        thread = threading.Thread(target=made.listen, daemon=True)
        thread.start()
        yield made
        with contextlib.suppress(OSError):  # only some systems let a listener be shut down
            listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


@pytest.fixture(autouse=True)
def _nobody_came_yet(canary: Canary) -> None:
    """Keep a visit from counting against the tests after it."""
    canary.visits.clear()


def test_the_canary_would_notice(canary: Canary) -> None:
    """An Oxigraph without fences does call it: the silence in the tests below means something."""
    with pytest.raises(OSError, match="404"):
        list(ox.Store().query(f"SELECT * {{ SERVICE <{canary.iri}> {{ ?s ?p ?o }} }}"))  # type: ignore[arg-type]

    assert 1 == len(canary.visits)


# Ways to write SERVICE -----------------------------------------------------------------------------

GAPS: Final = (
    " ",
    "\n",
    "\t",
    "\r\n",
    "  ",
    " # a comment\n",
    " # SERVICE <http://a/> {\r",
    "\n#'\n",
    ' #"""\n',
    "#<\n",
)
DECOYS: Final = (
    "", "# SERVICE\n", "# '\n", '# """\n', "# <\n", "PREFIX q: <http://example.org/#'>\n", "PREFIX service: <http://example.org/>\n",
    "BASE <http://example.org/#>\n", "PREFIX q: <http://example.org/\\u0023>\n",
)  # fmt: skip
BEFORE: Final = (
    "", "?a ?b ?c .", "?a ?b 'it\\'s' .", '?a ?b "say \\"hi\\"" .', "?a ?b '''it's''' .", '?a ?b """a"b""c""" .', "?a ?b '#' .",
    "?a ?b <http://example.org/#> .", "FILTER(?a<?b)", "FILTER(1<2&&3>2)", "?a ?b 'x'@en .", "?a ?b 1 .", "?a ?b true .",
    "?a ?b '\\\\' .", "VALUES ?service { 1 }", "?SERVICE a $service .", "_:SERVICE ?b ?c .", "BIND('SERVICE <http://a/> {' AS ?text)",
)  # fmt: skip
AROUND: Final = (
    "{}", "{{ {} }}", "OPTIONAL {{ {} }}", "{{ ?x ?y ?z }} UNION {{ {} }}", "MINUS {{ ?a ?b ?c {} }}", "GRAPH ?g {{ {} }}",
    "FILTER EXISTS {{ {} }}", "FILTER NOT EXISTS {{ {} }}", "{{ SELECT * {{ {} }} }}", "{{ SELECT ?s WHERE {{ {} }} LIMIT 1 }}",
    "BIND(EXISTS {{ {} }} AS ?there)", "FILTER(IF(EXISTS {{ {} }}, true, false))",
)  # fmt: skip
FORMS: Final = (
    "SELECT * {{ {} }}",
    "ASK {{ {} }}",
    "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {} }}",
    "DESCRIBE ?s {{ {} }}",
    "ASK WHERE {{ {} }}",
)

TARGETS: Final = (
    # prologue, what stands before, the name of the server
    ("", "", "<@>"),
    ("PREFIX c: <@>\n", "", "c:"),
    ("PREFIX service: <@>\n", "", "service:"),
    ("PREFIX : <@>\n", "", ":"),
    ("PREFIX c: <@?>\n", "", "c:service"),
    ("PREFIX c: <@?>\n", "", "c:%41\\,b"),
    ("BASE <@>\n", "", "<>"),
    ("BASE <@>\n", "", "<#service>"),
    ("BASE <@>\nPREFIX c: <?>\n", "", "c:x"),
    ("", "VALUES ?to { <@> }", "?to"),
    ("", "BIND(<@> AS ?service)", "?service"),
    ("", "BIND(IRI('@') AS ?to)", "$to"),
)  # fmt: skip


def any_case(word: str) -> st.SearchStrategy[str]:
    """Write a keyword in any mixture of capitals and small letters."""
    return st.tuples(*(st.sampled_from((letter.upper(), letter.lower())) for letter in word)).map("".join)


def any_escape(word: str) -> st.SearchStrategy[str]:
    """Write some letters of a word as code points (SPARQL 1.1 Query, 19.2)."""
    written = [st.sampled_from((c, c, f"\\u{ord(c):04X}", f"\\u{ord(c):04x}", f"\\U{ord(c):08X}")) for c in word]
    return st.tuples(*written).map("".join)


gaps = st.lists(st.sampled_from(GAPS), min_size=1, max_size=3).map("".join)
keywords = any_case("SERVICE") | any_case("SERVICE").flatmap(any_escape)
silent = st.just("") | st.tuples(any_case("SILENT"), gaps).map("".join)


@st.composite
def services(draw: st.DrawFn) -> str:
    """Write a query that calls the server @, in any of the ways that the grammar allows."""
    prologue, before, target = draw(st.sampled_from(TARGETS))
    clause = draw(keywords) + draw(gaps) + draw(silent) + target + draw(gaps | st.just("")) + "{ ?s ?p ?o }"
    for frame in draw(st.lists(st.sampled_from(AROUND), max_size=3)):
        clause = frame.format(clause)
    pattern = f"{draw(st.sampled_from(BEFORE))} {before} {clause}"
    return draw(st.sampled_from(DECOYS)) + prologue + draw(st.sampled_from(FORMS)).format(pattern)


over_http = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
on_workers = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.slow
@over_http
@given(text=services(), way=st.sampled_from(sorted(WAYS)))
def test_service_is_refused_however_it_is_written(server: Server, canary: Canary, text: str, way: str) -> None:
    """403 with the reason, whatever the case, escapes, comments, names, nesting and decoys."""
    reply = server.send(WAYS[way](text.replace("@", canary.iri)))

    assert problem(403) == reply.problem
    assert "SERVICE is refused" in reply.json["detail"]
    assert [] == canary.visits


TRICKS = {
    "keywords-run-together": "ASK { SERVICESILENT <@> {} }",
    "no-blank-before-an-iri": "ASK{SERVICE<@>{}}",
    "no-blank-before-a-variable": "ASK{BIND(<@> AS ?to)SERVICE?to{}}",
    "no-blank-before-a-name": "PREFIX : <@> ASK{SERVICE:{}}",
    "name-without-blank": "PREFIX : <@?> ASK { SERVICE:b {} }",
    "after-a-number": "ASK { ?s ?p 1SERVICE <@> {} }",
    "after-a-string": "ASK { ?s ?p 'a'SERVICE <@> {} }",
    "after-a-language": "ASK { ?s ?p 'a'@en SERVICE <@> {} }",
    "after-a-variable": "ASK { FILTER(?a<?b) SERVICE ?c { FILTER(1>0) } }",
    "quote-written-as-code-point": "ASK { FILTER('\\u0027' != '') SERVICE <@> {} #'''\n}",
    "double-quote-written-as-code-point": 'ASK { FILTER("\\u0022" != "") SERVICE <@> {} #"""\n}',
    "line-break-written-as-code-point": "ASK { # \\u000A SERVICE <@> {}\n}",
    "hash-written-as-code-point": "ASK { \\u0023 '\nSERVICE <@> {} # '\n}",
    "angle-bracket-written-as-code-point": "ASK { FILTER(1 \\u003C 2) SERVICE <@> {} }",
    "escaped-backslash-before-a-quote": "ASK { ?s ?p 'a\\\\' SERVICE <@> {} # '\n}",
    "quote-after-less-than": "ASK { FILTER(1<'>') SERVICE <@> {} #'\n}",
    "quote-in-a-name": "PREFIX e: <http://example.org/> ASK { e:it\\'s e:p e:o . SERVICE <@> {} # '\n}",
    "hash-in-a-name": "PREFIX e: <http://example.org/> ASK { e:a\\#b e:p e:o . SERVICE <@> {} }",
    "comment-ended-by-carriage-return": "ASK { # \rSERVICE <@> {} \n}",
    "iri-written-in-code-points": "ASK { SERVICE <\\u0068ttp@@> {} }",
    "server-in-code-points": "ASK { S\\u0045RVICE\\u0020<@>\\u007B\\u007D }",
    "in-an-exists-of-a-having": "SELECT ?s { ?s ?p ?o } GROUP BY ?s HAVING(EXISTS { SERVICE <@> {} })",
    "in-an-order": "SELECT ?s { ?s ?p ?o } ORDER BY EXISTS { SERVICE <@> {} }",
    "in-a-projection": "SELECT (EXISTS { SERVICE <@> {} } AS ?x) {}",
    "in-a-group": "SELECT (1 AS ?x) {} GROUP BY (EXISTS { SERVICE <@> {} } AS ?y)",
    "in-a-construct-with-graph": "CONSTRUCT { ?s ?p ?o } { GRAPH ?g { SERVICE SILENT <@> { ?s ?p ?o } } }",
    "byte-order-mark-before": "\ufeffASK { SERVICE <@> {} }",
    "after-twenty-harmless-ones": "ASK { " + "BIND('service' AS ?service) " * 20 + "SERVICE <@> {} }",
    "after-a-megabyte-of-blanks": "ASK { SERVICE" + " " * 900_000 + "<@> {} }",
    "after-a-long-comment": "ASK { SERVICE #" + "'" * 900_000 + "\n<@> {} }",
}


@pytest.mark.parametrize("text", TRICKS.values(), ids=TRICKS.keys())
def test_no_trick_brings_service_through(server: Server, canary: Canary, text: str) -> None:
    """It is refused, or it is no SPARQL in the first place; nobody is called, and it is never a 5xx."""
    reply = server.send(direct(text.replace("@@", canary.iri[4:]).replace("@", canary.iri)))

    assert reply.problem in [problem(403), problem(400)]
    assert [] == canary.visits


# What only speaks of services ----------------------------------------------------------------------

words = st.sampled_from(
    ("SERVICE", "service", "Service", "SERVICE SILENT", "self-service", "SERVICE <http://a/> {", "SERVICE ?s {}")
)
fillers = st.text(
    alphabet=st.characters(exclude_characters="'\"\\\r\n\x00", exclude_categories=["Cs", "Cc"]), max_size=12
)
speech = st.tuples(fillers, words, fillers).map(" ".join)

PLACES: Final = {
    # a query, and its one value; @ is what is said
    "string": ("SELECT ('@' AS ?x) {}", "@"),
    "double-quoted": ('SELECT ("@" AS ?x) {}', "@"),
    "long-string": ("SELECT ('''it's\n@''' AS ?x) {}", "it's\n@"),
    "long-double-quoted": ('SELECT ("""say "hi"\n@""" AS ?x) {}', 'say "hi"\n@'),
    "after-an-escaped-quote": ("SELECT ('it\\'s @' AS ?x) {}", "it's @"),
    "comment": ("SELECT ('x' AS ?x) { # @\n}", "x"),
    "comment-at-the-end": ("SELECT ('x' AS ?x) {} # @", "x"),
    "comment-at-the-start": ("# @\nSELECT ('x' AS ?x) {}", "x"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("frame", "expected"), PLACES.values(), ids=PLACES.keys())
@settings(over_http, max_examples=30)
@given(said=speech)
def test_strings_and_comments_may_say_service(server: Server, frame: str, expected: str, said: str) -> None:
    """Even a whole clause is only words there: the text comes back as it was sent."""
    reply = server.send(get(frame.replace("@", said)))

    assert 200 == reply.status
    assert [{"x": expected.replace("@", said)}] == reply.rows


HARMLESS: Final = {
    "variable": ("SELECT ?service { VALUES ?service { 'a' } }", "a"),
    "variable-in-capitals": ("SELECT ?SERVICE { BIND('a' AS ?SERVICE) }", "a"),
    "variable-with-a-dollar": ("SELECT $service { BIND('a' AS $service) }", "a"),
    "variable-before-a-brace": ("SELECT ?service { VALUES ?service{'a'} }", "a"),
    "graph-variable": ("SELECT ('a' AS ?x) { OPTIONAL { GRAPH ?service {} FILTER(false) } } LIMIT 1", "a"),
    "prefix": ("PREFIX service: <http://example.org/> SELECT (STR(service:a) AS ?x) {}", "http://example.org/a"),
    "prefix-in-capitals": ("PREFIX SERVICE: <http://example.org/> SELECT (STR(SERVICE:) AS ?x) {}", "http://example.org/"),
    "local-name": ("PREFIX e: <http://example.org/> SELECT (STR(e:SERVICE) AS ?x) {}", "http://example.org/SERVICE"),
    "local-name-with-escape": ("PREFIX e: <http://example.org/> SELECT (STR(e:a\\-SERVICE) AS ?x) {}", "http://example.org/a-SERVICE"),
    "local-name-before-a-brace": (
        "PREFIX e: <http://example.org/> SELECT ('a' AS ?x) { FILTER NOT EXISTS { GRAPH e:SERVICE { ?s ?p ?o } } }", "a",
    ),
    "iri": ("SELECT (STR(<http://example.org/SERVICE>) AS ?x) {}", "http://example.org/SERVICE"),
    "iri-with-fragment": ("SELECT (STR(<http://example.org/#SERVICE>) AS ?x) {}", "http://example.org/#SERVICE"),
    "base": ("BASE <http://example.org/SERVICE/> SELECT (STR(<a>) AS ?x) {}", "http://example.org/SERVICE/a"),
    "blank-node": ("SELECT ('a' AS ?x) { OPTIONAL { _:SERVICE <http://example.org/none> ?y } } LIMIT 1", "a"),
    "graph": (f"SELECT (STR(COUNT(*)) AS ?x) {{ GRAPH <{BREAD_GRAPH}> {{ ?service ?p ?o }} }}", "3"),
    "thirty-times": ("SELECT ?service { VALUES ?service { 'a' } " + "FILTER(?service = 'a') " * 30 + "}", "a"),
    "canned-query-of-an-editor": (
        "SELECT ?x { VALUES (?name ?x) { ('federated' 'SELECT * { SERVICE <http://example.org/sparql> { ?s ?p ?o } }') } }",
        "SELECT * { SERVICE <http://example.org/sparql> { ?s ?p ?o } }",
    ),
    "search-for-a-clause": ("SELECT ('a' AS ?x) { FILTER(!CONTAINS('text', 'SERVICE <http://example.org/> {')) }", "a"),
    "load-in-a-string": ("SELECT ('LOAD <http://example.org/>; CLEAR ALL' AS ?x) {}", "LOAD <http://example.org/>; CLEAR ALL"),
    "updates-as-names": ("PREFIX load: <http://example.org/> SELECT ?insert { BIND(STR(load:clear) AS ?insert) }", "http://example.org/clear"),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("text", "expected"), HARMLESS.values(), ids=HARMLESS.keys())
def test_names_and_iris_may_say_service(server: Server, way: str, text: str, expected: str) -> None:
    """The word is a keyword only where the grammar has it as a keyword."""
    reply = server.send(WAYS[way](text))

    assert (200, [expected]) == (reply.status, [value for row in reply.rows for value in row.values()])


# Graphs are never fetched --------------------------------------------------------------------------

GRAPHS: Final = {
    "from": ("SELECT * FROM <@> { ?s ?p ?o }", ()),
    "from-named": ("SELECT * FROM NAMED <@> { GRAPH ?g { ?s ?p ?o } }", ()),
    "graph": ("SELECT * { GRAPH <@> { ?s ?p ?o } }", ()),
    "default-graph-uri": ("SELECT * { ?s ?p ?o }", ("default-graph-uri",)),
    "named-graph-uri": ("SELECT * { GRAPH ?g { ?s ?p ?o } }", ("named-graph-uri",)),
    "describe": ("DESCRIBE <@>", ()),
    "parameters-nobody-knows": ("SELECT * { GRAPH <@> { ?s ?p ?o } }", ("endpoint", "service", "callback", "url", "using-graph-uri")),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("text", "names"), GRAPHS.values(), ids=GRAPHS.keys())
def test_a_graph_that_is_not_ours_is_empty_and_never_fetched(
    server: Server, canary: Canary, way: str, text: str, names: tuple[str, ...]
) -> None:
    """An IRI is a name, not an address to call."""
    reply = server.send(WAYS[way](text.replace("@", canary.iri), dict.fromkeys(names, canary.iri)))

    assert 200 == reply.status
    assert canary.iri not in reply.text
    assert [] == canary.visits


# Updates -------------------------------------------------------------------------------------------

UPDATES: Final = {
    "insert-data": "INSERT DATA { <http://example.org/s> <http://example.org/p> 1 }",
    "insert-data-into-a-graph": f"INSERT DATA {{ GRAPH <{BREAD_GRAPH}> {{ <http://example.org/s> <http://example.org/p> 1 }} }}",
    "delete-data": f"DELETE DATA {{ GRAPH <{BREAD_GRAPH}> {{ <http://example.org/bread> <http://example.org/weight> 0.5 }} }}",
    "delete-where": "DELETE WHERE { ?s ?p ?o }",
    "insert-where": "INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }",
    "delete-insert": "DELETE { ?s ?p ?o } INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }",
    "with": f"WITH <{BREAD_GRAPH}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}",
    "using": f"DELETE {{ ?s ?p ?o }} USING <{BREAD_GRAPH}> WHERE {{ ?s ?p ?o }}",
    "load": "LOAD <@>",
    "load-silent-into": "LOAD SILENT <@> INTO GRAPH <http://example.org/g>",
    "clear-all": "CLEAR ALL",
    "clear-graph": f"CLEAR SILENT GRAPH <{BREAD_GRAPH}>",
    "create": "CREATE GRAPH <http://example.org/g>",
    "drop": f"DROP GRAPH <{BREAD_GRAPH}>",
    "copy": f"COPY <{BREAD_GRAPH}> TO <http://example.org/g>",
    "move": f"MOVE <{BREAD_GRAPH}> TO <http://example.org/g>",
    "add": f"ADD <{BREAD_GRAPH}> TO DEFAULT",
    "two-in-one": "CREATE GRAPH <http://example.org/g> ; LOAD <@>",
    "small-letters": "load <@>",
    "comment-before": "# SELECT * {}\nLOAD <@>",
    "prologue-before": "BASE <http://example.org/> PREFIX ask: <#> LOAD <@>",
    "code-points": "L\\u004FAD <@>",
    "service-inside": "INSERT { ?s ?p ?o } WHERE { SERVICE <@> { ?s ?p ?o } }",
}


def in_the_url(text: str) -> Request:
    """Write an update as a parameter of the URL."""
    return Request("GET", f"/sparql?update={quote(text)}")


def in_a_form(text: str) -> Request:
    """Write an update as a parameter of a form."""
    return Request("POST", "/sparql", (("Content-Type", FORM),), f"update={quote(text)}".encode())


def as_the_body(text: str) -> Request:
    """Write an update as POST of the update itself."""
    return Request("POST", "/sparql", (("Content-Type", UPDATE),), text.encode())


UPDATE_WAYS: Final[dict[str, Callable[[str], Request]]] = {
    **{f"as-a-query-{name}": way for name, way in WAYS.items()},
    "url": in_the_url,
    "form": in_a_form,
    "direct": as_the_body,
}


@pytest.mark.parametrize("way", UPDATE_WAYS)
@pytest.mark.parametrize("text", UPDATES.values(), ids=UPDATES.keys())
def test_every_form_of_update_is_refused(server: Server, canary: Canary, way: str, text: str) -> None:
    """Sent as an update or as a query, in the URL or the body: 403, and nobody is called."""
    reply = server.send(UPDATE_WAYS[way](text.replace("@", canary.iri)))

    assert problem(403) == reply.problem
    assert "updates are refused" in reply.json["detail"]
    assert [] == canary.visits


MIXTURES: Final = {
    "query-then-update": "ASK {} ; CLEAR ALL",
    "update-in-a-query": "ASK { INSERT DATA { <http://example.org/s> <http://example.org/p> 1 } }",
    "load-in-a-query": "SELECT * { LOAD <@> }",
    "two-queries": "ASK {} LOAD <@>",
    "explain": "EXPLAIN LOAD <@>",
    "byte-order-mark": "\ufeffLOAD <@>",
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("text", MIXTURES.values(), ids=MIXTURES.keys())
def test_an_update_in_a_query_is_no_query(server: Server, canary: Canary, way: str, text: str) -> None:
    """Neither half of it is run."""
    reply = server.send(WAYS[way](text.replace("@", canary.iri)))

    assert reply.problem in [problem(400), problem(403)]
    assert [] == canary.visits


@pytest.mark.parametrize("way", UPDATE_WAYS)
def test_the_graph_is_the_same_afterwards(server: Server, canary: Canary, way: str) -> None:
    """All updates in a row change no triple."""
    digest = get("SELECT (COUNT(*) AS ?n) (SUM(STRLEN(STR(?o))) AS ?length) { GRAPH ?g { ?s ?p ?o } }")
    before = server.send(digest).rows

    for text in UPDATES.values():
        server.send(UPDATE_WAYS[way](text.replace("@", canary.iri)))

    after = server.send(digest.asking(Cache_Control="no-cache")).rows
    assert before == after


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/sparql?graph={0}", "/sparql?default", "/graph/edges", "/store?graph={0}", "/data"])
def test_there_is_no_way_to_write_a_graph(server: Server, method: str, path: str) -> None:
    """The Graph Store Protocol is not there for writing: 4xx everywhere."""
    request = Request(method, path.format(BREAD_GRAPH), (("Content-Type", "text/turtle"),), b"<a:a> <a:b> 1 .")

    reply = server.send(request)

    assert 400 <= reply.status < 500


# The second fence: workers -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEngine]:
    """Workers over three triples, which are given queries that nobody has looked at."""
    folder = tmp_path_factory.mktemp("worker") / "store"
    store = ox.Store(str(folder))
    store.load(BREAD, format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(BREAD_GRAPH))
    del store  # lets go of the lock on the folder
    with LocalEngine(folder, {}, Limits(quick_workers=1, slow_workers=1)) as local:
        yield local


@pytest.fixture(scope="module")
def fenced(engine: LocalEngine) -> None:
    """Skip where the system has no fence for workers: anything but Linux, or a kernel without seccomp."""
    engine.ready()
    if not engine.fenced:
        pytest.skip("this system has no fence around workers (seccomp)")


def in_a_worker(engine: LocalEngine, text: str) -> str:
    """Run a query in a worker without the screen before it, and say how that ended."""
    try:
        answer = engine.query(text, choose_format(lexer.form(lexer.unescape(text))), timeout=30)
    except LungkgError as error:
        return type(error).__name__
    if answer.file is not None:  # a long one, which is whoever asked to let go of
        answer.file.close()
    return "answered"


def test_a_worker_answers_what_is_harmless(engine: LocalEngine) -> None:
    """The fence does not keep a worker from its work."""
    assert "answered" == in_a_worker(engine, "SELECT * { ?s ?p ?o } LIMIT 1")


@pytest.mark.usefixtures("fenced")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("SELECT * { SERVICE <@> { ?s ?p ?o } }", id="plain"),
        pytest.param("SELECT * { SERVICE SILENT <@> { ?s ?p ?o } }", id="silent"),
        pytest.param("SELECT * { BIND(<@> AS ?to) SERVICE ?to { ?s ?p ?o } }", id="variable"),
        pytest.param("SELECT * { SERVICE <http://localhost:%/> { ?s ?p ?o } }", id="name-to-look-up"),
        pytest.param("SELECT * { SERVICE <https://127.0.0.1:%/> { ?s ?p ?o } }", id="tls"),
        pytest.param("SELECT * { SERVICE <@> { SERVICE <@> { ?s ?p ?o } } }", id="nested"),
    ],
)
def test_a_worker_reaches_nobody(engine: LocalEngine, canary: Canary, text: str) -> None:
    """A query that slipped through the first fence ends in an error of ours, or in no rows, and calls nobody."""
    in_a_worker(engine, text.replace("@", canary.iri).replace("%", str(canary.port)))

    assert [] == canary.visits
    assert "answered" == in_a_worker(engine, "ASK {}")


@pytest.mark.usefixtures("fenced")
@pytest.mark.slow
@on_workers
@given(text=services())
def test_a_worker_reaches_nobody_however_it_is_asked(engine: LocalEngine, canary: Canary, text: str) -> None:
    """None of the ways to write SERVICE opens a socket."""
    in_a_worker(engine, text.replace("@", canary.iri))

    assert [] == canary.visits
