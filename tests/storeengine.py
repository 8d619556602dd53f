"""An engine over a store of this process, for tests that need many graphs and no server."""

from collections.abc import Callable, Sequence
from typing import Self

import pyoxigraph as ox

from lungkg.engines import Answer
from lungkg.formats import Format
from lungkg.namespaces import RDFS, SKOS


class StoreEngine:
    """Answers queries over a store, and keeps what it was asked."""

    def __init__(self, store: ox.Store) -> None:
        self.store = store
        self.asked: list[str] = []
        self.clients: set[str] = set()
        self.times: list[float] = []

    def query(
        self,
        text: str,
        format: Format,
        *,
        timeout: float = 30.0,
        default_graphs: Sequence[str] = (),  # noqa: ARG002 # part of the contract
        named_graphs: Sequence[str] = (),  # noqa: ARG002
        client: str = "",
        cancelled: Callable[[], bool] | None = None,  # noqa: ARG002
    ) -> Answer:
        """Answer one query."""
        self.asked.append(text)
        self.clients.add(client)
        self.times.append(timeout)
        answer = self.store.query(text, use_default_graph_as_union=True)
        if isinstance(answer, ox.QueryTriples):
            raise NotImplementedError("no test needs it")
        written = ox.QueryResultsFormat.from_media_type(format.media_type)
        assert written is not None
        content = answer.serialize(format=written) or b""
        rows = 1
        if isinstance(answer, ox.QuerySolutions):
            again = self.store.query(text, use_default_graph_as_union=True)
            assert isinstance(again, ox.QuerySolutions)
            rows = sum(1 for _ in again)
        return Answer(content, format, rows=rows)

    def ready(self) -> bool:
        """Be ready."""
        return True

    def close(self) -> None:
        """Have nothing to let go of."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()


def entities(base: str, names: dict[str, list[str]]) -> ox.Store:
    """A store with entities, each by its local name: its label, then its other names."""
    store = ox.Store()
    graph = ox.NamedNode(f"{base}graph/entities")
    for local, (label, *others) in names.items():
        node = ox.NamedNode(f"{base}id/entity/{local}")
        pairs = [(RDFS + "label", label), (SKOS + "prefLabel", label), *((SKOS + "altLabel", one) for one in others)]
        for predicate, name in pairs:
            store.add(ox.Quad(node, ox.NamedNode(predicate), ox.Literal(name, language="en"), graph))
    return store
