"""The command line: `lungkg build | validate | check | reason | query | sparql | serve | export | diff | publish`.

Exit codes: 0 ok · 1 does not conform · 2 usage or bad input · 3 engine or system.
"""

import sys

import click

from lungkg import __version__
from lungkg.cli.ask import sparql
from lungkg.cli.canned import query
from lungkg.cli.check import validate
from lungkg.cli.diff import diff
from lungkg.cli.export import export
from lungkg.cli.fair import check
from lungkg.cli.make import build
from lungkg.cli.ontology import ontology
from lungkg.cli.publish import publish
from lungkg.cli.reason import reason
from lungkg.cli.serve import serve
from lungkg.cli.shapes import shapes
from lungkg.errors import EngineError, LungkgError, SystemProblem


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="lungkg")
def cli() -> None:
    """Claims read from documents, as a validated and queryable RDF graph."""


check.add_command(ontology)
check.add_command(shapes)

for command in (build, validate, check, reason, query, sparql, serve, export, diff, publish):
    cli.add_command(command)


def main() -> None:
    """Run a command; what we raise on purpose is told in a sentence, with the exit code that it has."""
    try:
        cli(standalone_mode=True)
    except LungkgError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(3 if isinstance(error, EngineError | SystemProblem) else 2)
