"""One finding together with all that can be known about it: what its sentence and its mend are made from."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import rdflib
from rdflib import SH
from rdflib.term import Node

from lungkg.namespaces import SH as SH_NS
from lungkg.report import Finding
from lungkg.validation.facts import Facts
from lungkg.validation.words import Names, Term, parse_term, path_text

_SUFFIX: Final = "ConstraintComponent"


def find_node(graph: rdflib.Graph, name: str) -> Node | None:
    """Find the node of a graph whose IRI or blank node identifier this is."""
    for node in (rdflib.URIRef(name), rdflib.BNode(name)):
        if (node, None, None) in graph:
            return node
    return None


@dataclass(frozen=True)
class Case:
    """A finding of SHACL, the shapes that it came from, and the data that it is about."""

    finding: Finding
    shapes: rdflib.Graph
    names: Names
    facts: Facts

    @cached_property
    def shape(self) -> Node | None:
        """The shape that was not met."""
        return find_node(self.shapes, self.finding.shape) if self.finding.shape else None

    @cached_property
    def component(self) -> str:
        """The parameter of the constraint component: minCount, datatype …; "" outside SHACL core.

        sh:qualifiedMinCount and its like are parameters of a component of their own.
        """
        name = self.finding.component.removeprefix(SH_NS)
        if name == self.finding.component or not name.endswith(_SUFFIX):
            return ""
        name = name.removesuffix(_SUFFIX)
        return "sparql" if name == "SPARQL" else name[:1].lower() + name[1:]

    @cached_property
    def parameters(self) -> list[Node]:
        """The values that the shape gives this parameter, in order."""
        if self.shape is None or not self.component:
            return []
        return sorted(self.shapes.objects(self.shape, SH[self.component]), key=str)

    def parameter(self, name: str) -> Node | None:
        """Give a value of another parameter of the same shape."""
        return self.shapes.value(self.shape, SH[name]) if self.shape is not None else None

    @cached_property
    def focus(self) -> Term | None:
        """The node that was validated."""
        return parse_term(self.finding.focus)

    @cached_property
    def value(self) -> Term | None:
        """The value that breaks the constraint, where one does."""
        return parse_term(self.finding.value) if self.finding.value else None

    @cached_property
    def sparql_path(self) -> str:
        """The path of the property shape as a SPARQL property path; of sh:closed the property."""
        if self.finding.path and parse_term(self.finding.path) is not None and self.finding.path[:1] == "<":
            return self.finding.path
        return self._path(lambda iri: f"<{iri}>")

    @cached_property
    def path(self) -> str:
        """The path in short names, for sentences; "" for a node shape."""
        if self.sparql_path == self.finding.path and self.finding.path:
            return self.names.short(self.finding.path[1:-1])
        return self._path(self.names.short)

    @property
    def predicate(self) -> str:
        """The IRI of the property, when the path is a single one; else ""."""
        path = self.sparql_path
        return path[1:-1] if path.count("<") == 1 and path.startswith("<") and path.endswith(">") else ""

    def _path(self, name: Callable[[str], str]) -> str:
        path = self.parameter("path")
        if path is None:
            return ""
        try:
            return path_text(self.shapes, path, name)
        except ValueError:
            return ""

    @cached_property
    def values(self) -> list[Term]:
        """All values of the path at the focus node."""
        return self.facts.values(self.focus, self.sparql_path) if self.focus is not None else []

    @property
    def who(self) -> str:
        """The focus node in a sentence."""
        return self.names.said(self.focus) if self.focus is not None else self.finding.focus
