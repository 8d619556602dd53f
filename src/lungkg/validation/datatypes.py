"""Finds ill-typed literals, such as "12a"^^xsd:integer, before a shape is asked: engines trip over them."""

from collections.abc import Iterable, Iterator
from typing import Final

import pyoxigraph as ox
import rdflib

from lungkg.namespaces import RDF, XSD
from lungkg.report import Finding, Mend
from lungkg.validation.files import Source
from lungkg.validation.likeness import is_valid, retyped
from lungkg.validation.places import Spot, replacing
from lungkg.validation.words import Names, wanted

CHECK: Final = "ill-typed-literal"
_NEVER: Final = frozenset({XSD + "string", RDF + "langString"})


def lint_literals(sources: Iterable[Source], names: Names) -> Iterator[Finding]:
    """Find the literals whose text is none of their datatype; other datatypes than XSD's are not looked at."""
    fine: set[ox.Literal] = set()
    for source in sources:
        for index, triple in enumerate(source.triples):
            value = triple.object
            if not isinstance(value, ox.Literal) or value in fine:
                continue
            if is_well_typed(value):
                if len(fine) < 10_000:
                    fine.add(value)
            else:
                yield _finding(Spot(source, triple, source.marks[index]), value, names)


def is_well_typed(value: ox.Literal) -> bool:
    """Say whether a literal's text is one of its datatype."""
    datatype = value.datatype.value
    if datatype in _NEVER or not datatype.startswith(XSD) or rdflib.URIRef(datatype) not in rdflib.XSD:
        return True
    return is_valid(value.value, datatype)


def _finding(spot: Spot, value: ox.Literal, names: Names) -> Finding:
    datatype = value.datatype.value
    meant = retyped(value, datatype)
    mend = None
    if meant is not None:
        edits = tuple(replacing(spot, meant))
        mend = Mend(f"Did you mean {names.turtle(meant)}?", "", edits, sure=False)
    return Finding(
        "Violation",
        CHECK,
        f"{names.turtle(value)} cannot be read as {wanted(datatype, names)}",
        focus=str(spot.triple.subject),
        path=str(spot.triple.predicate),
        value=str(value),
        title="ill-typed literal",
        mend=mend,
    )
