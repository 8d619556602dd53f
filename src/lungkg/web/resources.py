"""The canned queries as linked data: /id/query/NAME leads to a document about it, in RDF or as a page.

A document holds what the graph of the release says of the query and of its parameters, and the label of
everything that is mentioned there. The whole catalogue is at /.well-known/sparql-examples.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from itertools import takewhile
from typing import Any, Final
from urllib.parse import quote

import pyoxigraph as ox
from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from lungkg.engines import Answer, choose_format
from lungkg.errors import EngineError
from lungkg.formats import GRAPHS, HTML, RESULTS, Format
from lungkg.limits import Limits
from lungkg.namespaces import RDF, RDFS, Minter
from lungkg.queries.resource import answer_of
from lungkg.service_description import prefixes
from lungkg.web import examples
from lungkg.web.answers import KEEP, Asking, Made, give, root
from lungkg.web.service import Served, Service
from lungkg.web.tables import Entry, Prefixes, Table

FORMATS: Final = (*(entry for entry in GRAPHS if entry.negotiable), HTML)
"""What a document can be had in, by Accept or by suffix."""

_PARTS: Final = """
SELECT DISTINCT ?subject ?property ?value {
  GRAPH %(graph)s { ?subject ?property ?value }
  FILTER(STR(?subject) = "%(node)s" || STRSTARTS(STR(?subject), "%(node)s#"))
}
"""
"""What is said of a query and of its parts; without property paths, so that every engine answers alike."""

_LABELS: Final = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?subject ?property ?value {
  VALUES ?subject { %s }
  ?subject rdfs:label ?value
  BIND(rdfs:label AS ?property)
}
"""

_ROOT: Final = re.compile(rb"<rdf:RDF([^>]*)>")
_SPACE: Final = re.compile(rb' xmlns:?[^= ]*="[^"]*"')

_CATALOGUE: Final = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT DISTINCT ?subject ?property ?value {
  { GRAPH %(graph)s { ?subject ?property ?value } }
  UNION
  { VALUES (?subject ?property) { (%(dataset)s sh:declare) } ?subject ?property ?value }
  UNION
  { %(dataset)s sh:declare ?subject . ?subject ?property ?value }
}
"""


def blueprint(service: Service, limits: Limits) -> Blueprint:
    """Make the resources and documents of the canned queries."""
    routes = Blueprint("resources", __name__)

    @routes.get("/id/query/<name>")
    def resource(name: str) -> AnyResponse:
        _check_name(service.served, name)
        return redirect(f"{root()}/doc/query/{quote(name)}", 303)

    @routes.get("/doc/query/<file>")
    def document(file: str) -> Response:
        name, dot, suffix = file.partition(".")
        with service.lease() as served:
            _check_name(served, name)
            chosen = _by_suffix(name, suffix) if dot else _negotiated(HTML)
            response = _document(served, limits, name, chosen)
        response.headers["Content-Location"] = f"{root()}/doc/query/{quote(name)}.{chosen.suffix}"
        response.headers["Link"] = f'<{root()}/id/query/{quote(name)}>; rel="describes"'
        return response

    @routes.get("/.well-known/sparql-examples")
    def catalogue() -> Response:
        with service.lease() as served:
            chosen = _negotiated()
            return _rdf(served, ("catalogue",), chosen, lambda: _catalogue(served, limits))

    return routes


def _check_name(served: Served, name: str) -> None:
    if name not in served.catalogue:
        near = difflib.get_close_matches(name, served.catalogue, n=3)
        hint = f" Did you mean {' or '.join(near)}?" if near else " The list of all is at /query/."
        raise NotFound(f"There is no canned query {name[:80]!r}.{hint}")


def _by_suffix(name: str, suffix: str) -> Format:
    found = next((entry for entry in FORMATS if entry.suffix == suffix), None)
    if found is None:
        known = ", ".join(f".{entry.suffix}" for entry in FORMATS)
        raise NotFound(f"The document about {name} has no form .{suffix[:40]}; there are {known}.")
    return found


def _negotiated(*also: Format) -> Format:
    return choose_format("CONSTRUCT", request.headers.get("Accept", ""), also=also)


def _document(served: Served, limits: Limits, name: str, chosen: Format) -> Response:
    def triples() -> list[ox.Triple]:
        return _about(served, limits, name)

    if chosen is HTML:
        return _page(served, name, triples())
    return _rdf(served, ("document", name), chosen, triples)


# What the graph says ------------------------------------------------------------------------------


def _about(served: Served, limits: Limits, name: str) -> list[ox.Triple]:
    """Ask for what is said of a query and of its parts, and for the labels of all that is mentioned there."""
    iris = Minter(served.project.base)
    node = iris.thing("query", name)
    asking = Asking(served.engine, limits.timeout)
    parts = _ask(asking, _PARTS % {"graph": f"<{iris.graph('queries')}>", "node": node})
    if not parts:
        raise NotFound(f"The release that is served was built before the query {name} was written.")
    mentioned = sorted({str(term) for triple in parts for term in triple if isinstance(term, ox.NamedNode)})
    return _in_order(parts | _ask(asking, _LABELS % " ".join(mentioned)), node)


def _catalogue(served: Served, limits: Limits) -> list[ox.Triple]:
    """Ask for what is said of all queries, and for the prefixes that they are written with."""
    iris = Minter(served.project.base)
    named = {"graph": f"<{iris.graph('queries')}>", "dataset": f"<{iris.dataset}>"}
    return _in_order(_ask(Asking(served.engine, limits.timeout), _CATALOGUE % named), iris.thing("query", ""))


def _ask(asking: Asking, text: str) -> set[ox.Triple]:
    found = ox.parse_query_results(asking.query(text, RESULTS[0]).content, format=ox.QueryResultsFormat.JSON)
    if not isinstance(found, ox.QuerySolutions):
        raise EngineError("the engine answers a SELECT query without rows")
    return {ox.Triple(*row) for row in found}


def _in_order(triples: set[ox.Triple], first: str) -> list[ox.Triple]:
    """Put triples in the same order each time, those of subjects that start with `first` before others."""
    before = {RDF + "type": 0, RDFS + "label": 1}

    def order(triple: ox.Triple) -> tuple[Any, ...]:
        subject, property_ = _plain(triple.subject), triple.predicate.value
        return (not subject.startswith(first), subject, before.get(property_, 2), property_, str(triple.object))

    return sorted(triples, key=order)


def _plain(subject: object) -> str:
    """Give an IRI without its brackets, so that a thing comes before its parts."""
    return subject.value if isinstance(subject, ox.NamedNode) else str(subject)


# How it is written --------------------------------------------------------------------------------


def _rdf(served: Served, what: tuple[str, ...], chosen: Format, ask: Callable[[], list[ox.Triple]]) -> Response:
    """Give triples in a form of RDF, as answers are given: kept for the next one who asks for `what`."""
    form = ox.RdfFormat.from_media_type(chosen.media_type)

    def make() -> Made:
        triples = ask()
        body = ox.serialize(triples, format=form, prefixes=_used(prefixes(served.project), triples))
        return Made(Answer(_steady(body or b""), chosen))

    return give(served, (*what, chosen.name), chosen.content_type, make, keep=served.constant)


def _used(known: Mapping[str, str], triples: list[ox.Triple]) -> dict[str, str]:
    """Give the prefixes that shorten something."""
    iris = {term.value for triple in triples for term in triple if isinstance(term, ox.NamedNode)}
    iris |= {triple.object.datatype.value for triple in triples if isinstance(triple.object, ox.Literal)}
    return {prefix: space for prefix, space in known.items() if any(iri.startswith(space) for iri in iris)}


def _steady(body: bytes) -> bytes:
    """Put the declarations of prefixes in order, for pyoxigraph writes them in another one in each process."""
    if body.startswith(b"@prefix"):
        lines = body.split(b"\n")
        declared = [*takewhile(lambda line: line.startswith(b"@prefix"), lines)]
        return b"\n".join([*sorted(declared), *lines[len(declared) :]])
    return _ROOT.sub(lambda found: b"<rdf:RDF" + b"".join(sorted(_SPACE.findall(found[1]))) + b">", body, count=1)


def _page(served: Served, name: str, triples: list[ox.Triple]) -> Response:
    base = served.project.base
    here = {f"{base}id/query/": "/id/query/", answer_of(base, ""): "/query/"}
    short = Prefixes(prefixes(served.project))

    def shown(term: object) -> Entry:
        if not isinstance(term, ox.NamedNode):
            value = term if isinstance(term, ox.Literal) else ox.Literal(str(term))
            return Entry("literal", value.value, value.value, language=value.language or "")
        iri = term.value
        places = (root() + path + iri.removeprefix(start) for start, path in here.items() if iri.startswith(start))
        place = next(places, iri if iri.startswith(("http://", "https://")) else "")
        return Entry("iri", iri, short(iri) or iri, place)

    query = served.catalogue[name]
    rows = tuple((shown(triple.subject), shown(triple.predicate), shown(triple.object)) for triple in triples)
    response = Response(
        render_template(
            "api_resource.html",
            query=query,
            text=examples.without_header(query.text),
            table=Table(("subject", "property", "value"), rows, len(rows)),
            formats=[entry for entry in FORMATS if entry is not HTML],
        )
    )
    response.headers["Cache-Control"] = KEEP
    response.add_etag()
    response.make_conditional(request)
    return response
