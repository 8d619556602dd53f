"""The real command `lungkg serve`: how it starts, follows builds, bears rude clients, and ends."""

import contextlib
import importlib
import json
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from http.client import HTTPException
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from prometheus_client.parser import text_string_to_metric_families

from lungkg.errors import InputError
from lungkg.limits import Limits
from lungkg.project import load_project
from lungkg.release import Release
from tests.server import (
    ATTEMPTS,
    PROJECT,
    Reply,
    Request,
    Server,
    build,
    command,
    environment,
    free_port,
    get,
    problem,
    start,
)

pytestmark = pytest.mark.slow

serve: Final = importlib.import_module("lungkg.cli.serve")  # lungkg.cli.serve is the command of that name

PATIENCE: Final = 60.0  # seconds; a bound on hanging, not a measure of speed
PROC: Final = Path("/proc")
needs_proc = pytest.mark.skipif(not (PROC / "self" / "stat").exists(), reason="processes are counted by /proc")

ENDLESS: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
A_WHILE: Final = """SELECT (COUNT(*) AS ?n) {
  { SELECT * { ?a ?b ?c } LIMIT 1000 } { SELECT * { ?d ?e ?f } LIMIT 1000 } { SELECT * { ?g ?h ?i } LIMIT 10 }
}"""
"""Takes a second or so, and counts ten million."""
LONG: Final = f"SELECT ?s ?x {{ ?s ?p ?o BIND('{'x' * 4000}' AS ?x) }} LIMIT 2500"
"""Is answered soon, by 10 MB: more than the buffers of a connection hold."""
TITLE: Final = "SELECT ?title { <https://example.org/bakery/ont> <http://www.w3.org/2000/01/rdf-schema#label> ?title }"


# Helpers -----------------------------------------------------------------------------------------


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Wait for something that has to come. Raises TimeoutError when it does not."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"not in {PATIENCE:g} seconds: {what}")
        time.sleep(0.02)


class Process(NamedTuple):
    """A process: its number may be given to another one later, but not with the same start."""

    number: int
    began: str


def stat(number: int) -> tuple[str, int, str] | None:
    """Give the state, the parent and the start of a process, or None when there is none."""
    try:
        words = (PROC / str(number) / "stat").read_text("utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return words[0], int(words[1]), words[19]


def children(number: int) -> set[Process]:
    """Give the processes that a process has started and that run."""
    numbers = [int(path.name) for path in PROC.iterdir() if path.name.isdigit()]
    found = {child: stat(child) for child in numbers}
    return {Process(child, told[2]) for child, told in found.items() if told and told[1] == number and told[0] != "Z"}


def running(processes: set[Process]) -> set[Process]:
    """Give those that still run; one that only waits to be buried does not."""
    told = {process: stat(process.number) for process in processes}
    return {process for process, now in told.items() if now and now[2] == process.began and now[0] not in "ZX"}


def metrics(server: Server) -> dict[str, float]:
    """Read the gauges and counters that have no labels."""
    families = text_string_to_metric_families(server.send(Request("GET", "/metrics")).text)
    return {sample.name: sample.value for family in families for sample in family.samples if not sample.labels}


def engine(server: Server, name: str) -> float:
    """Read one gauge of the engine."""
    return metrics(server)[f"lungkg_engine_{name}"]


def refuses(server: Server) -> bool:
    """Say whether it takes no new connections."""
    try:
        socket.create_connection((server.host, server.port), timeout=PATIENCE).close()
    except OSError:
        return True
    return False


def wire(request: Request) -> bytes:
    """Write a GET as it goes over the wire."""
    return f"GET {request.target} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


class Asking:
    """A request on its way, in a thread: in the end there is a reply, or the connection was closed."""

    def __init__(self, server: Server, request: Request) -> None:
        self.reply: Reply | None = None
        self.failure: Exception | None = None
        self._server, self._request = server, request
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()

    def _ask(self) -> None:
        try:
            self.reply = self._server.send(self._request)
        except (OSError, HTTPException) as error:
            self.failure = error

    def wait(self) -> None:
        """Wait for the end."""
        self._thread.join(2 * PATIENCE)
        assert not self._thread.is_alive()


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a release, which nobody changes."""
    folder = tmp_path_factory.mktemp("serving") / "out"
    build(folder)
    return folder


@pytest.fixture(scope="module")
def server(out: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that several tests use, and none may harm."""
    running = start(out, tmp_path_factory.mktemp("log") / "log")
    try:
        yield running
    finally:
        running.stop()


@contextlib.contextmanager
def own_server(out: Path, folder: Path, *options: str) -> Iterator[Server]:
    """Start a server for one test, which may end it."""
    server = start(out, folder / "log", options)
    try:
        yield server
    finally:
        server.stop()


# Ending ------------------------------------------------------------------------------------------


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["sigterm", "sigint"])
def test_a_signal_ends_it(out: Path, tmp_path: Path, number: signal.Signals) -> None:
    """The exit code is 0, no worker survives, and nothing is said but requests; a client that idles is no obstacle."""
    with own_server(out, tmp_path) as server, socket.create_connection((server.host, server.port)) as idle:
        idle.sendall(wire(Request("GET", "/health/live")))
        assert idle.recv(12) == b"HTTP/1.1 200"
        workers = children(server.process.pid)
        wait_until(lambda: "serving release " in server.log_text, "it says that it serves")

        server.process.send_signal(number)
        code = server.process.wait(PATIENCE)

        assert (0, True, set()) == (code, bool(workers), running(workers))
        others = [line for line in server.log_text.splitlines() if not line.startswith('{"time"')]
        assert [True] == [line.startswith("serving release ") for line in others]


@needs_proc
@pytest.mark.parametrize("text", [None, ENDLESS], ids=["idle-workers", "busy-worker"])
def test_no_worker_outlives_a_server_that_is_killed(out: Path, tmp_path: Path, text: str | None) -> None:
    """Even SIGKILL, which gives it no time to clean up, takes the workers along."""
    with own_server(out, tmp_path) as server:
        asking = Asking(server, get(text)) if text else None
        if asking:
            wait_until(lambda: engine(server, "slow_running") == 1, "the query is slow")
        workers = children(server.process.pid)

        server.process.kill()
        server.process.wait(PATIENCE)

        assert workers
        wait_until(lambda: not running(workers), "the workers end")
        if asking:
            asking.wait()
            assert (None, True) == (asking.reply, asking.failure is not None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [pytest.param(A_WHILE, "answer", id="answered-in-time"), pytest.param(ENDLESS, "problem", id="never-answered")],
)
def test_a_request_that_runs_is_finished(out: Path, tmp_path: Path, text: str, expected: str) -> None:
    """After SIGTERM it is answered whole, or told that it took too long, while new connections are not taken."""
    seconds = "60" if expected == "answer" else "3"
    with own_server(out, tmp_path, "--timeout", seconds) as server:
        asking = Asking(server, get(text))
        wait_until(lambda: engine(server, "slow_running") == 1, "the query is slow")

        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: refuses(server), "new connections are refused")
        code = server.process.wait(2 * PATIENCE)
        asking.wait()

        assert (0, None) == (code, asking.failure)
        assert asking.reply is not None
        if expected == "answer":
            assert (200, [{"n": "10000000"}]) == (asking.reply.status, asking.reply.rows)
        else:
            assert problem(504) == asking.reply.problem


def test_a_client_that_never_reads_does_not_keep_it_from_ending(out: Path, tmp_path: Path) -> None:
    """After a grace it ends; what the client then reads is cut off, and so does not pass for the whole."""
    with own_server(out, tmp_path, "--timeout", "3") as server, reluctant(server) as connection:
        connection.sendall(wire(get(LONG)))
        wait_until(lambda: engine(server, "open_answers") == 1, "the answer is on its way")

        server.process.send_signal(signal.SIGTERM)
        code = server.process.wait(PATIENCE)
        got = read_all(connection)

        length = re.search(rb"content-length: (\d+)", got)
        assert length
        assert (0, True) == (code, len(got) < int(length[1]))


# Starting ----------------------------------------------------------------------------------------


def serve_and_wait(project: Path, out: Path, port: int) -> tuple[int, str]:
    """Run the command where it cannot serve; gives its exit code and what it said."""
    words = command("serve", "--project", project, "--out", out, "--port", str(port))
    run = subprocess.run(words, env=environment(), capture_output=True, text=True, check=False, timeout=2 * PATIENCE)
    return run.returncode, run.stdout + run.stderr


def test_a_port_in_use_is_one_sentence(out: Path) -> None:
    """Exit code 3, the address, the reason, and no stack trace."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        code, told = serve_and_wait(PROJECT, out, port)

    assert (3, 1) == (code, len(told.splitlines()))
    assert told.startswith(f"error: cannot listen on 127.0.0.1:{port}: ")


def test_a_port_of_another_server_is_not_shared(server: Server) -> None:
    """Two servers on one port would answer in turn; the second one gives up and the first goes on."""
    code, told = serve_and_wait(PROJECT, server.out, server.port)

    assert (3, 1, True) == (code, len(told.splitlines()), server.is_ready())


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the small project, to be changed."""
    return Path(shutil.copytree(PROJECT, tmp_path / "project"))


def replace_in(path: Path, old: str, new: str) -> None:
    """Change a source that has to have this text."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


BROKEN: Final[dict[str, tuple[str, str, str, str]]] = {
    # file, what is replaced, by what, the place that has to be named
    "claims": ("data/documents/leaflet-01/claims.jsonl", '{"id": "C2",', '{"id": ', "claims.jsonl:2"),
    "unknown-entity": ("data/documents/leaflet-01/claims.jsonl", '"object": "loaf"', '"object": "loof"', "claims.jsonl:4"),
    "ontology": ("ontology/bakery.ttl", '"bakery vocabulary"@en ;', '"bakery vocabulary"@en', "bakery.ttl:2"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "place"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_project_is_not_served(copy: Path, tmp_path: Path, name: str, old: str, new: str, place: str) -> None:
    """Exit code 2 with file and line, no stack trace, and nothing was ever served."""
    replace_in(copy / name, old, new)
    port = free_port()

    code, told = serve_and_wait(copy, tmp_path / "out", port)

    assert (2, True) == (code, place in told)
    assert not [words for words in ("Traceback", "serving release") if words in told]


# Following builds --------------------------------------------------------------------------------


@contextlib.contextmanager
def serving_copy(project: Path, folder: Path) -> Iterator[Server]:
    """Build and serve a project of one's own."""
    for _ in range(ATTEMPTS):
        port = free_port()
        words = command("serve", "--project", project, "--out", folder / "out", "--port", str(port))
        with (folder / "log").open("wb") as sink:
            process = subprocess.Popen(words, env=environment(), stdout=sink, stderr=sink, start_new_session=True)
        server = Server(process, port, folder / "out", folder / "log")
        try:
            if server.wait_until_ready():
                yield server
                return
        finally:
            server.stop()
    raise RuntimeError(server.log_text)


def start_build(project: Path, out: Path) -> subprocess.Popen[bytes]:
    """Start a build in a process of its own."""
    words = command("build", "--project", project, "--out", out)
    return subprocess.Popen(words, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@needs_proc
def test_a_new_release_is_served_without_a_gap(copy: Path, tmp_path: Path) -> None:
    """Until it is there the old one answers, then the new one, and every request between; old workers end."""
    with serving_copy(copy, tmp_path) as server:
        before, old = server.send(Request("GET", "/health")).json["release"], children(server.process.pid)
        first = server.send(get(TITLE))
        replace_in(copy / "ontology" / "bakery.ttl", '"bakery vocabulary"@en', '"bakery vocabulary, revised"@en')
        answers: list[tuple[int, str]] = []

        def ask() -> bool:
            reply = server.send(get(TITLE))
            answers.append((reply.status, reply.rows[0]["title"]))
            return "revised" in answers[-1][1]

        with start_build(copy, server.out) as building:
            wait_until(ask, "the new release is served")
            assert 0 == building.wait(PATIENCE)
        again = server.send(get(TITLE).asking(If_None_Match=first.header("ETag")))
        health = server.send(Request("GET", "/health")).json

        new = answers[-1:]
        assert [*[(200, "bakery vocabulary")] * (len(answers) - 1), (200, "bakery vocabulary, revised")] == answers
        assert ("bakery vocabulary", new) == (first.rows[0]["title"], [(again.status, again.rows[0]["title"])])
        assert ("ready", True) == (health["status"], health["release"] != before)
        wait_until(lambda: not running(old), "the workers of the old release end")
        wait_until(lambda: f"serving release {health['release'][:12]}" in server.log_text, "the log says so")


def test_a_release_that_cannot_be_opened_changes_nothing(copy: Path, tmp_path: Path) -> None:
    """The one before goes on, the log says why, and the next good one is served."""
    with serving_copy(copy, tmp_path) as server:
        before = server.send(Request("GET", "/health")).json["release"]
        broken = server.out / "releases" / "broken"
        broken.mkdir()
        (broken / "store").write_text("no store", "utf-8")
        (broken / "release.json").write_text(json.dumps({"id": "broken", "date": "2026-01-01"}), "utf-8")

        good = (server.out / "current").readlink()
        point(server.out, Path("releases") / "broken")
        wait_until(lambda: "cannot serve release broken" in server.log_text, "the bad release is refused")
        during = server.send(get("ASK {}"))
        point(server.out, good)
        replace_in(copy / "ontology" / "bakery.ttl", '"bakery vocabulary"@en', '"bakery vocabulary, mended"@en')
        with start_build(copy, server.out) as building:
            assert 0 == building.wait(2 * PATIENCE)
        wait_until(lambda: server.send(Request("GET", "/health")).json["release"] != before, "the next one is served")

        assert (200, 1) == (during.status, server.log_text.count("cannot serve release"))
        assert "Traceback" not in server.log_text


def test_a_server_checks_the_fairness_of_what_it_built(copy: Path, tmp_path: Path) -> None:
    """It answers first, and has the results a while later."""
    with serving_copy(copy, tmp_path) as server:
        wait_until(lambda: server.send(Request("GET", "/status/fair.json")).status == 200, "the checks are done")
        found = server.send(Request("GET", "/status/fair.json")).json["checks"]

    assert {"PURL1", "FsF-F1-01MD-1"} <= {result["check"] for result in found}


def point(out: Path, target: Path) -> None:
    """Switch to a release as a build does."""
    link = out / "link"
    link.symlink_to(target)
    link.replace(out / "current")


def test_a_release_that_is_given_up_leaves_no_engine(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the queries beside it cannot be read, the workers that were started for it end."""
    opened: list[bool] = []
    closed: list[bool] = []

    class Opened:
        def __init__(self, *_: object, **__: object) -> None:
            opened.append(True)

        def ready(self) -> bool:
            return True

        def close(self) -> None:
            closed.append(True)

    monkeypatch.setattr(serve, "LocalEngine", Opened)
    (copy / "queries" / "said-of-bread.rq").write_text("no query", "utf-8")

    with pytest.raises(InputError):
        serve._served(load_project(copy), Release(tmp_path), Limits(), ())

    assert opened == closed


# Clients that are rude ----------------------------------------------------------------------------


def test_who_goes_during_a_long_query_frees_a_place(server: Server) -> None:
    """The query is stopped, its place is free and its worker replaced, long before the deadline."""
    workers = engine(server, "workers")
    with socket.create_connection((server.host, server.port), timeout=PATIENCE) as connection:
        connection.sendall(wire(get(ENDLESS)))
        wait_until(lambda: engine(server, "slow_running") == 1, "the query is slow")

    wait_until(lambda: engine(server, "slow_running") == 0, "its place is free")
    wait_until(lambda: engine(server, "workers") == workers, "its worker is replaced")
    wait_until(lambda: '"status": 499' in server.log_text, "the log says so")
    assert 200 == server.send(get("ASK {}")).status
    (line,) = [json.loads(line) for line in server.log_text.splitlines() if '"status": 499' in line]
    assert line["ms"] < 30_000  # the deadline; that would have been another end


def reluctant(server: Server) -> AbstractContextManager[socket.socket]:
    """Connect with little room for what comes, so that the server has to wait for the reader."""
    connection = socket.socket()
    connection.settimeout(PATIENCE)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect((server.host, server.port))
    return connection


def read_all(connection: socket.socket) -> bytes:
    """Read until the connection is closed or reset."""
    got = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(2**16):
            got += piece
    return got


def test_readers_that_never_read_stop_nobody(out: Path, tmp_path: Path) -> None:
    """Others are answered meanwhile; and what the idle ones held is free when they go."""
    options = ("--share", "32", "--slow-queue", "32", "--open-answers", "8")
    with own_server(out, tmp_path, *options) as server, contextlib.ExitStack() as stack:
        for number in range(20):
            connection = stack.enter_context(reluctant(server))
            connection.sendall(wire(get(f"{LONG} # {number}")))
        wait_until(lambda: engine(server, "open_answers") == 8, "as many answers are open as may be")
        wait_until(lambda: engine(server, "quick_running") == engine(server, "slow_running") == 0, "nobody works")

        replies = [
            server.send(request)
            for request in (Request("GET", "/health"), get("ASK {}"), Request("GET", "/"), get(TITLE))
        ]
        refused = server.send(get(LONG))
        stack.close()
        wait_until(lambda: engine(server, "open_answers") == 0, "their answers are closed")
        long = server.send(get(LONG))

    assert [200] * 4 == [reply.status for reply in replies]
    assert problem(503) == refused.problem
    assert (200, 2500) == (long.status, len(long.rows))
