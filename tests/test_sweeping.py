"""Sweeps over many targets, and validation after a change, find exactly what plain validation finds."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lungkg.release import Release
from lungkg.report import Finding
from lungkg.stores import select
from lungkg.validation.dependence import ways_to
from lungkg.validation.incremental import Revalidation
from lungkg.validation.joins import read_apart
from lungkg.validation.shacl import SetBased, Shapes, set_based_findings
from lungkg.validation.sweep import sweep
from tests.sampling import sampled
from tests.test_shapes import EXPECT, FAILING, SHAPES, example, local

PREFIX = "PREFIX ex: <http://example.org/> "
TARGETS = "?this a ex:T ."
EXAMPLES = 25 if "LUNGKG_EXHAUSTIVE" in os.environ else 5
Key = tuple[str, str, str, str, str]


def keys(findings: Iterable[Finding]) -> Counter[Key]:
    """What makes findings the same."""
    return Counter((one.check, one.component, one.focus, one.path, one.value) for one in findings)


def stored(graph: rdflib.Graph) -> ox.Store:
    """Put a graph into a store."""
    store = ox.Store()
    store.bulk_load(graph.serialize(format="nt", encoding="utf-8"), format=ox.RdfFormat.N_TRIPLES)
    return store


def broken(one: SetBased) -> Iterator[ox.Store]:
    """Yield the examples that break a query constraint, each in a store of its own."""
    for path in FAILING:
        if any(expected[1] == local(str(one.constraint)) for expected in EXPECT.findall(path.read_text("utf-8"))):
            yield stored(example(path))


def pairs(store: ox.Store, query: str) -> set[tuple[str, str]]:
    """The rows of a query, as a set: how often one comes does not matter to a validation."""
    return {(str(row["this"]), str(row["value"])) for row in select(store, query)}


# Query constraints, swept


@pytest.mark.slow
@pytest.mark.parametrize(
    "one", sampled([pytest.param(one, id=local(str(one.constraint))) for one in SHAPES.set_based], 4)
)
def test_a_query_constraint_finds_the_same_in_every_form(one: SetBased) -> None:
    """Over all targets, over all targets with patterns read apart, and one target after the other."""
    tried = 0
    for store in broken(one):
        nodes = sorted({str(row["this"]) for row in select(store, f"SELECT ?this {{ {one.targets} }}")})
        found = pairs(store, one.query)
        told = set_based_findings(store, one, nodes=[node for node in nodes if node.startswith("<")])
        tried += 1

        assert found
        assert found == pairs(store, one.sweep)
        assert {pair for pair in found if pair[0].startswith("<")} == {(each.focus, each.value) for each in told}
    assert tried


def test_most_query_constraints_of_ours_are_read_apart() -> None:
    """What is not keeps its own query."""
    assert [one.sweep != one.query for one in SHAPES.set_based].count(True) >= 25


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("SELECT $this ?value { $this ex:p ?value }", id="one-pattern"),
        pytest.param("SELECT $this ?value { $this ex:p ?value FILTER(?value > 1) }", id="comparison"),
        pytest.param("SELECT $this ?value { $this ex:p/ex:q ?value . $this ex:r ?other . FILTER(?value < ?other) }", id="sequence"),
        pytest.param("SELECT $this ?value { $this ex:p|ex:r ?value }", id="alternative"),
        pytest.param("SELECT $this ?value { $this ex:p ?value FILTER NOT EXISTS { ?value ex:q ?any } }", id="absent"),
        pytest.param("SELECT $this ?value { $this ex:p ?value FILTER NOT EXISTS { ?value ex:q ?any . ?any ex:r 3 } }", id="absent-chain"),
        pytest.param("SELECT $this ?value { $this ex:p ?value FILTER EXISTS { ?value ex:q* ex:end } }", id="exists-with-closure"),
        pytest.param("SELECT $this ?value { $this ex:p ?value . ?value ex:q+ ?last FILTER(?last != ex:end) }", id="closure"),
        pytest.param("SELECT $this ?value { $this ex:p ?value ; ex:r ?n . ?other ex:p ?value ; ex:r ?n FILTER(?other != $this) }", id="two-in-common"),
        pytest.param('SELECT $this ?value { $this ex:p ?value . FILTER regex(str(?value), "}|FILTER") }', id="brackets-in-text"),
    ],
)  # fmt: skip
def test_a_query_that_is_read_apart_has_the_same_rows(text: str) -> None:
    """Each construct that is understood, alone and with others."""
    data = """@prefix ex: <http://example.org/> .
        ex:a a ex:T ; ex:p ex:b , 2 , "}" ; ex:r 1 . ex:b a ex:T ; ex:q ex:c , 0 ; ex:p ex:d ; ex:r 3 .
        ex:c ex:q ex:end ; ex:r 3 . ex:d a ex:T ; ex:p ex:b , ex:a ; ex:r 1 . ex:e ex:p ex:b ; ex:r 1 ."""
    store = stored(rdflib.Graph().parse(data=data, format="turtle"))
    plain = text.replace("{", f"{{ {TARGETS}", 1)

    apart = read_apart(PREFIX, text, TARGETS)

    assert apart is not None
    assert pairs(store, PREFIX + plain)
    assert pairs(store, PREFIX + plain) == pairs(store, apart)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("SELECT * { $this ex:p ?value }", id="everything-selected"),
        pytest.param("SELECT $this (STR(?v) AS ?value) { $this ex:p ?v }", id="computed"),
        pytest.param("SELECT $this ?value { $this ex:p ?value OPTIONAL { ?value ex:q ?z } }", id="optional"),
        pytest.param("SELECT $this ?value { $this ex:p ?v BIND(STR(?v) AS ?value) }", id="bind"),
        pytest.param("SELECT $this ?value { $this ?p ?value }", id="any-property"),
        pytest.param("SELECT $this ?value { $this ex:p ?value . ?other ex:p ?value }", id="one-in-common"),
        pytest.param("SELECT $this ?value { $this ^ex:p ?value }", id="inverse"),
        pytest.param("SELECT $this ?value { $this ex:p [ ex:q ?value ] }", id="blank-node"),
        pytest.param("SELECT $this ?value { $this !ex:p ?value }", id="anything-but"),
        pytest.param("SELECT $this ?value { $this ex:p* ?value }", id="closure-alone"),
        pytest.param("SELECT $this ?value { $this ex:p ?value FILTER( }", id="broken"),
    ],
)  # fmt: skip
def test_a_query_that_cannot_be_read_apart_is_left_alone(text: str) -> None:
    """Where rows could differ, or memory could fill, there is no other form."""
    assert read_apart(PREFIX, text, TARGETS) is None


# After a change


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("SELECT $this { $this ex:p ?value }", 0, id="its-own-triples"),
        pytest.param("SELECT $this { $this ex:p ?value . ?value ex:q ?z }", 1, id="a-value"),
        pytest.param("SELECT $this { $this ex:p ?value FILTER NOT EXISTS { ?z ex:q ?value } }", 1, id="absent"),
        pytest.param("SELECT $this { $this ex:p ?value OPTIONAL { ?value ex:q ?z . ?z ex:r 1 } }", 2, id="optional"),
        pytest.param("SELECT $this { $this ex:p+ ?value }", 1, id="closure"),
        pytest.param("SELECT $this { $this ex:p ?v . ?v ex:q+ ?value }", None, id="closure-from-elsewhere"),
        pytest.param("SELECT $this { $this ex:p ?v . ex:x ex:q ?v }", None, id="a-node-with-a-name"),
    ],
)
def test_ways_from_what_changes(text: str, expected: int | None) -> None:
    """There is a way from every other node of which a query says something; None when that is not known."""
    found = ways_to(PREFIX, text)

    assert expected == (None if found is None else len(found))


DATA = ("entities", "documents", "claims", "edges", "background", "inferred")


@pytest.fixture(scope="module")
def start(release: Release) -> tuple[list[ox.Quad], list[ox.Quad], list[Finding]]:
    """The quads of the project's release, those of them that change, and what a sweep finds in it: nothing."""
    quads = list(ox.Store.read_only(str(release.store)))
    ours = sorted((q for q in quads if str(q.graph_name).rpartition("/")[2][:-1] in DATA), key=str)
    store = ox.Store()
    store.extend(quads)
    return quads, ours, sweep(store, list[bytes], SHAPES, lambda *_: None)


@pytest.mark.slow
@given(data=st.data())
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_after_a_change_the_findings_are_those_of_a_full_sweep(
    start: tuple[list[ox.Quad], list[ox.Quad], list[Finding]], data: st.DataObject
) -> None:
    """Whatever is taken out or put in between, in however many steps."""
    quads, ours, before = start
    store = ox.Store()
    store.extend(quads)
    kept = Revalidation(store, SHAPES, before, list[bytes])
    index = st.integers(0, len(ours) - 1)
    for _ in range(data.draw(st.integers(1, 3))):
        gone = [ours[i] for i in data.draw(st.lists(index, max_size=6))]
        pairs = data.draw(st.lists(st.tuples(index, index), max_size=6))
        come = [ox.Quad(ours[i].subject, ours[i].predicate, ours[j].object, ours[i].graph_name) for i, j in pairs]

        kept.change(gone, come)

        assert kept.asked is not None
        assert keys(sweep(store, list[bytes], SHAPES, lambda *_: None)) == keys(kept.findings)


def test_a_change_of_the_vocabulary_makes_everything_be_asked_anew(
    start: tuple[list[ox.Quad], list[ox.Quad], list[Finding]],
) -> None:
    """A class that is moved can matter to every node."""
    quads, _, before = start
    store = ox.Store()
    store.extend(quads)
    kept = Revalidation(store, SHAPES, before, list[bytes])
    moved = next(quad for quad in quads if quad.predicate.value.endswith("#subClassOf"))

    kept.change([moved], [])

    assert kept.asked is None
    assert keys(sweep(store, list[bytes], SHAPES, lambda *_: None)) == keys(kept.findings)


def test_few_nodes_are_asked_about(start: tuple[list[ox.Quad], list[ox.Quad], list[Finding]]) -> None:
    """The words of one claim concern the claim, and what says something of it."""
    quads, ours, before = start
    store = ox.Store()
    store.extend(quads)
    kept = Revalidation(store, SHAPES, before, list[bytes])
    hedge = next(quad for quad in ours if quad.predicate.value.endswith("#certainty"))

    kept.change([hedge], [])

    assert 1 <= (kept.asked or 0) <= 5
    assert {str(hedge.subject)} == {one.focus for one in kept.findings}


def test_shapes_that_are_left_to_pyshacl_are_run_whole() -> None:
    """Where a constraint is not compiled, nothing is known of what depends on what."""
    text = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.org/> .
        ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:property [ sh:path ex:p ; sh:minCount 2 ] ."""
    store = stored(rdflib.Graph().parse(data="<http://example.org/a> a <http://example.org/T> .", format="turtle"))
    shapes = Shapes(rdflib.Graph().parse(data=text, format="turtle"))

    def lines() -> list[bytes]:
        return sorted(f"{quad.triple} .".encode() for quad in store)

    kept = Revalidation(store, shapes, sweep(store, lines, shapes, lambda *_: None), lines)
    node = ox.NamedNode("http://example.org/a")
    kept.change([], [ox.Quad(node, ox.NamedNode("http://example.org/p"), ox.Literal(str(n))) for n in range(2)])

    assert (None, []) == (kept.asked, kept.findings)
