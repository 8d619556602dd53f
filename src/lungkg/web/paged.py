"""A page of an answer by one query: with a row more than asked for, which says that there are more and is cut off.

To sort the rows is most of the work, so that a second query for the row behind a page would double it.
"""

import json
from dataclasses import replace
from typing import Final

from lungkg.engines import Answer, Engine
from lungkg.formats import Format
from lungkg.queries.paging import Page, Part, answer_page

_LONGEST: Final = 64 * 2**20  # bytes; a longer answer is not taken into memory


def paged(engine: Engine, text: str, format: Format, page: Page | None) -> Part:
    """Ask for a page of a query whose parameters are bound; without one, for the whole."""
    if page is None:
        return Part(engine.query(text, format))
    answer = engine.query(replace(page, limit=page.limit + 1).cut(text), format)
    if answer.size > _LONGEST:
        if answer.file is not None:
            answer.file.close()
        return answer_page(engine, text, format, page)
    rows = answer.rows if answer.rows is not None else _rows(answer)
    if rows <= page.limit:
        return Part(answer)
    body = without_last(answer.read(), format)
    part = Answer(body, format, rows=page.limit, lane=answer.lane, waited=answer.waited, worked=answer.worked)
    return Part(part, page.next)


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
