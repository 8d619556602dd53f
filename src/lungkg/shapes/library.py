"""Shapes with their constraints, and names of their parts for people."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import rdflib
from rdflib import RDF, RDFS, SH
from rdflib.term import Node

from lungkg import lexer
from lungkg.errors import Place
from lungkg.namespaces import Rebase
from lungkg.shapes.hierarchy import in_order

TARGETS: Final = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
LISTS: Final = (SH["and"], SH["or"], SH.xone)
LINKS: Final = (SH.property, SH.node, SH["not"], SH.qualifiedValueShape)
SINGLE: Final = (
    *("class", "datatype", "nodeKind", "minCount", "maxCount"),
    *("minExclusive", "minInclusive", "maxExclusive", "maxInclusive", "minLength", "maxLength", "pattern"),
    *("languageIn", "uniqueLang", "equals", "disjoint", "lessThan", "lessThanOrEquals", "hasValue", "in"),
    *("not", "and", "or", "xone", "node", "closed", "qualifiedMinCount", "qualifiedMaxCount"),
)
PARAMETERS: Final = {SH[name]: name for name in (*SINGLE, "sparql")}
"""The properties that constrain, by the IRI; sh:property only leads to another shape."""


@dataclass(frozen=True)
class Constraint:
    """A parameter of a shape: what is checked, and by which values.

    `holder` carries the parameter; `check` is what a result names, the shape or the sh:sparql constraint.
    """

    holder: Node
    parameter: str
    check: Node
    values: tuple[Node, ...]

    @property
    def component(self) -> str:
        """The IRI of the constraint component that results name."""
        return component_of(self.parameter)

    @property
    def key(self) -> tuple[str, str]:
        """What a result tells it by: the check and the component."""
        return str(self.check), self.component


def component_of(parameter: str) -> str:
    """Give the IRI of the constraint component that has a parameter; one with an IRI is a component's own.

    >>> component_of("minCount")
    'http://www.w3.org/ns/shacl#MinCountConstraintComponent'
    """
    if parameter == "sparql":
        return str(SH.SPARQLConstraintComponent)
    return parameter if ":" in parameter else f"{SH}{parameter[0].upper()}{parameter[1:]}ConstraintComponent"


@dataclass(frozen=True)
class Library:
    """A shapes graph, and the places where its nodes are described; a node may be described in several files."""

    graph: rdflib.Graph
    places: Mapping[Node, tuple[Place, ...]]

    @classmethod
    def of(cls, graph: rdflib.Graph) -> "Library":
        """Make the library of a graph that stands in no file.

        Raises ValueError when blank nodes lead back to themselves, as no list and no path may.
        """
        if circle_of(graph) is not None:
            raise ValueError(CIRCLE)
        return cls(graph, {})

    def moved(self, rebase: Rebase) -> "Library":
        """Give the shapes as they are published under another base; the places stay."""
        if rebase.wanted == rebase.written:
            return self
        graph = rdflib.Graph(bind_namespaces="none")
        for prefix, namespace in self.graph.namespaces():
            graph.bind(prefix, namespace)
        for subject, predicate, value in self.graph:
            graph.add((_moved(subject, rebase), predicate, _moved(value, rebase, is_query=predicate == SH.select)))
        return Library(graph, {_moved(node, rebase): found for node, found in self.places.items()})

    @cached_property
    def constraints(self) -> tuple[Constraint, ...]:
        """Every constraint of every shape, by name."""
        found: dict[tuple[Node, str, Node], list[Node]] = defaultdict(list)
        custom = self._custom_parameters
        for holder, predicate, value in self.graph:
            name = PARAMETERS.get(predicate) or custom.get(predicate, "")  # type: ignore[call-overload]
            if name:
                found[holder, name, value if name == "sparql" else holder].append(value)
        made = (Constraint(*key, tuple(in_order(values))) for key, values in found.items())
        return tuple(sorted(made, key=lambda one: (self.name(one.holder), one.parameter, self.name(one.check))))

    @cached_property
    def _custom_parameters(self) -> dict[Node, str]:
        """The paths of the parameters of components that these shapes define, with the component's IRI."""
        graph = self.graph
        return {
            path: str(component)
            for component, parameter in graph.subject_objects(SH.parameter)
            for path in graph.objects(parameter, SH.path)
        }

    @cached_property
    def shapes(self) -> frozenset[Node]:
        """Whatever is a shape: by type, by what it has, or by what leads to it."""
        graph = self.graph
        found = set(graph.subjects(RDF.type, SH.NodeShape)) | set(graph.subjects(RDF.type, SH.PropertyShape))
        for link in TARGETS:
            found |= set(graph.subjects(link))
        for link in LINKS:
            found |= set(graph.subjects(link)) | set(graph.objects(None, link))
        for link in LISTS:
            found |= {member for head in graph.objects(None, link) for member in graph.items(head)}
        parameters = set(graph.objects(None, SH.parameter))  # of constraint components: described as shapes, and none
        return frozenset((found | {one.holder for one in self.constraints}) - parameters)

    @cached_property
    def targeted(self) -> tuple[Node, ...]:
        """The shapes that have a target, by name."""
        found = {shape for link in TARGETS for shape in self.graph.subjects(link)} | {
            shape for shape in self.graph.subjects(RDF.type, SH.NodeShape) if self.is_class(shape)
        }
        return tuple(sorted(found, key=self.name))

    def is_class(self, shape: Node) -> bool:
        """Say whether a shape is a class too, and so targets its own instances."""
        return (shape, RDF.type, RDFS.Class) in self.graph

    def is_off(self, shape: Node) -> bool:
        """Say whether a shape or constraint is switched off."""
        return str(self.graph.value(shape, SH.deactivated)).lower() in ("true", "1")

    def inner(self, shape: Node) -> Iterator[Node]:
        """Yield the shapes that a shape leads to directly."""
        for link in LINKS:
            yield from self.graph.objects(shape, link)
        for link in LISTS:
            for head in self.graph.objects(shape, link):
                yield from self.graph.items(head)

    def reached_from(self, shape: Node) -> frozenset[Node]:
        """Give a shape and all shapes that it leads to; those that are switched off lead nowhere."""
        found: set[Node] = set()
        todo = [shape]
        while todo:
            one = todo.pop()
            if one not in found:
                found.add(one)
                if not self.is_off(one):
                    todo.extend(self.inner(one))
        return frozenset(found)

    @cached_property
    def reporting(self) -> frozenset[Node]:
        """The shapes whose results are told: those with a target, and property shapes below; not alternatives."""
        found: set[Node] = set()
        todo = list(self.targeted)
        while todo:
            shape = todo.pop()
            if shape not in found and not self.is_off(shape):
                found.add(shape)
                todo.extend(self.graph.objects(shape, SH.property))
        return frozenset(found)

    @cached_property
    def governed_by(self) -> dict[Node, tuple[Node, ...]]:
        """For each shape that is reached, the targeted shapes that it is reached from."""
        found: dict[Node, list[Node]] = defaultdict(list)
        for top in self.targeted:
            if not self.is_off(top):
                for shape in self.reached_from(top):
                    found[shape].append(top)
        return {shape: tuple(tops) for shape, tops in found.items()}

    def short(self, node: Node) -> str:
        """Write a term as people do: with a prefix that the shapes use, literals in quotes."""
        if isinstance(node, rdflib.URIRef):
            return self._with_prefix(str(node))
        if isinstance(node, rdflib.Literal):
            kind = f"^^{self._with_prefix(str(node.datatype))}" if node.datatype else ""
            if node.datatype in (rdflib.XSD.integer, rdflib.XSD.decimal, rdflib.XSD.boolean):
                return str(node)
            return f'"{node}"' + (f"@{node.language}" if node.language else kind)
        return self.path(node) if self._is_path(node) else "[ … ]"

    def _with_prefix(self, iri: str) -> str:
        for prefix, namespace in self._namespaces:
            local = iri.removeprefix(namespace)
            if local != iri and local and "/" not in local and "#" not in local:
                return f"{prefix}:{local}"
        return f"<{iri}>"

    @cached_property
    def _namespaces(self) -> list[tuple[str, str]]:
        bound = [(prefix, str(namespace)) for prefix, namespace in self.graph.namespaces() if prefix]
        return sorted({("sh", str(SH)), *bound}, key=lambda pair: (-len(pair[1]), pair[0]))

    def name(self, node: Node) -> str:
        """Name a shape: its IRI with a prefix, or for a blank one where it stands and its path."""
        if not isinstance(node, rdflib.BNode):
            return self.short(node)
        path = self.graph.value(node, SH.path)
        about = f"[ sh:path {self.path(path)} ]" if path is not None else "[ … ]"
        parents = [
            parent
            for parent, predicate in self.graph.subject_predicates(node)
            if predicate in (*LINKS, SH.sparql) and parent != node
        ]
        return f"{self.name(min(parents, key=str))} {about}" if parents else about

    def path(self, path: Node | None) -> str:
        """Write a path as SPARQL does, with prefixes.

        >>> text = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix e: <http://e.org/> ."
        >>> text += " e:S sh:path ( e:a [ sh:alternativePath ( e:b [ sh:inversePath e:c ] ) ] ) ."
        >>> graph = rdflib.Graph().parse(data=text, format="turtle")
        >>> Library.of(graph).path(next(graph.objects(None, SH.path)))
        'e:a/(e:b|^e:c)'
        """
        return "?" if path is None else self._path(path, self.short)

    def sparql_path(self, path: Node) -> str:
        """Write a path as SPARQL does, with full IRIs."""
        return f"({self._path(path, lambda node: node.n3())})"

    def _path(self, path: Node, name: Callable[[Node], str]) -> str:
        if not isinstance(path, rdflib.BNode):
            return name(path)
        graph = self.graph
        if (path, RDF.first, None) in graph:
            return "/".join(self._path(step, name) for step in graph.items(path))
        options = graph.value(path, SH.alternativePath)
        if options is not None:
            return "(" + "|".join(self._path(option, name) for option in graph.items(options)) + ")"
        for link, before, after in _STEPS:
            step = graph.value(path, link)
            if step is not None:
                inner = self._path(step, name)
                return (
                    f"{before}({inner}){after}"
                    if "/" in inner and isinstance(step, rdflib.BNode)
                    else f"{before}{inner}{after}"
                )
        return "?"

    def _is_path(self, node: Node) -> bool:
        return any((node, link, None) in self.graph for link in (SH.alternativePath, *(link for link, _, _ in _STEPS)))

    def words(self, parameter: str, values: Iterable[Node]) -> str:
        """Write a constraint as the shapes do, such as sh:maxCount 1 or sh:in ( ex:a ex:b )."""
        if parameter == "sparql":
            return "sh:sparql"
        name = f"sh:{parameter}" if ":" not in parameter else self._with_prefix(parameter)
        return f"{name} {' , '.join(self.written(value) for value in values)}"

    def written(self, value: Node) -> str:
        """Write a value as Turtle does, a list with its members."""
        if isinstance(value, rdflib.BNode) and (value, RDF.first, None) in self.graph:
            return f"( {' '.join(self.short(item) for item in self.graph.items(value))} )"
        return self.short(value)

    def place(self, node: Node) -> Place | None:
        """Say where a node is described first; for a blank one, where the node that leads to it is."""
        seen: set[Node] = set()
        one: Node | None = node
        while one is not None and one not in seen:
            if self.places.get(one) and not isinstance(one, rdflib.BNode):
                return self.places[one][0]
            seen.add(one)
            one = next(iter(in_order(self.graph.subjects(None, one))), None)
        return None


_STEPS: Final = (
    (SH.inversePath, "^", ""),
    (SH.zeroOrMorePath, "", "*"),
    (SH.oneOrMorePath, "", "+"),
    (SH.zeroOrOnePath, "", "?"),
)


CIRCLE: Final = "blank nodes lead back to themselves here: a list or path that never ends, or shapes without a name"


def circle_of(graph: rdflib.Graph) -> Node | None:
    """Give a blank node from which blank nodes lead back to it, if there is one."""
    blank = [node for node in graph.subjects(unique=True) if isinstance(node, rdflib.BNode)]
    below: dict[Node, list[Node]] = {
        node: [value for value in graph.objects(node) if isinstance(value, rdflib.BNode)] for node in blank
    }
    done: set[Node] = set()
    for start, first in below.items():
        way: list[tuple[Node, Iterator[Node]]] = [] if start in done else [(start, iter(first))]
        on_way = {start}
        while way:
            node, rest = way[-1]
            following = next((one for one in rest if one not in done), None)
            if following is None:
                done.add(node)
                on_way.discard(node)
                way.pop()
            elif following in on_way:
                return following
            else:
                on_way.add(following)
                way.append((following, iter(below.get(following, []))))
    return None


def _moved(node: Node, rebase: Rebase, *, is_query: bool = False) -> Node:
    if isinstance(node, rdflib.URIRef):
        return rdflib.URIRef(rebase(str(node)))
    if is_query and isinstance(node, rdflib.Literal):
        return rdflib.Literal(lexer.move_iris(str(node), rebase))
    return node
