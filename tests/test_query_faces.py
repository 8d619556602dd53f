"""One .rq file, every face: the same rows over HTTP in every format, on the command line, in Python and on the page.

The table of faces is in tests/faces.py; a new query is in the matrix as soon as its file is there, a new face as
soon as it has its row.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

from lungkg import connect, lexer
from lungkg.client import Value
from lungkg.client.values import read_term
from lungkg.engines import Engine, LocalEngine
from lungkg.formats import GRAPHS, RESULTS
from lungkg.project import Project, load_project
from lungkg.queries import load_catalogue
from lungkg.release import Release
from tests.faces import FACES, Reply, World, both, world
from tests.questions import QUESTIONS, build_bakery, copy_bakery
from tests.server import Request, Server, start

ROOT = Path(__file__).parents[1]
CATALOGUE = load_catalogue(load_project(ROOT))


@pytest.fixture(scope="module")
def real(project: Project, release: Release, engine: Engine) -> Iterator[World]:
    """The real project."""
    made = world(project, release, engine)
    yield made
    made.connection.close()


@pytest.fixture(scope="module")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Release]:
    """A small project with queries of every form and parameters of every kind, built."""
    root = copy_bakery(tmp_path_factory.mktemp("faces"))
    release = build_bakery(root)
    return load_project(root), release


@pytest.fixture(scope="module")
def bakery_engine(bakery: tuple[Project, Release]) -> Iterator[Engine]:
    """The local engine over it."""
    project, release = bakery
    with LocalEngine(release.store, project.prefixes) as opened:
        yield opened


@pytest.fixture(scope="module")
def small(bakery: tuple[Project, Release], bakery_engine: Engine) -> World:
    """Its faces."""
    return world(*bakery, bakery_engine)


def matrix(forms: Mapping[str, str]) -> list[Any]:
    """Give every pair of a query and a face that can hold its answer, from the forms of the queries."""
    return [
        pytest.param(name, face, id=f"{name}-{face}")
        for name, form in forms.items()
        for face, about in FACES.items()
        if form in about.forms
    ]


REAL = {name: query.form for name, query in CATALOGUE.items()}
SMALL = {name: lexer.form(text) for name, text in QUESTIONS.items()}


@pytest.mark.parametrize(("name", "face"), matrix(REAL))
def test_every_face_of_a_query_gives_the_rows_that_the_engine_gives(name: str, face: str, real: World) -> None:
    """Every query of the project, on every face that can hold its answer: equal rows, as a multiset of values."""
    expected, actual = both(face, real, CATALOGUE[name])

    assert expected == actual


@pytest.mark.parametrize(("name", "face"), matrix(SMALL))
def test_every_form_and_every_kind_of_value_is_the_same_on_every_face(name: str, face: str, small: World) -> None:
    """ASK and CONSTRUCT, numbers, dates, truths, quotes in texts, nothing at all, several pages."""
    expected, actual = both(face, small, load_catalogue(small.project)[name])

    assert expected == actual


def test_the_matrix_has_every_query_and_every_face() -> None:
    """A matrix that lost its rows or columns would pass without a word."""
    cells = [cell.values for cell in matrix(REAL)]

    assert {name for name, _ in cells} == {path.stem for path in (ROOT / "queries").glob("*.rq")}
    assert len(REAL) >= 24
    assert {face for _, face in [*cells, *(cell.values for cell in matrix(SMALL))]} == set(FACES)


def test_a_query_is_listed_the_same_on_the_web_on_the_command_line_and_in_python(real: World) -> None:
    """Name, questions, tags, columns and parameters; only the web has addresses."""
    web = json.loads(real.pages("/query/index.json")[0])["queries"]
    command = json.loads(real.run("--json").stdout)["queries"]

    assert [{key: value for key, value in one.items() if key != "href"} for one in web] == command
    questions = {name: (str(one), list(one.parameters)) for name, one in real.connection.queries.items()}
    assert questions == {one["name"]: (one["summary"], [p["name"] for p in one["parameters"]]) for one in command}


# The claims behind the rows ----------------------------------------------------------------------

CLAIMING = [name for name, query in CATALOGUE.items() if query.claims]


@pytest.mark.parametrize("name", CLAIMING)
def test_the_claims_behind_the_rows_are_the_same_on_every_face(name: str, real: World) -> None:
    """TriG and N-Quads, over HTTP and on the command line: every claim of the rows, with the same statements."""
    query = CATALOGUE[name]
    fields = urlencode(query.examples, doseq=True)
    words = [f"--{key}={value}" for key, values in query.examples.items() for value in values]
    table = json.loads(real.direct(query, query.examples))

    answers = [
        quads(ox.RdfFormat.TRIG, real.pages(f"/query/{name}.trig?{fields}")),
        quads(ox.RdfFormat.N_QUADS, real.pages(f"/query/{name}?{fields}", headers={"Accept": "application/n-quads"})),
        quads(ox.RdfFormat.TRIG, [real.run(name, *words, "--format", "trig").stdout]),
        quads(ox.RdfFormat.N_QUADS, [real.run(name, *words, "--format", "nquads").stdout]),
    ]

    assert answers[1:] == answers[:1] * 3
    claims = {row[query.claims]["value"] for row in table["results"]["bindings"] if query.claims in row}
    assert claims or (query.expect and query.expect.because), "the example answer has no claims"
    assert claims <= {quad.subject.value for quad in answers[0] if isinstance(quad.subject, ox.NamedNode)}


def quads(format: ox.RdfFormat, pages: list[bytes]) -> set[ox.Quad]:
    """Read the statements of all pages."""
    return {quad for page in pages for quad in ox.parse(page, format=format)}


# A face that is broken ---------------------------------------------------------------------------


def spoil(content: bytes) -> bytes:
    """Change a value in what a writer wrote."""
    return content.replace(b"leaflet", b"leaf").replace(b"soft French", b"hard French")


WRITTEN = [entry.name for entry in (*RESULTS, *GRAPHS)]


@pytest.mark.parametrize("face", FACES)
def test_a_face_whose_writer_is_broken_is_found_out(
    face: str, small: World, bakery: tuple[Project, Release], bakery_engine: Engine
) -> None:
    """With one value spoilt, the comparison of every face fails: none of them passes whatever it is given."""
    name = "bread-claims" if "SELECT" in FACES[face].forms else "said-of"
    query = load_catalogue(small.project)[name]
    spoilt = world(*bakery, bakery_engine, dict.fromkeys(WRITTEN, spoil))
    broken = replace(spoilt, engine=bakery_engine)

    expected, actual = both(face, broken, query)

    assert expected != actual


def shortened(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Lose the end of an answer."""
    yield b"\r\n".join(b"".join(pieces).rstrip().split(b"\r\n")[:-1])


def uncertain(term: Mapping[str, Any]) -> Value:
    """Read every IRI as plain text."""
    return read_term({**term, "type": "literal"})


OWN: dict[str, tuple[str, Callable[..., Any]]] = {
    # face, what writes or reads for it alone, and what takes its place
    "http.html": ("lungkg.web.tables._beginning", lambda text: text[:10]),
    "http.objects": ("lungkg.web.writers.plain", lambda term: term and term.value),
    "cli.objects": ("lungkg.web.writers.plain", lambda term: term and term.value),
    "cli.csv": ("lungkg.cli.ask.lines_ended", shortened),
    "client": ("lungkg.client.rows.read_term", uncertain),
}


@pytest.mark.parametrize("face", OWN)
def test_breaking_one_face_on_purpose_makes_its_comparison_fail(
    face: str, small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others, which do not use that writer, go on passing."""
    query = load_catalogue(small.project)["given-values"]
    monkeypatch.setattr(*OWN[face])

    expected, actual = both(face, small, query)
    unharmed, other = both("http.xml", small, query)

    assert expected != actual
    assert unharmed == other


# A server of its own -----------------------------------------------------------------------------


@pytest.mark.slow
def test_a_real_server_gives_the_same_rows_on_every_face(
    small: World, bakery: tuple[Project, Release], tmp_path: Path
) -> None:
    """Over sockets, with its cache and compression, and through the client of another machine."""
    project, release = bakery
    options = ["--project", str(project.root)]
    server = start(release.path.parents[1], tmp_path / "log", options)
    try:
        with connect(server.origin) as there:
            remote = replace(small, send=_over_sockets(server), connection=there)
            cells = [cell.values for cell in matrix(SMALL) if not cell.values[1].startswith("cli.")]
            pairs = {(name, face): both(face, remote, load_catalogue(project)[name]) for name, face in cells}
    finally:
        server.stop()

    expected = {cell: engine for cell, (engine, _) in pairs.items()}
    actual = {cell: shown for cell, (_, shown) in pairs.items()}
    assert expected == actual


def _over_sockets(server: Server) -> Callable[[str, str, Mapping[str, str], bytes], Reply]:
    def send(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        reply = server.send(Request(method, target, tuple(headers.items()), body))
        return Reply(reply.status, {"Link": reply.header("Link")}, reply.body)

    return send
