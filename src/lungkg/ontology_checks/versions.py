"""Reads the versions of an ontology that are to be compared: from files, a folder, a project or a release."""

from pathlib import Path
from typing import Final

import pyoxigraph as ox

from lungkg.namespaces import SKOS, Minter
from lungkg.ontology_checks.axioms import Axioms
from lungkg.ontology_checks.difference import Version
from lungkg.ontology_checks.reading import Source, read_ontology, read_project
from lungkg.ontology_checks.words import Words
from lungkg.project import load_project
from lungkg.release import Release, current

_MATCHES: Final = frozenset(f"{SKOS}{kind}Match" for kind in ("exact", "close", "broad", "narrow", "related"))


def version_of(source: Source) -> Version:
    """Make a version of what was read."""
    axioms = Axioms(source.triples)
    return Version(axioms, Words(axioms, source.prefixes))


def read_version(path: Path) -> Version:
    """Read a version: an RDF file, a folder of them, a project's folder, a release, or a folder of releases.

    Raises InputError when there is nothing of the kind.
    """
    if (path / "data" / "project.yaml").is_file():
        return version_of(read_project(load_project(path)))
    release = Release(path) if (path / "release.json").is_file() else current(path)
    if release is not None:
        store = ox.Store.read_only(str(release.store))
        graph = ox.NamedNode(Minter(str(release.info["base"])).graph("ontology"))
        quads = store.quads_for_pattern(None, None, None, graph)
        # A build puts the mappings into this graph too; they have a file of their own in the sources.
        axioms = Axioms(quad.triple for quad in quads if quad.predicate.value not in _MATCHES)
        return Version(axioms, Words(axioms))
    return version_of(read_ontology([path]))
