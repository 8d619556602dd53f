"""Counts the links from a dataset to others, as VoID linksets: one for each kind of match and each namespace."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

import pyoxigraph as ox

from lungkg.endpoint_terms import said
from lungkg.namespaces import RDF, RDFS, SKOS, VOID
from lungkg.triples import english, integer

MATCHES: Final = tuple(
    SKOS + name for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
)


def linksets(store: ox.Store, dataset: str, prefixes: Mapping[str, str]) -> Iterator[ox.Triple]:
    """Describe the links to external terms; those in a namespace that has no prefix are left out."""
    spaces = sorted(prefixes.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    counts: Counter[tuple[str, str]] = Counter()
    for match in MATCHES:
        for quad in store.quads_for_pattern(None, ox.NamedNode(match), None, None):
            iri = quad.object.value if isinstance(quad.object, ox.NamedNode) else ""
            name = next((name for name, space in spaces if iri.startswith(space)), "")
            counts[match, name] += bool(name)
    for (match, name), count in sorted((key, count) for key, count in counts.items() if count):
        local = match.removeprefix(SKOS)
        node, target = f"{dataset}#linkset/skos:{local}/{name}", f"{dataset}#target/{name}"
        yield said(node, RDF + "type", VOID + "Linkset")
        yield said(node, RDFS + "label", english(f"links to {name} by skos:{local}"))
        yield said(node, VOID + "subjectsTarget", dataset)
        yield said(node, VOID + "objectsTarget", target)
        yield said(node, VOID + "linkPredicate", match)
        yield said(node, VOID + "triples", integer(count))
        yield said(target, RDF + "type", VOID + "Dataset")
        yield said(target, RDFS + "label", english(name))
        yield said(target, VOID + "uriSpace", ox.Literal(prefixes[name]))
