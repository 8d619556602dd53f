"""A project: where it is found, what its project.yaml must say, which prefixes it has."""

from pathlib import Path

import pytest

from lungkg.errors import InputError
from lungkg.project import bundled_root, find_root, load_project

GOOD = """name: bread
title: Bread
description: About bread.
base: https://example.org/bread/
license: https://example.org/licence
publisher: bakers
version: 1.0.0
issued: "2026-01-31"
"""


def written(root: Path, text: str = GOOD) -> Path:
    """Write a project.yaml into a folder."""
    (root / "data").mkdir(exist_ok=True)
    (root / "data" / "project.yaml").write_text(text, "utf-8")
    return root


def test_the_folder_asked_for_is_the_project(tmp_path: Path) -> None:
    """--project wins over everything else."""
    assert find_root(tmp_path) == tmp_path


def test_the_current_folder_is_the_project_when_it_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Standing in a project, no option is needed."""
    monkeypatch.chdir(written(tmp_path))

    assert find_root(None) == tmp_path


def test_elsewhere_the_bundled_project_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In any other folder the project that comes with lungkg is meant."""
    monkeypatch.chdir(tmp_path)

    assert find_root(None) == bundled_root()


def test_a_project_has_the_prefixes_of_core_things_and_its_own(tmp_path: Path) -> None:
    """Core vocabularies, one prefix for each type of thing, and what project.yaml declares."""
    project = load_project(written(tmp_path, GOOD + "prefixes:\n  food: https://example.org/food/\n"))

    prefixes = project.prefixes
    assert prefixes["ont"] == "https://w3id.org/lungkg/ont#"
    assert prefixes["bread"] == "https://example.org/bread/ont#"
    assert prefixes["entity"] == "https://example.org/bread/id/entity/"
    assert prefixes["food"] == "https://example.org/food/"


def test_a_project_may_say_what_it_is_about_and_who_may_have_it(tmp_path: Path) -> None:
    """For catalogues; without either, nothing is said of it."""
    project = load_project(written(tmp_path, GOOD + "keywords: [bread, rye]\naccess_rights: https://example.org/all\n"))

    assert (project.keywords, project.access_rights) == (("bread", "rye"), "https://example.org/all")
    assert (load_project(written(tmp_path)).keywords, load_project(written(tmp_path)).access_rights) == ((), "")


def test_another_base_moves_things_and_keeps_the_vocabulary(tmp_path: Path) -> None:
    """--base changes where things live, not where kinds and relations do."""
    project = load_project(written(tmp_path), base="http://localhost/")

    assert project.prefixes["entity"] == "http://localhost/id/entity/"
    assert project.ont == "https://example.org/bread/ont#"
    assert project.rebase("https://example.org/bread/id/entity/rye") == "http://localhost/id/entity/rye"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            GOOD.replace("name: bread", "name: entity"), "1:7: 'entity' is a built-in prefix", id="name-taken"
        ),
        pytest.param(
            GOOD + "prefixes:\n  ont: https://example.org/\n", "10:8: 'ont' is a built-in prefix", id="prefix-taken"
        ),
        pytest.param(GOOD.replace("bread/\n", "bread\n"), "4:7: base:", id="base-without-slash"),
        pytest.param(GOOD.replace("2026-01-31", "2026-13-31"), "8:9: issued:", id="no-such-day"),
        pytest.param(GOOD.replace("version: 1.0.0\n", ""), '"version" is a required property', id="missing"),
        pytest.param(GOOD + "colour: red\n", "colour", id="unknown"),
        pytest.param(GOOD.replace("licence", "my licence"), "5:10: license:", id="licence-that-is-no-iri"),
        pytest.param(GOOD + "access_rights: public\n", "9:16: access_rights:", id="rights-that-are-no-iri"),
        pytest.param(GOOD + "keywords: [bread, bread]\n", "9:11: keywords:", id="a-keyword-twice"),
        pytest.param(GOOD + "prefixes:\n  a: http://a b/\n", "10:6: prefixes", id="prefix-that-is-no-iri"),
    ],
)
def test_a_project_file_that_does_not_fit_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    """The message says file, line, column and what is wrong."""
    with pytest.raises(InputError) as caught:
        load_project(written(tmp_path, text))

    assert message in str(caught.value)
    assert str(tmp_path / "data" / "project.yaml") in str(caught.value)


@pytest.mark.parametrize(
    "base", ["lungs", "ftp://a/", "http://a", "http://a b/", "http://a/?x/", "http://a/#x/", "http://a/<x/"]
)
def test_a_base_that_is_none_is_refused(tmp_path: Path, base: str) -> None:
    """A base is an http(s) IRI that ends with a slash."""
    with pytest.raises(InputError, match="must start with http"):
        load_project(written(tmp_path), base=base)


def test_releases_go_beside_the_sources(tmp_path: Path) -> None:
    """Unless told otherwise, build/ is in the project."""
    assert load_project(written(tmp_path)).default_out() == tmp_path / "build"
