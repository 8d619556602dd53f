"""Exports as tests make them: of the real project, of the bakery, of a few quads."""

import csv
import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from lungkg.build import build
from lungkg.exports import EXPORTS, FORMATS, Export, Exporting
from lungkg.project import Project, load_project
from lungkg.release import Release

BAKERY: Final = Path(__file__).parent / "other_project"
BY_NAME: Final = {form.name: form for form in FORMATS}
FOR_DOWNLOAD: Final = {form.name: form for form in EXPORTS}

Row = dict[str, Any]


@dataclass(frozen=True)
class Source:
    """Something to export, and where to."""

    options: Exporting
    folder: Path

    def files(self, form: str | Export, **changes: Any) -> dict[str, bytes]:
        """Export; gives what each file holds, decompressed, by its name without project and release."""
        made = (BY_NAME[form] if isinstance(form, str) else form).write(replace(self.options, **changes), self.folder)
        start = len(self.options.name)
        return {file.path.name[start:]: _content(file.path) for file in made}

    def file(self, form: str, **changes: Any) -> bytes:
        """Export to a format that is one file; gives what it holds."""
        (content,) = self.files(form, **changes).values()
        return content

    def objects(self, part: str, **changes: Any) -> dict[str, Row]:
        """Export to KGX as JSON Lines; gives the nodes or the edges by id."""
        lines = self.files("kgx-jsonl", **changes)[f"-kgx-{part}.jsonl"].decode().split("\n")
        assert lines.pop() == ""
        return {row["id"]: row for row in map(json.loads, lines)}

    def table(self, part: str, **changes: Any) -> dict[str, dict[str, str]]:
        """Export to KGX as tables; gives the nodes or the edges by id, each cell as it is written."""
        lines = self.files("kgx", **changes)[f"-kgx-{part}.tsv"].decode().split("\n")
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
        return {row["id"]: row for row in rows}


def source(release: Release, project: Project, folder: Path) -> Source:
    """Export a release."""
    store = ox.Store.read_only(str(release.store))
    dataset = release.path / "dataset.nq.gz"
    return Source(Exporting(store, project, release.info, dataset, compressed=False), folder)


def bakery(folder: Path, base: str | None = None) -> Source:
    """Build the bakery and export it."""
    project = load_project(BAKERY, base)
    made = build(project, folder / "build")
    assert made.release is not None, made.report.sorted()
    return source(made.release, project, folder)


def of_quads(project: Project, quads: Iterable[ox.Quad], folder: Path) -> Source:
    """Export a few quads, of which no release was made."""
    store = ox.Store()
    store.extend(quads)
    return Source(Exporting(store, project, {"id": "0" * 64}, compressed=False), folder)


def _content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def quads_of(content: bytes, form: ox.RdfFormat) -> set[ox.Quad]:
    """Read RDF with its blank nodes named by RDFC-1.0."""
    dataset = ox.Dataset(ox.parse(content, format=form))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)
