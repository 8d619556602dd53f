"""What is known of one thing: asked in few queries, from an engine or from a store, and bounded.

Known are its own triples with those of its parts, the evidence of a claim, and who points at it: how many
there are by each property, and the first of them. A query has no property path and no ORDER BY: Oxigraph
reads every name from disk for each comparison, which took a quarter of a second for 3,000 links.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from lungkg.linked.labels import Ask
from lungkg.namespaces import BIOLINK, CITO, DCTERMS, OA, ONT, PROV, SKOS
from lungkg.triples import A

SHOWN: Final = 25
"""Links to a thing that its document shows of each property; all others are on further pages."""
PAGE: Final = 500
"""Links on a further page."""
MOST: Final = 5_000
"""Triples of its own that a document holds."""

_SORTED: Final = 250  # links by one property that are sorted by name; more stay in the order of the engine
_TOMBSTONE: Final = ox.NamedNode(ONT + "Tombstone")
_REPLACED_BY: Final = ox.NamedNode(DCTERMS + "isReplacedBy")

_SPAN: Final = ("source", "position", "quote")
_FOCUS: Final = ("focus", "focus-position", "focus-quote", "hedge-1", "hedge-1-position", "hedge-1-quote")
_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "claim": _SPAN + _FOCUS,
    "gloss": _SPAN,
    "sentence": _SPAN,
}
"""Parts that most things of a type have: to look for them by name is quicker than to follow links to them."""

_READ_FROM: Final = (ONT + "inSentence", PROV + "wasGeneratedBy")
_EVIDENCE: Final[Mapping[str, tuple[str, ...]]] = {
    "claim": (*_READ_FROM, CITO + "citesAsEvidence", ONT + "restsOn"),
    "inferred": (PROV + "wasDerivedFrom", PROV + "wasGeneratedBy", ONT + "restsOn"),
    "gloss": _READ_FROM,
}
"""What leads from things of a type to the evidence for them, which is told along with them."""

_THING: Final = f"""
SELECT ?g ?s ?p ?o {{
  {{ SELECT ?g ?s ?p ?o {{ VALUES ?s {{ %(nodes)s }} GRAPH ?g {{ ?s ?p ?o }} }} LIMIT {MOST + 1} }}
  %(evidence)s
  UNION
  {{ {{ SELECT ?s ?p {{ ?s ?p %(node)s }} LIMIT {_SORTED + 1} }} VALUES ?o {{ %(node)s }} }}
}}
"""
_LEADING: Final = "UNION { VALUES ?link { %(links)s } %(node)s ?link ?s . GRAPH ?g { ?s ?p ?o } }"
_SENTENCE: Final = f"""
  UNION
  {{ %(node)s <{ONT}inSentence> ?sentence . ?sentence <{ONT}source> ?s . GRAPH ?g {{ ?s ?p ?o }} }}
  UNION
  {{ %(node)s <{ONT}inSentence> ?sentence . ?sentence <{ONT}source> ?source . ?source <{OA}hasSelector> ?s .
    GRAPH ?g {{ ?s ?p ?o }} }}
"""
_MORE: Final = "SELECT ?g ?s ?p ?o { VALUES ?s { %s } GRAPH ?g { ?s ?p ?o } }"
_COUNTS: Final = "SELECT ?p (COUNT(DISTINCT ?s) AS ?n) { ?s ?p %s FILTER(isIRI(?s)) } GROUP BY ?p"
_COUNT: Final = "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s %s %s FILTER(isIRI(?s)) }"
_LINKS: Final = "{ SELECT DISTINCT ?s ?p { VALUES ?p { %s } ?s ?p %s FILTER(isIRI(?s)) } LIMIT %d OFFSET %d }"
_FATE: Final = f"""
SELECT ?p ?o {{ %(node)s ?p ?o FILTER(?p = {A} || ?p = {_REPLACED_BY}) }}
"""
_ABOUT_MATCHES: Final = f"""
SELECT DISTINCT ?s ?p ?o {{
  VALUES ?o {{ %s }}
  {{ ?s <{BIOLINK}subject> ?o BIND(<{BIOLINK}subject> AS ?p) }}
  UNION {{ ?s <{BIOLINK}object> ?o BIND(<{BIOLINK}object> AS ?p) }}
  UNION {{ ?s <{BIOLINK}predicate> ?o BIND(<{BIOLINK}predicate> AS ?p) }}
  UNION {{ ?s <{ONT}inContext> ?o BIND(<{ONT}inContext> AS ?p) }}
}} LIMIT {SHOWN}
"""
_MATCHES: Final = frozenset(
    ox.NamedNode(iri)
    for iri in (
        *(f"{SKOS}{kind}Match" for kind in ("exact", "close", "broad", "narrow", "related")),
        ONT + "biolinkPredicate",
    )
)


@dataclass(frozen=True, slots=True)
class Links:
    """Who points at a thing by one property: how many there are, how many come before these, and these."""

    link: ox.NamedNode
    total: int
    before: int
    subjects: tuple[ox.NamedNode, ...]

    @property
    def after(self) -> int | None:
        """The number after which there are more; None at the end."""
        seen = self.before + len(self.subjects)
        return seen if self.subjects and seen < self.total else None


@dataclass(frozen=True, slots=True)
class Fate:
    """Whether a thing is there, was withdrawn, or goes by another IRI now."""

    there: bool
    gone: bool = False
    now: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """What is known of a thing; `own` is said of it, of its parts and of its evidence, each in its graph.

    `cut` says that there is more of it than a document holds.
    """

    node: ox.NamedNode
    own: tuple[ox.Quad, ...]
    links: tuple[Links, ...] = ()
    cut: bool = False

    @property
    def fate(self) -> Fate:
        """What became of the thing."""
        return _fate((quad.predicate, quad.object) for quad in self.own if quad.subject == self.node)

    @property
    def triples(self) -> Iterator[ox.Triple]:
        """Everything, without the graphs."""
        for quad in self.own:
            yield quad.triple
        for links in self.links:
            for subject in links.subjects:
                yield ox.Triple(subject, links.link, self.node)


def fate(ask: Ask, node: str) -> Fate:
    """Say what became of a thing."""
    return _fate((row["p"], row["o"]) for row in ask(_FATE % {"node": ox.NamedNode(node)}))


def _fate(said_of_it: Iterable[tuple[object, object]]) -> Fate:
    pairs = list(said_of_it)
    if (A, _TOMBSTONE) not in pairs:
        return Fate(bool(pairs))
    now = [value.value for link, value in pairs if link == _REPLACED_BY and isinstance(value, ox.NamedNode)]
    return Fate(there=True, gone=not now, now="".join(now[:1]))


def describe(ask: Ask, node: str, type: str = "") -> Description:
    """Ask for all that is known of an IRI; `type` is that of a thing: `claim`, `entity` … and saves a query."""
    named = ox.NamedNode(node)
    parts = [ox.NamedNode(f"{node}#{part}") for part in _PARTS.get(type, ())]
    own: dict[ox.Quad, None] = {}
    linking: set[tuple[ox.NamedNode, ox.NamedNode]] = set()
    for row in ask(_asking(named, parts, type)):
        subject, link, graph = row["s"], row["p"], row["g"]
        if graph is not None:
            own[ox.Quad(subject, link, row["o"], graph)] = None
        elif isinstance(subject, ox.NamedNode):
            linking.add((link, subject))
    beyond = [quad for quad in own if quad.subject == named][MOST:]
    for quad in beyond:
        del own[quad]
    if not beyond:
        _rest(ask, node, {named, *parts}, own)
    if len(linking) > _SORTED:
        links = _counted(ask, named)
    else:
        links = _sorted(pair for pair in linking if pair[1] != named and not pair[1].value.startswith(f"{node}#"))
    return Description(named, tuple(own), links, bool(beyond))


def _asking(node: ox.NamedNode, parts: Iterable[ox.NamedNode], type: str) -> str:
    """Write the query for a thing, its parts, its evidence and what points at it."""
    links, evidence = _EVIDENCE.get(type, ()), ""
    if links:
        evidence = _LEADING % {"links": " ".join(f"<{link}>" for link in links), "node": node}
    if ONT + "inSentence" in links:
        evidence += _SENTENCE % {"node": node}
    return _THING % {"nodes": " ".join(map(str, (node, *parts))), "node": node, "evidence": evidence}


def _rest(ask: Ask, node: str, asked: set[ox.NamedNode], own: dict[ox.Quad, None]) -> None:
    """Ask for parts that were not asked for by name, until no new one is mentioned."""
    while True:
        mentioned = {quad.object for quad in own if isinstance(quad.object, ox.NamedNode)}
        more = {part for part in mentioned - asked if part.value.startswith(f"{node}#")}
        if not more:
            return
        asked |= more
        own |= {
            ox.Quad(row["s"], row["p"], row["o"], row["g"]): None
            for row in ask(_MORE % " ".join(sorted(map(str, more))))
        }


def _sorted(linking: Iterable[tuple[ox.NamedNode, ox.NamedNode]]) -> tuple[Links, ...]:
    by_property: dict[ox.NamedNode, list[ox.NamedNode]] = defaultdict(list)
    for link, subject in linking:
        by_property[link].append(subject)
    return tuple(
        Links(link, len(subjects), 0, tuple(sorted(subjects, key=_name)[:SHOWN]))
        for link, subjects in sorted(by_property.items(), key=lambda pair: pair[0].value)
    )


def _counted(ask: Ask, node: ox.NamedNode) -> tuple[Links, ...]:
    """Count the links to something that many point at, and ask for the first of each property."""
    totals = {row["p"]: int(row["n"].value) for row in ask(_COUNTS % node)}
    found: dict[ox.NamedNode, list[ox.NamedNode]] = defaultdict(list)
    parts = [
        _LINKS % (link, node, total if total <= _SORTED else SHOWN, 0)
        for link, total in sorted(totals.items(), key=lambda pair: pair[0].value)
    ]
    for row in ask(f"SELECT ?s ?p {{ {' UNION '.join(parts)} }}"):
        found[row["p"]].append(row["s"])
    return tuple(
        Links(link, total, 0, tuple((sorted(found[link], key=_name) if total <= _SORTED else found[link])[:SHOWN]))
        for link, total in sorted(totals.items(), key=lambda pair: pair[0].value)
    )


def further(ask: Ask, node: str, property: str, after: int) -> Links:
    """Ask for a page of those that point at a thing by one property."""
    named, link = ox.NamedNode(node), ox.NamedNode(property)
    total = sum(int(row["n"].value) for row in ask(_COUNT % (link, named)))
    few = total <= _SORTED
    text = "SELECT ?s ?p " + _LINKS % (link, named, total if few else PAGE, 0 if few else after)
    subjects = [row["s"] for row in ask(text)] if total else []
    if few:
        subjects = sorted(subjects, key=_name)[after : after + PAGE]
    return Links(link, total, after, tuple(subjects))


def claims_about_matches(ask: Ask, description: Description) -> list[ox.Triple]:
    """Ask for the first claims about what is matched with a term of somebody else."""
    matched = [str(subject) for links in description.links if links.link in _MATCHES for subject in links.subjects]
    rows = ask(_ABOUT_MATCHES % " ".join(matched)) if matched else ()
    return [ox.Triple(row["s"], row["p"], row["o"]) for row in rows]


def is_used(ask: Ask, node: str) -> bool:
    """Say whether an IRI is a property of anything, or a graph."""
    named = ox.NamedNode(node)
    text = f"SELECT (1 AS ?x) {{ {{ ?s {named} ?o }} UNION {{ GRAPH {named} {{ ?s ?p ?o }} }} }} LIMIT 1"
    return any(True for _ in ask(text))


def _name(node: ox.NamedNode) -> str:
    return node.value
