"""Turns what could not be read into findings, with the line and, where it can be told, the mend."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Final

from lungkg import lexer
from lungkg.errors import Place, Problem
from lungkg.records import scalar_ends
from lungkg.report import UNREADABLE, Edit, Finding, Mend
from lungkg.validation.likeness import alike

_NO_PREFIX: Final = re.compile(r"The prefix ([^ ]*): has not been declared")
_NO_DOT: Final = "A dot is expected at the end of statements"
MOST_EXPLAINED: Final = 1_000
"""Problems beyond these have no line and no mend but the hint."""

_YAML: Final = (".yaml", ".yml")


def unread(
    problems: Iterable[Problem], prefixes: Mapping[str, str], texts: Mapping[Path, str] | None = None
) -> list[Finding]:
    """Make a finding of each problem of reading; `prefixes` are those that could be declared.

    `texts` are what was read, by the names in the places; without, files are read again for their lines.
    """
    _text.cache_clear()
    text_of = _text if texts is None else partial(_given, texts)
    found = list(problems)
    return [_explained(one, prefixes, text_of(one.place.path)) for one in found[:MOST_EXPLAINED]] + [
        _plain(one) for one in found[MOST_EXPLAINED:]
    ]


def _plain(problem: Problem) -> Finding:
    mend = Mend(problem.hint) if problem.hint else None
    return Finding("Violation", UNREADABLE, problem.what, place=problem.place, title="cannot be read", mend=mend)


def _given(texts: Mapping[Path, str], path: Path) -> str:
    return texts.get(path, "")


def _explained(problem: Problem, prefixes: Mapping[str, str], text: str) -> Finding:
    finding = _plain(problem)
    place = problem.place
    lines = text.split("\n")
    if not place.line or place.line > len(lines) or not text:
        return finding
    if _NO_DOT in problem.what:
        return _without_dot(finding, place, text)
    line = lines[place.line - 1].rstrip("\r")
    end = _end(place, text)
    width = end[1] - place.column if end and end[0] == place.line else 1
    made = replace(finding, line=line, width=max(width, 1))
    missing = _NO_PREFIX.search(problem.what)
    return replace(made, mend=_declaring(missing[1], place, prefixes) if missing else _mend(problem, end, line))


def _mend(problem: Problem, end: tuple[int, int] | None, line: str) -> Mend | None:
    place, text, instead = problem.place, problem.hint, problem.instead
    if problem.words:
        meant = alike(problem.words, problem.among)
        instead = json.dumps(meant, ensure_ascii=False) if meant else ""  # which is YAML, too
    edits: tuple[Edit, ...] = ()
    if instead and end is not None:
        edits = (Edit(place.path, place.line, place.column, *end, instead),)
        asked = f"Did you mean {instead}?"
        text = f"{text} {asked}" if text and instead not in text else text or asked
    elif problem.before and place.column and line[place.column - 1 : place.column] not in ("{", "["):
        edits = (Edit(place.path, place.line, place.column, place.line, place.column, problem.before),)
    return Mend(text, "", edits, sure=bool(instead)) if text else None


def _declaring(prefix: str, place: Place, prefixes: Mapping[str, str]) -> Mend:
    """Declare a prefix on a line of its own at the top."""
    namespace = prefixes.get(prefix, "")
    line = f"@prefix {prefix}: <{namespace or 'https://example.org/'}> ."
    edits = (Edit(place.path, 1, 1, 1, 1, line + "\n"),) if place.path.suffix in (".ttl", ".trig") else ()
    return Mend(f"Declare the prefix {prefix}: at the top.", line, edits, sure=bool(namespace))


def _without_dot(finding: Finding, place: Place, text: str) -> Finding:
    """Point at the end of the statement that has no dot, rather than at the next one, where it was noticed."""
    lines = text.split("\n")
    offset = sum(len(line) + 1 for line in lines[: place.line - 1]) + max(place.column - 1, 0)
    before = None
    for token in lexer.tokens(text):
        if token.start >= offset:
            break
        before = token
    if before is None:
        return finding
    end = before.start + len(before.text)
    line = text.count("\n", 0, end) + 1
    column = end - (text.rfind("\n", 0, end) + 1) + 1
    edit = Edit(place.path, line, column, line, column, " .")
    return replace(
        finding,
        place=replace(place, line=line, column=column),
        line=lines[line - 1].rstrip("\r"),
        mend=Mend("End the statement with a dot.", "", (edit,), sure=True),
    )


def _end(place: Place, text: str) -> tuple[int, int] | None:
    """Find where what stands at a place ends."""
    if not place.column:
        return None
    if place.path.suffix in _YAML:
        return _ends(text).get((place.line, place.column))
    line = text.split("\n")[place.line - 1]
    token = next(lexer.tokens(line[place.column - 1 :]), None)
    return (place.line, place.column + token.start + len(token.text)) if token is not None else None


@lru_cache(maxsize=4)
def _text(path: Path) -> str:
    """Read a file again for its lines; one that cannot be read has none."""
    try:
        return path.read_text("utf-8") if path.is_file() else ""
    except (OSError, UnicodeDecodeError):
        return ""


@lru_cache(maxsize=4)
def _ends(text: str) -> dict[tuple[int, int], tuple[int, int]]:
    return scalar_ends(text)
