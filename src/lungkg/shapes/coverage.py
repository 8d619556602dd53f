"""Counts what shapes check in data, and finds the data that no shape looks at."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pyoxigraph as ox
import rdflib
from rdflib import RDF, RDFS, SH
from rdflib.term import Node, URIRef

from lungkg.report import SEVERITIES, Finding
from lungkg.shapes.checks import Checks, findings_of
from lungkg.shapes.hierarchy import Hierarchy, in_order
from lungkg.shapes.library import Constraint, Library
from lungkg.shapes.queries import query_terms
from lungkg.shapes.sample import Sample
from lungkg.shapes.telling import tell
from lungkg.validation.shacl import Shapes

_CLASSES: Final = "SELECT ?class (COUNT(DISTINCT ?s) AS ?n) { ?s a ?class FILTER(isIRI(?class)) } GROUP BY ?class"
_USES: Final = """
    SELECT ?class ?p (COUNT(*) AS ?n)
    { { SELECT DISTINCT ?s ?class { ?s a ?class FILTER(isIRI(?class)) } } { SELECT ?s ?p { ?s ?p ?o } } }
    GROUP BY ?class ?p
"""
ON_EACH_VALUE: Final = frozenset(
    {"class", "datatype", "nodeKind", "in", "pattern", "minLength", "maxLength", "node", "and", "or", "not", "xone"}
    | {"minInclusive", "maxInclusive", "minExclusive", "maxExclusive", "languageIn", "lessThan", "lessThanOrEquals"}
)
"""The parameters that ask something of each value; the others count or compare values, and none is an answer."""


@dataclass(frozen=True)
class Row:
    """What one constraint did: how many focus nodes and values it was asked about, and its results."""

    constraint: Constraint
    targets: int
    values: int
    violations: int


@dataclass(frozen=True)
class Coverage:
    """What the shapes checked in some data, and what they left alone: classes, and properties by class."""

    data: str
    rows: tuple[Row, ...]
    targets: dict[Node, int]
    untouched_classes: dict[str, int]
    untouched_properties: dict[tuple[str, str], int]


def cover(
    library: Library, hierarchy: Hierarchy, sample: Sample, progress: Callable[[int, int], None] = lambda *_: None
) -> Coverage:
    """Validate data and count what was checked. Raises ValueError for shapes that cannot be used."""
    ways = Ways(library, sample)
    counted = sample.counts(ways.queries())
    found = _results(library, sample, progress)
    rows = tuple(
        Row(
            one,
            sum(counted[query] for query in ways.of_targets(one.holder)),
            0 if library.is_off(one.check) else sum(counted[query] for query in ways.of_values(one.holder)),
            found[one.key],
        )
        for one in library.constraints
    )
    targets = {shape: counted[ways.focus_nodes(shape)] for shape in library.targeted if not library.is_off(shape)}
    classes, properties = _untouched(library, hierarchy, sample)
    return Coverage(sample.name, rows, targets, classes, properties)


def _results(library: Library, sample: Sample, progress: Callable[[int, int], None]) -> Counter[tuple[str, str]]:
    """Count the results by check and component; what a release was published by has no Violation in it."""
    checks = Checks.of(library, sample.store)
    if len(checks.rest) or not sample.accepts(library.graph):
        return Counter((one.check, one.component) for one in sample.validated(Shapes(library.graph), progress))
    mild = [one for one in checks.all.values() if one.severity != SEVERITIES[0]]
    findings = (finding for check in mild for finding in findings_of(check, sample.store))
    return Counter((one.check, one.component) for one in findings)


class Ways:
    """Writes the queries that count focus nodes and values: from each targeted shape to each that it leads to."""

    def __init__(self, library: Library, sample: Sample) -> None:
        """Take shapes, and the data that says which classes are below which."""
        self.library, self.sample = library, sample

    @cached_property
    def _all(self) -> dict[Node, list[tuple[Node, str]]]:
        found: dict[Node, list[tuple[Node, str]]] = defaultdict(list)
        for top in self.library.targeted:
            todo: list[tuple[Node, str, frozenset[Node]]] = [(top, "", frozenset())]
            while todo:
                shape, way, above = todo.pop()
                if shape in above or self.library.is_off(shape):  # a shape may lead back to itself
                    continue
                own = self.library.graph.value(shape, SH.path)
                here = "/".join(filter(None, [way, self.library.sparql_path(own) if own is not None else ""]))
                if (top, here) not in found[shape]:
                    found[shape].append((top, here))
                    todo += [(inner, here, above | {shape}) for inner in self.library.inner(shape)]
        return found

    def queries(self) -> set[str]:
        """Give every query that the other methods name."""
        shapes = {one.holder for one in self.library.constraints}
        wanted = {query for shape in shapes for query in (*self.of_targets(shape), *self.of_values(shape))}
        return wanted | {self.focus_nodes(shape) for shape in self.library.targeted}

    def focus_nodes(self, shape: Node) -> str:
        """Count the focus nodes of a targeted shape."""
        return f"SELECT (COUNT(DISTINCT ?this) AS ?n) {{ {self._targets[shape]} }}"

    def of_targets(self, shape: Node) -> list[str]:
        """Count the focus nodes of each targeted shape that leads to a shape."""
        return [self.focus_nodes(top) for top in in_order({top for top, _ in self._all.get(shape, ())})]

    def of_values(self, shape: Node) -> list[str]:
        """Count the values that a shape is asked about, on each way to it."""
        return [self.values(top, way) for top, way in self.to(shape)]

    def to(self, shape: Node) -> list[tuple[Node, str]]:
        """Give the targeted shapes that lead to a shape, each with the path there; "" is the focus node itself."""
        return self._all.get(shape, [])

    def values(self, top: Node, way: str) -> str:
        """Count the values that a path leads to from the focus nodes of a targeted shape."""
        if not way:
            return self.focus_nodes(top)
        inner = f"SELECT DISTINCT ?this ?value {{ {self._targets[top]} ?this {way} ?value }}"
        return f"SELECT (COUNT(*) AS ?n) {{ {inner} }}"

    @cached_property
    def _targets(self) -> dict[Node, str]:
        return {shape: self._pattern(shape) for shape in self.library.targeted}

    def kinds(self, shape: Node) -> list[str]:
        """List the classes whose instances a shape targets, those below included, each in angle brackets."""
        kinds = [*self.library.graph.objects(shape, SH.targetClass), *([shape] if self.library.is_class(shape) else [])]
        return sorted({iri for kind in kinds for iri in self._below(kind)})

    def _pattern(self, shape: Node) -> str:
        graph, patterns = self.library.graph, []
        below = self.kinds(shape)
        if below:
            patterns.append(f"VALUES ?kind {{ {' '.join(below)} }} ?this a ?kind .")
        patterns += [f"VALUES ?this {{ {node.n3()} }}" for node in graph.objects(shape, SH.targetNode)]
        patterns += [f"?this {link.n3()} ?any ." for link in graph.objects(shape, SH.targetSubjectsOf)]
        patterns += [f"?any {link.n3()} ?this ." for link in graph.objects(shape, SH.targetObjectsOf)]
        return patterns[0] if len(patterns) == 1 else " UNION ".join(f"{{ {one} }}" for one in sorted(patterns))

    def _below(self, kind: Node) -> list[str]:
        rows = self.sample.select(f"SELECT DISTINCT ?c {{ ?c <{RDFS.subClassOf}>* {kind.n3()} }}")
        return [kind.n3(), *(str(row["c"]) for row in rows if isinstance(row["c"], ox.NamedNode))]


def _untouched(
    library: Library, hierarchy: Hierarchy, sample: Sample
) -> tuple[dict[str, int], dict[tuple[str, str], int]]:
    """Find classes that no shape targets, and what instances of the others have that no shape looks at."""
    looks = _Looks(library, hierarchy)
    classes = {str(row["class"].value): int(row["n"].value) for row in sample.select_data(_CLASSES)}
    alone = {iri: n for iri, n in sorted(classes.items()) if not looks.at_class(URIRef(iri))}
    unseen = {}
    for row in sample.select_data(_USES):
        class_, property_, n = row["class"].value, row["p"].value, int(row["n"].value)
        if class_ not in alone and not looks.at_property(URIRef(class_), URIRef(property_)):
            unseen[class_, property_] = n
    return alone, dict(sorted(unseen.items()))


class _Looks:
    """Says which classes the shapes target, and which properties the shapes of a class speak of."""

    def __init__(self, library: Library, hierarchy: Hierarchy) -> None:
        self.library, self.hierarchy = library, hierarchy
        self._spoken: dict[Node, frozenset[str]] = {}

    def at_class(self, kind: Node) -> bool:
        """Say whether a shape targets a class, or one above it."""
        return bool(self._shapes_of(kind))

    def at_property(self, kind: Node, link: Node) -> bool:
        """Say whether a shape of a class speaks of a property or, in a query, of one above it."""
        shapes = self._shapes_of(kind)
        if link == RDF.type or any(self._is_closed(shape) for shape in shapes):
            return True
        spoken = frozenset().union(*(self._terms_of(shape) for shape in shapes))
        return any(str(one) in spoken for one in self.hierarchy.properties_above(link))

    def _is_closed(self, shape: Node) -> bool:
        return str(self.library.graph.value(shape, SH.closed)).lower() in ("true", "1")

    def _shapes_of(self, kind: Node) -> list[Node]:
        above = self.hierarchy.all_above(kind)
        return [shape for shape in self.library.targeted if self._targets(shape) & above]

    def _targets(self, shape: Node) -> set[Node]:
        if self.library.is_off(shape):
            return set()
        own = {shape} if self.library.is_class(shape) else set()
        return own | set(self.library.graph.objects(shape, SH.targetClass))

    def _terms_of(self, top: Node) -> frozenset[str]:
        if top not in self._spoken:
            graph = self.library.graph
            found: set[str] = set()
            for shape in self.library.reached_from(top):
                for check in graph.objects(shape, SH.sparql):
                    found |= query_terms(self.library, check)
                found |= set(self._named(shape))
            self._spoken[top] = frozenset(found)
        return self._spoken[top]

    def _named(self, shape: Node) -> Iterator[str]:
        """Yield the IRIs that a shape's own triples name, down into paths and lists."""
        todo, seen = [shape], set()
        while todo:
            node = todo.pop()
            seen.add(node)
            for value in self.library.graph.objects(node):
                if isinstance(value, rdflib.URIRef):
                    yield str(value)
                elif isinstance(value, rdflib.BNode) and value not in seen:
                    todo.append(value)


def uncovered(library: Library, coverage: Coverage) -> Iterable[Finding]:
    """Tell what stands out: targets without nodes, constraints without values, data without shapes."""
    for shape, n in coverage.targets.items():
        if not n:
            what = f"none of its targets is in the data ({coverage.data}), so it checked nothing"
            yield tell(library, "target-without-nodes", what, shape, None, "Warning")
    for row in coverage.rows:
        if row.targets and not row.values and row.constraint.parameter in ON_EACH_VALUE:
            words = library.words(row.constraint.parameter, row.constraint.values)
            what = f"{words} was asked about no value, for none of the {row.targets} focus nodes has one"
            yield tell(library, "constraint-without-values", what, row.constraint.check, None, "Info")
    for iri, n in coverage.untouched_classes.items():
        message = (
            f"{library.short(URIRef(iri))}: no shape has this class as a target; the data has instances of it ({n})"
        )
        yield Finding("Warning", "class-untouched", message, focus=f"<{iri}>")
    for (class_, link), n in coverage.untouched_properties.items():
        what = f"no shape of this class looks at {library.short(URIRef(link))}, which it has (triples: {n})"
        message = f"{library.short(URIRef(class_))}: {what}"
        yield Finding("Info", "property-untouched", message, focus=f"<{class_}>", path=f"<{link}>")
