"""The rows of a SELECT answer: values by the names of their columns."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

from lungkg.client.values import Value, read_term
from lungkg.errors import EngineError


class Row:
    """One row: `row["name"]`, `row.name` or `row[0]`; it unpacks into its values, and `dict(row)` has the names.

    What is not bound is None. A column that is called like a method is reached by `row["keys"]`.

    >>> from lungkg.client.values import Literal
    >>> row = Row({"site": 0, "claims": 1}, (Literal("oak"), 44))
    >>> row, row.site, row["claims"], row[-1], dict(row)
    (Row(site='oak', claims=44), 'oak', 44, 44, {'site': 'oak', 'claims': 44})
    >>> site, claims = row
    """

    __slots__ = ("_places", "_values")
    _places: Mapping[str, int]
    _values: tuple[Value, ...]

    def __init__(self, places: Mapping[str, int], values: tuple[Value, ...]) -> None:
        object.__setattr__(self, "_places", places)
        object.__setattr__(self, "_values", values)

    def keys(self) -> list[str]:
        """Give the names of the columns, in the order of the query."""
        return list(self._places)

    def __getitem__(self, key: str | int) -> Any:
        if isinstance(key, str):
            if key not in self._places:
                raise KeyError(f"no column {key!r}; there are {', '.join(self._places)}")
            key = self._places[key]
        return self._values[key]

    def __getattr__(self, name: str) -> Any:
        # While a row is made it has no columns yet, and what Python itself asks for is never one.
        if name in Row.__slots__ or name not in self._places:
            raise AttributeError(f"no column {name!r}", name=name, obj=self)
        return self._values[self._places[name]]

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a row does not change, so {name!r} cannot be set")

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Row):
            return NotImplemented
        return (self.keys(), self._values) == (other.keys(), other._values)

    def __hash__(self) -> int:
        return hash((tuple(self._places), self._values))

    def __reduce__(self) -> tuple[type["Row"], tuple[dict[str, int], tuple[Value, ...]]]:
        return Row, (dict(self._places), self._values)

    def __repr__(self) -> str:
        return f"Row({', '.join(f'{name}={value!r}' for name, value in zip(self._places, self._values, strict=True))})"


class Rows(Sequence[Row]):
    """The rows of an answer in their order, as a sequence that does not change; `columns` are their names."""

    def __init__(self, columns: Sequence[str], rows: Sequence[Row]) -> None:
        self.columns, self._rows = tuple(columns), tuple(rows)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> "Rows": ...
    def __getitem__(self, index: int | slice) -> "Row | Rows":
        return Rows(self.columns, self._rows[index]) if isinstance(index, slice) else self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Rows):
            return NotImplemented
        return (self.columns, self._rows) == (other.columns, other._rows)

    __hash__ = None  # type: ignore[assignment] # like a list

    def __repr__(self) -> str:
        return f"<{len(self)} {'row' if len(self) == 1 else 'rows'} of {', '.join(self.columns) or 'no columns'}>"


def read_rows(content: bytes) -> Rows:
    """Read SPARQL 1.1 Query Results JSON (https://www.w3.org/TR/sparql11-results-json/).

    Raises EngineError when it is none.
    """
    try:
        answer = json.loads(content)
        columns = list(answer["head"]["vars"])
        places = {name: place for place, name in enumerate(columns)}
        rows = [
            Row(places, tuple(read_term(binding[name]) if name in binding else None for name in columns))
            for binding in answer["results"]["bindings"]
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise EngineError(f"the engine's answer is no SPARQL results JSON: {error!r:.200}") from None
    return Rows(columns, rows)


def read_boolean(content: bytes) -> bool:
    """Read the answer to an ASK query; raises EngineError when it is none."""
    try:
        truth = json.loads(content)["boolean"]
    except (ValueError, KeyError, TypeError):
        truth = None
    if not isinstance(truth, bool):
        raise EngineError("the engine's answer is no SPARQL results JSON with a boolean")
    return truth
