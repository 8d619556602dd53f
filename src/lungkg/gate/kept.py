"""The report of a release in its folder: report.ttl, report.json, and where in the latter each rule's findings are.

A report may have a hundred thousand findings, so those of one page are read from their place in the file.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from lungkg.downloads import digest_of
from lungkg.errors import SystemProblem
from lungkg.gate.basis import Basis
from lungkg.gate.lasting import by_rule, lasting
from lungkg.gate.rdf import turtle
from lungkg.project import Project
from lungkg.queries.expectations import CHECK as EXPECTATION
from lungkg.report import Finding, Report
from lungkg.reporting.listing import rule_of
from lungkg.reporting.programs import plain

TURTLE_FILE: Final = "report.ttl"
JSON_FILE: Final = "report.json"
_INDEX: Final = "report-index.json"

PAGE: Final = 100
"""So many findings of a rule are read at once."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How often a rule found something, of how many of these findings are waived."""

    rule: str
    check: str
    link: str
    severity: str
    total: int
    waived: int
    offsets: tuple[int, ...] = ()
    """Where in report.json every PAGE findings begin, in bytes."""

    @property
    def pages(self) -> int:
        """How many pages its findings take."""
        return len(self.offsets)


@dataclass(frozen=True)
class KeptReport:
    """A report that was kept: `head` is what report.json says but for the findings themselves."""

    folder: Path
    head: Mapping[str, Any]
    rules: tuple[Rule, ...]
    files: Mapping[str, Mapping[str, Any]]
    """The size in bytes and the sha256 of each file."""

    @property
    def release(self) -> str:
        """The id of the release."""
        return str(self.head["release"])

    @property
    def conforms(self) -> bool:
        """Whether no shape found anything, which is what sh:conforms means."""
        return bool(self.head["conforms"])

    @property
    def total(self) -> int:
        """How many findings there are, waived ones too."""
        return sum(rule.total for rule in self.rules)

    def file(self, name: str) -> Path:
        """Say where a file of the report is."""
        return self.folder / name

    def sha256(self, name: str) -> str:
        """Give the checksum of a file."""
        return str(self.files[name]["sha256"])

    def size(self, name: str) -> int:
        """Give the size of a file in bytes."""
        return int(self.files[name]["size"])

    def findings(self, rule: Rule, page: int, most: int = PAGE) -> list[dict[str, Any]]:
        """Read the findings of a rule on a page, which counts from 1.

        Raises SystemProblem when the file is not what a build writes.
        """
        path = self.file(JSON_FILE)
        wanted = min(most, PAGE, rule.total - (page - 1) * PAGE)
        try:
            with path.open("rb") as file:
                file.seek(rule.offsets[page - 1])
                found = [json.loads(line.rstrip(b",\n")) for line in islice(file, wanted)]
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from None
        if len(found) < wanted:
            raise _unreadable(path, EOFError("it is too short"))
        return found


def keep(report: Report, basis: Basis, project: Project, folder: Path) -> KeptReport:
    """Write the report of a release into its folder."""
    findings = lasting(report.findings, project)
    head = _head(report, basis)
    told = turtle(findings, head["verdict"], basis, project, conforms=report.conforms)
    with (folder / TURTLE_FILE).open("w", encoding="utf-8") as file:
        file.writelines(told)
    rules = tuple(_write_json(head, by_rule(findings), folder / JSON_FILE))
    files = {
        name: {"size": (folder / name).stat().st_size, "sha256": digest_of(folder / name)}
        for name in (TURTLE_FILE, JSON_FILE)
    }
    index = {"head": head, "rules": [asdict(rule) for rule in rules], "files": files}
    (folder / _INDEX).write_text(json.dumps(index, ensure_ascii=False) + "\n", "utf-8")
    return KeptReport(folder, head, rules, files)


def _head(report: Report, basis: Basis) -> dict[str, Any]:
    failed = {str(one.place) for one in report.findings if one.check == EXPECTATION and not one.waived}
    return {
        "iri": basis.report,
        "release": basis.release,
        "dataset": basis.dataset,
        "date": basis.date,
        "verdict": told(report),
        "conforms": report.conforms,
        "counts": report.counts(),
        "waived": sum(1 for finding in report.findings if finding.waived),
        "notes": report.notes,
        "shapes": asdict(basis.shapes),
        "ontology": asdict(basis.ontology),
        "queries": {"expected": basis.queries, "met": basis.queries - len(failed)},
        "software": basis.software,
        "engines": basis.engines,
        "left_out": 0,
    }


def told(report: Report) -> str:
    """Say in a sentence or two how a release stands that was published although something may have been found."""
    waived = sum(1 for finding in report.findings if finding.waived)
    many = [
        f"{count:,} {severity.lower() if count == 1 else severity.lower() + 's'}"
        for severity, count in report.counts().items()
        if count
    ]
    if waived:
        many.append(f"{waived:,} {'finding that is' if waived == 1 else 'findings that are'} waived")
    if not many:
        return "This release conforms to all shapes, and no other check found anything."
    found = " and ".join([", ".join(many[:-1]), many[-1]] if many[1:] else many)
    if report.conforms:
        return f"This release conforms to all shapes. Other checks have {found}."
    there = "There is" if len(report.findings) == 1 else "There are"
    return f"No violation stands against this release. {there} {found}, so sh:conforms is false, as SHACL has it."


def _write_json(head: Mapping[str, Any], groups: Sequence[list[Finding]], path: Path) -> Iterator[Rule]:
    """Write the report with a line for each finding; yields the rules with the places of their findings."""
    rules = [_rule(group) for group in groups]
    counted = [{key: value for key, value in asdict(rule).items() if key != "offsets"} for rule in rules]
    start = json.dumps({**head, "rules": counted}, indent=1, ensure_ascii=False).removesuffix("\n}")
    with path.open("wb") as file:
        file.write(f'{start},\n "results": ['.encode())
        between = b"\n"
        for rule, group in zip(rules, groups, strict=True):
            offsets = []
            for number, finding in enumerate(group):
                file.write(between)
                between = b",\n"
                if number % PAGE == 0:
                    offsets.append(file.tell())
                file.write(json.dumps({**plain(finding), "width": finding.width}, ensure_ascii=False).encode())
            yield Rule(**{**asdict(rule), "offsets": tuple(offsets)})
        file.write(b"\n ]\n}\n")


def _rule(group: Sequence[Finding]) -> Rule:
    first = group[0]
    waived = sum(1 for finding in group if finding.waived)
    return Rule(rule_of(first), first.check, first.link, first.severity, len(group), waived)


def load_report(folder: Path) -> KeptReport | None:
    """Read the report in the folder of a release; None when it was built without one.

    Raises SystemProblem when the file is not what a build writes.
    """
    path = folder / _INDEX
    try:
        content = json.loads(path.read_text("utf-8"))
        rules = tuple(Rule(**{**entry, "offsets": tuple(entry["offsets"])}) for entry in content["rules"])
        return KeptReport(folder, dict(content["head"]), rules, dict(content["files"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> SystemProblem:
    return SystemProblem(f"{path} cannot be read: {error}; build the release again")
