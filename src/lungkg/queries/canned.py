"""A canned query: what its file says, and the text that is sent for some values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from lungkg import lexer
from lungkg.engines import Answer, Engine
from lungkg.engines.base import DEFAULT_TIMEOUT
from lungkg.errors import BadParameter
from lungkg.formats import Format
from lungkg.namespaces import Rebase
from lungkg.project import Project
from lungkg.queries.binding import bind
from lungkg.queries.names import Names
from lungkg.queries.parameters import Parameter, written

Given = Mapping[str, str | Sequence[str]]
"""What a person gave for each parameter: one value, or several where it takes many."""


@dataclass(frozen=True)
class Expectation:
    """What the answer for the example values must be like; see lungkg.queries.expectations."""

    rows: int
    because: str = ""
    answer: bool | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    contains: tuple[Mapping[str, str], ...] = ()
    line: int = 1  # of the file, where it is said


@dataclass(frozen=True)
class CannedQuery:
    """A query with a name, a question that it answers, and parameters.

    `text` is the whole file, header included, as any engine runs it; `form` is SELECT, ASK, CONSTRUCT or
    DESCRIBE. `key` are the columns that tell any two rows apart, `page` is how many rows a page has, `claims`
    is the column with the claim that supports a row, `precomputed` says what of the answer was worked out when
    the release was built: empty or 0 where the file does not say.
    """

    name: str
    form: str
    summary: str
    question: str
    description: str
    text: str
    path: Path
    tags: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)  # by name: the variable in the text
    columns: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    page: int = 0
    view: str = "table"
    claims: str = ""
    precomputed: str = ""
    expect: Expectation | None = None

    @property
    def examples(self) -> dict[str, tuple[str, ...]]:
        """The example values of the parameters that have to be given."""
        return {name: p.example for name, p in self.parameters.items() if p.required and not p.default}

    def check(self, given: Given) -> dict[str, tuple[str, ...]]:
        """Give the values with the defaults among them; raises BadParameter for a wrong number of them."""
        for name in given:
            if name not in self.parameters:
                known = ", ".join(self.parameters) or "no parameters"
                raise BadParameter(name, f"is unknown; {self.name} has {known}")
        values = {name: (value,) if isinstance(value, str) else tuple(value) for name, value in given.items()}
        for name, parameter in self.parameters.items():
            parameter.check_number(values.get(name, ()))
        defaults = {name: p.default for name, p in self.parameters.items() if p.default and not values.get(name)}
        return {name: one for name, one in {**values, **defaults}.items() if one}

    def bind(self, given: Given, project: Project, names: Names) -> str:
        """Give the text to send; an optional parameter that is not given stays a variable.

        Raises BadParameter for a value of the wrong kind, a missing or an unknown parameter, and for a name
        that no thing has or more than one.
        """
        bound = {
            self.variables[name]: list(dict.fromkeys(map(written, terms)))
            for name, terms in self.terms(given, names).items()
        }
        return bind(_moved(self.text, project.rebase), bound)

    def terms(self, given: Given, names: Names) -> dict[str, list[ox.NamedNode | ox.Literal]]:
        """Give the terms that the values stand for, defaults among them, by parameter; raises BadParameter."""
        return {name: self._terms(self.parameters[name], values, names) for name, values in self.check(given).items()}

    @staticmethod
    def _terms(parameter: Parameter, values: Sequence[str], names: Names) -> list[ox.NamedNode | ox.Literal]:
        named = parameter.is_thing or parameter.kind == "iri"
        for value in values:
            parameter.check_choice(value)
        return [names.find(parameter, value) if named else parameter.term(value) for value in values]

    def choices_text(self, name: str, project: Project) -> str:
        """Give the query for the choices of a parameter, with the prefixes of the file; "" when there is none.

        Its answer has the columns ?value, which is an IRI or a text that may be given, and ?label.
        """
        asked = self.parameters[name].choices_query
        return _moved(f"{prologue(self.text)}\n{asked}", project.rebase) if asked else ""

    def answer(
        self,
        engine: Engine,
        given: Given,
        project: Project,
        format: Format,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        **asking: Any,
    ) -> Answer:
        """Bind and ask; `asking` are further arguments of Engine.query, such as `client` and `cancelled`.

        Raises BadParameter, or what the engine raises.
        """
        who = {name: value for name, value in asking.items() if name in ("client", "cancelled")}
        text = self.bind(given, project, Names.of_engine(engine, project, timeout=timeout, **who))
        return engine.query(text, format, timeout=timeout, **asking)


def prologue(text: str) -> str:
    """Give the PREFIX lines of a query.

    >>> prologue("#+ summary: a\\nPREFIX a: <b:c> # d\\nPREFIX : <e:> ASK {}")
    'PREFIX a: <b:c> PREFIX : <e:>'
    """
    declared = []
    for token in lexer.tokens(text):
        if token.kind == "word" and token.upper != "PREFIX":
            break
        declared.append(token.text)
    return " ".join(declared)


@lru_cache(maxsize=512)
def _moved(text: str, rebase: Rebase) -> str:
    """Move the IRIs of a text to the base that is published under."""
    return text if rebase.written == rebase.wanted else lexer.move_iris(text, rebase)
