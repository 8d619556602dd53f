"""Support: the claims behind the rows of an answer, with everything that says where they come from."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
import pytest

from lungkg.build import build
from lungkg.engines import Engine, LocalEngine
from lungkg.formats import RESULTS
from lungkg.limits import ONE_QUERY
from lungkg.namespaces import CITO, OA, ONT, PROV, RDF, RDFS
from lungkg.project import Project, load_project
from lungkg.queries import CannedQuery
from lungkg.queries.support import claims_of, rows_in, statements
from lungkg.release import Release
from tests.servers import load, oxigraph
from tests.storeengine import StoreEngine

ID: Final = "https://w3id.org/lungkg/id/"
GRAPH: Final = "https://w3id.org/lungkg/graph/"
DOCUMENT: Final = "000_a5af86fa0d89168c"
C39: Final = f"{ID}claim/{DOCUMENT}-C39"
BAKERY: Final = Path(__file__).parent / "other_project"

QUERY: Final = CannedQuery("x", "SELECT", "s", "q?", "d", "", Path("x.rq"), columns=("claim",), claims="claim")


def values(quads: set[ox.Quad], subject: str, predicate: str) -> set[str]:
    """The values of a property, as texts."""
    node, link = ox.NamedNode(subject), ox.NamedNode(predicate)
    return {str(quad.object).strip("<>") for quad in quads if quad.subject == node and quad.predicate == link}


def typed(quad: ox.Quad, kind: str) -> bool:
    """Say whether a statement makes something a thing of this kind."""
    return quad.predicate == ox.NamedNode(RDF + "type") and quad.object == ox.NamedNode(ONT + kind)


@pytest.fixture(scope="module", params=["local", pytest.param("remote", marks=pytest.mark.slow)])
def engine(
    request: pytest.FixtureRequest, release: Release, project: Project, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """Our engine and another one."""
    if request.param == "local":
        with LocalEngine(release.store, project.prefixes, ONE_QUERY) as local:
            yield local
        return
    with oxigraph(tmp_path_factory.mktemp("oxigraph")) as peer:
        load(peer, release)
        with peer.engine(project) as remote:
            yield remote


@pytest.fixture(scope="module")
def stated(engine: Engine) -> set[ox.Quad]:
    """What is said of a claim that a document states."""
    return set(statements(engine, [C39]))


def test_a_stated_claim_has_its_words(stated: set[ox.Quad]) -> None:
    """Quote and place of source, focus and hedges."""
    parts = (
        values(stated, C39, ONT + "source") | values(stated, C39, ONT + "focus") | values(stated, C39, ONT + "hedge")
    )
    selectors = {one for part in parts for one in values(stated, part, OA + "hasSelector")}

    assert {f"{C39}#source", f"{C39}#focus"} <= parts
    assert [len(values(stated, one, OA + "exact") | values(stated, one, OA + "start")) for one in selectors] == [
        1
    ] * len(selectors)
    assert values(stated, f"{C39}#position", OA + "start") == {'"1723"^^<http://www.w3.org/2001/XMLSchema#integer'}
    assert values(stated, f"{C39}#position", OA + "end") == {'"1837"^^<http://www.w3.org/2001/XMLSchema#integer'}


def test_a_stated_claim_has_its_sentence_and_its_document(stated: set[ox.Quad]) -> None:
    """The sentence with its words, the document without its text, which may be very long."""
    (sentence,) = values(stated, C39, ONT + "inSentence")
    (document,) = values(stated, C39, ONT + "statedIn")

    assert len(values(stated, f"{sentence}#quote", OA + "exact")) == 1
    assert len(values(stated, document, ONT + "sha256")) == 1
    assert values(stated, document, ONT + "text") == set()


def test_a_stated_claim_has_its_citations_and_its_curators(stated: set[ox.Quad]) -> None:
    """The numbers that the document cites, and who read the claim when."""
    cited = values(stated, C39, CITO + "citesAsEvidence")
    (activity,) = values(stated, C39, PROV + "wasGeneratedBy")
    (agent,) = values(stated, activity, PROV + "wasAssociatedWith")

    assert cited == {f"{ID}reference/{DOCUMENT}-8", f"{ID}reference/{DOCUMENT}-14"}
    assert all(values(stated, reference, ONT + "number") for reference in cited)
    assert len(values(stated, activity, PROV + "endedAtTime")) == 1
    assert len(values(stated, agent, RDFS + "label")) == 1


def test_an_inferred_claim_has_what_it_derives_from(engine: Engine) -> None:
    """The claim with all of its own, the assumption, and the rule."""
    found = engine.query(
        f"SELECT ?i {{ ?i a <{ONT}InferredClaim> ; <{PROV}wasDerivedFrom> <{C39}> }}", RESULTS[0], timeout=30
    )
    (inferred,) = [row["i"]["value"] for row in rows_in(found.content)]

    quads = set(statements(engine, [inferred]))

    premises = values(quads, inferred, PROV + "wasDerivedFrom")
    (rule,) = values(quads, inferred, PROV + "wasGeneratedBy")
    assert premises == {C39, f"{ID}assumption/ipf-lungs-are-chronically-diseased"}
    assert all(values(quads, premise, RDFS + "label") for premise in premises)
    assert values(quads, rule, RDF + "type") == {PROV + "Activity"}
    assert set(statements(engine, [C39])) <= quads


def test_each_statement_stands_in_its_graph(engine: Engine, release: Release) -> None:
    """Exactly as in the release: nothing is made up, and no graph is lost."""
    held = set(ox.Store.read_only(str(release.store)))
    claims = [
        str(subject).strip("<>")
        for kind in ("Claim", "InferredClaim")
        for subject in sorted({quad.subject for quad in held if typed(quad, kind)}, key=str)
    ]

    quads = set(statements(engine, claims))

    assert len(claims) == 51
    assert quads <= held
    assert {str(quad.graph_name).strip("<>") for quad in quads} == {
        f"{GRAPH}claims", f"{GRAPH}documents", f"{GRAPH}background", f"{GRAPH}inferred",
    }  # fmt: skip
    subjects = {quad.subject for quad in quads}
    text = ox.NamedNode(ONT + "text")
    assert {quad for quad in held if quad.subject in subjects and quad.predicate != text} == quads


def test_many_claims_are_asked_for_in_batches_and_each_statement_comes_once(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claims of one sentence share most of what is said; `asking` goes to the engine."""
    monkeypatch.setattr("lungkg.queries.support._AT_ONCE", 2)
    engine = StoreEngine(ox.Store.read_only(str(release.store)))
    claims = [f"{ID}claim/{DOCUMENT}-C{number:02}" for number in range(38, 45)]

    quads = list(statements(engine, claims, timeout=7, client="127.0.0.9"))

    assert len(quads) == len(set(quads))
    assert {claim for claim in claims if values(set(quads), claim, ONT + "source")} == set(claims)
    assert max(text.count("/id/") for text in engine.asked) == 2
    assert (set(engine.times), engine.clients) == ({7}, {"127.0.0.9"})


def test_no_claims_are_nothing(release: Release) -> None:
    """An answer without rows rests on nothing, and nobody is asked."""
    engine = StoreEngine(ox.Store.read_only(str(release.store)))

    assert (list(statements(engine, [])), engine.asked) == ([], [])


def test_another_project_has_the_same_statements(tmp_path: Path) -> None:
    """The bakery's claims come with all that is theirs."""
    made = build(load_project(BAKERY), tmp_path)
    assert made.release is not None
    engine = StoreEngine(ox.Store.read_only(str(made.release.store)))
    claim = "https://example.org/bakery/id/claim/leaflet-01-C1"

    quads = set(statements(engine, [claim]))

    assert values(quads, f"{claim}#hedge-1-quote", OA + "exact") == {'"may"'}
    assert {str(quad.graph_name).rsplit("/", 1)[-1] for quad in quads} == {"claims>", "documents>"}


ROWS: dict[str, tuple[list[dict[str, dict[str, Any]]], list[str]]] = {
    "none": ([], []),
    "one": ([{"claim": {"type": "uri", "value": "urn:a"}}], ["urn:a"]),
    "twice": ([{"claim": {"type": "uri", "value": one}} for one in ("urn:b", "urn:a", "urn:b")], ["urn:b", "urn:a"]),
    "unbound": ([{"other": {"type": "uri", "value": "urn:a"}}], []),
    "text": ([{"claim": {"type": "literal", "value": "urn:a"}}], []),
    "blank": ([{"claim": {"type": "bnode", "value": "a"}}], []),
}


@pytest.mark.parametrize(("rows", "expected"), ROWS.values(), ids=ROWS.keys())
def test_the_claims_of_rows_come_in_their_order(rows: list[dict[str, dict[str, Any]]], expected: list[str]) -> None:
    """Each once, and only what is an IRI."""
    assert expected == claims_of(QUERY, rows)
