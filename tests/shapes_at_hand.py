"""Shapes, terms and examples that the tests of the shapes' checks share."""

from functools import cache
from pathlib import Path
from typing import Final

import rdflib

from lungkg.namespaces import ONT
from lungkg.ontology import Ontology, load_ontology
from lungkg.project import Project, load_project
from lungkg.shapes.library import Library
from lungkg.shapes.lint import Terms
from lungkg.shapes.reading import read_library

ROOT: Final = Path(__file__).parents[1]
EXAMPLES: Final = Path(__file__).parent / "examples"

PREFIXES: Final = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ont: <https://w3id.org/lungkg/ont#> .
@prefix ex: <http://example.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""
ABOUT: Final = 'sh:severity sh:Violation ; sh:message "mend it" ; sh:name'


def library(text: str) -> Library:
    """Make the library of shapes in Turtle."""
    return Library.of(rdflib.Graph().parse(data=PREFIXES + text, format="turtle"))


def shape(constraint: str, path: str = "ont:statedIn", target: str = "ont:Claim") -> str:
    """Write a whole shape around one property's constraint, so that lint has nothing else to say."""
    return f"""ex:S a sh:NodeShape ; sh:targetClass {target} ; sh:property ex:P ; {ABOUT} "s" .
        ex:P a sh:PropertyShape ; sh:path {path} ; {constraint} ; {ABOUT} "p" ."""


@cache
def project() -> Project:
    """The project of this repository."""
    return load_project(ROOT)


@cache
def ontology() -> Ontology:
    """Its ontology."""
    return load_ontology(project().ontology_files(), project().ont)


@cache
def terms() -> Terms:
    """What its ontology declares."""
    return Terms.of(ontology(), (project().ont, ONT))


@cache
def shapes() -> Library:
    """Its shapes."""
    return read_library(str(path) for path in project().shape_files())
