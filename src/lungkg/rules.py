"""Runs the rules that derive the inferred graph: SPARQL CONSTRUCT queries in ontology/rules/.

A rule is a file with a `#+` header (summary and description, in YAML) above a CONSTRUCT query over
the union of all graphs. What it builds goes to graph/inferred, with one activity for the rule itself.
"""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from lungkg import lexer
from lungkg.engines.base import syntax_error
from lungkg.errors import InputError, Place
from lungkg.header import read_header
from lungkg.namespaces import PROV, Minter
from lungkg.project import Project
from lungkg.stores import construct
from lungkg.triples import COMMENT, GENERATED_BY, LABEL, A, english, ont


def derive(path: Path, store: ox.Store, project: Project) -> Iterator[ox.Quad]:
    """Run one rule over a store; yields what it derives, each new statement linked to the rule.

    Raises InputError, with line and column, when the file is no CONSTRUCT query with a header.
    """
    header, query = read_header(path, "rule")
    if lexer.form(query) != "CONSTRUCT":
        raise InputError.at(Place(path), "a rule must be a CONSTRUCT query")
    iris = Minter(project.base)
    graph = ox.NamedNode(iris.graph("inferred"))
    rule = ox.NamedNode(iris.thing("activity", f"rule-{path.stem}"))
    try:
        triples = list(construct(store, lexer.move_iris(query, project.rebase), project.prefixes))
    except SyntaxError as error:
        mended = syntax_error(error, query, project.prefixes)
        raise InputError.at(Place(path, mended.line, mended.column), mended.message, mended.hint) from None
    if not triples:
        return
    yield ox.Quad(rule, A, ox.NamedNode(PROV + "Activity"), graph)
    yield ox.Quad(rule, LABEL, english(header.value["summary"]), graph)
    yield ox.Quad(rule, COMMENT, english(header.value["description"].strip()), graph)
    for triple in triples:
        yield ox.Quad(triple.subject, triple.predicate, triple.object, graph)
        if triple.predicate == A and triple.object == ont("InferredClaim"):
            yield ox.Quad(triple.subject, GENERATED_BY, rule, graph)
