"""Puts the checks of shapes together: one review, with findings, coverage, examples and mutation score."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from rdflib.term import Node

from lungkg.errors import Place
from lungkg.report import Finding, Report
from lungkg.shapes.coverage import Coverage, cover, uncovered
from lungkg.shapes.examples import Examples, Outcome, local_name
from lungkg.shapes.library import Constraint, Library
from lungkg.shapes.lint import Terms, lint
from lungkg.shapes.mutation import FLOOR, Mutation, mutate
from lungkg.shapes.sample import Sample
from lungkg.shapes.telling import tell
from lungkg.shapes.units import units

PARTS: Final = ("lint", "examples", "coverage", "mutation")

Progress = Callable[[str, int, int], None]
"""Called with a part of the review, how much of it is done, and how much there is."""


@dataclass
class Review:
    """What was found about shapes; a part that was not asked for, or had nothing to work on, is None."""

    library: Library
    report: Report = field(default_factory=Report)
    outcomes: tuple[Outcome, ...] | None = None
    coverage: Coverage | None = None
    mutation: Mutation | None = None

    def failing(self, constraint: Constraint) -> list[str]:
        """Name the examples that trip a constraint."""
        return [
            outcome.example.name
            for outcome in self.outcomes or ()
            if any((result.check, result.component) == constraint.key for result in outcome.results)
        ]

    def passing(self, constraint: Constraint) -> list[str]:
        """Name the examples that pass all the shapes which a constraint belongs to."""
        shapes = {local_name(str(top)) for top in self.library.governed_by.get(constraint.holder, ())}
        return [
            outcome.example.name
            for outcome in self.outcomes or ()
            if outcome.example.shape in shapes and not outcome.example.fails and not outcome.results
        ]


def review(
    library: Library,
    terms: Terms,
    *,
    examples: Examples | None = None,
    owned: Callable[[Node], bool] = lambda _: True,
    sample: Sample | None = None,
    parts: Iterable[str] = PARTS,
    floor: float = FLOOR,
    progress: Progress = lambda *_: None,
) -> Review:
    """Review shapes: each part that is asked for and has something to work on.

    `owned` says whose examples are to be among `examples`. Raises ValueError for shapes that cannot be used.
    """
    made, wanted = Review(library), set(parts)
    if "lint" in wanted:
        made.report.add(lint(library, terms))
    if "examples" in wanted and examples is not None:
        made.outcomes = tuple(_outcomes(library, examples, progress))
        made.report.add(_unexpected(made.outcomes))
        made.report.add(without_examples(made, owned))
    if "coverage" in wanted and sample is not None:
        made.coverage = cover(library, terms.hierarchy, sample, lambda done, of: progress("coverage", done, of))
        made.report.add(uncovered(library, made.coverage))
    if "mutation" in wanted and examples is not None:
        made.mutation = mutate(
            library, terms.hierarchy, examples, owned=owned, progress=lambda done, of: progress("mutation", done, of)
        )
        made.report.add(_survived(library, made.mutation, floor))
    return made


def _outcomes(library: Library, examples: Examples, progress: Progress) -> Iterator[Outcome]:
    cut = units(library)
    for done, example in enumerate(examples.all, start=1):
        yield examples.outcome(cut, example)
        progress("examples", done, len(examples.all))


def _unexpected(outcomes: Iterable[Outcome]) -> Iterator[Finding]:
    """Find examples that are not what they say they are."""
    for outcome in outcomes:
        example, place = outcome.example, Place(outcome.example.path, 1)
        for one in outcome.lacking:
            message = f"{example.name}: this example expects {one}, and the shapes do not find that"
            yield Finding("Violation", "example-unexpected", message, place=place)
        for one in outcome.surplus:
            what = "expects no such thing" if example.fails else "is meant to pass"
            message = f"{example.name}: the shapes find {one}, and this example {what}"
            yield Finding("Violation", "example-unexpected", message, place=place)


def without_examples(made: Review, owned: Callable[[Node], bool]) -> Iterator[Finding]:
    """Find constraints that no failing example trips, and shapes that no passing example meets."""
    library = made.library
    lonely: dict[Node, list[Constraint]] = defaultdict(list)
    for one in library.constraints:
        tops = library.governed_by.get(one.holder, ())
        if not tops or not owned(one.holder) or library.is_off(one.check):
            continue
        folder = local_name(str(tops[0]))
        if not made.failing(one):
            words = library.words(one.parameter, one.values)
            name = local_name(library.name(one.check)).rpartition("-")[2]
            what = (
                f"no failing example trips {words}: nothing shows that it rejects what it should; "
                f"add {folder}/fail-{local_name(one.parameter)}-{name}.ttl"
            )
            yield tell(library, "constraint-without-failing-example", what, one.check)
        if not made.passing(one):
            lonely[tops[0]].append(one)
    for top in sorted(lonely, key=library.name):
        what = (
            f"no passing example meets this shape: nothing shows what it accepts; add {local_name(str(top))}/pass-….ttl"
        )
        yield tell(library, "shape-without-passing-example", what, top)


def _survived(library: Library, mutation: Mutation, floor: float) -> Iterator[Finding]:
    severity = "Violation" if mutation.score < floor else "Info"
    for mutant in mutation.survivors:
        what = f"no example notices {mutant.change} ({mutant.operator})"
        yield tell(library, "mutant-survived", what, mutant.about, None, severity)
    if mutation.score < floor:
        tried = len(mutation.killed) + len(mutation.survivors)
        message = (
            f"the examples notice {mutation.score:.1f} % of the mistakes that were tried ({len(mutation.killed)} of "
            f"{tried}), less than {floor:g} %: add examples for those above"
        )
        yield Finding("Violation", "mutation-score", message)
