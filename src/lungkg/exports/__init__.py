"""The formats that a release is exported to, for tools that do not read it as it is."""

from dataclasses import replace
from typing import Final

from lungkg.exports import dumps, kgx, mappings, nanopubs, vocabulary
from lungkg.exports.base import Export, Exported, Exporting

__all__ = ["EXPORTS", "FORMATS", "Export", "Exported", "Exporting"]

_KGX: Final = Export(
    "kgx",
    "KGX, as tables",
    kgx.write_tables,
    "the Biolink Model: KGX tools, spreadsheets, data frames",
    "texts of documents, the ontology; tabs and line breaks in texts, and | in lists",
    files=2,
    of_statements=True,
)
_KGX_LINES: Final = Export(
    "kgx-jsonl",
    "KGX, as JSON Lines",
    kgx.write_json_lines,
    "the Biolink Model: KGX tools, loading into a property graph",
    "texts of documents, the ontology",
    files=2,
    of_statements=True,
)
_NANOPUBS: Final = Export(
    "nanopubs",
    "nanopublications, as TriG",
    nanopubs.write,
    "the nanopublication network: one publication for each claim, with its provenance",
    "texts of documents, descriptions of entities, the ontology",
    of_statements=True,
)
_SSSOM: Final = Export(
    "sssom",
    "mappings, as SSSOM",
    mappings.write,
    "mapping registries and tools: what our terms are called elsewhere",
    "everything but the mappings",
)
_ONTOLOGY: Final = Export(
    "ontology",
    "the vocabulary, as OWL in RDF/XML and Turtle",
    vocabulary.write,
    "ontology editors, reasoners and portals",
    "everything but the vocabulary",
    files=2,
)
_DUMPS: Final = (
    Export("nquads", "all graphs, as N-Quads", dumps.write_nquads, "triple stores; sorted, so that it can be compared"),
    Export("trig", "all graphs, as TriG", dumps.write_trig, "triple stores, and people who read"),
    Export(
        "turtle",
        "all graphs as one, as Turtle",
        dumps.write_turtle,
        "tools without named graphs",
        "which graph says it: what is stated, assumed and inferred is mixed",
    ),
)

FORMATS: Final[tuple[Export, ...]] = (_KGX, _KGX_LINES, _NANOPUBS, _SSSOM, _ONTOLOGY, *_DUMPS)
"""What `lungkg export` writes."""

EXPORTS: Final[tuple[Export, ...]] = (
    replace(_KGX, title="KGX, as tables and as JSON Lines", write=kgx.write_both, files=4),
    _NANOPUBS,
    _SSSOM,
    _ONTOLOGY,
)
"""What every release offers for download, beside dumps of its graphs."""
