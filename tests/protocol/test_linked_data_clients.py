"""Linked data as people fetch it: the clients that they use, each as it is, follow IRIs and find the same triples.

The graph is built for the address that it is served at, so every IRI in it can be fetched. It is served three
times: by the server, and as files by Apache and by a few lines that follow the same rules.
"""

import contextlib
import functools
import hashlib
import re
import shutil
import subprocess
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
import pytest
import rdflib
from SPARQLWrapper import TURTLE, SPARQLWrapper

from lungkg.engines import LocalEngine
from lungkg.formats import DOCUMENTS
from lungkg.linked.addresses import Addresses
from lungkg.project import load_project
from lungkg.queries import load_catalogue
from lungkg.release import current
from lungkg.web import create_app
from lungkg.web.service import Served, Service
from lungkg.web.site import write_site
from lungkg.web.variants import HTML
from tests.apache import apache, few_lines, needs_apache
from tests.server import ATTEMPTS, PATIENCE, PROJECT, Server, command, environment, free_port

RESOURCES: Final = {
    "claim": "id/claim/leaflet-01-C1",
    "inferred": "id/inferred/leaflet-01-C1-in-brioche",
    "entity": "id/entity/brioche",
    "document": "id/document/leaflet-01",
    "sentence": "id/sentence/leaflet-01-S1",
    "reference": "id/reference/leaflet-01-1",
    "assumption": "id/assumption/brioche-is-an-enriched-bread",
    "gloss": "id/gloss/leaflet-01-T1",
    "query": "id/query/said-of-bread",
    "activity": "id/activity/curation-leaflet-01",
    "agent": "id/agent/curators",
    "term": "ont",
    "shape": "shapes",
    "dataset": "dataset",
}
"""One of each kind, by its path below the base. Terms and shapes are hash IRIs, whose documents these are."""

ABOUT_THEMSELVES: Final = ("id/", "doc/", "ont", "shapes", "dataset")
"""Paths of documents that say something of the IRI that leads to them; others are answered, too."""

NOT_FOLLOWED: Final = ("query/", "sparql")
"""Paths that want a question."""

STEPS: Final = 3
"""How far a crawl goes from one claim."""

FILES: Final = {"files": [pytest.mark.exhaustive], "apache": [pytest.mark.exhaustive, needs_apache]}
"""How the same documents are served as files; CI asks them for everything that it asks the server for."""

READERS: Final = {
    "text/turtle": ox.RdfFormat.TURTLE, "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/n-triples": ox.RdfFormat.N_TRIPLES, "application/rdf+xml": ox.RdfFormat.RDF_XML,
}  # fmt: skip

pytestmark = pytest.mark.slow

Triples = frozenset[str]


@dataclass(frozen=True)
class Host:
    """Who serves, at which base, and what triples are to be found at each path."""

    kind: str
    base: str
    expected: dict[str, Triples]

    @property
    def is_server(self) -> bool:
        """Whether it answers queries, too."""
        return self.kind == "server"


def canonical(content: bytes, form: ox.RdfFormat, base: str | None = None) -> Triples:
    """Read triples, their blank nodes named canonically, so that isomorphic graphs are equal."""
    graph = ox.Dataset(ox.parse(content, format=form, base_iri=base))
    graph.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return frozenset(map(str, graph))


def parsed(address: str, form: str | None = None) -> rdflib.Graph:
    """Let rdflib fetch and parse an address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # its readers of N3 and JSON-LD use what it deprecates
        return rdflib.Graph().parse(address, format=form)


def by_rdflib(graph: rdflib.Graph) -> Triples:
    """The triples that rdflib holds."""
    return canonical(graph.serialize(format="nt", encoding="utf-8"), ox.RdfFormat.N_TRIPLES)


def sizes(found: dict[str, Triples], expected: dict[str, Triples]) -> dict[str, str]:
    """Give what is wrong: how many triples there are for each resource, and how many are others."""
    return {
        name: f"{len(found[name])} triples instead of {len(triples)}, {len(found[name] - triples)} of them others"
        for name, triples in expected.items()
        if found[name] != triples
    }


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the clients in this process from asking a proxy for what is on this machine."""
    monkeypatch.setenv("no_proxy", "*")


# Who serves --------------------------------------------------------------------------------------


@contextlib.contextmanager
def serving(folder: Path, port: int) -> Iterator[None]:
    """Build the project for this port, and serve it there by the command line."""
    words = ("--project", PROJECT, "--base", base_of(port), "--out", folder / "out", "--port", str(port))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command("serve", *words), env=environment(), stdout=log, stderr=log, start_new_session=True
        )
    server = Server(process, port, folder / "out", folder / "log")
    try:
        if not server.wait_until_ready():
            raise OSError(server.log_text)
        yield
    finally:
        server.stop()


def base_of(port: int) -> str:
    """The base of what is served at a port."""
    return f"http://127.0.0.1:{port}/"


def as_files(out: Path, port: int, folder: Path) -> Path:
    """Write the site of the release that was built for a port."""
    project, release = load_project(PROJECT, base_of(port)), current(out)
    assert release is not None
    with LocalEngine(release.store, project.prefixes, base=project.base) as engine:
        served = Served(engine, project, release, load_catalogue(project))
        write_site(create_app(Service(served)), served, folder)
    return folder


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path, dict[str, Triples]]]:
    """A port, the releases that were built for it, and what the server there says in N-Triples."""
    for attempt in range(ATTEMPTS):
        folder, port = tmp_path_factory.mktemp("origin"), free_port()
        try:
            with serving(folder, port):
                expected = {
                    name: canonical(fetched(f"{base_of(port)}{documented(path)}.nt").content, ox.RdfFormat.N_TRIPLES)
                    for name, path in RESOURCES.items()
                }
        except OSError:
            if attempt == ATTEMPTS - 1:
                raise
            continue
        yield port, folder, expected
        return


@pytest.fixture(
    scope="module",
    params=["server", *(pytest.param(kind, marks=marks) for kind, marks in FILES.items())],
)
def host(
    request: pytest.FixtureRequest,
    origin: tuple[int, Path, dict[str, Triples]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Host]:
    """The server, or the same as files."""
    port, folder, expected = origin
    with contextlib.ExitStack() as stack:
        if request.param == "server":
            stack.enter_context(serving(folder, port))
        else:
            home = tmp_path_factory.mktemp(request.param)
            site = as_files(folder / "out", port, home / "site")
            stack.enter_context(few_lines(site, port) if request.param == "files" else apache(site, home, port))
        yield Host(request.param, base_of(port), expected)


# Python ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fetched:
    """What came back in the end, and from where."""

    address: str
    media_type: str
    content: bytes
    headers: Any


def fetched(address: str, accept: str | None = None, **headers: str) -> Fetched:
    """Fetch an address by urllib, which follows redirects."""
    given = {
        **({"Accept": accept} if accept else {}),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    request = urllib.request.Request(address.partition("#")[0], headers=given)  # noqa: S310 # loopback
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
        return Fetched(answer.url, answer.headers.get_content_type(), answer.read(), answer.headers)


def documented(path: str) -> str:
    """Give the path of the document about a thing."""
    return path.replace("id/", "doc/", 1)


def test_each_kind_is_there(host: Host) -> None:
    """The resources below are one of each type of things, and every document says something."""
    kinds = {path.split("/")[1] for path in RESOURCES.values() if path.startswith("id/")}

    assert kinds == {
        "claim",
        "inferred",
        "entity",
        "document",
        "sentence",
        "reference",
        "assumption",
        "gloss",
        "query",
        "activity",
        "agent",
    }
    assert [name for name, triples in host.expected.items() if len(triples) < 20] == []


@pytest.mark.parametrize("accept", [None, *READERS], ids=lambda accept: accept or "nothing-said")
def test_pyoxigraph_reads_what_urllib_fetches(host: Host, accept: str | None) -> None:
    """By the IRI itself, in the format that the answer says it is; Turtle for who asks for nothing."""
    answers = {name: fetched(host.base + path, accept) for name, path in RESOURCES.items()}

    assert {answer.media_type for answer in answers.values()} == {accept or "text/turtle"}
    found = {name: canonical(got.content, READERS[got.media_type], got.address) for name, got in answers.items()}
    assert sizes(found, host.expected) == {}


@pytest.mark.parametrize("form", ["turtle", "n3", "xml", "nt", "json-ld", None], ids=lambda form: form or "no-format")
def test_rdflib_parses_the_iri(host: Host, form: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """`Graph().parse(IRI)` finds the same triples in every format, and without one."""
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)  # or 00:00:00Z is written 00:00:00+00:00
    found = {name: by_rdflib(parsed(host.base + path, form)) for name, path in RESOURCES.items()}

    assert sizes(found, host.expected) == {}


def test_a_crawl_finds_every_document(host: Host) -> None:
    """From one claim, in a few steps: each IRI that is found answers, and each document says something of its IRI."""
    addresses = Addresses(load_project(PROJECT, host.base))
    seen: set[str] = set()
    wrong, waiting = [], [host.base + RESOURCES["claim"]]
    for _ in range(STEPS):
        found: set[str] = set()
        for iri in waiting:
            try:
                answer = fetched(iri, ", ".join(READERS) + ", text/html;q=0.1, */*;q=0.01")
            except urllib.error.HTTPError as error:
                error.close()
                wrong.append(f"{iri}: {error.code}")
                continue
            if not addresses.path(iri).startswith(ABOUT_THEMSELVES) or answer.media_type not in READERS:
                continue
            mentioned = iris(answer)
            if iri not in mentioned:
                wrong.append(f"{iri} is not mentioned in {answer.address}")
            found |= {other.partition("#")[0] for other in mentioned if other.startswith(host.base)}
        seen |= set(waiting)
        waiting = sorted(
            iri for iri in found - seen if not addresses.path(iri).startswith(NOT_FOLLOWED) and "?" not in iri
        )

    assert wrong == []
    assert {iri[len(host.base) :].split("/")[0] for iri in seen} >= {"id", "doc", "dataset", "downloads", "graph"}
    assert len(seen) > 40


def iris(answer: Fetched) -> set[str]:
    """Give every IRI in a document."""
    terms = {
        term.value
        for quad in ox.parse(answer.content, format=READERS[answer.media_type], base_iri=answer.address)
        for term in quad.triple
        if isinstance(term, ox.NamedNode)
    }
    return terms | {term.partition("#")[0] for term in terms}


def test_sparqlwrapper_is_told_no_more_than_the_document(host: Host) -> None:
    """DESCRIBE and CONSTRUCT of the same resources give parts of what their documents hold; files answer no queries."""
    if not host.is_server:
        with pytest.raises(urllib.error.HTTPError, match="404"):
            fetched(f"{host.base}sparql?query=ASK%20%7B%7D")
        return
    for form in ("DESCRIBE <{0}>", "CONSTRUCT {{ <{0}> ?p ?o }} WHERE {{ <{0}> ?p ?o }}"):
        outside = {}
        for name, path in RESOURCES.items():
            wrapper = SPARQLWrapper(f"{host.base}sparql", returnFormat=TURTLE)
            wrapper.setQuery(form.format(host.base + path))
            content: Any = wrapper.query().convert()
            told = canonical(content, ox.RdfFormat.TURTLE)
            if path.startswith("id/"):
                outside[name] = (bool(told), told - host.expected[name])

        assert outside == dict.fromkeys(outside, (True, frozenset()))
        assert len(outside) >= 10


# JSON-LD -----------------------------------------------------------------------------------------


@functools.cache
def pyld() -> Any:
    """PyLD, or a skip."""
    return pytest.importorskip("pyld.jsonld", reason="PyLD is not installed")


def loader() -> Callable[[str, Any], Any]:
    """The way in which PyLD fetches documents, with requests."""
    load: Callable[[str, Any], Any] = pyld().requests_document_loader(timeout=PATIENCE)
    return load


def test_pyld_finds_the_same_triples(host: Host) -> None:
    """`jsonld.to_rdf(IRI)`: PyLD fetches no context, for the documents have it in them."""
    loads: list[str] = []
    fetch = loader()

    def load(address: str, options: Any) -> Any:
        loads.append(address)
        return fetch(address, options)

    options = {"format": "application/n-quads", "documentLoader": load}
    found = {
        name: canonical(pyld().to_rdf(host.base + path, options).encode(), ox.RdfFormat.N_QUADS)
        for name, path in RESOURCES.items()
    }

    assert sizes(found, host.expected) == {}
    assert loads == [host.base + path for path in RESOURCES.values()]


def test_pyld_expands_and_flattens_every_document(host: Host) -> None:
    """Every node that is about the resource is there by its IRI."""
    for path in RESOURCES.values():
        iri, options = host.base + path, {"documentLoader": loader()}
        expanded = pyld().expand(iri, options)
        flattened = {node["@id"] for node in pyld().flatten(iri, None, options)}

        about = {subject for triple in host.expected[name_of(path)] for subject in re.findall(r"^<([^>]*)>", triple)}
        assert expanded
        assert about - flattened == set()


def name_of(path: str) -> str:
    """The name of a resource by its path."""
    return next(name for name, other in RESOURCES.items() if other == path)


# FAIR Signposting --------------------------------------------------------------------------------


def signposts(address: str) -> Any:
    """What the `signposting` package finds by HEAD and GET, or a skip."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its imports and its parsing of HTML warn about themselves
        package = pytest.importorskip("signposting", reason="signposting is not installed")
        return package.find_signposting_http(address)


def test_signposting_leads_to_every_form(host: Host) -> None:
    """From a thing: what to cite, the licence, what it is, and each form of RDF, which can be had there."""
    for name in ("claim", "entity", "document", "dataset"):
        found = signposts(host.base + RESOURCES[name])
        forms = {str(link.target): str(link.type) for link in found.describedBy}

        assert str(found.citeAs.target) == host.base + RESOURCES[name]
        assert str(found.license.target) == load_project(PROJECT).license
        assert "https://schema.org/AboutPage" in {str(link.target) for link in found.types}
        assert set(forms.values()) == {entry.media_type for entry in DOCUMENTS if entry != HTML}
        assert {address: fetched(address).media_type for address in forms} == forms


# curl --------------------------------------------------------------------------------------------

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def run(*words: str | Path) -> bytes:
    """Run a program without proxies and settings of ours; gives what it prints."""
    setting = {**environment(), "no_proxy": "*"}
    done = subprocess.run(list(words), env=setting, capture_output=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout


def curl(*words: str | Path) -> bytes:
    """Run `curl -sS -f …`."""
    return run("curl", "--silent", "--show-error", "--fail", *words)


@needs_curl
@pytest.mark.parametrize("entry", DOCUMENTS, ids=lambda entry: entry.suffix)
@pytest.mark.parametrize("more", [(), ("--compressed",), ("--http1.0",)], ids=["plain", "compressed", "http-1.0"])
def test_curl_follows_to_what_it_accepts(host: Host, entry: Any, more: tuple[str, ...], tmp_path: Path) -> None:
    """`curl -L -H 'Accept: …'`: 303, then the document, whose bytes are those of the suffix."""
    for path in (RESOURCES["claim"], RESOURCES["term"]):
        told = curl(
            "--location", "--header", f"Accept: {entry.media_type}", *more, "--output", tmp_path / "got", "--write-out",
            "%{http_code} %{content_type} %{num_redirects}", host.base + path,
        )  # fmt: skip

        assert told.decode() == f"200 {entry.content_type} {1 if path.startswith('id/') else 0}"
        assert (tmp_path / "got").read_bytes() == curl(f"{host.base}{documented(path)}.{entry.suffix}")


@needs_curl
def test_curl_gets_turtle_when_it_asks_for_nothing(host: Host) -> None:
    """curl sends Accept: */*."""
    got = curl("--location", host.base + RESOURCES["claim"])

    assert canonical(got, ox.RdfFormat.TURTLE) == host.expected["claim"]


@needs_curl
def test_curl_reaches_the_iris_of_any_base_through_a_proxy(host: Host) -> None:
    """A client that takes the server for its proxy asks with whole IRIs, and is led from one to the next."""
    words = ("--proxy", host.base, "--noproxy", "", "--location", "--write-out", "\n%{url_effective}")
    *lines, led = curl(*words, "http://kg.example/id/claim/leaflet-01-C1").splitlines()

    assert led == b"http://kg.example/doc/claim/leaflet-01-C1"
    assert canonical(b"\n".join(lines), ox.RdfFormat.TURTLE) == host.expected["claim"]


@needs_curl
def test_curl_sees_the_headers(host: Host) -> None:
    """`curl -I` gets what a GET would, but the body."""
    told = curl("--head", host.base + documented(RESOURCES["claim"])).decode().lower()

    assert "content-type: text/turtle; charset=utf-8" in told
    assert ["accept" in line for line in re.findall(r"^vary: (.*)$", told, re.MULTILINE)][:1] == [True]
    assert 'rel="cite-as"' in told
    assert "access-control-allow-origin: *" in told


@needs_curl
def test_curl_is_told_that_nothing_is_new(host: Host, tmp_path: Path) -> None:
    """`--etag-save`, then `--etag-compare`: 304 for the same form, 200 for another one."""
    address, tag = host.base + documented(RESOURCES["claim"]), tmp_path / "etag"
    curl("--etag-save", tag, "--output", tmp_path / "got", address)
    words = ("--etag-compare", tag, "--output", tmp_path / "again", "--write-out", "%{http_code}")

    assert curl(*words, address) == b"304"
    assert curl(*words, "--header", "Accept: application/ld+json", address) == b"200"


@needs_curl
@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        pytest.param("id/claim/leaflet-01-C99", "*/*", 404, id="unknown"),
        pytest.param("doc/claim/leaflet-01-C1.xyz", "*/*", 404, id="unknown-suffix"),
        pytest.param("doc/claim/leaflet-01-C1", "image/png", 406, id="nothing-acceptable"),
        pytest.param("ont", "text/turtle;q=0", 406, id="all-refused"),
    ],
)
def test_curl_fails_when_there_is_no_document(host: Host, path: str, accept: str, status: int, tmp_path: Path) -> None:
    """A thing that is not there is a 404 itself, without a redirect."""
    told = run(
        "curl", "--silent", "--location", "--header", f"Accept: {accept}", "--output", tmp_path / "told", "--write-out",
        "%{http_code} %{num_redirects}", host.base + path,
    )  # fmt: skip

    assert told.decode() == f"{status} 0"


@needs_curl
def test_curl_fetches_the_words_of_a_quote(host: Host) -> None:
    """The text of a document is its exact bytes, and Range gives a part of it."""
    address = f"{host.base}{documented(RESOURCES['document'])}.txt"
    whole = curl(address)
    graph = parsed(host.base + RESOURCES["document"])
    sums = [str(value) for value in graph.objects(predicate=rdflib.URIRef("https://w3id.org/lungkg/ont#sha256"))]

    assert sums == [hashlib.sha256(whole).hexdigest()]
    assert curl("--range", "4-20", address) == whole[4:21]


# rapper ------------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("rapper") is None, reason="rapper is not installed (Debian: raptor2-utils)")
@pytest.mark.parametrize("form", ["guess", "turtle", "rdfxml", "ntriples"])
def test_rapper_finds_the_same_triples(host: Host, form: str) -> None:
    """`rapper -i FORMAT IRI` follows the redirect, and reads what it asked for."""
    found = {
        name: canonical(
            run("rapper", "--quiet", "--input", form, "--output", "ntriples", host.base + path), ox.RdfFormat.N_TRIPLES
        )
        for name, path in RESOURCES.items()
    }

    assert sizes(found, host.expected) == {}
