"""Turtle is read with places, moved to another base, and its blank nodes get lasting names."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from lungkg.errors import InputError
from lungkg.namespaces import SH, XSD
from lungkg.project import Project
from lungkg.turtle import canonical, read_turtle, rebased

WRITTEN = "https://example.org/bread/"
WANTED = "http://localhost:8080/"
YEAST = WRITTEN + "id/entity/yeast"
PREDICATE = "http://example.org/p"


def project(base: str) -> Project:
    """Make a project of bread to publish under a base."""
    return Project(
        root=Path("bread"), name="bread", title="Bread", description="About bread.", written_base=WRITTEN, base=base,
        license="http://example.org/license", publisher="Bakers", curators="Bakers",
        version="1.0.0", issued="2026-01-02",
    )  # fmt: skip


def parsed(text: str) -> list[ox.Triple]:
    """Parse Turtle."""
    return [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]


def placed(text: str, base: str) -> list[ox.Quad]:
    """Parse Turtle into the graph of shapes below a base."""
    graph = ox.NamedNode(base + "graph/shapes")
    return [ox.Quad(triple.subject, triple.predicate, triple.object, graph) for triple in parsed(text)]


def quads(text: str) -> list[ox.Quad]:
    """Parse N-Quads."""
    return list(ox.parse(text, format=ox.RdfFormat.N_QUADS))


BROKEN = {
    "missing-dot": ("<a:a> <a:b> <a:c>\n<a:d> <a:e> <a:f> .\n", ":2:1: this is not Turtle: "),
    "unknown-prefix": ("\n\nbread:a <a:b> 1 .\n", ":3:1: this is not Turtle: "),
    "never-closed": ("<a:a> <a:b> 'x", ":1:13: this is not Turtle: "),
    "relative-iri": ("<a> <a:b> 1 .", ":1:1: this is not Turtle: "),
}


@pytest.mark.parametrize(("text", "expected"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_turtle_is_told_with_line_and_column(text: str, expected: str, tmp_path: Path) -> None:
    """The message starts with the place of the mistake."""
    path = tmp_path / "bread.ttl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_turtle(path)

    assert str(refused.value).removeprefix(str(path)).startswith(expected)


def test_the_line_is_said_once(tmp_path: Path) -> None:
    """The parser's own mention of the line is left out."""
    path = tmp_path / "bread.ttl"
    path.write_text("<a:a> <a:b> <a:c>\n<a:d> <a:e> <a:f> .\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_turtle(path)

    assert "line" not in refused.value.problems[0].what


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """Turtle that is not there is an InputError."""
    with pytest.raises(InputError, match="this file is missing"):
        read_turtle(tmp_path / "none.ttl")


def test_turtle_gives_its_triples(tmp_path: Path) -> None:
    """Prefixes and lists of objects are written out."""
    path = tmp_path / "bread.ttl"
    path.write_text("PREFIX e: <http://example.org/> e:bread e:has e:salt , 'crust'@en .", encoding="utf-8")
    has = ox.NamedNode("http://example.org/has")
    bread = ox.NamedNode("http://example.org/bread")
    expected = [
        ox.Triple(bread, has, ox.NamedNode("http://example.org/salt")),
        ox.Triple(bread, has, ox.Literal("crust", language="en")),
    ]
    actual = read_turtle(path)

    assert expected == actual


def test_every_files_blank_nodes_are_its_own(tmp_path: Path) -> None:
    """One label in two files names two nodes."""
    (tmp_path / "one.ttl").write_text("_:dough <a:b> 1 .", encoding="utf-8")
    (tmp_path / "two.ttl").write_text("_:dough <a:b> 1 .", encoding="utf-8")
    one = read_turtle(tmp_path / "one.ttl")
    two = read_turtle(tmp_path / "two.ttl")

    assert one[0].subject != two[0].subject


SELECT = "PREFIX e: <{base}id/entity/> SELECT $this {{ $this a <{base}id/entity/yeast> {rest} }}"
OBJECTS = {
    "entity": (PREDICATE, f"<{YEAST}>", f"<{WANTED}id/entity/yeast>"),
    "vocabulary": (PREDICATE, f"<{WRITTEN}ont#Bread>", f"<{WRITTEN}ont#Bread>"),
    "stranger": (PREDICATE, "<http://example.org/yeast>", "<http://example.org/yeast>"),
    "text-that-names-an-iri": (PREDICATE, f'"{YEAST}"', f'"{YEAST}"'),
    "text-in-a-language": (PREDICATE, f'"{YEAST}"@en', f'"{YEAST}"@en'),
    "any-uri": (PREDICATE, f'"{YEAST}"^^<{XSD}anyURI>', f'"{WANTED}id/entity/yeast"^^<{XSD}anyURI>'),
    "any-uri-of-vocabulary": (PREDICATE, f'"{WRITTEN}ont#"^^<{XSD}anyURI>', f'"{WRITTEN}ont#"^^<{XSD}anyURI>'),
    "number": (PREDICATE, "5", "5"),
    "select": (
        SH + "select",
        f'"{SELECT.format(base=WRITTEN, rest="")}"',
        f'"{SELECT.format(base=WANTED, rest="")}"',
    ),
    "ask": (SH + "ask", f'"ASK {{ <{YEAST}> ?p ?o }}"', f'"ASK {{ <{WANTED}id/entity/yeast> ?p ?o }}"'),
    "construct": (
        SH + "construct",
        f'"CONSTRUCT {{ <{YEAST}> a 1 }} WHERE {{}}"',
        f'"CONSTRUCT {{ <{WANTED}id/entity/yeast> a 1 }} WHERE {{}}"',
    ),
    "string-in-select": (
        SH + "select",
        f"\"SELECT * {{ ?s ?p '<{YEAST}>' }}\"",
        f"\"SELECT * {{ ?s ?p '<{YEAST}>' }}\"",
    ),
    "comment-in-select": (
        SH + "select",
        f'"""SELECT * {{}} # <{YEAST}>"""',
        f'"""SELECT * {{}} # <{YEAST}>"""',
    ),
    "vocabulary-in-select": (
        SH + "select",
        f'"SELECT * {{ ?s a <{WRITTEN}ont#Bread> }}"',
        f'"SELECT * {{ ?s a <{WRITTEN}ont#Bread> }}"',
    ),
    "message": (SH + "message", f'"no <{YEAST}>"', f'"no <{YEAST}>"'),
}  # fmt: skip


@pytest.mark.parametrize(("predicate", "written", "wanted"), OBJECTS.values(), ids=OBJECTS.keys())
def test_objects_move_where_they_are_iris(predicate: str, written: str, wanted: str) -> None:
    """Things move, also in SPARQL text and xsd:anyURI; vocabulary and plain text stay."""
    expected = placed(f"<a:s> <{predicate}> {wanted} .", WANTED)
    actual = list(rebased(parsed(f"<a:s> <{predicate}> {written} ."), project(WANTED), "shapes"))

    assert expected == actual


def test_subjects_move_and_predicates_stay() -> None:
    """A predicate is vocabulary."""
    expected = quads(f"<{WANTED}id/entity/yeast> <{WRITTEN}ont#raises> _:x <{WANTED}graph/entities> .")
    actual = list(rebased(parsed(f"<{YEAST}> <{WRITTEN}ont#raises> _:x ."), project(WANTED), "entities"))

    assert [quad.subject for quad in expected] == [quad.subject for quad in actual]
    assert [quad.predicate for quad in expected] == [quad.predicate for quad in actual]
    assert [quad.graph_name for quad in expected] == [quad.graph_name for quad in actual]


@pytest.mark.parametrize(("predicate", "written"), [row[:2] for row in OBJECTS.values()], ids=OBJECTS.keys())
def test_nothing_moves_under_the_written_base(predicate: str, written: str) -> None:
    """Publishing where the sources say changes no term."""
    text = f"<a:s> <{predicate}> {written} ."
    expected = placed(text, WRITTEN)
    actual = list(rebased(parsed(text), project(WRITTEN), "shapes"))

    assert expected == actual


EQUAL = {
    "other-labels": (
        "_:a <e:has> _:b <e:g> .\n_:b <e:is> 'crust' <e:g> .",
        "_:y <e:has> _:x <e:g> .\n_:x <e:is> 'crust' <e:g> .",
    ),
    "other-order": (
        "_:a <e:has> 'salt' <e:g> .\n_:b <e:has> 'flour' <e:g> .",
        "_:a <e:has> 'flour' <e:g> .\n_:b <e:has> 'salt' <e:g> .",
    ),
    "circle": (
        "_:a <e:next> _:b <e:g> .\n_:b <e:next> _:c <e:g> .\n_:c <e:next> _:a <e:g> .",
        "_:c <e:next> _:a <e:g> .\n_:b <e:next> _:c <e:g> .\n_:a <e:next> _:b <e:g> .",
    ),
    "two-graphs": (
        "_:a <e:has> 'salt' <e:g> .\n_:b <e:has> 'salt' <e:h> .",
        "_:b <e:has> 'salt' <e:g> .\n_:a <e:has> 'salt' <e:h> .",
    ),
    "no-blank-nodes": ("<e:a> <e:b> <e:c> <e:g> .", "<e:a> <e:b> <e:c> <e:g> ."),
}


def canonical_lines(text: str) -> list[str]:
    """Canonicalize N-Quads and write them out, sorted."""
    return sorted(str(quad) for quad in canonical(quads(text.replace("'", '"'))))


@pytest.mark.parametrize(("one", "other"), EQUAL.values(), ids=EQUAL.keys())
def test_equal_graphs_give_equal_quads(one: str, other: str) -> None:
    """How the source labels its blank nodes, and in which order, makes no difference."""
    assert canonical_lines(one) == canonical_lines(other)


def test_different_graphs_stay_different() -> None:
    """Canonical names do not hide what the graphs say."""
    one = canonical_lines("_:a <e:has> 'salt' <e:g> .")
    other = canonical_lines("_:a <e:has> 'flour' <e:g> .")

    assert one != other


def test_nothing_is_lost_in_naming() -> None:
    """Every quad comes back, with blank nodes named in canonical order."""
    expected = ["_:c14n0 <e:has> _:c14n1 <e:g>", '_:c14n1 <e:is> "crust" <e:g>']
    actual = canonical_lines("_:a <e:has> _:b <e:g> .\n_:b <e:is> 'crust' <e:g> .")

    assert expected == actual
