"""What every engine promises, and the checks that come before any engine sees a query."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, Self

from lungkg import lexer
from lungkg.errors import QueryError, QueryRefused, QuerySyntaxError
from lungkg.formats import Format, by_name, negotiate, table_for

DEFAULT_TIMEOUT: Final = 30.0  # seconds
MAX_QUERY_BYTES: Final = 1_000_000
MAX_NESTING: Final = 200

_OXIGRAPH_ERROR: Final = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)


class NotAcceptable(QueryError):
    """No format that was asked for can hold the answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, written in the format that was asked for."""

    content: bytes
    format: Format


class Engine(Protocol):
    """Answers SPARQL 1.1 queries; the default graph of a query without FROM is the union of all graphs."""

    def query(
        self,
        text: str,
        format: Format,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> Answer:
        """Answer one query that went through `screen`, or stop it after `timeout` seconds.

        Raises QuerySyntaxError, EngineTimeout, EngineDied or another EngineError.
        """

    def close(self) -> None:
        """Let go of workers and files."""

    def __enter__(self) -> Self:
        """Give the engine itself."""

    def __exit__(self, *failure: object) -> None:
        """Close it."""


def screen(text: str) -> str:
    """Refuse what no engine may run, and give the form of the query: SELECT, ASK, CONSTRUCT or DESCRIBE.

    Raises QueryRefused for updates and SERVICE, QuerySyntaxError for what is no query at all.
    """
    if "\x00" in text:
        raise QuerySyntaxError("the query contains a NUL character", hint="Remove it.")
    plain = lexer.unescape(text)
    if max(lexer.deepest_nesting(plain), lexer.deepest_nesting(text)) > MAX_NESTING:
        raise QuerySyntaxError(f"brackets nest deeper than {MAX_NESTING}", hint="Flatten the query.")
    form = lexer.form(plain)
    if form == "UPDATE":
        raise QueryRefused("updates are refused: the graph changes only by its sources and a build")
    if not form:
        raise QuerySyntaxError("this is no SPARQL query", hint="A query has SELECT, ASK, CONSTRUCT or DESCRIBE in it.")
    if lexer.has_keyword(plain, "SERVICE") or lexer.may_call_out(text) or lexer.may_call_out(plain):
        raise QueryRefused("SERVICE is refused: this endpoint does not call other servers")
    return form


def choose_format(form: str, accept: str = "", name: str = "") -> Format:
    """Choose the format for the answer to a query of this form; `name` overrules the Accept header.

    Raises NotAcceptable with the formats that there are.
    """
    table = table_for(form)
    found = by_name(name, table) if name else negotiate(accept, table)
    if found is None:
        offered = ", ".join(f"{entry.name} ({entry.media_type})" for entry in table)
        asked = f"format {name!r}" if name else f"Accept: {accept}"
        raise NotAcceptable(f"the answer to {form} cannot be written as {asked}; there are {offered}")
    return found


def syntax_error(error: SyntaxError, text: str, prefixes: Mapping[str, str]) -> QuerySyntaxError:
    """Turn the parser's error into one that shows the line, and the PREFIX line that is missing."""
    message = str(error)
    match = _OXIGRAPH_ERROR.match(message)
    if not match:
        return QuerySyntaxError(message)
    line, column, expected = int(match[1]), int(match[2]), match[3]
    lines = text.split("\n")
    source = lines[line - 1] if line <= len(lines) else ""
    if "Prefix not found" in expected:
        return _missing_prefix(line, column, source, prefixes)
    words = [
        word for word in re.split(r",\s*|\s+or\s+", expected.removeprefix("expected ").removeprefix("one of ")) if word
    ]
    readable = [word for word in words if re.fullmatch(r"[A-Za-z_ ]+", word)]
    found = source[column - 1 : column + 14].split(" ")[0] if column <= len(source) else ""
    what = f"{found!r} is not expected here" if found else "the query ends too early or something is missing here"
    if readable:
        what += f"; possible are: {', '.join(readable[:6])}"
    return QuerySyntaxError(what, line, column, source)


def _missing_prefix(line: int, column: int, source: str, prefixes: Mapping[str, str]) -> QuerySyntaxError:
    name = next((t for t in lexer.tokens(source) if t.kind == "name" and t.start + len(t.text) >= column - 1), None)
    prefix = name.text.partition(":")[0] if name else ""
    namespace = prefixes.get(prefix)
    hint = f"Add this line: PREFIX {prefix}: <{namespace}>" if namespace else "Declare it with a PREFIX line."
    return QuerySyntaxError(
        f"the prefix {prefix}: is not declared", line, name.start + 1 if name else column, source, hint
    )
