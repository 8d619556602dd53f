"""Describes the dataset for search engines: schema.org, as Bioschemas profiles it.

The context is inline, so that nobody has to fetch it.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from lungkg.dcat import GZIP, download_url, version_iri
from lungkg.downloads import Download
from lungkg.namespaces import Minter
from lungkg.project import Project
from lungkg.release import Release

_PROFILE: Final = "https://bioschemas.org/profiles/Dataset/1.0-RELEASE"


def as_schema_org(project: Project, release: Release, files: Sequence[Download]) -> dict[str, Any]:
    """Give the description of a release of the dataset as a JSON-LD object."""
    dataset, info = Minter(project.base).dataset, release.info
    agent = {"@type": "Organization", "name": project.publisher}
    return {
        "@context": {"@vocab": "https://schema.org/", "dct": "http://purl.org/dc/terms/"},
        "@type": "Dataset",
        "@id": dataset,
        "dct:conformsTo": {"@id": _PROFILE, "@type": "CreativeWork"},
        "name": project.title,
        "description": project.description,
        "identifier": dataset,
        "url": dataset,
        "sameAs": version_iri(project.base, release.id),
        **({"keywords": list(project.keywords)} if project.keywords else {}),
        "license": project.license,
        "creator": agent,
        "publisher": agent,
        "version": info["version"],
        "datePublished": project.issued,
        "dateModified": info["date"],
        "isAccessibleForFree": True,
        "distribution": [
            {
                "@type": "DataDownload",
                "name": file.title,
                "encodingFormat": [file.media_type, GZIP] if file.packed else file.media_type,
                "contentUrl": download_url(project.base, file),
                "contentSize": f"{file.size} B",
                "sha256": file.sha256,
            }
            for file in files
            if not file.graph
        ],
    }


def in_script(content: dict[str, Any]) -> str:
    """Write JSON so that it can stand in a script element, which ends at the first `</script`.

    >>> print(in_script({"name": "</script>"}))
    {"name": "\\u003c/script>"}
    """
    return json.dumps(content, ensure_ascii=False).replace("<", "\\u003c")
