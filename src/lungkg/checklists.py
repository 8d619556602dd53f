"""Names every check that a waiver can be for: those of ontologies, and the shapes of a project."""

from typing import Final

import pyoxigraph as ox

from lungkg.namespaces import RDF, SH
from lungkg.ontology_checks.catalogue import checks
from lungkg.project import Project
from lungkg.turtle import read_turtle
from lungkg.waivers import Waivers, read_waivers

_TYPE: Final = ox.NamedNode(RDF + "type")
_SHAPES: Final = (ox.NamedNode(SH + "NodeShape"), ox.NamedNode(SH + "PropertyShape"))


def known_checks(project: Project) -> frozenset[str]:
    """Give the names of all checks, and the IRIs of the project's shapes."""
    shapes = {
        triple.subject.value
        for path in project.shape_files()
        for triple in read_turtle(path)
        if triple.predicate == _TYPE and triple.object in _SHAPES and isinstance(triple.subject, ox.NamedNode)
    }
    return frozenset({*checks(), *shapes})


def project_waivers(project: Project) -> Waivers:
    """Read the waivers of a project; raises InputError, with their places, for those that are wrong."""
    return read_waivers(project, known_checks(project))
