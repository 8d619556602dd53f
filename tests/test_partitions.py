"""Counting classes, properties and datatypes: over a store small enough to count by hand."""

import pyoxigraph as ox
import pytest

from lungkg.partitions import Counts, Fragments, Statistics, measure, partitions

A = "http://a.org/"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
STRING, LANGUAGE_STRING = "http://www.w3.org/2001/XMLSchema#string", TYPE.replace("type", "langString")
PREFIXES = {"a": A, "long": A + "long/", "xsd": "http://www.w3.org/2001/XMLSchema#"}

DATA = """
    @prefix : <http://a.org/> .
    :people { :ann a :Person , :Baker ; :name "Ann" , "Ann"@en ; :bakes :rye ; :seeAlso <http://elsewhere.org/> . }
    :bread  { :rye a :Loaf ; :bakedBy :ann ; :part [ a :Crust ; :name "crust" ] . :oven :heats :rye . }
    :kinds  { :Loaf a :Kind . _:restriction a [ ] . }
"""
"""Fourteen triples: :ann has two classes, one instance is blank, and so is one class."""


@pytest.fixture(scope="module")
def counted() -> Statistics:
    """What is counted in the store."""
    store = ox.Store()
    store.load(DATA, format=ox.RdfFormat.TRIG)
    return measure(store, blank_nodes_in=[A + "bread", A + "kinds"])


def short(counts: Counts) -> dict[str, int]:
    """Write the IRIs of counts short."""
    return {" ".join(iri.removeprefix(A).rpartition("#")[2] or iri for iri in iris): n for iris, n in counts.items()}


def test_triples_are_counted_by_graph_and_by_property(counted: Statistics) -> None:
    """Each triple counts once for its graph and once for its property."""
    assert dict(counted.by_graph) == {A + "people": 6, A + "bread": 6, A + "kinds": 2}
    assert {iri.rpartition("/")[2].rpartition("#")[2]: n for iri, n in counted.by_property.items()} == {
        "type": 6, "name": 3, "bakes": 1, "seeAlso": 1, "bakedBy": 1, "part": 1, "heats": 1,
    }  # fmt: skip


def test_entities_are_the_subjects_that_have_an_iri(counted: Statistics) -> None:
    """Blank nodes are subjects, and no entities."""
    assert (counted.subjects, counted.entities) == (6, 4)


def test_objects_are_counted_once(counted: Statistics) -> None:
    """The same object of two triples is one: :rye is."""
    assert counted.objects == 13


def test_instances_are_counted_by_class(counted: Statistics) -> None:
    """A class without an IRI has no partition to be counted in."""
    assert short(counted.classes) == {"Baker": 1, "Crust": 1, "Kind": 1, "Loaf": 1, "Person": 1}


def test_uses_are_counted_by_every_class_of_the_subject(counted: Statistics) -> None:
    """A thing with two classes counts for both; one with none for neither."""
    assert short(counted.uses) == {
        "Baker bakes": 1, "Baker name": 2, "Baker seeAlso": 1, "Baker type": 2,
        "Crust name": 1, "Crust type": 1,
        "Kind type": 1,
        "Loaf bakedBy": 1, "Loaf part": 1, "Loaf type": 1,
        "Person bakes": 1, "Person name": 2, "Person seeAlso": 1, "Person type": 2,
    }  # fmt: skip


def test_values_are_counted_by_every_class_of_the_object(counted: Statistics) -> None:
    """The class of an object may be said in another graph; an object without one is counted nowhere."""
    assert short(counted.value_classes) == {
        "Baker bakes Loaf": 1, "Person bakes Loaf": 1,
        "Loaf bakedBy Baker": 1, "Loaf bakedBy Person": 1, "Loaf part Crust": 1, "Loaf type Kind": 1,
    }  # fmt: skip


def test_values_are_counted_by_datatype(counted: Statistics) -> None:
    """A text in a language has the datatype rdf:langString."""
    assert short(counted.datatypes) == {
        "Baker name langString": 1, "Baker name string": 1, "Person name langString": 1, "Person name string": 1,
        "Crust name string": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(["class", A + "Loaf"], "class/a:Loaf", id="a-prefix"),
        pytest.param(["class", A + "long/Loaf"], "class/long:Loaf", id="the-longest-namespace"),
        pytest.param(["class", A + "x/Loaf"], "class/Loaf-2c975272", id="not-below-a-namespace-but-further-down"),
        pytest.param(["class", "urn:isbn:ü"], "class/isbn-b2a08b1f", id="no-prefix"),
        pytest.param(
            ["class", A + "Loaf", "property", A + "part", "datatype", STRING],
            "class/a:Loaf/property/a:part/datatype/xsd:string",
            id="parts-of-parts",
        ),
    ],
)
def test_a_partition_is_a_readable_fragment(path: list[str], expected: str) -> None:
    """Its name says what it is a part of, by prefix where there is one."""
    assert Fragments(A + "dataset", PREFIXES)(*path) == f"{A}dataset#{expected}"


def test_the_description_has_the_shape_of_void() -> None:
    """Totals, then every partition with what it is by and its count; a part of a part hangs from it."""
    counted = Statistics(
        subjects=3, entities=2, objects=5,
        classes={(A + "Loaf",): 2},
        properties={(A + "bread", A + "name"): 4},
        uses={(A + "Loaf", A + "name"): 3},
        value_classes={(A + "Loaf", A + "name", A + "Name"): 1},
        datatypes={(A + "Loaf", A + "name", STRING): 2},
    )  # fmt: skip

    expected = """
        @prefix void: <http://rdfs.org/ns/void#> . @prefix ext: <http://ldf.fi/void-ext#> .
        @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix a: <http://a.org/> .
        a:d void:entities 2 ; void:classes 1 ; void:properties 1 ; void:distinctSubjects 3 ; void:distinctObjects 5 ;
          void:vocabulary a: ;
          void:propertyPartition <http://a.org/d#property/a:name> ;
          void:classPartition <http://a.org/d#class/a:Loaf> .
        a: a <http://purl.org/vocommons/voaf#Vocabulary> .
        <http://a.org/d#property/a:name> a void:Dataset ; void:property a:name ; void:triples 4 .
        <http://a.org/d#class/a:Loaf> a void:Dataset ; void:class a:Loaf ; void:entities 2 ;
          void:propertyPartition <http://a.org/d#class/a:Loaf/property/a:name> .
        <http://a.org/d#class/a:Loaf/property/a:name> a void:Dataset ; void:property a:name ; void:triples 3 ;
          void:classPartition <http://a.org/d#class/a:Loaf/property/a:name/class/a:Name> ;
          ext:datatypePartition <http://a.org/d#class/a:Loaf/property/a:name/datatype/xsd:string> .
        <http://a.org/d#class/a:Loaf/property/a:name/class/a:Name> a void:Dataset ; void:class a:Name ; void:triples 1 .
        <http://a.org/d#class/a:Loaf/property/a:name/datatype/xsd:string> a void:Dataset ;
          ext:datatype xsd:string ; void:triples 2 .
    """
    assert set(partitions(counted, A + "d", PREFIXES)) == {
        quad.triple for quad in ox.parse(expected, format=ox.RdfFormat.TURTLE)
    }
