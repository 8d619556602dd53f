"""What is served now and what comes next: nobody meets an engine that ended, and a bad release changes nothing."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, NoReturn, cast

import pytest

from lungkg.engines import Engine
from lungkg.errors import EngineError, InputError, LungkgError, Place, SystemProblem
from lungkg.project import Project
from lungkg.release import Release, publish
from lungkg.web import service as service_module
from lungkg.web.service import Follower, Served, Service

PATIENCE: Final = 60.0  # seconds; a bound on hanging, not a measure of speed


class Recorder:
    """An engine that counts how often it was closed, and minds being used afterwards."""

    def __init__(self) -> None:
        self.closed = 0
        self.used_after = 0
        self.asked = threading.Event()

    def query(self, *_given: object, **_more: object) -> NoReturn:
        """Note that something was asked, and fail."""
        self.asked.set()
        raise EngineError("this engine answers nothing")

    def use(self) -> None:
        """Do what a query does."""
        if self.closed:
            self.used_after += 1

    def close(self) -> None:
        """End."""
        self.closed += 1


def served(engine: Recorder, release: Path = Path("release")) -> Served:
    """Serve an engine; nothing here looks at the project but for its base."""
    return Served(
        cast("Engine", engine), cast("Project", SimpleNamespace(base="https://example.org/")), Release(release)
    )


# Leases ------------------------------------------------------------------------------------------


def test_a_lease_gives_what_is_served() -> None:
    """Before a switch it is the one, after it the other."""
    one, other = served(Recorder()), served(Recorder())
    service = Service(one)

    with service.lease() as before:
        pass
    service.switch(other)
    with service.lease() as after:
        pass

    assert [True, True, True] == [before is one, after is other, service.served is other]


def test_an_engine_that_nobody_uses_is_closed_by_the_switch() -> None:
    """It ends at once and once, and the new one goes on."""
    old, new = Recorder(), Recorder()
    service = Service(served(old))

    service.switch(served(new))

    assert (1, 0) == (old.closed, new.closed)


def test_a_lease_that_ended_before_holds_nothing_up() -> None:
    """Only leases that are held count."""
    old = Recorder()
    service = Service(served(old))
    with service.lease():
        pass

    service.switch(served(Recorder()))

    assert 1 == old.closed


@pytest.mark.parametrize("leases", [1, 2, 5])
def test_an_engine_is_closed_after_its_last_lease(leases: int) -> None:
    """Each lease but the last leaves it open; the last one closes it once."""
    old = Recorder()
    service = Service(served(old))
    held = [service.lease() for _ in range(leases)]
    for lease in held:
        lease.__enter__()
    service.switch(served(Recorder()))

    closed = [old.closed]
    for lease in held:
        lease.__exit__(None, None, None)
        closed.append(old.closed)

    assert [*[0] * leases, 1] == closed


def test_a_lease_that_fails_ends_too() -> None:
    """An error within the block passes, and the engine is let go."""
    old = Recorder()
    service = Service(served(old))

    def fail() -> None:
        with service.lease():
            service.switch(served(Recorder()))
            assert not old.closed
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert 1 == old.closed


def test_leases_of_several_releases_end_each_on_its_own() -> None:
    """Two switches during a long request close the one between at once, and the first after the request."""
    engines = [Recorder() for _ in range(3)]
    service = Service(served(engines[0]))

    with service.lease():
        service.switch(served(engines[1]))
        service.switch(served(engines[2]))
        during = [engine.closed for engine in engines]

    assert ([0, 1, 0], [1, 1, 0]) == (during, [engine.closed for engine in engines])


def test_a_lease_after_a_switch_is_of_the_new_one() -> None:
    """Even while the old one is still leased."""
    new = served(Recorder())
    service = Service(served(Recorder()))

    with service.lease():
        service.switch(new)
        with service.lease() as found:
            assert found is new


def test_closing_ends_the_engine_that_serves_now() -> None:
    """The one before has ended already."""
    old, new = Recorder(), Recorder()
    service = Service(served(old))
    service.switch(served(new))

    service.close()

    assert (1, 1) == (old.closed, new.closed)


def test_no_request_ever_meets_an_engine_that_ended() -> None:
    """Threads lease all the time while another switches: none finds its engine closed, and all but the last close."""
    engines = [Recorder() for _ in range(200)]
    service = Service(served(engines[0]))
    ended = threading.Event()
    leased = threading.Semaphore(0)

    def ask() -> None:
        while not ended.is_set():
            with service.lease() as found:
                engine = cast("Recorder", found.engine)
                engine.use()
                leased.release()
                engine.use()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for engine in engines[1:]:
        assert leased.acquire(timeout=PATIENCE)
        service.switch(served(engine))
    ended.set()
    for thread in threads:
        thread.join(PATIENCE)

    assert [0] * len(engines) == [engine.used_after for engine in engines]
    assert [*[1] * (len(engines) - 1), 0] == [engine.closed for engine in engines]


# Following releases ------------------------------------------------------------------------------


class Folder:
    """A folder of releases with a service that follows it; what is said and what is opened is written down."""

    def __init__(self, out: Path, failure: Exception | None = None) -> None:
        self.out, self.failure = out, failure
        self.said: list[str] = []
        self.opened: list[str] = []
        self.first = Recorder()
        self.service = Service(served(self.first, self.build("aaaa").path))
        self.follower = Follower(self.service, out, self.open, self.said.append)

    def build(self, name: str) -> Release:
        """Publish a release as a build does."""
        folder = self.out / f"staged-{name}"
        folder.mkdir()
        (folder / "release.json").write_text(json.dumps({"id": name * 16, "date": "2026-01-01"}), "utf-8")
        return publish(folder, self.out, name)

    def open(self, release: Release) -> Served:
        """Open a release, or fail."""
        self.opened.append(release.path.name)
        if self.failure:
            raise self.failure
        return served(Recorder(), release.path)

    @property
    def serving(self) -> str:
        """The name of the release that is served."""
        return self.service.served.release.path.name


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A folder with a first release, which is served."""
    return Folder(tmp_path)


def test_nothing_new_changes_nothing(folder: Folder) -> None:
    """Looking again at the same release opens nothing and says nothing."""
    looks = [folder.follower.look() for _ in range(3)]

    assert ([False] * 3, [], [], 0) == (looks, folder.opened, folder.said, folder.first.closed)


def test_a_new_release_is_served(folder: Folder) -> None:
    """It is opened once, takes the place of the one before, which ends, and its name is said."""
    folder.build("bbbb")

    looks = [folder.follower.look() for _ in range(3)]

    assert ([True, False, False], "bbbb", ["bbbb"]) == (looks, folder.serving, folder.opened)
    assert (["serving release bbbbbbbbbbbb"], 1) == (folder.said, folder.first.closed)


def test_of_several_new_releases_the_newest_is_served(folder: Folder) -> None:
    """Those between are never opened."""
    folder.build("bbbb")
    folder.build("cccc")

    folder.follower.look()

    assert ("cccc", ["cccc"]) == (folder.serving, folder.opened)


def test_a_release_that_was_built_again_is_new(folder: Folder) -> None:
    """Same content in another folder may have other metadata, so it is served."""
    folder.build("aaaa")

    folder.follower.look()

    assert "aaaa-2" == folder.serving


def test_a_folder_without_a_release_changes_nothing(folder: Folder) -> None:
    """When somebody removes the link, what is served goes on."""
    (folder.out / "current").unlink()

    assert (False, "aaaa", []) == (folder.follower.look(), folder.serving, folder.said)


FAILURES: Final[dict[str, Exception]] = {
    "engine": EngineError("a worker cannot open the store: it is broken"),
    "sources": InputError.at(Place(Path("queries/q.rq"), 3), "no query"),
    "system": SystemProblem("no disk"),
    "disk": OSError(28, "No space left on device"),
    "any-of-ours": LungkgError("something"),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
def test_a_release_that_cannot_be_opened_changes_nothing(tmp_path: Path, failure: Exception) -> None:
    """The one before goes on, open; what was wrong is said in one line with the release that it is about."""
    folder = Folder(tmp_path, failure)
    folder.build("bbbb")

    look = folder.follower.look()

    assert (False, "aaaa", 0) == (look, folder.serving, folder.first.closed)
    assert [f"cannot serve release bbbb, going on with the one before: {failure}"] == folder.said


def test_a_release_that_cannot_be_opened_is_tried_once(tmp_path: Path) -> None:
    """Looking again neither opens it nor says it again."""
    folder = Folder(tmp_path, EngineError("broken"))
    folder.build("bbbb")

    looks = [folder.follower.look() for _ in range(4)]

    assert ([False] * 4, ["bbbb"], 1) == (looks, folder.opened, len(folder.said))


def test_the_release_after_a_bad_one_is_served(tmp_path: Path) -> None:
    """What is mended by the next build is mended in the service."""
    folder = Folder(tmp_path, EngineError("broken"))
    folder.build("bbbb")
    folder.follower.look()
    folder.failure = None

    folder.build("cccc")

    assert (True, "cccc", 1) == (folder.follower.look(), folder.serving, folder.first.closed)


def test_a_follower_looks_by_itself(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within its block it switches without being asked; afterwards it does not look any more."""
    monkeypatch.setattr(service_module, "LOOK_SECONDS", 0.001)
    switched = threading.Event()

    with Follower(folder.service, folder.out, folder.open, lambda _: switched.set()):
        folder.build("bbbb")
        assert switched.wait(PATIENCE)
    folder.build("cccc")

    assert "bbbb" == folder.serving
    assert not [thread for thread in threading.enumerate() if thread.name == "follow-releases"]


def test_the_names_of_things_are_read_before_anybody_asks(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the first release and of each that follows, even where reading them fails."""
    monkeypatch.setattr(service_module, "LOOK_SECONDS", 0.001)

    switched = threading.Event()

    with Follower(folder.service, folder.out, folder.open, lambda _: switched.set()):
        assert folder.first.asked.wait(PATIENCE)
        folder.build("bbbb")
        assert switched.wait(PATIENCE)
        assert cast("Recorder", folder.service.served.engine).asked.wait(PATIENCE)


def test_a_follower_goes_on_after_a_bad_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread survives it, and serves the next release."""
    monkeypatch.setattr(service_module, "LOOK_SECONDS", 0.001)
    folder = Folder(tmp_path, EngineError("broken"))
    told: list[threading.Event] = [threading.Event(), threading.Event()]
    waiting = iter(told)
    say: Callable[[str], Any] = lambda _: next(waiting).set()  # noqa: E731 # one line each

    with Follower(folder.service, folder.out, folder.open, say):
        folder.build("bbbb")
        assert told[0].wait(PATIENCE)
        folder.failure = None
        folder.build("cccc")
        assert told[1].wait(PATIENCE)

    assert "cccc" == folder.serving
