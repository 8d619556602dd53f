"""Validates a graph that fits in memory, as `lungkg validate` does: one report, two forms.

The stages: core constraints by pySHACL, then each sh:sparql constraint once for all nodes that passed.
"""

import warnings

import pyoxigraph as ox
import rdflib
from pyshacl.errors import ValidationWarning
from rdflib import RDF, SH
from rdflib.util import from_n3

from lungkg.report import Finding, Report
from lungkg.validation.guarded import guarded_results
from lungkg.validation.shacl import SetBased, Shapes, core_findings, set_based_findings


def store_of(data: rdflib.Graph) -> ox.Store:
    """Put a graph into a store, its blank nodes under the same names."""
    store = ox.Store()
    # Parsed rather than bulk-loaded: a bulk load would rename the blank nodes that results speak of.
    lines = ox.parse(data.serialize(format="nt", encoding="utf-8"), format=ox.RdfFormat.N_TRIPLES)
    store.bulk_extend(lines)
    return store


def check_lists(shapes: rdflib.Graph) -> None:
    """Raise ValueError for a list that leads back to itself, which nobody could read to its end."""
    ending: set[rdflib.term.Node | None] = {None}
    for start in sorted(set(shapes.subjects(RDF.rest)), key=str):
        passed: set[rdflib.term.Node | None] = set()
        node: rdflib.term.Node | None = start
        while node not in ending:
            if node in passed:
                raise ValueError(f"the shapes cannot be used: {_list_name(shapes, passed)} is a list without an end")
            passed.add(node)
            node = shapes.value(node, RDF.rest)
        ending |= passed


def _list_name(shapes: rdflib.Graph, nodes: set[rdflib.term.Node | None]) -> str:
    """Say whose a list is, by what points into it from elsewhere."""
    for owner, link, node in sorted(shapes, key=str):
        if node in nodes and link != RDF.rest:
            return f"what {owner.n3(shapes.namespace_manager)} has as {link.n3(shapes.namespace_manager)}"
    return "something"


def validate(
    data: rdflib.Graph, shapes: Shapes, store: ox.Store | None = None, *, passing_over: bool = True
) -> tuple[Report, rdflib.Graph]:
    """Run all constraints over a graph; gives the findings and the same as a sh:ValidationReport.

    `store` holds the same graph, if there is one already. With `passing_over`, the query constraints are
    asked only of nodes that passed the others, and the report says of how many they were not; without,
    the results are all those that plain pySHACL gives. Raises ValueError when the shapes cannot be used.
    """
    check_lists(shapes.graph)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", ValidationWarning)
        results = guarded_results(data, shapes.core)
    core = list(core_findings(results))
    report = Report(core, sorted({_first_line(one.message) for one in warned if _is_about_shapes(one.category)}))
    if shapes.set_based:
        failed = frozenset(one.focus for one in core if one.severity == "Violation") if passing_over else frozenset()
        asked = store or store_of(data)
        queried = [(one, f) for one in shapes.set_based for f in set_based_findings(asked, one, passed_over=failed)]
        report.add(finding for _, finding in queried)
        results = _with(results, queried)
        if failed:
            report.notes.append(_passed_over(len(failed), len(shapes.set_based)))
    return report, results


def _is_about_shapes(category: type[Warning]) -> bool:
    return issubclass(category, ValidationWarning)


def _first_line(warning: Warning | str) -> str:
    return str(warning).split("\n", maxsplit=1)[0].removeprefix("Warning, ")


def severity_iri(severity: str) -> rdflib.URIRef:
    """Give the IRI of a severity: one of SHACL's by its name, another one as it is."""
    return rdflib.URIRef(severity if ":" in severity else f"{SH}{severity}")


def _passed_over(nodes: int, constraints: int) -> str:
    what = "One node has" if nodes == 1 else f"{nodes} nodes have"
    queries = "the query constraint was" if constraints == 1 else f"the {constraints} query constraints were"
    them = "it" if nodes == 1 else "them"
    return f"{what} results already, so {queries} not asked of {them}: mend, and validate again."


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
        if finding.path:
            results.add((node, SH.resultPath, _term(finding.path)))
        results.add((node, SH.resultSeverity, severity_iri(finding.severity)))
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
