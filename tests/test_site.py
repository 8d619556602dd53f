"""The static twin: every document in every form as files that say what the server says, wherever they are put."""

import functools
import hashlib
import html
import http.server
import json
import os
import re
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urljoin, urlsplit

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from lungkg.build import build
from lungkg.engines import LocalEngine
from lungkg.errors import InputError, SystemProblem
from lungkg.formats import DATASETS, DOCUMENTS, negotiate
from lungkg.linked.addresses import Thing
from lungkg.namespaces import DCTERMS, ONT, RDF, RDFS
from lungkg.project import Project, load_project
from lungkg.queries import load_catalogue
from lungkg.release import Release
from lungkg.web import create_app
from lungkg.web import site as site_module
from lungkg.web.service import Served, Service
from lungkg.web.site import MARK, write_site
from lungkg.web.site_links import ROOT, Host
from lungkg.web.site_rules import apache as rules_for
from lungkg.web.site_rules import w3id
from tests.apache import Rules, apache, few_lines, needs_apache
from tests.server import PATIENCE

BAKERY: Final = Path(__file__).parent / "other_project"
ENDPOINT: Final = "https://kg.example.org/sparql"
ADDRESS: Final = "https://kg.example.org/bakery/"
CLAIM: Final = "doc/claim/leaflet-01-C1"

WITHDRAWN: Final = "leaflet-01-C90"
MERGED: Final = "leaflet-01-C91"

ACCEPT: Final = {
    "nothing": "",
    "anything": "*/*",
    "browser": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
    "html-or-anything": "text/html, */*",
    "rdflib": "application/rdf+xml, text/n3, text/turtle, application/n-triples, application/ld+json, application/n-quads, application/trix, application/trig",
    "rdflib-nt": "text/plain, */*;q=0.1",
    "quads-first": "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,text/turtle;q=0.6",
    "json": "application/ld+json, application/json",
    "by-a-hair": "text/turtle;q=0.899, application/rdf+xml;q=0.9",
    "zeros": "text/turtle;q=0.900, application/rdf+xml;q=0.90, application/ld+json;q=0.89",
    "excluded": "application/*;q=0.5, application/ld+json;q=0, application/n-triples;q=0.000",
    "without-a-zero": "text/turtle;q=.5, application/ld+json;q=.51",
    "too-much": "text/turtle;q=2, application/rdf+xml;q=0.1",
    "no-number": "text/turtle;q=high, application/rdf+xml;q=0.1",
    "parameters": "application/ld+json;profile=expanded;q=0.2, text/turtle ; charset=utf-8 ; q=0.3",
    "capitals": "TEXT/Turtle;Q=0.4, Application/LD+JSON;q=0.3",
    "picture": "image/png",
    "all-refused": "*/*;q=0",
}


@pytest.fixture(scope="module")
def bakery() -> Project:
    """A small project of another field."""
    return load_project(BAKERY)


@pytest.fixture(scope="module")
def baked(bakery: Project, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Its release, in which one claim was withdrawn and another one merged into a third."""
    made = build(bakery, tmp_path_factory.mktemp("out")).release
    assert made is not None
    store = ox.Store(str(made.store))
    graph = ox.NamedNode(f"{bakery.base}graph/documents")
    for local in (WITHDRAWN, MERGED):
        old = ox.NamedNode(f"{bakery.base}id/claim/{local}")
        store.add(ox.Quad(old, ox.NamedNode(RDF + "type"), ox.NamedNode(ONT + "Tombstone"), graph))
        store.add(ox.Quad(old, ox.NamedNode(RDFS + "label"), ox.Literal("C90", language="en"), graph))
    now = ox.NamedNode(f"{bakery.base}id/claim/leaflet-01-C1")
    store.add(ox.Quad(old, ox.NamedNode(DCTERMS + "isReplacedBy"), now, graph))
    store.flush()
    return made


@pytest.fixture(scope="module")
def served(bakery: Project, baked: Release) -> Iterator[Served]:
    """What is served of it."""
    with LocalEngine(baked.store, bakery.prefixes, base=bakery.base) as engine:
        yield Served(engine, bakery, baked, load_catalogue(bakery))


@pytest.fixture(scope="module")
def client(served: Served) -> FlaskClient:
    """A client of the server."""
    return create_app(Service(served)).test_client()


@pytest.fixture
def no_other_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out all pages but those about things, for tests that are not about them."""
    monkeypatch.setattr(site_module, "SEEDS", ("context.jsonld",))


@pytest.fixture(scope="module")
def site(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as files."""
    folder = tmp_path_factory.mktemp("twin") / "site"
    write_site(create_app(Service(served)), served, folder, Host(ENDPOINT, ADDRESS))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Give all files by their paths."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# What is in it -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_report_of_the_validation_is_there(site: Path, baked: Release) -> None:
    """As it was kept, under both of its addresses, and as a page in which no link needs a server."""
    for path in ("status", f"dataset/{baked.id}/report"):
        assert (site / f"{path}.ttl").read_bytes() == (baked.path / "report.ttl").read_bytes()
        assert (site / f"{path}.json").read_bytes() == (baked.path / "report.json").read_bytes()
        assert "This release conforms to all shapes" in (site / f"{path}.html").read_text("utf-8")
    assert 'href="status.html"' in (site / "index.html").read_text("utf-8")


@pytest.mark.slow
def test_every_document_is_there_in_every_form(site: Path, served: Served, client: FlaskClient) -> None:
    """As many as there are things; each file has the very bytes that the server sends."""
    store = ox.Store.read_only(str(served.release.store))
    start = f"{served.project.base}id/"
    things = {
        quad.subject.value[len(start) :]
        for quad in store
        if isinstance(quad.subject, ox.NamedNode)
        and quad.subject.value.startswith(start)
        and "#" not in quad.subject.value
    }
    paths = [f"doc/{thing}" for thing in sorted(things) if not thing.endswith(MERGED)] + ["ont", "shapes"]
    forms = [entry for entry in (*DOCUMENTS, *DATASETS) if entry.suffix != "html"]

    wrong = [
        f"{path}.{entry.suffix}"
        for path in paths
        for entry in forms
        if (site / f"{path}.{entry.suffix}").read_bytes() != client.get(f"/{path}.{entry.suffix}").data
    ]
    assert wrong == []
    assert [path for path in paths if not (site / f"{path}.html").is_file()] == []
    assert len(paths) > 25


def test_the_context_and_the_texts_are_there(site: Path, client: FlaskClient) -> None:
    """Everything else that is not a page has the bytes of the server, too."""
    for path in ("context.jsonld", "doc/document/leaflet-01.txt", ".well-known/sparql-examples", "static/site.css"):
        with client.get(f"/{path}", headers={"Accept": "text/turtle"}) as answer:
            assert (site / path).read_bytes() == answer.data, path


def test_the_downloads_are_there_with_their_checksums(site: Path) -> None:
    """Each file that SHA256SUMS lists, and no other."""
    lines = (site / "downloads" / "SHA256SUMS").read_text("utf-8").splitlines()
    listed = {name: told for told, name in (line.split(maxsplit=1) for line in lines)}
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (site / "downloads").iterdir()}
    pages = {"index.html", "index.json", "index.ttl", "SHA256SUMS"}

    assert {name: told for name, told in files.items() if name not in pages} == listed
    assert len(listed) > 20


def test_the_site_says_what_it_is_of(site: Path, served: Served) -> None:
    """For those who find the folder, and for the next time it is written."""
    told = json.loads((site / MARK).read_text("utf-8"))

    assert (told["id"], told["base"]) == (served.release.id, served.project.base)
    assert (told["endpoint"], told["address"]) == (ENDPOINT, ADDRESS)


def test_equal_releases_give_equal_files(site: Path, served: Served, tmp_path: Path) -> None:
    """Byte by byte."""
    write_site(create_app(Service(served)), served, tmp_path / "again", Host(ENDPOINT, ADDRESS))

    assert contents(tmp_path / "again") == contents(site)


# Links -------------------------------------------------------------------------------------------

LINK: Final = re.compile(r'\b(?:href|src|action)="([^"]*)"')


def links(site: Path) -> Iterator[tuple[str, str]]:
    """Give every link of every page with the page that it is on."""
    for path in sorted(site.rglob("*.html")):
        for link in LINK.findall(path.read_text("utf-8")):
            yield str(path.relative_to(site)), html.unescape(link)


def test_every_link_leads_to_a_file(site: Path) -> None:
    """Or to another host: none is absolute within the site, and each fragment is on its page."""
    wrong, inside = [], 0
    for page, link in links(site):
        if re.match("[a-z]+:", link):
            continue
        inside += 1
        address = urlsplit(urljoin(f"http://site/a/b/{page}", link))
        target = site / unquote(address.path).removeprefix("/a/b/")
        there = link[0] != "/" and address.path.startswith("/a/b/") and target.is_file() and not address.query
        anchor = f'id="{address.fragment}"' if address.fragment else ""
        if not there or (anchor and anchor not in target.read_text("utf-8")):
            wrong.append((page, link))

    assert wrong == []
    assert inside > 500


def test_every_document_is_linked_from_the_front_page(site: Path) -> None:
    """By the lists of each type: nothing is there that nobody finds."""
    found, waiting = {"index.html"}, ["index.html"]
    while waiting:
        page = waiting.pop()
        for link in LINK.findall((site / page).read_text("utf-8")):
            target = urlsplit(urljoin(f"http://site/{page}", html.unescape(link)))
            path = unquote(target.path).lstrip("/")
            if target.netloc == "site" and path.endswith(".html") and path not in found:
                found.add(path)
                waiting.append(path)

    assert {str(path.relative_to(site)) for path in site.rglob("*.html")} == found


def test_no_trace_of_the_server_is_left(site: Path) -> None:
    """Neither of the mount prefix that pages are written with, nor of an address of this machine."""
    left = [
        path
        for path, content in contents(site).items()
        if ROOT.encode() in content or b"localhost" in content or b"127.0.0.1" in content
    ]

    assert left == []


@pytest.mark.usefixtures("no_other_pages")
def test_long_lists_are_on_several_pages(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each links the next."""
    monkeypatch.setattr(site_module, "_LISTED", 2)
    write_site(create_app(Service(served)), served, tmp_path / "site")

    pages = sorted(path.name for path in (tmp_path / "site" / "doc" / "claim").glob("index*.html"))
    first = (tmp_path / "site" / "doc" / "claim" / "index.html").read_text("utf-8")
    assert pages == ["index-2.html", "index-3.html", "index.html"]
    assert 'href="index-2.html" rel="next"' in first
    assert "1 to 2 of <b>6</b>" in first


@pytest.mark.usefixtures("no_other_pages")
def test_a_site_says_what_it_cannot_do(site: Path, served: Served, tmp_path: Path) -> None:
    """And where that can be done: at the endpoint, or by a server of one's own."""
    write_site(create_app(Service(served)), served, tmp_path / "alone")

    front, alone = ((folder / "index.html").read_text("utf-8") for folder in (site, tmp_path / "alone"))
    assert ("What a copy cannot do" in front, "What a copy cannot do" in alone) == (True, True)
    assert (f'href="{ENDPOINT}"' in front, ENDPOINT in alone, "lungkg serve" in alone) == (True, False, True)
    assert [path for path in site.rglob("*.html") if "<form" in path.read_text("utf-8")] == []


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def test_python_serves_it(site: Path, client: FlaskClient) -> None:
    """`python -m http.server`, below another path: all pages and forms are there by their suffixes."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(site.parent)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        start = f"http://127.0.0.1:{server.server_port}/{site.name}/"
        for path in (f"{CLAIM}.ttl", f"{CLAIM}.jsonld", "ont.nt"):
            with urllib.request.urlopen(start + path, timeout=PATIENCE) as answer:  # noqa: S310 # loopback
                assert answer.read() == client.get(f"/{path}").data
        with urllib.request.urlopen(start, timeout=PATIENCE) as answer:
            assert b"What a copy cannot do" in answer.read()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# Hosts with rules --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rules(bakery: Project) -> Rules:
    """The rules for Apache as our few lines read them."""
    fates = [(Thing("claim", "old"), Thing("claim", "new")), (Thing("claim", "gone"), None)]
    return Rules(rules_for(bakery, {"id": "0", "software": "0"}, fates))


def chosen(rules: Rules, site: Path, accept: str) -> str | None:
    """Give the suffix of the form that the rules choose; None for a 406."""
    status, path = rules.rewrite(site, "/", CLAIM, "", accept)
    assert status in (200, 406)
    return path.rpartition(".")[2] if status == 200 else None


def by_the_server(accept: str) -> str | None:
    """Give the suffix of the form that the server chooses."""
    found = negotiate(accept, DOCUMENTS, named_first=True)
    return found.suffix if found else None


@pytest.mark.parametrize("accept", ACCEPT.values(), ids=ACCEPT.keys())
def test_the_rules_choose_as_the_server_does(rules: Rules, site: Path, accept: str) -> None:
    """For the headers of real clients, and for odd ones."""
    assert chosen(rules, site, accept) == by_the_server(accept)


NAMES: Final = sorted(
    {"*/*", "text/*", "application/*", "image/png"}
    | {name for entry in DOCUMENTS for name in (entry.media_type, *entry.aliases)}
)
QUALITIES: Final = (
    "",
    ";q=1",
    ";q=0",
    ";q=0.5",
    ";q=0.50",
    ";q=0.55",
    ";q=1.000",
    ";q=0.001",
    ";q=.5",
    ";q=1.5",
    ";q=x",
    "; q=0.9",
    ";v=1;q=0.3",
)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(QUALITIES)), max_size=8, unique_by=lambda pair: pair[0]),
    st.sampled_from([",", ", ", " , "]),
)
def test_the_rules_choose_as_the_server_does_for_any_header(
    rules: Rules, site: Path, ranges: list[tuple[str, str]], comma: str
) -> None:
    """The whole algorithm of RFC 9110 is in them; of several aliases of one form the best counts, as long as they agree."""
    aliases = {alias: entry.name for entry in DOCUMENTS for alias in entry.aliases}
    told: dict[str, str] = {}
    ranges = [pair for pair in ranges if told.setdefault(aliases.get(pair[0], pair[0]), pair[1]) == pair[1]]
    accept = comma.join(name + quality for name, quality in ranges)

    assert chosen(rules, site, accept) == by_the_server(accept)


LED: Final = {
    "id/claim/leaflet-01-C1": (303, "/kg/doc/claim/leaflet-01-C1"),
    "id/claim/leaflet-01-C99": (404, ""),
    "id/claim/gone": (410, ""),
    "doc/claim/gone": (410, ""),
    "doc/claim/gone.ttl": (200, "doc/claim/gone.ttl"),
    "id/claim/old": (301, "/kg/id/claim/new"),
    "doc/claim/old.ttl": (301, "/kg/doc/claim/new.ttl"),
    "doc/claim/leaflet-01-C1?format=json-ld": (307, "/kg/doc/claim/leaflet-01-C1.jsonld"),
    "doc/claim/leaflet-01-C1?inverse=x&after=25": (404, ""),
    "doc/claim/leaflet-01-C1.nq": (200, "doc/claim/leaflet-01-C1.nq"),
    "ont/0.1.0": (200, "ont/0.1.0.ttl"),
    "shapes": (200, "shapes.ttl"),
    "static/site.css": (200, "static/site.css"),
    "doc/claim/index": (200, "doc/claim/index.html"),
    ".well-known/void": (303, "/kg/dataset"),
    "": (200, ""),
}


@pytest.mark.parametrize(("asked", "led"), LED.items(), ids=[name or "root" for name in LED])
def test_the_rules_lead_where_the_server_leads(rules: Rules, site: Path, asked: str, led: tuple[int, str]) -> None:
    """Below any path of the host."""
    path, _, query = asked.partition("?")

    assert rules.rewrite(site, "/kg/", path, query, "*/*") == led


def status_and_content(address: str, accept: str | None = None) -> tuple[int, str, bytes]:
    """Fetch an address without following redirects; gives status, Content-Type or Location, and content."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_args: Any, **_named: Any) -> None:
            return None

    opener = urllib.request.build_opener(Stay, urllib.request.ProxyHandler({}))
    request = urllib.request.Request(address, headers={} if accept is None else {"Accept": accept})  # noqa: S310
    try:
        with opener.open(request, timeout=PATIENCE) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as error:
        with error:
            place = urlsplit(error.headers.get("Location", "")).path
            return error.code, place, b""


@pytest.mark.slow
@pytest.mark.parametrize("mount", ["", "/some/where"], ids=["root", "mounted"])
@pytest.mark.parametrize("serve", [few_lines, pytest.param(apache, marks=needs_apache)], ids=["few-lines", "apache"])
def test_hosts_answer_as_the_server_does(
    serve: Any, mount: str, site: Path, client: FlaskClient, tmp_path: Path
) -> None:
    """Apache itself reads the rules as our few lines do: each Accept header, each path, each status."""
    place = {"home": tmp_path / "apache"} if serve is apache else {}
    wrong = []
    with serve(site, **place, mount=mount) as address:
        for name, accept in ACCEPT.items():
            wanted = client.get(f"/{CLAIM}", headers={"Accept": accept})
            got = status_and_content(address + CLAIM, accept or None)
            content = wanted.data if by_the_server(accept) != "html" else (site / f"{CLAIM}.html").read_bytes()
            if got != (
                (200, wanted.content_type, content) if wanted.status_code == 200 else (wanted.status_code, "", b"")
            ):
                wrong.append((name, got[:2], wanted.status))
        for path in (
            "downloads/*.ttl.gz",
            "downloads/*.owl",
            "downloads/*.tsv",
            "downloads/SHA256SUMS",
            "graph/*.trig",
        ):
            file = next(site.glob(path)).relative_to(site)
            with client.get(f"/{file}") as sent:
                if status_and_content(f"{address}{file}") != (200, sent.content_type, sent.data):
                    wrong.append((str(file), status_and_content(f"{address}{file}")[:2], sent.content_type))
        for asked in ("id/claim/leaflet-01-C1", "id/claim/leaflet-01-C99", f"id/claim/{WITHDRAWN}", f"doc/claim/{WITHDRAWN}",
                      f"id/claim/{MERGED}", f"doc/claim/{MERGED}.ttl", f"{CLAIM}?format=rdfxml"):  # fmt: skip
            wanted = client.get(f"/{asked}")
            got = status_and_content(address + asked)
            if got[:2] != (
                wanted.status_code,
                mount + wanted.headers["Location"] if "Location" in wanted.headers else "",
            ):
                wrong.append((asked, got[:2], wanted.status))

    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("serve", [few_lines, pytest.param(apache, marks=needs_apache)], ids=["few-lines", "apache"])
def test_names_mean_nothing_to_the_host(serve: Any, bakery: Project, tmp_path: Path) -> None:
    """A title with a line break and addresses with % and $ stay what they are, in comments, headers and redirects."""
    odd = replace(bakery, base="https://example.org/50%25off/", title="two\nRewriteRule ^ - [G]")
    folder = tmp_path / "site"
    (folder / "doc" / "claim").mkdir(parents=True)
    (folder / "doc" / "claim" / "x.ttl").touch()
    (folder / ".htaccess").write_text(rules_for(odd, {"id": "0", "software": "0"}, []), "utf-8")
    (folder / "w3id").mkdir()
    (folder / "w3id" / ".htaccess").write_text(w3id(odd, "https://kg.example.org/1%20$1/"), "utf-8")

    with serve(folder, **({"home": tmp_path / "apache"} if serve is apache else {})) as address:
        with urllib.request.urlopen(f"{address}doc/claim/x", timeout=PATIENCE) as answer:  # noqa: S310 # loopback
            links = ", ".join(answer.headers.get_all("Link"))
        passed = status_and_content(f"{address}w3id/id/claim/x")[:2] if serve is apache else None

    assert '<https://example.org/50%25off/id/claim/x>; rel="cite-as"' in links
    assert passed in (None, (303, "/1%20$1/id/claim/x"))


def test_a_withdrawn_claim_still_says_what_it_was(site: Path) -> None:
    """Its files are there by their suffixes, and a merged one has none."""
    assert "Tombstone" in (site / f"doc/claim/{WITHDRAWN}.ttl").read_text("utf-8")
    assert list((site / "doc" / "claim").glob(f"{MERGED}*")) == []


def test_w3id_passes_everything_on(site: Path) -> None:
    """One rule, for the registry of permanent addresses; only for those who know the address of the site."""
    rules = Rules((site / "w3id" / ".htaccess").read_text("utf-8"))

    assert rules.rewrite(site, "/bakery/", "id/claim/x", "a=b", "text/turtle") == (303, f"{ADDRESS}id/claim/x?a=b")


def test_other_hosts_are_told_what_they_can_use(site: Path) -> None:
    """Media types for each suffix, and the way from a thing to its page."""
    headers, redirects = ((site / name).read_text("utf-8") for name in ("_headers", "_redirects"))

    assert [
        e.suffix for e in (*DOCUMENTS, *DATASETS) if f"/*.{e.suffix}\n  Content-Type: {e.content_type}" not in headers
    ] == []
    assert "/id/:type/:name /doc/:type/:name.html 303" in redirects
    assert f"/id/claim/{MERGED} /id/claim/leaflet-01-C1 301" in redirects


# Where it is written -----------------------------------------------------------------------------


@pytest.mark.usefixtures("no_other_pages")
def test_a_site_takes_the_place_of_the_one_before(served: Served, tmp_path: Path) -> None:
    """Whole: what is not in it any more is gone, and nothing is left beside it."""
    folder = tmp_path / "site"
    app = create_app(Service(served))
    write_site(app, served, folder)
    (folder / "doc" / "claim" / "of-old.ttl").write_text("")
    number = write_site(app, served, folder)

    assert not (folder / "doc" / "claim" / "of-old.ttl").exists()
    assert os.listdir(tmp_path) == ["site"]  # noqa: PTH208
    assert number == len(list((folder / "doc").rglob("*.nt")))


def test_a_folder_of_somebody_else_is_left_alone(served: Served, tmp_path: Path) -> None:
    """With files that no site has, it is refused before anything is written."""
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "to-mum.txt").write_text("dear")

    with pytest.raises(InputError, match=r"letters: this folder holds something else\n    Name a new folder"):
        write_site(create_app(Service(served)), served, tmp_path / "letters")

    assert contents(tmp_path) == {"letters/to-mum.txt": b"dear"}


@pytest.mark.parametrize(
    ("path", "what"),
    [("file", "this is a file"), ("nowhere/site", "there is no folder to make it in")],
    ids=["a-file", "no-parent"],
)
def test_a_place_that_cannot_be_is_refused(served: Served, tmp_path: Path, path: str, what: str) -> None:
    """With what is wrong and what to do."""
    (tmp_path / "file").write_text("")

    with pytest.raises(InputError, match=what):
        write_site(create_app(Service(served)), served, tmp_path / path)


def test_a_page_that_fails_is_not_left_out(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not there is not in the site; what cannot be answered is an error, and there is no site."""
    monkeypatch.setattr(site_module, "SEEDS", ("status/nothing", "describe.ttl"))

    with pytest.raises(SystemProblem, match=r"the site is not written: /describe\.ttl is answered with 400 BAD"):
        write_site(create_app(Service(served)), served, tmp_path / "site")

    assert contents(tmp_path) == {}


@pytest.mark.usefixtures("no_other_pages")
def test_nothing_half_written_is_seen(served: Served, tmp_path: Path) -> None:
    """When the disk is full in the middle, the site before stays, and the reason is told."""
    folder = tmp_path / "site"
    app = create_app(Service(served))
    write_site(app, served, folder)
    before = contents(folder)

    def full(done: int, of: int) -> None:
        if done == of // 2:
            raise OSError(28, "No space left on device", str(folder))

    with pytest.raises(SystemProblem, match=r"cannot write to .*site: No space left on device"):
        write_site(app, served, folder, Host(ENDPOINT), full)

    assert contents(folder) == before
    assert os.listdir(tmp_path) == ["site"]  # noqa: PTH208
    shutil.rmtree(folder)
