"""Reads sorted N-Quads and finds the lines that only one of two files has."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from lungkg.errors import InputError, Place

_BYTES: Final = 2**20  # of lines that are read, and compared, at once

Lines = Iterator[list[bytes]]
"""Lines without their ends, sorted by their bytes, in blocks."""


def read_lines(path: Path) -> Lines:
    """Read sorted lines from a file, compressed when its name ends in .gz.

    Raises InputError when it cannot be read, or is not sorted.
    """
    count, last = 0, b""
    try:
        for lines in _blocks(path):
            if lines[0] < last or lines != sorted(lines):
                _complain(path, lines, count, last)
            count, last = count + len(lines), lines[-1]
            yield lines
    except (OSError, EOFError, zlib.error) as error:
        raise InputError.at(Place(path), f"this cannot be read: {error}") from None


def _blocks(path: Path) -> Lines:
    """Read whole lines, many at once."""
    rest = b""
    with _opened(path) as file:
        while piece := file.read(_BYTES):
            whole, end, tail = piece.rpartition(b"\n")
            if not end:
                rest += piece
                continue
            yield _split(rest + whole)
            rest = tail
    if rest:
        yield _split(rest)


def _split(text: bytes) -> list[bytes]:
    """Split lines; a carriage return within a value is escaped, so one at the end of a line belongs to the end."""
    return (text.replace(b"\r\n", b"\n").removesuffix(b"\r") if b"\r" in text else text).split(b"\n")


def _opened(path: Path) -> gzip.GzipFile | IO[bytes]:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _complain(path: Path, lines: list[bytes], before: int, last: bytes) -> None:
    pairs = zip([last, *lines], lines, strict=False)
    at = next(number for number, (one, next_) in enumerate(pairs, start=1) if next_ < one)
    raise InputError.at(
        Place(path, before + at),
        "these lines are not sorted",
        "Sort them by their bytes first: LC_ALL=C sort -u FILE.",
    )


def differences(old: Lines, new: Lines) -> Iterator[tuple[bool, bytes]]:
    """Yield the lines that only one side has, in order, each with whether it is the new side that has it.

    >>> list(differences(iter([[b"a", b"b"]]), iter([[b"b"], [b"c"]])))
    [(False, b'a'), (True, b'c')]
    """
    one, two = _Rest(old), _Rest(new)
    while one.more() and two.more():
        equally_many = min(one.left, two.left)
        if one.peek(equally_many) == two.peek(equally_many):  # most blocks are the same
            one.at += equally_many
            two.at += equally_many
        else:
            yield from _merged(one, two)
    for is_new, rest in ((False, one), (True, two)):
        while rest.more():
            yield from ((is_new, line) for line in rest.peek(rest.left))
            rest.at = len(rest.lines)


class _Rest:
    """The lines of one side that were not looked at yet."""

    def __init__(self, blocks: Lines) -> None:
        self._blocks = blocks
        self.lines: list[bytes] = []
        self.at = 0

    @property
    def left(self) -> int:
        return len(self.lines) - self.at

    def more(self) -> bool:
        """Read the next block when the last one is used up; say whether there is a line."""
        if self.at == len(self.lines):
            self.lines, self.at = next(self._blocks, []), 0
        return bool(self.lines)

    def peek(self, count: int) -> list[bytes]:
        return self.lines[self.at : self.at + count]


def _merged(one: _Rest, two: _Rest) -> Iterator[tuple[bool, bytes]]:
    """Go through two blocks, line by line, to the end of one of them."""
    while one.left and two.left:
        before, after = one.lines[one.at], two.lines[two.at]
        if before <= after:
            one.at += 1
        if after <= before:
            two.at += 1
        if before < after:
            yield False, before
        elif after < before:
            yield True, after
