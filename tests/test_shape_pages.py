"""The page about the shapes: all of them in words, with what they did in the release, and what stands out."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient

from lungkg.build import build
from lungkg.engines import Engine
from lungkg.namespaces import RDF, RDFS, SH
from lungkg.project import Project, load_project
from lungkg.release import Release
from lungkg.shapes.library import SINGLE
from lungkg.shapes.tally import FILE, Tally, tally_release
from lungkg.stores import select
from lungkg.web import create_app
from lungkg.web.cache import AnswerCache
from lungkg.web.service import Served, Service
from tests.odd_shapes import OWN, odd_project
from tests.shapes_at_hand import EXAMPLES
from tests.storeengine import StoreEngine
from tests.test_pages import addresses, find, misled, parse, shown, unsound

BASE: Final = "https://w3id.org/lungkg/"
HTML: Final = {"Accept": "text/html"}
PARAMETERS: Final = {f"{SH}{name}": f"sh:{name}" for name in (*SINGLE, "sparql")}


def application(release: Release, project: Project) -> Flask:
    """Serve a release from its store, within this process."""
    engine: Engine = StoreEngine(ox.Store.read_only(str(release.store)))
    return create_app(Service(Served(engine, project, release, {}, AnswerCache(16))))


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Release]:
    """A project whose shapes stand out, and its release."""
    folder = tmp_path_factory.mktemp("odd")
    project = odd_project(folder / "project")
    made = build(project, folder / "out")
    assert made.release is not None, made.report.sorted()
    return project, made.release


@pytest.fixture(scope="module")
def odd_page(odd: tuple[Project, Release]) -> Element:
    """The page about its shapes."""
    project, release = odd
    return parse(application(release, project).test_client().get("/shapes", headers=HTML).text)


@pytest.fixture(scope="module")
def page(client: FlaskClient) -> Element:
    """The page about the shapes of the real project."""
    return parse(client.get("/shapes", headers=HTML).text)


@pytest.fixture(scope="module")
def graph(client: FlaskClient) -> list[ox.Triple]:
    """The same shapes as triples."""
    return [quad.triple for quad in ox.parse(client.get("/shapes.nt").data, format=ox.RdfFormat.N_TRIPLES)]


def local(node: object) -> str:
    """Cut the namespace off an IRI."""
    return str(getattr(node, "value", node)).partition("#")[2]


def articles(page: Element) -> dict[str, Element]:
    """Give each shape's part of the page by its anchor."""
    return {article.get("id", ""): article for article in page.iter("article")}


def groups(article: Element) -> Iterator[tuple[str, Element]]:
    """Yield what is demanded within one shape, each group by its own anchor or that of the shape."""
    for body in article.iter("tbody"):
        yield body.get("id", "") or article.get("id", ""), body


def constraints(article: Element) -> Iterator[tuple[str, str, list[str]]]:
    """Yield the constraints on the page: the anchor of the group, of the parameter, and the cells after the demand."""
    for anchor, body in groups(article):
        for row in body.findall("tr"):
            cells = row.findall("td")
            if cells:
                yield anchor, shown(cells[1].findall("code")[0]).split()[0], [shown(cell) for cell in cells[2:]]


# What is on it -----------------------------------------------------------------------------------


def test_every_constraint_is_on_the_page(page: Element, graph: list[ox.Triple]) -> None:
    """Each parameter of each shape in the graph, and no other."""
    expected = {(local(s), PARAMETERS[p.value]) for s, p, _ in graph if p.value in PARAMETERS}

    assert {row[:2] for article in page.iter("article") for row in constraints(article)} == expected


def test_every_shape_and_query_has_its_anchor(page: Element, graph: list[ox.Triple]) -> None:
    """So that the links of reports land there: node shapes, property shapes, and constraints that are queries."""
    kinds = {f"{SH}NodeShape", f"{SH}PropertyShape", f"{SH}SPARQLConstraint"}
    named = {local(s) for s, p, o in graph if p.value == f"{RDF}type" and getattr(o, "value", "") in kinds}
    ids = {node.get("id") for node in page.iter() if node.get("id")}

    assert len(named) > 100
    assert named - ids == set()


def test_everything_else_with_an_iri_is_there_too(page: Element, graph: list[ox.Triple]) -> None:
    """Such as the prefixes that queries are written with."""
    named = {local(s) for s, _, _ in graph if isinstance(s, ox.NamedNode)} - {""}

    assert named - {node.get("id") for node in page.iter()} == set()


def test_nodes_are_counted_as_sparql_counts_them(page: Element, graph: list[ox.Triple], release: Release) -> None:
    """The instances of the target class and of classes below, in the list of all shapes."""
    store = ox.Store.read_only(str(release.store))
    targets = {local(s): o for s, p, o in graph if p.value == f"{SH}targetClass"}
    expected = {}
    for shape, kind in targets.items():
        (row,) = select(store, f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ ?s a/<{RDFS}subClassOf>* {kind} }}")
        expected[shape] = f"{int(row['n'].value):,}"

    rows = [row.findall("td") for row in find(page, ".//section[@aria-labelledby='-shapes']/div").iter("tr")]
    assert {find(cells[0], "a").get("href", "")[1:]: shown(cells[3]) for cells in rows if cells} == expected


def test_values_are_counted_as_sparql_counts_them(page: Element, release: Release) -> None:
    """For one property of one class."""
    ont = f"{BASE}ont#"
    text = f"SELECT (COUNT(*) AS ?n) {{ ?s a <{ont}Claim> ; <{ont}hedgeText> ?v }}"
    (row,) = select(ox.Store.read_only(str(release.store)), text)

    rows = [cells for anchor, _, cells in constraints(articles(page)["ClaimHedgeShape"]) if anchor == "Claim-hedgeText"]
    assert [cells[0] for cells in rows] == [row["n"].value]


def test_a_constraint_says_what_it_demands(page: Element) -> None:
    """In words, beside the way it is written, with the author's message."""
    body = find(page, ".//tbody[@id='Claim-certainty']")

    assert "Every value is one of ont:Asserted, ont:ReportedEvidence" in shown(body)
    assert "sh:in ( ont:Asserted" in shown(body)
    assert "ont:certainty" in shown(find(body, "tr/th"))


def test_examples_are_those_of_the_project(page: Element) -> None:
    """How many there are, and one of each kind with its text."""
    folder = EXAMPLES / "ClaimHedgeShape"
    details = articles(page)["ClaimHedgeShape"].findall("details")

    passing, failing = len(list(folder.glob("pass-*"))), len(list(folder.glob("fail-*")))
    assert [shown(find(one, "summary")) for one in details] == [f"Examples: {passing} that pass, {failing} that fail"]
    assert [shown(one).partition(":")[0] for one in details[0].iter("h4")] == ["Passes", "Fails"]
    assert all("ont:Claim" in shown(code) for code in details[0].iter("code") if shown(code).startswith("#"))


# What stands out ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "told",
    [
        "No target: lost checks nothing.",
        "Switched off: off.",
        "Nothing to check: none of the targets of empty is in this release.",
        "Asked about no value: bakery-shapes:Nameless-note, every value has at least one character.",
    ],
)
def test_what_checks_nothing_stands_out(odd_page: Element, told: str) -> None:
    """First of all, before the list of the shapes."""
    section = find(odd_page, ".//section[@aria-labelledby='-standing-out']")

    assert told in [shown(item) for item in section.iter("li")]


def test_sound_shapes_do_not_stand_out(odd_page: Element) -> None:
    """Only what checks nothing is listed; what is found is counted elsewhere."""
    section = find(odd_page, ".//section[@aria-labelledby='-standing-out']")
    listed = {local(link.get("href")) for link in section.iter("a")}

    assert listed.isdisjoint({"ClaimShape", "NamelessShape", "Nameless-label", "IngredientShape"})


def test_findings_are_counted_where_they_belong(odd_page: Element, odd: tuple[Project, Release]) -> None:
    """At the constraint, at its shape, and in all."""
    warnings = odd[1].info["findings"]["Warning"]
    rows = {name: cells for _, name, cells in constraints(articles(odd_page)["NamelessShape"])}

    assert warnings > 0
    assert (rows["sh:maxCount"][1], rows["sh:or"][1]) == (str(warnings), "0")
    assert f"Findings: {warnings}." in shown(articles(odd_page)["NamelessShape"])
    assert f"findings in this release{warnings}" in shown(find(odd_page, ".//main/dl"))


def test_alternatives_are_demanded_in_words_and_listed(odd_page: Element) -> None:
    """The constraints of a shape without a name stand below the one that leads to it."""
    article = articles(odd_page)["NamelessShape"]

    assert "at least one of these: be an instance of bakery:Ingredient; have at least 1 characters" in shown(article)
    assert {"sh:or", "sh:class", "sh:minLength"} <= {name for _, name, _ in constraints(article)}
    assert "The value is an instance of bakery:Ingredient." in shown(article)


def test_a_project_without_examples_says_so(odd_page: Element) -> None:
    """And has no column for them."""
    assert "There are no examples beside this project" in shown(odd_page)
    assert "Failing examples" not in shown(odd_page)


# How it is given ---------------------------------------------------------------------------------


@pytest.mark.parametrize("mount", ["", "/kg"], ids=["at-the-root", "below-a-prefix"])
@pytest.mark.parametrize("path", ["/shapes", "/ont"])
def test_the_pages_are_sound(odd: tuple[Project, Release], path: str, mount: str) -> None:
    """Strict HTML without scripts; every link keeps to the mount prefix, every anchor is there, text is escaped."""
    project, release = odd
    answer = (
        application(release, project).test_client().get(path, headers=HTML, environ_overrides={"SCRIPT_NAME": mount})
    )

    tree = parse(answer.text)
    assert (unsound(tree), misled(tree, mount)) == ([], [])


@pytest.mark.parametrize("path", ["/shapes", "/ont"])
def test_the_page_and_the_graph_lead_to_each_other(client: FlaskClient, path: str) -> None:
    """By alternate and canonical links, and by the header of the data."""
    page = client.get(path, headers=HTML)
    tree = parse(page.text)
    links = {(link.get("rel"), link.get("href")) for link in tree.iter("link")}
    data = client.get(f"{path}.ttl").headers["Link"]

    assert {("canonical", path), ("alternate", f"{path}.ttl"), ("alternate", f"{path}.jsonld")} <= links
    assert f'<{path}.html>; rel="alternate"; type="text/html"' in data


@pytest.mark.parametrize("path", ["/shapes", "/ont"])
def test_a_page_is_known_again(client: FlaskClient, path: str) -> None:
    """304 to who has it; HEAD has the headers of GET."""
    answer, head = client.get(path, headers=HTML), client.head(path, headers=HTML)
    again = client.get(path, headers=HTML | {"If-None-Match": answer.headers["ETag"]})

    assert (again.status_code, head.status_code, head.data) == (304, 200, b"")
    assert (head.headers["ETag"], head.headers["Content-Length"]) == (answer.headers["ETag"], str(len(answer.data)))


def test_counts_that_come_later_make_another_page(odd: tuple[Project, Release], tmp_path: Path) -> None:
    """An older release: first the page says that nothing was counted, then it has the counts under another tag."""
    project, release = odd
    folder = tmp_path / "release"
    shutil.copytree(release.path, folder)
    (folder / FILE).unlink()
    client = application(Release(folder), project).test_client()
    before = client.get("/shapes", headers=HTML)

    tally_release(Release(folder), project)

    after = client.get("/shapes", headers=HTML | {"If-None-Match": before.headers["ETag"]})
    assert "has not been counted" in before.text
    assert "Last-Modified" not in before.headers
    assert (after.status_code, "has not been counted" in after.text) == (200, False)
    assert "What the shapes found was not kept" in after.text


def test_counts_that_cannot_be_read_are_left_out(odd: tuple[Project, Release], tmp_path: Path) -> None:
    """The shapes are shown all the same."""
    project, release = odd
    folder = tmp_path / "release"
    shutil.copytree(release.path, folder)
    (folder / FILE).write_text("{", "utf-8")

    answer = application(Release(folder), project).test_client().get("/shapes", headers=HTML)

    assert (answer.status_code, "has not been counted" in answer.text) == (200, True)


def test_counts_that_are_missing_are_no_noughts(odd: tuple[Project, Release], tmp_path: Path) -> None:
    """What was left uncounted has a dash."""
    project, release = odd
    folder = tmp_path / "release"
    shutil.copytree(release.path, folder)
    Tally({f"<{OWN}NamelessShape>": 3}, {f"<{OWN}Nameless-label>": None}, {}).save(folder)

    page = parse(application(Release(folder), project).test_client().get("/shapes", headers=HTML).text)

    rows = {name: cells for _, name, cells in constraints(articles(page)["NamelessShape"])}
    assert rows["sh:maxCount"][:2] == ["\N{EN DASH}", "0"]


def test_findings_lead_to_the_report(odd: tuple[Project, Release]) -> None:
    """Where the application has a page for it, and nowhere else."""
    project, release = odd
    without = application(release, project)
    having = application(release, project)
    if "/status" not in {rule.rule for rule in having.url_map.iter_rules()}:
        having.add_url_rule("/status", view_func=lambda: "report")

    with_link = having.test_client().get("/shapes", headers=HTML).text
    with_none = without.test_client().get("/shapes", headers=HTML).text

    assert re.findall(r'href="(/status[^"]*)"', with_link)
    assert [link for link in re.findall(r'href="(/status[^"]*)"', with_none) if "/status" not in with_link] == []


def test_another_base_changes_no_count(odd: tuple[Project, Release], tmp_path: Path) -> None:
    """Shapes keep their IRIs, the data has others."""
    project, release = odd
    moved = load_project(project.root, "http://localhost:8080/")
    made = build(moved, tmp_path)
    assert made.release is not None

    pages = [
        parse(application(one, of).test_client().get("/shapes", headers=HTML).text)
        for one, of in ((release, project), (made.release, moved))
    ]

    first, second = ([[*constraints(article)] for article in page.iter("article")] for page in pages)
    assert first == second


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/shapes", "/ont"])
def test_every_link_is_answered(client: FlaskClient, path: str) -> None:
    """Pages of this site with 200, and with the place that the link names."""
    tree = parse(client.get(path, headers=HTML).text)
    links = {href for tag, href in addresses(tree) if tag == "a" and href.startswith("/")}
    pages: dict[str, str] = {}
    for at in {link.partition("#")[0] for link in links}:
        with client.get(at, headers=HTML, follow_redirects=True) as answer:
            pages[at] = answer.get_data(as_text=True) if answer.status_code == 200 else ""

    assert [at for at, text in pages.items() if not text] == []
    missing = [
        link for link in links if "#" in link and f'id="{link.partition("#")[2]}"' not in pages[link.partition("#")[0]]
    ]
    assert missing == []
