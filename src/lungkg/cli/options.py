"""The options that several commands share, and what stands behind them."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from lungkg.build import Build, build, fingerprint
from lungkg.cli.probe import staged
from lungkg.cli.show import build_progress, err, print_findings
from lungkg.errors import InputError
from lungkg.project import Project, find_root, load_project
from lungkg.release import Release, current

F = TypeVar("F", bound=Callable[..., Any])


def project_options(command: F) -> F:
    """Add --project, --base and --out; read them with `open_project`."""
    for option in (
        click.option(
            "--out",
            type=click.Path(path_type=Path, file_okay=False),
            help="Where releases go.  [default: build/ in the project]",
        ),
        click.option("--base", metavar="IRI", help="Publish under this base instead of the project's own."),
        click.option(
            "--project",
            "folder",
            type=click.Path(path_type=Path, file_okay=False),
            help="Folder with ontology/ data/ shapes/ queries/.  [default: here, or the one that comes with lungkg]",
        ),
    ):
        command = option(command)
    return command


def open_project(folder: Path | None, base: str | None, out: Path | None) -> tuple[Project, Path]:
    """Load the project that the options name; gives it with the folder of its releases."""
    project = load_project(find_root(folder), base)
    return project, (out or project.default_out()).resolve()


def newest_release(project: Project, out: Path) -> Release:
    """Give the current release, building one first when there is none or the sources changed.

    When the changed sources cannot be built, the reason is printed and the release before is given,
    if it has the same base. Otherwise raises InputError for sources that cannot be read, and ends the
    command with exit code 1 for sources that do not conform.
    """
    before = current(out)
    if before is not None and before.info["sources"] == fingerprint(project):
        return before
    usable = before is not None and before.info["base"] == project.base
    try:
        made = run_build(project, out, assessing=False)  # whoever waits for an answer does not wait for that
    except InputError as error:
        if not usable:
            raise
        err.print(f"error: {error}", markup=False, soft_wrap=True)
    else:
        if made.release is not None:
            return made.release
        print_findings(made.report, err)
        err.print("error: the sources do not conform")
    if before is None or not usable:
        sys.exit(1)
    err.print(f"using the release before, {before.id[:12]} of {before.info['date']}")
    return before


def run_build(
    project: Project, out: Path, date: str | None = None, *, publishing: bool = True, assessing: bool = True
) -> Build:
    """Build with a progress display on standard error; `assessing` runs the checks of FAIRness, too."""
    with build_progress() as progress:
        return build(
            project, out, date=date, progress=progress, publishing=publishing, probe=staged if assessing else None
        )
