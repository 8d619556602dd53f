"""The terms of vocabularies that are the same everywhere, as rdflib lists them."""

from collections.abc import Iterator
from functools import cache
from typing import Final

import rdflib

_CLOSED: Final = (
    rdflib.RDF, rdflib.RDFS, rdflib.OWL, rdflib.XSD, rdflib.SKOS, rdflib.SH, rdflib.VOID,
    rdflib.DC, rdflib.DCTERMS, rdflib.FOAF, rdflib.PROV, rdflib.VANN,
)  # fmt: skip


@cache
def known_terms() -> dict[str, frozenset[str]]:
    """Give the namespaces of these vocabularies, each with the IRIs of its terms."""
    return {str(vocabulary._NS): frozenset(_terms(vocabulary)) for vocabulary in _CLOSED}  # noqa: SLF001 - it has no other name


def _terms(vocabulary: type[rdflib.namespace.DefinedNamespace]) -> Iterator[str]:
    for term in dir(vocabulary):
        if term.startswith(str(vocabulary._NS)):  # noqa: SLF001
            yield str(term)
    yield from (str(vocabulary[name]) for name in vocabulary._extras)  # noqa: SLF001
