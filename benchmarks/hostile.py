"""Attacks a running `lungkg serve` while eight clients look up claims, and says what broke.

    .venv/bin/python benchmarks/hostile.py --work build/benchmark

The attacks (attacks.py) come all at once, again and again, from eight loopback addresses; the look-ups
(lookups.py) come from eight others, are never the same, and every row is compared with what the store says.
Broken bounds are listed at the end and make the exit code 1: an attack that is not stopped in time or not
answered rightly, a look-up that fails or is wrong, memory, work that goes on when nobody waits for it, and
workers, files or temporary files that stay. Linux only: it uses 127.0.0.0/8 and /proc.

`--server oxigraph` does the same to Oxigraph's own server, which shows that the bounds can break.
"""

import argparse
import contextlib
import multiprocessing
import os
import platform
import signal
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

from attacks import BROKEN, LEFT, Attack, Outcome, Where, attacks, throw_repeatedly
from graph import Graph, prepare
from lookups import VISITORS, Look, expected_rows, visit
from proctree import Tree

from questions import Rows
from servers import Server, ask_to_end, lungkg, oxigraph, peers, serve_options

ATTACKERS: Final = tuple(f"127.0.0.{number}" for number in range(2, 10))
GRACE: Final = 1.0  # seconds beyond the deadline
PER_PROCESS: Final = 256  # MB beyond a worker's limit: Python and the opened store
FILES_MORE: Final = 8  # descriptors beyond those that were open before
SETTLE: Final = 20  # seconds in which processes and files must be as before
RESTING: Final = 0.05  # cores in use when nothing is asked
WARM: Final = 1.0  # seconds before anything is measured
CALM: Final = 5.0  # seconds of look-ups after the attack
ADDRESS_SPACE: Final = 6 << 30  # bytes for a server without a limit of its own


@dataclass
class Peak:
    """The most that was seen of a server's processes."""

    resident: int = 0  # bytes
    processes: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def watch(self, tree: Tree) -> None:
        """Look ten times a second until it is over."""
        while not self.over.wait(0.1):
            seen = tree.usage()
            self.resident, self.processes = max(self.resident, seen.resident), max(self.processes, seen.processes)


@dataclass(frozen=True)
class Plan:
    """What every attack must know; see attacks.Where."""

    url: str
    canary: int
    deadline: float
    parameter: str


@dataclass
class Phase:
    """Some seconds of look-ups, with the outcomes of each attack that was thrown meanwhile."""

    look: Look
    outcomes: list[list[Outcome]]
    peak: Peak


@dataclass
class State:
    """What a server holds when nobody asks it anything."""

    processes: int
    files: Counter[str]
    temporary: list[str]


@dataclass
class Found:
    """Everything that was seen."""

    quiet: Phase
    alone: list[Phase]
    attacked: Phase
    calm: Phase
    before: State
    after: State
    rest: float  # seconds from the last attack until the server did nothing any more
    called: int  # connections to the canary
    died: int | None = None  # exit code of a server that ended by itself
    ended: float = 0.0  # seconds that the server took to end
    left: list[str] = field(default_factory=list)  # processes and temporary files of a server that has ended

    @property
    def phases(self) -> dict[str, Phase]:
        """Give the phases by name, in order."""
        names = [attack.name for attack in attacks(0)]
        alone = {f"under {name!r} alone": phase for name, phase in zip(names, self.alone, strict=False)}
        return {"quiet": self.quiet, **alone, "under all attacks": self.attacked, "afterwards": self.calm}

    @property
    def resident(self) -> int:
        """Give the most memory of all phases in MB."""
        return max(phase.peak.resident for phase in self.phases.values()) >> 20

    @property
    def thrown(self) -> list[tuple[Attack, list[Outcome]]]:
        """Give every attack with its outcomes, alone and with all others."""
        alone = [phase.outcomes[0] for phase in self.alone] or [[] for _ in self.attacked.outcomes]
        return [
            (attack, first + then)
            for attack, first, then in zip(attacks(0), alone, self.attacked.outcomes, strict=True)
        ]


def main() -> None:
    """Attack, and print what happened."""
    given = _arguments()
    given.work = given.work.resolve()
    given.work.mkdir(parents=True, exist_ok=True)
    graph = prepare(given.work, given.claims)
    claims = expected_rows(graph.release.store)
    with tempfile.TemporaryDirectory(dir=given.work) as temporary, _canary() as canary:
        with _serving(given, graph, Path(temporary)) as server:
            tree = Tree(server.process.pid)
            found = _attack(given, server, tree, claims, Path(temporary), canary)
            tree.members()
            found.died = server.process.poll()
            found.ended = ask_to_end(server.process)
            for number in tree.members():
                found.left.append(f"process {number}")
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
        found.left += _files_in(Path(temporary))
    _print(given, graph, server, found)
    broken = _broken(given, found)
    for line in broken or ["no bound was broken"]:
        print(f"- {line}")
    sys.exit(1 if broken else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=20_000, help="size of the graph, 60 triples each [20000]")
    parser.add_argument("--work", type=Path, default=Path("build/benchmark"), help="folder that is kept between runs")
    parser.add_argument("--seconds", type=float, default=60, help="of all attacks at once; a quarter of it quiet [60]")
    parser.add_argument("--alone", type=float, default=0, help="before that, seconds of each attack alone [0]")
    parser.add_argument("--deadline", type=float, default=5, help="of every query, seconds [5]")
    parser.add_argument("--memory", type=int, default=512, help="limit of a worker, MB [512]")
    parser.add_argument("--bound", type=int, help="most memory of all processes, MB [each its limit and 256]")
    parser.add_argument("--pause", type=float, default=0.1, help="between two attacks of a kind, seconds [0.1]")
    parser.add_argument("--serve-options", default="", help="added to `lungkg serve`, in one string")
    parser.add_argument("--server", choices=("lungkg", "oxigraph"), default="lungkg")
    parser.add_argument("--venv", type=Path, help="virtual environment with the peers [venv in the work folder]")
    given = parser.parse_args()
    known = serve_options() if given.server == "lungkg" else set()
    given.parameter = "" if "--timeout" in known else f"timeout={given.deadline:g}"
    for option, value in (("--timeout", f"{given.deadline:g}"), ("--memory", str(given.memory))):
        if option in known and option not in given.serve_options:
            given.serve_options += f" {option} {value}"
    return parser.parse_args(namespace=given)


def _serving(given: argparse.Namespace, graph: Graph, temporary: Path) -> AbstractContextManager[Server]:
    if given.server == "oxigraph":
        return oxigraph(peers(given.venv or given.work / "venv"), graph, given.work, ADDRESS_SPACE)
    environment = {"TMPDIR": str(temporary)}
    return lungkg(graph.root, graph.out, given.work, given.serve_options, environment)


@contextmanager
def _canary() -> Iterator["Canary"]:
    """Listen on a port that no query may reach, and count who comes."""
    canary = Canary()
    try:
        yield canary
    finally:
        canary.listener.close()


class Canary:
    """A listener that nobody should call."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port = int(self.listener.getsockname()[1])

    def calls(self) -> int:
        """Count the connections that were made; they waited in the backlog."""
        self.listener.setblocking(False)
        count = 0
        while True:
            try:
                self.listener.accept()[0].close()
            except BlockingIOError:
                return count
            count += 1


def _attack(
    given: argparse.Namespace,
    server: Server,
    tree: Tree,
    claims: dict[str, Rows],
    temporary: Path,
    canary: "Canary",
) -> Found:
    """Attack in phases: quiet, each attack alone if that is wanted, all at once, afterwards."""
    plan = Plan(server.url, canary.port, given.deadline, given.parameter)
    every = range(len(attacks(0)))
    phases = count()
    context = multiprocessing.get_context("spawn")  # visitors and attackers do not wait for one another
    with ProcessPoolExecutor(2, mp_context=context) as pool:

        def phase(numbers: Sequence[int], seconds: float, pause: float) -> Phase:
            peak = Peak()
            watcher = threading.Thread(target=peak.watch, args=(tree,))
            watcher.start()
            looking = pool.submit(visit, server.url, claims, next(phases), seconds)
            outcomes = pool.submit(attack_all, plan, numbers, seconds, pause).result() if numbers else []
            look = looking.result()
            peak.over.set()
            watcher.join()
            return Phase(look, outcomes, peak)

        phase([], WARM, given.pause)
        _say("quiet …")
        quiet = phase([], given.seconds / 4, given.pause)
        phase(every, WARM, given.deadline)  # so that every worker that there can be is there
        _come_to_rest(tree, given.deadline)
        before = _state(tree, temporary)
        _say(f"{before.processes} processes, {before.files.total()} open files")
        alone = [phase([number], given.alone, given.pause) for number in every if given.alone]
        _say("all attacks at once …")
        attacked = phase(every, given.seconds, given.pause)
        rest = _come_to_rest(tree, given.deadline)
        after = _settle(tree, temporary, before)
        calm = phase([], CALM, given.pause)
    return Found(quiet, alone, attacked, calm, before, after, rest, canary.calls())


def attack_all(plan: Plan, numbers: Sequence[int], seconds: float, pause: float) -> list[list[Outcome]]:
    """Throw the attacks with these numbers, each in a thread of its own, and give the outcomes of each."""
    chosen = attacks(plan.canary)
    ends = time.monotonic() + seconds
    with ThreadPoolExecutor(len(numbers)) as pool:
        thrown = [
            pool.submit(
                lambda attack, where: list(throw_repeatedly(attack, where, pause)),
                chosen[number],
                Where(plan.url, ATTACKERS[number % len(ATTACKERS)], plan.deadline, ends, plan.parameter),
            )
            for number in numbers
        ]
        return [one.result() for one in thrown]


def _come_to_rest(tree: Tree, deadline: float) -> float:
    """Wait until a server uses next to no processor; gives the seconds until then, or infinity."""
    began = time.monotonic()
    while time.monotonic() - began < deadline + SETTLE:
        first = tree.usage()
        time.sleep(0.5)
        second = tree.usage()
        # The time of a process that ended in between is gone from the sum: that is no rest.
        if first.processes == second.processes and 0 <= second.processor - first.processor <= 0.5 * RESTING:
            return time.monotonic() - began - 0.5
    return float("inf")


def _state(tree: Tree, temporary: Path) -> State:
    return State(len(tree.members()), tree.open_files(), _files_in(temporary))


def _settle(tree: Tree, temporary: Path, before: State) -> State:
    """Look until everything is as before, or time is up."""
    ends = time.monotonic() + SETTLE
    while True:
        now = _state(tree, temporary)
        same = now.processes == before.processes and now.files.total() <= before.files.total()
        if time.monotonic() > ends or (same and len(now.temporary) <= len(before.temporary)):
            return now
        time.sleep(0.5)


def _files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _bound(given: argparse.Namespace, found: Found) -> int:
    """Give the most memory in MB that all processes may take."""
    return int(given.bound or max(1, found.before.processes) * (given.memory + PER_PROCESS))


def _print(given: argparse.Namespace, graph: Graph, server: Server, found: Found) -> None:
    print(f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, {time.strftime('%F')}")
    limit = "asked for in each query" if given.parameter else "an option of the server"
    print(f"{server.version} {given.serve_options}; deadline {given.deadline:g} s, {limit}")
    print(f"{graph.triples:,} triples; {given.seconds:g} s of attacks; {len(VISITORS)} visitors\n")
    print("| attack | thrown | outcomes | longest until its status | right |\n|---|---|---|---|---|")
    for attack, outcomes in found.thrown:
        counted = Counter(_word(outcome.status) for outcome in outcomes)
        shown = ", ".join(f"{number} times {word}" for word, number in counted.most_common())
        longest = f"{max(outcome.seconds for outcome in outcomes):.2f} s" if attack.timed and outcomes else "-"
        right = "**no**" if _faults(given, attack, outcomes) else "yes"
        print(f"| {attack.name} | {len(outcomes)} | {shown} | {longest} | {right} |")
    print("\n| look-ups | good | median ms | p99 ms | worst ms | 503 | failed | wrong | most memory MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, phase in found.phases.items():
        look = phase.look
        times = " | ".join(f"{look.quantile(part):.1f}" for part in (0.5, 0.99, 1))
        counts = f"{look.refused} | {len(look.failed)} | {look.wrong} | {phase.peak.resident >> 20}"
        print(f"| {name} | {len(look.seconds):,} | {times} | {counts} |")
    print("\n| of the server | before | most | after |\n|---|---|---|---|")
    before, after = found.before, found.after
    print(f"| memory, MB (at most {_bound(given, found)}) | | {found.resident} | |")
    print(f"| processes | {before.processes} | {found.attacked.peak.processes} | {after.processes} |")
    for kind in sorted(before.files | after.files):
        print(f"| open: {kind} | {before.files[kind]} | | {after.files[kind]} |")
    print(f"| temporary files | {len(before.temporary)} | | {len(after.temporary)} |")
    print(f"\nat rest {found.rest:.1f} s after the last attack; ended {found.ended:.1f} s after SIGTERM\n")


def _word(status: int) -> str:
    return {LEFT: "left", BROKEN: "broken connection"}.get(status, str(status))


def _faults(given: argparse.Namespace, attack: Attack, outcomes: list[Outcome]) -> list[Outcome]:
    """Pick the outcomes that are wrong or late."""
    latest = given.deadline + GRACE
    return [one for one in outcomes if one.status not in attack.right or (attack.timed and one.seconds > latest)]


def _broken(given: argparse.Namespace, found: Found) -> list[str]:
    """Say which bounds were broken."""
    broken = []
    for attack, outcomes in found.thrown:
        faults = _faults(given, attack, outcomes)
        if faults:
            worst = max(faults, key=lambda fault: fault.seconds)
            shown = f"{_word(worst.status)} after {worst.seconds:.2f} s, {worst.note}"
            broken.append(f"{attack.name}: {len(faults)} of {len(outcomes)} not as they should be, such as {shown}")
        if not outcomes:
            broken.append(f"{attack.name}: never thrown")
    for name, phase in found.phases.items():
        look = phase.look
        if look.failed or look.wrong or not look.seconds:
            example = f", such as {look.failed[0]}" if look.failed else ""
            broken.append(f"look-ups {name}: {len(look.failed)} failed, {look.wrong} wrong{example}")
    checks = {
        f"the server ended by itself, with {found.died}": found.died is not None,
        f"{found.called} calls to the canary": found.called > 0,
        f"{found.resident} MB of memory": found.resident > _bound(given, found),
        f"at work for {found.rest:.1f} s after the last attack": found.rest > given.deadline + GRACE,
        f"{found.after.processes} processes instead of {found.before.processes}": found.after.processes
        != found.before.processes,
        f"open files {dict(found.after.files)} instead of {dict(found.before.files)}": found.after.files.total()
        > found.before.files.total() + FILES_MORE,
        f"temporary files that stay: {found.after.temporary}": len(found.after.temporary) > len(found.before.temporary),
        f"left when the server had ended: {found.left}": bool(found.left),
    }
    return broken + [what for what, is_broken in checks.items() if is_broken]


if __name__ == "__main__":
    main()
