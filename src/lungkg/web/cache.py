"""Answers that were given, kept to be given again; and which answers may be kept at all."""

import gzip
import threading
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

from cachetools import LRUCache

from lungkg import lexer

_CHANGING: Final = ("RAND", "NOW", "UUID", "STRUUID", "BNODE", "SERVICE")
_TAGS: Final = 50_000  # some 10 MB at the most
GZIP_FROM: Final = 1024  # bytes; shorter answers gain nothing
GZIP_LEVEL: Final = 5


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Stored:
    """The bytes of an answer in one format and encoding, with their entity tag and Link header."""

    body: bytes
    content_type: str
    tag: str
    encoding: str = ""
    rows: int | None = None
    links: str = ""


class AnswerCache:
    """The answers of one release, the least used leaving first; safe for threads.

    Entity tags are remembered longer than answers: who has an answer already is told so without asking the engine.
    """

    def __init__(self, megabytes: float) -> None:
        self._answers: LRUCache[Hashable, Stored] = LRUCache(megabytes * 2**20, lambda stored: len(stored.body) + 500)
        self._tags: LRUCache[Hashable, str] = LRUCache(_TAGS)
        self._lock = threading.Lock()

    def get(self, key: Hashable, encoding: str = "") -> Stored | None:
        """Find an answer."""
        with self._lock:
            return self._answers.get((key, encoding))

    def put(self, key: Hashable, stored: Stored) -> None:
        """Keep an answer, unless it is longer than all the room there is."""
        with self._lock:
            self._tags[key, stored.encoding] = stored.tag
            if len(stored.body) + 500 <= self._answers.maxsize:
                self._answers[key, stored.encoding] = stored

    def tag(self, key: Hashable, encoding: str = "") -> str | None:
        """Find the entity tag of an answer that was given, even if the answer is not kept any more."""
        with self._lock:
            return self._tags.get((key, encoding))

    def forget(self) -> None:
        """Drop everything; for tests of what happens then."""
        with self._lock:
            self._answers.clear()

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        return int(self._answers.currsize)


def entity_tag(digest: str, encoding: str = "") -> str:
    """Make the strong tag of an answer from the hash of its bytes.

    >>> entity_tag("0af3", "gzip")
    '"0af3-gzip"'
    """
    return f'"{digest}-{encoding}"' if encoding else f'"{digest}"'


def compressed(stored: Stored, digest: str) -> Stored:
    """Give the same answer in gzip."""
    body = gzip.compress(stored.body, GZIP_LEVEL, mtime=0)
    return Stored(body, stored.content_type, entity_tag(digest, "gzip"), "gzip", stored.rows, stored.links)


def may_keep(text: str) -> bool:
    """Say whether a query has the same answer as long as the graph is the same.

    >>> may_keep("SELECT * { ?rand ?p 'NOW()' }"), may_keep("SELECT (now() AS ?t) {}")
    (True, False)
    """
    plain = lexer.unescape(text)
    if not any(word in plain.upper() for word in _CHANGING):
        return True
    return not any(token.kind == "word" and token.upper in _CHANGING for token in lexer.tokens(plain))
