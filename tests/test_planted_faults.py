"""Planted faults: every report line points at the right file and line, and each mend, applied, ends the fault."""

from pathlib import Path
from typing import NamedTuple

import pytest

from lungkg.examination import examine_files
from lungkg.project import Project
from lungkg.report import Finding, Report
from tests import edits

PLANTED = Path(__file__).parent / "fixtures" / "planted"
GOOD = (PLANTED / "data.ttl").read_text("utf-8")
SHAPES = PLANTED / "shapes.ttl"


class Fault(NamedTuple):
    """What is written instead of what, what the finding is about, and what its sentence says.

    `at` is the text at which the finding points, in the spoilt file; `component` is SHACL's, or the check.
    """

    old: str
    new: str
    at: str
    component: str
    says: str


FAULTS = {
    "no-label": Fault(
        '    rdfs:label "rye loaf"@en ;\n', "", "<https://example.org/loaf/rye>", "MinCount",
        "<https://example.org/loaf/rye> has no rdfs:label, but needs exactly one.",
    ),
    "misspelt-property": Fault(
        'rdfs:label "rye loaf"@en ;', 'rdfs:lable "rye loaf"@en ;', "<https://example.org/loaf/rye>", "MinCount",
        "<https://example.org/loaf/rye> has no rdfs:label, but needs exactly one.",
    ),
    "no-number": Fault(
        "    ex:weight 750 ;\n", "", "<https://example.org/loaf/rye>", "MinCount",
        "<https://example.org/loaf/rye> has no ex:weight, but needs at least one.",
    ),
    "nobody": Fault(
        "    ex:baker ex:ada ;\n", "", "<https://example.org/loaf/rye>", "MinCount",
        "<https://example.org/loaf/rye> has no ex:baker, but needs at least one.",
    ),
    "two-kinds": Fault(
        "ex:kind ex:Bread ;", "ex:kind ex:Bread , ex:Cake ;", "ex:Cake", "MaxCount",
        "<https://example.org/loaf/rye> has two ex:kind (ex:Bread and ex:Cake), but at most one may stand there.",
    ),
    "text-for-number": Fault(
        "ex:weight 750", 'ex:weight "750"', '"750"', "Datatype",
        'ex:weight of <https://example.org/loaf/rye> must be a whole number (xsd:integer), but is "750", which is plain text.',
    ),
    "no-language": Fault(
        'rdfs:label "rye loaf"@en ;', 'rdfs:label "rye loaf" ;', '"rye loaf" ;', "Datatype",
        'rdfs:label of <https://example.org/loaf/rye> must be text with a language tag, such as "…"@en, but is "rye loaf", which is plain text.',
    ),
    "other-way-to-write-a-day": Fault(
        '"2026-11-23"^^xsd:date', '"2026-11-23"', '"2026-11-23"', "Datatype",
        'ex:baked of <https://example.org/loaf/rye> must be a date (xsd:date), such as 2026-11-23, but is "2026-11-23", which is plain text.',
    ),
    "yes-for-true": Fault(
        "ex:organic true", 'ex:organic "yes"^^xsd:boolean', '"yes"', "Datatype",
        'ex:organic of <https://example.org/loaf/rye> must be true or false (xsd:boolean), but is "yes"^^xsd:boolean, which cannot be read as one.',
    ),
    "wrong-language": Fault(
        'rdfs:label "rye loaf"@en', 'rdfs:label "rye loaf"@de', '"rye loaf"@de', "LanguageIn",
        'rdfs:label of <https://example.org/loaf/rye> must be text in "en", but is "rye loaf"@de, which is text in "de".',
    ),
    "too-little": Fault(
        "ex:weight 750", "ex:weight 0", "0 ;", "MinInclusive",
        "ex:weight of <https://example.org/loaf/rye> must be at least 1, but is 0.",
    ),
    "too-much": Fault(
        "ex:weight 750", "ex:weight 5000", "5000", "MaxExclusive",
        "ex:weight of <https://example.org/loaf/rye> must be less than 5000, but is 5000.",
    ),
    "no-salt": Fault(
        "ex:salt 12", "ex:salt 0", "0 .\n", "MinExclusive",
        "ex:salt of <https://example.org/loaf/rye> must be more than 0, but is 0.",
    ),
    "salty": Fault(
        "ex:salt 12", "ex:salt 31", "31", "MaxInclusive",
        "ex:salt of <https://example.org/loaf/rye> must be at most 30, but is 31.",
    ),
    "unknown-person": Fault(
        "ex:baker ex:ada", "ex:baker ex:adda", "ex:adda", "Class",
        "ex:baker of <https://example.org/loaf/rye> must be an instance of ex:Baker, but is ex:adda, which the data does not describe.",
    ),
    "person-without-type": Fault(
        'ex:bob a ex:Baker ; rdfs:label "Bob" .', 'ex:carol rdfs:label "Carol" . ex:rye2 ex:x 1 .\n<https://example.org/loaf/two> a ex:Loaf ; rdfs:label "two"@en ; ex:weight 1 ; ex:kind ex:Bread ; ex:baker ex:carol .',
        "ex:carol .", "Class",
        "ex:baker of <https://example.org/loaf/two> must be an instance of ex:Baker, but is ex:carol, which has no type.",
    ),
    "misspelt-choice": Fault(
        '"crisp"', '"crips"', '"crips"', "In",
        'ex:crust of <https://example.org/loaf/rye> must be one of "soft" and "crisp", but is "crips".',
    ),
    "code-in-small-letters": Fault(
        '"RY-12"', '"ry-12"', '"ry-12"', "Pattern",
        'ex:code of <https://example.org/loaf/rye> must match "^[A-Z]{2}-[0-9]+$", but is "ry-12".',
    ),
    "code-too-long": Fault(
        '"RY-12"', '"RY-1234567"', '"RY-1234567"', "MaxLength",
        'ex:code of <https://example.org/loaf/rye> must have at most 8 characters, but is "RY-1234567", which has 10.',
    ),
    "note-too-short": Fault(
        '"hält sich"@de', '"ja"@de', '"ja"@de', "MinLength",
        'ex:note of <https://example.org/loaf/rye> must have at least 3 characters, but is "ja"@de, which has 2.',
    ),
    "two-of-a-language": Fault(
        '"hält sich"@de', '"hält sich"@de , "keeps long"@en', "<https://example.org/loaf/rye>", "UniqueLang",
        '<https://example.org/loaf/rye> has several ex:note in "en" ("keeps for days"@en and "keeps long"@en), but each language may stand there once.',
    ),
    "title-is-another": Fault(
        'ex:title "rye loaf"@en', 'ex:title "rye loaf"@en , "loaf of rye"@en', '"loaf of rye"@en', "Equals",
        'ex:title and ex:name of <https://example.org/loaf/rye> must have the same values, but only ex:title has "loaf of rye"@en.',
    ),
    "address-as-text": Fault(
        "ex:page <https://example.org/page>", 'ex:page "https://example.org/page"', '"https://example.org/page"', "NodeKind",
        'ex:page of <https://example.org/loaf/rye> must be an IRI, but is "https://example.org/page", which is plain text.',
    ),
    "no-kind": Fault(
        "ex:kind ex:Bread ;", "ex:kind ex:Cake ;", "<https://example.org/loaf/rye>", "HasValue",
        "<https://example.org/loaf/rye> must have ex:Bread as ex:kind, but has only ex:Cake.",
    ),
    "end-before-start": Fault(
        "ex:start 3 ; ex:end 9", "ex:start 9 ; ex:end 3", "9 ;", "LessThan",
        "ex:start of <https://example.org/loaf/rye> must be less than ex:end, but 9 is not less than 3.",
    ),
    "too-late": Fault(
        "ex:soonest 2 ; ex:latest 2", "ex:soonest 4 ; ex:latest 2", "4 ;", "LessThanOrEquals",
        "ex:soonest of <https://example.org/loaf/rye> must be at most ex:latest, but 4 is not at most 2.",
    ),
    "avoided-flour": Fault(
        'ex:avoids "maize"', 'ex:avoids "maize" , "rye"', '"rye" , "wheat" ;', "Disjoint",
        'ex:flour and ex:avoids of <https://example.org/loaf/rye> must share no value, but both have "rye".',
    ),
    "misspelt-property-of-a-closed-shape": Fault(
        "ex:oven ex:stone", "ex:ovn ex:stone", "ex:ovn", "Closed",
        "ex:ada has ex:ovn ex:stone, but its shape allows only ex:oven, rdf:type and rdfs:label.",
    ),
    "property-too-many": Fault(
        "ex:oven ex:stone", 'ex:oven ex:stone ; ex:hobby "chess"', "ex:hobby", "Closed",
        'ex:ada has ex:hobby "chess", but its shape allows only ex:oven, rdf:type and rdfs:label.',
    ),
    "odd-name": Fault(
        "ex:bob a ex:Baker ;", "<https://example.org/loaf/Best Rye!> a ex:Loaf ;".replace(" Rye!", "_Rye"), "<https://example.org/loaf/Best_Rye>", "Pattern",
        '<https://example.org/loaf/Best_Rye> must match "/loaf/[a-z-]+$".',
    ),
    "ill-typed-where-no-shape-looks": Fault(
        "ex:avoids \"maize\"", 'ex:avoids "maize" ; ex:stars "5 stars"^^xsd:integer', '"5 stars"', "ill-typed-literal",
        '"5 stars"^^xsd:integer cannot be read as a whole number (xsd:integer)',
    ),
    "prefix-not-declared": Fault(
        "ex:page <https://example.org/page>", "ex:page <https://example.org/page> ; dcterms:title \"x\"", "dcterms:title", "unreadable",
        "this is not Turtle: The prefix dcterms: has not been declared",
    ),
    "dot-forgotten": Fault(
        "    ex:oven ex:stone .\n", "    ex:oven ex:stone\n", "\n\nex:bob", "unreadable",
        "this is not Turtle: A dot is expected at the end of statements",
    ),
}  # fmt: skip


@pytest.fixture(params=list(FAULTS.values()), ids=list(FAULTS))
def fault(request: pytest.FixtureRequest) -> Fault:
    """One planted fault."""
    assert isinstance(request.param, Fault)
    return request.param


@pytest.fixture
def spoilt(fault: Fault, tmp_path: Path) -> Path:
    """The file with the fault planted in it."""
    path = tmp_path / "data.ttl"
    assert fault.old in GOOD
    text = GOOD.replace(fault.old, fault.new, 1)
    if fault.component == "Pattern" and "Best" in fault.new:
        text = text.replace(
            'rdfs:label "Bob" .',
            'rdfs:label "best"@en ; ex:weight 1 ; ex:kind ex:Bread ; ex:baker ex:ada .',
        )
    path.write_text(text, "utf-8")
    return path


def report(path: Path, project: Project) -> Report:
    """What `lungkg validate` finds in the file."""
    return examine_files([str(path)], [str(SHAPES)], project).report


def kind(finding: Finding) -> str:
    """The name of the component or check."""
    return finding.component.rsplit("#", 1)[-1].removesuffix("ConstraintComponent") or finding.check


def test_there_are_enough_faults_of_different_kinds() -> None:
    """Thirty or more, and every core component that is about a value."""
    assert len(FAULTS) >= 30
    assert len({fault.component for fault in FAULTS.values()}) >= 20


def test_the_file_without_faults_conforms(project: Project) -> None:
    """What the faults are planted in is right, and nothing is found in it."""
    assert [] == examine_files([str(PLANTED / "data.ttl")], [str(SHAPES)], project).report.findings


def test_the_report_points_at_the_fault_and_says_what_it_is(fault: Fault, spoilt: Path, project: Project) -> None:
    """File, line and column are those of the fault, and the sentence has the values that stand there."""
    text = spoilt.read_text("utf-8")
    at = text.index(fault.at)
    line, column = text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1

    found = report(spoilt, project).findings

    (finding,) = [one for one in found if kind(one) == fault.component]
    assert fault.says == finding.said
    assert f"{spoilt}:{line}:{column}" == str(finding.place)
    assert text.split("\n")[line - 1] == finding.line
    assert {line} == {one.place.line for one in found if one.place}, "what else follows from it is there, too"


def test_the_mend_ends_the_fault(fault: Fault, spoilt: Path, project: Project) -> None:
    """Applied to the file, the edits of the mend leave nothing to report."""
    (finding,) = [one for one in report(spoilt, project).findings if kind(one) == fault.component]
    assert finding.mend is not None
    assert finding.mend.edits

    edits.apply(finding.mend.edits)

    assert [] == report(spoilt, project).findings, spoilt.read_text("utf-8")


CORE = [path for path in sorted((PLANTED.parents[1] / "examples").glob("*/fail-*.ttl")) if "sparql" not in path.stem]


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, marks=[pytest.mark.exhaustive] * bool(n % 24), id=f"{path.parent.name}-{path.stem}")
        for n, path in enumerate(CORE)
    ],
)
def test_each_mend_of_a_failing_example_ends_its_fault(path: Path, project: Project, tmp_path: Path) -> None:
    """Where a mend of one of the project's own shapes has edits, the result is gone and the file still reads."""
    copy = tmp_path / path.name
    common = path.parents[1] / "common.ttl"
    copy.write_text(path.read_text("utf-8"), "utf-8")
    (finding,) = [one for one in examine_files([str(copy), str(common)], [], project).report.findings if one.component]
    assert finding.place is not None
    assert (str(copy), finding.place.line > 0) == (finding.place.name, True)

    edits.apply(finding.mend.edits if finding.mend else ())

    after = examine_files([str(copy), str(common)], [], project).report
    assert after.unreadable == []
    assert not (finding.mend and finding.mend.edits) or key(finding) not in [key(one) for one in after.findings]


def key(finding: Finding) -> tuple[str, ...]:
    """What makes two findings the same."""
    return (finding.check, finding.component, finding.focus, finding.path, finding.value)
