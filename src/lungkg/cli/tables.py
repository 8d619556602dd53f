"""Answers as a terminal shows them: a table, rows below each other where it is too narrow, yes or no, Turtle."""

import io
import re
from collections.abc import Mapping, Sequence
from typing import Final

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from lungkg.web.tables import Content, Entry, read_answer
from lungkg.web.tables import Table as Answered

ROWS_SHOWN: Final = 200
NARROWEST: Final = 24  # characters that a column of text needs to be read
_UNBOUNDED: Final = 100_000  # characters; a file has no width
_STYLES: Final = {"iri": "cyan", "blank": "dim", "triple": "dim"}
_ALL: Final = "for all: --format {}, or --output FILE"


def render(form: str, content: Content, prefixes: Mapping[str, str], *, terminal: bool) -> tuple[str, str]:
    """Give what to print of an answer, and the note that says how much it is and what was left out.

    `content` is JSON for SELECT and ASK, else Turtle. Colours and the width are those of the terminal; in
    a file there are none. Raises EngineError when the answer is not what it should be.
    """
    console = Console(highlight=False, emoji=False) if terminal else _plain_console()
    shown = read_answer(form, content, prefixes, ROWS_SHOWN)
    if shown.table is not None:
        made, note = table(shown.table, console.width), _count(shown.table)
    elif shown.text is not None:
        made = _turtle(shown.text.text)
        note = f"only the beginning is shown; {_ALL.format('turtle')}" if shown.text.cut else ""
    else:
        made, note = Text("yes" if shown.truth else "no"), ""
    with console.capture() as captured:
        console.print(made, soft_wrap=isinstance(made, Text))
    return captured.get(), note


def _plain_console() -> Console:
    return Console(file=io.StringIO(), width=_UNBOUNDED, color_system=None, highlight=False, emoji=False)


def _count(answered: Answered) -> str:
    shown, total = len(answered.rows), answered.total
    if shown < total:
        return f"the first {shown:,} of {total:,} rows; {_ALL.format('csv')}"
    return f"{total:,} {'row' if total == 1 else 'rows'}"


def table(answered: Answered, width: int) -> RenderableType:
    """Lay out rows for a width in characters: as a table if every column can be read, else one below the other."""
    natural = [
        max([cell_len(name), *(cell_len(line) for row in answered.rows for line in _shown(row[place]).split("\n"))])
        for place, name in enumerate(answered.columns)
    ]
    frame = 3 * len(natural) + 1
    if sum(min(NARROWEST, wide) for wide in natural) + frame > width:
        return _records(answered)
    made = Table(header_style="bold", show_lines=sum(natural) + frame > width)
    for place, name in enumerate(answered.columns):
        numeric = _numeric([row[place] for row in answered.rows])
        made.add_column(Text(name), justify="right" if numeric else "left", overflow="fold")
    for row in answered.rows:
        made.add_row(*(_text(entry) for entry in row))
    return made


def _records(answered: Answered) -> RenderableType:
    """Write each row as lines of names and values; what is not bound is left out."""
    parts: list[RenderableType] = []
    for number, row in enumerate(answered.rows, start=1):
        record = Table.grid(padding=(0, 2))
        record.add_column(style="bold", no_wrap=True)
        record.add_column(overflow="fold")
        for name, entry in zip(answered.columns, row, strict=True):
            if entry.kind != "unbound":
                record.add_row(Text(name), _text(entry))
        parts += [Text(f"── {number} ──", style="dim"), record]
    return Group(*parts)


def _shown(entry: Entry) -> str:
    return entry.text if entry.cut else entry.short  # a terminal wraps, so nothing is cut


def _text(entry: Entry) -> Text:
    return Text(_shown(entry), style=_STYLES.get(entry.kind, ""))


def _numeric(entries: Sequence[Entry]) -> bool:
    bound = [entry for entry in entries if entry.kind != "unbound"]
    return bool(bound) and all(entry.numeric for entry in bound)


def _turtle(text: str) -> Text:
    """Colour Turtle, without the prefixes that it declares and does not use."""
    declared = re.compile(r"@prefix ([^:\s]*): <[^>]*> \.\n")
    start = 0
    kept = []
    while match := declared.match(text, start):
        kept.append((match[1], match[0]))
        start = match.end()
    body = text[start:]
    used = "".join(line for prefix, line in kept if f"{prefix}:" in body)
    coloured = Syntax("", "turtle", theme="ansi_dark", background_color="default").highlight(used + body)
    coloured.rstrip()
    return coloured
