"""SPARQL servers that are not ours, started on loopback with a release in them: Oxigraph's own, and Virtuoso.

A server whose program is missing skips the tests that need it, with the reason. Each start chooses free ports,
waits until a query is answered, and chooses others when one was taken in between.
"""

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from lungkg.engines.graphstore import GraphStore
from lungkg.engines.remote import RemoteEngine, Union
from lungkg.errors import EngineError
from lungkg.namespaces import GRAPHS
from lungkg.project import Project
from lungkg.publish import Edition, publish
from lungkg.release import Release
from tests.server import free_port

PATIENCE: Final = 180.0  # seconds; bounds a hang on a slow machine, and is no measure of speed
ATTEMPTS: Final = 5  # a port that was free may be taken before the server has it

# Small on purpose: a server of tests, on a machine that may have two cores or a hundred.
VIRTUOSO_INI: Final = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
FileExtend = 200
MaxCheckpointRemap = 2000
[TempDatabase]
DatabaseFile = temporary.db
TransactionFile = temporary.trx
MaxCheckpointRemap = 2000
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
ServerThreads = 10
ThreadsPerQuery = 1
AsyncQueueMaxThreads = 2
CheckpointInterval = 0
NumberOfBuffers = 4000
MaxDirtyBuffers = 3000
DirsAllowed = .
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = .
ServerThreads = 8
[SPARQL]
ResultSetMaxRows = {rows}
MaxQueryExecutionTime = 60
"""


@dataclass(frozen=True)
class Peer:
    """A running server: where it takes queries, where it takes graphs, and who may write them."""

    name: str
    url: str
    gsp: str
    user: str | None = None
    password: str | None = None

    def store(self) -> GraphStore:
        """Give access to its graphs."""
        return GraphStore(self.gsp, user=self.user, password=self.password)

    def engine(self, project: Project, union: Union = "list") -> RemoteEngine:
        """Give an engine over it, for the graphs of a project."""
        graphs = [f"{project.base}graph/{name}" for name in GRAPHS]
        return RemoteEngine(self.url, graphs, project.prefixes, union=union)


def oxigraph_program() -> Path:
    """Find the program of the package oxigraph. Skips the test when it is missing."""
    beside = Path(sys.executable).with_name("oxigraph")
    found = str(beside) if beside.exists() else shutil.which("oxigraph")
    if found is None:
        pytest.skip("the oxigraph server is not here: it comes with the package oxigraph from PyPI")
    return Path(found)


def virtuoso_program() -> Path:
    """Find the program of the Debian package. Skips the test when it is missing."""
    found = shutil.which("virtuoso-t")
    if found is None:
        pytest.skip("Virtuoso is not here: it comes with the Debian package virtuoso-opensource-7-bin")
    return Path(found)


@contextlib.contextmanager
def oxigraph(folder: Path) -> Iterator[Peer]:
    """Start an Oxigraph server that keeps its data in memory."""
    program = oxigraph_program()

    def command() -> tuple[list[str], Peer]:
        origin = f"127.0.0.1:{free_port()}"
        return [str(program), "serve", "--bind", origin, "--timeout-s", "20"], Peer(
            "oxigraph", f"http://{origin}/query", f"http://{origin}/store"
        )

    with _running(folder, command) as peer:
        yield peer


@contextlib.contextmanager
def virtuoso(folder: Path, *, rows: int = 1_000_000) -> Iterator[Peer]:
    """Start a Virtuoso server with its data in this folder, which gives at most so many rows in an answer."""
    program = virtuoso_program()

    def command() -> tuple[list[str], Peer]:
        for left in folder.glob("virtuoso.*"):
            left.unlink()
        ports = {"sql": free_port(), "http": free_port()}
        (folder / "virtuoso.ini").write_text(VIRTUOSO_INI.format(rows=rows, **ports), "utf-8")
        origin = f"http://127.0.0.1:{ports['http']}"
        return [str(program), "+foreground", "+configfile", "virtuoso.ini"], Peer(
            "virtuoso", f"{origin}/sparql", f"{origin}/sparql-graph-crud-auth", "dba", "dba"
        )

    with _running(folder, command) as peer:
        yield peer


def load(peer: Peer, release: Release) -> None:
    """Publish a release into a server."""
    publish(Edition(release), peer.store(), timeout=PATIENCE)


@contextlib.contextmanager
def _running(folder: Path, command: Callable[[], tuple[list[str], Peer]]) -> Iterator[Peer]:
    """Start what `command` says, with new ports each time, until it answers; end it afterwards."""
    log = folder / "log"
    for _ in range(ATTEMPTS):
        words, peer = command()
        with log.open("wb") as sink:
            process = subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink)
        try:
            if _answers(process, peer):
                yield peer
                return
        finally:
            _end(process)
    raise RuntimeError(f"the server did not start:\n{log.read_text('utf-8', errors='replace')[-2000:]}")


def _answers(process: subprocess.Popen[bytes], peer: Peer) -> bool:
    """Wait until a query is answered; False when the process ended instead. Raises TimeoutError when neither."""
    engine = RemoteEngine(peer.url, attempts=1)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            return False
        with contextlib.suppress(EngineError):
            # Another server may have got the port first: then ours ends.
            return peer.name in engine.check().lower() and process.poll() is None
        time.sleep(0.1)
    raise TimeoutError(f"{peer.name} did not answer within {PATIENCE:g} seconds")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
