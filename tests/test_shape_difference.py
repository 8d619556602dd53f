"""The difference of two versions of shapes, in words, and what it means for data that is there."""

from pathlib import Path

import pytest

from lungkg.build import Build
from lungkg.shapes.difference import differences
from lungkg.shapes.impact import Impact, impact
from lungkg.shapes.library import Library
from lungkg.shapes.reading import read_library
from lungkg.shapes.sample import Sample, files_sample, release_sample
from tests.shapes_at_hand import PREFIXES, library, project, shape, shapes, terms

NODE = "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:nodeKind sh:IRI"


def told(old: str, new: str) -> list[tuple[str, str]]:
    """What changed: the effect, and the shape with the sentence."""
    found = differences(library(old), library(new), terms().hierarchy)
    return [(one.effect, f"{one.shape}: {one.sentence}") for one in found]


@pytest.mark.parametrize(
    ("before", "after", "effect", "sentence"),
    [
        pytest.param("sh:minCount 1", "sh:minCount 1 ; sh:maxCount 1", "stricter", "it now demands at most one value (of ont:statedIn)", id="added"),
        pytest.param("sh:minCount 1 ; sh:maxCount 1", "sh:minCount 1", "looser", "it no longer demands at most one value (of ont:statedIn)", id="removed"),
        pytest.param("sh:maxCount 2", "sh:maxCount 1", "stricter", "it demands at most one value instead of at most two values (of ont:statedIn)", id="fewer"),
        pytest.param("sh:maxCount 1", "sh:maxCount 2", "looser", "it demands at most two values instead of at most one value (of ont:statedIn)", id="more"),
        pytest.param("sh:maxCount 1", "sh:maxCount 0", "stricter", "it demands no value instead of at most one value (of ont:statedIn)", id="none"),
        pytest.param("sh:minLength 1", "sh:minLength 2", "stricter", "it demands every value has at least two characters instead of every value has at least one character (of ont:statedIn)", id="longer"),
        pytest.param("sh:in ( 1 2 )", "sh:in ( 1 )", "stricter", "it demands every value is one of 1 instead of every value is one of 1 and 2 (of ont:statedIn)", id="fewer-members"),
        pytest.param("sh:in ( 1 )", "sh:in ( 1 2 )", "looser", "it demands every value is one of 1 and 2 instead of every value is one of 1 (of ont:statedIn)", id="more-members"),
        pytest.param("sh:in ( 1 2 )", "sh:in ( 1 3 )", "different", "it demands every value is one of 1 and 3 instead of every value is one of 1 and 2 (of ont:statedIn)", id="other-members"),
        pytest.param("sh:class ont:Statement", "sh:class ont:Claim", "stricter", "it demands every value is an instance of ont:Claim instead of every value is an instance of ont:Statement (of ont:statedIn)", id="class-below"),
        pytest.param("sh:class ont:Claim", "sh:class ont:Statement", "looser", "it demands every value is an instance of ont:Statement instead of every value is an instance of ont:Claim (of ont:statedIn)", id="class-above"),
        pytest.param("sh:class ont:Claim", "sh:class ont:Document", "different", "it demands every value is an instance of ont:Document instead of every value is an instance of ont:Claim (of ont:statedIn)", id="class-beside"),
        pytest.param("sh:nodeKind sh:IRI", "sh:nodeKind sh:BlankNodeOrIRI", "looser", "it demands every value is an IRI or a blank node instead of every value is an IRI (of ont:statedIn)", id="node-kind"),
        pytest.param('sh:pattern "a"', 'sh:pattern "b"', "different", 'it demands every value matches the pattern "b" instead of every value matches the pattern "a" (of ont:statedIn)', id="pattern"),
        pytest.param('sh:pattern "a"', 'sh:pattern "a" ; sh:flags "i"', "different", 'it demands every value matches the pattern "a", upper and lower case alike instead of every value matches the pattern "a" (of ont:statedIn)', id="flags"),
        pytest.param("sh:hasValue 1", "sh:hasValue 1 , 2", "stricter", "it now demands 2 is among the values (of ont:statedIn)", id="one-more-value"),
        pytest.param("sh:minCount 1", "sh:minCount 1 ; sh:deactivated true", "looser", "it is switched off", id="switched-off"),
    ],
)  # fmt: skip
def test_each_change_of_a_constraint_is_told_with_its_effect(
    before: str, after: str, effect: str, sentence: str
) -> None:
    """What the shape demands now, what it demanded before, and whether data will notice."""
    assert told(shape(before), shape(after)) == [(effect, f"ex:P: {sentence}")]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("", shape("sh:minCount 1"), [("stricter", "ex:P: the shape is new; it demands at least one value (of ont:statedIn)"), ("stricter", "ex:S: the shape is new")], id="new-shape"),
        pytest.param(shape("sh:minCount 1"), "", [("looser", "ex:P: the shape was removed; it demanded at least one value (of ont:statedIn)"), ("looser", "ex:S: the shape was removed")], id="shape-gone"),
        pytest.param(f"{NODE} .", f"{NODE} ; sh:targetClass ex:D .", [("stricter", "ex:S: it now governs instances of ex:D")], id="target-more"),
        pytest.param(f"{NODE} ; sh:targetSubjectsOf ex:p .", f"{NODE} .", [("looser", "ex:S: it no longer governs whatever has ex:p")], id="target-less"),
        pytest.param(shape("sh:minCount 1"), shape("sh:minCount 1", "ont:text"), [("different", "ex:P: it is about ont:text instead of ont:statedIn")], id="path"),
        pytest.param(f"{NODE} ; sh:severity sh:Warning .", f"{NODE} ; sh:severity sh:Violation .", [("stricter", "ex:S: its results are sh:Violation instead of sh:Warning")], id="severity"),
        pytest.param(f"{NODE} .", f"{NODE} ; sh:severity sh:Warning .", [("looser", "ex:S: its results are sh:Warning instead of sh:Violation")], id="severity-from-default"),
        pytest.param(f'{NODE} ; sh:message "a" .', f'{NODE} ; sh:message "b" .', [("wording", 'ex:S: its message is now "b"')], id="message"),
        pytest.param(f"{NODE} ; sh:closed true .", f"{NODE} ; sh:closed true ; sh:ignoredProperties ( rdf:type ) .", [("different", "ex:S: it demands no property but rdf:type instead of no property at all")], id="ignored"),
        pytest.param(f"{NODE} .", f"{NODE} ; sh:property [ sh:path ex:p ; sh:minCount 1 ] .", [("stricter", "ex:S [ sh:path ex:p ]: the shape is new; it demands at least one value (of ex:p)")], id="blank-shape"),
        pytest.param(f"{NODE} ; sh:property [ sh:path ex:p ; sh:maxCount 1 ] .", f"{NODE} ; sh:property [ sh:path ex:p ; sh:maxCount 2 ] .", [("looser", "ex:S [ sh:path ex:p ]: it demands at most two values instead of at most one value (of ex:p)")], id="change-of-a-blank-shape"),
        pytest.param(f'{NODE} ; sh:sparql ex:Q . ex:Q sh:select "SELECT $this {{ $this a ex:C }}" .', f'{NODE} ; sh:sparql ex:Q . ex:Q sh:select "SELECT $this {{ $this a ex:D }}" .', [("different", "ex:S: its query ex:Q asks something else")], id="query"),
        pytest.param(f"{NODE} .", f'{NODE} ; sh:sparql ex:Q . ex:Q sh:select "SELECT $this {{ $this a ex:C }}" .', [("stricter", "ex:S: it now asks the query ex:Q")], id="query-more"),
    ],
)  # fmt: skip
def test_each_change_of_a_shape_is_told_with_its_effect(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    """One sentence a change."""
    assert told(old, new) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(shape("sh:in ( 1 2 )"), shape("sh:in ( 2 1 )"), id="order-of-a-list"),
        pytest.param(f'{NODE} ; sh:sparql ex:Q . ex:Q sh:select "SELECT $this {{ $this a ex:C }}" .', f'{NODE} ; sh:sparql ex:Q . ex:Q sh:select "SELECT  $this {{ $this a ex:C }} # all" .', id="white-space-in-a-query"),
        pytest.param(shape("sh:or ( [ sh:minLength 1 ] [ sh:nodeKind sh:IRI ] )"), shape("sh:or ( [ sh:nodeKind sh:IRI ] [ sh:minLength 1 ] )"), id="order-of-alternatives"),
    ],
)  # fmt: skip
def test_what_means_the_same_is_no_change(old: str, new: str) -> None:
    """Another way to write the same shapes is not told."""
    assert told(old, new) == []


def test_our_shapes_do_not_differ_from_themselves() -> None:
    """Read twice, with other blank nodes, they are the same."""
    again = read_library(str(path) for path in project().shape_files())

    assert differences(shapes(), again, terms().hierarchy) == []


DATA = """
ex:a a ex:C ; ex:p 1 . <http://example.org/a#part> a ex:Part ; ex:q 1 .
ex:b a ex:C ; ex:p 1 , 2 .
ex:c a ex:C .
"""


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    """Things with one, two and no value, one of them with a part."""
    path = tmp_path / "data.ttl"
    path.write_text(PREFIXES + DATA, "utf-8")
    return files_sample([str(path)], [])


def things(found: Impact) -> tuple[list[str], list[str], list[str]]:
    """What is rejected, accepted and treated otherwise, by local name."""
    return (
        [case.thing.strip("<>").rpartition("/")[2] for case in found.first_rejected],
        [case.thing.strip("<>").rpartition("/")[2] for case in found.first_accepted],
        [case.thing.strip("<>").rpartition("/")[2] for case in found.first_warned],
    )


def on(constraint: str, more: str = "") -> Library:
    """Shapes with a constraint on ex:p of ex:C."""
    return library(
        f"ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property ex:P . ex:P sh:path ex:p ; {constraint} . {more}"
    )


PART = 'ex:T a sh:NodeShape ; sh:targetClass ex:Part ; sh:property [ sh:path ex:q ; sh:minInclusive 2 ; sh:message "small" ] .'


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(on("sh:maxCount 2"), on("sh:maxCount 1"), (["b"], [], []), id="rejected"),
        pytest.param(on("sh:minCount 1"), on("sh:minCount 0"), ([], ["c"], []), id="accepted"),
        pytest.param(on("sh:minCount 1"), on("sh:maxCount 1"), (["b"], ["c"], []), id="both"),
        pytest.param(on("sh:maxCount 1"), on("sh:maxCount 1 ; sh:minCount 1"), (["c"], [], []), id="what-was-rejected-stays"),
        pytest.param(on("sh:maxCount 0"), on("sh:maxCount 1"), ([], ["a"], []), id="what-is-still-rejected-stays"),
        pytest.param(on("sh:minCount 1"), on("sh:minCount 1 ; sh:severity sh:Warning"), ([], ["c"], []), id="no-violation-any-more"),
        pytest.param(on("sh:maxCount 2"), on("sh:maxCount 1 ; sh:severity sh:Warning"), ([], [], ["b"]), id="a-new-warning"),
        pytest.param(on("sh:maxCount 2"), on("sh:maxCount 2", PART), (["a"], [], []), id="a-part-is-its-thing"),
        pytest.param(on("sh:maxCount 2"), on("sh:maxCount 2 ; sh:or ( [ sh:minInclusive 2 ] )"), (["a", "b"], [], []), id="left-to-pyshacl"),
        pytest.param(on("sh:maxCount 1 ; sh:message 'x'"), on("sh:maxCount 1 ; sh:message 'y'"), ([], [], []), id="wording"),
    ],
)  # fmt: skip
def test_the_impact_names_what_is_treated_otherwise(
    old: Library, new: Library, expected: tuple[list[str], list[str], list[str]], sample: Sample
) -> None:
    """Newly rejected, newly accepted, and treated otherwise."""
    assert things(impact(old, new, sample)) == expected


def test_the_impact_counts_and_names_the_first(tmp_path: Path) -> None:
    """However many there are, ten of them are named."""
    path = tmp_path / "data.ttl"
    path.write_text(PREFIXES + "".join(f"ex:n{n} a ex:C ; ex:p 1 , 2 ." for n in range(25)), "utf-8")

    found = impact(on("sh:maxCount 2"), on("sh:maxCount 1"), files_sample([str(path)], []))

    assert (found.rejected, len(found.first_rejected)) == (25, 10)
    assert dict(found.by_check) == {"http://example.org/P": 25}


@pytest.mark.slow
def test_the_impact_on_our_release(built: Build, tmp_path: Path) -> None:
    """Were curators' notes limited, the claims that have one would be rejected."""
    assert built.release is not None
    path = tmp_path / "new.ttl"
    path.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . <https://w3id.org/lungkg/shapes#Claim-curatorNote> sh:maxCount 0 .",
        "utf-8",
    )
    changed = read_library([*(str(one) for one in project().shape_files()), str(path)])

    found = impact(shapes(), changed, release_sample(built.release, "https://w3id.org/lungkg/"))

    assert found.rejected > 10
    assert found.accepted == found.warned == 0
    assert set(found.by_check) == {"https://w3id.org/lungkg/shapes#Claim-curatorNote"}
