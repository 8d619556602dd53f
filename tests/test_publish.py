"""Publishing a release into servers that work, and into one that does not."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest

from lungkg.engines.graphstore import GraphStore
from lungkg.engines.remote import RemoteEngine
from lungkg.errors import BadParameter, EngineFault, SystemProblem
from lungkg.formats import GRAPHS as GRAPH_FORMATS
from lungkg.namespaces import GRAPHS
from lungkg.publish import Count, Edition, PublishStopped, differing, graph_store_address, publish, verify
from lungkg.release import Release
from tests.rogue import PATIENCE, Behaviour, Rogue, hangs_up, misbehaving, promises, says
from tests.servers import Peer, oxigraph, virtuoso

BASE: Final = "http://example.org/"
CLAIMS, EDGES = f"{BASE}graph/claims", f"{BASE}graph/edges"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
EQUAL: Final = [
    '"1"^^<{x}integer>',
    '"1.0"^^<{x}decimal>',
    '"true"^^<{x}boolean>',
    '"1"',
    '"one"@en',
    '"2"^^<{x}integer>',
]
"""Six triples' objects, of which the first three are one value to a server that keeps values."""
NTRIPLES: Final = GRAPH_FORMATS[2]


def edition(folder: Path, triples: dict[str, list[str]]) -> Edition:
    """Make a release with these triples by graph."""
    store = ox.Store(str(folder / "store"))
    for graph, lines in triples.items():
        store.load("\n".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(graph))
    store.flush()
    del store
    (folder / "release.json").write_text(json.dumps({"id": "0" * 64, "base": BASE}), "utf-8")
    return Edition(Release(folder))


def about(*objects: str) -> list[str]:
    """Write triples with these objects."""
    return [f"<a:s> <a:p> {term} .".replace("{x}", XSD) for term in objects]


@pytest.fixture
def small(tmp_path: Path) -> Edition:
    """A release with two graphs that have triples, and eight that have none."""
    return edition(tmp_path, {CLAIMS: about("<a:o>", "<a:q>"), EDGES: about("_:b")})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """An Oxigraph server."""
    with oxigraph(tmp_path_factory.mktemp("oxigraph")) as peer:
        yield peer


@pytest.fixture(scope="module")
def sparing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """A Virtuoso server that gives ten rows and no more."""
    with virtuoso(tmp_path_factory.mktemp("virtuoso"), rows=10) as peer:
        yield peer


@pytest.fixture
def rogue() -> Iterator[Rogue]:
    """A server that misbehaves."""
    with misbehaving() as running:
        yield running


def counts(edition: Edition, peer: Peer) -> dict[str, tuple[int, int]]:
    """Count the graphs here and there that have triples in either place."""
    found = verify(edition, RemoteEngine(peer.url), timeout=PATIENCE)
    return {count.graph: (count.here, count.there) for count in found if count.here or count.there}


# Servers that work ----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.xdist_group("oxigraph")
def test_a_server_holds_the_release_afterwards(server: Peer, release: Release) -> None:
    """Every graph of the real release arrives with all its triples."""
    real = Edition(release)

    publish(real, server.store(), timeout=PATIENCE)

    found = list(verify(real, RemoteEngine(server.url), timeout=PATIENCE))
    assert [count.graph for count in found] == list(GRAPHS)
    assert [count.there for count in found] == [count.here for count in found]
    assert min(count.there for count in found) > 0


@pytest.mark.slow
@pytest.mark.xdist_group("oxigraph")
def test_publishing_replaces_what_was_there(server: Peer, small: Edition, tmp_path: Path) -> None:
    """What another release left goes, in graphs that are empty now too; doing it twice changes nothing."""
    (tmp_path / "old").mkdir()
    old = edition(tmp_path / "old", {CLAIMS: about("<a:old>"), f"{BASE}graph/inferred": about("<a:old>")})
    publish(old, server.store(), timeout=PATIENCE)

    publish(small, server.store(), timeout=PATIENCE)
    publish(small, server.store(), timeout=PATIENCE)

    assert counts(small, server) == {"claims": (2, 2), "edges": (1, 1)}


@pytest.mark.slow
@pytest.mark.xdist_group("oxigraph")
def test_a_graph_that_lacks_triples_is_named(server: Peer, small: Edition, tmp_path: Path) -> None:
    """Counting tells which graph differs."""
    publish(small, server.store(), timeout=PATIENCE)
    (tmp_path / "short.nt").write_text(about("<a:o>")[0] + "\n", "utf-8")
    server.store().put(CLAIMS, tmp_path / "short.nt", timeout=PATIENCE)

    found = verify(small, RemoteEngine(server.url), timeout=PATIENCE)

    assert differing(found) == ["claims"]


@pytest.mark.slow
@pytest.mark.xdist_group("virtuoso")
def test_a_server_that_keeps_values_is_understood(sparing: Peer, tmp_path: Path) -> None:
    """Virtuoso keeps 1, 1.0 and true as one; that is said, and is no difference."""
    equal = edition(tmp_path, {CLAIMS: about(*EQUAL)})

    publish(equal, sparing.store(), timeout=PATIENCE)

    found = [count for count in verify(equal, RemoteEngine(sparing.url), timeout=PATIENCE) if count.here]
    verdict = "2 fewer, because this server keeps equal values once, however written"
    assert [(count.here, count.there, count.verdict, count.fine) for count in found] == [(6, 4, verdict, True)]


@pytest.mark.slow
@pytest.mark.xdist_group("virtuoso")
def test_a_wrong_password_is_told_before_anything_is_sent(sparing: Peer, small: Edition) -> None:
    """Virtuoso asks for a Digest and does not like this one."""
    store = GraphStore(sparing.gsp, user="dba", password="wrong")  # noqa: S106

    with pytest.raises(EngineFault, match="does not take those given"):
        publish(small, store, timeout=PATIENCE)


@pytest.mark.slow
@pytest.mark.xdist_group("virtuoso")
def test_virtuoso_is_not_trusted_with_long_graphs(sparing: Peer, tmp_path: Path) -> None:
    """Where its limit cuts a CONSTRUCT short, which it does not say, the remote engine refuses the answer."""
    long = edition(tmp_path, {CLAIMS: about(*(f'"{number}"' for number in range(20)))})
    publish(long, sparing.store(), timeout=PATIENCE)
    engine = RemoteEngine(sparing.url, [CLAIMS])

    with pytest.raises(EngineFault, match="gives at most 10 rows"):
        engine.query("CONSTRUCT WHERE { ?s ?p ?o }", NTRIPLES, timeout=PATIENCE)


# Counting -------------------------------------------------------------------------------------------


def test_equal_values_are_counted_once(tmp_path: Path) -> None:
    """Six triples say four things when a number is its value and true is 1; a text is never a number."""
    assert edition(tmp_path, {CLAIMS: about(*EQUAL)}).counts(CLAIMS) == (6, 4)


@pytest.mark.parametrize(
    ("there", "verdict", "fine"),
    [
        pytest.param(10, "", True, id="all"),
        pytest.param(8, "2 fewer, because this server keeps equal values once, however written", True, id="values"),
        pytest.param(9, "differs", False, id="something-else"),
        pytest.param(11, "differs", False, id="more"),
    ],
)
def test_a_count_has_a_verdict(there: int, verdict: str, fine: bool) -> None:
    """As many triples, or as many values, are fine; any other number is not."""
    count = Count("claims", 10, 8, there)

    assert (count.verdict, count.fine) == (verdict, fine)


# Servers that do not --------------------------------------------------------------------------------

DONE = says(b"", "text/plain", 204)


@pytest.mark.parametrize(
    ("behaviours", "part"),
    [
        pytest.param([says(b"disk full", "text/plain", 500)], "answers 500: disk full", id="500"),
        pytest.param([says(b"", status=413)], "finds the graph too large", id="too-large"),
        pytest.param([hangs_up], "cannot be reached", id="hangs-up"),
        pytest.param([promises(9, b"", "text/plain")], "broke off after 0 of 9 bytes", id="half-an-answer"),
        pytest.param([says(b"no", "text/plain", 405)], "takes no graphs by the Graph Store Protocol", id="no-store"),
    ],
)
def test_a_server_that_stops_leaves_a_list(
    rogue: Rogue, small: Edition, behaviours: list[Behaviour], part: str
) -> None:
    """The error says why, what is replaced and what is not: after three graphs, the fourth fails."""
    rogue.behaviours[:] = [DONE, DONE, DONE, DONE, *behaviours]  # the first answers the knock

    with pytest.raises(PublishStopped) as caught:
        publish(small, GraphStore(rogue.url, attempts=1), timeout=PATIENCE)

    assert part in str(caught.value)
    assert (caught.value.done, caught.value.left) == (tuple(GRAPHS[:3]), tuple(GRAPHS[3:]))
    assert f"replaced: {', '.join(GRAPHS[:3])}\nnot replaced: {', '.join(GRAPHS[3:])}" in str(caught.value)


def test_a_graph_is_sent_whole_each_time(rogue: Rogue, small: Edition) -> None:
    """An attempt that failed half way is repeated from the beginning."""
    busy = says(b"", status=503, Retry_After="0")
    rogue.behaviours[:] = [DONE, DONE, DONE, DONE, busy, DONE]

    publish(small, GraphStore(rogue.url, attempts=2), timeout=PATIENCE)

    sent = [
        (asked.path.rpartition("%2F")[2], asked.body.count(b"\n")) for asked in rogue.asked if asked.method == "PUT"
    ]
    assert sent == [("claims", 2), ("claims", 2), ("edges", 1)]


@pytest.mark.parametrize("status", [401, 403])
def test_who_may_not_write_is_told_at_the_door(rogue: Rogue, small: Edition, status: int) -> None:
    """Nothing is sent to a server that does not let us in."""
    rogue.behaviours[:] = [says(b"", status=status)]

    with pytest.raises(EngineFault):
        publish(small, GraphStore(rogue.url), timeout=PATIENCE)

    assert [asked.method for asked in rogue.asked] == ["HEAD"]


# Addresses and files --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "server", "store"),
    [
        ("http://h:7878/query", "Oxigraph/0.5.13", "http://h:7878/store"),
        ("http://h:8890/sparql/", "Virtuoso/07.20.3229 (Linux)", "http://h:8890/sparql-graph-crud-auth"),
        ("http://h:3030/ds/sparql", "Apache Jena Fuseki (5.5.0)", "http://h:3030/ds/data"),
        ("http://h:7200/repositories/lung", "", "http://h:7200/repositories/lung/rdf-graphs/service"),
        (
            "https://x.eu-west-1.neptune.amazonaws.com:8182/sparql",
            "",
            "https://x.eu-west-1.neptune.amazonaws.com:8182/sparql/gsp/",
        ),
    ],
)
def test_the_address_for_graphs_follows_from_the_one_for_queries(url: str, server: str, store: str) -> None:
    """Known servers keep their graph store at a known place."""
    assert graph_store_address(url, server) == store


def test_an_unknown_server_needs_its_address(rogue: Rogue) -> None:
    """The error lists usual addresses, and what to do for a server that has none."""
    with pytest.raises(BadParameter, match=r"parameter gsp: is missing.*--write FILE\.nq\.gz.*--verify-only"):
        graph_store_address(rogue.url, "nginx")


@pytest.mark.parametrize("name", ["all.nq", "all.nq.gz"])
def test_a_file_for_bulk_loaders_holds_all_graphs(small: Edition, tmp_path: Path, name: str) -> None:
    """It is N-Quads, compressed when its name says so."""
    path = tmp_path / name

    small.write_all(path)

    content = gzip.decompress(path.read_bytes()) if name.endswith("gz") else path.read_bytes()
    graphs = [quad.graph_name.value for quad in ox.parse(content, format=ox.RdfFormat.N_QUADS)]
    assert sorted(graphs) == [CLAIMS, CLAIMS, EDGES]


def test_a_file_that_cannot_be_written_is_told(small: Edition, tmp_path: Path) -> None:
    """The error names the file and the reason."""
    with pytest.raises(SystemProblem, match=r"all\.nq: No such file or directory"):
        small.write_all(tmp_path / "missing" / "all.nq")


# The command ----------------------------------------------------------------------------------------


def lungkg(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    command = [sys.executable, "-c", "from lungkg.cli import main; main()", *map(str, words)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200", **environment}
    )


@pytest.fixture(scope="module")
def out(release: Release) -> Path:
    """The folder of a finished build."""
    return release.path.parents[1]


@pytest.mark.slow
@pytest.mark.xdist_group("oxigraph")
def test_the_command_publishes_and_counts(server: Peer, out: Path) -> None:
    """It prints each graph with both counts, and exits with 0."""
    run = lungkg("publish", "--out", out, "--engine", server.url)

    assert (run.returncode, run.stdout.splitlines()[-1].split()[1]) == (0, "holds"), run.stderr
    assert ["edges", "44", "44"] in [line.split() for line in run.stdout.splitlines()]


@pytest.mark.slow
@pytest.mark.xdist_group("oxigraph")
def test_the_command_says_which_graph_differs(server: Peer, out: Path) -> None:
    """A graph that is not there as it should be is an error with exit code 3, and nothing is sent."""
    lungkg("publish", "--out", out, "--engine", server.url)
    server.store().delete("https://w3id.org/lungkg/graph/edges", timeout=PATIENCE)

    run = lungkg("publish", "--out", out, "--engine", server.url, "--verify-only")

    assert run.returncode == 3
    assert "edges differ in the number of triples" in run.stderr
    assert ["edges", "44", "0", "differs"] in [line.split() for line in run.stdout.splitlines()]


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        pytest.param([], 2, "Give --engine URL to load a server, or --write FILE", id="neither"),
        pytest.param(["--engine", "ftp://h/"], 2, "is no http:// or https:// address", id="no-address"),
        pytest.param(
            ["--engine", "http://h/", "--password-env", "NOT_SET"], 2, "no variable NOT_SET", id="no-password"
        ),
    ],
)
def test_the_command_says_what_is_wrong(out: Path, words: list[str], code: int, part: str) -> None:
    """Bad usage ends with exit code 2."""
    run = lungkg("publish", "--out", out, *words)

    assert (run.returncode, part in run.stderr) == (code, True), run.stderr
