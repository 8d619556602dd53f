"""Writes the canned queries into the graph: each a resource that SPARQL editors and machines can read.

The words are those of SIB's sparql-examples, whose rdfs:comment is the question that editors show; parameters
are SHACL's sh:Parameter, so the local name of a parameter's sh:path is the variable that stands in the text.
A query's target is the endpoint below the project's base, since the address that a server will have is not
known when the graph is built.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import pyoxigraph as ox

from lungkg import lexer
from lungkg.endpoint_terms import SCHEMA, SPEX, endpoint_of, said
from lungkg.namespaces import DCTERMS, RDF, RDFS, SH, SKOS, XSD, Minter
from lungkg.project import Project
from lungkg.queries.canned import CannedQuery
from lungkg.queries.parameters import CLASSES, Parameter
from lungkg.triples import english, integer

_A: Final = RDF + "type"
_LABEL: Final = RDFS + "label"
_COMMENT: Final = RDFS + "comment"
_ANY_URI: Final = ox.NamedNode(XSD + "anyURI")
_TRUE: Final = ox.Literal("true", datatype=ox.NamedNode(XSD + "boolean"))
_LOCAL: Final = re.compile(r"[A-Za-z0-9_-]+")


def catalogue_quads(catalogue: Mapping[str, CannedQuery], project: Project) -> Iterator[ox.Quad]:
    """Write the catalogue into its graph."""
    graph = ox.NamedNode(Minter(project.base).graph("queries"))
    for query in catalogue.values():
        for triple in (*_query(query, project), *_parameters(query, project)):
            yield ox.Quad(triple.subject, triple.predicate, triple.object, graph)


def answer_of(base: str, name: str) -> str:
    """Name the address of a canned query's answer, below a base or the root of a server."""
    return f"{base}query/{name}"


def _query(query: CannedQuery, project: Project) -> Iterator[ox.Triple]:
    iris = Minter(project.base)
    node = iris.thing("query", query.name)
    words = SPEX if query.form == "DESCRIBE" else SH  # SHACL knows the other three
    yield said(node, _A, SH + "SPARQLExecutable")
    yield said(node, _A, f"{words}SPARQL{query.form.capitalize()}Executable")
    yield said(node, _LABEL, english(query.summary))
    # The text has its parameters open, so it answers the general question, not that of the example values.
    yield said(node, _COMMENT, english(query.summary))
    if query.question != query.summary:
        yield said(node, SKOS + "example", english(query.question))
    yield said(node, DCTERMS + "identifier", ox.Literal(query.name))
    yield said(node, DCTERMS + "description", english(query.description))
    yield said(node, words + query.form.lower(), ox.Literal(lexer.move_iris(query.text, project.rebase)))
    yield said(node, SH + "prefixes", iris.dataset)
    yield said(node, SCHEMA + "target", endpoint_of(project.base))
    # An address, and no IRI of a thing: what is there are rows, which say nothing of the query.
    yield said(node, SCHEMA + "url", ox.Literal(answer_of(project.base, query.name), datatype=_ANY_URI))
    for tag in query.tags:
        yield said(node, SCHEMA + "keywords", ox.Literal(tag))
    for reader in query.audience:
        yield said(node, SCHEMA + "audience", ox.Literal(reader))


def _parameters(query: CannedQuery, project: Project) -> Iterator[ox.Triple]:
    node = Minter(project.base).thing("query", query.name)
    for order, (name, parameter) in enumerate(query.parameters.items()):
        itself, path = f"{node}#{name}", f"{node}#{query.variables[name].removeprefix('?')}"
        yield said(node, SH + "parameter", itself)
        yield said(itself, _A, SH + "Parameter")
        yield said(itself, _LABEL, english(parameter.label))
        yield said(itself, DCTERMS + "identifier", ox.Literal(name))
        yield said(itself, SH + "name", english(parameter.label))
        yield said(itself, SH + "description", english(parameter.help))
        yield said(itself, SH + "path", path)
        yield said(itself, SH + "order", integer(order))
        yield said(path, _A, RDF + "Property")
        yield said(path, _LABEL, english(f"{name} of {query.name}"))
        yield from _type(itself, parameter)
        yield from _choices(itself, parameter, project)
        if not parameter.required:
            yield said(itself, SH + "optional", _TRUE)
        if not parameter.many:
            yield said(itself, SH + "maxCount", integer(1))
        for value in parameter.default:
            yield said(itself, SH + "defaultValue", _literal(parameter, value))
        for value in parameter.example:
            yield said(itself, SKOS + "example", _literal(parameter, value))


def _type(node: str, parameter: Parameter) -> Iterator[ox.Triple]:
    if parameter.is_thing:
        yield said(node, SH + "class", CLASSES[parameter.kind])
    elif parameter.kind == "iri":
        yield said(node, SH + "nodeKind", SH + "IRI")
    elif parameter.language:
        yield said(node, SH + "datatype", RDF + "langString")
    else:
        yield said(node, SH + "datatype", XSD + {"literal": "string"}.get(parameter.kind, parameter.kind))


def _choices(node: str, parameter: Parameter, project: Project) -> Iterator[ox.Triple]:
    """Write the list of choices, its items as parts of the parameter: this graph has no blank nodes."""
    items = [f"{node}-choice-{number}" for number, _ in enumerate(parameter.choices, start=1)]
    for item in items[:1]:
        yield said(node, SH + "in", item)
    for item, rest, choice in zip(items, [*items[1:], RDF + "nil"], parameter.choices, strict=False):
        yield said(item, _A, RDF + "List")
        yield said(item, _LABEL, english(choice.label))
        yield said(item, RDF + "first", _chosen(parameter, choice.value, project))
        yield said(item, RDF + "rest", rest)


def _chosen(parameter: Parameter, value: str, project: Project) -> str | ox.Literal:
    """Give the term that a choice stands for; a thing that is not given by its local name stays a name."""
    if parameter.kind == "iri":
        prefix, _, local = value.partition(":")
        return project.prefixes[prefix] + local if prefix in project.prefixes else value
    if parameter.is_thing and _LOCAL.fullmatch(value):
        return Minter(project.base).thing(parameter.kind, value)
    return _literal(parameter, value)


def _literal(parameter: Parameter, value: str) -> ox.Literal:
    """Write a value as a person gives it: things by a name that is looked up when the query is asked.

    Dates stay texts, because what is published has few datatypes, those that every store keeps as they are.
    """
    if parameter.kind in ("integer", "boolean", "literal"):
        term = parameter.term(value)
        if isinstance(term, ox.Literal):
            return term
    return ox.Literal(value)
