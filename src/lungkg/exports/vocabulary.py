"""Exports the vocabulary, kinds, relations and external terms, as OWL in RDF/XML and in Turtle."""

from pathlib import Path
from typing import Final

import pyoxigraph as ox

from lungkg.exports.base import Exported, Exporting, writing
from lungkg.namespaces import Minter

_FORMS: Final = (
    (".owl", ox.RdfFormat.RDF_XML, "The vocabulary, as OWL in RDF/XML"),
    (".ttl", ox.RdfFormat.TURTLE, "The vocabulary, as OWL in Turtle"),
)


def write(exporting: Exporting, folder: Path) -> list[Exported]:
    """Write the ontology graph in both forms, sorted."""
    graph = ox.NamedNode(Minter(exporting.project.base).graph("ontology"))
    found = sorted((quad.triple for quad in exporting.store.quads_for_pattern(None, None, None, graph)), key=_place)
    used = _used(found, exporting.project.prefixes)
    made = []
    for ending, form, title in _FORMS:
        path = exporting.file(folder, f"-vocabulary{ending}", large=False)
        with writing(path) as file:
            ox.serialize(found, file, format=form, prefixes=used)
        made.append(Exported(path, title, form.media_type))
    return made


def _place(triple: ox.Triple) -> tuple[bool, str]:
    """Sort blank nodes behind what has a name."""
    return isinstance(triple.subject, ox.BlankNode), str(triple)


def _used(triples: list[ox.Triple], prefixes: dict[str, str]) -> dict[str, str]:
    """Give the prefixes that stand for something in these triples."""
    iris = {term.value for triple in triples for term in triple if isinstance(term, ox.NamedNode)}
    iris |= {triple.object.datatype.value for triple in triples if isinstance(triple.object, ox.Literal)}
    return {name: space for name, space in prefixes.items() if any(iri.startswith(space) for iri in iris)}
