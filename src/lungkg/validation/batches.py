"""Runs the core constraints over a graph of any size, piece by piece and on all cores.

The lines of a sorted N-Quads file stand together by subject, so each piece holds whole nodes. Of what
a piece mentions and does not hold it gets the types, which is all that local constraints look at
(`Shapes.local`); shapes that look further are run over the whole graph at once.
"""

import multiprocessing
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice

import pyoxigraph as ox
import rdflib
from rdflib import RDF, RDFS

from lungkg.report import Finding
from lungkg.stores import written
from lungkg.validation.shacl import Shapes, core_findings, core_results
from lungkg.validation.terms import Converter

LINES_PER_BATCH = 60_000
_TYPE = ox.NamedNode(str(RDF.type))
_SUBCLASS = ox.NamedNode(str(RDFS.subClassOf))


@dataclass(frozen=True)
class Batch:
    """A piece to validate: its own lines, and the lines that give the types of what it mentions."""

    own: bytes
    stubs: bytes


def core_findings_of(lines: Iterable[bytes], store: ox.Store, shapes: Shapes) -> list[Finding]:
    """Validate the graph in `lines` (sorted N-Quads, the same as in the store) against the core constraints."""
    size = LINES_PER_BATCH if shapes.local else 2**62
    batches = _batches(lines, store, size)
    first = next(batches, None)
    if first is None:
        return []
    second = next(batches, None)
    if second is None:
        return _validate(first, shapes)
    return _in_parallel(chain([first, second], batches), shapes)


def _in_parallel(batches: Iterator[Batch], shapes: Shapes) -> list[Finding]:
    workers = os.cpu_count() or 1
    context = multiprocessing.get_context("forkserver")
    rules = shapes.graph.serialize(format="nt", encoding="utf-8")
    findings: list[Finding] = []
    with ProcessPoolExecutor(workers, context, initializer=_start, initargs=(rules,)) as pool:
        # At most one piece waits per worker, so that memory stays bounded.
        waiting = [pool.submit(_work, batch) for batch in islice(batches, 2 * workers)]
        while waiting:
            findings += waiting.pop(0).result()
            waiting += [pool.submit(_work, batch) for batch in islice(batches, 1)]
    return findings


_shapes: Shapes | None = None  # of this worker process


def _start(lines: bytes) -> None:
    global _shapes  # noqa: PLW0603 - a worker is given its shapes once
    _shapes = Shapes(rdflib.Graph().parse(data=lines, format="nt"))


def _work(batch: Batch) -> list[Finding]:
    if _shapes is None:
        raise RuntimeError("the worker has no shapes")
    return _validate(batch, _shapes)


def _validate(batch: Batch, shapes: Shapes) -> list[Finding]:
    convert = Converter()
    own = [quad.triple for quad in ox.parse(batch.own, format=ox.RdfFormat.N_QUADS)]
    stubs = [quad.triple for quad in ox.parse(batch.stubs, format=ox.RdfFormat.N_QUADS)]
    ours = {str(triple.subject) for triple in own}
    data = convert.graph([*own, *stubs])
    if not shapes.local:  # then this is the whole graph, and a focus node may be a literal or described nowhere
        return list(core_findings(core_results(data, shapes.core)))
    # A stub is targeted too, but knows only its type: what is found there is not real.
    return [finding for finding in core_findings(core_results(data, shapes.core)) if finding.focus in ours]


def _batches(lines: Iterable[bytes], store: ox.Store, size: int) -> Iterator[Batch]:
    hierarchy = [quad.triple for quad in store.quads_for_pattern(None, _SUBCLASS, None, None)]
    group: list[bytes] = []
    subject = b""
    for line in lines:
        here = line.split(b" ", 1)[0].split(b"#", 1)[0]  # a node and its fragments stay together
        if len(group) >= size and here != subject:
            yield _batch(group, store, hierarchy)
            group = []
        subject = here
        group.append(line)
    if group:
        yield _batch(group, store, hierarchy)


def _batch(group: list[bytes], store: ox.Store, hierarchy: list[ox.Triple]) -> Batch:
    own = b"\n".join(group) + b"\n"
    quads = list(ox.parse(own, format=ox.RdfFormat.N_QUADS))
    held = {quad.subject for quad in quads}
    mentioned = {quad.object for quad in quads if isinstance(quad.object, ox.NamedNode)} - held
    types = (quad.triple for node in mentioned for quad in store.quads_for_pattern(node, _TYPE, None, None))
    return Batch(own, written([*hierarchy, *types], ox.RdfFormat.N_TRIPLES))
