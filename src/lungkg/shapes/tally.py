"""Counts what shapes did in a release, cheaply, and keeps it beside the release for those who read the shapes.

The counts are those of `lungkg.shapes.coverage`. Most of them follow from the VoID partitions of the release, which
were counted already: the values of one property of the instances of classes that have no instance in common. The
others are asked of the store, unless there are too many focus nodes; then they are left uncounted, which is said.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
import rdflib
from rdflib import SH
from rdflib.term import Node

from lungkg.errors import SystemProblem
from lungkg.namespaces import VOID, Minter
from lungkg.project import Project, bundled_root
from lungkg.release import Release
from lungkg.report import Finding
from lungkg.shapes.coverage import Ways
from lungkg.shapes.library import TARGETS, Library
from lungkg.shapes.published import stored_shapes
from lungkg.shapes.reading import read_library
from lungkg.shapes.sample import Sample
from lungkg.stores import select

FILE: Final = "shapes.json"
"""The name of the file in the folder of a release."""

VERSION: Final = 1
"""The version of what the file holds; one of another version counts as missing."""

MOST_FOLLOWED: Final = 100_000
"""From how many focus nodes a path is followed to count its values, where no partition has the count."""

_ONE_STEP: Final = re.compile(r"\((<[^<>]*>)\)")
_PARTS: Final = f"""
    SELECT ?class ?entities ?p ?n {{
        GRAPH %(metadata)s {{
            %(dataset)s <{VOID}classPartition> ?part . ?part <{VOID}class> ?class ; <{VOID}entities> ?entities .
            OPTIONAL {{ ?part <{VOID}propertyPartition> ?of . ?of <{VOID}property> ?p ; <{VOID}triples> ?n }}
        }}
    }}
"""
_KINDS: Final = "SELECT DISTINCT ?class { GRAPH %(metadata)s { ?s a ?class } }"


@dataclass(frozen=True)
class Tally:
    """What shapes did in a release: by the name of a shape or check, as `name_of` gives it.

    `targets` counts the focus nodes of each shape that has a target, `values` what each shape was asked about, on
    all ways to it; None is uncounted. `results` counts findings by check and component, those that are waived
    included, which `waived` counts apart; they are None where the release was built before they were kept.
    `places` says where each shape is written.
    """

    targets: dict[str, int]
    values: dict[str, int | None]
    results: dict[str, dict[str, int]] | None = None
    waived: dict[str, dict[str, int]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def found(self, check: Node, component: str) -> int | None:
        """Count the findings of a constraint; None when nobody knows, as for a check without an IRI."""
        if self.results is None or isinstance(check, rdflib.BNode):
            return None
        return self.results.get(name_of(check), {}).get(component, 0)

    def written(self) -> bytes:
        """Write it as JSON; equal tallies give equal bytes."""
        content = {"version": VERSION, **asdict(self)}
        return (json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()

    @property
    def digest(self) -> str:
        """Name what it says, for entity tags."""
        return hashlib.sha256(self.written()).hexdigest()

    def save(self, folder: Path) -> None:
        """Write shapes.json into the folder of a release, in one step: it may be published already."""
        part = folder / f".{FILE}"
        part.write_bytes(self.written())
        part.replace(folder / FILE)


def load_tally(folder: Path) -> Tally | None:
    """Read shapes.json from the folder of a release; None when there is none of this version.

    Raises SystemProblem when the file is not what a build writes.
    """
    path = folder / FILE
    try:
        content: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if content.pop("version") != VERSION:
            return None
        return Tally(**content)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SystemProblem(f"{path} cannot be read: {error}; build the release again") from None


def tally(store: ox.Store, project: Project, findings: Iterable[Finding] | None = None) -> Tally:
    """Count in a store that holds a release with its description; `findings` are those of its build.

    Raises ValueError for shapes that cannot be used.
    """
    library = stored_shapes(store, project)
    counter = _Counter(library, store, project)
    made = Tally(
        targets={name_of(shape): counter.focus_nodes(shape) for shape in library.targeted},
        values={name_of(shape): counter.values(shape) for shape in library.shapes},
        places=_places(project),
    )
    if findings is None:
        return made
    told = list(findings)
    waived = [finding for finding in told if finding.waived]
    return replace(made, results=_by_check(told), waived=_by_check(waived))


def tally_release(release: Release, project: Project) -> None:
    """Count in a release that was published without, and keep the counts beside it; what was found stays unknown.

    Raises SystemProblem when the release cannot be opened, or the counts cannot be written.
    """
    if load_tally(release.path) is not None:
        return
    try:
        tally(ox.Store.read_only(str(release.store)), project).save(release.path)
    except (OSError, ValueError) as error:
        raise SystemProblem(f"the shapes of {release.path} cannot be counted: {error}") from None


def name_of(node: Node) -> str:
    """Name a shape or check in a tally.

    >>> from rdflib import URIRef
    >>> name_of(URIRef("http://a.org/S"))
    '<http://a.org/S>'
    """
    return node.n3()


def _by_check(findings: Iterable[Finding]) -> dict[str, dict[str, int]]:
    """Count the findings of SHACL by check and component; what has no IRI was named anew since, and is left out."""
    found: dict[str, dict[str, int]] = {}
    for (check, component), n in Counter((one.check, one.component) for one in findings if one.component).items():
        if ":" in check.removeprefix("_:"):
            found.setdefault(f"<{check}>", {})[component] = n
    return found


def _places(project: Project) -> dict[str, str]:
    """Say where each shape is written, from the folder of the project or of the software."""
    found: dict[str, str] = {}
    for node, places in read_library(str(path) for path in project.shape_files()).places.items():
        place = places[0]
        root = next((root for root in (project.root, bundled_root()) if place.path.is_relative_to(root)), None)
        if root is not None and not isinstance(node, rdflib.BNode):
            found[name_of(node)] = str(replace(place, path=place.path.relative_to(root)))
    return found


class _Counter:
    """Counts focus nodes and values, from partitions where they have the number."""

    def __init__(self, library: Library, store: ox.Store, project: Project) -> None:
        self._library, self._store = library, store
        self._sample = Sample("this release", store, (), tuple)
        self._ways = Ways(library, self._sample)
        iris = Minter(project.base)
        terms = {"metadata": f"<{iris.graph('metadata')}>", "dataset": f"<{iris.dataset}>"}
        self._instances: dict[str, int] = {}
        self._uses: dict[tuple[str, str], int] = {}
        for row in select(store, _PARTS % terms):
            self._instances[str(row["class"])] = int(row["entities"].value)
            if row["p"] is not None:
                self._uses[str(row["class"]), str(row["p"])] = int(row["n"].value)
        self._described = {str(row["class"]) for row in select(store, _KINDS % terms)}
        self._focus = self._sample.counts(self._ways.focus_nodes(shape) for shape in library.targeted)
        self._known = self._ask()

    def focus_nodes(self, top: Node) -> int:
        """Count the focus nodes of a shape that has a target."""
        return self._focus[self._ways.focus_nodes(top)]

    def values(self, shape: Node) -> int | None:
        """Count what a shape is asked about, on all ways to it; None where that was not counted."""
        counts = [self._on(top, way) for top, way in self._ways.to(shape)]
        return None if None in counts else sum(n for n in counts if n is not None)

    def _on(self, top: Node, way: str) -> int | None:
        if not way:
            return self.focus_nodes(top)
        found = self._from_partitions(top, way)
        return self._known.get(self._ways.values(top, way)) if found is None else found

    def _ask(self) -> Mapping[str, int]:
        """Ask the store for what no partition has, of shapes that have few enough focus nodes."""
        wanted = {
            self._ways.values(top, way)
            for shape in self._library.shapes
            for top, way in self._ways.to(shape)
            if way and self._from_partitions(top, way) is None and self.focus_nodes(top) <= MOST_FOLLOWED
        }
        return self._sample.counts(wanted)

    def _from_partitions(self, top: Node, way: str) -> int | None:
        """Add up partitions, if the path is one property, and no focus node is in two classes, or elsewhere."""
        step, kinds = _ONE_STEP.fullmatch(way), self._ways.kinds(top)
        others = any((top, link, None) in self._library.graph for link in TARGETS if link != SH.targetClass)
        together = sum(self._instances.get(kind, 0) for kind in kinds)
        if step is None or others or together != self.focus_nodes(top) or self._described.intersection(kinds):
            return None
        return sum(self._uses.get((kind, step[1]), 0) for kind in kinds)
