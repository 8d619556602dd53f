"""The static twin of the server: every document in every form as a file, for hosts that only send files.

Documents about things are made straight from the store, one after the other; all other pages are those of the
application, found by following the links on them. What comes out is equal for equal releases.
"""

import html
import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
from flask import Flask, render_template

from lungkg.errors import InputError, Place, SystemProblem
from lungkg.linked.addresses import Thing
from lungkg.linked.describer import Describer, Document
from lungkg.linked.labels import words
from lungkg.linked.writing import Unwritable
from lungkg.namespaces import DCTERMS, GRAPHS, ONT
from lungkg.project import THING_TYPES
from lungkg.stores import select
from lungkg.triples import LABEL, A
from lungkg.web.service import Served
from lungkg.web.site_links import ROOT, Host, Links, origin
from lungkg.web.site_rules import apache, plain_headers, plain_redirects, w3id
from lungkg.web.thing_pages import thing_page
from lungkg.web.variants import FILES, HTML

MARK: Final = "site.json"
"""The file by which a folder is known as one that a site was written into."""

SEEDS: Final = (
    "ont", "shapes", "context.jsonld", ".well-known/sparql-examples", ".well-known/void",
    "dataset", "downloads/", "downloads/SHA256SUMS", "status", "status/fair",
    *(f"graph/{name}" for name in GRAPHS),
)  # fmt: skip
"""Pages from which all others are found, but those about things; what the application does not have is left out."""

_DYNAMIC: Final = (
    "doc/",
    "id/",
    "describe",
    "sparql",
    "query",
    "api",
    "openapi",
    "health",
    "metrics",
    "validate",
    "search",
)
_LINK: Final = re.compile(rf'(?:href|src)="{ROOT}/([^"#]*)')
_NOT_THERE: Final = (404, 406, 410)
_LISTED: Final = 1_000  # things on one page of a list

Progress = Callable[[int, int], None]
"""Called with how many documents are written, and how many there are."""


def write_site(
    app: Flask, served: Served, folder: Path, host: Host | None = None, progress: Progress = lambda _done, _of: None
) -> int:
    """Write what an application serves into a folder, as files; give how many documents about things there are.

    A folder that is there already has to be empty, or a site that was written before; it is replaced in the end,
    and stays as it is when something goes wrong. Memory grows with the names of things, not with what is said
    of them. Raises InputError for a folder that holds something else, SystemProblem when the disk says no.
    """
    check_folder(folder)
    try:
        with _beside(folder) as partly:
            site = _Site(app, served, partly, host or Host())
            site.write_pages()
            return site.write_things(progress)
    except OSError as error:
        raise SystemProblem(f"cannot write to {error.filename or folder}: {error.strerror or error}") from None


def check_folder(folder: Path) -> None:
    """Raise InputError for a place where no site can be written, SystemProblem for one that cannot be looked at."""
    try:
        if not folder.parent.is_dir():
            raise InputError.at(Place(folder), "there is no folder to make it in", f"Make {folder.parent} first.")
        if folder.exists() and not folder.is_dir():
            raise InputError.at(Place(folder), "this is a file", "A site is a folder; name another place.")
        if folder.is_dir() and not (folder / MARK).is_file() and any(folder.iterdir()):
            hint = "Name a new folder, or one that a site was written into before."
            raise InputError.at(Place(folder), "this folder holds something else", hint)
    except OSError as error:
        raise SystemProblem(f"cannot read {folder}: {error.strerror or error}") from None


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """Give an empty folder beside another one, which takes its place when all went well."""
    folder = folder.resolve()
    with tempfile.TemporaryDirectory(prefix=".lungkg-site-", dir=folder.parent, ignore_cleanup_errors=True) as beside:
        made = Path(beside) / "made"
        made.mkdir()
        yield made
        if folder.exists():
            folder.rename(Path(beside) / "before")
        made.rename(folder)


class _Site:
    """A site that is being written."""

    def __init__(self, app: Flask, served: Served, folder: Path, host: Host) -> None:
        self._app, self._served, self._folder, self._host = app, served, folder, host
        self._store = ox.Store.read_only(str(served.release.store))
        self._describer = Describer(served.project, str(served.release.info["date"]), self._ask)
        self._written = {"index.html"}
        self._folders: set[Path] = set()
        self._fates = self._find_fates()
        moved = {old.document: new.document for old, new in self._fates if new is not None}
        self._links = Links(served.project, host, self._written, moved)
        self._context: dict[str, Any] = {
            "base_url": origin(served.project, host),
            "environ_overrides": {"SCRIPT_NAME": ROOT},
        }

    def _ask(self, text: str) -> ox.QuerySolutions:
        return select(self._store, text)

    def _put(self, path: str, pieces: Iterable[bytes]) -> None:
        place = self._folder / path
        if place.parent not in self._folders:
            place.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(place.parent)
        with place.open("wb") as file:
            file.writelines(pieces)

    def _put_page(self, path: str, page: str) -> None:
        self._put(path, [self._links.page(path, page).encode()])

    # Pages of the application --------------------------------------------------------------------

    def write_pages(self) -> None:
        """Write all pages but those about things, and what they link to."""
        static = resources.files("lungkg") / "web" / "static"
        for entry in static.iterdir():
            self._put(f"static/{entry.name}", [entry.read_bytes()])
        pages: list[str] = []
        seen = set(SEEDS)
        waiting = list(SEEDS)
        while waiting:
            path = waiting.pop()
            for link in self._fetch(path, pages):
                if link not in seen and not link.startswith(("static/", *_DYNAMIC)) and "?" not in link and link:
                    seen.add(link)
                    waiting.append(link)
        if "dataset.ttl" in self._written:  # for hosts that lead nowhere
            self._put(".well-known/void", [(self._folder / "dataset.ttl").read_bytes()])
        for path in pages:  # now it is known which pages there are
            self._put_page(path, (self._folder / path).read_text("utf-8"))

    def _fetch(self, path: str, pages: list[str]) -> list[str]:
        """Ask the application for a page, write it, and give what it links to; nothing of what is not there."""
        client = self._app.test_client()
        with client.get(
            f"/{path}", headers={"Accept": "text/html, text/turtle;q=0.5, */*;q=0.1"}, **self._context
        ) as answer:
            if answer.status_code in (301, 302, 303, 307):
                return [answer.headers["Location"].partition("#")[0].removeprefix(f"{ROOT}/")]
            if answer.status_code in _NOT_THERE:
                return []
            if answer.status_code != 200:
                raise SystemProblem(f"the site is not written: /{path} is answered with {answer.status}")
            is_page = answer.mimetype == HTML.media_type
            if is_page and not path.endswith(f".{HTML.suffix}"):
                path += f"index.{HTML.suffix}" if path.endswith("/") else f".{HTML.suffix}"
            self._written.add(path)
            if not is_page and answer.mimetype != "application/json":
                self._put(path, answer.iter_encoded())
                return []
            self._put(path, [answer.data])
            pages.append(path)
            return [html.unescape(link) for link in _LINK.findall(answer.get_data(as_text=True))] if is_page else []

    # Things --------------------------------------------------------------------------------------

    def write_things(self, progress: Progress) -> int:
        """Write the documents about all things, the lists of them, and the rules for hosts."""
        moved = {old for old, new in self._fates if new is not None}
        things = {kind: [one for one in there if one not in moved] for kind, there in self._things().items()}
        total, done = sum(map(len, things.values())), 0
        with self._app.test_request_context("/", **self._context):
            for thing in (thing for there in things.values() for thing in there):
                self._write_thing(thing)
                done += 1
                progress(done, total)
            self._write_lists(things)
            self._put_page(
                "index.html", render_template("site.html", host=self._host, things=things, written=self._written)
            )
        self._write_rules()
        return total

    def _things(self) -> dict[str, list[Thing]]:
        """Find the things of each type, sorted by name."""
        start = f"{self._served.project.base}id/"
        found: dict[str, set[str]] = {kind: set() for kind in THING_TYPES}
        for quad in self._store.quads_for_pattern(None, A, None, None):
            subject = quad.subject
            if isinstance(subject, ox.NamedNode) and subject.value.startswith(start) and "#" not in subject.value:
                kind, _, local = subject.value[len(start) :].partition("/")
                found.setdefault(kind, set()).add(local)
        return {kind: [Thing(kind, local) for local in sorted(names)] for kind, names in found.items() if names}

    def _write_thing(self, thing: Thing) -> None:
        document = self._describer.document(self._ask, thing)
        if document is None:
            return
        for form in FILES:
            path = f"{thing.document}.{form.suffix}"
            if form == HTML:
                self._put_page(path, thing_page(self._served, document, thing))
            else:
                self._put_form(path, document, form)
        if thing.type == "document":
            for row in self._ask(f"SELECT ?text {{ <{document.node}> <{ONT}text> ?text }}"):
                self._put(f"{thing.document}.txt", [row["text"].value.encode()])

    def _put_form(self, path: str, document: Document, form: Any) -> None:
        try:
            content = self._describer.write(document, form)
        except Unwritable:
            return  # the server answers 406, too
        self._put(path, [content])

    def _write_lists(self, things: dict[str, list[Thing]]) -> None:
        for kind, there in things.items():
            pages = [there[start : start + _LISTED] for start in range(0, len(there), _LISTED)]
            names = [f"doc/{kind}/index.html", *(f"doc/{kind}/index-{n}.html" for n in range(2, len(pages) + 1))]
            for number, page in enumerate(pages):
                listed = [(thing, self._label(thing)) for thing in page]
                more = names[number + 1] if number + 1 < len(names) else ""
                first = number * _LISTED + 1
                self._put_page(
                    names[number],
                    render_template(
                        "site_list.html", kind=kind, listed=listed, more=more, first=first, total=len(there)
                    ),
                )

    def _label(self, thing: Thing) -> str:
        node = ox.NamedNode(self._served.project.base + thing.id)
        found = [
            quad.object.value
            for quad in self._store.quads_for_pattern(node, LABEL, None, None)
            if isinstance(quad.object, ox.Literal)
        ]
        return min(found, default=words(node.value))

    # Rules for hosts -----------------------------------------------------------------------------

    def _find_fates(self) -> list[tuple[Thing, Thing | None]]:
        """Find what was withdrawn, and what goes by another name now."""
        text = f"SELECT ?old ?new {{ ?old {A} <{ONT}Tombstone> OPTIONAL {{ ?old <{DCTERMS}isReplacedBy> ?new }} }}"
        found = []
        for row in self._ask(text):
            old = self._describer.addresses.thing(row["old"].value)
            new = self._describer.addresses.thing(row["new"].value) if row["new"] is not None else None
            if old is not None:
                found.append((old, new))
        return sorted(found, key=lambda pair: pair[0].id)

    def _write_rules(self) -> None:
        project, info, fates = self._served.project, self._served.release.info, self._fates
        self._put(".htaccess", [apache(project, info, fates).encode()])
        self._put("_headers", [plain_headers(project).encode()])
        self._put("_redirects", [plain_redirects(fates).encode()])
        self._put(".nojekyll", [])  # or GitHub leaves out what begins with a dot or underscore
        if self._host.address:
            self._put("w3id/.htaccess", [w3id(project, self._host.address).encode()])
        known = {"base": project.base, "endpoint": self._host.endpoint or None, "address": self._host.address or None}
        known |= {name: info[name] for name in ("id", "date", "version", "software")}
        self._put(MARK, [json.dumps(known, indent=2).encode() + b"\n"])
