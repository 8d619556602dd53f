"""Things and the documents about them: where they lead, what is in them, and what is said of those that are not there."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

import html5rdf  # type: ignore[import-untyped]  # it has no types
import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lungkg.endpoint_terms import said
from lungkg.engines import Engine
from lungkg.linked.about import FOAF
from lungkg.linked.documents import MOST, PAGE, SHOWN
from lungkg.namespaces import BIOLINK, CITO, DCTERMS, OA, ONT, OWL, PROV, RDF, RDFS, SKOS, VOID, XSD
from lungkg.project import Project
from lungkg.release import Release
from lungkg.triples import english, instant
from lungkg.web import create_app
from lungkg.web.cache import AnswerCache
from lungkg.web.service import Served, Service
from tests.storeengine import StoreEngine

BASE: Final = "https://w3id.org/lungkg/"
DOCUMENT: Final = "000_a5af86fa0d89168c"
CLAIM: Final = f"{DOCUMENT}-C39"
PROBLEM: Final = "application/problem+json"

Make = Callable[[list[ox.Quad]], FlaskClient]


def graph(client: FlaskClient, path: str) -> set[ox.Triple]:
    """Fetch a document in N-Triples."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return {quad.triple for quad in ox.parse(answer.data, format=ox.RdfFormat.N_TRIPLES)}


def values(triples: set[ox.Triple], subject: str, link: str) -> set[str]:
    """Give what is said of a subject by a property, as plain texts."""
    return {
        triple.object.value
        for triple in triples
        if triple.subject == ox.NamedNode(subject) and triple.predicate.value == link
        and not isinstance(triple.object, ox.Triple)
    }  # fmt: skip


@pytest.fixture(scope="module")
def claim(client: FlaskClient) -> set[ox.Triple]:
    """The document about a claim with every kind of evidence."""
    return graph(client, f"/doc/claim/{CLAIM}.nt")


@pytest.fixture
def serving(project: Project, release: Release) -> Make:
    """Makes a client over a graph of one's own."""

    def make(quads: list[ox.Quad]) -> FlaskClient:
        store = ox.Store()
        store.extend(quads)
        return create_app(Service(Served(StoreEngine(store), project, release))).test_client()

    return make


def quads(name: str, *triples: tuple[str, str, str | ox.Literal]) -> list[ox.Quad]:
    """Put triples into a graph of the real project."""
    node = ox.NamedNode(f"{BASE}graph/{name}")
    made = (said(*triple) for triple in triples)
    return [ox.Quad(one.subject, one.predicate, one.object, node) for one in made]


# From the thing to the document ----------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_thing_leads_to_its_document(client: FlaskClient, method: str) -> None:
    """303, the same for every Accept header, path-absolute; caches have to ask again."""
    answer = client.open(f"/id/claim/{CLAIM}", method=method, headers={"Accept": "text/html"})

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/doc/claim/{CLAIM}")
    assert answer.headers["Link"] == f'</doc/claim/{CLAIM}>; rel="describedby"'
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert "Accept" not in answer.vary


def test_what_was_asked_goes_along(client: FlaskClient) -> None:
    """The parameters of a document may be given to the thing."""
    answer = client.get(f"/id/claim/{CLAIM}?format=ttl&explain=accept")

    assert answer.headers["Location"] == f"/doc/claim/{CLAIM}?format=ttl&explain=accept"


NOT_THERE: Final = {
    "entity-misspelt": ("/id/entity/mesenchymal-stem-cel", "/id/entity/mesenchymal-stem-cell"),
    "entity-by-its-label": ("/id/entity/Mesenchymal-Stem_Cells", "/id/entity/mesenchymal-stem-cell"),
    "claim-that-is-longer": (f"/id/claim/{DOCUMENT}-C391", f"/id/claim/{CLAIM}"),
    "claim-by-its-end": ("/id/claim/C39", f"/id/claim/{CLAIM}"),
    "document": (f"/doc/document/{DOCUMENT[:-1]}", f"/id/document/{DOCUMENT}"),
    "document-in-a-form": (f"/doc/document/{DOCUMENT[:-1]}.jsonld", f"/id/document/{DOCUMENT}"),
    "text": (f"/doc/document/{DOCUMENT[:-1]}.txt", f"/id/document/{DOCUMENT}"),
    "nothing-like-it": ("/id/gloss/zzzzzzzzzz", "There is no gloss"),
    "type": ("/id/loaf/rye", "there are entity, claim"),
    "suffix-on-a-thing": (f"/id/claim/{CLAIM}.ttl", f"/doc/claim/{CLAIM}.ttl"),
    "suffix": (f"/doc/claim/{CLAIM}.pdf", ".ttl, .jsonld, .nt, .rdf, .html, .trig, .nq"),
    "text-of-a-claim": (f"/doc/claim/{CLAIM}.txt", ".ttl, .jsonld"),
    "name": ("/id/claim/a%20b", "letters, digits"),
}


@pytest.mark.parametrize(("path", "told"), NOT_THERE.values(), ids=NOT_THERE)
def test_what_is_not_there_says_what_is_near(client: FlaskClient, path: str, told: str) -> None:
    """404 at once, never a redirect to nowhere."""
    answer = client.get(path)

    assert (answer.status_code, answer.content_type) == (404, PROBLEM)
    assert told in answer.get_json(force=True)["detail"]


# What a document holds -------------------------------------------------------------------------------


def test_a_claim_comes_with_all_its_evidence(claim: set[ox.Triple]) -> None:
    """Its words, its sentence, references, the reading of them, and what it rests on."""
    node = f"{BASE}id/claim/{CLAIM}"
    (sentence,) = values(claim, node, ONT + "inSentence")
    (reading,) = values(claim, node, PROV + "wasGeneratedBy")

    assert values(claim, f"{node}#quote", OA + "exact")
    assert values(claim, f"{node}#focus-quote", OA + "exact") == {"tissue regeneration[8,14]"}
    assert values(claim, f"{node}#hedge-1-quote", OA + "exact") == {"appear to"}
    assert values(claim, f"{node}#position", OA + "start") == {"1723"}
    assert values(claim, f"{sentence}#quote", OA + "exact")
    assert {n for one in values(claim, node, CITO + "citesAsEvidence") for n in values(claim, one, ONT + "number")} == {
        "8",
        "14",
    }
    assert values(claim, reading, PROV + "endedAtTime")
    assert [one for one in values(claim, node, ONT + "restsOn") if not values(claim, one, RDFS + "comment")] == []


def test_every_iri_has_a_label_and_a_type(claim: set[ox.Triple]) -> None:
    """In whatever position, also properties, classes and datatypes; classes of ours have their definition."""
    mentioned = {term for triple in claim for term in triple if isinstance(term, ox.NamedNode)}
    mentioned |= {triple.object.datatype for triple in claim if isinstance(triple.object, ox.Literal)}
    mentioned -= {ox.NamedNode(XSD + "string"), ox.NamedNode(RDF + "langString")}

    labelled = {triple.subject for triple in claim if triple.predicate.value == RDFS + "label"}
    typed = {triple.subject for triple in claim if triple.predicate.value == RDF + "type"}

    assert (mentioned - labelled, mentioned - typed) == (set(), set())
    assert values(claim, ONT + "Claim", SKOS + "definition")
    assert values(claim, ONT + "Tentative", RDFS + "label") == {"tentative"}


def test_a_document_says_what_it_is(claim: set[ox.Triple], project: Project) -> None:
    """What it is about, the dataset, the licence, its date, its forms."""
    node = f"{BASE}doc/claim/{CLAIM}"

    assert values(claim, node, RDF + "type") == {FOAF + "Document"}
    assert values(claim, node, FOAF + "primaryTopic") == {f"{BASE}id/claim/{CLAIM}"}
    assert values(claim, node, VOID + "inDataset") == {f"{BASE}dataset"}
    assert values(claim, node, DCTERMS + "license") == {project.license}
    assert len(values(claim, node, DCTERMS + "modified")) == 1
    assert values(claim, node, DCTERMS + "hasFormat") == {
        f"{node}.{suffix}" for suffix in ("ttl", "jsonld", "nt", "rdf", "html")
    }


def test_what_points_at_a_thing_is_counted_and_shown(client: FlaskClient, release: Release) -> None:
    """By each property; here there are so few that all are shown."""
    entity = f"{BASE}id/entity/mesenchymal-stem-cell"
    store = ox.Store.read_only(str(release.store))
    pointing = {quad.triple for quad in store.quads_for_pattern(None, None, ox.NamedNode(entity))}

    found = graph(client, "/doc/entity/mesenchymal-stem-cell.nt")

    counted = {}
    for part in values(found, f"{BASE}doc/entity/mesenchymal-stem-cell", DCTERMS + "hasPart"):
        (link,), (number,) = values(found, part, VOID + "property"), values(found, part, VOID + "triples")
        counted[link] = int(number)
    assert counted == {link: sum(one.predicate.value == link for one in pointing) for link in counted}
    assert counted.keys() == {triple.predicate.value for triple in pointing}
    assert [link for link, number in counted.items() if number <= SHOWN] != []
    assert {one for one in pointing if counted[one.predicate.value] <= SHOWN} <= found


@pytest.mark.parametrize(
    "path", [f"/doc/claim/{CLAIM}", "/doc/entity/mesenchymal-stem-cell", f"/doc/document/{DOCUMENT}", "/ont"]
)
def test_all_forms_say_the_same(client: FlaskClient, path: str) -> None:
    """The triples of Turtle, JSON-LD, N-Triples, RDF/XML and TriG are equal."""
    forms = {
        "ttl": ox.RdfFormat.TURTLE, "jsonld": ox.RdfFormat.JSON_LD, "nt": ox.RdfFormat.N_TRIPLES,
        "rdf": ox.RdfFormat.RDF_XML, "trig": ox.RdfFormat.TRIG,
    }  # fmt: skip

    found = {}
    for suffix, form in forms.items():
        quads = ox.parse(client.get(f"{path}.{suffix}").data, format=form)
        dataset = ox.Dataset(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        found[suffix] = set(dataset)

    assert [suffix for suffix in forms if found[suffix] != found["nt"]] == []


def test_named_graphs_say_where_a_triple_is_from(client: FlaskClient) -> None:
    """What is known stands in its graph, what the document adds in the default graph."""
    found = list(ox.parse(client.get(f"/doc/claim/{CLAIM}.nq").data, format=ox.RdfFormat.N_QUADS))

    node = ox.NamedNode(f"{BASE}id/claim/{CLAIM}")
    assert {str(quad.graph_name) for quad in found if quad.subject == node} == {f"<{BASE}graph/claims>"}
    about = ox.NamedNode(f"{BASE}doc/claim/{CLAIM}")
    assert {quad.graph_name for quad in found if quad.subject == about} == {ox.DefaultGraph()}


# Bounds ----------------------------------------------------------------------------------------------

HUB: Final = f"{BASE}id/entity/hub"


def pointing(count: int, link: str = SKOS + "broader") -> list[ox.Quad]:
    """Make a hub with so many entities that point at it."""
    made = [(f"{BASE}id/entity/e{number:05}", link, HUB) for number in range(count)]
    return quads("entities", (HUB, RDFS + "label", english("hub")), *made)


@pytest.mark.parametrize("count", [1, SHOWN, SHOWN + 1, 250, 251, 1300])
@pytest.mark.parametrize("other", [0, 300], ids=["alone", "beside-many"])
def test_links_are_paged_to_the_last(serving: Make, count: int, other: int) -> None:
    """The first are in the document; by the links to more of them all are found, each once."""
    client = serving([*pointing(count), *(pointing(other, DCTERMS + "relation") if other else [])])

    found: list[str] = []
    at = "/doc/entity/hub"
    pages = 0
    while at:
        path, mark, query = at.partition("?")
        triples = graph(client, f"{path}.nt{mark}{query}")
        shown = [str(one.subject) for one in triples if one.predicate.value == SKOS + "broader"]
        assert len(shown) <= (PAGE if pages else SHOWN)
        found += shown
        part = f"{BASE}doc/entity/hub?inverse={quote(SKOS + 'broader', safe='')}"
        assert values(triples, part, VOID + "triples") == {str(count)}
        at = "".join(values(triples, part, RDFS + "seeAlso")).removeprefix(BASE.rstrip("/"))
        pages += 1

    assert (len(found), len(set(found))) == (count, count)


@pytest.mark.parametrize("count", [1, SHOWN + 1, 300])
def test_links_to_what_others_define_are_paged_as_well(serving: Make, count: int) -> None:
    """From /describe on, by rdfs:seeAlso."""
    term = "https://example.net/term"
    made = [(f"{BASE}id/entity/e{number:05}", SKOS + "exactMatch", term) for number in range(count)]
    client = serving(quads("entities", *made))

    found: list[str] = []
    at = f"/describe?iri={quote(term, safe='')}"
    while at:
        triples = graph(client, at.replace("/describe?", "/describe.nt?"))
        found += [str(one.subject) for one in triples if one.predicate.value == SKOS + "exactMatch"]
        part = f"{BASE}describe?iri={quote(term, safe='')}&inverse={quote(SKOS + 'exactMatch', safe='')}"
        at = "".join(values(triples, part, RDFS + "seeAlso")).removeprefix(BASE.rstrip("/"))

    assert (len(found), len(set(found))) == (count, count)


def test_a_page_of_links_leads_to_the_next(serving: Make) -> None:
    """By its Link header, too."""
    client = serving(pointing(PAGE + 300))

    first = client.get("/doc/entity/hub.ttl?inverse=skos:broader&after=25")
    last = client.get(f"/doc/entity/hub.ttl?inverse=skos:broader&after={PAGE + 25}")

    link = quote(SKOS + "broader", safe="")
    assert f'</doc/entity/hub?inverse={link}&after={PAGE + 25}>; rel="next"' in first.headers["Link"]
    assert 'rel="next"' not in last.headers["Link"]


WRONG: Final = {
    "no-iri": ("inverse=broader", "inverse"),
    "no-number": ("inverse=skos:broader&after=x", "after"),
    "negative": ("inverse=skos:broader&after=-1", "after"),
    "too-far": ("inverse=skos:broader&after=99999999999999999999999", "after"),
}


@pytest.mark.parametrize(("query", "parameter"), WRONG.values(), ids=WRONG)
def test_a_wrong_parameter_is_named(client: FlaskClient, query: str, parameter: str) -> None:
    """400, with its name."""
    answer = client.get(f"/doc/entity/mesenchymal-stem-cell?{query}")

    assert (answer.status_code, answer.get_json(force=True)["parameter"]) == (400, parameter)


def test_a_page_beyond_the_last_is_not_there(client: FlaskClient) -> None:
    """It does not pretend that nothing points at the thing."""
    answer = client.get("/doc/entity/mesenchymal-stem-cell?inverse=biolink:subject&after=1000")

    assert answer.status_code == 404
    assert "Nothing more" in answer.get_json(force=True)["detail"]


def test_a_document_has_an_end(serving: Make) -> None:
    """What has more triples than a document holds is cut, and the document says so."""
    many = [(HUB, SKOS + "altLabel", english(f"name {number}")) for number in range(MOST + 200)]
    client = serving(
        quads("entities", (HUB, RDF + "type", ONT + "Entity"), (HUB, RDFS + "label", english("hub")), *many)
    )

    found = graph(client, "/doc/entity/hub.nt")
    known = list(ox.parse(client.get("/doc/entity/hub.nq").data, format=ox.RdfFormat.N_QUADS))

    assert sum(quad.graph_name != ox.DefaultGraph() for quad in known) == MOST
    assert values(found, HUB, RDFS + "label") == {"hub"}
    assert "Cut" in "".join(values(found, f"{BASE}doc/entity/hub", RDFS + "comment"))


# What is no more -------------------------------------------------------------------------------------

OLD: Final = f"{BASE}id/claim/old"
TOMB: Final = quads(
    "documents",
    (OLD, RDF + "type", ONT + "Tombstone"),
    (OLD, RDFS + "label", english("claim old")),
    (OLD, RDFS + "comment", english("It was read twice.")),
    (OLD, OWL + "deprecated", ox.Literal("true", datatype=ox.NamedNode(XSD + "boolean"))),
    (OLD, PROV + "invalidatedAtTime", instant("2026-11-25")),
)
MERGED: Final = [*TOMB, *quads("documents", (OLD, DCTERMS + "isReplacedBy", f"{BASE}id/claim/new"))]


@pytest.mark.parametrize("path", ["/id/claim/old", "/doc/claim/old", "/doc/claim/old.ttl"])
def test_a_withdrawn_thing_is_gone_and_says_why(serving: Make, path: str) -> None:
    """410 with what is left of it, in RDF."""
    answer = serving(TOMB).get(path)

    found = {quad.triple for quad in ox.parse(answer.data, format=ox.RdfFormat.TURTLE)}
    assert (answer.status_code, answer.content_type) == (410, "text/turtle; charset=utf-8")
    assert values(found, OLD, RDFS + "comment") == {"It was read twice."}
    assert values(found, OLD, OWL + "deprecated") == {"true"}
    assert "ETag" not in answer.headers


def test_a_browser_sees_why_a_thing_is_gone(serving: Make) -> None:
    """410 as a page."""
    answer = serving(TOMB).get("/id/claim/old", headers={"Accept": "text/html"})

    assert (answer.status_code, answer.content_type) == (410, "text/html; charset=utf-8")
    assert "Withdrawn" in answer.text
    assert "It was read twice." in answer.text


@pytest.mark.parametrize("suffix", ["", ".ttl", ".html", ".nq"])
def test_a_merged_thing_leads_to_what_it_is_now(serving: Make, suffix: str) -> None:
    """301, from the thing to the thing and from a form of the document to the same form."""
    client = serving(MERGED)

    thing, document = client.get("/id/claim/old"), client.get(f"/doc/claim/old{suffix}")

    assert (thing.status_code, thing.headers["Location"]) == (301, "/id/claim/new")
    assert (document.status_code, document.headers["Location"]) == (301, f"/doc/claim/new{suffix}")


# Anything ------------------------------------------------------------------------------------------------

parts = st.text(max_size=12) | st.sampled_from(
    ["entity", "claim", "document", "mesenchymal-stem-cell", f"{CLAIM}.ttl", f"{DOCUMENT}.txt", "..", "%00", "\x00", "é", "a" * 3000,
     "0.1.0", "0.1.0.ttl", "<>", '"', "\\", "{}", "ont", "https://example.org/", "urn:a:b", "ont:Claim", "-1", "25", "\ud7ff", "🍞"]
)  # fmt: skip


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.sampled_from(["id", "doc", "ont", "shapes", "describe"]),
    path=st.lists(parts, max_size=2),
    query=st.dictionaries(st.sampled_from(["iri", "inverse", "after", "format", "explain", "x"]), parts, max_size=3),
    accept=st.sampled_from(["", "*/*", "text/html", "application/rdf+xml", ";;q,,"]),
)
def test_no_request_is_a_mistake_of_ours(
    client: FlaskClient, start: str, path: list[str], query: dict[str, str], accept: str
) -> None:
    """Whatever the path, the parameters and the header are: an answer, or a problem that says what to do."""
    at = "/".join(["", start, *(quote(part, safe="") for part in path)])

    answer = client.get(at, query_string=query, headers={"Accept": accept})

    assert answer.status_code in (200, 303, 307, 308, 400, 404, 406)


# Any IRI ---------------------------------------------------------------------------------------------

LEADING: Final = {
    "thing": (f"{BASE}id/claim/{CLAIM}", "", f"/doc/claim/{CLAIM}"),
    "thing-in-a-form": (f"{BASE}id/claim/{CLAIM}", ".nt", f"/doc/claim/{CLAIM}.nt"),
    "part": (f"{BASE}id/claim/{CLAIM}#source", "", f"/doc/claim/{CLAIM}#source"),
    "curie": (f"claim:{CLAIM}", "", f"/doc/claim/{CLAIM}"),
    "term": (f"{ONT}Claim", "", "/ont#Claim"),
    "shape": (f"{BASE}shapes#ClaimShape", "", "/shapes#ClaimShape"),
    "graph": (f"{BASE}graph/claims", "", "/graph/claims"),
}


@pytest.mark.parametrize(("iri", "suffix", "path"), LEADING.values(), ids=LEADING)
def test_ours_leads_to_its_own_document(client: FlaskClient, iri: str, suffix: str, path: str) -> None:
    """303, with the part and the form that was asked for."""
    answer = client.get(f"/describe{suffix}", query_string={"iri": iri})

    assert (answer.status_code, answer.headers["Location"]) == (303, path)


def test_a_term_of_others_is_described_without_authority(client: FlaskClient, release: Release) -> None:
    """Our label, what matches it, claims about that; and where the term is at home."""
    store = ox.Store.read_only(str(release.store))
    term = next(
        quad.object.value
        for quad in store.quads_for_pattern(
            ox.NamedNode(f"{BASE}id/entity/mesenchymal-stem-cell"), ox.NamedNode(SKOS + "exactMatch"), None
        )
        if isinstance(quad.object, ox.NamedNode)
    )

    answer = client.get("/describe.nt", query_string={"iri": term})

    found = {quad.triple for quad in ox.parse(answer.data, format=ox.RdfFormat.N_TRIPLES)}
    document = f"{BASE}describe?iri={quote(term, safe='')}"
    assert values(found, document, FOAF + "primaryTopic") == {term}
    assert "does not define" in "".join(values(found, document, RDFS + "comment"))
    assert values(found, term, RDFS + "isDefinedBy") == {term.rpartition("/")[0] + "/"}
    assert values(found, term, RDFS + "label")
    assert values(found, f"{BASE}id/entity/mesenchymal-stem-cell", SKOS + "exactMatch") == {term}
    assert any(triple.predicate.value == BIOLINK + "subject" for triple in found)


NOT_DESCRIBED: Final = {
    "unknown": ("https://example.org/nothing", 404),
    "unknown-of-ours": (f"{BASE}id/claim/nothing", 404),
    "no-such-address": (f"{BASE}nothing", 404),
    "no-scheme": ("bread", 400),
    "empty": ("", 400),
    "blank": ("https://example.org/a b", 400),
    "braces": ("https://example.org/{a}", 400),
    "break-out": ("https://example.org/> ?p ?o } #", 400),
}


@pytest.mark.parametrize(("iri", "status"), NOT_DESCRIBED.values(), ids=NOT_DESCRIBED)
def test_what_is_unknown_is_not_described(client: FlaskClient, iri: str, status: int) -> None:
    """404 for an IRI that the graph does not mention, 400 for what is none."""
    answer = client.get("/describe", query_string={"iri": iri})

    assert (answer.status_code, answer.content_type) == (status, PROBLEM)


@pytest.mark.parametrize(
    "iri", [RDF + "type", OWL + "Class", XSD + "string", "http://purl.obolibrary.org/obo/ECO_0000304"]
)
def test_whatever_the_graph_mentions_is_described(client: FlaskClient, iri: str) -> None:
    """Also a property, a class, a datatype."""
    answer = client.get("/describe.nt", query_string={"iri": iri})

    assert (answer.status_code, f"<{iri}> <{RDFS}label>" in answer.text) == (200, True)


def test_a_browser_without_an_iri_gets_a_form(client: FlaskClient) -> None:
    """To look one up."""
    page = client.get("/describe", headers={"Accept": "text/html"})

    assert page.status_code == 200
    assert '<input id="iri" name="iri"' in page.text


# The text --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def text(project: Project) -> bytes:
    """The text as it is in the sources."""
    return (project.root / "data" / "documents" / DOCUMENT / "source.txt").read_bytes()


def test_the_text_is_the_one_that_was_put_in(client: FlaskClient, text: bytes) -> None:
    """Byte by byte; its SHA-256 is its tag and its digest."""
    answer = client.get(f"/doc/document/{DOCUMENT}.txt")

    digest = hashlib.sha256(text)
    assert (answer.data, answer.content_type) == (text, "text/plain; charset=utf-8")
    assert answer.headers["ETag"] == f'"{digest.hexdigest()}"'
    assert answer.headers["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"


def test_a_part_of_the_text_can_be_had(client: FlaskClient, text: bytes) -> None:
    """By Range; a range that there is not is a 416."""
    part = client.get(f"/doc/document/{DOCUMENT}.txt", headers={"Range": "bytes=10-29"})
    none = client.get(f"/doc/document/{DOCUMENT}.txt", headers={"Range": f"bytes={len(text) + 5}-"})

    assert (part.status_code, part.data) == (206, text[10:30])
    assert part.headers["Content-Range"] == f"bytes 10-29/{len(text)}"
    assert none.status_code == 416


def test_whoever_has_the_text_is_told_so(client: FlaskClient, text: bytes) -> None:
    """304 by its SHA-256."""
    known = {"If-None-Match": f'"{hashlib.sha256(text).hexdigest()}"'}

    assert client.get(f"/doc/document/{DOCUMENT}.txt", headers=known).status_code == 304


def test_a_text_that_an_engine_changed_is_not_given(serving: Make) -> None:
    """Nobody could check offsets in it."""
    node = f"{BASE}id/document/d"
    client = serving(
        quads("documents", (node, ONT + "text", ox.Literal("changed")), (node, ONT + "sha256", ox.Literal("0" * 64)))
    )

    answer = client.get("/doc/document/d.txt")

    assert (answer.status_code, answer.content_type) == (503, PROBLEM)
    assert "SHA-256" in answer.get_json(force=True)["detail"]


# Pages -----------------------------------------------------------------------------------------------

PAGES: Final = {
    "claim": f"/doc/claim/{CLAIM}.html",
    "entity": "/doc/entity/mesenchymal-stem-cell.html",
    "document": f"/doc/document/{DOCUMENT}.html",
    "links": "/doc/entity/mesenchymal-stem-cell.html?inverse=biolink:subject",
    "external": f"/describe.html?iri={quote(OWL + 'Class', safe='')}",
    "form": "/describe",
    "ont": "/ont.html",
    "shapes": "/shapes.html",
}


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_a_page_is_sound(client: FlaskClient, path: str) -> None:
    """Valid HTML, nothing that runs, every link of ours below the mount prefix."""
    page = client.get(path, headers={"Accept": "text/html"}, environ_overrides={"SCRIPT_NAME": "/deep er/kg"})

    html5rdf.HTMLParser(strict=True).parse(page.text)
    assert page.status_code == 200
    assert set(re.findall(r"<script[^>]*>", page.text)) <= {'<script type="application/ld+json">'}
    outside = [
        one for one in re.findall(r'(?:href|src|action)="(/[^"]*)"', page.text) if not one.startswith("/deep%20er/kg/")
    ]
    assert outside == []
    assert 'lang="en"' in page.text


def test_a_page_sets_claims_apart(client: FlaskClient) -> None:
    """What is only claimed of an entity does not stand among what is so."""
    page = client.get(PAGES["entity"]).text

    so, _, claimed = page.partition('<h2 id="claimed">')
    assert ("/ont#promotes" in so, "/ont#promotes" in claimed) == (False, True)
    assert "has exact match" in so


def test_a_page_carries_a_description_for_search_engines(client: FlaskClient, project: Project) -> None:
    """In schema.org's words, with a context that nobody has to fetch."""
    page = client.get(PAGES["entity"]).text

    (embedded,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    found: dict[str, Any] = json.loads(embedded)
    assert found["@context"] == {"@vocab": "https://schema.org/"}
    assert (found["@id"], found["@type"]) == (f"{BASE}id/entity/mesenchymal-stem-cell", "DefinedTerm")
    assert found["isPartOf"]["name"] == project.title


def test_a_page_escapes_what_the_graph_holds(serving: Make) -> None:
    """Nothing in it becomes an element, an address that runs, or the end of a script."""
    nasty = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    client = serving(
        quads(
            "entities",
            (HUB, RDFS + "label", english(nasty)),
            (HUB, SKOS + "definition", english(nasty)),
            (HUB, RDFS + "seeAlso", "javascript:alert(1)"),
        )
    )

    page = client.get("/doc/entity/hub.html").text

    assert "<img" not in page
    assert page.count("<script") == 1
    assert 'href="javascript:' not in page


# The same each time ----------------------------------------------------------------------------------


def test_a_known_document_is_not_made_again(project: Project, release: Release, engine: Engine) -> None:
    """304 without a question to the engine, even by a server that never made it."""
    tag = (
        create_app(Service(Served(engine, project, release)))
        .test_client()
        .get(f"/doc/claim/{CLAIM}.ttl")
        .headers["ETag"]
    )
    asked = StoreEngine(ox.Store())
    other = create_app(Service(Served(asked, project, release))).test_client()

    answer = other.get(f"/doc/claim/{CLAIM}.ttl", headers={"If-None-Match": tag})

    assert (answer.status_code, answer.headers["ETag"], asked.asked) == (304, tag, [])


def test_an_engine_that_others_write_into_is_asked_each_time(
    project: Project, release: Release, engine: Engine
) -> None:
    """Nothing is kept, and no tag promises that it stays the same."""
    served = Served(engine, project, release, answers=AnswerCache(16), constant=False)
    answer = create_app(Service(served)).test_client().get(f"/doc/claim/{CLAIM}.ttl")

    assert answer.headers["Cache-Control"] == "no-store"
    assert ("ETag" in answer.headers, served.answers.size) == (False, 0)


_WRITE: Final = """
import sys
from pathlib import Path
import pyoxigraph as ox
from lungkg.formats import DATASETS, DOCUMENTS
from lungkg.linked.addresses import thing
from lungkg.linked.describer import Describer
from lungkg.project import load_project
store = ox.Store.read_only(sys.argv[1])
def ask(text): return store.query(text, use_default_graph_as_union=True)
describer = Describer(load_project(Path(sys.argv[2])), "2026-11-24", ask)
for type, local in (("claim", sys.argv[3]), ("entity", "mesenchymal-stem-cell"), ("query", "what-does")):
    document = describer.document(ask, thing(type, local))
    for form in (*DOCUMENTS[:-1], *DATASETS):
        sys.stdout.buffer.write(describer.write(document, form))
"""


@pytest.mark.slow
def test_every_process_writes_the_same_bytes(release: Release, project: Project) -> None:
    """Whatever seeds its hashes."""

    def written(seed: str) -> bytes:
        command = [sys.executable, "-c", _WRITE, str(release.store), str(project.root), CLAIM]
        return subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout

    digests = {hashlib.sha256(written(seed)).hexdigest() for seed in ("0", "1", "2")}

    assert len(digests) == 1
