"""Gzip files that are made of blocks: one member, whole, the same each time, shared between files."""

import gzip
import hashlib
import io
import os
import zlib
from pathlib import Path

import pytest

from lungkg.packing import Packed, Packer, deflate

TEXTS = [b"one\n", b"two\n" * 50_000, os.urandom(10_000), b"", b"\xc3\xa4" * 7]


def packed(folder: Path, texts: list[bytes], name: str = "file.gz") -> tuple[Path, Packed]:
    """Pack texts into one file."""
    with Packer() as packer:
        file = packer.file(folder / name)
        for text in texts:
            packer.put(text, file)
    return folder / name, file


@pytest.mark.parametrize(
    "texts",
    [pytest.param([], id="nothing"), pytest.param([b"a"], id="a-letter"), pytest.param(TEXTS * 5, id="many-blocks")],
)
def test_what_is_unpacked_is_what_was_packed(tmp_path: Path, texts: list[bytes]) -> None:
    """Blocks come out in the order in which they went in, with the checksum of the whole."""
    path, _ = packed(tmp_path, texts)

    assert gzip.decompress(path.read_bytes()) == b"".join(texts)


def test_the_file_is_one_member(tmp_path: Path) -> None:
    """Readers that stop after the first gzip member see everything."""
    path, _ = packed(tmp_path, TEXTS)
    reader = zlib.decompressobj(zlib.MAX_WBITS + 16)

    assert reader.decompress(path.read_bytes()) == b"".join(TEXTS)
    assert (reader.eof, reader.unused_data) == (True, b"")


def test_size_and_checksum_are_those_of_the_file(tmp_path: Path) -> None:
    """They are known without reading the file again."""
    path, file = packed(tmp_path, TEXTS)
    content = path.read_bytes()

    assert (file.size, file.unpacked) == (len(content), len(b"".join(TEXTS)))
    assert file.sha256 == hashlib.sha256(content).hexdigest()


def test_equal_texts_are_equal_files(tmp_path: Path) -> None:
    """There is no time and no name in the file."""
    one, _ = packed(tmp_path, TEXTS, "one.gz")
    two, _ = packed(tmp_path, TEXTS, "two.gz")

    assert one.read_bytes() == two.read_bytes()


def test_a_block_may_go_into_several_files(tmp_path: Path) -> None:
    """It is compressed once, and each file is whole."""
    with Packer() as packer:
        one, two = packer.file(tmp_path / "one.gz"), packer.file(tmp_path / "two.gz")
        packer.put(b"head ", one)
        packer.put(b"body", one, two)
        packer.put(b" foot", two)

    assert gzip.decompress(one.path.read_bytes()) == b"head body"
    assert gzip.decompress(two.path.read_bytes()) == b"body foot"


def test_what_was_broken_off_does_not_pass_for_whole(tmp_path: Path) -> None:
    """After an error a file lacks its end, so that no reader takes it."""

    def break_off() -> None:
        with Packer() as packer:
            packer.put(b"text", packer.file(tmp_path / "file.gz"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()

    with pytest.raises(EOFError), gzip.open(tmp_path / "file.gz") as reading:
        reading.read()


def test_a_block_ends_on_a_byte_and_is_not_the_last() -> None:
    """So another one can follow."""
    reader = zlib.decompressobj(-zlib.MAX_WBITS)

    assert reader.decompress(deflate(b"one") + deflate(b"two")) == b"onetwo"
    assert not reader.eof
    assert io.BytesIO(deflate(b"")).read().endswith(b"\x00\x00\xff\xff")
