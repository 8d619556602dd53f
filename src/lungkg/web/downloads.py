"""Files to take away: /downloads/ lists them, with checksums; each is sent from disk, whole or in part."""

import json
import re
from dataclasses import asdict
from typing import Any, Final

import pyoxigraph as ox
from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.exceptions import Gone, NotFound
from werkzeug.wrappers import Response as AnyResponse

from lungkg.dcat import GZIP, distribution, download_url
from lungkg.downloads import SHORT_ID, SUMS, Download, listed, located, sums
from lungkg.engines import Answer
from lungkg.formats import HTML, Format
from lungkg.history import Entry, entries
from lungkg.namespaces import GRAPHS
from lungkg.release import Release
from lungkg.web.answers import KEEP, Made, give, root
from lungkg.web.files import send_file
from lungkg.web.offers import JSON, QUADS, described, nearest, offered
from lungkg.web.rdf import written
from lungkg.web.service import Served, Service

_ID: Final = re.compile(rf"-([0-9a-f]{{{SHORT_ID}}})(?=[-.])")
_UNITS: Final = ("B", "kB", "MB", "GB", "TB")


def blueprint(service: Service) -> Blueprint:
    """Make /downloads/ and everything below it."""
    routes = Blueprint("downloads", __name__)

    @routes.get("/downloads/")
    @routes.get("/downloads/index.<suffix>")
    def index(suffix: str = "") -> Response:
        with service.lease() as served:
            chosen = offered("the list of downloads", suffix, described(JSON), QUADS)
            response = _index(served, chosen)
        response.headers["Content-Location"] = f"{root()}/downloads/index.{chosen.suffix}"
        return response

    @routes.get(f"/downloads/{SUMS}")
    def checksums() -> Response:
        with service.lease() as served:
            body = sums(listed(served.release))
            return give(
                served,
                ("downloads", SUMS),
                "text/plain; charset=utf-8",
                lambda: Made(Answer(body, JSON)),
                keep=True,
            )

    @routes.get("/downloads/latest/<alias>")
    def latest(alias: str) -> AnyResponse:
        with service.lease() as served:
            return _to_latest(served, alias)

    @routes.get("/downloads/<name>")
    def file(name: str) -> Response:
        with service.lease() as served:
            return _file(served, name)

    return routes


def human(size: int) -> str:
    """Give a size as people read it, in powers of ten.

    >>> human(999), human(44_902_186)
    ('999 B', '44.9 MB')
    """
    number, unit = float(size), 0
    while number >= 999.95 and unit < len(_UNITS) - 1:
        number, unit = number / 1000, unit + 1
    return f"{number:.1f} {_UNITS[unit]}" if unit else f"{size} B"


# The files ----------------------------------------------------------------------------------------


def _file(served: Served, name: str) -> Response:
    release, download = _find(served, name)
    # The metadata graph may differ where a release has the same content as one before it.
    forever = download.graph != "metadata"
    content_type = GZIP if download.packed else _with_charset(download.media_type)
    date = str(release.info["date"])
    response = send_file(
        located(release, download), download.name, content_type, download.sha256, date, forever=forever
    )
    base = served.project.base
    response.headers["Link"] = (
        f'<{root()}/dataset/{release.id}>; rel="collection"; type="text/html", '
        f'<{download_url(base, download)}>; rel="cite-as", <{served.project.license}>; rel="license"'
    )
    return response


def _find(served: Served, name: str) -> tuple[Release, Download]:
    """Find a file of the release that is served, or of another one that is kept."""
    for download in listed(served.release):
        if download.name == name:
            return served.release, download
    found = _ID.search(name)
    known = [entry for entry in _others(served) if found and entry.id.startswith(found[1])]
    for entry in known:
        for download in listed(entry.release) if entry.is_kept else ():
            if download.name == name:
                return entry.release, download
    if known and not any(entry.is_kept for entry in known):
        gone = f"Release {known[0].id[:SHORT_ID]} of {known[0].date} is not kept any more"
        raise Gone(f"{gone}; {root()}/downloads/ has the newest.")
    names = [download.name for download in listed(served.release)]
    raise NotFound(f"There is no file {name[:120]!r} here.{nearest(name, names)}{_why_none(names)}")


def _others(served: Served) -> list[Entry]:
    return entries(served.release.path.parent.parent)


def _to_latest(served: Served, alias: str) -> AnyResponse:
    files = {download.alias: download.name for download in listed(served.release)} | {SUMS: SUMS}
    if alias not in files:
        why = _why_none(files.keys() - {SUMS})
        raise NotFound(f"There is no file {alias[:120]!r} in any release.{nearest(alias, files)}{why}")
    response = redirect(f"{root()}/downloads/{files[alias]}", 307)
    response.headers["Cache-Control"] = KEEP
    return response


def _why_none(files: object) -> str:
    return "" if files else " The release was built without downloads; build it again to have them."


def _with_charset(media_type: str) -> str:
    return media_type + ("; charset=utf-8" if media_type.startswith("text/") else "")


# The list -----------------------------------------------------------------------------------------


def _index(served: Served, chosen: Format) -> Response:
    files = listed(served.release)

    def make() -> Made:
        if chosen is HTML:
            return Made(Answer(_page(files).encode(), chosen))
        if chosen is JSON:
            body = json.dumps(_as_json(served, files), ensure_ascii=False, indent=1) + "\n"
            return Made(Answer(body.encode(), chosen))
        triples: list[ox.Triple] = []
        for download in files:
            triples += distribution(served.project, download)
        return Made(Answer(written(triples, chosen, served.project), chosen))

    return give(served, ("downloads", chosen.name, root()), chosen.content_type, make, keep=True)


def _as_json(served: Served, files: tuple[Download, ...]) -> dict[str, Any]:
    base, info = served.project.base, served.release.info
    return {
        "release": info["id"],
        "date": info["date"],
        "version": info["version"],
        "license": served.project.license,
        "checksums": f"{base}downloads/{SUMS}",
        "files": [
            {
                **asdict(download),
                "url": download_url(base, download),
                "latest": f"{base}downloads/latest/{download.alias}",
            }
            for download in files
        ],
    }


def _page(files: tuple[Download, ...]) -> str:
    graphs = [(name, [download for download in files if download.graph == name]) for name in GRAPHS]
    return render_template(
        "downloads.html",
        whole=[download for download in files if download.format and not download.graph],
        exports=[download for download in files if not download.format],
        graphs=graphs,
        human=human,
        address=request.url_root + "downloads/",
        sums=SUMS,
    )
