"""Reads the `#+` header of a .rq file: YAML above the query, as grlc (https://grlc.io) defines it."""

from pathlib import Path
from typing import Any, Final

from lungkg.errors import InputError, Place
from lungkg.records import Record, parse_yaml, read_text, schema_problems

_MARK: Final = "#+"


def read_header(path: Path, schema: str) -> tuple[Record, str]:
    """Split a .rq file into its header and its text; the text stays whole, so that lines keep their number.

    Raises InputError, with the line, for a header that is missing, is no YAML, or does not fit the schema.
    """
    text = read_text(path)
    lines = text.split("\n")
    _check_marks(path, lines)
    header = "\n".join("  " + line.removeprefix(_MARK) if line.startswith(_MARK) else "" for line in lines)
    try:
        record = parse_yaml(header, path)
    except InputError as error:
        (problem,) = error.problems
        what = problem.what.replace("this is not", "the #+ header is not")
        raise InputError.at(problem.place, what, problem.hint) from None
    if not isinstance(record.value, dict):
        raise InputError.at(
            Place(path, 1), "there is no #+ header", "Start with #+ summary: and #+ description: lines."
        )
    problems = list(schema_problems(record, schema, within="the #+ header"))
    if problems:
        raise InputError(problems)
    return record, text


def _check_marks(path: Path, lines: list[str]) -> None:
    """Raise InputError for a line that would be passed over, though it looks like one of the header."""
    if lines[0].startswith("\ufeff"):
        raise InputError.at(
            Place(path, 1), "the file begins with a byte order mark", "Save it as UTF-8 without a byte order mark."
        )
    for number, line in enumerate(lines, start=1):
        if "\r" in line.removesuffix("\r"):
            raise InputError.at(
                Place(path, number), "a line ends with a carriage return alone", "Save the file with line feeds."
            )
        if not line.startswith(_MARK) and line.lstrip().startswith(_MARK):
            raise InputError.at(
                Place(path, number), "a line of the #+ header does not start at the margin", "Write #+ without a blank."
            )


def strings(value: Any) -> tuple[str, ...]:
    """Give one value or a list of values of a header as texts; YAML makes numbers and truths of some.

    >>> strings([8, True, "x"]), strings(None)
    (('8', 'true', 'x'), ())
    """
    if value is None:
        return ()
    values = value if isinstance(value, list) else [value]
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in values)
