"""`lungkg validate`."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click
import rdflib

from lungkg.cli.options import open_project, project_options, run_build
from lungkg.cli.show import out as console
from lungkg.cli.show import print_findings
from lungkg.errors import InputError, Place
from lungkg.ontology import load_ontology
from lungkg.project import Project
from lungkg.report import Report
from lungkg.validation.files import read_graph
from lungkg.validation.lint import lint_shapes
from lungkg.validation.run import validate as run_shapes
from lungkg.validation.shacl import Shapes


@click.command()
@project_options
@click.argument("data", nargs=-1)
@click.option(
    "--shapes",
    multiple=True,
    metavar="FILE|FOLDER",
    help="Use these shapes only.  [default: the project's, with its ontology]",
)
@click.option("--format", "name", default="text", show_default=True, type=click.Choice(["text", "json", "turtle"]))
@click.option("--strict", is_flag=True, help="Let lint findings count, not only what the shapes find.")
def validate(
    folder: Path | None,
    base: str | None,
    out: Path | None,
    data: tuple[str, ...],
    shapes: tuple[str, ...],
    name: str,
    strict: bool,
) -> None:
    """Validate RDF files against shapes; without DATA, the project itself.

    DATA are files or folders (Turtle, N-Triples, N-Quads, TriG, RDF/XML, JSON-LD), or - for Turtle on
    standard input. The exit code is 0 when sh:conforms is true and 1 when it is false.
    """
    project, home = open_project(folder, base, out)
    if not data:
        if shapes or name == "turtle":
            raise click.UsageError("--shapes and --format turtle need DATA.")
        report, results = run_build(project, home, publishing=False).report, None
    else:
        report, results = _validate_files(data, shapes, project)
    if name == "turtle" and results is not None:
        click.echo(results.serialize(format="turtle"), nl=False)
    elif name == "json":
        click.echo(
            json.dumps(
                {"conforms": report.conforms, "results": [asdict(f) for f in report.sorted()]},
                indent=2,
                default=str,
            )
        )
    else:
        print_findings(report)
        counts = ", ".join(f"{count} {severity.lower()}" for severity, count in report.counts().items())
        console.print(f"{'conforms' if report.conforms else 'does not conform'}: {counts}")
    sys.exit(1 if not report.conforms or (strict and report.findings) else 0)


def _validate_files(data: tuple[str, ...], shapes: tuple[str, ...], project: Project) -> tuple[Report, rdflib.Graph]:
    graph = read_graph(data)
    ontology = load_ontology(project.ontology_files(), project.ont)
    rules = read_graph(shapes or tuple(str(path) for path in project.shape_files()))
    declared = ontology.declared
    if shapes:
        # The shapes stand alone, so what the data itself declares counts as declared too.
        declared |= {str(term) for term in [*graph.subjects(), *rules.subjects(), *graph.predicates()]}
    else:
        graph += read_graph(tuple(str(path) for path in project.ontology_files()))
    try:
        report, results = run_shapes(graph, Shapes(rules))
    except ValueError as error:
        raise InputError.at(Place(Path(shapes[0] if shapes else "shapes")), str(error)) from None
    report.add(lint_shapes(rules, declared))
    return report, results
