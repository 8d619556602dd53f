"""The 24 tests of FOOPS! (https://w3id.org/foops/), over the ontology of a project and the server of a release.

Each has the identifier that it has there and asks for the same; where FOOPS! looks something up on the
open web, so does whoever reads the result, for a build has no network.
"""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import pyoxigraph as ox

from lungkg.endpoint_terms import SCHEMA
from lungkg.fair.check import Answer, Check, check
from lungkg.fair.evidence import HTML, RDF_TYPES, Evidence, Reply, Unreadable, host, read_rdf
from lungkg.fair.results import Failure, OpenWeb
from lungkg.fair.synonyms import BIBO, DC, DOAP, FOAF, MOD, PAV, SCHEMA_HTTP, SYNONYMS, VANN
from lungkg.namespaces import DCTERMS, OWL, PROV, RDF, RDFS, SKOS, XSD

LISTING: Final = "FOOPS!"

_foops: Final[Callable[..., Callable[..., Check]]] = partial(check, LISTING)
_DEFINITION_IAO: Final = "http://purl.obolibrary.org/obo/IAO_0000115"
_LASTING: Final = re.compile(
    r"(.*\.)?(w3id\.org|doi\.org|purl\.[a-z.]+|linked\.data\.gov\.au|dbpedia\.org|w3\.org|perma\.cc|data\.europa\.eu)"
)
_TERM_TYPES: Final = tuple(OWL + name for name in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty"))
_FOR_METADATA: Final = (DC, DCTERMS, SCHEMA, SCHEMA_HTTP, VANN, PROV, BIBO, PAV, FOAF, DOAP, MOD, OWL, RDFS)
_LANGUAGE_OF_ONTOLOGIES: Final = (RDF, RDFS, OWL, XSD)
_DOI: Final = re.compile(r"(https?://(dx\.)?doi\.org/|doi:)?10\.\d{4,}/\S+", re.IGNORECASE)


def is_lasting(iri: str) -> bool:
    """Say whether an IRI is of a service that promises to keep its addresses.

    >>> is_lasting("https://w3id.org/lungkg/ont"), is_lasting("http://localhost:8080/ont")
    (True, False)
    """
    return _LASTING.fullmatch(host(iri)) is not None


def missing(evidence: Evidence, names: Sequence[str]) -> list[Failure]:
    """Find which of some metadata the ontology does not have; each failure is about the property to write."""
    facts, ontology = evidence.vocabulary, evidence.ontology
    return [
        Failure(SYNONYMS[name][0], f"{ontology} says no {name}")
        for name in names
        if not (_dois(evidence) if name == "DOI" else facts.said(ontology, name))
    ]


def _dois(evidence: Evidence) -> list[str]:
    values = evidence.vocabulary.said(evidence.ontology, "DOI")
    texts = [value.value for value in values if isinstance(value, ox.NamedNode | ox.Literal)]
    return [text for text in texts if _DOI.fullmatch(text)]


def _answers(evidence: Evidence, iri: str, accept: str) -> tuple[Reply, str]:
    """Ask for an IRI in RDF; gives the answer and what is wrong with it, "" when it reads."""
    reply = evidence.get(iri, accept)
    try:
        triples = read_rdf(reply, iri)
    except Unreadable as problem:
        return reply, str(problem)
    return reply, "" if triples else "there is no triple in it"


def _in_some_rdf(evidence: Evidence, iri: str) -> list[Failure]:
    """Find out whether an IRI resolves to RDF of any form."""
    problems = {accept: _answers(evidence, iri, accept)[1] for accept in RDF_TYPES}
    if "" in problems.values():
        return []
    return [Failure(iri, f"asked for {accept}: {problem}") for accept, problem in problems.items()]


def _as_page(evidence: Evidence, iri: str) -> list[Failure]:
    reply = evidence.get(iri, HTML)
    if (reply.status, reply.media_type) == (200, HTML):
        return []
    return [Failure(iri, f"asked for {HTML}: status {reply.status}, {reply.media_type or 'no media type'}")]


# How it is found


@_foops(
    "PURL1",
    "The IRI of the ontology is of a service that promises to keep its addresses.",
    "Publish under a base at w3id.org, purl.org, doi.org or the like.",
)
def lasting(evidence: Evidence) -> Answer:
    """Look at the host of the ontology's IRI."""
    iri = evidence.ontology
    return [] if is_lasting(iri) else [Failure(iri, f"{host(iri)} is none of those services")]


@_foops("URI1", "The IRI of the ontology resolves to RDF.", "Let the server answer /ont in Turtle.")
def resolves(evidence: Evidence) -> Answer:
    """Ask for the ontology in each form of RDF."""
    return _in_some_rdf(evidence, evidence.ontology)


@_foops(
    "URI2",
    "The IRI that is asked for is the IRI that the ontology gives itself.",
    "Give the owl:Ontology in ontology/ the IRI that it is published under.",
)
def same_iri(evidence: Evidence) -> Answer:
    """Compare the owl:Ontology within the answer with what was asked for."""
    reply, problem = _answers(evidence, evidence.ontology, RDF_TYPES[0])
    if problem:
        return [Failure(evidence.ontology, problem)]
    named = {
        triple.subject.value
        for triple in read_rdf(reply, evidence.ontology)
        if isinstance(triple.subject, ox.NamedNode) and triple.object == ox.NamedNode(OWL + "Ontology")
    }
    if evidence.ontology in named:
        return []
    return [Failure(evidence.ontology, f"the answer describes {', '.join(sorted(named)) or 'no owl:Ontology'}")]


def _versions(evidence: Evidence) -> list[str]:
    values = evidence.vocabulary.values(evidence.ontology, OWL + "versionIRI")
    return [value.value for value in values if isinstance(value, ox.NamedNode)]


@_foops(
    "VER1",
    "Each version of the ontology has an IRI of its own.",
    "Write owl:versionIRI into the header of the ontology, such as <…/ont/1.0.0>.",
)
def version_named(evidence: Evidence) -> Answer:
    """Look for an owl:versionIRI that is not the ontology's."""
    versions = _versions(evidence)
    if not versions:
        return [Failure(evidence.ontology, "it has no owl:versionIRI")]
    return [Failure(iri, "it is the IRI of the ontology itself") for iri in versions if iri == evidence.ontology]


@_foops("VER2", "The IRI of the version resolves.", "Let the server answer the owl:versionIRI.")
def version_resolves(evidence: Evidence) -> Answer:
    """Ask for each version IRI in RDF."""
    versions = _versions(evidence)
    if not versions:
        return [Failure(evidence.ontology, "it has no owl:versionIRI")]
    return [failure for iri in versions for failure in _in_some_rdf(evidence, iri)]


# What is said about it


_MINIMUM: Final = ("title", "description", "licence", "version IRI", "creator", "namespace")
_RECOMMENDED: Final = ("prefix", "version", "date of creation", "citation")
_DETAILED: Final = ("DOI", "publisher", "logo", "status", "source", "date of issue")


@_foops("OM1", f"The ontology says the minimum: {', '.join(_MINIMUM)}.", "Write it into the header of the ontology.")
def minimum(evidence: Evidence) -> Answer:
    """Look for the minimum of metadata."""
    return missing(evidence, _MINIMUM)


@_foops(
    "OM2",
    f"The ontology says what is recommended: {', '.join(_RECOMMENDED)}.",
    "Write it into the header of the ontology.",
)
def recommended(evidence: Evidence) -> Answer:
    """Look for the recommended metadata."""
    return missing(evidence, _RECOMMENDED)


@_foops(
    "OM3",
    f"The ontology is described in detail: {', '.join(_DETAILED)}.",
    "Write it into the header of the ontology; a DOI only when one is registered.",
)
def detailed(evidence: Evidence) -> Answer:
    """Look for the detailed metadata."""
    return missing(evidence, _DETAILED)


@_foops(
    "FIND1",
    "The ontology says which prefix to use for it.",
    "Write vann:preferredNamespacePrefix into the header of the ontology.",
)
def prefix_said(evidence: Evidence) -> Answer:
    """Look for the preferred prefix."""
    return missing(evidence, ("prefix",))


@_foops(
    "FIND2",
    "The prefix is known to prefix.cc or Linked Open Vocabularies, for this namespace.",
    "Write vann:preferredNamespacePrefix into the header of the ontology, and have it registered.",
)
def prefix_known(evidence: Evidence) -> Answer:
    """Nobody here knows what prefix.cc and LOV know."""
    values = evidence.vocabulary.said(evidence.ontology, "prefix")
    prefixes = [value.value for value in values if isinstance(value, ox.Literal)]
    if not prefixes:
        return [Failure(SYNONYMS["prefix"][0], f"{evidence.ontology} says no prefix")]
    return OpenWeb(f"whether http://prefix.cc/{prefixes[0]} or https://lov.linkeddata.es has it for this namespace")


def _catalogued(evidence: Evidence) -> Answer:
    if evidence.vocabulary.said(evidence.ontology, "catalogue"):
        return []
    return OpenWeb(f"whether https://lov.linkeddata.es lists {evidence.ontology}")


@_foops("FIND3", "The ontology is in a public catalogue, or names the one that it is in.")
def in_catalogue(evidence: Evidence) -> Answer:
    """Take the ontology's word for it; else somebody has to look it up."""
    return _catalogued(evidence)


@_foops("FIND_3_BIS", "What is said about the ontology can be had without it, from a public catalogue.")
def described_elsewhere(evidence: Evidence) -> Answer:
    """The same test as FIND3, as it is there."""
    return _catalogued(evidence)


# How it is had


@_foops(
    "HTTP1", "The IRI of the ontology is of an open protocol, HTTP or HTTPS.", "Publish under a base with https://."
)
def open_protocol(evidence: Evidence) -> Answer:
    """Look at the scheme."""
    iri = evidence.ontology
    return [] if iri.startswith(("http://", "https://")) else [Failure(iri, "this is neither http nor https")]


@_foops(
    "CN1",
    "One IRI gives people a page and programs RDF, as they ask.",
    "Let the server negotiate between HTML and RDF at /ont.",
)
def negotiated(evidence: Evidence) -> Answer:
    """Ask for the ontology as a page and in RDF."""
    return [*_as_page(evidence, evidence.ontology), *_in_some_rdf(evidence, evidence.ontology)]


# How it fits in


@_foops(
    "RDF1",
    "The RDF of the ontology reads without an error in each form that is offered.",
    "Mend what the server writes at /ont.",
)
def well_formed(evidence: Evidence) -> Answer:
    """Read each form, and compare how many triples are in it."""
    failures, counts = [], {}
    for accept in RDF_TYPES:
        reply, problem = _answers(evidence, evidence.ontology, accept)
        if problem:
            failures.append(Failure(evidence.ontology, f"asked for {accept}: {problem}"))
        else:
            counts[accept] = len(set(read_rdf(reply, evidence.ontology)))
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{count} in {accept}" for accept, count in counts.items())
        failures.append(Failure(evidence.ontology, f"the forms have different numbers of triples: {told}"))
    return failures


@_foops(
    "VOC1",
    "The ontology is described in words of vocabularies that others know.",
    "Use Dublin Core, VANN, PROV and the like in the header of the ontology.",
)
def known_words(evidence: Evidence) -> Answer:
    """Look at the namespaces of the properties in the header."""
    used = {
        triple.predicate.value
        for triple in evidence.vocabulary.triples
        if triple.subject == ox.NamedNode(evidence.ontology) and triple.predicate.value != RDF + "type"
    }
    if any(iri.startswith(_FOR_METADATA) for iri in used):
        return []
    return [Failure(evidence.ontology, "its header uses no vocabulary for metadata")]


@_foops(
    "VOC2",
    "The ontology imports other vocabularies, or uses their terms.",
    "Reuse a class or a property of another vocabulary, or write owl:imports.",
)
def builds_on_others(evidence: Evidence) -> Answer:
    """Look for owl:imports, or for a declared class or property of another namespace."""
    facts = evidence.vocabulary
    own = (evidence.project.ont, evidence.ontology, *_LANGUAGE_OF_ONTOLOGIES)
    reused = [term for term in facts.of_type(*_TERM_TYPES) if not term.value.startswith(own)]
    if reused or facts.values(evidence.ontology, OWL + "imports"):
        return []
    return [Failure(evidence.ontology, "it has only terms of its own")]


# What others need to use it


@_foops("DOC1", "People who ask for the ontology get a page.", "Let the server answer /ont in HTML.")
def documented(evidence: Evidence) -> Answer:
    """Ask for a page."""
    return _as_page(evidence, evidence.ontology)


@_foops("OM4.1", "The ontology says what may be done with it.", "Write dcterms:license into its header.")
def licensed(evidence: Evidence) -> Answer:
    """Look for a licence, or for rights."""
    if evidence.vocabulary.said(evidence.ontology, "rights"):
        return []
    return missing(evidence, ("licence",))


@_foops("OM4.2", "The licence of the ontology can be read at its IRI.", "Name the licence by an IRI that resolves.")
def licence_resolves(evidence: Evidence) -> Answer:
    """A licence stands elsewhere, so only the open web can tell; that it is an IRI can be told here."""
    values = evidence.vocabulary.said(evidence.ontology, "licence")
    if not values:
        return missing(evidence, ("licence",))
    failures = [
        Failure(evidence.ontology, f"the licence {value} is no IRI")
        for value in values
        if not isinstance(value, ox.NamedNode)
    ]
    return failures or OpenWeb(f"whether {' and '.join(str(value).strip('<>') for value in values)} resolves")


@_foops("OM5.1", "The ontology says who made it and when.", "Write dcterms:creator and dcterms:created.")
def made_by(evidence: Evidence) -> Answer:
    """Look for creator and creation date."""
    return missing(evidence, ("creator", "date of creation"))


@_foops("OM5.2", "The ontology says who published it and when.", "Write dcterms:publisher and dcterms:issued.")
def published_by(evidence: Evidence) -> Answer:
    """Look for publisher and date of issue."""
    return missing(evidence, ("publisher", "date of issue"))


def _every_term(evidence: Evidence, properties: Sequence[str], what: str) -> list[Failure]:
    """Find the classes and properties without a text, those of other vocabularies that are declared, too."""
    facts = evidence.vocabulary
    terms = facts.of_type(*_TERM_TYPES)
    if not terms:
        return [Failure(evidence.ontology, "it declares no term")]
    return [Failure(term.value, f"it has no {what}") for term in terms if not facts.values(term.value, *properties)]


@_foops("VOC3", "Every class and property has a label.", "Give each a rdfs:label.")
def labelled(evidence: Evidence) -> Answer:
    """Look at every class and property that is declared, whatever its namespace."""
    return _every_term(evidence, (RDFS + "label", SKOS + "prefLabel"), "label")


@_foops("VOC4", "Every class and property has a definition.", "Give each a skos:definition and a rdfs:comment.")
def defined(evidence: Evidence) -> Answer:
    """Look at every class and property that is declared, whatever its namespace."""
    return _every_term(evidence, (RDFS + "comment", SKOS + "definition", _DEFINITION_IAO), "definition")


FOOPS: Final = (
    lasting, resolves, same_iri, version_named, version_resolves, minimum, recommended, detailed, prefix_said,
    prefix_known, in_catalogue, described_elsewhere, open_protocol, negotiated, well_formed, known_words,
    builds_on_others, documented, licensed, licence_resolves, made_by, published_by, labelled, defined,
)  # fmt: skip
"""In the order of the FAIR principles that they stand for."""
