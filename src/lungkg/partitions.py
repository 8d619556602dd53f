"""Counts what a store holds, class by class and property by property, and writes the counts as VoID.

What is counted is what a query without GRAPH sees, the union of all graphs in the store. The queries join
sub-selects because Oxigraph joins those by hash, three to five times faster than pattern after pattern, and
they look at the datatype of an object only where it has no class, because that reads the literal from disk.
"""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from lungkg.endpoint_terms import VOAF, VOID_EXT, said
from lungkg.namespaces import RDF, VOID
from lungkg.stores import select
from lungkg.triples import integer

_TYPES: Final = "SELECT ?s ?class { ?s a ?class }"

_SUBJECTS: Final = "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }"
_OBJECTS: Final = "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o }"
_CLASSES: Final = "SELECT ?class (COUNT(*) AS ?n) { ?s a ?class } GROUP BY ?class"
_PROPERTIES: Final = "SELECT ?graph ?p (COUNT(*) AS ?n) { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph ?p"
_USES: Final = f"""
    SELECT ?class ?p (COUNT(*) AS ?n)
    {{ {{ {_TYPES} }} {{ SELECT ?s ?p {{ ?s ?p ?o }} }} }}
    GROUP BY ?class ?p
"""
_VALUES: Final = f"""
    SELECT ?class ?p ?valueClass ?datatype (COUNT(*) AS ?n)
    {{
        {{ {_TYPES} }}
        {{ SELECT ?s ?p ?o {{ ?s ?p ?o }} }}
        OPTIONAL {{ SELECT ?o ?valueClass {{ ?o a ?valueClass }} }}
    }}
    GROUP BY ?class ?p ?valueClass (IF(BOUND(?valueClass), false, DATATYPE(?o)) AS ?datatype)
"""

_QUERIES: Final = (_VALUES, _USES, _SUBJECTS, _OBJECTS, _PROPERTIES, _CLASSES)  # the longest first


Counts = dict[tuple[str, ...], int]
"""How often IRIs occur together, in the order of the IRIs."""


@dataclass(frozen=True)
class Statistics:
    """How many there are of everything in a store; what has no IRI is counted nowhere but in the first and third.

    `classes` counts instances, everything else triples: `properties` by graph and property, `uses` by class of the
    subject and property; `value_classes` and `datatypes` are of these, by class or by datatype of the object.
    """

    subjects: int
    entities: int
    objects: int
    classes: Counts
    properties: Counts
    uses: Counts
    value_classes: Counts
    datatypes: Counts

    @property
    def by_graph(self) -> Counter[str]:
        """Triples of each graph."""
        return self._added_up(0)

    @property
    def by_property(self) -> Counter[str]:
        """Triples of each property."""
        return self._added_up(1)

    def _added_up(self, place: int) -> Counter[str]:
        added: Counter[str] = Counter()
        for iris, n in self.properties.items():
            added[iris[place]] += n
        return added


def measure(store: ox.Store, blank_nodes_in: Iterable[str]) -> Statistics:
    """Count; the queries run side by side, since the store answers outside Python's lock.

    `blank_nodes_in` names the graphs that may hold blank nodes: to look at every subject would take twice as long.
    """
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        answers = dict(zip(_QUERIES, threads.map(lambda query: list(select(store, query)), _QUERIES), strict=True))
    (subjects,), (objects,) = answers[_SUBJECTS], answers[_OBJECTS]
    blank = {
        quad.subject
        for graph in blank_nodes_in
        for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(graph))
        if isinstance(quad.subject, ox.BlankNode)
    }
    return Statistics(
        subjects=int(subjects["n"].value),
        entities=int(subjects["n"].value) - len(blank),
        objects=int(objects["n"].value),
        classes=_counts(answers[_CLASSES], "class"),
        properties=_counts(answers[_PROPERTIES], "graph", "p"),
        uses=_counts(answers[_USES], "class", "p"),
        value_classes=_counts(answers[_VALUES], "class", "p", "valueClass"),
        datatypes=_counts(answers[_VALUES], "class", "p", "datatype"),
    )


def _counts(rows: list[ox.QuerySolution], *names: str) -> Counts:
    """Take the rows in which all these variables are IRIs."""
    found = {}
    for row in rows:
        terms = [row[name] for name in names]
        iris = tuple(term.value for term in terms if isinstance(term, ox.NamedNode))
        if len(iris) == len(names):
            found[iris] = int(row["n"].value)
    return dict(sorted(found.items()))


class Fragments:
    """Names the partitions of a dataset: fragments of its IRI that people can read and that stay the same.

    >>> fragments = Fragments("https://a.org/dataset", {"ont": "https://a.org/ont#", "xsd": "https://x.org/"})
    >>> fragments("class", "https://a.org/ont#Claim", "property", "https://a.org/ont#text")
    'https://a.org/dataset#class/ont:Claim/property/ont:text'
    >>> fragments("class", "https://b.org/terms/Thing")
    'https://a.org/dataset#class/Thing-c0cb78f5'
    """

    _LOCAL: Final = re.compile(r"[A-Za-z0-9_.-]+")

    def __init__(self, dataset: str, prefixes: Mapping[str, str]) -> None:
        self._dataset = dataset
        self._namespaces = sorted(prefixes.items(), key=lambda pair: (-len(pair[1]), pair[0]))

    def __call__(self, *path: str) -> str:
        """Name a partition: words and IRIs in turn."""
        words = [self._short(part) if place % 2 else part for place, part in enumerate(path)]
        return f"{self._dataset}#{'/'.join(words)}"

    def _short(self, iri: str) -> str:
        for prefix, namespace in self._namespaces:
            if iri.startswith(namespace) and self._LOCAL.fullmatch(iri[len(namespace) :]):
                return f"{prefix}:{iri[len(namespace) :]}"
        last = "".join(self._LOCAL.findall(iri)[-1:])  # a term without a prefix: its end, made unique
        return f"{last}-{hashlib.sha256(iri.encode()).hexdigest()[:8]}"


def partitions(counted: Statistics, dataset: str, prefixes: Mapping[str, str]) -> Iterator[ox.Triple]:
    """Write the counts of a dataset and of its partitions, in the shape that SPARQL editors ask for.

    Each class partition has a property partition for every property that instances of the class have; each
    of those, a partition for every class and every datatype of the values. Named graphs have none: editors
    that find one such partition below a sd:graph ask for no others, and an instance's triples may stand in
    another graph than its class.
    """
    name = Fragments(dataset, prefixes)
    yield from _totals(counted, dataset)
    for property_, n in counted.by_property.items():
        yield from _part(dataset, "propertyPartition", name("property", property_), "property", property_, n)
    for (class_,), n in counted.classes.items():
        node = name("class", class_)
        yield from _part(dataset, "classPartition", node, "class", class_, n, of="entities")
    for (class_, property_), n in counted.uses.items():
        node = name("class", class_, "property", property_)
        yield from _part(name("class", class_), "propertyPartition", node, "property", property_, n)
    for (class_, property_, value), n in counted.value_classes.items():
        node = name("class", class_, "property", property_)
        inner = name("class", class_, "property", property_, "class", value)
        yield from _part(node, "classPartition", inner, "class", value, n)
    for (class_, property_, value), n in counted.datatypes.items():
        node = name("class", class_, "property", property_)
        inner = name("class", class_, "property", property_, "datatype", value)
        yield from _part(node, "datatypePartition", inner, "datatype", value, n, VOID_EXT)


def _totals(counted: Statistics, dataset: str) -> Iterator[ox.Triple]:
    yield said(dataset, VOID + "entities", integer(counted.entities))
    yield said(dataset, VOID + "classes", integer(len(counted.classes)))
    yield said(dataset, VOID + "properties", integer(len(counted.by_property)))
    yield said(dataset, VOID + "distinctSubjects", integer(counted.subjects))
    yield said(dataset, VOID + "distinctObjects", integer(counted.objects))
    terms = [*counted.by_property, *(class_ for (class_,) in counted.classes)]
    for namespace in sorted({_namespace(iri) for iri in terms}):
        yield said(dataset, VOID + "vocabulary", namespace)
        yield said(namespace, RDF + "type", VOAF + "Vocabulary")


def _namespace(iri: str) -> str:
    """Cut an IRI after its last # or /, or after its last colon where it has none of them.

    >>> _namespace("http://a.org/b#C"), _namespace("urn:isbn:1")
    ('http://a.org/b#', 'urn:isbn:')
    """
    return re.sub(r"^(.*[#/]|.*:).*$", r"\1", iri)


def _part(
    whole: str,
    link: str,
    part: str,
    by: str,
    value: str,
    n: int,
    namespace: str = VOID,
    of: str = "triples",
) -> Iterator[ox.Triple]:
    yield said(whole, namespace + link, part)
    yield said(part, RDF + "type", VOID + "Dataset")
    yield said(part, namespace + by, value)
    yield said(part, VOID + of, integer(n))
