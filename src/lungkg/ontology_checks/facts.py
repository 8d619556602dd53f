"""Finds, without a reasoner, things in data that cannot be as an ontology has it, however much data there is.

Data is read once, and a thing is known only by a number for what is said of it: its classes and the
properties that it stands before or after. What is said alike is checked once.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final

import pyoxigraph as ox

from lungkg.namespaces import RDF, XSD
from lungkg.ontology_checks.axioms import A, Axiom, Axioms, Part
from lungkg.ontology_checks.clashes import Clash, Clashes

Statements = Callable[[], Iterable[ox.Triple]]
"""Gives the triples of the data, each time it is called."""

MOST_SHOWN: Final = 10
_ALONE: Final = ("Irreflexive", "Asymmetric", "Functional")
_COMPARED: Final = frozenset({XSD + "string", RDF + "langString"})


def impossible(clashes: Clashes, statements: Statements, most: int = MOST_SHOWN) -> list[Clash]:
    """Give why some things cannot be: one example of each way, and no more than `most`."""
    said, alone = _Said(clashes), _Alone(clashes.axioms)
    broken: list[Clash] = []
    for triple in statements():
        said.take(triple)
        if len(broken) < most:
            broken += alone.take(triple)
    found = list(islice(_by_class(clashes, said, statements), most))
    return [*found, *broken][:most]


def _by_class(clashes: Clashes, said: "_Said", statements: Statements) -> Iterator[Clash]:
    """Yield things of which two classes are said, or follow from properties, that have nothing in common."""
    for mask, example in said.examples().items():
        clash = clashes.clash(said.starts(mask))
        if clash is not None:
            yield _with_statements(clash, example, statements)


class _Said:
    """What is said of each thing: a set of conditions, as the bits of a number."""

    def __init__(self, clashes: Clashes) -> None:
        self._clashes = clashes
        self._masks: dict[ox.NamedNode | ox.BlankNode, int] = defaultdict(int)
        self._bits: dict[tuple[str, str], int] = {}
        self._sided = {side: clashes.sided(side) for side in ("Domain", "Range")}

    def take(self, triple: ox.Triple) -> None:
        """Note what a triple says of its subject and of its object."""
        subject, predicate, value = triple
        name = predicate.value
        if name == A.value:
            if isinstance(value, ox.NamedNode) and value.value in self._clashes.known:
                self._note(subject, "Class", value.value)
            return
        if name in self._sided["Domain"]:
            self._note(subject, "Domain", name)
        if name in self._sided["Range"] and isinstance(value, ox.NamedNode | ox.BlankNode):
            self._note(value, "Range", name)

    def _note(self, thing: ox.NamedNode | ox.BlankNode | ox.Triple, side: str, name: str) -> None:
        if not isinstance(thing, ox.Triple):
            self._masks[thing] |= 1 << self._bits.setdefault((side, name), len(self._bits))

    def examples(self) -> dict[int, ox.NamedNode | ox.BlankNode]:
        """Give one thing for each set of conditions."""
        return {mask: thing for thing, mask in reversed(self._masks.items())}

    def starts(self, mask: int) -> Iterator[tuple[Part, tuple[Axiom, ...]]]:
        """Yield the classes that follow from a set of conditions, each with a stand-in for what was said."""
        for (side, name), bit in self._bits.items():
            if mask >> bit & 1:
                stands = Axiom("Said", (ox.Literal(side), ox.NamedNode(name)), ())
                if side == "Class":
                    yield ox.NamedNode(name), (stands,)
                else:
                    yield from ((to, (stands, *more)) for to, more in self._clashes.beside(name, side))


def _with_statements(clash: Clash, thing: ox.NamedNode | ox.BlankNode, statements: Statements) -> Clash:
    """Put the statements about a thing in the place of what stands in for them."""
    wanted = {axiom.parts: axiom for axiom in clash.axioms if axiom.kind == "Said"}
    found: dict[Axiom, Axiom] = {}
    for triple in statements():
        for parts, axiom in _stand_ins(triple, thing, wanted):
            found.setdefault(axiom, Axiom(*parts, (triple,)))
    return Clash(tuple(found.get(axiom, axiom) for axiom in clash.axioms), clash.between)


def _stand_ins(
    triple: ox.Triple, thing: ox.NamedNode | ox.BlankNode, wanted: dict[tuple[Part, ...], Axiom]
) -> Iterator[tuple[tuple[str, tuple[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple, ...]], Axiom]]:
    subject, predicate, value = triple
    if subject == thing and predicate == A:
        key: tuple[Part, ...] = (ox.Literal("Class"), value)
        if key in wanted:
            yield ("ClassAssertion", (subject, value)), wanted[key]
    for side, end in (("Domain", subject), ("Range", value)):
        key = (ox.Literal(side), predicate)
        if end == thing and key in wanted:
            yield ("PropertyAssertion", (subject, predicate, value)), wanted[key]


class _Alone:
    """What breaks that which is said of a property alone: two values of one, itself, or both ways round."""

    def __init__(self, axioms: Axioms) -> None:
        self._rules: dict[str, dict[str, Axiom]] = {kind: {} for kind in _ALONE}
        for axiom in axioms.kinds(*_ALONE):
            if isinstance(axiom.parts[0], ox.NamedNode):
                self._rules[axiom.kind][axiom.parts[0].value] = axiom
        self._names = frozenset(name for rules in self._rules.values() for name in rules)
        self._apart = _Apart(axioms.kinds("DifferentIndividuals"))
        self._firsts: dict[tuple[str, object], ox.Triple] = {}

    def take(self, triple: ox.Triple) -> list[Clash]:
        """Look at one more triple; gives what it breaks, by itself or with one before."""
        name = triple.predicate.value
        return list(self._broken(name, triple)) if name in self._names else []

    def _broken(self, name: str, triple: ox.Triple) -> Iterator[Clash]:
        subject, _, value = triple
        irreflexive, asymmetric, functional = (self._rules[kind].get(name) for kind in _ALONE)
        if irreflexive is not None and subject == value:
            yield Clash((_stated(triple), irreflexive))
        if asymmetric is not None:
            before = self._firsts.get((name, (value, subject)))
            if before is not None and subject != value:
                yield Clash((_stated(before), _stated(triple), asymmetric))
            self._firsts[name, (subject, value)] = triple
        if functional is not None:
            first = self._firsts.setdefault((name, subject), triple)
            why = self._apart.why(first.object, value)
            if why is not None:
                yield Clash((_stated(first), _stated(triple), functional, *why))


def _stated(triple: ox.Triple) -> Axiom:
    return Axiom("PropertyAssertion", (triple.subject, triple.predicate, triple.object), (triple,))


class _Apart:
    """Which individuals are said to be different."""

    def __init__(self, axioms: Iterable[Axiom]) -> None:
        self._of: dict[object, set[Axiom]] = defaultdict(set)
        for axiom in axioms:
            for part in axiom.parts:
                self._of[part].add(axiom)

    def why(self, one: object, other: object) -> tuple[Axiom, ...] | None:
        """Give the axioms by which two values differ, None when they may be the same."""
        if one == other:
            return None
        if isinstance(one, ox.Literal) and isinstance(other, ox.Literal):
            return () if _differ(one, other) else None
        shared = self._of[one] & self._of[other]
        return (min(shared, key=lambda axiom: len(axiom.parts)),) if shared else None


def _differ(one: ox.Literal, other: ox.Literal) -> bool:
    """Say whether two literals are surely two values: 1 and 01 are not, nor are 1.0 and 1."""
    if one.datatype != other.datatype:
        return False
    if one.datatype.value == XSD + "integer":
        return one.value.lstrip("+0") != other.value.lstrip("+0")
    return one.datatype.value in _COMPARED
