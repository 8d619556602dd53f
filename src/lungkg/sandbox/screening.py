"""Refuses, in a visitor's shapes, the queries that would be refused as queries, and what could hide one."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import pyoxigraph as ox

from lungkg import lexer
from lungkg.engines import screen
from lungkg.errors import QueryRefused, QuerySyntaxError
from lungkg.namespaces import SH

_QUERIES: Final = frozenset(SH + name for name in ("select", "ask", "construct", "update"))
_PREFIX: Final = re.compile(r"[A-Za-z][\w.-]*|", re.ASCII)
_NAMESPACE: Final = re.compile(r"[^\x00-\x20<>\"{}|^`\\]*")
_NOT_RUN: Final = {SH + "rule": "sh:rule", SH + "target": "sh:target", SH + "js": "sh:js", SH + "jsLibrary": "sh:js"}
_SHOWN: Final = 80


def screen_shapes(triples: Iterable[ox.Triple]) -> None:
    """Refuse queries that call out, load or change something.

    Prefixes are held to their form, because they are written before a query as they are, and could begin one.
    Raises QueryRefused, or QuerySyntaxError for what is no query.
    """
    for _, predicate, value in triples:
        if predicate.value in _QUERIES and isinstance(value, ox.Literal):
            _screen_query(value.value, predicate.value.removeprefix(SH))
        elif predicate.value == SH + "prefix" and not _PREFIX.fullmatch(_text(value)):
            raise QueryRefused(f"sh:prefix {_text(value)[:_SHOWN]!r} is refused: it is no prefix of letters and digits")
        elif predicate.value == SH + "namespace" and not _NAMESPACE.fullmatch(_text(value)):
            raise QueryRefused(f"sh:namespace {_text(value)[:_SHOWN]!r} is refused: it is no IRI")


def not_run(triples: Iterable[ox.Triple]) -> Iterator[str]:
    """Yield a remark for each feature of SHACL in some shapes that is not run, so that nobody waits for it."""
    used = {_NOT_RUN[predicate.value] for _, predicate, _ in triples if predicate.value in _NOT_RUN}
    for name in sorted(used):
        yield f"{name} is not run here; it is no part of SHACL 1.0 Core or SHACL-SPARQL constraints."


def _screen_query(text: str, name: str) -> None:
    try:
        screen(text)
    except QueryRefused as error:
        raise QueryRefused(f"sh:{name} is refused: {error}") from None
    except QuerySyntaxError as error:
        raise QuerySyntaxError(f"sh:{name} is refused: {error.message}", hint=error.hint) from None
    if lexer.has_keyword(lexer.unescape(text), "FROM") or lexer.has_keyword(text, "FROM"):
        raise QueryRefused(f"sh:{name} is refused: FROM is never run here; a shape asks the data that is validated")


def _text(value: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    return value.value if isinstance(value, ox.Literal | ox.NamedNode) else ""
