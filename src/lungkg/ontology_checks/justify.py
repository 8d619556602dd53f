"""Finds a minimal set of axioms that makes a class impossible or an ontology inconsistent.

A reasoner only says that something is so. Why, is found by asking it about parts: a set of axioms is a
justification when it is enough and none of it can be left out.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from lungkg.ontology_checks.axioms import Axiom, Axioms
from lungkg.ontology_checks.clashes import Clash, Clashes
from lungkg.reasoning import Hermit

_AT_ONCE: Final = 24  # parts that one run of HermiT is asked about; starting Java takes longer than asking
_IN_A_RUN: Final = 50_000  # axioms that one run is given, all parts together, where two parts are not more

Ask = Callable[[list[list[Axiom]]], int | None]
"""Gives the index of the first of growing sets of axioms that is enough, or None."""


@dataclass(frozen=True, slots=True)
class Justification:
    """Why something cannot be: the axioms, and the classes that clash where that is plain.

    When the time ran out, it is not `minimal`: the reason is among the axioms, with others.
    """

    axioms: tuple[Axiom, ...]
    between: frozenset[str] = frozenset()
    minimal: bool = True


def minimal(axioms: Sequence[Axiom], ask: Ask) -> tuple[tuple[Axiom, ...], bool]:
    """Cut axioms that are enough down to as few as are needed; false when the time ran out before.

    The shortest beginning that is enough ends with an axiom that it cannot do without. Keep that one, and
    look for the shortest beginning of the others that is enough together with it.
    """
    kept: list[Axiom] = []
    rest = list(axioms)
    try:
        while True:
            length = _shortest(kept, rest, ask)
            if length == 0:
                return tuple(kept), True
            kept.append(rest[length - 1])
            rest = rest[: length - 1]
    except TimeoutError:
        return (*kept, *rest), False


def _shortest(kept: list[Axiom], rest: list[Axiom], ask: Ask) -> int:
    """Give the length of the shortest beginning of the rest that is enough with what is kept."""
    low, high = -1, len(rest)  # low is known not to be enough, high is known to be
    while high - low > 1:
        parts = max(2, min(_AT_ONCE, _IN_A_RUN // (len(kept) + high)))
        lengths = sorted({low + 1 + (high - low - 1) * step // parts for step in range(parts)})
        found = ask([[*kept, *rest[:length]] for length in lengths])
        if found is None:
            low = lengths[-1]
        else:
            high = lengths[found]
            low = lengths[found - 1] if found else low
    return high


def by_nearness(axioms: Iterable[Axiom], start: str) -> list[Axiom]:
    """Sort axioms by how many steps they are from a term, so that a short beginning is enough."""
    whole = list(axioms)
    users: dict[str, list[int]] = defaultdict(list)
    for number, axiom in enumerate(whole):
        for name in axiom.names:
            users[name].append(number)
    order: dict[int, None] = {}
    seen = {start}
    todo = [start]
    for name in todo:
        for number in users[name]:
            if number not in order:
                order[number] = None
                new = whole[number].names - seen
                seen |= new
                todo.extend(sorted(new))
    return [whole[number] for number in order] + [axiom for n, axiom in enumerate(whole) if n not in order]


class Explainer:
    """Explains what HermiT found, or what can be seen without it."""

    def __init__(self, axioms: Axioms, hermit: Hermit | None) -> None:
        self.axioms = axioms
        self.hermit = hermit
        self.clashes = Clashes(axioms)

    def of_class(self, iri: str) -> Justification | None:
        """Say why a class can have no member; None when it is not seen and there is no HermiT to ask."""
        clash = self.clashes.of_class(iri)
        if clash is not None:
            return self._by_walking(clash, iri)
        return self._by_hermit(by_nearness(self.axioms.all, iri), iri)

    def of_everything(self) -> Justification | None:
        """Say why an ontology is inconsistent; None when there is no HermiT to ask."""
        return self._by_hermit(self.axioms.all, "")

    def _by_walking(self, clash: Clash, iri: str) -> Justification:
        """Leave out of a clash what its others do without: two ways may share a step that one has twice."""
        axioms = list(clash.axioms)
        for axiom in clash.axioms:
            fewer = [one for one in axioms if one is not axiom]
            if Clashes(self._part(fewer)).of_class(iri) is not None:
                axioms = fewer
        return Justification(tuple(axioms), clash.between)

    def _by_hermit(self, axioms: list[Axiom], iri: str) -> Justification | None:
        if self.hermit is None:
            return None
        hermit = self.hermit

        def ask(sets: list[list[Axiom]]) -> int | None:
            return hermit.first_failing([self.triples(one, iri) for one in sets], iri)

        found, whole = minimal(axioms, ask)
        clash = Clashes(self._part(found)).of_class(iri) if iri else None
        return Justification(found, clash.between if clash else frozenset(), whole)

    def _part(self, axioms: Iterable[Axiom]) -> Axioms:
        return Axioms(triple for axiom in axioms for triple in axiom.triples)

    def triples(self, axioms: Iterable[Axiom], iri: str = "") -> list[ox.Triple]:
        """Give the triples of some axioms, with the declarations of the terms that they use."""
        found: dict[ox.Triple, None] = {}
        names = {iri} if iri else set()
        for axiom in axioms:
            found.update(dict.fromkeys(axiom.triples))
            names |= axiom.names
        for name in sorted(names):
            found.update(dict.fromkeys(self.axioms.declarations.get(name, ())))
        return list(found)
