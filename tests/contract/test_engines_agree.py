"""Other people's servers give the same answers as our own engine, to every canned query."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest

from lungkg.engines import Engine, LocalEngine, choose_format
from lungkg.engines.remote import RemoteEngine
from lungkg.errors import EngineFault
from lungkg.formats import RESULTS
from lungkg.linked.addresses import Thing
from lungkg.linked.describer import Describer
from lungkg.linked.documents import fate
from lungkg.linked.near import near
from lungkg.namespaces import XSD
from lungkg.project import Project, load_project
from lungkg.queries import load_catalogue
from lungkg.release import Release
from tests.servers import load, oxigraph, virtuoso

CATALOGUE = load_catalogue(load_project(Path(__file__).parents[2]))
PATIENCE: Final = 120.0  # seconds

BEYOND_VIRTUOSO: Final = ("contradictions", "promotes-in", "what-affects")
"""With two property paths of any length in a query Virtuoso 7.2.5 loses solutions, so the remote engine refuses
its answer: it was 0 of 1 and 1 of 4 rows."""

Part = frozenset[tuple[str, object]]


def value(term: Mapping[str, str]) -> object:
    """Give what a term stands for: numbers by their value, times by their instant, languages in small letters."""
    datatype = term.get("datatype", XSD + "string").removeprefix(XSD)
    if datatype in ("integer", "decimal", "double", "float"):
        return Decimal(term["value"])
    if datatype == "boolean":
        return term["value"] in ("true", "1")
    if datatype == "dateTime":
        return datetime.fromisoformat(term["value"])
    return term["type"], term["value"], datatype, term.get("xml:lang", "").lower()


def ask(engine: Engine, name: str, project: Project) -> Counter[Part]:
    """Give the rows, the truth or the triples that a canned query has for its examples, as a multiset."""
    query = CATALOGUE[name]
    written = choose_format(query.form, name="json" if query.form in ("SELECT", "ASK") else "ntriples")
    content = query.answer(engine, query.examples, project, written, timeout=PATIENCE).content
    if query.form == "ASK":
        return Counter([frozenset({("boolean", json.loads(content)["boolean"])})])
    if query.form == "SELECT":
        rows = json.loads(content)["results"]["bindings"]
        return Counter(frozenset((key, value(term)) for key, term in row.items()) for row in rows)
    triples = ox.parse(content, format=ox.RdfFormat.N_TRIPLES)
    return Counter(frozenset({("s", t.subject), ("p", t.predicate), ("o", t.object)}) for t in triples)


@pytest.fixture(scope="module")
def local(release: Release, project: Project) -> Iterator[Engine]:
    """Our own engine."""
    with LocalEngine(release.store, project.prefixes) as engine:
        yield engine


@pytest.fixture(scope="module")
def oxigraph_engine(release: Release, project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An Oxigraph server with the release in it."""
    with oxigraph(tmp_path_factory.mktemp("oxigraph")) as peer:
        load(peer, release)
        yield peer.engine(project)


@pytest.fixture(scope="module")
def virtuoso_engines(
    release: Release, project: Project, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, RemoteEngine]]:
    """A Virtuoso server with the release in it, asked in both ways of uniting the graphs."""
    with virtuoso(tmp_path_factory.mktemp("virtuoso")) as peer:
        load(peer, release)
        yield {"list": peer.engine(project, "list"), "native": peer.engine(project, "native")}


@pytest.mark.slow
@pytest.mark.xdist_group("oxigraph")
@pytest.mark.parametrize("name", CATALOGUE)
def test_oxigraph_server_gives_the_same_rows(
    name: str, local: Engine, oxigraph_engine: Engine, project: Project
) -> None:
    """The remote engine over an Oxigraph server answers every canned query as the local engine does."""
    theirs = ask(oxigraph_engine, name, project)

    assert theirs == ask(local, name, project)


@pytest.mark.slow
@pytest.mark.xdist_group("virtuoso")
@pytest.mark.parametrize("union", ["list", "native"])
@pytest.mark.parametrize("name", [name for name in CATALOGUE if name not in BEYOND_VIRTUOSO])
def test_virtuoso_gives_the_same_rows(
    name: str, union: str, local: Engine, virtuoso_engines: dict[str, RemoteEngine], project: Project
) -> None:
    """The remote engine over Virtuoso answers every canned query, but for those listed, as the local engine does."""
    theirs = ask(virtuoso_engines[union], name, project)

    assert theirs == ask(local, name, project)


@pytest.mark.slow
@pytest.mark.xdist_group("virtuoso")
@pytest.mark.parametrize("name", BEYOND_VIRTUOSO)
def test_what_virtuoso_answers_wrongly_is_refused(
    name: str, virtuoso_engines: dict[str, RemoteEngine], project: Project
) -> None:
    """A query that is beyond Virtuoso ends in an error that says why, never in too few rows."""
    with pytest.raises(EngineFault, match=r"two property paths with \* or \+.*Virtuoso/07\.20\.3229"):
        ask(virtuoso_engines["list"], name, project)


def test_at_most_three_queries_are_beyond_virtuoso() -> None:
    """The list is short, and names queries that there are."""
    assert len(BEYOND_VIRTUOSO) <= 3
    assert set(BEYOND_VIRTUOSO) <= set(CATALOGUE)


# Documents about things

DOCUMENT = "000_a5af86fa0d89168c"
THINGS = (
    Thing("claim", f"{DOCUMENT}-C39"),
    Thing("inferred", f"{DOCUMENT}-C38-in-idiopathic-pulmonary-fibrosis"),
    Thing("entity", "mesenchymal-stem-cell"),
    Thing("document", DOCUMENT),
    Thing("sentence", f"{DOCUMENT}-S14"),
    Thing("gloss", f"{DOCUMENT}-T01"),
    Thing("agent", "curators"),
    Thing("query", "what-does"),
)


def documents(engine: Engine, project: Project) -> dict[str, bytes]:
    """Write the documents about these things, and about a term of others, as N-Triples."""

    def rows(text: str) -> ox.QuerySolutions:
        found = ox.parse_query_results(engine.query(text, RESULTS[0]).read(), format=ox.QueryResultsFormat.JSON)
        assert isinstance(found, ox.QuerySolutions)
        return found

    describer = Describer(project, "2026-11-24", rows)
    made = [describer.document(rows, thing) for thing in THINGS]
    made.append(describer.external(rows, "http://www.w3.org/2002/07/owl#Class"))
    made.append(
        describer.links(rows, THINGS[3].document, project.base + THINGS[3].id, "http://www.w3.org/ns/oa#hasSource", 25)
    )
    assert [fate(rows, project.base + thing.id).there for thing in THINGS] == [True] * len(THINGS)
    assert near(rows, project.base, Thing("claim", f"{DOCUMENT}-C391")) != []
    written = choose_format("CONSTRUCT", name="ntriples")
    return {one.path: describer.write(one, written) for one in made if one is not None}


@pytest.mark.slow
@pytest.mark.xdist_group("oxigraph")
def test_oxigraph_server_knows_the_same_of_things(local: Engine, oxigraph_engine: Engine, project: Project) -> None:
    """Byte by byte the same documents."""
    ours = documents(local, project)

    assert len(ours) == len(THINGS) + 2
    assert documents(oxigraph_engine, project) == ours


@pytest.mark.slow
@pytest.mark.xdist_group("virtuoso")
@pytest.mark.parametrize("union", ["list", "native"])
def test_virtuoso_knows_the_same_of_things(
    union: str, local: Engine, virtuoso_engines: dict[str, RemoteEngine], project: Project
) -> None:
    """Byte by byte the same documents."""
    assert documents(virtuoso_engines[union], project) == documents(local, project)
