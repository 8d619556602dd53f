"""What every IRI is called and what it is: from the graph where that says so, else from the IRI itself.

A document names whatever it mentions, because few of the vocabularies that it uses can be fetched by everybody.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import pyoxigraph as ox

from lungkg.endpoint_terms import DECLARED, said
from lungkg.namespaces import OWL, RDF, RDFS, SKOS, XSD
from lungkg.triples import DEFINITION, LABEL, A, english

Ask = Callable[[str], Iterable[ox.QuerySolution]]
"""Answers a SELECT query over all graphs, from an engine or from a store."""

PROPERTY: Final = ox.NamedNode(RDF + "Property")
CLASS: Final = ox.NamedNode(RDFS + "Class")
DATATYPE: Final = ox.NamedNode(RDFS + "Datatype")
_RESOURCE: Final = ox.NamedNode(RDFS + "Resource")
_CLASSES: Final = frozenset(ox.NamedNode(iri) for iri in (OWL + "Class", RDFS + "Class"))
_PREF_LABEL: Final = ox.NamedNode(SKOS + "prefLabel")
_UNSEEN: Final = frozenset((XSD + "string", RDF + "langString"))  # datatypes that no format writes out

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+(?:\.\d+)*|[^\W\d_]+")
_LABELS: Final = f"""
SELECT ?s ?label ?type {{
  {{ VALUES ?s {{ %(nodes)s }} ?s {LABEL} ?label }} UNION {{ VALUES ?s {{ %(nodes)s }} ?s {A} ?type }}
}}
"""  # two lists of values joined with a pattern take a second and more
_ASKED_AT_ONCE: Final = 1_000


@lru_cache(maxsize=4096)
def words(iri: str) -> str:
    """Make a label from the end of an IRI, for terms that nobody gave one.

    >>> words("http://www.w3.org/ns/shacl#maxCount"), words("https://a.org/id/claim/x-C1#focus-position")
    ('max count', 'focus position')
    >>> words("https://creativecommons.org/licenses/by/4.0/")
    'creativecommons.org/licenses/by/4.0'
    """
    last = re.split(r"[#/:]", iri.rstrip("/#"))[-1]
    found = _WORD.findall(last)
    if not found or not any(word.isalpha() for word in found) or iri.endswith("/"):
        return iri.partition("://")[2].rstrip("/") or iri
    return " ".join(word if word.isupper() else word.lower() for word in found)


@dataclass(frozen=True)
class Labels:
    """The names and types of everything in a vocabulary; other names are asked for, or made."""

    known: Mapping[ox.NamedNode, tuple[ox.Triple, ...]]

    @classmethod
    def of(cls, vocabulary: Iterable[ox.Triple]) -> "Labels":
        """Take label, type and, of classes, the definition of each term from the triples of a vocabulary."""
        triples = list(vocabulary)
        classes = {triple.subject for triple in triples if triple.predicate == A and triple.object in _CLASSES}
        known: dict[ox.NamedNode, list[ox.Triple]] = {}
        for iri, (kind, label) in DECLARED.items():
            known[ox.NamedNode(iri)] = [said(iri, A.value, kind), said(iri, LABEL.value, english(label))]
        for triple in triples:
            wanted = triple.predicate in (A, LABEL) or (triple.predicate == DEFINITION and triple.subject in classes)
            if wanted and isinstance(triple.subject, ox.NamedNode) and not isinstance(triple.object, ox.BlankNode):
                known.setdefault(triple.subject, []).append(triple)
        named = {node: tuple(said) for node, said in known.items() if any(one.predicate == LABEL for one in said)}
        return cls(named)

    def of_all(self, triples: Iterable[ox.Triple], ask: Ask, ours: Callable[[str], object]) -> list[ox.Triple]:
        """Give label and type of every IRI in these triples, and of every IRI that saying so mentions.

        Only what the vocabulary does not have is asked for, and only where `ours` says that the graph may have it.
        """
        roles = _Roles(triples)
        asked = sorted(str(node) for node in roles.mentioned - self.known.keys() if ours(node.value))
        found = _ask(ask, asked)
        roles.add(found)
        while missing := roles.mentioned - roles.complete:
            roles.complete |= missing
            known = [triple for node in missing for triple in self.known.get(node, ())]
            roles.add(known)
            made = [triple for node in missing for triple in roles.made(node)]
            roles.add(made)
            found += known + made
        return found


class _Roles:
    """The IRIs that triples mention, by what they are mentioned as."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self.mentioned: set[ox.NamedNode] = set()
        self.complete: set[ox.NamedNode] = set()
        self._labelled: set[ox.NamedNode] = set()
        self._typed: set[ox.NamedNode] = set()
        self._properties: set[ox.NamedNode] = set()
        self._classes: set[ox.NamedNode] = set()
        self._datatypes: set[ox.NamedNode] = set()
        self.add(triples)

    def add(self, triples: Iterable[ox.Triple]) -> None:
        for subject, predicate, value in triples:
            self._properties.add(predicate)
            if isinstance(subject, ox.NamedNode):
                self.mentioned.add(subject)
                if predicate == LABEL:
                    self._labelled.add(subject)
                elif predicate == A:
                    self._typed.add(subject)
            if isinstance(value, ox.NamedNode):
                self.mentioned.add(value)
                if predicate == A:
                    self._classes.add(value)
            elif isinstance(value, ox.Literal) and value.datatype.value not in _UNSEEN:
                self._datatypes.add(value.datatype)
        self.mentioned |= self._properties | self._datatypes

    def made(self, node: ox.NamedNode) -> list[ox.Triple]:
        """Say of an IRI what nobody said: its label, and what it is used as."""
        made = []
        if node not in self._labelled:
            made.append(ox.Triple(node, LABEL, english(words(node.value))))
        if node not in self._typed:
            made.append(ox.Triple(node, A, self._role(node)))
        return made

    def _role(self, node: ox.NamedNode) -> ox.NamedNode:
        if node in self._properties:
            return PROPERTY
        if node in self._datatypes:
            return DATATYPE
        return CLASS if node in self._classes or node in (CLASS, PROPERTY, DATATYPE, _RESOURCE) else _RESOURCE


def _ask(ask: Ask, nodes: Collection[str]) -> list[ox.Triple]:
    listed = list(nodes)
    found: list[ox.Triple] = []
    for start in range(0, len(listed), _ASKED_AT_ONCE):
        for row in ask(_LABELS % {"nodes": " ".join(listed[start : start + _ASKED_AT_ONCE])}):
            link, value = (LABEL, row["label"]) if row["type"] is None else (A, row["type"])
            found.append(ox.Triple(row["s"], link, value))
    return found
