"""Compiles core constraints to one SPARQL query each, over all targets at once.

A build would otherwise have to hold the whole graph in rdflib for pySHACL, which took longer than the
rest of the build together (benchmarks/README.md); so builds use this, and give pySHACL only what is left
over. What is compiled: shapes targeted by class, on single properties,
alternatives of them, or a property's types, with the constraint components below. Everything else stays
in `Compiled.rest`; nothing is skipped. Results are those of pySHACL, which the tests compare.

Each query has two forms (`lungkg.validation.forms`): one looks up what each target has, the other one reads all
values of a property, which is faster where there are many targets.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox
import rdflib
from rdflib import RDF, RDFS, SH, XSD
from rdflib.term import Node

from lungkg.stores import select
from lungkg.validation.dependence import Way
from lungkg.validation.forms import Query, alone, both, lacking, once, values_of, ways_along
from lungkg.validation.patterns import about

_CASTABLE: Final = (XSD.integer, XSD.decimal, XSD.boolean, XSD.dateTime)
_PLAIN: Final = (XSD.string, XSD.anyURI)
_TYPE: Final = RDF.type.n3()  # everything has one, so that no others are worth reading along
_NODE_KINDS: Final = {
    SH.IRI: "isIRI(?value)",
    SH.Literal: "isLiteral(?value)",
    SH.BlankNode: "isBlank(?value)",
    SH.BlankNodeOrIRI: "!isLiteral(?value)",
    SH.IRIOrLiteral: "!isBlank(?value)",
    SH.BlankNodeOrLiteral: "!isIRI(?value)",
}
_SILENT: Final = frozenset(
    {SH.path, SH.name, SH.description, SH.message, SH.severity, SH.order, SH.group, SH.flags, SH.ignoredProperties}
    | {SH.property, SH.targetClass, RDF.type, RDFS.label, RDFS.comment, RDFS.isDefinedBy}
)


FEW: Final = 100
"""Up to so many targets are named in a query, so that it starts at them."""

MANY: Final = 50_000
"""From so many targets on, all values of a property are read instead of looking up each target's."""


@dataclass(frozen=True)
class Constraint:
    """One compiled constraint; its queries select ?this, and ?value and ?path where there are any.

    `sweep` is the form for all targets of the store that it was compiled for, `query` the one for a few.
    `kinds` are the classes of its targets, in N-Triples form. `ways` lead from a node that has changed to those
    targets for which that can matter, beside itself. `single` is the query for one target, which ?this stands for.
    """

    shape: str
    component: str
    severity: str
    message: str
    path: str
    query: str
    sweep: str
    kinds: frozenset[str]
    ways: frozenset[Way]
    single: str

    def at(self, node: str) -> str:
        """Give the query for one target, in N-Triples form; it selects no ?this."""
        return about(self.single, node)


@dataclass(frozen=True)
class Compiled:
    """What was compiled, and the shapes graph that is left for pySHACL (empty when all was compiled)."""

    constraints: tuple[Constraint, ...]
    rest: rdflib.Graph


class _Unsupported(Exception):
    """A constraint that is left to pySHACL."""


def count_targets(store: ox.Store, targets: str, most: int) -> int:
    """Count the ?this of a pattern, but no further than to `most`."""
    query = f"SELECT (COUNT(*) AS ?n) {{ SELECT ?this {{ {targets} }} LIMIT {most} }}"
    return sum(int(row["n"].value) for row in select(store, query))


def compile_core(core: rdflib.Graph, store: ox.Store, many: int = MANY) -> Compiled:
    """Compile a shapes graph without its set-based sh:sparql constraints, for a store.

    The store knows the class hierarchy, and how many targets there are: from `many` on, constraints are swept
    by reading all values.
    """
    compiler = _Compiler(core, store, many)
    constraints: list[Constraint] = []
    rest = rdflib.Graph()
    rest += core
    targeted = set(core.subjects(SH.targetClass))
    for shape in sorted(targeted, key=str):
        if _is_simple(core, shape):
            for part in sorted([shape, *core.objects(shape, SH.property)], key=str):
                try:
                    constraints += compiler.shape(shape, part)
                except _Unsupported:
                    continue
                if part == shape:
                    _remove_constraints(rest, shape)
                else:
                    rest.remove((shape, SH.property, part))
    return Compiled(tuple(constraints), rest if _has_constraints(rest) else rdflib.Graph())


def _is_simple(core: rdflib.Graph, shape: Node) -> bool:
    other_targets = (SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf, SH.deactivated)
    nested = any((None, link, shape) in core for link in (SH.node, SH["not"], SH.qualifiedValueShape))
    implicit = (shape, RDF.type, RDFS.Class) in core
    return not nested and not implicit and all(core.value(shape, link) is None for link in other_targets)


def _remove_constraints(rest: rdflib.Graph, shape: Node) -> None:
    for predicate in (set(rest.predicates(shape)) - _SILENT) | {SH.ignoredProperties}:
        rest.remove((shape, predicate, None))


def _has_constraints(rest: rdflib.Graph) -> bool:
    """Say whether any shape that is still reached from a target constrains something."""
    targets = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
    reached = {shape for target in targets for shape in rest.subjects(target)}
    reached |= {shape for shape in rest.subjects(RDF.type, RDFS.Class) if (shape, RDF.type, SH.NodeShape) in rest}
    return any(
        (shape, SH.property, None) in rest or set(rest.predicates(shape)) - _SILENT - {SH.deactivated}
        for shape in reached
    )


class _Compiler:
    def __init__(self, graph: rdflib.Graph, store: ox.Store, many: int) -> None:
        self.graph, self.store, self.many = graph, store, many
        self._counted: dict[str, bool] = {}

    def shape(self, node_shape: Node, part: Node) -> Iterator[Constraint]:
        """Compile a node shape's own constraints, or those of one of its property shapes.

        Raises _Unsupported, before anything is yielded, when one of them cannot be compiled.
        """
        graph = self.graph
        if graph.value(part, SH.deactivated) is not None:
            raise _Unsupported
        targets = [kind for target in graph.objects(node_shape, SH.targetClass) for kind in self._below(target)]
        target = f"VALUES ?kind {{ {' '.join(targets)} }} ?this a ?kind ."
        many = self._many(target)
        path = self._path(part) if part != node_shape else ""
        found = []
        for predicate, value in sorted(graph.predicate_objects(part)):
            if predicate not in _SILENT:
                name = str(predicate).removeprefix(str(SH))
                for query in self._queries(name, value, part, target, path):
                    sweep = query.reading if many and path != _TYPE else query.looking
                    found.append(
                        self._constraint(part, name, path, Query(query.looking, sweep), target, frozenset(targets))
                    )
        return iter(found)

    def _constraint(
        self, part: Node, name: str, path: str, query: Query, target: str, kinds: frozenset[str]
    ) -> Constraint:
        graph = self.graph
        component = f"{SH}{name[0].upper()}{name[1:]}ConstraintComponent"
        message = str(graph.value(part, SH.message) or f"{name} is broken")
        severity = str(graph.value(part, SH.severity) or SH.Violation).removeprefix(str(SH))
        ways = frozenset(ways_along(path, to_value=name == "class"))
        single = query.looking.replace(target, "", 1).replace(" GROUP BY ?this", "", 1)
        return Constraint(
            str(part), component, severity, message, path, query.looking, query.reading, kinds, ways, single
        )

    def _many(self, target: str) -> bool:
        if target not in self._counted:
            self._counted[target] = count_targets(self.store, target, self.many) >= self.many
        return self._counted[target]

    def _below(self, kind: Node) -> list[str]:
        rows = select(self.store, f"SELECT DISTINCT ?c {{ ?c <{RDFS.subClassOf}>* {kind.n3()} }}")
        return sorted({kind.n3(), *(str(row["c"]) for row in rows if isinstance(row["c"], ox.NamedNode))})

    def _path(self, part: Node) -> str:
        path = self.graph.value(part, SH.path)
        if isinstance(path, rdflib.URIRef):
            return path.n3()
        options = self.graph.value(path, SH.alternativePath)
        steps = list(self.graph.items(options if options is not None else path)) if path is not None else []
        if not steps or not all(isinstance(step, rdflib.URIRef) for step in steps):
            raise _Unsupported
        return "(" + ("|" if options is not None else "/").join(step.n3() for step in steps) + ")"

    def _queries(self, name: str, value: Node, part: Node, target: str, path: str) -> list[Query]:
        on_values = _ON_VALUES.get(name)
        if on_values is not None:
            broken = f"FILTER({on_values(self, value, part)})"
            if not path:
                return [once(f"SELECT DISTINCT ?this ?value {{ {target} BIND(?this AS ?value) {broken} }}")]
            return [both("?this ?value", target, f"?this {path} ?value {broken}", f"{values_of(path)} {broken}")]
        on_shapes = _ON_SHAPES.get(name)
        if on_shapes is None or (not path and name not in ("closed", "class")):
            raise _Unsupported
        return on_shapes(self, value, part, target, path)

    # Conditions under which a value breaks a constraint

    def datatype(self, value: Node, _: Node) -> str:
        """The value is no literal of this datatype, or none that is well-formed."""
        if value == RDF.langString:
            return '!isLiteral(?value) || LANG(?value) = ""'
        if value in _PLAIN:
            return f"!isLiteral(?value) || DATATYPE(?value) != {value.n3()}"
        if value in _CASTABLE:
            cast = f"COALESCE(isLiteral({value.n3()}(STR(?value))), false)"
            return f"!isLiteral(?value) || DATATYPE(?value) != {value.n3()} || !{cast}"
        raise _Unsupported

    def node_kind(self, value: Node, _: Node) -> str:
        """The value is of another kind of node."""
        if not isinstance(value, rdflib.URIRef) or value not in _NODE_KINDS:
            raise _Unsupported
        return f"!({_NODE_KINDS[value]})"

    def one_of(self, value: Node, _: Node) -> str:
        """The value is none of a list."""
        return " && ".join(f"!sameTerm(?value, {item.n3()})" for item in self.graph.items(value)) or "true"

    def pattern(self, value: Node, part: Node) -> str:
        """The value's text does not match."""
        flags = self.graph.value(part, SH.flags)
        more = f", {rdflib.Literal(str(flags)).n3()}" if flags is not None else ""
        return f"isBlank(?value) || !REGEX(STR(?value), {rdflib.Literal(str(value)).n3()}{more})"

    def language_in(self, value: Node, _: Node) -> str:
        """The value is in none of these languages."""
        fits = " || ".join(f"LANGMATCHES(LANG(?value), {tag.n3()})" for tag in self.graph.items(value))
        return f"!isLiteral(?value) || !({fits or 'false'})"

    # Whole queries, for constraints that look at all values of a path together

    def class_(self, value: Node, _: Node, target: str, path: str) -> list[Query]:
        """A value has no type that is this class or below it."""
        below = self._below(value)
        lacking = f"FILTER NOT EXISTS {{ ?value a ?type FILTER(?type IN ({', '.join(below)})) }}"
        if not path:
            return [once(f"SELECT DISTINCT ?this ?value {{ {target} BIND(?this AS ?value) {lacking} }}")]
        typed = f"MINUS {{ VALUES ?type {{ {' '.join(below)} }} ?value a ?type }}"
        return [both("?this ?value", target, f"?this {path} ?value {lacking}", f"{values_of(path)} {typed}")]

    def min_count(self, value: Node, _: Node, target: str, path: str) -> list[Query]:
        """There are too few values; only "at least one" is compiled."""
        if str(value) == "0":
            return []
        if str(value) != "1":
            raise _Unsupported
        return [lacking(target, path, "?any")]

    def max_count(self, value: Node, _: Node, target: str, path: str) -> list[Query]:
        """There are too many values."""
        many = f"GROUP BY ?this HAVING(COUNT(DISTINCT ?any) > {int(str(value))})"
        looking = f"SELECT ?this {{ {target} ?this {path} ?any }} {many}"
        reading = f"SELECT DISTINCT ?this {{ {{ SELECT ?this {{ {values_of(path, '?any')} }} {many} }} {target} }}"
        return [Query(looking, reading)]

    def has_value(self, value: Node, _: Node, target: str, path: str) -> list[Query]:
        """The value that must be there is not."""
        return [lacking(target, path, value.n3())]

    def equals(self, value: Node, _: Node, target: str, path: str) -> list[Query]:
        """One of the two properties has a value that the other one has not."""
        queries = []
        for one, other in ((path, value.n3()), (value.n3(), path)):
            looking = f"?this {one} ?value FILTER NOT EXISTS {{ ?this {other} ?value }}"
            queries.append(both("?this ?value", target, looking, f"{values_of(one)} MINUS {{ {values_of(other)} }}"))
        return queries

    def disjoint(self, value: Node, _: Node, target: str, path: str) -> list[Query]:
        """The two properties share a value."""
        shared = f"{alone(values_of(path), '?this ?value')} {alone(values_of(value.n3()), '?this ?value')}"
        return [both("?this ?value", target, f"?this {path} ?value ; {value.n3()} ?value", shared)]

    def less_than(self, value: Node, _: Node, target: str, path: str) -> list[Query]:
        """A value is not less than one of the other property, or cannot be compared with it."""
        broken = "FILTER(!COALESCE(?value < ?other, false))"
        pairs = f"{alone(values_of(path), '?this ?value')} {alone(values_of(value.n3(), '?other'), '?this ?other')}"
        looking = f"?this {path} ?value ; {value.n3()} ?other {broken}"
        return [both("?this ?value ?other", target, looking, f"{pairs} {broken}")]

    def closed(self, value: Node, part: Node, target: str, _: str) -> list[Query]:
        """There is a property that the shape does not name."""
        if str(value) not in ("true", "1"):
            return []
        paths = [self.graph.value(one, SH.path) for one in self.graph.objects(part, SH.property)]
        ignored = self.graph.value(part, SH.ignoredProperties)
        allowed = {path.n3() for path in paths if isinstance(path, rdflib.URIRef)}
        allowed |= {item.n3() for item in self.graph.items(ignored)} if ignored is not None else set()
        known = f"FILTER(?path NOT IN ({', '.join(sorted(allowed))}))" if allowed else ""
        return [once(f"SELECT DISTINCT ?this ?path ?value {{ {target} ?this ?path ?value {known} }}")]


def _compared(operator: str) -> Callable[[_Compiler, Node, Node], str]:
    return lambda _, value, __: f"!COALESCE(?value {operator} {value.n3()}, false)"


def _long(operator: str) -> Callable[[_Compiler, Node, Node], str]:
    return lambda _, value, __: f"isBlank(?value) || !(STRLEN(STR(?value)) {operator} {int(str(value))})"


_ON_VALUES: Final[dict[str, Callable[[_Compiler, Node, Node], str]]] = {
    "datatype": _Compiler.datatype,
    "nodeKind": _Compiler.node_kind,
    "in": _Compiler.one_of,
    "pattern": _Compiler.pattern,
    "languageIn": _Compiler.language_in,
    "minInclusive": _compared(">="),
    "maxInclusive": _compared("<="),
    "minExclusive": _compared(">"),
    "maxExclusive": _compared("<"),
    "minLength": _long(">="),
    "maxLength": _long("<="),
}

_ON_SHAPES: Final[dict[str, Callable[[_Compiler, Node, Node, str, str], list[Query]]]] = {
    "class": _Compiler.class_,
    "minCount": _Compiler.min_count,
    "maxCount": _Compiler.max_count,
    "hasValue": _Compiler.has_value,
    "equals": _Compiler.equals,
    "disjoint": _Compiler.disjoint,
    "lessThan": _Compiler.less_than,
    "closed": _Compiler.closed,
}
