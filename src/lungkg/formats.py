"""The formats that answers are written in: one table, and which of them an Accept header asks for."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple


class Format(NamedTuple):
    """A way to write results or graphs: its short name, media type and file suffix."""

    name: str
    media_type: str
    suffix: str
    aliases: tuple[str, ...] = ()
    negotiable: bool = True
    names: tuple[str, ...] = ()
    """Other short names that clients send as `format`."""
    named_only: bool = False
    """Whether `*/*` and `text/*` do not mean it."""

    @property
    def content_type(self) -> str:
        """The Content-Type header to send with it."""
        text = self.media_type.startswith("text/")
        return self.media_type + ("; charset=utf-8" if text else "")


RESULTS: Final = (
    Format("json", "application/sparql-results+json", "json", ("application/json", "text/json")),
    Format("xml", "application/sparql-results+xml", "xml", ("application/xml", "text/xml")),
    Format("csv", "text/csv", "csv"),
    Format("tsv", "text/tab-separated-values", "tsv"),
)
"""For SELECT and ASK, in the order that breaks ties."""

GRAPHS: Final = (
    Format("turtle", "text/turtle", "ttl", ("application/x-turtle", "application/turtle"), names=("n3",)),
    Format("jsonld", "application/ld+json", "jsonld", ("application/json",), names=("json-ld", "json")),
    Format("ntriples", "application/n-triples", "nt", ("text/plain",)),
    Format("rdfxml", "application/rdf+xml", "rdf", ("application/xml", "text/xml"), names=("rdf+xml", "xml")),
    Format("trig", "application/trig", "trig", negotiable=False),
    Format("nquads", "application/n-quads", "nq", negotiable=False),
)
"""For CONSTRUCT and DESCRIBE, in the order that breaks ties."""

HTML: Final = Format("html", "text/html", "html", ("application/xhtml+xml",))
"""A page for people; only what serves pages offers it, and only to those who name it."""

DOCUMENTS: Final = (
    Format(
        "turtle",
        "text/turtle",
        "ttl",
        ("application/x-turtle", "application/turtle", "text/ttl", "text/n3", "text/rdf+n3"),
        names=("n3",),
    ),
    Format(
        "jsonld",
        "application/ld+json",
        "jsonld",
        ("application/json", "application/vnd.schemaorg.ld+json"),
        names=("json-ld", "json"),
    ),
    Format("ntriples", "application/n-triples", "nt", ("text/plain", "text/ntriples", "text/n-triples")),
    Format("rdfxml", "application/rdf+xml", "rdf", names=("rdf+xml", "xml")),
    Format("html", "text/html", "html", ("application/xhtml+xml",), named_only=True),
)
"""For documents about things, in the order that breaks ties. Browsers name application/xml, so it is no alias here.

Formats with named graphs are had by suffix only: clients that prefer them, and then look at the default graph,
would find nothing there.
"""

DATASETS: Final = tuple(entry for entry in GRAPHS if not entry.negotiable)
"""The formats with named graphs, TriG and N-Quads."""

_MEDIA_TYPE: Final = re.compile(r"[\w!#$&^.+*-]+/[\w!#$&^.+*-]+")
_PARAMETER: Final = re.compile(r"""(?:^|;)\s*([^\s=;]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)""")
_PIECE: Final = re.compile(r"""(?:[^,"]|"(?:[^"\\]|\\.)*"?)+""")
_QUALITY: Final = re.compile(r"0*(?:0|1|[01]?\.\d*)")
_MOST_RANGES: Final = 500  # that are read of a header; no client sends a tenth of them
_COMPACTED: Final = "http://www.w3.org/ns/json-ld#compacted"


def table_for(form: str) -> tuple[Format, ...]:
    """Give the formats in which the answer to a query of this form can be written."""
    return RESULTS if form in ("SELECT", "ASK") else GRAPHS


def by_name(name: str, table: tuple[Format, ...]) -> Format | None:
    """Find a format by its short name, suffix or media type, as `?format=` and `--format` take them.

    >>> by_name("ttl", GRAPHS).media_type
    'text/turtle'
    """
    for entry in table:
        if name.lower() in (entry.name, entry.suffix, entry.media_type, *entry.aliases, *entry.names):
            return entry
    return None


class Range(NamedTuple):
    """A media range of an Accept header, as it was written and as it was read; parameters without q."""

    text: str
    media_type: str
    parameters: tuple[tuple[str, str], ...]
    quality: float


class Weight(NamedTuple):
    """How much a format is wanted, and the range that says so; the higher the rank, the more exactly it does."""

    format: Format
    quality: float
    range: Range | None
    rank: int

    @property
    def named(self) -> bool:
        """Whether the range names the format, by its media type or an alias, rather than by a wildcard."""
        return self.rank >= _ALIAS


_ANY, _TYPE, _ALIAS, _EXACT, _WITH_PARAMETERS = range(5)


def negotiate(accept: str, table: Sequence[Format], *, named_first: bool = False) -> Format | None:
    """Choose the format that an Accept header prefers (RFC 9110, 12.5.1), or None for a 406.

    Of equals the first in the table is chosen; with `named_first`, the first that is named.

    >>> negotiate("text/csv;q=0.5, application/*", RESULTS).name
    'json'
    >>> negotiate("image/png", RESULTS) is None
    True
    >>> negotiate("text/html, */*", DOCUMENTS, named_first=True).name
    'html'
    """
    return choose(weigh(read_accept(accept), table), named_first=named_first)


def choose(weights: Sequence[Weight], *, named_first: bool = False) -> Format | None:
    """Choose the format that is wanted most, if any is."""
    best = max(weights, key=lambda weight: (weight.quality, named_first and weight.named))
    return best.format if best.quality > 0 else None


def weigh(ranges: Sequence[Range], table: Sequence[Format]) -> list[Weight]:
    """Say how much each format is wanted: the most specific range that covers it decides.

    Without any range everything is wanted alike.
    """
    ranges = ranges or (Range("*/*", "*/*", (), 1.0),)
    return [_weight(entry, ranges) for entry in table if entry.negotiable]


def _weight(entry: Format, ranges: Sequence[Range]) -> Weight:
    ranked = [(_rank(entry, wanted), wanted.quality, wanted) for wanted in ranges]
    rank, quality, decisive = max(ranked, key=lambda one: one[:2])
    return Weight(entry, quality, decisive, rank) if rank >= 0 else Weight(entry, 0.0, None, rank)


def _rank(entry: Format, wanted: Range) -> int:
    """Say how exactly a range names a format; an alias counts only when it is named, -1 means not at all.

    Parameters that nobody knows are ignored, so a range with one is no more specific than without.
    """
    if wanted.media_type == entry.media_type:
        fitting = bool(wanted.parameters) and all(_has(entry, *parameter) for parameter in wanted.parameters)
        return _WITH_PARAMETERS if fitting else _EXACT
    if wanted.media_type in entry.aliases:
        return _ALIAS
    if entry.named_only:
        return -1
    if wanted.media_type == entry.media_type.partition("/")[0] + "/*":
        return _TYPE
    return _ANY if wanted.media_type == "*/*" else -1


def _has(entry: Format, name: str, value: str) -> bool:
    """Say whether what is sent in a format has a parameter of its media type."""
    if name == "charset":
        return value.lower() == "utf-8"
    return name == "profile" and entry.name == "jsonld" and _COMPACTED in value.split()


def read_accept(header: str) -> list[Range]:
    """Read an Accept header; what is no media range is passed over.

    >>> read_accept('application/ld+json;profile="a,b";q=0.5, hello')[0][1:]
    ('application/ld+json', (('profile', 'a,b'),), 0.5)
    """
    pieces = islice(_PIECE.finditer(header), _MOST_RANGES)
    return [found for piece in pieces for found in _range(piece[0].strip())]


def _range(text: str) -> Iterator[Range]:
    media_type, _, rest = text.partition(";")
    if not _MEDIA_TYPE.fullmatch(media_type.strip()):
        return
    quality, parameters = 1.0, []
    for name, value in _PARAMETER.findall(rest):
        if name.lower() == "q":
            quality = _read_quality(value.strip())
            break  # what follows belongs to the request, not to the media type
        parameters.append((name.lower(), re.sub(r"\\(.)", r"\1", value.strip().strip('"'))))
    yield Range(text, media_type.strip().lower(), tuple(parameters), quality)


def _read_quality(text: str) -> float:
    """Read a q; one that is no number from 0 to 1 counts as not wanted."""
    quality = float(text) if _QUALITY.fullmatch(text) and text != "." else 0.0
    return quality if quality <= 1 else 0.0
