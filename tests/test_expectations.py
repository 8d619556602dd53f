"""Expectations: a canned query whose answer is not what its file expects is found when a release is built."""

from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest

from lungkg.namespaces import RDFS, SKOS
from lungkg.project import Project, load_project
from lungkg.queries import load_query
from lungkg.queries.expectations import ask_all
from lungkg.report import Finding

BASE: Final = "https://w3id.org/lungkg/"
MOVED: Final = "http://localhost:1234/"
PREFIXES: Final = f"PREFIX ex: <http://example.org/>\nPREFIX entity: <{BASE}id/entity/>\n"
HEAD: Final = "#+ summary: What rises?\n#+ question: Does rye rise?\n#+ description: All that rises.\n"
ENTITY: Final = "#+ parameters: {bread: {type: entity, help: h, example: rye-bread}}\n"
SELECT: Final = "SELECT ?bread ?weight { ?bread ex:weighs ?weight } ORDER BY ?bread"


def store(base: str = BASE) -> ox.Store:
    """Two breads: one of 5, one of 7."""
    made = ox.Store()
    made.load(
        f"""@prefix ex: <http://example.org/> . @prefix : <{base}id/entity/> .
        :rye-bread <{RDFS}label> "rye bread" ; <{SKOS}prefLabel> "rye bread" ; ex:weighs 5 ; ex:made "2026-11-26" .
        :toast <{RDFS}label> "toast"@en ; <{SKOS}prefLabel> "toast"@en ; ex:weighs 7 .""",
        format=ox.RdfFormat.TURTLE,
        to_graph=ox.NamedNode(f"{base}graph/entities"),
    )
    return made


def findings(project: Project, folder: Path, text: str, data: ox.Store | None = None) -> list[Finding]:
    """What the build says of one query."""
    path = folder / "rises.rq"
    path.write_text(text, "utf-8")
    query = load_query(path, project)
    return list(ask_all(data or store(), {query.name: query}, project))


def messages(project: Project, folder: Path, text: str, data: ox.Store | None = None) -> list[str]:
    """Its violations as texts."""
    found = findings(project, folder, text, data)
    assert {finding.severity for finding in found} <= {"Violation"}
    return [finding.message.removeprefix("rises: ") for finding in found]


MET: dict[str, tuple[str, str]] = {
    "rows": ("{rows: 2}", SELECT),
    "more-rows": ("{rows: 1}", SELECT),
    "columns": ("{rows: 2, columns: {bread: iri, weight: integer}}", SELECT),
    "column-that-may-be-empty": (
        "{rows: 2, columns: {bread: iri, made: text?}}",
        "SELECT ?bread ?made { ?bread ex:weighs ?w OPTIONAL { ?bread ex:made ?made } }",
    ),
    "texts-with-and-without-a-language": (
        "{rows: 2, columns: {label: text}}", "SELECT ?label { ?bread <http://www.w3.org/2000/01/rdf-schema#label> ?label }",
    ),
    "every-type": (
        "{rows: 1, columns: {a: integer, b: decimal, c: boolean, d: date, e: dateTime, f: text, g: iri}}",
        ("SELECT ?a ?b ?c ?d ?e ?f ?g { BIND(1 AS ?a) BIND(1.5 AS ?b) BIND(true AS ?c) "
        "BIND('2026-11-26'^^<http://www.w3.org/2001/XMLSchema#date> AS ?d) "
        "BIND('2026-11-26T10:00:00Z'^^<http://www.w3.org/2001/XMLSchema#dateTime> AS ?e) BIND('x' AS ?f) BIND(ex:x AS ?g) }"),
    ),
    "row": ("{rows: 2, contains: [{weight: 5}, {bread: 'https://w3id.org/lungkg/id/entity/toast', weight: 7}]}", SELECT),
    "no-row": ("{rows: 0, because: nothing weighs nine}", "SELECT ?bread { ?bread ex:weighs 9 }"),
    "true": ("{rows: 1, answer: true}", "ASK { ?bread ex:weighs 5 }"),
    "false": ("{rows: 1, answer: false}", "ASK { ?bread ex:weighs 9 }"),
    "triples": ("{rows: 2}", "CONSTRUCT WHERE { ?bread ex:weighs ?weight }"),
    "no-triples": ("{rows: 0, because: none}", "CONSTRUCT WHERE { ?bread ex:bakes ?weight }"),
    "description": ("{rows: 4}", "DESCRIBE entity:rye-bread"),
}  # fmt: skip


@pytest.mark.parametrize(("expect", "text"), MET.values(), ids=MET.keys())
def test_an_answer_that_is_as_expected_is_no_finding(project: Project, tmp_path: Path, expect: str, text: str) -> None:
    """Nothing to say is nothing said."""
    assert messages(project, tmp_path, f"{HEAD}#+ expect: {expect}\n{PREFIXES}{text}") == []


MISSED: dict[str, tuple[str, str, list[str]]] = {
    "fewer-rows": ("{rows: 3}", SELECT, ["there are 2 rows, and at least 3 are expected"]),
    "no-rows": ("{rows: 1}", "SELECT ?bread { ?bread ex:bakes ?x }", ["there are 0 rows, and at least 1 are expected"]),
    "rows-where-none-were": (
        "{rows: 0, because: nobody weighs}", SELECT, ["there are 2 rows, and none are expected, because nobody weighs"],
    ),
    "other-type": (
        "{rows: 2, columns: {bread: iri, weight: decimal}}", SELECT,
        ['column weight has "5"^^<http://www.w3.org/2001/XMLSchema#integer>, and decimal is expected'],
    ),
    "iri-for-a-text": (
        "{rows: 2, columns: {bread: text, weight: integer}}", SELECT,
        [f"column bread has <{BASE}id/entity/rye-bread>, and text is expected"],
    ),
    "text-that-is-no-date": (
        "{rows: 1, columns: {made: date}}", "SELECT ?made { ?bread ex:made ?made }",
        ['column made has "2026-11-26", and date is expected'],
    ),
    "date-that-is-none": (
        "{rows: 1, columns: {d: date}}",
        "SELECT ?d { BIND('2026-13-01'^^<http://www.w3.org/2001/XMLSchema#date> AS ?d) }",
        ['column d has "2026-13-01"^^<http://www.w3.org/2001/XMLSchema#date>, and date is expected'],
    ),
    "blank-node": ("{rows: 1, columns: {b: iri}}", "SELECT ?b { BIND(BNODE() AS ?b) }", ["column b has _:"]),
    "empty-where-none-may-be": (
        "{rows: 2, columns: {bread: iri, made: text}}",
        "SELECT ?bread ?made { ?bread ex:weighs ?w OPTIONAL { ?bread ex:made ?made } }",
        ["column made has nothing, and text is expected"],
    ),
    "missing-row": ("{rows: 2, contains: [{weight: 6}]}", SELECT, ["no row has weight = '6'"]),
    "row-in-parts": (
        "{rows: 2, contains: [{bread: 'https://w3id.org/lungkg/id/entity/toast', weight: 5}]}", SELECT,
        [f"no row has bread = '{BASE}id/entity/toast', weight = '5'"],
    ),
    "two-mistakes": (
        "{rows: 3, contains: [{weight: 6}]}", SELECT,
        ["there are 2 rows, and at least 3 are expected", "no row has weight = '6'"],
    ),
    "false-for-true": (
        "{rows: 1, answer: true}", "ASK { ?bread ex:weighs 9 }", ["the answer is false, and true is expected"],
    ),
    "true-for-false": ("{rows: 1, answer: false}", "ASK {}", ["the answer is true, and false is expected"]),
    "fewer-triples": (
        "{rows: 3}", "CONSTRUCT WHERE { ?bread ex:weighs ?weight }", ["there are 2 triples, and at least 3 are expected"],
    ),
    "triples-that-are-the-same": (
        "{rows: 2}", "CONSTRUCT { ex:a ex:b ex:c } WHERE { ?bread ex:weighs ?weight }",
        ["there are 1 triples, and at least 2 are expected"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("expect", "text", "expected"), MISSED.values(), ids=MISSED.keys())
def test_an_answer_that_is_not_as_expected_is_a_violation(
    project: Project, tmp_path: Path, expect: str, text: str, expected: list[str]
) -> None:
    """Every way in which it differs is told."""
    actual = messages(project, tmp_path, f"{HEAD}#+ expect: {expect}\n{PREFIXES}{text}")

    assert len(expected) == len(actual)
    assert all(told.startswith(wanted) for wanted, told in zip(expected, actual, strict=True)), actual


def test_a_violation_names_the_line_where_the_expectation_stands(project: Project, tmp_path: Path) -> None:
    """That is where somebody has to look first."""
    (finding,) = findings(project, tmp_path, f"{HEAD}#+ tags: [a]\n#+ expect: {{rows: 3}}\n{PREFIXES}{SELECT}")

    assert (finding.check, str(finding.place)) == ("expect", f"{tmp_path / 'rises.rq'}:5")


def test_a_key_that_two_rows_share_is_a_violation(project: Project, tmp_path: Path) -> None:
    """Pages need rows that can be told apart."""
    text = f"{HEAD}#+ expect: {{rows: 2}}\n#+ key: [what]\n{PREFIXES}SELECT ?what ?weight {{ ?bread ex:weighs ?weight ; a|ex:weighs|<{RDFS}label> ?x BIND('bread' AS ?what) }} ORDER BY ?what"

    assert messages(project, tmp_path, text) == ['4 rows have the same key (what): "bread"']


def test_a_query_that_expects_nothing_is_told(project: Project, tmp_path: Path) -> None:
    """It is not asked, so nobody would notice a wrong answer."""
    (finding,) = findings(project, tmp_path, f"{HEAD}{PREFIXES}{SELECT}")

    assert (finding.severity, finding.check) == ("Info", "nothing-expected")


# Values in the header


def test_the_example_is_what_is_asked(project: Project, tmp_path: Path) -> None:
    """By any name that a person may use."""
    text = f"{HEAD}{ENTITY.replace('rye-bread', 'Rye Bread')}#+ expect: {{rows: 1, contains: [{{weight: 5}}]}}\n"

    assert messages(project, tmp_path, f"{text}{PREFIXES}SELECT ?weight {{ ?_bread_iri ex:weighs ?weight }}") == []


def test_an_example_that_names_nothing_is_a_violation(project: Project, tmp_path: Path) -> None:
    """With the names that are near."""
    text = f"{HEAD}{ENTITY.replace('rye-bread', 'rye-braed')}#+ expect: {{rows: 1}}\n"

    assert messages(project, tmp_path, f"{text}{PREFIXES}SELECT ?weight {{ ?_bread_iri ex:weighs ?weight }}") == [
        (
            "a value in the #+ header names nothing: parameter bread: there is no entity 'rye-braed'; "
            "did you mean rye-bread (rye bread)?"
        )
    ]


@pytest.mark.parametrize(
    "values",
    [
        pytest.param("example: rye-braed", id="example-of-what-may-be-left-out"),
        pytest.param("example: rye-bread, default: rye-braed", id="default"),
        pytest.param("example: rye-bread, choices: [rye-bread, rye-braed]", id="choice"),
    ],
)
def test_every_value_of_the_header_has_to_name_something(project: Project, tmp_path: Path, values: str) -> None:
    """Also those that the example does not need."""
    text = f"{HEAD}#+ parameters: {{bread: {{type: entity, help: h, {values}}}}}\n#+ expect: {{rows: 1}}\n"

    (told,) = messages(project, tmp_path, f"{text}{PREFIXES}SELECT ?weight {{ ?__bread_iri ex:weighs ?weight }}")

    assert "there is no entity 'rye-braed'" in told


CHOICES: dict[str, tuple[str, list[str]]] = {
    "fitting": ("SELECT ?value ?label { ?value ex:weighs ?label }", []),
    "none": ("SELECT ?value ?label { ?value ex:bakes ?label }", ["the query for the choices of bread finds none"]),
    "none-that-could-be-given": (
        "SELECT ?value ?label { ?label ex:weighs ?value }",
        ["the query for the choices of bread gives one that cannot be given: parameter bread: there is no entity"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("choices", "expected"), CHOICES.values(), ids=CHOICES.keys())
def test_choices_from_the_graph_have_to_be_values(
    project: Project, tmp_path: Path, choices: str, expected: list[str]
) -> None:
    """A list that offers nothing, or what would be refused, is a mistake."""
    text = (
        f"{HEAD}#+ parameters: {{bread: {{type: entity, help: h, example: toast, choices: {{query: '{choices}'}}}}}}\n"
        f"#+ expect: {{rows: 1}}\n{PREFIXES}SELECT ?weight {{ ?_bread_iri ex:weighs ?weight }}"
    )

    actual = messages(project, tmp_path, text)

    assert len(expected) == len(actual)
    assert all(told.startswith(wanted) for wanted, told in zip(expected, actual, strict=True)), actual


def test_a_build_for_another_base_expects_the_same(project: Project, tmp_path: Path) -> None:
    """IRIs in the header are written as the sources are, and the rows have moved."""
    moved = load_project(project.root, base=MOVED)
    expect = "{rows: 1, contains: [{bread: 'https://w3id.org/lungkg/id/entity/rye-bread'}]}"
    example = ENTITY.replace("rye-bread", "'https://w3id.org/lungkg/id/entity/rye-bread'")
    text = f"{HEAD}{example}#+ expect: {expect}\n{PREFIXES}SELECT ?bread {{ BIND(?_bread_iri AS ?bread) ?bread ex:weighs 5 }}"

    assert messages(moved, tmp_path, text, store(MOVED)) == []
