"""The sandbox: whatever is sent, it ends in time, reaches neither files nor the network, and leaves no process."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest

from lungkg.errors import (
    AnswerTooLong,
    Cancelled,
    DataTooDeep,
    DataTooLong,
    EngineBusy,
    EngineError,
    LungkgError,
    QueryRefused,
    UnreadableData,
    ValidationDied,
    ValidationTimeout,
)
from lungkg.limits import Limits
from lungkg.sandbox import Outcome, Sandbox, Task, Text
from lungkg.sandbox.entities import MOST_GROWN, growing
from lungkg.sandbox.screening import not_run, screen_shapes
from tests.server import environment

pytestmark = pytest.mark.slow

PREFIXES = b"@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <https://example.org/> .\n"
ONE = b"<a:b> <a:c> 1 ."
LEAST = (
    PREFIXES + b"ex:S a sh:NodeShape ; sh:targetSubjectsOf <a:c> ; sh:property [ sh:path <a:c> ; sh:minInclusive 2 ] ."
)
SHORT = Limits(validation_timeout=2.0, validation_memory=256, validations=2, validation_queue=2)
PATIENCE = 60.0


def task(data: bytes = ONE, shapes: bytes = LEAST, media_type: str = "text/turtle", format: str = "json") -> Task:
    """Make a task with a visitor's own shapes."""
    texts = (Text("data.ttl", media_type, data),), (Text("shapes.ttl", "text/turtle", shapes),)
    return Task(*texts, own=True, base="https://example.org/", prefixes={}, most_triples=50_000, format=format)


def queried(text: str) -> bytes:
    """Write a shape with a query."""
    return (
        PREFIXES + f'ex:S a sh:NodeShape ; sh:targetSubjectsOf <a:c> ; sh:sparql [ sh:select """{text}""" ] .'.encode()
    )


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox with little time and memory."""
    made = Sandbox(SHORT)
    yield made
    made.close()


def run(sandbox: Sandbox, wanted: Task, seconds: float = 10.0) -> Outcome:
    """Do a task that should have an outcome, with time enough for a slow machine."""
    return sandbox.run(wanted, seconds)


# What comes out ----------------------------------------------------------------------------------


def test_a_task_survives_being_written_and_read() -> None:
    """All its fields, bytes of every kind included."""
    made = replace(task(b"\x00\n\xff{}"), ontology=b"o\n", context=b"", chosen=("a", "b"), notes=("ü\n",), limit=3)

    assert made == Task.unpacked(made.packed())


def test_an_outcome_says_whether_the_data_conforms(sandbox: Sandbox) -> None:
    """By sh:conforms, by the threshold, and in the report itself."""
    good, bad = run(sandbox, task(b"<a:b> <a:c> 2 .")), run(sandbox, task())

    assert (good.conforms, good.fails, good.counts["Violation"]) == (True, False, 0)
    assert (bad.conforms, bad.fails, bad.counts["Violation"]) == (False, True, 1)
    assert b'"place": "data.ttl:1:13"' in bad.body


def test_a_finding_below_the_threshold_does_not_fail(sandbox: Sandbox) -> None:
    """It does not conform, either way."""
    shapes = LEAST.replace(b"sh:minInclusive 2", b"sh:minInclusive 2 ; sh:severity sh:Warning")

    found = run(sandbox, replace(task(shapes=shapes), threshold="Violation"))

    assert (found.conforms, found.fails, found.counts["Warning"]) == (False, False, 1)


def test_visitors_do_not_meet(sandbox: Sandbox) -> None:
    """Each task has a process of its own, so what one declares is unknown to the next."""
    first = run(sandbox, task(b"@prefix p: <https://p.example/> . p:x <a:c> 1 .", format="text"))
    second = run(sandbox, task(b"<https://p.example/x> <a:c> 1 .", format="text"))

    assert (b"p:x" in first.body, b"p:x" in second.body) == (True, False)


# What is hostile ---------------------------------------------------------------------------------

LAUGHS = (
    b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]>"
)
XML = (
    b'<?xml version="1.0"?>%s<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">'
    b'<rdf:Description rdf:about="http://x/"><e:p>%s</e:p></rdf:Description></rdf:RDF>'
)
XML_TYPE, JSON_TYPE = "application/rdf+xml", "application/ld+json"
WIDE, WIDER = (b"<a:b> <a:c> " + b",".join(b"%d" % n for n in range(count)) + b" ." for count in (2_000, 8_000))
NET = b"".join(b"<a:%d> <a:c> <a:%d>, <a:%d> .\n" % (n, n * 7 % 900, (n * 13 + 1) % 900) for n in range(900))
PATTERN = b'ex:S a sh:NodeShape ; sh:targetSubjectsOf <a:c> ; sh:property [ sh:path <a:c> ; sh:pattern "^(a+)+$" ] .'
PATHS = b"ex:S a sh:NodeShape ; sh:targetSubjectsOf <a:c> ; sh:property [ sh:path [ sh:zeroOrMorePath <a:c> ] ; sh:minCount 99999 ] ."
JOIN = "SELECT $this ?value { $this <a:c> ?v . $this <a:c> ?value FILTER(?v + ?value < 0) }"
GROWING = "SELECT $this ?value { $this <a:c> ?v . $this <a:c> ?w . $this <a:c> ?value } ORDER BY ?v ?w"
PREFIX = b'ex:S a sh:NodeShape ; sh:targetSubjectsOf <a:c> ; sh:sparql [ sh:prefixes ex:O ; sh:select "SELECT $this { $this <a:c> 1 }" ] . ex:O sh:declare [ %s ] .'

REFUSED: dict[str, tuple[Task, type[LungkgError], str]] = {
    "brackets": (task(b"[" * 999_999), UnreadableData, "not a valid predicate"),
    "collections": (task(b"<a:b> <a:c> " + b"(" * 200_000), UnreadableData, "Unexpected end"),
    "json-brackets": (task(b'{"a:b":' * 140_000, media_type=JSON_TYPE), UnreadableData, "Max stack size"),
    "laughs": (task(XML % (LAUGHS, b"&j;"), media_type=XML_TYPE), UnreadableData, "stands for other entities"),
    "entity-of-a-file": (
        task(XML % (b'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>', b"&a;"), media_type=XML_TYPE),
        UnreadableData, "stands for another file",
    ),
    "xml-in-utf-16": (
        task((XML % (LAUGHS, b"&j;")).decode().encode("utf-16"), media_type=XML_TYPE), UnreadableData, "NUL byte"
    ),
    "remote-context": (
        task(b'{"@context": "https://schema.org/", "name": "x"}', media_type=JSON_TYPE), UnreadableData, "nothing is fetched"
    ),
    "imported-context": (
        task(b'{"@context": {"@version": 1.1, "@import": "http://localhost/c"}, "name": "x"}', media_type=JSON_TYPE),
        UnreadableData, "nothing is fetched",
    ),
    "nul": (task(b'<a:b> <a:c> 1 .\n<a:b> <a:c> "\0" .'), UnreadableData, "line 2: data.ttl: there is a NUL byte"),
    "latin-1": (task("<a:b> <a:c> 'ü' .".encode("latin-1")), UnreadableData, "this is not UTF-8"),
    "no-rdf": (task(media_type="image/png"), UnreadableData, "image/png is no RDF format"),
    "triple-terms": (task(b"<a:b> <a:c> <<( <a:b> <a:c> 1 )>> ."), UnreadableData, "triples about triples"),
    "unusable-shapes": (
        task(shapes=PREFIXES + b"ex:S a sh:NodeShape ; sh:targetSubjectsOf <a:c> ; sh:property [ sh:minCount 1 ] ."),
        UnreadableData, "shapes.ttl: the shapes cannot be used",
    ),
    "too-many-triples": (replace(task(WIDE), most_triples=100), DataTooLong, "2,000 triples; at most 100"),
    "too-many-shapes": (replace(task(shapes=LEAST + WIDE), most_triples=100), DataTooLong, "shapes have 2,005 triples"),
    "from-a-file": (task(shapes=queried("SELECT $this FROM <file:///etc/passwd> { $this <a:c> 1 }")), QueryRefused, "FROM"),
    "escaped-from": (task(shapes=queried(r"SELECT $this \\u0046ROM <file:///etc/passwd> { $this <a:c> 1 }")), QueryRefused, "FROM"),
    "service": (task(shapes=queried("SELECT $this { SERVICE <http://localhost/> { $this <a:c> 1 } }")), QueryRefused, "SERVICE"),
    "update": (task(shapes=queried("INSERT DATA { <a:b> <a:c> 1 }")), QueryRefused, "updates are refused"),
    "load": (task(shapes=queried("LOAD <file:///etc/passwd>")), QueryRefused, "updates are refused"),
    "deep-query": (task(shapes=queried(f"SELECT $this {'{' * 300} $this <a:c> 1 {'}' * 300}")), UnreadableData, "nest deeper"),
    "long-query": (task(shapes=queried(f"SELECT $this {{ $this <a:c> ?v FILTER({'1 + ' * 20_000} 1 > 0) }}")), DataTooDeep, "nest deeper"),
    "no-query": (task(shapes=queried("hello")), UnreadableData, "this is no SPARQL query"),
    "query-in-a-prefix": (
        task(shapes=PREFIXES + PREFIX % b'sh:prefix "a: <x:> SELECT * FROM <file:///etc/passwd> {} #" ; sh:namespace "x:"'),
        QueryRefused, "sh:prefix",
    ),
    "query-in-a-namespace": (
        task(shapes=PREFIXES + PREFIX % b'sh:prefix "a" ; sh:namespace "x:> SELECT * FROM <file:///etc/passwd> {} #"'),
        QueryRefused, "sh:namespace",
    ),
    "slow-pattern": (task(b'<a:b> <a:c> "' + b"a" * 40 + b'b" .', PREFIXES + PATTERN), ValidationTimeout, "2 seconds"),
    "slow-path": (task(NET, PREFIXES + PATHS), ValidationTimeout, "2 seconds"),
    "slow-query": (task(WIDER, queried(JOIN)), ValidationTimeout, "2 seconds"),
}  # fmt: skip


@pytest.mark.parametrize(("wanted", "kind", "says"), REFUSED.values(), ids=REFUSED)
def test_what_is_hostile_is_refused_or_stopped(
    sandbox: Sandbox, wanted: Task, kind: type[LungkgError], says: str
) -> None:
    """By an error that says what and why."""
    with pytest.raises(kind) as told:
        sandbox.run(wanted, 2.0 if kind is ValidationTimeout else PATIENCE)

    assert says in str(told.value)


def test_memory_is_bounded(sandbox: Sandbox) -> None:
    """A query that takes gigabytes ends the process, and nothing else."""
    with pytest.raises(ValidationDied, match="256 MB"):
        sandbox.run(task(WIDE, queried(GROWING)), PATIENCE)

    assert not run(sandbox, task()).conforms


def test_a_report_is_bounded() -> None:
    """In bytes, as an answer is."""
    sandbox = Sandbox(replace(SHORT, answer_size=1, validation_memory=1024))
    many = b"".join(b"<a:%d> <a:c> 1 .\n" % n for n in range(2_000))
    try:
        with pytest.raises(AnswerTooLong):
            sandbox.run(task(many), PATIENCE)
    finally:
        sandbox.close()


IGNORED = {
    "imports": b"@prefix owl: <http://www.w3.org/2002/07/owl#> . <a:o> a owl:Ontology ; owl:imports <file:///etc/passwd> , <http://localhost:1/> . ",
    "shapes-graph": b"<a:o> <http://www.w3.org/ns/shacl#shapesGraph> <file:///etc/passwd> , <http://localhost:1/> . ",
    "file-base": b"@base <file:///etc/> . <passwd> <a:p> <shadow> . ",
    "context-of-its-own": b"",
}


@pytest.mark.parametrize("more", IGNORED.values(), ids=IGNORED)
def test_what_refers_elsewhere_is_data_like_any_other(sandbox: Sandbox, more: bytes) -> None:
    """In data and in shapes: nothing of it is read."""
    found = run(sandbox, task(more + ONE, more + LEAST, format="text"))

    assert found.counts["Violation"] == 1
    assert b"root:" not in found.body


RECURSIVE = {
    "choices": b"ex:S a sh:NodeShape ; sh:targetSubjectsOf <a:c> ; sh:property [ sh:path <a:c> ; sh:in ex:L ] . ex:L <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> 1 ; <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> ex:L .",
    "node": b"ex:S a sh:NodeShape ; sh:targetSubjectsOf <a:c> ; sh:node ex:S .",
    "property": b"ex:S a sh:NodeShape ; sh:targetSubjectsOf <a:c> ; sh:property ex:P . ex:P sh:path <a:c> ; sh:property ex:P .",
    "not": b"ex:S a sh:NodeShape ; sh:targetSubjectsOf <a:c> ; sh:not ex:S .",
    "list": b"ex:S a sh:NodeShape ; sh:targetSubjectsOf <a:c> ; sh:and ex:L . ex:L <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> ex:S ; <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> ex:L .",
    "path": b"ex:S a sh:NodeShape ; sh:targetSubjectsOf <a:c> ; sh:property [ sh:path ex:P ; sh:minCount 1 ] . ex:P sh:inversePath ex:P .",
}


@pytest.mark.parametrize("shapes", RECURSIVE.values(), ids=RECURSIVE)
def test_recursion_ends(sandbox: Sandbox, shapes: bytes) -> None:
    """With a report or with an error of ours."""
    try:
        ended: object = run(sandbox, task(b"<a:b> <a:c> <a:b> .", PREFIXES + shapes))
    except LungkgError as error:
        ended = error

    assert isinstance(ended, Outcome | UnreadableData)


def test_what_shacl_has_and_is_not_run_is_said(sandbox: Sandbox) -> None:
    """So that nobody takes silence for consent."""
    shapes = PREFIXES + b"ex:S a sh:NodeShape ; sh:targetSubjectsOf <a:c> ; sh:js [] ; sh:rule [] ; sh:target [] ."

    body = run(sandbox, task(shapes=shapes, format="text")).body.decode()

    assert [name for name in ("sh:js", "sh:rule", "sh:target") if f"{name} is not run here" in body] == [
        "sh:js", "sh:rule", "sh:target",
    ]  # fmt: skip


def test_nothing_can_be_opened_behind_the_fence() -> None:
    """Neither a file nor anything else that takes a handle; and rdflib would not try."""
    script = (
        "import rdflib.plugins.sparql as sparql\n"
        "from lungkg.sandbox.worker import _close_fence, close_and_load\n"
        "close_and_load()\n"
        "print(sparql.SPARQL_LOAD_GRAPHS)\n"
        "_close_fence({'seconds': 60, 'memory': 256, 'report': 1000})\n"
        "try:\n    open('/etc/hostname')\n"
        "except OSError as error:\n    print(error.strerror)\n"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, env=environment())

    assert b"False\nToo many open files\n" == done.stdout


def test_a_problem_of_reading_is_explained_from_what_was_sent(sandbox: Sandbox) -> None:
    """The line is that of the text, and what would mend it is said."""
    with pytest.raises(UnreadableData) as told:
        sandbox.run(task(b"<a:b> <a:c> 1 .\n<a:b> x:y 1 ."), PATIENCE)

    error = told.value
    assert (error.file, error.line, error.column, error.source) == ("data.ttl", 2, 7, "<a:b> x:y 1 .")
    assert "Declare the prefix x:" in error.hint


@pytest.mark.skipif(sys.platform != "linux", reason="the filter is one of Linux")
def test_no_socket_can_be_opened(sandbox: Sandbox) -> None:
    """As the keeper made sure of."""
    assert sandbox.fenced


# Screening, by itself ----------------------------------------------------------------------------


def triple(predicate: str, text: str) -> ox.Triple:
    """Make a triple of shapes."""
    return ox.Triple(ox.BlankNode(), ox.NamedNode(f"http://www.w3.org/ns/shacl#{predicate}"), ox.Literal(text))


@pytest.mark.parametrize(
    ("predicate", "text"),
    [
        ("select", "SELECT $this { $this <a:from> 'FROM' } # FROM"),
        ("ask", "ASK { $this <a:service> ?from }"),
        ("prefix", "ex"),
        ("prefix", ""),
        ("namespace", "https://example.org/ü#"),
        ("message", "FROM <file:///x>"),
    ],
)
def test_what_only_looks_hostile_passes(predicate: str, text: str) -> None:
    """Names, strings, comments, and texts that are no queries."""
    screen_shapes([triple(predicate, text)])


def test_shapes_without_extensions_have_no_remarks() -> None:
    """Each extension has one, however often it is used."""
    assert list(not_run([triple("select", "x")])) == []
    assert len(list(not_run([triple("rule", "x"), triple("rule", "y")]))) == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b'<!ENTITY owl "http://www.w3.org/2002/07/owl#"> &owl;Class', ""),
        (b'<!ENTITY a "&#65;&#x42;"> &a;', ""),
        (b"<!ENTITY a '&b;'>", "stands for other entities"),
        (b'<!ENTITY % a "x">', "stands for another file"),
        (b'<!ENTITY a PUBLIC "x" "y">', "stands for another file"),
        (b"<!ENTITY a x>", "in a way that is not taken"),
        (b'<!ENTITY a "' + b"x" * 1000 + b'">' + b"&a;" * (MOST_GROWN // 1000 + 1), "more than 10 MB"),
    ],
    ids=["namespace", "characters", "nested", "parameter", "public", "odd", "repeated"],
)
def test_entities_that_grow_are_refused(text: bytes, why: str) -> None:
    """Those that stand for a namespace, as OWL files have them, are not."""
    found = growing(text)

    assert bool(found) == bool(why)
    assert why in found


def end_badly(sandbox: Sandbox, kind: type[LungkgError], cancelled: Callable[[], bool] | None = None) -> None:
    """Do a task that never ends by itself."""
    with pytest.raises(kind):
        sandbox.run(SLOW, PATIENCE, cancelled=cancelled)


# Processes ---------------------------------------------------------------------------------------


def children(sandbox: Sandbox) -> list[int]:
    """List the processes that the keeper has at the moment."""
    assert sandbox._keeper is not None
    pid = sandbox._keeper._process.pid
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def until(true: Callable[[], bool]) -> bool:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


on_linux = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="processes are listed as Linux does")
SLOW = task(b'<a:b> <a:c> "' + b"a" * 60 + b'b" .', PREFIXES + PATTERN)


@on_linux
def test_many_at_once_are_answered_or_sent_away_and_leave_nothing(sandbox: Sandbox) -> None:
    """Twenty at once: so many run, so many wait, and the others are told to come again."""
    told: list[object] = []

    def ask() -> None:
        try:
            told.append(sandbox.run(task(WIDE), PATIENCE).conforms)
        except EngineBusy as error:
            told.append(error)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(told) == 20
    assert told.count(False) >= SHORT.validations + SHORT.validation_queue
    assert all(one is False or isinstance(one, EngineBusy) for one in told)
    assert until(lambda: not children(sandbox))
    assert sandbox.state() == {"running": 0, "waiting": 0}


@on_linux
def test_who_goes_away_is_not_worked_for(sandbox: Sandbox) -> None:
    """The process ends at once, though its call holds it."""
    with pytest.raises(Cancelled):
        sandbox.run(SLOW, PATIENCE, cancelled=lambda: bool(children(sandbox)))

    assert until(lambda: not children(sandbox))


def test_waiting_counts_for_the_deadline() -> None:
    """Who waits longer than it has time is told so, and who comes when too many wait is sent away."""
    sandbox = Sandbox(Limits(validations=1, validation_queue=1))
    gone = threading.Event()
    holding = threading.Thread(target=end_badly, args=(sandbox, Cancelled, gone.is_set))
    holding.start()
    try:
        assert until(lambda: sandbox.state()["running"] == 1)
        with pytest.raises(ValidationTimeout):
            sandbox.run(task(), 0.2)
        waiting = threading.Thread(target=end_badly, args=(sandbox, Cancelled, gone.is_set))
        waiting.start()
        assert until(lambda: sandbox.state()["waiting"] == 1)
        with pytest.raises(EngineBusy, match="1 validations wait already"):
            sandbox.run(task(), PATIENCE)
        gone.set()
        waiting.join()
    finally:
        gone.set()
        holding.join()
        sandbox.close()


def test_a_keeper_that_was_killed_is_replaced(sandbox: Sandbox) -> None:
    """Who is being answered gets an error, and the next one an answer."""
    run(sandbox, task())
    assert sandbox._keeper is not None
    keeper = sandbox._keeper._process
    told: list[LungkgError] = []

    def ask() -> None:
        try:
            sandbox.run(SLOW, PATIENCE)
        except LungkgError as error:
            told.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    assert until(lambda: sandbox.state()["running"] == 1)
    keeper.send_signal(signal.SIGKILL)
    thread.join()

    assert [type(one) for one in told] == [EngineError]
    assert until(lambda: keeper.poll() is not None)
    assert not run(sandbox, task()).conforms


@on_linux
def test_closing_ends_every_process() -> None:
    """The keeper and what it keeps; and nothing is done any more."""
    sandbox = Sandbox(SHORT)
    thread = threading.Thread(target=end_badly, args=(sandbox, LungkgError))
    thread.start()
    assert until(lambda: sandbox._keeper is not None and bool(children(sandbox)))
    running = children(sandbox)
    assert sandbox._keeper is not None
    keeper = sandbox._keeper._process.pid

    sandbox.close()
    thread.join()

    assert until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in [keeper, *running]))
    with pytest.raises(EngineError, match="ending"):
        sandbox.run(task(), PATIENCE)


def test_a_keeper_that_does_not_start_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its last words, and no process or file stays."""
    monkeypatch.setattr(sys, "executable", os.devnull)
    with pytest.raises(EngineError, match="no process can be started"):
        Sandbox().run(task(), PATIENCE)

    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(EngineError, match="did not start"):
        Sandbox().run(task(), PATIENCE)
