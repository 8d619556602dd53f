"""Finds terms in data that their vocabulary does not have: a shape passes over a misspelt property in silence."""

from collections.abc import Iterable, Iterator
from typing import Final

import pyoxigraph as ox

from lungkg.namespaces import OWL, RDF
from lungkg.report import Finding, Mend
from lungkg.validation import likeness
from lungkg.validation.files import Source
from lungkg.validation.places import Spot, renaming, replacing
from lungkg.validation.vocabularies import known_terms
from lungkg.validation.words import Names

CHECK: Final = "unknown-term"
_TYPE: Final = RDF + "type"
_ONTOLOGY: Final = ox.NamedNode(OWL + "Ontology")


def lint_terms(
    sources: Iterable[Source], ontology: Iterable[Source], declared: frozenset[str], names: Names
) -> Iterator[Finding]:
    """Find the properties and classes that are not in the vocabulary which their IRI says they are of.

    Those are looked at of which all terms are known: the vocabularies in `ontology`, whose terms are `declared`,
    and a few that are the same everywhere. Each term is told once, at its first use.
    """
    own = {space for source in ontology for space in _namespaces(source)}
    terms = {**known_terms(), **{space: frozenset(iri for iri in declared if iri.startswith(space)) for space in own}}
    told: set[str] = set()
    for source in sources:
        for index, triple in enumerate(source.triples):
            for term in _terms(triple):
                space = next((space for space in terms if term.startswith(space)), None)
                if space is not None and term not in told and term not in terms[space] and term not in declared:
                    told.add(term)
                    yield _finding(Spot(source, triple, source.marks[index]), term, terms[space], names)


def _namespaces(source: Source) -> Iterator[str]:
    """Yield the namespaces of the ontologies in a file, with both of the signs that they can end with."""
    for triple in source.triples:
        if triple.predicate.value == _TYPE and triple.object == _ONTOLOGY and isinstance(triple.subject, ox.NamedNode):
            iri = triple.subject.value.rstrip("#/")
            yield from (f"{iri}#", f"{iri}/")


def _terms(triple: ox.Triple) -> Iterator[str]:
    yield triple.predicate.value
    if triple.predicate.value == _TYPE and isinstance(triple.object, ox.NamedNode):
        yield triple.object.value


def _finding(spot: Spot, term: str, known: frozenset[str], names: Names) -> Finding:
    is_property = term == spot.triple.predicate.value
    near = likeness.nearest(term, known)
    mend = None
    if near:
        meant = ox.NamedNode(near)
        edits = renaming(spot, meant) if is_property else replacing(spot, meant)
        mend = Mend(f"Did you mean {names.short(near)}?", "", tuple(edits), sure=True)
    kind = "property" if is_property else "class"
    return Finding(
        "Warning",
        CHECK,
        f"there is no {kind} {names.short(term)}: its vocabulary does not have it",
        focus=str(spot.triple.subject),
        path=str(spot.triple.predicate),
        value=str(spot.triple.object),
        title="unknown term",
        mend=mend,
    )
