"""Exports entities and claims as KGX: the nodes and edges of the Biolink Model, as TSV and as JSON Lines.

A row holds what its Biolink class has a slot for, and after that, in columns of our own, what it has none
for. docs/howto/export.md says what each column means.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import IO, Final, NamedTuple

import pyoxigraph as ox

from lungkg.exports.base import Exported, Exporting, writing
from lungkg.exports.curies import Curies
from lungkg.exports.things import Thing, term, things, value
from lungkg.namespaces import BIOLINK, ONT, PROV, RDF, RDFS, SKOS, Minter
from lungkg.stores import select
from lungkg.triples import (
    AGENT_TYPE,
    ALT_LABEL,
    BROADER,
    CATEGORY,
    CITES,
    DEFINITION,
    END,
    EVIDENCE_TYPE,
    EXACT,
    GENERATED_BY,
    IN_CONTEXT,
    IN_SENTENCE,
    KNOWLEDGE_LEVEL,
    LABEL,
    NOTE,
    OBJECT,
    PREDICATE,
    START,
    STATED_IN,
    SUBJECT,
)

Value = str | int | bool | list[str] | list[int]
Row = dict[str, Value]

NODE_SLOTS: Final = (
    "id", "iri", "category", "type", "name", "description", "synonym", "xref", "equivalent_identifiers",
    "has_attribute_type",
)  # fmt: skip
"""Columns of nodes that are slots of their Biolink classes."""

NODE_EXTRAS: Final = (
    "assumed_name", "broader", "exact_match", "close_match", "broad_match", "narrow_match", "related_match",
    "curator_note",
)  # fmt: skip
"""Columns of nodes that are ours."""

EDGE_SLOTS: Final = (
    "id", "iri", "category", "subject", "predicate", "object", "negated", "name", "knowledge_level", "agent_type",
    "primary_knowledge_source", "publications", "has_evidence_of_type", "supporting_text", "original_predicate",
)  # fmt: skip
"""Columns of edges that are slots of biolink:Association."""

EDGE_EXTRAS: Final = (
    "standing", "certainty", "certainty_rank", "context", "context_text", "hedge", "hedge_start", "hedge_end",
    "quote", "quote_start", "quote_end", "focus", "focus_start", "focus_end", "document", "sentence", "citations",
    "mechanism_of", "follows_from", "rests_on", "derived_from", "generated_by", "curator_note",
)  # fmt: skip
"""Columns of edges that are ours."""

_ATTRIBUTE: Final = BIOLINK + "Attribute"
_NAMED_THING: Final = BIOLINK + "NamedThing"
_RELATED_TO: Final = BIOLINK + "related_to"
_MATCHES: Final = {name: f"{SKOS}{name}Match" for name in ("exact", "close", "broad", "narrow", "related")}
_TITLES: Final = ("KGX nodes: what the claims speak of", "KGX edges: the claims")
_IN_FIELDS: Final = str.maketrans("\t\n\r", "   ")
_IN_LISTS: Final = str.maketrans("\t\n\r|", "   ¦")


def write_tables(exporting: Exporting, folder: Path) -> list[Exported]:
    """Write the nodes and the edges, each as a table."""
    return _write(exporting, folder, [_TABLE])


def write_json_lines(exporting: Exporting, folder: Path) -> list[Exported]:
    """Write the nodes and the edges, each as one JSON object a line."""
    return _write(exporting, folder, [_JSON_LINES])


def write_both(exporting: Exporting, folder: Path) -> list[Exported]:
    """Write tables and JSON Lines in one pass over the release, which is most of the work."""
    return _write(exporting, folder, [_TABLE, _JSON_LINES])


def _write(exporting: Exporting, folder: Path, forms: Sequence["_Form"]) -> list[Exported]:
    made: list[Exported] = []
    columns = (NODE_SLOTS + NODE_EXTRAS, EDGE_SLOTS + EDGE_EXTRAS)
    with ExitStack() as stack:
        files: list[list[IO[bytes]]] = []
        for form in forms:
            paths = [exporting.file(folder, f"-kgx-{part}.{form.ending}") for part in ("nodes", "edges")]
            files.append([stack.enter_context(writing(path)) for path in paths])
            made += [Exported(path, title, form.media_type) for path, title in zip(paths, _TITLES, strict=True)]
            for file, names in zip(files[-1], columns, strict=True):
                file.write(form.head(names))
        for is_edge, row in _rows(exporting):
            for form, pair in zip(forms, files, strict=True):
                pair[is_edge].write(form.line(row, columns[is_edge]))
    return made


def _header(names: tuple[str, ...]) -> bytes:
    return ("\t".join(names) + "\n").encode()


def _line(row: Row, names: tuple[str, ...]) -> bytes:
    return ("\t".join(_field(row.get(name)) for name in names) + "\n").encode()


def _object(row: Row, names: tuple[str, ...]) -> bytes:
    kept = {name: row[name] for name in names if name in row}
    return (json.dumps(kept, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _field(held: Value | None) -> str:
    """Write a value as a field of a table without quoting: KGX has no way to write a tab, or a | in a list."""
    if isinstance(held, list):
        return "|".join(str(item).translate(_IN_LISTS) for item in held)
    if held is None or held is False:  # KGX reads every text as true, "False" too
        return ""
    return "true" if held is True else str(held).translate(_IN_FIELDS)


class _Form(NamedTuple):
    """A way to write rows: how files end, what stands at their head, and how a row is a line."""

    ending: str
    media_type: str
    head: Callable[[tuple[str, ...]], bytes]
    line: Callable[[Row, tuple[str, ...]], bytes]


_TABLE: Final = _Form("tsv", "text/tab-separated-values", _header, _line)
_JSON_LINES: Final = _Form("jsonl", "application/jsonl", lambda _: b"", _object)


def _rows(exporting: Exporting) -> Iterator[tuple[bool, Row]]:
    """Yield all rows, each with whether it is an edge."""
    kinds = ("entity", "claim", "inferred") if exporting.inferred else ("entity", "claim")
    rows = _Rows(exporting)
    for thing in things(exporting, kinds, ("entities", "background", "claims", "inferred")):
        if thing.kind == "entity":
            yield False, rows.node(thing)
        elif thing.all(SUBJECT.value):
            yield True, rows.edge(thing)


class _Rows:
    """Makes rows of things, with what it knows of the vocabulary."""

    def __init__(self, exporting: Exporting) -> None:
        self._short = Curies(exporting.project.prefixes)
        self._source = Minter(exporting.project.base).dataset
        self._predicates = _biolink_predicates(exporting.store)
        self._ranks = _objects(exporting.store, ONT + "certaintyRank")

    def node(self, thing: Thing) -> Row:
        """Describe an entity."""
        category = thing.one(CATEGORY.value) or _NAMED_THING
        kinds = self._short.all(thing.all(RDF + "type"))
        matches = {name: self._short.all(thing.all(iri)) for name, iri in _MATCHES.items()}
        row: Row = {
            "id": self._short(thing.iri),
            "iri": thing.iri,
            "category": ["biolink:" + category.removeprefix(BIOLINK)],
            "type": kinds,
            "name": thing.one(LABEL.value),
            "description": thing.one(DEFINITION.value),
            "synonym": _said_in(thing, ALT_LABEL, "entities"),
            "xref": sorted(match for found in matches.values() for match in found),
            "equivalent_identifiers": matches["exact"],
            "has_attribute_type": kinds[0] if category == _ATTRIBUTE and kinds else "",
            "assumed_name": _said_in(thing, ALT_LABEL, "background"),
            "broader": self._short.all(thing.all(BROADER.value)),
            "curator_note": thing.one(NOTE.value),
        }
        row |= {f"{name}_match": found for name, found in matches.items()}
        return _without_gaps(row)

    def edge(self, thing: Thing) -> Row:
        """Describe a claim or an inferred claim; the latter has no words, no document and no citation."""
        short = self._short
        relation, certainty = thing.one(PREDICATE.value), thing.one(ONT + "certainty")
        documents, references = short.all(thing.all(STATED_IN.value)), short.all(thing.all(CITES.value))
        quote = thing.one(EXACT.value, "#quote")
        row: Row = {
            "id": short(thing.iri),
            "iri": thing.iri,
            "category": ["biolink:Association"],
            "subject": short(thing.one(SUBJECT.value)),
            "predicate": "biolink:" + self._predicates.get(relation, _RELATED_TO).removeprefix(BIOLINK),
            "object": short(thing.one(OBJECT.value)),
            "negated": thing.one(ONT + "polarity") == ONT + "Negated",
            "name": thing.one(LABEL.value),
            "knowledge_level": thing.one(KNOWLEDGE_LEVEL.value),
            "agent_type": thing.one(AGENT_TYPE.value),
            "primary_knowledge_source": self._source,
            "publications": documents + references,
            "has_evidence_of_type": short.all(thing.all(EVIDENCE_TYPE.value)),
            "supporting_text": [quote] if quote else [],
            "original_predicate": short(relation),
            "standing": "inferred" if thing.kind == "inferred" else "stated",
            "certainty": short(certainty),
            "certainty_rank": int(self._ranks[certainty]) if certainty in self._ranks else "",
            "context": short.all(thing.all(IN_CONTEXT.value)),
            "context_text": thing.all(ONT + "contextText"),
            "document": documents[0] if documents else "",
            "sentence": short(thing.one(IN_SENTENCE.value)),
            "citations": references,
            "mechanism_of": short.all(thing.all(ONT + "mechanismOf")),
            "follows_from": short.all(thing.all(ONT + "followsFrom")),
            "rests_on": short.all(thing.all(ONT + "restsOn")),
            "derived_from": short.all(thing.all(PROV + "wasDerivedFrom")),
            "generated_by": short(thing.one(GENERATED_BY.value)),
            "curator_note": thing.one(NOTE.value),
        }
        row |= _span(thing, "quote", "") | _span(thing, "focus", "focus-") | _hedges(thing)
        return _without_gaps(row)


def _span(thing: Thing, name: str, prefix: str) -> Row:
    """Give the words of a span and where they stand: 0-based characters of the document, the end excluded."""
    words = thing.one(EXACT.value, f"#{prefix}quote")
    if not words:
        return {}
    position = f"#{prefix}position"
    return {
        name: words,
        f"{name}_start": int(thing.one(START.value, position)),
        f"{name}_end": int(thing.one(END.value, position)),
    }


def _hedges(thing: Thing) -> Row:
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for number in count(1):
        span = _span(thing, "hedge", f"hedge-{number}-")
        if not span:
            return {"hedge": words, "hedge_start": starts, "hedge_end": ends}
        words.append(str(span["hedge"]))
        starts.append(int(str(span["hedge_start"])))
        ends.append(int(str(span["hedge_end"])))
    raise AssertionError("counting never ends")


def _said_in(thing: Thing, predicate: ox.NamedNode, graph: str) -> list[str]:
    """Give the values that one graph has of a property: what curators assume is no synonym."""
    wanted, end = (term(thing.iri), term(predicate.value)), f"/{graph}>".encode()
    return [value(said[2]) for said in thing.statements if said[:2] == wanted and said[3].endswith(end)]


def _without_gaps(row: Row) -> Row:
    return {name: held for name, held in row.items() if held not in ("", [])}


def _objects(store: ox.Store, predicate: str) -> dict[str, str]:
    """Give one value of a property for each subject; only for what the vocabulary says, which is never much."""
    rows = select(store, f"SELECT ?of (MIN(?value) AS ?it) {{ ?of <{predicate}> ?value }} GROUP BY ?of")
    return {str(row["of"].value): str(row["it"].value) for row in rows}


def _biolink_predicates(store: ox.Store) -> dict[str, str]:
    """Give the Biolink predicate of every relation: its own, or that of the nearest relation above it."""
    own = _objects(store, ONT + "biolinkPredicate")
    above = _objects(store, RDFS + "subPropertyOf")
    found: dict[str, str] = {}
    for relation in {*own, *above}:
        seen, at = {relation}, relation
        while at not in own and above.get(at, relation) not in seen:
            at = above[at]
            seen.add(at)
        found[relation] = own.get(at, _RELATED_TO)
    return found
