"""Exports every claim, and every inferred claim, as a nanopublication: four named graphs in TriG.

The IRIs of a nanopublication are fragments of the claim's own, so they lead to the page of the claim, on
which everything in them is said; a release has no other document about one claim. Signing gives it an
IRI of its own instead, which leads somewhere once it is published in the network.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from lungkg.exports.base import Exported, Exporting, writing
from lungkg.exports.curies import Curies
from lungkg.exports.things import Thing, term, things
from lungkg.namespaces import DCTERMS, ONT, PROV, RDF, RDFS, Minter
from lungkg.triples import (
    GENERATED_BY,
    IN_CONTEXT,
    LABEL,
    OBJECT,
    PREDICATE,
    STATED_IN,
    SUBJECT,
    english,
    instant,
)

Triple = tuple[bytes, bytes, bytes]
"""Three terms, as N-Quads has them."""

_NP: Final = "http://www.nanopub.org/nschema#"
_TRIG: Final = "application/trig"
_A: Final = term(RDF + "type")
_PARTS: Final = {
    "assertion": term(_NP + "hasAssertion"),
    "provenance": term(_NP + "hasProvenance"),
    "pubinfo": term(_NP + "hasPublicationInfo"),
}
_DERIVED_FROM: Final = term(PROV + "wasDerivedFrom")
_GENERATED_BY: Final = term(GENERATED_BY.value)
_ENDED: Final = term(PROV + "endedAtTime")
_ASSERTED: Final = frozenset(
    term(iri)
    for iri in (
        *(RDF + "type", LABEL.value, SUBJECT.value, PREDICATE.value, OBJECT.value, IN_CONTEXT.value),
        *(ONT + local for local in ("contextText", "polarity", "certainty")),
    )
)
"""What of a claim is its assertion; the rest says where it comes from."""


def write(exporting: Exporting, folder: Path) -> list[Exported]:
    """Write all nanopublications into one file, signed when there is a key."""
    path = exporting.file(folder, "-nanopubs.trig")
    prefixes = {**exporting.project.prefixes, "np": _NP, "npx": "http://purl.org/nanopub/x/"}
    header = "".join(f"@prefix {name}: <{space}> .\n" for name, space in sorted(prefixes.items())).encode()
    texts = _nanopubs(exporting, prefixes)
    with writing(path) as file:
        if exporting.key is None:
            file.write(header)
            file.writelines(texts)
        else:
            from lungkg.exports.signing import signed  # noqa: PLC0415, needs a library that only signing needs

            curators = Minter(exporting.project.base).thing("agent", "curators")
            quads = signed((header + text for text in texts), exporting.key, exporting.signer or curators)
            ox.serialize(quads, file, format=ox.RdfFormat.TRIG, prefixes=prefixes)
    return [Exported(path, "One nanopublication for each claim", _TRIG)]


def _nanopubs(exporting: Exporting, prefixes: Mapping[str, str]) -> Iterator[bytes]:
    """Yield one nanopublication after the other, in the order of the claims' IRIs."""
    kinds = ("claim", "inferred") if exporting.inferred else ("claim",)
    publisher = _Publisher(exporting, prefixes)
    for thing in things(exporting, kinds, ("claims", "inferred")):
        if thing.terms(SUBJECT.value):
            yield publisher.nanopub(thing)


class _Publisher:
    """Makes nanopublications of claims."""

    def __init__(self, exporting: Exporting, prefixes: Mapping[str, str]) -> None:
        project, iris = exporting.project, Minter(exporting.project.base)
        self._curators = term(iris.thing("agent", "curators"))
        self._curators_name = str(english(project.curators)).encode()
        self._publication = (
            (term(DCTERMS + "creator"), self._curators),
            (term(DCTERMS + "isPartOf"), term(iris.dataset)),
            (term(DCTERMS + "license"), term(project.license)),
        )
        self._release_date = str(instant(exporting.date)).encode()
        self._store = exporting.store
        self._activity = lru_cache(maxsize=64)(self._read_activity)
        self._turtle = _Turtle(prefixes)

    def nanopub(self, thing: Thing) -> bytes:
        """Write the four graphs of a nanopublication: head, assertion, provenance, publication info."""
        this, head = term(thing.iri + "#nanopub"), term(thing.iri + "#nanopub-head")
        parts = {name: term(f"{thing.iri}#nanopub-{name}") for name in _PARTS}
        links = [
            (this, _A, term(_NP + "Nanopublication")),
            *((this, _PARTS[name], part) for name, part in parts.items()),
        ]
        return b"\n" + b"".join(
            (
                self._turtle.graph(head, links),
                self._turtle.graph(parts["assertion"], _assertion(thing)),
                self._turtle.graph(parts["provenance"], self._provenance(thing, parts["assertion"])),
                self._turtle.graph(parts["pubinfo"], self._pubinfo(thing, this)),
            )
        )

    def _provenance(self, thing: Thing, assertion: bytes) -> Iterator[Triple]:
        this = term(thing.iri)
        origins = STATED_IN.value if thing.kind == "claim" else PROV + "wasDerivedFrom"
        activities = thing.terms(GENERATED_BY.value)
        yield from ((assertion, _DERIVED_FROM, origin) for origin in thing.terms(origins))
        yield from ((assertion, _GENERATED_BY, activity) for activity in activities)
        yield from (said[:3] for said in thing.statements if said[0] == this and said[1] not in _ASSERTED)
        yield from (said[:3] for said in thing.statements if said[0] != this)
        for activity in activities:
            yield from self._activity(activity)

    def _pubinfo(self, thing: Thing, this: bytes) -> Iterator[Triple]:
        yield this, term(DCTERMS + "created"), self._created(thing)
        yield from ((this, predicate, value) for predicate, value in self._publication)
        yield self._curators, term(RDFS + "label"), self._curators_name

    def _created(self, thing: Thing) -> bytes:
        """Give the time at which a claim was read; rules have none, so what they derive has the release's."""
        activities = thing.terms(GENERATED_BY.value)
        times = (value for it in activities for _, predicate, value in self._activity(it) if predicate == _ENDED)
        return next(times, self._release_date)

    def _read_activity(self, activity: bytes) -> list[Triple]:
        node = ox.NamedNode(activity[1:-1].decode())
        found = {quad.triple for quad in self._store.quads_for_pattern(node, None, None)}
        return sorted((activity, str(said.predicate).encode(), str(said.object).encode()) for said in found)


def _assertion(thing: Thing) -> Iterator[Triple]:
    """Say what the claim says: the plain edge, if it is affirmed and said by a document, and the claim itself."""
    this = term(thing.iri)
    if thing.kind == "claim" and thing.one(ONT + "polarity") == ONT + "Affirmed":
        yield thing.terms(SUBJECT.value)[0], thing.terms(PREDICATE.value)[0], thing.terms(OBJECT.value)[0]
    yield from (said[:3] for said in thing.statements if said[0] == this and said[1] in _ASSERTED)


class _Turtle:
    """Writes terms and graphs as TriG does, of terms as N-Quads writes them."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._curies = Curies(prefixes)
        self._iri = lru_cache(maxsize=50_000)(self._shorten)

    def graph(self, name: bytes, triples: Iterable[Triple]) -> bytes:
        """Write a named graph; triples of one subject must stand together."""
        own = name[: name.index(b"#") + 1]  # what has no shorter form, and is never seen again
        pieces = [name, b" {"]
        subject = predicate = b""
        for s, p, o in triples:
            value = o if o.startswith(own) else self._object(o)
            if s != subject:
                node = s if s.startswith(own) else self._iri(s)
                pieces += (b" .\n  " if subject else b"\n  ", node, b" ", self._verb(p), b" ", value)
            elif p != predicate:
                pieces += (b" ;\n    ", self._verb(p), b" ", value)
            else:
                pieces += (b" , ", value)
            subject, predicate = s, p
        pieces.append(b" .\n}\n")
        return b"".join(pieces)

    def _verb(self, predicate: bytes) -> bytes:
        return b"a" if predicate == _A else self._iri(predicate)

    def _object(self, value: bytes) -> bytes:
        if value.startswith(b"<"):
            return self._iri(value)
        if value.endswith(b">"):
            text, _, datatype = value.rpartition(b"^^")
            return text + b"^^" + self._iri(datatype)
        return value

    def _shorten(self, iri: bytes) -> bytes:
        short = self._curies(iri[1:-1].decode())
        return iri if "/" in short else short.encode()
