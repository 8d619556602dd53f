"""A worker process seen from its parent: started, asked one thing at a time, killed when it must end."""

import json
import math
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyoxigraph as ox

from lungkg.engines import worker
from lungkg.errors import Cancelled, EngineError

START_SECONDS: Final = 60.0  # a large store takes one or two; this only bounds a hang
_LOOK_UP_SECONDS: Final = 0.1  # how often a wait looks whether anybody still wants the answer

_lifeline: Final = os.pipe()
LIFELINE: Final = _lifeline[0]
"""The reading end of a pipe whose writing end stays with this process alone, so that no worker outlives it."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a worker is started with."""

    store: Path | None  # None: an empty one
    prefixes: Mapping[str, str]
    memory: int  # MB
    kept: int  # bytes
    most: int  # bytes
    spill: str
    network: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What a worker sent back: the head of its message, and the answer in memory or in a file."""

    head: Mapping[str, Any]
    content: bytes
    file: BinaryIO | None = None


class WorkerLost(Exception):
    """The worker ended while it was asked; `code` is its exit code, negative for a signal."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"the worker ended with {code}")


class Worker:
    """One process; not to be used by two threads at once."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 # lives as long as the worker
        self._channel, theirs = socket.socketpair()
        settings = {
            "store": str(recipe.store or ""),
            "prefixes": dict(recipe.prefixes),
            "memory": recipe.memory,
            "kept": recipe.kept,
            "most": recipe.most,
            "network": recipe.network,
            "channel": theirs.fileno(),
            "lifeline": LIFELINE,
        }
        with theirs:
            self._process = self._begin(settings, (theirs.fileno(), LIFELINE))
        self._poll = select.poll()
        self._poll.register(self._channel, select.POLLIN)
        self._spill: BinaryIO | None = None
        self.started = False
        self.fenced = False

    def _begin(self, settings: Mapping[str, Any], handles: tuple[int, ...]) -> "subprocess.Popen[bytes]":
        try:
            return subprocess.Popen(  # noqa: S603 # our own file, by our own interpreter
                [sys.executable, "-S", "-P", str(Path(worker.__file__)), json.dumps(settings)],
                env={"PYTHONPATH": str(Path(ox.__file__).parents[1]), "MALLOC_ARENA_MAX": "2"},
                pass_fds=handles,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._stderr,
                start_new_session=True,  # Ctrl-C in the terminal is for the parent
            )
        except OSError as error:
            self._channel.close()
            self._stderr.close()
            raise EngineError(f"no process can be started for a query: {error.strerror or error}") from None

    @property
    def alive(self) -> bool:
        """Say whether the process still runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def wait_started(self, until: float = math.inf, cancelled: Callable[[], bool] | None = None) -> bool:
        """Wait until the store is open; False when it is not by then (time.monotonic).

        Raises EngineError, with the reason, when it will never be, and Cancelled.
        """
        if self.started:
            return True
        bound = time.monotonic() + START_SECONDS
        try:
            if not self._wait(min(until, bound), cancelled):
                if until < bound:
                    return False
                raise EngineError(f"a worker did not open the store within {START_SECONDS:g} seconds")
            hello = worker.receive(self._channel)
        except (EOFError, OSError):
            raise EngineError(f"a worker did not start: {self._last_words()}") from None
        if "error" in hello:
            raise EngineError(f"a worker cannot open the store: {hello['message']}")
        self.started, self.fenced = True, hello["fenced"]
        return True

    def ask(self, question: Mapping[str, Any]) -> None:
        """Send a query; raises WorkerLost when the process is gone, EngineError without a place for files."""
        fresh = self._spill is None
        if self._spill is None:
            self._spill = self._open_spill()
        try:
            worker.send(self._channel, dict(question))
            if fresh:
                socket.send_fds(self._channel, [b"\0"], [self._spill.fileno()])
        except OSError:
            raise WorkerLost(self._code()) from None

    def _open_spill(self) -> BinaryIO:
        folder = self._recipe.spill
        try:
            return tempfile.TemporaryFile(dir=folder or None)
        except OSError as error:
            where = folder or tempfile.gettempdir()
            raise EngineError(f"cannot write answers into {where}: {error.strerror or error}") from None

    def reply(self, until: float, cancelled: Callable[[], bool] | None) -> Reply | None:
        """Wait for the answer until a moment of time.monotonic(); None when it is not there by then.

        Raises WorkerLost, or Cancelled when nobody wants the answer any more.
        """
        if not self._wait(until, cancelled):
            return None
        try:
            head = worker.receive(self._channel)
            if "error" not in head and not head["spilled"]:
                return Reply(head, worker.read(self._channel, head["size"]))
        except (EOFError, OSError):
            raise WorkerLost(self._code()) from None
        file = None
        if head["spilled"]:
            file, self._spill = self._spill, None
        if file is not None:
            file.seek(0)
        return Reply(head, b"", file)

    def kill(self) -> None:
        """End the process at once and let go of all that belongs to it."""
        self._process.kill()
        self._process.wait()
        self._channel.close()
        self._stderr.close()
        if self._spill is not None:
            self._spill.close()

    def _wait(self, until: float, cancelled: Callable[[], bool] | None) -> bool:
        while True:
            left = until - time.monotonic()
            if self._poll.poll(max(0.0, min(left, _LOOK_UP_SECONDS)) * 1000):
                return True
            if left <= 0:
                return False
            if cancelled is not None and cancelled():
                raise Cancelled

    def _code(self) -> int:
        try:
            return self._process.wait(5)
        except subprocess.TimeoutExpired:
            return 0

    def _last_words(self) -> str:
        code = self._code()
        self._stderr.seek(0)
        lines = self._stderr.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"it ended with {code}"
