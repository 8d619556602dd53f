"""What shapes did in a release: counted by the build, kept beside the release, and equal to what a scan counts."""

import json
import shutil
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest

from lungkg.build import Build, build
from lungkg.errors import SystemProblem
from lungkg.namespaces import RDF, SH
from lungkg.partitions import measure, partitions
from lungkg.project import Project, load_project
from lungkg.release import Release
from lungkg.report import Finding
from lungkg.shapes import tally as tallies
from lungkg.shapes.coverage import cover
from lungkg.shapes.library import component_of
from lungkg.shapes.published import stored_shapes
from lungkg.shapes.sample import release_sample
from lungkg.shapes.tally import FILE, Tally, load_tally, name_of, tally, tally_release
from tests.odd_shapes import BAKERY, OWN, odd_project
from tests.shapes_at_hand import PREFIXES, terms

EX: Final = "http://example.org/"


@pytest.fixture(scope="module")
def baked(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A build of the other project, with a shape that warns."""
    folder = tmp_path_factory.mktemp("baked")
    made = build(odd_project(folder / "project"), folder / "out")
    assert made.release is not None, made.report.sorted()
    return made


@pytest.fixture
def copied_release(baked: Build, tmp_path: Path) -> Release:
    """A copy of that release, to be changed."""
    assert baked.release is not None
    folder = tmp_path / "release"
    shutil.copytree(baked.release.path, folder)
    return Release(folder)


def test_the_counts_are_those_of_a_scan(release: Release, project: Project) -> None:
    """Whether they were added up from partitions or asked of the store."""
    store = ox.Store.read_only(str(release.store))
    library = stored_shapes(store, project)
    scanned = cover(library, terms().hierarchy, release_sample(release, project.base))
    kept = load_tally(release.path)

    assert kept is not None
    assert kept.targets == {name_of(shape): n for shape, n in scanned.targets.items()}
    assert {row.constraint.key: kept.values[name_of(row.constraint.holder)] for row in scanned.rows} == {
        row.constraint.key: row.values for row in scanned.rows
    }


def test_what_the_build_found_is_kept(baked: Build) -> None:
    """By check and component, as in its report."""
    assert baked.release is not None
    kept = load_tally(baked.release.path)
    warnings = sum(finding.check == f"{OWN}Nameless-label" for finding in baked.report.findings)

    assert kept is not None
    assert (warnings > 0, kept.results) == (True, {f"<{OWN}Nameless-label>": {component_of("maxCount"): warnings}})


def test_every_shape_has_its_place(baked: Build) -> None:
    """From the folder of the project, or of the software for the core: never a path of this machine."""
    assert baked.release is not None
    kept = load_tally(baked.release.path)

    assert kept is not None
    assert kept.places["<https://example.org/bakery/shapes#IngredientShape>"] == "shapes/ingredient.ttl:10:1"
    assert kept.places["<https://w3id.org/lungkg/shapes#ClaimShape>"].startswith("shapes/core/claim.ttl:")
    assert [place for place in kept.places.values() if place.startswith("/")] == []


def test_equal_sources_give_equal_bytes(baked: Build, tmp_path: Path) -> None:
    """There is no clock in it."""
    assert baked.release is not None
    again = build(odd_project(tmp_path / "project"), tmp_path / "out")

    assert again.release is not None
    assert (again.release.path / FILE).read_bytes() == (baked.release.path / FILE).read_bytes()


def world(data: str, shapes: str) -> tuple[ox.Store, Project]:
    """A store as a build leaves it, with data and shapes in Turtle."""
    project = load_project(BAKERY)
    store = ox.Store()
    for name, text in (("entities", data), ("shapes", shapes)):
        graph = ox.NamedNode(f"{project.base}graph/{name}")
        for quad in ox.parse(PREFIXES + text, format=ox.RdfFormat.TURTLE):
            store.add(ox.Quad(quad.subject, quad.predicate, quad.object, graph))
    described = list(partitions(measure(store, []), f"{project.base}dataset", {"ex": EX}))
    metadata = ox.NamedNode(f"{project.base}graph/metadata")
    store.extend(ox.Quad(one.subject, one.predicate, one.object, metadata) for one in described)
    return store, project


TARGETING: Final = "ex:S a sh:NodeShape ; {} ; sh:property ex:P . ex:P sh:path {} ; sh:maxCount 9 ."
DATA: Final = """
ex:a a ex:C , ex:D ; ex:p 1 , 2 ; ex:q 2 . ex:b a ex:C ; ex:p 3 . ex:c a ex:E ; ex:p 4 . ex:E rdfs:subClassOf ex:C .
ex:z ex:p 7 , 8 , 9 .
"""


@pytest.mark.parametrize(
    ("target", "path", "expected"),
    [
        pytest.param("sh:targetClass ex:D", "ex:p", (1, 2), id="one-class"),
        pytest.param("sh:targetClass ex:C", "ex:p", (3, 4), id="with-those-below"),
        pytest.param("sh:targetClass ex:C , ex:D", "ex:p", (3, 4), id="a-node-in-two-classes"),
        pytest.param("sh:targetClass ex:D ; sh:targetNode ex:b", "ex:p", (2, 3), id="a-node-besides"),
        pytest.param(
            "sh:targetClass ex:C , ex:D ; sh:targetNode ex:z", "ex:p", (4, 7), id="as-many-as-the-classes-add-up-to"
        ),
        pytest.param("sh:targetSubjectsOf ex:q", "ex:p", (1, 2), id="no-class"),
        pytest.param("sh:targetClass ex:C", "[ sh:alternativePath ( ex:p ex:q ) ]", (3, 4), id="no-single-property"),
        pytest.param("sh:targetClass ex:Nothing", "ex:p", (0, 0), id="nothing-there"),
        pytest.param(f"sh:targetClass <{SH}NodeShape>", f"<{RDF}type>", (1, 1), id="among-the-shapes"),
    ],
)
def test_nodes_and_values_are_counted_once(target: str, path: str, expected: tuple[int, int]) -> None:
    """Partitions are added up only where that counts nothing twice."""
    made = tally(*world(DATA, TARGETING.format(target, path)))

    assert (made.targets[f"<{EX}S>"], made.values[f"<{EX}P>"]) == expected


def test_what_only_metadata_has_is_counted_too() -> None:
    """Its own descriptions are in no partition, yet shapes may be about them."""
    made = tally(*world(DATA, TARGETING.format("sh:targetClass <http://rdfs.org/ns/void#Dataset>", f"<{RDF}type>")))

    assert made.targets[f"<{EX}S>"] > 0
    assert made.values[f"<{EX}P>"] == made.targets[f"<{EX}S>"]


def test_what_is_in_metadata_as_well_is_not_taken_for_what_is_in_two_classes() -> None:
    """Though the numbers agree: a node too few in the partitions, and one that they count twice."""
    store, project = world(DATA, TARGETING.format("sh:targetClass ex:C , ex:D", "ex:p"))
    metadata = ox.NamedNode(f"{project.base}graph/metadata")
    for quad in ox.parse(f"{PREFIXES} ex:m a ex:C ; ex:p 5 , 6 , 7 .", format=ox.RdfFormat.TURTLE):
        store.add(ox.Quad(quad.subject, quad.predicate, quad.object, metadata))

    made = tally(store, project)

    assert (made.targets[f"<{EX}S>"], made.values[f"<{EX}P>"]) == (4, 7)


def test_long_ways_from_many_nodes_are_left_uncounted(monkeypatch: pytest.MonkeyPatch) -> None:
    """None rather than 0; what partitions have is counted all the same."""
    monkeypatch.setattr(tallies, "MOST_FOLLOWED", 2)
    shapes = TARGETING.format("sh:targetClass ex:C", "[ sh:alternativePath ( ex:p ex:q ) ]")

    made = tally(*world(DATA, f"{shapes} ex:S sh:property ex:R . ex:R sh:path ex:p ; sh:maxCount 9 ."))

    assert (made.values[f"<{EX}P>"], made.values[f"<{EX}R>"], made.targets[f"<{EX}S>"]) == (None, 4, 3)


def test_findings_are_counted_by_check_and_component() -> None:
    """Those that are waived also apart; what no shape found, not at all."""
    least = component_of("minCount")
    found = [
        Finding("Violation", f"{EX}P", "m", component=least, waived="until then"),
        Finding("Violation", f"{EX}P", "m", component=least),
        Finding("Warning", "some-lint", "m"),
    ]

    made = tally(*world(DATA, TARGETING.format("sh:targetClass ex:C", "ex:p")), found)

    assert (made.results, made.waived) == ({f"<{EX}P>": {least: 2}}, {f"<{EX}P>": {least: 1}})


def test_a_release_without_counts_gets_them(copied_release: Release) -> None:
    """An older one, when it is served; what its build found stays unknown."""
    kept = load_tally(copied_release.path)
    (copied_release.path / FILE).unlink()
    missing = load_tally(copied_release.path)

    tally_release(copied_release, load_project(BAKERY))

    made = load_tally(copied_release.path)
    assert missing is None
    assert made is not None
    assert kept is not None
    assert (made.targets, made.values, made.results) == (kept.targets, kept.values, None)


def test_counts_that_are_there_stay(copied_release: Release) -> None:
    """Nothing is counted twice."""
    Tally({"<x:S>": 1}, {}).save(copied_release.path)

    tally_release(copied_release, load_project(BAKERY))

    assert load_tally(copied_release.path) == Tally({"<x:S>": 1}, {})


def test_counts_of_another_version_are_none(tmp_path: Path) -> None:
    """They are made anew."""
    Tally({}, {}).save(tmp_path)
    content = json.loads((tmp_path / FILE).read_text("utf-8"))
    (tmp_path / FILE).write_text(json.dumps(content | {"version": 0}), "utf-8")

    assert load_tally(tmp_path) is None


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"version": 1}', '{"version": 1, "targets": {}, "colour": 1}'])
def test_a_file_that_is_none_is_told(text: str, tmp_path: Path) -> None:
    """With its path and what to do."""
    (tmp_path / FILE).write_text(text, "utf-8")

    with pytest.raises(SystemProblem, match=r"shapes\.json cannot be read.*build the release again"):
        load_tally(tmp_path)
