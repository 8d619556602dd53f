"""The generated graph that servers are compared on: built once into a folder, and used again.

What `generate.py` writes has neither a hierarchy of entities nor claims that disagree, and the questions of
`questions.py` ask for both. So a tree of wider entities, assumptions about contexts and negated claims are
added before the build. Equal sizes give equal graphs.
"""

import gzip
import json
import shutil
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from generate import generate

from lungkg.build import fingerprint
from lungkg.project import load_project
from lungkg.release import Release, current

NARROWER = 4  # entities directly below one
NEGATED_EVERY = 10  # claims
ASSUMED_EVERY = 25  # entities of the kind that contexts are of
LUNGKG = Path(sys.executable).with_name("lungkg")


@dataclass(frozen=True)
class Graph:
    """A generated project and the release that was built of it."""

    root: Path
    out: Path
    release: Release

    @property
    def triples(self) -> int:
        """Triples of all graphs, as the build counted them."""
        return sum(int(count) for count in self.release.info["triples"].values())

    def store_copy(self, folder: Path) -> Path:
        """Give a copy of the release's store below `folder`, so that no two servers share one."""
        copy = folder / f"store-{self.release.id[:12]}"
        if not copy.exists():
            partly = copy.with_suffix(".partly")
            shutil.rmtree(partly, ignore_errors=True)
            shutil.copytree(self.release.store, partly)
            partly.rename(copy)
        return copy

    def quads(self, folder: Path) -> Path:
        """Give the release as one N-Quads file below `folder`."""
        path = folder / f"dataset-{self.release.id[:12]}.nq"
        if not path.exists():
            partly = path.with_suffix(".partly")
            with gzip.open(self.release.path / "dataset.nq.gz") as packed, partly.open("wb") as file:
                shutil.copyfileobj(packed, file)
            partly.rename(path)
        return path


def prepare(work: Path, claims: int) -> Graph:
    """Give the graph of this many claims, generating and building it below `work` when it is not there.

    Ends the program when the build fails; its messages are in `build-<claims>.log`.
    """
    root, out = work / f"project-{claims}", work / f"build-{claims}"
    if not (root / "complete").exists():
        shutil.rmtree(root, ignore_errors=True)
        generate(root, claims)
        _enrich(root / "data")
        (root / "complete").touch()
    release = current(out)
    if release is None or release.info["sources"] != fingerprint(load_project(root)):
        print(f"building {claims:,} claims in {out} …", file=sys.stderr, flush=True)
        release = _build(root, out, work / f"build-{claims}.log")
    return Graph(root, out, release)


def _build(root: Path, out: Path, log: Path) -> Release:
    with log.open("w") as file:
        ended = subprocess.run(
            [LUNGKG, "build", "--project", root, "--out", out], stdout=file, stderr=file, check=False
        )
    release = current(out)
    if ended.returncode or release is None:
        raise SystemExit(f"the generated project was not built, exit code {ended.returncode}: see {log}")
    return release


def _enrich(data: Path) -> None:
    """Add wider entities, assumptions about contexts, and claims that deny what others say."""
    path = data / "entities.jsonl"
    entities = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    by_kind: dict[str, list[str]] = defaultdict(list)
    for entity in entities:
        same = by_kind[entity["kind"]]
        if same:
            entity["broader"] = [same[(len(same) - 1) // NARROWER]]
        same.append(entity["label"].lower().replace(" ", "-"))
    _write_lines(path, entities)
    _assume(data / "background.yaml", by_kind[min(by_kind)])
    number = 0
    for path in sorted((data / "documents").glob("*/claims.jsonl")):
        claims = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for claim in claims:
            number += 1
            if number % NEGATED_EVERY == 0:
                claim["polarity"] = "Negated"
        _write_lines(path, claims)


def _assume(path: Path, contexts: list[str]) -> None:
    assumptions = [
        {
            "id": f"assumption-{number}",
            "label": f"{narrower} lies within {broader}",
            "comment": "Not said by the document. It is made up.",
            "narrower": narrower,
            "broader": broader,
        }
        for number, (narrower, broader) in enumerate(
            zip(contexts[ASSUMED_EVERY::ASSUMED_EVERY], contexts[1:], strict=False), start=1
        )
    ]
    path.write_text(json.dumps({"assumptions": assumptions}), "utf-8")  # JSON is YAML, too


def _write_lines(path: Path, records: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
