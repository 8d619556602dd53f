"""Writes a report for programs: JSON, JSON Lines, CSV."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from lungkg.report import Finding, Report
from lungkg.reporting.listing import Layout, arrange, left_out, name_of, rule_of, spot_of

COLUMNS: Final = (
    "severity", "file", "line", "column", "sentence", "message", "focus", "path", "value",
    "rule", "link", "component", "mend", "waived",
)  # fmt: skip


def plain(finding: Finding) -> dict[str, Any]:
    """Give a finding as plain values; what does not apply is empty or null."""
    place, rule = finding.place, finding.rule_place
    return {
        "severity": finding.severity,
        "place": spot_of(place) if place else None,
        "file": name_of(place) if place else None,
        "line": place.line or None if place else None,
        "column": place.column or None if place else None,
        "sentence": finding.said,
        "message": finding.message,
        "focus": finding.focus,
        "path": finding.path,
        "value": finding.value,
        "check": finding.check,
        "rule": rule_of(finding),
        "link": finding.link,
        "rule_place": spot_of(rule) if rule else None,
        "component": finding.component,
        "shape": finding.shape,
        "source_line": finding.line,
        "causes": list(finding.causes),
        "mend": _mend(finding),
        "words": asdict(finding.words) if finding.words else None,
        "waived": finding.waived,
    }


def _mend(finding: Finding) -> dict[str, Any] | None:
    if finding.mend is None:
        return None
    edits = [{**asdict(one), "path": str(one.path)} for one in finding.mend.edits]
    return {"text": finding.mend.text, "snippet": finding.mend.snippet, "sure": finding.mend.sure, "edits": edits}


def write_json(report: Report, layout: Layout) -> Iterator[str]:
    """Yield one JSON object: conforms, counts, notes, and the results, in groups when asked for."""
    groups = arrange(report, layout)
    whole: dict[str, Any] = {
        "conforms": report.conforms,
        "counts": report.counts(),
        "notes": report.notes,
        "left_out": left_out(groups),
    }
    if layout.group:
        whole["groups"] = [
            {"name": group.name, "total": group.total, "results": [plain(finding) for finding in group.findings]}
            for group in groups
        ]
    else:
        whole["results"] = [plain(finding) for group in groups for finding in group.findings]
    yield json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def write_lines(report: Report, layout: Layout) -> Iterator[str]:
    """Yield a JSON object a line, each a finding."""
    for group in arrange(report, layout):
        for finding in group.findings:
            yield json.dumps(plain(finding), ensure_ascii=False) + "\n"


def write_csv(report: Report, layout: Layout) -> Iterator[str]:
    """Yield CSV (RFC 4180) with a header."""
    yield _row(COLUMNS)
    for group in arrange(report, layout):
        for finding in group.findings:
            values = {**plain(finding), "mend": finding.mend.text if finding.mend else ""}
            yield _row([values[column] for column in COLUMNS])


def _row(values: Any) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(["" if value is None else value for value in values])
    return out.getvalue()
