"""Names every check that a waiver can be for: of FAIRness, of ontologies, of shapes, and the shapes of a project."""

from typing import Final

import pyoxigraph as ox

from lungkg.fair import CHECKS
from lungkg.namespaces import RDF, SH
from lungkg.ontology_checks.catalogue import checks
from lungkg.project import Project
from lungkg.shapes.rules import RULES
from lungkg.turtle import read_turtle
from lungkg.waivers import Waivers, read_waivers

_TYPE: Final = ox.NamedNode(RDF + "type")
_SHAPES: Final = (ox.NamedNode(SH + "NodeShape"), ox.NamedNode(SH + "PropertyShape"))


def shape_iris(project: Project) -> frozenset[str]:
    """Give the IRIs of the shapes of a project, as they are written."""
    return frozenset(
        triple.subject.value
        for path in project.shape_files()
        for triple in read_turtle(path)
        if triple.predicate == _TYPE and triple.object in _SHAPES and isinstance(triple.subject, ox.NamedNode)
    )


def known_checks(project: Project) -> frozenset[str]:
    """Give the names of all checks, and the IRIs of the project's shapes."""
    return frozenset({*CHECKS, *checks(), *RULES, *shape_iris(project)})


def project_waivers(project: Project) -> Waivers:
    """Read the waivers of a project; raises InputError, with their places, for those that are wrong.

    A check of FAIRness is about a release as a whole, so it takes one waiver.
    """
    return read_waivers(project, known_checks(project), once=CHECKS)
