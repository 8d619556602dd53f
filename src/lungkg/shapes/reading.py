"""Reads shapes from files, with the place where each is described."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import rdflib
from rdflib.term import Node

from lungkg import lexer
from lungkg.errors import InputError, Place
from lungkg.records import read_text
from lungkg.shapes.hierarchy import in_order
from lungkg.shapes.library import CIRCLE, Library, circle_of
from lungkg.validation.files import read_graph


def read_library(names: Iterable[str]) -> Library:
    """Read shapes from files and folders.

    Raises InputError for what is missing or no RDF, when blank nodes lead back to themselves, and when there is
    no shape in any of them.
    """
    graph = rdflib.Graph(bind_namespaces="none")
    places: dict[Node, list[Place]] = defaultdict(list)
    paths = [path for name in names for path in _files(Path(name))]
    for path in paths:
        part = read_graph([str(path)])
        if circle_of(part) is not None:
            raise InputError.at(Place(path), CIRCLE, "Give one of them an IRI, or end the list with rdf:nil.")
        lines = _lines(path) if path.suffix == ".ttl" else {}
        for node in in_order(set(part.subjects())):
            places[node].append(lines.get(str(node), Place(path)))
        graph += part
        taken = dict(graph.namespaces())
        for prefix, namespace in part.namespaces():
            if taken.get(prefix, namespace) == namespace:  # rdflib would make up another prefix
                graph.bind(prefix, namespace)
    library = Library(graph, {node: tuple(found) for node, found in places.items()})
    where = paths[0] if len(paths) == 1 else paths[0].parent if paths else Path()
    try:
        found = library.shapes
    except RecursionError:
        raise InputError.at(
            Place(where), "the shapes stand too deep in one another", "Give the inner ones IRIs."
        ) from None
    if not found:
        raise InputError.at(Place(where), "there is no shape here", "Name the files or folders that hold the shapes.")
    return library


def _files(path: Path) -> list[Path]:
    return sorted(path.rglob("*.ttl")) if path.is_dir() else [path]


def _lines(path: Path) -> dict[str, Place]:
    """Find where in a Turtle file each IRI is first the subject of a statement of its own."""
    text = read_text(path)
    prefixes: dict[str, str] = {}
    found: dict[str, Place] = {}
    depth, at_start, before = 0, True, ("", "")
    for token in lexer.tokens(text):
        if token.kind == "iri" and before[0].lstrip("@").upper() == "PREFIX":
            prefixes[before[1].rstrip(":")] = token.text[1:-1]
            at_start = True  # PREFIX as in SPARQL ends without a full stop
            continue
        if at_start and depth == 0 and token.kind in ("iri", "name"):
            iri = _expanded(token, prefixes)
            line = text.count("\n", 0, token.start) + 1
            column = token.start - (text.rfind("\n", 0, token.start) + 1) + 1
            found.setdefault(iri, Place(path, line, column))
        depth += (token.text in ("[", "(")) - (token.text in ("]", ")"))
        at_start = token.text == "." and depth == 0
        before = (before[1], token.text)
    return found


def _expanded(token: lexer.Token, prefixes: Mapping[str, str]) -> str:
    if token.kind == "iri":
        return token.text[1:-1]
    prefix, _, local = token.text.partition(":")
    return prefixes.get(prefix, "") + local.replace("\\", "")
