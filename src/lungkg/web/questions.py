"""Canned queries as a browser sees them: the list of questions, and for each a form with the answer below."""

import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from flask import Response, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from lungkg.engines.base import NotAcceptable
from lungkg.errors import BadParameter, LungkgError
from lungkg.formats import HTML, Format, by_name, negotiate, table_for
from lungkg.limits import Limits
from lungkg.namespaces import Minter
from lungkg.queries import CannedQuery
from lungkg.queries.listing import about, search
from lungkg.queries.paging import Page, answer_page, cursor
from lungkg.web import examples, problems
from lungkg.web.answers import Asking, root
from lungkg.web.asked import Asked, bound, names, parameters
from lungkg.web.fields import Fields
from lungkg.web.service import Served
from lungkg.web.tables import Entry, Prefixes, Table, read_answer
from lungkg.web.writers import CLAIMS, OBJECTS, whole

_LIST: Final = Format("json", "application/json", "json")
_PREFIX: Final = re.compile(r"^@prefix ([^:\s]*): <[^>]*> \.\n", re.MULTILINE)
_EVERYBODY: Final = "everybody"
_CLAIM_KINDS: Final = ("claim", "inferred")
_LABELS: Final = {"objects": "JSON objects", "trig": "Claims in TriG", "nquads": "Claims in N-Quads"}


class File(NamedTuple):
    """The answer as a file: what it is called, its address, and how a form asks for it."""

    label: str
    address: str
    suffix: str
    format: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link with its text."""

    text: str
    address: str


class Pages:
    """Makes the pages of the canned queries, under the limits of the endpoint."""

    def __init__(self, limits: Limits, services: frozenset[str]) -> None:
        self._limits, self._services = limits, services
        self._fields = Fields()

    # The list ------------------------------------------------------------------------------------

    def index(self, served: Served, suffix: str) -> Response:
        """List the queries that have all the words of `q`, as a page or as JSON."""
        chosen, words = _wanted(request.args, suffix)
        found = search(served.catalogue, words)
        if chosen is HTML:
            groups = {"audience": _grouped(found, "audience"), "tags": _grouped(found, "tags")}
            page = render_template("query_list.html", found=found, q=words, all=len(served.catalogue), **groups)
            response = Response(page)
        else:
            listed = [{"href": f"{root()}/query/{query.name}", **about(query)} for query in found]
            told = {"release": served.release.id, "queries": listed}
            body = json.dumps(told, ensure_ascii=False, indent=1) + "\n"
            response = Response(body, content_type=chosen.content_type)
        response.headers["Cache-Control"] = "no-cache"
        response.add_etag()
        response.make_conditional(request)
        return response

    # The form and the answer ---------------------------------------------------------------------

    def answer(self, served: Served, asked: Asked, asking: Asking) -> Response:
        """Give the form with the answer below; the form alone when something required was not given."""
        page = asked.page(served.release.id)
        missing = [name for name in asked.query.examples if name not in asked.given]
        if missing and request.method != "POST":
            return self._page(served, asked, missing=missing if asked.given else [])
        began = time.monotonic()
        text = bound(served, asked, asking, self._limits, self._services)
        form = asked.query.form
        written = by_name("json" if form in ("SELECT", "ASK") else "turtle", table_for(form))
        part = answer_page(asking, text, written or table_for(form)[0], page)
        found = part.answer
        notes = request.environ.setdefault("lungkg.notes", {})
        notes.update(rows=found.rows, lane=found.lane)
        try:
            shown = read_answer(form, whole(found), served.project.prefixes)
        finally:
            if found.file is not None:
                found.file.close()
        if shown.text is not None:
            shown = replace(shown, text=replace(shown.text, text=used_prefixes(shown.text.text)))
        more = _around(served, asked, page, shown.table) if shown.table else {}
        return self._page(
            served,
            asked,
            answer=shown,
            seconds=time.monotonic() - began,
            text=examples.without_header(page.cut(text) if page and (page.start or part.after) else text),
            following=asked.next(part.after, served.release.id),
            after=cursor(part.after, served.release.id) if part.after else "",
            read=_read_as(served, asked, asking),
            **more,
        )

    def problem(self, served: Served, asked: Asked, error: LungkgError) -> Response:
        """Show what is wrong, at its field where it belongs to one, and keep the form."""
        told = problems.describe(error)
        return problems.finish(self._page(served, asked, problem=told, error=error), told)

    def _page(self, served: Served, asked: Asked, error: LungkgError | None = None, **more: Any) -> Response:
        query = asked.query
        endpoint = request.url_root
        page = render_template(
            "query.html",
            query=query,
            asked=asked,
            fields=self._fields.of(served, query, asked.given, error),
            example=Asked(query, "", query.examples).address(),
            permalink=asked.address("", format="", shape=""),
            files=list(_files(asked)),
            curl=examples.curl_of(f"{endpoint}query/{query.name}", asked.given, query.form),
            python=examples.python_of(f"{endpoint}sparql", query, asked.given),
            **more,
        )
        response = Response(page)
        response.headers["Cache-Control"] = "no-cache"
        response.headers["Link"] = asked.links(more.get("following"))
        return response


def _files(asked: Asked) -> Iterable[File]:
    """Give the same answer as files, one in each format."""
    for entry in (*asked.formats, *((OBJECTS,) if asked.query.form == "SELECT" else ())):
        shape = "objects" if entry is OBJECTS else ""
        claims = entry in CLAIMS
        label = _LABELS[entry.name] if claims or entry is OBJECTS else ""
        address = asked.address(entry.suffix, format="", shape=shape)
        yield File(label, address, entry.suffix, "" if entry is OBJECTS else entry.name)


def _around(served: Served, asked: Asked, page: Page | None, table: Table) -> dict[str, Any]:
    """Give what stands around the rows: the first page, what marks a row, and where more is said of its claim."""
    start = page.start if page else 0
    drops = [
        Link(parameter.label, replace(asked, given=_without(asked.given, name)).address("", after="", format=""))
        for name, parameter in asked.query.parameters.items()
        if name in asked.given and name not in asked.query.examples
    ]
    return {
        "first": start,
        "start": asked.address("", after="", format="", shape="") if start else "",
        "marks": _marks(asked.query, table),
        "more": _evidence(served, asked.query, table),
        **(_bars(table) if asked.query.view == "bar" else {}),
        "drops": drops,
    }


def _without(given: Mapping[str, tuple[str, ...]], name: str) -> dict[str, tuple[str, ...]]:
    return {key: values for key, values in given.items() if key != name}


def _marks(query: CannedQuery, table: Table) -> list[str]:
    """Mark the rows that no document says as they stand: those that are not `stated`."""
    if not query.claims or "standing" not in table.columns:
        return []
    at = table.columns.index("standing")
    return ["" if row[at].text.startswith("stated") else "derived" for row in table.rows]


def _bars(table: Table) -> dict[str, Any]:
    """Give the last column of numbers as bars, in percent of the greatest."""
    numbers = [at for at in range(len(table.columns)) if table.rows and all(row[at].numeric for row in table.rows)]
    if not numbers:
        return {}
    values = [max(0.0, float(row[numbers[-1]].text)) for row in table.rows]
    most = max(values) or 1.0
    return {"barred": table.columns[numbers[-1]], "bars": [f"{100 * value / most:.1f}" for value in values]}


def _evidence(served: Served, query: CannedQuery, table: Table) -> list[Link]:
    """Give for each row where more is said of its claim: the question about its evidence, or else its triples."""
    if query.claims not in table.columns:
        return []
    iris = Minter(served.project.base)
    asking = {kind: found for kind in _CLAIM_KINDS if (found := _about(served, kind, query)) is not None}
    at = table.columns.index(query.claims)
    starts = {iris.thing(kind, ""): kind for kind in asking}
    return [_link(asking, starts, row[at]) for row in table.rows]


def _about(served: Served, kind: str, but: CannedQuery) -> CannedQuery | None:
    """Find the question that needs nothing but a thing of a kind, one about evidence before others."""
    found = [
        query
        for query in served.catalogue.values()
        if query is not but and [query.parameters[name].kind for name in query.examples] == [kind]
    ]
    return min(found, key=lambda query: ("evidence" not in query.tags, query.name), default=None)


def _link(asking: Mapping[str, CannedQuery], starts: Mapping[str, str], entry: Entry) -> Link:
    if entry.kind != "iri":
        return Link("", "")
    for start, kind in starts.items():
        if entry.text.startswith(start):
            query = asking[kind]
            (name,) = query.examples
            return Link("evidence", Asked(query, "", {name: (entry.text.removeprefix(start),)}).address())
    return Link("triples", f"{root()}/sparql?{urlencode({'query': f'DESCRIBE <{entry.text}>'})}")


def _read_as(served: Served, asked: Asked, asking: Asking) -> dict[str, list[Entry]]:
    """Say how each name of a thing was understood."""
    short = Prefixes(served.project.prefixes)
    told = {}
    for name, value in parameters(asked, names(served, asking)).items():
        if asked.query.parameters[name].is_thing:
            iris = value if isinstance(value, list) else [value]
            told[name] = [Entry("iri", iri, short(iri) or iri, iri) for iri in iris]
    return told


def used_prefixes(turtle: str) -> str:
    """Leave out the prefixes that a text in Turtle does not use.

    >>> used_prefixes("@prefix a: <urn:a> .\\n@prefix b: <urn:b> .\\na:x a a:y .\\n")
    '@prefix a: <urn:a> .\\na:x a a:y .\\n'
    """
    rest = _PREFIX.sub("", turtle)
    return _PREFIX.sub(lambda line: line[0] if f"{line[1]}:" in rest else "", turtle)


# The list ----------------------------------------------------------------------------------------


def _wanted(sent: MultiDict[str, str], suffix: str) -> tuple[Format, str]:
    """Read the format and the words to look for."""
    for name in sent:
        if name not in ("q", "format"):
            raise BadParameter(name[:80], "is unknown; the list has q, words to look for, and format")
        if len(sent.getlist(name)) > 1:
            raise BadParameter(name, f"is given {len(sent.getlist(name))} times")
    table = (_LIST, HTML)
    if suffix:
        chosen = next((entry for entry in table if entry.suffix == suffix), None)
        if chosen is None:
            raise NotFound(f"The list has no form .{suffix[:40]}; there are .json and .html.")
        return chosen, sent.get("q", "")
    name = sent.get("format", "")
    accept = request.headers.get("Accept", "")
    chosen = by_name(name, table) if name else negotiate(accept, table)
    if chosen is None:
        asked = f"format {name[:40]!r}" if name else f"Accept: {accept}"
        raise NotAcceptable(f"the list cannot be written as {asked}; there are json and html")
    return chosen, sent.get("q", "")


def _grouped(found: list[CannedQuery], by: str) -> dict[str, list[CannedQuery]]:
    groups: dict[str, list[CannedQuery]] = {}
    for query in found:
        for name in getattr(query, by) or (_EVERYBODY,) if by == "audience" else query.tags:
            groups.setdefault(name, []).append(query)
    return dict(sorted(groups.items()))
