"""The SPARQL 1.1 Protocol for queries (https://www.w3.org/TR/sparql11-protocol/)."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

import pyoxigraph as ox
from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import UnsupportedMediaType

from lungkg.engines import choose_format, screen
from lungkg.errors import BadParameter, QueryError, QueryRefused, QuerySyntaxError
from lungkg.formats import HTML, Format, by_name, table_for
from lungkg.limits import Limits
from lungkg.web import desk, problems
from lungkg.web.answers import Asking, Made, check_length, give, short_enough, timeout_from
from lungkg.web.cache import may_keep
from lungkg.web.service import Served, Service

_FORM: Final = "application/x-www-form-urlencoded"
_QUERY: Final = "application/sparql-query"
_UPDATE: Final = "application/sparql-update"
_REFUSED: Final = "updates are refused: the graph changes only by its sources and a build"


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as it came: its text, the graphs of the protocol, the limit, the format asked for by name."""

    text: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    timeout: float
    formats: tuple[str, ...]

    def name_in(self, form: str) -> str:
        """Give the first of the names in `format` that is known: some clients send several to suit all servers."""
        table = (*table_for(form), HTML)
        return next((name for name in self.formats if by_name(name, table)), "".join(self.formats[:1]))

    def key(self, chosen: Format) -> tuple[object, ...]:
        """What an answer depends on, within one release."""
        return (self.text, self.default_graphs, self.named_graphs, chosen.name)


def blueprint(service: Service, limits: Limits, services: frozenset[str] = frozenset()) -> Blueprint:
    """Make the /sparql endpoint over what is served."""
    routes = Blueprint("sparql", __name__)

    @routes.route("/sparql", methods=["GET", "POST"])
    def sparql() -> Response:
        if request.method in ("GET", "HEAD") and not {"query", "update"} & request.args.keys():
            return desk.describe(service.served, limits, federated=bool(services))
        parameters: MultiDict[str, str] = MultiDict()
        try:
            text, parameters = _request(limits)
            asked = _asked(text, parameters, limits)
            with service.lease() as served:
                form = screen(asked.text, services, fenced=getattr(served.engine, "fenced", False))
                chosen = choose_format(form, request.headers.get("Accept", ""), asked.name_in(form), also=(HTML,))
                engine = Asking(served.engine, asked.timeout)
                if chosen is HTML:
                    return desk.answer(served, limits, asked, form, engine)
                return _answer(served, asked, chosen, engine)
        except QueryError as error:
            if not problems.wants_page():
                raise
            return desk.problem(limits, parameters, error)

    return routes


# Answers -----------------------------------------------------------------------------------------


def _answer(served: Served, asked: Asked, chosen: Format, engine: Asking) -> Response:
    request.environ.setdefault("lungkg.notes", {})["text"] = asked.text

    def make() -> Made:
        return Made(
            engine.query(asked.text, chosen, default_graphs=asked.default_graphs, named_graphs=asked.named_graphs)
        )

    keep = served.constant and may_keep(asked.text)
    return give(served, asked.key(chosen), chosen.content_type, make, keep=keep)


# Requests ----------------------------------------------------------------------------------------


def _asked(text: str, parameters: MultiDict[str, str], limits: Limits) -> Asked:
    return Asked(
        text,
        _graphs(parameters, "default-graph-uri"),
        _graphs(parameters, "named-graph-uri"),
        timeout_from(_one(parameters, "timeout"), limits.timeout),
        # A plus in a form is a blank when it is read.
        tuple(
            name.strip().replace(" ", "+") for text in parameters.getlist("format") for name in text.split(",") if name
        ),
    )


def _graphs(parameters: MultiDict[str, str], name: str) -> tuple[str, ...]:
    values = parameters.getlist(name)
    for value in values:
        try:
            ox.NamedNode(value)
        except ValueError as error:
            raise BadParameter(name, f"must be an absolute IRI, not {value!r}: {error}") from None
    return tuple(values)


def _request(limits: Limits) -> tuple[str, MultiDict[str, str]]:
    """Find the query and the protocol's parameters in the three ways to send them."""
    if request.method in ("GET", "HEAD"):
        _check_utf8(request.query_string)
        return _query_of(request.args, limits), request.args
    kind = request.mimetype
    if kind == _UPDATE:
        raise QueryRefused(_REFUSED)
    if kind not in (_FORM, _QUERY):
        raise UnsupportedMediaType(f"Send the query as {_QUERY}, or as {_FORM} with a parameter query.")
    check_length(limits)
    if kind == _FORM:
        _check_utf8(request.get_data(cache=True))
        return _query_of(request.form, limits), request.form
    return short_enough(_text(request.get_data()), limits), request.args


def _check_utf8(encoded: bytes) -> None:
    """Refuse percent-encoded text that is no UTF-8; Flask would put replacement characters in its place."""
    _text(unquote_to_bytes(encoded))


def _query_of(parameters: MultiDict[str, str], limits: Limits) -> str:
    if "update" in parameters:
        raise QueryRefused(_REFUSED)
    text = _one(parameters, "query")
    if text is None:
        raise BadParameter("query", "is missing; for example /sparql?query=SELECT * WHERE { ?s ?p ?o } LIMIT 10")
    return short_enough(text, limits)


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QuerySyntaxError(f"the query is not UTF-8 text (byte {error.start})") from None


def _one(parameters: MultiDict[str, str], name: str) -> str | None:
    values = parameters.getlist(name)
    if len(values) > 1:
        raise BadParameter(name, f"is given {len(values)} times")
    return values[0] if values else None
