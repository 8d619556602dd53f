"""The options that say which engine answers: the local one, or a SPARQL endpoint elsewhere."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from lungkg.cli.options import newest_release
from lungkg.engines import Engine, LocalEngine
from lungkg.engines.remote import RemoteEngine, Union
from lungkg.errors import BadParameter
from lungkg.namespaces import GRAPHS, Minter
from lungkg.project import Project

F = TypeVar("F", bound=Callable[..., Any])

_URL = click.option("--engine", "url", metavar="URL", help="Ask this SPARQL endpoint.  [default: the newest release]")
_UNION = click.option(
    "--union",
    type=click.Choice(["list", "native"]),
    default="list",
    show_default=True,
    help="Name all graphs with each query, or trust that the endpoint's default graph is their union.",
)
_USER = click.option("--user", help="User of the endpoint.")
_PASSWORD = click.option(
    "--password-env",
    "variable",
    metavar="VARIABLE",
    help="Environment variable with the password; without --user it is a Bearer token.",
)


def engine_options(command: F) -> F:
    """Add --engine, --union, --user and --password-env; give their values to `open_engine`."""
    for option in (_PASSWORD, _USER, _UNION, _URL):
        command = option(command)
    return command


def account_options(command: F) -> F:
    """Add --user and --password-env; read the second with `password_in`."""
    return _USER(_PASSWORD(command))


def password_in(variable: str | None) -> str | None:
    """Give the password that an environment variable holds. Raises BadParameter when it is not set."""
    if variable is None:
        return None
    try:
        return os.environ[variable]
    except KeyError:
        raise BadParameter("password-env", f"the environment has no variable {variable}") from None


def open_engine(
    project: Project,
    home: Path,
    *,
    url: str | None,
    union: Union,
    user: str | None,
    variable: str | None,
    **local: Any,
) -> Engine:
    """Give the remote engine that the options name, or the local one over the newest release.

    `local` goes to LocalEngine. Raises BadParameter, or what `newest_release` raises.
    """
    if url is None:
        return LocalEngine(newest_release(project, home).store, project.prefixes, **local)
    iris = Minter(project.base)
    graphs = [iris.graph(name) for name in GRAPHS]
    return RemoteEngine(url, graphs, project.prefixes, union=union, user=user, password=password_in(variable))
