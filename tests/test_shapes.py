"""The shapes: every constraint fires exactly once on its failing example, and the two ways to run them agree."""

import re
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from _pytest.mark.structures import ParameterSet
from rdflib import RDF, SH

from lungkg.ontology import load_ontology
from lungkg.project import load_project
from lungkg.report import Finding
from lungkg.validation.batches import core_findings_of
from lungkg.validation.compiler import compile_core
from lungkg.validation.files import read_graph
from lungkg.validation.lint import lint_shapes
from lungkg.validation.run import validate
from lungkg.validation.shacl import Shapes, compiled_findings, core_findings
from lungkg.validation.sweep import sweep
from tests.sampling import sampled

ROOT = Path(__file__).parents[1]
EXAMPLES = Path(__file__).parent / "examples"
PROJECT = load_project(ROOT)
SHAPES = Shapes(read_graph(str(path) for path in PROJECT.shape_files()))
ONTOLOGY = read_graph(str(path) for path in PROJECT.ontology_files())
COMMON = read_graph([str(EXAMPLES / "common.ttl")])
EXPECT = re.compile(r"^# expect: sh:(\S+) shapes:(\S+) (\S+)", re.MULTILINE)

LINT = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ont: <https://w3id.org/lungkg/ont#> . @prefix ex: <http://example.org/> .\n"

PASSING = sorted(EXAMPLES.glob("*/pass-*.ttl"))
FAILING = sorted(EXAMPLES.glob("*/fail-*.ttl"))
CONSTRAINTS = {
    "minCount", "maxCount", "datatype", "class", "nodeKind", "in", "hasValue", "pattern", "minLength", "maxLength",
    "minInclusive", "maxInclusive", "minExclusive", "maxExclusive", "equals", "disjoint", "lessThan",
    "lessThanOrEquals", "uniqueLang", "languageIn", "closed", "or", "and", "not", "xone", "node", "sparql",
    "qualifiedMinCount", "qualifiedMaxCount",
}  # fmt: skip


def named(path: Path) -> str:
    """Name an example by its folder and file."""
    return f"{path.parent.name}/{path.stem}"


def example(path: Path) -> rdflib.Graph:
    """An example stands in the small world of common.ttl, with the whole ontology."""
    return read_graph([str(path)]) + COMMON + ONTOLOGY


def findings(path: Path) -> list[Finding]:
    """Validate an example as lungkg does."""
    return validate(example(path), SHAPES)[0].findings


def local(iri: str) -> str:
    """The part of an IRI after the hash."""
    return iri.rsplit("#", 1)[-1]


def test_there_are_examples() -> None:
    """A glob that finds nothing would make every test below pass."""
    assert len(PASSING) >= len(list(SHAPES.graph.subjects(RDF.type, SH.NodeShape)))
    assert len(FAILING) > 100


def test_the_common_world_conforms() -> None:
    """What all examples share breaks no shape."""
    report, _ = validate(COMMON + ONTOLOGY, SHAPES)

    assert report.findings == []


@pytest.mark.parametrize("path", PASSING, ids=named)
def test_a_passing_example_passes(path: Path) -> None:
    """No shape has anything to say about it."""
    found = findings(path)

    assert found == []


@pytest.mark.parametrize("path", FAILING, ids=named)
def test_a_failing_example_has_exactly_the_results_it_expects(path: Path) -> None:
    """A result for each line of expectation, from the constraint that it was written for, at the node it names."""
    expected = EXPECT.findall(path.read_text("utf-8"))

    found = findings(path)

    assert expected
    assert Counter((local(one.component), local(one.check)) for one in found) == Counter(
        (component, check) for component, check, _ in expected
    )
    assert all(one.message for one in found)
    focuses = [re.split(r"[:/]", focus)[-1].rstrip(">") for _, _, focus in expected if not focus.startswith("_:")]
    assert [focus for focus in focuses if not any(one.focus.rstrip(">").endswith(focus) for one in found)] == []


def untripped(graph: rdflib.Graph) -> set[tuple[str, str]]:
    """The (shape, parameter) pairs of a shapes graph that no failing example trips."""
    wanted = set()
    for shape, predicate, value in graph:
        name = str(predicate).removeprefix(str(SH))
        if name == "sparql":
            wanted.add((local(str(value)), "sparql"))
        elif name in CONSTRAINTS and str(predicate).startswith(str(SH)):
            wanted.add((local(str(shape)), name.lower()))
    expectations = (one for path in FAILING for one in EXPECT.findall(path.read_text("utf-8")))
    tripped = {(check, component.removesuffix("ConstraintComponent").lower()) for component, check, _ in expectations}
    return wanted - tripped


def test_every_constraint_has_a_failing_example() -> None:
    """For each constraint of each shape there is an example that trips it."""
    assert untripped(SHAPES.graph) == set()


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param("shapes:Claim-certainty sh:maxLength 5 .", ("Claim-certainty", "maxlength"), id="core"),
        pytest.param("shapes:ClaimShape sh:sparql shapes:Claim-new .", ("Claim-new", "sparql"), id="query"),
    ],
)
def test_a_constraint_without_a_failing_example_is_noticed(more: str, expected: tuple[str, str]) -> None:
    """The check above trips on a constraint that was added without one."""
    added = rdflib.Graph().parse(
        data=f"{LINT}@prefix shapes: <https://w3id.org/lungkg/shapes#> . {more}", format="turtle"
    )

    assert untripped(SHAPES.graph + added) == {expected}


@pytest.mark.parametrize("kind", [SH.NodeShape, SH.PropertyShape], ids=["node-shapes", "property-shapes"])
def test_every_shape_is_named_and_explains_itself(kind: rdflib.URIRef) -> None:
    """Each shape is an IRI with a message and a severity, and a name and description (or label and comment)."""
    graph = SHAPES.graph
    shapes = set(graph.subjects(RDF.type, kind))
    incomplete = [
        shape
        for shape in shapes
        if not isinstance(shape, rdflib.URIRef)
        or graph.value(shape, SH.message) is None
        or graph.value(shape, SH.severity) is None
        or (graph.value(shape, SH.name) or graph.value(shape, rdflib.RDFS.label)) is None
        or (graph.value(shape, SH.description) or graph.value(shape, rdflib.RDFS.comment)) is None
    ]

    assert len(shapes) > 10
    assert incomplete == []


def test_every_query_constraint_runs_set_by_set() -> None:
    """No sh:sparql constraint of ours is left to pySHACL's run per focus node."""
    constraints = set(SHAPES.graph.objects(None, SH.sparql))

    assert {one.constraint for one in SHAPES.set_based} == constraints
    assert list(SHAPES.core.objects(None, SH.sparql)) == []


def some_at_once(paths: list[Path]) -> list[ParameterSet]:
    """Run every eighth always: each takes more than a second."""
    return sampled((pytest.param(path, id=named(path)) for path in paths), 8)


@pytest.mark.slow
@pytest.mark.parametrize("path", some_at_once([p for p in FAILING if "sparql" in p.stem]))
def test_plain_pyshacl_gives_the_same_results(path: Path) -> None:
    """The shapes are standard SHACL: pySHACL alone, query per focus node, finds the same."""
    _, results, _ = pyshacl.validate(example(path), shacl_graph=SHAPES.graph)

    theirs = Counter((one.component, one.check, one.focus) for one in core_findings(results))
    assert theirs == Counter((one.component, one.check, one.focus) for one in findings(path))


def test_the_core_shapes_can_be_run_piece_by_piece() -> None:
    """They look at a node's own triples and its values' types only, which `batches` relies on."""
    assert SHAPES.local is True


@pytest.mark.parametrize(
    "more",
    [
        pytest.param("ex:S sh:property ex:P . ex:P sh:path ( ex:a ex:b ) .", id="longer-path"),
        pytest.param("ex:S sh:property ex:P . ex:P sh:path [ sh:inversePath ex:a ] .", id="inverse-path"),
        pytest.param("ex:S sh:property ex:P . ex:P sh:path ex:a ; sh:node ex:T .", id="other-node"),
        pytest.param("ex:S sh:property ex:P . ex:P sh:path ex:a ; sh:property ex:Q .", id="nested-property"),
        pytest.param("ex:S sh:targetObjectsOf ex:a .", id="target-elsewhere"),
    ],
)
def test_shapes_that_look_further_are_run_over_the_whole_graph(more: str) -> None:
    """A path of several steps, or a shape of another node, forbids to cut the graph into pieces."""
    text = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.org/> . ex:S a sh:NodeShape ."

    shapes = Shapes(rdflib.Graph().parse(data=f"{text} {more}", format="turtle"))

    assert shapes.local is False


@pytest.fixture(scope="module")
def broken() -> tuple[list[bytes], ox.Store]:
    """All examples that break a core constraint in one graph: its sorted lines, and a store of it."""
    graph = sum((read_graph([str(path)]) for path in FAILING if "sparql" not in path.stem), COMMON + ONTOLOGY)
    lines = sorted(set(graph.serialize(format="nt", encoding="utf-8").splitlines()) - {b""})
    store = ox.Store()
    store.bulk_load(b"\n".join(lines), format=ox.RdfFormat.N_TRIPLES)
    return lines, store


def key(one: Finding) -> tuple[str, str, str, str]:
    """What makes two findings the same, blank nodes and lexical forms apart."""
    return (
        one.check,
        one.component,
        "" if one.focus.startswith("_:") else one.focus,
        one.value if one.value.startswith("<") else "",
    )


def test_every_core_constraint_of_ours_is_compiled(broken: tuple[list[bytes], ox.Store]) -> None:
    """A build leaves nothing of the shapes to pySHACL."""
    compiled = compile_core(SHAPES.core, broken[1])

    assert len(compiled.constraints) > 150
    assert len(compiled.rest) == 0


@pytest.fixture(scope="module")
def theirs(broken: tuple[list[bytes], ox.Store]) -> Counter[tuple[str, str, str, str]]:
    """What pySHACL finds in them."""
    return Counter(map(key, core_findings_of(*broken, SHAPES)))


@pytest.mark.slow
@pytest.mark.parametrize("many", [pytest.param(10**9, id="looking-up"), pytest.param(1, id="reading")])
def test_compiled_constraints_find_what_pyshacl_finds(
    broken: tuple[list[bytes], ox.Store], theirs: Counter[tuple[str, str, str, str]], many: int
) -> None:
    """One run over every failing example at once, in both forms of the queries: the same results as pySHACL's."""
    compiled = compile_core(SHAPES.core, broken[1], many)

    ours = [one for constraint in compiled.constraints for one in compiled_findings(broken[1], constraint)]

    assert theirs.total() > 100
    assert theirs == Counter(map(key, ours))


@pytest.mark.slow
def test_compiled_constraints_can_be_asked_of_a_few_nodes(
    broken: tuple[list[bytes], ox.Store], theirs: Counter[tuple[str, str, str, str]]
) -> None:
    """Half of the focus nodes have the results of that half."""
    _, store = broken
    nodes = sorted({focus for _, _, focus, _ in theirs if focus})[::2]
    kinds = {(str(quad.subject), str(quad.object)) for quad in store if quad.predicate.value == str(RDF.type)}

    ours = [
        one
        for constraint in compile_core(SHAPES.core, store).constraints
        for one in compiled_findings(
            store, constraint, nodes=[node for node in nodes if any((node, kind) in kinds for kind in constraint.kinds)]
        )
    ]

    assert Counter({one: count for one, count in theirs.items() if one[2] in nodes}) == Counter(map(key, ours))


@pytest.mark.slow
@pytest.mark.parametrize(
    "constraint",
    [
        pytest.param("sh:minCount 2", id="more-than-one"),
        pytest.param("sh:node ex:T", id="another-shape"),
        pytest.param("sh:datatype xsd:date", id="a-rare-datatype"),
        pytest.param("sh:or ( [ sh:datatype xsd:integer ] )", id="alternatives"),
        pytest.param("sh:uniqueLang true", id="unique-languages"),
    ],
)
def test_what_cannot_be_compiled_goes_to_pyshacl(constraint: str) -> None:
    """A constraint that the compiler does not know is checked all the same."""
    text = f"""{LINT}@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property ex:P . ex:P sh:path ex:p ; {constraint} .
        ex:T a sh:NodeShape ; sh:nodeKind sh:IRI ."""
    data = '@prefix ex: <http://example.org/> . ex:a a ex:C ; ex:p "x"@en , "y"@en .'.replace(
        ", ", ", " if "Lang" in constraint else "; ex:q "
    )
    lines = sorted(
        rdflib.Graph().parse(data=data, format="turtle").serialize(format="nt", encoding="utf-8").splitlines()
    )
    store = ox.Store()
    store.bulk_load(b"\n".join(line for line in lines if line), format=ox.RdfFormat.N_TRIPLES)

    found = sweep(
        store,
        lambda: [line for line in lines if line],
        Shapes(rdflib.Graph().parse(data=text, format="turtle")),
        lambda *_: None,
    )

    assert {one.focus for one in found} == {"<http://example.org/a>"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "holder",
    [
        pytest.param("ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:nodeKind sh:IRI ; sh:sparql ex:Q .", id="node-shape"),
        pytest.param("ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property ex:P . ex:P a sh:PropertyShape ; sh:path ex:p ; sh:sparql ex:Q .", id="property-shape"),
    ],
)  # fmt: skip
def test_a_query_that_cannot_run_set_by_set_is_run_all_the_same(holder: str) -> None:
    """Where all else of a shape is compiled, its query is not forgotten."""
    select = (
        "SELECT $this ?value { { $this <http://example.org/p> ?value } UNION { $this <http://example.org/q> ?value } }"
    )
    text = f'{LINT} {holder} ex:Q a sh:SPARQLConstraint ; sh:message "m" ; sh:select "{select}" .'
    lines = [
        f"<http://example.org/a> <{RDF.type}> <http://example.org/C> .".encode(),
        b'<http://example.org/a> <http://example.org/p> "1" .',
    ]
    store = ox.Store()
    store.bulk_load(b"\n".join(lines), format=ox.RdfFormat.N_TRIPLES)

    found = sweep(store, lambda: lines, Shapes(rdflib.Graph().parse(data=text, format="turtle")), lambda *_: None)

    assert [(one.check, one.focus) for one in found] == [("http://example.org/Q", "<http://example.org/a>")]


@pytest.mark.slow
def test_pieces_and_the_whole_give_the_same_results(
    broken: tuple[list[bytes], ox.Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many small pieces, in several processes, find what one run over the whole graph finds."""
    lines, store = broken
    whole = core_findings_of(lines, store, SHAPES)
    monkeypatch.setattr("lungkg.validation.batches.LINES_PER_BATCH", 500)

    pieces = core_findings_of(lines, store, SHAPES)

    assert Counter(map(key, pieces)) == Counter(map(key, whole))


# What SHACL engines pass over in silence


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        pytest.param("ex:S sh:targetClass ont:Claim ; sh:mincount 1 .", "unknown-shacl-term", id="misspelt-parameter"),
        pytest.param("ex:S a sh:NodeShap .", "unknown-shacl-term", id="misspelt-class-of-shape"),
        pytest.param("ex:S sh:targetClass ont:Claime .", "undeclared-class", id="target-class"),
        pytest.param("ex:S sh:class ont:Claime .", "undeclared-class", id="class"),
        pytest.param("ex:S sh:path ont:statedIm .", "undeclared-property", id="path"),
        pytest.param("ex:S sh:path ( ont:statedIn ont:tekst ) .", "undeclared-property", id="sequence-path"),
        pytest.param("ex:S sh:path [ sh:inversePath ont:statedIm ] .", "undeclared-property", id="inverse-path"),
        pytest.param("ex:S sh:targetObjectsOf ont:statedIm .", "undeclared-property", id="target-objects"),
        pytest.param("ex:S sh:lessThan ont:ent .", "undeclared-property", id="other-property"),
        pytest.param("ex:S sh:in ( ont:Asserted ont:Asertive ) .", "undeclared-value", id="list"),
        pytest.param("ex:S sh:hasValue ont:Asertive .", "undeclared-value", id="value"),
        pytest.param(
            'ex:S sh:select "SELECT $this { $this <https://w3id.org/lungkg/ont#statedIm> ?x }" .',
            "undeclared-term",
            id="query",
        ),
        pytest.param(
            'ex:S sh:select "SELECT $this { $this ont:statedIn ?x }" .', "undeclared-prefix", id="query-prefix"
        ),
    ],
)
def test_lint_trips_on_a_term_that_nobody_declared(text: str, rule: str) -> None:
    """Each kind of misspelling that would check nothing is a finding."""
    ontology = load_ontology(PROJECT.ontology_files(), PROJECT.ont)
    graph = rdflib.Graph().parse(data=LINT + text, format="turtle")

    found = list(lint_shapes(graph, ontology.declared))

    assert [one.check for one in found] == [rule]


def test_lint_has_nothing_to_say_about_our_shapes() -> None:
    """Every term in our shapes is declared."""
    ontology = load_ontology(PROJECT.ontology_files(), PROJECT.ont)

    assert list(lint_shapes(SHAPES.graph, ontology.declared)) == []


def test_an_ill_typed_literal_does_not_end_the_run() -> None:
    """A number that is none is a finding, not a crash, and no query constraint is run on its node."""
    text = min((EXAMPLES / "PositionShape").glob("pass-*.ttl")).read_text("utf-8")
    graph = rdflib.Graph().parse(data=text, format="turtle")
    node = next(graph.subjects(rdflib.URIRef("http://www.w3.org/ns/oa#start")))
    graph.set(
        (node, rdflib.URIRef("http://www.w3.org/ns/oa#start"), rdflib.Literal("12a", datatype=rdflib.XSD.integer))
    )

    report, _ = validate(graph + COMMON + ONTOLOGY, SHAPES)

    assert "DatatypeConstraintComponent" in {local(one.component) for one in report.findings if one.focus == node.n3()}
    assert [
        one for one in report.findings if one.focus == node.n3() and local(one.component).startswith("SPARQL")
    ] == []


@pytest.mark.parametrize(
    "where",
    [
        pytest.param("{ $this ex:p ?value } UNION { $this ex:q ?value }", id="union"),
        pytest.param("$this ex:p ?value . { $this ex:q ?value }", id="inner-group"),
        pytest.param("$this ex:p ?value OPTIONAL { BIND($this AS ?same) }", id="bind-in-optional"),
        pytest.param("{ SELECT $this ?value { $this ex:p ?value } }", id="sub-select"),
        pytest.param("$this $PATH ?value", id="path"),
        pytest.param("$this ex:p ?value VALUES ?value { 1 }", id="values"),
        pytest.param("$this unknown:p ?value", id="unknown-prefix"),
    ],
)
def test_a_query_that_would_mean_something_else_is_left_to_pyshacl(where: str) -> None:
    """A query runs set by set only when joining the targets in is the same as binding $this beforehand."""
    text = f"""{LINT}ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:sparql ex:Q .
        ex:Q a sh:SPARQLConstraint ; sh:select "PREFIX ex: <http://example.org/> SELECT $this ?value WHERE {{ {where} }}" ."""

    shapes = Shapes(rdflib.Graph().parse(data=text, format="turtle"))

    assert shapes.set_based == ()
    assert len(list(shapes.core.objects(None, SH.sparql))) == 1


def test_a_report_keeps_blank_nodes_apart_from_iris() -> None:
    """An anonymous constraint and a blank focus node are blank in the sh:ValidationReport, too."""
    text = f"""{LINT}ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:maxCount 1 ] ;
        sh:sparql [ sh:select "SELECT $this ?value WHERE {{ $this <http://example.org/p> ?value }}" ] ."""
    data = rdflib.Graph().parse(
        data="@prefix ex: <http://example.org/> . [] a ex:C ; ex:p 1 . ex:two a ex:C ; ex:p 1 , 2 .", format="turtle"
    )

    report, results = validate(data, Shapes(rdflib.Graph().parse(data=text, format="turtle")))

    kinds = {
        (local(str(results.value(one, SH.sourceConstraintComponent))), type(results.value(one, SH.focusNode)).__name__)
        for one in results.subjects(RDF.type, SH.ValidationResult)
    }
    assert kinds == {("SPARQLConstraintComponent", "BNode"), ("MaxCountConstraintComponent", "URIRef")}
    assert [type(node).__name__ for node in results.objects(None, SH.sourceConstraint)] == ["BNode"]
    (blank,) = [node for node in data.subjects(unique=True) if isinstance(node, rdflib.BNode)]
    assert blank in set(results.objects(None, SH.focusNode))
    assert len(report.findings) == 2
