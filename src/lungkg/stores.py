"""Asks an Oxigraph store within this process: for builds and checks, never for a visitor's query."""

from collections.abc import Mapping

import pyoxigraph as ox


def select(store: ox.Store, query: str) -> ox.QuerySolutions:
    """Run a SELECT query over the union of all graphs."""
    solutions = store.query(query, use_default_graph_as_union=True)
    if not isinstance(solutions, ox.QuerySolutions):
        raise TypeError("this is no SELECT query")
    return solutions


def construct(store: ox.Store, query: str, prefixes: Mapping[str, str]) -> ox.QueryTriples:
    """Run a CONSTRUCT query over the union of all graphs, with these prefixes known beforehand."""
    triples = store.query(query, prefixes=dict(prefixes), use_default_graph_as_union=True)
    if not isinstance(triples, ox.QueryTriples):
        raise TypeError("this is no CONSTRUCT query")
    return triples


def written(statements: list[ox.Quad] | list[ox.Triple], form: ox.RdfFormat) -> bytes:
    """Write statements as bytes."""
    content = ox.serialize(statements, format=form)
    if content is None:
        raise TypeError("nothing was written")
    return content
