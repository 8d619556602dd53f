"""Mutation of shapes: which mistakes are tried, which no data can show, and that our examples notice the others."""

import os
from pathlib import Path

import pytest

from lungkg.errors import InputError
from lungkg.shapes.examples import Examples
from lungkg.shapes.library import Library
from lungkg.shapes.mutants import mutants
from lungkg.shapes.mutation import FLOOR, Mutation, mutate, survivors_of
from lungkg.shapes.units import units
from lungkg.validation.files import read_graph
from lungkg.validation.run import validate
from lungkg.validation.shacl import Shapes
from tests.conftest import EXHAUSTIVE
from tests.shapes_at_hand import ABOUT, EXAMPLES, PREFIXES, library, ontology, project, shape, shapes, terms

QUERY = """ex:S a sh:NodeShape ; sh:targetClass ont:Claim ; sh:sparql ex:Q .
    ex:Q sh:message "m" ; sh:select "SELECT $this {{ {} }}" ."""


def tried(text: str, operator: str) -> list[str]:
    """The mistakes of one kind that are tried on shapes."""
    return [one.change for one in mutants(library(text), terms().hierarchy) if one.operator == operator]


@pytest.mark.parametrize(
    ("text", "operator", "expected"),
    [
        pytest.param(shape("sh:maxCount 1"), "drop constraint", ["without sh:maxCount 1"], id="drop"),
        pytest.param(shape("sh:maxCount 1"), "bound +1", ["sh:maxCount 2 instead of sh:maxCount 1"], id="one-more"),
        pytest.param(shape("sh:maxCount 1"), "bound -1", ["sh:maxCount 0 instead of sh:maxCount 1"], id="one-fewer"),
        pytest.param(shape("sh:minCount 1"), "bound -1", [], id="at-least-none-is-dropping"),
        pytest.param(shape("sh:maxCount 0"), "bound -1", [], id="at-most-minus-one-is-no-shape"),
        pytest.param(shape("sh:minInclusive 0"), "bound -1", ["sh:minInclusive -1 instead of sh:minInclusive 0"], id="below-zero"),
        pytest.param(shape("sh:minInclusive 0"), "change comparison", ["sh:minExclusive 0 instead of sh:minInclusive 0"], id="exclusive"),
        pytest.param(shape("sh:lessThan ont:text"), "change comparison", ["sh:lessThanOrEquals ont:text instead of sh:lessThan ont:text"], id="less-or-equal"),
        pytest.param(shape("sh:in ( 1 2 )"), "remove sh:in member", ["sh:in without 1", "sh:in without 2"], id="members"),
        pytest.param(shape("sh:datatype xsd:integer"), "change datatype", ["sh:datatype xsd:decimal instead of sh:datatype xsd:integer"], id="datatype"),
        pytest.param(shape("sh:class ont:Claim"), "widen class", ["sh:class ont:Statement instead of sh:class ont:Claim"], id="wider-class"),
        pytest.param(shape("sh:class ont:Statement"), "narrow class", ["sh:class ont:Claim instead of sh:class ont:Statement", "sh:class ont:InferredClaim instead of sh:class ont:Statement"], id="narrower-class"),
        pytest.param(shape("sh:nodeKind sh:IRI"), "widen node kind", ["sh:nodeKind sh:BlankNodeOrIRI instead of sh:nodeKind sh:IRI", "sh:nodeKind sh:IRIOrLiteral instead of sh:nodeKind sh:IRI"], id="node-kind"),
        pytest.param(shape('sh:pattern "^a+"'), "relax pattern", ['sh:pattern "a+" instead of sh:pattern "^a+"', 'sh:pattern "^a*" instead of sh:pattern "^a+"'], id="pattern"),
        pytest.param(shape("sh:minCount 1"), "drop target", ["without sh:targetClass ont:Claim"], id="target"),
        pytest.param(shape("sh:minCount 1", target="ont:Statement"), "narrow target", ["sh:targetClass ont:Claim instead of sh:targetClass ont:Statement", "sh:targetClass ont:InferredClaim instead of sh:targetClass ont:Statement"], id="narrower-target"),
        pytest.param(shape("sh:minCount 1"), "change severity", ["sh:severity sh:Warning instead of sh:Violation", "sh:severity sh:Info instead of sh:Violation"], id="severity"),
        pytest.param(shape("sh:minCount 1") + f' ex:S sh:property ex:Q . ex:Q sh:path ont:text ; sh:maxCount 1 ; {ABOUT} "q" .', "swap path", ["sh:path ont:text instead of ont:statedIn", "sh:path ont:statedIn instead of ont:text"], id="path-of-a-neighbour"),
        pytest.param(shape("sh:minCount 1", path="( ont:statedIn ont:text )"), "shorten path", ["sh:path without the step ont:statedIn", "sh:path without the step ont:text"], id="steps"),
        pytest.param(shape("sh:minCount 1", path="[ sh:alternativePath ( ont:statedIn ont:text ) ]"), "shorten path", ["sh:path without the alternative ont:statedIn", "sh:path without the alternative ont:text"], id="alternatives"),
        pytest.param(shape("sh:minCount 1", path="[ sh:inversePath ont:statedIn ]"), "shorten path", ["sh:path ont:statedIn instead of ^ont:statedIn"], id="inverse"),
        pytest.param(QUERY.format("$this <e:a> ?n FILTER ( ?n > 1 )"), "change comparison", ["?n >= 1 instead of ?n > 1"], id="query-comparison"),
        pytest.param(QUERY.format("$this <e:a> ?n FILTER ( ?n > 1 )"), "drop condition", ["without FILTER ( ?n > 1 )"], id="query-filter"),
        pytest.param(QUERY.format("$this <e:a> ?n FILTER ( ?n > 1 || ?n < 0 )"), "change connective", ["&& instead of ||"], id="query-connective"),
        pytest.param(QUERY.format("$this a <e:C> FILTER NOT EXISTS { $this <e:a> ?n }"), "negate condition", ["EXISTS { $this <e:a> ?n } instead of NOT EXISTS"], id="query-negation"),
        pytest.param(QUERY.format("$this <e:a> ?n ; <e:b> ?m . ?n <e:c> ?m ."), "drop pattern", ["without $this <e:a> ?n", "without $this <e:b> ?m", "without ?n <e:c> ?m"], id="query-pattern"),
        pytest.param(QUERY.format("$this <e:a>/<e:b>* ?n"), "shorten path", ["<e:b> instead of <e:b>*"], id="query-repetition"),
        pytest.param(QUERY.format("$this <e:a>|<e:b> ?n"), "shorten path", ["without the alternative <e:a>", "without the alternative <e:b>"], id="query-alternatives"),
        pytest.param(QUERY.format("$this <e:a>+|^<e:b> ?n"), "shorten path", ["without the alternative <e:a>+", "<e:a> instead of <e:a>+", "<e:b> instead of ^<e:b>", "without the alternative ^<e:b>"], id="query-repeated-alternative"),
    ],
)  # fmt: skip
def test_each_kind_of_mistake_is_tried(text: str, operator: str, expected: list[str]) -> None:
    """The mistakes that a constraint invites, in words."""
    assert tried(text, operator) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(shape("sh:minCount 0"), "at least 0 asks for nothing", id="at-least-none"),
        pytest.param(shape("sh:in ( 1 1 )"), "the list names it twice", id="repeated-member"),
        pytest.param(shape("sh:maxCount 1 ; sh:deactivated true"), "it is switched off by sh:deactivated", id="switched-off"),
        pytest.param("ex:P a sh:PropertyShape ; sh:path ont:text ; sh:maxCount 1 .", "no target leads to this shape", id="no-target"),
        pytest.param(shape("sh:maxCount 1", target="ont:Claim , ont:Statement"), "ont:Statement is a target too, and above it", id="two-targets"),
        pytest.param("ex:S a sh:NodeShape ; sh:targetClass ont:Claim ; sh:nodeKind sh:IRI .", "a literal is never an instance of a class", id="literal-as-focus"),
        pytest.param('ex:S a sh:NodeShape ; sh:targetClass ont:Claim ; sh:sparql ex:Q . ex:Q sh:select "SELECT $this { $this a ont:Claim ; ont:text ?t }" .', "every focus node is a ont:Claim", id="class-that-is-the-target"),
        pytest.param(shape("sh:or ( [ sh:nodeKind sh:IRI ] )"), "only results of the shape around it are told", id="severity-of-an-alternative"),
        pytest.param("ex:S a sh:NodeShape ; sh:targetClass ont:Claim .", "the shape checks nothing", id="no-constraint"),
    ],
)  # fmt: skip
def test_a_mistake_that_no_data_can_show_is_told_with_the_reason(text: str, reason: str) -> None:
    """It does not count against the examples."""
    reasons = {one.equivalent for one in mutants(library(text), terms().hierarchy)}

    assert reason in reasons


def test_the_same_shapes_give_the_same_mistakes() -> None:
    """A survivor can be found again."""
    first, second = (
        [(str(one.about), one.operator, one.change) for one in mutants(shapes(), terms().hierarchy)] for _ in range(2)
    )

    assert len(first) > 1000
    assert first == second


COUNTED = shape("sh:maxCount 1 ; sh:in ( 1 2 )", path="ex:p", target="ex:C")
ONE = "ex:one a ex:C ; ex:p 1 ."


def written(folder: Path, examples: dict[str, str]) -> Examples:
    """Write examples of shape S into a folder and read them."""
    (folder / "S").mkdir()
    for name, text in examples.items():
        expectation, _, data = text.rpartition("|")
        (folder / "S" / f"{name}.ttl").write_text(f"{expectation}\n{PREFIXES}{data}", "utf-8")
    return Examples(folder, [])


def mutated(text: str, examples: Examples) -> tuple[Library, Mutation]:
    """Mutate shapes; gives them with what became of the mutants."""
    read = library(text)
    return read, mutate(read, terms().hierarchy, examples)


def test_a_mistake_that_no_example_notices_survives(tmp_path: Path) -> None:
    """With one example that passes, hardly any mistake is noticed; each that is not, is named."""
    read, made = mutated(COUNTED, written(tmp_path, {"pass-one": ONE}))

    assert made.score < 50
    assert {
        "ex:P: without sh:maxCount 1",
        "ex:P: sh:in without 2",
        "ex:P: sh:maxCount 2 instead of sh:maxCount 1",
    } <= set(survivors_of(made.survivors, read))


def test_with_the_right_examples_nothing_survives(tmp_path: Path) -> None:
    """An example for each side of each limit notices everything."""
    many = "# expect: sh:MaxCountConstraintComponent ex:P ex:many |ex:many a ex:C ; ex:p 1 , 2 ."
    three = "# expect: sh:InConstraintComponent ex:P ex:three |ex:three a ex:C ; ex:p 3 ."
    examples = {"pass-one": ONE, "pass-two": "ex:two a ex:C ; ex:p 2 .", "fail-maxCount": many, "fail-in": three}

    _, made = mutated(COUNTED, written(tmp_path, examples))

    assert [one.change for one in made.survivors] == []
    assert made.score == 100
    assert dict(made.by_operator())["remove sh:in member"] == (2, 2)
    assert {name for _, name in made.killed} <= {f"S/{name}.ttl" for name in examples}


def test_what_is_left_to_pyshacl_is_mutated_too(tmp_path: Path) -> None:
    """A constraint that is not compiled takes longer, and is treated the same."""
    text = shape("sh:or ( [ sh:datatype xsd:string ] [ sh:datatype xsd:integer ] )", path="ex:p", target="ex:C")
    wrong = "# expect: sh:OrConstraintComponent ex:P ex:a |ex:a a ex:C ; ex:p 1.5 ."

    read, made = mutated(text, written(tmp_path, {"pass-one": ONE, "fail-or": wrong}))

    assert "ex:P: without sh:or ( [ … ] [ … ] )" not in survivors_of(made.survivors, read)
    assert [one.operator for one in made.survivors] == ["change datatype"]


def test_every_mutant_is_accounted_for(tmp_path: Path) -> None:
    """Each is noticed, survives, is equivalent or cannot be run; none is lost."""
    read, made = mutated(COUNTED, written(tmp_path, {"pass-one": ONE}))

    parts = (made.killed, made.survivors, made.equivalent, made.invalid)
    assert sum(map(len, parts)) == len(list(mutants(read, terms().hierarchy)))


def test_shapes_that_cannot_be_run_have_no_score(tmp_path: Path) -> None:
    """The shapes are at fault, not their mutants."""
    text = 'ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:sparql [ sh:select "SELECT $this { MINUS { $this a ex:C } }" ] .'
    examples = written(tmp_path, {"pass-one": ONE})

    with pytest.raises(ValueError, match="MINUS"):
        mutated(text, examples)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        pytest.param({}, "there is no example here", id="none"),
        pytest.param({"fail-in": "ex:a a ex:C ."}, "does not say what it expects", id="no-expectation"),
        pytest.param({"pass-one": "ex:a a ."}, "this is not Turtle", id="no-turtle"),
    ],
)
def test_a_folder_that_is_no_folder_of_examples_is_refused(tmp_path: Path, files: dict[str, str], words: str) -> None:
    """What is wrong is told with the file."""
    with pytest.raises(InputError, match=words):
        written(tmp_path, files)


@pytest.mark.slow
def test_units_find_what_validation_finds() -> None:
    """Cut into units, the shapes give the results that they give as a whole."""
    examples = Examples(EXAMPLES, ontology().triples)
    cut = units(shapes())
    world = read_graph([str(EXAMPLES / "common.ttl"), *(str(path) for path in project().ontology_files())])
    sampled = [one for one in examples.all if one.fails and "sparql" not in one.name][::25]

    ours = {
        one.name: {(r.focus, r.component, r.check, r.severity) for r in examples.outcome(cut, one).results}
        for one in sampled
    }

    theirs = {
        one.name: {
            (f.focus, f.component, f.check, f.severity)
            for f in validate(world + read_graph([str(one.path)]), Shapes(shapes().graph))[0].findings
        }
        for one in sampled
    }
    assert len(sampled) > 5
    assert ours == theirs


@pytest.mark.slow
def test_our_examples_notice_the_mistakes() -> None:
    """At least 95 % of the mistakes that data can show change a result of an example; a sample, in CI all of them."""
    every = 1 if os.environ.get(EXHAUSTIVE) else 12
    examples = Examples(EXAMPLES, ontology().triples)

    made = mutate(shapes(), terms().hierarchy, examples, every=every)

    assert len(made.killed) > 1000 / every
    assert made.score >= FLOOR, "\n".join(["no example notices:", *survivors_of(made.survivors, shapes())])
