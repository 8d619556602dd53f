"""What a request to /validate asks for, in all the ways that it can be sent: an address, a form, a file, a body."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote_to_bytes

from flask import request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from lungkg.engines.base import NotAcceptable
from lungkg.errors import BadParameter, DataTooLong
from lungkg.formats import GRAPHS, HTML, Format, by_name, negotiate
from lungkg.limits import Limits
from lungkg.report import SEVERITIES
from lungkg.reporting import GROUPS
from lungkg.reporting.listing import visible
from lungkg.sandbox import Text
from lungkg.web.answers import timeout_from
from lungkg.web.offers import nearest

REPORTS: Final = (
    Format("json", "application/json", "json", ("text/json",)),
    Format("html", "text/html", "html", HTML.aliases, named_only=True),
    Format("turtle", "text/turtle", "ttl", GRAPHS[0].aliases, names=("n3",)),
    Format(
        "jsonl", "application/jsonl", "jsonl", ("application/x-ndjson", "application/x-jsonlines"), names=("ndjson",)
    ),
    Format("sarif", "application/sarif+json", "sarif"),
    Format("junit", "application/xml", "xml", ("text/xml", "application/junit+xml")),
    Format("csv", "text/csv", "csv"),
    Format("markdown", "text/markdown", "md"),
    Format("text", "text/plain", "txt"),
)
"""What a report can be had in, in the order that breaks ties; the names are those of `lungkg validate`."""

SHOWN: Final = 50
"""Findings that are shown to people unless they ask for more."""

KEPT: Final = ("data", "data-type", "own-shapes")
"""Fields of the form that stand in it again."""

MOST_ON_PAGE: Final = 500
EXAMPLES: Final = ("passing", "failing")
FAIL_ON: Final = tuple(severity.lower() for severity in SEVERITIES)

_FOR_PEOPLE: Final = ("html", "markdown", "text")
_FORM: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"
_RDF: Final = tuple(entry._replace(negotiable=True) for entry in GRAPHS)
_SUFFIXES: Final = {**{entry.suffix: entry for entry in _RDF}, "owl": by_name("rdfxml", _RDF)}
_MANY: Final = ("shapes",)
_SETTINGS: Final = ("url", "shapes", "format", "group", "limit", "fail-on", "timeout", "example")
_CONTENT: Final = ("data", "file", "data-type", "own-shapes", "own-shapes-file")
_LONGEST_NAME: Final = 100

Values = Mapping[str, list[str]]


@dataclass(frozen=True)
class Asked:
    """What is to be validated and how; `url` and `shapes` are as they were written, to be looked up in a release."""

    format: Format
    timeout: float
    data: Text | None = None
    url: str = ""
    shapes: tuple[str, ...] = ()
    own: Text | None = None
    group: str = ""
    limit: int = 0
    threshold: str = SEVERITIES[-1]
    example: str = ""
    written: Mapping[str, str] = field(default_factory=dict)
    """The texts that were pasted into the form, to be shown in it again."""

    @property
    def empty(self) -> bool:
        """Say whether nothing was given that could be validated."""
        return self.data is None and not self.url


def read(limits: Limits) -> Asked:
    """Read what was sent.

    Raises BadParameter, BadRequest, DataTooLong, NotAcceptable and UnsupportedMediaType.
    """
    _check_utf8(request.query_string, "address")
    for name in _CONTENT:
        if name in request.args:
            raise BadParameter(name, "is sent by POST: addresses stay in logs and histories")
    if request.method != "POST":
        return _asked(request.args, {}, limits)
    if request.environ.get("lungkg.too_long"):
        raise DataTooLong(f"The request is too long. {_taken(limits)}")
    if request.mimetype in (_FORM, _MULTIPART):
        if request.mimetype == _FORM:
            _check_utf8(request.get_data(cache=True), "form")
        values = MultiDict([*request.args.items(multi=True), *request.form.items(multi=True)])
        return _asked(values, _files(), limits)
    form = by_name(request.mimetype, _RDF) if request.mimetype else None
    if form is None or request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        known = ", ".join(entry.media_type for entry in _RDF)
        raise UnsupportedMediaType(
            f"Send RDF as {known}, in UTF-8; or a form ({_MULTIPART} or {_FORM}) with the field data, file or url."
        )
    body = request.get_data()
    return _asked(request.args, {"data": Text(f"data.{form.suffix}", form.media_type, body)}, limits)


def _asked(values: MultiDict[str, str], texts: Mapping[str, Text], limits: Limits) -> Asked:
    _check_names(values)
    one = {name: values[name].strip() for name in values if name not in _MANY and values[name].strip()}
    written = {name: values[name].replace("\r\n", "\n") for name in KEPT if one.get(name)}
    data = [texts[name] for name in ("data", "file") if name in texts]
    own = [texts[name] for name in ("own-shapes", "own-shapes-file") if name in texts]
    if "data" in written:
        form = _data_type(one.get("data-type", "turtle"))
        data.append(Text(f"data.{form.suffix}", form.media_type, written["data"].encode()))
    if "own-shapes" in written:
        own.append(Text("shapes.ttl", "text/turtle", written["own-shapes"].encode()))
    if len(data) + ("url" in one) > 1:
        raise BadParameter("data", "came in several ways; give one of data, file and url")
    if len(own) > 1:
        raise BadParameter("own-shapes", "came in several ways; give the text or the file")
    shapes = tuple(name.strip() for value in values.getlist("shapes") for name in value.split() if name.strip())
    if shapes and own:
        raise BadParameter("shapes", "names shapes of this project; leave it out to use your own")
    for text, what, most in (
        *((text, "data", limits.data_size) for text in data),
        *((t, "shapes", limits.shapes_size) for t in own),
    ):
        if len(text.content) > most:
            raise DataTooLong(f"The {what} have {len(text.content):,} bytes. {_taken(limits)}")
    chosen = _format(one.get("format", ""))
    group = _choice("group", one.get("group", ""), GROUPS)
    limit = _limit(one.get("limit"), chosen)
    if chosen.name == "turtle" and (group or limit):
        raise BadParameter("group" if group else "limit", "does not go with turtle: a sh:ValidationReport is whole")
    return Asked(
        chosen,
        timeout_from(one.get("timeout"), limits.validation_timeout),
        data[0] if data else None,
        one.get("url", ""),
        shapes,
        _apart(own[0], data) if own else None,
        group,
        limit,
        (_choice("fail-on", one.get("fail-on", "").lower(), FAIL_ON) or FAIL_ON[-1]).capitalize(),
        _choice("example", one.get("example", ""), EXAMPLES),
        written,
    )


def _apart(own: Text, data: list[Text]) -> Text:
    """Name shapes so that their places are not taken for places of the data."""
    same = bool(data) and data[0].name == own.name
    return Text(f"shapes-{own.name}", own.media_type, own.content) if same else own


def _taken(limits: Limits) -> str:
    return f"At most {limits.data_size:,} bytes of data and {limits.shapes_size:,} bytes of shapes are taken."


def _check_names(values: MultiDict[str, str]) -> None:
    """Refuse unknown parameters: a misspelt one would be passed over, and the answer be for another question."""
    known = (*_SETTINGS, *_CONTENT)
    for name in values:
        if name not in known:
            raise BadParameter(visible(name[:40]), f"is unknown; there are {', '.join(known)}.{nearest(name, known)}")
        if name not in _MANY and len(values.getlist(name)) > 1:
            raise BadParameter(name, f"is given {len(values.getlist(name))} times")


def _format(name: str) -> Format:
    if name:
        found = by_name(name.replace(" ", "+"), REPORTS)
        if found is None:
            known = ", ".join(entry.name for entry in REPORTS)
            raise BadParameter("format", f"{visible(name[:40])!r} is none of {known}")
        return found
    accept = request.headers.get("Accept", "")
    found = negotiate(accept, REPORTS, named_first=True)
    if found is None:
        known = ", ".join(f"{entry.name} ({entry.media_type})" for entry in REPORTS)
        raise NotAcceptable(f"a report cannot be written as Accept: {accept[:200]}; there are {known}")
    return found


def _data_type(name: str) -> Format:
    found = by_name(name.replace(" ", "+"), _RDF)
    if found is None:
        raise BadParameter("data-type", f"{visible(name[:40])!r} is none of {', '.join(e.name for e in _RDF)}")
    return found


def _choice(name: str, value: str, choices: tuple[str, ...]) -> str:
    if value and value not in choices:
        raise BadParameter(name, f"{visible(value[:40])!r} is none of {', '.join(choices)}")
    return value


def _limit(value: str | None, chosen: Format) -> int:
    """Read how many findings are told, 0 for all; a page shows so many that a browser can cope with."""
    if value is None:
        return SHOWN if chosen.name in _FOR_PEOPLE else 0
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise BadParameter("limit", f"must be a whole number from 0, which means all, not {visible(value[:40])!r}")
    limit = int(value)
    return min(limit or MOST_ON_PAGE, MOST_ON_PAGE) if chosen.name == "html" else limit


# Files -------------------------------------------------------------------------------------------


def _files() -> dict[str, Text]:
    """Read the files of a form; a field for a file that was left empty comes without a name."""
    found: dict[str, Text] = {}
    for name, several in request.files.lists():
        named = [one for one in several if one.filename]
        if name not in _CONTENT:
            raise BadParameter(visible(name[:40]), f"is no field for a file; there are {', '.join(_CONTENT)}")
        if len(named) > 1:
            raise BadParameter(name, f"is given {len(named)} times")
        if named:
            found[name] = _file(name, named[0])
    return found


def _file(name: str, file: FileStorage) -> Text:
    called = _name_of(file.filename or "")
    form = _SUFFIXES.get(PurePosixPath(called).suffix.lower().removeprefix("."))
    form = form or (by_name(file.mimetype, _RDF) if file.mimetype else None)
    if form is None:
        known = ", ".join(f".{suffix}" for suffix in _SUFFIXES)
        raise BadParameter(name, f"the suffix of {called!r} says no RDF format; known are {known}")
    return Text(called, form.media_type, file.read())


def _name_of(filename: str) -> str:
    """Give the last part of a file's name, as far as it can be shown."""
    shown = visible(re.split(r"[/\\:]", filename)[-1]).strip()[-_LONGEST_NAME:]
    return shown.encode("utf-8", "replace").decode() if shown.strip(".") else "upload"


def _check_utf8(encoded: bytes, what: str) -> None:
    try:
        unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError as error:
        raise BadRequest(f"The {what} is not UTF-8 text (byte {error.start}).") from None
