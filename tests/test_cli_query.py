"""`lungkg query`: the list of canned queries, the help of each, what it prints, and what it says of wrong values."""

import csv
import io
import json
import re
import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest

from lungkg.engines import LocalEngine
from lungkg.project import load_project
from lungkg.release import Release
from tests.commands import Run, lungkg, on_terminal
from tests.listening import listening
from tests.questions import build_bakery, copy_bakery

ID = "https://example.org/bakery/id/"
CLAIM = f"{ID}claim/leaflet-01-"


@pytest.fixture(scope="module")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the bakery with queries of every kind, built."""
    root = copy_bakery(tmp_path_factory.mktemp("bakery"))
    build_bakery(root)
    return root


def query(project: Path, *words: str | Path) -> Run:
    """Run `lungkg query` on a project."""
    return lungkg("query", "--project", project, *words)


def rows(run: Run) -> list[dict[str, str]]:
    """Read CSV."""
    assert run.returncode == 0, run.told
    return list(csv.DictReader(io.StringIO(run.stdout.decode())))


# The list ----------------------------------------------------------------------------------------

LISTED = """\
bread
  Is anything claimed of a sort of bread?
      is-claimed --bread ENTITY

claims
  What is claimed of sorts of bread?
      bread-claims --bread ENTITY [--certainty CHOICE]

entities
  What is said of a thing?
      said-of --thing ENTITY

values
  What becomes of values?
      given-values --number INTEGER --day DATE --words TEXT [--sure BOOLEAN]
"""


def test_without_a_name_all_queries_are_listed(bakery: Path) -> None:
    """The question comes first, below it how to ask; they stand under their first tags."""
    run = query(bakery)

    assert (run.returncode, run.stdout.decode()) == (0, LISTED)
    assert "lungkg query NAME --help" in run.told


SEARCHES: dict[str, tuple[str, list[str]]] = {
    # words, expected names
    "name": ("is-claimed", ["is-claimed"]),
    "question": ("becomes", ["given-values"]),
    "example-question": ("brioche enriched", ["bread-claims"]),
    "tag": ("entities", ["said-of"]),
    "reader": ("bakers", ["bread-claims"]),
    "capitals": ("BREAD", ["bread-claims", "is-claimed"]),
    "every-word-counts": ("bread becomes", []),
    "description": ("inferred", ["bread-claims"]),
    "parameter": ("sorts of bread", ["bread-claims"]),
    "nothing": ("", ["bread-claims", "given-values", "is-claimed", "said-of"]),
}


@pytest.mark.parametrize(("words", "expected"), SEARCHES.values(), ids=SEARCHES.keys())
def test_search_finds_words_in_whatever_a_file_says(bakery: Path, words: str, expected: list[str]) -> None:
    """In any order and any case; each word has to be there."""
    run = query(bakery, "--search", words, "--json")

    assert [one["name"] for one in json.loads(run.stdout)["queries"]] == expected


def test_a_search_without_a_hit_says_so(bakery: Path) -> None:
    """Standard output stays empty, and it is no error."""
    run = query(bakery, "--search", "cheese")

    assert (run.returncode, run.stdout) == (0, b"")
    assert run.told == "none of the 4 canned queries says 'cheese'"


def test_the_list_as_json_says_what_the_files_say(bakery: Path) -> None:
    """Questions, tags, form, columns and parameters."""
    listed = {one["name"]: one for one in json.loads(query(bakery, "--json").stdout)["queries"]}

    assert {name: (one["form"], one["columns"]) for name, one in listed.items()} == {
        "bread-claims": ("SELECT", ["says", "certainty", "standing", "claim"]),
        "given-values": ("SELECT", ["number", "half", "day", "sure", "words", "thing", "nothing"]),
        "is-claimed": ("ASK", []),
        "said-of": ("CONSTRUCT", []),
    }
    claims = listed["bread-claims"]
    assert (claims["question"], claims["tags"], claims["for"]) == (
        "What is claimed of enriched bread and of brioche?", ["claims", "bread"], ["bakers"],
    )  # fmt: skip
    assert [(p["name"], p["type"], p["required"], p["many"], p["example"]) for p in claims["parameters"]] == [
        ("bread", "entity", True, True, ["enriched-bread", "brioche"]),
        ("certainty", "literal", False, False, ["potential"]),
    ]
    assert [choice["label"] for choice in claims["parameters"][1]["choices"]] == ["asserted", "it may be so"]


def test_a_project_without_queries_says_so(bakery: Path, tmp_path: Path) -> None:
    """And says what would be one."""
    root = tmp_path / "bakery"
    shutil.copytree(bakery, root, ignore=shutil.ignore_patterns("queries", "build"))

    run = query(root)

    assert (run.returncode, run.stdout) == (0, b"")
    assert run.told == "this project has no canned queries: a .rq file in queries/ is one"


# Help --------------------------------------------------------------------------------------------

HELP = """\
Usage: lungkg query bread-claims [OPTIONS]

  What is claimed of sorts of bread?

  A row is a claim that is stated for one of these sorts of bread. What is inferred is left out.

  For example: What is claimed of enriched bread and of brioche?
    lungkg query bread-claims --bread enriched-bread --bread brioche

Parameters:
  --bread ENTITY      the sorts of bread: the name, label, abbreviation, CURIE or IRI of an entity; for example
                      enriched-bread or brioche; may be given again  [required]
  --certainty CHOICE  how sure the author is: one of asserted, potential (it may be so)

Options:
"""


def test_the_help_of_a_query_comes_from_its_header(bakery: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Question, description, an example to type, and the parameters with what they take."""
    monkeypatch.setenv("COLUMNS", "122")

    run = query(bakery, "bread-claims", "--help")

    shown = run.stdout.decode()
    assert (run.returncode, run.stderr) == (0, b"")
    assert _flat(shown).startswith(_flat(HELP))
    for option in ("--format", "--output", "--timeout", "--shape", "--limit", "--sparql"):
        assert f"  {option}" in shown
    assert "trig and nquads give the claims that the rows rest on" in _flat(shown)
    assert "lungkg query --project DIR bread-claims …" in _flat(shown)


def _flat(text: str) -> str:
    return " ".join(text.split())


def test_the_example_in_the_help_works(bakery: Path) -> None:
    """Whoever types it gets an answer."""
    shown = query(bakery, "bread-claims", "--help").stdout.decode()
    words = re.findall(r"^ +lungkg query (bread-claims --.*)$", shown, re.MULTILINE)[0].split()

    assert len(rows(query(bakery, *words))) == 5


def test_options_that_make_no_sense_are_not_in_the_help(bakery: Path) -> None:
    """A graph has no rows to limit and no plain values; a query without a key has no first rows."""
    graph = query(bakery, "said-of", "--help").stdout.decode()
    unordered = query(bakery, "given-values", "--help").stdout.decode()

    assert [option in graph for option in ("--limit", "--shape", "csv", "turtle")] == [False, False, False, True]
    assert ["--limit" in unordered, "--shape" in unordered, "[default: true]" in unordered] == [False, True, True]


def test_the_help_of_the_group_lists_the_queries(bakery: Path) -> None:
    """Each with its question."""
    shown = query(bakery, "--help").stdout.decode()

    assert re.search(r"is-claimed +Is anything claimed of a sort of bread\?", shown)
    assert "--search WORDS" in shown


def test_every_option_is_in_the_reference(bakery: Path) -> None:
    """Of the list and of a query."""
    shown = query(bakery, "--help").stdout + query(bakery, "bread-claims", "--help").stdout
    options = set(re.findall(r"^  (--[a-z-]+)", shown.decode(), re.MULTILINE)) - {"--bread", "--certainty"}
    page = (Path(__file__).parents[1] / "docs" / "reference" / "commands.md").read_text("utf-8")

    assert len(options) > 10
    assert {option for option in options if option not in page} == set()


# Answers -----------------------------------------------------------------------------------------


def test_a_parameter_that_takes_many_is_given_again(bakery: Path) -> None:
    """The answer is one for any of the values."""
    one = rows(query(bakery, "bread-claims", "--bread", "enriched-bread"))
    other = rows(query(bakery, "bread-claims", "--bread", "brioche"))
    both = rows(query(bakery, "bread-claims", "--bread", "enriched-bread", "--bread", "brioche"))

    assert ([row["claim"][-2:] for row in one], len(other)) == (["C1", "C2"], 3)
    assert one + other == both


NAMES = ["enriched-bread", "enriched bread", "Enriched  Bread", "entity:enriched-bread", f"{ID}entity/enriched-bread"]


@pytest.mark.parametrize("name", NAMES)
def test_a_thing_has_many_names(bakery: Path, name: str) -> None:
    """Local name, label, CURIE and IRI."""
    run = query(bakery, "bread-claims", "--bread", name, "--certainty", "potential")

    assert [(row["claim"], row["certainty"]) for row in rows(run)] == [(f"{CLAIM}C1", "potential")]


@pytest.mark.parametrize(("bread", "expected"), [("brioche", b"true\n"), ("loaf", b"false\n")], ids=["yes", "no"])
def test_a_question_may_be_answered_by_yes_or_no(bakery: Path, bread: str, expected: bytes) -> None:
    """ASK is a canned query, too."""
    assert query(bakery, "is-claimed", "--bread", bread) == (0, expected, b"")


def test_a_graph_is_written_in_any_format(bakery: Path, tmp_path: Path) -> None:
    """Turtle unless another is named, or the suffix of the file says so."""
    words = ("said-of", "--thing", "brioche")
    turtle = query(bakery, *words).stdout
    triples = query(bakery, *words, "--format", "nt").stdout
    query(bakery, *words, "--output", tmp_path / "a.rdf")

    read = [
        set(ox.parse(content, format=written))
        for content, written in (
            (turtle, ox.RdfFormat.TURTLE),
            (triples, ox.RdfFormat.N_TRIPLES),
            ((tmp_path / "a.rdf").read_bytes(), ox.RdfFormat.RDF_XML),
        )
    ]
    assert len(read[0]) > 3
    assert read[0] == read[1] == read[2]


VALUES = ("given-values", "--number", "8", "--day", "2026-11-24", "--words", 'say "hi" }')


def test_values_keep_their_types(bakery: Path, release_id: str) -> None:
    """Objects have numbers as numbers, truths as truths, what is not bound as null, and all else as text."""
    run = query(bakery, *VALUES, "--shape", "objects")

    assert json.loads(run.stdout) == {
        "query": "given-values",
        "release": release_id,
        "parameters": {"number": 8, "day": "2026-11-24", "words": 'say "hi" }', "sure": True},
        "columns": ["number", "half", "day", "sure", "words", "thing", "nothing"],
        "rows": [
            {
                "number": 8, "half": 0.5, "day": "2026-11-24", "sure": True, "words": 'say "hi" }',
                "thing": "http://www.w3.org/2001/XMLSchema#date", "nothing": None,
            }
        ],
        "truncated": False,
        "next": None,
    }  # fmt: skip


@pytest.fixture
def release_id(bakery: Path) -> str:
    """The id of the bakery's release."""
    return Release((bakery / "build" / "current").resolve()).id


BOTH = ("bread-claims", "--bread", "enriched-bread", "--bread", "brioche")


def test_objects_name_things_by_their_iris(bakery: Path) -> None:
    """What was given by its label is told by its IRI; a parameter that takes many has a list."""
    run = query(bakery, "bread-claims", "--bread", "Brioche", "--shape", "objects")

    assert json.loads(run.stdout)["parameters"] == {"bread": [f"{ID}entity/brioche"]}


@pytest.mark.parametrize(("limit", "more"), [("1", True), ("3", True), ("5", False), ("9", False)])
def test_a_limit_gives_the_first_rows(bakery: Path, limit: str, more: bool) -> None:
    """In the order of the key; that there are more is told in-band, and on standard error."""
    all_rows = rows(query(bakery, *BOTH))
    limited = query(bakery, *BOTH, "--limit", limit)
    objects = json.loads(query(bakery, *BOTH, "--limit", limit, "--shape", "objects").stdout)
    results = json.loads(query(bakery, *BOTH, "--limit", limit, "--format", "json").stdout)

    assert rows(limited) == all_rows[: int(limit)]
    assert objects["rows"] == all_rows[: int(limit)]
    assert (objects["truncated"], results.get("truncated", False)) == (more, more)
    assert limited.told == (f"the first {limit} rows; without --limit there are all" if more else "")


@pytest.mark.parametrize("format", ["trig", "nquads"])
def test_the_claims_behind_the_rows_come_with_their_words(bakery: Path, format: str) -> None:
    """Each claim of the answer, in its graph, with its quote."""
    run = query(bakery, "bread-claims", "--bread", "enriched-bread", "--format", format)

    assert run.returncode == 0, run.told
    quads = list(ox.parse(run.stdout, format=ox.RdfFormat.from_extension(format[:4].replace("nqua", "nq"))))
    typed = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    exact = ox.NamedNode("http://www.w3.org/ns/oa#exact")
    claim = ox.NamedNode("https://w3id.org/lungkg/ont#Claim")
    claims = {(quad.subject, quad.graph_name) for quad in quads if (quad.predicate, quad.object) == (typed, claim)}
    graph = ox.NamedNode("https://example.org/bakery/graph/claims")
    assert claims == {(ox.NamedNode(f"{CLAIM}{number}"), graph) for number in ("C1", "C2")}
    quotes = {quad.object.value for quad in quads if quad.predicate == exact and isinstance(quad.object, ox.Literal)}
    assert "In enriched breads, cold proofing (CP) may deepen the flavour of the crumb [1]" in quotes


def test_the_sparql_is_printed_instead_of_asked(bakery: Path) -> None:
    """What is printed gives the same answer when it is asked as a query of one's own."""
    text = query(bakery, *BOTH, "--certainty", "asserted", "--limit", "3", "--sparql").stdout.decode()

    asked = lungkg("sparql", "--project", bakery, text)
    assert rows(asked) == rows(query(bakery, *BOTH, "--certainty", "asserted", "--limit", "3"))
    assert f"VALUES ?_bread_iri {{ <{ID}entity/enriched-bread> <{ID}entity/brioche> }}" in text
    assert text.rstrip().endswith("LIMIT 3 OFFSET 0")


@pytest.mark.slow
def test_a_terminal_shows_the_rows_below_each_other_where_it_is_narrow(bakery: Path) -> None:
    """Each value has a line of its own, and the rows that --limit leaves out are told."""
    words = ("query", "--project", bakery, "bread-claims", "--bread", "brioche", "--limit", "1")

    code, seen = on_terminal(*words, width=60)

    lines = [re.split(r" {2,}", line.strip(), maxsplit=1) for line in seen.splitlines()]
    assert (code, lines[0]) == (0, ["── 1 ──"])
    assert ["certainty", "asserted"] in lines
    assert "the first 1 rows" in seen
    assert max(map(len, seen.splitlines()[:-1])) <= 60


def test_a_canned_query_is_written_to_a_file(bakery: Path, tmp_path: Path) -> None:
    """The suffix chooses the format."""
    run = query(bakery, *BOTH, "--output", tmp_path / "a.trig")

    assert (run.returncode, run.stdout) == (0, b"")
    assert len(list(ox.parse((tmp_path / "a.trig").read_bytes(), format=ox.RdfFormat.TRIG))) > 50


def test_another_endpoint_is_asked(bakery: Path) -> None:
    """Names are looked up there, too; nobody knows its release."""
    project, release = load_project(bakery), Release((bakery / "build" / "current").resolve())
    with (
        LocalEngine(release.store, project.prefixes) as engine,
        listening(project, release, engine) as origin,
    ):
        words = ("--engine", f"{origin}/sparql", "bread-claims", "--bread", "enriched bread", "--bread", "Brioche")
        remote, objects = query(bakery, *words), query(bakery, *words, "--shape", "objects")

    told = json.loads(objects.stdout)
    assert rows(remote) == rows(query(bakery, *BOTH)) == told["rows"]
    assert told["release"] is None


# Mistakes ----------------------------------------------------------------------------------------

MISTAKES: dict[str, tuple[list[str], str]] = {
    # words, expected on standard error
    "misspelt-name": (["bred-claims"], "there is no canned query 'bred-claims'; did you mean bread-claims"),
    "word-of-a-question": (["becomes"], "there is no canned query 'becomes'; did you mean given-values?"),
    "name-like-no-other": (["xyz"], "there is no canned query 'xyz'; `lungkg query` lists all."),
    "misspelt-option": (["is-claimed", "--bred", "brioche"], "Did you mean"),
    "missing": (["is-claimed"], "parameter bread: is missing: give the name, label, abbreviation, CURIE or IRI of an entity; for example brioche"),
    "empty": (["is-claimed", "--bread", ""], "parameter bread: is missing"),
    "misspelt-thing": (["is-claimed", "--bread", "briosh"], "parameter bread: there is no entity 'briosh'; did you mean brioche?"),
    "not-a-choice": (["bread-claims", "--bread", "brioche", "--certainty", "sure"], "parameter certainty: 'sure' is not one of asserted, potential"),
    "no-integer": (["given-values", "--number", "eight", "--day", "2026-11-24", "--words", "a"], "parameter number: 'eight' is not an integer; for example 8"),
    "no-date": (["given-values", "--number", "8", "--day", "24.11.2026", "--words", "a"], "parameter day: '24.11.2026' is not a date such as 2026-11-26; for example 2026-11-24"),
    "no-boolean": ([*VALUES, "--sure", "maybe"], "parameter sure: 'maybe' is not true or false; for example false"),
    "format-of-graphs": (["is-claimed", "--bread", "brioche", "--format", "turtle"], "cannot be written as format 'turtle'; there are json"),
    "claims-of-none": ([*VALUES, "--format", "trig"], "cannot be written as format 'trig'"),
    "format-of-rows": (["said-of", "--thing", "brioche", "--format", "csv"], "cannot be written as format 'csv'; there are turtle"),
    "shape-of-a-graph": (["said-of", "--thing", "brioche", "--shape", "objects"], "parameter shape: is for rows; the answer to said-of is a graph"),
    "shape-in-csv": ([*VALUES, "--shape", "objects", "--format", "csv"], "parameter shape: is one of JSON, and the format is csv"),
    "unknown-shape": ([*VALUES, "--shape", "cubes"], "'cubes' is not"),
    "limit-without-order": ([*VALUES, "--limit", "3"], "parameter limit: means nothing to given-values: its answer comes whole"),
    "no-limit": ([*BOTH, "--limit", "0"], "0 is not in the range x>=1"),
    "list-option-with-a-name": (["--json", "is-claimed", "--bread", "brioche"], "for an answer: --format json"),
    "project-behind-the-name": (["is-claimed", "--bread", "brioche", "--project", "."], "--project stands before the name: lungkg query --project … is-claimed …"),
}  # fmt: skip


@pytest.mark.parametrize(("words", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_with_what_was_expected(bakery: Path, words: list[str], expected: str) -> None:
    """Exit code 2, one sentence, nothing on standard output, never a stack trace."""
    run = query(bakery, *words)

    assert (run.returncode, run.stdout) == (2, b"")
    assert expected in run.told
    assert "Traceback" not in run.told


def test_a_file_that_does_not_fit_is_told_with_its_line(bakery: Path, tmp_path: Path) -> None:
    """As the build tells it."""
    root = tmp_path / "bakery"
    shutil.copytree(bakery, root)
    path = root / "queries" / "is-claimed.rq"
    path.write_text(path.read_text("utf-8").replace("#+ tags:", "#+ tag:"), "utf-8")

    run = query(root)

    assert (run.returncode, run.stdout) == (2, b"")
    assert re.search(r"is-claimed\.rq:\d+", run.told)
