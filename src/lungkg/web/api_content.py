"""What the answers of the API look like, as OpenAPI 3.1 and JSON Schema say it; see lungkg.web.api_operations."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from lungkg.formats import GRAPHS, HTML, RESULTS, Format
from lungkg.queries import CannedQuery
from lungkg.web.problems import RETRY_AFTER_SECONDS

Json = dict[str, Any]

OBJECTS: Final = "application/json"
PROBLEM: Final = "application/problem+json"

_TEXT: Final[Json] = {"type": "string"}
_SCALAR: Final = ["string", "number", "boolean", "null"]
_JSON_TYPES: Final = {"integer": "integer", "decimal": "number", "boolean": "boolean"}


def ref(kind: str, name: str) -> Json:
    """Refer to a component.

    >>> ref("schemas", "Problem")
    {'$ref': '#/components/schemas/Problem'}
    """
    return {"$ref": f"#/components/{kind}/{name}"}


SCHEMAS: Final[Json] = {
    "Problem": {
        "type": "object",
        "description": "What went wrong, where, and what to do about it (RFC 9457).",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string", "description": "The kind of problem."},
            "status": {"type": "integer", "description": "The status of the response."},
            "detail": {"type": "string", "description": "What is wrong; for a parameter, what was expected."},
            "line": {"type": "integer", "description": "The line of a mistake in a query, from 1."},
            "column": {"type": "integer", "description": "Its column, from 1."},
            "source": {"type": "string", "description": "The line itself."},
            "hint": {"type": "string", "description": "What would mend it."},
            "file": {"type": "string", "description": "Of what was sent to be validated, that which cannot be read."},
            "parameter": {"type": "string", "description": "The parameter that is wrong."},
            "expected": {"type": "string", "description": "What it takes."},
            "example": {"type": ["string", "array"], "description": "A value that it takes."},
            "limit": {"type": "object", "description": "The limit that was passed, and its unit."},
            "request_id": {"type": "string", "description": "What the log of the server calls this request."},
        },
    },
    "Term": {
        "type": "object",
        "description": "An RDF term.",
        "required": ["type", "value"],
        "properties": {
            "type": {"enum": ["uri", "literal", "bnode", "triple"]},
            "value": {"description": "The IRI, the text, or the parts of a triple."},
            "xml:lang": {"type": "string"},
            "datatype": {"type": "string"},
        },
    },
    "Rows": {
        "type": "object",
        "description": (
            "SPARQL 1.1 Query Results JSON. Where there are more rows, `truncated` is true and `next` is the address "
            "of the next page; otherwise neither is there."
        ),
        "required": ["head", "results"],
        "properties": {
            "head": {
                "type": "object",
                "required": ["vars"],
                "properties": {"vars": {"type": "array", "items": {"type": "string"}}},
            },
            "results": {
                "type": "object",
                "required": ["bindings"],
                "properties": {
                    "bindings": {
                        "type": "array",
                        "items": {"type": "object", "additionalProperties": ref("schemas", "Term")},
                    }
                },
            },
            "truncated": {"const": True},
            "next": {"type": "string"},
        },
    },
    "Truth": {
        "type": "object",
        "description": "SPARQL 1.1 Query Results JSON for a question with yes or no for an answer.",
        "required": ["head", "boolean"],
        "properties": {"head": {"type": "object"}, "boolean": {"type": "boolean"}},
    },
    "Objects": {
        "type": "object",
        "description": "An answer as plain objects: numbers and truths as such, nothing as null, all else as text.",
        "required": ["query", "release", "parameters", "columns", "rows", "truncated", "next"],
        "properties": {
            "query": {"type": "string"},
            "release": {"type": "string"},
            "parameters": {"type": "object", "description": "What was bound: IRIs or values."},
            "columns": {"type": "array", "items": {"type": "string"}},
            "rows": {
                "type": "array",
                "items": {"type": "object", "additionalProperties": {"type": _SCALAR}},
            },
            "boolean": {"type": "boolean", "description": "The answer to a question of yes or no, which has no rows."},
            "truncated": {"type": "boolean", "description": "Whether there are more rows."},
            "next": {"type": ["string", "null"], "description": "The address of the next page."},
        },
    },
    "Health": {
        "type": "object",
        "required": ["status", "release", "date"],
        "properties": {
            "status": {"enum": ["ready", "busy"]},
            "release": {"type": "string"},
            "date": {"type": "string"},
        },
    },
    "Status": {
        "type": "object",
        "description": (
            "What validation said of the release before it was published, and what it was checked against; a result "
            "has the keys that `lungkg validate --format json` gives it."
        ),
        "required": [
            "iri",
            "release",
            "date",
            "verdict",
            "conforms",
            "counts",
            "waived",
            "shapes",
            "ontology",
            "queries",
            "software",
            "engines",
            "rules",
            "results",
        ],
        "properties": {
            "iri": {"type": "string", "description": "The permanent address of the report."},
            "release": {"type": "string"},
            "date": {"type": "string"},
            "verdict": {"type": "string", "description": "How the release stands, in words."},
            "conforms": {"type": "boolean", "description": "Whether no shape found anything, warnings included."},
            "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
            "waived": {"type": "integer", "description": "How many findings are waived and counted nowhere else."},
            "shapes": ref("schemas", "Hashed"),
            "ontology": ref("schemas", "Hashed"),
            "queries": {"type": "object", "additionalProperties": {"type": "integer"}},
            "software": {"type": "string"},
            "engines": {"type": "object", "additionalProperties": _TEXT},
            "rules": {"type": "array", "items": {"type": "object"}},
            "results": {"type": "array", "items": {"type": "object"}},
        },
    },
    "Hashed": {
        "type": "object",
        "description": "A named graph, and the SHA-256 of its N-Triples, canonical by RDFC-1.0 and sorted.",
        "required": ["iri", "sha256"],
        "properties": {"iri": {"type": "string"}, "sha256": {"type": "string"}},
    },
    "Catalogue": {
        "type": "object",
        "description": "The canned queries, each with its question and its parameters.",
        "required": ["release", "queries"],
        "properties": {
            "release": {"type": "string"},
            "queries": {"type": "array", "items": ref("schemas", "Entry")},
        },
    },
    "Entry": {
        "type": "object",
        "description": "A canned query.",
        "required": ["name", "href", "summary", "question", "description", "form", "tags", "columns", "parameters"],
        "properties": {
            "name": {"type": "string"},
            "href": {"type": "string", "description": "Where it is answered."},
            "summary": {"type": "string", "description": "The question in general."},
            "question": {"type": "string", "description": "The question for the example values."},
            "description": {"type": "string"},
            "form": {"enum": ["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]},
            "tags": {"type": "array", "items": _TEXT},
            "columns": {"type": "array", "items": _TEXT},
            "parameters": {"type": "array", "items": {"type": "object", "required": ["name", "type", "required"]}},
        },
    },
}

HEADERS: Final[Json] = {
    "ETag": {"description": "Changes with the answer; send it back as If-None-Match.", "schema": _TEXT},
    "Cache-Control": {"description": "Keep it, and ask each time whether it is still the same.", "schema": _TEXT},
    "Vary": {"description": "The request headers that the answer depends on.", "schema": _TEXT},
    "Link": {
        "description": 'The next page (rel="next"), and the description of the query (rel="describedby").',
        "schema": _TEXT,
    },
    "Server-Timing": {
        "description": "How long it waited for the engine, and how long the engine took.",
        "schema": _TEXT,
    },
    "X-Conforms": {
        "description": "Whether the data conforms, as sh:conforms has it; only beside a report.",
        "schema": {"type": "string", "enum": ["true", "false"]},
    },
    "X-Fails": {
        "description": "Whether anything was found that is as bad as `fail-on`, or worse; only beside a report.",
        "schema": {"type": "string", "enum": ["true", "false"]},
    },
    "Location": {"description": "Where the document is.", "schema": _TEXT, "required": True},
    "Retry-After": {
        "description": "Seconds after which to try again.",
        "schema": {"type": "integer", "examples": [RETRY_AFTER_SECONDS]},
        "required": True,
    },
}

_PROBLEMS: Final = {
    400: "A parameter is missing, unknown or wrong; `detail` says which one, what was expected, and an example.",
    403: "Updates, LOAD and SERVICE are never run here, nor in shapes FROM.",
    404: "There is nothing of this name.",
    406: "The answer cannot be had in the format that was asked for; `detail` lists those that there are.",
    413: "The request or the answer is too long.",
    415: "The body has a media type that is not taken.",
    503: "Too much is asked at once, or the engine did not answer.",
    504: "The query was stopped at its time limit.",
}


def components() -> Json:
    """Give the schemas, headers and problems that operations refer to."""
    problem = {PROBLEM: {"schema": ref("schemas", "Problem")}, HTML.media_type: {"schema": _TEXT}}
    problems: Json = {str(status): {"description": said, "content": problem} for status, said in _PROBLEMS.items()}
    problems["503"]["headers"] = {"Retry-After": ref("headers", "Retry-After")}
    unchanged = {"description": "The answer is still the one with the ETag that was sent.", "headers": _headers("ETag")}
    return {"schemas": SCHEMAS, "headers": HEADERS, "responses": {**problems, "304": unchanged}}


def _headers(*names: str) -> Json:
    return {name: ref("headers", name) for name in names}


def responses(description: str, content: Mapping[str, Json], *others: int, headers: Iterable[str] = ()) -> Json:
    """Give the responses of an operation: 200 with this content, and others by their status."""
    names = headers or ("ETag", "Cache-Control", "Vary")
    good = {"description": description, "headers": _headers(*names), "content": dict(content)}
    return {"200": good, **{str(status): ref("responses", str(status)) for status in sorted(others)}}


def texts(formats: Iterable[Format]) -> Json:
    """Give the content of an answer in formats that JSON Schema says nothing of."""
    return {entry.media_type: {"schema": {} if "json" in entry.media_type else _TEXT} for entry in formats}


def of_any_query() -> Json:
    """Give the content of the answer to a query of any form."""
    either = {"oneOf": [ref("schemas", "Rows"), ref("schemas", "Truth")]}
    return {**texts((*RESULTS, *GRAPHS, HTML)), RESULTS[0].media_type: {"schema": either}}


def of_query(query: CannedQuery) -> Json:
    """Give the content of the answer to a canned query, by media type."""
    if query.form not in ("SELECT", "ASK"):
        return texts((*GRAPHS, HTML))
    behind = [entry for entry in GRAPHS if not entry.negotiable] if query.claims else []
    content = texts((*RESULTS, *behind, HTML))
    results = ref("schemas", "Truth") if query.form == "ASK" else _rows(query)
    return {**content, RESULTS[0].media_type: {"schema": results}, OBJECTS: {"schema": _objects(query)}}


def _rows(query: CannedQuery) -> Json:
    columns = {"head": {"properties": {"vars": {"const": list(query.columns)}}}}
    return {"allOf": [ref("schemas", "Rows"), {"properties": columns}]}


def _objects(query: CannedQuery) -> Json:
    kinds = query.expect.columns if query.expect else {}
    row = {
        "required": list(query.columns),
        "properties": {name: _column(kinds.get(name, "")) for name in query.columns},
        "additionalProperties": False,
    }
    own = {
        "query": {"const": query.name},
        "columns": {"const": list(query.columns)},
        "rows": {"items": row},
    }
    return {"allOf": [ref("schemas", "Objects"), {"properties": own}]}


def _column(kind: str) -> Json:
    """Say what stands in a column, from what the header of the query says of it."""
    if not kind:
        return {"type": _SCALAR}
    plain = kind.removesuffix("?")
    found = _JSON_TYPES.get(plain, "string")
    return {"type": [found, "null"] if kind != plain else found, "description": plain}
