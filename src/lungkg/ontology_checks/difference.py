"""Compares two versions of an ontology term by term, and says in words what changed.

Statements are compared by what they mean, not as they are written: the order of a list, the names of blank
nodes and the file that something stands in make no difference.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Final

import pyoxigraph as ox

from lungkg.namespaces import DCTERMS, OWL, RDF, RDFS, SKOS
from lungkg.ontology_checks.axioms import Axiom, Axioms, Expression, Part
from lungkg.ontology_checks.words import Words, listed

OBO: Final = "http://purl.obolibrary.org/obo/"
OBO_IN_OWL: Final = "http://www.geneontology.org/formats/oboInOwl#"

KINDS: Final = {
    "version": "Version",
    "removed": "Removed",
    "obsoleted": "Obsoleted",
    "revived": "No longer obsolete",
    "iri": "Given another IRI",
    "sort": "Declared as something else",
    "added": "Added",
    "renamed": "Renamed",
    "moved": "Moved",
    "meaning": "Axioms changed",
    "definition": "Definition changed",
    "synonym": "Synonyms changed",
    "text": "Other texts changed",
}
"""The kinds of change, gravest for users of the ontology first, each with its heading."""

_DEFINITIONS: Final = (SKOS + "definition", OBO + "IAO_0000115")
_SYNONYMS: Final = (
    SKOS + "altLabel", OBO + "IAO_0000118", OBO_IN_OWL + "hasExactSynonym", OBO_IN_OWL + "hasBroadSynonym",
    OBO_IN_OWL + "hasNarrowSynonym", OBO_IN_OWL + "hasRelatedSynonym",
)  # fmt: skip
_REPLACED: Final = (OBO + "IAO_0100001", DCTERMS + "isReplacedBy")
_LABEL: Final = RDFS + "label"
_PARENTS: Final = ("SubClassOf", "SubPropertyOf")
_MOST_NAMED: Final = 4
_APART: Final = {"DisjointClasses": "disjoint", "DisjointProperties": "disjoint", "DifferentIndividuals": "different"}


@dataclass(frozen=True, slots=True)
class Change:
    """One change: its kind, the IRI and label of the term, a sentence, and texts before and after it."""

    kind: str
    term: str
    label: str
    sentence: str
    before: str = ""
    after: str = ""


class Version:
    """One version of an ontology, ready to be compared."""

    def __init__(self, axioms: Axioms, words: Words) -> None:
        self.axioms, self.words = axioms, words
        self.texts: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.header = ""
        for subject, predicate, value in axioms.triples:
            if isinstance(subject, ox.NamedNode):
                if predicate.value == RDF + "type" and value == ox.NamedNode(OWL + "Ontology"):
                    self.header = subject.value
                said = self.texts[subject.value]
                if not isinstance(value, ox.BlankNode | ox.Triple):
                    said[predicate.value].add(value.value)

    def renamed(self, iris: Mapping[str, str]) -> "Version":
        """Give the same version with other IRIs for some of its terms."""
        nodes = {ox.NamedNode(one): ox.NamedNode(other) for one, other in iris.items()}
        axioms = Axioms(ox.Triple(nodes.get(s, s), nodes.get(p, p), nodes.get(o, o)) for s, p, o in self.axioms.triples)
        return Version(axioms, Words(axioms, self.words.prefixes))

    @cached_property
    def terms(self) -> frozenset[str]:
        """The IRIs that have a type here, the ontology itself aside."""
        return frozenset(iri for iri, said in self.texts.items() if RDF + "type" in said and iri != self.header)

    def said(self, iri: str, *properties: str) -> frozenset[str]:
        """Give the values of some properties of a term."""
        mine = self.texts.get(iri, {})
        return frozenset(value for name in properties for value in mine.get(name, ()))

    def sort(self, iri: str) -> str:
        """Say what a term is declared as."""
        sorts = self.axioms.sorts.get(iri)
        if sorts:
            return " and ".join(sorted(sorts))
        types = [self.words.label(name) for name in sorted(self.said(iri, RDF + "type"))]
        return f"individual ({', '.join(types)})"

    @cached_property
    def meaning(self) -> dict[str, dict[tuple[object, ...], Axiom]]:
        """IRI → the axioms that are about it, by what they say; disjointness is compared apart."""
        found: dict[str, dict[tuple[object, ...], Axiom]] = defaultdict(dict)
        for axiom in self.axioms.all:
            first = axiom.parts[0] if axiom.parts else None
            if axiom.kind not in _APART and isinstance(first, ox.NamedNode):
                found[first.value][axiom.kind, *map(_settled, axiom.parts)] = axiom
        return found

    @cached_property
    def apart(self) -> dict[str, set[frozenset[str]]]:
        """Kind of axiom → the pairs that are declared apart."""
        found: dict[str, set[frozenset[str]]] = defaultdict(set)
        for axiom in self.axioms.kinds(*_APART):
            names = sorted(part.value for part in axiom.parts if isinstance(part, ox.NamedNode))
            found[axiom.kind].update(map(frozenset, combinations(names, 2)))
        return found


def _settled(part: Part) -> object:
    """Give what two parts that mean the same have in common."""
    if not isinstance(part, Expression):
        return str(part)
    inner = [_settled(one) for one in part.parts]
    return (part.kind, *(sorted(inner, key=str) if part.kind in ("and", "or", "one of") else inner))


def compare(old: Version, new: Version) -> list[Change]:
    """List the changes from one version to another, gravest first, then by the labels of the terms."""
    moved = dict(_same_under_another_iri(old, new, old.terms - new.terms, new.terms - old.terms))
    found = [*_header(old, new)]
    for one, other in moved.items():
        found.append(_change("iri", other, new, f"{_named(one, old)} is now {new.words.short(other)}", one, other))
    old = old.renamed(moved) if moved else old  # so that what uses them is not told as changed, too
    found += [_removed(iri, old) for iri in old.terms - new.terms]
    found += [_added(iri, new) for iri in new.terms - old.terms]
    for iri in old.terms & new.terms:
        for compared in _COMPARISONS:
            found += compared(iri, old, new)
    found += _apart_changed(old, new)
    number = _first(new.said(new.header, OWL + "versionInfo"))
    if found and number and number == _first(old.said(old.header, OWL + "versionInfo")):
        sentence = f"both call themselves version {number}, though they differ"
        found.append(_change("version", new.header, new, sentence, number, number))
    order = list(KINDS)
    return sorted(found, key=lambda one: (order.index(one.kind), one.label.casefold(), one.term, one.sentence))


def _change(kind: str, iri: str, version: Version, sentence: str, before: str = "", after: str = "") -> Change:
    return Change(kind, iri, version.words.label(iri), sentence, before, after)


def _named(iri: str, version: Version) -> str:
    return f"“{version.words.label(iri)}” ({version.words.short(iri)})"


def _removed(iri: str, old: Version) -> Change:
    sentence = f"{_named(iri, old)}, {_an(old.sort(iri))}, is gone; who uses it is told nothing"
    return _change("removed", iri, old, sentence, before=_first(old.said(iri, *_DEFINITIONS)))


def _added(iri: str, new: Version) -> Change:
    parents = [new.words.label(one) for one in sorted(new.said(iri, RDFS + "subClassOf", RDFS + "subPropertyOf"))]
    below = f", below {_quoted(parents)}" if parents else ""
    sentence = f"{_named(iri, new)}, {_an(new.sort(iri))}{below}"
    return _change("added", iri, new, sentence, after=_first(new.said(iri, *_DEFINITIONS)))


def _an(sort: str) -> str:
    return f"{'an' if sort[0] in 'aeiou' else 'a'} {sort}"


def _quoted(names: Iterable[str]) -> str:
    return listed([f"“{name}”" for name in names], "and")


def _first(texts: Iterable[str]) -> str:
    return min(texts, default="")


def _same_under_another_iri(
    old: Version, new: Version, gone: Iterable[str], fresh: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Yield pairs of IRIs that stand for one term: of one sort, with one definition, or else one label."""
    left = set(fresh)
    todo = sorted(gone)
    for properties in (_DEFINITIONS, (_LABEL,)):
        by_text: dict[tuple[str, frozenset[str]], list[str]] = defaultdict(list)
        for iri in sorted(left):
            if texts := new.said(iri, *properties):
                by_text[new.sort(iri), texts].append(iri)
        for iri in list(todo):
            found = by_text.get((old.sort(iri), old.said(iri, *properties)), [])
            if len(found) == 1 and found[0] in left:
                left.discard(found[0])
                todo.remove(iri)
                yield iri, found[0]


def _header(old: Version, new: Version) -> Iterator[Change]:
    """Say which versions these are, and what their headers say differently."""
    one, other = (_first(version.said(version.header, OWL + "versionInfo")) for version in (old, new))
    if one != other:
        sentence = f"version {one or 'without a number'} became version {other or 'without a number'}"
        yield _change("version", new.header, new, sentence, one, other)
    if old.header == new.header:
        yield from _texts_changed(new.header, old, new)
    elif old.header and new.header:
        sentence = f"the ontology {old.header} is now {new.header}"
        yield _change("version", new.header, new, sentence, old.header, new.header)


def _sort_changed(iri: str, old: Version, new: Version) -> Iterator[Change]:
    one, other = old.sort(iri), new.sort(iri)
    if one != other:
        yield _change("sort", iri, new, f"{_named(iri, new)} was {_an(one)} and is {_an(other)}", one, other)


def _renamed(iri: str, old: Version, new: Version) -> Iterator[Change]:
    one, other = old.said(iri, _LABEL), new.said(iri, _LABEL)
    if one != other:
        before, after = _quoted(sorted(one - other)), _quoted(sorted(other - one))
        short = new.words.short(iri)
        if before and after:
            sentence = f"{before} is now called {after} ({short})"
        else:
            sentence = f"{_named(iri, new)} " + (
                f"is also called {after}" if after else f"is no longer called {before}"
            )
        yield _change("renamed", iri, new, sentence, " / ".join(sorted(one)), " / ".join(sorted(other)))


def _deprecated(iri: str, version: Version) -> bool:
    return "true" in version.said(iri, OWL + "deprecated")


def _obsoleted(iri: str, old: Version, new: Version) -> Iterator[Change]:
    was, is_now = _deprecated(iri, old), _deprecated(iri, new)
    if is_now and not was:
        instead = [new.words.label(one) for one in sorted(new.said(iri, *_REPLACED))]
        use = f"; use {_quoted(instead)} instead" if instead else "; nothing is named to use instead"
        yield _change("obsoleted", iri, new, f"{_named(iri, new)} is obsolete{use}")
    if was and not is_now:
        yield _change("revived", iri, new, f"{_named(iri, new)} is no longer obsolete")


def _meaning_changed(iri: str, old: Version, new: Version) -> Iterator[Change]:
    """Say which axioms about a term went and came; a change of its parents alone is a move."""
    one, other = old.meaning.get(iri, {}), new.meaning.get(iri, {})
    went = [axiom for key, axiom in one.items() if key not in other]
    came = [axiom for key, axiom in other.items() if key not in one]
    parents = [[axiom for axiom in axioms if _is_parent(axiom)] for axioms in (went, came)]
    if any(parents):
        yield _moved(iri, [_parent(axiom) for axiom in parents[0]], [_parent(axiom) for axiom in parents[1]], old, new)
    for axioms, version, how in ((went, old, "no longer"), (came, new, "now")):
        for axiom in axioms:
            if not _is_parent(axiom):
                said = version.words.axiom(axiom)
                before, after = (said, "") if how != "now" else ("", said)
                yield _change("meaning", iri, new, f"{_named(iri, new)}, {how}: {said}", before, after)


def _is_parent(axiom: Axiom) -> bool:
    return axiom.kind in _PARENTS and isinstance(axiom.parts[1], ox.NamedNode)


def _parent(axiom: Axiom) -> str:
    return axiom.parts[1].value if isinstance(axiom.parts[1], ox.NamedNode) else ""


def _moved(iri: str, went: list[str], came: list[str], old: Version, new: Version) -> Change:
    before = _quoted(old.words.label(one) for one in sorted(went))
    after = _quoted(new.words.label(one) for one in sorted(came))
    name = _named(iri, new)
    if before and after:
        sentence = f"{name} moved from below {before} to below {after}"
    else:
        sentence = f"{name} is now also below {after}" if after else f"{name} is no longer below {before}"
    return _change("moved", iri, new, sentence, before, after)


def _definition_changed(iri: str, old: Version, new: Version) -> Iterator[Change]:
    yield from _text_changed(iri, old, new, "definition", _DEFINITIONS, "definition")


def _synonyms_changed(iri: str, old: Version, new: Version) -> Iterator[Change]:
    one, other = old.said(iri, *_SYNONYMS), new.said(iri, *_SYNONYMS)
    for texts, how in ((sorted(other - one), "has the further synonym"), (sorted(one - other), "lost the synonym")):
        if texts:
            yield _change(
                "synonym", iri, new, f"{_named(iri, new)} {how}{'s' if len(texts) > 1 else ''} {_quoted(texts)}"
            )


def _texts_changed(iri: str, old: Version, new: Version) -> Iterator[Change]:
    """Compare the other annotations of a term: comments, examples, matches, notes."""
    compared = {
        _LABEL,
        RDF + "type",
        RDFS + "subClassOf",
        RDFS + "subPropertyOf",
        *_DEFINITIONS,
        *_SYNONYMS,
        *_REPLACED,
    }
    for name in sorted({*old.texts.get(iri, {}), *new.texts.get(iri, {})} - compared - {OWL + "deprecated"}):
        if not _is_meant_by_axioms(name, old) and not _is_meant_by_axioms(name, new):
            yield from _text_changed(iri, old, new, "text", (name,), f"“{new.words.label(name)}”")


def _is_meant_by_axioms(name: str, version: Version) -> bool:
    sorts = version.axioms.sorts.get(name, frozenset())
    return (
        name.startswith((OWL, RDF))
        or name in (RDFS + "domain", RDFS + "range")
        or bool(sorts & {"object property", "data property"})
    )


def _text_changed(
    iri: str, old: Version, new: Version, kind: str, properties: tuple[str, ...], name: str
) -> Iterator[Change]:
    one, other = old.said(iri, *properties), new.said(iri, *properties)
    if one != other:
        before, after = " / ".join(sorted(one - other)), " / ".join(sorted(other - one))
        how = "changed" if before and after else "was added" if after else "was taken out"
        yield _change(kind, iri, new, f"{_named(iri, new)}: the {name} {how}", before, after)


def _apart_changed(old: Version, new: Version) -> Iterator[Change]:
    """Say what is newly declared apart, or no longer, gathered by the term that most pairs share."""
    for kind, word in _APART.items():
        for version, pairs, how in (
            (new, new.apart[kind] - old.apart[kind], "is now declared"),
            (old, old.apart[kind] - new.apart[kind], "is no longer declared"),
        ):
            for iri, others in _gathered(pairs):
                names = [f"“{version.words.label(one)}”" for one in sorted(others)]
                shown = names if len(names) <= _MOST_NAMED else [*names[: _MOST_NAMED - 1], f"{len(names) - 3} more"]
                joint = "with" if word == "disjoint" else "from"
                yield _change(
                    "meaning", iri, version, f"{_named(iri, version)} {how} {word} {joint} {listed(shown, 'and')}"
                )


def _gathered(pairs: set[frozenset[str]]) -> Iterator[tuple[str, set[str]]]:
    left = set(pairs)
    while left:
        counts: dict[str, int] = defaultdict(int)
        for pair in left:
            for name in pair:
                counts[name] += 1
        iri = min(counts, key=lambda name: (-counts[name], name))
        mine = {pair for pair in left if iri in pair}
        left -= mine
        yield iri, {name for pair in mine for name in pair} - {iri}


_COMPARISONS: Final[tuple[Callable[[str, Version, Version], Iterator[Change]], ...]] = (
    _sort_changed, _renamed, _obsoleted, _meaning_changed, _definition_changed, _synonyms_changed, _texts_changed,
)  # fmt: skip
