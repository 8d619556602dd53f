"""Canned queries in a browser: a form that needs no script, the answer below it, and what is wrong at its field."""

import ast
import json
import re
import shlex
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit
from xml.etree.ElementTree import Element

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lungkg.engines import Answer, Engine
from lungkg.errors import EngineBusy, EngineTimeout
from lungkg.formats import RESULTS
from lungkg.web import create_app, examples
from lungkg.web.cache import AnswerCache
from lungkg.web.fields import MOST_NAMES
from lungkg.web.service import Served, Service
from tests.asking import BASE, LIMITS, QUERIES, Bakery, bakery
from tests.test_pages import HOSTILE, addresses, find, misled, parse, shown, text_of, unsound

BROWSER: Final = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}

PAGES: Final = {
    "list": "/query/",
    "list-of-some": "/query/?q=number",
    "list-of-none": "/query/?q=no+such+thing",
    "form": "/query/said-of",
    "form-of-every-kind": "/query/echo",
    "form-of-lists": "/query/several",
    "form-of-texts": "/query/words",
    "form-in-part": "/query/several?kinds=bakery:Bread",
    "rows": "/query/said-of?entity=CP",
    "rows-of-a-page": "/query/numbers?limit=10",
    "rows-of-the-last-page": "/query/numbers?limit=99&after={release}.99",
    "rows-after-the-last": "/query/numbers?after={release}.400",
    "no-rows": "/query/said-of?entity=loaf&context=brioche",
    "every-kind": "/query/echo?text=a&day=2026-11-26&fresh=1&count=7&word=b&crust=hard",
    "lists": "/query/several?things=brioche&things=loaf&kinds=bakery:Bread",
    "texts": "/query/words?words=a%0Ab&words=c",
    "yes": "/query/is-said?entity=steaming",
    "no": "/query/is-said?entity=brioche",
    "graph": "/query/around?entity=brioche",
    "html-suffix": "/query/said-of.html?entity=steaming",
    "long": "/query/words?" + "&".join(f"words={n}{'x' * 100}" for n in range(90)) + "&limit=40",
}
PROBLEMS: Final = {
    "unknown-parameter": "/query/said-of?entity=steaming&size=2",
    "unknown-thing": "/query/said-of?entity=steamin",
    "wrong-integer": "/query/numbers?below=twelve",
    "wrong-choice": "/query/echo?text=a&crust=burnt",
    "wrong-in-a-list": "/query/several?things=brioche%0Aloff",
    "wrong-limit": "/query/numbers?limit=none",
    "nul": "/query/echo?text=a%00b",
    "hostile": "/query/said-of?entity=%3C/td%3E%3C/textarea%3E%3Cscript%3Ealert(%22x%22)%3C/script%3E",
}
ALL: Final = {**PAGES, **PROBLEMS}


@pytest.fixture(scope="module")
def bread(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bakery]:
    """The bakery, served."""
    with bakery(tmp_path_factory.mktemp("bakery")) as served:
        yield served


@pytest.fixture(scope="module")
def web(bread: Bakery) -> FlaskClient:
    """A client of the bakery."""
    return bread.app.test_client()


@pytest.fixture(scope="module")
def ask(web: FlaskClient, bread: Bakery) -> Any:
    """Ask for one of the pages above as a browser does."""

    def got(name: str, **more: Any) -> TestResponse:
        address = ALL.get(name, name).format(release=bread.served.release.id[:12])
        return web.get(address, headers={**BROWSER, **more.pop("headers", {})}, **more)

    return got


def field(tree: Element, name: str) -> Element:
    """Find the first field of a name in the form."""
    form = find(tree, ".//form[@class='ask']")
    return next(node for node in form.iter() if node.get("name") == name)


# Soundness ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_every_page_is_sound(ask: Any, name: str) -> None:
    """A strict parser finds no error; labels belong to fields, ids are single, no script and nothing inline."""
    response = ask(name)

    assert (name in PROBLEMS, "text/html; charset=utf-8") == (
        response.status_code == 400, response.headers["Content-Type"],
    )  # fmt: skip
    assert response.status_code in (200, 400)
    assert [] == unsound(parse(response.text))


@pytest.mark.parametrize("name", ALL)
def test_every_address_keeps_to_the_mount_prefix(ask: Any, name: str) -> None:
    """Below a prefix every link of the site has it; long addresses are not made."""
    tree = parse(ask(name, environ_overrides={"SCRIPT_NAME": "/deep er/kg"}).text)

    assert [] == misled(tree, "/deep%20er/kg")
    assert 8000 > max(len(address) for _, address in addresses(tree))


@pytest.mark.parametrize("name", QUERIES)
def test_every_query_has_a_form(web: FlaskClient, name: str) -> None:
    """A page without values is the form, not an error, and leads to an example that has an answer."""
    page = parse(web.get(f"/query/{name}", headers=BROWSER).text)

    assert f"/query/{name}#answer" == find(page, ".//form[@class='ask']").get("action")
    for link in page.findall(".//main/p/a"):
        if link.get("href", "").startswith(f"/query/{name}?"):
            answered = web.get(link.get("href", "").partition("#")[0], headers=BROWSER)
            assert find(parse(answered.text), ".//section[@id='answer']") is not None


def test_the_pages_of_the_real_catalogue_are_sound(client: FlaskClient) -> None:
    """Each form of the real project, empty and with the answer to its example."""
    listed = client.get("/query/index.json").json
    assert listed is not None
    for query in listed["queries"]:
        given = {one["name"]: one["example"] for one in query["parameters"] if one["required"]}
        for values in ({}, given):
            page = client.get(query["href"], query_string=values, headers=BROWSER)
            assert (200, []) == (page.status_code, unsound(parse(page.text))), query["name"]


# The form ----------------------------------------------------------------------------------------


def test_the_form_alone_asks_nothing(ask: Any) -> None:
    """Without what is required there is no answer, and the question of the example leads to one."""
    tree = parse(ask("form").text)

    (example,) = [a for a in tree.findall(".//main/p/a") if "#answer" in a.get("href", "")]
    assert ("What is cold proofing said to do?", "/query/said-of?entity=cold+proofing#answer") == (
        text_of(example), example.get("href"),
    )  # fmt: skip
    assert [] == tree.findall(".//section[@id='answer']")


def test_a_form_in_part_says_what_is_missing(ask: Any) -> None:
    """What was given stays, and what is missing is named."""
    tree = parse(ask("form-in-part").text)

    assert "To ask, say also: Things." in [shown(node) for node in tree.findall(".//p[@class='note']")]
    chosen = [node for node in tree.iter("input") if node.get("name") == "kinds" and node.get("checked") is not None]
    assert [f"{BASE}ont#Bread"] == [node.get("value") for node in chosen]


def test_a_query_without_required_parameters_is_answered_at_once(ask: Any) -> None:
    """There is nothing to wait for."""
    assert "100 rows" in shown(find(parse(ask("/query/numbers?limit=100").text), ".//p[@class='facts']"))


def test_required_fields_are_marked(ask: Any) -> None:
    """The browser asks for them, and optional ones say that they are."""
    tree = parse(ask("form").text)

    marked = {name: field(tree, name).get("required") is not None for name in ("entity", "context")}
    labels = [shown(node) for node in find(tree, ".//form[@class='ask']").iter("label")]
    assert {"entity": True, "context": False} == marked
    assert ["Entity", "Context optional", "Rows in a page optional"] == labels


def test_each_kind_has_its_field(ask: Any) -> None:
    """Dates, numbers, truths and choices are not typed as text; the example is the placeholder."""
    tree = parse(ask("form-of-every-kind").text)

    kinds = {
        name: (field(tree, name).tag, field(tree, name).get("type"))
        for name in ("text", "day", "fresh", "count", "word", "crust")
    }
    assert {
        "text": ("input", "text"),
        "day": ("input", "date"),
        "fresh": ("select", None),
        "count": ("input", "number"),
        "word": ("input", "text"),
        "crust": ("select", None),
    } == kinds
    assert "hello" == field(tree, "text").get("placeholder")
    assert [("", "any"), ("soft", "soft"), ("hard", "rather hard")] == [
        (option.get("value"), text_of(option)) for option in field(tree, "crust").iter("option")
    ]


def test_help_belongs_to_its_field(ask: Any) -> None:
    """What a parameter is and an example stand below the field, which refers to them."""
    tree = parse(ask("form").text)

    (help_,) = [node for node in tree.iter("p") if node.get("id") == field(tree, "entity").get("aria-describedby")]
    assert "What acts, for example cold proofing." == shown(help_)


def test_names_are_offered(ask: Any) -> None:
    """Entities are offered by their labels; other things by their local names."""
    entities = parse(ask("form").text)
    claims = parse(ask("/query/evidence").text)

    offered = {
        tree: [(option.get("value"), text_of(option)) for option in find(tree, ".//datalist[1]").iter("option")]
        for tree in [entities.find(".//div[@class='field']"), claims.find(".//div[@class='field']")]
        if tree is not None
    }
    of_entities, of_claims = offered.values()
    assert ("cold proofing", "cold-proofing") in of_entities
    assert 9 == len(of_entities)
    assert "leaflet-01-C3" in [value for value, _ in of_claims]
    assert [] == [value for value, _ in of_claims if "#" in (value or "")]


def test_choices_are_asked_of_the_graph(ask: Any) -> None:
    """A header with a query has its rows for choices, as boxes where many may be chosen."""
    form = find(parse(ask("form-of-lists").text), ".//form[@class='ask']")

    boxes = [node for node in form.iter("input") if node.get("type") == "checkbox"]
    labels = {node.get("for"): text_of(node) for node in form.iter("label")}
    assert (f"{BASE}ont#Bread", "bread") in [(box.get("value"), labels[box.get("id")].lower()) for box in boxes]
    assert {"kinds"} == {box.get("name") for box in boxes}


def test_lists_have_a_text_area_or_several_fields(ask: Any) -> None:
    """Things are written one in a line; texts, which may have line breaks, have a field each and empty ones for more."""
    things = field(parse(ask("lists").text), "things")
    texts = [
        node for node in find(parse(ask("texts").text), ".//form[@class='ask']").iter() if node.get("name") == "words"
    ]

    assert ("textarea", "brioche\nloaf") == (things.tag, text_of(things))
    assert [True, False, False] == [node.get("required") is not None for node in texts]
    assert ("a\nb", "c", "") == (text_of(texts[0]), texts[1].get("value"), texts[2].get("value"))


def test_the_form_keeps_what_was_asked(ask: Any) -> None:
    """After the answer each field has its value."""
    tree = parse(ask("every-kind").text)

    values = {name: field(tree, name).get("value") for name in ("text", "day", "count", "word")}
    chosen = {
        name: [option.get("value") for option in field(tree, name).iter("option") if option.get("selected") is not None]
        for name in ("fresh", "crust")
    }
    assert {"text": "a", "day": "2026-11-26", "count": "7", "word": "b"} == values
    assert {"fresh": ["true"], "crust": ["hard"]} == chosen


def test_a_name_says_how_it_was_read(ask: Any) -> None:
    """The thing that a name was taken for is shown and linked below its field."""
    tree = parse(ask("/query/said-of?entity=CP").text)

    help_ = find(tree, ".//p[@id='p-entity-help']")
    assert "What acts, for example cold proofing; read as entity:cold-proofing." == shown(help_)
    assert [f"{BASE}id/entity/cold-proofing"] == [node.get("href") for node in help_.iter("a")]


def test_a_form_goes_without_lists_when_the_engine_does_not_answer(bread: Bakery) -> None:
    """Names and choices are a help: without them things are typed, and the form is there all the same."""

    class Busy:
        """An engine that has no time."""

        def __init__(self, error: Exception) -> None:
            self.error, self.asked = error, 0

        def query(self, *_: object, **__: object) -> None:
            """Refuse."""
            self.asked += 1
            raise self.error

    statuses, asked = [], []
    for error in (EngineBusy("busy"), EngineTimeout(1)):
        engine: Any = Busy(error)
        release = bread.served.release
        served = Served(engine, bread.project, release, bread.served.catalogue, AnswerCache(1))
        client = create_app(Service(served), LIMITS).test_client()
        statuses += [client.get("/query/said-of", headers=BROWSER).status_code for _ in range(2)]
        asked.append(engine.asked)
        statuses.append(client.get("/query/said-of?entity=CP", headers=BROWSER).status_code)

    assert [200, 200, 503, 200, 200, 504] == statuses
    assert asked[0] > asked[1] > 0  # what took too long is not tried again


def test_long_lists_of_names_are_left_out(bread: Bakery) -> None:
    """More names than a page can hold are no help."""
    rows = [
        {"value": {"type": "uri", "value": f"{BASE}id/entity/e{n}"}, "label": {"type": "literal", "value": f"e {n}"}}
        for n in range(MOST_NAMES + 1)
    ]

    class Full:
        """An engine with many things."""

        def query(self, *_: object, **__: object) -> Answer:
            """Give them all."""
            body = json.dumps({"head": {"vars": ["value", "label"]}, "results": {"bindings": rows}}).encode()
            return Answer(body, RESULTS[0])

    engine: Any = Full()
    served = Served(engine, bread.project, bread.served.release, bread.served.catalogue, AnswerCache(1))
    page = create_app(Service(served), LIMITS).test_client().get("/query/said-of", headers=BROWSER)

    assert [] == list(parse(page.text).iter("datalist"))


# What is wrong -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "parameter", "part"),
    [
        ("unknown-thing", "entity", "did you mean"),
        ("wrong-integer", "below", "'twelve' is not an integer"),
        ("wrong-choice", "crust", "is not one of soft, hard"),
        ("wrong-in-a-list", "things", "'loff'"),
        ("nul", "text", "Holds a NUL"),
        ("hostile", "entity", "There is no entity"),
    ],
)
def test_a_mistake_stands_at_its_field(ask: Any, name: str, parameter: str, part: str) -> None:
    """The field is marked and refers to what is wrong; the summary above leads to the field."""
    tree = parse(ask(name).text)

    wrong, (told,) = field(tree, parameter), tree.findall(".//p[@class='wrong']")
    assert ("true", True) == (
        wrong.get("aria-invalid"),
        told.get("id") in (wrong.get("aria-describedby") or "").split(),
    )
    assert part in shown(told)
    summary = find(tree, ".//div[@id='problem']")
    assert [f"#{wrong.get('id')}"] == [node.get("href") for node in summary.iter("a")]
    assert shown(told) in shown(summary)


@pytest.mark.parametrize(
    ("name", "part"), [("unknown-parameter", "Parameter size: is unknown"), ("wrong-limit", "'none'")]
)
def test_a_mistake_of_no_field_stands_above(ask: Any, name: str, part: str) -> None:
    """It is told in the box, and nothing that was typed is lost."""
    tree = parse(ask(name).text)

    assert part in shown(find(tree, ".//div[@id='problem']"))
    assert [] == tree.findall(".//p[@class='wrong']")
    assert "steaming" in [node.get("value") for node in tree.iter("input")] or name != "unknown-parameter"


def test_a_hostile_value_is_only_ever_text(web: FlaskClient) -> None:
    """Markup in a value is shown as it is written, in the field, in the answer and in the snippets."""
    tree = parse(web.get("/query/echo", query_string={"text": HOSTILE, "word": HOSTILE}, headers=BROWSER).text)

    assert HOSTILE == field(tree, "text").get("value")
    assert [HOSTILE, HOSTILE] == [text_of(node) for node in tree.iter("bdi")]
    assert [] == unsound(tree)


@pytest.mark.parametrize("accept", [BROWSER, {"Accept": "*/*"}])
def test_the_html_suffix_is_always_a_page(web: FlaskClient, accept: dict[str, str]) -> None:
    """Also for what is wrong, and whatever Accept says."""
    for address, status in [
        ("said-of.html?entity=steaming", 200),
        ("said-of.html?entity=nobody", 400),
        ("said-of.html", 200),
    ]:
        response = web.get(f"/query/{address}", headers=accept)
        assert (status, "text/html; charset=utf-8") == (response.status_code, response.headers["Content-Type"])


def test_a_browser_gets_a_page_for_every_mistake(web: FlaskClient) -> None:
    """An address with another suffix has the form for its problem page, so that it can be mended."""
    response = web.get("/query/said-of.csv", headers=BROWSER)

    assert 400 == response.status_code
    assert "Is missing" in shown(find(parse(response.text), ".//p[@class='wrong']"))


# The answer --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("yes", "Yes in"),
        ("no", "No in"),
        ("graph", "A graph in"),
        ("every-kind", "1 row in"),
        ("no-rows", "0 rows in"),
        ("rows-of-a-page", "Rows 1 to 10; there are more, in"),
        ("rows-of-the-last-page", "Rows 100 to 100, in"),
    ],
)
def test_an_answer_begins_with_what_it_is(ask: Any, name: str, expected: str) -> None:
    """The number of rows, which ones they are, yes or no, or a graph."""
    assert shown(find(parse(ask(name).text), ".//p[@class='facts']")).startswith(expected)


def test_rows_are_numbered_through(ask: Any) -> None:
    """The second page goes on where the first ended, and a link leads on."""
    tree = parse(ask("rows-of-a-page").text)
    (following,) = [node for node in tree.iter("a") if node.get("rel") == "next"]
    second = parse(ask(following.get("href", "").partition("#")[0]).text)

    assert f'<{following.get("href", "").partition("#")[0]}>; rel="next"' in ask("rows-of-a-page").headers["Link"]
    numbers = [shown(node) for node in second.findall(".//tbody//th")]
    assert [str(number) for number in range(11, 21)] == numbers
    assert ["/query/numbers?limit=10#answer"] == [
        node.get("href") for node in find(second, ".//nav[@class='pages']").iter("a") if node.get("rel") != "next"
    ]


def test_counts_have_bars(ask: Any) -> None:
    """A view of bars draws the last column of numbers, each in proportion to the greatest."""
    rows = parse(ask("/query/numbers?below=5").text).findall(".//tbody/tr")

    assert ["0.0", "25.0", "50.0", "75.0", "100.0"] == [
        find(row, ".//{http://www.w3.org/2000/svg}rect").get("width") for row in rows
    ]
    assert ["0", "1", "2", "3", "4"] == [shown(row.findall("td")[0]) for row in rows]


def test_inferred_rows_are_marked_and_claims_linked(ask: Any) -> None:
    """What no document says stands out; each claim leads to itself and to the question about its evidence."""
    rows = parse(ask("rows").text).findall(".//tbody/tr")

    cells = [[shown(node) for node in row.findall("td")] for row in rows]
    assert [("derived" if cell[3] == "inferred" else None) for cell in cells] == [row.get("class") for row in rows]
    assert {"stated", "inferred"} == {cell[3] for cell in cells}
    links = [[(text_of(a), a.get("href")) for a in row.iter("a")] for row in rows]
    inferred = next(link for link in links if link[0][0] == "triples")
    assert [
        ("evidence", "/query/evidence?claim=leaflet-01-C1"), ("claim:leaflet-01-C1", f"{BASE}id/claim/leaflet-01-C1"),
    ] in links  # fmt: skip
    assert [("query", f"DESCRIBE <{inferred[1][1]}>")] == parse_qsl(urlsplit(inferred[0][1] or "").query)


def test_no_row_is_followed_by_what_to_do(ask: Any) -> None:
    """What may be left out, an example, and other questions."""
    links = [a.get("href") for a in find(parse(ask("no-rows").text), ".//div[@id='nothing']").iter("a")]

    assert ["/query/said-of?entity=loaf#answer", "/query/said-of?entity=cold+proofing#answer", "/query/"] == links


def test_the_answer_comes_in_every_format(ask: Any, web: FlaskClient) -> None:
    """Each file has its link, claims and plain objects too, and the last link is the question itself."""
    links = parse(ask("rows").text).findall(".//ul[@class='downloads']/li/a")

    paths = [urlsplit(node.get("href", "")).path.partition(".")[2] for node in links]
    assert ["json", "xml", "csv", "tsv", "trig", "nq", "json", ""] == paths
    assert {(("entity", "CP"),), (("entity", "CP"), ("shape", "objects"))} == {
        tuple(parse_qsl(urlsplit(node.get("href", "")).query)) for node in links
    }
    assert [200] * len(links) == [web.get(node.get("href", "").partition("#")[0]).status_code for node in links]


def test_the_files_of_a_page_are_of_this_page(ask: Any, web: FlaskClient) -> None:
    """They have the same rows as the table."""
    tree = parse(ask("rows-of-the-last-page").text)
    (link,) = [a for a in tree.findall(".//ul[@class='downloads']/li/a") if ".csv" in a.get("href", "")]

    assert b"number,even\r\n99,false\r\n" == web.get(link.get("href", "")).data


def test_a_question_too_long_for_an_address_is_posted(ask: Any, web: FlaskClient) -> None:
    """Files and the next page are asked by POST with the same values."""
    tree = parse(ask("long").text)
    files, following = find(tree, ".//form[@class='downloads']"), find(tree, ".//nav[@class='pages']/form")

    def send(form: Element, button: Element) -> TestResponse:
        sent: dict[str, list[str]] = {}
        for node in [*form.iter("input"), button]:
            sent.setdefault(node.get("name", ""), []).append(node.get("value", ""))
        return web.post(form.get("action", "").partition("#")[0], data=sent, headers=BROWSER)

    (as_csv,) = [node for node in files.iter("button") if node.get("value") == "csv"]
    (on,) = following.iter("button")
    assert 41 == len(send(files, as_csv).text.splitlines())
    assert "Rows 41 to 80; there are more" in shown(find(parse(send(following, on).text), ".//p[@class='facts']"))


def test_the_sparql_that_was_sent_can_be_changed_and_run(ask: Any, web: FlaskClient) -> None:
    """It stands in a form that posts to /sparql, without the header of its file, and in a link to the editor."""
    tree = parse(ask("rows").text)
    form = find(tree, ".//form[@class='again']")
    text = text_of(find(form, ".//textarea"))
    (link,) = [a.get("href", "") for a in form.iter("a")]

    assert ("post", "/sparql#answer", False) == (form.get("method"), form.get("action"), "#+" in text)
    assert text.strip() == dict(parse_qsl(urlsplit(link).query))["query"].strip()
    rows = [line.split(",") for line in web.post("/sparql", data={"query": text, "format": "csv"}).text.splitlines()]
    asked = web.get("/query/said-of.csv?entity=CP").text.splitlines()
    assert [line.split(",") for line in asked] == rows


def test_the_snippets_ask_exactly_this(ask: Any) -> None:
    """The curl command and the script have the address, the name and the values."""
    blocks = [text_of(node) for node in parse(ask("lists").text).iter("code")]

    (curl,) = [block for block in blocks if block.startswith("curl")]
    (script,) = [block for block in blocks if "connect" in block]
    assert [
        "curl", "-fsS", "--get", "http://localhost/query/several.csv", "--data-urlencode", "things=brioche",
        "--data-urlencode", "things=loaf", "--data-urlencode", "kinds=bakery:Bread",
    ] == shlex.split(curl.replace("\\\n", ""))  # fmt: skip
    assert "graph.query('several', things=['brioche', 'loaf'], kinds=['bakery:Bread'])" in script
    assert "connect('http://localhost/sparql')" in script


@pytest.mark.parametrize("value", ["'; rm -rf / #", '"$(id)`id`"', "a\\\n{x}"])
def test_a_hostile_value_stays_one_word_in_the_snippets(bread: Bakery, value: str) -> None:
    """No quoting trick makes more of it in a shell or in Python."""
    given = {"text": (value,)}
    script = examples.python_of("http://h/sparql", bread.served.catalogue["echo"], given)

    strings = [node.value for node in ast.walk(ast.parse(script)) if isinstance(node, ast.Constant)]
    assert f"text={value}" == shlex.split(examples.curl_of("http://h/query/echo", given, "SELECT"))[-1]
    assert value in strings


@pytest.mark.parametrize(
    ("name", "part"), [("is-said", "print(graph.query('is-said'"), ("around", ".serialize(format=")]
)
def test_the_script_shows_what_comes(bread: Bakery, name: str, part: str) -> None:
    """Yes or no is printed, a graph written."""
    query = bread.served.catalogue[name]

    script = examples.python_of("http://h/sparql", query, query.examples)

    ast.parse(script)
    assert part in script


# The list ----------------------------------------------------------------------------------------


def test_the_list_goes_by_who_asks_and_by_subject(ask: Any) -> None:
    """Each reader has the own questions, each subject its own; the question comes first."""
    tree = parse(ask("list").text)

    groups = {
        shown(find(section, "h2")): [text_of(a) for a in section.iter("a")]
        for section in tree.findall(".//section[@class='group']")
    }
    assert ["For bakers", "For everybody", "For millers"] == list(groups)
    assert ["Which numbers are there?", "What is said to be done by a thing?"] == groups["For bakers"]
    assert ["Which numbers are there?"] == groups["For millers"]
    assert ["arithmetic 1", "claims 1", "counting 1", "evidence 1"] == [shown(node) for node in tree.iter("summary")]


def test_the_list_is_searched(ask: Any) -> None:
    """The words stay in the field, and the number of hits is said."""
    tree = parse(ask("list-of-some").text)
    none = parse(ask("list-of-none").text)

    assert "number" == find(tree, ".//input[@name='q']").get("value")
    assert "3 of 9 questions have this word. Show all" == shown(find(tree, ".//p[@class='facts']"))
    assert "0 of 9 questions have these words. Show all" == shown(find(none, ".//p[@class='facts']"))


def test_the_front_page_leads_to_the_questions(web: FlaskClient) -> None:
    """Each question is a link to its form."""
    tree = parse(web.get("/", headers=BROWSER).text)

    links = [a.get("href") for a in find(tree, ".//ul[@class='questions']").iter("a")]
    assert [f"/query/{name}" for name in sorted(QUERIES)] == links


def test_the_examples_of_the_editor_are_bound_once(bread: Bakery) -> None:
    """The page of /sparql has every question in SPARQL, without asking the engine again each time."""
    engine: Any = Counting(bread.served.engine)
    served = Served(engine, bread.project, bread.served.release, bread.served.catalogue, AnswerCache(1))
    client = create_app(Service(served), LIMITS).test_client()

    pages, asked = [], []
    for address in ("/nothing", "/sparql", "/sparql", "/nothing"):
        pages.append(client.get(address, headers=BROWSER).text)
        asked.append(engine.asked)

    assert (0, asked[1], asked[1]) == (asked[0], asked[2], asked[3])
    linked = re.findall(r"/sparql\?query=([^\"]*)#answer", pages[1])
    assert len(QUERIES) <= len(linked)
    assert [] == [query for query in linked if "%23%2B" in query]


class Counting:
    """An engine that counts what it is asked."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.asked = engine, 0

    def query(self, *given: Any, **more: Any) -> Any:
        """Ask the engine itself."""
        self.asked += 1
        return self.engine.query(*given, **more)
