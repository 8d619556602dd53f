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

from pyparsing.exceptions import ParseBaseException

from lungkg import lexer
from lungkg.validation.patterns import THIS, Pattern, Reader, Unsuited, all_names


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
    except (Unsuited, ParseBaseException):
        return None


class _Rewriter(Reader):
    def __init__(self, prologue: str, text: str) -> None:
        super().__init__(prologue)
        tokens = list(lexer.tokens(text))
        opening = next(i for i, token in enumerate(tokens) if token.text == "{")
        closing = max(i for i, token in enumerate(tokens) if token.text == "}")
        self.selected = [token.text[1:] for token in tokens[:opening] if token.kind == "variable"]
        if not self.selected or any(token.text == "(" for token in tokens[:opening]):
            raise Unsuited  # SELECT *, or something computed
        self.asked: list[Pattern] = []
        self.filters: list[_Filter] = []
        for is_filter, part in _parts(text, tokens[opening + 1 : closing]):
            if is_filter:
                self.filters.append(_Filter(part, _names(part)))
            else:
                self.asked += self.triples(part)
        if any(one.any_property for one in self.asked):
            raise Unsuited  # all triples would be read

    def query(self, targets: str) -> str:
        """Write the query anew."""
        read, rest = self._split()
        there = all_names(read)
        plain = [one for one in self.filters if one.plain and one.names <= there]
        gone = [one for one in self.filters if one not in plain and self._absent(one, there)]
        others = [one for one in self.filters if one not in plain and one not in gone]
        base = " ".join([*_stars(read), *(one.text for one in plain)])
        inner = " ".join([*(one.text + " ." for one in rest), *(one.text for one in others)])
        shared = there & (all_names(rest) | all_names(others))
        if shared and THIS not in shared and there.issuperset(self.selected):
            combinations = _alone(base, shared, "DISTINCT")
            inner = _alone(f"{combinations} {inner}", shared, "DISTINCT")
        inner += "".join(f" MINUS {{ {one.text} }}" for clause in gone for one in self._absent(clause, there))
        selected = " ".join(f"?{name}" for name in self.selected)
        targeted = _alone(targets, {THIS}, "DISTINCT")
        return f"{self.prologue}SELECT DISTINCT {selected} {{ {_alone(base, there)} {targeted} {inner} }}"

    def _split(self) -> tuple[list[Pattern], list[Pattern]]:
        """Tell the patterns that are read from those that are asked afterwards.

        A path of any length is asked from where it starts, and so is what only such a path leads to. Patterns
        about a new subject are read when something leads to that subject, or when they share two variables with
        what is read already: to join by one value that many have could fill the memory.
        """
        stars = list(_by_subject([one for one in self.asked if not one.closure]))
        read: list[Pattern] = []
        known: frozenset[str] = frozenset({THIS})
        while found := next((star for star in stars if _leads_to(star, known)), None):
            read += found
            known |= all_names(found)
            stars.remove(found)
        if not any(THIS in one.names for one in read) or any(all_names(star) & known for star in stars):
            raise Unsuited
        return read, [one for one in self.asked if one not in read]

    def _absent(self, clause: _Filter, there: frozenset[str]) -> list[Pattern]:
        """Give the pattern of a NOT EXISTS that MINUS says as well; none where it would not."""
        words = [token.upper for token in lexer.tokens(clause.text) if token.kind == "word"]
        if words[:3] != ["FILTER", "NOT", "EXISTS"] or "FILTER" in words[1:] or "OPTIONAL" in words:
            return []
        patterns = self.triples(clause.text[clause.text.index("{") + 1 : clause.text.rindex("}")])
        plain = [one for one in patterns if not one.closure and not one.any_property and one.names & there]
        return plain if len(patterns) == 1 else []


def _parts(text: str, tokens: Sequence[lexer.Token]) -> Iterator[tuple[bool, str]]:
    """Cut a group into its filters and the triples between them, each with whether it is a filter."""
    start = at = 0
    while at < len(tokens):
        word = tokens[at].upper if tokens[at].kind == "word" else ""
        if word in ("OPTIONAL", "BIND"):
            raise Unsuited
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
    raise Unsuited


def _names(text: str) -> frozenset[str]:
    return frozenset(token.text[1:] for token in lexer.tokens(text) if token.kind == "variable")


def _by_subject(patterns: Sequence[Pattern]) -> Iterator[list[Pattern]]:
    """Put the patterns about one subject together."""
    for subject in dict.fromkeys(one.subject for one in patterns):
        yield [one for one in patterns if one.subject == subject]


def _leads_to(star: list[Pattern], known: frozenset[str]) -> bool:
    return star[0].subject.removeprefix("?") in known or len(all_names(star) & known) > 1


def _stars(patterns: Sequence[Pattern]) -> Iterator[str]:
    for star in _by_subject(patterns):
        together = " ".join(_alone(one.text, one.names) for one in star)
        yield _alone(together, all_names(star)) if len(star) > 1 else together


def _alone(pattern: str, names: Iterable[str], how: str = "") -> str:
    """Put a pattern into a sub-select, which is evaluated by itself."""
    selected = " ".join(f"?{name}" for name in sorted(names))
    return f"{{ SELECT {how} {selected} {{ {pattern} }} }}"
