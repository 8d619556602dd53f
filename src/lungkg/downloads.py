"""The files of a release that anybody may take away: dumps of the whole and of each graph, and exports.

They are in `downloads/` of the release's folder, with their checksums in SHA256SUMS and, for programs, all that is
said of them in index.json. A name has the beginning of the release id, so what it stands for never changes.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from lungkg.release import Release

FOLDER: Final = "downloads"
INDEX: Final = "index.json"
SUMS: Final = "SHA256SUMS"
SHORT_ID: Final = 12
"""How much of a release id is in the names of its files."""


@dataclass(frozen=True, slots=True)
class Download:
    """A file to take away; `size` is in bytes, `unpacked` too and 0 where nothing was packed."""

    name: str
    title: str
    media_type: str
    """Of the content, once it is unpacked."""
    size: int
    sha256: str
    unpacked: int = 0
    graph: str = ""
    """The named graph that it holds; empty for the whole dataset and for exports."""
    format: str = ""
    """The name of its RDF format in lungkg.formats; empty for exports."""
    alias: str = ""
    """Its name without the release id, the same in every release."""

    @property
    def packed(self) -> bool:
        """Say whether it is a gzip file."""
        return self.name.endswith(".gz")


def prefix(project: str, release_id: str) -> str:
    """Give what the names of a release's files begin with.

    >>> prefix("lungkg", "15b896e320398bd029a2")
    'lungkg-15b896e32039'
    """
    return f"{project}-{release_id[:SHORT_ID]}"


def listed(release: Release) -> tuple[Download, ...]:
    """List the files of a release, the whole dataset first; none for one that was built without them."""
    path = release.path / FOLDER / INDEX
    if not path.is_file():
        return ()
    return tuple(Download(**entry) for entry in json.loads(path.read_text("utf-8")))


def located(release: Release, download: Download) -> Path:
    """Say where a file of a release is."""
    return release.path / FOLDER / download.name


def adopt(path: Path, title: str, media_type: str, project: str, release_id: str) -> Download:
    """List a file that an export wrote; a name that lacks the release id gets it, since names tell releases apart."""
    begin = prefix(project, release_id)
    if not path.name.startswith(begin):
        path = path.rename(path.with_name(f"{begin}-{path.name.removeprefix(project).lstrip('-.')}"))
    alias = project + path.name.removeprefix(begin)
    return Download(path.name, title, media_type, path.stat().st_size, digest_of(path), alias=alias)


def write_index(folder: Path, downloads: Sequence[Download]) -> None:
    """Write index.json and SHA256SUMS for files that are in `folder`."""
    entries = [asdict(download) for download in downloads]
    (folder / INDEX).write_text(json.dumps(entries, indent=1, ensure_ascii=False) + "\n", "utf-8")
    (folder / SUMS).write_bytes(sums(downloads))


def sums(downloads: Iterable[Download]) -> bytes:
    """Give checksums as `sha256sum --check` takes them."""
    return "".join(f"{download.sha256}  {download.name}\n" for download in downloads).encode()


def digest_of(path: Path) -> str:
    """Give the SHA-256 of a file, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
