"""A server on loopback that misbehaves as it is told, and remembers what it was asked."""

import contextlib
import http.server
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs

PATIENCE: Final = 60.0  # seconds; a bound on hanging
JSON: Final = "application/sparql-results+json"


@dataclass
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, list[str]]:
        """The fields of a form that was sent."""
        return parse_qs(self.body.decode())


class Client(http.server.BaseHTTPRequestHandler):
    """The server's side of a connection; what it answers is up to the test."""

    protocol_version = "HTTP/1.1"
    server: "Rogue"

    def behave(self) -> None:
        """Note the request and answer with the next behaviour; the last one is repeated."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.asked.append(Asked(self.command, self.path, dict(self.headers), body))
        behaviours = self.server.behaviours
        self.close_connection = True
        with contextlib.suppress(OSError):  # the other side may hang up first
            (behaviours.pop(0) if len(behaviours) > 1 else behaviours[0])(self)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = behave  # noqa: N815 # the names are the library's

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


Behaviour = Callable[[Client], None]


class Rogue(http.server.ThreadingHTTPServer):
    """A server that does what it is told."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Client)
        self.behaviours: list[Behaviour] = []
        self.asked: list[Asked] = []
        self.closing = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}/sparql"

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent about clients that hang up."""


@contextlib.contextmanager
def misbehaving() -> Iterator[Rogue]:
    """Start the server, and stop it at the end."""
    with Rogue() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join(PATIENCE)


# What it may do -----------------------------------------------------------------------------------


def says(content: bytes, media_type: str = JSON, status: int = 200, **headers: str) -> Behaviour:
    """Answer properly; in header names `_` stands for `-`."""

    def behave(client: Client) -> None:
        client.send_response_only(status)
        client.send_header("Content-Type", media_type)
        client.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            client.send_header(name.replace("_", "-"), value)
        client.end_headers()
        if client.command != "HEAD":
            client.wfile.write(content)

    return behave


def sends(raw: bytes) -> Behaviour:
    """Send these bytes, whatever they are, and hang up."""

    def behave(client: Client) -> None:
        client.wfile.write(raw)

    return behave


def promises(length: int, content: bytes, media_type: str) -> Behaviour:
    """Announce a length, send other content and hang up."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n"
    return sends(head.encode() + content)


def chunks(content: bytes, media_type: str, end: bytes = b"") -> Behaviour:
    """Send a chunked answer and hang up; without an end it is cut off."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nTransfer-Encoding: chunked\r\n\r\n{len(content):x}\r\n"
    return sends(head.encode() + content + b"\r\n" + end)


def hangs_up(client: Client) -> None:
    """Close the connection without a word."""
    client.connection.shutdown(socket.SHUT_RDWR)


def keeps_silent(client: Client) -> None:
    """Never answer."""
    client.server.closing.wait(PATIENCE)


def drips(client: Client) -> None:
    """Send a byte now and then, so that no single read is slow."""
    client.wfile.write(f"HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\nContent-Length: 1000000\r\n\r\n".encode())
    while not client.server.closing.wait(0.05):
        client.wfile.write(b" ")


def drips_headers(client: Client) -> None:
    """Send the headers a byte at a time."""
    client.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not client.server.closing.wait(0.05):
        client.wfile.write(b"x")


def never_ends(client: Client) -> None:
    """Send rows without end."""
    client.wfile.write(f"HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\n\r\n".encode())
    while not client.server.closing.is_set():
        client.wfile.write(b" " * 2**20)
