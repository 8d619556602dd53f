"""The releases that were published into a folder, those that are not kept any more included.

`history.json` beside the releases is written anew, in one step, each time one is published. It is made from what it
said before and from the releases that are there, so whatever a killed build left out comes back.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from lungkg.errors import SystemProblem
from lungkg.release import Release

_FILE: Final = "history.json"


@dataclass(frozen=True)
class Entry:
    """A release that was published; its folder is there as long as it is kept."""

    folder: Path
    id: str
    date: str
    version: str
    built: str
    previous: str = ""
    """The id of the release before; empty for the first one."""
    counts: Mapping[str, int] = field(default_factory=dict)
    triples: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_kept(self) -> bool:
        """Say whether it is there."""
        return (self.folder / "release.json").is_file()

    @property
    def release(self) -> Release:
        """Give the release, which must be kept."""
        return Release(self.folder)


def entries(out: Path) -> list[Entry]:
    """List all releases that were published into `out`, the newest first.

    Raises SystemProblem when the history cannot be read.
    """
    releases = out / "releases"
    path = out / _FILE
    try:
        known = json.loads(path.read_text("utf-8")) if path.is_file() else []
        found = {each["folder"]: Entry(**{**each, "folder": releases / each["folder"]}) for each in known}
        new = [info.parent for info in releases.glob("*/release.json") if info.parent.name not in found]
        for folder in sorted(new, key=lambda folder: folder.stat().st_mtime_ns):
            entry = _entry(Release(folder))
            if entry is not None:
                found[folder.name] = entry
    except (OSError, ValueError, TypeError, KeyError) as error:
        hint = "remove it, and it is made anew from the releases that are there"
        raise SystemProblem(f"cannot read {path}: {error}; {hint}") from None
    return list(found.values())[::-1]


def kept(out: Path, release_id: str) -> Release | None:
    """Give the newest release with an id that is still kept."""
    found = (entry for entry in entries(out) if release_id and entry.id == release_id and entry.is_kept)
    return next((entry.release for entry in found), None)


def record(out: Path) -> None:
    """Write down what was published; called whenever something was."""
    content = [{**asdict(entry), "folder": entry.folder.name} for entry in reversed(entries(out))]
    part = out / f".staging-{_FILE}"
    part.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    part.replace(out / _FILE)


def _entry(release: Release) -> Entry | None:
    """Describe a release by its own words; a folder that is none, whoever put it there, has no entry."""
    try:
        info: dict[str, Any] = release.info
        return _entry_of(release, info)
    except (ValueError, KeyError, TypeError):
        return None


def _entry_of(release: Release, info: Mapping[str, Any]) -> Entry:
    return Entry(
        folder=release.path,
        id=str(info["id"]),
        date=str(info["date"]),
        version=str(info["version"]),
        built=str(info["built"]),
        previous=str(info.get("previous", "")),
        counts=info["counts"],
        triples=info["triples"],
    )
