"""What all documents share is read and checked: entities, background assumptions, mappings."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from lungkg.errors import InputError, Place
from lungkg.model import Entity
from lungkg.namespaces import ONT, SKOS
from lungkg.ontology import Ontology
from lungkg.project import Project
from lungkg.sources import SSSOM_COLUMNS, Vocabulary, kebab, read_mappings, read_vocabulary

BASE = "https://example.org/bread/"
TERMS = f"""
PREFIX : <{BASE}ont#>
PREFIX ont: <{ONT}>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
:Food a owl:Class ; rdfs:subClassOf ont:Entity .
:Flour a owl:Class ; rdfs:subClassOf :Food .
:raises a owl:ObjectProperty ; rdfs:subPropertyOf ont:relatedTo .
<http://example.org/food#wheat> a ont:ExternalTerm ; rdfs:label "wheat" .
<http://example.org/food#Meal> a ont:ExternalTerm ; rdfs:label "meal" .
<http://example.org/food#oats> rdfs:label "oats" .
"""
ONTOLOGY = Ontology(tuple(quad.triple for quad in ox.parse(TERMS, format=ox.RdfFormat.TURTLE)), BASE + "ont#")
BREAD = {"label": "bread", "kind": "Food", "definition": "What is baked."}
FLOUR = {"label": "wheat flour", "kind": "Flour", "definition": "Ground wheat."}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Make an empty project of bread."""
    (tmp_path / "data").mkdir()
    (tmp_path / "ontology").mkdir()
    return Project(
        root=tmp_path, name="bread", title="Bread", description="About bread.", written_base=BASE, base=BASE,
        license="http://example.org/license", publisher="Bakers", curators="Bakers", version="1.0.0",
        issued="2026-01-02", own_prefixes={"food": "http://example.org/food#"},
    )  # fmt: skip


def write_yaml(project: Project, name: str, value: object) -> Path:
    """Write a file of data; JSON is YAML."""
    path = project.folder("data") / name
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def write_lines(project: Project, *values: object) -> Path:
    """Write entities, each in a line."""
    path = project.folder("data") / "entities.jsonl"
    path.write_text("".join(json.dumps(value) + "\n" for value in values), encoding="utf-8")
    return path


def whats(read: Callable[..., object], *args: object) -> list[str]:
    """Give what is wrong, as told by the InputError that the call must raise."""
    with pytest.raises(InputError) as refused:
        read(*args)
    return [problem.what for problem in refused.value.problems]


LABELS = {
    "words": ("improvement in quality", "improvement-in-quality"),
    "capitals": ("IL-6", "il-6"),
    "marks": ("bread (white), sliced", "bread-white-sliced"),
    "runs-of-marks": ("a -- b  c", "a-b-c"),
    "edges": (" 'bread' ", "bread"),
    "accents": ("Crème brûlée", "creme-brulee"),
    "digits": ("flour 550", "flour-550"),
    "underscore": ("rye_flour", "rye-flour"),
    "ligature": ("ﬂour", "flour"),
    "other-letters": ("面包", ""),
    "marks-only": ("(!)", ""),
    "empty": ("", ""),
}


@pytest.mark.parametrize(("label", "expected"), LABELS.values(), ids=LABELS.keys())
def test_a_local_name_is_made_from_a_label(label: str, expected: str) -> None:
    """Words in small letters, joined by hyphens; what is no Latin letter or digit falls out."""
    actual = kebab(label)

    assert expected == actual


def test_entities_are_read_with_all_that_is_said_of_them(project: Project) -> None:
    """Every field of an entity arrives, and its place."""
    rye = {
        "id": "rye", "label": "rye flour", "kind": "Flour", "definition": "Ground rye.", "alt_labels": ["rye"],
        "broader": ["bread"], "note": "Dark.",
    }  # fmt: skip
    path = write_yaml(project, "entities.yaml", {"entities": [BREAD, rye]})
    expected = {
        "bread": Entity("bread", "bread", "Food", "What is baked.", (), (), "", Place(path, 1, 15)),
        "rye": Entity(
            "rye", "rye flour", "Flour", "Ground rye.", ("rye",), ("bread",), "Dark.",
            Place(path, 1, 17 + len(json.dumps(BREAD))),
        ),
    }  # fmt: skip
    actual = read_vocabulary(project, ONTOLOGY).entities

    assert expected == actual


def test_entities_may_be_lines(project: Project) -> None:
    """entities.jsonl alone will do."""
    path = write_lines(project, BREAD, FLOUR)
    vocabulary = read_vocabulary(project, ONTOLOGY)

    assert ["bread", "wheat-flour"] == list(vocabulary.entities)
    assert f"{path}:2" == str(vocabulary.entities["wheat-flour"].place)


def test_entities_of_both_files_are_joined(project: Project) -> None:
    """Those written by hand stand beside those written by a program, and may speak of each other."""
    write_yaml(project, "entities.yaml", {"entities": [{**BREAD, "broader": ["wheat-flour"]}]})
    write_lines(project, FLOUR)
    expected = ["bread", "wheat-flour"]
    actual = list(read_vocabulary(project, ONTOLOGY).entities)

    assert expected == actual


def test_a_project_without_entities_is_refused(project: Project) -> None:
    """There must be one of the two files."""
    assert ["this file is missing"] == whats(read_vocabulary, project, ONTOLOGY)


ENTITIES: dict[str, tuple[list[dict[str, Any]], str, str]] = {
    # entities, what is wrong with the last of them, hint
    "unknown-kind": (
        [{**BREAD, "kind": "Machine"}],
        "there is no kind 'Machine'",
        f"Declare <{BASE}ont#Machine> as rdfs:subClassOf ont:Entity, or mend the name.",
    ),
    "misspelt-kind": ([{**BREAD, "kind": "Flower"}], "there is no kind 'Flower'", "Did you mean Flour?"),
    "repeated-label": (
        [BREAD, BREAD],
        "the entity 'bread' is already there, at entities.yaml:1:15",
        "Give it another id.",
    ),
    "repeated-id": (
        [BREAD, {**FLOUR, "id": "bread"}],
        "the entity 'bread' is already there, at entities.yaml:1:15",
        "Give it another id.",
    ),
    "label-without-letters": (
        [{**BREAD, "label": "面包"}],
        "no id can be made from the label '面包'",
        "Give it an id.",
    ),
    "unknown-broader": ([{**BREAD, "broader": ["yeast"]}], "there is no entity 'yeast'", ""),
    "misspelt-broader": (
        [FLOUR, {**BREAD, "broader": ["wheat-flower"]}],
        "there is no entity 'wheat-flower'",
        "Did you mean wheat-flour?",
    ),
}


@pytest.mark.parametrize(("entities", "what", "hint"), ENTITIES.values(), ids=ENTITIES.keys())
@pytest.mark.parametrize("lines", [False, True], ids=["yaml", "lines"])
def test_entities_that_do_not_fit_are_told(
    entities: list[dict[str, Any]], what: str, hint: str, lines: bool, project: Project
) -> None:
    """The message names what is wrong and how to mend it, whichever file it stands in."""
    path = write_lines(project, *entities) if lines else write_yaml(project, "entities.yaml", {"entities": entities})
    first = f"{path}:1" if lines else f"{path}:1:15"
    with pytest.raises(InputError) as refused:
        read_vocabulary(project, ONTOLOGY)

    assert [(what.replace("entities.yaml:1:15", first), hint)] == [(p.what, p.hint) for p in refused.value.problems]


def test_an_entity_of_one_file_is_not_repeated_in_the_other(project: Project) -> None:
    """The two files share their names."""
    first = write_yaml(project, "entities.yaml", {"entities": [BREAD]})
    second = write_lines(project, FLOUR, BREAD)
    with pytest.raises(InputError) as refused:
        read_vocabulary(project, ONTOLOGY)

    assert [f"{second}:2: the entity 'bread' is already there, at {first}:1:15"] == [
        f"{problem.place}: {problem.what}" for problem in refused.value.problems
    ]


def test_what_is_wrong_in_both_files_is_told_together(project: Project) -> None:
    """A broken line does not hide what is wrong in the other file."""
    write_yaml(project, "entities.yaml", {"entities": [{**BREAD, "kind": "Machine"}]})
    write_lines(project, {**FLOUR, "kind": 5})
    expected = ["there is no kind 'Machine'", 'kind: 5 is not of type "string"']

    assert expected == whats(read_vocabulary, project, ONTOLOGY)


def test_an_entity_of_unknown_kind_is_still_an_entity(project: Project) -> None:
    """One mistake is told once, not again wherever the entity is named."""
    entities = [{**FLOUR, "kind": "Flower"}, {**BREAD, "broader": ["wheat-flour"]}]
    write_yaml(project, "entities.yaml", {"entities": entities})

    assert ["there is no kind 'Flower'"] == whats(read_vocabulary, project, ONTOLOGY)


NARROWER = {
    "id": "flour-is-bread", "label": "Flour counts as bread", "comment": "Not said by the document.",
    "narrower": "wheat-flour", "broader": "bread",
}  # fmt: skip
NAMES = {
    "id": "loaf", "label": "A loaf is bread", "comment": "Not said by the document.",
    "names": ["loaf", "loaves"], "entity": "bread",
}  # fmt: skip


def test_assumptions_have_two_forms(project: Project) -> None:
    """An assumption relates two entities, or says which names stand for one."""
    write_yaml(project, "entities.yaml", {"entities": [BREAD, FLOUR]})
    write_yaml(project, "background.yaml", {"assumptions": [NARROWER, NAMES]})
    expected = [("flour-is-bread", "wheat-flour", "bread", (), ""), ("loaf", "", "", ("loaf", "loaves"), "bread")]
    found = read_vocabulary(project, ONTOLOGY).assumptions
    actual = [(key, one.narrower, one.broader, one.names, one.entity) for key, one in found.items()]

    assert expected == actual


def test_a_project_may_assume_nothing(project: Project) -> None:
    """background.yaml may be left out."""
    write_yaml(project, "entities.yaml", {"entities": [BREAD]})

    assert {} == read_vocabulary(project, ONTOLOGY).assumptions


ASSUMPTIONS: dict[str, tuple[list[dict[str, Any]], list[str]]] = {
    "unknown-narrower": ([{**NARROWER, "narrower": "rye"}], ["there is no entity 'rye'"]),
    "unknown-broader": ([{**NARROWER, "broader": "cake"}], ["there is no entity 'cake'"]),
    "unknown-both": (
        [{**NARROWER, "narrower": "rye", "broader": "cake"}],
        ["there is no entity 'rye'", "there is no entity 'cake'"],
    ),
    "unknown-entity": ([{**NAMES, "entity": "cake"}], ["there is no entity 'cake'"]),
}


@pytest.mark.parametrize(("assumptions", "expected"), ASSUMPTIONS.values(), ids=ASSUMPTIONS.keys())
def test_assumptions_about_unknown_entities_are_told(
    assumptions: list[dict[str, Any]], expected: list[str], project: Project
) -> None:
    """What is assumed is assumed of entities of the project."""
    write_yaml(project, "entities.yaml", {"entities": [BREAD, FLOUR]})
    write_yaml(project, "background.yaml", {"assumptions": assumptions})

    assert expected == whats(read_vocabulary, project, ONTOLOGY)


def test_a_repeated_assumption_is_told(project: Project) -> None:
    """Assumptions are named by their id."""
    write_yaml(project, "entities.yaml", {"entities": [BREAD, FLOUR]})
    path = write_yaml(project, "background.yaml", {"assumptions": [NARROWER, {**NAMES, "id": "flour-is-bread"}]})
    expected = [f"the assumption 'flour-is-bread' is already there, at {path}:1:18"]

    assert expected == whats(read_vocabulary, project, ONTOLOGY)


FORMLESS: dict[str, dict[str, Any]] = {
    "neither-form": {key: NAMES[key] for key in ("id", "label", "comment")},
    "both-forms": {**NARROWER, **NAMES},
    "names-without-entity": {key: NAMES[key] for key in ("id", "label", "comment", "names")},
    "comment-that-hides-the-assumption": {**NAMES, "comment": "Everyone knows."},
    "no-names": {**NAMES, "names": []},
}


@pytest.mark.parametrize("assumption", FORMLESS.values(), ids=FORMLESS.keys())
def test_assumptions_of_another_form_are_refused(assumption: dict[str, Any], project: Project) -> None:
    """The schema knows the two forms, and wants the comment to own up."""
    write_yaml(project, "entities.yaml", {"entities": [BREAD, FLOUR]})
    path = write_yaml(project, "background.yaml", {"assumptions": [assumption]})
    with pytest.raises(InputError) as refused:
        read_vocabulary(project, ONTOLOGY)

    assert [path] == [problem.place.path for problem in refused.value.problems]


VOCABULARY = Vocabulary(
    ONTOLOGY,
    {"bread": Entity("bread", "bread", "Food", "What is baked.", (), (), "", Place(Path("entities.yaml")))},
    {},
)
HEAD = "\t".join(SSSOM_COLUMNS) + "\n"
OTHER_HEAD = "object_label\tmapping_justification\tobject_id\tpredicate_id\tsubject_id\n"
GOOD = "entity:bread\tskos:closeMatch\tfood:wheat\twheat\tsemapv:ManualMappingCuration\n"
TERM = "bread:Flour\tskos:exactMatch\tfood:Meal\tmeal\tsemapv:ManualMappingCuration\n"


def write_mappings(project: Project, text: str) -> Path:
    """Write the file of mappings."""
    path = project.folder("ontology") / "mappings.sssom.tsv"
    path.write_bytes(text.encode())
    return path


def read_pairs(project: Project) -> list[tuple[str, str, str, int]]:
    """Read the mappings as plain values, with their lines."""
    found = read_mappings(project, VOCABULARY)
    return [(one.subject, one.predicate, one.object, one.place.line) for one in found]


BREAD_ROW = (BASE + "id/entity/bread", SKOS + "closeMatch", "http://example.org/food#wheat")
FLOUR_ROW = (BASE + "ont#Flour", SKOS + "exactMatch", "http://example.org/food#Meal")
MAPPINGS: dict[str, tuple[str, list[tuple[str, str, str, int]]]] = {
    "header-only": (HEAD, []),
    "entity-and-term": (HEAD + GOOD + TERM, [(*BREAD_ROW, 2), (*FLOUR_ROW, 3)]),
    "comments-above": ("#curie_map:\n#  food: x\n" + HEAD + GOOD, [(*BREAD_ROW, 4)]),
    "no-line-end": (HEAD + GOOD.rstrip("\n"), [(*BREAD_ROW, 2)]),
    "windows-line-ends": ((HEAD + GOOD + TERM).replace("\n", "\r\n"), [(*BREAD_ROW, 2), (*FLOUR_ROW, 3)]),
    "more-columns": (
        HEAD.replace("\n", "\tcomment\n") + GOOD.replace("\n", "\tas in \"bread\n"),
        [(*BREAD_ROW, 2)],
    ),
    "other-order": (
        OTHER_HEAD + "wheat\tx\tfood:wheat\tskos:closeMatch\tentity:bread\n",
        [(*BREAD_ROW, 2)],
    ),
    "blank-line": (HEAD + GOOD + "\n" + TERM, [(*BREAD_ROW, 2), (*FLOUR_ROW, 4)]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), MAPPINGS.values(), ids=MAPPINGS.keys())
def test_mappings_are_read_with_their_lines(
    text: str, expected: list[tuple[str, str, str, int]], project: Project
) -> None:
    """CURIEs become IRIs; comments above the header are skipped but counted."""
    write_mappings(project, text)
    actual = read_pairs(project)

    assert expected == actual


def test_a_project_may_map_nothing(project: Project) -> None:
    """The file of mappings may be left out."""
    expected: list[tuple[str, str, str, int]] = []
    actual = read_pairs(project)

    assert expected == actual


WRONG = {
    "empty": ("", [":1: columns are missing: " + ", ".join(SSSOM_COLUMNS)]),
    "comments-only": ("# bread\n", [":2: columns are missing: " + ", ".join(SSSOM_COLUMNS)]),
    "missing-columns": (
        "# bread\nsubject_id\tobject_id\tobject_label\n",
        [":2: columns are missing: predicate_id, mapping_justification"],
    ),
    "unknown-prefix": (
        HEAD + GOOD.replace("food:", "foot:"),
        [":2: there is no prefix 'foot'"],
    ),
    "unknown-prefix-of-the-subject": (HEAD + GOOD.replace("entity:", "thing:"), [":2: there is no prefix 'thing'"]),
    "no-prefix": (HEAD + GOOD.replace("entity:bread", "bread"), [":2: there is no prefix 'bread'"]),
    "unknown-match": (HEAD + GOOD.replace("closeMatch", "nearMatch"), [":2: there is no match 'skos:nearMatch'"]),
    "match-in-full": (
        HEAD + GOOD.replace("skos:closeMatch", SKOS + "closeMatch"),
        [f":2: there is no match '{SKOS}closeMatch'"],
    ),
    "unknown-entity": (HEAD + GOOD.replace("entity:bread", "entity:cake"), [":2: there is no entity 'cake'"]),
    "unknown-term": (
        HEAD + TERM.replace("bread:Flour", "bread:Flower"),
        [":2: bread:Flower is neither an entity nor a term of the ontology"],
    ),
    "undeclared-object": (
        HEAD + GOOD.replace("food:wheat", "food:rye"),
        [":2: food:rye is not a declared external term"],
    ),
    "object-with-a-label-alone": (
        HEAD + GOOD.replace("food:wheat\twheat", "food:oats\toats"),
        [":2: food:oats is not a declared external term"],
    ),
    "label-that-differs": (
        HEAD + GOOD.replace("\twheat", "\tWheat"),
        [":2: food:wheat is labelled 'Wheat' here and 'wheat' in the ontology"],
    ),
    "short-row": (HEAD + GOOD + "entity:bread\tskos:closeMatch\n", [":3: this row has fewer columns than the header"]),
    "long-row": (HEAD + GOOD.replace("\n", "\textra\n"), [":2: this row has more columns than the header"]),
    "after-comments": (
        "# a\n# b\n" + HEAD + GOOD + GOOD.replace("food:", "foot:"),
        [":5: there is no prefix 'foot'"],
    ),
    "after-a-blank-line": (HEAD + "\n" + GOOD.replace("food:", "foot:"), [":3: there is no prefix 'foot'"]),
    "several-rows": (
        HEAD + GOOD.replace("food:", "foot:") + TERM + GOOD.replace("entity:bread", "entity:cake"),
        [":2: there is no prefix 'foot'", ":4: there is no entity 'cake'"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG.keys())
def test_rows_that_do_not_fit_are_told_with_their_lines(text: str, expected: list[str], project: Project) -> None:
    """Every row that cannot be used is named, with the line as an editor counts it."""
    path = write_mappings(project, text)
    with pytest.raises(InputError) as refused:
        read_mappings(project, VOCABULARY)
    actual = [f"{problem.place}: {problem.what}".removeprefix(str(path)) for problem in refused.value.problems]

    assert expected == actual
