"""Finds demands on the values of a path that no value can meet together: in one shape, or in several of one class."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import rdflib
from rdflib import RDF, SH, XSD
from rdflib.term import Node

from lungkg.report import Finding
from lungkg.shapes.hierarchy import Hierarchy, in_order
from lungkg.shapes.library import Library
from lungkg.shapes.telling import tell

_KINDS: Final = {
    SH.IRI: {"IRI"},
    SH.BlankNode: {"blank node"},
    SH.Literal: {"literal"},
    SH.BlankNodeOrIRI: {"blank node", "IRI"},
    SH.BlankNodeOrLiteral: {"blank node", "literal"},
    SH.IRIOrLiteral: {"IRI", "literal"},
}
_NUMERIC: Final = frozenset(
    {XSD.integer, XSD.decimal, XSD.double, XSD.float, XSD.int, XSD.long, XSD.nonNegativeInteger}
)
_LOWER: Final = {"minInclusive": False, "minExclusive": True}
_UPPER: Final = {"maxInclusive": False, "maxExclusive": True}


class Demand(NamedTuple):
    """One constraint on the values of a path."""

    shape: Node
    parameter: str
    value: Node


@dataclass(frozen=True)
class Group:
    """What all shapes of one class demand of the values of one path; `path` is None for the nodes themselves."""

    kind: Node | None
    path: Node | None
    demands: frozenset[Demand]

    def of(self, *parameters: str) -> list[Demand]:
        """List the demands with one of these parameters."""
        return sorted(one for one in self.demands if one.parameter in parameters)


def lint_satisfiable(library: Library, hierarchy: Hierarchy) -> Iterator[Finding]:
    """Find every set of demands that no value can meet; each is told once, however many classes inherit it."""
    told: set[tuple[str, frozenset[Demand], str]] = set()
    for group in _groups(library, hierarchy):
        for rule, demands, what, severity in _Checker(library, hierarchy, group).all():
            key = rule, frozenset(demands), what
            if key not in told:
                told.add(key)
                yield _finding(library, rule, demands, what, severity)


def _finding(library: Library, rule: str, demands: list[Demand], what: str, severity: str) -> Finding:
    shapes = sorted({one.shape for one in demands}, key=library.name)
    others = f" (together with {', '.join(library.name(one) for one in shapes[1:])})" if shapes[1:] else ""
    return tell(library, rule, what + others, shapes[0], demands[-1].value, severity)


def _groups(library: Library, hierarchy: Hierarchy) -> Iterator[Group]:
    """Gather the demands by class and path; what has no class target stands for itself."""
    graph = library.graph
    tops = [shape for shape in library.targeted if not library.is_off(shape)]
    kinds = in_order({kind for shape in tops for kind in graph.objects(shape, SH.targetClass)})
    sets: list[tuple[Node | None, list[Node]]] = [
        (kind, [s for s in tops if any(hierarchy.is_below(kind, t) for t in graph.objects(s, SH.targetClass))])
        for kind in kinds
    ]
    sets += [(None, [shape]) for shape in sorted(library.shapes, key=library.name)]
    for kind, shapes in sets:
        demands: dict[str, set[Demand]] = defaultdict(set)
        paths: dict[str, Node | None] = {}
        for shape, path in _together(library, shapes):
            name = "" if path is None else library.path(path)
            paths[name] = path
            demands[name] |= set(_demands(library, shape))
        for name in sorted(demands):
            yield Group(kind, paths[name], frozenset(demands[name]))


def _together(library: Library, shapes: Iterable[Node]) -> Iterator[tuple[Node, Node | None]]:
    """Yield the shapes that a node must meet all at once, and the path that each is about."""
    graph = library.graph
    todo: list[Node] = list(shapes)
    seen: set[Node] = set()
    while todo:
        shape = todo.pop()
        if shape in seen or library.is_off(shape):
            continue
        seen.add(shape)
        path = graph.value(shape, SH.path)
        yield shape, path
        if path is None:
            todo += [*graph.objects(shape, SH.property), *graph.objects(shape, SH.node)]
            todo += [member for head in graph.objects(shape, SH["and"]) for member in graph.items(head)]


def _demands(library: Library, shape: Node) -> Iterator[Demand]:
    graph = library.graph
    for predicate, value in graph.predicate_objects(shape):
        name = str(predicate).removeprefix(str(SH))
        if str(predicate).startswith(str(SH)):
            yield Demand(shape, name, value)


Trouble = tuple[str, list[Demand], str, str]
"""A rule, the demands that do not go together, what is wrong with them, and how bad that is."""


class _Checker:
    def __init__(self, library: Library, hierarchy: Hierarchy, group: Group) -> None:
        self.library, self.hierarchy, self.group = library, hierarchy, group

    def all(self) -> Iterator[Trouble]:
        """Yield everything that does not go together."""
        for check in (self._counts, self._bounds, self._kinds, self._types, self._classes, self._lists, self._wanted):
            yield from check()
        yield from self._properties()

    @property
    def _outcome(self) -> str:
        """Say what follows when no value is allowed."""
        needed = any(str(one.value) not in ("0", "") for one in self.group.of("minCount")) or self.group.of("hasValue")
        if self.group.path is None:
            return "nothing can conform"
        return "nothing can conform" if needed else "no value is ever allowed; say sh:maxCount 0 if that is meant"

    def _say(self, *demands: Demand) -> str:
        return " and ".join(self.library.words(one.parameter, [one.value]) for one in demands)

    def _never(self, rule: str, *demands: Demand) -> Trouble:
        return rule, list(demands), f"{self._say(*demands)} exclude each other: {self._outcome}", "Violation"

    def _counts(self) -> Iterator[Trouble]:
        for least, most in (
            ("minCount", "maxCount"),
            ("minLength", "maxLength"),
            ("qualifiedMinCount", "qualifiedMaxCount"),
        ):
            if least.startswith("qualified") and len({one.shape for one in self.group.of(least, most)}) > 1:
                continue  # each counts the values of a shape of its own
            for low in self.group.of(least):
                for high in self.group.of(most):
                    if _number(low.value) > _number(high.value):
                        after = "nothing can conform" if "Count" in least else self._outcome
                        what = f"{self._say(low, high)} exclude each other: {after}"
                        yield "unsatisfiable-bounds", [low, high], what, "Violation"
        wanted = self.group.of("hasValue")
        for high in self.group.of("maxCount"):
            if wanted and len({one.value for one in wanted}) > _number(high.value):
                yield self._never("unsatisfiable-value", high, *wanted)

    def _bounds(self) -> Iterator[Trouble]:
        for low in self.group.of(*_LOWER):
            for high in self.group.of(*_UPPER):
                open_ended = _LOWER[low.parameter] or _UPPER[high.parameter]
                order = _compare(low.value, high.value)
                if order is None:
                    what = f"{self._say(low, high)} cannot be compared with each other: {self._outcome}"
                    yield "unsatisfiable-bounds", [low, high], what, "Violation"
                elif order > 0 or (order == 0 and open_ended):
                    yield self._never("unsatisfiable-bounds", low, high)

    def _kinds(self) -> Iterator[Trouble]:
        kinds = self.group.of("nodeKind")
        for place, one in enumerate(kinds):
            mine = _KINDS.get(one.value, set())  # type: ignore[call-overload]
            for other in kinds[place + 1 :]:
                if mine and not mine & _KINDS.get(other.value, mine):  # type: ignore[call-overload]
                    yield self._never("unsatisfiable-kind", one, other)
            for typed in self.group.of("datatype", "languageIn") if mine and "literal" not in mine else ():
                yield self._never("unsatisfiable-kind", one, typed)
            for typed in self.group.of("class") if mine == {"literal"} else ():
                yield self._never("unsatisfiable-kind", one, typed)
        for typed in self.group.of("datatype"):
            for classed in self.group.of("class"):
                yield self._never("unsatisfiable-kind", typed, classed)

    def _types(self) -> Iterator[Trouble]:
        types = self.group.of("datatype")
        for one in types:
            for other in types:
                if str(one.value) < str(other.value):
                    yield self._never("unsatisfiable-type", one, other)
            for tagged in self.group.of("languageIn", "uniqueLang"):
                if one.value != RDF.langString and str(tagged.value) not in ("false", "0"):
                    what = f"{self._say(one, tagged)} do not go together: only rdf:langString has language tags"
                    yield "unsatisfiable-type", [one, tagged], what, "Violation"
            for bound in self.group.of(*_LOWER, *_UPPER):
                if not _comparable(one.value, bound.value):
                    type_, limit = self.library.short(one.value), self.library.short(bound.value)
                    what = f"a value of {type_} cannot be compared with {limit}: {self._outcome}"
                    yield "unsatisfiable-type", [one, bound], what, "Violation"

    def _classes(self) -> Iterator[Trouble]:
        classes = self.group.of("class")
        pairs = [(one, other) for one in classes for other in classes if str(one.value) < str(other.value)]
        for one, other in pairs:
            why = self._disjoint(one.value, other.value)
            if why:
                what = f"{self._say(one, other)} exclude each other, {why}: {self._outcome}"
                yield "unsatisfiable-class", [one, other], what, "Violation"
        for one in classes if self.group.path is None and self.group.kind is not None else ():
            why = self._disjoint(self.group.kind, one.value) if self.group.kind is not None else ""
            if why:
                what = f"{self._say(one)} can never hold of the target, {why}"
                yield "unsatisfiable-class", [one], what, "Violation"

    def _disjoint(self, one: Node, other: Node) -> str:
        """Say why nothing is of both classes, "" when something may be."""
        found = self.hierarchy.exclude(one, other)
        return (
            f"because {self.library.short(found[0])} and {self.library.short(found[1])} are disjoint" if found else ""
        )

    def _lists(self) -> Iterator[Trouble]:
        """Look at the members of sh:in: those that another demand forbids, all of them above all."""
        lists = {one: list(self.library.graph.items(one.value)) for one in self.group.of("in")}
        for one, members in lists.items():
            if not members and one.value != RDF.nil:
                continue  # no list at all, which is told elsewhere
            if not members:
                yield "unsatisfiable-in", [one], f"sh:in has an empty list: {self._outcome}", "Violation"
                continue
            misfits = [(member, found) for member in members if (found := self._misfit(member, one))]
            if len(misfits) == len(members):
                demand = misfits[0][1]
                what = f"no member of sh:in meets {self._say(demand)}: {self._outcome}"
                yield "unsatisfiable-in", [one, demand], what, "Violation"
            else:
                for member, demand in misfits:
                    what = f"{self.library.short(member)} stands in sh:in and yet does not meet {self._say(demand)}"
                    yield "idle-member", [one, demand], what, "Warning"

    def _wanted(self) -> Iterator[Trouble]:
        for one in self.group.of("hasValue"):
            found = self._misfit(one.value, one)
            if found:
                what = f"{self._say(one)} does not meet {self._say(found)}: nothing can conform"
                yield "unsatisfiable-value", [one, found], what, "Violation"

    def _properties(self) -> Iterator[Trouble]:
        for one in self.group.of("disjoint", "lessThan"):
            if self.group.path == one.value:
                what = f"{self._say(one)} compares the path with itself: {self._outcome}"
                yield "unsatisfiable-pair", [one], what, "Violation"
        for one in self.group.of("equals"):
            for other in self.group.of("disjoint", "lessThan"):
                if one.value == other.value:
                    yield self._never("unsatisfiable-pair", one, other)

    def _misfit(self, value: Node, by: Demand) -> Demand | None:
        """Find a demand that a value does not meet."""
        for one in sorted(self.group.demands - {by}):
            check = _MEETS.get(one.parameter)
            if check is not None and not check(self, value, one):
                return one
        return None

    def meets_class(self, value: Node, one: Demand) -> bool:
        """Say whether a value can be of a class: no literal is, nor what the ontology describes otherwise."""
        types = self.hierarchy.types(value)
        return not isinstance(value, rdflib.Literal) and (not types or one.value in types)

    def meets_list(self, value: Node, one: Demand) -> bool:
        """Say whether a value stands in a list."""
        return value in set(self.library.graph.items(one.value))

    def meets_pattern(self, value: Node, one: Demand) -> bool:
        """Say whether a pattern matches; one that Python does not understand is given the benefit of the doubt."""
        try:
            return bool(re.search(str(one.value), str(value)))
        except re.error:
            return True

    def meets_bound(self, value: Node, one: Demand) -> bool:
        """Say whether a value keeps to a bound."""
        order = _compare(value, one.value)
        if order is None:
            return False
        kept = {"minInclusive": order >= 0, "minExclusive": order > 0}
        kept |= {"maxInclusive": order <= 0, "maxExclusive": order < 0}
        return kept[one.parameter]


def _meets_datatype(_: _Checker, value: Node, one: Demand) -> bool:
    if not isinstance(value, rdflib.Literal) or value.ill_typed:
        return False
    return (RDF.langString if value.language else value.datatype or XSD.string) == one.value


def _meets_kind(_: _Checker, value: Node, one: Demand) -> bool:
    kind = (
        "literal" if isinstance(value, rdflib.Literal) else "IRI" if isinstance(value, rdflib.URIRef) else "blank node"
    )
    return kind in _KINDS.get(one.value, {kind})  # type: ignore[call-overload]


_MEETS: Final[dict[str, Callable[[_Checker, Node, Demand], bool]]] = {
    "datatype": _meets_datatype,
    "nodeKind": _meets_kind,
    "class": _Checker.meets_class,
    "in": _Checker.meets_list,
    "pattern": _Checker.meets_pattern,
    "minLength": lambda _, value, one: len(str(value)) >= _number(one.value),
    "maxLength": lambda _, value, one: len(str(value)) <= _number(one.value),
    **dict.fromkeys((*_LOWER, *_UPPER), _Checker.meets_bound),
}


def _number(value: Node) -> int:
    """Read a count; what is none is told elsewhere, and never in the way here."""
    try:
        return int(str(value))
    except ValueError:
        return 0


def _compare(one: Node, other: Node) -> int | None:
    """Give -1, 0 or 1 as Python compares the two, or None when they cannot be compared."""
    if not isinstance(one, rdflib.Literal) or not isinstance(other, rdflib.Literal):
        return None
    first, second = one.toPython(), other.toPython()
    if isinstance(first, str) != isinstance(second, str) or isinstance(first, rdflib.Literal):
        return None
    try:
        return int(first > second) - int(first < second)
    except TypeError:
        return None


def _comparable(datatype: Node, bound: Node) -> bool:
    if not isinstance(bound, rdflib.Literal):
        return True
    own = bound.datatype or XSD.string
    return own == datatype or (own in _NUMERIC and datatype in _NUMERIC)
