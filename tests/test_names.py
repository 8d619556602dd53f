"""Names: whatever a person calls a thing finds it, or an error says what was perhaps meant."""

import gc
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest

from lungkg.build import build
from lungkg.errors import BadParameter, EngineTimeout
from lungkg.project import Project, load_project
from lungkg.queries.names import Names
from lungkg.queries.parameters import Parameter
from lungkg.release import Release
from tests.servers import load, oxigraph
from tests.storeengine import StoreEngine, entities

BASE: Final = "https://w3id.org/lungkg/"
MOVED: Final = "http://localhost:1234/"
BAKERY: Final = Path(__file__).parent / "other_project"
MSC: Final = f"{BASE}id/entity/mesenchymal-stem-cell"
C39: Final = f"{BASE}id/claim/000_a5af86fa0d89168c-C39"

ENTITY: Final = Parameter("entity", "entity", example=("rye-bread",))
CLAIM: Final = Parameter("claim", "claim", example=("C1",))
IRI: Final = Parameter("iri", "iri", example=("ont:Claim",))

BREADS: Final = {
    "rye-bread": ["rye bread", "RB", "Roggenbrot"],
    "raisin-bread": ["raisin bread", "RB"],
    "white-bread": ["white bread", "bread"],
    "bread": ["all bread"],
    "cafe": ["cafe\u0301", "coffee  house"],
}


@pytest.fixture(scope="module")
def names(release: Release, project: Project) -> Names:
    """The names of the real project's release."""
    return Names.of_store(ox.Store.read_only(str(release.store)), project)


@pytest.fixture
def breads(project: Project) -> Names:
    """The names of a few breads."""
    return Names.of_store(entities(BASE, BREADS), project)


WAYS = {
    "local-name": "mesenchymal-stem-cell",
    "local-name-in-capitals": "Mesenchymal-Stem-Cell",
    "label": "mesenchymal stem cell",
    "label-in-capitals": "Mesenchymal Stem Cell",
    "label-with-blanks": "  mesenchymal   stem\tcell\n",
    "abbreviation": "MSC",
    "abbreviation-in-small-letters": "msc",
    "plural-of-the-abbreviation": "MSCs",
    "curie-of-ours": "entity:mesenchymal-stem-cell",
    "iri-of-ours": MSC,
    "identifier-elsewhere": "CL:0000134",
    "identifier-elsewhere-in-small-letters": "cl:0000134",
    "iri-elsewhere": "http://purl.obolibrary.org/obo/CL_0000134",
}


@pytest.mark.parametrize("name", WAYS.values(), ids=WAYS.keys())
def test_an_entity_has_many_names(names: Names, name: str) -> None:
    """Local name, label, abbreviation, CURIE and IRI, ours and those it is an exact match of."""
    assert names.find(ENTITY, name).value == MSC


CLAIM_WAYS = {"local-name": "000_a5af86fa0d89168c-C39", "curie": "claim:000_a5af86fa0d89168c-C39", "iri": C39}


@pytest.mark.parametrize("name", CLAIM_WAYS.values(), ids=CLAIM_WAYS.keys())
def test_a_claim_has_three_names(names: Names, name: str) -> None:
    """Local name, CURIE and IRI."""
    assert names.find(CLAIM, name).value == C39


THINGS = {
    "document": ("document", "000_a5af86fa0d89168c"),
    "sentence": ("sentence", "000_a5af86fa0d89168c-S01"),
    "reference": ("reference", "000_a5af86fa0d89168c-8"),
    "activity": ("activity", "curation-000_a5af86fa0d89168c"),
    "agent": ("agent", "curators"),
    "assumption": ("assumption", "ipf-lungs-are-chronically-diseased"),
    "query": ("query", "what-does"),
}


@pytest.mark.parametrize(("kind", "name"), THINGS.values(), ids=THINGS.keys())
def test_every_type_of_thing_is_found_by_its_local_name(names: Names, kind: str, name: str) -> None:
    """What the type says is where the name is looked for."""
    assert names.find(Parameter("x", kind), name).value == f"{BASE}id/{kind}/{name}"


IRIS = {
    "curie": ("ont:Claim", f"{BASE}ont#Claim"),
    "curie-of-a-thing": ("claim:x", f"{BASE}id/claim/x"),
    "prefix-alone": ("ont:", f"{BASE}ont#"),
    "iri": ("http://example.org/a?b=c#d", "http://example.org/a?b=c#d"),
    "iri-with-blanks-around": (" http://example.org/a ", "http://example.org/a"),
    "urn": ("urn:isbn:0451450523", "urn:isbn:0451450523"),
    "doi": ("doi:10.1000/182", "doi:10.1000/182"),
}


@pytest.mark.parametrize(("text", "expected"), IRIS.values(), ids=IRIS.keys())
def test_an_iri_is_a_curie_or_whole(names: Names, text: str, expected: str) -> None:
    """It need not be in the graph."""
    assert names.find(IRI, text).value == expected


NO_IRIS = {
    "word": "Claim",
    "unknown-prefix": "bioink:subject",
    "blank-inside": "http://example.org/a b",
    "end-of-an-iri": "http://example.org/a> ?p ?o } #",
    "brace": "ont:{x}",
    "backslash": "http://example.org/\\u003e",
    "quote": 'http://example.org/"',
    "control-character": "http://example.org/\x01",
    "relative": "/id/claim/x",
    "empty": "",
    "blanks": "  ",
}


@pytest.mark.parametrize("text", NO_IRIS.values(), ids=NO_IRIS.keys())
def test_what_is_no_iri_is_refused_with_an_example(names: Names, text: str) -> None:
    """A prefix that nobody declared is most likely misspelt, so it is none either."""
    with pytest.raises(BadParameter, match=r"is not an IRI or a CURIE.*; for example ont:Claim"):
        names.find(IRI, text)


UNKNOWN = {
    "misspelt": (ENTITY, "mesenchimal stem cel", "did you mean mesenchymal-stem-cell (mesenchymal stem cell)"),
    "misspelt-local-name": (ENTITY, "mesenchymal-stem-cel", "did you mean mesenchymal-stem-cell (mesenchymal stem cell)"),
    "like-nothing": (ENTITY, "qqqqqqqq", "there is no entity 'qqqqqqqq'; for example rye-bread"),
    "empty": (ENTITY, " ", "' ' is not the name, label, abbreviation, CURIE or IRI of an entity; for example rye-bread"),
    "iri-of-another-type": (ENTITY, C39, "there is no entity 'https"),
    "curie-of-another-type": (CLAIM, "entity:mesenchymal-stem-cell", "there is no claim 'entity:mesenchymal-stem-cell'"),
    "part-of-a-thing": (CLAIM, "000_a5af86fa0d89168c-C39#source", "there is no claim '000_a5af86fa0d89168c-C39#source'"),
    "iri-of-a-part-of-a-thing": (CLAIM, f"{C39}#source", "there is no claim"),
    "injection": (ENTITY, "x> ?p ?o } #", "there is no entity 'x> ?p ?o } #'"),
    "quote": (ENTITY, "\"'\\", "there is no entity"),
    "end-of-a-claim": (CLAIM, "c39", "there is no claim 'c39'; did you mean 000_a5af86fa0d89168c-C39?"),
    "claim-of-another-document": (CLAIM, "000_a5af86fa0d89168d-C39", "did you mean 000_a5af86fa0d89168c-C"),
    "claim-like-nothing": (CLAIM, "qqqqqqqq", "there is no claim 'qqqqqqqq'; for example C1"),
    "inferred-claim": (Parameter("x", "inferred"), "none", "there is no inferred claim 'none'"),
    "agent": (Parameter("x", "agent"), "curator", "there is no agent 'curator'; did you mean curators?"),
    "NUL": (ENTITY, "a\x00", "holds a NUL"),
    "lone-surrogate": (ENTITY, "a\udc00", "half a character"),
    "longer-than-any-name": (ENTITY, "a" * 10_001, "is 10,001 characters long"),
}  # fmt: skip


@pytest.mark.parametrize(("parameter", "text", "message"), UNKNOWN.values(), ids=UNKNOWN.keys())
def test_a_name_of_nothing_is_refused_with_those_that_are_near(
    names: Names, parameter: Parameter, text: str, message: str
) -> None:
    """The error lists what was perhaps meant, or gives the example."""
    with pytest.raises(BadParameter) as refused:
        names.find(parameter, text)

    assert message in str(refused.value)


def test_an_ambiguous_name_lists_the_candidates(breads: Names) -> None:
    """Nobody chooses for the asker."""
    with pytest.raises(BadParameter) as refused:
        breads.find(ENTITY, "rb")

    expected = "parameter entity: 'rb' is the name of more than one entity: "
    assert str(refused.value) == f"{expected}raisin-bread (raisin bread), rye-bread (rye bread)"


def test_many_candidates_are_counted(project: Project) -> None:
    """Eight are shown."""
    store = entities(BASE, {f"bread-{number}": [f"bread {number}", "loaf"] for number in range(20)})

    with pytest.raises(BadParameter, match=r"bread-0 .* and 12 more$"):
        Names.of_store(store, project).find(ENTITY, "loaf")


def test_a_local_name_goes_before_the_label_of_another(breads: Names) -> None:
    """White bread is also called bread, and bread is the local name of all bread."""
    assert breads.find(ENTITY, "bread").value == f"{BASE}id/entity/bread"


@pytest.mark.parametrize("name", ["caf\u00e9", "CAFE\u0301", "coffee house"])
def test_names_differ_neither_in_unicode_form_nor_in_blanks(breads: Names, name: str) -> None:
    """Composed or not, in capitals or not, with one blank or two."""
    assert breads.find(ENTITY, name).value == f"{BASE}id/entity/cafe"


@pytest.mark.parametrize(
    "name", ["rye-bread", "entity:rye-bread", f"{MOVED}id/entity/rye-bread", f"{BASE}id/entity/rye-bread"]
)
def test_another_base_is_the_one_of_the_graph(project: Project, name: str) -> None:
    """An IRI may also be written with the base that the sources are written with, as an example in a file is."""
    moved = load_project(project.root, base=MOVED)

    found = Names.of_store(entities(MOVED, BREADS), moved).find(ENTITY, name)

    assert found.value == f"{MOVED}id/entity/rye-bread"


@pytest.fixture(scope="module")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Names:
    """The names of another project's release."""
    project = load_project(BAKERY)
    made = build(project, tmp_path_factory.mktemp("bakery"))
    assert made.release is not None
    return Names.of_store(ox.Store.read_only(str(made.release.store)), project)


@pytest.mark.parametrize("name", ["cold-proofing", "cold proofing", "CP", "entity:cold-proofing"])
def test_another_project_has_its_own_names(bakery: Names, name: str) -> None:
    """The bakery's entities are found as those of the real project are."""
    assert bakery.find(ENTITY, name).value == "https://example.org/bakery/id/entity/cold-proofing"


# What is asked of the engine, and how often


def names_of(engine: StoreEngine, project: Project) -> Names:
    """The names that an engine tells."""
    return Names.of_engine(engine, project, timeout=5, client="127.0.0.9")


def test_the_names_are_read_once_and_a_thing_is_asked_for_once(project: Project) -> None:
    """Looking up the same things again asks nothing."""
    engine = StoreEngine(entities(BASE, BREADS))
    for name in ("Roggenbrot", "rye-bread", "white bread"):
        names_of(engine, project).find(ENTITY, name)
    before = len(engine.asked)

    for name in ("rye-bread", "white-bread", f"{BASE}id/entity/cafe"):
        names_of(engine, project).find(ENTITY, name)

    assert len(engine.asked) == before
    assert sum("prefLabel" in text for text in engine.asked) == 1
    assert (engine.clients, set(engine.times)) == ({"127.0.0.9"}, {5})


def test_a_miss_reads_the_names_again_once_they_are_old(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A remote engine may have got a new release meanwhile; misspelt names do not make it work for every one."""
    engine = StoreEngine(entities(BASE, BREADS))
    names_of(engine, project).find(ENTITY, "Roggenbrot")
    engine.store.extend(entities(BASE, {"toast": ["toasted bread", "TB"]}))

    with pytest.raises(BadParameter):
        names_of(engine, project).find(ENTITY, "TB")
    monkeypatch.setattr("lungkg.queries.names._FRESH_SECONDS", 0.0)
    found = names_of(engine, project).find(ENTITY, "TB")

    assert found.value == f"{BASE}id/entity/toast"
    assert sum("prefLabel" in text for text in engine.asked) == 2


def test_threads_read_the_names_once(project: Project) -> None:
    """Those that come meanwhile wait for the one that reads."""
    engine = StoreEngine(entities(BASE, BREADS))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: names_of(engine, project).find(ENTITY, "Roggenbrot").value, range(32)))

    assert found == [f"{BASE}id/entity/rye-bread"] * 32
    assert sum("prefLabel" in text for text in engine.asked) == 1


def test_nobody_waits_longer_than_its_time_for_another_to_read(project: Project) -> None:
    """An engine that hangs while the names are read does not hold up everybody for ever, nor other engines at all."""
    store, reading, go_on = entities(BASE, BREADS), threading.Event(), threading.Event()
    owner = StoreEngine(store)

    def slowly(_text: str) -> list[dict[str, str]]:
        reading.set()
        go_on.wait(60)
        return []

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(Names(project, slowly, owner)._index)
        reading.wait(60)
        with pytest.raises(EngineTimeout):
            Names(project, slowly, owner, 0.01)._index()
        other = names_of(StoreEngine(store), project).find(ENTITY, "Roggenbrot").value
        go_on.set()
        first.result()

    assert other == f"{BASE}id/entity/rye-bread"


def test_what_fails_is_tried_again(project: Project) -> None:
    """An engine that could not be asked leaves nothing half known behind."""
    owner = StoreEngine(entities(BASE, BREADS))

    def fail(_text: str) -> list[dict[str, str]]:
        raise EngineTimeout(1)

    with pytest.raises(EngineTimeout):
        Names(project, fail, owner).find(ENTITY, "Roggenbrot")

    assert names_of(owner, project).find(ENTITY, "Roggenbrot").value == f"{BASE}id/entity/rye-bread"


def test_the_names_go_with_their_engine(project: Project) -> None:
    """A release that is served no more leaves nothing in memory."""
    engine = StoreEngine(entities(BASE, BREADS))
    names_of(engine, project).find(ENTITY, "Roggenbrot")
    forgotten = weakref.ref(Names._memories[engine])

    del engine
    gc.collect()

    assert forgotten() is None


def test_a_near_name_is_found_among_many(project: Project) -> None:
    """Names that differ a little come first, the most alike before the others."""
    many = {f"made-up-bread-{number}": [f"made up bread {number}"] for number in range(3000)}
    store = entities(
        BASE, {**many, "sourdough-rye": ["sourdough rye bread"], "sourdough-wheat": ["sourdough wheat bread"]}
    )

    with pytest.raises(BadParameter) as refused:
        Names.of_store(store, project).find(ENTITY, "sourdogh rye bred")

    assert "did you mean sourdough-rye (sourdough rye bread), sourdough-wheat" in str(refused.value)


@pytest.fixture(scope="module")
def remote(release: Release, project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Names]:
    """The names that a remote engine tells."""
    with oxigraph(tmp_path_factory.mktemp("oxigraph")) as peer:
        load(peer, release)
        engine = peer.engine(project)
        yield Names.of_engine(engine, project, timeout=30)
        engine.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", WAYS.values(), ids=WAYS.keys())
def test_a_remote_engine_tells_the_same_names(remote: Names, name: str) -> None:
    """Names are asked for in SPARQL 1.1, so any engine will do."""
    assert remote.find(replace(ENTITY, many=True), name).value == MSC


@pytest.mark.slow
@pytest.mark.parametrize(("parameter", "text", "message"), UNKNOWN.values(), ids=UNKNOWN.keys())
def test_a_remote_engine_refuses_the_same_names(remote: Names, parameter: Parameter, text: str, message: str) -> None:
    """With the same hints."""
    with pytest.raises(BadParameter) as refused:
        remote.find(parameter, text)

    assert message in str(refused.value)
