"""Quads of any number come out sorted, each once."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from lungkg.sorting import QuadSorter

GRAPH = ox.NamedNode("http://example.org/graph/bread")


def quad(local: str, value: str) -> ox.Quad:
    """Make a quad that says one thing of one loaf."""
    return ox.Quad(
        ox.NamedNode(f"http://example.org/{local}"), ox.NamedNode("http://example.org/says"), ox.Literal(value), GRAPH
    )


def line(item: ox.Quad) -> bytes:
    """Write one quad as a line."""
    return f"{item} .".encode()


QUADS = [quad(f"loaf-{number % 7}", f"value {number % 11}") for number in range(100)]
ODD = [
    quad("loaf", text)
    for text in ("two\nlines", "carriage\rreturn", "form\x0cfeed", "next\x85line", "\u2028", "é🍞", "")
]


@pytest.mark.parametrize("size", [1, 3, 10, 1000], ids=["every-quad", "three", "ten", "one-run"])
@pytest.mark.parametrize("batch", [1, 4, 100], ids=["one-by-one", "by-fours", "all-at-once"])
def test_lines_come_sorted_and_once_whatever_the_runs(
    size: int, batch: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the lines were kept meanwhile makes no difference."""
    monkeypatch.setattr("lungkg.sorting.LINES_PER_RUN", size)
    sorter = QuadSorter(tmp_path)
    for start in range(0, len(QUADS), batch):
        sorter.add(QUADS[start : start + batch])
    expected = sorted({line(item) for item in QUADS})
    actual = list(sorter.lines())

    assert expected == actual


def test_lines_may_be_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading does not use the lines up."""
    monkeypatch.setattr("lungkg.sorting.LINES_PER_RUN", 3)
    sorter = QuadSorter(tmp_path)
    sorter.add(QUADS[:5])
    sorter.add(QUADS[5:7])
    expected = list(sorter.lines())
    actual = list(sorter.lines())

    assert expected
    assert expected == actual


def test_quads_may_be_added_after_lines_were_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was derived from the first lines joins them."""
    monkeypatch.setattr("lungkg.sorting.LINES_PER_RUN", 3)
    sorter = QuadSorter(tmp_path)
    sorter.add(QUADS[:5])
    before = list(sorter.lines())
    sorter.add(QUADS[5:])
    expected = sorted({line(item) for item in QUADS})
    actual = list(sorter.lines())

    assert len(before) == 5
    assert expected == actual


def test_characters_that_break_lines_elsewhere_break_none_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quad is one line, whatever its literal holds."""
    monkeypatch.setattr("lungkg.sorting.LINES_PER_RUN", 2)
    sorter = QuadSorter(tmp_path)
    sorter.add(ODD[:4])
    sorter.add(ODD[4:])
    expected = sorted(line(item) for item in ODD)
    actual = list(sorter.lines())

    assert expected == actual


def test_blank_nodes_keep_their_names(tmp_path: Path) -> None:
    """Canonical names given before are still there after sorting."""
    sorter = QuadSorter(tmp_path)
    sorter.add([ox.Quad(ox.BlankNode("c14n0"), ox.NamedNode("http://example.org/p"), ox.Literal("x"), GRAPH)])
    expected = [b'_:c14n0 <http://example.org/p> "x" <http://example.org/graph/bread> .']
    actual = list(sorter.lines())

    assert expected == actual


def test_no_quads_give_no_lines(tmp_path: Path) -> None:
    """An empty release has no lines."""
    sorter = QuadSorter(tmp_path)
    sorter.add([])
    expected: list[bytes] = []
    actual = list(sorter.lines())

    assert expected == actual
