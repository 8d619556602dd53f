"""Which form of a document an Accept header gets, what the answer says of it, and what is said when there is none."""

import json
import re
import shlex
from typing import Final

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.http import parse_options_header

THING: Final = "/id/entity/mesenchymal-stem-cell"
PATH: Final = "/doc/entity/mesenchymal-stem-cell"
PROBLEM: Final = "application/problem+json"

# The algorithm, said once more -----------------------------------------------------------------------

OFFERED: Final = {
    "text/turtle": {"application/x-turtle", "application/turtle", "text/ttl", "text/n3", "text/rdf+n3"},
    "application/ld+json": {"application/json", "application/vnd.schemaorg.ld+json"},
    "application/n-triples": {"text/plain", "text/ntriples", "text/n-triples"},
    "application/rdf+xml": set[str](),
    "text/html": {"application/xhtml+xml"},
}
"""Media types in the order that breaks ties, each with its other names."""

Ranges = list[tuple[str, str | None]]
"""Media ranges, each with its q as it is written."""


def expected(ranges: Ranges) -> str | None:
    """Say which media type these ranges get: the most specific range decides, named ones win ties."""
    read = [(name.lower(), quality_of(q)) for name, q in ranges] or [("*/*", 1.0)]
    found: list[tuple[float, bool, str]] = []
    for offered, aliases in OFFERED.items():
        kind = offered.split("/")[0] + "/*"
        wildcards = [] if offered == "text/html" else [{kind}, {"*/*"}]
        for rank, names in enumerate([{offered}, aliases, *wildcards]):
            qualities = [quality for name, quality in read if name in names]
            if qualities:
                found.append((max(qualities), rank < 2, offered))
                break
    wanted = [one for one in found if one[0] > 0]
    best = max((one[:2] for one in wanted), default=None)
    return next((offered for quality, named, offered in wanted if (quality, named) == best), None)


def quality_of(written: str | None) -> float:
    """Read a q as RFC 9110 has it, from 0 to 1; anything else means that the range is not wanted."""
    if written is None:
        return 1.0
    return float(written) if re.fullmatch(r"0(\.\d*)?|1(\.0*)?|\.\d+", written) else 0.0


NAMES: Final = sorted({*OFFERED, *(name for names in OFFERED.values() for name in names)})
media_ranges = st.sampled_from(
    [*NAMES, *OFFERED, "*/*", "text/*", "application/*", "image/*", "image/png", "application/xml", "text/xml",
     "application/n-quads", "application/trig", "Text/Turtle", "TEXT/HTML"]
)  # fmt: skip
qualities = st.none() | st.sampled_from(["0", "1", "0.5", "0.9", ".3", "0.001", "1.000", "2", "x", "-1", ""])


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ranges=st.lists(st.tuples(media_ranges, qualities), max_size=5), blanks=st.sampled_from(["", " "]))
def test_any_accept_header_gets_what_the_algorithm_says(client: FlaskClient, ranges: Ranges, blanks: str) -> None:
    """Whatever is asked for: the form that the algorithm gives, or a 406 with all of them."""
    parts = [name if q is None else f"{name}{blanks};{blanks}q={q}" for name, q in ranges]
    headers = {"Accept": f"{blanks},".join(parts)} if parts else {}

    answer = client.get(PATH, headers=headers)

    if (media_type := expected(ranges)) is None:
        assert (answer.status_code, answer.content_type) == (406, PROBLEM)
        assert [one["type"] for one in answer.get_json(force=True)["variants"]] == [*OFFERED]
    else:
        assert (answer.status_code, parse_options_header(answer.content_type)[0]) == (200, media_type)


CLIENTS: Final = {
    "nothing": ("", "turtle"),
    "curl": ("*/*", "turtle"),
    "browser": ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", "html"),
    "rdflib-any": (
        ("application/rdf+xml, text/n3, text/turtle, application/n-triples, application/ld+json, application/n-quads, "
        "application/trix, application/trig"),
        "turtle",
    ),
    "rdflib-nt": ("text/plain, */*;q=0.1", "n-triples"),
    "rdflib-turtle": ("text/turtle, application/x-turtle, */*;q=0.1", "turtle"),
    "rdflib-json-ld": ("application/ld+json, application/json;q=0.9, */*;q=0.1", "ld+json"),
    "rdflib-xml": ("application/rdf+xml, */*;q=0.1", "rdf+xml"),
    "rapper-guess": (
        ("application/rdf+xml, text/rdf;q=0.6, application/n-triples, text/turtle, application/x-turtle, text/n3;q=0.3, "
        "text/html;q=0.6, */*;q=0.1"),
        "turtle",
    ),
    "comunica": (
        ("application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,"
        "text/turtle;q=0.6,application/rdf+xml;q=0.5,text/n3;q=0.35"),
        "ld+json",
    ),
    "jsonld-js": ("application/ld+json, application/json", "ld+json"),
    "pyld": ("application/ld+json, application/json;q=0.8, text/html;q=0.5", "ld+json"),
    "foops-n3": ("text/n3", "turtle"),
    "f-uji-page": ("text/html, */*", "html"),
    "f-uji-turtle": ("text/ttl, text/turtle, application/turtle, application/x-turtle;q=0.6", "turtle"),
    "f-uji-schema": ("application/vnd.schemaorg.ld+json, application/ld+json", "ld+json"),
    "an-old-xml-client": ("application/xml, */*;q=0.1", "turtle"),
    "a-profile-nobody-knows": ('application/ld+json;profile="https://example.org/a,b;q=0"', "ld+json"),
    "our-profile-not-wanted": (
        'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted";q=0, application/ld+json, text/turtle;q=0.1',
        "turtle",
    ),
    "all-but-turtle": ("text/turtle;q=0, */*", "ld+json"),
    "any-text": ("text/*", "turtle"),
}  # fmt: skip
"""What clients send, and what they need."""


@pytest.mark.parametrize(("accept", "form"), CLIENTS.values(), ids=CLIENTS)
def test_real_clients_get_what_they_can_read(client: FlaskClient, accept: str, form: str) -> None:
    """Each by the header that it sends."""
    answer = client.get(PATH, headers={"Accept": accept} if accept else {})

    assert (answer.status_code, answer.content_type.partition(";")[0].partition("/")[2]) == (200, form)


@pytest.mark.parametrize("accept", ["application/n-quads", "application/trig, application/n-quads;q=0.5"])
def test_named_graphs_are_had_by_suffix_only(client: FlaskClient, accept: str) -> None:
    """A client that prefers them would look at the default graph and find nothing there."""
    assert client.get(PATH, headers={"Accept": accept}).status_code == 406
    assert client.get(f"{PATH}.nq", headers={"Accept": "text/html"}).content_type == "application/n-quads"


@pytest.mark.parametrize("name", ["ttl", "turtle", "text/turtle", "application/x-turtle"])
def test_the_parameter_format_leads_to_the_suffix(client: FlaskClient, name: str) -> None:
    """307, path-absolute, with the other parameters."""
    answer = client.get(PATH, query_string={"format": name, "inverse": "skos:broader"})

    link = "http%3A%2F%2Fwww.w3.org%2F2004%2F02%2Fskos%2Fcore%23broader"
    assert (answer.status_code, answer.headers["Location"]) == (307, f"{PATH}.ttl?inverse={link}")


def test_a_format_that_there_is_not_is_a_wrong_parameter(client: FlaskClient) -> None:
    """It says which there are."""
    problem = client.get(PATH, query_string={"format": "pdf"}).get_json(force=True)

    assert (problem["status"], problem["parameter"]) == (400, "format")
    assert "turtle, jsonld" in problem["detail"]


def test_a_406_lists_the_forms_in_its_body_and_its_links(client: FlaskClient) -> None:
    """So that a program can choose one, and see how its header was read."""
    answer = client.get(PATH, headers={"Accept": "image/png, text/turtle;q=0"})

    problem = answer.get_json(force=True)
    assert {one["href"]: one["type"] for one in problem["variants"]} == {
        f"{PATH}.ttl": "text/turtle", f"{PATH}.jsonld": "application/ld+json", f"{PATH}.nt": "application/n-triples",
        f"{PATH}.rdf": "application/rdf+xml", f"{PATH}.html": "text/html",
    }  # fmt: skip
    assert answer.headers["Link"].count('rel="alternate"') == 5
    assert [(one["type"], one["q"]) for one in problem["accept"]] == [("image/png", 1.0), ("text/turtle", 0.0)]


EXPLAINED: Final = {
    "the-highest": ("text/turtle;q=0.2, application/json;q=0.7", "application/ld+json", "highest q"),
    "the-only-named": ("text/html, */*", "text/html", "only one that is named"),
    "our-order": ("application/rdf+xml, text/n3", "text/turtle", "first in our order"),
    "nothing": ("image/png", None, "406"),
    "none-sent": ("", "text/turtle", "first in our order"),
}


@pytest.mark.parametrize(("accept", "chosen", "why"), EXPLAINED.values(), ids=EXPLAINED)
def test_the_choice_is_explained(client: FlaskClient, accept: str, chosen: str | None, why: str) -> None:
    """Which form wins and why, and the command that asks the same."""
    answer = client.get(f"{PATH}?explain=accept", headers={"Accept": accept} if accept else {})

    told = answer.get_json(force=True)
    curl = shlex.split(told["curl"])
    assert (answer.status_code, told["accept"], told["chosen"]) == (200, accept, chosen)
    assert why in told["why"]
    assert curl[-1] == f"http://localhost{PATH}"
    assert (f"Accept: {accept}" in curl) == bool(accept)


def test_a_browser_sees_the_explanation_as_a_page(client: FlaskClient) -> None:
    """With the range that decided for each form, every mark of the header escaped."""
    page = client.get(f"{PATH}?explain=accept", headers={"Accept": 'text/html, text/turtle;x="<b>";q=0.5'})

    assert page.content_type == "text/html; charset=utf-8"
    assert "text/turtle;x=&#34;&lt;b&gt;&#34;;q=0.5" in page.text
    assert "<b>text/html</b> is sent" in page.text


# Headers ---------------------------------------------------------------------------------------------

LINK: Final = re.compile(r"<([^>]*)>((?:;\s*\w+=\"[^\"]*\")*)")


def links(header: str) -> list[tuple[str, str, str]]:
    """Read a Link header as target, relation and type."""
    found = []
    for target, parameters in LINK.findall(header):
        told = dict(re.findall(r'(\w+)="([^"]*)"', parameters))
        found.append((target, told["rel"], told.get("type", "")))
    return found


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("suffix", ["", ".html", ".ttl", ".nq"])
def test_a_document_is_sign_posted(client: FlaskClient, suffix: str, method: str) -> None:
    """What to cite, the data about it, the licence, what it is, what it belongs to: below 4 kB."""
    header = client.open(PATH + suffix, method=method).headers["Link"]

    found = links(header)
    by_relation = {relation: [one for one in found if one[1] == relation] for _, relation, _ in found}
    assert [one[0] for one in by_relation["cite-as"]] == [f"https://w3id.org/lungkg{THING}"]
    assert {(target, kind) for target, _, kind in by_relation["describedby"]} == {
        (f"{PATH}.ttl", "text/turtle"), (f"{PATH}.jsonld", "application/ld+json"),
        (f"{PATH}.nt", "application/n-triples"), (f"{PATH}.rdf", "application/rdf+xml"),
    }  # fmt: skip
    assert [one[0] for one in by_relation["license"]] == ["https://creativecommons.org/licenses/by/4.0/"]
    assert [one[0] for one in by_relation["type"]] == ["https://schema.org/AboutPage", "https://schema.org/DefinedTerm"]
    assert [one[0] for one in by_relation["collection"]] == ["/dataset"]
    assert [one[0] for one in by_relation["canonical"]] == [PATH]
    assert [one[0] for one in by_relation.get("describes", [])] == ([] if suffix == ".html" else [THING])
    assert len(header) < 4_000


def test_links_never_outgrow_what_proxies_take(client: FlaskClient) -> None:
    """Those that matter least are left out of a header that would be too long."""
    answer = client.get(f"/doc/entity/{'a' * 700}", headers={"Accept": "image/png"})

    assert answer.status_code == 406
    assert 0 < len(answer.headers["Link"]) <= 4_000


def test_a_representation_is_named_and_dated(client: FlaskClient) -> None:
    """Content-Location, ETag and Last-Modified; what may vary is said; scripts elsewhere may read all of it."""
    answer = client.get(PATH, headers={"Accept": "application/ld+json"})

    assert answer.headers["Content-Location"] == f"{PATH}.jsonld"
    assert re.fullmatch(r'"[0-9a-f]{32}"', answer.headers["ETag"])
    assert answer.last_modified is not None
    assert {"Accept", "Accept-Encoding"} <= set(answer.vary)
    assert answer.headers["Cache-Control"] == "public, no-cache"
    readable = {name.strip() for name in answer.headers["Access-Control-Expose-Headers"].split(",")}
    assert {"Link", "ETag", "Last-Modified", "Content-Location", "Location", "Vary", "Retry-After"} <= readable


def test_each_form_has_an_entity_tag_of_its_own(client: FlaskClient) -> None:
    """Also compressed; by suffix it is the same as by negotiation."""
    tags = {
        suffix: client.get(f"{PATH}.{suffix}").headers["ETag"]
        for suffix in ("ttl", "jsonld", "nt", "rdf", "html", "trig", "nq")
    }
    zipped = client.get(f"{PATH}.ttl", headers={"Accept-Encoding": "gzip"}).headers["ETag"]

    assert len({*tags.values(), zipped}) == 8
    assert client.get(PATH).headers["ETag"] == tags["ttl"]


def test_who_has_one_form_does_not_have_another(client: FlaskClient) -> None:
    """If-None-Match is looked at after the form was chosen."""
    turtle = client.get(PATH, headers={"Accept": "text/turtle"}).headers["ETag"]

    same = client.get(PATH, headers={"Accept": "text/turtle", "If-None-Match": turtle})
    other = client.get(PATH, headers={"Accept": "text/html", "If-None-Match": turtle})

    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", turtle)
    assert other.status_code == 200


def test_a_preflight_is_allowed(client: FlaskClient) -> None:
    """For a page elsewhere that sends what clients of linked data send."""
    answer = client.options(PATH, headers={"Origin": "https://example.org", "Access-Control-Request-Method": "GET"})

    assert answer.status_code in (200, 204)
    assert {"GET", "HEAD", "OPTIONS"} <= set(answer.headers["Access-Control-Allow-Methods"].split(", "))
    assert {"Accept", "If-None-Match"} <= set(answer.headers["Access-Control-Allow-Headers"].split(", "))


def test_the_explanation_is_json(client: FlaskClient) -> None:
    """It reads as JSON, whatever the header holds."""
    told = client.get(f"{PATH}?explain=accept", headers={"Accept": 'text/turtle;a="\\"é"'})

    assert json.loads(told.data)["chosen"] == "text/turtle"
