"""Puts values in the place of variables, as canned queries do: a term for a token, never text in text."""

from collections.abc import Iterator, Mapping
from typing import Final

from lungkg import lexer
from lungkg.client.values import write_term
from lungkg.errors import BadParameter

# Where SPARQL takes a bare variable and no term; what follows one of the second ends such a place.
_BARE: Final = {"SELECT": "among the results", "VALUES": "in VALUES", "BY": "in GROUP BY or ORDER BY"}
_END: Final = frozenset({"WHERE", "FROM", "HAVING", "ORDER", "LIMIT", "OFFSET"})


def bind(text: str, values: Mapping[str, object]) -> str:
    """Put each value in the place of the variable of its name, wherever that stands in the query.

    Raises BadParameter for a value that is no term, and for a variable that is not in the query or
    stands where a value cannot: among the results, after AS, in VALUES, GROUP BY, ORDER BY or BOUND.

    >>> bind("ASK { ?who ?does '?who' }", {"who": 44})
    'ASK { "44"^^<http://www.w3.org/2001/XMLSchema#integer> ?does \\'?who\\' }'
    """
    if not values:
        return text
    terms = {name: write_term(name, value) for name, value in values.items()}
    found = {token.text[1:] for token in lexer.tokens(text) if token.kind == "variable"}
    for name in terms:
        if name not in found:
            raise BadParameter(name, f"the query has no variable ?{name}")
    for name, where in _names(text):
        if name in terms:
            raise BadParameter(name, f"?{name} stands {where}, where a value cannot; use another variable there")
    return lexer.replace(text, lambda token: terms.get(token.text[1:]) if token.kind == "variable" else None)


def _names(text: str) -> Iterator[tuple[str, str]]:
    """Yield the variables that stand where only a variable can, each with its place in words."""
    clause, depth, before = "", 0, ("", "")
    for token in lexer.tokens(text):
        if token.kind == "word" and depth == 0:
            clause = token.upper if token.upper in _BARE else "" if token.upper in _END else clause
        elif token.text in ("{", "}"):
            clause, depth = "", 0
        elif token.text in ("(", ")"):
            depth = depth + 1 if token.text == "(" else max(0, depth - 1)
        elif token.kind == "variable":
            if before[1] == "AS":
                yield token.text[1:], "after AS"
            elif before == ("BOUND", "("):
                yield token.text[1:], "in BOUND"
            elif clause and (depth == 0 or clause == "VALUES"):
                yield token.text[1:], _BARE[clause]
        before = (before[1], token.upper)
