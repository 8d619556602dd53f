"""What was published and is there no more: data/redirects.yaml, and the tombstones that are made of it.

An IRI that was given out is never silently dropped: it says when and why its thing was withdrawn, or leads
to the thing that it was merged into.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from lungkg.errors import InputError, Place, Problem
from lungkg.namespaces import DCTERMS, OWL, PROV, XSD, Minter
from lungkg.project import THING_TYPES, Project
from lungkg.records import Record, read_yaml
from lungkg.sources import unknown
from lungkg.triples import COMMENT, LABEL, A, Value, english, instant, ont

FILE: Final = "redirects.yaml"

_LOCAL: Final = re.compile(r"[A-Za-z0-9_-]+")
_TRUE: Final = ox.Literal("true", datatype=ox.NamedNode(XSD + "boolean"))
_HINTED: Final = 10_000  # things of a type; looking for similar names among more takes seconds
_HOW: Final = "Write `withdrawn: TYPE/NAME`, or `merged: TYPE/NAME` and `into: TYPE/NAME`."


@dataclass(frozen=True, slots=True)
class Redirect:
    """One thing that is gone, as type/name; `into` is empty when nothing took its place.

    `date` (ISO 8601) is the day on which it was taken out.
    """

    gone: str
    into: str
    label: str
    reason: str
    date: str
    place: Place
    into_place: Place


def read_redirects(project: Project) -> list[Redirect]:
    """Read data/redirects.yaml, if there is one.

    Raises InputError with every entry that is wrong in itself or does not fit the others: unknown types,
    names that no IRI has, repeated entries, chains and circles. What else there is in the release is not
    looked at; `check_redirects` does.
    """
    path = project.folder("data") / FILE
    if not path.is_file():
        return []
    problems: list[Problem] = []
    found: dict[str, Redirect] = {}
    for record in read_yaml(path, "redirects").parts("redirects"):
        wrong = list(_wrong(record))
        if wrong:
            problems += wrong
            continue
        redirect = _redirect(record)
        if redirect.gone in found:
            first = found[redirect.gone].place
            problems.append(
                Problem(redirect.place, f"{redirect.gone} is already there, at {first}", "Keep one of them.")
            )
        else:
            found[redirect.gone] = redirect
    problems += _chains(found)
    if problems:
        raise InputError(problems)
    return list(found.values())


def _wrong(record: Record) -> Iterator[Problem]:
    """Find what is wrong with an entry by itself."""
    said = [key for key in ("withdrawn", "merged") if key in record.value]
    if len(said) != 1:
        yield Problem(record.place(), "an entry is about one thing that is gone", _HOW)
    elif ("into" in record.value) != (said == ["merged"]):
        what = "what is merged goes into another thing" if said == ["merged"] else "what is withdrawn goes nowhere"
        yield Problem(record.key_place("into" if "into" in record.value else "merged"), what, _HOW)
    for key in ("withdrawn", "merged", "into"):
        if key in record.value:
            yield from _misnamed(record.value[key], record.place(key))


def _misnamed(name: str, place: Place) -> Iterator[Problem]:
    kind, slash, local = name.partition("/")
    if not slash:
        yield Problem(place, f"{name!r} is no TYPE/NAME", "Write it as its IRI ends, such as claim/leaflet-01-C3.")
    elif kind not in THING_TYPES:
        yield unknown("type of thing", kind, THING_TYPES, place, f"There are {', '.join(THING_TYPES)}.")
    elif not _LOCAL.fullmatch(local):
        yield Problem(place, f"{local!r} is no name of a thing", "Names are of letters, digits, _ and - only.")


def _redirect(record: Record) -> Redirect:
    value = record.value
    key = "merged" if "merged" in value else "withdrawn"
    return Redirect(
        gone=value[key],
        into=value.get("into", ""),
        label=value["label"],
        reason=value["reason"],
        date=value["date"],
        place=record.place(key),
        into_place=record.place("into"),
    )


def _chains(found: Mapping[str, Redirect]) -> Iterator[Problem]:
    """Find what leads to something that is gone itself."""
    for redirect in found.values():
        following = found.get(redirect.into)
        if following is None:
            continue
        seen = [redirect.gone]
        while following is not None and following.gone not in seen:
            seen.append(following.gone)
            end, following = following, found.get(following.into)
        if following is not None:
            yield Problem(
                redirect.into_place, f"{' → '.join([*seen, following.gone])} is a circle", "Name what is left."
            )
        elif end.into:
            yield Problem(redirect.into_place, f"{redirect.into} is itself merged", f"Name what is left: {end.into}.")
        else:
            yield Problem(
                redirect.into_place, f"{redirect.into} is itself withdrawn", "Say that this is withdrawn, too."
            )


def check_redirects(redirects: list[Redirect], store: ox.Store, project: Project, places: Mapping[str, Place]) -> None:
    """Hold the redirects to what a release has: what is gone must not be there, what took its place must.

    `places` says where things are written, by IRI. Raises InputError with every redirect that does not hold.
    """
    names = _Names(project, places)

    def there(thing: str) -> bool:
        return next(store.quads_for_pattern(names.node(thing), None, None, None), None) is not None

    problems = []
    for redirect in redirects:
        if there(redirect.gone):
            written = places.get(names.node(redirect.gone).value)
            where = f", at {written}" if written else ""
            hint = "Remove it from the sources, or remove this entry."
            problems.append(Problem(redirect.place, f"{redirect.gone} is still there{where}", hint))
        if redirect.into and not there(redirect.into):
            kind, _, local = redirect.into.partition("/")
            hint = "Name a thing of this release, or say that it is withdrawn."
            problems.append(unknown(kind, local, names.of_type(kind), redirect.into_place, hint))
    if problems:
        raise InputError(problems)


class _Names:
    """The IRIs of things that are written as type/name."""

    def __init__(self, project: Project, places: Mapping[str, Place]) -> None:
        self._iris, self._places = Minter(project.base), places

    def node(self, thing: str) -> ox.NamedNode:
        kind, _, local = thing.partition("/")
        return ox.NamedNode(self._iris.thing(kind, local))

    def of_type(self, kind: str) -> list[str]:
        """List the names of a type that could be meant; none when there are too many to look through."""
        start = self._iris.thing(kind, "")
        names = [iri.removeprefix(start) for iri in self._places if iri.startswith(start)]
        return names if len(names) <= _HINTED else []


def tombstones(redirects: list[Redirect], project: Project) -> Iterator[ox.Quad]:
    """Write a tombstone for each thing that is gone, in the graph of documents."""
    iris = Minter(project.base)
    graph = ox.NamedNode(iris.graph("documents"))
    names = _Names(project, {})
    for redirect in redirects:
        pairs: list[tuple[ox.NamedNode, Value]] = [
            (A, ont("Tombstone")),
            (LABEL, english(redirect.label)),
            (COMMENT, english(redirect.reason)),
            (ox.NamedNode(OWL + "deprecated"), _TRUE),
            (ox.NamedNode(PROV + "invalidatedAtTime"), instant(redirect.date)),
        ]
        if redirect.into:
            pairs.append((ox.NamedNode(DCTERMS + "isReplacedBy"), names.node(redirect.into)))
        for predicate, value in pairs:
            yield ox.Quad(names.node(redirect.gone), predicate, value, graph)


def places_of(redirects: list[Redirect], project: Project) -> dict[str, Place]:
    """Say where each tombstone is written, by IRI."""
    names = _Names(project, {})
    return {names.node(redirect.gone).value: redirect.place for redirect in redirects}
