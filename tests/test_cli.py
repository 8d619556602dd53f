"""The command line: what it prints, and its exit codes (0 ok, 1 does not conform, 2 bad input, 3 engine or system)."""

import csv
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import rdflib

from lungkg.project import Project
from lungkg.release import Release

COUNT = "SELECT (COUNT(?c) AS ?n) WHERE { ?c a <https://w3id.org/lungkg/ont#Claim> }"
ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "tests" / "examples"
SHAPE = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.org/> .
ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:property ex:P . ex:P sh:path ex:p ; sh:minCount 1 ; sh:message "say p" .
"""
GOOD = "@prefix ex: <http://example.org/> . ex:T a <http://www.w3.org/2002/07/owl#Class> . ex:a a ex:T ; ex:p 1 ."
BAD = "@prefix ex: <http://example.org/> . ex:T a <http://www.w3.org/2002/07/owl#Class> . ex:a a ex:T ."


def lungkg(*words: str | Path, cwd: Path | None = None, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, as a user does."""
    command = [sys.executable, "-c", "from lungkg.cli import main; main()", *map(str, words)]
    environment = {**os.environ, "COLUMNS": "200"}
    return subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, text=True, check=False, env=environment)


@pytest.fixture(scope="module")
def out(release: Release) -> Path:
    """The folder of a finished build."""
    return release.path.parents[1]


@pytest.mark.parametrize("command", ["build", "validate", "reason", "query", "sparql", "serve", "check"])
def test_every_command_has_help(command: str) -> None:
    """--help says what a command does and exits with 0."""
    run = lungkg(command, "--help")

    assert (run.returncode, run.stderr) == (0, "")
    assert "Usage:" in run.stdout


def test_build_prints_a_summary(tmp_path: Path, copied: Path) -> None:
    """A build tells documents, sentences, claims, entities, inferred, triples a graph, results and the release."""
    run = lungkg("build", "--project", copied, "--out", tmp_path / "out")

    assert run.returncode == 0
    words = {tuple(line.split()[:2]) for line in run.stdout.splitlines()}
    assert {("documents", "1"), ("sentences", "14"), ("claims", "44"), ("entities", "55"), ("inferred", "7")} <= words
    assert {("graph", "claims"), ("graph", "inferred"), ("Violation", "0"), ("Warning", "0")} <= words
    assert run.stdout.splitlines()[-1].startswith("release ")


def test_query_answers_from_the_newest_release(out: Path) -> None:
    """The mission's question on the command line shows the extrapolation and what it rests on."""
    run = lungkg(
        "query", "--out", out, "promotes-in",
        "--entity", "mesenchymal-stem-cell", "--context", "idiopathic-pulmonary-fibrosis",
    )  # fmt: skip

    assert run.returncode == 0
    rows = list(csv.DictReader(io.StringIO(run.stdout)))
    (row,) = [r for r in rows if (r["promoted"], r["standing"]) == ("tissue regeneration", "extrapolated")]
    assert (row["start"], row["end"], row["citations"]) == ("1723", "1837", "8, 14")


def test_query_without_a_name_lists_the_queries() -> None:
    """The questions are listed with their names."""
    run = lungkg("query", "--help")

    assert "what-does" in run.stdout
    assert "What does an entity do?" in run.stdout


def test_help_of_a_query_comes_from_its_header() -> None:
    """--help of a canned query shows the question and its parameters with examples."""
    run = lungkg("query", "promotes-in", "--help")

    assert run.returncode == 0
    assert "What does an entity promote in a context?" in run.stdout
    assert "--context ENTITY" in run.stdout
    assert "for example IPF" in run.stdout


def test_sparql_reads_arguments_files_and_standard_input(out: Path, tmp_path: Path) -> None:
    """The three ways to give a query give the same answer."""
    (tmp_path / "q.rq").write_text(COUNT)
    runs = [
        lungkg("sparql", "--out", out, COUNT),
        lungkg("sparql", "--out", out, "--file", tmp_path / "q.rq"),
        lungkg("sparql", "--out", out, "--file", "-", stdin=COUNT),
    ]

    assert [(run.returncode, run.stdout.split()) for run in runs] == [(0, ["n", "44"])] * 3


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        pytest.param(["sparql", "SELECT * {"], 2, "error: line 1", id="malformed-query"),
        pytest.param(["sparql", "CLEAR ALL"], 2, "updates are refused", id="update"),
        pytest.param(["sparql", COUNT, "--format", "turtle"], 2, "cannot be written", id="wrong-format"),
        pytest.param(["sparql"], 2, "argument or with --file", id="no-query"),
        pytest.param(["sparql", "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", "--timeout", "0.3"], 3, "0.3 seconds", id="deadline"),
        pytest.param(["query", "what-is"], 2, "there is no canned query 'what-is'; did you mean what-does", id="unknown-query"),
        pytest.param(["query", "what-does"], 2, "parameter entity: is missing", id="missing-parameter"),
        pytest.param(["query", "what-does", "--entity", "long"], 2, "did you mean lung", id="unknown-entity"),
        pytest.param(["query", "what-does", "--colour", "red"], 2, "No such option", id="unknown-parameter"),
        pytest.param(["build", "--project", "/nowhere"], 2, "/nowhere/data/project.yaml: this file is missing", id="no-project"),
        pytest.param(["build", "--base", "lungs"], 2, "must start with http", id="bad-base"),
        pytest.param(["validate", "/nowhere.ttl"], 2, "/nowhere.ttl: this file is missing", id="no-data"),
        pytest.param(["validate", "--format", "turtle", "--limit", "3"], 2, "ValidationReport is whole", id="part-of-a-report"),
        pytest.param(["validate", "--shapes", "s.ttl"], 2, "--shapes needs DATA", id="shapes-for-a-project"),
        pytest.param(["validate", "--project", str(ROOT), __file__], 2, "the suffix says no RDF format", id="no-rdf"),
        pytest.param(["validate", "--project", str(ROOT / "tests" / "other_project"), str(ROOT / "data" / "entities.yaml")], 2, "is no part of the project", id="of-another-project"),
        pytest.param(["validate", "--output", "/nowhere/report.html"], 2, "the folder of this file does not exist", id="nowhere-to-write"),
        pytest.param(["frobnicate"], 2, "No such command", id="unknown-command"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_one_sentence_and_an_exit_code(out: Path, words: list[str], code: int, part: str) -> None:
    """Bad input ends with 2, a stopped query with 3; there is never a stack trace."""
    places = ["--out", str(out)] if words[0] in ("sparql", "query") else []

    run = lungkg(words[0], *places, *words[1:])

    assert (run.returncode, run.stdout) == (code, "")
    assert part in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("data", "code", "conforms"),
    [pytest.param(GOOD, 0, True, id="conforming"), pytest.param(BAD, 1, False, id="not-conforming")],
)
def test_validate_answers_by_its_exit_code(tmp_path: Path, data: str, code: int, conforms: bool) -> None:
    """The exit code is 1 exactly when sh:conforms is false, in every format."""
    (tmp_path / "d.ttl").write_text(data)
    (tmp_path / "s.ttl").write_text(SHAPE)
    words = ("validate", tmp_path / "d.ttl", "--shapes", tmp_path / "s.ttl")

    text, report, turtle = lungkg(*words), lungkg(*words, "--format", "json"), lungkg(*words, "--format", "turtle")

    assert [run.returncode for run in (text, report, turtle)] == [code] * 3
    assert json.loads(report.stdout)["conforms"] is conforms
    graph = rdflib.Graph().parse(data=turtle.stdout, format="turtle")
    assert [value.toPython() for value in graph.objects(None, rdflib.SH.conforms)] == [conforms]  # type: ignore[attr-defined]
    assert ("say p" in text.stdout) is not conforms


def test_validate_reads_standard_input_and_folders(tmp_path: Path) -> None:
    """- is Turtle on standard input; a folder stands for the RDF files in it."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "d.ttl").write_text(BAD)
    (tmp_path / "s.ttl").write_text(SHAPE)

    codes = [
        lungkg("validate", "-", "--shapes", tmp_path / "s.ttl", stdin=GOOD).returncode,
        lungkg("validate", tmp_path / "data", "--shapes", tmp_path / "s.ttl").returncode,
    ]

    assert codes == [0, 1]


def test_validate_uses_the_project_shapes_by_default() -> None:
    """A failing example of ours fails on the command line, too, and names the shape."""
    example = next((EXAMPLES / "ClaimShape").glob("fail-minCount-*.ttl"))

    run = lungkg("validate", EXAMPLES / "common.ttl", example)

    assert run.returncode == 1
    assert "https://w3id.org/lungkg/shapes#" in run.stdout


def test_lint_counts_only_when_strict(tmp_path: Path) -> None:
    """A misspelt sh: term is listed; it changes the exit code only with --strict."""
    (tmp_path / "d.ttl").write_text(GOOD)
    (tmp_path / "s.ttl").write_text(SHAPE.replace("sh:minCount 1", "sh:minCount 1 ; sh:mincount 2"))
    words = ("validate", tmp_path / "d.ttl", "--shapes", tmp_path / "s.ttl")

    lax, strict = lungkg(*words), lungkg(*words, "--strict")

    assert (lax.returncode, strict.returncode) == (0, 1)
    assert "mincount is not a term of SHACL" in lax.stdout


def test_broken_turtle_has_its_line(tmp_path: Path) -> None:
    """Data that is no Turtle is bad input, with file, line and column."""
    (tmp_path / "d.ttl").write_text("@prefix ex: <http://example.org/> .\nex:a ex:b ;;; .\n")

    run = lungkg("validate", tmp_path / "d.ttl")

    assert run.returncode == 2
    assert f"{tmp_path / 'd.ttl'}:2:11: this is not Turtle" in run.stderr


def test_build_of_data_that_does_not_conform_ends_with_1(copied: Path, tmp_path: Path) -> None:
    """A violation is printed with its place, its claim and its message, and the exit code is 1."""
    claims = copied / "data/documents/000_a5af86fa0d89168c/claims.yaml"
    text = claims.read_text("utf-8")
    claims.write_text(
        text.replace("subject: stem-cell\n    relation: regenerates", "subject: asthma\n    relation: regenerates", 1)
    )

    run = lungkg("build", "--project", copied, "--out", tmp_path / "out")

    assert run.returncode == 1
    assert "claims.yaml:102:14: Violation: This kind of subject cannot stand before this relation" in run.stdout
    assert "000_a5af86fa0d89168c-C08" in run.stdout
    assert "not published" in run.stderr


def test_a_question_is_answered_from_the_release_before_when_sources_break(copied: Path, tmp_path: Path) -> None:
    """Sources that break a shape, or do not read, are told on standard error; the answer is the old one."""
    out, claims = tmp_path / "out", copied / "data/documents/000_a5af86fa0d89168c/claims.yaml"
    words = ("sparql", "--project", copied, "--out", out, COUNT)
    text = claims.read_text("utf-8")
    runs = [lungkg(*words)]
    for spoilt in (text.replace("subject: stem-cell\n", "subject: asthma\n", 1), text.replace("id: C02", "id: C01", 1)):
        claims.write_text(spoilt, "utf-8")
        runs.append(lungkg(*words))

    assert [(run.returncode, run.stdout.split()) for run in runs] == [(0, ["n", "44"])] * 3
    assert ["using the release before" in run.stderr for run in runs] == [False, True, True]
    assert "Statement-subjectKind" in runs[1].stderr
    assert "already there" in runs[2].stderr


def test_another_base_never_falls_back_to_a_release_of_the_old_one(copied: Path, tmp_path: Path) -> None:
    """A release with other IRIs is no answer to what was asked for."""
    words = ("sparql", "--project", copied, "--out", tmp_path / "out")
    first = lungkg(*words, COUNT)
    shutil.rmtree(copied / "data" / "documents")

    second = lungkg(*words, "--base", "http://localhost/", COUNT)

    assert (first.returncode, second.returncode, second.stdout) == (0, 2, "")


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, process: subprocess.Popen[bytes]) -> bytes:
    """Ask until there is an answer; fails when the process ends first."""
    for _ in range(300):
        assert process.poll() is None
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - loopback
                return bytes(answer.read())
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError(f"no answer from {url}")


@pytest.mark.slow
def test_serve_builds_and_answers(copied: Path, tmp_path: Path, project: Project) -> None:
    """serve builds when there is no build, answers, and goes on with the release before when sources break."""
    out, port = tmp_path / "out", free_port()
    command = [sys.executable, "-c", "from lungkg.cli import main; main()", "serve", "--project", str(copied)]
    url = f"http://127.0.0.1:{port}/sparql?format=csv&query={urllib.request.quote(COUNT)}"  # type: ignore[attr-defined]
    answers = []
    for spoilt in (False, True):
        if spoilt:
            shutil.rmtree(copied / "data" / "documents")
        with subprocess.Popen([*command, "--out", str(out), "--port", str(port)]) as process:
            answers.append(wait_for(url, process))
            process.send_signal(signal.SIGINT)

    assert answers == [b"n\r\n44\r\n", b"n\r\n44\r\n"]
    assert project.base == "https://w3id.org/lungkg/"


@pytest.mark.slow
def test_a_port_in_use_is_a_clear_error(out: Path) -> None:
    """serve says that it cannot listen, with exit code 3."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        run = lungkg("serve", "--out", out, "--port", str(taken.getsockname()[1]))

    assert run.returncode == 3
    assert "cannot listen on 127.0.0.1" in run.stderr
