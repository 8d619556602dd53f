"""How an answer is sent: asked for once, kept, compressed, from memory or from its file."""

import math
import time
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Self
from urllib.parse import quote

from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from lungkg.engines import Engine
from lungkg.engines.base import DEFAULT_TIMEOUT, Answer
from lungkg.errors import BadParameter, EngineTimeout
from lungkg.formats import Format
from lungkg.limits import Limits
from lungkg.web.cache import GZIP_FROM, Stored, compressed, entity_tag
from lungkg.web.service import Served

KEEP: Final = "public, no-cache"
"""Caches may keep an answer, and ask each time whether it is still the one: a release may come at any moment."""


def root() -> str:
    """Give the prefix of the application, as links have to have it."""
    return quote(request.script_root)


class Asking:
    """The engine as one request may use it: for its client, until its deadline, and as long as somebody waits.

    The deadline counts from the arrival of the request, however many queries it takes.
    """

    def __init__(self, engine: Engine, seconds: float) -> None:
        self.engine, self.seconds = engine, seconds
        self._began: float = request.environ.get("lungkg.began") or time.monotonic()

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return max(0.001, self.seconds - (time.monotonic() - self._began))

    def query(self, text: str, format: Format, *, timeout: float = DEFAULT_TIMEOUT, **asking: Any) -> Answer:
        """Answer one query by the deadline of the request, whatever `timeout` says; raises what the engine raises."""
        del timeout
        asked = {
            "client": request.remote_addr or "",
            "cancelled": request.environ.get("lungkg.cancelled"),
            **asking,
        }
        try:
            return self.engine.query(text, format, timeout=self.left, **asked)
        except EngineTimeout:
            raise EngineTimeout(self.seconds) from None

    def ready(self) -> bool:
        """Say whether queries are answered."""
        return self.engine.ready()

    def close(self) -> None:
        """Do nothing: the engine goes on for others."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        """Do nothing."""


class Reading(Asking):
    """The same, for those who read every answer whole: none is left in a file that somebody has to close."""

    def query(self, text: str, format: Format, *, timeout: float = DEFAULT_TIMEOUT, **asking: Any) -> Answer:
        """Answer one query, in memory."""
        answer = super().query(text, format, timeout=timeout, **asking)
        return answer if answer.file is None else replace(answer, body=answer.read(), file=None)


@dataclass(frozen=True, slots=True)
class Made:
    """An answer that was made for a request, with its Link header."""

    answer: Answer
    links: str = ""


def give(
    served: Served,
    key: Hashable,
    content_type: str,
    make: Callable[[], Made],
    *,
    keep: bool,
    mark: str = "",
    modified: datetime | None = None,
) -> Response:
    """Give the answer that was given before, or else the one that `make` makes.

    `key` says on what the answer depends within a release, `keep` whether it may be given again. `mark` is what
    its entity tag is made of, where that is known beforehand: then who has it is told so without its being made.
    `modified` says since when it has been what it is.
    """
    notes = request.environ.setdefault("lungkg.notes", {})
    encoding = "gzip" if request.accept_encodings["gzip"] > 0 else ""
    if keep:
        kept = served.answers.get(key, encoding) or (encoding and _short(served, key)) or None
        if kept is not None:
            notes |= {"ready": kept, "lane": "cache", "rows": kept.rows}
            return _respond(kept, "cache;desc=hit;dur=0", modified=modified)
        # 304 is an answer to GET and HEAD; a POST is answered whole.
        known = _known(served, key, encoding, mark) if request.method != "POST" else ()
        for tag in known:
            if not request.if_none_match.star_tag and request.if_none_match.contains_weak(tag.strip('"')):
                return _respond(Stored(b"", content_type, tag, encoding), "cache;desc=known;dur=0", modified=modified)
    made = make()
    answer = made.answer
    notes |= {"rows": answer.rows, "lane": answer.lane}
    timing = f"queue;dur={answer.waited * 1000:.1f}, engine;dur={answer.worked * 1000:.1f}"
    if answer.file is not None:
        return _stream(made, keep=keep, timing=timing, modified=modified)
    mark = mark or answer.digest
    stored = Stored(answer.body, content_type, entity_tag(mark), "", answer.rows, made.links)
    if not keep:
        return _respond(stored, timing, keep=False)
    served.answers.put(key, stored)
    if encoding and len(stored.body) >= GZIP_FROM:
        stored = compressed(stored, mark)
        served.answers.put(key, stored)
    notes["ready"] = stored
    return _respond(stored, timing, modified=modified)


def _known(served: Served, key: Hashable, encoding: str, mark: str) -> tuple[str, ...]:
    """Give the entity tags that an answer has, as far as that is known without making it."""
    if mark:
        return entity_tag(mark, encoding), entity_tag(mark)  # a short answer is not compressed
    tag = served.answers.tag(key, encoding)
    return () if tag is None else (tag,)


def _short(served: Served, key: Hashable) -> Stored | None:
    """Find an answer that is too short to be worth compressing."""
    found = served.answers.get(key)
    return found if found is not None and len(found.body) < GZIP_FROM else None


def _respond(stored: Stored, timing: str, *, keep: bool = True, modified: datetime | None = None) -> Response:
    response = Response(stored.body, content_type=stored.content_type)
    if stored.encoding:
        response.headers["Content-Encoding"] = stored.encoding
    request.environ.setdefault("lungkg.notes", {}).setdefault("rows", stored.rows)
    if modified is not None:  # None would be written as now
        response.last_modified = modified
    return _finish(response, stored.tag, stored.links, timing, keep=keep)


def _stream(made: Made, *, keep: bool, timing: str, modified: datetime | None) -> Response:
    """Send an answer from its file; it is whole, so its length is known."""
    answer = made.answer

    def pieces() -> Iterator[bytes]:
        try:
            yield from answer.chunks()
        finally:
            if answer.file is not None:
                answer.file.close()

    response = Response(pieces(), content_type=answer.format.content_type)
    response.headers["Content-Length"] = str(answer.size)
    if modified is not None:  # None would be written as now
        response.last_modified = modified
    return _finish(response, entity_tag(answer.digest), made.links, timing, keep=keep)


def _finish(response: Response, tag: str, links: str, timing: str, *, keep: bool) -> Response:
    response.headers["Server-Timing"] = timing
    response.headers["Cache-Control"] = KEEP if keep else "no-store"
    if links:
        response.headers["Link"] = links
    if keep:
        response.headers["ETag"] = tag
        response.make_conditional(request)
    return response


def timeout_from(value: str | None, most: float) -> float:
    """Read a timeout in seconds; it may lower the limit, never raise it.

    Raises BadParameter when it is no positive number.
    """
    if value is None:
        return most
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not seconds > 0:
        raise BadParameter("timeout", f"must be a positive number of seconds, not {value!r}")
    return min(seconds, most)


def check_length(limits: Limits) -> None:
    """Raise RequestEntityTooLarge for a request whose body the server has thrown away."""
    if request.environ.get("lungkg.too_long"):
        raise RequestEntityTooLarge(f"The request is too long; a query may have {limits.query_size} bytes.")


def short_enough(text: str, limits: Limits) -> str:
    """Give the text of a query back. Raises RequestEntityTooLarge when it is longer than one may be."""
    length = len(text.encode())
    if length > limits.query_size:
        raise RequestEntityTooLarge(f"The query has {length} bytes; at most {limits.query_size} are taken.")
    return text
