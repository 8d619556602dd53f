"""The remote engine against a server that misbehaves in every way: the whole answer, or an error that says why."""

import json
import socket
from collections.abc import Iterator
from email.message import Message
from typing import Final

import pytest

from lungkg.engines.remote import RemoteEngine
from lungkg.engines.wire import Reply, retry_after
from lungkg.errors import (
    AnswerTooLong,
    BadParameter,
    Cancelled,
    EngineError,
    EngineFault,
    EngineTimeout,
    EngineUnreachable,
    LungkgError,
    QuerySyntaxError,
)
from lungkg.formats import GRAPHS, RESULTS
from tests.rogue import (
    JSON,
    PATIENCE,
    Behaviour,
    Rogue,
    chunks,
    drips,
    drips_headers,
    hangs_up,
    keeps_silent,
    misbehaving,
    never_ends,
    promises,
    says,
    sends,
)

SHORT: Final = 0.5  # seconds; a deadline that is meant to pass

TRIPLES: Final = "application/n-triples"
ROWS: Final = b'{"head":{"vars":["n"]},"results":{"bindings":[{"n":{"type":"literal","value":"44"}}]}}'
LINES: Final = b"<a:s> <a:p> <a:o> .\n<a:s> <a:p> <a:q> .\n"
SELECT: Final = "SELECT ?n { ?n ?p ?o }"
CONSTRUCT: Final = "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }"
CSV, TURTLE, NTRIPLES = RESULTS[2], GRAPHS[0], GRAPHS[2]


@pytest.fixture
def rogue() -> Iterator[Rogue]:
    """A server that misbehaves."""
    with misbehaving() as server:
        yield server


def over(rogue: Rogue, *behaviours: Behaviour, graphs: tuple[str, ...] = (), attempts: int = 1) -> RemoteEngine:
    """Give an engine that asks a server which behaves like this."""
    rogue.behaviours[:] = behaviours
    return RemoteEngine(rogue.url, graphs, {"ex": "http://example.org/"}, attempts=attempts)


# Whole answers --------------------------------------------------------------------------------------


def test_rows_are_given_in_the_format_that_was_asked_for(rogue: Rogue) -> None:
    """Whatever the server sends, the answer is written as every engine writes it."""
    answer = over(rogue, says(ROWS)).query(SELECT, CSV)

    assert (answer.content, answer.format, answer.rows) == (b"n\r\n44\r\n", CSV, 1)


def test_graphs_are_given_in_the_format_that_was_asked_for(rogue: Rogue) -> None:
    """A graph that comes as N-Triples is written as Turtle."""
    answer = over(rogue, says(LINES, TRIPLES)).query(CONSTRUCT, TURTLE)

    assert (answer.content.split(), answer.rows) == (
        b"@prefix ex: <http://example.org/> . <a:s> <a:p> <a:o> , <a:q> .".split(),
        2,
    )


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        pytest.param({"type": "uri", "value": "a:b"}, "<a:b>", id="iri"),
        pytest.param({"type": "literal", "value": 'a "b"\n'}, r'"a \"b\"\n"', id="text"),
        pytest.param({"type": "literal", "value": "a", "xml:lang": "en-GB"}, '"a"@en-gb', id="language"),
        pytest.param({"type": "bnode", "value": "nodeID://b10000"}, "_:b0", id="label-that-is-none-elsewhere"),
        pytest.param(
            {"type": "typed-literal", "value": "1.50", "datatype": "http://www.w3.org/2001/XMLSchema#decimal"},
            "1.50",
            id="typed-literal-of-old",
        ),
        pytest.param(
            {"type": "typed-literal", "value": "0", "datatype": "http://www.w3.org/2001/XMLSchema#boolean"},
            "false",
            id="boolean-as-a-number",
        ),
    ],
)
def test_terms_are_read_as_servers_write_them(rogue: Rogue, sent: dict[str, str], written: str) -> None:
    """Each kind of term arrives, in the standard's spelling or in an older one."""
    document = {"head": {"vars": ["n"]}, "results": {"bindings": [{"n": sent}]}, "meta": {"time": 1}}

    answer = over(rogue, says(json.dumps(document).encode())).query(SELECT, RESULTS[3])

    assert answer.content.decode() == f"?n\n{written}\n"


def table(*values: str) -> bytes:
    """The answer to ASK as Virtuoso 7.2.5 gives it."""
    rows = [{"__ASK_RETVAL": {"type": "typed-literal", "value": value}} for value in values]
    return json.dumps({"head": {"vars": ["__ASK_RETVAL"]}, "results": {"bindings": rows}}).encode()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b'{"head":{},"boolean":true}', b"true", id="standard-true"),
        pytest.param(b'{"head":{},"boolean":false}', b"false", id="standard-false"),
        pytest.param(table("1"), b"true", id="table-with-1"),
        pytest.param(table("0"), b"false", id="table-with-0"),
        pytest.param(table(), b"false", id="empty-table"),
    ],
)
def test_ask_is_a_boolean(rogue: Rogue, content: bytes, expected: bytes) -> None:
    """Yes and no are told apart in the standard's way and in Virtuoso's."""
    answer = over(rogue, says(content)).query("ASK { ?s ?p ?o }", CSV)

    assert answer.content == expected


# What is sent ---------------------------------------------------------------------------------------

G, H = "http://example.org/g", "http://example.org/h"


@pytest.mark.parametrize(
    ("text", "given", "default", "named"),
    [
        pytest.param("ASK { ?s ?p ?o }", {}, [G, H], [G, H], id="all-graphs"),
        pytest.param(f"ASK FROM <{G}> {{ ?s ?p ?o }}", {}, [], [], id="from-says-it"),
        pytest.param("ASK { ?from ?p 'FROM' } # FROM <a:b>", {}, [G, H], [G, H], id="what-looks-like-from"),
        pytest.param("ASK { ?s ?p ?o }", {"default_graphs": [H]}, [H], [], id="protocol-default"),
        pytest.param("ASK { ?s ?p ?o }", {"named_graphs": [H]}, [], [H], id="protocol-named"),
    ],
)
def test_the_dataset_goes_with_the_query(
    rogue: Rogue, text: str, given: dict[str, list[str]], default: list[str], named: list[str]
) -> None:
    """Every fixed graph is sent as default and named graph, unless the query or the caller says otherwise."""
    over(rogue, says(b'{"boolean":true}'), graphs=(G, H)).query(text, CSV, **given)  # type: ignore[arg-type]

    form = rogue.asked[0].form
    assert (form["query"], form.get("default-graph-uri", []), form.get("named-graph-uri", [])) == (
        [text],
        default,
        named,
    )


def test_with_a_native_union_no_graphs_are_sent(rogue: Rogue) -> None:
    """Then the endpoint's own default graph is the union."""
    rogue.behaviours[:] = [says(b'{"boolean":true}')]

    RemoteEngine(rogue.url, [G], union="native").query("ASK {}", CSV)

    assert set(rogue.asked[0].form) == {"query"}


def test_graphs_of_the_protocol_take_from_out_of_the_query(rogue: Rogue) -> None:
    """The standard lets them overrule FROM; not every server does, so there is no FROM left to overrule."""
    text = f"ASK FROM <{G}> FROM NAMED <{G}> {{ ?s ?p ?o }}"

    over(rogue, says(b'{"boolean":true}')).query(text, CSV, default_graphs=[H])

    assert rogue.asked[0].form["query"] == ["ASK      { ?s ?p ?o }"]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        pytest.param({}, None, id="nobody"),
        pytest.param({"user": "ann", "password": "päss"}, "Basic YW5uOnDDpHNz", id="user"),
        pytest.param({"password": "secret"}, "Bearer secret", id="token"),
    ],
)
def test_the_account_is_sent(rogue: Rogue, account: dict[str, str], expected: str | None) -> None:
    """A user and a password go as Basic, a password alone as a Bearer token."""
    rogue.behaviours[:] = [says(b'{"boolean":true}')]

    RemoteEngine(rogue.url, **account).query("ASK {}", CSV)  # type: ignore[arg-type]

    assert rogue.asked[0].headers.get("Authorization") == expected


def test_a_digest_is_sent_when_it_is_asked_for(rogue: Rogue) -> None:
    """A server that says nothing to Basic is asked anew without it, and its challenge is met."""
    challenge = 'Digest realm="r", nonce="n", qop="auth", algorithm="MD5"'
    rogue.behaviours[:] = [
        says(b"", status=401),
        says(b"", status=401, WWW_Authenticate=challenge),
        says(b'{"boolean":true}'),
    ]

    answer = RemoteEngine(rogue.url, user="ann", password="secret").query("ASK {}", CSV)  # noqa: S106

    ways = [asked.headers.get("Authorization", "").partition(" ")[0] for asked in rogue.asked]
    assert (answer.content, ways) == (b"true", ["Basic", "", "Digest"])


# Failures -------------------------------------------------------------------------------------------

HTML = says(b"<html><title>Welcome</title></html>", "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("behaviour", "text", "error", "part"),
    [
        pytest.param(HTML, SELECT, EngineFault, "answers with text/html where", id="html"),
        pytest.param(HTML, CONSTRUCT, EngineFault, "answers with text/html where", id="html-for-a-graph"),
        pytest.param(says(b"n\r\n44\r\n", "text/csv"), SELECT, EngineFault, "text/csv where", id="another-format"),
        pytest.param(says(ROWS, ""), SELECT, EngineFault, "no media type where", id="no-media-type"),
        pytest.param(says(b"hello"), SELECT, EngineFault, "broken or cut off", id="no-json"),
        pytest.param(says(b""), SELECT, EngineFault, "broken or cut off", id="empty"),
        pytest.param(says(b"[" * 100_000), SELECT, EngineFault, "broken or cut off", id="nested-json"),
        pytest.param(says(b"\xff" + ROWS), SELECT, EngineFault, "broken or cut off", id="not-utf-8"),
        pytest.param(says(ROWS[:-1]), SELECT, EngineFault, "broken or cut off", id="last-bracket-missing"),
        pytest.param(says(b'{"boolean":true'), "ASK {}", EngineFault, "broken or cut off", id="half-a-boolean"),
        pytest.param(says(b"[]"), SELECT, EngineFault, "no SPARQL result", id="a-list"),
        pytest.param(says(b"{}"), SELECT, EngineFault, "no result of SELECT: 'results' is missing", id="no-results"),
        pytest.param(says(b'{"boolean":true}'), SELECT, EngineFault, "no result of SELECT", id="boolean-for-rows"),
        pytest.param(
            says(ROWS), "ASK {}", EngineFault, "no result of ASK: 'boolean' is missing", id="rows-for-boolean"
        ),
        pytest.param(
            says(ROWS.replace(b'"44"', b"44")), SELECT, EngineFault, "no result of SELECT: a value is 44", id="a-number"
        ),
        pytest.param(
            says(ROWS.replace(b"literal", b"uri")), SELECT, EngineFault, "a term that is none", id="an-iri-that-is-none"
        ),
        pytest.param(
            says(ROWS.replace(b'["n"]', b'["m"]')), SELECT, EngineFault, "a term that is none", id="undeclared-variable"
        ),
        pytest.param(
            says(LINES + b"<a:s> <a", TRIPLES), CONSTRUCT, EngineFault, "broken or cut off", id="half-a-triple"
        ),
        pytest.param(
            says(LINES + b"The SPARQL operation has been cancelled", TRIPLES),
            CONSTRUCT,
            EngineFault,
            "broken or cut off",
            id="an-error-after-triples",
        ),
        pytest.param(
            sends(b"HTTP/1.1 200 OK\r\nContent-Type: application/n-triples\r\n\r\n" + LINES),
            CONSTRUCT,
            EngineFault,
            "does not say where its answer ends",
            id="a-graph-without-an-end",
        ),
        pytest.param(
            promises(500, ROWS, JSON), SELECT, EngineUnreachable, "broke off after 86 of 500", id="short-rows"
        ),
        pytest.param(
            promises(500, LINES, TRIPLES), CONSTRUCT, EngineUnreachable, "broke off after 40 of 500", id="short-graph"
        ),
        pytest.param(chunks(ROWS, JSON), SELECT, EngineUnreachable, "broke off", id="cut-chunks"),
        pytest.param(chunks(LINES, TRIPLES), CONSTRUCT, EngineUnreachable, "broke off", id="cut-chunks-of-a-graph"),
        pytest.param(
            says(ROWS, Content_Encoding="gzip"), SELECT, EngineFault, "encoded as gzip", id="encoding-not-asked-for"
        ),
        pytest.param(hangs_up, SELECT, EngineUnreachable, "cannot be reached", id="hangs-up"),
        pytest.param(
            sends(b"SSH-2.0-OpenSSH_9.2\r\n"), SELECT, EngineFault, "does not speak HTTP", id="another-protocol"
        ),
        pytest.param(
            says(b"", status=302, Location="http://elsewhere.example/login"),
            SELECT,
            EngineFault,
            "redirects to http://elsewhere.example/login",
            id="redirect",
        ),
        pytest.param(says(b"", status=401), SELECT, EngineFault, "--user and --password-env", id="401"),
        pytest.param(says(b"", status=403), SELECT, EngineFault, "forbids this query", id="403"),
        pytest.param(says(b"", status=404), SELECT, EngineFault, "is no SPARQL endpoint", id="404"),
        pytest.param(says(b"", status=405), SELECT, EngineFault, "takes no query by POST", id="405"),
        pytest.param(says(b"", status=504), SELECT, EngineFault, "a limit of its own", id="504"),
        pytest.param(
            says(b"Transaction\n timed out", "text/plain", 500),
            SELECT,
            EngineFault,
            "answers 500: Transaction timed out",
            id="500",
        ),
        pytest.param(
            says(b"too many\0 lines", "text/plain", 400), SELECT, QuerySyntaxError, "though it is SPARQL 1.1", id="400"
        ),
        pytest.param(says(ROWS, status=206), SELECT, EngineFault, "a part of the answer only: 206", id="206"),
        pytest.param(
            says(ROWS, X_SQL_State="S1TAT", X_SQL_Message="RC...: Returning incomplete results"),
            SELECT,
            EngineFault,
            "a part of the answer only: RC...: Returning incomplete results",
            id="out-of-time-under-200",
        ),
        pytest.param(
            says(ROWS, X_SPARQL_MaxRows="1"), SELECT, EngineFault, "at most 1 rows", id="out-of-rows-under-200"
        ),
        pytest.param(
            says(LINES, TRIPLES, X_SQL_State="S1TAT"), CONSTRUCT, EngineFault, "a part of", id="half-a-graph-under-200"
        ),
        pytest.param(never_ends, SELECT, AnswerTooLong, "longer than its limit of 2 MB", id="without-end"),
    ],
)
def test_what_is_not_the_whole_answer_is_an_error(
    rogue: Rogue, behaviour: Behaviour, text: str, error: type[LungkgError], part: str
) -> None:
    """Nothing that could be half an answer, or something else, is given as an answer; the error says what it was."""
    rogue.behaviours[:] = [behaviour]
    engine = RemoteEngine(rogue.url, attempts=1, megabytes=2)

    with pytest.raises(error) as caught:
        engine.query(text, CSV if text != CONSTRUCT else NTRIPLES, timeout=PATIENCE)

    assert part in str(caught.value)


def test_a_graph_that_ran_out_of_rows_is_refused(rogue: Rogue) -> None:
    """Virtuoso cuts a graph short without a word, so the rows behind it are asked for, which it does not hide."""
    engine = over(
        rogue,
        says(LINES, TRIPLES, Server="Virtuoso/07.20.3229 (Linux)"),
        says(b"row\n1\n", "text/csv", Server="Virtuoso/07.20.3229 (Linux)", X_SPARQL_MaxRows="1"),
        graphs=(G,),
    )

    with pytest.raises(EngineFault, match="at most 1 rows"):
        engine.query(CONSTRUCT, NTRIPLES, timeout=PATIENCE)

    second = rogue.asked[1].form
    assert (second["query"], second["default-graph-uri"]) == (["SELECT (1 AS ?row) { ?s ?p ?o }"], [G])


@pytest.mark.parametrize(
    ("behaviour", "text"),
    [
        pytest.param(says(ROWS.replace(b"literal", b"uri")), SELECT, id="rows"),
        pytest.param(says(LINES + b"<a:s>", TRIPLES), CONSTRUCT, id="graph"),
    ],
)
def test_an_error_may_end_in_any_thread(rogue: Rogue, behaviour: Behaviour, text: str) -> None:
    """pyoxigraph's readers may not; a garbage collection elsewhere must not meet one in the error's traceback."""
    with pytest.raises(EngineFault) as caught:
        over(rogue, behaviour).query(text, CSV if text == SELECT else NTRIPLES)
    error: BaseException | None = caught.value
    frames = []
    while error is not None:
        trace = error.__traceback__
        while trace is not None:
            frames.append(trace.tb_frame)
            trace = trace.tb_next
        error = error.__context__

    kept = [value for frame in frames for value in frame.f_locals.values()]

    assert [value for value in kept if type(value).__module__ == "pyoxigraph"] == []


def test_a_server_that_is_down_is_named() -> None:
    """The error says which address, what happened and how often it was tried."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else gets the port, and nobody answers
        engine = RemoteEngine(f"http://127.0.0.1:{taken.getsockname()[1]}/sparql", attempts=2)

        with pytest.raises(EngineUnreachable, match=r"Connection refused\nIt was tried 2 times"):
            engine.query(SELECT, CSV, timeout=PATIENCE)


def test_a_host_that_does_not_exist_is_named() -> None:
    """A name that cannot be looked up is told as that. The name is reserved for this by RFC 2606."""
    engine = RemoteEngine("http://nowhere.invalid/sparql", attempts=1)

    with pytest.raises(EngineError, match=r"http://nowhere\.invalid/sparql"):
        engine.query(SELECT, CSV, timeout=PATIENCE)


def test_a_server_without_tls_is_told_from_one_that_is_down(rogue: Rogue) -> None:
    """https to a server that speaks http does not come about, and is not tried again."""
    engine = RemoteEngine(rogue.url.replace("http:", "https:"), attempts=3)

    with pytest.raises(EngineUnreachable, match="no connection that can be trusted"):
        engine.query(SELECT, CSV, timeout=PATIENCE)


@pytest.mark.parametrize("behaviour", [keeps_silent, drips, drips_headers], ids=lambda behaviour: behaviour.__name__)
def test_a_slow_server_is_left_at_the_deadline(rogue: Rogue, behaviour: Behaviour) -> None:
    """Neither silence nor a byte now and then holds the engine longer than it was told to wait."""
    with pytest.raises(EngineTimeout) as caught:
        over(rogue, behaviour, attempts=3).query(SELECT, CSV, timeout=SHORT)

    assert caught.value.seconds == SHORT


def test_nobody_waits_for_a_client_that_has_gone(rogue: Rogue) -> None:
    """When the caller says that the answer is not wanted any more, the engine stops waiting."""
    engine = over(rogue, keeps_silent)

    with pytest.raises(Cancelled):
        engine.query(SELECT, CSV, timeout=PATIENCE, cancelled=lambda: bool(rogue.asked))


# Trying again ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(hangs_up, id="hangs-up"),
        pytest.param(promises(500, ROWS, JSON), id="cut-off"),
        pytest.param(says(b"", status=429), id="429"),
        pytest.param(says(b"", status=502), id="502"),
        pytest.param(says(b"", status=503, Retry_After="0"), id="503-with-seconds"),
        pytest.param(says(b"", status=503, Retry_After="Mon, 01 Jan 2024 00:00:00 GMT"), id="503-with-a-date"),
        pytest.param(says(b"", status=503, Retry_After="soon"), id="503-with-nonsense"),
    ],
)
def test_a_passing_failure_is_tried_again(rogue: Rogue, failure: Behaviour) -> None:
    """A query changes nothing, so it is sent again when that may help."""
    answer = over(rogue, failure, failure, says(ROWS), attempts=3).query(SELECT, CSV, timeout=PATIENCE)

    assert (answer.rows, len(rogue.asked)) == (1, 3)


def test_a_lasting_failure_is_given_up(rogue: Rogue) -> None:
    """After so many attempts the error says what the server said last."""
    engine = over(rogue, says(b"come later", "text/plain", 503), attempts=3)

    with pytest.raises(EngineUnreachable, match=r"503 Service Unavailable: come later\nIt was tried 3 times"):
        engine.query(SELECT, CSV, timeout=PATIENCE)

    assert len(rogue.asked) == 3


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        pytest.param("7", 7, id="seconds"),
        pytest.param("Mon, 01 Jan 2024 00:00:00 GMT", 0, id="a-date-that-is-over"),
        pytest.param("-7", 0, id="less-than-nothing"),
        pytest.param("soon", 0, id="nonsense"),
        pytest.param("", 0, id="nothing"),
    ],
)
def test_the_server_says_when_to_come_again(told: str, seconds: float) -> None:
    """Retry-After gives seconds or a date."""
    headers = Message()
    headers["Retry-After"] = told

    assert retry_after(Reply(503, headers, b"", framed=True)) == seconds


def test_nobody_waits_beyond_the_deadline_for_the_next_attempt(rogue: Rogue) -> None:
    """A server that asks for more time than there is gets no second request."""
    engine = over(rogue, says(b"", status=503, Retry_After="3600"), attempts=3)

    with pytest.raises(EngineUnreachable, match="after the limit of 60 s"):
        engine.query(SELECT, CSV, timeout=PATIENCE)

    assert len(rogue.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_a_refusal_is_not_tried_again(rogue: Rogue, status: int) -> None:
    """What the server has decided stays decided."""
    engine = over(rogue, says(b"no", "text/plain", status), attempts=3)

    with pytest.raises(LungkgError):
        engine.query(SELECT, CSV, timeout=PATIENCE)

    assert len(rogue.asked) == 1


# What is not even sent ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "part"),
    [
        pytest.param("SELECT * {\n ?s ?p }", "line 2, column 9", id="place"),
        pytest.param("SELECT * { ?s ex:name ?o }", "Add this line: PREFIX ex: <http://example.org/>", id="prefix"),
        pytest.param("DEFINE input:grab-all 'yes' SELECT * { ?s ?p ?o }", "line 1, column 1", id="pragma-of-a-server"),
    ],
)
def test_a_malformed_query_is_refused_before_it_is_sent(rogue: Rogue, text: str, part: str) -> None:
    """The error is the local engine's, whatever the remote one would say or overlook."""
    with pytest.raises(QuerySyntaxError) as caught:
        over(rogue, says(ROWS)).query(text, CSV)

    assert part in str(caught.value)
    assert rogue.asked == []


def test_a_query_is_parsed_without_being_run(rogue: Rogue) -> None:
    """A product of constants, which would take an engine hours, goes to the server at once."""
    numbers = " ".join(str(number) for number in range(1000))
    product = " ".join(f"VALUES ?v{place} {{ {numbers} }}" for place in range(9))

    answer = over(rogue, says(ROWS)).query(f"SELECT (COUNT(*) AS ?n) {{ {product} }}", CSV, timeout=PATIENCE)

    assert (1, 1) == (len(rogue.asked), answer.rows)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8890/sparql",
        "file:///etc/passwd",
        "ftp://example.org/sparql",
        "http:///sparql",
        "http://example.org:port/sparql",
        "http://[::1/sparql",
        "http://ann:secret@example.org/sparql",
        "http://example.org/sparql#x",
        "http://example.org/spa rql",
        "http://exämple.org/sparql",
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    """Only http and https addresses are asked, and a password does not belong in one."""
    with pytest.raises(BadParameter, match="parameter engine"):
        RemoteEngine(url)


def test_ready_says_what_is_wrong(rogue: Rogue) -> None:
    """An endpoint that answers is ready; one that does not raises what a query would."""
    assert over(rogue, says(b'{"boolean":true}')).ready()

    with pytest.raises(EngineFault, match="is no SPARQL endpoint"):
        over(rogue, says(b"", status=404)).ready()
