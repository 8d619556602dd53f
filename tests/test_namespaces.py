"""Where a project's IRIs lie, and which of them another base moves."""

import pytest

from lungkg.namespaces import BASE, GRAPHS, ONT, Minter, Rebase

WRITTEN = "https://example.org/bread/"
WANTED = "http://localhost:8080/"

MOVES = {
    "entity": (WRITTEN + "id/entity/yeast", WANTED + "id/entity/yeast"),
    "claim": (WRITTEN + "id/claim/loaf-C1", WANTED + "id/claim/loaf-C1"),
    "document": (WRITTEN + "doc/loaf", WANTED + "doc/loaf"),
    "graph": (WRITTEN + "graph/edges", WANTED + "graph/edges"),
    "query": (WRITTEN + "query/what-rises", WANTED + "query/what-rises"),
    "dataset": (WRITTEN + "dataset", WANTED + "dataset"),
    "dataset-of-a-release": (WRITTEN + "dataset/1.0.0", WANTED + "dataset/1.0.0"),
    "namespace-of-things": (WRITTEN + "id/", WANTED + "id/"),
    "fragment": (WRITTEN + "id/claim/loaf-C1#source", WANTED + "id/claim/loaf-C1#source"),
    "vocabulary": (WRITTEN + "ont#Flour", WRITTEN + "ont#Flour"),
    "shapes": (WRITTEN + "shapes#FlourShape", WRITTEN + "shapes#FlourShape"),
    "core-vocabulary": (ONT + "Claim", ONT + "Claim"),
    "base-itself": (WRITTEN, WRITTEN),
    "word-that-starts-alike": (WRITTEN + "identity", WRITTEN + "identity"),
    "dataset-like-word": (WRITTEN + "datasets-of-others", WRITTEN + "datasets-of-others"),
    "other-project": ("https://example.org/cake/id/entity/yeast", "https://example.org/cake/id/entity/yeast"),
    "other-scheme": ("http://example.org/bread/id/entity/yeast", "http://example.org/bread/id/entity/yeast"),
    "base-in-the-middle": ("http://a/?" + WRITTEN + "id/x", "http://a/?" + WRITTEN + "id/x"),
    "empty": ("", ""),
}


@pytest.mark.parametrize(("iri", "expected"), MOVES.values(), ids=MOVES.keys())
def test_only_the_movable_iris_of_a_project_move(iri: str, expected: str) -> None:
    """Things, documents, graphs, queries and the dataset move; vocabulary and strangers stay."""
    actual = Rebase(WRITTEN, WANTED)(iri)

    assert expected == actual


@pytest.mark.parametrize("iri", [moved for moved, _ in MOVES.values()], ids=MOVES.keys())
def test_the_base_that_was_written_moves_nothing(iri: str) -> None:
    """Publishing under the written base leaves every IRI as it is."""
    actual = Rebase(WRITTEN, WRITTEN)(iri)

    assert iri == actual


def test_a_wanted_base_below_the_written_one_moves_once() -> None:
    """A base that starts with the other one is no trap."""
    expected = WRITTEN + "id/id/entity/yeast"
    actual = Rebase(WRITTEN, WRITTEN + "id/")(WRITTEN + "id/entity/yeast")

    assert expected == actual


def test_a_minter_names_things() -> None:
    """A thing's IRI says its type and its local name."""
    expected = "https://example.org/bread/id/entity/yeast"
    actual = Minter(WRITTEN).thing("entity", "yeast")

    assert expected == actual


def test_a_minter_names_graphs() -> None:
    """A graph's IRI says its name."""
    expected = "https://example.org/bread/graph/edges"
    actual = Minter(WRITTEN).graph("edges")

    assert expected == actual


def test_a_minter_names_the_dataset() -> None:
    """There is one dataset per base."""
    expected = "https://example.org/bread/dataset"
    actual = Minter(WRITTEN).dataset

    assert expected == actual


@pytest.mark.parametrize("graph", GRAPHS)
def test_what_is_minted_can_be_moved(graph: str) -> None:
    """Minting under the written base and moving gives what minting under the wanted base gives."""
    move = Rebase(WRITTEN, WANTED)

    assert Minter(WANTED).graph(graph) == move(Minter(WRITTEN).graph(graph))
    assert Minter(WANTED).thing(graph, "x") == move(Minter(WRITTEN).thing(graph, "x"))
    assert Minter(WANTED).dataset == move(Minter(WRITTEN).dataset)


def test_the_core_vocabulary_has_a_home_of_its_own() -> None:
    """The core terms are the same for every project."""
    assert BASE + "ont#" == ONT
