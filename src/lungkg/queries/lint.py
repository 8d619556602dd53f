"""Finds what no engine complains of in the text of a canned query, though it would go wrong later, unseen."""

import re
from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Final

from lungkg import lexer
from lungkg.queries.binding import Misplaced, where_brace

_PARAMETER: Final = re.compile(r"[?$]_+[A-Za-z]\w*")
_END: Final = lexer.Token("", "", 0)


def check_escapes(text: str) -> None:
    r"""Raise Misplaced for a code point escape that is a part of the query: what it hides would not be found.

    Within strings and IRIs, and in comments, escapes do no harm as long as they end none of these.
    """
    plain = lexer.unescape(text)
    for written, read in zip_longest(lexer.tokens(text), lexer.tokens(plain) if plain != text else (), fillvalue=_END):
        if plain != text and (written.kind, lexer.unescape(written.text)) != (read.kind, read.text):
            raise Misplaced(written, "is written with a code point escape (\\u…)")


def check_hidden(text: str) -> None:
    """Raise Misplaced for a parameter within a string, an IRI or a comment that is none of the query's.

    No value is put there. grlc searches the bare text: it would put one there, or ask for another parameter.
    """
    spelt, seen = set(), set()
    for token in lexer.tokens(text):
        if token.kind in ("string", "iri", "broken") and (found := _PARAMETER.search(token.text)):
            raise Misplaced(token, f"is a text, and no value takes the place of {found[0]} in it")
        if token.kind == "variable":
            spelt.add(token.text)
            seen.add(token.start)
    for match in _PARAMETER.finditer(text):
        if match.start() not in seen and match[0] not in spelt:
            token = lexer.Token("comment", match[0], match.start())
            raise Misplaced(token, "stands in a comment, and the query has no such parameter")


def check_bases(text: str, base: str) -> None:
    """Raise Misplaced for BASE, and for a prefix that holds half of an IRI which a build for another base moves."""
    prologue = True
    for token in lexer.tokens(text):
        if token.kind == "word":
            prologue = token.upper == "PREFIX"
            if token.upper == "BASE":
                raise Misplaced(token, "makes IRIs of parts, and a build for another base cannot move these")
        elif prologue and token.kind == "iri" and base.startswith(token.text[1:-1]):
            raise Misplaced(token, f"is too short: a build for another base moves what begins with {base}id/")
        if token.text == "{":
            return


def check_unbound(text: str, is_parameter: Callable[[str], bool]) -> None:
    """Raise Misplaced for a variable that is selected, built or ordered by, and that nothing gives a value."""
    tokens = list(lexer.tokens(text))
    start = where_brace(tokens)
    if start < 0:
        return
    end = _closing(tokens, start)
    bound = {token.text[1:] for token in tokens[start:end] if token.kind == "variable"}
    outside = [*enumerate(tokens[:start]), *enumerate(tokens[end:], start=end)]
    named = False  # VALUES after the braces names what it binds
    for at, token in outside:
        named |= at > end and token.upper == "VALUES"
        if token.kind == "variable" and (named or tokens[at - 1].upper == "AS"):
            bound.add(token.text[1:])
    for _, token in outside:
        if token.kind == "variable" and token.text[1:] not in bound and not is_parameter(token.text):
            raise Misplaced(token, "has no value: it does not occur in WHERE")


def _closing(tokens: Sequence[lexer.Token], start: int) -> int:
    depth = 0
    for index in range(start, len(tokens)):
        depth += (tokens[index].text == "{") - (tokens[index].text == "}")
        if not depth:
            return index
    return len(tokens)


def order_of(text: str) -> list[str]:
    """Give the variables of the outermost ORDER BY that stand there by themselves; none where no page can follow.

    >>> order_of("SELECT ?a { { SELECT ?a { ?a ?b ?c } ORDER BY ?c } } ORDER BY DESC(?a) LCASE(?c) ?b")
    ['a', 'b']
    >>> order_of("SELECT ?a { ?a ?b ?c } ORDER BY ?a LIMIT 5")
    []
    """
    tokens = list(lexer.tokens(text))
    rest = tokens[_closing(tokens, where_brace(tokens)) + 1 :]
    words = [token.upper if token.kind == "word" else "" for token in rest]
    if "ORDER" not in words or any(word in ("LIMIT", "OFFSET", "VALUES") for word in words):
        return []
    ordered, depth = [], 0
    start = words.index("ORDER") + 2
    for at, token in enumerate(rest[start:], start=start):
        depth += (token.text == "(") - (token.text == ")")
        if token.kind == "variable" and (not depth or (depth == 1 and _in_brackets_of_its_own(rest, at))):
            ordered.append(token.text[1:])
    return ordered


def _in_brackets_of_its_own(tokens: Sequence[lexer.Token], at: int) -> bool:
    """Say whether a variable stands as (?a), ASC(?a) or DESC(?a), and not as the argument of a function."""
    before = tokens[at - 2]
    plain = before.kind in ("variable", "mark") or before.upper in ("ASC", "DESC", "BY")
    return plain and tokens[at - 1].text == "(" and tokens[at + 1].text == ")"
