"""/validate: what is sent is held against shapes and told beside its lines, as a page and for programs."""

import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import html5rdf  # type: ignore[import-untyped]  # it has no types
import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lungkg.engines import Engine
from lungkg.errors import (
    AnswerTooLong,
    Cancelled,
    DataTooDeep,
    EngineBusy,
    EngineError,
    LungkgError,
    ValidationDied,
    ValidationTimeout,
)
from lungkg.examination import examine_files
from lungkg.project import Project
from lungkg.release import Release
from lungkg.reporting import FORMATS, Layout, write
from lungkg.sandbox import Outcome, Sandbox, Task
from lungkg.web import create_app
from lungkg.web.service import Served, Service
from lungkg.web.validate_asked import REPORTS
from lungkg.web.validate_page import ALL_LINES
from tests.sampling import sampled
from tests.test_planted_faults import FAULTS, GOOD, PLANTED

pytestmark = pytest.mark.slow

SHAPES: Final = (PLANTED / "shapes.ttl").read_text("utf-8")
BAD: Final = GOOD.replace("ex:weight 750", "ex:weight 0")
PROBLEM: Final = "application/problem+json"
BROWSER: Final = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
BASE: Final = "https://w3id.org/lungkg/"
CLAIM: Final = "id/claim/000_a5af86fa0d89168c-C39"
HOSTILE: Final = "</code><script>alert('x')</script><img src=x onerror=alert(1)>\x1b[2J\u202e&amp;"
EXAMPLES: Final = Path(__file__).parent / "examples"


def form(client: FlaskClient, data: str = BAD, shapes: str = SHAPES, **more: str) -> TestResponse:
    """Send texts as a form does, with further fields."""
    fields = {"data": data, "own-shapes": shapes, **{name.replace("_", "-"): value for name, value in more.items()}}
    return client.post("/validate", data=fields)


def page(client: FlaskClient, data: str = BAD, shapes: str = SHAPES, **more: str) -> str:
    """Send texts as a browser does, and give the page."""
    response = client.post("/validate", data={"data": data, "own-shapes": shapes, **more}, headers=BROWSER)
    assert (response.status_code, response.content_type) == (200, "text/html; charset=utf-8")
    return response.text


def problem(response: TestResponse) -> dict[str, Any]:
    """Give the problem that a response tells of."""
    assert (response.mimetype, response.get_json(force=True)["status"]) == (PROBLEM, response.status_code)
    return dict(response.get_json(force=True))


def ids(text: str) -> list[str]:
    """List the anchors of a page."""
    return re.findall(r' id="([^"]+)"', text)


# What is found -----------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", sampled([pytest.param(one, id=name) for name, one in FAULTS.items()], 4))
def test_the_report_is_that_of_the_command(
    client: FlaskClient, fault: Any, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For every planted fault: the same findings, places, sentences and mends; and what cannot be read is a 400."""
    monkeypatch.chdir(tmp_path)
    text = GOOD.replace(fault.old, fault.new, 1)
    Path("data.ttl").write_text(text, "utf-8")
    Path("shapes.ttl").write_text(SHAPES, "utf-8")
    report = examine_files(["data.ttl"], ["shapes.ttl"], project).report

    response = form(client, text)

    if report.unreadable:
        (finding,) = report.unreadable
        assert finding.place is not None
        assert finding.mend is not None
        told = problem(response)
        assert (response.status_code, told["file"]) == (400, "data.ttl")
        assert (told["line"], told["column"], told["source"]) == (
            finding.place.line,
            finding.place.column,
            finding.line,
        )
        assert told["hint"].startswith(finding.mend.text)
    else:
        assert response.status_code == 200
        assert json.loads(b"".join(write(report, "json"))) == response.get_json()
        assert response.headers["X-Conforms"] == str(report.conforms).lower()


CORE: Final = [
    min(folder.glob("fail-*.ttl")) for folder in sorted(EXAMPLES.iterdir()) if any(folder.glob("fail-*.ttl"))
]


@pytest.mark.parametrize("path", sampled(CORE, 6))
def test_the_project_s_shapes_find_what_the_command_finds(
    client: FlaskClient, path: Path, project: Project, tmp_path: Path
) -> None:
    """For a failing example of each shape, with the ontology of the release."""
    text = (EXAMPLES / "common.ttl").read_text("utf-8") + path.read_text("utf-8")
    copy = tmp_path / "data.ttl"
    copy.write_text(text, "utf-8")
    found = json.loads(b"".join(write(examine_files([str(copy)], [], project).report, "json")))["results"]

    told = client.post("/validate", data=text.encode(), content_type="text/turtle").get_json()["results"]

    assert told
    assert keys(found) == keys(told)


def keys(results: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    """What makes findings the same, whatever blank nodes are called."""
    names = ("severity", "line", "column", "sentence", "focus", "path", "value", "component", "rule")
    return sorted(tuple(re.sub(r"_:\w+", "_:", str(one[name])) for name in names) for one in results)


def test_a_thing_of_the_release_conforms(client: FlaskClient) -> None:
    """What it mentions is looked up, so that a published claim is not said to lack what others say."""
    response = client.get("/validate", query_string={"url": CLAIM})

    assert (response.status_code, response.headers["X-Conforms"]) == (200, "true")
    assert [note for note in response.get_json()["notes"] if "No shape has a target" in note] == []


THINGS: Final = (
    *(f"id/{name}" for name in (
        "claim/000_a5af86fa0d89168c-C01", "entity/mesenchymal-stem-cell", "document/000_a5af86fa0d89168c",
        "sentence/000_a5af86fa0d89168c-S14", "reference/000_a5af86fa0d89168c-1", "agent/curators",
    )),
    f"{BASE}{CLAIM}", f"{BASE}{CLAIM}#quote", f"<{BASE}{CLAIM}>", f"/{CLAIM}", f"http://localhost/{CLAIM}",
    "/doc/claim/000_a5af86fa0d89168c-C39.ttl", "http://localhost/doc/claim/000_a5af86fa0d89168c-C39?format=html",
    "ont", "/shapes", f"{BASE}ont#Claim", "/ont/0.1.0",
)  # fmt: skip


@pytest.mark.parametrize("url", THINGS)
def test_things_of_this_site_can_be_named_in_many_ways(client: FlaskClient, url: str) -> None:
    """By IRI, by path, by the address of a document; all of them conform, for they were published."""
    response = client.get("/validate", query_string={"url": url, "format": "text"})

    assert (response.status_code, response.headers.get("X-Conforms")) == (200, "true"), response.text
    assert "no violation" in response.text


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://example.org/a.ttl", "nothing is fetched from elsewhere"),
        ("file:///etc/passwd", "is nothing of this site"),
        ("/etc/passwd", "is nothing of this site"),
        ("id/claim/../../x", "is nothing of this site"),
        ("/downloads/", "is nothing of this site"),
        ("id/claim/nobody-said", "there is no claim 'nobody-said'"),
        ("http://localhost.example.org/id/claim/x", "is nothing of this site"),
    ],
)
def test_nothing_else_is_fetched(client: FlaskClient, url: str, says: str) -> None:
    """An address elsewhere, a file, a path that is none of a thing."""
    told = problem(client.get("/validate", query_string={"url": url}))

    assert (told["status"], told["parameter"]) == (400, "url")
    assert says in told["detail"]


@pytest.mark.parametrize("name", ["ClaimShape", f"{BASE}shapes#ClaimShape"])
def test_shapes_are_chosen_by_name(client: FlaskClient, name: str) -> None:
    """Then the others find nothing, and the report says so."""
    spoilt = f"<{BASE}id/claim/x> a <{BASE}ont#Claim> . <{BASE}id/entity/x> a <{BASE}ont#Entity> ."

    every = client.post("/validate?format=csv", data=spoilt, content_type="text/turtle").text
    some = client.post(
        f"/validate?format=csv&shapes={name.replace('#', '%23')}", data=spoilt, content_type="text/turtle"
    )
    notes = client.post("/validate", data={"data": spoilt, "shapes": name}).get_json()["notes"]

    assert ("id/entity/x" in every, "id/claim/x" in every) == (True, True)
    assert ("id/entity/x" in some.text, "id/claim/x" in some.text) == (False, True)
    assert [note for note in notes if note.startswith("Validated against 1 of the project's shapes in release")]


# How it is sent ----------------------------------------------------------------------------------

GRAPH: Final = [quad.triple for quad in ox.parse(BAD, format=ox.RdfFormat.TURTLE)]


def written(form: ox.RdfFormat) -> bytes:
    """Write the spoilt data in another format."""
    return ox.serialize(GRAPH, format=form) or b""


RDF: Final = {
    "text/turtle": BAD.encode(),
    "text/turtle; charset=UTF-8": b"\xef\xbb\xbf" + BAD.encode(),
    "application/n-triples": written(ox.RdfFormat.N_TRIPLES),
    "application/n-quads": written(ox.RdfFormat.N_QUADS),
    "application/trig": written(ox.RdfFormat.TRIG),
    "application/ld+json": written(ox.RdfFormat.JSON_LD),
    "application/rdf+xml": written(ox.RdfFormat.RDF_XML),
}
LOAF: Final = "<https://example.org/loaf/rye>"


@pytest.mark.parametrize(("media_type", "body"), RDF.items(), ids=RDF)
def test_every_format_of_rdf_is_taken(client: FlaskClient, media_type: str, body: bytes) -> None:
    """As a body in its media type, and as a file by its suffix; places have lines where the format has them."""
    suffix = {
        "turtle": "ttl",
        "n-triples": "nt",
        "n-quads": "nq",
        "trig": "trig",
        "ld+json": "jsonld",
        "rdf+xml": "rdf",
    }
    name = f"loaf.{suffix[media_type.partition('/')[2].partition(';')[0]]}"
    files = {"file": (io.BytesIO(body), name), "own-shapes-file": (io.BytesIO(SHAPES.encode()), "own.ttl")}

    direct = client.post("/validate", data=body, content_type=media_type)
    (found,) = client.post("/validate", data=files).get_json()["results"]

    assert (direct.status_code, direct.get_json()["conforms"]) == (200, True)  # no shape of ours is about loaves
    assert (found["focus"], found["file"]) == (LOAF, name)
    assert (found["line"] is None) == (name.endswith(("jsonld", "rdf")))


WAYS: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "urlencoded": lambda: {"data": {"data": BAD, "own-shapes": SHAPES}},
    "multipart-text": lambda: {
        "data": {"data": BAD, "own-shapes": SHAPES}, "content_type": "multipart/form-data; boundary=x"
    },
    "multipart-files": lambda: {
        "data": {"file": (io.BytesIO(BAD.encode()), "data.ttl"), "own-shapes-file": (io.BytesIO(SHAPES.encode()), "shapes.ttl")}
    },
    "multipart-files-as-text": lambda: {
        "data": {"data": (io.BytesIO(BAD.encode()), "data.ttl"), "own-shapes": (io.BytesIO(SHAPES.encode()), "shapes.ttl")}
    },
    "with-empty-fields": lambda: {
        "data": {"data": BAD, "file": (io.BytesIO(), ""), "url": "", "own-shapes": SHAPES, "shapes": "", "limit": " "}
    },
    "lines-of-a-browser": lambda: {"data": {"data": BAD.replace("\n", "\r\n"), "own-shapes": SHAPES}},
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_every_way_to_send_gives_the_same_report(client: FlaskClient, way: Callable[[], dict[str, Any]]) -> None:
    """A form of text, a form with files, in whichever fields."""
    sent = client.post("/validate", **way())

    assert form(client).get_json() == sent.get_json()


def test_files_of_one_name_are_told_apart(client: FlaskClient) -> None:
    """The places of the shapes are not those of the data."""
    files = {
        "file": (io.BytesIO(BAD.encode()), "/a/x.ttl"),
        "own-shapes-file": (io.BytesIO(SHAPES.encode()), "b/x.ttl"),
    }

    (found,) = client.post("/validate", data=files).get_json()["results"]

    assert (found["file"], found["rule_place"].partition(":")[0]) == ("x.ttl", "shapes-x.ttl")


# How it is answered ------------------------------------------------------------------------------


def test_the_formats_are_those_of_the_command() -> None:
    """By the same names."""
    assert sorted(FORMATS) == sorted(entry.name for entry in REPORTS)


@pytest.mark.parametrize("entry", REPORTS, ids=lambda entry: entry.name)
def test_every_format_is_had_by_name_and_by_accept(
    client: FlaskClient, entry: Any, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same bytes; and, but for the page, those of the command."""
    monkeypatch.chdir(tmp_path)
    Path("data.ttl").write_text(BAD, "utf-8")
    Path("shapes.ttl").write_text(SHAPES, "utf-8")
    examined = examine_files(["data.ttl"], ["shapes.ttl"], project)

    named = form(client, format=entry.name)
    accepted = client.post("/validate", data={"data": BAD, "own-shapes": SHAPES}, headers={"Accept": entry.media_type})

    assert (named.status_code, named.content_type) == (200, entry.content_type)
    assert accepted.content_type == named.content_type
    if entry.name == "turtle":
        report = list(ox.parse(named.data, format=ox.RdfFormat.TURTLE))
        assert len(report) > 5
    elif entry.name != "html":
        assert b"".join(write(examined.report, entry.name, Layout())) == named.data == accepted.data


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, "application/json"),
        ({"Accept": "*/*"}, "application/json"),
        (BROWSER, "text/html"),
        ({"Accept": "text/csv;q=0.5, application/sarif+json"}, "application/sarif+json"),
        ({"Accept": "text/*"}, "text/turtle"),
    ],
)
def test_accept_decides_where_no_format_is_named(
    client: FlaskClient, headers: Mapping[str, str], expected: str
) -> None:
    """JSON for those who do not mind, a page for browsers."""
    response = client.post("/validate", data={"data": BAD, "own-shapes": SHAPES}, headers=dict(headers))

    assert response.mimetype == expected


MANY: Final = "".join(f"<a:{n}> <a:c> 1 .\n" for n in range(120))
FEW: Final = (
    "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <https://example.org/> .\n"
    "ex:S a sh:NodeShape ; sh:targetSubjectsOf <a:c> ; sh:severity sh:Warning ; sh:property ex:P .\n"
    "ex:P a sh:PropertyShape ; sh:path <a:c> ; sh:minInclusive 2 ; sh:severity sh:Warning ."
)


@pytest.mark.parametrize(
    ("settings", "given", "left"),
    [
        ({}, 120, 0),
        ({"limit": "7"}, 7, 113),
        ({"limit": "0"}, 120, 0),
        ({"format": "text"}, 50, 70),
        ({"format": "text", "limit": "0"}, 120, 0),
    ],
)  # fmt: skip
def test_as_many_findings_are_given_as_were_asked_for(
    client: FlaskClient, settings: dict[str, str], given: int, left: int
) -> None:
    """Programs get all and people the first ones, unless they say otherwise."""
    response = form(client, MANY, FEW, **settings)

    counted = response.text.count("must be at least 2")
    assert counted == given
    assert not left or str(left) in response.text


def test_findings_are_grouped(client: FlaskClient) -> None:
    """With how many there are in each group."""
    (group,) = form(client, MANY, FEW, group="shape", limit="3").get_json()["groups"]

    assert (group["total"], len(group["results"])) == (120, 3)


@pytest.mark.parametrize(("threshold", "fails"), [("violation", "false"), ("warning", "true"), ("Info", "true")])
def test_a_threshold_says_what_fails(client: FlaskClient, threshold: str, fails: str) -> None:
    """In a header; whether the data conforms is another question."""
    response = form(client, MANY, FEW, fail_on=threshold)

    assert (response.headers["X-Conforms"], response.headers["X-Fails"]) == ("false", fails)


def test_nothing_is_kept(client: FlaskClient) -> None:
    """Neither by caches nor in what the log is made of; and no answer is given again."""
    notes: dict[str, Any] = {}

    response = client.post(
        "/validate", data={"data": BAD, "own-shapes": SHAPES}, environ_overrides={"lungkg.notes": notes}
    )

    assert (response.headers["Cache-Control"], "ETag" in response.headers) == ("no-store", False)
    assert [name for name in notes if name in ("text", "ready", "query")] == []


# What is wrong with a request --------------------------------------------------------------------

TURTLE: Final = {"content_type": "text/turtle"}
WRONG: Final[dict[str, tuple[dict[str, Any], int, str]]] = {
    "nothing": ({"data": {"data": " "}}, 400, "parameter data: is missing"),
    "syntax": ({"data": b"<a:b> <a:c> 1", **TURTLE}, 400, "line 1"),
    "no-utf-8": ({"data": b"<a:b> <a:c> '\xff' .", **TURTLE}, 400, "this is not UTF-8"),
    "form-without-utf-8": ({"data": b"data=%FF", "content_type": "application/x-www-form-urlencoded"}, 400, "not UTF-8 text"),
    "unusable-shapes": ({"data": {"data": BAD, "own-shapes": FEW.replace("sh:path <a:c> ;", "")}}, 400, "shapes.ttl"),
    "unreadable-shapes": ({"data": {"data": BAD, "own-shapes": "x"}}, 400, "shapes.ttl: this is not Turtle"),
    "two-ways": ({"data": {"data": BAD, "url": CLAIM}}, 400, "one of data, file and url"),
    "two-shapes": ({"data": {"data": BAD, "own-shapes": SHAPES, "own-shapes-file": (io.BytesIO(b"x"), "x.ttl")}}, 400, "the text or the file"),
    "own-and-chosen": ({"data": {"data": BAD, "own-shapes": SHAPES, "shapes": "ClaimShape"}}, 400, "parameter shapes"),
    "no-such-shape": ({"data": {"data": BAD, "shapes": "ClaimShap"}}, 400, "Did you mean ClaimShape"),
    "no-such-format": ({"data": {"data": BAD, "format": "pdf"}}, 400, "parameter format"),
    "no-such-data-type": ({"data": {"data": BAD, "data-type": "pdf"}}, 400, "parameter data-type"),
    "no-such-group": ({"data": {"data": BAD, "group": "colour"}}, 400, "parameter group"),
    "no-such-severity": ({"data": {"data": BAD, "fail-on": "anger"}}, 400, "parameter fail-on"),
    "no-number": ({"data": {"data": BAD, "limit": "-1"}}, 400, "parameter limit"),
    "no-seconds": ({"data": {"data": BAD, "timeout": "soon"}}, 400, "parameter timeout"),
    "twice": ({"data": {"data": BAD, "format": ["csv", "json"]}}, 400, "is given 2 times"),
    "misspelt": ({"data": {"data": BAD, "shape": "ClaimShape"}}, 400, "Did you mean shapes"),
    "part-of-a-report": ({"data": {"data": BAD, "format": "turtle", "limit": "5"}}, 400, "a sh:ValidationReport is whole"),
    "no-suffix": ({"data": {"file": (io.BytesIO(b"x"), "x.pdf")}}, 400, "says no RDF format"),
    "file-in-no-field": ({"data": {"photo": (io.BytesIO(b"x"), "x.ttl")}}, 400, "is no field for a file"),
    "service": ({"data": {"data": BAD, "own-shapes": '<a:S> <http://www.w3.org/ns/shacl#select> "ASK { SERVICE <a:b> {} }" .'}}, 403, "SERVICE is refused"),
    "not-acceptable": ({"data": {"data": BAD}, "headers": {"Accept": "image/png"}}, 406, "sarif (application/sarif+json)"),
    "too-long": ({"data": b"#" * 1_000_001, **TURTLE}, 413, "At most 1,000,000 bytes of data"),
    "too-long-shapes": ({"data": {"data": BAD, "own-shapes": "#" * 250_001}}, 413, "250,000 bytes of shapes"),
    "thrown-away": ({"data": b"", **TURTLE, "environ_overrides": {"lungkg.too_long": True}}, 413, "At most"),
    "too-many-triples": ({"data": b"<a:b> <a:c> " + b",".join(b"%d" % n for n in range(50_001)) + b".", **TURTLE}, 413, "50,001 triples"),
    "json": ({"json": {"data": BAD}}, 200, ""),
    "no-media-type": ({"data": b"x", "content_type": ""}, 415, "text/turtle"),
    "image": ({"data": b"x", "content_type": "image/png"}, 415, "multipart/form-data"),
    "other-charset": ({"data": b"x", "content_type": "text/turtle; charset=latin-1"}, 415, "in UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize(("request_", "status", "says"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said(client: FlaskClient, request_: dict[str, Any], status: int, says: str) -> None:
    """By a status, and in words: what, where, and what to do."""
    response = client.post("/validate", **_fresh(request_))

    assert response.status_code == status
    assert status == 200 or says in problem(response)["detail"]


def _fresh(request_: dict[str, Any]) -> dict[str, Any]:
    """Copy the files of a request, which are read only once."""
    data = request_.get("data")
    if not isinstance(data, dict):
        return request_
    fresh = {
        name: (io.BytesIO(one[0].getvalue()), one[1]) if isinstance(one, tuple) else one for name, one in data.items()
    }
    return {**request_, "data": fresh}


@pytest.mark.parametrize("name", ["data", "own-shapes"])
def test_texts_are_not_taken_from_an_address(client: FlaskClient, name: str) -> None:
    """It would be logged on its way."""
    told = problem(client.get("/validate", query_string={name: "<a:b> <a:c> 1 ."}))

    assert (told["status"], told["parameter"]) == (400, name)


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("OPTIONS", 200), ("PUT", 405), ("DELETE", 405)])
def test_other_methods_are_answered_as_elsewhere(client: FlaskClient, method: str, status: int) -> None:
    """HEAD without a body, OPTIONS with what is allowed, and no others."""
    response = client.open("/validate", method=method)

    assert (response.status_code, response.data == b"" or status == 405) == (status, True)
    if status == 405 or method == "OPTIONS":
        assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


class Failing(Sandbox):
    """A sandbox in which everything ends with one error."""

    def __init__(self, error: LungkgError) -> None:
        super().__init__()
        self._error = error

    def run(self, task: Task, *_: object) -> Outcome:  # noqa: ARG002 # that of all sandboxes
        """Raise the error."""
        raise self._error


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (DataTooDeep(), 400), (AnswerTooLong(1), 413), (Cancelled(), 499), (EngineBusy("wait"), 503),
        (ValidationDied(1), 503), (EngineError("gone"), 503), (ValidationTimeout(1.5), 504),
    ],
)  # fmt: skip
def test_what_ends_in_the_sandbox_is_never_a_500(
    engine: Engine, project: Project, release: Release, error: LungkgError, status: int
) -> None:
    """For programs and for browsers; 503 says when to come again."""
    client = create_app(Service(Served(engine, project, release)), sandbox=Failing(error)).test_client()

    told, seen = form(client), client.post("/validate", data={"data": BAD}, headers=BROWSER)

    assert (told.status_code, seen.status_code) == (status, status)
    assert (told.headers.get("Retry-After"), seen.headers.get("Retry-After")) == (
        ("10", "10") if status == 503 else (None, None)
    )
    assert problem(told)["detail"] == str(error)
    assert 'id="problem"' in seen.text
    assert "ex:weight 0" in seen.text, "the text is still in the form"


# The page ----------------------------------------------------------------------------------------


def test_the_form_comes_without_asking_for_anything(client: FlaskClient) -> None:
    """With the shapes of the release to choose from, and no script."""
    response = client.get("/validate", headers=BROWSER)

    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-cache")
    assert f'value="{BASE}shapes#ClaimShape"' in response.text
    assert 'enctype="multipart/form-data"' in response.text
    assert ("<script" in response.text, "style=" in response.text) == (False, False)


@pytest.mark.parametrize(("name", "conforms"), [("passing", "true"), ("failing", "false")])
def test_the_examples_do_what_they_promise(client: FlaskClient, name: str, conforms: str) -> None:
    """One passes, one fails."""
    text = client.get("/validate", query_string={"example": name}, headers=BROWSER).text
    tree = html5rdf.parse(text, namespaceHTMLElements=False)
    fields = {one.get("name"): one.text.removeprefix("\n") for one in tree.iterfind(".//textarea")}

    assert client.post("/validate", data=fields).headers["X-Conforms"] == conforms


def test_findings_stand_beside_their_lines(client: FlaskClient) -> None:
    """The line has its number as an anchor, the marked words, and links lead both ways."""
    text = page(client)

    assert re.search(
        r'id="data-12".*?<mark>0</mark>.*?</p>\s*<article class="finding violation" id="finding-1"', text, re.DOTALL
    )
    assert 'href="#data-12"' in text
    assert 'href="#finding-1"' in text
    assert "must be at least 1, but is 0." in text
    assert "Write 1 or more" in text
    assert 'href="#shapes-' in text


@pytest.mark.parametrize(
    ("data", "shapes"),
    [(BAD, SHAPES), (GOOD, SHAPES), (MANY, FEW), ("", ""), ("x", "y"), (HOSTILE, HOSTILE), (f'<a:b> <a:c> """{HOSTILE}""" .', FEW)],
    ids=["bad", "good", "many", "nothing", "unreadable", "hostile", "hostile-literal"],
)  # fmt: skip
def test_a_page_is_sound_and_its_links_arrive(client: FlaskClient, data: str, shapes: str) -> None:
    """Whatever was sent: no markup of it gets through, no anchor is there twice, none is missing."""
    text = client.post("/validate", data={"data": data, "own-shapes": shapes}, headers=BROWSER).text
    parser = html5rdf.HTMLParser(strict=True)

    parser.parse(text)

    assert parser.errors == []
    assert ("<script" in text, "<img" in text, "\x1b" in text) == (False, False, False)
    assert len(ids(text)) == len(set(ids(text)))
    assert [link for link in re.findall(r'href="#([^"]*)"', text) if link not in ids(text)] == []


def test_the_text_can_be_mended_in_its_place(client: FlaskClient) -> None:
    """It stands in the form again, as it was sent, after a report and after a mistake."""
    odd = "\n\n" + BAD + "# <textarea>&amp;"
    for data in (odd, odd + '"'):
        response = client.post("/validate", data={"data": data, "own-shapes": SHAPES}, headers=BROWSER)
        tree = html5rdf.parse(response.text, namespaceHTMLElements=False)

        assert data == next(one.text for one in tree.iterfind(".//textarea[@id='data']"))


def test_choices_stay_chosen_after_a_mistake(client: FlaskClient) -> None:
    """The format of the data and the shapes, as well as the text."""
    sent = {"data": "{", "data-type": "jsonld", "shapes": f"{BASE}shapes#ClaimShape"}

    response = client.post("/validate", data=sent, headers=BROWSER)

    assert response.status_code == 400
    assert '<option value="jsonld" selected>' in response.text
    assert response.text.count(" checked>") == 1


def test_of_a_long_text_the_lines_around_findings_are_shown(client: FlaskClient) -> None:
    """And how many lines are not."""
    text = page(client, "# nothing\n" * 2 * ALL_LINES + BAD)

    shown = [int(one) for one in re.findall(r'id="data-(\d+)"', text)]
    assert shown == list(range(2 * ALL_LINES + 9, 2 * ALL_LINES + 16))
    assert f"{2 * ALL_LINES + 8} lines without findings" in text


def test_of_a_long_line_the_part_around_the_finding_is_shown(client: FlaskClient) -> None:
    """A page does not grow with what was sent."""
    text = page(client, "<a:b> <a:c> 1 . " + "<a:b> <a:d> 7 . " * 5_000 + "<a:e> <a:c> 0 .", FEW)

    (row,) = re.findall(r'id="data-1".*?</p>', text, re.DOTALL)
    assert len(row) < 1_000
    assert "<mark>1</mark>" in row


def test_a_page_shows_no_more_findings_than_it_can(client: FlaskClient) -> None:
    """However many are asked for; the count says how many there are."""
    many = "".join(f"<a:{n}> <a:c> 1 .\n" for n in range(3_000))

    text = page(client, many, FEW, limit="0")

    assert text.count('<article class="finding') == 500
    assert "2,500 more findings are not shown" in text


def test_the_page_says_which_shapes_were_used(client: FlaskClient, release: Release) -> None:
    """By links to the version of the release, which lead to them."""
    text = client.post("/validate", data={"data": BAD, "shapes": ["ClaimShape", "EntityShape"]}, headers=BROWSER).text

    links = re.findall(r'href="(/shapes/[^"]*)"', text)
    assert links == ["/shapes/0.1.0#ClaimShape", "/shapes/0.1.0#EntityShape"]
    assert release.id[:12] in text
    target = client.get("/shapes/0.1.0", headers=BROWSER)
    assert (target.status_code, 'id="ClaimShape"' in target.text) == (200, True)


def test_own_shapes_make_no_links_to_elsewhere(client: FlaskClient) -> None:
    """A page that somebody else had a visitor send must not lead away under our name."""
    text = page(client, MANY, FEW.replace("https://example.org/", "https://evil.example/"))

    assert re.findall(r'href="https?://[^"]*evil[^"]*"', text) == []


def test_links_have_the_mount_prefix(client: FlaskClient) -> None:
    """Of the form, of the shapes, and of things that are named by their path."""
    mounted = {"SCRIPT_NAME": "/kg"}

    text = client.post("/validate", data={"data": BAD}, headers=BROWSER, environ_overrides=mounted).text
    thing = client.get("/validate", query_string={"url": f"/kg/{CLAIM}"}, environ_overrides=mounted)

    assert 'action="/kg/validate#answer"' in text
    assert [link for link in re.findall(r'(?:href|action)="(/[^"]*)"', text) if not link.startswith("/kg/")] == []
    assert (thing.status_code, thing.headers["Link"]) == (200, '</kg/shapes>; rel="related"')


def test_another_base_is_known_by_its_things(moved: FlaskClient) -> None:
    """With --base, IRIs of things begin with it, and the shapes keep theirs."""
    response = moved.get("/validate", query_string={"url": f"https://bread.example/{'id/claim/leaflet-01-C1'}"})
    text = moved.get("/validate", headers=BROWSER).text

    assert (response.status_code, response.headers["X-Conforms"]) == (200, "true"), response.text
    assert 'placeholder="https://bread.example/id/…"' in text


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Another project, built for another base."""
    from lungkg.build import build  # noqa: PLC0415
    from lungkg.engines import LocalEngine  # noqa: PLC0415
    from lungkg.project import load_project  # noqa: PLC0415

    bakery = load_project(Path(__file__).parent / "other_project", "https://bread.example/")
    made = build(bakery, tmp_path_factory.mktemp("moved"))
    assert made.release is not None
    with LocalEngine(made.release.store, bakery.prefixes) as engine:
        yield create_app(Service(Served(engine, bakery, made.release))).test_client()
