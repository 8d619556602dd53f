"""The vocabularies that an endpoint and its dataset are described in, beside VoID and SHACL.

The words are those that catalogues and SPARQL editors look for: DCAT 3 with SPDX for checksums and DQV for quality,
W3C SPARQL 1.1 Service Description, the extension of VoID for datatypes (http://ldf.fi/void-ext#), and the
conventions of SIB's sparql-examples.
"""

from collections.abc import Mapping
from typing import Final

import pyoxigraph as ox

from lungkg.namespaces import DCTERMS, RDF, RDFS

DCAT: Final = "http://www.w3.org/ns/dcat#"
DC: Final = "http://purl.org/dc/elements/1.1/"
DQV: Final = "http://www.w3.org/ns/dqv#"
FOAF: Final = "http://xmlns.com/foaf/0.1/"
SCHEMA: Final = "https://schema.org/"
SD: Final = "http://www.w3.org/ns/sparql-service-description#"
SPDX: Final = "http://spdx.org/rdf/terms#"
SPEX: Final = "https://purl.expasy.org/sparql-examples/ontology#"
VOAF: Final = "http://purl.org/vocommons/voaf#"
VOID_EXT: Final = "http://ldf.fi/void-ext#"

PREFIXES: Final[Mapping[str, str]] = {
    "dcat": DCAT,
    "dqv": DQV,
    "foaf": FOAF,
    "schema": SCHEMA,
    "sd": SD,
    "spdx": SPDX,
    "spex": SPEX,
    "voaf": VOAF,
    "void-ext": VOID_EXT,
}

DECLARED: Final[Mapping[str, tuple[str, str]]] = {
    DCAT + "DataService": (RDFS + "Class", "data service"),
    DCAT + "Dataset": (RDFS + "Class", "dataset"),
    DCAT + "Distribution": (RDFS + "Class", "distribution"),
    DCAT + "accessURL": (RDF + "Property", "access address"),
    DCAT + "byteSize": (RDF + "Property", "byte size"),
    DCAT + "compressFormat": (RDF + "Property", "compression format"),
    DCAT + "distribution": (RDF + "Property", "distribution"),
    DCAT + "downloadURL": (RDF + "Property", "download address"),
    DCAT + "endpointDescription": (RDF + "Property", "endpoint description"),
    DCAT + "endpointURL": (RDF + "Property", "endpoint address"),
    DCAT + "hasCurrentVersion": (RDF + "Property", "has current version"),
    DCAT + "hasVersion": (RDF + "Property", "has version"),
    DCAT + "isVersionOf": (RDF + "Property", "is version of"),
    DCAT + "keyword": (RDF + "Property", "keyword"),
    DCAT + "landingPage": (RDF + "Property", "landing page"),
    DCAT + "mediaType": (RDF + "Property", "media type"),
    DCAT + "servesDataset": (RDF + "Property", "serves dataset"),
    DCAT + "version": (RDF + "Property", "version"),
    DCTERMS + "MediaType": (RDFS + "Class", "media type"),
    DCTERMS + "accessRights": (RDF + "Property", "access rights"),
    DQV + "QualityMetadata": (RDFS + "Class", "quality metadata"),
    DQV + "hasQualityMetadata": (RDF + "Property", "has quality metadata"),
    FOAF + "Agent": (RDFS + "Class", "agent"),
    FOAF + "name": (RDF + "Property", "name"),
    SCHEMA + "audience": (RDF + "Property", "audience"),
    SCHEMA + "keywords": (RDF + "Property", "keywords"),
    SCHEMA + "target": (RDF + "Property", "target"),
    SCHEMA + "url": (RDF + "Property", "URL"),
    SD + "Service": (RDFS + "Class", "SPARQL service"),
    SPDX + "Checksum": (RDFS + "Class", "checksum"),
    SPDX + "algorithm": (RDF + "Property", "algorithm"),
    SPDX + "checksum": (RDF + "Property", "checksum"),
    SPDX + "checksumAlgorithm_sha256": (RDFS + "Resource", "SHA-256"),
    SPDX + "checksumValue": (RDF + "Property", "checksum value"),
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
