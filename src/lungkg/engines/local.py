"""The local engine: pyoxigraph on a built store, in worker processes that are killed on their deadline.

Oxigraph's own timeout does not hold (a limit of 3 s was measured to run 62 s) and a query cannot be
stopped from within its process, so every query runs in a worker that can be ended from outside.
"""

import multiprocessing
import os
import resource
from collections.abc import Mapping, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path
from typing import Final, Self

import pyoxigraph as ox
from pebble import CONSTS, ProcessExpired, ProcessPool

from lungkg import lexer
from lungkg.engines.base import DEFAULT_TIMEOUT, Answer, syntax_error
from lungkg.errors import EngineDied, EngineTimeout
from lungkg.formats import Format

CONSTS.term_timeout = 0.1  # pebble waits 3 s for a polite end before it kills; ours have nothing to tidy

DEFAULT_MEGABYTES: Final = 2048

_RESULTS: Final = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
_GRAPHS: Final = {
    "turtle": ox.RdfFormat.TURTLE,
    "jsonld": ox.RdfFormat.JSON_LD,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "trig": ox.RdfFormat.TRIG,
    "nquads": ox.RdfFormat.N_QUADS,
}

_store: ox.Store | None = None  # of this worker process
_prefixes: Mapping[str, str] = {}


def _start(path: str, megabytes: int, prefixes: Mapping[str, str]) -> None:
    global _store, _prefixes
    limit = megabytes * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    _store, _prefixes = ox.Store.read_only(path), prefixes


def _ready() -> bool:
    return _store is not None


def _answer(text: str, name: str, default_graphs: Sequence[str], named_graphs: Sequence[str]) -> bytes:
    if _store is None:
        raise RuntimeError("the worker has no store")
    chosen = bool(default_graphs or named_graphs)
    # The protocol's parameters overrule FROM, and FROM overrules the union that is the default.
    union = not chosen and not lexer.has_keyword(lexer.unescape(text), "FROM")
    results = _store.query(
        text,
        use_default_graph_as_union=union,
        default_graph=[ox.NamedNode(iri) for iri in default_graphs] if chosen else None,
        named_graphs=[ox.NamedNode(iri) for iri in named_graphs] if chosen else None,
    )
    if isinstance(results, ox.QueryTriples):
        content = ox.serialize(results, format=_GRAPHS[name], prefixes=dict(_prefixes))
    else:
        content = results.serialize(format=_RESULTS[name])
    return content or b""


class LocalEngine:
    """Answers queries over the store of one release; see lungkg.engines.base.Engine for the contract."""

    def __init__(
        self,
        store: Path,
        prefixes: Mapping[str, str],
        *,
        workers: int | None = None,
        megabytes: int = DEFAULT_MEGABYTES,
    ) -> None:
        self._prefixes, self._megabytes = dict(prefixes), megabytes
        self._pool = ProcessPool(
            max_workers=workers or max(2, os.cpu_count() or 1),
            initializer=_start,
            initargs=(str(store), megabytes, self._prefixes),
            context=multiprocessing.get_context("forkserver"),
        )

    def ready(self) -> bool:
        """Say whether a worker has opened the store; starts the workers when they are not running."""
        return bool(self._pool.schedule(_ready, timeout=DEFAULT_TIMEOUT).result())

    def query(
        self,
        text: str,
        format: Format,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> Answer:
        """Answer one query; see Engine.query."""
        job = self._pool.schedule(
            _answer, args=(text, format.name, tuple(default_graphs), tuple(named_graphs)), timeout=timeout
        )
        try:
            return Answer(job.result(), format)
        except SyntaxError as error:
            raise syntax_error(error, text, self._prefixes) from None
        except FutureTimeout:
            raise EngineTimeout(timeout) from None
        except (ProcessExpired, MemoryError):
            raise EngineDied(self._megabytes) from None

    def close(self) -> None:
        """End the workers, whatever they do."""
        self._pool.stop()  # type: ignore[no-untyped-call] # pebble's only untyped method
        self._pool.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()
