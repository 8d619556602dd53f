"""The remote engine: any SPARQL 1.1 endpoint, over SPARQLWrapper.

Rows are asked for as JSON and graphs as N-Triples, for in these a half answer can be told from a whole one;
pyoxigraph then writes them, so that every engine writes alike. What cannot be shown to be the whole answer
is an error, never an answer.
"""

import hashlib
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal, NamedTuple, Self
from urllib.request import Request

import SPARQLWrapper

from lungkg import lexer
from lungkg.engines import virtuoso
from lungkg.engines.base import DEFAULT_TIMEOUT, Answer
from lungkg.engines.local import LocalEngine
from lungkg.engines.replies import GRAPH_ACCEPT, ROWS_ACCEPT, write_graph, write_rows
from lungkg.engines.wire import Credentials, Deadline, Reply, Wire, check_url, excerpt
from lungkg.errors import EngineFault, QuerySyntaxError
from lungkg.formats import RESULTS, Format
from lungkg.limits import Limits

Union = Literal["list", "native"]

_WORDS: Final = {
    401: ("asks for a user and a password, or does not take those given", "Give them by --user and --password-env."),
    403: ("forbids this query", "Ask its operator for the right to read these graphs."),
    404: ("is no SPARQL endpoint: it answers 404 Not Found", "Look up the address of the endpoint in its manual."),
    504: ("stopped the query at a limit of its own: it answers 504", "Narrow it down, or have its limit raised."),
    405: ("takes no query by POST: it answers 405 Method Not Allowed", "Is it the address of the query endpoint?"),
}


_PARSING: Final = Limits(quick_workers=2, slow_workers=1)


class _Dataset(NamedTuple):
    """The graphs that are sent along with a query."""

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


class _Call(SPARQLWrapper.SPARQLWrapper):
    """A query as SPARQLWrapper encodes it; lungkg.engines.wire sends it, because SPARQLWrapper bounds nothing."""

    def request(self) -> Request:
        """Give the HTTP request."""
        return self._createRequest()


class RemoteEngine:
    """Answers queries by asking a SPARQL endpoint; see lungkg.engines.base.Engine for the contract.

    `graphs` are the IRIs of the project's named graphs. With union "list" they are sent with each query that
    has no FROM, as its default graph and as its named graphs; with "native" the endpoint's own default graph
    has to be the union. `prefixes` serve hints and output, `attempts` bounds how often a request is sent that
    met a broken connection or a busy server, `megabytes` bounds an answer. A password without a user is sent
    as a Bearer token.

    Raises BadParameter for a URL that is none.
    """

    def __init__(
        self,
        url: str,
        graphs: Sequence[str] = (),
        prefixes: Mapping[str, str] | None = None,
        *,
        union: Union = "list",
        user: str | None = None,
        password: str | None = None,
        attempts: int = 3,
        megabytes: int = 512,
    ) -> None:
        self.url = check_url(url, "engine")
        self._graphs = tuple(graphs) if union == "list" else ()
        self._prefixes = dict(prefixes or {})
        credentials = None if user is None and password is None else Credentials(user, password or "")
        self._wire = Wire(credentials, attempts=attempts, megabytes=megabytes)
        self._parser = LocalEngine(None, self._prefixes, _PARSING)
        weakref.finalize(self, self._parser.close)

    def ready(self) -> bool:
        """Say that the endpoint answers queries; raises EngineError, with the reason, when it does not."""
        self.check()
        return True

    def check(self) -> str:
        """Ask a question that costs nothing, and give the name of the server software, if it tells."""
        reply = self._send("ASK {}", ROWS_ACCEPT, _Dataset(), Deadline(DEFAULT_TIMEOUT))
        write_rows(reply, "ASK", RESULTS[0], self.url)
        return str(reply.headers.get("Server", ""))

    def query(
        self,
        text: str,
        format: Format,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        client: str = "",  # noqa: ARG002 # the endpoint has its own ideas of fairness
        cancelled: Callable[[], bool] | None = None,
    ) -> Answer:
        """Answer one query; see Engine.query. Raises also EngineUnreachable and EngineFault."""
        deadline, began = Deadline(timeout, cancelled), time.monotonic()
        self._parser.parse(text, timeout=deadline.left(), cancelled=cancelled)
        plain = lexer.unescape(text)
        if default_graphs or named_graphs:
            # The standard says that these overrule FROM; Virtuoso adds them up.
            text, dataset = without_from(text), _Dataset(tuple(default_graphs), tuple(named_graphs))
        elif lexer.has_keyword(plain, "FROM"):
            dataset = _Dataset()
        else:
            dataset = _Dataset(self._graphs, self._graphs)
        form = lexer.form(plain)
        if form in ("SELECT", "ASK"):
            reply = self._send(text, ROWS_ACCEPT, dataset, deadline)
            content, rows = write_rows(reply, form, format, self.url)
        else:
            reply = self._send(text, GRAPH_ACCEPT, dataset, deadline)
            content, rows = write_graph(reply, format, self._prefixes, self.url)
            behind = virtuoso.rows_behind(text) if virtuoso.answered(reply) else None
            if behind is not None:
                self._send(behind, "text/csv", dataset, deadline)
        virtuoso.refuse_paths(text, reply, self.url)
        digest = hashlib.blake2b(content, digest_size=16).hexdigest()
        return Answer(content, format, None, len(content), digest, rows, "remote", 0.0, time.monotonic() - began)

    def close(self) -> None:
        """End the worker that parses; every query has a connection of its own."""
        self._parser.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def _send(self, text: str, accept: str, dataset: _Dataset, deadline: Deadline) -> Reply:
        """Send a query and give the reply, which is a success and does not say that it is a part."""
        call = _Call(self.url)
        call.queryString, call.queryType = text, SPARQLWrapper.SELECT  # setQuery() guesses the type, at times wrongly
        call.setMethod(SPARQLWrapper.POST)  # ten graphs and a query are longer than a URL may be: 8 kB for Oxigraph
        call.setOnlyConneg(True)
        call.addCustomHttpHeader("Accept", accept)
        for name, graphs in (("default-graph-uri", dataset.default), ("named-graph-uri", dataset.named)):
            if graphs:
                call.parameters[name] = list(graphs)
        reply = self._wire.send(call.request(), deadline)
        if reply.status == 400:
            raise QuerySyntaxError(f"{self.url} does not take this query, though it is SPARQL 1.1: {excerpt(reply)}")
        if reply.status not in (200, 206):
            told, hint = _WORDS.get(reply.status, (f"answers {reply.status}: {excerpt(reply)}", ""))
            raise EngineFault(self.url, told, hint)
        virtuoso.refuse_half(reply, self.url)
        return reply


def without_from(text: str) -> str:
    """Take the FROM and FROM NAMED clauses out of a query.

    >>> without_from("SELECT * FROM <a:g> FROM NAMED g:h { ?from ?p 'FROM <a:g>' }")
    "SELECT *      { ?from ?p 'FROM <a:g>' }"
    """
    inside = False

    def wanted(token: lexer.Token) -> str | None:
        nonlocal inside
        if token.kind == "word" and token.upper == "FROM":
            inside = True
            return ""
        if inside and token.kind in ("word", "iri", "name"):
            inside = token.kind == "word"
            return ""
        return None

    return lexer.replace(text, wanted)
