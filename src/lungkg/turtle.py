"""Reads Turtle sources, moves them to the base to publish under, and names their blank nodes for good."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

import pyoxigraph as ox

from lungkg.errors import InputError, Place
from lungkg.lexer import move_iris
from lungkg.namespaces import SH, XSD, Minter
from lungkg.project import Project
from lungkg.records import read_text

_SPARQL_TEXT: Final = frozenset(SH + local for local in ("select", "ask", "construct"))
_ANY_URI: Final = ox.NamedNode(XSD + "anyURI")

Term = TypeVar("Term")


def read_turtle(path: Path) -> list[ox.Triple]:
    """Parse one Turtle file; every file's blank nodes are its own.

    Raises InputError with line and column when it is not Turtle.
    """
    text = read_text(path)
    try:
        quads = list(ox.parse(text, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True))
    except SyntaxError as error:
        raise not_rdf(Place(path), ox.RdfFormat.TURTLE, error) from None
    return [quad.triple for quad in quads]


def not_rdf(place: Place, form: ox.RdfFormat, error: SyntaxError) -> InputError:
    """Turn pyoxigraph's parse error into ours, with line and column.

    Its args are (message, (file, line, column, text, end line, end column)).
    """
    where = error.args[1] if len(error.args) > 1 else (None, 0, 0)
    message = re.sub(r"^Parser error (at|between) .*?: ", "", str(error.args[0]))
    spot = replace(place, line=where[1] or 0, column=where[2] or 0)
    return InputError.at(spot, f"this is not {form.name}: {message}")


def rebased(triples: Iterable[ox.Triple], project: Project, graph: str) -> Iterator[ox.Quad]:
    """Put triples into a named graph, moving IRIs to the base to publish under.

    SPARQL text (sh:select and its kin) is moved token by token, never by text search.
    """
    name = ox.NamedNode(Minter(project.base).graph(graph))

    def moved(term: Term) -> Term | ox.NamedNode:
        return ox.NamedNode(project.rebase(term.value)) if isinstance(term, ox.NamedNode) else term

    for subject, predicate, value in triples:
        new = moved(value)
        if isinstance(value, ox.Literal):
            if predicate.value in _SPARQL_TEXT:
                new = ox.Literal(move_iris(value.value, project.rebase))
            elif value.datatype == _ANY_URI:
                new = ox.Literal(project.rebase(value.value), datatype=_ANY_URI)
        yield ox.Quad(moved(subject), predicate, new, name)


def canonical(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Name the blank nodes of these quads by RDFC-1.0, so that equal sources give equal quads.

    Give all graphs with blank nodes in one call: names are unique within a call only.
    """
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return list(dataset)
