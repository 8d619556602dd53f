"""The W3C's tests of the SPARQL 1.1 Protocol, request by request as they are written, on a running server.

They lie in ../shared/w3c/sparql11/protocol, beside the clone, in CI too. The tests of queries have to pass;
those of updates have to be refused, because the graph changes only by its sources and a build.
"""

import json
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from email.message import Message
from typing import Final, NamedTuple

import pytest
import rdflib
from rdflib import RDF
from rdflib.collection import Collection
from rdflib.term import Node

from tests.server import W3C, Reply, Request, Server, problem

MANIFEST: Final = W3C / "manifest.ttl"
MF: Final = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT: Final = rdflib.Namespace("http://www.w3.org/2011/http#")
CNT: Final = rdflib.Namespace("http://www.w3.org/2011/content#")
RESULTS: Final = "{http://www.w3.org/2005/sparql-results#}"

KINDS: Final[Mapping[str, frozenset[str]]] = {
    "boolean": frozenset({"application/sparql-results+json", "application/sparql-results+xml"}),
    "tabular": frozenset({
        "application/sparql-results+json", "application/sparql-results+xml", "text/csv", "text/tab-separated-values",
    }),
    "RDF": frozenset({"application/rdf+xml", "text/turtle", "application/n-triples", "application/xhtml+xml"}),
}  # fmt: skip
"""What the names of the tests themselves say: "expect one of: …"."""


class Exchange(NamedTuple):
    """A request of a test, and what its reply has to be: first digits of the status, kind of content, boolean."""

    request: Request
    classes: frozenset[str]
    kind: str | None
    boolean: bool | None


def items(graph: rdflib.Graph, node: Node | None) -> list[Node]:
    """Give the members of an RDF list; none when there is no list."""
    return [] if node is None else list(Collection(graph, node))


def read_exchange(graph: rdflib.Graph, node: Node) -> Exchange:
    """Read one ht:Request with its ht:resp."""
    response = graph.value(node, HT.resp)
    kind = graph.value(response, MF.expectedFormat)
    boolean = graph.value(response, MF.expectedBoolean)
    statuses = [str(status) for status in graph.objects(response, MF.expectedStatus)]
    return Exchange(
        read_request(graph, node),
        frozenset(status.rpartition("StatusCode")[2].removesuffix("xx") for status in statuses),
        None if kind is None else str(kind),
        None if boolean is None else str(boolean) == "true",
    )


def read_request(graph: rdflib.Graph, node: Node) -> Request:
    """Read a request; its text becomes bytes in the encoding that the test names."""
    body = graph.value(node, HT.body)
    encoding = str(graph.value(body, CNT.characterEncoding) or "UTF-8")
    return Request(
        str(graph.value(node, HT.methodName)),
        str(graph.value(node, HT.absolutePath)),
        tuple(
            (str(graph.value(header, HT.fieldName)), str(graph.value(header, HT.fieldValue)))
            for header in items(graph, graph.value(node, HT.headers))
        ),
        str(graph.value(body, CNT.chars) or "").encode(encoding),
    )


def read_manifest() -> dict[str, list[Exchange]]:
    """Give the exchanges of every test of the manifest by its name, in order; none when it is not at hand."""
    if not MANIFEST.is_file():
        return {}
    graph = rdflib.Graph().parse(MANIFEST, publicID=MANIFEST.as_uri())
    entries = graph.value(graph.value(predicate=RDF.type, object=MF.Manifest), MF.entries)
    tests: dict[str, list[Exchange]] = {}
    for entry in items(graph, entries):
        requests = graph.value(graph.value(entry, MF.action), HT.requests)
        name = str(entry).rpartition("#")[2]
        tests[name] = [read_exchange(graph, node) for node in items(graph, requests)]
    return tests


TESTS: Final = read_manifest()
UPDATES: Final = [name for name in TESTS if "update" in name]
QUERIES: Final = [name for name in TESTS if name not in UPDATES]

BODY_TYPE_SAYS_NOTHING: Final = frozenset({"bad_update_wrong_media_type", "bad_update_missing_form_type"})
"""A body of these types is neither a query nor an update to any server: 415, where the W3C asks for 4xx."""

EXPLAINED: Final = {403: "updates are refused: the graph changes only by its sources", 415: "application/sparql-query"}

pytestmark = pytest.mark.skipif(
    not TESTS, reason=f"the W3C's protocol tests (../shared/w3c, {MANIFEST.name}) are not at hand"
)


def boolean_of(reply: Reply) -> bool | None:
    """Read the boolean of a reply in JSON or XML; None when there is none."""
    if reply.media_type.endswith("json"):
        value = json.loads(reply.body).get("boolean")
        return value if isinstance(value, bool) else None
    if reply.media_type.endswith("xml"):
        text = ET.fromstring(reply.body).findtext(f"{RESULTS}boolean")  # noqa: S314 # from our own server
        return None if text is None else text.strip() == "true"
    return None


def kind_of(reply: Reply, wanted: str) -> str:
    """Give the kind that was wanted when the content type is of it, otherwise the content type."""
    return wanted if reply.media_type in KINDS[wanted] else reply.media_type


def outcome(exchange: Exchange, reply: Reply) -> tuple[str, str | None, bool | None]:
    """Give the class of the status, the kind and the boolean, each only where the test has an opinion."""
    return (
        "ok" if str(reply.status)[0] in exchange.classes else f"{reply.status}: {reply.body[:300]!r}",
        None if exchange.kind is None else kind_of(reply, exchange.kind),
        None if exchange.boolean is None else boolean_of(reply),
    )


def test_the_manifest_is_read_whole() -> None:
    """All 34 tests of the manifest are run, with their 39 requests: 20 tests of queries, 14 of updates."""
    expected = (20, 14, 39)
    actual = (len(QUERIES), len(UPDATES), sum(len(exchanges) for exchanges in TESTS.values()))

    assert expected == actual


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_answered_as_the_standard_says(server: Server, name: str) -> None:
    """Status, content type and boolean of each reply are those of the manifest."""
    expected = [("ok", exchange.kind, exchange.boolean) for exchange in TESTS[name]]
    actual = [outcome(exchange, server.send(exchange.request)) for exchange in TESTS[name]]

    assert expected == actual


@pytest.mark.parametrize("name", UPDATES)
def test_an_update_is_refused_with_an_explanation(server: Server, name: str) -> None:
    """The reply to an update is 403 and says how the graph does change; 415 where nothing says it is an update."""
    reply = server.send(TESTS[name][0].request)

    expected = 415 if name in BODY_TYPE_SAYS_NOTHING else 403
    assert problem(expected) == reply.problem
    assert EXPLAINED[expected] in reply.json["detail"]


@pytest.mark.parametrize("name", [name for name in UPDATES if len(TESTS[name]) > 1])
def test_an_update_that_was_refused_has_changed_nothing(server: Server, name: str) -> None:
    """The question that follows an update in the manifest is answered, with false."""
    update, question = (exchange.request for exchange in TESTS[name])
    server.send(update)

    reply = server.send(question)

    assert (200, False) == (reply.status, boolean_of(reply))


def made_reply(status: int, content_type: str, body: bytes) -> Reply:
    """Make a reply by hand."""
    headers = Message()
    headers["Content-Type"] = content_type
    return Reply(status, headers, body)


JSON_FALSE: Final = made_reply(200, "application/sparql-results+json", b'{"head":{},"boolean":false}')
XML_TRUE: Final = made_reply(
    200, "application/sparql-results+xml", b'<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head/><boolean>true</boolean></sparql>'
)  # fmt: skip
ASKED: Final = Exchange(Request("GET", "/sparql/"), frozenset("23"), "boolean", True)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param(XML_TRUE, ("ok", "boolean", True), id="right"),
        pytest.param(JSON_FALSE, ("ok", "boolean", False), id="wrong-boolean"),
        pytest.param(made_reply(200, "text/csv", b"true"), ("ok", "text/csv", None), id="wrong-format"),
        pytest.param(made_reply(500, "text/plain", b"no"), ("500: b'no'", "text/plain", None), id="wrong-status"),
    ],
)
def test_a_wrong_reply_is_noticed(reply: Reply, expected: tuple[str, str | None, bool | None]) -> None:
    """The comparison with the manifest tells each kind of wrong reply from the right one."""
    actual = outcome(ASKED, reply)

    assert expected == actual
