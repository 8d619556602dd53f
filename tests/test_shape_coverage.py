"""Coverage: what shapes checked in data, and which data no shape looked at."""

from pathlib import Path

import pytest

from lungkg.build import Build
from lungkg.errors import InputError, SystemProblem
from lungkg.release import Release
from lungkg.shapes.coverage import Coverage, cover, uncovered
from lungkg.shapes.library import Library
from lungkg.shapes.sample import Sample, files_sample, release_sample
from tests.shapes_at_hand import ABOUT, PREFIXES, library, ontology, shape, shapes, terms

DATA = """
ex:a a ex:C ; ex:p 1 , 2 ; ex:q "x" .
ex:b a ex:C ; ex:p 3 .
ex:c a ex:D ; ex:p 4 .
"""


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    """Three things of two classes."""
    path = tmp_path / "data.ttl"
    path.write_text(PREFIXES + DATA, "utf-8")
    return files_sample([str(path)], [])


def covered(text: str, sample: Sample) -> tuple[Library, Coverage]:
    """Count what shapes in Turtle check."""
    read = library(text)
    return read, cover(read, terms().hierarchy, sample)


def rows(text: str, sample: Sample) -> dict[str, tuple[int, int, int]]:
    """Targets, values and violations of each constraint."""
    read, found = covered(text, sample)
    return {
        read.words(row.constraint.parameter, row.constraint.values): (row.targets, row.values, row.violations)
        for row in found.rows
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(shape("sh:maxCount 1 ; sh:datatype xsd:integer", "ex:p", "ex:C"), {"sh:maxCount 1": (2, 3, 1), "sh:datatype xsd:integer": (2, 3, 0)}, id="property"),
        pytest.param(shape("sh:datatype xsd:string", "ex:none", "ex:C"), {"sh:datatype xsd:string": (2, 0, 0)}, id="property-that-is-not-there"),
        pytest.param(shape("sh:minCount 1", "ex:p", "ex:Nothing"), {"sh:minCount 1": (0, 0, 0)}, id="class-that-is-not-there"),
        pytest.param(shape("sh:minCount 1", "[ sh:alternativePath ( ex:p ex:q ) ]", "ex:C"), {"sh:minCount 1": (2, 4, 0)}, id="alternatives"),
        pytest.param("ex:S a sh:NodeShape ; sh:targetClass ex:C , ex:D ; sh:nodeKind sh:BlankNode .", {"sh:nodeKind sh:BlankNode": (3, 3, 3)}, id="node-shape"),
        pytest.param("ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:q ; sh:nodeKind sh:IRI .", {"sh:nodeKind sh:IRI": (1, 1, 0)}, id="subjects-of"),
        pytest.param("ex:S a sh:NodeShape ; sh:targetObjectsOf ex:p ; sh:nodeKind sh:IRI .", {"sh:nodeKind sh:IRI": (4, 4, 4)}, id="objects-of"),
        pytest.param("ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:nodeKind sh:Literal .", {"sh:nodeKind sh:Literal": (1, 1, 1)}, id="one-node"),
        pytest.param(shape("sh:maxCount 1 ; sh:deactivated true", "ex:p", "ex:C"), {"sh:maxCount 1": (0, 0, 0)}, id="switched-off"),
        pytest.param('ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:sparql ex:Q . ex:Q sh:message "m" ; sh:select "SELECT $this ?value { $this <http://example.org/q> ?value }" .', {"sh:sparql": (2, 2, 1)}, id="query"),
        pytest.param("ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:node ex:T . ex:T a sh:NodeShape ; sh:property ex:P . ex:P sh:path ex:p ; sh:maxCount 1 .", {"sh:node ex:T": (2, 2, 1), "sh:maxCount 1": (2, 3, 0)}, id="shape-of-another"),
    ],
)  # fmt: skip
def test_targets_values_and_violations_are_counted(
    text: str, expected: dict[str, tuple[int, int, int]], sample: Sample
) -> None:
    """Focus nodes, values at the end of the path, and results."""
    assert rows(text, sample) == expected


def test_shapes_that_lead_back_to_themselves_come_to_an_end(sample: Sample) -> None:
    """Values are counted on the way there, not round and round."""
    ring = " ".join(f"ex:P{n} sh:path ex:p{n} ; sh:node ex:S . ex:S sh:property ex:P{n} ." for n in range(6))

    _, found = covered(f"ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:nodeKind sh:IRI . {ring}", sample)

    assert {row.targets for row in found.rows} == {2}


def test_data_that_no_shape_touches_stands_out(sample: Sample) -> None:
    """Classes that are no target, and properties of the others that no shape names."""
    _, found = covered(shape("sh:maxCount 2", "ex:p", "ex:C"), sample)

    assert found.untouched_classes == {"http://example.org/D": 1}
    assert found.untouched_properties == {("http://example.org/C", "http://example.org/q"): 1}


def test_a_class_that_is_no_iri_is_left_out(tmp_path: Path) -> None:
    """A blank class and a word in the place of a class have no name to be told by."""
    path = tmp_path / "odd.ttl"
    path.write_text(PREFIXES + "ex:a a [] , 'C' , ex:C .", "utf-8")

    _, found = covered(shape("sh:maxCount 2", "ex:p", "ex:D"), files_sample([str(path)], []))

    assert found.untouched_classes == {"http://example.org/C": 1}


def test_a_closed_shape_touches_everything(sample: Sample) -> None:
    """It looks at every property, so none is left alone."""
    closed = f"ex:S sh:closed true ; sh:ignoredProperties ( rdf:type ) . {shape('sh:maxCount 2', 'ex:p', 'ex:C')}"

    assert covered(closed, sample)[1].untouched_properties == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(shape("sh:minCount 1", "ex:p", "ex:Nothing"), ("Warning", "target-without-nodes", "ex:S: none of its targets is in the data (data.ttl), so it checked nothing"), id="target"),
        pytest.param(shape("sh:datatype xsd:string", "ex:none", "ex:C"), ("Info", "constraint-without-values", "ex:P: sh:datatype xsd:string was asked about no value, for none of the 2 focus nodes has one"), id="values"),
        pytest.param(shape("sh:maxCount 2", "ex:p", "ex:C"), ("Warning", "class-untouched", "ex:D: no shape has this class as a target; the data has instances of it (1)"), id="class"),
        pytest.param(shape("sh:maxCount 2", "ex:p", "ex:C"), ("Info", "property-untouched", "ex:C: no shape of this class looks at ex:q, which it has (triples: 1)"), id="property"),
    ],
)  # fmt: skip
def test_what_stands_out_is_told_in_a_sentence(text: str, expected: tuple[str, str, str], sample: Sample) -> None:
    """How bad, which rule, and what."""
    read, found = covered(text, sample)

    told = [(one.severity, one.check, one.message) for one in uncovered(read, found)]

    folder = sample.name.rpartition("/")[0] + "/"
    assert expected in [(severity, check, message.replace(folder, "")) for severity, check, message in told]


def test_a_count_of_none_is_no_constraint_without_values(sample: Sample) -> None:
    """sh:maxCount 0 has nothing to say about values, and has checked its focus nodes all the same."""
    read, found = covered(shape("sh:maxCount 0", "ex:none", "ex:C"), sample)

    assert [one for one in uncovered(read, found) if one.check == "constraint-without-values"] == []


@pytest.mark.slow
def test_our_shapes_check_something_in_our_release(built: Build, release: Release) -> None:
    """Every shape but those of what is gone has focus nodes, and no constraint a result that the build did not tell."""
    found = cover(shapes(), terms().hierarchy, release_sample(release, "https://w3id.org/lungkg/"))

    idle = sorted(shapes().name(shape) for shape, n in found.targets.items() if not n)
    assert idle == ["shapes:TombstoneShape", "shapes:TombstoneSuccessorShape"]  # nothing has been withdrawn yet
    assert sum(row.violations for row in found.rows) == sum(bool(one.component) for one in built.report.findings)
    assert {shapes().name(row.constraint.holder).partition("-")[0] for row in found.rows if not row.targets} == {
        "shapes:Tombstone", "shapes:TombstoneShape", "shapes:TombstoneSuccessorShape",
    }  # fmt: skip


@pytest.mark.parametrize(
    "graph",
    [pytest.param(name, id=name) for name in ("ontology", "shapes", "queries", "metadata")],
)
def test_what_describes_the_data_is_not_data(graph: str, release: Release) -> None:
    """Classes of the ontology, shapes and queries are not told to be without a shape."""
    graphs = release_sample(release, "https://w3id.org/lungkg/").graphs

    assert f"https://w3id.org/lungkg/graph/{graph}" not in {one.value for one in graphs}


def test_a_release_that_is_gone_is_a_problem_of_the_system(tmp_path: Path) -> None:
    """The folder is named."""
    with pytest.raises(SystemProblem, match="cannot be opened"):
        release_sample(FakeRelease(tmp_path), "https://w3id.org/lungkg/")


class FakeRelease(Release):
    """A release without a store."""


def test_data_that_is_no_rdf_is_refused(tmp_path: Path) -> None:
    """With file and line."""
    path = tmp_path / "data.ttl"
    path.write_text("ex:a ex:b", "utf-8")

    with pytest.raises(InputError, match=r"data\.ttl:1"):
        files_sample([str(path)], ontology().triples)


def test_names_are_written_with_the_prefixes_of_the_shapes(sample: Sample) -> None:
    """A class without a prefix is written whole."""
    read, found = covered(f"ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:nodeKind sh:IRI ; {ABOUT} 's' .", sample)

    assert [read.name(shape) for shape in found.targets] == ["ex:S"]
