"""Reads the RDF files that `lungkg validate` is given."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import rdflib

from lungkg.errors import InputError, Place
from lungkg.turtle import not_rdf
from lungkg.validation.terms import Converter

_SUFFIXES: Final = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
}


def read_graph(names: Iterable[str]) -> rdflib.Graph:
    """Read files, folders and standard input ("-", Turtle) into one graph, named graphs merged.

    Literals keep their lexical form. Raises InputError for what is missing, empty or no RDF.
    """
    convert = Converter()
    graph = rdflib.Graph(bind_namespaces="none")
    for name in names:
        for path in [Path("-")] if name == "-" else _files(Path(name)):
            triples, prefixes = _parse(path)
            graph += convert.graph(triples)
            for prefix, namespace in prefixes.items():
                graph.bind(prefix, namespace)
    return graph


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.suffix in _SUFFIXES)
        if not found:
            raise InputError.at(Place(path), f"there is no RDF file here ({', '.join(_SUFFIXES)})")
        yield from found
    elif not path.exists():
        raise InputError.at(Place(path), "this file is missing")
    elif path.suffix not in _SUFFIXES:
        raise InputError.at(Place(path), f"the suffix says no RDF format; known are {', '.join(_SUFFIXES)}")
    else:
        yield path


def _parse(path: Path) -> tuple[list[ox.Triple], dict[str, str]]:
    standard_input = str(path) == "-"
    data = sys.stdin.buffer.read() if standard_input else path.read_bytes()
    kind = ox.RdfFormat.TURTLE if standard_input else _SUFFIXES[path.suffix]
    base = "file:///stdin" if standard_input else path.resolve().as_uri()
    try:
        parser = ox.parse(data, format=kind, base_iri=base, rename_blank_nodes=True)
        return [quad.triple for quad in parser], parser.prefixes
    except SyntaxError as error:
        raise not_rdf(path, kind, error) from None
