"""A server for the checks of FAIRness: the web application over a release, asked within this process.

There is no socket and no network, so a release can be looked at as its visitors will see it before it is
published.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pyoxigraph as ox

from lungkg.checklists import project_waivers
from lungkg.engines import LocalEngine
from lungkg.fair import CHECKS, Evidence, Fetch, Reply, assess, load_assessment
from lungkg.fair.evidence import MOST_READ
from lungkg.limits import ONE_QUERY
from lungkg.project import Project
from lungkg.queries import load_catalogue
from lungkg.release import Release
from lungkg.web import create_app
from lungkg.web.service import Served, Service


@contextmanager
def staged(release: Release, project: Project) -> Iterator[Fetch]:
    """Serve a release, which need not be published, to whoever asks by what is given."""
    with LocalEngine(release.store, project.prefixes, ONE_QUERY, base=project.base) as engine:
        app = create_app(Service(Served(engine, project, release, load_catalogue(project))), ONE_QUERY)
        client = app.test_client()

        def fetch(path: str, accept: str, most: int = MOST_READ) -> Reply:
            try:
                with client.get(path, headers={"Accept": accept}, buffered=False) as response:
                    headers = {name.lower(): value for name, value in response.headers.items()}
                    return Reply(response.status_code, headers, _beginning(response.iter_encoded(), most))
            except Exception:  # noqa: BLE001 # a page that breaks is what a check finds, not the end of a build
                return Reply(500, {}, b"")

        yield fetch


def assess_release(release: Release, project: Project) -> None:
    """Run the checks of FAIRness over a release that was published without them, and keep what they found beside it."""
    if load_assessment(release.path) is not None:
        return
    waivers = project_waivers(project).by_check(CHECKS)
    with staged(release, project) as fetch:
        assess(Evidence(project, ox.Store.read_only(str(release.store)), fetch), waivers).save(release.path)


def _beginning(pieces: Iterable[bytes], most: int) -> bytes:
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) >= most:
            break
    return bytes(body[:most])
