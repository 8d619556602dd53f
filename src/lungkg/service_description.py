"""What the endpoint says of itself: a SPARQL 1.1 Service Description (https://www.w3.org/TR/sparql11-service-description/).

It depends on the address that was asked, so it is made for each request and is no part of a release.
Nothing in it is a blank node: what has no IRI of its own is a fragment of that address.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import pyoxigraph as ox

from lungkg.endpoint_terms import PREFIXES as TERM_PREFIXES
from lungkg.endpoint_terms import SD, said
from lungkg.formats import GRAPHS as GRAPH_FORMATS
from lungkg.formats import RESULTS
from lungkg.namespaces import GRAPHS, RDF, RDFS, VOID, Minter
from lungkg.project import Project
from lungkg.triples import english, integer

_A: Final = RDF + "type"
_LABEL: Final = RDFS + "label"

FORMATS: Final = "http://www.w3.org/ns/formats/"
SIMPLE_ENTAILMENT: Final = "http://www.w3.org/ns/entailment/Simple"

FORMAT_NAMES: Final[Mapping[str, str]] = {
    "application/sparql-results+json": "SPARQL_Results_JSON",
    "application/sparql-results+xml": "SPARQL_Results_XML",
    "text/csv": "SPARQL_Results_CSV",
    "text/tab-separated-values": "SPARQL_Results_TSV",
    "text/turtle": "Turtle",
    "application/ld+json": "JSON-LD",
    "application/n-triples": "N-Triples",
    "application/rdf+xml": "RDF_XML",
    "application/trig": "TriG",
    "application/n-quads": "N-Quads",
}
"""What the W3C calls the formats, by media type (https://www.w3.org/ns/formats/)."""

_GEOSPARQL: Final = "http://www.opengis.net/def/function/geosparql/"

_FUNCTION_NAMES: Final = (
    "area", "asGeoJSON", "centroid", "convexHull", "coordinateDimension", "difference", "dimension", "distance",
    "ehContains", "ehCoveredBy", "ehCovers", "ehDisjoint", "ehEquals", "ehInside", "ehMeet", "ehOverlap",
    "envelope", "getSRID", "intersection", "isEmpty", "isSimple", "length", "perimeter", "rcc8dc", "rcc8ec",
    "rcc8eq", "rcc8ntpp", "rcc8ntppi", "rcc8po", "rcc8tpp", "rcc8tppi", "relate", "sfContains", "sfCrosses",
    "sfDisjoint", "sfEquals", "sfIntersects", "sfOverlaps", "sfTouches", "sfWithin", "spatialDimension",
    "symDifference", "union",
)  # fmt: skip

OXIGRAPH_FUNCTIONS: Final = tuple(_GEOSPARQL + name for name in _FUNCTION_NAMES)
"""The functions beyond SPARQL 1.1 that the local engine has: those of GeoSPARQL that pyoxigraph brings."""


def describe_service(
    endpoint: str,
    project: Project,
    counts: Mapping[str, int],
    *,
    functions: Iterable[str] = (),
    federated: bool = False,
) -> list[ox.Triple]:
    """Describe the service at `endpoint`, the absolute URL that was asked, without query and fragment.

    `counts` has the triples of every named graph by its short name, metadata included, as release.json has them;
    `functions` are the IRIs of functions that the engine adds to SPARQL; `federated` says that some SERVICE is
    allowed. The same arguments give the same triples in the same order.
    """
    service, dataset = f"{endpoint}#service", Minter(project.base).dataset
    return [
        said(service, _A, SD + "Service"),
        said(service, _LABEL, english(f"SPARQL endpoint of {project.title}")),
        said(service, SD + "endpoint", endpoint),
        said(service, SD + "supportedLanguage", SD + "SPARQL11Query"),
        # Not sd:DereferencesURIs, since a graph that is not ours is empty; not sd:EmptyGraphs, since GRAPH ?g passes
        # over a graph without triples.
        said(service, SD + "feature", SD + "UnionDefaultGraph"),
        *([said(service, SD + "feature", SD + "BasicFederatedQuery")] if federated else []),
        said(service, SD + "defaultEntailmentRegime", SIMPLE_ENTAILMENT),
        *(said(service, SD + "resultFormat", iri) for iri in result_formats()),
        *_functions(service, functions),
        said(service, SD + "defaultDataset", dataset),
        *_dataset(endpoint, project, counts),
    ]


def result_formats() -> list[str]:
    """Name every format in which an answer can be had, by Accept or by `format`, that the W3C has a name for."""
    return [FORMATS + FORMAT_NAMES[f.media_type] for f in (*RESULTS, *GRAPH_FORMATS) if f.media_type in FORMAT_NAMES]


def prefixes(project: Project) -> dict[str, str]:
    """Give the prefixes to write the description with."""
    return {**TERM_PREFIXES, "formats": FORMATS, **project.prefixes}


def _functions(service: str, functions: Iterable[str]) -> Iterator[ox.Triple]:
    for function in functions:
        yield said(service, SD + "extensionFunction", function)
        yield said(function, _A, SD + "Function")


def _dataset(endpoint: str, project: Project, counts: Mapping[str, int]) -> Iterator[ox.Triple]:
    """Describe the dataset as the service holds it; its IRI is that of the VoID description in graph/metadata."""
    iris = Minter(project.base)
    union = f"{endpoint}#default-graph"
    yield said(iris.dataset, _A, SD + "Dataset")
    yield said(iris.dataset, _A, VOID + "Dataset")
    yield said(iris.dataset, _LABEL, english(project.title))
    yield said(iris.dataset, VOID + "sparqlEndpoint", endpoint)
    yield said(iris.dataset, SD + "defaultGraph", union)
    yield from _graph(union, "the union of all named graphs", sum(counts.values()))
    for name in (name for name in GRAPHS if name in counts):
        node, graph = f"{endpoint}#graph-{name}", iris.graph(name)
        yield said(iris.dataset, SD + "namedGraph", node)
        yield said(node, _A, SD + "NamedGraph")
        yield said(node, SD + "name", graph)
        yield said(node, SD + "graph", graph)
        yield from _graph(graph, f"graph {name}", counts[name])


def _graph(iri: str, label: str, triples: int) -> Iterator[ox.Triple]:
    yield said(iri, _A, SD + "Graph")
    yield said(iri, _A, VOID + "Dataset")
    yield said(iri, _LABEL, english(label))
    yield said(iri, VOID + "triples", integer(triples))
