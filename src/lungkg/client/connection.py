"""A connection: an engine, asked for Python values."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Self

from lungkg.client.binding import bind
from lungkg.client.canned import NAMES, Canned, ProjectCanned, Question, texts
from lungkg.client.rows import Rows, read_boolean, read_rows
from lungkg.engines import Engine, choose_format, screen
from lungkg.errors import EngineError, QueryError
from lungkg.project import CORE_PREFIXES, Project

if TYPE_CHECKING:
    import pandas as pd
    import rdflib

_METHODS: Final = {"SELECT": "select", "ASK": "ask", "CONSTRUCT": "graph", "DESCRIBE": "graph"}


class Connection:
    """Asks a project's release, or a SPARQL endpoint; made by `lungkg.connect`.

    `timeout` is the limit of each query in seconds and may be set; `release` is the id of the release that
    is asked, None for an endpoint; `prefixes` are the ones that the project's things are written with.

    Every method that takes a query also takes values: `select("… ?who …", who=IRI("…"))` puts the value in
    the place of the variable, as a term that cannot become anything else. A str is a plain string, so an
    IRI has to be an IRI(…). Prefixes are never added to a query, so that it means the same everywhere.

    Each raises QuerySyntaxError, with the PREFIX line to add where one is missing, QueryRefused for updates
    and SERVICE, EngineTimeout or another EngineError when there is no whole answer, and QueryError when
    another method is the right one. All of these are LungkgErrors.
    """

    def __init__(
        self,
        engine: Engine,
        name: str,
        *,
        timeout: float,
        project: Project | None = None,
        release: str | None = None,
        canned: Canned | None = None,
    ) -> None:
        self.timeout, self.release = timeout, release
        self._engine, self._name, self._project = engine, name, project
        self._canned = ProjectCanned(project, engine) if project is not None else canned
        self._close = weakref.finalize(self, engine.close)  # also when it is forgotten

    @property
    def prefixes(self) -> Mapping[str, str]:
        """Prefixes and their namespaces: the project's, or those of the core vocabulary for an endpoint."""
        return MappingProxyType(self._project.prefixes if self._project else CORE_PREFIXES)

    def select(self, text: str, /, **values: object) -> Rows:
        """Give the rows of a SELECT query."""
        return read_rows(self._ask("select", text, values))

    def ask(self, text: str, /, **values: object) -> bool:
        """Give the answer to an ASK query."""
        return read_boolean(self._ask("ask", text, values))

    def graph(self, text: str, /, **values: object) -> rdflib.Graph:
        """Give the graph that a CONSTRUCT or DESCRIBE query makes, with the prefixes of the answer bound."""
        return _read_graph(self._ask("graph", text, values))

    def frame(self, text: str, /, **values: object) -> pd.DataFrame:
        """Give the rows of a SELECT query as a DataFrame; needs pandas (see lungkg.client.frames.frame)."""
        from lungkg.client.frames import frame, need_pandas  # noqa: PLC0415

        need_pandas()
        return frame(read_rows(self._ask("select", text, values, called="frame")))

    @property
    def queries(self) -> Mapping[str, Question]:
        """The canned queries by name, each with its question and what its parameters take."""
        return MappingProxyType(self._asked().questions(self.timeout))

    def query(self, name: str, /, *, limit: int | None = None, **parameters: object) -> Any:
        """Ask a canned query: Rows, a bool or an rdflib.Graph, as its form has it; `limit` gives the first rows only.

        A value is a str, an IRI, a number, a date, a bool, or a list of them where a parameter takes many. A
        thing may be given by its name, label, abbreviation, CURIE or IRI. Raises BadParameter, with what is
        expected or looks alike, for a query, a parameter or a thing that is not there.
        """
        form, content = self._asked().answer(name, texts(parameters), limit, self.timeout)
        method = _METHODS[form]
        if method == "graph":
            return _read_graph(content)
        return read_rows(content) if method == "select" else read_boolean(content)

    def query_frame(self, name: str, /, *, limit: int | None = None, **parameters: object) -> pd.DataFrame:
        """Give the rows of a canned query as a DataFrame; needs pandas (see lungkg.client.frames.frame)."""
        from lungkg.client.frames import frame, need_pandas  # noqa: PLC0415

        need_pandas()
        answer = self.query(name, limit=limit, **parameters)
        if not isinstance(answer, Rows):
            raise QueryError(f"the answer to {name} has no rows: ask it by .query()")
        return frame(answer)

    def query_text(self, name: str, /, *, limit: int | None = None, **parameters: object) -> str:
        """Give the SPARQL that `query` sends for these values; of a project only."""
        return self._asked().text(name, texts(parameters), limit, self.timeout)

    def _asked(self) -> Canned:
        self._open()
        if self._canned is None:
            raise QueryError(
                f"canned queries are asked of a project or of a server of lungkg, and {self._name} is none: the path "
                "of its endpoint would end in /sparql. Send the query itself: .select(text)"
            )
        return self._canned

    def _ask(self, method: str, text: str, values: Mapping[str, object], called: str = "") -> bytes:
        form = screen(text)
        if _METHODS[form] != method:
            raise QueryError(f"this is {form}: ask it by .{_METHODS[form]}(), not by .{called or method}()")
        bound = bind(text, values)
        screen(bound)
        return self._open().query(bound, choose_format(form, name=NAMES[form]), timeout=self.timeout).read()

    def _open(self) -> Engine:
        if not self._close.alive:
            raise EngineError("this connection is closed; connect() makes a new one")
        return self._engine

    def close(self) -> None:
        """End the connection and the processes behind it; may be done twice."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{'connection' if self._close.alive else 'closed connection'} to {self._name}>"


def _read_graph(content: bytes) -> rdflib.Graph:
    import pyoxigraph as ox  # noqa: PLC0415

    from lungkg.validation.terms import Converter  # noqa: PLC0415 # rdflib takes its time to import

    try:
        quads = ox.parse(content, format=ox.RdfFormat.TURTLE, lenient=True)
        graph = Converter().graph(quad.triple for quad in quads)
    except SyntaxError as error:
        raise EngineError(f"the engine's answer is no Turtle: {error}") from None
    for prefix, namespace in quads.prefixes.items():
        graph.bind(prefix, namespace)
    return graph
