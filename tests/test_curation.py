"""A document's folder is read: quotes are found in the text, and what does not fit is told with its place."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from lungkg.curation import document_folders, find, read_document
from lungkg.errors import InputError, Place
from lungkg.model import Assumption, Claim, Curated, Document, Entity, Gloss, Span
from lungkg.namespaces import ONT
from lungkg.ontology import Ontology
from lungkg.project import Project
from lungkg.sources import Vocabulary

BREAD = "https://example.org/bread/ont#"
TERMS = f"""
PREFIX : <{BREAD}>
PREFIX ont: <{ONT}>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
:Food rdfs:subClassOf ont:Entity .
:raises rdfs:subPropertyOf ont:relatedTo .
:slows rdfs:subPropertyOf ont:relatedTo .
"""
HERE = Place(Path("here.yaml"), 7, 3)


def entity(local: str) -> Entity:
    """Make an entity that has no more than a name."""
    return Entity(local, local, "Food", "A food.", (), (), "", HERE)


def assumption(local: str, of: str, *names: str) -> Assumption:
    """Make the assumption that names stand for an entity."""
    return Assumption(local, local, "Not said by the document.", "", "", names, of, HERE)


VOCABULARY = Vocabulary(
    Ontology(tuple(quad.triple for quad in ox.parse(TERMS, format=ox.RdfFormat.TURTLE)), BREAD),
    {local: entity(local) for local in ("yeast", "bread", "salt", "dough", "sourdough")},
    {
        "levain": assumption("levain", "yeast", "levain", "levains"),
        "loaf": assumption("loaf", "bread", "loaf", "loaves"),
        "warmth": Assumption("warmth", "warmth", "Not said by the document.", "dough", "bread", (), "", HERE),
    },
)

TEXT = "On bread\n\nYeast raises bread. Sourdough (SD) may, perhaps, raise bread [3]. Yeast raises bread. The end"
SENTENCES = [
    {"id": "S1", "text": "Yeast raises bread."},
    {"id": "S2", "text": "Sourdough (SD) may, perhaps, raise bread [3]."},
    {"id": "S3", "text": "Yeast raises bread."},
]
CLAIM = {
    "id": "C1", "sentence": "S1", "subject": "yeast", "relation": "raises", "object": "bread", "certainty": "Asserted",
    "quote": "Yeast raises bread",
}  # fmt: skip
FULL = {
    "id": "C2", "sentence": "S2", "subject": "sourdough", "relation": "raises", "object": "bread",
    "certainty": "Tentative", "quote": "Sourdough (SD) may, perhaps, raise bread", "focus": "raise bread",
    "context": ["dough"], "context_text": ["perhaps"], "polarity": "Negated",
    "hedges": ["may", {"text": "perhaps", "occurrence": 1}], "citations": [3], "mechanism_of": ["C1"],
    "follows_from": ["C1", "C2"], "rests_on": ["warmth"], "note": "It may.",
}  # fmt: skip
GLOSS = {
    "id": "G1", "sentence": "S2", "abbreviation": "SD", "expansion": "Sourdough", "entity": "sourdough",
    "quote": "Sourdough (SD)",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make the folder of a document about bread, without claims."""
    path = tmp_path / "loaf"
    path.mkdir()
    write_document(path)
    return path


def write_document(folder: Path, text: str = TEXT, **changes: object) -> None:
    """Write source.txt, and document.yaml with some of its values changed."""
    (folder / "source.txt").write_bytes(text.encode())
    about = {
        "sha256": hashlib.sha256(text.encode()).hexdigest(), "language": "en", "rights": "None stated.",
        "curated": "2026-01-02", "references": [3], "sentences": SENTENCES,
    }  # fmt: skip
    (folder / "document.yaml").write_text(json.dumps(about | changes), encoding="utf-8")


def write_yaml(folder: Path, claims: list[Any], glosses: list[Any]) -> Path:
    """Write claims.yaml; JSON is YAML."""
    path = folder / "claims.yaml"
    path.write_text(json.dumps({"claims": claims, "glosses": glosses}, indent=1), encoding="utf-8")
    return path


def write_lines(folder: Path, claims: list[Any], glosses: list[Any]) -> Path:
    """Write claims.jsonl."""
    path = folder / "claims.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in claims + glosses), encoding="utf-8")
    return path


def read(folder: Path, *claims: dict[str, Any]) -> Curated:
    """Read the document with these claims."""
    write_yaml(folder, list(claims), [])
    return read_document(folder, VOCABULARY)


def told(call: Callable[..., object], *args: object) -> list[str]:
    """Give what is wrong, as told by the InputError that the call must raise."""
    with pytest.raises(InputError) as refused:
        call(*args)
    return [problem.what for problem in refused.value.problems]


def without_places(curated: Curated) -> tuple[Document, list[Claim], list[Gloss]]:
    """Leave out where in its file each record stands."""
    claims = [replace(claim, place=HERE) for claim in curated.claims]
    return curated.document, claims, [replace(gloss, place=HERE) for gloss in curated.glosses]


DOUGH = "yeast, yeasty yeast; east-side yeast (warm) é面 3.5 g."
FOUND: dict[str, tuple[object, int]] = {
    # words, where they start in DOUGH
    "once": ("yeasty", 7),
    "whole-text": (DOUGH, 0),
    "first-occurrence": ({"text": "yeast", "occurrence": 1}, 0),
    "second-occurrence-is-a-whole-word": ({"text": "yeast", "occurrence": 2}, 14),
    "last-occurrence": ({"text": "yeast", "occurrence": 3}, 31),
    "occurrence-of-what-is-there-once": ({"text": "warm", "occurrence": 1}, 38),
    "not-within-a-word": ("east", 21),
    "beside-a-hyphen": ("side", 26),
    "several-words": ("yeasty yeast; east", 7),
    "marks-at-the-edges": ("(warm)", 37),
    "mark-before": ("; east", 19),
    "letters-beyond-ascii": ("é面", 44),
    "number": ("3.5", 47),
    "case-counts": ("g", 51),
    "ends-with-a-mark": ("g.", 51),
}


@pytest.mark.parametrize(("words", "start"), FOUND.values(), ids=FOUND.keys())
def test_words_are_found_as_whole_words(words: object, start: int) -> None:
    """Where quoted words stand is counted in characters from the start of the document."""
    span = find(words, Span(100, 100 + len(DOUGH), DOUGH), HERE, "the text")

    assert 100 + start == span.start
    assert DOUGH[start : start + len(span.quote)] == span.quote
    assert span.start + len(span.quote) == span.end


LOST: dict[str, tuple[object, str, str]] = {
    # words, what is wrong, hint
    "one-letter-more": ("warmt", "these words do not stand in the text: 'warmt'",
        "They agree up to 'warm'; the text goes on with ') é面 3.5 g.'."),
    "slip-at-the-end": ("east-sides", "these words do not stand in the text: 'east-sides'",
        "They agree up to 'east-side'; the text goes on with ' yeast (warm) é面 3.5 g.'."),
    "slip-in-the-middle": ("yeasty roast", "these words do not stand in the text: 'yeasty roast'",
        "They agree up to 'yeasty '; the text goes on with 'yeast; east-side yeast (warm) '."),
    "nothing-alike": ("flour", "these words do not stand in the text: 'flour'",
        "Quotes are verbatim: letters, blanks and punctuation as in source.txt."),
    "other-case": ("Yeasty", "these words do not stand in the text: 'Yeasty'",
        "Quotes are verbatim: letters, blanks and punctuation as in source.txt."),
    "other-blank": ("yeasty\u00a0yeast", "these words do not stand in the text: 'yeasty\\xa0yeast'",
        "They agree up to 'yeasty'; the text goes on with ' yeast; east-side yeast (warm)'."),
    "not-said-which": ("yeast", "these words stand in the text 3 times: 'yeast'",
        "Say which: {text: 'yeast', occurrence: 1}."),
    "beyond-the-last": ({"text": "yeast", "occurrence": 4},
        "these words stand in the text 3 times, not 4: 'yeast'", ""),
    "missing-with-an-occurrence": ({"text": "flour", "occurrence": 1},
        "these words do not stand in the text: 'flour'",
        "Quotes are verbatim: letters, blanks and punctuation as in source.txt."),
}  # fmt: skip


@pytest.mark.parametrize(("words", "what", "hint"), LOST.values(), ids=LOST.keys())
def test_words_that_are_not_found_once_are_told(words: object, what: str, hint: str) -> None:
    """The hint shows how far the words agree with the text, or how to say which ones are meant."""
    with pytest.raises(InputError) as refused:
        find(words, Span(0, len(DOUGH), DOUGH), HERE, "the text")

    assert [(HERE, what, hint)] == [(problem.place, problem.what, problem.hint) for problem in refused.value.problems]


def test_the_hint_tells_words_that_stand_only_within_others() -> None:
    """Letters that agree to the end are not words of the text when they are a part of one."""
    with pytest.raises(InputError) as refused:
        find("read", Span(0, 5, "bread"), HERE, "the text")

    assert "They agree up to 'read'" not in refused.value.problems[0].hint


def test_overlapping_occurrences_all_count() -> None:
    """An occurrence may begin within the one before."""
    words = {"text": "on and on", "occurrence": 2}
    expected = Span(7, 16, "on and on")
    actual = find(words, Span(0, 16, "on and on and on"), HERE, "the text")

    assert expected == actual


def test_a_document_is_read_with_all_that_is_said_of_it(folder: Path) -> None:
    """Every field of document.yaml arrives."""
    write_document(folder, origin="A bakery.", note="Short.", language="fr")
    document = read(folder, CLAIM).document

    assert ("loaf", TEXT, "fr", "None stated.") == (document.id, document.text, document.language, document.rights)
    assert ("A bakery.", "Short.", "2026-01-02") == (document.origin, document.note, document.curated)
    assert ((3,), hashlib.sha256(TEXT.encode()).hexdigest()) == (document.references, document.sha256)


def test_sentences_are_found_in_order(folder: Path) -> None:
    """A sentence that is said twice is found after the one before it."""
    expected = [("S1", 1, 10, 29), ("S2", 2, 30, 75), ("S3", 3, 76, 95)]
    sentences = read(folder, CLAIM).document.sentences
    actual = [(one.id, one.number, one.span.start, one.span.end) for one in sentences]

    assert expected == actual
    assert [one["text"] for one in SENTENCES] == [one.span.quote for one in sentences]


def test_line_ends_of_the_source_are_kept(folder: Path) -> None:
    """Positions count carriage returns as the characters that they are."""
    write_document(folder, "Bread\r\n\r\nrises.\r\n", sentences=[{"id": "S1", "text": "Bread\r\n\r\nrises."}])
    curated = read(folder, {**CLAIM, "quote": "Bread\r\n\r\nrises"})

    assert Span(0, 14, "Bread\r\n\r\nrises") == curated.claims[0].source


SENTENCES_LOST: dict[str, tuple[list[dict[str, str]], str]] = {
    "not-in-the-text": (
        [{"id": "S1", "text": "Yeast raises cake."}],
        "this sentence is not in source.txt: 'Yeast raises cake.'",
    ),
    "before-the-one-listed-before": (
        [SENTENCES[1], {"id": "S1", "text": "On bread"}],
        "this sentence overlaps or stands before the one listed before it",
    ),
    "overlapping": (
        [SENTENCES[0], {"id": "S2", "text": "bread. Sourdough (SD)"}],
        "this sentence overlaps or stands before the one listed before it",
    ),
    "once-too-often": (
        [*SENTENCES, {"id": "S4", "text": "Yeast raises bread."}],
        "this sentence overlaps or stands before the one listed before it",
    ),
}


@pytest.mark.parametrize(("sentences", "expected"), SENTENCES_LOST.values(), ids=SENTENCES_LOST.keys())
def test_sentences_that_are_not_found_are_told(sentences: list[dict[str, str]], expected: str, folder: Path) -> None:
    """Sentences stand in the text as they are listed."""
    write_document(folder, sentences=sentences)

    assert [expected] == told(read, folder, CLAIM)


def test_a_lost_sentence_comes_with_how_far_it_agrees(folder: Path) -> None:
    """A slip in a long sentence is found at a glance."""
    write_document(folder, sentences=[{"id": "S1", "text": "Yeast raises cake."}])
    expected = "They agree up to 'Yeast raises '; the text goes on with 'bread. Sourdough (SD) may, per'."
    with pytest.raises(InputError) as refused:
        read(folder, CLAIM)

    assert [expected] == [problem.hint for problem in refused.value.problems]


def test_a_repeated_sentence_id_is_told_with_the_first(folder: Path) -> None:
    """Two sentences never share a name."""
    write_document(folder, sentences=[SENTENCES[0], {**SENTENCES[1], "id": "S1"}])
    with pytest.raises(InputError) as refused:
        read(folder, CLAIM)

    assert "the sentence 'S1' is already there, at " in str(refused.value)


def test_a_text_that_was_changed_is_refused(folder: Path) -> None:
    """The text is the one that was curated, byte for byte."""
    (folder / "source.txt").write_bytes(TEXT.replace("\n", "\r\n").encode())
    digest = hashlib.sha256((folder / "source.txt").read_bytes()).hexdigest()
    expected = f"{folder / 'document.yaml'}:1:12: source.txt has the SHA-256 {digest}, not the one written here"
    with pytest.raises(InputError) as refused:
        read(folder, CLAIM)

    assert str(refused.value).startswith(expected)


@pytest.mark.parametrize("name", ["source.txt", "document.yaml", "claims.yaml"])
def test_a_missing_file_is_told(name: str, folder: Path) -> None:
    """Each of the three files must be there."""
    write_yaml(folder, [CLAIM], [])
    (folder / name).unlink()
    expected = f"{folder / name}: this file is missing"
    with pytest.raises(InputError) as refused:
        read_document(folder, VOCABULARY)

    assert expected == str(refused.value)


def test_a_document_has_one_file_of_claims(folder: Path) -> None:
    """Claims stand in YAML or in lines, not both."""
    write_yaml(folder, [CLAIM], [])
    write_lines(folder, [CLAIM], [])
    expected = ["a document has claims.yaml or claims.jsonl, not both"]

    assert expected == told(read_document, folder, VOCABULARY)


def test_a_claim_is_read_with_all_that_is_said_of_it(folder: Path) -> None:
    """Every field of a claim arrives, with the spans of its words."""
    path = write_yaml(folder, [CLAIM, FULL], [])
    start = 30
    expected = Claim(
        id="C2", sentence="S2", subject="sourdough", relation="raises", object="bread", contexts=("dough",),
        context_texts=("perhaps",), polarity="Negated", certainty="Tentative",
        hedges=(Span(start + 15, start + 18, "may"), Span(start + 20, start + 27, "perhaps")), citations=(3,),
        source=Span(start, start + 40, "Sourdough (SD) may, perhaps, raise bread"),
        focus=Span(start + 29, start + 40, "raise bread"), mechanism_of=("C1",), follows_from=("C1", "C2"),
        rests_on=("warmth",), note="It may.", place=Place(path, 12, 3),
    )  # fmt: skip
    actual = read_document(folder, VOCABULARY).claims[1]

    assert expected == actual


def test_what_a_claim_leaves_out_has_a_default(folder: Path) -> None:
    """A claim is affirmed, its focus is its quote, and all lists are empty."""
    claim = read(folder, CLAIM).claims[0]

    assert claim.polarity == "Affirmed"
    assert claim.source == claim.focus == Span(10, 28, "Yeast raises bread")
    assert () == claim.contexts + claim.context_texts + claim.hedges + claim.citations + claim.rests_on
    assert () == claim.mechanism_of + claim.follows_from


def test_a_quote_is_found_in_the_sentence_it_names(folder: Path) -> None:
    """Of two equal sentences the one that is named counts."""
    expected = Span(76, 94, "Yeast raises bread")
    actual = read(folder, {**CLAIM, "sentence": "S3"}).claims[0].source

    assert expected == actual


def test_a_gloss_is_read_with_all_that_is_said_of_it(folder: Path) -> None:
    """Every field of a gloss arrives, with the span of its words."""
    path = write_lines(folder, [CLAIM], [GLOSS])
    expected = (Gloss("G1", "S2", "SD", "Sourdough", "sourdough", Span(30, 44, "Sourdough (SD)"), Place(path, 2)),)
    actual = read_document(folder, VOCABULARY).glosses

    assert expected == actual


def test_yaml_and_lines_say_the_same(folder: Path) -> None:
    """How the claims are written makes no difference but to their places."""
    written = write_yaml(folder, [CLAIM, FULL], [GLOSS])
    expected = without_places(read_document(folder, VOCABULARY))
    written.unlink()
    write_lines(folder, [CLAIM, FULL], [GLOSS])
    actual = without_places(read_document(folder, VOCABULARY))

    assert len(expected[1]) == 2
    assert expected == actual


EMPTY = {
    "yaml-without-claims": ("claims.yaml", "claims: []\n", "claims: [] has less than 1 item"),
    "yaml-with-nothing": ("claims.yaml", "claims:\n", 'claims: null is not of type "array"'),
    "empty-yaml": ("claims.yaml", "", "this file is empty"),
    "empty-lines": ("claims.jsonl", "", "this file is empty"),
    "blank-lines": ("claims.jsonl", "\n\n", "this file is empty"),
}


@pytest.mark.parametrize(("name", "content", "expected"), EMPTY.values(), ids=EMPTY.keys())
def test_a_document_without_claims_is_refused(name: str, content: str, expected: str, folder: Path) -> None:
    """A file that holds no claim was forgotten, not meant."""
    (folder / name).write_text(content, encoding="utf-8")

    assert [expected] == told(read_document, folder, VOCABULARY)


PROBLEMS: dict[str, tuple[dict[str, object], str, str]] = {
    # what is changed in the full claim, what is wrong, hint
    "unknown-sentence": ({"sentence": "X"}, "there is no sentence 'X'", ""),
    "misspelt-sentence": ({"sentence": "S11"}, "there is no sentence 'S11'", "Did you mean S1?"),
    "unknown-subject": ({"subject": "oven"}, "there is no entity 'oven'",
        "Add it to the entities in data/, or mend the name."),
    "misspelt-subject": ({"subject": "sourdow"}, "there is no entity 'sourdow'", "Did you mean sourdough?"),
    "misspelt-object": ({"object": "breadd"}, "there is no entity 'breadd'", "Did you mean bread?"),
    "misspelt-context": ({"context": ["dogh"]}, "there is no entity 'dogh'", "Did you mean dough or sourdough?"),
    "unknown-relation": ({"relation": "kneads"}, "there is no relation 'kneads'",
        f"Declare <{BREAD}kneads> as rdfs:subPropertyOf ont:relatedTo, or mend the name."),
    "misspelt-relation": ({"relation": "raise"}, "there is no relation 'raise'", "Did you mean raises?"),
    "misspelt-assumption": ({"rests_on": ["warmht"]}, "there is no assumption 'warmht'", "Did you mean warmth?"),
    "unknown-citation": ({"citations": [4]}, "4 is not among the references in document.yaml", ""),
    "unknown-claim-of-a-mechanism": ({"mechanism_of": ["X9"]}, "there is no claim 'X9'",
        "Claims link within their document only."),
    "misspelt-claim-before": ({"follows_from": ["C11"]}, "there is no claim 'C11'", "Did you mean C1?"),
    "quote-of-another-sentence": ({"quote": "Yeast raises bread"},
        "these words do not stand in sentence S2: 'Yeast raises bread'",
        "Quotes are verbatim: letters, blanks and punctuation as in source.txt."),
    "focus-not-in-the-quote": ({"quote": "raise bread", "focus": "Sourdough"},
        "these words do not stand in the quote: 'Sourdough'",
        "Quotes are verbatim: letters, blanks and punctuation as in source.txt."),
    "hedge-not-in-the-sentence": ({"hedges": ["might"]}, "these words do not stand in sentence S2: 'might'",
        "Quotes are verbatim: letters, blanks and punctuation as in source.txt."),
    "context-not-in-the-sentence": ({"context_text": ["at night"]},
        "these words do not stand in sentence S2: 'at night'", ""),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "what", "hint"), PROBLEMS.values(), ids=PROBLEMS.keys())
def test_a_claim_that_does_not_fit_is_told(changes: dict[str, object], what: str, hint: str, folder: Path) -> None:
    """Names must be known and words must stand in the sentence; names that look alike are suggested."""
    claim = {**FULL, "follows_from": ["C1"], **changes}
    with pytest.raises(InputError) as refused:
        read(folder, CLAIM, claim)
    found = [(problem.what, problem.hint) for problem in refused.value.problems]

    assert [(what, hint)] == found


GLOSS_PROBLEMS: dict[str, tuple[dict[str, object], str]] = {
    "unknown-sentence": ({"sentence": "X"}, "there is no sentence 'X'"),
    "unknown-entity": ({"entity": "oven"}, "there is no entity 'oven'"),
    "quote-not-in-the-sentence": ({"quote": "SD bread"}, "these words do not stand in sentence S2: 'SD bread'"),
    "expansion-not-in-the-quote": ({"expansion": "Sour dough"}, "'Sour dough' does not stand in the quote"),
    "abbreviation-not-in-the-quote": ({"abbreviation": "SDO"}, "'SDO' does not stand in the quote"),
    "id-of-a-claim": ({"id": "C1"}, "the gloss 'C1' is already there, at "),
}


@pytest.mark.parametrize(("changes", "expected"), GLOSS_PROBLEMS.values(), ids=GLOSS_PROBLEMS.keys())
def test_a_gloss_that_does_not_fit_is_told(changes: dict[str, object], expected: str, folder: Path) -> None:
    """Short and long form must both stand in the quote, and the quote in its sentence."""
    write_lines(folder, [CLAIM], [{**GLOSS, **changes}])
    actual = told(read_document, folder, VOCABULARY)

    assert len(actual) == 1
    assert actual[0].startswith(expected)


def test_a_repeated_claim_id_is_told_with_the_first(folder: Path) -> None:
    """Two claims of a document never share a name."""
    path = write_lines(folder, [CLAIM, {**CLAIM, "sentence": "S3"}], [])
    expected = [f"{path}:2: the claim 'C1' is already there, at {path}:1"]
    with pytest.raises(InputError) as refused:
        read_document(folder, VOCABULARY)

    assert expected == [f"{problem.place}: {problem.what}" for problem in refused.value.problems]


def test_problems_have_the_place_of_the_value(folder: Path) -> None:
    """Line and column lead to the name that is wrong, not to the claim."""
    path = write_yaml(folder, [CLAIM, {**CLAIM, "id": "C2", "object": "oven"}], [])
    with pytest.raises(InputError) as refused:
        read_document(folder, VOCABULARY)

    assert [Place(path, 17, 14)] == [problem.place for problem in refused.value.problems]


def test_all_problems_are_told_together(folder: Path) -> None:
    """A run tells what is wrong in every claim, in reading order."""
    write_lines(
        folder,
        [
            {**CLAIM, "subject": "oven", "relation": "kneads", "object": "butter"},
            {**CLAIM, "id": "C2", "quote": "Yeast bread"},
            {**CLAIM, "id": "C3", "sentence": "S9"},
            {**CLAIM, "id": "C4", "citations": [8], "follows_from": ["C9"]},
        ],
        [{**GLOSS, "entity": "oven"}],
    )
    expected = [
        "there is no entity 'oven'",
        "there is no relation 'kneads'",
        "there is no entity 'butter'",
        "these words do not stand in sentence S1: 'Yeast bread'",
        "there is no sentence 'S9'",
        "8 is not among the references in document.yaml",
        "there is no entity 'oven'",
        "there is no claim 'C9'",
    ]

    assert expected == told(read_document, folder, VOCABULARY)


BROKEN: dict[str, dict[str, object]] = {
    "lost-quote": {"quote": "Yeast bread"},
    "unknown-sentence": {"sentence": "S9"},
}


@pytest.mark.parametrize("changes", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_claim_is_still_a_claim_to_link_to(changes: dict[str, object], folder: Path) -> None:
    """One mistake is told once, not again wherever the claim is named."""
    actual = told(read, folder, {**CLAIM, **changes}, {**CLAIM, "id": "C2", "follows_from": ["C1"]})

    assert len(actual) == 1


@pytest.mark.parametrize("changes", BROKEN.values(), ids=BROKEN.keys())
def test_the_id_of_a_broken_claim_is_taken(changes: dict[str, object], folder: Path) -> None:
    """A repeated id is told even when its first claim does not fit."""
    actual = told(read, folder, {**CLAIM, **changes}, CLAIM)

    assert len(actual) == 2
    assert actual[1].startswith("the claim 'C1' is already there, at ")


def test_sentences_without_claims_are_listed(folder: Path) -> None:
    """A sentence that only a gloss stands in is silent too."""
    write_yaml(folder, [{**CLAIM, "sentence": "S3"}], [GLOSS])
    expected = ["S1", "S2"]
    actual = [sentence.id for sentence in read_document(folder, VOCABULARY).silent_sentences]

    assert expected == actual


STRAY: dict[str, tuple[str, tuple[Span, ...]]] = {
    "none": ("Yeast rises. Salt slows.", ()),
    "blanks-only": ("\n Yeast rises.\r\n\t Salt slows. \n", ()),
    "before": ("Title\n\nYeast rises. Salt slows.", (Span(0, 5, "Title"),)),
    "between": ("Yeast rises.\n A  note \nSalt slows.", (Span(14, 21, "A  note"),)),
    "after": ("Yeast rises. Salt slows. The end\n", (Span(25, 32, "The end"),)),
    "all-around": (
        "A Yeast rises. B Salt slows. C",
        (Span(0, 1, "A"), Span(15, 16, "B"), Span(29, 30, "C")),
    ),
    "mark-between": ("Yeast rises.) Salt slows.", (Span(12, 13, ")"),)),
}


@pytest.mark.parametrize(("text", "expected"), STRAY.values(), ids=STRAY.keys())
def test_text_outside_of_sentences_is_listed(text: str, expected: tuple[Span, ...], folder: Path) -> None:
    """Headings and left-overs are told, blanks are not."""
    write_document(folder, text, sentences=[{"id": "S1", "text": "Yeast rises."}, {"id": "S2", "text": "Salt slows."}])
    actual = read(folder, {**CLAIM, "quote": "Yeast rises"}).stray_text

    assert expected == actual


RESTS: dict[str, tuple[str, dict[str, object], tuple[str, ...]]] = {
    "name-in-the-sentence": ("A levain raises bread.", {}, ("levain",)),
    "other-name": ("Some levains raise bread.", {}, ("levain",)),
    "names-of-both": ("A levain raises loaves.", {}, ("levain", "loaf")),
    "name-outside-of-the-quote": ("It raises bread (levain).", {"quote": "raises bread"}, ("levain",)),
    "name-of-a-context": (
        "It grows in a loaf.", {"object": "salt", "context": ["bread"], "quote": "It grows"}, ("loaf",),
    ),
    "name-of-an-entity-not-spoken-of": ("A levain raises bread.", {"subject": "dough"}, ()),
    "name-within-a-word": ("A levainlike thing raises bread.", {}, ()),
    "name-beside-marks": ('The "levain"-ed raises bread.', {}, ("levain",)),
    "other-case": ("Levain raises bread.", {}, ()),
    "listed": ("Yeast raises bread.", {"rests_on": ["warmth"]}, ("warmth",)),
    "listed-and-found": ("A levain raises bread.", {"rests_on": ["warmth", "levain"]}, ("levain", "warmth")),
    "no-name": ("Yeast raises bread.", {}, ()),
}  # fmt: skip


@pytest.mark.parametrize(("text", "changes", "expected"), RESTS.values(), ids=RESTS.keys())
def test_a_claim_rests_on_the_names_that_its_sentence_uses(
    text: str, changes: dict[str, object], expected: tuple[str, ...], folder: Path
) -> None:
    """Assumptions about names are found; others are those that the curator lists."""
    write_document(folder, text, sentences=[{"id": "S1", "text": text}])
    actual = read(folder, {**CLAIM, "quote": text, **changes}).claims[0].rests_on

    assert expected == actual


def project(root: Path) -> Project:
    """Make a project of bread."""
    return Project(
        root=root, name="bread", title="Bread", description="About bread.", written_base="https://example.org/bread/",
        base="https://example.org/bread/", license="http://example.org/license", publisher="Bakers", curators="Bakers",
        version="1.0.0", issued="2026-01-02",
    )  # fmt: skip


def test_documents_are_the_folders_in_order(tmp_path: Path) -> None:
    """Each folder is a document; files beside them are none."""
    root = tmp_path / "data" / "documents"
    (root / "rye_2").mkdir(parents=True)
    (root / "loaf-1").mkdir()
    (root / "README.md").write_text("About the documents.", encoding="utf-8")
    expected = [root / "loaf-1", root / "rye_2"]
    actual = document_folders(project(tmp_path))

    assert expected == actual


NO_DOCUMENTS = {
    "no-folder": ("data", "there is no document"),
    "empty-folder": ("data/documents", "there is no document"),
    "blank-in-a-name": ("data/documents/a loaf", "a document's id may hold letters, digits, - and _ only"),
    "letters-beyond-ascii": ("data/documents/brød", "a document's id may hold letters, digits, - and _ only"),
    "dot": ("data/documents/loaf.1", "a document's id may hold letters, digits, - and _ only"),
}


@pytest.mark.parametrize(("path", "expected"), NO_DOCUMENTS.values(), ids=NO_DOCUMENTS.keys())
def test_folders_that_cannot_be_documents_are_told(path: str, expected: str, tmp_path: Path) -> None:
    """A document's folder gives it its id, which becomes part of IRIs."""
    (tmp_path / path).mkdir(parents=True)

    assert [expected] == told(document_folders, project(tmp_path))
