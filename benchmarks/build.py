"""Builds generated projects stage by stage and prints seconds and peak memory; `--peer` adds pySHACL on rdflib.

    .venv/bin/python benchmarks/build.py --claims 100 1000 10000 50000 --peer 100 1000 10000 --peer-all 100

Each size runs in a process of its own, so that its peak memory is its own; worker processes are counted by
the largest of them times their number. The peer does what a user would do without lungkg: parse the same
graph with rdflib and validate it with pySHACL, once with all shapes and once without the sh:sparql ones.
"""

import argparse
import gzip
import multiprocessing
import os
import platform
import resource
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pyshacl
import rdflib
from generate import generate

from lungkg.build import build
from lungkg.project import Project, bundled_root, load_project
from lungkg.validation.files import read_graph
from lungkg.validation.shacl import Shapes


def _megabytes() -> int:
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    largest_child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    workers = os.cpu_count() or 1
    return (own + workers * largest_child) // 1024


def _measure_build(root: Path, out: Path, results: Connection) -> None:
    began = time.perf_counter()
    made = build(load_project(root), out)
    results.send(
        (
            time.perf_counter() - began,
            made.seconds,
            sum(made.triples.values()),
            made.report.counts(),
            _megabytes(),
        )
    )


def _measure_peer(out: Path, shape_files: list[str], *, core_only: bool, results: Connection) -> None:
    shapes = Shapes(read_graph(shape_files))
    began = time.perf_counter()
    data = rdflib.Graph()
    dataset = rdflib.Dataset(default_union=True)
    with gzip.open(out / "current" / "dataset.nq.gz") as file:
        dataset.parse(data=file.read(), format="nquads")
    for subject, predicate, value, _ in dataset.quads():
        data.add((subject, predicate, value))
    loaded = time.perf_counter() - began
    conforms, _, _ = pyshacl.validate(data, shacl_graph=shapes.core if core_only else shapes.graph)
    results.send((loaded, time.perf_counter() - began - loaded, conforms, _megabytes()))


def _in_process(target: object, *args: object, **kwargs: object) -> tuple[object, ...]:
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=target, args=args, kwargs={**kwargs, "results": there})  # type: ignore[arg-type]
    process.start()
    there.close()
    try:
        received: tuple[object, ...] = here.recv()
    except EOFError:
        raise SystemExit("a measured process died; its error is above") from None
    finally:
        process.join()
    return received


def _report(name: str, root: Path, out: Path) -> float:
    seconds, stages, triples, findings, megabytes = _in_process(_measure_build, root, out)
    shown = "  ".join(f"{stage} {value:.2f}" for stage, value in stages.items())  # type: ignore[attr-defined]
    print(
        f"{name:>14}  {seconds:8.2f} s  {megabytes:6} MB  {triples:>10,} triples  {findings}\n{'':>14}  {shown}",
        flush=True,
    )
    return float(seconds)  # type: ignore[arg-type]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, nargs="*", default=[1000, 10_000])
    parser.add_argument("--peer", type=int, nargs="*", default=[], help="sizes for pySHACL without sh:sparql")
    parser.add_argument("--peer-all", type=int, nargs="*", default=[], help="sizes for pySHACL with all shapes")
    given = parser.parse_args()
    real = load_project(bundled_root())
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        _report("real project", real.root, Path(folder) / "real")
        for claims in given.claims:
            root = Path(folder) / f"p{claims}"
            project: Project = generate(root, claims)
            ours = _report(f"{claims:,} claims", root, root / "build")
            files = [str(path) for path in project.shape_files()]
            for core_only, sizes in ((True, given.peer), (False, given.peer_all)):
                if claims in sizes:
                    _report_peer(root / "build", files, ours, core_only=core_only)


def _report_peer(out: Path, files: list[str], ours: float, *, core_only: bool) -> None:
    load, check, conforms, megabytes = _in_process(_measure_peer, out, files, core_only=core_only)
    whole = float(load) + float(check)  # type: ignore[arg-type]
    kind = "pySHACL, core only" if core_only else "pySHACL, all shapes"
    print(
        f"{kind:>22}  load {load:.2f} s  validate {check:.2f} s  {megabytes} MB  "
        f"conforms {conforms}; {whole / ours:.1f} times our whole build",
        flush=True,
    )


if __name__ == "__main__":
    main()
