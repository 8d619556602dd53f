"""Sends an HTTP request to a server that may be down, slow, broken or hostile, and gives its whole reply.

urllib bounds each read, not the request: a server that sends a byte a second is never slow to it. So an
exchange runs in a thread of its own, which is left behind, its connection cut, when the deadline comes.
A redirect is an error: it would carry the query, and perhaps a password, to a place nobody chose.
"""

import base64
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from functools import partial
from ipaddress import ip_address
from typing import Any, Final
from urllib import request as urllib_request
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request

from lungkg.errors import AnswerTooLong, BadParameter, Cancelled, EngineFault, EngineTimeout, EngineUnreachable

BUSY: Final = frozenset({429, 502, 503})
"""What a server says that may do better in a moment."""

_CLOSED: Final = frozenset({401, 403})
_WAYS: Final = 2  # how often to change the way of saying who we are
_PIECE: Final = 2**16  # bytes read at a time
_POLL: Final = 0.1  # seconds between two looks at whether anybody still waits
_FIRST_PAUSE: Final = 0.1  # seconds before the second attempt, doubled before each further one


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply that came whole; `framed` says whether the server told where it ends."""

    status: int
    headers: Message
    content: bytes
    framed: bool

    @property
    def media_type(self) -> str:
        """The Content-Type without its parameters, in small letters."""
        return str(self.headers.get("Content-Type", "")).partition(";")[0].strip().lower()


class Deadline:
    """When an answer has to be there, `seconds` from now, and whether anybody still waits for it."""

    def __init__(self, seconds: float, cancelled: Callable[[], bool] | None = None) -> None:
        self.seconds, self._end, self._cancelled = seconds, time.monotonic() + seconds, cancelled

    def left(self) -> float:
        """Seconds that are left, never less than 0."""
        return max(0.0, self._end - time.monotonic())

    def patience(self) -> float:
        """Seconds after which to look again whether it is over."""
        return self.left() if self._cancelled is None else min(self.left(), _POLL)

    def check(self) -> None:
        """Raise EngineTimeout when the time is over, Cancelled when nobody waits any more."""
        if self.left() <= 0:
            raise EngineTimeout(self.seconds)
        if self._cancelled is not None and self._cancelled():
            raise Cancelled


class _Broken(Exception):
    """The exchange failed in a way that another attempt may mend."""


class Credentials:
    """A user and a password, sent as Basic or, when the server asks for it, as Digest.

    A `shy` one says nothing until it is asked. A secret without a user is a Bearer token.
    """

    def __init__(self, user: str | None, password: str, *, shy: bool = False) -> None:
        self._user, self._password = user, password
        self._scheme = "bearer" if user is None else "none" if shy else "basic"
        self._places = urllib_request.HTTPPasswordMgrWithDefaultRealm()
        self._digest = urllib_request.HTTPDigestAuthHandler(self._places)
        self._challenge: dict[str, str] = {}
        self._lock = threading.Lock()  # a digest counts its uses

    def sign(self, request: Request) -> None:
        """Put the Authorization header on a request."""
        request.remove_header("Authorization")
        with self._lock:
            if self._scheme == "bearer":
                told = f"Bearer {self._password}"
            elif self._scheme == "digest":
                self._places.add_password(None, request.full_url, self._user or "", self._password)
                told = f"Digest {self._digest.get_authorization(request, self._challenge)}"
            elif self._scheme == "basic":
                told = "Basic " + base64.b64encode(f"{self._user}:{self._password}".encode()).decode()
            else:
                return
        request.add_unredirected_header("Authorization", told)

    def learn(self, reply: Reply) -> bool:
        """Choose the way that a 401 or 403 asks for; False when there is no other way to try."""
        told = [line.partition(" ") for line in reply.headers.get_all("WWW-Authenticate", [])]
        asked = {scheme.lower(): rest for scheme, _, rest in told}
        with self._lock:
            if self._scheme == "bearer":
                return False
            if "digest" in asked:
                words = filter(None, urllib_request.parse_http_list(asked["digest"]))
                self._scheme, self._challenge = "digest", urllib_request.parse_keqv_list(list(words))
            elif self._scheme == "none":
                self._scheme = "basic"
            elif not asked:
                self._scheme = "none"  # Virtuoso, when it is told a Basic password, does not say that it wants Digest
            else:
                return False
            return True


class Wire:
    """Sends requests; safe to use from many threads.

    `attempts` bounds how often a request is sent that met a refused or broken connection or a busy server,
    `megabytes` the size of a reply. Every request must be safe to send twice.
    """

    def __init__(self, credentials: Credentials | None = None, *, attempts: int = 3, megabytes: int = 512) -> None:
        self._credentials, self._attempts, self._most = credentials, attempts, megabytes * 2**20

    def send(self, request: Request, deadline: Deadline) -> Reply:
        """Give the reply, whatever its status; the deadline is for all attempts together.

        Raises EngineTimeout at the deadline, Cancelled when nobody waits any more, EngineUnreachable when no
        attempt reached the server, AnswerTooLong, and EngineFault for a reply that is broken or a redirect.
        """
        exchange = _Exchange(request, deadline, self._attempts, self._most, self._credentials)
        threading.Thread(target=exchange.run, name="lungkg-wire", daemon=True).start()
        try:
            while not wait([exchange.reply], deadline.patience()).done:
                deadline.check()
            return exchange.reply.result()
        finally:
            exchange.cut()


class _Exchange:
    """One request with all its attempts, and the connection that can be cut from outside."""

    def __init__(
        self, request: Request, deadline: Deadline, attempts: int, most: int, credentials: Credentials | None
    ) -> None:
        self.reply: Future[Reply] = Future()
        self._request, self._deadline, self._attempts = request, deadline, attempts
        self._most, self._credentials = most, credentials
        self._over = threading.Event()
        self._socket: socket.socket | None = None
        self._opener = _opener(request, self._hold)

    @property
    def url(self) -> str:
        """The address without its parameters, as errors show it."""
        return self._request.full_url.partition("?")[0]

    def cut(self) -> None:
        """End it, whatever it does."""
        self._over.set()
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _hold(self, connected: socket.socket) -> None:
        self._socket = connected
        if self._over.is_set():
            self.cut()

    def run(self) -> None:
        """Set the reply, or the error that stands for it."""
        try:
            self.reply.set_result(self._attempt_all())
        except Exception as error:  # noqa: BLE001 # it is raised where somebody waits for the reply
            self.reply.set_exception(error)

    def _attempt_all(self) -> Reply:
        why, learnt, attempt = "", 0, 0
        while attempt < self._attempts:
            pause = _FIRST_PAUSE * 2**attempt
            try:
                reply = self._attempt()
            except _Broken as failure:
                why = str(failure)
            else:
                if reply.status in _CLOSED and learnt < _WAYS and self._credentials and self._credentials.learn(reply):
                    learnt += 1
                    continue
                if reply.status not in BUSY:
                    return reply
                why = f"it answers {reply.status} {http.client.responses[reply.status]}: {excerpt(reply)}"
                pause = max(pause, retry_after(reply))
            attempt += 1
            if attempt < self._attempts:
                self._wait(pause, why)
        raise EngineUnreachable(self.url, why, f"It was tried {self._attempts} times." if self._attempts > 1 else "")

    def _wait(self, pause: float, why: str) -> None:
        if pause >= self._deadline.left():
            raise EngineUnreachable(
                self.url,
                why,
                f"The next attempt would come {pause:g} s later, after the limit of {self._deadline.seconds:g} s.",
            )
        self._over.wait(pause)
        if self._over.is_set():
            raise EngineTimeout(self._deadline.seconds)

    def _attempt(self) -> Reply:
        """Send the request once. Raises _Broken where sending it again may help."""
        if self._credentials is not None:
            self._credentials.sign(self._request)
        try:
            with self._opener.open(self._request, timeout=max(0.001, self._deadline.left())) as response:
                reply = self._read(response)
        except URLError as error:
            raise self._failure(error.reason) from None
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            raise self._failure(error) from None
        if http.HTTPStatus.MULTIPLE_CHOICES <= reply.status < http.HTTPStatus.BAD_REQUEST:
            target = reply.headers.get("Location", "nowhere")
            raise EngineFault(self.url, f"redirects to {target}", "Give that address, if it is to be trusted.")
        return reply

    def _failure(self, error: object) -> Exception:
        """Say in our words what went wrong on the way."""
        if isinstance(error, TimeoutError) and error.errno is None:  # our own limit; the system's has a number
            return EngineTimeout(self._deadline.seconds)
        if isinstance(error, ssl.SSLError):
            told = getattr(error, "verify_message", "") or error.reason or str(error)
            return EngineUnreachable(
                self.url,
                f"no connection that can be trusted comes about: {told}",
                "Is it https, with a good certificate?",
            )
        if isinstance(error, http.client.IncompleteRead):
            return _Broken("its answer broke off")
        if isinstance(error, http.client.HTTPException) and not isinstance(error, ConnectionError):
            told = str(error) or type(error).__name__
            return EngineFault(self.url, f"does not speak HTTP: {told[:200]!r}", "Is it https rather than http?")
        if isinstance(error, UnicodeError):
            return EngineUnreachable(self.url, f"the name of its host cannot be looked up: {error}")
        return _Broken(getattr(error, "strerror", None) or str(error))

    def _read(self, response: http.client.HTTPResponse) -> Reply:
        """Read the whole body. Raises _Broken when it is shorter than announced, or AnswerTooLong."""
        encoding = response.headers.get("Content-Encoding", "identity").lower()
        if encoding != "identity":
            raise EngineFault(self.url, f"answers encoded as {encoding}, which nobody asked for")
        expected, pieces, size = response.length, [], 0
        while piece := response.read(_PIECE):
            size += len(piece)
            if size > self._most:
                raise AnswerTooLong(self._most // 2**20)
            pieces.append(piece)
        if expected is not None and size < expected and self._request.get_method() != "HEAD":
            raise _Broken(f"its answer broke off after {size} of {expected} bytes")
        framed = expected is not None or bool(response.chunked)
        return Reply(response.status, response.headers, b"".join(pieces), framed)


# The connection ----------------------------------------------------------------------------------


class _Plain(http.client.HTTPConnection):
    """A connection that hands out its socket."""

    def __init__(self, *arguments: Any, hold: Callable[[socket.socket], None], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._hold = hold

    def connect(self) -> None:
        super().connect()
        self._hold(self.sock)


class _Secure(http.client.HTTPSConnection):
    """The same over TLS."""

    def __init__(self, *arguments: Any, hold: Callable[[socket.socket], None], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._hold = hold

    def connect(self) -> None:
        super().connect()
        self._hold(self.sock)


class _Handler(urllib_request.AbstractHTTPHandler):
    """Opens http and https on connections that can be cut."""

    def __init__(self, hold: Callable[[socket.socket], None]) -> None:
        super().__init__()
        self._hold = hold

    def http_open(self, request: Request) -> http.client.HTTPResponse:
        """Open an http address."""
        return self.do_open(partial(_Plain, hold=self._hold), request)

    def https_open(self, request: Request) -> http.client.HTTPResponse:
        """Open an https address; the certificate has to be good."""
        return self.do_open(partial(_Secure, hold=self._hold, context=ssl.create_default_context()), request)

    http_request = https_request = urllib_request.AbstractHTTPHandler.do_request_


def _opener(request: Request, hold: Callable[[socket.socket], None]) -> urllib_request.OpenerDirector:
    """Make an opener that knows http and https only, follows nothing and lets every status through."""
    opener = urllib_request.OpenerDirector()
    if not _is_loopback(request.host):
        opener.add_handler(urllib_request.ProxyHandler())  # what the environment names; it could not reach our loopback
    opener.add_handler(_Handler(hold))
    return opener


def _is_loopback(host: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def check_url(url: str, name: str) -> str:
    """Give the URL back when it is one of http or https with a host.

    Raises BadParameter, which names the parameter, when it is not.
    """
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 # reading it checks it
    except ValueError as error:
        raise BadParameter(name, f"{url!r} is no URL: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadParameter(name, f"{url!r} is no http:// or https:// address; for example http://127.0.0.1:8890/sparql")
    if parts.username is not None or parts.password is not None:
        raise BadParameter(name, "holds a user or a password; give them by --user and --password-env")
    if parts.fragment or not url.isascii() or any(character.isspace() for character in url):
        raise BadParameter(name, f"{url!r} holds a #, a space or a character that must be written as %..")
    return url


# What the server says ----------------------------------------------------------------------------


def excerpt(reply: Reply, length: int = 300) -> str:
    """Give the beginning of a reply on one line, fit to be shown."""
    if reply.media_type == "text/html":
        return "an HTML page"
    text = reply.content[: 4 * length].decode("utf-8", errors="replace")
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line[:length] + ("…" if len(line) > length else "") or "nothing"


def retry_after(reply: Reply) -> float:
    """Seconds that the server asks to wait; 0 when it does not say."""
    told = str(reply.headers.get("Retry-After", "")).strip()
    if told.isascii() and told.isdigit():
        return float(told[:9])
    try:
        date = parsedate_to_datetime(told)
    except ValueError:
        return 0.0
    now = datetime.now(UTC)
    return max(0.0, (date.astimezone(UTC) - now).total_seconds())
