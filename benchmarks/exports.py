"""Exports a release to every format and prints seconds, megabytes of memory and of files, beside `oxigraph dump`.

    .venv/bin/python benchmarks/exports.py --project build/benchmark/project --release build/benchmark/out/current

Each format runs in a process of its own, so that its peak memory is its own. The release is only read.
"""

import argparse
import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pyoxigraph as ox

from lungkg.exports import EXPORTS, FORMATS, Export, Exporting
from lungkg.project import load_project
from lungkg.release import Release

DUMPS = tuple(form for form in FORMATS if form.name in ("nquads", "trig", "turtle"))


def _measure(form: Export, project: Path, release: Release, compressed: bool, results: Connection) -> None:
    store = ox.Store.read_only(str(release.store))
    base = str(release.info["base"])
    options = Exporting(store, load_project(project, base), release.info, release.path / "dataset.nq.gz", compressed)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        files = form.write(options, Path(folder))
        seconds = time.perf_counter() - began
        size = sum(file.path.stat().st_size for file in files)
    results.send((seconds, size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))


def measure(form: Export, project: Path, release: Release, *, compressed: bool) -> float:
    """Export in a process of its own; prints what it took and gives the seconds."""
    receiver, sender = multiprocessing.get_context("spawn").Pipe(duplex=False)
    arguments = (form, project, release, compressed, sender)
    process = multiprocessing.get_context("spawn").Process(target=_measure, args=arguments)
    process.start()
    seconds, size, memory = receiver.recv()
    process.join()
    _row(form.name + (" .gz" if compressed else ""), seconds, size, memory)
    return float(seconds)


def peer(release: Release) -> float:
    """Dump the store by Oxigraph's own command; prints what it took and gives the seconds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "all.nq"
        oxigraph = str(Path(sys.executable).with_name("oxigraph"))
        command = [oxigraph, "dump", "--location", str(release.store), "--file", str(path)]
        began = time.perf_counter()
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        seconds = time.perf_counter() - began
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        _row("oxigraph dump", seconds, path.stat().st_size, memory)
    return seconds


def _row(name: str, seconds: float, size: int, memory: int) -> None:
    print(f"| {name} | {seconds:.1f} s | {size / 1e6:.1f} MB | {memory} MB |", flush=True)


def main() -> None:
    """Measure every format, what builds write first, and then Oxigraph."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--release", type=Path, required=True)
    arguments = parser.parse_args()
    release = Release(arguments.release.resolve())
    print("| format | time | files | peak memory |\n|---|---|---|---|")
    total = sum(measure(form, arguments.project, release, compressed=True) for form in EXPORTS)
    for form in DUMPS[1:]:
        measure(form, arguments.project, release, compressed=False)
    theirs = peer(release)
    ours = measure(DUMPS[0], arguments.project, release, compressed=False)
    print(f"\nall that a build exports: {total:.1f} s; N-Quads: {theirs / ours:.1f} times as fast as oxigraph dump")


if __name__ == "__main__":
    main()
