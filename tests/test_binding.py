"""Binding: a value takes the place of a parameter and can be nothing but that one term, whatever it holds."""

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Any, Final

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from lungkg.queries.binding import Misplaced, bind, check_places
from lungkg.queries.parameters import written

PREFIX: Final = "PREFIX ex: <http://example.org/>\n"
IS_A: Final = {"?_a"}.__contains__
IS_NONE: Final = frozenset[str]().__contains__

# Everything that could be mistaken for an end, a beginning or an escape, in SPARQL or in N-Triples.
PIECES: Final = (
    '"', "'", '"""', "'''", "\\", "\\\\", '\\"', "\\u0027", "\\u0022", "\\U00000022", "\\\\u0041", "\\x", "\n", "\r", "\t",
    "\x0b", "\x0c", "\x08", "\x01", "\x7f", "\x85", "\u2028", "\u2029", "\ufeff", "<", ">", "#", "{", "}", ".", ";", ",",
    "?x", "?_a", "$a", "@en", "^^", "^^<http://www.w3.org/2001/XMLSchema#integer>", '" . ?s ?p ?o } #', "<http://example.org/a>",
    '"a"@en .', "_:b0", "SERVICE <http://a/> {}", "SELECT", "*/", "--", "%20", "é", "e\u0301", "日本", "👩‍🔬", "שלום", "مرحبا", "\u202e",
    "a", " ", "0",
)  # fmt: skip
texts = st.lists(st.sampled_from(PIECES) | st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8).map(
    "".join
)  # fmt: skip
lists = st.lists(texts, min_size=2, max_size=6, unique=True)


# Where a value may stand, and what becomes of it

BOUND: dict[str, tuple[str, dict[str, list[str]], str]] = {
    "nothing": ("ASK { ?s ?p ?_a }", {}, "ASK { ?s ?p ?_a }"),
    "everywhere": ("ASK { ?_a ?p ?_a }", {"?_a": ["<a:b>"]}, "ASK { <a:b> ?p <a:b> }"),
    "string-iri-and-comment-stay": (
        "ASK { ?s <a:?_a> '?_a' . ?s ?p ?_a } # ?_a", {"?_a": ['"x"']}, "ASK { ?s <a:?_a> '?_a' . ?s ?p \"x\" } # ?_a",
    ),
    "longer-names-stay": ("ASK { ?_ab ?_a_iri ?_a }", {"?_a": ['"x"']}, 'ASK { ?_ab ?_a_iri "x" }'),
    "kept-from-a-comparison": ("ASK { FILTER(?a<?_b) }", {"?_b": ["<a:b>"]}, "ASK { FILTER(?a< <a:b>) }"),
    "kept-from-a-number": ("ASK { FILTER(?_a-1=2) }", {"?_a": ['"x"@en']}, 'ASK { FILTER("x"@en -1=2) }'),
    "before-a-dot": ("ASK { ?s ?p ?_a.?s ?q ?_a;?r 1 }", {"?_a": ["<a:b>"]}, "ASK { ?s ?p <a:b>.?s ?q <a:b>;?r 1 }"),
    "at-the-end": ("DESCRIBE ?_a", {"?_a": ["<a:b>"]}, "DESCRIBE <a:b>"),
    "several": (
        "ASK { ?s ?p ?_a }", {"?_a": ["<a:b>", "<a:c>"]}, "ASK { VALUES ?_a { <a:b> <a:c> } ?s ?p ?_a }",
    ),
    "several-once-a-group": (
        "ASK { ?s ?p ?_a . ?_a ?q ?s }", {"?_a": ["<a:b>", "<a:c>"]},
        "ASK { VALUES ?_a { <a:b> <a:c> } ?s ?p ?_a . ?_a ?q ?s }",
    ),
    "several-in-each-group-around": (
        "ASK { ?s ?p ?o OPTIONAL { ?s ?q ?_a } }", {"?_a": ["1", "2"]},
        "ASK { VALUES ?_a { 1 2 } ?s ?p ?o OPTIONAL { VALUES ?_a { 1 2 } ?s ?q ?_a } }",
    ),
    "several-not-in-the-template": (
        "CONSTRUCT { ?s ?p ?_a } WHERE { ?s ?p ?_a }", {"?_a": ["1", "2"]},
        "CONSTRUCT { ?s ?p ?_a } WHERE { VALUES ?_a { 1 2 } ?s ?p ?_a }",
    ),
    "several-not-in-data": (
        "ASK { VALUES ?x { 5 } VALUES (?y) { (6) } ?s ?p ?_a }", {"?_a": ["1", "2"]},
        "ASK { VALUES ?_a { 1 2 } VALUES ?x { 5 } VALUES (?y) { (6) } ?s ?p ?_a }",
    ),
    "several-of-two": (
        "ASK { ?_a ?p ?_b }", {"?_a": ["<a:b>", "<a:c>"], "?_b": ["1", "2"]},
        "ASK { VALUES ?_a { <a:b> <a:c> } VALUES ?_b { 1 2 } ?_a ?p ?_b }",
    ),
    "single-in-a-sub-select": (
        "SELECT ?s { { SELECT ?s { ?s ?p ?_a } LIMIT 1 } }", {"?_a": ["<a:b>"]},
        "SELECT ?s { { SELECT ?s { ?s ?p <a:b> } LIMIT 1 } }",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "bound", "expected"), BOUND.values(), ids=BOUND.keys())
def test_terms_take_the_place_of_variables(text: str, bound: dict[str, list[str]], expected: str) -> None:
    """One term stands where the variable stood; several are VALUES of the groups around it."""
    assert expected == bind(text, bound)


MISPLACED = {
    "select": ("SELECT ?_a { ?s ?p ?_a }", "stands in SELECT"),
    "select-distinct": ("SELECT DISTINCT ?s ?_a WHERE { ?s ?p ?_a }", "stands in SELECT"),
    "expression-in-select": ("SELECT (STR(?_a) AS ?b) { ?s ?p ?_a }", "stands in SELECT"),
    "as-in-select": ("SELECT (1 AS ?_a) { ?s ?p ?o }", "stands after AS"),
    "bind-as": ("SELECT ?s { ?s ?p ?o BIND(?o AS ?_a) }", "stands after AS"),
    "select-of-a-sub-select": ("SELECT ?s { { SELECT ?s ?_a { ?s ?p ?_a } } }", "stands in SELECT"),
    "group-by": ("SELECT ?s { ?s ?p ?_a } GROUP BY ?s ?_a", "stands in GROUP BY"),
    "group-by-expression": ("SELECT ?s { ?s ?p ?_a } GROUP BY ?s (STR(?_a))", "stands in GROUP BY"),
    "values": ("SELECT ?s { VALUES ?_a { 1 } ?s ?p ?_a }", "is named by VALUES"),
    "values-of-two": ("SELECT ?s { VALUES (?b ?_a) { (1 2) } ?s ?p ?_a }", "is named by VALUES"),
    "values-at-the-end": ("SELECT ?s { ?s ?p ?_a } VALUES ?_a { 1 }", "is named by VALUES"),
}


@pytest.mark.parametrize(("text", "message"), MISPLACED.values(), ids=MISPLACED.keys())
def test_a_parameter_that_names_a_variable_is_refused(text: str, message: str) -> None:
    """Where SPARQL wants a variable no value can stand."""
    with pytest.raises(Misplaced, match=message):
        check_places(text, IS_A, IS_NONE)


WELL_PLACED = {
    "subject": "SELECT ?p { ?_a ?p ?o }",
    "filter": "SELECT ?s { ?s ?p ?o FILTER(?o = ?_a) }",
    "having": "SELECT ?s (COUNT(?o) AS ?n) { ?s ?p ?o } GROUP BY ?s HAVING(COUNT(?o) > ?_a)",
    "having-after-order": "SELECT ?s { ?s ?p ?o } GROUP BY ?s HAVING (MAX(?o) > ?_a) ORDER BY ?s",
    "order-by-expression": "SELECT ?s { ?s ?p ?o } ORDER BY (?o = ?_a)",
    "bind": "SELECT ?s { BIND(?_a AS ?s) ?s ?p ?o }",
    "graph": "SELECT ?s { GRAPH ?_a { ?s ?p ?o } }",
    "template": "CONSTRUCT { ?s ?p ?_a } { ?s ?p ?o }",
    "short-construct": "CONSTRUCT WHERE { ?s ?p ?_a }",
    "describe": "DESCRIBE ?_a",
    "ask": "ASK { ?s ?p ?_a }",
    "sub-select": "SELECT ?s { { SELECT ?s { ?s ?p ?_a } } }",
    "after-a-sub-select": "SELECT ?s { { SELECT ?s { ?s ?p ?o } GROUP BY ?s } ?s ?p ?_a }",
    "exists-in-select": "SELECT (EXISTS { ?s ?p ?o } AS ?e) { ?s ?p ?_a }",
    "keywords-in-strings": "SELECT ?s { ?s ?p 'SELECT' , 'GROUP BY' , 'AS' , ?_a }",
}


@pytest.mark.parametrize("text", WELL_PLACED.values(), ids=WELL_PLACED.keys())
def test_a_parameter_may_stand_wherever_a_term_may(text: str) -> None:
    """A single value fits, and the text with it is SPARQL."""
    check_places(text, IS_A, IS_NONE)

    ox.Store().query(bind(text, {"?_a": ["<a:b>"]}))


NOT_FOR_MANY = {
    "describe": ("DESCRIBE ?_a", "outside of the groups"),
    "having": ("SELECT ?s { ?s ?p ?_a } GROUP BY ?s HAVING(COUNT(?p) > ?_a)", "outside of the groups"),
    "exists-in-order-by": ("SELECT ?s { ?s ?p ?_a } ORDER BY (EXISTS { ?s ?p ?_a })", "outside of the groups"),
    "sub-select": ("SELECT ?s { ?s ?p ?_a { SELECT ?s { ?s ?p ?_a } } }", "in a sub-select"),
    "template-only": ("CONSTRUCT { ?s ?p ?_a } WHERE { ?s ?p ?o }", "in the template of CONSTRUCT only"),
}


@pytest.mark.parametrize(("text", "message"), NOT_FOR_MANY.values(), ids=NOT_FOR_MANY.keys())
def test_a_parameter_with_many_values_has_to_stand_where_values_reach_it(text: str, message: str) -> None:
    """Otherwise it would stay a variable in some places, unseen."""
    with pytest.raises(Misplaced, match=message):
        check_places(text, IS_A, IS_A)


# A value is one term and no more: proofs by another parser, and by an engine

TEMPLATES: Final = (
    "SELECT ?s ?o { ?s ex:says ?_a }",
    "SELECT ?s ?o { ?s ex:says ?_a , ?o ; ex:of ?_b_iri . # ?_a }\n FILTER(?o!=?_a&&STR(?_b_iri)<?_a) }",
    "SELECT ?s { { ?s ex:says ?_a } UNION { ?s ex:of ?_b_iri OPTIONAL { ?s ex:says ?o FILTER(?o = ?_a) } } }",
    "SELECT ?s (COUNT(?o) AS ?n) { ?s ex:says ?o } GROUP BY ?s HAVING (MAX(?o) > ?_a) ORDER BY ?s",
    "SELECT ?s { ?s ex:of+/ex:of ?_b_iri MINUS { ?s ex:says ?_a } FILTER NOT EXISTS { ?_b_iri ex:says ?_a } }",
    "SELECT ?s { { SELECT ?s { ?s ex:says ?_a } LIMIT 3 } ?s ex:says '?_a' . BIND(CONCAT(?_a,\"?_a\") AS ?c) }",
    "SELECT ?s { ?s ex:says ?o VALUES ?o { 'x' } FILTER(?o IN (?_a, 'y')) } ORDER BY ?_aa (?o = ?_a)",
    "CONSTRUCT { ?_b_iri ex:says ?_a } WHERE { ?_b_iri ex:of ?o . ?o ex:says ?_a }",
    "ASK { ?_b_iri ex:says ?_a ; ex:of [ ex:says ?_a ] . GRAPH ?_b_iri { ?s ?p ?_a } }",
    "DESCRIBE ?s ?_b_iri { ?s ex:says ?_a }",
)
IRIS: Final = (
    "http://example.org/a",
    "urn:x:?_a",
    "http://example.org/it's#a",
    "http://例え.example/日本",
)


def plain(node: Any, given_: dict[str, rdflib.term.Node]) -> Any:
    """Write rdflib's parse tree as nested tuples, its terms whole, with these terms for these variables."""
    if isinstance(node, CompValue):
        if node.name == "literal":
            return rdflib.Literal(node.string, lang=node.lang, datatype=node.datatype)
        return node.name, tuple((key, plain(value, given_)) for key, value in node.items())
    if isinstance(node, rdflib.Variable):
        return given_.get(f"?{node}", node)
    if isinstance(node, rdflib.BNode):
        return "a blank node"
    if isinstance(node, rdflib.term.Node | str) or not isinstance(node, Iterable):
        return node
    return tuple(plain(part, given_) for part in node)


@pytest.mark.slow
@pytest.mark.parametrize("template", TEMPLATES)
@settings(max_examples=25, deadline=None)
@given(text=texts, iri=st.sampled_from(IRIS))
def test_another_parser_reads_the_template_with_exactly_these_terms(template: str, text: str, iri: str) -> None:
    """rdflib's parse of the bound text is that of the template, these terms in the place of these variables."""
    bound = bind(PREFIX + template, {"?_a": [written(ox.Literal(text))], "?_b_iri": [written(ox.NamedNode(iri))]})

    expected = plain(parseQuery(PREFIX + template), {"?_a": rdflib.Literal(text), "?_b_iri": rdflib.URIRef(iri)})
    assert plain(parseQuery(bound), {}) == expected


def store_of(values: Sequence[str]) -> ox.Store:
    """A store in which things say these texts, one each, and are of one another."""
    store = ox.Store()
    named: Callable[[object], ox.NamedNode] = lambda name: ox.NamedNode(f"http://example.org/{name}")  # noqa: E731
    for number, value in enumerate(values):
        store.add(ox.Quad(named(number), named("says"), ox.Literal(value)))
        store.add(ox.Quad(named(number), named("says"), ox.Literal("common")))
        store.add(ox.Quad(named(number), named("of"), named(number + 1)))
    return store


def rows(store: ox.Store, query: str) -> list[tuple[str, ...]]:
    """The rows of an answer as texts, sorted, each once."""
    answer = store.query(PREFIX + query)
    assert isinstance(answer, ox.QuerySolutions)
    return sorted({tuple(str(term) for term in solution) for solution in answer})


@settings(deadline=None)
@given(wanted=texts, others=lists)
def test_the_engine_finds_exactly_the_value_that_was_given(wanted: str, others: list[str]) -> None:
    """Among things that say this text and others, the one that says it is found, and no other."""
    values = [wanted, *(other for other in others if other != wanted)]
    text = bind(PREFIX + "SELECT ?s { ?s ex:says ?_a }", {"?_a": [written(ox.Literal(wanted))]})

    found = [solution["s"].value for solution in store_of(values).query(text)]  # type: ignore[union-attr]
    assert found == ["http://example.org/0"]


MANY: Final = {
    "pattern": "SELECT ?s { ?s ex:says ?_a }",
    "filter": "SELECT ?s ?o { ?s ex:says ?o FILTER(?o = ?_a) }",
    "not-equal": "SELECT ?s ?o { ?s ex:says ?o FILTER(?o != ?_a) }",
    "one-branch-of-a-union": "SELECT ?s ?t { { ?s ex:says ?_a } UNION { ?t ex:of ex:2 } }",
    "optional": "SELECT ?s ?t { ?s ex:of ?o OPTIONAL { ?s ex:says ?_a . ?t ex:of ?s } }",
    "minus": "SELECT ?s { ?s ex:of ?o MINUS { ?s ex:says ?_a } }",
    "exists": "SELECT ?s { ?s ex:of ?o FILTER EXISTS { ?s ex:says ?_a } }",
    "not-exists": "SELECT ?s { ?s ex:of ?o FILTER NOT EXISTS { ?s ex:says ?_a } }",
    "not-exists-within-optional": "SELECT ?s ?t { ?s ex:of ?o OPTIONAL { ?t ex:of ?s FILTER NOT EXISTS { ?t ex:says ?_a } } }",
    "not-exists-within-a-group": "SELECT ?s { ?s ex:of ?o { ?o ex:of ?x FILTER NOT EXISTS { ?o ex:says ?_a } } }",
    "bind": "SELECT ?b { BIND(CONCAT(?_a, 'x') AS ?b) }",
    "path": "SELECT ?s { ?s ex:of*/ex:says ?_a }",
    "beside-a-sub-select": "SELECT ?s ?n { { SELECT ?s (COUNT(?o) AS ?n) { ?s ex:says ?o } GROUP BY ?s } ?s ex:says ?_a }",
    "ordered": "SELECT ?s { ?s ex:says ?_a } ORDER BY ?s",
}  # fmt: skip


@pytest.mark.parametrize("template", MANY.values(), ids=MANY.keys())
@settings(max_examples=25, deadline=None)
@given(values=lists, number=st.integers(min_value=2, max_value=6))
def test_a_list_gives_the_answers_for_its_values_together(template: str, values: list[str], number: int) -> None:
    """Wherever the parameter stands, OPTIONAL, MINUS and NOT EXISTS among it: the union of the single answers."""
    store, given_ = store_of(values), [written(ox.Literal(value)) for value in [*values[:number], "common"]]
    check_places(template, IS_A, IS_A)

    together = rows(store, bind(template, {"?_a": given_}))

    single = {row for term in given_ for row in rows(store, bind(template, {"?_a": [term]}))}
    assert together == sorted(single)


def test_lists_of_two_parameters_give_every_pair() -> None:
    """Each value of one goes with each of the other."""
    store = store_of(["x", "y", "z"])
    template = "SELECT ?s ?t { ?s ex:says ?_a . ?t ex:says ?_b FILTER(?s != ?t) }"
    one, other = ['"x"', '"y"', '"n"'], ['"y"', '"z"']

    together = rows(store, bind(template, {"?_a": one, "?_b": other}))

    single = {row for a, b in product(one, other) for row in rows(store, bind(template, {"?_a": [a], "?_b": [b]}))}
    assert together == sorted(single)


def test_a_huge_list_is_bound() -> None:
    """A thousand values, each of them found."""
    values = [f'{number} " }} # \\' for number in range(1000)]
    text = bind("SELECT ?s { ?s ex:says ?_a }", {"?_a": [written(ox.Literal(value)) for value in values]})

    assert len(rows(store_of(values), text)) == 1000


def test_no_value_at_all_gives_no_row() -> None:
    """An empty list is a list."""
    assert rows(store_of(["x"]), bind("SELECT ?s { ?s ex:says ?_a }", {"?_a": []})) == []
