"""Cuts shapes into units that give their results independently of each other, and runs a unit over a store.

A unit is a targeted shape with one of the things that it leads to: its own constraints, a property shape, a
sh:sparql constraint. What a unit finds does not depend on the other units, so that after a change only the
units that it touches have to be run again.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import pyoxigraph as ox
import rdflib
from rdflib import RDF, RDFS, SH
from rdflib.term import Node

from lungkg.shapes.library import LINKS, PARAMETERS, TARGETS, Library
from lungkg.stores import select
from lungkg.validation.compiler import Constraint, compile_core
from lungkg.validation.shacl import SetBased, Shapes, core_findings, core_results
from lungkg.validation.terms import Converter

_ABOUT: Final = (RDF.type, SH.severity, SH.message, SH.deactivated)

Triple = tuple[Node, Node, Node]


class Result(NamedTuple):
    """What makes a validation result what it is; terms in N-Triples form."""

    focus: str
    path: str
    value: str
    component: str
    check: str
    severity: str


@dataclass(frozen=True)
class Unit:
    """A targeted shape and one part of it, with the triples that both need."""

    shape: Node
    part: Node
    triples: frozenset[Triple]

    def is_touched(self, removed: frozenset[Triple], added: frozenset[Triple]) -> bool:
        """Say whether a change of the shapes can change what this unit finds."""
        if removed:
            return not removed.isdisjoint(self.triples)
        holders = {subject for subject, _, _ in added}
        return any(subject in holders and predicate in PARAMETERS for subject, predicate, _ in self.triples)


def units(library: Library) -> list[Unit]:
    """Cut all targeted shapes that are not switched off into units."""
    return [unit for shape in library.targeted if not library.is_off(shape) for unit in _units(library, shape)]


def _units(library: Library, shape: Node) -> Iterator[Unit]:
    graph = library.graph
    about = {(shape, link, value) for link in (*TARGETS, *_ABOUT) for value in graph.objects(shape, link)}
    parts = set(graph.objects(shape, SH.property))
    queries = set(graph.objects(shape, SH.sparql))
    own = {t for t in graph.triples((shape, None, None)) if t[1] not in (SH.property, SH.sparql)}
    own |= _below(graph, {value for _, link, value in own if link not in TARGETS}, {shape})
    if graph.value(shape, SH.closed) is not None:  # it asks which paths the properties have
        own |= {(shape, SH.property, part) for part in parts}
        own |= {t for part in parts for t in graph.triples((part, SH.path, None))}
    yield Unit(shape, shape, frozenset(own))
    for link, members in ((SH.property, parts), (SH.sparql, queries)):
        for part in sorted(members, key=library.name):
            yield Unit(shape, part, frozenset(about | {(shape, link, part)} | _below(graph, {part}, {shape})))


def _below(graph: rdflib.Graph, nodes: Iterable[Node], known: set[Node]) -> set[Triple]:
    """Collect what describes these nodes, and what describes the values there."""
    found: set[Triple] = set()
    seen, todo = set(known), list(nodes)
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            for triple in graph.triples((node, None, None)):
                found.add(triple)
                if _leads_on(triple):
                    todo.append(triple[2])
    return found


def _leads_on(triple: Triple) -> bool:
    """Say whether a value belongs to the shapes, rather than to what they speak of."""
    _, predicate, value = triple
    if isinstance(value, rdflib.BNode):
        return True
    return isinstance(value, rdflib.URIRef) and (
        predicate in (*LINKS, SH.sparql, SH.prefixes, SH.declare, RDF.first, RDF.rest, SH.path)
        or predicate not in PARAMETERS
    )


@dataclass(frozen=True)
class Prepared:
    """A unit as queries, and what no query says and pySHACL has to run.

    `kinds` are the classes of its focus nodes when all it does is to look from these along properties, so
    that data about other things does not matter to it; else None.
    """

    compiled: tuple[Constraint, ...]
    set_based: tuple[SetBased, ...]
    rest: rdflib.Graph
    kinds: frozenset[str] | None

    def run(self, data: "Data") -> frozenset[Result]:
        """Give the results over some data. Raises ValueError for shapes that nothing can run."""
        return frozenset(self._results(data))

    def _results(self, data: "Data") -> Iterator[Result]:
        for one in self.compiled:
            for row in data.select(one.query):
                path = _text(row, "path") or one.path
                yield Result(str(row["this"]), path, _text(row, "value"), one.component, one.shape, one.severity)
        for query in self.set_based:
            check = str(query.constraint)
            for row in data.select(query.query):
                focus = str(row["this"])
                value = _text(row, "value") or focus
                path = _text(row, "path")
                yield Result(focus, path, value, str(SH.SPARQLConstraintComponent), check, query.severity)
        if len(self.rest):
            for f in core_findings(core_results(data.graph(), self.rest)):
                yield Result(f.focus, f.path, f.value, f.component, f.check, f.severity)


def prepare(triples: Iterable[Triple], hierarchy: ox.Store) -> Prepared:
    """Turn a unit into queries; the store knows which classes are below which."""
    graph = rdflib.Graph(bind_namespaces="none")
    for triple in triples:
        graph.add(triple)
    shapes = Shapes(graph)
    compiled = compile_core(shapes.core, hierarchy)
    forward = not shapes.set_based and not len(compiled.rest)
    return Prepared(
        compiled.constraints, shapes.set_based, compiled.rest, _kinds(graph, hierarchy) if forward else None
    )


def _kinds(graph: rdflib.Graph, hierarchy: ox.Store) -> frozenset[str]:
    targets = " ".join(sorted(kind.n3() for kind in graph.objects(None, SH.targetClass)))
    rows = select(hierarchy, f"SELECT DISTINCT ?kind {{ VALUES ?top {{ {targets} }} ?kind <{RDFS.subClassOf}>* ?top }}")
    return frozenset(str(row["kind"]) for row in rows)


class Data:
    """Some graphs of a store, asked as one."""

    def __init__(self, store: ox.Store, graphs: Sequence[ox.NamedNode]) -> None:
        self._store, self._graphs = store, graphs

    def select(self, query: str) -> ox.QuerySolutions:
        """Run a SELECT query."""
        rows = self._store.query(query, default_graph=list(self._graphs))
        if not isinstance(rows, ox.QuerySolutions):
            raise TypeError("this is no SELECT query")
        return rows

    def graph(self) -> rdflib.Graph:
        """Give the triples as rdflib has them."""
        quads = (quad for name in self._graphs for quad in self._store.quads_for_pattern(None, None, None, name))
        return Converter().graph(quad.triple for quad in quads)


def _text(row: ox.QuerySolution, name: str) -> str:
    try:
        value = row[name]
    except KeyError:
        return ""
    return "" if value is None else str(value)
