"""Canned queries: their headers, their parameters, and their golden answers over the real project."""

import csv
import io
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from lungkg import lexer
from lungkg.engines import Engine, choose_format
from lungkg.errors import BadParameter, InputError
from lungkg.formats import RESULTS
from lungkg.project import Project, load_project
from lungkg.queries import CannedQuery, Parameter, load_catalogue
from lungkg.release import Release
from lungkg.validation.terms import Converter

ROOT = Path(__file__).parents[1]
GOLDEN = Path(__file__).parent / "golden" / "queries"
CATALOGUE = load_catalogue(load_project(ROOT))
TEXT = Parameter("text", "literal", required=True, of="", help="h", example="e")
CSV = choose_format("SELECT", name="csv")


def examples(query: CannedQuery) -> dict[str, str]:
    """Give the example value of every parameter."""
    return {name: parameter.example for name, parameter in query.parameters.items()}


def rows(content: str) -> Counter[tuple[str, ...]]:
    """Read a CSV answer as a multiset of rows, the header among them."""
    return Counter(tuple(row) for row in csv.reader(io.StringIO(content)))


def test_the_first_ten_questions_and_more_are_there() -> None:
    """The catalogue holds at least ten queries, the four that were asked for among them."""
    assert len(CATALOGUE) >= 10
    assert {"what-does", "what-affects", "evidence-for", "promotes-in"} <= set(CATALOGUE)


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_example_of_a_query_has_its_golden_answer(
    name: str, engine: Engine, project: Project, request: pytest.FixtureRequest
) -> None:
    """With its example values, each query gives exactly the rows on record, and at least one."""
    query = CATALOGUE[name]
    answer = query.answer(engine, examples(query), project, CSV, timeout=30).content.decode()
    path = GOLDEN / f"{name}.csv"
    if request.config.getoption("--write-golden"):
        path.write_text(answer.replace("\r\n", "\n"), "utf-8")

    assert rows(answer) == rows(path.read_text("utf-8"))
    assert len(answer.splitlines()) > 1


def test_every_golden_answer_belongs_to_a_query() -> None:
    """No golden file is left over."""
    assert {path.stem for path in GOLDEN.iterdir()} == set(CATALOGUE)


@pytest.mark.slow
@pytest.mark.parametrize("name", CATALOGUE)
def test_rdflib_gives_the_same_answer(name: str, engine: Engine, project: Project, union: rdflib.Graph) -> None:
    """A second, independent engine agrees on the number of rows and the values in them."""
    query = CATALOGUE[name]
    values = examples(query)
    answer = query.answer(engine, values, project, CSV, timeout=30).content.decode()

    found = union.query(query.bind(values, project))

    ours = Counter(tuple(row) for row in csv.reader(io.StringIO(answer)))
    theirs = Counter([tuple(str(name) for name in found.vars or ())])
    theirs.update(tuple("" if term is None else str(term) for term in row) for row in found)  # type: ignore[union-attr]
    assert theirs == ours


@pytest.fixture(scope="module")
def union(release: Release) -> rdflib.Graph:
    """All graphs of the release in one rdflib graph."""
    store = ox.Store.read_only(str(release.store))
    return Converter().graph(quad.triple for quad in store.quads_for_pattern(None, None, None, None))


def test_the_mission_is_answered_with_what_it_rests_on(engine: Engine, project: Project) -> None:
    """MSCs promote tissue regeneration in IPF: extrapolated from the claim at 1723-1837, citing 8 and 14."""
    values = {"entity": "mesenchymal-stem-cell", "context": "idiopathic-pulmonary-fibrosis"}

    answer = CATALOGUE["promotes-in"].answer(engine, values, project, CSV, timeout=30)

    found = [
        (
            row["standing"],
            row["statedFor"],
            row["start"],
            row["end"],
            row["citations"],
            row["derivedFrom"],
            row["assumption"],
        )
        for row in csv.DictReader(io.StringIO(answer.content.decode()))
        if row["promoted"] == "tissue regeneration"
    ]
    claim = f"{project.base}id/claim/000_a5af86fa0d89168c-C39"
    assumption = f"{project.base}id/assumption/ipf-lungs-are-chronically-diseased"
    assert found == [
        ("extrapolated", "chronically diseased lung", "1723", "1837", "8, 14", claim, assumption),
        ("stated for a wider context", "chronically diseased lung", "1723", "1837", "8, 14", "", ""),
    ]


def test_in_its_own_context_the_claim_is_stated(engine: Engine, project: Project) -> None:
    """Asked for chronically diseased lungs, the same claim is stated, and nothing is extrapolated."""
    values = {"entity": "mesenchymal-stem-cell", "context": "chronically-diseased-lung"}

    answer = CATALOGUE["promotes-in"].answer(engine, values, project, CSV, timeout=30)

    found = [(row["promoted"], row["standing"]) for row in csv.DictReader(io.StringIO(answer.content.decode()))]
    assert found == [("repair", "stated"), ("tissue regeneration", "stated")]


# Parameters


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("mesenchymal-stem-cell", id="name"),
        pytest.param("entity:mesenchymal-stem-cell", id="curie"),
        pytest.param("https://w3id.org/lungkg/id/entity/mesenchymal-stem-cell", id="iri"),
    ],
)
def test_an_entity_may_be_named_in_three_ways(engine: Engine, project: Project, value: str) -> None:
    """Local name, CURIE and IRI give the same answer."""
    query = CATALOGUE["what-does"]

    answer = query.answer(engine, {"entity": value}, project, CSV, timeout=30)

    assert rows(answer.content.decode()) == rows((GOLDEN / "what-does.csv").read_text("utf-8"))


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        pytest.param("what-does", {}, "parameter entity: is missing; for example mesenchymal-stem-cell", id="missing"),
        pytest.param(
            "what-does",
            {"entity": "x", "colour": "red"},
            "parameter colour: is unknown; what-does has entity",
            id="unknown",
        ),
        pytest.param(
            "supported-by-reference",
            {"number": "eight"},
            "must be an integer, not 'eight'; for example 8",
            id="no-integer",
        ),
        pytest.param("supported-by-reference", {"number": "9" * 5000}, "must be an integer", id="integer-without-end"),
        pytest.param("what-does", {"entity": "a b"}, "is no IRI, CURIE or name", id="blank"),
        pytest.param("what-does", {"entity": "x> ?p ?o } #"}, "is no IRI, CURIE or name", id="injection"),
        pytest.param(
            "what-does", {"entity": "mesenchymal-stem-cel"}, "Did you mean mesenchymal-stem-cell", id="misspelt"
        ),
        pytest.param("evidence-for", {"claim": "C39"}, "no claim 'C39'", id="unknown-claim"),
    ],
)
def test_a_wrong_value_is_refused_with_a_hint(
    engine: Engine, project: Project, name: str, values: dict[str, str], message: str
) -> None:
    """A missing, unknown, ill-typed or misspelt value says which parameter, what is wrong, and an example."""
    with pytest.raises(BadParameter) as caught:
        CATALOGUE[name].answer(engine, values, project, CSV, timeout=30)

    assert message in str(caught.value)


@pytest.mark.parametrize(
    "value", ['quote " inside', "back\\slash", "new\nline", "} UNION {", "# no comment", "日本 👩‍🔬", "'''"]
)
def test_a_literal_stays_one_literal(project: Project, tmp_path: Path, value: str) -> None:
    """Whatever its characters, a text becomes one string token, and nothing else in the query changes."""
    query = CannedQuery(
        "x", "s", "d", (), {"text": TEXT}, "SELECT * { ?s ?p ?_text . ?s ?q '?_text' } # ?_text", tmp_path
    )

    bound = query.bind({"text": value}, project)

    before, after = list(lexer.tokens(query.text)), list(lexer.tokens(bound))
    assert len(after) == len(before)
    assert [new.text for old, new in zip(before, after, strict=True) if old.text != "?_text"] == [
        old.text for old in before if old.text != "?_text"
    ]
    assert str(rdflib.util.from_n3(after[5].text)) == value


# Headers

GOOD = "#+ summary: S\n#+ description: D\n"
ABOUT = "#+ parameters:\n#+   x: {of: entity, help: h, example: lung}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("SELECT * {}", "there is no #+ header", id="no-header"),
        pytest.param("#+ summary: S\nSELECT * {}", "lacks a description", id="no-description"),
        pytest.param("#+ summary: [\nSELECT * {}", "the #+ header is not YAML", id="broken-yaml"),
        pytest.param(
            GOOD + "#+ colour: red\nSELECT * {}", "q.rq:3: the #+ header has an unknown key 'colour'", id="unknown-key"
        ),
        pytest.param(GOOD + "SELECT * {", "q.rq:3", id="broken-query"),
        pytest.param(GOOD + "#+ tags: 5\nASK {}", "tags in the #+ header must be a list", id="tags-no-list"),
        pytest.param(GOOD + "#+ parameters: [a]\nASK {}", "must be a mapping of names", id="parameters-no-mapping"),
        pytest.param(GOOD + "#+ parameters: {x: a}\nASK {}", "must be a mapping of names", id="parameter-no-mapping"),
        pytest.param(GOOD + "INSERT DATA {}", "updates are refused", id="update"),
        pytest.param(GOOD + "ASK { SERVICE <a:b> {} }", "SERVICE is refused", id="service"),
        pytest.param(GOOD + "ASK { ?s ?p ?_x_iri }", "says no help or example for the parameter x", id="undescribed"),
        pytest.param(GOOD + ABOUT + "ASK { ?s ?p ?o }", "describes x, which the query does not use", id="unused"),
        pytest.param(
            GOOD + "ASK {\n ?s ?p ?_start_date }", "q.rq:4: ?_start_date is no parameter name", id="wrong-name"
        ),
        pytest.param(
            GOOD + ABOUT.replace("entity", "planet") + "ASK { ?s ?p ?_x_iri }", "does not fit", id="unknown-type"
        ),
    ],
)
def test_a_header_that_does_not_fit_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    """Nothing in a header vanishes silently."""
    (tmp_path / "data").mkdir()
    (tmp_path / "queries").mkdir()
    (tmp_path / "data" / "project.yaml").write_text((ROOT / "data" / "project.yaml").read_text("utf-8"), "utf-8")
    (tmp_path / "queries" / "q.rq").write_text(text, "utf-8")

    with pytest.raises(InputError) as caught:
        load_catalogue(load_project(tmp_path))

    assert message in str(caught.value)


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_canned_query_runs_as_it_is(name: str, engine: Engine) -> None:
    """Parameters are ordinary variables, so any engine can run the file unchanged."""
    text = CATALOGUE[name].text

    answer = engine.query(text, RESULTS[0], timeout=30)

    assert answer.content.startswith(b'{"head"')
