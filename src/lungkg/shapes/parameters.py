"""Finds parameters of shapes whose values SHACL does not allow: engines refuse them, or pass over them in silence."""

from collections.abc import Callable, Iterator
from typing import Final

import rdflib
from rdflib import RDF, SH, XSD
from rdflib.term import Node

from lungkg.report import Finding
from lungkg.shapes.hierarchy import in_order
from lungkg.shapes.library import LISTS, Library
from lungkg.shapes.telling import tell

_NODE_KINDS: Final = frozenset(
    {SH.IRI, SH.Literal, SH.BlankNode, SH.BlankNodeOrIRI, SH.BlankNodeOrLiteral, SH.IRIOrLiteral}
)
_SEVERITIES: Final = frozenset({SH.Violation, SH.Warning, SH.Info})

Allowed = Callable[[rdflib.Graph, Node], bool]


def _count(_: rdflib.Graph, value: Node) -> bool:
    if not isinstance(value, rdflib.Literal) or value.datatype != XSD.integer:
        return False
    number = value.toPython()
    return isinstance(number, int) and number >= 0


def _truth(_: rdflib.Graph, value: Node) -> bool:
    return isinstance(value, rdflib.Literal) and value.datatype == XSD.boolean and not value.ill_typed


def _text(_: rdflib.Graph, value: Node) -> bool:
    return isinstance(value, rdflib.Literal) and value.datatype in (None, XSD.string) and not value.language


def _message(_: rdflib.Graph, value: Node) -> bool:
    return isinstance(value, rdflib.Literal) and value.datatype in (None, XSD.string, RDF.langString)


def _iri(_: rdflib.Graph, value: Node) -> bool:
    return isinstance(value, rdflib.URIRef)


def _literal(_: rdflib.Graph, value: Node) -> bool:
    return isinstance(value, rdflib.Literal)


def _node(_: rdflib.Graph, value: Node) -> bool:
    return not isinstance(value, rdflib.Literal)


def _list(graph: rdflib.Graph, value: Node) -> bool:
    seen: set[Node] = set()
    while value != RDF.nil:
        firsts, rests = list(graph.objects(value, RDF.first)), list(graph.objects(value, RDF.rest))
        if value in seen or len(firsts) != 1 or len(rests) != 1:
            return False
        seen.add(value)
        value = rests[0]
    return True


def _one_of(members: frozenset[rdflib.URIRef]) -> Allowed:
    return lambda _, value: value in members


_ALLOWED: Final[dict[str, tuple[Allowed, str]]] = {
    **dict.fromkeys(
        ("minCount", "maxCount", "minLength", "maxLength", "qualifiedMinCount", "qualifiedMaxCount"),
        (_count, "a whole number, 0 or more, without quotes"),
    ),
    **dict.fromkeys(("closed", "uniqueLang", "deactivated", "qualifiedValueShapesDisjoint"), (_truth, "true or false")),
    **dict.fromkeys(("pattern", "flags", "select", "ask"), (_text, "plain text")),
    **dict.fromkeys(("minInclusive", "maxInclusive", "minExclusive", "maxExclusive"), (_literal, "a literal")),
    **dict.fromkeys(("in", "languageIn", "ignoredProperties", "and", "or", "xone"), (_list, "a list: ( … )")),
    **dict.fromkeys(
        ("datatype", "equals", "disjoint", "lessThan", "lessThanOrEquals", "targetSubjectsOf", "targetObjectsOf"),
        (_iri, "an IRI"),
    ),
    **dict.fromkeys(("class", "targetClass"), (_iri, "the IRI of a class")),
    **dict.fromkeys(
        ("property", "node", "not", "qualifiedValueShape", "sparql"), (_node, "a shape or constraint, not a literal")
    ),
    "path": (_node, "a property or a path, not a literal"),
    "message": (_message, "text"),
    "nodeKind": (_one_of(_NODE_KINDS), "one of " + ", ".join(sorted(f"sh:{kind.fragment}" for kind in _NODE_KINDS))),
}
"""For each term of SHACL what its values have to be."""

_ONCE: Final = frozenset(
    {"minCount", "maxCount", "minLength", "maxLength", "minInclusive", "maxInclusive", "minExclusive", "maxExclusive"}
    | {"datatype", "nodeKind", "in", "languageIn", "uniqueLang", "closed", "ignoredProperties", "path", "severity"}
    | {"qualifiedMinCount", "qualifiedMaxCount", "qualifiedValueShape", "flags", "deactivated", "select"}
)
"""What a shape may say only once."""


def lint_parameters(library: Library) -> Iterator[Finding]:
    """Find values that SHACL does not allow, and what is said twice and allowed once."""
    graph = library.graph
    for predicate in in_order(set(graph.predicates())):
        if str(predicate).startswith(str(SH)):
            name = str(predicate).removeprefix(str(SH))
            for subject in sorted(set(graph.subjects(predicate)), key=library.name):
                yield from _values(library, name, subject, in_order(graph.objects(subject, predicate)))
    yield from _pairs(library)
    yield from _forms(library)


def _values(library: Library, name: str, subject: Node, values: list[Node]) -> Iterator[Finding]:
    allowed, wanted = _ALLOWED.get(name, (None, ""))
    for value in values:
        if allowed is not None and not allowed(library.graph, value):
            what = f"the value of sh:{name} must be {wanted}; {library.written(value)} is not"
            yield tell(library, "bad-parameter", what, subject, value)
        if name == "severity" and value not in _SEVERITIES:
            what = f"{library.short(value)} is none of sh:Violation, sh:Warning and sh:Info"
            yield tell(library, "unknown-severity", what, subject, value, "Warning")
    if name in _ONCE and len(values) > 1:
        shown = " and ".join(library.written(value) for value in values)
        what = f"sh:{name} is given {len(values)} times ({shown}); SHACL allows one"
        yield tell(library, "repeated-parameter", what, subject)


_PARTNERS: Final = (
    ("flags", "pattern"),
    ("ignoredProperties", "closed"),
    ("qualifiedMinCount", "qualifiedValueShape"),
    ("qualifiedMaxCount", "qualifiedValueShape"),
)
_OF_PATHS: Final = ("minCount", "maxCount", "uniqueLang", "lessThan", "lessThanOrEquals")


def _pairs(library: Library) -> Iterator[Finding]:
    """Find parameters that do nothing without another one, and lists of shapes that are empty."""
    graph = library.graph
    for lone, partner in _PARTNERS:
        for subject in in_order(set(graph.subjects(SH[lone])) - set(graph.subjects(SH[partner]))):
            yield tell(library, "idle-parameter", f"sh:{lone} does nothing without sh:{partner}", subject)
    for link in LISTS:
        for subject in in_order(graph.subjects(link, RDF.nil)):
            result = "asks for nothing" if link == SH["and"] else "is never met"
            yield tell(library, "empty-list", f"{library.short(link)} with an empty list {result}", subject)


def _forms(library: Library) -> Iterator[Finding]:
    """Find shapes of the wrong kind: node shapes with what needs a path, property shapes without one."""
    graph = library.graph
    for shape in in_order(set(graph.subjects(RDF.type, SH.PropertyShape)) - set(graph.subjects(SH.path))):
        yield tell(library, "missing-path", "a property shape needs a sh:path: say which property it is about", shape)
    for shape in in_order(set(graph.subjects(RDF.type, SH.NodeShape)) & set(graph.subjects(SH.path))):
        yield tell(library, "path-of-node-shape", "a node shape has no sh:path: make it a sh:PropertyShape", shape)
    for name in _OF_PATHS:
        for shape in in_order(set(graph.subjects(SH[name])) - set(graph.subjects(SH.path))):
            what = f"sh:{name} is about the values of a path, and here is none: put it into a property shape"
            yield tell(library, "parameter-of-property", what, shape)
