"""The pages about the dataset, as tests/test_pages.py renders them: every text that may be hostile is."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from lungkg.changes import Change, Changes, Field
from lungkg.changes.words import field_words, kind_words, summary
from lungkg.description import GRAPH_COMMENTS
from lungkg.downloads import Download
from lungkg.formats import GRAPHS
from lungkg.history import Entry
from lungkg.web.downloads import human
from lungkg.web.schema_org import in_script
from lungkg.web.tables import Entry as Cell
from lungkg.web.tables import Table

ID: Final = "0123456789abcdef" * 4
HOSTILE: Final = "</td></textarea><script>alert(\"x\")</script><img src=x onerror='alert(1)'>&amp;"
INFO: Final[dict[str, Any]] = {
    "id": ID, "date": "2026-01-02", "version": "1.2.3", "counts": {"claims": 1, "documents": 2},
    "triples": {"claims": 1, "metadata": 2},
}  # fmt: skip
WHOLE: Final = Download(
    f"bakery-{ID[:12]}.nq.gz", HOSTILE, "application/n-quads", 1234, ID, 99_999, "", "nquads", "bakery.nq.gz"
)
CLAIMS: Final = Download(
    f"bakery-{ID[:12]}-claims.ttl.gz", HOSTILE, "text/turtle", 9, ID, 10, "claims", "turtle", "bakery-claims.ttl.gz"
)
EXPORT: Final = Download(
    f"bakery-{ID[:12]}-nodes.tsv", HOSTILE, "text/tab-separated-values", 5, ID, alias="bakery-nodes.tsv"
)
CHANGES: Final = Changes(
    before="f" * 64,
    after=ID,
    counts={"claim": {"added": 1, "removed": 1, "changed": 3}},
    triples={"claims": {"added": 5, "removed": 6}},
    told=[
        Change("claim", "added", "https://example.org/bakery/id/claim/a-C1", HOSTILE, ()),
        Change("claim", "removed", 'javascript:alert("x")', "", ()),
        Change("claim", "changed", "urn:a", HOSTILE, (Field(HOSTILE, (HOSTILE,), (HOSTILE, "b")),)),
    ],
)
RELEASE: Final = SimpleNamespace(id=ID, info=INFO)
ABOUT: Final[dict[str, Any]] = {
    "release": RELEASE, "current": True, "assessed": True, "path": "dataset", "iri": "https://example.org/bakery/dataset", "files": [WHOLE, EXPORT],
    "classes": [(HOSTILE, 5)], "changes": CHANGES, "summary": summary, "formats": GRAPHS, "human": human,
    "endpoint": "http://localhost:8080/sparql", "schema_org": in_script({"name": HOSTILE}), "graph_comments": GRAPH_COMMENTS,
}  # fmt: skip
LISTED: Final[dict[str, Any]] = {
    "whole": [WHOLE], "exports": [EXPORT], "graphs": [("claims", [CLAIMS]), ("edges", [])], "human": human,
    "address": "http://localhost:8080/downloads/", "sums": "SHA256SUMS", "graph_comments": GRAPH_COMMENTS,
}  # fmt: skip
GRAPH: Final[dict[str, Any]] = {
    "name": "claims", "iri": "https://example.org/bakery/graph/claims", "comment": HOSTILE, "triples": 60_000, "formats": GRAPHS,
    "files": [CLAIMS], "human": human, "small": 50_000, "query": f"ASK {{}} # {HOSTILE}",
    "table": Table(("subject", "property", "value"), ((Cell("literal", HOSTILE, HOSTILE),) * 3,), 60_000),
}  # fmt: skip


def entry(id: str, folder: Path) -> Entry:
    """Make a release of the history; it is kept where its folder is."""
    return Entry(
        folder, id, "2026-01-02", "1.2.3", "2026-01-02T03:04:05+00:00", "f" * 64, INFO["counts"], INFO["triples"]
    )


RELEASES: Final = {
    "releases": [
        {"entry": entry(ID, Path("none")), "changes": CHANGES, "lines": ["claims: 1 added"]},
        {"entry": entry("e" * 64, Path("none")), "changes": None, "lines": []},
    ]
}

DATASET_PAGES: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "dataset": ("dataset.html", ABOUT),
    "dataset-of-a-release": ("dataset.html", {**ABOUT, "current": False, "assessed": False, "changes": None, "classes": [], "files": []}),
    "downloads": ("downloads.html", LISTED),
    "downloads-none": ("downloads.html", {**LISTED, "whole": [], "exports": [], "graphs": []}),
    "named-graph": ("named_graph.html", GRAPH),
    "named-graph-empty": ("named_graph.html", {**GRAPH, "triples": 0, "table": Table(("subject", "property", "value"), (), 0)}),
    "releases": ("releases.html", RELEASES),
    "changes": ("changes.html", {
        "changes": CHANGES, "release": RELEASE, "summary": summary, "words": field_words, "kind_words": kind_words,
    }),
}  # fmt: skip
