"""Examines RDF files, or a project's sources, stage by stage, and explains what was found.

The stages are: reading, with positions; lint of literals and of the shapes; the core constraints; the query
constraints, for the nodes that passed; and the reasoner, when it is asked for. All of them give findings of
one report. What cannot be read ends an examination; nothing else does.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from lungkg.build import Build
from lungkg.checklists import project_waivers, shape_iris
from lungkg.errors import InputError, Place, SystemProblem
from lungkg.ontology import load_ontology
from lungkg.ontology_checks.axioms import Axioms
from lungkg.ontology_checks.review import Teller, reason_about
from lungkg.project import Project
from lungkg.reasoning import SECONDS
from lungkg.report import Finding, Report
from lungkg.validation.datatypes import CHECK, lint_literals
from lungkg.validation.explain import Explainer, names_of
from lungkg.validation.files import Source, graph_of, read_rdf
from lungkg.validation.guarded import any_target
from lungkg.validation.lint import lint_shapes
from lungkg.validation.run import store_of, validate
from lungkg.validation.shacl import Shapes
from lungkg.validation.terms_used import lint_terms
from lungkg.validation.unread import unread
from lungkg.waivers import settled, today


@dataclass(frozen=True)
class Examination:
    """What an examination found, and, where shapes were run here, the same as a sh:ValidationReport in Turtle."""

    report: Report
    results: Callable[[], bytes] | None = None


@dataclass(frozen=True)
class Given:
    """What is examined, as it was read: data, the shapes to hold it against, and what goes with both.

    With `alone`, only these shapes and that data count, and what they declare themselves is declared. `context`
    is what is known of things that the data mentions: it is looked at, but nothing that is found about it is told.
    """

    data: list[Source]
    shapes: list[Source]
    ontology: list[Source]
    declared: frozenset[str]
    prefixes: dict[str, str]
    place: Place
    """Where the shapes are, for telling that they cannot be used."""
    alone: bool = False
    unseen: bool = False
    """Whether the shapes are in no file that a reader could look at, so that no place in them is told."""
    context: list[Source] = field(default_factory=list)


def examine_files(
    data: Iterable[str], shapes: Iterable[str], project: Project, *, reasoning: bool = False
) -> Examination:
    """Examine files, folders, addresses and standard input ("-").

    Without `shapes`, those of the project are used, with its ontology; else only these shapes and that
    data count. Raises InputError for a file that is missing, and for shapes that cannot be used.
    """
    named = tuple(shapes)
    try:
        sources = read_rdf(data)
        rules = read_rdf(named or [str(path) for path in project.shape_files()])
        ontology = [] if named else read_rdf(str(path) for path in project.ontology_files())
    except InputError as error:
        return Examination(Report(_unread(error, project)))
    declared = load_ontology(project.ontology_files(), project.ont).declared
    place = Place(Path(named[0] if named else "shapes"))
    given = Given(sources, rules, ontology, declared, project.prefixes, place, alone=bool(named))

    def more(report: Report) -> None:
        if reasoning:
            report.add(reasoned([triple for source in [*sources, *ontology] for triple in source.triples], project))
        if not named:
            checks = shape_iris(project)
            report.findings = settled(report.findings, project_waivers(project), today(), checks, whole=False)

    return examine(given, more)


def examine(given: Given, more: Callable[[Report], None] = lambda _: None) -> Examination:
    """Examine what was read; `more` is called with the findings before they are explained, to add others.

    Raises InputError for shapes that cannot be used.
    """
    sources, rules = given.data, given.shapes
    graph, rule_graph = graph_of(sources), graph_of(rules)
    own = frozenset(graph.all_nodes())
    graph += graph_of([*given.ontology, *given.context])
    store = store_of(graph)
    try:
        # What is known of others may lack what they need, which says nothing about the queries on the data.
        report, results = validate(graph, Shapes(rule_graph), store, passing_over=not given.context)
    except ValueError as error:
        raise InputError.at(given.place, str(error)) from None
    if given.context:
        ours = {str(triple.subject) for source in sources for triple in source.triples}
        report.findings = [finding for finding in report.findings if finding.focus in ours]
    names = names_of([*sources, *rules], given.prefixes)
    declared = given.declared
    if given.alone:  # then what the data itself declares counts as declared, too
        declared |= {str(term) for term in [*graph.all_nodes(), *graph.predicates(), *rule_graph.subjects()]}
    report.add(_without_twins(lint_literals(sources, names), report.findings))
    report.add(lint_terms(sources, given.ontology, declared, names))
    report.add(lint_shapes(rule_graph, declared))
    more(report)
    if not any_target(rule_graph, graph, own):
        report.notes.append("No shape has a target in this data, so no shape checked anything.")
    seen = [] if given.unseen else rules
    if report.findings:
        report.notes += [_without_lines(source) for source in [*sources, *seen] if not source.has_lines]
    explainer = Explainer(rule_graph, store, names, [*sources, *given.ontology], seen, declared)
    report.findings = explainer.explained(report.findings)
    return Examination(report, lambda: results.serialize(format="turtle", encoding="utf-8"))


def examine_project(
    project: Project, build: Callable[[], Build], only: Iterable[Path] = (), *, reasoning: bool = False
) -> Examination:
    """Examine a project's sources by building without publishing; `build` does that.

    With `only`, findings elsewhere than in these files and folders are left out.
    """
    try:
        made = build()
    except InputError as error:
        report = Report(_unread(error, project))
    else:
        report = Report(list(made.report.findings), list(made.report.notes))
        if reasoning:
            report.add(_reasoned_ontology(project))
    wanted = [path.resolve() for path in only]
    if wanted:
        inside = [finding for finding in report.findings if _is_in(finding, wanted)]
        left = len(report.findings) - len(inside)
        report.findings = inside
        if left:
            report.notes.append(f"There are {left} findings in other files of the project, too.")
    return Examination(report)


def reasoned(triples: list[ox.Triple], project: Project) -> list[Finding]:
    """Ask the reasoner; what it finds are violations, each with the reason.

    Raises SystemProblem when it is missing or cannot be asked.
    """
    axioms = Axioms(triples)
    found = reason_about(axioms, Teller(axioms, None, project.prefixes), SECONDS, lambda: triples)
    if found.verdict is None and not found.report.findings:
        raise SystemProblem(" ".join(found.report.notes))
    return found.report.findings


def _reasoned_ontology(project: Project) -> list[Finding]:
    return reasoned(list(load_ontology(project.ontology_files(), project.ont).triples), project)


def _unread(error: InputError, project: Project) -> list[Finding]:
    """Make findings of what could not be read; raises again what has no line, such as a missing file."""
    if any(not problem.place.line for problem in error.problems):
        raise error
    return unread(error.problems, project.prefixes)


def _without_twins(lint: Iterable[Finding], found: list[Finding]) -> list[Finding]:
    """Leave out of lint what a shape said already about the same value."""
    told = {(one.focus, one.value) for one in found}
    return [one for one in lint if one.check != CHECK or (one.focus, one.value) not in told]


def _without_lines(source: Source) -> str:
    why = f"{source.form.name} has no lines that mean something" if not source.text else "its syntax is too new"
    return f"{source.place}: places here are told without lines; {why}."


def _is_in(finding: Finding, wanted: list[Path]) -> bool:
    if finding.place is None:
        return False
    here = finding.place.path.resolve()
    return any(here == path or here.is_relative_to(path) for path in wanted)
