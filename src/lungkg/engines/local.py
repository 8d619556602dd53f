"""The local engine: pyoxigraph on a built store, in worker processes that can be killed.

Oxigraph's own timeout does not hold (a limit of 3 s was measured to run 62 s) and a query cannot be
stopped from within its process, so every query runs in a worker that can be ended from outside.
"""

import contextlib
import math
import signal
import threading
import time
import weakref
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final, NoReturn, Self

from lungkg import lexer
from lungkg.engines.base import DEFAULT_TIMEOUT, Answer, NotAcceptable, calls_out, syntax_error
from lungkg.engines.habits import Habits
from lungkg.engines.lanes import Lanes
from lungkg.engines.process import Recipe, Reply, Worker, WorkerLost
from lungkg.errors import AnswerTooLong, EngineBusy, EngineDied, EngineError, EngineTimeout, QueryRefused, QueryTooDeep
from lungkg.formats import RESULTS, Format
from lungkg.limits import MEGABYTE, Limits

_NOT_PERMITTED: Final = "Operation not permitted"  # what a worker says that tried to open a socket
_CALLING_WORKERS: Final = 2  # for queries that call allowed servers


class _Unfinished(Exception):
    """The query had to leave its lane before it was done."""


class LocalEngine:
    """Answers queries over the store of one release; see lungkg.engines.base.Engine for the contract.

    Workers start when they are first needed, or all at once by `ready`. `base` makes relative IRIs whole.
    Without a `store` there are no triples, which is enough to parse.
    `services` are the addresses that SERVICE may call: such queries run in workers of their own, the others
    cannot open sockets.
    """

    def __init__(
        self,
        store: Path | None,
        prefixes: Mapping[str, str],
        limits: Limits | None = None,
        *,
        base: str = "",
        services: Collection[str] = (),
    ) -> None:
        self.limits = limits or Limits()
        self._prefixes, self._base = dict(prefixes), base
        recipe = Recipe(
            store and store.resolve(),
            self._prefixes,
            self.limits.memory,
            int(self.limits.kept_size * MEGABYTE),
            self.limits.answer_size * MEGABYTE,
            self.limits.spill,
        )
        self._lanes = self._make_lanes(recipe, self.limits.quick_workers, self.limits.slow_workers)
        calling = replace(recipe, network=True)
        self._calling = self._make_lanes(calling, _CALLING_WORKERS, _CALLING_WORKERS) if services else None
        self._habits = Habits()
        self._files: weakref.WeakSet[BinaryIO] = weakref.WeakSet()  # of long answers that were given out
        self._lock = threading.Lock()

    def _make_lanes(self, recipe: Recipe, quick: int, slow: int) -> Lanes:
        limits = self.limits
        start = partial(Worker, recipe)
        return Lanes(start, quick, slow, limits.quick_queue, limits.slow_queue, limits.share)

    def ready(self) -> bool:
        """Start all workers and wait for one to open the store; raises EngineError with the reason."""
        self._lanes.warm()
        return True

    def query(
        self,
        text: str,
        format: Format,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        client: str = "",
        cancelled: Callable[[], bool] | None = None,
    ) -> Answer:
        """Answer one query; see Engine.query."""
        asked = {
            "parse": False,
            "text": text,
            "base": self._base,
            "format": format.name,
            "default": list(default_graphs),
            "named": list(named_graphs),
            # The protocol's parameters overrule FROM, and FROM overrules the union that is the default.
            "union": not (default_graphs or named_graphs or lexer.has_keyword(lexer.unescape(text), "FROM")),
        }
        lanes = self._calling if self._calling is not None and calls_out(text) else self._lanes
        run = _Run(lanes, asked, client, time.monotonic(), timeout, cancelled)
        reply, lane = self._run(run, text, hash((text, tuple(default_graphs), tuple(named_graphs))))
        if "error" in reply.head:
            self._refuse(reply, text, format)
        return Answer(
            reply.content,
            format,
            self._counted(reply.file),
            reply.head["size"],
            reply.head["digest"],
            reply.head["rows"],
            lane,
            run.waited,
            time.monotonic() - run.began - run.waited,
        )

    def parse(self, text: str, *, timeout: float, cancelled: Callable[[], bool] | None = None) -> None:
        """Parse a query without running it, in a worker, because some queries are too deep for a process to survive.

        Raises what `query` raises for such a text.
        """
        asked = {"parse": True, "text": text, "format": "json"}
        reply, _ = self._run(_Run(self._lanes, asked, "", time.monotonic(), timeout, cancelled), text, hash(text))
        if "error" in reply.head:
            self._refuse(reply, text, RESULTS[0])

    def _run(self, run: "_Run", text: str, key: int) -> tuple[Reply, str]:
        try:
            return self._through_the_lanes(run, text, key)
        except (TimeoutError, _Unfinished):
            raise EngineTimeout(run.timeout) from None
        except WorkerLost as lost:
            if self._lanes.closed:
                raise EngineError("the query was stopped: the engine has been closed") from None
            # Out of memory, Rust aborts; out of stack, the process ends by SIGSEGV.
            raise (QueryTooDeep() if lost.code == -signal.SIGSEGV else EngineDied(self.limits.memory)) from None
        finally:
            if run.worked >= self.limits.quick:
                self._habits.learn(text, key, slow=True)

    def _through_the_lanes(self, run: "_Run", text: str, key: int) -> tuple[Reply, str]:
        if not self._habits.is_slow(text, key):
            with contextlib.suppress(_Unfinished):
                return self._noted(run, text, key, run.quick(self.limits.quick))
        return self._noted(run, text, key, run.slow())

    def _noted(self, run: "_Run", text: str, key: int, found: tuple[Reply, str]) -> tuple[Reply, str]:
        if run.worked < self.limits.quick:
            self._habits.learn(text, key, slow=False)
        return found

    def _refuse(self, reply: Reply, text: str, format: Format) -> NoReturn:
        if reply.file is not None:
            reply.file.close()
        kind, message = reply.head["error"], reply.head.get("message", "")
        if kind == "syntax":
            raise syntax_error(SyntaxError(message), text, self._prefixes)
        if kind == "long":
            raise AnswerTooLong(self.limits.answer_size)
        if kind == "memory":
            raise EngineDied(self.limits.memory)
        if kind == "unwritable" or (format.name == "rdfxml" and "XML" in message):
            raise NotAcceptable(f"the answer cannot be written as {format.name}: {message}; ask for another format")
        if _NOT_PERMITTED in message:
            raise QueryRefused("SERVICE is refused: this endpoint does not call other servers")
        raise EngineError(f"the query could not be evaluated: {message}")

    def _counted(self, file: BinaryIO | None) -> BinaryIO | None:
        """Bound how many answers lie in files at once: slow readers must not fill the disk."""
        if file is None:
            return None
        with self._lock:
            if self._open_answers() >= self.limits.open_answers:
                file.close()
                raise EngineBusy("too many long answers are on their way to slow readers; try again shortly")
            self._files.add(file)
        return file

    def _open_answers(self) -> int:
        return sum(not file.closed for file in list(self._files))

    @property
    def fenced(self) -> bool:
        """Say whether workers are known to be unable to open sockets."""
        return self._lanes.fenced

    def state(self) -> dict[str, int]:
        """Count who runs, who waits and which answers are open, for the metrics."""
        return {**self._lanes.state(), "open_answers": self._open_answers()}

    def close(self) -> None:
        """End the workers, whatever they do."""
        self._lanes.close()
        if self._calling is not None:
            self._calling.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()


class _Run:
    """One query on its way through the lanes."""

    def __init__(
        self,
        lanes: Lanes,
        asked: dict[str, Any],
        client: str,
        began: float,
        timeout: float,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self._lanes, self._asked, self._client = lanes, asked, client
        self.began, self.timeout, self._until, self._cancelled = began, timeout, began + timeout, cancelled
        self.waited = 0.0
        self._asked_at = math.inf

    def quick(self, budget: float) -> tuple[Reply, str]:
        """Run in the quick lane and, if there is room, on in the slow one; raises _Unfinished when there is not."""
        lane = "quick"
        self._lanes.enter("quick", self._client, self._until, self._cancelled)
        try:
            with self._lanes.worker(self._until, self._cancelled) as worker:
                self._ask(worker)
                reply = worker.reply(min(self._until, time.monotonic() + budget), self._cancelled)
                if reply is None and self._lanes.change(self._client):
                    lane = "slow"
                    reply = worker.reply(self._until, self._cancelled)
                if reply is None:
                    raise TimeoutError if lane == "slow" or time.monotonic() >= self._until else _Unfinished
                return reply, lane
        finally:
            self._lanes.leave(lane, self._client)  # type: ignore[arg-type]

    def slow(self) -> tuple[Reply, str]:
        """Run in the slow lane; raises _Unfinished at the deadline."""
        self._lanes.enter("slow", self._client, self._until, self._cancelled)
        try:
            with self._lanes.worker(self._until, self._cancelled) as worker:
                self._ask(worker)
                reply = worker.reply(self._until, self._cancelled)
                if reply is None:
                    raise _Unfinished
                return reply, "slow"
        finally:
            self._lanes.leave("slow", self._client)

    def _ask(self, worker: Worker) -> None:
        self._asked_at = time.monotonic()
        self.waited = self._asked_at - self.began
        worker.ask(self._asked)

    @property
    def worked(self) -> float:
        """Seconds since a worker was asked, the last time if it was asked twice; below 0 before that."""
        return time.monotonic() - self._asked_at
