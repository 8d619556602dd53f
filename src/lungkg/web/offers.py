"""Which form of a resource a request asks for: by the suffix of its address, or by its Accept header."""

import difflib
from collections.abc import Iterable
from typing import Final

from flask import request
from werkzeug.exceptions import NotFound

from lungkg.engines import NotAcceptable
from lungkg.errors import BadParameter
from lungkg.formats import DATASETS, DOCUMENTS, HTML, Format, by_name, negotiate

JSON: Final = Format("json", "application/json", "json")
TRIPLES: Final = tuple(entry for entry in DOCUMENTS if entry.name != HTML.name)
"""For descriptions, in the order that breaks ties."""

QUADS: Final = tuple(entry._replace(negotiable=True) for entry in DATASETS)
"""Had by suffix, or by those who name nothing else: who names Turtle, too, looks at the default graph."""


def offered(what: str, suffix: str, *tables: tuple[Format, ...]) -> Format:
    """Choose by the suffix, else by `?format=`, else from the first table that the Accept header has a liking for.

    Raises NotFound for an unknown suffix, BadParameter for an unknown format, and NotAcceptable when nothing fits,
    each with the list of what there is.
    """
    every = [entry for table in tables for entry in table]
    if suffix:
        found = next((entry for entry in every if entry.suffix == suffix), None)
        if found is None:
            known = ", ".join(f".{entry.suffix}" for entry in every)
            raise NotFound(f"{what[:1].upper()}{what[1:]} has no form .{suffix[:40]}; there are {known}.")
        return found
    if "format" in request.args:
        return _by_name(request.args["format"], every)
    accept = request.headers.get("Accept", "")
    for table in tables:
        chosen = negotiate(accept, table, named_first=True)
        if chosen is not None:
            return chosen
    known = ", ".join(f"{entry.name} ({entry.media_type})" for entry in every)
    raise NotAcceptable(f"{what} cannot be written as Accept: {accept}; there are {known}")


def _by_name(name: str, every: list[Format]) -> Format:
    found = by_name(name, tuple(every))
    if found is None:
        raise BadParameter("format", f"{name[:80]!r} is none of {', '.join(entry.name for entry in every)}")
    return found


def described(*also: Format) -> tuple[Format, ...]:
    """Give the table of a description that can also be had in other forms: Turtle first, a page last.

    The other forms come before JSON-LD, which goes by their media types, too.
    """
    return (TRIPLES[0], *also, *TRIPLES[1:], HTML)


def nearest(name: str, known: Iterable[str]) -> str:
    """Give a sentence with the names that are like one that is not there; empty without any.

    >>> nearest("claim", ["claims", "shapes"])
    ' Did you mean claims?'
    """
    near = difflib.get_close_matches(name, list(known), n=3)
    return f" Did you mean {' or '.join(near)}?" if near else ""
