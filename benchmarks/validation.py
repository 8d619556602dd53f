"""Measures validation by size: ours on a loaded store, after a change of one claim, and of pySHACL and pyshifty.

    .venv/bin/python benchmarks/validation.py --claims 1000 10000 --core 1000 10000 --all 1000
    .venv/bin/python benchmarks/validation.py --release build/current --project .

Generated projects are built first, in processes of their own; `--release` takes one that is built already.
pyshifty is no dependency of ours: name a Python that has it with LUNGKG_SECOND_OPINION. Every engine gets the same
graph, the union of all graphs of the release, and the project's shapes, and runs in a process of its own. Reading
the graph is told apart from validating it.
"""

import argparse
import gzip
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
import pyshacl
import rdflib
from generate import generate

from lungkg.build import build
from lungkg.project import Project, bundled_root, load_project
from lungkg.validation.files import read_graph
from lungkg.validation.incremental import Revalidation
from lungkg.validation.shacl import Shapes
from lungkg.validation.sweep import sweep

SECONDS: Final = 1_200
"""How long one measurement may take."""

_SHIFTY: Final = """
import json, resource, sys, time
import shifty
from rdflib import RDF, SH
began = time.perf_counter()
_, report, _ = shifty.validate(sys.argv[1], sys.argv[2], infer=False)
took = time.perf_counter() - began
found = len(list(report.subjects(RDF.type, SH.ValidationResult)))
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({"read": None, "validate": took, "findings": found, "megabytes": memory}))
"""


def _megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _shapes(project: Project) -> Shapes:
    shapes = Shapes(read_graph([str(path) for path in project.shape_files()]))
    _ = shapes.core, shapes.set_based
    return shapes


def _ours(project: Project, release: Path) -> dict[str, Any]:
    """Sweep a release's store, as it lies on disk."""
    shapes, store = _shapes(project), ox.Store.read_only(str(release / "store"))
    began = time.perf_counter()
    found = sweep(store, list[bytes], shapes, lambda *_: None)
    return {"read": None, "validate": time.perf_counter() - began, "findings": len(found), "megabytes": _megabytes()}


def _change(project: Project, release: Path) -> dict[str, Any]:
    """Take a claim out of a copy of a release's store and put it back; gives the longer time."""
    shapes = _shapes(project)
    with tempfile.TemporaryDirectory(dir=release.resolve().parent) as folder:
        copy = Path(folder) / "store"
        subprocess.run(["cp", "-r", str(release.resolve() / "store"), str(copy)], check=True)  # noqa: S607
        store = ox.Store(str(copy))
        kept = Revalidation(store, shapes, [], list[bytes])
        claim = _a_claim(store)
        kept.change([], [])  # what is compiled once for a store is not counted
        times = []
        for gone, come in ((claim, []), ([], claim)):
            began = time.perf_counter()
            kept.change(gone, come)
            times.append(time.perf_counter() - began)
    return {"read": None, "validate": max(times), "findings": kept.asked, "megabytes": _megabytes()}


def _a_claim(store: ox.Store) -> list[ox.Quad]:
    """Give the statements about a claim."""
    stated = ox.NamedNode("https://w3id.org/lungkg/ont#statedIn")
    claim = next(store.quads_for_pattern(None, stated, None)).subject
    return list(store.quads_for_pattern(claim, None, None))


def _pyshacl(project: Project, release: Path, *, core_only: bool) -> dict[str, Any]:
    """Parse a release with rdflib and validate it with pySHACL."""
    shapes = _shapes(project)
    began = time.perf_counter()
    data = rdflib.Graph().parse(data=_triples(release), format="nt")
    read = time.perf_counter() - began
    began = time.perf_counter()
    _, results, _ = pyshacl.validate(data, shacl_graph=shapes.core if core_only else shapes.graph, inplace=True)
    took = time.perf_counter() - began
    found = len(list(results.subjects(rdflib.RDF.type, rdflib.SH.ValidationResult)))
    return {"read": read, "validate": took, "findings": found, "megabytes": _megabytes()}


def _triples(release: Path) -> bytes:
    """Give all graphs of a release as one, in N-Triples."""
    with gzip.open(release / "dataset.nq.gz") as file:
        lines = {f"{quad.triple} .\n" for quad in ox.parse(file.read(), format=ox.RdfFormat.N_QUADS)}
    store = ox.Store.read_only(str(release / "store"))
    graph = next(name for name in store.named_graphs() if str(name).endswith("graph/metadata>"))
    lines |= {f"{quad.triple} .\n" for quad in store.quads_for_pattern(None, None, None, graph)}
    return "".join(sorted(lines)).encode()


def _shifty(project: Project, release: Path) -> dict[str, Any]:
    """Validate files with pyshifty; it reads them itself."""
    python = os.environ["LUNGKG_SECOND_OPINION"]
    with tempfile.TemporaryDirectory() as folder:
        data, shapes = Path(folder) / "data.nt", Path(folder) / "shapes.ttl"
        data.write_bytes(_triples(release))
        _shapes(project).graph.serialize(str(shapes), format="turtle")
        command = [python, "-W", "ignore", "-c", _SHIFTY, str(data), str(shapes)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


ENGINES: Final[dict[str, Callable[[Project, Path], dict[str, Any]]]] = {
    "ours": _ours,
    "ours, one claim changed": _change,
    "pySHACL, core only": lambda project, release: _pyshacl(project, release, core_only=True),
    "pySHACL, all shapes": lambda project, release: _pyshacl(project, release, core_only=False),
    "pyshifty, all shapes": _shifty,
}


def _measured(engine: str, project: Path, release: Path) -> dict[str, Any] | str:
    """Measure in a process of its own; gives why there is no result otherwise."""
    command = [sys.executable, __file__, "--engine", engine, "--project", str(project), "--release", str(release)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"not done after {SECONDS} s"
    if done.returncode:
        return (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1][:100]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _print(name: str, project: Path, release: Path, engines: list[str]) -> None:
    for engine in engines:
        found = _measured(engine, project, release)
        if isinstance(found, str):
            print(f"| {name} | {engine} | | {found} | | |", flush=True)
        else:
            read = "" if found["read"] is None else f"{found['read']:.2f} s"
            print(
                f"| {name} | {engine} | {read} | {found['validate']:.2f} s | {found['findings']:,} | "
                f"{found['megabytes']:,} MB |",
                flush=True,
            )


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, nargs="*", default=[])
    parser.add_argument("--core", type=int, nargs="*", default=[], help="sizes for pySHACL without sh:sparql")
    parser.add_argument("--all", type=int, nargs="*", default=[], help="sizes for pySHACL with all shapes")
    parser.add_argument("--shifty", type=int, nargs="*", default=[], help="sizes for pyshifty")
    parser.add_argument("--project", type=Path, default=bundled_root())
    parser.add_argument("--release", type=Path)
    parser.add_argument("--engine", choices=list(ENGINES), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.engine:
        print(json.dumps(ENGINES[given.engine](load_project(given.project), given.release)))
        return
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores\n")
    print("| data | engine | read | validate | findings, or nodes asked | peak memory |\n|---|---|---|---|---|---|")
    engines = ["ours", "ours, one claim changed"]
    if given.release:
        _print(given.release.resolve().name[:12], given.project, given.release, engines)
    with tempfile.TemporaryDirectory() as folder:
        for claims in given.claims:
            root = Path(folder) / f"p{claims}"
            generate(root, claims)
            build(load_project(root), root / "build")
            also = (
                ("pySHACL, core only", given.core),
                ("pySHACL, all shapes", given.all),
                ("pyshifty, all shapes", given.shifty),
            )
            peers = [name for name, sizes in also if claims in sizes]
            _print(f"{claims:,} claims", root, root / "build" / "current", [*engines, *peers])


if __name__ == "__main__":
    main()
