"""The results in RDF, as the W3C's Evaluation and Report Language (EARL 1.0) has them, and in one sentence.

EARL knows no waivers: a failure that is waived is a failure there, with a comment that says why it stands.
"""

from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox

from lungkg import __version__
from lungkg.endpoint_terms import said
from lungkg.fair.results import Assessment, Result, Standing
from lungkg.formats import Format
from lungkg.namespaces import DCTERMS, OWL, RDF, RDFS, Minter
from lungkg.project import Project
from lungkg.triples import english

EARL: Final = "http://www.w3.org/ns/earl#"
PATH: Final = "status/fair"
"""Where the results stand, below the base."""

_FOOPS_TESTS: Final = "https://w3id.org/foops/test/"


def summary(assessment: Assessment, day: str) -> str:
    """Say in one sentence how a release stands on a day (ISO 8601)."""
    counts = assessment.counts(day)
    elsewhere = counts.pop(Standing.OPEN_WEB)
    told = "".join(f"{count} {standing}, " for standing, count in counts.items())
    return f"{len(assessment.results)} checks of FAIRness: {told}{elsewhere} for the open web"


def triples(assessment: Assessment, project: Project) -> Iterator[ox.Triple]:
    """Yield the results in EARL; every node has an IRI of its own in the document about them."""
    here = project.base + PATH
    yield said(here, RDFS + "label", english(f"FAIRness of {project.title}"))
    yield said(here, DCTERMS + "subject", Minter(project.base).dataset)
    for result in assessment.results:
        yield said(here, DCTERMS + "hasPart", f"{here}#{result.check}")
    software = f"{here}#software"
    yield said(software, RDF + "type", EARL + "Software")
    yield said(software, DCTERMS + "title", english("lungkg"))
    yield said(software, OWL + "versionInfo", ox.Literal(__version__))
    for result in assessment.results:
        subject = project.ont.removesuffix("#") if result.listing == "FOOPS!" else Minter(project.base).dataset
        assertion = f"{here}#{result.check}"
        yield said(assertion, RDF + "type", EARL + "Assertion")
        yield said(assertion, EARL + "assertedBy", software)
        yield said(assertion, EARL + "mode", EARL + "automatic")
        yield said(assertion, EARL + "subject", subject)
        yield said(assertion, EARL + "test", f"{assertion}-test")
        yield said(assertion, EARL + "result", f"{assertion}-result")
        yield from _test(result, f"{assertion}-test")
        yield from _result(result, f"{assertion}-result")


def _test(result: Result, node: str) -> Iterator[ox.Triple]:
    yield said(node, RDF + "type", EARL + "TestCriterion")
    yield said(node, DCTERMS + "identifier", ox.Literal(result.check))
    yield said(node, DCTERMS + "title", english(f"{result.listing} {result.check}"))
    yield said(node, DCTERMS + "description", english(result.wants))
    if result.listing == "FOOPS!":
        yield said(node, RDFS + "seeAlso", _FOOPS_TESTS + result.check)


def _result(result: Result, node: str) -> Iterator[ox.Triple]:
    outcome = "untested" if result.look_up else "failed" if result.failures else "passed"
    yield said(node, RDF + "type", EARL + "TestResult")
    yield said(node, EARL + "outcome", EARL + outcome)
    for failure in result.failures:
        yield said(node, EARL + "info", english(f"{failure.about}: {failure.message}"))
    if result.failures and result.mend:
        yield said(node, RDFS + "comment", english(result.mend))
    if result.look_up:
        yield said(node, EARL + "info", english(f"Look up {result.look_up}."))
    if result.waiver and result.failures:
        waiver = result.waiver
        yield said(node, RDFS + "comment", english(f"Waived until {waiver.until} by {waiver.by}: {waiver.reason}"))


def write_rdf(assessment: Assessment, project: Project, form: Format) -> bytes:
    """Write the results in a form of RDF; equal results give equal bytes."""
    found = list(triples(assessment, project))
    rdf = ox.RdfFormat.from_media_type(form.media_type)
    if rdf != ox.RdfFormat.TURTLE:
        return ox.serialize(found, format=rdf) or b""
    prefixes = {"dcterms": DCTERMS, "earl": EARL, "owl": OWL, "rdfs": RDFS}
    lines = (ox.serialize(found, format=rdf, prefixes=prefixes) or b"").split(b"\n")
    # Their order is another one in each process.
    return b"\n".join([*sorted(lines[: len(prefixes)]), *lines[len(prefixes) :]])
