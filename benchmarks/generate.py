"""Writes a synthetic project: N claims over N/20 documents, with the ontology, shapes and queries of a real one.

The text is made up and says so. What is realistic is the structure: entities are shared by a power law,
two claims in five are hedged, somewhat more than half carry citations, one in five has a context.
Equal arguments give equal files.
"""

import argparse
import hashlib
import json
import random
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from lungkg.namespaces import OWL, RDF, RDFS
from lungkg.ontology import Ontology, load_ontology
from lungkg.project import Project, bundled_root, load_project
from lungkg.stores import select

CLAIMS_PER_DOCUMENT = 20
CLAIMS_PER_ENTITY = 5
HEDGES = {
    "can": "Capability",
    "appears to": "Tentative",
    "perhaps": "Speculative",
    "was reported to": "ReportedEvidence",
}


@dataclass(frozen=True)
class Relation:
    """A relation with the kinds that its subject and object may have."""

    local: str
    subjects: list[str]
    objects: list[str]


def relations_of(ontology: Ontology) -> list[Relation]:
    """Read the relations whose domain and range name kinds, with those kinds."""
    store = ox.Store()
    graph = ox.NamedNode("urn:ontology")
    store.bulk_extend(ox.Quad(t.subject, t.predicate, t.object, graph) for t in ontology.triples)
    found = []
    for iri in sorted(ontology.relations):
        kinds = {}
        for side in ("domain", "range"):
            path = f"<{RDFS}{side}>/(<{OWL}unionOf>/<{RDF}rest>*/<{RDF}first>)?"
            query = f"SELECT DISTINCT ?kind {{ <{iri}> {path} ?kind FILTER(isIRI(?kind)) }}"
            rows = select(store, query)
            kinds[side] = sorted(
                ontology.locals(row["kind"].value for row in rows if row["kind"].value in ontology.kinds)
            )
        if kinds["domain"] and kinds["range"]:
            found.append(Relation(iri.removeprefix(ontology.ont), kinds["domain"], kinds["range"]))
    return found


def generate(folder: Path, claims: int, seed: int = 1) -> Project:
    """Write the project into `folder`, which must be absent or empty, and load it."""
    real = load_project(bundled_root())
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("ontology", "shapes", "queries"):
        shutil.copytree(real.folder(name), folder / name, ignore=shutil.ignore_patterns("*.sssom.tsv"))
    for path in (folder / "queries").glob("*.rq"):
        path.write_text(without_expectations(path.read_text("utf-8")), "utf-8")
    (folder / "data" / "documents").mkdir(parents=True)
    shutil.copy(real.folder("data") / "project.yaml", folder / "data")
    ontology = load_ontology(real.ontology_files(), real.ont)
    chance = random.Random(seed)
    by_kind = _write_entities(folder / "data" / "entities.jsonl", ontology, claims)
    relations = relations_of(ontology)
    for number in range(max(1, claims // CLAIMS_PER_DOCUMENT)):
        _write_document(folder / "data" / "documents" / f"D{number:06}", relations, by_kind, chance)
    return load_project(folder)


def without_expectations(text: str) -> str:
    """Take `expect` out of a query's header: the answers that it expects are those of the real project."""
    return re.sub(r"^#\+ expect:.*\n(?:#\+ {2,}.*\n)*", "", text, flags=re.MULTILINE)


def _write_entities(path: Path, ontology: Ontology, claims: int) -> dict[str, list[str]]:
    kinds = ontology.locals(ontology.kinds)
    by_kind: dict[str, list[str]] = {kind: [] for kind in kinds}
    with path.open("w", encoding="utf-8") as file:
        for number in range(max(len(kinds) * 3, claims // CLAIMS_PER_ENTITY)):
            kind = kinds[number % len(kinds)]
            label = f"made up {kind} {number}"
            record = {
                "label": label,
                "kind": kind,
                "definition": f"A {kind} that does not exist, number {number}.",
            }
            file.write(json.dumps(record) + "\n")
            by_kind[kind].append(label.lower().replace(" ", "-"))
    return by_kind


def _pick(chance: random.Random, names: list[str]) -> str:
    """Pick by a power law: a few names are very common."""
    return names[int(len(names) * chance.random() ** 3)]


def _write_document(
    folder: Path, relations: list[Relation], by_kind: dict[str, list[str]], chance: random.Random
) -> None:
    folder.mkdir()
    records = list(_claims(relations, by_kind, chance))
    sentences = [str(record["quote"]) for record in records]
    text = "\n".join(sentences) + "\n"
    (folder / "source.txt").write_text(text, "utf-8")
    document = {
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "language": "en",
        "rights": "none: the text is made up",
        "curated": "2026-01-01",
        "references": list(range(1, 16)),
        "sentences": [{"id": f"S{n:02}", "text": sentence} for n, sentence in enumerate(sentences, start=1)],
    }
    (folder / "document.yaml").write_text(json.dumps(document), "utf-8")  # JSON is YAML, too
    (folder / "claims.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")


def _claims(
    relations: list[Relation], by_kind: dict[str, list[str]], chance: random.Random
) -> Iterator[dict[str, object]]:
    for number in range(1, CLAIMS_PER_DOCUMENT + 1):
        relation = chance.choice(relations)
        subject = _pick(chance, by_kind[chance.choice(relation.subjects)])
        target = subject
        while target == subject:
            target = _pick(chance, by_kind[chance.choice(relation.objects)])
        hedge = chance.choice(list(HEDGES)) if chance.random() < 0.4 else ""
        citations = sorted(chance.sample(range(1, 16), chance.choice((1, 1, 2)))) if chance.random() < 0.55 else []
        words = f"{subject} {hedge} {relation.local} {target}".replace("  ", " ")
        record: dict[str, object] = {
            "id": f"C{number:02}",
            "sentence": f"S{number:02}",
            "subject": subject,
            "relation": relation.local,
            "object": target,
            "certainty": HEDGES.get(hedge, "Asserted"),
            "quote": f"Sentence {number}: {words}{citations or ''}.",
            "focus": words,
        }
        if hedge:
            record["hedges"] = [hedge]
        if citations:
            record["citations"] = citations
        if chance.random() < 0.2:
            record["context"] = [_pick(chance, by_kind[min(by_kind)])]
        yield record


def main() -> None:
    """Generate from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--claims", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    generate(given.folder, given.claims, given.seed)


if __name__ == "__main__":
    main()
