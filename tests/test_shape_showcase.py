"""The examples that readers of the shapes are shown."""

from pathlib import Path
from typing import Final

import pytest

from lungkg.shapes.library import component_of
from lungkg.shapes.showcase import LONGEST, Showcase, load_showcase

PREFIXES: Final = (
    "@base <http://example.org/> .\n@prefix ex: <http://example.org/> .\nPREFIX e: <http://example.org/>\n"
)
FAILING: Final = "# expect: sh:MinCountConstraintComponent shapes:A-p ex:a\n"
ANOTHER: Final = "# expect: sh:MaxCountConstraintComponent shapes:A-p ex:a\n"


def showcase(folder: Path, files: dict[str, str]) -> Showcase:
    """Write examples of a shape, and read them."""
    (folder / "A").mkdir()
    for name, text in files.items():
        (folder / "A" / name).write_text(text, "utf-8")
    found = load_showcase(folder)
    assert found is not None
    return found


def test_one_of_each_kind_is_shown(tmp_path: Path) -> None:
    """The first that passes, and of those that fail the one with the fewest faults; all are counted."""
    files = {
        "pass-b.ttl": "ex:b ex:p 1 .", "pass-a.ttl": "ex:a ex:p 1 .",
        "fail-a.ttl": f"{FAILING}{ANOTHER}ex:a ex:q 1 .", "fail-b.ttl": f"{FAILING}ex:b ex:q 1 .",
    }  # fmt: skip
    found = showcase(tmp_path, files)

    pair = found.pair("http://example.org/shapes#A")
    assert pair.passes is not None
    assert pair.fails is not None
    assert (pair.passing, pair.failing, pair.passes.name, pair.fails.name) == (2, 2, "A/pass-a.ttl", "A/fail-b.ttl")
    assert pair.fails.expected == ("minCount of A-p at a",)


def test_what_trips_a_constraint_is_counted(tmp_path: Path) -> None:
    """By its check and component, whatever base they have."""
    found = showcase(tmp_path, {"fail-a.ttl": f"{FAILING}{ANOTHER}", "fail-b.ttl": FAILING, "pass-a.ttl": ""})

    check = "https://elsewhere.org/shapes#A-p"
    counts = [found.failing(check, component_of(name)) for name in ("minCount", "maxCount", "class")]
    assert counts == [2, 1, 0]


def test_only_what_differs_is_shown(tmp_path: Path) -> None:
    """Neither the prefixes nor what is expected, which is told in words."""
    found = showcase(tmp_path, {"fail-a.ttl": f"{FAILING}# Why it fails.\n\n{PREFIXES}\n\nex:a ex:q 1 .\n"})

    fails = found.pair("A").fails
    assert fails is not None
    assert fails.text == "# Why it fails.\n\nex:a ex:q 1 ."


def test_a_long_example_is_cut(tmp_path: Path) -> None:
    """And shows that it is."""
    found = showcase(tmp_path, {"pass-a.ttl": "ex:a ex:p 1 .\n" * LONGEST})

    passes = found.pair("A").passes
    assert passes is not None
    assert (len(passes.text), passes.text[-3:]) == (LONGEST + 4, "# …")


@pytest.mark.parametrize("text", [b"ex:a ex:p 1 .", b"\xff\xfe"], ids=["expects-nothing", "no-text"])
def test_an_example_that_cannot_be_used_is_left_out(tmp_path: Path, text: bytes) -> None:
    """It is for `lungkg check shapes` to say what is wrong with it."""
    (tmp_path / "A").mkdir()
    (tmp_path / "A" / "fail-a.ttl").write_bytes(text)

    found = showcase_beside(tmp_path)

    assert (found.pair("A").passing, found.pair("A").failing) == (1, 0)


def showcase_beside(folder: Path) -> Showcase:
    """Add one that passes."""
    (folder / "A" / "pass-a.ttl").write_text("ex:a ex:p 1 .", "utf-8")
    found = load_showcase(folder)
    assert found is not None
    return found


def test_no_examples_are_no_showcase(tmp_path: Path) -> None:
    """Neither an empty folder nor a missing one."""
    assert (load_showcase(tmp_path), load_showcase(tmp_path / "nowhere")) == (None, None)


def test_another_example_is_another_digest(tmp_path: Path) -> None:
    """So that a page with it has another tag."""
    before = showcase(tmp_path, {"pass-a.ttl": "ex:a ex:p 1 ."}).digest
    (tmp_path / "A" / "pass-a.ttl").write_text("ex:a ex:p 2 .", "utf-8")
    after = load_showcase(tmp_path)

    assert after is not None
    assert after.digest != before
