"""Says in plain words what a constraint demands, and whether a new demand is stricter than the old one."""

from collections.abc import Callable
from typing import Final

import rdflib
from rdflib import SH
from rdflib.term import Node

from lungkg.shapes.hierarchy import Hierarchy
from lungkg.shapes.library import Library

_NODE_KINDS: Final = {
    SH.IRI: "an IRI",
    SH.Literal: "a literal",
    SH.BlankNode: "a blank node",
    SH.BlankNodeOrIRI: "an IRI or a blank node",
    SH.BlankNodeOrLiteral: "a literal or a blank node",
    SH.IRIOrLiteral: "an IRI or a literal",
}
_WIDTHS: Final = {
    str(kind): frozenset(words.replace("a blank", "blank").split(" or ")) for kind, words in _NODE_KINDS.items()
}

_LISTED: Final = frozenset({"in", "languageIn", "or", "ignoredProperties"})

Phrase = Callable[[Library, Node], str]


def _of(before: str, after: str = "") -> Phrase:
    return lambda library, value: f"{before} {library.short(value)}{' ' + after if after else ''}"


def _members(before: str) -> Phrase:
    return lambda library, head: (
        f"{before} {', '.join(library.short(item) for item in library.graph.items(head)) or 'nothing'}"
    )


def _count(before: str, one: str, many: str) -> Phrase:
    return lambda _, value: f"{before} {value} {one if str(value) == '1' else many}"


_PHRASES: Final[dict[str, Phrase]] = {
    "minCount": _count("at least", "value", "values"),
    "maxCount": lambda _, value: "no value" if str(value) == "0" else _count("at most", "value", "values")(_, value),
    "minLength": _count("at least", "character", "characters"),
    "maxLength": _count("at most", "character", "characters"),
    "datatype": _of("every value is of datatype"),
    "class": _of("every value is of class"),
    "nodeKind": lambda _, value: f"every value is {_NODE_KINDS.get(value, value)}",  # type: ignore[call-overload]
    "in": _members("every value is one of"),
    "languageIn": _members("every value is in one of the languages"),
    "and": _members("every value meets all of"),
    "or": _members("every value meets one or more of"),
    "xone": _members("every value meets exactly one of"),
    "pattern": _of("every value matches"),
    "hasValue": _of("one value is"),
    "minInclusive": _of("every value is", "or more"),
    "maxInclusive": _of("every value is", "or less"),
    "minExclusive": _of("every value is more than"),
    "maxExclusive": _of("every value is less than"),
    "equals": _of("the same values as"),
    "disjoint": _of("no value that is also one of"),
    "lessThan": _of("every value is less than each of"),
    "lessThanOrEquals": _of("no value is more than one of"),
    "node": _of("every value meets"),
    "not": _of("no value meets"),
    "uniqueLang": lambda _, value: (
        "one value a language" if str(value) != "false" else "any number of values a language"
    ),
    "closed": lambda _, value: "no property but those that it names" if str(value) != "false" else "any other property",
    "qualifiedMinCount": _count("at least", "value of the kind", "values of the kind"),
    "qualifiedMaxCount": _count("at most", "value of the kind", "values of the kind"),
    "sparql": _of("the query"),
}


def phrase(library: Library, parameter: str, value: Node) -> str:
    """Say what a parameter demands.

    >>> phrase(Library.of(rdflib.Graph()), "maxCount", rdflib.Literal(1))
    'at most 1 value'
    """
    said = _PHRASES.get(parameter)
    return said(library, value) if said is not None else library.words(parameter, [value])


def effect(parameter: str, old: tuple[Library, Node], new: tuple[Library, Node], hierarchy: Hierarchy) -> str:
    """Say whether another value of a parameter makes it stricter or looser, "different" when neither is plain."""
    (old_library, before), (new_library, after) = old, new
    if parameter in _LISTED:
        first, second = set(old_library.graph.items(before)), set(new_library.graph.items(after))
        found = (first > second, first < second)
    elif parameter == "class":
        found = (hierarchy.is_below(after, before), hierarchy.is_below(before, after))
    elif parameter == "nodeKind":
        narrow, wide = (_WIDTHS.get(str(one), frozenset()) for one in (before, after))
        found = (narrow > wide, narrow < wide)
    elif parameter in ("closed", "uniqueLang"):
        found = (str(after).lower() in ("true", "1"), str(after).lower() in ("false", "0"))
    else:
        found = _bounds(parameter, before, after)
    stricter, looser = found
    return "different" if stricter == looser else "stricter" if stricter else "looser"


def _bounds(parameter: str, before: Node, after: Node) -> tuple[bool, bool]:
    """Say whether a bound moved inwards, and whether outwards."""
    first, second = (one.toPython() if isinstance(one, rdflib.Literal) else None for one in (before, after))
    try:
        up, down = bool(second > first), bool(second < first)  # type: ignore[operator]
    except TypeError:
        return False, False
    if parameter.startswith(("min", "qualifiedMin")):
        return up, down
    return (down, up) if parameter.startswith(("max", "qualifiedMax")) else (False, False)
