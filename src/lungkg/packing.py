"""Writes gzip files from blocks that are compressed once, on all cores, and may go into several files.

A gzip file is a header, a run of deflate blocks, and the checksum of the text. Each block here starts afresh and
ends on a byte, so blocks from different threads simply follow one another, and the result is one plain gzip member
that every reader takes. The header has no time and no name: equal texts are equal files.
"""

import hashlib
import os
import struct
import zlib
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final, Self

_LEVEL: Final = 6
_HEADER: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # deflate, no flags, no time, no system
_LAST_BLOCK: Final = b"\x03\x00"  # an empty block that says it is the last one
_AHEAD: Final = 8  # blocks that wait to be written


class Packed:
    """A gzip file that is being written; what is known of it is whole once it is closed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.unpacked = self.size = self._crc = 0
        self._hash = hashlib.sha256()
        self._file = path.open("wb")
        self._write(_HEADER)

    @property
    def sha256(self) -> str:
        """The SHA-256 of the file, in hexadecimal."""
        return self._hash.hexdigest()

    def add(self, text: bytes, deflated: bytes) -> None:
        """Append a block, which `deflate` made of a text."""
        self._crc = zlib.crc32(text, self._crc)
        self.unpacked += len(text)
        self._write(deflated)

    def close(self) -> None:
        """End the file; closing it again does nothing."""
        if not self._file.closed:
            self._write(_LAST_BLOCK + struct.pack("<LL", self._crc, self.unpacked & 0xFFFFFFFF))
            self._file.close()

    def discard(self) -> None:
        """Close the file as it is, because what should be in it will not come."""
        self._file.close()

    def _write(self, content: bytes) -> None:
        self._file.write(content)
        self._hash.update(content)
        self.size += len(content)


def deflate(text: bytes) -> bytes:
    """Compress a block that others may follow."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(text) + packer.flush(zlib.Z_FULL_FLUSH)


class Packer:
    """Compresses blocks side by side and appends each to its files, in the order in which they came.

    Leaving the `with` block writes what is still waiting and closes all files; after an error they stay unfinished.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(os.cpu_count(), "pack")
        self._waiting: deque[tuple[Sequence[Packed], bytes, Future[bytes]]] = deque()
        self._files: list[Packed] = []

    def file(self, path: Path) -> Packed:
        """Begin a file."""
        self._files.append(Packed(path))
        return self._files[-1]

    def put(self, text: bytes, *files: Packed) -> None:
        """Append a text to each of the files."""
        if text:
            self._waiting.append((files, text, self._threads.submit(deflate, text)))
        while len(self._waiting) > _AHEAD:
            self._write_one()

    def _write_one(self) -> None:
        files, text, deflated = self._waiting.popleft()
        for file in files:
            file.add(text, deflated.result())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *failure: object) -> None:
        try:
            while kind is None and self._waiting:
                self._write_one()
            if kind is None:
                for file in self._files:
                    file.close()
        finally:
            for file in self._files:
                file.discard()
            self._threads.shutdown(cancel_futures=True)
