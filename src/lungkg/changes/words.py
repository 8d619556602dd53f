"""Writes what changed for people to read: as plain text and as Markdown."""

from collections.abc import Iterator, Mapping
from typing import Final

from lungkg.changes.comparison import CHANGES, Change, Changes, Field

_SIGNS: Final[Mapping[str, str]] = {"added": "+", "removed": "-", "changed": "~"}
_PLURALS: Final[Mapping[str, str]] = {
    "activity": "activities", "entity": "entities", "inferred": "inferred claims", "query": "canned queries",
    "ontology": "terms of graph ontology", "shapes": "terms of graph shapes", "queries": "terms of graph queries",
}  # fmt: skip
_SINGULARS: Final[Mapping[str, str]] = {
    "inferred": "inferred claim", "query": "canned query", "ontology": "term of graph ontology",
    "shapes": "term of graph shapes", "queries": "term of graph queries",
}  # fmt: skip


def kind_words(kind: str, count: int) -> str:
    """Give the word for so many things of a kind.

    >>> kind_words("claim", 1), kind_words("entity", 2)
    ('claim', 'entities')
    """
    return _SINGULARS.get(kind, kind) if count == 1 else _PLURALS.get(kind, f"{kind}s")


def summary(kind: str, counts: Mapping[str, int]) -> str:
    """Sum up what happened to the things of a kind.

    >>> summary("claim", {"added": 2, "removed": 0, "changed": 1})
    'claims: 2 added, 1 changed'
    """
    return f"{kind_words(kind, 2)}: " + ", ".join(
        f"{counts[change]:,} {change}" for change in CHANGES if counts[change]
    )


def field_words(field: Field) -> str:
    """Say what changed in one respect.

    >>> field_words(Field("certainty", ("tentative",), ("asserted",)))
    'certainty: tentative → asserted'
    """
    before, after = "; ".join(field.before), "; ".join(field.after)
    if field.before and field.after:
        return f"{field.name}: {before} → {after}"
    return f"{field.name}: {'added' if after else 'removed'} {after or before}"


def as_text(changes: Changes) -> Iterator[str]:
    """Yield the lines of a plain text."""
    yield _headline(changes)
    for graph, counts in changes.triples.items():
        yield f"  graph {graph}: {counts['added']:,} added, {counts['removed']:,} removed"
    for kind, counts in changes.counts.items():
        yield ""
        yield summary(kind, counts)
        for change in (each for each in changes.told if each.kind == kind):
            yield f"  {_SIGNS[change.change]} {_title(change)}"
            yield from (f"      {field_words(field)}" for field in change.fields)
        if kind in changes.untold:
            yield f"  … and {changes.untold[kind]:,} more; --format trig has them all"


def as_markdown(changes: Changes) -> Iterator[str]:
    """Yield the lines of a Markdown text, for notes on a release."""
    yield f"# {_headline(changes)}"
    for kind, counts in changes.counts.items():
        yield ""
        yield f"## {summary(kind, counts)[0].upper()}{summary(kind, counts)[1:]}"
        yield ""
        for change in (each for each in changes.told if each.kind == kind):
            yield f"- {change.change} [{_escaped(_title(change))}](<{change.iri}>)"
            yield from (f"  - {_escaped(field_words(field))}" for field in change.fields)
        if kind in changes.untold:
            yield f"- … and {changes.untold[kind]:,} more"


def _headline(changes: Changes) -> str:
    pair = f"{changes.before[:12]} → {changes.after[:12]}"
    if changes.equal:
        return f"{pair}: the same"
    return f"{pair}: {changes.added:,} triples added, {changes.removed:,} removed"


def _title(change: Change) -> str:
    return change.label or change.iri


def _escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>#" else letter for letter in text)
