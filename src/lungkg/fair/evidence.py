"""What the checks look at: the graph of a release, and what a server of it answers."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import Final, NamedTuple, Protocol
from urllib.parse import urljoin, urlsplit

import pyoxigraph as ox

from lungkg.fair.synonyms import SYNONYMS
from lungkg.namespaces import RDF, Minter
from lungkg.project import Project
from lungkg.release import Release

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

HTML: Final = "text/html"
RDF_TYPES: Final = ("text/turtle", "application/rdf+xml", "application/ld+json", "application/n-triples")
MOST_READ: Final = 2**26  # bytes; descriptions and vocabularies are far smaller
_HOPS: Final = 5
_IN_TURN: Final = "text/turtle, application/rdf+xml;q=0.9, application/ld+json;q=0.8, application/n-triples;q=0.7"


class Reply(NamedTuple):
    """What was answered to a request; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The media type, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Fetch(Protocol):
    """Asks a server of the release for a path below its base, by GET, without following redirects."""

    def __call__(self, path: str, accept: str, most: int = MOST_READ, /) -> Reply:
        """Give the answer to one request, with the first `most` bytes of its body.

        Never raises for what the server says.
        """


Probe = Callable[[Release, Project], AbstractContextManager[Fetch]]
"""Opens a server for a release that may not be published yet, and gives what asks it."""


class Facts:
    """Triples, looked up by subject and by what they say."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self.triples = tuple(triples)
        self._said: dict[tuple[str, str], list[Term]] = {}
        for triple in self.triples:
            self._said.setdefault((str(triple.subject), triple.predicate.value), []).append(triple.object)

    def values(self, subject: str, *properties: str) -> list[Term]:
        """List what is said of an IRI (or of a term in N-Triples) by any of some properties."""
        node = subject if subject.startswith(("<", "_:")) else f"<{subject}>"
        return [value for name in properties for value in self._said.get((node, name), ())]

    def said(self, subject: str, what: str) -> list[Term]:
        """List what is said of an IRI by any of the properties that SYNONYMS has for it."""
        return self.values(subject, *SYNONYMS[what])

    def of_type(self, *types: str) -> list[ox.NamedNode]:
        """List the IRIs that have any of some types, sorted, each once."""
        found = {
            triple.subject.value
            for triple in self.triples
            if triple.predicate.value == RDF + "type"
            and isinstance(triple.object, ox.NamedNode)
            and triple.object.value in types
            and isinstance(triple.subject, ox.NamedNode)
        }
        return [ox.NamedNode(iri) for iri in sorted(found)]


class Unreadable(Exception):
    """An answer that is not the RDF it says it is; told as a failure of the check that asked."""


@dataclass(frozen=True)
class Evidence:
    """The graph of a release and a server of it; what was asked once is not asked again."""

    project: Project
    store: ox.Store
    fetch: Fetch
    _replies: dict[tuple[str, str], Reply] = field(default_factory=dict, repr=False)

    @property
    def ontology(self) -> str:
        """The IRI of the project's ontology; `--base` does not move it."""
        return self.project.ont.removesuffix("#")

    @property
    def dataset(self) -> str:
        """The IRI of the dataset."""
        return Minter(self.project.base).dataset

    @cached_property
    def vocabulary(self) -> Facts:
        """What the graph of the ontology says."""
        graph = ox.NamedNode(Minter(self.project.base).graph("ontology"))
        return Facts(quad.triple for quad in self.store.quads_for_pattern(None, None, None, graph))

    @cached_property
    def metadata(self) -> Facts:
        """What the document about the dataset says, in RDF and within its page."""
        found = list(self.embedded.triples)
        reply = self.get(self.dataset, _IN_TURN)
        with suppress(Unreadable):  # there are checks for that; to all others nothing is said
            found += read_rdf(reply, self.dataset)
        return Facts(dict.fromkeys(found))

    @cached_property
    def embedded(self) -> Facts:
        """What the JSON-LD within the page of the dataset says; nothing when there is none that reads."""
        reply = self.get(self.dataset, HTML)
        found: list[ox.Triple] = []
        for script in json_ld(reply):
            try:
                found += read_rdf(Reply(200, {"content-type": "application/ld+json"}, script), self.dataset)
            except Unreadable:
                continue
        return Facts(found)

    def get(self, iri: str, accept: str) -> Reply:
        """Ask for an IRI below the base of the project, following redirects; 404 for one that is elsewhere."""
        return self._follow(iri, lambda path: self._once(path, accept))

    def reach(self, iri: str) -> Reply:
        """Ask for data, in whatever form they are; only the beginning is read, and nothing of it is kept."""
        return self._follow(iri, lambda path: self.fetch(path, "*/*", 1))

    def _follow(self, iri: str, ask: Callable[[str], Reply]) -> Reply:
        for _ in range(_HOPS):
            path = self.path_of(iri)
            reply = ask(path) if path else Reply(404, {}, b"")
            if reply.status not in (301, 302, 303, 307, 308):
                return reply
            iri = urljoin(self.project.base, reply.headers.get("location", "").lstrip("/"))
        return Reply(508, {}, b"")

    def path_of(self, iri: str) -> str:
        """Give the path, from the root of a server, of an IRI that a server of this release answers for, or ""."""
        address = iri.partition("#")[0]
        for base in sorted({self.project.base, self.project.written_base}, key=len, reverse=True):
            if address.startswith(base):
                return "/" + address[len(base) :]
        return ""

    def _once(self, path: str, accept: str) -> Reply:
        if (path, accept) not in self._replies:
            self._replies[path, accept] = self.fetch(path, accept)
        return self._replies[path, accept]


def read_rdf(reply: Reply, base: str) -> list[ox.Triple]:
    """Read an answer as RDF, in the form that its Content-Type names.

    Raises Unreadable when it is no RDF, or not well formed, or no success.
    """
    if reply.status != 200:
        raise Unreadable(f"the status is {reply.status}")
    form = ox.RdfFormat.from_media_type(reply.media_type) if reply.media_type else None
    if form is None:
        raise Unreadable(f"the media type {reply.media_type or '(none)'} is not one of RDF")
    try:
        return [quad.triple for quad in ox.parse(reply.body, format=form, base_iri=base, rename_blank_nodes=True)]
    except (SyntaxError, ValueError) as error:
        raise Unreadable(f"this is not {form.name}: {error.args[0]}") from None


class _Scripts(HTMLParser):
    """Collects the JSON-LD of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script" and dict(attrs).get("type") == "application/ld+json"
        if self._inside:
            self.found.append("")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._inside = False


def json_ld(reply: Reply) -> list[bytes]:
    """List the pieces of JSON-LD that stand in a page."""
    if reply.status != 200 or reply.media_type != HTML:
        return []
    reader = _Scripts()
    reader.feed(reply.body.decode("utf-8", "replace"))
    return [script.encode() for script in reader.found]


def host(iri: str) -> str:
    """Give the host of an IRI in lower case, empty when it has none."""
    try:
        return (urlsplit(iri).hostname or "").lower()
    except ValueError:
        return ""


def is_iri(text: str) -> bool:
    """Say whether a text is an absolute IRI."""
    return re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|^`\\]+", text) is not None
