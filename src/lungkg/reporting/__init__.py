"""Writes reports of findings in the formats that people, review tools and CI servers read.

`write` is the only door: give it a Report, the name of a format and a Layout.
"""

from collections.abc import Callable, Iterator
from typing import Final

from lungkg.report import Report
from lungkg.reporting import html, junit, markdown, programs, sarif, text, turtle
from lungkg.reporting.listing import GROUPS, Layout, verdict

__all__ = ["FORMATS", "GROUPS", "Layout", "verdict", "write"]

_WRITERS: Final[dict[str, Callable[[Report, Layout], Iterator[str]]]] = {
    "text": text.write,
    "json": programs.write_json,
    "jsonl": programs.write_lines,
    "turtle": turtle.write,
    "html": html.write,
    "markdown": markdown.write,
    "sarif": sarif.write,
    "junit": junit.write,
    "csv": programs.write_csv,
}

FORMATS: Final = tuple(_WRITERS)
"""The names of all formats."""


def write(report: Report, format: str, layout: Layout = Layout()) -> Iterator[bytes]:  # noqa: B008 - it is frozen
    """Write a report in one of FORMATS, piece by piece; raises KeyError for another one."""
    return (piece.encode("utf-8", "replace") for piece in _WRITERS[format](report, layout))
