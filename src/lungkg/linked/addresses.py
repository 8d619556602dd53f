"""Where each IRI is answered: from IRIs to paths below the root of a server, and back.

IRIs stand below a project's base, servers stand anywhere: a path has no leading slash, so that either can
be put before it.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from lungkg.namespaces import BASE
from lungkg.project import THING_TYPES, Project

LOCAL: Final = re.compile(r"[A-Za-z0-9_-]+")
"""What the local name of a thing may be; dots belong to the suffixes of documents."""

VOCABULARIES: Final = ("ont", "shapes")
"""The documents whose terms are hash IRIs; `--base` does not move them."""

_THING: Final = re.compile(rf"(id|doc)/({'|'.join(THING_TYPES)})/({LOCAL.pattern})(#.*)?", re.DOTALL)
_VOCABULARY: Final = re.compile(rf"({'|'.join(VOCABULARIES)})(?:[#/].*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing by its type and local name: `claim` and `leaflet-C3`."""

    type: str
    local: str

    @property
    def id(self) -> str:
        """Path of the thing itself."""
        return f"id/{self.type}/{self.local}"

    @property
    def document(self) -> str:
        """Path of the document about it, without a suffix."""
        return f"doc/{self.type}/{self.local}"


class Addresses:
    """Knows which IRIs are a project's own, and by which path each is answered.

    A vocabulary keeps the base it is written with, and every project uses the core vocabulary, so these are
    answered from wherever the project is served.
    """

    def __init__(self, project: Project) -> None:
        self.base = project.base
        self._vocabularies = dict.fromkeys((project.base, project.written_base, BASE))

    def path(self, iri: str) -> str:
        """Give the path that answers an IRI, with its fragment; empty when it is not ours."""
        if iri.startswith(self.base):
            return iri[len(self.base) :]
        for base in self._vocabularies:
            if iri.startswith(base) and _VOCABULARY.fullmatch(iri, len(base)):
                return iri[len(base) :]
        return ""

    def thing(self, iri: str) -> Thing | None:
        """Give the thing that an IRI names, itself, by one of its parts or by its document."""
        found = _THING.fullmatch(self.path(iri))
        return Thing(found[2], found[3]) if found else None

    def page(self, iri: str) -> str:
        """Give the path where a reader finds what is known of an IRI: one of ours, or /describe for others."""
        path = self.path(iri)
        found = _THING.fullmatch(path)
        if found:
            return f"doc/{found[2]}/{found[3]}{found[4] or ''}"
        return path or f"describe?iri={quote(iri, safe='')}"


def thing(type: str, local: str) -> Thing | None:
    """Make the thing of a type and a local name; None when there can be none of that name.

    >>> thing("claim", "leaflet-C3").document
    'doc/claim/leaflet-C3'
    >>> thing("claim", "leaflet.ttl") is None
    True
    """
    return Thing(type, local) if type in THING_TYPES and LOCAL.fullmatch(local) else None
