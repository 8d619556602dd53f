"""What the rest asks of a project's ontology: kinds, relations, labels, external terms."""

from pathlib import Path

import pytest

from lungkg.errors import InputError
from lungkg.namespaces import ONT
from lungkg.ontology import Ontology, load_ontology

BREAD = "https://example.org/bread/ont#"
PREFIXES = f"""
PREFIX : <{BREAD}>
PREFIX ont: <{ONT}>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX biolink: <https://w3id.org/biolink/vocab/>
"""
KINDS = """
:Food a owl:Class ; rdfs:subClassOf ont:Entity ; rdfs:label "food" ; biolink:category biolink:Food .
:Bread a owl:Class ; rdfs:subClassOf :Food , [ a owl:Restriction ] ; rdfs:label "bread"@en , "Brot"@de .
:Loaf rdfs:subClassOf :Bread ; biolink:category "no class" .
ont:Entity rdfs:subClassOf owl:Thing .
:Oven a owl:Class .
"""
RELATIONS = """
:raises a owl:ObjectProperty ; rdfs:subPropertyOf ont:relatedTo .
:liftsSlowly rdfs:subPropertyOf :raises .
:heats a owl:ObjectProperty .
<http://example.org/wheat> a ont:ExternalTerm ; rdfs:label "wheat" .
<http://example.org/food#rye> a ont:ExternalTerm .
<http://example.org/barley> rdfs:label "barley" .
[] a ont:ExternalTerm .
"""


@pytest.fixture
def bread(tmp_path: Path) -> Ontology:
    """Load an ontology of bread from two files."""
    (tmp_path / "kinds.ttl").write_text(PREFIXES + KINDS, encoding="utf-8")
    (tmp_path / "relations.ttl").write_text(PREFIXES + RELATIONS, encoding="utf-8")
    return load_ontology([tmp_path / "kinds.ttl", tmp_path / "relations.ttl"], BREAD)


def test_kinds_are_the_classes_below_entity(bread: Ontology) -> None:
    """Subclasses of subclasses are kinds; Entity itself and other classes are not."""
    expected = {BREAD + "Food", BREAD + "Bread", BREAD + "Loaf"}

    assert expected == bread.kinds


def test_relations_are_the_properties_below_related_to(bread: Ontology) -> None:
    """Subproperties of subproperties are relations; other properties are not."""
    expected = {BREAD + "raises", BREAD + "liftsSlowly"}

    assert expected == bread.relations


def test_classes_in_a_circle_do_not_hang(tmp_path: Path) -> None:
    """Two classes below each other are found once."""
    path = tmp_path / "circle.ttl"
    path.write_text(
        PREFIXES + RELATIONS + ":A rdfs:subClassOf :B , ont:Entity . :B rdfs:subClassOf :A .", encoding="utf-8"
    )
    expected = {BREAD + "A", BREAD + "B"}
    actual = load_ontology([path], BREAD).kinds

    assert expected == actual


def test_external_terms_have_labels(bread: Ontology) -> None:
    """Declared terms of other vocabularies are listed with a label, or their local name without one."""
    expected = {"http://example.org/wheat": "wheat", "http://example.org/food#rye": "rye"}

    assert expected == bread.external_terms


def test_declared_is_all_that_has_a_type(bread: Ontology) -> None:
    """A label or a parent alone declares nothing."""
    expected = {
        BREAD + "Food", BREAD + "Bread", BREAD + "Oven", BREAD + "raises", BREAD + "heats",
        "http://example.org/wheat", "http://example.org/food#rye",
    }  # fmt: skip

    assert expected == bread.declared


LABELS = {
    "labelled": (BREAD + "Food", "food"),
    "labelled-twice": (BREAD + "Bread", "bread"),
    "local-name-after-hash": (BREAD + "Loaf", "Loaf"),
    "local-name-after-slash": ("http://example.org/spelt", "spelt"),
}


@pytest.mark.parametrize(("iri", "expected"), LABELS.values(), ids=LABELS.keys())
def test_a_label_falls_back_on_the_local_name(iri: str, expected: str, bread: Ontology) -> None:
    """Every term can be shown."""
    actual = bread.label(iri)

    assert expected == actual


CATEGORIES = {
    "given": (BREAD + "Food", "https://w3id.org/biolink/vocab/Food"),
    "not-inherited": (BREAD + "Bread", ""),
    "no-iri": (BREAD + "Loaf", ""),
    "unknown-kind": (BREAD + "Cake", ""),
}


@pytest.mark.parametrize(("kind", "expected"), CATEGORIES.values(), ids=CATEGORIES.keys())
def test_a_kind_may_have_a_category(kind: str, expected: str, bread: Ontology) -> None:
    """The Biolink class is the one that the kind itself names."""
    actual = bread.category(kind)

    assert expected == actual


def test_local_names_are_of_the_projects_own_terms(bread: Ontology) -> None:
    """Hints list the project's names, sorted, and no one else's."""
    expected = ["Bread", "Loaf"]
    actual = bread.locals([BREAD + "Loaf", ONT + "Entity", BREAD + "Bread"])

    assert expected == actual


POOR = {
    "empty": ("", "kind of entity"),
    "relations-only": (RELATIONS, "kind of entity"),
    "kinds-only": (KINDS, "relation"),
    "kinds-of-others-only": (RELATIONS + "<http://example.org/Bread> rdfs:subClassOf ont:Entity .", "kind of entity"),
    "class-that-is-no-kind": (RELATIONS + ":Bread a owl:Class .", "kind of entity"),
    "relations-of-others-only": (KINDS + "<http://example.org/p> rdfs:subPropertyOf ont:relatedTo .", "relation"),
}


@pytest.mark.parametrize(("text", "missing"), POOR.values(), ids=POOR.keys())
def test_an_ontology_without_own_classes_or_relations_is_refused(text: str, missing: str, tmp_path: Path) -> None:
    """A folder of the wrong files does not pass for a project's ontology."""
    (tmp_path / "bread.ttl").write_text(PREFIXES + text, encoding="utf-8")
    expected = [f"{tmp_path}: the project's ontology declares no {missing}"]
    with pytest.raises(InputError) as refused:
        load_ontology([tmp_path / "bread.ttl"], BREAD)

    assert expected == [f"{problem.place}: {problem.what}" for problem in refused.value.problems]


def test_a_file_that_is_not_turtle_is_told_with_its_line(tmp_path: Path) -> None:
    """Broken Turtle stops the reading."""
    path = tmp_path / "bread.ttl"
    path.write_text(PREFIXES + ":Bread a owl:Class\n:Loaf a owl:Class .", encoding="utf-8")
    expected = f"{path}:8:1: this is not Turtle: "
    with pytest.raises(InputError) as refused:
        load_ontology([path], BREAD)

    assert str(refused.value).startswith(expected)
