"""What changed between two versions of an ontology, in words; what was only written differently is no change."""

import json
from pathlib import Path

import pyoxigraph as ox
import pytest

from lungkg.errors import InputError
from lungkg.ontology_checks.axioms import Axioms
from lungkg.ontology_checks.difference import KINDS, Version, compare
from lungkg.ontology_checks.telling import marked, summary, write
from lungkg.ontology_checks.versions import read_version
from lungkg.ontology_checks.words import Words
from lungkg.release import Release
from tests.ontology_cases import PREFIXES

BASE = """
<urn:x:o> a owl:Ontology ; owl:versionInfo "1" .
skos:definition a owl:AnnotationProperty ; rdfs:label "definition" .
rdfs:comment a owl:AnnotationProperty ; rdfs:label "comment" .
:Food a owl:Class ; rdfs:label "food" . :Tool a owl:Class ; rdfs:label "tool" .
:Person a owl:Class ; rdfs:label "person" .
:bakes a owl:ObjectProperty ; rdfs:label "bakes" .
"""
LOAF = ':Loaf a owl:Class ; rdfs:label "loaf" ; skos:definition "A piece of bread." ; rdfs:subClassOf :Food .'


def version(turtle: str, base: str = BASE) -> Version:
    """A version of an ontology."""
    axioms = Axioms(quad.triple for quad in ox.parse(PREFIXES + base + turtle, format=ox.RdfFormat.TURTLE))
    return Version(axioms, Words(axioms, {"": "https://example.org/ont#"}))


CHANGES = {
    "a new term": ("", LOAF, "added", "“loaf” (:Loaf), a class, below “food”"),
    "a term that is gone": (LOAF, "", "removed", "“loaf” (:Loaf), a class, is gone; who uses it is told nothing"),
    "an obsolete term": (
        LOAF,
        LOAF + ":Loaf owl:deprecated true ; obo:IAO_0100001 :Food .",
        "obsoleted",
        "“loaf” (:Loaf) is obsolete; use “food” instead",
    ),
    "an obsolete term without a successor": (
        LOAF,
        LOAF + ":Loaf owl:deprecated true .",
        "obsoleted",
        "“loaf” (:Loaf) is obsolete; nothing is named to use instead",
    ),
    "a restored term": (LOAF + ":Loaf owl:deprecated true .", LOAF, "revived", "“loaf” (:Loaf) is no longer obsolete"),
    "a new label": (LOAF, LOAF.replace('"loaf"', '"bread"'), "renamed", "“loaf” is now called “bread” (:Loaf)"),
    "a label in another language": (
        LOAF,
        LOAF + ':Loaf rdfs:label "Laib"@de .',
        "renamed",
        "“loaf” (:Loaf) is also called “Laib”",
    ),
    "a label less": (
        LOAF + ':Loaf rdfs:label "Laib"@de .',
        LOAF,
        "renamed",
        "“loaf” (:Loaf) is no longer called “Laib”",
    ),
    "a new IRI": (LOAF, LOAF.replace(":Loaf", ":Bread"), "iri", "“loaf” (:Loaf) is now :Bread"),
    "a new IRI that others use": (
        LOAF + ":Roll a owl:Class ; rdfs:subClassOf :Loaf . :bakes rdfs:range :Loaf .",
        LOAF.replace(":Loaf", ":Bread") + ":Roll a owl:Class ; rdfs:subClassOf :Bread . :bakes rdfs:range :Bread .",
        "iri",
        "“loaf” (:Loaf) is now :Bread",
    ),
    "another superclass": (
        LOAF,
        LOAF.replace(":Food", ":Tool"),
        "moved",
        "“loaf” (:Loaf) moved from below “food” to below “tool”",
    ),
    "one superclass more": (LOAF, LOAF + ":Loaf rdfs:subClassOf :Tool .", "moved", "“loaf” (:Loaf) is now also below “tool”"),
    "no superclass": (LOAF, LOAF.replace(" ; rdfs:subClassOf :Food", ""), "moved", "“loaf” (:Loaf) is no longer below “food”"),
    "a property below another": (
        ":browns a owl:ObjectProperty .",
        ":browns a owl:ObjectProperty ; rdfs:subPropertyOf :bakes .",
        "moved",
        "“:browns” (:browns) is now also below “bakes”",
    ),
    "another definition": (
        LOAF,
        LOAF.replace("piece", "lump"),
        "definition",
        "“loaf” (:Loaf): the definition changed",
    ),
    "no definition": (
        LOAF,
        LOAF.replace(' ; skos:definition "A piece of bread."', ""),
        "definition",
        "“loaf” (:Loaf): the definition was taken out",
    ),
    "a comment": (LOAF, LOAF + ':Loaf rdfs:comment "Yes." .', "text", "“loaf” (:Loaf): the “comment” was added"),
    "a synonym": (
        LOAF,
        LOAF + ':Loaf skos:altLabel "bread" , "batch" .',
        "synonym",
        "“loaf” (:Loaf) has the further synonyms “batch” and “bread”",
    ),
    "a lost synonym": (
        LOAF + ':Loaf oio:hasExactSynonym "bread" .',
        LOAF,
        "synonym",
        "“loaf” (:Loaf) lost the synonym “bread”",
    ),
    "another sort": (
        ":weighs a owl:ObjectProperty .",
        ":weighs a owl:DatatypeProperty .",
        "sort",
        "“:weighs” (:weighs) was an object property and is a data property",
    ),
    "a domain": (
        "",
        ":bakes rdfs:domain :Person .",
        "meaning",
        "“bakes” (:bakes), now: whatever has “bakes” is a “person”",
    ),
    "a domain less": (
        ":bakes rdfs:domain :Person .",
        "",
        "meaning",
        "“bakes” (:bakes), no longer: whatever has “bakes” is a “person”",
    ),
    "a characteristic": (
        "",
        ":bakes a owl:FunctionalProperty .",
        "meaning",
        "“bakes” (:bakes), now: nothing has two values of “bakes”",
    ),
    "a definition by axioms": (
        "",
        ":Food owl:equivalentClass [ owl:unionOf ( :Tool :Person ) ] .",
        "meaning",
        "“food” (:Food), now: to be a “food” is the same as to be a “tool” or a “person”",
    ),
    "a disjointness": ("", ":Food owl:disjointWith :Tool .", "meaning", "“food” (:Food) is now declared disjoint with “tool”"),
    "a longer list of disjoint classes": (
        "[] a owl:AllDisjointClasses ; owl:members ( :Food :Tool ) .",
        "[] a owl:AllDisjointClasses ; owl:members ( :Food :Tool :Person ) .",
        "meaning",
        "“person” (:Person) is now declared disjoint with “food” and “tool”",
    ),
    "a shorter list of disjoint classes": (
        "[] a owl:AllDisjointClasses ; owl:members ( :Food :Tool :Person ) .",
        "[] a owl:AllDisjointClasses ; owl:members ( :Food :Tool ) .",
        "meaning",
        "“person” (:Person) is no longer declared disjoint with “food” and “tool”",
    ),
    "a title": ("", '<urn:x:o> dcterms:title "Bread" .', "text", "“urn:x:o” (urn:x:o): the “http://purl.org/dc/terms/title” was added"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "kind", "sentence"), CHANGES.values(), ids=CHANGES)
def test_a_change_is_said_in_words(before: str, after: str, kind: str, sentence: str) -> None:
    """One change is one entry of its kind, with a sentence; and the remark that the version stayed the same."""
    found = compare(version(before), version(after))

    assert [(change.kind, change.sentence) for change in found if change.kind != "version"] == [(kind, sentence)]


SAME = {
    "the order of a list": (
        ":bakes rdfs:domain [ owl:unionOf ( :Person :Tool ) ] .",
        ":bakes rdfs:domain [ owl:unionOf ( :Tool :Person ) ] .",
    ),
    "the way disjointness is written": (
        ":Food owl:disjointWith :Tool . :Food owl:disjointWith :Person . :Person owl:disjointWith :Tool .",
        "[] a owl:AllDisjointClasses ; owl:members ( :Person :Food :Tool ) .",
    ),
    "the names of blank nodes": (
        ":Food rdfs:subClassOf _:a . _:a a owl:Restriction ; owl:onProperty :bakes ; owl:allValuesFrom :Tool .",
        ":Food rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :bakes ; owl:allValuesFrom :Tool ] .",
    ),
    "the order of statements": (LOAF + ":Tool rdfs:comment 1 .", ":Tool rdfs:comment 1 ." + LOAF),
}


@pytest.mark.parametrize(("before", "after"), SAME.values(), ids=SAME)
def test_what_is_only_written_differently_is_no_change(before: str, after: str) -> None:
    """Two ways to say one thing are the same version."""
    assert compare(version(before), version(after)) == []


def test_a_new_version_number_is_told() -> None:
    """The versions are named when their numbers differ."""
    newer = version(LOAF, BASE.replace('versionInfo "1"', 'versionInfo "2"'))

    assert compare(version(""), newer)[0].sentence == "version 1 became version 2"


def test_a_change_without_a_new_version_number_is_told() -> None:
    """Two different ontologies of one version number deserve a remark."""
    assert compare(version(""), version(LOAF))[0].sentence == "both call themselves version 1, though they differ"


def test_the_gravest_changes_come_first() -> None:
    """What users of the ontology must know stands on top."""
    old = version(LOAF + ':Roll a owl:Class ; rdfs:label "roll" .')
    new = version(LOAF.replace("piece", "lump") + ':New a owl:Class ; rdfs:label "new" .')

    assert [change.kind for change in compare(old, new)] == ["version", "removed", "added", "definition"]


# Formats

CHANGED = compare(version(LOAF), version(LOAF.replace("A piece", "A *fine* lump") + ":Food owl:deprecated true ."))


def test_the_difference_as_text() -> None:
    """A summary, headings, sentences, and the words that went and came."""
    assert write(CHANGED, "text").splitlines() == [
        "version: 1, obsoleted: 1, definition changed: 1",
        "",
        "Version",
        "- both call themselves version 1, though they differ",
        "",
        "Obsoleted",
        "- “food” (:Food) is obsolete; nothing is named to use instead",
        "",
        "Definition changed",
        "- “loaf” (:Loaf): the definition changed",
        "    A [-piece-] {+*fine* lump+} of bread.",
    ]


def test_the_difference_as_markdown() -> None:
    """The same with marks for a pull request; signs of Markdown in the texts stay signs."""
    lines = write(CHANGED, "markdown").splitlines()

    assert lines[0] == "**version: 1, obsoleted: 1, definition changed: 1**"
    assert "## Obsoleted" in lines
    assert "  > A ~~piece~~ **\\*fine\\* lump** of bread." in lines


def test_the_difference_as_json() -> None:
    """Every change with its kind, term, label, sentence and texts."""
    content = json.loads(write(CHANGED, "json"))

    assert content["changes"][-1] == {
        "kind": "definition",
        "term": "https://example.org/ont#Loaf",
        "label": "loaf",
        "sentence": "“loaf” (:Loaf): the definition changed",
        "before": "A piece of bread.",
        "after": "A *fine* lump of bread.",
    }


def test_no_change_is_said_to_be_none() -> None:
    """An empty difference is a sentence, not an empty file."""
    assert (summary([]), write([], "text"), json.loads(write([], "json"))) == (
        "nothing changed",
        "nothing changed\n",
        {"changes": []},
    )


def test_every_kind_of_change_is_tried() -> None:
    """No kind is without a test."""
    assert {kind for _, _, kind, _ in CHANGES.values()} | {"version"} == set(KINDS)


def test_marks_of_a_whole_new_text() -> None:
    """Two texts without a word in common are shown one after the other."""
    assert marked("old", "new") == "[-old-] {+new+}"


# Where versions come from


def test_a_version_is_read_from_a_release_and_from_its_project(release: Release) -> None:
    """The ontology of a release is that of the sources it was made from, under whichever name it is given."""
    root = Path(__file__).parents[1]
    versions = [read_version(path) for path in (root, root / "ontology", release.path, release.path.parents[1])]

    assert [compare(versions[0], one) for one in versions[1:]] == [[], [], []]


def test_a_version_that_is_none_is_told(tmp_path: Path) -> None:
    """A path to nothing is an error with its place."""
    with pytest.raises(InputError, match="this file is missing"):
        read_version(tmp_path / "old.ttl")
