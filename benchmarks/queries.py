"""Asks each canned query over HTTP, cold and repeated, beside grlc serving the same files over the same engine.

    .venv/bin/python benchmarks/queries.py --work build/benchmark

The files are those of this checkout. The values of their parameters are taken from the generated graph: from
claims drawn at random, and once from the entities that most claims are about. `lungkg serve` is asked for
/query/NAME, of which it gives the first page; grlc has no pages without a LIMIT of its own, and gives everything.
grlc comes from PyPI into a virtual environment in the work folder, and sends what it makes of the files to the
/sparql of a `lungkg serve` of its own.

Cold is a request that was never sent before, repeated one that is sent again and again; one client asks. The
store has been read once before, so the disk is not measured. Takes under ten minutes once the graph is built, and
ends with 1 when an answer cannot be had or differs.
"""

import argparse
import http.client
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlencode, urlsplit

import pyoxigraph as ox
from generate import without_expectations
from graph import Graph, prepare
from load import Reply

from lungkg.build import fingerprint
from lungkg.engines import LocalEngine, choose_format
from lungkg.errors import BadParameter, EngineTimeout
from lungkg.limits import ONE_QUERY
from lungkg.namespaces import Minter
from lungkg.project import Project, bundled_root, load_project
from lungkg.queries import CannedQuery, Catalogue, Parameter, load_catalogue
from lungkg.queries.names import Names
from lungkg.queries.paging import PAGE_ROWS
from lungkg.stores import select
from questions import JSON, NTRIPLES, Question, Rows, rows_of
from servers import HOST, LAST_WORDS, Server, Unavailable, free_port, lungkg, running

OURS: Final = "lungkg"
PEER: Final = "grlc"
LIMIT: Final = 1.0  # seconds that a cold answer may take
SAMPLE: Final = 400  # claims that values are drawn from
PATIENCE: Final = 10.0  # seconds for one trial answer
MOST_REPEATS: Final = 300
GRLC_WORKERS: Final = 4

_CLAIMS: Final = """
PREFIX ont: <https://w3id.org/lungkg/ont#>
PREFIX biolink: <https://w3id.org/biolink/vocab/>
PREFIX cito: <http://purl.org/spar/cito/>
SELECT ?claim ?subject ?object ?context ?document ?sentence ?reference ?number {
  ?claim a ont:Claim ; biolink:subject ?subject ; biolink:object ?object ; ont:inContext ?context ;
    ont:statedIn ?document ; ont:inSentence ?sentence ; cito:citesAsEvidence ?reference .
  ?reference ont:number ?number
} LIMIT 5000
"""
_INFERRED: Final = "SELECT ?inferred { ?inferred a <https://w3id.org/lungkg/ont#InferredClaim> } LIMIT 5000"
_BUSIEST: Final = """
PREFIX biolink: <https://w3id.org/biolink/vocab/>
SELECT ?thing { ?claim biolink:%s ?thing } GROUP BY ?thing ORDER BY DESC(COUNT(?claim)) ?thing LIMIT 1
"""
_BUSIEST_CONTEXT: Final = """
SELECT ?thing { ?claim <https://w3id.org/lungkg/ont#inContext> ?thing }
GROUP BY ?thing ORDER BY DESC(COUNT(?claim)) ?thing LIMIT 1
"""
_ROLES: Final = ("subject", "object", "context")

Facts = Mapping[str, str]
"""What is known of one claim: IRIs of its parts, and the number that it cites."""


@dataclass(frozen=True)
class Case:
    """One set of values: as people give them to us, and as grlc needs them."""

    ours: tuple[tuple[str, str], ...]
    theirs: tuple[tuple[str, str], ...]


@dataclass
class Figures:
    """What was measured of one query at one server, in seconds."""

    cold: list[float] = field(default_factory=list)
    repeated: float = float("nan")
    rows: list[int] = field(default_factory=list)
    wrong: str = ""


def main() -> None:
    """Measure and print."""
    given = _arguments()
    given.work = given.work.resolve()
    given.work.mkdir(parents=True, exist_ok=True)
    graph = _with_these_queries(prepare(given.work, given.claims), given.work / f"queries-{given.claims}")
    project = load_project(graph.root)
    catalogue = load_catalogue(project)
    catalogue = {name: catalogue[name] for name in given.queries or catalogue}
    _say("choosing values …")
    chooser = Chooser(graph, project)
    try:
        cases = {name: chooser.cases(query, given.cases) for name, query in catalogue.items()}
    finally:
        chooser.close()
    measured: dict[str, dict[str, Figures]] = {}
    notes = [f"reading the names of all entities: {chooser.names_seconds:.2f} s, once for each release"]
    with lungkg(graph.root, graph.out, given.work) as server:
        notes.append(server.version)
        measured[OURS] = _measure(server.url, catalogue, cases, given.seconds, _our_address)
    if PEER in given.servers:
        try:
            with _grlc(graph, given) as server:
                notes.append(f"{server.version}, {GRLC_WORKERS} workers")
                measured[PEER] = _measure(server.url, catalogue, cases, given.seconds, _grlc_address)
        except Unavailable as reason:
            notes.append(f"{PEER} is left out: {reason}")
    _compare(measured, catalogue)
    _print(given, graph, measured, notes)
    if given.json:
        made = {name: {query: asdict(one) for query, one in figures.items()} for name, figures in measured.items()}
        given.json.write_text(json.dumps(made, indent=1), "utf-8")
    sys.exit(1 if any(one.wrong for one in measured[OURS].values()) else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=100_000, help="size of the graph, 60 triples each [100000]")
    parser.add_argument("--work", type=Path, default=Path("build/benchmark"), help="folder that is kept between runs")
    parser.add_argument("--queries", nargs="+", default=[], metavar="NAME", help="of the canned queries [all]")
    parser.add_argument("--cases", type=int, default=5, help="sets of values for each query [5]")
    parser.add_argument("--seconds", type=float, default=1, help="for each repeated figure [1]")
    parser.add_argument("--servers", nargs="+", choices=(OURS, PEER), default=[OURS, PEER], metavar="NAME")
    parser.add_argument("--json", type=Path, help="write all figures there, too")
    return parser.parse_args()


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


# The project: the graph that was built before, and the queries of this checkout --------------------


def _with_these_queries(graph: Graph, folder: Path) -> Graph:
    """Give the same release with another project around it, whose queries are those of this checkout."""
    shutil.rmtree(folder, ignore_errors=True)
    root, out = folder / "project", folder / "out"
    release = out / "releases" / graph.release.path.name
    (root / "queries").mkdir(parents=True)
    release.mkdir(parents=True)
    for name in ("data", "ontology", "shapes"):
        (root / name).symlink_to(graph.root / name)
    for path in load_project(bundled_root()).query_files():
        (root / "queries" / path.name).write_text(without_expectations(path.read_text("utf-8")), "utf-8")
    for path in graph.release.path.iterdir():
        if path.name != "release.json":
            (release / path.name).symlink_to(path)
    info = {**graph.release.info, "sources": fingerprint(load_project(root))}
    (release / "release.json").write_text(json.dumps(info), "utf-8")
    (out / "current").symlink_to(Path("releases") / release.name)
    return Graph(root, out, type(graph.release)(release))


# Values ------------------------------------------------------------------------------------------


class Chooser:
    """Chooses values for parameters from the graph; equal graphs give equal values."""

    def __init__(self, graph: Graph, project: Project) -> None:
        self._store = ox.Store.read_only(str(graph.release.store))
        self._project = project
        self._engine = LocalEngine(graph.release.store, project.prefixes, ONE_QUERY)
        self._names = Names.of_engine(self._engine, project, timeout=60)
        began = time.perf_counter()
        self._look_up("no such entity")
        self.names_seconds = time.perf_counter() - began
        self._facts = self._read()

    def close(self) -> None:
        """End the engine."""
        self._engine.close()

    def _look_up(self, name: str) -> None:
        try:
            self._names.find(Parameter("entity", "entity"), name)
        except BadParameter:
            return

    def _read(self) -> list[dict[str, str]]:
        """Read the facts of claims drawn at random; before them stand the entities that most claims are about."""
        rows = select(self._store, _CLAIMS)
        columns = [variable.value for variable in rows.variables]
        facts = [{name: row[name].value for name in columns} for row in rows]
        chance = random.Random(1)
        facts = chance.sample(facts, min(SAMPLE, len(facts)))
        inferred = [row["inferred"].value for row in select(self._store, _INFERRED)]
        for fact in facts:
            fact["inferred"] = chance.choice(inferred) if inferred else ""
        busiest = dict(facts[0])
        for role, query in (
            ("subject", _BUSIEST % "subject"),
            ("object", _BUSIEST % "object"),
            ("context", _BUSIEST_CONTEXT),
        ):
            busiest[role] = next(iter(select(self._store, query)))["thing"].value
        return [busiest, *facts]

    def cases(self, query: CannedQuery, number: int) -> list[Case]:
        """Give different cases; the first is about the entities with most claims."""
        roles = self._roles(query)
        found = (self._case(query, fact, roles, turn) for turn, fact in enumerate(self._facts))
        different = dict.fromkeys(case for case in found)
        return list(different)[:number]

    def _roles(self, query: CannedQuery) -> tuple[str, ...]:
        """Choose which part of a claim each entity parameter is to be: one alone, the part that gives most rows."""
        names = [name for name, parameter in query.parameters.items() if parameter.kind == "entity"]
        if len(names) != 1 or "context" in names[0]:
            sides = iter(_ROLES)
            return tuple("context" if "context" in name else next(sides) for name in names)
        rows = {role: self._rows(query, self._case(query, self._facts[1], (role,), 0)) for role in _ROLES}
        return (max(_ROLES, key=rows.__getitem__),)

    def _rows(self, query: CannedQuery, case: Case) -> int:
        table = "ntriples" if query.form in ("CONSTRUCT", "DESCRIBE") else "csv"
        text = query.bind(dict(case.ours), self._project, self._names)
        try:
            answer = self._engine.query(text, choose_format(query.form, name=table), timeout=PATIENCE)
        except EngineTimeout:
            return 0
        return answer.content.count(b"\n")

    def _case(self, query: CannedQuery, fact: Facts, roles: Sequence[str], turn: int) -> Case:
        ours, theirs = [], []
        free = iter(roles)
        for name, parameter in query.parameters.items():
            if parameter.required or parameter.default:
                value = self._value(parameter, fact, free, turn)
                ours.append((name, value))
                theirs.append((name, self._whole(parameter, value)))
        return Case(tuple(ours), tuple(theirs))

    def _value(self, parameter: Parameter, fact: Facts, roles: Iterator[str], turn: int) -> str:
        """Choose one value; a local name for a thing, as people give it."""
        if parameter.choices:
            return parameter.choices[turn % len(parameter.choices)].value
        if parameter.kind == "entity":
            return self._local("entity", fact[next(roles, "subject")])
        if fact.get(parameter.kind):
            return self._local(parameter.kind, fact[parameter.kind])
        if parameter.kind == "integer":
            return fact["number"]
        return (parameter.default or parameter.example)[0]

    def _local(self, kind: str, iri: str) -> str:
        return iri.removeprefix(Minter(self._project.base).thing(kind, ""))

    def _whole(self, parameter: Parameter, value: str) -> str:
        """Write a value as grlc puts it into the text: an IRI in full."""
        if parameter.is_thing or parameter.kind == "iri":
            try:
                return self._names.find(parameter, value).value
            except BadParameter:
                return value
        return value


# Servers -----------------------------------------------------------------------------------------


@contextmanager
def _grlc(graph: Graph, given: argparse.Namespace) -> Iterator[Server]:
    """Start grlc over a `lungkg serve` of its own."""
    programs, home = _grlc_programs(given.work / "grlc-venv"), given.work / "grlc"
    home.mkdir(exist_ok=True)
    port = free_port()
    with lungkg(graph.root, graph.out, given.work) as engine:
        (home / "config.ini").write_text(
            f"[defaults]\nsparql_endpoint = {engine.url}\nserver_name = {HOST}:{port}\ndebug = False\n"
            f"user = none\npassword = none\n\n[local]\nlocal_sparql_dir = {graph.root / 'queries'}\n",
            "utf-8",
        )
        # grlc-server listens on every address of the machine; its application is the same under gunicorn itself.
        command = [
            *(str(programs / "python"), "-m", "gunicorn", "--chdir", str(home), "--bind", f"{HOST}:{port}"),
            *("--workers", str(GRLC_WORKERS), "--timeout", "90", "grlc.server:app"),
        ]
        code = "from importlib.metadata import version; print('grlc', version('grlc'))"
        said = subprocess.run([programs / "python", "-c", code], capture_output=True, text=True, check=True, cwd=home)
        with running(PEER, said.stdout.strip(), f"http://{HOST}:{port}/", command, given.work / "grlc.log") as server:
            yield server


def _grlc_programs(folder: Path) -> Path:
    """Give the `bin` of a virtual environment with grlc in it, making it when it is not there."""
    programs = folder / "bin"
    if not (programs / "gunicorn").exists():
        _say(f"installing grlc into {folder} …")
        venv.create(folder, with_pip=True)
        command = [str(programs / "python"), "-m", "pip", "install", "--quiet", "grlc"]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise Unavailable(f"pip could not install grlc: {ended.stderr[-LAST_WORDS:]}")
    return programs


def _our_address(query: CannedQuery, case: Case) -> str:
    return f"/query/{query.name}?{urlencode(case.ours)}"


def _grlc_address(query: CannedQuery, case: Case) -> str:
    return f"/api-local/{query.name}?{urlencode(case.theirs)}"


# Measuring ---------------------------------------------------------------------------------------

Address = Callable[[CannedQuery, Case], str]


def _measure(
    url: str, catalogue: Catalogue, cases: Mapping[str, list[Case]], seconds: float, address: Address
) -> dict[str, Figures]:
    return {name: _figures(url, query, cases[name], seconds, address) for name, query in catalogue.items()}


def _figures(url: str, query: CannedQuery, cases: list[Case], seconds: float, address: Address) -> Figures:
    figures = Figures()
    accept = JSON if query.form in ("SELECT", "ASK") else NTRIPLES
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=120)
    for case in cases:
        reply = _get(connection, address(query, case), accept)
        figures.cold.append(reply.seconds)
        rows = _read(query, reply)
        figures.rows.append(-1 if rows is None else rows.total())
        if rows is None:
            figures.wrong = figures.wrong or f"status {reply.status}: {reply.content[:160]!r}"
    taken: list[float] = []
    began = time.perf_counter()
    while not taken or (time.perf_counter() - began < seconds and len(taken) < MOST_REPEATS):
        taken.append(_get(connection, address(query, cases[-1]), accept).seconds)
    figures.repeated = statistics.median(taken)
    connection.close()
    return figures


def _get(connection: http.client.HTTPConnection, path: str, accept: str) -> Reply:
    began = time.perf_counter()
    try:
        connection.request("GET", path, headers={"Accept": accept})
        response = connection.getresponse()
        content = response.read()
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        return Reply(0, repr(error).encode(), time.perf_counter() - began)
    return Reply(response.status, content, time.perf_counter() - began)


def _read(query: CannedQuery, reply: Reply) -> Rows | None:
    """Read the rows of an answer; None for what is none."""
    try:
        kind = "CONSTRUCT" if query.form in ("CONSTRUCT", "DESCRIBE") else query.form
        return rows_of(Question(query.name, "", "", kind), reply.content) if reply.status == 200 else None
    except (ValueError, KeyError):
        return None


def _compare(measured: Mapping[str, Mapping[str, Figures]], catalogue: Catalogue) -> None:
    """Note where grlc gives another number of rows, but for those that stand on later pages."""
    for name, theirs in measured.get(PEER, {}).items():
        ours, page = measured[OURS][name], catalogue[name].page or PAGE_ROWS
        differ = [(a, b) for a, b in zip(ours.rows, theirs.rows, strict=True) if a != b and not b > a == page]
        if differ and not theirs.wrong:
            theirs.wrong = f"other rows than ours: {', '.join(f'{b} ({a})' for a, b in differ)}"


# Printing ----------------------------------------------------------------------------------------


def _print(
    given: argparse.Namespace, graph: Graph, measured: Mapping[str, Mapping[str, Figures]], notes: Iterable[str]
) -> None:
    print(f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, {time.strftime('%F')}")
    print(f"{given.claims:,} claims, {graph.triples:,} triples, release {graph.release.id[:12]}")
    for note in notes:
        print(f"- {note}")
    for server, figures in measured.items():
        for name, one in figures.items():
            if one.wrong:
                print(f"- {server}, {name}: {one.wrong}")
    peer = measured.get(PEER, {})
    print(
        "\nMilliseconds; cold is the median and the slowest of all cases. A ratio above 1 means that ours is faster.\n"
    )
    heads = ["query", "cases", "rows", "cold", "slowest", "repeated"]
    heads += ["grlc cold", "slowest", "repeated", "cold ratio", "repeated ratio"] if peer else []
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for name, ours in measured[OURS].items():
        rows = f"{min(ours.rows)} to {max(ours.rows)}" if len(set(ours.rows)) > 1 else str(ours.rows[0])
        cells = [name, str(len(ours.cold)), rows, *_shown(ours)]
        if peer:
            theirs = peer[name]
            usable = not theirs.wrong
            cells += _shown(theirs) if usable else ["-"] * 3
            cells.append(f"{statistics.median(theirs.cold) / statistics.median(ours.cold):.1f}" if usable else "-")
            cells.append(f"{theirs.repeated / ours.repeated:.1f}" if usable else "-")
        print(f"| {' | '.join(cells)} |")
    slowest, name = max((max(one.cold), name) for name, one in measured[OURS].items())
    met = "yes" if slowest <= LIMIT else "**no**"
    print("\n| target | measured | met |\n|---|---|---|")
    print(f"| every cold answer in {LIMIT:g} s at most | {slowest:.3f} s ({name}) | {met} |")


def _shown(figures: Figures) -> list[str]:
    seconds = (statistics.median(figures.cold), max(figures.cold), figures.repeated)
    return [f"{second * 1000:.1f}" for second in seconds]


if __name__ == "__main__":
    main()
