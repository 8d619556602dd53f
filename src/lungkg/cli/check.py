"""`lungkg validate`."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from lungkg.cli.options import open_project, project_options, run_build
from lungkg.cli.output import check_target, write
from lungkg.cli.show import out as console
from lungkg.examination import Examination, examine_files, examine_project
from lungkg.project import Project
from lungkg.report import SEVERITIES, Report
from lungkg.reporting import FORMATS, GROUPS, Layout
from lungkg.reporting import write as written
from lungkg.validation.fetching import is_address
from lungkg.validation.files import SUFFIXES

SHOWN = 50
"""Findings that are shown to people unless they ask for more."""

_CURATED = (".yaml", ".yml", ".jsonl", ".tsv", ".txt")
_COLOURS = {"Violation": "red", "Warning": "yellow", "Info": "blue"}
_SEVERITY = re.compile(r"^((?:\S.*?: )?(?:waived )?)(Violation|Warning|Info)(?=: )")
_MARKER = re.compile(r"^( +\| +)(\^+)$", re.MULTILINE)
_FOR_PEOPLE = ("text", "markdown", "html")


@dataclass(frozen=True)
class _Wanted:
    """What is to be examined: RDF, and files or folders of the project's sources."""

    rdf: tuple[str, ...]
    curated: tuple[Path, ...]


@click.command()
@project_options
@click.argument("data", nargs=-1)
@click.option(
    "--shapes",
    multiple=True,
    metavar="FILE|FOLDER|URL",
    help="Use these shapes only.  [default: the project's, with its ontology]",
)
@click.option("--format", "name", default="text", show_default=True, type=click.Choice(FORMATS))
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the report to this file.")
@click.option("--group", type=click.Choice(GROUPS), help="Put findings that belong together in groups.")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    metavar="N",
    help=f"Give at most N findings, or N of each group; 0 is all.  [default: {SHOWN} for people, all for programs]",
)
@click.option(
    "--fail-on",
    type=click.Choice(["violation", "warning", "info"]),
    help="Exit with 1 only for results at least this bad.  [default: any, as sh:conforms has it]",
)
@click.option("--reason", is_flag=True, help="Ask the reasoner, too.")
@click.option("--strict", is_flag=True, help="Let lint findings count, not only what the shapes find.")
def validate(
    folder: Path | None,
    base: str | None,
    out: Path | None,
    data: tuple[str, ...],
    shapes: tuple[str, ...],
    name: str,
    output: Path | None,
    group: str | None,
    limit: int | None,
    fail_on: str | None,
    reason: bool,
    strict: bool,
) -> None:
    """Validate RDF against shapes, or a project's sources; say where, why, and how to mend it.

    DATA are files, folders or addresses of RDF (Turtle, N-Triples, N-Quads, TriG, RDF/XML, JSON-LD), or -
    for Turtle on standard input. Files and folders of YAML are sources of the project: it is built, without
    publishing, and what is wrong in them is shown; without DATA, all of the project. The exit code is 0 when
    sh:conforms is true, 1 when it is false, and 2 when something cannot be read.
    """
    check_target(output)
    if name == "turtle" and (limit or group):
        raise click.UsageError("A sh:ValidationReport is whole: --limit and --group do not go with --format turtle.")
    project, home = open_project(folder, base, out)
    wanted = _sorted_out(data, project)
    if shapes and (wanted.curated or not data):
        raise click.UsageError("--shapes needs DATA that is RDF; a project's sources have the project's shapes.")
    found = _examine(wanted, shapes, project, home, reasoning=reason)
    threshold = (fail_on or SEVERITIES[-1]).capitalize()
    most = limit if limit is not None else (SHOWN if name in _FOR_PEOPLE else 0)
    _print(found, name, Layout(group or "", most, threshold), output)
    sys.exit(_exit_code(found.report, threshold, strict=strict))


def _sorted_out(data: tuple[str, ...], project: Project) -> _Wanted:
    """Tell RDF from sources of the project; nothing at all is the whole project."""
    if not data:
        return _Wanted((), (project.root,))
    curated = [name for name in data if name != "-" and not is_address(name) and _is_curated(Path(name))]
    return _Wanted(tuple(name for name in data if name not in curated), tuple(Path(name) for name in curated))


def _is_curated(path: Path) -> bool:
    if not path.is_dir():
        return path.is_file() and path.suffix in _CURATED
    has_rdf = any(file.suffix in SUFFIXES for file in path.rglob("*"))
    return (path / "data" / "project.yaml").is_file() or (
        not has_rdf and any(file.suffix in _CURATED for file in path.rglob("*"))
    )


def _examine(wanted: _Wanted, shapes: tuple[str, ...], project: Project, home: Path, *, reasoning: bool) -> Examination:
    if not wanted.curated:
        return examine_files(wanted.rdf, shapes, project, reasoning=reasoning)
    _check_inside(wanted.curated, project)
    only = () if project.root in wanted.curated else wanted.curated
    found = examine_project(
        project, lambda: run_build(project, home, publishing=False), only, reasoning=reasoning and not wanted.rdf
    )
    if wanted.rdf:
        rdf = examine_files(wanted.rdf, shapes, project, reasoning=reasoning)
        found.report.add(rdf.report.findings)
        found.report.notes += rdf.report.notes
    return found


def _check_inside(paths: tuple[Path, ...], project: Project) -> None:
    for path in paths:
        if not path.resolve().is_relative_to(project.root.resolve()):
            raise click.UsageError(
                f"{path} is no part of the project in {project.root}; name its project with --project DIR."
            )


def _print(found: Examination, name: str, layout: Layout, output: Path | None) -> None:
    """Write the report; what could not be read is told on standard error, where it is for people."""
    report = found.report
    if name == "turtle" and found.results is not None and not report.unreadable:
        pieces: Iterator[bytes] = iter([found.results()])
    else:
        pieces = written(report, name, layout)
    if name == "text" and report.unreadable and output is None:
        click.echo(b"error: " + b"".join(pieces), err=True, nl=False)
    elif name == "text" and output is None and console.is_terminal and not console.no_color:
        write(map(coloured, pieces))
    else:
        write(pieces, output)


def coloured(line: bytes) -> bytes:
    """Colour a line of a report for a terminal: its severity, and the marker below a source line."""
    text = _SEVERITY.sub(
        lambda match: match[1] + click.style(match[2], fg=_COLOURS[match[2]], bold=True), line.decode()
    )
    return _MARKER.sub(lambda match: match[1] + click.style(match[2], fg="green", bold=True), text).encode()


def _exit_code(report: Report, threshold: str, *, strict: bool) -> int:
    if report.unreadable:
        return 2
    return int(report.fails(threshold) or (strict and any(not one.waived for one in report.findings)))
