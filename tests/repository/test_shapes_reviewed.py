"""The shapes hold up to a review: nothing in them checks nothing, and each constraint has its examples.

What is wrong is told here in the reviewer's words; `lungkg check shapes` tells the same, and more.
"""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.shapes_at_hand import EXAMPLES, ROOT

from lungkg.namespaces import ONT
from lungkg.ontology import load_ontology
from lungkg.project import load_project
from lungkg.shapes.examples import Examples
from lungkg.shapes.lint import Terms
from lungkg.shapes.reading import read_library
from lungkg.shapes.review import review
from lungkg.shapes.rules import RULES


def complaints(root: Path, *parts: str, examples: Path | None = None) -> list[str]:
    """What a review has to say against the shapes of a project, as sentences."""
    project = load_project(root)
    ontology = load_ontology(project.ontology_files(), project.ont)
    library = read_library(str(path) for path in project.shape_files())
    tried = Examples(examples, ontology.triples) if examples is not None else None
    made = review(library, Terms.of(ontology, (project.ont, ONT)), examples=tried, parts=parts)
    return [f"{one.place}: {one.message}" for one in made.report.sorted() if one.severity != "Info"]


def refuse(told: list[str]) -> None:
    """Fail with the sentences, and nothing else."""
    if told:
        pytest.fail("\n".join(["the shapes do not hold up to a review:", *told]), pytrace=False)


def test_the_shapes_say_what_they_mean() -> None:
    """No misspelt term, no shape that checks nothing, no demand that nothing can meet."""
    refuse(complaints(ROOT, "lint"))


@pytest.mark.slow
def test_every_constraint_has_its_examples() -> None:
    """Each constraint has an example that it rejects and one that it accepts, and these are what they say."""
    refuse(complaints(ROOT, "examples", examples=EXAMPLES))


def test_the_rules_are_those_of_the_code_and_of_the_page() -> None:
    """A rule that trips is in the table of rules, and every rule can be read about."""
    code = "".join(
        path.read_text("utf-8") for path in (ROOT / "src" / "lungkg" / "shapes").glob("*.py") if path.stem != "rules"
    )
    page = (ROOT / "docs" / "howto" / "review-shapes.md").read_text("utf-8")
    named = set(re.findall(r'(?:tell\(library, |yield |Finding\("\w+", |self\._never\()"([a-z]+(?:-[a-z]+)+)"', code))

    assert len(named) > 30
    assert named - set(RULES) == set()
    assert set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", page.replace("`pass-", ""))) & set(RULES) == set(RULES)


def misspell_parameter(root: Path, _: Path) -> None:
    """Write sh:mincount for sh:minCount."""
    replace(root / "shapes" / "disease.ttl", "sh:minCount 1", "sh:mincount 1")


def misspell_target(root: Path, _: Path) -> None:
    """Write ont:Diseaze for ont:Disease."""
    replace(root / "shapes" / "disease.ttl", "sh:targetClass ont:Disease", "sh:targetClass ont:Diseaze")


def forget_the_failing_example(_: Path, examples: Path) -> None:
    """Remove the one example that trips a constraint."""
    (examples / "DiseaseShape" / "fail-minCount-match.ttl").unlink()


def forget_the_passing_examples(_: Path, examples: Path) -> None:
    """Remove the examples that show what a shape accepts."""
    for path in (examples / "DiseaseShape").glob("pass-*.ttl"):
        path.unlink()


def relax(root: Path, _: Path) -> None:
    """Make a constraint ask for nothing, so that its failing example passes."""
    replace(root / "shapes" / "disease.ttl", "sh:minCount 1", "sh:minCount 0")


def replace(path: Path, old: str, new: str) -> None:
    """Spoil a file."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize(
    ("spoil", "part", "sentence"),
    [
        pytest.param(misspell_parameter, "lint", "shapes:Disease-match: sh:mincount is not a term of SHACL; it would check nothing; did you mean sh:minCount?", id="misspelt-parameter"),
        pytest.param(misspell_target, "lint", "shapes:DiseaseShape: the ontology does not declare the class ont:Diseaze; did you mean ont:Disease?", id="misspelt-target"),
        pytest.param(forget_the_failing_example, "examples", "shapes:Disease-match: no failing example trips sh:minCount 1: nothing shows that it rejects what it should; add DiseaseShape/fail-minCount-match.ttl", id="no-failing-example"),
        pytest.param(forget_the_passing_examples, "examples", "shapes:DiseaseShape: no passing example meets this shape: nothing shows what it accepts; add DiseaseShape/pass-….ttl", id="no-passing-example"),
        pytest.param(relax, "examples", "DiseaseShape/fail-minCount-match.ttl: this example expects minCount of Disease-match at thin-layer-disease, and the shapes do not find that", id="example-that-does-not-fail"),
    ],
)  # fmt: skip
def test_each_of_these_makes_the_tests_fail_with_a_sentence(
    spoil: Callable[[Path, Path], None], part: str, sentence: str, copied: Path, tmp_path: Path
) -> None:
    """The tests above trip, with the place and what to do."""
    examples = tmp_path / "examples"
    for name in ("DiseaseShape", "CellTypeShape"):
        shutil.copytree(EXAMPLES / name, examples / name)
    shutil.copy(EXAMPLES / "common.ttl", examples)
    spoil(copied, examples)

    told = complaints(copied, part, examples=examples)
    with pytest.raises(pytest.fail.Exception) as failed:
        refuse(told)

    about = [line for line in told if sentence in line]
    assert len(about) == 1, told
    assert about[0].partition(": ")[0].rpartition("/")[2].startswith(("disease.ttl:", "fail-minCount-match.ttl:1"))
    assert sentence in str(failed.value)
