"""Two releases of the bakery in one folder: in the second one a claim is added, removed, reworded, and cited anew."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from flask import Flask

from lungkg.build import build
from lungkg.engines import Engine
from lungkg.project import Project, load_project
from lungkg.release import Release
from lungkg.web import create_app
from lungkg.web.cache import AnswerCache
from lungkg.web.service import Served, Service
from tests.storeengine import StoreEngine

BAKERY: Final = Path(__file__).parent / "other_project"
CLAIMS: Final = Path("data/documents/leaflet-01/claims.jsonl")
BASE: Final = "https://example.org/bakery/"

C2: Final = f"{BASE}id/claim/leaflet-01-C2"
C3: Final = f"{BASE}id/claim/leaflet-01-C3"
C4: Final = f"{BASE}id/claim/leaflet-01-C4"
C6: Final = f"{BASE}id/claim/leaflet-01-C6"


@dataclass(frozen=True)
class Releases:
    """A project and its two releases, in the order in which they were built."""

    project: Project
    out: Path
    first: Release
    second: Release


def copy(root: Path) -> Project:
    """Copy the bakery without its canned queries, which expect the claims that it has."""
    shutil.copytree(BAKERY, root)
    for path in (root / "queries").glob("*.rq"):
        path.unlink()
    return load_project(root)


def change(root: Path) -> None:
    """Change the claims: C2 is cited, C3 reworded, C4 removed, C6 added."""
    path = root / CLAIMS
    text = path.read_text("utf-8")
    lines = {line.split('"')[3]: line for line in text.splitlines()}
    lines["C2"] = lines["C2"].replace('"quote"', '"citations": [1], "quote"')
    lines["C6"] = lines["C3"].replace('"C3"', '"C6"')
    lines["C3"] = lines["C3"].replace("In brioche, steaming", "steaming")
    del lines["C4"]
    path.write_text("\n".join(lines.values()) + "\n", "utf-8")


def released(project: Project, out: Path) -> Release:
    """Build a release."""
    made = build(load_project(project.root), out)
    assert made.release is not None, made.report.sorted()
    return made.release


def releases(folder: Path) -> Releases:
    """Build both."""
    project, out = copy(folder / "project"), folder / "out"
    first = released(project, out)
    change(project.root)
    return Releases(project, out, first, released(project, out))


def application(project: Project, release: Release) -> tuple[Flask, Service]:
    """Serve a release without an engine: what is asked for here comes from its folder."""
    engine: Engine = StoreEngine(ox.Store())
    service = Service(Served(engine, project, release, {}, AnswerCache(16)))
    return create_app(service), service
