"""Says in words what each constraint of a shape demands: one phrase for every constraint component of SHACL core.

`lungkg.validation.sentences` says what is wrong with a value; this says what would be right, whatever the data. A
phrase speaks of the values of the path or, where a shape has no path, of the node itself.
"""

from collections.abc import Callable
from typing import Final

from rdflib import RDFS, SH
from rdflib.term import Node

from lungkg.shapes.library import Constraint, Library
from lungkg.validation.words import Names, listed, members, node_kind, path_text, to_ox, wanted
from lungkg.validation.words import demand as demand_of_shape

_MOST: Final = 40  # members of a list that a phrase names
_NUMBERS: Final = {1: "one", 2: "two", 3: "three"}


def demand(library: Library, constraint: Constraint, node: str = "the node itself") -> str:
    """Say what a constraint demands, without a capital and full stop; `node` is what it calls the node of a shape
    without a path.

    >>> import rdflib
    >>> text = "@prefix sh: <http://www.w3.org/ns/shacl#> . <x:S> sh:path <x:p> ; sh:minCount 1 ; sh:nodeKind sh:IRI ."
    >>> library = Library.of(rdflib.Graph().parse(data=text, format="turtle"))
    >>> [demand(library, one) for one in library.constraints]
    ['at least one value', 'every value is an IRI']
    """
    write = _DEMANDS.get(constraint.parameter)
    if write is None:  # a component that the shapes define themselves
        return library.words(constraint.parameter, constraint.values)
    try:
        return write(_Asked(library, constraint, node))
    except ValueError:  # a parameter that no engine could use, either
        return library.words(constraint.parameter, constraint.values)


def demand_of(library: Library, shape: Node, parameter: str, value: Node) -> str:
    """Say what one value of a parameter of a shape demands; of sh:sparql, what its query does."""
    return demand(library, Constraint(shape, parameter, value if parameter == "sparql" else shape, (value,)))


class _Asked:
    """A constraint, and how a phrase speaks of what it is asked of."""

    def __init__(self, library: Library, constraint: Constraint, node: str) -> None:
        self.library, self.constraint, self.graph = library, constraint, library.graph
        self.names = Names(dict(library.graph.namespaces()))
        self.has_path = (constraint.holder, SH.path, None) in self.graph
        self.node = node
        self.each = "every value" if self.has_path else node

    @property
    def first(self) -> Node:
        return self.constraint.values[0]

    @property
    def count(self) -> int:
        return int(str(self.first))

    def said(self, join: str = "and") -> str:
        """Write the values of the parameter."""
        written = [self.names.said(to_ox(value)) for value in self.constraint.values]
        return f" {join} ".join([", ".join(written[:-1]), written[-1]]) if len(written) > 1 else written[0]

    def of(self, parameter: str) -> Node | None:
        """Give another parameter of the same shape."""
        return self.graph.value(self.constraint.holder, SH[parameter])

    def inner(self, shape: Node) -> str:
        return demand_of_shape(self.graph, shape, self.names)

    def is_true(self) -> bool:
        return str(self.first).lower() in ("true", "1")


_Write = Callable[[_Asked], str]


def _number(count: int, bound: str, noun: str) -> str:
    if count == 0 and bound == "at most":
        return f"no {noun}"
    return f"{bound} {_NUMBERS.get(count, f'{count:,}')} {noun}{'' if count == 1 else 's'}"


def _each(text: str) -> _Write:
    return lambda asked: f"{asked.each} {text.format(asked.said())}"


def _pattern(asked: _Asked) -> str:
    flags = str(asked.of("flags") or "")
    told = ", upper and lower case alike" if flags == "i" else f' with the flags "{flags}"' if flags else ""
    return f"{asked.each} matches the pattern {asked.said()}{told}"


def _in(asked: _Asked) -> str:
    items = [asked.names.said(to_ox(item)) for item in members(asked.graph, asked.first)]
    return (
        f"{asked.each} is one of {listed(items, _MOST)}" if items else f"{asked.each} is one of none: nothing is let in"
    )


def _languages(asked: _Asked) -> str:
    tags = [f'"{tag}"' for tag in members(asked.graph, asked.first)]
    return f"{asked.each} is text in {' or '.join(tags) or 'no language: nothing is let in'}"


def _unique(asked: _Asked) -> str:
    return "at most one value in each language" if asked.is_true() else "any number of values in each language"


def _has_value(asked: _Asked) -> str:
    if not asked.has_path:
        return f"{asked.node} is {asked.said()}"
    several = len(asked.constraint.values) > 1
    return f"{asked.said()} {'are' if several else 'is'} among the values"


def _equals(asked: _Asked) -> str:
    if not asked.has_path:
        return f"{asked.node} is the one value of {asked.said()}"
    return f"the same values as {asked.said()}"


def _disjoint(asked: _Asked) -> str:
    one = "no value" if asked.has_path else asked.node
    return f"{one} is {'also ' if asked.has_path else 'not '}a value of {asked.said('or')}"


def _closed(asked: _Asked) -> str:
    if not asked.is_true():
        return "any other property, too"
    paths = [asked.graph.value(one, SH.path) for one in asked.graph.objects(asked.constraint.holder, SH.property)]
    ignored = asked.of("ignoredProperties")
    more = members(asked.graph, ignored) if ignored is not None else []
    names = sorted({path_text(asked.graph, path, asked.names.short) for path in [*paths, *more] if path is not None})
    return f"no property but {listed(names, _MOST)}" if names else "no property at all"


def _node(asked: _Asked) -> str:
    return f"{asked.each} must {' and '.join(asked.inner(shape) for shape in asked.constraint.values)}"


def _not(asked: _Asked) -> str:
    one = "no value may" if asked.has_path else f"{asked.node} must not"
    return f"{one} {' or '.join(asked.inner(shape) for shape in asked.constraint.values)}"


def _alternatives(lead: str) -> _Write:
    def write(asked: _Asked) -> str:
        sets = ["; ".join(asked.inner(one) for one in members(asked.graph, head)) for head in asked.constraint.values]
        return " and ".join(f"{asked.each} must do {lead}: {texts or 'nothing'}" for texts in sets)

    return write


def _qualified(bound: str) -> _Write:
    def write(asked: _Asked) -> str:
        shape = asked.of("qualifiedValueShape")
        fit = asked.inner(shape) if shape is not None else "fit any shape"
        apart = str(asked.of("qualifiedValueShapesDisjoint")).lower() in ("true", "1")
        alone = ", and fit no such shape of another property beside it" if apart else ""
        verb = "may" if bound == "at most" else "must"
        return f"{_number(asked.count, bound, 'value')} {verb} {fit}{alone}"

    return write


def _query(asked: _Asked) -> str:
    """Take what the author says of a query; an engine knows no more of it than that it finds nothing."""
    check = asked.constraint.check
    for link in (RDFS.comment, SH.description, RDFS.label, SH.name):
        said = asked.graph.value(check, link)
        if said is not None:
            return str(said).strip().rstrip(".")
    return "its query finds nothing"


_DEMANDS: Final[dict[str, _Write]] = {
    "minCount": lambda asked: _number(asked.count, "at least", "value"),
    "maxCount": lambda asked: _number(asked.count, "at most", "value"),
    "class": _each("is an instance of {}"),
    "datatype": lambda asked: f"{asked.each} is {wanted(str(asked.first), asked.names)}",
    "nodeKind": lambda asked: f"{asked.each} is {node_kind(asked.first)}",
    "minInclusive": _each("is {} or more"),
    "maxInclusive": _each("is {} or less"),
    "minExclusive": _each("is more than {}"),
    "maxExclusive": _each("is less than {}"),
    "minLength": lambda asked: f"{asked.each} has {_number(asked.count, 'at least', 'character')}",
    "maxLength": lambda asked: f"{asked.each} has {_number(asked.count, 'at most', 'character')}",
    "pattern": _pattern,
    "languageIn": _languages,
    "uniqueLang": _unique,
    "in": _in,
    "hasValue": _has_value,
    "equals": _equals,
    "disjoint": _disjoint,
    "lessThan": _each("is less than every value of {}"),
    "lessThanOrEquals": _each("is at most every value of {}"),
    "closed": _closed,
    "node": _node,
    "property": _node,
    "and": _alternatives("all of this"),
    "or": _alternatives("at least one of these"),
    "xone": _alternatives("exactly one of these"),
    "not": _not,
    "qualifiedMinCount": _qualified("at least"),
    "qualifiedMaxCount": _qualified("at most"),
    "sparql": _query,
}
"""Every component of SHACL core, and queries."""
