"""Says whether a new demand of a shape is stricter or looser than the old one."""

from typing import Final

import rdflib
from rdflib import SH
from rdflib.term import Node

from lungkg.shapes.hierarchy import Hierarchy
from lungkg.shapes.library import Library

_WIDTHS: Final = {
    str(SH.IRI): frozenset({"IRI"}),
    str(SH.Literal): frozenset({"literal"}),
    str(SH.BlankNode): frozenset({"blank"}),
    str(SH.BlankNodeOrIRI): frozenset({"blank", "IRI"}),
    str(SH.BlankNodeOrLiteral): frozenset({"blank", "literal"}),
    str(SH.IRIOrLiteral): frozenset({"IRI", "literal"}),
}
_LISTED: Final = frozenset({"in", "languageIn", "or", "ignoredProperties"})


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
