"""A worker process answers over a real store, stays within its limits, and never outlives its parent."""

import csv
import hashlib
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lungkg.engines import worker as program
from lungkg.engines.process import Recipe, Reply, Worker, WorkerLost
from lungkg.errors import Cancelled, EngineError

PATIENCE = 60.0  # seconds; bounds a hang on a slow machine, and is no measure of speed
EX = "http://example.org/"
SRX = "{http://www.w3.org/2005/sparql-results#}"
NUMBERS = 1000
MEGABYTE = 2**20

ALL = "SELECT ?s ?n { ?s ?p ?n } ORDER BY ?n"
COPY = f"CONSTRUCT {{ ?s <{EX}number> ?n }} {{ ?s ?p ?n }}"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
HUNGRY = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l } ORDER BY ?f ?c ?i LIMIT 10"
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="memory can be limited on Linux only")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with as many triples as NUMBERS says, in one graph."""
    path = tmp_path_factory.mktemp("worker") / "store"
    made = ox.Store(str(path))
    number = ox.NamedNode(f"{EX}number")
    made.extend(
        ox.Quad(ox.NamedNode(f"{EX}s{value}"), number, ox.Literal(value), ox.NamedNode(f"{EX}graph"))
        for value in range(NUMBERS)
    )
    made.flush()
    return path


@pytest.fixture(scope="module")
def recipe(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    """How a worker with comfortable limits is started."""
    spill = str(tmp_path_factory.mktemp("spill"))
    return Recipe(store, {"ex": EX}, memory=1024, kept=MEGABYTE, most=64 * MEGABYTE, spill=spill)


@contextmanager
def running(recipe: Recipe) -> Iterator[Worker]:
    """A started worker, killed in the end."""
    made = Worker(recipe)
    try:
        made.wait_started()
        yield made
    finally:
        made.kill()


@pytest.fixture(scope="module")
def worker(recipe: Recipe) -> Iterator[Worker]:
    """A worker that many tests ask."""
    with running(recipe) as made:
        yield made


def question(text: str, format: str = "json") -> dict[str, Any]:
    """What a worker is asked."""
    return {
        "parse": False,
        "text": text,
        "base": "",
        "format": format,
        "default": [],
        "named": [],
        "union": True,
    }


def ask(worker: Worker, text: str, format: str = "json") -> Reply:
    """Ask and wait for the answer, however long it takes."""
    worker.ask(question(text, format))
    reply = worker.reply(time.monotonic() + PATIENCE, None)
    assert reply is not None
    return reply


def content(reply: Reply) -> bytes:
    """The bytes of a reply, wherever they are; its file is closed."""
    if reply.file is None:
        return reply.content
    with reply.file as file:
        return file.read()


def answer(worker: Worker, text: str, format: str = "json") -> bytes:
    """Ask a question that is answered; gives the bytes."""
    reply = ask(worker, text, format)
    assert "error" not in reply.head
    return content(reply)


def refusal(worker: Worker, text: str, format: str = "json") -> Mapping[str, Any]:
    """Ask a question that is not answered; gives the head of the reply."""
    reply = ask(worker, text, format)
    content(reply)
    assert reply.content == b""
    return reply.head


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "this never came to be"
        time.sleep(0.01)


def ended(pid: int) -> bool:
    """Say whether a process has ended; one that nobody has buried yet has."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text("ascii") if Path("/proc/self/stat").exists() else ") R"
    except (ProcessLookupError, FileNotFoundError):
        return True
    return state.rpartition(")")[2].split()[0] == "Z"


# Answers -----------------------------------------------------------------------------------------


def test_a_worker_answers_one_query_after_the_other(worker: Worker) -> None:
    """Rows, booleans and triples come from the same process."""
    rows = json.loads(answer(worker, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"))
    boolean = json.loads(answer(worker, "ASK {}"))
    triples = answer(worker, f"CONSTRUCT {{ ?s ?p 7 }} {{ ?s ?p 7 }} VALUES ?p {{ <{EX}number> }}", "ntriples")

    assert rows["results"]["bindings"][0]["n"]["value"] == str(NUMBERS)
    assert boolean["boolean"] is True
    assert triples == f'<{EX}s7> <{EX}number> "7"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'.encode()


def test_graphs_that_are_chosen_take_the_place_of_the_union(worker: Worker) -> None:
    """Without the union the default graph is the one that was chosen."""
    asked = question("SELECT * { ?s ?p ?o }", "tsv") | {"union": False}
    counts = []
    for chosen in ([], [f"{EX}graph"], [f"{EX}other"]):
        worker.ask(asked | {"default": chosen})
        reply = worker.reply(time.monotonic() + PATIENCE, None)
        counts.append(reply and reply.head["rows"])

    assert counts == [0, NUMBERS, 0]


def test_graphs_are_written_with_the_prefixes_of_the_project(worker: Worker) -> None:
    """Turtle is short where the project has a prefix."""
    assert b"ex:s1 ex:number 1" in answer(worker, COPY, "turtle")


def test_a_syntax_error_is_told_and_the_worker_lives_on(worker: Worker) -> None:
    """The parser's message comes back."""
    head = refusal(worker, "SELECT * { ?s ?p }")

    assert head["error"] == "syntax"
    assert head["message"].startswith("error at 1:")
    assert answer(worker, "ASK {}")


# Answers in files --------------------------------------------------------------------------------

FORMATS = [*((ALL, name) for name in program.RESULTS), *((COPY, name) for name in program.GRAPHS)]


@pytest.mark.parametrize(("text", "format"), FORMATS, ids=[name for _, name in FORMATS])
def test_a_long_answer_comes_in_a_file_and_is_the_same(worker: Worker, recipe: Recipe, text: str, format: str) -> None:
    """Whether in memory or in a file: the same bytes, with their length, their hash and the same count."""
    with running(replace(recipe, kept=100)) as other:
        in_file, in_memory = ask(other, text, format), ask(worker, text, format)

    whole = in_memory.content
    assert (in_memory.file, in_file.content, in_file.file is not None) == (None, b"", True)
    assert content(in_file) == whole
    for reply in (in_memory, in_file):
        assert reply.head["size"] == len(whole) > 10_000
        assert reply.head["digest"] == hashlib.blake2b(whole, digest_size=16).hexdigest()
    assert in_memory.head["rows"] == in_file.head["rows"]


def test_an_answer_that_just_fits_stays_in_memory(worker: Worker, recipe: Recipe) -> None:
    """The last byte that is kept is the one of the limit; the next one spills."""
    length = len(answer(worker, ALL, "csv"))

    with running(replace(recipe, kept=length)) as fits, running(replace(recipe, kept=length - 1)) as spills:
        replies = [ask(fits, ALL, "csv"), ask(spills, ALL, "csv")]

    assert [reply.file is None for reply in replies] == [True, False]
    assert content(replies[0]) == content(replies[1])


def test_each_long_answer_has_a_file_of_its_own_without_a_name(recipe: Recipe) -> None:
    """A file is not written again when another answer follows, and the folder stays empty."""
    with running(replace(recipe, kept=0)) as made:
        replies = [ask(made, f"SELECT ({number} AS ?n) {{}}", "csv") for number in (1, 22)]
        listed = list(Path(recipe.spill).iterdir())

    assert [content(reply) for reply in replies] == [b"n\r\n1\r\n", b"n\r\n22\r\n"]
    assert listed == []


@pytest.mark.parametrize("kept", [0, MEGABYTE], ids=["in-a-file", "in-memory"])
@pytest.mark.parametrize(("text", "format"), FORMATS, ids=[name for _, name in FORMATS])
def test_an_answer_over_its_limit_is_an_error(
    worker: Worker, recipe: Recipe, text: str, format: str, kept: int
) -> None:
    """One byte too many gives no answer at all, and the worker lives on."""
    length = len(answer(worker, text, format))

    with running(replace(recipe, kept=kept, most=length - 1)) as made:
        head = refusal(made, text, format)
        next_one = answer(made, "ASK {}")

    assert head["error"] == "long"
    assert json.loads(next_one)["boolean"] is True


def test_an_answer_of_just_its_limit_is_given(worker: Worker, recipe: Recipe) -> None:
    """The limit itself is allowed."""
    whole = answer(worker, ALL, "csv")

    with running(replace(recipe, most=len(whole))) as made:
        assert answer(made, ALL, "csv") == whole


def test_a_folder_that_is_not_there_is_told(recipe: Recipe, tmp_path: Path) -> None:
    """Where answers cannot go to files, the reason is the folder and not the worker, which is well."""
    folder = tmp_path / "missing"

    with running(replace(recipe, spill=str(folder))) as made:
        with pytest.raises(EngineError, match=f"^cannot write answers into {re.escape(str(folder))}: No such file"):
            made.ask(question("ASK {}"))

        assert made.alive


def test_a_query_can_be_parsed_without_running_it(worker: Worker) -> None:
    """An endless query parses at once, and a malformed one is told."""
    heads = []
    for text in (ENDLESS, "SELECT * { ?s ?p }"):
        worker.ask({"parse": True, "text": text, "format": "json"})
        reply = worker.reply(time.monotonic() + PATIENCE, None)
        heads.append(reply and reply.head.get("error"))

    assert heads == [None, "syntax"]


# What is written ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "format", "expected"),
    [
        pytest.param(ALL, "tsv", NUMBERS, id="tsv"),
        pytest.param(ALL, "xml", NUMBERS, id="xml"),
        pytest.param(ALL, "csv", NUMBERS, id="csv"),
        pytest.param(ALL, "json", None, id="json-is-not-counted"),
        *(pytest.param(COPY, name, NUMBERS, id=name) for name in program.GRAPHS),
        *(pytest.param("ASK {}", name, 1, id=f"ask-{name}") for name in program.RESULTS),
        *(pytest.param("SELECT ?x { FILTER(false) }", name, 0, id=f"none-{name}") for name in ("tsv", "xml", "csv")),
        *(pytest.param("SELECT * { {} UNION {} }", name, 2, id=f"empty-{name}") for name in ("tsv", "xml", "csv")),
        pytest.param("SELECT ('a\\n<result>\\t' AS ?x) {}", "tsv", 1, id="line-break-in-tsv"),
        pytest.param("SELECT ('a\\n<result>' AS ?x) {}", "xml", 1, id="tag-in-xml"),
        pytest.param("SELECT ('a\\r\\n\"' AS ?x) {}", "csv", 1, id="line-break-in-csv"),
        pytest.param("CONSTRUCT { ?s ?p ?o } { FILTER(false) }", "turtle", 0, id="no-triples"),
    ],
)
def test_rows_and_triples_are_counted(worker: Worker, text: str, format: str, expected: int | None) -> None:
    """The count is that of rows or triples, whatever the values hold."""
    assert ask(worker, text, format).head["rows"] == expected


AWKWARD = {
    "iri-with-a-comma": (f"<{EX}a,b>", f"{EX}a,b"),
    "literal-with-a-comma": ("'a,b'", "a,b"),
    "quotes": ("'say \"hi\"'", 'say "hi"'),
    "line-feed": ("'a\\nb'", "a\nb"),
    "carriage-return": ("'a\\rb'", "a\rb"),
    "both": ("'a\\r\\nb'", "a\r\nb"),
    "blanks-around": ("' a '", " a "),
    "formula": ("'=1+1'", "=1+1"),
    "beyond-latin": ("'面包 🍞'", "面包 🍞"),
    "tagged": ("'pain'@fr", "pain"),
    "number": ("15", "15"),
}
awkward = pytest.mark.parametrize(("term", "value"), AWKWARD.values(), ids=AWKWARD)


@awkward
def test_csv_holds_every_value(worker: Worker, term: str, value: str) -> None:
    """A reader of CSV finds three columns with the value in the middle."""
    text = answer(worker, f"SELECT ?a ?b ?c {{ VALUES (?a ?b ?c) {{ (1 {term} 3) }} }}", "csv").decode()

    assert list(csv.reader(io.StringIO(text, newline=""))) == [["a", "b", "c"], ["1", value, "3"]]


def test_csv_leaves_unbound_values_empty(worker: Worker) -> None:
    """A row without any value is a row all the same."""
    lines = answer(worker, "SELECT ?a ?b { {} UNION { BIND(1 AS ?b) } }", "csv").split(b"\r\n")

    assert (lines[0], sorted(lines[1:])) == (b"a,b", [b"", b",", b",1"])


@awkward
def test_xml_results_hold_every_value(worker: Worker, term: str, value: str) -> None:
    """A reader of XML finds the value, with its carriage returns."""
    text = answer(worker, f"SELECT ?a {{ VALUES ?a {{ {term} }} }}", "xml")

    (binding,) = ET.fromstring(text).iter(f"{SRX}binding")  # noqa: S314 # our own worker wrote it
    assert binding[0].text == value


@pytest.mark.parametrize("value", ["a\rb", "a\r\nb", "\r", "a\nb", "<&>\"'", "面包 🍞"], ids=ascii)
def test_rdf_xml_holds_every_value(worker: Worker, value: str) -> None:
    """A reader of RDF/XML finds the literal, with its carriage returns."""
    literal = ox.Literal(value)

    text = answer(worker, f"CONSTRUCT {{ <{EX}s> <{EX}p> {literal} }} {{}}", "rdfxml")

    (quad,) = ox.parse(text, format=ox.RdfFormat.RDF_XML)
    assert quad.object == literal


UNWRITABLE = [0x00, 0x01, 0x08, 0x0B, 0x0C, 0x1F, 0xFFFE, 0xFFFF]
WRITABLE = [0x09, 0x0A, 0x0D, 0x20, 0x7F, 0x85, 0xD7FF, 0xE000, 0xFFFD, 0x10000, 0x1FFFE, 0x10FFFF]


def code_points(numbers: list[int]) -> pytest.MarkDecorator:
    """One case for each code point."""
    return pytest.mark.parametrize("number", numbers, ids=[f"U+{number:04X}" for number in numbers])


def literal_with(number: int) -> str:
    """A literal of SPARQL with a code point in its middle."""
    return f"'a\\U{number:08X}b'" if number not in (0x0A, 0x0D) else f"'a\\{'n' if number == 0x0A else 'r'}b'"


@code_points(UNWRITABLE)
@pytest.mark.parametrize("format", ["xml", "rdfxml"])
def test_what_xml_cannot_hold_is_refused(worker: Worker, number: int, format: str) -> None:
    """A character that XML 1.0 has no way to write gives no answer, and the worker lives on."""
    term = literal_with(number)
    form = f"SELECT ({term} AS ?x) {{}}" if format == "xml" else f"CONSTRUCT {{ <{EX}s> <{EX}p> {term} }} {{}}"

    head = refusal(worker, form, format)

    assert head["error"] == "unwritable"
    assert "XML has no way to write" in head["message"]
    assert answer(worker, "ASK {}")


@code_points(WRITABLE)
def test_what_xml_can_hold_is_written(worker: Worker, number: int) -> None:
    """All other characters come through a reader of XML."""
    text = answer(worker, f"SELECT ({literal_with(number)} AS ?x) {{}}", "xml")

    (literal,) = ET.fromstring(text).iter(f"{SRX}literal")  # noqa: S314 # our own worker wrote it
    assert literal.text == f"a{chr(number)}b"


@code_points(UNWRITABLE)
@pytest.mark.parametrize("format", ["json", "csv", "tsv"])
def test_other_formats_hold_what_xml_cannot(worker: Worker, number: int, format: str) -> None:
    """Only XML refuses such a character."""
    text = answer(worker, f"SELECT ({literal_with(number)} AS ?x) {{}}", format).decode()

    shown = json.loads(text)["results"]["bindings"][0]["x"]["value"] if format == "json" else text
    assert f"a{chr(number)}b" in shown


def element_named(worker: Worker, predicate: str) -> Reply:
    """Ask for one triple in RDF/XML."""
    return ask(worker, f"CONSTRUCT {{ <{EX}s> <{predicate}> 1 }} {{}}", "rdfxml")


@pytest.mark.parametrize(
    "predicate",
    [f"{EX}name", f"{EX}1st", f"{EX}a-b.c_d", f"{EX}#part", "urn:isbn:x1", f"{EX}größe", f"{EX}面包", f"{EX}x%20y"],
)
def test_rdf_xml_writes_a_predicate_that_ends_in_a_name(worker: Worker, predicate: str) -> None:
    """The end of the predicate is the name of an element, and a reader puts the two together again."""
    (quad,) = ox.parse(content(element_named(worker, predicate)), format=ox.RdfFormat.RDF_XML)

    assert quad.predicate.value == predicate


@pytest.mark.parametrize(
    "predicate",
    [
        f"{EX}1",
        f"{EX}a/",
        f"{EX}a#",
        "urn:isbn:978",
        f"{EX}a%20",
        f"{EX}ab²",
        f"{EX}ª",
        f"{EX}µ",
    ],
)
def test_rdf_xml_refuses_a_predicate_that_is_no_element_name(worker: Worker, predicate: str) -> None:
    """There is no element for it, so there is no answer: none that no reader can read."""
    head = element_named(worker, predicate).head

    assert head.get("error") == "unwritable"
    assert predicate in head["message"]
    assert answer(worker, "ASK {}")


# Where an answer is collected --------------------------------------------------------------------


class Short(io.RawIOBase):
    """A file that takes a part of what it is given, as a disk that is nearly full does."""

    def __init__(self) -> None:
        self.taken = bytearray()

    def writable(self) -> bool:
        """Say so."""
        return True

    def write(self, piece: Any) -> int:
        """Take at most four bytes."""
        part = bytes(piece)[:4]
        self.taken += part
        return len(part)


pieces = st.lists(
    st.text(alphabet="ab\n\r\t<>é面\ufffd", max_size=5).map(str.encode) | st.just(b"<result>"), max_size=12
)


def cut(whole: bytes, at: list[int]) -> list[bytes]:
    """Cut bytes at places, wherever characters begin."""
    edges = [0, *sorted(place % (len(whole) + 1) for place in at), len(whole)]
    return [whole[start:end] for start, end in pairwise(edges)]


@settings(deadline=None)
@given(
    pieces.map(b"".join), st.lists(st.integers(0, 200), max_size=8), st.integers(0, 80), st.sampled_from(["tsv", "xml"])
)
def test_how_an_answer_is_cut_makes_no_difference(whole: bytes, at: list[int], kept: int, format: str) -> None:
    """Bytes, hash and count are the same in whatever pieces the answer comes, and wherever it goes."""
    results = []
    for parts in ([whole], cut(whole, at)):
        with io.BytesIO() as file, closing(program.Sink(kept, 10_000, file, format)) as sink:
            for part in parts:
                sink.write(part)
            everything = file.getvalue() if sink.spilled else bytes(sink.content)
            results.append((everything, sink.size, sink.digest.hexdigest(), sink.matches, sink.spilled))

    written = whole.replace(b"\r", b"&#xD;") if format == "xml" else whole
    assert results[0] == results[1]
    assert results[0][:2] == (written, len(written))
    assert results[0][3] == written.count(b"\n" if format == "tsv" else b"<result>")
    assert results[0][4] == (len(written) > kept)


@settings(deadline=None)
@given(st.sampled_from("\ufffe\uffff\x01"), st.lists(st.integers(0, 20), max_size=4))
def test_a_character_that_is_cut_is_refused_all_the_same(character: str, at: list[int]) -> None:
    """What XML cannot hold is found even where one piece ends within it."""
    parts = cut(f"aé{character}面b".encode(), at)

    with io.BytesIO() as file, closing(program.Sink(100, 100, file, "xml")) as sink, pytest.raises(program.Unwritable):
        sink.writelines(parts)


def test_no_byte_is_lost_where_a_file_takes_a_part() -> None:
    """An answer in a file is whole, or there is none."""
    with closing(Short()) as file, closing(program.Sink(6, 100, cast("Any", file), "json")) as sink:
        for part in (b"0123", b"456789", b"abcdef"):
            sink.write(part)

        assert bytes(file.taken) == b"0123456789abcdef"


# Ends --------------------------------------------------------------------------------------------


def test_nothing_comes_before_its_time(recipe: Recipe) -> None:
    """Without an answer at the deadline there is None, and asking again goes on waiting."""
    with running(recipe) as made:
        made.ask(question(ENDLESS))

        assert [made.reply(time.monotonic() + 0.01, None) for _ in range(2)] == [None, None]


def test_waiting_ends_when_nobody_wants_the_answer(recipe: Recipe) -> None:
    """Cancelled comes long before the deadline."""
    with running(recipe) as made:
        made.ask(question(ENDLESS))

        with pytest.raises(Cancelled):
            made.reply(time.monotonic() + 3600, lambda: True)


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "busy"])
def test_a_worker_that_is_killed_is_lost(recipe: Recipe, busy: bool) -> None:
    """Whoever asks it, or waits for it, learns that it has gone, and by which signal."""
    with running(recipe) as made:
        if busy:
            made.ask(question(ENDLESS))
        os.kill(made.pid, signal.SIGKILL)
        until(lambda: not made.alive)

        with pytest.raises(WorkerLost) as caught:
            ask(made, "ASK {}")

    assert caught.value.code == -signal.SIGKILL


def test_a_worker_ends_when_it_is_killed(recipe: Recipe) -> None:
    """Killing waits for the end and may be done twice."""
    with running(recipe) as made:
        made.ask(question(ENDLESS))
        made.kill()

        assert (made.alive, ended(made.pid)) == (False, True)


@pytest.mark.parametrize("made", ["nothing", "file", "folder"])
def test_a_store_that_is_none_is_told(recipe: Recipe, tmp_path: Path, made: str) -> None:
    """The reason why a store does not open is in the error, for each one who waits."""
    path = tmp_path / "store"
    if made == "file":
        path.touch()
    elif made == "folder":
        path.mkdir()
    worker = Worker(replace(recipe, store=path))
    try:
        with pytest.raises(EngineError, match=r"^a worker cannot open the store: .*store"):
            worker.wait_started()
        assert not worker.started
    finally:
        worker.kill()


def test_a_program_that_does_not_start_is_told(recipe: Recipe, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The last words of a worker are in the error."""
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit('no room on the ark')", "utf-8")
    monkeypatch.setattr(program, "__file__", str(broken))
    worker = Worker(recipe)
    try:
        with pytest.raises(EngineError, match=r"^a worker did not start: no room on the ark$"):
            worker.wait_started()
    finally:
        worker.kill()


@needs_linux
@pytest.mark.slow
def test_a_query_that_wants_more_memory_than_there_is_ends(recipe: Recipe) -> None:
    """With 64 MB a sort over a cross product ends the worker, or is refused by it."""
    with running(replace(recipe, memory=64)) as made:
        try:
            ending = refusal(made, HUNGRY)["error"]
        except WorkerLost:
            ending = "lost"

    assert ending in ("lost", "memory")


PARENT = f"""
import sys, time
from pathlib import Path
from lungkg.engines.process import Recipe, Worker
worker = Worker(Recipe(Path(sys.argv[1]), {{}}, 256, 1000, 1000, sys.argv[2]))
worker.wait_started()
if sys.argv[3]:
    worker.ask({question("TEXT")!r} | {{"text": sys.argv[3]}})
print(worker.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.slow
@pytest.mark.parametrize("text", ["", ENDLESS, HUNGRY], ids=["idle", "busy", "hungry"])
def test_a_worker_ends_when_its_parent_is_killed(recipe: Recipe, text: str) -> None:
    """However the parent ends, and whatever the worker does: no process stays behind."""
    command = [sys.executable, "-c", PARENT, str(recipe.store), recipe.spill, text]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        try:
            assert parent.stdout is not None
            pid = int(parent.stdout.readline())
        finally:
            parent.kill()

    try:
        until(lambda: ended(pid))
    finally:
        if not ended(pid):
            os.kill(pid, signal.SIGKILL)


# The fence ---------------------------------------------------------------------------------------


@contextmanager
def listener() -> Iterator[tuple[socket.socket, str]]:
    """A socket that somebody could connect to, and its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening, f"http://127.0.0.1:{listening.getsockname()[1]}/sparql"


def test_a_fenced_worker_cannot_call_anybody(worker: Worker) -> None:
    """SERVICE ends with "not permitted", and no connection is made."""
    if not worker.fenced:
        pytest.skip("this system has no seccomp filter, so workers are not fenced")
    with listener() as (listening, address):
        head = refusal(worker, f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}")

        assert head["error"] == "other"
        assert "Operation not permitted" in head["message"]
        with pytest.raises(BlockingIOError):
            listening.accept()


def test_a_fenced_worker_hides_nothing_but_calls_nobody(worker: Worker) -> None:
    """SERVICE SILENT gives an empty answer, and no connection is made."""
    if not worker.fenced:
        pytest.skip("this system has no seccomp filter, so workers are not fenced")
    with listener() as (listening, address):
        answer(worker, f"SELECT * {{ SERVICE SILENT <{address}> {{ ?s ?p ?o }} }}")

        with pytest.raises(BlockingIOError):
            listening.accept()


def test_a_worker_that_may_call_says_that_it_is_not_fenced(recipe: Recipe) -> None:
    """The network is open only where it was asked for."""
    with running(replace(recipe, network=True)) as made:
        assert not made.fenced
