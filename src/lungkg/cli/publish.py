"""`lungkg publish`."""

from pathlib import Path

import click
from rich.table import Table

from lungkg.cli.engine import account_options, password_in
from lungkg.cli.options import newest_release, open_project, project_options
from lungkg.cli.show import err
from lungkg.cli.show import out as console
from lungkg.engines.graphstore import GraphStore
from lungkg.engines.remote import RemoteEngine
from lungkg.errors import EngineFault
from lungkg.publish import HOW_TO, Count, Edition, differing, graph_store_address, verify
from lungkg.publish import publish as replace_graphs


@click.command()
@project_options
@click.option("--engine", "url", metavar="URL", help="SPARQL endpoint of the server, where it takes queries.")
@click.option("--gsp", metavar="URL", help="Where it takes graphs.  [default: guessed from the endpoint]")
@account_options
@click.option(
    "--timeout",
    default=3600.0,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="For each graph.",
)
@click.option("--verify-only", is_flag=True, help="Send nothing, only compare the counts.")
@click.option(
    "--write",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write all graphs as N-Quads instead, for a bulk loader; compressed when FILE ends in .gz.",
)
def publish(
    folder: Path | None,
    base: str | None,
    out: Path | None,
    url: str | None,
    gsp: str | None,
    user: str | None,
    variable: str | None,
    timeout: float,
    verify_only: bool,
    path: Path | None,
) -> None:
    """Load the newest release into a SPARQL server, graph by graph, and count what arrived."""
    if (url is None) == (path is None):
        raise click.UsageError("Give --engine URL to load a server, or --write FILE to write a file.")
    password = password_in(variable)
    project, home = open_project(folder, base, out)
    release = newest_release(project, home)
    edition = Edition(release)
    if path is not None:
        edition.write_all(path)
        console.print(f"release {release.id[:12]} is in {path}; {HOW_TO} says how to load it", soft_wrap=True)
        return
    engine = RemoteEngine(url or "", prefixes=project.prefixes, union="native", user=user, password=password)
    server = engine.check()
    if not verify_only:
        store = GraphStore(gsp or graph_store_address(engine.url, server), user=user, password=password)
        replace_graphs(edition, store, timeout=timeout, progress=lambda name: err.print(f"sending {name}"))
    _compare(edition, engine, timeout)
    console.print(f"{engine.url} holds release {release.id[:12]}", soft_wrap=True)


def _compare(edition: Edition, engine: RemoteEngine, timeout: float) -> None:
    """Print the counts. Raises EngineFault when the server does not hold what it should."""
    counts: list[Count] = list(verify(edition, engine, timeout=timeout))
    table = Table("graph", box=None, pad_edge=False)
    table.add_column("here", justify="right")
    table.add_column("there", justify="right")
    table.add_column()
    for count in counts:
        table.add_row(count.graph, f"{count.here:,}", f"{count.there:,}", count.verdict)
    console.print(table)
    wrong = differing(counts)
    if wrong:
        raise EngineFault(
            engine.url,
            f"does not hold this release: {', '.join(wrong)} differ in the number of triples",
            "Publish again; if they still differ, it refused or merged triples: its log may say which.",
        )
