"""Holds examples to the shapes: breaks the shapes one mistake at a time, and sees whether an example notices.

A mutant is killed when some example has other results than with the shapes as they are; one that survives
shows a part of the shapes that no example speaks for. What is compared are the results of plain SHACL:
every constraint is asked of every focus node.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from rdflib.term import Node

from lungkg.shapes.examples import Example, Examples
from lungkg.shapes.hierarchy import Hierarchy
from lungkg.shapes.library import Library
from lungkg.shapes.mutants import Mutant, mutants
from lungkg.shapes.units import Prepared, Unit, prepare, units

Progress = Callable[[int, int], None]

FLOOR: Final = 95.0
"""The score that shapes should have, in percent."""


@dataclass(frozen=True)
class Mutation:
    """How the mutants fared: the names of the examples that killed them, and those that survived."""

    killed: tuple[tuple[Mutant, str], ...] = ()
    survivors: tuple[Mutant, ...] = ()
    equivalent: tuple[Mutant, ...] = ()
    invalid: tuple[Mutant, ...] = ()

    @property
    def score(self) -> float:
        """The share of mutants killed, in percent, among those that some data can tell from the original."""
        tried = len(self.killed) + len(self.survivors)
        return 100.0 * len(self.killed) / tried if tried else 100.0

    def by_operator(self) -> dict[str, tuple[int, int]]:
        """Give for each kind of mistake how many mutants were killed, and how many tried."""
        killed: dict[str, int] = defaultdict(int)
        tried: dict[str, int] = defaultdict(int)
        for mutant in [*(one for one, _ in self.killed), *self.survivors]:
            tried[mutant.operator] += 1
        for mutant, _ in self.killed:
            killed[mutant.operator] += 1
        return {operator: (killed[operator], tried[operator]) for operator in sorted(tried)}


@dataclass
class _Bench:
    library: Library
    examples: Examples
    orders: dict[Unit, list[Example]] = field(default_factory=dict)

    def verdict(self, mutant: Mutant, touched: list[Unit]) -> str | None:
        """Give the name of an example that tells a mutant from the original, "" when none does.

        None when the mutant is nothing that an engine can run. Raises ValueError when the original is not.
        """
        for unit in touched:
            broken: Prepared | None = None
            for example in self._order(unit):
                expected = self.examples.results(unit, example)
                try:
                    broken = broken or prepare((unit.triples - mutant.removed) | mutant.added, self.examples.store)
                    actual = broken.run(self.examples.data(example))
                except ValueError:
                    return None
                if actual != expected:
                    return example.name
        return ""

    def _order(self, unit: Unit) -> list[Example]:
        """Put those first that are likeliest to tell: those that fail for this unit, those of its shape."""
        if unit not in self.orders:
            part, shape = (self.library.name(node).rpartition(":")[2] for node in (unit.part, unit.shape))
            self.orders[unit] = sorted(
                self.examples.all,
                key=lambda one: (part not in {e.check for e in one.expected}, one.shape != shape, one.name),
            )
        return self.orders[unit]


def mutate(
    library: Library,
    hierarchy: Hierarchy,
    examples: Examples,
    *,
    owned: Callable[[Node], bool] = lambda _: True,
    every: int = 1,
    progress: Progress = lambda _done, _total: None,
) -> Mutation:
    """Try every mutant of the shapes that are `owned`, or each one in `every`, against the examples."""
    bench = _Bench(library, examples)
    made = [one for one in mutants(library, hierarchy) if owned(one.about)][::every]
    cut = units(library)
    killed, survivors, equivalent, invalid = [], [], [], []
    for done, mutant in enumerate(made, start=1):
        if mutant.equivalent:
            equivalent.append(mutant)
        else:
            touched = [unit for unit in cut if unit.is_touched(mutant.removed, mutant.added)]
            by = bench.verdict(mutant, touched)
            if by is None:
                invalid.append(mutant)
            elif by:
                killed.append((mutant, by))
            else:
                survivors.append(mutant)
        progress(done, len(made))
    return Mutation(tuple(killed), tuple(survivors), tuple(equivalent), tuple(invalid))


def survivors_of(found: Iterable[Mutant], library: Library) -> list[str]:
    """Tell the survivors: the shape, and the mistake that no example notices."""
    return sorted(f"{library.name(one.about)}: {one.change}" for one in found)
