"""Pages of an answer: the rows that come after a given one, in the total order that the query's key makes.

A release never changes, and ORDER BY ends in a key that no two rows share; so the place of a row is the same
each time, and no row is lost or seen twice. The cursor names the release: on another one the places differ.
"""

import json
import re
import time
from dataclasses import dataclass, replace
from typing import Any, Final

from lungkg.engines import Answer, Engine
from lungkg.errors import BadParameter
from lungkg.formats import Format
from lungkg.queries.canned import CannedQuery

PAGE_ROWS: Final = 1000
"""Rows of a page where neither the file nor the request says."""

MOST_ROWS: Final = 10_000

_LEAST_SECONDS: Final = 0.01
_LONGEST: Final = 64 * 2**20  # bytes; no row is cut off a longer answer, for that takes it into memory
_CURSOR: Final = re.compile(r"([0-9a-f]{12})\.([1-9][0-9]{0,8})")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")
_SHORT: Final = 12  # characters of a release's id


@dataclass(frozen=True, slots=True)
class Page:
    """At most `limit` rows, the first of them the one after `start` others."""

    limit: int
    start: int = 0

    def cut(self, text: str) -> str:
        """Add what keeps the rows of other pages out to a query that ends in ORDER BY."""
        return f"{text}\nLIMIT {self.limit} OFFSET {self.start}"

    @property
    def next(self) -> "Page":
        """The page after this one."""
        return replace(self, start=self.start + self.limit)


def page_of(query: CannedQuery, limit: str, after: str, release: str) -> Page | None:
    """Read which page is asked for; None for queries without a key, whose answers come whole.

    Raises BadParameter for a limit or a cursor that does not fit.
    """
    if not query.key:
        for name, value in (("limit", limit), ("after", after)):
            if value:
                raise BadParameter(name, f"means nothing to {query.name}: its answer comes whole")
        return None
    rows = query.page or PAGE_ROWS
    if limit:
        if not _NUMBER.fullmatch(limit) or int(limit) > MOST_ROWS:
            raise BadParameter("limit", f"must be a number of rows from 1 to {MOST_ROWS}, not {limit[:40]!r}")
        rows = int(limit)
    return Page(rows, _start(after, release) if after else 0)


def _start(after: str, release: str) -> int:
    found = _CURSOR.fullmatch(after)
    if found is None:
        raise BadParameter("after", f"{after[:40]!r} is no cursor; take the one from the `next` link of a page")
    if found[1] != release[:_SHORT]:
        now = release[:_SHORT]
        raise BadParameter("after", f"belongs to release {found[1]}, and {now} is served now; start at the first page")
    return int(found[2])


def cursor(page: Page, release: str) -> str:
    """Write the cursor that leads to a page.

    >>> cursor(Page(100, 200), "59e866b16242a6d0")
    '59e866b16242.200'
    """
    return f"{release[:_SHORT]}.{page.start}"


@dataclass(frozen=True, slots=True)
class Part:
    """An answer, and the page that comes after it: None when this is the last, or the whole."""

    answer: Answer
    after: Page | None = None


def answer_page(engine: Engine, text: str, format: Format, page: Page | None, **asking: Any) -> Part:
    """Ask for a page of a query whose parameters are bound; without one, for the whole.

    A row more than asked for says that there are more, and is cut off: to sort the rows is most of the work, so
    a second query for the row behind a page would double it. `asking` goes to Engine.query; its timeout is for all.
    """
    if page is None:
        return Part(engine.query(text, format, **asking))
    began = time.monotonic()
    answer = engine.query(replace(page, limit=page.limit + 1).cut(text), format, **asking)
    rows = answer.rows if answer.rows is not None else _rows(answer)
    if rows <= page.limit:
        return Part(answer)
    if answer.size <= _LONGEST:
        body = without_last(answer.read(), format)
        part = Answer(body, format, rows=page.limit, lane=answer.lane, waited=answer.waited, worked=answer.worked)
        return Part(part, page.next)
    if answer.file is not None:
        answer.file.close()
    if "timeout" in asking:
        asking["timeout"] = max(_LEAST_SECONDS, asking["timeout"] - (time.monotonic() - began))
    return Part(engine.query(page.cut(text), format, **asking), page.next)


def _rows(answer: Answer) -> int:
    return len(json.loads(answer.content)["results"]["bindings"])


def without_last(answer: bytes, format: Format) -> bytes:
    r"""Cut the last row off, in any of the formats for rows.

    >>> from lungkg.formats import RESULTS
    >>> without_last(b'a\r\n1\r\n"2\r\n3"\r\n', RESULTS[2])
    b'a\r\n1\r\n'
    """
    match format.name:
        case "json":
            document = json.loads(answer)
            document["results"]["bindings"].pop()
            return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        case "xml":
            start = answer.rindex(b"<result>")
            return answer[:start] + answer[answer.rindex(b"</result>") + len(b"</result>") :]
        case "tsv":
            return answer[: answer.rindex(b"\n", 0, len(answer.rstrip(b"\n"))) + 1]
    start = done = quotes = 0
    for line in answer.splitlines(keepends=True):
        if not quotes % 2:
            start = done
        done += len(line)
        quotes += line.count(b'"')
    return answer[:start]
