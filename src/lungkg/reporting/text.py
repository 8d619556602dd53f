"""Writes a report for a terminal: place, sentence, source line with a marker, mend, shape."""

from collections.abc import Iterator

from lungkg.report import UNREADABLE, Finding, Report
from lungkg.reporting.listing import Layout, arrange, left_out, rule_of, spot_of, verdict, visible

_WIDEST = 160  # columns of a source line that are shown


def write(report: Report, layout: Layout) -> Iterator[str]:
    """Yield the lines of a report."""
    groups = arrange(report, layout)
    for group in groups:
        if layout.group:
            yield f"{visible(group.name)}: {group.total}\n"
        for finding in group.findings:
            yield from (f"{visible(line)}\n" for line in lines(finding))
        if group.left_out:
            yield f"… and {group.left_out} more\n"
        if layout.group:
            yield "\n"
    for note in report.notes:
        yield f"{visible(note)}\n"
    if left_out(groups):
        yield f"{left_out(groups)} findings are not shown; --limit 0 shows all.\n"
    yield f"{verdict(report)}\n"


def lines(finding: Finding) -> Iterator[str]:
    """Yield the lines about one finding."""
    where = f"{spot_of(finding.place)}: " if finding.place else ""
    waived = "waived " if finding.waived else ""
    lead = "" if finding.check == UNREADABLE else f"{waived}{finding.severity}: "
    yield f"{where}{lead}{_one_line(finding.said)}"
    yield from _source(finding)
    for cause in finding.causes:
        yield f"    because: {_one_line(cause)}"
    if finding.sentence and finding.message and finding.component:
        yield f"    rule:  {_one_line(finding.message)}"
    if finding.mend is not None:
        yield f"    mend:  {_one_line(finding.mend.text)}"
        for part in finding.mend.snippet.splitlines():
            yield f"           {part}"
    if finding.words is not None:
        words = finding.words
        document = words.document.rsplit("/", 1)[-1]
        yield f'    words: "{_one_line(words.quote)}" ({document}, characters {words.start} to {words.end})'
    if finding.waived:
        yield f"    waived: {_one_line(finding.waived)}"
    if finding.focus and not finding.place:
        yield f"    at {finding.focus}{' ' + finding.path if finding.path else ''}"
    if finding.check != UNREADABLE:
        yield f"    by {_by(finding)}"


def _by(finding: Finding) -> str:
    title = f'"{finding.title}" ' if finding.title and finding.title != finding.link else ""
    place = f" ({spot_of(finding.rule_place)})" if finding.rule_place else ""
    return f"{title}{finding.link or finding.check or rule_of(finding)}{place}"


def _source(finding: Finding) -> Iterator[str]:
    """Yield the source line and the marker below it; of a long line the part around the place."""
    if not finding.line or finding.place is None or not finding.place.line:
        return
    column = max(finding.place.column, 1)
    start = max(column - _WIDEST // 2, 0) if column > _WIDEST else 0
    shown = finding.line[start : start + _WIDEST].replace("\t", " ")
    number = str(finding.place.line)
    lead = "…" if start else ""
    more = "…" if len(finding.line) > start + _WIDEST else ""
    yield f"    {number} | {lead}{shown}{more}"
    width = max(min(finding.width, _WIDEST - (column - 1 - start)), 1)
    yield f"    {' ' * len(number)} | {' ' * (len(lead) + column - 1 - start)}{'^' * width}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
