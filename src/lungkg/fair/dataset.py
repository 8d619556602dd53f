"""The dataset as its document describes it: what the tests of F-UJI look at."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import pyoxigraph as ox

from lungkg.endpoint_terms import SCHEMA
from lungkg.fair.check import Check, check
from lungkg.fair.evidence import Evidence, Term
from lungkg.fair.results import Failure
from lungkg.fair.synonyms import DC, DCAT, SCHEMA_HTTP, SYNONYMS
from lungkg.namespaces import DCTERMS, RDF, VOID

LISTING: Final = "F-UJI"
GENERAL_STANDARDS: Final = (DCAT, DCTERMS, DC, SCHEMA, SCHEMA_HTTP)
"""Namespaces in which any dataset can be described, whatever it is about."""

fuji: Final[Callable[..., Callable[..., Check]]] = partial(check, LISTING)
"""Makes a check of the list of F-UJI."""

_DATASET_TYPES: Final = (DCAT + "Dataset", VOID + "Dataset", SCHEMA + "Dataset", SCHEMA_HTTP + "Dataset")


def text_of(term: Term) -> str:
    """Give an IRI or the value of a literal as text."""
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)


def missing(evidence: Evidence, names: Sequence[str]) -> list[Failure]:
    """Find which of some things the dataset does not say; each failure is about the property to write."""
    facts, dataset = evidence.metadata, evidence.dataset
    return [Failure(SYNONYMS[name][0], f"{dataset} says no {name}") for name in names if not facts.said(dataset, name)]


def distributions(evidence: Evidence) -> list[str]:
    """List the distributions of the dataset, as terms in N-Triples."""
    return sorted({str(node) for node in evidence.metadata.said(evidence.dataset, "distribution")})


def downloads(evidence: Evidence) -> list[str]:
    """List the addresses that the dataset can be had from, as the metadata give them."""
    facts = evidence.metadata
    nodes = [evidence.dataset, *distributions(evidence)]
    return sorted({text_of(value) for node in nodes for value in facts.said(node, "download")})


def of_downloads(evidence: Evidence, wrong: Callable[[str], str]) -> list[Failure]:
    """Hold each address of the data to something; there must be one."""
    found = downloads(evidence)
    if not found:
        return [Failure(SYNONYMS["download"][0], f"{evidence.dataset} names no address that its data can be had from")]
    return [Failure(address, problem) for address in found if (problem := wrong(address))]


def one(iri: str, problem: str) -> list[Failure]:
    """Make the failure of one IRI, none without a problem."""
    return [Failure(iri, problem)] if problem else []


def untyped(evidence: Evidence) -> list[Failure]:
    """Find out whether the dataset says that it is one."""
    types = {text_of(value) for value in evidence.metadata.values(evidence.dataset, RDF + "type")}
    if types & set(_DATASET_TYPES):
        return []
    return [Failure(RDF + "type", f"{evidence.dataset} has no type of dataset, such as {DCAT}Dataset")]
