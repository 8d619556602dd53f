"""Answers that are kept to be given again: which ones, how many, for whom, and until when."""

import gc
import gzip
import threading
import weakref
from itertools import combinations
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lungkg.formats import RESULTS, Format
from lungkg.web.cache import AnswerCache, Stored, compressed, entity_tag, may_keep
from lungkg.web.sparql import Asked

MEGABYTE: Final = 2**20
OVERHEAD: Final = 500
"""What an answer counts beside its bytes."""


def stored(body: bytes = b"rows", encoding: str = "") -> Stored:
    """Make an answer whose tag names its bytes."""
    return Stored(body, "text/csv", entity_tag(str(hash(body)), encoding), encoding)


def answer_of(length: int) -> Stored:
    """Make an answer that takes so much room in a cache."""
    return stored(b"x" * (length - OVERHEAD))


# What is kept ------------------------------------------------------------------------------------


def test_what_was_put_is_given_again() -> None:
    """The very same answer comes back, as often as it is asked for."""
    cache, answer = AnswerCache(1), stored()

    cache.put("query", answer)

    assert [answer, answer] == [cache.get("query"), cache.get("query")]


def test_what_was_never_put_is_not_there() -> None:
    """Neither its answer nor its tag."""
    cache = AnswerCache(1)

    cache.put("query", stored())

    assert (None, None) == (cache.get("another"), cache.tag("another"))


def test_encodings_are_kept_apart() -> None:
    """A client that takes no gzip never gets gzip, and the other way round."""
    cache, plain, packed = AnswerCache(1), stored(b"plain"), stored(b"packed", "gzip")

    cache.put("query", plain)
    cache.put("query", packed)

    assert (plain, packed, None) == (cache.get("query"), cache.get("query", "gzip"), cache.get("query", "br"))


def test_the_later_answer_takes_the_place_of_the_earlier_one() -> None:
    """The same question holds one place, with one tag."""
    cache, later = AnswerCache(1), stored(b"later")

    cache.put("query", stored(b"earlier"))
    cache.put("query", later)

    assert (later, later.tag, len(b"later") + OVERHEAD) == (cache.get("query"), cache.tag("query"), cache.size)


def test_forgetting_drops_answers_and_keeps_tags() -> None:
    """Who has the answer can still be told so."""
    cache, answer = AnswerCache(1), stored()
    cache.put("query", answer)

    cache.forget()

    assert (None, answer.tag, 0) == (cache.get("query"), cache.tag("query"), cache.size)


# How much ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("megabytes", "length", "kept"),
    [
        pytest.param(1, MEGABYTE, True, id="all-the-room"),
        pytest.param(1, MEGABYTE + 1, False, id="a-byte-more"),
        pytest.param(0.25, MEGABYTE // 4, True, id="all-of-a-fraction"),
        pytest.param(0.25, MEGABYTE // 4 + 1, False, id="a-byte-more-than-a-fraction"),
        pytest.param(0, OVERHEAD, False, id="switched-off"),
    ],
)
def test_an_answer_longer_than_the_cache_is_not_kept(megabytes: float, length: int, kept: bool) -> None:
    """It is no error either, and its tag is remembered all the same."""
    cache, answer = AnswerCache(megabytes), answer_of(length)

    cache.put("query", answer)

    assert (kept, answer.tag) == (cache.get("query") is answer, cache.tag("query"))
    assert (length if kept else 0) == cache.size


def test_an_answer_that_is_too_long_drives_nobody_out() -> None:
    """What was kept before is still there."""
    cache, short = AnswerCache(1), stored()
    cache.put("short", short)

    cache.put("long", answer_of(2 * MEGABYTE))

    assert short == cache.get("short")


def test_the_least_used_answer_leaves_first() -> None:
    """Use, not age, decides; and the tag of what left is still known."""
    cache, third = AnswerCache(1), answer_of(MEGABYTE // 4)
    answers = {name: answer_of(MEGABYTE // 4) for name in "abcd"}
    for name, answer in answers.items():
        cache.put(name, answer)
    cache.get("a")

    cache.put("e", third)

    assert ["a", "c", "d", "e"] == [name for name in "abcde" if cache.get(name)]
    assert answers["b"].tag == cache.tag("b")


@given(lengths=st.lists(st.integers(OVERHEAD, 9_000), max_size=40))
def test_a_cache_never_holds_more_than_its_room(lengths: list[int]) -> None:
    """Whatever comes in which order, it holds exactly what it gives, and that is not too much."""
    cache = AnswerCache(16_384 / MEGABYTE)

    for number, length in enumerate(lengths):
        cache.put(number, answer_of(length))

    kept = [length for number, length in enumerate(lengths) if cache.get(number)]
    assert sum(kept) == cache.size <= 16_384
    assert not lengths or kept[-1:] == lengths[-1:]


def test_what_left_the_cache_takes_no_memory() -> None:
    """Nothing else holds on to an answer; the bridge gives it again only as long as it is here."""
    cache = AnswerCache(1)
    answer = weakref.ref(put_new(cache))

    cache.put("later", answer_of(MEGABYTE))
    gc.collect()

    assert answer() is None


def put_new(cache: AnswerCache) -> Stored:
    """Put an answer that nobody else holds."""
    answer = answer_of(MEGABYTE // 2)
    cache.put("earlier", answer)
    return answer


def test_many_threads_may_use_a_cache_at_once() -> None:
    """Each thread finds an answer of its question or none, never somebody else's, and the room is kept."""
    cache = AnswerCache(10_000 / MEGABYTE)
    wrong: list[object] = []

    def use(thread: int) -> None:
        for number in range(300):
            key = (thread, number % 7)
            cache.put(key, stored(repr(key).encode() * 50))
            found = cache.get(key)
            if found is not None and found.body != repr(key).encode() * 50:
                wrong.append(found)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ([], True) == (wrong, cache.size <= 10_000)


# For whom ----------------------------------------------------------------------------------------

ONE, OTHER = "https://example.org/one", "https://example.org/other"
JSON, XML = RESULTS[0], RESULTS[1]
REQUESTS: Final[dict[str, tuple[Asked, Format]]] = {
    "plain": (Asked("ASK {}", (), (), 30, ()), JSON),
    "another-text": (Asked("ASK {} ", (), (), 30, ()), JSON),
    "another-case": (Asked("ask {}", (), (), 30, ()), JSON),
    "another-format": (Asked("ASK {}", (), (), 30, ()), XML),
    "default-graph": (Asked("ASK {}", (ONE,), (), 30, ()), JSON),
    "another-default-graph": (Asked("ASK {}", (OTHER,), (), 30, ()), JSON),
    "both-default-graphs": (Asked("ASK {}", (ONE, OTHER), (), 30, ()), JSON),
    "named-graph": (Asked("ASK {}", (), (ONE,), 30, ()), JSON),
    "named-and-default-graph": (Asked("ASK {}", (ONE,), (OTHER,), 30, ()), JSON),
    "default-and-named-graph": (Asked("ASK {}", (OTHER,), (ONE,), 30, ()), JSON),
    "graphs-in-one-text": (Asked("ASK {}", (f"{ONE}{OTHER}",), (), 30, ()), JSON),
}
PAIRS: Final = list(combinations(REQUESTS, 2))


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=[f"{one}-and-{other}" for one, other in PAIRS])
def test_different_requests_never_share_an_answer(one: str, other: str) -> None:
    """Text, both kinds of graphs and the format make the key."""
    cache = AnswerCache(1)
    (asked, form), (also_asked, also_form) = REQUESTS[one], REQUESTS[other]

    cache.put(asked.key(form), stored())

    assert cache.get(also_asked.key(also_form)) is None


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(Asked("ASK {}", (), (), 1, ()), id="timeout"),
        pytest.param(Asked("ASK {}", (), (), 30, ("json",)), id="way-to-choose-the-format"),
    ],
)
def test_what_does_not_change_the_answer_does_not_divide_the_cache(asked: Asked) -> None:
    """The time that a client would have waited, and how it named the format, are no part of the key."""
    cache, answer = AnswerCache(1), stored()
    cache.put(REQUESTS["plain"][0].key(JSON), answer)

    found = cache.get(asked.key(JSON))

    assert answer == found


# Tags and encodings ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("digest", "encoding", "expected"),
    [pytest.param("0af3", "", '"0af3"', id="plain"), pytest.param("0af3", "gzip", '"0af3-gzip"', id="compressed")],
)
def test_a_tag_is_strong_and_names_bytes_and_encoding(digest: str, encoding: str, expected: str) -> None:
    """It is quoted, without W/."""
    assert expected == entity_tag(digest, encoding)


def test_a_compressed_answer_is_the_same_answer() -> None:
    """Uncompressed it is what it was, with its type and its rows; its tag is its own."""
    plain = Stored(b"a,b\r\n" * 1000, "text/csv; charset=utf-8", entity_tag("0af3"), rows=999)

    packed = compressed(plain, "0af3")

    assert plain.body == gzip.decompress(packed.body)
    assert (plain.content_type, 999, "gzip", '"0af3-gzip"') == (
        packed.content_type,
        packed.rows,
        packed.encoding,
        packed.tag,
    )


def test_compressing_twice_gives_the_same_bytes() -> None:
    """No clock goes into them: a strong tag has to mean equal bytes."""
    plain = stored(b"a,b\r\n" * 1000)

    assert compressed(plain, "0af3") == compressed(plain, "0af3")


KEPT: Final = {
    "variable": "SELECT ?now { ?now ?RAND $uuid }",
    "prefixed-name": "PREFIX ex: <http://example.org/> SELECT * { ?s ex:NOW ex:rand }",
    "prefix": "PREFIX rand: <http://example.org/> SELECT * { ?s rand:x 1 }",
    "iri": "SELECT * { ?s <http://example.org/NOW()> 1 }",
    "string": "SELECT * { ?s ?p 'it\\'s NOW()' }",
    "long-string": 'SELECT * { ?s ?p """ "RAND() """ }',
    "comment": "SELECT * { ?s ?p ?o } # RAND()",
    "part-of-a-word": "PREFIX ex: <http://example.org/> ASK { ?s ex:KNOWS ?brand }",
    "blank-node": "ASK { _:rand ?p [] }",
    "language": "ASK { ?s ?p 'x'@now }",
}
CHANGING: Final = {
    "escaped": "SELECT (\\u0052AND() AS ?x) {}",
    "escaped-whole": "SELECT (\\u004e\\U0000004F\\u0057() AS ?x) {}",
    "after-an-iri": "SELECT * { ?s <http://example.org/#> ?o BIND(NOW() AS ?x) }",
    "after-a-comment": "SELECT * { # '\n BIND(RAND() AS ?x) }",
    "in-order": "SELECT * { ?s ?p ?o } ORDER BY RAND()",
    "service": "SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }",
    "mixed-case": "SELECT (StrUUID() AS ?x) {}",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(pytest.param(text, True, id=f"kept-{name}") for name, text in KEPT.items()),
        *(pytest.param(text, False, id=f"changing-{name}") for name, text in CHANGING.items()),
    ],
)
def test_only_what_stays_the_same_may_be_kept(text: str, expected: bool) -> None:
    """A query that calls what changes may not; one that only says such a word may."""
    assert expected == may_keep(text)
