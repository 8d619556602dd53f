"""One running server for all tests of this folder (one a process, under xdist)."""

from collections.abc import Iterator

import pytest

from tests.server import Server, serving


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that was started by the command line and answers."""
    with serving(tmp_path_factory.mktemp("served")) as running:
        yield running
