"""What the page about the vocabulary shows: each term with its place in the hierarchy, its use and the shapes about it.

How often a term is used stands in the VoID partitions of the release, and one query finds examples of all terms, a
few of each: nothing is scanned, however much data there is.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from lungkg.linked.labels import Ask
from lungkg.linked.outline import Outline, Value
from lungkg.namespaces import DCTERMS, OWL, RDF, RDFS, SKOS, VOID, Minter
from lungkg.ontology_checks.axioms import Axioms
from lungkg.ontology_checks.words import Words, listed
from lungkg.shapes.guide import Guide
from lungkg.web.thing_pages import Names, Row, Shown

KINDS: Final = {
    "classes": (OWL + "Class", RDFS + "Class"),
    "relations between things": (OWL + "ObjectProperty",),
    "properties with values": (OWL + "DatatypeProperty",),
    "annotations": (OWL + "AnnotationProperty", RDF + "Property"),
    "datatypes": (RDFS + "Datatype",),
    "individuals": (),
}
"""The kinds of terms as the page groups them, by the types that make them so; the last is what is none of them."""

EXAMPLES: Final = 3  # of a term
MOST_ASKED: Final = 500
"""How many terms get examples: the query grows with them."""

_ABOVE: Final = (RDFS + "subClassOf", RDFS + "subPropertyOf")
_INSTEAD: Final = DCTERMS + "isReplacedBy"
_IN_THE_HEAD: Final = (RDFS + "label", SKOS + "definition", OWL + "deprecated", RDFS + "isDefinedBy", *_ABOVE, _INSTEAD)
_USED: Final = f"""
SELECT ?term ?n {{ GRAPH %(metadata)s {{
  {{ %(dataset)s <{VOID}classPartition> ?part . ?part <{VOID}class> ?term ; <{VOID}entities> ?n }}
  UNION
  {{ %(dataset)s <{VOID}propertyPartition> ?part . ?part <{VOID}property> ?term ; <{VOID}triples> ?n }}
}} }}
"""
_EXAMPLES: Final = {
    "classes": "?x a %s BIND (?x AS ?y)",
    "individuals": "?x ?p %s BIND (?x AS ?y)",
    "": "?x %s ?y",
}


@dataclass(frozen=True)
class Term:
    """A term of ours: everything that is said of it, what stands above and below it, and what became of it."""

    iri: str
    anchor: str
    kind: str
    shown: Shown
    definitions: tuple[Value, ...]
    above: tuple[str, ...]
    below: tuple[str, ...]
    rows: tuple[Row, ...]
    used: int | None
    used_below: int
    examples: tuple[tuple[Shown, Shown | None], ...]
    shapes: tuple[tuple[str, str], ...]
    deprecated: bool
    instead: tuple[Shown, ...]


@dataclass(frozen=True)
class Other:
    """A term that somebody else defines, and the terms of ours that name it."""

    shown: Shown
    types: tuple[Shown, ...]
    used: int | None
    named_by: tuple[Shown, ...]


@dataclass(frozen=True)
class Branch:
    """A term in the tree of its kind, with those below it."""

    term: Term
    below: tuple["Branch", ...]


class Vocabulary:
    """The terms of a release. `anchors` gives the fragment of each term of ours by its IRI."""

    def __init__(self, triples: Iterable[ox.Triple], anchors: dict[str, str], guides: Iterable[Guide]) -> None:
        self._triples = tuple(triples)
        self._anchors = anchors
        self._axioms = Axioms(self._triples)
        self._words = Words(self._axioms)
        self._said = dict(Outline(self._triples, "").said)
        self._above: dict[str, list[str]] = defaultdict(list)
        self._below: dict[str, list[str]] = defaultdict(list)
        self._types: dict[str, list[str]] = defaultdict(list)
        for subject, link, value in self._triples:
            if not isinstance(subject, ox.NamedNode) or not isinstance(value, ox.NamedNode):
                continue
            if link.value in _ABOVE and subject != value:
                self._above[subject.value].append(value.value)
                self._below[value.value].append(subject.value)
            elif link.value == RDF + "type":
                self._types[subject.value].append(value.value)
        self._shapes = _governing(guides)

    def kind(self, iri: str) -> str:
        """Say of which kind a term is."""
        types = self._types[iri]
        return next((kind for kind, wanted in KINDS.items() if set(wanted) & set(types)), "individuals")

    def mentions(self) -> dict[str, set[str]]:
        """Give for each IRI the terms of ours that name it in what is said of them, down into blank nodes."""
        direct: dict[Value, list[Value]] = defaultdict(list)
        for subject, link, value in self._triples:
            if not isinstance(value, ox.Literal):
                direct[subject] += [link, value]
        found: dict[str, set[str]] = defaultdict(set)
        for iri in self._anchors:
            todo: list[Value] = [ox.NamedNode(iri)]
            seen: set[Value] = set()
            while todo:
                for value in direct.get(todo.pop(), ()):
                    if isinstance(value, ox.NamedNode):
                        found[value.value].add(iri)
                    elif value not in seen:
                        seen.add(value)
                        todo.append(value)
        return found

    def usage(self, ask: Ask, base: str) -> dict[str, int]:
        """Give how often each class and property is used, as the release says of itself."""
        iris = Minter(base)
        rows = ask(_USED % {"metadata": f"<{iris.graph('metadata')}>", "dataset": f"<{iris.dataset}>"})
        return {row["term"].value: int(row["n"].value) for row in rows}

    def examples(self, ask: Ask, used: dict[str, int]) -> dict[str, list[tuple[ox.NamedNode, Value]]]:
        """Find a few examples of each term that is used."""
        asked = self.worth_asking(used)[:MOST_ASKED]
        parts = [
            f"{{ SELECT ({number} AS ?term) ?x ?y {{ {self._pattern(iri)} FILTER (isIRI(?x)) }} LIMIT {EXAMPLES} }}"
            for number, iri in enumerate(asked)
        ]
        found: dict[str, list[tuple[ox.NamedNode, Value]]] = defaultdict(list)
        for row in ask(f"SELECT ?term ?x ?y {{ {' UNION '.join(parts)} }}") if parts else ():
            found[asked[int(row["term"].value)]].append((row["x"], row["y"]))
        return {iri: sorted(set(pairs), key=str) for iri, pairs in found.items()}

    def worth_asking(self, used: dict[str, int]) -> list[str]:
        """List the terms that may have examples, by IRI: those that are used, and individuals, which nobody counts."""
        return [iri for iri in sorted(self._anchors) if iri in used or self.kind(iri) == "individuals"]

    def _pattern(self, iri: str) -> str:
        kind = self.kind(iri)
        return _EXAMPLES.get(kind, _EXAMPLES[""]) % ox.NamedNode(iri)

    def terms(
        self, names: Names, used: dict[str, int], examples: dict[str, list[tuple[ox.NamedNode, Value]]]
    ) -> dict[str, Term]:
        """Describe all terms of ours, by IRI."""
        return {iri: self._term(iri, names, used, examples.get(iri, [])) for iri in self._anchors}

    def _term(self, iri: str, names: Names, used: dict[str, int], examples: list[tuple[ox.NamedNode, Value]]) -> Term:
        said = self._said.get(ox.NamedNode(iri), [])
        of = {link.value: values for link, values in said}
        kind = self.kind(iri)
        return Term(
            iri=iri,
            anchor=self._anchors[iri],
            kind=kind,
            shown=names.iri(iri),
            definitions=tuple(of.get(SKOS + "definition", ())),
            above=tuple(sorted(self._above[iri])),
            below=tuple(sorted(self._below[iri])),
            rows=tuple(self._rows(names, said)),
            used=None if kind in ("individuals", "datatypes") or not used else used.get(iri, 0),
            used_below=sum(used.get(below, 0) for below in self._all_below(iri)),
            examples=tuple((names.iri(x.value), None if y == x else names.show(y)) for x, y in examples),
            shapes=self._shapes_about(iri),
            deprecated=any(
                str(getattr(value, "value", "")) in ("true", "1") for value in of.get(OWL + "deprecated", ())
            ),
            instead=tuple(names.show(value) for value in of.get(_INSTEAD, ())),
        )

    def _rows(self, names: Names, said: Iterable[tuple[ox.NamedNode, list[Value]]]) -> Iterator[Row]:
        """Show what is said of a term and not shown in its own place; what has no name in words."""
        for link, values in said:
            rest = [one for one in values if link.value not in _ABOVE or not isinstance(one, ox.NamedNode)]
            if link.value in _IN_THE_HEAD and link.value not in _ABOVE:  # where the named ones have their own place
                continue
            shown = [Shown(self._in_words(one)) if isinstance(one, ox.BlankNode) else names.show(one) for one in rest]
            if shown:
                yield Row(names.iri(link.value), tuple(shown))

    def _in_words(self, node: ox.BlankNode) -> str:
        """Say the class that a blank node is written for; its own parts if it is a list, as of a chain or a key."""
        items = self._axioms.items(node)
        return (
            listed([self._words.kind(item) for item in items], "and")
            if items
            else self._words.kind(self._axioms.part(node))
        )

    def _all_below(self, iri: str) -> set[str]:
        found: set[str] = set()
        todo = [iri]
        while todo:
            new = set(self._below[todo.pop()]) - found - {iri}
            found |= new
            todo += new
        return found

    def _shapes_about(self, iri: str) -> tuple[tuple[str, str], ...]:
        """Give the shapes that govern a term, by class, by a class above it, or by path: IRI, and by what."""
        found = dict.fromkeys(self._shapes.get(iri, ()), "")
        todo, seen = list(self._above[iri]), {iri}
        while todo and self.kind(iri) == "classes":  # what is asked of a property is not asked of those below it
            above = todo.pop(0)
            if above not in seen:
                seen.add(above)
                todo += self._above[above]
                found |= {shape: above for shape in self._shapes.get(above, ()) if shape not in found}
        return tuple(found.items())

    def trees(self, terms: dict[str, Term]) -> dict[str, tuple[Branch, ...]]:
        """Give the trees of all kinds that there are: those without a term of ours above them are on top."""
        found: dict[str, tuple[Branch, ...]] = {}
        for kind in KINDS:
            own = {iri: term for iri, term in terms.items() if term.kind == kind}
            tops = [iri for iri, term in own.items() if not set(term.above) & own.keys()]
            covered: set[str] = set()
            made = [_branch(iri, own, frozenset(), covered) for iri in _by_label(tops, own)]
            made += [  # a ring has no top
                _branch(iri, own, frozenset(), covered) for iri in _by_label(own, own) if iri not in covered
            ]
            if made:
                found[kind] = tuple(made)
        return found

    def others(self, names: Names, used: dict[str, int]) -> list[Other]:
        """List the terms of others that the vocabulary describes or the data uses."""
        mentions = self.mentions()
        declared = {
            node.value for node in self._said if isinstance(node, ox.NamedNode) and not self._is_ontology(node.value)
        }
        made = [
            Other(
                names.iri(iri),
                tuple(names.iri(one) for one in sorted(self._types[iri])),
                used.get(iri),
                tuple(names.iri(one) for one in sorted(mentions.get(iri, ()))),
            )
            for iri in (declared | used.keys()) - self._anchors.keys()
        ]
        return sorted(made, key=lambda one: (one.shown.title.lower(), one.shown.title))

    def _is_ontology(self, iri: str) -> bool:
        return OWL + "Ontology" in self._types[iri]


def iris_in(pair: tuple[ox.NamedNode, Value]) -> Iterator[ox.NamedNode]:
    """Yield the IRIs in an example."""
    return (one for one in pair if isinstance(one, ox.NamedNode))


def _governing(guides: Iterable[Guide]) -> dict[str, list[str]]:
    """Give for each class and property the shapes about it, as the IRIs that stand on the page of the shapes."""
    found: dict[str, list[str]] = defaultdict(list)
    for guide in guides:
        for iri in sorted(guide.classes):
            found[iri].append(guide.shape)
        for target in guide.targets:
            if target.iri not in guide.classes:
                found[target.iri].append(guide.shape)
        for group in guide.groups:
            for iri in sorted(group.terms):
                shape = group.shape or guide.shape
                if shape not in found[iri]:
                    found[iri].append(shape)
    return found


def _branch(iri: str, own: dict[str, Term], above: frozenset[str], covered: set[str]) -> Branch:
    covered.add(iri)
    here = above | {iri}
    below = [one for one in own[iri].below if one in own and one not in here]
    return Branch(own[iri], tuple(_branch(one, own, here, covered) for one in _by_label(below, own)))


def _by_label(iris: Iterable[str], own: dict[str, Term]) -> Iterator[str]:
    return iter(sorted(iris, key=lambda iri: (own[iri].shown.text.lower(), iri)))


def page_about_terms(
    vocabulary: Vocabulary, names: Names, used: dict[str, int], examples: dict[str, list[tuple[ox.NamedNode, Value]]]
) -> dict[str, Any]:
    """Give what the template of the page needs, beside what it shares with other vocabularies."""
    terms = vocabulary.terms(names, used, examples)
    return {
        "names": names,
        "terms": terms,
        "trees": vocabulary.trees(terms),
        "kinds": Counter(term.kind for term in terms.values()),
        "others_used": vocabulary.others(names, used),
        "asked": MOST_ASKED if len(vocabulary.worth_asking(used)) > MOST_ASKED else 0,
        "deprecated": [term for term in terms.values() if term.deprecated],
    }
