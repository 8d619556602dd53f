"""`lungkg sparql` and `lungkg query`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from lungkg.cli.options import newest_release, open_project, project_options
from lungkg.cli.show import print_rows
from lungkg.engines import Answer, LocalEngine, choose_format, screen
from lungkg.engines.base import DEFAULT_TIMEOUT
from lungkg.formats import RESULTS, Format, by_name
from lungkg.project import Project
from lungkg.queries import CannedQuery, load_catalogue
from lungkg.records import read_text

_format_option = click.option(
    "--format",
    "name",
    metavar="FORMAT",
    help="json, xml, csv, tsv; for graphs turtle, ntriples, jsonld, rdfxml.  [default: a table]",
)
_timeout_option = click.option(
    "--timeout",
    default=DEFAULT_TIMEOUT,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
)


@click.command()
@project_options
@click.argument("text", required=False)
@click.option(
    "--file", "path", type=click.Path(path_type=Path), help="Read the query from a file; - is standard input."
)
@_format_option
@_timeout_option
def sparql(
    folder: Path | None,
    base: str | None,
    out: Path | None,
    text: str | None,
    path: Path | None,
    name: str | None,
    timeout: float,
) -> None:
    """Ask the newest release a SPARQL query."""
    asked = _query_text(text, path)
    chosen = _choose(screen(asked), name)
    project, home = open_project(folder, base, out)
    answer = _ask(project, home, lambda engine: engine.query(asked, chosen, timeout=timeout))
    _print(answer, project, table=name is None)


def _query_text(text: str | None, path: Path | None) -> str:
    if text is not None and path is None:
        return text
    if path is not None and text is None:
        return sys.stdin.read() if str(path) == "-" else read_text(path)
    raise click.UsageError("Give the query as an argument or with --file, one of the two.")


class _Catalogue(click.Group):
    """The canned queries as commands; they are read from the project when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_catalogue(ctx)[1])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        project, catalogue, home = _catalogue(ctx)
        found = catalogue.get(cmd_name)
        return None if found is None else _command(found, project, home)


def _catalogue(ctx: click.Context) -> tuple[Project, dict[str, CannedQuery], Path]:
    project, home = open_project(ctx.params.get("folder"), ctx.params.get("base"), ctx.params.get("out"))
    return project, load_catalogue(project), home


@click.group(cls=_Catalogue)
@project_options
def query(folder: Path | None, base: str | None, out: Path | None) -> None:
    """Ask the newest release one of its canned queries."""


def _command(canned: CannedQuery, project: Project, home: Path) -> click.Command:
    def ask(name: str | None, timeout: float, **given: str | None) -> None:
        values = {key: value for key, value in given.items() if value is not None}
        chosen = _choose(screen(canned.text), name)
        canned.bind(values, project)  # what is wrong with the values is said before anything is started
        answer = _ask(project, home, lambda engine: canned.answer(engine, values, project, chosen, timeout=timeout))
        _print(answer, project, table=name is None)

    command: Any = click.command(
        canned.name, help=f"{canned.summary}\n\n{canned.description}", short_help=canned.summary
    )(ask)
    command = _timeout_option(_format_option(command))
    for parameter in reversed(canned.parameters.values()):
        what = f"{parameter.help}; for example {parameter.example}" + ("  [required]" if parameter.required else "")
        command.params.insert(
            0,
            click.Option([f"--{parameter.name}", parameter.name], help=what, metavar=parameter.of.upper() or None),
        )
    made: click.Command = command
    return made


def _choose(form: str, name: str | None) -> Format:
    if name is None and form in ("SELECT", "ASK"):
        name = "csv"
    if name is None:
        name = "turtle"
    return choose_format(form, name=name)


def _ask(project: Project, home: Path, asked: Callable[[LocalEngine], Answer]) -> Answer:
    release = newest_release(project, home)
    with LocalEngine(release.store, project.prefixes, workers=1) as engine:
        return asked(engine)


def _print(answer: Answer, project: Project, *, table: bool) -> None:
    if table and answer.format == by_name("csv", RESULTS) and sys.stdout.isatty():
        print_rows(answer.content, project.prefixes)
        return
    sys.stdout.buffer.write(answer.content)
    if not answer.content.endswith(b"\n"):
        sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()
