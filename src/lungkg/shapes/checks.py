"""Shapes as single checks, each a query that can be asked by itself."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox
import rdflib

from lungkg.report import Finding
from lungkg.shapes.library import Library
from lungkg.validation.compiler import Constraint, compile_core
from lungkg.validation.shacl import SetBased, Shapes, compiled_findings, set_based_findings

Check = Constraint | SetBased


@dataclass(frozen=True)
class Checks:
    """The checks of shapes by what they ask and how badly they mean it, and what only pySHACL can run."""

    all: dict[tuple[str, str, str, int], Check]
    rest: rdflib.Graph

    @classmethod
    def of(cls, library: Library, store: ox.Store) -> "Checks":
        """Compile shapes; the store knows which classes are below which."""
        shapes = Shapes(library.graph)
        compiled = compile_core(shapes.core, store)
        checks: dict[tuple[str, str, str, int], Check] = {}
        seen: Counter[tuple[str, str, str]] = Counter()
        every: list[Check] = [*compiled.constraints, *shapes.set_based]
        for one in every:
            key = (one.query, one.component if isinstance(one, Constraint) else "", one.severity)
            checks[(*key, seen[key])] = one  # two shapes may ask the same
            seen[key] += 1
        return cls(checks, compiled.rest)


def findings_of(check: Check, store: ox.Store) -> Iterable[Finding]:
    """Ask a check of a store."""
    return set_based_findings(store, check) if isinstance(check, SetBased) else compiled_findings(store, check)
