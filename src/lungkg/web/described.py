"""Gives the documents of what is served: made once for a release, kept, and known again by their tag."""

import contextlib
import hashlib
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import pyoxigraph as ox
from cachetools import LRUCache
from flask import Response

from lungkg import __version__
from lungkg.engines import Answer, NotAcceptable
from lungkg.errors import EngineError
from lungkg.formats import RESULTS, Format
from lungkg.limits import Limits
from lungkg.linked.describer import Describer, Document
from lungkg.linked.labels import Ask
from lungkg.linked.writing import Unwritable
from lungkg.web.answers import Made, Reading, give, root
from lungkg.web.kept import Kept
from lungkg.web.service import Served
from lungkg.web.variants import HTML, Place, links

_RECENT: Final = 20_000  # triples, some 10 MB
_RELEASE: Final = ("id", "date", "version", "software")


class Recent:
    """The documents that were made last: who reads a page often wants its data next."""

    def __init__(self) -> None:
        self._documents: LRUCache[str, Document] = LRUCache(_RECENT, lambda document: document.size)
        self._lock = threading.Lock()

    def document(self, path: str, make: Callable[[], Document]) -> Document:
        """Give the document at a path; what `make` raises is not kept."""
        with self._lock:
            found = self._documents.get(path)
        if found is None:
            found = make()
            with self._lock, contextlib.suppress(ValueError):  # one that is longer than all the room is not kept
                self._documents[path] = found
        return found


class Documents:
    """Makes and gives documents about what is in the graph."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._describers = Kept(self._describer)
        self._marks = Kept(_mark)
        self._recent = Kept(lambda _: Recent())

    def _describer(self, served: Served) -> Describer:
        return Describer(served.project, str(served.release.info["date"]), self.ask(served))

    def describer(self, served: Served) -> Describer:
        """Give what makes the documents of a release."""
        return self._describers.of(served)

    def ask(self, served: Served) -> Ask:
        """Give the engine as the makers of documents ask it, within the limits of this request."""
        reading = Reading(served.engine, self._limits.timeout)

        def ask(text: str) -> ox.QuerySolutions:
            content = reading.query(text, RESULTS[0]).content
            try:
                found = ox.parse_query_results(content, format=ox.QueryResultsFormat.JSON)
            except (SyntaxError, ValueError) as error:
                raise EngineError(f"the engine's answer is no SPARQL results JSON: {error}") from None
            if not isinstance(found, ox.QuerySolutions):
                raise EngineError("the engine answers a SELECT query without rows")
            return found

        return ask

    def give(
        self,
        served: Served,
        place: Place,
        chosen: Format,
        make: Callable[[], Document],
        page: Callable[[Document], str],
        following: Callable[[Document], str] = lambda _: "",
    ) -> Response:
        """Give the document that `make` makes, in a form; `page` writes it for a browser."""

        def made() -> Made:
            document = self._recent.of(served).document(place.path, make) if served.constant else make()
            body = page(document).encode() if chosen == HTML else self.written(served, document, chosen)
            told = links(place, chosen, served.project.license, following(document))
            return Made(Answer(body, chosen), told)

        return self.kept(served, place, chosen, made)

    def written(self, served: Served, document: Document, chosen: Format) -> bytes:
        """Write a document in a form of RDF; raises NotAcceptable where that form has no way to."""
        try:
            return self.describer(served).write(document, chosen)
        except Unwritable as error:
            raise NotAcceptable(f"this document cannot be written as {chosen.media_type}: {error}") from None

    def kept(
        self, served: Served, place: Place, chosen: Format, make: Callable[[], Made], beside: str = ""
    ) -> Response:
        """Give what was made before, or make it; whoever has it already is told so without asking the engine.

        `beside` names what a document depends on beside the release, the project and its address.
        """
        key = ("document", root(), place.path, chosen.suffix, *filter(None, [beside]))
        mark = hashlib.sha256("\n".join((self._marks.of(served), *key)).encode()).hexdigest()[:32]
        since = None if beside else modified(served)  # what lies beside a release has no date that is known
        response = give(served, key, chosen.content_type, make, keep=served.constant, mark=mark, modified=since)
        response.headers["Content-Location"] = place.href(chosen)
        return response


def modified(served: Served) -> datetime | None:
    """Say when what is served was built, if its release says so: no answer of it is older, none changes later."""
    built = served.release.info.get("built")
    return datetime.fromisoformat(str(built)).astimezone(UTC) if built and served.constant else None


def _mark(served: Served) -> str:
    """Hash what documents depend on beside their address: release, software, what the project says of itself."""
    project, info = served.project, served.release.info
    said = [project.base, project.name, project.title, project.license, project.publisher, sorted(project.prefixes)]
    return hashlib.sha256(json.dumps([__version__, *(info.get(name) for name in _RELEASE), *said]).encode()).hexdigest()
