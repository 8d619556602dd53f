"""Writes a report as Markdown, for a comment on a change or a job's summary."""

import re
from collections.abc import Iterator

from lungkg.report import Finding, Report
from lungkg.reporting.listing import Layout, arrange, left_out, rule_of, spot_of, verdict, visible

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!@&])")


def write(report: Report, layout: Layout) -> Iterator[str]:
    """Yield a heading, what was found as a table or a table a group, and the notes."""
    groups = arrange(report, layout)
    yield f"## Validation: {escaped(verdict(report))}\n"
    for group in groups:
        if layout.group:
            yield f"\n### {escaped(group.name)} ({group.total})\n"
        yield "\n| | where | what | mend | rule |\n|---|---|---|---|---|\n"
        for finding in group.findings:
            yield f"| {' | '.join(_columns(finding))} |\n"
        if group.left_out:
            yield f"\n… and {group.left_out} more\n"
    for note in report.notes:
        yield f"\n{escaped(note)}\n"
    if left_out(groups):
        yield f"\n{left_out(groups)} findings are not shown.\n"


def _columns(finding: Finding) -> list[str]:
    mend = finding.mend
    snippet = f"<br>{_code(mend.snippet)}" if mend and mend.snippet else ""
    rule = escaped(rule_of(finding))
    if finding.link.startswith(("http://", "https://")):
        rule = f"[{rule}](<{finding.link.replace('>', '%3E').replace('|', '%7C')}>)"
    causes = "".join(f"<br>because: {escaped(cause)}" for cause in finding.causes)
    return [
        escaped(("waived " if finding.waived else "") + finding.severity),
        _code(spot_of(finding.place)) if finding.place else _code(finding.focus),
        escaped(finding.said) + causes,
        (escaped(mend.text) if mend else "") + snippet,
        rule,
    ]


def escaped(text: str) -> str:
    r"""Write text that Markdown takes for text.

    >>> escaped("a|b <c>")
    'a\\|b \\<c\\>'
    """
    return _SPECIAL.sub(r"\\\1", " ".join(visible(text).split()))


def _code(text: str) -> str:
    shown = " ".join(visible(text).split()).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    return f"{fence}{shown}{fence}" if shown else ""
