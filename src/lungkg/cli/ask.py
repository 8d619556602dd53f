"""`lungkg sparql`, and how any command asks for an answer and shows it."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from lungkg.cli.engine import engine_options, open_engine
from lungkg.cli.options import open_project, project_options
from lungkg.cli.output import check_target, lines_ended, write
from lungkg.cli.show import err
from lungkg.cli.tables import render
from lungkg.engines import Answer, choose_format, screen
from lungkg.engines.base import DEFAULT_TIMEOUT
from lungkg.errors import InputError, Place
from lungkg.formats import Format, by_name, table_for
from lungkg.limits import ONE_QUERY
from lungkg.records import read_text

_STANDARD: Final = "-"  # standard input or output
_TABLE: Final = "table"


def answer_options(formats: str) -> list[click.Option]:
    """Make --format, --output and --timeout; the first two make a `Manner`.

    The underscores in their names keep them apart from a canned query's parameters, which have none.
    """
    return [
        click.Option(["--format", "format_name"], metavar="FORMAT", help=formats),
        click.Option(
            ["--output", "output_path"],
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help="Write the answer there, whole or not at all; the suffix of FILE chooses the format.",
        ),
        click.Option(
            ["--timeout", "time_limit"],
            default=DEFAULT_TIMEOUT,
            show_default=True,
            type=click.FloatRange(0, min_open=True),
            metavar="SECONDS",
            help="Stop the query after so long.",
        ),
    ]


@dataclass(frozen=True, slots=True)
class Manner:
    """How an answer is asked for and shown: for people, in a table or coloured, or as the format has it."""

    form: str
    format: Format
    path: Path | None
    for_people: bool

    @classmethod
    def of(cls, form: str, name: str | None, path: Path | None, *, also: tuple[Format, ...] = ()) -> "Manner":
        """Choose; `also` are formats besides those of the form.

        Raises NotAcceptable for a format that cannot hold the answer, InputError for no place to write.
        """
        path = None if str(path) == _STANDARD else path
        check_target(path)
        rows = form in ("SELECT", "ASK")
        for_people = (name == _TABLE and rows) or (name is None and path is None and sys.stdout.isatty())
        if for_people:
            name = "json" if rows else "turtle"
        elif name is None:
            suffix = path.suffix[1:] if path else ""
            name = suffix if by_name(suffix, (*table_for(form), *also)) else "csv" if rows else "turtle"
        return cls(form, choose_format(form, name=name, also=also), path, for_people)

    def show(self, answer: Answer, prefixes: Mapping[str, str]) -> None:
        """Write the answer to where it goes."""
        if not self.for_people:
            write(lines_ended(answer.chunks()), self.path)
            return
        content = answer.body if answer.file is None else answer.file
        shown, note = render(self.form, content, prefixes, terminal=self.path is None and sys.stdout.isatty())
        write([shown.encode()], self.path)
        if note:
            err.print(note, soft_wrap=True)


@click.command()
@project_options
@engine_options
@click.option("--file", "path", type=click.Path(path_type=Path), help="Read the query from a file.")
@click.argument("text", metavar="QUERY", required=False)
def sparql(
    folder: Path | None,
    base: str | None,
    out: Path | None,
    text: str | None,
    path: Path | None,
    format_name: str | None,
    output_path: Path | None,
    time_limit: float,
    **engine: Any,
) -> None:
    """Ask the newest release, or another SPARQL endpoint, a query; - reads it from standard input."""
    asked = _query_text(text, path)
    manner = Manner.of(screen(asked), format_name, output_path)
    project, home = open_project(folder, base, out)
    with open_engine(project, home, **engine, limits=ONE_QUERY) as opened:
        manner.show(opened.query(asked, manner.format, timeout=time_limit), project.prefixes)


sparql.params += answer_options(
    "table, json, xml, csv, tsv; for graphs turtle, ntriples, jsonld, rdfxml, trig, nquads.  "
    "[default: a table in a terminal, else csv; turtle for graphs]"
)


def _query_text(text: str | None, path: Path | None) -> str:
    if (text is None) == (path is None):
        raise click.UsageError("Give the query as an argument or with --file, one of the two; - is standard input.")
    if _STANDARD in (text, str(path)):
        try:
            return sys.stdin.buffer.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError.at(Place(Path("standard input")), f"byte {error.start} is not UTF-8 text") from None
    return read_text(path) if path is not None else text or ""
