"""Says what a change of shapes would do to data that is there: which things it would newly reject or accept."""

import os
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import pyoxigraph as ox
import rdflib
from rdflib.compare import isomorphic

from lungkg.report import SEVERITIES, Finding
from lungkg.shapes.checks import Check, Checks, findings_of
from lungkg.shapes.library import Library
from lungkg.shapes.sample import Sample
from lungkg.validation.batches import core_findings_of
from lungkg.validation.shacl import Shapes

FIRST: Final = 10
"""How many things of a kind are named."""


class Case(NamedTuple):
    """A thing that is treated otherwise now, and a result that says why."""

    thing: str
    why: Finding


@dataclass
class Impact:
    """What a change does to data; things are counted with the nodes that are fragments of them."""

    data: str
    rejected: int = 0
    accepted: int = 0
    warned: int = 0
    first_rejected: list[Case] = field(default_factory=list)
    first_accepted: list[Case] = field(default_factory=list)
    first_warned: list[Case] = field(default_factory=list)
    by_check: Counter[str] = field(default_factory=Counter)


def impact(
    old: Library, new: Library, sample: Sample, progress: Callable[[int, int], None] = lambda *_: None
) -> Impact:
    """Validate data against what differs between two versions of the shapes.

    A thing is rejected when it has a result of severity Violation. What both versions say is asked only when
    something is treated otherwise, and of a release that conforms to the old shapes only what is no Violation.
    Raises ValueError for shapes that cannot be used.
    """
    before, after = Checks.of(old, sample.store), Checks.of(new, sample.store)
    nothing = rdflib.Graph()
    both = after.rest if isomorphic(before.rest, after.rest) else nothing
    gone = [one for key, one in before.all.items() if key not in after.all]
    come = [one for key, one in after.all.items() if key not in before.all]
    kept = [one for key, one in after.all.items() if key in before.all]
    run = _Run(sample, len(gone) + len(come) + len(kept), progress)
    was = run.worst(gone, nothing if len(both) else before.rest)
    is_ = run.worst(come, nothing if len(both) else after.rest)
    changed = {thing for thing in {*was, *is_} if _rank(was.get(thing)) != _rank(is_.get(thing))}
    if changed and sample.accepts(old.graph):
        kept = [one for one in kept if one.severity != SEVERITIES[0]]
    always = run.worst(kept, both, only=changed) if changed else {}
    return _told(sample.name, changed, was, is_, always)


class _Run:
    """Runs checks over data, side by side, and keeps for each thing the worst that was found."""

    def __init__(self, sample: Sample, total: int, progress: Callable[[int, int], None]) -> None:
        self._sample, self._total, self._progress = sample, total, progress
        self._done = 0

    def worst(self, checks: Iterable[Check], rest: rdflib.Graph, only: set[str] | None = None) -> dict[str, Finding]:
        """Give for each thing with a result the worst one, of all things or of some only."""
        found: dict[str, Finding] = {}
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            for part in threads.map(lambda one: self._worst(findings_of(one, self._sample.store), only), checks):
                _take(found, part.items())
                self._done += 1
                self._progress(self._done, self._total)
        if len(rest):
            everything = core_findings_of(self._sample.lines(), self._sample.store, Shapes(rest))
            _take(found, self._worst(everything, only).items())
        return found

    def _worst(self, findings: Iterable[Finding], only: set[str] | None) -> dict[str, Finding]:
        owner = _Owners(self._sample)
        found: dict[str, Finding] = {}
        pairs = ((owner.of(one.focus), one) for one in findings)
        _take(found, (pair for pair in pairs if only is None or pair[0] in only))
        return found


def _take(found: dict[str, Finding], more: Iterable[tuple[str, Finding]]) -> None:
    """Keep the worst finding of each thing."""
    for thing, one in more:
        if _rank(one) < _rank(found.get(thing)):
            found[thing] = one


def _rank(finding: Finding | None) -> int:
    if finding is None:
        return len(SEVERITIES) + 1
    return SEVERITIES.index(finding.severity) if finding.severity in SEVERITIES else len(SEVERITIES)


class _Owners:
    """Finds the thing that a node is part of: a fragment belongs to what its IRI names without it, if that is there."""

    def __init__(self, sample: Sample) -> None:
        self._store = sample.store
        self._known: dict[str, bool] = {}

    def of(self, focus: str) -> str:
        whole, mark, _ = focus.partition("#")
        if not mark or not focus.startswith("<"):
            return focus
        iri = whole[1:]
        if iri not in self._known:
            if len(self._known) > 10_000:  # nodes come in the order of the store, so the last ones will do
                self._known.clear()
            pattern = self._store.quads_for_pattern(ox.NamedNode(iri), None, None, None)
            self._known[iri] = next(iter(pattern), None) is not None
        return f"{whole}>" if self._known[iri] else focus


def _told(
    data: str, changed: set[str], was: dict[str, Finding], is_: dict[str, Finding], always: dict[str, Finding]
) -> Impact:
    told = Impact(data)
    for thing in sorted(changed):
        kept = _rank(always.get(thing))
        before, after = min(_rank(was.get(thing)), kept), min(_rank(is_.get(thing)), kept)
        if before == after:
            continue
        why = is_.get(thing) if after < before else was.get(thing)
        if why is None:
            continue
        told.by_check[why.check] += 1
        if after == 0:
            told.rejected += 1
            _keep(told.first_rejected, Case(thing, why))
        elif before == 0:
            told.accepted += 1
            _keep(told.first_accepted, Case(thing, why))
        else:
            told.warned += 1
            _keep(told.first_warned, Case(thing, why))
    return told


def _keep(cases: list[Case], case: Case) -> None:
    if len(cases) < FIRST:
        cases.append(case)
