"""Writes the difference of two versions of an ontology: as text, as Markdown, or as JSON for programs."""

import difflib
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Final

from lungkg.ontology_checks.difference import KINDS, Change

_MARKS: Final = {"text": ("[-", "-]", "{+", "+}"), "markdown": ("~~", "~~", "**", "**")}
_ESCAPED: Final = re.compile(r"([\\`*_{}\[\]<>#|~])")


def summary(changes: Sequence[Change]) -> str:
    """Say in one line what changed, and how often."""
    if not changes:
        return "nothing changed"
    counts = Counter(change.kind for change in changes)
    return ", ".join(f"{_lowered(KINDS[kind])}: {counts[kind]}" for kind in KINDS if counts[kind])


def _lowered(heading: str) -> str:
    return heading[0].lower() + heading[1:]


def write(changes: Sequence[Change], form: str) -> str:
    """Write changes as text, markdown or json."""
    if form == "json":
        return json.dumps({"changes": [asdict(change) for change in changes]}, indent=2, ensure_ascii=False) + "\n"
    return "\n".join(_lines(changes, form)) + "\n"


def _lines(changes: Sequence[Change], form: str) -> Iterator[str]:
    markdown = form == "markdown"
    yield f"**{summary(changes)}**" if markdown else summary(changes)
    for kind, heading in KINDS.items():
        mine = [change for change in changes if change.kind == kind]
        if mine:
            yield ""
            yield f"## {heading}" if markdown else heading
            if markdown:
                yield ""
        for change in mine:
            yield f"- {_escaped(change.sentence) if markdown else change.sentence}"
            yield from (f"  {line}" for line in _texts(change, form))


def _texts(change: Change, form: str) -> Iterator[str]:
    """Show the text of a term, and where two texts differ."""
    escape = _escaped if form == "markdown" else str
    indent = "> " if form == "markdown" else "  "
    if change.kind in ("definition", "text") and change.before and change.after:
        yield indent + marked(change.before, change.after, form)
    elif change.kind in ("definition", "text", "added", "removed") and (change.before or change.after):
        yield indent + escape(change.after or change.before)


def marked(before: str, after: str, form: str = "text") -> str:
    """Show two texts as one, with the words that went and came marked.

    >>> marked("A sort of tree.", "A kind of tree.")
    'A [-sort-] {+kind+} of tree.'
    """
    escape = _escaped if form == "markdown" else str
    gone, gone_end, come, come_end = _MARKS[form]
    one, other = before.split(" "), after.split(" ")
    pieces = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(escape(" ".join(one[a:b])))
        else:
            pieces += [f"{gone}{escape(' '.join(one[a:b]))}{gone_end}"] if b > a else []
            pieces += [f"{come}{escape(' '.join(other[c:d]))}{come_end}"] if d > c else []
    return " ".join(pieces)


def _escaped(text: str) -> str:
    return _ESCAPED.sub(r"\\\1", text.replace("\n", " "))
