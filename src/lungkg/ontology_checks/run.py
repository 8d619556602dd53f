"""Runs the checks that are queries over an ontology."""

from collections.abc import Collection, Iterable, Iterator
from typing import Final

import pyoxigraph as ox

from lungkg.namespaces import RDF, RDFS
from lungkg.ontology_checks.axioms import Axioms
from lungkg.ontology_checks.catalogue import Check, checks
from lungkg.ontology_checks.reading import Node, Source
from lungkg.ontology_checks.words import Words
from lungkg.report import Finding, Mend
from lungkg.validation.vocabularies import known_terms

_LONGEST: Final = 120  # characters of a text that a message quotes
_TYPE: Final = ox.NamedNode(RDF + "type")
_DEFINED_BY: Final = ox.NamedNode(RDFS + "isDefinedBy")
_VOCABULARIES: Final = ox.NamedNode("urn:x-lungkg:vocabularies")
_VOCABULARY: Final = ox.NamedNode("urn:x-lungkg:vocabulary")


def chosen(names: Collection[str] = ()) -> list[Check]:
    """Give the checks of these names, or all that are not off; those that are no queries are left out."""
    return [check for check in checks().values() if check.query and (check.name in names if names else not check.off)]


def ask_checks(source: Source, wanted: Iterable[Check]) -> Iterator[Finding]:
    """Run checks that are queries; yields a finding for each thing that is wrong, where it is written.

    What is written in a foreign file is for others to mend, and left out.
    """
    store = _store(source)
    words = Words(Axioms(source.triples), source.prefixes)
    for check in wanted:
        answer = store.query(check.query)
        if not isinstance(answer, ox.QuerySolutions):
            raise TypeError(f"{check.name} is no SELECT query")
        rows = [
            {name: row[name] for name in ("entity", "property", "value", "other") if _has(answer, row, name)}
            for row in answer
        ]
        for row in sorted(rows, key=str):
            finding = _finding(check, row, source, words)
            if finding.place is None or finding.place.path not in source.foreign:
                yield finding


def _has(answer: ox.QuerySolutions, row: ox.QuerySolution, name: str) -> bool:
    return ox.Variable(name) in answer.variables and row[name] is not None


def _store(source: Source) -> ox.Store:
    """Put an ontology into a store, with the terms of well-known vocabularies in a graph of their own."""
    store = ox.Store()
    store.bulk_extend(ox.Quad(*triple) for triple in source.triples)
    for space, terms in known_terms().items():
        namespace = ox.NamedNode(space)
        store.add(ox.Quad(namespace, _TYPE, _VOCABULARY, _VOCABULARIES))
        store.extend(ox.Quad(ox.NamedNode(term), _DEFINED_BY, namespace, _VOCABULARIES) for term in terms)
    return store


def _finding(check: Check, row: dict[str, Node], source: Source, words: Words) -> Finding:
    entity = row["entity"]
    if source.says_of(entity) or "other" not in row:
        place = source.place(entity, row.get("property"), row.get("value"))
    else:  # it is only used, by another term
        place = source.place(row["other"], entity)
    line, width = source.line(place)
    said = {name: _said(row[name], words) if name in row else "" for name in ("entity", "property", "value", "other")}
    return Finding(
        check.severity,
        check.name,
        check.message.format(**said),
        str(entity),
        str(row.get("property", "")),
        str(row.get("value", "")),
        place=place,
        title=f"{check.name}: {check.wants}",
        link=check.link,
        line=line,
        width=width,
        mend=Mend(check.mend),
    )


def _said(node: Node, words: Words) -> str:
    if isinstance(node, ox.NamedNode):
        return words.short(node.value)
    if isinstance(node, ox.Literal):
        text = node.value if len(node.value) <= _LONGEST else node.value[: _LONGEST - 1] + "…"
        return f"“{text}”"
    return "a blank node"
