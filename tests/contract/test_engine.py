"""What every engine promises; each test runs on all of them."""

import json
import time

import pytest

from lungkg.engines import Engine, choose_format
from lungkg.errors import EngineTimeout, QuerySyntaxError, QueryTooDeep
from lungkg.formats import GRAPHS, RESULTS

ONT = "PREFIX ont: <https://w3id.org/lungkg/ont#>\n"
BASE = "https://w3id.org/lungkg/"
COUNT_CLAIMS = ONT + "SELECT (COUNT(?c) AS ?n) { ?c a ont:Claim }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def ask(engine: Engine, text: str, **chosen: list[str]) -> list[dict[str, str]]:
    """Give the rows of a SELECT query as plain values."""
    answer = engine.query(text, choose_format("SELECT"), **chosen)  # type: ignore[arg-type]
    bindings = json.loads(answer.content)["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in bindings]


def test_the_default_graph_is_the_union_of_all_graphs(engine: Engine) -> None:
    """A query without GRAPH and FROM sees every named graph."""
    rows = ask(engine, COUNT_CLAIMS)

    assert rows == [{"n": "44"}]


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        pytest.param(f"FROM <{BASE}graph/claims>", "44", id="the-graph-that-has-them"),
        pytest.param(f"FROM <{BASE}graph/edges>", "0", id="another-graph"),
        pytest.param("FROM <https://example.org/unknown>", "0", id="a-graph-that-is-not-ours"),
        pytest.param(f"FROM <{BASE}graph/claims> FROM <{BASE}graph/edges>", "44", id="two-graphs"),
        pytest.param(f"FROM NAMED <{BASE}graph/claims>", "0", id="only-named"),
    ],
)
def test_from_chooses_the_default_graph(engine: Engine, clause: str, expected: str) -> None:
    """FROM overrules the union; an unknown graph is empty, neither fetched nor an error."""
    rows = ask(engine, f"{ONT} SELECT (COUNT(?c) AS ?n) {clause} {{ ?c a ont:Claim }}")

    assert rows == [{"n": expected}]


def test_graphs_of_the_protocol_overrule_from(engine: Engine) -> None:
    """default-graph-uri wins over FROM, as the SPARQL protocol says."""
    text = f"{ONT} SELECT (COUNT(?c) AS ?n) FROM <{BASE}graph/edges> {{ ?c a ont:Claim }}"

    rows = ask(engine, text, default_graphs=[f"{BASE}graph/claims"])

    assert rows == [{"n": "44"}]


def test_named_graphs_are_there(engine: Engine) -> None:
    """Every fixed graph that has triples can be named."""
    rows = ask(engine, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g")

    names = [row["g"].removeprefix(f"{BASE}graph/") for row in rows]
    assert names == [
        "background", "claims", "documents", "edges", "entities",
        "inferred", "metadata", "ontology", "queries", "shapes",
    ]  # fmt: skip


@pytest.mark.parametrize("form", RESULTS, ids=lambda form: form.name)
def test_rows_are_written_in_every_format(engine: Engine, form: object) -> None:
    """A SELECT answer names its variable and holds its value in each results format."""
    answer = engine.query(COUNT_CLAIMS, form)  # type: ignore[arg-type]

    text = answer.content.decode()
    assert ("n" in text, "44" in text, answer.format) == (True, True, form)


@pytest.mark.parametrize("form", GRAPHS, ids=lambda form: form.name)
def test_graphs_are_written_in_every_format(engine: Engine, form: object) -> None:
    """A CONSTRUCT answer holds its subject in each RDF format."""
    text = f"CONSTRUCT {{ ?s ?p ?o }} {{ ?s ?p ?o }} VALUES ?s {{ <{BASE}id/entity/lung> }}"

    answer = engine.query(text, form)  # type: ignore[arg-type]

    assert b"lung" in answer.content


def test_ask_is_answered(engine: Engine) -> None:
    """ASK gives a boolean."""
    answer = engine.query("ASK { ?s ?p ?o }", choose_format("ASK"))

    assert json.loads(answer.content)["boolean"] is True


@pytest.mark.parametrize(
    ("text", "line", "column", "part"),
    [
        pytest.param("SELECT * {\n ?s ?p }", 2, 9, "too early or something is missing", id="missing-object"),
        pytest.param(
            "SELECT ?x WHER { ?s ?p ?o }",
            1,
            16,
            "'{' is not expected here; possible are: DISTINCT, WHERE",
            id="misspelt-keyword",
        ),
        pytest.param("SELECT * {\n ?s rdfs:label ?o }", 2, 5, "the prefix rdfs: is not declared", id="unknown-prefix"),
    ],
)
def test_a_syntax_error_says_where(engine: Engine, text: str, line: int, column: int, part: str) -> None:
    """A malformed query gives line, column, the line itself and what is wrong."""
    with pytest.raises(QuerySyntaxError, match=part) as caught:
        engine.query(text, RESULTS[0])

    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.source == text.split("\n")[line - 1]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("SELECT (1" + "+1" * 100_000 + " AS ?x) {}", id="sum"),
        pytest.param("ASK { ?s " + "/".join(["<p:p>"] * 100_000) + " ?o }", id="path"),
        pytest.param("ASK { {}" + "UNION{}" * 100_000 + " }", id="union"),
    ],
)
def test_a_query_too_deep_for_a_stack_is_an_error_and_the_next_one_is_answered(engine: Engine, text: str) -> None:
    """What would end a process that parses it ends a worker, and says what to do."""
    with pytest.raises(QueryTooDeep, match="ask in parts"):
        engine.query(text, RESULTS[0])

    assert ask(engine, COUNT_CLAIMS) == [{"n": "44"}]


def test_an_unknown_prefix_comes_with_the_line_to_add(engine: Engine) -> None:
    """A prefix that the project knows is offered as a PREFIX line."""
    with pytest.raises(QuerySyntaxError) as caught:
        engine.query("SELECT * { ?s skos:prefLabel ?o }", RESULTS[0])

    assert caught.value.hint == "Add this line: PREFIX skos: <http://www.w3.org/2004/02/skos/core#>"


@pytest.mark.slow
def test_a_query_is_stopped_at_its_deadline_and_the_next_one_is_answered(engine: Engine) -> None:
    """A query that would run for hours ends soon after its limit, and leaves a working engine behind."""
    began = time.monotonic()
    with pytest.raises(EngineTimeout) as caught:
        engine.query(ENDLESS, RESULTS[0], timeout=0.5)
    took = time.monotonic() - began

    assert caught.value.seconds == 0.5
    assert took < 20  # hours without the limit: this is a bound on hanging, not on speed
    assert ask(engine, COUNT_CLAIMS) == [{"n": "44"}]
