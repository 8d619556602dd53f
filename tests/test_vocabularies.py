"""The vocabulary and the shapes: whole, by hash IRIs, in versions, in every form."""

import json
import re
import shutil
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from lungkg.build import build
from lungkg.engines import LocalEngine
from lungkg.namespaces import ONT, OWL, RDF, RDFS, SH
from lungkg.project import load_project
from lungkg.release import Release
from lungkg.web import create_app
from lungkg.web.service import Served, Service

BAKERY: Final = Path(__file__).parent / "other_project"
BASE: Final = "https://w3id.org/lungkg/"
PROBLEM: Final = "application/problem+json"
GRAPHS: Final = {"ont": "ontology", "shapes": "shapes"}


def canonical(quads: list[ox.Quad]) -> set[ox.Quad]:
    """Name blank nodes so that equal graphs are equal sets."""
    dataset = ox.Dataset(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("suffix", ["ttl", "jsonld", "nt", "rdf", "trig", "nq"])
def test_a_vocabulary_is_its_graph(client: FlaskClient, release: Release, name: str, suffix: str) -> None:
    """All of it and nothing else, so that it can be imported as it is."""
    graph = ox.NamedNode(f"{BASE}graph/{GRAPHS[name]}")
    store = ox.Store.read_only(str(release.store))
    expected = canonical(list(store.quads_for_pattern(None, None, None, graph)))

    answer = client.get(f"/{name}.{suffix}")

    form = ox.RdfFormat.from_extension(suffix)
    assert form is not None
    assert canonical(list(ox.parse(answer.data, format=form))) == expected


@pytest.mark.parametrize("name", GRAPHS)
def test_the_iri_that_is_asked_is_the_one_that_is_defined(client: FlaskClient, name: str) -> None:
    """200 at the IRI of the vocabulary itself, which says that it is an ontology, in the first line."""
    answer = client.get(f"/{name}")

    first = next(line for line in answer.text.splitlines() if line and not line.startswith("@prefix"))
    assert (answer.status_code, answer.headers["Content-Location"]) == (200, f"/{name}.ttl")
    assert first == f"<{BASE}{name}> a owl:Ontology ;"


@pytest.mark.parametrize("suffix", ["", ".ttl", ".rdf", ".html"])
def test_the_current_version_is_answered(client: FlaskClient, suffix: str) -> None:
    """At the owl:versionIRI, also in one form."""
    triples = list(ox.parse(client.get("/ont.nt").data, format=ox.RdfFormat.N_TRIPLES))
    (version,) = {quad.object.value for quad in triples if quad.predicate.value == OWL + "versionIRI"}

    answer = client.get(f"/{version.removeprefix(BASE)}{suffix}")

    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/ont/0.0.1", "/ont/0.0.1.ttl", "/ont/9", "/shapes/9.9.9"])
def test_another_version_is_not_here(client: FlaskClient, path: str) -> None:
    """404 that says which one is."""
    answer = client.get(path)

    assert (answer.status_code, answer.content_type) == (404, PROBLEM)
    assert re.search(r"there is /(ont|shapes)/\d", answer.get_json(force=True)["detail"])


@pytest.mark.parametrize("path", ["/ont.pdf", "/shapes.txt"])
def test_a_form_that_there_is_not_is_not_found(client: FlaskClient, path: str) -> None:
    """404 with those that there are."""
    answer = client.get(path)

    assert (answer.status_code, answer.content_type) == (404, PROBLEM)
    assert ".ttl, .jsonld" in answer.get_json(force=True)["detail"]


@pytest.mark.parametrize(
    ("name", "kind"), [("ont", OWL + "Class"), ("ont", OWL + "ObjectProperty"), ("shapes", SH + "NodeShape")]
)
def test_every_term_has_a_place_on_the_page(client: FlaskClient, release: Release, name: str, kind: str) -> None:
    """So that its IRI leads a reader to it."""
    store = ox.Store.read_only(str(release.store))
    terms = {
        quad.subject.value.partition("#")[2]
        for quad in store.quads_for_pattern(None, ox.NamedNode(RDF + "type"), ox.NamedNode(kind))
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(f"{BASE}{name}#")
    }

    page = client.get(f"/{name}", headers={"Accept": "text/html"}).text

    assert terms
    assert [term for term in terms if f'<article id="{term}">' not in page] == []


def test_the_core_is_answered_wherever_a_project_is(tmp_path: Path) -> None:
    """Another project's /ont has both vocabularies, whatever base its data are moved to; its name comes first."""
    bakery = load_project(BAKERY, "http://localhost:8080/")
    made = build(bakery, tmp_path).release
    assert made is not None
    with LocalEngine(made.store, bakery.prefixes) as engine:
        client = create_app(Service(Served(engine, bakery, made))).test_client()

        page = client.get("/ont", headers={"Accept": "text/html"}).text
        found = {quad.subject for quad in ox.parse(client.get("/ont.nt").data, format=ox.RdfFormat.N_TRIPLES)}
        led = client.get("/describe", query_string={"iri": ONT + "Claim"}).headers["Location"]

    assert {ox.NamedNode(ONT + "Claim"), ox.NamedNode("https://example.org/bakery/ont")} <= found
    assert '<article id="Claim">' in page
    assert led == "/ont#Claim"


def test_the_context_is_json_ld(client: FlaskClient) -> None:
    """It has the aliases, the keys of claims and the prefixes, and is found again by its tag."""
    answer = client.get("/context.jsonld")
    again = client.get("/context.jsonld", headers={"If-None-Match": answer.headers["ETag"]})

    context = json.loads(answer.data)["@context"]
    assert answer.content_type == "application/ld+json"
    assert (context["id"], context["type"]) == ("@id", "@type")
    assert context["label"] == {"@id": RDFS + "label", "@language": "en"}
    assert context["Claim"] == ONT + "Claim"
    assert context["CL"] == {"@id": "http://purl.obolibrary.org/obo/CL_", "@prefix": True}
    assert again.status_code == 304


def test_an_ontology_that_cannot_be_read_back_says_so(tmp_path: Path) -> None:
    """A property whose name no XML element can have: RDF/XML is not acceptable, the other forms are."""
    root = tmp_path / "bakery"
    shutil.copytree(BAKERY, root)
    number = "<https://example.org/numbers/1>"
    added = f'\n<https://example.org/bakery/ont> {number} "one" .\n{number} a owl:AnnotationProperty ; rdfs:label "one"@en .\n'
    path = root / "ontology" / "bakery.ttl"
    path.write_text(path.read_text("utf-8") + added, "utf-8")
    made = build(load_project(root), tmp_path / "out")
    assert made.release is not None, made.report.sorted()
    with LocalEngine(made.release.store, {}) as engine:
        client = create_app(Service(Served(engine, load_project(root), made.release))).test_client()

        statuses = {suffix: client.get(f"/ont.{suffix}").status_code for suffix in ("ttl", "jsonld", "nt", "rdf")}

    assert statuses == {"ttl": 200, "jsonld": 200, "nt": 200, "rdf": 406}
