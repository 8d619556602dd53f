"""Writes a report as the page of the site takes it: JSON with what stands beside a line of the text."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from lungkg.report import Finding, Report, rank
from lungkg.reporting import Layout, verdict
from lungkg.reporting.listing import arrange, left_out, rule_of, spot_of, visible

_LONGEST: Final = 2_000
"""Characters of a text that a page shows; what is longer is cut, and the files hold it whole."""


def write(report: Report, layout: Layout) -> Iterator[bytes]:
    """Yield the verdict, counts, notes, checks by how much they found, and the first findings in order of place."""
    groups = arrange(report, Layout("", layout.limit, layout.threshold))
    shown = [finding for group in groups for finding in group.findings]
    told = {
        "verdict": verdict(report),
        "conforms": report.conforms,
        "counts": report.counts(),
        "notes": [visible(note) for note in report.notes],
        "checks": _checks(report),
        "left_out": left_out(groups),
        "findings": [_finding(one) for one in sorted(shown, key=_where)],
    }
    yield json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")


def _where(finding: Finding) -> tuple[object, ...]:
    place = finding.place
    return (place is None, *((place.name, place.line, place.column) if place else ("", 0, 0)), rank(finding.severity))


def _checks(report: Report) -> list[dict[str, Any]]:
    """Count what each check found, worst and most first."""
    found = Counter((one.severity, rule_of(one), one.link) for one in report.findings)
    ordered = sorted(found.items(), key=lambda pair: (rank(pair[0][0]), -pair[1], pair[0]))
    return [
        {"severity": severity, "rule": _cut(rule), "link": link, "count": count}
        for (severity, rule, link), count in ordered
    ]


def _finding(finding: Finding) -> dict[str, Any]:
    place, mend, rule = finding.place, finding.mend, finding.rule_place
    return {
        "severity": finding.severity,
        "file": place.name if place else "",
        "line": place.line if place else 0,
        "column": place.column if place else 0,
        "width": finding.width,
        "said": _cut(finding.said),
        "message": _cut(finding.message) if finding.sentence and finding.component else "",
        "causes": [_cut(cause) for cause in finding.causes],
        "mend": _cut(mend.text) if mend else "",
        "snippet": _cut(mend.snippet) if mend else "",
        "focus": _cut(finding.focus),
        "rule": _cut(rule_of(finding)),
        "link": finding.link,
        "rule_place": spot_of(rule) if rule else "",
        "rule_line": rule.line if rule else 0,
        "waived": finding.waived,
    }


def _cut(text: str) -> str:
    shown = visible(text)
    return shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "…"
