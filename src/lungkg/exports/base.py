"""What an export is: a format that a release, or a part of it, is written in for other people's tools.

An export writes into a folder that it is given, and equal releases give equal files: nothing in them
comes from the clock, the machine or the order of a hash table.
"""

import gzip
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import pyoxigraph as ox

from lungkg.project import Project

_SHORT_ID: Final = 12


@dataclass(frozen=True, slots=True)
class Exporting:
    """What is exported: a finished store, opened by whoever exports, and how."""

    store: ox.Store
    project: Project
    info: Mapping[str, Any]
    """What release.json says, as far as it is known: id, date, version."""
    dataset: Path | None = None
    """The dataset.nq.gz of the same release; without it the store is sorted anew, which takes far longer."""
    compressed: bool = True
    """Compress what grows with the number of claims."""
    inferred: bool = True
    """Export inferred claims, too, each marked as what it is."""
    key: Path | None = None
    """Private key to sign nanopublications with."""
    signer: str = ""
    """IRI of whom the key belongs to; the project's curators unless given."""

    @property
    def name(self) -> str:
        """What the name of every file starts with: project and release."""
        return f"{self.project.name}-{str(self.info['id'])[:_SHORT_ID]}"

    @property
    def date(self) -> str:
        """Date of the release (ISO 8601): the newest one in its sources, never the clock's."""
        return str(self.info.get("date") or self.project.issued)

    def file(self, folder: Path, ending: str, *, large: bool = True) -> Path:
        """Name a file of this release; one that may grow `large` is compressed if anything is."""
        return folder / f"{self.name}{ending}{'.gz' if large and self.compressed else ''}"


@dataclass(frozen=True, slots=True)
class Exported:
    """One file that was written; `media_type` is that of its content, also when the file is compressed."""

    path: Path
    title: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Export:
    """A format: its name, and what writes it into a folder."""

    name: str
    title: str
    write: Callable[[Exporting, Path], list[Exported]]
    purpose: str = ""
    """What the format is for."""
    loses: str = "nothing"
    """What it cannot hold."""
    files: int = 1
    """How many files it writes."""
    of_statements: bool = False
    """Holds claims and inferred claims, so that the latter can be left out."""


@contextmanager
def writing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file to write, compressed when its name ends in .gz: without time and name in its header."""
    with path.open("wb") as raw:
        if path.suffix != ".gz":
            yield raw
            return
        file: IO[bytes] = gzip.GzipFile("", "wb", 6, raw, mtime=0)  # type: ignore[assignment]
        with file:
            yield file
