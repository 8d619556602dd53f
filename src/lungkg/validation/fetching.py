"""Fetches RDF from an address that somebody gave on the command line; within limits, and never otherwise."""

import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import pyoxigraph as ox

from lungkg.errors import InputError, Place

LARGEST: Final = 64_000_000
"""Bytes that an answer may have."""

SECONDS: Final = 30.0
"""How long fetching may take altogether."""

_ACCEPTED: Final = (
    "text/turtle, application/n-triples;q=0.9, application/ld+json;q=0.8, application/rdf+xml;q=0.7, "
    "application/trig;q=0.6, application/n-quads;q=0.6"
)
_PIECE: Final = 65_536


@dataclass(frozen=True)
class Fetched:
    """An answer: its bytes, the format that it says it has, and the address after redirects."""

    content: bytes
    form: ox.RdfFormat
    address: str


class _Readable(Protocol):
    def read1(self, size: int, /) -> bytes: ...


def is_address(name: str) -> bool:
    """Say whether an argument is an address rather than a path.

    >>> is_address("https://example.org/a.ttl"), is_address("a.ttl")
    (True, False)
    """
    return name.lower().startswith(("http://", "https://"))


def fetch(address: str) -> Fetched:
    """Fetch RDF over http or https.

    Raises InputError when the server says no, takes too long, sends too much, or sends no RDF.
    """
    here = Place(Path(), url=address)
    request = urllib.request.Request(address, headers={"Accept": _ACCEPTED, "User-Agent": "lungkg"})  # noqa: S310 - by is_address
    deadline = time.monotonic() + SECONDS
    try:
        with _opener().open(request, timeout=SECONDS) as answer:
            media_type = answer.headers.get_content_type()
            form = ox.RdfFormat.from_media_type(media_type)
            if form is None:
                form = _by_suffix(answer.url)
            if form is None:
                what = f"the server sends {media_type}, which is no RDF format"
                raise InputError.at(here, what, "Give the address of the Turtle, or a file.")
            return Fetched(_whole(answer, deadline, here), form, answer.url)
    except urllib.error.HTTPError as error:
        with error:
            raise InputError.at(here, f"the server answers {error.code} {error.reason}") from None
    except TimeoutError:
        raise _too_slow(here) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise (_too_slow(here) if isinstance(reason, TimeoutError) else _unreachable(here, reason)) from None


def _opener() -> urllib.request.OpenerDirector:
    """Make an opener that follows redirects to web addresses only: to no file and no FTP server."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _whole(answer: _Readable, deadline: float, here: Place) -> bytes:
    pieces, size = [], 0
    while piece := answer.read1(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST:
            raise InputError.at(here, f"the answer is larger than {LARGEST // 1_000_000} MB", "Fetch it to a file.")
        if time.monotonic() > deadline:
            raise _too_slow(here)
    return b"".join(pieces)


def _by_suffix(address: str) -> ox.RdfFormat | None:
    suffix = address.partition("?")[0].partition("#")[0].rsplit("/", 1)[-1].rpartition(".")[2]
    return ox.RdfFormat.from_extension(suffix)


def _too_slow(here: Place) -> InputError:
    return InputError.at(here, f"there was no whole answer after {SECONDS:g} seconds", "Fetch it to a file.")


def _unreachable(here: Place, reason: object) -> InputError:
    return InputError.at(here, f"this address cannot be fetched: {reason}")
