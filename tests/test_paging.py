"""Pages: walked to the end they are the whole answer, each row once and in its place."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lungkg.engines import Engine, LocalEngine
from lungkg.errors import BadParameter
from lungkg.formats import RESULTS
from lungkg.limits import ONE_QUERY
from lungkg.project import Project
from lungkg.queries import CannedQuery, load_catalogue, paging
from lungkg.queries.names import Names
from lungkg.queries.paging import MOST_ROWS, PAGE_ROWS, Page, answer_page, cursor, page_of
from lungkg.queries.support import rows_in
from lungkg.release import Release
from tests.servers import load, oxigraph
from tests.storeengine import StoreEngine

RELEASE: Final = "59e866b16242a6d0"
OTHER: Final = "0123456789abcdef"
JSON, XML, CSV, TSV = (next(entry for entry in RESULTS if entry.name == name) for name in ("json", "xml", "csv", "tsv"))


def query(page: int = 0, key: tuple[str, ...] = ("claim",)) -> CannedQuery:
    """A canned query with a key, or without one."""
    return CannedQuery("claims", "SELECT", "s", "q?", "d", "", Path("x.rq"), columns=("claim",), key=key, page=page)


ASKED = {
    "nothing": (query(), "", "", Page(PAGE_ROWS)),
    "pages-of-the-file": (query(50), "", "", Page(50)),
    "limit": (query(50), "7", "", Page(7)),
    "least": (query(), "1", "", Page(1)),
    "most": (query(), str(MOST_ROWS), "", Page(MOST_ROWS)),
    "after": (query(50), "", "59e866b16242.100", Page(50, 100)),
    "limit-and-after": (query(50), "7", "59e866b16242.100", Page(7, 100)),
    "no-key": (query(key=()), "", "", None),
}


@pytest.mark.parametrize(("canned", "limit", "after", "expected"), ASKED.values(), ids=ASKED.keys())
def test_a_page_has_as_many_rows_as_request_or_file_say(
    canned: CannedQuery, limit: str, after: str, expected: Page | None
) -> None:
    """The request goes before the file, the file before the default; without a key the answer comes whole."""
    assert expected == page_of(canned, limit, after, RELEASE)


REFUSED = {
    "no-row": (query(), "0", "", "limit: must be a number of rows from 1 to 10000, not '0'"),
    "too-many": (query(), "10001", "", "limit: must be"),
    "far-too-many": (query(), "9" * 5000, "", "limit: must be"),
    "many-behind-nine-digits": (query(), "00000000199999999", "", "limit: must be"),
    "negative": (query(), "-1", "", "limit: must be"),
    "fraction": (query(), "1.5", "", "limit: must be"),
    "word": (query(), "all", "", "limit: must be"),
    "digit-of-another-script": (query(), "٣", "", "limit: must be"),
    "superscript": (query(), "²", "", "limit: must be"),
    "line-end": (query(), "5\n", "", "limit: must be"),
    "text-after-the-limit": (query(), "5 OFFSET 3", "", "limit: must be"),
    "no-cursor": (query(), "", "100", "after: '100' is no cursor; take the one from the `next` link of a page"),
    "cursor-of-the-first-page": (query(), "", "59e866b16242.0", "after: '59e866b16242.0' is no cursor"),
    "cursor-with-more": (query(), "", "59e866b16242.5}", "is no cursor"),
    "cursor-with-a-line-end": (query(), "", "59e866b16242.5\n", "is no cursor"),
    "cursor-far-away": (query(), "", "59e866b16242." + "9" * 10, "is no cursor"),
    "cursor-of-another-release": (
        query(), "", "0123456789ab.5", "after: belongs to release 0123456789ab, and 59e866b16242 is served now; start at",
    ),
    "limit-without-a-key": (query(key=()), "5", "", "limit: means nothing to claims: its answer comes whole"),
    "after-without-a-key": (query(key=()), "", "59e866b16242.5", "after: means nothing to claims"),
}  # fmt: skip


@pytest.mark.parametrize(("canned", "limit", "after", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_wrong_limit_or_cursor_is_refused(canned: CannedQuery, limit: str, after: str, message: str) -> None:
    """With what was expected."""
    with pytest.raises(BadParameter) as refused:
        page_of(canned, limit, after, RELEASE)

    assert message in str(refused.value)


@settings(deadline=None)
@given(st.integers(min_value=1, max_value=MOST_ROWS), st.integers(min_value=1, max_value=10**9 - 1))
def test_a_cursor_leads_to_its_page_in_its_release_only(limit: int, start: int) -> None:
    """Whoever follows `next` comes to that page, and to an error once another release is served."""
    page = Page(limit, start)

    after = cursor(page, RELEASE)

    assert page_of(query(), str(limit), after, RELEASE) == page
    with pytest.raises(BadParameter):
        page_of(query(), str(limit), after, OTHER)


# Walking


def walk(engine: Engine, text: str, limit: int) -> Iterator[list[tuple[str, ...]]]:
    """Yield the rows of page after page."""
    page: Page | None = Page(limit)
    while page is not None:
        part = answer_page(engine, text, JSON, page, timeout=30)
        rows = rows_in(part.answer.content)
        yield [tuple(f"{name}={term['value']}" for name, term in sorted(row.items())) for row in rows]
        page = part.after


def whole(engine: Engine, text: str) -> list[tuple[str, ...]]:
    """The rows of the whole answer."""
    rows = rows_in(answer_page(engine, text, JSON, None, timeout=30).answer.content)
    return [tuple(f"{name}={term['value']}" for name, term in sorted(row.items())) for row in rows]


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.integers(min_value=0, max_value=9), max_size=30), limit=st.integers(min_value=1, max_value=40)
)
def test_pages_of_any_length_are_the_whole(values: list[int], limit: int) -> None:
    """No row is lost or seen twice, the order stays, all pages but the last are full, and the last is not empty."""
    store = ox.Store()
    link = ox.NamedNode("urn:p")
    store.extend(ox.Quad(ox.NamedNode(f"urn:{n}"), link, ox.Literal(value)) for n, value in enumerate(values))
    engine = StoreEngine(store)
    text = "SELECT ?s ?v { ?s <urn:p> ?v } ORDER BY ?v ?s # by value"

    pages = list(walk(engine, text, limit))

    assert [row for page in pages for row in page] == whole(engine, text)
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert len(pages) == max(1, -(-len(values) // limit))


@pytest.fixture(scope="module", params=["local", pytest.param("remote", marks=pytest.mark.slow)])
def engine(
    request: pytest.FixtureRequest, release: Release, project: Project, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """Our engine and another one."""
    if request.param == "local":
        with LocalEngine(release.store, project.prefixes, ONE_QUERY) as local:
            yield local
        return
    with oxigraph(tmp_path_factory.mktemp("oxigraph")) as peer:
        load(peer, release)
        with peer.engine(project) as remote:
            yield remote


@pytest.mark.parametrize("limit", [3, 50])
def test_the_pages_of_every_canned_query_are_its_whole_answer(engine: Engine, project: Project, limit: int) -> None:
    """Each query with a key, for its example values."""
    names = Names.of_engine(engine, project, timeout=30)
    found = {}
    for name, canned in load_catalogue(project).items():
        if canned.key:
            text = canned.bind(canned.examples, project, names)
            found[name] = [row for page in walk(engine, text, limit) for row in page] == whole(engine, text)

    assert len(found) > 5
    assert [name for name, equal in found.items() if not equal] == []


@pytest.mark.parametrize("format", [JSON, XML, CSV, TSV], ids=lambda entry: entry.name)
def test_every_format_has_the_same_pages(engine: Engine, format: object) -> None:
    """Whether there is a next page does not depend on how this one is written."""
    text = "SELECT ?s { VALUES ?s { 1 2 3 4 5 6 } } ORDER BY ?s"

    parts = [answer_page(engine, text, format, page, timeout=30) for page in (Page(3), Page(3, 3), Page(4, 4))]  # type: ignore[arg-type]

    assert [part.after for part in parts] == [Page(3, 3), None, None]


def test_a_page_behind_the_end_is_empty(engine: Engine) -> None:
    """A cursor that somebody made up is no error."""
    part = answer_page(engine, "SELECT ?s { VALUES ?s { 1 2 } } ORDER BY ?s", JSON, Page(5, 100), timeout=30)

    assert (rows_in(part.answer.content), part.after) == ([], None)


def test_a_page_too_long_to_hold_is_asked_for_again_in_the_time_that_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """No row is cut off what does not fit into memory; both questions together take no longer than one may."""
    monkeypatch.setattr(paging, "_LONGEST", 10)
    engine = StoreEngine(ox.Store())
    text = "SELECT ?s { VALUES ?s { 1 2 3 } } ORDER BY ?s"

    part = answer_page(engine, text, JSON, Page(2), timeout=5.0)

    first, second = engine.times
    assert (len(rows_in(part.answer.content)), part.after, first) == (2, Page(2, 2), 5.0)
    assert 0 < second < 5.0


def test_a_long_page_that_is_the_last_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long it is, nothing has to be cut off."""
    monkeypatch.setattr(paging, "_LONGEST", 10)
    engine = StoreEngine(ox.Store())

    part = answer_page(engine, "SELECT ?s { VALUES ?s { 1 2 } } ORDER BY ?s", JSON, Page(2), timeout=5.0)

    assert (len(rows_in(part.answer.content)), part.after, len(engine.asked)) == (2, None, 1)


def test_pages_follow_one_another() -> None:
    """The next page begins where this one ends."""
    pages = [Page(7), Page(7).next, Page(7).next.next]

    assert [(one.start + one.limit, other.start) for one, other in pairwise(pages)] == [(7, 7), (14, 14)]
