"""Reads the passing and failing examples of shapes, and runs shapes over them.

An example is a file `<Shape>/pass-<why>.ttl` or `<Shape>/fail-<component>-<why>.ttl`. A failing one begins with
`# expect: sh:<Component> <shape or constraint> <focus node>`, a line for each result that it has. All of them
stand in the world of `common.ttl` beside the folders, if there is one, and in that of the ontology. Each
is validated by itself: they share a store, not a graph.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import pyoxigraph as ox

from lungkg.errors import InputError, LungkgError, Place
from lungkg.namespaces import RDF
from lungkg.records import read_text
from lungkg.shapes.units import Data, Prepared, Result, Unit, prepare
from lungkg.turtle import read_turtle

COMMON: Final = "common.ttl"
_EXPECT: Final = re.compile(r"^#\s*expect:[ \t]*(\S+)[ \t]+(\S+)[ \t]+(\S+)", re.MULTILINE)
_WORLD: Final = ox.NamedNode("urn:x-lungkg:world")
_TYPE: Final = ox.NamedNode(RDF + "type")


class Expected(NamedTuple):
    """A result that a failing example promises, in local names; `focus` is "" for a blank node."""

    component: str
    check: str
    focus: str

    @classmethod
    def of(cls, result: Result) -> "Expected":
        """Give what an example would have to say to expect a result."""
        focus = "" if result.focus.startswith("_:") else local_name(result.focus)
        return cls(local_name(result.component), local_name(result.check), focus)

    def __str__(self) -> str:
        name = self.component.removesuffix("ConstraintComponent")
        component = "sparql" if name == "SPARQL" else f"{name[:1].lower()}{name[1:]}"
        return f"{component} of {self.check} at {self.focus or 'a blank node'}"


@dataclass(frozen=True)
class Example:
    """One example; it passes when it expects nothing."""

    path: Path
    expected: tuple[Expected, ...] = ()

    @property
    def fails(self) -> bool:
        """Whether it is there to fail."""
        return bool(self.expected)

    @property
    def shape(self) -> str:
        """The local name of the shape that it speaks for."""
        return self.path.parent.name

    @property
    def name(self) -> str:
        """Folder and file, as people say it."""
        return f"{self.shape}/{self.path.name}"

    @property
    def graph(self) -> ox.NamedNode:
        """The graph that holds it."""
        return ox.NamedNode(self.path.resolve().as_uri())


class Examples:
    """The examples in a folder, loaded beside the ontology; what has been found once is kept."""

    def __init__(self, folder: Path, ontology: Iterable[ox.Triple]) -> None:
        """Read a folder.

        Raises InputError for examples that are no Turtle, for failing ones that do not say what they expect,
        and for a folder without any.
        """
        self.store = ox.Store()
        self.store.extend(ox.Quad(triple.subject, triple.predicate, triple.object, _WORLD) for triple in ontology)
        common = folder / COMMON
        if common.is_file():
            self.store.extend(
                ox.Quad(triple.subject, triple.predicate, triple.object, _WORLD) for triple in read_turtle(common)
            )
        self.all = tuple(self._read(path) for path in _files(folder))
        self._prepared: dict[Unit, Prepared] = {}
        self._found: dict[tuple[Unit, Example | None], frozenset[Result]] = {}
        world = {term for quad in self._quads(_WORLD) for term in (quad.subject, quad.object)}
        self._about = {
            example: (
                frozenset(str(quad.object) for quad in self._quads(example.graph) if quad.predicate == _TYPE),
                any(quad.subject in world for quad in self._quads(example.graph)),
            )
            for example in self.all
        }

    def _quads(self, graph: ox.NamedNode) -> Iterator[ox.Quad]:
        return self.store.quads_for_pattern(None, None, None, graph)

    def _read(self, path: Path) -> Example:
        example = _described(path)
        self.store.extend(
            ox.Quad(triple.subject, triple.predicate, triple.object, example.graph) for triple in read_turtle(path)
        )
        return example

    def data(self, example: Example) -> Data:
        """Give what an example is validated with."""
        return Data(self.store, [_WORLD, example.graph])

    def results(self, unit: Unit, example: Example) -> frozenset[Result]:
        """Give what a unit finds in an example. Raises ValueError for shapes that nothing can run."""
        if unit not in self._prepared:
            self._prepared[unit] = prepare(unit.triples, self.store)
        prepared = self._prepared[unit]
        key = unit, (example if self._matters(example, prepared) else None)
        if key not in self._found:
            self._found[key] = prepared.run(Data(self.store, [_WORLD]) if key[1] is None else self.data(example))
        return self._found[key]

    def _matters(self, example: Example, prepared: Prepared) -> bool:
        """Say whether an example can have other results than the world that it stands in.

        It cannot when it has no focus node of its own and says nothing about the things of that world.
        """
        kinds, touches = self._about[example]
        return prepared.kinds is None or touches or not kinds.isdisjoint(prepared.kinds)

    def outcome(self, cut: Iterable[Unit], example: Example) -> "Outcome":
        """Run all units over one example."""
        return Outcome(example, frozenset(result for unit in cut for result in self.results(unit, example)))


@dataclass(frozen=True)
class Outcome:
    """What an example was found to be."""

    example: Example
    results: frozenset[Result]

    @property
    def _promised(self) -> Counter[Expected]:
        return Counter(self.example.expected)

    @property
    def _found(self) -> Counter[Expected]:
        return Counter(Expected.of(result) for result in self.results)

    @property
    def surplus(self) -> list[Expected]:
        """What was found and not expected; a blank focus node or an empty name stands for any."""
        return sorted((_loose(self._found, self._promised) - _loose(self._promised, self._promised)).elements())

    @property
    def lacking(self) -> list[Expected]:
        """What was expected and not found."""
        return sorted((_loose(self._promised, self._promised) - _loose(self._found, self._promised)).elements())


def _loose(counted: Counter[Expected], promised: Counter[Expected]) -> Counter[Expected]:
    """Leave out the focus node where the example does."""
    loose = {one[:2] for one in promised if not one.focus}
    made: Counter[Expected] = Counter()
    for one, times in counted.items():
        made[one._replace(focus="") if one[:2] in loose else one] += times
    return made


def list_examples(folder: Path) -> list[Example]:
    """List the examples in a folder that can be read, by what they say of themselves; none where there is no folder."""
    found = []
    for path in sorted([*folder.glob("*/pass-*.ttl"), *folder.glob("*/fail-*.ttl")]):
        with suppress(LungkgError, OSError):
            found.append(_described(path))
    return found


def _files(folder: Path) -> list[Path]:
    found = sorted([*folder.glob("*/pass-*.ttl"), *folder.glob("*/fail-*.ttl")])
    if not found:
        hint = "Examples are files such as <Shape>/pass-<why>.ttl and <Shape>/fail-<component>-<why>.ttl."
        raise InputError.at(Place(folder), "there is no example here", hint)
    return found


def _described(path: Path) -> Example:
    if path.name.startswith("pass-"):
        return Example(path)
    found = _EXPECT.findall(read_text(path))
    if not found:
        hint = "Begin it with `# expect: sh:MinCountConstraintComponent ex:NameOfTheShape ex:focus-node`."
        raise InputError.at(Place(path, 1), "this failing example does not say what it expects", hint)
    return Example(path, tuple(Expected(*(_expected_name(part) for part in one)) for one in found))


def _expected_name(name: str) -> str:
    return "" if name.startswith("_:") else local_name(name)


def local_name(name: str) -> str:
    """Cut off a prefix or a namespace.

    >>> local_name("shapes:Claim-certainty"), local_name("<http://example.org/term/9>"), local_name("http://e.org/a#b")
    ('Claim-certainty', '9', 'b')
    """
    return re.split(r"[:/#]", name.strip("<>"))[-1]
