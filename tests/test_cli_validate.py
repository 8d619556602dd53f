"""`lungkg validate` on the command line: what is examined, what is printed where, and the exit codes."""

import json
import shutil
from pathlib import Path

import pytest
import rdflib
from click.testing import CliRunner, Result
from rdflib import SH

from lungkg.cli import cli
from lungkg.cli.check import coloured

HERE = Path(__file__).parent
SHAPE = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <https://example.org/> .
ex:T a <http://www.w3.org/2000/01/rdf-schema#Class> . ex:p a <http://www.w3.org/1999/02/22-rdf-syntax-ns#Property> .
ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:property ex:P .
ex:P sh:path ex:p ; sh:minCount 1 ; sh:message "say p" ; sh:severity sh:SEVERITY .
"""
BAD = "@prefix ex: <https://example.org/> .\n\nex:a a ex:T .\nex:b a ex:T .\n"
GOOD = BAD.replace(" .\nex:b", " ; ex:p 1 .\nex:b").replace("ex:b a ex:T .", "ex:b a ex:T ; ex:p 2 .")


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with data and shapes, which is the current one."""
    (tmp_path / "bad.ttl").write_text(BAD)
    (tmp_path / "good.ttl").write_text(GOOD)
    for severity in ("Violation", "Warning", "Info"):
        (tmp_path / f"{severity}.ttl").write_text(SHAPE.replace("SEVERITY", severity))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str | Path, stdin: str | None = None) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(cli, ["validate", *map(str, words)], input=stdin)


CODES = {
    "conforms": (["good.ttl", "--shapes", "Violation.ttl"], 0),
    "violation": (["bad.ttl", "--shapes", "Violation.ttl"], 1),
    "any-result-is-non-conformance": (["bad.ttl", "--shapes", "Info.ttl"], 1),
    "only-violations-fail": (["bad.ttl", "--shapes", "Warning.ttl", "--fail-on", "violation"], 0),
    "violations-fail": (["bad.ttl", "--shapes", "Violation.ttl", "--fail-on", "violation"], 1),
    "warnings-fail": (["bad.ttl", "--shapes", "Warning.ttl", "--fail-on", "warning"], 1),
    "info-is-less-than-a-warning": (["bad.ttl", "--shapes", "Info.ttl", "--fail-on", "warning"], 0),
    "info-fails": (["bad.ttl", "--shapes", "Info.ttl", "--fail-on", "info"], 1),
    "unreadable": (["broken.ttl", "--shapes", "Violation.ttl"], 2),
    "unreadable-shapes": (["good.ttl", "--shapes", "broken.ttl"], 2),
}


@pytest.mark.parametrize("name", ["text", "sarif", "junit"])
@pytest.mark.parametrize(("words", "code"), CODES.values(), ids=CODES.keys())
def test_exit_codes(files: Path, words: list[str], code: int, name: str) -> None:
    """0 conforms, 1 does not, 2 cannot be read; the same in every format, and the report is always there."""
    (files / "broken.ttl").write_text("<a:a> <a:b> .\n")

    done = run(*words, "--format", name)

    assert code == done.exit_code
    assert done.output


def test_a_file_that_cannot_be_read_is_told_on_standard_error(files: Path) -> None:
    """For people the line and the mend; standard output has no report of what was not checked."""
    (files / "broken.ttl").write_text("ex:a ex:p ex:b .\n")

    done = run("broken.ttl", "--shapes", "Violation.ttl")

    assert (2, "") == (done.exit_code, done.stdout)
    assert "broken.ttl:1:1: this is not Turtle: The prefix ex: has not been declared" in done.stderr
    assert "    1 | ex:a ex:p ex:b .\n      | ^^^^\n" in done.stderr
    assert "@prefix ex: <https://example.org/> ." in done.stderr


def test_standard_input_has_lines(files: Path) -> None:
    """- is Turtle on standard input."""
    done = run("-", "--shapes", files / "Violation.ttl", stdin=BAD)

    assert 1 == done.exit_code
    assert "-:3:1: Violation: ex:a has no ex:p, but needs at least one." in done.stdout


def test_a_report_goes_to_a_file(files: Path) -> None:
    """--output writes the file and nothing to standard output."""
    done = run("bad.ttl", "--shapes", "Violation.ttl", "--format", "html", "--output", "report.html")

    assert (1, "") == (done.exit_code, done.output)
    assert "needs at least one" in (files / "report.html").read_text("utf-8")


def test_a_validation_report_is_standard_shacl_and_nothing_else(files: Path) -> None:
    """--format turtle prints what plain pySHACL would."""
    done = run(files / "bad.ttl", "--shapes", "Violation.ttl", "--format", "turtle")

    graph = rdflib.Graph().parse(data=done.stdout, format="turtle")
    assert {"https://example.org/a", "https://example.org/b"} == {
        str(node) for node in graph.objects(None, SH.focusNode)
    }
    assert {str(SH.MinCountConstraintComponent)} == {
        str(node) for node in graph.objects(None, SH.sourceConstraintComponent)
    }


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        pytest.param(
            "a.ttl:1:1: Violation: x: Warning: y",
            "a.ttl:1:1: \x1b[31m\x1b[1mViolation\x1b[0m: x: Warning: y",
            id="severity",
        ),
        pytest.param("Info: x", "\x1b[34m\x1b[1mInfo\x1b[0m: x", id="without-place"),
        pytest.param("      |   ^^^", "      |   \x1b[32m\x1b[1m^^^\x1b[0m", id="marker"),
        pytest.param("    7 | x ^^^", "    7 | x ^^^", id="source-line"),
        pytest.param('    rule:  "Violation: x"', '    rule:  "Violation: x"', id="words"),
    ],
)
def test_severities_and_markers_have_colours_on_a_terminal(line: str, shown: str) -> None:
    """And nothing else has; a pipe or a file gets none."""
    assert f"{shown}\n".encode() == coloured(f"{line}\n".encode())


def test_groups_and_limits(files: Path) -> None:
    """A large report is grouped, and says how much of it is shown."""
    done = run("bad.ttl", "--shapes", files / "Violation.ttl", "--group", "shape", "--limit", "1")

    assert "ex:P: 2\n" in done.stdout
    assert "… and 1 more\n" in done.stdout
    assert "1 findings are not shown" in done.stdout


@pytest.fixture(scope="module")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The other project with its claims and entities in YAML, and a fault in each."""
    root = tmp_path_factory.mktemp("bakery") / "project"
    shutil.copytree(HERE / "other_project", root)
    for name, file in (("entities", "data/entities"), ("claims", "data/documents/leaflet-01/claims")):
        (root / f"{file}.jsonl").unlink()
        text = (HERE / "fixtures" / "planted" / f"{name}.yaml").read_text("utf-8")
        text = text.replace("alt_labels: [CP]", "alt_labels: [cold proofing]").replace(
            "subject: bread-flour", "subject: loaf"
        )
        (root / f"{file}.yaml").write_text(text, "utf-8")
    return root


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "places"),
    [
        pytest.param([], {"data/entities.yaml:21", "data/documents/leaflet-01/claims.yaml:48"}, id="all-of-it"),
        pytest.param(["data/entities.yaml"], {"data/entities.yaml:21"}, id="one-file"),
        pytest.param(["data/documents"], {"data/documents/leaflet-01/claims.yaml:48"}, id="a-folder"),
        pytest.param(["data/entities.yaml", "shapes"], {"data/entities.yaml:21"}, id="with-rdf"),
    ],
)
def test_sources_of_a_project_are_examined(
    bakery: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], places: set[str]
) -> None:
    """The project is built without publishing; only what was asked for is shown, and the rest is mentioned."""
    monkeypatch.chdir(bakery)

    done = run(*words, "--format", "json")

    report = json.loads(done.stdout)
    found = {one["place"].rpartition(":")[0] for one in report["results"] if one["severity"] == "Violation"}
    assert (1, places) == (done.exit_code, found)
    assert (not words) is not any("in other files of the project" in note for note in report["notes"])
    assert not (bakery / "build" / "current").exists()


@pytest.mark.slow
def test_a_claim_in_yaml_shows_its_words(bakery: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A finding about a claim has document, offsets and quote wherever the claim was written."""
    monkeypatch.chdir(bakery)

    done = run("data/documents", "--format", "json")

    (words,) = {tuple(one["words"].values()) for one in json.loads(done.stdout)["results"] if one["words"]}
    assert words[0].endswith("/id/document/leaflet-01")
    assert words[3].startswith("In brioche, steaming keeps")
