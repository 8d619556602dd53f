"""The profiles of OWL 2: each construct keeps an ontology out of exactly those that do not have it."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from lungkg.ontology_checks.axioms import Axioms
from lungkg.ontology_checks.direct import breaches_of_dl
from lungkg.ontology_checks.profiles import breaches
from lungkg.ontology_checks.reading import read_ontology
from lungkg.ontology_checks.review import review
from tests.ontology_cases import PREFIXES

DECLARED = """
:A a owl:Class . :B a owl:Class . :C a owl:Class .
:p a owl:ObjectProperty . :q a owl:ObjectProperty . :r a owl:ObjectProperty . :d a owl:DatatypeProperty .
"""
SOME = "[ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom {} ]"
ONLY = "[ a owl:Restriction ; owl:onProperty :p ; owl:allValuesFrom :B ]"
UNION = "[ a owl:Class ; owl:unionOf ( :B :C ) ]"
BOTH = "[ a owl:Class ; owl:intersectionOf ( :B :C ) ]"
NOT = "[ a owl:Class ; owl:complementOf :B ]"
VALUE = "[ a owl:Restriction ; owl:onProperty :p ; owl:hasValue :i ]"
SELF = "[ a owl:Restriction ; owl:onProperty :p ; owl:hasSelf true ]"
MAX = "[ a owl:Restriction ; owl:onProperty :p ; owl:maxCardinality {} ]"
ONE_OF = "[ a owl:Class ; owl:oneOf ( {} ) ]"
SUB = ":A rdfs:subClassOf {} ."


def only(part: str) -> str:
    """A class below an expression."""
    return SUB.format(part)


def under(part: str) -> str:
    """An expression below a class."""
    return f"{part} rdfs:subClassOf :A ."


ALL, NONE = "EL QL RL", ""
PROFILES = {
    "a class below a class": (only(":B"), ALL),
    "a class below everything": (only("owl:Thing"), "EL QL"),
    "and above": (only(BOTH), ALL),
    "and below": (under(BOTH), "EL RL"),
    "or above": (only(UNION), NONE),
    "or below": (under(UNION), "RL"),
    "not above": (only(NOT), "QL RL"),
    "not below": (under(NOT), NONE),
    "some above": (only(SOME.format(":B")), "EL QL"),
    "some below": (under(SOME.format(":B")), "EL RL"),
    "some of anything below": (under(SOME.format("owl:Thing")), ALL),
    "some of some above": (only(SOME.format(SOME.format(":B"))), "EL"),
    "only above": (only(ONLY), "RL"),
    "only below": (under(ONLY), NONE),
    "a value above": (only(VALUE), "EL RL"),
    "itself": (only(SELF), "EL"),
    "at most one": (only(MAX.format(1)), "RL"),
    "at most two": (only(MAX.format(2)), NONE),
    "at least one": (only("[ a owl:Restriction ; owl:onProperty :p ; owl:minCardinality 1 ]"), NONE),
    "one of one above": (only(ONE_OF.format(":i")), "EL"),
    "one of one below": (under(ONE_OF.format(":i")), "EL RL"),
    "one of two below": (under(ONE_OF.format(":i :j")), "RL"),
    "an inverse": (
        only("[ a owl:Restriction ; owl:onProperty [ owl:inverseOf :p ] ; owl:someValuesFrom :B ]"),
        "QL",
    ),
    "the same as a class": (":A owl:equivalentClass :B .", ALL),
    "the same as both": (f":A owl:equivalentClass {BOTH} .", "EL RL"),
    "the same as some": (f":A owl:equivalentClass {SOME.format(':B')} .", "EL"),
    "disjoint classes": (":A owl:disjointWith :B .", ALL),
    "a disjoint union": (":A owl:disjointUnionOf ( :B :C ) .", NONE),
    "a domain": (":p rdfs:domain :A .", ALL),
    "a domain that is a union": (f":p rdfs:domain {UNION} .", NONE),
    "a range": (":p rdfs:range :A .", ALL),
    "a range of integers": (":d rdfs:range xsd:integer .", ALL),
    "a range of booleans": (":d rdfs:range xsd:boolean .", "RL"),
    "a range of reals": (":d rdfs:range owl:real .", "EL QL"),
    "a property below another": (":p rdfs:subPropertyOf :q .", ALL),
    "an inverse property": (":p owl:inverseOf :q .", "QL RL"),
    "disjoint properties": (":p owl:propertyDisjointWith :q .", "QL RL"),
    "a chain": (":p owl:propertyChainAxiom ( :q :r ) .", "EL RL"),
    "a key": (":A owl:hasKey ( :p ) .", "EL RL"),
    "functional": (":p a owl:FunctionalProperty .", "RL"),
    "functional data": (":d a owl:FunctionalProperty .", "EL RL"),
    "inverse functional": (":p a owl:InverseFunctionalProperty .", "RL"),
    "transitive": (":p a owl:TransitiveProperty .", "EL RL"),
    "symmetric": (":p a owl:SymmetricProperty .", "QL RL"),
    "asymmetric": (":p a owl:AsymmetricProperty .", "QL RL"),
    "reflexive": (":p a owl:ReflexiveProperty .", "EL QL"),
    "irreflexive": (":p a owl:IrreflexiveProperty .", "QL RL"),
    "an individual": (":i a :A .", ALL),
    "an individual of an expression": (f":i a {BOTH} .", "EL RL"),
    "the same individual": (":i owl:sameAs :j .", "EL RL"),
    "different individuals": (":i owl:differentFrom :j .", ALL),
    "a statement": (":i :p :j .", ALL),
    "a denied statement": (
        "[] a owl:NegativePropertyAssertion ; owl:sourceIndividual :i ; owl:assertionProperty :p ; owl:targetValue 1 .",
        "EL RL",
    ),
}  # fmt: skip
"""What is said, and the profiles that have it."""


def axioms_of(turtle: str) -> Axioms:
    """The axioms of Turtle, with what the tests declare."""
    return Axioms(quad.triple for quad in ox.parse(PREFIXES + DECLARED + turtle, format=ox.RdfFormat.TURTLE))


@pytest.mark.parametrize(("turtle", "expected"), PROFILES.values(), ids=PROFILES)
def test_a_construct_is_in_these_profiles(turtle: str, expected: str) -> None:
    """An ontology that uses one construct is in the profiles that have it, and in OWL 2 DL."""
    axioms = axioms_of(turtle)

    found = breaches(axioms)

    assert [name for name, mine in found.items() if not mine] == expected.split()
    assert breaches_of_dl(axioms) == []


DIRECT = {
    "a class and a datatype": (":A a rdfs:Datatype .", "one name as a class and as a datatype"),
    "two sorts of property": (":p a owl:DatatypeProperty .", "one name as an object property and as a data property"),
    "an annotation that is more": (":p a owl:AnnotationProperty .", "one name as an object property and as an annotation property"),
    "an undeclared class": (only(":Unknown"), "a class that is not declared in OWL"),
    "an undeclared filler": (only(SOME.format(":Unknown")), "a class that is not declared in OWL"),
    "an undeclared property": (":unknown rdfs:domain :A .", "a property that is not declared in OWL"),
    "a term of RDF as a class": (only("rdf:List"), "a term of OWL, RDF or RDFS as a class"),
    "a functional transitive property": (
        ":p a owl:TransitiveProperty , owl:FunctionalProperty .",
        "owl:FunctionalProperty of a property that is transitive or made of others",
    ),
    "an irreflexive property above a transitive one": (
        ":q a owl:TransitiveProperty ; rdfs:subPropertyOf :p . :p a owl:IrreflexiveProperty .",
        "owl:IrreflexiveProperty of a property that is transitive or made of others",
    ),
    "a count over a chain": (
        ":p owl:propertyChainAxiom ( :q :r ) . " + only(MAX.format(1)),
        "a count of the values of a property that is transitive or made of others",
    ),
    "a chain in a circle": (
        ":p owl:propertyChainAxiom ( :q :r ) . :p rdfs:subPropertyOf :q .",
        "owl:propertyChainAxiom in a circle",
    ),
    "a nameless individual that is compared": ("[] owl:sameAs :i .", "an individual without a name in a comparison"),
    "a blank node as a class": (only("[]"), "a blank node that stands for no class or property"),
    "a datatype that OWL 2 has not": (":d rdfs:range xsd:date .", "the datatype xsd:date"),
    "a literal of such a datatype": (':i :d "2026-12-01"^^xsd:date .', "the datatype xsd:date"),
}  # fmt: skip


@pytest.mark.parametrize(("turtle", "expected"), DIRECT.values(), ids=DIRECT)
def test_what_keeps_an_ontology_out_of_owl_2_dl(turtle: str, expected: str) -> None:
    """Each global restriction that can be told offline is held."""
    assert {breach.construct for breach in breaches_of_dl(axioms_of(turtle))} == {expected}


@pytest.mark.parametrize(
    "turtle",
    [
        pytest.param(":A a owl:NamedIndividual .", id="a-class-that-is-an-individual"),
        pytest.param(":p owl:propertyChainAxiom ( :p :p ) .", id="transitive-as-a-chain"),
        pytest.param(":p owl:propertyChainAxiom ( :p :q ) .", id="a-chain-that-begins-with-itself"),
        pytest.param(":p owl:propertyChainAxiom ( :q :r ) . :q rdfs:subPropertyOf :r .", id="a-chain-in-order"),
        pytest.param(":a a owl:AnnotationProperty . :A :a [ :a :B ] .", id="annotations"),
        pytest.param("[] a <http://www.w3.org/2003/11/swrl#Imp> .", id="a-rule-in-SWRL"),
        pytest.param(":half a rdfs:Datatype . :d rdfs:range :half .", id="a-datatype-of-ones-own"),
    ],
)
def test_what_owl_2_dl_allows(turtle: str) -> None:
    """What looks forbidden and is not is let pass."""
    assert breaches_of_dl(axioms_of(turtle)) == []


def test_a_profile_that_is_asked_for_is_held(tmp_path: Path) -> None:
    """Every construct that it does not have is a violation, where it is written, in words."""
    path = tmp_path / "ontology.ttl"
    path.write_text(PREFIXES + DECLARED + "\n" + only(UNION))

    found = review(read_ontology([path]), "2026-12-01", only=("owl2_profile",), profile="EL", seconds=0)

    assert [(finding.severity, finding.check, finding.message) for finding in found.report.findings] == [
        (
            "Violation",
            "owl2_profile",
            "owl:unionOf as a superclass is not allowed in OWL 2 EL (:A): every “:A” is a “:B” or a “:C”",
        )
    ]


def test_the_profiles_are_told_even_when_none_is_asked_for(tmp_path: Path) -> None:
    """A remark for each, with what keeps the ontology out and how often; and what was not checked."""
    path = tmp_path / "ontology.ttl"
    path.write_text(PREFIXES + DECLARED + "\n" + only(UNION))

    remarks = review(read_ontology([path]), "2026-12-01", only=("owl2_dl",), seconds=0).remarks()

    assert remarks[:2] == ["OWL 2 DL: yes.", "OWL 2 EL: no, because of owl:unionOf as a superclass (1)."]
    assert remarks[-1].startswith("Of the profiles is not checked: what owl:imports would bring in;")
