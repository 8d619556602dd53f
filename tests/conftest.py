"""Fixtures that many tests share: the real project, a release of it, an engine and a web client."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from lungkg.build import Build, build
from lungkg.engines import Engine, LocalEngine
from lungkg.project import Project, load_project
from lungkg.release import Release
from lungkg.web import create_app

ROOT = Path(__file__).parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make golden` write the expected answers anew."""
    parser.addoption("--write-golden", action="store_true", help="write expected answers instead of comparing")


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


@pytest.fixture(scope="session", params=["local"])
def engine(request: pytest.FixtureRequest, release: Release, project: Project) -> Iterator[Engine]:
    """Every engine over the release of the real project; the contract is the same for all."""
    assert request.param == "local"
    with LocalEngine(release.store, project.prefixes, workers=2, megabytes=1024) as local:
        yield local


@pytest.fixture(scope="session")
def client(engine: Engine, project: Project, release: Release) -> FlaskClient:
    """A client of the web application."""
    return create_app(engine, project, release).test_client()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the real project's four content folders, to be spoilt."""
    root = tmp_path / "project"
    for name in ("ontology", "data", "shapes", "queries"):
        shutil.copytree(ROOT / name, root / name)
    return root
