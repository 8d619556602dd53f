"""Finds things like one that is not there, among those of the document that its name begins with.

There may be a hundred thousand claims, so nothing here looks at all of them.
"""

import difflib
from typing import Final

import pyoxigraph as ox

from lungkg.linked.addresses import Thing
from lungkg.linked.labels import Ask
from lungkg.namespaces import DCTERMS, ONT

OF_DOCUMENTS: Final = ("claim", "sentence", "reference", "gloss")
"""Types of things that are named by their document and what they are called in it."""

_SHOWN: Final = 8
_COMPARED: Final = 2_000
_ALIKE: Final = 0.6
_THINGS: Final = f"""
SELECT ?thing {{
  {{ VALUES ?name {{ %(names)s }} ?thing <{DCTERMS}identifier> ?name }}
  UNION {{ VALUES ?document {{ %(documents)s }} ?thing <{ONT}statedIn> ?document }}
  UNION {{ VALUES ?document {{ %(documents)s }} ?thing <{ONT}inDocument> ?document }}
}} LIMIT {_COMPARED}
"""


def near(ask: Ask, base: str, wanted: Thing) -> list[str]:
    """Give the local names of things of the same type with the same name in their document, or a name like it."""
    parts = wanted.local.split("-")
    documents = [ox.NamedNode(f"{base}id/document/{'-'.join(parts[:end])}") for end in range(1, len(parts))]
    names = [ox.Literal("-".join(parts[start:])) for start in range(len(parts))]
    text = _THINGS % {"names": " ".join(map(str, names)), "documents": " ".join(map(str, documents))}
    start = f"{base}id/{wanted.type}/"
    found = {row["thing"].value.removeprefix(start) for row in ask(text) if row["thing"].value.startswith(start)}
    alike = difflib.get_close_matches(wanted.local, sorted(found), n=_SHOWN, cutoff=_ALIKE)
    return alike or sorted(found)[:_SHOWN]
