"""Lint of shapes: each way to check nothing, or to ask for the impossible, is told in a sentence."""

from dataclasses import replace
from pathlib import Path

import pytest

from lungkg.errors import InputError
from lungkg.shapes.lint import lint
from lungkg.shapes.reading import read_library
from tests.shapes_at_hand import ABOUT, PREFIXES, library, shape, shapes, terms

ALONE = 'sh:severity sh:Violation ; sh:message "mend it" ; sh:name "s"'


def told(text: str) -> list[tuple[str, str]]:
    """The rules that trip on shapes, and what is said; remarks on the ontology apart."""
    found = lint(library(text), terms())
    return [(one.check, one.message) for one in found if not one.check.endswith("-without-shape")]


@pytest.mark.parametrize(
    ("constraint", "rule", "sentence"),
    [
        pytest.param("sh:minCount 1 ; sh:mincount 1", "unknown-shacl-term", "ex:P: sh:mincount is not a term of SHACL; it would check nothing; did you mean sh:minCount?", id="misspelt-term"),
        pytest.param("sh:class ont:Claime", "undeclared-class", "ex:P: the ontology does not declare the class ont:Claime; did you mean ont:Claim?", id="misspelt-class"),
        pytest.param("sh:minCount 2 ; sh:maxCount 1", "unsatisfiable-bounds", "ex:P: sh:minCount 2 and sh:maxCount 1 exclude each other: nothing can conform", id="counts"),
        pytest.param("sh:minLength 4 ; sh:maxLength 3", "unsatisfiable-bounds", "ex:P: sh:minLength 4 and sh:maxLength 3 exclude each other: no value is ever allowed; say sh:maxCount 0 if that is meant", id="lengths"),
        pytest.param("sh:minInclusive 5 ; sh:maxExclusive 5 ; sh:minCount 1", "unsatisfiable-bounds", "ex:P: sh:minInclusive 5 and sh:maxExclusive 5 exclude each other: nothing can conform", id="open-interval"),
        pytest.param('sh:minInclusive 5 ; sh:maxInclusive "6"', "unsatisfiable-bounds", 'ex:P: sh:minInclusive 5 and sh:maxInclusive "6" cannot be compared with each other: no value is ever allowed; say sh:maxCount 0 if that is meant', id="bounds-of-two-types"),
        pytest.param("sh:in ()", "unsatisfiable-in", "ex:P: sh:in has an empty list: no value is ever allowed; say sh:maxCount 0 if that is meant", id="empty-list"),
        pytest.param("sh:datatype xsd:string ; sh:in ( 1 2 )", "unsatisfiable-in", "ex:P: no member of sh:in meets sh:datatype xsd:string: no value is ever allowed; say sh:maxCount 0 if that is meant", id="list-of-another-type"),
        pytest.param('sh:datatype xsd:string ; sh:in ( "a" 2 )', "idle-member", "ex:P: 2 stands in sh:in and yet does not meet sh:datatype xsd:string", id="member-of-another-type"),
        pytest.param('sh:pattern "^a" ; sh:in ( "b" ) ; sh:minCount 1', "unsatisfiable-in", 'ex:P: no member of sh:in meets sh:pattern "^a": nothing can conform', id="list-against-pattern"),
        pytest.param("sh:hasValue 1 ; sh:datatype xsd:string", "unsatisfiable-value", "ex:P: sh:hasValue 1 does not meet sh:datatype xsd:string: nothing can conform", id="value-of-another-type"),
        pytest.param("sh:hasValue ont:Asserted ; sh:class ont:Document", "unsatisfiable-value", "ex:P: sh:hasValue ont:Asserted does not meet sh:class ont:Document: nothing can conform", id="value-of-another-class"),
        pytest.param("sh:hasValue ont:Asserted , ont:Tentative ; sh:maxCount 1", "unsatisfiable-value", "ex:P: sh:maxCount 1 and sh:hasValue ont:Asserted and sh:hasValue ont:Tentative exclude each other: nothing can conform", id="more-values-than-allowed"),
        pytest.param("sh:nodeKind sh:IRI ; sh:datatype xsd:string", "unsatisfiable-kind", "ex:P: sh:nodeKind sh:IRI and sh:datatype xsd:string exclude each other: no value is ever allowed; say sh:maxCount 0 if that is meant", id="kind-against-type"),
        pytest.param("sh:class ont:Claim ; sh:datatype xsd:string", "unsatisfiable-kind", "ex:P: sh:datatype xsd:string and sh:class ont:Claim exclude each other: no value is ever allowed; say sh:maxCount 0 if that is meant", id="class-against-type"),
        pytest.param("sh:datatype xsd:string ; sh:uniqueLang true", "unsatisfiable-type", "ex:P: sh:datatype xsd:string and sh:uniqueLang true do not go together: only rdf:langString has language tags", id="language-against-type"),
        pytest.param("sh:datatype xsd:string ; sh:minInclusive 1", "unsatisfiable-type", "ex:P: a value of xsd:string cannot be compared with 1: no value is ever allowed; say sh:maxCount 0 if that is meant", id="bound-of-another-type"),
        pytest.param("sh:class ont:Claim , ont:InferredClaim", "unsatisfiable-class", "ex:P: sh:class ont:Claim and sh:class ont:InferredClaim exclude each other, because ont:Claim and ont:InferredClaim are disjoint: no value is ever allowed; say sh:maxCount 0 if that is meant", id="disjoint-classes"),
        pytest.param("sh:lessThan ont:statedIn", "unsatisfiable-pair", "ex:P: sh:lessThan ont:statedIn compares the path with itself: no value is ever allowed; say sh:maxCount 0 if that is meant", id="less-than-itself"),
        pytest.param("sh:equals ont:text ; sh:disjoint ont:text", "unsatisfiable-pair", "ex:P: sh:equals ont:text and sh:disjoint ont:text exclude each other: no value is ever allowed; say sh:maxCount 0 if that is meant", id="equal-and-disjoint"),
        pytest.param('sh:minCount "1"', "bad-parameter", 'ex:P: the value of sh:minCount must be a whole number, 0 or more, without quotes; "1" is not', id="count-in-quotes"),
        pytest.param("sh:maxCount -1", "bad-parameter", "ex:P: the value of sh:maxCount must be a whole number, 0 or more, without quotes; -1 is not", id="negative-count"),
        pytest.param('sh:minCount 1 ; sh:class "Claim"', "bad-parameter", 'ex:P: the value of sh:class must be the IRI of a class; "Claim" is not', id="class-in-quotes"),
        pytest.param("sh:minCount 1 ; sh:in ont:Asserted", "bad-parameter", "ex:P: the value of sh:in must be a list: ( … ); ont:Asserted is not", id="no-list"),
        pytest.param("sh:uniqueLang 1", "bad-parameter", "ex:P: the value of sh:uniqueLang must be true or false; 1 is not", id="no-boolean"),
        pytest.param("sh:maxCount 1 , 2", "repeated-parameter", "ex:P: sh:maxCount is given 2 times (1 and 2); SHACL allows one", id="twice"),
        pytest.param('sh:minCount 1 ; sh:flags "i"', "idle-parameter", "ex:P: sh:flags does nothing without sh:pattern", id="flags-alone"),
        pytest.param("sh:or ()", "empty-list", "ex:P: sh:or with an empty list is never met", id="no-alternative"),
        pytest.param("sh:minCount 1 ; sh:deactivated true", "switched-off", "ex:P: sh:deactivated switches it off, so it checks nothing", id="switched-off"),
    ],
)  # fmt: skip
def test_each_fault_of_a_property_shape_is_told_in_a_sentence(constraint: str, rule: str, sentence: str) -> None:
    """One fault, one finding: the shape, what is wrong, and what follows."""
    assert told(shape(constraint)) == [(rule, sentence)]


@pytest.mark.parametrize(
    ("text", "rule", "sentence"),
    [
        pytest.param(f"ex:S a sh:NodeShape ; sh:nodeKind sh:IRI ; {ALONE} .", "shape-without-target", "ex:S: it has no target, so it checks nothing: add sh:targetClass, or name it in another shape", id="no-target"),
        pytest.param(f"ex:P a sh:PropertyShape ; sh:path ont:text ; sh:minCount 1 ; {ALONE} .", "shape-not-used", "ex:P: no shape names it in sh:property, so it checks nothing", id="loose-property-shape"),
        pytest.param(f"ex:S a sh:NodeShape ; sh:targetClass ont:Claim ; {ALONE} .", "shape-without-constraint", "ex:S: it has a target and no constraint, so it checks nothing", id="no-constraint"),
        pytest.param(f"ex:S a sh:NodeShape ; sh:targetClass ont:Claim ; sh:minCount 1 ; {ALONE} .", "parameter-of-property", "ex:S: sh:minCount is about the values of a path, and here is none: put it into a property shape", id="count-of-a-node"),
        pytest.param(f"ex:S a sh:NodeShape ; sh:targetClass ont:Claim ; sh:property ex:P ; {ALONE} . ex:P a sh:PropertyShape ; sh:minInclusive 1 ; {ABOUT} \"p\" .", "missing-path", "ex:P: a property shape needs a sh:path: say which property it is about", id="no-path"),
        pytest.param(f"ex:S a sh:NodeShape ; sh:targetClass ont:Claim ; sh:path ont:text ; sh:nodeKind sh:IRI ; {ALONE} .", "path-of-node-shape", "ex:S: a node shape has no sh:path: make it a sh:PropertyShape", id="node-shape-with-a-path"),
        pytest.param(f"ex:S a sh:NodeShape ; sh:targetClass ont:Claim ; sh:class ont:InferredClaim ; {ALONE} .", "unsatisfiable-class", "ex:S: sh:class ont:InferredClaim can never hold of the target, because ont:Claim and ont:InferredClaim are disjoint", id="class-against-target"),
        pytest.param(f"ex:S a sh:NodeShape ; sh:targetClass ont:Claim ; sh:closed true ; {ALONE} .", "closed-without-type", "ex:S: the shape is closed and does not allow rdf:type, by which its targets are found: nothing can conform; add sh:ignoredProperties ( rdf:type )", id="closed-without-type"),
        pytest.param(f"ex:A a sh:NodeShape ; sh:targetClass ont:Claim ; sh:closed true ; sh:ignoredProperties ( rdf:type ) ; {ABOUT} \"a\" . {shape('sh:minCount 1', target='ont:Statement')}", "closed-against-required", "ex:A: the shape is closed and does not allow ont:statedIn, which ex:P demands of the same nodes: nothing can conform", id="closed-against-required"),
        pytest.param(f"{shape('sh:minCount 1', target='ont:Statement')} ex:T a sh:NodeShape ; sh:targetClass ont:Claim ; sh:property ex:Q ; {ABOUT} \"t\" . ex:Q a sh:PropertyShape ; sh:path ont:statedIn ; sh:maxCount 0 ; {ABOUT} \"q\" .", "unsatisfiable-bounds", "ex:P: sh:minCount 1 and sh:maxCount 0 exclude each other: nothing can conform (together with ex:Q)", id="two-shapes-of-one-class"),
        pytest.param("ex:S a sh:NodeShape ; sh:targetClass ont:Claim ; sh:nodeKind sh:IRI ; sh:severity sh:Violation ; sh:name \"s\" .", "missing-message", "ex:S: it has no sh:message: say in a sentence what is wrong and how to mend it", id="no-message"),
        pytest.param("ex:S a sh:NodeShape ; sh:targetClass ont:Claim ; sh:nodeKind sh:IRI ; sh:message \"m\" ; sh:name \"s\" .", "missing-severity", "ex:S: it has no sh:severity, so it is a Violation: say so, or choose another one", id="no-severity"),
        pytest.param("ex:S a sh:NodeShape ; sh:targetClass ont:Claim ; sh:nodeKind sh:IRI ; sh:message \"m\" ; sh:severity sh:Info .", "missing-name", "ex:S: it has no sh:name and no rdfs:label", id="no-name"),
        pytest.param("ex:S a sh:NodeShape ; sh:targetClass ont:Claim ; sh:nodeKind sh:IRI ; sh:message \"m\" ; sh:name \"s\" ; sh:severity ex:Bad .", "unknown-severity", "ex:S: ex:Bad is none of sh:Violation, sh:Warning and sh:Info", id="other-severity"),
        pytest.param(f"{shape('sh:minCount 1')} ex:S sh:property ex:Q . ex:Q a sh:PropertyShape ; sh:path ont:text ; sh:minCount 1 ; {ABOUT} \"p\" .", "duplicate-name", "ex:Q: its name 'p' is that of ex:P, too of ex:S: which is which?", id="same-name"),
        pytest.param(f"{shape('sh:minCount 1')} ex:C a sh:SPARQLConstraint ; sh:select \"SELECT $this {{ $this a ?kind }}\" .", "shape-not-used", "ex:C: no shape names it in sh:sparql, so it checks nothing", id="loose-query"),
    ],
)  # fmt: skip
def test_each_fault_of_a_shape_is_told_in_a_sentence(text: str, rule: str, sentence: str) -> None:
    """One fault, one finding."""
    assert told(text) == [(rule, sentence)]


@pytest.mark.parametrize(
    ("query", "rule", "sentence"),
    [
        pytest.param("SELECT $this { $this a ", "query-syntax", "ex:C: its sh:select is no SPARQL: error at", id="no-sparql"),
        pytest.param("ASK { $this a ?kind }", "query-syntax", "ex:C: its sh:select is no SELECT query", id="ask"),
        pytest.param("SELECT ?x { ?x a ?kind }", "query-without-this", "ex:C: its query never speaks of $this, so it says the same of every node", id="without-this"),
        pytest.param("SELECT $this { $this a ?kind MINUS { $this ont:text ?text } }", "query-forbidden", "ex:C: SHACL does not allow MINUS in a constraint: engines refuse it", id="minus"),
        pytest.param("SELECT $this { { $this a ?kind } UNION { $this ont:text ?text } }", "query-per-node", "ex:C: its query runs once for each focus node, which is slow: avoid UNION, sub-selects, VALUES and $PATH", id="per-node"),
    ],
)  # fmt: skip
def test_each_fault_of_a_query_is_told_in_a_sentence(query: str, rule: str, sentence: str) -> None:
    """One fault, one finding."""
    text = f"""ex:S a sh:NodeShape ; sh:targetClass ont:Claim ; sh:sparql ex:C ; {ALONE} .
        ex:C a sh:SPARQLConstraint ; sh:message "m" ; sh:name "c" ; sh:prefixes ex:Prefixes ; sh:select "{query}" .
        ex:Prefixes sh:declare [ sh:prefix "ont" ; sh:namespace "https://w3id.org/lungkg/ont#"^^xsd:anyURI ] ."""

    found = told(text)

    assert [(check, message[: len(sentence)]) for check, message in found] == [(rule, sentence)]


@pytest.mark.parametrize(
    "constraint",
    [
        "sh:minCount 1 ; sh:maxCount 1",
        "sh:minInclusive 0 ; sh:maxInclusive 0 ; sh:datatype xsd:integer",
        'sh:in ( "a" "b" ) ; sh:datatype xsd:string ; sh:pattern "^[ab]$" ; sh:nodeKind sh:Literal',
        "sh:hasValue ont:Asserted ; sh:class ont:Certainty ; sh:nodeKind sh:IRI",
        'sh:languageIn ( "en" ) ; sh:datatype rdf:langString ; sh:uniqueLang true',
        "sh:nodeKind sh:BlankNodeOrIRI ; sh:class ont:Claim",
        "sh:disjoint ont:text ; sh:equals ont:sha256",
    ],
)
def test_what_can_be_met_is_let_pass(constraint: str) -> None:
    """Demands that go together are not told."""
    assert told(shape(constraint)) == []


def test_our_shapes_have_no_fault() -> None:
    """Neither a violation nor a warning; a remark may stand."""
    found = lint(shapes(), terms())

    assert [one.message for one in found if one.severity != "Info"] == []


def test_a_property_of_the_ontology_that_no_shape_looks_at_is_told() -> None:
    """The reviewer learns what the shapes leave out; relations below one that a query names are not left out."""
    found = {one.message for one in lint(shapes(), terms()) if one.check == "property-without-shape"}

    assert "ont:biolinkPredicate: no shape looks at this property of the ontology" in found
    assert not [message for message in found if "promotes" in message]


def test_a_shape_in_two_files_is_told(tmp_path: Path) -> None:
    """Two descriptions of one shape add up, which nobody sees who reads one file."""
    for name, more in (("a.ttl", shape("sh:minCount 1")), ("b.ttl", "ex:P sh:maxCount 0 .")):
        (tmp_path / name).write_text(PREFIXES + more, "utf-8")

    found = [one for one in lint(read_library([str(tmp_path)]), terms()) if one.check == "defined-twice"]

    assert [one.message.replace(f"{tmp_path}/", "") for one in found] == [
        "ex:P: it is described in 2 files (a.ttl, b.ttl), whose demands add up: describe it in one"
    ]


def test_a_finding_points_at_the_shape(tmp_path: Path) -> None:
    """File, line and column where the shape is described."""
    path = tmp_path / "shapes.ttl"
    path.write_text(PREFIXES + "\n# ex:P is below\n" + shape("sh:minCount 2 ; sh:maxCount 1"), "utf-8")

    (found,) = [one for one in lint(read_library([str(path)]), terms()) if one.check == "unsatisfiable-bounds"]

    lines = path.read_text("utf-8").splitlines()
    assert found.place is not None
    assert lines[found.place.line - 1][found.place.column - 1 :].startswith("ex:P a sh:PropertyShape")


def test_a_blank_shape_is_named_by_where_it_stands() -> None:
    """A shape without an IRI is told by its parent and its path."""
    text = f'ex:S a sh:NodeShape ; sh:targetClass ont:Claim ; {ALONE} ; sh:property [ sh:path ont:text ; sh:minCount 1 ; sh:severity sh:Info ; sh:name "t" ] .'

    assert told(text)[0][1].startswith("ex:S [ sh:path ont:text ]: it has no sh:message")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param("", "there is no shape here", id="empty"),
        pytest.param("ex:a ex:b .", "this is not Turtle", id="no-turtle"),
        pytest.param("@prefix ex: <http://example.org/> . ex:a ex:b 1 .", "there is no shape here", id="other-data"),
    ],
)
def test_a_file_without_shapes_is_refused(tmp_path: Path, content: str, words: str) -> None:
    """Nothing to review is an error, not a clean bill."""
    path = tmp_path / "shapes.ttl"
    path.write_text(content, "utf-8")

    with pytest.raises(InputError, match=words):
        read_library([str(path)])


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """The file is named."""
    with pytest.raises(InputError, match=r"nowhere\.ttl"):
        read_library([str(tmp_path / "nowhere.ttl")])


def test_every_constraint_of_ours_has_a_line() -> None:
    """Reports on our shapes point at a line, never only at a file."""
    places = [shapes().place(one.check) for one in shapes().constraints]

    assert len(places) > 200
    assert [place for place in places if place is None or not place.line] == []


def test_deprecated_terms_are_told() -> None:
    """A shape that leans on a term which the ontology gave up will not last."""
    gone = replace(terms(), deprecated=frozenset({"https://w3id.org/lungkg/ont#statedIn"}))

    found = [one.message for one in lint(library(shape("sh:minCount 1")), gone) if one.check == "deprecated-term"]

    assert found == ["ex:P: sh:path names ont:statedIn, which the ontology has given up"]
