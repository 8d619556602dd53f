"""How the release stands: /status shows what validation said of it before it was published.

The same report is at its own IRI, /dataset/ID/report, for every release that is kept.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

import pyoxigraph as ox
from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound, ServiceUnavailable

from lungkg.dcat import report_iri
from lungkg.engines import Answer, NotAcceptable
from lungkg.errors import BadParameter, SystemProblem
from lungkg.fair import Standing, load_assessment
from lungkg.formats import HTML, Format
from lungkg.gate import JSON_FILE, TURTLE_FILE, KeptReport, Rule, load_report
from lungkg.gate.kept import PAGE
from lungkg.linked.addresses import Addresses
from lungkg.linked.writing import Unwritable
from lungkg.release import Release
from lungkg.reporting.listing import visible
from lungkg.web.answers import KEEP, Made, give, root
from lungkg.web.files import instant, pieces_of, unchanged
from lungkg.web.offers import JSON, QUADS, TRIPLES, described, offered
from lungkg.web.rdf import written
from lungkg.web.service import Served, Service

PATH: Final = "status"
SHOWN: Final = 5
"""Findings of each rule on the first page, where all rules are."""
MOST_RULES: Final = 100
"""Rules whose findings are on the first page; all are in its table."""
_IN_MEMORY: Final = 2**20  # bytes of a report; a longer one is sent from its file
_TURTLE: Final = TRIPLES[0]
_FILES: Final = {_TURTLE.name: TURTLE_FILE, JSON.name: JSON_FILE}
_NONE: Final = "has no report: when it was built, none was kept. `lungkg build` builds it again, with one."


def blueprint(service: Service) -> Blueprint:
    """Make /status and its other forms."""
    routes = Blueprint("status", __name__)

    @routes.get(f"/{PATH}")
    @routes.get(f"/{PATH}.<suffix>")
    def status(suffix: str = "") -> Response:
        with service.lease() as served:
            return give_report(served, served.release, suffix, PATH)

    return routes


def give_report(served: Served, release: Release, suffix: str, path: str) -> Response:
    """Answer with the report of a release, in the form that the request asks for.

    Raises NotFound for a release without one, unless a page is asked for, which says so.
    """
    with _told():
        report = load_report(release.path)
        return _report(served, release, report, suffix, path)


def _report(served: Served, release: Release, report: KeptReport | None, suffix: str, path: str) -> Response:
    small = report is None or report.size(TURTLE_FILE) <= _IN_MEMORY
    table = described(JSON) if small else (_TURTLE, JSON, HTML)
    chosen = offered("the report of the validation", suffix, table, *([QUADS] if small else []))
    if chosen is HTML:
        response = _page(served, release, report, path, [entry for entry in table if entry is not HTML])
    elif report is None:
        raise NotFound(f"Release {release.id[:12]} {_NONE}")
    else:
        response = _file(served, report, chosen)
    response.headers["Content-Location"] = f"{root()}/{path}.{chosen.suffix}"
    response.headers["Link"] = _links(served, release, report, path)
    response.last_modified = instant(str(release.info["date"]))
    return response


@contextmanager
def _told() -> Iterator[None]:
    """Tell that a file cannot be read, without its path, which is nothing for visitors."""
    try:
        yield
    except (SystemProblem, OSError):
        raise ServiceUnavailable("The report of the validation cannot be read; build the release again.") from None


def _links(served: Served, release: Release, report: KeptReport | None, path: str) -> str:
    made = [
        f'<{root()}/dataset/{release.id}>; rel="describes"',
        f'<{served.project.license}>; rel="license"',
    ]
    if report is not None:
        made.append(f'<{report_iri(served.project.base, release.id)}>; rel="cite-as"')
        made += [
            f'<{root()}/{path}.{entry.suffix}>; rel="alternate"; type="{entry.media_type}"' for entry in (_TURTLE, JSON)
        ]
    return ", ".join(made)


# Files --------------------------------------------------------------------------------------------


def _file(served: Served, report: KeptReport, chosen: Format) -> Response:
    """Give the report as it was kept, or in another form of RDF."""
    name = _FILES.get(chosen.name)
    if name is not None and report.size(name) > _IN_MEMORY:
        return _streamed(report, name, chosen)
    mark = report.sha256(name or TURTLE_FILE) + ("" if name else f"-{chosen.name}")

    def make() -> Made:
        body = report.file(name).read_bytes() if name else _converted(served, report, chosen)
        return Made(Answer(body, chosen))

    return give(served, ("report", mark), chosen.content_type, make, keep=True, mark=mark)


def _streamed(report: KeptReport, name: str, chosen: Format) -> Response:
    response = Response(content_type=chosen.content_type)
    response.headers["Cache-Control"] = KEEP
    response.headers["Content-Length"] = str(report.size(name))
    response.set_etag(report.sha256(name))
    if not unchanged(response) and request.method != "HEAD":
        response.response = pieces_of(report.file(name).open("rb"))
    return response


def _converted(served: Served, report: KeptReport, chosen: Format) -> bytes:
    content = report.file(TURTLE_FILE).read_bytes()
    triples = [quad.triple for quad in ox.parse(content, format=ox.RdfFormat.TURTLE)]
    try:
        return written(triples, chosen, served.project, str(report.head["iri"]))
    except Unwritable as error:
        raise NotAcceptable(f"this report cannot be written as {chosen.media_type}: {error}") from None


# The page -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """Findings of a rule on a page: which page it is, and how many more findings there are."""

    rule: Rule
    findings: list[dict[str, Any]]
    page: int = 0

    @property
    def more(self) -> int:
        """How many findings of the rule come after these."""
        before = (self.page - 1) * PAGE if self.page else 0
        return self.rule.total - before - len(self.findings)


def _page(
    served: Served, release: Release, report: KeptReport | None, path: str, formats: Sequence[Format]
) -> Response:
    """Make the page anew each time: how FAIR the release is may come a while after it, and depends on the day."""
    wanted = request.args.get("rule", "")
    page = _page_number(request.args.get("page")) if wanted else 1
    response = Response(
        render_template(
            "status.html",
            about=release.info,
            current=release.path == served.release.path,
            report=report,
            path=path,
            wanted=wanted,
            shown=list(_shown(report, wanted, page, path)) if report is not None else [],
            fairness=_fairness(release, datetime.now(UTC).date().isoformat()),
            formats=formats,
            missing=f"Release {release.id[:12]} {_NONE}",
            place=_places(Addresses(served.project)),
            marked=_marked,
            visible=visible,
        )
    )
    response.headers["Cache-Control"] = KEEP
    response.add_etag()
    response.make_conditional(request)
    return response


def _page_number(text: str | None) -> int:
    if text is None:
        return 1
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:10]) or len(text) > 9:
        raise BadParameter("page", f"must be a number from 1 on, not {text[:40]!r}")
    return int(text)


def _shown(report: KeptReport, wanted: str, page: int, path: str) -> Iterator[Shown]:
    """Choose what is on a page: the first findings of each rule, or a page of those of one."""
    if not wanted:
        for rule in report.rules[:MOST_RULES]:
            yield Shown(rule, report.findings(rule, 1, SHOWN))
        return
    rules = [rule for rule in report.rules if rule.check == wanted]
    if not rules:
        raise NotFound(f"No rule {wanted[:200]!r} found anything here; {root()}/{path} lists those that did.")
    if page > max(rule.pages for rule in rules):
        raise NotFound(f"There is no page {page} of what {wanted[:200]!r} found.")
    yield from (Shown(rule, report.findings(rule, page), page) for rule in rules if page <= rule.pages)


def _fairness(release: Release, day: str) -> dict[Standing, int] | None:
    """Count the checks of FAIRness by how they stand, where they were made."""
    try:
        found = load_assessment(release.path)
    except SystemProblem:
        return None
    return found.counts(day) if found is not None else None


def _places(addresses: Addresses) -> Callable[[str], str]:
    """Give what finds the address where a reader learns more of an IRI, as it is or in N-Triples."""

    def place(term: str) -> str:
        iri = term[1:-1] if term.startswith("<") else term
        return (
            f"{root()}/{quote(addresses.page(iri), safe='/?=&#%')}" if iri.startswith(("http://", "https://")) else ""
        )

    return place


def _marked(finding: dict[str, Any]) -> tuple[str, str, str]:
    """Cut a source line into what stands before the place, what is meant, and what stands after."""
    line, column = str(finding["source_line"]), finding["column"] or 0
    if not column:
        return visible(line), "", ""
    start, end = column - 1, column - 1 + int(finding["width"])
    return visible(line[:start]), visible(line[start:end]), visible(line[end:])
