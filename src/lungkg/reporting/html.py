"""Writes a report as one HTML page that stands alone: no script, nothing from elsewhere."""

from collections.abc import Iterator
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from lungkg.report import Finding, Report
from lungkg.reporting.listing import Layout, arrange, left_out, rule_of, spot_of, verdict, visible


def write(report: Report, layout: Layout) -> Iterator[str]:
    """Yield the page in pieces."""
    groups = arrange(report, layout)
    yield from _template().generate(
        report=report,
        groups=groups,
        grouped=bool(layout.group),
        verdict=verdict(report),
        left_out=left_out(groups),
        marked=marked,
        rule_of=rule_of,
        spot_of=spot_of,
    )


def marked(finding: Finding) -> tuple[str, str, str]:
    """Cut a source line into what stands before the place, what is meant, and what stands after."""
    column = finding.place.column if finding.place else 0
    if not column:
        return visible(finding.line), "", ""
    start, end = column - 1, column - 1 + finding.width
    return visible(finding.line[:start]), visible(finding.line[start:end]), visible(finding.line[end:])


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("lungkg.reporting", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["visible"] = visible
    return environment.get_template("report.html")
