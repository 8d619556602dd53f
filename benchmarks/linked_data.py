"""Measures documents about things: cold, repeated, and for who has them already; and exports of everything.

    .venv/bin/python benchmarks/linked_data.py --work build/benchmark

Cold documents are asked for once each, by one client; beside them stands the CONSTRUCT that asks for the same
(what is said of the thing and its parts, its evidence, the first that point at it, names and types of what that
mentions), through our endpoint and by Oxigraph's own server on a copy of the store; and one without the names.
Repeated ones are asked for again and again by `wrk`, with and without If-None-Match; beside them stands a file
of equal length that the same server sends.

The real project is built into the work folder; the generated graph is the one of `graph.py`, or any release that
was built before (`--generated PROJECT OUT`), which is served as it is. Ends with 1 when something is answered
wrongly; missed aims are printed and do not change the exit code.
"""

import argparse
import hashlib
import http.client
import os
import platform
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

import pyoxigraph as ox
from as_built import FILES
from graph import Graph, prepare
from load import wrk

import servers
from lungkg.build import build
from lungkg.formats import DOCUMENTS, Format
from lungkg.project import Project, bundled_root, load_project
from lungkg.release import current
from lungkg.triples import A

KINDS: Final = ("claim", "entity", "sentence", "reference", "document")
TURTLE: Final = DOCUMENTS[0]
HERE: Final = Path(__file__).parent

_WARMING: Final = 3  # documents of a type that are asked for beforehand and not counted

COLD_WITHIN: Final = 1.5  # times the CONSTRUCT
DUMP: Final = "nquads"

_PREFIXES: Final = """# %(mark)s
PREFIX cito: <http://purl.org/spar/cito/>
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX ont: <https://w3id.org/lungkg/ont#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
_SPANS: Final = "ont:source|ont:focus|ont:hedgeText"
_EVIDENCE: Final = "ont:inSentence|cito:citesAsEvidence|prov:wasGeneratedBy|ont:restsOn|prov:wasDerivedFrom"
_SAID: Final = (
    ("<%(iri)s> ?p ?o", " BIND(<%(iri)s> AS ?s)"),
    (f"<%(iri)s> {_SPANS}|{_EVIDENCE} ?s . ?s ?p ?o", ""),
    (f"<%(iri)s> ({_SPANS})/oa:hasSelector ?s . ?s ?p ?o", ""),
)
_FIRST: Final = "{ SELECT ?s ?p { ?s ?p <%(iri)s> } LIMIT 25 }"
_POINTING: Final = f"{_FIRST} BIND(<%(iri)s> AS ?o)"
_BARE: Final = f"""{_PREFIXES}
CONSTRUCT {{ ?s ?p ?o }} WHERE {{
  {" UNION ".join(f"{{ {said}{bound} }}" for said, bound in (*_SAID, (_POINTING, "")))}
}}
"""
"""What is said of a thing, its parts and its evidence, and who points at it."""
_NAMES: Final = ("?o rdfs:label ?ol", "?o a ?ot", "?p rdfs:label ?pl", "?p a ?pt")
_POINTING_NAMES: Final = ("?s rdfs:label ?sl", "?s a ?st")
_CONSTRUCT: Final = f"""{_PREFIXES}
CONSTRUCT {{ ?s ?p ?o . ?o rdfs:label ?ol ; a ?ot . ?p rdfs:label ?pl ; a ?pt . ?s rdfs:label ?sl ; a ?st }} WHERE {{
  {" UNION ".join(f"{{ {said}{bound} }}" for said, bound in (*_SAID, (_POINTING, "")))}
  UNION {" UNION ".join(f"{{ {said} . {name}{bound} }}" for said, bound in _SAID for name in _NAMES)}
  UNION {" UNION ".join(f"{{ {_FIRST} {name} }}" for name in _POINTING_NAMES)}
}}
"""
"""The same with the names and types of what is mentioned. As one pattern with ?named it takes Oxigraph three times as
long on a small graph, and 23 s on 6 million triples: it joins with all labels that there are."""
_LUA: Final = """\
local paths, asked = {}, 0
local headers = {%(headers)s}
for line in io.lines("%(paths)s") do paths[#paths + 1] = line end
function request()
  asked = asked + 1
  return wrk.format("GET", paths[asked %% #paths + 1], headers)
end
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("RESULT %%d %%d %%d\\n", summary.requests, summary.duration,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
"""


@dataclass(frozen=True)
class Served:
    """A running server of a graph, with the things in it that are asked for."""

    name: str
    project: Project
    origin: str
    things: Mapping[str, Sequence[str]]
    """Their local names, by type."""
    oxigraph: str = ""
    """Address of Oxigraph's own server, if it runs."""


@dataclass
class Cold:
    """Seconds that answers took which nobody had asked for before, each with its triples."""

    document: list[float] = field(default_factory=list)
    construct: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    construct_sizes: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Repeated:
    """Answers a second for one document again and again; for who has it already; and for a file of its length."""

    length: int
    document: float
    known: float
    file: float
    file_known: float


def main() -> None:
    """Measure and print."""
    given = _arguments()
    given.work = given.work.resolve()
    given.work.mkdir(parents=True, exist_ok=True)
    print(f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, {time.strftime('%F')}")
    wrong: list[str] = []
    for name, root, out in _graphs(given):
        with _serving(given, name, root, out) as served:
            _print_cold(given, served, wrong)
            if wrk():
                _print_repeated(given, served, wrong)
            else:
                print("\nwrk is not installed, so repeated documents were not measured.")
        if given.dump and out != given.work / "build-real":  # which is so small that starting Python is all
            _print_dump(given, name, root, out)
    for line in wrong:
        print(f"- wrong: {line}")
    sys.exit(1 if wrong else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("build/benchmark"), help="folder that is kept between runs")
    parser.add_argument("--claims", type=int, default=100_000, help="size of the generated graph, 0 for none [100000]")
    parser.add_argument("--generated", type=Path, nargs=2, metavar=("PROJECT", "OUT"), help="another one, as it is")
    parser.add_argument("--no-real", dest="real", action="store_false", help="leave out the real project")
    parser.add_argument("--things", type=int, default=200, help="of each type for each format, cold [200]")
    parser.add_argument("--seconds", type=float, default=2, help="for each repeated figure [2]")
    parser.add_argument("--clients", type=int, default=8, help="at once, repeated [8]")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS), metavar="KIND", help=f"of {KINDS}")
    parser.add_argument("--no-oxigraph", dest="oxigraph", action="store_false", help="leave out Oxigraph's own server")
    parser.add_argument("--no-dump", dest="dump", action="store_false", help="leave out exports of everything")
    parser.add_argument("--venv", type=Path, help="virtual environment with Oxigraph [venv in the work folder]")
    return parser.parse_args()


def _graphs(given: argparse.Namespace) -> Iterator[tuple[str, Path, Path]]:
    """Give each graph: its name, its project, its releases."""
    if given.real:
        out, project = given.work / "build-real", load_project(bundled_root())
        made = build(project, out).release
        if made is None:
            raise SystemExit("the real project cannot be built")
        yield "real project", project.root, out
    if given.generated:
        root, out = given.generated
        yield f"generated, {out.name}", root.resolve(), out.resolve()
    elif given.claims:
        graph = prepare(given.work, given.claims)
        yield f"generated, {given.claims:,} claims", graph.root, graph.out


@contextmanager
def _serving(given: argparse.Namespace, name: str, root: Path, out: Path) -> Iterator[Served]:
    project, release = load_project(root), current(out)
    if release is None:
        raise SystemExit(f"there is no release in {out}")
    port = servers.free_port()
    origin = f"http://{servers.HOST}:{port}"
    files = given.work / "files"
    files.mkdir(exist_ok=True)
    words = ["serve", "--project", str(root), "--out", str(out), "--port", str(port), "--no-access-log"]
    command = [sys.executable, str(HERE / "as_built.py"), *words]
    with ExitStack() as stack:
        log, setting = given.work / "linked-data.log", {FILES: str(files)}
        stack.enter_context(servers.running("lungkg", "", f"{origin}/sparql", command, log, setting))
        raw = ""
        if given.oxigraph:
            try:
                programs = servers.peers(given.venv or given.work / "venv")
                graph = Graph(root, out, release)
                raw = stack.enter_context(servers.oxigraph(programs, graph, given.work)).url
            except servers.Unavailable as reason:
                print(f"- Oxigraph's own server: {reason}")
        things = _things(release.store, project, given)
        total = sum(release.info["triples"].values())
        print(f"\n## {name}: {total:,} triples, release {release.id[:12]}\n")
        yield Served(name, project, origin, things, raw)


def _things(store: Path, project: Project, given: argparse.Namespace) -> dict[str, list[str]]:
    """Choose things of each type, the same in every run."""
    start = f"{project.base}id/"
    found: dict[str, list[str]] = {kind: [] for kind in given.kinds}
    for quad in ox.Store.read_only(str(store)).quads_for_pattern(None, A, None, None):
        subject = quad.subject
        if isinstance(subject, ox.NamedNode) and subject.value.startswith(start) and "#" not in subject.value:
            kind, _, local = subject.value[len(start) :].partition("/")
            if kind in found:
                found[kind].append(local)
    chosen, most = random.Random(1), given.things * len(DOCUMENTS) + _WARMING
    every = {kind: sorted(set(names)) for kind, names in found.items()}
    return {kind: chosen.sample(names, min(len(names), most)) for kind, names in every.items()}


class Client:
    """One kept connection."""

    def __init__(self, origin: str) -> None:
        address = urlsplit(origin)
        self._connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)

    def get(self, target: str, accept: str = "*/*") -> tuple[float, int, bytes, str]:
        """Fetch; gives seconds, status, content and entity tag."""
        began = time.perf_counter()
        self._connection.request("GET", target, headers={"Accept": accept})
        answer = self._connection.getresponse()
        content = answer.read()
        return time.perf_counter() - began, answer.status, content, answer.getheader("ETag") or ""

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


# Cold --------------------------------------------------------------------------------------------


def _print_cold(given: argparse.Namespace, served: Served, wrong: list[str]) -> None:
    heads = (
        "of", "format", "documents", "triples", "ms", "a second", "CONSTRUCT: triples", "ms", "ratio", "Oxigraph: ms",
        "ratio", "CONSTRUCT without names: ms",
    )  # fmt: skip
    print(f"Cold, one client, each asked for once; aim: at most {COLD_WITHIN} times the CONSTRUCT.\n")
    print("| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    _warm(served)
    plan = [(kind, TURTLE) for kind in given.kinds]
    plan += [(given.kinds[0], form) for form in DOCUMENTS[1:]]
    for kind, form in plan:
        forms = len(DOCUMENTS) if kind == given.kinds[0] else 1
        cold = _cold(served, kind, form, _sample(served.things[kind], form, given.things, forms), wrong)
        if not cold.document:
            continue
        mean = statistics.fmean(cold.document)
        cells = [
            kind, form.name, str(len(cold.document)), _number(cold.sizes), _ms(cold.document), f"{1 / mean:,.0f}",
            _number(cold.construct_sizes), _ms(cold.construct), _ratio(cold.document, cold.construct),
            _ms(cold.raw), _ratio(cold.document, cold.raw), _ms(cold.bare),
        ]  # fmt: skip
        print("| " + " | ".join(cells) + " |", flush=True)


def _warm(served: Served) -> None:
    """Let the server make what it makes once for a release."""
    client = Client(served.origin)
    client.get("/ont.nt")
    client.close()


def _sample(things: Sequence[str], form: Format, number: int, forms: int) -> Sequence[str]:
    """Choose the things that are asked for in one of some forms, after a few to warm up with: others for each."""
    number = min(number, (len(things) - _WARMING) // forms)
    if number < 1:
        return things[:1]
    start = _WARMING + (DOCUMENTS.index(form) % forms) * number
    return [*things[:_WARMING], *things[start : start + number]]


def _cold(served: Served, kind: str, form: Format, things: Sequence[str], wrong: list[str]) -> Cold:
    """Ask for each thing once as a document and once by CONSTRUCT, every other time the other way round.

    The first things only warm the server up, unless there are no others.
    """
    with closing(_Pair(served, kind, form, wrong)) as pair:
        warming = _WARMING if len(things) > _WARMING else 0
        for local in things[:warming]:
            pair.document(local)
        pair.cold = Cold()
        for number, local in enumerate(things[warming:]):
            for ask in (pair.document, pair.construct) if number % 2 else (pair.construct, pair.document):
                ask(local)
        return pair.cold


class _Pair:
    """Asks for things of a type in a format: the document, and the same by CONSTRUCT."""

    def __init__(self, served: Served, kind: str, form: Format, wrong: list[str]) -> None:
        self._served, self._kind, self._form, self._wrong = served, kind, form, wrong
        self._ours, self._raw = Client(served.origin), Client(served.oxigraph or served.origin)
        self._accept = form.media_type if form.suffix != "html" else TURTLE.media_type
        self.cold = Cold()

    def document(self, local: str) -> None:
        """Ask for the document."""
        path = f"/doc/{self._kind}/{local}.{self._form.suffix}"
        seconds, status, content, _ = self._ours.get(path)
        self.cold.document.append(seconds)
        if status != 200:
            self._wrong.append(f"{self._served.name}: {path} is a {status}")
        elif self._form == TURTLE:
            self.cold.sizes.append(_triples(content))

    def construct(self, local: str) -> None:
        """Ask by CONSTRUCT, which is another text for each format, so that no answer is given twice."""
        base = self._served.project.base
        given = {"iri": f"{base}id/{self._kind}/{local}", "mark": f"for {self._form.name}"}
        target = f"query={quote(_CONSTRUCT % given, safe='')}"
        seconds, status, content, _ = self._ours.get(f"/sparql?{target}", self._accept)
        self.cold.construct.append(seconds)
        if status != 200:
            self._wrong.append(f"{self._served.name}: the CONSTRUCT for {local} is a {status}: {content[:200]!r}")
        elif self._accept == TURTLE.media_type:
            self.cold.construct_sizes.append(_triples(content))
        bare = f"/sparql?query={quote(_BARE % given, safe='')}"
        self.cold.bare.append(self._ours.get(bare, self._accept)[0])
        if self._served.oxigraph:  # which writes no JSON-LD
            accept = self._accept if self._accept != "application/ld+json" else TURTLE.media_type
            path = urlsplit(self._served.oxigraph).path
            self.cold.raw.append(self._raw.get(f"{path}?{target}", accept)[0])

    def close(self) -> None:
        """Hang up."""
        self._ours.close()
        self._raw.close()


def _triples(turtle: bytes) -> int:
    return len({quad.triple for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE)})


def _number(sizes: Sequence[int]) -> str:
    return f"{statistics.median(sizes):,.0f}" if sizes else "-"


def _ms(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds) * 1000:.2f}" if seconds else "-"


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> str:
    return f"{statistics.median(ours) / statistics.median(theirs):.2f}" if ours and theirs else "-"


# Repeated ----------------------------------------------------------------------------------------


def _print_repeated(given: argparse.Namespace, served: Served, wrong: list[str]) -> None:
    heads = ("of", "format", "bytes", "documents a second", "files", "ratio", "304 a second", "304 for files", "ratio")
    print(
        f"\nRepeated, {given.clients} clients, {given.seconds:g} s each; aim: no fewer documents a second than files.\n"
    )
    print("| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    for kind in given.kinds[:2]:
        for form in DOCUMENTS:
            found = _repeated(given, served, f"/doc/{kind}/{served.things[kind][0]}.{form.suffix}", wrong)
            cells = [
                kind, form.name, f"{found.length:,}", f"{found.document:,.0f}", f"{found.file:,.0f}",
                f"{found.document / found.file:.2f}", f"{found.known:,.0f}", f"{found.file_known:,.0f}",
                f"{found.known / found.file_known:.2f}",
            ]  # fmt: skip
            print("| " + " | ".join(cells) + " |", flush=True)


def _repeated(given: argparse.Namespace, served: Served, path: str, wrong: list[str]) -> Repeated:
    client = Client(served.origin)
    _, status, content, tag = client.get(path)
    if status != 200 or not tag:
        raise SystemExit(f"{path} is a {status} with the entity tag {tag!r}")
    name = hashlib.sha256(path.encode()).hexdigest()[:16] + Path(path).suffix
    (given.work / "files" / name).write_bytes(content)
    _, status, again, file_tag = client.get(f"/benchmark/{name}")
    if status != 200 or again != content:
        raise SystemExit(f"/benchmark/{name} is a {status}")
    client.close()
    file = f"/benchmark/{name}"
    return Repeated(
        len(content),
        _rate(given, served, path, "", wrong),
        _rate(given, served, path, tag, wrong),
        _rate(given, served, file, "", wrong),
        _rate(given, served, file, file_tag, wrong),
    )


def _rate(given: argparse.Namespace, served: Served, path: str, tag: str, wrong: list[str]) -> float:
    """Let wrk ask for one path, and give good answers a second."""
    with tempfile.TemporaryDirectory() as folder:
        script, paths = Path(folder) / "plan.lua", Path(folder) / "paths"
        paths.write_text(f"{path}\n", "utf-8")
        headers = '["Accept"] = "*/*"' + (f", ['If-None-Match'] = '{tag}'" if tag else "")
        script.write_text(_LUA % {"paths": paths, "headers": headers}, "utf-8")
        command = [str(wrk()), "-t1", f"-c{given.clients}", f"-d{max(1, round(given.seconds))}s", "-s", str(script)]
        ended = subprocess.run([*command, f"{served.origin}/"], capture_output=True, text=True, check=False)
    found = re.search(r"^RESULT (\d+) (\d+) (\d+)$", ended.stdout, re.MULTILINE)
    if ended.returncode or not found:
        raise SystemExit(f"wrk failed: {ended.stdout}{ended.stderr}")
    asked, micros, bad = map(int, found.groups())
    if bad:
        wrong.append(f"{served.name}: {bad} of {asked} requests for {path} got no good answer")
    return (asked - bad) / micros * 1e6


# Exports -----------------------------------------------------------------------------------------


def _print_dump(given: argparse.Namespace, name: str, root: Path, out: Path) -> None:
    """Time `lungkg export nquads` beside `oxigraph dump` on a copy of the store, both into a plain file."""
    release = current(out)
    if release is None:
        raise SystemExit(f"there is no release in {out}")
    with tempfile.TemporaryDirectory(dir=given.work) as folder:
        ours, theirs = Path(folder) / "ours.nq", Path(folder) / "theirs.nq"
        words = ["export", DUMP, "--project", str(root), "--out", str(out), "--output", str(ours)]
        seconds = _timed([sys.executable, str(HERE / "as_built.py"), *words])
        try:
            programs = servers.peers(given.venv or given.work / "venv")
        except servers.Unavailable as reason:
            print(f"\n- oxigraph dump: {reason}")
            return
        store = Graph(root, out, release).store_copy(given.work)
        raw = _timed([str(programs / "oxigraph"), "dump", "--location", str(store), "--file", str(theirs)])
        if seconds is None or raw is None:
            print(f"\nExports of {name} were not compared: {'lungkg' if seconds is None else 'oxigraph'} cannot do it.")
            return
        counts = [_lines(path) for path in (ours, theirs)]
    print(f"\nExport to N-Quads of {name}, whole process; aim: at least as fast as `oxigraph dump`.\n")
    print("| | seconds | quads |\n|---|---|---|")
    print(f"| lungkg export {DUMP} | {seconds:.2f} | {counts[0]:,} |")
    print(f"| oxigraph dump | {raw:.2f} | {counts[1]:,} |")
    print(f"| ratio, ours by theirs | {seconds / raw:.2f} | |")


def _timed(command: Sequence[str]) -> float | None:
    """Give the seconds that a command takes, or None when it fails, with its last words printed."""
    began = time.perf_counter()
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        print(f"\n- {' '.join(map(str, command[1:4]))} ended with {ended.returncode}: {ended.stderr[-300:].strip()}")
        return None
    return time.perf_counter() - began


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(2**20), b""))


if __name__ == "__main__":
    main()
