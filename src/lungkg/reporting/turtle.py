"""Writes a report as a sh:ValidationReport in Turtle."""

from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox

from lungkg.namespaces import RDF, SH, XSD
from lungkg.report import Finding, Report
from lungkg.reporting.listing import Layout, arrange

_TYPE: Final = ox.NamedNode(RDF + "type")
_PREFIXES: Final = {"sh": SH, "xsd": XSD}


def write(report: Report, layout: Layout) -> Iterator[str]:
    """Yield the results of SHACL as a standard report; findings of other checks are none and stay out.

    A path of several steps is left out of its result: it would take blank nodes of its own.
    """
    node = ox.BlankNode("report")
    triples = [
        ox.Triple(node, _TYPE, _sh("ValidationReport")),
        ox.Triple(node, _sh("conforms"), ox.Literal(report.conforms)),
    ]
    number = 0
    for group in arrange(report, layout):
        for finding in group.findings:
            if finding.component:
                number += 1
                result = ox.BlankNode(f"result{number}")
                triples.append(ox.Triple(node, _sh("result"), result))
                triples.append(ox.Triple(result, _TYPE, _sh("ValidationResult")))
                triples += [ox.Triple(result, predicate, value) for predicate, value in result_triples(finding)]
    content = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=_PREFIXES)
    yield (content or b"").decode()


def result_triples(finding: Finding) -> Iterator[tuple[ox.NamedNode, ox.NamedNode | ox.BlankNode | ox.Literal]]:
    """Yield what SHACL's vocabulary says of a finding, one of SHACL or not; its type is for the caller to say."""
    severity = finding.severity
    yield _sh("resultSeverity"), ox.NamedNode(severity) if ":" in severity else _sh(severity)
    if finding.component:
        yield _sh("sourceConstraintComponent"), ox.NamedNode(finding.component)
    yield _sh("resultMessage"), ox.Literal(finding.message or finding.said)
    for name, text in (("focusNode", finding.focus), ("resultPath", finding.path), ("value", finding.value)):
        term = _term(text)
        if term is not None:
            yield _sh(name), term
    if finding.shape:
        yield _sh("sourceShape"), _node(finding.shape)
    if finding.shape and finding.check not in ("", finding.shape):
        yield _sh("sourceConstraint"), _node(finding.check)


def _sh(name: str) -> ox.NamedNode:
    return ox.NamedNode(SH + name)


def _node(name: str) -> ox.NamedNode | ox.BlankNode:
    return ox.NamedNode(name) if ":" in name else ox.BlankNode(name)


def _term(text: str) -> ox.NamedNode | ox.BlankNode | ox.Literal | None:
    if not text:
        return None
    if text.startswith("_:"):
        return ox.BlankNode(text[2:])
    try:
        triple = next(iter(ox.parse(f"<x:s> <x:p> {text} .", format=ox.RdfFormat.N_TRIPLES))).triple
    except SyntaxError:
        return None
    return triple.object if isinstance(triple.object, ox.NamedNode | ox.BlankNode | ox.Literal) else None
