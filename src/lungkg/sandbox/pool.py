"""The sandbox as the server sees it: a task goes in, an outcome or an error comes out, by a deadline.

So many tasks run at once, so many more wait, and all others are sent away; none takes the place of a query.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, NoReturn

import lungkg
from lungkg.engines.process import LIFELINE
from lungkg.errors import (
    AnswerTooLong,
    Cancelled,
    DataTooDeep,
    DataTooLong,
    EngineBusy,
    EngineError,
    QueryRefused,
    UnreadableData,
    ValidationDied,
    ValidationTimeout,
)
from lungkg.limits import MEGABYTE, Limits
from lungkg.sandbox.messages import FENCED, MESSAGE, OUT_OF_MEMORY, TOO_LONG
from lungkg.sandbox.task import Outcome, Task

START_SECONDS: Final = 60.0
"""How long a keeper may take to start; it takes one or two, and this only bounds a hang."""

_LOOK_UP_SECONDS: Final = 0.1
_GRACE_SECONDS: Final = 2.0  # after the deadline, for the kernel's alarm to be told
_PIECE: Final = 65_536

Wanted = Callable[[], bool] | None
"""Says whether the client has gone; None when nobody can tell."""


class Sandbox:
    """Validates what visitors send; its keeper starts when it is first needed, and again if it ended."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._places = threading.Condition()
        self._running = self._waiting = 0
        self._lock = threading.Lock()
        self._keeper: _Keeper | None = None
        self._closed = False

    def run(self, task: Task, seconds: float, began: float | None = None, cancelled: Wanted = None) -> Outcome:
        """Do a task within so many seconds of `began` (time.monotonic), or of now.

        Raises UnreadableData, QueryRefused, DataTooDeep, DataTooLong and AnswerTooLong for what was sent,
        EngineBusy, ValidationTimeout, ValidationDied, Cancelled and EngineError for what became of it.
        """
        until = (time.monotonic() if began is None else began) + seconds
        with self._place(until, seconds, cancelled), ExitStack() as files:
            given, report = (files.enter_context(_nameless(self.limits.spill)) for _ in range(2))
            given.write(task.packed())
            given.seek(0)
            code = self._done(given, report, until, seconds, cancelled)
            return self._outcome(code, report, seconds)

    @contextmanager
    def _place(self, until: float, seconds: float, cancelled: Wanted) -> Iterator[None]:
        with self._places:
            if self._running >= self.limits.validations:
                if self._waiting >= self.limits.validation_queue:
                    raise EngineBusy(f"{self._waiting} validations wait already; try again shortly")
                self._wait(until, seconds, cancelled)
            self._running += 1
        try:
            yield
        finally:
            with self._places:
                self._running -= 1
                self._places.notify()

    def _wait(self, until: float, seconds: float, cancelled: Wanted) -> None:
        self._waiting += 1
        try:
            while self._running >= self.limits.validations:
                self._places.wait(_LOOK_UP_SECONDS)
                if cancelled is not None and cancelled():
                    raise Cancelled
                if time.monotonic() >= until:
                    raise ValidationTimeout(seconds)
        finally:
            self._waiting -= 1

    def _done(self, given: BinaryIO, report: BinaryIO, until: float, seconds: float, cancelled: Wanted) -> int:
        """Have a child do the task; gives its exit code."""
        keeper = self._ready()
        left = until - time.monotonic()
        if left <= 0:
            raise ValidationTimeout(seconds)
        limits = {
            "seconds": left,
            "memory": self.limits.validation_memory,
            "report": self.limits.answer_size * MEGABYTE,
        }
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                keeper.send(limits, theirs.fileno(), given.fileno(), report.fileno())
            return _awaited(ours, until + _GRACE_SECONDS, cancelled)

    def _outcome(self, code: int, report: BinaryIO, seconds: float) -> Outcome:
        if code == -signal.SIGALRM:
            raise ValidationTimeout(seconds)
        if code == -signal.SIGSEGV:
            raise DataTooDeep
        if code == TOO_LONG:
            raise AnswerTooLong(self.limits.answer_size)
        if code == OUT_OF_MEMORY or code < 0:  # Rust aborts then, and the system kills
            raise ValidationDied(self.limits.validation_memory)
        if code != 0:
            raise EngineError("the process of the validation ended without a report")
        report.seek(0)
        head: dict[str, Any] = json.loads(report.readline())
        if "error" in head:
            _refuse(head)
        return Outcome(head["conforms"], head["fails"], head["counts"], report.read())

    def _ready(self) -> "_Keeper":
        with self._lock:
            if self._closed:
                raise EngineError("the server is ending")
            if self._keeper is None or not self._keeper.alive:
                if self._keeper is not None:
                    self._keeper.close()
                self._keeper = _Keeper()
            return self._keeper

    def start(self) -> None:
        """Start the keeper now; otherwise the first visitor waits a second or two for it. Raises EngineError."""
        self._ready()

    @property
    def fenced(self) -> bool:
        """Say whether it is known that no task can open a socket."""
        return self._ready().fenced

    def state(self) -> dict[str, int]:
        """Count what runs and what waits, for the metrics."""
        return {"running": self._running, "waiting": self._waiting}

    def close(self) -> None:
        """End the keeper and what it keeps."""
        with self._lock:
            self._closed = True
            if self._keeper is not None:
                self._keeper.close()


def _refuse(head: dict[str, Any]) -> NoReturn:
    """Raise the error that a head tells of."""
    kind, message = head["error"], head.get("message", "")
    if kind == "unreadable":
        place = head.get("line", 0), head.get("column", 0), head.get("source", "")
        raise UnreadableData(head["file"], message, *place, hint=head.get("hint", ""))
    if kind == "refused":
        raise QueryRefused(message)
    if kind == "long":
        raise DataTooLong(message)
    if kind == "deep":
        raise DataTooDeep
    raise EngineError(f"this could not be validated: {message}")


def _awaited(told: socket.socket, until: float, cancelled: Wanted) -> int:
    """Wait for the exit code of a child; who stops waiting closes the socket, and the keeper kills the child."""
    poll = select.poll()
    poll.register(told, select.POLLIN)
    while not poll.poll(_LOOK_UP_SECONDS * 1000):
        if cancelled is not None and cancelled():
            raise Cancelled
        if time.monotonic() >= until:
            return -signal.SIGALRM
    message = told.recv(_PIECE)
    if not message:
        raise EngineError("the process that keeps validations apart ended; try again")
    return int(json.loads(message)["code"])


@contextmanager
def _nameless(folder: str) -> Iterator[BinaryIO]:
    """Make a file without a name, in memory where the system has such files: nothing of a visitor's stays."""
    if hasattr(os, "memfd_create"):
        with open(os.memfd_create("validation"), "w+b") as file:  # noqa: PTH123 # it has no path
            yield file
        return
    try:
        with tempfile.TemporaryFile(dir=folder or None) as spilled:
            yield spilled
    except OSError as error:
        raise EngineError(f"cannot write to {folder}: {error.strerror or error}") from None


class _Keeper:
    """The process that starts children, seen from its parent; raises EngineError when it does not start."""

    def __init__(self) -> None:
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 # lives as long as the process
        self._channel, theirs = socket.socketpair()
        self._lock = threading.Lock()
        with theirs:
            settings = {"channel": theirs.fileno(), "lifeline": LIFELINE}
            self._process = self._begin(settings, (theirs.fileno(), LIFELINE))
        self._end = weakref.finalize(self, _ended, self._process, self._channel, self._stderr)
        self.fenced = self._wait_started()

    def _begin(self, settings: dict[str, int], handles: tuple[int, ...]) -> "subprocess.Popen[bytes]":
        paths = [str(Path(lungkg.__file__).parents[1]), *(path for path in sys.path if path)]
        try:
            return subprocess.Popen(  # noqa: S603 # our own module, by our own interpreter
                [sys.executable, "-P", "-m", "lungkg.sandbox.worker", json.dumps(settings)],
                env={"PYTHONPATH": os.pathsep.join(paths), "MALLOC_ARENA_MAX": "2", "PYTHONUTF8": "1"},
                cwd="/",
                pass_fds=handles,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._stderr,
                start_new_session=True,  # Ctrl-C in the terminal is for the parent
            )
        except OSError as error:
            self._channel.close()
            self._stderr.close()
            raise EngineError(f"no process can be started for a validation: {error.strerror or error}") from None

    def _wait_started(self) -> bool:
        self._channel.settimeout(START_SECONDS)
        try:
            said = self._channel.recv(1)
        except OSError:
            said = b""
        if not said:
            why = self._last_words()
            self.close()
            raise EngineError(f"the process that keeps validations apart did not start: {why}")
        return said == FENCED

    def send(self, limits: dict[str, float], *handles: int) -> None:
        """Hand over a task: what bounds it, the socket to tell its end by, and its two files."""
        message = json.dumps(limits).encode().ljust(MESSAGE)
        with self._lock:
            try:
                socket.send_fds(self._channel, [message], handles)
            except OSError:
                raise EngineError("the process that keeps validations apart ended; try again") from None

    @property
    def alive(self) -> bool:
        """Say whether the process still runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the process; its children end with it."""
        self._end()

    def _last_words(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        self._stderr.seek(0)
        lines = self._stderr.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"it ended with {self._process.returncode}"


def _ended(process: "subprocess.Popen[bytes]", channel: socket.socket, stderr: BinaryIO) -> None:
    channel.close()  # it kills its children and ends
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    stderr.close()
