"""Canned queries over HTTP: /query/NAME is the answer in any format, for a browser the form with the answer below."""

import difflib
from typing import Any, Final

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from lungkg.errors import BadParameter, LungkgError
from lungkg.formats import GRAPHS, HTML, RESULTS, Format, table_for
from lungkg.limits import Limits
from lungkg.queries import CannedQuery
from lungkg.queries.paging import answer_page
from lungkg.queries.support import claims_of, rows_in
from lungkg.service_description import prefixes
from lungkg.web import problems, writers
from lungkg.web.answers import Asking, Made, Reading, give, root, timeout_from
from lungkg.web.asked import Asked, bound, check_names, names, parameters, read, sort
from lungkg.web.cache import may_keep
from lungkg.web.questions import Pages
from lungkg.web.service import Served, Service
from lungkg.web.writers import CLAIMS, OBJECTS

_SUFFIXES: Final = frozenset(entry.suffix for entry in (*RESULTS, *GRAPHS, HTML))


def blueprint(service: Service, limits: Limits, services: frozenset[str] = frozenset()) -> Blueprint:
    """Make /query/ with the list of the canned queries, and /query/NAME for each."""
    routes = Blueprint("canned", __name__)
    pages = Pages(limits, services)

    @routes.get("/query/")
    @routes.get("/query/index.<suffix>")
    def index(suffix: str = "") -> Response:
        with service.lease() as served:
            return pages.index(served, suffix)

    @routes.route("/query/<target>", methods=["GET", "POST"])
    def canned(target: str) -> Response:
        name, dot, suffix = target.partition(".")
        with service.lease() as served:
            query = _find(served, name)
            if dot and suffix not in _SUFFIXES:
                raise NotFound(f"No format has the suffix .{suffix[:40]}; there are .{', .'.join(sorted(_SUFFIXES))}")
            asked = Asked(query, suffix)
            try:
                values = read(limits, query)
                asked = sort(query, suffix, values)
                check_names(query, values)
                chosen = asked.format(request.headers.get("Accept", ""))
                asking = Asking(served.engine, timeout_from(asked.options.get("timeout"), limits.timeout))
                shaped = asked.shaped(chosen)
                if shaped is HTML:
                    return pages.answer(served, asked, asking)
                return _answer(served, asked, shaped, asking, limits, services)
            except LungkgError as error:
                if HTML.suffix in (suffix, asked.options.get("format")) or problems.wants_page():
                    return pages.problem(served, asked, error)
                return problems.answer(error, **_expectation(error, query))

    return routes


def _find(served: Served, name: str) -> CannedQuery:
    query = served.catalogue.get(name)
    if query is None:
        near = difflib.get_close_matches(name, served.catalogue, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"{root()}/query/ lists those that there are."
        raise NotFound(f"There is no canned query {name[:80]!r}; {hint}")
    return query


def _expectation(error: LungkgError, query: CannedQuery) -> dict[str, Any]:
    """Give the members of a problem that say what is expected of a parameter, with an example."""
    parameter = query.parameters.get(error.name) if isinstance(error, BadParameter) else None
    if parameter is None:
        return {}
    example = list(parameter.example) if parameter.many else "".join(parameter.example[:1])
    return {"expected": parameter.expected, "example": example}


# Answers -----------------------------------------------------------------------------------------


def _answer(
    served: Served, asked: Asked, chosen: Format, asking: Asking, limits: Limits, services: frozenset[str]
) -> Response:
    page = asked.page(served.release.id)
    key = ("query", request.method == "POST", asked.address(), chosen.name)
    keep = served.constant and may_keep(asked.query.text)

    def make() -> Made:
        text = bound(served, asked, asking, limits, services)
        direct = chosen in table_for(asked.query.form)
        part = answer_page(asking, text, chosen if direct else RESULTS[0], page)
        following = asked.next(part.after, served.release.id)
        answer = part.answer
        if chosen is OBJECTS:
            about = {
                "query": asked.query.name,
                "release": served.release.id,
                "parameters": parameters(asked, names(served, asking)),
            }
            answer = writers.rewritten(answer, OBJECTS, writers.objects(answer, about, following), limits)
        elif chosen in CLAIMS:
            claims = claims_of(asked.query, rows_in(answer.content))
            reading = Reading(asking.engine, asking.seconds)
            pieces = writers.evidence(reading, claims, chosen, prefixes(served.project))
            answer = writers.rewritten(answer, chosen, pieces, limits)
        elif chosen.name == "json" and following:
            answer = writers.rewritten(answer, chosen, writers.with_next(answer, following), limits)
        return Made(answer, asked.links(following))

    return give(served, key, chosen.content_type, make, keep=keep)
