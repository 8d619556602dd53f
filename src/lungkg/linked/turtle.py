"""Writes Turtle for people: one subject to a paragraph, names before everything else, lists and parts in place.

pyoxigraph writes Turtle as well; it declares prefixes in another order in each process, escapes what stands
after a # in a local name, and gives every blank node a name.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

import pyoxigraph as ox

from lungkg.linked.outline import NIL, Outline, Value
from lungkg.namespaces import RDF, XSD

_LOCAL: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_PLAIN: Final = {
    XSD + "integer": re.compile(r"[+-]?[0-9]+"),
    XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    XSD + "boolean": re.compile(r"true|false"),
}
"""Literals that need no quotes (https://www.w3.org/TR/turtle/#abbrev)."""

_TYPE: Final = ox.NamedNode(RDF + "type")


class Shortener:
    """Finds the prefix and the local name of IRIs; where several prefixes fit, the longest namespace wins.

    >>> short = Shortener({"ex": "https://a.org/", "C": "https://a.org/C_"})
    >>> short("https://a.org/C_1"), short("https://a.org/b"), short("https://a.org/b#c")
    (('C', '1'), ('ex', 'b'), None)
    """

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self.prefixes = prefixes
        self._prefixes = {namespace: prefix for prefix, namespace in sorted(prefixes.items(), reverse=True)}
        self._longest_first = sorted(self._prefixes, key=lambda namespace: (-len(namespace), namespace))
        self._cached = lru_cache(maxsize=4096)(self._shorten)

    def __call__(self, iri: str) -> tuple[str, str] | None:
        """Give prefix and local name, or None."""
        return self._cached(iri)

    def _shorten(self, iri: str) -> tuple[str, str] | None:
        start = max(iri.rfind("#"), iri.rfind("/"), iri.rfind("_")) + 1
        if iri[:start] in self._prefixes:  # so it is nearly always, and no other can be longer
            namespaces = [iri[:start]]
        else:
            namespaces = [namespace for namespace in self._longest_first if iri.startswith(namespace)]
        for namespace in namespaces:
            if _LOCAL.fullmatch(iri, len(namespace)):
                return self._prefixes[namespace], iri[len(namespace) :]
        return None


class _Terms:
    """Writes terms, and remembers which prefixes that took."""

    def __init__(self, outline: Outline, shortener: Shortener) -> None:
        self._outline, self._shortener = outline, shortener
        self._written: dict[ox.NamedNode, str] = {}
        self.used: dict[str, str] = {}

    def iri(self, node: ox.NamedNode) -> str:
        written = self._written.get(node)
        if written is None:
            written = self._written[node] = self._short(node.value) or str(node)
        return written

    def _short(self, iri: str) -> str:
        found = self._shortener(iri)
        if found is None:
            return ""
        prefix, local = found
        self.used[prefix] = self._shortener.prefixes[prefix]
        return f"{prefix}:{local}"

    def value(self, value: Value, indent: str) -> str:
        if isinstance(value, ox.NamedNode):
            return "()" if value == NIL else self.iri(value)
        if isinstance(value, ox.Literal):
            return self._literal(value)
        if not isinstance(value, ox.BlankNode) or value not in self._outline.inner:
            return str(value)
        if value in self._outline.lists:
            return f"( {' '.join(self.value(item, indent) for item in self._outline.lists[value])} )"
        inside = indent + "    "
        return f"[\n{inside}{self.properties(self._outline.said[value], inside)}\n{indent}]"

    def _literal(self, literal: ox.Literal) -> str:
        if literal.language:
            return str(literal)
        datatype = literal.datatype
        plain = _PLAIN.get(datatype.value)
        if plain is not None and plain.fullmatch(literal.value):
            return literal.value
        written = str(literal)
        if datatype.value == XSD + "string":
            return written
        return f"{written[: -len(str(datatype))]}{self.iri(datatype)}"

    def properties(self, said: list[tuple[ox.NamedNode, list[Value]]], indent: str) -> str:
        parts = (
            f"{'a' if link == _TYPE else self.iri(link)} {' , '.join(self.value(value, indent) for value in values)}"
            for link, values in said
        )
        return f" ;\n{indent}".join(parts)


def pieces(outline: Outline, shortener: Shortener) -> Iterator[str]:
    """Write triples as Turtle, the declarations of prefixes first; only those that are used are declared."""
    terms = _Terms(outline, shortener)
    body = [
        f"\n{terms.iri(subject) if isinstance(subject, ox.NamedNode) else subject} {terms.properties(said, '    ')} .\n"
        for subject, said in outline.outer()
    ]
    yield from (f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in sorted(terms.used.items()))
    yield from body
