"""The dataset over HTTP: its description, releases, named graphs and downloads, for every kind of client."""

import base64
import gzip
import hashlib
import json
import re
import shutil
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import quote

import html5rdf  # type: ignore[import-untyped]  # it has no types
import pyoxigraph as ox
import pytest
import rdflib
from flask.testing import FlaskClient

from lungkg.dcat import version_iri
from lungkg.downloads import listed, located
from lungkg.namespaces import GRAPHS, Minter
from lungkg.stores import select
from lungkg.web.service import Served
from tests.bakery import BASE, Releases, application

FORMS = {
    "ttl": ("text/turtle; charset=utf-8", ox.RdfFormat.TURTLE),
    "jsonld": ("application/ld+json", ox.RdfFormat.JSON_LD),
    "nt": ("application/n-triples", ox.RdfFormat.N_TRIPLES),
    "rdf": ("application/rdf+xml", ox.RdfFormat.RDF_XML),
    "trig": ("application/trig", ox.RdfFormat.TRIG),
    "nq": ("application/n-quads", ox.RdfFormat.N_QUADS),
}
TRIPLES = ("ttl", "jsonld", "nt", "rdf")
DCAT = "http://www.w3.org/ns/dcat#"


@pytest.fixture(scope="module")
def web(bakery: Releases) -> FlaskClient:
    """A client of a server of the second release."""
    return application(bakery.project, bakery.second)[0].test_client()


def triples(content: bytes, suffix: str) -> set[ox.Triple]:
    """Read a document."""
    return {quad.triple for quad in ox.parse(content, format=FORMS[suffix][1])}


def held(bakery: Releases, graph: str) -> set[ox.Triple]:
    """Read a graph of the second release from its store."""
    store = ox.Store.read_only(str(bakery.second.store))
    name = ox.NamedNode(Minter(BASE).graph(graph))
    return {quad.triple for quad in store.quads_for_pattern(None, None, None, name)}


# Named graphs


@pytest.mark.parametrize("suffix", FORMS)
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_graph_is_had_in_every_format(web: FlaskClient, bakery: Releases, suffix: str, encoding: str) -> None:
    """Whole, compressed or not, with the triples of the store; quads are in the graph of that name."""
    response = web.get(f"/graph/claims.{suffix}", headers={"Accept-Encoding": encoding})
    content = gzip.decompress(response.data) if encoding == "gzip" else response.data

    assert (response.status_code, response.headers["Content-Type"]) == (200, FORMS[suffix][0])
    assert response.headers.get("Content-Encoding", "identity") == encoding
    assert triples(content, suffix) == held(bakery, "claims")
    assert response.headers.get("Content-Length") in (None, str(len(response.data)))


@pytest.mark.parametrize("graph", GRAPHS)
def test_every_graph_is_served(web: FlaskClient, graph: str) -> None:
    """As Turtle and as a page, at its own IRI's path."""
    assert web.get(f"/graph/{graph}").status_code == 200
    page = web.get(f"/graph/{graph}", headers={"Accept": "text/html"})
    assert (page.status_code, f"graph/{graph}" in page.text) == (200, True)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        pytest.param("", "ttl", id="nothing"),
        pytest.param("*/*", "ttl", id="anything"),
        pytest.param("text/html", "html", id="browser"),
        pytest.param("application/n-quads", "nq", id="quads-alone"),
        pytest.param("application/trig", "trig", id="trig-alone"),
        pytest.param("application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9", "jsonld", id="comunica"),
        pytest.param("application/rdf+xml, text/turtle;q=0.1", "rdf", id="weights"),
    ],
)
def test_quads_are_for_those_who_name_nothing_else(web: FlaskClient, accept: str, expected: str) -> None:
    """Clients that prefer quads and then look at the default graph would find nothing there."""
    response = web.get("/graph/claims", headers={"Accept": accept})

    assert (response.status_code, response.headers["Content-Location"]) == (200, f"/graph/claims.{expected}")


def test_rdflib_reads_a_graph_as_it_asks(web: FlaskClient, bakery: Releases) -> None:
    """What rdflib gets for its own Accept header has all triples in the default graph."""
    accept = "application/rdf+xml,text/n3,text/turtle,application/n-triples,application/ld+json,application/n-quads"
    response = web.get("/graph/edges", headers={"Accept": accept})
    graph = rdflib.Graph().parse(data=response.data, format=response.mimetype)

    assert len(graph) == len(held(bakery, "edges"))


def test_big_graphs_are_not_written_whole(web: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON-LD and RDF/XML of a big graph are refused with what there is, and not chosen for anybody."""
    monkeypatch.setattr("lungkg.web.named_graphs.SMALL", 3)

    refused = web.get("/graph/claims.jsonld")
    chosen = web.get("/graph/claims", headers={"Accept": "application/ld+json, text/turtle;q=0.1"})
    streamed = web.get("/graph/claims.nt")

    assert (refused.status_code, ".ttl" in refused.text) == (406, True)
    assert chosen.headers["Content-Location"] == "/graph/claims.ttl"
    assert streamed.status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "part"),
    [
        pytest.param("/graph/claim", 404, "Did you mean claims?", id="near-match"),
        pytest.param("/graph/x", 404, "there are ontology", id="unknown"),
        pytest.param("/graph/claims.pdf", 404, ".ttl", id="suffix"),
        pytest.param("/dataset.pdf", 404, ".ttl", id="dataset-suffix"),
        pytest.param("/dataset/0000", 404, "/dataset/releases", id="release"),
        pytest.param(f"/dataset/{'0' * 64}", 404, "/dataset/releases", id="unknown-release"),
        pytest.param("/dataset/9.9.9", 404, "/dataset/releases", id="unknown-version"),
        pytest.param("/downloads/none.nq.gz", 404, "no file", id="file"),
        pytest.param("/downloads/latest/bakery-claim.ttl.gz", 404, "bakery-claims.ttl.gz", id="alias"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(web: FlaskClient, path: str, status: int, part: str) -> None:
    """A problem with a way on."""
    response = web.get(path)

    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert part in response.get_json()["detail"]


@pytest.mark.parametrize(
    "path",
    ["/graph/claims.ttl", "/graph/claims.nt", "/dataset", "/downloads/", "/dataset/releases", "/downloads/SHA256SUMS"],
)
def test_who_has_it_is_told_so(web: FlaskClient, path: str) -> None:
    """An entity tag is good for a 304, and HEAD has the headers of GET."""
    first = web.get(path)
    again = web.get(path, headers={"If-None-Match": first.headers["ETag"]})
    head = web.head(path)

    assert (again.status_code, again.data) == (304, b"")
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", first.headers["ETag"])
    assert head.headers.get("Content-Length") == first.headers.get("Content-Length")


# The dataset


@pytest.mark.parametrize("suffix", FORMS)
def test_the_description_is_the_same_in_every_format(web: FlaskClient, suffix: str) -> None:
    """By suffix, and by Accept with the address of that suffix."""
    fixed = web.get(f"/dataset.{suffix}")
    negotiated = web.get("/dataset", headers={"Accept": FORMS[suffix][0].partition(";")[0]})

    assert triples(fixed.data, suffix) == triples(web.get("/dataset").data, "ttl")
    assert (fixed.data, negotiated.headers["Content-Location"]) == (negotiated.data, f"/dataset.{suffix}")


def test_the_description_holds_what_the_release_says_of_itself(web: FlaskClient, bakery: Releases) -> None:
    """All of graph/metadata, so that each fragment of the dataset's IRI is described where it leads."""
    assert held(bakery, "metadata") <= triples(web.get("/dataset").data, "ttl")


def test_counts_are_what_the_endpoint_counts(web: FlaskClient, bakery: Releases) -> None:
    """Triples of each graph and instances of each class, as VoID says and as counting gives."""
    graph = rdflib.Graph().parse(data=web.get("/dataset").data, format="turtle")
    store = ox.Store.read_only(str(bakery.second.store))
    void = rdflib.Namespace("http://rdfs.org/ns/void#")
    told = {
        str(graph.value(part, void["class"])): int(str(graph.value(part, void.entities)))
        for part in graph.objects(rdflib.URIRef(f"{BASE}dataset"), void.classPartition)
    }
    rows = select(
        store,
        f"SELECT ?class (COUNT(DISTINCT ?s) AS ?n) {{ GRAPH ?g {{ ?s a ?class }} FILTER(?g != <{BASE}graph/metadata>) }}"
        " GROUP BY ?class",
    )
    counted = {row["class"].value: int(row["n"].value) for row in rows if isinstance(row["class"], ox.NamedNode)}

    assert told == counted
    for name in GRAPHS:
        triples_ = graph.value(rdflib.URIRef(f"{BASE}graph/{name}"), void.triples)
        assert int(str(triples_)) == len(held(bakery, name))


def test_catalogues_find_what_they_look_for(web: FlaskClient, bakery: Releases) -> None:
    """DCAT: files with address, media types, size and checksum, the endpoint, the version."""
    graph = rdflib.Graph().parse(data=web.get("/dataset").data, format="turtle")
    dcat, spdx = rdflib.Namespace(DCAT), rdflib.Namespace("http://spdx.org/rdf/terms#")
    dataset = rdflib.URIRef(f"{BASE}dataset")
    files = {file.name: file for file in listed(bakery.second) if not file.graph}

    assert (dataset, rdflib.RDF.type, dcat.Dataset) in graph
    assert {str(url).rpartition("/")[2] for url in graph.objects(dataset, dcat.distribution / dcat.downloadURL)} == set(
        files
    )
    for node in graph.objects(dataset, dcat.distribution):
        file = files[str(graph.value(node, dcat.downloadURL)).rpartition("/")[2]]
        assert str(graph.value(node, dcat.mediaType)).endswith(file.media_type)
        assert ((node, dcat.compressFormat, None) in graph) == file.packed
        assert int(str(graph.value(node, dcat.byteSize))) == file.size
        assert str(next(graph.objects(node, spdx.checksum / spdx.checksumValue))) == file.sha256
    assert graph.value(rdflib.URIRef(f"{BASE}sparql"), dcat.servesDataset) == dataset
    assert str(graph.value(dataset, dcat.hasCurrentVersion)) == version_iri(BASE, bakery.second.id)


def test_what_cannot_be_known_is_not_said(web: FlaskClient) -> None:
    """The dump that holds the description has no checksum in it; nobody is given an address that nobody has."""
    text = web.get("/dataset").text

    assert f"{BASE}dataset#file/metadata.nq.gz/checksum" not in text
    assert f"{BASE}dataset#file/claims.nq.gz/checksum" in triples_as_text(text)
    assert "contactPoint" not in text
    assert "doi.org" not in text


def triples_as_text(text: str) -> str:
    """Write Turtle with whole IRIs."""
    return (ox.serialize(triples(text.encode(), "ttl"), format=ox.RdfFormat.N_TRIPLES) or b"").decode()


def test_void_is_where_it_is_looked_for(web: FlaskClient) -> None:
    """/.well-known/void leads to the description, in the format that is wanted."""
    default = web.get("/.well-known/void")
    chosen = web.get("/.well-known/void", headers={"Accept": "application/rdf+xml"})

    assert (default.status_code, default.headers["Location"]) == (303, "/dataset.ttl")
    assert (chosen.status_code, chosen.headers["Location"]) == (303, "/dataset.rdf")


def test_the_page_carries_schema_org(web: FlaskClient, bakery: Releases) -> None:
    """Search engines read it from the page, without fetching a context, and find every dump."""
    page = web.get("/dataset", headers={"Accept": "text/html"}).text
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    content = json.loads(script)

    assert (content["@type"], content["@id"]) == ("Dataset", f"{BASE}dataset")
    assert content["@context"]["@vocab"] == "https://schema.org/"
    assert {entry["sha256"] for entry in content["distribution"]} == {
        f.sha256 for f in listed(bakery.second) if not f.graph
    }
    quads = list(ox.parse(script, format=ox.RdfFormat.JSON_LD))
    assert ox.NamedNode("https://schema.org/Dataset") in {quad.object for quad in quads}


def test_signposts_lead_to_the_files(web: FlaskClient) -> None:
    """Link headers name the dumps, the licence, the descriptions and what to cite, in less than 4 kB."""
    link = web.get("/dataset").headers["Link"]

    assert {'rel="item"', 'rel="license"', 'rel="describedby"', 'rel="cite-as"', 'rel="type"'} <= set(
        re.findall(r'rel="[a-z-]+"', link)
    )
    assert len(link) < 4096


@pytest.mark.parametrize("path", ["/dataset", "/dataset/releases", "/downloads/", "/graph/claims"])
def test_links_have_the_prefix_that_the_application_has(bakery: Releases, path: str) -> None:
    """Behind a proxy that serves it below /kg, no link on a page or in a header leads outside."""
    app, _service = application(bakery.project, bakery.second)
    response = app.test_client().get(path, headers={"Accept": "text/html"}, environ_overrides={"SCRIPT_NAME": "/kg"})

    places = [
        *re.findall(r'href="(/[^"]*)"', response.text),
        *re.findall(r"<(/[^>]*)>", response.headers.get("Link", "")),
    ]
    assert [place for place in places if not place.startswith("/kg/")] == []
    assert response.headers["Content-Location"].startswith("/kg/")


PAGES = [
    "/dataset",
    "/dataset/releases",
    "/dataset/{id}",
    "/dataset/{id}/changes",
    "/downloads/",
    "/graph/claims",
    "/graph/metadata",
]


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_sound(web: FlaskClient, bakery: Releases, path: str) -> None:
    """HTML without mistakes, and nothing from elsewhere; the only script is data."""
    page = web.get(path.format(id=bakery.second.id), headers={"Accept": "text/html"})

    html5rdf.HTMLParser(strict=True).parse(page.text)
    assert page.status_code == 200
    assert re.findall(r"<script(?! type=.application/ld.json.)", page.text) == []
    assert re.findall(r'(?:src|action)="https?:', page.text) == []


@pytest.mark.parametrize("path", [path for path in PAGES if "{id}" not in path])
def test_links_on_pages_lead_somewhere(web: FlaskClient, path: str) -> None:
    """Every link to this server, apart from what has a server of its own tests, is answered."""
    page = web.get(path, headers={"Accept": "text/html"}).text
    links = {unescape(link) for link in re.findall(r'href="(/(?:dataset|downloads|graph)[^"#]*)"', page)}

    assert links
    assert {link: status for link in links if (status := web.get(link).status_code) != 200} == {}


def test_a_text_never_ends_the_script(bakery: Releases) -> None:
    """A title with the end of a script in it stays a title."""
    hostile = replace(bakery.project, title="</script><b>bread</b>")
    page = application(hostile, bakery.second)[0].test_client().get("/dataset", headers={"Accept": "text/html"}).text
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)

    assert json.loads(script)["name"] == hostile.title
    assert "<b>bread" not in page


@pytest.mark.parametrize("name", ["nquads", "jsonld", "application/rdf+xml", "html"])
def test_a_format_may_be_named(web: FlaskClient, name: str) -> None:
    """`?format=` overrules Accept; one that there is not is a clear error."""
    assert web.get(f"/graph/claims?format={quote(name, safe='')}", headers={"Accept": "image/png"}).status_code == 200
    unknown = web.get("/graph/claims?format=pdf")
    assert (unknown.status_code, unknown.get_json()["parameter"]) == (400, "format")


@pytest.mark.parametrize("path", ["/dataset", "/graph/claims", "/downloads/", "/.well-known/void", "/dataset/releases"])
def test_what_cannot_be_written_is_refused_with_the_list(web: FlaskClient, path: str) -> None:
    """406 names what there is."""
    response = web.get(path, headers={"Accept": "image/png"})

    assert (response.status_code, "text/turtle" in response.get_json()["detail"]) == (406, True)


# Releases


def test_releases_are_listed_with_what_changed(web: FlaskClient, bakery: Releases) -> None:
    """The newest first; the second one knows the first."""
    content = web.get("/dataset/releases.json").get_json()["releases"]

    assert [(entry["id"], entry["kept"], entry["previous"]) for entry in content] == [
        (bakery.second.id, True, bakery.first.id),
        (bakery.first.id, True, None),
    ]
    assert content[0]["changes"]["things"]["claim"] == {"added": 1, "removed": 1, "changed": 2}
    page = web.get("/dataset/releases", headers={"Accept": "text/html"}).text
    assert "claims: 1 added, 1 removed, 2 changed" in page


@pytest.mark.parametrize("suffix", TRIPLES)
def test_a_release_that_is_kept_is_described_for_good(web: FlaskClient, bakery: Releases, suffix: str) -> None:
    """By itself alone: who has the description of a release need never ask again."""
    response = web.get(f"/dataset/{bakery.first.id}.{suffix}")
    found = triples(response.data, suffix)

    assert response.status_code == 200
    assert "immutable" in response.headers["Cache-Control"]
    assert ox.NamedNode(version_iri(BASE, bakery.first.id)) in {triple.subject for triple in found}
    assert ox.NamedNode(version_iri(BASE, bakery.second.id)) not in {triple.subject for triple in found}


def test_the_one_before_is_linked(web: FlaskClient, bakery: Releases) -> None:
    """dcat:previousVersion leads from one release to the one before."""
    expected = ox.Triple(
        ox.NamedNode(version_iri(BASE, bakery.second.id)),
        ox.NamedNode(DCAT + "previousVersion"),
        ox.NamedNode(version_iri(BASE, bakery.first.id)),
    )

    assert expected in triples(web.get(f"/dataset/{bakery.second.id}").data, "ttl")
    assert expected in triples(web.get("/dataset").data, "ttl")


@pytest.mark.parametrize("way", ["beginning", "version"])
def test_a_release_has_shorter_names(web: FlaskClient, bakery: Releases, way: str) -> None:
    """Twelve characters of its id, or its version, lead to it."""
    name = {"beginning": bakery.second.id[:12], "version": "0.1.0"}[way]
    response = web.get(f"/dataset/{name}.ttl")

    assert (response.status_code, response.headers["Location"]) == (302, f"/dataset/{bakery.second.id}.ttl")


@pytest.mark.parametrize("suffix", ["trig", "json", "html"])
def test_what_changed_is_had_in_words_and_as_rdf(web: FlaskClient, bakery: Releases, suffix: str) -> None:
    """With the release, in each of its forms; the first release has none."""
    response = web.get(f"/dataset/{bakery.second.id}/changes.{suffix}")

    assert response.status_code == 200
    assert "softness of the crust" in response.text or suffix == "trig"
    assert web.get(f"/dataset/{bakery.first.id}/changes.{suffix}").status_code == 404


def test_the_triples_that_changed_are_those_of_the_release(web: FlaskClient, bakery: Releases) -> None:
    """Sent from their file, compressed or not."""
    expected = gzip.decompress((bakery.second.path / "changes.trig.gz").read_bytes())
    path = f"/dataset/{bakery.second.id}/changes.trig"

    assert web.get(path).data == expected
    assert gzip.decompress(web.get(path, headers={"Accept-Encoding": "gzip"}).data) == expected


@pytest.fixture
def pruned(bakery: Releases, tmp_path: Path) -> FlaskClient:
    """A client of a server that does not keep the first release any more."""
    out = Path(shutil.copytree(bakery.out, tmp_path / "out", symlinks=True))
    shutil.rmtree(out / "releases" / bakery.first.path.name)
    return application(bakery.project, type(bakery.second)(out / "releases" / bakery.second.path.name))[0].test_client()


@pytest.mark.parametrize(
    "what", ["dataset/{id}", "dataset/{id}.html", "dataset/{id}/changes", "downloads/bakery-{short}.nq.gz"]
)
def test_a_release_that_went_is_gone(pruned: FlaskClient, bakery: Releases, what: str) -> None:
    """410, not 404: it was there, and the list says what is."""
    response = pruned.get("/" + what.format(id=bakery.first.id, short=bakery.first.id[:12]))

    assert response.status_code == 410
    assert "not kept any more" in response.get_json()["detail"]


# Downloads


def one(bakery: Releases) -> tuple[str, bytes]:
    """A file with its content."""
    file = next(file for file in listed(bakery.second) if file.graph == "claims" and file.format == "turtle")
    return f"/downloads/{file.name}", located(bakery.second, file).read_bytes()


def test_a_file_has_all_that_a_client_may_want_to_know(web: FlaskClient, bakery: Releases) -> None:
    """Type, length, checksums, name, and that it never changes; it is a gzip file, not a text that was compressed."""
    path, content = one(bakery)
    response = web.get(path, headers={"Accept-Encoding": "gzip"})
    digest = hashlib.sha256(content)

    assert response.data == content
    assert response.headers["Content-Type"] == "application/gzip"
    assert "Content-Encoding" not in response.headers
    assert response.headers["Content-Length"] == str(len(content))
    assert response.headers["ETag"] == f'"{digest.hexdigest()}"'
    assert response.headers["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert response.headers["Last-Modified"] == "Tue, 24 Nov 2026 00:00:00 GMT"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{path.rpartition("/")[2]}"'
    assert response.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        pytest.param("bytes=0-99", 0, 100, id="beginning"),
        pytest.param("bytes=100-", 100, None, id="rest"),
        pytest.param("bytes=-50", -50, None, id="end"),
        pytest.param("bytes=0-99999999", 0, None, id="beyond-the-end"),
        pytest.param("bytes=7-7", 7, 8, id="one-byte"),
    ],
)
def test_a_part_is_sent(web: FlaskClient, bakery: Releases, asked: str, start: int, end: int | None) -> None:
    """206 with the bytes that were asked for, and where they stand in the whole."""
    path, content = one(bakery)
    response = web.get(path, headers={"Range": asked})
    first = start % len(content)

    assert (response.status_code, response.data) == (206, content[start:end])
    assert response.headers["Content-Range"] == f"bytes {first}-{first + len(response.data) - 1}/{len(content)}"
    assert response.headers["Content-Length"] == str(len(response.data))


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Range": "bytes=0-1,5-6"}, id="several-parts"),
        pytest.param({"Range": "lines=1-2"}, id="other-units"),
        pytest.param({"Range": "bytes=a-b"}, id="no-numbers"),
        pytest.param({"Range": "bytes=9-3"}, id="backwards"),
        pytest.param({"Range": "bytes=-0"}, id="nothing"),
        pytest.param({"Range": "bytes=0-1", "If-Range": '"another"'}, id="of-another-version"),
        pytest.param({"Range": "bytes=0-1", "If-Range": "Mon, 23 Nov 2026 00:00:00 GMT"}, id="of-another-date"),
    ],
)
def test_a_part_that_cannot_be_meant_is_answered_by_the_whole(
    web: FlaskClient, bakery: Releases, headers: dict[str, str]
) -> None:
    """As RFC 9110 says: a Range that is not understood is ignored."""
    path, content = one(bakery)
    response = web.get(path, headers=headers)

    assert (response.status_code, response.data) == (200, content)


@pytest.mark.parametrize("way", ["tag", "date"])
def test_a_part_of_the_same_version_is_sent(web: FlaskClient, bakery: Releases, way: str) -> None:
    """If-Range holds: a download that broke off goes on."""
    path, content = one(bakery)
    whole = web.head(path)
    condition = whole.headers["ETag"] if way == "tag" else whole.headers["Last-Modified"]
    response = web.get(path, headers={"Range": "bytes=10-", "If-Range": condition})

    assert (response.status_code, response.data) == (206, content[10:])


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=99999999-100000000"])
def test_a_part_beyond_the_end_is_refused(web: FlaskClient, bakery: Releases, asked: str) -> None:
    """416, with the length that the file has."""
    path, content = one(bakery)
    response = web.get(path, headers={"Range": asked})

    assert (response.status_code, response.headers["Content-Range"]) == (416, f"bytes */{len(content)}")


def test_a_head_is_of_the_whole(web: FlaskClient, bakery: Releases) -> None:
    """Range is for GET."""
    path, content = one(bakery)
    response = web.head(path, headers={"Range": "bytes=0-1"})

    assert (response.status_code, response.data) == (200, b"")
    assert response.headers["Content-Length"] == str(len(content))


def test_scripts_have_an_address_that_stays(web: FlaskClient, bakery: Releases) -> None:
    """The alias leads to the file of the newest release, and is asked for each time."""
    response = web.get("/downloads/latest/bakery-claims.ttl.gz")

    assert (response.status_code, response.headers["Location"]) == (307, one(bakery)[0])
    assert response.headers["Cache-Control"] == "public, no-cache"


def test_files_of_releases_that_are_kept_are_still_there(web: FlaskClient, bakery: Releases) -> None:
    """Their addresses were said to stand for the same bytes for ever."""
    file = listed(bakery.first)[0]

    assert web.get(f"/downloads/{file.name}").data == located(bakery.first, file).read_bytes()


def test_the_list_is_had_by_programs(web: FlaskClient, bakery: Releases) -> None:
    """As JSON with addresses, and as RDF."""
    content = web.get("/downloads/", headers={"Accept": "application/json"}).get_json()
    found = triples(web.get("/downloads/").data, "ttl")

    assert {entry["name"]: entry["sha256"] for entry in content["files"]} == {
        f.name: f.sha256 for f in listed(bakery.second)
    }
    assert {t.object.value for t in found if t.predicate.value == DCAT + "downloadURL"} == {  # type: ignore[union-attr]
        entry["url"] for entry in content["files"]
    }


def test_the_checksums_are_those_of_the_release(web: FlaskClient, bakery: Releases) -> None:
    """As in its folder."""
    assert web.get("/downloads/SHA256SUMS").data == (bakery.second.path / "downloads" / "SHA256SUMS").read_bytes()


@pytest.mark.parametrize("begun", [False, True])
def test_a_download_ends_whole_though_its_release_goes(
    bakery: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: bool
) -> None:
    """A new release takes over and the old one is removed, before and after the first bytes were sent."""
    monkeypatch.setattr("lungkg.web.files.PIECE", 100)
    out = Path(shutil.copytree(bakery.out, tmp_path / "out", symlinks=True))
    old, new = (type(bakery.first)(out / "releases" / r.path.name) for r in (bakery.first, bakery.second))
    app, service = application(bakery.project, old)
    file = listed(old)[0]
    content = located(old, file).read_bytes()

    with app.test_request_context(f"/downloads/{file.name}"):
        pieces = iter(app.full_dispatch_request().response)
        first = next(pieces) if begun else b""
        service.switch(Served(service.served.engine, bakery.project, new))
        shutil.rmtree(old.path)
        rest = list(pieces)

    assert len(rest) > 1
    assert first + b"".join(rest) == content  # type: ignore[arg-type, operator]


def test_a_release_without_downloads_says_so(bakery: Releases, tmp_path: Path) -> None:
    """As those of older versions are: the description comes from the store, and the rest says what to do."""
    folder = Path(shutil.copytree(bakery.first.path, tmp_path / "releases" / bakery.first.path.name, symlinks=True))
    shutil.rmtree(folder / "downloads")
    web = application(bakery.project, type(bakery.first)(folder))[0].test_client()

    assert web.get("/dataset").status_code == 200
    assert "without downloads" in web.get("/downloads/", headers={"Accept": "text/html"}).text
    assert "without downloads" in web.get("/graph/claims").get_json()["detail"]
    assert "without downloads" in web.get("/downloads/latest/bakery.nq.gz").get_json()["detail"]
