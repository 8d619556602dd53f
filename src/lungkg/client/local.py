"""Finds the release of a project to ask, and builds it when need be; says nothing on the way."""

import warnings
from pathlib import Path
from typing import Final

from lungkg.build import build, fingerprint
from lungkg.errors import InputError, Place, Problem
from lungkg.project import Project, find_root, load_project
from lungkg.release import Release, current
from lungkg.report import Finding

_MOST_TOLD: Final = 20


class StaleRelease(UserWarning):
    """The sources changed but cannot be built, so the release before answers."""


def open_project(folder: Path | None, base: str | None, out: Path | None) -> tuple[Project, Path]:
    """Find a project as the command line does, and the folder of its releases; raises InputError."""
    project = load_project(find_root(folder), base)
    return project, (out or project.default_out()).resolve()


def newest_release(project: Project, out: Path) -> Release:
    """Give the newest release; builds it when there is none or the sources changed.

    When they cannot be built, the release before is given with the warning StaleRelease, if it has the
    same base; otherwise raises InputError. Raises SystemProblem when another build is running.
    """
    before = current(out)
    if before is not None and before.info["sources"] == fingerprint(project):
        return before
    try:
        made = build(project, out)
        if made.release is not None:
            return made.release
        raise _refused(project, made.report.sorted())
    except InputError as error:
        if before is None or before.info["base"] != project.base:
            raise
        told = f"the sources changed but cannot be built; the release before, of {before.info['date']}, answers\n"
        warnings.warn(told + str(error), StaleRelease, stacklevel=3)
        return before


def _refused(project: Project, findings: list[Finding]) -> InputError:
    violations = [finding for finding in findings if finding.severity == "Violation"]
    problems = [
        Problem(finding.place or Place(project.root), f"{finding.message} {finding.focus}".rstrip())
        for finding in violations[:_MOST_TOLD]
    ]
    if len(violations) > _MOST_TOLD:
        problems.append(Problem(Place(project.root), f"… and {len(violations) - _MOST_TOLD} more violations"))
    return InputError(problems)
