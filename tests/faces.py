"""The faces of a canned query, and how to read the answer off each: rows, a truth or a graph, as values.

A face may say less than the terms themselves: CSV has no types, JSON objects no languages. So each has a view
of a term, and the rows that an engine gives are looked at in the same view before the two are compared.
"""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any, Final, NamedTuple, Self, TypeAlias
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
import rdflib
from flask import Flask

import lungkg.cli.canned
from lungkg import IRI, Connection, Literal, engines
from lungkg.client import Rows
from lungkg.engines import Engine
from lungkg.formats import RESULTS, Format, by_name, table_for
from lungkg.namespaces import XSD
from lungkg.project import Project
from lungkg.queries import CannedQuery, load_catalogue
from lungkg.queries.names import Names
from lungkg.release import Release
from lungkg.web import create_app
from lungkg.web.service import Served, Service
from tests import commands
from tests.commands import Run

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None
View: TypeAlias = Callable[[Term], object]
Values: TypeAlias = Mapping[str, Sequence[str]]

_NUMBERS: Final = frozenset(XSD + name for name in ("integer", "decimal", "double", "float"))
_TIMEOUT: Final = 60.0


class Answer(NamedTuple):
    """What a face says: the columns and how often each row is there; or a truth; or the triples of a graph."""

    columns: tuple[str, ...] = ()
    rows: Counter[tuple[object, ...]] = Counter()  # noqa: RUF012 # nobody writes into it
    truth: bool | None = None
    triples: frozenset[str] = frozenset()


class Reply(NamedTuple):
    """What came over HTTP."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class World:
    """A release, and the ways to ask it: an engine, HTTP, the command line, a connection of the client."""

    project: Project
    engine: Engine
    send: Callable[[str, str, Mapping[str, str], bytes], Reply]  # method, target, headers, body
    run: Callable[..., Run]  # words after `lungkg query`
    connection: Connection

    def direct(self, query: CannedQuery, values: Values) -> bytes:
        """Ask the engine itself, for JSON or N-Triples."""
        names = Names.of_engine(self.engine, self.project, timeout=_TIMEOUT)
        written = by_name("json" if query.form in ("SELECT", "ASK") else "ntriples", table_for(query.form))
        assert written is not None
        text = query.bind(values, self.project, names)
        return self.engine.query(text, written, timeout=_TIMEOUT).content

    def pages(
        self, target: str, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> list[bytes]:
        """Ask over HTTP and follow the links to the next page to the end."""
        bodies = []
        while target:
            reply = self.send(method, target, headers or {}, body)
            assert reply.status == 200, reply.body.decode()
            bodies.append(reply.body)
            target = next_page(reply.headers.get("Link", ""))
            method, body = "GET", b""
        return bodies


def next_page(link: str) -> str:
    """Find the target of rel="next" in a Link header; empty when there is none."""
    found = re.search(r'<([^>]*)>;\s*rel="next"', link)
    return found[1] if found else ""


# Terms -------------------------------------------------------------------------------------------


def exact(term: Term) -> object:
    """Give what a term stands for: numbers by their value, times by their instant, all else as it is."""
    if not isinstance(term, ox.Literal):
        return None if term is None else str(term)
    datatype = term.datatype.value
    if datatype in _NUMBERS:
        return Decimal(term.value)
    if datatype == XSD + "boolean":
        return term.value in ("true", "1")
    if datatype == XSD + "date":
        return date.fromisoformat(term.value)
    if datatype == XSD + "dateTime":
        return datetime.fromisoformat(term.value)
    return term.value, datatype, (term.language or "").lower()


def text(term: Term) -> object:
    """Give a term as CSV has it."""
    return "" if term is None else term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)


def plain(term: Term) -> object:
    """Give a term as the objects of JSON have it: numbers and truths as such, nothing as null, all else as text."""
    if isinstance(term, ox.Literal) and term.datatype.value.removeprefix(XSD) in ("integer", "decimal", "boolean"):
        return json.loads(term.value)
    return None if term is None else text(term)


def of_python(value: object) -> object:
    """Give what a value of the client stands for, as `exact` does."""
    if isinstance(value, IRI):
        return str(ox.NamedNode(str(value)))
    if isinstance(value, Literal):
        datatype = value.datatype or XSD + "string"
        language = (value.language or "").lower()
        return str(value), "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString" if language else datatype, language
    if isinstance(value, bool) or value is None or isinstance(value, date):
        return value
    return Decimal(str(value))


# Readers -----------------------------------------------------------------------------------------


def _table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Answer:
    return Answer(tuple(columns), Counter(tuple(row) for row in rows))


def _joined(answers: Sequence[Answer]) -> Answer:
    """Put pages together."""
    rows = sum((answer.rows for answer in answers), Counter())
    triples = frozenset().union(*(answer.triples for answer in answers))
    return Answer(answers[0].columns, rows, answers[0].truth, triples)


def read_results(format: ox.QueryResultsFormat, view: View = exact) -> Callable[[bytes], Answer]:
    """Make a reader of one of the formats of SPARQL that keep every term."""

    def read(content: bytes) -> Answer:
        results = ox.parse_query_results(content, format=format)
        if isinstance(results, ox.QueryBoolean):
            return Answer(truth=bool(results))
        assert isinstance(results, ox.QuerySolutions)
        names = [variable.value for variable in results.variables]
        return _table(names, ([view(row[name]) for name in names] for row in results))

    return read


def read_csv(content: bytes) -> Answer:
    """Read CSV, for which every term is a text; ASK is a bare word."""
    if content.strip() in (b"true", b"false"):
        return Answer(truth=content.strip() == b"true")
    header, *rows = csv.reader(io.StringIO(content.decode()))
    return _table(header, rows)


def read_objects(content: bytes) -> Answer:
    """Read plain objects."""
    told = json.loads(content)
    if "boolean" in told:
        return Answer(truth=told["boolean"])
    return _table(told["columns"], ([row[name] for name in told["columns"]] for row in told["rows"]))


def read_graph(format: ox.RdfFormat) -> Callable[[bytes], Answer]:
    """Make a reader of a format of RDF; blank nodes get canonical names."""

    def read(content: bytes) -> Answer:
        triples = ox.Dataset(ox.Quad(*quad.triple) for quad in ox.parse(content, format=format))
        triples.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
        return Answer(triples=frozenset(map(str, triples)))

    return read


def read_python(answer: Rows | bool | rdflib.Graph) -> Answer:
    """Read what the client gives."""
    if isinstance(answer, bool):
        return Answer(truth=answer)
    if isinstance(answer, Rows):
        return _table(answer.columns, ([of_python(value) for value in row] for row in answer))
    return read_graph(ox.RdfFormat.N_TRIPLES)(answer.serialize(format="nt", encoding="utf-8"))


class _Page(HTMLParser):
    """Collects the cells of the table of an answer, its truth, and its Turtle."""

    def __init__(self) -> None:
        super().__init__()
        self.columns: list[str] = []
        self.rows: list[list[object]] = []
        self.truth = ""
        self.turtle = ""
        self._into = ""  # what the text that comes belongs to
        self._whole = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        classes = told.get("class", "").split()
        if tag == "th" and told.get("scope") == "col":
            self._into = "column"
            self.columns.append("")
        elif tag == "th":
            self.rows.append([])
        elif tag == "td":
            self.rows[-1].append("")
            self._into, self._whole = "", ""
        elif tag in ("a", "span") and "title" in told and self.rows and "badge" not in classes:
            self.rows[-1][-1] = told["title"]
        elif tag == "bdi" and self.rows:
            self._into = "cell"
        elif "truth" in classes:
            self._into = "truth"
        elif tag == "pre" and told.get("aria-label") == "The answer in Turtle":
            self._into = "turtle"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "bdi", "b", "pre"):
            self._into = ""

    def handle_data(self, data: str) -> None:
        if self._into == "column":
            self.columns[-1] += data
        elif self._into == "cell":
            self.rows[-1][-1] = f"{self.rows[-1][-1]}{data}"
        elif self._into == "truth":
            self.truth += data
        elif self._into == "turtle":
            self.turtle += data


def read_page(content: bytes) -> Answer:
    """Read the table, the word or the Turtle of a page."""
    page = _Page()
    page.feed(content.decode())
    if page.truth:
        return Answer(truth={"Yes": True, "No": False}[page.truth.strip()])
    if page.turtle:
        return read_graph(ox.RdfFormat.TURTLE)(page.turtle.encode())
    return _table(page.columns[1:], page.rows)  # the first column numbers the rows


# Faces -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Face:
    """A way to ask a canned query: for which forms, how, and in which view its terms are."""

    forms: tuple[str, ...]
    ask: Callable[[World, CannedQuery, Values], Answer]
    view: View = exact


_ROWS: Final = ("SELECT", "ASK")
_GRAPH: Final = ("CONSTRUCT", "DESCRIBE")


def _over_http(suffix: str, read: Callable[[bytes], Answer], **reserved: str) -> Callable[..., Answer]:
    def ask(world: World, query: CannedQuery, values: Values) -> Answer:
        fields = urlencode({**values, **reserved}, doseq=True)
        return _joined([read(page) for page in world.pages(f"/query/{query.name}{suffix}?{fields}")])

    return ask


def _negotiated(accept: str, read: Callable[[bytes], Answer]) -> Callable[..., Answer]:
    def ask(world: World, query: CannedQuery, values: Values) -> Answer:
        target = f"/query/{query.name}?{urlencode(values, doseq=True)}"
        return _joined([read(page) for page in world.pages(target, headers={"Accept": accept})])

    return ask


def _posted(kind: str, write: Callable[[Values], str]) -> Callable[..., Answer]:
    read = read_results(ox.QueryResultsFormat.JSON)

    def ask(world: World, query: CannedQuery, values: Values) -> Answer:
        headers = {"Content-Type": kind, "Accept": RESULTS[0].media_type}
        pages = world.pages(f"/query/{query.name}.json", "POST", headers, write(values).encode())
        return _joined([read(page) for page in pages])

    return ask


def _by_command(read: Callable[[bytes], Answer], *options: str) -> Callable[..., Answer]:
    def ask(world: World, query: CannedQuery, values: Values) -> Answer:
        words = [f"--{name}={value}" for name, several in values.items() for value in several]
        run = world.run(query.name, *words, *options)
        assert run.returncode == 0, run.told
        return read(run.stdout)

    return ask


def _by_client(world: World, query: CannedQuery, values: Values) -> Answer:
    given: dict[str, Any] = {
        name: list(several) if len(several) > 1 else several[0] for name, several in values.items()
    }
    return read_python(world.connection.query(query.name, **given))


def _by_text(world: World, query: CannedQuery, values: Values) -> Answer:
    """Send the SPARQL that --sparql prints to /sparql."""
    words = [f"--{name}={value}" for name, several in values.items() for value in several]
    sent = urlencode({"query": world.run(query.name, *words, "--sparql").stdout.decode()}).encode()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": f"{RESULTS[0].media_type}, application/n-triples",
    }
    (page,) = world.pages("/sparql", "POST", headers, sent)
    rows = query.form in _ROWS
    return (read_results(ox.QueryResultsFormat.JSON) if rows else read_graph(ox.RdfFormat.N_TRIPLES))(page)


_JSON, _XML, _TSV = ox.QueryResultsFormat.JSON, ox.QueryResultsFormat.XML, ox.QueryResultsFormat.TSV

FACES: Final[Mapping[str, Face]] = {
    "http.json": Face(_ROWS, _over_http(".json", read_results(_JSON))),
    "http.xml": Face(_ROWS, _over_http(".xml", read_results(_XML))),
    "http.tsv": Face(("SELECT",), _over_http(".tsv", read_results(_TSV))),
    "http.csv": Face(_ROWS, _over_http(".csv", read_csv), text),
    "http.objects": Face(("SELECT",), _over_http(".json", read_objects, shape="objects"), plain),
    "http.accept": Face(_ROWS, _negotiated("application/sparql-results+xml", read_results(_XML))),
    "http.post-json": Face(_ROWS, _posted("application/json", lambda values: json.dumps({name: list(v) for name, v in values.items()}))),
    "http.post-form": Face(_ROWS, _posted("application/x-www-form-urlencoded", lambda values: urlencode(values, doseq=True))),
    "http.ttl": Face(_GRAPH, _over_http(".ttl", read_graph(ox.RdfFormat.TURTLE))),
    "http.nt": Face(_GRAPH, _over_http(".nt", read_graph(ox.RdfFormat.N_TRIPLES))),
    "http.jsonld": Face(_GRAPH, _over_http(".jsonld", read_graph(ox.RdfFormat.JSON_LD))),
    "http.rdf": Face(_GRAPH, _over_http(".rdf", read_graph(ox.RdfFormat.RDF_XML))),
    "http.trig": Face(_GRAPH, _over_http(".trig", read_graph(ox.RdfFormat.TRIG))),
    "http.nq": Face(_GRAPH, _over_http(".nq", read_graph(ox.RdfFormat.N_QUADS))),
    "http.accept-turtle": Face(_GRAPH, _negotiated("text/turtle", read_graph(ox.RdfFormat.TURTLE))),
    "http.html": Face(_ROWS + _GRAPH, _over_http(".html", read_page), text),
    "http.sparql": Face(_ROWS + _GRAPH, _by_text),
    "cli.csv": Face(_ROWS, _by_command(read_csv), text),
    "cli.json": Face(_ROWS, _by_command(read_results(_JSON), "--format", "json")),
    "cli.objects": Face(("SELECT",), _by_command(read_objects, "--shape", "objects"), plain),
    "cli.turtle": Face(_GRAPH, _by_command(read_graph(ox.RdfFormat.TURTLE))),
    "client": Face(_ROWS + _GRAPH, _by_client),
}  # fmt: skip


def expected(world: World, query: CannedQuery, values: Values, view: View) -> Answer:
    """Give what the engine itself says, in a view."""
    content = world.direct(query, values)
    return (read_results(_JSON, view) if query.form in _ROWS else read_graph(ox.RdfFormat.N_TRIPLES))(content)


def both(face: str, world: World, query: CannedQuery) -> tuple[Answer, Answer]:
    """Give what the engine says for the example values, and what a face says, in the view of that face."""
    values = query.examples
    actual = FACES[face].ask(world, query, values)
    wanted = expected(world, query, values, FACES[face].view)
    if face == "http.html" and not wanted.rows:
        actual = actual._replace(columns=wanted.columns)  # a page has a sentence for no rows, and no empty table
    return wanted, actual


# A world -----------------------------------------------------------------------------------------


class Lent:
    """An engine that somebody else closes, and that may spoil what it writes in a format."""

    def __init__(self, engine: Engine, spoil: Mapping[str, Callable[[bytes], bytes]] | None = None) -> None:
        self._engine, self._spoil = engine, spoil or {}

    def query(self, text: str, format: Format, **asking: Any) -> engines.Answer:
        """Answer as the engine does."""
        answer = self._engine.query(text, format, **asking)
        spoil = self._spoil.get(format.name)
        return answer if spoil is None else engines.Answer(spoil(answer.content), format, rows=answer.rows)

    def ready(self) -> bool:
        """Say that it is."""
        return True

    def close(self) -> None:
        """Leave it open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        """Leave it open."""


def world(
    project: Project, release: Release, engine: Engine, spoil: Mapping[str, Callable[[bytes], bytes]] | None = None
) -> World:
    """Make a release's faces, all in this process, over one engine; `spoil` changes what it writes, by format."""
    lent = Lent(engine, spoil)
    catalogue = load_catalogue(project)
    app = create_app(Service(Served(lent, project, release, catalogue)))
    connection = Connection(Lent(engine, spoil), "test", timeout=60, project=project, release=release.id)
    return World(project, engine, _sender(app), _runner(project, release, catalogue, lent), connection)


def _sender(app: Flask) -> Callable[[str, str, Mapping[str, str], bytes], Reply]:
    client = app.test_client()

    def send(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        response = client.open(target, method=method, headers=dict(headers), data=body)
        return Reply(response.status_code, dict(response.headers), response.data)

    return send


def _runner(
    project: Project, release: Release, catalogue: Mapping[str, CannedQuery], engine: Lent
) -> Callable[..., Run]:
    """Run `lungkg query` without starting an engine or reading all files each time: that is tested elsewhere."""

    def run(*words: str) -> Run:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lungkg.cli.canned, "open_engine", lambda *_, **__: engine)
            patch.setattr(lungkg.cli.canned, "load_query", lambda path, _: catalogue[path.stem])
            return commands.lungkg("query", "--project", project.root, "--out", release.path.parents[1], *words)

    return run
