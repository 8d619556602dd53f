"""Writes what changed as RDF: TriG with the triples that were added and removed, graph by graph."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from lungkg.dumps import CANONICAL
from lungkg.endpoint_terms import said
from lungkg.errors import Place
from lungkg.namespaces import DCTERMS, PROV, RDF, RDFS, VOID, Minter
from lungkg.triples import english, integer
from lungkg.turtle import not_rdf

_LINES_PER_BLOCK: Final = 10_000


class Patch:
    """Takes the lines that differ, in any number, and hands on TriG piece by piece.

    The triples of graph/claims that were added to release B are in the graph `dataset/B#added/claims`, and so on;
    `#added` and `#removed` have these graphs as their subsets. Take away the ones and add the others, and the older
    release has become the newer one.
    """

    def __init__(self, base: str, release: str, prefixes: Mapping[str, str], put: Callable[[bytes], object]) -> None:
        self._iris, self._node, self._prefixes, self._put = Minter(base), release_iri(base, release), prefixes, put
        self._graphs = f"<{base}graph/".encode()
        self._lines: dict[tuple[bool, bytes], list[bytes]] = {}
        self._counts: dict[tuple[bool, bytes], int] = {}
        put(_declared(prefixes))

    def see(self, is_new: bool, line: bytes) -> None:
        """Take in a line."""
        triple, graph, _ = line.rsplit(b" ", 2)
        key = (is_new, graph)
        lines = self._lines.setdefault(key, [])
        lines.append(triple)
        self._counts[key] = self._counts.get(key, 0) + 1
        if len(lines) == _LINES_PER_BLOCK:
            self._flush(key)

    def finish(self, before: str) -> None:
        """Write what is still waiting, and what this is; `before` is the id of the older release."""
        for key in sorted(self._lines):
            self._flush(key)
        self._put(self._written(self._description(before)))

    def _flush(self, key: tuple[bool, bytes]) -> None:
        lines, self._lines[key] = self._lines[key], []
        if lines:
            block = b" .\n".join(lines) + b" .\n"
            try:
                body = self._written(ox.parse(block, format=ox.RdfFormat.N_TRIPLES))
            except SyntaxError as error:
                raise not_rdf(Place(Path(CANONICAL)), ox.RdfFormat.N_QUADS, error) from None
            self._put(f"<{self._name(*key)}> {{\n".encode() + body + b"}\n")

    def _name(self, is_new: bool, graph: bytes) -> str:
        name = graph.removeprefix(self._graphs).rstrip(b">").decode()
        return f"{self._node}#{'added' if is_new else 'removed'}/{name}"

    def _written(self, statements: Iterable[ox.Triple] | Iterable[ox.Quad]) -> bytes:
        """Write Turtle without its prefixes, which were declared once."""
        text = ox.serialize(statements, format=ox.RdfFormat.TURTLE, prefixes=dict(self._prefixes)) or b""
        for _ in self._prefixes:
            text = text[text.index(b"\n") + 1 :]
        return text

    def _description(self, before: str) -> Iterator[ox.Triple]:
        yield said(self._node, PROV + "wasRevisionOf", release_iri(self._iris.base, before))
        for is_new, word in ((True, "added"), (False, "removed")):
            whole = f"{self._node}#{word}"
            yield said(whole, RDF + "type", VOID + "Dataset")
            yield said(whole, RDFS + "label", english(f"triples that were {word}"))
            parts = sorted((graph, count) for (new, graph), count in self._counts.items() if new == is_new)
            yield said(whole, VOID + "triples", integer(sum(count for _, count in parts)))
            for graph, count in parts:
                part = self._name(is_new, graph)
                yield said(whole, VOID + "subset", part)
                yield said(part, DCTERMS + "isPartOf", graph.decode().strip("<>"))
                yield said(part, VOID + "triples", integer(count))


def release_iri(base: str, release_id: str) -> str:
    """Name a release of the dataset."""
    return f"{Minter(base).dataset}/{release_id}"


def _declared(prefixes: Mapping[str, str]) -> bytes:
    return "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in sorted(prefixes.items())).encode()
