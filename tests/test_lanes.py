"""The lanes hand out places in turn, keep shares, and never lose a place or a worker."""

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import cast
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lungkg.engines import lanes as module
from lungkg.engines.lanes import Lane, Lanes
from lungkg.engines.process import Worker
from lungkg.errors import Cancelled, EngineBusy, EngineError

PATIENCE = 60.0  # seconds; bounds a hang on a slow machine, and is no measure of speed
EMPTY = {"quick_running": 0, "slow_running": 0, "quick_waiting": 0, "slow_waiting": 0}
BOTH = pytest.mark.parametrize("lane", ["quick", "slow"])


class Fake:
    """A worker without a process."""

    def __init__(self, *, starts: bool = True) -> None:
        self.alive, self.started, self.fenced = True, False, True
        self.killed = 0
        self._starts = starts

    def wait_started(self, until: float = math.inf, cancelled: object = None) -> bool:  # noqa: ARG002
        """Start, or say why not."""
        if not self._starts:
            raise EngineError("there is no store")
        if time.monotonic() >= until:
            return False
        self.started = True
        return True

    def kill(self) -> None:
        """End, which does no harm when done again."""
        self.alive = False
        self.killed += 1


class Factory:
    """Makes fake workers and remembers them."""

    def __init__(self) -> None:
        self.made: list[Fake] = []
        self.starts = True

    def __call__(self) -> Fake:
        """Make one more."""
        self.made.append(Fake(starts=self.starts))
        return self.made[-1]


def lanes_of(
    factory: Factory | None = None,
    *,
    quick: int = 1,
    slow: int = 1,
    quick_queue: int = 8,
    slow_queue: int = 8,
    share: int = 8,
) -> Lanes:
    """Make lanes over fake workers."""
    start = cast("Callable[[], Worker]", factory or Factory())
    return Lanes(start, quick, slow, quick_queue, slow_queue, share)


def enter(lanes: Lanes, lane: Lane, client: str, seconds: float = PATIENCE) -> None:
    """Enter a lane, or give up after so many seconds."""
    lanes.enter(lane, client, time.monotonic() + seconds, None)


def places(lanes: Lanes) -> dict[str, int]:
    """Count who runs and who waits; workers are not counted."""
    return {name: number for name, number in lanes.state().items() if name != "workers"}


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "this never came to be"
        time.sleep(0.002)


class Crowd:
    """Clients that wait in threads of their own, and the order in which their turns came."""

    def __init__(self) -> None:
        self.served: list[str] = []
        self.failed: list[Exception] = []
        self._gone = threading.Event()
        self._threads: list[threading.Thread] = []

    def wait(self, lanes: Lanes, lane: Lane, client: str) -> None:
        """Let a client wait; comes back when it stands in the queue."""
        waiting = lanes.state()[f"{lane}_waiting"]

        def run() -> None:
            try:
                lanes.enter(lane, client, time.monotonic() + PATIENCE, self._gone.is_set)
                self.served.append(client)
            except (EngineError, TimeoutError) as error:
                self.failed.append(error)

        thread = threading.Thread(target=run)
        self._threads.append(thread)
        thread.start()
        until(lambda: lanes.state()[f"{lane}_waiting"] == waiting + 1)

    def serve_all(self, lanes: Lanes, lane: Lane, first: str) -> list[str]:
        """Let `first` leave, then each who is served; gives the order of those who waited."""
        leaving = first
        for number in range(1, len(self._threads) + 1):
            lanes.leave(lane, leaving)
            until(lambda number=number: len(self.served) == number)  # type: ignore[misc]
            leaving = self.served[-1]
        lanes.leave(lane, leaving)
        return self.served

    def disperse(self) -> None:
        """Send all home."""
        self._gone.set()
        for thread in self._threads:
            thread.join(PATIENCE)


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    """Clients that wait; none is left when the test ends."""
    made = Crowd()
    yield made
    made.disperse()


# Places ------------------------------------------------------------------------------------------


@BOTH
def test_a_free_place_is_given_at_once(lane: Lane) -> None:
    """Nobody waits while there is room, not even one whose deadline has passed."""
    lanes = lanes_of(quick=2, slow=2)

    lanes.enter(lane, "a", 0.0, None)
    lanes.enter(lane, "b", 0.0, None)

    assert places(lanes) == {**EMPTY, f"{lane}_running": 2}


@BOTH
def test_a_place_that_is_given_back_is_free_again(lane: Lane) -> None:
    """After leaving, nothing is held, and the next one comes in."""
    lanes = lanes_of(share=1)

    for _ in range(3):
        enter(lanes, lane, "a")
        lanes.leave(lane, "a")

    assert places(lanes) == EMPTY


@BOTH
def test_clients_take_turns(lane: Lane, crowd: Crowd) -> None:
    """One query of another client comes second, however many the first client had waiting before."""
    lanes = lanes_of()
    enter(lanes, lane, "other")
    for client in "AAAAAB":
        crowd.wait(lanes, lane, client)

    order = crowd.serve_all(lanes, lane, "other")

    assert "".join(order) == "ABAAAA"
    assert places(lanes) == EMPTY


@BOTH
def test_turns_go_round_all_clients(lane: Lane, crowd: Crowd) -> None:
    """With several clients each has one turn a round, in the order in which they came."""
    lanes = lanes_of()
    enter(lanes, lane, "other")
    for client in "AABBCA":
        crowd.wait(lanes, lane, client)

    order = crowd.serve_all(lanes, lane, "other")

    assert "".join(order) == "ABCABA"


@BOTH
def test_a_full_queue_sends_away(lane: Lane, crowd: Crowd) -> None:
    """When as many wait as may, the next one is told so, with the name of the lane, and leaves no trace."""
    lanes = lanes_of(quick_queue=2, slow_queue=2, share=1)
    enter(lanes, lane, "a")
    crowd.wait(lanes, lane, "b")
    crowd.wait(lanes, lane, "c")
    before = places(lanes)

    for _ in range(2):
        with pytest.raises(EngineBusy, match=f"^2 queries wait already in the {lane} lane; try again shortly$"):
            enter(lanes, lane, "d")

    assert places(lanes) == before


def test_the_lanes_do_not_share_places(crowd: Crowd) -> None:
    """A full slow lane with a queue leaves the quick lane free."""
    lanes = lanes_of()
    enter(lanes, "slow", "a")
    crowd.wait(lanes, "slow", "b")

    enter(lanes, "quick", "c")

    assert places(lanes) == {**EMPTY, "slow_running": 1, "slow_waiting": 1, "quick_running": 1}


# Shares ------------------------------------------------------------------------------------------


def test_a_client_has_its_share_of_the_slow_lane_and_no_more() -> None:
    """One query too many of a client is sent away though there is room; another client comes in."""
    lanes = lanes_of(slow=4, share=2)
    enter(lanes, "slow", "a")
    enter(lanes, "slow", "a")

    with pytest.raises(EngineBusy, match=r"^2 long queries of this address run or wait already; wait for one"):
        enter(lanes, "slow", "a")
    enter(lanes, "slow", "b")

    assert places(lanes) == {**EMPTY, "slow_running": 3}


def test_those_who_wait_count_for_the_share(crowd: Crowd) -> None:
    """A query that waits in the slow lane holds a part of its client's share."""
    lanes = lanes_of(slow=1, share=2)
    enter(lanes, "slow", "a")
    crowd.wait(lanes, "slow", "a")

    with pytest.raises(EngineBusy, match="of this address"):
        enter(lanes, "slow", "a")

    assert places(lanes) == {**EMPTY, "slow_running": 1, "slow_waiting": 1}


def test_a_share_is_free_again_when_its_query_ends() -> None:
    """Who gives a place back may have it again."""
    lanes = lanes_of(slow=4, share=1)
    enter(lanes, "slow", "a")
    lanes.leave("slow", "a")

    enter(lanes, "slow", "a")

    assert lanes.state()["slow_running"] == 1


def test_the_quick_lane_knows_no_share() -> None:
    """One client may have every place of the quick lane."""
    lanes = lanes_of(quick=5, share=1)

    for _ in range(5):
        enter(lanes, "quick", "a")

    assert places(lanes) == {**EMPTY, "quick_running": 5}


# Changing lanes ----------------------------------------------------------------------------------


def test_a_query_changes_to_the_slow_lane_and_frees_its_quick_place() -> None:
    """With room in the slow lane the query holds a place there and none in the quick lane."""
    lanes = lanes_of()
    enter(lanes, "quick", "a")

    changed = lanes.change("a")

    assert changed
    assert places(lanes) == {**EMPTY, "slow_running": 1}


def test_the_place_of_one_who_changes_goes_to_the_next_in_turn(crowd: Crowd) -> None:
    """Who waited for the quick lane has its place as soon as another query leaves for the slow one."""
    lanes = lanes_of()
    enter(lanes, "quick", "a")
    crowd.wait(lanes, "quick", "b")

    changed = lanes.change("a")

    until(lambda: crowd.served == ["b"])
    assert changed
    assert places(lanes) == {**EMPTY, "quick_running": 1, "slow_running": 1}


@pytest.mark.parametrize(
    ("running", "waiting"),
    [
        pytest.param("b", "", id="the-slow-lane-is-full"),
        pytest.param("b", "c", id="somebody-waits"),
        pytest.param("aa", "", id="the-share-is-used-up"),
        pytest.param("a", "a", id="the-share-is-used-up-by-one-who-waits"),
    ],
)
def test_a_query_stays_when_the_slow_lane_cannot_take_it(running: str, waiting: str, crowd: Crowd) -> None:
    """Without room, or over the share, nothing changes and the query keeps its quick place."""
    lanes = lanes_of(slow=3 if running == "aa" else 1, share=2)
    for client in running:
        enter(lanes, "slow", client)
    for client in waiting:
        crowd.wait(lanes, "slow", client)
    enter(lanes, "quick", "a")
    before = places(lanes)

    changed = lanes.change("a")

    assert not changed
    assert places(lanes) == before


def test_changing_counts_for_the_share() -> None:
    """A query that changed holds a part of its client's share until it leaves the slow lane."""
    lanes = lanes_of(quick=2, slow=2, share=1)
    enter(lanes, "quick", "a")
    enter(lanes, "quick", "a")

    changed = [lanes.change("a"), lanes.change("a")]
    lanes.leave("slow", "a")
    changed.append(lanes.change("a"))

    assert changed == [True, False, True]


# Giving up ---------------------------------------------------------------------------------------


@BOTH
def test_a_deadline_gives_everything_back(lane: Lane) -> None:
    """Who waits until the deadline stands in no queue and holds no share afterwards."""
    lanes = lanes_of(share=1)
    enter(lanes, lane, "a")

    for _ in range(2):
        with pytest.raises(TimeoutError):
            lanes.enter(lane, "b", 0.0, None)
    lanes.leave(lane, "a")
    enter(lanes, lane, "b")

    assert places(lanes) == {**EMPTY, f"{lane}_running": 1}


@BOTH
def test_a_client_that_has_gone_gives_everything_back(lane: Lane) -> None:
    """Who goes while it waits stands in no queue and holds no share afterwards."""
    lanes = lanes_of(share=1)
    enter(lanes, lane, "a")

    for _ in range(2):
        with pytest.raises(Cancelled):
            lanes.enter(lane, "b", time.monotonic() + PATIENCE, lambda: True)
    lanes.leave(lane, "a")
    enter(lanes, lane, "b")

    assert places(lanes) == {**EMPTY, f"{lane}_running": 1}


@BOTH
def test_one_who_goes_is_passed_over(lane: Lane, crowd: Crowd) -> None:
    """The turn of a client that has gone is the turn of the next one."""
    lanes = lanes_of()
    enter(lanes, lane, "a")
    with pytest.raises(TimeoutError):
        lanes.enter(lane, "b", 0.0, None)
    crowd.wait(lanes, lane, "c")

    order = crowd.serve_all(lanes, lane, "a")

    assert order == ["c"]


@BOTH
@pytest.mark.parametrize(
    ("gone", "error"),
    [pytest.param(True, Cancelled, id="gone"), pytest.param(False, TimeoutError, id="deadline")],
)
def test_a_place_that_comes_too_late_is_passed_on(lane: Lane, gone: bool, error: type[Exception]) -> None:
    """A place that is granted in the very moment of giving up is not lost."""
    lanes = lanes_of(share=1)
    enter(lanes, lane, "a")
    leaving = iter(["a"])

    def cancelled() -> bool:
        for client in leaving:
            lanes.leave(lane, client)
        return gone

    with pytest.raises(error):
        lanes.enter(lane, "b", 0.0, cancelled)

    assert places(lanes) == EMPTY
    enter(lanes, lane, "b")


# Workers -----------------------------------------------------------------------------------------


def test_a_worker_that_is_handed_back_is_given_again() -> None:
    """One after the other, all queries have the same worker."""
    factory = Factory()
    lanes = lanes_of(factory, quick=4)

    for _ in range(3):
        with lanes.worker():
            pass

    assert [worker.killed for worker in factory.made] == [0]


def test_workers_start_when_they_are_needed() -> None:
    """There are as many workers as were in use at once."""
    factory = Factory()
    lanes = lanes_of(factory, quick=4)

    with lanes.worker() as one, lanes.worker() as other:
        assert one is not other
    with lanes.worker():
        pass

    assert lanes.state()["workers"] == len(factory.made) == 2


@pytest.mark.parametrize("error", [TimeoutError, Cancelled, KeyboardInterrupt], ids=lambda kind: kind.__name__)
def test_a_worker_that_is_not_handed_back_is_killed_and_replaced(error: type[BaseException]) -> None:
    """Whatever ends a query early ends its worker, and another one stands ready."""
    factory = Factory()
    lanes = lanes_of(factory)

    with pytest.raises(error), lanes.worker():
        raise error

    assert [worker.killed for worker in factory.made] == [1, 0]
    assert lanes.state()["workers"] == 1
    with lanes.worker() as next_one:
        assert next_one is cast("Worker", factory.made[1])


def test_an_idle_worker_that_died_is_replaced() -> None:
    """A query never gets a worker that is dead already."""
    factory = Factory()
    lanes = lanes_of(factory, quick=2)
    with lanes.worker(), lanes.worker():
        pass
    for worker in factory.made:
        worker.alive = False

    with lanes.worker() as found:
        assert found is cast("Worker", factory.made[2])

    assert [worker.killed for worker in factory.made] == [1, 1, 0]
    assert lanes.state()["workers"] == 1


def test_a_worker_that_starts_too_late_for_one_query_serves_the_next() -> None:
    """A query does not wait for a worker beyond its deadline, and what was begun is not thrown away."""
    factory = Factory()
    lanes = lanes_of(factory)

    with pytest.raises(TimeoutError), lanes.worker(until=0.0):
        pass
    with lanes.worker() as found:
        pass

    assert factory.made == [cast("Fake", found)]
    assert (True, 0) == (factory.made[0].started, factory.made[0].killed)


def test_a_worker_that_never_started_is_not_replaced() -> None:
    """Where no worker can start, none is started over and over; each query tries once and is told why."""
    factory = Factory()
    factory.starts = False
    lanes = lanes_of(factory)

    for _ in range(2):
        with pytest.raises(EngineError, match="there is no store"), lanes.worker():
            pass

    assert [worker.killed for worker in factory.made] == [1, 1]
    assert lanes.state()["workers"] == 0


def test_warming_starts_a_worker_for_every_place() -> None:
    """There are as many workers as places in both lanes, and no more when it is done again."""
    factory = Factory()
    lanes = lanes_of(factory, quick=3, slow=2)

    lanes.warm()
    lanes.warm()

    assert lanes.state()["workers"] == len(factory.made) == 5


def test_warming_says_why_no_worker_starts() -> None:
    """The reason of the worker is told."""
    factory = Factory()
    factory.starts = False

    with pytest.raises(EngineError, match="there is no store"):
        lanes_of(factory).warm()


def test_lanes_are_fenced_when_a_worker_said_so() -> None:
    """Before any worker started nobody knows, so they count as open."""
    lanes = lanes_of()

    before = lanes.fenced
    lanes.warm()

    assert (before, lanes.fenced) == (False, True)


def test_closing_kills_all_workers_idle_or_not() -> None:
    """No worker outlives its lanes: neither one at work, nor one that is handed back later."""
    factory = Factory()
    lanes = lanes_of(factory, quick=2)
    lanes.warm()

    with lanes.worker():
        lanes.close()
        killed = [worker.killed for worker in factory.made]

    assert killed == [1, 1, 1]
    assert [worker.alive for worker in factory.made] == [False, False, False]
    assert lanes.state()["workers"] == 0


def test_a_worker_that_fails_after_closing_is_not_replaced() -> None:
    """Closed lanes start no worker in place of another."""
    factory = Factory()
    lanes = lanes_of(factory)

    def close_and_fail() -> None:
        lanes.close()
        raise TimeoutError

    with pytest.raises(TimeoutError), lanes.worker():
        close_and_fail()

    assert [worker.alive for worker in factory.made] == [False]


def test_closed_lanes_start_no_worker() -> None:
    """A query whose turn comes when the lanes are closed is refused, and no process is started for it."""
    factory = Factory()
    lanes = lanes_of(factory)
    lanes.close()

    with pytest.raises(EngineError), lanes.worker():
        pass

    assert factory.made == []


# Whatever happens --------------------------------------------------------------------------------

CLIENTS = "abc"
steps = st.lists(
    st.tuples(st.sampled_from(["quick", "slow", "leave", "change"]), st.sampled_from(CLIENTS)),
    max_size=60,
)
sizes = st.fixed_dictionaries(
    {name: st.integers(1, 3) for name in ("quick", "slow", "share")}
    | {name: st.integers(0, 2) for name in ("quick_queue", "slow_queue")}
)


class Model:
    """What the lanes should do, for clients that never wait."""

    def __init__(self, sizes: dict[str, int]) -> None:
        self.sizes = sizes
        self.held: list[tuple[Lane, str]] = []

    def busy(self, lane: Lane) -> int:
        """Count the places that are taken."""
        return sum(held == lane for held, _ in self.held)

    def entering(self, lane: Lane, client: str) -> type[Exception] | None:
        """Say how it ends when a client enters that gives up at once."""
        if lane == "slow" and not self.allows(client):
            return EngineBusy
        if self.busy(lane) < self.sizes[lane]:
            return None
        return TimeoutError if self.sizes[f"{lane}_queue"] else EngineBusy

    def allows(self, client: str) -> bool:
        """Say whether the share of a client has room."""
        return self.held.count(("slow", client)) < self.sizes["share"]

    def changing(self, client: str) -> bool:
        """Say whether a query may change lanes."""
        return self.busy("slow") < self.sizes["slow"] and self.allows(client)


def outcome(lanes: Lanes, lane: Lane, client: str) -> type[Exception] | None:
    """Enter with a deadline that has passed, and say how it ended."""
    try:
        lanes.enter(lane, client, 0.0, None)
    except (EngineBusy, TimeoutError) as error:
        return type(error)
    return None


def walk(lanes: Lanes, model: Model, step: str, client: str) -> None:
    """Do one step with lanes and model, which have to agree."""
    if step in ("quick", "slow"):
        lane = cast("Lane", step)
        expected = model.entering(lane, client)
        assert outcome(lanes, lane, client) == expected
        if expected is None:
            model.held.append((lane, client))
        return
    if step == "leave":
        for lane, holder in [held for held in model.held if held[1] == client][:1]:
            lanes.leave(lane, holder)
            model.held.remove((lane, holder))
    elif ("quick", client) in model.held:
        changing = model.changing(client)
        assert lanes.change(client) == changing
        if changing:
            model.held.remove(("quick", client))
            model.held.append(("slow", client))


@settings(deadline=None, max_examples=150)
@given(sizes, steps)
def test_no_sequence_of_events_breaks_the_limits_or_loses_a_place(
    sizes: dict[str, int], steps: list[tuple[str, str]]
) -> None:
    """Places, queues and shares are as a simple model has them after every step, and all free at the end."""
    lanes = Lanes(cast("Callable[[], Worker]", Factory()), **sizes)
    model = Model(sizes)

    with mock.patch.object(module, "_LOOK_UP_SECONDS", 0.0):
        for step, client in steps:
            walk(lanes, model, step, client)
            counts = {"quick_running": model.busy("quick"), "slow_running": model.busy("slow")}
            assert places(lanes) == {**EMPTY, **counts}

    for lane, client in model.held:
        lanes.leave(lane, client)
    assert places(lanes) == EMPTY
    assert not lanes._held


def test_many_threads_at_once_never_exceed_the_places() -> None:
    """With twelve clients that come and go in both lanes, each lane runs as many at once as it has places."""
    lanes = lanes_of(quick=3, slow=2, quick_queue=20, slow_queue=20)
    running: Counter[str] = Counter()
    most: Counter[str] = Counter()
    lock = threading.Lock()
    failed: list[BaseException] = []

    def count(lane: Lane, change: int) -> None:
        with lock:
            running[lane] += change
            most[lane] = max(most[lane], running[lane])

    def visit(number: int) -> None:
        for turn in range(15):
            lane: Lane = "quick" if (number + turn) % 3 else "slow"
            enter(lanes, lane, f"client {number % 4}")
            count(lane, 1)
            with lanes.worker():
                time.sleep(0.0005)
            count(lane, -1)
            lanes.leave(lane, f"client {number % 4}")

    def run(number: int) -> None:
        try:
            visit(number)
        except BaseException as error:  # noqa: BLE001 # a thread has nobody to tell
            failed.append(error)

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)

    assert failed == []
    assert (most["quick"] <= 3, most["slow"] <= 2) == (True, True)
    assert lanes.state()["workers"] <= 5
    assert places(lanes) == EMPTY
    assert not lanes._held
