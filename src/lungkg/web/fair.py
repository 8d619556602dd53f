"""How FAIR the release is: /status/fair shows what the checks of its build found, as a page, in RDF and in JSON."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound, ServiceUnavailable

from lungkg.engines import Answer, choose_format
from lungkg.errors import SystemProblem
from lungkg.fair import Assessment, Failure, load_assessment
from lungkg.fair.writing import PATH, write_rdf
from lungkg.formats import GRAPHS, HTML, Format
from lungkg.web.answers import KEEP, Made, give, root
from lungkg.web.kept import Kept
from lungkg.web.service import Served, Service

JSON: Final = Format("json", "application/json", "json", negotiable=False)
FORMATS: Final = (*(entry for entry in GRAPHS if entry.negotiable), HTML, JSON)
"""What it can be had in: all but JSON by Accept, every one by its suffix."""


def blueprint(service: Service) -> Blueprint:
    """Make the page and its other forms."""
    routes = Blueprint("fair", __name__)
    kept: Kept[Assessment] = Kept(_load)

    @routes.get(f"/{PATH}")
    def negotiated() -> Response:
        accept = request.headers.get("Accept", "")
        return _give(service, kept, choose_format("CONSTRUCT", accept, also=(HTML,)))

    @routes.get(f"/{PATH}.<suffix>")
    def by_suffix(suffix: str) -> Response:
        found = next((entry for entry in FORMATS if entry.suffix == suffix), None)
        if found is None:
            known = ", ".join(f".{entry.suffix}" for entry in FORMATS)
            raise NotFound(f"The results of the checks have no form .{suffix[:40]}; there are {known}.")
        return _give(service, kept, found)

    return routes


def _load(served: Served) -> Assessment:
    """Read the results, which may come a while after the release; what is not there yet is not kept."""
    try:
        found = load_assessment(served.release.path)
    except SystemProblem:  # its message names a path of this machine, which is nothing for visitors
        raise ServiceUnavailable("The results of the checks cannot be read; build the release again.") from None
    if found is None:
        raise NotFound("The release that is served was built without these checks; `lungkg build` makes them.")
    return found


def _give(service: Service, kept: Kept[Assessment], chosen: Format) -> Response:
    with service.lease() as served:
        assessment = kept.of(served)
        day = datetime.now(UTC).date().isoformat()
        response = _page(served, assessment, day) if chosen is HTML else _file(served, assessment, chosen)
    response.headers["Content-Location"] = f"{root()}/{PATH}.{chosen.suffix}"
    return response


def _file(served: Served, assessment: Assessment, chosen: Format) -> Response:
    """Give the results as a build found them; whether a waiver holds is for the day that one reads them on."""

    def make() -> Made:
        body = assessment.written() if chosen is JSON else write_rdf(assessment, served.project, chosen)
        return Made(Answer(body, chosen))

    return give(served, ("fair", chosen.name), chosen.content_type, make, keep=True)


def _page(served: Served, assessment: Assessment, day: str) -> Response:
    response = Response(
        render_template(
            "fair.html",
            listings=assessment.listings(),
            counts=assessment.counts(day),
            idle=assessment.idle_waivers(),
            day=day,
            place=_places(served),
            formats=[entry for entry in FORMATS if entry is not HTML],
        )
    )
    response.headers["Cache-Control"] = KEEP
    response.add_etag()
    response.make_conditional(request)
    return response


def _places(served: Served) -> Callable[[Failure], str]:
    """Give what finds the address of the thing that a failure is about: on this server where it answers for it."""
    bases = sorted({served.project.base, served.project.written_base}, key=len, reverse=True)

    def place(failure: Failure) -> str:
        for base in bases:
            if failure.about.startswith(base):
                return f"{root()}/{failure.about[len(base) :]}"
        return failure.about if failure.about.startswith(("http://", "https://")) else ""

    return place
