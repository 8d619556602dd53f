"""`lungkg check fair`."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click
import pyoxigraph as ox

from lungkg.checklists import project_waivers
from lungkg.cli.options import newest_release, open_project, project_options
from lungkg.cli.output import write
from lungkg.cli.probe import staged
from lungkg.cli.show import out as console
from lungkg.fair import CHECKS, Assessment, Evidence, Result, Standing, assess, load_assessment
from lungkg.fair.writing import summary, write_rdf
from lungkg.formats import GRAPHS
from lungkg.project import Project
from lungkg.release import Release
from lungkg.waivers import today

_STYLES: Final = {
    Standing.PASSED: "green",
    Standing.FAILED: "bold red",
    Standing.WAIVED: "yellow",
    Standing.OPEN_WEB: "dim",
}
_FAILURES_SHOWN: Final = 10  # of one check; the other formats have all


@click.group()
def check() -> None:
    """Hold the newest release to what others expect of it."""


@check.command()
@project_options
@click.option("--format", "name", default="text", show_default=True, type=click.Choice(["text", "json", "turtle"]))
def fair(folder: Path | None, base: str | None, out: Path | None, name: str) -> None:
    """Show how the newest release stands by the tests of FOOPS! and F-UJI; exit 1 when one fails."""
    project, home = open_project(folder, base, out)
    release = newest_release(project, home)
    assessment = load_assessment(release.path) or _examined(release, project)
    day = today()
    if name == "json":
        write([_json(assessment, day)])
    elif name == "turtle":
        write([write_rdf(assessment, project, GRAPHS[0])])
    else:
        _print(assessment, day)
    sys.exit(1 if assessment.counts(day)[Standing.FAILED] else 0)


def _examined(release: Release, project: Project) -> Assessment:
    """Check a release that was built without the checks."""
    with staged(release, project) as fetch:
        store = ox.Store.read_only(str(release.store))
        return assess(Evidence(project, store, fetch), project_waivers(project).by_check(CHECKS))


def _json(assessment: Assessment, day: str) -> bytes:
    content = {
        "day": day,
        "counts": assessment.counts(day),
        "checks": [{"standing": result.standing(day), **asdict(result)} for result in assessment.results],
    }
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


def _print(assessment: Assessment, day: str) -> None:
    """Print a table: a line for each check, and below it what is wrong and what to do."""
    for listing, results in assessment.listings().items():
        console.print(f"{listing}", style="bold")
        width = max(len(result.check) for result in results)
        for result in results:
            _print_result(result, width, day)
    for waiver in assessment.idle_waivers():
        console.print(f"The waiver of {waiver.check} has nothing to waive: remove it.", markup=False, soft_wrap=True)
    console.print(summary(assessment, day), soft_wrap=True)


def _print_result(result: Result, width: int, day: str) -> None:
    standing = result.standing(day)
    mark = f"{standing:<{max(map(len, Standing))}}"
    console.print(f"  {result.check:<{width}}  ", end="")
    console.print(mark, style=_STYLES[standing], end="")
    console.print(f"  {result.wants}", markup=False, soft_wrap=True)
    for line in _lines(result, standing, day):
        console.print(f"  {'':<{width}}  {line}", markup=False, soft_wrap=True)


def _lines(result: Result, standing: Standing, day: str) -> list[str]:
    if standing is Standing.OPEN_WEB:
        return [f"look up {result.look_up}"]
    if standing is Standing.WAIVED and result.waiver is not None:
        waiver = result.waiver
        return [f"waived until {waiver.until} by {waiver.by}: {waiver.reason}"]
    failures = result.unwaived(day)
    lines = [f"{failure.about}: {failure.message}" for failure in failures[:_FAILURES_SHOWN]]
    if len(failures) > _FAILURES_SHOWN:
        lines.append(f"… and {len(failures) - _FAILURES_SHOWN} more")
    if failures and result.waiver is not None and day > result.waiver.until:
        lines.append(f"the waiver ran out on {result.waiver.until}")
    if failures and result.mend:
        lines.append(result.mend)
    return lines
