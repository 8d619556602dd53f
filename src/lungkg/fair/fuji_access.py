"""F-UJI's metrics v0.8 (https://doi.org/10.5281/zenodo.15045911), first half: findable and accessible.

Each has the identifier that it has there. What is said about the dataset is what its document says, in RDF
and within its page; the data are the distributions that it names.
"""

import re
from collections.abc import Sequence
from typing import Final

from lungkg.fair.check import Answer
from lungkg.fair.dataset import GENERAL_STANDARDS, fuji, missing, of_downloads, one, text_of, untyped
from lungkg.fair.evidence import HTML, Evidence, host, is_iri, json_ld
from lungkg.fair.foops import is_lasting
from lungkg.fair.results import Failure, OpenWeb

_STANDARD_SCHEMES: Final = ("http", "https", "ftp", "ftps", "sftp")
_AUTHENTICATING: Final = ("http", "https", "ftps", "sftp")
_UNIQUE: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{40,}", re.IGNORECASE)


def _scheme(iri: str) -> str:
    return iri.partition(":")[0].lower()


def _of_scheme(iri: str, schemes: Sequence[str], what: str) -> str:
    return "" if _scheme(iri) in schemes else f"{_scheme(iri)} is no {what}"


def _lasting(iri: str) -> str:
    return "" if is_lasting(iri) else f"{host(iri) or iri} is no service that promises to keep its addresses"


# Findable


@fuji(
    "FsF-F1-01MD-1",
    "The dataset says by what it is identified, and nothing else in the world has that identifier.",
    "Write dcterms:identifier: an IRI, a UUID or a hash.",
)
def metadata_identified(evidence: Evidence) -> Answer:
    """Look at the form of the identifiers that the dataset gives itself."""
    values = [text_of(value) for value in evidence.metadata.said(evidence.dataset, "identifier")]
    if not values or any(is_iri(value) or _UNIQUE.fullmatch(value) for value in values):
        return missing(evidence, ("identifier",))
    return [Failure(evidence.dataset, f"{', '.join(values)} is no IRI, no UUID and no hash")]


@fuji("FsF-F1-01MD-2", "Each file of the data is identified by an IRI.", "Name each download by its whole address.")
def data_identified(evidence: Evidence) -> Answer:
    """Look at the form of each download's address."""
    return of_downloads(evidence, lambda address: "" if is_iri(address) else "this is no absolute IRI")


@fuji(
    "FsF-F1-02MD-1",
    "The identifier of the dataset is of a service that promises to keep its addresses.",
    "Publish under a base at w3id.org, purl.org, doi.org or the like.",
)
def metadata_lasting(evidence: Evidence) -> Answer:
    """Look at the host of the dataset's IRI."""
    return one(evidence.dataset, _lasting(evidence.dataset))


@fuji(
    "FsF-F1-02MD-2",
    "The identifier of the dataset is registered with that service, and leads to the dataset.",
    "Publish under a base at w3id.org, purl.org, doi.org or the like, and have it registered there.",
)
def metadata_registered(evidence: Evidence) -> Answer:
    """Only the service knows, and only when the identifier is of one."""
    problem = _lasting(evidence.dataset)
    return one(evidence.dataset, problem) or OpenWeb(f"whether {evidence.dataset} redirects to a server of the dataset")


@fuji(
    "FsF-F1-02MD-4",
    "The identifiers of the data are of a service that promises to keep its addresses.",
    "Name each download below a base at w3id.org, purl.org, doi.org or the like.",
)
def data_lasting(evidence: Evidence) -> Answer:
    """Look at the host of each download's address."""
    return of_downloads(evidence, _lasting)


@fuji(
    "FsF-F1-02MD-5",
    "The identifiers of the data are registered with that service, and lead to the data.",
    "Name each download below a base that is registered at w3id.org, purl.org, doi.org or the like.",
)
def data_registered(evidence: Evidence) -> Answer:
    """Only the service knows, and only when the identifiers are of one."""
    return of_downloads(evidence, _lasting) or OpenWeb("whether each address of the data redirects to a server of it")


_TO_CITE: Final = ("creator", "title", "identifier", "date of issue", "publisher")


@fuji(
    "FsF-F2-01M-2",
    f"The dataset says what is needed to cite it: {', '.join(_TO_CITE)}, type.",
    "Say it in the document about the dataset.",
)
def citable(evidence: Evidence) -> Answer:
    """Look for what a citation is made of."""
    return [*missing(evidence, _TO_CITE), *untyped(evidence)]


@fuji(
    "FsF-F2-01M-3",
    f"The dataset also says what it is about: {', '.join((*_TO_CITE, 'description', 'keywords'))}, type.",
    "Say it in the document about the dataset.",
)
def described(evidence: Evidence) -> Answer:
    """Look for what somebody searches by."""
    return [*missing(evidence, (*_TO_CITE, "description", "keywords")), *untyped(evidence)]


@fuji(
    "FsF-F3-01M-2",
    "What is said about the dataset names the addresses of the data.",
    "Name a distribution with a dcat:downloadURL.",
)
def data_named(evidence: Evidence) -> Answer:
    """Look for addresses to download from."""
    return of_downloads(evidence, lambda _: "")


@fuji(
    "FsF-F4-01M-1",
    "The page of the dataset holds its description in a form that search engines read.",
    "Put JSON-LD with schema.org's Dataset into the page.",
)
def searchable(evidence: Evidence) -> Answer:
    """Look for JSON-LD in words of schema.org, DCAT or Dublin Core within the page."""
    reply = evidence.get(evidence.dataset, HTML)
    if not json_ld(reply):
        return [Failure(evidence.dataset, f"its page has no JSON-LD in it (status {reply.status})")]
    said = [t for t in evidence.embedded.triples if str(t.subject) == f"<{evidence.dataset}>"]
    words = {triple.predicate.value for triple in said} | {text_of(triple.object) for triple in said}
    if any(word.startswith(GENERAL_STANDARDS) for word in words):
        return []
    return [Failure(evidence.dataset, "the JSON-LD in its page says nothing of it in schema.org, DCAT or Dublin Core")]


# Accessible


@fuji(
    "FsF-A1-01M-1",
    "The dataset says who may have it.",
    "Write dcterms:accessRights, or schema:isAccessibleForFree.",
)
def access_said(evidence: Evidence) -> Answer:
    """Look for the conditions of access."""
    return missing(evidence, ("access",))


@fuji(
    "FsF-A1-02MD-1", "The identifier of the dataset leads to what is said about it.", "Let the server answer /dataset."
)
def metadata_retrievable(evidence: Evidence) -> Answer:
    """Ask for the dataset as anybody would."""
    reply = evidence.get(evidence.dataset, "*/*")
    return one(evidence.dataset, "" if reply.status == 200 else f"the status is {reply.status}")


@fuji(
    "FsF-A1-02MD-2", "The addresses of the data lead to the data.", "Let the server answer each download that is named."
)
def data_retrievable(evidence: Evidence) -> Answer:
    """Ask for each download; one that stands elsewhere cannot be told from here."""

    def wrong(address: str) -> str:
        if not evidence.path_of(address):
            return "this is not below the base of the project, so it cannot be asked for from here"
        reply = evidence.reach(address)
        return (
            "" if reply.status == 200 and reply.body else f"the status is {reply.status}, with {len(reply.body)} bytes"
        )

    return of_downloads(evidence, wrong)


@fuji("FsF-A1.1-01MD-1", "The dataset is had by a standard protocol.", "Publish under a base with https://.")
def metadata_standard(evidence: Evidence) -> Answer:
    """Look at the scheme of the dataset's IRI."""
    return one(evidence.dataset, _of_scheme(evidence.dataset, _STANDARD_SCHEMES, "standard protocol of the web"))


@fuji("FsF-A1.1-01MD-2", "The data are had by a standard protocol.", "Publish under a base with https://.")
def data_standard(evidence: Evidence) -> Answer:
    """Look at the scheme of each download."""
    return of_downloads(evidence, lambda iri: _of_scheme(iri, _STANDARD_SCHEMES, "standard protocol of the web"))


@fuji("FsF-A1.2-01MD-1", "That protocol could ask who one is.", "Publish under a base with https://.")
def metadata_guarded(evidence: Evidence) -> Answer:
    """Look at the scheme of the dataset's IRI."""
    return one(evidence.dataset, _of_scheme(evidence.dataset, _AUTHENTICATING, "protocol with authentication"))


@fuji("FsF-A1.2-01MD-2", "The protocol of the data could ask who one is.", "Publish under a base with https://.")
def data_guarded(evidence: Evidence) -> Answer:
    """Look at the scheme of each download."""
    return of_downloads(evidence, lambda iri: _of_scheme(iri, _AUTHENTICATING, "protocol with authentication"))


FINDABLE_ACCESSIBLE: Final = (
    metadata_identified,
    data_identified,
    metadata_lasting,
    metadata_registered,
    data_lasting,
    data_registered,
    citable,
    described,
    data_named,
    searchable,
    access_said,
    metadata_retrievable,
    data_retrievable,
    metadata_standard,
    data_standard,
    metadata_guarded,
    data_guarded,
)
