"""Things and the documents about them: /id/TYPE/NAME leads to /doc/TYPE/NAME, and /describe?iri= to any other.

A thing that is not there is a 404 at once, never a redirect to one; a withdrawn thing is a 410 that says why,
and one that goes by another name now is a 301 to that.
"""

import base64
import difflib
import hashlib
from typing import Final
from urllib.parse import quote

import pyoxigraph as ox
from flask import Blueprint, Response, redirect, request
from werkzeug.exceptions import Gone, NotFound
from werkzeug.wrappers import Response as AnyResponse

from lungkg.errors import BadParameter, EngineFault
from lungkg.formats import Format
from lungkg.limits import Limits
from lungkg.linked.about import links_query
from lungkg.linked.addresses import Thing, thing
from lungkg.linked.describer import Document
from lungkg.linked.documents import Fate, fate
from lungkg.linked.near import OF_DOCUMENTS, near
from lungkg.namespaces import ONT
from lungkg.project import THING_TYPES
from lungkg.queries.names import Names
from lungkg.web import problems
from lungkg.web.answers import KEEP, root
from lungkg.web.described import Documents, modified
from lungkg.web.service import Served, Service
from lungkg.web.thing_pages import external_page, links_page, thing_page
from lungkg.web.variants import HTML, Place, links, settle

_TEXT: Final = f"SELECT ?text ?sum {{ %s <{ONT}text> ?text ; <{ONT}sha256> ?sum }} LIMIT 1"
_ANSWERED: Final = ("id/", "doc/", "ont", "shapes", "dataset", "graph/", "query/", "sparql", "context.jsonld")
_MOST_AFTER: Final = 10**9


class _Fated(Exception):
    """A thing that was looked for is not what it was."""

    def __init__(self, document: Document) -> None:
        self.document = document
        super().__init__()


def blueprint(service: Service, limits: Limits, documents: Documents) -> Blueprint:
    """Make the addresses of things and of the documents about them."""
    routes = Blueprint("resources", __name__)
    things = _Things(documents, limits)

    @routes.get("/id/<type>/<local>")
    def resource(type: str, local: str) -> AnyResponse:
        with service.lease() as served:
            return things.lead(served, _thing(type, local))

    @routes.get("/doc/<type>/<file>")
    def document(type: str, file: str) -> AnyResponse:
        local, dot, suffix = file.partition(".")
        with service.lease() as served:
            return things.answer(served, _thing(type, local), suffix if dot else None)

    @routes.get("/describe")
    @routes.get("/describe.<suffix>")
    def described(suffix: str | None = None) -> AnyResponse:
        with service.lease() as served:
            return things.describe(served, suffix)

    return routes


def _thing(type: str, local: str) -> Thing:
    found = thing(type, local)
    if found is not None:
        return found
    if type not in THING_TYPES:
        raise NotFound(f"There are no things of type {type[:40]!r}; there are {', '.join(THING_TYPES)}.")
    name, dot, suffix = local.partition(".")
    if dot and thing(type, name):
        raise NotFound(
            f"The name of a thing has no suffix: {root()}/id/{type}/{name} is the thing, and the document about it "
            f"is {root()}/doc/{type}/{name}.{suffix[:40]}"
        )
    raise NotFound(f"{local[:80]!r} is no name of a thing: those have letters, digits, _ and - only.")


class _Things:
    """Answers requests for things, for documents about them, and for what others define."""

    def __init__(self, documents: Documents, limits: Limits) -> None:
        self._documents, self._limits = documents, limits

    # The thing -----------------------------------------------------------------------------------

    def lead(self, served: Served, wanted: Thing) -> AnyResponse:
        """Lead from a thing to the document about it."""
        found = fate(self._documents.ask(served), served.project.base + wanted.id)
        if not found.there:
            raise self._unknown(served, wanted)
        if found.now:
            return self._moved(served, found, None)
        if found.gone:
            return self.answer(served, wanted, None)
        asked = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
        response = redirect(f"{root()}/{wanted.document}{quote(asked, safe='?&=%+')}", 303)
        response.headers["Link"] = f'<{root()}/{wanted.document}>; rel="describedby"'
        response.headers["Cache-Control"] = KEEP
        return response

    def _moved(self, served: Served, found: Fate, chosen_form: Format | None) -> AnyResponse:
        """Lead to what a thing goes by now: from the thing to the thing, from a document to the same form of it."""
        now = self._documents.describer(served).addresses.thing(found.now)
        place = found.now
        if now is not None and request.path.startswith("/id/"):
            place = f"{root()}/{now.id}"
        elif now is not None:
            place = f"{root()}/{now.document}" + (f".{chosen_form.suffix}" if chosen_form else "")
        response = redirect(place, 301)
        response.headers["Cache-Control"] = KEEP
        return response

    def _unknown(self, served: Served, wanted: Thing) -> NotFound:
        """Say that a thing is not there, and which ones are near."""
        if wanted.type == "query":
            return _unknown_query(served, wanted.local)
        if wanted.type in OF_DOCUMENTS:
            names = near(self._documents.ask(served), served.project.base, wanted)
        else:
            known = Names.of_engine(served.engine, served.project, timeout=self._limits.timeout)
            names = known.near(wanted.type, wanted.local)
        places = [f"{root()}/id/{wanted.type}/{name}" for name in names]
        hint = f" Did you mean {', '.join(places)}?" if places else ""
        return NotFound(f"There is no {wanted.type} {wanted.local[:80]!r}.{hint}")

    # The document --------------------------------------------------------------------------------

    def answer(self, served: Served, wanted: Thing, suffix: str | None) -> AnyResponse:
        """Answer with the document about a thing, in the form that is wanted."""
        if suffix == "txt" and wanted.type == "document":
            return self._text(served, wanted)
        place = self._place(served, wanted)
        form = settle(place, suffix)
        if not isinstance(form, Format):
            return form
        try:
            return self._found(served, wanted, place, form)
        except _Fated as other:
            if other.document.fate.gone:
                return self._gone(served, place, form, other.document, wanted)
            return self._moved(served, other.document.fate, form if suffix else None)

    def _found(self, served: Served, wanted: Thing, place: Place, form: Format) -> Response:
        """Answer with the document, or a page of its links; raises _Fated for what was withdrawn or has moved."""
        if "inverse" in request.args:
            return self._links(served, wanted.document, place, form)
        return self._documents.give(
            served, place, form, lambda: self._made(served, wanted), lambda made: thing_page(served, made, wanted)
        )

    def _place(self, served: Served, wanted: Thing) -> Place:
        text = f"{wanted.document}.txt" if wanted.type == "document" else ""
        path = self._path(served, wanted.document)
        return Place(path, served.project.base + wanted.id, wanted.type, wanted.id, text)

    def _path(self, served: Served, document: str) -> str:
        """Give the path of a document, or of the page of its links that is asked for."""
        if "inverse" not in request.args:
            return document
        link, after = self._links_asked(served)
        return document + links_query(document, link, after or None)

    def _links_asked(self, served: Served) -> tuple[str, int]:
        """Read which property is asked for, and how many links come before."""
        return self._iri(served, "inverse", request.args["inverse"]), _number("after", request.args.get("after", "0"))

    def _made(self, served: Served, wanted: Thing) -> Document:
        """Make the document; raises NotFound, or _Fated for what was withdrawn or goes by another name."""
        made = self._documents.describer(served).document(self._documents.ask(served), wanted)
        if made is None:
            raise self._unknown(served, wanted)
        if made.fate.gone or made.fate.now:
            raise _Fated(made)
        return made

    def _gone(self, served: Served, place: Place, form: Format, document: Document, wanted: Thing) -> Response:
        """Answer with what is left of a withdrawn thing: that it was, and why it is no more."""
        if form == HTML:
            body = thing_page(served, document, wanted).encode()
        else:
            body = self._documents.written(served, document, form)
        response = Response(body, Gone.code, content_type=form.content_type)
        response.headers["Link"] = links(place, form, served.project.license)
        response.headers["Content-Location"] = place.href(form)
        response.headers["Cache-Control"] = KEEP
        return response

    def _links(self, served: Served, document: str, place: Place, form: Format) -> Response:
        """Answer with a page of those that point at something; `document` is the path of the document about that."""
        link, after = self._links_asked(served)

        def make() -> Document:
            describer = self._documents.describer(served)
            made = describer.links(self._documents.ask(served), document, place.node, link, after)
            if not made.description.links[0].subjects:
                raise NotFound(f"Nothing {'more ' if after else ''}points at {place.node} by {link}.")
            return made

        def following(made: Document) -> str:
            return f"{root()}/{made.following}" if made.following else ""

        return self._documents.give(
            served, place, form, make, lambda made: links_page(served, made, document), following
        )

    def _text(self, served: Served, wanted: Thing) -> Response:
        """Answer with the exact bytes of a document's text, or of a part of it."""
        node = ox.NamedNode(served.project.base + wanted.id)
        row = next(iter(self._documents.ask(served)(_TEXT % node)), None)
        if row is None:
            raise self._unknown(served, wanted)
        content, told = row["text"].value.encode(), row["sum"].value
        found = hashlib.sha256(content)
        if found.hexdigest() != told:
            what = f"gives another text for {wanted.local} than was put in: its SHA-256 is not {told}"
            raise EngineFault(served.project.base + "sparql", what)
        response = Response(content, content_type="text/plain; charset=utf-8")
        response.set_etag(told)
        response.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(found.digest()).decode()}:"
        response.headers["Cache-Control"] = KEEP
        response.headers["Link"] = (
            f'<{root()}/{wanted.document}>; rel="describedby", <{root()}/{wanted.id}>; rel="about"'
        )
        response.last_modified = modified(served)
        response.make_conditional(request, accept_ranges=True, complete_length=len(content))
        return response

    # What others define --------------------------------------------------------------------------

    def describe(self, served: Served, suffix: str | None) -> AnyResponse:
        """Answer with what is known of any IRI; one of ours leads to its own document."""
        if "iri" not in request.args and suffix is None and problems.wants_page():
            return Response(external_page(served, None))
        iri = self._iri(served, "iri", request.args.get("iri", ""))
        path = self._documents.describer(served).addresses.page(iri)
        if path.startswith("describe?"):
            return self._external(served, iri, path, suffix)
        return self._own(served, iri, path, suffix)

    def _own(self, served: Served, iri: str, path: str, suffix: str | None) -> AnyResponse:
        describer = self._documents.describer(served)
        wanted = describer.addresses.thing(iri)
        if wanted and not fate(self._documents.ask(served), served.project.base + wanted.id).there:
            raise self._unknown(served, wanted)
        if not wanted and not path.startswith(_ANSWERED):
            raise NotFound(f"<{iri[:200]}> is below the base of {served.project.name}, but there is no such thing.")
        document, mark, part = path.partition("#")
        form = f".{suffix}" if suffix and wanted else ""
        response = redirect(f"{root()}/{quote(document, safe='/?=&%')}{form}{mark}{quote(part, safe='/:%')}", 303)
        response.headers["Cache-Control"] = KEEP
        return response

    def _external(self, served: Served, iri: str, document: str, suffix: str | None) -> AnyResponse:
        place = Place(self._path(served, document), iri)
        form = settle(place, suffix)
        if not isinstance(form, Format):
            return form
        if "inverse" in request.args:
            return self._links(served, document, place, form)

        def make() -> Document:
            made = self._documents.describer(served).external(self._documents.ask(served), iri)
            if made is None:
                raise NotFound(f"Nothing is known here of <{iri[:200]}>.")
            return made

        return self._documents.give(served, place, form, make, lambda made: external_page(served, made))

    def _iri(self, served: Served, name: str, given: str) -> str:
        """Read an IRI, or a CURIE with one of the project's prefixes. Raises BadParameter for anything else."""
        prefix, colon, local = given.partition(":")
        prefixes = self._documents.describer(served).prefixes
        iri = prefixes[prefix] + local if prefix in prefixes and not local.startswith("//") else given
        try:
            return ox.NamedNode(iri.strip() if colon else "").value
        except ValueError as error:
            example = f"for example {quote(served.project.ont, safe=':/')}"
            raise BadParameter(name, f"must be an absolute IRI, not {given[:200]!r} ({error}); {example}") from None


def _number(name: str, given: str) -> int:
    if not given.isascii() or not given.isdigit() or int(given[:20]) > _MOST_AFTER:
        raise BadParameter(name, f"must be a number from 0, not {given[:40]!r}")
    return int(given)


def _unknown_query(served: Served, name: str) -> NotFound:
    if name in served.catalogue:
        return NotFound(f"The release that is served was built before the query {name} was written.")
    near = difflib.get_close_matches(name, served.catalogue, n=3)
    hint = f" Did you mean {' or '.join(near)}?" if near else f" The list of all is at {root()}/query/."
    return NotFound(f"There is no canned query {name[:80]!r}.{hint}")
