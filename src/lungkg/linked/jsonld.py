"""JSON-LD that can be used without knowing RDF: short keys, plain values, what is linked in its place.

The context stands in every document, so that nobody has to fetch one, and has only what that document uses;
the whole is published, too. Whatever it shortens expands to the very same triples: a value that its key does
not describe is written in full.
"""

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pyoxigraph as ox

from lungkg.linked.outline import NIL, Node, Outline, Value
from lungkg.linked.turtle import Shortener
from lungkg.namespaces import BIOLINK, DCTERMS, OWL, PROV, RDF, RDFS, SH, SKOS, VOID, XSD
from lungkg.triples import A

Json = Any

_STRING: Final = XSD + "string"
_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,15}")  # those that JavaScript has, written as it writes them
_RANGE: Final = ox.NamedNode(RDFS + "range")
_PATH: Final = ox.NamedNode(SH + "path")
_DATATYPE: Final = ox.NamedNode(SH + "datatype")
_MAX_COUNT: Final = ox.NamedNode(SH + "maxCount")
_SHAPING: Final = (_RANGE, _PATH, _DATATYPE, _MAX_COUNT)
_FUNCTIONAL: Final = OWL + "FunctionalProperty"
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_ALIASES: Final = {"id": "@id", "type": "@type"}
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!//)")

_FOAF: Final = "http://xmlns.com/foaf/0.1/"

_TEXTS: Final = (
    *(RDFS + name for name in ("label", "comment")),
    *(SKOS + name for name in ("prefLabel", "definition")),
    *(DCTERMS + name for name in ("title", "description")),
    *(SH + name for name in ("name", "message")),
)
_MANY_TEXTS: Final = tuple(SKOS + name for name in ("altLabel", "example"))
_LINKS: Final = (
    *(BIOLINK + name for name in ("subject", "object")),
    "http://www.w3.org/ns/oa#hasSource",
    *(DCTERMS + name for name in ("license", "isReplacedBy")),
    *(_FOAF + name for name in ("primaryTopic",)),
    *(VOID + name for name in ("inDataset", "property")),
    *(PROV + name for name in ("wasGeneratedBy", "wasAssociatedWith", "used")),
    RDFS + "isDefinedBy",
)
_MANY_LINKS: Final = (
    *(SKOS + name for name in ("broader", "exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")),
    *(DCTERMS + name for name in ("hasFormat", "hasPart")),
    *(RDFS + name for name in ("seeAlso", "subClassOf", "subPropertyOf")),
)
_INSTANTS: Final = (
    *(DCTERMS + name for name in ("created", "issued", "modified")),
    *(PROV + name for name in ("endedAtTime", "invalidatedAtTime")),
)
_PLAIN: Final = (
    *(DCTERMS + name for name in ("identifier", "format", "language", "rights")),
    SKOS + "notation",
    VOID + "triples",
    OWL + "deprecated",
    OWL + "versionInfo",
)
_CLASSES: Final = (
    _FOAF + "Document",
    VOID + "Dataset",
    *(RDF + name for name in ("Property",)),
    *(RDFS + name for name in ("Class", "Datatype", "Resource")),
    *(
        OWL + name
        for name in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "NamedIndividual", "Ontology")
    ),
)


@dataclass(frozen=True, slots=True)
class Term:
    """A key: the IRI it stands for, how its plain values are read, and whether they are always in a list."""

    name: str
    iri: str
    kind: str = ""  # "", "@id", "@vocab", "@language" or a datatype
    many: bool = False

    @property
    def definition(self) -> Json:
        """What the context says of it."""
        if not self.kind and not self.many:
            return self.iri
        made: dict[str, str] = {"@id": self.iri}
        if self.kind == "@language":
            made["@language"] = "en"
        elif self.kind:
            made["@type"] = self.kind
        if self.many:
            made["@container"] = "@set"
        return made


def _known() -> Iterator[tuple[str, str, bool]]:
    yield from ((iri, "@language", False) for iri in _TEXTS)
    yield from ((iri, "@language", True) for iri in _MANY_TEXTS)
    yield from ((iri, "@id", False) for iri in _LINKS)
    yield from ((iri, "@id", True) for iri in _MANY_LINKS)
    yield from ((iri, XSD + "dateTime", False) for iri in _INSTANTS)
    yield from ((iri, "", False) for iri in (*_PLAIN, *_CLASSES))
    yield BIOLINK + "predicate", "@vocab", False


@dataclass(frozen=True)
class Context:
    """The keys of a project's documents, by the IRI that each stands for, and the prefixes for everything else."""

    terms: Mapping[str, Term]
    prefixes: Mapping[str, str]
    shortener: Shortener = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shortener", Shortener(self.prefixes))

    @classmethod
    def of(cls, prefixes: Mapping[str, str], vocabulary: Iterable[ox.Triple] = (), first: str = "") -> "Context":
        """Make a context of the words that the software knows and the terms of a vocabulary.

        Where two terms have the same local name, one whose IRI starts with `first` gets it, or the first in
        the alphabet; the other is written with its prefix.
        """
        found = {iri: (kind, many) for iri, kind, many in _known()}
        for iri, read in _declared(vocabulary).items():
            found.setdefault(iri, read)
        terms: dict[str, Term] = {}
        taken = {*_ALIASES, *prefixes}
        for iri in sorted(found, key=lambda iri: (not iri.startswith(first or "\0"), iri)):
            name = re.split(r"[#/]", iri)[-1]
            if _NAME.fullmatch(name) and name not in taken:
                taken.add(name)
                terms[iri] = Term(name, iri, *found[iri])
        return cls(terms, prefixes)

    @property
    def whole(self) -> dict[str, Json]:
        """The context with everything in it, as it is published."""
        keys = sorted(self.terms.values(), key=lambda term: term.name)
        return _written(keys, self.prefixes.items())

    def compact(self, iri: str) -> tuple[str, str]:
        """Shorten an IRI that stands where keys and types stand; gives the prefix that took, if any."""
        if iri in self.terms:
            return self.terms[iri].name, ""
        found = self.shortener(iri)
        return (f"{found[0]}:{found[1]}", found[0]) if found and not found[1].startswith("//") else (iri, "")

    def without(self, names: set[str]) -> "Context":
        """Give the same context without some names: those that IRIs in a document have as their scheme."""
        if not names & {*self.prefixes, *(term.name for term in self.terms.values())}:
            return self
        terms = {iri: term for iri, term in self.terms.items() if term.name not in names}
        return Context(terms, {prefix: space for prefix, space in self.prefixes.items() if prefix not in names})


def _declared(vocabulary: Iterable[ox.Triple]) -> dict[str, tuple[str, bool]]:
    """Read from an ontology and its shapes how the values of properties are written, and whether there are many.

    Classes and individuals have only a name.
    """
    said = _by_property(vocabulary)
    single = {iri for iri, kinds in said[A].items() if _FUNCTIONAL in kinds}
    shaped: dict[str, str] = {}
    for shape, paths in said[_PATH].items():
        for path in paths:
            if "1" in said[_MAX_COUNT].get(shape, ()):
                single.add(path)
            shaped.update((path, datatype) for datatype in said[_DATATYPE].get(shape, ()))
    read = {}
    for iri, kinds in said[A].items():
        if OWL + "ObjectProperty" in kinds:
            read[iri] = "@id", iri not in single
        elif OWL + "DatatypeProperty" in kinds:
            datatype = min(said[_RANGE].get(iri, {shaped.get(iri, _STRING)}))
            read[iri] = _kind(datatype), iri not in single
        elif OWL + "AnnotationProperty" in kinds:
            read[iri] = _kind(shaped.get(iri, _STRING)), False
        elif kinds & {OWL + "Class", OWL + "NamedIndividual"}:
            read[iri] = "", False
    return read


def _by_property(triples: Iterable[ox.Triple]) -> dict[ox.NamedNode, dict[str, set[str]]]:
    """Sort what matters here by property and subject, as plain texts."""
    sorted_: dict[ox.NamedNode, dict[str, set[str]]] = {link: {} for link in (A, *_SHAPING)}
    for triple in triples:
        subject, link, value = triple
        if link in sorted_ and isinstance(subject, ox.NamedNode) and isinstance(value, ox.NamedNode | ox.Literal):
            sorted_[link].setdefault(subject.value, set()).add(value.value)
    return sorted_


def _kind(datatype: str) -> str:
    """Say how a key describes values of a datatype; JSON has texts, whole numbers and truth values of its own."""
    if datatype == RDF + "langString":
        return "@language"
    return "" if datatype in (_STRING, XSD + "integer", XSD + "boolean") else datatype


def _written(terms: Iterable[Term], prefixes: Iterable[tuple[str, str]]) -> dict[str, Json]:
    """Write a context; a namespace that does not end in a mark has to say that it is one."""
    named = {
        prefix: space if space.endswith(("/", "#", ":", "?", "@")) else {"@id": space, "@prefix": True}
        for prefix, space in sorted(prefixes)
    }
    return {**_ALIASES, **{term.name: term.definition for term in terms}, **named}


class _Writer:
    """Writes the nodes of one document, each where it is first mentioned, nearest to the root."""

    def __init__(self, outline: Outline, context: Context) -> None:
        self._outline, self._context = outline, context
        self._terms: dict[str, Term] = {}
        self._prefixes: dict[str, str] = {}
        self._placed: set[Node] = set()
        self._short: dict[str, str] = {}

    def document(self) -> Iterator[str]:
        """Give the text piece by piece; the nodes come before the context that they need."""
        nodes = [self._tree(subject) for subject, _ in self._outline.outer() if subject not in self._placed]
        terms = sorted(self._terms.values(), key=lambda term: term.name)
        context = _written(terms, self._prefixes.items())
        yield f'{{\n"@context": {_text(context)},\n"@graph": [\n'
        yield ",\n".join(map(_text, nodes))
        yield "\n]\n}\n"

    def _tree(self, subject: Node) -> Json:
        """Write a node with all that it leads to, breadth first: what is near the root stands near the root."""
        self._placed.add(subject)
        root: dict[str, Json] = {"id": self._id(subject)}
        waiting = deque([(subject, root)])
        while waiting:
            node, made = waiting.popleft()
            for link, values in self._outline.said.get(node, ()):
                types = [value.value for value in values if isinstance(value, ox.NamedNode)] if link == A else []
                if types and len(types) == len(values):
                    made["type"] = _one([self._word(iri) for iri in types])
                    continue
                term = self._context.terms.get(link.value)
                key = self._word(link.value)
                written = [self._value(value, term, waiting) for value in values]
                made[key] = written if term and term.many else _one(written)
        return root

    def _value(self, value: Value, term: Term | None, waiting: deque[tuple[Node, dict[str, Json]]]) -> Json:
        if isinstance(value, ox.Literal):
            return _literal(value, term)
        if isinstance(value, ox.Triple):
            raise ValueError("a triple cannot be the value of a property here")
        if term and term.kind == "@vocab" and isinstance(value, ox.NamedNode):
            word = self._word(value.value)
            return word if word != value.value else {"id": value.value}
        if value == NIL:
            return {"@list": []}
        if isinstance(value, ox.BlankNode) and value in self._outline.lists:
            return {"@list": [self._value(item, None, waiting) for item in self._outline.lists[value]]}
        inner = isinstance(value, ox.BlankNode) and value in self._outline.inner
        made: dict[str, Json] = {} if inner else {"id": self._id(value)}
        if value in self._outline.said and value not in self._placed:
            self._placed.add(value)
            waiting.append((value, made))
        return made

    def _word(self, iri: str) -> str:
        """Write an IRI where words are expected, and note what the context has to say for it."""
        word = self._short.get(iri)
        if word is None:
            word, prefix = self._context.compact(iri)
            self._short[iri] = word
            if prefix:
                self._prefixes[prefix] = self._context.prefixes[prefix]
            elif iri in self._context.terms:
                term = self._context.terms[iri]
                self._terms[iri] = term
        return word

    @staticmethod
    def _id(node: Node) -> str:
        return node.value if isinstance(node, ox.NamedNode) else str(node)


def _literal(literal: ox.Literal, term: Term | None) -> Json:
    """Write a literal as the plain value that its key reads as just that, or in full."""
    text, kind = literal.value, term.kind if term else ""
    if literal.language:
        plain = kind == "@language" and literal.language == "en"
        return text if plain else {"@value": text, "@language": literal.language}
    datatype = literal.datatype.value
    if datatype == kind:
        return text
    if datatype == _STRING:
        return text if not kind else {"@value": text}
    if not kind and datatype == XSD + "boolean" and text in ("true", "false"):
        return text == "true"
    if not kind and datatype == XSD + "integer" and _INTEGER.fullmatch(text):
        return int(text)
    return {"@value": text, "@type": datatype}


def _one(values: list[Json]) -> Json:
    return values[0] if len(values) == 1 else values


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def pieces(outline: Outline, context: Context) -> Iterator[str]:
    """Write triples as compacted JSON-LD with its context, the root node first."""
    iris = {
        node.value
        for subject, link, value in outline.triples()
        for node in (subject, link, value)
        if isinstance(node, ox.NamedNode)
    }
    schemes = {found[1] for iri in iris if not iri.startswith("http") and (found := _SCHEME.match(iri))}
    return _Writer(outline, context.without(schemes)).document()
