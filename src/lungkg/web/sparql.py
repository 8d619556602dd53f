"""The SPARQL 1.1 Protocol for queries (https://www.w3.org/TR/sparql11-protocol/)."""

import math
from typing import Final

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from lungkg.engines import Engine, choose_format, screen
from lungkg.engines.base import DEFAULT_TIMEOUT, MAX_QUERY_BYTES
from lungkg.errors import BadParameter, QueryRefused, QuerySyntaxError

_FORM: Final = "application/x-www-form-urlencoded"
_QUERY: Final = "application/sparql-query"
_UPDATE: Final = "application/sparql-update"


def blueprint(engine: Engine) -> Blueprint:
    """Make the /sparql endpoint over an engine."""
    routes = Blueprint("sparql", __name__)

    @routes.route("/sparql", methods=["GET", "POST"])
    def sparql() -> Response:
        text, parameters = _request()
        form = screen(text)
        chosen = choose_format(form, request.headers.get("Accept", ""), _one(parameters, "format") or "")
        answer = engine.query(
            text,
            chosen,
            timeout=timeout_from(_one(parameters, "timeout")),
            default_graphs=parameters.getlist("default-graph-uri"),
            named_graphs=parameters.getlist("named-graph-uri"),
        )
        return Response(answer.content, content_type=chosen.content_type)

    return routes


def timeout_from(value: str | None) -> float:
    """Read a timeout in seconds; it may lower the limit, never raise it.

    Raises BadParameter when it is no positive number.
    """
    if value is None:
        return DEFAULT_TIMEOUT
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not seconds > 0:
        raise BadParameter("timeout", f"must be a positive number of seconds, not {value!r}")
    return min(seconds, DEFAULT_TIMEOUT)


def _request() -> tuple[str, MultiDict[str, str]]:
    """Find the query and the protocol's parameters in the three ways to send them."""
    if request.method in ("GET", "HEAD"):
        return _query_of(request.args), request.args
    kind = request.mimetype
    if kind == _FORM:
        return _query_of(request.form), request.form
    if kind == _UPDATE:
        raise QueryRefused("updates are refused: the graph changes only by its sources and a build")
    if kind == _QUERY:
        return _text(request.get_data()), request.args
    raise UnsupportedMediaType(f"Send the query as {_QUERY}, or as {_FORM} with a parameter query.")


def _query_of(parameters: MultiDict[str, str]) -> str:
    if "update" in parameters:
        raise QueryRefused("updates are refused: the graph changes only by its sources and a build")
    text = _one(parameters, "query")
    if text is None:
        raise BadParameter("query", "is missing; for example /sparql?query=SELECT * WHERE { ?s ?p ?o } LIMIT 10")
    return _text(text.encode())


def _text(body: bytes) -> str:
    if len(body) > MAX_QUERY_BYTES:
        raise RequestEntityTooLarge(f"The query has {len(body)} bytes; at most {MAX_QUERY_BYTES} are taken.")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise QuerySyntaxError(f"the query is not UTF-8 text (byte {error.start})") from None


def _one(parameters: MultiDict[str, str], name: str) -> str | None:
    values = parameters.getlist(name)
    if len(values) > 1:
        raise BadParameter(name, f"is given {len(values)} times")
    return values[0] if values else None
