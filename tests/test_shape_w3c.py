"""The W3C's SHACL tests as shapes to be reviewed: odd ones, of every kind, where they are at hand (in CI)."""

from pathlib import Path
from typing import Final

import pytest
import rdflib

from lungkg.errors import InputError
from lungkg.shapes.coverage import cover, uncovered
from lungkg.shapes.difference import differences
from lungkg.shapes.hierarchy import Hierarchy
from lungkg.shapes.library import Library
from lungkg.shapes.lint import Terms, lint
from lungkg.shapes.mutants import mutants
from lungkg.shapes.reading import read_library
from lungkg.shapes.sample import files_sample

FOLDER: Final = Path(__file__).parents[2] / "shared" / "w3c" / "shacl"
FILES: Final = [path for path in sorted(FOLDER.rglob("*.ttl")) if path.name != "manifest.ttl"]
NOTHING: Final = Terms(frozenset(), (), Hierarchy([]), frozenset())

pytestmark = pytest.mark.skipif(not FILES, reason="the W3C's SHACL tests (../shared/w3c/shacl) are not at hand")

TRIPPING: Final = {
    "node/qualified-001-shapes.ttl": {"idle-parameter", "unsatisfiable-bounds"},
    "property/nodeKind-001.ttl": {"unsatisfiable-kind"},
    "property/qualifiedValueShape-001.ttl": {"unknown-shacl-term"},
    "misc/deactivated-001.ttl": {"shape-not-used"},
    "pre-binding/unsupported-sparql-001.ttl": {"query-forbidden"},
    "pre-binding/unsupported-sparql-002.ttl": {"query-forbidden"},
    "pre-binding/unsupported-sparql-003.ttl": {"query-forbidden"},
}
"""The files with a violation on purpose; what the tests' own vocabulary does not declare is left out."""


def shapes_of(file: Path) -> Library:
    """The shapes of a file; a file of data has none."""
    try:
        return read_library([str(file)])
    except InputError:
        return Library.of(rdflib.Graph())


@pytest.mark.filterwarnings("ignore")  # the tests hold ill-typed literals and odd shapes on purpose
@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_every_shape_of_the_standard_can_be_reviewed(file: Path) -> None:
    """Lint, mutants, counts and differences come to an end, and lint has no fault to find that is none."""
    library = shapes_of(file)

    found = lint(library, NOTHING)
    made = list(mutants(library, NOTHING.hierarchy))
    changed = differences(library, shapes_of(file), NOTHING.hierarchy)

    faults = {one.check for one in found if one.severity == "Violation" and not one.check.startswith("undeclared")}
    assert faults == TRIPPING.get(f"{file.parent.name}/{file.name}", set())
    assert all(one.change for one in made)
    assert changed == []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "file", [path for path in FILES if "core" in path.parts][::9], ids=lambda file: f"{file.parent.name}/{file.stem}"
)
def test_coverage_of_the_core_comes_to_an_end(file: Path) -> None:
    """Numbers are counted for every constraint, and what stands out is told."""
    library = shapes_of(file)

    counted = cover(library, NOTHING.hierarchy, files_sample([str(file)], []))

    assert all(row.targets >= 0 and row.values >= 0 for row in counted.rows)
    assert all(one.message for one in uncovered(library, counted))
