"""The vocabularies that an endpoint describes itself in, beside VoID and SHACL.

The words are those that SPARQL editors look for: W3C SPARQL 1.1 Service Description, the extension of
VoID for datatypes (http://ldf.fi/void-ext#), and the conventions of SIB's sparql-examples.
"""

from collections.abc import Mapping
from typing import Final

import pyoxigraph as ox

from lungkg.namespaces import RDF, RDFS

SCHEMA: Final = "https://schema.org/"
SD: Final = "http://www.w3.org/ns/sparql-service-description#"
SPEX: Final = "https://purl.expasy.org/sparql-examples/ontology#"
VOAF: Final = "http://purl.org/vocommons/voaf#"
VOID_EXT: Final = "http://ldf.fi/void-ext#"

PREFIXES: Final[Mapping[str, str]] = {"schema": SCHEMA, "sd": SD, "spex": SPEX, "voaf": VOAF, "void-ext": VOID_EXT}

DECLARED: Final[Mapping[str, tuple[str, str]]] = {
    SCHEMA + "audience": (RDF + "Property", "audience"),
    SCHEMA + "keywords": (RDF + "Property", "keywords"),
    SCHEMA + "target": (RDF + "Property", "target"),
    SD + "Service": (RDFS + "Class", "SPARQL service"),
    SPEX + "SPARQLDescribeExecutable": (RDFS + "Class", "SPARQL DESCRIBE executable"),
    SPEX + "describe": (RDF + "Property", "describe"),
    VOAF + "Vocabulary": (RDFS + "Class", "vocabulary"),
    VOID_EXT + "datatype": (RDF + "Property", "datatype"),
    VOID_EXT + "datatypePartition": (RDF + "Property", "datatype partition"),
}
"""What each term is and is called. A release carries those it uses: nothing in it is undeclared."""


def endpoint_of(base: str) -> str:
    """Name the SPARQL endpoint of a dataset, below its base, as the data do; servers may stand elsewhere."""
    return base + "sparql"


def said(subject: str, predicate: str, value: str | ox.Literal) -> ox.Triple:
    """Make a triple of IRIs, given as text, and perhaps a literal."""
    return ox.Triple(
        ox.NamedNode(subject),
        ox.NamedNode(predicate),
        value if isinstance(value, ox.Literal) else ox.NamedNode(value),
    )
