"""Looks at a server and all processes below it through /proc (Linux only): memory, processor time, open files."""

import contextlib
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_TICKS: Final = os.sysconf("SC_CLK_TCK")
# Positions in /proc/<pid>/stat, counted from the field after the name.
_STATE, _PARENT, _SESSION, _USER, _SYSTEM, _BORN = 0, 1, 3, 11, 12, 19


@dataclass(frozen=True)
class Usage:
    """What all processes take together; memory that they share counts once for each."""

    processes: int
    resident: int  # bytes
    processor: float  # seconds since the start, of the processes that live


@dataclass
class Tree:
    """A process and all that descend from it, those included whose parent has ended since they were seen."""

    root: int
    seen: dict[int, str] = field(default_factory=dict)  # when it was born, for ids are used again

    def members(self) -> list[int]:
        """Give the ids of the processes that have not ended."""
        table = _table()
        alive = {number for number, born in self.seen.items() if number in table and table[number][_BORN] == born}
        if self.root in table:
            alive.add(self.root)
        while more := {
            number
            for number, fields in table.items()
            if number not in alive and (int(fields[_PARENT]) in alive or int(fields[_SESSION]) == self.root)
        }:
            alive |= more
        self.seen = {number: table[number][_BORN] for number in alive}
        return sorted(number for number in alive if table[number][_STATE] != "Z")

    def usage(self) -> Usage:
        """Measure memory and processor time now."""
        resident, processor, ids = 0, 0.0, self.members()
        for number in ids:
            with contextlib.suppress(OSError, IndexError):
                resident += int((_PROC / str(number) / "statm").read_text().split()[1]) * _PAGE
                fields = _fields(_PROC / str(number))
                processor += (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICKS
        return Usage(len(ids), resident, processor)

    def open_files(self) -> Counter[str]:
        """Count what the processes hold open, by kind: socket, pipe, file, deleted file …"""
        kinds: Counter[str] = Counter()
        for number in self.members():
            with contextlib.suppress(OSError):
                for entry in (_PROC / str(number) / "fd").iterdir():
                    with contextlib.suppress(OSError):
                        kinds[_kind(str(entry.readlink()))] += 1
        return kinds


def _kind(target: str) -> str:
    if not target.startswith("/"):
        return target.partition(":")[0]
    return "deleted file" if target.endswith(" (deleted)") else "file"


def _table() -> dict[int, list[str]]:
    """Read the state of every process on the machine."""
    table = {}
    for folder in _PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            table[int(folder.name)] = _fields(folder)
    return table


def _fields(folder: Path) -> list[str]:
    """Read the fields of /proc/<pid>/stat that come after the name, which may hold any character."""
    return (folder / "stat").read_text().rpartition(")")[2].split()
