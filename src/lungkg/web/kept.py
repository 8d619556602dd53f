"""What is made once for each release that is served, not once for each request."""

import threading
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from lungkg.web.service import Served

T = TypeVar("T")

_FRESH_SECONDS: Final = 60.0  # for engines that others may write into


class Kept(Generic[T]):
    """Holds what `make` makes of the release that is served; made again for another release.

    For an engine that is not constant it is made again after a minute, too. What fails is not kept.
    """

    def __init__(self, make: Callable[[Served], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._kept: tuple[Served, T, float] | None = None

    def of(self, served: Served) -> T:
        """Give what belongs to a release."""
        with self._lock:
            kept = self._kept
            if kept is not None and kept[0] is served and (served.constant or time.monotonic() < kept[2]):
                return kept[1]
            made = self._make(served)
            self._kept = (served, made, time.monotonic() + _FRESH_SECONDS)
            return made
