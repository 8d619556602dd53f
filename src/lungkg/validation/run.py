"""Validates a graph that fits in memory, as `lungkg validate` does: one report, two forms."""

import pyoxigraph as ox
import rdflib
from rdflib import RDF, SH
from rdflib.util import from_n3

from lungkg.report import Finding, Report
from lungkg.validation.shacl import SetBased, Shapes, core_findings, core_results, set_based_findings


def validate(data: rdflib.Graph, shapes: Shapes) -> tuple[Report, rdflib.Graph]:
    """Run all constraints over a graph; gives the findings and the same as a sh:ValidationReport.

    Raises ValueError when the shapes themselves cannot be used.
    """
    results = core_results(data, shapes.core)
    core = list(core_findings(results))
    store = ox.Store()
    # Parsed rather than bulk-loaded: a bulk load would rename the blank nodes that results speak of.
    lines = ox.parse(data.serialize(format="nt", encoding="utf-8"), format=ox.RdfFormat.N_TRIPLES)
    store.bulk_extend(lines)
    failed = frozenset(finding.focus for finding in core)
    queried = [(one, f) for one in shapes.set_based for f in set_based_findings(store, one, passed_over=failed)]
    return Report([*core, *(finding for _, finding in queried)]), _with(results, queried)


def _with(results: rdflib.Graph, findings: list[tuple[SetBased, Finding]]) -> rdflib.Graph:
    """Add findings to pySHACL's results graph."""
    report = results.value(None, RDF.type, SH.ValidationReport)
    if report is None:
        raise ValueError("pySHACL gave no report")
    if findings:
        results.set((report, SH.conforms, rdflib.Literal(False)))
    for one, finding in findings:
        node = rdflib.BNode()
        results.add((report, SH.result, node))
        results.add((node, RDF.type, SH.ValidationResult))
        results.add((node, SH.focusNode, _term(finding.focus)))
        results.add((node, SH.value, _term(finding.value)))
        results.add((node, SH.resultSeverity, SH[finding.severity]))
        results.add((node, SH.sourceShape, one.shape))
        results.add((node, SH.sourceConstraint, one.constraint))
        results.add((node, SH.sourceConstraintComponent, rdflib.URIRef(finding.component)))
        results.add((node, SH.resultMessage, rdflib.Literal(finding.message)))
    return results


def _term(text: str) -> rdflib.term.Node:
    term = from_n3(text)
    if not isinstance(term, rdflib.term.Node):
        raise TypeError(f"not a term: {text}")
    return term
