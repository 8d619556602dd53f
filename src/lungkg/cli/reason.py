"""`lungkg reason`."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import pyoxigraph as ox

from lungkg.cli.options import newest_release, open_project, project_options
from lungkg.cli.show import err
from lungkg.cli.show import out as console
from lungkg.errors import SystemProblem
from lungkg.namespaces import Minter
from lungkg.ontology_checks.axioms import Axioms
from lungkg.ontology_checks.review import Review, Teller, reason_about
from lungkg.reasoning import MOST_TRIPLES, SECONDS

_ONTOLOGY: Final = "ontology"
_GRAPHS: Final = (_ONTOLOGY, "entities", "documents", "claims", "edges", "background", "inferred")


@click.command()
@project_options
@click.option(
    "--timeout",
    "seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="Stop HermiT after so long.",
)
def reason(folder: Path | None, base: str | None, out: Path | None, seconds: float) -> None:
    """Ask HermiT whether the newest release is consistent and every class can have members.

    What cannot be is explained by the fewest axioms and statements that make it so. Of more data than HermiT
    can take, it is given the ontology alone; plain contradictions are found in all of it.
    """
    project, home = open_project(folder, base, out)
    store = ox.Store.read_only(str(newest_release(project, home).store))
    iris = Minter(project.base)

    def statements() -> Iterator[ox.Triple]:
        return _triples(store, [iris.graph(name) for name in _GRAPHS])

    small = _count_to(statements(), MOST_TRIPLES)
    axioms = Axioms(statements() if small else _triples(store, [iris.graph(_ONTOLOGY)]))
    found = reason_about(axioms, Teller(axioms, None, project.prefixes), seconds, statements)
    if not small:
        found.report.notes.append(
            f"HermiT was given the ontology without the data, which is more than {MOST_TRIPLES:,} triples; "
            "plain contradictions were looked for in all of it."
        )
    _tell(found, small)


def _triples(store: ox.Store, graphs: list[str]) -> Iterator[ox.Triple]:
    for name in graphs:
        yield from (quad.triple for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(name)))


def _count_to(triples: Iterator[ox.Triple], most: int) -> bool:
    """Say whether there are at most so many, without counting further."""
    return all(number <= most for number, _ in enumerate(triples, start=1))


def _tell(found: Review, whole: bool) -> None:
    """Print what was found, and end with 1 when something cannot be, with 3 when HermiT gave no verdict."""
    for finding in found.report.sorted():
        err.print(finding.message, style="bold red", markup=False, soft_wrap=True)
        for cause in finding.causes:
            err.print(f"    because: {cause}", markup=False, soft_wrap=True)
    for reason in found.reasons:
        if reason.turtle:
            console.print(reason.turtle, markup=False, soft_wrap=True)
    if found.report.findings:
        sys.exit(1)
    if found.verdict is None:
        raise SystemProblem(" ".join(found.report.notes))
    for note in found.report.notes:
        err.print(note, markup=False, soft_wrap=True)
    what = "" if whole else "the ontology is "
    console.print(f"{what}consistent; all {found.verdict.classes} classes can have members")
