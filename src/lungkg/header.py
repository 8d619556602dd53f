"""Reads the `#+` header of a .rq file: YAML above the query, as grlc (https://grlc.io) defines it."""

from pathlib import Path
from typing import Any

from lungkg.errors import InputError, Place
from lungkg.records import parse_yaml, read_text

_REQUIRED = ("summary", "description")


def read_header(path: Path, allowed: frozenset[str]) -> tuple[dict[str, Any], str]:
    """Split a .rq file into its header and its text; the text stays whole, so that lines keep their number.

    Raises InputError, with the line, for a header that is no YAML, lacks summary or description, or has
    a key that is not allowed.
    """
    text = read_text(path)
    lines = text.split("\n")
    header = "\n".join(line.removeprefix("#+") if line.startswith("#+") else "" for line in lines)
    try:
        values = parse_yaml(header, path).value
    except InputError as error:
        (problem,) = error.problems
        what = problem.what.replace("this is not", "the #+ header is not")
        raise InputError.at(Place(path, problem.place.line), what, problem.hint) from None
    if not isinstance(values, dict):
        raise InputError.at(
            Place(path, 1), "there is no #+ header", "Start with #+ summary: and #+ description: lines."
        )
    for key in values:
        if key not in allowed:
            line = next((n for n, row in enumerate(lines, 1) if row.startswith(f"#+ {key}:")), 1)
            raise InputError.at(
                Place(path, line),
                f"the #+ header has an unknown key {key!r}",
                f"Known: {', '.join(sorted(allowed))}.",
            )
    for key in _REQUIRED:
        if not isinstance(values.get(key), str) or not values[key].strip():
            raise InputError.at(Place(path, 1), f"the #+ header lacks a {key}")
    return values, text
