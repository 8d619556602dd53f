"""What the page about the shapes shows: each shape in words, what it did in this release, and examples of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox
from flask import current_app
from werkzeug.exceptions import HTTPException

from lungkg.errors import SystemProblem
from lungkg.shapes.guide import Guide, guides
from lungkg.shapes.published import published_shapes
from lungkg.shapes.showcase import Showcase, load_showcase
from lungkg.shapes.tally import Tally, load_tally
from lungkg.web.answers import root
from lungkg.web.kept import Kept
from lungkg.web.service import Served

EXAMPLES: Final = ("tests", "examples")
"""The folder of the examples in a project."""

_STATUS: Final = "/status"


@dataclass(frozen=True)
class Beside:
    """What is known of the shapes of a release from outside its graph; `digest` names it for entity tags."""

    tally: Tally | None
    showcase: Showcase | None
    digest: str


NOTHING: Final = Beside(None, None, "")
"""For documents that need nothing of it."""


class Besides:
    """Reads that, once for each release; counts that are not there yet may come later."""

    def __init__(self) -> None:
        self._tallies: Kept[tuple[Tally, str]] = Kept(_tally)
        self._showcases: Kept[tuple[Showcase | None, str]] = Kept(_showcase)

    def of(self, served: Served) -> Beside:
        """Give it."""
        tally: Tally | None = None
        counted = ""
        with suppress(LookupError, SystemProblem):  # the page does without, and says so
            tally, counted = self._tallies.of(served)
        showcase, shown = self._showcases.of(served)
        return Beside(tally, showcase, f"{counted}-{shown}")


def _tally(served: Served) -> tuple[Tally, str]:
    found = load_tally(served.release.path)
    if found is None:
        raise LookupError("not counted yet")
    return found, found.digest


def _showcase(served: Served) -> tuple[Showcase | None, str]:
    found = load_showcase(served.project.root.joinpath(*EXAMPLES))
    return found, found.digest if found is not None else ""


def guides_of(served: Served, triples: Iterable[ox.Triple], tally: Tally | None) -> tuple[Guide, ...]:
    """Describe the shapes of a release; none where they lead in circles, which no build publishes."""
    try:
        return guides(published_shapes(triples, served.project), tally)
    except (ValueError, RecursionError):
        return ()


def iris_of(guide: Guide) -> Iterator[str]:
    """Yield the IRIs of the shapes and constraints that a guide describes."""
    yield guide.shape
    for group in guide.groups:
        yield group.shape
        yield from (rule.check for rule in group.rules)


def page_about_shapes(all_guides: tuple[Guide, ...], beside: Beside) -> dict[str, Any]:
    """Give what the template of the page needs, beside what it shares with other vocabularies."""
    rules = [rule for guide in all_guides for rule in guide.rules]
    pairs = [beside.showcase.pair(guide.shape) for guide in all_guides] if beside.showcase is not None else []
    known = [rule.results for rule in rules if rule.results is not None]
    return {
        "guides": all_guides,
        "tally": beside.tally,
        "showcase": beside.showcase,
        "examples": "/".join(EXAMPLES),
        "examined": sum(bool(pair.passing and pair.failing) for pair in pairs),
        "rules": len(rules),
        "results": sum(known) if known else None,
        "waived": sum(rule.waived for rule in rules),
        "severities": Counter(group.severity for guide in all_guides for group in guide.groups if group.rules),
        "lost": [guide for guide in all_guides if guide.is_lost],
        "off": [guide for guide in all_guides if guide.off],
        "unmet": [guide for guide in all_guides if guide.focus_nodes == 0 and not guide.off],
        "idle": [(guide, rule) for guide in all_guides for rule in guide.rules if rule.idle],
        "status": status_page(),
    }


class Anchors:
    """Gives each IRI its fragment, and each fragment once: what is on the page twice is found where it is first."""

    def __init__(self, anchor: Callable[[str], str]) -> None:
        """Take what gives an IRI its fragment, empty where it has none."""
        self._anchor = anchor
        self._given: set[str] = set()

    def of(self, iri: str) -> str:
        """Give the fragment to link to."""
        return self._anchor(iri) if iri else ""

    def new(self, iri: str) -> str:
        """Give the fragment of an IRI for an id, unless it was given before."""
        return self.once(self.of(iri))

    def once(self, fragment: str) -> str:
        """Give a fragment for an id, unless it was given before."""
        if fragment in self._given:
            return ""
        self._given.add(fragment)
        return fragment


def status_page() -> str:
    """Give the address of the validation report of the release, if this application has one."""
    try:
        current_app.url_map.bind("").match(_STATUS, method="GET")
    except HTTPException:
        return ""
    return f"{root()}{_STATUS}"
