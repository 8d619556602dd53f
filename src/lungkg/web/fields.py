"""The fields of a canned query's form: what can be chosen, what was given, and what is wrong with it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lungkg.errors import BadParameter, EngineError, EngineTimeout, LungkgError
from lungkg.formats import RESULTS
from lungkg.namespaces import Minter
from lungkg.queries import CannedQuery, Choice, Parameter
from lungkg.queries.parameters import CLASSES
from lungkg.web.kept import Kept
from lungkg.web.service import Served
from lungkg.web.tables import Prefixes, visible

MOST_NAMES: Final = 500  # more are no help in a list, and make a page long
_SECONDS: Final = 2.0
_LABEL_LENGTH: Final = 120  # characters

_NAMES: Final = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?value ?label {
  { SELECT DISTINCT ?value {
    ?value a %s
    FILTER(STRSTARTS(STR(?value), "%s") && !CONTAINS(STR(?value), "#"))
  } LIMIT %d }
  OPTIONAL { ?value rdfs:label ?label }
}
"""


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter in a form.

    `values` are those to show, given or default; `choices` are all there are, `names` are some that fit;
    `problem` says what is wrong with what was given, `read` how a name was understood.
    """

    parameter: Parameter
    values: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    names: tuple[Choice, ...] = ()
    problem: str = ""

    @property
    def blanks(self) -> int:
        """How many empty fields to offer for further values."""
        return max(1, 3 - len(self.values))


class Fields:
    """Makes the fields of forms; what can be chosen is asked of the engine once per release."""

    def __init__(self) -> None:
        self._choices: Kept[dict[tuple[str, str], tuple[Choice, ...]]] = Kept(lambda _: {})
        self._names: Kept[dict[str, tuple[Choice, ...]]] = Kept(lambda _: {})

    def of(
        self,
        served: Served,
        query: CannedQuery,
        given: Mapping[str, tuple[str, ...]],
        error: LungkgError | None = None,
    ) -> list[Field]:
        """Give the fields in the order of the header."""
        return list(self._each(served, query, given, error))

    def _each(
        self, served: Served, query: CannedQuery, given: Mapping[str, tuple[str, ...]], error: LungkgError | None
    ) -> Iterator[Field]:
        for name, parameter in query.parameters.items():
            values = given.get(name, parameter.default)
            ask = not isinstance(error, EngineError)  # one that could not answer is spared more questions
            choices = self._choices_of(served, query, parameter, ask=ask)
            names = self._names_of(served, parameter, ask=ask) if parameter.is_thing and not choices else ()
            if choices:
                short = Prefixes(served.project.prefixes)
                values = tuple(_chosen(value, choices, short) for value in values)
            yield Field(parameter, tuple(map(visible, values)), choices, names, _problem(error, name))

    def _choices_of(self, served: Served, query: CannedQuery, parameter: Parameter, *, ask: bool) -> tuple[Choice, ...]:
        if parameter.choices or not parameter.choices_query:
            return parameter.choices
        kept, key = self._choices.of(served), (query.name, parameter.name)
        if key not in kept:
            text = query.choices_text(parameter.name, served.project)
            found = _ask(served, text) if ask else None
            if found is None:
                return ()
            kept[key] = tuple(found) if len(found) <= MOST_NAMES else ()
        return kept[key]

    def _names_of(self, served: Served, parameter: Parameter, *, ask: bool) -> tuple[Choice, ...]:
        kept = self._names.of(served)
        if parameter.kind not in kept:
            start = Minter(served.project.base).thing(parameter.kind, "")
            # Entities are of as many classes as a project has kinds of them.
            kind = "?kind" if parameter.kind == "entity" else f"<{CLASSES[parameter.kind]}>"
            found = _ask(served, _NAMES % (kind, start, MOST_NAMES + 1)) if ask else None
            if found is None:
                return ()
            kept[parameter.kind] = _suggested(parameter, found, start) if len(found) <= MOST_NAMES else ()
        return kept[parameter.kind]


def _chosen(value: str, choices: tuple[Choice, ...], short: Prefixes) -> str:
    """Give the choice that a value names, as an IRI, a CURIE or a label; else the value itself."""
    named = (each.value for each in choices if value in (each.value, short(each.value), each.label))
    return next(named, value)


def _ask(served: Served, text: str) -> list[Choice] | None:
    """Ask for values and labels; none when that takes long, None when the engine cannot be asked at the moment."""
    try:
        told = served.engine.query(text, RESULTS[0], timeout=_SECONDS, client="form").read()
    except EngineTimeout:
        return []
    except EngineError:
        return None
    rows = json.loads(told)["results"]["bindings"]
    labels = {row["value"]["value"]: row.get("label", row["value"])["value"] for row in rows if "value" in row}
    return [Choice(value, label[:_LABEL_LENGTH]) for value, label in labels.items()]


def _suggested(parameter: Parameter, found: list[Choice], start: str) -> tuple[Choice, ...]:
    """Write things as a person names them: entities by their label, if no other has it, all else by local name."""
    labels = [choice.label for choice in found]
    named = []
    for thing, label in ((choice.value, choice.label) for choice in found):
        local = thing.removeprefix(start)
        unique = parameter.kind == "entity" and label != thing and labels.count(label) == 1
        named.append(Choice(label if unique else local, local if unique or label == thing else label))
    return tuple(sorted(named, key=lambda choice: choice.value.casefold()))


def _problem(error: LungkgError | None, name: str) -> str:
    if not isinstance(error, BadParameter) or error.name != name:
        return ""
    text = str(error).removeprefix(f"parameter {name}: ")
    return text[:1].upper() + text[1:]
