"""Finds the two releases that are to be compared: by their names, or as files."""

import hashlib
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from lungkg.changes.comparison import Side
from lungkg.changes.merge import read_lines
from lungkg.dumps import CANONICAL
from lungkg.errors import BadParameter, InputError, Place
from lungkg.history import entries, kept
from lungkg.namespaces import GRAPHS, RDFS
from lungkg.release import Release, current

_LABEL: Final = RDFS + "label"
_LABEL_LINE: Final = f"> <{_LABEL}> ".encode()
_GRAPH: Final = re.compile(rf"<([^<>]*)graph/(?:{'|'.join(GRAPHS)})> \.$".encode())
_SHORTEST: Final = 4  # characters of a release id that are taken for one


def side_of_release(release: Release) -> Side:
    """Compare a release; its store says the labels."""
    return Side(
        name=release.id,
        base=str(release.info["base"]),
        read=lambda: read_lines(release.path / CANONICAL),
        labels=lambda iris: labels_in(ox.Store.read_only(str(release.store)), iris),
        id=release.id,
    )


def side_of_file(path: Path) -> Side:
    """Compare a dump that stands alone, sorted N-Quads; its lines say its id and its labels.

    Raises InputError when they are no lines of a release.
    """
    digest, bases = hashlib.sha256(), set()
    for lines in read_lines(path):
        digest.update(b"\n".join(lines) + b"\n")
        bases |= {_base_of(path, lines[0]), _base_of(path, lines[-1])}
    if len(bases) > 1:
        raise InputError.at(Place(path), f"this has graphs below more than one base: {', '.join(sorted(bases))}")
    return Side(
        name=str(path),
        base="".join(bases),
        read=lambda: read_lines(path),
        labels=lambda iris: _labels_in_file(path, iris),
        id=digest.hexdigest(),
    )


def _base_of(path: Path, line: bytes) -> str:
    found = _GRAPH.search(line)
    if found is None:
        raise InputError.at(
            Place(path),
            f"this holds what is no line of a release: {line[:80].decode(errors='replace')}",
            "Each line is a quad in one of the graphs of a release, as in dataset.nq.gz.",
        )
    return found[1].decode()


def labels_in(store: ox.Store, iris: Collection[str]) -> dict[str, str]:
    """Look up labels in a store."""
    found = {}
    for iri in iris:
        for quad in store.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(_LABEL), None, None):
            found[iri] = quad.object.value if isinstance(quad.object, ox.Literal) else ""
    return found


def _labels_in_file(path: Path, iris: Collection[str]) -> dict[str, str]:
    wanted = {f"<{iri}".encode() for iri in iris}
    lines = [line for line in _label_lines(path) if line[: line.index(b">")] in wanted]
    quads = ox.parse(b"\n".join(lines), format=ox.RdfFormat.N_QUADS)
    return {str(quad.subject.value): str(quad.object.value) for quad in quads if isinstance(quad.object, ox.Literal)}


def _label_lines(path: Path) -> Iterator[bytes]:
    return (line for block in read_lines(path) for line in block if _LABEL_LINE in line)


def find_side(name: str, out: Path, parameter: str) -> Side:
    """Find a release by `current`, `previous`, the beginning of its id, or as a folder or a file.

    Raises BadParameter, which lists what there is, for one that is not there.
    """
    now = current(out)
    if name == "current" and now is not None:
        return side_of_release(now)
    if name == "previous" and now is not None:
        before = kept(out, str(now.info.get("previous", "")))
        if before is None:
            raise BadParameter(parameter, f"is previous, but {now.id[:12]} has none that is kept in {out}")
        return side_of_release(before)
    path = Path(name)
    if path.is_file():
        return side_of_file(path)
    for folder in (path, path / "current"):
        if (folder / "release.json").is_file():
            return side_of_release(Release(folder.resolve()))
    return side_of_release(_by_id(name, out, parameter))


def _by_id(name: str, out: Path, parameter: str) -> Release:
    found = {entry.id: entry for entry in entries(out) if len(name) >= _SHORTEST and entry.id.startswith(name)}
    releases = [release for id_ in found if (release := kept(out, id_)) is not None]
    if len(releases) == 1:
        return releases[0]
    if releases:
        raise BadParameter(parameter, f"is {name!r}, but {len(releases)} releases begin so; give more of the id")
    if found:
        (gone, *_) = found.values()
        raise BadParameter(parameter, f"is release {gone.id[:12]} of {gone.date}, which is not kept any more")
    there = ", ".join(f"{entry.id[:12]} of {entry.date}" for entry in entries(out) if entry.is_kept)
    raise BadParameter(
        parameter, f"is {name!r}, which is no release, folder or file; in {out} there are: {there or 'no releases'}"
    )
