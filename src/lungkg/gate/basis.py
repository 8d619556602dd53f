"""What a validation rests on: which release, by which shapes and ontology to the byte, and by which software."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

import pyoxigraph as ox

from lungkg import __version__
from lungkg.dcat import report_iri, version_iri
from lungkg.namespaces import Minter
from lungkg.project import Project
from lungkg.queries import CannedQuery
from lungkg.stores import written
from lungkg.turtle import canonical

ENGINES: Final = ("pyoxigraph", "pyshacl")
"""What runs the constraints: queries on the one, and what has no query of its own on the other."""


@dataclass(frozen=True, slots=True)
class Hashed:
    """A named graph and the SHA-256 of its canonical N-Triples."""

    iri: str
    sha256: str


@dataclass(frozen=True)
class Basis:
    """What was validated, against what, by what; `date` (ISO 8601) is that of the release, not of the clock."""

    release: str
    date: str
    base: str
    shapes: Hashed
    ontology: Hashed
    queries: int
    """How many canned queries say what answer they expect."""
    software: str
    engines: dict[str, str]
    """The version of each engine."""

    @property
    def dataset(self) -> str:
        """The IRI of the release."""
        return version_iri(self.base, self.release)

    @property
    def report(self) -> str:
        """The IRI of the report."""
        return report_iri(self.base, self.release)


def basis_of(store: ox.Store, project: Project, release_id: str, date: str, catalogue: Iterable[CannedQuery]) -> Basis:
    """Say what the validation of a store rests on."""
    return Basis(
        release=release_id,
        date=date,
        base=project.base,
        shapes=hashed(store, Minter(project.base).graph("shapes")),
        ontology=hashed(store, Minter(project.base).graph("ontology")),
        queries=sum(1 for query in catalogue if query.expect is not None),
        software=__version__,
        engines={name: version(name) for name in ENGINES},
    )


def hashed(store: ox.Store, graph: str) -> Hashed:
    """Hash a named graph: its triples alone, blank nodes named by RDFC-1.0, as sorted N-Triples lines.

    Anybody can do the same with a dump of the graph, whatever its blank nodes are called there.
    """
    default = ox.DefaultGraph()
    found = store.quads_for_pattern(None, None, None, ox.NamedNode(graph))
    quads = canonical(ox.Quad(quad.subject, quad.predicate, quad.object, default) for quad in found)
    lines = sorted(written([quad.triple for quad in quads], ox.RdfFormat.N_TRIPLES).splitlines(keepends=True))
    return Hashed(graph, hashlib.sha256(b"".join(lines)).hexdigest())
