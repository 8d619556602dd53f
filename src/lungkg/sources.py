"""Reads what all documents of a project share: entities, background assumptions, mappings."""

import csv
import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from lungkg.errors import InputError, Place, Problem
from lungkg.model import Assumption, Entity, Mapping
from lungkg.namespaces import SKOS
from lungkg.ontology import Ontology
from lungkg.project import Project
from lungkg.records import Record, read_json_lines, read_text, read_yaml

P = ParamSpec("P")
T = TypeVar("T")

MATCHES: Final = frozenset(
    f"skos:{kind}Match" for kind in ("exact", "close", "broad", "narrow", "related")
)  # fmt: skip
SSSOM_COLUMNS: Final = ("subject_id", "predicate_id", "object_id", "object_label", "mapping_justification")


@dataclass(frozen=True)
class Vocabulary:
    """What claims may speak of: the entities, the assumptions, and the ontology they come from."""

    ontology: Ontology
    entities: dict[str, Entity]
    assumptions: dict[str, Assumption]

    def check_entity(self, local: str, place: Place) -> Iterator[Problem]:
        """Yield a problem when no entity has this local name, with those that look alike."""
        if local not in self.entities:
            yield unknown("entity", local, self.entities, place, "Add it to the entities in data/, or mend the name.")

    def check_relation(self, local: str, place: Place) -> Iterator[Problem]:
        """Yield a problem when the project's ontology declares no relation of this local name."""
        if self.ontology.ont + local not in self.ontology.relations:
            names = self.ontology.locals(self.ontology.relations)
            how = f"Declare <{self.ontology.ont}{local}> as rdfs:subPropertyOf ont:relatedTo, or mend the name."
            yield unknown("relation", local, names, place, how)


class Gatherer:
    """Collects problems, so that a run reports all of them and not just the first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def note(self, problems: Iterable[Problem]) -> None:
        """Take in some problems."""
        self.problems.extend(problems)

    def attempt(self, make: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Call something that may raise InputError; keep its problems and give None."""
        try:
            return make(*args, **kwargs)
        except InputError as error:
            self.problems.extend(error.problems)
            return None

    def finish(self) -> None:
        """Raise InputError when anything was collected."""
        if self.problems:
            raise InputError(self.problems)


def unknown(what: str, name: str, known: Iterable[str], place: Place, otherwise: str = "") -> Problem:
    """Make the problem for a name that is not known, with the names that look like it."""
    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.6)
    hint = f"Did you mean {' or '.join(near)}?" if near else otherwise
    return Problem(place, f"there is no {what} {name!r}", hint, instead=near[0] if near else "")


def repeated(what: str, name: str, place: Place, first: Place) -> Problem:
    """Make the problem for an identifier that was used before."""
    return Problem(place, f"the {what} {name!r} is already there, at {first}", "Give it another id.")


def kebab(label: str) -> str:
    """Make an entity's local name from its label; accents are dropped.

    >>> kebab("Two words, or three: crème")
    'two-words-or-three-creme'
    """
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def read_vocabulary(project: Project, ontology: Ontology) -> Vocabulary:
    """Read entities and background assumptions.

    Raises InputError with every problem found: unknown kinds, broader terms and entities, repeated ids.
    """
    gather = Gatherer()
    entities = _entities(project, ontology, gather)
    for entity in entities.values():
        gather.note(
            unknown("entity", wider, entities, entity.place) for wider in entity.broader if wider not in entities
        )
    gather.finish()
    assumptions = _assumptions(project, entities, gather)
    gather.finish()
    return Vocabulary(ontology, entities, assumptions)


def _entities(project: Project, ontology: Ontology, gather: Gatherer) -> dict[str, Entity]:
    entities: dict[str, Entity] = {}
    folder = project.folder("data")
    yaml_file, lines_file = folder / "entities.yaml", folder / "entities.jsonl"
    if not yaml_file.is_file() and not lines_file.is_file():
        raise InputError.at(Place(yaml_file), "this file is missing", "Entities are there, or in entities.jsonl.")
    for record in _entity_records(yaml_file, lines_file, gather):
        entity = _entity(record)
        kind = ontology.ont + entity.kind
        if not entity.id:
            gather.note([Problem(entity.place, f"no id can be made from the label {entity.label!r}", "Give it an id.")])
        elif entity.id in entities:
            gather.note([repeated("entity", entity.id, entity.place, entities[entity.id].place)])
        else:
            entities[entity.id] = entity
        if kind not in ontology.kinds:
            how = f"Declare <{kind}> as rdfs:subClassOf ont:Entity, or mend the name."
            gather.note([unknown("kind", entity.kind, ontology.locals(ontology.kinds), record.place("kind"), how)])
    return entities


def _entity_records(yaml_file: Path, lines_file: Path, gather: Gatherer) -> Iterator[Record]:
    if yaml_file.is_file():
        whole = gather.attempt(read_yaml, yaml_file, "entities")
        yield from whole.parts("entities") if whole else ()
    if lines_file.is_file():
        yield from (record for _, record in gather.attempt(read_json_lines, lines_file, "entities", ("entity",)) or ())


def _entity(record: Record) -> Entity:
    value = record.value
    return Entity(
        id=value.get("id") or kebab(value["label"]),
        label=value["label"],
        kind=value["kind"],
        definition=value["definition"],
        alt_labels=tuple(value.get("alt_labels", ())),
        broader=tuple(value.get("broader", ())),
        note=value.get("note", ""),
        place=record.place(),
    )


def _assumptions(project: Project, entities: dict[str, Entity], gather: Gatherer) -> dict[str, Assumption]:
    path = project.folder("data") / "background.yaml"
    if not path.is_file():
        return {}
    whole = gather.attempt(read_yaml, path, "background")
    assumptions: dict[str, Assumption] = {}
    for record in whole.parts("assumptions") if whole else ():
        value = record.value
        assumption = Assumption(
            id=value["id"],
            label=value["label"],
            comment=value["comment"],
            narrower=value.get("narrower", ""),
            broader=value.get("broader", ""),
            names=tuple(value.get("names", ())),
            entity=value.get("entity", ""),
            place=record.place(),
        )
        if assumption.id in assumptions:
            gather.note([repeated("assumption", assumption.id, assumption.place, assumptions[assumption.id].place)])
        for key in ("narrower", "broader", "entity"):
            if key in value and value[key] not in entities:
                gather.note([unknown("entity", value[key], entities, record.place(key))])
        assumptions[assumption.id] = assumption
    return assumptions


def read_mappings(project: Project, vocabulary: Vocabulary) -> list[Mapping]:
    """Read ontology/mappings.sssom.tsv, if there is one (https://mapping-commons.github.io/sssom/).

    Subjects are entities (`entity:NAME`) or terms of the ontology; objects must be declared external
    terms and carry their declared label. Raises InputError with every row that does not fit.
    """
    path = project.folder("ontology") / "mappings.sssom.tsv"
    if not path.is_file():
        return []
    gather = Gatherer()
    lines = read_text(path).splitlines()
    start = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    rows = csv.DictReader(lines[start:], delimiter="\t", quoting=csv.QUOTE_NONE)
    missing = [column for column in SSSOM_COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise InputError.at(Place(path, start + 1), f"columns are missing: {', '.join(missing)}")
    mappings = []
    for row in rows:
        found = gather.attempt(_mapping, row, Place(path, start + rows.line_num), project, vocabulary)
        if found:
            mappings.append(found)
    gather.finish()
    return mappings


def _mapping(row: dict[str, str], place: Place, project: Project, vocabulary: Vocabulary) -> Mapping:
    if None in row:
        raise InputError.at(place, "this row has more columns than the header")
    if None in row.values():
        raise InputError.at(place, "this row has fewer columns than the header")
    if row["predicate_id"] not in MATCHES:
        raise InputError([unknown("match", row["predicate_id"], MATCHES, place, "Use a SKOS mapping property.")])
    subject = expand(row["subject_id"], project, place)
    written = project.written_base + "id/entity/"
    if subject.startswith((project.base + "id/entity/", written)):
        local = subject.rsplit("/", 1)[-1]
        problems = list(vocabulary.check_entity(local, place))
        if problems:
            raise InputError(problems)
    elif subject not in vocabulary.ontology.declared:
        raise InputError.at(place, f"{row['subject_id']} is neither an entity nor a term of the ontology")
    target = expand(row["object_id"], project, place)
    declared = vocabulary.ontology.external_terms
    if target not in declared:
        raise InputError.at(
            place,
            f"{row['object_id']} is not a declared external term",
            "Declare it in ontology/external.ttl.",
        )
    if declared[target] != row["object_label"]:
        raise InputError.at(
            place,
            f"{row['object_id']} is labelled {row['object_label']!r} here and {declared[target]!r} in the ontology",
        )
    return Mapping(subject, SKOS + row["predicate_id"].removeprefix("skos:"), target, place)


def expand(curie: str, project: Project, place: Place) -> str:
    """Turn a CURIE into an IRI with the project's prefixes.

    Raises InputError when the prefix is not declared.
    """
    prefix, colon, local = curie.partition(":")
    prefixes = project.prefixes | {project.name: project.ont}
    if not colon or prefix not in prefixes:
        problem = unknown("prefix", prefix, prefixes, place, "Declare it under prefixes in data/project.yaml.")
        raise InputError([problem])
    return prefixes[prefix] + local
