"""Breaks the queries of sh:sparql constraints in small ways, token by token."""

from collections.abc import Iterator
from typing import Final

from lungkg import lexer
from lungkg.lexer import Token

_COMPARED: Final = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "!=", "!=": "="}
_CONNECTED: Final = {"||": "&&", "&&": "||"}
_KEYWORDS: Final = frozenset({"FILTER", "BIND", "OPTIONAL", "NOT", "EXISTS", "UNION", "MINUS", "GRAPH", "VALUES"})
_CLOSING: Final = {"(": ")", "{": "}"}

Broken = tuple[str, str, str]
"""The kind of mistake, the mistake in words, and the query with it."""


def broken_queries(text: str) -> Iterator[Broken]:
    """Yield the query with one comparison, connective, condition or part of a path changed.

    >>> query = "SELECT $this { $this <e:a>|<e:b> ?n FILTER ( ?n > 1 ) }"
    >>> [change for _, change, _ in broken_queries(query)][3:]
    ['without FILTER ( ?n > 1 )', '?n >= 1 instead of ?n > 1']
    """
    cut = list(lexer.tokens(text))
    for subject, first, last in _patterns(cut):
        start, end = cut[first].start, _end(cut[last])
        words = text[start:end].strip(" \n;.").split()
        shown = " ".join(words if first == subject else [cut[subject].text, *words])
        yield "drop pattern", f"without {shown}", _at(text, start, end, "")
    for place in range(len(cut)):
        yield from _conditions(text, cut, place)
        yield from _operators(text, cut, place)
        yield from _paths(text, cut, place)


def _at(text: str, start: int, end: int, new: str) -> str:
    return text[:start] + new + text[end:]


def _end(token: Token) -> int:
    return token.start + len(token.text)


def _around(text: str, cut: list[Token], place: int) -> tuple[str, str]:
    """Give the words before and after a token."""
    before = cut[place - 1].text if place else ""
    after = cut[place + 1].text if place + 1 < len(cut) else ""
    if after in ("STR", "STRLEN") or after == "!":
        after = text[cut[place + 1].start : _end(cut[_closing(cut, place + 2)])]
    return before, after


def _closing(cut: list[Token], place: int) -> int:
    """Find the bracket that closes the one at a place; the place itself when none is open there."""
    if place >= len(cut) or cut[place].text not in _CLOSING:
        return min(place, len(cut) - 1)
    depth = 0
    for number in range(place, len(cut)):
        depth += cut[number].text in _CLOSING
        depth -= cut[number].text in _CLOSING.values()
        if depth == 0:
            return number
    return len(cut) - 1


def _patterns(cut: list[Token]) -> Iterator[tuple[int, int, int]]:
    """Yield for each triple pattern its subject, and the first and last token to take out."""
    for run in _runs(cut):
        ends = [place for place in run if cut[place].text == ";"]
        after = run[-1] + 1
        if any(cut[place].text == "[" for place in run):
            continue  # what stands in brackets belongs together
        if not ends:
            yield run[0], run[0], after if after < len(cut) and cut[after].text == "." else run[-1]
            continue
        yield run[0], run[0] + 1, ends[0]  # the subject stays for the others
        for start, end in zip(ends, [*(place - 1 for place in ends[1:]), run[-1]], strict=True):
            if end > start:
                yield run[0], start, end


def _runs(cut: list[Token]) -> Iterator[list[int]]:
    """Yield the stretches of triple patterns with one subject."""
    run: list[int] = []
    place = next((n for n, token in enumerate(cut) if token.text == "{"), len(cut))
    while place < len(cut):
        token = cut[place]
        keyword = token.kind == "word" and token.upper in _KEYWORDS
        if keyword or token.text in ("{", "}", "."):
            if run:
                yield run
            run = []
            if token.upper in ("FILTER", "BIND") and place + 1 < len(cut) and cut[place + 1].text == "(":
                place = _closing(cut, place + 1)
        else:
            run.append(place)
        place += 1


def _conditions(text: str, cut: list[Token], place: int) -> Iterator[Broken]:
    """Drop a FILTER; turn EXISTS and NOT EXISTS round."""
    token = cut[place]
    if token.kind != "word":
        return
    if token.upper == "FILTER":
        opening = next((n for n in range(place + 1, len(cut)) if cut[n].text in _CLOSING), place)
        end = _end(cut[_closing(cut, opening)])
        shown = " ".join(text[token.start : end].split())
        yield "drop condition", f"without {shown}", _at(text, token.start, end, "")
    elif token.upper == "EXISTS":
        negated = cut[place - 1].upper == "NOT"
        start = cut[place - 1].start if negated else token.start
        new, old = ("EXISTS", "NOT EXISTS") if negated else ("NOT EXISTS", "EXISTS")
        end = _end(cut[_closing(cut, place + 1)])
        shown = " ".join(text[_end(token) : end].split())
        yield "negate condition", f"{new} {shown} instead of {old}", _at(text, start, _end(token), new)


def _operators(text: str, cut: list[Token], place: int) -> Iterator[Broken]:
    """Change a comparison, a connective, a sign; drop a negation."""
    token = cut[place]
    before, after = _around(text, cut, place)
    if token.kind != "mark":
        return
    if token.text in _COMPARED and place:
        new = _COMPARED[token.text]
        change = f"{before} {new} {after} instead of {before} {token.text} {after}"
        yield "change comparison", change, _at(text, token.start, _end(token), new)
    elif token.text in _CONNECTED:
        new = _CONNECTED[token.text]
        yield "change connective", f"{new} instead of {token.text}", _at(text, token.start, _end(token), new)
    elif token.text in "+-" and cut[place - 1].kind == "variable":
        new = "-" if token.text == "+" else "+"
        change = f"{before} {new} {after} instead of {before} {token.text} {after}"
        yield "change sign", change, _at(text, token.start, _end(token), new)
    elif token.text == "!":
        yield "drop negation", f"{after} instead of !{after}", _at(text, token.start, _end(token), "")


def _paths(text: str, cut: list[Token], place: int) -> Iterator[Broken]:
    """Drop an alternative of a path, a repetition, or the sign that turns a step round."""
    token = cut[place]
    before = cut[place - 1] if place else token
    after = cut[place + 1] if place + 1 < len(cut) else token
    if token.kind in ("name", "iri"):
        first = place - (before.text == "^")
        last = place + (after.text in ("*", "+", "?"))
        left = first > 0 and cut[first - 1].text == "|"
        right = last + 1 < len(cut) and cut[last + 1].text == "|"
        if left or right:
            start = cut[first].start if right else cut[first - 1].start
            end = _end(cut[last + 1]) if right else _end(cut[last])
            alternative = text[cut[first].start : _end(cut[last])]
            yield "shorten path", f"without the alternative {alternative}", _at(text, start, end, "")
    elif token.text in ("*", "+") and (
        before.kind in ("name", "iri") or (before.text == ")" and after.kind != "number")
    ):
        yield (
            "shorten path",
            f"{before.text} instead of {before.text}{token.text}",
            _at(text, token.start, _end(token), ""),
        )
    elif token.text == "^":
        yield "shorten path", f"{after.text} instead of ^{after.text}", _at(text, token.start, _end(token), "")
