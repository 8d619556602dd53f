"""Parameters of a canned query: how the text names them, and how a value becomes an RDF term.

The names are grlc's (https://grlc.io), so that a file means the same to it: `?_name` is required, `?__name`
may be left out, and what follows the name says the type: `_iri`, `_integer`, `_xsd_date`, `_xsd_boolean`, a
language of two letters such as `_en`, or nothing for a plain text. The header adds what a name cannot say.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import pyoxigraph as ox

from lungkg import lexer
from lungkg.errors import BadParameter
from lungkg.namespaces import ONT, PROV, SH, XSD
from lungkg.project import THING_TYPES

THINGS: Final = frozenset(THING_TYPES)
CLASSES: Final = {
    "entity": ONT + "Entity",
    "claim": ONT + "Claim",
    "inferred": ONT + "InferredClaim",
    "assumption": ONT + "BackgroundAssumption",
    "gloss": ONT + "Gloss",
    "document": ONT + "Document",
    "sentence": ONT + "Sentence",
    "reference": ONT + "Reference",
    "activity": PROV + "Activity",
    "agent": PROV + "Agent",
    "query": SH + "SPARQLExecutable",
}
"""The class of each type of thing; entities and agents are instances of narrower ones."""
MOST_VALUES: Final = 1000
LONGEST_VALUE: Final = 10_000  # characters
LONGEST_LIST: Final = 500_000  # characters of all values of one parameter

_VARIABLE: Final = re.compile(
    r"\?(?P<lead>_{1,2})(?P<name>[a-z][A-Za-z0-9]*)(?:_(?:(?P<kind>iri|integer)|xsd_(?P<type>date|boolean)"
    r"|(?P<language>[a-z]{2})))?"
)
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}")  # what fits the 64 bits of an engine
_BOOLEANS: Final = {"true": "true", "1": "true", "yes": "true", "false": "false", "0": "false", "no": "false"}

Values = Sequence[str]
"""The values of one parameter, as a person wrote them; more than one only where it takes many."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a query's text that is a parameter, taken apart."""

    text: str
    name: str
    required: bool
    type: str  # "iri", "integer", "date", "boolean" or "literal"
    language: str

    @classmethod
    def of(cls, text: str) -> "Variable | None":
        """Take a variable apart; None when its name does not fit grlc's rules.

        >>> Variable.of("?__since_xsd_date")
        Variable(text='?__since_xsd_date', name='since', required=False, type='date', language='')
        >>> Variable.of("?_start_date") is None
        True
        """
        found = _VARIABLE.fullmatch(text)
        if found is None:
            return None
        kind = found["kind"] or found["type"] or "literal"
        return cls(text, found["name"], found["lead"] == "_", kind, found["language"] or "")


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a parameter may have, and what a person sees for it."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: `kind` is one of THINGS, or "iri", "literal", "integer", "date", "boolean".

    `default` stands in when nothing is given; with `many`, several values may be given, and an answer is one
    for any of them. Only `choices` may be given where there are some; `choices_query`, a SELECT query for
    ?value and ?label, says where they are otherwise to be had.
    """

    name: str
    kind: str
    language: str = ""
    required: bool = True
    many: bool = False
    label: str = ""
    help: str = ""
    example: tuple[str, ...] = ()
    default: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    choices_query: str = ""

    @property
    def is_thing(self) -> bool:
        """Say whether its values name things of the project, which can be looked up."""
        return self.kind in THINGS

    @property
    def noun(self) -> str:
        """Name the kind of a thing as a sentence does.

        >>> Parameter("x", "inferred").noun
        'inferred claim'
        """
        return _NOUNS.get(self.kind, self.kind)

    @property
    def expected(self) -> str:
        """Say in words what a value must be.

        >>> Parameter("since", "date").expected
        'a date such as 2026-11-26'
        """
        if self.choices:
            return "one of " + ", ".join(choice.value for choice in self.choices)
        return _EXPECTED.get(self.kind) or f"the name, CURIE or IRI of {article(self.noun)}"

    def check_number(self, values: Values) -> None:
        """Raise BadParameter when there are too many values, or too few."""
        if self.required and not values and not self.default:
            raise BadParameter(self.name, f"is missing: give {self.expected}{self._such_as()}")
        if len(values) > 1 and not self.many:
            raise BadParameter(self.name, f"takes one value, and {len(values)} are given")
        if len(values) > MOST_VALUES:
            raise BadParameter(self.name, f"takes at most {MOST_VALUES} values, and {len(values)} are given")
        length = sum(map(len, values))
        if len(values) > 1 and length > LONGEST_LIST:
            raise BadParameter(
                self.name, f"has values of {length:,} characters together, and may have {LONGEST_LIST:,} at most"
            )

    def term(self, value: str) -> ox.NamedNode | ox.Literal:
        """Turn a value that names no thing into a term. Raises BadParameter when it is none of its kind."""
        self.check_text(value)
        self.check_choice(value)
        if self.kind == "literal":
            return ox.Literal(value, language=self.language) if self.language else ox.Literal(value)
        if self.kind == "integer" and _INTEGER.fullmatch(value):
            return ox.Literal(str(int(value)), datatype=ox.NamedNode(XSD + "integer"))
        if self.kind == "boolean" and value.lower() in _BOOLEANS:
            return ox.Literal(_BOOLEANS[value.lower()], datatype=ox.NamedNode(XSD + "boolean"))
        if self.kind == "date" and _is_date(value):
            return ox.Literal(value, datatype=ox.NamedNode(XSD + "date"))
        raise self.wrong(value)

    def check_choice(self, value: str) -> None:
        """Raise BadParameter for a value that is none of the choices, where there are some."""
        if self.choices and value not in {choice.value for choice in self.choices}:
            raise self.wrong(value)

    def check_text(self, value: str) -> None:
        """Raise BadParameter for what no text of a query can hold."""
        if len(value) > LONGEST_VALUE:
            raise BadParameter(self.name, f"is {len(value):,} characters long, and may have {LONGEST_VALUE:,} at most")
        if "\x00" in value or any(0xD800 <= ord(character) <= 0xDFFF for character in value):
            raise BadParameter(self.name, "holds a NUL or half a character (a lone surrogate)")

    def wrong(self, value: str, why: str = "") -> BadParameter:
        """Make the error for a value that is none of this kind."""
        return BadParameter(self.name, f"{value[:80]!r} is not {self.expected}{why}{self._such_as()}")

    def _such_as(self) -> str:
        return f"; for example {self.example[0]}" if self.example and not self.choices else ""


_NOUNS: Final = {"inferred": "inferred claim", "assumption": "background assumption", "query": "canned query"}
_EXPECTED: Final = {
    "entity": "the name, label, abbreviation, CURIE or IRI of an entity",
    "iri": "an IRI or a CURIE",
    "literal": "a text",
    "integer": "an integer",
    "date": "a date such as 2026-11-26",
    "boolean": "true or false",
}


def article(word: str) -> str:
    """Put the indefinite article before a word.

    >>> article("entity"), article("claim")
    ('an entity', 'a claim')
    """
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def written(term: ox.NamedNode | ox.Literal) -> str:
    """Write a term in the N-Triples form, so that every engine reads it the same."""
    return lexer.steady(str(term))


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
