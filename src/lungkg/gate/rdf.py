"""Writes the report of a release as a sh:ValidationReport that says what it is about and what it rests on.

What shapes found are sh:result, waived ones too, as the standard has it; what other checks found are parts of the
report beside them. Everything has an IRI.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

import pyoxigraph as ox

from lungkg.dcat import checksum
from lungkg.endpoint_terms import DC, DQV, said
from lungkg.gate.basis import Basis, Hashed
from lungkg.linked.outline import Outline
from lungkg.linked.turtle import Shortener, pieces
from lungkg.linked.writing import prefixes
from lungkg.namespaces import DCTERMS, OWL, PROV, RDF, RDFS, SH
from lungkg.project import Project
from lungkg.report import Finding
from lungkg.reporting.listing import spot_of
from lungkg.reporting.turtle import result_triples
from lungkg.triples import english, instant

_TYPE: Final = RDF + "type"
_LABEL: Final = RDFS + "label"
_COMMENT: Final = RDFS + "comment"
_EACH: Final = 1_000
"""So many results are written at once: a report may have a hundred thousand."""


def turtle(
    findings: Sequence[Finding], verdict: str, basis: Basis, project: Project, *, conforms: bool
) -> Iterator[str]:
    """Yield the report in Turtle; equal findings give equal text."""
    shortener = Shortener({**prefixes(project), "dc": DC, "report": f"{basis.report}#"})
    declared: set[str] = set()
    starts = range(0, len(findings), _EACH)
    blocks = (_results(findings[start : start + _EACH], start + 1, basis) for start in starts)
    for triples in chain([_report(verdict, basis, project, conforms=conforms)], blocks):
        for piece in pieces(Outline(triples, basis.report), shortener):
            if not piece.startswith("@prefix") or piece not in declared:
                yield piece
                declared.update([piece] if piece.startswith("@prefix") else [])


def _report(verdict: str, basis: Basis, project: Project, *, conforms: bool) -> Iterator[ox.Triple]:
    report, run, software = basis.report, f"{basis.report}#validation", f"{basis.report}#software"
    yield said(report, _TYPE, SH + "ValidationReport")
    yield said(report, _TYPE, DQV + "QualityMetadata")
    yield said(report, _LABEL, english(f"validation of release {basis.release[:12]} of {basis.date}"))
    yield said(report, _COMMENT, english(verdict))
    yield said(report, SH + "conforms", ox.Literal(conforms))
    yield said(report, DCTERMS + "issued", instant(basis.date))
    yield said(report, DCTERMS + "subject", basis.dataset)
    yield said(report, DCTERMS + "license", project.license)
    yield said(report, PROV + "wasGeneratedBy", run)
    yield said(run, _TYPE, PROV + "Activity")
    yield said(run, _LABEL, english("validation before publication"))
    yield said(run, PROV + "used", basis.dataset)
    yield said(run, PROV + "wasAssociatedWith", software)
    yield from _agent(software, "lungkg", basis.software)
    for name, version in basis.engines.items():
        engine = f"{report}#{name}"
        yield said(run, PROV + "wasAssociatedWith", engine)
        yield from _agent(engine, name, version)
    for name, graph in (("shapes", basis.shapes), ("ontology", basis.ontology)):
        yield said(run, PROV + "used", f"{report}#{name}")
        yield from _graph(f"{report}#{name}", name, graph, basis)


def _agent(node: str, name: str, version: str) -> Iterator[ox.Triple]:
    yield said(node, _TYPE, PROV + "SoftwareAgent")
    yield said(node, _LABEL, english(f"{name} {version}"))
    yield said(node, DCTERMS + "title", english(name))
    yield said(node, OWL + "versionInfo", ox.Literal(version))


def _graph(node: str, name: str, graph: Hashed, basis: Basis) -> Iterator[ox.Triple]:
    """Describe a graph as it is in this release: its name stays the same when it changes."""
    yield said(node, _TYPE, PROV + "Entity")
    yield said(node, _LABEL, english(f"graph {name} of release {basis.release[:12]}"))
    yield said(node, _COMMENT, english("The checksum is that of its N-Triples, canonical by RDFC-1.0 and sorted."))
    yield said(node, PROV + "specializationOf", graph.iri)
    yield said(node, DCTERMS + "isPartOf", basis.dataset)
    yield from checksum(node, f"{node}-checksum", graph.sha256)


def _results(findings: Sequence[Finding], first: int, basis: Basis) -> Iterator[ox.Triple]:
    for number, finding in enumerate(findings, start=first):
        if finding.component:
            node = f"{basis.report}#result-{number}"
            yield said(basis.report, SH + "result", node)
            yield said(node, _TYPE, SH + "ValidationResult")
        else:
            node = f"{basis.report}#remark-{number}"
            yield said(basis.report, DCTERMS + "hasPart", node)
            yield said(node, _TYPE, SH + "AbstractResult")
            yield said(node, DCTERMS + "identifier", ox.Literal(finding.check))
        subject = ox.NamedNode(node)
        for predicate, value in result_triples(finding):
            yield ox.Triple(subject, predicate, value)
        if finding.link and finding.link != finding.shape:
            yield said(node, RDFS + "seeAlso", finding.link)
        if finding.place is not None:
            yield said(node, DC + "source", ox.Literal(spot_of(finding.place)))
        for text in (finding.sentence, finding.mend.text if finding.mend else "", finding.waived):
            if text and text != finding.message:
                yield said(node, _COMMENT, english(text))
