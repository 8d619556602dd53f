"""Finds what is wrong with shapes before any data is looked at.

A Violation is a shape that checks nothing, or that nothing can meet; a Warning, one that does not explain
itself or is likely a slip; an Info, something that the reviewer may want to know. What a shape is about
is looked up in the ontology.
"""

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import pyoxigraph as ox
import rdflib
from rdflib import RDF, RDFS, SH
from rdflib.term import Node, URIRef

from lungkg.errors import InputError
from lungkg.namespaces import OWL
from lungkg.ontology import Ontology
from lungkg.report import Finding
from lungkg.shapes.closing import lint_closed
from lungkg.shapes.examples import local_name
from lungkg.shapes.hierarchy import Hierarchy
from lungkg.shapes.library import TARGETS, Library
from lungkg.shapes.parameters import lint_parameters
from lungkg.shapes.queries import lint_queries, query_terms
from lungkg.shapes.satisfiable import lint_satisfiable
from lungkg.shapes.telling import tell
from lungkg.validation.lint import lint_shapes

_PROPERTY_TYPES: Final = (OWL + "ObjectProperty", OWL + "DatatypeProperty", OWL + "AnnotationProperty")
_UNDECLARED: Final = frozenset({"undeclared-class", "undeclared-property", "undeclared-value"})


@dataclass(frozen=True)
class Terms:
    """What the ontology declares: everything, the namespaces that are the project's own, the hierarchy."""

    declared: frozenset[str]
    own: tuple[str, ...]
    hierarchy: Hierarchy
    deprecated: frozenset[str]

    @classmethod
    def of(cls, ontology: Ontology, own: Iterable[str]) -> "Terms":
        """Read the terms of an ontology."""
        deprecated = (
            subject.value
            for subject, predicate, value in ontology.triples
            if predicate.value == OWL + "deprecated"
            and isinstance(subject, ox.NamedNode)
            and isinstance(value, ox.Literal)
            and value.value in ("true", "1")
        )
        return cls(ontology.declared, tuple(sorted(set(own))), Hierarchy(ontology.triples), frozenset(deprecated))


def lint(library: Library, terms: Terms) -> list[Finding]:
    """Find everything that is wrong with the shapes as they are written."""
    found = [
        *_terms(library, terms),
        *lint_parameters(library),
        *lint_satisfiable(library, terms.hierarchy),
        *lint_closed(library, terms.hierarchy),
        *lint_queries(library),
        *_idle(library),
        *_explained(library),
        *_named(library),
        *_deprecated(library, terms),
        *_unmentioned(library, terms),
    ]
    return list(dict.fromkeys(found))


def _terms(library: Library, terms: Terms) -> Iterator[Finding]:
    """Find terms that nobody declared, each with the declared one that it looks like."""
    nodes = {node.n3(): node for node in library.graph.subjects()}
    known = sorted(terms.declared)
    shacl = sorted(map(str, dir(rdflib.SH)))
    for one in lint_shapes(library.graph, terms.declared):
        value = one.value.strip("<>")
        about = nodes.get(one.focus)
        choices = shacl if one.check == "unknown-shacl-term" else known if one.check in _UNDECLARED else []
        near = _nearest(value, choices)
        hint = f"; did you mean {library.short(URIRef(near))}?" if near else ""
        what = one.message.replace(value, library.short(URIRef(value))) if ":" in value else one.message
        named = f"{library.name(about)}: " if about is not None else ""
        place = library.place(about) if about is not None else None
        yield replace(one, message=f"{named}{what}{hint}", place=one.place or place)


def _nearest(iri: str, known: list[str]) -> str:
    """Find the declared term whose name looks most like this one.

    >>> _nearest("http://www.w3.org/ns/shacl#mincount", ["http://www.w3.org/ns/shacl#minCount", "http://a.org/minCont"])
    'http://www.w3.org/ns/shacl#minCount'
    """
    local = local_name(iri)
    space = iri.removesuffix(local)
    here = {local_name(term): term for term in known if term.startswith(space)}
    lowered = {name.lower(): term for name, term in here.items()}
    near = difflib.get_close_matches(local, here, n=1, cutoff=0.7)
    return lowered.get(local.lower()) or (here[near[0]] if near else "")


def _idle(library: Library) -> Iterator[Finding]:
    """Find shapes that check nothing: no target leads to them, they have no constraint, they are switched off."""
    graph = library.graph
    reached = set(library.governed_by)
    linked = {inner for shape in library.shapes for inner in library.inner(shape)}
    constrained = {one.holder for one in library.constraints}
    for shape in sorted(library.shapes, key=library.name):
        if library.is_off(shape):
            yield tell(
                library, "switched-off", "sh:deactivated switches it off, so it checks nothing", shape, None, "Info"
            )
        elif shape not in reached:
            yield _unreached(library, shape, is_linked=shape in linked)
        elif any((shape, link, None) in graph for link in TARGETS) and not library.reached_from(shape) & constrained:
            yield tell(
                library, "shape-without-constraint", "it has a target and no constraint, so it checks nothing", shape
            )
    for check in sorted({one.check for one in library.constraints if one.parameter == "sparql"}, key=library.name):
        if library.is_off(check):
            what = "sh:deactivated switches it off, so it checks nothing"
            yield tell(library, "switched-off", what, check, None, "Info")
    for query in sorted(set(graph.subjects(SH.select)) - set(graph.objects(None, SH.sparql)), key=library.name):
        if (query, RDF.type, SH.SPARQLConstraint) in graph:
            yield tell(library, "shape-not-used", "no shape names it in sh:sparql, so it checks nothing", query)


def _unreached(library: Library, shape: Node, *, is_linked: bool) -> Finding:
    if is_linked:
        what = "no shape with a target leads to it, so it checks nothing"
        return tell(library, "shape-not-used", what, shape)
    if (shape, SH.path, None) in library.graph:
        return tell(library, "shape-not-used", "no shape names it in sh:property, so it checks nothing", shape)
    what = "it has no target, so it checks nothing: add sh:targetClass, or name it in another shape"
    return tell(library, "shape-without-target", what, shape)


def _explained(library: Library) -> Iterator[Finding]:
    """Find shapes and constraints that do not say what is wrong, how bad it is, or what they are called."""
    graph = library.graph
    checks = {one.check: one.holder for one in library.constraints}
    for check, holder in sorted(checks.items(), key=lambda pair: library.name(pair[0])):
        if not any((node, SH.message, None) in graph for node in (check, holder)):
            what = "it has no sh:message: say in a sentence what is wrong and how to mend it"
            yield tell(library, "missing-message", what, check, None, "Warning")
        if (holder, SH.severity, None) not in graph:
            what = "it has no sh:severity, so it is a Violation: say so, or choose another one"
            yield tell(library, "missing-severity", what, holder, None, "Warning")
        if not any((check, link, None) in graph for link in (SH.name, RDFS.label)):
            yield tell(library, "missing-name", "it has no sh:name and no rdfs:label", check, None, "Info")


def _named(library: Library) -> Iterator[Finding]:
    """Find names that two shapes side by side have, and shapes that are described in two files."""
    graph = library.graph
    scopes: dict[Node | None, list[Node]] = defaultdict(list)
    for shape in library.targeted:
        scopes[None].append(shape)
        scopes[shape] += [*graph.objects(shape, SH.property), *graph.objects(shape, SH.sparql)]
    for scope, members in scopes.items():
        called: dict[str, set[Node]] = defaultdict(set)
        for member in members:
            for link in (SH.name, RDFS.label):
                for name in graph.objects(member, link):
                    called[str(name).strip().lower()].add(member)
        for called_so, same in sorted(called.items()):
            first, *others = sorted(same, key=library.name)
            for other in others:
                where = f" of {library.name(scope)}" if scope is not None else ""
                what = f"its name {called_so!r} is that of {library.name(first)}, too{where}: which is which?"
                yield tell(library, "duplicate-name", what, other, None, "Warning")
    for node in sorted(library.shapes, key=library.name):
        files = sorted({str(place.path) for place in library.places.get(node, ())})
        if len(files) > 1 and isinstance(node, rdflib.URIRef):
            what = (
                f"it is described in {len(files)} files ({', '.join(files)}), whose demands add up: describe it in one"
            )
            yield tell(library, "defined-twice", what, node, None, "Warning")


def _deprecated(library: Library, terms: Terms) -> Iterator[Finding]:
    for subject, predicate, value in sorted(library.graph):
        if str(value) in terms.deprecated and isinstance(value, rdflib.URIRef):
            what = f"{library.short(predicate)} names {library.short(value)}, which the ontology has given up"
            yield tell(library, "deprecated-term", what, subject, value, "Warning")


def mentioned(library: Library) -> frozenset[str]:
    """Give the IRIs that shapes speak of, in their triples and in their queries."""
    found = {str(node) for triple in library.graph for node in triple if isinstance(node, rdflib.URIRef)}
    for check in {one.check for one in library.constraints if one.parameter == "sparql"}:
        try:
            found |= query_terms(library, check)
        except InputError:
            continue  # told by lint_queries
    return frozenset(found)


def _unmentioned(library: Library, terms: Terms) -> Iterator[Finding]:
    """Find the project's own properties and classes that no shape looks at.

    A property below one that a shape names counts as looked at, a class below a target too.
    """
    spoken = mentioned(library)
    kinds = (
        ("property-without-shape", _PROPERTY_TYPES, terms.hierarchy.properties_above, "property"),
        ("class-without-shape", (OWL + "Class",), terms.hierarchy.all_above, "class"),
    )
    for rule, types, above, word in kinds:
        for term in terms.hierarchy.instances(*types):
            own = str(term).startswith(terms.own)
            if own and not any(str(one) in spoken for one in above(term)):
                message = f"{library.short(term)}: no shape looks at this {word} of the ontology"
                yield Finding("Info", rule, message, focus=term.n3())
