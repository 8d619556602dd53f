"""The API as an OpenAPI 3.1 document: one path for each canned query, and the endpoint beside them.

It is made from the catalogue alone, in its order, so equal catalogues give equal documents.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from lungkg.formats import GRAPHS, HTML, RESULTS, Format, table_for
from lungkg.limits import Limits
from lungkg.project import Project
from lungkg.queries import CannedQuery, Parameter
from lungkg.queries.paging import MOST_ROWS, PAGE_ROWS
from lungkg.queries.parameters import LONGEST_VALUE, MOST_VALUES
from lungkg.web import api_content, api_validation, examples
from lungkg.web.api_content import Json, ref, responses
from lungkg.web.api_validation import VALIDATION

OPENAPI: Final = "3.1.0"

ENDPOINT, SERVER, RESOURCES, OTHER = "endpoint", "server", "resources", "queries"

_TAGS: Final = {
    OTHER: "The canned queries together.",
    ENDPOINT: "Questions of your own, in SPARQL 1.1.",
    RESOURCES: "The canned queries as linked data.",
    VALIDATION: "RDF held against shapes.",
    SERVER: "The server itself.",
}
_MANNERS: Final = "Of a canned query, an empty value counts as not given, and an unknown parameter is refused."
_TRUTHS: Final = ("true", "1", "yes")
_BIGGEST: Final = 10**18 - 1
_FORM: Final = "application/x-www-form-urlencoded"
_REFUSED: Final = (400, 403, 404, 406, 413, 503, 504)
_ANSWERED: Final = ("ETag", "Cache-Control", "Vary", "Link", "Server-Timing")


def document(catalogue: Mapping[str, CannedQuery], project: Project, limits: Limits, root: str) -> Json:
    """Write the document for a server whose root, without a slash at its end, is this address."""
    tags = sorted({tag for query in catalogue.values() for tag in query.tags} - set(_TAGS))
    return {
        "openapi": OPENAPI,
        "info": {
            "title": project.title,
            "description": f"{project.description}\n\n{_MANNERS}",
            "version": project.version,
            "license": {"name": project.license, "url": project.license},
        },
        "servers": [{"url": root}],
        "tags": [{"name": tag} for tag in tags] + [{"name": name, "description": said} for name, said in _TAGS.items()],
        "paths": {
            **{f"/query/{query.name}": _canned(query, root) for query in catalogue.values()},
            **_catalogue_paths(catalogue),
            "/sparql": _sparql(),
            **api_validation.validation_paths(limits),
            **_server_paths(),
        },
        "components": {**_components(), "parameters": _shared_parameters(limits)},
    }


def _components() -> Json:
    found = api_content.components()
    return {**found, "schemas": {**found["schemas"], **api_validation.SCHEMAS}}


# Canned queries ----------------------------------------------------------------------------------


def _canned(query: CannedQuery, root: str) -> Json:
    """Describe the two ways to ask a canned query."""
    told = {
        "summary": query.summary,
        "description": _description(query),
        "tags": list(query.tags or (OTHER,)),
        "externalDocs": {"url": f"{root}/doc/query/{query.name}", "description": "This query as linked data"},
    }
    content = api_content.of_query(query)
    given = [_parameter(parameter) for parameter in query.parameters.values()]
    return {
        "get": {
            "operationId": query.name,
            **told,
            "parameters": [*given, *(_format(query), *_references(query))],
            "responses": responses("The answer.", content, 304, *_REFUSED, headers=_ANSWERED),
        },
        "post": {
            "operationId": f"{query.name}-post",
            **told,
            "requestBody": _body(query),
            "responses": responses("The answer.", content, *_REFUSED, 415, headers=_ANSWERED),
        },
    }


def _description(query: CannedQuery) -> str:
    parts = [query.question, query.description]
    if query.claims:
        parts.append(
            f"Each row rests on the claim in the column `{query.claims}`; as TriG or N-Quads come the claims behind "
            "the rows, with all that says where they come from."
        )
    suffixes = ", ".join(f"`.{entry.suffix}`" for entry in _formats(query))
    parts.append(f"A suffix of the name chooses a format as well as `format` does: {suffixes}.")
    return "\n\n".join(parts)


def _formats(query: CannedQuery) -> list[Format]:
    behind = [entry for entry in GRAPHS if not entry.negotiable] if query.claims else []
    return [*table_for(query.form), *behind, HTML]


def _format(query: CannedQuery) -> Json:
    return {
        "name": "format",
        "in": "query",
        "description": "The format of the answer; it goes before the Accept header.",
        "schema": {"type": "string", "enum": [entry.name for entry in _formats(query)]},
    }


def _references(query: CannedQuery) -> list[Json]:
    return [ref("parameters", name) for name in (*_controls(query), "If-None-Match")]


def _controls(query: CannedQuery) -> tuple[str, ...]:
    """Name what may be said of the answer, beside its format."""
    shape = ("shape",) if query.form in ("SELECT", "ASK") else ()
    return (*shape, *(("limit", "after") if query.key else ()), "timeout")


def _parameter(parameter: Parameter) -> Json:
    made: Json = {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": _help(parameter),
        "schema": _values(parameter),
    }
    if parameter.many:
        made |= {"style": "form", "explode": True}
    if parameter.example:
        made["example"] = _example(parameter)
    return made


def _help(parameter: Parameter) -> str:
    words = f"{parameter.help[:1].upper()}{parameter.help[1:]}: {parameter.expected}."
    labels = [f"{choice.value} is {choice.label}" for choice in parameter.choices if choice.label != choice.value]
    more = [f"{'; '.join(labels)}."] if labels else []
    if parameter.choices_query:
        more.append("The page of this query lists what there is.")
    if parameter.many:
        more.append(f"It may be given again, up to {MOST_VALUES} times: the answer is for any of the values.")
    return " ".join([words, *more])


def _values(parameter: Parameter) -> Json:
    """Say in JSON Schema what may be given for a parameter."""
    one = _value(parameter)
    default = [_typed(parameter, value) for value in parameter.default]
    made = {"type": "array", "items": one, "minItems": 1, "maxItems": MOST_VALUES} if parameter.many else one
    return {**made, "default": default if parameter.many else default[0]} if default else made


def _value(parameter: Parameter) -> Json:
    if parameter.choices:
        return {"enum": [_typed(parameter, choice.value) for choice in parameter.choices]}
    match parameter.kind:
        case "integer":
            return {"type": "integer", "minimum": -_BIGGEST, "maximum": _BIGGEST}
        case "boolean":
            return {"type": "boolean"}
        case "date":
            return {"type": "string", "format": "date"}
    return {"type": "string", "minLength": 1, "maxLength": LONGEST_VALUE}


def _example(parameter: Parameter) -> Any:
    values = [_typed(parameter, value) for value in parameter.example]
    return values if parameter.many else values[0]


def _typed(parameter: Parameter, value: str) -> str | int | bool:
    if parameter.kind == "integer":
        return int(value)
    return value.lower() in _TRUTHS if parameter.kind == "boolean" else value


def _body(query: CannedQuery) -> Json:
    """Describe the parameters as members of an object, or as fields of a form."""
    given = {name: {**_values(p), "description": _help(p)} for name, p in query.parameters.items()}
    others = {name: _CONTROLS[name] for name in _controls(query)}
    schema = {
        "type": "object",
        "properties": {**given, "format": _format(query)["schema"], **others},
        "required": list(query.examples),
        "additionalProperties": False,
    }
    example = {name: _example(query.parameters[name]) for name in query.examples}
    content = {kind: {"schema": schema, "example": example} for kind in ("application/json", _FORM)}
    return {"required": bool(query.examples), "content": content}


_CONTROLS: Final[Json] = {
    "shape": {"type": "string", "enum": ["objects"]},
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST_ROWS},
    "after": {"type": "string"},
    "timeout": {"type": "number", "exclusiveMinimum": 0},
}


def _shared_parameters(limits: Limits) -> Json:
    said = {
        "shape": "With `objects`, JSON comes as plain objects instead of SPARQL results.",
        "limit": f"How many rows a page has; {PAGE_ROWS} unless the query says otherwise.",
        "after": "Where a page begins, from the `next` link of the page before.",
        "timeout": f"Seconds after which the query is stopped; it may lower the limit of {limits.timeout:g}.",
    }
    made: Json = {
        name: {"name": name, "in": "query", "description": text, "schema": _CONTROLS[name]}
        for name, text in said.items()
    }
    made["If-None-Match"] = {
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag of an answer that you have: 304 says that it is still the same.",
        "schema": {"type": "string"},
    }
    return made


# Everything else ---------------------------------------------------------------------------------


def _get(identity: str, summary: str, tag: str, answer: Json, *parameters: Json) -> Json:
    """Describe a path that is only read."""
    return {
        "get": {
            "operationId": identity,
            "summary": summary,
            "tags": [tag],
            "parameters": list(parameters),
            "responses": answer,
        }
    }


def _name(name: str, said: str, choices: list[str], example: str) -> Json:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": said,
        "schema": {"type": "string", "enum": choices},
        "example": example,
    }


def _catalogue_paths(catalogue: Mapping[str, CannedQuery]) -> Json:
    """Describe the list of the canned queries, and the documents about them."""
    search = {"name": "q", "in": "query", "description": "Words to look for.", "schema": {"type": "string"}}
    form = {"name": "format", "in": "query", "schema": {"type": "string", "enum": ["json", HTML.name]}}
    listed = {"application/json": {"schema": ref("schemas", "Catalogue")}, **api_content.texts((HTML,))}
    names = [search, {**form, "description": "It goes before the Accept header."}]
    graphs = [entry for entry in GRAPHS if entry.negotiable]
    paths = {
        "/query/": _get(
            "queries", "Which canned queries are there?", OTHER, responses("The list.", listed, 304, 400, 406), *names
        ),
        "/.well-known/sparql-examples": _get(
            "sparql-examples",
            "All canned queries in RDF, as SPARQL editors read them",
            RESOURCES,
            responses("The catalogue.", api_content.texts(graphs), 304, 406, 503, 504),
        ),
    }
    return {**paths, **dict(_documents(catalogue, graphs))} if catalogue else paths


def _documents(catalogue: Mapping[str, CannedQuery], graphs: list[Format]) -> Iterator[tuple[str, Json]]:
    query = next(iter(catalogue.values()))
    named = _name("name", "The name of a canned query.", list(catalogue), query.name)
    there = {
        "303": {"description": "The document about it.", "headers": {"Location": ref("headers", "Location")}},
        "404": ref("responses", "404"),
    }
    yield "/id/query/{name}", _get("resource", "A canned query as a resource", RESOURCES, there, named)
    content = api_content.texts((*graphs, HTML))
    yield (
        "/doc/query/{name}",
        _get(
            "document",
            "What the graph says of a canned query",
            RESOURCES,
            responses("The document.", content, 304, 404, 406, 503, 504),
            named,
        ),
    )
    suffixes = [entry.suffix for entry in (*RESULTS, *GRAPHS, HTML)]
    suffix = _name("suffix", "The format.", suffixes, table_for(query.form)[0].suffix)
    everything = {**api_content.of_any_query(), api_content.OBJECTS: {"schema": ref("schemas", "Objects")}}
    free = {
        "name": "parameters",
        "in": "query",
        "style": "form",
        "explode": True,
        "description": "The parameters of the query, as at the address without the suffix.",
        "schema": {"type": "object", "additionalProperties": {"type": "string"}},
        "example": {name: values[0] for name, values in query.examples.items()},
    }
    yield (
        "/query/{name}.{suffix}",
        _get(
            "file",
            "The answer to a canned query in a format",
            OTHER,
            responses("The answer.", everything, 304, *_REFUSED, headers=_ANSWERED),
            named,
            suffix,
            free,
        ),
    )


def _sparql() -> Json:
    """Describe the SPARQL 1.1 Protocol."""
    query = {"type": "string", "description": "A query in SPARQL 1.1."}
    graph = {"type": "array", "items": {"type": "string", "format": "uri"}}
    names = [entry.name for entry in (*RESULTS, *GRAPHS, HTML)]
    fields: Json = {
        "query": query,
        "default-graph-uri": {**graph, "description": "Ask these graphs instead of all."},
        "named-graph-uri": {**graph, "description": "The graphs that GRAPH can name."},
        "format": {"type": "string", "enum": names, "description": "It goes before the Accept header."},
        "timeout": {**_CONTROLS["timeout"], "description": "Seconds; it may only lower the limit."},
    }
    parameters = [
        {"name": name, "in": "query", "description": schema["description"], "schema": schema}
        for name, schema in fields.items()
    ]
    parameters[0]["example"] = examples.QUERY
    told = {"tags": [ENDPOINT], "externalDocs": {"url": "https://www.w3.org/TR/sparql11-protocol/"}}
    statuses = (400, 403, 406, 413, 503, 504)
    content = api_content.of_any_query()
    form = {"type": "object", "properties": fields, "required": ["query"]}
    return {
        "get": {
            "operationId": "sparql",
            "summary": "Ask in SPARQL; without a query, a description of the endpoint",
            **told,
            "parameters": [*parameters, ref("parameters", "If-None-Match")],
            "responses": responses("The answer, whole.", content, 304, *statuses, headers=_ANSWERED),
        },
        "post": {
            "operationId": "sparql-post",
            "summary": "Ask in SPARQL",
            **told,
            "requestBody": {
                "required": True,
                "content": {
                    _FORM: {"schema": form, "example": {"query": examples.QUERY}},
                    "application/sparql-query": {"schema": query, "example": examples.QUERY},
                },
            },
            "responses": responses("The answer, whole.", content, *statuses, 415, headers=_ANSWERED),
        },
    }


def _server_paths() -> Json:
    health = {"application/json": {"schema": ref("schemas", "Health")}}
    metrics = {"text/plain": {"schema": {"type": "string"}}}
    graphs = [entry for entry in GRAPHS if entry.negotiable]
    status = {**api_content.texts((*graphs, HTML)), api_content.OBJECTS: {"schema": ref("schemas", "Status")}}
    names = [*(entry.name for entry in graphs), "json", HTML.name]
    given = {
        "format": ("It goes before the Accept header.", {"type": "string", "enum": names}),
        "rule": ("For a page: the `check` of a rule; all that it found.", {"type": "string", "minLength": 1}),
        "page": ("For a page: which part of what the rule found.", {"type": "integer", "minimum": 1}),
    }
    parameters = [
        {"name": name, "in": "query", "description": told, "schema": schema} for name, (told, schema) in given.items()
    ]
    return {
        "/status": _get(
            "status",
            "What did validation find in this release?",
            SERVER,
            responses("The report, as it was kept with the release.", status, 304, 400, 404, 406, 503),
            *parameters,
            ref("parameters", "If-None-Match"),
        ),
        "/health": _get(
            "health", "Is the server ready?", SERVER, responses("It is.", health, 503, 504, headers=("Vary",))
        ),
        "/metrics": _get(
            "metrics", "How much does it do?", SERVER, responses("For Prometheus.", metrics, headers=("Vary",))
        ),
    }
