"""Makes mutants of shapes: each has one small mistake of the kind that people make, or leave in.

A mutant is a set of triples to take out and one to put in. What cannot change any result is marked with the
reason, as far as that can be told from the shapes and the ontology alone.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import rdflib
from rdflib import RDF, SH, XSD
from rdflib.term import Node

from lungkg.shapes.hierarchy import Hierarchy, in_order
from lungkg.shapes.library import TARGETS, Constraint, Library
from lungkg.shapes.patterns import relaxed
from lungkg.shapes.query_mutants import broken_queries
from lungkg.shapes.units import Triple

_AT_LEAST: Final = frozenset({"minCount", "minLength", "qualifiedMinCount"})
_COUNTS: Final = frozenset({*_AT_LEAST, "maxCount", "maxLength", "qualifiedMaxCount"})
_BOUNDS: Final = frozenset({"minInclusive", "maxInclusive", "minExclusive", "maxExclusive"})
_COMPARED: Final = {
    "lessThan": "lessThanOrEquals",
    "lessThanOrEquals": "lessThan",
    "minInclusive": "minExclusive",
    "minExclusive": "minInclusive",
    "maxInclusive": "maxExclusive",
    "maxExclusive": "maxInclusive",
    "equals": "disjoint",
    "disjoint": "equals",
}
_WIDER_KIND: Final = {
    SH.IRI: (SH.BlankNodeOrIRI, SH.IRIOrLiteral),
    SH.Literal: (SH.IRIOrLiteral, SH.BlankNodeOrLiteral),
    SH.BlankNode: (SH.BlankNodeOrIRI, SH.BlankNodeOrLiteral),
}
_OTHER_TYPE: Final = {
    RDF.langString: XSD.string,
    XSD.string: RDF.langString,
    XSD.integer: XSD.decimal,
    XSD.decimal: XSD.integer,
    XSD.dateTime: XSD.string,
    XSD.boolean: XSD.string,
    XSD.anyURI: XSD.string,
}
_SEVERITIES: Final = (SH.Violation, SH.Warning, SH.Info)


@dataclass(frozen=True)
class Mutant:
    """Shapes with one mistake.

    `about` is the shape or constraint that is broken, `operator` the kind of mistake, `change` the mistake in
    words. `equivalent` is the reason why no data can tell it from the original, "" when there is none.
    """

    about: Node
    operator: str
    change: str
    removed: frozenset[Triple]
    added: frozenset[Triple]
    equivalent: str = ""


def mutants(library: Library, hierarchy: Hierarchy) -> Iterator[Mutant]:
    """Make every mutant, in the order of the shapes' names; the same shapes give the same mutants."""
    maker = _Maker(library, hierarchy)
    for constraint in library.constraints:
        yield from maker.of_constraint(constraint)
    for shape in sorted(library.shapes, key=library.name):
        yield from maker.of_shape(shape)


class _Maker:
    def __init__(self, library: Library, hierarchy: Hierarchy) -> None:
        self.library, self.graph, self.hierarchy = library, library.graph, hierarchy

    def of_constraint(self, constraint: Constraint) -> Iterator[Mutant]:
        """Break one constraint in every way that its parameter allows."""
        name = constraint.parameter
        predicate = rdflib.URIRef(name) if ":" in name else SH[name]
        for value in [constraint.check] if name == "sparql" else constraint.values:
            triple = (constraint.holder, predicate, value)
            idle = self._idle(constraint, value)
            yield self._mutant(
                constraint.check, "drop constraint", f"without {self._words(triple)}", triple, None, idle
            )
            for operator, new in self._variants(name, value):
                if isinstance(new, tuple):  # another parameter
                    yield self._swap(constraint, operator, triple, (constraint.holder, new[0], new[1]))
                else:
                    yield self._swap(constraint, operator, triple, (constraint.holder, predicate, new))
            if name == "in":
                yield from self._fewer_members(constraint, triple)
            if name == "closed":
                yield from self._fewer_ignored(constraint)
        if name == "sparql":
            yield from self._queries(constraint)

    def _variants(self, name: str, value: Node) -> Iterator[tuple[str, Node | tuple[Node, Node]]]:
        """Yield other values for a parameter, or other parameters with their value."""
        if name in _COUNTS | _BOUNDS:
            yield from ((f"bound {step:+d}", new) for step, new in _stepped(name, value))
        if name in _COMPARED:
            yield "change comparison", (SH[_COMPARED[name]], value)
        if name == "nodeKind" and isinstance(value, rdflib.URIRef):
            yield from (("widen node kind", kind) for kind in _WIDER_KIND.get(value, ()))
        if name == "datatype" and isinstance(value, rdflib.URIRef) and value in _OTHER_TYPE:
            yield "change datatype", _OTHER_TYPE[value]
        if name == "class":
            yield from (("widen class", above) for above in self.hierarchy.above(value))
            yield from (("narrow class", below) for below in self.hierarchy.below(value))
        if name == "pattern":
            yield from (("relax pattern", rdflib.Literal(text)) for text in relaxed(str(value)))

    def _swap(self, constraint: Constraint, operator: str, old: Triple, new: Triple) -> Mutant:
        why = self._unseen(old, new) or self._off(constraint)
        change = f"{self._words(new)} instead of {self._words(old)}"
        return self._mutant(constraint.check, operator, change, old, new, why)

    def _fewer_members(self, constraint: Constraint, triple: Triple) -> Iterator[Mutant]:
        members = list(self.graph.items(triple[2]))
        for place, member in enumerate(members):
            rest = members[:place] + members[place + 1 :]
            why = "the list names it twice" if member in rest else self._off(constraint)
            change = f"sh:in without {self.library.short(member)}"
            yield self._with_list(constraint.check, "remove sh:in member", change, triple, rest, why)

    def _fewer_ignored(self, constraint: Constraint) -> Iterator[Mutant]:
        for triple in self.graph.triples((constraint.holder, SH.ignoredProperties, None)):
            members = list(self.graph.items(triple[2]))
            for place, member in enumerate(members):
                change = f"sh:ignoredProperties without {self.library.short(member)}"
                rest = members[:place] + members[place + 1 :]
                yield self._with_list(
                    constraint.check, "remove ignored property", change, triple, rest, self._off(constraint)
                )

    def _with_list(self, about: Node, operator: str, change: str, old: Triple, members: list[Node], why: str) -> Mutant:
        head, links = _as_list(members)
        added = frozenset({(old[0], old[1], head), *links})
        return Mutant(about, operator, change, frozenset({old}), added, why)

    def _queries(self, constraint: Constraint) -> Iterator[Mutant]:
        """Break the query of a sh:sparql constraint."""
        for triple in self.graph.triples((constraint.check, SH.select, None)):
            for operator, change, text in broken_queries(str(triple[2])):
                new = (constraint.check, SH.select, rdflib.Literal(text))
                why = self._off(constraint) or self._said_by_target(constraint, change)
                yield self._mutant(constraint.check, operator, change, triple, new, why)

    def of_shape(self, shape: Node) -> Iterator[Mutant]:
        """Break what a shape is about: its targets, its path, its severity."""
        graph = self.graph
        for link in TARGETS:
            for target in in_order(graph.objects(shape, link)):
                yield from self._targets(shape, (shape, link, target))
        path = graph.value(shape, SH.path)
        if path is not None:
            yield from self._paths(shape, path)
        yield from self._severities(shape)

    def _targets(self, shape: Node, triple: Triple) -> Iterator[Mutant]:
        target = triple[2]
        others = set(self.graph.objects(shape, triple[1])) - {target}
        covered = [other for other in others if triple[1] == SH.targetClass and self.hierarchy.is_below(target, other)]
        why = f"{self.library.short(covered[0])} is a target too, and above it" if covered else ""
        checks_nothing = "" if self._checks(shape) else "the shape checks nothing"
        yield self._mutant(shape, "drop target", f"without {self._words(triple)}", triple, None, why or checks_nothing)
        if triple[1] == SH.targetClass and not covered:
            for below in self.hierarchy.below(target):
                new = (shape, SH.targetClass, below)
                change = f"{self._words(new)} instead of {self._words(triple)}"
                yield self._mutant(shape, "narrow target", change, triple, new, checks_nothing)

    def _checks(self, shape: Node) -> bool:
        reached = self.library.reached_from(shape)
        return any(one.holder in reached for one in self.library.constraints)

    def _paths(self, shape: Node, path: Node) -> Iterator[Mutant]:
        old = (shape, SH.path, path)
        why = "" if self._checks(shape) else "the shape checks nothing"
        for operator, change, new, links in self._other_paths(shape, path):
            added = frozenset({(shape, SH.path, new), *links})
            yield Mutant(shape, operator, change, frozenset({old}), added, why or self._unreached(shape))

    def _other_paths(self, shape: Node, path: Node) -> Iterator[tuple[str, str, Node, Iterable[Triple]]]:
        """Yield the paths that a hasty hand could have written."""
        graph, library = self.graph, self.library
        swapped = self._sibling_path(shape, path)
        if swapped is not None:
            yield "swap path", f"sh:path {library.path(swapped)} instead of {library.path(path)}", swapped, ()
        if not isinstance(path, rdflib.BNode):
            return
        options = graph.value(path, SH.alternativePath)
        steps = list(graph.items(options if options is not None else path))
        for place, step in enumerate(steps if len(steps) > 1 else ()):
            rest = steps[:place] + steps[place + 1 :]
            if options is not None:
                head, links = _as_list(rest)
                node = rdflib.BNode()
                change = f"sh:path without the alternative {library.path(step)}"
                yield "shorten path", change, node, [(node, SH.alternativePath, head), *links]
            elif len(rest) == 1:
                yield "shorten path", f"sh:path without the step {library.path(step)}", rest[0], ()
            else:
                head, links = _as_list(rest)
                yield "shorten path", f"sh:path without the step {library.path(step)}", head, links
        for link in (SH.inversePath, SH.zeroOrMorePath, SH.oneOrMorePath, SH.zeroOrOnePath):
            inner = graph.value(path, link)
            if inner is not None:
                yield "shorten path", f"sh:path {library.path(inner)} instead of {library.path(path)}", inner, ()

    def _sibling_path(self, shape: Node, path: Node) -> Node | None:
        """Give the path of another property of the same shape: the likeliest slip."""
        graph = self.graph
        parents = graph.subjects(SH.property, shape)
        siblings = in_order({part for parent in parents for part in graph.objects(parent, SH.property)})
        paths = {graph.value(part, SH.path) for part in siblings} - {path, None}
        named = sorted(one for one in paths if isinstance(one, rdflib.URIRef))
        return named[0] if named else rdflib.URIRef("urn:x-lungkg:another-property")

    def _severities(self, shape: Node) -> Iterator[Mutant]:
        stated = self.graph.value(shape, SH.severity)
        if not any(one.holder == shape for one in self.library.constraints):
            return
        for severity in _SEVERITIES:
            if severity != (stated or SH.Violation):
                old = frozenset() if stated is None else frozenset({(shape, SH.severity, stated)})
                new = (shape, SH.severity, severity)
                change = f"{self._words(new)} instead of {self.library.short(stated or SH.Violation)}"
                silent = "" if shape in self.library.reporting else "only results of the shape around it are told"
                why = self._unreached(shape) or silent
                yield Mutant(shape, "change severity", change, old, frozenset({new}), why)

    def _mutant(self, about: Node, operator: str, change: str, old: Triple, new: Triple | None, why: str) -> Mutant:
        added = frozenset() if new is None else frozenset({new})
        return Mutant(about, operator, change, frozenset({old}), added, why)

    # Why nothing can tell a mutant from the original

    def _off(self, constraint: Constraint) -> str:
        if self.library.is_off(constraint.holder) or self.library.is_off(constraint.check):
            return "it is switched off by sh:deactivated"
        return self._unreached(constraint.holder)

    def _unreached(self, shape: Node) -> str:
        return "" if shape in self.library.governed_by else "no target leads to this shape"

    def _said_by_target(self, constraint: Constraint, change: str) -> str:
        """Say whether a dropped pattern asks only for the class that is the target anyway."""
        found = re.fullmatch(r"without [$?]this a (\S+)", change)
        targets = {self.library.short(kind): kind for kind in self.graph.objects(constraint.holder, SH.targetClass)}
        if found and list(targets) == [found[1]] and not self.hierarchy.below(targets[found[1]]):
            return f"every focus node is a {found[1]}"
        return ""

    def _idle(self, constraint: Constraint, value: Node) -> str:
        """Say why a constraint asks for nothing, if so."""
        if constraint.parameter in _AT_LEAST and str(value) == "0":
            return "at least 0 asks for nothing"
        if constraint.parameter in ("closed", "uniqueLang") and str(value) in ("false", "0"):
            return "false asks for nothing"
        return self._off(constraint)

    def _unseen(self, old: Triple, new: Triple) -> str:
        """Say why a wider node kind lets in nothing that can be there, if so."""
        if old[1] == SH.nodeKind and self.graph.value(old[0], SH.path) is None and new[2] == SH.IRIOrLiteral:
            return "a literal is never an instance of a class"
        return ""

    def _words(self, triple: Triple) -> str:
        name = str(triple[1]).removeprefix(str(SH))
        if triple[1] == SH.sparql:
            return f"sh:sparql {self.library.short(triple[2])}"
        return self.library.words(name, [triple[2]])


def _stepped(name: str, value: Node) -> Iterator[tuple[int, Node]]:
    """Yield a bound one lower and one higher; what would be a dropped constraint, or no shape at all, is left out."""
    number = value.toPython() if isinstance(value, rdflib.Literal) else None
    if isinstance(number, bool) or not isinstance(number, int):
        return
    for step in (-1, 1):
        least = 1 if name in _AT_LEAST else 0
        if name in _BOUNDS or number + step >= least:
            yield step, rdflib.Literal(number + step)


def _as_list(members: list[Node]) -> tuple[Node, list[Triple]]:
    """Make an RDF list."""
    head: Node = RDF.nil
    links: list[Triple] = []
    for member in reversed(members):
        spot = rdflib.BNode()
        links += [(spot, RDF.first, member), (spot, RDF.rest, head)]
        head = spot
    return head, links
