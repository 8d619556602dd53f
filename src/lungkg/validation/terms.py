"""Converts pyoxigraph's terms and triples into rdflib's, without going through text."""

import logging
import warnings
from collections.abc import Iterable

import pyoxigraph as ox
import rdflib

# rdflib logs a stack trace for every ill-typed literal that it meets.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)


class Converter:
    """Converts terms; IRIs are made once and shared, which halves time and memory."""

    def __init__(self) -> None:
        self._iris: dict[str, rdflib.URIRef] = {}

    def iri(self, value: str) -> rdflib.URIRef:
        """Give the one URIRef for an IRI."""
        found = self._iris.get(value)
        if found is None:
            found = self._iris[value] = rdflib.URIRef(value)
        return found

    def term(self, term: object) -> rdflib.term.Node:
        """Convert one term; the lexical form of a literal is kept as it is."""
        if isinstance(term, ox.NamedNode):
            return self.iri(term.value)
        if isinstance(term, ox.BlankNode):
            return rdflib.BNode(term.value)
        if isinstance(term, ox.Literal):
            if term.language:
                return rdflib.Literal(term.value, lang=term.language)
            datatype = term.datatype.value
            if datatype == str(rdflib.XSD.string):
                return rdflib.Literal(term.value)
            return rdflib.Literal(term.value, datatype=self.iri(datatype), normalize=False)
        raise TypeError(f"no rdflib term for {term!r}")

    def graph(self, triples: Iterable[ox.Triple]) -> rdflib.Graph:
        """Convert triples into a graph; ill-typed literals are kept without a word, for shapes to find."""
        graph = rdflib.Graph(bind_namespaces="none")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            for subject, predicate, value in triples:
                graph.add((self.term(subject), self.iri(predicate.value), self.term(value)))
        return graph
