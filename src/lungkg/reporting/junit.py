"""Writes a report as JUnit XML, which CI servers show as tests: a suite a file, a case a finding."""

import re
import xml.etree.ElementTree as ET  # written only, never parsed
from collections.abc import Iterator

from lungkg.report import Finding, Report, rank
from lungkg.reporting.listing import Group, Layout, arrange, name_of, rule_of, spot_of, verdict
from lungkg.reporting.text import lines

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(report: Report, layout: Layout) -> Iterator[str]:
    """Yield the XML; findings below the threshold are cases that pass, with the finding as their output."""
    groups = arrange(report, Layout(layout.group or "file", layout.limit, layout.threshold))
    root = ET.Element("testsuites", name="lungkg validate")
    for group in groups or [Group("lungkg validate", [])]:
        _suite(root, group, layout)
    totals = {key: str(sum(int(suite.get(key, "0")) for suite in root)) for key in ("tests", "failures")}
    root.attrib.update({**totals, "errors": "0"})
    properties = [("verdict", verdict(report)), *(("note", note) for note in report.notes)]
    head = ET.Element("properties")
    for name, value in properties:
        ET.SubElement(head, "property", name=name, value=_clean(value))
    root[0].insert(0, head)
    ET.indent(root)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield ET.tostring(root, encoding="unicode") + "\n"


def _suite(root: ET.Element, group: Group, layout: Layout) -> None:
    suite = ET.SubElement(root, "testsuite", name=_clean(group.name))
    failures = sum(_case(suite, finding, layout) for finding in group.findings)
    if not group.findings:
        ET.SubElement(suite, "testcase", classname="lungkg", name="no shape found anything")
    if group.left_out:
        case = ET.SubElement(suite, "testcase", classname="lungkg", name=f"{group.left_out} more findings")
        ET.SubElement(case, "skipped", message="left out by --limit")
    counts = {"tests": len(suite), "failures": failures, "errors": 0, "skipped": int(bool(group.left_out))}
    suite.attrib.update({key: str(value) for key, value in counts.items()})


def _case(suite: ET.Element, finding: Finding, layout: Layout) -> bool:
    """Write one finding; says whether it is a failure."""
    place = finding.place
    attributes = {
        "classname": rule_of(finding),
        "name": f"{finding.said} [{spot_of(place)}]" if place else finding.said,
    }
    if place is not None:
        attributes["file"] = name_of(place)
        if place.line:
            attributes["line"] = str(place.line)
    case = ET.SubElement(suite, "testcase", {key: _clean(value) for key, value in attributes.items()})
    text = _clean("\n".join(lines(finding)))
    fails = not finding.waived and rank(finding.severity) <= rank(layout.threshold)
    if fails:
        kind = finding.component.rsplit("#", 1)[-1] or finding.check
        ET.SubElement(case, "failure", message=_clean(finding.said), type=_clean(kind)).text = text
    else:
        ET.SubElement(case, "system-out").text = text
    return fails


def _clean(text: str) -> str:
    """Leave out the characters that XML 1.0 cannot hold."""
    return _NO_XML.sub("�", text)
