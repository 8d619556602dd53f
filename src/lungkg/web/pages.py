"""The pages around the endpoint: what this is, and whether it is ready."""

from flask import Blueprint, Response, jsonify, render_template

from lungkg.engines import Engine
from lungkg.engines.base import choose_format
from lungkg.project import Project
from lungkg.release import Release


def blueprint(engine: Engine, project: Project, release: Release) -> Blueprint:
    """Make the front page and /health for one release."""
    routes = Blueprint("pages", __name__, template_folder="templates")

    @routes.get("/")
    def front() -> str:
        return render_template("front.html", project=project, info=release.info)

    @routes.get("/health")
    def health() -> Response:
        engine.query("ASK {}", choose_format("ASK"))
        return jsonify(status="ready", release=release.id, date=release.info["date"])

    return routes
