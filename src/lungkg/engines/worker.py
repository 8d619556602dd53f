"""The program that a worker process runs: it opens a store and answers one query after the other.

It is started as a file of its own (see `process.py`) and imports nothing but pyoxigraph and the standard
library: a fresh worker is ready in some 40 ms. Parent and worker speak over a socket pair: a message is
its length in four bytes and then JSON; the bytes of an answer follow the message that announces them.
"""

import csv
import ctypes
import hashlib
import io
import json
import os
import platform
import re
import resource
import socket
import struct
import sys
import threading
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Final, cast

import pyoxigraph as ox

RESULTS: Final = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
GRAPHS: Final = {
    "turtle": ox.RdfFormat.TURTLE,
    "jsonld": ox.RdfFormat.JSON_LD,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "trig": ox.RdfFormat.TRIG,
    "nquads": ox.RdfFormat.N_QUADS,
}

_STACK: Final = 8 * 2**20  # bytes, what Linux gives unless told otherwise
_LENGTH: Final = struct.Struct("!I")


# The messages ------------------------------------------------------------------------------------


def send(channel: socket.socket, message: dict[str, Any], content: bytes | bytearray = b"") -> None:
    """Send a message and the bytes that belong to it."""
    head = json.dumps(message).encode()
    channel.sendall(_LENGTH.pack(len(head)) + head)
    if content:
        channel.sendall(content)


def receive(channel: socket.socket) -> dict[str, Any]:
    """Receive a message; raises EOFError when the other side is gone."""
    message: dict[str, Any] = json.loads(read(channel, _LENGTH.unpack(read(channel, _LENGTH.size))[0]))
    return message


def read(channel: socket.socket, length: int) -> bytes:
    """Receive exactly so many bytes; raises EOFError when the other side goes before."""
    content = channel.recv(length, socket.MSG_WAITALL)
    if len(content) == length:
        return content
    parts = [content]
    missing = length - len(content)
    while missing:
        part = channel.recv(missing, socket.MSG_WAITALL)
        if not part:
            raise EOFError("the other side is gone")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


# The fences --------------------------------------------------------------------------------------


class _Filter(ctypes.Structure):
    _fields_ = (("code", ctypes.c_ushort), ("yes", ctypes.c_ubyte), ("no", ctypes.c_ubyte), ("value", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filters", ctypes.POINTER(_Filter)))


# Audit architecture and number of socket(2), from the kernel's tables.
_SOCKET_CALL: Final = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
_IO_URING_SETUP: Final = 425  # the same everywhere; a ring could open sockets by another road
_OTHER_ABI: Final = 0x40000000  # x32 calls carry this bit


def close_network() -> bool:
    """Take from this process, for good, the right to open sockets; False where the system offers no way.

    A seccomp filter (Linux) answers socket(2) with EPERM. Lowering RLIMIT_NOFILE would look simpler, but
    RocksDB opens only 16 table files at first: with 44 of them a full scan then ate all memory.
    """
    if sys.platform != "linux" or platform.machine() not in _SOCKET_CALL:
        return False
    architecture, number = _SOCKET_CALL[platform.machine()]
    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06  # BPF: LD|W|ABS, JMP|JEQ|K, JMP|JGE|K, RET|K
    allow, refuse = 0x7FFF0000, 0x00050001  # SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | EPERM
    rules = (
        (load, 0, 0, 4),
        (equal, 0, 5, architecture),
        (load, 0, 0, 0),
        (at_least, 3, 0, _OTHER_ABI),
        (equal, 2, 0, number),
        (equal, 1, 0, _IO_URING_SETUP),
        (give, 0, 0, allow),
        (give, 0, 0, refuse),
    )
    filters = (_Filter * len(rules))(*(_Filter(*rule) for rule in rules))
    libc = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, set_seccomp, by_filter = 38, 22, 2
    if libc.prctl(no_new_privileges, 1, 0, 0, 0) or libc.prctl(
        set_seccomp, by_filter, ctypes.byref(_Program(len(rules), filters)), 0, 0
    ):
        return False
    try:
        socket.socket().close()
    except PermissionError:
        return True
    return False


def limit_stack() -> None:
    """Bound how deep a query may be: the same on every machine, also where the system sets no bound."""
    _, hard = resource.getrlimit(resource.RLIMIT_STACK)
    wanted = _STACK if hard == resource.RLIM_INFINITY else min(_STACK, hard)
    resource.setrlimit(resource.RLIMIT_STACK, (wanted, hard))


def limit_memory(megabytes: int) -> None:
    """Let this process take so much more memory than it has now; how much that is depends on the machine."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 # pathlib takes 10 ms to import
            taken = int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return  # not Linux: address space cannot be limited sensibly
    wanted = taken + megabytes * 2**20
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def end_with(lifeline: int) -> None:
    """End this process when the parent ends, however it does: its end of the pipe closes."""

    def wait() -> None:
        os.read(lifeline, 1)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


# The answers -------------------------------------------------------------------------------------


class TooLong(Exception):
    """The answer is longer than an answer may be."""


class Unwritable(Exception):
    """The answer holds what its format cannot."""


_CONTROLS: Final = bytes(set(range(32)) - {9, 10, 13})  # XML 1.0 has no way to write them
_NO_CHARACTERS: Final = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")  # U+FFFE and U+FFFF, neither


class Sink(io.RawIOBase):
    """Takes an answer as it is written: in memory at first, in a file when it grows; hashes it and counts its rows."""

    def __init__(self, kept: int, most: int, spill: BinaryIO, format: str) -> None:
        self.content = bytearray()
        self.size, self.spilled = 0, False
        self.digest = hashlib.blake2b(digest_size=16)
        self._kept, self._most, self._file = kept, most, spill
        self._row, self._tail, self.matches = _ROW.get(format), b"", 0
        self._xml = format in ("xml", "rdfxml")

    def writable(self) -> bool:
        """Say so to those who write."""
        return True

    def write(self, chunk: Any) -> int:
        """Take a piece; raises TooLong when the answer passes its limit."""
        piece = bytes(chunk)
        if self._xml and b"\r" in piece:
            piece = piece.replace(b"\r", b"&#xD;")  # bare, a reader of XML takes it for a line feed
        self.size += len(piece)
        if self.size > self._most:
            raise TooLong
        self.digest.update(piece)
        if self._xml and len(piece.translate(None, _CONTROLS)) != len(piece):
            raise Unwritable("XML has no way to write control characters")
        if self._row or self._xml:
            self._count(piece)
        if not self.spilled and self.size <= self._kept:
            self.content += piece
            return len(chunk)
        if not self.spilled:
            self.spilled = True
            self._spill(self.content)
            self.content.clear()
        self._spill(piece)
        return len(chunk)

    def _spill(self, content: bytes | bytearray) -> None:
        left = memoryview(content)
        while left:  # a disk that is nearly full takes a part, and only then says that it is full
            left = left[self._file.write(left) :]

    def _count(self, piece: bytes) -> None:
        seen = self._tail + piece
        if self._xml and any(character in seen for character in _NO_CHARACTERS):
            raise Unwritable("XML has no way to write the characters U+FFFE and U+FFFF")
        overlap = max(len(self._row or b"") - 1, 2 * self._xml)
        if self._row:
            self.matches += seen.count(self._row) - self._tail.count(self._row)
        self._tail = seen[-overlap:] if overlap else b""


# What stands once in each row, whatever the row holds: TSV escapes line breaks, XML escapes angle brackets.
# In JSON a row may be empty, so its rows are not counted; those of CSV are counted as they are written.
_ROW: Final = {"tsv": b"\n", "xml": b"<result>"}


# RDF/XML writes a predicate as the name of an element, so it has to end in one: NameStartChar and NameChar of
# XML 1.0 (https://www.w3.org/TR/xml/#NT-NameStartChar), without the colon.
_NAME_START: Final = (
    r"A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D\u2070-\u218F"
    r"\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_ELEMENT: Final = re.compile(rf"[{_NAME_START}][{_NAME_START}\-.0-9\u00B7\u0300-\u036F\u203F\u2040]*\Z")


class Counted:
    """Counts triples on their way to the serialiser, and stops at one that the format has no way to write."""

    def __init__(self, triples: Iterable[ox.Triple], format: str) -> None:
        self._triples, self._xml, self.number = triples, format == "rdfxml", 0

    def __iter__(self) -> Iterator[ox.Triple]:
        for triple in self._triples:
            if self._xml and not _ELEMENT.search(triple.predicate.value):
                raise Unwritable(f"RDF/XML cannot write the predicate <{triple.predicate.value}>")
            self.number += 1
            yield triple


def parse(text: str) -> None:
    """Parse a query without running it; raises SyntaxError.

    pyoxigraph has no call for that, but it refuses to substitute a variable that a query lacks, after it has
    parsed and before it evaluates.
    """
    absent = "v"
    while absent in text:
        absent += "v"
    try:
        ox.Store().query(text, substitutions={ox.Variable(absent): ox.Literal("")})
    except RuntimeError:
        return


def answer(store: ox.Store, prefixes: dict[str, str], asked: dict[str, Any], sink: Sink) -> int | None:
    """Write the answer to a query into the sink; gives the number of rows or triples where it is known."""
    if asked["parse"]:
        parse(asked["text"])
        return None
    chosen = bool(asked["default"] or asked["named"])
    results = store.query(
        asked["text"],
        base_iri=asked["base"] or None,
        use_default_graph_as_union=asked["union"],
        default_graph=[ox.NamedNode(iri) for iri in asked["default"]] if chosen else None,
        named_graphs=[ox.NamedNode(iri) for iri in asked["named"]] if chosen else None,
    )
    if isinstance(results, ox.QueryTriples):
        triples = Counted(results, asked["format"])
        ox.serialize(triples, cast("BinaryIO", sink), format=GRAPHS[asked["format"]], prefixes=prefixes)
        return triples.number
    if asked["format"] == "csv" and isinstance(results, ox.QuerySolutions):
        return _write_csv(results, sink)
    results.serialize(cast("BinaryIO", sink), format=RESULTS[asked["format"]])
    if isinstance(results, ox.QueryBoolean):
        return 1
    return sink.matches - (asked["format"] == "tsv") if asked["format"] in _ROW else None


def _write_csv(solutions: ox.QuerySolutions, sink: Sink) -> int:
    """Write rows as CSV (https://www.w3.org/TR/sparql11-results-csv-tsv/) and count them.

    Oxigraph 0.5 leaves an IRI with a comma without quotes, which makes two values of it.
    """
    text = io.TextIOWrapper(io.BufferedWriter(sink, 2**16), "utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow([variable.value for variable in solutions.variables])
    number = 0
    try:
        for solution in solutions:
            writer.writerow(["" if term is None else _bare(term) for term in solution])
            number += 1
        text.flush()
    finally:
        text.detach().detach()
    return number


def _bare(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)


def _reply(
    channel: socket.socket, store: ox.Store, prefixes: dict[str, str], asked: dict[str, Any], sink: Sink
) -> None:
    try:
        rows = answer(store, prefixes, asked, sink)
    except TooLong:
        send(channel, {"error": "long", "spilled": sink.spilled})
    except Unwritable as error:
        send(channel, {"error": "unwritable", "message": str(error), "spilled": sink.spilled})
    except SyntaxError as error:
        send(channel, {"error": "syntax", "message": str(error), "spilled": sink.spilled})
    except MemoryError:
        send(channel, {"error": "memory", "spilled": sink.spilled})
    except (ValueError, OSError, RuntimeError) as error:
        send(channel, {"error": "other", "message": str(error), "spilled": sink.spilled})
    else:
        head = {"size": sink.size, "digest": sink.digest.hexdigest(), "rows": rows, "spilled": sink.spilled}
        send(channel, head, sink.content)


def main(arguments: list[str]) -> None:
    """Serve the parent until it hangs up."""
    settings: dict[str, Any] = json.loads(arguments[0])
    channel = socket.socket(fileno=settings["channel"])
    end_with(settings["lifeline"])
    try:
        fenced = settings["network"] or close_network()
        store = ox.Store.read_only(settings["store"]) if settings["store"] else ox.Store()
        limit_stack()
        limit_memory(settings["memory"])
    except (OSError, ValueError) as error:
        send(channel, {"error": "start", "message": str(error)})
        return
    send(channel, {"ready": True, "fenced": fenced and not settings["network"]})
    spill: BinaryIO | None = None
    while True:
        try:
            asked = receive(channel)
        except EOFError:
            return
        if spill is None:
            (handle,) = socket.recv_fds(channel, 1, 1)[1]
            spill = open(handle, "wb", buffering=0)  # noqa: PTH123, SIM115 # it stays open from query to query
        sink = Sink(settings["kept"], settings["most"], spill, asked["format"])
        _reply(channel, store, settings["prefixes"], asked, sink)
        if sink.spilled:
            spill.close()
            spill = None


if __name__ == "__main__":
    main(sys.argv[1:])
