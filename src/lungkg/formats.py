"""The formats that answers are written in: one table, and which of them an Accept header asks for."""

import re
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

_RANGE: Final = re.compile(r"([\w!#$&^.+*-]+/[\w!#$&^.+*-]+)\s*(;.*)?", re.DOTALL)
_WEIGHT: Final = re.compile(r";\s*q\s*=\s*([0-9.]+)", re.IGNORECASE)


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


def _quality(entry: Format, ranges: list[tuple[str, float]]) -> float:
    """The most specific range that covers a format decides; an alias counts only when it is named."""
    best = (-1, 0.0)
    for wanted, quality in ranges:
        if wanted == entry.media_type:
            best = max(best, (3, quality))
        elif wanted in entry.aliases:
            best = max(best, (2, quality))
        elif wanted == entry.media_type.split("/")[0] + "/*":
            best = max(best, (1, quality))
        elif wanted == "*/*":
            best = max(best, (0, quality))
    return best[1]


def negotiate(accept: str, table: tuple[Format, ...]) -> Format | None:
    """Choose the format that an Accept header prefers (RFC 9110, 12.5.1), or None for a 406.

    >>> negotiate("text/csv;q=0.5, application/*", RESULTS).name
    'json'
    >>> negotiate("image/png", RESULTS) is None
    True
    """
    parts = (_RANGE.fullmatch(part.strip()) for part in accept.split(","))
    ranges = [(part[1].lower(), _weight(part[2] or "")) for part in parts if part]
    if not ranges:
        return table[0]
    offered = [entry for entry in table if entry.negotiable]
    weights = [_quality(entry, ranges) for entry in offered]
    best = max(weights)
    return offered[weights.index(best)] if best > 0 else None


def _weight(parameters: str) -> float:
    """Read the q of a range; one that is no number counts as not wanted."""
    match = _WEIGHT.search(parameters)
    try:
        return float(match[1]) if match else 1.0
    except ValueError:
        return 0.0
