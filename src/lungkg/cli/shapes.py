"""`lungkg check shapes`."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click
from rdflib.term import Node
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from lungkg.checklists import project_waivers
from lungkg.cli.options import newest_release, open_project, project_options
from lungkg.cli.output import write
from lungkg.cli.show import err
from lungkg.errors import InputError, Place
from lungkg.namespaces import ONT
from lungkg.ontology import Ontology, load_ontology
from lungkg.project import Project, bundled_root
from lungkg.release import Release
from lungkg.reporting import FORMATS as REPORT_FORMATS
from lungkg.reporting import write as write_report
from lungkg.shapes.changes import FORMATS as CHANGE_FORMATS
from lungkg.shapes.changes import write_changes
from lungkg.shapes.difference import differences
from lungkg.shapes.examples import Examples
from lungkg.shapes.impact import Impact, impact
from lungkg.shapes.library import Library
from lungkg.shapes.lint import Terms
from lungkg.shapes.mutation import FLOOR
from lungkg.shapes.reading import read_library
from lungkg.shapes.review import PARTS, review
from lungkg.shapes.rules import RULES
from lungkg.shapes.sample import Sample, files_sample, release_sample
from lungkg.shapes.writing import FORMATS
from lungkg.shapes.writing import write as write_review
from lungkg.waivers import settled, today

_FORMATS: Final = (*FORMATS, *(name for name in REPORT_FORMATS if name not in (*FORMATS, "turtle")))
"""The first have the whole review, the others its findings; a sh:ValidationReport has no place for them."""


@click.command()
@project_options
@click.option(
    "--shapes", "files", multiple=True, metavar="FILE|FOLDER", help="Look at these.  [default: the project's]"
)
@click.option(
    "--data",
    multiple=True,
    metavar="RELEASE|FILE|FOLDER",
    help="Count what the shapes check here.  [default: the newest release]",
)
@click.option(
    "--examples",
    "examples",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Folder with <Shape>/pass-….ttl and <Shape>/fail-….ttl.  [default: tests/examples in the project]",
)
@click.option("--only", multiple=True, type=click.Choice(PARTS), help="Do only this part of the review.")
@click.option(
    "--floor",
    type=click.FloatRange(0, 100),
    default=FLOOR,
    show_default=True,
    help="The mutation score, in percent, below which the shapes fail.",
)
@click.option(
    "--against", multiple=True, metavar="FILE|FOLDER", help="Say instead what changed since these older shapes."
)
@click.option(
    "--impact",
    "affected",
    multiple=True,
    metavar="RELEASE|FILE|FOLDER",
    help="With --against: say what the change would newly reject or accept here.",
)
@click.option("--format", "name", default="text", show_default=True, type=click.Choice(_FORMATS))
@click.option("--strict", is_flag=True, help="Let warnings count, too.")
def shapes(
    folder: Path | None,
    base: str | None,
    out: Path | None,
    files: tuple[str, ...],
    data: tuple[str, ...],
    examples: Path | None,
    only: tuple[str, ...],
    floor: float,
    against: tuple[str, ...],
    affected: tuple[str, ...],
    name: str,
    strict: bool,
) -> None:
    """Check the shapes themselves: lint, examples, coverage of data, mutation score; or what changed.

    The exit code is 1 when a shape checks nothing or can never be met, an example is missing or not what it
    says, or the mutation score is below its floor; with --impact, when something would be newly rejected.
    """
    project, home = open_project(folder, base, out)
    ontology = load_ontology(project.ontology_files(), project.ont)
    library = read_library(files or [str(path) for path in project.shape_files()]).moved(project.rebase)
    if affected and not against:
        raise click.UsageError("--impact needs --against.")
    if against:
        older = read_library(against).moved(project.rebase)
        with _usable(files, project):
            _compare(older, library, ontology, [_sample(affected, ontology)] if affected else [], name)
        return
    parts = only or PARTS
    own = () if files else (project.ont, ONT)  # what a few shapes leave out is no news
    terms = Terms.of(ontology, own)
    tried = _examples(examples, project, ontology) if {"examples", "mutation"} & set(parts) else None
    sample = None
    if "coverage" in parts:
        sample = _sample(data, ontology) if data else _newest(project, home)
    with _progress() as progress, _usable(files, project):
        made = review(
            library,
            terms,
            examples=tried,
            owned=_owned(library, project, files),
            sample=sample,
            parts=parts,
            floor=floor,
            progress=progress,
        )
        if not files:
            whole = set(parts) == set(PARTS)
            found = settled(made.report.findings, project_waivers(project), today(), RULES, whole=whole)
            made.report.findings = found
        content = [write_review(made, name).encode()] if name in FORMATS else list(write_report(made.report, name))
    if tried is None and {"examples", "mutation"} & set(parts):
        err.print(
            "no examples: make a folder tests/examples in the project, or name one with --examples", soft_wrap=True
        )
    write(content)
    counts = made.report.counts()
    sys.exit(1 if counts["Violation"] or (strict and counts["Warning"]) else 0)


def _compare(older: Library, newer: Library, ontology: Ontology, samples: list[Sample], name: str) -> None:
    if name not in CHANGE_FORMATS:
        raise click.UsageError(f"--against has the formats {', '.join(CHANGE_FORMATS)}.")
    terms = Terms.of(ontology, ())
    changes = differences(older, newer, terms.hierarchy)
    found: Impact | None = None
    with _progress() as progress:
        for sample in samples:
            found = impact(older, newer, sample, lambda done, of: progress("impact", done, of))
    write([write_changes(changes, found, name).encode()])
    sys.exit(1 if found is not None and found.rejected else 0)


def _sample(names: tuple[str, ...], ontology: Ontology) -> Sample:
    """Take the release in a folder, the current one of a folder of releases, or files."""
    if len(names) == 1:
        for folder in (Path(names[0]), Path(names[0]) / "current"):
            if (folder / "release.json").is_file():
                release = Release(folder.resolve())
                return release_sample(release, str(release.info["base"]))
    return files_sample(names, ontology.triples)


def _newest(project: Project, home: Path) -> Sample | None:
    """Take the newest release, if there is one or it can be built: shapes that spoil it are to be reviewed, too."""
    try:
        return release_sample(newest_release(project, home), project.base)
    except InputError as error:
        err.print(f"error: {error}", markup=False, soft_wrap=True)
    except SystemExit:
        pass  # newest_release has told why
    err.print("there is no release to count in; name other data with --data", soft_wrap=True)
    return None


def _examples(folder: Path | None, project: Project, ontology: Ontology) -> Examples | None:
    """Read the examples; a project without the usual folder has none."""
    home = folder or project.root / "tests" / "examples"
    if folder is None and not home.is_dir():
        return None
    if not home.is_dir():
        raise InputError.at(Place(home), "this folder is missing")
    return Examples(home, ontology.triples)


def _owned(library: Library, project: Project, files: tuple[str, ...]) -> Callable[[Node], bool]:
    """Say which shapes the project answers for: all that it names, or all but those that come with lungkg."""
    core = bundled_root() / "shapes" / "core"
    if files or project.root == bundled_root():
        return lambda _: True

    def owned(node: Node) -> bool:
        place = library.place(node)
        return place is None or not place.path.is_relative_to(core)

    return owned


@contextmanager
def _usable(files: tuple[str, ...], project: Project) -> Iterator[None]:
    """Tell what is wrong with shapes that cannot be used."""
    try:
        yield
    except (ValueError, RecursionError) as error:
        where = Path(files[0]) if files else project.folder("shapes")
        what = "the shapes stand too deep in one another" if isinstance(error, RecursionError) else str(error)
        raise InputError.at(Place(where), what) from None


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show how far the review is, where somebody is looking."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bars:
        task = bars.add_task("", total=None)
        yield lambda part, done, of: bars.update(task, description=part, completed=done, total=of)
