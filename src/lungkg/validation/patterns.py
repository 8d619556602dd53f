"""Reads the triple patterns of a SPARQL query, with sequences of properties taken apart."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, Protocol

from rdflib import Literal, URIRef, Variable
from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, Path, SequencePath
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Node

from lungkg import lexer

THIS: Final = "this"
_APART: Final = (("LeftJoin", "p2"), ("Builtin_EXISTS", "graph"), ("Builtin_NOTEXISTS", "graph"))


class Unsuited(Exception):
    """The query has something in it that is not understood here."""


class HasNames(Protocol):
    """A part of a query with variables in it."""

    @property
    def names(self) -> frozenset[str]:
        """The names of the variables."""


@dataclass(frozen=True)
class Pattern:
    """A triple pattern, with subject and value as SPARQL writes them.

    Its path is one of some properties, none of which are given when it is a variable; of any length when it is a
    `closure`, of which `forward` says that it has no step from value to subject.
    """

    subject: str
    path: str
    value: str
    properties: tuple[str, ...]
    closure: bool = False
    forward: bool = True

    @property
    def text(self) -> str:
        """The pattern in SPARQL."""
        return f"{self.subject} {self.path} {self.value}"

    @property
    def any_property(self) -> bool:
        """Whether the property is a variable."""
        return self.path.startswith("?")

    @property
    def names(self) -> frozenset[str]:
        """The names of the variables."""
        return frozenset(part[1:] for part in (self.subject, self.path, self.value) if part.startswith("?"))


class Reader:
    """Reads the patterns of one query; `prologue` declares its prefixes."""

    def __init__(self, prologue: str) -> None:
        self.prologue, self._steps = prologue, count(1)

    def triples(self, text: str) -> list[Pattern]:
        """Read triples. Raises Unsuited when there is anything else."""
        algebra: Any = prepareQuery(f"{self.prologue}SELECT * {{ {text} }}").algebra.p.p
        if algebra.name != "BGP":
            raise Unsuited
        return self._patterns(algebra.triples)

    def groups(self, text: str) -> tuple[list[Pattern], list[list[Pattern]]]:
        """Read a query: the patterns of its outermost group, and those of each group after OPTIONAL or EXISTS."""
        outer: list[Pattern] = []
        inner: list[list[Pattern]] = []
        todo: list[tuple[Any, list[Pattern]]] = [(prepareQuery(self.prologue + text).algebra, outer)]
        while todo:
            part, into = todo.pop()
            if isinstance(part, CompValue):
                for key, value in part.items():
                    apart = (part.name, key) in _APART
                    if key == "triples":
                        into += self._patterns(_in_threes(value))
                    else:
                        todo.append((value, [] if apart else into))
                        inner += [todo[-1][1]] if apart else []
            elif isinstance(part, list | tuple):
                todo += [(one, into) for one in part]
        return outer, [group for group in inner if group]

    def _patterns(self, triples: Iterable[Any]) -> list[Pattern]:
        return [one for triple in triples for one in self._stepwise(*triple)]

    def _stepwise(self, subject: Node, path: Node | Path, value: Node) -> Iterator[Pattern]:
        if isinstance(path, SequencePath):
            ends = [subject, *(Variable(f"step{next(self._steps)}_") for _ in path.args[1:]), value]
            for start, step, end in zip(ends, path.args, ends[1:], strict=False):
                yield from self._stepwise(start, step, end)
            return
        if not all(isinstance(term, Variable | URIRef | Literal) for term in (subject, value)):
            raise Unsuited  # a blank node stands for something within its group only
        if isinstance(path, InvPath) and isinstance(path.arg, URIRef):
            subject, path, value = value, path.arg, subject
        if isinstance(path, URIRef | Variable):
            yield Pattern(n3(subject), n3(path), n3(value), tuple(_properties(path)))
        elif isinstance(path, Path) and _is_known(path):
            closure = isinstance(path, MulPath) or any(isinstance(one, MulPath) for one in _arguments(path))
            forward = not any(_inverses(path))
            yield Pattern(n3(subject), f"({path.n3()})", n3(value), tuple(_properties(path)), closure, forward)
        else:
            raise Unsuited


def all_names(parts: Iterable[HasNames]) -> frozenset[str]:
    """Gather the variables of some parts of a query."""
    return frozenset(name for one in parts for name in one.names)


def n3(term: Node) -> str:
    """Write a term or a variable as SPARQL has it."""
    return f"?{term}" if isinstance(term, Variable) else str(term.n3())


def about(text: str, node: str) -> str:
    """Write a node, in N-Triples form, in the place of ?this: the query then selects no ?this.

    Oxigraph starts at a node that is written in a query, while it may come to one among VALUES last.
    """
    parts, done, opened = list[str](), 0, False
    for token in lexer.tokens(text):
        opened |= token.text == "{"
        if token.kind == "variable" and token.text[1:] == THIS:
            parts += [text[done : token.start], node if opened else "(1 AS ?that)"]
            done = token.start + len(token.text)
    return "".join([*parts, text[done:]])


def _in_threes(triples: Any) -> Iterator[Any]:
    """Give triples one by one, which rdflib leaves in rows of any number where it does not translate a group."""
    for row in triples:
        yield from zip(row[::3], row[1::3], row[2::3], strict=True)


def _within(path: Any) -> Iterator[Any]:
    """Yield a path and all paths in it, properties included."""
    yield path
    if isinstance(path, MulPath):
        yield from _within(path.path)
    elif isinstance(path, InvPath):
        yield from _within(path.arg)
    elif isinstance(path, Path):
        for part in _arguments(path):
            yield from _within(part)


def _arguments(path: Any) -> list[Any]:
    """Give the parts of a path that has several."""
    return list(path.args)


def _properties(path: Any) -> Iterator[str]:
    return (str(part) for part in _within(path) if isinstance(part, URIRef))


def _inverses(path: Path) -> Iterator[bool]:
    return (isinstance(part, InvPath | NegatedPath) for part in _within(path))


def _is_known(path: Path) -> bool:
    """Say whether a path is one that can be read alone, or one of any length as a whole."""
    if isinstance(path, AlternativePath):
        return all(isinstance(one, URIRef | MulPath) for one in _arguments(path))
    return isinstance(path, MulPath)
