"""Says which constructs keep an ontology out of the profiles of OWL 2: EL, QL and RL.

The grammars are those of OWL 2 Web Ontology Language: Profiles (https://www.w3.org/TR/owl2-profiles/); what
an ontology needs to be in OWL 2 DL at all is in `lungkg.ontology_checks.direct`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from lungkg.namespaces import OWL, RDF, RDFS, XSD
from lungkg.ontology_checks.axioms import Axiom, Axioms, Expression, Part, expressions

PROFILES: Final = ("EL", "QL", "RL")

NOT_CHECKED: Final = (
    "what owl:imports would bring in; rules in SWRL; the lexical forms and facets of literals; "
    "the datatypes of annotations; whether nodes without a name form a tree; how owl:topDataProperty is used; "
    "in EL, how ranges go with property chains"
)


@dataclass(frozen=True, slots=True)
class Breach:
    """A construct that a profile does not have, and the axiom that uses it."""

    construct: str
    axiom: Axiom


@dataclass(frozen=True, slots=True)
class _Grammar:
    """What a profile allows: axioms, expressions by where they stand, and datatypes."""

    refused: frozenset[str]
    places: Mapping[str, frozenset[str]]
    datatypes: frozenset[str]
    inside: Mapping[tuple[str, str], str]  # (place, kind) → the place of what stands within, where it changes


def _xsd(names: str) -> frozenset[str]:
    return frozenset(XSD + name for name in names.split())


_SHARED: Final = _xsd(
    "decimal integer nonNegativeInteger string normalizedString token Name NCName NMTOKEN hexBinary base64Binary "
    "anyURI dateTime dateTimeStamp"
) | {RDF + "PlainLiteral", RDF + "langString", RDF + "XMLLiteral", RDFS + "Literal"}
_MORE: Final = _xsd(
    "nonPositiveInteger positiveInteger negativeInteger long int short byte unsignedLong unsignedInt unsignedShort "
    "unsignedByte double float boolean language"
)
_REALS: Final = frozenset({OWL + "real", OWL + "rational"})
DATATYPES: Final = _SHARED | _MORE | _REALS
"""The datatypes that OWL 2 has."""

_EL: Final = frozenset({"name", "and", "some", "value", "self", "one of one"})
_SUB_RL: Final = frozenset({"name", "and", "or", "one of one", "one of", "some", "value"})

_GRAMMARS: Final = {
    "EL": _Grammar(
        frozenset({
            "DisjointUnion", "InverseProperties", "DisjointProperties", "InverseFunctional", "Functional",
            "Symmetric", "Asymmetric", "Irreflexive",
        }),
        {"sub": _EL, "super": _EL, "same": _EL, "data": frozenset({"name", "and", "one of one"})},
        _SHARED | _REALS,
        {},
    ),
    "QL": _Grammar(
        frozenset({
            "DisjointUnion", "Functional", "InverseFunctional", "Transitive", "PropertyChain", "HasKey",
            "SameIndividual", "NegativePropertyAssertion",
        }),
        {
            "sub": frozenset({"name", "some", "inverse"}),
            "super": frozenset({"name", "and", "not", "some", "inverse"}),
            "same": frozenset({"name", "some", "inverse"}),
            "filler": frozenset({"name"}),
            "thing": frozenset({"thing"}),
            "type": frozenset({"name"}),
            "data": frozenset({"name", "and"}),
        },
        _SHARED | _REALS,
        {("sub", "some"): "thing", ("same", "some"): "thing", ("super", "some"): "filler", ("super", "not"): "sub"},
    ),
    "RL": _Grammar(
        frozenset({"DisjointUnion", "Reflexive"}),
        {
            "sub": _SUB_RL | {"inverse"},
            "super": frozenset({"name", "and", "not", "only", "value", "max", "inverse"}),
            "same": frozenset({"name", "and", "value", "inverse"}),
            "filler": _SUB_RL | {"thing", "inverse"},
            "data": frozenset({"name", "and"}),
        },
        DATATYPES - _REALS,
        {("super", "not"): "sub", ("super", "max"): "filler", ("sub", "some"): "filler", ("filler", "some"): "filler"},
    ),
}  # fmt: skip

_OWL_NAMES: Final = {
    "and": "owl:intersectionOf", "or": "owl:unionOf", "not": "owl:complementOf", "one of": "owl:oneOf",
    "one of one": "owl:oneOf", "some": "owl:someValuesFrom", "only": "owl:allValuesFrom", "value": "owl:hasValue",
    "self": "owl:hasSelf", "min": "owl:minCardinality", "max": "owl:maxCardinality", "exactly": "owl:cardinality",
    "facets": "owl:withRestrictions", "inverse": "owl:inverseOf in an expression", "thing": "owl:Thing",
}  # fmt: skip
_AXIOM_NAMES: Final = {
    "DisjointUnion": "owl:disjointUnionOf", "InverseProperties": "owl:inverseOf", "HasKey": "owl:hasKey",
    "DisjointProperties": "owl:propertyDisjointWith", "PropertyChain": "owl:propertyChainAxiom",
    "SameIndividual": "owl:sameAs", "NegativePropertyAssertion": "owl:NegativePropertyAssertion",
}  # fmt: skip
_STANDS: Final = {
    "sub": "as a subclass", "super": "as a superclass", "same": "in a definition", "filler": "within a restriction",
    "thing": "within a restriction of a subclass", "type": "as the class of an individual", "data": "as a data range",
}  # fmt: skip


def breaches(axioms: Axioms) -> dict[str, list[Breach]]:
    """Give what keeps an ontology out of each profile, in the order of its axioms; none where it is in it."""
    judges = {name: _Judge(axioms, grammar, name) for name, grammar in _GRAMMARS.items()}
    return {name: [breach for axiom in axioms.all for breach in judge.axiom(axiom)] for name, judge in judges.items()}


class _Judge:
    """Holds axioms to one grammar."""

    def __init__(self, axioms: Axioms, grammar: _Grammar, profile: str) -> None:
        self._axioms, self._grammar, self._profile = axioms, grammar, profile

    def axiom(self, axiom: Axiom) -> Iterator[Breach]:
        """Yield what is wrong with an axiom."""
        if axiom.kind in self._grammar.refused and not self._is_data_in_el(axiom):
            yield Breach(_AXIOM_NAMES.get(axiom.kind, f"owl:{axiom.kind}Property"), axiom)
            return
        inverse = any(one.kind == "inverse" for part in axiom.parts for one in expressions(part))
        if inverse and self._profile == "EL":
            yield Breach(_OWL_NAMES["inverse"], axiom)
        for construct in dict.fromkeys(c for part, place in self._placed(axiom) for c in self._wrong(part, place)):
            yield Breach(construct, axiom)

    def _is_data_in_el(self, axiom: Axiom) -> bool:
        data = self._axioms.is_a("data property", axiom.parts[0])
        return self._profile == "EL" and axiom.kind == "Functional" and data

    def _placed(self, axiom: Axiom) -> Iterator[tuple[Part, str]]:
        """Yield the classes, properties and data ranges of an axiom, each with where it stands."""
        parts = axiom.parts
        match axiom.kind:
            case "SubClassOf":
                yield from zip(parts, ("sub", "super"), strict=False)
            case "EquivalentClasses":
                place = "data" if self._axioms.is_a("datatype", parts[0]) else "same"
                yield from ((part, place) for part in parts)
            case "DisjointClasses":
                yield from ((part, "sub") for part in parts)
            case "Domain":
                yield parts[1], "super"
            case "Range":
                yield parts[1], "data" if self._axioms.is_a("data property", parts[0]) else "super"
            case "ClassAssertion":
                yield parts[1], "type" if "type" in self._grammar.places else "super"
            case "HasKey":
                yield parts[0], "sub"

    def _wrong(self, part: Part, place: str) -> Iterator[str]:
        """Yield the constructs in a part that may not stand there."""
        kind = self._kind(part, place)
        if kind == "":
            return
        allowed = self._grammar.places[place]
        named = kind == "thing" and self._profile != "RL" and "name" in allowed
        if kind not in allowed and not named:
            yield f"{_OWL_NAMES.get(kind, kind)} {_STANDS[place]}"
            return
        if place == "data":
            yield from self._datatype(part)
        if isinstance(part, Expression):
            yield from self._within(part, place)

    def _kind(self, part: Part, place: str) -> str:
        if isinstance(part, Expression):
            return "one of one" if part.kind == "one of" and len(part.parts) == 1 else part.kind
        if isinstance(part, ox.NamedNode):
            thing = part.value == OWL + "Thing" and place != "data"
            return "thing" if thing else "a named class" if place == "thing" else "name"
        return "" if isinstance(part, ox.Literal) else "a blank node that stands for no class"

    def _datatype(self, part: Part) -> Iterator[str]:
        own = self._axioms.is_a("datatype", part)
        if isinstance(part, ox.NamedNode) and not own and part.value not in self._grammar.datatypes:
            yield f"the datatype {part.value.replace(XSD, 'xsd:').replace(OWL, 'owl:')}"

    def _within(self, part: Expression, place: str) -> Iterator[str]:
        if part.kind in ("one of", "facets", "value", "self", "inverse"):
            return
        inner = self._grammar.inside.get((place, part.kind), place)
        parts = part.parts
        if part.kind in ("some", "only"):
            data = self._axioms.is_a("data property", parts[0])
            parts, inner = parts[1:], "data" if data else inner
        elif part.kind == "max":
            number = parts[0].value if isinstance(parts[0], ox.Literal) else ""
            if number not in ("0", "1"):
                yield "owl:maxCardinality of more than 1"
            parts = () if self._axioms.is_a("data property", parts[1]) else parts[2:]
        for one in parts:
            yield from self._wrong(one, inner)
