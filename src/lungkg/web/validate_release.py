"""What a release has for /validate: its shapes and ontology, and the things in it that can be validated again."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Final

import pyoxigraph as ox
from flask import request

from lungkg.errors import BadParameter
from lungkg.formats import GRAPHS
from lungkg.linked.addresses import VOCABULARIES, Addresses, thing
from lungkg.linked.describer import Describer
from lungkg.linked.documents import describe
from lungkg.linked.labels import Ask, words
from lungkg.linked.writing import write
from lungkg.namespaces import OWL, RDF, RDFS, SH, Minter
from lungkg.sandbox import Text
from lungkg.stores import written
from lungkg.triples import LABEL
from lungkg.web.answers import root
from lungkg.web.offers import nearest

_TURTLE: Final = GRAPHS[0]
_TARGETS: Final = tuple(
    ox.NamedNode(SH + name) for name in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
)
_TYPE: Final = ox.NamedNode(RDF + "type")
_CLASS: Final = ox.NamedNode(RDFS + "Class")
_NODE_SHAPE: Final = ox.NamedNode(SH + "NodeShape")
_NAME: Final = ox.NamedNode(SH + "name")
_VERSION_IRI: Final = ox.NamedNode(OWL + "versionIRI")
_PATH: Final = re.compile(r"(?:id|doc)/([a-z]+)/([A-Za-z0-9_-]+)(?:\.[a-z]+)?")

MOST_MENTIONED: Final = 500
"""Things that a thing mentions of which it is looked up what is known of them."""

MOST_KNOWN: Final = 20_000
"""Triples of what is known of them."""

_KNOWN: Final = "SELECT DISTINCT ?s ?p ?o { VALUES ?s { %s } GRAPH ?g { ?s ?p ?o } } LIMIT %d"


@dataclass(frozen=True, slots=True)
class Offered:
    """A shape that can be chosen: it has a target of its own."""

    iri: str
    label: str

    @property
    def local(self) -> str:
        """The end of the IRI, by which it can be chosen, too."""
        return re.split(r"[#/]", self.iri)[-1]


@dataclass(frozen=True)
class Rules:
    """The shapes and the ontology of a release, in N-Triples; and the shapes that can be chosen, by IRI."""

    shapes: bytes
    ontology: bytes
    offered: dict[str, Offered]
    version: str

    def chosen(self, names: Iterable[str]) -> tuple[str, ...]:
        """Give the IRIs of the shapes with these names, IRIs or the ends of them. Raises BadParameter."""
        by_local = {one.local: iri for iri, one in self.offered.items()}
        found = []
        for name in names:
            iri = name.strip("<>")
            if iri not in self.offered and iri not in by_local:
                hint = nearest(iri, by_local) or f" There are {', '.join(sorted(by_local))}."
                raise BadParameter("shapes", f"{name[:80]!r} is no shape with a target here.{hint}")
            found.append(iri if iri in self.offered else by_local[iri])
        return tuple(dict.fromkeys(found))

    def permalink(self, iri: str) -> str:
        """Give the address of a shape in the version of the shapes that is used; empty for one that is elsewhere."""
        start, mark, local = iri.partition("#")
        version = f"/{self.version}" if self.version else ""
        return f"{root()}/shapes{version}#{local}" if mark and start.endswith("/shapes") else ""


def rules_of(describer: Describer) -> Rules:
    """Gather what a release validates with."""
    shapes = describer.vocabularies["shapes"]
    targeted = {s for s, p, o in shapes if p in _TARGETS or (p == _TYPE and o == _CLASS)}
    nodes = {s for s, p, o in shapes if p == _TYPE and o == _NODE_SHAPE}
    offered = {
        node.value: Offered(node.value, _label(node, shapes))
        for node in sorted(targeted & nodes, key=str)
        if isinstance(node, ox.NamedNode)
    }
    versions = {o.value.rpartition("/")[2] for _, p, o in shapes if p == _VERSION_IRI and isinstance(o, ox.NamedNode)}
    version = versions.pop() if len(versions) == 1 else ""
    return Rules(_lines(shapes), _lines(describer.vocabularies["ont"]), offered, version)


def _label(node: ox.NamedNode, triples: Iterable[ox.Triple]) -> str:
    found = [o.value for s, p, o in triples if s == node and p in (LABEL, _NAME) and isinstance(o, ox.Literal)]
    return min(found, default=words(node.value))


def _lines(triples: Iterable[ox.Triple]) -> bytes:
    return written(list(triples), ox.RdfFormat.N_TRIPLES)


# Things of ours ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ours:
    """A document of this site, as data: its text, what is known of what it mentions, and its path."""

    text: Text
    context: bytes
    path: str


def ours(url: str, describer: Describer, ask: Ask) -> Ours:
    """Take what an address of ours names from the release; nothing is fetched.

    Raises BadParameter for what is not ours, or not there.
    """
    path = _path(url, describer.addresses)
    if path.partition(".")[0].partition("/")[0] in VOCABULARIES:
        name = re.split(r"[./]", path)[0]
        content = write(describer.vocabularies[name], _TURTLE, describer.prefixes, "", describer.context)
        return Ours(Text(f"{name}.ttl", _TURTLE.media_type, content), b"", name)
    match = _PATH.fullmatch(path)
    wanted = thing(match[1], match[2]) if match else None
    if wanted is None:
        raise BadParameter(
            "url",
            f"{url[:200]!r} is nothing of this site that can be validated: give the IRI of a thing, such as "
            f"{describer.project.base}id/claim/NAME, or the path of its document, or /ont or /shapes; "
            "nothing is fetched from elsewhere",
        )
    node = describer.project.base + wanted.id
    edges = ox.NamedNode(Minter(describer.project.base).graph("edges"))  # which say what claims say, to be read alone
    known = [quad.triple for quad in describe(ask, node, wanted.type).own if quad.graph_name != edges]
    own = [triple for triple in known if _is_part(triple.subject, node)]
    if not own:
        raise BadParameter("url", f"there is no {wanted.type} {wanted.local[:80]!r} in this release")
    content = write(own, _TURTLE, describer.prefixes, node, describer.context)
    context = _context(ask, own, known, {triple.subject for triple in chain(*describer.vocabularies.values())})
    return Ours(Text(f"{wanted.local}.ttl", _TURTLE.media_type, content), context, wanted.document)


def _path(url: str, addresses: Addresses) -> str:
    """Give the path of an address of ours below the root of the site, without what follows ? or #."""
    bare = re.split(r"[?#]", url.strip("<>"))[0]
    for start in (request.url_root, f"{root()}/"):
        if start and bare.startswith(start):
            return bare[len(start) :].strip("/")
    return (addresses.path(bare) or ("" if ":" in bare else bare)).strip("/")


def _is_part(subject: ox.NamedNode | ox.BlankNode | ox.Triple, node: str) -> bool:
    return isinstance(subject, ox.NamedNode) and (subject.value == node or subject.value.startswith(f"{node}#"))


def _context(ask: Ask, own: list[ox.Triple], known: list[ox.Triple], at_hand: set[object]) -> bytes:
    """Look up what is known of the things that some triples mention, but for those that are at hand."""
    subjects = {triple.subject for triple in own}
    mentioned = {triple.object for triple in own if isinstance(triple.object, ox.NamedNode)} - subjects - at_hand
    nodes = " ".join(map(str, sorted(mentioned, key=str)[:MOST_MENTIONED]))
    rows = ask(_KNOWN % (nodes, MOST_KNOWN)) if nodes else []
    found = {ox.Triple(row["s"], row["p"], row["o"]) for row in rows}
    return _lines(sorted((found | set(known)) - set(own), key=str))
