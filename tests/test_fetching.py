"""Fetching RDF from an address: only what was asked for, within limits, and each failure is one sentence."""

import contextlib
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pyoxigraph as ox
import pytest

from lungkg.errors import InputError
from lungkg.validation import fetching
from lungkg.validation.files import read_rdf

TURTLE = b"@prefix e: <http://e/> .\n<> e:p <#x> .\n"


class _Answers(BaseHTTPRequestHandler):
    """Answers by path."""

    def do_GET(self) -> None:
        """Answer one request."""
        path = self.path.partition("?")[0]
        if path == "/moved":
            self._say(302, b"", Location="/a.ttl")
        elif path == "/to-a-file":
            self._say(302, b"", Location="file:///etc/hostname")
        elif path == "/gone":
            self._say(410, b"")
        elif path == "/page":
            self._say(200, b"<p>", **{"Content-Type": "text/html"})
        elif path == "/untyped.nt":
            self._say(200, b"<a:a> <a:b> <a:c> .", **{"Content-Type": "application/octet-stream"})
        elif path == "/large":
            self._say(200, b"#" * 5000, **{"Content-Type": "text/turtle"})
        elif path == "/slow":
            self.send_response(200)
            self.send_header("Content-Type", "text/turtle")
            self.end_headers()
            with contextlib.suppress(OSError):  # the client goes before the end
                for _ in range(20):
                    self.wfile.write(b"# wait\n")
                    self.wfile.flush()
                    time.sleep(0.05)
        else:
            self._say(200, TURTLE, **{"Content-Type": "text/turtle; charset=utf-8"})

    def _say(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of a small server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the server itself, whatever proxies the machine has."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def test_rdf_is_read_with_its_own_address_as_the_base(address: str) -> None:
    """Relative IRIs belong to the address after redirects; places name the address that was given."""
    (source,) = read_rdf([f"{address}/moved"])

    assert [f"<{address}/a.ttl> <http://e/p> <{address}/a.ttl#x>"] == [str(triple) for triple in source.triples]
    assert (f"{address}/moved", True) == (str(source.place), source.has_lines)


def test_the_suffix_tells_the_format_when_the_server_does_not(address: str) -> None:
    """Servers send files without knowing what they are."""
    assert ox.RdfFormat.N_TRIPLES == read_rdf([f"{address}/untyped.nt"])[0].form


@pytest.mark.parametrize(
    ("path", "what"),
    [
        pytest.param("/gone", "the server answers 410", id="gone"),
        pytest.param("/page", "the server sends text/html, which is no RDF format", id="no-rdf"),
        pytest.param("/to-a-file", "cannot be fetched|the server answers 302", id="redirect-to-a-file"),
        pytest.param("/large", "the answer is larger than 0 MB", id="too-large"),
        pytest.param("/slow", "there was no whole answer after 0.2 seconds", id="too-slow"),
    ],
)
def test_what_cannot_be_fetched_is_told(address: str, path: str, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address and the reason; never a stack trace, never a file of this machine."""
    monkeypatch.setattr(fetching, "LARGEST", 4000)
    monkeypatch.setattr(fetching, "SECONDS", 0.2)

    with pytest.raises(InputError, match=what) as refused:
        read_rdf([address + path])

    assert str(refused.value).startswith(address + path)


def test_a_server_that_is_not_there_is_told(address: str) -> None:
    """Nobody listens on port 1."""
    with pytest.raises(InputError, match=r"http://127\.0\.0\.1:1/x: this address cannot be fetched: .*refused"):
        read_rdf(["http://127.0.0.1:1/x"])
    assert address
