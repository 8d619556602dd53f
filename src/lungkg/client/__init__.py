"""The client for Python: `connect` to a project or to an endpoint, then ask it.

from lungkg import connect

with connect() as graph:
    for row in graph.select("SELECT ?s { ?s ?p ?o } LIMIT 3"):
        print(row.s)
"""

import os
from pathlib import Path
from typing import Final

from lungkg.client.canned import Question
from lungkg.client.connection import Connection
from lungkg.client.rows import Row, Rows
from lungkg.client.values import IRI, BlankNode, Literal, TripleTerm, Value
from lungkg.engines.base import DEFAULT_TIMEOUT
from lungkg.errors import BadParameter
from lungkg.limits import Limits
from lungkg.project import CORE_PREFIXES

__all__ = ["IRI", "BlankNode", "Connection", "Literal", "Question", "Row", "Rows", "TripleTerm", "Value", "connect"]

_MANY: Final = 1_000_000


def connect(
    target: str | os.PathLike[str] | None = None,
    *,
    timeout: float = DEFAULT_TIMEOUT,
    base: str | None = None,
    out: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    user: str | None = None,
    password: str | None = None,
) -> Connection:
    """Connect to a project's newest release, or to a SPARQL endpoint; close it, or use it in a `with`.

    `target` is the folder of a project or the address of an endpoint; an address without a path means its
    /sparql. Without a target the project is the current folder, else the one that comes with lungkg. A
    project that was not built yet, or whose sources changed, is built first.

    `timeout` is the limit of each query in seconds. For a project, `base` is the IRI to publish it under,
    `out` the folder of its releases, `workers` the number of queries that may run at once (1). For an
    endpoint, `user` and `password` are what it asks for (a password alone is sent as a Bearer token);
    nothing is sent to it before the first query, which asks the endpoint's own default graph.

    Raises InputError for a folder that is no project or cannot be built, BadParameter for an option that
    does not fit, SystemProblem when the disk says no or another build is running. Warns by StaleRelease
    when the sources changed but cannot be built, so that the release before answers.
    """
    if not timeout > 0:
        raise BadParameter("timeout", f"must be a positive number of seconds, not {timeout!r}")
    if isinstance(target, str) and "://" in target:
        _refuse("is for the folder of a project, not for an endpoint", base=base, out=out, workers=workers)
        return _remote(target, user, password, timeout)
    _refuse("is for an endpoint, not for the folder of a project", user=user, password=password)
    return _local(_path(target), base, _path(out), 1 if workers is None else workers, timeout)


def _refuse(why: str, **options: object) -> None:
    for name, value in options.items():
        if value is not None:
            raise BadParameter(name, why)


def _path(name: str | os.PathLike[str] | None) -> Path | None:
    return None if name is None else Path(name)


def _remote(url: str, user: str | None, password: str | None, timeout: float) -> Connection:
    from lungkg.client.served import ServedCanned  # noqa: PLC0415
    from lungkg.engines.remote import RemoteEngine  # noqa: PLC0415 # it takes its time to import

    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    address = url if path or "?" in host else f"{scheme}://{host}/sparql"
    engine = RemoteEngine(address, prefixes=CORE_PREFIXES, union="native", user=user, password=password)
    beside = address.partition("?")[0].rstrip("/").endswith("/sparql")
    canned = ServedCanned(address, user, password) if beside else None
    return Connection(engine, url, timeout=timeout, canned=canned)


def _local(folder: Path | None, base: str | None, out: Path | None, workers: int, timeout: float) -> Connection:
    from lungkg.client.local import newest_release, open_project  # noqa: PLC0415 # a build needs every module
    from lungkg.engines import LocalEngine  # noqa: PLC0415

    if workers < 1:
        raise BadParameter("workers", f"must be at least 1, not {workers}")
    project, home = open_project(folder, base, out)
    release = newest_release(project, home)
    # One who asks alone has no need of turns: the limits that keep clients apart are out of the way.
    unhurried = Limits(quick_workers=workers, slow_workers=workers, quick_queue=_MANY, slow_queue=_MANY, share=_MANY)
    engine = LocalEngine(release.store, project.prefixes, unhurried)
    name = f"release {release.id[:12]} of {project.name}"
    return Connection(engine, name, timeout=timeout, project=project, release=release.id)
