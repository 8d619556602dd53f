"""Writes the dumps of a release in one pass over its sorted N-Quads, and finds the release id on the way.

Every line goes into the dump of the whole as it is, and into those of its graph; the Turtle of a graph is made
block by block and compressed once for all four files that it is a part of.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from lungkg.downloads import Download, prefix
from lungkg.formats import GRAPHS as FORMATS
from lungkg.formats import Format
from lungkg.namespaces import GRAPHS, Minter
from lungkg.packing import Packed, Packer
from lungkg.stores import written

CANONICAL: Final = "dataset.nq.gz"
_LINES_PER_BLOCK: Final = 10_000
_DUMPED: Final = tuple(form for name in ("nquads", "trig", "turtle") for form in FORMATS if form.name == name)
_N_QUADS: Final = _DUMPED[0]
_LABELS: Final = {"nquads": "N-Quads", "trig": "TriG", "turtle": "Turtle"}


@dataclass
class _Graph:
    """A graph on its way into its files."""

    name: str
    files: Mapping[str, Packed]
    lines: list[bytes] = field(default_factory=list)
    """As N-Triples, without line ends."""


class Dumps:
    """The dumps of a project's graphs, written into `folder`, which must exist, under names without a release id."""

    def __init__(self, folder: Path, base: str, prefixes: Mapping[str, str]) -> None:
        self._folder, self._iris = folder, Minter(base)
        self._prefixes = _apart(prefixes)
        self._header = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in sorted(self._prefixes.items())).encode()

    def write(self, lines: Iterable[bytes], canonical: Path) -> tuple[str, list[Download]]:
        """Write sorted N-Quads lines, the canonical dump to `canonical`.

        Gives the release id, the SHA-256 of the lines, and what was written, the whole dataset first.
        """
        digest = hashlib.sha256()
        with Packer() as packer:
            whole = {f.name: packer.file(canonical if f is _N_QUADS else self._path("", f)) for f in _DUMPED}
            self._head(packer, whole)
            graphs = {name: self._begin(packer, name) for name in GRAPHS if name != "metadata"}
            ends = {f" <{self._iris.graph(name)}> .".encode(): graph for name, graph in graphs.items()}
            block: list[bytes] = []
            for line in lines:
                block.append(line)
                # The name of a graph is the last IRI of a line, and has no blank in it.
                end = line[line.rindex(b" ", 0, -2) :]
                graph = ends[end]
                graph.lines.append(line[: -len(end)])
                if len(graph.lines) == _LINES_PER_BLOCK:
                    self._flush(packer, graph, whole)
                if len(block) == _LINES_PER_BLOCK:
                    _put_whole(packer, block, digest, whole)
            _put_whole(packer, block, digest, whole)
            for graph in graphs.values():
                self._flush(packer, graph, whole)
        files = [("", whole), *((graph.name, graph.files) for graph in graphs.values())]
        return digest.hexdigest(), [_download(name, f, of[f.name]) for name, of in files for f in _DUMPED]

    def write_metadata(self, quads: Sequence[ox.Quad]) -> list[Download]:
        """Write the graph that describes the others, which is a part of no other dump."""
        lines = sorted(set(written([quad.triple for quad in quads], ox.RdfFormat.N_TRIPLES).splitlines()))
        with Packer() as packer:
            graph = self._begin(packer, "metadata")
            graph.lines = [line.removesuffix(b" .") for line in lines]
            self._flush(packer, graph, {})
        return [_download("metadata", f, graph.files[f.name]) for f in _DUMPED]

    def _path(self, graph: str, form: Format) -> Path:
        return self._folder / _file_name(graph, form)

    def _begin(self, packer: Packer, name: str) -> _Graph:
        graph = _Graph(name, {form.name: packer.file(self._path(name, form)) for form in _DUMPED})
        self._head(packer, graph.files)
        return graph

    def _head(self, packer: Packer, files: Mapping[str, Packed]) -> None:
        packer.put(self._header, files["turtle"], files["trig"])

    def _flush(self, packer: Packer, graph: _Graph, whole: Mapping[str, Packed]) -> None:
        """Write the lines of a graph that have come together."""
        if not graph.lines:
            return
        end = f" <{self._iris.graph(graph.name)}> .\n".encode()
        packer.put(end.join(graph.lines) + end, graph.files["nquads"])
        body = self._turtle(b" .\n".join(graph.lines) + b" .\n")
        trig = [files["trig"] for files in (graph.files, whole) if files]
        packer.put(f"<{self._iris.graph(graph.name)}> {{\n".encode(), *trig)
        packer.put(body, *(files["turtle"] for files in (graph.files, whole) if files), *trig)
        packer.put(b"}\n", *trig)
        graph.lines = []

    def _turtle(self, block: bytes) -> bytes:
        """Write N-Triples as Turtle, without the prefixes, whose order changes from process to process."""
        quads: Iterator[ox.Quad] = ox.parse(block, format=ox.RdfFormat.N_TRIPLES)
        text = ox.serialize(quads, format=ox.RdfFormat.TURTLE, prefixes=self._prefixes) or b""
        for _ in self._prefixes:
            text = text[text.index(b"\n") + 1 :]
        return text


def of_metadata() -> list[Download]:
    """List the dumps of the metadata graph before they are there: it names them, and cannot know their checksums."""
    return [_download("metadata", form) for form in _DUMPED]


def named(downloads: Iterable[Download], project: str, release_id: str) -> list[Download]:
    """Give files the names that they are published under."""
    begin = prefix(project, release_id)
    done = []
    for download in downloads:
        rest = (f"-{download.graph}" if download.graph else "") + "." + download.name.partition(".")[2]
        done.append(replace(download, name=begin + rest, alias=project + rest))
    return done


def settle(folder: Path, written: Iterable[Download], named: Iterable[Download]) -> None:
    """Rename what was written in `folder` to its published names; the canonical dump, beside it, is linked to."""
    for old, new in zip(written, named, strict=True):
        if old.name == CANONICAL:
            (folder / new.name).symlink_to(Path("..") / CANONICAL)
        else:
            (folder / old.name).rename(folder / new.name)


def _put_whole(packer: Packer, block: list[bytes], digest: "hashlib._Hash", whole: Mapping[str, Packed]) -> None:
    if block:
        text = b"\n".join(block) + b"\n"
        digest.update(text)
        packer.put(text, whole["nquads"])
        block.clear()


def _download(graph: str, form: Format, file: Packed | None = None) -> Download:
    what = f"The graph {graph}" if graph else "The whole dataset"
    return Download(
        name=file.path.name if file else _file_name(graph, form),
        title=f"{what} as {_LABELS[form.name]}",
        media_type=form.media_type,
        size=file.size if file else 0,
        sha256=file.sha256 if file else "",
        unpacked=file.unpacked if file else 0,
        graph=graph,
        format=form.name,
    )


def _file_name(graph: str, form: Format) -> str:
    return f"{graph or 'dataset'}.{form.suffix}.gz"


def _apart(prefixes: Mapping[str, str]) -> dict[str, str]:
    """Leave out namespaces that hold another one: which of the two pyoxigraph takes is not always the same."""
    spaces = set(prefixes.values())
    return {
        name: space
        for name, space in prefixes.items()
        if not any(other != space and other.startswith(space) for other in spaces)
    }
