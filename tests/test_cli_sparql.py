"""`lungkg sparql` and `lungkg query`: what a terminal shows, what a pipe and a file get, and how they end."""

import errno
import io
import json
import os
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyoxigraph as ox
import pytest
from rich.console import Console

from lungkg.cli.output import lines_ended, write
from lungkg.cli.tables import ROWS_SHOWN, render, table
from lungkg.errors import EngineError, SystemProblem
from lungkg.release import Release
from lungkg.web.tables import read_answer
from tests.commands import COMMAND, lungkg, on_terminal
from tests.server import environment

ONT = "PREFIX ont: <https://w3id.org/lungkg/ont#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
COUNT = ONT + "SELECT (COUNT(?c) AS ?n) { ?c a ont:Claim }"
DESCRIBE = "DESCRIBE <https://w3id.org/lungkg/id/entity/lung>"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
PREFIXES = {"ex": "http://example.org/", "xsd": "http://www.w3.org/2001/XMLSchema#"}


@pytest.fixture(scope="module")
def out(release: Release) -> Path:
    """The folder of a finished build."""
    return release.path.parents[1]


# On a terminal -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_terminal_shows_a_table(out: Path) -> None:
    """IRIs are short, numbers stand at the right, and the rows are counted."""
    text = ONT + "SELECT ?level ?rank { ?level ont:certaintyRank ?rank } ORDER BY DESC(?rank) LIMIT 2"

    code, seen = on_terminal("sparql", "--out", out, text)

    assert code == 0
    assert seen.splitlines() == [
        "┏━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━┓",
        "┃ level                ┃ rank ┃",
        "┡━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━┩",
        "│ ont:Asserted         │    6 │",
        "│ ont:ReportedEvidence │    5 │",
        "└──────────────────────┴──────┘",
        "2 rows",
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("text", "expected"), [("ASK {}", "yes\n"), ("ASK { FILTER(false) }", "no\n")])
def test_a_terminal_shows_yes_or_no(out: Path, text: str, expected: str) -> None:
    """The answer to ASK is a word; the exit code is 0 either way."""
    assert on_terminal("sparql", "--out", out, text) == (0, expected)


@pytest.mark.slow
def test_a_terminal_shows_a_graph_as_turtle(out: Path) -> None:
    """What is seen is Turtle with the same triples, without prefixes that it does not use."""
    code, seen = on_terminal("sparql", "--out", out, DESCRIBE)

    raw = lungkg("sparql", "--out", out, DESCRIBE, "--format", "ntriples").stdout
    turtle, triples = seen.encode(), ox.RdfFormat.N_TRIPLES
    assert set(ox.parse(turtle, format=ox.RdfFormat.TURTLE)) == set(ox.parse(raw, format=triples))
    assert (code, "@prefix entity:" in seen, "@prefix oa:" in seen) == (0, True, False)


@pytest.mark.slow
def test_a_canned_query_is_shown_row_by_row_where_the_terminal_is_narrow(out: Path) -> None:
    """Twelve columns fit no terminal, so each value has a line of its own."""
    things = ("--entity", "mesenchymal-stem-cell", "--context", "idiopathic-pulmonary-fibrosis")

    code, seen = on_terminal("query", "--out", out, "promotes-in", *things, width=80)

    assert code == 0
    lines = [re.split(r" {2,}", line.strip(), maxsplit=1) for line in seen.splitlines()]
    assert lines[0] == ["── 1 ──"]
    assert ["promoted", "tissue regeneration"] in lines
    assert ["citations", "8, 14"] in lines
    assert ["assumption", "assumption:ipf-lungs-are-chronically-diseased"] in lines
    assert max(map(len, seen.splitlines())) <= 80


@pytest.mark.slow
def test_a_terminal_shows_what_the_format_has_when_one_is_named(out: Path) -> None:
    """--format csv is CSV, terminal or not."""
    assert on_terminal("sparql", "--out", out, COUNT, "--format", "csv") == (0, "n\r\n44\r\n")


def rows_of(*values: dict[str, str], columns: tuple[str, ...] = ("x",)) -> bytes:
    """Write results JSON with these terms, each in all columns of a row."""
    bindings = [dict.fromkeys(columns, value) for value in values]
    return json.dumps({"head": {"vars": columns}, "results": {"bindings": bindings}}).encode()


def iri(text: str) -> dict[str, str]:
    """Write an IRI."""
    return {"type": "uri", "value": text}


def literal(text: str, **more: str) -> dict[str, str]:
    """Write a literal."""
    return {"type": "literal", "value": text, **more}


NUMBER = literal("7", datatype=PREFIXES["xsd"] + "integer")
CELLS: dict[str, tuple[dict[str, str], str]] = {
    "short-iri": (iri("http://example.org/a"), "ex:a"),
    "other-iri": (iri("http://elsewhere.org/a"), "http://elsewhere.org/a"),
    "long-iri": (iri("http://elsewhere.org/" + "a" * 300), "http://elsewhere.org/" + "a" * 300),
    "long-text": (literal("word " * 200 + "end"), "word " * 200 + "end"),
    "text-like-an-iri": (literal("http://example.org/a"), "http://example.org/a"),
    "text-like-markup": (literal("[bold]a[/bold]"), "[bold]a[/bold]"),
    "text-that-clears-the-screen": (literal("\x1b[2Ja\x9bb\x07"), "␛[2Ja�b␇"),
    "number": (NUMBER, "7"),
    "blank-node": ({"type": "bnode", "value": "b0"}, "_:b0"),
}


@pytest.mark.parametrize(("term", "expected"), CELLS.values(), ids=CELLS.keys())
def test_a_cell_shows_the_whole_term(term: dict[str, str], expected: str) -> None:
    """Nothing is cut, nothing is taken for markup, and nothing steers the terminal."""
    shown, _ = render("SELECT", rows_of(term), PREFIXES, terminal=False)

    assert shown.splitlines()[3].strip("│ ") == expected.rstrip()


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        pytest.param([NUMBER, NUMBER], "│   7 │", id="numbers-right"),
        pytest.param([NUMBER, literal("a")], "│ 7   │", id="mixed-left"),
        pytest.param([literal("7"), literal("8")], "│ 7   │", id="digits-that-are-text-left"),
    ],
)
def test_numbers_stand_at_the_right(terms: list[dict[str, str]], expected: str) -> None:
    """Only a column of nothing but numbers."""
    shown, _ = render("SELECT", rows_of(*terms, columns=("xxx",)), PREFIXES, terminal=False)

    assert shown.splitlines()[3] == expected


LAYOUTS: dict[str, tuple[int, dict[str, str], int, bool]] = {
    # columns, the term in each, width, whether it is a table
    "fits": (3, literal("a" * 20), 80, True),
    "fits-exactly": (3, literal("a" * 20), 70, True),
    "one-too-narrow": (3, literal("a" * 20), 69, False),
    "long-text-wraps": (2, literal("word " * 50), 60, True),
    "long-text-would-be-a-thread": (3, literal("word " * 50), 60, False),
    "no-columns": (0, literal("a"), 80, True),
}


@pytest.mark.parametrize(("columns", "term", "width", "expected"), LAYOUTS.values(), ids=LAYOUTS.keys())
def test_the_width_decides_between_a_table_and_rows_below_each_other(
    columns: int, term: dict[str, str], width: int, expected: bool
) -> None:
    """A column of text gets room to be read; no line is longer than the terminal is wide, and no word is lost."""
    names = tuple(f"c{number}" for number in range(columns))
    answered = read_answer("SELECT", rows_of(term, columns=names), PREFIXES).table
    assert answered is not None
    console = Console(file=io.StringIO(), width=width, color_system=None)

    with console.capture() as captured:
        console.print(table(answered, width))

    shown = captured.get()
    assert ("── 1 ──" not in shown) is expected
    assert max(len(line) for line in shown.splitlines()) <= width
    assert re.sub(r"[^a-z]", "", shown).count("word") == columns * term["value"].count("word")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "0 rows"),
        (1, "1 row"),
        (ROWS_SHOWN, "200 rows"),
        (ROWS_SHOWN + 1, "the first 200 of 201 rows; for all: --format csv, or --output FILE"),
    ],
)
def test_rows_that_are_left_out_are_counted(number: int, expected: str) -> None:
    """The note says how many there are and how to get them."""
    shown, note = render("SELECT", rows_of(*[NUMBER] * number), PREFIXES, terminal=False)

    assert (note, shown.count("│ 7 │")) == (expected, min(number, ROWS_SHOWN))


def test_a_graph_that_is_left_out_in_part_says_so() -> None:
    """Of a long text whole lines are shown, and how to get all."""
    turtle = b"<http://a> <http://b> 'c' .\n" * 10_000

    shown, note = render("CONSTRUCT", turtle, PREFIXES, terminal=False)

    assert note == "only the beginning is shown; for all: --format turtle, or --output FILE"
    assert set(shown.splitlines()) == {"<http://a> <http://b> 'c' ."}
    assert len(shown) < len(turtle)


def test_an_answer_that_is_none_is_an_engine_error() -> None:
    """Nonsense is not shown."""
    with pytest.raises(EngineError, match="no SPARQL results JSON"):
        render("SELECT", b"<html>", PREFIXES, terminal=False)


# In a pipe and in a file -------------------------------------------------------------------------

PIPED: dict[str, tuple[list[str], bytes]] = {
    # words, expected on standard output
    "rows": ([COUNT], b"n\r\n44\r\n"),
    "truth": (["ASK {}"], b"true\n"),
    "json": (["ASK {}", "--format", "json"], b'{"head":{},"boolean":true}\n'),
    "tsv": ([COUNT, "--format", "tsv"], b"?n\n44\n"),
    "media-type": ([COUNT, "--format", "text/csv"], b"n\r\n44\r\n"),
    "table": ([COUNT, "--format", "table"], "┏━━━━┓\n┃  n ┃\n┡━━━━┩\n│ 44 │\n└────┘\n".encode()),
    "truth-for-people": (["ASK {}", "--format", "table"], b"yes\n"),
    "ntriples": (["CONSTRUCT { <a:a> <a:b> 1 } {}", "--format", "ntriples"], b'<a:a> <a:b> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'),
    "empty-graph": (["CONSTRUCT { <a:a> <a:b> 1 } { FILTER(false) }", "--format", "nt"], b""),
    "standard-output-by-name": ([COUNT, "--output", "-"], b"n\r\n44\r\n"),
}  # fmt: skip


@pytest.mark.parametrize(("words", "expected"), PIPED.values(), ids=PIPED.keys())
def test_a_pipe_gets_the_format(out: Path, words: list[str], expected: bytes) -> None:
    """CSV and Turtle unless told otherwise; the last line has its end."""
    run = lungkg("sparql", "--out", out, *words)

    assert (run.returncode, run.stdout) == (0, expected)


def test_a_pipe_gets_turtle_for_a_graph(out: Path) -> None:
    """Without --format."""
    run = lungkg("sparql", "--out", out, DESCRIBE)

    assert len(list(ox.parse(run.stdout, format=ox.RdfFormat.TURTLE))) > 5


@pytest.mark.parametrize("words", [["-"], ["--file", "-"]], ids=["argument", "option"])
def test_a_query_comes_from_standard_input(out: Path, words: list[str]) -> None:
    """A lone dash stands for it."""
    run = lungkg("sparql", "--out", out, *words, stdin=COUNT.encode())

    assert (run.returncode, run.stdout, run.stderr) == (0, b"n\r\n44\r\n", b"")


NAMES: dict[str, tuple[list[str], str, bytes]] = {
    # options, name of the file, how it begins
    "json": ([], "a.json", b'{"head"'),
    "xml": ([], "a.xml", b"<?xml"),
    "tsv": ([], "a.tsv", b"?n\n"),
    "unknown": ([], "a.txt", b"n\r\n"),
    "none": ([], "a", b"n\r\n"),
    "format-wins": (["--format", "tsv"], "a.json", b"?n\n"),
    "table": (["--format", "table"], "a.txt", "┏━━━━┓\n".encode()),
}


@pytest.mark.parametrize(("options", "name", "start"), NAMES.values(), ids=NAMES.keys())
def test_a_file_gets_the_format_of_its_name(
    out: Path, tmp_path: Path, options: list[str], name: str, start: bytes
) -> None:
    """Unless --format says another; nothing is printed, and nothing else is left in the folder."""
    run = lungkg("sparql", "--out", out, COUNT, "--output", tmp_path / name, *options)

    assert (run.returncode, run.stdout) == (0, b"")
    assert (tmp_path / name).read_bytes().startswith(start)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_canned_query_is_written_to_a_file(out: Path, tmp_path: Path) -> None:
    """The same options as for a query of one's own."""
    run = lungkg("query", "--out", out, "what-does", "--entity", "lung", "--output", tmp_path / "a.tsv")

    assert (run.returncode, run.stdout) == (0, b"")
    assert (tmp_path / "a.tsv").read_bytes().startswith(b"?")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(["CLEAR ALL"], 2, id="refused"),
        pytest.param(["SELECT * {"], 2, id="malformed"),
        pytest.param([ENDLESS, "--timeout", "0.5"], 3, id="stopped"),
    ],
)
def test_a_file_stays_as_it_was_when_there_is_no_answer(out: Path, tmp_path: Path, words: list[str], code: int) -> None:
    """Whole or not at all."""
    (tmp_path / "a.csv").write_text("before")

    run = lungkg("sparql", "--out", out, *words, "--output", tmp_path / "a.csv")

    assert (run.returncode, run.stdout) == (code, b"")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.csv": "before"}


def failing() -> Iterator[bytes]:
    """Give the beginning of an answer, then say that the disk is full."""
    yield b"beginning"
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_file_stays_as_it_was_when_the_disk_is_full(tmp_path: Path) -> None:
    """The half that was written is gone."""
    (tmp_path / "a.csv").write_text("before")

    with pytest.raises(SystemProblem, match=re.escape(f"cannot write to {tmp_path / 'a.csv'}: No space left")):
        write(failing(), tmp_path / "a.csv")

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.csv": "before"}


def test_a_new_file_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    """And one that is replaced keeps its own."""
    (tmp_path / "any").touch()
    (tmp_path / "private").touch(0o600)

    for name in ("new", "private"):
        write([b"a"], tmp_path / name)

    rights = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert (rights["new"], rights["private"]) == (rights["any"], 0o600)


def test_a_link_goes_on_pointing_at_its_file(tmp_path: Path) -> None:
    """The file behind it is replaced."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder" / "file")

    write([b"a", b"b"], tmp_path / "link")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "folder" / "file").read_bytes() == b"ab"


def test_a_named_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    """What is no plain file is never replaced."""
    os.mkfifo(tmp_path / "pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()))
    reader.start()

    write([b"a", b"b"], tmp_path / "pipe")
    reader.join()

    assert (read, (tmp_path / "pipe").is_fifo()) == ([b"ab"], True)


class Sip(io.BytesIO):
    """Takes three bytes at a time, as an unbuffered pipe may take less than it is given."""

    def write(self, piece: Any, /) -> int:
        """Take the beginning."""
        return super().write(bytes(piece)[:3])


def test_nothing_is_lost_where_a_write_takes_only_a_part() -> None:
    """What is left over is written next."""
    with patch.object(sys, "stdout", io.TextIOWrapper(Sip(), "utf-8")) as told:
        write([b"0123456789", b"", b"abc"])

    assert told.buffer.getvalue() == b"0123456789abc"


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [([], b""), ([b""], b""), ([b"a"], b"a\n"), ([b"a\n"], b"a\n"), ([b"a", b"b"], b"ab\n"), ([b"a\n", b""], b"a\n")],
)
def test_the_last_line_has_its_end(pieces: list[bytes], expected: bytes) -> None:
    """And nothing stays nothing."""
    assert b"".join(lines_ended(pieces)) == expected


# How it ends -------------------------------------------------------------------------------------


BUFFERED = pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])


@BUFFERED
@pytest.mark.parametrize("name", ["csv", "table"])
def test_a_reader_that_has_seen_enough_is_no_error(out: Path, name: str, unbuffered: str) -> None:
    """As behind `| head -1`: silent, exit code 0."""
    command = [*COMMAND, "sparql", "--out", str(out), COUNT, "--format", name]
    setting = {**environment(), "PYTHONUNBUFFERED": unbuffered}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=setting) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read()

    assert (process.returncode, told.replace(b"1 row\n", b"")) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@BUFFERED
@pytest.mark.parametrize("words", [[], ["--output", "/dev/full"]], ids=["standard-output", "file"])
def test_a_full_disk_is_told(out: Path, words: list[str], unbuffered: str) -> None:
    """One sentence and exit code 3, on standard output, too."""
    with Path("/dev/full").open("wb") as full:
        run = subprocess.run(
            [*COMMAND, "sparql", "--out", str(out), COUNT, *words],
            stdout=full, stderr=subprocess.PIPE, check=False,
            env={**environment(), "PYTHONUNBUFFERED": unbuffered},
        )  # fmt: skip

    assert run.returncode == 3
    assert re.fullmatch(rb"error: cannot write to (standard output|/dev/full): No space left on device\n", run.stderr)


ENDS: dict[str, tuple[list[str], bytes, int, str]] = {
    # words, standard input, exit code, part of what is told
    "two-queries": (["ASK {}", "--file", "a.rq"], b"", 2, "one of the two"),
    "no-such-file": (["--file", "/nowhere/a.rq"], b"", 2, "/nowhere/a.rq: this file is missing"),
    "input-in-another-encoding": (["-"], b"ASK { ?s ?p 'caf\xe9' }", 2, "standard input: byte 16 is not UTF-8"),
    "no-such-folder": (["ASK {}", "--output", "/nowhere/a.csv"], b"", 2, "/nowhere/a.csv: the folder of this file does not exist"),
    "folder-as-file": (["ASK {}", "--output", "/"], b"", 2, "is a directory"),
    "unknown-format": (["ASK {}", "--format", "xlsx"], b"", 2, "cannot be written as format 'xlsx'; there are json"),
    "table-of-a-graph": ([DESCRIBE, "--format", "table"], b"", 2, "cannot be written as format 'table'; there are turtle"),
    "unknown-prefix": (["ASK { ?s skos:prefLabel ?o }"], b"", 2, "Add this line: PREFIX skos: <http://www.w3.org/2004/02/skos/core#>"),
    "stopped": ([ENDLESS, "--timeout", "0.5"], b"", 3, "limit of 0.5 seconds"),
    "engine-that-is-down": (["ASK {}", "--engine", "http://127.0.0.1:1/sparql"], b"", 3, "http://127.0.0.1:1/sparql cannot be reached"),
    "engine-that-is-none": (["ASK {}", "--engine", "lungs"], b"", 2, "no http:// or https:// address"),
}  # fmt: skip


@pytest.mark.parametrize(("words", "stdin", "code", "part"), ENDS.values(), ids=ENDS.keys())
def test_what_goes_wrong_is_told_and_has_its_exit_code(
    out: Path, words: list[str], stdin: bytes, code: int, part: str
) -> None:
    """2 for what the asker can mend, 3 for the engine and the system; never a stack trace, never half an answer."""
    run = lungkg("sparql", "--out", out, *words, stdin=stdin)

    told = run.stderr.decode()
    assert (run.returncode, run.stdout, part in told, "Traceback" in told) == (code, b"", True, False), told
