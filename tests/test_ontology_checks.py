"""The checks of ontologies: each finds what it is for and nothing else, where it is written; waivers settle them."""

import re
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest

from lungkg.errors import InputError, Place
from lungkg.ontology_checks.catalogue import OOPS, ROBOT, checks
from lungkg.ontology_checks.reading import Source, read_ontology
from lungkg.ontology_checks.run import ask_checks, chosen
from lungkg.report import Finding
from tests import ontology_cases
from tests.ontology_cases import PREFIXES, Case

CASES = {**ontology_cases.ROBOT, **ontology_cases.OOPS}


def read(tmp_path: Path, turtle: str) -> Source:
    """Read Turtle as an ontology."""
    path = tmp_path / "ontology.ttl"
    path.write_text(PREFIXES + turtle, "utf-8")
    return read_ontology([path])


def local(iri: str) -> str:
    """The last part of an IRI."""
    whole = iri.strip("<>")
    return whole if whole.startswith("urn:") else whole.rsplit("#", 1)[-1].rsplit("/", 1)[-1]


def asked(source: Source, *names: str) -> list[Finding]:
    """What some checks find."""
    return list(ask_checks(source, chosen(names)))


@pytest.mark.parametrize(("name", "case"), CASES.items(), ids=CASES)
def test_a_check_finds_what_it_is_for(tmp_path: Path, name: str, case: Case) -> None:
    """The example that fails gives a finding for each term that is at fault, of the check's severity."""
    found = asked(read(tmp_path, case.fails), name)

    assert [local(finding.focus) for finding in found] == case.found.split()
    assert {(finding.check, finding.severity) for finding in found} == {(name, checks()[name].severity)}


@pytest.mark.parametrize(("name", "case"), CASES.items(), ids=CASES)
def test_a_check_passes_what_is_well(tmp_path: Path, name: str, case: Case) -> None:
    """The example that passes gives nothing."""
    assert asked(read(tmp_path, case.passes), name) == []


def test_every_check_has_its_examples() -> None:
    """No query is without an example that trips it, and no example is of a check that there is not."""
    assert set(CASES) == {name for name, check in checks().items() if check.query}


@pytest.mark.parametrize(
    ("listing", "cases"),
    [pytest.param(ROBOT, ontology_cases.ROBOT, id="ROBOT"), pytest.param(OOPS, ontology_cases.OOPS, id="OOPS")],
)
def test_a_check_is_on_its_list(listing: str, cases: Iterable[str]) -> None:
    """The examples of a list are of the checks of that list."""
    assert {check.name for check in checks().values() if check.listing == listing} == set(cases)


ROBOT_LEVELS = {
    "ERROR": "deprecated_boolean_datatype deprecated_class_reference deprecated_property_reference duplicate_definition "
    "duplicate_label illegal_use_of_built_in_vocabulary label_formatting label_whitespace missing_label "
    "missing_ontology_description missing_ontology_license missing_ontology_title misused_obsolete_label "
    "misused_replaced_by multiple_definitions multiple_equivalent_class_definitions multiple_labels",
    "WARN": "annotation_whitespace duplicate_exact_synonym duplicate_label_synonym duplicate_scoped_synonym "
    "equivalent_pair equivalent_class_axiom_no_genus invalid_xref missing_definition missing_obsolete_label "
    "missing_subset_declaration missing_synonymtype_declaration multiple_equivalent_classes invalid_entity_uri",
    "INFO": "lowercase_definition missing_superclass",
}
"""The default profile of `robot report` 1.9.10."""


@pytest.mark.parametrize(("level", "names"), ROBOT_LEVELS.items(), ids=ROBOT_LEVELS)
def test_the_report_of_robot_is_whole(level: str, names: str) -> None:
    """Every check of ROBOT's default profile is there, at its level."""
    mine = {check.name for check in checks().values() if check.listing == ROBOT and not check.off}

    assert {name for name in mine if checks()[name].level == level} == set(names.split())


def test_a_check_that_is_off_runs_when_it_is_asked_for() -> None:
    """multiple_asserted_superclasses comes with ROBOT and is not in its default profile."""
    assert ("multiple_asserted_superclasses" in {check.name for check in chosen()}) is False
    assert [check.name for check in chosen(["multiple_asserted_superclasses"])] == ["multiple_asserted_superclasses"]


@pytest.mark.parametrize("check", [c for c in checks().values() if c.query], ids=lambda check: check.name)
def test_a_check_says_what_it_wants(check: object) -> None:
    """Demand and advice are sentences; the message has no full stop and names what is wrong."""
    assert isinstance(check, type(checks()["P04"]))
    assert check.wants.endswith(".")
    assert check.mend.endswith(".")
    assert not check.message.endswith(".")


# Places


def test_a_finding_says_where(tmp_path: Path) -> None:
    """File, line and column of the very statement, also among many of one subject."""
    source = read(tmp_path, ':A a owl:Class ;\n  rdfs:label "loaf"@en ;\n  rdfs:label "roll"@en .\n')

    (finding,) = asked(source, "multiple_labels")

    line = PREFIXES.count("\n") + 3
    assert finding.place == Place(tmp_path / "ontology.ttl", line, 3)
    assert finding.message == ":A has a further label: “roll”"


def test_what_is_missing_is_told_where_the_term_begins(tmp_path: Path) -> None:
    """There is no line of what is not there, so it is that of the term's first statement."""
    (finding,) = asked(read(tmp_path, "\n\n:A a owl:Class .\n"), "missing_label")

    assert finding.place == Place(tmp_path / "ontology.ttl", PREFIXES.count("\n") + 3, 1)


@pytest.mark.parametrize(
    ("name", "turtle", "column"),
    [
        pytest.param("P34", ":A a owl:Class ; rdfs:subClassOf :B .", 1, id="class"),
        pytest.param("P35", ":A a owl:Class ; :p 1 .", 18, id="property"),
    ],
)
def test_what_is_nowhere_declared_is_told_where_it_is_used(tmp_path: Path, name: str, turtle: str, column: int) -> None:
    """A term of which nothing is said has no place of its own."""
    (finding,) = asked(read(tmp_path, turtle), name)

    assert finding.place == Place(tmp_path / "ontology.ttl", PREFIXES.count("\n") + 1, column)


@pytest.mark.parametrize(
    ("suffix", "form"),
    [
        pytest.param(".owl", ox.RdfFormat.RDF_XML, id="RDF/XML"),
        pytest.param(".jsonld", ox.RdfFormat.JSON_LD, id="JSON-LD"),
        pytest.param(".nt", ox.RdfFormat.N_TRIPLES, id="N-Triples"),
        pytest.param(".trig", ox.RdfFormat.TRIG, id="TriG"),
    ],
)
def test_ontologies_come_in_many_formats(tmp_path: Path, suffix: str, form: ox.RdfFormat) -> None:
    """The same is found, whatever the format; the file is told where lines cannot be."""
    triples = read(tmp_path, ":A a owl:Class .").triples
    path = tmp_path / f"other{suffix}"
    path.write_bytes(ox.serialize(triples, format=form) or b"")

    (finding,) = asked(read_ontology([path]), "missing_label")

    assert finding.place is not None
    assert finding.place.path == path


# Input that is wrong


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        pytest.param("no.ttl", None, "this file is missing", id="missing"),
        pytest.param("a.docx", b"x", "the suffix says no RDF format", id="unknown-suffix"),
        pytest.param("a.ttl", b"@prefix : <", "a.ttl:1:", id="broken-turtle"),
        pytest.param("a.ttl", b"", "there are no triples here", id="empty"),
        pytest.param("a.ttl", b"# \xff", "a.ttl:1: this is not UTF-8", id="not-utf-8"),
        pytest.param("a.owl", b"Ontology(<urn:x>)", "this is not", id="not-xml"),
    ],
)
def test_what_is_no_ontology_is_told(tmp_path: Path, name: str, content: bytes | None, expected: str) -> None:
    """A file that cannot be read is an error with its place."""
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(InputError, match=re.escape(expected)) as caught:
        read_ontology([path])

    assert str(path) in str(caught.value)


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    """A folder without RDF is an error, not an ontology in which all is well."""
    with pytest.raises(InputError, match="there is no RDF file here"):
        read_ontology([tmp_path])


def test_a_file_that_is_there_twice_counts_once(tmp_path: Path) -> None:
    """A copy says nothing new: its blank nodes would look like second domains."""
    content = PREFIXES + ":p rdfs:domain [ owl:unionOf ( :A :B ) ] ."
    for name in ("a.ttl", "b.ttl"):
        (tmp_path / name).write_text(content)

    assert asked(read_ontology([tmp_path]), "P19") == []
