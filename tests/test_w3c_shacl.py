"""The W3C's SHACL tests, run through `lungkg validate`, where they are at hand (../shared/w3c, in CI)."""

from collections import Counter
from pathlib import Path
from typing import Final

import pytest
import rdflib
from rdflib import RDF, SH
from rdflib.term import Node

from lungkg.errors import InputError
from lungkg.examination import examine_files
from lungkg.project import Project
from lungkg.validation.files import read_graph
from lungkg.validation.run import validate
from lungkg.validation.shacl import Shapes

FOLDER: Final = Path(__file__).parents[2] / "shared" / "w3c" / "shacl"
SHT: Final = rdflib.Namespace("http://www.w3.org/ns/shacl-test#")
MF: Final = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
FILES: Final = [path for path in sorted(FOLDER.rglob("*.ttl")) if path.name != "manifest.ttl"]

KNOWN: Final = {
    "uniqueLang-002": 'pySHACL takes sh:uniqueLang "1"^^xsd:boolean for true',
    "shapesGraph-001": "pySHACL has no $shapesGraph",
}
"""What plain pySHACL fails, too."""

pytestmark = pytest.mark.skipif(not FILES, reason="the W3C's SHACL tests (../shared/w3c/shacl) are not at hand")


def path_of(node: Node | None) -> str:
    """The file that a manifest names."""
    return str(node).removeprefix("file://")


def results_of(graph: rdflib.Graph, report: Node | None) -> Counter[tuple[str, ...]]:
    """The results of a report: what makes each of them, blank nodes alike."""
    keys = (SH.focusNode, SH.resultPath, SH.value, SH.sourceConstraintComponent, SH.resultSeverity)
    results = graph.objects(report, SH.result)
    return Counter(tuple(_named(graph.value(one, key)) for key in keys) for one in results)


def _named(node: Node | None) -> str:
    return "_" if isinstance(node, rdflib.BNode) else "" if node is None else node.n3()


@pytest.mark.filterwarnings("ignore")  # the tests hold ill-typed literals and odd shapes on purpose
@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_results_are_those_of_the_standard(file: Path, request: pytest.FixtureRequest) -> None:
    """Each result is what the test says, one by one, or the run is refused where it says Failure."""
    if file.stem in KNOWN:
        request.applymarker(pytest.mark.xfail(reason=KNOWN[file.stem], strict=True))
    manifest = read_graph([str(file)])  # as the data are read: literals keep their form
    expected: list[str | Counter[tuple[str, ...]]] = []
    actual: list[str | Counter[tuple[str, ...]]] = []
    for test in sorted(manifest.subjects(RDF.type, SHT.Validate), key=str):
        action, result = manifest.value(test, MF.action), manifest.value(test, MF.result)
        expected.append("failure" if result == SHT.Failure else results_of(manifest, result))
        data = read_graph([path_of(manifest.value(action, SHT.dataGraph))])
        shapes = read_graph([path_of(manifest.value(action, SHT.shapesGraph))])
        try:
            report, results = validate(data, Shapes(shapes))
            found = results_of(results, results.value(None, RDF.type, SH.ValidationReport))
            actual.append(found)
            assert (report.conforms, len(report.findings)) == (not found, sum(found.values()))
        except ValueError:
            actual.append("failure")

    assert actual == expected


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_every_result_is_explained(project: Project) -> None:
    """Whatever the W3C's tests find has a place, and a sentence or a message; explaining never fails."""
    without = []
    explained = 0
    for file in FILES:
        try:
            report = examine_files([str(file)], [str(file)], project).report
        except InputError:
            continue
        results = [one for one in report.findings if one.component]
        explained += len(results)
        without += [(file.stem, one.component) for one in results if not one.said or not one.title]
        without += [(file.stem, one.focus) for one in results if one.place is None or not one.place.line]

    assert explained > 150
    assert [(stem, what) for stem, what in without if not what.startswith('"')] == []
