"""`lungkg export site`: the static twin of the server."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from lungkg.cli.options import newest_release
from lungkg.cli.show import err
from lungkg.cli.show import out as console
from lungkg.engines import LocalEngine
from lungkg.project import Project
from lungkg.queries import load_catalogue
from lungkg.web import create_app
from lungkg.web.service import Served, Service
from lungkg.web.site import check_folder, write_site
from lungkg.web.site_links import Host

SITE: Final = "site"
TITLE: Final = "the whole web site, as files"
PURPOSE: Final = "hosts that only send files: Apache, object stores, a memory stick"
LOSES: Final = "SPARQL, forms, look-up of any IRI, and all but the first links to a thing"

F = TypeVar("F", bound=Callable[..., Any])


def site_options(command: F) -> F:
    """Add --endpoint and --address."""
    for option in (
        click.option(
            "--address",
            metavar="URL",
            callback=_address,
            help="Where the site will be; then it has the rules for w3id.org, too.",
        ),
        click.option("--endpoint", metavar="URL", callback=_url, help="SPARQL endpoint that the site is to name."),
    ):
        command = option(command)
    return command


def _url(context: click.Context, option: click.Parameter, value: str | None) -> str:
    """Give an absolute address, or the empty text for none."""
    if value is None:
        return ""
    try:
        parts = urlsplit(value)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in value
    except ValueError:
        known = False
    if not known or parts.query or parts.fragment or '"' in value:
        raise click.BadParameter(f"{value!r} is no address like https://example.org/sparql", context, option)
    return value


def _address(context: click.Context, option: click.Parameter, value: str | None) -> str:
    found = _url(context, option, value)
    return found if not found or found.endswith("/") else f"{found}/"


def export_site(project: Project, home: Path, path: str | None, host: Host) -> None:
    """Write the site of the newest release into a folder, replacing one that was written there before."""
    if path is None or path == "-":
        raise click.UsageError("site is many files; name a folder with --output.")
    folder = Path(path)
    check_folder(folder)
    release = newest_release(project, home)
    bar = Progress(
        TextColumn("writing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=err, transient=True
    )
    with LocalEngine(release.store, project.prefixes, base=project.base) as engine, bar:
        served = Served(engine, project, release, load_catalogue(project))
        task = bar.add_task("documents", total=None)
        number = write_site(
            create_app(Service(served)),
            served,
            folder,
            host,
            lambda done, of: bar.update(task, completed=done, total=of),
        )
    console.print(f"{folder}  {number:,} documents  release {release.id[:12]}", soft_wrap=True, markup=False)
