"""Remembers which queries take long, so that they start in the slow lane and nothing is done twice.

A text that took long once will again. So will another one of the same shape, the same but for IRIs, strings and
numbers, if the last few of that shape did; one quick answer, and the shape is trusted again.
"""

import re
import threading
from typing import Final

from cachetools import LRUCache

_REMEMBERED: Final = 4096  # texts, and as many shapes
_IN_A_ROW: Final = 3
_LOOKED_AT: Final = 4096  # characters of a text that make its shape
_VALUES: Final = re.compile(r"<[^>\s]*>|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|\b\d+\b")


class Habits:
    """Which texts and shapes of queries were slow; safe for threads."""

    def __init__(self) -> None:
        self._texts: LRUCache[int, bool] = LRUCache(_REMEMBERED)
        self._shapes: LRUCache[int, int] = LRUCache(_REMEMBERED)  # how many in a row were slow
        self._lock = threading.Lock()

    def is_slow(self, text: str, key: int) -> bool:
        """Say whether a query is likely to take long; `key` is a hash of all that its answer depends on."""
        shape = shape_of(text)
        with self._lock:
            return key in self._texts or self._shapes.get(shape, 0) >= _IN_A_ROW

    def learn(self, text: str, key: int, *, slow: bool) -> None:
        """Remember how a query went."""
        shape = shape_of(text)
        with self._lock:
            if slow:
                self._texts[key] = True
                self._shapes[shape] = self._shapes.get(shape, 0) + 1
            else:
                self._texts.pop(key, None)
                self._shapes.pop(shape, None)


def shape_of(text: str) -> int:
    """Hash a text without its IRIs, strings and numbers.

    >>> shape_of("ASK { <a:b> ?p 'x' } LIMIT 5") == shape_of("ASK { <c:d> ?p 'y' } LIMIT 6")
    True
    """
    return hash(_VALUES.sub("_", text[:_LOOKED_AT]))
