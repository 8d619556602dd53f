"""Canned queries over HTTP: every format and status of /query/NAME, pages, and answers that are given again."""

import csv
import gzip
import io
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib.query import Result
from werkzeug.test import TestResponse

from lungkg.engines import LocalEngine
from lungkg.formats import GRAPHS, RESULTS, Format
from lungkg.limits import Limits
from lungkg.queries import load_catalogue
from lungkg.queries.paging import MOST_ROWS, without_last
from lungkg.web import create_app
from lungkg.web.cache import AnswerCache
from lungkg.web.service import Served, Service
from tests.asking import BASE, LIMITS, QUERIES, Bakery, bakery

PROBLEM: Final = "application/problem+json"
JSON_TYPE: Final = "application/sparql-results+json"
HTML_TYPE: Final = "text/html; charset=utf-8"
BROWSER: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CLAIM: Final = f"{BASE}id/claim/leaflet-01-"
QUOTE: Final = ox.NamedNode("http://www.w3.org/ns/oa#exact")


@pytest.fixture(scope="module")
def bread(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bakery]:
    """The bakery, served."""
    with bakery(tmp_path_factory.mktemp("bakery")) as served:
        yield served


@pytest.fixture(scope="module")
def web(bread: Bakery) -> FlaskClient:
    """A client of the bakery."""
    return bread.app.test_client()


def links(response: TestResponse) -> dict[str, str]:
    """Read the Link header: addresses by their relation."""
    return {rel: address for address, rel in re.findall(r'<([^>]*)>; rel="([^"]*)"', response.headers["Link"])}


def bindings(response: TestResponse) -> list[dict[str, str]]:
    """Read the rows of SPARQL 1.1 Results JSON as plain values."""
    rows = json.loads(response.data)["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in rows]


def lines(response: TestResponse) -> list[dict[str, str]]:
    """Read the rows of CSV."""
    return list(csv.DictReader(io.StringIO(response.text)))


def problem(response: TestResponse) -> dict[str, Any]:
    """Read a problem, which has to be one."""
    told: dict[str, Any] = json.loads(response.data)
    assert (response.headers["Content-Type"], response.status_code) == (PROBLEM, told["status"])
    return told


# Formats -----------------------------------------------------------------------------------------

CALLS: Final = {
    "numbers": "",
    "said-of": "entity=cold+proofing",
    "is-said": "entity=steaming",
    "around": "entity=brioche",
}
CLAIM_FORMATS: Final = tuple(entry for entry in GRAPHS if entry.name in ("trig", "nquads"))
OFFERED: Final = [
    *(("numbers", entry) for entry in RESULTS),
    *(("said-of", entry) for entry in (*RESULTS, *CLAIM_FORMATS)),
    *(("is-said", entry) for entry in RESULTS),
    *(("around", entry) for entry in GRAPHS),
]
REFUSED: Final = [
    *(("numbers", entry) for entry in GRAPHS),
    *(("said-of", entry) for entry in GRAPHS if entry not in CLAIM_FORMATS),
    *(("is-said", entry) for entry in GRAPHS),
    *(("around", entry) for entry in RESULTS),
]


def named(case: object) -> str:
    """Name a case."""
    return case.name if isinstance(case, Format) else str(case)


@pytest.mark.parametrize(("name", "format"), OFFERED, ids=named)
def test_a_suffix_chooses_the_format(web: FlaskClient, name: str, format: Format) -> None:
    """Each format that can hold the answer has its address, whatever Accept says."""
    response = web.get(f"/query/{name}.{format.suffix}?{CALLS[name]}", headers={"Accept": "image/png"})

    assert (200, format.content_type) == (response.status_code, response.headers["Content-Type"])
    assert response.data


@pytest.mark.parametrize(("name", "format"), REFUSED, ids=named)
def test_a_suffix_that_cannot_hold_the_answer_is_406(web: FlaskClient, name: str, format: Format) -> None:
    """Rows are no graph and a graph is no rows, JSON and CSV not excepted; the problem lists what there is."""
    told = problem(web.get(f"/query/{name}.{format.suffix}?{CALLS[name]}"))

    assert (406, True) == (told["status"], ".html" in told["detail"])


@pytest.mark.parametrize(
    ("name", "accept", "expected"),
    [
        ("numbers", "", JSON_TYPE),
        ("numbers", "*/*", JSON_TYPE),
        ("numbers", "application/json", JSON_TYPE),
        ("numbers", "text/csv;q=0.9, application/xml;q=0.5", "text/csv; charset=utf-8"),
        ("numbers", BROWSER, HTML_TYPE),
        ("said-of", "application/trig", "application/trig"),
        ("said-of", "application/n-quads", "application/n-quads"),
        ("said-of", "application/trig;q=0.5, text/csv", "text/csv; charset=utf-8"),
        ("around", "", "text/turtle; charset=utf-8"),
        ("around", "application/ld+json", "application/ld+json"),
        ("around", BROWSER, HTML_TYPE),
        ("is-said", "text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
    ],
)
def test_without_a_suffix_accept_chooses(web: FlaskClient, name: str, accept: str, expected: str) -> None:
    """It is negotiated as at /sparql; a page is for those who name HTML."""
    response = web.get(f"/query/{name}?{CALLS[name]}", headers={"Accept": accept} if accept else {})

    assert (200, expected) == (response.status_code, response.headers["Content-Type"])
    assert {"Accept", "Accept-Encoding"} <= set(response.vary)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/query/numbers?format=csv", "text/csv; charset=utf-8"),
        ("/query/numbers?format=application/sparql-results+xml", "application/sparql-results+xml"),
        ("/query/numbers?format=", JSON_TYPE),
        ("/query/numbers?format=html", HTML_TYPE),
        ("/query/numbers.csv?format=csv", "text/csv; charset=utf-8"),
        ("/query/said-of?entity=steaming&format=trig", "application/trig"),
        ("/query/around?entity=brioche&format=nq", "application/n-quads"),
    ],
)
def test_format_overrules_accept(web: FlaskClient, address: str, expected: str) -> None:
    """As at /sparql, by short name or media type."""
    response = web.get(address, headers={"Accept": "application/json"})

    assert (200, expected) == (response.status_code, response.headers["Content-Type"])


@pytest.mark.parametrize(
    ("address", "accept", "status", "part"),
    [
        ("/query/numbers", "image/png", 406, "text/csv"),
        ("/query/numbers?format=turtle", "", 406, "turtle"),
        ("/query/numbers.json?format=csv", "", 400, "leave one out"),
        ("/query/numbers.gif", "", 404, ".gif"),
        ("/query/numbers.", "", 404, "suffix"),
        ("/query/numbers.tar.gz", "", 404, "tar.gz"),
        ("/query/number", "", 404, "did you mean numbers?"),
        ("/query/nothing-like-it", "", 404, "/query/"),
    ],
)
def test_what_is_not_there_is_said(web: FlaskClient, address: str, accept: str, status: int, part: str) -> None:
    """A format that is not offered is 406, an unknown name or suffix 404; each says what there is instead."""
    told = problem(web.get(address, headers={"Accept": accept} if accept else {}))

    assert (status, True) == (told["status"], part in told["detail"])


# Rows --------------------------------------------------------------------------------------------


def test_the_formats_have_the_same_rows(web: FlaskClient) -> None:
    """JSON, CSV, TSV, XML and plain objects give equal rows for the same address."""
    address = "/query/said-of{}?entity=cold+proofing"
    found = bindings(web.get(address.format(".json")))
    tsv = web.get(address.format(".tsv")).text
    xml = ox.parse_query_results(web.get(address.format(".xml")).data, format=ox.QueryResultsFormat.XML)
    assert isinstance(xml, ox.QuerySolutions)

    names = ["relation", "object", "certainty", "standing", "claim"]
    rows = [[row[name] for name in names] for row in found]
    objects = json.loads(web.get(address.format(".json") + "&shape=objects").data)
    assert rows == [list(row.values()) for row in lines(web.get(address.format(".csv")))]
    assert rows == [
        [re.sub(r'^[<"]|>$|"(@en)?$', "", cell) for cell in line.split("\t")] for line in tsv.splitlines()[1:]
    ]
    assert rows == [[str(row[name].value) for name in names] for row in xml]
    assert rows == [list(row.values()) for row in objects["rows"]]
    assert len(rows) == 3


@pytest.mark.parametrize(
    "name", ["cold proofing", "cold-proofing", "CP", "entity:cold-proofing", f"{BASE}id/entity/cold-proofing"]
)
def test_a_thing_has_many_names(web: FlaskClient, name: str) -> None:
    """Label, local name, abbreviation, CURIE and IRI are one question."""
    response = web.get("/query/said-of.json", query_string={"entity": name, "shape": "objects"})

    told = json.loads(response.data)
    assert ({"entity": f"{BASE}id/entity/cold-proofing"}, 3) == (told["parameters"], len(told["rows"]))


def test_objects_are_plain(web: FlaskClient, bread: Bakery) -> None:
    """Numbers and truths are such, nothing is null, all else is text; the rest says what was asked of which release."""
    response = web.get("/query/echo.json?shape=objects&text=a&fresh=yes&count=007&crust=")

    assert "application/json" == response.headers["Content-Type"]
    assert {
        "query": "echo",
        "release": bread.served.release.id,
        "parameters": {"text": "a", "fresh": True, "count": 7},
        "columns": ["text", "day", "fresh", "count", "word", "crust"],
        "rows": [{"text": "a", "day": None, "fresh": True, "count": 7, "word": None, "crust": None}],
        "truncated": False,
        "next": None,
    } == json.loads(response.data)


def test_objects_of_yes_and_no(web: FlaskClient) -> None:
    """ASK has its answer beside no rows."""
    told = json.loads(web.get("/query/is-said.json?entity=steaming&shape=objects").data)

    assert (True, [], False) == (told["boolean"], told["rows"], told["truncated"])


def test_several_values_are_repeated_or_in_lines(web: FlaskClient) -> None:
    """A name is given again for each value, or has one value a line, as a text area sends it."""
    repeated = web.get("/query/several.csv?things=brioche&things=loaf")
    in_lines = web.get("/query/several.csv", query_string={"things": "brioche\r\n\r\n  loaf "})

    assert ["brioche", "loaf"] == [row["label"] for row in lines(repeated)]
    assert repeated.data == in_lines.data


def test_a_text_keeps_its_line_breaks(web: FlaskClient) -> None:
    """Texts are never taken apart, not even where many may be given."""
    told = json.loads(web.get("/query/words.json", query_string={"words": ["a\nb", "c"], "shape": "objects"}).data)

    assert [{"word": "a\nb"}, {"word": "c"}] == told["rows"]


HOSTILE: Final = [
    '" . ?s ?p ?o } #',
    "a\\",
    "'''",
    "}\n{",
    "\u202eabc",
    "\ufeff",
    "<urn:x>",
    "?_text",
    "𝄞",
    "SERVICE <http://127.0.0.1:1/> {",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("way", ["get", "form", "json"])
def test_a_text_is_only_ever_a_text(web: FlaskClient, text: str, way: str) -> None:
    """What would be SPARQL comes back as it was sent, however it was sent."""
    send = {
        "get": lambda: web.get("/query/echo.json", query_string={"text": text}),
        "form": lambda: web.post("/query/echo.json", data={"text": text}),
        "json": lambda: web.post("/query/echo.json", json={"text": text}),
    }

    assert [{"text": text}] == bindings(send[way]())


# Requests ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"text": "a", "count": 7, "fresh": True, "day": "2026-11-26"},
        {"text": "a", "count": "7", "fresh": "true", "day": "2026-11-26", "word": None, "crust": ""},
        {"text": ["a"], "count": [7], "fresh": [True], "day": ["2026-11-26"], "word": []},
    ],
    ids=["typed", "texts", "lists"],
)
def test_json_is_as_good_as_an_address(web: FlaskClient, body: dict[str, Any]) -> None:
    """Numbers, truths, texts and lists are taken; null, the empty text and the empty list count as not given."""
    by_get = web.get("/query/echo.json?text=a&count=7&fresh=true&day=2026-11-26")

    assert bindings(by_get) == bindings(web.post("/query/echo.json", json=body))


def test_post_takes_options_and_formats_too(web: FlaskClient) -> None:
    """Options stand in the body or in the address; Accept chooses the format."""
    form = web.post("/query/numbers", data={"limit": "2", "format": "csv"})
    body = web.post("/query/numbers?limit=2", json={}, headers={"Accept": "text/csv"})
    bare = web.post("/query/numbers.csv?limit=2")

    assert [b"number,even\r\n0,true\r\n1,false\r\n"] * 3 == [form.data, body.data, bare.data]


BAD_REQUESTS: Final = {
    "unknown": ({"query_string": "below=3&entity=a"}, 400, "entity", ["unknown", "below"]),
    "unknown-and-empty": ({"query_string": "entity="}, 400, "entity", ["unknown"]),
    "engine": ({"query_string": "engine=fast"}, 400, "engine", ["unknown"]),
    "no-integer": ({"query_string": "below=twelve"}, 400, "below", ["'twelve'", "an integer", "for example 12"]),
    "given-twice": ({"query_string": "below=1&below=2"}, 400, "below", ["one value", "2 are given"]),
    "limit-zero": ({"query_string": "limit=0"}, 400, "limit", ["from 1 to 10000"]),
    "limit-too-high": ({"query_string": f"limit={MOST_ROWS + 1}"}, 400, "limit", ["from 1 to 10000"]),
    "limit-text": ({"query_string": "limit=all"}, 400, "limit", ["'all'"]),
    "limit-twice": ({"query_string": "limit=1&limit=2"}, 400, "limit", ["2 times"]),
    "after": ({"query_string": "after=3"}, 400, "after", ["no cursor"]),
    "after-another-release": ({"query_string": "after=000000000000.40"}, 400, "after", ["start at the first page"]),
    "timeout": ({"query_string": "timeout=soon"}, 400, "timeout", ["positive number"]),
    "shape": ({"query_string": "shape=tree"}, 400, "shape", ["objects"]),
    "shape-of-csv": ({"query_string": "shape=objects&format=csv"}, 400, "shape", ["JSON"]),
    "list-for-one": ({"method": "POST", "json": {"below": [1, 2]}}, 400, "below", ["2 are given"]),
    "member-twice": ({"method": "POST", "data": '{"below": 1, "below": 2}', "content_type": "application/json"}, 400, "below", ["2 are given"]),
    "address-and-body": ({"method": "POST", "query_string": "below=1", "json": {"below": 2}}, 400, "below", ["2 are given"]),
    "object": ({"method": "POST", "json": {"below": {"a": 1}}}, 400, "below", ["a list of these"]),
    "list-in-list": ({"method": "POST", "json": {"below": [[1]]}}, 400, "below", ["a list of these"]),
    "half-a-character": ({"method": "POST", "data": '{"below": "\\ud800"}', "content_type": "application/json"}, 400, "below", ["surrogate"]),
    "half-a-name": ({"method": "POST", "data": '{"\\ud800": "1"}', "content_type": "application/json"}, 400, "?", ["unknown"]),
    "fraction": ({"method": "POST", "json": {"below": 1.5}}, 400, "below", ["'1.5'"]),
    "huge-number": ({"method": "POST", "data": '{"below": ' + "9" * 6000 + "}", "content_type": "application/json"}, 400, "below", ["integer"]),
    "no-object": ({"method": "POST", "json": [1]}, 400, None, ["JSON object"]),
    "no-json": ({"method": "POST", "data": "below=1", "content_type": "application/json"}, 400, None, ["no JSON"]),
    "not-a-number": ({"method": "POST", "data": '{"below": NaN}', "content_type": "application/json"}, 400, None, ["no JSON"]),
    "deep-json": ({"method": "POST", "data": "[" * 100_000, "content_type": "application/json"}, 400, None, ["no JSON"]),
    "json-not-utf-8": ({"method": "POST", "data": b'{"below": "\xff"}', "content_type": "application/json"}, 400, None, ["no JSON"]),
    "address-not-utf-8": ({"query_string": "below=%FF"}, 400, None, ["UTF-8"]),
    "form-not-utf-8": ({"method": "POST", "data": b"below=%FF", "content_type": "application/x-www-form-urlencoded"}, 400, None, ["UTF-8"]),
    "body-type": ({"method": "POST", "data": "SELECT", "content_type": "application/sparql-query"}, 415, None, ["application/json"]),
    "multipart": ({"method": "POST", "data": {"f": (io.BytesIO(b"x"), "x")}}, 415, None, ["application/json"]),
    "method": ({"method": "PUT", "data": "x"}, 405, None, []),
    "delete": ({"method": "DELETE"}, 405, None, []),
}  # fmt: skip


@pytest.mark.parametrize(("request_", "status", "name", "parts"), BAD_REQUESTS.values(), ids=BAD_REQUESTS)
def test_a_wrong_request_says_what_is_wrong(
    web: FlaskClient, request_: dict[str, Any], status: int, name: str | None, parts: list[str]
) -> None:
    """The status, the parameter, what was expected; never a 500."""
    told = problem(web.open("/query/numbers", **request_))

    assert (status, name) == (told["status"], told.get("parameter"))
    assert [] == [part for part in parts if part not in told["detail"]]


@pytest.mark.parametrize(
    ("address", "name", "part", "example"),
    [
        ("said-of", "entity", "is missing", "cold proofing"),
        ("said-of.json?entity=", "entity", "is missing", "cold proofing"),
        ("said-of.trig", "entity", "is missing", "cold proofing"),
        ("said-of?entity=cold+proofin", "entity", "did you mean", "cold proofing"),
        ("said-of?entity=claim:leaflet-01-C3", "entity", "there is no entity", "cold proofing"),
        ("evidence?claim=C3", "claim", "there is no claim 'C3'", "leaflet-01-C3"),
        ("evidence?claim=" + "C" * 20_000, "claim", "20,000 characters long", "leaflet-01-C3"),
        ("echo?text=%00", "text", "NUL", "hello"),
        ("echo?text=a&day=2026-02-30", "day", "'2026-02-30'", "2026-11-26"),
        ("echo?text=a&fresh=perhaps", "fresh", "true or false", "true"),
        ("echo?text=a&crust=burnt", "crust", "one of soft, hard", "soft"),
        ("several?things=brioche&things=lof", "things", "'lof'", ["brioche", "loaf"]),
        ("words?" + "&".join(f"words={n}" for n in range(1001)), "words", "at most 1000", ["one", "two"]),
    ],
)
def test_a_wrong_value_names_the_parameter_and_an_example(
    web: FlaskClient, address: str, name: str, part: str, example: str | list[str]
) -> None:
    """The problem has the parameter, what is expected and an example as members of their own."""
    told = problem(web.get(f"/query/{address}"))

    assert (400, name, example) == (told["status"], told["parameter"], told["example"])
    assert (True, True) == (part in told["detail"], bool(told["expected"]))


@pytest.mark.parametrize("address", ["said-of.csv?entity=steaming&limit=2&after=", "around.ttl?entity=brioche"])
def test_queries_without_pages_take_no_limit(web: FlaskClient, address: str) -> None:
    """A limit that would mean nothing is refused; an empty one counts as not given."""
    refused = web.get("/query/evidence?claim=leaflet-01-C3&limit=3")

    assert 200 == web.get(f"/query/{address}").status_code
    assert (400, "limit") == (refused.status_code, problem(refused)["parameter"])


def test_a_query_too_long_for_the_engine_is_413(bread: Bakery) -> None:
    """Values that would make a query longer than one may be are refused with its limit."""
    limits = Limits(query_size=5000)
    client = create_app(Service(bread.served), limits).test_client()

    told = problem(client.post("/query/echo", data={"text": "a" * 6000}))

    assert (413, True) == (told["status"], "5000" in told["detail"])


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_deadline_is_504(bread: Bakery, method: str) -> None:
    """A limit that has passed already when the engine is asked stops the query."""
    slow = "SELECT ?x { { SELECT (COUNT(*) AS ?x) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l } } } ORDER BY ?x"
    query = bread.served.catalogue["numbers"]
    catalogue = {"slow": type(query)(**{**vars(query), "name": "slow", "text": slow, "parameters": {}, "key": ()})}
    served = Served(bread.served.engine, bread.project, bread.served.release, catalogue, AnswerCache(1))
    client = create_app(Service(served), LIMITS).test_client()

    told = problem(client.open("/query/slow?timeout=0.3", method=method))

    assert (504, {"timeout": 0.3, "unit": "seconds"}) == (told["status"], told["limit"])


@pytest.mark.parametrize("path", ["/query/numbers", "/query/numbers.csv", "/query/", "/query/index.json"])
def test_head_has_the_headers_of_get_and_no_body(web: FlaskClient, path: str) -> None:
    """HEAD answers as GET does, without the body."""
    got, head = web.get(path), web.head(path)

    names = ("Content-Type", "Content-Length", "ETag", "Link")
    assert ([got.headers.get(name) for name in names], b"") == ([head.headers.get(name) for name in names], head.data)


def test_options_tell_the_methods(web: FlaskClient) -> None:
    """Browsers elsewhere may ask."""
    response = web.options("/query/numbers.json", headers={"Origin": "https://example.org"})

    assert {"GET", "HEAD", "POST", "OPTIONS"} == set(response.headers["Allow"].split(", "))
    assert "*" == response.headers["Access-Control-Allow-Origin"]


def test_the_description_is_linked(web: FlaskClient) -> None:
    """Every format of an answer leads to the document about the query."""
    found = [web.get(f"/query/{name}.{each.suffix}?{CALLS[name]}") for name, each in OFFERED]

    assert [f"/doc/query/{name}" for name, _ in OFFERED] == [links(response)["describedby"] for response in found]


# Pages -------------------------------------------------------------------------------------------


def walk(web: FlaskClient, address: str) -> Iterator[TestResponse]:
    """Ask for a page, and go on by the Link header to the last."""
    while address:
        response = web.get(address)
        assert response.status_code == 200, response.text
        yield response
        address = links(response).get("next", "")


@given(limit=st.integers(1, 130), below=st.integers(1, 100), kind=st.sampled_from(["csv", "json", "xml", "objects"]))
@settings(max_examples=12, deadline=None, derandomize=True)
def test_pages_make_the_whole(web: FlaskClient, limit: int, below: int, kind: str) -> None:
    """Whatever the limit and the format, no row is lost or comes twice, and the order stays."""
    shape = "&shape=objects" if kind == "objects" else ""
    suffix = "json" if shape else kind
    pages = list(walk(web, f"/query/numbers.{suffix}?below={below}&limit={limit}{shape}"))

    ways: dict[str, Callable[[TestResponse], list[int]]] = {
        "csv": lambda page: [int(row["number"]) for row in lines(page)],
        "json": lambda page: [int(row["number"]) for row in bindings(page)],
        "objects": lambda page: [row["number"] for row in json.loads(page.data)["rows"]],
        "xml": lambda page: [int(number) for number in re.findall(r"#integer\">(\d+)<", page.text)],
    }
    read = ways[kind]
    rows = [read(page) for page in pages]
    assert list(range(below)) == [number for page in rows for number in page]
    assert [limit] * (len(pages) - 1) == [len(page) for page in rows[:-1]]


def test_json_says_in_itself_that_there_is_more(web: FlaskClient, bread: Bakery) -> None:
    """`truncated` and `next` stand beside head and results, and only where there is more."""
    first, second = (json.loads(page.data) for page in walk(web, "/query/numbers.json?below=50&shape="))
    place = f"{bread.served.release.id[:12]}.40"

    assert (["head", "truncated", "next", "results"], True) == (list(first), first["truncated"])
    assert f"/query/numbers.json?below=50&after={place}" == first["next"]
    assert (["head", "results"], 40, 10) == (
        list(second), len(first["results"]["bindings"]), len(second["results"]["bindings"]),
    )  # fmt: skip


WAYS: Final = {
    "json": ox.QueryResultsFormat.JSON, "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV, "tsv": ox.QueryResultsFormat.TSV,
}  # fmt: skip
AWKWARD: Final = [
    "a",
    'b"c',
    "d,e\r\nf",
    "<result>",
    "</result>",
    "g\th",
    "]}}",
    "",
    '"\r\n"',
    "\ud7ff\ufeff",
    "i\nj\r",
]


@pytest.mark.parametrize("format", RESULTS, ids=named)
@given(texts=st.lists(st.sampled_from(AWKWARD), min_size=1, max_size=5))
@settings(max_examples=15, deadline=None, derandomize=True)
def test_a_row_too_many_is_cut_off(format: Format, texts: list[str]) -> None:
    """Whatever stands in the rows, the last one goes and the others stay as they are."""
    store = ox.Store()

    def answer(values: list[str]) -> tuple[bytes, list[list[str]]]:
        rows = " ".join(f"({ox.Literal(value)} {ox.Literal(value[::-1])})" for value in values)
        solutions = store.query(f"SELECT ?a ?b {{ VALUES (?a ?b) {{ {rows} }} }}")
        assert isinstance(solutions, ox.QuerySolutions)
        return solutions.serialize(format=WAYS[format.name]) or b"", [[value, value[::-1]] for value in values]

    whole, rows = answer(texts)
    cut = without_last(whole, format)

    if format.name == "csv":
        assert [["a", "b"], *rows[:-1]] == list(csv.reader(io.StringIO(cut.decode(), newline="")))
        return
    read = ox.parse_query_results(cut, format=WAYS[format.name])
    assert isinstance(read, ox.QuerySolutions)
    assert rows[:-1] == [[row["a"].value, row["b"].value] for row in read]


def test_a_page_is_one_query(bread: Bakery) -> None:
    """The row that says that there are more comes with the page: sorting twice would take twice as long."""
    asked: list[str] = []

    class Listening:
        """Remembers the queries."""

        def query(self, text: str, *given_: Any, **more: Any) -> Any:
            """Ask the engine itself."""
            asked.append(text)
            return bread.served.engine.query(text, *given_, **more)

    engine: Any = Listening()
    served = Served(engine, bread.project, bread.served.release, bread.served.catalogue, AnswerCache(1))
    client = create_app(Service(served), LIMITS).test_client()

    for suffix in ("csv", "json", "xml", "tsv"):
        client.get(f"/query/numbers.{suffix}?limit=10")

    assert ["LIMIT 11 OFFSET 0"] * 4 == [text.splitlines()[-1] for text in asked]


def test_readers_of_sparql_results_read_a_page(web: FlaskClient) -> None:
    """What JSON says beside its rows keeps nobody from reading them."""
    content = web.get("/query/numbers.json").data

    by_oxigraph = ox.parse_query_results(content, format=ox.QueryResultsFormat.JSON)
    assert isinstance(by_oxigraph, ox.QuerySolutions)
    assert [40, 40] == [len(list(by_oxigraph)), len(Result.parse(io.BytesIO(content), format="json"))]


def test_objects_always_say_whether_there_is_more(web: FlaskClient) -> None:
    """`next` is null at the end, and the address of the same shape before."""
    pages = [json.loads(page.data) for page in walk(web, "/query/numbers.json?shape=objects&limit=60")]

    assert [True, False] == [page["truncated"] for page in pages]
    assert [["objects"], None] == [
        parse_qs(urlsplit(page["next"]).query)["shape"] if page["next"] else None for page in pages
    ]


def test_a_full_last_page_has_no_next(web: FlaskClient) -> None:
    """Where the rows end with the page there is no empty page after it."""
    response = web.get("/query/numbers.csv?below=40")

    assert (40, ["describedby"]) == (len(lines(response)), list(links(response)))


@pytest.mark.parametrize("way", ["form", "json"])
def test_pages_of_a_post_go_on_by_address(web: FlaskClient, way: str) -> None:
    """The next page of what was posted is an address like any other."""
    sent = {"things": ["brioche", "loaf", "gluten"], "limit": 2}
    first = web.post("/query/several.csv", **({"data": sent} if way == "form" else {"json": sent}))

    (second,) = walk(web, links(first)["next"])

    assert ["brioche", "gluten", "loaf"] == [row["label"] for page in (first, second) for row in lines(page)]


def test_values_too_long_for_an_address_are_posted_again(web: FlaskClient) -> None:
    """The next page is asked by a POST of the same body to the address that the answer names."""
    sent = {"words": [f"{number:03}" + "x" * 100 for number in range(100)]}
    pages = [web.post("/query/words.csv?limit=60", json=sent)]
    pages.append(web.post(links(pages[0])["next"], json=sent))

    assert 200 > len(links(pages[0])["next"])
    assert ["describedby"] == list(links(pages[1]))
    assert sent["words"] == [row["word"] for page in pages for row in lines(page)]


def test_the_prefix_of_the_mount_is_in_every_link(bread: Bakery) -> None:
    """Behind a proxy that strips a prefix, links have it, and none is given to who comes by another way."""
    client = create_app(Service(bread.served), LIMITS, proxies=1).test_client()
    found = [
        client.get("/query/numbers.json", headers={"X-Forwarded-Prefix": prefix} if prefix else {})
        for prefix in ("/a", "", "/b%22", "/a")
    ]

    assert ["/a", "", "/b%2522", "/a"] == [links(page)["next"].partition("/query/")[0] for page in found]
    assert [json.loads(page.data)["next"] for page in found] == [links(page)["next"] for page in found]
    assert ["/a", "", "/b%2522", "/a"] == [links(page)["describedby"].partition("/doc/")[0] for page in found]


# The claims behind the rows ----------------------------------------------------------------------


@pytest.mark.parametrize(("suffix", "format"), [("trig", ox.RdfFormat.TRIG), ("nq", ox.RdfFormat.N_QUADS)])
def test_the_claims_of_the_rows_come_with_their_words(web: FlaskClient, suffix: str, format: ox.RdfFormat) -> None:
    """Each claim of the page is there, its quote too, every statement in its graph and once."""
    address = "/query/said-of.{}?entity=steaming"
    quads = list(ox.parse(web.get(address.format(suffix)).data, format=format))
    found = {row["claim"] for row in bindings(web.get(address.format("json")))}

    quotes = {quad.object.value for quad in quads if quad.predicate == QUOTE and isinstance(quad.object, ox.Literal)}
    stated = {claim for claim in found if "/id/claim/" in claim}
    assert found <= {quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)}
    assert {"In brioche, steaming keeps the crust soft", "enlarges the loaf"} <= quotes
    assert {f"{CLAIM}C3", f"{CLAIM}C4"} == stated
    assert len(quads) == len(set(quads))
    assert {f"{BASE}graph/claims", f"{BASE}graph/documents"} <= {
        quad.graph_name.value for quad in quads if isinstance(quad.graph_name, ox.NamedNode)
    }


def test_the_claims_of_a_page_are_those_of_its_rows(web: FlaskClient) -> None:
    """A page of TriG has the claims of this page alone, and leads to the next."""
    rows = bindings(web.get("/query/said-of.json?entity=steaming"))
    pages = list(walk(web, "/query/said-of.trig?entity=steaming&limit=1"))

    type_ = ox.NamedNode("https://w3id.org/biolink/vocab/subject")
    found = [
        {quad.subject.value for quad in ox.parse(page.data, format=ox.RdfFormat.TRIG) if quad.predicate == type_}
        for page in pages
    ]
    assert len(rows) == len(pages) > 1
    assert [True] * len(rows) == [row["claim"] in claims for row, claims in zip(rows, found, strict=True)]


def test_no_rows_are_no_claims(web: FlaskClient) -> None:
    """An answer without rows is an empty dataset."""
    response = web.get("/query/said-of.trig?entity=loaf")

    assert (200, []) == (response.status_code, list(ox.parse(response.data, format=ox.RdfFormat.TRIG)))


# Answers that are given again --------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    ["numbers.json", "numbers.json?shape=objects", "numbers.csv", "said-of.trig?entity=CP", "around?entity=brioche"],
)
def test_who_has_the_answer_is_told_so(web: FlaskClient, address: str) -> None:
    """The tag of an answer brings 304 without a body as long as the release is the same."""
    first = web.get(f"/query/{address}")
    again = web.get(f"/query/{address}", headers={"If-None-Match": first.headers["ETag"]})

    assert (200, "public, no-cache") == (first.status_code, first.headers["Cache-Control"])
    assert (304, b"", first.headers["ETag"]) == (again.status_code, again.data, again.headers["ETag"])


def test_the_tag_changes_with_the_address(web: FlaskClient) -> None:
    """Other values, pages, shapes and formats have other tags."""
    addresses = [
        "numbers.json",
        "numbers.csv",
        "numbers.json?below=3",
        "numbers.json?limit=3",
        "numbers.json?shape=objects",
    ]

    tags = [web.get(f"/query/{address}").headers["ETag"] for address in addresses]

    assert len(tags) == len(set(tags))


def test_an_answer_is_given_again_without_the_engine(bread: Bakery) -> None:
    """The second time the answer comes from the cache, its links too, plain or in gzip."""
    served = Served(bread.served.engine, bread.project, bread.served.release, bread.served.catalogue, AnswerCache(4))
    client = create_app(Service(served), LIMITS).test_client()
    address = "/query/numbers.json?below=99"

    plain = [client.get(address) for _ in range(2)]
    packed = [client.get(address, headers={"Accept-Encoding": "gzip"}) for _ in range(2)]

    timing = [response.headers["Server-Timing"].partition(";")[0] for response in (*plain, *packed)]
    assert ["queue", "cache", "queue", "cache"] == timing
    assert 1 == len({json.dumps(links(response)) for response in (*plain, *packed)})
    assert plain[0].data == gzip.decompress(packed[1].data)
    assert ["gzip", "gzip"] == [response.headers["Content-Encoding"] for response in packed]


@pytest.mark.parametrize("constant", [True, False])
def test_what_changes_is_not_kept(bread: Bakery, constant: bool) -> None:
    """A query that calls RAND, and any query of a server that others write into, is asked each time."""
    served = Served(
        bread.served.engine, bread.project, bread.served.release, bread.served.catalogue, AnswerCache(4), constant
    )
    client = create_app(Service(served), LIMITS).test_client()
    name = "changing" if constant else "numbers"

    found = [client.get(f"/query/{name}.json") for _ in range(2)]

    assert ["no-store"] * 2 == [response.headers["Cache-Control"] for response in found]
    assert [False] * 2 == ["ETag" in response.headers for response in found]


def test_long_answers_come_from_files(bread: Bakery) -> None:
    """What is too long for memory is written to a file in every shape, and is the same."""
    limits = Limits(quick_workers=1, slow_workers=1, kept_size=0.001)
    whole = bread.app.test_client()
    addresses = [
        "numbers.json?limit=99", "numbers.json?limit=99&shape=objects", "numbers.json", "said-of.trig?entity=CP",
        "numbers.csv?limit=99", "numbers",
    ]  # fmt: skip
    with LocalEngine(bread.served.release.store, bread.project.prefixes, limits, base=bread.project.base) as engine:
        served = Served(engine, bread.project, bread.served.release, load_catalogue(bread.project), AnswerCache(1))
        client = create_app(Service(served), limits).test_client()
        for address in addresses:
            found, expected = client.get(f"/query/{address}"), whole.get(f"/query/{address}")
            assert (expected.data, expected.headers["ETag"]) == (found.data, found.headers["ETag"])
            assert (expected.headers["Link"], str(len(found.data))) == (
                found.headers["Link"], found.headers["Content-Length"],
            )  # fmt: skip
        assert 0 == engine.state()["open_answers"]


def test_an_answer_longer_than_one_may_be_is_413(bread: Bakery) -> None:
    """What a shape makes longer than the limit is refused, never cut off."""
    client = create_app(Service(bread.served), Limits(answer_size=0)).test_client()

    assert 413 == problem(client.get("/query/numbers.json?shape=objects&limit=77"))["status"]


# The list ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/query/index.json", "/query/", "/query", "/query/?format=json", "/query/?q="])
def test_the_list_has_every_query(web: FlaskClient, address: str, bread: Bakery) -> None:
    """JSON lists name, question, tags and parameters of each."""
    told = json.loads(web.get(address).data)

    assert bread.served.release.id == told["release"]
    assert sorted(QUERIES) == [query["name"] for query in told["queries"]]
    (said,) = [query for query in told["queries"] if query["name"] == "said-of"]
    assert {
        "name": "said-of",
        "href": "/query/said-of",
        "summary": "What is said to be done by a thing?",
        "question": "What is cold proofing said to do?",
        "tags": ["claims"],
        "for": ["bakers"],
        "claims": "claim",
        "key": ["claim"],
    }.items() <= said.items()
    assert [("entity", "entity", True, ["cold proofing"]), ("context", "entity", False, ["brioche"])] == [
        (one["name"], one["type"], one["required"], one["example"]) for one in said["parameters"]
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("numbers", ["numbers"]),
        ("NUMBER", ["changing", "echo", "numbers"]),
        ("counting", ["numbers"]),
        ("crust words", ["evidence"]),
        ("bakers claim", ["said-of"]),
        ("no such thing", []),
    ],
)
def test_the_list_is_searched(web: FlaskClient, words: str, expected: list[str]) -> None:
    """Every word has to stand in the name, the question, the tags, the readers or the parameters."""
    told = json.loads(web.get("/query/index.json", query_string={"q": words}).data)

    assert expected == [query["name"] for query in told["queries"]]


@pytest.mark.parametrize(
    ("address", "accept", "status"),
    [
        ("/query/index.csv", "", 404),
        ("/query/?format=csv", "", 406),
        ("/query/", "text/csv", 406),
        ("/query/?tag=claims", "", 400),
        ("/query/?q=a&q=b", "", 400),
    ],
)
def test_the_list_refuses_what_it_cannot(web: FlaskClient, address: str, accept: str, status: int) -> None:
    """It is JSON or a page, and takes words to look for."""
    assert status == problem(web.get(address, headers={"Accept": accept} if accept else {}))["status"]


def test_the_list_is_known_by_its_tag(web: FlaskClient) -> None:
    """304 for who has it."""
    tag = web.get("/query/index.json").headers["ETag"]

    assert 304 == web.get("/query/index.json", headers={"If-None-Match": tag}).status_code


def test_the_real_catalogue_is_answered_in_every_format(client: FlaskClient) -> None:
    """Each canned query of the real project, with its example, comes in each of its formats."""
    refused = []
    for query in json.loads(client.get("/query/index.json").data)["queries"]:
        given = {one["name"]: one["example"] for one in query["parameters"] if one["required"]}
        formats = RESULTS if query["form"] in ("SELECT", "ASK") else GRAPHS
        for each in (*formats, *(CLAIM_FORMATS if query["claims"] else ())):
            response = client.get(f"{query['href']}.{each.suffix}", query_string=given)
            if response.status_code != 200 or response.headers["Content-Type"] != each.content_type:
                refused.append((query["name"], each.name, response.text[:200]))

    assert [] == refused
