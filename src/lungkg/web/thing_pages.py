"""Pages of documents for people: what is known of a thing by property, every name a link, and who points at it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

import pyoxigraph as ox
from flask import render_template

from lungkg.formats import Format
from lungkg.linked.about import links_query, variant
from lungkg.linked.addresses import Addresses, Thing
from lungkg.linked.describer import Document
from lungkg.linked.documents import Links
from lungkg.linked.labels import words
from lungkg.linked.outline import Outline, Value
from lungkg.linked.writing import prefixes
from lungkg.namespaces import DCTERMS, OA, ONT, RDF, RDFS, SKOS, Minter
from lungkg.web import examples
from lungkg.web.answers import root
from lungkg.web.service import Served
from lungkg.web.tables import LITERAL_LENGTH, Prefixes, visible
from lungkg.web.variants import FILES, HTML, SCHEMA_TYPES

_LABEL: Final = RDFS + "label"
_TYPE: Final = RDF + "type"
_DEFINITION: Final = SKOS + "definition"
_IN_THE_HEAD: Final = frozenset((_LABEL, _TYPE, _DEFINITION, SKOS + "prefLabel"))
_SUMMARIES: Final = (_DEFINITION, DCTERMS + "description", RDFS + "comment")
RDF_FILES: Final = tuple(entry for entry in FILES if entry != HTML)


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as a page shows it: a name with the page about it and, for what others define, its own address."""

    text: str
    title: str = ""
    href: str = ""
    elsewhere: str = ""
    language: str = ""
    datatype: str = ""
    parts: tuple["Row", ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A property with its values."""

    property: Shown
    values: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a thing, or something that it rests on, with what is said of it."""

    subject: Shown
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Pointing:
    """Those that point at a thing by one property; `more` is the address of the others."""

    property: Shown
    total: int
    before: int
    values: tuple[Shown, ...]
    more: str = ""


class Names:
    """Shows terms by their labels, as far as triples give them."""

    def __init__(self, served: Served, triples: Iterable[ox.Triple]) -> None:
        self._addresses = Addresses(served.project)
        self._short = _prefixes(tuple(prefixes(served.project).items()))
        self._labels: dict[str, str] = {}
        for subject, link, value in triples:
            if link.value == _LABEL and isinstance(subject, ox.NamedNode) and isinstance(value, ox.Literal):
                self._labels.setdefault(subject.value, value.value)

    def show(self, term: Value) -> Shown:
        """Show a term."""
        if isinstance(term, ox.NamedNode):
            return self.iri(term.value)
        if isinstance(term, ox.Literal):
            return _literal(term, self._short)
        return Shown(visible(str(term)))

    def iri(self, iri: str) -> Shown:
        """Show an IRI: ours lead to their pages, those of others to what is known of them here."""
        path = self._addresses.page(iri)
        ours = bool(self._addresses.path(iri))
        text = visible(self._labels.get(iri) or words(iri))
        href = f"{root()}/{quote(path, safe='/#?=&%:')}"
        elsewhere = iri if not ours and iri.startswith(("http://", "https://")) else ""
        return Shown(text, self._short(iri) or iri, href, elsewhere)

    def rows(self, said: Iterable[tuple[ox.NamedNode, list[Value]]], without: Iterable[str] = ()) -> tuple[Row, ...]:
        """Show what is said of something."""
        left_out = frozenset(without)
        return tuple(
            Row(self.iri(link.value), tuple(map(self.show, values)))
            for link, values in said
            if link.value not in left_out
        )


@lru_cache(maxsize=8)
def _prefixes(pairs: tuple[tuple[str, str], ...]) -> Prefixes:
    """Keep what shortens IRIs, with those that it has shortened, from page to page."""
    return Prefixes(dict(pairs))


def _literal(literal: ox.Literal, short: Prefixes) -> Shown:
    text, datatype = visible(literal.value), literal.datatype.value
    cut = len(text) > LITERAL_LENGTH and literal.language is None and " " not in text[:80]
    plain = literal.language is not None or datatype.endswith("#string")
    return Shown(
        text[:LITERAL_LENGTH] + "…" if cut else text,
        language=literal.language or "",
        datatype="" if plain else short(datatype) or datatype,
    )


def thing_page(served: Served, document: Document, thing: Thing) -> str:
    """Write the page about a thing."""
    query = served.catalogue.get(thing.local) if thing.type == "query" else None
    return render_template(
        "thing.html",
        **_common(served, document),
        kind=thing.type,
        thing=thing,
        gone=document.fate.gone,
        text=f"{root()}/{thing.document}.txt" if thing.type == "document" else "",
        query=query,
        sparql=examples.without_header(query.text) if query else "",
        embedded=_embedded(served, document, thing.type),
    )


def links_page(served: Served, document: Document, whole: str) -> str:
    """Write a page of those that point at something; `whole` is the path of the document about that."""
    return render_template("thing_links.html", **_common(served, document), whole=f"{root()}/{whole}")


def external_page(served: Served, document: Document | None) -> str:
    """Write the page about what others define; without a document, the form to ask for it."""
    if document is None:
        return render_template("describe.html", document=None, iri="")
    return render_template(
        "describe.html",
        **_common(served, document),
        iri=document.node,
        sources=[value.value for value in _of(document.besides, document.node, RDFS + "isDefinedBy")],
    )


def _common(served: Served, document: Document) -> dict[str, Any]:
    """Give what all pages about something need."""
    names = Names(served, document.triples)
    edges = ox.NamedNode(Minter(served.project.base).graph("edges"))
    outline, claimed = (
        Outline(
            (quad.triple for quad in document.description.own if (quad.graph_name == edges) == of_edges), document.node
        )
        for of_edges in (False, True)
    )
    itself = ox.NamedNode(document.node)
    sections = tuple(
        Section(names.show(subject), names.rows(said, (_LABEL,)))
        for subject, said in outline.outer()
        if subject != itself
    )
    about_others = Outline(
        (triple for triple in document.besides if triple.predicate.value.startswith((ONT, "https://w3id.org/biolink"))),
        "",
    )
    return {
        "document": document,
        "label": document.label,
        "types": [names.show(value) for value in _of(document.triples, document.node, _TYPE)],
        "summary": _summary(document),
        "quote": _quote(document),
        "rows": names.rows(outline.said.get(itself, []), _IN_THE_HEAD),
        "claimed": names.rows(claimed.said.get(itself, [])),
        "sections": sections,
        "pointing": [_pointing(names, document, links) for links in document.description.links],
        "claims": [Section(names.show(subject), names.rows(said)) for subject, said in about_others.outer()],
        "files": [(entry, f"{root()}/{variant(document.path, entry)}") for entry in RDF_FILES],
    }


def _pointing(names: Names, document: Document, links: Links) -> Pointing:
    path = document.path.partition("?inverse=")[0].partition("&inverse=")[0]
    more = f"{root()}/{path}{links_query(path, links.link.value, links.after)}" if links.after is not None else ""
    return Pointing(
        names.iri(links.link.value), links.total, links.before, tuple(map(names.show, links.subjects)), more
    )


def _of(triples: Iterable[ox.Triple], node: str, link: str) -> Iterator[Any]:
    subject, predicate = ox.NamedNode(node), ox.NamedNode(link)
    seen = {triple.object: None for triple in triples if triple.subject == subject and triple.predicate == predicate}
    return iter(sorted(seen, key=str))


def _summary(document: Document) -> str:
    for link in _SUMMARIES:
        for value in _of((quad.triple for quad in document.description.own), document.node, link):
            return visible(str(value.value))
    return ""


def _quote(document: Document) -> str:
    """Give the words of its document that say the thing, if it was read from any."""
    if "#" in document.node:
        return ""
    own = (quad.triple for quad in document.description.own)
    return "".join(visible(str(value.value)) for value in _of(own, f"{document.node}#quote", OA + "exact"))


def _embedded(served: Served, document: Document, kind: str) -> Mapping[str, Any]:
    """Describe the thing in schema.org's words for search engines; the context needs no fetching."""
    project = served.project
    made = {
        "@context": {"@vocab": "https://schema.org/"},
        "@id": document.node,
        "@type": SCHEMA_TYPES[kind],
        "name": document.label,
        "url": project.base + document.path,
        "license": {"@id": project.license},
        "dateModified": str(served.release.info["date"]),
        "isPartOf": {"@id": f"{project.base}dataset", "@type": "Dataset", "name": project.title},
        "encoding": [_encoding(project.base, document.path, entry) for entry in RDF_FILES],
    }
    return made | ({"description": summary} if (summary := _summary(document) or _quote(document)) else {})


def _encoding(base: str, path: str, entry: Format) -> Mapping[str, str]:
    return {
        "@type": "MediaObject",
        "encodingFormat": entry.media_type,
        "contentUrl": base + variant(path, entry),
    }
