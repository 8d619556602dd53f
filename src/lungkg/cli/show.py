"""What the commands print: tables for people, on standard error what is not the answer itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from lungkg.build import Build
from lungkg.build import Progress as ProgressCall
from lungkg.fair import Standing
from lungkg.fair.writing import summary
from lungkg.report import Report
from lungkg.reporting.listing import visible
from lungkg.reporting.text import lines
from lungkg.waivers import today

out = Console(soft_wrap=False, highlight=False, emoji=False)  # or column 100 would be a picture
err = Console(stderr=True, highlight=False, emoji=False)

MAX_FINDINGS_SHOWN = 50


@contextmanager
def build_progress() -> Iterator[ProgressCall]:
    """Show the stages of a build while it runs, where somebody is looking."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bars:

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                for task in tasks.values():
                    bars.update(task, total=1, completed=1)
                tasks[stage] = bars.add_task(stage, total=None)
            if total:
                bars.update(tasks[stage], completed=done, total=total)

        yield progress


def print_summary(made: Build) -> None:
    """Print what a build made."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    table.add_column()
    for name, count in made.counts.items():
        table.add_row(name, f"{count:,}")
    for graph, count in made.triples.items():
        table.add_row(f"graph {graph}", f"{count:,}", "triples")
    table.add_row("all graphs", f"{sum(made.triples.values()):,}", "triples")
    for severity, count in made.report.counts().items():
        table.add_row(severity, f"{count:,}", "results")
    for stage, seconds in made.seconds.items():
        table.add_row(stage, f"{seconds:.2f}", "s")
    out.print(table)
    kept = made.kept
    if kept is not None:
        out.print(f"{kept.head['verdict']} The report is kept with it, and shown at /status.", soft_wrap=True)
    if made.fair is not None:
        failing = [result.check for result in made.fair.results if result.standing(today()) is Standing.FAILED]
        told = f" (failed: {', '.join(failing)})" if failing else ""
        out.print(f"{summary(made.fair, today())}; `lungkg check fair` shows them{told}", soft_wrap=True)


def print_findings(report: Report, console: Console = out) -> None:
    """Print findings, worst first, and how many more there are."""
    findings = report.sorted()
    for finding in findings[:MAX_FINDINGS_SHOWN]:
        for line in lines(finding):
            console.print(visible(line), markup=False, soft_wrap=True)
    if len(findings) > MAX_FINDINGS_SHOWN:
        console.print(f"… and {len(findings) - MAX_FINDINGS_SHOWN} more")
