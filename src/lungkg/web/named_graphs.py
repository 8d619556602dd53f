"""The named graphs: /graph/NAME is all that a graph says, in every format, sent from the dumps of the release.

A graph may have millions of triples, so nothing of it is built in memory: Turtle, TriG and N-Quads are their files,
as they are or unpacked on the way; N-Triples are N-Quads without their last name. The formats that have to be
written as a whole are for graphs up to SMALL triples.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

import pyoxigraph as ox
from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from lungkg.description import GRAPH_COMMENTS
from lungkg.downloads import Download, listed, located
from lungkg.engines import Answer, NotAcceptable
from lungkg.formats import HTML, Format
from lungkg.namespaces import GRAPHS, Minter
from lungkg.service_description import prefixes
from lungkg.web.answers import KEEP, Made, give, root
from lungkg.web.downloads import human
from lungkg.web.files import PIECE, File, instant, opened, pieces_of, unchanged
from lungkg.web.offers import QUADS, TRIPLES, nearest, offered
from lungkg.web.rdf import written
from lungkg.web.service import Served, Service
from lungkg.web.tables import Entry, Prefixes, Table

SMALL: Final = 50_000
"""Triples of a graph that is written as JSON-LD and RDF/XML, too."""

_WHOLE: Final = ("jsonld", "rdfxml")  # formats that have to be written as a whole
_SAMPLE: Final = 12  # triples on the page


@dataclass(frozen=True, slots=True)
class _Graph:
    """A graph of the release that is served, and the files that it is in, by format."""

    served: Served
    name: str
    files: dict[str, Download]

    @property
    def iri(self) -> str:
        return Minter(self.served.project.base).graph(self.name)

    @property
    def triples(self) -> int:
        return int(self.served.release.info["triples"].get(self.name, 0))

    @property
    def formats(self) -> tuple[Format, ...]:
        """The formats of triples that it can be had in."""
        return tuple(entry for entry in TRIPLES if entry.name not in _WHOLE or self.triples <= SMALL)

    def open(self, form: str) -> File:
        """Open a dump, to be read unpacked."""
        return opened(located(self.served.release, self.files[form]), packed=False)


def blueprint(service: Service) -> Blueprint:
    """Make /graph/NAME and its forms."""
    routes = Blueprint("named_graphs", __name__)

    @routes.get("/graph/<file>")
    def graph(file: str) -> Response:
        name, _, suffix = file.partition(".")
        with service.lease() as served:
            found = _find(served, name)
            chosen = _choose(found, suffix)
            response = _sent(found, chosen)
        response.headers["Content-Location"] = f"{root()}/graph/{name}.{chosen.suffix}"
        response.headers["Link"] = _links(found)
        response.last_modified = instant(str(served.release.info["date"]))
        return response

    return routes


def _find(served: Served, name: str) -> _Graph:
    if name not in GRAPHS:
        raise NotFound(f"There is no graph {name[:80]!r}; there are {', '.join(GRAPHS)}.{nearest(name, GRAPHS)}")
    files = {download.format: download for download in listed(served.release) if download.graph == name}
    if not files:
        raise NotFound("The release was built without downloads, which the graphs are sent from; build it again.")
    return _Graph(served, name, files)


def _choose(graph: _Graph, suffix: str) -> Format:
    too_big = next((entry for entry in TRIPLES if entry.suffix == suffix and entry not in graph.formats), None)
    if too_big is not None:
        raise NotAcceptable(
            f"graph {graph.name} has {graph.triples:,} triples, and {too_big.media_type} is written for up to "
            f"{SMALL:,} only; there are {', '.join(f'.{entry.suffix}' for entry in (*graph.formats, *QUADS))}"
        )
    return offered(f"graph {graph.name}", suffix, (*graph.formats, HTML), QUADS)


def _links(graph: _Graph) -> str:
    formats = [
        f'<{root()}/graph/{graph.name}.{entry.suffix}>; rel="alternate"; type="{entry.media_type}"'
        for entry in (*graph.formats, *QUADS, HTML)
    ]
    about = [
        f'<{graph.iri}>; rel="cite-as"',
        f'<{root()}/dataset>; rel="collection"',
        f'<{root()}/dataset>; rel="describedby"',
        f'<{graph.served.project.license}>; rel="license"',
    ]
    items = [f'<{root()}/downloads/{file.name}>; rel="item"; type="application/gzip"' for file in graph.files.values()]
    return ", ".join([*about, *items, *formats])


def _sent(graph: _Graph, chosen: Format) -> Response:
    if chosen is HTML:
        return _given(graph, chosen, lambda: _page(graph).encode())
    if chosen.name in _WHOLE:
        return _given(graph, chosen, lambda: written(_triples(graph), chosen, graph.served.project))
    if chosen.name == "ntriples":
        return _as_ntriples(graph, chosen)
    return _as_it_is(graph, chosen)


def _given(graph: _Graph, chosen: Format, make: Callable[[], bytes]) -> Response:
    key = ("graph", graph.name, chosen.name, root())
    return give(graph.served, key, chosen.content_type, lambda: Made(Answer(make(), chosen)), keep=True)


# From the dumps -----------------------------------------------------------------------------------


def _as_it_is(graph: _Graph, chosen: Format) -> Response:
    """Send a dump to those who take gzip, and unpack it for others."""
    file = graph.files[chosen.name]
    response = _begun(chosen, file.sha256)
    packed = _takes_gzip()
    response.content_length = file.size if packed else file.unpacked
    path = located(graph.served.release, file)
    return _filled(response, lambda: pieces_of(opened(path, packed=packed)))


def _as_ntriples(graph: _Graph, chosen: Format) -> Response:
    response = _begun(chosen, f"{graph.files['nquads'].sha256}-triples")
    end = f" <{graph.iri}> .\n".encode()

    def pieces() -> Iterator[bytes]:
        with graph.open("nquads") as file:
            while lines := file.readlines(PIECE):
                yield b"".join([line[: -len(end)] + b" .\n" for line in lines])

    return _filled(response, lambda: _compressed(pieces()) if _takes_gzip() else pieces())


def _takes_gzip() -> bool:
    return request.accept_encodings["gzip"] > 0


def _begun(chosen: Format, tag: str) -> Response:
    response = Response(content_type=chosen.content_type)
    response.headers["Cache-Control"] = KEEP
    if _takes_gzip():
        response.headers["Content-Encoding"] = "gzip"
    response.set_etag(f"{tag}-gzip" if _takes_gzip() else tag)
    return response


def _filled(response: Response, pieces: Callable[[], Iterable[bytes]]) -> Response:
    """Give a response its body, unless the client has it or wants none."""
    if not unchanged(response) and request.method != "HEAD":
        response.response = pieces()
    return response


def _compressed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS + 16)
    for piece in pieces:
        yield from filter(None, [packer.compress(piece)])
    yield packer.flush()


def _triples(graph: _Graph, most: int | None = None) -> list[ox.Triple]:
    with graph.open("nquads") as file:
        return [quad.triple for quad in ox.parse(b"".join(islice(file, most)), format=ox.RdfFormat.N_QUADS)]


# The page -----------------------------------------------------------------------------------------


def _page(graph: _Graph) -> str:
    triples = _triples(graph, _SAMPLE)
    short = Prefixes(prefixes(graph.served.project))
    base = graph.served.project.base
    rows = tuple(tuple(_entry(term, short, base) for term in triple) for triple in triples)
    return render_template(
        "named_graph.html",
        name=graph.name,
        iri=graph.iri,
        comment=GRAPH_COMMENTS[graph.name],
        triples=graph.triples,
        formats=[*graph.formats, *QUADS],
        files=list(graph.files.values()),
        human=human,
        small=SMALL,
        table=Table(("subject", "property", "value"), rows, graph.triples),
        query=f"SELECT ?subject ?property ?value {{ GRAPH <{graph.iri}> {{ ?subject ?property ?value }} }} LIMIT 100",
    )


def _entry(term: object, short: Prefixes, base: str) -> Entry:
    if isinstance(term, ox.NamedNode):
        iri = term.value
        here = f"{root()}/{iri.removeprefix(base)}" if iri.startswith(base) else iri
        return Entry("iri", iri, short(iri) or iri, here if here.startswith(("/", "http://", "https://")) else "")
    value = term if isinstance(term, ox.Literal) else ox.Literal(str(term))
    text = value.value if len(value.value) <= 200 else value.value[:199] + "…"
    return Entry("literal", value.value, text, language=value.language or "", cut=text != value.value)
