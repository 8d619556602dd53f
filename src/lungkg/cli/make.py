"""`lungkg build` and `lungkg serve`."""

import sys
from datetime import datetime
from pathlib import Path

import click

from lungkg.cli.options import newest_release, open_project, project_options, run_build
from lungkg.cli.show import err, print_findings, print_summary
from lungkg.cli.show import out as console
from lungkg.engines import LocalEngine
from lungkg.errors import SystemProblem
from lungkg.web import create_app
from lungkg.web.server import listen


@click.command()
@project_options
@click.option(
    "--date", type=click.DateTime(["%Y-%m-%d"]), help="Date of the release.  [default: the newest date in the sources]"
)
def build(folder: Path | None, base: str | None, out: Path | None, date: datetime | None) -> None:
    """Build a release from the sources, and switch to it when it conforms."""
    project, home = open_project(folder, base, out)
    made = run_build(project, home, None if date is None else date.date().isoformat())
    print_findings(made.report)
    print_summary(made)
    if made.release is None:
        err.print("not published: the release before, if there is one, stays as it is", style="bold red")
        sys.exit(1)
    console.print(f"release {made.release.id} in {made.release.path}", soft_wrap=True)


@click.command()
@project_options
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1), help="Processes that answer queries.")
def serve(folder: Path | None, base: str | None, out: Path | None, host: str, port: int, workers: int) -> None:
    """Serve the graph over SPARQL, building it first when the sources changed."""
    project, home = open_project(folder, base, out)
    release = newest_release(project, home)
    with LocalEngine(release.store, project.prefixes, workers=workers) as engine:
        engine.ready()
        try:
            server = listen(create_app(engine, project, release), host, port)
        except OSError as error:
            raise SystemProblem(f"cannot listen on {host}:{port}: {error.strerror}") from None
        err.print(f"serving release {release.id[:12]} at http://{host}:{port}/", soft_wrap=True)
        server.run()
