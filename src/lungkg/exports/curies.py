"""Shortens IRIs to CURIEs by a project's prefixes."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

_LOCAL: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_REMEMBERED: Final = 50_000


class Curies:
    """Shortens IRIs by prefixes; one that has no prefix, or whose rest is no local name, stays as it is.

    >>> short = Curies({"entity": "https://example.org/id/entity/", "CL": "http://purl.obolibrary.org/obo/CL_"})
    >>> short("https://example.org/id/entity/first-one"), short("http://purl.obolibrary.org/obo/CL_0000134")
    ('entity:first-one', 'CL:0000134')
    >>> short("https://example.org/elsewhere")
    'https://example.org/elsewhere'
    """

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._prefixes = {namespace: prefix for prefix, namespace in prefixes.items()}
        self._shortened = lru_cache(maxsize=_REMEMBERED)(self._shorten)

    def __call__(self, iri: str) -> str:
        """Shorten an IRI; namespaces end in `_`, `#` or `/`, and the longest that fits is taken."""
        return self._shortened(iri)

    def all(self, iris: Iterable[str]) -> list[str]:
        """Shorten some IRIs, in the same order."""
        return [self._shortened(iri) for iri in iris]

    def _shorten(self, iri: str) -> str:
        for end in sorted((iri.rfind(mark) + 1 for mark in "_#/"), reverse=True):
            prefix = self._prefixes.get(iri[:end])
            if prefix is not None and _LOCAL.fullmatch(iri, end):
                return f"{prefix}:{iri[end:]}"
        return iri
