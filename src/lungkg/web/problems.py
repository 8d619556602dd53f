"""Errors as RFC 9457 problem details: one table says which error has which status."""

import json
from collections.abc import Mapping
from typing import Final

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from lungkg.engines import NotAcceptable
from lungkg.errors import (
    BadParameter,
    EngineDied,
    EngineError,
    EngineTimeout,
    LungkgError,
    QueryRefused,
    QuerySyntaxError,
)

STATUS: Final[Mapping[type[LungkgError], tuple[int, str]]] = {
    QuerySyntaxError: (400, "The query is not SPARQL 1.1"),
    BadParameter: (400, "A parameter is wrong"),
    QueryRefused: (403, "This is never run here"),
    NotAcceptable: (406, "No such format"),
    EngineDied: (503, "The query needs too much memory"),
    EngineTimeout: (504, "The query takes too long"),
    EngineError: (503, "The engine did not answer"),
}

RETRY_AFTER_SECONDS: Final = 10


def problem(status: int, title: str, detail: str, **more: object) -> Response:
    """Make the answer for an error: what, where, and what to do about it."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    response = Response(json.dumps(body, ensure_ascii=False) + "\n", status, content_type="application/problem+json")
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def register(app: Flask) -> None:
    """Make the app answer every error of ours, and every HTTP error, with a problem."""
    app.register_error_handler(LungkgError, _ours)
    app.register_error_handler(HTTPException, _theirs)


def _ours(error: LungkgError) -> Response:
    for kind, (status, title) in STATUS.items():
        if isinstance(error, kind):
            place = {"line": error.line, "column": error.column} if isinstance(error, QuerySyntaxError) else {}
            return problem(status, title, str(error), **{key: value for key, value in place.items() if value})
    return problem(500, "Something is wrong here", str(error))


def _theirs(error: HTTPException) -> Response:
    response = problem(error.code or 500, error.name, error.description or "")
    for name, value in error.get_headers():
        if name.lower() == "allow":
            response.headers[name] = value
    return response
