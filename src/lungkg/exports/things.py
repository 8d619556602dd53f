"""Reads a release thing by thing, in the order of their IRIs, in one pass and within bounded memory.

The canonical N-Quads of a release are sorted, so all lines about a thing stand together: those of its
fragments first (`#` sorts before `>`), then its own. Terms stay the bytes that they are in the file until
somebody asks for their value: reading is then a few times as fast as parsing, or as asking the store.
"""

import gzip
import tempfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

import pyoxigraph as ox

from lungkg.errors import SystemProblem
from lungkg.exports.base import Exporting
from lungkg.namespaces import GRAPHS, Minter
from lungkg.sorting import QuadSorter

_AT_ONCE: Final = 20_000

Item = TypeVar("Item")

Statement = tuple[bytes, bytes, bytes, bytes]
"""Subject, predicate, object and graph, each as N-Quads has it."""


@dataclass
class Thing:
    """What some graphs say of a thing and of its fragments."""

    kind: str
    iri: str
    statements: list[Statement]

    @cached_property
    def _objects(self) -> dict[tuple[bytes, bytes], list[bytes]]:
        found: defaultdict[tuple[bytes, bytes], list[bytes]] = defaultdict(list)
        start = len(term(self.iri)) - 1
        for subject, predicate, value, _ in self.statements:
            found[subject[start:], predicate].append(value)
        return found

    def terms(self, predicate: str, fragment: str = "") -> list[bytes]:
        """Give the objects of a property of the thing, or of a fragment of it such as `#quote`."""
        return self._objects.get(_key(predicate, fragment), [])

    def all(self, predicate: str, fragment: str = "") -> list[str]:
        """Give the values of a property."""
        return [value(found) for found in self.terms(predicate, fragment)]

    def one(self, predicate: str, fragment: str = "") -> str:
        """Give the first value of a property, or "" when there is none."""
        found = self.terms(predicate, fragment)
        return value(found[0]) if found else ""


def term(iri: str) -> bytes:
    """Write an IRI as N-Quads does."""
    return f"<{iri}>".encode()


@lru_cache(maxsize=1024)
def _key(predicate: str, fragment: str) -> tuple[bytes, bytes]:
    return f"{fragment}>".encode(), term(predicate)


def value(written: bytes) -> str:
    r"""Give the IRI or the text of a term of N-Quads.

    >>> value(b"<https://example.org/a>"), value(rb'"say \"so\""@en')
    ('https://example.org/a', 'say "so"')
    """
    if written.startswith(b"<"):
        return written[1:-1].decode()
    if b"\\" in written:
        quad = next(ox.parse(b"<a:s> <a:p> %b ." % written, format=ox.RdfFormat.N_TRIPLES))
        return str(quad.object.value)
    return written[1 : written.rindex(b'"')].decode()


def things(exporting: Exporting, kinds: Sequence[str], graphs: Iterable[str]) -> Iterator[Thing]:
    """Yield the things of these kinds (`claim`, `entity` …) with what these graphs say of them."""
    iris = Minter(exporting.project.base)
    spaces = {kind: iris.thing(kind, "") for kind in kinds}
    starts = tuple(sorted(f"<{space}".encode() for space in spaces.values()))
    wanted = frozenset(term(iris.graph(graph)) for graph in graphs)
    for iri, statements in _grouped(_statements(lines(exporting), starts, wanted)):
        kind = next(kind for kind, space in spaces.items() if iri.startswith(space))
        yield Thing(kind, iri, statements)


def lines(exporting: Exporting) -> Iterator[bytes]:
    """Yield the canonical N-Quads of all graphs but metadata, sorted, each with its line end."""
    if exporting.dataset is not None:
        try:
            with gzip.open(exporting.dataset) as file:
                yield from file
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise broken(exporting.dataset, error) from None
        return
    iris = Minter(exporting.project.base)
    with tempfile.TemporaryDirectory(prefix="lungkg-export-") as folder:
        sorter = QuadSorter(Path(folder))
        for name in GRAPHS:
            if name != "metadata":
                found = exporting.store.quads_for_pattern(None, None, None, ox.NamedNode(iris.graph(name)))
                for part in batched(found):
                    sorter.add(part)
        yield from (line + b"\n" for line in sorter.lines())


def batched(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield the items in lists long enough for work on a list to be fast."""
    rest = iter(items)
    while part := list(islice(rest, _AT_ONCE)):
        yield part


def broken(path: Path, error: Exception) -> SystemProblem:
    """Make the error for a release whose file does not decompress."""
    return SystemProblem(f"{path} does not decompress ({error}); build the release again")


def _statements(found: Iterator[bytes], starts: tuple[bytes, ...], graphs: frozenset[bytes]) -> Iterator[Statement]:
    beyond = starts[-1] + b"\xff"
    for line in found:
        if line.startswith(starts):
            said, graph, _ = line.rsplit(b" ", 2)
            if graph in graphs:
                subject, predicate, value = said.split(b" ", 2)
                yield subject, predicate, value, graph
        elif line > beyond:
            return


def _grouped(statements: Iterable[Statement]) -> Iterator[tuple[str, list[Statement]]]:
    """Group sorted statements by thing. What waits for its own lines are the fragments of one thing and of
    those whose IRIs its IRI starts with, so there are never many."""
    waiting: defaultdict[bytes, list[Statement]] = defaultdict(list)
    current = b""
    for statement in statements:
        iri, fragment, _ = statement[0].partition(b"#")
        if not fragment and iri != current:
            if current:
                yield current[1:-1].decode(), waiting.pop(current)
            current = iri
        waiting[iri + b">" if fragment else iri].append(statement)
    if current:
        yield current[1:-1].decode(), waiting.pop(current)
