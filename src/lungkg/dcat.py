"""Describes a dataset as a catalogue would: DCAT 3 for what it is, its releases and its files.

Everything has an IRI: the files are `dataset#file/…`, for they are the same things in every release; what is to be
downloaded is the file of this release. What is not known is not said.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import pyoxigraph as ox

from lungkg.downloads import FOLDER, Download
from lungkg.endpoint_terms import DCAT, DQV, FOAF, SPDX, endpoint_of, said
from lungkg.namespaces import DCTERMS, PROV, RDF, RDFS, SH, VOID, Minter
from lungkg.project import Project
from lungkg.triples import english, instant, integer

_A: Final = RDF + "type"
_LABEL: Final = RDFS + "label"
_MEDIA_TYPES: Final = "https://www.iana.org/assignments/media-types/"
GZIP: Final = "application/gzip"


def version_iri(base: str, release_id: str) -> str:
    """Name a release of the dataset.

    >>> version_iri("https://a.org/", "15b896")
    'https://a.org/dataset/15b896'
    """
    return f"{Minter(base).dataset}/{release_id}"


def report_iri(base: str, release_id: str) -> str:
    """Name the report of what validation said of a release before it was published.

    >>> report_iri("https://a.org/", "15b896")
    'https://a.org/dataset/15b896/report'
    """
    return f"{version_iri(base, release_id)}/report"


def download_url(base: str, download: Download) -> str:
    """Give the address of a file, below the base."""
    return f"{base}{FOLDER}/{download.name}"


def catalogued(project: Project, date: str, release_id: str, downloads: Iterable[Download]) -> Iterator[ox.Triple]:
    """Describe the dataset, this release of it, its endpoint and its files."""
    yield from _dataset(project)
    yield from _version(project, date, release_id)
    yield from _service(project)
    yield from _agent(project)
    yield from distributed(project, release_id, downloads)


def distributed(project: Project, release_id: str, downloads: Iterable[Download]) -> Iterator[ox.Triple]:
    """Describe files, and say that the dataset, this release and their graphs have them."""
    dataset = Minter(project.base).dataset
    for download in downloads:
        yield from distribution(project, download)
        if not download.graph:
            yield said(dataset, DCAT + "distribution", node_of(project, download))
            yield said(version_iri(project.base, release_id), DCAT + "distribution", node_of(project, download))
            if download.format:
                yield said(dataset, VOID + "dataDump", download_url(project.base, download))


def _dataset(project: Project) -> Iterator[ox.Triple]:
    dataset = Minter(project.base).dataset
    yield said(dataset, _A, DCAT + "Dataset")
    yield said(dataset, DCTERMS + "identifier", ox.Literal(dataset))
    yield said(dataset, DCTERMS + "creator", _agent_iri(project))
    yield said(dataset, DCTERMS + "publisher", _agent_iri(project))
    yield said(dataset, DCAT + "version", ox.Literal(project.version))
    yield said(dataset, DCAT + "landingPage", dataset + ".html")
    yield said(dataset, VOID + "uriSpace", ox.Literal(project.base + "id/"))
    for keyword in project.keywords:
        yield said(dataset, DCAT + "keyword", english(keyword))
    if project.access_rights:
        yield said(dataset, DCTERMS + "accessRights", project.access_rights)


def _version(project: Project, date: str, release_id: str) -> Iterator[ox.Triple]:
    dataset, version = Minter(project.base).dataset, version_iri(project.base, release_id)
    yield said(dataset, DCAT + "hasCurrentVersion", version)
    yield said(dataset, DCAT + "hasVersion", version)
    yield from _report(project, date, release_id)
    yield from described_version(project, date, release_id, project.version)


def described_version(project: Project, date: str, release_id: str, number: str) -> Iterator[ox.Triple]:
    """Describe a release."""
    version = version_iri(project.base, release_id)
    yield said(version, _A, DCAT + "Dataset")
    yield said(version, _LABEL, english(f"release {release_id[:12]} of {date}"))
    yield said(version, DCTERMS + "title", english(f"{project.title}: release {release_id[:12]} of {date}"))
    yield said(version, DCTERMS + "identifier", ox.Literal(release_id))
    yield said(version, DCTERMS + "issued", instant(date))
    yield said(version, DCTERMS + "license", project.license)
    yield said(version, DCTERMS + "publisher", _agent_iri(project))
    yield said(version, DCAT + "version", ox.Literal(number))
    yield said(version, DCAT + "isVersionOf", Minter(project.base).dataset)


def _report(project: Project, date: str, release_id: str) -> Iterator[ox.Triple]:
    """Describe the report of the validation, as far as it is known before there is one."""
    report, version = report_iri(project.base, release_id), version_iri(project.base, release_id)
    for described in (Minter(project.base).dataset, version):
        yield said(described, DQV + "hasQualityMetadata", report)
    yield said(report, _A, DQV + "QualityMetadata")
    yield said(report, _A, SH + "ValidationReport")
    yield said(report, _LABEL, english(f"validation of release {release_id[:12]} of {date}"))
    yield said(report, RDFS + "comment", english("The checksum is that of its Turtle, byte for byte."))
    yield said(report, DCTERMS + "issued", instant(date))
    yield said(report, DCTERMS + "license", project.license)


def reported(project: Project, release_id: str, sha256: str, *, conforms: bool) -> Iterator[ox.Triple]:
    """Say how the validation came out, and what the checksum of its report in Turtle is.

    The report cannot hold its own checksum, so that is a part of the description of the release.
    """
    report = report_iri(project.base, release_id)
    yield said(report, SH + "conforms", ox.Literal(conforms))
    yield from checksum(report, f"{version_iri(project.base, release_id)}#report-checksum", sha256)


def checksum(node: str, named: str, sha256: str) -> Iterator[ox.Triple]:
    """Give something a SHA-256 that is a node of its own."""
    yield said(node, SPDX + "checksum", named)
    yield said(named, _A, SPDX + "Checksum")
    yield said(named, SPDX + "algorithm", SPDX + "checksumAlgorithm_sha256")
    yield said(named, SPDX + "checksumValue", ox.Literal(sha256))


def _service(project: Project) -> Iterator[ox.Triple]:
    endpoint, dataset = endpoint_of(project.base), Minter(project.base).dataset
    yield said(endpoint, _A, DCAT + "DataService")
    yield said(endpoint, DCTERMS + "title", english(f"SPARQL endpoint of {project.title}"))
    yield said(endpoint, DCAT + "endpointURL", endpoint)
    yield said(endpoint, DCAT + "endpointDescription", endpoint)
    yield said(endpoint, DCAT + "servesDataset", dataset)


def _agent(project: Project) -> Iterator[ox.Triple]:
    agent = _agent_iri(project)
    yield said(agent, _A, FOAF + "Agent")
    yield said(agent, _A, PROV + "Organization")
    yield said(agent, _LABEL, english(project.publisher))
    yield said(agent, FOAF + "name", english(project.publisher))


def _agent_iri(project: Project) -> str:
    return Minter(project.base).dataset + "#publisher"


# Files --------------------------------------------------------------------------------------------


def node_of(project: Project, download: Download) -> str:
    """Name a file, whatever release it is of.

    It is a fragment of the dataset's IRI: `dataset#file/claims.ttl.gz`.
    """
    rest = download.alias.removeprefix(project.name).removeprefix("-").removeprefix(".")
    return f"{Minter(project.base).dataset}#file/{rest}"


def distribution(project: Project, download: Download) -> Iterator[ox.Triple]:
    """Describe a file; the one that holds this very description has neither size nor checksum, and cannot."""
    node = node_of(project, download)
    if download.graph:
        yield said(Minter(project.base).graph(download.graph), DCAT + "distribution", node)
    yield said(node, _A, DCAT + "Distribution")
    yield said(node, _LABEL, english(download.title))
    yield said(node, DCTERMS + "title", english(download.title))
    yield said(node, DCTERMS + "license", project.license)
    yield said(node, DCAT + "accessURL", f"{project.base}{FOLDER}/")
    yield said(node, DCAT + "downloadURL", download_url(project.base, download))
    yield from _media_type(node, "mediaType", download.media_type)
    if download.packed:
        yield from _media_type(node, "compressFormat", GZIP)
    if download.sha256:
        yield said(node, DCAT + "byteSize", integer(download.size))
        yield from checksum(node, f"{node}/checksum", download.sha256)


def _media_type(node: str, property_: str, name: str) -> Iterator[ox.Triple]:
    iri = _MEDIA_TYPES + name
    yield said(node, DCAT + property_, iri)
    yield said(iri, _A, DCTERMS + "MediaType")
    yield said(iri, _LABEL, ox.Literal(name))
