"""From sources to a release: read, write quads, derive, validate, describe, publish. Each step is pure but the last.

Nothing that fails is ever visible: everything happens in a staging folder, and only a release that
conforms is switched to. The release id depends on the sources alone, never on the clock or the machine.
"""

import gzip
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from lungkg import __version__
from lungkg.curation import document_folders, read_document
from lungkg.description import count_graphs, describe
from lungkg.errors import InputError, Place
from lungkg.model import Curated
from lungkg.namespaces import ONT, Minter
from lungkg.ontology import Ontology, load_ontology
from lungkg.project import Project, bundled_root
from lungkg.queries import Catalogue, load_catalogue
from lungkg.queries.expectations import ask_all
from lungkg.queries.resource import catalogue_quads
from lungkg.records import read_text
from lungkg.release import Release, publish, staging
from lungkg.report import Finding, Report
from lungkg.rules import derive
from lungkg.sorting import QuadSorter
from lungkg.sources import Gatherer, Vocabulary, read_mappings, read_vocabulary
from lungkg.triples import Writer
from lungkg.turtle import canonical, read_turtle, rebased
from lungkg.validation.explain import Explainer, names_of
from lungkg.validation.files import read_rdf
from lungkg.validation.lint import lint_data, lint_query, lint_shapes
from lungkg.validation.shacl import Shapes
from lungkg.validation.sweep import sweep
from lungkg.validation.terms import Converter

_INFERRED: Final = ox.NamedNode(ONT + "InferredClaim")

MOST_EXPLAINED: Final = 1_000
"""Of how many findings a build says more than what the shape says: a report of more is read by its counts."""

STAGES: Final = ("read", "load", "derive", "describe", "validate", "ask", "publish")

Progress = Callable[[str, int, int], None]
"""Called with a stage, how much of it is done, and how much there is (0 when that is not known)."""


def silent(_stage: str, _done: int, _total: int) -> None:
    """Show nothing."""


@dataclass
class Build:
    """What a build made: the report, the counts, and the release unless the report forbids it."""

    report: Report = field(default_factory=Report)
    counts: dict[str, int] = field(default_factory=dict)
    triples: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    sources: str = ""
    places: dict[str, Place] = field(default_factory=dict, repr=False)
    release: Release | None = None

    def note(self, findings: Iterable[Finding]) -> None:
        """Take findings into the report, each with the place in the sources that its focus node came from."""
        for finding in findings:
            source = finding.focus.strip("<>").partition("#")[0]
            self.report.add([replace(finding, place=finding.place or self.places.get(source))])

    @contextmanager
    def stage(self, name: str, progress: Progress) -> Iterator[None]:
        """Time a stage."""
        began = time.perf_counter()
        progress(name, 0, 0)
        yield
        self.seconds[name] = round(time.perf_counter() - began, 3)


@dataclass(frozen=True)
class Sources:
    """What all documents of a project share, read and checked."""

    ontology: Ontology
    vocabulary: Vocabulary
    shapes: list[ox.Triple]
    catalogue: Catalogue
    quads: list[ox.Quad]


def build(
    project: Project,
    out: Path,
    *,
    date: str | None = None,
    progress: Progress = silent,
    publishing: bool = True,
) -> Build:
    """Build a release of a project into `out` and switch to it; the release before stays when this fails.

    `date` (ISO 8601) is that of the release; unless given, the newest date in the sources. Without
    `publishing` everything is done but the switch. Raises InputError for sources that cannot be read
    and SystemProblem when the disk says no; data that breaks a shape is in the report of the Build.
    """
    made = Build(sources=fingerprint(project))  # before reading: what changes meanwhile is noticed next time
    with staging(out) as folder:
        with made.stage("read", progress):
            sources = read_sources(project)
            sorter = QuadSorter(folder)
            sorter.add(sources.quads)
            made.places.update(_shared_places(project, sources.vocabulary))
            newest = _read_documents(project, sources.vocabulary, sorter, made, progress)
        with made.stage("load", progress):
            store = ox.Store(str(folder / "store"))
            _load(sorter.lines(), folder, store)
        with made.stage("derive", progress):
            inferred = list(_derive(project, store, made.report))
            store.extend(inferred)
            sorter.add(inferred)
            made.counts["inferred"] = sum(quad.object == _INFERRED for quad in inferred)
        with made.stage("describe", progress):
            store.extend(describe(store, project, date or max(newest, project.issued)))
            made.triples = count_graphs(store, Minter(project.base))
        with made.stage("validate", progress):
            try:
                found = list(check(store, sorter.lines, sources, project, progress))
                made.note(explained(found, store, sources, project))
            except ValueError as error:
                raise InputError.at(Place(project.folder("shapes")), str(error)) from None
        with made.stage("ask", progress):
            made.note(ask_all(store, sources.catalogue, project))
        if publishing and made.report.publishable:
            with made.stage("publish", progress):
                release_id = _write(sorter.lines(), folder)
                store.flush()
                del store
                _write_info(folder, release_id, project, made, date or max(newest, project.issued))
                made.release = publish(folder, out, release_id)
    return made


def read_sources(project: Project) -> Sources:
    """Read all that documents share.

    Raises InputError with every problem found in the files that can be read independently.
    """
    ontology = load_ontology(project.ontology_files(), project.ont)
    gather = Gatherer()
    vocabulary = gather.attempt(read_vocabulary, project, ontology)
    shapes = [triple for path in project.shape_files() for triple in gather.attempt(read_turtle, path) or ()]
    catalogue = gather.attempt(load_catalogue, project)
    mappings = gather.attempt(read_mappings, project, vocabulary) if vocabulary else []
    gather.finish()
    if vocabulary is None or catalogue is None or mappings is None:
        raise AssertionError("finish() raises when anything is missing")
    quads = canonical(
        chain(
            rebased(ontology.triples, project, "ontology"),
            rebased(shapes, project, "shapes"),
            catalogue_quads(catalogue, project),
        )
    )
    quads += Writer(project, vocabulary).shared(mappings)
    return Sources(ontology, vocabulary, shapes, catalogue, quads)


def _read_documents(
    project: Project, vocabulary: Vocabulary, sorter: QuadSorter, made: Build, progress: Progress
) -> str:
    """Read all documents into the sorter; gives the newest date of a reading."""
    writer, gather = Writer(project, vocabulary), Gatherer()
    folders = document_folders(project)
    counts = dict.fromkeys(("documents", "sentences", "claims", "glosses"), 0)
    newest = ""
    for done, folder in enumerate(folders, start=1):
        curated = gather.attempt(read_document, folder, vocabulary)
        if curated is not None:
            sorter.add(writer.document(curated))
            made.places.update(_places(writer.iris, curated))
            made.report.add(_remarks(curated))
            newest = max(newest, curated.document.curated)
            counts["documents"] += 1
            counts["sentences"] += len(curated.document.sentences)
            counts["claims"] += len(curated.claims)
            counts["glosses"] += len(curated.glosses)
        progress("read", done, len(folders))
    gather.finish()
    made.counts = {**counts, "entities": len(vocabulary.entities), "assumptions": len(vocabulary.assumptions)}
    return newest


def _places(iris: Minter, curated: Curated) -> Iterator[tuple[str, Place]]:
    """Yield where in the sources the things of a document are written."""
    document = curated.document
    yield iris.thing("document", document.id), document.place
    for sentence in document.sentences:
        yield iris.thing("sentence", f"{document.id}-{sentence.id}"), sentence.place
    for claim in curated.claims:
        yield iris.thing("claim", f"{document.id}-{claim.id}"), claim.place
    for gloss in curated.glosses:
        yield iris.thing("gloss", f"{document.id}-{gloss.id}"), gloss.place


def _shared_places(project: Project, vocabulary: Vocabulary) -> Iterator[tuple[str, Place]]:
    """Yield where in the sources entities and assumptions are written."""
    iris = Minter(project.base)
    for entity in vocabulary.entities.values():
        yield iris.thing("entity", entity.id), entity.place
    for assumption in vocabulary.assumptions.values():
        yield iris.thing("assumption", assumption.id), assumption.place


def _remarks(curated: Curated) -> Iterator[Finding]:
    """Say what was left unread in a document."""
    document = curated.document
    for sentence in curated.silent_sentences:
        yield Finding(
            "Warning",
            "sentence-without-claim",
            f"no claim was read in sentence {sentence.id}: {sentence.span.quote!r}",
            place=sentence.place,
        )
    for span in curated.stray_text:
        place = Place(document.place.path.with_name("source.txt"), document.text.count("\n", 0, span.start) + 1)
        yield Finding(
            "Warning",
            "text-without-sentence",
            f"this text stands in no sentence: {span.quote!r}",
            place=place,
        )


def _load(lines: Iterable[bytes], folder: Path, store: ox.Store) -> None:
    """Load the lines; those with blank nodes by another way, because a bulk load renames them."""
    path = folder / "asserted.nq"
    renamed = []
    with path.open("wb") as file:
        for line in lines:
            if line.startswith(b"_:") or b" _:" in line:
                renamed.append(line)
            else:
                file.write(line + b"\n")
    store.bulk_load(path=str(path), format=ox.RdfFormat.N_QUADS)
    store.bulk_extend(ox.parse(b"\n".join(renamed), format=ox.RdfFormat.N_QUADS))
    store.optimize()  # rules and checks run a fifth faster for it
    path.unlink()


def _derive(project: Project, store: ox.Store, report: Report) -> Iterator[ox.Quad]:
    """Run the rules, each over what was said; a rule does not see what another one derived."""
    for path in project.rule_files():
        quads = list(derive(path, store, project))
        if not quads:
            report.add([Finding("Info", "rule-without-result", "this rule derives nothing", place=Place(path))])
        yield from quads


def check(
    store: ox.Store,
    lines: Callable[[], Iterable[bytes]],
    sources: Sources,
    project: Project,
    progress: Progress = silent,
) -> Iterator[Finding]:
    """Run every check that a release must pass: lint of shapes and data, core SHACL, sh:sparql."""
    shapes = Shapes(Converter().graph(quad.triple for quad in rebased(sources.shapes, project, "shapes")))
    yield from lint_shapes(shapes.graph, sources.ontology.declared)
    yield from lint_data(store)
    for path in (*project.query_files(), *project.rule_files()):
        prefixes = project.prefixes if path in project.rule_files() else {}
        yield from lint_query(read_text(path), prefixes, sources.ontology.declared, Place(path))
    yield from sweep(store, lines, shapes, lambda done, of: progress("validate", done, of))


def explained(findings: list[Finding], store: ox.Store, sources: Sources, project: Project) -> list[Finding]:
    """Explain what was found by the data in the store; the places are added by `Build.note`."""
    if not findings:
        return findings
    shapes = Converter().graph(quad.triple for quad in rebased(sources.shapes, project, "shapes"))
    rules = read_rdf(str(path) for path in project.shape_files())
    declared = sources.ontology.declared
    explainer = Explainer(shapes, store, names_of(rules, project.prefixes), [], rules, declared, MOST_EXPLAINED)
    return explainer.explained(findings)


def _write(lines: Iterable[bytes], folder: Path) -> str:
    """Write dataset.nq.gz and give the release id: the SHA-256 of its lines.

    The gzip header has no time and no name, so that equal releases are equal files.
    """
    digest = hashlib.sha256()
    with (folder / "dataset.nq.gz").open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
        for line in lines:
            digest.update(line + b"\n")
            file.write(line + b"\n")
    for run in folder.glob("run-*.nq"):
        run.unlink()
    return digest.hexdigest()


def _write_info(folder: Path, release_id: str, project: Project, made: Build, date: str) -> None:
    info = {
        "id": release_id,
        "date": date,
        "name": project.name,
        "version": project.version,
        "base": project.base,
        "software": __version__,
        "sources": made.sources,
        "counts": made.counts,
        "triples": made.triples,
        "findings": made.report.counts(),
        "built": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": made.seconds,
    }
    (folder / "release.json").write_text(json.dumps(info, indent=2) + "\n", "utf-8")


def fingerprint(project: Project) -> str:
    """Give a hash of all source files, of the base and of the software version: has anything changed?"""
    digest = hashlib.sha256(f"{__version__}\n{project.base}\n".encode())
    for path in project.source_files():
        name = path.relative_to(project.root if path.is_relative_to(project.root) else bundled_root())
        digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
