"""The examples of shapes for readers: how many there are, and for each shape one that passes and one that fails.

They are those of the project as it is now: a release does not hold them. `lungkg check shapes` is what validates them.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lungkg.errors import LungkgError
from lungkg.records import read_text
from lungkg.shapes.examples import Example, list_examples, local_name

LONGEST: Final = 4_000
"""Characters of an example that are shown."""

_HEAD: Final = re.compile(r"^(?:#\s*expect:.*|(?:@prefix|@base|PREFIX|BASE)\b.*)\n?", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class Shown:
    """An example as readers see it: without the prefixes, which all examples share, and what it expects in words."""

    name: str
    text: str
    expected: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """The examples of one shape."""

    passing: int = 0
    failing: int = 0
    passes: Shown | None = None
    fails: Shown | None = None


@dataclass(frozen=True)
class Showcase:
    """The examples of all shapes, by local name; `tripped` counts those that a constraint rejects, by its check and
    component, both by local name.
    """

    pairs: Mapping[str, Pair] = field(default_factory=dict)
    tripped: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def pair(self, shape: str) -> Pair:
        """Give the examples of a shape, by its IRI."""
        return self.pairs.get(local_name(shape), Pair())

    def failing(self, check: str, component: str) -> int:
        """Count the examples that a constraint rejects, by the IRIs of its check and component."""
        return self.tripped.get((local_name(check), local_name(component)), 0)

    @property
    def digest(self) -> str:
        """Name what is shown, for entity tags."""
        shown = [sorted(self.pairs.items()), sorted(self.tripped.items())]
        return hashlib.sha256(repr(shown).encode()).hexdigest()


def load_showcase(folder: Path) -> Showcase | None:
    """Read the examples in a folder; None where there is none. Those that cannot be read are left out."""
    found: dict[str, list[Example]] = {}
    for example in list_examples(folder):
        found.setdefault(example.shape, []).append(example)
    if not found:
        return None
    tripped = Counter(
        key
        for examples in found.values()
        for example in examples
        for key in {(one.check, one.component) for one in example.expected}
    )
    return Showcase({shape: _pair(examples) for shape, examples in found.items()}, dict(tripped))


def _pair(examples: list[Example]) -> Pair:
    passing = [example for example in examples if not example.fails]
    failing = sorted((example for example in examples if example.fails), key=lambda one: len(one.expected))
    return Pair(len(passing), len(failing), _first(passing), _first(failing))


def _first(examples: list[Example]) -> Shown | None:
    for example in examples:
        try:
            text = re.sub(r"\n{3,}", "\n\n", _HEAD.sub("", read_text(example.path)).strip())
        except (LungkgError, OSError):
            continue
        cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}\n# …"
        return Shown(example.name, cut, tuple(map(str, example.expected)))
    return None
