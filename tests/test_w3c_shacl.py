"""The W3C's SHACL tests, run through `lungkg validate`, where they are at hand (../shared/w3c, in CI)."""

from pathlib import Path
from typing import Final

import pytest
import rdflib
from rdflib import RDF, SH
from rdflib.term import Node

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


@pytest.mark.filterwarnings("ignore")  # the tests hold ill-typed literals and odd shapes on purpose
@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_conformance_is_that_of_the_standard(file: Path, request: pytest.FixtureRequest) -> None:
    """sh:conforms is what the test says, or the run is refused where it says Failure."""
    if file.stem in KNOWN:
        request.applymarker(pytest.mark.xfail(reason=KNOWN[file.stem], strict=True))
    manifest = rdflib.Graph().parse(file, publicID=file.as_uri())
    expected, actual = [], []
    for test in sorted(manifest.subjects(RDF.type, SHT.Validate), key=str):
        action, result = manifest.value(test, MF.action), manifest.value(test, MF.result)
        conforms = manifest.value(result, SH.conforms)
        expected.append("failure" if result == SHT.Failure else str(conforms))
        data = read_graph([path_of(manifest.value(action, SHT.dataGraph))])
        shapes = read_graph([path_of(manifest.value(action, SHT.shapesGraph))])
        try:
            actual.append(str(validate(data, Shapes(shapes))[0].conforms).lower())
        except ValueError:
            actual.append("failure")

    assert actual == expected
