"""Finds closed shapes that shut out what a node must have."""

from collections.abc import Iterator

import rdflib
from rdflib import RDF, SH
from rdflib.term import Node

from lungkg.report import Finding
from lungkg.shapes.hierarchy import Hierarchy, in_order
from lungkg.shapes.library import Library
from lungkg.shapes.telling import tell


def lint_closed(library: Library, hierarchy: Hierarchy) -> Iterator[Finding]:
    """Find closed shapes that no node of their own class can meet."""
    graph = library.graph
    for shape in library.targeted:
        if str(graph.value(shape, SH.closed)).lower() not in ("true", "1") or library.is_off(shape):
            continue
        allowed = _allowed(library, shape)
        kinds = in_order(graph.objects(shape, SH.targetClass))
        if kinds and RDF.type not in allowed:
            what = (
                "the shape is closed and does not allow rdf:type, by which its targets are found: nothing can conform; "
                "add sh:ignoredProperties ( rdf:type )"
            )
            yield tell(library, "closed-without-type", what, shape)
        for other, path in _required(library, hierarchy, kinds):
            if path not in allowed:
                what = (
                    f"the shape is closed and does not allow {library.path(path)}, which {library.name(other)} "
                    "demands of the same nodes: nothing can conform"
                )
                yield tell(library, "closed-against-required", what, shape, path)


def _allowed(library: Library, shape: Node) -> set[Node]:
    graph = library.graph
    found = {path for part in graph.objects(shape, SH.property) for path in graph.objects(part, SH.path)}
    for head in graph.objects(shape, SH.ignoredProperties):
        found |= set(graph.items(head))
    return found


def _required(library: Library, hierarchy: Hierarchy, kinds: list[Node]) -> Iterator[tuple[Node, Node]]:
    """Yield the property shapes of these classes that ask for a value of a property, and the property."""
    graph = library.graph
    for top in library.targeted:
        targets = list(graph.objects(top, SH.targetClass))
        if library.is_off(top) or not any(hierarchy.is_below(kind, target) for kind in kinds for target in targets):
            continue
        for part in sorted(graph.objects(top, SH.property), key=library.name):
            path = graph.value(part, SH.path)
            least = graph.value(part, SH.minCount)
            needed = (part, SH.hasValue, None) in graph or (least is not None and str(least) != "0")
            if needed and isinstance(path, rdflib.URIRef) and not library.is_off(part):
                yield part, path
