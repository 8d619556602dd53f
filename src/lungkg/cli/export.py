"""`lungkg export`."""

import filecmp
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click
import pyoxigraph as ox
from rich.table import Table

from lungkg.cli import output, site
from lungkg.cli.options import newest_release, open_project, project_options
from lungkg.cli.show import err
from lungkg.cli.show import out as console
from lungkg.errors import InputError, Place, Problem, SystemProblem
from lungkg.exports import FORMATS, Export, Exported, Exporting
from lungkg.release import Release
from lungkg.web.site_links import Host

_BY_NAME: Final = {form.name: form for form in FORMATS}
_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class _Target:
    """Where the files of an export go: a folder, one file in it, or a stream, which is standard output or a device."""

    folder: Path
    file: str = ""
    stream: Path | None = None
    streamed: bool = False


@click.command()
@click.argument("name", metavar="[FORMAT]", required=False, type=click.Choice([*_BY_NAME, site.SITE]))
@project_options
@click.option(
    "--output",
    "path",
    metavar="PATH",
    help="A folder, a file (compressed when it ends in .gz), or - for standard output.  [default: the current folder]",
)
@click.option("--gzip", "compressed", is_flag=True, help="Compress the files that are written into a folder.")
@click.option("--force", is_flag=True, help="Replace files that are there already and differ.")
@click.option("--without-inferred", is_flag=True, help="Leave out inferred claims.")
@click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="Sign nanopublications with this RSA private key.",
)
@site.site_options
@click.option("--signer", metavar="IRI", help="Whom the key belongs to, such as an ORCID.  [default: the curators]")
def export(
    name: str | None,
    folder: Path | None,
    base: str | None,
    out: Path | None,
    path: str | None,
    compressed: bool,
    force: bool,
    without_inferred: bool,
    key: Path | None,
    signer: str | None,
    endpoint: str,
    address: str,
) -> None:
    """Write the newest release in a format of other tools; without FORMAT, list the formats."""
    if name is None:
        _list(any((path, compressed, force, without_inferred, key, signer, endpoint, address)))
        return
    if name == site.SITE:
        if compressed or force or without_inferred or key or signer:
            raise click.UsageError("site takes --output, --endpoint and --address.")
        site.export_site(*open_project(folder, base, out), path, Host(endpoint, address))
        return
    if endpoint or address:
        raise click.UsageError(f"--endpoint and --address are for site; {name} names neither.")
    form = _BY_NAME[name]
    _check_options(form, without_inferred, key, signer)
    target = _target(form, path)
    project, home = open_project(folder, base, out)
    release = newest_release(project, home)
    options = Exporting(
        store=ox.Store.read_only(str(release.store)),
        project=project,
        info=release.info,
        dataset=_dataset(release),
        compressed=target.file.endswith(".gz") or (compressed and not target.file),
        inferred=not without_inferred,
        key=key,
        signer=signer or "",
    )
    with _disk(target.folder):
        _export(form, options, target, force=force)


def _list(has_options: bool) -> None:
    if has_options:
        raise click.UsageError(f"Say which format to write: {', '.join([*_BY_NAME, site.SITE])}.")
    table = Table("FORMAT", "is", "for", "loses", box=None, pad_edge=False)
    for form in FORMATS:
        table.add_row(form.name, form.title, form.purpose, form.loses)
    table.add_row(site.SITE, site.TITLE, site.PURPOSE, site.LOSES)
    console.print(table)


def _check_options(form: Export, without_inferred: bool, key: Path | None, signer: str | None) -> None:
    if without_inferred and not form.of_statements:
        holders = ", ".join(other.name for other in FORMATS if other.of_statements)
        raise click.UsageError(f"--without-inferred is for {holders}; {form.name} is written whole.")
    if key is not None and form.name != "nanopubs":
        raise click.UsageError(f"--key signs nanopubs; {form.name} cannot be signed.")
    if signer is not None and key is None:
        raise click.UsageError("--signer says whose key it is; give the key with --key.")
    if signer is not None and not re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", signer):
        raise click.UsageError(f"--signer {signer!r} is no IRI; write it in full, as https://orcid.org/…")


def _target(form: Export, path: str | None) -> _Target:
    """Choose where to write. Raises UsageError, or InputError, when nothing can be written there."""
    place = Path(path or ".")
    if path == "-" or (place.exists() and not place.is_dir() and not place.is_file()):
        if form.files > 1:
            raise click.UsageError(f"{form.name} is {form.files} files; name a folder with --output.")
        return _Target(Path(tempfile.gettempdir()), place.name, None if path == "-" else place, streamed=True)
    if place.is_file() and form.files > 1:
        raise InputError.at(Place(place), "this is a file", f"{form.name} is {form.files} files: name a folder.")
    if not place.parent.is_dir():
        raise InputError.at(
            Place(place), "there is no folder to make it in", f"Make {place.parent}, or name another place."
        )
    if place.is_dir() or form.files > 1 or (path or "").endswith("/"):
        return _Target(place)
    real = place.resolve()  # a link goes on pointing at its file
    return _Target(real.parent, real.name)


def _dataset(release: Release) -> Path | None:
    path = release.path / "dataset.nq.gz"
    return path if path.is_file() else None


def _export(form: Export, options: Exporting, target: _Target, *, force: bool) -> None:
    """Write everything out of sight, and put only what is whole where it belongs."""
    with _staging(target.folder) as staged:
        with err.status(f"writing {form.name}") if err.is_terminal else nullcontext():
            made = form.write(options, staged)
        if target.streamed:
            output.write(_blocks(made[0].path), target.stream)
            return
        if target.file:
            made = [replace(made[0], path=made[0].path.rename(staged / target.file))]
        places = [target.folder / file.path.name for file in made]
        _check_places(made, places, force=force)
        target.folder.mkdir(exist_ok=True)
        for file, place in zip(made, places, strict=True):
            file.path.replace(place)
            console.print(f"{place}  {place.stat().st_size:,} bytes  {file.title}", soft_wrap=True, markup=False)


def _check_places(made: list[Exported], places: list[Path], *, force: bool) -> None:
    """Raise InputError when a file would be replaced by one that differs, unless that is asked for."""
    hint = "Give --force to replace it, or another place with --output."
    problems = []
    for file, place in zip(made, places, strict=True):
        if place.is_dir():
            problems.append(Problem(Place(place), "this is a folder", "Move it, or name another place with --output."))
        elif place.exists() and not force and not filecmp.cmp(file.path, place, shallow=False):
            problems.append(Problem(Place(place), "this file is there already and holds something else", hint))
    if problems:
        raise InputError(problems)


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """Give a folder beside the target, on the same disk, that is gone afterwards."""
    staged = Path(tempfile.mkdtemp(prefix=".lungkg-export-", dir=folder if folder.is_dir() else folder.parent))
    try:
        yield staged
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise SystemProblem(f"cannot write to {folder.resolve()}: {error.strerror or error}") from None
