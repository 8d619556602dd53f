"""Documents that hold a whole graph: the vocabulary and the shapes, whose terms are hash IRIs, and the canned
queries; and the context of JSON-LD.
"""

import json
from typing import Any, Final

import pyoxigraph as ox
from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from lungkg.engines import Answer, NotAcceptable, choose_format
from lungkg.formats import DATASETS, GRAPHS, Format
from lungkg.limits import Limits
from lungkg.linked.outline import Outline
from lungkg.linked.writing import Unwritable, write, write_quads
from lungkg.namespaces import OWL, RDF, Minter
from lungkg.triples import A
from lungkg.web.answers import Made, give, root
from lungkg.web.described import Documents
from lungkg.web.service import Served, Service
from lungkg.web.shape_pages import NOTHING, Anchors, Beside, Besides, guides_of, iris_of, page_about_shapes
from lungkg.web.term_pages import Vocabulary, iris_in, page_about_terms
from lungkg.web.thing_pages import RDF_FILES, Names, Section
from lungkg.web.variants import FILES, HTML, Place, links, settle

_JSONLD: Final = GRAPHS[1]
_ONTOLOGY: Final = ox.NamedNode(OWL + "Ontology")
_TYPE: Final = ox.NamedNode(RDF + "type")
_VERSION_IRI: Final = ox.NamedNode(OWL + "versionIRI")
_VERSION: Final = ox.NamedNode(OWL + "versionInfo")
_SHAPES: Final = "shapes"
_GRAPH_NAMES: Final = {"ont": "ontology", "shapes": "shapes"}

_CATALOGUE: Final = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT DISTINCT ?s ?p ?o {
  { GRAPH %(graph)s { ?s ?p ?o } }
  UNION
  { VALUES (?s ?p) { (%(dataset)s sh:declare) } ?s ?p ?o }
  UNION
  { %(dataset)s sh:declare ?s . ?s ?p ?o }
}
"""


def blueprint(service: Service, limits: Limits, documents: Documents) -> Blueprint:
    """Make /ont, /shapes, /context.jsonld and /.well-known/sparql-examples."""
    del limits
    routes = Blueprint("vocabularies", __name__)

    besides = Besides()

    def vocabulary(name: str, version: str = "", suffix: str | None = None) -> AnyResponse:
        with service.lease() as served:
            return _Vocabulary(documents, besides, served, name).answer(version, suffix)

    @routes.get("/<any(ont, shapes):name>")
    @routes.get("/<any(ont, shapes):name>.<suffix>")
    def newest(name: str, suffix: str | None = None) -> AnyResponse:
        return vocabulary(name, "", suffix)

    @routes.get("/<any(ont, shapes):name>/<file>")
    def version(name: str, file: str) -> AnyResponse:
        known = [entry.suffix for entry in FILES]
        start, dot, end = file.rpartition(".")
        return vocabulary(name, start, end) if dot and end in known else vocabulary(name, file)

    @routes.get("/context.jsonld")
    def context() -> Response:
        with service.lease() as served:
            whole = {"@context": documents.describer(served).context.whole}
            body = json.dumps(whole, ensure_ascii=False, indent=1).encode() + b"\n"
            made = Made(Answer(body, _JSONLD))
            return give(served, ("context",), _JSONLD.content_type, lambda: made, keep=served.constant)

    @routes.get("/.well-known/sparql-examples")
    def catalogue() -> Response:
        with service.lease() as served:
            form = choose_format("CONSTRUCT", request.headers.get("Accept", ""))
            key = ("catalogue", form.name)
            return give(
                served, key, form.content_type, lambda: _catalogue(served, documents, form), keep=served.constant
            )

    return routes


def _catalogue(served: Served, documents: Documents, form: Format) -> Made:
    """Ask for what is said of all queries, and for the prefixes that they are written with."""
    iris = Minter(served.project.base)
    text = _CATALOGUE % {"graph": f"<{iris.graph('queries')}>", "dataset": f"<{iris.dataset}>"}
    triples = [ox.Triple(row["s"], row["p"], row["o"]) for row in documents.ask(served)(text)]
    describer = documents.describer(served)
    return Made(Answer(write(triples, form, describer.prefixes, "", describer.context), form))


class _Vocabulary:
    """The document that defines a vocabulary: all of its graph and nothing else, so that it can be imported."""

    def __init__(self, documents: Documents, besides: Besides, served: Served, name: str) -> None:
        self._documents, self._besides, self._served, self._name = documents, besides, served, name
        self._base = served.project.written_base
        self.node = self._base + name
        self.triples = documents.describer(served).vocabularies[name]

    def answer(self, version: str, suffix: str | None) -> AnyResponse:
        """Answer with the vocabulary, if this is the version that there is."""
        if version and version not in self._versions():
            known = ", ".join(f"{root()}/{self._name}/{one}" for one in sorted(self._versions()))
            raise NotFound(f"There is no version {version[:40]!r} of this vocabulary here; there is {known}.")
        place = Place(f"{self._name}/{version}" if version else self._name, self.node, self._name)
        form = settle(place, suffix)
        if not isinstance(form, Format):
            return form
        beside = self._besides.of(self._served) if form == HTML and self._name == _SHAPES else NOTHING
        return self._documents.kept(
            self._served, place, form, lambda: self._made(place, form, beside), beside=beside.digest
        )

    def _versions(self) -> set[str]:
        """Give the versions that the vocabularies in the graph say they are."""
        start = f"/{self._name}/"
        named = {
            value.value.rpartition(start)[2]
            for _, link, value in self.triples
            if link == _VERSION_IRI and isinstance(value, ox.NamedNode) and start in value.value
        }
        if named:
            return named
        return {value.value for _, link, value in self.triples if link == _VERSION and isinstance(value, ox.Literal)}

    def _made(self, place: Place, form: Format, beside: Beside) -> Made:
        describer = self._documents.describer(self._served)
        told = links(place, form, self._served.project.license)
        if form == HTML:
            return Made(Answer(self._page(place, beside).encode(), form), told)
        if form in DATASETS:
            graph = ox.NamedNode(Minter(self._served.project.base).graph(_GRAPH_NAMES[self._name]))
            quads = (ox.Quad(subject, link, value, graph) for subject, link, value in self.triples)
            return Made(Answer(write_quads(quads, form, describer.prefixes), form), told)
        try:
            body = write(self.triples, form, describer.prefixes, self.node, describer.context)
        except Unwritable as error:
            raise NotAcceptable(f"this vocabulary cannot be written as {form.media_type}: {error}") from None
        return Made(Answer(body, form), told)

    # The page ------------------------------------------------------------------------------------

    def _page(self, place: Place, beside: Beside) -> str:
        """Write the page for people: the shapes in words, or the vocabulary term by term."""
        describer = self._documents.describer(self._served)
        labels = describer.labels.of_all(self.triples, lambda _: (), lambda _: False)
        common = {
            "name": self._name,
            "place": place,
            "versions": sorted(self._versions()),
            "files": [(entry, place.href(entry)) for entry in RDF_FILES],
            "new_anchors": lambda: Anchors(self._anchor),
        }
        write = self._shapes_page if self._name == _SHAPES else self._terms_page
        return write([*self.triples, *labels], beside, common)

    def _shapes_page(self, named: list[ox.Triple], beside: Beside, common: dict[str, Any]) -> str:
        vocabulary = self._documents.describer(self._served).vocabularies["ont"]
        names = Names(self._served, (*vocabulary, *named))
        all_guides = guides_of(self._served, self.triples, beside.tally)
        shown = page_about_shapes(all_guides, beside)
        on_page = {iri for guide in all_guides for iri in iris_of(guide)}
        rest = [(iri, section) for iri, section in self._sections(names) if iri not in on_page]
        heads = [section for _, section in rest if self._is_head(section)]
        more = [(self._anchor(iri), section) for iri, section in rest if not self._is_head(section)]
        return render_template("shapes.html", **common, **shown, names=names, heads=heads, more=more)

    def _terms_page(self, named: list[ox.Triple], beside: Beside, common: dict[str, Any]) -> str:
        documents, served = self._documents, self._served
        describer, ask = documents.describer(served), documents.ask(served)
        sections = self._sections(Names(served, named))
        anchors = {iri: anchor for iri, _ in sections if (anchor := self._anchor(iri))}
        shapes = describer.vocabularies[_SHAPES]
        vocabulary = Vocabulary(self.triples, anchors, guides_of(served, shapes, beside.tally))
        used = vocabulary.usage(ask, served.project.base)
        examples = vocabulary.examples(ask, used)
        found = [
            ox.Triple(x, A, ox.NamedNode(iri))
            for iri, pairs in examples.items()
            for pair in pairs
            for x in iris_in(pair)
        ]
        labels = describer.labels.of_all(found, ask, describer.addresses.path)
        names = Names(served, (*named, *shapes, *labels))
        shown = page_about_terms(vocabulary, names, used, examples)
        heads = [section for iri, section in sections if iri not in anchors and self._is_head(section)]
        return render_template("ontology.html", **common, **shown, heads=heads)

    def _sections(self, names: Names) -> list[tuple[str, Section]]:
        """Give what is said of everything that has an IRI."""
        return [
            (subject.value, Section(names.show(subject), names.rows(said)))
            for subject, said in Outline(self.triples, self.node).outer()
            if isinstance(subject, ox.NamedNode)
        ]

    def _anchor(self, iri: str) -> str:
        """Give the fragment by which a term of ours is found on the page; empty for what others define."""
        path = self._documents.describer(self._served).addresses.path(iri)
        start, mark, local = path.partition("#")
        return local if mark and start == self._name else ""

    def _is_head(self, section: Section) -> bool:
        return any(value.title == "owl:Ontology" for row in section.rows for value in row.values)
