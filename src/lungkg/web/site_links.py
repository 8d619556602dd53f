"""Makes the links of the server's pages into links between files: relative, so that they hold wherever those are."""

import html
import os.path
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from lungkg.linked.addresses import Addresses
from lungkg.project import THING_TYPES, Project

ROOT: Final = "/-site-"
"""The mount prefix that pages are written with before their links are made relative; no page has it otherwise."""

ABOUT: Final = "index.html#copy"
"""Where a reader finds what only a server can do."""

_REMEMBERED: Final = 10_000  # links whose files are known
_ATTRIBUTE: Final = re.compile(rf'\b(href|src|action|content)="{ROOT}(/[^"]*)?"')
_FORM: Final = re.compile(rf'<form\b[^>]*\baction="{ROOT}[^"]*"[^>]*>.*?</form>', re.DOTALL)
_THING: Final = re.compile(rf"(?:id|doc)/({'|'.join(THING_TYPES)})/([A-Za-z0-9_-]+)")


@dataclass(frozen=True, slots=True)
class Host:
    """What is known of the world around the files: a SPARQL endpoint, and the address that they will have."""

    endpoint: str = ""
    address: str = ""


class Links:
    """Knows to which file, or to what else, a link of the server leads.

    `pages` are the paths of files that there are, and `moved` the paths of documents about what goes by another
    name now, with those of the others.
    """

    def __init__(self, project: Project, host: Host, pages: Container[str], moved: Mapping[str, str]) -> None:
        self._addresses = Addresses(project)
        self._host, self._pages, self._moved = host, pages, moved
        self._address = host.address or project.base
        self._link = lru_cache(_REMEMBERED)(self._linked)
        self._served_as = f"{origin(project, host)}{ROOT}/"

    def page(self, path: str, content: str) -> str:
        """Give a page, to be put at a path, with all its links made into links between files."""
        here = os.path.dirname(path)  # noqa: PTH120 # an address, not a file of this machine

        def relative(found: re.Match[str]) -> str:
            return f'{found[1]}="{self._link(found[2] or "/", here)}"'

        content = _FORM.sub(f'<p class="note"><a href="{ROOT}/{ABOUT}">Asked of a server only</a></p>', content)
        return self.text(path, _ATTRIBUTE.sub(relative, content))

    def text(self, path: str, content: str) -> str:
        """Give a text with every address of the server in it made into that of a file."""
        here = os.path.dirname(path)  # noqa: PTH120
        whole = content.replace(self._served_as, self._address)
        return re.sub(rf"{ROOT}/([^\s\"'<>]*)", lambda found: _relative(found[1], here), whole)

    def _linked(self, link: str, here: str) -> str:
        """Write a link of a page in a folder; those to the vocabulary are on every page."""
        return html.escape(_relative(self.target(html.unescape(link)), here))

    def target(self, link: str) -> str:
        """Give the path of the file that a link of the server leads to, or the address of something else.

        A link is what follows the mount prefix: `/doc/claim/x#source`.
        """
        address = urlsplit(link)
        path, query = address.path.lstrip("/"), parse_qs(address.query)
        mark = f"#{address.fragment}" if address.fragment else ""
        if path == "describe":
            return self._described(query.get("iri", [""])[0])
        if "inverse" in query:
            return self._inverse(path, query["inverse"][0])
        if path == "sparql":
            return self._asked(query.get("query", [""])[0])
        file = self._file(path)
        return file + mark if file else ABOUT

    def _file(self, path: str) -> str:
        """Give the file of what is at a path of the server; empty when there is none."""
        if path.startswith("query"):  # the answers are the server's; the question has a document
            name = path.removeprefix("query").strip("/").partition(".")[0]
            return f"doc/query/{name or 'index'}.html"
        found = _THING.fullmatch(path)
        if found:
            document = f"doc/{found[1]}/{found[2]}"
            return f"{self._moved.get(document, document)}.html"
        written = path if path.startswith(("doc/", "static/")) else ""
        return next((page for page in (f"{path}.html", f"{path}index.html", path) if page in self._pages), written)

    def _described(self, iri: str) -> str:
        """Lead to what others define where they define it."""
        return iri if iri.startswith(("http://", "https://")) else ABOUT

    def _inverse(self, path: str, link: str) -> str:
        thing = self._addresses.thing(self._addresses.base + path.partition(".")[0])
        if thing is None:
            return ABOUT
        return self._asked(f"SELECT ?thing {{ ?thing <{unquote(link)}> <{self._addresses.base}{thing.id}> }}")

    def _asked(self, text: str) -> str:
        """Lead to the endpoint, with a query if there is one."""
        if not self._host.endpoint:
            return ABOUT
        return f"{self._host.endpoint}?{urlencode({'query': text})}" if text else self._host.endpoint


def origin(project: Project, host: Host) -> str:
    """Give scheme and host under which pages are asked for, so that whole addresses on them can be told apart."""
    address = urlsplit(host.address or project.base)
    return f"{address.scheme}://{address.netloc}"


def _relative(target: str, here: str) -> str:
    """Write a path as seen from a folder; an address is left as it is.

    >>> _relative("ont.html#Claim", "doc/claim"), _relative("https://a.org/b", "doc/claim")
    ('../../ont.html#Claim', 'https://a.org/b')
    """
    if re.match(r"[a-z][a-z0-9+.-]*:", target):
        return target
    path, mark, fragment = target.partition("#")
    found = os.path.relpath(path or ".", here or ".")
    return f"{found}/{mark}{fragment}" if path.endswith("/") else f"{found}{mark}{fragment}"
