"""Answers as pages show them: what becomes of each term, what may be a link, and where a table is cut."""

import io
import json

import pyoxigraph as ox
import pytest

from lungkg.errors import EngineError
from lungkg.web.tables import (
    ENTRIES,
    IRI_LENGTH,
    LITERAL_LENGTH,
    ROWS,
    Entry,
    Excerpt,
    Prefixes,
    Shown,
    Table,
    excerpt,
    read_answer,
)

PREFIXES = {
    "ex": "http://example.org/",
    "deep": "http://example.org/deep/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
XSD = PREFIXES["xsd"]


def answer_of(*rows: dict[str, dict[str, object]], columns: tuple[str, ...] = ("x",)) -> bytes:
    """Write rows as SPARQL results JSON."""
    return json.dumps({"head": {"vars": columns}, "results": {"bindings": rows}}).encode()


def table_of(content: bytes, rows: int = ROWS) -> Table:
    """Read a SELECT answer that is known to be a table."""
    table = read_answer("SELECT", content, PREFIXES, rows).table
    assert table is not None
    return table


def iri(text: str) -> dict[str, object]:
    """Write an IRI in the terms of SPARQL results JSON."""
    return {"type": "uri", "value": text}


def literal(text: str, **more: str) -> dict[str, object]:
    """Write a literal in the terms of SPARQL results JSON."""
    return {"type": "literal", "value": text, **more}


LONG_IRI = "http://elsewhere.example/" + "a" * 200
HOSTILE = "</td><script>alert('x')</script>&amp;"


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        pytest.param(iri("http://example.org/a"), Entry("iri", "http://example.org/a", "ex:a", "http://example.org/a"), id="iri"),
        pytest.param(iri("http://example.org/deep/a"), Entry("iri", "http://example.org/deep/a", "deep:a", "http://example.org/deep/a"), id="iri-longest-prefix"),
        pytest.param(iri("https://else.org/a#b"), Entry("iri", "https://else.org/a#b", "https://else.org/a#b", "https://else.org/a#b"), id="iri-without-prefix"),
        pytest.param(iri(LONG_IRI), Entry("iri", LONG_IRI, LONG_IRI[:60] + "…" + LONG_IRI[-40:], LONG_IRI, cut=True), id="iri-long"),
        pytest.param(iri("urn:isbn:1"), Entry("iri", "urn:isbn:1", "urn:isbn:1"), id="iri-that-leads-nowhere"),
        pytest.param(iri("javascript:alert(1)"), Entry("iri", "javascript:alert(1)", "javascript:alert(1)"), id="iri-javascript"),
        pytest.param(iri("JavaScript://example.org/%0Aalert(1)"), Entry("iri", "JavaScript://example.org/%0Aalert(1)", "JavaScript://example.org/%0Aalert(1)"), id="iri-javascript-as-address"),
        pytest.param(iri("data:text/html,x"), Entry("iri", "data:text/html,x", "data:text/html,x"), id="iri-data"),
        pytest.param(literal("plain"), Entry("literal", "plain", "plain"), id="literal"),
        pytest.param(literal("plain", datatype=XSD + "string"), Entry("literal", "plain", "plain"), id="literal-string"),
        pytest.param(literal("Haus", **{"xml:lang": "de"}), Entry("literal", "Haus", "Haus", language="de"), id="literal-language"),
        pytest.param(literal("42", datatype=XSD + "integer"), Entry("literal", "42", "42", datatype="xsd:integer", numeric=True), id="literal-number"),
        pytest.param(literal("007", datatype=XSD + "integer"), Entry("literal", "007", "007", datatype="xsd:integer", numeric=True), id="literal-number-as-written"),
        pytest.param(literal("2026-01-01", datatype=XSD + "date"), Entry("literal", "2026-01-01", "2026-01-01", datatype="xsd:date"), id="literal-date"),
        pytest.param(literal("x", datatype="urn:odd"), Entry("literal", "x", "x", datatype="urn:odd"), id="literal-unknown-datatype"),
        pytest.param(literal("x" * 501), Entry("literal", "x" * 501, "x" * 500 + "…", cut=True), id="literal-long"),
        pytest.param(literal(HOSTILE), Entry("literal", HOSTILE, HOSTILE), id="literal-hostile-is-left-to-the-template"),
        pytest.param(literal("a\u0000b\u0007\u0085\n\tc"), Entry("literal", "a␀b␇\ufffd\n\tc", "a␀b␇\ufffd\n\tc"), id="literal-control-characters"),
        pytest.param({"type": "bnode", "value": "b0"}, Entry("blank", "_:b0", "_:b0"), id="blank"),
        pytest.param({"type": "triple", "value": {"subject": iri("urn:s"), "predicate": iri("urn:p"), "object": literal("o")}}, Entry("triple", '<urn:s> <urn:p> "o"', '<urn:s> <urn:p> "o"'), id="triple"),
    ],
)  # fmt: skip
def test_each_kind_of_term_has_its_text_and_its_link(term: dict[str, object], expected: Entry) -> None:
    """A term is shortened and marked by its kind; only http and https lead anywhere."""
    assert expected == table_of(answer_of({"x": term})).rows[0][0]


def test_what_is_not_bound_is_an_entry_of_its_own() -> None:
    """A variable without a value keeps its place in the row."""
    table = table_of(answer_of({"y": literal("1")}, columns=("x", "y")))

    assert Table(("x", "y"), ((Entry("unbound"), Entry("literal", "1", "1")),), 1) == table


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://example.org/a", "ex:a"),
        ("http://example.org/a-b.c", "ex:a-b.c"),
        ("http://example.org/deep/a", "deep:a"),
        ("http://example.org/deep/a/b", ""),
        ("http://example.org/a#b", ""),
        ("http://example.org/a.", ""),
        ("http://example.org/", ""),
        ("http://example.com/a", ""),
        ("http://example.org/é", ""),
    ],
)
def test_a_short_form_may_be_written_in_a_query(text: str, expected: str) -> None:
    """The longest namespace wins; what would be no prefixed name in SPARQL stays an IRI."""
    assert expected == Prefixes(PREFIXES)(text)


@pytest.mark.parametrize("text", ["http://example.org/a", "http://example.org/a-b.c", "http://example.org/deep/0_1"])
def test_sparql_reads_a_short_form_as_the_iri(text: str) -> None:
    """What the table shows means the same in a query with that prefix."""
    query = f"SELECT ?x {{ VALUES ?x {{ {Prefixes(PREFIXES)(text)} }} }}"

    results = ox.Store().query(query, prefixes=PREFIXES)

    assert isinstance(results, ox.QuerySolutions)
    assert [ox.NamedNode(text)] == [row["x"] for row in results]


@pytest.mark.parametrize(
    ("there", "most", "shown"),
    [(0, ROWS, 0), (3, ROWS, 3), (5, 5, 5), (6, 5, 5), (ROWS + 1, ROWS, ROWS)],
    ids=["none", "few", "as-many", "one-more", "default"],
)
def test_a_long_table_is_cut_and_counted(there: int, most: int, shown: int) -> None:
    """The first rows are kept and all are counted."""
    table = table_of(answer_of(*({"x": literal(str(i))} for i in range(there))), most)

    assert (shown, there) == (len(table.rows), table.total)
    assert [str(i) for i in range(shown)] == [row[0].text for row in table.rows]


def test_a_wide_table_is_cut_earlier() -> None:
    """However many columns a query asks for, the page stays readable by a browser."""
    columns = tuple(f"v{i}" for i in range(1000))

    table = table_of(answer_of(*({} for _ in range(50)), columns=columns))

    assert (ENTRIES // 1000, 50) == (len(table.rows), table.total)


@pytest.mark.parametrize("value", [True, False])
def test_yes_and_no(value: bool) -> None:
    """The answer to ASK is a truth value, not a table."""
    assert Shown(truth=value) == read_answer("ASK", json.dumps({"head": {}, "boolean": value}).encode(), PREFIXES)


def test_an_answer_may_come_from_a_file() -> None:
    """What was spilled to a file is read like what stayed in memory."""
    content = answer_of({"x": literal("1")})

    assert read_answer("SELECT", content, PREFIXES) == read_answer("SELECT", io.BytesIO(content), PREFIXES)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<html>Service unavailable</html>", id="html"),
        pytest.param(answer_of({"x": literal("1")})[:-8], id="cut-off"),
        pytest.param(answer_of({"x": iri("no iri")}), id="no-iri"),
        pytest.param(b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"\xff"}}]}}', id="no-utf-8"),
    ],
)  # fmt: skip
def test_what_is_no_results_json_is_told(content: bytes) -> None:
    """An engine that answers nonsense is an error of ours with a reason, never half a table."""
    with pytest.raises(EngineError, match=r"no SPARQL results JSON: .+"):
        read_answer("SELECT", content, PREFIXES)


@pytest.mark.parametrize(
    ("content", "most", "expected"),
    [
        pytest.param(b"", 10, Excerpt("", False), id="empty"),
        pytest.param(b"one\ntwo\n", 8, Excerpt("one\ntwo\n", False), id="fits"),
        pytest.param(b"one\ntwo\n", 7, Excerpt("one\n", True), id="whole-lines-only"),
        pytest.param(b"one long line", 7, Excerpt("one lon", True), id="a-line-that-is-too-long"),
        pytest.param("ééé".encode(), 3, Excerpt("é", True), id="whole-characters-only"),
        pytest.param(b"a\x00b", 10, Excerpt("a␀b", False), id="control-characters"),
        pytest.param(b"a\xffb", 10, Excerpt("a\ufffdb", False), id="no-utf-8"),
    ],
)
def test_a_long_text_is_cut_at_a_line(content: bytes, most: int, expected: Excerpt) -> None:
    """A graph is shown by its first lines, from memory or from a file."""
    assert expected == excerpt(content, most)
    assert expected == excerpt(io.BytesIO(content), most)


@pytest.mark.parametrize("form", ["CONSTRUCT", "DESCRIBE"])
def test_a_graph_is_shown_as_text(form: str) -> None:
    """Turtle is not read, only shown."""
    assert Shown(text=Excerpt("<a:b> <a:c> 1 .\n", False)) == read_answer(form, b"<a:b> <a:c> 1 .\n", PREFIXES)


def test_the_cuts_are_where_the_cases_above_say() -> None:
    """The lengths that the cases are written for are those in force."""
    assert (500, 100) == (LITERAL_LENGTH, IRI_LENGTH)
