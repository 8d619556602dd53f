"""The page about the vocabulary: each term with its place in the hierarchy, its use, examples and shapes."""

from pathlib import Path
from typing import Final
from urllib.parse import unquote
from xml.etree.ElementTree import Element

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from lungkg.build import build
from lungkg.namespaces import GRAPHS, OWL, RDF, RDFS, SH
from lungkg.project import load_project
from lungkg.release import Release
from lungkg.web import create_app, term_pages
from lungkg.web.service import Served, Service
from tests.odd_shapes import BAKERY, odd_project
from tests.storeengine import StoreEngine
from tests.test_pages import find, parse, shown

BASE: Final = "https://w3id.org/lungkg/"
ONT: Final = f"{BASE}ont#"
HTML: Final = {"Accept": "text/html"}
PROPERTIES: Final = {f"{OWL}ObjectProperty", f"{OWL}DatatypeProperty", f"{OWL}AnnotationProperty"}

Facts = dict[str, list[Element]]


@pytest.fixture(scope="module")
def store(release: Release) -> ox.Store:
    """The store of the release."""
    return ox.Store.read_only(str(release.store))


@pytest.fixture(scope="module")
def page(client: FlaskClient) -> Element:
    """The page about the vocabulary of the real project."""
    return parse(client.get("/ont", headers=HTML).text)


@pytest.fixture(scope="module")
def graph(store: ox.Store) -> list[ox.Triple]:
    """The same vocabulary as triples."""
    return [quad.triple for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(f"{BASE}graph/ontology"))]


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Element:
    """The page of a project with terms that stand out."""
    folder = tmp_path_factory.mktemp("odd")
    project = odd_project(folder / "project")
    made = build(project, folder / "out")
    assert made.release is not None, made.report.sorted()
    engine = StoreEngine(ox.Store.read_only(str(made.release.store)))
    client = create_app(Service(Served(engine, project, made.release))).test_client()
    return parse(client.get("/ont", headers=HTML).text)


def terms(page: Element) -> dict[str, Element]:
    """Give each term's part of the page by its anchor."""
    return {article.get("id", ""): article for article in page.iter("article")}


def facts(article: Element) -> Facts:
    """Give what is said of a term: values by property."""
    return {shown(find(row, "dt")): row.findall("dd") for row in find(article, "dl").findall("div")}


def links(elements: list[Element]) -> list[str]:
    """List the addresses that elements link to on this site."""
    return [link.get("href", "") for one in elements for link in one.iter("a") if link.get("rel") != "external"]


def declared(graph: list[ox.Triple]) -> dict[str, set[str]]:
    """Give what has a type in the vocabulary, with its types."""
    found: dict[str, set[str]] = {}
    for subject, link, value in graph:
        if link.value == f"{RDF}type" and isinstance(subject, ox.NamedNode) and isinstance(value, ox.NamedNode):
            found.setdefault(subject.value, set()).add(value.value)
    return found


def count(store: ox.Store, pattern: str) -> int:
    """Count as SPARQL does, in all graphs but the one that holds the counts."""
    (row,) = ask(store, f"SELECT (COUNT(*) AS ?n) {{ SELECT DISTINCT * {{ {pattern} }} }}")
    return int(row["n"].value)


def ask(store: ox.Store, query: str) -> ox.QuerySolutions:
    """Ask all graphs but the one that holds the counts."""
    graphs = [ox.NamedNode(f"{BASE}graph/{name}") for name in GRAPHS if name != "metadata"]
    rows = store.query(query, default_graph=[*graphs])
    assert isinstance(rows, ox.QuerySolutions)
    return rows


def test_every_declared_term_is_on_the_page(page: Element, graph: list[ox.Triple]) -> None:
    """And no other has an anchor as a term of ours."""
    expected = {iri.removeprefix(ONT) for iri in declared(graph) if iri.startswith(ONT)}

    assert len(expected) > 90
    assert terms(page).keys() == expected


def test_terms_of_others_are_listed_apart(page: Element, graph: list[ox.Triple], store: ox.Store) -> None:
    """Those that the vocabulary describes, and those that the data uses."""
    described = {
        iri for iri, types in declared(graph).items() if not iri.startswith(ONT) and f"{OWL}Ontology" not in types
    }
    rows = ask(store, "SELECT DISTINCT ?t { { ?s ?t ?o } UNION { ?s a ?t FILTER(isIRI(?t)) } }")
    used = {row["t"].value for row in rows if not row["t"].value.startswith(ONT)}

    section = find(page, ".//section[@aria-labelledby='-others']")
    listed = {row.findall("td")[0] for row in section.iter("tr") if row.findall("td")}
    found = {unquote(links([cell])[0].partition("iri=")[2]) for cell in listed}
    assert found == described | used


def test_uses_are_counted_as_sparql_counts_them(page: Element, graph: list[ox.Triple], store: ox.Store) -> None:
    """The instances of every class, the triples of every property."""
    expected, found = {}, {}
    for iri, types in declared(graph).items():
        if iri.startswith(ONT) and types & {f"{OWL}Class", *PROPERTIES}:
            is_class = f"{OWL}Class" in types
            n = count(store, f"?s a <{iri}>" if is_class else f"?s <{iri}> ?o")
            noun = "instance" if is_class else "triple"
            expected[iri.removeprefix(ONT)] = f"{n:,} {noun}{'s' if n != 1 else ''}" if n else "never"
    for anchor, article in terms(page).items():
        if anchor in expected:
            found[anchor] = shown(facts(article)["used in this release"][0]).partition(" by itself")[0]

    assert found == expected


def test_what_is_below_is_counted_too(page: Element, store: ox.Store) -> None:
    """A class that only gathers others is used by them."""
    n = count(store, f"?s a ?kind . ?kind <{RDFS}subClassOf> <{ONT}Entity>")

    assert shown(facts(terms(page)["Entity"])["used in this release"][0]) == f"never by itself; those below it: {n}"


@pytest.mark.parametrize("link", ["subClassOf", "subPropertyOf"])
def test_the_tree_is_the_hierarchy(page: Element, graph: list[ox.Triple], link: str) -> None:
    """Each term stands below each of those that it is a kind of, in the list and in its own part."""
    expected = {
        (low.value.removeprefix(ONT), up.value.removeprefix(ONT))
        for low, p, up in graph
        if p.value == RDFS + link and isinstance(low, ox.NamedNode) and isinstance(up, ox.NamedNode)
        if low.value.startswith(ONT) and up.value.startswith(ONT)
    }
    shown_as = {
        (child.find("a").get("href", "")[1:], parent.find("a").get("href", "")[1:])  # type: ignore[union-attr]
        for parent in find(page, ".//nav[@class='trees']").iter("li")
        for child in parent.findall("ul/li")
    }
    said = {
        (anchor, above.partition("#")[2])
        for anchor, article in terms(page).items()
        for above in links(facts(article).get("broader", []))
    }

    assert expected
    assert expected <= shown_as
    assert expected <= said
    assert {anchor for pair in shown_as for anchor in pair} <= terms(page).keys()


def test_shapes_about_a_class_are_named(page: Element, client: FlaskClient) -> None:
    """Each by its target, and those of the classes above with the class."""
    shapes = [quad.triple for quad in ox.parse(client.get("/shapes.nt").data, format=ox.RdfFormat.N_TRIPLES)]
    expected = {
        (kind.value.removeprefix(ONT), f"/shapes#{shape.value.partition('#')[2]}")
        for shape, link, kind in shapes
        if link.value == f"{SH}targetClass" and kind.value.startswith(ONT)
    }

    found = {
        (anchor, link)
        for anchor, article in terms(page).items()
        for link in links(facts(article).get("shapes about it", []))
    }

    assert expected - found == set()
    assert "entity through entity" in [shown(one) for one in facts(terms(page)["Disease"])["shapes about it"]]


def test_shapes_about_a_property_are_named(page: Element) -> None:
    """By the path of the property shape."""
    expected = ["/shapes#Claim-hedgeText", "/shapes#InferredClaim-unsaid"]

    assert links(facts(terms(page)["hedgeText"])["shapes about it"]) == expected


@pytest.mark.parametrize(
    ("anchor", "pattern"),
    [("Claim", "<{x}> a <{t}>"), ("Disease", "<{x}> a <{t}>"), ("promotes", "<{x}> <{t}> ?y"), ("hedgeText", "<{x}> <{t}> ?y"), ("Asserted", "<{x}> ?p <{t}>")],
)  # fmt: skip
def test_examples_are_from_the_release(page: Element, store: ox.Store, anchor: str, pattern: str) -> None:
    """At most three, each of which uses the term, linked to the page about it."""
    examples = [links([one])[0] for one in facts(terms(page)[anchor])["for example"]]
    things = [BASE + href.removeprefix("/").replace("doc/", "id/", 1) for href in examples]

    assert 1 <= len(things) <= 3
    assert [thing for thing in things if not count(store, pattern.format(x=thing, t=ONT + anchor))] == []


def test_what_is_not_used_has_no_examples(page: Element) -> None:
    """It is said to be never used."""
    said = facts(terms(page)["Tombstone"])

    assert ("for example" in said, shown(said["used in this release"][0])) == (False, "never")


def test_a_term_that_was_given_up_says_so(odd: Element) -> None:
    """With the one to use instead, in its part, in the tree and among the counts."""
    article = terms(odd)["Additive"]

    assert "Deprecated. Use ingredient instead." in shown(article)
    assert "additive <old> deprecated" in shown(find(odd, ".//nav[@class='trees']"))
    assert "deprecated1" in shown(find(odd, ".//main/dl"))


def test_classes_without_a_name_are_said_in_words(odd: Element) -> None:
    """Unions and restrictions; the named class beside them is in the hierarchy."""
    additive, goes_with = facts(terms(odd)["Additive"]), facts(terms(odd)["goesWith"])

    assert [shown(one) for one in additive["sub class of"]] == [
        "something that has a “bread” as a value of “goes with”"
    ]
    assert [shown(one) for one in goes_with["domain"]] == ["a “bread” or an “ingredient”"]
    assert [shown(one) for one in additive["broader"]] == ["ingredient"]


def test_a_ring_of_classes_has_a_place_in_the_tree(odd: Element) -> None:
    """Though none of them is on top."""
    tree = find(odd, ".//nav[@class='trees']")

    assert {"#Egg", "#Hen"} <= {link.get("href") for link in tree.iter("a")}


def test_two_terms_of_one_name_are_both_there(odd: Element) -> None:
    """The project's and the core's; an anchor leads to one of them."""
    titles = [shown(find(article, "h3")) for article in odd.iter("article")]

    assert {"claim ont:Claim", "claim for a refund bakery:Claim"} <= set(titles)


def test_without_counts_nothing_is_called_unused(release: Release) -> None:
    """A store without the description of the release has no counts; then none is shown."""
    source = ox.Store.read_only(str(release.store))
    store = ox.Store()
    store.extend(source.quads_for_pattern(None, None, None, ox.NamedNode(f"{BASE}graph/ontology")))
    engine, project = StoreEngine(store), load_project(Path(__file__).parents[1])
    client = create_app(Service(Served(engine, project, release))).test_client()

    page = parse(client.get("/ont", headers=HTML).text)

    assert "used in this release" not in {name for article in terms(page).values() for name in facts(article)}


def test_a_page_takes_few_queries(release: Release) -> None:
    """However many terms there are: one for the counts, one for the examples, and their labels."""
    engine = StoreEngine(ox.Store.read_only(str(release.store)))
    project = load_project(Path(__file__).parents[1])
    client = create_app(Service(Served(engine, project, release))).test_client()
    client.get("/ont.ttl")  # reads both vocabularies
    before = len(engine.asked)

    client.get("/ont", headers=HTML)

    assert len(engine.asked) - before == 3


def test_examples_are_asked_for_so_many_terms_only(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    """The query would grow with them; the page says so."""
    monkeypatch.setattr(term_pages, "MOST_ASKED", 2)
    engine = StoreEngine(ox.Store.read_only(str(release.store)))
    client = create_app(Service(Served(engine, load_project(Path(__file__).parents[1]), release))).test_client()

    page = parse(client.get("/ont", headers=HTML).text)

    having = [anchor for anchor, article in terms(page).items() if "for example" in facts(article)]
    assert having == ["Affirmed", "AnatomicalStructure"]
    assert "Only the first 2 terms have examples here." in shown(page)


def test_another_project_has_its_terms_beside_the_core(odd: Element) -> None:
    """Both, on one page."""
    assert {"Bread", "Claim", "Ingredient"} <= terms(odd).keys()
    assert load_project(BAKERY).ont != ONT
