"""Starts SPARQL servers on loopback, waits for their first answer, and ends them.

The peers come from PyPI into a virtual environment of their own, and Virtuoso from Debian. A server that
cannot be had is left out, with the reason.
"""

import contextlib
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from graph import LUNGKG, Graph
from load import Client

from questions import JSON

HOST: Final = "127.0.0.1"
FIRST: Final = "SELECT ?thing ?kind { ?thing a ?kind } LIMIT 1"
PATIENCE: Final = 1200  # seconds for a server to start, loading included
LAST_WORDS: Final = 2000  # characters of a log that are shown when a server dies

_POLITE: Final = 15  # seconds between SIGTERM and SIGKILL
_PEERS: Final = ("oxigraph", "rdflib-endpoint", "uvicorn")


class Unavailable(Exception):
    """This server cannot be had here; the message says why."""


@dataclass
class Server:
    """A running server: its SPARQL address, its process, and the seconds to its first answer."""

    name: str
    version: str
    url: str
    process: subprocess.Popen[bytes]
    log: Path
    started: float
    notes: list[str] = field(default_factory=list)


@contextmanager
def running(
    name: str,
    version: str,
    url: str,
    command: Sequence[str],
    log: Path,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Start a server in a session of its own and end it, with every process that it started.

    Raises Unavailable when it ends before it answers, or does not answer in PATIENCE seconds.
    """
    with log.open("wb") as file:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdout=file,
            stderr=file,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, **(environment or {})},
        )
        try:
            _wait(name, url, process, log)
            yield Server(name, version, url, process, log, time.perf_counter() - began)
        finally:
            end(process)


def ask_to_end(process: subprocess.Popen[bytes]) -> float:
    """Send SIGTERM and wait, in vain perhaps; gives the seconds it took."""
    began = time.perf_counter()
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_POLITE)
    return time.perf_counter() - began


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a server to end, then kill what is left of its session, which is ours alone."""
    ask_to_end(process)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _wait(name: str, url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        client = Client(url, timeout=PATIENCE)
        reply = client.ask(FIRST, JSON)
        client.close()
        if reply.status == 200:
            return
        if process.poll() is not None:
            raise Unavailable(f"{name} ended with {process.returncode}: {log.read_text('utf-8')[-LAST_WORDS:]}")
        time.sleep(0.005)
    raise Unavailable(f"{name} did not answer in {PATIENCE} s: {log.read_text('utf-8')[-LAST_WORDS:]}")


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def serve_options() -> set[str]:
    """Read which options `lungkg serve` has."""
    said = subprocess.run([LUNGKG, "serve", "--help"], capture_output=True, text=True, check=True)
    return set(re.findall(r"--[a-z-]+", said.stdout))


@contextmanager
def lungkg(
    root: Path, out: Path, work: Path, options: str = "", environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Serve a project with lungkg; `options` are added to the command."""
    port = free_port()
    version = _said([str(LUNGKG), "--version"])
    command = [
        str(LUNGKG),
        "serve",
        "--project",
        str(root),
        "--out",
        str(out),
        "--port",
        str(port),
        *shlex.split(options),
    ]
    url = f"http://{HOST}:{port}/sparql"
    with running("lungkg", version, url, command, work / "lungkg.log", environment) as server:
        yield server


def peers(folder: Path) -> Path:
    """Give the `bin` of a virtual environment with the peers in it, making it when it is not there.

    Raises Unavailable when they cannot be installed.
    """
    programs = folder / "bin"
    if not (programs / "rdflib-endpoint").exists() or not (programs / "oxigraph").exists():
        print(f"installing {', '.join(_PEERS)} into {folder} …", file=sys.stderr, flush=True)
        venv.create(folder, with_pip=True)
        ended = subprocess.run(
            [programs / "python", "-m", "pip", "install", "--quiet", *_PEERS],
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode:
            raise Unavailable(f"pip could not install {', '.join(_PEERS)}: {ended.stderr[-LAST_WORDS:]}")
    return programs


@contextmanager
def oxigraph(programs: Path, graph: Graph, work: Path, limit: int = 0) -> Iterator[Server]:
    """Serve a copy of the release's store with Oxigraph's own server, its default graph being the union.

    `limit` is how many bytes of address space it may take, 0 for any.
    """
    port = free_port()
    program = programs / "oxigraph"
    command = [
        str(program),
        "serve-read-only",
        "--location",
        str(graph.store_copy(work)),
        "--bind",
        f"{HOST}:{port}",
        "--union-default-graph",
    ]
    if limit:
        command = ["prlimit", f"--as={limit}", *command]
    url = f"http://{HOST}:{port}/query"
    with running("oxigraph", _said([str(program), "--version"]), url, command, work / "oxigraph.log") as server:
        yield server


@contextmanager
def rdflib_endpoint(programs: Path, graph: Graph, work: Path) -> Iterator[Server]:
    """Serve the release's N-Quads with rdflib-endpoint, which keeps them in memory."""
    port = free_port()
    packages = ("rdflib-endpoint", "rdflib", "uvicorn")
    code = f"from importlib.metadata import version\nprint(*(f'{{p}} {{version(p)}}' for p in {packages!r}))"
    version = _said([str(programs / "python"), "-c", code])
    command = [str(programs / "rdflib-endpoint"), "serve", "--host", HOST, "--port", str(port), str(graph.quads(work))]
    with running("rdflib-endpoint", version, f"http://{HOST}:{port}/", command, work / "rdflib-endpoint.log") as server:
        yield server


@contextmanager
def virtuoso(graph: Graph, work: Path) -> Iterator[Server]:
    """Serve the release's N-Quads with Virtuoso, loaded once into a database below `work`."""
    program, client = shutil.which("virtuoso-t"), shutil.which("isql-vt") or shutil.which("isql-v")
    if not program or not client:
        raise Unavailable("virtuoso-t or its isql is not installed (Debian: virtuoso-opensource-7)")
    quads = graph.quads(work)
    home = work / f"virtuoso-{graph.release.id[:12]}"
    complete = home / "complete"
    if not complete.exists():
        shutil.rmtree(home, ignore_errors=True)
    home.mkdir(exist_ok=True)
    port, sql = free_port(), free_port()
    (home / "virtuoso.ini").write_text(_VIRTUOSO.format(home=home, work=work, port=port, sql=sql), "utf-8")
    version = "virtuoso " + _said([program, "-?"], "Version")
    command = [program, "+foreground", "+configfile", str(home / "virtuoso.ini")]
    url = f"http://{HOST}:{port}/sparql"
    with running("virtuoso", version, url, command, work / "virtuoso.log") as server:
        if not complete.exists():
            _load_virtuoso(client, sql, quads)
            complete.touch()
        yield server


def _load_virtuoso(client: str, port: int, quads: Path) -> None:
    orders = (  # one to a line, or isql takes them for one
        f"ld_dir('{quads.parent}', '{quads.name}', 'urn:none');",
        "rdf_loader_run();",
        "checkpoint;",
        "SELECT ll_error FROM DB.DBA.LOAD_LIST WHERE ll_error IS NOT NULL OR ll_state <> 2;",
    )
    said = subprocess.run(
        [client, f"{HOST}:{port}", "dba", "dba"],
        input="\n".join(orders),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    if said.returncode or "*** Error" in said.stdout + said.stderr or "0 Rows." not in said.stdout:
        raise Unavailable(f"Virtuoso did not load the graph: {(said.stdout + said.stderr)[-LAST_WORDS:]}")


_VIRTUOSO: Final = """\
[Database]
DatabaseFile = {home}/virtuoso.db
ErrorLogFile = {home}/virtuoso-error.log
LockFile = {home}/virtuoso.lck
TransactionFile = {home}/virtuoso.trx
xa_persistent_file = {home}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {home}/virtuoso-temp.db
TransactionFile = {home}/virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = {work}
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
ThreadCleanupInterval = 1
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerThreads = 20
KeepAliveTimeout = 60
MaxKeepAlives = 20
[SPARQL]
ResultSetMaxRows = 10000000
"""


def _said(command: Sequence[str], word: str = "") -> str:
    """Give the first line with this word in it that a command prints."""
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = (line.strip() for line in (ended.stdout + ended.stderr).splitlines())
    return next((line for line in lines if line and word in line), "version unknown")
