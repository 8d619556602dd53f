"""Runs SHACL shapes: core constraints by pySHACL or compiled, each sh:sparql constraint once for all targets.

pySHACL runs a sh:sparql query anew for every focus node, which took 95 % of its time when measured.
A constraint that can be run set by set is taken out of what pySHACL sees and run on Oxigraph; one that
cannot is left to pySHACL. Nothing is skipped, and the shapes stay standard SHACL.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pyoxigraph as ox
import pyshacl
import rdflib
from pyshacl.errors import ReportableRuntimeError
from rdflib import RDF, RDFS, SH

from lungkg import lexer
from lungkg.report import Finding
from lungkg.stores import select
from lungkg.validation.compiler import FEW, Constraint, count_targets
from lungkg.validation.joins import read_apart
from lungkg.validation.patterns import about
from lungkg.validation.words import n_triples

logging.getLogger("pyshacl-validate").disabled = True  # what it logs, it raises as well


class EngineTripped(ValueError):
    """pySHACL fell over something in the data; it may yet run for other shapes and nodes."""


_SPARQL_COMPONENT: Final = str(SH.SPARQLConstraintComponent)

_NOT_SET_BASED: Final = frozenset(
    {"$PATH", "?PATH", "$shapesGraph", "?shapesGraph", "$currentShape", "?currentShape"}
    | {"UNION", "MINUS", "VALUES", "SERVICE", "GROUP", "HAVING", "LIMIT", "OFFSET"}
)
_NESTING: Final = (SH.node, SH.property, SH["not"], SH.qualifiedValueShape)
_LOCAL: Final = frozenset(
    [
        *("path", "targetClass", "name", "description", "message", "severity", "order", "group", "deactivated"),
        *("minCount", "maxCount", "datatype", "class", "nodeKind", "in", "hasValue", "pattern", "flags"),
        *("minLength", "maxLength", "minInclusive", "maxInclusive", "minExclusive", "maxExclusive"),
        *("equals", "disjoint", "lessThan", "lessThanOrEquals", "uniqueLang", "languageIn"),
        *("closed", "ignoredProperties", "property", "alternativePath", "defaultValue"),
        *("declare", "prefix", "namespace", "prefixes", "select", "ask"),
    ]
)


@dataclass(frozen=True)
class SetBased:
    """A sh:sparql constraint as one query over all targets of its shape; it selects ?this and ?value.

    `targets` is the pattern of the targets; `prologue` and `text` are the query as it is written.
    """

    constraint: rdflib.term.Node
    shape: rdflib.term.Node
    severity: str
    message: str
    query: str
    targets: str
    prologue: str
    text: str

    @cached_property
    def sweep(self) -> str:
        """The same query for many targets."""
        return read_apart(self.prologue, self.text, self.targets) or self.query

    def at(self, node: str) -> str:
        """Give the query for one target, in N-Triples form; it selects no ?this."""
        return self.prologue + about(self.text, node)


@dataclass(frozen=True)
class Shapes:
    """A shapes graph, split into what pySHACL runs and what runs set by set."""

    graph: rdflib.Graph

    @cached_property
    def set_based(self) -> tuple[SetBased, ...]:
        """The sh:sparql constraints that run set by set."""
        found = (
            self._compile(shape, constraint)
            for shape, constraint in sorted(self.graph.subject_objects(SH.sparql))
            if (shape, RDF.type, SH.PropertyShape) not in self.graph
        )
        return tuple(one for one in found if one is not None)

    @cached_property
    def core(self) -> rdflib.Graph:
        """The graph that pySHACL gets: all but the constraints that run set by set."""
        rest = rdflib.Graph()
        taken = {(one.shape, one.constraint) for one in self.set_based}
        nodes = {one.constraint for one in self.set_based}
        for triple in self.graph:
            if not (triple[1] == SH.sparql and (triple[0], triple[2]) in taken) and triple[0] not in nodes:
                rest.add(triple)
        return rest

    @cached_property
    def local(self) -> bool:
        """Whether each core constraint looks only at a focus node's own triples and its values' types.

        If so, a big graph can be validated piece by piece with the same results.
        """
        for subject, predicate, value in self.core:
            name = str(predicate).removeprefix(str(SH))
            if str(predicate).startswith(str(SH)) and name not in _LOCAL:
                return False
            if predicate == SH.property and (subject, SH.path, None) in self.core:
                return False
            if predicate == SH.path and isinstance(value, rdflib.BNode) and not self._plain_path(value):
                return False
        return True

    def _plain_path(self, path: rdflib.BNode) -> bool:
        """Say whether a path is one of several properties, or the types of a property's values."""
        options = self.core.value(path, SH.alternativePath)
        if options is not None:
            return all(isinstance(item, rdflib.URIRef) for item in self.core.items(options))
        steps = list(self.core.items(path))
        return len(steps) == 2 and isinstance(steps[0], rdflib.URIRef) and steps[1] == RDF.type

    def _compile(self, shape: rdflib.term.Node, constraint: rdflib.term.Node) -> SetBased | None:
        graph = self.graph
        select = graph.value(constraint, SH.select)
        targets = self._targets(shape)
        nested = any((None, link, shape) in graph for link in _NESTING)
        switched_off = graph.value(shape, SH.deactivated) or graph.value(constraint, SH.deactivated)
        if select is None or not targets or nested or switched_off:
            return None
        text = str(select)
        if not _joins_with_targets(text):
            return None
        message = graph.value(constraint, SH.message) or graph.value(shape, SH.message) or ""
        severity = graph.value(shape, SH.severity) or SH.Violation
        prefixes = self.prologue(constraint)
        query = prefixes + _over_all_targets(text, targets)
        if not _parses(query):
            return None
        found = SetBased(
            constraint, shape, str(severity).removeprefix(str(SH)), str(message), query, targets, prefixes, text
        )
        return found if _parses(found.at("<urn:x-lungkg:node>")) else None

    def _targets(self, shape: rdflib.term.Node) -> str:
        graph = self.graph
        patterns = [
            f"?this <{RDF.type}>/<{RDFS.subClassOf}>* {target.n3()} ."
            for target in graph.objects(shape, SH.targetClass)
        ]
        patterns += [f"VALUES ?this {{ {node.n3()} }}" for node in graph.objects(shape, SH.targetNode)]
        patterns += [f"?this {link.n3()} [] ." for link in graph.objects(shape, SH.targetSubjectsOf)]
        patterns += [f"[] {link.n3()} ?this ." for link in graph.objects(shape, SH.targetObjectsOf)]
        if (shape, RDF.type, RDFS.Class) in graph:
            patterns.append(f"?this <{RDF.type}>/<{RDFS.subClassOf}>* {shape.n3()} .")
        return " UNION ".join(f"{{ {pattern} }}" for pattern in sorted(patterns))

    def prologue(self, constraint: rdflib.term.Node) -> str:
        """Declare the prefixes of a sh:sparql constraint."""
        lines = []
        for holder in self.graph.objects(constraint, SH.prefixes):
            for declaration in self.graph.objects(holder, SH.declare):
                prefix, namespace = (
                    self.graph.value(declaration, SH.prefix),
                    self.graph.value(declaration, SH.namespace),
                )
                lines.append(f"PREFIX {prefix}: <{namespace}>\n")
        return "".join(sorted(lines))


def _joins_with_targets(text: str) -> bool:
    """Say whether a query means the same when its targets are joined in, instead of bound beforehand.

    It does when it is one group, with inner groups only after OPTIONAL and EXISTS, and computes nothing
    in an OPTIONAL: elsewhere $this would not be in scope.
    """
    before = ""
    groups: list[str] = []
    selects = opened = 0
    for token in lexer.tokens(text):
        word = token.upper if token.kind == "word" else token.text
        if word in _NOT_SET_BASED or (word == "BIND" and "OPTIONAL" in groups):
            return False
        if token.text == "{":
            if groups and before not in ("OPTIONAL", "EXISTS"):
                return False
            groups.append(before)
            opened += 1
        elif token.text == "}" and groups:
            groups.pop()
        selects += word == "SELECT"
        before = word
    return lexer.form(text) == "SELECT" and selects == 1 and opened > 0


def _parses(query: str) -> bool:
    try:
        ox.Store().query(query)
    except SyntaxError:
        return False  # pySHACL says what is wrong with it
    return True


def _over_all_targets(text: str, pattern: str) -> str:
    """Put the target pattern at the start of the outermost group."""
    opening = next(token for token in lexer.tokens(text) if token.text == "{")
    at = opening.start + 1
    return f"{text[:at]} {pattern} {text[at:]}"


def core_findings(results: rdflib.Graph) -> Iterator[Finding]:
    """Read the results graph of a pySHACL run; results that only detail another one become its causes."""
    details = set(results.objects(None, SH.detail))
    for node in results.subjects(RDF.type, SH.ValidationResult):
        if node in details:
            continue
        constraint = results.value(node, SH.sourceConstraint)
        yield Finding(
            severity=str(results.value(node, SH.resultSeverity)).removeprefix(str(SH)),
            check=str(constraint or results.value(node, SH.sourceShape)),
            message=_message(results, node),
            focus=n_triples(results.value(node, SH.focusNode)),
            path=n_triples(results.value(node, SH.resultPath)),
            value=n_triples(results.value(node, SH.value)),
            component=str(results.value(node, SH.sourceConstraintComponent)),
            shape=str(results.value(node, SH.sourceShape)),
            causes=tuple(sorted(_message(results, detail) for detail in results.objects(node, SH.detail))),
        )


def _message(results: rdflib.Graph, node: rdflib.term.Node) -> str:
    """Give a result's message: the English one of several, else the first."""
    messages = sorted(results.objects(node, SH.resultMessage), key=str)
    english = [one for one in messages if isinstance(one, rdflib.Literal) and (one.language or "en")[:2] == "en"]
    return str((english or messages or [""])[0])


def core_results(data: rdflib.Graph, shapes: rdflib.Graph) -> rdflib.Graph:
    """Run pySHACL and give its results graph.

    Raises ValueError when the shapes cannot be used, and EngineTripped when it fails over the data.
    """
    try:
        _, results, _ = pyshacl.validate(data, shacl_graph=shapes, inference="none", inplace=True)
    except (ReportableRuntimeError, NotImplementedError, re.error) as error:
        raise ValueError(f"the shapes cannot be used: {error}") from None
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - pySHACL and rdflib raise what they like, bare Exception included
        if type(error).__name__ == "ParseException":  # rdflib's parser of SPARQL, about a query of the shapes
            raise ValueError(f"the shapes cannot be used: {error}") from None
        raise EngineTripped(f"{type(error).__name__}: {error}") from None
    if not isinstance(results, rdflib.Graph):
        # pySHACL returns a ValidationFailure instead of raising it.
        raise ValueError(f"the shapes cannot be used: {getattr(results, 'message', results)}")
    return results


def compiled_findings(store: ox.Store, constraint: Constraint, *, nodes: Iterable[str] | None = None) -> list[Finding]:
    """Run one compiled core constraint over the store that it was compiled for, or only over some of its targets."""
    if nodes is not None:
        return [finding for node in nodes for finding in _compiled(store, constraint, constraint.at(node), node)]
    return list(_compiled(store, constraint, constraint.sweep))


def _compiled(store: ox.Store, constraint: Constraint, query: str, node: str = "") -> Iterator[Finding]:
    """Run a query of a compiled constraint, for one node or all."""
    for solution in select(store, query):
        yield Finding(
            severity=constraint.severity,
            check=constraint.shape,
            message=constraint.message,
            focus=node or str(solution["this"]),
            path=_optional(solution, "path") or constraint.path,
            value=_optional(solution, "value"),
            component=constraint.component,
            shape=constraint.shape,
        )


def set_based_findings(
    store: ox.Store,
    one: SetBased,
    *,
    passed_over: frozenset[str] = frozenset(),
    nodes: Iterable[str] | None = None,
    few: int = FEW,
) -> list[Finding]:
    """Run one set-based constraint over a store, over all its targets or only some `nodes` (in N-Triples form).

    Focus nodes in `passed_over` (in N-Triples form) are left out: those that failed a core constraint,
    so that a query need not cope with a missing or ill-typed value.
    """
    if nodes is None:
        if count_targets(store, one.targets, few + 1) > few:
            return list(_set_based(store, one, one.sweep, passed_over))
        targets = [row["this"] for row in select(store, f"SELECT DISTINCT ?this {{ {one.targets} }}")]
        if any(isinstance(node, ox.BlankNode) for node in targets):  # which cannot be named in a query
            return list(_set_based(store, one, one.query, passed_over))
        nodes = sorted(map(str, targets))
    found = (_set_based(store, one, one.at(node), passed_over, node) for node in nodes if node not in passed_over)
    return [finding for findings in found for finding in findings]


def _set_based(
    store: ox.Store, one: SetBased, query: str, passed_over: frozenset[str], node: str = ""
) -> Iterator[Finding]:
    """Run a query of a set-based constraint, for one node or all."""
    seen = set()
    solutions = select(store, query)
    names = [variable.value for variable in solutions.variables]
    for solution in solutions:
        told = {"this": node, **{name: _optional(solution, name) for name in names}}
        focus, value, path = told["this"], told.get("value", ""), told.get("path", "")
        if focus not in passed_over and (focus, value, path) not in seen:
            seen.add((focus, value, path))
            yield Finding(
                severity=one.severity,
                check=str(one.constraint),
                message=_filled(told.get("message", "") or one.message, told),
                focus=focus,
                path=path,
                value=value or focus,
                component=_SPARQL_COMPONENT,
                shape=str(one.shape),
            )


def _filled(message: str, told: dict[str, str]) -> str:
    """Put the values of a solution into a message, where it has {?name} or {$name}."""
    for name, value in told.items():
        message = message.replace(f"{{?{name}}}", value).replace(f"{{${name}}}", value)
    return message


def _optional(solution: ox.QuerySolution, name: str) -> str:
    try:
        value = solution[name]
    except KeyError:
        return ""
    return "" if value is None else str(value)
