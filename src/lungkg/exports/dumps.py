"""Exports the whole dataset: every graph in N-Quads and TriG, or all of them as one graph in Turtle."""

import gzip
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

import pyoxigraph as ox

from lungkg.exports.base import Exported, Exporting, writing
from lungkg.exports.things import batched, broken, lines
from lungkg.namespaces import GRAPHS, Minter
from lungkg.stores import written

_BLOCK: Final = 1 << 20


def write_nquads(exporting: Exporting, folder: Path) -> list[Exported]:
    """Write all graphs as canonical N-Quads: those that make the release id, sorted, and then the metadata."""
    path = exporting.file(folder, ".nq")
    metadata = _metadata(exporting)
    if exporting.dataset is not None and path.suffix == ".gz":
        _join(exporting.dataset, metadata, path)
    else:
        with writing(path) as file:
            if exporting.dataset is None:
                file.writelines(lines(exporting))
            else:
                _unpack(exporting.dataset, file)
            file.writelines(metadata)
    return [Exported(path, "All graphs, as N-Quads", "application/n-quads")]


def write_trig(exporting: Exporting, folder: Path) -> list[Exported]:
    """Write all graphs as TriG, one after the other, each sorted."""
    path = exporting.file(folder, ".trig")
    quads = (quad for name in GRAPHS for quad in _graph(exporting, name))
    with writing(path) as file:
        ox.serialize(quads, file, format=ox.RdfFormat.TRIG, prefixes=exporting.project.prefixes)
    return [Exported(path, "All graphs, as TriG", "application/trig")]


def write_turtle(exporting: Exporting, folder: Path) -> list[Exported]:
    """Write the union of all graphs as Turtle, sorted, with the metadata behind."""
    path = exporting.file(folder, ".ttl")
    with writing(path) as file:
        ox.serialize(_union(exporting), file, format=ox.RdfFormat.TURTLE, prefixes=exporting.project.prefixes)
    return [Exported(path, "All graphs as one, as Turtle", "text/turtle")]


def _graph(exporting: Exporting, name: str) -> Iterator[ox.Quad]:
    end = f" <{Minter(exporting.project.base).graph(name)}> .\n".encode()
    found = iter(_metadata(exporting)) if name == "metadata" else lines(exporting)
    yield from _parsed(line for line in found if line.endswith(end))


def _union(exporting: Exporting) -> Iterator[ox.Triple]:
    """Yield the triples of all graphs; one that two graphs have stands in two lines, one after the other."""
    last = None
    for found in (lines(exporting), iter(_metadata(exporting))):
        for quad in _parsed(found):
            triple = quad.triple
            if triple != last:
                yield triple
            last = triple


def _parsed(found: Iterator[bytes]) -> Iterator[ox.Quad]:
    for part in batched(found):
        yield from ox.parse(b"".join(part), format=ox.RdfFormat.N_QUADS)


def _metadata(exporting: Exporting) -> list[bytes]:
    graph = ox.NamedNode(Minter(exporting.project.base).graph("metadata"))
    quads = list(exporting.store.quads_for_pattern(None, None, None, graph))
    return sorted(written(quads, ox.RdfFormat.N_QUADS).splitlines(keepends=True))


def _join(dataset: Path, metadata: list[bytes], path: Path) -> None:
    """Copy the release's file as it is and put the metadata behind it: compressed files may be joined."""
    with path.open("wb") as raw:
        with dataset.open("rb") as source:
            shutil.copyfileobj(source, raw, _BLOCK)
        with gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
            file.writelines(metadata)


def _unpack(dataset: Path, file: IO[bytes]) -> None:
    try:
        with gzip.open(dataset) as source:
            shutil.copyfileobj(source, file, _BLOCK)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise broken(dataset, error) from None
