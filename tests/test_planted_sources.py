"""Faults planted in a project's YAML: the report points at the right file and line, and the mend ends the fault."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from lungkg.build import Build, build
from lungkg.curation import document_folders, read_document
from lungkg.examination import examine_project
from lungkg.project import Project, load_project
from lungkg.reading import read_sources
from lungkg.report import Report
from tests import edits

HERE = Path(__file__).parent
CLAIMS = Path("data/documents/leaflet-01/claims.yaml")
ENTITIES = Path("data/entities.yaml")
BACKGROUND = Path("data/background.yaml")
DOCUMENT = Path("data/documents/leaflet-01/document.yaml")


class Fault(NamedTuple):
    """A fault: the file, what is written instead of what, the text that the finding points at, what it says.

    `by_hand` is what the words of the mend ask to write in place of `new`, where it has no edits.
    """

    file: Path
    old: str
    new: str
    at: str
    says: str
    by_hand: str = ""


UNREADABLE = {
    "misspelt-entity": Fault(CLAIMS, "subject: steaming\n    relation: preserves", "subject: streaming\n    relation: preserves", "streaming", "there is no entity 'streaming'"),
    "misspelt-relation": Fault(CLAIMS, "relation: weakens", "relation: weekens", "weekens", "there is no relation 'weekens'"),
    "misspelt-context": Fault(CLAIMS, "context: [brioche]", "context: [briosche]", "briosche", "there is no entity 'briosche'"),
    "unknown-sentence": Fault(CLAIMS, "id: C3\n    sentence: S2", "id: C3\n    sentence: S22", "S22", "there is no sentence 'S22'"),
    "unknown-certainty": Fault(CLAIMS, "certainty: Potential", "certainty: Potencial", "Potencial", 'claims[0].certainty: "Potencial" is not one of "Asserted", "ReportedEvidence" or 4 other candidates'),
    "unknown-polarity": Fault(CLAIMS, "polarity: Negated", "polarity: negated", "negated", 'claims[1].polarity: "negated" is not one of "Affirmed" or "Negated"'),
    "misspelt-key": Fault(CLAIMS, "relation: enlarges", "realtion: enlarges", "realtion", "claims[3]: the key 'realtion' is unknown"),
    "misspelt-optional-key": Fault(CLAIMS, "follows_from: [C3]", "folows_from: [C3]", "folows_from", "claims[3]: the key 'folows_from' is unknown"),
    "text-for-a-list": Fault(CLAIMS, "hedges: [may]", "hedges: may", "may\n    citations", 'claims[0].hedges: "may" is not of type "array"'),
    "number-in-quotes": Fault(CLAIMS, "citations: [1]", 'citations: ["1"]', '"1"', 'claims[0].citations[0]: "1" is not of type "integer"'),
    "blank-in-a-name": Fault(CLAIMS, "subject: bread-flour", "subject: bread flour", "bread flour", 'claims[4].subject: "bread flour" does not match "^[A-Za-z0-9_-]+$"'),
    "misquoted": Fault(CLAIMS, 'quote: "In brioche, steaming keeps the crust soft"', 'quote: "In brioche, steaming kept the crust soft"', '"In brioche, steaming kept', "these words do not stand in sentence S2: 'In brioche, steaming kept the crust soft'"),
    "words-that-stand-there-twice": Fault(CLAIMS, 'focus: "enlarges the loaf"', 'focus: "the"', '"the"', "these words stand in the quote 2 times: 'the'"),
    "unknown-claim": Fault(CLAIMS, "follows_from: [C3]", "follows_from: [C33]", "C33", "there is no claim 'C33'"),
    "kind-that-is-none": Fault(ENTITIES, "label: loaf\n    kind: Bread", "label: loaf\n    kind: Braed", "Braed", "there is no kind 'Braed'"),
    "background-of-nothing": Fault(BACKGROUND, "narrower: brioche", "narrower: briosche", "briosche", "there is no entity 'briosche'"),
    "tab": Fault(CLAIMS, "    sentence: S1\n    abbreviation", "\tsentence: S1\n    abbreviation", "\tsentence", "this is not YAML: found a tab character that violates indentation (while scanning a plain scalar)", "    sentence: S1\n    abbreviation"),
    "missing-key": Fault(CLAIMS, "    certainty: Asserted\n    follows_from", "    follows_from", "id: C4", 'claims[3]: "certainty" is a required property', "    certainty: Asserted\n    follows_from"),
}  # fmt: skip

BROKEN = {
    "subject-of-the-wrong-kind": Fault(CLAIMS, "subject: bread-flour", "subject: loaf", "loaf\n    relation: strengthens", "", "subject: bread-flour"),
    "hedged-and-asserted": Fault(CLAIMS, "certainty: Potential", "certainty: Asserted", "may]", "", "certainty: Potential"),
    "misspelt-term-in-a-query": Fault(Path("queries/what-favours.rq"), "biolink:subject", "biolink:subjekt", "biolink:subjekt", "", "biolink:subject"),
    "alternative-is-the-label": Fault(ENTITIES, "alt_labels: [CP]", "alt_labels: [CP, cold proofing]", "cold proofing]", "", "alt_labels: [CP]"),
}  # fmt: skip


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    """The bakery of the other project, its entities and claims in YAML."""
    root = tmp_path / "bakery"
    shutil.copytree(HERE / "other_project", root)
    for name, file in (("entities", ENTITIES), ("claims", CLAIMS)):
        (root / file).with_suffix(".jsonl").unlink()
        shutil.copy(HERE / "fixtures" / "planted" / f"{name}.yaml", root / file)
    return root


def plant(root: Path, fault: Fault) -> str:
    """Write a fault into its file; gives the text of the file."""
    path = root / fault.file
    text = path.read_text("utf-8")
    assert fault.old in text
    path.write_text(text.replace(fault.old, fault.new, 1), "utf-8")
    return path.read_text("utf-8")


def read(project: Project) -> Build:
    """Only read the sources, as a build does first."""
    vocabulary = read_sources(project).vocabulary
    for folder in document_folders(project):
        read_document(folder, vocabulary)
    return Build()


def examined(root: Path, making: Callable[[Project], Build] | None = None) -> Report:
    """What `lungkg validate` finds in the project."""
    project = load_project(root)
    whole = partial(build, out=root / "out", publishing=False)
    return examine_project(project, partial(making or whole, project)).report


def where(path: Path, text: str, at: str) -> str:
    """The place of a text in a file."""
    offset = text.index(at)
    return f"{path}:{text.count(chr(10), 0, offset) + 1}:{offset - (text.rfind(chr(10), 0, offset) + 1) + 1}"


def mend(root: Path, fault: Fault, report: Report) -> None:
    """Do what the mend says: apply its edits, or write by hand what its words ask for."""
    suggested = report.findings[0].mend
    if fault.by_hand:
        path = root / fault.file
        path.write_text(path.read_text("utf-8").replace(fault.new, fault.by_hand, 1), "utf-8")
    else:
        assert suggested is not None
        assert suggested.edits
        edits.apply(suggested.edits)


@pytest.mark.slow
def test_the_project_without_faults_conforms(project_folder: Path) -> None:
    """What the faults are planted in is right."""
    assert [] == [one for one in examined(project_folder).findings if one.severity != "Info"]


@pytest.mark.parametrize("fault", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_sources_that_cannot_be_read(fault: Fault, project_folder: Path) -> None:
    """The finding has file, line and column, and the source line; when the mend is applied, it is gone."""
    text = plant(project_folder, fault)

    report = examined(project_folder, read)

    assert [(fault.says, where(project_folder / fault.file, text, fault.at))] == [
        (one.said, str(one.place)) for one in report.findings
    ]
    assert report.findings[0].line in text.split("\n")
    mend(project_folder, fault, report)
    assert [] == examined(project_folder, read).findings


@pytest.mark.slow
@pytest.mark.parametrize("fault", BROKEN.values(), ids=BROKEN.keys())
def test_sources_that_break_a_shape(fault: Fault, project_folder: Path) -> None:
    """A result of SHACL about a record points at the key or value in the YAML that it is about."""
    text = plant(project_folder, fault)

    report = examined(project_folder)

    found = [one for one in report.findings if one.severity == "Violation"]
    assert where(project_folder / fault.file, text, fault.at) in [str(one.place) for one in found]
    mend(project_folder, fault, report)
    after = examined(project_folder)
    assert [] == [one for one in after.findings if one.severity == "Violation"]
