"""Waivers: read with their places, held to what there is to waive, and overdue after their day."""

from dataclasses import replace
from pathlib import Path

import pytest

from lungkg.errors import InputError, Place
from lungkg.project import Project
from lungkg.report import Finding
from lungkg.waivers import Waiver, Waivers, read_waivers, settled

KNOWN = ("P13", "missing_label", "OM3")
GOOD = "- {check: P13, reason: ' One way. ', by: curators, until: 2026-12-31}\n"
NARROW = "- {{check: P13, only: [{}], reason: r, by: b, until: 2026-12-31}}\n"


def read(project: Project, tmp_path: Path, text: str) -> Waivers:
    """Read waivers from a text."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "waivers.yaml").write_text("waivers:\n" + text, "utf-8")
    return read_waivers(replace(project, root=tmp_path), KNOWN, once=("OM3",))


def test_no_file_means_no_waivers(project: Project, tmp_path: Path) -> None:
    """A project without waivers needs no file."""
    assert read_waivers(replace(project, root=tmp_path), KNOWN) == Waivers()


def test_a_waiver_is_read(project: Project, tmp_path: Path) -> None:
    """Check, reason, name, day, and where it stands."""
    ((waiver, place),) = read(project, tmp_path, GOOD).entries

    assert waiver == Waiver("P13", "One way.", "curators", "2026-12-31")
    assert (place.path, place.line, place.column) == (tmp_path / "data" / "waivers.yaml", 2, 11)


def test_two_waivers_of_a_check_may_cover_different_terms(project: Project, tmp_path: Path) -> None:
    """Each term has its own reason."""
    found = read(project, tmp_path, NARROW.format("a:x") + NARROW.format("a:y"))

    assert [[one.covers(about) for one in found.of("P13")] for about in ("a:x", "a:y", "a:z")] == [
        [True, False],
        [False, True],
        [False, False],
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("- {check: P13, by: b, until: 2026-12-31}", '2:3: waivers[0]: "reason" is a required', id="no-reason"),
        pytest.param("- {check: P13, reason: ' ', by: b, until: 2026-12-31}", "2:24: waivers[0].reason: ", id="empty-reason"),
        pytest.param("- {check: P13, reason: r, until: 2026-12-31}", '2:3: waivers[0]: "by" is a required', id="nobody"),
        pytest.param("- {check: P13, reason: r, by: b}", '2:3: waivers[0]: "until" is a required', id="for-ever"),
        pytest.param("- {check: P13, reason: r, by: b, until: soon}", "2:41: waivers[0].until: ", id="no-day"),
        pytest.param("- {check: P14, reason: r, by: b, until: 2026-12-31}", "2:11: there is no check 'P14'", id="no-such-check"),
        pytest.param(GOOD + GOOD, "3:11: P13 is already waived", id="twice"),
        pytest.param(GOOD + NARROW.format("a:x"), "3:11: P13 is already waived", id="a-term-of-all"),
        pytest.param(NARROW.format("a:x, a:y") + NARROW.format("a:y"), "3:11: P13 is already waived", id="a-term-twice"),
        pytest.param(
            (NARROW.format("a:x") + NARROW.format("a:y")).replace("P13", "OM3"), "3:11: OM3 is already waived", id="of-one-waiver",
        ),
    ],
)  # fmt: skip
def test_a_waiver_that_is_wrong_is_told_with_its_place(
    project: Project, tmp_path: Path, text: str, expected: str
) -> None:
    """A waiver without reason, name or day, of an unknown check, or of what is waived already, is an error."""
    with pytest.raises(InputError) as caught:
        read(project, tmp_path, text)

    (problem,) = caught.value.problems
    assert str(problem).partition("waivers.yaml:")[2].startswith(expected)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param("2026-12-31", [], id="last-day"),
        pytest.param(
            "2027-01-01",
            ["data/waivers.yaml:2:11: the waiver of P13 ran out on 2026-12-31 (curators: One way.)"],
            id="day-after",
        ),
    ],
)
def test_a_waiver_is_overdue_after_its_last_day(
    project: Project, tmp_path: Path, day: str, expected: list[str]
) -> None:
    """The sentence says which waiver it is, since when, whose, why, and where to mend it."""
    found = read(project, tmp_path, GOOD).overdue(day)

    assert [str(problem).replace(f"{tmp_path}/", "").partition("\n")[0] for problem in found] == expected


# What is found, settled

DAY = "2026-12-01"
HERE = Place(Path("waivers.yaml"), 3, 12)
WAIVER = Waiver("missing_label", "It has no name yet.", "curators", "2026-12-31", ("https://example.org/ont#A",))
FOUND = Finding("Violation", "missing_label", "…", "<https://example.org/ont#A>")


@pytest.mark.parametrize(
    ("waiver", "day", "expected"),
    [
        pytest.param(WAIVER, DAY, [("missing_label", True)], id="waived"),
        pytest.param(replace(WAIVER, only=()), DAY, [("missing_label", True)], id="all-waived"),
        pytest.param(WAIVER, "2026-12-31", [("missing_label", True)], id="last-day"),
        pytest.param(WAIVER, "2027-01-01", [("missing_label", False), ("expired_waiver", False)], id="run-out"),
        pytest.param(
            replace(WAIVER, only=("https://example.org/ont#B",)),
            DAY,
            [("missing_label", False), ("idle_waiver", False)],
            id="of-another-term",
        ),
        pytest.param(
            replace(WAIVER, check="P13"), DAY, [("missing_label", False), ("idle_waiver", False)], id="of-another-check"
        ),
        pytest.param(
            replace(WAIVER, check="https://example.org/shapes#S"), DAY, [("missing_label", False)], id="of-a-shape"
        ),
    ],
)
def test_a_waiver_settles_what_it_covers(waiver: Waiver, day: str, expected: list[tuple[str, bool]]) -> None:
    """A waiver holds for its terms until its last day; one that ran out or has nothing to waive is told."""
    found = settled([FOUND], Waivers(((waiver, HERE),)), day, KNOWN)

    assert [(finding.check, bool(finding.waived)) for finding in found] == expected


def test_a_waiver_says_why_by_whom_and_until_when() -> None:
    """What is waived carries the words of its waiver."""
    (found,) = settled([FOUND], Waivers(((WAIVER, HERE),)), DAY, KNOWN)

    assert found.waived == "waived until 2026-12-31 by curators: It has no name yet."


def test_an_expired_waiver_is_a_violation_at_its_place() -> None:
    """Reviewers read which waiver ran out, when, whose it was and why it was made."""
    found = settled([], Waivers(((WAIVER, HERE),)), "2027-01-01", KNOWN)

    assert [(one.severity, one.place, one.message) for one in found if one.check == "expired_waiver"] == [
        ("Violation", HERE, "the waiver of missing_label ran out on 2026-12-31 (curators: It has no name yet.)")
    ]


def test_waivers_of_checks_that_did_not_run_are_left_alone() -> None:
    """Who runs one check hears nothing of the waivers of others."""
    assert settled([], Waivers(((WAIVER, HERE),)), "2027-01-01", ["P13"]) == []


def test_a_shape_is_waived_by_its_iri() -> None:
    """What a shape finds about a node is waived like what a check finds about a term."""
    shape, node = "https://example.org/shapes#S", "https://example.org/id/entity/a"
    waiver = Waiver(shape, "It is being mended.", "curators", "2026-12-31", (node,))
    found = [Finding("Violation", shape, "…", f"<{one}>") for one in (node, node + "b")]

    assert [bool(one.waived) for one in settled(found, Waivers(((waiver, HERE),)), DAY, [shape])] == [True, False]
