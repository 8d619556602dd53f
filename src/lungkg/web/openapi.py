"""The API described: /openapi.json for programs, and /api, the same as a page that needs no script.

Both say the address that was asked, so that the examples work where they are read.
"""

import json
import shlex
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from lungkg.formats import HTML
from lungkg.limits import Limits
from lungkg.web.answers import KEEP, root
from lungkg.web.api_content import OBJECTS, Json
from lungkg.web.api_operations import document
from lungkg.web.service import Service

_REST: Final = "rest"


class Given(NamedTuple):
    """A parameter as the page shows it: `kind` in words, `example` as it is written in an address."""

    name: str
    kind: str
    required: bool
    description: str
    example: str
    default: str


class Operation(NamedTuple):
    """An operation as the page shows it: `curl` asks it, `link` is its example in the browser, if it has one.

    `parameters` are its own, without those that many operations share.
    """

    identity: str
    method: str
    path: str
    summary: str
    paragraphs: list[str]
    parameters: list[Given]
    curl: str
    link: str
    statuses: list[tuple[str, str, list[str]]]


def blueprint(service: Service, limits: Limits) -> Blueprint:
    """Make /openapi.json and /api."""
    routes = Blueprint("openapi", __name__)

    def described() -> Json:
        served = service.served
        return document(served.catalogue, served.project, limits, request.url_root.rstrip("/"))

    @routes.get("/openapi.json")
    def openapi() -> Response:
        body = json.dumps(described(), ensure_ascii=False) + "\n"
        return _kept(Response(body, content_type="application/json"))

    @routes.get("/api")
    def page() -> Response:
        whole = described()
        shared = [_given(one) for one in whole["components"]["parameters"].values()]
        found = chapters(whole, root())
        return _kept(Response(render_template("api.html", whole=whole, shared=shared, chapters=found)))

    return routes


def _kept(response: Response) -> Response:
    response.headers["Cache-Control"] = KEEP
    response.add_etag()
    response.make_conditional(request)
    return response


# The page ----------------------------------------------------------------------------------------


def chapters(whole: Json, prefix: str) -> list[tuple[str, str, list[Operation]]]:
    """Group the operations by their first tag: its name, what it is about, and the operations.

    `prefix` is that of the application, for links.
    """
    found: dict[str, list[Operation]] = {tag["name"]: [] for tag in whole["tags"]}
    for path, item in whole["paths"].items():
        for method, operation in item.items():
            tag = next(iter(operation.get("tags", ())), _REST)
            found.setdefault(tag, []).append(_operation(whole, path, method, operation, prefix))
    said = {tag["name"]: tag.get("description", "") for tag in whole["tags"]}
    return [(name, said.get(name, ""), operations) for name, operations in found.items() if operations]


def _operation(whole: Json, path: str, method: str, operation: Json, prefix: str) -> Operation:
    parameters = [_resolved(whole, one) for one in operation.get("parameters", ())]
    example = {one["name"]: one["example"] for one in parameters if "example" in one and one.get("required")}
    in_path = {one["name"] for one in parameters if one["in"] == "path"}
    if path == "/sparql":
        example = {one["name"]: one["example"] for one in parameters if "example" in one}
    for one in parameters:
        if one.get("schema", {}).get("type") == "object":  # its members stand in the address by themselves
            example = {name: value for name, value in example.items() if name != one["name"]} | one["example"]
    place = path.format_map({name: example[name] for name in in_path})
    asked = {name: value for name, value in example.items() if name not in in_path}
    address = whole["servers"][0]["url"] + place
    query = f"?{urlencode(asked, doseq=True)}" if asked else ""
    return Operation(
        operation["operationId"],
        method.upper(),
        path,
        operation.get("summary", ""),
        operation.get("description", "").split("\n\n"),
        [_given(one) for one in operation.get("parameters", ()) if "$ref" not in one],
        _curl(address, method, operation, asked),
        f"{prefix}{place}{query}" if method == "get" else "",
        [_status(whole, status, response) for status, response in operation["responses"].items()],
    )


def _resolved(whole: Json, part: Json) -> Json:
    """Follow a reference to a component."""
    if "$ref" not in part:
        return part
    found: Any = whole
    for step in part["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def _status(whole: Json, status: str, response: Json) -> tuple[str, str, list[str]]:
    told = _resolved(whole, response)
    return status, told["description"], list(told.get("content", ()))


def _given(parameter: Json) -> Given:
    schema = parameter["schema"]
    return Given(
        parameter["name"],
        _kind(schema) + (" in the path" if parameter["in"] == "path" else ""),
        parameter.get("required", False),
        parameter.get("description", ""),
        _written(parameter.get("example", "")),
        _written(schema.get("default", "")),
    )


def _kind(schema: Json) -> str:
    """Say in words what a schema takes.

    >>> _kind({"type": "array", "items": {"type": "integer"}}), _kind({"enum": ["a", "b"]})
    ('integer, may be given again', 'one of a, b')
    """
    if schema.get("type") == "array":
        return f"{_kind(schema['items'])}, may be given again"
    if "enum" in schema:
        values = [_written(value) for value in schema["enum"]]
        return f"one of {', '.join(values)}" if values[1:] else values[0]
    if schema.get("type") == "object":
        return "any"
    kind = str(schema.get("format") or schema.get("type", "any"))
    return {"string": "text", "boolean": "true or false"}.get(kind, kind)


def _written(value: Any) -> str:
    """Write a value as addresses have it.

    >>> _written(True), _written(["a", 8])
    ('true', 'a, 8')
    """
    if isinstance(value, list):
        return ", ".join(map(_written, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _curl(address: str, method: str, operation: Json, asked: Json) -> str:
    """Write the command that sends the example."""
    content = operation["responses"].get("200", {}).get("content", {})
    kinds = [kind for kind in ("text/csv", "text/turtle", OBJECTS) if kind in content] or list(content)
    lines = ["curl -fsS -G" if method == "get" and asked else "curl -fsS"]
    if kinds and kinds[0] != HTML.media_type:
        lines.append(f"-H {shlex.quote('Accept: ' + kinds[0])}")
    if method == "post":
        kind, body = next(iter(operation["requestBody"]["content"].items()))
        if kind == OBJECTS:
            lines += [f"-H 'Content-Type: {OBJECTS}'", f"-d {shlex.quote(json.dumps(body['example']))}"]
        else:
            lines += [f"--data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in body["example"].items()]
    elif asked:
        pairs = [
            (name, one) for name, value in asked.items() for one in (value if isinstance(value, list) else [value])
        ]
        lines += [f"--data-urlencode {shlex.quote(f'{name}={_written(one)}')}" for name, one in pairs if one]
    return " \\\n  ".join([*lines, shlex.quote(address)])
