"""Tells two versions of shapes apart: what each demands of its nodes now, and did not before."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import rdflib
from rdflib import RDF, RDFS, SH
from rdflib.term import Node

from lungkg import lexer
from lungkg.errors import Place
from lungkg.shapes.demands import demand_of
from lungkg.shapes.hierarchy import Hierarchy, in_order
from lungkg.shapes.library import PARAMETERS, TARGETS, Library
from lungkg.shapes.strictness import effect

EFFECTS: Final = ("stricter", "looser", "different", "wording")
"""What a change does; the last one does nothing to data."""

_WORDING: Final = {
    SH.message: "message",
    SH.name: "name",
    SH.description: "description",
    RDFS.label: "label",
    RDFS.comment: "comment",
}
_TARGET_WORDS: Final = {
    SH.targetClass: "instances of {}",
    SH.targetNode: "{}",
    SH.targetSubjectsOf: "whatever has {}",
    SH.targetObjectsOf: "the values of {}",
}
_MANY: Final = frozenset(
    {"class", "hasValue", "equals", "disjoint", "lessThan", "lessThanOrEquals", "node", "not", "sparql"}
)
_MODIFIERS: Final = {"pattern": SH.flags, "closed": SH.ignoredProperties}


@dataclass(frozen=True)
class Change:
    """One change: the shape, what became of it in a sentence, and whether data will notice."""

    shape: str
    effect: str
    sentence: str
    place: Place | None = None

    def __str__(self) -> str:
        return f"{self.shape}: {self.sentence} ({self.effect})"


def differences(old: Library, new: Library, hierarchy: Hierarchy) -> list[Change]:
    """List what changed, shape by shape; the order of triples, prefixes and white space do not count."""
    before, after = _named(old), _named(new)
    found: list[Change] = []
    for key in sorted({*before, *after}):
        if key not in after:
            found.append(_whole(old, before[key], "looser", "was removed"))
        elif key not in before:
            found.append(_whole(new, after[key], "stricter", "is new"))
        else:
            found += _Pair(old, new, before[key], after[key], hierarchy).changes()
    return found


def _named(library: Library) -> dict[str, Node]:
    """Name the shapes so that both versions use the same name: blank ones by their parent and path."""
    found: dict[str, Node] = {}
    for shape in sorted((one for one in library.shapes if _stands_alone(library, one)), key=library.name):
        name = _key(library, shape)
        number = 1
        while name in found:
            number += 1
            name = f"{_key(library, shape)} {number}"
        found[name] = shape
    return found


def _stands_alone(library: Library, shape: Node) -> bool:
    """Say whether a shape is told by itself; a blank alternative is told as part of the shape around it."""
    if not isinstance(shape, rdflib.BNode) or shape in library.targeted:
        return True
    parents = set(library.graph.subjects(SH.property, shape)) - {shape}
    return any(_stands_alone(library, parent) for parent in parents)


def _key(library: Library, shape: Node) -> str:
    if not isinstance(shape, rdflib.BNode):
        return str(shape)
    path = library.graph.value(shape, SH.path)
    parents = in_order(parent for parent in library.graph.subjects(None, shape) if parent in library.shapes)
    above = _key(library, parents[0]) if parents else ""
    return f"{above} {library.sparql_path(path) if path is not None else ''}"


def _whole(library: Library, shape: Node, effect: str, what: str) -> Change:
    demands = [
        demand_of(library, shape, one.parameter, value)
        for one in library.constraints
        if one.holder == shape
        for value in ([one.check] if one.parameter == "sparql" else one.values)
    ]
    about = _about(library, shape)
    said = f"; it {'demanded' if effect == 'looser' else 'demands'} {', '.join(demands)}{about}" if demands else ""
    works = shape in library.governed_by and (demands or (shape, SH.property, None) in library.graph)
    return Change(
        library.name(shape), effect if works else "different", f"the shape {what}{said}", library.place(shape)
    )


def _about(library: Library, shape: Node) -> str:
    path = library.graph.value(shape, SH.path)
    return f" (of {library.path(path)})" if path is not None else ""


class _Pair:
    """A shape as it was and as it is."""

    def __init__(self, old: Library, new: Library, before: Node, after: Node, hierarchy: Hierarchy) -> None:
        self.old, self.new, self.before, self.after, self.hierarchy = old, new, before, after, hierarchy

    def changes(self) -> Iterator[Change]:
        """Yield what changed about the shape."""
        yield from self._switched()
        yield from self._targets()
        yield from self._path()
        for parameter in sorted({*PARAMETERS.values(), *self._custom()} - {"sparql"}):
            yield from self._parameter(parameter)
        yield from self._queries()
        yield from self._parts()
        yield from self._severity()
        yield from self._wording(self.before, self.after, self.new.name(self.after))

    def _change(self, effect: str, sentence: str) -> Change:
        return Change(self.new.name(self.after), effect, sentence, self.new.place(self.after))

    def _switched(self) -> Iterator[Change]:
        was, is_ = self.old.is_off(self.before), self.new.is_off(self.after)
        if was != is_:
            yield self._change("looser" if is_ else "stricter", f"it is switched {'off' if is_ else 'on'}")

    def _targets(self) -> Iterator[Change]:
        for link in TARGETS:
            was, is_ = set(self.old.graph.objects(self.before, link)), set(self.new.graph.objects(self.after, link))
            for target in in_order(is_ - was):
                yield self._change("stricter", f"it now governs {_TARGET_WORDS[link].format(self.new.short(target))}")
            for target in in_order(was - is_):
                yield self._change(
                    "looser", f"it no longer governs {_TARGET_WORDS[link].format(self.old.short(target))}"
                )

    def _path(self) -> Iterator[Change]:
        was, is_ = self.old.graph.value(self.before, SH.path), self.new.graph.value(self.after, SH.path)
        if was is not None and is_ is not None and self.old.sparql_path(was) != self.new.sparql_path(is_):
            yield self._change("different", f"it is about {self.new.path(is_)} instead of {self.old.path(was)}")

    def _custom(self) -> set[str]:
        found = (one for library in (self.old, self.new) for one in library.constraints)
        return {one.parameter for one in found if ":" in one.parameter}

    def _values(self, library: Library, shape: Node, parameter: str) -> dict[str, Node]:
        """Give the values of a parameter by what they say, a list by its members."""
        predicate = rdflib.URIRef(parameter) if ":" in parameter else SH[parameter]
        modifier = _MODIFIERS.get(parameter)
        more = sorted(_said(library, value) for value in library.graph.objects(shape, modifier)) if modifier else []
        return {" ".join([_said(library, value), *more]): value for value in library.graph.objects(shape, predicate)}

    def _parameter(self, parameter: str) -> Iterator[Change]:
        was, is_ = self._values(self.old, self.before, parameter), self._values(self.new, self.after, parameter)
        gone, come = sorted(set(was) - set(is_)), sorted(set(is_) - set(was))
        if len(gone) == len(come) == 1 and parameter not in _MANY - {"class"}:
            first, second = was[gone[0]], is_[come[0]]
            how = effect(parameter, (self.old, first), (self.new, second), self.hierarchy)
            before = demand_of(self.old, self.before, parameter, first)
            after = demand_of(self.new, self.after, parameter, second)
            said = f"{after} instead of {before}"
            if self.old.written(first) == self.new.written(second):  # only what goes with it is another
                how = "different"
                said = said if before != after else f"{after}, with another {_modifier_name(parameter)}"
            yield self._change(how, f"it demands {said}{_about(self.new, self.after)}")
            return
        for name in gone:
            said = demand_of(self.old, self.before, parameter, was[name])
            yield self._change("looser", f"it no longer demands {said}{_about(self.old, self.before)}")
        for name in come:
            said = demand_of(self.new, self.after, parameter, is_[name])
            yield self._change("stricter", f"it now demands {said}{_about(self.new, self.after)}")

    def _queries(self) -> Iterator[Change]:
        was = {_query_key(self.old, one): one for one in self.old.graph.objects(self.before, SH.sparql)}
        is_ = {_query_key(self.new, one): one for one in self.new.graph.objects(self.after, SH.sparql)}
        for key in sorted({*was, *is_}):
            if key not in is_:
                yield self._change("looser", f"it no longer asks the query {self.old.name(was[key])}")
            elif key not in was:
                yield self._change("stricter", f"it now asks the query {self.new.name(is_[key])}")
            else:
                first, second = (_tokens(library, one[key]) for library, one in ((self.old, was), (self.new, is_)))
                if first != second:
                    yield self._change("different", f"its query {self.new.name(is_[key])} asks something else")
                yield from self._wording(was[key], is_[key], self.new.name(is_[key]))

    def _parts(self) -> Iterator[Change]:
        """Say which property shapes of others it takes in; one that is new or gone is told by itself."""
        was = {_key(self.old, one): one for one in self.old.graph.objects(self.before, SH.property)}
        is_ = {_key(self.new, one): one for one in self.new.graph.objects(self.after, SH.property)}
        known_before, known_after = set(_named(self.old)), set(_named(self.new))
        for key in sorted((set(is_) - set(was)) & known_before):
            yield self._change("stricter", f"it now asks for {self.new.name(is_[key])}, too")
        for key in sorted((set(was) - set(is_)) & known_after):
            yield self._change("looser", f"it no longer asks for {self.old.name(was[key])}")

    def _severity(self) -> Iterator[Change]:
        was = self.old.graph.value(self.before, SH.severity) or SH.Violation
        is_ = self.new.graph.value(self.after, SH.severity) or SH.Violation
        if was != is_:
            how = {SH.Violation: "stricter"}.get(is_, "looser" if was == SH.Violation else "different")  # type: ignore[call-overload]
            yield self._change(how, f"its results are {self.new.short(is_)} instead of {self.old.short(was)}")

    def _wording(self, before: Node, after: Node, name: str) -> Iterator[Change]:
        for link, word in _WORDING.items():
            was, is_ = set(self.old.graph.objects(before, link)), set(self.new.graph.objects(after, link))
            if was != is_:
                said = " and ".join(sorted(self.new.short(one) for one in is_)) or "nothing"
                yield Change(name, "wording", f"its {word} is now {said}", self.new.place(after))


def _modifier_name(parameter: str) -> str:
    modifier = _MODIFIERS.get(parameter)
    return f"sh:{modifier.fragment}" if modifier is not None else "form"


def _said(library: Library, value: Node) -> str:
    """Write a value so that two versions can be compared: lists by members, blank shapes by their triples."""
    graph = library.graph
    if isinstance(value, rdflib.BNode):
        if (value, RDF.first, None) in graph:
            return f"( {' '.join(sorted(_said(library, item) for item in graph.items(value)))} )"
        said = (f"{link.n3()} {_said(library, one)}" for link, one in graph.predicate_objects(value))
        return f"[ {' ; '.join(sorted(said))} ]"
    return value.n3()


def _query_key(library: Library, constraint: Node) -> str:
    return str(constraint) if not isinstance(constraint, rdflib.BNode) else f"_ {_tokens(library, constraint)}"


def _tokens(library: Library, constraint: Node) -> list[str]:
    """Cut a query into tokens, so that white space and comments do not count."""
    return [
        token.text
        for text in in_order(library.graph.objects(constraint, SH.select))
        for token in lexer.tokens(str(text))
    ]


def by_effect(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """Sort changes by what they do, the ones that data notices first."""
    found: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        found[change.effect].append(change)
    return {effect: found[effect] for effect in EFFECTS if found[effect]}
