"""Validates a store again after a change, asking only of the nodes for which the change can matter.

The report is the same as that of a full sweep, which the tests compare. When a change touches what describes the
vocabulary, or a constraint is not understood well enough, everything is asked anew.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pyoxigraph as ox
from rdflib import SH

from lungkg.report import Finding
from lungkg.stores import select
from lungkg.validation.compiler import Compiled, compile_core
from lungkg.validation.dependence import Way, is_schema, ways_to
from lungkg.validation.patterns import Pattern
from lungkg.validation.shacl import SetBased, Shapes, compiled_findings, set_based_findings
from lungkg.validation.sweep import sweep

_PER_QUERY: Final = 1_000  # nodes that are named in one query


@dataclass
class Revalidation:
    """Keeps the findings about a store up to date while it changes.

    `findings` are those of a full sweep of the store as it is. `lines` gives its sorted N-Quads, for shapes that
    are not compiled. `asked` is how many nodes the last change made it ask about, None when that was all.
    """

    store: ox.Store
    shapes: Shapes
    findings: list[Finding]
    lines: Callable[[], Iterable[bytes]]
    asked: int | None = None

    def change(self, gone: Iterable[ox.Quad], come: Iterable[ox.Quad]) -> None:
        """Remove and add quads, and bring the findings up to date."""
        removed, added = list(gone), list(come)
        nodes = self._matters(removed + added)
        for quad in removed:
            self.store.remove(quad)
        self.store.extend(added)
        later = self._matters(removed + added)
        if nodes is None or later is None:
            self.__dict__.pop("_compiled", None)
            self.asked = None
            self.findings = sweep(self.store, self.lines, self.shapes, lambda *_: None)
        else:
            self.asked = len(nodes | later)
            self._ask(nodes | later)

    @cached_property
    def _compiled(self) -> Compiled:
        return compile_core(self.shapes.core, self.store)

    @cached_property
    def _ways(self) -> frozenset[Way] | None:
        """The ways from what changes to the nodes for which that matters; None when they are not known."""
        if len(self._compiled.rest):
            return None
        found = {way for one in self._compiled.constraints for way in one.ways}
        for one in self.shapes.set_based:
            ways = ways_to(one.prologue, one.text)
            if ways is None:
                return None
            found.update(ways)
            for link in self.shapes.graph.objects(one.shape, SH.targetObjectsOf):
                found.add(Way("start", (Pattern("?start", link.n3(), "?this", (str(link),)),)))
        return frozenset(found)

    def _matters(self, quads: Sequence[ox.Quad]) -> set[str] | None:
        """Find the nodes for which a change of these quads can matter, as the store is now; None when it may be all."""
        if self._ways is None or any(is_schema(quad.predicate.value) for quad in quads):
            return None
        found: set[str] = set()
        for node in {quad.subject for quad in quads}:
            if not isinstance(node, ox.NamedNode):
                return None
            properties = frozenset(quad.predicate.value for quad in self.store.quads_for_pattern(node, None, None))
            reached = {other for way in self._ways for other in way.leads(self.store, node, properties)}
            if any(isinstance(other, ox.BlankNode) for other in reached):
                return None
            found |= {str(node), *map(str, reached)}
        return found

    def _ask(self, nodes: set[str]) -> None:
        """Put new findings about some nodes in the place of the old ones."""
        kinds = self._kinds(nodes)
        core = []
        for constraint in self._compiled.constraints:
            about = sorted({node for kind in constraint.kinds for node in kinds[kind]})
            core += compiled_findings(self.store, constraint, nodes=about)
        failed = frozenset(finding.focus for finding in core if finding.severity == "Violation")
        for one in self.shapes.set_based:
            core += set_based_findings(self.store, one, nodes=sorted(self._targets(one, nodes)), passed_over=failed)
        self.findings = [finding for finding in self.findings if finding.focus not in nodes] + core

    def _kinds(self, nodes: Iterable[str]) -> dict[str, set[str]]:
        """Give the nodes of each class."""
        found: dict[str, set[str]] = defaultdict(set)
        for part in _parts(sorted(nodes)):
            for row in select(
                self.store, f"SELECT ?this ?kind {{ VALUES ?this {{ {' '.join(part)} }} ?this a ?kind }}"
            ):
                found[str(row["kind"])].add(str(row["this"]))
        return found

    def _targets(self, one: SetBased, nodes: Iterable[str]) -> set[str]:
        """Give those nodes that are targets."""
        found = set()
        for part in _parts(sorted(nodes)):
            query = f"SELECT DISTINCT ?this {{ VALUES ?this {{ {' '.join(part)} }} {one.targets} }}"
            found |= {str(row["this"]) for row in select(self.store, query)}
        return found


def _parts(nodes: Sequence[str]) -> Iterable[Sequence[str]]:
    return (nodes[start : start + _PER_QUERY] for start in range(0, len(nodes), _PER_QUERY))
