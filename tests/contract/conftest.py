"""The engines that keep the contract: our own, and the remote one over a server of somebody else."""

from collections.abc import Iterator

import pytest

from lungkg.engines import Engine, LocalEngine
from lungkg.project import Project
from lungkg.release import Release
from tests.servers import load, oxigraph


@pytest.fixture(scope="module", params=["local", "remote"])
def engine(
    request: pytest.FixtureRequest, release: Release, project: Project, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """Every engine over the release of the real project; the contract is the same for all."""
    if request.param == "local":
        with LocalEngine(release.store, project.prefixes) as local:
            yield local
        return
    with oxigraph(tmp_path_factory.mktemp("oxigraph")) as peer:
        load(peer, release)
        yield peer.engine(project)
