"""Finds where in a project's YAML a finding about the graph was written, and what to write there instead.

A build knows the record that a node came from; this finds the key in it: by the property, by the part of
the claim, or by the value that the finding names.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from lungkg import lexer
from lungkg.errors import InputError, Place
from lungkg.namespaces import BIOLINK, CITO, ONT, RDF, RDFS, SKOS
from lungkg.records import Record, Route, parse_yaml, read_text, scalar_ends
from lungkg.report import Edit, Finding, Mend
from lungkg.validation.words import parse_term

_KEYS: Final = {
    BIOLINK + "subject": "subject",
    BIOLINK + "predicate": "relation",
    BIOLINK + "object": "object",
    ONT + "inContext": "context",
    ONT + "contextText": "context_text",
    ONT + "polarity": "polarity",
    ONT + "certainty": "certainty",
    ONT + "hedgeText": "hedges",
    ONT + "hedge": "hedges",
    CITO + "citesAsEvidence": "citations",
    ONT + "source": "quote",
    ONT + "focus": "focus",
    ONT + "mechanismOf": "mechanism_of",
    ONT + "followsFrom": "follows_from",
    ONT + "restsOn": "rests_on",
    ONT + "curatorNote": "note",
    ONT + "abbreviation": "abbreviation",
    ONT + "expansion": "expansion",
    ONT + "glosses": "entity",
    ONT + "assumesNarrower": "narrower",
    ONT + "assumesBroader": "broader",
    ONT + "assumesName": "names",
    ONT + "assumesEntity": "entity",
    RDF + "type": "kind",
    RDFS + "label": "label",
    RDFS + "comment": "comment",
    SKOS + "prefLabel": "label",
    SKOS + "altLabel": "alt_labels",
    SKOS + "definition": "definition",
    SKOS + "broader": "broader",
}
"""The keys that properties are written from."""

_PARTS: Final = {"source": "quote", "position": "quote", "quote": "quote", "focus": "focus", "hedge": "hedges"}
"""The keys that the parts of a claim are written from, by how their fragments begin."""


@dataclass(frozen=True)
class _File:
    """A YAML file: its value, its lines, where its records begin, and where its values end."""

    whole: Record
    lines: list[str]
    records: dict[tuple[int, int], Route]
    ends: dict[tuple[int, int], tuple[int, int]]

    def value(self, route: Route) -> Any:
        """Give the value at a route."""
        found = self.whole.value
        for step in route:
            found = found[step]
        return found


def placed(findings: list[Finding]) -> list[Finding]:
    """Give findings about records of YAML files the place of the key that they are about."""
    _read.cache_clear()
    return [_placed(finding) for finding in findings]


def _placed(finding: Finding) -> Finding:
    place = finding.place
    if place is not None and place.path.suffix == ".rq" and not place.line:
        return _in_query(finding, place)
    if place is None or place.path.suffix not in (".yaml", ".yml") or not place.line:
        return finding
    file = _read(place.path)
    record = file.records.get((place.line, place.column)) if file is not None else None
    if file is None or record is None:
        return replace(finding, mend=_in_words(finding.mend))
    route = next((one for one in _routes(finding, file.value(record), record) if one in file.whole.positions), None)
    here = file.whole.place(*(route or record))
    end = file.ends.get((here.line, here.column))
    width = end[1] - here.column if end is not None and end[0] == here.line else 1
    made = replace(finding, place=here, line=file.lines[here.line - 1].rstrip("\r"), width=max(width, 1))
    return replace(made, mend=_mend(finding, route, here, end))


def _in_query(finding: Finding, place: Place) -> Finding:
    """Find the term in a query that a finding names: by its IRI, its local name, or its prefix."""
    iri = finding.value.strip("<>")
    local = iri.rsplit("#", 1)[-1].rsplit("/", 1)[-1]
    try:
        text = read_text(place.path)
    except InputError:
        return finding
    for token in lexer.tokens(text):
        prefix, colon, name = token.text.partition(":")
        named = token.kind == "name" and (name == local if "/" in iri else colon and prefix == iri)
        if named or (token.kind == "iri" and token.text == f"<{iri}>"):
            line = text.count("\n", 0, token.start) + 1
            column = token.start - (text.rfind("\n", 0, token.start) + 1) + 1
            shown = text.split("\n")[line - 1].rstrip("\r")
            return replace(finding, place=replace(place, line=line, column=column), line=shown, width=len(token.text))
    return finding


def _mend(finding: Finding, route: Route | None, here: Place, end: tuple[int, int] | None) -> Mend | None:
    """Write the value that a mend suggests as YAML has it."""
    mend = finding.mend
    if mend is None or not mend.instead or route is None or end is None:
        return _in_words(mend)
    term = parse_term(mend.instead)
    if isinstance(term, ox.Literal):
        text = json.dumps(term.value, ensure_ascii=False)  # which is YAML, too
    elif isinstance(term, ox.NamedNode):
        text = term.value.rsplit("#", 1)[-1].rsplit("/", 1)[-1]
    else:
        return _in_words(mend)
    return replace(mend, snippet="", edits=(Edit(here.path, here.line, here.column, *end, text),))


def _in_words(mend: Mend | None) -> Mend | None:
    """Keep the sentence of a mend only: its snippet is Turtle, which nobody writes in YAML."""
    return replace(mend, snippet="", edits=()) if mend is not None else None


def _routes(finding: Finding, record: dict[str, Any], at: Route) -> Iterator[Route]:
    """Yield the routes that a finding may be about, the likeliest first."""
    value = parse_term(finding.value) if finding.value and finding.value != finding.focus else None
    text = value.value if isinstance(value, ox.Literal) else ""
    if isinstance(value, ox.NamedNode):
        text = value.value.rsplit("#", 1)[-1].rsplit("/", 1)[-1]
    key = _KEYS.get(finding.path.strip("<>"), "")
    for name in [key] if key else record:
        yield from ((*at, *route) for route in _with_value(record.get(name), text, (name,)))
    if key:
        yield (*at, key)
    fragment = finding.focus.rstrip(">").partition("#")[2] if "/id/" in finding.focus else ""
    part, _, number = fragment.partition("-")
    if part == "hedge" and number.isdigit():
        yield (*at, "hedges", int(number) - 1)
    if part in _PARTS:
        yield (*at, _PARTS[part])


def _with_value(value: object, text: str, route: Route) -> Iterator[Route]:
    if text and isinstance(value, str | int) and str(value) == text:
        yield route
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _with_value(item, text, (*route, index))
    elif isinstance(value, dict):
        yield from _with_value(value.get("text"), text, (*route, "text"))


@lru_cache(maxsize=4)
def _read(path: Path) -> _File | None:
    try:
        text = read_text(path)
        whole = parse_yaml(text, path)
    except InputError:
        return None
    records: dict[tuple[int, int], Route] = {}
    for route, place in whole.positions.items():
        if place not in records or len(route) < len(records[place]):
            records[place] = route
    file = _File(whole, text.split("\n"), records, scalar_ends(text))
    return replace(
        file, records={place: route for place, route in records.items() if isinstance(file.value(route), dict)}
    )
