"""The graph says what the document says: spans, sentences, references, and nothing undeclared."""

import csv
import io
from pathlib import Path

import pyoxigraph as ox
import pytest

from lungkg.curation import read_document
from lungkg.model import Curated
from lungkg.ontology import load_ontology
from lungkg.project import Project, load_project
from lungkg.release import Release
from lungkg.sources import read_vocabulary
from lungkg.stores import select
from lungkg.validation.lint import lint_data

ROOT = Path(__file__).parents[2]
PREFIXES = (
    "PREFIX ont: <https://w3id.org/lungkg/ont#> PREFIX oa: <http://www.w3.org/ns/oa#>"
    "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX cito: <http://purl.org/spar/cito/>"
    "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
)


@pytest.fixture(scope="module")
def store(release: Release) -> ox.Store:
    """The store of the release."""
    return ox.Store.read_only(str(release.store))


@pytest.fixture(scope="module")
def curated() -> Curated:
    """The document as its sources have it."""
    project = load_project(ROOT)
    vocabulary = read_vocabulary(project, load_ontology(project.ontology_files(), project.ont))
    return read_document(ROOT / "data" / "documents" / "000_a5af86fa0d89168c", vocabulary)


def test_every_span_in_the_graph_is_the_text_at_its_offsets(store: ox.Store) -> None:
    """For claims, foci, hedges, glosses and sentences: text[start:end] equals the quote."""
    rows = select(
        store,
        PREFIXES + "SELECT ?text ?start ?end ?quote { ?span oa:hasSource/ont:text ?text ; oa:hasSelector ?p , ?q ."
        " ?p oa:start ?start ; oa:end ?end . ?q oa:exact ?quote }",
    )

    spans = [(row["text"].value[int(row["start"].value) : int(row["end"].value)], row["quote"].value) for row in rows]
    assert len(spans) == 44 * 2 + 28 + 3 + 14  # sources and foci of claims, hedges, glosses, sentences
    assert [pair for pair in spans if pair[0] != pair[1]] == []


def test_every_sentence_has_a_claim_and_every_letter_a_sentence(curated: Curated) -> None:
    """Nothing in the document was left unread."""
    assert len(curated.document.sentences) == 14
    assert curated.silent_sentences == ()
    assert curated.stray_text == ()


def test_references_are_numbers_and_nothing_else(store: ox.Store) -> None:
    """1-8 and 10-15 as in the text; a reference says its type, label, number and document only."""
    rows = select(store, PREFIXES + "SELECT ?n { ?r a ont:Reference ; ont:number ?n }")
    properties = select(store, PREFIXES + "SELECT DISTINCT ?p { ?r a ont:Reference ; ?p ?o }")

    assert sorted(int(row["n"].value) for row in rows) == [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15]
    assert {row["p"].value.rsplit("#", 1)[-1] for row in properties} == {"type", "label", "number", "inDocument"}


def test_no_iri_is_undeclared(store: ox.Store) -> None:
    """Every IRI that is used anywhere is described somewhere in the release."""
    assert list(lint_data(store)) == []


def test_an_undeclared_iri_is_noticed(store: ox.Store) -> None:
    """The check above trips on an unknown property, value and subject."""
    spoilt = ox.Store()
    spoilt.bulk_extend(store.quads_for_pattern(None, None, None, None))
    one, two, three = (ox.NamedNode(f"https://w3id.org/lungkg/id/entity/unknown-{n}") for n in (1, 2, 3))
    spoilt.add(ox.Quad(one, two, three))

    assert {finding.value for finding in lint_data(spoilt)} == {str(one), str(two), str(three)}


@pytest.mark.parametrize(
    "graph", ["entities", "documents", "claims", "edges", "background", "inferred", "metadata", "queries"]
)
def test_data_has_no_blank_nodes(store: ox.Store, graph: str, project: Project) -> None:
    """Everything that is published as data has an IRI."""
    quads = list(store.quads_for_pattern(None, None, None, ox.NamedNode(f"{project.base}graph/{graph}")))

    assert len(quads) > 0
    assert [q for q in quads if isinstance(q.subject, ox.BlankNode) or isinstance(q.object, ox.BlankNode)] == []


def test_abbreviations_that_the_text_never_expands_are_assumptions(store: ox.Store) -> None:
    """MSC and SCT name their entities in the background graph only; what is glossed is with the entity."""
    rows = select(store, PREFIXES + "SELECT ?g ?label { GRAPH ?g { ?e skos:altLabel ?label } }")
    found = {(row["label"].value, row["g"].value.rsplit("/", 1)[-1]) for row in rows}

    assert found >= {
        ("MSC", "background"),
        ("SCT", "background"),
        ("COPD", "entities"),
        ("IPF", "entities"),
        ("PAH", "entities"),
    }
    assert ("MSC", "entities") not in found


def test_claims_about_msc_show_that_they_rest_on_the_assumption(curated: Curated) -> None:
    """Every claim whose subject the text calls MSC rests on what that is taken to mean."""
    missing = [
        claim.id
        for claim in curated.claims
        if claim.subject == "mesenchymal-stem-cell" and "msc-stands-for-mesenchymal-stem-cell" not in claim.rests_on
    ]

    assert missing == []


def test_the_claims_are_those_of_the_careful_reading(curated: Curated) -> None:
    """Where the reading is at hand: the same ids, offsets, citations and certainties."""
    path = ROOT.parent / "shared" / "claims.tsv"
    if not path.is_file():
        pytest.skip("the careful reading (../shared/claims.tsv) is not at hand")
    rows = csv.DictReader(io.StringIO(path.read_text("utf-8")), delimiter="\t")
    expected = {
        row["id"]: (int(row["char_start"]), int(row["char_end"]), row["citations"], row["certainty"].replace("_", ""))
        for row in rows
        if row["id"].startswith("C")
    }

    read = {
        claim.id: (claim.source.start, claim.source.end, ",".join(map(str, claim.citations)), claim.certainty.lower())
        for claim in curated.claims
    }
    assert read == expected
