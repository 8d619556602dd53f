"""Shapes as people read them: each with its targets and, group by group, what it demands; plain texts, no RDF."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import rdflib
from rdflib import RDF, RDFS, SH
from rdflib.term import Node

from lungkg.shapes.coverage import ON_EACH_VALUE
from lungkg.shapes.demands import demand
from lungkg.shapes.hierarchy import in_order
from lungkg.shapes.library import LINKS, LISTS, TARGETS, Constraint, Library
from lungkg.shapes.tally import Tally, name_of

_TARGETS: Final = {
    SH.targetClass: "every instance of",
    SH.targetNode: "the node",
    SH.targetSubjectsOf: "everything that has",
    SH.targetObjectsOf: "every value of",
}
_INSIDE: Final = {SH["not"]: "must not hold", SH.qualifiedValueShape: "counted", SH.node: "must hold"}


@dataclass(frozen=True)
class Rule:
    """One constraint: what it demands in words, how the shapes write it, and what it did.

    `name` and `message` are those of a query; other constraints have those of their group. `targets`, `values` and
    `results` are None where that was not counted.
    """

    words: str
    written: str
    component: str
    check: str
    check_name: str = ""
    name: str = ""
    message: str = ""
    query: str = ""
    off: bool = False
    values: int | None = None
    results: int | None = None
    waived: int = 0
    idle: bool = False
    """Whether it was asked about no value, though there were focus nodes."""
    told: bool = True
    """Whether it has findings of its own; an alternative has none, they are those of the shape that it is one of."""


@dataclass(frozen=True)
class Group:
    """What a shape demands of one path, or of its nodes where the path is empty."""

    shape: str
    path: str
    name: str
    description: str
    message: str
    severity: str
    off: bool
    inside: str
    rules: tuple[Rule, ...]
    terms: frozenset[str] = frozenset()
    """The IRIs of the properties in the path."""


@dataclass(frozen=True)
class Target:
    """What a shape is about: how, and the IRI of the class, property or node."""

    how: str
    iri: str


@dataclass(frozen=True)
class Guide:
    """One shape; `shape` is its IRI, or what a blank one is called."""

    shape: str
    name: str
    label: str
    comment: str
    severity: str
    off: bool
    used_by: tuple[str, ...]
    targets: tuple[Target, ...]
    groups: tuple[Group, ...]
    focus_nodes: int | None = None
    place: str = ""
    classes: frozenset[str] = field(default=frozenset())

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """All its constraints."""
        return tuple(rule for group in self.groups for rule in group.rules)

    @property
    def results(self) -> int | None:
        """How many findings it has; None when that is not known of all its constraints."""
        counts = [rule.results for rule in self.rules if rule.told]
        return None if None in counts else sum(n for n in counts if n is not None)

    @property
    def is_lost(self) -> bool:
        """Whether no target leads to it, so that it checks nothing."""
        return not self.targets and not self.used_by


def guides(library: Library, tally: Tally | None = None) -> tuple[Guide, ...]:
    """Describe all shapes, by name; each property shape stands below the shapes that lead to it."""
    writer = _Writer(library, tally)
    return tuple(writer.guide(shape) for shape in writer.tops())


class _Writer:
    def __init__(self, library: Library, tally: Tally | None) -> None:
        self._library, self._graph, self._tally = library, library.graph, tally
        self._constraints: dict[Node, list[Constraint]] = {}
        for one in library.constraints:
            self._constraints.setdefault(one.holder, []).append(one)

    def tops(self) -> list[Node]:
        """Give the shapes that stand by themselves: with a target, named without a path, or not led to by others."""
        library = self._library
        named = {
            shape
            for shape in library.shapes
            if not isinstance(shape, rdflib.BNode) and (shape, SH.path, None) not in self._graph
        }
        found = named | set(library.targeted)
        self._found = found
        reached = {part for top in found for _, _, part in self._parts(top)}
        rest = library.shapes - found - reached
        led = {inner for shape in rest for inner in library.inner(shape)}
        found |= (rest - led) or rest
        reached |= {part for top in found for _, _, part in self._parts(top)}
        return sorted(found | (library.shapes - reached), key=library.name)

    def _parts(self, top: Node) -> Iterator[tuple[str, str, Node]]:
        """Yield a shape and the shapes below it that do not stand by themselves: path, role, shape."""
        todo: list[tuple[str, str, Node]] = [("", "", top)]
        seen = {top}
        while todo:
            way, role, shape = todo.pop(0)
            own = self._graph.value(shape, SH.path)
            here = "/".join(filter(None, [way, self._library.path(own) if own is not None else ""]))
            yield here, role, shape
            for link in (*LINKS, *LISTS):
                heads = in_order(self._graph.objects(shape, link))
                inner = [one for head in heads for one in self._graph.items(head)] if link in LISTS else heads
                for one in inner:
                    if one not in seen and one not in self._found:
                        seen.add(one)
                        role_there = "one of several" if link in LISTS else _INSIDE.get(link, role)
                        todo.append((here, role_there, one))

    def guide(self, shape: Node) -> Guide:
        """Describe one shape."""
        library, tally, name = self._library, self._tally, name_of(shape)
        tops = library.governed_by.get(shape, ())
        return Guide(
            shape=str(shape),
            name=library.name(shape),
            label=self._said(shape, RDFS.label, SH.name),
            comment=self._said(shape, RDFS.comment, SH.description),
            severity=self._severity(shape),
            off=library.is_off(shape),
            used_by=tuple(str(top) for top in tops if top != shape),
            targets=tuple(self._targets(shape)),
            groups=tuple(self._group(*part) for part in self._parts(shape)),
            focus_nodes=tally.targets.get(name) if tally is not None else None,
            place=tally.places.get(name, "") if tally is not None else "",
            classes=frozenset(str(kind) for kind in self._classes(shape)),
        )

    def _classes(self, shape: Node) -> list[Node]:
        own = [shape] if self._library.is_class(shape) else []
        return [*self._graph.objects(shape, SH.targetClass), *own]

    def _targets(self, shape: Node) -> Iterator[Target]:
        if self._library.is_class(shape):
            yield Target("every instance of", str(shape))
        for link in TARGETS:
            for value in in_order(self._graph.objects(shape, link)):
                yield Target(_TARGETS[link], str(value))

    def _group(self, path: str, role: str, shape: Node) -> Group:
        own = self._graph.value(shape, SH.path)
        return Group(
            shape="" if isinstance(shape, rdflib.BNode) else str(shape),
            path=path,
            name=self._said(shape, SH.name, RDFS.label),
            description=self._said(shape, SH.description, RDFS.comment),
            message=self._said(shape, SH.message),
            severity=self._severity(shape),
            off=self._library.is_off(shape),
            inside=role,
            rules=tuple(
                self._rule(one, "the value" if path and own is None else "the node itself")
                for one in self._constraints.get(shape, ())
            ),
            terms=frozenset(self._iris(own)) if own is not None else frozenset(),
        )

    def _iris(self, path: Node) -> Iterator[str]:
        """Yield the properties that a path goes along."""
        if isinstance(path, rdflib.URIRef):
            yield str(path)
            return
        for link, value in self._graph.predicate_objects(path):
            if link != RDF.type and value != RDF.nil:
                yield from self._iris(value)

    def _rule(self, one: Constraint, node: str) -> Rule:
        library, tally = self._library, self._tally
        is_query = one.parameter == "sparql"
        is_off, told = (
            library.is_off(one.check),
            one.holder in library.reporting or not library.governed_by.get(one.holder),
        )
        values = tally.values.get(name_of(one.holder)) if tally is not None else None
        lonely = values == 0 and not is_off and one.parameter in ON_EACH_VALUE and self._focus_nodes(one.holder) > 0
        waived = tally.waived.get(name_of(one.check), {}).get(one.component, 0) if tally is not None else 0
        return Rule(
            words=demand(library, one, node),
            written=library.words(one.parameter, one.values),
            component=one.component,
            check="" if isinstance(one.check, rdflib.BNode) else str(one.check),
            check_name=library.name(one.check),
            name=self._said(one.check, RDFS.label, SH.name) if is_query else "",
            message=self._said(one.check, SH.message) if is_query else "",
            query=self._said(one.check, SH.select, SH.ask) if is_query else "",
            off=is_off,
            values=0 if is_off and values is not None else values,
            results=tally.found(one.check, one.component) if tally is not None and told else None,
            waived=waived,
            idle=lonely,
            told=told,
        )

    def _focus_nodes(self, shape: Node) -> int:
        targets: Mapping[str, int] = self._tally.targets if self._tally is not None else {}
        return sum(targets.get(name_of(top), 0) for top in self._library.governed_by.get(shape, ()))

    def _said(self, node: Node, *links: Node) -> str:
        """Give what is said of a node by the first of these properties that it has; English where there is a choice."""
        for link in links:
            values = in_order(self._graph.objects(node, link))
            english = [one for one in values if isinstance(one, rdflib.Literal) and one.language == "en"]
            if values:
                return str((english or values)[0])
        return ""

    def _severity(self, shape: Node) -> str:
        value = self._graph.value(shape, SH.severity)
        return "Violation" if value is None else str(value).removeprefix(str(SH))
