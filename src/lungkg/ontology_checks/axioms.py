"""Reads the axioms of OWL 2 out of RDF triples, each with the triples that it is written in.

The mapping is that of OWL 2 Web Ontology Language: Mapping to RDF Graphs
(https://www.w3.org/TR/owl2-mapping-to-rdf/), in reverse. Annotations and declarations are no axioms here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from lungkg.namespaces import OWL, RDF, RDFS

Node = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


@dataclass(frozen=True, slots=True)
class Expression:
    """A class, property or data range made of others: how, and its parts.

    `kind` is one of and, or, not, one of, some, only, value, self, min, max, exactly, facets, inverse. The
    parts of a restriction are the property and what is said of its values; a number comes first.
    """

    kind: str
    parts: "tuple[Part, ...]"


Part = Node | Expression


@dataclass(frozen=True, slots=True)
class Axiom:
    """One axiom: its name in OWL's structural specification, its parts, and the triples that say it."""

    kind: str
    parts: tuple[Part, ...]
    triples: tuple[ox.Triple, ...]

    @property
    def names(self) -> frozenset[str]:
        """The IRIs that it is about, without those of OWL itself."""
        return frozenset(iri for part in self.parts for iri in _names(part) if not iri.startswith(OWL))


def _names(part: Part) -> Iterator[str]:
    if isinstance(part, ox.NamedNode):
        yield part.value
    elif isinstance(part, Expression):
        for inner in part.parts:
            yield from _names(inner)


def expressions(part: Part) -> Iterator[Expression]:
    """Yield the expressions that a part is made of, itself included."""
    if isinstance(part, Expression):
        yield part
        for one in part.parts:
            yield from expressions(one)


A: Final = ox.NamedNode(RDF + "type")
FIRST: Final = ox.NamedNode(RDF + "first")
REST: Final = ox.NamedNode(RDF + "rest")
NIL: Final = ox.NamedNode(RDF + "nil")

_BINARY: Final = {
    RDFS + "subClassOf": "SubClassOf",
    OWL + "equivalentClass": "EquivalentClasses",
    OWL + "disjointWith": "DisjointClasses",
    RDFS + "subPropertyOf": "SubPropertyOf",
    OWL + "equivalentProperty": "EquivalentProperties",
    OWL + "propertyDisjointWith": "DisjointProperties",
    OWL + "inverseOf": "InverseProperties",
    RDFS + "domain": "Domain",
    RDFS + "range": "Range",
    OWL + "sameAs": "SameIndividual",
    OWL + "differentFrom": "DifferentIndividuals",
}
_LISTED: Final = {
    OWL + "disjointUnionOf": "DisjointUnion",
    OWL + "propertyChainAxiom": "PropertyChain",
    OWL + "hasKey": "HasKey",
}
_MEMBERS: Final = {
    OWL + "AllDisjointClasses": "DisjointClasses",
    OWL + "AllDisjointProperties": "DisjointProperties",
    OWL + "AllDifferent": "DifferentIndividuals",
}
_CHARACTERISTICS: Final = {
    OWL + name: name.removesuffix("Property")
    for name in (
        "FunctionalProperty", "InverseFunctionalProperty", "TransitiveProperty", "SymmetricProperty",
        "AsymmetricProperty", "ReflexiveProperty", "IrreflexiveProperty",
    )
}  # fmt: skip
SORTS: Final = {
    OWL + "Class": "class",
    RDFS + "Class": "class",
    RDFS + "Datatype": "datatype",
    OWL + "ObjectProperty": "object property",
    OWL + "DatatypeProperty": "data property",
    OWL + "AnnotationProperty": "annotation property",
    OWL + "NamedIndividual": "individual",
}
"""What a term can be declared as."""

SWRL: Final = "http://www.w3.org/2003/11/swrl#"
"""Rules written in SWRL are no axioms of OWL; they are passed over."""

_SYNTAX: Final = frozenset(
    [OWL + name for name in ("Ontology", "Restriction", "Axiom", "Annotation", "DataRange", "Thing")]
    + [RDF + "List", RDF + "Property", OWL + "NegativePropertyAssertion", *_MEMBERS]
)
_CONNECTIVES: Final = {
    OWL + "intersectionOf": "and",
    OWL + "unionOf": "or",
    OWL + "oneOf": "one of",
    OWL + "withRestrictions": "facets",
}
_RESTRICTIONS: Final = {
    OWL + "someValuesFrom": "some",
    OWL + "allValuesFrom": "only",
    OWL + "hasValue": "value",
    OWL + "hasSelf": "self",
}
_COUNTS: Final = {
    OWL + prefix + "ardinality": kind
    for kind, prefixes in {
        "min": ("minC", "minQualifiedC"),
        "max": ("maxC", "maxQualifiedC"),
        "exactly": ("c", "qualifiedC"),
    }.items()
    for prefix in prefixes
}
_DEEPEST: Final = 60  # an expression within an expression; blank nodes in a circle end here


class Axioms:
    """The axioms of a graph, and what each of its terms is declared as."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self.triples = tuple(triples)
        self._of: dict[Node, list[ox.Triple]] = defaultdict(list)
        for triple in self.triples:
            self._of[triple.subject].append(triple)

    @cached_property
    def sorts(self) -> dict[str, frozenset[str]]:
        """IRI → what it is declared as: class, object property …"""
        found: dict[str, set[str]] = defaultdict(set)
        for subject, predicate, value in self.triples:
            if predicate == A and isinstance(subject, ox.NamedNode) and isinstance(value, ox.NamedNode):
                if value.value in SORTS:
                    found[subject.value].add(SORTS[value.value])
                elif value.value in _CHARACTERISTICS and not value.value.endswith("#FunctionalProperty"):
                    found[subject.value].add("object property")
        return {iri: frozenset(sorts) for iri, sorts in found.items()}

    @cached_property
    def declarations(self) -> dict[str, list[ox.Triple]]:
        """IRI → the triples that say what it is declared as."""
        found: dict[str, list[ox.Triple]] = defaultdict(list)
        for triple in self.triples:
            subject, value = triple.subject, triple.object
            if not isinstance(subject, ox.NamedNode) or not isinstance(value, ox.NamedNode):
                continue
            if triple.predicate == A and value.value in SORTS:
                found[subject.value].append(triple)
        return found

    def is_a(self, sort: str, part: Part) -> bool:
        """Say whether a term is declared as this."""
        return isinstance(part, ox.NamedNode) and sort in self.sorts.get(part.value, ())

    @cached_property
    def all(self) -> list[Axiom]:
        """The axioms, in the order of the triples."""
        found = []
        for triple in self.triples:
            axiom = self._of_type(triple) if triple.predicate == A else self._of_predicate(triple)
            if axiom is not None:
                found.append(axiom)
        return found

    def kinds(self, *kinds: str) -> Iterator[Axiom]:
        """Yield the axioms of these kinds."""
        return (axiom for axiom in self.all if axiom.kind in kinds)

    def _of_type(self, triple: ox.Triple) -> Axiom | None:
        subject, value = triple.subject, triple.object
        if isinstance(value, ox.NamedNode):
            if value.value in _CHARACTERISTICS:
                return self._axiom(_CHARACTERISTICS[value.value], (self.part(subject),), [triple])
            if value.value in _MEMBERS:
                lists = [t.object for t in self._of[subject] if t.predicate in (owl("members"), owl("distinctMembers"))]
                members = tuple(part for head in lists for part in self.items(head))
                return self._axiom(_MEMBERS[value.value], members, self._of[subject])
            if value.value == OWL + "NegativePropertyAssertion":
                names = ("sourceIndividual", "assertionProperty", "targetIndividual", "targetValue")
                parts = [t.object for name in names for t in self._of[subject] if t.predicate == owl(name)]
                return self._axiom("NegativePropertyAssertion", tuple(parts), self._of[subject])
            if value.value in SORTS or value.value in _SYNTAX or value.value.startswith(SWRL):
                return None
        return self._axiom("ClassAssertion", (subject, self.part(value)), [triple])

    def _of_predicate(self, triple: ox.Triple) -> Axiom | None:
        subject, predicate, value = triple.subject, triple.predicate, triple.object
        name = predicate.value
        if name in _BINARY:
            if name == OWL + "inverseOf" and isinstance(subject, ox.BlankNode):
                return None  # an expression
            return self._axiom(_BINARY[name], (self.part(subject), self.part(value)), [triple])
        if name in _LISTED:
            return self._axiom(_LISTED[name], (self.part(subject), *self.items(value)), [triple])
        if name in _CONNECTIVES or name == OWL + "complementOf":
            # OWL 1 let a named class be its own definition.
            made = self._connected(triple) if isinstance(subject, ox.NamedNode) else None
            return self._axiom("EquivalentClasses", (subject, made), [triple]) if made else None
        if self.sorts.get(name, frozenset()) & {"object property", "data property"}:
            return self._axiom("PropertyAssertion", (subject, predicate, value), [triple])
        return None

    def _axiom(self, kind: str, parts: tuple[Part, ...], roots: list[ox.Triple]) -> Axiom:
        return Axiom(kind, parts, tuple(self.closed(roots)))

    def closed(self, roots: Iterable[ox.Triple]) -> list[ox.Triple]:
        """Give triples and those of the blank nodes that they lead to."""
        found = dict.fromkeys(roots)
        todo = [node for triple in found for node in (triple.subject, triple.object)]
        seen: set[Node] = set()
        while todo:
            node = todo.pop()
            if isinstance(node, ox.BlankNode) and node not in seen:
                seen.add(node)
                for triple in self._of[node]:
                    found[triple] = None
                    todo.append(triple.object)
        return list(found)

    def items(self, head: Node) -> tuple[Part, ...]:
        """Give the members of an RDF list."""
        return tuple(self.part(node) for node in self._entries(head))

    def part(self, node: Node, depth: int = 0) -> Part:
        """Give what a node stands for: itself, or the expression that a blank node is written for."""
        if not isinstance(node, ox.BlankNode) or depth > _DEEPEST:
            return node
        said = {triple.predicate.value: triple for triple in self._of[node]}
        if OWL + "onProperty" in said or OWL + "onProperties" in said:
            return self._restriction(node, {name: triple.object for name, triple in said.items()}, depth)
        for name in (*_CONNECTIVES, OWL + "complementOf", OWL + "datatypeComplementOf"):
            if name in said:
                return self._connected(said[name], depth)
        if OWL + "inverseOf" in said:
            return Expression("inverse", (self.part(said[OWL + "inverseOf"].object, depth + 1),))
        return node

    def _connected(self, triple: ox.Triple, depth: int = 0) -> Expression:
        kind = _CONNECTIVES.get(triple.predicate.value, "not")
        if kind == "not":
            return Expression("not", (self.part(triple.object, depth + 1),))
        if kind == "facets":
            base = [t.object for t in self._of[triple.subject] if t.predicate == owl("onDatatype")]
            limits = [
                part
                for node in self._entries(triple.object)
                for t in self._of[node]
                for part in (t.predicate, t.object)
            ]
            return Expression("facets", (*base, *limits))
        parts = tuple(self.part(node, depth + 1) for node in self._entries(triple.object))
        return Expression(kind, parts)

    def _entries(self, head: Node) -> Iterator[Node]:
        seen = set()
        while isinstance(head, ox.BlankNode) and head not in seen:
            seen.add(head)
            pairs = {triple.predicate: triple.object for triple in self._of[head]}
            if FIRST in pairs:
                yield pairs[FIRST]
            head = pairs.get(REST, NIL)

    def _restriction(self, node: ox.BlankNode, said: dict[str, Node], depth: int) -> Part:
        on = self.part(said.get(OWL + "onProperty", node), depth + 1)
        for name, kind in _RESTRICTIONS.items():
            if name in said:
                filler = () if kind == "self" else (self.part(said[name], depth + 1),)
                return Expression(kind, (on, *filler))
        for name, kind in _COUNTS.items():
            if name in said:
                of = said.get(OWL + "onClass", said.get(OWL + "onDataRange"))
                return Expression(kind, (said[name], on, *(() if of is None else (self.part(of, depth + 1),))))
        return node


def owl(local: str) -> ox.NamedNode:
    """Give a term of OWL."""
    return ox.NamedNode(OWL + local)
