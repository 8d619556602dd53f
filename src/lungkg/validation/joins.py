"""Rewrites a SELECT query so that Oxigraph joins by hashing, which pays when everything is looked at.

Oxigraph answers a group of triple patterns by looking up the next one for every row, at about 8 microseconds
each when measured: right for a few rows, slow for all of a big graph. A pattern in a sub-select of its own is
read in the order of the store instead, and joined with the others by a hash table. So each triple pattern is
put into one, those about one subject together. What depends on few of the variables (paths of any length,
EXISTS) is asked once for each of their combinations, not once for each row.

The rewritten query has the same rows, but for how often each of them comes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from pyparsing.exceptions import ParseBaseException
from rdflib import URIRef, Variable
from rdflib.paths import AlternativePath, InvPath, MulPath, Path, SequencePath
from rdflib.plugins.sparql import prepareQuery
from rdflib.term import Node

from lungkg import lexer

_THIS: Final = "this"


class _Unsuited(Exception):
    """The query is not one of those that can be rewritten."""


@dataclass(frozen=True)
class _Pattern:
    """A triple pattern; `text` is SPARQL, `names` are its variables."""

    subject: str
    text: str
    names: frozenset[str]
    closure: bool

    def alone(self) -> str:
        """Have it matched by itself."""
        return _alone(self.text, self.names)


@dataclass(frozen=True)
class _Filter:
    """A FILTER as it is written, and the variables in it."""

    text: str
    names: frozenset[str]

    @property
    def plain(self) -> bool:
        """Whether it only compares what is bound already, and asks for no further triples."""
        return not any(token.kind == "word" and token.upper == "EXISTS" for token in lexer.tokens(self.text))


def read_apart(prologue: str, text: str, targets: str) -> str | None:
    """Rewrite a SELECT query of one group, with a pattern for its targets; None when that cannot be done safely.

    `prologue` declares the prefixes; `targets` matches ?this. Of clauses, only FILTER is rewritten.
    """
    try:
        return _Rewriter(prologue, text).query(targets)
    except (_Unsuited, ParseBaseException):
        return None


class _Rewriter:
    def __init__(self, prologue: str, text: str) -> None:
        self.prologue, self.steps = prologue, count(1)
        tokens = list(lexer.tokens(text))
        opening = next(i for i, token in enumerate(tokens) if token.text == "{")
        closing = max(i for i, token in enumerate(tokens) if token.text == "}")
        self.selected = [token.text[1:] for token in tokens[:opening] if token.kind == "variable"]
        if not self.selected:
            raise _Unsuited  # SELECT *
        self.patterns: list[_Pattern] = []
        self.filters: list[_Filter] = []
        for is_filter, part in _parts(text, tokens[opening + 1 : closing]):
            if is_filter:
                self.filters.append(_Filter(part, _names(part)))
            else:
                self.patterns += self._patterns(part)

    def query(self, targets: str) -> str:
        """Write the query anew."""
        read, rest = self._split()
        there = _all_names(read)
        plain = [one for one in self.filters if one.plain and one.names <= there]
        gone = [one for one in self.filters if one not in plain and self._absent(one, there)]
        others = [one for one in self.filters if one not in plain and one not in gone]
        base = " ".join([*_stars(read), *(one.text for one in plain)])
        inner = " ".join([*(one.text + " ." for one in rest), *(one.text for one in others)])
        shared = there & (_all_names(rest) | _all_names(others))
        if shared and _THIS not in shared and there.issuperset(self.selected):
            combinations = _alone(base, shared, "DISTINCT")
            inner = _alone(f"{combinations} {inner}", shared, "DISTINCT")
        inner += "".join(f" MINUS {{ {one.text} }}" for clause in gone for one in self._absent(clause, there))
        selected = " ".join(f"?{name}" for name in self.selected)
        targeted = _alone(targets, {_THIS}, "DISTINCT")
        return f"{self.prologue}SELECT DISTINCT {selected} {{ {_alone(base, there)} {targeted} {inner} }}"

    def _split(self) -> tuple[list[_Pattern], list[_Pattern]]:
        """Tell the patterns that are read from those that are asked afterwards.

        A path of any length is asked from where it starts, and so is what only such a path leads to. Patterns
        about a new subject are read when something leads to that subject, or when they share two variables with
        what is read already: to join by one value that many have could fill the memory.
        """
        stars = list(_by_subject([one for one in self.patterns if not one.closure]))
        read: list[_Pattern] = []
        known: frozenset[str] = frozenset({_THIS})
        while found := next((star for star in stars if _leads_to(star, known)), None):
            read += found
            known |= _all_names(found)
            stars.remove(found)
        if not any(_THIS in one.names for one in read) or any(_all_names(star) & known for star in stars):
            raise _Unsuited
        return read, [one for one in self.patterns if one not in read]

    def _absent(self, clause: _Filter, there: frozenset[str]) -> list[_Pattern]:
        """Give the pattern of a NOT EXISTS that MINUS says as well; none where it would not."""
        words = [token.upper for token in lexer.tokens(clause.text) if token.kind == "word"]
        if words[:3] != ["FILTER", "NOT", "EXISTS"] or "FILTER" in words[1:] or "OPTIONAL" in words:
            return []
        patterns = self._patterns(clause.text[clause.text.index("{") + 1 : clause.text.rindex("}")])
        shares = patterns and not patterns[0].closure and patterns[0].names & there
        return patterns if len(patterns) == 1 and shares else []

    def _patterns(self, text: str) -> list[_Pattern]:
        """Parse triples, and take sequences of properties apart."""
        algebra: Any = prepareQuery(f"{self.prologue}SELECT * {{ {text} }}").algebra.p.p
        if algebra.name != "BGP":
            raise _Unsuited
        return [one for triple in algebra.triples for one in self._stepwise(*triple)]

    def _stepwise(self, subject: Node, path: Node | Path, value: Node) -> Iterator[_Pattern]:
        if isinstance(path, SequencePath):
            ends = [subject, *(Variable(f"step{next(self.steps)}_") for _ in path.args[1:]), value]
            for start, step, end in zip(ends, path.args, ends[1:], strict=False):
                yield from self._stepwise(start, step, end)
            return
        if not (isinstance(path, URIRef) or (isinstance(path, Path) and _is_known(path))):
            raise _Unsuited
        terms = (subject, value)
        if not all(isinstance(term, Variable | URIRef) or hasattr(term, "datatype") for term in terms):
            raise _Unsuited  # a blank node stands for something within its group only
        names = frozenset(str(term) for term in terms if isinstance(term, Variable))
        written = path.n3() if isinstance(path, URIRef) else f"({path.n3()})"
        yield _Pattern(_n3(subject), f"{_n3(subject)} {written} {_n3(value)}", names, isinstance(path, MulPath))


def _is_known(path: Path) -> bool:
    """Say whether a path is one that can be read alone, or one of any length as a whole."""
    if isinstance(path, MulPath):
        return True
    if isinstance(path, AlternativePath):
        return all(isinstance(one, URIRef) for one in path.args)
    return isinstance(path, InvPath) and isinstance(path.arg, URIRef)


def _n3(term: Node) -> str:
    return f"?{term}" if isinstance(term, Variable) else str(term.n3())


def _parts(text: str, tokens: Sequence[lexer.Token]) -> Iterator[tuple[bool, str]]:
    """Cut a group into its filters and the triples between them, each with whether it is a filter."""
    start = at = 0
    while at < len(tokens):
        word = tokens[at].upper if tokens[at].kind == "word" else ""
        if word in ("OPTIONAL", "BIND"):
            raise _Unsuited
        if word == "FILTER":
            yield from _triples(text, tokens[start:at])
            end = _end(tokens, at)
            yield True, text[tokens[at].start : tokens[end].start + len(tokens[end].text)]
            start = at = end + 1
        else:
            at += 1
    yield from _triples(text, tokens[start:])


def _triples(text: str, tokens: Sequence[lexer.Token]) -> Iterator[tuple[bool, str]]:
    if any(token.text != "." for token in tokens):
        yield False, text[tokens[0].start : tokens[-1].start + len(tokens[-1].text)].lstrip(".")


def _end(tokens: Sequence[lexer.Token], at: int) -> int:
    """Find the last token of a clause: the bracket that closes the first one opened in it."""
    depth = 0
    for i in range(at, len(tokens)):
        depth += (tokens[i].text in ("{", "(")) - (tokens[i].text in ("}", ")"))
        if tokens[i].text in ("}", ")") and depth == 0:
            return i
    raise _Unsuited


def _names(text: str) -> frozenset[str]:
    return frozenset(token.text[1:] for token in lexer.tokens(text) if token.kind == "variable")


def _all_names(parts: Iterable[_Pattern | _Filter]) -> frozenset[str]:
    return frozenset(name for part in parts for name in part.names)


def _by_subject(patterns: Sequence[_Pattern]) -> Iterator[list[_Pattern]]:
    """Put the patterns about one subject together."""
    for subject in dict.fromkeys(one.subject for one in patterns):
        yield [one for one in patterns if one.subject == subject]


def _leads_to(star: list[_Pattern], known: frozenset[str]) -> bool:
    return star[0].subject.removeprefix("?") in known or len(_all_names(star) & known) > 1


def _stars(patterns: Sequence[_Pattern]) -> Iterator[str]:
    for star in _by_subject(patterns):
        together = " ".join(one.alone() for one in star)
        yield _alone(together, _all_names(star)) if len(star) > 1 else together


def _alone(pattern: str, names: Iterable[str], how: str = "") -> str:
    """Put a pattern into a sub-select, which is evaluated by itself."""
    selected = " ".join(f"?{name}" for name in sorted(names))
    return f"{{ SELECT {how} {selected} {{ {pattern} }} }}"
