"""The bridge between ASGI and WSGI, without a network: bodies, clients that go, errors, answers that are kept."""

import asyncio
import contextlib
import gzip
import io
import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

import pytest
from flask import Flask

from lungkg.engines import Engine
from lungkg.limits import Limits
from lungkg.project import Project
from lungkg.release import Release
from lungkg.web import bridge as bridge_module
from lungkg.web import create_app
from lungkg.web.bridge import Bridge
from lungkg.web.cache import Stored
from lungkg.web.service import Served, Service
from lungkg.web.watch import Watch

PATIENCE: Final = 60.0  # seconds; a bound on hanging, not a measure of speed
LIMITS: Final = Limits(
    quick_workers=1, slow_workers=1, quick_queue=1, slow_queue=1, query_size=1000, data_size=900, shapes_size=100
)
KEPT_BYTES: Final = 4 * LIMITS.query_size + 2**16
"""The longest body that is handed on, as the bridge says."""

Environ = dict[str, Any]
Start = Callable[[str, list[tuple[str, str]]], object]
Application = Callable[[Environ, Start], Iterable[bytes]]
Message = dict[str, Any]

GONE: Final[Message] = {"type": "http.disconnect"}


# A client that speaks ASGI ------------------------------------------------------------------------


@dataclass
class Reply:
    """What the bridge sent."""

    messages: list[Message] = field(default_factory=list)

    @property
    def status(self) -> int:
        """The status."""
        return int(self.messages[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        """The headers; none of them may be there twice."""
        headers = [(name.decode(), value.decode()) for name, value in self.messages[0]["headers"]]
        assert len(dict(headers)) == len(headers)
        return dict(headers)

    @property
    def pieces(self) -> list[bytes]:
        """The pieces of the body, without empty ones."""
        return [message["body"] for message in self.messages[1:] if message["body"]]

    @property
    def body(self) -> bytes:
        """The whole body."""
        return b"".join(self.pieces)

    @property
    def whole(self) -> bool:
        """Whether the end was sent, which a client takes for the end of the whole."""
        return bool(self.messages) and not self.messages[-1].get("more_body", False)


def scope(
    method: str = "GET", path: str = "/", query: str = "", headers: Sequence[tuple[str, str]] = (), **more: Any
) -> Message:
    """Make the scope of a request as a server does."""
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        "client": ("192.0.2.1", 5000),
        "server": ("127.0.0.1", 8080),
        **more,
    }


def body_of(*pieces: bytes) -> list[Message]:
    """Make the messages of a body that comes in pieces."""
    last = len(pieces) - 1
    return [
        {"type": "http.request", "body": piece, "more_body": number < last} for number, piece in enumerate(pieces)
    ] or [{"type": "http.request"}]


@dataclass
class Client:
    """Sends its messages and then stays connected without a word."""

    messages: Iterable[Message] = ()
    reply: Reply = field(default_factory=Reply)
    received: int = 0

    def __post_init__(self) -> None:
        """Start at the first message."""
        self._waiting = iter(self.messages)

    async def receive(self) -> Message:
        """Give the server the next message."""
        message = next(self._waiting, None)
        if message is None:
            await asyncio.Event().wait()
            raise AssertionError
        self.received += 1
        return message

    async def send(self, message: Message) -> None:
        """Take a message from the server."""
        self.reply.messages.append(message)


class Bench:
    """A bridge over an application of the test's own, and the log that it writes."""

    def __init__(self, application: Application | Flask, limits: Limits = LIMITS) -> None:
        self.service = Service(served("one"))
        self.log = io.StringIO()
        self.bridge = Bridge(cast("Flask", application), self.service, limits, Watch(self.service, self.log))

    def ask(self, request: Message, messages: Iterable[Message] = ()) -> Reply:
        """Send one request in a loop of its own, and wait for the end."""
        client = Client(messages)
        asyncio.run(self.run(request, client))
        return client.reply

    async def run(self, request: Message, client: Client) -> None:
        """Send one request within a loop."""
        await asyncio.wait_for(self.bridge(request, client.receive, client.send), PATIENCE)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The access log."""
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def close(self) -> None:
        """End all threads."""
        self.bridge.close()
        self.bridge._threads.shutdown(wait=True)


class Idle:
    """An engine that answers nothing."""

    fenced = True

    def close(self) -> None:
        """End."""


def served(name: str) -> Served:
    """Make a release of this name with an engine that is never asked."""
    release = Release(Path(name))
    release.__dict__["info"] = {"id": name, "date": "2026-01-01"}
    return Served(cast("Engine", Idle()), cast("Project", None), release)


Make = Callable[..., Bench]


@pytest.fixture
def make() -> Iterator[Make]:
    """Make bridges that end with the test."""
    made: list[Bench] = []

    def bench(application: Application | Flask, limits: Limits = LIMITS) -> Bench:
        made.append(Bench(application, limits))
        return made[-1]

    yield bench
    for one in made:
        one.close()


class Echo:
    """An application that answers with the body it got, and keeps what it saw."""

    def __init__(self) -> None:
        self.seen: list[Environ] = []

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer."""
        body = environ["wsgi.input"].read()
        self.seen.append(environ)
        start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
        return [body]


# Requests ----------------------------------------------------------------------------------------

BODIES: Final[dict[str, tuple[bytes, ...]]] = {
    "none": (),
    "empty": (b"",),
    "one-piece": (b"ASK {}",),
    "pieces": (b"AS", b"K ", b"{}"),
    "empty-pieces-between": (b"AS", b"", b"K {}", b""),
    "every-byte": (bytes(range(256)),),
    "as-long-as-allowed": (b"x" * 1000, b"y" * (KEPT_BYTES - 1000)),
}


@pytest.mark.parametrize("pieces", BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_body_is_passed_whole(make: Make, method: str, pieces: tuple[bytes, ...]) -> None:
    """In however many pieces it came, the application reads it as one, with its length."""
    echo = Echo()

    reply = make(echo).ask(scope(method, headers=[("Content-Length", "7"), ("Content-Type", "a/b")]), body_of(*pieces))

    whole = b"".join(pieces)
    assert (200, whole, True) == (reply.status, reply.body, reply.whole)
    assert [(str(len(whole)), "a/b", False)] == [
        (seen["CONTENT_LENGTH"], seen["CONTENT_TYPE"], seen["lungkg.too_long"]) for seen in echo.seen
    ]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_method_without_a_body_waits_for_none(make: Make, method: str) -> None:
    """A client that sends nothing more is answered at once."""
    reply = make(Echo()).ask(scope(method))

    assert (200, b"", True) == (reply.status, reply.body, reply.whole)


TOO_LONG: Final = {
    "one-piece": (b"x" * (KEPT_BYTES + 1),),
    "by-one-byte": (b"x" * KEPT_BYTES, b"x"),
    "pieces": (b"x" * KEPT_BYTES,) * 3,
}


@pytest.mark.parametrize("pieces", TOO_LONG.values(), ids=TOO_LONG.keys())
def test_a_body_that_is_too_long_is_read_and_thrown_away(make: Make, pieces: tuple[bytes, ...]) -> None:
    """The application is told so and gets nothing of it; the client has sent all and so reads the answer."""
    echo, client = Echo(), Client(body_of(*pieces))

    asyncio.run(make(echo).run(scope("POST"), client))

    assert [(True, "0")] == [(seen["lungkg.too_long"], seen["CONTENT_LENGTH"]) for seen in echo.seen]
    assert (len(pieces), b"") == (client.received, client.reply.body)


def test_a_body_without_end_is_not_read_on(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a bound the client is answered although it goes on sending."""
    monkeypatch.setattr(bridge_module, "MAX_BODY_BYTES", 4 * KEPT_BYTES)
    endless: Iterator[Message] = iter(
        lambda: {"type": "http.request", "body": b"x" * KEPT_BYTES, "more_body": True}, None
    )
    echo = Echo()

    def application(environ: Environ, start: Start) -> Iterable[bytes]:
        assert not environ["lungkg.cancelled"]()
        return echo(environ, start)

    async def ask() -> Client:
        client = Client(endless)
        receive = client.receive

        async def patient() -> Message:
            await asyncio.sleep(0)  # as a network would
            return await receive()

        bench = make(application)
        await asyncio.wait_for(bench.bridge(scope("POST"), patient, client.send), PATIENCE)
        return client

    client = asyncio.run(ask())

    assert (200, [True]) == (client.reply.status, [seen["lungkg.too_long"] for seen in echo.seen])


@pytest.mark.parametrize(
    ("content_type", "pieces"),
    [
        pytest.param("application/sparql-query", (b"ASK {} #" + b"x" * KEPT_BYTES,), id="direct"),
        pytest.param("application/x-www-form-urlencoded", (b"query=ASK+{}%20#", b"x" * KEPT_BYTES), id="form"),
        pytest.param("application/sparql-query", (b"ASK {} #" + b"x" * 1000,), id="longer-than-a-query-only"),
    ],
)
def test_a_query_that_is_too_long_is_413(make: Make, content_type: str, pieces: tuple[bytes, ...]) -> None:
    """The application says so in problem+json, and names the request."""
    bench = make(create_app(Service(served("one")), LIMITS))

    reply = bench.ask(scope("POST", "/sparql", headers=[("Content-Type", content_type)]), body_of(*pieces))

    problem = json.loads(reply.body)
    assert (413, "application/problem+json") == (reply.status, reply.headers["content-type"])
    assert (413, reply.headers["x-request-id"]) == (problem["status"], problem["request_id"])


HEADERS: Final[dict[str, tuple[Sequence[tuple[str, str]], dict[str, str]]]] = {
    "one": ([("Accept", "text/csv")], {"HTTP_ACCEPT": "text/csv"}),
    "two-lines": ([("Accept", "a/b"), ("Accept", "c/d")], {"HTTP_ACCEPT": "a/b,c/d"}),
    "dash": ([("If-None-Match", '"a"')], {"HTTP_IF_NONE_MATCH": '"a"'}),
    "latin-1": ([("X-Name", "Z\xfcrich")], {"HTTP_X_NAME": "Z\xfcrich"}),
    "content-type": ([("Content-Type", "a/b")], {"CONTENT_TYPE": "a/b"}),
    "host": ([("Host", "kg.example.org")], {"HTTP_HOST": "kg.example.org"}),
}


@pytest.mark.parametrize(("headers", "expected"), HEADERS.values(), ids=HEADERS.keys())
def test_headers_arrive_as_pep_3333_says(
    make: Make, headers: Sequence[tuple[str, str]], expected: dict[str, str]
) -> None:
    """Lines of one name are one value."""
    echo = Echo()

    make(echo).ask(scope(headers=headers))

    (seen,) = echo.seen
    assert expected == {name: seen[name] for name in expected}


PATHS: Final[dict[str, tuple[Message, dict[str, str]]]] = {
    "plain": (scope(path="/sparql"), {"PATH_INFO": "/sparql", "QUERY_STRING": ""}),
    "query": (scope(path="/sparql", query="query=ASK%20%7B%7D&a=b"), {"QUERY_STRING": "query=ASK%20%7B%7D&a=b"}),
    "encoded": (scope(raw_path=b"/a%20b/%E9%9D%A2"), {"PATH_INFO": "/a b/\u9762".encode().decode("latin-1")}),
    "no-utf-8": (scope(raw_path=b"/%ff"), {"PATH_INFO": "/\xff"}),
    "query-in-the-raw-path": (scope(raw_path=b"/a?b=c"), {"PATH_INFO": "/a"}),
    "no-raw-path": (scope(path="/\u9762", raw_path=None), {"PATH_INFO": "/\u9762".encode().decode("latin-1")}),
    "address": (scope(), {"REMOTE_ADDR": "192.0.2.1", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8080"}),
    "no-addresses": (scope(client=None, server=None), {"REMOTE_ADDR": "", "SERVER_NAME": "localhost"}),
    "scheme": (scope(scheme="https"), {"wsgi.url_scheme": "https", "SERVER_PROTOCOL": "HTTP/1.1"}),
    "mounted": (scope(root_path="/kg"), {"SCRIPT_NAME": "/kg"}),
}


@pytest.mark.parametrize(("request_", "expected"), PATHS.values(), ids=PATHS.keys())
def test_the_address_arrives_as_pep_3333_says(make: Make, request_: Message, expected: dict[str, str]) -> None:
    """The path is decoded once, its bytes kept; the query string is left as it is."""
    echo = Echo()

    make(echo).ask(request_)

    (seen,) = echo.seen
    assert expected == {name: seen[name] for name in expected}


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
def test_anything_but_http_is_declined(make: Make, kind: str) -> None:
    """The application is not asked, and nothing is sent."""
    echo = Echo()
    bench = make(echo)

    reply = bench.ask({"type": kind}, [{"type": f"{kind}.startup"}])

    assert ([], [], []) == (reply.messages, echo.seen, bench.lines)


# Clients that go ---------------------------------------------------------------------------------


def test_who_goes_while_sending_is_not_answered(make: Make) -> None:
    """The application never sees half a request; the log does."""
    echo = Echo()
    bench = make(echo)

    reply = bench.ask(scope("POST"), [{"type": "http.request", "body": b"AS", "more_body": True}, GONE])

    assert ([], []) == (reply.messages, echo.seen)
    assert [(499, "the client has gone")] == [(line["status"], line["outcome"]) for line in bench.lines]


def test_who_stands_still_while_sending_is_given_up(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that never ends holds no thread."""
    monkeypatch.setattr(bridge_module, "IDLE_SECONDS", 0.01)
    echo = Echo()
    bench = make(echo)

    bench.ask(scope("POST"), [{"type": "http.request", "body": b"AS", "more_body": True}])

    assert ([], [499]) == (echo.seen, [line["status"] for line in bench.lines])


class Closing:
    """A body that says when it was closed and how far it was read."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.closed, self.read = 0, 0
        self._pieces = iter(pieces)

    def __iter__(self) -> "Closing":
        return self

    def __next__(self) -> bytes:
        piece = next(self._pieces)
        self.read += 1
        return piece

    def close(self) -> None:
        """End."""
        self.closed += 1


def test_an_application_learns_that_its_client_has_gone(make: Make) -> None:
    """`lungkg.cancelled` becomes true while it works; nothing of what it makes then is sent, but it is closed."""
    body = Closing([b"too late"])
    working = threading.Event()
    asked: list[bool] = []

    def application(environ: Environ, start: Start) -> Iterable[bytes]:
        asked.append(environ["lungkg.cancelled"]())
        working.set()
        end = time.monotonic() + PATIENCE
        while not environ["lungkg.cancelled"]() and time.monotonic() < end:
            time.sleep(0.001)
        asked.append(environ["lungkg.cancelled"]())
        start("200 OK", [])
        return body

    bench = make(application)

    async def ask() -> Reply:
        client, messages = Client(), asyncio.Queue[Message]()
        asking = asyncio.ensure_future(bench.bridge(scope(), messages.get, client.send))
        await asyncio.to_thread(working.wait, PATIENCE)
        messages.put_nowait(GONE)
        await asyncio.wait_for(asking, PATIENCE)
        return client.reply

    reply = asyncio.run(ask())

    assert ([False, True], b"", 1) == (asked, reply.body, body.closed)
    assert [(499, "the client has gone")] == [(line["status"], line["outcome"]) for line in bench.lines]


def test_a_client_that_stays_is_not_taken_for_gone(make: Make) -> None:
    """Not even when it says more than its request, as a keep-alive connection may."""
    asked: list[bool] = []

    def application(environ: Environ, start: Start) -> Iterable[bytes]:
        asked.append(environ["lungkg.cancelled"]())
        start("200 OK", [])
        return [b"answer"]

    reply = make(application).ask(scope(), body_of(b"more"))

    assert ([False], b"answer", True) == (asked, reply.body, reply.whole)


LONG: Final = 2**21
LENGTHS: Final[dict[str, list[tuple[str, str]]]] = {
    "known-length": [("Content-Length", str(LONG))],
    "unknown-length": [],
}


@pytest.mark.parametrize("headers", LENGTHS.values(), ids=LENGTHS.keys())
def test_who_goes_while_reading_gets_no_more(make: Make, headers: list[tuple[str, str]]) -> None:
    """The rest is neither read nor sent, the end is not sent either, and the body is closed."""
    body = Closing([b"x" * (LONG // 32)] * 32)

    def application(environ: Environ, start: Start) -> Iterable[bytes]:
        del environ
        start("200 OK", headers)
        return body

    bench = make(application)

    async def ask() -> Reply:
        client, messages = Client(), asyncio.Queue[Message]()

        async def send(message: Message) -> None:
            await client.send(message)
            if len(client.reply.pieces) == 2:
                messages.put_nowait(GONE)
                await asyncio.sleep(0.001)

        await asyncio.wait_for(bench.bridge(scope(), messages.get, send), PATIENCE)
        return client.reply

    reply = asyncio.run(ask())

    assert (1, True, False) == (body.closed, body.read < 32, reply.whole)
    assert [499] == [line["status"] for line in bench.lines]


@pytest.mark.parametrize("headers", LENGTHS.values(), ids=LENGTHS.keys())
def test_who_stands_still_while_reading_is_given_up(
    make: Make, monkeypatch: pytest.MonkeyPatch, headers: list[tuple[str, str]]
) -> None:
    """A long answer is not held for ever for a client that takes nothing of it."""
    monkeypatch.setattr(bridge_module, "IDLE_SECONDS", 0.01)
    body = Closing([b"x" * (LONG // 2)] * 2)

    def application(environ: Environ, start: Start) -> Iterable[bytes]:
        del environ
        start("200 OK", headers)
        return body

    bench = make(application)

    async def ask() -> None:
        async def send(message: Message) -> None:
            if message["type"] == "http.response.body":
                await asyncio.Event().wait()

        await asyncio.wait_for(bench.bridge(scope(), Client().receive, send), PATIENCE)

    asyncio.run(ask())

    assert ([499], 1) == ([line["status"] for line in bench.lines], body.closed)


# Answers that are made ----------------------------------------------------------------------------


@pytest.mark.parametrize("headers", LENGTHS.values(), ids=LENGTHS.keys())
def test_a_long_answer_is_sent_in_pieces(make: Make, headers: list[tuple[str, str]]) -> None:
    """A piece is read when the one before has been sent, so that it is never in memory as a whole."""
    body = Closing([bytes([number]) * (LONG // 32) for number in range(32)])
    ahead: list[int] = []

    def application(environ: Environ, start: Start) -> Iterable[bytes]:
        del environ
        start("200 OK", headers)
        return body

    bench = make(application)

    async def ask() -> Reply:
        client = Client()

        async def send(message: Message) -> None:
            await client.send(message)
            ahead.append(body.read - len(client.reply.pieces))

        await asyncio.wait_for(bench.bridge(scope(), client.receive, send), PATIENCE)
        return client.reply

    reply = asyncio.run(ask())

    assert (32, LONG, True, 1) == (len(reply.pieces), len(reply.body), reply.whole, body.closed)
    assert {0} == set(ahead)
    assert [LONG] == [line["bytes"] for line in bench.lines]


def test_a_file_is_closed_after_its_last_piece(make: Make, tmp_path: Path) -> None:
    """What a generator of the application holds open ends with the answer."""
    path = tmp_path / "answer"
    path.write_bytes(bytes(LONG))
    opened = path.open("rb")

    def pieces() -> Iterator[bytes]:
        with opened:
            while piece := opened.read(2**18):
                yield piece

    def application(environ: Environ, start: Start) -> Iterable[bytes]:
        del environ
        start("200 OK", [("Content-Length", str(LONG))])
        return pieces()

    reply = make(application).ask(scope())

    assert (LONG, 8, True) == (len(reply.body), len(reply.pieces), opened.closed)


@pytest.mark.parametrize("length", [0, 10, LONG], ids=["empty", "short", "long"])
def test_head_has_the_headers_of_get_and_no_body(make: Make, length: int) -> None:
    """Nothing of the body is even read, and it is closed."""
    made: list[Closing] = []

    def application(environ: Environ, start: Start) -> Iterable[bytes]:
        del environ
        start("200 OK", [("Content-Length", str(length))])
        made.append(Closing([b"x" * length]))
        return made[-1]

    bench = make(application)
    got, head = bench.ask(scope()), bench.ask(scope("HEAD"))

    assert (length, b"", True) == (len(got.body), head.body, head.whole)
    assert got.headers["content-length"] == head.headers["content-length"]
    assert [(1, 1), (0, 1)] == [(body.read, body.closed) for body in made] or not length
    assert [length, 0] == [line["bytes"] for line in bench.lines]


def test_an_empty_piece_is_not_the_end(make: Make) -> None:
    """What comes after it is sent too."""

    def application(environ: Environ, start: Start) -> Iterable[bytes]:
        del environ
        start("200 OK", [])
        return [b"one", b"", b"two"]

    assert b"onetwo" == make(application).ask(scope()).body


def test_every_request_has_a_number_of_its_own(make: Make) -> None:
    """The application, the client and the log see the same one."""
    echo = Echo()
    bench = make(echo)

    replies = [bench.ask(scope()) for _ in range(3)]

    numbers = [reply.headers["x-request-id"] for reply in replies]
    assert 3 == len(set(numbers))
    assert numbers == [seen["lungkg.request"] for seen in echo.seen] == [line["request"] for line in bench.lines]


# Errors ------------------------------------------------------------------------------------------


def raising(environ: Environ, start: Start) -> Iterable[bytes]:
    """Fail before anything was said."""
    del environ, start
    raise RuntimeError("the password is swordfish")


def raising_late(environ: Environ, start: Start) -> Iterable[bytes]:
    """Fail after the status was said, before it was sent."""
    del environ
    start("200 OK", [("Content-Type", "text/csv")])
    raise RuntimeError("the password is swordfish")


def silent(environ: Environ, start: Start) -> Iterable[bytes]:
    """Forget to say a status."""
    del environ, start
    return [b"the password is swordfish"]


def no_latin(environ: Environ, start: Start) -> Iterable[bytes]:
    """Say a header that cannot be sent."""
    del environ
    start("200 OK", [("X-Password", "swordfish \u9762")])
    return []


BROKEN: Final[dict[str, Application]] = {
    "raises": raising,
    "raises-after-the-status": raising_late,
    "says-no-status": silent,
    "header-beyond-latin-1": no_latin,
}


@pytest.mark.parametrize("application", BROKEN.values(), ids=BROKEN.keys())
def test_what_nobody_expected_is_a_problem_without_details(
    make: Make, caplog: pytest.LogCaptureFixture, application: Application
) -> None:
    """The client gets 500 with the number of its request; the log has the stack trace under that number."""
    bench = make(application)

    with caplog.at_level(logging.ERROR):
        reply = bench.ask(scope())

    problem = json.loads(reply.body)
    number = reply.headers["x-request-id"]
    assert (500, "application/problem+json", 500) == (reply.status, reply.headers["content-type"], problem["status"])
    assert (True, "no-store", "*") == (
        number in problem["detail"],
        reply.headers["cache-control"],
        reply.headers["access-control-allow-origin"],
    )
    assert not [word for word in ("Traceback", "swordfish", ".py", "Error") if word in reply.body.decode()]
    assert (True, True) == (number in caplog.text, "Traceback" in caplog.text)
    assert [500] == [line["status"] for line in bench.lines]


def test_an_error_of_the_real_application_is_a_problem_too(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    """Flask lets it through to the bridge instead of answering with a page of its own."""
    app = create_app(Service(served("one")), LIMITS)
    app.add_url_rule("/broken", view_func=lambda: str(int("swordfish")), endpoint="broken")

    reply = make(app).ask(scope(path="/broken"))

    assert (500, "application/problem+json") == (reply.status, reply.headers["content-type"])
    assert ("swordfish" in caplog.text, False) == (True, "swordfish" in reply.body.decode())


def test_the_next_request_is_answered_after_an_error(make: Make) -> None:
    """An error takes no thread with it."""
    echo = Echo()

    def application(environ: Environ, start: Start) -> Iterable[bytes]:
        return raising(environ, start) if environ["PATH_INFO"] == "/broken" else echo(environ, start)

    bench = make(application)
    for _ in range(30):
        bench.ask(scope(path="/broken"))

    assert 200 == bench.ask(scope()).status


def failing_midway(environ: Environ, start: Start) -> Iterable[bytes]:
    """Fail after half of the answer."""
    del environ

    def pieces() -> Iterator[bytes]:
        yield b"half of it"
        raise OSError(5, "Input/output error")

    start("200 OK", [("Content-Type", "text/csv")])
    return pieces()


def test_half_an_answer_never_passes_for_the_whole(make: Make) -> None:
    """When reading an answer fails, its end is not sent, so the server has to cut the connection."""
    bench = make(failing_midway)
    client = Client()

    with pytest.raises(OSError, match="Input/output error"):
        asyncio.run(bench.run(scope(), client))

    assert (b"half of it", False) == (client.reply.body, client.reply.whole)


def test_an_answer_that_failed_midway_is_in_the_log(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    """Operators see that a client got half an answer, and why."""
    bench = make(failing_midway)

    with contextlib.suppress(OSError):
        bench.ask(scope())

    assert (1, True) == (len(bench.lines), "Input/output error" in caplog.text)


def test_too_many_requests_at_once_are_sent_away(make: Make) -> None:
    """Those that run are not harmed; the others get 503 and when to try again, and later ones are answered."""
    go_on = threading.Event()

    def application(environ: Environ, start: Start) -> Iterable[bytes]:
        del environ
        go_on.wait(PATIENCE)
        start("200 OK", [])
        return [b"answer"]

    bench = make(application)
    most = bench.bridge._most

    async def ask() -> list[Reply]:
        clients = [Client() for _ in range(most + 5)]
        asking = [asyncio.ensure_future(bench.run(scope(), client)) for client in clients]
        await asyncio.wait(asking[most:], timeout=PATIENCE)
        go_on.set()
        await asyncio.gather(*asking)
        return [client.reply for client in clients]

    replies = asyncio.run(ask())

    assert [*[200] * most, *[503] * 5] == [reply.status for reply in replies]
    assert {("10", "application/problem+json")} == {
        (reply.headers["retry-after"], reply.headers["content-type"]) for reply in replies[most:]
    }
    assert 200 == bench.ask(scope()).status


# Answers that are kept ----------------------------------------------------------------------------


class Keeping:
    """An application that makes a new answer each time and lets the bridge keep it as long as it does itself."""

    def __init__(self, status: str = "200 OK") -> None:
        self.status, self.asked = status, 0
        self.kept: list[Stored] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer with a number."""
        self.asked += 1
        stored = Stored(b"answer %d" % self.asked, "text/csv", f'"tag-{self.asked}"', rows=self.asked)
        self.kept.append(stored)
        environ["lungkg.notes"]["ready"] = stored
        self.meanwhile()
        length = str(len(stored.body))
        headers = [("Content-Type", stored.content_type), ("Content-Length", length), ("ETag", stored.tag)]
        start(self.status, [*headers, ("Vary", "Accept"), ("Server-Timing", "engine;dur=5")])
        return [stored.body]


QUESTION: Final = scope(path="/sparql", query="query=ASK", headers=[("Accept", "text/csv"), ("Host", "a")])


def with_headers(request: Message, *headers: tuple[str, str]) -> Message:
    """Add headers to a request."""
    return {**request, "headers": [*request["headers"], *scope(headers=headers)["headers"]]}


def test_a_repeated_request_gets_the_same_bytes_without_the_application(make: Make) -> None:
    """The headers are the same too, but for what is about this request."""
    keeping = Keeping()
    bench = make(keeping)

    first, second, third = (bench.ask(QUESTION) for _ in range(3))

    own = {"x-request-id", "server-timing"}
    same = [{name: value for name, value in reply.headers.items() if name not in own} for reply in (first, second)]
    assert (1, [b"answer 1"] * 3) == (keeping.asked, [reply.body for reply in (first, second, third)])
    assert (200, same[0], True) == (second.status, same[1], second.whole)
    assert 3 == len({reply.headers["x-request-id"] for reply in (first, second, third)})
    assert "cache;desc=hit;dur=0" == second.headers["server-timing"]


CONDITIONS: Final[dict[str, tuple[str, int]]] = {
    "the-tag": ('"tag-1"', 304),
    "weak": ('W/"tag-1"', 304),
    "list": ('"other", "tag-1"', 304),
    "list-without-blanks": ('"other","tag-1"', 304),
    "any": ("*", 304),
    "another": ('"tag-2"', 200),
    "without-quotes": ("tag-1", 200),
    "empty": ("", 200),
}


@pytest.mark.parametrize(("condition", "status"), CONDITIONS.values(), ids=CONDITIONS.keys())
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_the_client_has_is_not_sent_again(make: Make, method: str, condition: str, status: int) -> None:
    """If-None-Match is honoured without the application; 304 has the tag, and neither content nor its type."""
    keeping = Keeping()
    bench = make(keeping)
    bench.ask(QUESTION)

    reply = bench.ask({**with_headers(QUESTION, ("If-None-Match", condition)), "method": method})

    sent = status == 200 and method == "GET"
    assert (1, status, b"answer 1" if sent else b"") == (keeping.asked, reply.status, reply.body)
    assert ('"tag-1"', "Accept") == (reply.headers["etag"], reply.headers["vary"])
    assert (status == 200) == ("content-length" in reply.headers) == ("content-type" in reply.headers)


def test_a_condition_may_come_in_two_lines(make: Make) -> None:
    """Lines of one name are one list (RFC 9110, 5.3), as they are where Flask answers."""
    bench = make(Keeping())
    bench.ask(QUESTION)

    reply = bench.ask(with_headers(QUESTION, ("If-None-Match", '"other"'), ("If-None-Match", '"tag-1"')))

    assert 304 == reply.status


def test_head_of_what_is_kept_has_no_body(make: Make) -> None:
    """It has the length of what GET would send."""
    keeping = Keeping()
    bench = make(keeping)
    bench.ask(QUESTION)

    reply = bench.ask({**QUESTION, "method": "HEAD"})

    assert (1, 200, b"", "8") == (keeping.asked, reply.status, reply.body, reply.headers["content-length"])


def test_head_of_what_is_kept_counts_no_bytes(make: Make) -> None:
    """The log says what was sent, as it does where the application answers."""
    bench = make(Keeping())
    bench.ask(QUESTION)

    bench.ask({**QUESTION, "method": "HEAD"})

    assert [8, 0] == [line["bytes"] for line in bench.lines]


OTHERS: Final[dict[str, Message]] = {
    "query-string": {**QUESTION, "query_string": b"query=ASK%20"},
    "path": {**QUESTION, "path": "/sparql/", "raw_path": b"/sparql/"},
    "accept": scope(path="/sparql", query="query=ASK", headers=[("Accept", "text/html")]),
    "no-accept": scope(path="/sparql", query="query=ASK"),
    "more-accept": with_headers(QUESTION, ("Accept", "text/html")),
    "encoding": with_headers(QUESTION, ("Accept-Encoding", "gzip")),
    "prefix": with_headers(QUESTION, ("X-Forwarded-Prefix", "/kg")),
    "post": {**QUESTION, "method": "POST"},
    "options": {**QUESTION, "method": "OPTIONS"},
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS.keys())
def test_a_different_request_is_never_given_what_is_kept(make: Make, other: Message) -> None:
    """Address, Accept, Accept-Encoding and method decide; each such request has an answer of its own."""
    keeping = Keeping()
    bench = make(keeping)
    bench.ask(QUESTION)

    reply = bench.ask(other, body_of(b""))

    assert (2, b"answer 2") == (keeping.asked, reply.body)


@pytest.mark.parametrize(
    ("method", "status"),
    [("POST", "200 OK"), ("HEAD", "200 OK"), ("GET", "304 NOT MODIFIED"), ("GET", "404 NOT FOUND")],
    ids=["post", "head", "not-modified", "error"],
)
def test_only_whole_answers_to_get_are_kept(make: Make, method: str, status: str) -> None:
    """Everything else asks the application again."""
    keeping = Keeping(status)
    bench = make(keeping)

    for _ in range(2):
        bench.ask({**QUESTION, "method": method}, body_of(b""))
    bench.ask(QUESTION)

    assert 3 == keeping.asked


def test_what_the_application_does_not_hand_over_is_not_kept(make: Make) -> None:
    """An answer that changes, or a page, is made each time."""
    echo = Echo()
    bench = make(echo)

    for _ in range(2):
        bench.ask(QUESTION)

    assert 2 == len(echo.seen)


def test_what_left_the_cache_is_made_anew(make: Make) -> None:
    """The bridge keeps no answer alive that its owner dropped."""
    keeping = Keeping()
    bench = make(keeping)
    bench.ask(QUESTION)

    keeping.kept.clear()

    assert (b"answer 2", 2) == (bench.ask(QUESTION).body, keeping.asked)


def test_a_new_release_is_asked_anew(make: Make) -> None:
    """What was kept of the one before is not given any more, even while somebody holds it."""
    keeping = Keeping()
    bench = make(keeping)
    bench.ask(QUESTION)

    bench.service.switch(served("two"))

    assert (b"answer 2", b"answer 2") == (bench.ask(QUESTION).body, bench.ask(QUESTION).body)


def test_an_answer_of_the_release_before_is_not_kept_for_the_new_one(make: Make) -> None:
    """A query that was running while the release changed may answer once from the old one, not from then on."""
    keeping = Keeping()
    bench = make(keeping)
    keeping.meanwhile = lambda: bench.service.switch(served("two"))
    bench.ask(QUESTION)
    keeping.meanwhile = lambda: None

    reply = bench.ask(QUESTION)

    assert b"answer 2" == reply.body


def test_what_is_kept_is_in_the_log(make: Make) -> None:
    """Its lane is the cache, its size and its rows are those of the answer."""
    bench = make(Keeping())
    bench.ask(QUESTION)

    bench.ask(QUESTION)

    logged: Mapping[str, Any] = bench.lines[1]
    assert {"status": 200, "lane": "cache", "bytes": 8, "rows": 1, "path": "/sparql"}.items() <= logged.items()


def test_a_compressed_answer_is_given_again_compressed(make: Make) -> None:
    """Body and Content-Encoding stay together."""
    packed = gzip.compress(b"a,b\r\n" * 1000, mtime=0)
    stored = Stored(packed, "text/csv", '"tag-gzip"', "gzip")

    def application(environ: Environ, start: Start) -> Iterable[bytes]:
        environ["lungkg.notes"]["ready"] = stored
        start("200 OK", [("Content-Encoding", "gzip"), ("Content-Length", str(len(packed)))])
        return [stored.body]

    bench = make(application)
    request = with_headers(QUESTION, ("Accept-Encoding", "gzip"))

    replies = [bench.ask(request) for _ in range(2)]

    assert [("gzip", packed)] * 2 == [(reply.headers["content-encoding"], reply.body) for reply in replies]
