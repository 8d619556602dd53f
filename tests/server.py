"""A server as a user starts it: `lungkg serve` in a process of its own; and a client that mends nothing.

It serves the small project of tests/other_project. Its store also holds two graphs with known content, and
the graphs of the W3C's protocol tests where those are at hand.
"""

import contextlib
import http.client
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

import pyoxigraph as ox

PROJECT: Final = Path(__file__).parent / "other_project"
W3C: Final = Path(__file__).parents[2] / "shared" / "w3c" / "sparql11" / "protocol"

PATIENCE: Final = 120.0  # seconds; a bound on hanging on a slow machine, not a measure of speed
ATTEMPTS: Final = 5  # a port that was free may be taken by another process before the server has it

FORM: Final = "application/x-www-form-urlencoded"
QUERY: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"

BREAD_GRAPH: Final = "https://example.org/protocol/bread"
CAKE_GRAPH: Final = "https://example.org/protocol/cake"
BREAD: Final = b"""
<http://example.org/bread> <http://www.w3.org/2000/01/rdf-schema#label> "bread"@en .
<http://example.org/bread> <http://www.w3.org/2000/01/rdf-schema#label> "\xe9\x9d\xa2\xe5\x8c\x85"@zh .
<http://example.org/bread> <http://example.org/weight> "0.5"^^<http://www.w3.org/2001/XMLSchema#decimal> .
"""
CAKE: Final = b"""
<http://example.org/cake> <http://www.w3.org/2000/01/rdf-schema#label> "cake"@en .
<http://example.org/cake> <http://example.org/weight> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .
"""


class Request(NamedTuple):
    """A request as it goes over the wire; only Host and Content-Length are added to its headers."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def asking(self, *accept: str, **headers: str) -> "Request":
        """Give the same request with Accept headers, and others whose names have `_` for `-`."""
        more = [("Accept", value) for value in accept]
        more += [(name.replace("_", "-"), value) for name, value in headers.items()]
        return self._replace(headers=(*self.headers, *more))


Parameters = Mapping[str, str | Sequence[str]]


def _target(path: str, parameters: Parameters) -> str:
    query = urlencode(parameters, doseq=True, quote_via=quote)
    return f"{path}?{query}" if query else path


def get(text: str, parameters: Parameters | None = None, *, path: str = "/sparql") -> Request:
    """Write a query as GET."""
    return Request("GET", _target(path, {"query": text, **(parameters or {})}))


def form(text: str, parameters: Parameters | None = None, *, path: str = "/sparql") -> Request:
    """Write a query as POST of a form, the other parameters in the form too."""
    body = urlencode({"query": text, **(parameters or {})}, doseq=True)
    return Request("POST", path, (("Content-Type", FORM),), body.encode())


def direct(text: str, parameters: Parameters | None = None, *, path: str = "/sparql") -> Request:
    """Write a query as POST of the query itself, the other parameters in the URL."""
    return Request("POST", _target(path, parameters or {}), (("Content-Type", QUERY),), text.encode())


WAYS: Final = {"get": get, "form": form, "direct": direct}
"""The three ways of the SPARQL 1.1 Protocol to send a query."""


@dataclass(frozen=True)
class Reply:
    """What came back, as it came."""

    status: int
    headers: Message
    body: bytes

    def header(self, name: str) -> str:
        """Give a header, all its lines joined by commas, or the empty text."""
        return ", ".join(self.headers.get_all(name, []))

    @property
    def media_type(self) -> str:
        """The Content-Type without its parameters."""
        return self.header("Content-Type").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body, which has to be UTF-8."""
        return self.body.decode("utf-8")

    @property
    def json(self) -> Any:
        """The body, which has to be JSON."""
        return json.loads(self.body)

    @property
    def rows(self) -> list[dict[str, str]]:
        """The rows of SPARQL 1.1 Results JSON as plain values."""
        return [{name: term["value"] for name, term in row.items()} for row in self.json["results"]["bindings"]]

    @property
    def problem(self) -> tuple[int, str]:
        """The status and media type, which say that this is problem+json; its own status has to agree."""
        told = self.json["status"] if self.media_type == "application/problem+json" else self.status
        return told, self.media_type


def problem(status: int) -> tuple[int, str]:
    """Give what `Reply.problem` is for an error with this status."""
    return status, "application/problem+json"


@dataclass(frozen=True)
class Server:
    """A running server, its releases and its log."""

    process: subprocess.Popen[bytes]
    port: int
    out: Path
    log: Path
    host: str = "127.0.0.1"

    @property
    def origin(self) -> str:
        """Where it is, without a path."""
        return f"http://{self.host}:{self.port}"

    @property
    def endpoint(self) -> str:
        """Where it takes queries."""
        return f"{self.origin}/sparql"

    @property
    def store(self) -> Path:
        """The store that it serves."""
        return self.out / "current" / "store"

    def send(self, request: Request) -> Reply:
        """Send a request over a connection of its own and read the whole reply."""
        names = {name.lower() for name, _ in request.headers}
        with contextlib.closing(http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)) as connection:
            connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
            if "host" not in names:
                connection.putheader("Host", f"{self.host}:{self.port}")
            for name, value in request.headers:
                connection.putheader(name, value)
            if (request.body or request.method in ("POST", "PUT")) and not names & {
                "content-length",
                "transfer-encoding",
            }:
                connection.putheader("Content-Length", str(len(request.body)))
            connection.endheaders(request.body)
            response = connection.getresponse()
            return Reply(response.status, response.headers, response.read())

    def raw(self, data: bytes) -> bytes:
        """Send bytes and read until the server closes, which the bytes have to ask for; gives what came back.

        A server may close before it has taken everything: then this is what it said before, if anything.
        """
        received = b""
        with (
            socket.create_connection((self.host, self.port), timeout=PATIENCE) as connection,
            contextlib.suppress(ConnectionError),
        ):
            with contextlib.suppress(ConnectionError):
                connection.sendall(data)
            while chunk := connection.recv(65536):
                received += chunk
        return received

    def hang_up(self, data: bytes) -> None:
        """Send bytes, go away without reading, and let the server find out by a reset."""
        with socket.create_connection((self.host, self.port), timeout=PATIENCE) as connection:
            connection.sendall(data)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def is_ready(self) -> bool:
        """Say whether /health answers 200."""
        try:
            return self.send(Request("GET", "/health")).status == 200
        except (OSError, http.client.HTTPException):
            return False

    def wait_until_ready(self) -> bool:
        """Wait until it answers; False when it ended instead. Raises TimeoutError when it does neither."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.process.poll() is not None:
                return False
            if self.is_ready():
                return True
            time.sleep(0.05)
        raise TimeoutError(f"the server was not ready in {PATIENCE:g} seconds:\n{self.log_text}")

    @property
    def log_text(self) -> str:
        """What it wrote on standard output and standard error."""
        return self.log.read_text("utf-8", errors="replace")

    def stop(self) -> None:
        """End it by SIGTERM and wait for it. Raises subprocess.TimeoutExpired when it does not end."""
        try:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGTERM)
            self.process.wait(PATIENCE)
        finally:
            # Whatever goes wrong, the machine is left without processes of this server.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def environment() -> dict[str, str]:
    """Give the environment without settings that would change what is tested, ours and proxies.

    Few worker processes are enough, however many cores there are: there is a server for each process of xdist.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("LUNGKG_") and not name.lower().endswith("_proxy")
    }
    return {**kept, "LUNGKG_QUICK_WORKERS": "2", "LUNGKG_SLOW_WORKERS": "2"}


def command(*words: str | Path) -> list[str]:
    """Give the command line of lungkg as this Python has it."""
    return [sys.executable, "-c", "from lungkg.cli import main; main()", *map(str, words)]


def known_graphs() -> dict[str, bytes]:
    """Give the graphs that are added to the store, as N-Triples by their IRI."""
    files = sorted(W3C.glob("data*.nt"))
    kasei = "http://kasei.us/2009/09/sparql/data/"  # the manifest labels its files so
    return {
        BREAD_GRAPH: BREAD,
        CAKE_GRAPH: CAKE,
        **{f"{kasei}{file.stem}.rdf": file.read_bytes() for file in files},
    }


def build(out: Path) -> None:
    """Build the project by the command line and add the known graphs to the store of its release."""
    words = command("build", "--project", PROJECT, "--out", out)
    run = subprocess.run(words, env=environment(), capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise RuntimeError(f"the build failed:\n{run.stdout}{run.stderr}")
    store = ox.Store(str(out / "current" / "store"))
    for iri, content in known_graphs().items():
        store.load(content, format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(iri))
    store.flush()


def free_port() -> int:
    """Give a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(out: Path, log: Path, options: Sequence[str] = ()) -> Server:
    """Start `lungkg serve` and wait until it answers. Raises RuntimeError when it does not start."""
    told = ""
    for _ in range(ATTEMPTS):
        port = free_port()
        words = command("serve", "--project", PROJECT, "--out", out, "--port", str(port), *options)
        with log.open("wb") as sink:
            process = subprocess.Popen(words, env=environment(), stdout=sink, stderr=sink, start_new_session=True)
        server = Server(process, port, out, log)
        try:
            if server.wait_until_ready():
                return server
        except BaseException:
            server.stop()
            raise
        told = server.log_text
        server.stop()
    raise RuntimeError(f"the server did not start:\n{told}")


@contextlib.contextmanager
def serving(folder: Path, *options: str) -> Iterator[Server]:
    """Build and serve in this folder, and stop at the end."""
    build(folder / "out")
    server = start(folder / "out", folder / "log", options)
    try:
        yield server
    finally:
        server.stop()
