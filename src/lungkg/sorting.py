"""Sorts N-Quads of any number within bounded memory, so that a release has one canonical text."""

import heapq
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from lungkg.stores import written

LINES_PER_RUN: Final = 400_000


class QuadSorter:
    """Takes quads in any order and gives their canonical N-Quads lines sorted, each once.

    Lines beyond `LINES_PER_RUN` are kept in sorted files in `folder`, which must exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines: list[bytes] = []
        self._runs: list[Path] = []

    def add(self, quads: Iterable[ox.Quad]) -> None:
        """Take in some quads."""
        self._lines += written(list(quads), ox.RdfFormat.N_QUADS).splitlines()
        if len(self._lines) >= LINES_PER_RUN:
            path = self._folder / f"run-{len(self._runs)}.nq"
            path.write_bytes(b"\n".join(sorted(self._lines)) + b"\n")
            self._runs.append(path)
            self._lines = []

    def lines(self) -> Iterator[bytes]:
        """Yield the lines, without line ends, in the order of their bytes; may be called again."""
        self._lines.sort()
        last = None
        for line in heapq.merge(*(_read(path) for path in self._runs), self._lines):
            if line != last:
                yield line
            last = line


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        for line in file:
            yield line.rstrip(b"\n")
