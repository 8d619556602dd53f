"""Puts terms in the place of a query's parameters, and proves that nothing else has changed.

A parameter's tokens are found by the lexer, never by searching in text. One term takes their place; several
become a VALUES block in each group around them, out to the whole WHERE clause, so that a list gives the answers
for its single values together, within OPTIONAL, MINUS and NOT EXISTS as well. Then the result is cut into
tokens again and compared with those of the template: what a person typed can be one term and no more.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from lungkg import lexer
from lungkg.errors import QueryError

Bound = Mapping[str, Sequence[str]]
"""For each variable, with its question mark, the terms that it stands for, as N-Triples writes them."""

_OPEN: Final = frozenset("{([")
_CLOSED: Final = frozenset("})]")
_SOLUTIONS: Final = frozenset({"ORDER", "LIMIT", "OFFSET", "HAVING", "VALUES", "WHERE", "FROM"})
_BEFORE: Final = frozenset(" \t\r\n{([")  # what a term may follow without a blank
_AFTER: Final = frozenset(" \t\r\n})].,;")


class Misplaced(Exception):
    """A parameter stands where no value can: `token` is the first such place, `why` says what is wrong there."""

    def __init__(self, token: lexer.Token, why: str) -> None:
        self.token, self.why = token, why
        super().__init__(f"{token.text} {why}")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a parameter's token stands: its index, and those of the braces of the groups around it, outermost first."""

    index: int
    groups: tuple[int, ...]
    in_subselect: bool


def bind(text: str, bound: Bound) -> str:
    """Put terms in the place of variables; the ones that are not in `bound` stay.

    >>> bind("ASK { ?_a_iri ?p ?_b }", {"?_a_iri": ["<a:b>"], "?_b": ['"1"', '"2"']})
    'ASK { VALUES ?_b { "1" "2" } <a:b> ?p ?_b }'
    """
    tokens = _tokens(text)
    one = {name: terms[0] for name, terms in bound.items() if len(terms) == 1}
    several = {name: f"VALUES {name} {{ {' '.join(terms)} }}" for name, terms in bound.items() if len(terms) != 1}
    blocks: dict[int, list[str]] = {}  # by the index of a group's brace
    for place in _places(tokens, several.__contains__) if several else ():
        block = several[tokens[place.index].text]
        for group in place.groups:
            if block not in blocks.setdefault(group, []):
                blocks[group].append(block)
    pieces, done = [], 0
    for index, token in enumerate(tokens):
        end = token.start + len(token.text)
        if token.kind == "variable" and token.text in one:
            pieces += [text[done : token.start], _apart(text, token.start, end, one[token.text])]
            done = end
        elif index in blocks:
            pieces += [text[done:end], *(f" {block}" for block in blocks[index])]
            done = end
    made = "".join([*pieces, text[done:]])
    _prove(tokens, made, one, blocks)
    return made


@lru_cache(maxsize=128)
def _tokens(text: str) -> tuple[lexer.Token, ...]:
    """Cut a template, which is bound again and again."""
    return tuple(lexer.tokens(text))


def _apart(text: str, start: int, end: int, term: str) -> str:
    """Keep a term from running into what stands beside it: `?a<?_b_iri`, `?_c_en-1`."""
    left = "" if start == 0 or text[start - 1] in _BEFORE else " "
    right = "" if end == len(text) or text[end] in _AFTER else " "
    return f"{left}{term}{right}"


def _prove(
    template: Sequence[lexer.Token], made: str, one: Mapping[str, str], blocks: Mapping[int, Sequence[str]]
) -> None:
    """Raise QueryError unless the text made is the template plus exactly these terms."""
    expected: list[tuple[str, str]] = []
    for index, token in enumerate(template):
        if token.kind == "variable" and token.text in one:
            expected += _cut(one[token.text])
        else:
            expected.append((token.kind, token.text))
        for block in blocks.get(index, ()):
            expected += _cut(block)
    if _cut(made) != expected:
        raise QueryError("a value would change the query itself; nothing was asked")


def _cut(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in lexer.tokens(text)]


def check_places(text: str, is_parameter: Callable[[str], bool], takes_many: Callable[[str], bool]) -> None:
    """Raise Misplaced for a parameter where a value cannot stand: SELECT, AS, GROUP BY and the like.

    One that takes many values has to stand in the WHERE clause, and not in a sub-select, which would hide its
    values from what is around it.
    """
    tokens = _tokens(text)
    _check_heads(tokens, is_parameter)
    where, found = where_brace(tokens), set()
    for place in _places(tokens, takes_many):
        token = tokens[place.index]
        if not place.groups or place.groups[0] != where:
            raise Misplaced(token, "takes many values and stands outside of the groups { … } of WHERE")
        if place.in_subselect:
            raise Misplaced(token, "takes many values and stands in a sub-select, which hides them")
        found.add(token.text)
    for token in tokens:
        if token.kind == "variable" and takes_many(token.text) and token.text not in found:
            raise Misplaced(token, "takes many values and stands in the template of CONSTRUCT only")


def _check_heads(tokens: Sequence[lexer.Token], is_parameter: Callable[[str], bool]) -> None:
    head = ""  # the clause that names variables, while we are in one
    depth = 0
    for before, token in zip([None, *tokens], tokens, strict=False):
        word = token.upper if token.kind == "word" else ""
        if word == "SELECT":
            head, depth = "SELECT", 0
        elif word == "GROUP":
            head, depth = "GROUP BY", 0
        elif head and (token.text in ("{", "}") or word in _SOLUTIONS) and depth == 0:
            head = ""
        elif head:
            depth += (token.text in _OPEN) - (token.text in _CLOSED)
        if token.kind == "variable" and is_parameter(token.text):
            if before is not None and before.upper == "AS":
                raise Misplaced(token, "stands after AS, where a variable is named and no value can be")
            if head:
                raise Misplaced(token, f"stands in {head}, where no value can be")
    _check_values(tokens, is_parameter)


def _check_values(tokens: Sequence[lexer.Token], is_parameter: Callable[[str], bool]) -> None:
    """VALUES names its variables before its brace."""
    for index, token in enumerate(tokens):
        if token.kind == "word" and token.upper == "VALUES":
            for named in tokens[index + 1 :]:
                if named.text == "{":
                    break
                if named.kind == "variable" and is_parameter(named.text):
                    raise Misplaced(named, "is named by VALUES, where no value can be")


def _places(tokens: Sequence[lexer.Token], wanted: Callable[[str], bool]) -> list[_Place]:
    """Find the variables that are wanted, outside of a CONSTRUCT template, each with the groups around it."""
    found: list[_Place] = []
    open_: list[tuple[int, bool]] = []  # index of a bracket, and whether it is the brace of a group
    template = _template(tokens)
    for index, token in enumerate(tokens):
        if token.kind == "mark" and token.text in _OPEN:
            open_.append((index, token.text == "{" and index != template and not _is_data(tokens, index)))
        elif token.kind == "mark" and token.text in _CLOSED and open_:
            open_.pop()
        elif token.kind == "variable" and wanted(token.text) and all(at != template for at, _ in open_):
            groups = tuple(at for at, is_group in open_ if is_group)
            found.append(_Place(index, groups, any(_opens_select(tokens, at) for at in groups)))
    return found


def where_brace(tokens: Sequence[lexer.Token]) -> int:
    """Give the index of the brace that opens the WHERE clause; -1 when there is none."""
    template, depth = _template(tokens), 0
    for index, token in enumerate(tokens):
        if token.kind == "mark" and token.text == "{" and not depth and index != template:
            return index
        if token.kind == "mark":
            depth += (token.text in _OPEN) - (token.text in _CLOSED)
    return -1


def _opens_select(tokens: Sequence[lexer.Token], brace: int) -> bool:
    following = tokens[brace + 1] if brace + 1 < len(tokens) else None
    return following is not None and following.kind == "word" and following.upper == "SELECT"


def _is_data(tokens: Sequence[lexer.Token], brace: int) -> bool:
    """Say whether a brace opens the data of VALUES: only its variables stand between the two."""
    for token in reversed(tokens[:brace]):
        if token.kind == "word":
            return token.upper == "VALUES"
        if token.kind != "variable" and token.text not in ("(", ")"):
            return False
    return False


def _template(tokens: Sequence[lexer.Token]) -> int:
    """Give the index of the brace of a CONSTRUCT template, which is no group of patterns; -1 when there is none."""
    for index, token in enumerate(tokens[:-1]):
        if token.kind == "word" and token.upper == "CONSTRUCT" and tokens[index + 1].text == "{":
            return index + 1
    return -1
