"""Answers to canned queries that no engine writes: plain objects, JSON that names the next page, claims with evidence.

They are whole before the first byte is sent, as those of an engine are: in memory, or in a file when they are long.
"""

import hashlib
import json
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, BinaryIO, Final

import pyoxigraph as ox

from lungkg.engines import Engine
from lungkg.engines.base import Answer
from lungkg.errors import AnswerTooLong
from lungkg.formats import GRAPHS, Format
from lungkg.limits import MEGABYTE, Limits
from lungkg.namespaces import XSD
from lungkg.queries.support import statements

OBJECTS: Final = Format("objects", "application/json", "json")
"""Rows as plain JSON objects."""

CLAIMS: Final = tuple(entry._replace(negotiable=True) for entry in GRAPHS if entry.name in ("trig", "nquads"))
"""The formats of the claims behind the rows: those that can say in which graph a statement stands."""

_CLAIMS_AT_ONCE: Final = 200
_INTEGERS: Final = frozenset(
    XSD + name
    for name in (
        "integer", "long", "int", "short", "byte", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger",
        "negativeInteger", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte",
    )
)  # fmt: skip
_HEAD: Final = re.compile(rb'\s*\{\s*"head"\s*:\s*\{[^{}]*\}\s*,\s*')
_TRUTHS: Final = {"true": True, "1": True, "false": False, "0": False}

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None


def rewritten(answer: Answer, format: Format, pieces: Iterable[bytes], limits: Limits) -> Answer:
    """Put pieces together to an answer that takes the place of another, whose file is closed.

    Raises AnswerTooLong when they are more than an answer may have.
    """
    kept: list[bytes] = []
    size, digest = 0, hashlib.blake2b(digest_size=16)
    file: BinaryIO | None = None
    try:
        for piece in pieces:
            size += len(piece)
            digest.update(piece)
            _check_size(size, limits)
            if file is None and size > limits.kept_size * MEGABYTE:
                file = tempfile.TemporaryFile(dir=limits.spill)  # noqa: SIM115 # it goes out with the answer
                file.writelines(kept)
                kept.clear()
            if file is None:
                kept.append(piece)
            else:
                file.write(piece)
    except BaseException:
        if file is not None:
            file.close()
        raise
    finally:
        if answer.file is not None:
            answer.file.close()
    body = b"".join(kept)
    return replace(answer, body=body, format=format, file=file, size=size, digest=digest.hexdigest())


def _check_size(size: int, limits: Limits) -> None:
    if size > limits.answer_size * MEGABYTE:
        raise AnswerTooLong(limits.answer_size)


def whole(answer: Answer) -> bytes | BinaryIO:
    """Give an answer from its beginning, whoever has read in it before."""
    if answer.file is None:
        return answer.body
    answer.file.seek(0)
    return answer.file


def with_next(answer: Answer, address: str) -> Iterator[bytes]:
    """Add the address of the next page to SPARQL 1.1 Results JSON, beside `head` and `results`.

    It goes before the results: there are readers, pyoxigraph's among them, that take nothing after them.
    """
    more = json.dumps({"truncated": True, "next": address}).encode()[1:-1] + b", "
    place = 0
    for piece in answer.chunks():
        if not place:
            head = _HEAD.match(piece)
            place = head.end() if head else piece.index(b"{") + 1
            yield piece[:place] + more
            yield piece[place:]
        else:
            yield piece


def objects(answer: Answer, about: dict[str, Any], following: str | None) -> Iterator[bytes]:
    """Write an answer in SPARQL 1.1 Results JSON as plain objects; `about` are the members before the rows."""
    results = ox.parse_query_results(whole(answer), format=ox.QueryResultsFormat.JSON)
    if isinstance(results, ox.QueryBoolean):
        told = {**about, "columns": [], "rows": [], "boolean": bool(results), "truncated": False, "next": None}
        yield _json(told)
        return
    columns = [variable.value for variable in results.variables]
    yield _json({**about, "columns": columns})[:-1] + b', "rows": ['
    comma = b"\n"
    for row in results:
        yield comma + _json({name: plain(row[name]) for name in columns})
        comma = b",\n"
    yield b"],\n" + _json({"truncated": following is not None, "next": following})[1:] + b"\n"


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def plain(term: Term) -> str | int | float | bool | None:
    """Give a term as JSON has it: numbers, truths, null for nothing, and texts for all else.

    >>> plain(ox.Literal("07", datatype=ox.NamedNode(XSD + "integer"))), plain(ox.NamedNode("urn:a")), plain(None)
    (7, 'urn:a', None)
    """
    if not isinstance(term, ox.Literal):
        return term.value if isinstance(term, ox.NamedNode) else None if term is None else str(term)
    value, datatype = term.value, term.datatype.value
    try:
        if datatype in _INTEGERS:
            return int(value)
        if datatype == XSD + "decimal":
            return float(value)
    except ValueError:
        return value
    return _TRUTHS.get(value, value) if datatype == XSD + "boolean" else value


def evidence(engine: Engine, claims: list[str], format: Format, prefixes: dict[str, str]) -> Iterator[bytes]:
    """Write claims with all that says where they come from, each statement once and in its graph."""
    written = ox.RdfFormat.from_media_type(format.media_type)
    if written is None:
        raise ValueError(f"{format.name} is no form of RDF")
    seen: set[tuple[str, str]] = set()  # what an earlier batch has described: a sentence holds several claims
    for start in range(0, len(claims), _CLAIMS_AT_ONCE):
        found = set(statements(engine, claims[start : start + _CLAIMS_AT_ONCE]))
        new = [quad for quad in found if (str(quad.graph_name), str(quad.subject)) not in seen]
        seen |= {(str(quad.graph_name), str(quad.subject)) for quad in new}
        new.sort(key=lambda quad: (str(quad.graph_name), str(quad.subject), str(quad.predicate), str(quad.object)))
        yield ox.serialize(new, format=written, prefixes=prefixes) or b""
