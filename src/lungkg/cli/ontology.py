"""`lungkg check ontology`."""

import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from lungkg.checklists import project_waivers
from lungkg.cli.options import open_project, project_options
from lungkg.cli.output import write
from lungkg.errors import Place
from lungkg.ontology_checks.catalogue import checks
from lungkg.ontology_checks.difference import compare
from lungkg.ontology_checks.reading import read_ontology, read_project, shortened
from lungkg.ontology_checks.review import Review, review
from lungkg.ontology_checks.telling import write as write_changes
from lungkg.ontology_checks.versions import read_version, version_of
from lungkg.reasoning import SECONDS
from lungkg.report import SEVERITIES, Report
from lungkg.reporting import FORMATS, Layout
from lungkg.reporting import write as write_report
from lungkg.waivers import today

_FOR_PEOPLE: Final = ("text", "markdown", "html")
_FORMATS: Final = tuple(name for name in FORMATS if name != "turtle")  # a report of SHACL, which has no place for these
_OF_CHANGES: Final = ("text", "markdown", "json")


@click.command()
@project_options
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--against",
    metavar="OLD",
    type=click.Path(path_type=Path),
    help="Say in words what changed since OLD: a file, a folder, a project, or a release.",
)
@click.option("--check", "names", multiple=True, metavar="NAME", help="Run this check only; may be given again.")
@click.option("--list", "listing", is_flag=True, help="List the checks and what they demand.")
@click.option("--profile", type=click.Choice(["EL", "QL", "RL"]), help="Demand this profile of OWL 2.")
@click.option("--waived", is_flag=True, help="Show what is waived too, one by one.")
@click.option(
    "--fail-on",
    type=click.Choice(["violation", "warning", "info"]),
    default="violation",
    show_default=True,
    help="End with 1 for what is as bad as this, or worse.",
)
@click.option(
    "--timeout",
    "seconds",
    type=click.FloatRange(min=0),
    default=SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="Stop HermiT after so long, 0: do not ask it.",
)
@click.option("--format", "name", default="text", show_default=True, type=click.Choice(list(_FORMATS)))
def ontology(
    folder: Path | None,
    base: str | None,
    out: Path | None,
    files: tuple[Path, ...],
    against: Path | None,
    names: tuple[str, ...],
    listing: bool,
    profile: str | None,
    waived: bool,
    fail_on: str,
    seconds: float,
    name: str,
) -> None:
    """Check an ontology by ROBOT's report, pitfalls of OOPS!, HermiT and the profiles of OWL 2.

    Without FILES, the project's ontology, with its waivers. FILES are files or folders of one ontology: Turtle,
    N-Triples, N-Quads, TriG, RDF/XML (.owl, .rdf) or JSON-LD. The exit code is 1 when a violation is found that
    is not waived, a class can have no member, or a waiver ran out.
    """
    if listing:
        write([_listed().encode()])
        return
    for wrong in set(names) - set(checks()):
        raise click.BadParameter(f"there is no check {wrong!r}; --list names them all", param_hint="--check")
    if against is not None and name not in _OF_CHANGES:
        raise click.UsageError(f"--against is written as {', '.join(_OF_CHANGES)}.")
    project, _ = open_project(folder, base, out)
    source = read_ontology(files) if files else read_project(project, Path.cwd())
    if against is not None:
        write([write_changes(compare(read_version(against), version_of(source)), name).encode()])
        return
    found = review(
        source,
        today(),
        waivers=None if files else project_waivers(project),
        only=names,
        profile=profile or "",
        seconds=seconds,
    )
    _print(found, name, waived)
    sys.exit(1 if _fails(found.report, fail_on) else 0)


def _fails(report: Report, threshold: str) -> bool:
    worst = SEVERITIES[: SEVERITIES.index(threshold.capitalize()) + 1]
    return any(finding.severity in worst and not finding.waived for finding in report.findings)


def _print(found: Review, name: str, waived: bool) -> None:
    report = found.report
    report.notes += found.remarks()
    report.findings = [replace(one, place=_here(one.place)) for one in report.findings]
    if name in _FOR_PEOPLE and not waived:
        report = _folded(report)
    write(write_report(report, name, Layout()))


def _here(place: Place | None) -> Place | None:
    """Tell a place as it is written from the current folder."""
    return place and replace(place, path=shortened(place.path, Path.cwd()))


def _folded(report: Report) -> Report:
    """Put a line for each waiver in the place of what it waives."""
    counts = Counter((finding.check, finding.waived) for finding in report.findings if finding.waived)
    folded = [f"{check}: {count} {waived}" for (check, waived), count in counts.items()]
    kept = [finding for finding in report.findings if not finding.waived]
    return type(report)(kept, [*folded, *report.notes])


def _listed() -> str:
    """Write the checks under their lists."""
    width = max(map(len, checks()))
    lines: list[str] = []
    listing = ""
    for check in checks().values():
        if check.listing != listing:
            listing = check.listing
            lines.append(f"\n{listing}" if lines else listing)
        off = " (only when asked for)" if check.off else ""
        lines.append(f"  {check.name:<{width}}  {check.level:<9}  {check.wants}{off}")
    return "\n".join(lines) + "\n"
