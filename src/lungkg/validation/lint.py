"""Finds what SHACL engines pass over in silence: terms that nobody declared.

A misspelt sh: term, target class or path checks nothing and conforms; here each is a finding. The same
holds for the data: every IRI used anywhere must be described somewhere in the release.
"""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

import pyoxigraph as ox
import rdflib
from rdflib import RDF, SH

from lungkg import lexer
from lungkg.endpoint_terms import DCAT
from lungkg.errors import Place
from lungkg.namespaces import DCTERMS, OWL, SKOS, VOID
from lungkg.namespaces import RDF as RDF_NS
from lungkg.namespaces import RDFS as RDFS_NS
from lungkg.namespaces import SH as SH_NS
from lungkg.namespaces import XSD as XSD_NS
from lungkg.report import Finding
from lungkg.stores import select

_CLOSED: Final = {
    RDF_NS: rdflib.RDF,
    RDFS_NS: rdflib.RDFS,
    OWL: rdflib.OWL,
    XSD_NS: rdflib.XSD,
    SH_NS: rdflib.SH,
    SKOS: rdflib.SKOS,
    VOID: rdflib.VOID,
}
"""Vocabularies that are the same everywhere, with the terms that they have."""

_CLASS_SLOTS: Final = (SH.targetClass, SH["class"])
_PROPERTY_SLOTS: Final = (
    SH.targetSubjectsOf, SH.targetObjectsOf, SH.equals, SH.disjoint, SH.lessThan, SH.lessThanOrEquals,
)  # fmt: skip
_PATH_STEPS: Final = (
    SH.path, SH.inversePath, SH.alternativePath, SH.zeroOrMorePath, SH.oneOrMorePath, SH.zeroOrOnePath,
)  # fmt: skip


def is_builtin(iri: str) -> bool:
    """Say whether an IRI is a term of a vocabulary that is the same everywhere.

    >>> is_builtin("http://www.w3.org/ns/shacl#minCount"), is_builtin("http://www.w3.org/ns/shacl#mincount")
    (True, False)
    """
    for namespace, terms in _CLOSED.items():
        if iri.startswith(namespace):
            return rdflib.URIRef(iri) in terms
    return False


def lint_shapes(shapes: rdflib.Graph, declared: frozenset[str]) -> Iterator[Finding]:
    """Find the terms in shapes that mean nothing: unknown sh: terms, undeclared classes and properties."""
    for subject, predicate, value in sorted(shapes):
        for term in (predicate, value):
            if isinstance(term, rdflib.URIRef) and term.startswith(SH_NS) and not is_builtin(str(term)):
                yield _finding(
                    "unknown-shacl-term",
                    subject,
                    term,
                    f"{term} is not a term of SHACL; it would check nothing",
                )
        if predicate in _CLASS_SLOTS and not _known(value, declared):
            yield _finding("undeclared-class", subject, value, f"the ontology does not declare the class {value}")
        if predicate in _PROPERTY_SLOTS and not _known(value, declared):
            yield _finding("undeclared-property", subject, value, f"the ontology does not declare the property {value}")
        if predicate in _PATH_STEPS:
            yield from _lint_path(shapes, subject, value, declared)
        if predicate in (SH["in"], SH.hasValue):
            yield from _lint_values(shapes, subject, predicate, value, declared)
        if predicate == SH.select:
            yield from _lint_constraint(shapes, subject, str(value), declared)


def _known(term: object, declared: frozenset[str]) -> bool:
    return not isinstance(term, rdflib.URIRef) or str(term) in declared or is_builtin(str(term))


def _lint_path(
    shapes: rdflib.Graph, subject: rdflib.term.Node, path: rdflib.term.Node, declared: frozenset[str]
) -> Iterator[Finding]:
    is_list = (path, RDF.first, None) in shapes
    for step in shapes.items(path) if is_list else [path]:
        if not _known(step, declared):
            yield _finding("undeclared-property", subject, step, f"the ontology does not declare the property {step}")


def _lint_values(
    shapes: rdflib.Graph,
    subject: rdflib.term.Node,
    predicate: rdflib.term.Node,
    value: rdflib.term.Node,
    declared: frozenset[str],
) -> Iterator[Finding]:
    for item in shapes.items(value) if predicate == SH["in"] else [value]:
        if not _known(item, declared):
            yield _finding("undeclared-value", subject, item, f"the ontology does not declare {item}")


def _lint_constraint(
    shapes: rdflib.Graph, constraint: rdflib.term.Node, text: str, declared: frozenset[str]
) -> Iterator[Finding]:
    """Find the terms in a sh:sparql query that nobody declared."""
    prefixes = {
        str(shapes.value(declaration, SH.prefix)): str(shapes.value(declaration, SH.namespace))
        for holder in shapes.objects(constraint, SH.prefixes)
        for declaration in shapes.objects(holder, SH.declare)
    }
    for finding in lint_query(text, prefixes, declared):
        yield replace(finding, focus=constraint.n3())


def lint_query(
    text: str, prefixes: Mapping[str, str], declared: frozenset[str], place: Place | None = None
) -> Iterator[Finding]:
    """Find the terms in a query that nobody declared: it would find nothing, and say so to nobody."""
    for iri in sorted(query_iris(text, prefixes)):
        if iri.startswith("?"):
            message = f"the prefix {iri[1:]}: is not declared"
            yield Finding("Violation", "undeclared-prefix", message, value=iri[1:], place=place)
        elif iri not in declared and not is_builtin(iri) and not iri.endswith(("/", "#")):
            message = f"the ontology does not declare {iri}"
            yield Finding("Violation", "undeclared-term", message, value=f"<{iri}>", place=place)


def query_iris(text: str, prefixes: Mapping[str, str]) -> set[str]:
    """Collect the IRIs that a query uses; a name with an unknown prefix comes back as "?prefix"."""
    found: set[str] = set()
    known = dict(prefixes)
    before = ["", ""]
    for token in lexer.tokens(text):
        declares = "PREFIX" in (before[0].upper(), before[1].upper())
        if token.kind == "iri":
            if before[0].upper() == "PREFIX":
                known[before[1].rstrip(":")] = token.text[1:-1]
            elif before[1].upper() != "BASE":
                found.add(token.text[1:-1])
        elif token.kind == "name" and not declares:
            prefix, _, local = token.text.partition(":")
            found.add(known[prefix] + local.replace("\\", "") if prefix in known else f"?{prefix}")
        before = [before[1], token.text]
    return found


def lint_data(store: ox.Store) -> Iterator[Finding]:
    """Find the IRIs of a store that nothing describes: used as property, value or subject, never typed."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        undescribed = list(threads.map(lambda use: _undescribed(store, *_USES[use]), _USES))
    for use, iris in zip(_USES, undescribed, strict=True):
        pattern, condition = _USES[use]
        for iri in iris:
            here = f"{pattern} {condition}".replace("?iri", iri)
            (example,) = select(store, f"SELECT * {{ {here} }} LIMIT 1")
            focus = iri if pattern.startswith("?iri") else str(example["s"])
            what = f"{iri.strip('<>')} is used as {use}, but nothing says what it is"
            yield Finding("Violation", "undeclared-term", what, focus, value=iri)


def _undescribed(store: ox.Store, pattern: str, condition: str) -> list[str]:
    distinct = f"SELECT DISTINCT ?iri {{ {pattern} {condition} }}"
    untyped = f"FILTER NOT EXISTS {{ ?iri <{RDF.type}> ?type }}"
    rows = select(store, f"SELECT ?iri {{ {{ {distinct} }} {untyped} }}")
    return [str(row["iri"]) for row in rows if not is_builtin(row["iri"].value)]


_TO_THE_WEB: Final = ", ".join(
    f"<{iri}>"
    for iri in (
        DCAT + "accessURL",
        DCAT + "downloadURL",
        DCAT + "landingPage",
        DCTERMS + "accessRights",
        DCTERMS + "license",
        DCTERMS + "source",
        OWL + "versionIRI",
        OWL + "priorVersion",
        RDFS_NS + "isDefinedBy",
        RDFS_NS + "seeAlso",
        VOID + "dataDump",
    )
)
"""Properties whose values are pages and files on the web, which describe themselves."""

_USES: Final = {
    "a property": ("?s ?iri ?o", ""),
    "a value": ("?s ?p ?iri", f"FILTER(isIRI(?iri) && ?p NOT IN ({_TO_THE_WEB}))"),
    "a subject": ("?iri ?p ?o", "FILTER(isIRI(?iri))"),
}
"""Where an IRI may stand: a pattern, and what else must hold."""


def _finding(rule: str, subject: object, value: object, message: str) -> Finding:
    focus = subject.n3() if isinstance(subject, rdflib.term.Node) else str(subject)
    return Finding("Violation", rule, message, focus, value=str(value))
