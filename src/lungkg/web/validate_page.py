"""What the page of a validation shows: the text line by line, and beside each line what was found there."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from lungkg.reporting.listing import visible
from lungkg.sandbox import Text

ALL_LINES: Final = 300
"""A text with more lines is shown around what was found only."""

_AROUND: Final = 3
_WIDEST: Final = 300
_LINED: Final = frozenset({"text/turtle", "application/n-triples", "application/trig", "application/n-quads"})

Json = dict[str, Any]


@dataclass(frozen=True)
class Piece:
    """A stretch of a line; `marked` when it is what a finding is about."""

    text: str
    marked: bool


@dataclass(frozen=True)
class Line:
    """A line of a text, with what was found there; `skipped` says how many lines before it are not shown."""

    number: int
    pieces: tuple[Piece, ...]
    findings: tuple[Json, ...]
    skipped: int = 0


@dataclass(frozen=True)
class Listing:
    """A text that was validated: `kind` begins the anchors of its lines, `rest` counts those after the last shown."""

    kind: str
    name: str
    lines: tuple[Line, ...]
    rest: int


@dataclass(frozen=True)
class Shown:
    """A report as the page shows it; `elsewhere` are the findings without a line in a text that is shown."""

    told: Json
    listings: tuple[Listing, ...] = ()
    elsewhere: tuple[Json, ...] = field(default=())


def shown(body: bytes, texts: Sequence[tuple[str, Text]], place_of: Callable[[str], str]) -> Shown:
    """Put the report of the sandbox beside the texts, each with the beginning of its anchors.

    `place_of` gives the address of a check that has one on this site.
    """
    told: Json = json.loads(body)
    told["checks"] = [{**one, "href": place_of(one["link"])} for one in told["checks"]]
    numbered = [
        {**one, "number": number, "href": place_of(one["link"])} for number, one in enumerate(told["findings"], 1)
    ]
    kinds = {text.name: kind for kind, text in texts if text.media_type in _LINED}
    for one in numbered:
        one["anchor"] = f"{kinds[one['file']]}-{one['line']}" if one["line"] and one["file"] in kinds else ""
        file = one["rule_place"].partition(":")[0]
        one["rule_anchor"] = f"{kinds[file]}-{one['rule_line']}" if one["rule_line"] and file in kinds else ""
    told["findings"] = numbered
    listings = tuple(_listing(kind, text, numbered) for kind, text in texts if text.media_type in _LINED)
    return Shown(told, listings, tuple(one for one in numbered if not one["anchor"]))


def _listing(kind: str, text: Text, findings: list[Json]) -> Listing:
    lines = text.content.decode("utf-8", "replace").removeprefix("\ufeff").split("\n")
    if lines[-1:] == [""]:
        lines.pop()
    at: dict[int, list[Json]] = defaultdict(list)
    wanted = set(range(1, len(lines) + 1)) if len(lines) <= ALL_LINES else set()
    for one in findings:
        if one["anchor"].startswith(f"{kind}-"):
            at[one["line"]].append(one)
            wanted |= set(range(one["line"] - _AROUND, one["line"] + _AROUND + 1))
        if one["rule_anchor"].startswith(f"{kind}-"):
            wanted.add(one["rule_line"])
    made, before = [], 0
    for number in sorted(number for number in wanted if 1 <= number <= max(len(lines), 1)):
        line = lines[number - 1].rstrip("\r") if lines else ""
        made.append(Line(number, tuple(_pieces(line, at[number])), tuple(at[number]), number - before - 1))
        before = number
    return Listing(kind, text.name, tuple(made), len(lines) - before)


def _pieces(line: str, findings: list[Json]) -> Iterator[Piece]:
    """Cut a line where what findings are about begins and ends; of a long line, the part around the first of them."""
    spans = sorted({(one["column"] - 1, one["column"] - 1 + one["width"]) for one in findings if one["column"]})
    start = max(spans[0][0] - _WIDEST // 3, 0) if spans and spans[0][0] > _WIDEST // 2 else 0
    end = min(start + _WIDEST, len(line))
    if start:
        yield Piece("…", marked=False)
    done = start
    for first, last in spans:
        if first >= done and first < end:
            yield Piece(visible(line[done:first]), marked=False)
            yield Piece(visible(line[first : min(last, end)]), marked=True)
            done = min(last, end)
    yield Piece(visible(line[done:end]), marked=False)
    if end < len(line):
        yield Piece("…", marked=False)
