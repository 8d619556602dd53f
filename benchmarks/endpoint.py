"""Compares `lungkg serve` with other SPARQL servers on one generated graph, and prints the ratios.

    .venv/bin/python benchmarks/endpoint.py --work build/benchmark

Ten questions, each asked cold (never asked before) and repeated, by one client and by eight. Every server is
asked by the same load generator, in turn, while the others idle, and only when its rows equal those of
Oxigraph's server. Rates are good answers a second; a ratio above 1 means that lungkg is faster.

The graph is built into the work folder once, which takes minutes, and is used again; delete the folder when
ontology, shapes or generator change. The peers are installed from PyPI into a virtual environment there.
Ends with 1 when lungkg answers wrongly; missed targets are printed and do not change the exit code.
"""

import argparse
import json
import math
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from graph import Graph, prepare
from load import Client, Plan, Timing, measure, wrk

import servers
from lungkg.project import bundled_root
from questions import QUESTIONS, Question, Rows, parameters, rows_of
from servers import Server, Unavailable

OURS: Final = "lungkg"
REFERENCE: Final = "oxigraph"  # whose rows are held to be right
SLOW_PEER: Final = "rdflib-endpoint"
NAMES: Final = (OURS, REFERENCE, SLOW_PEER, "virtuoso")

MODES: Final = ("cold", "repeated")
CHECKED: Final = 3  # parameters for which the rows are compared
RUNS: Final = 3  # starts of which the median counts

HEAVY: Final = 0.05  # seconds: what the raw server takes longer for must be as fast with us
HEAVY_WITHIN: Final = 1.15


@dataclass(frozen=True)
class Cell:
    """What one figure is about."""

    question: str
    mode: str
    clients: int
    server: str


@dataclass
class Run:
    """Everything that is measured and found out in one run."""

    given: argparse.Namespace
    graph: Graph
    running: dict[str, Server] = field(default_factory=dict)
    stops: dict[str, ExitStack] = field(default_factory=dict)
    starts: dict[str, list[float]] = field(default_factory=dict)
    rows: dict[str, list[int]] = field(default_factory=dict)
    timings: dict[Cell, Timing] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def ratio(self, question: str, mode: str, clients: int, peer: str) -> float | None:
        """Our rate by the peer's, where both were measured."""
        ours = self.timings.get(Cell(question, mode, clients, OURS))
        theirs = self.timings.get(Cell(question, mode, clients, peer))
        return ours.rate / theirs.rate if ours and theirs and theirs.rate else None


def main() -> None:
    """Measure and print."""
    given = _arguments()
    given.work = given.work.resolve()
    given.work.mkdir(parents=True, exist_ok=True)
    if "--share" in servers.serve_options() and "--share" not in given.serve_options:
        # All clients of the load generator come from one address, and a share is for each address.
        given.serve_options += f" --share {max(given.clients)}"
    run = Run(given, prepare(given.work, given.claims))
    if OURS in given.servers:
        _time_starts(run)
    with ExitStack() as stack:
        for name in given.servers:
            stack.callback(_stop, run, name)
            _start(run, name)
        for question in QUESTIONS:
            if question.name in given.questions:
                _put(run, question)
        _print(run)
    if given.json:
        cells = [{**asdict(cell), **asdict(timing)} for cell, timing in run.timings.items()]
        given.json.write_text(json.dumps({"starts": run.starts, "rows": run.rows, "cells": cells}, indent=1), "utf-8")
    sys.exit(1 if any(line.startswith(OURS) for line in run.wrong) else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=20_000, help="size of the graph, 60 triples each [20000]")
    parser.add_argument("--work", type=Path, default=Path("build/benchmark"), help="folder that is kept between runs")
    parser.add_argument("--venv", type=Path, help="virtual environment with the peers [venv in the work folder]")
    parser.add_argument("--servers", nargs="+", choices=NAMES, default=list(NAMES), metavar="NAME", help=f"of {NAMES}")
    names = [question.name for question in QUESTIONS]
    parser.add_argument("--questions", nargs="+", choices=names, default=names, metavar="NAME", help=f"of {names}")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8], help="clients at once [1 8]")
    parser.add_argument("--seconds", type=float, default=3, help="for each figure [3]")
    parser.add_argument("--patience", type=float, default=60, help="leave out figures that take longer, seconds [60]")
    parser.add_argument("--serve-options", default="", help="added to `lungkg serve`, in one string")
    parser.add_argument("--json", type=Path, help="write all figures there, too")
    return parser.parse_args()


def _time_starts(run: Run) -> None:
    """Time `lungkg serve` from the start of the process to its first answer."""
    work, options = run.given.work, run.given.serve_options
    with tempfile.TemporaryDirectory(dir=work) as folder:
        out = Path(folder) / "out"
        for number in range(RUNS + 1):
            kind = "real project, built before" if number else "real project, not built yet"
            _time_start(run, kind, servers.lungkg(bundled_root(), out, work, options))
    for _ in range(RUNS):
        kind = f"generated project of {run.given.claims:,} claims, built before"
        _time_start(run, kind, servers.lungkg(run.graph.root, run.graph.out, work, options))


def _time_start(run: Run, kind: str, starting: AbstractContextManager[Server]) -> None:
    with starting as server:
        run.starts.setdefault(kind, []).append(server.started)


def _start(run: Run, name: str) -> None:
    """Start a server, or note why it cannot be had."""
    given, graph = run.given, run.graph
    venv = given.venv or given.work / "venv"
    starters: dict[str, Callable[[], AbstractContextManager[Server]]] = {
        OURS: lambda: servers.lungkg(graph.root, graph.out, given.work, given.serve_options),
        REFERENCE: lambda: servers.oxigraph(servers.peers(venv), graph, given.work),
        SLOW_PEER: lambda: servers.rdflib_endpoint(servers.peers(venv), graph, given.work),
        "virtuoso": lambda: servers.virtuoso(graph, given.work),
    }
    _say(f"starting {name} …")
    stack = ExitStack()
    try:
        run.running[name] = stack.enter_context(starters[name]())
        run.stops[name] = stack.pop_all()
    except Unavailable as reason:
        run.left_out.append(f"{name}: {reason}")


def _stop(run: Run, name: str) -> None:
    """End a server, whatever it is doing."""
    if name in run.stops:
        run.stops.pop(name).close()


def _put(run: Run, question: Question) -> None:
    """Compare the rows of all servers for one question, then time those that agree."""
    values = parameters(run.graph.release.store, question)
    expected: list[Rows] | None = None
    right = []
    for name in sorted(run.running, key=lambda name: name != REFERENCE):
        found = _rows(run, question, values, name)
        if found is None:
            continue
        expected = expected if expected is not None else found
        if found == expected:
            right.append(name)
        else:
            counts = ", ".join(f"{rows.total()} ({right.total()})" for rows, right in zip(found, expected, strict=True))
            run.wrong.append(f"{name}: other rows for {question.name!r}, so not timed; rows (expected): {counts}")
    run.rows[question.name] = [rows.total() for rows in expected or []]
    for mode in MODES:
        for clients in run.given.clients:
            for name in (name for name in run.running if name in right):
                _time(run, question, values, Cell(question.name, mode, clients, name))


def _rows(run: Run, question: Question, values: list[str], name: str) -> list[Rows] | None:
    """Read the rows for the first parameters, or None, with the reason noted, when a server fails."""
    client = Client(run.running[name].url, run.given.patience)
    found = []
    for value in values[:CHECKED]:
        reply = client.ask(question.query.replace("$p", value).replace("$n", "9999999"), question.accept)
        reason = f"status {reply.status}: {reply.content[:200]!r}"
        try:
            rows = rows_of(question, reply.content) if reply.status == 200 else None
        except (ValueError, KeyError) as error:
            rows, reason = None, f"no {question.accept}: {error}"
        if rows is None:
            run.wrong.append(f"{name}: fails on {question.name!r}, so not timed; {reason}")
            if not reply.status:  # it may still be at work, and would answer nothing else
                _stop(run, name)
                _start(run, name)
            return None
        found.append(rows)
    client.close()
    return found


def _time(run: Run, question: Question, values: list[str], cell: Cell) -> None:
    """Measure one figure, unless it would take too long."""
    server = run.running[cell.server]
    repeated = cell.mode == "repeated"
    series = run.given.clients.index(cell.clients) * 2
    plan = Plan(question.query, question.accept, values, repeated, series)
    probing = plan if repeated else Plan(question.query, question.accept, values, series=series + 1)
    expected = _probe(server.url, probing)
    if expected * cell.clients > run.given.patience:
        what = f"{cell.server}: {question.name}, {cell.mode}, {cell.clients} clients"
        run.left_out.append(f"{what}: {expected:.1f} s for one answer is too long to time")
        return
    timing = measure(server.url, plan, cell.clients, run.given.seconds, expected)
    run.timings[cell] = timing
    _say(
        f"{question.name:>10} {cell.mode:>8} x{cell.clients} {cell.server:<16} {timing.rate:10.1f}/s  "
        f"median {timing.median * 1000:9.2f} ms  {timing.refused} not answered  ({timing.tool})"
    )


def _probe(url: str, plan: Plan) -> float:
    """Ask three times and give the median in seconds."""
    client, texts = Client(url), plan.texts()
    taken = statistics.median(client.ask(next(texts), plan.accept).seconds for _ in range(3))
    client.close()
    return taken


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _print(run: Run) -> None:
    tool = (
        "wrk and, for answers that take over 50 ms, threads"
        if wrk()
        else "threads, wrk is missing: fast servers are faster"
    )
    print(f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, {time.strftime('%F')}")
    print(f"lungkg serve {run.given.serve_options.strip()}")
    print(f"load by {tool}; {run.given.seconds:g} s for each figure")
    print(f"{run.given.claims:,} claims, {run.graph.triples:,} triples, release {run.graph.release.id[:12]}")
    for server in run.running.values():
        print(f"- {server.version}; first answer after {server.started:.2f} s")
    for line in (*run.left_out, *run.wrong):
        print(f"- {line}")
    _print_ratios(run)
    _print_figures(run)
    print("\n| target | measured | met |\n|---|---|---|")
    for target, measured, met in _targets(run):
        print(f"| {target} | {measured} | {met} |")


def _peers(run: Run) -> list[str]:
    return [name for name in run.running if name != OURS]


def _print_ratios(run: Run) -> None:
    kinds = [(mode, clients) for mode in MODES for clients in run.given.clients]
    heads = [f"{peer}: {mode} x{clients}" for peer in _peers(run) for mode, clients in kinds]
    print("\nOur rate by the peer's: above 1 we are faster.\n")
    print("| question | rows | " + " | ".join(heads) + " |")
    print("|---" * (len(heads) + 2) + "|")
    for name, counts in run.rows.items():
        cells = [_shown(run.ratio(name, mode, clients, peer)) for peer in _peers(run) for mode, clients in kinds]
        print(f"| {name} | {', '.join(map(str, counts))} | " + " | ".join(cells) + " |")
    means = [
        _shown(_mean(run.ratio(name, mode, clients, peer) for name in run.rows))
        for peer in _peers(run)
        for mode, clients in kinds
    ]
    print("| **geometric mean** | | " + " | ".join(means) + " |")


def _print_figures(run: Run) -> None:
    names = list(run.running)
    print("\nGood answers a second, then median and 99th percentile in ms; in brackets requests that got none.\n")
    print("| question | asked | clients | " + " | ".join(names) + " |")
    print("|---" * (len(names) + 3) + "|")
    for question in run.rows:
        for mode in MODES:
            for clients in run.given.clients:
                cells = [_figure(run.timings.get(Cell(question, mode, clients, name))) for name in names]
                print(f"| {question} | {mode} | {clients} | " + " | ".join(cells) + " |")


def _figure(timing: Timing | None) -> str:
    if timing is None:
        return "-"
    refused = f" ({timing.refused})" if timing.refused else ""
    return f"{timing.rate:,.1f}; {timing.median * 1000:.2f}; {timing.p99 * 1000:.2f}{refused}"


def _shown(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.2f}"


def _mean(ratios: Iterable[float | None]) -> float | None:
    """Give the geometric mean of the ratios that there are; none that is zero can be in it."""
    logarithms = [math.log(ratio) for ratio in ratios if ratio]
    return math.exp(statistics.fmean(logarithms)) if logarithms else None


def _targets(run: Run) -> list[tuple[str, str, str]]:
    """Hold what was measured against what the issue asks for."""
    found = []

    def hold(target: str, value: float | None, limit: float, *, above: bool = True, unit: str = "") -> None:
        if value is None:
            found.append((target, "not measured", "-"))
        else:
            met = value >= limit if above else value <= limit
            found.append((target, f"{value:.2f}{unit}", "yes" if met else "**no**"))

    for clients in run.given.clients:
        who = f"{clients} client" + "s" * (clients > 1)
        repeated = _mean(run.ratio(name, "repeated", clients, REFERENCE) for name in run.rows)
        hold(f"repeated answers ≥ Oxigraph's rate, geometric mean, {who}", repeated, 1)
        point = run.ratio("point", "repeated", clients, REFERENCE)
        hold(f"repeated point look-ups ≥ 0.3 of Oxigraph's rate, {who}", point, 0.3)
        hold(
            f"cold point look-ups ≥ 0.1 of Oxigraph's rate, {who}", run.ratio("point", "cold", clients, REFERENCE), 0.1
        )
        for name in _heavy(run):
            ratio = run.ratio(name, "cold", clients, REFERENCE)
            hold(
                f"{name!r}, over 50 ms: time ≤ 1.15 of Oxigraph's, {who}",
                ratio and 1 / ratio,
                HEAVY_WITHIN,
                above=False,
            )
    every = [(name, mode, clients) for name in run.rows for mode in MODES for clients in run.given.clients]
    for label, chosen in (
        ("all figures", every),
        *((mode, [one for one in every if one[1] == mode]) for mode in MODES),
    ):
        value = _mean(run.ratio(*one, SLOW_PEER) for one in chosen)
        hold(f"≥ 20 times rdflib-endpoint's rate, geometric mean, {label}", value, 20)
    for kind, seconds in run.starts.items():
        limit = 2 if kind.startswith("real") else 4
        hold(f"first answer < {limit} s: {kind}", statistics.median(seconds), limit, above=False, unit=" s")
    return found


def _heavy(run: Run) -> list[str]:
    """Name the questions that the raw server takes more than 50 ms for, asked cold by one client."""
    timings = {name: run.timings.get(Cell(name, "cold", 1, REFERENCE)) for name in run.rows}
    return [name for name, timing in timings.items() if timing and timing.rate < 1 / HEAVY]


if __name__ == "__main__":
    main()
