"""The SPARQL 1.1 Protocol for queries (https://www.w3.org/TR/sparql11-protocol/)."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

import pyoxigraph as ox
from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from lungkg.engines import choose_format, screen
from lungkg.engines.base import Answer
from lungkg.errors import BadParameter, EngineTimeout, QueryError, QueryRefused, QuerySyntaxError
from lungkg.formats import HTML, Format, by_name, table_for
from lungkg.limits import Limits
from lungkg.web import desk, problems
from lungkg.web.cache import GZIP_FROM, Stored, compressed, entity_tag, may_keep
from lungkg.web.service import Served, Service

_FORM: Final = "application/x-www-form-urlencoded"
_QUERY: Final = "application/sparql-query"
_UPDATE: Final = "application/sparql-update"
_REFUSED: Final = "updates are refused: the graph changes only by its sources and a build"

KEEP: Final = "public, no-cache"
"""Caches may keep an answer, and ask each time whether it is still the one: a release may come at any moment."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as it came: its text, the graphs of the protocol, the limit, the format asked for by name."""

    text: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    timeout: float
    formats: tuple[str, ...]

    def name_in(self, form: str) -> str:
        """Give the first of the names in `format` that is known: some clients send several to suit all servers."""
        table = (*table_for(form), HTML)
        return next((name for name in self.formats if by_name(name, table)), "".join(self.formats[:1]))

    def key(self, chosen: Format) -> tuple[object, ...]:
        """What an answer depends on, within one release."""
        return (self.text, self.default_graphs, self.named_graphs, chosen.name)


def blueprint(service: Service, limits: Limits, services: frozenset[str] = frozenset()) -> Blueprint:
    """Make the /sparql endpoint over what is served."""
    routes = Blueprint("sparql", __name__)

    @routes.route("/sparql", methods=["GET", "POST"])
    def sparql() -> Response:
        began = request.environ.get("lungkg.began") or time.monotonic()
        if request.method in ("GET", "HEAD") and not {"query", "update"} & request.args.keys():
            return desk.describe(service.served, limits, federated=bool(services))
        parameters: MultiDict[str, str] = MultiDict()
        try:
            text, parameters = _request(limits)
            asked = _asked(text, parameters, limits)
            with service.lease() as served:
                form = screen(asked.text, services, fenced=getattr(served.engine, "fenced", False))
                chosen = choose_format(form, request.headers.get("Accept", ""), asked.name_in(form), also=(HTML,))
                if chosen is HTML:
                    return desk.answer(served, limits, asked, form, _left(asked, began))
                return _answer(served, asked, chosen, _left(asked, began))
        except EngineTimeout:
            raise EngineTimeout(asked.timeout) from None
        except QueryError as error:
            if not problems.wants_page():
                raise
            return desk.problem(limits, parameters, error)

    return routes


def _left(asked: Asked, began: float) -> float:
    """Seconds until the deadline, which counts from the arrival of the request."""
    return max(0.001, asked.timeout - (time.monotonic() - began))


# Answers -----------------------------------------------------------------------------------------


def _answer(served: Served, asked: Asked, chosen: Format, timeout: float) -> Response:
    notes = request.environ.setdefault("lungkg.notes", {})
    notes["text"] = asked.text
    keep = served.constant and may_keep(asked.text)
    encoding = "gzip" if request.accept_encodings["gzip"] > 0 else ""
    key = asked.key(chosen)
    if keep:
        kept = served.answers.get(key, encoding) or (encoding and _short(served, key)) or None
        if kept is not None:
            notes |= {"ready": kept, "lane": "cache", "rows": kept.rows}
            return _respond(kept, "cache;desc=hit;dur=0")
        # 304 is an answer to GET and HEAD; a POST is answered whole.
        known = served.answers.tag(key, encoding) if request.method != "POST" else None
        if known is not None and request.if_none_match.contains_weak(known.strip('"')):
            return _respond(Stored(b"", chosen.content_type, known, encoding), "cache;desc=known;dur=0")
    answer = served.engine.query(
        asked.text,
        chosen,
        timeout=timeout,
        default_graphs=asked.default_graphs,
        named_graphs=asked.named_graphs,
        client=request.remote_addr or "",
        cancelled=request.environ.get("lungkg.cancelled"),
    )
    notes |= {"rows": answer.rows, "lane": answer.lane}
    timing = f"queue;dur={answer.waited * 1000:.1f}, engine;dur={answer.worked * 1000:.1f}"
    if answer.file is not None:
        return _stream(answer, keep=keep, timing=timing)
    stored = Stored(answer.body, chosen.content_type, entity_tag(answer.digest), "", answer.rows)
    if not keep:
        return _respond(stored, timing, keep=False)
    served.answers.put(key, stored)
    if encoding and len(stored.body) >= GZIP_FROM:
        stored = compressed(stored, answer.digest)
        served.answers.put(key, stored)
    notes["ready"] = stored
    return _respond(stored, timing)


def _short(served: Served, key: tuple[object, ...]) -> Stored | None:
    """Find an answer that is too short to be worth compressing."""
    found = served.answers.get(key)
    return found if found is not None and len(found.body) < GZIP_FROM else None


def _respond(stored: Stored, timing: str, *, keep: bool = True) -> Response:
    response = Response(stored.body, content_type=stored.content_type)
    if stored.encoding:
        response.headers["Content-Encoding"] = stored.encoding
    response.headers["Server-Timing"] = timing
    response.headers["Cache-Control"] = KEEP if keep else "no-store"
    if keep:
        response.headers["ETag"] = stored.tag
        response.make_conditional(request)
    request.environ.setdefault("lungkg.notes", {}).setdefault("rows", stored.rows)
    return response


def _stream(answer: Answer, *, keep: bool, timing: str) -> Response:
    """Send an answer from its file; it is whole, so its length is known."""

    def pieces() -> Iterator[bytes]:
        try:
            yield from answer.chunks()
        finally:
            if answer.file is not None:
                answer.file.close()

    response = Response(pieces(), content_type=answer.format.content_type)
    response.headers["Content-Length"] = str(answer.size)
    response.headers["Server-Timing"] = timing
    response.headers["Cache-Control"] = KEEP if keep else "no-store"
    if keep:
        response.headers["ETag"] = entity_tag(answer.digest)
        response.make_conditional(request)
    return response


# Requests ----------------------------------------------------------------------------------------


def _asked(text: str, parameters: MultiDict[str, str], limits: Limits) -> Asked:
    return Asked(
        text,
        _graphs(parameters, "default-graph-uri"),
        _graphs(parameters, "named-graph-uri"),
        timeout_from(_one(parameters, "timeout"), limits.timeout),
        # A plus in a form is a blank when it is read.
        tuple(
            name.strip().replace(" ", "+") for text in parameters.getlist("format") for name in text.split(",") if name
        ),
    )


def _graphs(parameters: MultiDict[str, str], name: str) -> tuple[str, ...]:
    values = parameters.getlist(name)
    for value in values:
        try:
            ox.NamedNode(value)
        except ValueError as error:
            raise BadParameter(name, f"must be an absolute IRI, not {value!r}: {error}") from None
    return tuple(values)


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


def _request(limits: Limits) -> tuple[str, MultiDict[str, str]]:
    """Find the query and the protocol's parameters in the three ways to send them."""
    if request.method in ("GET", "HEAD"):
        _check_utf8(request.query_string)
        return _query_of(request.args, limits), request.args
    kind = request.mimetype
    if kind == _UPDATE:
        raise QueryRefused(_REFUSED)
    if kind not in (_FORM, _QUERY):
        raise UnsupportedMediaType(f"Send the query as {_QUERY}, or as {_FORM} with a parameter query.")
    if request.environ.get("lungkg.too_long"):
        raise RequestEntityTooLarge(f"The request is too long; a query may have {limits.query_size} bytes.")
    if kind == _FORM:
        _check_utf8(request.get_data(cache=True))
        return _query_of(request.form, limits), request.form
    return _short_enough(_text(request.get_data()), limits), request.args


def _check_utf8(encoded: bytes) -> None:
    """Refuse percent-encoded text that is no UTF-8; Flask would put replacement characters in its place."""
    _text(unquote_to_bytes(encoded))


def _query_of(parameters: MultiDict[str, str], limits: Limits) -> str:
    if "update" in parameters:
        raise QueryRefused(_REFUSED)
    text = _one(parameters, "query")
    if text is None:
        raise BadParameter("query", "is missing; for example /sparql?query=SELECT * WHERE { ?s ?p ?o } LIMIT 10")
    return _short_enough(text, limits)


def _short_enough(text: str, limits: Limits) -> str:
    length = len(text.encode())
    if length > limits.query_size:
        raise RequestEntityTooLarge(f"The query has {length} bytes; at most {limits.query_size} are taken.")
    return text


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QuerySyntaxError(f"the query is not UTF-8 text (byte {error.start})") from None


def _one(parameters: MultiDict[str, str], name: str) -> str | None:
    values = parameters.getlist(name)
    if len(values) > 1:
        raise BadParameter(name, f"is given {len(values)} times")
    return values[0] if values else None
