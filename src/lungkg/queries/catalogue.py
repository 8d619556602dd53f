"""Reads the canned queries of a project: one .rq file each, plain SPARQL under a grlc-style `#+` header.

Whatever a file says that does not fit is an error with file and line: nothing is passed over in silence.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from lungkg import lexer
from lungkg.engines import screen
from lungkg.engines.base import syntax_error
from lungkg.errors import BadParameter, InputError, Place, Problem, QueryError
from lungkg.header import read_header, strings
from lungkg.project import Project
from lungkg.queries.binding import Misplaced, bind, check_places
from lungkg.queries.canned import CannedQuery, Expectation
from lungkg.queries.lint import check_bases, check_escapes, check_hidden, check_unbound, order_of
from lungkg.queries.names import Names
from lungkg.queries.parameters import THINGS, Choice, Parameter, Variable, written
from lungkg.records import Record

Catalogue = Mapping[str, CannedQuery]

_SCHEMA: Final = "query"
_MARKS: Final = ("certainty", "standing")
_CHOICES_COLUMNS: Final = ["value", "label"]
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_NAMES_HINT: Final = (
    "Write ?_name, ?_name_iri, ?_name_integer, ?_name_xsd_date, ?_name_xsd_boolean or ?_name_en, and two underscores "
    "before what may be left out; the name in camelCase, without an underscore."
)
_PLACES_HINT: Final = "Give the value a variable of its own: BIND(?_name AS ?other), or a triple pattern with both."
_RESERVED: Final = frozenset(
    {"format", "shape", "limit", "after", "timeout", "engine", "help", "output", "sparql"}
)  # of addresses, and of the command


def load_catalogue(project: Project) -> dict[str, CannedQuery]:
    """Read all canned queries of a project, by name.

    Raises InputError, with file and line, for everything in them that does not fit.
    """
    problems = list(_unread(project))
    catalogue = {}
    for path in project.query_files():
        try:
            catalogue[path.stem] = load_query(path, project)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return catalogue


def _unread(project: Project) -> Iterator[Problem]:
    """Yield the files beside the queries that look like some and would never be read."""
    read = set(project.query_files())
    for path in sorted(project.folder("queries").rglob("*")):
        if path.suffix.lower() in (".rq", ".sparql") and path not in read:
            yield Problem(Place(path), "this file is not read", "Put it in queries/ itself, its name ending in .rq.")


def load_query(path: Path, project: Project) -> CannedQuery:
    """Read one canned query. Raises InputError."""
    if not _NAME.fullmatch(path.stem):
        raise InputError.at(
            Place(path),
            f"{path.stem!r} is no name for a query",
            "It stands in addresses: small letters, digits and hyphens, a letter first.",
        )
    header, text = read_header(path, _SCHEMA)
    _in_file(path, text, partial(check_escapes, text), "Write the character itself.")
    form = _form(path, text, project)
    _in_file(path, text, partial(check_hidden, text), "Put a blank behind < where it compares; write a text otherwise.")
    _in_file(path, text, partial(check_bases, text, project.written_base), "Declare a longer prefix, without BASE.")
    variables = _variables(path, text)
    spelt = {variable.text: name for name, variable in variables.items()}
    parameters = dict(_parameters(header, path, text, variables, project))
    takes_many = {token for token, name in spelt.items() if parameters[name].many}
    _in_file(path, text, partial(check_places, text, spelt.__contains__, takes_many.__contains__), _PLACES_HINT)
    _in_file(path, text, partial(check_unbound, text, spelt.__contains__), "Is it misspelt?")
    columns = _columns(path, text, form)
    said = header.value
    query = CannedQuery(
        name=path.stem,
        form=form,
        summary=said["summary"].strip(),
        question=said["question"].strip(),
        description=said["description"].strip(),
        text=text,
        path=path,
        tags=tuple(said.get("tags") or ()),
        audience=tuple(said.get("for") or ()),
        parameters=parameters,
        variables={name: variable.text for name, variable in variables.items()},
        columns=columns,
        key=tuple(said.get("key") or ()),
        page=said.get("pagination", 0),
        view=said.get("view", "table" if form in ("SELECT", "ASK") else "graph"),
        claims=said.get("claims", ""),
        precomputed=said.get("precomputed", "").strip(),
        expect=_expectation(header),
    )
    _check_columns(query, header)
    _check_expectation(query, header)
    _check_bound(query)
    _check_choices(query, header, project)
    return query


def _in_file(path: Path, text: str, check: Callable[[], None], hint: str) -> None:
    """Run a check of the text, and say in which place of the file it fails."""
    try:
        check()
    except Misplaced as misplaced:
        raise InputError.at(_place(path, text, misplaced.token), str(misplaced), hint) from None


def _form(path: Path, text: str, project: Project) -> str:
    """Parse the text as it stands and give its form."""
    try:
        form = screen(text)
        ox.Store().query(text)
    except SyntaxError as error:
        raise _at_the_mistake(path, error, text, project) from None
    except QueryError as error:
        raise InputError.at(Place(path), str(error)) from None
    return form


def _at_the_mistake(path: Path, error: SyntaxError, text: str, project: Project) -> InputError:
    mended = syntax_error(error, text, project.prefixes)
    return InputError.at(Place(path, mended.line, mended.column), mended.message, mended.hint)


def _variables(path: Path, text: str) -> dict[str, Variable]:
    """Find the variables that are parameters, by name."""
    found: dict[str, Variable] = {}
    for token in lexer.tokens(text):
        if token.kind != "variable" or not token.text[1:].startswith("_"):
            continue
        variable = Variable.of(token.text)
        if variable is None:
            raise InputError.at(_place(path, text, token), f"{token.text} is no parameter name", _NAMES_HINT)
        if found.setdefault(variable.name, variable) != variable:
            what = f"{token.text} and {found[variable.name].text} are two spellings of one parameter"
            raise InputError.at(_place(path, text, token), what, "Spell it the same everywhere.")
    return found


def _place(path: Path, text: str, token: lexer.Token) -> Place:
    line = text.count("\n", 0, token.start) + 1
    return Place(path, line, token.start - text.rfind("\n", 0, token.start))


def _parameters(
    header: Record, path: Path, text: str, variables: Mapping[str, Variable], project: Project
) -> Iterator[tuple[str, Parameter]]:
    """Join what the header says of each parameter with what its variable says, in the header's order."""
    described = header.value.get("parameters") or {}
    for name in described:
        place = header.key_place("parameters", name)
        if name not in variables:
            used = ", ".join(variables) or "none"
            what = f"the #+ header describes {name}, which the query does not use; it uses {used}"
            raise InputError.at(place, what, _NAMES_HINT)
        if name in _RESERVED:
            hint = f"Reserved are {', '.join(sorted(_RESERVED))}."
            raise InputError.at(place, f"{name!r} is no name for a parameter: it means something else already", hint)
    for token in lexer.tokens(text):
        for name, variable in variables.items():
            if token.text == variable.text and name not in described:
                what = f"the #+ header says no type, help and example for the parameter {name}"
                raise InputError.at(_place(path, text, token), what, f"Describe it below parameters: {name}.")
    for name, about in described.items():
        yield name, _parameter(header, name, about, variables[name], project)


def _parameter(header: Record, name: str, about: Mapping[str, Any], variable: Variable, project: Project) -> Parameter:
    kind = about["type"]
    wanted = "iri" if kind in THINGS else kind
    if wanted != variable.type:
        raise InputError.at(
            header.place("parameters", name, "type"),
            f"{name} is of type {kind}, and {variable.text} is one for {variable.type}",
            _NAMES_HINT,
        )
    choices = about.get("choices")
    parameter = Parameter(
        name,
        kind,
        language=variable.language,
        required=variable.required and "default" not in about,
        many=about.get("many", False),
        label=about.get("label", name),
        help=about["help"].strip(),
        example=strings(about["example"]),
        default=strings(about.get("default")),
        choices=tuple(_choice(one) for one in choices) if isinstance(choices, list) else (),
        choices_query=choices["query"] if isinstance(choices, dict) else "",
    )
    for key, values in [
        ("choices", tuple(choice.value for choice in parameter.choices)),
        ("example", parameter.example),
        ("default", parameter.default),
    ]:
        _check_values(header, parameter, key, values, project)
    return parameter


def _check_values(header: Record, parameter: Parameter, key: str, values: tuple[str, ...], project: Project) -> None:
    """Hold the values that the header gives for a parameter against what it says of the parameter."""
    place = header.place("parameters", parameter.name, key)
    if len(set(values)) != len(values):
        raise InputError.at(place, f"{key} of {parameter.name} has a value twice")
    try:
        if key == "choices":
            parameter = replace(parameter, choices=())
        elif values:
            parameter.check_number(values)
        for value in values:
            _check_value(parameter, value, project)
    except BadParameter as error:
        raise InputError.at(place, f"{key} in the #+ header: {error}") from None


def _check_value(parameter: Parameter, value: str, project: Project) -> None:
    """Raise BadParameter for a value that could not be given; whether a thing is there, only a graph can tell."""
    parameter.check_text(value)
    parameter.check_choice(value)
    if not value.strip():
        raise parameter.wrong(value)
    if parameter.kind == "iri":
        Names(project, _nothing, _nothing).find(parameter, value)
    elif not parameter.is_thing:
        parameter.term(value)


def _nothing(_query: str) -> list[dict[str, str]]:
    """Answer any question with no row: no graph is there yet."""
    return []


def _choice(one: Any) -> Choice:
    value = strings(one["value"] if isinstance(one, dict) else one)[0]
    return Choice(value, one["label"] if isinstance(one, dict) else value)


def _columns(path: Path, text: str, form: str) -> tuple[str, ...]:
    """Give the names of the columns, which a SELECT query has to list."""
    if form != "SELECT":
        return ()
    results = ox.Store().query(text)
    tokens = list(lexer.tokens(text))
    start = next(i for i, token in enumerate(tokens) if token.upper == "SELECT" and token.kind == "word")
    if any(token.text == "*" for token in tokens[start + 1 : start + 3]):
        raise InputError.at(_place(path, text, tokens[start]), "SELECT * has no fixed columns", "Name the columns.")
    if not isinstance(results, ox.QuerySolutions):
        raise TypeError("a SELECT query gives solutions")
    return tuple(variable.value for variable in results.variables)


def _expectation(header: Record) -> Expectation | None:
    said = header.value.get("expect")
    if said is None:
        return None
    return Expectation(
        said["rows"],
        said.get("because", ""),
        said.get("answer"),
        dict(said.get("columns") or {}),
        tuple({name: strings(value)[0] for name, value in row.items()} for row in said.get("contains") or ()),
        header.key_place("expect").line,
    )


def _check_expectation(query: CannedQuery, header: Record) -> None:
    """Refuse what would be expected and never be looked at."""
    expect = query.expect
    if expect is None:
        return
    if (expect.answer is not None) is not (query.form == "ASK"):
        what = "is for ASK, and this query is no such" if query.form != "ASK" else "has to say true or false"
        raise InputError.at(header.key_place("expect", "answer"), f"answer in expect {what}")
    if query.form == "ASK" and (expect.rows != 1 or expect.because):
        raise InputError.at(header.place("expect", "rows"), "the answer to ASK is one: rows: 1")
    if expect.because and expect.contains:
        raise InputError.at(header.key_place("expect", "contains"), "a row is expected, and rows: 0")


def _check_columns(query: CannedQuery, header: Record) -> None:
    """Hold what the header says of columns against those that there are."""
    expect = query.expect or Expectation(0)
    named: list[tuple[str, tuple[str | int, ...]]] = [
        *((name, ("key",)) for name in query.key),
        *((name, ("claims",)) for name in [query.claims] if name),
        *((name, ("expect", "columns", name)) for name in expect.columns),
        *((name, ("expect", "contains", n, name)) for n, row in enumerate(expect.contains) for name in row),
    ]
    for name, route in named:
        if name not in query.columns:
            there = f"There are {', '.join(query.columns)}." if query.columns else f"{query.form} has no columns."
            raise InputError.at(header.place(*route), f"the query has no column {name}", there)
    if expect.columns and set(expect.columns) != set(query.columns):
        missing = ", ".join(name for name in query.columns if name not in expect.columns)
        raise InputError.at(header.place("expect", "columns"), f"expect says no type for {missing}")
    for mark in _MARKS if query.claims else ():
        if mark not in query.columns:
            raise InputError.at(
                header.place("claims"),
                f"rows rest on claims, and there is no column {mark}",
                "Every row of a claim says how certain it is (?certainty), and whether it is stated or inferred "
                "(?standing).",
            )
    _check_order(query, header)


def _check_order(query: CannedQuery, header: Record) -> None:
    if query.page and not query.key:
        hint = "Say which columns tell any two rows apart."
        raise InputError.at(header.place("pagination"), "pages need a key", hint)
    ordered = order_of(query.text)
    lacking = [name for name in query.key if name not in ordered]
    if lacking:
        raise InputError.at(
            header.place("key"),
            f"ORDER BY does not say ?{lacking[0]}, so rows that differ in it only come in any order",
            f"End the query with ORDER BY … {' '.join('?' + name for name in query.key)}; pages add LIMIT and OFFSET.",
        )


def _check_bound(query: CannedQuery) -> None:
    """Parse the query with values in it, one and several where it takes many: what fails here would fail there."""
    single, several = {}, {}
    for name, parameter in query.parameters.items():
        terms = ["<urn:example:1>", "<urn:example:2>"]
        if not parameter.is_thing and parameter.kind != "iri":
            terms = [written(parameter.term(value)) for value in parameter.example] * 2
        variable = query.variables[name]
        single[variable], several[variable] = terms[:1], terms if parameter.many else terms[:1]
    for bound in (single, several):
        try:
            text = bind(query.text, bound)
            ox.Store().query(text)
        except SyntaxError as error:
            mended = syntax_error(error, text, {})
            what = f"with values in it this is no SPARQL: {mended.message}"
            hint = "A parameter stands where only a variable may."
            raise InputError.at(Place(query.path, mended.line), what, hint) from None
        except QueryError as error:
            raise InputError.at(Place(query.path), f"with values in it: {error}") from None


def _check_choices(query: CannedQuery, header: Record, project: Project) -> None:
    """Parse the queries for choices; their rows are looked at when there is a graph."""
    for name in query.parameters:
        text = query.choices_text(name, project)
        place = header.place("parameters", name, "choices", "query")
        try:
            answer = ox.Store().query(text) if text and screen(text) else None
        except SyntaxError as error:
            raise InputError.at(place, f"this is no SPARQL: {syntax_error(error, text, {}).message}") from None
        except QueryError as error:
            raise InputError.at(place, str(error)) from None
        if text and not (
            isinstance(answer, ox.QuerySolutions)
            and [variable.value for variable in answer.variables] == _CHOICES_COLUMNS
        ):
            raise InputError.at(place, "this is no query for choices", "Write SELECT ?value ?label { … }.")
