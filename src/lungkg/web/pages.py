"""The pages around the endpoint: what this is, whether it is ready, how much it does."""

from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from prometheus_client import CONTENT_TYPE_LATEST

from lungkg.description import GRAPH_COMMENTS
from lungkg.engines.base import choose_format
from lungkg.errors import EngineBusy, EngineError
from lungkg.formats import GRAPHS, RESULTS
from lungkg.limits import Limits
from lungkg.web import examples
from lungkg.web.kept import Kept
from lungkg.web.service import Service
from lungkg.web.watch import Watch

_HEALTH_SECONDS = 10.0


def blueprint(service: Service, limits: Limits, watch: Watch) -> Blueprint:
    """Make the front page, /health and /metrics, and give every page what its frame needs."""
    routes = Blueprint("pages", __name__)
    bound = Kept(lambda served: examples.from_catalogue(served.catalogue.values(), served.project, served.names))

    def of_catalogue() -> list[examples.Example]:
        """Give the questions of the catalogue; none while the engine does not say what their names mean."""
        try:
            return bound.of(service.served)
        except EngineError:
            return []

    @routes.app_context_processor
    def frame() -> dict[str, Any]:
        served = service.served
        return {
            "project": served.project,
            "info": served.release.info,
            "limits": limits,
            "result_formats": RESULTS,
            "graph_formats": GRAPHS,
            "examples": examples.Lazy(of_catalogue),
            "catalogue": served.catalogue,
            "graph_comments": GRAPH_COMMENTS,
        }

    @routes.get("/")
    def front() -> str:
        endpoint = request.url_root + "sparql"
        return render_template(
            "front.html",
            endpoint=endpoint,
            query=examples.QUERY,
            graph_query=examples.GRAPH_QUERY,
            curl=examples.curl(endpoint),
            python=examples.python(endpoint),
        )

    @routes.get("/health")
    def health() -> Response:
        """Ready when a query is answered, or when queries are so many that this one has to wait."""
        with service.lease() as served:
            try:
                served.engine.query("ASK {}", choose_format("ASK"), timeout=_HEALTH_SECONDS, client="health")
                status = "ready"
            except EngineBusy:
                status = "busy"
            return jsonify(status=status, release=served.release.id, date=served.release.info["date"])

    @routes.get("/health/live")
    def live() -> Response:
        """Alive when this is answered at all."""
        return jsonify(status="live")

    @routes.get("/metrics")
    def metrics() -> Response:
        return Response(watch.metrics(), content_type=CONTENT_TYPE_LATEST)

    return routes
