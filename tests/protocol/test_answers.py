"""The same answer in every format, read by parsers that are not ours: json, csv, ElementTree and rdflib."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Final, NamedTuple

import pytest
import rdflib
from rdflib.compare import isomorphic

from tests.server import BREAD, BREAD_GRAPH, Reply, Server, get, problem

XSD: Final = "http://www.w3.org/2001/XMLSchema#"
XML: Final = "{http://www.w3.org/2005/sparql-results#}"
LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"


class Term(NamedTuple):
    """A term of an answer: iri, literal or blank; None stands for what is not bound."""

    kind: str
    value: str
    datatype: str = ""
    language: str = ""

    @classmethod
    def of(cls, node: object) -> "Term | None":
        """Read a term of rdflib."""
        if isinstance(node, rdflib.Literal):
            return cls("literal", str(node), str(node.datatype or ""), (node.language or "").lower())
        if isinstance(node, rdflib.BNode):
            return cls("blank", str(node))
        return None if node is None else cls("iri", str(node))


Row = dict[str, Term | None]
"""A row by its variables, unbound ones included."""

DEFAULT_GRAPH: Final = "urn:x-rdflib:default"

# rdflib reads datasets by roads that it calls deprecated itself.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Dataset.default_context is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),
]

KINDS: Final = {"uri": "iri", "literal": "literal", "bnode": "blank"}


@pytest.fixture(autouse=True)
def _literals_as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep rdflib from rewriting the numbers and dates that it reads."""
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)


# Reading -------------------------------------------------------------------------------------------


def read_json(reply: Reply) -> list[Row]:
    """Read SPARQL 1.1 Query Results JSON Format."""
    table = json.loads(reply.body)
    return [
        {name: json_term(row[name]) if name in row else None for name in table["head"]["vars"]}
        for row in table["results"]["bindings"]
    ]


def json_term(term: dict[str, str]) -> Term:
    """Read one term."""
    return Term(KINDS[term["type"]], term["value"], term.get("datatype", ""), term.get("xml:lang", "").lower())


def read_xml(reply: Reply) -> list[Row]:
    """Read SPARQL Query Results XML Format."""
    root = ET.fromstring(reply.body)  # noqa: S314 # from our own server
    names = [variable.attrib["name"] for variable in root.iterfind(f"{XML}head/{XML}variable")]
    found = [
        {binding.attrib["name"]: xml_term(binding[0]) for binding in result.iterfind(f"{XML}binding")}
        for result in root.iterfind(f"{XML}results/{XML}result")
    ]
    return [{name: row.get(name) for name in names} for row in found]


def xml_term(element: ET.Element) -> Term:
    """Read one term."""
    return Term(
        KINDS[element.tag.removeprefix(XML)],
        element.text or "",
        element.get("datatype", ""),
        element.get(LANGUAGE, "").lower(),
    )


def read_tsv(reply: Reply) -> list[Row]:
    """Read SPARQL 1.1 Query Results TSV Format: cells are terms as in Turtle, so rdflib reads them as Turtle.

    rdflib's own parser of TSV ends lines at more characters than the line feed, and drops rows without a value.
    """
    header, *lines = reply.text.removesuffix("\n").split("\n")
    names = [name.removeprefix("?") for name in header.split("\t")]
    cells = [(row, column, cell) for row, line in enumerate(lines) for column, cell in enumerate(line.split("\t"))]
    triples = "\n".join(f"<row:{row}> <column:{column}> {cell} ." for row, column, cell in cells if cell)
    graph = rdflib.Graph().parse(data=triples, format="turtle")
    return [
        {
            name: Term.of(graph.value(rdflib.URIRef(f"row:{row}"), rdflib.URIRef(f"column:{column}")))
            for column, name in enumerate(names)
        }
        for row in range(len(lines))
    ]


RESULTS: Final[dict[str, Callable[[Reply], list[Row]]]] = {"json": read_json, "xml": read_xml, "tsv": read_tsv}
GRAPHS: Final = {
    "turtle": "turtle", "ntriples": "nt", "rdfxml": "xml", "jsonld": "json-ld", "trig": "trig", "nquads": "nquads",
}  # fmt: skip
"""Our names of formats, and rdflib's."""


def read_graph(reply: Reply, name: str) -> rdflib.Graph:
    """Read a graph; every triple has to be in the default graph."""
    dataset = rdflib.Dataset()
    dataset.parse(data=reply.body, format=GRAPHS[name], publicID="http://elsewhere.example/")
    graph = rdflib.Graph()
    for subject, predicate, value, home in dataset.quads():
        if str(home) != DEFAULT_GRAPH:
            raise ValueError(f"a triple is in the graph {home}")
        graph.add((subject, predicate, value))
    return graph


def sent(server: Server, text: str, name: str) -> Reply:
    """Send a query and give the reply, which has to be an answer."""
    reply = server.send(get(text, {"format": name}))
    if reply.status != 200:
        raise ValueError(f"{reply.status}: {reply.text}")
    return reply


# Rows ----------------------------------------------------------------------------------------------

TERMS: Final[dict[str, tuple[str, Term | None]]] = {
    # how it is written in SPARQL, what it is
    "iri": ("<http://example.org/a>", Term("iri", "http://example.org/a")),
    "iri-with-marks": ("<http://example.org/?a=1&b='2';c,d#e>", Term("iri", "http://example.org/?a=1&b='2';c,d#e")),
    "iri-beyond-ascii": ("<http://example.org/面包>", Term("iri", "http://example.org/面包")),
    "urn": ("<urn:isbn:0451450523>", Term("iri", "urn:isbn:0451450523")),
    "string": ("'bread'", Term("literal", "bread")),
    "empty-string": ("''", Term("literal", "")),
    "blanks-around": ("'  bread  '", Term("literal", "  bread  ")),
    "comma": ("'a,b'", Term("literal", "a,b")),
    "double-quotes": ("'say \"hi\"'", Term("literal", 'say "hi"')),
    "single-quotes": ('"it\'s"', Term("literal", "it's")),
    "line-break": (r"'a\nb'", Term("literal", "a\nb")),
    "tab": (r"'a\tb'", Term("literal", "a\tb")),
    "backslash": (r"'a\\nb'", Term("literal", r"a\nb")),
    "markup": ("'<b>&amp;</b>]]>'", Term("literal", "<b>&amp;</b>]]>")),
    "beyond-ascii": ("'面包 é'", Term("literal", "面包 é")),
    "beyond-the-basic-plane": ("'🍞'", Term("literal", "🍞")),
    "line-separators": (r"'a\u2028b\u0085c'", Term("literal", "a\u2028b\u0085c")),
    "language": ("'bread'@en", Term("literal", "bread", "", "en")),
    "language-with-region": ("'Brot'@de-at", Term("literal", "Brot", "", "de-at")),
    "integer": ("42", Term("literal", "42", f"{XSD}integer")),
    "negative-integer": ("-1", Term("literal", "-1", f"{XSD}integer")),
    "decimal": ("0.5", Term("literal", "0.5", f"{XSD}decimal")),
    "boolean": ("true", Term("literal", "true", f"{XSD}boolean")),
    "dateTime": (
        f"'2026-11-24T12:00:00Z'^^<{XSD}dateTime>", Term("literal", "2026-11-24T12:00:00Z", f"{XSD}dateTime"),
    ),
    "other-datatype": ("'5'^^<http://example.org/t>", Term("literal", "5", "http://example.org/t")),
    "unbound": ("UNDEF", None),
}  # fmt: skip


def table_of(cells: list[str]) -> str:
    """Write a query for these cells, numbered in order."""
    rows = " ".join(f"({number} {cell})" for number, cell in enumerate(cells))
    return f"SELECT ?x {{ VALUES (?number ?x) {{ {rows} }} }} ORDER BY ?number"


@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize(("written", "expected"), TERMS.values(), ids=TERMS.keys())
def test_a_term_survives_every_format_of_rows(server: Server, written: str, expected: Term | None, name: str) -> None:
    """What is in the answer is what was asked for, character by character."""
    reply = sent(server, table_of([written]), name)

    assert [{"x": expected}] == RESULTS[name](reply)


@pytest.mark.parametrize(("written", "expected"), TERMS.values(), ids=TERMS.keys())
def test_a_value_survives_csv(server: Server, written: str, expected: Term | None) -> None:
    """CSV has the bare values; it cannot tell unbound from empty."""
    reply = sent(server, f"SELECT ?y ?x {{ VALUES (?y ?x) {{ (1 {written}) }} }}", "csv")

    rows = list(csv.reader(io.StringIO(reply.text, newline="")))
    assert [["y", "x"], ["1", expected.value if expected else ""]] == rows


def test_csv_ends_its_lines_as_rfc_4180_says(server: Server) -> None:
    """A line ends with carriage return and line feed, the last one too."""
    reply = sent(server, "SELECT ?x ?y { VALUES (?x ?y) { (1 2) (3 4) } } ORDER BY ?x", "csv")

    assert b"x,y\r\n1,2\r\n3,4\r\n" == reply.body


@pytest.mark.parametrize("name", RESULTS)
def test_rows_keep_their_order_and_their_doubles(server: Server, name: str) -> None:
    """A whole table comes in the order of ORDER BY, equal rows as often as they are there."""
    cells = [*(written for written, _ in TERMS.values()), "'twice'", "'twice'"]

    reply = sent(server, table_of(cells), name)

    twice = Term("literal", "twice")
    assert [*(term for _, term in TERMS.values()), twice, twice] == [row["x"] for row in RESULTS[name](reply)]


@pytest.mark.parametrize("name", RESULTS)
def test_an_empty_answer_has_its_variables(server: Server, name: str) -> None:
    """No row is an answer, too, and a well-formed one."""
    reply = sent(server, "SELECT ?a ?b { FILTER(false) }", name)

    assert ([], True) == (RESULTS[name](reply), all(variable in reply.text for variable in ("a", "b")))


@pytest.mark.parametrize("name", RESULTS)
def test_a_blank_node_is_one_node_in_all_its_places(server: Server, name: str) -> None:
    """Labels are kept apart and kept together within one answer."""
    text = "SELECT ?a ?b ?c { BIND(BNODE() AS ?a) BIND(?a AS ?b) BIND(BNODE() AS ?c) }"

    (row,) = RESULTS[name](sent(server, text, name))

    assert {"blank"} == {term.kind for term in row.values() if term}
    assert (True, False) == (row["a"] == row["b"], row["a"] == row["c"])


@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize(
    "value",
    ["a\rb", "a\r\nb", "a\x01b", "a\x0bb", "a\ufffeb", "a\x7fb"],
    ids=["carriage-return", "windows-line-break", "control", "vertical-tab", "noncharacter", "delete"],
)
def test_an_odd_character_survives_or_the_format_is_refused(server: Server, value: str, name: str) -> None:
    """XML 1.0 cannot hold some characters: then the reply says so, and is no 200 that no parser takes."""
    escaped = "".join(f"\\u{ord(character):04X}" for character in value)

    reply = server.send(get(f"SELECT ('{escaped}' AS ?x) {{}}", {"format": name}))

    possible = [problem(406)] if name == "xml" else []
    assert reply.problem in possible or [{"x": Term("literal", value)}] == RESULTS[name](reply)


BOOLEANS: Final[dict[str, Callable[[Reply], object]]] = {
    "json": lambda reply: reply.json["boolean"],
    "xml": lambda reply: ET.fromstring(reply.body).findtext(f"{XML}boolean") == "true",  # noqa: S314
    "csv": lambda reply: reply.text.strip() == "true",
    "tsv": lambda reply: reply.text.strip() == "true",
}


@pytest.mark.parametrize("name", BOOLEANS)
@pytest.mark.parametrize(("text", "expected"), [("ASK {}", True), ("ASK { FILTER(false) }", False)], ids=["yes", "no"])
def test_a_boolean_is_the_same_in_every_format(server: Server, text: str, expected: bool, name: str) -> None:
    """ASK gives true or false."""
    reply = sent(server, text, name)

    assert expected == BOOLEANS[name](reply)


# Graphs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GRAPHS)
def test_a_constructed_graph_is_the_same_in_every_format(server: Server, name: str) -> None:
    """Every term stands as the object of its triple, and nothing else does."""
    terms = {key: (written, term) for key, (written, term) in TERMS.items() if term}
    cells = " ".join(f"(<http://example.org/{key}> {written})" for key, (written, _) in terms.items())
    text = f"CONSTRUCT {{ ?s <http://example.org/p> ?x }} {{ VALUES (?s ?x) {{ {cells} }} }}"

    graph = read_graph(sent(server, text, name), name)

    expected = {(f"http://example.org/{key}", "http://example.org/p", term) for key, (_, term) in terms.items()}
    assert expected == {(str(subject), str(predicate), Term.of(value)) for subject, predicate, value in graph}


@pytest.mark.parametrize("name", GRAPHS)
def test_a_described_thing_is_the_same_in_every_format(server: Server, name: str) -> None:
    """DESCRIBE gives the triples about the thing."""
    reply = sent(server, f"DESCRIBE <http://example.org/bread> FROM <{BREAD_GRAPH}>", name)

    assert isomorphic(rdflib.Graph().parse(data=BREAD, format="nt"), read_graph(reply, name))


@pytest.mark.parametrize("name", GRAPHS)
def test_blank_nodes_of_a_graph_are_kept_apart(server: Server, name: str) -> None:
    """Two rows make two blank nodes, each in both of its triples."""
    text = (
        "CONSTRUCT { _:b <http://example.org/p> ?x . <http://example.org/s> <http://example.org/q> _:b } "
        "{ VALUES ?x { 1 2 } }"
    )
    expected = rdflib.Graph().parse(
        data="@prefix e: <http://example.org/> . e:s e:q [ e:p 1 ] , [ e:p 2 ] .", format="turtle"
    )

    reply = sent(server, text, name)

    assert isomorphic(expected, read_graph(reply, name))


@pytest.mark.parametrize("name", GRAPHS)
def test_an_empty_graph_is_well_formed(server: Server, name: str) -> None:
    """Nothing constructed is an answer that parses, and has no triples."""
    reply = sent(server, "CONSTRUCT { ?s ?p ?o } { FILTER(false) }", name)

    assert 0 == len(read_graph(reply, name))


@pytest.mark.parametrize("name", GRAPHS)
def test_a_triple_that_is_made_twice_is_in_the_graph_once(server: Server, name: str) -> None:
    """A graph is a set, in N-Triples too."""
    text = "CONSTRUCT { <http://example.org/s> <http://example.org/p> 1 } { VALUES ?x { 1 2 3 } }"

    reply = sent(server, text, name)

    assert (1, 1) == (len(read_graph(reply, name)), reply.text.count("http://example.org/s"))


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize(
    ("predicate", "value"),
    [
        pytest.param("http://example.org/1", "a", id="predicate-ending-in-a-digit"),
        pytest.param("http://example.org/", "a", id="predicate-ending-in-a-slash"),
        pytest.param("urn:x:y(z)", "a", id="predicate-ending-in-a-bracket"),
        pytest.param("http://example.org/p", "a\rb", id="carriage-return"),
        pytest.param("http://example.org/p", "a\x01b", id="control"),
    ],
)
def test_what_a_format_cannot_hold_is_refused_and_never_broken(
    server: Server, predicate: str, value: str, name: str
) -> None:
    """RDF/XML cannot write every predicate and character: then the reply says so instead of being malformed."""
    escaped = "".join(f"\\u{ord(character):04X}" for character in value)
    text = f"CONSTRUCT {{ <http://example.org/s> <{predicate}> '{escaped}' }} {{}}"

    reply = server.send(get(text, {"format": name}))

    possible = [problem(406)] if name == "rdfxml" else []
    expected = [(rdflib.URIRef("http://example.org/s"), rdflib.URIRef(predicate), rdflib.Literal(value))]
    assert reply.problem in possible or expected == list(read_graph(reply, name))


# The parsers notice --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RESULTS)
def test_a_difference_in_the_datatype_only_would_be_noticed(server: Server, name: str) -> None:
    """The readers above tell 1 from "1" and from 1.0."""
    answers = [RESULTS[name](sent(server, table_of([cell]), name)) for cell in ("1", "'1'", "1.0")]

    assert 3 == len({str(answer) for answer in answers})
