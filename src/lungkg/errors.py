"""Every error that lungkg raises on purpose, and where in a file it came from.

    LungkgError
    ├── InputError          the sources do not read or do not fit together: one or more Problems
    ├── QueryError          a query that the asker can mend
    │   ├── QuerySyntaxError   line and column of the mistake
    │   │   └── UnreadableData    what a visitor sent to be validated cannot be read
    │   ├── QueryTooDeep       the engine cannot follow so many steps in one another
    │   ├── DataTooDeep        nor can a validation, in the data or the shapes of a visitor
    │   ├── DataTooLong        nor are so many bytes or triples taken
    │   ├── QueryRefused       updates, LOAD, SERVICE: never allowed here
    │   ├── AnswerTooLong      the whole answer would pass its limit, so none is given
    │   └── BadParameter       a canned query's parameter is missing, unknown or of the wrong kind
    ├── EngineError         the engine did not answer
    │   ├── Cancelled          nobody waits for the answer any more
    │   ├── EngineBusy         too many queries wait already
    │   ├── EngineTimeout      the deadline passed and the query was stopped
    │   │   └── ValidationTimeout  so was a visitor's validation
    │   ├── EngineDied         the query needed more memory than a worker may have
    │   │   └── ValidationDied     so did a visitor's validation
    │   ├── EngineUnreachable  a remote engine is down or too busy
    │   └── EngineFault        a remote engine answered, but with no whole answer to what was asked
    └── SystemProblem       no release, no disk, no Java, a build already running

Data that reads well but breaks a shape is no error: it is a report (lungkg.report).
"""

from dataclasses import dataclass
from pathlib import Path


class LungkgError(Exception):
    """Parent of all errors that are told to the user in a sentence, never as a stack trace."""


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in a file, or in what was fetched from `url`; line and column count from 1, 0 means the whole."""

    path: Path
    line: int = 0
    column: int = 0
    url: str = ""

    @property
    def name(self) -> str:
        """The file or address, without the spot in it."""
        return self.url or str(self.path)

    def __str__(self) -> str:
        parts = [self.name]
        if self.line:
            parts.append(str(self.line))
            if self.column:
                parts.append(str(self.column))
        return ":".join(parts)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in the sources: where, what, and what to do about it.

    `instead` is what could be written in place of the value or the key at the place, `before` what could be
    written before it; both as the file's format has them. `words` do not stand in the text `among`, where
    others may be alike.
    """

    place: Place
    what: str
    hint: str = ""
    instead: str = ""
    before: str = ""
    words: str = ""
    among: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.what}" + (f"\n    {self.hint}" if self.hint else "")


class InputError(LungkgError):
    """The sources cannot be used; carries every problem that was found, in reading order."""

    def __init__(self, problems: list[Problem]) -> None:
        if not problems:
            raise ValueError("an InputError needs at least one Problem")
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))

    @classmethod
    def at(cls, place: Place, what: str, hint: str = "") -> "InputError":
        """Make the error for a single problem."""
        return cls([Problem(place, what, hint)])


class QueryError(LungkgError):
    """A query that cannot be answered as it stands."""


class QuerySyntaxError(QueryError):
    """The query is not SPARQL 1.1; line and column count from 1, 0 when they are not known."""

    def __init__(self, message: str, line: int = 0, column: int = 0, source: str = "", hint: str = "") -> None:
        self.message, self.line, self.column, self.source, self.hint = message, line, column, source, hint
        place = f"line {line}" + (f", column {column}" if column else "") if line else ""
        shown = f"{place}: {message}" if place else message
        if source and not column:
            shown += f"\n    {source}"
        elif source:
            shown += f"\n    {source}\n    {' ' * (column - 1)}^"
        super().__init__(shown + (f"\n{hint}" if hint else ""))


class QueryTooDeep(QueryError):
    """A query with more steps within steps than an engine's stack can hold; thousands of operators in a row do it."""

    def __init__(self) -> None:
        super().__init__(
            "the query has more steps, one within the other, than the engine can follow; "
            "write long chains of operators as VALUES or IN, and ask in parts"
        )


class UnreadableData(QuerySyntaxError):
    """Data or shapes that a visitor sent cannot be read, or the shapes cannot be used; `file` says which of them."""

    def __init__(
        self, file: str, message: str, line: int = 0, column: int = 0, source: str = "", hint: str = ""
    ) -> None:
        self.file = file
        super().__init__(f"{file}: {message}", line, column, source, hint)


class DataTooDeep(QueryError):
    """Data or shapes with more steps within steps than can be followed."""

    def __init__(self) -> None:
        super().__init__("the data or the shapes nest deeper than can be followed; write them flatter")


class DataTooLong(QueryError):
    """Data or shapes that a visitor sent are larger than what is taken."""


class QueryRefused(QueryError):
    """Well-formed SPARQL that is never run here."""


class BadParameter(QueryError):
    """A parameter of a request or of a canned query is missing, unknown or of the wrong kind."""

    def __init__(self, name: str, message: str) -> None:
        self.name = name
        super().__init__(f"parameter {name}: {message}")


class AnswerTooLong(QueryError):
    """The answer is longer than an answer may be; nothing of it is given."""

    def __init__(self, megabytes: int) -> None:
        self.megabytes = megabytes
        super().__init__(
            f"the answer is longer than its limit of {megabytes} MB; "
            "add a LIMIT, ask in parts, or fetch the whole dataset instead"
        )


class EngineError(LungkgError):
    """The engine gave no answer."""


class Cancelled(EngineError):
    """The query was stopped because its client has gone; nobody reads this."""

    def __init__(self) -> None:
        super().__init__("the query was stopped: its client has gone")


class EngineBusy(EngineError):
    """Too much is asked at once; the same query may be answered a little later."""


class EngineTimeout(EngineError):
    """The query was stopped at its deadline."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(
            f"the query was stopped after its limit of {seconds:g} seconds; "
            "narrow it down, or add a LIMIT without ORDER BY"
        )


class EngineDied(EngineError):
    """The worker that ran the query died, almost always at its memory limit."""

    def __init__(self, megabytes: int) -> None:
        self.megabytes = megabytes
        super().__init__(
            f"the query was stopped because it needed more than its limit of {megabytes} MB of memory; "
            "narrow it down, or avoid ORDER BY and GROUP BY over many rows"
        )


class ValidationTimeout(EngineTimeout):
    """A visitor's validation was stopped at its deadline."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        LungkgError.__init__(
            self,
            f"the validation was stopped after its limit of {seconds:g} seconds; "
            "send less data, or choose fewer shapes, or run `lungkg validate` on your own machine",
        )


class ValidationDied(EngineDied):
    """The process of a visitor's validation died, almost always at its memory limit."""

    def __init__(self, megabytes: int) -> None:
        self.megabytes = megabytes
        LungkgError.__init__(
            self,
            f"the validation was stopped because it needed more than its limit of {megabytes} MB of memory; "
            "send less data, or run `lungkg validate` on your own machine",
        )


class EngineUnreachable(EngineError):
    """A remote engine is down, cannot be found or trusted, or is too busy."""

    def __init__(self, url: str, why: str, hint: str = "") -> None:
        self.url, self.why = url, why
        super().__init__(f"{url} cannot be reached: {why}" + (f"\n{hint}" if hint else ""))


class EngineFault(EngineError):
    """A remote engine gave no answer, half an answer, or something else than what was asked for."""

    def __init__(self, url: str, what: str, hint: str = "") -> None:
        self.url, self.what = url, what
        super().__init__(f"{url} {what}" + (f"\n{hint}" if hint else ""))


class SystemProblem(LungkgError):
    """Something around lungkg is missing: a release, a lock, a Java runtime, disk space."""
