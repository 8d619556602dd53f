"""The shapes as a release publishes them: by its graph of shapes, with the prefixes of its project."""

from collections.abc import Iterable

import pyoxigraph as ox

from lungkg.namespaces import BASE, Minter
from lungkg.project import Project
from lungkg.shapes.library import Library
from lungkg.validation.terms import Converter


def published_shapes(triples: Iterable[ox.Triple], project: Project) -> Library:
    """Make the library of the triples of a graph of shapes; equal graphs give equal names of blank nodes.

    Raises ValueError when blank nodes lead back to themselves, as no list and no path may.
    """
    dataset = ox.Dataset(ox.Quad(*triple) for triple in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    graph = Converter().graph(quad.triple for quad in dataset)
    for prefix, namespace in {**project.prefixes, **_own(project)}.items():
        graph.bind(prefix, namespace)
    return Library.of(graph)


def stored_shapes(store: ox.Store, project: Project) -> Library:
    """Make the library of the shapes in the store of a release. Raises what `published_shapes` raises."""
    graph = ox.NamedNode(Minter(project.base).graph("shapes"))
    return published_shapes((quad.triple for quad in store.quads_for_pattern(None, None, None, graph)), project)


def _own(project: Project) -> dict[str, str]:
    """Give prefixes for the shapes themselves, the core's and the project's."""
    core, own = f"{BASE}shapes#", f"{project.written_base}shapes#"
    return {"shapes": core} | ({} if own == core else {f"{project.name}-shapes": own})
