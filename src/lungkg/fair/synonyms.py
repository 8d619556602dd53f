"""Which properties say the same: vocabularies have many words for a title, and every checker takes them all."""

from collections.abc import Mapping
from typing import Final

from lungkg.endpoint_terms import SCHEMA
from lungkg.namespaces import DCTERMS, OWL, PROV, RDFS, SKOS, VOID

BIBO: Final = "http://purl.org/ontology/bibo/"
CC: Final = "http://creativecommons.org/ns#"
DC: Final = "http://purl.org/dc/elements/1.1/"
DCAT: Final = "http://www.w3.org/ns/dcat#"
DOAP: Final = "http://usefulinc.com/ns/doap#"
FOAF: Final = "http://xmlns.com/foaf/0.1/"
MOD: Final = "https://w3id.org/mod#"
PAV: Final = "http://purl.org/pav/"
SCHEMA_HTTP: Final = "http://schema.org/"
VANN: Final = "http://purl.org/vocab/vann/"


def _schema(*names: str) -> tuple[str, ...]:
    """Name terms of schema.org under both of the namespaces that are in use."""
    return tuple(space + name for space in (SCHEMA, SCHEMA_HTTP) for name in names)


SYNONYMS: Final[Mapping[str, tuple[str, ...]]] = {
    "title": (DCTERMS + "title", DC + "title", *_schema("name")),
    "description": (
        DCTERMS + "description", DC + "description", DCTERMS + "abstract", DC + "abstract", RDFS + "comment",
        SKOS + "note", DOAP + "description", DOAP + "shortdesc", *_schema("description"),
    ),
    "licence": (DCTERMS + "license", CC + "license", DOAP + "license", *_schema("license")),
    "rights": (DCTERMS + "rights", DC + "rights", DCTERMS + "accessRights"),
    "version IRI": (OWL + "versionIRI",),
    "creator": (
        DCTERMS + "creator", DC + "creator", PAV + "createdBy", PAV + "authoredBy", PROV + "wasAttributedTo",
        DOAP + "developer", FOAF + "maker", *_schema("creator", "author"),
    ),
    "namespace": (VANN + "preferredNamespaceUri",),
    "prefix": (VANN + "preferredNamespacePrefix",),
    "version": (OWL + "versionInfo", PAV + "version", DCAT + "version", *_schema("schemaVersion", "version")),
    "date of creation": (
        DCTERMS + "created", DOAP + "created", PROV + "generatedAtTime", PAV + "createdOn", *_schema("dateCreated"),
    ),
    "citation": (DCTERMS + "bibliographicCitation", *_schema("citation")),
    "DOI": (BIBO + "doi", DCTERMS + "identifier", *_schema("identifier")),
    "publisher": (DCTERMS + "publisher", DC + "publisher", *_schema("publisher")),
    "logo": (FOAF + "logo", *_schema("logo")),
    "status": (BIBO + "status", MOD + "status"),
    "source": (DCTERMS + "source", DC + "source", PROV + "hadOriginalSource"),
    "date of issue": (DCTERMS + "issued", DCTERMS + "submitted", *_schema("datePublished")),
    "date of change": (DCTERMS + "modified", *_schema("dateModified")),
    "catalogue": _schema("includedInDataCatalog"),
    "identifier": (DCTERMS + "identifier", DC + "identifier", *_schema("identifier")),
    "keywords": (DCAT + "keyword", DCTERMS + "subject", DC + "subject", DCAT + "theme", *_schema("keywords")),
    "access": (DCTERMS + "accessRights", *_schema("isAccessibleForFree", "conditionsOfAccess")),
    "distribution": (DCAT + "distribution", *_schema("distribution")),
    "download": (DCAT + "downloadURL", VOID + "dataDump", *_schema("contentUrl")),
    "size": (DCAT + "byteSize", *_schema("contentSize")),
    "media type": (DCAT + "mediaType", DCTERMS + "format", *_schema("encodingFormat")),
    "endpoint": (DCAT + "endpointURL", VOID + "sparqlEndpoint"),
    "variable": _schema("variableMeasured"),
    "related resource": (
        *(DCTERMS + name for name in (
            "source", "relation", "isPartOf", "hasPart", "references", "isReferencedBy", "isVersionOf", "hasVersion",
            "replaces", "isReplacedBy", "isFormatOf", "conformsTo",
        )),
        *(DCAT + name for name in ("previousVersion", "hasVersion", "qualifiedRelation", "inSeries")),
        *(PROV + name for name in ("wasDerivedFrom", "wasRevisionOf", "hadPrimarySource", "wasGeneratedBy")),
        *(VOID + name for name in ("subset", "vocabulary")),
        *_schema("isPartOf", "hasPart", "isBasedOn", "citation", "sameAs", "includedInDataCatalog"),
    ),
}  # fmt: skip
"""What is said, and the properties that say it; the first is the one that we name when it is missing."""
