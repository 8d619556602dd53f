"""What Virtuoso does in its own way, observed on 7.2.5: short answers under a 200, and ASK as a table.

Its limits cut an answer short and say so in a header only: X-SQL-State with X-SQL-Message when time ran out
("anytime queries"; later versions send status 206), X-SPARQL-MaxRows when rows ran out. A CONSTRUCT or
DESCRIBE that ran out of rows is cut without any header, so the rows behind it are asked for once more. And
with two property paths of any length in a query it loses solutions, or invents some, without a word: see
https://github.com/openlink/virtuoso-opensource/issues/704 and 127.
"""

import re
from typing import Any, Final

from lungkg import lexer
from lungkg.engines.wire import Reply
from lungkg.errors import EngineFault

ASK_COLUMN: Final = "__ASK_RETVAL"

WRONG_PATHS: Final = (7, 20, 3229)
"""The version in which such paths were seen to go wrong; what later ones do was not tried."""

_VERSION: Final = re.compile(r"Virtuoso/(\d+)\.(\d+)\.(\d+)")
_OPENING: Final = frozenset("{([")
_CLOSING: Final = frozenset("})]")


def answered(reply: Reply) -> bool:
    """Say whether a reply comes from Virtuoso."""
    return str(reply.headers.get("Server", "")).startswith("Virtuoso")


def refuse_half(reply: Reply, url: str) -> None:
    """Raise EngineFault when the server cut its answer short and says so."""
    rows, state = reply.headers.get("X-SPARQL-MaxRows"), reply.headers.get("X-SQL-State")
    if rows is not None:
        raise EngineFault(
            url,
            f"gives at most {rows} rows, so its answer may lack some",
            "Raise ResultSetMaxRows in its configuration, or ask for fewer rows at a time: ORDER BY, LIMIT and OFFSET.",
        )
    if state is not None or reply.status == 206:
        told = reply.headers.get("X-SQL-Message") or "206 Partial Content"
        raise EngineFault(
            url,
            f"gave a part of the answer only: {told[:200]}",
            "Raise MaxQueryExecutionTime or ExecutionTimeout in its configuration, or narrow the query down.",
        )


def refuse_paths(text: str, reply: Reply, url: str) -> None:
    """Raise EngineFault when this query is one of those that this version answers wrongly."""
    version = _VERSION.match(str(reply.headers.get("Server", "")))
    if version is not None and tuple(map(int, version.groups())) <= WRONG_PATHS and long_paths(text) > 1:
        raise EngineFault(
            url,
            f"answers wrongly when a query has two property paths with * or +, as this one has: it is {version[0]}",
            "Ask with one such path, or use another server or a later version.",
        )


def is_true(document: dict[str, Any]) -> bool | None:
    """Read the table that stands for the answer to ASK: a row that holds 1, or no row; None for another table."""
    if document.get("head", {}).get("vars") != [ASK_COLUMN]:
        return None
    rows = document.get("results", {}).get("bindings", [])
    return any(row.get(ASK_COLUMN, {}).get("value") == "1" for row in rows)


def rows_behind(text: str) -> str | None:
    """Give the SELECT query whose rows a CONSTRUCT or DESCRIBE query is made from; None when there are none.

    >>> rows_behind("CONSTRUCT { ?s <a:b> ?o } FROM <a:g> { ?s ?p ?o } LIMIT 5")
    'SELECT (1 AS ?row) FROM <a:g> { ?s ?p ?o } LIMIT 5'
    >>> rows_behind("CONSTRUCT WHERE { ?s ?p ?o }")
    'SELECT (1 AS ?row) WHERE { ?s ?p ?o }'
    >>> rows_behind("DESCRIBE ?s <a:b> { ?s ?p ?o }")
    'SELECT (1 AS ?row) { ?s ?p ?o }'
    >>> rows_behind("DESCRIBE <a:b>") is None
    True
    """
    tokens = list(lexer.tokens(text))
    start = next(i for i, token in enumerate(tokens) if token.upper in ("CONSTRUCT", "DESCRIBE"))
    if tokens[start].upper == "CONSTRUCT":
        after = _after_braces(tokens, start + 1) if tokens[start + 1].text == "{" else start + 1
    else:
        ends = (i for i in range(start + 1, len(tokens)) if tokens[i].text == "{" or tokens[i].kind == "word")
        after = next(ends, len(tokens))
    if not any(token.text == "{" for token in tokens[after:]):
        return None
    name = "row"
    while name in text:
        name += "_"
    return f"{text[: tokens[start].start]}SELECT (1 AS ?{name}) {text[tokens[after].start :]}"


def _after_braces(tokens: list[lexer.Token], start: int) -> int:
    """Give the place after the bracket that closes the one at `start`."""
    depth = 0
    for i in range(start, len(tokens)):
        depth += (tokens[i].text in _OPENING) - (tokens[i].text in _CLOSING)
        if depth == 0:
            return i + 1
    return len(tokens)


def long_paths(text: str) -> int:
    """Count the property paths of any length: those with * or +.

    >>> long_paths("SELECT * { ?a <a:b>* ?c . ?c (<a:b>|^a)+ ?d BIND((?x + 1) * 2 AS ?y) }")
    2
    """
    tokens = list(lexer.tokens(text))
    opened: list[int] = []
    found = start = 0
    for i, token in enumerate(tokens):
        if token.text in ("*", "+") and i:
            found += _is_step(tokens[i - 1]) or (tokens[i - 1].text == ")" and _is_path(tokens[start : i - 1]))
        elif token.text == "(":
            opened.append(i + 1)
        elif token.text == ")":
            start = opened.pop() if opened else 0
    return found


def _is_step(token: lexer.Token) -> bool:
    return token.kind in ("iri", "name") or token.text == "a"


def _is_path(tokens: list[lexer.Token]) -> bool:
    """Say whether brackets hold a path: one of numbers holds a variable, a number or a call."""
    return bool(tokens) and all(_is_step(token) or token.text in "/|^!*+?()" for token in tokens)
