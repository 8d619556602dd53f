"""Answers as a page shows them: rows of terms, yes or no, or the beginning of a text in Turtle.

Nothing here is HTML: the templates escape every text. What may become a link is decided here, because
data may hold any IRI: only http and https lead anywhere, so that no `javascript:` ever does.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import IO, Final, Literal, NamedTuple

import pyoxigraph as ox

from lungkg.errors import EngineError
from lungkg.namespaces import XSD

ROWS: Final = 1_000  # shown on a page; the downloads have all
ENTRIES: Final = 10_000  # the same for very wide tables
LITERAL_LENGTH: Final = 500  # characters
IRI_LENGTH: Final = 100  # characters, of an IRI that no prefix makes shorter
TEXT_BYTES: Final = 200_000

Kind = Literal["iri", "literal", "blank", "triple", "unbound"]
Content = bytes | IO[bytes]

_LINK: Final = re.compile(r"https?://[^\s<>\"{}|^`\\]+", re.IGNORECASE)
_LOCAL: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")  # also good in a query
_NUMBERS: Final = frozenset(
    XSD + name
    for name in (
        "integer", "decimal", "float", "double", "long", "int", "short", "byte", "nonNegativeInteger",
        "positiveInteger", "nonPositiveInteger", "negativeInteger", "unsignedLong", "unsignedInt",
        "unsignedShort", "unsignedByte",
    )
)  # fmt: skip
_VISIBLE: Final = {
    **{code: 0x2400 + code for code in range(0x20) if code not in (0x09, 0x0A, 0x0D)},
    **dict.fromkeys(range(0x7F, 0xA0), 0xFFFD),
}
"""Control characters, which HTML cannot hold, and the signs that stand for them."""


class Entry(NamedTuple):
    """One term of an answer.

    `text` is the whole IRI, value or triple; `short` is what to show of it; `cut` says that some is left out.
    `href` is empty unless the term may be a link; `datatype` is short, and empty for plain strings.
    """

    kind: Kind
    text: str = ""
    short: str = ""
    href: str = ""
    language: str = ""
    datatype: str = ""
    numeric: bool = False
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The first rows of an answer, and how many there are in all."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Entry, ...], ...]
    total: int


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The beginning of a text in whole lines; `cut` says that there is more."""

    text: str
    cut: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer as a page shows it; exactly one of the three is there."""

    table: Table | None = None
    truth: bool | None = None
    text: Excerpt | None = None


class Prefixes:
    """Shortens IRIs to what may also be written in a query.

    >>> short = Prefixes({"ex": "http://example.org/", "deep": "http://example.org/deep/"})
    >>> short("http://example.org/deep/a"), short("http://example.org/b"), short("http://example.org/b#c")
    ('deep:a', 'ex:b', '')
    """

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._longest_first = sorted(prefixes.items(), key=lambda pair: -len(pair[1]))
        self._cached = lru_cache(maxsize=4096)(self._shorten)

    def __call__(self, iri: str) -> str:
        """Give the short form of an IRI, empty when there is none."""
        return self._cached(iri)

    def _shorten(self, iri: str) -> str:
        for prefix, namespace in self._longest_first:
            if iri.startswith(namespace) and _LOCAL.fullmatch(iri, len(namespace)):
                return f"{prefix}:{iri[len(namespace) :]}"
        return ""


def read_answer(form: str, content: Content, prefixes: Mapping[str, str], rows: int = ROWS) -> Shown:
    """Read the answer to a query of a form for showing it.

    `content` is SPARQL results JSON for SELECT and ASK (https://www.w3.org/TR/sparql11-results-json/),
    Turtle for CONSTRUCT and DESCRIBE: as bytes, or as a binary file at its beginning.
    Raises EngineError when it is not what it should be.
    """
    if form not in ("SELECT", "ASK"):
        return Shown(text=excerpt(content))
    try:
        results = ox.parse_query_results(content, format=ox.QueryResultsFormat.JSON)
        if isinstance(results, ox.QueryBoolean):
            return Shown(truth=bool(results))
        return Shown(table=_table(results, Prefixes(prefixes), rows))
    except (SyntaxError, ValueError) as error:
        raise EngineError(f"the engine's answer is no SPARQL results JSON: {error}") from None


def excerpt(content: Content, most: int = TEXT_BYTES) -> Excerpt:
    """Give the beginning of a text in UTF-8: whole lines, at most `most` bytes.

    >>> excerpt(b"one\\ntwo\\nthree\\n", most=9)
    Excerpt(text='one\\ntwo\\n', cut=True)
    """
    start = content[: most + 1] if isinstance(content, bytes) else content.read(most + 1)
    cut = len(start) > most
    if cut:
        start = start[: start.rfind(b"\n", 0, most) + 1] or start[:most]
    return Excerpt(visible(start.decode("utf-8", "ignore" if cut else "replace")), cut)


def _table(solutions: ox.QuerySolutions, prefixes: Prefixes, most: int) -> Table:
    variables = solutions.variables
    most = min(most, max(1, ENTRIES // max(1, len(variables))))
    rows = tuple(tuple(_entry(row[name], prefixes) for name in variables) for row in islice(solutions, most))
    total = len(rows) + sum(1 for _ in solutions)
    return Table(tuple(name.value for name in variables), rows, total)


def _entry(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None, prefixes: Prefixes) -> Entry:
    match term:
        case None:
            return Entry("unbound")
        case ox.NamedNode():
            return _iri(term.value, prefixes)
        case ox.Literal():
            return _literal(term, prefixes)
        case ox.BlankNode():
            return Entry("blank", str(term), str(term))
    text = visible(str(term))
    return Entry("triple", text, _beginning(text), cut=len(text) > LITERAL_LENGTH)


def _iri(iri: str, prefixes: Prefixes) -> Entry:
    short = prefixes(iri)
    href = iri if _LINK.fullmatch(iri) else ""
    if short or len(iri) <= IRI_LENGTH:
        return Entry("iri", iri, short or iri, href)
    return Entry("iri", iri, f"{iri[: IRI_LENGTH * 3 // 5]}…{iri[-IRI_LENGTH * 2 // 5 :]}", href, cut=True)


def _literal(literal: ox.Literal, prefixes: Prefixes) -> Entry:
    text, datatype = visible(literal.value), literal.datatype.value
    plain = literal.language is not None or datatype == XSD + "string"
    return Entry(
        "literal",
        text,
        _beginning(text),
        language=literal.language or "",
        datatype="" if plain else prefixes(datatype) or datatype,
        numeric=datatype in _NUMBERS,
        cut=len(text) > LITERAL_LENGTH,
    )


def _beginning(text: str) -> str:
    return text if len(text) <= LITERAL_LENGTH else text[:LITERAL_LENGTH] + "…"


def visible(text: str) -> str:
    """Put visible signs in the place of control characters, which HTML cannot hold."""
    return text.translate(_VISIBLE)
