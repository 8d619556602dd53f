"""Which format an Accept header asks for, as one table, and how formats are named."""

import pytest

from lungkg.formats import GRAPHS, RESULTS, Format, by_name, negotiate, table_for

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
JENA = (
    "application/sparql-results+json, application/sparql-results+xml;q=0.9, text/tab-separated-values;q=0.7, "
    "text/csv;q=0.5, application/json;q=0.2, application/xml;q=0.2, */*;q=0.1"
)
RDFLIB = "application/sparql-results+xml, application/rdf+xml"
WRAPPER_JSON = "application/sparql-results+json,application/json,text/javascript,application/javascript"
WRAPPER_N3 = "application/turtle,text/turtle,text/rdf+n3,application/n-triples,application/n3,text/n3"
COMPACTED = 'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"'


def name_of(entry: Format | None) -> str | None:
    """Give the name of a format that was found."""
    return entry.name if entry else None


ACCEPT: dict[str, tuple[str, str, str | None]] = {
    # header, form, expected name
    "missing-for-results": ("", "SELECT", "json"),
    "missing-for-ask": ("", "ASK", "json"),
    "missing-for-graphs": ("", "CONSTRUCT", "turtle"),
    "missing-for-describe": ("", "DESCRIBE", "turtle"),
    "anything": ("*/*", "SELECT", "json"),
    "anything-as-graph": ("*/*", "CONSTRUCT", "turtle"),
    "json": ("application/sparql-results+json", "SELECT", "json"),
    "plain-json": ("application/json", "SELECT", "json"),
    "plain-json-as-graph": ("application/json", "CONSTRUCT", "jsonld"),
    "xml": ("application/sparql-results+xml", "ASK", "xml"),
    "plain-xml": ("application/xml", "SELECT", "xml"),
    "plain-xml-as-graph": ("text/xml", "CONSTRUCT", "rdfxml"),
    "csv": ("text/csv", "SELECT", "csv"),
    "tsv": ("text/tab-separated-values", "SELECT", "tsv"),
    "turtle": ("text/turtle", "DESCRIBE", "turtle"),
    "old-turtle": ("application/x-turtle", "CONSTRUCT", "turtle"),
    "jsonld": ("application/ld+json", "CONSTRUCT", "jsonld"),
    "ntriples": ("application/n-triples", "CONSTRUCT", "ntriples"),
    "plain-text-as-graph": ("text/plain", "CONSTRUCT", "ntriples"),
    "rdfxml": ("application/rdf+xml", "CONSTRUCT", "rdfxml"),
    "quads-are-not-negotiated": ("application/n-quads", "CONSTRUCT", None),
    "trig-is-not-negotiated": ("application/trig", "CONSTRUCT", None),
    "graph-format-for-results": ("text/turtle", "SELECT", None),
    "results-format-for-graph": ("text/csv", "CONSTRUCT", None),
    "picture": ("image/png", "SELECT", None),
    "web-page": ("text/html", "CONSTRUCT", None),
    "capitals": ("Text/CSV", "SELECT", "csv"),
    "blanks-around": ("  text/csv  ", "SELECT", "csv"),
    "first-of-equals-is-ours-to-choose": ("text/csv, application/sparql-results+xml", "SELECT", "xml"),
    "quality-decides": ("text/csv;q=0.5, text/tab-separated-values;q=0.6", "SELECT", "tsv"),
    "no-quality-is-one": ("application/sparql-results+json;q=0.9, text/csv", "SELECT", "csv"),
    "quality-with-blanks": ("text/csv ; q=0.5 , text/tab-separated-values ; q = 0.6", "SELECT", "tsv"),
    "quality-in-capitals": ("text/csv;Q=0.5, text/tab-separated-values;Q=0.6", "SELECT", "tsv"),
    "quality-without-leading-zero": ("text/csv;q=.5, text/tab-separated-values;q=.6", "SELECT", "tsv"),
    "quality-of-three-digits": ("text/csv;q=0.123, text/tab-separated-values;q=0.124", "SELECT", "tsv"),
    "quality-zero": ("text/csv;q=0", "SELECT", None),
    "quality-zero-with-digits": ("text/csv;q=0.000", "SELECT", None),
    "all-but-csv": ("text/csv;q=0, */*;q=0.1", "SELECT", "json"),
    "all-but-ours": ("application/sparql-results+json;q=0, */*", "SELECT", "xml"),
    "nothing-at-all": ("*/*;q=0", "SELECT", None),
    "specific-beats-any": ("*/*;q=0.9, text/csv;q=0.1", "SELECT", "json"),
    "specific-beats-any-whatever-the-order": ("text/turtle;q=0.1, */*;q=0.9", "CONSTRUCT", "jsonld"),
    "specific-beats-type": ("text/*, text/csv;q=0.1", "SELECT", "tsv"),
    "type-beats-any": ("*/*, application/*;q=0.1", "SELECT", "csv"),
    "zero-type-beats-any": ("application/*;q=0, */*;q=0.5", "SELECT", "csv"),
    "any-text-for-results": ("text/*", "SELECT", "csv"),
    "any-text-for-graphs": ("text/*", "CONSTRUCT", "turtle"),
    "any-application-for-results": ("application/*", "SELECT", "json"),
    "any-application-for-graphs": ("application/*", "CONSTRUCT", "jsonld"),
    "any-image": ("image/*", "CONSTRUCT", None),
    "alias-with-higher-quality": ("application/json, application/sparql-results+json;q=.1", "SELECT", "json"),
    "alias-loses": ("application/json;q=0.1, text/csv;q=0.2", "SELECT", "csv"),
    "parameter": ("text/csv; charset=utf-8", "SELECT", "csv"),
    "parameter-before-quality": ("text/csv;header=absent;q=0.1, */*;q=0.2", "SELECT", "json"),
    "quoted-parameter": (COMPACTED, "CONSTRUCT", "jsonld"),
    "curl": ("*/*", "DESCRIBE", "turtle"),
    "python-requests": ("*/*", "ASK", "json"),
    "browser-results": (BROWSER, "SELECT", "xml"),
    "browser-graph": (BROWSER, "CONSTRUCT", "rdfxml"),
    "java-results": (JAVA, "SELECT", "json"),
    "java-graph": (JAVA, "CONSTRUCT", "turtle"),
    "sparqlwrapper-json": (WRAPPER_JSON, "SELECT", "json"),
    "sparqlwrapper-xml": ("application/sparql-results+xml", "ASK", "xml"),
    "sparqlwrapper-csv": ("text/csv", "SELECT", "csv"),
    "sparqlwrapper-turtle": ("application/turtle,text/turtle", "CONSTRUCT", "turtle"),
    "sparqlwrapper-n3": (WRAPPER_N3, "CONSTRUCT", "turtle"),
    "sparqlwrapper-jsonld": ("application/ld+json,application/x-json+ld", "CONSTRUCT", "jsonld"),
    "sparqlwrapper-construct": ("application/rdf+xml", "CONSTRUCT", "rdfxml"),
    "rdflib-results": (RDFLIB, "SELECT", "xml"),
    "rdflib-graph": (RDFLIB, "CONSTRUCT", "rdfxml"),
    "rdflib-parse-turtle": ("text/turtle, application/x-turtle, */*;q=0.1", "DESCRIBE", "turtle"),
    "rdflib-parse-jsonld": ("application/ld+json, application/json;q=0.9, */*;q=0.1", "DESCRIBE", "jsonld"),
    "rdflib-parse-trig": ("application/trig, */*;q=0.1", "DESCRIBE", "turtle"),
    "jena": (JENA, "SELECT", "json"),
    "yasgui": ("application/sparql-results+json,*/*;q=0.9", "SELECT", "json"),
    "garbage-word": ("bread", "SELECT", "json"),
    "garbage-marks": (";;,,==", "CONSTRUCT", "turtle"),
    "garbage-beside-a-range": ("bread, text/csv", "SELECT", "csv"),
    "garbage-quality-wants-nothing": ("text/csv;q=1.2.3", "SELECT", None),
    "empty-items": (",, text/csv ,,", "SELECT", "csv"),
}  # fmt: skip


@pytest.mark.parametrize(("header", "form", "expected"), ACCEPT.values(), ids=ACCEPT.keys())
def test_the_accept_header_chooses_the_format(header: str, form: str, expected: str | None) -> None:
    """RFC 9110, 12.5.1: the most specific range decides a format's quality, the highest quality wins."""
    actual = name_of(negotiate(header, table_for(form)))

    assert expected == actual


@pytest.mark.parametrize(
    ("form", "expected"),
    [("SELECT", RESULTS), ("ASK", RESULTS), ("CONSTRUCT", GRAPHS), ("DESCRIBE", GRAPHS)],
    ids=["select", "ask", "construct", "describe"],
)
def test_a_query_form_has_its_table_of_formats(form: str, expected: tuple[Format, ...]) -> None:
    """Tables answer SELECT and ASK, graphs answer CONSTRUCT and DESCRIBE."""
    assert expected == table_for(form)


NAMES: dict[str, tuple[str, tuple[Format, ...], str | None]] = {
    "name": ("ntriples", GRAPHS, "ntriples"),
    "suffix": ("ttl", GRAPHS, "turtle"),
    "media-type": ("text/csv", RESULTS, "csv"),
    "alias": ("application/json", RESULTS, "json"),
    "alias-of-a-graph": ("application/json", GRAPHS, "jsonld"),
    "capitals": ("JSON", RESULTS, "json"),
    "quads-by-name": ("nq", GRAPHS, "nquads"),
    "trig-by-name": ("trig", GRAPHS, "trig"),
    "graph-format-for-results": ("turtle", RESULTS, None),
    "unknown": ("xlsx", RESULTS, None),
    "empty": ("", RESULTS, None),
    "only-a-part": ("tur", GRAPHS, None),
}


@pytest.mark.parametrize(("name", "table", "expected"), NAMES.values(), ids=NAMES.keys())
def test_a_format_is_found_by_name_suffix_or_media_type(
    name: str, table: tuple[Format, ...], expected: str | None
) -> None:
    """What `--format` takes names one format, whatever its case, or none."""
    actual = name_of(by_name(name, table))

    assert expected == actual


CONTENT_TYPES = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv; charset=utf-8",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "turtle": "text/turtle; charset=utf-8",
    "jsonld": "application/ld+json",
    "ntriples": "application/n-triples",
    "rdfxml": "application/rdf+xml",
    "trig": "application/trig",
    "nquads": "application/n-quads",
}


def test_every_format_has_a_content_type() -> None:
    """Text says its character set; the others are UTF-8 by definition."""
    expected = CONTENT_TYPES
    actual = {entry.name: entry.content_type for entry in (*RESULTS, *GRAPHS)}

    assert expected == actual


def test_no_two_formats_share_a_suffix() -> None:
    """A file's name says its format."""
    suffixes = [entry.suffix for entry in (*RESULTS, *GRAPHS)]

    assert len(suffixes) == len(set(suffixes))


@pytest.mark.parametrize(
    ("entry", "table"),
    [*((entry, RESULTS) for entry in RESULTS), *((entry, GRAPHS) for entry in GRAPHS if entry.negotiable)],
    ids=["json", "xml", "csv", "tsv", "turtle", "jsonld", "ntriples", "rdfxml"],
)
def test_every_format_can_be_asked_for_by_its_media_type(entry: Format, table: tuple[Format, ...]) -> None:
    """A format's own media type chooses it in the table where it stands."""
    expected = entry
    actual = negotiate(entry.media_type, table)

    assert expected == actual
