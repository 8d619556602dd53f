"""Triples in the order of a reader: what a document is about first, each subject once, lists and parts in place.

The order depends on the triples alone, so equal triples are written as equal bytes by every process.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import pyoxigraph as ox

from lungkg.namespaces import BIOLINK, ONT, RDF, RDFS, SKOS

Node = ox.NamedNode | ox.BlankNode
Value = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

FIRST: Final = ox.NamedNode(RDF + "first")
REST: Final = ox.NamedNode(RDF + "rest")
NIL: Final = ox.NamedNode(RDF + "nil")
_NAMING: Final = (RDF + "type", RDFS + "label", SKOS + "definition")
_FIRST: Final = {
    iri: place
    for place, iri in enumerate(
        (
            *_NAMING,
            *(BIOLINK + part for part in ("subject", "predicate", "object")),
            *(ONT + part for part in ("inContext", "polarity", "certainty")),
        )
    )
}
"""Properties that a reader looks for first, in this order."""


class Outline:
    """The subjects of triples, each with its properties, in order; `root` comes first, with its parts."""

    def __init__(self, triples: Iterable[ox.Triple], root: str) -> None:
        said: dict[Node, dict[ox.NamedNode, dict[Value, None]]] = {}
        for subject, predicate, value in triples:
            said.setdefault(subject, {}).setdefault(predicate, {})[value] = None
        self._root = root
        self._places: dict[ox.NamedNode, tuple[int, str]] = {}
        self.said: dict[Node, list[tuple[ox.NamedNode, list[Value]]]] = {
            subject: [
                (link, sorted(properties[link], key=str) if len(properties[link]) > 1 else [*properties[link]])
                for link in sorted(properties, key=self._rank)
            ]
            for subject, properties in sorted(said.items(), key=self._place)
        }
        self.lists: dict[ox.BlankNode, list[Value]] = {}
        self.inner: set[ox.BlankNode] = set()
        if any(isinstance(subject, ox.BlankNode) for subject in self.said):
            self._find_inner()

    def _place(self, entry: tuple[Node, Mapping[ox.NamedNode, Mapping[Value, None]]]) -> tuple[int, str, str]:
        """Put a subject in its place: the root, its parts, what has properties, what is only named."""
        subject, properties = entry
        if isinstance(subject, ox.BlankNode):
            return 4, subject.value, ""
        start, mark, part = subject.value.partition("#")
        if start == self._root:
            return (1 if mark else 0), subject.value, ""
        named = all(self._rank(link)[0] < len(_NAMING) for link in properties)
        return (3 if named else 2), start, part

    def _rank(self, link: ox.NamedNode) -> tuple[int, str]:
        """Put a property in its place: names and what is claimed before the alphabet."""
        place = self._places.get(link)
        if place is None:
            place = self._places[link] = (_FIRST.get(link.value, len(_FIRST)), link.value)
        return place

    def _find_inner(self) -> None:
        """Find blank nodes that can be written where they are mentioned, and those that are lists."""
        uses: Counter[Value] = Counter()
        for _, _, value in self.triples():
            uses[value] += 1
        once = {node for node in self.said if isinstance(node, ox.BlankNode) and uses[node] == 1}
        reached = {
            value
            for subject, _, value in self.triples()
            if isinstance(value, ox.BlankNode) and value in once and subject not in once
        }
        waiting = list(reached)
        while waiting:  # a ring of blank nodes is mentioned nowhere outside itself
            for _, values in self.said[waiting.pop()]:
                more = [value for value in values if isinstance(value, ox.BlankNode) and value in once - reached]
                reached.update(more)
                waiting += more
        self.inner = reached
        for node in self.inner:
            items = self._items(node)
            if items is not None:
                self.lists[node] = items

    def _items(self, node: Value) -> list[Value] | None:
        """Read the list that begins at a node; None when it is no plain list."""
        items: list[Value] = []
        while node != NIL:
            said = self.said.get(node) if isinstance(node, ox.BlankNode) and node in self.inner else None
            if said is None or [link for link, _ in said] != [FIRST, REST]:
                return None
            (_, first), (_, rest) = said
            if len(first) != 1 or len(rest) != 1:
                return None
            items.append(first[0])
            node = rest[0]
        return items

    def triples(self) -> Iterator[tuple[Node, ox.NamedNode, Value]]:
        """Give the triples in order."""
        for subject, properties in self.said.items():
            for link, values in properties:
                for value in values:
                    yield subject, link, value

    def outer(self) -> Iterator[tuple[Node, list[tuple[ox.NamedNode, list[Value]]]]]:
        """Give the subjects that are not written inside others."""
        return ((subject, said) for subject, said in self.said.items() if subject not in self.inner)
