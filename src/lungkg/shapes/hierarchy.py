"""What the ontology says of classes and properties: which is below which, and which exclude each other."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Final

import pyoxigraph as ox
import rdflib
from rdflib.term import Node

from lungkg.namespaces import OWL, RDF, RDFS

_SUBCLASS: Final = RDFS + "subClassOf"
_SUBPROPERTY: Final = RDFS + "subPropertyOf"


def in_order(nodes: Iterable[Node]) -> list[Node]:
    """Sort terms by how they are written, so that equal graphs are read in the same order."""
    return sorted(nodes, key=lambda node: node.n3())


class Hierarchy:
    """The asserted hierarchy of an ontology; terms are IRIs, as rdflib has them."""

    def __init__(self, ontology: Iterable[ox.Triple]) -> None:
        self._triples = tuple(ontology)

    @cached_property
    def _pairs(self) -> dict[str, list[tuple[Node, Node]]]:
        found: dict[str, list[tuple[Node, Node]]] = defaultdict(list)
        for subject, predicate, value in self._triples:
            if isinstance(subject, ox.NamedNode) and isinstance(value, ox.NamedNode):
                found[predicate.value].append((rdflib.URIRef(subject.value), rdflib.URIRef(value.value)))
        return found

    def above(self, term: Node) -> list[Node]:
        """Give the classes directly above a class."""
        return in_order({up for low, up in self._pairs[_SUBCLASS] if low == term and up != term})

    def below(self, term: Node) -> list[Node]:
        """Give the classes directly below a class."""
        return in_order({low for low, up in self._pairs[_SUBCLASS] if up == term and low != term})

    def all_above(self, term: Node) -> frozenset[Node]:
        """Give a class and every class above it."""
        return self._closure(term, _SUBCLASS)

    def properties_above(self, term: Node) -> frozenset[Node]:
        """Give a property and every property above it."""
        return self._closure(term, _SUBPROPERTY)

    def _closure(self, term: Node, link: str) -> frozenset[Node]:
        found, todo = {term}, [term]
        while todo:
            one = todo.pop()
            new = {up for low, up in self._pairs[link] if low == one} - found
            found |= new
            todo.extend(new)
        return frozenset(found)

    def is_below(self, term: Node, other: Node) -> bool:
        """Say whether a class is another one or below it."""
        return other in self.all_above(term)

    def types(self, term: Node) -> frozenset[Node]:
        """Give the types of a term that the ontology describes, and the classes above them."""
        direct = {up for low, up in self._pairs[RDF + "type"] if low == term}
        return frozenset(above for one in direct for above in self.all_above(one))

    def instances(self, *kinds: str) -> list[Node]:
        """List what the ontology declares with one of these types."""
        wanted = {rdflib.URIRef(kind) for kind in kinds}
        return in_order({low for low, up in self._pairs[RDF + "type"] if up in wanted})

    @cached_property
    def _disjoint(self) -> set[frozenset[Node]]:
        pairs = {frozenset(pair) for pair in self._pairs[OWL + "disjointWith"]}
        return pairs | {
            frozenset((one, other))
            for group in self._disjoint_groups()
            for one in group
            for other in group
            if one != other
        }

    def _disjoint_groups(self) -> list[list[Node]]:
        first: dict[object, object] = {}
        rest: dict[object, object] = {}
        heads = []
        for subject, predicate, value in self._triples:
            if predicate.value == RDF + "first":
                first[subject] = value
            elif predicate.value == RDF + "rest":
                rest[subject] = value
            elif predicate.value in (OWL + "members", OWL + "disjointUnionOf"):
                heads.append(value)
        groups = []
        for head in heads:
            group: list[Node] = []
            at: object = head
            while at in first:
                member = first[at]
                if isinstance(member, ox.NamedNode):
                    group.append(rdflib.URIRef(member.value))
                at = rest.get(at)
            groups.append(group)
        return groups

    def exclude(self, one: Node, other: Node) -> tuple[Node, Node] | None:
        """Give the two disjoint classes that keep a thing from being of both classes, if there are any."""
        for above in in_order(self.all_above(one)):
            for beside in in_order(self.all_above(other)):
                if frozenset((above, beside)) in self._disjoint and above != beside:
                    return above, beside
        return None
