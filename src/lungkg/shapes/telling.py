"""Makes findings about shapes: each names the shape first, and says where it is written."""

from dataclasses import replace
from pathlib import Path

from rdflib.term import Node

from lungkg.errors import Place
from lungkg.report import Finding
from lungkg.shapes.library import Library


def tell(
    library: Library, rule: str, what: str, about: Node, value: Node | None = None, severity: str = "Violation"
) -> Finding:
    """Make a finding about a shape or constraint; `what` is a sentence without its subject and full stop."""
    return Finding(
        severity,
        rule,
        f"{library.name(about)}: {what}",
        focus=about.n3(),
        value="" if value is None else value.n3(),
        place=library.place(about),
    )


def where(place: Place | None) -> str:
    """Write a place from the folder that the command was called in, as other tools do; from there it can be opened."""
    if place is None:
        return ""
    here = Path.cwd()
    path = place.path.resolve()
    return str(replace(place, path=path.relative_to(here))) if path.is_relative_to(here) else str(place)
