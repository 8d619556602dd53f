"""`lungkg check shapes`: what it prints, its formats, its exit codes, and what it says to wrong input."""

import csv
import io
import json
from pathlib import Path

import pytest

from lungkg.release import Release
from tests.commands import lungkg
from tests.shapes_at_hand import PREFIXES, ROOT, shape

FLOUR = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<https://example.org/bakery/id/entity/flour> a <https://example.org/bakery/ont#Ingredient> ; rdfs:label "flour"@en ;
    skos:prefLabel "flour"@en ; skos:definition "Ground grain."@en ; skos:exactMatch ex:flour .
ex:flour a ont:ExternalTerm ; rdfs:label "flour"@en ; skos:notation "EX:1" .
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with shapes that pass, shapes that do not, older shapes, data and examples."""
    texts = {
        "good.ttl": shape("sh:maxCount 1"),
        "more.ttl": shape("sh:maxCount 1 ; sh:nodeKind sh:IRI"),
        "bad.ttl": shape("sh:mincount 1"),
        "warned.ttl": shape("sh:maxCount 1").replace('sh:message "mend it" ; sh:name "p"', 'sh:name "p"'),
        "older.ttl": shape("sh:maxCount 2"),
        "data.ttl": "ex:a a ont:Claim ; ont:statedIn ex:one , ex:two .",
        "examples/S/pass-one.ttl": "ex:a a ont:Claim ; ont:statedIn ex:one .",
        "examples/S/fail-maxCount-P.ttl": "ex:b a ont:Claim ; ont:statedIn ex:one , ex:two .",
    }
    (tmp_path / "examples" / "S").mkdir(parents=True)
    for name, text in texts.items():
        expectation = "# expect: sh:MaxCountConstraintComponent ex:P ex:b\n" if "fail-" in name else ""
        (tmp_path / name).write_text(expectation + PREFIXES + text, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(["--shapes", "good.ttl", "--only", "lint"], 0, id="no-fault"),
        pytest.param(["--shapes", "bad.ttl", "--only", "lint"], 1, id="a-violation"),
        pytest.param(["--shapes", "warned.ttl", "--only", "lint"], 0, id="a-warning"),
        pytest.param(["--shapes", "warned.ttl", "--only", "lint", "--strict"], 1, id="a-warning-that-counts"),
        pytest.param(["--shapes", "good.ttl", "--only", "examples", "--examples", "examples"], 0, id="examples"),
        pytest.param(["--shapes", "older.ttl", "--only", "examples", "--examples", "examples"], 1, id="example-that-does-not-fail"),
        pytest.param(["--shapes", "more.ttl", "--only", "mutation", "--examples", "examples", "--floor", "20"], 0, id="above-the-floor"),
        pytest.param(["--shapes", "more.ttl", "--only", "mutation", "--examples", "examples", "--floor", "95"], 1, id="below-the-floor"),
        pytest.param(["--shapes", "good.ttl", "--only", "coverage", "--data", "data.ttl"], 0, id="coverage"),
        pytest.param(["--shapes", "good.ttl", "--against", "older.ttl"], 0, id="difference"),
        pytest.param(["--shapes", "good.ttl", "--against", "older.ttl", "--impact", "data.ttl"], 1, id="something-newly-rejected"),
        pytest.param(["--shapes", "older.ttl", "--against", "good.ttl", "--impact", "data.ttl"], 0, id="something-newly-accepted"),
        pytest.param(["--shapes", "nowhere.ttl"], 2, id="no-such-file"),
        pytest.param(["--shapes", "data.ttl"], 2, id="no-shape"),
        pytest.param(["--shapes", "good.ttl", "--only", "examples", "--examples", "nowhere"], 2, id="no-such-examples"),
        pytest.param(["--shapes", "good.ttl", "--only", "coverage", "--data", "nowhere.ttl"], 2, id="no-such-data"),
        pytest.param(["--impact", "data.ttl"], 2, id="impact-of-what"),
        pytest.param(["--shapes", "good.ttl", "--against", "older.ttl", "--format", "csv"], 2, id="no-format-of-changes"),
        pytest.param(["--only", "everything"], 2, id="no-such-part"),
        pytest.param(["--floor", "200"], 2, id="no-percentage"),
    ],
)  # fmt: skip
def test_the_exit_code_says_how_it_went(
    words: list[str], code: int, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """0 ok, 1 the shapes do not hold up or a change rejects something, 2 wrong input."""
    monkeypatch.chdir(files)

    run = lungkg("check", "shapes", *words)

    assert (run.returncode, b"Traceback" in run.stderr) == (code, False)
    assert bool(run.stdout) == (code != 2)
    assert bool(run.stderr) == (code == 2)


def test_what_is_wrong_is_told_with_its_place(files: Path) -> None:
    """File, line and column, how bad, a sentence, and the rule."""
    run = lungkg("check", "shapes", "--shapes", files / "bad.ttl", "--only", "lint")

    sentence = "ex:P: sh:mincount is not a term of SHACL; it would check nothing; did you mean sh:minCount?"
    assert f"Violation: {sentence} [unknown-shacl-term]" in run.stdout.decode()
    assert f"{files}/bad.ttl:" in run.stdout.decode()


def test_the_table_shows_each_constraint_with_its_numbers(files: Path) -> None:
    """Targets, values, violations, passing and failing examples."""
    words: list[str | Path] = [
        "--shapes",
        files / "good.ttl",
        "--data",
        files / "data.ttl",
        "--examples",
        files / "examples",
    ]

    run = lungkg("check", "shapes", *words, "--only", "examples", "--only", "coverage", "--format", "csv")

    (row,) = csv.DictReader(io.StringIO(run.stdout.decode()))
    assert (row["shape"], row["constraint"]) == ("ex:P", "sh:maxCount 1")
    assert [row[name] for name in ("targets", "values", "violations", "passing", "failing")] == [
        "1",
        "2",
        "1",
        "1",
        "1",
    ]


def test_json_has_the_survivors(files: Path) -> None:
    """For programs: score, operators, and every mistake that no example notices."""
    words: list[str | Path] = [
        "--shapes",
        files / "more.ttl",
        "--examples",
        files / "examples",
        "--only",
        "mutation",
        "--floor",
        "0",
    ]

    made = json.loads(lungkg("check", "shapes", *words, "--format", "json").stdout)["mutation"]

    assert 0 < made["score"] < 100
    assert made["operators"]["drop constraint"] == {"noticed": 1, "tried": 2}
    assert {"shape": "ex:P", "mistake": "drop constraint", "change": "without sh:nodeKind sh:IRI"} in made["survivors"]


def test_changes_are_told_with_what_they_reject(files: Path) -> None:
    """What changed in words, then how many things it rejects, and the first of them."""
    words: list[str | Path] = [
        "--shapes",
        files / "good.ttl",
        "--against",
        files / "older.ttl",
        "--impact",
        files / "data.ttl",
    ]

    told = lungkg("check", "shapes", *words).stdout.decode()

    assert "ex:P: it demands at most one value instead of at most two values (of ont:statedIn)" in told
    assert "1 newly rejected:" in told
    assert "<http://example.org/a>: mend it (http://example.org/P)" in told
    assert "0 newly accepted" in told


@pytest.mark.parametrize("form", ["text", "markdown", "json", "csv"])
def test_every_format_has_the_review(form: str, files: Path) -> None:
    """The finding is in each of them, but in the table of constraints."""
    run = lungkg("check", "shapes", "--shapes", files / "bad.ttl", "--only", "lint", "--format", form)

    assert (b"did you mean sh:minCount?" in run.stdout) == (form != "csv")


@pytest.mark.slow
def test_a_release_is_taken_by_its_folder(release: Release) -> None:
    """Without building anything."""
    words: list[str | Path] = ["--project", ROOT, "--data", release.path, "--only", "coverage", "--format", "json"]

    made = json.loads(lungkg("check", "shapes", *words).stdout)

    assert made["coverage"]["data"] == f"release {release.id[:12]}"
    assert made["coverage"]["targets"]["shapes:ClaimShape"] == 44


def test_another_project_answers_for_its_own_shapes_only(tmp_path: Path) -> None:
    """The core shapes have their examples here; of its own shapes it is told which lack one."""
    folder = tmp_path / "IngredientShape"
    folder.mkdir()
    (folder / "pass-matched.ttl").write_text(PREFIXES + FLOUR, "utf-8")
    words: list[str | Path] = ["--project", ROOT / "tests" / "other_project", "--only", "examples"]

    run = lungkg("check", "shapes", *words, "--examples", tmp_path, "--format", "json")

    found = json.loads(run.stdout)["findings"]
    (missing,) = [one for one in found if one["rule"].startswith(("constraint-without", "shape-without"))]
    assert run.returncode == 1
    assert missing["rule"] == "constraint-without-failing-example"
    assert missing["about"] == "<https://example.org/bakery/shapes#Ingredient-match>"
    assert missing["place"].endswith("tests/other_project/shapes/ingredient.ttl:17:1")


def test_a_project_without_examples_is_told_so() -> None:
    """The other parts of the review are done all the same."""
    bakery = ROOT / "tests" / "other_project"

    run = lungkg("check", "shapes", "--project", bakery, "--only", "lint", "--only", "examples")

    assert run.returncode == 0
    assert "no examples: make a folder tests/examples in the project" in run.told


@pytest.mark.slow
def test_shapes_that_spoil_every_build_are_reviewed_all_the_same(copied: Path, tmp_path: Path) -> None:
    """There is no release to count in, and the reason is told; so is what is wrong with the shapes."""
    path = copied / "shapes" / "disease.ttl"
    path.write_text(path.read_text("utf-8").replace("sh:minCount", "sh:mincount"), "utf-8")

    run = lungkg("check", "shapes", "--project", copied, "--out", tmp_path / "out")

    assert run.returncode == 1
    assert "there is no release to count in" in run.told
    assert "did you mean sh:minCount?" in run.stdout.decode()


@pytest.mark.slow
def test_a_folder_of_releases_stands_for_its_current_one(release: Release) -> None:
    """What lungkg build --out was given can be given here."""
    words: list[str | Path] = ["--data", release.path.parents[1], "--only", "coverage", "--format", "json"]

    run = lungkg("check", "shapes", *words)

    assert json.loads(run.stdout)["coverage"]["data"] == f"release {release.id[:12]}"


NEST = "sh:not [ " * 3000 + "sh:nodeKind sh:IRI" + " ]" * 3000


@pytest.mark.filterwarnings("ignore")  # pySHACL warns of shapes that lead back to themselves
@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["--only", "lint"], id="lint"),
        pytest.param(["--only", "coverage", "--data", "data.ttl"], id="coverage"),
        pytest.param(["--only", "examples", "--only", "mutation", "--examples", "examples"], id="examples"),
        pytest.param(["--against", "odd.ttl", "--impact", "data.ttl"], id="difference"),
    ],
)
@pytest.mark.parametrize(
    "odd",
    [
        pytest.param("sh:in _:l . _:l rdf:first 1 ; rdf:rest _:l .", id="endless-list"),
        pytest.param("sh:in _:l . _:l rdf:first 1 .", id="list-without-an-end"),
        pytest.param("sh:property ex:P . ex:P sh:path _:p ; sh:minCount 1 . _:p sh:inversePath _:p .", id="endless-path"),
        pytest.param("sh:property ex:P . ex:P sh:path 'x' ; sh:minCount 1 .", id="path-in-quotes"),
        pytest.param("sh:property ex:P . ex:P sh:path ex:a , ex:b ; sh:minCount 1 .", id="two-paths"),
        pytest.param("sh:node _:a . _:a sh:node _:b . _:b sh:node _:a ; sh:nodeKind sh:IRI .", id="blank-shapes-in-a-circle"),
        pytest.param("sh:node ex:S ; sh:property ex:S .", id="shape-of-itself"),
        pytest.param("sh:property 'x' ; sh:node 1 ; sh:sparql 'y' .", id="literals-for-shapes"),
        pytest.param("sh:pattern '(' ; sh:in ( 'a' ) .", id="pattern-that-is-none"),
        pytest.param("sh:property ex:P . ex:P sh:path ex:a ; sh:minCount 'x'^^xsd:integer ; sh:maxCount 1.5 .", id="counts-that-are-none"),
        pytest.param("sh:in ( 'x'^^xsd:integer ) ; sh:minInclusive 'y'^^xsd:dateTime ; sh:maxInclusive 1 .", id="ill-typed"),
        pytest.param("sh:sparql [ sh:select 'SELECT $this' ] .", id="query-without-a-group"),
        pytest.param("sh:or ex:T ; sh:and 'x' ; sh:languageIn 1 ; sh:closed true ; sh:ignoredProperties ex:p .", id="no-lists"),
        pytest.param(f"{NEST} .", id="too-deep"),
    ],
)  # fmt: skip
def test_odd_shapes_are_told_and_never_a_crash(
    odd: str, words: list[str], files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever stands in the file, the command ends with a finding or a sentence."""
    monkeypatch.chdir(files)
    Path("odd.ttl").write_text(f"{PREFIXES} ex:S a sh:NodeShape ; sh:targetClass ont:Claim ; {odd}", "utf-8")

    run = lungkg("check", "shapes", "--shapes", "odd.ttl", *words)

    assert run.returncode in (0, 1, 2)
    assert run.stdout or run.stderr.startswith(b"error: ")
