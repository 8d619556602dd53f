"""Validates a whole release: compiled constraints, pySHACL for what is left, then the sh:sparql ones."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pyoxigraph as ox

from lungkg.report import Finding
from lungkg.validation.batches import core_findings_of
from lungkg.validation.compiler import compile_core
from lungkg.validation.shacl import Shapes, compiled_findings, set_based_findings


def sweep(
    store: ox.Store,
    lines: Callable[[], Iterable[bytes]],
    shapes: Shapes,
    progress: Callable[[int, int], None],
) -> list[Finding]:
    """Validate a store, whose sorted N-Quads are `lines`, against all constraints.

    `progress` is called with the number of queries done and their total. Queries run in threads:
    Oxigraph does its work outside Python's lock.
    """
    compiled = compile_core(shapes.core, store)
    queries = [partial(set_based_findings, store, one) for one in shapes.set_based]  # the longest ones, mostly
    queries += [partial(compiled_findings, store, one) for one in compiled.constraints]
    found: list[list[Finding]] = []
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for findings in threads.map(lambda query: query(), queries):
            found.append(findings)
            progress(len(found), len(queries))
    queried = [finding for findings in found[: len(shapes.set_based)] for finding in findings]
    core = [finding for findings in found[len(shapes.set_based) :] for finding in findings]
    if len(compiled.rest):
        core += core_findings_of(lines(), store, Shapes(compiled.rest))
    failed = frozenset(finding.focus for finding in core if finding.severity == "Violation")
    return core + [finding for finding in queried if finding.focus not in failed]
