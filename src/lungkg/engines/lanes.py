"""Two lanes for queries: every one starts in the quick lane, and what takes long goes on in the slow one.

Look-ups therefore never wait behind long queries. In both lanes clients take turns, and in the slow lane
each may hold only a few places, so that one client cannot keep the others out.

A query that leaves the quick lane keeps its worker when the slow lane has room: there are as many workers
as places in both lanes together, so the quick lane loses nothing, and no work is done twice.
"""

import math
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Literal

from lungkg.engines.process import Worker
from lungkg.errors import Cancelled, EngineBusy, EngineError

Lane = Literal["quick", "slow"]

_LOOK_UP_SECONDS: Final = 0.1

Wanted = Callable[[], bool] | None
"""Says whether the client has gone; None when nobody can tell."""


class _Queue:
    """Those who wait for a place in a lane; clients take turns."""

    def __init__(self) -> None:
        self._turns: OrderedDict[str, deque[threading.Event]] = OrderedDict()

    def __len__(self) -> int:
        return sum(len(turns) for turns in self._turns.values())

    def join(self, client: str) -> threading.Event:
        granted = threading.Event()
        self._turns.setdefault(client, deque()).append(granted)
        return granted

    def leave(self, client: str, granted: threading.Event) -> None:
        turns = self._turns.get(client)
        if turns and granted in turns:
            turns.remove(granted)
            if not turns:
                del self._turns[client]

    def next(self) -> threading.Event | None:
        """Take out the first of the client whose turn it is, and put that client last."""
        if not self._turns:
            return None
        client, turns = next(iter(self._turns.items()))
        granted = turns.popleft()
        self._turns.move_to_end(client)
        if not turns:
            del self._turns[client]
        return granted


class Lanes:
    """Hands out places in the lanes, and workers to those who hold one."""

    def __init__(
        self, start: Callable[[], Worker], quick: int, slow: int, quick_queue: int, slow_queue: int, share: int
    ) -> None:
        self._start = start
        self._places: dict[Lane, int] = {"quick": quick, "slow": slow}
        self._longest: dict[Lane, int] = {"quick": quick_queue, "slow": slow_queue}
        self._share = share
        self._busy: Counter[Lane] = Counter()
        self._waiting: dict[Lane, _Queue] = {"quick": _Queue(), "slow": _Queue()}
        self._held: Counter[str] = Counter()  # places in the slow lane, running or waiting, by client
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()
        self._lock = threading.Lock()
        self.closed = False
        self.fenced = False  # until a worker said so

    # Places ------------------------------------------------------------------------------------

    def enter(self, lane: Lane, client: str, until: float, cancelled: Wanted) -> None:
        """Wait for a place; raises EngineBusy, TimeoutError at `until` (time.monotonic), or Cancelled."""
        with self._lock:
            if lane == "slow":
                self._hold(client)
            if self._busy[lane] < self._places[lane] and not len(self._waiting[lane]):
                self._busy[lane] += 1
                return
            if len(self._waiting[lane]) >= self._longest[lane]:
                self._let_go(lane, client)
                raise EngineBusy(f"{self._longest[lane]} queries wait already in the {lane} lane; try again shortly")
            granted = self._waiting[lane].join(client)
        while not granted.wait(_LOOK_UP_SECONDS):
            gone = cancelled is not None and cancelled()
            if gone or time.monotonic() >= until:
                self._give_up(lane, client, granted)
                raise Cancelled if gone else TimeoutError

    def leave(self, lane: Lane, client: str) -> None:
        """Give a place back; the next in turn has it at once."""
        with self._lock:
            self._let_go(lane, client)
            self._pass_on(lane)

    def change(self, client: str) -> bool:
        """Change from the quick lane to the slow one without stopping, if it has room and nobody waits for it."""
        with self._lock:
            room = self._busy["slow"] < self._places["slow"] and not len(self._waiting["slow"])
            if not room or self._held[client] >= self._share:
                return False
            self._held[client] += 1
            self._busy["slow"] += 1
            self._pass_on("quick")
            return True

    def _hold(self, client: str) -> None:
        if self._held[client] >= self._share:
            raise EngineBusy(
                f"{self._share} long queries of this address run or wait already; wait for one of them to end"
            )
        self._held[client] += 1

    def _let_go(self, lane: Lane, client: str) -> None:
        if lane == "slow":
            self._held[client] -= 1
            if not self._held[client]:
                del self._held[client]

    def _pass_on(self, lane: Lane) -> None:
        granted = self._waiting[lane].next()
        if granted is None:
            self._busy[lane] -= 1
        else:
            granted.set()

    def _give_up(self, lane: Lane, client: str, granted: threading.Event) -> None:
        with self._lock:
            self._let_go(lane, client)
            if granted.is_set():  # it came in the same moment: pass it on
                self._pass_on(lane)
            else:
                self._waiting[lane].leave(client, granted)

    # Workers -----------------------------------------------------------------------------------

    @contextmanager
    def worker(self, until: float = math.inf, cancelled: Wanted = None) -> Iterator[Worker]:
        """Give a started worker to one who holds a place; one that is not handed back is killed and replaced.

        Raises EngineError when it does not start, TimeoutError when it has not started by then, or Cancelled.
        """
        found = self._take()
        try:
            ready = found.wait_started(until, cancelled)
        except BaseException:
            self._discard(found)
            raise
        if not ready:
            self._put_back(found)
            raise TimeoutError
        try:
            self.fenced = found.fenced
            yield found
        except BaseException:
            self._discard(found)
            raise
        self._put_back(found)

    def _take(self) -> Worker:
        with self._lock:
            if self.closed:
                raise EngineError("the engine has been closed")
            while self._idle:
                found = self._idle.pop()
                if found.alive:
                    return found
                self._all.discard(found)
                found.kill()
            return self._new()

    def _new(self) -> Worker:
        made = self._start()
        self._all.add(made)
        return made

    def _put_back(self, worker: Worker) -> None:
        with self._lock:
            if not self.closed:
                self._idle.append(worker)
                return
        worker.kill()

    def _discard(self, worker: Worker) -> None:
        worker.kill()
        with self._lock:
            self._all.discard(worker)
            if worker.started and not self.closed:
                # Started now, it is ready when the next query comes. One that never started is not
                # replaced: whoever comes next tries again, and is told why if that fails, too.
                self._idle.insert(0, self._new())

    def warm(self) -> None:
        """Start all workers; raises EngineError when the first does not start."""
        with self._lock:
            missing = sum(self._places.values()) - len(self._all)
            self._idle += [self._new() for _ in range(missing)]
        with self.worker():
            pass

    def close(self) -> None:
        """End all workers, whatever they do."""
        with self._lock:
            self.closed = True
            doomed = list(self._all)
            self._all.clear()
            self._idle.clear()
        for worker in doomed:
            worker.kill()

    def state(self) -> dict[str, int]:
        """Count who runs and who waits, for the metrics."""
        with self._lock:
            return {
                "quick_running": self._busy["quick"],
                "slow_running": self._busy["slow"],
                "quick_waiting": len(self._waiting["quick"]),
                "slow_waiting": len(self._waiting["slow"]),
                "workers": len(self._all),
            }
