"""What is served at the moment, and the change to a new release while requests are running."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from lungkg.engines import Engine
from lungkg.errors import LungkgError
from lungkg.project import Project
from lungkg.queries import CannedQuery
from lungkg.queries.names import Names
from lungkg.release import Release, current
from lungkg.web.cache import AnswerCache

_NAMES_SECONDS: Final = 30.0
LOOK_SECONDS: Final = 1.0  # how often a served folder is looked at for a new release


@dataclass(frozen=True)
class Served:
    """One release with the engine that answers from it and the answers that were given.

    They may be given again as long as the engine is `constant`: nobody writes into what it answers from.
    """

    engine: Engine
    project: Project
    release: Release
    catalogue: Mapping[str, CannedQuery] = field(default_factory=dict)
    answers: AnswerCache = field(default_factory=lambda: AnswerCache(0))
    constant: bool = True

    @property
    def names(self) -> Names:
        """Look up what names of things mean in this release."""
        return Names.of_engine(self.engine, self.project, timeout=_NAMES_SECONDS)


class Service:
    """Holds what is served; a request leases it, so that what is replaced ends only after its last request."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._leases = {id(served): 0}
        self._lock = threading.Lock()

    @property
    def served(self) -> Served:
        """What is served now; use `lease` to work with its engine."""
        return self._served

    @contextmanager
    def lease(self) -> Iterator[Served]:
        """Give what is served now, and keep it alive until the end of the block."""
        with self._lock:
            served = self._served
            self._leases[id(served)] += 1
        try:
            yield served
        finally:
            with self._lock:
                self._leases[id(served)] -= 1
                last = served is not self._served and not self._leases[id(served)]
                if last:
                    del self._leases[id(served)]
            if last:
                served.engine.close()

    def switch(self, served: Served) -> None:
        """Serve something else from now on; what was served before ends with its last request."""
        with self._lock:
            before, self._served = self._served, served
            self._leases[id(served)] = 0
            unused = not self._leases[id(before)]
            if unused:
                del self._leases[id(before)]
        if unused:
            before.engine.close()

    def close(self) -> None:
        """End the engine that serves now."""
        self._served.engine.close()


def read_names(served: Served) -> None:
    """Read the names of things: otherwise the first visitor waits for it, 3 s where there are 100,000 claims."""
    served.names.read()


class Follower:
    """Switches a service to each new release that a build publishes, and makes the served one ready for visitors."""

    def __init__(
        self,
        service: Service,
        out: Path,
        serve: Callable[[Release], Served],
        say: Callable[[str], None],
        prepare: Callable[[Served], None] = read_names,
    ) -> None:
        self._service, self._out, self._serve, self._say = service, out, serve, say
        self._ready = prepare
        self._ended = threading.Event()
        self._refused: Path | None = None
        self._thread = threading.Thread(target=self._follow, name="follow-releases", daemon=True)

    def look(self) -> bool:
        """Switch when there is another release than the one served; say whether that was so."""
        found = current(self._out)
        if found is None or found.path in (self._service.served.release.path, self._refused):
            return False
        try:
            self._service.switch(self._serve(found))
        except (LungkgError, OSError) as error:
            self._refused = found.path
            self._say(f"cannot serve release {found.path.name[:12]}, going on with the one before: {error}")
            return False
        self._say(f"serving release {found.id[:12]}")
        return True

    def _follow(self) -> None:
        self._prepare()
        while not self._ended.wait(LOOK_SECONDS):
            if self.look():
                self._prepare()

    def _prepare(self) -> None:
        """Do what is not needed for an answer; it is done later, or by a visitor, where it fails."""
        with self._service.lease() as served, suppress(LungkgError, OSError):
            self._ready(served)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._ended.set()
        self._thread.join()
