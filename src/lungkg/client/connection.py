"""A connection: an engine, asked for Python values."""

from __future__ import annotations

import difflib
import weakref
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Self

from lungkg.client.binding import bind
from lungkg.client.rows import Rows, read_boolean, read_rows
from lungkg.engines import Engine, choose_format, screen
from lungkg.errors import BadParameter, EngineError, QueryError
from lungkg.project import CORE_PREFIXES, Project

if TYPE_CHECKING:
    import pandas as pd
    import rdflib

_METHODS: Final = {"SELECT": "select", "ASK": "ask", "CONSTRUCT": "graph", "DESCRIBE": "graph"}
_FORMATS: Final = {"select": "json", "ask": "json", "graph": "turtle"}


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
        self, engine: Engine, name: str, *, timeout: float, project: Project | None = None, release: str | None = None
    ) -> None:
        self.timeout, self.release = timeout, release
        self._engine, self._name, self._project = engine, name, project
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

    def query(self, name: str, /, **parameters: object) -> Rows | bool | rdflib.Graph:
        """Ask a canned query of the project: rows, a truth or a graph, as its form has it.

        A thing is named as on the command line: its name, a CURIE or an IRI. Raises BadParameter, with names
        that look alike, for a query, a parameter or a thing that is not there.
        """
        from lungkg.queries import load_catalogue  # noqa: PLC0415

        if self._project is None:
            raise QueryError(
                f"canned queries are asked of a project, not of an endpoint like {self._name}; "
                "send the query itself: .select(text)"
            )
        catalogue = load_catalogue(self._project)
        if name not in catalogue:
            near = difflib.get_close_matches(name, catalogue, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(catalogue)}"
            raise BadParameter("name", f"there is no canned query {name!r}; {hint}")
        canned, engine = catalogue[name], self._open()
        method = _METHODS[screen(canned.text)]
        chosen = choose_format(screen(canned.text), name=_FORMATS[method])
        given = {key: str(value) for key, value in parameters.items()}
        content = canned.answer(engine, given, self._project, chosen, timeout=self.timeout).content
        if method == "graph":
            return _read_graph(content)
        return read_rows(content) if method == "select" else read_boolean(content)

    def _ask(self, method: str, text: str, values: Mapping[str, object], called: str = "") -> bytes:
        form = screen(text)
        if _METHODS[form] != method:
            raise QueryError(f"this is {form}: ask it by .{_METHODS[form]}(), not by .{called or method}()")
        bound = bind(text, values)
        screen(bound)
        return self._open().query(bound, choose_format(form, name=_FORMATS[method]), timeout=self.timeout).content

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
