"""Says what keeps an ontology out of OWL 2 DL, as far as that can be told from its triples alone.

The conditions are those of OWL 2 Web Ontology Language: Structural Specification
(https://www.w3.org/TR/owl2-syntax/), sections 3, 5 and 11.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox

from lungkg.namespaces import OWL, RDF, RDFS, XSD
from lungkg.ontology_checks.axioms import Axiom, Axioms, Expression, Part, expressions
from lungkg.ontology_checks.profiles import DATATYPES, Breach

_BUILT_IN: Final = (OWL, RDF, RDFS, XSD)
_SIMPLE_ONLY: Final = frozenset({"Functional", "InverseFunctional", "Irreflexive", "Asymmetric", "DisjointProperties"})
_ASSERTIONS: Final = ("ClassAssertion", "PropertyAssertion")
_COUNTED: Final = frozenset({"min", "max", "exactly", "self"})
_CONFLICTS: Final = (
    ("class", "datatype"),
    ("object property", "data property"),
    ("object property", "annotation property"),
    ("data property", "annotation property"),
)
_PROPERTY_AXIOMS: Final = {
    "SubPropertyOf": 2, "EquivalentProperties": 2, "InverseProperties": 2, "DisjointProperties": 99, "Domain": 1,
    "Range": 1, "Functional": 1, "InverseFunctional": 1, "Transitive": 1, "Symmetric": 1, "Asymmetric": 1,
    "Reflexive": 1, "Irreflexive": 1, "PropertyChain": 99,
}  # fmt: skip
"""How many of the first parts of an axiom are properties."""


def breaches_of_dl(axioms: Axioms) -> list[Breach]:
    """Give what keeps an ontology out of OWL 2 DL; see `profiles.NOT_CHECKED` for what is not looked at."""
    found = [*_puns(axioms), *_undeclared(axioms), *_not_simple(axioms), *_circles(axioms), *_others(axioms)]
    return list(dict.fromkeys(found))


def _puns(axioms: Axioms) -> Iterator[Breach]:
    """Yield names that are declared as two things that OWL 2 DL keeps apart."""
    for iri, sorts in sorted(axioms.sorts.items()):
        for one, other in _CONFLICTS:
            if one in sorts and other in sorts:
                declared = Axiom("Declaration", (ox.NamedNode(iri),), tuple(axioms.declarations[iri]))
                yield Breach(f"one name as {_an(one)} and as {_an(other)}", declared)


def _an(sort: str) -> str:
    return f"{'an' if sort[0] in 'ao' else 'a'} {sort}"


def _undeclared(axioms: Axioms) -> Iterator[Breach]:
    """Yield axioms that use a class or a property that nothing declares."""
    for axiom in axioms.all:
        for part, sorts in _used(axiom, axioms):
            known = axioms.sorts.get(part.value, frozenset())
            built_in = part.value.startswith(_BUILT_IN)
            if not built_in and not known & sorts:
                what = "class" if "class" in sorts else "property"
                yield Breach(f"a {what} that is not declared in OWL", axiom)
            if built_in and "class" in sorts and not _is_built_in_class(part.value):
                yield Breach("a term of OWL, RDF or RDFS as a class", axiom)


def _is_built_in_class(iri: str) -> bool:
    return iri in (OWL + "Thing", OWL + "Nothing") or iri in DATATYPES or iri.startswith(XSD)


_CLASSES: Final = frozenset({"class", "datatype"})
_PROPERTIES: Final = frozenset({"object property", "data property", "annotation property"})


def _used(axiom: Axiom, axioms: Axioms) -> Iterator[tuple[ox.NamedNode, frozenset[str]]]:
    """Yield the names in an axiom, each with what it may be declared as."""
    properties = _PROPERTY_AXIOMS.get(axiom.kind, 0)
    if axiom.kind == "HasKey":
        yield from _named(axiom.parts[0], _CLASSES)
        for part in axiom.parts[1:]:
            yield from _named(part, _PROPERTIES)
        return
    if axiom.kind in ("PropertyAssertion", "NegativePropertyAssertion", "SameIndividual", "DifferentIndividuals"):
        return
    rest = axiom.parts[1:] if axiom.kind == "ClassAssertion" else axiom.parts[properties:]
    for part in axiom.parts[:properties]:
        yield from _named(part, _PROPERTIES)
    if not (axiom.kind in ("Domain", "Range") and axioms.is_a("annotation property", axiom.parts[0])):
        for part in rest:
            yield from _named(part, _CLASSES)


def _named(part: Part, sorts: frozenset[str]) -> Iterator[tuple[ox.NamedNode, frozenset[str]]]:
    if isinstance(part, ox.NamedNode):
        yield part, sorts
    elif isinstance(part, Expression):
        if part.kind in ("and", "or", "not"):
            for one in part.parts:
                yield from _named(one, sorts)
        elif part.kind in ("some", "only", "min", "max", "exactly", "value", "self", "inverse"):
            inner = [one for one in part.parts if not isinstance(one, ox.Literal)]
            yield from _named(inner[0], _PROPERTIES) if inner else ()
            if part.kind not in ("value", "self", "inverse"):
                for one in inner[1:]:
                    yield from _named(one, _CLASSES)


def _not_simple(axioms: Axioms) -> Iterator[Breach]:
    """Yield what counts the values of a property that is transitive or made of others."""
    composite = _composite(axioms)
    for axiom in axioms.all:
        if axiom.kind in _SIMPLE_ONLY:
            used = [part for part in axiom.parts if isinstance(part, ox.NamedNode) and part.value in composite]
            name = "owl:propertyDisjointWith" if axiom.kind == "DisjointProperties" else f"owl:{axiom.kind}Property"
            if used:
                yield Breach(f"{name} of a property that is transitive or made of others", axiom)
        for part in axiom.parts:
            for inner in expressions(part):
                on = inner.parts[0] if inner.kind == "self" else inner.parts[1] if inner.kind in _COUNTED else None
                if isinstance(on, ox.NamedNode) and on.value in composite:
                    yield Breach("a count of the values of a property that is transitive or made of others", axiom)


def _composite(axioms: Axioms) -> frozenset[str]:
    """Give the properties that are transitive, made by a chain, or above one that is."""
    found = {
        axiom.parts[0].value
        for axiom in axioms.kinds("Transitive", "PropertyChain")
        if isinstance(axiom.parts[0], ox.NamedNode)
    }
    links: dict[str, set[str]] = defaultdict(set)
    for axiom in axioms.kinds("SubPropertyOf", "EquivalentProperties", "InverseProperties"):
        one, other = axiom.parts
        if isinstance(one, ox.NamedNode) and isinstance(other, ox.NamedNode):
            links[one.value].add(other.value)
            if axiom.kind != "SubPropertyOf":
                links[other.value].add(one.value)
    todo = list(found)
    while todo:
        new = links[todo.pop()] - found
        found |= new
        todo += new
    return frozenset(found)


def _circles(axioms: Axioms) -> Iterator[Breach]:
    """Yield property chains that a property takes part in by way of itself (section 11.2, restriction 2)."""
    above: dict[str, set[str]] = defaultdict(set)
    chains = []
    for axiom in axioms.kinds("SubPropertyOf", "PropertyChain"):
        first, *rest = [part.value if isinstance(part, ox.NamedNode) else "" for part in axiom.parts]
        if axiom.kind == "SubPropertyOf":
            above[first].update(rest)
        elif rest != [first, first]:
            links = rest[1:] if rest[:1] == [first] else rest[:-1] if rest[-1:] == [first] else rest
            for one in links:
                above[one].add(first)
            chains.append((axiom, first, links))
    for axiom, first, links in chains:
        if any(one == first or _leads(above, first, one) for one in links):
            yield Breach("owl:propertyChainAxiom in a circle", axiom)


def _leads(above: dict[str, set[str]], start: str, end: str) -> bool:
    seen, todo = {start}, [start]
    while todo:
        for name in above.get(todo.pop(), ()):
            if name == end:
                return True
            if name not in seen:
                seen.add(name)
                todo.append(name)
    return False


def _others(axioms: Axioms) -> Iterator[Breach]:
    """Yield nameless individuals where none may stand, unknown datatypes, and what is no expression of OWL."""
    for axiom in axioms.all:
        if axiom.kind in ("SameIndividual", "DifferentIndividuals", "NegativePropertyAssertion"):
            if any(isinstance(part, ox.BlankNode) for part in axiom.parts):
                yield Breach("an individual without a name in a comparison", axiom)
        elif axiom.kind not in _ASSERTIONS and any(isinstance(part, ox.BlankNode) for part in axiom.parts):
            yield Breach("a blank node that stands for no class or property", axiom)
        if axiom.kind == "Range" and axioms.is_a("data property", axiom.parts[0]):
            yield from _datatype(axiom.parts[1], axiom, axioms)
        if axiom.kind == "PropertyAssertion" and isinstance(axiom.parts[2], ox.Literal):
            yield from _datatype(axiom.parts[2].datatype, axiom, axioms)


def _datatype(part: Part, axiom: Axiom, axioms: Axioms) -> Iterator[Breach]:
    if isinstance(part, ox.NamedNode) and part.value not in DATATYPES and not axioms.is_a("datatype", part):
        yield Breach(f"the datatype {part.value.replace(XSD, 'xsd:')}", axiom)
