"""Rows as a pandas DataFrame, with a type for each column; the only module that knows pandas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from lungkg.client.rows import Rows
from lungkg.client.values import Value
from lungkg.errors import SystemProblem

if TYPE_CHECKING:
    import pandas as pd

_EXACT: Final = 2**53  # integers up to here are exact as a double


def need_pandas() -> None:
    """Raise SystemProblem, which says what to install, when pandas is missing."""
    if find_spec("pandas") is None:
        raise SystemProblem("a DataFrame needs pandas, which is not installed: pip install 'lungkg[pandas]'")


def frame(rows: Rows) -> pd.DataFrame:
    """Make a DataFrame; every type of column can say that a value is missing.

    Integers become Int64, other numbers Float64, booleans boolean, IRIs and text of any language string,
    dates and times datetime64 (in UTC when they have a time zone). A column that mixes kinds, or does not
    fit its type, stays a column of Python objects.
    """
    import pandas as pd  # noqa: PLC0415 # not everybody has it

    columns = {}
    for place, name in enumerate(rows.columns):
        values = [row[place] for row in rows]
        dtype = _dtype([value for value in values if value is not None])
        if dtype == "string":
            values = [None if value is None else str(value) for value in values]
        columns[name] = pd.Series(values, dtype=dtype)
    return pd.DataFrame(columns, index=pd.RangeIndex(len(rows)))


def _dtype(values: Sequence[Value]) -> str:
    """Name the type that holds all these values, "object" when none does."""
    kinds = {type(value) for value in values}
    if not kinds:
        return "object"
    if kinds == {bool}:
        return "boolean"
    if kinds == {datetime}:
        return _times(values)
    if kinds == {date}:
        return "datetime64[us]"
    if kinds <= {int, float, Decimal}:
        return _numbers(values)
    return "string" if all(isinstance(value, str) for value in values) else "object"


def _times(values: Sequence[Value]) -> str:
    zoned = {isinstance(value, datetime) and value.tzinfo is not None for value in values}
    if len(zoned) == 2:
        return "object"  # nobody knows how one without a zone compares with one that has it
    return "datetime64[us, UTC]" if zoned == {True} else "datetime64[us]"


def _numbers(values: Sequence[Value]) -> str:
    integers = [value for value in values if isinstance(value, int)]
    if len(integers) == len(values):
        return "Int64" if all(-(2**63) <= value < 2**63 for value in integers) else "object"
    return "Float64" if all(abs(value) <= _EXACT for value in integers) else "object"
