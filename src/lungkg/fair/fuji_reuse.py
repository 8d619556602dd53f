"""F-UJI's metrics v0.8 (https://doi.org/10.5281/zenodo.15045911), second half: interoperable and reusable.

Each has the identifier that it has there. What is said about the dataset is what its document says, in RDF
and within its page; the data are the distributions that it names.
"""

from typing import Final

import pyoxigraph as ox

from lungkg.endpoint_terms import SCHEMA, SD, VOID_EXT
from lungkg.fair.check import Answer
from lungkg.fair.dataset import GENERAL_STANDARDS, distributions, fuji, missing, text_of, untyped
from lungkg.fair.evidence import HTML, RDF_TYPES, Evidence, Facts, Unreadable, is_iri, json_ld, read_rdf
from lungkg.fair.results import Failure
from lungkg.fair.synonyms import CC, DC, DCAT, FOAF, PAV, SCHEMA_HTTP, SYNONYMS, VANN
from lungkg.namespaces import DCTERMS, OWL, PROV, RDF, RDFS, SH, SKOS, VOID, XSD

_EVERYWHERE: Final = (RDF, RDFS, OWL, XSD)
_REGISTERED: Final = (
    DCTERMS, DC, DCAT, FOAF, PAV, PROV, SCHEMA, SCHEMA_HTTP, SD, SH, SKOS, VANN, VOID, VOID_EXT, CC,
    "http://spdx.org/rdf/terms#", "http://www.w3.org/2006/vcard/ns#", "http://www.w3.org/ns/adms#",
)  # fmt: skip
_OPEN_TYPES: Final = (
    "text/", "application/json", "application/ld+json", "application/rdf+xml", "application/n-triples",
    "application/n-quads", "application/trig", "application/owl+xml", "application/xml", "application/jsonl",
    "application/x-ndjson", "application/gzip", "application/zip", "application/tab-separated-values",
)  # fmt: skip


# Interoperable


@fuji(
    "FsF-I1-01M-1",
    "What is said about the dataset stands within its page, for programs to read.",
    "Put JSON-LD with an inline context into the page.",
)
def embedded_reads(evidence: Evidence) -> Answer:
    """Parse the JSON-LD within the page, without a network."""
    scripts = json_ld(evidence.get(evidence.dataset, HTML))
    if not scripts:
        return [Failure(evidence.dataset, "its page has no JSON-LD in it")]
    return [] if evidence.embedded.triples else [Failure(evidence.dataset, "the JSON-LD in its page gives no triple")]


@fuji(
    "FsF-I1-01M-2",
    "What is said about the dataset can be asked for in RDF.",
    "Let the server negotiate between HTML and RDF at /dataset.",
)
def negotiated(evidence: Evidence) -> Answer:
    """Ask for each form of RDF."""
    failures = []
    for accept in RDF_TYPES:
        try:
            triples = read_rdf(evidence.get(evidence.dataset, accept), evidence.dataset)
        except Unreadable as problem:
            failures.append(Failure(evidence.dataset, f"asked for {accept}: {problem}"))
        else:
            if not Facts(triples).values(evidence.dataset, RDF + "type"):
                failures.append(
                    Failure(evidence.dataset, f"asked for {accept}: nothing there says what the dataset is")
                )
    return failures


@fuji(
    "FsF-I2-01M-2",
    "The description of the dataset uses registered vocabularies.",
    "Use Dublin Core, DCAT, VoID, PROV, schema.org and the like.",
)
def registered_words(evidence: Evidence) -> Answer:
    """Look at the namespaces of the properties; those of RDF and OWL themselves do not count."""
    used = {triple.predicate.value for triple in evidence.metadata.triples}
    if any(iri.startswith(_REGISTERED) for iri in used if not iri.startswith(_EVERYWHERE)):
        return []
    return [Failure(evidence.dataset, "no property of a registered vocabulary is used")]


@fuji(
    "FsF-I3-01M-1",
    "The dataset says what it is related to, and how.",
    "Write dcterms:source, dcterms:conformsTo, dcat:previousVersion and the like.",
)
def related(evidence: Evidence) -> Answer:
    """Look for a qualified reference, as text or as an IRI."""
    return missing(evidence, ("related resource",))


@fuji("FsF-I3-01M-2", "What it is related to is named by IRIs.", "Write an IRI in the place of a text.")
def related_by_iri(evidence: Evidence) -> Answer:
    """Look for a qualified reference that is an IRI."""
    values = evidence.metadata.said(evidence.dataset, "related resource")
    if any(isinstance(value, ox.NamedNode) for value in values):
        return []
    return [Failure(SYNONYMS["related resource"][0], f"{evidence.dataset} names no related resource by its IRI")]


# Reusable


@fuji("FsF-R1-01M-1", "The dataset says of what type it is.", "Give it the type dcat:Dataset.")
def typed(evidence: Evidence) -> Answer:
    """Look for a type of dataset."""
    return untyped(evidence)


@fuji(
    "FsF-R1-01M-2",
    "Each distribution says how big it is and in which format, or which endpoint serves it.",
    "Write dcat:byteSize and dcat:mediaType for each distribution.",
)
def measured(evidence: Evidence) -> Answer:
    """Look for size and media type, or an endpoint."""
    facts = evidence.metadata
    nodes = distributions(evidence)
    if not nodes:
        return missing(evidence, ("distribution",))
    return [
        Failure(node.strip("<>"), f"it says no {name}")
        for node in nodes
        if not facts.said(node, "endpoint") and not facts.values(node, DCAT + "accessService")
        for name in ("size", "media type")
        if not facts.said(node, name)
    ]


@fuji(
    "FsF-R1-01M-3",
    "The dataset says what is measured or recorded in it.",
    "Write schema:variableMeasured into the description of the dataset.",
)
def variables_said(evidence: Evidence) -> Answer:
    """Look for the variables."""
    return missing(evidence, ("variable",))


@fuji("FsF-R1.1-01M-1", "The dataset names its licence, by an IRI.", "Write dcterms:license.")
def licensed(evidence: Evidence) -> Answer:
    """Look for a licence."""
    values = evidence.metadata.said(evidence.dataset, "licence")
    if any(is_iri(text_of(value)) for value in values):
        return []
    return [Failure(SYNONYMS["licence"][0], f"{evidence.dataset} names no licence by an IRI")]


_ORIGIN: Final = ("creator", "publisher", "date of creation", "date of issue", "date of change", "source", "version")


@fuji("FsF-R1.2-01M-1", "The dataset says where it comes from.", f"Say one of {', '.join(_ORIGIN)}.")
def origin_said(evidence: Evidence) -> Answer:
    """Look for anything that maps to PROV."""
    facts = evidence.metadata
    if any(facts.said(evidence.dataset, name) for name in (*_ORIGIN, "related resource")):
        return []
    return missing(evidence, _ORIGIN)


@fuji(
    "FsF-R1.2-01M-2",
    "It says so in words of PROV or PAV.",
    "Write prov:wasGeneratedBy, prov:wasDerivedFrom or the like into the description of the dataset.",
)
def origin_formal(evidence: Evidence) -> Answer:
    """Look for the namespaces of PROV and PAV."""
    terms = {term for triple in evidence.metadata.triples for term in (triple.predicate, triple.object)}
    if any(isinstance(term, ox.NamedNode) and term.value.startswith((PROV, PAV)) for term in terms):
        return []
    return [Failure(evidence.dataset, "no term of PROV or PAV is used")]


def _standards(evidence: Evidence) -> list[str]:
    """List what the dataset conforms to and what was not written for it."""
    values = evidence.metadata.values(evidence.dataset, DCTERMS + "conformsTo")
    own = (evidence.project.base, evidence.project.written_base)
    return [iri for value in values if is_iri(iri := text_of(value)) and not iri.startswith(own)]


@fuji(
    "FsF-R1.3-01M-1",
    "The description follows a standard of the community that the data are for.",
    "Name the standard, such as a Bioschemas profile or a DCAT application profile, by dcterms:conformsTo.",
)
def of_the_community(evidence: Evidence) -> Answer:
    """Look for a standard that is neither of the project nor a general one."""
    if any(not iri.startswith(GENERAL_STANDARDS) for iri in _standards(evidence)):
        return []
    return [Failure(DCTERMS + "conformsTo", f"{evidence.dataset} names no standard of a community")]


@fuji(
    "FsF-R1.3-01M-3",
    "The description follows a standard that many communities share.",
    "Describe the dataset in DCAT, Dublin Core or schema.org.",
)
def of_many_communities(evidence: Evidence) -> Answer:
    """Look at the namespaces of what is said of the dataset."""
    said = [t for t in evidence.metadata.triples if str(t.subject) == f"<{evidence.dataset}>"]
    words = {triple.predicate.value for triple in said} | {text_of(triple.object) for triple in said}
    if any(word.startswith(GENERAL_STANDARDS) for word in words):
        return []
    return [Failure(evidence.dataset, "it is not described in DCAT, Dublin Core or schema.org")]


@fuji(
    "FsF-R1.3-02D-1",
    "The data are in open formats.",
    "Offer each distribution as text, RDF, JSON, CSV or another open format, and say so by dcat:mediaType.",
)
def open_formats(evidence: Evidence) -> Answer:
    """Look at the media type of each distribution; IANA's IRI of one is as good as its name."""
    nodes = distributions(evidence)
    if not nodes:
        return missing(evidence, ("distribution",))
    failures = []
    for node in nodes:
        types = [
            text_of(value).partition("media-types/")[2] or text_of(value)
            for value in evidence.metadata.said(node, "media type")
        ]
        if types and not any(name.startswith(_OPEN_TYPES) for name in types):
            failures.append(Failure(node.strip("<>"), f"{', '.join(types)} is not known as an open format"))
    return failures


INTEROPERABLE_REUSABLE: Final = (
    embedded_reads,
    negotiated,
    registered_words,
    related,
    related_by_iri,
    typed,
    measured,
    variables_said,
    licensed,
    origin_said,
    origin_formal,
    of_the_community,
    of_many_communities,
    open_formats,
)
