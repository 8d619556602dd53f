"""The endpoint as a browser sees it, a page with a form; and its description of itself for machines."""

import time
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
from flask import Response, render_template, request
from werkzeug.datastructures import MultiDict

from lungkg.engines import LocalEngine, choose_format
from lungkg.errors import QueryError
from lungkg.formats import HTML, by_name, table_for
from lungkg.limits import Limits
from lungkg.service_description import OXIGRAPH_FUNCTIONS, describe_service, prefixes
from lungkg.web import examples, problems
from lungkg.web.answers import Asking
from lungkg.web.service import Served
from lungkg.web.tables import read_answer

if TYPE_CHECKING:
    from lungkg.web.sparql import Asked


def describe(served: Served, limits: Limits, *, federated: bool) -> Response:
    """Answer a request without a query: the form for a browser, a service description in RDF for others."""
    chosen = choose_format("CONSTRUCT", request.headers.get("Accept", ""), request.args.get("format", ""), also=(HTML,))
    if chosen is HTML:
        return _page(limits, request.args)
    triples = describe_service(
        request.base_url,
        served.project,
        served.release.info["triples"],
        functions=OXIGRAPH_FUNCTIONS if isinstance(served.engine, LocalEngine) else (),
        federated=federated,
    )
    written = ox.RdfFormat.from_media_type(chosen.media_type)
    body = ox.serialize(triples, format=written, prefixes=prefixes(served.project))
    response = Response(body, content_type=chosen.content_type)
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def answer(served: Served, limits: Limits, asked: "Asked", form: str, engine: Asking) -> Response:
    """Answer a query with a page that holds the form and a table."""
    began = time.monotonic()
    table = table_for(form)
    written = by_name("json" if form in ("SELECT", "ASK") else "turtle", table) or table[0]
    found = engine.query(asked.text, written, default_graphs=asked.default_graphs, named_graphs=asked.named_graphs)
    request.environ.setdefault("lungkg.notes", {}).update(text=asked.text, rows=found.rows, lane=found.lane)
    try:
        shown = read_answer(form, found.file or found.body, served.project.prefixes)
    finally:
        if found.file is not None:
            found.file.close()
    return _page(limits, request.values, answer=shown, seconds=time.monotonic() - began, timeout=asked.timeout)


def problem(limits: Limits, parameters: MultiDict[str, str], error: QueryError) -> Response:
    """Show what is wrong with a query above the form that keeps it."""
    told = problems.describe(error)
    return problems.finish(_page(limits, parameters or request.args, problem=told), told)


def _page(limits: Limits, parameters: MultiDict[str, str], **more: Any) -> Response:
    dataset = [(name, value) for name in ("default-graph-uri", "named-graph-uri") for value in parameters.getlist(name)]
    more.setdefault("timeout", limits.timeout)
    response = Response(
        render_template(
            "sparql.html",
            text=parameters.get("query") or examples.QUERY,
            chosen=parameters.get("format") or "html",
            dataset=dataset,
            **more,
        )
    )
    response.headers["Cache-Control"] = "no-cache"
    return response
