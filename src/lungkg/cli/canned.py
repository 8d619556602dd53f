"""`lungkg query`: the canned queries as commands, each with the options and the help that its file makes."""

import difflib
import json
import shlex
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import click

from lungkg.cli.ask import Manner, answer_options
from lungkg.cli.catalogue import listed, metavar, needed
from lungkg.cli.engine import engine_options, open_engine
from lungkg.cli.options import open_project, project_options
from lungkg.cli.output import write
from lungkg.cli.show import err
from lungkg.engines import Answer, Engine, screen
from lungkg.errors import BadParameter
from lungkg.formats import GRAPHS, RESULTS
from lungkg.limits import ONE_QUERY
from lungkg.project import Project
from lungkg.queries import CannedQuery, Parameter, load_catalogue, load_query
from lungkg.queries.listing import about, search
from lungkg.queries.names import Names
from lungkg.queries.paging import Page, answer_page, page_of
from lungkg.queries.support import claims_of, rows_in
from lungkg.release import current
from lungkg.service_description import prefixes
from lungkg.web.examples import without_header
from lungkg.web.writers import CLAIMS, OBJECTS, evidence, objects, plain

_NARROWEST: Final = 20  # characters that a column of text needs to be read
_LOADED: Final = "lungkg.catalogue"  # where a command keeps what it has read

_BEFORE: Final = frozenset({"--project", "--base", "--out", "--engine", "--union", "--user", "--password-env"})

# After \b, click leaves the lines of a paragraph as they are.
_WHERE: Final = "\b\n--project, --base, --out and --engine stand before the name:\n  lungkg query --project DIR {} …"
_LIST_NOTE: Final = "lungkg query NAME --help says what an answer holds and what is to be given."


class _Place:
    """What is asked: a project, its canned queries, and where its releases are."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.project, self._home = open_project(*(options.get(name) for name in ("folder", "base", "out")))
        self._engine: dict[str, Any] = {name: options.get(name) for name in ("url", "union", "user", "variable")}

    @cached_property
    def files(self) -> dict[str, Path]:
        """The files of the queries by their names."""
        return {path.stem: path for path in self.project.query_files()}

    @cached_property
    def catalogue(self) -> Mapping[str, CannedQuery]:
        """All queries by name. Raises InputError."""
        return load_catalogue(self.project)

    def find(self, name: str) -> CannedQuery | None:
        """Read one query, and no other file: that is faster. Raises InputError."""
        return load_query(self.files[name], self.project) if name in self.files else None

    @contextmanager
    def opened(self) -> Iterator[tuple[Engine, str]]:
        """Open the engine that the options name; gives it with the id of its release, empty where nobody knows."""
        with open_engine(self.project, self._home, **self._engine, limits=ONE_QUERY) as engine:
            release = None if self._engine["url"] else current(self._home)
            yield engine, release.id if release else ""


class _Catalogue(click.Group):
    """The canned queries as commands; they are read from the project when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_place(ctx).files)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = _place(ctx)
        found = place.find(cmd_name)
        return None if found is None else _command(found, place)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Give --help, which waits for --project before it, for it lists the queries of that project."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.is_eager = False
        return option

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        name = args[0]
        if not name.startswith("-") and name not in _place(ctx).files:
            ctx.fail(_unknown(name, _place(ctx).catalogue))
        return super().resolve_command(ctx, args)


def _place(ctx: click.Context) -> _Place:
    """Read the project that the options of `lungkg query` name, once."""
    place: _Place = ctx.meta.setdefault(_LOADED, None) or _Place(ctx.params)
    ctx.meta[_LOADED] = place
    return place


def _unknown(name: str, catalogue: Mapping[str, CannedQuery]) -> str:
    near = difflib.get_close_matches(name, catalogue, n=3) or [query.name for query in search(catalogue, name)][:3]
    hint = f"did you mean {' or '.join(near)}?" if near else "`lungkg query` lists all."
    return f"there is no canned query {name!r}; {hint}"


@click.group(cls=_Catalogue, invoke_without_command=True, subcommand_metavar="[NAME [PARAMETERS]]")
@project_options
@engine_options
@click.option(
    "--search",
    "words",
    metavar="WORDS",
    help="List only the queries with these words in name, question, description, parameters or tags.",
)
@click.option("--json", "as_json", is_flag=True, help="List them as JSON.")
@click.pass_context
def query(ctx: click.Context, /, words: str | None, as_json: bool, **options: Any) -> None:  # noqa: ARG001 # `_place` reads them
    """Ask the newest release, or another SPARQL endpoint, one of the canned queries; without NAME, list them."""
    if ctx.invoked_subcommand is not None:
        if words is not None or as_json:
            raise click.UsageError("--search and --json are for the list of queries; for an answer: --format json.")
        return
    catalogue = _place(ctx).catalogue
    found = list(catalogue.values()) if words is None else search(catalogue, words)
    if as_json:
        _say(json.dumps({"queries": [about(one) for one in found]}, ensure_ascii=False, indent=2))
    elif found:
        _say(listed(found))
        err.print(_LIST_NOTE, soft_wrap=True)
    elif catalogue:
        err.print(f"none of the {len(catalogue)} canned queries says {words!r}", markup=False, soft_wrap=True)
    else:
        err.print("this project has no canned queries: a .rq file in queries/ is one", soft_wrap=True)


def _say(text: str) -> None:
    write([f"{text}\n".encode()])


# One query ---------------------------------------------------------------------------------------


class _Command(click.Command):
    """A canned query: its parameters stand apart from the options that every query has."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options; one of `lungkg query` itself is told where to stand."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if error.option_name not in _BEFORE:
                raise
            hint = f"{error.option_name} stands before the name: lungkg query {error.option_name} … {self.name} …"
            raise click.UsageError(hint, ctx) from None

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write both lists."""
        shown = [(option, option.get_help_record(ctx)) for option in self.get_params(ctx)]
        for title, is_parameter in (("Parameters", True), ("Options", False)):
            records = [record for option, record in shown if record and isinstance(option, _Option) is is_parameter]
            if records:
                with formatter.section(title):
                    _write_options(formatter, records)


def _write_options(formatter: click.HelpFormatter, records: Sequence[tuple[str, str]]) -> None:
    """Write what each option means beside it; unlike click's own list this one never breaks a name at a hyphen."""
    column = max(len(option) for option, _ in records) + 2
    indent = " " * formatter.current_indent
    for option, meaning in records:
        width = max(formatter.width - len(indent) - column, _NARROWEST)
        first, *rest = textwrap.wrap(meaning, width, break_on_hyphens=False, break_long_words=False) or [""]
        formatter.write(f"{indent}{option:<{column}}{first}\n")
        for line in rest:
            formatter.write(f"{indent}{'':<{column}}{line}\n")


class _Option(click.Option):
    """A parameter of a canned query."""


def _command(canned: CannedQuery, place: _Place) -> click.Command:
    def ask(
        format_name: str | None,
        output_path: Path | None,
        time_limit: float,
        row_limit: int | None,
        shape: str | None,
        only_text: bool,
        **values: str | tuple[str, ...] | None,
    ) -> None:
        given = {name: value for name, value in values.items() if value}
        canned.check(given)  # what is wrong with the values is said before anything is started
        page = None
        if row_limit is not None:
            page_of(canned, "1", "", "")  # an answer that has no pages has no first rows either
            page = Page(row_limit)
        asking = _Asking(canned, place.project, given, page, time_limit)
        if only_text:
            with place.opened() as (engine, _):
                _say(without_header(asking.text(engine)).rstrip())
            return
        manner = _manner(canned, shape, format_name, output_path)
        with place.opened() as (engine, release):
            asking.show(engine, release, manner, in_objects=shape is not None)

    return _Command(
        canned.name,
        callback=ask,
        params=[*map(_option, canned.parameters.values()), *_options(canned)],
        help=f"{canned.summary}\n\n{canned.description}\n\n{_example(canned)}",
        short_help=canned.summary,
        epilog=_WHERE.format(canned.name),
    )


def _example(canned: CannedQuery) -> str:
    """Write the competency question as a command."""
    words = [f"--{name} {shlex.quote(value)}" for name, values in canned.examples.items() for value in values]
    return "\b\n" + f"For example: {canned.question}\n  " + " ".join(["lungkg query", canned.name, *words])


def _option(parameter: Parameter) -> click.Option:
    """Make the option of a parameter; what its value must be is checked where all faces check it."""
    notes = [parameter.expected] if not parameter.choices else [f"one of {', '.join(map(_choice, parameter.choices))}"]
    if parameter.example and not parameter.choices:
        notes.append(f"for example {' or '.join(parameter.example)}")
    if parameter.many:
        notes.append("may be given again")
    state = (
        "  [required]"
        if needed(parameter)
        else f"  [default: {', '.join(parameter.default)}]" * bool(parameter.default)
    )
    return _Option(
        [f"--{parameter.name}", parameter.name],
        help=f"{parameter.help}: {'; '.join(notes)}{state}",
        metavar=metavar(parameter),
        multiple=parameter.many,
    )


def _choice(choice: Any) -> str:
    return choice.value if choice.label == choice.value else f"{choice.value} ({choice.label})"


def _options(canned: CannedQuery) -> list[click.Option]:
    """Make the options that every canned query has; what makes no sense for this one is not in its help."""
    rows = canned.form in ("SELECT", "ASK")
    formats = "table, json, xml, csv, tsv" if rows else ", ".join(entry.name for entry in GRAPHS)
    behind = "; trig and nquads give the claims that the rows rest on" if canned.claims else ""
    default = "a table in a terminal, else csv" if rows else "turtle"
    return [
        *answer_options(f"{formats}{behind}.  [default: {default}]"),
        click.Option(
            ["--shape"],
            type=click.Choice([OBJECTS.name]),
            hidden=not rows,
            help="Write JSON for programs: a list of rows with plain values, numbers as numbers.",
        ),
        click.Option(
            ["--limit", "row_limit"],
            type=click.IntRange(1),
            metavar="ROWS",
            hidden=not canned.key,
            help="Give the first rows only.  [default: all]",
        ),
        click.Option(["--sparql", "only_text"], is_flag=True, help="Print the SPARQL instead of asking it."),
    ]


# Asking ------------------------------------------------------------------------------------------


def _manner(canned: CannedQuery, shape: str | None, name: str | None, path: Path | None) -> Manner:
    """Choose the format; claims behind the rows have those of graphs with names."""
    also = CLAIMS if canned.claims else ()
    if shape is not None:
        if canned.form not in ("SELECT", "ASK"):
            raise BadParameter("shape", f"is for rows; the answer to {canned.name} is a graph")
        name = name or "json"
    manner = Manner.of(canned.form, name, path, also=also)
    if shape is not None and manner.format is not RESULTS[0]:
        raise BadParameter("shape", f"is one of JSON, and the format is {manner.format.name}")
    return manner


@dataclass(frozen=True, slots=True)
class _Asking:
    """A canned query with its values, and which rows of its answer are wanted."""

    canned: CannedQuery
    project: Project
    given: Mapping[str, str | tuple[str, ...]]
    page: Page | None
    timeout: float

    def names(self, engine: Engine) -> Names:
        """Look names up where the query is asked."""
        return Names.of_engine(engine, self.project, timeout=self.timeout)

    def text(self, engine: Engine) -> str:
        """Give the SPARQL that is sent, with what keeps it to the first rows."""
        text = self.whole(engine)
        return text if self.page is None else self.page.cut(text)

    def whole(self, engine: Engine) -> str:
        """Give the SPARQL for all rows. Raises BadParameter, or QueryRefused for a value that looks like a call."""
        text = self.canned.bind(self.given, self.project, self.names(engine))
        screen(text, fenced=getattr(engine, "fenced", False))
        return text

    def show(self, engine: Engine, release: str, manner: Manner, *, in_objects: bool) -> None:
        """Ask and write the answer to where it goes; what was left out by --limit is told beside it."""
        behind = manner.format in CLAIMS
        written = RESULTS[0] if behind else manner.format
        part = answer_page(engine, self.whole(engine), written, self.page, timeout=self.timeout)
        answer = part.answer
        if behind:
            claims = claims_of(self.canned, rows_in(answer.content))
            pieces = evidence(engine, claims, manner.format, prefixes(self.project))
            answer = Answer(b"".join(pieces), manner.format)
        elif in_objects:
            about = {"query": self.canned.name, "release": release or None, "parameters": self.bound(engine)}
            answer = Answer(b"".join(objects(answer, about, None)), manner.format)
        if part.after is not None and manner.format is RESULTS[0] and not manner.for_people:
            more = {"truncated": True}
            cut = more | json.loads(answer.content) | more  # before the rows: some readers refuse what stands behind
            answer = Answer(json.dumps(cut, ensure_ascii=False).encode(), manner.format)
        manner.show(answer, self.project.prefixes)
        if part.after is not None:
            err.print(f"the first {part.after.start:,} rows; without --limit there are all", soft_wrap=True)

    def bound(self, engine: Engine) -> dict[str, Any]:
        """Give the values that are sent, defaults among them: IRIs of things, numbers, truths and texts."""
        found = self.canned.terms(self.given, self.names(engine))
        told = {name: [plain(term) for term in terms] for name, terms in found.items()}
        return {name: bare if self.canned.parameters[name].many else bare[0] for name, bare in told.items()}
