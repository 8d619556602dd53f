"""Looks up in the data what a sentence about a finding tells: values, types, instances."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

import pyoxigraph as ox

from lungkg.namespaces import RDF, RDFS
from lungkg.stores import select
from lungkg.validation.words import Term

_TYPE: Final = ox.NamedNode(RDF + "type")
_SUBCLASS: Final = ox.NamedNode(RDFS + "subClassOf")
_THIS: Final = ox.Variable("this")
MOST: Final = 1_000
"""How many values or instances are looked at."""


class Facts:
    """What a store says, asked for one node at a time."""

    def __init__(self, store: ox.Store) -> None:
        self.store = store
        self._below: dict[str, frozenset[str]] = {}
        self._of: dict[str, list[ox.NamedNode]] = {}

    def values(self, node: Term, path: str) -> list[Term]:
        """Give the values of a SPARQL property path at a node, in order; at most MOST."""
        if isinstance(node, ox.Literal) or not path:
            return []
        if path.startswith("<") and path.endswith(">") and path.count("<") == 1:
            quads = self.store.quads_for_pattern(node, ox.NamedNode(path[1:-1]), None, None)
            found = {quad.object for quad in islice(quads, MOST)}
        else:
            query = f"SELECT DISTINCT ?this ?value {{ ?this {path} ?value }} LIMIT {MOST}"
            rows = self.store.query(query, use_default_graph_as_union=True, substitutions={_THIS: node})
            found = {row["value"] for row in rows} if isinstance(rows, ox.QuerySolutions) else set()
        return sorted((value for value in found if isinstance(value, Term)), key=str)

    def types(self, node: Term) -> list[Term]:
        """Give the classes that a node is said to be of."""
        return self.values(node, str(_TYPE))

    def below(self, kind: str) -> frozenset[str]:
        """Give a class and all below it."""
        if kind not in self._below:
            rows = select(self.store, f"SELECT DISTINCT ?c {{ ?c <{RDFS}subClassOf>* <{kind}> }}")
            named = (row["c"].value for row in rows if isinstance(row["c"], ox.NamedNode))
            self._below[kind] = frozenset({kind, *named})
        return self._below[kind]

    def instances(self, kind: str) -> list[ox.NamedNode]:
        """Give the instances of a class and the classes below it that have IRIs; at most MOST."""
        if kind not in self._of:
            self._of[kind] = sorted(set(islice(self._instances(kind), MOST)), key=str)
        return self._of[kind]

    def _instances(self, kind: str) -> Iterator[ox.NamedNode]:
        for one in sorted(self.below(kind)):
            for quad in self.store.quads_for_pattern(None, _TYPE, ox.NamedNode(one), None):
                if isinstance(quad.subject, ox.NamedNode):
                    yield quad.subject

    def predicates(self, node: Term) -> list[str]:
        """Give the properties that a node has."""
        if isinstance(node, ox.Literal):
            return []
        quads = self.store.quads_for_pattern(node, None, None, None)
        return sorted({quad.predicate.value for quad in islice(quads, MOST)})

    def has(self, node: Term, predicate: str, value: Term) -> bool:
        """Say whether a triple is there."""
        if isinstance(node, ox.Literal):
            return False
        return any(True for _ in self.store.quads_for_pattern(node, ox.NamedNode(predicate), value, None))
