"""Finds the place of a finding in the files that were read, and writes edits of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final

import pyoxigraph as ox

from lungkg import lexer
from lungkg.errors import Place
from lungkg.namespaces import RDF
from lungkg.report import Edit
from lungkg.validation.files import LINE_BASED, Source
from lungkg.validation.positions import Mark
from lungkg.validation.words import Term

_AHEAD: Final = 10_000  # characters within which the token after a triple is looked for
_TYPE: Final = ox.NamedNode(RDF + "type")


@dataclass(frozen=True, eq=False)
class Spot:
    """A triple, and where it is written."""

    source: Source
    triple: ox.Triple
    mark: Mark | None

    def place(self, offset: int) -> Place:
        """Give the place of an offset of the text."""
        line, column = position(self.source, offset)
        return replace(self.source.place, line=line, column=column)


def position(source: Source, offset: int) -> tuple[int, int]:
    """Give line and column (from 1) of an offset."""
    low, high = 0, len(source.starts)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if source.starts[middle] <= offset else (low, middle)
    return low + 1, offset - source.starts[low] + 1


def line_at(source: Source, line: int) -> str:
    """Give a line of a text, without its end."""
    start = source.starts[line - 1]
    end = source.text.find("\n", start)
    return source.text[start : end if end >= 0 else None].rstrip("\r")


def edit(source: Source, start: int, end: int, text: str) -> Edit:
    """Write new text for a stretch, given by offsets."""
    return Edit(source.place.path, *position(source, start), *position(source, end), text)


class Spots:
    """The triples about some nodes, or with them as values, with their places."""

    def __init__(self, sources: Iterable[Source], nodes: Collection[str]) -> None:
        """Gather the spots of `nodes`, in N-Triples form."""
        self.about: dict[str, list[Spot]] = defaultdict(list)
        self.mentions: dict[str, list[Spot]] = defaultdict(list)
        wanted = frozenset(nodes)
        for source in sources if wanted else ():
            for index, triple in enumerate(source.triples):
                subject, value = str(triple.subject), str(triple.object)
                if subject in wanted or value in wanted:
                    spot = Spot(source, triple, source.marks[index])
                    if subject in wanted:
                        self.about[subject].append(spot)
                    if value in wanted:
                        self.mentions[value].append(spot)

    def find(self, subject: str, predicate: str = "", value: str = "") -> list[Spot]:
        """Find the triples about a node, with this property (an IRI) and value (in N-Triples form), if given."""
        return [
            spot
            for spot in self.about.get(subject, ())
            if (not predicate or spot.triple.predicate.value == predicate)
            and (not value or str(spot.triple.object) == value)
        ]

    def values(self, subject: str, predicate: str) -> list[Spot]:
        """Find the triples that give the values of a property, in the order in which they are written."""
        found: dict[str, Spot] = {}
        for spot in self.find(subject, predicate) if predicate else []:
            if spot.mark is not None:
                found.setdefault(str(spot.triple.object), spot)
        return list(found.values())


def _next_token(source: Source, offset: int) -> lexer.Token:
    found = next(lexer.tokens(source.text[offset : offset + _AHEAD]), lexer.Token("end", "", 0))
    return found._replace(start=found.start + offset)


def replacing(spot: Spot, value: Term) -> list[Edit]:
    """Write another value for a triple."""
    return [edit(spot.source, spot.mark.object, spot.mark.end, spot.source.written(value))] if spot.mark else []


def renaming(spot: Spot, predicate: ox.NamedNode) -> list[Edit]:
    """Write another property for a triple, and for all that share its list of values."""
    if spot.mark is None:
        return []
    start = spot.mark.predicate
    end = start + len(_next_token(spot.source, start).text)
    return [edit(spot.source, start, end, spot.source.written(predicate))]


def adding(spots: list[Spot], subject: Term, predicate: ox.NamedNode, value: Term) -> list[Edit]:
    """Write one more triple of a subject after one that it has; `spots` are triples about it."""
    placed = [spot for spot in spots if spot.mark is not None]
    if not placed:
        return []
    first = placed[0]
    same = [s for s in placed if s.mark and first.mark and s.mark.subject == first.mark.subject]
    end = max(s.mark.end for s in same if s.mark and s.source is first.source)
    source = first.source
    if source.form in LINE_BASED:
        line = source.text.find("\n", end)
        at = line if line >= 0 else len(source.text)
        return [edit(source, at, at, f"\n{subject} {predicate} {value} .")]
    name = "a" if predicate == _TYPE else source.written(predicate)
    return [edit(source, end, end, f" ;\n    {name} {source.written(value)}")]


def appending(source: Source, subject: Term, predicate: ox.NamedNode, value: Term) -> list[Edit]:
    """Write a triple at the end of a file."""
    end = len(source.text)
    lead = "" if source.text.endswith("\n") else "\n"
    statement = " ".join(source.written(term) for term in (subject, predicate, value))
    return [edit(source, end, end, f"{lead}{statement} .\n")] if source.has_lines else []


def removing(spot: Spot, about: list[Spot]) -> list[Edit]:
    """Remove a triple; `about` are all triples about its subject.

    The edits for several triples of a subject go together, as long as one before them stays.
    """
    mark, source = spot.mark, spot.source
    if mark is None:
        return []
    same = sorted(s.mark for s in about if s.mark and s.source is source and s.mark.subject == mark.subject)
    listed = [other for other in same if other.predicate == mark.predicate]
    after = [other for other in same if other.object > mark.object]
    before = [other for other in same if other.object < mark.object]
    start, end = mark.subject, 0
    if len(listed) > 1 and listed[0] == mark:
        start, end = mark.object, after[0].object
    elif before:
        start, end = before[-1].end, mark.end
    elif after:
        start, end = mark.predicate, after[0].predicate
    elif source.text[mark.subject] == "[":
        start, end = mark.predicate, mark.end
    return [edit(source, start, end or _statement_end(source, mark.end), "")]


def _statement_end(source: Source, offset: int) -> int:
    """Give the end of a statement: after its full stop, and after the line's end when nothing follows."""
    token = _next_token(source, offset)
    while token.text not in (".", "}", ""):
        token = _next_token(source, token.start + len(token.text))
    end = token.start + (len(token.text) if token.text == "." else 0)
    rest = source.text[end : end + 1]
    return end + 1 if rest == "\n" else end
