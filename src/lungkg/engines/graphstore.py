"""Writes graphs to a server by the SPARQL 1.1 Graph Store HTTP Protocol (https://www.w3.org/TR/sparql11-http-rdf-update/)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote
from urllib.request import Request

from lungkg.engines.wire import Credentials, Deadline, Reply, Wire, check_url, excerpt
from lungkg.errors import EngineFault

_PIECE: Final = 2**20  # bytes read from a file and sent at a time
_WORDS: Final = {
    401: ("asks for a user and a password, or does not take those given", "Give them by --user and --password-env."),
    403: ("forbids to write graphs", "Ask its operator for the right to write these graphs."),
    413: ("finds the graph too large", "Load it by the server's own bulk loader instead."),
}
_NO_STORE: Final = frozenset({404, 405, 415, 501})


class _Content:
    """The bytes of a file, from the beginning each time somebody reads them: a request may be sent twice."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece


class GraphStore:
    """A server that takes whole graphs at an address of its own; `graph` is the IRI of a graph throughout.

    Every method takes a time limit in seconds, and raises EngineUnreachable, EngineTimeout or EngineFault.
    Raises BadParameter for a URL that is none.
    """

    def __init__(self, url: str, *, user: str | None = None, password: str | None = None, attempts: int = 3) -> None:
        self.url = check_url(url, "gsp")
        credentials = None if user is None and password is None else Credentials(user, password or "", shy=True)
        self._wire = Wire(credentials, attempts=attempts, megabytes=1)  # it has nothing long to say

    def knock(self, graph: str, *, timeout: float) -> None:
        """Ask whether a graph is there, so that a server that asks who we are does so before a long upload."""
        reply = self._send("HEAD", graph, timeout)
        if reply.status in (401, 403):
            raise self._fault(reply)

    def put(self, graph: str, path: Path, *, timeout: float) -> None:
        """Replace a graph by the triples of an N-Triples file."""
        reply = self._send("PUT", graph, timeout, path)
        if reply.status not in (200, 201, 204):
            raise self._fault(reply)

    def delete(self, graph: str, *, timeout: float) -> None:
        """Remove a graph; one that is not there is fine."""
        reply = self._send("DELETE", graph, timeout)
        if reply.status not in (200, 202, 204, 404):
            raise self._fault(reply)

    def _send(self, method: str, graph: str, timeout: float, path: Path | None = None) -> Reply:
        url = f"{self.url}{'&' if '?' in self.url else '?'}graph={quote(graph, safe='')}"
        request = Request(url, method=method)  # noqa: S310 # check_url let http and https pass only
        if path is not None:
            request.data = _Content(path)
            request.add_header("Content-Type", "application/n-triples")
            request.add_header("Content-Length", str(path.stat().st_size))
        return self._wire.send(request, Deadline(timeout))

    def _fault(self, reply: Reply) -> EngineFault:
        if reply.status in _NO_STORE:
            return EngineFault(
                self.url,
                f"takes no graphs by the Graph Store Protocol: it answers {reply.status}: {excerpt(reply)}",
                "Give the right address by --gsp, or load the file that --write makes by the server's bulk loader.",
            )
        told, hint = _WORDS.get(reply.status, (f"answers {reply.status}: {excerpt(reply)}", ""))
        return EngineFault(self.url, told, hint)
