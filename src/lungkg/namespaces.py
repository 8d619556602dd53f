"""The IRIs that the software itself must know; everything about a field lives in its ontology."""

from typing import Final

BASE: Final = "https://w3id.org/lungkg/"
ONT: Final = BASE + "ont#"  # the core vocabulary, the same for every project
BIOLINK: Final = "https://w3id.org/biolink/vocab/"
CITO: Final = "http://purl.org/spar/cito/"
DCTERMS: Final = "http://purl.org/dc/terms/"
ECO: Final = "http://purl.obolibrary.org/obo/ECO_"
OA: Final = "http://www.w3.org/ns/oa#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
PROV: Final = "http://www.w3.org/ns/prov#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
SH: Final = "http://www.w3.org/ns/shacl#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
VOID: Final = "http://rdfs.org/ns/void#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"

TRACEABLE_STATEMENT: Final = ECO + "0000304"  # an author's statement with a citation
UNTRACEABLE_STATEMENT: Final = ECO + "0000303"  # an author's statement without one
CURATOR_INFERENCE: Final = ECO + "0000305"

GRAPHS: Final = (
    "ontology",
    "entities",
    "documents",
    "claims",
    "edges",
    "background",
    "inferred",
    "shapes",
    "queries",
    "metadata",
)
"""The fixed named graphs of every release; the endpoint's default graph is their union."""

MOVABLE: Final = ("id/", "doc/", "graph/", "query/", "dataset/", "dataset#")
"""The paths below a project's base that `--base` moves; vocabulary and shapes stay where they are."""


class Rebase:
    """Moves the movable IRIs of a project from the base they are written with to another one.

    >>> move = Rebase("https://w3id.org/lungkg/", "http://localhost:8080/")
    >>> move("https://w3id.org/lungkg/id/claim/a-C1")
    'http://localhost:8080/id/claim/a-C1'
    >>> move("https://w3id.org/lungkg/ont#Claim")
    'https://w3id.org/lungkg/ont#Claim'
    """

    def __init__(self, written: str, wanted: str) -> None:
        self.written, self.wanted = written, wanted

    def __call__(self, iri: str) -> str:
        """Map one absolute IRI; one that is not ours, or not movable, comes back as it is."""
        if self.wanted != self.written and iri.startswith(self.written):
            rest = iri[len(self.written) :]
            if rest == "dataset" or rest.startswith(MOVABLE):
                return self.wanted + rest
        return iri


class Minter:
    """Makes the IRIs of a project's things, below its base.

    >>> iris = Minter("https://w3id.org/lungkg/")
    >>> iris.thing("claim", "doc1-C39")
    'https://w3id.org/lungkg/id/claim/doc1-C39'
    >>> iris.graph("edges")
    'https://w3id.org/lungkg/graph/edges'
    """

    def __init__(self, base: str) -> None:
        self.base = base
        self.dataset = base + "dataset"

    def thing(self, kind: str, local: str) -> str:
        """Name the thing `local` of one of the design's types: entity, claim, document …"""
        return f"{self.base}id/{kind}/{local}"

    def graph(self, name: str) -> str:
        """Name one of the fixed named graphs."""
        return f"{self.base}graph/{name}"
