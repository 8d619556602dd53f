"""The web: `create_app` makes the Flask application over what a service serves; nothing here knows how to build."""

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from lungkg.limits import Limits
from lungkg.sandbox import Sandbox
from lungkg.web import (
    canned,
    dataset,
    downloads,
    fair,
    named_graphs,
    openapi,
    pages,
    problems,
    resources,
    sparql,
    status,
    validate,
    vocabularies,
)
from lungkg.web.described import Documents
from lungkg.web.service import Service
from lungkg.web.watch import Watch

READABLE = (
    "Accept-Ranges, Allow, Content-Disposition, Content-Encoding, Content-Location, Content-Range, Content-Type, ETag, "
    "Last-Modified, Link, Location, Repr-Digest, Retry-After, Server-Timing, Vary, X-Conforms, X-Fails, X-Request-Id"
)
_ALIKE_FOR_ALL = (301, 303, 307)  # a cache may give these to everybody, whatever they accept
POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


def create_app(
    service: Service,
    limits: Limits | None = None,
    *,
    watch: Watch | None = None,
    services: frozenset[str] = frozenset(),
    proxies: int = 0,
    sandbox: Sandbox | None = None,
) -> Flask:
    """Make the Flask application; it reads no configuration and opens no file of its own.

    `services` are the addresses that SERVICE may call. `proxies` says how many proxies stand before the
    server: so many entries of the X-Forwarded headers are believed. `sandbox` is where visitors' RDF is validated,
    to be closed by who made it; without, the application has one of its own, which ends with it.
    """
    limits = limits or Limits()
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = None  # the bridge bounds what is read
    app.config["MAX_FORM_MEMORY_SIZE"] = limits.body_size
    app.url_map.strict_slashes = False
    app.config["PROPAGATE_EXCEPTIONS"] = True  # the bridge answers what nobody expected
    problems.register(app)
    app.register_blueprint(sparql.blueprint(service, limits, services))
    app.register_blueprint(canned.blueprint(service, limits, services))
    app.register_blueprint(openapi.blueprint(service, limits))
    documents = Documents(limits)
    app.register_blueprint(resources.blueprint(service, limits, documents))
    app.register_blueprint(vocabularies.blueprint(service, limits, documents))
    app.register_blueprint(validate.blueprint(service, limits, documents, sandbox or Sandbox(limits)))
    app.register_blueprint(dataset.blueprint(service))
    app.register_blueprint(downloads.blueprint(service))
    app.register_blueprint(named_graphs.blueprint(service))
    app.register_blueprint(fair.blueprint(service))
    app.register_blueprint(status.blueprint(service))
    app.register_blueprint(pages.blueprint(service, limits, watch or Watch(service)))
    app.after_request(_common_headers)
    if proxies:
        fixed = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies, x_prefix=proxies)
        app.wsgi_app = fixed  # type: ignore[method-assign]
    return app


def _common_headers(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = READABLE
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = POLICY
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET, HEAD, OPTIONS")
        response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type, If-None-Match, If-Range, Range"
        response.headers["Access-Control-Max-Age"] = "86400"
    elif response.status_code not in _ALIKE_FOR_ALL:
        response.vary.update(("Accept", "Accept-Encoding"))
    return response
