"""Makes findings fit to be kept: the same on every machine, in an order that depends on them alone."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from lungkg.errors import Place
from lungkg.project import Project, bundled_root
from lungkg.report import Finding, rank
from lungkg.reporting.listing import rule_of


def lasting(findings: Iterable[Finding], project: Project) -> list[Finding]:
    """Give findings as they are kept: the worst rule first, those of one rule together, waived ones last of it."""
    return sorted((_lasting(finding, project) for finding in findings), key=_order)


def by_rule(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Put sorted findings of one rule and one severity together."""
    return [list(group) for _, group in groupby(findings, key=_rule)]


def _rule(finding: Finding) -> tuple[int, str, str, str]:
    return rank(finding.severity), finding.severity, rule_of(finding), finding.check


def _order(finding: Finding) -> tuple[object, ...]:
    place = finding.place
    where = (place.name, place.line, place.column) if place else ("", 0, 0)
    about = (finding.focus, finding.path, finding.value, finding.component, finding.message)
    return (*_rule(finding), bool(finding.waived), *where, *about)


def _lasting(finding: Finding, project: Project) -> Finding:
    """Name files from the project's folder, and shapes without a name by the named one around them.

    Blank nodes of shapes and of what pySHACL gives are called differently in each run.
    """
    mend = finding.mend
    if mend is not None and mend.edits:
        edits = tuple(replace(edit, path=_inside(edit.path, project)) for edit in mend.edits)
        mend = replace(mend, edits=edits)
    made = replace(
        finding, place=_placed(finding.place, project), rule_place=_placed(finding.rule_place, project), mend=mend
    )
    if not finding.component:
        return made
    named = finding.link or finding.component
    return replace(
        made,
        check=finding.check if ":" in finding.check else named,
        shape=finding.shape if ":" in finding.shape else "",
    )


def _placed(place: Place | None, project: Project) -> Place | None:
    return replace(place, path=_inside(place.path, project)) if place is not None and not place.url else place


def _inside(path: Path, project: Project) -> Path:
    """Name a file from the folder of the project, or from that of what comes with the software."""
    for folder in (project.root, bundled_root()):
        for known in (folder, folder.resolve()):
            if path.is_relative_to(known):
                return path.relative_to(known)
    return Path(path.name)
