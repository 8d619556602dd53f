"""Documents as texts: the thing first, names before everything else, the same bytes whatever the order."""

import random
from typing import Final

import pyoxigraph as ox
import pytest

from lungkg.formats import DATASETS, DOCUMENTS, Format
from lungkg.linked.labels import Labels
from lungkg.linked.writing import Unwritable, write, write_quads

EX: Final = "https://example.org/"
PREFIXES: Final = {"ex": EX, "rdfs": "http://www.w3.org/2000/01/rdf-schema#", "unused": "https://example.net/"}

SOURCE: Final = """
PREFIX ex: <https://example.org/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
ex:z rdfs:label "zed"@en ; a ex:Thing ; ex:count 2 , 10 ; ex:note "two\\nlines" ; ex:part <https://example.org/z#b> ;
  ex:list ( 1 "a"@de ) ; ex:inner [ ex:p ex:z ; ex:q "x"^^ex:own ] .
<https://example.org/z#b> ex:p true .
ex:a ex:p 1.50 .
ex:Thing rdfs:label "thing"@en .
"""

TURTLE: Final = """\
@prefix ex: <https://example.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

ex:z a ex:Thing ;
    rdfs:label "zed"@en ;
    ex:count 10 , 2 ;
    ex:inner [
        ex:p ex:z ;
        ex:q "x"^^ex:own
    ] ;
    ex:list ( 1 "a"@de ) ;
    ex:note "two\\nlines" ;
    ex:part <https://example.org/z#b> .

<https://example.org/z#b> ex:p true .

ex:a ex:p 1.50 .

ex:Thing rdfs:label "thing"@en .
"""


def triples(text: str = SOURCE) -> list[ox.Triple]:
    """Read Turtle; blank nodes have the same names each time."""
    dataset = ox.Dataset(ox.parse(text, format=ox.RdfFormat.TURTLE))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return [quad.triple for quad in dataset]


def named(name: str) -> Format:
    """Give a format by its name."""
    return next(entry for entry in (*DOCUMENTS, *DATASETS) if entry.name == name)


def test_turtle_reads_like_a_text() -> None:
    """The thing, its parts, what is said of others, what is only named; lists and unnamed nodes in place."""
    assert write(triples(), named("turtle"), PREFIXES, EX + "z").decode() == TURTLE


@pytest.mark.parametrize("name", ["turtle", "jsonld", "ntriples", "rdfxml"])
def test_equal_triples_are_equal_bytes(name: str) -> None:
    """In whatever order they come, and said twice."""
    given = triples()
    shuffled = random.Random(1).sample([*given, *given], 2 * len(given))  # noqa: S311 # an order, no secret

    assert write(shuffled, named(name), PREFIXES, EX + "z") == write(given, named(name), PREFIXES, EX + "z")


@pytest.mark.parametrize("name", ["trig", "nquads"])
def test_equal_quads_are_equal_bytes(name: str) -> None:
    """Graph by graph, the default graph first."""
    given = [ox.Quad(ox.NamedNode(EX + "a"), ox.NamedNode(EX + "p"), ox.NamedNode(EX + str(n))) for n in range(5)]
    given += [ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode(EX + "g")) for quad in given]
    form = ox.RdfFormat.from_media_type(named(name).media_type)
    assert form is not None

    written = write_quads(reversed(given), named(name), PREFIXES)

    assert written == write_quads(given, named(name), PREFIXES)
    assert list(ox.parse(written, format=form)) == sorted(
        given, key=lambda quad: (quad.graph_name != ox.DefaultGraph(), str(quad))
    )


LOCALS: Final = {
    "plain": ("a-B_1", "ex:a-B_1"),
    "dot-inside": ("a.b", "ex:a.b"),
    "dot-at-the-end": ("a.", f"<{EX}a.>"),
    "minus-first": ("-a", f"<{EX}-a>"),
    "digits": ("1", "ex:1"),
    "nothing": ("", f"<{EX}>"),
    "part": ("a#b", f"<{EX}a#b>"),
    "path": ("a/b", f"<{EX}a/b>"),
    "percent": ("a%20b", f"<{EX}a%20b>"),
    "accent": ("é", f"<{EX}é>"),
}


@pytest.mark.parametrize(("local", "written"), LOCALS.values(), ids=LOCALS)
def test_only_plain_names_are_shortened(local: str, written: str) -> None:
    """Everything else stands in full: no reader has to know an escape."""
    triple = ox.Triple(ox.NamedNode(EX + local), ox.NamedNode(EX + "p"), ox.Literal("1"))

    text = write([triple], named("turtle"), PREFIXES).decode()

    assert text.splitlines()[-1] == f'{written} ex:p "1" .'
    assert [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)] == [triple]


UNWRITABLE: Final = {
    "predicate": ox.Triple(ox.NamedNode(EX + "a"), ox.NamedNode(EX + "p/1"), ox.Literal("1")),
    "control-character": ox.Triple(ox.NamedNode(EX + "a"), ox.NamedNode(EX + "p"), ox.Literal("\x01")),
}


@pytest.mark.parametrize("triple", UNWRITABLE.values(), ids=UNWRITABLE)
def test_what_xml_cannot_hold_is_not_written(triple: ox.Triple) -> None:
    """An error that says so, and never another triple."""
    with pytest.raises(Unwritable):
        write([triple], named("rdfxml"), PREFIXES)


def test_a_line_end_of_old_machines_survives_xml() -> None:
    """Bare, a reader of XML takes it for another one."""
    triple = ox.Triple(ox.NamedNode(EX + "a"), ox.NamedNode(EX + "p"), ox.Literal("one\r\ntwo"))

    written = write([triple], named("rdfxml"), PREFIXES)

    assert [quad.triple for quad in ox.parse(written, format=ox.RdfFormat.RDF_XML)] == [triple]


def test_a_format_for_pages_is_none_for_triples() -> None:
    """ValueError, not an empty answer."""
    with pytest.raises(ValueError, match="html"):
        write([], named("html"), PREFIXES)


# Labels


def test_every_iri_gets_a_label_and_a_type() -> None:
    """Those of the vocabulary, those that are asked for, and for the rest its use and the end of its IRI."""
    vocabulary = triples('@prefix ex: <https://example.org/> . ex:Thing a <http://www.w3.org/2002/07/owl#Class> ; '
                         '<http://www.w3.org/2000/01/rdf-schema#label> "thing"@en .')  # fmt: skip
    asked: list[str] = []

    def ask(text: str) -> list[ox.QuerySolution]:
        asked.append(text)
        return []

    given = triples('@prefix ex: <https://example.org/> . ex:a a ex:Thing ; ex:maxCount "1"^^ex:own .')
    found = Labels.of(vocabulary).of_all(given, ask, lambda iri: iri == EX + "a")

    labels = {str(one.subject): one.object.value for one in found if one.predicate.value.endswith("#label")}  # type: ignore[union-attr]
    types = {
        str(one.subject): str(one.object).rpartition("#")[2] for one in found if one.predicate.value.endswith("#type")
    }
    assert len(asked) == 1
    assert f"<{EX}a>" in asked[0]
    assert {key: labels[f"<{EX}{key}>"] for key in ("Thing", "a", "maxCount", "own")} == {
        "Thing": "thing", "a": "a", "maxCount": "max count", "own": "own",
    }  # fmt: skip
    assert {key: types[f"<{EX}{key}>"] for key in ("Thing", "maxCount", "own")} == {
        "Thing": "Class>", "maxCount": "Property>", "own": "Datatype>",
    }  # fmt: skip
    mentioned = {str(term) for triple in (*given, *found) for term in triple if isinstance(term, ox.NamedNode)}
    assert mentioned <= labels.keys()
