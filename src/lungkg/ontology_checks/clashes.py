"""Finds, without a reasoner, the usual reason why a class can have no member or data cannot be true.

It walks what is said outright: superclasses, definitions, domains, ranges, super-properties. Two classes on
the way that are declared disjoint make a clash, and the axioms of the way are its justification. It finds
no clash that is not there, and misses those that need more reasoning; HermiT finds them all.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Final

import pyoxigraph as ox

from lungkg.namespaces import OWL
from lungkg.ontology_checks.axioms import Axiom, Axioms, Expression, Part

Reason = tuple[Axiom, ...]
Starts = Iterable[tuple[Part, Reason]]
"""What something is: classes and expressions, each with the axioms that say so."""

_NOTHING: Final = OWL + "Nothing"
_HAVE_VALUES: Final = ("some", "value", "self")


@dataclass(frozen=True, slots=True)
class Clash:
    """What cannot be together: the axioms that forbid it, and the classes of which nothing can be all."""

    axioms: tuple[Axiom, ...]
    between: frozenset[str] = frozenset()


class Clashes:
    """Looks for clashes by the axioms of one ontology."""

    def __init__(self, axioms: Axioms) -> None:
        self.axioms = axioms
        self._seen: dict[int, Clash | None] = {}  # by the id of an expression; the axioms keep it alive

    @cached_property
    def _steps(self) -> dict[str, list[tuple[Part, Reason]]]:
        """Class → what its members are besides, by one axiom."""
        steps: dict[str, list[tuple[Part, Reason]]] = defaultdict(list)
        for axiom in self.axioms.kinds("SubClassOf", "EquivalentClasses", "DisjointUnion"):
            first, *rest = axiom.parts
            pairs = [(one, first) for one in rest] if axiom.kind != "SubClassOf" else []
            pairs += [(first, one) for one in rest] if axiom.kind != "DisjointUnion" else []
            for lower, upper in pairs:
                for iri in _covered(lower):
                    steps[iri].append((upper, (axiom,)))
        return steps

    @cached_property
    def _wider(self) -> dict[str, dict[str, tuple[Axiom, ...]]]:
        """Property → each property above it, itself included, with the axioms that say so."""
        above: dict[str, list[Axiom]] = defaultdict(list)
        for axiom in self.axioms.kinds("SubPropertyOf"):
            if all(isinstance(part, ox.NamedNode) for part in axiom.parts):
                above[str(axiom.parts[0].value)].append(axiom)  # type: ignore[union-attr]
        found: dict[str, dict[str, tuple[Axiom, ...]]] = {}
        for start in {*above, *self._sided}:
            ways: dict[str, tuple[Axiom, ...]] = {start: ()}
            todo = [start]
            for name in todo:
                for axiom in above[name]:
                    upper = axiom.parts[1].value  # type: ignore[union-attr]
                    if upper not in ways:
                        ways[upper] = (*ways[name], axiom)
                        todo.append(upper)
            found[start] = ways
        return found

    @cached_property
    def _sided(self) -> dict[str, list[Axiom]]:
        found: dict[str, list[Axiom]] = defaultdict(list)
        for axiom in self.axioms.kinds("Domain", "Range"):
            if isinstance(axiom.parts[0], ox.NamedNode):
                found[axiom.parts[0].value].append(axiom)
        return found

    @cached_property
    def known(self) -> frozenset[str]:
        """The classes that some axiom says something of."""
        return frozenset({*self._steps, *(name for apart, _ in self._apart for name in apart)})

    def sided(self, side: str) -> frozenset[str]:
        """Give the properties that have a domain (Domain) or a range (Range), or are below one that has."""
        return frozenset(name for name in self._wider if any(True for _ in self.beside(name, side)))

    def beside(self, name: str, side: str) -> Iterator[tuple[Part, Reason]]:
        """Yield what stands before (Domain) or after (Range) a property always is, with the axioms."""
        for wider, way in self._wider.get(name, {}).items():
            for axiom in self._sided.get(wider, ()):
                if axiom.kind == side:
                    yield axiom.parts[1], (*way, axiom)

    @cached_property
    def _apart(self) -> list[tuple[frozenset[str], Axiom]]:
        """Sets of classes of which nothing is two."""
        found = []
        for axiom in self.axioms.all:
            named = [part.value for part in axiom.parts if isinstance(part, ox.NamedNode)]
            if axiom.kind == "DisjointClasses":
                found.append((frozenset(named), axiom))
            elif axiom.kind == "DisjointUnion":
                found.append((frozenset(named[1:]), axiom))
            elif axiom.kind in ("SubClassOf", "EquivalentClasses") and named:
                others = [part.parts[0] for part in _conjuncts(axiom.parts[-1]) if part.kind == "not"]
                found += [(frozenset((named[0], o.value)), axiom) for o in others if isinstance(o, ox.NamedNode)]
        return found

    def _reached(self, starts: Starts) -> tuple[dict[str, Reason], list[tuple[Expression, Reason]]]:
        """Give every class that follows from these, by a short way, and every choice between classes."""
        ways: dict[str, Reason] = {}
        choices: list[tuple[Expression, Reason]] = []
        todo = sorted(starts, key=lambda start: len(start[1]))
        for part, way in todo:
            if isinstance(part, ox.NamedNode):
                if part.value not in ways:
                    ways[part.value] = way
                    todo += [(upper, (*way, *more)) for upper, more in self._steps.get(part.value, ())]
            elif isinstance(part, Expression):
                if part.kind == "and":
                    todo += [(one, way) for one in part.parts]
                elif part.kind == "or":
                    choices.append((part, way))
                elif part.kind in _HAVE_VALUES and isinstance(part.parts[0], ox.NamedNode):
                    todo += [(upper, (*way, *more)) for upper, more in self.beside(part.parts[0].value, "Domain")]
        return ways, choices

    def clash(self, starts: Starts) -> Clash | None:
        """Give the fewest axioms by which nothing can be all of this; None when none are in sight."""
        starts = list(starts)
        ways, choices = self._reached(starts)
        return self._shortest(ways) or next(filter(None, (self._torn(starts, *choice) for choice in choices)), None)

    def _torn(self, starts: Starts, choice: Expression, way: Reason) -> Clash | None:
        """Say why nothing can be this, and one of a choice, whichever it is."""
        found = [self._shortest(self._reached([*starts, (one, ())])[0]) for one in choice.parts]
        if not all(found):
            return None
        between = frozenset[str]().union(*(clash.between for clash in found if clash))
        return Clash(_once([*way, *(axiom for clash in found if clash for axiom in clash.axioms)]), between)

    def _shortest(self, ways: dict[str, Reason]) -> Clash | None:
        return min(self._found(ways), key=lambda clash: len(clash.axioms), default=None)

    @cached_property
    def _apart_from(self) -> dict[str, list[int]]:
        """Class → the numbers of the sets that it is in."""
        found: dict[str, list[int]] = defaultdict(list)
        for number, (apart, _) in enumerate(self._apart):
            for name in apart:
                found[name].append(number)
        return found

    def _found(self, ways: dict[str, Reason]) -> Iterator[Clash]:
        if _NOTHING in ways:
            yield Clash(_once(ways[_NOTHING]))
        touched = Counter(number for name in ways for number in self._apart_from.get(name, ()))
        for number in sorted(number for number, count in touched.items() if count > 1):
            apart, axiom = self._apart[number]
            for one, other in combinations(sorted(apart & ways.keys()), 2):
                yield Clash(_once((*ways[one], *ways[other], axiom)), frozenset((one, other)))

    def of_class(self, iri: str) -> Clash | None:
        """Give the axioms by which a class can have no member, or None when no clash is in sight."""
        return self.clash([(ox.NamedNode(iri), ())]) or self._of_values(iri)

    def _of_values(self, iri: str) -> Clash | None:
        """Look at what the members of a class must have: a value that cannot be makes them impossible too."""
        for name, way in self._reached([(ox.NamedNode(iri), ())])[0].items():
            for axiom in self._defining.get(name, ()):
                for part in _conjuncts(axiom.parts[1] if _is(axiom.parts[0], name) else axiom.parts[0]):
                    clash = self._of_value(part)
                    if clash is not None:
                        return Clash(_once((*way, axiom, *clash.axioms)), clash.between)
        return None

    def _of_value(self, part: Expression) -> Clash | None:
        """Say why nothing can be a value that an expression demands, None when something can; asked often."""
        if part.kind != "some" or not isinstance(part.parts[0], ox.NamedNode):
            return None
        if id(part) not in self._seen:
            self._seen[id(part)] = self.clash([*self.beside(part.parts[0].value, "Range"), (part.parts[1], ())])
        return self._seen[id(part)]

    @cached_property
    def _defining(self) -> dict[str, list[Axiom]]:
        found: dict[str, list[Axiom]] = defaultdict(list)
        for axiom in self.axioms.kinds("SubClassOf", "EquivalentClasses"):
            for part in axiom.parts[: 1 if axiom.kind == "SubClassOf" else 2]:
                if isinstance(part, ox.NamedNode):
                    found[part.value].append(axiom)
        return found


def _covered(part: Part) -> Iterator[str]:
    """Yield the named classes all of whose members fit an expression."""
    if isinstance(part, ox.NamedNode):
        yield part.value
    elif isinstance(part, Expression) and part.kind == "or":
        for one in part.parts:
            yield from _covered(one)


def _is(part: Part, iri: str) -> bool:
    return isinstance(part, ox.NamedNode) and part.value == iri


def _conjuncts(part: Part) -> Iterator[Expression]:
    if isinstance(part, Expression):
        if part.kind == "and":
            for one in part.parts:
                yield from _conjuncts(one)
        else:
            yield part


def _once(axioms: Iterable[Axiom]) -> tuple[Axiom, ...]:
    return tuple(dict.fromkeys(axioms))
