"""Reads data/waivers.yaml: what checks may find for now, why, who says so, and until when."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from lungkg.errors import InputError, Place, Problem
from lungkg.namespaces import Rebase
from lungkg.project import Project
from lungkg.records import Record, read_yaml
from lungkg.report import EXPIRED, Finding, Mend
from lungkg.sources import unknown

FILE: Final = "waivers.yaml"


@dataclass(frozen=True, slots=True)
class Waiver:
    """What a check finds may stand for now: why, who says so, and the last day (ISO 8601) it holds on.

    It covers what is found about an IRI of `only`, or all that the check finds when there are none.
    """

    check: str
    reason: str
    by: str
    until: str
    only: tuple[str, ...] = ()

    def covers(self, about: str) -> bool:
        """Say whether what is found about an IRI is waived, as long as the waiver holds."""
        return not self.only or about in self.only

    def holds(self, day: str) -> bool:
        """Say whether it still holds on a day (ISO 8601)."""
        return day <= self.until

    def __str__(self) -> str:
        return f"waived until {self.until} by {self.by}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Waivers:
    """The waivers of a project, in the order of its file, each with its place."""

    entries: tuple[tuple[Waiver, Place], ...] = field(default=())

    def of(self, *checks: str) -> Iterator[Waiver]:
        """Yield the waivers of a check, which may have several names."""
        return (waiver for waiver, _ in self.entries if waiver.check in checks)

    def moved(self, rebase: Rebase) -> "Waivers":
        """Give the same waivers for another base: checks that are shapes, and what they are only for, have IRIs."""
        return Waivers(
            tuple(
                (replace(waiver, check=rebase(waiver.check), only=tuple(map(rebase, waiver.only))), place)
                for waiver, place in self.entries
            )
        )

    def by_check(self, checks: Collection[str]) -> dict[str, Waiver]:
        """Give the waiver of each of these checks, of which a check has one at most, by the check."""
        return {waiver.check: waiver for waiver, _ in self.entries if waiver.check in checks}

    def overdue(self, day: str, checks: Collection[str] | None = None) -> list[Problem]:
        """List the waivers, of some checks or of all, that have run out before a day."""
        return [
            Problem(
                place,
                f"the waiver of {waiver.check} ran out on {waiver.until} ({waiver.by}: {waiver.reason})",
                "Mend what it covered and remove it, or give it a new reason and a new day.",
            )
            for waiver, place in self.entries
            if not waiver.holds(day) and (checks is None or waiver.check in checks)
        ]


def today() -> str:
    """Give the day (ISO 8601) on which it is asked whether waivers still hold."""
    return datetime.now(UTC).date().isoformat()


def read_waivers(project: Project, known: Collection[str], once: Collection[str] = ()) -> Waivers:
    """Read data/waivers.yaml, if there is one.

    `known` are the names of all checks that there are, `once` those that take one waiver at most. Raises
    InputError for a waiver without a reason, a name or a day, for a check that is not known, and for two
    waivers of one thing.
    """
    path = project.folder("data") / FILE
    if not path.is_file():
        return Waivers()
    problems: list[Problem] = []
    found: list[tuple[Waiver, Place]] = []
    for record in read_yaml(path, "waivers").parts("waivers"):
        problem = _wrong(record, known, once, [waiver for waiver, _ in found])
        if problem is not None:
            problems.append(problem)
        else:
            found.append((_waiver(record), record.place("check")))
    if problems:
        raise InputError(problems)
    return Waivers(tuple(found))


def _waiver(record: Record) -> Waiver:
    value = record.value
    only = tuple(value.get("only", ()))
    return Waiver(value["check"], value["reason"].strip(), value["by"].strip(), value["until"], only)


def _wrong(record: Record, known: Collection[str], once: Collection[str], before: Iterable[Waiver]) -> Problem | None:
    check, place = record.value["check"], record.place("check")
    if check not in known:
        return unknown(
            "check", check, known, place, "`lungkg check ontology --list` and `lungkg check fair` name them."
        )
    mine = _waiver(record)
    for waiver in before:
        if waiver.check == check and check in once:
            return Problem(place, f"{check} is already waived", "Write one waiver for both.")
        if waiver.check == check and (not waiver.only or not mine.only or set(waiver.only) & set(mine.only)):
            hint = "Write one waiver for both, or name different IRIs in `only`."
            return Problem(place, f"{check} is already waived", hint)
    return None


def settled(
    findings: Iterable[Finding], waivers: Waivers, day: str, ran: Collection[str], *, whole: bool = True
) -> list[Finding]:
    """Mark what is waived on a day (ISO 8601), and add what is wrong with the waivers of the checks that ran.

    A finding is waived by its check, the name of one or the IRI of a shape, and its focus node. Without `whole`
    the checks ran over a part only, so that a waiver with nothing to waive is no news.
    """
    found: list[Finding] = []
    used: set[object] = set()
    for finding in findings:
        about = finding.focus.strip("<>")
        covering = [one for one in waivers.of(finding.check, finding.shape) if one.covers(about)]
        waiver = next((one for one in covering if one.holds(day)), None)
        used.update(covering)
        found.append(finding if waiver is None else replace(finding, waived=str(waiver)))
    found += [_overdue(problem) for problem in waivers.overdue(day, ran)]
    for waiver, place in waivers.entries:
        if whole and waiver.check in ran and waiver not in used:
            message = f"the waiver of {waiver.check} has nothing to waive"
            found.append(Finding("Warning", "idle_waiver", message, place=place, mend=Mend("Remove it.")))
    return found


def _overdue(problem: Problem) -> Finding:
    return Finding("Violation", EXPIRED, problem.what, place=problem.place, mend=Mend(problem.hint))
