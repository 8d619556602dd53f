"""Applies the edits of a mend to files, as an editor or a review tool would."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from lungkg.report import Edit


def offset(text: str, line: int, column: int) -> int:
    """The offset of a place; lines and columns count from 1."""
    lines = text.split("\n")
    return sum(len(one) + 1 for one in lines[: line - 1]) + column - 1


def apply(edits: Iterable[Edit]) -> None:
    """Write the new text of each edit, from the end of each file on, so that places stay true."""
    files: dict[Path, list[Edit]] = defaultdict(list)
    for edit in edits:
        files[edit.path].append(edit)
    for path, parts in files.items():
        text = path.read_text("utf-8")
        for edit in sorted(parts, key=lambda one: (one.line, one.column), reverse=True):
            start = offset(text, edit.line, edit.column)
            end = offset(text, edit.end_line, edit.end_column)
            text = text[:start] + edit.text + text[end:]
        path.write_text(text, "utf-8")
