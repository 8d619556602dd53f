"""Every limit of a running endpoint: its default, its option, its environment variable, and why it is there."""

import os
import tempfile
from dataclasses import dataclass, field, fields
from typing import Any, Final

MEGABYTE: Final = 2**20


def _limit(default: Any, unit: str, help: str, *, least: float = 1) -> Any:
    """Declare one limit; the metadata feeds the command's options and the reference page."""
    made = {"default_factory": default} if callable(default) else {"default": default}
    return field(**made, metadata={"unit": unit, "help": help, "least": least})


def _cores() -> int:
    return max(2, os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a query, an answer, a client and a validation may take; the defaults suit two cores and 8 GB of memory."""

    timeout: float = _limit(30.0, "seconds", "A query is stopped this long after it arrived.", least=0.01)
    quick: float = _limit(0.2, "seconds", "What takes longer than this goes on in the slow lane.", least=0.001)
    quick_workers: int = _limit(_cores, "processes", "Queries that run at once in the quick lane.")
    slow_workers: int = _limit(2, "processes", "Queries that run at once in the slow lane.")
    quick_queue: int = _limit(128, "queries", "Queries that may wait for the quick lane; more are sent away.")
    slow_queue: int = _limit(16, "queries", "Queries that may wait for the slow lane; more are sent away.")
    share: int = _limit(4, "queries", "Queries of one client that may run or wait in the slow lane.")
    memory: int = _limit(1024, "MB", "Memory that a worker may take on top of the opened store.")
    query_size: int = _limit(1_000_000, "bytes", "Length of a query's text.")
    answer_size: int = _limit(512, "MB", "Length of an answer.")
    kept_size: float = _limit(1.0, "MB", "Answers up to this length stay in memory, longer ones go to a file.", least=0)
    open_answers: int = _limit(16, "answers", "Answers in files that may be on their way to clients at once.")
    cache: int = _limit(64, "MB", "Memory for answers that are given again without asking the engine.", least=0)
    spill: str = _limit(tempfile.gettempdir, "folder", "Where answers in files go; they have no name there.")

    data_size: int = _limit(1_000_000, "bytes", "Length of data that a visitor has validated.")
    shapes_size: int = _limit(250_000, "bytes", "Length of a visitor's own shapes.")
    data_triples: int = _limit(50_000, "triples", "Triples of a visitor's data, and of a visitor's shapes.")
    validation_timeout: float = _limit(
        30.0, "seconds", "A visitor's validation is stopped this long after it arrived.", least=0.01
    )
    validation_memory: int = _limit(512, "MB", "Memory that a visitor's validation may take.")
    validations: int = _limit(2, "processes", "Visitors' validations that run at once.")
    validation_queue: int = _limit(8, "validations", "Visitors' validations that may wait; more are sent away.")

    @property
    def body_size(self) -> int:
        """Bytes of a request that are kept; percent-encoding makes three of one."""
        return 4 * max(self.query_size, self.data_size + self.shapes_size) + 2**16

    @classmethod
    def table(cls) -> list[tuple[str, Any, dict[str, Any]]]:
        """Give each limit's name, default and metadata (unit, help, least), in order."""
        made = cls()
        return [(entry.name, getattr(made, entry.name), dict(entry.metadata)) for entry in fields(cls)]


ONE_QUERY: Final = Limits(quick_workers=1, slow_workers=1)
"""For one who asks one query after the other, as a command does: the second worker starts only if it is needed."""


def option(name: str) -> str:
    """Give the command-line option of a limit.

    >>> option("quick_workers")
    '--quick-workers'
    """
    return "--" + name.replace("_", "-")


def variable(name: str) -> str:
    """Give the environment variable of a limit.

    >>> variable("quick_workers")
    'LUNGKG_QUICK_WORKERS'
    """
    return "LUNGKG_" + name.upper()
