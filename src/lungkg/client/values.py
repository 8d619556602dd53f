"""RDF terms as Python values, and Python values as RDF terms.

    IRI → IRI (a str) · string, with or without a language → Literal (a str) · blank node → BlankNode
    xsd:integer and the types derived from it → int · xsd:decimal → Decimal · xsd:double, xsd:float → float
    xsd:boolean → bool · xsd:dateTime → datetime · xsd:date → date

A literal that Python cannot hold without a loss, is ill-typed or of another datatype stays a Literal: its
text as it was written, and its datatype. Lexical forms: https://www.w3.org/TR/xmlschema11-2/.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import isinf, isnan
from numbers import Integral
from typing import Any, Final, NamedTuple, Self, TypeAlias

import pyoxigraph as ox

from lungkg import lexer
from lungkg.errors import BadParameter
from lungkg.namespaces import XSD


class IRI(str):
    """An IRI; compares and formats as the text that it is.

    >>> IRI("https://example.org/id/entity/oak")
    IRI('https://example.org/id/entity/oak')
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"IRI({str(self)!r})"


class Literal(str):
    """Text with a language or a datatype; both are None for plain text. Compares as its text alone.

    >>> Literal("oak"), Literal("oak", "en"), Literal("2026", datatype=XSD + "gYear").datatype
    ('oak', Literal('oak', language='en'), IRI('http://www.w3.org/2001/XMLSchema#gYear'))
    """

    __slots__ = ("datatype", "language")
    language: str | None
    datatype: IRI | None

    def __new__(cls, text: str, language: str | None = None, datatype: str | None = None) -> Self:
        """Make a literal; raises BadParameter when it is given both."""
        if language and datatype:
            raise BadParameter("datatype", "a literal has a language or a datatype, not both")
        made = super().__new__(cls, text)
        made.language = language or None
        made.datatype = IRI(datatype) if datatype else None
        return made

    def __repr__(self) -> str:
        if self.language:
            return f"Literal({str(self)!r}, language={self.language!r})"
        if self.datatype:
            return f"Literal({str(self)!r}, datatype={self.datatype!r})"
        return super().__repr__()

    def __reduce__(self) -> tuple[type["Literal"], tuple[str, str | None, str | None]]:
        return Literal, (str(self), self.language, self.datatype)


@dataclass(frozen=True, slots=True)
class BlankNode:
    """A thing without a name; its label means something within one answer only."""

    label: str

    def __str__(self) -> str:
        return f"_:{self.label}"


class TripleTerm(NamedTuple):
    """A triple as a value, as RDF 1.2 has them."""

    subject: "Value"
    predicate: "Value"
    object: "Value"


Value: TypeAlias = IRI | Literal | BlankNode | TripleTerm | bool | int | float | Decimal | datetime | date | None

_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
_DECIMAL: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_DOUBLE: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?INF|NaN")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Python keeps microseconds and no more.
_DATE_TIME: Final = re.compile(
    rf"{_DATE.pattern}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\.[0-9]{{1,6}}0*)?"
    r"(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
)
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}

_WIDTHS: Final = {"long": 64, "int": 32, "short": 16, "byte": 8}
_RANGES: Final[Mapping[str, tuple[int | None, int | None]]] = {
    "integer": (None, None),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    **{name: (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for name, bits in _WIDTHS.items()},
    **{f"unsigned{name.title()}": (0, 2**bits - 1) for name, bits in _WIDTHS.items()},
}


def _integer(least: int | None, most: int | None) -> Callable[[str], int | None]:
    def read(text: str) -> int | None:
        value = int(text) if _INTEGER.fullmatch(text) else None
        if value is None or (least is not None and value < least) or (most is not None and value > most):
            return None
        return value

    return read


_READERS: Final[Mapping[str, Callable[[str], Value]]] = {
    **{XSD + name: _integer(least, most) for name, (least, most) in _RANGES.items()},
    XSD + "decimal": lambda text: Decimal(text) if _DECIMAL.fullmatch(text) else None,
    XSD + "double": lambda text: float(text) if _DOUBLE.fullmatch(text) else None,
    XSD + "float": lambda text: float(text) if _DOUBLE.fullmatch(text) else None,
    XSD + "boolean": _BOOLEANS.get,
    XSD + "date": lambda text: date.fromisoformat(text) if _DATE.fullmatch(text) else None,
    XSD + "dateTime": lambda text: datetime.fromisoformat(text) if _DATE_TIME.fullmatch(text) else None,
    XSD + "dateTimeStamp": lambda text: datetime.fromisoformat(text) if _DATE_TIME.fullmatch(text) else None,
}


def read_literal(text: str, datatype: str) -> Value:
    """Give the Python value of a typed literal, or the Literal itself where there is none.

    >>> read_literal("44", XSD + "integer"), read_literal("many", XSD + "integer").datatype
    (44, IRI('http://www.w3.org/2001/XMLSchema#integer'))
    """
    if datatype == XSD + "string":
        return Literal(text)
    try:
        value = _READERS[datatype](text)
    except (KeyError, ValueError):  # another datatype; or 30 February, hour 24, the year 0, 5,000 digits
        value = None
    return Literal(text, datatype=datatype) if value is None else value


def read_term(term: Mapping[str, Any]) -> Value:
    """Give the Python value of a term of SPARQL 1.1 Query Results JSON.

    Raises KeyError or TypeError for what is no such term. Virtuoso writes typed-literal for literal.
    """
    kind, value = term["type"], term["value"]
    if kind == "triple":
        return TripleTerm(*(read_term(value[part]) for part in TripleTerm._fields))
    if not isinstance(value, str):
        raise TypeError(f"a term has the value {value!r}")
    if kind == "uri":
        return IRI(value)
    if kind == "bnode":
        return BlankNode(value)
    if kind not in ("literal", "typed-literal"):
        raise KeyError(kind)
    if "xml:lang" in term:
        return Literal(value, term["xml:lang"])
    return read_literal(value, term["datatype"]) if "datatype" in term else Literal(value)


def write_term(name: str, value: object) -> str:
    r"""Write a Python value as a term in a query, escaped so that it cannot be anything else.

    Raises BadParameter, with the name of the variable that the value is for, when no term can stand for it.

    >>> write_term("x", IRI("http://a/b")), write_term("x", 'say "hi"')
    ('<http://a/b>', '"say \\"hi\\""')
    """
    try:
        return lexer.steady(str(_term(value)))
    except (ValueError, TypeError) as error:
        raise BadParameter(name, f"{value!r:.80} cannot stand in a query: {error}") from None


def _term(value: object) -> ox.NamedNode | ox.Literal:
    if isinstance(value, IRI):
        return ox.NamedNode(str(value))
    if isinstance(value, Literal):
        typed = ox.NamedNode(str(value.datatype)) if value.datatype else None
        return ox.Literal(str(value), language=value.language, datatype=typed)
    if isinstance(value, str):
        return ox.Literal(str(value))
    for kind, datatype, write in _WRITERS:
        if isinstance(value, kind):
            return ox.Literal(write(value), datatype=ox.NamedNode(XSD + datatype))
    if isinstance(value, BlankNode):
        raise TypeError("the label of a blank node means nothing outside of its answer")
    raise TypeError("give an IRI, a str, a Literal, a number, a bool, a date or a datetime")


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError("xsd:decimal has only finite numbers; a float may be infinite or NaN")
    return format(value, "f")


def _double(value: float) -> str:
    if isnan(value):
        return "NaN"
    return ("INF" if value > 0 else "-INF") if isinf(value) else repr(float(value))


def _date_time(value: datetime) -> str:
    offset = value.utcoffset() or timedelta()
    # Old local times are off by seconds, which xsd:dateTime cannot say.
    return (value.astimezone(UTC) if offset % timedelta(minutes=1) else value).isoformat()


# In the order they are tried: a bool is an int, a datetime a date. Integral takes in NumPy's integers.
_WRITERS: Final[tuple[tuple[type, str, Callable[[Any], str]], ...]] = (
    (bool, "boolean", lambda value: str(value).lower()),
    (Integral, "integer", lambda value: str(int(value))),
    (Decimal, "decimal", _decimal),
    (float, "double", _double),
    (datetime, "dateTime", _date_time),
    (date, "date", date.isoformat),
)
