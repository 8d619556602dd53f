"""Loads a project's ontology and answers what the rest needs to know of it: kinds, relations, labels."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from lungkg.errors import InputError, Place
from lungkg.namespaces import BIOLINK, ONT, RDF, RDFS
from lungkg.turtle import read_turtle

_TYPE = ox.NamedNode(RDF + "type")
_LABEL = ox.NamedNode(RDFS + "label")
_SUBCLASS = ox.NamedNode(RDFS + "subClassOf")
_SUBPROPERTY = ox.NamedNode(RDFS + "subPropertyOf")
_CATEGORY = ox.NamedNode(BIOLINK + "category")
_EXTERNAL = ox.NamedNode(ONT + "ExternalTerm")


@dataclass(frozen=True)
class Ontology:
    """The triples of an ontology, with the namespace of the project's own terms."""

    triples: tuple[ox.Triple, ...]
    ont: str

    @cached_property
    def _objects(self) -> dict[tuple[str, str], list[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]]:
        found: dict[tuple[str, str], list[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]] = defaultdict(list)
        for subject, predicate, value in self.triples:
            if isinstance(subject, ox.NamedNode):
                found[subject.value, predicate.value].append(value)
        return found

    def _below(self, link: ox.NamedNode, top: str) -> frozenset[str]:
        children: dict[str, set[str]] = defaultdict(set)
        for subject, predicate, value in self.triples:
            if predicate == link and isinstance(subject, ox.NamedNode) and isinstance(value, ox.NamedNode):
                children[value.value].add(subject.value)
        found: set[str] = set()
        todo = [top]
        while todo:
            new = children[todo.pop()] - found
            found |= new
            todo.extend(new)
        return frozenset(found)

    @cached_property
    def kinds(self) -> frozenset[str]:
        """IRIs of the classes of entities."""
        return self._below(_SUBCLASS, ONT + "Entity")

    @cached_property
    def relations(self) -> frozenset[str]:
        """IRIs of the properties that a claim may use."""
        return self._below(_SUBPROPERTY, ONT + "relatedTo")

    @cached_property
    def external_terms(self) -> dict[str, str]:
        """IRI → label of the declared terms of other vocabularies."""
        typed = (s.value for s, p, o in self.triples if p == _TYPE and o == _EXTERNAL and isinstance(s, ox.NamedNode))
        return {iri: self.label(iri) for iri in typed}

    @cached_property
    def declared(self) -> frozenset[str]:
        """IRIs of everything that has a type here."""
        return frozenset(s.value for s, p, _ in self.triples if p == _TYPE and isinstance(s, ox.NamedNode))

    def label(self, iri: str) -> str:
        """Give the label of a term, or its local name when it has none."""
        for value in self._objects[iri, _LABEL.value]:
            if isinstance(value, ox.Literal):
                return value.value
        return iri.rsplit("#", 1)[-1].rsplit("/", 1)[-1]

    def category(self, kind: str) -> str:
        """Give the Biolink class that a kind of entity corresponds to, or ""."""
        for value in self._objects[kind, _CATEGORY.value]:
            if isinstance(value, ox.NamedNode):
                return value.value
        return ""

    def locals(self, iris: Iterable[str]) -> list[str]:
        """Give the local names of those terms that are the project's own, sorted, for hints."""
        return sorted(iri[len(self.ont) :] for iri in iris if iri.startswith(self.ont))


def load_ontology(files: list[Path], ont: str) -> Ontology:
    """Read the ontology files of a project.

    Raises InputError when a file is not Turtle, or the project declares no kind or no relation of its own.
    """
    triples: list[ox.Triple] = []
    for path in files:
        triples.extend(read_turtle(path))
    ontology = Ontology(tuple(triples), ont)
    for what, found, how in (
        ("kind of entity", ontology.kinds, "rdfs:subClassOf ont:Entity"),
        ("relation", ontology.relations, "rdfs:subPropertyOf ont:relatedTo"),
    ):
        if not ontology.locals(found):
            hint = f"Declare each as {how}, with an IRI that starts with {ont}"
            raise InputError.at(Place(files[-1].parent), f"the project's ontology declares no {what}", hint)
    return ontology
