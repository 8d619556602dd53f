"""Mutates the project's shapes, and prints the mutation table with the time it takes.

    .venv/bin/python benchmarks/mutation.py [--project DIR] [--examples DIR]

Each mutant is the shapes with one small mistake; it is noticed when some example has other results. The time
is that of the whole run in one process, reading included.
"""

import argparse
import platform
import resource
import time
from pathlib import Path

from lungkg.namespaces import ONT
from lungkg.ontology import load_ontology
from lungkg.project import bundled_root, load_project
from lungkg.shapes.examples import Examples
from lungkg.shapes.lint import Terms
from lungkg.shapes.mutation import mutate, survivors_of
from lungkg.shapes.reading import read_library


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--project", type=Path, default=bundled_root())
    arguments.add_argument("--examples", type=Path, default=bundled_root() / "tests" / "examples")
    given = arguments.parse_args()
    began, worked = time.perf_counter(), time.process_time()
    project = load_project(given.project)
    ontology = load_ontology(project.ontology_files(), project.ont)
    library = read_library(str(path) for path in project.shape_files())
    examples = Examples(given.examples, ontology.triples)
    made = mutate(library, Terms.of(ontology, (project.ont, ONT)).hierarchy, examples)
    seconds, busy = time.perf_counter() - began, time.process_time() - worked
    tried = len(made.killed) + len(made.survivors)
    print("| mistake | noticed | tried |\n|---|---:|---:|")
    for operator, (noticed, of) in made.by_operator().items():
        print(f"| {operator} | {noticed} | {of} |")
    print(f"| all | {len(made.killed)} | {tried} |\n")
    unseen, invalid = len(made.equivalent), len(made.invalid)
    print(f"Score {made.score:.1f} %; {unseen} mutants that no data can show, {invalid} that cannot be run.")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{len(examples.all)} examples, {len(library.constraints)} constraints; {seconds:.1f} s ({busy:.1f} s busy),")
    print(f"{1000 * busy / max(tried, 1):.1f} ms a mutant, {memory} MB; Python {platform.python_version()}")
    for survivor in survivors_of(made.survivors, library):
        print(f"- survived: {survivor}")


if __name__ == "__main__":
    main()
