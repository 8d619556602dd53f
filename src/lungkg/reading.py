"""Reads all sources of a project: what its documents share, and the documents one by one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain

import pyoxigraph as ox

from lungkg.checklists import project_waivers
from lungkg.curation import document_folders, read_document
from lungkg.errors import Place
from lungkg.model import Curated
from lungkg.namespaces import Minter
from lungkg.ontology import Ontology, load_ontology
from lungkg.project import Project
from lungkg.queries import Catalogue, load_catalogue
from lungkg.queries.resource import catalogue_quads
from lungkg.redirects import Redirect, read_redirects
from lungkg.report import Finding
from lungkg.sorting import QuadSorter
from lungkg.sources import Gatherer, Vocabulary, read_mappings, read_vocabulary
from lungkg.triples import Writer
from lungkg.turtle import canonical, read_turtle, rebased
from lungkg.waivers import Waivers


@dataclass(frozen=True)
class Sources:
    """What all documents of a project share, read and checked."""

    ontology: Ontology
    vocabulary: Vocabulary
    shapes: list[ox.Triple]
    catalogue: Catalogue
    quads: list[ox.Quad]
    redirects: list[Redirect] = field(default_factory=list)
    waivers: Waivers = field(default_factory=Waivers)


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
    redirects = gather.attempt(read_redirects, project)
    waivers = gather.attempt(project_waivers, project)
    gather.finish()
    if vocabulary is None or catalogue is None or mappings is None or redirects is None or waivers is None:
        raise AssertionError("finish() raises when anything is missing")
    quads = canonical(
        chain(
            rebased(ontology.triples, project, "ontology"),
            rebased(shapes, project, "shapes"),
            catalogue_quads(catalogue, project),
        )
    )
    quads += Writer(project, vocabulary).shared(mappings)
    return Sources(ontology, vocabulary, shapes, catalogue, quads, redirects, waivers)


@dataclass(frozen=True)
class Documents:
    """What was read of all documents: how many of each thing, where they are written, what was left unread.

    `newest` is the day of the newest reading (ISO 8601), empty when there is no document.
    """

    counts: dict[str, int]
    places: dict[str, Place]
    remarks: list[Finding]
    newest: str


def read_documents(
    project: Project, vocabulary: Vocabulary, sorter: QuadSorter, progress: Callable[[int, int], None]
) -> Documents:
    """Read all documents into the sorter; `progress` is told how many are done, of how many.

    Raises InputError with every problem found in the documents.
    """
    writer, gather = Writer(project, vocabulary), Gatherer()
    folders = document_folders(project)
    counts = dict.fromkeys(("documents", "sentences", "claims", "glosses"), 0)
    places: dict[str, Place] = {}
    remarks: list[Finding] = []
    newest = ""
    for done, folder in enumerate(folders, start=1):
        curated = gather.attempt(read_document, folder, vocabulary)
        if curated is not None:
            sorter.add(writer.document(curated))
            places.update(_places(writer.iris, curated))
            remarks += _remarks(curated)
            newest = max(newest, curated.document.curated)
            counts["documents"] += 1
            counts["sentences"] += len(curated.document.sentences)
            counts["claims"] += len(curated.claims)
            counts["glosses"] += len(curated.glosses)
        progress(done, len(folders))
    gather.finish()
    shared = {"entities": len(vocabulary.entities), "assumptions": len(vocabulary.assumptions)}
    return Documents({**counts, **shared}, places, remarks, newest)


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


def shared_places(project: Project, vocabulary: Vocabulary) -> Iterator[tuple[str, Place]]:
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
