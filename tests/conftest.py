"""Fixtures that many tests share: the real project, a release of it, an engine and a web client."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from lungkg.build import Build, build
from lungkg.engines import Engine, LocalEngine
from lungkg.project import Project, load_project
from lungkg.queries import load_catalogue
from lungkg.release import Release
from lungkg.web import create_app
from lungkg.web.cache import AnswerCache
from lungkg.web.service import Served, Service
from tests.bakery import Releases, releases

ROOT = Path(__file__).parents[1]
EXHAUSTIVE = "LUNGKG_EXHAUSTIVE"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make golden` write the expected answers anew."""
    parser.addoption("--write-golden", action="store_true", help="write expected answers instead of comparing")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what is exhaustive unless all of it is asked for."""
    if not os.environ.get(EXHAUSTIVE):
        skip = pytest.mark.skip(reason=f"a sample of this test runs; {EXHAUSTIVE}=1, as in CI, runs all of it")
        for item in items:
            if "exhaustive" in item.keywords:
                item.add_marker(skip)


@pytest.fixture(scope="session")
def project() -> Project:
    """The real project, in the clone."""
    return load_project(ROOT)


@pytest.fixture(scope="session")
def built(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A build of the real project."""
    return build(project, tmp_path_factory.mktemp("out"))


@pytest.fixture(scope="session")
def release(built: Build) -> Release:
    """The release of the real project."""
    assert built.release is not None, built.report.sorted()
    return built.release


@pytest.fixture(scope="session")
def engine(release: Release, project: Project) -> Iterator[Engine]:
    """The local engine over the release of the real project."""
    with LocalEngine(release.store, project.prefixes) as local:
        yield local


@pytest.fixture(scope="session")
def client(engine: Engine, project: Project, release: Release) -> FlaskClient:
    """A client of the web application."""
    served = Served(engine, project, release, load_catalogue(project), AnswerCache(16))
    return create_app(Service(served)).test_client()


@pytest.fixture(scope="session")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    """Two releases of another project."""
    return releases(tmp_path_factory.mktemp("bakery"))


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the real project's four content folders, to be spoilt."""
    root = tmp_path / "project"
    for name in ("ontology", "data", "shapes", "queries"):
        shutil.copytree(ROOT / name, root / name)
    return root
