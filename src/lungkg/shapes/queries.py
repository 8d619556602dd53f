"""Finds what is wrong with the queries of sh:sparql constraints."""

from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox
from rdflib import SH
from rdflib.term import Node

from lungkg import lexer
from lungkg.report import Finding
from lungkg.shapes.hierarchy import in_order
from lungkg.shapes.library import Library
from lungkg.shapes.telling import tell
from lungkg.validation.lint import query_iris
from lungkg.validation.shacl import Shapes

_FORBIDDEN: Final = frozenset({"MINUS", "VALUES", "SERVICE"})


def prefixes_of(library: Library, constraint: Node) -> dict[str, str]:
    """Give the prefixes that a constraint declares by sh:prefixes."""
    graph = library.graph
    return {
        str(graph.value(declaration, SH.prefix)): str(graph.value(declaration, SH.namespace))
        for holder in graph.objects(constraint, SH.prefixes)
        for declaration in graph.objects(holder, SH.declare)
    }


def query_terms(library: Library, constraint: Node) -> set[str]:
    """Give the IRIs in the query of a constraint."""
    texts = library.graph.objects(constraint, SH.select)
    return {iri for text in texts for iri in query_iris(str(text), prefixes_of(library, constraint))}


def lint_queries(library: Library) -> Iterator[Finding]:
    """Find queries that are none, that never speak of the focus node, or that SHACL forbids."""
    graph = library.graph
    set_based = {one.constraint for one in Shapes(graph).set_based}
    for check in sorted({one.check for one in library.constraints if one.parameter == "sparql"}, key=library.name):
        texts = in_order(graph.objects(check, SH.select))
        if not texts:
            yield tell(library, "query-missing", "a sh:sparql constraint needs a sh:select", check)
        for text in map(str, texts):
            wrong = list(_wrong(library, check, text))
            yield from wrong
            if not wrong and check not in set_based and not library.is_off(check):
                what = (
                    "its query runs once for each focus node, which is slow: avoid UNION, sub-selects, VALUES and $PATH"
                )
                yield tell(library, "query-per-node", what, check, None, "Info")


def _wrong(library: Library, check: Node, text: str) -> Iterator[Finding]:
    declared = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in sorted(prefixes_of(library, check).items()))
    try:
        ox.Store().query(
            declared + text.replace("$PATH", "<urn:x-lungkg:path>"), prefixes=_unknown(library, check, text)
        )
    except SyntaxError as error:
        yield tell(library, "query-syntax", f"its sh:select is no SPARQL: {error}", check)
        return
    tokens = list(lexer.tokens(text))
    if lexer.form(text) != "SELECT":
        yield tell(library, "query-syntax", "its sh:select is no SELECT query", check)
    elif not any(token.text in ("$this", "?this") for token in tokens):
        yield tell(
            library, "query-without-this", "its query never speaks of $this, so it says the same of every node", check
        )
    for word in sorted({token.upper for token in tokens if token.kind == "word"} & _FORBIDDEN):
        yield tell(library, "query-forbidden", f"SHACL does not allow {word} in a constraint: engines refuse it", check)


def _unknown(library: Library, check: Node, text: str) -> dict[str, str]:
    """Stand in for the prefixes that are not declared, which are told by themselves."""
    iris = query_iris(text, prefixes_of(library, check))
    return {iri[1:]: f"urn:x-lungkg:{iri[1:]}:" for iri in iris if iri.startswith("?")}
