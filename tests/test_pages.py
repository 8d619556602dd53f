"""The pages: sound HTML without scripts, every value escaped, every link inside the mount prefix."""

import ast
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.types import StartResponse, WSGIEnvironment
from xml.etree.ElementTree import Element

import html5rdf  # type: ignore[import-untyped]  # it has no types
import pyoxigraph as ox
import pytest
from flask import Flask, render_template
from html5rdf.html5parser import ParseError  # type: ignore[import-untyped]
from jinja2 import StrictUndefined

import lungkg
from lungkg.build import Build, build
from lungkg.fair import Assessment, Failure, Result, Waiver
from lungkg.formats import GRAPHS, RESULTS
from lungkg.limits import Limits
from lungkg.linked.addresses import Thing
from lungkg.project import Project, load_project
from lungkg.queries import CannedQuery, Choice, Parameter, load_catalogue
from lungkg.queries.names import Names
from lungkg.web import examples, thing_pages
from lungkg.web.asked import Asked
from lungkg.web.fields import Field
from lungkg.web.questions import File, Link
from lungkg.web.tables import Entry, Excerpt, Shown, Table
from lungkg.web.variants import Place
from tests.dataset_pages import DATASET_PAGES
from tests.status_pages import STATUS_PAGES
from tests.validation_pages import VALIDATION_PAGES
from tests.vocabulary_pages import VOCABULARY_PAGES

WEB: Final = Path(lungkg.__file__).parent / "web"
BAKERY: Final = Path(__file__).parent / "other_project"
MOUNT: Final = "/deep er/kg"
PREFIX: Final = "/deep%20er/kg"
HOSTILE: Final = "</td></textarea><script>alert(\"x\")</script><img src=x onerror='alert(1)'>&amp;"

INFO: Final = MappingProxyType({
    "id": "0123456789abcdef" * 4,
    "date": "2026-01-02",
    "base": "https://example.org/bakery/",
    "software": "1.2.3",
    "counts": {"documents": 1, "sentences": 2, "claims": 5, "glosses": 0, "entities": 9, "assumptions": 2, "inferred": 1},
    "triples": {"ontology": 1234, "claims": 1, "edges": 0},
})  # fmt: skip


def table(*rows: tuple[Entry, ...], total: int | None = None) -> Shown:
    """Make an answer to SELECT; its columns are called v0, v1 …"""
    columns = tuple(f"v{number}" for number in range(len(rows[0]) if rows else 1))
    return Shown(table=Table(columns, rows, len(rows) if total is None else total))


def mistake(**more: object) -> dict[str, object]:
    """Make the problem of a query that does not read."""
    return {
        "status": 400, "title": "The query is not SPARQL 1.1", "detail": "line 2, column 5: not here\n    ASK hello",
        "line": 2, "column": 5, "source": "ASK hello {", "hint": "Say what to ask.", **more,
    }  # fmt: skip


TERMS: Final = (
    Entry("iri", "http://example.org/a", "ex:a", "http://example.org/a"),
    Entry("iri", "javascript:alert(1)", "javascript:alert(1)"),
    Entry("iri", f"http://example.org/{'a' * 200}", "http://example.org/aaa…aaa", f"http://example.org/{'a' * 200}", cut=True),
    Entry("literal", "Brot", "Brot", language="de"),
    Entry("literal", "42", "42", datatype="xsd:integer", numeric=True),
    Entry("literal", "long", "long…", cut=True),
    Entry("literal", HOSTILE, HOSTILE, language='"><script>', datatype="<script>"),
    Entry("blank", "_:b0", "_:b0"),
    Entry("triple", "<urn:s> <urn:p> <urn:o>", "<urn:s> <urn:p> <urn:o>"),
    Entry("unbound"),
)  # fmt: skip

QUESTIONS: Final = [
    examples.Example("all", "What is there?", "SELECT * { ?s ?p ?o }"),
    examples.Example("odd", HOSTILE, HOSTILE),
]
FORM: Final[dict[str, Any]] = {"text": examples.QUERY, "chosen": "html", "timeout": 30.0, "dataset": []}
DATASET: Final = [("default-graph-uri", "http://example.org/g&h"), ("named-graph-uri", 'http://example.org/"')]
ENDPOINT: Final = "http://localhost:8080/deep/sparql"


def canned(name: str, **more: Any) -> CannedQuery:
    """Make a canned query whose every text is hostile."""
    texts: dict[str, Any] = {
        "summary": HOSTILE,
        "question": HOSTILE,
        "description": HOSTILE,
        "text": f"# {HOSTILE}\nASK {{}}",
    }
    return CannedQuery(name, "SELECT", path=Path("a.rq"), tags=(HOSTILE,), audience=(HOSTILE,), **texts, **more)


def parameter(name: str, kind: str, **more: Any) -> Parameter:
    """Make a parameter with hostile words."""
    return Parameter(name, kind, required=True, label=HOSTILE, help=HOSTILE, example=(HOSTILE,), **more)


PARAMETERS: Final = {
    "thing": parameter("thing", "entity"),
    "things": parameter("things", "entity", many=True),
    "choice": parameter("choice", "literal", choices=(Choice(HOSTILE, HOSTILE),)),
    "choices": parameter("choices", "literal", many=True, choices=(Choice(HOSTILE, HOSTILE), Choice("b", "b"))),
    "text": parameter("text", "literal"),
    "texts": parameter("texts", "literal", many=True),
    "truth": parameter("truth", "boolean"),
}
QUESTION: Final = canned("question", parameters=PARAMETERS, columns=("v0",), key=("v0",), claims="v0")
ASKED: Final = Asked(QUESTION, "", {"text": (HOSTILE,)}, {"limit": "5"})
FIELDS: Final = [
    Field(each, (HOSTILE, "b"), each.choices, (Choice(HOSTILE, HOSTILE),) if each.is_thing else (), HOSTILE)
    for each in PARAMETERS.values()
]
CANNED: Final[dict[str, Any]] = {
    "query": QUESTION, "asked": ASKED, "fields": FIELDS, "example": f"{PREFIX}/query/question?a=b", "curl": HOSTILE,
    "permalink": f"{PREFIX}/query/question?a=b", "python": HOSTILE,
    "files": [File("", f"{PREFIX}/query/question.csv", "csv", "csv"), File("Claims", f"{PREFIX}/query/question.trig", "trig", "trig")],
}  # fmt: skip
ANSWERED: Final[dict[str, Any]] = {
    **CANNED, "text": HOSTILE, "seconds": 0.1, "following": f"{PREFIX}/query/question?after=b", "after": "b", "first": 5,
    "start": f"{PREFIX}/query/question", "marks": ["derived"], "bars": ["50.0"], "barred": "v4", "more": [Link(HOSTILE, f"{PREFIX}/query/other?a=b")],
    "drops": [Link(HOSTILE, f"{PREFIX}/query/question")], "read": {"thing": [TERMS[0], TERMS[1]]},
}  # fmt: skip
LONG: Final = {**ANSWERED, "permalink": f"{PREFIX}/query/question?a=" + "b" * 7000}
LISTED: Final = {
    "found": [QUESTION],
    "q": HOSTILE,
    "all": 2,
    "audience": {HOSTILE: [QUESTION]},
    "tags": {HOSTILE: [QUESTION]},
}

FAILURES: Final = tuple(Failure(about, HOSTILE) for about in ("https://example.org/ont", "urn:a", HOSTILE))
WAIVER: Final = Waiver("X2", HOSTILE, HOSTILE, "2026-12-31")
RESULTS_OF_CHECKS: Final = [
    Result("X1", "List", HOSTILE, HOSTILE),
    Result("X2", "List", HOSTILE, HOSTILE, FAILURES * 20),
    Result("X3", "List", HOSTILE, HOSTILE, FAILURES, waiver=WAIVER),
    Result("X4", "List", HOSTILE, HOSTILE, FAILURES, waiver=replace(WAIVER, until="2020-01-01")),
    Result("X5", "List", HOSTILE, "", look_up=HOSTILE),
]
ASSESSED: Final[dict[str, Any]] = {
    "listings": {"List": RESULTS_OF_CHECKS},
    "counts": Assessment(tuple(RESULTS_OF_CHECKS)).counts("2026-11-26"),
    "idle": [WAIVER],
    "day": "2026-11-26",
    "place": lambda failure: failure.about if failure.about.startswith("https://") else "",
    "formats": [entry for entry in GRAPHS if entry.negotiable],
}

VALUE: Final = thing_pages.Shown(HOSTILE, HOSTILE, f"{PREFIX}/doc/entity/a", "http://example.org/a?b=<c>")
SAID: Final = (
    thing_pages.Row(
        VALUE, (VALUE, thing_pages.Shown("Brot", language="de"), thing_pages.Shown("1", datatype="ex:own"))
    ),
)
DESCRIBED: Final = {
    "document": Place("doc/entity/a", "https://example.org/bakery/id/entity/a"), "label": HOSTILE, "types": [VALUE, VALUE],
    "summary": HOSTILE, "quote": HOSTILE, "rows": SAID, "claimed": SAID, "sections": (thing_pages.Section(VALUE, SAID),),
    "pointing": [thing_pages.Pointing(VALUE, 12345, 25, (VALUE,), f"{PREFIX}/doc/entity/a?inverse=b")],
    "claims": [thing_pages.Section(VALUE, SAID)], "files": [(GRAPHS[0], f"{PREFIX}/doc/entity/a.ttl")],
}  # fmt: skip
THING: Final = {
    **DESCRIBED, "kind": "entity", "thing": Thing("entity", "a"), "gone": False, "text": f"{PREFIX}/doc/document/a.txt",
    "query": None, "sparql": "", "embedded": {"name": HOSTILE},
}  # fmt: skip
ACCEPT: Final = {
    "accept": HOSTILE, "chosen": None, "why": HOSTILE, "curl": HOSTILE,
    "variants": [{"href": f"{PREFIX}/a.ttl", "type": "text/turtle", "q": 0.5, "range": HOSTILE, "why": HOSTILE}],
}  # fmt: skip

PAGES: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "thing": ("thing.html", THING),
    "thing-withdrawn": ("thing.html", {**THING, "gone": True, "claimed": (), "summary": "", "quote": "", "sections": (), "pointing": [], "text": ""}),
    "thing-that-is-a-question": ("thing.html", {**THING, "query": QUESTION, "sparql": HOSTILE}),
    "thing-pointed-at": ("thing_links.html", {**DESCRIBED, "whole": f"{PREFIX}/doc/entity/a"}),
    "term-of-others": ("describe.html", {**DESCRIBED, "iri": "http://example.org/a", "sources": ["http://example.org/", HOSTILE]}),
    "term-of-others-alone": ("describe.html", {**DESCRIBED, "iri": HOSTILE, "sources": [], "rows": (), "pointing": [], "claims": []}),
    "look-up": ("describe.html", {"document": None, "iri": ""}),
    "accept": ("accept.html", {"place": Place("doc/entity/a", "https://example.org/a"), "explanation": ACCEPT}),
    "accept-none": ("accept.html", {"place": Place("a", "https://example.org/a"), "explanation": {**ACCEPT, "accept": "", "chosen": "text/turtle"}}),
    "front": ("front.html", {"catalogue": {"odd": QUESTION}}),
    "question": ("query.html", CANNED),
    "question-in-part": ("query.html", {**CANNED, "missing": ["thing", "texts"]}),
    "question-mistaken": ("query.html", {**CANNED, "problem": mistake()}),
    "question-refused": ("query.html", {**CANNED, "fields": [], "problem": {"status": 403, "title": HOSTILE, "detail": HOSTILE}}),
    "question-answered": ("query.html", {**ANSWERED, "answer": table(TERMS, total=12)}),
    "question-answered-long": ("query.html", {**LONG, "answer": table(TERMS)}),
    "question-without-rows": ("query.html", {**ANSWERED, "first": 0, "following": None, "answer": table()}),
    "question-after-the-rows": ("query.html", {**ANSWERED, "following": None, "answer": table()}),
    "question-of-truth": ("query.html", {**ANSWERED, "answer": Shown(truth=True)}),
    "question-of-graph": ("query.html", {**ANSWERED, "answer": Shown(text=Excerpt(HOSTILE, True))}),
    "questions": ("query_list.html", LISTED),
    "questions-none": ("query_list.html", {**LISTED, "found": [], "q": ""}),
    "front-without-questions": ("front.html", {}),
    "form": ("sparql.html", {**FORM, "examples": QUESTIONS}),
    "form-alone": ("sparql.html", FORM),
    "form-of-some-graphs": ("sparql.html", {**FORM, "dataset": DATASET, "timeout": 2.5, "chosen": "csv"}),
    "hostile-query": ("sparql.html", {**FORM, "text": HOSTILE}),
    "rows": ("sparql.html", {**FORM, "answer": table(TERMS), "seconds": 0.01234}),
    "rows-cut": ("sparql.html", {**FORM, "answer": table(TERMS, total=12345), "dataset": DATASET}),
    "rows-none": ("sparql.html", {**FORM, "answer": table()}),
    "rows-long-query": ("sparql.html", {**FORM, "text": "#" * 9000, "answer": table(TERMS), "dataset": DATASET}),
    "yes": ("sparql.html", {**FORM, "answer": Shown(truth=True)}),
    "no": ("sparql.html", {**FORM, "answer": Shown(truth=False)}),
    "graph": ("sparql.html", {**FORM, "answer": Shown(text=Excerpt(f"<urn:s> <urn:p> '''{HOSTILE}''' .", False))}),
    "graph-cut": ("sparql.html", {**FORM, "answer": Shown(text=Excerpt("<urn:s> <urn:p> 1 .\n", True))}),
    "graph-empty": ("sparql.html", {**FORM, "answer": Shown(text=Excerpt("", False))}),
    "mistake": ("sparql.html", {**FORM, "text": HOSTILE, "problem": mistake(source=HOSTILE, detail=HOSTILE, hint=HOSTILE)}),
    "refused": ("sparql.html", {**FORM, "problem": {"status": 403, "title": "Never run here", "detail": "updates are refused"}}),
    "fair": ("fair.html", ASSESSED),
    "fair-without-failures": ("fair.html", {**ASSESSED, "listings": {"List": [Result("X1", "List", "It is.", "")]}, "idle": []}),
    "problem": ("problem.html", {"problem": {"status": 404, "title": "Not found", "detail": HOSTILE}}),
    "problem-of-ours": ("problem.html", {"problem": {"status": 500, "title": "Wrong here", "detail": "", "request_id": "r-1"}}),
    **DATASET_PAGES,
    **VOCABULARY_PAGES,
    **STATUS_PAGES,
    **VALIDATION_PAGES,
}  # fmt: skip


def front(endpoint: str = ENDPOINT) -> dict[str, Any]:
    """Give what the front page needs beside what every page needs."""
    return {
        "endpoint": endpoint, "query": examples.QUERY, "graph_query": examples.GRAPH_QUERY,
        "curl": examples.curl(endpoint), "python": examples.python(endpoint),
    }  # fmt: skip


@pytest.fixture(scope="module")
def bakery() -> Project:
    """A project from another field: nothing of the first one may show."""
    return load_project(BAKERY)


@pytest.fixture(scope="module")
def render(bakery: Project) -> Callable[..., str]:
    """Render a template as the application does, but refuse a variable that nobody passed."""
    app = Flask("pages", template_folder=str(WEB / "templates"), static_folder=str(WEB / "static"))
    app.jinja_env.undefined = StrictUndefined
    common = {"project": bakery, "info": INFO, "result_formats": RESULTS, "graph_formats": GRAPHS, "limits": Limits()}

    def rendered(template: str, context: dict[str, Any], mount: str = MOUNT, path: str = "/sparql") -> str:
        with app.test_request_context(path, environ_overrides={"SCRIPT_NAME": mount}):
            return render_template(template, **{**common, **front(), **context})

    return rendered


@pytest.fixture(scope="module", params=PAGES, ids=str)
def page(request: pytest.FixtureRequest, render: Callable[..., str]) -> str:
    """Each page in each of its states."""
    return render(*PAGES[request.param])


def parse(page: str) -> Element:
    """Parse HTML, and raise ParseError at the first thing that the HTML standard calls an error."""
    parser = html5rdf.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree: Element = parser.parse(page)
    return tree


def text_of(node: Element) -> str:
    """Join all the text inside an element."""
    return "".join(node.itertext())


def shown(node: Element) -> str:
    """Join all the text inside an element, with single spaces."""
    return " ".join(text_of(node).split())


def find(tree: Element, path: str) -> Element:
    """Find the one element on a path."""
    (found,) = tree.findall(path)
    return found


def unsound(tree: Element) -> list[str]:
    """List what a careful reader of the HTML would complain about."""
    ids = Counter(node.get("id") for node in tree.iter() if node.get("id"))
    labelled = {node.get("for") for node in tree.iter("label")}
    complaints = [f"id {name} is given twice" for name, count in ids.items() if count > 1]
    complaints += [f"{count} of {tag}" for tag in ("h1", "main", "title") if (count := len(list(tree.iter(tag)))) != 1]
    complaints += [] if tree.get("lang") else ["no language"]
    for node in tree.iter():
        tag = str(node.tag)
        if tag in ("input", "select", "textarea") and node.get("type") != "hidden" and node.get("id") not in labelled:
            complaints.append(f"{tag} {node.get('name')} has no label")
        data = tag == "script" and node.get("type") == "application/ld+json"  # is read by search engines, never run
        if tag in ("script", "style", "iframe", "object", "embed", "base") and not data:
            complaints.append(f"{tag} is not wanted")
        complaints += [f"{tag} has {name}" for name in node.attrib if name == "style" or name.startswith("on")]
        points = " ".join(node.get(name, "") for name in ("for", "aria-describedby", "aria-labelledby")).split()
        points += [node.get("href", "")[1:]] if node.get("href", "").startswith("#") else []
        complaints += [f"{tag} points to {name}, which is not there" for name in points if name not in ids]
        if tag in ("a", "button", "summary", "th", "h1", "h2", "h3") and not text_of(node).strip():
            complaints.append(f"{tag} is empty")
    return complaints


def addresses(tree: Element) -> list[tuple[str, str]]:
    """List every address in a page, with the element that has it."""
    names = ("href", "src", "action", "formaction", "srcset", "poster", "data")
    return [(str(node.tag), value) for node in tree.iter() for name in names if (value := node.get(name)) is not None]


def misled(tree: Element, prefix: str) -> list[str]:
    """List the addresses that lead out of the mount prefix, or load something from elsewhere."""
    found = []
    for tag, address in addresses(tree):
        inside = address.startswith((prefix + "/", "#"))
        outside = tag == "a" and address.startswith(("http://", "https://"))
        if not inside and not outside:
            found.append(f"{tag} {address}")
    return found


def test_every_page_is_sound_html(page: str) -> None:
    """A strict parser finds no error, and the structure holds: headings, labels, ids, nothing inline."""
    assert [] == unsound(parse(page))


@pytest.mark.parametrize("mount", ["", MOUNT], ids=["at-the-root", "below-a-prefix"])
@pytest.mark.parametrize("name", PAGES)
def test_every_address_keeps_to_the_mount_prefix(render: Callable[..., str], name: str, mount: str) -> None:
    """Links of the site are path-absolute with the prefix; only links to read lead elsewhere."""
    tree = parse(render(*PAGES[name], mount=mount))

    assert [] == misled(tree, PREFIX if mount else "")
    assert [] == [address for _, address in addresses(tree) if address.startswith("//")]


@pytest.mark.parametrize(
    "page_text", ["<p>a", "<!doctype html><title>t</title><p><div></p>", "<!doctype html><title>t</title><a b b>"]
)
def test_the_parser_refuses_what_is_not_html(page_text: str) -> None:
    """The check that pages parse can fail."""
    with pytest.raises(ParseError):
        parse(page_text)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<h1>a</h1>", []),
        ("<h1>a</h1><h1>b</h1>", ["2 of h1"]),
        ("<p>a</p>", ["0 of h1"]),
        ("<h1>a</h1><p id=b></p><p id=b></p>", ["id b is given twice"]),
        ("<h1>a</h1><input name=b>", ["input b has no label"]),
        ("<h1>a</h1><select name=b></select>", ["select b has no label"]),
        ("<h1>a</h1><script>b</script>", ["script is not wanted"]),
        ("<h1>a</h1><script type=application/ld+json>{}</script>", []),
        ("<h1 style='color: red'>a</h1>", ["h1 has style"]),
        ("<h1 onclick='b()'>a</h1>", ["h1 has onclick"]),
        ("<h1>a</h1><a href='#b'>c</a>", ["a points to b, which is not there"]),
        ("<h1>a</h1><p aria-describedby='b c'></p>", ["p points to b, which is not there", "p points to c, which is not there"]),
        ("<h1> </h1>", ["h1 is empty"]),
    ],
)  # fmt: skip
def test_the_structure_check_sees_each_fault(body: str, expected: list[str]) -> None:
    """Every rule has an example that trips it."""
    assert expected == unsound(parse(f"<!doctype html><html lang=en><title>t</title><main>{body}</main></html>"))


def test_the_structure_check_wants_a_language() -> None:
    """A page without lang is complained about."""
    assert ["no language"] == unsound(parse("<!doctype html><title>t</title><main><h1>a</h1></main>"))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<a href='/kg/x'>x</a><a href='#x'>x</a><a href='https://example.org/'>x</a>", []),
        ("<a href='/x'>x</a>", ["a /x"]),
        ("<a href='x'>x</a>", ["a x"]),
        ("<a href='javascript:x'>x</a>", ["a javascript:x"]),
        ("<img src='https://example.org/x'>", ["img https://example.org/x"]),
        ("<form action='sparql'></form>", ["form sparql"]),
    ],
)
def test_the_address_check_sees_each_fault(body: str, expected: list[str]) -> None:
    """Every rule has an example that trips it."""
    assert expected == misled(parse(f"<!doctype html><title>t</title>{body}"), "/kg")


def test_hostile_text_is_only_ever_text(render: Callable[..., str]) -> None:
    """Markup in a literal, a language, a datatype, a query, a problem or a question is shown as it is written."""
    rows = parse(render(*PAGES["rows"]))
    wrong = parse(render(*PAGES["mistake"]))

    assert HOSTILE in [text_of(node) for node in rows.iter("bdi")]
    assert HOSTILE == text_of(find(wrong, ".//textarea"))
    assert [HOSTILE, HOSTILE] == [text_of(node) for node in wrong.iter("p") if node.get("class") in ("what", "todo")]
    assert HOSTILE in text_of(parse(render(*PAGES["graph"])))
    assert HOSTILE in [text_of(node) for node in parse(render(*PAGES["front"])).iter("a")]
    assert HOSTILE in [text_of(node) for node in parse(render(*PAGES["problem"])).iter("p")]


def test_a_hostile_path_is_only_ever_text(render: Callable[..., str]) -> None:
    """The address that was asked for is shown on the page of a problem, escaped."""
    tree = parse(render(*PAGES["problem"], path="/%3Cscript%3Ealert(1)%3C/script%3E"))

    assert f"Error 404 at {MOUNT}/<script>alert(1)</script>" == shown(find(tree, ".//p[@class='kicker']"))


def test_only_http_addresses_in_an_answer_are_links(render: Callable[..., str]) -> None:
    """A javascript: IRI is text; a shortened one has its full form in the title."""
    tree = parse(render(*PAGES["rows"]))

    links = [(node.get("href"), node.get("title"), text_of(node)) for node in tree.findall(".//td//a")]

    long = TERMS[2]
    assert [
        ("http://example.org/a", "http://example.org/a", "ex:a"),
        (long.text, long.text, long.short),
    ] == links
    assert "javascript:alert(1)" in [text_of(node) for node in tree.findall(".//td/span")]


def test_terms_carry_their_language_and_datatype(render: Callable[..., str]) -> None:
    """A literal's language is said to eyes and to screen readers, its datatype in a badge, a number at the right."""
    tree = parse(render(*PAGES["rows"]))

    badges = [text_of(node) for node in tree.iter("span") if node.get("class") == "badge"]
    assert ["de", "xsd:integer", "cut", '"><script>', "<script>"] == badges
    assert "de" in [node.get("lang") for node in tree.iter("bdi")]
    assert ["42 xsd:integer"] == [shown(node) for node in tree.iter("td") if node.get("class") == "number"]
    assert ["nothing"] == [shown(node) for node in tree.iter("td") if node.get("class") == "unbound"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rows", "1 row in 0.012 s"),
        ("rows-cut", "12,345 rows"),
        ("rows-none", "0 rows"),
        ("yes", "Yes"),
        ("no", "No"),
        ("graph", "A graph"),
    ],
)
def test_an_answer_begins_with_what_it_is(render: Callable[..., str], name: str, expected: str) -> None:
    """The number of rows, yes or no, or a graph; and the time where it is known."""
    assert expected == shown(find(parse(render(*PAGES[name])), ".//p[@class='facts']"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rows", []),
        ("rows-cut", ["Shown are the first 1 of 12,345 rows; the files have all of them."]),
        ("rows-none", ["No row fits the question. Take a condition away to see which one nothing fits."]),
        ("graph", []),
        ("graph-cut", ["Shown is the beginning; the files have all of it."]),
        ("graph-empty", ["The graph is empty."]),
    ],
)
def test_an_answer_says_what_is_missing(render: Callable[..., str], name: str, expected: list[str]) -> None:
    """A table or a text that is not whole says so, and an empty answer does not look like a fault."""
    notes = find(parse(render(*PAGES[name])), ".//section[@id='answer']").findall(".//p[@class='note']")

    assert expected == [shown(node) for node in notes]


@pytest.mark.parametrize(
    ("name", "formats"),
    [("rows", RESULTS), ("yes", RESULTS), ("graph", GRAPHS)],
    ids=["select", "ask", "construct"],
)
def test_an_answer_can_be_had_in_every_format(render: Callable[..., str], name: str, formats: tuple[Any, ...]) -> None:
    """Each format has a link to the same question, and the last link is the question itself."""
    links = parse(render(*PAGES[name])).findall(".//ul[@class='downloads']/li/a")

    sent = [parse_qsl(urlsplit(node.get("href", "")).query) for node in links]
    assert [[("query", examples.QUERY), ("format", each.name)] for each in formats] == sent[:-1]
    assert [("query", examples.QUERY)] == sent[-1]


def test_the_graphs_and_the_limit_stay_with_the_question(render: Callable[..., str]) -> None:
    """Links, and the form, carry the dataset of the protocol and a lower limit on."""
    context = {**FORM, "dataset": DATASET, "timeout": 2.5, "answer": table(TERMS)}
    tree = parse(render("sparql.html", context))

    expected = [("query", examples.QUERY), *DATASET, ("timeout", "2.5")]
    links = tree.findall(".//ul[@class='downloads']/li/a")
    hidden = [(node.get("name"), node.get("value")) for node in tree.iter("input")]
    assert expected == parse_qsl(urlsplit(links[-1].get("href", "")).query)
    assert [*DATASET, ("timeout", "2.5")] == hidden
    assert [value for _, value in DATASET] == [text_of(node) for node in tree.findall(".//p[@class='note']/code")]


def test_a_query_too_long_for_an_address_is_sent_again_by_post(render: Callable[..., str]) -> None:
    """The files of a long query come by POST, so that no address is longer than servers take."""
    tree = parse(render(*PAGES["rows-long-query"]))

    form = find(tree, ".//form[@class='downloads']")
    assert ("post", f"{PREFIX}/sparql") == (form.get("method"), form.get("action"))
    assert [each.name for each in RESULTS] == [node.get("value") for node in form.iter("button")]
    assert [("query", "#" * 9000), *DATASET] == [(node.get("name"), node.get("value")) for node in form.iter("input")]
    assert 8000 > max(len(address) for _, address in addresses(tree))


@pytest.mark.parametrize(
    "text",
    ["ASK {}", "\nASK {}", "\n\n  ASK {}\n", "ASK { # </textarea>\n}", "ASK { ?s ?p '&lt;' }"],
    ids=["plain", "leading-newline", "blank-lines", "end-tag", "entity"],
)
def test_the_form_keeps_the_query_as_it_was_sent(render: Callable[..., str], text: str) -> None:
    """Not a character is lost between sending a query and mending it."""
    assert text == text_of(find(parse(render("sparql.html", {**FORM, "text": text})), ".//textarea"))


def test_the_line_ends_of_a_browser_do_not_pile_up(render: Callable[..., str]) -> None:
    """Browsers send CRLF; the page and its links have plain line ends."""
    tree = parse(render("sparql.html", {**FORM, "text": "ASK\r\n{}", "answer": Shown(truth=True)}))

    assert "ASK\n{}" == text_of(find(tree, ".//textarea"))
    assert [] == [address for _, address in addresses(tree) if "%0D" in address]


def test_the_form_offers_every_format(render: Callable[..., str]) -> None:
    """A page comes first, then what lungkg.formats has; the one that was chosen stays chosen."""
    options = list(parse(render(*PAGES["form-of-some-graphs"])).iter("option"))

    assert ["html", *(each.name for each in (*RESULTS, *GRAPHS))] == [node.get("value") for node in options]
    assert ["csv"] == [node.get("value") for node in options if node.get("selected") is not None]


def test_the_form_goes_by_get_or_by_post(render: Callable[..., str]) -> None:
    """GET makes the address of the answer a permalink; a second button sends by POST."""
    form = find(parse(render(*PAGES["form"])), ".//form[@class='query']")

    assert ("get", f"{PREFIX}/sparql#answer") == (form.get("method"), form.get("action"))
    assert [None, "post"] == [node.get("formmethod") for node in form.iter("button")]


def test_the_form_tells_its_limits(render: Callable[..., str]) -> None:
    """The deadline and the sizes stand beside the query, and the field does not take more seconds."""
    tree = parse(render(*PAGES["form"]))

    help_ = shown(find(tree, ".//p[@id='query-help']"))
    assert "It may run 30 seconds and be 1.0 MB long; its answer may have 512 MB." in help_
    assert "30" == find(tree, ".//input[@name='timeout']").get("max")


def test_prefixes_are_there_to_copy(render: Callable[..., str], bakery: Project) -> None:
    """Every prefix of the project stands as a line that a query can begin with."""
    blocks = [text_of(node) for node in parse(render(*PAGES["form"])).iter("code")]

    lines = "\n".join(f"PREFIX {prefix}: <{namespace}>" for prefix, namespace in sorted(bakery.prefixes.items()))
    assert lines in blocks
    assert ox.Store().query(lines + "\nASK { ?s thesaurus:x ont:Claim }") is not None


def test_graphs_are_listed_with_their_sizes(render: Callable[..., str]) -> None:
    """Each named graph has its IRI, its number of triples, and a link that shows some of them."""
    tree = parse(render("sparql.html", {**FORM, "graph_comments": {"claims": "What is said."}}))

    assert ["ontology 1,234 triples", "claims 1 triple", "edges 0 triples"] == [shown(node) for node in tree.iter("dt")]
    assert "What is said. https://example.org/bakery/graph/claims" == shown(tree.findall(".//dd")[1])
    ((_, query),) = parse_qsl(urlsplit(tree.findall(".//dt/a")[1].get("href", "")).query)
    assert "SELECT * WHERE { GRAPH <https://example.org/bakery/graph/claims> { ?s ?p ?o } }\nLIMIT 100\n" == query


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({}, ("2ASK hello {", "hello"), id="in-the-middle"),
        pytest.param({"column": 1}, ("2ASK hello {", "ASK"), id="at-the-start"),
        pytest.param({"column": 11}, ("2ASK hello {", "{"), id="last-character"),
        pytest.param({"column": 12}, ("2ASK hello {⏎", "⏎"), id="after-the-end"),
        pytest.param({"column": 99}, ("2ASK hello {⏎", "⏎"), id="far-after-the-end"),
        pytest.param({"source": "ASK\thello {\r"}, ("2ASK\thello {", "hello"), id="tab-and-carriage-return"),
        pytest.param({"source": "a" * 500, "column": 250}, ("2…" + "a" * 120 + "…", "a" * 60), id="long-line"),
        pytest.param({"source": "<b> & hello", "column": 7}, ("2<b> & hello", "hello"), id="markup"),
    ],
)  # fmt: skip
def test_a_mistake_is_marked_in_its_line(
    render: Callable[..., str], more: dict[str, object], expected: tuple[str, str]
) -> None:
    """The line is shown with its number and the word at the column marked; a long line around the mistake only."""
    tree = parse(render("sparql.html", {**FORM, "problem": mistake(**more)}))

    block = find(tree, ".//div[@id='problem']/pre")
    assert expected == (text_of(block), text_of(find(block, ".//mark")))


def test_a_mistake_is_told_beside_the_query(render: Callable[..., str]) -> None:
    """What is wrong, where and what to do stand above the form, and the field refers to them."""
    tree = parse(render("sparql.html", {**FORM, "text": "ASK hello", "problem": mistake()}))

    box, field = find(tree, ".//div[@id='problem']"), find(tree, ".//textarea")
    assert ["Line 2, column 5: not here", "Say what to ask."] == [shown(node) for node in box.iter("p")]
    assert ("problem query-help", "true", "ASK hello") == (
        field.get("aria-describedby"), field.get("aria-invalid"), text_of(field),
    )  # fmt: skip


def test_a_refusal_is_no_mistake_in_the_text(render: Callable[..., str]) -> None:
    """A problem without a line does not mark the field as wrong."""
    field = find(parse(render(*PAGES["refused"])), ".//textarea")

    assert ("problem query-help", None) == (field.get("aria-describedby"), field.get("aria-invalid"))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (404, "Check the address, or begin at the front page."),
        (413, "Make the query shorter, or ask for less with LIMIT or fewer columns."),
        (500, "That is our mistake, not yours. If it stays so, tell whoever runs this server."),
        (503, "Try again in a few seconds."),
    ],
)
def test_a_problem_says_what_to_do(render: Callable[..., str], status: int, expected: str) -> None:
    """Where the problem has no hint of its own, its status has one."""
    tree = parse(render("problem.html", {"problem": {"status": status, "title": "Wrong", "detail": "so it is"}}))

    assert expected == shown(find(tree, ".//p[@class='todo']"))
    assert ["So it is"] == [shown(node) for node in tree.iter("p") if node.get("class") == "what"]
    assert f"{PREFIX}/" in [node.get("href") for node in find(tree, ".//main").iter("a")]


def test_the_request_id_of_a_problem_is_shown(render: Callable[..., str]) -> None:
    """Who reports a fault can name the request."""
    assert "r-1" in [text_of(node) for node in parse(render(*PAGES["problem-of-ours"])).iter("code")]


@pytest.mark.parametrize(("name", "expected"), [("front", ["Home"]), ("form", ["Query"]), ("problem", [])])
def test_the_navigation_says_where_you_are(render: Callable[..., str], name: str, expected: list[str]) -> None:
    """The current page is marked for eyes and for screen readers."""
    links = find(parse(render(*PAGES[name])), ".//nav").iter("a")

    assert expected == [text_of(node) for node in links if node.get("aria-current") == "page"]


def test_every_page_names_the_release_and_the_licence(page: str, bakery: Project) -> None:
    """The foot says which release this is, of when, and under which licence."""
    foot = find(parse(page), ".//footer")

    assert "Release 0123456789ab of 2026-01-02" in shown(foot)
    assert [bakery.license] == [node.get("href") for node in foot.iter("a") if node.get("rel") == "license"]


def test_a_page_of_another_project_speaks_of_that_project(page: str, bakery: Project) -> None:
    """Title and head are the project's; nothing of another field is anywhere."""
    tree = parse(page)

    assert text_of(find(tree, ".//title")).endswith(bakery.title)
    assert bakery.name in shown(find(tree, ".//header"))
    assert set() == set(re.findall(r"\b(?:lungs?|stem|cells?|disease|therapy)\b", text_of(tree), re.IGNORECASE))


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("bakery, claims about bread", "bakery, claims about bread"),
        ("Claims about bread", "Claims about bread"),
        ("bakery", "bakery"),
        ("<b>bold</b>", "<b>bold</b>"),
    ],
)
def test_the_head_shows_the_title_whatever_it_is(
    render: Callable[..., str], monkeypatch: pytest.MonkeyPatch, bakery: Project, title: str, expected: str
) -> None:
    """The title is shown in full, whether or not it begins with the project's name."""
    monkeypatch.setitem(vars(bakery), "title", title)

    assert expected == shown(find(parse(render(*PAGES["form"])), ".//a[@class='brand']"))


def test_the_front_page_tells_the_numbers(render: Callable[..., str]) -> None:
    """What the release holds, counted, with one document in the singular."""
    tree = parse(render(*PAGES["front"]))

    assert [
        "claims5", "document1", "sentences2", "entities9", "assumptions2", "inferred claim1", "triples1,235",
    ] == [text_of(node).strip() for node in tree.findall(".//dl[@class='numbers']/div")]  # fmt: skip


def test_the_front_page_leads_to_an_example_in_every_format(render: Callable[..., str]) -> None:
    """Each format's name is a link that asks an example query of the right form."""
    links = parse(render(*PAGES["front"])).findall(".//tbody//a")

    expected = [(examples.QUERY, each.name) for each in RESULTS]
    expected += [(examples.GRAPH_QUERY, each.name) for each in GRAPHS]
    assert expected == [tuple(dict(parse_qsl(urlsplit(node.get("href", "")).query)).values()) for node in links]


def test_the_front_page_shows_how_to_send_a_query(render: Callable[..., str]) -> None:
    """The address, the curl command and the script are there to copy."""
    blocks = [text_of(node) for node in parse(render(*PAGES["front"])).iter("code")]

    assert {ENDPOINT, examples.curl(ENDPOINT), examples.python(ENDPOINT).strip()} <= set(blocks)


# The examples themselves


@pytest.fixture(scope="module")
def builds(built: Build, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Project, ox.Store]]:
    """Both projects with their stores."""
    projects = {root: load_project(root) for root in (BAKERY, Path(__file__).parents[1])}
    releases = [build(projects[BAKERY], tmp_path_factory.mktemp("bakery")).release, built.release]
    return {
        name: (project, ox.Store.read_only(str(release.store)))
        for name, project, release in zip(("bakery", "lungs"), projects.values(), releases, strict=True)
        if release is not None
    }


def has_answer(store: ox.Store, query: str) -> bool:
    """Say whether a query gives at least one row or triple."""
    results = store.query(query, use_default_graph_as_union=True)
    assert not isinstance(results, ox.QueryBoolean)
    return next(iter(results), None) is not None


@pytest.mark.parametrize("name", ["bakery", "lungs"])
@pytest.mark.parametrize(
    "query", [examples.QUERY, examples.GRAPH_QUERY, examples.COUNT], ids=["rows", "graph", "count"]
)
def test_the_example_queries_have_an_answer_in_any_project(
    builds: dict[str, tuple[Project, ox.Store]], name: str, query: str
) -> None:
    """What the form begins with is never an empty table."""
    _, store = builds[name]

    assert has_answer(store, query)


@pytest.mark.parametrize("name", ["bakery", "lungs"])
def test_the_questions_of_the_catalogue_have_an_answer(builds: dict[str, tuple[Project, ox.Store]], name: str) -> None:
    """Each canned query, with the example values of its parameters, gives a row, unless it expects none."""
    project, store = builds[name]
    catalogue = load_catalogue(project)
    questions = examples.from_catalogue(catalogue.values(), project, Names.of_store(store, project))

    silent = {
        query.name for query in catalogue.values() if query.form == "ASK" or (query.expect and query.expect.because)
    }
    empty = [each.name for each in questions if each.name not in silent and not has_answer(store, each.text)]

    assert list(catalogue) == [each.name for each in questions]
    assert [] == empty


@pytest.fixture
def endpoint() -> Iterator[str]:
    """A server on loopback that answers every query with one row, in the format that is asked for."""

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()
        ((name, query),) = parse_qsl(body)
        right = (
            environ["REQUEST_METHOD"] == "POST"
            and name == "query"
            and query in (examples.QUERY, "\n" + examples.QUERY, examples.COUNT)
        )
        bodies = {
            "text/csv": b"claims\r\n5\r\n",
            "application/sparql-results+json": b'{"head":{"vars":["a"]},"results":{"bindings":[{"a":{"type":"uri","value":"urn:a"}}]}}',
        }
        start_response("200 OK" if right else "400 Bad Request", [("Content-Type", environ["HTTP_ACCEPT"])])
        return [bodies[environ["HTTP_ACCEPT"]]]

    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/sparql"
        server.shutdown()
        thread.join()


def test_the_script_runs_as_it_stands(endpoint: str) -> None:
    """The Python example sends its query and prints the rows."""
    done = subprocess.run(
        [sys.executable, "-c", examples.python(endpoint)], capture_output=True, text=True, timeout=60, check=False
    )

    assert (0, "{'a': 'urn:a'}\n", "") == (done.returncode, done.stdout, done.stderr)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_command_runs_as_it_stands(endpoint: str) -> None:
    """The curl example prints CSV."""
    done = subprocess.run(["sh", "-c", examples.curl(endpoint)], capture_output=True, timeout=60, check=False)

    assert (0, b"claims\r\n5\r\n") == (done.returncode, done.stdout)


@pytest.mark.parametrize("address", ["http://h/'; rm -rf /; '", 'http://h/"$(id)`id`', "http://h/\\\n{query}"])
def test_a_hostile_address_stays_one_word(address: str) -> None:
    """The address comes from a header; no quoting trick makes more of it in a shell or in Python."""
    strings = [node.value for node in ast.walk(ast.parse(examples.python(address))) if isinstance(node, ast.Constant)]

    assert address == shlex.split(examples.curl(address))[2]
    assert address in strings


# Style sheet and icon

SHEET: Final = (WEB / "static" / "site.css").read_text("utf-8")


def colours(sheet: str) -> dict[str, dict[str, str]]:
    """Read the colours of the light and the dark scheme; dark ones that are not named are as in the light."""
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)[:2]
    )
    return {"light": light, "dark": {**light, **dark}}


def contrast(one: str, other: str) -> float:
    """Compute the contrast ratio of two colours (WCAG 2.2, relative luminance)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        *((text, ground, 4.5) for text in ("ink", "muted", "accent") for ground in ("paper", "surface", "wash")),
        ("accent-strong", "paper", 4.5),
        ("accent-strong", "surface", 4.5),
        ("ink", "bad-wash", 4.5),
        ("muted", "bad-wash", 4.5),
        ("bad", "bad-wash", 4.5),
        ("bad", "surface", 4.5),
        ("on-accent", "accent", 4.5),
        ("on-accent", "accent-strong", 4.5),
        ("on-mark", "mark", 4.5),
        ("edge", "surface", 3.0),
        ("edge", "paper", 3.0),
        ("bad", "paper", 3.0),
    ],
)
def test_colours_have_enough_contrast(scheme: str, text: str, ground: str, least: float) -> None:
    """Text has the contrast of WCAG AA on every ground it stands on, and so has the edge of a field."""
    named = colours(SHEET)[scheme]

    assert contrast(named[text], named[ground]) >= least


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#123456", "#123456", 1.0)],
)
def test_contrast_is_computed_as_wcag_says(one: str, other: str, expected: float) -> None:
    """Known pairs have their known ratios; grey #777777 on white just fails."""
    assert expected == pytest.approx(contrast(one, other), abs=0.005)


@pytest.mark.parametrize("path", sorted((WEB / "static").iterdir()), ids=lambda path: path.name)
def test_static_files_are_small_and_load_nothing(path: Path) -> None:
    """Nothing is fetched from anywhere, and a file is under 20 kB."""
    content = path.read_text("utf-8")

    assert [] == re.findall(r"url\(|@import|<script|\bhref=|https?://(?!www\.w3\.org/2000/svg)", content)
    assert len(content) < 20_000


def test_every_class_has_a_style_and_every_style_a_class(render: Callable[..., str]) -> None:
    """Templates and style sheet do not drift apart."""
    used = {
        name
        for page in PAGES.values()
        for node in parse(render(*page)).iter()
        for name in node.get("class", "").split()
    }
    styled = set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"/\*.*?\*/|\{[^{}]*\}", "", SHEET, flags=re.DOTALL)))

    assert (used - {"query", "what", "unbound"}, set()) == (used & styled, styled - used)
