"""`lungkg serve`."""

import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from lungkg.cli.engine import engine_options, open_engine
from lungkg.cli.options import newest_release, open_project, project_options
from lungkg.cli.probe import assess_release
from lungkg.cli.show import err
from lungkg.engines import LocalEngine
from lungkg.engines.remote import Union
from lungkg.errors import SystemProblem
from lungkg.limits import Limits, option, variable
from lungkg.project import Project
from lungkg.queries import load_catalogue
from lungkg.release import Release
from lungkg.sandbox import Sandbox
from lungkg.shapes.tally import tally_release
from lungkg.web import create_app
from lungkg.web.bridge import Bridge
from lungkg.web.cache import AnswerCache
from lungkg.web.server import Server
from lungkg.web.service import Follower, Served, Service, read_names
from lungkg.web.watch import Watch

F = TypeVar("F", bound=Callable[..., Any])


class _Finite(click.FloatRange):
    """A number that ends: a limit of nan would never be reached."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        found = super().convert(value, param, ctx)
        if not math.isfinite(found):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return found


def limit_options(command: F) -> F:
    """Add an option for each limit; each can also be set by its environment variable."""
    for name, default, about in reversed(Limits.table()):
        kind: Any = str if isinstance(default, str) else type(default)
        if kind in (int, float):
            kind = (click.IntRange if kind is int else _Finite)(min=about["least"])
        command = click.option(
            option(name),
            name,
            type=kind,
            default=default,
            show_default=not isinstance(default, str),
            envvar=variable(name),
            show_envvar=True,
            metavar=about["unit"].upper(),
            help=about["help"],
        )(command)
    return command


@click.command()
@project_options
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535))
@engine_options
@click.option(
    "--allow-service",
    "services",
    multiple=True,
    metavar="IRI",
    help="Let SERVICE call this address; may be given again for others.  [default: none]",
)
@click.option(
    "--proxies",
    default=0,
    show_default=True,
    type=click.IntRange(0),
    help="How many proxies stand before the server, whose X-Forwarded headers are believed.",
)
@click.option("--access-log/--no-access-log", default=True, show_default=True, help="One JSON object a request.")
@limit_options
def serve(
    folder: Path | None,
    base: str | None,
    out: Path | None,
    host: str,
    port: int,
    url: str | None,
    union: Union,
    user: str | None,
    variable: str | None,
    services: tuple[str, ...],
    proxies: int,
    access_log: bool,
    **given: Any,
) -> None:
    """Serve the graph over SPARQL, building it first when the sources changed.

    A release that is built meanwhile is served as soon as it is there. What each limit is for, and its
    environment variable, stands in docs/reference/limits.md.
    """
    limits = Limits(**given)
    project, home = open_project(folder, base, out)
    release = newest_release(project, home)

    def served(release: Release) -> Served:
        if url is None:
            return _served(project, release, limits, services)
        engine = open_engine(project, home, url=url, union=union, user=user, variable=variable)
        return Served(engine, project, release, load_catalogue(project), constant=False)

    service, sandbox = Service(served(release)), Sandbox(limits)
    try:
        watch = Watch(service, sys.stderr if access_log else None)
        app = create_app(service, limits, watch=watch, services=frozenset(services), proxies=proxies, sandbox=sandbox)
        try:
            server = Server(Bridge(app, service, limits, watch, proxies), host, port, limits.timeout)
        except OSError as error:
            raise SystemProblem(f"cannot listen on {host}:{port}: {error.strerror or error}") from None

        def say() -> None:
            err.print(f"serving release {release.id[:12]} at http://{host}:{port}/", soft_wrap=True)

        if url is not None:
            server.run(say)
            return

        def prepare(served: Served) -> None:
            read_names(served)
            tally_release(served.release, project)
            assess_release(served.release, project)

        with Follower(service, home, served, lambda text: err.print(text, markup=False, soft_wrap=True), prepare):
            server.run(say)
    finally:
        sandbox.close()
        service.close()


def _served(project: Project, release: Release, limits: Limits, services: tuple[str, ...]) -> Served:
    catalogue = load_catalogue(project)
    engine = LocalEngine(release.store, project.prefixes, limits, base=project.base, services=services)
    try:
        engine.ready()
    except BaseException:
        engine.close()
        raise
    return Served(engine, project, release, catalogue, AnswerCache(limits.cache))
