"""Puts the Flask application behind an ASGI server, so that a client that goes away is noticed.

A WSGI server gives its application no way to see that; ASGI does. The bridge reads the request, runs the
application in a thread, watches the connection meanwhile, and sends what the application made. Answers that
are still kept are given again right here, without a thread and without Flask.
"""

import asyncio
import io
import json
import logging
import secrets
import sys
import time
import weakref
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from cachetools import LRUCache
from flask import Flask

from lungkg.limits import Limits
from lungkg.web.cache import Stored
from lungkg.web.service import Service
from lungkg.web.watch import Watch, query_hash

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

MAX_BODY_BYTES: Final = 64 * 2**20  # read and thrown away up to here, so that the client sees the answer
IDLE_SECONDS: Final = 30.0  # a client that neither sends nor takes anything for so long is given up

_LOG: Final = logging.getLogger(__name__)
_OWN_HEADERS: Final = (b"server-timing", b"x-request-id", b"date")
_READY_KEYS: Final = 20_000
_SHORT: Final = 2**20  # bytes of a body that is sent at once
_WATCH_AFTER: Final = 0.05  # seconds
_SPARE_THREADS: Final = 16  # for pages, beside those that wait for the engine


class _Gone(Exception):
    """The client has gone, or stands still; `sent` bytes of the answer went out before."""

    def __init__(self, sent: int = 0) -> None:
        self.sent = sent
        super().__init__()


@dataclass(frozen=True, slots=True)
class _Ready:
    """The answer to a request that was sent before: its headers, and its body as long as the cache keeps it."""

    release: str
    headers: Headers
    stored: "weakref.ref[Stored]"
    query: str  # its hash, for the log


@dataclass(slots=True)
class _Made:
    """What the application made."""

    status: int
    headers: Headers
    pieces: Iterator[bytes]
    close: Callable[[], None]


class Bridge:
    """The ASGI application: `app` run in threads, over what `service` serves, behind so many `proxies`."""

    def __init__(self, app: Flask, service: Service, limits: Limits, watch: Watch, proxies: int = 0) -> None:
        self._app, self._service, self._watch, self._proxies = app, service, watch, proxies
        self._kept_bytes = limits.body_size
        places = limits.quick_workers + limits.slow_workers + limits.quick_queue + limits.slow_queue
        places += limits.validations + limits.validation_queue
        self._threads = ThreadPoolExecutor(places + _SPARE_THREADS, "request")
        self._most = 2 * (places + _SPARE_THREADS)
        self._running = 0
        self._prefix, self._counter = secrets.token_hex(10), count(1)
        self._ready: LRUCache[tuple[bytes, ...], _Ready] = LRUCache(_READY_KEYS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; anything but HTTP is declined."""
        if scope["type"] != "http":
            return
        began = time.monotonic()
        key = _key(scope)
        ready = self._find(key)
        if ready is not None:
            await self._give_again(scope, send, ready, began)
            return
        notes: dict[str, Any] = {}
        try:
            await self._run(scope, receive, send, began, key, notes)
        except _Gone as gone:
            notes.setdefault("outcome", "the client has gone")
            self._watch.note(scope, 499, gone.sent, time.monotonic() - began, notes)
        except Exception:
            # Part of the answer is out: the connection breaks off, and nobody else would say why.
            _LOG.exception("request %s", notes.get("request"))
            notes["outcome"] = "the answer broke off"
            self._watch.note(scope, 500, 0, time.monotonic() - began, notes)
            raise

    def _number(self) -> str:
        """Number a request; the beginning tells servers and starts apart."""
        return f"{self._prefix}{next(self._counter):012x}"

    # Answers that are kept -----------------------------------------------------------------------

    def _find(self, key: tuple[bytes, ...]) -> tuple[_Ready, Stored] | None:
        found = self._ready.get(key)
        if found is None or found.release != self._service.served.release.path.name:
            return None
        stored = found.stored()
        return None if stored is None else (found, stored)

    async def _give_again(self, scope: Scope, send: Send, ready: tuple[_Ready, Stored], began: float) -> None:
        answer, stored = ready
        identity = self._number().encode()
        headers = [*answer.headers, (b"server-timing", b"cache;desc=hit;dur=0"), (b"x-request-id", identity)]
        known = _matches(scope, stored.tag.encode())
        status, body = (304, b"") if known else (200, b"" if scope["method"] == "HEAD" else stored.body)
        if known:
            headers = [header for header in headers if header[0] not in (b"content-length", b"content-type")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        notes = {"request": identity.decode(), "query": answer.query, "rows": stored.rows, "lane": "cache"}
        notes["client"] = _client(scope, self._proxies)
        self._watch.note(scope, status, len(body), time.monotonic() - began, notes)

    # Answers that are made -----------------------------------------------------------------------

    async def _run(
        self, scope: Scope, receive: Receive, send: Send, began: float, key: tuple[bytes, ...], notes: dict[str, Any]
    ) -> None:
        body, too_long = await self._read(scope, receive)
        gone = Flag()
        notes["request"] = self._number()
        environ = _environ(scope, body) | {
            "lungkg.began": began,
            "lungkg.cancelled": gone.is_set,
            "lungkg.too_long": too_long,
            "lungkg.request": notes["request"],
            "lungkg.notes": notes,
        }
        watching = _Watching(receive, gone)
        release = self._service.served.release.path.name  # before: an answer must never pass for a newer release's
        try:
            made = await self._make(environ)
            made.headers.append((b"x-request-id", notes["request"].encode()))
            self._keep(scope, made, key, release, notes)
            sent = await self._send(made, send, watching, gone, head=scope["method"] == "HEAD")
        finally:
            watching.cancel()
        notes["client"] = environ.get("REMOTE_ADDR", "")
        self._watch.note(scope, made.status, sent, time.monotonic() - began, notes)

    async def _read(self, scope: Scope, receive: Receive) -> tuple[bytes, bool]:
        """Read the body; what is too long is read on to its end, if that is not too far, and thrown away."""
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return b"", False
        pieces, length = [], 0
        while True:
            try:
                message = await asyncio.wait_for(receive(), IDLE_SECONDS)
            except TimeoutError:
                raise _Gone from None
            if message["type"] == "http.disconnect":
                raise _Gone
            piece = message.get("body", b"")
            length += len(piece)
            if length <= self._kept_bytes:
                pieces.append(piece)
            if not message.get("more_body") or length > MAX_BODY_BYTES:
                return (b"", True) if length > self._kept_bytes else (b"".join(pieces), False)

    async def _make(self, environ: dict[str, Any]) -> _Made:
        if self._running >= self._most:
            return _refusal(503, "Too much is asked at once", "try again shortly")
        self._running += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._call, environ)
        finally:
            self._running -= 1

    def _call(self, environ: dict[str, Any]) -> _Made:
        """Run the application; what it did not expect is told to the log, never to the client."""
        try:
            return self._run_application(environ)
        except Exception:  # noqa: BLE001 # the last resort: a bug of ours is no reason to drop the connection
            _LOG.exception("request %s", environ["lungkg.request"])
            return _refusal(500, "Something is wrong here", f"see the log for request {environ['lungkg.request']}")

    def _run_application(self, environ: dict[str, Any]) -> _Made:
        """Run the application, as PEP 3333 says."""
        began: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], failure: object = None) -> Callable[[bytes], object]:
            del failure
            began[:] = [int(status[:3]), headers]
            return bytes

        body: Iterable[bytes] = self._app(environ, start)
        pieces = iter(body)
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in began[1]]
        return _Made(began[0], headers, pieces, getattr(body, "close", lambda: None))

    def _keep(
        self, scope: Scope, made: _Made, key: tuple[bytes, ...], release: str, notes: MutableMapping[str, Any]
    ) -> None:
        stored: Stored | None = notes.pop("ready", None)
        if stored is None or made.status != 200 or scope["method"] != "GET":
            return
        headers = [header for header in made.headers if header[0] not in _OWN_HEADERS]
        self._ready[key] = _Ready(release, headers, weakref.ref(stored), query_hash(notes.get("text", "")))

    async def _send(self, made: _Made, send: Send, watching: "_Watching", gone: "Flag", *, head: bool) -> int:
        loop = asyncio.get_running_loop()
        sent = 0
        try:
            await send({"type": "http.response.start", "status": made.status, "headers": made.headers})
            length = dict(made.headers).get(b"content-length")
            if head or (length is not None and int(length) <= _SHORT):  # a short body is at hand
                body = b"" if head else b"".join(made.pieces)
                gone.check(0)
                await _sent(send, body, more=False)
                return len(body)
            # A long one is read from its file, which may block, and sent at the pace of its reader.
            watching.begin()
            while (piece := await loop.run_in_executor(None, next, made.pieces, None)) is not None:
                gone.check(sent)
                await asyncio.wait_for(_sent(send, piece, more=True), IDLE_SECONDS)
                sent += len(piece)
            await _sent(send, b"", more=False)
        except TimeoutError:
            raise _Gone(sent) from None
        finally:
            made.close()
        return sent

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class Flag:
    """Says whether a client has gone; one thread sets it, another reads it."""

    def __init__(self) -> None:
        self._set = False

    def set(self) -> None:
        """Say that it has gone."""
        self._set = True

    def is_set(self) -> bool:
        """Say whether it has gone."""
        return self._set

    def check(self, sent: int) -> None:
        """Raise _Gone when it has gone, after so many bytes."""
        if self._set:
            raise _Gone(sent)


async def _sent(send: Send, piece: bytes, *, more: bool) -> None:
    await send({"type": "http.response.body", "body": piece, "more_body": more})


class _Watching:
    """Watches whether a client goes, once its answer has been some time in the making: most are there before."""

    def __init__(self, receive: Receive, gone: Flag) -> None:
        self._receive, self._gone = receive, gone
        self._task: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(_WATCH_AFTER, self.begin)

    def begin(self) -> None:
        """Watch from now on."""
        if self._task is None:
            self._task = asyncio.ensure_future(self._watch())

    async def _watch(self) -> None:
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self._gone.set()
                return

    def cancel(self) -> None:
        """Watch no longer."""
        self._timer.cancel()
        if self._task is not None:
            self._task.cancel()


def _key(scope: Scope) -> tuple[bytes, ...]:
    """What an answer that is kept may depend on: the address, its prefix, and the headers of negotiation."""
    if scope["method"] not in ("GET", "HEAD"):
        return ()
    accept = encoding = prefix = b""
    for name, value in scope["headers"]:
        if name == b"accept":
            accept += value + b","
        elif name == b"accept-encoding":
            encoding += value + b","
        elif name == b"x-forwarded-prefix":  # links in an answer have it
            prefix += value + b","
    return (scope["path"].encode(), scope["query_string"], accept, encoding, prefix)


def _matches(scope: Scope, tag: bytes) -> bool:
    """Say whether If-None-Match lists a tag (RFC 9110, 13.1.2: by weak comparison)."""
    told = b",".join(value for name, value in scope["headers"] if name == b"if-none-match")
    listed = [part.strip().removeprefix(b"W/") for part in told.split(b",")]
    return tag in listed or b"*" in listed


def _client(scope: Scope, proxies: int) -> str:
    """Give the address that asks: the one that the first of our own proxies saw."""
    forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for").split(b",")
    if proxies and len(forwarded) >= proxies and forwarded[-proxies].strip():
        return forwarded[-proxies].strip().decode("latin-1")
    return str((scope.get("client") or ("",))[0])


def _environ(scope: Scope, body: bytes) -> dict[str, Any]:
    """Make the environment of PEP 3333 from the scope of ASGI."""
    host, port = scope.get("server") or ("localhost", 80)
    client = scope.get("client") or ("", 0)
    # PEP 3333 wants the bytes of the path as Latin-1 text.
    raw = scope.get("raw_path") or scope["path"].encode()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": scope.get("root_path", ""),
        "PATH_INFO": unquote_to_bytes(raw.split(b"?")[0]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": str(host),
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": str(client[0]),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        key = name.decode("latin-1").upper().replace("-", "_")
        if key == "CONTENT_TYPE":
            environ[key] = value.decode("latin-1")
        elif key not in ("CONTENT_LENGTH", "TRANSFER_ENCODING"):  # the body is whole already
            key, text = f"HTTP_{key}", value.decode("latin-1")
            environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ


def _refusal(status: int, title: str, detail: str) -> _Made:
    """Answer without the application, where it could not run."""
    problem = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    body = json.dumps(problem).encode() + b"\n"
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"access-control-allow-origin", b"*"),
        (b"cache-control", b"no-store"),
    ]
    if status == 503:
        headers.append((b"retry-after", b"10"))
    return _Made(status, headers, iter([body]), lambda: None)
