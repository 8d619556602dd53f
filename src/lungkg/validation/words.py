"""Puts terms, paths and constraints into words: short names, readable literals, phrases for parameters."""

import re
from collections.abc import Callable, Mapping
from typing import Final

import pyoxigraph as ox
import rdflib
from rdflib import RDF, SH
from rdflib.collection import Collection
from rdflib.term import Node

from lungkg.namespaces import OWL, RDFS, SKOS, XSD
from lungkg.namespaces import RDF as RDF_NS
from lungkg.namespaces import SH as SH_NS

Term = ox.NamedNode | ox.BlankNode | ox.Literal

_LONGEST: Final = 80  # characters of a literal that a sentence shows
_LOCAL: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_ALWAYS: Final = {"rdf": RDF_NS, "rdfs": RDFS, "owl": OWL, "sh": SH_NS, "skos": SKOS, "xsd": XSD}
_BARE: Final = {
    XSD + "integer": re.compile(r"[+-]?[0-9]+"),
    XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    XSD + "boolean": re.compile(r"true|false"),
}
_STRING: Final = XSD + "string"
_LANG_STRING: Final = RDF_NS + "langString"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def to_ox(node: Node) -> Term:
    """Convert a term of rdflib's.

    Raises ValueError for what is no RDF term.
    """
    if isinstance(node, rdflib.URIRef):
        return ox.NamedNode(str(node))
    if isinstance(node, rdflib.BNode):
        return ox.BlankNode(str(node))
    if isinstance(node, rdflib.Literal):
        if node.language:
            return ox.Literal(str(node), language=node.language)
        return ox.Literal(str(node), datatype=ox.NamedNode(str(node.datatype or _STRING)))
    raise ValueError(f"no term: {node!r}")


def n_triples(node: Node | None) -> str:
    """Write a term of rdflib's as N-Triples; nothing is an empty text."""
    if node is None:
        return ""
    try:
        return str(to_ox(node))
    except ValueError:  # an IRI with a blank in it, of which rdflib only warns
        return node.n3()


def parse_term(text: str) -> Term | None:
    """Read a term in N-Triples form; None when it is none, as a property path is.

    >>> parse_term('"a"@en').language
    'en'
    """
    if text.startswith("_:"):
        return ox.BlankNode(text[2:])
    try:
        triple = next(iter(ox.parse(f"<x:s> <x:p> {text} .", format=ox.RdfFormat.N_TRIPLES))).triple
    except (SyntaxError, StopIteration):
        return None
    return triple.object if isinstance(triple.object, ox.NamedNode | ox.Literal) else None


class Names:
    """Shortens IRIs by the prefixes of a run, and writes terms as Turtle and for sentences."""

    def __init__(self, prefixes: Mapping[str, str], *, usual: bool = True) -> None:
        """Take in prefixes; those that everybody knows are there, too, unless `usual` is false."""
        self.prefixes = {**_ALWAYS, **prefixes} if usual else dict(prefixes)
        self._longest = sorted(self.prefixes.items(), key=lambda item: (-len(item[1]), item[0]))

    def short(self, iri: str) -> str:
        """Write an IRI with its prefix, or in angle brackets when none fits."""
        for prefix, namespace in self._longest:
            if namespace and iri.startswith(namespace) and _LOCAL.fullmatch(iri[len(namespace) :]):
                return f"{prefix}:{iri[len(namespace) :]}"
        return f"<{iri}>"

    def turtle(self, term: Term) -> str:
        """Write a term as Turtle has it."""
        if isinstance(term, ox.NamedNode):
            return self.short(term.value)
        if isinstance(term, ox.BlankNode):
            return str(term)
        if term.language:
            return f'"{term.value.translate(_ESCAPES)}"@{term.language}'
        datatype = term.datatype.value
        if datatype in _BARE and _BARE[datatype].fullmatch(term.value):
            return term.value
        suffix = "" if datatype == _STRING else f"^^{self.short(datatype)}"
        return f'"{term.value.translate(_ESCAPES)}"{suffix}'

    def said(self, term: Term) -> str:
        """Write a term for a sentence: long text is cut, blank nodes have no name."""
        if isinstance(term, ox.BlankNode):
            return "a blank node"
        if isinstance(term, ox.Literal) and len(term.value) > _LONGEST:
            cut = f'"{term.value[:_LONGEST].translate(_ESCAPES)}…"'
            return f"{cut} ({len(term.value)} characters)"
        return self.turtle(term)

    def listed(self, terms: list[Term], most: int = 8) -> str:
        """List terms, the first ones of many.

        >>> Names({}).listed([ox.Literal("a"), ox.Literal("b"), ox.Literal("c")], most=2)
        '"a", "b" and 1 more'
        """
        return listed([self.said(term) for term in terms], most)


def listed(words: list[str], most: int = 8) -> str:
    """Join words with commas and "and".

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    shown = words[:most]
    if len(words) > most:
        return f"{', '.join(shown)} and {len(words) - most} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def kind_of(term: Term, names: Names) -> str:
    """Say what kind of term this is: an IRI, a blank node, plain text, text in a language, a typed literal.

    >>> kind_of(ox.Literal("x", language="en"), Names({}))
    'text in "en"'
    """
    if isinstance(term, ox.NamedNode):
        return "an IRI"
    if isinstance(term, ox.BlankNode):
        return "a blank node"
    if term.language:
        return f'text in "{term.language}"'
    return "plain text" if term.datatype.value == _STRING else f"a literal of type {names.short(term.datatype.value)}"


def wanted(datatype: str, names: Names) -> str:
    """Say in words what a datatype wants."""
    known = {
        _STRING: "plain text (xsd:string)",
        _LANG_STRING: 'text with a language tag, such as "…"@en',
        XSD + "integer": "a whole number (xsd:integer)",
        XSD + "decimal": "a decimal number (xsd:decimal)",
        XSD + "boolean": "true or false (xsd:boolean)",
        XSD + "dateTime": "a date and time (xsd:dateTime), such as 2026-11-23T00:00:00Z",
        XSD + "date": "a date (xsd:date), such as 2026-11-23",
        XSD + "anyURI": "an address (xsd:anyURI)",
    }
    return known.get(datatype, f"a literal of type {names.short(datatype)}")


def path_text(shapes: rdflib.Graph, path: Node, name: Callable[[str], str], depth: int = 0) -> str:
    """Write a SHACL path as a SPARQL property path; `name` writes an IRI.

    Raises ValueError for what is no path.
    """
    if isinstance(path, rdflib.URIRef):
        return name(str(path))
    if depth > 20:
        raise ValueError("the path goes in a circle")

    def inner(node: Node) -> str:
        text = path_text(shapes, node, name, depth + 1)
        return text if isinstance(node, rdflib.URIRef) else f"({text})"

    for predicate, mark in ((SH.zeroOrMorePath, "*"), (SH.oneOrMorePath, "+"), (SH.zeroOrOnePath, "?")):
        step = shapes.value(path, predicate)
        if step is not None:
            return inner(step) + mark
    step = shapes.value(path, SH.inversePath)
    if step is not None:
        return "^" + inner(step)
    options = shapes.value(path, SH.alternativePath)
    members = list(Collection(shapes, options if options is not None else path))
    if not members or (options is None and (path, RDF.first, None) not in shapes):
        raise ValueError("no path")
    return ("|" if options is not None else "/").join(inner(member) for member in members)


def members(shapes: rdflib.Graph, node: Node) -> list[Node]:
    """Give the members of an RDF list."""
    return list(Collection(shapes, node))


_KINDS: Final = {
    "IRI": "an IRI",
    "BlankNode": "a blank node",
    "Literal": "a literal",
    "BlankNodeOrIRI": "an IRI or a blank node",
    "BlankNodeOrLiteral": "a blank node or a literal",
    "IRIOrLiteral": "an IRI or a literal",
}


def node_kind(value: Node) -> str:
    """Say in words which kinds of nodes a sh:nodeKind allows."""
    return _KINDS.get(str(value).removeprefix(SH_NS), str(value))


def phrase(shapes: rdflib.Graph, name: str, value: Node, names: Names, depth: int = 0) -> str:
    """Say in a few words what one parameter of a shape asks of a value, or "" when it asks nothing."""
    if name in _SIMPLE:
        return _SIMPLE[name].format(names.said(to_ox(value)))
    write = _PHRASES.get(name)
    return write(shapes, value, names, depth) if write is not None else ""


def _one_of(shapes: rdflib.Graph, value: Node, names: Names, _: int) -> str:
    return f"be one of {names.listed([to_ox(item) for item in members(shapes, value)])}"


def _languages(shapes: rdflib.Graph, value: Node, _: Names, __: int) -> str:
    tags = [f'"{item}"' for item in members(shapes, value)]
    return f"be text in {listed(tags)}"


def _joined(joint: str) -> Callable[[rdflib.Graph, Node, Names, int], str]:
    def write(shapes: rdflib.Graph, value: Node, names: Names, depth: int) -> str:
        return joint.join(f"({demand(shapes, item, names, depth)})" for item in members(shapes, value))

    return write


_SIMPLE: Final = {
    "class": "be an instance of {}",
    "minCount": "stand there at least {} times",
    "maxCount": "stand there at most {} times",
    "minInclusive": "be at least {}",
    "maxInclusive": "be at most {}",
    "minExclusive": "be more than {}",
    "maxExclusive": "be less than {}",
    "minLength": "have at least {} characters",
    "maxLength": "have at most {} characters",
    "pattern": "match {}",
    "hasValue": "include {}",
    "equals": "have the values of {}",
    "disjoint": "share no value with {}",
    "lessThan": "be less than {}",
    "lessThanOrEquals": "be at most {}",
}


def demand(shapes: rdflib.Graph, shape: Node, names: Names, depth: int = 0) -> str:
    """Say in one phrase what a shape asks: the name of one that has an IRI, the constraints of another."""
    if isinstance(shape, rdflib.URIRef):
        return f"fit {names.short(str(shape))}"
    if depth > 3:
        return "fit a shape within"
    parts = []
    for predicate, value in sorted(shapes.predicate_objects(shape)):
        if str(predicate).startswith(SH_NS):
            text = phrase(shapes, str(predicate).removeprefix(SH_NS), value, names, depth + 1)
            parts += [text] if text else []
    path = shapes.value(shape, SH.path)
    what = listed(parts) or "fit a shape without constraints"
    if path is None:
        return what
    try:
        return f"{path_text(shapes, path, names.short)} must {what}"
    except ValueError:
        return what


_PHRASES: Final[dict[str, Callable[[rdflib.Graph, Node, Names, int], str]]] = {
    "datatype": lambda _, value, names, __: f"be {wanted(str(value), names)}",
    "nodeKind": lambda _, value, __, ___: f"be {node_kind(value)}",
    "in": _one_of,
    "languageIn": _languages,
    "and": _joined(" and "),
    "or": _joined(" or "),
    "xone": _joined(" or else "),
    "not": lambda shapes, value, names, depth: f"not {demand(shapes, value, names, depth)}",
    "node": demand,
    "property": demand,
    "qualifiedValueShape": demand,
}
