"""Where triples are written: in every text that pyoxigraph reads, each triple has the place of its object."""

import io
import random
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from lungkg.validation.positions import MOST_NESTED, Mark, marks

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "w3c"
FORMS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".trig": ox.RdfFormat.TRIG,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
}
FOLDERS = ("ontology", "shapes", "tests/examples", "tests/other_project", "tests/fixtures")
FILES = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.ttl"))]
HEAD = "@prefix e: <http://e/> .\nPREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>\n"


def triples_of(text: str, form: ox.RdfFormat = ox.RdfFormat.TURTLE) -> list[ox.Triple]:
    """What pyoxigraph reads, in its order."""
    return [quad.triple for quad in ox.parse(text, format=form, base_iri="http://b/")]


def spelled(text: str, form: ox.RdfFormat = ox.RdfFormat.TURTLE) -> list[tuple[str, str, str] | None]:
    """The first token of the subject and predicate and the whole object of each triple, as they are written."""
    found = marks(text, triples_of(text, form), form)
    assert found is not None
    return [
        mark and (_word(text, mark.subject), _word(text, mark.predicate), text[mark.object : mark.end])
        for mark in found
    ]


def _word(text: str, start: int) -> str:
    return text[start:].split(maxsplit=1)[0]


CASES = {
    "one": ("e:a e:p e:b .", [("e:a", "e:p", "e:b")]),
    "type": ("e:a a e:T .", [("e:a", "a", "e:T")]),
    "comma-list": ("e:a e:p 1 , -2.5 ,+1e5, true .", [("e:a", "e:p", o) for o in ("1", "-2.5", "+1e5", "true")]),
    "semicolons": ("e:a e:p 1 ;; e:q 2 ; .", [("e:a", "e:p", "1"), ("e:a", "e:q", "2")]),
    "language-and-type": ('e:a e:p "x"@en-GB , "y"^^e:t .', [("e:a", "e:p", '"x"@en-GB'), ("e:a", "e:p", '"y"^^e:t')]),
    "several-lines": ('e:a e:p """l "1" .\nl 2;""" ; e:q 1 .', [("e:a", "e:p", '"""l "1" .\nl 2;"""'), ("e:a", "e:q", "1")]),
    "comment": ('e:a # e:x e:y "\n e:p 1 . # .', [("e:a", "e:p", "1")]),
    "iri-with-hash": ("<http://a#b> <http://p> <#c> .", [("<http://a#b>", "<http://p>", "<#c>")]),
    "relative": ("<> <.> <../x> , <?q> .", [("<>", "<.>", "<../x>"), ("<>", "<.>", "<?q>")]),
    "escaped": (r"e:a e:p e:x\~y , <http://\u0041> .", [("e:a", "e:p", r"e:x\~y"), ("e:a", "e:p", r"<http://\u0041>")]),
    "labelled-blank": ("_:x.y e:p _:z .", [("_:x.y", "e:p", "_:z")]),
    "brackets": ("e:a e:p [ e:q 1 ] .", [("[", "e:q", "1"), ("e:a", "e:p", "[ e:q 1 ]")]),
    "string-before-a-bracket": ('e:a e:p [ e:q "s" ] .', [("e:a", "e:p", '[ e:q "s" ]'), ("[", "e:q", '"s"')]),
    "nested": ("e:a e:p [ e:q [ e:r 1 ] ] .", [("[", "e:r", "1"), ("[", "e:q", "[ e:r 1 ]"), ("e:a", "e:p", "[ e:q [ e:r 1 ] ]")]),
    "empty-brackets": ("[] e:p [] .", [("[]", "e:p", "[]")]),
    "brackets-alone": ("[ e:p 1 ] .", [("[", "e:p", "1")]),
    "brackets-first": ("[ e:p 1 ] e:q 2 .", [("[", "e:p", "1"), ("[", "e:q", "2")]),
    "collection": ("e:a e:p ( 1 [ e:q 2 ] ) .", [None, ("e:a", "e:p", "( 1 [ e:q 2 ] )"), None, ("[", "e:q", "2"), None, None]),
    "empty-collection": ("e:a e:p () .", [("e:a", "e:p", "()")]),
    "collection-first": ("( 1 ) e:p 2 .", [None, None, ("(", "e:p", "2")]),
    "list-by-hand": ("_:a rdf:first 1 ; rdf:rest rdf:nil .", [("_:a", "rdf:first", "1"), ("_:a", "rdf:rest", "rdf:nil")]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_each_triple_has_its_place(text: str, expected: list[tuple[str, str, str] | None]) -> None:
    """Subject, predicate and object are where they stand; the links of a collection stand nowhere."""
    assert expected == spelled(HEAD + text)


def test_graphs_and_quads_have_places_too() -> None:
    """TriG's blocks with and without names, and N-Quads' fourth term."""
    trig = "e:g { e:a e:p 1 } GRAPH e:h { [] e:p 2 . e:b e:p 3 . } { e:c e:p 4 } [] { e:d e:p 5 } e:e e:p 6 ."
    quads = "<a:a> <a:p> <a:b> <a:g> .\n# c\n<a:c> <a:p> \"x\"@en .\n<a:d> <a:p> 'y'^^<a:t> _:g .\n".replace("'", '"')

    assert ["1", "2", "3", "4", "5", "6"] == [one[2] for one in spelled(HEAD + trig, ox.RdfFormat.TRIG) if one]
    assert ["<a:b>", '"x"@en', '"y"^^<a:t>'] == [one[2] for one in spelled(quads, ox.RdfFormat.N_QUADS) if one]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_of_the_project_has_places(path: Path) -> None:
    """Each triple of our own Turtle has its place, apart from the links of collections."""
    text = path.read_text("utf-8")

    found = marks(text, triples_of(text), ox.RdfFormat.TURTLE)

    assert found is not None


@pytest.mark.skipif(not SHARED.is_dir(), reason="the W3C's tests (../shared/w3c) are not at hand")
def test_the_files_of_the_w3c_have_places() -> None:
    """So has whatever of the W3C's test files pyoxigraph reads."""
    without, read = [], 0
    for path in sorted(one for one in SHARED.rglob("*") if one.suffix in FORMS):
        form, text = FORMS[path.suffix], path.read_bytes().decode("utf-8", "replace")
        try:
            triples = triples_of(text, form)
        except SyntaxError:
            continue
        read += 1
        without += [path] if marks(text, triples, form) is None else []

    assert read > 100
    assert [] == without


class _Lines(io.BytesIO):
    """A file that gives one line at a time, and knows how many it gave."""

    def __init__(self, text: str) -> None:
        super().__init__(text.encode())
        self.given = 0

    def read(self, _size: int | None = -1) -> bytes:
        """Give the next line."""
        self.given += 1
        return self.readline()


def streamed(text: str) -> Iterator[int]:
    """The line that pyoxigraph had read last when it gave each triple."""
    file = _Lines(text)
    for _ in ox.parse(file, format=ox.RdfFormat.TURTLE):
        yield file.given


def random_turtle(seed: int) -> str:
    """Turtle of every kind of term and nesting, spread over lines at random."""
    choose = random.Random(seed)  # noqa: S311 - tests must be repeatable
    terms = ("e:a", "<http://e/b>", "_:l", '"s"', '"t"@en', '"u"^^e:d', "1", "-2.5", "true", '"""m\nn"""', "e:x.y", "[]", "()", "'q'", "1e5", r"e:\~z")  # fmt: skip

    def thing(depth: int) -> str:
        roll = choose.random()
        if depth < 3 and roll < 0.15:
            return f"[ {pairs(depth + 1)} ]"
        if depth < 3 and roll < 0.3:
            return f"( {' '.join(thing(depth + 1) for _ in range(choose.randint(0, 3)))} )"
        return choose.choice(terms)

    def pairs(depth: int) -> str:
        lists = [" , ".join(thing(depth) for _ in range(choose.randint(1, 3))) for _ in range(choose.randint(1, 3))]
        return " ; ".join(f"{choose.choice(('a', 'e:p', 'e:q'))} {one}" for one in lists) + choose.choice(("", " ;"))

    subjects = ("e:s", "_:z", "[]", f"[ {pairs(1)} ]", f"( {thing(1)} {thing(1)} )")
    ends = (" ", ' # c "', "")
    text = "".join(f"{choose.choice(subjects)} {pairs(0)} .{choose.choice(ends)}\n" for _ in range(4))
    return HEAD + text.replace(" ; ", choose.choice((" ; ", " ;\n    ")))


@pytest.mark.parametrize(
    "seeds", [range(at, at + 50) for at in range(0, 300, 50)], ids=lambda seeds: f"{seeds.start}-{seeds.stop - 1}"
)
def test_places_of_random_turtle_are_those_that_the_parser_has_reached(seeds: range) -> None:
    """An object stands no later than the line that the parser had read, and reads as the triple's object."""
    for text in map(random_turtle, seeds):
        triples = triples_of(text)
        found = marks(text, triples, ox.RdfFormat.TURTLE)
        assert found is not None, text
        for triple, mark, line in zip(triples, found, streamed(text), strict=True):
            if mark is not None:
                last = mark.object if text[mark.object] == "(" else mark.end  # given when its first member is met
                assert text.count("\n", 0, last) + 1 <= line, text
                if isinstance(triple.object, ox.Literal):
                    assert triple.object == triples_of(f"{HEAD}e:a e:p {text[mark.object : mark.end]} .")[0].object


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("e:a e:p e:b {| e:q 1 |} .", id="annotation"),
        pytest.param("<< e:a e:p e:b >> e:q 1 .", id="reified-triple"),
        pytest.param("e:a e:p e:b ~ e:r .", id="reifier"),
        pytest.param(f"e:a e:p {'[ e:p ' * (MOST_NESTED + 1)}1{' ]' * (MOST_NESTED + 1)} .", id="too-deep"),
    ],
)
def test_what_is_not_understood_has_no_places_rather_than_wrong_ones(text: str) -> None:
    """Syntax of RDF 1.2, and brackets nested beyond reason."""
    assert marks(HEAD + text, triples_of(HEAD + text), ox.RdfFormat.TURTLE) is None


def test_triples_of_another_text_are_noticed() -> None:
    """The check that spots and triples fit trips when they do not."""
    texts = ["e:a e:p e:b .", "e:a e:q e:b .", "e:a e:p 1 .", "e:a e:p e:b , e:c .", ""]

    fits = [marks(HEAD + texts[0], triples_of(HEAD + text), ox.RdfFormat.TURTLE) is not None for text in texts]

    assert [True, False, False, False, False] == fits


def test_a_mark_is_a_plain_tuple() -> None:
    """Marks sort by where the triple stands."""
    assert [Mark(0, 2, 4, 5), Mark(0, 7, 9, 10)] == sorted([Mark(0, 7, 9, 10), Mark(0, 2, 4, 5)])
