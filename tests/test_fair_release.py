"""The checks of FAIRness over releases: at a build, by `lungkg check fair`, and at /status/fair."""

import csv
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from lungkg.build import Build, build
from lungkg.cli.probe import assess_release, staged
from lungkg.engines import Engine, LocalEngine
from lungkg.fair import CHECKS, Assessment, Standing, load_assessment
from lungkg.fair.writing import EARL
from lungkg.limits import ONE_QUERY
from lungkg.project import Project, load_project
from lungkg.queries import load_catalogue
from lungkg.release import Release, current
from lungkg.web import create_app
from lungkg.web.cache import AnswerCache
from lungkg.web.service import Served, Service
from tests.commands import lungkg

GOLDEN: Final = Path(__file__).parent / "golden" / "fair.csv"
BAKERY: Final = Path(__file__).parent / "other_project"
DAY: Final = "2026-11-26"
FORMS: Final = {
    "ttl": ("text/turtle", ox.RdfFormat.TURTLE),
    "jsonld": ("application/ld+json", ox.RdfFormat.JSON_LD),
    "nt": ("application/n-triples", ox.RdfFormat.N_TRIPLES),
    "rdf": ("application/rdf+xml", ox.RdfFormat.RDF_XML),
}


@pytest.fixture(scope="module")
def examined(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A build of the real project with the checks."""
    return build(project, tmp_path_factory.mktemp("examined"), probe=staged)


@pytest.fixture(scope="module")
def found(examined: Build) -> Assessment:
    """What the checks found."""
    assert examined.fair is not None
    return examined.fair


@pytest.fixture(scope="module")
def home(examined: Build) -> Path:
    """The folder of releases that the build wrote into."""
    assert examined.release is not None
    return examined.release.path.parents[1]


@pytest.fixture(scope="module")
def visitor(examined: Build, project: Project) -> Iterator[FlaskClient]:
    """A client of the web application over that release."""
    assert examined.release is not None
    with LocalEngine(examined.release.store, project.prefixes, ONE_QUERY) as engine:
        served = Served(engine, project, examined.release, load_catalogue(project), AnswerCache(4))
        yield create_app(Service(served)).test_client()


def table(found: Assessment) -> str:
    """Write how each check stands, and what its failures are about."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["check", "standing", "about"])
    for result in found.results:
        for about in sorted({failure.about for failure in result.failures}) or [""]:
            rows.writerow([result.check, result.standing(DAY), about])
    return text.getvalue()


# Builds


def test_the_real_project_stands_as_it_did(found: Assessment, request: pytest.FixtureRequest) -> None:
    """Each check of each list, with what its failures are about: what gets worse is seen, and what gets better."""
    if request.config.getoption("--write-golden"):
        GOLDEN.write_text(table(found), encoding="utf-8")

    assert table(found).splitlines() == GOLDEN.read_text("utf-8").splitlines()


def test_every_failure_of_the_real_project_has_a_reason(found: Assessment) -> None:
    """What cannot pass truthfully is waived; no waiver is left over."""
    failing = [result.check for result in found.results if result.standing(DAY) is Standing.FAILED]

    assert (failing, found.idle_waivers()) == ([], [])


def test_a_build_keeps_what_the_checks_found_beside_the_release(examined: Build) -> None:
    """fair.json in the folder of the release."""
    assert examined.release is not None
    assert load_assessment(examined.release.path) == examined.fair


def test_the_checks_do_not_change_the_release(examined: Build, release: Release) -> None:
    """The id depends on the sources alone, checked or not."""
    assert examined.release is not None
    assert (examined.release.id, load_assessment(release.path)) == (release.id, None)


@pytest.mark.slow
def test_a_failing_check_does_not_stop_a_build(tmp_path: Path) -> None:
    """The bakery is at example.org, which promises nothing: it is published all the same."""
    made = build(load_project(BAKERY), tmp_path, probe=staged)

    assert made.release is not None
    assert made.fair is not None
    standings = {result.check: result.standing(DAY) for result in made.fair.results}
    assert (standings["PURL1"], standings["HTTP1"]) == (Standing.FAILED, Standing.PASSED)


@pytest.mark.slow
def test_a_build_says_how_its_release_stands(tmp_path: Path) -> None:
    """One line, with the checks that fail."""
    run = lungkg("build", "--project", BAKERY, "--out", tmp_path)

    (line,) = [line for line in run.stdout.decode().splitlines() if "checks of FAIRness" in line]
    assert run.returncode == 0
    assert line.startswith(f"{len(CHECKS)} checks of FAIRness: ")
    assert "(failed: PURL1, " in line


@pytest.mark.slow
def test_another_base_is_judged_as_another_base(project: Project, tmp_path: Path) -> None:
    """A dataset on localhost has no lasting identifier; the vocabulary stays where it is."""
    made = build(load_project(project.root, "http://localhost:8080/"), tmp_path, probe=staged)

    assert made.fair is not None
    standings = {result.check: result.standing(DAY) for result in made.fair.results}
    assert (standings["PURL1"], standings["FsF-F1-02MD-1"]) == (Standing.PASSED, Standing.FAILED)


def test_a_wrong_waiver_stops_a_build(tmp_path: Path) -> None:
    """It is a mistake in the sources, told with its place."""
    root = Path(shutil.copytree(BAKERY, tmp_path / "bakery"))
    (root / "data" / "waivers.yaml").write_text("waivers:\n- {check: PURL2, reason: r, by: b, until: 2030-01-01}\n")

    run = lungkg("build", "--project", root, "--out", tmp_path / "out")

    assert run.returncode == 2
    assert "waivers.yaml:2:11: there is no check 'PURL2' Did you mean" in run.told
    assert current(tmp_path / "out") is None


def test_a_page_that_breaks_is_a_failure_and_no_stack_trace(
    release: Release, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server that the checks ask answers 500, as the real one does."""

    def broken(*_: Any, **__: Any) -> str:
        raise RuntimeError("broken")

    monkeypatch.setattr("lungkg.web.pages.render_template", broken)
    with staged(release, project) as fetch:
        assert fetch("/", "text/html").status == 500
        assert fetch("/health/live", "*/*").status == 200


def test_of_data_the_beginning_is_read(release: Release, project: Project) -> None:
    """A check looks whether data can be had, and need not hold all of it."""
    with staged(release, project) as fetch:
        assert fetch("/", "text/html", 10).body == b"<!doctype "


# Command line


def test_the_table_is_printed(home: Path, project: Project) -> None:
    """A line for each check with how it stands, and a sentence at the end; nothing fails, so it ends with 0."""
    run = lungkg("check", "fair", "--project", project.root, "--out", home)

    lines = run.stdout.decode().splitlines()
    assert run.returncode == 0
    assert {line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "} == set(CHECKS)
    assert "waived until 2027-11-30 by lungkg curators: No DOI is registered" in run.stdout.decode()
    assert lines[-1].startswith(f"{len(CHECKS)} checks of FAIRness: ")


def test_the_table_in_json(home: Path, project: Project) -> None:
    """For scripts: each check with its standing of the day, and the counts."""
    run = lungkg("check", "fair", "--project", project.root, "--out", home, "--format", "json")

    content = json.loads(run.stdout)
    assert [entry["check"] for entry in content["checks"]] == list(CHECKS)
    assert sum(content["counts"].values()) == len(CHECKS)
    assert {entry["standing"] for entry in content["checks"]} <= {standing.value for standing in Standing}


def test_the_table_in_turtle(home: Path, project: Project) -> None:
    """EARL, and nothing else on standard output."""
    run = lungkg("check", "fair", "--project", project.root, "--out", home, "--format", "turtle")

    read = list(ox.parse(run.stdout, format=ox.RdfFormat.TURTLE))
    assert sum(str(quad.object) == f"<{EARL}Assertion>" for quad in read) == len(CHECKS)


@pytest.mark.slow
def test_a_failure_ends_with_one(tmp_path: Path) -> None:
    """And says what is wrong and what to do."""
    run = lungkg("check", "fair", "--project", BAKERY, "--out", tmp_path)

    assert run.returncode == 1
    assert "example.org is none of those services" in run.stdout.decode()
    assert "Publish under a base at w3id.org" in run.stdout.decode()


@pytest.mark.slow
def test_a_release_is_checked_once_after_it_was_published(tmp_path: Path) -> None:
    """The same is found as in a build, and what is there already stays."""
    bakery = load_project(BAKERY)
    later, before = build(bakery, tmp_path / "later").release, build(bakery, tmp_path / "before", probe=staged)
    assert later is not None

    assess_release(later, bakery)
    found = load_assessment(later.path)
    Assessment(()).save(later.path)
    assess_release(later, bakery)

    assert (found, load_assessment(later.path)) == (before.fair, Assessment(()))


@pytest.mark.slow
def test_a_release_without_the_checks_is_checked(tmp_path: Path) -> None:
    """One that was built by other means has no fair.json."""
    build(load_project(BAKERY), tmp_path)

    run = lungkg("check", "fair", "--project", BAKERY, "--out", tmp_path, "--format", "json")

    assert run.returncode == 1
    assert [entry["check"] for entry in json.loads(run.stdout)["checks"]] == list(CHECKS)


# Web


def test_people_get_a_page(visitor: FlaskClient) -> None:
    """A row for each check, and the ways to the other forms."""
    response = visitor.get("/status/fair", headers={"Accept": "text/html"})

    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert [check for check in CHECKS if f'<tr id="{check}">' not in response.text] == []
    assert 'href="/status/fair.ttl"' in response.text
    assert "none is made up" in response.text


@pytest.mark.parametrize("suffix", FORMS)
def test_programs_get_rdf(visitor: FlaskClient, suffix: str) -> None:
    """By Accept and by suffix the same bytes, in each form the same triples."""
    media_type, form = FORMS[suffix]

    negotiated = visitor.get("/status/fair", headers={"Accept": media_type})
    fixed = visitor.get(f"/status/fair.{suffix}")

    assert negotiated.data == fixed.data
    assert negotiated.mimetype == media_type
    assert negotiated.headers["Content-Location"] == f"/status/fair.{suffix}"
    expected = {quad.triple for quad in ox.parse(visitor.get("/status/fair.nt").data, format=ox.RdfFormat.N_TRIPLES)}
    assert {quad.triple for quad in ox.parse(fixed.data, format=form)} == expected


def test_the_json_is_the_file_of_the_release(visitor: FlaskClient, examined: Build) -> None:
    """As a build wrote it."""
    assert examined.release is not None
    assert visitor.get("/status/fair.json").data == (examined.release.path / "fair.json").read_bytes()


@pytest.mark.parametrize("path", ["/status/fair.ttl", "/status/fair.html", "/status/fair.json"])
def test_what_did_not_change_is_not_sent_again(visitor: FlaskClient, path: str) -> None:
    """Each form has an entity tag of its own."""
    tag = visitor.get(path).headers["ETag"]

    assert visitor.get(path, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("path", "accept", "status", "part"),
    [
        pytest.param("/status/fair.csv", "*/*", 404, "there are .ttl, .jsonld, .nt, .rdf, .html, .json", id="suffix"),
        pytest.param("/status/fair", "image/png", 406, "turtle", id="not-acceptable"),
    ],
)
def test_what_there_is_not_is_told(visitor: FlaskClient, path: str, accept: str, status: int, part: str) -> None:
    """A problem that lists what there is."""
    response = visitor.get(path, headers={"Accept": accept})

    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert part in response.get_json(force=True)["detail"]


def test_a_release_without_the_checks_says_so(client: FlaskClient) -> None:
    """404, and what to do."""
    response = client.get("/status/fair")

    assert response.status_code == 404
    assert "lungkg build" in response.get_json(force=True)["detail"]


def test_results_that_cannot_be_read_are_told_without_a_path(
    release: Release, project: Project, engine: Engine, tmp_path: Path
) -> None:
    """503, and nothing of the machine."""
    (tmp_path / "release.json").write_bytes((release.path / "release.json").read_bytes())
    (tmp_path / "fair.json").write_text("[]", encoding="utf-8")
    app = create_app(Service(Served(engine, project, Release(tmp_path), load_catalogue(project))))

    response = app.test_client().get("/status/fair")

    assert (response.status_code, str(tmp_path) in response.text) == (503, False)
    assert "build the release again" in response.get_json(force=True)["detail"]


def test_links_have_the_mount_prefix(visitor: FlaskClient) -> None:
    """Behind a proxy that gives the server a part of its paths."""
    response = visitor.get("/status/fair", headers={"Accept": "text/html"}, environ_overrides={"SCRIPT_NAME": "/kg"})

    assert 'href="/kg/status/fair.ttl"' in response.text
    assert 'href="/status' not in response.text
    assert response.headers["Content-Location"] == "/kg/status/fair.html"


def test_a_waiver_that_ran_out_is_shown_as_a_failure(
    examined: Build, project: Project, engine: Engine, tmp_path: Path
) -> None:
    """The page judges by the day that it is read on."""
    assert examined.release is not None
    folder = Path(shutil.copytree(examined.release.path, tmp_path / "release"))
    content = json.loads((folder / "fair.json").read_text("utf-8"))
    for entry in content["checks"]:
        entry["waiver"] = entry["waiver"] and {**entry["waiver"], "until": "2020-01-01"}
    (folder / "fair.json").write_text(json.dumps(content), "utf-8")
    app = create_app(Service(Served(engine, project, Release(folder), load_catalogue(project))))

    page = app.test_client().get("/status/fair.html").text

    assert "The waiver ran out on" in page
    assert "<dt>waived</dt><dd>0</dd>" in page


def test_the_page_of_the_dataset_leads_to_the_checks(visitor: FlaskClient) -> None:
    """Whoever wonders whether to trust the data finds how it was checked."""
    assert 'href="/status/fair"' in visitor.get("/dataset.html").text
