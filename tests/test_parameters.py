"""Parameters: what a variable's name says, and how a value becomes an RDF term, or is refused with an example."""

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lungkg import lexer
from lungkg.errors import BadParameter
from lungkg.namespaces import XSD
from lungkg.queries.parameters import (
    CLASSES,
    LONGEST_LIST,
    LONGEST_VALUE,
    MOST_VALUES,
    THINGS,
    Choice,
    Parameter,
    Variable,
    written,
)

VARIABLES = {
    "plain": ("?_text", ("text", True, "literal", "")),
    "optional": ("?__text", ("text", False, "literal", "")),
    "iri": ("?_entity_iri", ("entity", True, "iri", "")),
    "optional-iri": ("?__entity_iri", ("entity", False, "iri", "")),
    "integer": ("?_atLeast_integer", ("atLeast", True, "integer", "")),
    "date": ("?_since_xsd_date", ("since", True, "date", "")),
    "boolean": ("?_denied_xsd_boolean", ("denied", True, "boolean", "")),
    "language": ("?_label_en", ("label", True, "literal", "en")),
    "digits-in-the-name": ("?_x2", ("x2", True, "literal", "")),
}


@pytest.mark.parametrize(("text", "expected"), VARIABLES.values(), ids=VARIABLES.keys())
def test_a_variable_says_name_need_and_type(text: str, expected: tuple[str, bool, str, str]) -> None:
    """The names are grlc's, so a file means the same to both."""
    found = Variable.of(text)

    assert found is not None
    assert expected == (found.name, found.required, found.type, found.language)


NO_VARIABLES = {
    "underscore-alone": "?_",
    "two-underscores-alone": "?__",
    "three-underscores": "?___x",
    "dollar": "$_x",
    "no-underscore": "?x",
    "capital": "?_Text",
    "digit-first": "?_2x",
    "date-as-a-language": "?_start_date",
    "boolean-as-a-language": "?_is_boolean",
    "string-as-a-language": "?_x_string",
    "two-words": "?_min_year_integer",
    "two-words-that-end-like-a-language": "?_start_day",
    "number": "?_x_number",
    "literal": "?_x_literal",
    "other-datatype": "?_x_xsd_decimal",
    "other-prefix": "?_x_ex_date",
    "language-with-a-region": "?_x_en_GB",
    "trailing-underscore": "?_x_",
    "beyond-ascii": "?_größe",
}


@pytest.mark.parametrize("text", NO_VARIABLES.values(), ids=NO_VARIABLES.keys())
def test_what_grlc_would_read_in_another_way_is_no_parameter(text: str) -> None:
    """An underscore too many makes a language of a word; such names are refused."""
    assert Variable.of(text) is None


def literal(value: str, datatype: str) -> ox.Literal:
    """A literal of an XML Schema datatype."""
    return ox.Literal(value, datatype=ox.NamedNode(XSD + datatype))


TERMS: dict[str, tuple[Parameter, str, ox.Literal]] = {
    "text": (Parameter("x", "literal"), "a b", ox.Literal("a b")),
    "text-with-blanks-around": (Parameter("x", "literal"), " a ", ox.Literal(" a ")),
    "empty-text": (Parameter("x", "literal"), "", ox.Literal("")),
    "text-in-a-language": (Parameter("x", "literal", language="en"), "crumb", ox.Literal("crumb", language="en")),
    "integer": (Parameter("x", "integer"), "8", literal("8", "integer")),
    "integer-with-plus": (Parameter("x", "integer"), "+8", literal("8", "integer")),
    "integer-with-zeros": (Parameter("x", "integer"), "-007", literal("-7", "integer")),
    "integer-of-18-digits": (Parameter("x", "integer"), "9" * 18, literal("9" * 18, "integer")),
    "date": (Parameter("x", "date"), "2026-02-28", literal("2026-02-28", "date")),
    "true": (Parameter("x", "boolean"), "true", literal("true", "boolean")),
    "yes": (Parameter("x", "boolean"), "Yes", literal("true", "boolean")),
    "zero": (Parameter("x", "boolean"), "0", literal("false", "boolean")),
    "choice": (Parameter("x", "literal", choices=(Choice("a", "A"),)), "a", ox.Literal("a")),
}


@pytest.mark.parametrize(("parameter", "value", "expected"), TERMS.values(), ids=TERMS.keys())
def test_a_value_becomes_a_term_of_its_type(parameter: Parameter, value: str, expected: ox.Literal) -> None:
    """Numbers and truths are written in their canonical form."""
    assert expected == parameter.term(value)


WRONG: dict[str, tuple[Parameter, str, str]] = {
    "word-for-an-integer": (
        Parameter("x", "integer", example=("8",)), "eight", "parameter x: 'eight' is not an integer; for example 8",
    ),
    "decimal-for-an-integer": (Parameter("x", "integer"), "8.0", "'8.0' is not an integer"),
    "blank-in-an-integer": (Parameter("x", "integer"), "8 ", "'8 ' is not an integer"),
    "digits-of-another-script": (Parameter("x", "integer"), "٨", "is not an integer"),
    "integer-of-19-digits": (Parameter("x", "integer"), "9" * 19, "is not an integer"),
    "empty-integer": (Parameter("x", "integer"), "", "'' is not an integer"),
    "no-such-day": (Parameter("x", "date"), "2026-02-29", "is not a date such as 2026-11-26"),
    "date-without-hyphens": (Parameter("x", "date"), "20261126", "is not a date"),
    "week-date": (Parameter("x", "date"), "2026-W01-1", "is not a date"),
    "date-with-a-time": (Parameter("x", "date"), "2026-11-26T00:00:00", "is not a date"),
    "half-a-truth": (Parameter("x", "boolean"), "maybe", "'maybe' is not true or false"),
    "no-choice": (
        Parameter("x", "literal", choices=(Choice("a", "A"), Choice("b", "B")), example=("a",)), "c",
        "parameter x: 'c' is not one of a, b",
    ),
    "NUL": (Parameter("x", "literal"), "a\x00b", "holds a NUL"),
    "lone-surrogate": (Parameter("x", "literal"), "a\ud83c", "half a character"),
    "too-long": (Parameter("x", "literal"), "a" * (LONGEST_VALUE + 1), "is 10,001 characters long, and may have 10,000 at most"),
}  # fmt: skip


@pytest.mark.parametrize(("parameter", "value", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_value_of_another_type_is_refused(parameter: Parameter, value: str, message: str) -> None:
    """The message names the parameter, says what was expected, and gives an example."""
    with pytest.raises(BadParameter) as refused:
        parameter.term(value)

    assert message in str(refused.value)
    assert refused.value.name == "x"


NUMBERS: dict[str, tuple[Parameter, tuple[str, ...], str]] = {
    "missing": (
        Parameter("x", "entity", example=("lung",)), (),
        "is missing: give the name, label, abbreviation, CURIE or IRI of an entity; for example lung",
    ),
    "missing-claim": (Parameter("x", "claim"), (), "is missing: give the name, CURIE or IRI of a claim"),
    "missing-inferred-claim": (Parameter("x", "inferred"), (), "give the name, CURIE or IRI of an inferred claim"),
    "two-of-one": (Parameter("x", "literal"), ("a", "b"), "takes one value, and 2 are given"),
    "too-many": (
        Parameter("x", "literal", many=True), ("a",) * (MOST_VALUES + 1), "takes at most 1000 values, and 1001 are given",
    ),
    "too-long-together": (
        Parameter("x", "literal", many=True), ("a" * LONGEST_VALUE,) * (LONGEST_LIST // LONGEST_VALUE + 1),
        "has values of 510,000 characters together, and may have 500,000 at most",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("parameter", "values", "message"), NUMBERS.values(), ids=NUMBERS.keys())
def test_a_wrong_number_of_values_is_refused(parameter: Parameter, values: tuple[str, ...], message: str) -> None:
    """None where one is needed, and more than a parameter takes."""
    with pytest.raises(BadParameter) as refused:
        parameter.check_number(values)

    assert message in str(refused.value)


@pytest.mark.parametrize(
    "parameter",
    [
        pytest.param(Parameter("x", "literal", required=False), id="optional"),
        pytest.param(Parameter("x", "literal", default=("a",)), id="with-a-default"),
    ],
)
def test_what_may_be_left_out_is_not_missed(parameter: Parameter) -> None:
    """No value is enough for it."""
    parameter.check_number(())


def test_every_type_of_thing_has_a_class() -> None:
    """The classes serve the description of parameters and the search for near names."""
    assert set(CLASSES) == THINGS


@settings(deadline=None)
@given(st.text(max_size=40))
def test_a_written_text_is_one_token_and_reads_back(value: str) -> None:
    """N-Triples form: one string token on one line, and the value again for every reader of it."""
    text = written(ox.Literal(value))

    assert [token.kind for token in lexer.tokens(text)] == ["string"]
    assert "\n" not in text
    assert "\r" not in text
    (quad,) = ox.parse(f"<urn:s> <urn:p> {text} .", format=ox.RdfFormat.N_TRIPLES)
    assert quad.object == ox.Literal(value)


@settings(deadline=None)
@given(st.text(alphabet="\\u0041Uc'\"", max_size=16))
def test_a_written_text_reads_the_same_where_escapes_are_resolved_first(value: str) -> None:
    """SPARQL 19.2 resolves \\uXXXX before anything else; a text that holds one must not change by that."""
    text = lexer.unescape(written(ox.Literal(value)))

    (quad,) = ox.parse(f"<urn:s> <urn:p> {text} .", format=ox.RdfFormat.N_TRIPLES)
    assert quad.object == ox.Literal(value)
