"""What a document says of itself: what it is about, in which forms it can be had, under which licence, and
where the rest of a long list of links is.

The words are those of FOAF, Dublin Core and VoID; a list of links is a `void:Dataset` of its own.
"""

from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote

import pyoxigraph as ox

from lungkg.endpoint_terms import said
from lungkg.formats import DOCUMENTS, Format
from lungkg.linked.documents import MOST, PAGE, Links
from lungkg.linked.labels import words
from lungkg.namespaces import DCTERMS, RDF, RDFS, VOID, Minter
from lungkg.project import Project
from lungkg.triples import english, instant, integer

FOAF: Final = "http://xmlns.com/foaf/0.1/"

_A: Final = RDF + "type"
_LABEL: Final = RDFS + "label"
_COMMENT: Final = RDFS + "comment"
_NAMES: Final = {
    "turtle": "Turtle", "jsonld": "JSON-LD", "ntriples": "N-Triples", "rdfxml": "RDF/XML", "html": "HTML",
}  # fmt: skip


class About:
    """Writes what documents of a project say of themselves; `date` (ISO 8601) is that of the release."""

    def __init__(self, project: Project, date: str) -> None:
        self._project, self._date = project, date
        self._dataset = Minter(project.base).dataset

    def document(self, path: str, node: str, label: str) -> Iterator[ox.Triple]:
        """Describe the document at a path, which may have a query, about something that is called so."""
        iri = self._project.base + path
        yield said(iri, _A, FOAF + "Document")
        yield said(iri, _LABEL, english(f"about {label}"))
        yield said(iri, FOAF + "primaryTopic", node)
        yield said(iri, VOID + "inDataset", self._dataset)
        yield said(iri, DCTERMS + "license", self._project.license)
        yield said(iri, DCTERMS + "modified", instant(self._date))
        for entry in DOCUMENTS:
            form = self._project.base + variant(path, entry)
            yield said(iri, DCTERMS + "hasFormat", form)
            yield said(form, _A, FOAF + "Document")
            yield said(form, _LABEL, english(f"about {label}, in {_NAMES[entry.name]}"))
            yield said(form, DCTERMS + "format", ox.Literal(entry.media_type))

    def text(self, path: str, node: str, label: str) -> Iterator[ox.Triple]:
        """Describe where the exact text of something can be had."""
        iri = f"{self._project.base}{path}.txt"
        yield said(node, DCTERMS + "hasFormat", iri)
        yield said(iri, _A, FOAF + "Document")
        yield said(iri, _LABEL, english(f"the text of {label}"))
        yield said(iri, DCTERMS + "format", ox.Literal("text/plain"))

    def described(self, path: str, iri: str, label: str) -> Iterator[ox.Triple]:
        """Describe the document about something that this project does not define: another one is the authority."""
        yield from self.document(path, iri, label)
        note = f"What {self._project.name} says of a term that it does not define. What its own source says counts."
        yield said(self._project.base + path, _COMMENT, english(note))
        yield said(iri, RDFS + "isDefinedBy", source_of(iri))

    def links(self, document: str, links: Sequence[Links]) -> Iterator[ox.Triple]:
        """Count the links to something, and say where there are more of them.

        `document` is the path of the document, with its query if it has one.
        """
        whole = self._project.base + document
        for one in links:
            part = whole + links_query(document, one.link.value)
            yield said(whole, DCTERMS + "hasPart", part)
            yield said(part, _A, VOID + "Dataset")
            number = "1 link" if one.total == 1 else f"{one.total} links"
            yield said(part, _LABEL, english(f"{number} by {words(one.link.value)}"))
            yield said(part, VOID + "property", one.link.value)
            yield said(part, VOID + "triples", integer(one.total))
            if one.after is not None:
                more = f"{whole}{links_query(document, one.link.value, one.after)}"
                yield said(part, RDFS + "seeAlso", more)
                yield said(more, _A, FOAF + "Document")
                yield said(more, _LABEL, english(f"up to {PAGE} more links by {words(one.link.value)}"))

    def cut(self, path: str, node: str) -> Iterator[ox.Triple]:
        """Say that a document does not hold everything."""
        query = f"SELECT * {{ <{node}> ?p ?o }}"
        note = f"Cut: this document has the first {MOST} triples only. Ask the SPARQL endpoint for all: {query}"
        yield said(self._project.base + path, _COMMENT, english(note))


def variant(path: str, format: Format) -> str:
    """Give the path of a document in one format; a suffix comes before the query.

    >>> variant("describe?iri=a", DOCUMENTS[0])
    'describe.ttl?iri=a'
    """
    document, mark, query = path.partition("?")
    return f"{document}.{format.suffix}{mark}{query}"


def links_query(document: str, property: str, after: int | None = None) -> str:
    """Give what to put behind the path of a document for its links by one property.

    >>> links_query("doc/entity/a", "https://a.org/p", 25)
    '?inverse=https%3A%2F%2Fa.org%2Fp&after=25'
    """
    start = "&" if "?" in document else "?"
    more = "" if after is None else f"&after={after}"
    return f"{start}inverse={quote(property, safe='')}{more}"


def source_of(iri: str) -> str:
    """Give the document or folder that an IRI of somebody else belongs to.

    >>> source_of("http://www.w3.org/ns/shacl#path"), source_of("http://purl.obolibrary.org/obo/CL_0000000")
    ('http://www.w3.org/ns/shacl', 'http://purl.obolibrary.org/obo/')
    """
    document, mark, _ = iri.partition("#")
    start, slash, _ = document.rpartition("/")
    return document if mark or not slash or start.endswith(":/") else start + slash
