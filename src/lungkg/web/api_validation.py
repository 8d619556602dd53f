"""The validation of visitors' RDF, as OpenAPI describes it."""

from typing import Any, Final

from lungkg.formats import GRAPHS
from lungkg.limits import Limits
from lungkg.reporting import GROUPS
from lungkg.web.api_content import Json, ref, responses, texts
from lungkg.web.validate_asked import FAIL_ON, REPORTS

VALIDATION: Final = "validation"

_FORM: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"
_STATUSES: Final = (400, 406, 413, 503, 504)
_DATA: Final = "<https://example.org/atlas> a <https://example.org/Book> ."
_SHAPES: Final = """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <https://example.org/> .
ex:BookShape a sh:NodeShape ; sh:targetClass ex:Book ;
  sh:property [ sh:path ex:pages ; sh:minCount 1 ] .
"""
_ABOUT: Final = (
    "Hold RDF against the shapes of this project, or against shapes of your own. The answer is 200 with a report "
    "whether the data conforms or not: the report says so, and so does the header `X-Conforms`. What is sent is kept "
    "nowhere, and nothing that it refers to is fetched."
)


def validation_paths(limits: Limits) -> Json:
    """Describe /validate."""
    settings = _settings(limits)
    told = {"description": _ABOUT, "tags": [VALIDATION]}
    content = {**texts(REPORTS), "application/json": {"schema": ref("schemas", "Report")}}
    asked = [{"name": "url", "in": "query", "description": _URL["description"], "schema": {"type": "string"}}]
    asked += [
        {"name": name, "in": "query", "description": schema["description"], "schema": _bare(schema)}
        for name, schema in settings.items()
    ]
    reported = ("X-Conforms", "X-Fails", "Link", "Vary")
    return {
        "/validate": {
            "get": {
                "operationId": "validate",
                "summary": "Validate a thing of this site; without one, the form",
                **told,
                "parameters": asked,
                "responses": responses("The report, or the form.", content, *_STATUSES, headers=reported),
            },
            "post": {
                "operationId": "validate-post",
                "summary": "Validate RDF",
                **told,
                "parameters": asked[1:],
                "requestBody": {"required": True, "content": _bodies(settings)},
                "responses": responses("The report.", content, 403, *_STATUSES, 415, headers=reported),
            },
        }
    }


_URL: Final[Json] = {
    "type": "string",
    "description": "A thing of this site, by its IRI or the path of its document; it is taken from the release.",
}


def _settings(limits: Limits) -> Json:
    names = [entry.name for entry in REPORTS]
    return {
        "shapes": {
            "type": "array",
            "items": {"type": "string"},
            "description": "IRIs of shapes of this project, or the ends of them; all unless given.",
        },
        "format": {"type": "string", "enum": names, "description": "It goes before the Accept header."},
        "group": {
            "type": "string",
            "enum": list(GROUPS),
            "description": "Put findings that belong together in groups.",
        },
        "limit": {
            "type": "integer",
            "minimum": 0,
            "maximum": 999_999_999,
            "description": "Give at most so many findings, or so many of each group; 0 is all. "
            "People get 50 unless they say otherwise.",
        },
        "fail-on": {
            "type": "string",
            "enum": list(FAIL_ON),
            "description": "From which severity on the header `X-Fails`, JUnit and SARIF say that it fails.",
        },
        "timeout": {
            "type": "number",
            "exclusiveMinimum": 0,
            "description": f"Seconds; it may only lower the limit of {limits.validation_timeout:g}.",
        },
    }


def _bare(schema: Json) -> Json:
    return {name: value for name, value in schema.items() if name != "description"}


def _bodies(settings: Json) -> Json:
    fields: Json = {
        "data": {"type": "string", "description": "RDF; one of data, file and url has to be given."},
        "data-type": {"type": "string", "enum": [e.name for e in GRAPHS], "description": "What data is written in."},
        "url": _URL,
        "own-shapes": {"type": "string", "description": "Shapes in Turtle; then only these and the data count."},
        **settings,
    }
    files: Json = {
        "file": {
            "type": "string",
            "contentMediaType": "application/octet-stream",
            "description": "RDF, by its suffix.",
        },
        "own-shapes-file": {
            "type": "string",
            "contentMediaType": "application/octet-stream",
            "description": "Shapes, by the suffix of the file.",
        },
    }
    example: dict[str, Any] = {"data": _DATA, "own-shapes": _SHAPES}
    form = {"type": "object", "properties": fields, "additionalProperties": False}
    multipart = {**form, "properties": {**fields, **files}}
    direct: Json = {entry.media_type: {"schema": {"type": "string"}} for entry in GRAPHS}
    direct["text/turtle"] = {"schema": {"type": "string"}, "example": _DATA}
    direct["application/ld+json"] = {"schema": {}}
    return {
        _FORM: {"schema": form, "example": example},
        _MULTIPART: {"schema": multipart, "example": example},
        **direct,
    }


_REPORT: Final[Json] = {
    "type": "object",
    "description": "What a validation found; with `group`, `groups` in the place of `results`.",
    "required": ["conforms", "counts", "notes", "left_out"],
    "properties": {
        "conforms": {"type": "boolean", "description": "sh:conforms: whether no shape found anything."},
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        "notes": {
            "type": "array",
            "items": {"type": "string"},
            "description": "What was used, and what was not looked at.",
        },
        "left_out": {"type": "integer", "description": "How many findings `limit` left out."},
        "results": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}},
        "groups": {"type": "array", "items": {"type": "object", "required": ["name", "total", "results"]}},
    },
}

_FINDING: Final[Json] = {
    "type": "object",
    "description": "One thing that was found; terms are in N-Triples form, lines and columns count from 1.",
    "required": ["severity", "sentence", "focus"],
    "properties": {
        "severity": {"type": "string"},
        "place": {"type": ["string", "null"]},
        "file": {"type": ["string", "null"]},
        "line": {"type": ["integer", "null"]},
        "column": {"type": ["integer", "null"]},
        "sentence": {"type": "string", "description": "What is wrong."},
        "message": {"type": "string", "description": "What the author of the shape wrote."},
        "focus": {"type": "string"},
        "path": {"type": "string"},
        "value": {"type": "string"},
        "rule": {"type": "string"},
        "link": {"type": "string", "description": "The IRI of the rule."},
        "source_line": {"type": "string"},
        "mend": {"type": ["object", "null"], "description": "What to do: a text, a snippet to write, edits."},
    },
}

SCHEMAS: Final[Json] = {"Report": _REPORT, "Finding": _FINDING}
