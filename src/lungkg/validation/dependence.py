"""Finds the nodes whose results depend on what is said of other nodes, so that after a change few are asked anew."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final

import pyoxigraph as ox
from pyparsing.exceptions import ParseBaseException

from lungkg.namespaces import OWL, RDF, RDFS
from lungkg.validation.patterns import THIS, Pattern, Reader, Unsuited, all_names
from lungkg.validation.words import Term, parse_term

_SCHEMA: Final = frozenset(
    (*(RDFS + name for name in ("subClassOf", "subPropertyOf", "domain", "range")), RDF + "first", RDF + "rest")
)
_CHANGED: Final = "changed"
_PROBED: Final = 64  # matches that are counted to find the pattern that leads on to the fewest


def is_schema(iri: str) -> bool:
    """Say whether a property describes the vocabulary: a change of such a triple can matter to any node."""
    return iri in _SCHEMA or iri.startswith(OWL)


@dataclass(frozen=True)
class Way:
    """How results for ?this depend on what is said of another node: patterns that lead from one to the other.

    A result can come or go with a change only for a node that has changed itself, or to which a way leads from
    one that has, before or after the change. `start` is the variable that stands for what has changed.
    """

    start: str
    patterns: tuple[Pattern, ...]

    def leads(self, store: ox.Store, node: ox.NamedNode, properties: frozenset[str]) -> Iterator[Term]:
        """Yield the nodes that a way leads to; `properties` are those of the node."""
        said = [one for one in self.patterns if one.subject == f"?{self.start}" and one.properties]
        if all(properties.intersection(one.properties) for one in said):
            yield from _follow(store, {self.start: node}, list(self.patterns))


def ways_to(prologue: str, text: str) -> list[Way] | None:
    """Find the ways of a query. What describes the vocabulary (`is_schema`) is left out: after a change of that,
    everything is to be asked anew. None when the query has something of which this cannot be said.
    """
    try:
        outer, inner = Reader(prologue).groups(text)
        ways = list(_ways(outer, outer))
        for group in inner:
            ways += _ways(group, [*outer, *group])
    except (Unsuited, ParseBaseException):
        return None
    return list(dict.fromkeys(ways))


def _ways(group: Sequence[Pattern], patterns: Sequence[Pattern]) -> Iterator[Way]:
    """Yield a way for each node that the patterns of a group say something of."""
    for one in group:
        if one.closure and not all(map(is_schema, one.properties)):
            if one.subject != f"?{THIS}" or not one.forward:
                raise Unsuited
            yield Way(_CHANGED, (Pattern(one.subject, one.path, f"?{_CHANGED}", one.properties, closure=True),))
    simple = [one for one in patterns if not one.closure]
    for subject in dict.fromkeys(one.subject for one in group if not one.closure):
        if not subject.startswith("?"):
            raise Unsuited  # said of a node with a name, which may matter to any other one
        if subject != f"?{THIS}":
            yield from _way(subject[1:], simple)


def _way(name: str, simple: Sequence[Pattern]) -> Iterator[Way]:
    known, reached = frozenset({name}), list[Pattern]()
    while found := [one for one in simple if one not in reached and one.names & known]:
        reached += found
        known |= all_names(found)
    if THIS in known:
        yield Way(name, tuple(reached))
    elif not all(is_schema(iri) for one in reached if one.subject == f"?{name}" for iri in one.properties or ("",)):
        raise Unsuited


def _follow(store: ox.Store, bound: Mapping[str, Term], left: list[Pattern]) -> Iterator[Term]:
    """Follow patterns, each time the one with the fewest matches."""
    if not left:
        yield bound[THIS]
        return
    known = [one for one in left if one.names & bound.keys()]
    matches = [list(islice(_matches(store, one, bound), _PROBED)) for one in known]
    if not known or not all(matches):
        return
    best = min(range(len(known)), key=lambda index: len(matches[index]))
    rest = [one for one in left if one is not known[best]]
    whole = len(matches[best]) < _PROBED
    for more in matches[best] if whole else _matches(store, known[best], bound):
        yield from _follow(store, {**bound, **more}, rest)


def _matches(store: ox.Store, pattern: Pattern, bound: Mapping[str, Term]) -> Iterator[dict[str, Term]]:
    """Yield what a pattern binds further."""
    subject, value = (_term(part, bound) for part in (pattern.subject, pattern.value))
    if pattern.closure:
        yield from ({THIS: node} for node in _back(store, value, pattern.properties))
        return
    if isinstance(subject, ox.Literal):
        return
    for iri in pattern.properties or ("",):
        property_ = ox.NamedNode(iri) if iri else _term(pattern.path, bound)
        if not isinstance(property_, ox.NamedNode | None):
            continue
        for quad in store.quads_for_pattern(subject, property_, value):
            terms = zip((pattern.subject, pattern.path, pattern.value), quad.triple, strict=True)
            yield {name[1:]: term for name, term in terms if name.startswith("?") and name[1:] not in bound}


def _back(store: ox.Store, end: Term | None, properties: Iterable[str]) -> Iterator[Term]:
    """Yield every node from which some steps lead to a node."""
    seen = set[Term]()
    todo = [end]
    while todo:
        node = todo.pop()
        if node is not None and node not in seen:
            seen.add(node)
            yield node
            for iri in properties:
                quads = store.quads_for_pattern(None, ox.NamedNode(iri), node)
                todo += [quad.subject for quad in quads if not isinstance(quad.subject, ox.Triple)]


def _term(part: str, bound: Mapping[str, Term]) -> Term | None:
    """Give the term that a part of a pattern stands for; None when that is not known yet."""
    return bound.get(part[1:]) if part.startswith("?") else _constant(part)


_constant: Final = lru_cache(1_000)(parse_term)
