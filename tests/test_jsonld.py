"""JSON-LD: the very triples, in plain words, nested, with a context that stands in it."""

import json
from typing import Any, Final

import pyoxigraph as ox
import pytest
import rdflib
import rdflib.compare
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld

from lungkg.formats import DOCUMENTS, Format
from lungkg.linked.jsonld import Context
from lungkg.linked.writing import write
from lungkg.namespaces import DCTERMS, OWL, RDF, RDFS, SH, SKOS, XSD

DOCUMENT: Final = "000_a5af86fa0d89168c"
BASE: Final = "https://w3id.org/lungkg/"
JSONLD: Final = next(entry for entry in DOCUMENTS if entry.name == "jsonld")
EX: Final = "https://example.org/"

CHOSEN: Final = {
    "claim": f"/doc/claim/{DOCUMENT}-C39",
    "claim-without-hedge": f"/doc/claim/{DOCUMENT}-C01",
    "inferred": f"/doc/inferred/{DOCUMENT}-C38-in-idiopathic-pulmonary-fibrosis",
    "entity": "/doc/entity/mesenchymal-stem-cell",
    "document": f"/doc/document/{DOCUMENT}",
    "sentence": f"/doc/sentence/{DOCUMENT}-S14",
    "reference": f"/doc/reference/{DOCUMENT}-8",
    "activity": f"/doc/activity/curation-{DOCUMENT}",
    "agent": "/doc/agent/curators",
    "query": "/doc/query/what-does",
    "ont": "/ont",
    "shapes": "/shapes",
}
"""One thing of each kind, and the vocabularies, which have lists and blank nodes."""


def read(client: FlaskClient, path: str) -> bytes:
    """Fetch a document."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    content: bytes = answer.data
    return content


def canonical(quads: list[ox.Quad]) -> set[ox.Quad]:
    """Name blank nodes so that equal graphs are equal sets."""
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


def by_pyld(content: bytes) -> set[ox.Quad]:
    """Read JSON-LD by PyLD, without its being able to fetch anything."""

    def refuse(url: str, _options: object) -> dict[str, Any]:
        raise AssertionError(f"it fetches {url}")

    nquads = jsonld.to_rdf(json.loads(content), {"format": "application/n-quads", "documentLoader": refuse})
    return canonical(list(ox.parse(nquads, format=ox.RdfFormat.N_QUADS)))


def by_oxigraph(content: bytes) -> set[ox.Quad]:
    """Read JSON-LD by pyoxigraph."""
    return canonical(list(ox.parse(content, format=ox.RdfFormat.JSON_LD)))


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # of rdflib's own reader
@pytest.mark.parametrize("path", CHOSEN.values(), ids=CHOSEN)
def test_every_reader_finds_the_same_triples(client: FlaskClient, path: str) -> None:
    """PyLD, rdflib and pyoxigraph: those of the N-Triples, all in the default graph."""
    content = read(client, f"{path}.jsonld")
    triples = read(client, f"{path}.nt")
    expected = canonical(list(ox.parse(triples, format=ox.RdfFormat.N_TRIPLES)))

    assert by_pyld(content) == expected
    assert by_oxigraph(content) == expected
    found, wanted = rdflib.Graph(), rdflib.Graph()
    found.parse(data=content, format="json-ld")
    wanted.parse(data=triples, format="nt")
    assert rdflib.compare.isomorphic(found, wanted)


def root(client: FlaskClient, path: str) -> dict[str, Any]:
    """Give the first node of a document."""
    found = json.loads(read(client, path))
    assert list(found) == ["@context", "@graph"]
    first: dict[str, Any] = found["@graph"][0]
    return first


def test_a_claim_reads_like_any_json(client: FlaskClient) -> None:
    """Short keys, plain values, numbers as numbers, and what is linked in its place."""
    claim = root(client, f"{CHOSEN['claim']}.jsonld")

    assert claim["id"] == f"{BASE}id/claim/{DOCUMENT}-C39"
    assert (claim["type"], claim["predicate"], claim["identifier"]) == ("Claim", "promotes", "C39")
    assert claim["label"].startswith("C39: ")
    assert claim["subject"]["label"] == "mesenchymal stem cell"
    assert claim["certainty"]["label"] == "tentative"
    assert claim["hedgeText"] == ["appear to"]
    assert sorted(one["number"] for one in claim["citesAsEvidence"]) == [8, 14]
    (position,) = (one for one in claim["source"]["hasSelector"] if one["type"] == "TextPositionSelector")
    assert (position["start"], position["end"]) == (1723, 1837)
    assert isinstance(claim["curatorNote"], str)
    assert [one["id"] for one in claim["inContext"]] == [f"{BASE}id/entity/chronically-diseased-lung"]


def test_what_may_be_many_is_always_a_list(client: FlaskClient) -> None:
    """So that a program need not look."""
    claim = root(client, f"{CHOSEN['claim']}.jsonld")
    entity = root(client, f"{CHOSEN['entity']}.jsonld")

    assert [
        key for key in ("inContext", "hedgeText", "mechanismOf", "citesAsEvidence") if not isinstance(claim[key], list)
    ] == []
    assert isinstance(entity["altLabel"], list)


def test_the_context_of_a_document_is_part_of_the_published_one(client: FlaskClient) -> None:
    """Each key means the same everywhere; only what is used stands in a document."""
    published = json.loads(read(client, "/context.jsonld"))["@context"]

    for path in CHOSEN.values():
        inline = json.loads(read(client, f"{path}.jsonld"))["@context"]
        assert {key: value for key, value in inline.items() if published.get(key) != value} == {}
        assert len(inline) < len(published)


def test_the_published_context_reads_what_a_document_says(client: FlaskClient) -> None:
    """With it in the place of its own, a document has the same triples."""
    document = json.loads(read(client, f"{CHOSEN['claim']}.jsonld"))
    context = json.loads(read(client, "/context.jsonld"))["@context"]
    content = json.dumps({**document, "@context": context}).encode()

    assert by_pyld(content) == by_oxigraph(read(client, f"{CHOSEN['claim']}.jsonld"))


# Anything --------------------------------------------------------------------------------------------

PREFIXES: Final = {"ex": EX, "CL": f"{EX}CL_", "label": "https://example.net/", "urn": "https://example.net/urn/"}
VOCABULARY: Final = [
    ox.Triple(ox.NamedNode(EX + local), ox.NamedNode(RDF + "type"), ox.NamedNode(OWL + kind))
    for local, kind in {
        "near": "ObjectProperty", "id": "ObjectProperty", "type": "ObjectProperty", "count": "DatatypeProperty",
        "note": "AnnotationProperty", "Thing": "Class", "mailto": "ObjectProperty",
    }.items()
]  # fmt: skip

iris = st.sampled_from(
    [EX + local for local in ("a", "b#c", "near", "id", "type", "count", "note", "Thing", "CL_1", "x/y", "a:b", "//a", "mailto", "é")]
    + ["urn:a:b", "mailto:a@example.org", "ex:a", "label:a", "tag:a", RDF + "type", RDF + "nil", RDF + "first", RDF + "rest",
       RDF + "value", RDFS + "label", SKOS + "altLabel", DCTERMS + "modified", "https://w3id.org/biolink/vocab/predicate",
       SH + "order", "https://example.net/a", "https://example.net/urn/x"]
).map(ox.NamedNode)  # fmt: skip
blanks = st.sampled_from(["b0", "b1", "b2"]).map(ox.BlankNode)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=6)
literals = (
    st.builds(ox.Literal, texts)
    | st.builds(
        lambda text, language: ox.Literal(text, language=language), texts, st.sampled_from(["en", "de", "en-gb"])
    )
    | st.builds(
        lambda text, local: ox.Literal(text, datatype=ox.NamedNode(local)),
        st.sampled_from(["1", "007", "-0", "+1", "true", "1.50", "x", "99999999999999999999", "2026-01-01T00:00:00Z"]),
        st.sampled_from(
            [XSD + "integer", XSD + "boolean", XSD + "decimal", XSD + "dateTime", XSD + "anyURI", EX + "own"]
        ),
    )
)
triples = st.builds(ox.Triple, iris | blanks, iris, iris | blanks | literals)


@settings(max_examples=300, deadline=None)
@given(st.lists(triples, max_size=12))
def test_any_triples_come_back_as_they_were(statements: list[ox.Triple]) -> None:
    """Whatever the keys, schemes, datatypes, lists and blank nodes."""
    context = Context.of(PREFIXES, VOCABULARY, EX)

    content = write(statements, JSONLD, PREFIXES, EX + "a", context)

    expected = canonical([ox.Quad(*triple) for triple in statements])
    assert by_pyld(content) == expected
    assert by_oxigraph(content) == expected


LISTS: Final = {
    "plain": "ex:s ex:p ( 1 2 ex:o ) .",
    "empty": "ex:s ex:p () .",
    "nested": "ex:s ex:p ( ( 1 ) ( ) [ ex:p 2 ] ) .",
    "shared": "ex:s ex:p _:l . ex:t ex:p _:l . _:l rdf:first 1 ; rdf:rest () .",
    "open": "ex:s ex:p _:l . _:l rdf:first 1 .",
    "with-more": "ex:s ex:p _:l . _:l rdf:first 1 ; rdf:rest () ; ex:p 2 .",
    "ring": "_:a ex:p _:b . _:b ex:p _:a .",
    "ring-of-one": "_:a ex:p _:a .",
}


@pytest.mark.parametrize("turtle", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("entry", DOCUMENTS[:-1], ids=[entry.name for entry in DOCUMENTS[:-1]])
def test_lists_and_rings_come_back_as_they_were(turtle: str, entry: Format) -> None:
    """Those that are lists as lists, and those that are none as what they are."""
    text = f"@prefix ex: <{EX}> . @prefix rdf: <{RDF}> . {turtle}"
    statements = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]

    content = write(statements, entry, PREFIXES, EX + "s")

    form = ox.RdfFormat.from_media_type(entry.media_type)
    assert form is not None
    assert canonical(list(ox.parse(content, format=form))) == canonical([ox.Quad(*one) for one in statements])
