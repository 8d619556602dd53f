"""What a constraint demands, in words: one phrase for every constraint component of SHACL core."""

from typing import Final

import pytest
from rdflib import SH

from lungkg.shapes.demands import demand
from lungkg.shapes.library import component_of
from tests.shapes_at_hand import library

OF_VALUES: Final = {
    "class": ("sh:class ex:C", "every value is an instance of ex:C"),
    "classes": ("sh:class ex:C , ex:D", "every value is an instance of ex:C and ex:D"),
    "datatype": ("sh:datatype xsd:integer", "every value is a whole number (xsd:integer)"),
    "own-datatype": ("sh:datatype ex:colour", "every value is a literal of type ex:colour"),
    "nodeKind": ("sh:nodeKind sh:BlankNodeOrIRI", "every value is an IRI or a blank node"),
    "minCount": ("sh:minCount 1", "at least one value"),
    "minCount-many": ("sh:minCount 1200", "at least 1,200 values"),
    "maxCount": ("sh:maxCount 2", "at most two values"),
    "maxCount-none": ("sh:maxCount 0", "no value"),
    "minExclusive": ("sh:minExclusive 3", "every value is more than 3"),
    "minInclusive": ("sh:minInclusive 3", "every value is 3 or more"),
    "maxExclusive": ("sh:maxExclusive 3.5", "every value is less than 3.5"),
    "maxInclusive": ("sh:maxInclusive 3", "every value is 3 or less"),
    "minLength": ("sh:minLength 1", "every value has at least one character"),
    "maxLength": ("sh:maxLength 80", "every value has at most 80 characters"),
    "pattern": ('sh:pattern "^a"', 'every value matches the pattern "^a"'),
    "pattern-of-any-case": (
        'sh:pattern "^a" ; sh:flags "i"',
        'every value matches the pattern "^a", upper and lower case alike',
    ),
    "languageIn": ('sh:languageIn ( "en" "de" )', 'every value is text in "en" or "de"'),
    "uniqueLang": ("sh:uniqueLang true", "at most one value in each language"),
    "uniqueLang-off": ("sh:uniqueLang false", "any number of values in each language"),
    "equals": ("sh:equals ex:q", "the same values as ex:q"),
    "disjoint": ("sh:disjoint ex:q , ex:r", "no value is also a value of ex:q or ex:r"),
    "lessThan": ("sh:lessThan ex:q", "every value is less than every value of ex:q"),
    "lessThanOrEquals": ("sh:lessThanOrEquals ex:q", "every value is at most every value of ex:q"),
    "not": ("sh:not [ sh:class ex:C ]", "no value may be an instance of ex:C"),
    "and": ("sh:and ( ex:A [ sh:class ex:C ] )", "every value must do all of this: fit ex:A; be an instance of ex:C"),
    "or": ("sh:or ( ex:A [ sh:class ex:C ] )", "every value must do at least one of these: fit ex:A; be an instance of ex:C"),
    "xone": ("sh:xone ( ex:A ex:B )", "every value must do exactly one of these: fit ex:A; fit ex:B"),
    "node": ("sh:node ex:A", "every value must fit ex:A"),
    "qualifiedMinCount": (
        "sh:qualifiedMinCount 1 ; sh:qualifiedValueShape ex:A",
        "at least one value must fit ex:A",
    ),
    "qualifiedMaxCount": (
        "sh:qualifiedMaxCount 1 ; sh:qualifiedValueShape ex:A ; sh:qualifiedValueShapesDisjoint true",
        "at most one value may fit ex:A, and fit no such shape of another property beside it",
    ),
    "hasValue": ("sh:hasValue 1 , 2", "1 and 2 are among the values"),
    "in": ("sh:in ( 1 ex:a \"b\"@en )", 'every value is one of 1, ex:a and "b"@en'),
    "in-nothing": ("sh:in ()", "every value is one of none: nothing is let in"),
    "closed": ("sh:closed true ; sh:property ex:Q", "no property but ex:q"),
    "closed-but-for": ("sh:closed true ; sh:ignoredProperties ( ex:r )", "no property but ex:r"),
    "closed-altogether": ("sh:closed true", "no property at all"),
    "no-number": ('sh:minCount "two"', 'sh:minCount "two"'),
}  # fmt: skip
"""A parameter of a property shape, and what it demands."""

OF_THE_NODE: Final = {
    "class": ("sh:class ex:C", "the node itself is an instance of ex:C"),
    "pattern": ('sh:pattern "^a"', 'the node itself matches the pattern "^a"'),
    "hasValue": ("sh:hasValue ex:a", "the node itself is ex:a"),
    "equals": ("sh:equals ex:q", "the node itself is the one value of ex:q"),
    "disjoint": ("sh:disjoint ex:q", "the node itself is not a value of ex:q"),
    "not": ("sh:not ex:A", "the node itself must not fit ex:A"),
    "or": ("sh:or ( ex:A ex:B )", "the node itself must do at least one of these: fit ex:A; fit ex:B"),
}

CORE: Final = {
    str(term)
    for term in dir(SH)
    if str(term).endswith("ConstraintComponent")
    and not any(word in str(term) for word in ("JS", "SPARQL", "Expression", "#Constraint", "#source"))
}
"""The constraint components that SHACL's vocabulary has, but those of its extensions and the class of them all."""


def said(text: str) -> dict[str, str]:
    """What each parameter of a shape demands."""
    shapes = library(f"{text} ex:Q sh:path ex:q .")
    return {one.parameter: demand(shapes, one) for one in shapes.constraints}


@pytest.mark.parametrize(("written", "expected"), OF_VALUES.values(), ids=OF_VALUES)
def test_a_constraint_of_values_is_said_in_words(written: str, expected: str) -> None:
    """By its real values, as the shapes' prefixes shorten them."""
    assert expected in said(f"ex:S sh:path ex:p ; {written} .").values()


@pytest.mark.parametrize(("written", "expected"), OF_THE_NODE.values(), ids=OF_THE_NODE)
def test_a_constraint_of_nodes_speaks_of_the_node(written: str, expected: str) -> None:
    """A shape without a path has no values."""
    assert expected in said(f"ex:S a sh:NodeShape ; {written} .").values()


def test_every_component_of_core_has_a_case() -> None:
    """As SHACL's own vocabulary lists them; sh:property only leads to another shape, which has its own constraints."""
    cases = {component_of(name) for name in OF_VALUES}

    assert len(CORE) == 29
    assert CORE - cases == {str(SH.PropertyConstraintComponent)}


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ('rdfs:label "l" ; rdfs:comment "All is well."', "All is well"),
        ('rdfs:label "all is well"', "all is well"),
        ('sh:message "Mend it."', "its query finds nothing"),
    ],
    ids=["comment", "label", "neither"],
)
def test_a_query_is_said_by_its_author(about: str, expected: str) -> None:
    """Nothing else knows what it is for; the message, which says what is wrong, is shown beside it."""
    shapes = library(f'ex:S a sh:NodeShape ; sh:sparql ex:K . ex:K sh:select "SELECT $this {{}}" ; {about} .')

    assert [demand(shapes, one) for one in shapes.constraints] == [expected]


def test_a_component_of_their_own_is_shown_as_it_is_written() -> None:
    """Shapes may define constraint components, and only those know what they demand."""
    shapes = library("ex:Comp sh:parameter ex:Par . ex:Par sh:path ex:least . ex:S a sh:NodeShape ; ex:least 3 .")

    assert [demand(shapes, one) for one in shapes.constraints] == ["ex:Comp 3"]
