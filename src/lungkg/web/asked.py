"""A canned query as a request asks for it: the values of its parameters, and how the answer shall be."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote_to_bytes, urlencode

from flask import request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from lungkg.engines import choose_format, screen
from lungkg.engines.base import NotAcceptable
from lungkg.errors import BadParameter
from lungkg.formats import HTML, RESULTS, Format, by_name, table_for
from lungkg.limits import Limits
from lungkg.queries import CannedQuery
from lungkg.queries.names import Names
from lungkg.queries.paging import Page, cursor, page_of
from lungkg.queries.support import rows_in
from lungkg.web.answers import Asking, check_length, root, short_enough
from lungkg.web.service import Served
from lungkg.web.writers import CLAIMS, OBJECTS, plain

RESERVED: Final = ("format", "shape", "limit", "after", "timeout", "engine")
LONGEST_ADDRESS: Final = 8000  # characters; more is not sure to pass on its way

_FORM: Final = "application/x-www-form-urlencoded"
_JSON: Final = "application/json"

Values = dict[str, list[str]]
"""What was sent, by name, without empty values."""


@dataclass(frozen=True)
class Asked:
    """A canned query as it was asked for: the values of its parameters, and how the answer shall be.

    `suffix` is that of the address, `options` are the reserved names that were given.
    """

    query: CannedQuery
    suffix: str = ""
    given: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def formats(self) -> tuple[Format, ...]:
        """The formats that the answer can be had in, but for the page."""
        return (*table_for(self.query.form), *(CLAIMS if self.query.claims else ()))

    def format(self, accept: str) -> Format:
        """Choose the format: by the suffix of the address, by `format`, or by an Accept header.

        Raises NotAcceptable for one that cannot hold the answer, BadParameter when suffix and `format` disagree.
        """
        name = self.options.get("format", "").replace(" ", "+")  # a plus in a form is a blank when it is read
        if not self.suffix:
            more = [entry for entry in self.formats if entry not in table_for(self.query.form)]
            return choose_format(self.query.form, accept, name, also=(*more, HTML))
        offered = (*self.formats, HTML)
        found = next((entry for entry in offered if entry.suffix == self.suffix), None)
        if found is None:
            known = ", ".join(f".{entry.suffix}" for entry in offered)
            raise NotAcceptable(f"the answer to {self.query.name} cannot be had as .{self.suffix}; there are {known}")
        if name and by_name(name, (found,)) is None:
            raise BadParameter("format", f"says {name[:40]!r}, and the address ends in .{self.suffix}; leave one out")
        return found

    def shaped(self, chosen: Format) -> Format:
        """Give the format that `shape` makes of the one that was chosen. Raises BadParameter when it makes none."""
        shape = self.options.get("shape", "")
        if not shape:
            return chosen
        if shape != "objects":
            raise BadParameter("shape", f"must be objects, or be left out, not {shape[:40]!r}")
        if chosen.name != "json" or self.query.form not in ("SELECT", "ASK"):
            raise BadParameter("shape", f"is for JSON with rows; this answer is {chosen.name} of {self.query.form}")
        return OBJECTS

    def page(self, release: str) -> Page | None:
        """Read which page is asked for. Raises BadParameter."""
        return page_of(self.query, self.options.get("limit", ""), self.options.get("after", ""), release)

    def address(self, suffix: str | None = None, **more: str) -> str:
        """Write the path-absolute address that asks the same; `more` are options, which are left out when empty."""
        suffix = self.suffix if suffix is None else suffix
        kept = {name: self.options.get(name, "") for name in ("format", "shape", "limit", "after")} | more
        pairs = [(name, value) for name, values in self.given.items() for value in values]
        pairs += [(name, value) for name, value in kept.items() if value]
        path = f"{root()}/query/{self.query.name}{'.' if suffix else ''}{suffix}"
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def links(self, following: str | None) -> str:
        """Write the Link header: the description of the query, and the next page."""
        described = f'<{root()}/doc/query/{self.query.name}>; rel="describedby"'
        return f'<{following}>; rel="next", {described}' if following else described

    def next(self, page: Page | None, release: str) -> str | None:
        """Write the address of a page.

        What was sent in a body too long for an address has to be sent again: then there is the rest of it only.
        """
        if page is None:
            return None
        place = cursor(page, release)
        address = self.address(after=place)
        if len(address) <= LONGEST_ADDRESS or request.method != "POST":
            return address
        kept = [(name, value) for name, value in request.args.items(multi=True) if name != "after"]
        return f"{root()}{request.path}?{urlencode([*kept, ('after', place)])}"


# What is asked ------------------------------------------------------------------------------------


def bound(served: Served, asked: Asked, asking: Asking, limits: Limits, services: frozenset[str]) -> str:
    """Give the text to send. Raises BadParameter, and what a query of that text would be refused with."""
    text = asked.query.bind(asked.given, served.project, names(served, asking))
    screen(short_enough(text, limits), services, fenced=getattr(served.engine, "fenced", False))
    request.environ.setdefault("lungkg.notes", {})["text"] = text
    return text


def names(served: Served, asking: Asking) -> Names:
    """Look names up as long as the request may take."""

    def ask(text: str) -> list[dict[str, str]]:
        rows = rows_in(asking.query(text, RESULTS[0]).read())
        return [{name: term["value"] for name, term in row.items()} for row in rows]

    return Names(served.project, ask, served.engine)


def parameters(asked: Asked, found: Names) -> dict[str, Any]:
    """Give the values as they are bound: IRIs of things, numbers, truths and texts."""
    told = {name: [plain(term) for term in terms] for name, terms in asked.query.terms(asked.given, found).items()}
    return {name: bare if asked.query.parameters[name].many else bare[0] for name, bare in told.items()}


# Requests ----------------------------------------------------------------------------------------


def sort(query: CannedQuery, suffix: str, values: Values) -> Asked:
    """Tell parameters from options; what is neither is left out, and `check_names` says so."""
    given = {name: tuple(values[name]) for name in query.parameters if name in values}
    options: dict[str, str] = {name: values[name][0] for name in RESERVED if name in values}
    return Asked(query, suffix, given, options)


def check_names(query: CannedQuery, values: Values) -> None:
    """Raise BadParameter for names that are neither parameters nor options, and for options given twice."""
    for name, several in values.items():
        if name not in query.parameters and (name not in RESERVED or name == "engine"):
            raise BadParameter(shown(name), f"is unknown; {query.name} has {_known(query)}")
        if name in RESERVED and len(several) > 1:
            raise BadParameter(name, f"is given {len(several)} times")


def _known(query: CannedQuery) -> str:
    own = ", ".join(query.parameters) or "no parameters"
    example = f"; for example {root()}/query/{query.name}?{urlencode(query.examples, doseq=True)}"
    return own + (example if query.examples else "")


def read(limits: Limits, query: CannedQuery) -> Values:
    """Read what was sent in the address, in a form or as JSON; a value that is empty counts as not given.

    Raises BadRequest, UnsupportedMediaType and RequestEntityTooLarge, and BadParameter for what JSON cannot say.
    """
    _check_utf8(request.query_string, "address")
    pairs = list(request.args.items(multi=True))
    if request.method == "POST":
        check_length(limits)
        body = request.get_data(cache=True)
        if request.mimetype == _FORM:
            _check_utf8(body, "form")
            pairs += request.form.items(multi=True)
        elif request.mimetype == _JSON:
            return _joined(pairs, query, _members(body))
        elif body or request.mimetype:
            raise UnsupportedMediaType(f"Send the parameters as {_FORM} or as {_JSON}.")
    return _joined(pairs, query, [])


def _joined(pairs: list[tuple[str, str]], query: CannedQuery, exact: list[tuple[str, str]]) -> Values:
    """Group values by name; a list in a text area has one value a line."""
    values: Values = {}
    for name, value in pairs:
        parameter = query.parameters.get(name)
        in_lines = parameter is not None and parameter.many and parameter.kind != "literal"
        for each in value.splitlines() if in_lines else [value]:
            values.setdefault(name, []).append(each.strip() if in_lines else each)
    for name, value in exact:
        values.setdefault(name, []).append(value)
    kept = {name: [value for value in several if value] for name, several in values.items()}
    return {name: several for name, several in kept.items() if several or name not in (*query.parameters, *RESERVED)}


def _check_utf8(encoded: bytes, what: str) -> None:
    """Refuse percent-encoded text that is no UTF-8; Flask would put replacement characters in its place."""
    try:
        unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError as error:
        raise BadRequest(f"The {what} is not UTF-8 text (byte {error.start}).") from None


def _members(body: bytes) -> list[tuple[str, str]]:
    """Read the members of a JSON object as pairs of name and value; numbers stay as they are written."""

    def no_constant(name: str) -> str:
        raise ValueError(f"{name} is no JSON")

    try:
        read = json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=_Members,
            parse_int=str,
            parse_float=str,
            parse_constant=no_constant,
        )
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"The body is no JSON: {shown(str(error))}.") from None
    if not isinstance(read, _Members):
        raise BadRequest('The body must be a JSON object with the parameters, such as {"name": "value"}.')
    return [(name, _text(name, each)) for name, value in read for each in _each(value)]


class _Members(list[tuple[str, Any]]):
    """The members of a JSON object, each as often as it is there."""


def _each(value: object) -> list[Any]:
    return value if isinstance(value, list) and not isinstance(value, _Members) else [value]


def _text(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        raise BadParameter(shown(name), "must be a text, a number, true, false, or a list of these")
    if shown(value, len(value)) != value:
        raise BadParameter(shown(name), "holds half a character (a lone surrogate)")
    return value


def shown(text: str, most: int = 80) -> str:
    """Give a text of any kind so that it can be sent: short, and without what UTF-8 cannot hold."""
    return text[:most].encode(errors="replace").decode()
