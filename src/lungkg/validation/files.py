"""Reads the RDF that `lungkg validate` is given: files, folders, addresses, standard input."""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import rdflib

from lungkg.errors import InputError, Place, Problem
from lungkg.turtle import not_rdf
from lungkg.validation.fetching import fetch, is_address
from lungkg.validation.positions import Mark, marks
from lungkg.validation.terms import Converter
from lungkg.validation.words import Names, Term

SUFFIXES: Final = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
}
_LINED: Final = (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG, ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS)
"""The formats in which places are told by line; of the others only the file is."""


LINE_BASED: Final = (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS)
"""The formats that write each triple whole, without prefixes."""


@dataclass(frozen=True, eq=False)
class Source:
    """One input as it was read: its text, triples and prefixes, and where each triple stands."""

    place: Place
    form: ox.RdfFormat
    text: str
    triples: list[ox.Triple]
    prefixes: dict[str, str]
    base: str

    @cached_property
    def marks(self) -> list[Mark | None]:
        """Where each triple stands, None where that is not known; found when first asked for."""
        found = marks(self.text, self.triples, self.form) if self.form in _LINED else None
        return found if found is not None else [None] * len(self.triples)

    def written(self, term: Term) -> str:
        """Write a term as it can stand in this file: with the prefixes that it declares, and no others."""
        return str(term) if self.form in LINE_BASED else self._names.turtle(term)

    @cached_property
    def _names(self) -> Names:
        return Names(self.prefixes, usual=False)

    @property
    def has_lines(self) -> bool:
        """Whether places in this input have lines."""
        return self.form in _LINED and (not self.triples or any(mark is not None for mark in self.marks))

    @cached_property
    def starts(self) -> list[int]:
        """The offsets at which lines start."""
        return [0, *(at + 1 for at, character in enumerate(self.text) if character == "\n")]


def read_rdf(names: Iterable[str]) -> list[Source]:
    """Read files, folders, addresses (http and https) and standard input ("-", Turtle).

    Raises InputError with every problem: what is missing, empty, cannot be fetched or is no RDF.
    """
    found: list[Source] = []
    problems: list[Problem] = []
    for read in chain.from_iterable(map(_readers, names)):
        try:
            found.append(read())
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return found


def read_graph(names: Iterable[str]) -> rdflib.Graph:
    """Read what `read_rdf` reads into one graph, named graphs merged; literals keep their lexical form.

    Raises InputError for what is missing, empty or no RDF.
    """
    return graph_of(read_rdf(names))


def graph_of(sources: Iterable[Source]) -> rdflib.Graph:
    """Put what was read into one graph, with the prefixes of all inputs."""
    convert = Converter()
    graph = rdflib.Graph(bind_namespaces="none")
    for source in sources:
        graph += convert.graph(source.triples)
        for prefix, namespace in source.prefixes.items():
            graph.bind(prefix, namespace)
    return graph


def _readers(name: str) -> Iterator[Callable[[], Source]]:
    """Yield a call for each input that a name stands for, which reads it or raises InputError."""
    if is_address(name):
        yield partial(_fetched, name)
    elif Path(name).is_dir() and name != "-":
        found = sorted(file for file in Path(name).rglob("*") if file.suffix in SUFFIXES and file.is_file())
        yield from (partial(_read, file) for file in found)
        if not found:
            yield partial(_no_rdf, Path(name))
    else:
        yield partial(_read, Path(name))


def _no_rdf(folder: Path) -> Source:
    raise InputError.at(Place(folder), f"there is no RDF file here ({', '.join(SUFFIXES)})")


def _read(path: Path) -> Source:
    standard_input = str(path) == "-"
    if not standard_input and not path.exists():
        raise InputError.at(Place(path), "this file is missing")
    if not standard_input and path.suffix not in SUFFIXES:
        raise InputError.at(Place(path), f"the suffix says no RDF format; known are {', '.join(SUFFIXES)}")
    try:
        data = sys.stdin.buffer.read() if standard_input else path.read_bytes()
    except OSError as error:
        raise InputError.at(Place(path), f"this file cannot be read: {error.strerror}") from None
    form = ox.RdfFormat.TURTLE if standard_input else SUFFIXES[path.suffix]
    return parsed(data, form, Place(path), "file:///stdin" if standard_input else path.resolve().as_uri())


def _fetched(address: str) -> Source:
    answer = fetch(address)
    return parsed(answer.content, answer.form, Place(Path(), url=address), answer.address)


def parsed(data: bytes, form: ox.RdfFormat, place: Place, base: str) -> Source:
    """Parse RDF that stands at a place.

    Raises InputError when it is not UTF-8, no RDF of this format, or has RDF 1.2's triple terms.
    """
    try:
        text = data.decode("utf-8").removeprefix("\ufeff") if form in _LINED else ""
    except UnicodeDecodeError as error:
        where = Place(place.path, data[: error.start].count(b"\n") + 1, url=place.url)
        raise InputError.at(where, "this is not UTF-8 text", "Save the file as UTF-8.") from None
    try:
        parser = ox.parse(text or data, format=form, base_iri=base, rename_blank_nodes=True)
        triples = [quad.triple for quad in parser]
    except SyntaxError as error:
        raise not_rdf(place, form, error) from None
    if any(isinstance(triple.object, ox.Triple) for triple in triples):
        raise InputError.at(place, "there are triples about triples (RDF 1.2) here, which SHACL cannot validate")
    return Source(place, form, text, triples, dict(parser.prefixes), base)
