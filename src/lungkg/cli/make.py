"""`lungkg build`."""

import sys
from datetime import datetime
from pathlib import Path

import click

from lungkg.cli.options import open_project, project_options, run_build
from lungkg.cli.show import err, print_findings, print_summary
from lungkg.cli.show import out as console


@click.command()
@project_options
@click.option(
    "--date", type=click.DateTime(["%Y-%m-%d"]), help="Date of the release.  [default: the newest date in the sources]"
)
def build(folder: Path | None, base: str | None, out: Path | None, date: datetime | None) -> None:
    """Build a release from the sources, and switch to it when it conforms.

    Violations stop it, unless they are waived; warnings are shown. What was found is kept with the release as
    a sh:ValidationReport (report.ttl), with the SHA-256 of the shapes and of the ontology.
    """
    project, home = open_project(folder, base, out)
    made = run_build(project, home, None if date is None else date.date().isoformat())
    print_findings(made.report)
    print_summary(made)
    if made.release is None:
        err.print("not published: the release before, if there is one, stays as it is", style="bold red")
        err.print("`lungkg validate --format html --output FILE` writes all that was found", soft_wrap=True)
        sys.exit(1)
    console.print(f"release {made.release.id} in {made.release.path}", soft_wrap=True)
