"""Holds the answers of canned queries against what their files expect: a question that goes unanswered is found.

`lungkg build` asks each query with its example values before a release is published.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Final

import pyoxigraph as ox

from lungkg.errors import BadParameter, Place
from lungkg.namespaces import RDF, XSD
from lungkg.project import Project
from lungkg.queries.canned import CannedQuery, Expectation
from lungkg.queries.names import Names
from lungkg.queries.parameters import Parameter
from lungkg.report import Finding
from lungkg.stores import select

CHECK: Final = "expect"

_TEXTS: Final = frozenset({XSD + "string", RDF + "langString"})
_LEXICAL: Final = {"date": date.fromisoformat, "dateTime": datetime.fromisoformat}

Row = Mapping[str, ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None]


def ask_all(store: ox.Store, catalogue: Mapping[str, CannedQuery], project: Project) -> Iterator[Finding]:
    """Ask each query that expects something of a store that is being built; yields a finding for each that fails."""
    names = Names.of_store(store, project)
    for query in catalogue.values():
        if query.expect is None:
            message = f"{query.name}: the file does not say what to expect, so nobody notices a wrong answer"
            yield Finding("Info", "nothing-expected", message, place=Place(query.path, 1))
            continue
        place = Place(query.path, query.expect.line)
        for message in _problems(store, query, query.expect, project, names):
            yield Finding("Violation", CHECK, f"{query.name}: {message}", place=place)


def _problems(
    store: ox.Store, query: CannedQuery, expect: Expectation, project: Project, names: Names
) -> Iterator[str]:
    wrong = [*_strangers(query, names), *_choice_problems(store, query, project, names)]
    yield from wrong
    try:
        text = query.bind(query.examples, project, names)
    except BadParameter as error:
        if not wrong:
            yield f"its example cannot be asked: {error}"
        return
    answer = store.query(text, use_default_graph_as_union=True)
    if isinstance(answer, ox.QueryBoolean):
        if expect.answer is not None and bool(answer) is not expect.answer:
            yield f"the answer is {str(bool(answer)).lower()}, and {str(expect.answer).lower()} is expected"
    elif isinstance(answer, ox.QueryTriples):
        yield from number_problems(expect, len(set(answer)), "triples")
    else:
        columns = [variable.value for variable in answer.variables]
        rows: list[Row] = [dict(zip(columns, list(solution), strict=True)) for solution in answer]
        yield from row_problems(query, expect, rows, project.rebase)


def _strangers(query: CannedQuery, names: Names) -> Iterator[str]:
    """Say which values in the file name nothing in the graph, those of what may be left out among them."""
    for parameter in query.parameters.values():
        if parameter.is_thing:
            choices = [choice.value for choice in parameter.choices]
            for value in dict.fromkeys([*parameter.example, *parameter.default, *choices]):
                try:
                    names.find(parameter, value)
                except BadParameter as error:
                    yield f"a value in the #+ header names nothing: {error}"


def _choice_problems(store: ox.Store, query: CannedQuery, project: Project, names: Names) -> Iterator[str]:
    """Say what is wrong with choices that come from the graph."""
    for name, parameter in query.parameters.items():
        text = query.choices_text(name, project)
        if text:
            values = [row["value"].value for row in select(store, text)]
            wrong = next((message for value in values if (message := _refused(parameter, value, names))), "")
            if not values:
                yield f"the query for the choices of {name} finds none"
            elif wrong:
                yield f"the query for the choices of {name} gives one that cannot be given: {wrong}"


def _refused(parameter: Parameter, value: str, names: Names) -> str:
    try:
        if parameter.is_thing or parameter.kind == "iri":
            names.find(parameter, value)
        else:
            parameter.term(value)
    except BadParameter as error:
        return str(error)
    return ""


def row_problems(
    query: CannedQuery, expect: Expectation, rows: list[Row], moved: Callable[[str], str] = str
) -> Iterator[str]:
    """Say everything that is wrong with the rows for the example values.

    The file's IRIs are those that the sources are written with; `moved` maps them to those of the rows.
    """
    yield from number_problems(expect, len(rows), "rows")
    for name, kind in expect.columns.items():
        wrong = next((row[name] for row in rows if not _is(kind, row[name])), ...)
        if wrong is not ...:
            yield f"column {name} has {_shown(wrong)}, and {kind} is expected"
    for wanted in expect.contains:
        if not any(all(_equals(row[name], value, moved) for name, value in wanted.items()) for row in rows):
            yield f"no row has {', '.join(f'{name} = {value!r}' for name, value in wanted.items())}"
    if query.key:
        counted = Counter(tuple(str(row[name]) for name in query.key) for row in rows)
        key, number = counted.most_common(1)[0] if counted else (("",), 0)
        if number > 1:
            yield f"{number} rows have the same key ({', '.join(query.key)}): {', '.join(key)}"


def number_problems(expect: Expectation, number: int, what: str) -> Iterator[str]:
    """Say when there are fewer rows or triples than expected, or some where none are."""
    if expect.because and number:
        yield f"there are {number} {what}, and none are expected, because {expect.because}"
    elif number < expect.rows:
        yield f"there are {number} {what}, and at least {expect.rows} are expected"


def _is(kind: str, term: object) -> bool:
    if term is None:
        return kind.endswith("?")
    kind = kind.removesuffix("?")
    if kind == "iri":
        return isinstance(term, ox.NamedNode)
    if not isinstance(term, ox.Literal):
        return False
    if kind == "text":
        return term.datatype.value in _TEXTS
    if kind in _LEXICAL:
        try:
            _LEXICAL[kind](term.value)
        except ValueError:
            return False
    return bool(term.datatype.value == XSD + kind)


def _equals(term: object, value: str, moved: Callable[[str], str]) -> bool:
    if isinstance(term, ox.NamedNode):
        return bool(term.value == moved(value))
    return isinstance(term, ox.Literal) and bool(term.value == value)


def _shown(term: object) -> str:
    return "nothing" if term is None else str(term)
