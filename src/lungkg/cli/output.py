"""Where answers go: standard output, or a file that is there whole or not at all."""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lungkg.errors import InputError, Place, SystemProblem


def check_target(path: Path | None) -> None:
    """Raise InputError when a file cannot be written there, before anything is asked for it."""
    if path is not None and not path.parent.is_dir():
        raise InputError.at(Place(path), "the folder of this file does not exist", "Make it, or name another one.")


def write(pieces: Iterable[bytes], path: Path | None = None) -> None:
    """Write to a file, or to standard output without one; raises SystemProblem when the system says no.

    A reader that has seen enough of standard output, as `head` has, is no error.
    """
    if path is None:
        _print(pieces)
    elif path.exists() and not path.is_file():  # a device or a named pipe: nothing there can be replaced
        with _told(str(path)), path.open("wb") as file:
            file.writelines(pieces)
    else:
        _replace(pieces, path.resolve())  # a link goes on pointing at its file


def lines_ended(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the pieces and the line end that the last one may lack."""
    last = b"\n"
    for piece in pieces:
        yield piece
        last = piece[-1:] or last
    if last != b"\n":
        yield b"\n"


def _print(pieces: Iterable[bytes]) -> None:
    try:
        with _told("standard output"):
            for piece in pieces:
                rest = memoryview(piece)
                while rest:  # unbuffered, a write may take less than it is given
                    rest = rest[sys.stdout.buffer.write(rest) :]
            sys.stdout.buffer.flush()
    except BrokenPipeError:
        _hush()
    except SystemProblem:
        _hush()
        raise


def _hush() -> None:
    """Let what is still buffered go nowhere; Python would complain about it when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _replace(pieces: Iterable[bytes], path: Path) -> None:
    part = path.with_name(f".lungkg-{os.getpid()}.part")
    try:
        with _told(str(path)):
            with part.open("xb") as file:
                file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())
            if path.exists():
                shutil.copymode(path, part)
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _told(where: str) -> Iterator[None]:
    """Tell what the system says about a place as an error of ours; a broken pipe stays what it is."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise SystemProblem(f"cannot write to {where}: {error.strerror}") from None
