"""The catalogue: each question has its golden answer over the real project, and says what its readers are owed.

How a file is read, bound and paged, and how a thing is named, is tested with those modules.
"""

import csv
import io
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest
import rdflib

from lungkg.build import build
from lungkg.engines import Engine, LocalEngine, choose_format
from lungkg.formats import Format
from lungkg.limits import ONE_QUERY
from lungkg.project import Project, load_project
from lungkg.queries import CannedQuery, Given, load_catalogue
from lungkg.queries.names import Names
from lungkg.release import Release
from lungkg.validation.terms import Converter

ROOT: Final = Path(__file__).parents[1]
GOLDEN: Final = Path(__file__).parent / "golden" / "queries"
DISAGREEMENT: Final = Path(__file__).parent / "fixtures" / "disagreement"
CATALOGUE: Final = load_catalogue(load_project(ROOT))
DOCUMENT: Final = "000_a5af86fa0d89168c"
PATIENCE: Final = 30.0  # seconds

Row = dict[str, str]
Parts = Counter[tuple[str, ...]]


def written_as(query: CannedQuery) -> Format:
    """Choose what the golden answer of a query is written in: CSV, or N-Triples for a graph."""
    return choose_format(query.form, name="csv" if query.form in ("SELECT", "ASK") else "ntriples")


def golden(query: CannedQuery) -> Path:
    """Give the file of the golden answer."""
    return GOLDEN / f"{query.name}.{written_as(query).suffix}"


def ask(engine: Engine, project: Project, name: str, given: Given) -> str:
    """Ask one of the canned queries."""
    query = CATALOGUE[name]
    return query.answer(engine, given, project, written_as(query), timeout=PATIENCE).content.decode()


def rows_of(engine: Engine, project: Project, name: str, **given: str | list[str]) -> list[Row]:
    """Ask for rows, by column; what is unbound is an empty text."""
    return list(csv.DictReader(io.StringIO(ask(engine, project, name, given))))


def column(rows: list[Row], *names: str) -> list[tuple[str, ...]]:
    """Take some columns of rows."""
    return [tuple(row[name] for name in names) for row in rows]


def parts(query: CannedQuery, content: str) -> Parts:
    """Take an answer apart into what it is compared by: rows with the header, or triples."""
    if query.form in ("SELECT", "ASK"):
        return Counter(tuple(row) for row in csv.reader(io.StringIO(content)))
    triples = ox.parse(content.encode(), format=ox.RdfFormat.N_TRIPLES)
    return Counter((str(quad.subject), str(quad.predicate), str(quad.object)) for quad in triples)


# What there is

ASKED_FOR: Final = {
    "abbreviations", "ambiguous-readings", "assumptions", "chains-between", "claims-by-certainty", "claims-in-context",
    "contradictions", "counts-by-certainty", "counts-by-kind", "counts-by-relation", "diseases-and-populations",
    "entities-without-exact-match", "entity-of-identifier", "evidence-for", "identifiers-of", "inferred-claims",
    "interventions-and-outcomes", "mechanisms-of", "neighbourhood-of", "promotes-in", "references-of", "sentences-of",
    "supported-by-reference", "uncited-claims", "vocabulary-in-use", "what-affects", "what-does",
    "what-promotes-or-reduces", "what-reaches-what", "who-secretes-what",
}  # fmt: skip


def test_the_questions_that_were_asked_for_are_there() -> None:
    """The catalogue has every question that its users named."""
    assert set(CATALOGUE) >= ASKED_FOR


@pytest.mark.parametrize("query", CATALOGUE.values(), ids=CATALOGUE)
def test_a_query_says_what_its_readers_are_owed(query: CannedQuery) -> None:
    """Who asks, tags, what is expected, a label for each parameter; rows have a key, and so pages."""
    owed = {
        "for": query.audience,
        "tags": query.tags,
        "expect": query.expect,
        "types of all columns": query.expect is not None and set(query.expect.columns) == set(query.columns),
        "a row that must be there": query.expect is not None and (query.expect.contains or query.expect.because),
    }
    if query.form != "SELECT":
        del owed["types of all columns"], owed["a row that must be there"]
    else:
        owed["key"] = query.key
        owed["claims, as there is a column claim"] = query.claims or "claim" not in query.columns
    owed |= {f"a label of {name}": parameter.label != name for name, parameter in query.parameters.items()}

    assert [what for what, said in owed.items() if not said] == []


# What they answer


@pytest.mark.parametrize("query", CATALOGUE.values(), ids=CATALOGUE)
def test_the_example_of_a_query_has_its_golden_answer(
    query: CannedQuery, engine: Engine, project: Project, request: pytest.FixtureRequest
) -> None:
    """With its example values, each query gives exactly the rows, the truth or the triples on record."""
    answer = ask(engine, project, query.name, query.examples)
    if request.config.getoption("--write-golden"):
        text = answer.replace("\r\n", "\n")
        graph = query.form in ("CONSTRUCT", "DESCRIBE")
        golden(query).write_text("".join(sorted(text.splitlines(keepends=True))) if graph else text, "utf-8")

    assert parts(query, answer) == parts(query, golden(query).read_text("utf-8"))


def test_every_golden_answer_belongs_to_a_query() -> None:
    """No golden file is left over."""
    assert {path.name for path in GOLDEN.iterdir()} == {golden(query).name for query in CATALOGUE.values()}


@pytest.fixture(scope="module")
def union(release: Release) -> rdflib.Graph:
    """All graphs of the release in one rdflib graph."""
    store = ox.Store.read_only(str(release.store))
    return Converter().graph(quad.triple for quad in store.quads_for_pattern(None, None, None, None))


@pytest.mark.slow
@pytest.mark.parametrize("query", CATALOGUE.values(), ids=CATALOGUE)
def test_rdflib_gives_the_same_answer(
    query: CannedQuery, engine: Engine, project: Project, union: rdflib.Graph
) -> None:
    """A second, independent engine agrees on the golden answer."""
    names = Names.of_engine(engine, project, timeout=PATIENCE)

    found = union.query(query.bind(query.examples, project, names))

    assert by_rdflib(found) == parts(query, golden(query).read_text("utf-8"))


def by_rdflib(found: rdflib.query.Result) -> Parts:
    """Take an answer of rdflib apart in the same way."""
    if found.type == "ASK":
        return Counter([(str(found.askAnswer).lower(),)])
    if found.graph is not None:
        return Counter((s.n3(), p.n3(), o.n3()) for s, p, o in found.graph)
    heads = [tuple(str(name) for name in found.vars or ())]
    rows = [tuple("" if term is None else str(term) for term in row) for row in found]  # type: ignore[union-attr]
    return Counter(heads + rows)


@pytest.mark.parametrize("query", CATALOGUE.values(), ids=CATALOGUE)
def test_a_query_runs_as_it_is(query: CannedQuery, engine: Engine) -> None:
    """Parameters are ordinary variables, so any engine can run the file unchanged."""
    answer = engine.query(query.text, written_as(query), timeout=PATIENCE)

    assert answer.format == written_as(query)


VALUES: Final = [
    pytest.param(query, name, value, id=f"{query.name}-{name}-{value}")
    for query in CATALOGUE.values()
    for name, parameter in query.parameters.items()
    for value in dict.fromkeys((*parameter.example, *parameter.default, *(c.value for c in parameter.choices)))
]


@pytest.mark.parametrize(("query", "name", "value"), VALUES)
def test_every_example_and_every_choice_can_be_asked(
    query: CannedQuery, name: str, value: str, engine: Engine, project: Project
) -> None:
    """Each example, default and choice of a parameter is answered, the optional ones too."""
    answer = ask(engine, project, query.name, {**query.examples, name: value})

    assert answer.splitlines()[0] == (",".join(query.columns) or answer.splitlines()[0])


# What they must not get wrong


def test_the_mission_is_answered_with_what_it_rests_on(engine: Engine, project: Project) -> None:
    """MSCs promote tissue regeneration in IPF: extrapolated from the claim at 1723-1837, citing 8 and 14."""
    rows = rows_of(engine, project, "promotes-in", entity="MSC", context="IPF")

    regeneration = [row for row in rows if row["promoted"] == "tissue regeneration"]
    said = ("chronically diseased lung", "1723", "1837", "8, 14")
    stated = f"{project.base}id/claim/{DOCUMENT}-C39"
    inferred = f"{project.base}id/inferred/{DOCUMENT}-C39-in-idiopathic-pulmonary-fibrosis"
    assumption = f"{project.base}id/assumption/ipf-lungs-are-chronically-diseased"
    names = ("standing", "statedFor", "start", "end", "citations", "claim", "derivedFrom", "assumption")
    assert column(regeneration, *names) == [
        ("extrapolated", *said, inferred, stated, assumption),
        ("stated for a wider context", *said, stated, "", ""),
    ]


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        pytest.param("chronically diseased lung", "stated", id="its-own"),
        pytest.param("lung", "stated for a narrower context", id="wider"),
    ],
)
def test_a_claim_answers_its_own_and_wider_contexts(
    engine: Engine, project: Project, context: str, expected: str
) -> None:
    """Asked for chronically diseased lungs, or for lungs, nothing is extrapolated."""
    rows = rows_of(engine, project, "promotes-in", entity="MSC", context=context)

    assert column(rows, "promoted", "standing") == [("repair", expected), ("tissue regeneration", expected)]


@pytest.mark.parametrize(
    ("context", "extrapolated", "expected"),
    [
        pytest.param("lung", "true", {"stated": 2, "stated for a narrower context": 7}, id="narrower"),
        pytest.param("chronically-diseased-lung", "true", {"stated": 7}, id="stated"),
        pytest.param("IPF", "true", {"extrapolated": 7}, id="extrapolated"),
        pytest.param("IPF", "false", {}, id="nothing-stated"),
        pytest.param("patient", "true", {"stated": 1, "stated for a narrower context": 10}, id="populations"),
        pytest.param("intravenous-administration", "true", {"stated": 1}, id="route"),
    ],
)
def test_a_context_tells_what_is_stated_from_what_is_not(
    engine: Engine, project: Project, context: str, extrapolated: str, expected: dict[str, int]
) -> None:
    """The document claims nothing of IPF beyond its naming: all that is claimed in it is extrapolated."""
    rows = rows_of(engine, project, "claims-in-context", context=context, extrapolated=extrapolated)

    assert Counter(row["standing"] for row in rows) == expected


def test_interfering_is_not_reducing(engine: Engine, project: Project) -> None:
    """MSCs interfere with inflammation: that has no direction, so nothing promotes or reduces it."""
    affecting = rows_of(engine, project, "what-affects", entity="inflammation")
    promoting = rows_of(engine, project, "what-promotes-or-reduces", entity="inflammation")

    assert column(affecting, "subject", "relation", "direction") == [
        ("mesenchymal stem cell", "interferes with", "not stated")
    ]
    assert promoting == []


def test_a_key_component_affects_nothing(engine: Engine, project: Project) -> None:
    """Inflammation is a key component of infectious pulmonary disease, which is no cause."""
    rows = rows_of(engine, project, "what-affects", entity="infectious-pulmonary-disease")

    assert rows == []


@pytest.mark.parametrize(
    ("least", "expected"),
    [
        pytest.param("ont:Asserted", 3, id="asserted"),
        pytest.param("ont:Speculative", 18, id="whatever-is-stated"),
        pytest.param("ont:Extrapolated", 24, id="everything"),
    ],
)
def test_unsure_claims_can_be_left_out(engine: Engine, project: Project, least: str, expected: int) -> None:
    """Asked for at least a degree of certainty, what is less sure has no row."""
    rows = rows_of(engine, project, "what-does", entity="MSC", atLeast=least)

    assert len(rows) == expected


def test_the_number_nine_is_missing(engine: Engine, project: Project) -> None:
    """The document cites 1 to 8 and 10 to 15, and no [9]."""
    rows = rows_of(engine, project, "references-of", document=DOCUMENT)

    assert [row["number"] for row in rows] == [str(number) for number in range(1, 16)]
    assert [row["number"] for row in rows if row["status"] == "missing"] == ["9"]


def test_a_chain_is_as_sure_as_its_weakest_step(engine: Engine, project: Project) -> None:
    """MSCs appear to promote repair, which potentially leads to a better quality of life."""
    rows = rows_of(engine, project, "chains-between", start="MSC", end="improvement-in-quality-of-life")

    assert column(rows, "step", "subject", "object", "certainty", "weakest") == [
        ("1", "mesenchymal stem cell", "repair", "tentative", "potential"),
        ("2", "repair", "improvement in quality of life", "potential", "potential"),
    ]


def test_a_chain_goes_over_three_claims_and_no_more(engine: Engine, project: Project) -> None:
    """Nothing in the document leads from a molecule to a disease; from MSCs to bacterial clearance, two claims do."""
    none = rows_of(engine, project, "chains-between", start="antimicrobial-protein", end="asthma")
    two = rows_of(engine, project, "chains-between", start="MSC", end="bacterial-clearance")

    assert none == []
    assert column(two, "length", "relation", "weakest") == [
        ("2", "secretes", "capability"),
        ("2", "stimulates", "capability"),
    ]


def test_several_values_answer_as_one_after_the_other(engine: Engine, project: Project) -> None:
    """A parameter that takes many gives the rows of each."""
    asthma = rows_of(engine, project, "identifiers-of", entity="asthma")
    fibrosis = rows_of(engine, project, "identifiers-of", entity="IPF")

    both = rows_of(engine, project, "identifiers-of", entity=["asthma", "IPF"])

    assert both == asthma + fibrosis
    assert asthma != []
    assert fibrosis != []


@pytest.mark.parametrize("entity", ["DOID:2841", "MESH:D001249", "http://purl.obolibrary.org/obo/MONDO_0004979"])
def test_an_identifier_leads_to_its_entity(engine: Engine, project: Project, entity: str) -> None:
    """As a CURIE or as an IRI, an identifier of another vocabulary finds what it is matched to."""
    rows = rows_of(engine, project, "entity-of-identifier", identifier=entity)

    assert column(rows, "match", "label") == [("exact", "asthma")]


@pytest.mark.parametrize(
    ("since", "expected"), [("2026-11-23", [DOCUMENT]), ("2026-11-24", [])], ids=["that-day", "the-day-after"]
)
def test_documents_are_listed_since_a_day(engine: Engine, project: Project, since: str, expected: list[str]) -> None:
    """A document counts from the day on which it was read."""
    rows = rows_of(engine, project, "documents", since=since)

    assert [row["document"] for row in rows] == expected


# What the real document has none of


@pytest.fixture(scope="module")
def disputed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Project]]:
    """The real project with an invented document beside the real one, which disagrees with it and with itself."""
    root, out = tmp_path_factory.mktemp("disputed"), tmp_path_factory.mktemp("out")
    for folder in ("ontology", "data", "shapes", "queries"):
        shutil.copytree(ROOT / folder, root / folder)
    shutil.copytree(DISAGREEMENT, root / "data" / "documents" / "disagreement")
    path = root / "queries" / "contradictions.rq"
    because = next(line for line in path.read_text("utf-8").splitlines(keepends=True) if "because:" in line)
    path.write_text(path.read_text("utf-8").replace("rows: 0", "rows: 2").replace(because, ""), "utf-8")
    project = load_project(root)
    made = build(project, out)
    assert made.release is not None, made.report.sorted()
    with LocalEngine(made.release.store, project.prefixes, ONE_QUERY) as engine:
        yield engine, project


@pytest.mark.slow
def test_claims_that_contradict_each_other_are_found(disputed: tuple[Engine, Project]) -> None:
    """Within the invented document, and between it and the real one, pair by pair."""
    rows = [row for one in ("MSC", "SCT") for row in rows_of(*disputed, "contradictions", entity=one)]

    opposed, denied = "one works for the object, the other against it", "one affirms what the other denies"
    local = [(row["claim"].rsplit("/", 1)[-1], row["otherClaim"].rsplit("/", 1)[-1]) for row in rows]
    patients = "patients with lung inflammatory processes"
    assert list(zip(local, column(rows, "how", "relation", "context", "otherRelation", "otherContext"), strict=True)) == [
        (("disagreement-C1", "disagreement-C2"), (opposed, "promotes", "lung", "reduces", "")),
        (("disagreement-C1", "disagreement-C3"), (denied, "promotes", "lung", "promotes", "COPD patients")),
        ((f"{DOCUMENT}-C13", "disagreement-C5"), (denied, "improves", patients, "improves", "")),
        (("disagreement-C4", "disagreement-C5"), (denied, "improves", "", "improves", "")),
    ]  # fmt: skip


@pytest.mark.slow
def test_claims_that_say_the_same_are_one_step(disputed: tuple[Engine, Project]) -> None:
    """The real document reports it, the invented one says that it may be: one step, as sure as the surer of the two."""
    rows = rows_of(*disputed, "chains-between", start="SCT", end="oxygen-saturation")

    assert [(row["claims"], row["certainty"], row["claim"].rsplit("/", 1)[-1]) for row in rows] == [
        ("2", "reported evidence", f"{DOCUMENT}-C13")
    ]
