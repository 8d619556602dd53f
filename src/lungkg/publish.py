"""Publishing a release into a server of its own: graph by graph, each replaced whole, and then counted.

A graph that was sent twice is there once, so publishing again mends whatever was left half done. The server
answers from a mixture of old and new graphs while it is loaded: load a second one and switch, if that matters.
"""

import gzip
import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import IO, Final

import pyoxigraph as ox

from lungkg.engines.graphstore import GraphStore
from lungkg.engines.remote import RemoteEngine
from lungkg.errors import BadParameter, EngineError, EngineTimeout, SystemProblem
from lungkg.formats import RESULTS
from lungkg.namespaces import GRAPHS, XSD, Minter
from lungkg.release import Release

HOW_TO: Final = "docs/howto/outgrow-one-machine.md"

_ADDRESSES: Final = (
    # of servers that say this of themselves, at query addresses like this, the graph store is at this address
    ("Oxigraph", r"/query/?$", "/store"),
    ("Virtuoso", r"/sparql/?$", "/sparql-graph-crud-auth"),
    ("Fuseki", r"/(sparql|query)/?$", "/data"),
    ("", r"(/repositories/[^/]+)/?$", r"\1/rdf-graphs/service"),
    ("", r"(\.neptune\.amazonaws\.com(:\d+)?/sparql)/?$", r"\1/gsp/"),
)
_NUMBERS: Final = frozenset(XSD + name for name in ("integer", "decimal", "double", "float", "boolean"))
_KNOCK: Final = 30.0  # seconds
_TRUTH: Final = {"true": "1", "false": "0"}


class PublishStopped(EngineError):
    """The server took some graphs and then no more."""

    def __init__(self, done: Sequence[str], left: Sequence[str], error: EngineError) -> None:
        self.done, self.left, self.error = tuple(done), tuple(left), error
        why = "it took too long; raise --timeout" if isinstance(error, EngineTimeout) else str(error)
        super().__init__(
            f"publishing stopped at {left[0]}: {why}\n"
            f"replaced: {', '.join(done) or 'none'}\n"
            f"not replaced: {', '.join(left)}; the first of them may be there in part\n"
            "Publish again when that is mended: graphs are replaced whole, so nothing will be there twice."
        )


@dataclass(frozen=True, slots=True)
class Count:
    """How many triples of a graph there are here, how many different values they say, and how many are there."""

    graph: str
    here: int
    values: int
    there: int

    @property
    def verdict(self) -> str:
        """Say what that means; empty when the graphs have equally many triples."""
        if self.there == self.here:
            return ""
        if self.there == self.values:
            return f"{self.here - self.values} fewer, because this server keeps equal values once, however written"
        return "differs"

    @property
    def fine(self) -> bool:
        """Say whether the server holds what it should."""
        return self.there in (self.here, self.values)


class Edition:
    """The graphs of a release, those that are empty in it too: a server may hold an older release."""

    def __init__(self, release: Release) -> None:
        self._store = ox.Store.read_only(str(release.store))
        iris = Minter(str(release.info["base"]))
        self.names = {iris.graph(name): name for name in GRAPHS}
        for graph in self._store.named_graphs():
            self.names.setdefault(str(graph.value), str(graph.value))

    def is_empty(self, graph: str) -> bool:
        """Say whether a graph has no triple."""
        return next(self._quads(graph), None) is None

    def counts(self, graph: str) -> tuple[int, int]:
        """Count the triples of a graph, and those that differ in what they say, not only in how it is written."""
        plain, numbers, all_numbers = 0, set(), 0
        for quad in self._quads(graph):
            value = _value(quad.object)
            if value is None:
                plain += 1
            else:
                all_numbers += 1
                numbers.add((quad.subject, quad.predicate, value))
        return plain + all_numbers, plain + len(numbers)

    def write(self, graph: str, path: Path) -> None:
        """Write a graph as N-Triples."""
        self._store.dump(str(path), format=ox.RdfFormat.N_TRIPLES, from_graph=ox.NamedNode(graph))

    def write_all(self, path: Path) -> None:
        """Write all graphs as N-Quads, compressed when the name ends in .gz."""
        partial = path.with_name(path.name + ".part")
        with _disk(path):
            with partial.open("wb") as raw:
                file: IO[bytes] = gzip.GzipFile("", "wb", 6, raw, mtime=0) if path.suffix == ".gz" else raw  # type: ignore[assignment]
                with file:
                    self._store.dump(file, format=ox.RdfFormat.N_QUADS)
            partial.replace(path)

    def _quads(self, graph: str) -> Iterator[ox.Quad]:
        return self._store.quads_for_pattern(None, None, None, ox.NamedNode(graph))


def _value(term: object) -> Decimal | str | None:
    """Give what a literal that is a number or a truth value stands for; None for other terms."""
    if not isinstance(term, ox.Literal) or term.datatype.value not in _NUMBERS:
        return None
    try:
        return Decimal(_TRUTH.get(term.value, term.value))
    except InvalidOperation:
        return str(term.value)


def silent(graph: str) -> None:
    """Report no progress."""


def publish(
    edition: Edition,
    store: GraphStore,
    *,
    timeout: float,
    progress: Callable[[str], None] = silent,
) -> None:
    """Replace all graphs on a server; `timeout` is for each one, in seconds, and `progress` is told their names.

    Raises PublishStopped, which says what is replaced and what is not, or another EngineError before anything is.
    """
    graphs = list(edition.names)
    store.knock(graphs[0], timeout=min(timeout, _KNOCK))
    with tempfile.TemporaryDirectory(prefix="lungkg-publish-") as folder:
        for number, graph in enumerate(graphs):
            progress(edition.names[graph])
            try:
                _replace(edition, graph, store, Path(folder) / "graph.nt", timeout)
            except EngineError as error:
                names = list(edition.names.values())
                raise PublishStopped(names[:number], names[number:], error) from None


def _replace(edition: Edition, graph: str, store: GraphStore, path: Path, timeout: float) -> None:
    if edition.is_empty(graph):
        store.delete(graph, timeout=timeout)
        return
    with _disk(path):
        edition.write(graph, path)
    store.put(graph, path, timeout=timeout)


def verify(edition: Edition, engine: RemoteEngine, *, timeout: float) -> Iterator[Count]:
    """Count every graph here and on the server, which is asked through its query endpoint."""
    for graph, name in edition.names.items():
        query = f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
        answer = json.loads(engine.query(query, RESULTS[0], timeout=timeout).read())
        here, values = edition.counts(graph)
        yield Count(name, here, values, int(answer["results"]["bindings"][0]["n"]["value"]))


def differing(counts: Iterable[Count]) -> list[str]:
    """Give the names of the graphs of which the server does not hold what it should."""
    return [count.graph for count in counts if not count.fine]


def graph_store_address(url: str, server: str) -> str:
    """Give the address at which a server takes graphs, from its query address and what it calls itself.

    Raises BadParameter, which lists usual addresses, when that is not known.

    >>> graph_store_address("http://127.0.0.1:8890/sparql", "Virtuoso/07.20.3229 (Linux)")
    'http://127.0.0.1:8890/sparql-graph-crud-auth'
    """
    for name, address, store in _ADDRESSES:
        if name in server and re.search(address, url):
            return re.sub(address, store, url)
    raise BadParameter(
        "gsp",
        f"is missing, and where {url} takes graphs is not known. Usual are /store (Oxigraph), /sparql-graph-crud-auth "
        "(Virtuoso), /DATASET/data (Fuseki), /repositories/ID/rdf-graphs/service (GraphDB), /sparql/gsp/ (Neptune) and "
        f"the query address itself (QLever). For a server without one, write the release with --write FILE.nq.gz, load "
        f"it by the server's bulk loader and check with --verify-only; {HOW_TO} says how.",
    )


@contextmanager
def _disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SystemProblem(f"cannot write {path}: {error.strerror or error}") from None
