"""What may be kept and what may not: entity tags, conditional requests, compression (RFC 9110, RFC 9111)."""

import gzip
import re
from typing import Final

import pytest

from tests.server import Reply, Request, Server, get

ROWS: Final = "SELECT ?s ?p ?o { ?s ?p ?o FILTER(!isBlank(?s) && !isBlank(?o)) } ORDER BY ?s ?p ?o LIMIT 500"
GRAPH: Final = "DESCRIBE <http://example.org/bread>"
STRONG: Final = re.compile(r'"[\x21\x23-\x7e]+"')

ANSWERS: Final = {
    "rows": get(ROWS),
    "rows-as-csv": get(ROWS).asking("text/csv"),
    "boolean": get("ASK {}"),
    "graph": get(GRAPH),
    "graph-as-jsonld": get(GRAPH).asking("application/ld+json"),
    "by-format": get(ROWS, {"format": "tsv"}),
    "compressed": get(ROWS).asking(Accept_Encoding="gzip"),
}


def varies(reply: Reply) -> set[str]:
    """Give the names of the headers that Vary lists."""
    return {name.strip().lower() for name in reply.header("Vary").split(",")}


def directives(reply: Reply) -> set[str]:
    """Give the names of the directives of Cache-Control."""
    return {part.strip().partition("=")[0].lower() for part in reply.header("Cache-Control").split(",") if part.strip()}


@pytest.mark.parametrize("request_", ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_has_a_strong_entity_tag(server: Server, request_: Request) -> None:
    """The tag names these bytes: it is quoted, and not weak."""
    reply = server.send(request_)

    assert 200 == reply.status
    assert STRONG.fullmatch(reply.header("ETag"))


@pytest.mark.parametrize("request_", ANSWERS.values(), ids=ANSWERS.keys())
def test_the_same_tag_means_the_same_bytes(server: Server, request_: Request) -> None:
    """Asked twice, a question has one tag and one answer."""
    first, second = server.send(request_), server.send(request_)

    assert (first.header("ETag"), first.body) == (second.header("ETag"), second.body)


DIFFERENT: Final = {
    "formats": [get(ROWS).asking(f"application/sparql-results+{name}") for name in ("json", "xml")]
    + [get(ROWS).asking(name) for name in ("text/csv", "text/tab-separated-values")],
    "formats-of-graphs": [
        get(GRAPH).asking(name)
        for name in ("text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml")
    ],
    "encodings": [get(ROWS).asking(Accept_Encoding=name) for name in ("gzip", "identity")],
    "datasets": [
        get(ROWS, parameters)
        for parameters in (
            {},
            {"default-graph-uri": "https://example.org/protocol/bread"},
            {"default-graph-uri": "https://example.org/protocol/cake"},
            {"named-graph-uri": "https://example.org/protocol/bread"},
        )
    ],
    "queries": [get("SELECT (1 AS ?x) {}"), get("SELECT (2 AS ?x) {}"), get("SELECT (1 AS ?y) {}")],
}


@pytest.mark.parametrize("requests", DIFFERENT.values(), ids=DIFFERENT.keys())
def test_different_answers_have_different_tags(server: Server, requests: list[Request]) -> None:
    """A tag is of one format, one encoding, one dataset and one query; and so is what the cache gives."""
    replies = [server.send(request) for request in requests]

    assert len(requests) == len({reply.header("ETag") for reply in replies if reply.status == 200})
    assert len(requests) == len({reply.body for reply in replies})


@pytest.mark.parametrize("request_", ANSWERS.values(), ids=ANSWERS.keys())
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "pattern", ["{0}", '"other", {0}', "W/{0}", "*"], ids=["the-tag", "list", "weak-comparison", "any"]
)
def test_what_the_client_has_is_not_sent_again(server: Server, request_: Request, method: str, pattern: str) -> None:
    """If-None-Match with the tag gives 304, without content, with the headers that a cache needs (RFC 9110, 15.4.5)."""
    had = server.send(request_)

    reply = server.send(request_._replace(method=method).asking(If_None_Match=pattern.format(had.header("ETag"))))

    names = ("ETag", "Vary", "Cache-Control", "Access-Control-Allow-Origin")
    assert (304, b"") == (reply.status, reply.body)
    assert [had.header(name) for name in names] == [reply.header(name) for name in names]


@pytest.mark.parametrize(
    ("had", "wanted"),
    [
        pytest.param(get(ROWS).asking("text/csv"), get(ROWS).asking("application/sparql-results+xml"), id="format"),
        pytest.param(get("SELECT (1 AS ?x) {}"), get("SELECT (2 AS ?x) {}"), id="query"),
    ],
)
def test_the_tag_of_another_answer_is_no_match(server: Server, had: Request, wanted: Request) -> None:
    """What the client has is something else, so it gets what it wants."""
    tag = server.send(had).header("ETag")

    reply = server.send(wanted.asking(If_None_Match=tag))

    assert 200 == reply.status


def test_a_malformed_query_is_400_whatever_the_client_has(server: Server) -> None:
    """A condition makes no answer out of an error."""
    reply = server.send(get("SELECT").asking(If_None_Match="*"))

    assert (400, "") == (reply.status, reply.header("ETag"))


@pytest.mark.parametrize("request_", ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_says_what_it_depends_on(server: Server, request_: Request) -> None:
    """Vary lists Accept and Accept-Encoding, whatever was asked, or caches on the way mix formats up."""
    reply = server.send(request_)

    assert {"accept", "accept-encoding"} <= varies(reply)


@pytest.mark.parametrize("request_", ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_says_how_long_it_may_be_kept(server: Server, request_: Request) -> None:
    """Cache-Control is there, and lets caches keep what they then check by its tag."""
    reply = server.send(request_)

    assert {"max-age", "no-cache"} & directives(reply)
    assert "no-store" not in directives(reply)


@pytest.mark.parametrize("request_", ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_says_what_it_took(server: Server, request_: Request) -> None:
    """Server-Timing has a duration in milliseconds (https://www.w3.org/TR/server-timing/)."""
    reply = server.send(request_)

    assert re.search(r"(^|,\s*)[\w-]+(;[^,]*)?;\s*dur=\d+(\.\d+)?", reply.header("Server-Timing"))


# Answers that are new each time --------------------------------------------------------------------

VOLATILE: Final = {
    "rand": "SELECT (RAND() AS ?x) {}",
    "now": "SELECT (NOW() AS ?x) {}",
    "uuid": "SELECT (UUID() AS ?x) {}",
    "struuid": "SELECT (STRUUID() AS ?x) {}",
    "bnode": "SELECT (BNODE() AS ?x) {}",
    "lower-case": "SELECT (rand() AS ?x) {}",
    "blank-before-the-bracket": "SELECT (RAND ( ) AS ?x) {}",
    "comment-before-the-bracket": "SELECT (RAND # (\n() AS ?x) {}",
    "after-a-string-and-a-comment": "SELECT (CONCAT('it\\'s # ', STRUUID()) AS ?x) {} # '",
    "nested": "SELECT ?x { { SELECT ?x { BIND(IF(true, STR(RAND()), '') AS ?x) } } }",
    "constructed": "CONSTRUCT { <http://example.org/s> <http://example.org/p> ?x } { BIND(UUID() AS ?x) }",
}


@pytest.mark.parametrize("text", VOLATILE.values(), ids=VOLATILE.keys())
def test_what_is_new_each_time_comes_from_no_cache(server: Server, text: str) -> None:
    """Functions that give another value at each call are called each time."""
    answers = [server.send(get(text)) for _ in range(3)]

    assert [200] * 3 == [answer.status for answer in answers]
    assert 3 == len({answer.body for answer in answers})


@pytest.mark.parametrize("text", VOLATILE.values(), ids=VOLATILE.keys())
def test_what_is_new_each_time_is_kept_by_nobody(server: Server, text: str) -> None:
    """It has no tag, and Cache-Control says no-store."""
    reply = server.send(get(text))

    assert ("", True) == (reply.header("ETag"), "no-store" in directives(reply))


def test_what_is_new_each_time_is_sent_whatever_the_client_has(server: Server) -> None:
    """If-None-Match: * is no way to learn nothing new."""
    reply = server.send(get(VOLATILE["uuid"]).asking(If_None_Match='"any"'))

    assert (200, 1) == (reply.status, len(reply.rows))


# Compression ---------------------------------------------------------------------------------------

GZIP: Final = {
    "gzip": "gzip",
    "list": "deflate, gzip, br",
    "quality": "gzip;q=0.5, identity;q=0.1",
    "capitals": "GZIP",
    "curl": "deflate, gzip, br, zstd",
}


@pytest.mark.parametrize("accept", GZIP.values(), ids=GZIP.keys())
def test_a_long_answer_is_compressed_for_those_who_ask(server: Server, accept: str) -> None:
    """Uncompressed, it is the answer that others get."""
    plain = server.send(get(ROWS))

    reply = server.send(get(ROWS).asking(Accept_Encoding=accept))

    assert (200, "gzip") == (reply.status, reply.header("Content-Encoding"))
    assert (plain.body, True) == (gzip.decompress(reply.body), len(reply.body) < len(plain.body))


@pytest.mark.parametrize("accept", ["identity", "gzip;q=0", "gzip;q=0, *", "", "nonsense"])
def test_nothing_is_compressed_for_those_who_do_not_ask(server: Server, accept: str) -> None:
    """q=0 means no."""
    reply = server.send(get(ROWS).asking(Accept_Encoding=accept))

    assert (200, "") == (reply.status, reply.header("Content-Encoding"))
    assert 500 == len(reply.rows)


def test_the_length_is_that_of_what_is_sent(server: Server) -> None:
    """Content-Length counts the compressed bytes."""
    reply = server.send(get(ROWS).asking(Accept_Encoding="gzip"))

    assert reply.header("Content-Length") in ("", str(len(reply.body)))
