"""The API described by OpenAPI: a valid document, as complete as the server, and a server that keeps to it."""

import copy
import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import html5rdf  # type: ignore[import-untyped]  # it has no types
import jsonschema_rs
import pytest
import schemathesis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from openapi_spec_validator import validate
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.failures import FailureGroup, ServerError
from schemathesis.schemas import APIOperation, BaseSchema

from lungkg.formats import GRAPHS, HTML, table_for
from lungkg.limits import Limits
from lungkg.project import Project, load_project
from lungkg.queries import CannedQuery, Choice, Parameter, load_catalogue
from lungkg.web.api_operations import document
from lungkg.web.openapi import chapters
from tests.sampling import sampled

ROOT: Final = Path(__file__).parents[1]
BAKERY: Final = Path(__file__).parent / "other_project"
NAMES: Final = sorted(path.stem for path in (ROOT / "queries").glob("*.rq"))
OTHER_PATHS: Final = (
    "/query/", "/query/{name}.{suffix}", "/id/query/{name}", "/doc/query/{name}", "/.well-known/sparql-examples",
    "/sparql", "/validate", "/health", "/metrics", "/status",
)  # fmt: skip

Whole = dict[str, Any]


@pytest.fixture(scope="module")
def catalogue(project: Project) -> Mapping[str, CannedQuery]:
    """The canned queries of the real project."""
    return load_catalogue(project)


@pytest.fixture(scope="module")
def whole(client: FlaskClient) -> Whole:
    """The document as the server gives it."""
    response = client.get("/openapi.json")
    assert (response.status_code, response.content_type) == (200, "application/json")
    return dict(response.get_json())


def operations(whole: Whole) -> Iterator[tuple[str, str, Whole]]:
    """Yield path, method and operation."""
    for path, item in whole["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def parameters(whole: Whole, operation: Whole) -> dict[str, Whole]:
    """Give the parameters of an operation by name, references followed."""
    shared = whole["components"]["parameters"]
    found = (shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in operation["parameters"])
    return {one["name"]: one for one in found}


# The document


def test_the_document_is_valid(whole: Whole) -> None:
    """OpenAPI 3.1, by openapi-spec-validator, examples and defaults included."""
    validate(whole)

    assert whole["openapi"] == "3.1.0"


@pytest.mark.parametrize("names", [[], ["said-of-bread"], ["said-of-bread", "what-favours"]])
def test_the_document_of_any_project_is_valid(names: list[str]) -> None:
    """With no query at all, too."""
    bakery = load_project(BAKERY)
    loaded = load_catalogue(bakery)

    made = document({name: loaded[name] for name in names}, bakery, Limits(), "http://localhost:8080")

    validate(made)
    assert [path for path in made["paths"] if path.removeprefix("/query/") in loaded] == [f"/query/{n}" for n in names]


def test_there_is_one_path_for_each_query(whole: Whole, catalogue: Mapping[str, CannedQuery]) -> None:
    """Beside those of the endpoint and of the server."""
    assert set(whole["paths"]) == {*(f"/query/{name}" for name in catalogue), *OTHER_PATHS}


def test_operations_are_named_after_their_queries(whole: Whole, catalogue: Mapping[str, CannedQuery]) -> None:
    """By GET and by POST; no name is there twice."""
    names = [operation["operationId"] for _, _, operation in operations(whole)]

    assert len(set(names)) == len(names)
    assert {f"{name}{post}" for name in catalogue for post in ("", "-post")} <= set(names)


@pytest.mark.parametrize("name", NAMES)
def test_the_parameters_are_those_of_the_query(whole: Whole, catalogue: Mapping[str, CannedQuery], name: str) -> None:
    """Each by its name, required or not, with an example of what is required."""
    query = catalogue[name]
    found = parameters(whole, whole["paths"][f"/query/{name}"]["get"])

    own = {one: found[one] for one in found if one in query.parameters}
    told = {
        one: (about["required"], "many" if about["schema"].get("type") == "array" else "one")
        for one, about in own.items()
    }

    assert told == {one: (p.required, "many" if p.many else "one") for one, p in query.parameters.items()}
    assert [one for one, about in own.items() if about["required"] and "example" not in about] == []
    assert set(found) - set(own) == {
        "format", "timeout", "If-None-Match",
        *(["shape"] if query.form in ("SELECT", "ASK") else []),
        *(["limit", "after"] if query.key else []),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("parameter", "schema"),
    [
        pytest.param({"kind": "entity"}, {"type": "string", "minLength": 1, "maxLength": 10_000}, id="thing"),
        pytest.param({"kind": "date"}, {"type": "string", "format": "date"}, id="date"),
        pytest.param({"kind": "boolean"}, {"type": "boolean"}, id="boolean"),
        pytest.param(
            {"kind": "integer", "default": ("8",)},
            {"type": "integer", "minimum": 1 - 10**18, "maximum": 10**18 - 1, "default": 8},
            id="integer-with-default",
        ),
        pytest.param(
            {"kind": "literal", "choices": (Choice("a", "A"), Choice("b", "B"))}, {"enum": ["a", "b"]}, id="choices"
        ),
        pytest.param(
            {"kind": "boolean", "many": True, "default": ("no", "true")},
            {"type": "array", "items": {"type": "boolean"}, "minItems": 1, "maxItems": 1000, "default": [False, True]},
            id="many",
        ),
    ],
)  # fmt: skip
def test_the_kind_of_a_parameter_is_its_schema(
    parameter: dict[str, Any], schema: Whole, project: Project, catalogue: Mapping[str, CannedQuery]
) -> None:
    """In the address and in the body alike."""
    query = replace(
        catalogue["what-does"], name="some", parameters={"x": Parameter("x", **{"example": ("8",), **parameter})}
    )
    item = document({"some": query}, project, Limits(), "http://a.org")["paths"]["/query/some"]

    body = item["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]["x"]

    assert item["get"]["parameters"][0]["schema"] == schema
    assert {name: value for name, value in body.items() if name != "description"} == schema


@pytest.mark.parametrize(
    ("base", "mounted", "expected"),
    [
        ("http://localhost:8080", "", "http://localhost:8080"),
        ("https://kg.example.org", "/deep", "https://kg.example.org/deep"),
    ],
)
def test_the_server_is_the_address_that_was_asked(client: FlaskClient, base: str, mounted: str, expected: str) -> None:
    """So that the examples work where they are read."""
    response = client.get("/openapi.json", base_url=base, environ_overrides={"SCRIPT_NAME": mounted})

    assert response.get_json()["servers"] == [{"url": expected}]


def test_the_document_is_the_same_each_time(client: FlaskClient) -> None:
    """Byte by byte, with an entity tag; another address has another one."""
    once, again = client.get("/openapi.json"), client.get("/openapi.json")

    known = client.get("/openapi.json", headers={"If-None-Match": once.headers["ETag"]})
    elsewhere = client.get("/openapi.json", base_url="http://a.org")

    assert once.data == again.data
    assert (known.status_code, known.data) == (304, b"")
    assert elsewhere.headers["ETag"] != once.headers["ETag"]


# What is documented is so


def conforms(whole: Whole, schema: Whole, value: object) -> bool:
    """Hold a value against a schema of the document."""
    return jsonschema_rs.validator_for({**schema, "components": whole["components"]}).is_valid(value)


@pytest.mark.parametrize("name", NAMES)
def test_the_example_is_answered_in_every_format(
    client: FlaskClient, whole: Whole, catalogue: Mapping[str, CannedQuery], name: str
) -> None:
    """By Accept, with the media type that is documented, and in JSON as its schema says."""
    operation = whole["paths"][f"/query/{name}"]["get"]
    asked = catalogue[name].examples
    content = operation["responses"]["200"]["content"]

    named_only = (
        {entry.media_type for entry in GRAPHS if not entry.negotiable} if catalogue[name].claims == "" else set()
    )
    for media_type, told in content.items():
        if media_type in named_only:
            continue
        shape = {"shape": "objects"} if media_type == "application/json" else {}
        response = client.get(f"/query/{name}", query_string={**asked, **shape}, headers={"Accept": media_type})

        assert (response.status_code, response.mimetype) == (200, media_type)
        if "results+json" in media_type or media_type == "application/json":
            assert conforms(whole, told["schema"], response.get_json(force=True))


@pytest.mark.parametrize("name", NAMES)
def test_the_formats_are_those_of_the_answers(whole: Whole, catalogue: Mapping[str, CannedQuery], name: str) -> None:
    """Each name that `format` takes is one of a media type; plain objects have `shape` instead."""
    operation = whole["paths"][f"/query/{name}"]["get"]
    names = parameters(whole, operation)["format"]["schema"]["enum"]

    types = {entry.media_type for entry in (*table_for(catalogue[name].form), *GRAPHS, HTML) if entry.name in names}

    assert types == set(operation["responses"]["200"]["content"]) - {"application/json"}


@pytest.mark.parametrize("name", NAMES)
def test_the_example_of_the_body_is_answered(client: FlaskClient, whole: Whole, name: str) -> None:
    """As JSON and as a form, the same."""
    body = whole["paths"][f"/query/{name}"]["post"]["requestBody"]["content"]
    accept = {"Accept": "application/n-triples, text/csv"}

    sent_json = client.post(f"/query/{name}", json=body["application/json"]["example"], headers=accept)
    sent_form = client.post(f"/query/{name}", data=body["application/x-www-form-urlencoded"]["example"], headers=accept)

    assert (sent_json.status_code, sent_form.status_code) == (200, 200)
    assert sent_json.data == sent_form.data


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_request_is_answered_by_the_problem_that_is_documented(
    client: FlaskClient, whole: Whole, name: str
) -> None:
    """A parameter that there is not."""
    response = client.get(f"/query/{name}?nonsense=1")

    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    assert conforms(whole, {"$ref": "#/components/schemas/Problem"}, response.get_json(force=True))
    assert not conforms(whole, {"$ref": "#/components/schemas/Problem"}, {})


CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


PLAIN: Final = {"Accept-Encoding": "identity"}  # what calls the application does not unpack


@pytest.fixture(scope="module")
def described(client: FlaskClient, whole: Whole) -> BaseSchema:
    """The document as schemathesis reads it, before the application itself."""
    schema = schemathesis.openapi.from_dict(whole)
    schema.app = client.application
    return schema


def breaches(operation: APIOperation[Any, Any, Any, Any], examples: int) -> list[str]:
    """Send generated requests, good ones and bad ones, and say how the answers break the document."""
    found: list[str] = []

    def send(case: schemathesis.Case[Any]) -> None:
        try:
            case.call_and_validate(checks=CHECKS, headers=PLAIN)
        except FailureGroup as failures:
            found.extend(f"{case.as_curl_command()}\n{one}" for one in failures.exceptions if not wanted(case, one))

    for mode in schemathesis.GenerationMode:
        bounded = settings(
            max_examples=examples, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        with suppress(Unsatisfiable):  # where nothing can be sent that is wrong
            bounded(given(case=operation.as_strategy(generation_mode=mode))(send))()
    return found


def wanted(case: schemathesis.Case[Any], failure: Exception) -> bool:
    """Say whether a request got the 504 that it asked for, with a limit too low for any answer."""
    sent = {**(case.query or {}), **(case.body if isinstance(case.body, dict) else {})}
    return isinstance(failure, ServerError) and failure.status_code == 504 and "timeout" in sent


@pytest.mark.slow
@pytest.mark.parametrize("path", [*sampled((f"/query/{name}" for name in NAMES), 4), *OTHER_PATHS])
def test_the_server_keeps_to_the_document(described: BaseSchema, whole: Whole, path: str) -> None:
    """No 5xx, no status, media type, header or JSON that is not documented, whatever is sent."""
    found = {method: breaches(described[path][method.upper()], examples=5) for method in whole["paths"][path]}

    assert found == {method: [] for method in whole["paths"][path]}


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        pytest.param(lambda told: told["responses"].pop("400"), "Undocumented", id="status"),
        pytest.param(lambda told: told["responses"]["200"]["content"].pop("application/json"), "Undocumented", id="type"),
        pytest.param(
            lambda told: told["responses"]["200"]["content"]["application/json"].update({"schema": {"type": "array"}}),
            "violates schema",
            id="schema",
        ),
    ],
)  # fmt: skip
def test_a_document_that_is_wrong_is_noticed(
    client: FlaskClient, whole: Whole, spoil: Callable[[Whole], object], told: str
) -> None:
    """The check above trips on a status, a media type and a schema that are not those of the server."""
    spoilt = copy.deepcopy(whole)
    spoil(spoilt["paths"]["/query/"]["get"])
    schema = schemathesis.openapi.from_dict(spoilt)
    schema.app = client.application

    assert told in " ".join(breaches(schema["/query/"]["GET"], examples=20))


# The page


@pytest.fixture(scope="module")
def page(client: FlaskClient) -> str:
    """The page of the API."""
    response = client.get("/api")
    assert (response.status_code, response.content_type) == (200, "text/html; charset=utf-8")
    return response.text


def test_the_page_has_every_operation(page: str, whole: Whole) -> None:
    """Each under its name, and each path linked from the top."""
    names = [(method, operation["operationId"]) for _, method, operation in operations(whole)]

    assert [name for _, name in names if f'id="{name}"' not in page] == []
    assert [name for method, name in names if method == "get" and f'href="#{name}"' not in page] == []


def test_the_page_is_sound_html_without_scripts(page: str) -> None:
    """It needs nothing from elsewhere."""
    parser = html5rdf.HTMLParser(strict=True)

    parser.parse(page)

    assert "<script" not in page
    assert "style=" not in page
    assert parser.errors == []


def test_the_links_of_the_page_lead_to_answers(client: FlaskClient, whole: Whole) -> None:
    """Each example is answered, or leads on."""
    links = [one.link for _, _, several in chapters(whole, "") for one in several if one.link]

    found = {link: client.get(link).status_code for link in links}

    assert {link: status for link, status in found.items() if status not in (200, 303)} == {}
    assert len(links) == len(whole["paths"])


def test_the_commands_of_the_page_send_the_examples(client: FlaskClient, whole: Whole) -> None:
    """curl with the parameters of the example, or with the body."""
    told: dict[str, int] = {}
    for _, _, several in chapters(whole, ""):
        for one in several:
            told[one.identity] = run(client, one.curl)

    assert {name: status for name, status in told.items() if status not in (200, 303)} == {}


def run(client: FlaskClient, command: str) -> int:
    """Do as curl would, and give the status."""
    words = shlex.split(command)
    value: dict[str, list[str]] = {"-H": [], "-d": [], "--data-urlencode": []}
    for word, following in pairwise(words):
        value.get(word, []).append(following)
    address = urlsplit(words[-1])
    headers = dict(header.split(": ", 1) for header in value["-H"])
    parted = [pair.partition("=") for pair in value["--data-urlencode"]]
    pairs = [(name, text) for name, _, text in parted]
    assert address.netloc == "localhost"
    if "-G" in words or not (pairs or value["-d"]):
        form: dict[str, list[str]] = {}
        for name, text in pairs:
            form.setdefault(name, []).append(text)
        return client.get(address.path, query_string=form or parse_qs(address.query), headers=headers).status_code
    if value["-d"]:
        return client.post(address.path, data=value["-d"][0], headers=headers).status_code
    return client.post(address.path, data=dict(pairs), headers=headers).status_code


def test_a_hostile_header_stays_text(project: Project, catalogue: Mapping[str, CannedQuery]) -> None:
    """In the commands of the page, which a reader may copy into a shell."""
    hostile = "'; rm -rf / #"
    parameter = Parameter("x", "literal", help="what", example=(hostile,))
    query = replace(catalogue["what-does"], name="some", parameters={"x": parameter})

    made = document({"some": query}, project, Limits(), "http://a.org")

    commands = [one.curl for _, _, several in chapters(made, "") for one in several if one.path == "/query/some"]
    assert [f"x={hostile}" in shlex.split(commands[0]), json.dumps({"x": hostile}) in shlex.split(commands[1])] == [
        True,
        True,
    ]
