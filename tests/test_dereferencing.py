"""Every IRI of ours that occurs anywhere in a release is answered, in every form, and the answer mentions it."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lungkg.build import build
from lungkg.engines import LocalEngine
from lungkg.formats import DATASETS, DOCUMENTS, Format
from lungkg.linked.addresses import Addresses
from lungkg.project import Project, load_project
from lungkg.queries import load_catalogue
from lungkg.release import Release
from lungkg.web import create_app
from lungkg.web.cache import AnswerCache
from lungkg.web.service import Served, Service

BAKERY: Final = Path(__file__).parent / "other_project"

AS_THEY_ARE: Final = ("downloads/", "dataset.html", "sparql")
"""Paths of files, of a page and of the endpoint: each is what it is, and the document about the dataset mentions it."""

PLACES: Final = {"id", "ont", "shapes", "graph", "dataset", "downloads", "sparql"}
"""Where the IRIs of a release are, below its base."""

READERS: Final = {
    "ttl": ox.RdfFormat.TURTLE, "jsonld": ox.RdfFormat.JSON_LD, "nt": ox.RdfFormat.N_TRIPLES,
    "rdf": ox.RdfFormat.RDF_XML, "trig": ox.RdfFormat.TRIG, "nq": ox.RdfFormat.N_QUADS,
}  # fmt: skip


def ours(release: Release, project: Project) -> dict[str, set[str]]:
    """Give every IRI of the project in a release, by the path of the document that is to mention it.

    A namespace, `ont#`, is its vocabulary by the other of its two names, so that one is to be mentioned.
    """
    addresses = Addresses(project)
    found: dict[str, set[str]] = defaultdict(set)
    for quad in ox.Store.read_only(str(release.store)):
        terms = [*quad.triple, quad.graph_name]
        terms += [term.datatype for term in terms if isinstance(term, ox.Literal)]
        for term in terms:
            if isinstance(term, ox.NamedNode) and addresses.path(term.value):
                found[addresses.path(term.value).partition("#")[0]].add(term.value.removesuffix("#"))
    return dict(sorted(found.items()))


def mentioned(content: bytes, suffix: str) -> set[str]:
    """Give every IRI in a document."""
    terms = {term for quad in ox.parse(content, format=READERS[suffix]) for term in (*quad.triple, quad.graph_name)}
    return {term.value for term in terms if isinstance(term, ox.NamedNode)}


def shown(path: str, iris: set[str]) -> set[str]:
    """Give what a page has to show: each part of a thing and each term, and of thousands of counts the dataset's name."""
    return {path} if path.startswith(("dataset", "graph/")) else {iri.partition("#")[2] for iri in iris}


def walk(client: FlaskClient, iris: Mapping[str, set[str]]) -> Iterator[str]:
    """Ask for every document in every form, as somebody who follows the IRI does; yield what is wrong."""
    described = mentioned(client.get("/dataset.nq").data, "nq")
    for path, expected in iris.items():
        led = client.get(f"/{path}")
        at = led.headers["Location"] if led.status_code == 303 else f"/{path}"
        if led.status_code not in (200, 303):
            yield f"{path}: {led.status_code}"
            continue
        if path.startswith(AS_THEY_ARE):
            if missing := expected - described:
                yield f"/dataset.nq does not mention {sorted(missing)[:3]}"
            continue
        for entry in (*DOCUMENTS, *DATASETS):
            answer = client.get(f"{at}.{entry.suffix}")
            fault = amiss(answer, entry, path, expected, described)
            if fault:
                yield f"{at}.{entry.suffix} {fault}"


def amiss(answer: TestResponse, entry: Format, path: str, expected: set[str], described: set[str]) -> str:
    """Say what is wrong with a document; empty when nothing is."""
    if answer.status_code != 200 or answer.content_type != entry.content_type:
        return f"is {answer.status_code} {answer.content_type}"
    if entry.suffix == "html":
        missing = {name for name in shown(path, expected) if name not in answer.text}
    elif path.startswith("graph/") and entry in DOCUMENTS:  # the graph itself, which a description is linked to
        missing = expected - described if 'rel="describedby"' in answer.headers["Link"] else expected
    else:
        missing = expected - mentioned(answer.data, entry.suffix)
    return f"does not mention {sorted(missing)[:3]}" if missing else ""


@pytest.mark.slow
def test_every_iri_of_the_real_project_is_answered(client: FlaskClient, release: Release, project: Project) -> None:
    """As subject, predicate, object, graph or datatype: 303 or 200, in seven forms, each mentioning the IRI."""
    iris = ours(release, project)

    assert {re.split("[/.]", path)[0] for path in iris} == PLACES
    assert list(walk(client, iris)) == []


@pytest.mark.slow
@pytest.mark.parametrize("base", [None, "http://localhost:8080/kg/"], ids=["as-written", "moved"])
def test_every_iri_of_another_project_is_answered(base: str | None, tmp_path: Path) -> None:
    """Whatever its base is, and although it uses a vocabulary below another one."""
    bakery = load_project(BAKERY, base)
    made = build(bakery, tmp_path).release
    assert made is not None
    with LocalEngine(made.store, bakery.prefixes) as engine:
        served = Served(engine, bakery, made, load_catalogue(bakery), AnswerCache(4))
        iris = ours(made, bakery)

        assert {re.split("[/.]", path)[0] for path in iris} == PLACES
        assert list(walk(create_app(Service(served)).test_client(), iris)) == []
