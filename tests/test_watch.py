"""What operators see: an access log of one JSON object a request, and metrics that Prometheus can read."""

import asyncio
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import quote

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from lungkg.engines import Engine
from lungkg.engines.base import Answer
from lungkg.errors import EngineBusy, EngineTimeout, LungkgError, QueryRefused, QuerySyntaxError
from lungkg.formats import Format
from lungkg.limits import Limits
from lungkg.project import Project
from lungkg.release import Release
from lungkg.web import create_app
from lungkg.web.bridge import Bridge
from lungkg.web.cache import AnswerCache, Stored
from lungkg.web.service import Served, Service
from lungkg.web.watch import Watch, query_hash

REFERENCE: Final = Path(__file__).parents[1] / "docs" / "reference" / "endpoint.md"
LIMITS: Final = Limits(quick_workers=1, slow_workers=1, quick_queue=1, slow_queue=1)
PRIVATE: Final = "swordfish"
QUERY: Final = f"ASK {{ ?s ?p '{PRIVATE}' }}"
ACCEPT: Final = "application/sparql-results+json"


class Answering:
    """An engine that answers everything with the same, or fails."""

    fenced = True

    def __init__(self, failure: LungkgError | None = None) -> None:
        self.failure = failure

    def query(self, text: str, format: Format, **_: object) -> Answer:
        """Answer."""
        del text
        if self.failure:
            raise self.failure
        return Answer(b'{"boolean":true}', format, rows=1, lane="quick")

    def state(self) -> dict[str, int]:
        """Count."""
        return {"quick_running": 1, "slow_running": 2, "open_answers": 3}

    def close(self) -> None:
        """End."""


def service_of(engine: object, cache: float = 1) -> Service:
    """Serve a release that has no files."""
    release = Release(Path("one"))
    release.__dict__["info"] = {"id": "0123456789abcdef", "date": "2026-01-01"}
    return Service(Served(cast("Engine", engine), cast("Project", None), release, answers=AnswerCache(cache)))


def scope(method: str = "GET", path: str = "/sparql", query: str = "", **headers: str) -> dict[str, Any]:
    """Make the scope of a request as a server does; names of headers have `_` for `-`."""
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("192.0.2.1", 5000),
        "server": ("127.0.0.1", 8080),
    }


def asking(text: str = QUERY) -> dict[str, Any]:
    """Ask a query by GET."""
    return scope(query=f"query={quote(text)}", Accept=ACCEPT)


class Endpoint:
    """The real application behind the real bridge, over an engine that is none."""

    def __init__(self, engine: object, cache: float = 1, proxies: int = 0) -> None:
        self.log = io.StringIO()
        self.service = service_of(engine, cache)
        self.proxies = proxies
        self.watch = Watch(self.service, self.log)
        self.app: Flask = create_app(self.service, LIMITS, watch=self.watch, proxies=proxies)

    def ask(self, *requests: dict[str, Any], body: bytes = b"") -> list[bytes]:
        """Send requests one after the other; gives the bodies of the answers."""
        bridge = Bridge(self.app, self.service, LIMITS, self.watch, self.proxies)
        try:
            return [asyncio.run(self._ask(bridge, request, body)) for request in requests]
        finally:
            bridge._threads.shutdown(wait=True)

    @staticmethod
    async def _ask(bridge: Bridge, request: dict[str, Any], body: bytes) -> bytes:
        sent: list[bytes] = []
        coming = [{"type": "http.request", "body": body}]

        async def receive() -> dict[str, Any]:
            if coming and request["method"] == "POST":
                return coming.pop()
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: dict[str, Any]) -> None:
            sent.append(message.get("body", b""))

        await asyncio.wait_for(bridge(request, receive, send), 60)
        return b"".join(sent)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The access log."""
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


def samples(text: bytes) -> dict[str, float]:
    """Read metrics as Prometheus does: values by name and labels."""
    return {
        sample.name + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def moment(text: bytes) -> dict[str, float]:
    """Read the metrics of the moment, without what is counted."""
    return {name: value for name, value in samples(text).items() if not name.startswith("lungkg_sent_bytes")}


def documented() -> set[str]:
    """Read the fields of the access log from the reference."""
    (sentence,) = re.findall(r"^The access log .*$", REFERENCE.read_text("utf-8"), re.MULTILINE)
    return set(re.findall(r"`(\w+)`", sentence))


# The access log ----------------------------------------------------------------------------------

FULL: Final[dict[str, Any]] = {"request": "0af3", "client": "192.0.2.7", "text": QUERY, "lane": "slow", "rows": 7}


def noted(notes: Mapping[str, Any], **request: Any) -> dict[str, Any]:
    """Note one request and read its line, which has to be the only one."""
    log = io.StringIO()
    Watch(service_of(Answering()), log).note(scope(**request), 200, 1234, 0.0456789, notes)
    text = log.getvalue()
    assert text.endswith("\n")
    assert 1 == len(text.splitlines())
    line: dict[str, Any] = json.loads(text)
    return line


def test_a_line_has_the_documented_fields() -> None:
    """All of them, and no other, where all is known."""
    assert documented() == set(noted(FULL))


def test_a_line_says_what_was_asked_and_answered() -> None:
    """The time is UTC, milliseconds are rounded, and the query is a hash."""
    line = noted(FULL)

    time = line.pop("time")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", time)
    assert {
        "request": "0af3",
        "client": "192.0.2.7",
        "method": "GET",
        "path": "/sparql",
        "status": 200,
        "outcome": "answered",
        "query": query_hash(QUERY),
        "lane": "slow",
        "rows": 7,
        "bytes": 1234,
        "ms": 45.68,
    } == line


@pytest.mark.parametrize(
    ("note", "field"), [("request", "request"), ("text", "query"), ("lane", "lane"), ("rows", "rows")]
)
def test_what_is_not_known_is_left_out(note: str, field: str) -> None:
    """No field is null."""
    line = noted({name: value for name, value in FULL.items() if name != note})

    assert documented() - {field} == set(line)


def test_the_client_is_the_one_of_the_connection_unless_noted() -> None:
    """Behind a proxy the application knows better."""
    assert ("192.0.2.1", "192.0.2.7") == (noted({})["client"], noted(FULL)["client"])


@pytest.mark.parametrize(
    "path",
    ["/a\nb", '/"quoted"', "/back\\slash", "/\u9762\u5305", "/\x00", "/\u2028line", "/" + "x" * 10_000],
    ids=["newline", "quotes", "backslash", "chinese", "nul", "line-separator", "long"],
)
def test_a_path_breaks_no_line(path: str) -> None:
    """Whatever a client puts there, a line stays one JSON object with that path."""
    log = io.StringIO()

    Watch(service_of(Answering()), log).note(scope(path=path), 404, 0, 0.0, {})

    (line, rest) = log.getvalue().split("\n")
    assert (path, "") == (json.loads(line)["path"], rest)


def test_without_a_log_nothing_is_written() -> None:
    """Requests are counted all the same."""
    watch = Watch(service_of(Answering()))

    watch.note(scope(), 200, 1, 0.1, {})

    assert 1 == samples(watch.metrics())["lungkg_requests_total kind=sparql status=200"]


def test_a_log_can_be_followed() -> None:
    """Each line is flushed, so that it is there when something breaks next."""

    class Flushing(io.StringIO):
        flushed = ""

        def flush(self) -> None:
            self.flushed = self.getvalue()

    log = Flushing()

    Watch(service_of(Answering()), log).note(scope(), 200, 1, 0.1, {})

    assert ("", True) == (log.getvalue().removeprefix(log.flushed), bool(log.flushed))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("ASK {}", "ASK {}", True, id="equal"),
        pytest.param("ASK {}", "ASK { }", False, id="a-blank"),
        pytest.param("ASK {}", "ask {}", False, id="case"),
        pytest.param("", " ", False, id="empty"),
    ],
)
def test_a_hash_names_a_text(one: str, other: str, same: bool) -> None:
    """It is short and has nothing of the text in it."""
    assert same == (query_hash(one) == query_hash(other))
    assert re.fullmatch(r"[0-9a-f]{12}", query_hash(one))


def test_a_text_that_cannot_be_encoded_has_a_hash() -> None:
    """A lone surrogate is no reason to fail after the answer was given."""
    assert re.fullmatch(r"[0-9a-f]{12}", query_hash("ASK {} # \ud800"))


# Requests that pass through the application --------------------------------------------------------

FORM: Final = "application/x-www-form-urlencoded"
DIRECT: Final = "application/sparql-query"
SENT: Final[dict[str, tuple[dict[str, Any], bytes]]] = {
    "get": (asking(), b""),
    "form": (scope("POST", Content_Type=FORM), f"query={quote(QUERY)}".encode()),
    "direct": (scope("POST", Content_Type=DIRECT), QUERY.encode()),
    "update": (scope("POST", Content_Type=FORM), f"update={quote(QUERY)}".encode()),
    "wrong-type": (scope("POST", Content_Type="text/plain"), QUERY.encode()),
    "no-query": (scope(query=f"query={PRIVATE}"), b""),
    "wrong-parameter": (scope(query=f"query=ASK{{}}&timeout={PRIVATE}"), b""),
    "wrong-graph": (scope(query=f"query=ASK{{}}&default-graph-uri={PRIVATE}"), b""),
    "wrong-format": (scope(query=f"query=ASK{{}}&format={PRIVATE}"), b""),
    "wrong-accept": (scope(query="query=ASK{}", Accept=f"x/{PRIVATE}"), b""),
    "other-headers": (scope(query="query=ASK{}", Authorization=PRIVATE, Cookie=PRIVATE, Referer=PRIVATE), b""),
    "page": (scope(path="/nothing", query=PRIVATE), b""),
}
FAILURES: Final[dict[str, LungkgError | None]] = {
    "answered": None,
    "syntax": QuerySyntaxError(f"{PRIVATE!r} is not expected here", 1, 2, QUERY),
    "refused": QueryRefused(f"{PRIVATE} is refused"),
    "busy": EngineBusy(f"{PRIVATE} waits"),
    "timeout": EngineTimeout(1),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
@pytest.mark.parametrize(("request_", "body"), SENT.values(), ids=SENT.keys())
def test_nothing_private_is_in_the_log_or_the_metrics(
    caplog: pytest.LogCaptureFixture, request_: dict[str, Any], body: bytes, failure: LungkgError | None
) -> None:
    """Neither the query, nor another parameter, nor a header is written down, whatever becomes of the request."""
    endpoint = Endpoint(Answering(failure))

    endpoint.ask(request_, body=body)

    assert 1 == len(endpoint.lines)
    assert not [
        text for text in (endpoint.log.getvalue(), endpoint.watch.metrics().decode(), caplog.text) if PRIVATE in text
    ]


@pytest.mark.parametrize("way", ["get", "form", "direct"])
def test_a_query_that_was_asked_is_named_by_its_hash(way: str) -> None:
    """The same one in each way to send it, with its lane and its rows."""
    endpoint = Endpoint(Answering(), cache=0)
    request, body = SENT[way]

    endpoint.ask(request, body=body)

    (line,) = endpoint.lines
    assert (query_hash(QUERY), "quick", 1, 16) == (line["query"], line["lane"], line["rows"], line["bytes"])


@pytest.mark.parametrize(
    ("failure", "status", "outcome"),
    [
        pytest.param(FAILURES["syntax"], 400, "The query is not SPARQL 1.1", id="syntax"),
        pytest.param(FAILURES["busy"], 503, "Too much is asked at once", id="busy"),
        pytest.param(FAILURES["timeout"], 504, "The query takes too long", id="timeout"),
    ],
)
def test_what_went_wrong_is_the_outcome(failure: LungkgError, status: int, outcome: str) -> None:
    """The title of the problem stands there, with the number that the client was told."""
    endpoint = Endpoint(Answering(failure))

    (body,) = endpoint.ask(asking())

    (line,) = endpoint.lines
    assert (status, outcome) == (line["status"], line["outcome"])
    assert json.loads(body)["request_id"] == line["request"]


def test_an_answer_that_is_kept_has_its_lane() -> None:
    """It took nobody's time, and operators can tell."""
    endpoint = Endpoint(Answering())

    endpoint.ask(asking(), asking())

    assert ["quick", "cache"] == [line["lane"] for line in endpoint.lines]


def test_an_answer_that_is_kept_names_its_query() -> None:
    """The line of a repeated query has the fields of the first."""
    endpoint = Endpoint(Answering())

    endpoint.ask(asking(), asking())

    assert [query_hash(QUERY)] * 2 == [line.get("query") for line in endpoint.lines]


def test_an_answer_that_is_kept_has_its_lane_by_post_too() -> None:
    """It is the same cache, whoever of the two looks into it."""
    endpoint = Endpoint(Answering())
    request, body = SENT["direct"]

    endpoint.ask(request, request, body=body)

    assert ["quick", "cache"] == [line.get("lane") for line in endpoint.lines]


def test_the_client_behind_a_proxy_is_in_the_log() -> None:
    """With --proxies, the address is the one that the proxy names."""
    endpoint = Endpoint(Answering(), cache=0, proxies=1)

    endpoint.ask({**asking(), "headers": [(b"x-forwarded-for", b"198.51.100.9")]})

    assert ["198.51.100.9"] == [line["client"] for line in endpoint.lines]


def test_the_client_behind_a_proxy_is_in_the_log_of_kept_answers_too() -> None:
    """Whether an answer was kept does not change who asked."""
    endpoint = Endpoint(Answering(), proxies=1)
    request = {**asking(), "headers": [(b"x-forwarded-for", b"198.51.100.9")]}

    endpoint.ask(request, request)

    assert ["198.51.100.9"] * 2 == [line["client"] for line in endpoint.lines]


# Metrics -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/sparql", "sparql"), ("/sparql/", "sparql"), ("/health", "health"), ("/health/live", "health"),
        ("/metrics", "metrics"), ("/static/style.css", "static"), ("/", "page"), ("/nothing", "page"),
        ("/sparqlx", "page"), ("//sparql", "sparql"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [200, 404, 503])
def test_requests_are_counted_by_kind_and_status(path: str, kind: str, status: int) -> None:
    """Unknown paths are one kind, so that nobody can fill the memory with them."""
    watch = Watch(service_of(Answering()))

    for _ in range(3):
        watch.note(scope(path=path), status, 10, 0.1, {})

    counted = {name: value for name, value in samples(watch.metrics()).items() if "_requests_total" in name}
    assert {f"lungkg_requests_total kind={kind} status={status}": 3} == counted


def test_times_are_counted_by_lane() -> None:
    """Each request is in one lane; what needed no engine has none."""
    watch = Watch(service_of(Answering()))

    for lane, seconds in (("quick", 0.002), ("quick", 0.2), ("slow", 2.0), (None, 0.1)):
        watch.note(scope(), 200, 10, seconds, {"lane": lane})

    found = samples(watch.metrics())
    assert [2, 1, 1] == [found[f"lungkg_request_seconds_count lane={lane}"] for lane in ("quick", "slow", "none")]
    assert [1, 2] == [found[f"lungkg_request_seconds_bucket lane=quick le={bound}"] for bound in ("0.003", "+Inf")]
    assert 2.0 == found["lungkg_request_seconds_sum lane=slow"]


def test_bytes_are_summed() -> None:
    """All that was sent, whatever it was."""
    watch = Watch(service_of(Answering()))

    for sent in (1, 10, 100):
        watch.note(scope(), 200, sent, 0.1, {})

    assert 111 == samples(watch.metrics())["lungkg_sent_bytes_total"]


def test_the_state_of_the_moment_is_there() -> None:
    """What runs and waits, what is kept, and which release is served."""
    service = service_of(Answering())
    service.served.answers.put("query", Stored(b"x" * 1000, "text/csv", '"tag"'))

    found = moment(Watch(service).metrics())

    assert {
        "lungkg_engine_quick_running": 1,
        "lungkg_engine_slow_running": 2,
        "lungkg_engine_open_answers": 3,
        "lungkg_cache_bytes": 1500,
        "lungkg_release date=2026-01-01 id=0123456789ab": 1,
    } == found


def test_the_state_follows_the_release() -> None:
    """After a switch only the new one is named."""
    service = service_of(Answering())
    watch = Watch(service)
    after = service_of(Answering()).served
    after.release.__dict__["info"] = {"id": "fedcba9876543210", "date": "2026-02-02"}

    service.switch(after)

    named = [name for name in samples(watch.metrics()) if name.startswith("lungkg_release")]
    assert ["lungkg_release date=2026-02-02 id=fedcba987654"] == named


def test_an_engine_that_counts_nothing_has_no_gauges() -> None:
    """A remote engine has no state to show; the rest is there."""

    class Plain:
        def close(self) -> None:
            """End."""

    found = moment(Watch(service_of(Plain())).metrics())

    assert ["lungkg_cache_bytes", "lungkg_release date=2026-01-01 id=0123456789ab"] == sorted(found)


def test_every_metric_is_explained() -> None:
    """Each has a help text and a type, and the names are ours."""
    endpoint = Endpoint(Answering())
    endpoint.ask(asking())

    families = list(text_string_to_metric_families(endpoint.watch.metrics().decode()))

    assert [] == [family.name for family in families if not family.documentation or family.type == "unknown"]
    assert {"lungkg"} == {family.name.partition("_")[0] for family in families}


def test_metrics_are_served() -> None:
    """At /metrics in the text format of Prometheus, counting what was asked before."""
    endpoint = Endpoint(Answering())

    _, body = endpoint.ask(asking(), scope(path="/metrics"))
    response = endpoint.app.test_client().get("/metrics")

    assert 1 == samples(body)["lungkg_requests_total kind=sparql status=200"]
    assert (200, True) == (response.status_code, response.headers["Content-Type"].startswith("text/plain"))
    assert 1 == samples(response.data)["lungkg_requests_total kind=metrics status=200"]
