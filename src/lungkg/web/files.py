"""Sends files of releases from disk: whole, in part (RFC 9110, 14), or not at all where the client has them already."""

import base64
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from flask import Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from lungkg.web.answers import KEEP

File = BinaryIO | gzip.GzipFile

FOREVER: Final = "public, max-age=31536000, immutable"
PIECE: Final = 2**17  # bytes; each has to be taken within the bridge's time for clients that stand still


def send_file(path: Path, name: str, content_type: str, sha256: str, date: str, *, forever: bool) -> Response:
    """Send a file, or the part of it that Range asks for.

    It is opened here and now, so it is sent to its end even if its release is removed meanwhile. Raises
    RequestedRangeNotSatisfiable for a part that is not there.
    """
    size = path.stat().st_size
    response = Response(content_type=content_type)
    response.headers["Cache-Control"] = FOREVER if forever else KEEP
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"
    response.set_etag(sha256)
    response.last_modified = instant(date)
    if unchanged(response):
        return response
    start, end = 0, size
    span = _asked_part(size, sha256, date)
    if span is not None:
        start, end = span
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    if request.method != "HEAD":
        response.response = _pieces(path.open("rb"), start, end - start)
    response.headers["Content-Length"] = str(end - start)
    return response


def _asked_part(size: int, sha256: str, date: str) -> tuple[int, int] | None:
    """Read Range, which is for GET only, is ignored in other units, and when it is for another version of the file.

    Several parts at once are answered by the whole, as a server may.
    """
    wanted = request.range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1 or request.method != "GET":
        return None
    if "If-Range" in request.headers:
        condition = request.if_range
        same_date = condition.date is not None and condition.date == instant(date)
        if not same_date and request.headers["If-Range"].strip() != f'"{sha256}"':
            return None
    span = wanted.range_for_length(size)
    if span is None or span[0] >= span[1]:
        raise RequestedRangeNotSatisfiable(size)
    return span


def _pieces(file: BinaryIO, start: int, length: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while length > 0 and (piece := file.read(min(PIECE, length))):
            length -= len(piece)
            yield piece


def unchanged(response: Response) -> bool:
    """Turn a response without a body into the answer to a condition, where the request has one that decides.

    A HEAD is answered by the headers alone, so nothing has to be opened for it.
    """
    known = "Content-Length" in response.headers
    response.make_conditional(request)
    if response.status_code == 200:
        response.response = iter(())  # not a list, whose length would be told as that of the body
        if not known:
            response.headers.pop("Content-Length", None)
    return response.status_code != 200


def opened(path: Path, *, packed: bool) -> File:
    """Open a gzip file, to be sent as it is or unpacked."""
    return path.open("rb") if packed else gzip.open(path)


def pieces_of(file: File) -> Iterator[bytes]:
    """Yield a whole file piece by piece, and close it."""
    with file:
        while piece := file.read(PIECE):
            yield piece


def instant(date: str) -> datetime:
    """Give the first instant of a day (ISO 8601), UTC."""
    return datetime.fromisoformat(date).replace(tzinfo=UTC)
