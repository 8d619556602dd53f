"""FAIR, checked by ourselves: each check passes over a good world and fails over one that is spoilt for it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest

from lungkg.errors import SystemProblem
from lungkg.fair import (
    CHECKS,
    Assessment,
    Evidence,
    Failure,
    Reply,
    Result,
    Standing,
    Waiver,
    assess,
    load_assessment,
)
from lungkg.fair.evidence import Facts, Unreadable, json_ld, read_rdf
from lungkg.fair.foops import is_lasting
from lungkg.fair.writing import EARL, summary, triples, write_rdf
from lungkg.formats import GRAPHS
from lungkg.namespaces import DCTERMS, RDF
from lungkg.project import Project

BASE: Final = "https://w3id.org/bakery/"
DAY: Final = "2026-06-01"

ONTOLOGY: Final = """
PREFIX : <https://w3id.org/bakery/ont#>
PREFIX bibo: <http://purl.org/ontology/bibo/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX vann: <http://purl.org/vocab/vann/>
<https://w3id.org/bakery/ont> a owl:Ontology ;
    dcterms:title "Bread"@en ;
    dcterms:description "Words for bread."@en ;
    dcterms:license <https://creativecommons.org/licenses/by/4.0/> ;
    owl:versionIRI <https://w3id.org/bakery/ont/1.0.0> ;
    owl:versionInfo "1.0.0" ;
    dcterms:creator "Bakers" ;
    dcterms:publisher "Bakers" ;
    dcterms:created "2026-01-01" ;
    dcterms:issued "2026-01-02" ;
    dcterms:bibliographicCitation "Bakers (2026)" ;
    dcterms:source prov: ;
    bibo:doi "10.5555/12345678" ;
    bibo:status "draft" ;
    schema:logo "https://w3id.org/bakery/logo.svg" ;
    vann:preferredNamespacePrefix "bakery" ;
    vann:preferredNamespaceUri "https://w3id.org/bakery/ont#" .
:Bread a owl:Class ; rdfs:label "bread"@en ; skos:definition "What is baked."@en .
:raises a owl:ObjectProperty ; rdfs:label "raises"@en ; rdfs:comment "For leaven."@en .
prov:Activity a owl:Class ; rdfs:label "activity"@en ; rdfs:comment "For readings."@en .
"""

DATASET: Final = """
PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX schema: <https://schema.org/>
PREFIX void: <http://rdfs.org/ns/void#>
<https://w3id.org/bakery/dataset> a dcat:Dataset ;
    dcterms:title "Claims about bread"@en ;
    dcterms:description "What a leaflet says."@en ;
    dcterms:identifier "https://w3id.org/bakery/dataset" ;
    dcterms:creator "Bakers" ;
    dcterms:publisher "Bakers" ;
    dcterms:issued "2026-01-02" ;
    dcterms:license <https://creativecommons.org/licenses/by/4.0/> ;
    dcterms:accessRights <http://publications.europa.eu/resource/authority/access-right/PUBLIC> ;
    dcterms:conformsTo <https://bioschemas.org/profiles/Dataset/1.0-RELEASE> ;
    dcterms:source <https://example.org/leaflet> ;
    dcat:keyword "bread"@en ;
    prov:wasGeneratedBy <https://w3id.org/bakery/id/activity/reading> ;
    schema:variableMeasured "claims"@en ;
    dcat:distribution <https://w3id.org/bakery/dataset#all> .
<https://w3id.org/bakery/dataset#all> dcat:downloadURL <https://w3id.org/bakery/downloads/all.nq.gz> ;
    dcat:mediaType <https://www.iana.org/assignments/media-types/application/n-quads> ;
    dcat:byteSize 1234 .
"""

PAGE: Final = """<!doctype html><title>Claims</title><script type="application/ld+json">
{"@context": {"@vocab": "https://schema.org/"}, "@id": "https://w3id.org/bakery/dataset", "@type": "Dataset",
 "name": "Claims about bread"}
</script><script type="text/javascript">"@type"</script>"""

FORMS: Final[Mapping[str, ox.RdfFormat]] = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
}


@dataclass(frozen=True)
class World:
    """A project as a graph and a server have it; `answers` are those that are other than usual."""

    ontology: str = ONTOLOGY
    dataset: str = DATASET
    page: str = PAGE
    base: str = BASE
    answers: Mapping[tuple[str, str], Reply] = field(default_factory=dict)

    def saying(self, words: str, instead: str) -> "World":
        """Give the same world with some words replaced, wherever they stand; they must stand somewhere."""
        texts = {name: getattr(self, name) for name in ("ontology", "dataset", "page")}
        assert any(words in text for text in texts.values())
        return replace(self, **{name: text.replace(words, instead) for name, text in texts.items()})

    def without(self, property_: str) -> "World":
        """Give the same world where a property says something else."""
        return self.saying(f"{property_} ", "<https://example.org/else> ")

    def answering(self, path: str, *accepts: str, reply: Reply | None = None) -> "World":
        """Give the same world with another answer for a path; 404 unless told otherwise."""
        found = reply or Reply(404, {"content-type": "application/problem+json"}, b"{}")
        return replace(self, answers={**self.answers, **{(path, accept): found for accept in accepts}})

    @property
    def project(self) -> Project:
        """The project of this world."""
        return Project(
            root=Path("/nowhere"), name="bakery", title="Bread", description="About bread.", written_base=self.base,
            base=self.base, license="https://example.org/licence", publisher="Bakers", curators="Bakers",
            version="1.0.0", issued="2026-01-02",
        )  # fmt: skip

    def evidence(self) -> Evidence:
        """What the checks look at."""
        store = ox.Store()
        graph = ox.NamedNode(self.base + "graph/ontology")
        for quad in ox.parse(self.ontology, format=ox.RdfFormat.TURTLE):
            store.add(ox.Quad(quad.subject, quad.predicate, quad.object, graph))
        return Evidence(self.project, store, self.fetch)

    def fetch(self, path: str, accept: str, _most: int = 0) -> Reply:
        """Answer as a server does: the first media type that is asked for, Turtle for all others."""
        if (path, accept) in self.answers:
            return self.answers[path, accept]
        wanted = accept.partition(",")[0]
        texts = {"/ont": self.ontology, "/ont/1.0.0": self.ontology, "/dataset": self.dataset}
        if path == "/downloads/all.nq.gz":
            return Reply(200, {"content-type": "application/n-quads"}, b"...")
        if path not in texts:
            return Reply(404, {}, b"")
        if wanted == "text/html":
            return Reply(200, {"content-type": "text/html; charset=utf-8"}, self.page.encode())
        media_type = wanted if wanted in FORMS else "text/turtle"
        quads = ox.parse(texts[path], format=ox.RdfFormat.TURTLE, base_iri=self.base)
        body = ox.serialize((quad.triple for quad in quads), format=FORMS[media_type])
        return Reply(200, {"content-type": f"{media_type}; charset=utf-8"}, body or b"")


GOOD: Final = World()
MOVED: Final = replace(
    GOOD,
    base="http://localhost:8080/",
    **{name: getattr(GOOD, name).replace(BASE, "http://localhost:8080/") for name in ("ontology", "dataset", "page")},
)
OTHER_SCHEME: Final = replace(
    GOOD,
    base="urn:bakery/",
    **{name: getattr(GOOD, name).replace(BASE, "urn:bakery/") for name in ("ontology", "dataset", "page")},
)
NO_DOWNLOAD: Final = GOOD.without("dcat:downloadURL")
BROKEN: Final = Reply(200, {"content-type": "text/turtle"}, b"<a> <b>")
SHORTER: Final = Reply(200, {"content-type": "text/turtle"}, b"<a:b> <a:c> 1 .")
A_PAGE: Final = Reply(200, {"content-type": "text/html"}, b"<p>hello")

SPOILT: Final[Mapping[str, tuple[World, str, str]]] = {
    "PURL1": (MOVED, "http://localhost:8080/ont", "localhost is none of those"),
    "URI1": (GOOD.answering("/ont", *FORMS), f"{BASE}ont", "asked for text/turtle: the status is 404"),
    "URI2": (
        GOOD.answering("/ont", "text/turtle", reply=SHORTER), f"{BASE}ont", "the answer describes no owl:Ontology",
    ),
    "VER1": (GOOD.saying("<https://w3id.org/bakery/ont/1.0.0>", f"<{BASE}ont>"), f"{BASE}ont", "the ontology itself"),
    "VER2": (GOOD.answering("/ont/1.0.0", *FORMS), f"{BASE}ont/1.0.0", "the status is 404"),
    "OM1": (GOOD.without("dcterms:title"), f"{DCTERMS}title", "says no title"),
    "OM2": (GOOD.without("dcterms:created"), f"{DCTERMS}created", "says no date of creation"),
    "OM3": (GOOD.saying("10.5555/12345678", "1.0"), "http://purl.org/ontology/bibo/doi", "says no DOI"),
    "FIND1": (
        GOOD.without("vann:preferredNamespacePrefix"),
        "http://purl.org/vocab/vann/preferredNamespacePrefix", "says no prefix",
    ),
    "FIND2": (
        GOOD.without("vann:preferredNamespacePrefix"),
        "http://purl.org/vocab/vann/preferredNamespacePrefix", "says no prefix",
    ),
    "HTTP1": (OTHER_SCHEME, "urn:bakery/ont", "neither http nor https"),
    "CN1": (GOOD.answering("/ont", "text/html"), f"{BASE}ont", "asked for text/html: status 404"),
    "RDF1": (GOOD.answering("/ont", "text/turtle", reply=BROKEN), f"{BASE}ont", "this is not Turtle"),
    "VOC1": (
        replace(GOOD, ontology=f"<{BASE}ont> <https://example.org/made-up> 1 ."), f"{BASE}ont", "uses no vocabulary",
    ),
    "VOC2": (GOOD.saying("prov:Activity", ":Reading"), f"{BASE}ont", "only terms of its own"),
    "DOC1": (GOOD.answering("/ont", "text/html", reply=SHORTER), f"{BASE}ont", "status 200, text/turtle"),
    "OM4.1": (GOOD.without("dcterms:license"), f"{DCTERMS}license", "says no licence"),
    "OM4.2": (GOOD.saying("<https://creativecommons.org/licenses/by/4.0/>", '"CC BY"'), f"{BASE}ont", "is no IRI"),
    "OM5.1": (GOOD.without("dcterms:creator"), f"{DCTERMS}creator", "says no creator"),
    "OM5.2": (GOOD.without("dcterms:issued"), f"{DCTERMS}issued", "says no date of issue"),
    "VOC3": (GOOD.saying('rdfs:label "activity"@en ;', ""), "http://www.w3.org/ns/prov#Activity", "it has no label"),
    "VOC4": (GOOD.without("skos:definition"), f"{BASE}ont#Bread", "it has no definition"),
    "FsF-F1-01MD-1": (GOOD.saying('dcterms:identifier "https://w3id.org/bakery/dataset"', 'dcterms:identifier "bread"'), f"{BASE}dataset", "bread is no IRI"),
    "FsF-F1-01MD-2": (
        GOOD.saying("<https://w3id.org/bakery/downloads/all.nq.gz>", '"all.nq.gz"'), "all.nq.gz", "no absolute IRI",
    ),
    "FsF-F1-02MD-1": (MOVED, "http://localhost:8080/dataset", "localhost is no service"),
    "FsF-F1-02MD-2": (MOVED, "http://localhost:8080/dataset", "localhost is no service"),
    "FsF-F1-02MD-4": (MOVED, "http://localhost:8080/downloads/all.nq.gz", "localhost is no service"),
    "FsF-F1-02MD-5": (NO_DOWNLOAD, "http://www.w3.org/ns/dcat#downloadURL", "names no address"),
    "FsF-F2-01M-2": (GOOD.without("dcterms:creator"), f"{DCTERMS}creator", "says no creator"),
    "FsF-F2-01M-3": (GOOD.without("dcat:keyword"), "http://www.w3.org/ns/dcat#keyword", "says no keywords"),
    "FsF-F3-01M-2": (NO_DOWNLOAD, "http://www.w3.org/ns/dcat#downloadURL", "names no address"),
    "FsF-F4-01M-1": (GOOD.answering("/dataset", "text/html", reply=A_PAGE), f"{BASE}dataset", "no JSON-LD in it"),
    "FsF-A1-01M-1": (GOOD.without("dcterms:accessRights"), f"{DCTERMS}accessRights", "says no access"),
    "FsF-A1-02MD-1": (GOOD.answering("/dataset", "*/*"), f"{BASE}dataset", "the status is 404"),
    "FsF-A1-02MD-2": (
        GOOD.answering("/downloads/all.nq.gz", "*/*"), f"{BASE}downloads/all.nq.gz", "the status is 404",
    ),
    "FsF-A1.1-01MD-1": (OTHER_SCHEME, "urn:bakery/dataset", "urn is no standard protocol"),
    "FsF-A1.1-01MD-2": (OTHER_SCHEME, "urn:bakery/downloads/all.nq.gz", "urn is no standard protocol"),
    "FsF-A1.2-01MD-1": (OTHER_SCHEME, "urn:bakery/dataset", "urn is no protocol with authentication"),
    "FsF-A1.2-01MD-2": (OTHER_SCHEME, "urn:bakery/downloads/all.nq.gz", "urn is no protocol with authentication"),
    "FsF-I1-01M-1": (
        GOOD.saying('"@context": {"@vocab": "https://schema.org/"}', '"@context": "https://schema.org"'),
        f"{BASE}dataset", "gives no triple",
    ),
    "FsF-I1-01M-2": (GOOD.answering("/dataset", "text/turtle"), f"{BASE}dataset", "the status is 404"),
    "FsF-I2-01M-2": (
        replace(GOOD, dataset=f"<{BASE}dataset> <https://example.org/made-up> 1 .", page=""),
        f"{BASE}dataset", "no property of a registered vocabulary",
    ),
    "FsF-I3-01M-1": (
        replace(GOOD, dataset=f"<{BASE}dataset> <{DCTERMS}title> 1 ."), f"{DCTERMS}source", "says no related resource",
    ),
    "FsF-I3-01M-2": (
        replace(GOOD, dataset=f'<{BASE}dataset> <{DCTERMS}source> "a leaflet" .'),
        f"{DCTERMS}source", "no related resource by its IRI",
    ),
    "FsF-R1-01M-1": (
        GOOD.saying("a dcat:Dataset ;", "").saying('"@type": "Dataset",', ""), f"{RDF}type", "has no type of dataset",
    ),
    "FsF-R1-01M-2": (GOOD.without("dcat:byteSize"), f"{BASE}dataset#all", "it says no size"),
    "FsF-R1-01M-3": (
        GOOD.without("schema:variableMeasured"), "https://schema.org/variableMeasured", "says no variable",
    ),
    "FsF-R1.1-01M-1": (
        GOOD.saying("<https://creativecommons.org/licenses/by/4.0/>", '"free"'), f"{DCTERMS}license", "by an IRI",
    ),
    "FsF-R1.2-01M-1": (
        replace(GOOD, dataset=f"<{BASE}dataset> <{DCTERMS}title> 1 ."), f"{DCTERMS}creator", "says no creator",
    ),
    "FsF-R1.2-01M-2": (GOOD.without("prov:wasGeneratedBy"), f"{BASE}dataset", "no term of PROV or PAV"),
    "FsF-R1.3-01M-1": (
        GOOD.saying("https://bioschemas.org/profiles/Dataset/1.0-RELEASE", f"{BASE}shapes"),
        f"{DCTERMS}conformsTo", "names no standard of a community",
    ),
    "FsF-R1.3-01M-3": (
        replace(GOOD, dataset=f"<{BASE}dataset> <https://example.org/made-up> 1 .", page=""),
        f"{BASE}dataset", "not described in DCAT",
    ),
    "FsF-R1.3-02D-1": (
        GOOD.saying("application/n-quads>", "application/msword>"), f"{BASE}dataset#all", "application/msword is not",
    ),
}  # fmt: skip
"""For each check a world in which it fails, what the failure is about, and what it says."""

FOR_THE_WEB: Final = ("FIND2", "FIND3", "FIND_3_BIS", "OM4.2", "FsF-F1-02MD-2", "FsF-F1-02MD-5")
ONLY_FOR_THE_WEB: Final = ("FIND3", "FIND_3_BIS")


def standing(world: World, check: str) -> Standing:
    """Run one check over a world."""
    return CHECKS[check].result(world.evidence()).standing(DAY)


# The checks


def test_there_are_all_tests_of_foops_and_fuji() -> None:
    """24 of FOOPS!, and those of the 17 metrics of F-UJI, by the identifiers that they have there."""
    listings = {listing: [c.id for c in CHECKS.values() if c.listing == listing] for listing in ("FOOPS!", "F-UJI")}

    assert len(listings["FOOPS!"]) == 24
    assert {check.rpartition("-")[0] for check in listings["F-UJI"]} == {
        "FsF-F1-01MD", "FsF-F1-02MD", "FsF-F2-01M", "FsF-F3-01M", "FsF-F4-01M", "FsF-A1-01M", "FsF-A1-02MD",
        "FsF-A1.1-01MD", "FsF-A1.2-01MD", "FsF-I1-01M", "FsF-I2-01M", "FsF-I3-01M", "FsF-R1-01M", "FsF-R1.1-01M",
        "FsF-R1.2-01M", "FsF-R1.3-01M", "FsF-R1.3-02D",
    }  # fmt: skip
    assert len(CHECKS) == 24 + 31


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_passes_over_a_good_world(check: str) -> None:
    """Nothing is wrong with it, or only the open web can tell."""
    expected = Standing.OPEN_WEB if check in FOR_THE_WEB else Standing.PASSED

    assert expected == standing(GOOD, check)


@pytest.mark.parametrize("check", [check for check in CHECKS if check not in ONLY_FOR_THE_WEB])
def test_a_check_fails_over_a_world_that_is_spoilt_for_it(check: str) -> None:
    """It names what is wrong, and where."""
    world, about, message = SPOILT[check]

    result = CHECKS[check].result(world.evidence())

    assert result.standing(DAY) is Standing.FAILED
    assert [failure.about for failure in result.failures if message in failure.message][:1] == [about]


@pytest.mark.parametrize("check", ONLY_FOR_THE_WEB)
def test_an_ontology_may_name_the_catalogue_that_it_is_in(check: str) -> None:
    """Then nothing has to be looked up."""
    world = GOOD.saying("bibo:status", "schema:includedInDataCatalog <https://example.org/catalogue> ; bibo:status")

    assert standing(world, check) is Standing.PASSED


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_says_what_it_wants_and_how_to_mend_it(check: str) -> None:
    """In whole sentences; what is looked up on the open web says what to look up."""
    result = CHECKS[check].result(GOOD.evidence())

    assert result.wants[0].isupper()
    assert result.wants.endswith(".")
    assert bool(result.look_up) == (check in FOR_THE_WEB)
    assert result.mend.endswith(".") or check in ONLY_FOR_THE_WEB


@pytest.mark.parametrize(
    ("iri", "expected"),
    [
        pytest.param("https://w3id.org/x", True, id="w3id"),
        pytest.param("http://purl.org/x", True, id="purl"),
        pytest.param("http://purl.example.org/x", True, id="purl-of-somebody"),
        pytest.param("https://doi.org/10.5555/1", True, id="doi"),
        pytest.param("http://www.w3.org/ns/x", True, id="w3"),
        pytest.param("https://example.org/w3id.org", False, id="only-in-the-path"),
        pytest.param("https://notw3id.org/x", False, id="only-at-the-end"),
        pytest.param("http://localhost:8080/ont", False, id="localhost"),
        pytest.param("http://[/", False, id="no-host"),
    ],
)
def test_a_lasting_identifier_is_told_by_its_host(iri: str, expected: bool) -> None:
    """Services that promise to keep addresses, and nothing that only looks like one."""
    assert is_lasting(iri) is expected


def test_redirects_are_followed_and_a_circle_ends() -> None:
    """A 303 leads on, also to another base-absolute path; one that leads to itself is a failure."""
    there = Reply(303, {"location": "/ont/1.0.0"}, b"")
    circle = Reply(303, {"location": "/ont"}, b"")

    assert standing(GOOD.answering("/ont", *FORMS, reply=there), "URI1") is Standing.PASSED
    assert standing(GOOD.answering("/ont", *FORMS, reply=circle), "URI1") is Standing.FAILED


def test_a_redirect_to_another_site_is_not_followed() -> None:
    """A build has no network."""
    away = Reply(303, {"location": "https://example.org/"}, b"")

    assert standing(GOOD.answering("/ont", *FORMS, reply=away), "URI1") is Standing.FAILED


def test_nothing_is_asked_for_twice() -> None:
    """All checks together ask for each address in each form once."""
    asked: list[tuple[str, str]] = []

    def fetch(path: str, accept: str, _most: int = 0) -> Reply:
        asked.append((path, accept))
        return GOOD.fetch(path, accept)

    assess(replace(GOOD.evidence(), fetch=fetch), {})

    assert len(asked) > 10
    assert len(asked) == len(set(asked))


def test_a_server_that_answers_nothing_makes_failures_and_no_error() -> None:
    """Whatever is answered, every check has a result."""
    silent = replace(GOOD.evidence(), fetch=lambda *_: Reply(500, {}, b""))

    found = assess(silent, {})

    assert len(found.results) == len(CHECKS)
    assert found.counts(DAY)[Standing.FAILED] > 20


def test_an_empty_graph_makes_failures_and_no_error() -> None:
    """The same without any triple."""
    found = assess(replace(GOOD, ontology="", dataset="", page="").evidence(), {})

    assert found.counts(DAY)[Standing.FAILED] > 30


@pytest.mark.parametrize(
    ("reply", "part"),
    [
        pytest.param(Reply(404, {"content-type": "text/turtle"}, b""), "status is 404", id="status"),
        pytest.param(Reply(200, {}, b""), "(none)", id="no-type"),
        pytest.param(Reply(200, {"content-type": "text/html"}, b""), "text/html is not one of RDF", id="page"),
        pytest.param(Reply(200, {"content-type": "text/turtle"}, b"<a>"), "this is not Turtle", id="broken"),
        pytest.param(
            Reply(200, {"content-type": "application/ld+json"}, b"{"), "this is not JSON-LD", id="broken-json"
        ),
        pytest.param(Reply(200, {"content-type": "text/turtle"}, b"\xff"), "this is not Turtle", id="not-utf-8"),
    ],
)
def test_what_is_no_rdf_is_told(reply: Reply, part: str) -> None:
    """Status, media type and form each have a message of their own."""
    with pytest.raises(Unreadable, match=part.replace("(", "\\(").replace(")", "\\)")):
        read_rdf(reply, BASE)


def test_json_ld_is_found_in_a_page() -> None:
    """Every script of that type, and no other; a page that is none has none."""
    page = Reply(200, {"content-type": "text/html"}, PAGE.encode())

    assert [json.loads(script)["name"] for script in json_ld(page)] == ["Claims about bread"]
    assert json_ld(page._replace(status=404)) == []


# Results


FAILED: Final = Result(
    "OM3", "FOOPS!", "All of it.", "Write it.", (Failure("a:doi", "none"), Failure("a:logo", "none"))
)
WAIVER: Final = Waiver("OM3", "none is registered", "bakers", "2026-12-31", ("a:doi", "a:logo"))


@pytest.mark.parametrize(
    ("result", "day", "expected"),
    [
        pytest.param(Result("X", "L", "w", "m"), DAY, Standing.PASSED, id="nothing-wrong"),
        pytest.param(FAILED, DAY, Standing.FAILED, id="failed"),
        pytest.param(Result("X", "L", "w", "m", look_up="it"), DAY, Standing.OPEN_WEB, id="open-web"),
        pytest.param(replace(FAILED, waiver=WAIVER), DAY, Standing.WAIVED, id="waived"),
        pytest.param(replace(FAILED, waiver=replace(WAIVER, only=())), DAY, Standing.WAIVED, id="all-waived"),
        pytest.param(
            replace(FAILED, waiver=replace(WAIVER, only=("a:doi",))), DAY, Standing.FAILED, id="one-of-two-waived"
        ),
        pytest.param(replace(FAILED, waiver=WAIVER), "2026-12-31", Standing.WAIVED, id="last-day"),
        pytest.param(replace(FAILED, waiver=WAIVER), "2027-01-01", Standing.FAILED, id="run-out"),
        pytest.param(Result("OM3", "L", "w", "m", waiver=WAIVER), DAY, Standing.PASSED, id="waived-and-passed"),
    ],
)
def test_how_a_check_stands(result: Result, day: str, expected: Standing) -> None:
    """A waiver holds for what it covers, until its last day; what needs the open web is never passed."""
    assert result.standing(day) is expected


def test_waivers_that_waive_nothing_are_told() -> None:
    """So that they do not stay for ever."""
    idle = replace(WAIVER, check="OM2")
    found = Assessment((replace(FAILED, waiver=WAIVER), Result("OM2", "FOOPS!", "w", "m", waiver=idle)))

    assert found.idle_waivers() == [idle]


def test_results_are_the_same_after_writing_and_reading(tmp_path: Path) -> None:
    """fair.json holds all that there is; without the file there is nothing."""
    found = assess(GOOD.without("dcterms:created").evidence(), {"OM2": replace(WAIVER, check="OM2", only=())})

    assert load_assessment(tmp_path) is None
    found.save(tmp_path)
    assert load_assessment(tmp_path) == found


def test_a_file_that_is_something_else_is_told(tmp_path: Path) -> None:
    """A spoilt fair.json is an error with its path."""
    (tmp_path / "fair.json").write_text("{}", encoding="utf-8")

    with pytest.raises(SystemProblem, match=r"fair.json cannot be read"):
        load_assessment(tmp_path)


def test_the_summary_counts_every_check() -> None:
    """One sentence, for the end of a build."""
    found = assess(GOOD.without("dcterms:created").evidence(), {"OM2": replace(WAIVER, check="OM2", only=())})

    assert summary(found, DAY) == "55 checks of FAIRness: 47 passed, 1 failed, 1 waived, 6 for the open web"


@pytest.mark.parametrize("form", [entry for entry in GRAPHS if entry.negotiable], ids=lambda entry: entry.name)
def test_the_results_in_rdf_have_an_assertion_for_each_check(form: object) -> None:
    """EARL, in every form the same triples; a waived failure is a failure, with the reason."""
    found = assess(GOOD.without("dcterms:created").evidence(), {"OM2": replace(WAIVER, check="OM2", only=())})
    expected = set(triples(found, GOOD.project))

    assert isinstance(form, type(GRAPHS[0]))
    written = write_rdf(found, GOOD.project, form)
    read = {quad.triple for quad in ox.parse(written, format=ox.RdfFormat.from_media_type(form.media_type))}

    assert read == expected
    facts = Facts(read)
    assert len(facts.of_type(EARL + "Assertion")) == len(CHECKS)
    outcomes = [
        str(triple.object).strip("<>").removeprefix(EARL) for triple in read if "outcome" in str(triple.predicate)
    ]
    assert {name: outcomes.count(name) for name in set(outcomes)} == {"passed": 47, "failed": 2, "untested": 6}
    comments = facts.values(f"{BASE}status/fair#OM2-result", "http://www.w3.org/2000/01/rdf-schema#comment")
    assert any("Waived until 2026-12-31 by bakers: none is registered" in str(comment) for comment in comments)
