"""Writes a report as SARIF 2.1.0 (OASIS), which code review tools show beside the lines."""

import hashlib
import json
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from lungkg import __version__
from lungkg.errors import Place
from lungkg.report import Edit, Finding, Report
from lungkg.reporting.listing import Layout, arrange, left_out, rule_of

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {"Violation": "error", "Warning": "warning", "Info": "note"}
_HOME: Final = "https://w3id.org/lungkg/"


def write(report: Report, layout: Layout) -> Iterator[str]:
    """Yield one SARIF log with one run."""
    groups = arrange(report, layout)
    findings = [finding for group in groups for finding in group.findings]
    rules: dict[str, int] = {}
    described = []
    for finding in findings:
        if finding.check not in rules:
            rules[finding.check] = len(rules)
            described.append(_rule(finding))
    run = {
        "tool": {"driver": {"name": "lungkg", "version": __version__, "informationUri": _HOME, "rules": described}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The folder that lungkg was called in."}}},
        "invocations": [{"executionSuccessful": not report.unreadable}],
        "results": [_result(finding, rules[finding.check]) for finding in findings],
        "properties": {
            "conforms": report.conforms,
            "counts": report.counts(),
            "leftOut": left_out(groups),
            "notes": report.notes,
        },
    }
    yield json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(finding: Finding) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": finding.check,
        "name": rule_of(finding),
        "shortDescription": {"text": rule_of(finding)},
        "defaultConfiguration": {"level": _LEVELS.get(finding.severity, "error")},
    }
    if finding.component and finding.message:
        rule["fullDescription"] = {"text": finding.message}
    if finding.link.startswith(("http://", "https://")):
        rule["helpUri"] = _uri(finding.link)
    return rule


def _result(finding: Finding, index: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.check,
        "ruleIndex": index,
        "level": _LEVELS.get(finding.severity, "error"),
        "message": {"text": _message(finding)},
        "partialFingerprints": {"finding/v1": fingerprint(finding)},
        "properties": {"path": finding.path, "value": finding.value, "component": finding.component},
    }
    location: dict[str, Any] = {}
    if finding.place is not None:
        location["physicalLocation"] = _located(finding, finding.place)
    if finding.focus:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.focus}]
    if location:
        result["locations"] = [location]
    if finding.mend is not None and finding.mend.edits:
        result["fixes"] = [_fix(finding)]
    if finding.waived:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": finding.waived}]
    return result


def _message(finding: Finding) -> str:
    parts = [finding.said, *finding.causes]
    if finding.mend is not None:
        parts.append(f"Mend: {finding.mend.text}")
    return "\n".join(part for part in parts if part)


def fingerprint(finding: Finding) -> str:
    """Make a name for a finding that stays when lines above it come and go."""
    parts = (finding.check, finding.component, finding.focus, finding.path, finding.value)
    stable = [part for part in parts if not part.startswith("_:")]
    name = finding.place.name if finding.place and finding.focus.startswith("_:") else ""
    return hashlib.sha256("\x00".join([*stable, name]).encode()).hexdigest()


def _located(finding: Finding, place: Place) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": _artifact(place)}
    if place.line:
        region: dict[str, Any] = {"startLine": place.line}
        if place.column:
            region |= {"startColumn": place.column, "endColumn": place.column + finding.width}
        if finding.line:
            region["snippet"] = {"text": finding.line}
        location["region"] = region
    return location


def _artifact(place: Place) -> dict[str, Any]:
    if place.url:
        return {"uri": _uri(place.url)}
    return _file(place.path)


def _file(path: Path) -> dict[str, Any]:
    """Name a file: relative to the folder that we were called in where it is below it, else by its address."""
    if str(path) == "-":
        return {"uri": "stdin"}
    here = Path.cwd()
    whole = path if path.is_absolute() else here / path
    if whole.is_relative_to(here):
        return {"uri": urllib.parse.quote(whole.relative_to(here).as_posix()), "uriBaseId": "SRCROOT"}
    return {"uri": whole.as_uri()}


def _fix(finding: Finding) -> dict[str, Any]:
    mend = finding.mend
    if mend is None:
        raise TypeError("a finding without a mend has no fix")
    files: dict[Path, list[Edit]] = {}
    for edit in mend.edits:
        files.setdefault(edit.path, []).append(edit)
    note = "" if mend.sure else " (choose the value)"
    return {
        "description": {"text": mend.text + note},
        "artifactChanges": [
            {"artifactLocation": _file(path), "replacements": [_replacement(edit) for edit in edits]}
            for path, edits in files.items()
        ],
    }


def _replacement(edit: Edit) -> dict[str, Any]:
    return {
        "deletedRegion": {
            "startLine": edit.line,
            "startColumn": edit.column,
            "endLine": edit.end_line,
            "endColumn": edit.end_column,
        },
        "insertedContent": {"text": edit.text},
    }


def _uri(iri: str) -> str:
    return urllib.parse.quote(iri, safe=":/?#[]@!$&'()*+,;=%-._~")
