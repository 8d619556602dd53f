"""The clients that people use, each as it is: what they ask arrives, and what cannot be answered they notice."""

import csv
import io
import json
import shutil
import subprocess
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import pytest
import rdflib
from rdflib.compare import isomorphic
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, JSONLD, N3, POST, POSTDIRECTLY, RDFXML, TSV, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from tests.server import BREAD, BREAD_GRAPH, PATIENCE, QUERY, Server, environment

LABELS: Final = f"""# labels of bread
SELECT ?label (LANG(?label) AS ?language) FROM <{BREAD_GRAPH}> {{
  <http://example.org/bread> <http://www.w3.org/2000/01/rdf-schema#label> ?label
}} ORDER BY ?language
"""
ROWS: Final = [["bread", "en"], ["面包", "zh"]]
ABOUT: Final = f"CONSTRUCT {{ ?s ?p ?o }} FROM <{BREAD_GRAPH}> WHERE {{ ?s ?p ?o }}"
NOTHING: Final = "SELECT ?x { FILTER(false) }"
ENDLESS: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
RESULTS: Final = "{http://www.w3.org/2005/sparql-results#}"

CHROMIUM: Final = shutil.which("chromium")

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the clients in this process from asking a proxy for what is on this machine."""
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture(scope="module")
def about() -> rdflib.Graph:
    """What ABOUT has to give."""
    return rdflib.Graph().parse(data=BREAD, format="nt")


def url(server: Server, query: str, **parameters: str) -> str:
    """Write a query as the URL that a person would paste."""
    return f"{server.endpoint}?{urlencode({'query': query, **parameters})}"


def run(*words: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Run a program without proxies and settings of ours."""
    return subprocess.run(list(words), env=environment(), capture_output=True, check=False, timeout=PATIENCE)


def csv_rows(content: bytes) -> list[list[str]]:
    """Read CSV."""
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


# curl ----------------------------------------------------------------------------------------------

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def curl(server: Server, *words: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Run `curl -sS -f … /sparql`."""
    return run("curl", "--silent", "--show-error", "--fail", *words, server.endpoint)


@pytest.fixture
def query_file(tmp_path: Path) -> Path:
    """A file with a query."""
    path = tmp_path / "question.rq"
    path.write_text(LABELS, "utf-8")
    return path


@needs_curl
@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("--get", "--data-urlencode", "query@{}"), id="get"),
        pytest.param(("--data-urlencode", "query@{}"), id="form"),
        pytest.param(("--data-binary", "@{}", "--header", f"Content-Type: {QUERY}"), id="direct"),
        pytest.param(("--get", "--data-urlencode", "query@{}", "--compressed"), id="compressed"),
        pytest.param(("--get", "--data-urlencode", "query@{}", "--http1.0"), id="http-1.0"),
        pytest.param(("--data-binary", "@{}", "--header", f"Content-Type: {QUERY}", "--header", "Expect: 100-continue"), id="expect"),
        pytest.param(("--data-binary", "@{}", "--header", f"Content-Type: {QUERY}", "--header", "Transfer-Encoding: chunked"), id="chunked"),
    ],
)  # fmt: skip
def test_curl_is_answered(server: Server, query_file: Path, words: tuple[str, ...]) -> None:
    """The lines of the README work, in each way to send a query."""
    done = curl(server, "--header", "Accept: text/csv", *(word.format(query_file) for word in words))

    assert (0, b"") == (done.returncode, done.stderr)
    assert [["label", "language"], *ROWS] == csv_rows(done.stdout)


@needs_curl
def test_curl_gets_json_when_it_asks_for_nothing(server: Server, query_file: Path) -> None:
    """curl sends Accept: */*."""
    done = curl(server, "--data-urlencode", f"query@{query_file}")

    assert ["bread", "面包"] == [row["label"]["value"] for row in json.loads(done.stdout)["results"]["bindings"]]


@needs_curl
def test_curl_sees_the_headers(server: Server) -> None:
    """`curl -I` sends HEAD."""
    done = curl(server, "--head", "--get", "--data-urlencode", "query=ASK {}")

    assert 0 == done.returncode
    assert b"content-type: application/sparql-results+json" in done.stdout.lower()


CURL_ERRORS = {
    "malformed": (("--data-urlencode", "query=SELECT"), "400"),
    "update": (("--data-urlencode", "update=CLEAR ALL"), "403"),
    "service": (("--data-urlencode", "query=ASK { SERVICE <http://127.0.0.1:9/> {} }"), "403"),
    "unacceptable": (("--data-urlencode", "query=ASK {}", "--header", "Accept: image/png"), "406"),
    "wrong-type": (("--data", "ASK {}", "--header", "Content-Type: text/plain"), "415"),
    "too-slow": (("--data-urlencode", f"query={ENDLESS}", "--data", "timeout=0.3"), "504"),
}


@needs_curl
@pytest.mark.parametrize(("words", "status"), CURL_ERRORS.values(), ids=CURL_ERRORS.keys())
def test_curl_fails_when_there_is_no_answer(server: Server, words: tuple[str, ...], status: str) -> None:
    """`curl -f` exits with 22, prints the status and writes no half answer."""
    done = curl(server, *words)

    assert (22, b"") == (done.returncode, done.stdout)
    assert status in done.stderr.decode()


@needs_curl
@pytest.mark.parametrize(
    "header", ["Content-Type: application/sparql-query", "Content-Type: application/x-www-form-urlencoded"]
)
@pytest.mark.parametrize("expect", ["Expect: 100-continue", "Expect:"], ids=["asks-first", "just-sends"])
def test_curl_is_told_that_a_query_is_too_long(server: Server, tmp_path: Path, header: str, expect: str) -> None:
    """It gets the 413, whether it waits for 100 (Continue) or not, and no broken connection."""
    (tmp_path / "long.rq").write_bytes(b"query=ASK{}#" + b"x" * 5_000_000)

    done = run(
        "curl", "--silent", "--show-error", "--write-out", "%{http_code}", "--output", tmp_path / "told", "--header", header,
        "--header", expect, "--data-binary", f"@{tmp_path / 'long.rq'}", server.endpoint,
    )  # fmt: skip

    assert (0, b"413") == (done.returncode, done.stdout)
    assert 413 == json.loads((tmp_path / "told").read_bytes())["status"]


# Python --------------------------------------------------------------------------------------------


def opened(address: str) -> Any:
    """Open a URL."""
    return urllib.request.urlopen(address, timeout=PATIENCE)  # noqa: S310 # our own server


def test_urllib_without_accept_is_answered(server: Server) -> None:
    """A client that says nothing gets JSON."""
    with opened(url(server, LABELS)) as response:
        table = json.load(response)

    assert ["bread", "面包"] == [row["label"]["value"] for row in table["results"]["bindings"]]


def test_urllib_raises_when_there_is_no_answer(server: Server) -> None:
    """The error holds the problem."""
    with pytest.raises(urllib.error.HTTPError) as caught, opened(url(server, "SELECT")):
        pass

    with caught.value as error:
        assert (400, 400) == (error.code, json.load(error)["status"])


def wrapper_of(server: Server, query: str, form: str, method: str) -> Any:
    """Send a query by SPARQLWrapper and give what it makes of the answer."""
    wrapper = SPARQLWrapper(server.endpoint, returnFormat=form)
    wrapper.setQuery(query)
    wrapper.setTimeout(int(PATIENCE))
    if method == "direct":
        wrapper.setRequestMethod(POSTDIRECTLY)
    if method != "get":
        wrapper.setMethod(POST)
    return wrapper.query().convert()


def xml_rows(document: Any) -> list[list[str]]:
    """Read the minidom document that SPARQLWrapper gives for XML."""
    root = ET.fromstring(document.toxml())  # noqa: S314 # from our own server
    return [
        ["".join(binding.itertext()) for binding in result.iterfind(f"{RESULTS}binding")]
        for result in root.iter(f"{RESULTS}result")
    ]


WRAPPER_ROWS: Final[dict[str, Callable[[Any], list[list[str]]]]] = {
    JSON: lambda table: [[row["label"]["value"], row["language"]["value"]] for row in table["results"]["bindings"]],
    XML: xml_rows,
    CSV: lambda content: csv_rows(content)[1:],
    TSV: lambda content: [[cell.strip('"').partition('"')[0] for cell in line.split("\t")] for line in content.decode().splitlines()[1:]],
}  # fmt: skip


@pytest.mark.parametrize("method", ["get", "form", "direct"])
@pytest.mark.parametrize("name", WRAPPER_ROWS)
def test_sparqlwrapper_gets_rows(server: Server, name: str, method: str) -> None:
    """The usual Python client converts every format of rows."""
    assert ROWS == WRAPPER_ROWS[name](wrapper_of(server, LABELS, name, method))


WRAPPER_GRAPHS: Final[dict[str, Callable[[Any], rdflib.Graph]]] = {
    TURTLE: lambda content: rdflib.Graph().parse(data=content, format="turtle"),
    N3: lambda content: rdflib.Graph().parse(data=content, format="n3"),
    XML: lambda graph: graph,  # the default, which for a graph means RDF/XML
    RDFXML: lambda graph: graph,
    JSONLD: lambda graph: graph,
}


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # SPARQLWrapper makes one
@pytest.mark.filterwarnings("ignore:Dataset.default_context is deprecated:DeprecationWarning")
@pytest.mark.parametrize("method", ["get", "form", "direct"])
@pytest.mark.parametrize("name", WRAPPER_GRAPHS)
def test_sparqlwrapper_gets_a_graph(server: Server, about: rdflib.Graph, name: str, method: str) -> None:
    """It converts every format of graphs.

    It sends `format` beside Accept, for some formats twice, and means the name of the format by one of the two.
    """
    assert isomorphic(about, WRAPPER_GRAPHS[name](wrapper_of(server, ABOUT, name, method)))


@pytest.mark.parametrize(
    ("query", "error"),
    [
        pytest.param("SELECT", QueryBadFormed, id="malformed"),
        pytest.param("ASK { SERVICE <http://127.0.0.1:9/> {} }", urllib.error.HTTPError, id="refused"),
    ],
)
def test_sparqlwrapper_raises_when_there_is_no_answer(server: Server, query: str, error: type[Exception]) -> None:
    """400 is an error of its own; what it has no error for, it passes on."""
    with pytest.raises(error) as caught:
        wrapper_of(server, query, JSON, "get")

    if isinstance(caught.value, urllib.error.HTTPError):
        caught.value.close()


@pytest.fixture
def store(server: Server) -> SPARQLStore:
    """The server as rdflib sees it."""
    return SPARQLStore(server.endpoint)


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv"])
def test_rdflib_selects(server: Server, form: str, method: str) -> None:
    """SPARQLStore reads the rows in each format that it asks for."""
    graph = rdflib.Graph(SPARQLStore(server.endpoint, returnFormat=form, method=method))

    assert ROWS == [[str(row[0]), str(row[1])] for row in graph.query(LABELS) if isinstance(row, tuple)]


@pytest.mark.parametrize(("text", "expected"), [("ASK {}", True), ("ASK { FILTER(false) }", False)])
def test_rdflib_asks(store: SPARQLStore, text: str, expected: bool) -> None:
    """SPARQLStore reads the boolean."""
    assert expected == rdflib.Graph(store).query(text).askAnswer


def test_rdflib_constructs(store: SPARQLStore, about: rdflib.Graph) -> None:
    """Its Accept names results and RDF/XML in one list; the form of the query decides."""
    constructed = rdflib.Graph(store).query(ABOUT).graph

    assert constructed is not None
    assert isomorphic(about, constructed)


def test_rdflib_walks_the_triples(store: SPARQLStore) -> None:
    """Patterns of triples become queries."""
    bread = rdflib.URIRef("http://example.org/bread")

    labels = rdflib.Graph(store).objects(bread, rdflib.RDFS.label)

    assert ["bread", "面包"] == sorted(str(label) for label in labels)


@pytest.mark.parametrize("form", [None, "turtle", "nt", "xml", "json-ld"])
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:Dataset.default_context is deprecated:DeprecationWarning")
def test_rdflib_parses_the_url_of_a_construct_query(server: Server, about: rdflib.Graph, form: str | None) -> None:
    """A query's URL is the address of a graph: `Graph().parse(url)`."""
    assert isomorphic(about, rdflib.Graph().parse(url(server, ABOUT), format=form))


def frame_of(frame: Any) -> list[list[str]]:
    """Give the values of a DataFrame."""
    return [[str(value) for value in row] for row in frame.to_numpy().tolist()]


@pytest.fixture(scope="module")
def pandas() -> Any:
    """The pandas module; what needs it is skipped where it is not installed."""
    return pytest.importorskip("pandas", reason="pandas is not installed")


def test_pandas_reads_csv(server: Server, pandas: Any) -> None:
    """`read_csv` takes the URL of a query with format=csv; numbers are numbers."""
    frame = pandas.read_csv(
        url(server, "SELECT ?a ?b { VALUES (?a ?b) { (1 'x,\"y\"') (2 'z\\nz') } } ORDER BY ?a", format="csv")
    )

    assert [["1", 'x,"y"'], ["2", "z\nz"]] == frame_of(frame)
    assert 3 == frame["a"].sum()


def test_pandas_reads_an_answer_without_rows(server: Server, pandas: Any) -> None:
    """There are columns, and no rows."""
    frame = pandas.read_csv(url(server, NOTHING, format="csv"))

    assert (["x"], 0) == (list(frame.columns), len(frame))


def test_pandas_reads_json(server: Server, pandas: Any) -> None:
    """`read_json` takes the document, `json_normalize` its rows, with types and languages."""
    document = pandas.read_json(url(server, LABELS, format="json"))

    frame = pandas.json_normalize(document["results"]["bindings"])

    assert ROWS == frame_of(frame[["label.value", "language.value"]])
    assert ["en", "zh"] == list(frame["label.xml:lang"])


def test_pandas_reads_xml(server: Server, pandas: Any) -> None:
    """`read_xml` takes a results document, too."""
    namespaces = {"s": "http://www.w3.org/2005/sparql-results#"}

    frame = pandas.read_xml(
        url(server, LABELS, format="xml"), xpath=".//s:binding[@name='label']", namespaces=namespaces, parser="etree"
    )

    assert ["bread", "面包"] == list(frame["literal"])


def test_pandas_raises_when_there_is_no_answer(server: Server, pandas: Any) -> None:
    """No error becomes a table of one odd row."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        pandas.read_csv(url(server, "SELECT", format="csv"))

    caught.value.close()


# roqet ---------------------------------------------------------------------------------------------

needs_roqet = pytest.mark.skipif(shutil.which("roqet") is None, reason="roqet (Debian's rasqal-utils) is not installed")


def roqet(server: Server, query: str, form: str = "csv") -> subprocess.CompletedProcess[bytes]:
    """Run `roqet -p /sparql`, Redland's client; whatever the form of the query, it asks for results in XML."""
    return run("roqet", "-q", "-p", server.endpoint, "-e", query, "-r", form)


@needs_roqet
def test_roqet_gets_rows(server: Server) -> None:
    """It reads our XML and writes it as CSV."""
    done = roqet(server, LABELS)

    assert (0, b"") == (done.returncode, done.stderr)
    assert [["label", "language"], *ROWS] == csv_rows(done.stdout)


@needs_roqet
def test_roqet_keeps_languages_and_datatypes(server: Server) -> None:
    """What it writes as XML is what it read."""
    done = roqet(server, f"SELECT ?o FROM <{BREAD_GRAPH}> {{ ?s ?p ?o }}", "xml")

    found = {(term.text, *term.attrib.values()) for term in ET.fromstring(done.stdout).iter(f"{RESULTS}literal")}  # noqa: S314
    assert {("bread", "en"), ("面包", "zh"), ("0.5", "http://www.w3.org/2001/XMLSchema#decimal")} == found


@needs_roqet
def test_roqet_gets_a_boolean(server: Server) -> None:
    """It takes the answer; to print it is beyond roqet 0.9.33."""
    done = roqet(server, "ASK {}", "simple")

    assert (0, b"") == (done.returncode, done.stderr)


@needs_roqet
@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param("SELECT * {", "400", id="malformed"),
        pytest.param("ASK { SERVICE <http://127.0.0.1:9/> {} }", "403", id="refused"),
        pytest.param(ABOUT, "406", id="graph-that-it-cannot-read"),
    ],
)
def test_roqet_fails_when_there_is_no_answer(server: Server, query: str, status: str) -> None:
    """It exits with an error and names the status; for a graph it asks as results in XML, which a graph is not."""
    done = roqet(server, query)

    assert 1 == done.returncode
    assert f"HTTP status {status}" in done.stderr.decode()


# A browser -----------------------------------------------------------------------------------------

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium (/usr/bin/chromium) is not installed")


def chromium(address: str, profile: Path) -> str:
    """Open an address in a headless Chromium and give the document that it made of it."""
    done = run(
        str(CHROMIUM), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
        "--no-first-run", "--no-default-browser-check", "--no-proxy-server", f"--user-data-dir={profile}", "--dump-dom",
        address,
    )  # fmt: skip
    return done.stdout.decode("utf-8")


@needs_chromium
def test_a_browser_shows_a_form(server: Server, tmp_path: Path) -> None:
    """The endpoint is a page with a form that sends a query by itself."""
    document = chromium(server.endpoint, tmp_path)

    assert [True] * 4 == [part in document for part in ("<form", 'name="query"', "<textarea", "</html>")]


@needs_chromium
def test_a_browser_finds_the_form_from_the_front_page(server: Server, tmp_path: Path) -> None:
    """The front page leads to the endpoint."""
    document = chromium(f"{server.origin}/", tmp_path)

    assert [True, True] == [part in document for part in ('href="/sparql', "</html>")]


@needs_chromium
def test_a_browser_shows_what_is_wrong(server: Server, tmp_path: Path) -> None:
    """An error is a page that says where the mistake is, and shows the query as text."""
    document = chromium(url(server, "SELECT * {\n ?s <script> }"), tmp_path)

    assert "line 2" in document.lower()
    assert "&lt;script&gt;" in document


@needs_chromium
def test_a_browser_shows_an_answer(server: Server, tmp_path: Path) -> None:
    """The answer to a query in the address bar is shown, not downloaded."""
    document = chromium(url(server, LABELS), tmp_path)

    assert [True, True] == [word in document for word in ("bread", "面包")]
