"""`lungkg diff`."""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryFile

import click

from lungkg.changes import Changes, Patch, Side, compare, find_side
from lungkg.changes.words import as_markdown, as_text
from lungkg.cli.options import open_project, project_options
from lungkg.cli.output import write

_PIECE = 2**20


@click.command()
@project_options
@click.argument("old", metavar="A")
@click.argument("new", metavar="[B]", default="current")
@click.option(
    "--format",
    "name",
    default="text",
    show_default=True,
    type=click.Choice(["text", "markdown", "json", "trig"]),
    help="Words, for people or programs, or the triples themselves.",
)
def diff(folder: Path | None, base: str | None, out: Path | None, old: str, new: str, name: str) -> None:
    """Show what changed from release A to release B: claims and all other things, in words or as RDF.

    A and B are `current`, `previous`, the beginning of a release id, the folder of a release or of releases, or a
    dump (sorted N-Quads, .nq or .nq.gz); B is `current` unless given. The exit code is 0 when they are the same and
    1 when they differ.
    """
    project, home = open_project(folder, base, out)
    one, two = find_side(old, home, "A"), find_side(new, home, "B")
    if name == "trig":
        changes = _print_patch(one, two, project.prefixes)
    else:
        changes = compare(one, two)
        write(_encoded(changes, name))
    sys.exit(0 if changes.equal else 1)


def _encoded(changes: Changes, name: str) -> Iterator[bytes]:
    if name == "json":
        yield json.dumps(changes.as_json(), ensure_ascii=False, indent=1).encode() + b"\n"
    else:
        lines: Iterable[str] = as_text(changes) if name == "text" else as_markdown(changes)
        yield from (f"{line}\n".encode() for line in lines)


def _print_patch(one: Side, two: Side, prefixes: dict[str, str]) -> Changes:
    """Print the triples, once all of them are known: what ends early is never printed in part."""
    with TemporaryFile() as file:
        patch = Patch(two.base or one.base, two.id, prefixes, file.write)
        changes = compare(one, two, patch.see)
        patch.finish(changes.before)
        file.seek(0)
        write(iter(lambda: file.read(_PIECE), b""))
    return changes
