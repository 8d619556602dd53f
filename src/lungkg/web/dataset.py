"""The dataset as a whole: what it is, its releases, and what changed from one to the next.

/dataset is the description in the release's own metadata graph, with what only the folder of releases knows: which
came before, and which are still there. /dataset/ID is the same of one release, and never changes while it is kept.
"""

import gzip
import json
import re
from collections.abc import Callable
from typing import Any, Final

import pyoxigraph as ox
from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.exceptions import Gone, NotFound
from werkzeug.wrappers import Response as AnyResponse

from lungkg.changes import PATCH, kept_changes
from lungkg.changes.words import field_words, kind_words, summary
from lungkg.dcat import GZIP, described_version, download_url, version_iri
from lungkg.downloads import listed, located
from lungkg.endpoint_terms import DCAT, said
from lungkg.engines import Answer
from lungkg.fair import results as fair
from lungkg.formats import HTML, Format
from lungkg.history import Entry, entries
from lungkg.namespaces import PROV, RDF, RDFS, VOID, Minter
from lungkg.project import Project
from lungkg.release import Release
from lungkg.triples import english, integer
from lungkg.web.answers import KEEP, Made, give, root
from lungkg.web.downloads import human
from lungkg.web.files import FOREVER, instant, opened, pieces_of, unchanged
from lungkg.web.kept import Kept
from lungkg.web.offers import JSON, QUADS, TRIPLES, described, offered
from lungkg.web.rdf import written
from lungkg.web.schema_org import as_schema_org, in_script
from lungkg.web.service import Served, Service
from lungkg.web.status import give_report

_WHOLE_ID: Final = 64
_SHORTEST: Final = 12
_ID: Final = re.compile(rf"[0-9a-f]{{{_SHORTEST},{_WHOLE_ID}}}")
_VERSION: Final = re.compile(r"\d+\.\d+\.\d+")
_TRIG: Final = QUADS[0]
_LINKED_FILES: Final = 12  # in Link headers, which proxies cut at some 4 kB


def blueprint(service: Service) -> Blueprint:
    """Make /dataset, its releases and /.well-known/void."""
    routes = Blueprint("dataset", __name__)
    metadata = Kept(lambda served: _metadata(served.release, served.project))

    @routes.get("/dataset")
    @routes.get("/dataset.<suffix>")
    def dataset(suffix: str = "") -> Response:
        with service.lease() as served:
            chosen = offered("the description of the dataset", suffix, described(), QUADS)
            response = _description(served, None, chosen, lambda: metadata.of(served))
        return _headed(response, served, "dataset", chosen, KEEP)

    @routes.get("/.well-known/void")
    def void() -> AnyResponse:
        chosen = offered("the VoID description", "", TRIPLES)
        response = redirect(f"{root()}/dataset.{chosen.suffix}", 303)
        response.headers["Cache-Control"] = KEEP
        return response

    @routes.get("/dataset/releases")
    @routes.get("/dataset/releases.<suffix>")
    def releases(suffix: str = "") -> Response:
        with service.lease() as served:
            chosen = offered("the list of releases", suffix, described(JSON), QUADS)
            response = _releases(served, chosen)
        return _headed(response, served, "dataset/releases", chosen, KEEP)

    @routes.get("/dataset/<name>")
    def release(name: str) -> AnyResponse:
        with service.lease() as served:
            found, suffix = _find(served, name)
            if isinstance(found, str):
                return _moved(found + suffix)
            chosen = offered(f"release {found.id[:12]}", suffix.lstrip("."), described(), QUADS)
            response = _description(served, found, chosen, lambda: _metadata(found, served.project))
        keep = KEEP if chosen is HTML else FOREVER
        return _headed(response, served, f"dataset/{found.id}", chosen, keep)

    @routes.get("/dataset/<name>/report")
    @routes.get("/dataset/<name>/report.<suffix>")
    def report(name: str, suffix: str = "") -> AnyResponse:
        with service.lease() as served:
            found, rest = _find(served, name)
            if isinstance(found, str):
                return _moved(f"{found}{rest}/report" + (f".{suffix}" if suffix else ""))
            return give_report(served, found, suffix, f"dataset/{found.id}/report")

    @routes.get("/dataset/<name>/changes")
    @routes.get("/dataset/<name>/changes.<suffix>")
    def changes(name: str, suffix: str = "") -> AnyResponse:
        with service.lease() as served:
            found, rest = _find(served, name)
            if isinstance(found, str):
                return _moved(f"{found}{rest}/changes" + (f".{suffix}" if suffix else ""))
            chosen = offered(f"what changed with release {found.id[:12]}", suffix, (_TRIG, JSON, HTML))
            response = _changes(served, found, chosen)
        return _headed(response, served, f"dataset/{found.id}/changes", chosen, KEEP)

    return routes


def _moved(path: str) -> AnyResponse:
    response = redirect(f"{root()}/dataset/{path}", 302)
    response.headers["Cache-Control"] = KEEP
    return response


def _headed(response: Response, served: Served, path: str, chosen: Format, keep: str) -> Response:
    if response.status_code in (200, 304):
        response.headers["Cache-Control"] = keep
    response.headers["Content-Location"] = f"{root()}/{path}.{chosen.suffix}"
    response.last_modified = instant(str(served.release.info["date"]))
    return response


# Releases -----------------------------------------------------------------------------------------


def _history(served: Served) -> list[Entry]:
    """List the releases, the newest first; of those with equal content, the one that was built last.

    What was built after the release that is served is not there yet, as far as clients are concerned.
    """
    found: dict[str, Entry] = {}
    for entry in entries(served.release.path.parent.parent):
        if entry.id not in found or (entry.is_kept and not found[entry.id].is_kept):
            found[entry.id] = entry
    ids = list(found)
    here = ids.index(served.release.id) if served.release.id in found else 0
    return list(found.values())[here:]


def _find(served: Served, name: str) -> tuple[Release | str, str]:
    """Find a release by its id, with the suffix that was asked for.

    Gives a string, the whole id, for one that was named by the beginning of its id or by its version. Raises Gone
    for a release that is not kept any more and NotFound for one that never was.
    """
    version = _VERSION.match(name)
    start = version[0] if version else name.partition(".")[0]
    suffix = name.removeprefix(start)
    history = _history(served)
    if version:
        found = [entry for entry in history if entry.version == start]
    else:
        found = [entry for entry in history if _ID.fullmatch(start) and entry.id.startswith(start)]
    if not found:
        raise NotFound(f"There is no release {name[:80]!r}; {root()}/dataset/releases lists them.")
    kept = next((entry for entry in found if entry.is_kept), None)
    if kept is None:
        raise Gone(
            f"Release {found[0].id[:12]} of {found[0].date} is not kept any more; {root()}/dataset/releases lists "
            "those that are."
        )
    return (kept.release if start == kept.id else kept.id), suffix


def _metadata(release: Release, project: Project) -> list[ox.Triple]:
    """Read what a release says of itself: from its dump, or from its store where it has none."""
    dump = next((d for d in listed(release) if d.graph == "metadata" and d.format == "nquads"), None)
    if dump is not None:
        with gzip.open(located(release, dump)) as file:
            return [quad.triple for quad in ox.parse(file.read(), format=ox.RdfFormat.N_QUADS)]
    graph = ox.NamedNode(Minter(project.base).graph("metadata"))
    store = ox.Store.read_only(str(release.store))
    return [quad.triple for quad in store.quads_for_pattern(None, None, None, graph)]


def _version_triples(served: Served, entry: Entry) -> list[ox.Triple]:
    """Describe a release as the folder of releases knows it."""
    project, node = served.project, version_iri(served.project.base, entry.id)
    triples = [*described_version(project, entry.date, entry.id, entry.version)]
    if entry.is_kept:
        triples.append(said(Minter(project.base).dataset, DCAT + "hasVersion", node))
    if entry.previous:
        before = version_iri(project.base, entry.previous)
        triples.append(said(node, DCAT + "previousVersion", before))
        triples.append(said(node, PROV + "wasRevisionOf", before))
        triples += _changed_triples(node, entry)
    return triples


def _changed_triples(node: str, entry: Entry) -> list[ox.Triple]:
    found = kept_changes(entry.release) if entry.is_kept else None
    if found is None:
        return []
    triples = [said(node, RDFS + "seeAlso", f"{node}/changes")]
    for word, count in (("added", found.added), ("removed", found.removed)):
        whole = f"{node}#{word}"
        triples.append(said(whole, RDF + "type", VOID + "Dataset"))
        triples.append(said(whole, RDFS + "label", english(f"triples that release {entry.id[:12]} {word}")))
        triples.append(said(whole, VOID + "triples", integer(count)))
    return triples


# Answers ------------------------------------------------------------------------------------------


def _given(
    served: Served, key: tuple[str, ...], chosen: Format, make: Callable[[], bytes], links: str = ""
) -> Response:
    whole = ("dataset", *key, chosen.name, root())
    return give(served, whole, chosen.content_type, lambda: Made(Answer(make(), chosen), links), keep=True)


def _description(
    served: Served, alone: Release | None, chosen: Format, metadata: Callable[[], list[ox.Triple]]
) -> Response:
    """Describe the dataset with all its releases, or one release alone, of which nothing will ever change."""
    release = alone or served.release

    def make() -> bytes:
        if chosen is HTML:
            return _page(served, alone, metadata()).encode()
        facts = [
            triple
            for entry in _history(served)
            if alone is None or entry.id == alone.id
            for triple in _version_triples(served, entry)
        ]
        return written([*metadata(), *facts], chosen, served.project, Minter(served.project.base).dataset)

    key = ("release", release.path.name) if alone else ("all",)
    return _given(served, key, chosen, make, _links(served, alone))


def _links(served: Served, alone: Release | None) -> str:
    path = f"dataset/{alone.id}" if alone else "dataset"
    base = served.project.base
    items = [
        f'<{root()}/downloads/{file.name}>; rel="item"; type="{GZIP if file.packed else file.media_type}"'
        for file in listed(alone or served.release)
        if not file.graph
    ]
    forms = [f'<{root()}/{path}.{entry.suffix}>; rel="describedby"; type="{entry.media_type}"' for entry in TRIPLES]
    return ", ".join(
        [
            f'<{version_iri(base, alone.id) if alone else Minter(base).dataset}>; rel="cite-as"',
            f'<{served.project.license}>; rel="license"',
            '<https://schema.org/Dataset>; rel="type"',
            '<https://schema.org/AboutPage>; rel="type"',
            *forms,
            *items[:_LINKED_FILES],
        ]
    )


def _page(served: Served, alone: Release | None, metadata: list[ox.Triple]) -> str:
    release = alone or served.release
    files = listed(release)
    return render_template(
        "dataset.html",
        release=release,
        current=alone is None,
        path=f"dataset/{alone.id}" if alone else "dataset",
        iri=Minter(served.project.base).dataset,
        classes=_classes(metadata, Minter(served.project.base).dataset),
        files=[file for file in files if not file.graph],
        changes=kept_changes(release),
        assessed=alone is None and (release.path / fair.FILE).is_file(),
        summary=summary,
        formats=TRIPLES,
        human=human,
        endpoint=request.url_root + "sparql",
        schema_org=in_script(as_schema_org(served.project, release, files)),
    )


def _classes(metadata: list[ox.Triple], dataset: str) -> list[tuple[str, int]]:
    """Count the instances of each class, the most frequent first."""
    wanted = (VOID + "class", VOID + "entities")
    found: dict[str, dict[str, str]] = {}
    for subject, property_, value in metadata:
        if property_.value in wanted and str(subject).startswith(f"<{dataset}#class/"):
            plain = value.value if isinstance(value, ox.NamedNode | ox.Literal) else str(value)
            found.setdefault(str(subject), {})[property_.value] = plain
    rows = [(told[wanted[0]], int(told[wanted[1]])) for told in found.values() if len(told) == len(wanted)]
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def _releases(served: Served, chosen: Format) -> Response:
    def make() -> bytes:
        history = _history(served)
        if chosen is HTML:
            return render_template("releases.html", releases=[_shown(entry) for entry in history]).encode()
        if chosen is JSON:
            content = [_as_json(served, entry) for entry in history]
            return json.dumps({"releases": content}, ensure_ascii=False, indent=1).encode() + b"\n"
        triples = [triple for entry in history for triple in _version_triples(served, entry)]
        return written(triples, chosen, served.project, Minter(served.project.base).dataset)

    return _given(served, ("releases",), chosen, make)


def _shown(entry: Entry) -> dict[str, Any]:
    found = kept_changes(entry.release) if entry.is_kept else None
    lines = [summary(kind, counts) for kind, counts in found.counts.items()] if found else []
    return {"entry": entry, "changes": found, "lines": lines}


def _as_json(served: Served, entry: Entry) -> dict[str, Any]:
    found = kept_changes(entry.release) if entry.is_kept else None
    iri = version_iri(served.project.base, entry.id)
    return {
        "id": entry.id,
        "iri": iri,
        "date": entry.date,
        "version": entry.version,
        "kept": entry.is_kept,
        "current": entry.id == served.release.id,
        "previous": entry.previous or None,
        "counts": entry.counts,
        "triples": entry.triples,
        "changes": None if found is None else {"iri": f"{iri}/changes", "things": found.counts},
        "downloads": [download_url(served.project.base, file) for file in listed(entry.release)]
        if entry.is_kept
        else [],
    }


def _changes(served: Served, release: Release, chosen: Format) -> Response:
    found = kept_changes(release)
    if found is None:
        raise NotFound(f"Release {release.id[:12]} is the first one that is known here, so nothing changed with it.")
    if chosen is _TRIG:
        return _patch(release)

    def make() -> bytes:
        if chosen is JSON:
            return json.dumps(found.as_json(), ensure_ascii=False, indent=1).encode() + b"\n"
        return render_template(
            "changes.html", changes=found, release=release, summary=summary, words=field_words, kind_words=kind_words
        ).encode()

    return _given(served, ("changes", release.path.name), chosen, make)


def _patch(release: Release) -> Response:
    """Send the triples that changed from their file."""
    packed = request.accept_encodings["gzip"] > 0
    response = Response(content_type=_TRIG.content_type)
    response.set_etag(f"{release.path.name}-changes{'-gzip' if packed else ''}")
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    if not unchanged(response) and request.method != "HEAD":
        response.response = pieces_of(opened(release.path / PATCH, packed=packed))
    return response
