"""Releases on disk: built out of sight, made visible by one atomic switch, the last five kept.

build/current            → releases/<id>, the one that is served
build/releases/<id>/     store/ (Oxigraph), dataset.nq.gz, downloads/, release.json, report.ttl, report.json,
                         changes.json, changes.trig.gz, fair.json, shapes.json
build/history.json       every release that was published, those that are gone too (lungkg.history)
build/.staging-…         a build that is running, or that was killed: removed by the next one
"""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count
from pathlib import Path
from typing import Any, Final

from lungkg.errors import SystemProblem

KEPT: Final = 5
_CURRENT: Final = "current"
_STAGING: Final = ".staging-"


@dataclass(frozen=True)
class Release:
    """A finished release; nothing in its folder changes any more, only fair.json and shapes.json may be added."""

    path: Path

    @property
    def id(self) -> str:
        """SHA-256 of the sorted canonical N-Quads of all graphs but metadata."""
        return str(self.info["id"])

    @property
    def store(self) -> Path:
        """Folder of the Oxigraph store."""
        return self.path / "store"

    @cached_property
    def info(self) -> dict[str, Any]:
        """What release.json says: id, date, base, counts, findings, and wall-clock facts of the build."""
        loaded: dict[str, Any] = json.loads((self.path / "release.json").read_text("utf-8"))
        return loaded


def current(out: Path) -> Release | None:
    """Give the release that is visible now, with its real path, or None when nothing was built."""
    link = out / _CURRENT
    return Release(link.resolve()) if (link / "release.json").is_file() else None


@contextmanager
def staging(out: Path) -> Iterator[Path]:
    """Give an empty folder to build in; it is gone afterwards unless it was published.

    Only one build runs at a time. Raises SystemProblem when another one does, or the disk says no.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with (out / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SystemProblem(f"another build is running in {out}; wait for it to end") from None
            _remove_leftovers(out)
            folder = Path(tempfile.mkdtemp(prefix=_STAGING, dir=out))
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise SystemProblem(f"cannot read or write {error.filename or out}: {error.strerror}") from error


def publish(folder: Path, out: Path, release_id: str) -> Release:
    """Make a staged folder the current release.

    The folder is renamed into place and one symbolic link is replaced, so a reader sees the old
    release or the new one, never a mixture, wherever the process is killed.
    """
    releases = out / "releases"
    releases.mkdir(exist_ok=True)
    home = _free_name(releases, release_id)
    folder.rename(home)
    _sync(releases)
    link = out / f"{_STAGING}{_CURRENT}"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("releases") / home.name)
    link.replace(out / _CURRENT)
    _sync(out)
    _prune(releases, home)
    return Release(home)


def _free_name(releases: Path, release_id: str) -> Path:
    """Choose a folder that is not there: content that was built before gets a number, for its metadata may
    differ, and a release that was published is never moved."""
    names = chain([release_id], (f"{release_id}-{number}" for number in count(2)))
    return next(releases / name for name in names if not (releases / name).exists())


def _remove_leftovers(out: Path) -> None:
    for path in out.glob(f"{_STAGING}*"):
        if path.is_symlink() or path.is_file():
            path.unlink()
        else:
            shutil.rmtree(path, ignore_errors=True)


def _prune(releases: Path, newest: Path) -> None:
    others = sorted((path for path in releases.iterdir() if path != newest), key=lambda path: path.stat().st_mtime)
    for path in others[: max(0, len(others) - (KEPT - 1))]:
        shutil.rmtree(path, ignore_errors=True)


def _sync(folder: Path) -> None:
    """Make renames in a folder last through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
