"""Data to look at shapes with: a release, or files beside the ontology."""

import gzip
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox
import rdflib
from rdflib.compare import isomorphic

from lungkg.errors import SystemProblem
from lungkg.namespaces import GRAPHS, Minter
from lungkg.release import Release
from lungkg.report import Finding
from lungkg.stores import select
from lungkg.validation.files import read_graph
from lungkg.validation.shacl import Shapes
from lungkg.validation.sweep import sweep
from lungkg.validation.terms import Converter

_NOT_DATA: Final = frozenset({"ontology", "shapes", "queries", "metadata"})
_DATA: Final = ox.NamedNode("urn:x-lungkg:data")


@dataclass(frozen=True)
class Sample:
    """A store with data and ontology; `graphs` are those that hold the data, `lines` its sorted N-Quads.

    `accepts` says of shapes whether it is known that no Violation of theirs is in the data.
    """

    name: str
    store: ox.Store
    graphs: tuple[ox.NamedNode, ...]
    lines: Callable[[], Iterable[bytes]]
    accepts: Callable[[rdflib.Graph], bool] = lambda _: False

    def select(self, query: str) -> ox.QuerySolutions:
        """Ask of data and ontology together."""
        return select(self.store, query)

    def select_data(self, query: str) -> ox.QuerySolutions:
        """Ask of the data alone."""
        rows = self.store.query(query, default_graph=list(self.graphs))
        if not isinstance(rows, ox.QuerySolutions):
            raise TypeError("this is no SELECT query")
        return rows

    def counts(self, queries: Iterable[str]) -> dict[str, int]:
        """Ask queries for one number each, ?n; they run side by side, for the store answers outside Python's lock.

        Raises ValueError for what is no query, because it is made of a path that is none.
        """
        wanted = sorted(set(queries))
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            return dict(zip(wanted, threads.map(self._count, wanted), strict=True))

    def _count(self, query: str) -> int:
        try:
            (row,) = self.select(query)
        except SyntaxError as error:
            raise ValueError(f"these shapes cannot be asked of data: {error} in {query}") from None
        return int(row["n"].value)

    def validated(self, shapes: Shapes, progress: Callable[[int, int], None]) -> list[Finding]:
        """Validate it as a build does. Raises ValueError for shapes that cannot be used."""
        return sweep(self.store, self.lines, shapes, progress)


def release_sample(release: Release, base: str) -> Sample:
    """Take a release; nothing of it is read before it is asked for."""
    try:
        store = ox.Store.read_only(str(release.store))
    except OSError as error:
        raise SystemProblem(f"the release {release.path} cannot be opened: {error}") from None
    iris = Minter(base)
    graphs = tuple(ox.NamedNode(iris.graph(name)) for name in GRAPHS if name not in _NOT_DATA)

    def lines() -> Iterator[bytes]:
        with gzip.open(release.path / "dataset.nq.gz") as file:
            for line in file:
                yield line.rstrip(b"\n")

    def accepts(shapes: rdflib.Graph) -> bool:
        """Say whether these are the shapes that the release was published by."""
        own = store.quads_for_pattern(None, None, None, ox.NamedNode(iris.graph("shapes")))
        return isomorphic(Converter().graph(quad.triple for quad in own), shapes)

    return Sample(f"release {release.id[:12]}", store, graphs, lines, accepts)


def files_sample(names: Iterable[str], ontology: Iterable[ox.Triple]) -> Sample:
    """Read files, folders or standard input ("-", Turtle), beside an ontology."""
    given = tuple(names)
    text = read_graph(given).serialize(format="nt", encoding="utf-8")
    store = ox.Store()
    # Parsed rather than bulk-loaded: a bulk load would rename the blank nodes that results speak of.
    store.bulk_extend(
        ox.Quad(quad.subject, quad.predicate, quad.object, _DATA)
        for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES)
    )
    store.bulk_extend(
        ox.Quad(triple.subject, triple.predicate, triple.object, ox.DefaultGraph()) for triple in ontology
    )

    def lines() -> Iterator[bytes]:
        yield from sorted({str(quad.triple).encode() + b" ." for quad in store})

    return Sample(", ".join(given), store, (_DATA,), lines)
