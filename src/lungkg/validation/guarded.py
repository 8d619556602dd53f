"""Runs pySHACL so that nothing in the data ends the run: what it falls over becomes a finding.

pySHACL hands queries to rdflib, which raises on ill-typed literals and the like. Then the shapes are run
one by one, and the focus nodes of a shape that still fails are halved until those are found that it fails at.
"""

from dataclasses import dataclass, field
from typing import Final

import rdflib
from rdflib import RDF, RDFS, SH
from rdflib.term import Node

from lungkg.validation.shacl import EngineTripped, core_results

MOST_RUNS: Final = 500
"""How often pySHACL is run to find what it falls over; what is left then is reported together."""

_TARGETS: Final = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)


def guarded_results(data: rdflib.Graph, shapes: rdflib.Graph) -> rdflib.Graph:
    """Run pySHACL and give its results graph, with a result for each node that it could not validate.

    Raises ValueError when the shapes cannot be used.
    """
    try:
        return core_results(data, shapes)
    except EngineTripped:
        search = _Search(data, shapes)
        search.run()
        return search.merged()


@dataclass
class _Search:
    data: rdflib.Graph
    shapes: rdflib.Graph
    runs: int = 0
    results: list[rdflib.Graph] = field(default_factory=list)
    tripped: list[tuple[Node, Node, str]] = field(default_factory=list)

    def run(self) -> None:
        """Run every shape that has targets."""
        for shape in _targeted(self.shapes):
            nodes = sorted(_focus_nodes(shape, self.shapes, self.data), key=str)
            if nodes:
                self.narrow(shape, nodes)

    def narrow(self, shape: Node, nodes: list[Node]) -> None:
        """Run one shape over some nodes; when that fails, over each half of them."""
        self.runs += 1
        try:
            self.results.append(core_results(self.data, _only(shape, nodes, self.shapes)))
        except EngineTripped as error:
            if len(nodes) == 1 or self.runs >= MOST_RUNS:
                self.tripped += [(shape, node, str(error)) for node in nodes]
            else:
                middle = len(nodes) // 2
                self.narrow(shape, nodes[:middle])
                self.narrow(shape, nodes[middle:])

    def merged(self) -> rdflib.Graph:
        """Put all results into one sh:ValidationReport."""
        whole, report = rdflib.Graph(), rdflib.BNode()
        for results in self.results:
            for triple in results:
                if (triple[0], RDF.type, SH.ValidationReport) not in results:
                    whole.add(triple)
                elif triple[1] == SH.result:
                    whole.add((report, SH.result, triple[2]))
        for shape, node, why in self.tripped:
            _add_result(whole, report, shape, node, why)
        whole.add((report, RDF.type, SH.ValidationReport))
        conforms = (report, SH.result, None) not in whole
        whole.add((report, SH.conforms, rdflib.Literal(conforms)))
        return whole


def _add_result(whole: rdflib.Graph, report: Node, shape: Node, node: Node, why: str) -> None:
    result = rdflib.BNode()
    message = f"This node could not be validated: the constraints of the shape fail on its values ({why})."
    whole.add((report, SH.result, result))
    whole.add((result, RDF.type, SH.ValidationResult))
    whole.add((result, SH.focusNode, node))
    whole.add((result, SH.resultSeverity, SH.Violation))
    whole.add((result, SH.sourceShape, shape))
    whole.add((result, SH.sourceConstraintComponent, SH.SPARQLConstraintComponent))
    whole.add((result, SH.resultMessage, rdflib.Literal(message)))


def any_target(shapes: rdflib.Graph, data: rdflib.Graph, nodes: frozenset[Node]) -> bool:
    """Say whether any shape has one of these nodes of the data as a target."""
    return any(not nodes.isdisjoint(_focus_nodes(shape, shapes, data)) for shape in _targeted(shapes))


def _targeted(shapes: rdflib.Graph) -> list[Node]:
    found = {shape for target in _TARGETS for shape in shapes.subjects(target)}
    found |= {shape for shape in shapes.subjects(RDF.type, RDFS.Class) if _is_shape(shapes, shape)}
    return sorted(found, key=str)


def _is_shape(shapes: rdflib.Graph, node: Node) -> bool:
    return (node, RDF.type, SH.NodeShape) in shapes or (node, RDF.type, SH.PropertyShape) in shapes


def _focus_nodes(shape: Node, shapes: rdflib.Graph, data: rdflib.Graph) -> set[Node]:
    """Find the focus nodes of a shape, as SHACL defines its four kinds of targets and the implicit one."""
    found = set(shapes.objects(shape, SH.targetNode))
    for link in shapes.objects(shape, SH.targetSubjectsOf):
        found |= set(data.subjects(link))
    for link in shapes.objects(shape, SH.targetObjectsOf):
        found |= set(data.objects(None, link))
    classes = set(shapes.objects(shape, SH.targetClass))
    classes |= {shape} if (shape, RDF.type, RDFS.Class) in shapes else set()
    for one in classes:
        for kind in data.transitive_subjects(RDFS.subClassOf, one):
            found |= set(data.subjects(RDF.type, kind))
    return found


def _only(shape: Node, nodes: list[Node], shapes: rdflib.Graph) -> rdflib.Graph:
    """Copy the shapes with these nodes as the only targets of this shape, and no other targets."""
    copy = rdflib.Graph()
    for triple in shapes:
        implicit = triple[1] == RDF.type and triple[2] == RDFS.Class and _is_shape(shapes, triple[0])
        if triple[1] not in _TARGETS and not implicit:
            copy.add(triple)
    for node in nodes:
        copy.add((shape, SH.targetNode, node))
    if (shape, RDF.type, None) not in copy:
        copy.add((shape, RDF.type, SH.PropertyShape if (shape, SH.path, None) in copy else SH.NodeShape))
    return copy
