"""Reads what a SPARQL endpoint sent, strictly: what is not the whole answer to what was asked is an EngineFault."""

import json
from collections.abc import Mapping
from typing import Any, Final

import pyoxigraph as ox

from lungkg.engines import virtuoso
from lungkg.engines.base import NotAcceptable
from lungkg.engines.wire import Reply, excerpt
from lungkg.engines.worker import GRAPHS, RESULTS
from lungkg.errors import EngineFault
from lungkg.formats import Format
from lungkg.namespaces import XSD

ROWS_ACCEPT: Final = "application/sparql-results+json"
GRAPH_ACCEPT: Final = "application/n-triples, text/turtle;q=0.5"

_ROWS_TYPES: Final = frozenset({ROWS_ACCEPT, "application/json"})
_GRAPH_TYPES: Final = {
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "text/plain": ox.RdfFormat.N_TRIPLES,  # its name before 2013
    "text/turtle": ox.RdfFormat.TURTLE,
}
_BOOLEANS: Final = {"0": "false", "1": "true"}


def write_rows(reply: Reply, form: str, format: Format, url: str) -> tuple[bytes, int]:
    """Write the JSON results of a SELECT or ASK query in another format; gives also the number of rows."""
    document = _standard(_document(reply, url), form, url)
    sent = json.dumps(document).encode()
    try:
        # In no variable: the traceback of an error would keep it, and it must end in the thread that made it.
        content = ox.parse_query_results(sent, format=ox.QueryResultsFormat.JSON).serialize(format=RESULTS[format.name])
    except SyntaxError as error:
        raise EngineFault(url, f"answers with a term that is none: {error}") from None
    return content or b"", len(document["results"]["bindings"]) if form == "SELECT" else 1


def write_graph(reply: Reply, format: Format, prefixes: Mapping[str, str], url: str) -> tuple[bytes, int]:
    """Write the graph that a CONSTRUCT or DESCRIBE query made in another format; gives also the number of triples."""
    if reply.media_type not in _GRAPH_TYPES:
        raise _another(reply, GRAPH_ACCEPT, url)
    if not reply.framed:
        raise EngineFault(
            url,
            "does not say where its answer ends, so nobody can tell whether it is whole",
            "Ask it, or the proxy before it, to send Content-Length or a chunked answer.",
        )
    try:
        quads = list(ox.parse(reply.content, format=_GRAPH_TYPES[reply.media_type]))
    except SyntaxError as error:
        raise EngineFault(url, f"answers with a graph that is broken or cut off: {error}") from None
    try:
        content = ox.serialize([quad.triple for quad in quads], format=GRAPHS[format.name], prefixes=dict(prefixes))
    except (ValueError, OSError, RuntimeError) as error:
        raise NotAcceptable(f"the answer cannot be written as {format.media_type}: {error}") from None
    return content or b"", len(quads)


def _document(reply: Reply, url: str) -> dict[str, Any]:
    if reply.media_type not in _ROWS_TYPES:
        raise _another(reply, ROWS_ACCEPT, url)
    try:
        document = json.loads(reply.content)  # pyoxigraph would take some JSON that ends too early
    except (ValueError, RecursionError) as error:
        raise EngineFault(url, f"answers with JSON that is broken or cut off: {error}") from None
    if not isinstance(document, dict):
        raise EngineFault(url, f"answers with JSON that is no SPARQL result: {excerpt(reply)}")
    return document


def _another(reply: Reply, wanted: str, url: str) -> EngineFault:
    told = reply.media_type or "no media type"
    return EngineFault(
        url,
        f"answers with {told} where {wanted} was asked for: {excerpt(reply)}",
        "Is it the address of a SPARQL endpoint, not of a page about one?",
    )


def _standard(document: dict[str, Any], form: str, url: str) -> dict[str, Any]:
    """Keep what the standard says of the results, and write it the way the standard does."""
    try:
        if form == "ASK":
            truth = virtuoso.is_true(document)
            return {"head": {}, "boolean": document["boolean"] is True if truth is None else truth}
        names: dict[str, str] = {}
        rows = [{name: _term(term, names) for name, term in row.items()} for row in document["results"]["bindings"]]
        return {"head": {"vars": list(document["head"]["vars"])}, "results": {"bindings": rows}}
    except (KeyError, TypeError, AttributeError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise EngineFault(url, f"answers with JSON that is no result of {form}: {what}") from None


def _term(term: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """Write a term as SPARQL 1.1 Results JSON has it; blank nodes get numbers, for some labels are none elsewhere."""
    kind, value = term["type"], term["value"]
    if kind == "triple":
        return {"type": kind, "value": {place: _term(part, names) for place, part in value.items()}}
    if not isinstance(value, str):
        raise TypeError(f"a value is {value!r}")
    if kind == "bnode":
        return {"type": kind, "value": names.setdefault(value, f"b{len(names)}")}
    written = {"type": kind, "value": value}
    if kind in ("literal", "typed-literal"):
        written["type"] = "literal"
        if "xml:lang" in term:
            written["xml:lang"] = term["xml:lang"]
        elif "datatype" in term:
            written["datatype"] = term["datatype"]
            if term["datatype"] == XSD + "boolean":
                written["value"] = _BOOLEANS.get(value, value)
    return written
