"""Puts the differing lines of two releases together into the things that they are about."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from lungkg.namespaces import GRAPHS, RDF

_TYPE: Final = f" <{RDF}type> ".encode()
_DERIVED: Final = ("edges",)  # each of its triples is made from a claim, which tells more


@dataclass(slots=True)
class Thing:
    """A thing that two releases say different things of; a part of it, as `…#quote`, belongs to it."""

    iri: str
    kind: str
    """Its type as in its IRI, claim or entity; of a term of a vocabulary, the name of its graph."""
    removed: list[bytes] = field(default_factory=list)
    added: list[bytes] = field(default_factory=list)

    @property
    def change(self) -> str:
        """Say whether it was added, removed or changed: what is there has a type."""
        was, is_ = self._typed(self.removed), self._typed(self.added)
        if was == is_:
            return "changed"
        return "added" if is_ else "removed"

    def _typed(self, lines: list[bytes]) -> bool:
        return any(line.startswith(f"<{self.iri}>".encode() + _TYPE) for line in lines)


def things(lines: Iterable[tuple[bool, bytes]], base: str) -> Iterator[Thing]:
    """Yield each thing once all its lines have come; the lines are N-Quads in the order of their bytes.

    In that order D-C1#quote comes first, then D-C10, then D-C1 itself, so things stay open as long as what comes
    begins like them: never more than are written within one another's name.
    """
    ids, graphs = f"<{base}id/", {f"<{base}graph/{name}>".encode(): name for name in GRAPHS}
    open_: list[Thing] = []
    for is_new, line in lines:
        if line.startswith(b"_:") or line.split(b" ", 2)[2].startswith(b"_:"):
            continue  # the names of blank nodes change with everything around them
        graph = graphs.get(line.rsplit(b" ", 2)[1], "")
        if graph in _DERIVED:
            continue
        subject = line[: line.index(b">")].decode()
        iri = subject.partition("#")[0] if subject.startswith(ids) else subject
        while open_ and not iri.startswith(f"<{open_[-1].iri}"):
            yield open_.pop()
        if not open_ or open_[-1].iri != iri[1:]:
            kind = iri.removeprefix(ids).partition("/")[0] if iri.startswith(ids) else graph
            open_.append(Thing(iri[1:], kind))
        (open_[-1].added if is_new else open_[-1].removed).append(line)
    while open_:
        yield open_.pop()
