"""Arranges findings for people and programs: in order, in groups, so many of each and no more."""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from lungkg.errors import Place
from lungkg.report import SEVERITIES, Finding, Report, rank

GROUPS: Final = ("shape", "file", "focus")
"""What findings can be grouped by."""

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Layout:
    """How a report is laid out.

    `group` is one of GROUPS, or empty for one list. Of each group at most `limit` findings are given, all
    when it is 0. `threshold` is the severity from which on a finding counts as a failure.
    """

    group: str = ""
    limit: int = 0
    threshold: str = SEVERITIES[-1]


@dataclass(frozen=True)
class Group:
    """Findings that belong together: those given, and how many more there are."""

    name: str
    findings: list[Finding]
    left_out: int = 0

    @property
    def total(self) -> int:
        """How many there are, given or not."""
        return len(self.findings) + self.left_out


def arrange(report: Report, layout: Layout) -> list[Group]:
    """Put the findings of a report in order and in groups; the group with the worst finding comes first."""
    ordered = sorted(report.findings, key=_order)
    gathered: dict[str, list[Finding]] = defaultdict(list)
    key = _KEYS[layout.group]
    for finding in ordered:
        gathered[key(finding)].append(finding)
    limit = layout.limit or len(ordered)
    return [Group(name, found[:limit], max(len(found) - limit, 0)) for name, found in gathered.items()]


def left_out(groups: list[Group]) -> int:
    """Count the findings that a limit left out."""
    return sum(group.left_out for group in groups)


def counted(report: Report) -> str:
    """Say how many findings there are of each severity.

    >>> counted(Report([Finding("Warning", "c", "m")]))
    'no violation, 1 warning, no info'
    """
    words = []
    for severity, count in report.counts().items():
        word = severity.lower() + ("s" if count > 1 and severity != "Info" else "")
        words.append(f"{count or 'no'} {word}")
    waived = sum(1 for finding in report.findings if finding.waived)
    return ", ".join(words) + (f", {waived} waived" if waived else "")


def verdict(report: Report) -> str:
    """Say in a line how a report came out."""
    if report.unreadable:
        count = len(report.unreadable)
        return f"not validated: {count} {'problem' if count == 1 else 'problems'} of reading"
    if report.about:
        return f"{report.about}: {counted(report)}"
    if not report.conforms:
        waived = all(finding.waived for finding in report.findings if finding.component)
        return f"{'conforms but for what is waived' if waived else 'does not conform'}: {counted(report)}"
    if report.contradictions:
        return f"conforms to the shapes, but contradicts itself: {counted(report)}"
    others = "to the shapes, with other findings" if report.findings else ""
    return f"conforms{' ' if others else ''}{others}: {counted(report)}"


def name_of(place: Place) -> str:
    """Name a file as it is named from the folder that we were called in, where it is below it."""
    if place.url or not place.path.is_absolute() or not place.path.is_relative_to(Path.cwd()):
        return place.name
    return place.path.relative_to(Path.cwd()).as_posix()


def spot_of(place: Place) -> str:
    """Write a place as file:line:column."""
    return str(place) if place.url else str(replace(place, path=Path(name_of(place))))


def visible(text: str) -> str:
    r"""Show control characters as signs, so that data cannot steer a terminal or hide in a page.

    >>> visible("a\x1b[2Jb")
    'a␛[2Jb'
    """
    return _CONTROL.sub(_sign, text)


def _sign(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "�"


def rule_of(finding: Finding) -> str:
    """Name the check of a finding for people."""
    return finding.title or finding.check


def _order(finding: Finding) -> tuple[object, ...]:
    place = finding.place
    where = (place.name, place.line, place.column) if place else ("", 0, 0)
    what = (finding.check, finding.focus, finding.path, finding.value, finding.component, finding.said)
    return (rank(finding.severity), *where, *what)


_KEYS: Final[dict[str, Callable[[Finding], str]]] = {
    "": lambda _: "",
    "shape": rule_of,
    "file": lambda finding: name_of(finding.place) if finding.place else "no file",
    "focus": lambda finding: finding.focus or "no node",
}
