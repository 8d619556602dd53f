"""Which form of a document a request gets, why, and what the headers say of the document and its other forms."""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from lungkg.engines import NotAcceptable
from lungkg.errors import BadParameter
from lungkg.formats import DATASETS, DOCUMENTS, Format, Weight, by_name, choose, read_accept, weigh
from lungkg.linked.about import variant
from lungkg.web import problems
from lungkg.web.answers import root

HTML: Final = DOCUMENTS[-1]
FILES: Final = (*DOCUMENTS, *DATASETS)
"""All forms of a document, each with its suffix; those with named graphs are never negotiated."""

_MOST: Final = 4_000  # bytes of a Link header; some proxies take no more than 4 KiB
_SCHEMA: Final = "https://schema.org/"

SCHEMA_TYPES: Final[Mapping[str, str]] = {
    "entity": "DefinedTerm",
    "claim": "Claim",
    "inferred": "Claim",
    "assumption": "Claim",
    "gloss": "DefinedTerm",
    "document": "CreativeWork",
    "sentence": "Quotation",
    "reference": "CreativeWork",
    "activity": "Action",
    "agent": "Organization",
    "query": "SoftwareSourceCode",
    "ont": "DefinedTermSet",
    "shapes": "DefinedTermSet",
}
"""What things are in the words of schema.org, by their type."""


@dataclass(frozen=True, slots=True)
class Place:
    """A document: its path below the root of the server, with its query, and the IRI of what it is about.

    `kind` is the type of the thing, empty for what others define; `about` is the path of the thing where that is
    another than the document's; `text` is the path of its exact text, where there is one.
    """

    path: str
    node: str
    kind: str = ""
    about: str = ""
    text: str = ""

    def href(self, format: Format | None = None) -> str:
        """Give the address of the document, or of one of its forms, as links have to have it."""
        return f"{root()}/{variant(self.path, format) if format else self.path}"


def settle(place: Place, suffix: str | None) -> Format | AnyResponse:
    """Give the form that is wanted, or the answer to a request that wants something else or cannot be met.

    A suffix wins over everything; `?format=` leads to the suffix; `?explain=accept` shows how Accept is read.
    Raises NotFound for a suffix that there is not.
    """
    if request.args.get("explain") == "accept":
        return explained(place)
    if suffix is not None:
        return _by_suffix(place, suffix)
    if "format" in request.args:
        return _redirected(place)
    return choose(_weights(), named_first=True) or _refused(place)


def _by_suffix(place: Place, suffix: str) -> Format:
    for entry in FILES:
        if entry.suffix == suffix:
            return entry
    known = ", ".join(f".{entry.suffix}" for entry in FILES)
    raise NotFound(f"The document {place.path.partition('?')[0]} has no form .{suffix[:40]}; there are {known}.")


def _redirected(place: Place) -> AnyResponse:
    name = request.args["format"]
    found = by_name(name, FILES)
    if found is None:
        raise BadParameter("format", f"{name[:80]!r} is none of {', '.join(entry.name for entry in FILES)}")
    return redirect(place.href(found), 307)


def _refused(place: Place) -> Response:
    """Answer that no form is acceptable, with the list of those that there are and how the header was read."""
    accept = request.headers.get("Accept", "")
    offered = ", ".join(entry.media_type for entry in DOCUMENTS)
    error = NotAcceptable(f"this document cannot be had as Accept: {accept}; there are {offered}")
    variants = [{"type": entry.media_type, "href": place.href(entry)} for entry in DOCUMENTS]
    problem = problems.describe(error) | {"variants": variants, "accept": _explanation(place)["ranges"]}
    body = json.dumps({"type": "about:blank", **problem}, ensure_ascii=False) + "\n"
    response = problems.finish(Response(body, content_type="application/problem+json"), problem)
    made = [f'<{place.href(entry)}>; rel="alternate"; type="{entry.media_type}"' for entry in DOCUMENTS]
    response.headers["Link"] = _within(made)
    return response


# How Accept was read -----------------------------------------------------------------------------


def _weights() -> list[Weight]:
    return weigh(read_accept(request.headers.get("Accept", "")), DOCUMENTS)


def explained(place: Place) -> Response:
    """Show how the Accept header was read: which range decides for each form, which form wins, and why."""
    explanation = _explanation(place)
    if problems.wants_page():
        response = Response(render_template("accept.html", explanation=explanation, place=place))
    else:
        response = Response(json.dumps(explanation, ensure_ascii=False, indent=2) + "\n", mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _explanation(place: Place) -> dict[str, Any]:
    accept = request.headers.get("Accept", "")
    weights = _weights()
    winner = choose(weights, named_first=True)
    address = request.url_root.rstrip("/") + "/" + place.path
    header = f" -H {shlex.quote(f'Accept: {accept}')}" if accept else ""
    return {
        "accept": accept,
        "ranges": [
            {"range": one.text, "type": one.media_type, "parameters": dict(one.parameters), "q": one.quality}
            for one in read_accept(accept)
        ],
        "variants": [
            {
                "type": weight.format.media_type,
                "href": place.href(weight.format),
                "q": weight.quality,
                "range": weight.range.text if weight.range else None,
                "why": _why(weight),
            }
            for weight in weights
        ],
        "chosen": winner.media_type if winner else None,
        "why": _why_chosen(weights, winner),
        "curl": f"curl -L{header} {shlex.quote(address)}",
    }


def _why(weight: Weight) -> str:
    ways = ("by the wildcard */*", "by its kind, text/* or application/*", "by another name of it", "by its media type")
    if weight.range is None:
        named = "; a page has to be named, wildcards do not mean it" if weight.format.named_only else ""
        return f"no range covers it{named}"
    way = ways[min(weight.rank, len(ways) - 1)]
    return f"wanted {way}, q={weight.quality:g}" if weight.quality else f"excluded {way}, q=0"


def _why_chosen(weights: Sequence[Weight], winner: Format | None) -> str:
    if winner is None:
        return "no form is wanted: the answer is 406"
    best = max(weight.quality for weight in weights)
    equals = [weight for weight in weights if weight.quality == best]
    if len(equals) == 1:
        return "it has the highest q"
    named = [weight for weight in equals if weight.named]
    if len(named) == 1:
        return "of those with the highest q it is the only one that is named"
    return "of equals it is the first in our order: " + ", ".join(weight.format.media_type for weight in weights)


# Headers -----------------------------------------------------------------------------------------


def links(place: Place, format: Format, license: str, following: str = "") -> str:
    """Write the Link header of a document: FAIR Signposting, and its other forms (https://signposting.org/FAIR/)."""
    about = f"{root()}/{place.about or place.path}"
    made = [f'<{_escaped(place.node)}>; rel="cite-as"'] if place.kind else []
    if following:
        made.append(f'<{following}>; rel="next"')
    if format is not HTML:
        made.append(f'<{about}>; rel="describes"')
    made += [
        f'<{place.href(entry)}>; rel="describedby"; type="{entry.media_type}"' for entry in DOCUMENTS if entry != HTML
    ]
    made += [f'<{_escaped(license)}>; rel="license"', f'<{_SCHEMA}AboutPage>; rel="type"']
    if place.kind in SCHEMA_TYPES:
        made.append(f'<{_SCHEMA}{SCHEMA_TYPES[place.kind]}>; rel="type"')
    if place.text:
        made.append(f'<{root()}/{place.text}>; rel="item"; type="text/plain"')
    made += [
        f'<{root()}/dataset>; rel="collection"',
        f'<{place.href(HTML)}>; rel="alternate"; type="text/html"',
        f'<{place.href()}>; rel="canonical"',
    ]
    return _within(made)


def _escaped(iri: str) -> str:
    """Write an IRI as an address in a header: in ASCII, without what would end it."""
    return "".join(
        char if " " < char <= "~" and char not in '<>"' else "".join(f"%{byte:02X}" for byte in char.encode())
        for char in iri
    )


def _within(made: list[str]) -> str:
    """Join links, leaving out the last ones when they grow too long for a header."""
    while len(", ".join(made)) > _MOST and len(made) > 1:
        made.pop()
    return ", ".join(made)
