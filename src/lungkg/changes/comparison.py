"""Compares two releases and tells in words what changed."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from lungkg.changes.merge import Lines, differences
from lungkg.changes.things import Thing, things
from lungkg.dumps import CANONICAL
from lungkg.errors import BadParameter, InputError, Place
from lungkg.namespaces import GRAPHS, OA, RDF, RDFS
from lungkg.project import THING_TYPES
from lungkg.turtle import not_rdf

TOLD: Final = 500
"""How many things of each kind are told of in words; the others are counted."""
CHANGES: Final = ("added", "removed", "changed")
_LONGEST: Final = 300  # characters of a value in words
_QUAD: Final = re.compile(rb"(?:<[^<> ]*>|_:[^ ]+) <[^<> ]*> .+ <[^<> ]*> \.")
_KINDS: Final = ("claim", "inferred", "gloss", *(kind for kind in THING_TYPES if kind not in {"claim", "inferred"}))

Labels = Callable[[Collection[str]], Mapping[str, str]]
"""Gives the labels of IRIs, where they have one."""


@dataclass(frozen=True)
class Side:
    """A release to compare: where its lines and its labels are; `read` and `labels` may be called again."""

    name: str
    base: str
    read: Callable[[], Lines]
    labels: Labels
    id: str
    """The release id, which is the SHA-256 of the lines."""


@dataclass(frozen=True, slots=True)
class Field:
    """What a release says of a thing in one respect, before and after, in words."""

    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A thing that was added, removed or changed, with what changed."""

    kind: str
    change: str
    iri: str
    label: str
    fields: tuple[Field, ...]


@dataclass
class Changes:
    """All that changed; `counts` is by kind and change, `triples` by graph and by added or removed."""

    before: str
    after: str
    counts: dict[str, dict[str, int]]
    triples: dict[str, dict[str, int]]
    told: list[Change]

    @property
    def added(self) -> int:
        """Triples that were added."""
        return sum(count["added"] for count in self.triples.values())

    @property
    def removed(self) -> int:
        """Triples that were removed."""
        return sum(count["removed"] for count in self.triples.values())

    @property
    def untold(self) -> dict[str, int]:
        """How many things of each kind changed that are not told of."""
        told = Counter(change.kind for change in self.told)
        left = {kind: sum(count.values()) - told[kind] for kind, count in self.counts.items()}
        return {kind: count for kind, count in left.items() if count}

    @property
    def equal(self) -> bool:
        """Say whether nothing changed."""
        return not self.triples

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON objects."""
        return {
            "from": self.before,
            "to": self.after,
            "equal": self.equal,
            "triples": {"added": self.added, "removed": self.removed, "graphs": self.triples},
            "things": self.counts,
            "changes": [asdict(change) for change in self.told],
            "untold": self.untold,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Changes":
        """Read what `as_json` gave."""
        told = [
            Change(**{**entry, "fields": tuple(_read_field(each) for each in entry["fields"])})
            for entry in content["changes"]
        ]
        return cls(content["from"], content["to"], content["things"], content["triples"]["graphs"], told)


def _read_field(content: Mapping[str, Any]) -> Field:
    return Field(content["name"], tuple(content["before"]), tuple(content["after"]))


def compare(old: Side, new: Side, see: Callable[[bool, bytes], object] | None = None) -> Changes:
    """Compare two releases; `see` is given every line that only one of them has, and whether it is the new one.

    Raises BadParameter when they are published under different bases, for then every IRI differs.
    """
    if old.base and new.base and old.base != new.base:
        raise BadParameter(
            "B", f"is published under {new.base}, and {old.name} under {old.base}: build both under the same base"
        )
    base = new.base or old.base
    triples: dict[str, dict[str, int]] = {}
    names = {f"<{base}graph/{name}>".encode(): name for name in GRAPHS}

    def seen() -> Iterator[tuple[bool, bytes]]:
        for is_new, line in differences(old.read(), new.read()):
            if not _QUAD.fullmatch(line):
                _complain(new if is_new else old, line)
            graph = line.rsplit(b" ", 2)[1]
            count = triples.setdefault(names.get(graph) or graph.decode(), dict.fromkeys(("added", "removed"), 0))
            count["added" if is_new else "removed"] += 1
            if see is not None:
                see(is_new, line)
            yield is_new, line

    counts, kept = _count(things(seen(), base))
    in_order = sorted(counts, key=lambda kind: (_KINDS.index(kind) if kind in _KINDS else len(_KINDS), kind))
    return Changes(
        old.id,
        new.id,
        {kind: counts[kind] for kind in in_order},
        {name: triples[name] for name in sorted(triples)},
        list(_tell([thing for kind in in_order for thing in kept[kind]], old.labels, new.labels)),
    )


def _complain(side: Side, line: bytes) -> None:
    shown = line[:80].decode(errors="replace")
    raise InputError.at(
        Place(Path(side.name)),
        f"this holds what is no line of a release: {shown}",
        "Each line is a quad in one of the graphs of a release, as in dataset.nq.gz.",
    )


def _count(found: Iterable[Thing]) -> tuple[dict[str, dict[str, int]], dict[str, list[Thing]]]:
    """Count all things by kind and change, and keep the first ones of each kind to tell of."""
    counts: dict[str, dict[str, int]] = {}
    kept: dict[str, list[Thing]] = {}
    for thing in found:
        counts.setdefault(thing.kind, dict.fromkeys(CHANGES, 0))[thing.change] += 1
        listed = kept.setdefault(thing.kind, [])
        if len(listed) < TOLD:
            listed.append(thing)
    return counts, kept


# In words -----------------------------------------------------------------------------------------


def _tell(found: list[Thing], old_labels: Labels, new_labels: Labels) -> Iterator[Change]:
    parsed = {thing.iri: (_statements(thing.removed), _statements(thing.added)) for thing in found}
    wanted = {thing.iri for thing in found}
    for thing in found:
        if thing.change == "changed":
            for quad in (*parsed[thing.iri][0], *parsed[thing.iri][1]):
                wanted |= {term.value for term in quad.triple if isinstance(term, ox.NamedNode)}
    labels = {**old_labels(wanted), **new_labels(wanted)}
    for thing in found:
        fields = tuple(_fields(thing.iri, *parsed[thing.iri], labels)) if thing.change == "changed" else ()
        yield Change(thing.kind, thing.change, thing.iri, labels.get(thing.iri, ""), fields)


def _statements(lines: list[bytes]) -> list[ox.Quad]:
    try:
        return list(ox.parse(b"\n".join(lines), format=ox.RdfFormat.N_QUADS))
    except SyntaxError as error:
        raise not_rdf(Place(Path(CANONICAL)), ox.RdfFormat.N_QUADS, error) from None


def _fields(iri: str, removed: list[ox.Quad], added: list[ox.Quad], labels: Mapping[str, str]) -> Iterator[Field]:
    values: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
    for side, quads in enumerate((removed, added)):
        for quad in quads:
            part = str(quad.subject).strip("<>").removeprefix(iri).lstrip("#")
            if _says_something(iri, part, quad):
                key = (part, quad.predicate.value)
                values.setdefault(key, ([], []))[side].append(_words(quad.object, labels))
    for (part, property_), (before, after) in sorted(values.items()):
        name = labels.get(property_) or _local(property_)
        if property_ == RDFS + "label":
            name = "label"
        words = f"{part.replace('-', ' ')}, {name}" if part else name
        yield Field(words, tuple(before), tuple(after))


def _says_something(iri: str, part: str, quad: ox.Quad) -> bool:
    """Leave out what only holds the parts of a thing together."""
    if isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(f"{iri}#"):
        return False
    return not part or quad.predicate.value not in (RDF + "type", OA + "hasSource")


def _words(term: object, labels: Mapping[str, str]) -> str:
    if isinstance(term, ox.NamedNode):
        return labels.get(term.value) or term.value
    text = term.value if isinstance(term, ox.Literal) else str(term)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _local(iri: str) -> str:
    return iri.replace("#", "/").rstrip("/").rpartition("/")[2]
