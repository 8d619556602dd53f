"""Canned queries as the client asks them: of a project here, or of a lungkg server by its own addresses."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import dropwhile
from typing import Final, NamedTuple, Protocol

from lungkg.engines import Engine, choose_format, screen
from lungkg.errors import BadParameter
from lungkg.project import Project

NAMES: Final = {"SELECT": "json", "ASK": "json", "CONSTRUCT": "turtle", "DESCRIBE": "turtle"}
"""The format in which the answer to each form is read."""


@dataclass(frozen=True)
class Question:
    """What a canned query answers: `str()` of it is the question, `parameters` say what each of them takes."""

    name: str
    question: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.question


class Reply(NamedTuple):
    """An answer: the form of its query, and JSON or Turtle as `NAMES` says."""

    form: str
    content: bytes


Given = Mapping[str, list[str]]
"""The values of each parameter, as a person would write them on the command line."""


class Canned(Protocol):
    """Answers canned queries; raises BadParameter for a name or a value that does not fit."""

    def questions(self, timeout: float) -> dict[str, Question]:
        """Give all of them by name."""

    def text(self, name: str, given: Given, limit: int | None, timeout: float) -> str:
        """Give the SPARQL that is sent for these values."""

    def answer(self, name: str, given: Given, limit: int | None, timeout: float) -> Reply:
        """Ask for the whole answer, or for its first rows."""


class ProjectCanned:
    """The canned queries of a project, asked of an engine; they are read anew each time, so that edits count."""

    def __init__(self, project: Project, engine: Engine) -> None:
        self._project, self._engine = project, engine

    def questions(self, timeout: float) -> dict[str, Question]:  # noqa: ARG002 # files do not keep anybody waiting
        """Give all of them by name."""
        from lungkg.queries import load_catalogue  # noqa: PLC0415 # not everybody asks them

        return {
            query.name: Question(
                query.name, query.summary, {p.name: _about(p.help, p.expected) for p in query.parameters.values()}
            )
            for query in load_catalogue(self._project).values()
        }

    def text(self, name: str, given: Given, limit: int | None, timeout: float) -> str:
        """Give the SPARQL that is sent for these values."""
        return _without_header(self._bound(name, given, limit, timeout)[1])

    def answer(self, name: str, given: Given, limit: int | None, timeout: float) -> Reply:
        """Ask for the whole answer, or for its first rows."""
        form, text = self._bound(name, given, limit, timeout)
        answer = self._engine.query(text, choose_format(form, name=NAMES[form]), timeout=timeout)
        return Reply(form, answer.read())

    def _bound(self, name: str, given: Given, limit: int | None, timeout: float) -> tuple[str, str]:
        """Give the form and the text."""
        from lungkg.queries import load_query  # noqa: PLC0415
        from lungkg.queries.names import Names  # noqa: PLC0415
        from lungkg.queries.paging import Page, page_of  # noqa: PLC0415

        files = {path.stem: path for path in self._project.query_files()}
        if name not in files:
            raise unknown(name, files)
        canned = load_query(files[name], self._project)
        if limit is not None:
            check_limit(limit)
            page_of(canned, "1", "", "")  # an answer that has no pages has no first rows either
        text = canned.bind(given, self._project, Names.of_engine(self._engine, self._project, timeout=timeout))
        screen(text, fenced=getattr(self._engine, "fenced", False))
        return canned.form, text if limit is None else Page(limit).cut(text)


def _without_header(text: str) -> str:
    """Give a query without the `#+` lines above it.

    >>> _without_header("#+ summary: S\\n\\nASK {}\\n")
    'ASK {}'
    """
    lines = dropwhile(lambda line: line.startswith("#+") or not line.strip(), text.split("\n"))
    return "\n".join(lines).rstrip()


def _about(help: str, expected: str) -> str:
    return f"{help}: {expected}"


def check_limit(limit: int) -> None:
    """Raise BadParameter for what is no number of rows."""
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        raise BadParameter("limit", f"must be a number of rows, 1 or more, not {limit!r}")


def unknown(name: str, there: Iterable[str]) -> BadParameter:
    """Make the error for a query that is not there, with names that look alike, or all of them."""
    names = list(there)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
    return BadParameter("name", f"there is no canned query {name!r}; {hint}")


def texts(parameters: Mapping[str, object]) -> dict[str, list[str]]:
    """Write each value, or each of several, as a person would on the command line; None and "" are not given.

    >>> texts({"entity": "MSC", "number": [8, 14], "negated": True, "context": None})
    {'entity': ['MSC'], 'number': ['8', '14'], 'negated': ['true']}
    """
    given = {}
    for name, value in parameters.items():
        if isinstance(value, bytes | Mapping):
            raise BadParameter(name, f"takes a text, a number, a date or a list of them, not {value!r:.80}")
        several = list(value) if isinstance(value, Iterable) and not isinstance(value, str) else [value]
        if isinstance(value, set | frozenset):
            several.sort(key=str)  # so that the same values make the same query
        written = [str(one).lower() if isinstance(one, bool) else str(one) for one in several if one is not None]
        if wanted := [one for one in written if one]:
            given[name] = wanted
    return given
