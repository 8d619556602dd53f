"""From sources to a release: read, write quads, derive, validate, describe, publish. Each step is pure but the last.

Nothing that fails is ever visible: everything happens in a staging folder, and only a release that
conforms is switched to. The release id depends on the sources alone, never on the clock or the machine.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from lungkg import __version__, dumps
from lungkg.changes import note_changes
from lungkg.checklists import shape_iris
from lungkg.dcat import reported
from lungkg.description import count_graphs, describe, describe_more
from lungkg.downloads import FOLDER, Download, adopt, write_index
from lungkg.dumps import Dumps, named
from lungkg.errors import InputError, Place
from lungkg.exports import EXPORTS, Exporting
from lungkg.fair import CHECKS, Assessment, Evidence, Probe, assess
from lungkg.gate import TURTLE_FILE, KeptReport, basis_of, keep, load_report
from lungkg.history import record
from lungkg.namespaces import ONT, Minter
from lungkg.project import Project, bundled_root
from lungkg.queries.expectations import ask_all
from lungkg.reading import Sources, read_documents, read_sources, shared_places
from lungkg.records import read_text
from lungkg.redirects import Redirect, check_redirects, places_of, tombstones
from lungkg.release import Release, current, publish, staging
from lungkg.report import Finding, Report, rank
from lungkg.rules import derive
from lungkg.shapes.tally import tally
from lungkg.sorting import QuadSorter
from lungkg.turtle import rebased
from lungkg.validation.curated import placed
from lungkg.validation.explain import Explainer, names_of
from lungkg.validation.files import read_rdf
from lungkg.validation.lint import lint_data, lint_query, lint_shapes
from lungkg.validation.shacl import Shapes
from lungkg.validation.sweep import sweep
from lungkg.validation.terms import Converter
from lungkg.waivers import settled, today

_INFERRED: Final = ox.NamedNode(ONT + "InferredClaim")

MOST_EXPLAINED: Final = 1_000
"""Of how many findings a build says more than what the shape says: a report of more is read by its counts."""

STAGES: Final = ("read", "load", "derive", "dump", "describe", "validate", "ask", "export", "publish")

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
    fair: Assessment | None = None
    release: Release | None = None

    @property
    def kept(self) -> KeptReport | None:
        """The report as it was kept with the release, if one was published."""
        return load_report(self.release.path) if self.release is not None else None

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


def build(
    project: Project,
    out: Path,
    *,
    date: str | None = None,
    progress: Progress = silent,
    publishing: bool = True,
    probe: Probe | None = None,
) -> Build:
    """Build a release of a project into `out` and switch to it; the release before stays when this fails.

    `date` (ISO 8601) is that of the release; unless given, the newest date in the sources. Without
    `publishing` everything is done but the switch. `probe` opens a server of the release before it is
    published, for the checks of FAIRness; without one they are left out. What they find never stops a build.
    Raises InputError for sources that cannot be read and SystemProblem when the disk says no; data that
    breaks a shape is in the report of the Build.
    """
    made = Build(sources=fingerprint(project))  # before reading: what changes meanwhile is noticed next time
    with staging(out) as folder:
        with made.stage("read", progress):
            sources = read_sources(project)
            sorter = QuadSorter(folder)
            sorter.add(sources.quads)
            documents = read_documents(project, sources.vocabulary, sorter, partial(progress, "read"))
            made.places |= {**dict(shared_places(project, sources.vocabulary)), **documents.places}
            made.report.add(documents.remarks)
            made.counts = dict(documents.counts)
        with made.stage("load", progress):
            store = ox.Store(str(folder / "store"))
            _load(sorter.lines(), folder, store)
        with made.stage("derive", progress):
            sorter.add(_infer(project, store, made))
            sorter.add(_bury(sources.redirects, project, store, made))
        day = date or max(documents.newest, project.issued, *(redirect.date for redirect in sources.redirects))
        with made.stage("dump", progress):
            dumped = _dump(sorter.lines(), folder, project)
        with made.stage("describe", progress):
            of_metadata = named(dumps.of_metadata(), project.name, dumped.release_id)
            metadata = list(describe(store, project, day, dumped.release_id, [*dumped.files, *of_metadata]))
            store.extend(metadata)
            made.triples = count_graphs(store, Minter(project.base))
        _validate(made, store, sorter.lines, sources, project, progress)
        if publishing and made.report.publishable:
            with made.stage("export", progress):
                exported = _export(folder, store, project, dumped.release_id, day)
                kept = _keep_report(folder, store, sources, project, made.report, (dumped.release_id, day))
                metadata = _completed(store, metadata, exported, kept, project)
                made.triples["metadata"] = len(metadata)
            with made.stage("publish", progress):
                _finish_downloads(folder, dumped, exported, metadata, project)
                info = _info(dumped.release_id, project, made, day)
                info |= note_changes(folder, store, info, current(out), project)
                tally(store, project, made.report.findings).save(folder)
                store.flush()
                del store
                (folder / "release.json").write_text(json.dumps(info, indent=2) + "\n", "utf-8")
                made.fair = _examine(Release(folder), sources, project, probe)
                made.release = publish(folder, out, dumped.release_id)
                record(out)
    return made


def _validate(
    made: Build,
    store: ox.Store,
    lines: Callable[[], Iterable[bytes]],
    sources: Sources,
    project: Project,
    progress: Progress,
) -> None:
    """Fill the report of a build: what the shapes find, and the canned queries whose expectations are not met."""
    with made.stage("validate", progress):
        try:
            found = list(check(store, lines, sources, project, progress))
            made.note(explained(found, store, sources, project))
        except ValueError as error:
            raise InputError.at(Place(project.folder("shapes")), str(error)) from None
    with made.stage("ask", progress):
        made.note(ask_all(store, sources.catalogue, project))
        made.report.findings = _settled(placed(made.report.findings), sources, project)


def _examine(release: Release, sources: Sources, project: Project, probe: Probe | None) -> Assessment | None:
    """Run the checks of FAIRness over a release as a server gives it, and keep what they found beside it."""
    if probe is None:
        return None
    with probe(release, project) as fetch:
        store = ox.Store.read_only(str(release.store))
        found = assess(Evidence(project, store, fetch), sources.waivers.by_check(CHECKS))
    found.save(release.path)
    return found


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


def _infer(project: Project, store: ox.Store, made: Build) -> list[ox.Quad]:
    """Load what the rules derive; gives it."""
    inferred = list(_derive(project, store, made.report))
    store.extend(inferred)
    made.counts["inferred"] = sum(quad.object == _INFERRED for quad in inferred)
    return inferred


def _derive(project: Project, store: ox.Store, report: Report) -> Iterator[ox.Quad]:
    """Run the rules, each over what was said; a rule does not see what another one derived."""
    for path in project.rule_files():
        quads = list(derive(path, store, project))
        if not quads:
            report.add([Finding("Info", "rule-without-result", "this rule derives nothing", place=Place(path))])
        yield from quads


def _bury(redirects: list[Redirect], project: Project, store: ox.Store, made: Build) -> list[ox.Quad]:
    """Load the tombstones of what is gone, after a look at all that is there; gives them."""
    check_redirects(redirects, store, project, made.places)
    quads = list(tombstones(redirects, project))
    store.extend(quads)
    if redirects:
        made.counts["tombstones"] = len(redirects)
    made.places.update(places_of(redirects, project))
    return quads


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
    return explainer.explained(sorted(findings, key=_what))


def _what(finding: Finding) -> tuple[int, str, str, str, str, str]:
    """Order findings by what they say alone, so that it is always the same ones that are explained."""
    return (
        rank(finding.severity), finding.focus, finding.path, finding.value, finding.component, finding.message,
    )  # fmt: skip


def _settled(findings: list[Finding], sources: Sources, project: Project) -> list[Finding]:
    """Waive what may stand for now, and take in what is wrong with the waivers of shapes."""
    return settled(findings, sources.waivers.moved(project.rebase), today(), shape_iris(project))


@dataclass(frozen=True)
class _Dumped:
    """The release id, and the files that were written."""

    release_id: str
    files: list[Download]


def _dump(lines: Iterable[bytes], folder: Path, project: Project) -> _Dumped:
    """Write the canonical dump and those of all graphs but the one that describes them."""
    home = folder / FOLDER
    home.mkdir()
    release_id, written = Dumps(home, project.base, project.prefixes).write(lines, folder / dumps.CANONICAL)
    files = named(written, project.name, release_id)
    dumps.settle(home, written, files)
    return _Dumped(release_id, files)


def _export(folder: Path, store: ox.Store, project: Project, release_id: str, date: str) -> list[Download]:
    """Write what other people's tools read; only of data that conforms, since exports rely on that."""
    info = {"id": release_id, "date": date, "version": project.version}
    exporting = Exporting(store, project, info, dataset=folder / dumps.CANONICAL)
    return [
        adopt(file.path, file.title, file.media_type, project.name, release_id)
        for export in EXPORTS
        for file in export.write(exporting, folder / FOLDER)
    ]


def _keep_report(
    folder: Path, store: ox.Store, sources: Sources, project: Project, report: Report, release: tuple[str, str]
) -> KeptReport:
    """Keep what was found beside the release, of an id and a date, with hashes of what it was checked against."""
    return keep(report, basis_of(store, project, *release, sources.catalogue.values()), project, folder)


def _completed(
    store: ox.Store, before: list[ox.Quad], exported: list[Download], kept: KeptReport, project: Project
) -> list[ox.Quad]:
    """Add to the metadata what was not known at first: the exports, and how the validation came out."""
    known = reported(project, kept.release, kept.sha256(TURTLE_FILE), conforms=kept.conforms)
    return _replaced(store, before, list(describe_more(before, project, kept.release, exported, known)))


def _replaced(store: ox.Store, before: list[ox.Quad], after: list[ox.Quad]) -> list[ox.Quad]:
    """Put quads in the place of others, of which most are the same."""
    for quad in set(before).difference(after):
        store.remove(quad)
    store.extend(set(after).difference(before))
    return after


def _finish_downloads(
    folder: Path, dumped: _Dumped, exported: list[Download], metadata: list[ox.Quad], project: Project
) -> None:
    """Write the graph that describes all others, and the list of all files with their checksums."""
    home = folder / FOLDER
    written = Dumps(home, project.base, project.prefixes).write_metadata(metadata)
    files = named(written, project.name, dumped.release_id)
    dumps.settle(home, written, files)
    write_index(home, [*dumped.files, *exported, *files])
    for run in folder.glob("run-*.nq"):
        run.unlink()


def _info(release_id: str, project: Project, made: Build, date: str) -> dict[str, Any]:
    return {
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


def fingerprint(project: Project) -> str:
    """Give a hash of all source files, of the base and of the software version: has anything changed?"""
    digest = hashlib.sha256(f"{__version__}\n{project.base}\n".encode())
    for path in project.source_files():
        name = path.relative_to(project.root if path.is_relative_to(project.root) else bundled_root())
        digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
