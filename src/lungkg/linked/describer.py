"""Makes the documents about the things of a release: what is known of a thing, what everything in it is called,
and what the document says of itself.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

import pyoxigraph as ox

from lungkg.formats import DATASETS, Format
from lungkg.linked.about import About, links_query
from lungkg.linked.addresses import VOCABULARIES, Addresses, Thing
from lungkg.linked.documents import Description, Fate, claims_about_matches, describe, further, is_used
from lungkg.linked.jsonld import Context
from lungkg.linked.labels import Ask, Labels, words
from lungkg.linked.writing import prefixes, write, write_quads
from lungkg.namespaces import ONT, Minter
from lungkg.project import Project
from lungkg.triples import LABEL

_VOCABULARY = "SELECT ?s ?p ?o { GRAPH %s { ?s ?p ?o } }"
_TEXT_OF = "document"  # the type of things that have a text


@dataclass(frozen=True)
class Document:
    """A document at `path`, about `node`: what is known of that, and what is said besides, without a graph.

    `following` is the path of the next page, for a page of links that has one.
    """

    path: str
    node: str
    description: Description
    besides: tuple[ox.Triple, ...]
    following: str = ""

    @property
    def triples(self) -> Iterator[ox.Triple]:
        """Everything that the document says."""
        return chain(self.description.triples, self.besides)

    @property
    def size(self) -> int:
        """Triples in the document, or a few more where something is said twice."""
        known = self.description
        return len(known.own) + sum(len(links.subjects) for links in known.links) + len(self.besides)

    @property
    def quads(self) -> Iterator[ox.Quad]:
        """The same: what is known in the graph that says it, everything else in the default graph."""
        links = (triple for triple in self.triples if triple not in self._own)
        return chain(self.description.own, (ox.Quad(*triple) for triple in links))

    @cached_property
    def _own(self) -> frozenset[ox.Triple]:
        return frozenset(quad.triple for quad in self.description.own)

    @property
    def fate(self) -> Fate:
        """What became of the thing."""
        return self.description.fate

    @property
    def label(self) -> str:
        """What the document is about, in words."""
        return _label(self.triples, self.node)


class Describer:
    """Makes documents of a release of a project; `date` (ISO 8601) is that of the release.

    `ask` is asked once for the vocabulary and the shapes, which are small however much data there is.
    """

    def __init__(self, project: Project, date: str, ask: Ask) -> None:
        self.project = project
        self.addresses = Addresses(project)
        self.about = About(project, date)
        self.prefixes = prefixes(project)
        self.vocabularies = {name: _read(ask, project, graph) for name, graph in _GRAPHS.items()}
        self.labels = Labels.of(chain.from_iterable(self.vocabularies.values()))
        self.context = Context.of(self.prefixes, chain.from_iterable(self.vocabularies.values()), ONT)

    def document(self, ask: Ask, thing: Thing) -> Document | None:
        """Make the document about a thing; None when nothing is known of it."""
        node = self.project.base + thing.id
        known = describe(ask, node, thing.type)
        if not known.own:
            return None
        label = _label(known.triples, node)
        besides = [
            *self.about.document(thing.document, node, label),
            *self.about.links(thing.document, known.links),
            *(self.about.text(thing.document, node, label) if thing.type == _TEXT_OF else ()),
            *(self.about.cut(thing.document, node) if known.cut else ()),
        ]
        return self._named(ask, Document(thing.document, node, known, tuple(besides)))

    def links(self, ask: Ask, document: str, node: str, link: str, after: int) -> Document:
        """Make a page of those that point at a node by one property, after so many others.

        `document` is the path of the document about the node.
        """
        found = further(ask, node, link, after)
        path = document + links_query(document, link, after or None)
        besides = [
            *self.about.document(path, node, f"links to {node}"),
            *self.about.links(document, [found]),
        ]
        following = "" if found.after is None else document + links_query(document, link, found.after)
        known = Description(ox.NamedNode(node), (), (found,))
        return self._named(ask, Document(path, node, known, tuple(besides), following))

    def external(self, ask: Ask, iri: str) -> Document | None:
        """Make the document about a term of somebody else; None when the graph does not mention it."""
        known = describe(ask, iri)
        if not known.own and not known.links and not is_used(ask, iri):
            return None
        label = _label(known.triples, iri)
        path = self.addresses.page(iri)
        besides = [
            *self.about.described(path, iri, label),
            *self.about.links(path, known.links),
            *claims_about_matches(ask, known),
            *(self.about.cut(path, iri) if known.cut else ()),
        ]
        return self._named(ask, Document(path, iri, known, tuple(besides)))

    def _named(self, ask: Ask, document: Document) -> Document:
        labels = self.labels.of_all(document.triples, ask, self.addresses.path)
        return replace(document, besides=(*document.besides, *labels))

    def write(self, document: Document, format: Format) -> bytes:
        """Write a document; raises Unwritable where its format has no way to."""
        if format in DATASETS:
            return write_quads(document.quads, format, self.prefixes)
        return write(document.triples, format, self.prefixes, document.node, self.context)


_GRAPHS = dict(zip(VOCABULARIES, ("ontology", "shapes"), strict=True))


def _read(ask: Ask, project: Project, graph: str) -> tuple[ox.Triple, ...]:
    """Read a whole graph, its blank nodes named for good."""
    node = ox.NamedNode(Minter(project.base).graph(graph))
    rows = ask(_VOCABULARY % node)
    dataset = ox.Dataset(ox.Quad(row["s"], row["p"], row["o"]) for row in rows)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return tuple(sorted((quad.triple for quad in dataset), key=str))


def _label(triples: Iterable[ox.Triple], node: str) -> str:
    named = ox.NamedNode(node)
    labels = [
        value.value
        for subject, link, value in triples
        if link == LABEL and subject == named and isinstance(value, ox.Literal)
    ]
    return min(labels, default=words(node))
