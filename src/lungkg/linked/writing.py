"""Writes triples in the formats of documents: the same bytes for the same triples, in every process."""

import io
import re
from collections.abc import Iterable, Mapping
from typing import Final, cast

import pyoxigraph as ox

from lungkg.endpoint_terms import PREFIXES
from lungkg.engines.worker import Counted, Sink, Unwritable
from lungkg.formats import Format
from lungkg.linked import jsonld, turtle
from lungkg.linked.about import FOAF
from lungkg.linked.jsonld import Context
from lungkg.linked.outline import Outline
from lungkg.linked.turtle import Shortener
from lungkg.namespaces import BASE
from lungkg.project import Project

__all__ = ["Unwritable", "prefixes", "write", "write_quads"]

_ROOT: Final = re.compile(rb"<rdf:RDF([^>]*)>")
_SPACE: Final = re.compile(rb' xmlns:?[^= ]*="[^"]*"')
_XML_MOST: Final = 2**31
_FORMS: Final = {"trig": ox.RdfFormat.TRIG, "nquads": ox.RdfFormat.N_QUADS}


def prefixes(project: Project) -> dict[str, str]:
    """Give the prefixes that documents of a project are written with."""
    return {**PREFIXES, "foaf": FOAF, "shapes": f"{BASE}shapes#", **project.prefixes}


def write(
    triples: Iterable[ox.Triple],
    format: Format,
    prefixes: Mapping[str, str],
    root: str = "",
    context: Context | None = None,
) -> bytes:
    """Write triples as Turtle, N-Triples, RDF/XML or JSON-LD, those of `root` first.

    `context` has the keys of JSON-LD; without one it has those that need no vocabulary.
    Raises Unwritable when RDF/XML has no way to write them, ValueError for any other format.
    """
    outline = Outline(triples, root)
    shortener = context.shortener if context else Shortener(prefixes)
    match format.name:
        case "turtle":
            return "".join(turtle.pieces(outline, shortener)).encode()
        case "jsonld":
            return "".join(jsonld.pieces(outline, context or Context.of(prefixes))).encode()
        case "ntriples":
            return "".join(f"{subject} {link} {value} .\n" for subject, link, value in outline.triples()).encode()
        case "rdfxml":
            return _xml(outline, shortener)
    raise ValueError(f"{format.name} is no format for triples")


def write_quads(quads: Iterable[ox.Quad], format: Format, prefixes: Mapping[str, str]) -> bytes:
    """Write quads as TriG or N-Quads, graph by graph, the default graph first."""
    ordered = sorted(set(quads), key=_order)
    if format.name == "nquads":
        return "".join(f"{quad} .\n" for quad in ordered).encode()
    body = ox.serialize(ordered, format=_FORMS[format.name], prefixes=_used(Shortener(prefixes), ordered)) or b""
    lines = body.split(b"\n")
    declared = [line for line in lines if line.startswith(b"@prefix")]
    return b"\n".join([*sorted(declared), *lines[len(declared) :]])


def _order(quad: ox.Quad) -> tuple[bool, str, str, str, str]:
    default = isinstance(quad.graph_name, ox.DefaultGraph)
    return not default, str(quad.graph_name), str(quad.subject), quad.predicate.value, str(quad.object)


def _xml(outline: Outline, shortener: Shortener) -> bytes:
    triples = [ox.Triple(subject, link, value) for subject, link, value in outline.triples()]
    sink = Sink(_XML_MOST, _XML_MOST, io.BytesIO(), "rdfxml")
    used = _used(shortener, triples)
    ox.serialize(Counted(triples, "rdfxml"), cast("io.BytesIO", sink), format=ox.RdfFormat.RDF_XML, prefixes=used)
    # pyoxigraph declares prefixes in another order in each process.
    spaces = _ROOT.search(sink.content)
    declared = b"".join(sorted(_SPACE.findall(spaces[1]))) if spaces else b""
    return _ROOT.sub(lambda _: b"<rdf:RDF" + declared + b">", bytes(sink.content), count=1)


def _used(shortener: Shortener, statements: Iterable[ox.Triple] | Iterable[ox.Quad]) -> dict[str, str]:
    """Give the prefixes that shorten something."""
    iris: set[str] = set()
    for statement in statements:
        for term in statement:
            if isinstance(term, ox.NamedNode):
                iris.add(term.value)
            elif isinstance(term, ox.Literal):
                iris.add(term.datatype.value)
    used = {found[0] for iri in iris if (found := shortener(iri))}
    return {prefix: space for prefix, space in shortener.prefixes.items() if prefix in used}
