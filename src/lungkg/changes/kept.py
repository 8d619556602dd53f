"""Keeps with a release what changed since the one before, in words and as RDF."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from lungkg.changes.comparison import Changes, Side, compare
from lungkg.changes.merge import read_lines
from lungkg.changes.patch import Patch
from lungkg.changes.sides import labels_in, side_of_release
from lungkg.dumps import CANONICAL
from lungkg.errors import InputError
from lungkg.packing import Packer
from lungkg.project import Project
from lungkg.release import Release

WORDS: Final = "changes.json"
PATCH: Final = "changes.trig.gz"


def note_changes(
    folder: Path, store: ox.Store, info: Mapping[str, Any], before: Release | None, project: Project
) -> dict[str, Any]:
    """Write what changed since `before` into the folder of a release that is about to be published.

    Gives what release.json says of it: `previous`, the id of the release before, unless there is none that can be
    compared. A release with the content of the one before has the same one before it.
    """
    if before is None or before.info["base"] != project.base:
        return {}
    if before.id == info["id"]:
        for name in (WORDS, PATCH):
            if (before.path / name).is_file():
                shutil.copyfile(before.path / name, folder / name)
        return {name: before.info[name] for name in ("previous",) if name in before.info}
    new = Side(
        name=str(info["id"]),
        base=project.base,
        read=lambda: read_lines(folder / CANONICAL),
        labels=lambda iris: labels_in(store, iris),
        id=str(info["id"]),
    )
    with Packer() as packer:
        file = packer.file(folder / PATCH)
        patch = Patch(project.base, new.id, project.prefixes, lambda text: packer.put(text, file))
        try:
            found = compare(side_of_release(before), new, patch.see)
        except InputError:  # somebody spoilt the release before; that is no reason to keep it
            (folder / PATCH).unlink()
            return {}
        patch.finish(before.id)
    (folder / WORDS).write_text(json.dumps(found.as_json(), ensure_ascii=False, indent=1) + "\n", "utf-8")
    return {"previous": before.id}


def kept_changes(release: Release) -> Changes | None:
    """Read what changed with a release, or None where nothing is known of that."""
    path = release.path / WORDS
    return Changes.from_json(json.loads(path.read_text("utf-8"))) if path.is_file() else None
