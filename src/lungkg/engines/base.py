"""What every engine promises, and the checks that come before any engine sees a query."""

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final, Protocol, Self

from lungkg import lexer
from lungkg.errors import QueryError, QueryRefused, QuerySyntaxError
from lungkg.formats import Format, by_name, negotiate, table_for

DEFAULT_TIMEOUT: Final = 30.0  # seconds
MAX_QUERY_BYTES: Final = 1_000_000
MAX_NESTING: Final = 200

_NO_HELP: Final = frozenset({"LATERAL", "SERVICE"})  # possible almost anywhere, but neither SPARQL 1.1 nor allowed
_OXIGRAPH_ERROR: Final = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)


class NotAcceptable(QueryError):
    """No format that was asked for can hold the answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, written in the format that was asked for.

    It is in memory (`body`), or in an unnamed file at its start (`file`) when it is long. `rows` counts
    rows or triples where that is known without reading the answer again. `lane` says who answered,
    `waited` and `worked` are seconds.
    """

    body: bytes
    format: Format
    file: BinaryIO | None = None
    size: int = -1
    digest: str = ""
    rows: int | None = None
    lane: str = ""
    waited: float = 0.0
    worked: float = 0.0

    def __post_init__(self) -> None:
        """Measure and hash an answer in memory where its engine did not."""
        if self.file is None and self.size < 0:
            object.__setattr__(self, "size", len(self.body))
        if self.file is None and not self.digest:
            object.__setattr__(self, "digest", hashlib.blake2b(self.body, digest_size=16).hexdigest())

    @property
    def content(self) -> bytes:
        """The whole answer as bytes, however long it is; a file stays open."""
        return self.body if self.file is None else b"".join(self.chunks())

    def read(self) -> bytes:
        """Give the whole answer as bytes and close its file: for those who need it no more."""
        try:
            return self.content
        finally:
            if self.file is not None:
                self.file.close()

    def chunks(self, length: int = 2**18) -> Iterator[bytes]:
        """Yield the answer piece by piece; a file is read from its start and stays open."""
        if self.file is None:
            yield self.body
            return
        self.file.seek(0)
        while piece := self.file.read(length):
            yield piece


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
        client: str = "",
        cancelled: Callable[[], bool] | None = None,
    ) -> Answer:
        """Answer one query that went through `screen`, or stop it after `timeout` seconds.

        `client` names who asks, for fair shares; `cancelled` says whether the answer is still wanted.
        Raises QuerySyntaxError, NotAcceptable, AnswerTooLong, or an EngineError such as EngineTimeout,
        EngineBusy, EngineDied, Cancelled.
        """

    def ready(self) -> bool:
        """Say whether queries are answered; raises EngineError, with the reason, when they cannot be."""

    def close(self) -> None:
        """Let go of workers and files."""

    def __enter__(self) -> Self:
        """Give the engine itself."""

    def __exit__(self, *failure: object) -> None:
        """Close it."""


def screen(text: str, services: Collection[str] = (), *, fenced: bool = False) -> str:
    """Refuse what no engine may run, and give the form of the query: SELECT, ASK, CONSTRUCT or DESCRIBE.

    `services` are the addresses that SERVICE may call; none unless somebody allowed them. `fenced` says that the
    engine cannot call anybody: then SERVICE in strings and comments passes. Otherwise it does not, because there
    are texts that an engine's parser reads in another way than a lexer.
    Raises QueryRefused for updates and SERVICE, QuerySyntaxError for what is no query at all.
    """
    if "\x00" in text:
        raise QuerySyntaxError("the query contains a NUL character", hint="Remove it.")
    plain = lexer.unescape(text)
    # Few brackets cannot nest deep: most queries are spared the count.
    if _brackets(text) > MAX_NESTING and max(map(lexer.deepest_nesting, {plain, text})) > MAX_NESTING:
        raise QuerySyntaxError(f"brackets nest deeper than {MAX_NESTING}", hint="Flatten the query.")
    form = lexer.form(plain)
    if form == "UPDATE":
        raise QueryRefused("updates are refused: the graph changes only by its sources and a build")
    if not form:
        raise QuerySyntaxError("this is no SPARQL query", hint="A query has SELECT, ASK, CONSTRUCT or DESCRIBE in it.")
    # A fenced engine fails where SERVICE would call, but SERVICE SILENT would hide that it did.
    trusting = fenced and "SILENT" not in plain.upper()
    if lexer.has_keyword(plain, "SERVICE") or (not trusting and calls_out(text)):
        _check_services(plain, services)
    return form


def _brackets(text: str) -> int:
    """Count what can open a bracket, escaped or not."""
    return sum(text.count(mark) for mark in "{([") + text.count("\\u") + text.count("\\U")


def calls_out(text: str) -> bool:
    """Say whether a query may hold a SERVICE clause."""
    plain = lexer.unescape(text)
    return lexer.has_keyword(plain, "SERVICE") or lexer.may_call_out(text) or lexer.may_call_out(plain)


def _check_services(text: str, services: Collection[str]) -> None:
    """Let SERVICE pass only where every place that could be one names an allowed address in full."""
    if not services:
        raise QueryRefused("SERVICE is refused: this endpoint does not call other servers")
    calls = lexer.calls(text)
    if calls is None or not set(calls) <= set(services):
        allowed = ", ".join(f"<{address}>" for address in sorted(services))
        raise QueryRefused(f"SERVICE is refused, but for these addresses, written in full: {allowed}")


def choose_format(form: str, accept: str = "", name: str = "", *, also: tuple[Format, ...] = ()) -> Format:
    """Choose the format for the answer to a query of this form; `name` overrules the Accept header.

    `also` are formats that the asker can write besides those of the form; they lose every tie.

    Raises NotAcceptable with the formats that there are.
    """
    table = (*table_for(form), *also)
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
    readable = [word for word in words if re.fullmatch(r"[A-Za-z_ ]+", word) and word not in _NO_HELP]
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
