"""The reference of the checks of ontologies lists them as they are."""

import re
from pathlib import Path

from lungkg.ontology_checks.catalogue import checks
from lungkg.ontology_checks.difference import KINDS
from lungkg.ontology_checks.profiles import NOT_CHECKED

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "ontology-checks.md").read_text("utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (\w+)( \(off\))? \| (.*?) \|$", re.MULTILINE)


def test_every_check_is_in_the_reference() -> None:
    """Name, level and demand of each check, in the order of the lists."""
    rows = [(name, level, bool(off), wants) for name, level, off, wants in ROW.findall(PAGE)]

    assert rows == [(check.name, check.level, check.off, check.wants) for check in checks().values()]


def test_what_is_not_checked_is_in_the_reference() -> None:
    """The limits that the report names are those that can be read about."""
    assert NOT_CHECKED in PAGE.replace("`", "")


def test_every_kind_of_change_is_in_the_reference() -> None:
    """Who reads a heading of a difference finds what it means."""
    told = PAGE.partition("## The difference of two versions")[2].lower()

    assert [heading for heading in KINDS.values() if heading.lower().removesuffix(" changed") not in told] == []
