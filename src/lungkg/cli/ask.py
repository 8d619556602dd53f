"""`lungkg sparql` and `lungkg query`."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from lungkg.cli.engine import engine_options, open_engine
from lungkg.cli.options import open_project, project_options
from lungkg.cli.output import check_target, lines_ended, write
from lungkg.cli.show import err
from lungkg.cli.tables import render
from lungkg.engines import Answer, Engine, choose_format, screen
from lungkg.engines.base import DEFAULT_TIMEOUT
from lungkg.errors import InputError, Place
from lungkg.formats import Format, by_name, table_for
from lungkg.limits import Limits
from lungkg.project import Project
from lungkg.queries import CannedQuery, load_catalogue
from lungkg.records import read_text

F = TypeVar("F", bound=Callable[..., Any])

_STANDARD: Final = "-"  # standard input or output
_TABLE: Final = "table"
_ONE_QUERY: Final = Limits(quick_workers=1, slow_workers=1)

# The underscore keeps these names apart from those of a canned query's parameters, which have none.
_ANSWER_OPTIONS: Final = (
    click.option(
        "--timeout",
        "time_limit",
        default=DEFAULT_TIMEOUT,
        show_default=True,
        type=click.FloatRange(0, min_open=True),
        metavar="SECONDS",
        help="Stop the query after so long.",
    ),
    click.option(
        "--output",
        "output_path",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Write the answer there, whole or not at all; the suffix of FILE chooses the format.",
    ),
    click.option(
        "--format",
        "format_name",
        metavar="FORMAT",
        help="table, json, xml, csv, tsv; for graphs turtle, ntriples, jsonld, rdfxml, trig, nquads.  "
        "[default: a table in a terminal, else csv; turtle for graphs]",
    ),
)


def _answer_options(command: F) -> F:
    """Add --format, --output and --timeout; the first two make a `_Manner`."""
    for option in _ANSWER_OPTIONS:
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class _Manner:
    """How an answer is asked for and shown: for people, in a table or coloured, or as the format has it."""

    form: str
    format: Format
    path: Path | None
    for_people: bool

    @classmethod
    def of(cls, form: str, name: str | None, path: Path | None) -> "_Manner":
        """Choose; raises NotAcceptable for a format that cannot hold the answer, InputError for no place to write."""
        path = None if str(path) == _STANDARD else path
        check_target(path)
        rows = form in ("SELECT", "ASK")
        for_people = (name == _TABLE and rows) or (name is None and path is None and sys.stdout.isatty())
        if for_people:
            name = "json" if rows else "turtle"
        elif name is None:
            suffix = path.suffix[1:] if path else ""
            name = suffix if by_name(suffix, table_for(form)) else "csv" if rows else "turtle"
        return cls(form, choose_format(form, name=name), path, for_people)

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
@_answer_options
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
    manner = _Manner.of(screen(asked), format_name, output_path)
    project, home = open_project(folder, base, out)
    with open_engine(project, home, **engine, limits=_ONE_QUERY) as opened:
        manner.show(opened.query(asked, manner.format, timeout=time_limit), project.prefixes)


def _query_text(text: str | None, path: Path | None) -> str:
    if (text is None) == (path is None):
        raise click.UsageError("Give the query as an argument or with --file, one of the two; - is standard input.")
    if _STANDARD in (text, str(path)):
        try:
            return sys.stdin.buffer.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError.at(Place(Path("standard input")), f"byte {error.start} is not UTF-8 text") from None
    return read_text(path) if path is not None else text or ""


class _Catalogue(click.Group):
    """The canned queries as commands; they are read from the project when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_catalogue(ctx.params)[1])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        project, catalogue, home = _catalogue(ctx.params)
        found = catalogue.get(cmd_name)
        engine = {name: value for name, value in ctx.params.items() if name not in ("folder", "base", "out")}
        return (
            None
            if found is None
            else _command(found, project, lambda: open_engine(project, home, **engine, limits=_ONE_QUERY))
        )


def _catalogue(options: Mapping[str, Any]) -> tuple[Project, dict[str, CannedQuery], Path]:
    project, home = open_project(options.get("folder"), options.get("base"), options.get("out"))
    return project, load_catalogue(project), home


@click.group(cls=_Catalogue)
@project_options
@engine_options
def query(**options: Any) -> None:  # the catalogue reads them from the context
    """Ask the newest release, or another SPARQL endpoint, one of the canned queries."""


def _command(canned: CannedQuery, project: Project, opening: Callable[[], Engine]) -> click.Command:
    def ask(format_name: str | None, output_path: Path | None, time_limit: float, **given: str | None) -> None:
        values = {key: value for key, value in given.items() if value is not None}
        manner = _Manner.of(screen(canned.text), format_name, output_path)
        canned.bind(values, project)  # what is wrong with the values is said before anything is started
        with opening() as engine:
            answer = canned.answer(engine, values, project, manner.format, timeout=time_limit)
            manner.show(answer, project.prefixes)

    command: Any = click.command(
        canned.name, help=f"{canned.summary}\n\n{canned.description}", short_help=canned.summary
    )(ask)
    for option in reversed(_ANSWER_OPTIONS):  # of a command, they keep the order in which they are added
        command = option(command)
    for parameter in reversed(canned.parameters.values()):
        what = f"{parameter.help}; for example {parameter.example}" + ("  [required]" if parameter.required else "")
        command.params.insert(
            0,
            click.Option([f"--{parameter.name}", parameter.name], help=what, metavar=parameter.of.upper() or None),
        )
    made: click.Command = command
    return made
