"""Exports the mappings of entities, kinds and relations to other vocabularies as SSSOM: one table.

Which mappings there are and what their terms are called is read from the release; how each was made and
the remarks on it stand in the sources alone, in ontology/mappings.sssom.tsv.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
import yaml

from lungkg.exports.base import Exported, Exporting, writing
from lungkg.exports.curies import Curies
from lungkg.namespaces import SKOS, Minter
from lungkg.project import Project
from lungkg.records import read_text
from lungkg.sources import MATCHES
from lungkg.stores import select
from lungkg.triples import LABEL, PREF_LABEL

COLUMNS: Final = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "object_label",
    "mapping_justification",
    "comment",
)
_SEMAPV: Final = "https://w3id.org/semapv/vocab/"
_UNSPECIFIED: Final = "semapv:UnspecifiedMatching"
_TSV: Final = "text/tab-separated-values"

Key = tuple[str, str, str]


def write(exporting: Exporting, folder: Path) -> list[Exported]:
    """Write the table with its header in YAML."""
    path = exporting.file(folder, ".sssom.tsv", large=False)
    short = Curies({**exporting.project.prefixes, "semapv": _SEMAPV})
    stated, written = _sources(exporting.project)
    remarks = dict(_remarks(exporting.project, written))
    rows = [_row(key, remarks.get(key, {}), exporting.store, short) for key in _matches(exporting.store)]
    with writing(path) as file:
        file.writelines(f"# {line}\n".encode() for line in _header(exporting, stated, rows))
        file.writelines(("\t".join(row) + "\n").encode() for row in (COLUMNS, *rows))
    return [Exported(path, "Mappings to other vocabularies", _TSV)]


def _matches(store: ox.Store) -> list[Key]:
    """List all matches, in the order of their terms."""
    found = set()
    for match in MATCHES:
        rows = select(store, f"SELECT ?ours ?theirs {{ ?ours <{SKOS}{match.removeprefix('skos:')}> ?theirs }}")
        found |= {(str(row["ours"].value), match, str(row["theirs"].value)) for row in rows}
    return sorted(found)


def _sources(project: Project) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Read the header and the rows of the sources' table; both are empty when there is no such file any more."""
    path = project.folder("ontology") / "mappings.sssom.tsv"
    lines = read_text(path).splitlines() if path.is_file() else []
    rows = csv.DictReader((line for line in lines if line[:1] != "#"), delimiter="\t", quoting=csv.QUOTE_NONE)
    try:
        header = yaml.safe_load("\n".join(line[1:].removeprefix(" ") for line in lines if line[:1] == "#"))
    except yaml.YAMLError:  # builds do not ask for a header, so one that cannot be read says nothing
        header = None
    return header if isinstance(header, dict) else {}, list(rows)


def _remarks(project: Project, rows: list[dict[str, str]]) -> Iterator[tuple[Key, dict[str, str]]]:
    """Yield what the sources say of each mapping."""
    prefixes = {**project.prefixes, project.name: project.ont}
    for row in rows:
        subject, target = (_expanded(row.get(name) or "", prefixes) for name in ("subject_id", "object_id"))
        yield (project.rebase(subject), row.get("predicate_id") or "", target), row


def _expanded(curie: str, prefixes: Mapping[str, str]) -> str:
    prefix, _, local = curie.partition(":")
    return prefixes.get(prefix, prefix + ":") + local


def _row(key: Key, remark: Mapping[str, str], store: ox.Store, short: Curies) -> tuple[str, ...]:
    subject, predicate, target = key
    return (
        short(subject),
        _label(store, subject),
        predicate,
        short(target),
        _label(store, target),
        remark.get("mapping_justification") or _UNSPECIFIED,
        remark.get("comment") or "",
    )


def _label(store: ox.Store, iri: str) -> str:
    """Give the label of a term, or "" when it has none."""
    rows = select(store, f"SELECT ?label {{ <{iri}> <{LABEL.value}>|<{PREF_LABEL.value}> ?label }} ORDER BY ?label")
    return next((" ".join(str(row["label"].value).split()) for row in rows), "")


def _header(exporting: Exporting, stated: Mapping[str, Any], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Describe the set of mappings, titled as the sources do; its IRI is a fragment of the dataset's."""
    project, iris = exporting.project, Minter(exporting.project.base)
    used = {curie.partition(":")[0] for row in rows for curie in (row[0], row[2], row[3], row[5])}
    prefixes = {**project.prefixes, "semapv": _SEMAPV}
    values = {
        "mapping_set_id": f"{iris.dataset}#mappings",
        "mapping_set_title": stated.get("mapping_set_title") or f"Mappings of {project.title}",
        "mapping_set_description": stated.get("mapping_set_description"),
        "mapping_set_version": project.version,
        "creator_label": [project.curators],
        "license": project.license,
        "publication_date": exporting.date[:10],
        "curie_map": {prefix: namespace for prefix, namespace in sorted(prefixes.items()) if prefix in used},
    }
    kept = {name: value for name, value in values.items() if value}
    return yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=10_000).splitlines()
