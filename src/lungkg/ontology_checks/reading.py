"""Reads ontologies from files, with the line that each triple stands on."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from lungkg.errors import InputError, Place, Problem
from lungkg.namespaces import OWL
from lungkg.project import Project
from lungkg.turtle import not_rdf
from lungkg.validation.positions import marks

FORMATS: Final = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".owl": ox.RdfFormat.RDF_XML,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
}
_LINED: Final = (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG, ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS)

_CLASS: Final = ox.NamedNode(OWL + "Class")
_WORD: Final = re.compile(r"[^\s;,\[\](){}]+")

Node = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


@dataclass(frozen=True, eq=False)
class _File:
    path: Path
    form: ox.RdfFormat
    data: bytes
    triples: list[ox.Triple]
    prefixes: dict[str, str]

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines of its text."""
        return tuple(self.data.decode("utf-8", "replace").split("\n"))

    def places(self) -> Iterator[tuple[ox.Triple, Place, Place]]:
        """Yield where the subject and the predicate of each triple are; only the file where lines cannot be told."""
        text = self.data.decode("utf-8").removeprefix("\ufeff") if self.form in _LINED else ""
        found = (marks(text, self.triples, self.form) if text else None) or [None] * len(self.triples)
        starts = [0, *(at + 1 for at, character in enumerate(text) if character == "\n")]
        for triple, mark in zip(self.triples, found, strict=True):
            if mark is None:
                yield triple, Place(self.path), Place(self.path)
            else:
                yield triple, _place(self.path, starts, mark.subject), _place(self.path, starts, mark.predicate)


def _place(path: Path, starts: list[int], at: int) -> Place:
    line = bisect_right(starts, at)
    return Place(path, line, at - starts[line - 1] + 1)


class Source:
    """An ontology as it was read: its triples, its prefixes, and where they are written.

    `foreign` are files that belong to it and are looked after elsewhere, as the core is by other projects.
    """

    def __init__(self, files: list[_File], foreign: Collection[Path] = ()) -> None:
        self.files = files
        self.foreign = frozenset(foreign)
        self.triples = [triple for file in files for triple in file.triples]
        self.prefixes = self._own() | {name: iri for file in files for name, iri in file.prefixes.items()}

    def _own(self) -> dict[str, str]:
        """Give the namespace of most classes the empty prefix, for files that declare none for it."""
        classes = (t.subject.value for t in self.triples if t.object == _CLASS and isinstance(t.subject, ox.NamedNode))
        spaces = Counter(iri[: max(iri.rfind("#"), iri.rfind("/")) + 1] for iri in classes)
        return {"": max(spaces, key=lambda space: (spaces[space], space))} if spaces else {}

    @cached_property
    def _places(self) -> dict[tuple[Node, Node | None, Node | None], Place]:
        found: dict[tuple[Node, Node | None, Node | None], Place] = {}
        for file in self.files:
            for triple, subject, predicate in file.places():
                found.setdefault((triple.subject, triple.predicate, triple.object), predicate)
                found.setdefault((triple.subject, triple.predicate, None), predicate)
                found.setdefault((triple.subject, None, None), subject)
        return found

    def place(self, subject: Node | None, predicate: Node | None = None, value: Node | None = None) -> Place | None:
        """Say where a triple is written, or what comes nearest: one of this property, one of this subject."""
        if subject is None:
            return Place(self.files[0].path) if len(self.files) == 1 else None
        for key in ((subject, predicate, value), (subject, predicate, None), (subject, None, None)):
            if key in self._places:
                return self._places[key]
        return self.place(None)

    def says_of(self, subject: Node) -> bool:
        """Say whether anything is said of a subject."""
        return (subject, None, None) in self._places

    def line(self, place: Place | None) -> tuple[str, int]:
        """Give the line of text at a place, and how many columns of it the word there takes."""
        if place is None or not place.line:
            return "", 1
        line = next(file.lines[place.line - 1] for file in self.files if file.path == place.path)
        word = _WORD.match(line, place.column - 1)
        return line, len(word[0]) if word else 1


def read_project(project: Project, here: Path | None = None) -> Source:
    """Read the ontology of a project; the core is foreign to every project but the one that it comes with.

    Places are told relative to the folder `here`, where they are in it. Raises InputError as `read_ontology`.
    """
    files = {path: shortened(path, here) for path in project.ontology_files()}
    return read_ontology(files.values(), [files[path] for path in files if not path.is_relative_to(project.root)])


def shortened(path: Path, here: Path | None) -> Path:
    """Give a path as it is written from a folder, when it is in it."""
    return path.relative_to(here) if here is not None and path.is_relative_to(here) else path


def read_ontology(paths: Iterable[Path], foreign: Collection[Path] = ()) -> Source:
    """Read the files of one ontology: files, and folders of files.

    Raises InputError with every problem: what is missing, cannot be read, or is no RDF.
    """
    files: list[_File] = []
    problems: list[Problem] = []
    for path in paths:
        for one in _found(path):
            try:
                read = _read(one)
            except InputError as error:
                problems += error.problems
            else:
                if all(read.data != other.data for other in files):  # a copy of the core says nothing new
                    files.append(read)
    if problems:
        raise InputError(problems)
    if not any(file.triples for file in files):
        raise InputError.at(Place(files[0].path), "there are no triples here, so there is no ontology to check")
    return Source(files, foreign)


def _found(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if file.suffix in FORMATS and file.is_file())
    if not found:
        raise InputError.at(Place(path), f"there is no RDF file here ({', '.join(FORMATS)})")
    return found


def _read(path: Path) -> _File:
    if not path.exists():
        raise InputError.at(Place(path), "this file is missing")
    form = FORMATS.get(path.suffix)
    if form is None:
        raise InputError.at(Place(path), f"the suffix says no RDF format; known are {', '.join(FORMATS)}")
    try:
        data = path.read_bytes()
        data.decode("utf-8") if form in _LINED else None
        parser = ox.parse(data, format=form, base_iri=path.resolve().as_uri(), rename_blank_nodes=True)
        triples = [quad.triple for quad in parser]
    except OSError as error:
        raise InputError.at(Place(path), f"this file cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError.at(Place(path, line), "this is not UTF-8 text", "Save the file as UTF-8.") from None
    except SyntaxError as error:
        raise not_rdf(Place(path), form, error) from None
    return _File(path, form, data, triples, dict(parser.prefixes))
