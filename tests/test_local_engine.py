"""The local engine survives every query: it stops the long and the hungry, is fair, and answers the next one."""

import gc
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from lungkg.engines import Answer, LocalEngine, NotAcceptable, choose_format, screen
from lungkg.engines.lanes import Lane, Wanted
from lungkg.errors import (
    AnswerTooLong,
    Cancelled,
    EngineBusy,
    EngineDied,
    EngineError,
    EngineTimeout,
    QueryRefused,
    QuerySyntaxError,
)
from lungkg.formats import GRAPHS, RESULTS, by_name
from lungkg.limits import Limits

PATIENCE = 60.0  # seconds; bounds a hang on a slow machine, and is no measure of speed
NEVER = 3600.0  # seconds; a lane that no query leaves
SOON = 0.05  # seconds; a lane that an endless query leaves soon
EX = "http://example.org/"
NUMBERS = 3000
JSON = RESULTS[0]

LOOK_UP = f"SELECT ?n {{ <{EX}s7> <{EX}number> ?n }}"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
# Nine billion rows and more: hours.
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
HUNGRY = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?f ?c ?i LIMIT 10"
# Two million rows: a tenth of a second or more.
LONG = """SELECT (COUNT(*) AS ?n) {
    { SELECT ?a { ?a ?b ?c } LIMIT 1000 }
    { SELECT ?d { ?d ?e ?f } LIMIT 2000 }
}"""
ROWS = "SELECT * { ?a ?b ?c } ORDER BY ?c"  # half a megabyte
WIDE = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 20000"  # some megabytes

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="memory can be limited on Linux only")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with as many triples as NUMBERS says, in one graph."""
    path = tmp_path_factory.mktemp("engine") / "store"
    made = ox.Store(str(path))
    number = ox.NamedNode(f"{EX}number")
    made.extend(
        ox.Quad(ox.NamedNode(f"{EX}s{value}"), number, ox.Literal(value), ox.NamedNode(f"{EX}graph"))
        for value in range(NUMBERS)
    )
    made.flush()
    return path


def engine_over(store: Path, services: tuple[str, ...] = (), **limits: Any) -> LocalEngine:
    """Make an engine with one worker a lane, unless told otherwise."""
    chosen: dict[str, Any] = {"quick": NEVER, "quick_workers": 1, "slow_workers": 1, **limits}
    return LocalEngine(store, {"ex": EX}, Limits(**chosen), base=EX, services=services)


@pytest.fixture(scope="module")
def calm(store: Path) -> Iterator[LocalEngine]:
    """An engine for tests that do it no harm."""
    with engine_over(store) as made:
        yield made


def ask(engine: LocalEngine, text: str, **more: Any) -> Answer:
    """Ask for JSON, with patience."""
    return engine.query(text, JSON, **{"timeout": PATIENCE, **more})


def value(answer: Answer) -> str:
    """The value of the variable n in the first row."""
    found: str = json.loads(answer.content)["results"]["bindings"][0]["n"]["value"]
    return found


def answers(engine: LocalEngine) -> bool:
    """Say whether an engine gives the right answer to a look-up."""
    return value(ask(engine, LOOK_UP)) == "7"


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "this never came to be"
        time.sleep(0.005)


def ended(pid: int) -> bool:
    """Say whether a process has ended; one that nobody has buried yet has."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text("ascii") if Path("/proc/self/stat").exists() else ") R"
    except (ProcessLookupError, FileNotFoundError):
        return True
    return state.rpartition(")")[2].split()[0] == "Z"


def pids(engine: LocalEngine) -> set[int]:
    """The processes of an engine."""
    with engine._lanes._lock:
        return {worker.pid for worker in engine._lanes._all}


def idle(engine: LocalEngine) -> bool:
    """Say whether nobody runs and nobody waits."""
    state = engine.state()
    return not any(state[f"{lane}_{what}"] for lane in ("quick", "slow") for what in ("running", "waiting"))


class Crowd:
    """Clients that ask in threads of their own."""

    def __init__(self) -> None:
        self._asking: list[tuple[threading.Thread, threading.Event]] = []

    def ask(self, engine: LocalEngine, text: str, client: str) -> tuple["Future[Answer]", threading.Event]:
        """Let a client ask; gives its answer to come, and what to set when it goes."""
        result: Future[Answer] = Future()
        gone = threading.Event()

        def run() -> None:
            try:
                result.set_result(ask(engine, text, client=client, timeout=NEVER, cancelled=gone.is_set))
            except EngineError as error:
                result.set_exception(error)

        thread = threading.Thread(target=run)
        self._asking.append((thread, gone))
        thread.start()
        return result, gone

    def ask_until(self, engine: LocalEngine, client: str, text: str = ENDLESS, **state: int) -> "Future[Answer]":
        """Let a client ask, and wait until the engine's state is as given."""
        result, _ = self.ask(engine, text, client)
        until(lambda: state.items() <= engine.state().items())
        return result

    def disperse(self) -> None:
        """Send all home."""
        for _, gone in self._asking:
            gone.set()
        for thread, _ in self._asking:
            thread.join(PATIENCE)


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    """Clients; none is left when the test ends."""
    made = Crowd()
    yield made
    made.disperse()


# Lanes -------------------------------------------------------------------------------------------


def test_a_short_query_is_answered_in_the_quick_lane(calm: LocalEngine) -> None:
    """The answer says who gave it, and how long it took."""
    answer = ask(calm, LOOK_UP)

    assert (value(answer), answer.lane, answer.file) == ("7", "quick", None)
    assert (answer.waited >= 0, answer.worked >= 0) == (True, True)


def test_a_query_over_the_quick_budget_goes_on_in_the_slow_lane(store: Path) -> None:
    """It is not stopped: one worker does all the work, and the answer is whole."""
    with engine_over(store, quick=0.001) as engine:
        answer = ask(engine, LONG)
        state = engine.state()

    assert (value(answer), answer.lane) == ("2000000", "slow")
    assert (state["workers"], state["slow_running"], state["quick_running"]) == (1, 0, 0)


@pytest.fixture
def entered(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Which client asked for a place in which lane, in order."""
    from lungkg.engines.lanes import Lanes  # noqa: PLC0415

    seen: list[tuple[str, str]] = []
    enter = Lanes.enter

    def spy(self: Lanes, lane: Lane, client: str, until: float, cancelled: Wanted) -> None:
        seen.append((client, lane))
        enter(self, lane, client, until, cancelled)

    monkeypatch.setattr(Lanes, "enter", spy)
    return seen


def test_a_query_that_was_stopped_for_the_slow_lane_starts_there_next_time(
    store: Path, crowd: Crowd, entered: list[tuple[str, str]]
) -> None:
    """A query that found the slow lane full begins anew when its turn comes, and goes straight there from then on."""
    with engine_over(store, quick=0.001) as engine:
        _, gone = crowd.ask(engine, ENDLESS, "a")
        until(lambda: engine.state()["slow_running"] == 1)
        waiting = crowd.ask_until(engine, "b", LONG, slow_waiting=1)
        gone.set()
        first = waiting.result(PATIENCE)
        second = ask(engine, LONG, client="b")

    assert [(value(answer), answer.lane) for answer in (first, second)] == [("2000000", "slow")] * 2
    assert [lane for client, lane in entered if client == "b"] == ["quick", "slow", "slow"]


def test_a_query_that_went_on_in_the_slow_lane_starts_there_next_time(
    store: Path, entered: list[tuple[str, str]]
) -> None:
    """A query that has once left the quick lane goes straight to the slow one from then on."""
    with engine_over(store, quick=0.001) as engine:
        lanes = [ask(engine, LONG, client="b").lane for _ in range(2)]

    assert lanes == ["slow", "slow"]
    assert [lane for _, lane in entered] == ["quick", "slow"]


@pytest.mark.slow
def test_look_ups_are_answered_while_the_slow_lane_is_full(store: Path, crowd: Crowd) -> None:
    """However many long queries run and wait, short ones are answered in the quick lane."""
    with engine_over(store, quick=2.0, quick_workers=3) as engine:
        for client in "abc":
            crowd.ask(engine, ENDLESS, client)
        until(lambda: {"slow_running": 1, "slow_waiting": 2, "quick_running": 0}.items() <= engine.state().items())

        lanes = [ask(engine, f"{LOOK_UP} # {number}", client="a").lane for number in range(20)]
        state = engine.state()
        crowd.disperse()

    assert lanes == ["quick"] * 20
    assert (state["slow_running"], state["slow_waiting"]) == (1, 2)


# Too much at once --------------------------------------------------------------------------------


def test_a_full_quick_queue_sends_away(store: Path, crowd: Crowd) -> None:
    """One runs, one waits, the third is told to come again; when they are gone it is answered."""
    with engine_over(store, quick_queue=1) as engine:
        crowd.ask_until(engine, "a", quick_running=1)
        crowd.ask_until(engine, "b", quick_waiting=1)

        with pytest.raises(EngineBusy, match="1 queries wait already in the quick lane"):
            ask(engine, LOOK_UP, client="c")
        crowd.disperse()

        assert answers(engine)


def test_a_full_slow_queue_sends_away(store: Path, crowd: Crowd) -> None:
    """One runs, one waits, the third long query is told to come again; a short one is answered."""
    with engine_over(store, quick=SOON, slow_queue=1) as engine:
        crowd.ask_until(engine, "a", slow_running=1)
        crowd.ask_until(engine, "b", slow_waiting=1)

        with pytest.raises(EngineBusy, match="1 queries wait already in the slow lane"):
            ask(engine, ENDLESS, client="c")
        crowd.disperse()

        assert (answers(engine), idle(engine)) == (True, True)


def test_a_client_has_its_share_of_long_queries(store: Path, crowd: Crowd) -> None:
    """Its second long query is sent away though there is room, and the one of another client runs."""
    with engine_over(store, quick=SOON, slow_workers=2, share=1) as engine:
        crowd.ask_until(engine, "a", slow_running=1)

        with pytest.raises(EngineBusy, match="1 long queries of this address run or wait already"):
            ask(engine, ENDLESS, client="a")
        crowd.ask_until(engine, "b", slow_running=2)
        crowd.disperse()

        assert (answers(engine), idle(engine)) == (True, True)


# Deadline, memory, clients that go ---------------------------------------------------------------


@pytest.mark.parametrize("budget", [NEVER, SOON], ids=["in-the-quick-lane", "in-the-slow-lane"])
def test_a_query_is_stopped_at_its_deadline(store: Path, budget: float) -> None:
    """The error tells the limit, the process is gone, and the next query is answered."""
    with engine_over(store, quick=budget) as engine:
        assert answers(engine)
        before = pids(engine)

        with pytest.raises(EngineTimeout, match=r"limit of 0\.3 seconds") as caught:
            ask(engine, ENDLESS, timeout=0.3)

        assert caught.value.seconds == 0.3
        assert all(map(ended, before))
        assert (answers(engine), idle(engine)) == (True, True)


@pytest.mark.parametrize("lane", ["quick", "slow"])
def test_a_query_that_waits_is_stopped_at_its_deadline(store: Path, crowd: Crowd, lane: str) -> None:
    """Waiting counts: a query whose turn does not come ends in time, and leaves the queue."""
    with engine_over(store, quick=NEVER if lane == "quick" else SOON) as engine:
        crowd.ask(engine, ENDLESS, "a")
        until(lambda: engine.state()[f"{lane}_running"] == 1)

        with pytest.raises(EngineTimeout) as caught:
            ask(engine, ENDLESS, client="b", timeout=0.3)
        state = engine.state()
        crowd.disperse()

        assert caught.value.seconds == 0.3
        assert (state[f"{lane}_running"], state[f"{lane}_waiting"]) == (1, 0)
        assert answers(engine)


@needs_linux
@pytest.mark.slow
@pytest.mark.parametrize("budget", [NEVER, SOON], ids=["in-the-quick-lane", "in-the-slow-lane"])
def test_a_query_that_eats_memory_is_stopped(store: Path, budget: float) -> None:
    """A sort over a cross product ends at the memory limit or the deadline, and the next query is answered."""
    with engine_over(store, quick=budget, memory=64) as engine:
        with pytest.raises((EngineDied, EngineTimeout), match="the query was stopped"):
            ask(engine, HUNGRY, timeout=20)

        assert (answers(engine), idle(engine)) == (True, True)


@pytest.mark.parametrize("budget", [NEVER, SOON], ids=["in-the-quick-lane", "in-the-slow-lane"])
def test_a_query_is_stopped_when_its_client_goes(store: Path, crowd: Crowd, budget: float) -> None:
    """Nobody works for a client that has gone: the query ends, and so does its process."""
    lane = "quick" if budget == NEVER else "slow"
    with engine_over(store, quick=budget) as engine:
        result, gone = crowd.ask(engine, ENDLESS, "a")
        until(lambda: engine.state()[f"{lane}_running"] == 1 and bool(pids(engine)))
        working = pids(engine)

        gone.set()

        assert isinstance(result.exception(PATIENCE), Cancelled)
        assert all(map(ended, working))
        assert (answers(engine), idle(engine)) == (True, True)


def test_a_query_that_waits_is_given_up_when_its_client_goes(store: Path, crowd: Crowd) -> None:
    """A client that goes leaves the queue, and the one who runs is not disturbed."""
    with engine_over(store) as engine:
        running = crowd.ask_until(engine, "a", quick_running=1)
        waiting, gone = crowd.ask(engine, LOOK_UP, "b")
        until(lambda: engine.state()["quick_waiting"] == 1)

        gone.set()

        assert isinstance(waiting.exception(PATIENCE), Cancelled)
        assert engine.state()["quick_waiting"] == 0
        assert not running.done()
        crowd.disperse()


# Long answers ------------------------------------------------------------------------------------


def test_an_answer_over_its_limit_is_an_error(store: Path) -> None:
    """Nothing of it is given, and the next query is answered."""
    with engine_over(store, answer_size=1) as engine:
        with pytest.raises(AnswerTooLong, match="limit of 1 MB"):
            ask(engine, WIDE)

        assert answers(engine)
        assert engine.state()["open_answers"] == 0


def test_a_long_answer_is_in_a_file_and_the_same(store: Path, calm: LocalEngine) -> None:
    """File or memory, the bytes and their hash are the same, and a file can be read again."""
    in_memory = ask(calm, ROWS)

    with engine_over(store, kept_size=0.01) as engine:
        in_file = ask(engine, ROWS)
        assert in_file.file is not None
        with in_file.file:
            whole, again = in_file.content, b"".join(in_file.chunks(1000))

    assert (in_file.body, whole, again) == (b"", in_memory.content, in_memory.content)
    assert (in_file.size, in_file.digest) == (in_memory.size, in_memory.digest) == (len(whole), in_memory.digest)


def test_answers_in_files_are_bounded(store: Path) -> None:
    """With two open answers the third is refused; an answer in memory is not; one that is let go makes room."""
    with engine_over(store, kept_size=0.001, open_answers=2) as engine:
        held = [ask(engine, ROWS) for _ in range(2)]

        with pytest.raises(EngineBusy, match="too many long answers"):
            ask(engine, ROWS)
        counted = engine.state()["open_answers"]
        short = answers(engine)
        for answer in held:
            assert answer.file is not None
            answer.file.close()
        del answer
        held.clear()
        gc.collect()
        after = engine.state()["open_answers"]
        last = ask(engine, ROWS)
        assert last.file is not None
        last.file.close()

    assert (counted, short, after) == (2, True, 0)


def test_an_answer_that_is_closed_makes_room(store: Path) -> None:
    """A file that is closed takes no room on the disk, whoever still holds the answer."""
    with engine_over(store, kept_size=0.001) as engine:
        answer = ask(engine, ROWS)
        assert answer.file is not None
        answer.file.close()

        assert engine.state()["open_answers"] == 0


class Watched:
    """A lock in whose hold garbage is collected, as may happen whenever an object is made."""

    def __init__(self) -> None:
        self.stuck = False
        self._holder = 0

    def __enter__(self) -> None:
        if self._holder == threading.get_ident():
            self.stuck = True  # the real one would wait for itself, forever
            return
        self._holder = threading.get_ident()
        gc.collect()

    def __exit__(self, *failure: object) -> None:
        self._holder = 0


def test_an_answer_that_is_read_is_closed(store: Path) -> None:
    """Who reads a long answer whole leaves no open file behind, and gets the bytes that `content` has."""
    with engine_over(store, kept_size=0.001) as engine:
        answer, other = ask(engine, ROWS), ask(engine, ROWS)
        assert answer.file is not None
        assert other.file is not None

        assert other.content == answer.read()
        assert (True, False) == (answer.file.closed, other.file.closed)
        other.file.close()


def test_collecting_an_answer_never_waits_for_the_engine(store: Path) -> None:
    """An answer may be collected at any moment, even while the engine counts another one."""
    with engine_over(store, kept_size=0.001) as engine:
        answer = ask(engine, ROWS)
        assert answer.file is not None
        answer.file.close()
        circle: list[object] = [answer]
        circle.append(circle)
        lock = Watched()
        if isinstance(getattr(engine, "_lock", None), type(threading.Lock())):
            engine._lock = lock  # type: ignore[assignment]

        del answer, circle
        other = ask(engine, ROWS)
        assert other.file is not None
        other.file.close()

    assert not lock.stuck


# Refusals ----------------------------------------------------------------------------------------


def test_rdf_xml_that_cannot_be_written_is_not_acceptable(calm: LocalEngine) -> None:
    """The error names format and reason, and other formats have the answer."""
    text = f"CONSTRUCT {{ ?s <{EX}1> ?o }} {{ ?s ?p ?o }} LIMIT 1"

    with pytest.raises(NotAcceptable, match=f"cannot be written as rdfxml: .*<{EX}1>; ask for another format"):
        calm.query(text, by_name("rdfxml", GRAPHS) or GRAPHS[0])

    assert calm.query(text, GRAPHS[0]).rows == 1


def test_xml_that_cannot_be_written_is_not_acceptable(calm: LocalEngine) -> None:
    """A control character is refused in XML."""
    with pytest.raises(NotAcceptable, match="cannot be written as xml: XML has no way to write control characters"):
        calm.query("SELECT ('\\u0001' AS ?x) {}", choose_format("SELECT", name="xml"))


def test_a_query_can_be_parsed_only(calm: LocalEngine) -> None:
    """An endless query parses, and a malformed one says where."""
    calm.parse(ENDLESS, timeout=PATIENCE)

    with pytest.raises(QuerySyntaxError) as caught:
        calm.parse("SELECT * {\n ?s ?p }", timeout=PATIENCE)

    assert caught.value.line == 2


def test_relative_iris_are_relative_to_the_base(calm: LocalEngine) -> None:
    """The base of the project makes them whole."""
    assert value(ask(calm, "SELECT ?n { <s7> <number> ?n }")) == "7"


def test_the_limits_of_files_are_told_when_their_folder_is_missing(store: Path, tmp_path: Path) -> None:
    """Without a place for answers the reason is told, and not taken for a lack of memory."""
    folder = tmp_path / "missing"
    with (
        engine_over(store, spill=str(folder)) as engine,
        pytest.raises(EngineError, match=r"^cannot write answers into .*missing"),
    ):
        ask(engine, LOOK_UP)


# Workers -----------------------------------------------------------------------------------------


def test_a_worker_that_dies_between_queries_is_not_noticed(store: Path) -> None:
    """All workers may be killed while they are idle; the next query is answered by new ones."""
    with engine_over(store) as engine:
        engine.ready()
        before = set(engine._lanes._all)
        for worker in before:
            os.kill(worker.pid, signal.SIGKILL)
        until(lambda: not any(worker.alive for worker in before))

        assert [answers(engine) for _ in range(3)] == [True] * 3
        assert not pids(engine) & {worker.pid for worker in before}


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "busy"])
def test_closing_leaves_no_process(store: Path, crowd: Crowd, busy: bool) -> None:
    """Whatever the workers do, all of them have ended when the engine is closed."""
    with engine_over(store) as engine:
        engine.ready()
        result = crowd.ask_until(engine, "a", quick_running=1) if busy else None
        until(lambda: len(engine._lanes._idle) == 2 - busy)  # the query has its worker
        working = pids(engine)
        engine.close()

        assert (len(working), all(map(ended, working))) == (2, True)
        assert engine.state()["workers"] == 0
        if result is not None:
            assert isinstance(result.exception(PATIENCE), EngineError)
    until(lambda: not pids(engine))


def test_an_engine_without_a_store_says_so(tmp_path: Path) -> None:
    """Neither `ready` nor a query hides why nothing can be answered, and nothing is left running."""
    with engine_over(tmp_path / "missing") as engine:
        for act in (engine.ready, lambda: ask(engine, LOOK_UP)):
            with pytest.raises(EngineError, match=r"a worker cannot open the store: .*missing"):
                act()

        assert idle(engine)


# SERVICE -----------------------------------------------------------------------------------------


class Elsewhere(BaseHTTPRequestHandler):
    """A SPARQL server that has one answer."""

    def do_POST(self) -> None:
        """Answer any query."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer()

    def do_GET(self) -> None:
        """Answer any query."""
        self._answer()

    def _answer(self) -> None:
        made: list[str] = self.server.asked  # type: ignore[attr-defined]
        made.append(self.path)
        row = {"n": {"type": "literal", "value": "from elsewhere"}}
        body = json.dumps({"head": {"vars": ["n"]}, "results": {"bindings": [row]}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/sparql-results+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def another_server() -> Iterator[tuple[str, list[str]]]:
    """A SPARQL server in a thread: its address, and the paths that it was asked for."""
    asked: list[str] = []
    with HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        server.asked = asked  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/sparql", asked
        finally:
            server.shutdown()
            thread.join(PATIENCE)


def test_an_allowed_service_is_called(store: Path) -> None:
    """A query that names an allowed address passes the screen and has the other server's answer."""
    with another_server() as (address, asked), engine_over(store, services=(address,)) as engine:
        text = f"SELECT ?n {{ SERVICE <{address}> {{ ?s ?p ?n }} }}"

        form = screen(text, (address,), fenced=engine.fenced)
        answer = ask(engine, text)

    assert (form, value(answer)) == ("SELECT", "from elsewhere")
    assert asked == ["/sparql"]


@pytest.mark.parametrize("text", [
    pytest.param("SELECT ?n {{ SERVICE <{0}/other> {{ ?s ?p ?n }} }}", id="another-path"),
    pytest.param("SELECT ?n {{ SERVICE SILENT <{0}/other> {{ ?s ?p ?n }} }}", id="silent"),
    pytest.param("SELECT ?n {{ SERVICE ?n {{ ?s ?p ?n }} VALUES ?n {{ <{0}> }} }}", id="a-variable"),
    pytest.param("SELECT ?n {{ SERVICE <{0}> {{ SERVICE <{0}/other> {{ ?s ?p ?n }} }} }}", id="within-an-allowed-one"),
])  # fmt: skip
def test_a_service_that_is_not_allowed_is_refused(text: str) -> None:
    """The screen lets pass only what names allowed addresses, and no server is called."""
    with another_server() as (address, asked):
        with pytest.raises(QueryRefused, match="SERVICE is refused, but for these addresses"):
            screen(text.format(address), (address,))

        assert asked == []


def test_without_allowed_services_every_service_is_refused() -> None:
    """An endpoint calls nobody unless it is told to."""
    with pytest.raises(QueryRefused, match="this endpoint does not call other servers"):
        screen(f"SELECT * {{ SERVICE <{EX}sparql> {{ ?s ?p ?o }} }}")


def test_a_service_that_slips_through_the_screen_meets_the_fence(calm: LocalEngine) -> None:
    """A worker that is fenced calls nobody, even for a query that nobody screened."""
    calm.ready()
    if not calm.fenced:
        pytest.skip("this system has no seccomp filter, so workers are not fenced")
    with another_server() as (address, asked):
        with pytest.raises(QueryRefused, match="this endpoint does not call other servers"):
            ask(calm, f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?n }} }}")

        assert asked == []
