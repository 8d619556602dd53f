"""The web: `create_app` serves one release through an engine; nothing here knows how to build one."""

from flask import Flask, Response, request

from lungkg.engines import Engine
from lungkg.project import Project
from lungkg.release import Release
from lungkg.web import pages, problems, sparql

MAX_BODY_BYTES = 64 * 2**20  # more than the engine takes, so that a client that sends too much sees why


def create_app(engine: Engine, project: Project, release: Release) -> Flask:
    """Make the Flask application; it reads no configuration and opens no file of its own."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.url_map.strict_slashes = False
    problems.register(app)
    app.register_blueprint(sparql.blueprint(engine))
    app.register_blueprint(pages.blueprint(engine, project, release))
    app.after_request(_common_headers)
    return app


def _common_headers(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "Content-Type, ETag, Link, Location, Retry-After"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'self'"
    if request.method != "OPTIONS":
        response.headers.add("Vary", "Accept")
    return response
