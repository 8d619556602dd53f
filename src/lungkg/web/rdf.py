"""Writes a description as RDF, in the same bytes for the same triples."""

from collections.abc import Iterable

import pyoxigraph as ox

from lungkg.formats import DATASETS, Format
from lungkg.linked.writing import prefixes, write, write_quads
from lungkg.project import Project


def written(triples: Iterable[ox.Triple], chosen: Format, project: Project, first: str = "") -> bytes:
    """Write triples, what is said of `first` before all else; a format with graphs has them in the default graph."""
    if chosen.name in {entry.name for entry in DATASETS}:
        quads = (ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
        return write_quads(quads, chosen, prefixes(project))
    return write(triples, chosen, prefixes(project), first)
