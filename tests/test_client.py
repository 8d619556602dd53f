"""The client: what becomes of terms and values, what it refuses, and that both kinds of connection answer alike."""

import base64
import copy
import doctest
import gc
import json
import pickle
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import isnan
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from urllib.request import Request

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lungkg
from lungkg import IRI, BlankNode, Connection, Literal, connect, lexer
from lungkg.client import Row, Rows, TripleTerm, Value
from lungkg.client.binding import bind
from lungkg.client.local import StaleRelease
from lungkg.client.rows import read_boolean, read_rows
from lungkg.client.served import ServedCanned
from lungkg.client.values import read_literal, write_term
from lungkg.engines import LocalEngine
from lungkg.engines.wire import Reply as Received
from lungkg.errors import (
    AnswerTooLong,
    BadParameter,
    EngineError,
    EngineFault,
    EngineTimeout,
    EngineUnreachable,
    InputError,
    LungkgError,
    QueryError,
    QueryRefused,
    QuerySyntaxError,
    SystemProblem,
)
from lungkg.namespaces import XSD
from lungkg.project import Project
from lungkg.release import Release, current
from tests.listening import listening
from tests.questions import copy_bakery

ROOT = Path(__file__).parents[1]
HOW_TO = (ROOT / "docs" / "howto" / "ask-from-python.md").read_text("utf-8")
LUNG = IRI("https://w3id.org/lungkg/id/entity/lung")
COUNT = "SELECT (COUNT(?c) AS ?n) { ?c a <https://w3id.org/lungkg/ont#Claim> }"


@pytest.fixture(scope="module")
def out(release: Release) -> Path:
    """The folder of a finished build."""
    return release.path.parents[1]


@pytest.fixture(scope="module")
def kg(out: Path) -> Iterator[Connection]:
    """A connection to the release of the real project."""
    with connect(ROOT, out=out) as opened:
        yield opened


class Endpoint(ThreadingHTTPServer):
    """A SPARQL endpoint over a store; it keeps what was sent to it."""

    daemon_threads = True

    def __init__(self, store: ox.Store) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.store = store
        self.seen: list[tuple[str, dict[str, list[str]], str]] = []

    @property
    def origin(self) -> str:
        """Where it is, without a path."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_GET(self) -> None:  # http.server's name
        self.send_error(404)

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.seen.append((self.path, form, self.headers.get("Authorization", "")))
        results = self.server.store.query(form["query"][0], use_default_graph_as_union=True)
        if isinstance(results, ox.QueryTriples):
            kind, content = "application/n-triples", ox.serialize(results, format=ox.RdfFormat.N_TRIPLES)
        else:
            kind, content = "application/sparql-results+json", results.serialize(format=ox.QueryResultsFormat.JSON)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def endpoint(release: Release) -> Iterator[Endpoint]:
    """An endpoint that is not ours, with the release in it."""
    with Endpoint(ox.Store.read_only(str(release.store))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


# Terms to values ---------------------------------------------------------------------------------

READ: dict[str, tuple[str, str, Value]] = {
    # text, datatype, expected value
    "integer": ("44", "integer", 44),
    "integer-with-sign": ("+44", "integer", 44),
    "integer-with-zeros": ("-007", "integer", -7),
    "integer-beyond-64-bits": ("9" * 30, "integer", 10**30 - 1),
    "derived-integer": ("0", "nonNegativeInteger", 0),
    "smallest-byte": ("-128", "byte", -128),
    "largest-unsigned": ("18446744073709551615", "unsignedLong", 2**64 - 1),
    "decimal": ("1.50", "decimal", Decimal("1.50")),
    "decimal-without-digits-before": (".5", "decimal", Decimal("0.5")),
    "decimal-of-many-digits": ("0.1234567890123456789012345678901", "decimal", Decimal("0.1234567890123456789012345678901")),
    "double": ("1.5e3", "double", 1500.0),
    "float": ("1.1", "float", 1.1),
    "infinity": ("-INF", "double", float("-inf")),
    "true": ("true", "boolean", True),
    "false-as-digit": ("0", "boolean", False),
    "date": ("2026-11-24", "date", date(2026, 11, 24)),
    "time-without-zone": ("2026-11-24T12:30:00", "dateTime", datetime(2026, 11, 24, 12, 30)),
    "time-in-utc": ("2026-11-24T12:30:00Z", "dateTime", datetime(2026, 11, 24, 12, 30, tzinfo=UTC)),
    "time-with-offset": ("2026-11-24T12:30:00-05:30", "dateTimeStamp", datetime(2026, 11, 24, 12, 30, tzinfo=timezone(-timedelta(hours=5, minutes=30)))),
    "time-with-fraction": ("2026-11-24T12:30:00.125000000Z", "dateTime", datetime(2026, 11, 24, 12, 30, 0, 125000, tzinfo=UTC)),
}  # fmt: skip


@pytest.mark.parametrize(("text", "datatype", "expected"), READ.values(), ids=READ.keys())
def test_a_typed_literal_becomes_a_python_value(text: str, datatype: str, expected: Value) -> None:
    """The lexical forms of XML Schema are read, and give values of the right type."""
    actual = read_literal(text, XSD + datatype)

    assert (expected, type(expected)) == (actual, type(actual))


def test_not_a_number_is_one() -> None:
    """NaN is the only value that is not equal to itself."""
    value = read_literal("NaN", XSD + "double")

    assert isinstance(value, float)
    assert isnan(value)


KEPT: dict[str, tuple[str, str]] = {
    # text, datatype: what stays a literal
    "no-integer": ("many", "integer"),
    "integer-in-other-digits": ("٤٤", "integer"),
    "integer-with-underscore": ("1_000", "integer"),
    "integer-with-space": (" 44", "integer"),
    "integer-of-thousands-of-digits": ("9" * 5000, "integer"),
    "negative-non-negative": ("-1", "nonNegativeInteger"),
    "too-large-a-byte": ("128", "byte"),
    "decimal-with-exponent": ("1e3", "decimal"),
    "double-in-words": ("infinity", "double"),
    "boolean-in-capitals": ("TRUE", "boolean"),
    "thirtieth-of-february": ("2026-02-30", "date"),
    "date-with-zone": ("2026-11-24Z", "date"),
    "year-of-five-digits": ("12026-11-24T00:00:00Z", "dateTime"),
    "year-before-christ": ("-0044-03-15T00:00:00Z", "dateTime"),
    "hour-24": ("2026-11-24T24:00:00Z", "dateTime"),
    "nanoseconds": ("2026-11-24T12:30:00.123456789Z", "dateTime"),
    "offset-of-a-day": ("2026-11-24T12:30:00+15:00", "dateTime"),
    "compact-date": ("20261124", "date"),
    "another-datatype": ("2026", "gYear"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "datatype"), KEPT.values(), ids=KEPT.keys())
def test_what_python_cannot_hold_stays_as_it_was_written(text: str, datatype: str) -> None:
    """Ill-typed, out of range, another datatype: a literal with its text and its datatype, never a crash."""
    actual = read_literal(text, XSD + datatype)

    assert isinstance(actual, Literal)
    assert (str(actual), actual.datatype, actual.language) == (text, XSD + datatype, None)


def test_terms_of_every_kind_come_out_of_a_query(kg: Connection) -> None:
    """IRI, plain and language strings, blank node, triple and unbound each have their own value."""
    (row,) = kg.select("""SELECT (<http://a/> AS ?iri) ("a" AS ?plain) ("b"@en AS ?english) ?unbound
      (<<( <http://a/> <http://b/> 1 )>> AS ?triple) ?blank { BIND(BNODE() AS ?blank) }""")

    assert row.iri == IRI("http://a/")
    assert (row.plain, row.plain.language, row.plain.datatype) == ("a", None, None)
    assert (row.english, row.english.language) == ("b", "en")
    assert row.unbound is None
    assert row.triple == TripleTerm(IRI("http://a/"), IRI("http://b/"), 1)
    assert isinstance(row.blank, BlankNode)
    assert [type(row[name]) for name in ("iri", "plain", "english")] == [IRI, Literal, Literal]


def test_values_read_well() -> None:
    """What is printed says which kind of term it is; plain text looks like text."""
    values = (IRI("http://a/"), Literal("a"), Literal("a", "en"), Literal("2026", datatype=XSD + "gYear"))

    assert [repr(value) for value in values] == [
        "IRI('http://a/')",
        "'a'",
        "Literal('a', language='en')",
        f"Literal('2026', datatype=IRI('{XSD}gYear'))",
    ]
    assert str(BlankNode("b0")) == "_:b0"


def test_a_literal_has_a_language_or_a_datatype() -> None:
    """Both at once is no RDF."""
    with pytest.raises(BadParameter, match="not both"):
        Literal("a", "en", XSD + "string")


# Rows --------------------------------------------------------------------------------------------

ROW = Row({"site": 0, "claims": 1, "keys": 2}, (Literal("lung", "en"), 44, None))


def test_a_row_is_read_by_name_attribute_and_position() -> None:
    """All ways lead to the same values."""
    assert (ROW["site"], ROW.site, ROW[0]) == ("lung", "lung", "lung")
    assert (ROW["claims"], ROW.claims, ROW[-2]) == (44, 44, 44)
    assert tuple(ROW) == ("lung", 44, None)
    assert dict(ROW) == {"site": "lung", "claims": 44, "keys": None}
    assert repr(ROW) == "Row(site=Literal('lung', language='en'), claims=44, keys=None)"


def test_a_column_named_like_a_method_is_read_by_name() -> None:
    """The method stays what it is."""
    assert (ROW["keys"], ROW.keys()) == (None, ["site", "claims", "keys"])


def test_a_column_that_is_not_there_is_told_with_those_that_are() -> None:
    """By name it is a KeyError, as an attribute an AttributeError, by position an IndexError."""
    with pytest.raises(KeyError, match="no column 'cell'; there are site, claims, keys"):
        ROW["cell"]
    with pytest.raises(AttributeError, match="no column 'cell'"):
        ROW.cell  # noqa: B018 # reading it is the test
    with pytest.raises(IndexError):
        ROW[3]


def test_a_row_does_not_change() -> None:
    """Neither by attribute nor by item."""
    with pytest.raises(AttributeError, match="a row does not change"):
        ROW.claims = 45
    with pytest.raises(TypeError):
        ROW["claims"] = 45


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda row: pickle.loads(pickle.dumps(row))])  # noqa: S301
def test_a_row_can_be_copied_and_sent_to_another_process(copied: Any) -> None:
    """The copy is equal, languages and all."""
    actual = copied(ROW)

    assert (actual, actual.site.language, hash(actual)) == (ROW, "en", hash(ROW))


def test_rows_are_a_sequence(kg: Connection) -> None:
    """They have a length, slices, an end, equality, and columns even when there is no row."""
    rows = kg.select("SELECT ?x ?y { VALUES (?x ?y) { (1 2) (3 4) (5 6) } } ORDER BY ?x")

    assert (len(rows), rows[1].y, rows[-1].x, [row.x for row in rows]) == (3, 4, 5, [1, 3, 5])
    assert (rows[1:], rows[1:].columns) == (Rows(["x", "y"], list(rows)[1:]), ("x", "y"))
    assert rows != rows[1:]
    assert (repr(rows), repr(rows[:1])) == ("<3 rows of x, y>", "<1 row of x, y>")
    assert kg.select("SELECT ?x { FILTER(false) }").columns == ("x",)


NONSENSE = {
    "no-json": b"<html>",
    "half": b'{"head":{"vars":["x"]},"results":{"bindings":[',
    "a-boolean": b'{"head":{},"boolean":true}',
    "unknown-term": b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"cheese","value":"a"}}]}}',
    "value-that-is-no-text": b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"uri","value":1}}]}}',
    "a-list": b"[]",
    "not-utf-8": b"\xff",
}


@pytest.mark.parametrize("content", NONSENSE.values(), ids=NONSENSE.keys())
def test_rows_that_are_none_are_an_engine_error(content: bytes) -> None:
    """An engine that answers nonsense is told as such."""
    with pytest.raises(EngineError, match="no SPARQL results JSON"):
        read_rows(content)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"boolean":"true"}', b'{"head":{"vars":[]}}'])
def test_a_truth_that_is_none_is_an_engine_error(content: bytes) -> None:
    """Only true and false are answers to ASK."""
    with pytest.raises(EngineError, match="with a boolean"):
        read_boolean(content)


# Values to terms ---------------------------------------------------------------------------------

VALUES: dict[str, Value] = {
    "iri": IRI("http://example.org/é"),
    "text": Literal("say \"hi\" \\ 'there'\n\r\t ? # { } <http://a/>"),
    "language": Literal("Lunge", "de"),
    "datatype": Literal("2026", datatype=XSD + "gYear"),
    "integer": -44,
    "true": True,
    "false": False,
    "decimal": Decimal("1.5"),
    "small-decimal": Decimal("1E-7"),
    "double": 1.5e-300,
    "infinity": float("inf"),
    "minus-infinity": float("-inf"),
    "date": date(33, 4, 3),
    "time": datetime(2026, 11, 24, 12, 30, 0, 125000),
    "time-with-zone": datetime(2026, 11, 24, 12, 30, tzinfo=timezone(timedelta(hours=-5))),
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_a_value_goes_into_a_query_and_comes_out_as_it_was(kg: Connection, value: Value) -> None:
    """Type, language and datatype included."""
    (row,) = kg.select("SELECT (?given AS ?found) {}", given=value)

    assert (value, repr(value), type(value)) == (row.found, repr(row.found), type(row.found))


def test_a_local_time_of_old_is_written_in_utc() -> None:
    """xsd:dateTime has no seconds in its offsets; the moment is the same."""
    noon = datetime(1880, 1, 1, 12, tzinfo=timezone(timedelta(minutes=19, seconds=32)))

    assert write_term("x", noon) == f'"1880-01-01T11:40:28+00:00"^^<{XSD}dateTime>'


TRICKS = st.sampled_from([
    '"', "'", '"""', "\\", "\\u0022", "\\U00000022", "\\u005C", "\\\\u", "u0041", "{", "}", "#", "\n", "\r",
    "?given", "<a:b>", " } DROP ALL #", "\u202e", "\x01", "\ufeff", "\U0001f9ec", "é",
])  # fmt: skip


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.lists(TRICKS | st.text(max_size=3), max_size=8).map("".join))
def test_whatever_text_is_given_it_stays_text(kg: Connection, text: str) -> None:
    """No quote, backslash, escape or keyword gets out of its literal."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    (row,) = kg.select("SELECT (?given AS ?found) {}", given=text)

    assert (text, "found") == (row.found, row.keys()[0])


@settings(max_examples=300, deadline=None)
@given(text=st.lists(TRICKS, max_size=8).map("".join))
def test_text_stays_text_where_an_engine_resolves_escapes_first(text: str) -> None:
    """SPARQL 19.2 lets an engine replace code point escapes before it looks for strings; many do."""
    first = lexer.unescape(f"SELECT ({write_term('x', text)} AS ?found) {{}}")
    (solution,) = ox.Store().query(first)  # type: ignore[misc]

    assert ox.Literal(text) == solution["found"]


def test_a_plain_term_would_not_stay_text_there() -> None:
    """The escape that the test above is about is real: without care, text would change."""
    plain = ox.Literal(r"\u0041")
    first = lexer.unescape(f"SELECT ({plain} AS ?found) {{}}")

    with pytest.raises(SyntaxError):
        ox.Store().query(first)


def test_text_that_looks_like_a_call_is_refused_rather_than_risked(kg: Connection) -> None:
    """The fence around SERVICE looks at the bare text, whatever it is in."""
    with pytest.raises(QueryRefused, match="SERVICE is refused"):
        kg.select("SELECT (?given AS ?found) {}", given="service <http://a/> {}")


REFUSED: dict[str, tuple[str, dict[str, object], str]] = {
    # query, values, part of the message
    "no-such-variable": ("ASK { ?s ?p ?o }", {"x": 1}, "parameter x: the query has no variable \\?x"),
    "only-in-a-string": ("ASK { ?s ?p '?x' } # ?x", {"x": 1}, "no variable"),
    "projected": ("SELECT ?x { ?x ?p ?o }", {"x": 1}, "among the results"),
    "projected-distinct": ("SELECT DISTINCT ?y $x WHERE { ?x ?p ?y }", {"x": 1}, "among the results"),
    "projected-after-an-expression": ("SELECT (?y + 1 AS ?z) ?x { ?x ?p ?y }", {"x": 1}, "among the results"),
    "projected-below": ("SELECT * { { SELECT ?x { ?x ?p ?o } } }", {"x": 1}, "among the results"),
    "projected-in-exists": ("ASK { FILTER(EXISTS { SELECT ?x { ?x ?p ?o } }) }", {"x": 1}, "among the results"),
    "after-as": ("SELECT (1 AS ?x) { }", {"x": 1}, "after AS"),
    "after-as-in-bind": ("SELECT * { BIND(1 as ?x) }", {"x": 1}, "after AS"),
    "values": ("SELECT * { VALUES ?x { 1 } }", {"x": 1}, "in VALUES"),
    "values-of-two": ("SELECT * { VALUES (?y ?x) { (1 2) } }", {"x": 1}, "in VALUES"),
    "values-at-the-end": ("SELECT * { ?x ?p ?o } VALUES ?x { 1 }", {"x": 1}, "in VALUES"),
    "group": ("SELECT (COUNT(*) AS ?n) { ?x ?p ?o } GROUP BY ?x", {"x": 1}, "in GROUP BY"),
    "order": ("SELECT ?p { ?x ?p ?o } ORDER BY ?x", {"x": 1}, "in GROUP BY or ORDER BY"),
    "order-after-group": ("SELECT ?p { ?x ?p ?o } GROUP BY ?p HAVING(COUNT(?x) > 1) ORDER BY ?p ?x", {"x": 1}, "ORDER BY"),
    "bound": ("SELECT ?p { ?s ?p ?o FILTER(!BOUND(?x)) }", {"x": 1}, "in BOUND"),
    "blank-node": ("ASK { ?x ?p ?o }", {"x": BlankNode("b0")}, "outside of its answer"),
    "nothing": ("ASK { ?x ?p ?o }", {"x": None}, "cannot stand in a query"),
    "list": ("ASK { ?x ?p ?o }", {"x": [1, 2]}, "give an IRI, a str"),
    "iri-that-is-none": ("ASK { ?x ?p ?o }", {"x": IRI("a b")}, "cannot stand in a query"),
    "iri-that-gets-out": ("ASK { ?x ?p ?o }", {"x": IRI("http://a/> ?p ?o } #")}, "cannot stand in a query"),
    "language-that-is-none": ("ASK { ?s ?p ?x }", {"x": Literal("a", "not a language")}, "cannot stand in a query"),
    "decimal-that-is-none": ("ASK { ?s ?p ?x }", {"x": Decimal("NaN")}, "only finite numbers"),
    "half-a-character": ("ASK { ?s ?p ?x }", {"x": "\ud800"}, "cannot stand in a query"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "values", "part"), REFUSED.values(), ids=REFUSED.keys())
def test_a_value_that_cannot_be_put_in_is_refused(text: str, values: dict[str, object], part: str) -> None:
    """The error names the variable and says why."""
    with pytest.raises(BadParameter, match=part) as caught:
        bind(text, values)

    assert caught.value.name == "x"


PLACED: dict[str, tuple[str, str]] = {
    # query, expected with x=<a:b>
    "triple": ("ASK { ?x ?p ?o . ?s ?p $x }", "ASK { <a:b> ?p ?o . ?s ?p <a:b> }"),
    "longer-name": ("ASK { ?x ?xx ?o }", "ASK { <a:b> ?xx ?o }"),
    "string-and-comment": ("ASK { ?x ?p '?x' } # ?x", "ASK { <a:b> ?p '?x' } # ?x"),
    "describe": ("DESCRIBE ?x", "DESCRIBE <a:b>"),
    "template": ("CONSTRUCT { ?x ?p ?o } { ?x ?p ?o }", "CONSTRUCT { <a:b> ?p ?o } { <a:b> ?p ?o }"),
    "expression-among-results": ("SELECT (STR(?x) AS ?y) ?p { ?s ?p ?o }", "SELECT (STR(<a:b>) AS ?y) ?p { ?s ?p ?o }"),
    "filter-after-select": ("SELECT ?p WHERE { ?s ?p ?o FILTER(?o = ?x) }", "SELECT ?p WHERE { ?s ?p ?o FILTER(?o = <a:b>) }"),
    "exists-in-filter": ("ASK { ?s ?p ?o FILTER(EXISTS { ?o ?q ?x }) }", "ASK { ?s ?p ?o FILTER(EXISTS { ?o ?q <a:b> }) }"),
    "having": ("SELECT ?p { ?s ?p ?o } GROUP BY ?p HAVING(?p = ?x)", "SELECT ?p { ?s ?p ?o } GROUP BY ?p HAVING(?p = <a:b>)"),
    "order-by-expression": ("SELECT ?p { ?s ?p ?o } ORDER BY (?o = ?x)", "SELECT ?p { ?s ?p ?o } ORDER BY (?o = <a:b>)"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), PLACED.values(), ids=PLACED.keys())
def test_a_value_takes_the_place_of_its_variable(text: str, expected: str) -> None:
    """Everywhere, and of nothing else; what comes out is SPARQL."""
    actual = bind(text, {"x": IRI("a:b")})

    assert expected == actual
    ox.Store().query(actual)


def test_a_value_may_be_called_like_anything(kg: Connection) -> None:
    """No name of a parameter of ours is in the way."""
    (row,) = kg.select("SELECT (?text + ?self + ?timeout AS ?sum) {}", text=1, self=2, timeout=3)

    assert row.sum == 6


# Connections -------------------------------------------------------------------------------------


def test_a_project_is_asked(kg: Connection, release: Release, project: Project) -> None:
    """The connection says what it asks."""
    assert kg.select(COUNT)[0].n == 44
    assert (kg.release, kg.prefixes) == (release.id, project.prefixes)
    assert repr(kg) == f"<connection to release {release.id[:12]} of lungkg>"


def test_ask_gives_a_truth(kg: Connection) -> None:
    """True is True, false is False."""
    assert (kg.ask("ASK { ?x ?p ?o }", x=LUNG), kg.ask("ASK { ?x ?p ?o }", x=IRI("http://a/"))) == (True, False)


@pytest.mark.parametrize("text", ["DESCRIBE ?x", "CONSTRUCT { ?x ?p ?o } WHERE { ?x ?p ?o }"])
def test_graph_gives_an_rdflib_graph(kg: Connection, text: str) -> None:
    """The triples are those of the store, and the prefixes of the project are bound."""
    graph = kg.graph(text, x=LUNG)

    thing = rdflib.URIRef(LUNG)
    assert {str(label) for label in graph.objects(thing, rdflib.SKOS.prefLabel)} == {"lung"}
    assert len(graph) == kg.select("SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?p ?o { ?x ?p ?o } }", x=LUNG)[0].n
    assert dict(graph.namespaces())["entity"] == rdflib.URIRef("https://w3id.org/lungkg/id/entity/")


def test_a_canned_query_is_asked_by_name(kg: Connection) -> None:
    """Things are named as on the command line."""
    by_name = kg.query("what-does", entity="mesenchymal-stem-cell")
    by_curie = kg.query("what-does", entity="entity:mesenchymal-stem-cell")
    by_iri = kg.query("what-does", entity=IRI("https://w3id.org/lungkg/id/entity/mesenchymal-stem-cell"))

    assert isinstance(by_name, Rows)
    assert len(by_name) > 3
    assert by_name == by_curie == by_iri


def test_a_canned_query_takes_values_of_python(bakery: Connection) -> None:
    """Numbers, dates, truths, lists and sets; None and an empty text are not given; the answer has types, too."""
    (row,) = bakery.query("given-values", number=8, day=date(2026, 11, 24), words='say "hi" }', sure=False)
    one = bakery.query("bread-claims", bread="brioche", certainty=None)
    both = bakery.query("bread-claims", bread=["enriched bread", IRI("https://example.org/bakery/id/entity/brioche")])

    assert dict(row) == {
        "number": 8, "half": Decimal("0.5"), "day": date(2026, 11, 24), "sure": False, "words": 'say "hi" }',
        "thing": IRI(XSD + "date"), "nothing": None,
    }  # fmt: skip
    assert [type(row[name]) for name in ("number", "day", "sure", "words", "thing")] == [int, date, bool, Literal, IRI]
    assert (len(one), len(both)) == (3, 5)
    assert bakery.query("bread-claims", bread={"brioche", "enriched-bread"}, certainty="") == both


def test_a_canned_query_of_any_form_is_asked_by_query(bakery: Connection) -> None:
    """A truth for ASK, an rdflib graph for CONSTRUCT."""
    graph = bakery.query("said-of", thing="brioche")

    assert bakery.query("is-claimed", bread="brioche") is True
    assert bakery.query("is-claimed", bread="loaf") is False
    assert isinstance(graph, rdflib.Graph)
    assert {str(subject) for subject in graph.subjects()} == {"https://example.org/bakery/id/entity/brioche"}


def test_the_first_rows_are_asked_for_by_a_limit(bakery: Connection) -> None:
    """In the order of the query; a query without a key has no first rows."""
    breads = ["enriched-bread", "brioche"]
    rows = bakery.query("bread-claims", bread=breads)

    assert bakery.query("bread-claims", bread=breads, limit=2) == rows[:2]
    assert bakery.query("bread-claims", bread=breads, limit=100_000) == rows
    with pytest.raises(BadParameter, match="parameter limit: means nothing to is-claimed"):
        bakery.query("is-claimed", bread="brioche", limit=1)


def test_the_text_of_a_canned_query_is_what_is_sent(bakery: Connection) -> None:
    """It is SPARQL for any engine: asked as a query of one's own it gives the same rows."""
    values: dict[str, Any] = {"bread": ["enriched-bread", "brioche"], "certainty": "asserted"}

    text = bakery.query_text("bread-claims", **values)

    assert bakery.select(text) == bakery.query("bread-claims", **values)
    assert bakery.query_text("bread-claims", **values, limit=2) == f"{text}\n\nLIMIT 2 OFFSET 0"
    assert text.startswith("PREFIX ont:")


def test_the_canned_queries_are_listed_with_their_questions(bakery: Connection) -> None:
    """And with what their parameters take."""
    assert {name: str(question) for name, question in bakery.queries.items()} == {
        "bread-claims": "What is claimed of sorts of bread?",
        "given-values": "What becomes of values?",
        "is-claimed": "Is anything claimed of a sort of bread?",
        "said-of": "What is said of a thing?",
    }
    assert bakery.queries["bread-claims"].parameters == {
        "bread": "the sorts of bread: the name, label, abbreviation, CURIE or IRI of an entity",
        "certainty": "how sure the author is: one of asserted, potential",
    }


def test_a_canned_query_gives_a_frame(bakery: Connection) -> None:
    """With a type for each column."""
    pytest.importorskip("pandas", reason="pandas is not installed: pip install 'lungkg[pandas]'")

    frame = bakery.query_frame("given-values", number=8, day=date(2026, 11, 24), words="a")

    types = frame.dtypes.astype(str).to_dict()
    assert [types[name] for name in ("number", "half", "day", "sure", "words")] == [
        "Int64", "Float64", "datetime64[us]", "boolean", "string",
    ]  # fmt: skip
    assert len(bakery.query_frame("bread-claims", bread="brioche", limit=2)) == 2


@pytest.fixture(scope="module")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """A connection to a small project with canned queries of every kind."""
    with connect(copy_bakery(tmp_path_factory.mktemp("bakery"))) as opened:
        yield opened


MISTAKES: dict[str, tuple[str, str, dict[str, Any], type[LungkgError], str]] = {
    # method, query or name, values, error, part of its message
    "select-of-construct": ("select", "CONSTRUCT WHERE { ?s ?p ?o }", {}, QueryError, r"this is CONSTRUCT: ask it by \.graph\(\), not by \.select\(\)"),
    "select-of-ask": ("select", "ASK {}", {}, QueryError, r"ask it by \.ask\(\)"),
    "ask-of-select": ("ask", COUNT, {}, QueryError, r"ask it by \.select\(\), not by \.ask\(\)"),
    "graph-of-select": ("graph", COUNT, {}, QueryError, r"ask it by \.select\(\), not by \.graph\(\)"),
    "update": ("select", "DROP ALL", {}, QueryRefused, "updates are refused"),
    "service": ("ask", "ASK { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", {}, QueryRefused, "SERVICE is refused"),
    "no-query": ("select", "hello", {}, QuerySyntaxError, "this is no SPARQL query"),
    "unknown-prefix": ("ask", "ASK { ?s skos:prefLabel ?o }", {}, QuerySyntaxError, "Add this line: PREFIX skos: <http://www.w3.org/2004/02/skos/core#>"),
    "value-without-variable": ("ask", "ASK {}", {"x": 1}, BadParameter, "no variable"),
    "unknown-query": ("query", "what-dose", {}, BadParameter, "no canned query 'what-dose'; did you mean what-does"),
    "query-like-no-other": ("query", "xyz", {}, BadParameter, "there are .*what-does, "),
    "missing-parameter": ("query", "what-does", {}, BadParameter, "parameter entity: is missing"),
    "unknown-parameter": ("query", "what-does", {"colour": "red"}, BadParameter, "parameter colour: is unknown"),
    "unknown-thing": ("query", "what-does", {"entity": "long"}, BadParameter, "did you mean lung"),
    "value-of-no-kind": ("query", "what-does", {"entity": {"a": 1}}, BadParameter, "parameter entity: takes a text, a number, a date or a list"),
    "too-many-values": ("query", "what-does", {"entity": ["lung", "MSC"]}, BadParameter, "takes one value, and 2 are given"),
    "limit-that-is-none": ("query", "what-does", {"entity": "lung", "limit": 0}, BadParameter, "parameter limit: must be a number of rows, 1 or more, not 0"),
    "limit-in-words": ("query", "what-does", {"entity": "lung", "limit": "ten"}, BadParameter, "parameter limit: must be a number of rows"),
    "text-of-an-unknown-query": ("query_text", "what-dose", {}, BadParameter, "did you mean what-does"),
    "frame-of-a-graph": ("query_frame", "neighbourhood-of", {"entity": "MSC"}, QueryError, r"has no rows: ask it by \.query\(\)"),
}  # fmt: skip


@pytest.mark.parametrize(("method", "text", "values", "error", "part"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_in_a_sentence(
    kg: Connection, method: str, text: str, values: dict[str, Any], error: type[LungkgError], part: str
) -> None:
    """What is wrong, and what to do."""
    with pytest.raises(error, match=part):
        getattr(kg, method)(text, **values)


@pytest.mark.slow
def test_a_query_is_stopped_at_the_limit_of_the_connection(out: Path) -> None:
    """The limit may be set while the connection is open."""
    with connect(ROOT, out=out, timeout=60) as kg:
        kg.timeout = 0.5
        with pytest.raises(EngineTimeout) as caught:
            kg.select("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")

        assert caught.value.seconds == 0.5
        assert kg.select(COUNT)[0].n == 44


def test_many_threads_may_ask_one_connection(out: Path) -> None:
    """With one worker they wait for each other; none is sent away."""
    counts: list[int] = []
    with connect(ROOT, out=out, workers=1) as kg:
        threads = [threading.Thread(target=lambda: counts.append(kg.select(COUNT)[0].n)) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert counts == [44] * 20


def test_a_closed_connection_says_so(out: Path) -> None:
    """Closing twice is no mistake, asking afterwards is."""
    kg = connect(ROOT, out=out)
    kg.close()
    kg.close()

    assert repr(kg).startswith("<closed connection to release ")
    with pytest.raises(EngineError, match="this connection is closed"):
        kg.ask("ASK {}")


def test_a_forgotten_connection_closes_itself(out: Path) -> None:
    """Its processes end with it."""
    kg = connect(ROOT, out=out)
    kg.ask("ASK {}")
    engine = kg._engine
    assert isinstance(engine, LocalEngine)
    before = engine.state()["workers"]

    del kg
    gc.collect()

    assert (before, engine.state()["workers"]) == (1, 0)


OPTIONS: dict[str, tuple[str | None, dict[str, Any], type[LungkgError], str]] = {
    # target, options, error, part of its message
    "no-project": ("/nowhere", {}, InputError, "/nowhere/data/project.yaml: this file is missing"),
    "base-of-an-endpoint": ("http://127.0.0.1/", {"base": "http://a/"}, BadParameter, "parameter base: is for the folder of a project"),
    "workers-of-an-endpoint": ("http://127.0.0.1/", {"workers": 2}, BadParameter, "parameter workers: is for the folder"),
    "user-of-a-project": (None, {"user": "me"}, BadParameter, "parameter user: is for an endpoint"),
    "base-that-is-none": (str(ROOT), {"base": "lungs"}, InputError, "must start with http"),
    "no-time": (None, {"timeout": 0}, BadParameter, "parameter timeout: must be a positive number"),
    "no-number": (None, {"timeout": float("nan")}, BadParameter, "parameter timeout"),
    "no-workers": (str(ROOT), {"workers": 0}, BadParameter, "parameter workers: must be at least 1"),
    "another-scheme": ("ftp://a/sparql", {}, BadParameter, "no http:// or https:// address"),
}  # fmt: skip


@pytest.mark.parametrize(("target", "options", "error", "part"), OPTIONS.values(), ids=OPTIONS.keys())
def test_options_that_do_not_fit_are_refused(
    target: str | None, options: dict[str, Any], error: type[LungkgError], part: str
) -> None:
    """Before anything is built or asked."""
    with pytest.raises(error, match=part):
        connect(target, **options)


# Builds ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_connect_builds_a_project_and_falls_back_with_a_warning(
    copied: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The first time it builds; sources that break a shape, or do not read, leave the release before."""
    claims = copied / "data" / "documents" / "000_a5af86fa0d89168c" / "claims.yaml"
    text = claims.read_text("utf-8")
    with connect(copied, out=tmp_path / "out") as kg:
        counts = [kg.select(COUNT)[0].n]
    for spoilt, why in (("subject: asthma\n", "Statement-subjectKind|not of the kind|subject"), ("subject: [\n", "")):
        claims.write_text(text.replace("subject: stem-cell\n", spoilt, 1), "utf-8")
        with pytest.warns(StaleRelease, match=f"(?s)the release before, of .*, answers.*{why}"):
            kg = connect(copied, out=tmp_path / "out")
        counts.append(kg.select(COUNT)[0].n)
        kg.close()

    assert counts == [44, 44, 44]
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_sources_that_do_not_conform_are_an_error_when_there_is_no_release(copied: Path, tmp_path: Path) -> None:
    """Every violation is told with its file and line."""
    claims = copied / "data" / "documents" / "000_a5af86fa0d89168c" / "claims.yaml"
    text = claims.read_text("utf-8")
    claims.write_text(text.replace("subject: stem-cell\n", "subject: asthma\n", 1), "utf-8")

    with pytest.raises(InputError, match=r"claims\.yaml:\d+"):
        connect(copied, out=tmp_path / "out")


@pytest.mark.slow
def test_another_base_never_falls_back_to_a_release_of_the_old_one(copied: Path, tmp_path: Path) -> None:
    """A release with other IRIs is no answer to what was asked for."""
    connect(copied, out=tmp_path / "out").close()
    shutil.rmtree(copied / "data" / "documents")

    with pytest.raises(InputError):
        connect(copied, out=tmp_path / "out", base="http://localhost/")


@pytest.mark.slow
def test_a_script_needs_no_guard_and_no_close(out: Path, tmp_path: Path) -> None:
    """A plain script runs once, prints what it prints, and ends."""
    script = tmp_path / "script.py"
    script.write_text(
        f"from lungkg import connect\nkg = connect({str(ROOT)!r}, out={str(out)!r})\nprint(kg.select({COUNT!r})[0].n)\n"
    )

    run = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=120)

    assert (run.returncode, run.stdout, run.stderr) == (0, "44\n", "")


# Imports -----------------------------------------------------------------------------------------

CHEAP = {
    "import lungkg": "pyoxigraph yaml lungkg.client lungkg.engines",
    "from lungkg import connect": "rdflib pyshacl pandas flask click rich SPARQLWrapper lungkg.build lungkg.web",
}


@pytest.mark.parametrize(("statement", "absent"), CHEAP.items(), ids=CHEAP.keys())
def test_importing_loads_only_what_is_needed(statement: str, absent: str) -> None:
    """Big packages are imported when they are used."""
    code = (
        f"{statement}\nimport sys\nprint(sorted(sys.modules.keys() & set({absent!r}.split())), 'lungkg' in sys.modules)"
    )

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (run.stdout, run.stderr) == ("[] True\n", "")


def test_the_package_offers_the_client() -> None:
    """All names are there, others are not."""
    assert {name for name in lungkg.__all__ if hasattr(lungkg, name)} == set(lungkg.__all__)
    assert not hasattr(lungkg, "conect")


# Frames ------------------------------------------------------------------------------------------


def answer_of(*terms: dict[str, str] | None) -> Rows:
    """Read a column x of these terms, None for one that is not bound."""
    bindings = [{} if term is None else {"x": term} for term in terms]
    return read_rows(json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": bindings}}).encode())


def typed(text: str, datatype: str) -> dict[str, str]:
    """Write a literal with a datatype of XML Schema."""
    return {"type": "literal", "value": text, "datatype": XSD + datatype}


TEXT = {"type": "literal", "value": "a", "xml:lang": "en"}
THING = {"type": "uri", "value": "http://a/"}
BLANK = {"type": "bnode", "value": "b0"}
FRAMES: dict[str, tuple[list[dict[str, str] | None], str, list[object]]] = {
    # terms, expected type, expected values that are not missing
    "integers": ([typed("1", "integer"), None, typed("2", "long")], "Int64", [1, 2]),
    "huge-integers": ([typed(str(2**63), "integer"), None], "object", [2**63]),
    "decimals": ([typed("1.5", "decimal"), typed("2", "integer"), None], "Float64", [1.5, 2.0]),
    "doubles": ([typed("1.5e0", "double"), typed("0.5", "float")], "Float64", [1.5, 0.5]),
    "integer-that-no-double-holds": ([typed(str(2**53 + 1), "integer"), typed("0.5", "double")], "object", [2**53 + 1, 0.5]),
    "booleans": ([typed("true", "boolean"), None], "boolean", [True]),
    "booleans-and-integers": ([typed("true", "boolean"), typed("2", "integer")], "object", [True, 2]),
    "text": ([TEXT, None, THING], "string", ["a", "http://a/"]),
    "ill-typed": ([typed("many", "integer"), typed("2", "integer")], "object", ["many", 2]),
    "blank-nodes": ([BLANK, THING], "object", [BlankNode("b0"), IRI("http://a/")]),
    "dates": ([typed("2026-11-24", "date"), None], "datetime64[us]", [datetime(2026, 11, 24)]),
    "times": ([typed("0001-01-01T12:00:00", "dateTime"), None], "datetime64[us]", [datetime(1, 1, 1, 12)]),
    "times-in-zones": ([typed("2026-11-24T12:00:00+02:00", "dateTime"), None], "datetime64[us, UTC]", [datetime(2026, 11, 24, 10, tzinfo=UTC)]),
    "times-with-and-without": ([typed("2026-11-24T12:00:00", "dateTime"), typed("2026-11-24T12:00:00Z", "dateTime")], "object", [datetime(2026, 11, 24, 12), datetime(2026, 11, 24, 12, tzinfo=UTC)]),
    "nothing": ([None, None], "object", []),
    "no-rows": ([], "object", []),
}  # fmt: skip


@pytest.mark.parametrize(("terms", "expected", "values"), FRAMES.values(), ids=FRAMES.keys())
def test_a_frame_has_a_type_for_each_column(
    terms: list[dict[str, str] | None], expected: str, values: list[object]
) -> None:
    """The type holds every value without a loss that matters, and missing ones as missing."""
    pytest.importorskip("pandas", reason="pandas is not installed: pip install 'lungkg[pandas]'")
    from lungkg.client.frames import frame  # noqa: PLC0415

    column = frame(answer_of(*terms))["x"]

    assert (expected, values) == (str(column.dtype), column.dropna().tolist())
    assert len(column) == len(terms)


def test_a_frame_is_asked_for_like_rows(kg: Connection) -> None:
    """One row, one column, one number; other query forms are refused."""
    pytest.importorskip("pandas", reason="pandas is not installed: pip install 'lungkg[pandas]'")

    assert kg.frame(COUNT).to_dict("list") == {"n": [44]}
    with pytest.raises(QueryError, match=r"ask it by \.ask\(\), not by \.frame\(\)"):
        kg.frame("ASK {}")


def test_without_pandas_the_error_says_what_to_install(kg: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the query is asked."""
    monkeypatch.setattr("lungkg.client.frames.find_spec", lambda _: None)

    with pytest.raises(SystemProblem, match=re.escape("pip install 'lungkg[pandas]'")):
        kg.frame(COUNT)


# Endpoints ---------------------------------------------------------------------------------------


def test_an_endpoint_answers_like_the_project(kg: Connection, endpoint: Endpoint) -> None:
    """Rows, truth and graph are the same, values of every kind among them."""
    rows = "SELECT ?p ?o { ?x ?p ?o } ORDER BY ?p ?o"
    with connect(f"{endpoint.origin}/sparql") as there:
        assert there.select(rows, x=LUNG) == kg.select(rows, x=LUNG)
        assert there.ask("ASK { ?x ?p ?o }", x=LUNG) is True
        assert set(there.graph("DESCRIBE ?x", x=LUNG)) == set(kg.graph("DESCRIBE ?x", x=LUNG))
        assert (there.release, repr(there)) == (None, f"<connection to {endpoint.origin}/sparql>")
        assert there.prefixes["skos"] == "http://www.w3.org/2004/02/skos/core#"


ADDRESSES = {"": "/sparql", "/": "/sparql", "/sparql": "/sparql", "/sparql/": "/sparql/", "/repo/a": "/repo/a"}


@pytest.mark.parametrize(("path", "expected"), ADDRESSES.items(), ids=lambda path: path or "none")
def test_an_address_without_a_path_means_its_sparql(endpoint: Endpoint, path: str, expected: str) -> None:
    """Any other address is taken as it is."""
    with connect(endpoint.origin + path) as there:
        there.ask("ASK {}")

    assert endpoint.seen[-1][0] == expected


def test_an_endpoint_is_sent_the_query_and_nothing_else(endpoint: Endpoint) -> None:
    """Its default graph is its own affair: no graph is named, and no prefix is added."""
    with connect(endpoint.origin) as there:
        there.ask("ASK {}")

    assert endpoint.seen[-1] == ("/sparql", {"query": ["ASK {}"]}, "")


def test_an_endpoint_is_signed_in_to(endpoint: Endpoint) -> None:
    """User and password go as Basic, a password alone as Bearer."""
    for user in ("me", None):
        with connect(endpoint.origin, user=user, password="secret") as there:  # noqa: S106 # a test's
            there.ask("ASK {}")

    basic = base64.b64encode(b"me:secret").decode()
    assert [seen[2] for seen in endpoint.seen[-2:]] == [f"Basic {basic}", "Bearer secret"]


@pytest.mark.parametrize("path", ["", "/repository/a"], ids=["sparql", "another-path"])
def test_an_endpoint_that_is_not_ours_has_no_canned_queries(endpoint: Endpoint, path: str) -> None:
    """The error says what to do instead; nothing is posted to an address that may mean something else there."""
    before = len(endpoint.seen)
    with connect(endpoint.origin + path) as there:
        for asking in (lambda: there.query("what-does", entity="lung"), lambda: there.queries):
            with pytest.raises(QueryError, match=r"asked of a project or of a server of lungkg.*\.select\(text\)"):
                asking()

    assert len(endpoint.seen) == before


def test_an_endpoint_that_is_down_is_told() -> None:
    """Nothing listens on port 1 of loopback."""
    with (
        connect("http://127.0.0.1:1/sparql") as there,
        pytest.raises(EngineUnreachable, match=re.escape("127.0.0.1:1")),
    ):
        there.ask("ASK {}")


# Servers of lungkg -------------------------------------------------------------------------------

BREADS: dict[str, Any] = {"bread": ["enriched bread", "Brioche"]}


@pytest.fixture(scope="module")
def ours(bakery: Connection) -> Iterator[str]:
    """The address of a server of lungkg with the same small project."""
    project = bakery._project
    assert project is not None
    release = current(project.default_out())
    assert release is not None
    with listening(project, release, bakery._engine) as origin:
        yield origin


def test_a_server_of_lungkg_answers_canned_queries_like_the_project(bakery: Connection, ours: str) -> None:
    """Rows of all pages, first rows, a truth, a graph, and the list of questions."""
    with connect(ours) as there:
        assert there.query("bread-claims", **BREADS) == bakery.query("bread-claims", **BREADS)
        assert there.query("bread-claims", **BREADS, limit=3) == bakery.query("bread-claims", **BREADS, limit=3)
        assert there.query("is-claimed", bread="loaf") is False
        graph, same = there.query("said-of", thing="brioche"), bakery.query("said-of", thing="brioche")
        assert isinstance(graph, rdflib.Graph)
        assert isinstance(same, rdflib.Graph)
        assert set(graph) == set(same)
        assert there.queries == bakery.queries


SERVED: dict[str, tuple[str, dict[str, Any], type[LungkgError], str]] = {
    # name, values, error, part of its message
    "unknown-query": ("bred-claims", {}, BadParameter, "parameter name: there is no canned query 'bred-claims'; did you mean bread-claims?"),
    "missing": ("is-claimed", {}, BadParameter, "parameter bread: is missing"),
    "unknown-parameter": ("is-claimed", {"bread": "loaf", "colour": "red"}, BadParameter, "parameter colour: is unknown"),
    "unknown-thing": ("is-claimed", {"bread": "briosh"}, BadParameter, "parameter bread: there is no entity 'briosh'; did you mean brioche"),
    "limit-without-order": ("is-claimed", {"bread": "loaf", "limit": 3}, BadParameter, "parameter limit: means nothing to is-claimed"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "values", "error", "part"), SERVED.values(), ids=SERVED.keys())
def test_what_a_server_refuses_is_the_same_error_as_here(
    ours: str, bakery: Connection, name: str, values: dict[str, Any], error: type[LungkgError], part: str
) -> None:
    """Its problem becomes the error that a project raises."""
    with connect(ours) as there:
        for connection in (there, bakery):
            with pytest.raises(error, match=re.escape(part)):
                connection.query(name, **values)


def test_the_text_of_a_canned_query_is_of_a_project(ours: str) -> None:
    """A server shows it on its page, whose address is told."""
    with connect(ours) as there, pytest.raises(QueryError, match=f"{ours}/query/is-claimed shows it"):
        there.query_text("is-claimed", bread="loaf")


class Script:
    """Sends nothing: gives what a server would say, in this order, and keeps what it was sent."""

    def __init__(self, *replies: tuple[int, str, object]) -> None:
        self._replies = list(replies)
        self.sent: list[dict[str, list[str]]] = []

    def send(self, request: Request, _: object) -> Received:
        """Give the next reply."""
        assert request.data is None or isinstance(request.data, bytes)
        self.sent.append(parse_qs((request.data or b"").decode()))
        status, kind, content = self._replies.pop(0)
        headers = Message()
        headers["Content-Type"] = kind
        return Received(status, headers, content if isinstance(content, bytes) else json.dumps(content).encode(), True)


LIST = (200, "application/json", {"queries": [{"name": "a", "summary": "Why?", "parameters": []}]})
RESULTS_JSON = "application/sparql-results+json"
PROBLEM = "application/problem+json"


def page(*rows: str, next: str | None = None) -> tuple[int, str, object]:
    """Write a page of results."""
    bindings = [{"x": {"type": "literal", "value": row}} for row in rows]
    more = {"truncated": True, "next": next} if next else {}
    return 200, RESULTS_JSON, {"head": {"vars": ["x"]}, "results": {"bindings": bindings}, **more}


NEXT = "/query/a.json?b=c&after=0123456789ab.2"


def scripted(*replies: tuple[int, str, object]) -> tuple[Connection, Script]:
    """Make a connection to a server that says this."""
    there = connect("http://127.0.0.1:1/sparql")
    script = Script(LIST, *replies)
    assert isinstance(there._canned, ServedCanned)
    there._canned._wire = script  # type: ignore[assignment] # a stand-in
    return there, script


def test_a_release_that_comes_between_two_pages_starts_the_answer_anew() -> None:
    """Rows of two releases are never put together."""
    gone = (
        400,
        PROBLEM,
        {"detail": "parameter after: belongs to release 0123456789ab, and 111111111111 is served now"},
    )
    there, script = scripted(page("1", "2", next=NEXT), gone, page("5", "6", next=NEXT), page("7"))

    with there:
        rows = there.query("a", b="c")

    assert isinstance(rows, Rows)
    assert [row.x for row in rows] == ["5", "6", "7"]
    assert [sent.get("after", [""])[0][-2:] for sent in script.sent] == ["", "", ".2", "", ".2"]
    assert {sent["b"][0] for sent in script.sent[1:]} == {"c"}


ODD: dict[str, tuple[tuple[int, str, object], type[LungkgError], str]] = {
    # what the server says, error, part of its message
    "page-for-people": ((200, "text/html", b"<html>"), EngineFault, "answers with text/html"),
    "no-results": ((200, RESULTS_JSON, {"head": {}}), EngineFault, "JSON that is no result"),
    "half": ((200, RESULTS_JSON, b'{"head":'), EngineFault, "JSON that is no result"),
    "list": ((200, RESULTS_JSON, []), EngineFault, "JSON that is no result"),
    "too-long": ((413, PROBLEM, {"detail": "too long", "limit": {"answer_size": 8}}), AnswerTooLong, "limit of 8 MB"),
    "another-problem": ((406, PROBLEM, {"detail": "no such format"}), EngineFault, "answers 406: no such format"),
    "no-problem": ((404, "text/plain", b"nothing here"), EngineFault, "answers 404: nothing here"),
}  # fmt: skip


@pytest.mark.parametrize(("reply", "error", "part"), ODD.values(), ids=ODD.keys())
def test_what_is_no_answer_is_an_error(reply: tuple[int, str, object], error: type[LungkgError], part: str) -> None:
    """Nothing is taken for an answer that is none."""
    there, _ = scripted(reply)

    with there, pytest.raises(error, match=re.escape(part)):
        there.query("a", b="c")


# The page ----------------------------------------------------------------------------------------


def sections() -> dict[str, list[doctest.Example]]:
    """Give the examples of the how-to by section; the first section's come before all others'."""
    parser = doctest.DocTestParser()
    found = {}
    for part in re.split(r"^## ", HOW_TO, flags=re.MULTILINE):
        blocks = re.findall(r"^```pycon\n(.*?)^```", part, re.MULTILINE | re.DOTALL)
        found[part.splitlines()[0]] = parser.get_examples("\n".join(blocks))
    return found


SECTIONS = sections()
NEEDS = ("# Ask from Python", "Rows")  # what the other sections go on from


@pytest.mark.parametrize("name", [name for name, examples in SECTIONS.items() if examples])
def test_the_how_to_prints_what_it_says(
    name: str, out: Path, kg: Connection, project: Project, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every example is run: on the release of the tests, and on a server that has it."""
    if name == "A DataFrame":
        pytest.importorskip("pandas", reason="pandas is not installed: pip install 'lungkg[pandas]'")
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(Project, "default_out", lambda _: out)
    examples = [example for part in (*NEEDS, name) for example in SECTIONS[part] if part == name or part in NEEDS]
    told: list[str] = []
    with listening(project, release, kg._engine) as origin:
        moved = [
            doctest.Example(one.source.replace("http://127.0.0.1:8080", origin), one.want, one.exc_msg)
            for one in examples
        ]
        page = doctest.DocTest(moved, {}, name, "ask-from-python.md", 0, None)
        result = doctest.DocTestRunner(verbose=False).run(page, out=told.append)

    assert (result.failed, "".join(told)) == (0, "")
    assert result.attempted == len(examples) > 0


def test_the_how_to_has_examples_in_most_sections() -> None:
    """A page whose examples are not found would pass without a word."""
    assert len([name for name, examples in SECTIONS.items() if examples]) >= 8
    assert set(NEEDS) <= SECTIONS.keys()
