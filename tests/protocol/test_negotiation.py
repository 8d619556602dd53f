"""Which format a query is answered in: by its form, by Accept (RFC 9110, 12.5.1), or by `format`."""

from typing import Final

import pytest

from tests.server import WAYS, Request, Server, get, problem

FORMS: Final = {
    "select": "SELECT (1 AS ?x) {}",
    "ask": "ASK {}",
    "construct": "CONSTRUCT { <http://example.org/a> <http://example.org/b> 1 } {}",
    "describe": "DESCRIBE <http://example.org/bread>",
}
JSON: Final = "application/sparql-results+json"
XML: Final = "application/sparql-results+xml"
CSV: Final = "text/csv; charset=utf-8"
TSV: Final = "text/tab-separated-values; charset=utf-8"
TURTLE: Final = "text/turtle; charset=utf-8"
JSONLD: Final = "application/ld+json"
NTRIPLES: Final = "application/n-triples"
RDFXML: Final = "application/rdf+xml"

RDFLIB: Final = "application/sparql-results+xml, application/rdf+xml"
JENA: Final = (
    "application/sparql-results+json, application/sparql-results+xml;q=0.9, text/tab-separated-values;q=0.7, "
    "text/csv;q=0.5, application/json;q=0.2, application/xml;q=0.2, */*;q=0.1"
)
COMUNICA: Final = "application/sparql-results+json;q=1.0,application/sparql-results+xml;q=0.7,text/turtle,application/n-triples,*/*;q=0.1"

ACCEPT: dict[str, tuple[str, str, str]] = {
    # form, Accept, Content-Type
    "select-anything": ("select", "*/*", JSON),
    "select-json": ("select", "application/sparql-results+json", JSON),
    "select-plain-json": ("select", "application/json", JSON),
    "select-xml": ("select", "application/sparql-results+xml", XML),
    "select-plain-xml": ("select", "application/xml", XML),
    "select-text-xml": ("select", "text/xml", XML),
    "select-csv": ("select", "text/csv", CSV),
    "select-tsv": ("select", "text/tab-separated-values", TSV),
    "select-any-application": ("select", "application/*", JSON),
    "select-any-text": ("select", "text/*", CSV),
    "ask-json": ("ask", "application/sparql-results+json", JSON),
    "ask-xml": ("ask", "application/sparql-results+xml", XML),
    "construct-anything": ("construct", "*/*", TURTLE),
    "construct-turtle": ("construct", "text/turtle", TURTLE),
    "construct-old-turtle": ("construct", "application/x-turtle", TURTLE),
    "construct-jsonld": ("construct", "application/ld+json", JSONLD),
    "construct-plain-json": ("construct", "application/json", JSONLD),
    "construct-ntriples": ("construct", "application/n-triples", NTRIPLES),
    "construct-text": ("construct", "text/plain", NTRIPLES),
    "construct-rdfxml": ("construct", "application/rdf+xml", RDFXML),
    "construct-plain-xml": ("construct", "application/xml", RDFXML),
    "construct-any-text": ("construct", "text/*", TURTLE),
    "describe-turtle": ("describe", "text/turtle", TURTLE),
    "combined-list-for-rows": ("select", RDFLIB, XML),
    "combined-list-for-a-boolean": ("ask", RDFLIB, XML),
    "combined-list-for-a-graph": ("construct", RDFLIB, RDFXML),
    "combined-list-for-a-description": ("describe", RDFLIB, RDFXML),
    "jena-rows": ("select", JENA, JSON),
    "comunica-rows": ("select", COMUNICA, JSON),
    "comunica-graph": ("construct", COMUNICA, TURTLE),
    "quality": ("select", "text/csv;q=0.5, text/tab-separated-values;q=0.6", TSV),
    "quality-of-three-digits": ("select", "text/csv;q=0.123, text/tab-separated-values;q=0.124", TSV),
    "quality-zero": ("select", "application/sparql-results+json;q=0, */*", XML),
    "specific-beats-wildcard": ("select", "*/*;q=0.9, application/*;q=0.1, text/tab-separated-values;q=0.2", CSV),
    "specific-beats-type": ("select", "text/*, text/csv;q=0.1", TSV),
    "alias-and-name": ("select", "application/json;q=0.3, text/csv;q=0.2", JSON),
    "capitals": ("select", "Text/CSV;Q=1", CSV),
    "parameter": ("construct", 'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', JSONLD),
    "wildcard-is-never-trig": ("construct", "application/*;q=0.1", JSONLD),
}  # fmt: skip


@pytest.mark.parametrize(("form", "accept", "expected"), ACCEPT.values(), ids=ACCEPT.keys())
def test_accept_chooses_the_format(server: Server, form: str, accept: str, expected: str) -> None:
    """The best of the formats that the form of the query has."""
    reply = server.send(get(FORMS[form]).asking(accept))

    assert (200, expected) == (reply.status, reply.header("Content-Type"))


@pytest.mark.parametrize(
    ("form", "expected"),
    [("select", JSON), ("ask", JSON), ("construct", TURTLE), ("describe", TURTLE)],
    ids=["select", "ask", "construct", "describe"],
)
@pytest.mark.parametrize("way", WAYS)
def test_without_accept_there_is_a_format_for_each_form(server: Server, way: str, form: str, expected: str) -> None:
    """JSON for rows and booleans, Turtle for graphs, however the query is sent."""
    reply = server.send(WAYS[way](FORMS[form]))

    assert (200, expected) == (reply.status, reply.header("Content-Type"))


def test_accept_may_come_in_two_lines(server: Server) -> None:
    """RFC 9110, 5.3: two lines are one list."""
    reply = server.send(get(FORMS["select"]).asking("text/csv;q=0.1", "text/tab-separated-values"))

    assert (200, TSV) == (reply.status, reply.header("Content-Type"))


NAMES: dict[str, tuple[str, str, str]] = {
    # form, value of format, Content-Type
    "json": ("select", "json", JSON),
    "xml": ("select", "xml", XML),
    "csv": ("select", "csv", CSV),
    "tsv": ("select", "tsv", TSV),
    "ask-xml": ("ask", "xml", XML),
    "turtle": ("construct", "turtle", TURTLE),
    "turtle-by-suffix": ("describe", "ttl", TURTLE),
    "jsonld": ("construct", "jsonld", JSONLD),
    "ntriples": ("construct", "ntriples", NTRIPLES),
    "rdfxml": ("construct", "rdfxml", RDFXML),
    "trig": ("construct", "trig", "application/trig"),
    "nquads": ("construct", "nquads", "application/n-quads"),
    "media-type": ("select", "text/csv", CSV),
    "media-type-with-plus": ("select", "application/sparql-results+xml", XML),
    "capitals": ("select", "CSV", CSV),
}


SEVERAL: dict[str, tuple[str, list[str], str]] = {
    # form, values of format, Content-Type
    "tsv": ("select", ["tsv", "text/tab-separated-values"], TSV),
    "rdfxml": ("construct", ["rdf+xml", "application/rdf+xml"], RDFXML),
    "jsonld": ("construct", ["json-ld", "application/ld+json,application/x-json+ld"], JSONLD),
    "empty-one": ("select", ["tsv", ""], TSV),
    "n3": ("construct", ["n3"], TURTLE),
    "xml-for-a-graph": ("describe", ["xml"], RDFXML),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("form", "names", "expected"), SEVERAL.values(), ids=SEVERAL.keys())
def test_the_formats_that_sparqlwrapper_names_are_known(
    server: Server, way: str, form: str, names: list[str], expected: str
) -> None:
    """The usual Python client names formats in its own way and some of them twice: the first that is known counts."""
    reply = server.send(WAYS[way](FORMS[form], {"format": names, "output": names, "results": names}))

    assert (200, expected) == (reply.status, reply.header("Content-Type"))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("form", "name", "expected"), NAMES.values(), ids=NAMES.keys())
def test_the_format_parameter_overrules_accept(server: Server, way: str, form: str, name: str, expected: str) -> None:
    """`format` names a format by its name, suffix or media type, in the URL or the form."""
    reply = server.send(WAYS[way](FORMS[form], {"format": name}).asking("text/html, image/png"))

    assert (200, expected) == (reply.status, reply.header("Content-Type"))


ROWS: Final = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
)
GRAPHS: Final = ("text/turtle", "application/ld+json", "application/n-triples", "application/rdf+xml")

UNACCEPTABLE: dict[str, tuple[Request, tuple[str, ...]]] = {
    # request, formats that the reply has to list
    "picture": (get(FORMS["select"]).asking("image/png"), ROWS),
    "graph-format-for-rows": (get(FORMS["select"]).asking("text/turtle"), ROWS),
    "graph-format-for-a-boolean": (get(FORMS["ask"]).asking("application/rdf+xml"), ROWS),
    "rows-format-for-a-graph": (get(FORMS["construct"]).asking("text/csv"), GRAPHS),
    "rows-format-for-a-description": (get(FORMS["describe"]).asking(JSON), GRAPHS),
    "nothing-is-wanted": (get(FORMS["select"]).asking("*/*;q=0"), ROWS),
    "unknown-name": (get(FORMS["select"], {"format": "xlsx"}), ROWS),
    "graph-name-for-rows": (get(FORMS["select"], {"format": "turtle"}), ROWS),
    "rows-name-for-a-graph": (get(FORMS["construct"], {"format": "csv"}), GRAPHS),
}  # fmt: skip


@pytest.mark.parametrize(("request_", "listed"), UNACCEPTABLE.values(), ids=UNACCEPTABLE.keys())
def test_what_cannot_be_written_is_406_with_the_list(
    server: Server, request_: Request, listed: tuple[str, ...]
) -> None:
    """The reply names every format in which this query could be answered."""
    reply = server.send(request_)

    assert problem(406) == reply.problem
    assert [name for name in listed if name in reply.text] == list(listed)


def test_a_header_cannot_be_smuggled_through_a_parameter(server: Server) -> None:
    """A line break in a value ends up in no header of the reply."""
    reply = server.send(get(FORMS["select"], {"format": "csv\r\nX-Smuggled: yes"}))

    assert (problem(406), "") == (reply.problem, reply.header("X-Smuggled"))
