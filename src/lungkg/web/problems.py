"""Errors as RFC 9457 problem details, or as a page for a browser: one table says which error has which status."""

import json
from collections.abc import Mapping
from typing import Any, Final

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from lungkg.engines import NotAcceptable
from lungkg.errors import (
    AnswerTooLong,
    BadParameter,
    Cancelled,
    DataTooDeep,
    DataTooLong,
    EngineBusy,
    EngineDied,
    EngineError,
    EngineTimeout,
    LungkgError,
    QueryRefused,
    QuerySyntaxError,
    QueryTooDeep,
    UnreadableData,
    ValidationDied,
    ValidationTimeout,
)
from lungkg.formats import Format, negotiate

STATUS: Final[Mapping[type[LungkgError], tuple[int, str]]] = {
    QueryTooDeep: (400, "The query is too deep"),
    DataTooDeep: (400, "This nests too deep"),
    UnreadableData: (400, "This cannot be read"),
    QuerySyntaxError: (400, "The query is not SPARQL 1.1"),
    BadParameter: (400, "A parameter is wrong"),
    QueryRefused: (403, "This is never run here"),
    NotAcceptable: (406, "No such format"),
    DataTooLong: (413, "This is too much to validate"),
    AnswerTooLong: (413, "The answer is too long"),
    Cancelled: (499, "The client has gone"),
    EngineBusy: (503, "Too much is asked at once"),
    ValidationDied: (503, "The validation needs too much memory"),
    EngineDied: (503, "The query needs too much memory"),
    ValidationTimeout: (504, "The validation takes too long"),
    EngineTimeout: (504, "The query takes too long"),
    EngineError: (503, "The engine did not answer"),
}

RETRY_AFTER_SECONDS: Final = 10

_PROBLEM: Final = Format("problem", "application/problem+json", "json", ("application/json",))
_PAGE: Final = Format("html", "text/html", "html", ("application/xhtml+xml",))


def describe(error: LungkgError | HTTPException) -> dict[str, Any]:
    """Give the members of the problem: what, where, and what to do about it."""
    made: dict[str, Any]
    if isinstance(error, HTTPException):
        made = {"title": error.name, "status": error.code or 500, "detail": error.description or error.name}
    else:
        status, title = next(
            (entry for kind, entry in STATUS.items() if isinstance(error, kind)), (500, "Something is wrong here")
        )
        made = {"title": title, "status": status, "detail": str(error)}
    if isinstance(error, QuerySyntaxError):
        place = {"line": error.line, "column": error.column, "source": error.source, "hint": error.hint}
        made |= {name: value for name, value in place.items() if value}
    if isinstance(error, UnreadableData):
        made["file"] = error.file
    if isinstance(error, BadParameter):
        made["parameter"] = error.name
    if isinstance(error, EngineTimeout):
        name = "validation_timeout" if isinstance(error, ValidationTimeout) else "timeout"
        made["limit"] = {name: error.seconds, "unit": "seconds"}
    if isinstance(error, EngineDied):
        name = "validation_memory" if isinstance(error, ValidationDied) else "memory"
        made["limit"] = {name: error.megabytes, "unit": "MB"}
    if isinstance(error, AnswerTooLong):
        made["limit"] = {"answer_size": error.megabytes, "unit": "MB"}
    if "lungkg.request" in request.environ:
        made["request_id"] = request.environ["lungkg.request"]
    return made


def finish(response: Response, problem: Mapping[str, Any]) -> Response:
    """Give a response the status and the headers of a problem."""
    response.status_code = problem["status"]
    response.headers["Cache-Control"] = "no-store"
    if problem["status"] == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    request.environ.setdefault("lungkg.notes", {})["outcome"] = problem["title"]
    return response


def wants_page() -> bool:
    """Say whether the client prefers a page to problem+json."""
    return negotiate(request.headers.get("Accept", ""), (_PROBLEM, _PAGE)) == _PAGE


def register(app: Flask) -> None:
    """Make the app answer every error of ours, and every HTTP error, with a problem."""
    app.register_error_handler(LungkgError, answer)
    app.register_error_handler(HTTPException, answer)


def answer(error: LungkgError | HTTPException, **more: Any) -> Response:
    """Answer an error in the form that the client prefers; `more` are further members of the problem."""
    problem = describe(error) | more
    if wants_page():
        response = Response(render_template("problem.html", problem=problem))
    else:
        body = json.dumps({"type": "about:blank", **problem}, ensure_ascii=False) + "\n"
        response = Response(body, content_type="application/problem+json")
    if isinstance(error, HTTPException):
        for name, value in error.get_headers():
            if name.lower() in ("allow", "content-range"):
                response.headers[name] = value
    return finish(response, problem)
