"""Says terms, expressions and axioms of an ontology in words."""

from collections.abc import Callable, Collection, Mapping
from typing import Final

import pyoxigraph as ox

from lungkg.namespaces import OWL, RDF, RDFS, SKOS, XSD
from lungkg.ontology_checks.axioms import Axiom, Axioms, Expression, Part

_MOST_LISTED: Final = 4  # members of a long disjointness that are named when nothing says which matter
_LABELS: Final = (RDFS + "label", SKOS + "prefLabel")
_FACETS: Final = {
    XSD + "minInclusive": "at least",
    XSD + "maxInclusive": "at most",
    XSD + "minExclusive": "more than",
    XSD + "maxExclusive": "less than",
}
_EVERYTHING: Final = {OWL + "Thing": "anything", OWL + "Nothing": "nothing", RDFS + "Literal": "any value"}
STANDARD_PREFIXES: Final = {"owl": OWL, "rdf": RDF, "rdfs": RDFS, "skos": SKOS, "xsd": XSD}

_SAID: Final = {
    "SubClassOf": "every {0} is {1}",
    "EquivalentClasses": "to be {0} is the same as to be {1}",
    "SubPropertyOf": "whatever {0} relates, {1} relates too",
    "EquivalentProperties": "{0} and {1} relate the same things",
    "InverseProperties": "{0} is {1} read backwards",
    "Domain": "whatever has {0} is {1}",
    "Range": "every value of {0} is {1}",
    "Functional": "nothing has two values of {0}",
    "InverseFunctional": "no two things have the same value of {0}",
    "Transitive": "{0} carries on: the value of a value is a value too",
    "Symmetric": "{0} holds both ways round",
    "Asymmetric": "{0} never holds both ways round",
    "Reflexive": "everything has itself as a value of {0}",
    "Irreflexive": "nothing has itself as a value of {0}",
    "ClassAssertion": "{0} is {1}",
    "PropertyAssertion": "{0} has {2} as a value of {1}",
    "NegativePropertyAssertion": "{0} does not have {2} as a value of {1}",
    "SameIndividual": "{0} and {1} are one thing",
}

_MADE: Final = {
    "not": "anything but {0}",
    "some": "something that has {1} as a value of {0}",
    "only": "something that has nothing but {1} as values of {0}",
    "value": "something that has {1} as a value of {0}",
    "self": "something that has itself as a value of {0}",
    "inverse": "{0} read backwards",
}


class Words:
    """Says things of one ontology, by the labels and prefixes that it has."""

    def __init__(self, axioms: Axioms, prefixes: Mapping[str, str] | None = None) -> None:
        self._axioms = axioms
        self.prefixes = {**STANDARD_PREFIXES, **(prefixes or {})}
        found: dict[str, tuple[int, str]] = {}
        for subject, predicate, value in axioms.triples:
            if predicate.value in _LABELS and isinstance(subject, ox.NamedNode) and isinstance(value, ox.Literal):
                rank = (_LABELS.index(predicate.value), value.value)
                if not (value.language or "en").startswith("en"):
                    rank = (rank[0] + len(_LABELS), value.value)
                found[subject.value] = min(rank, found.get(subject.value, rank))
        self._labels = {iri: label for iri, (_, label) in found.items()}

    def label(self, iri: str) -> str:
        """Give the label of a term, or its short IRI when it has none."""
        return self._labels.get(iri) or self.short(iri)

    def short(self, iri: str) -> str:
        """Give an IRI as PREFIX:LOCAL where a prefix fits, else whole."""
        fitting = [(len(space), prefix) for prefix, space in self.prefixes.items() if iri.startswith(space)]
        length, prefix = max(fitting, default=(0, ""))  # of two prefixes for one namespace not the empty one
        return f"{prefix}:{iri[length:]}" if fitting else iri

    def term(self, part: Part) -> str:
        """Name one thing: a term by its label in quotation marks, a value as it is written."""
        if isinstance(part, ox.NamedNode):
            return _EVERYTHING.get(part.value) or f"“{self.label(part.value)}”"
        if isinstance(part, ox.Literal):
            return f"“{part.value}”"
        if isinstance(part, ox.BlankNode):
            return "something without a name"
        return self.expression(part) if isinstance(part, Expression) else str(part)

    def kind(self, part: Part) -> str:
        """Say what a thing is by a class or a data range."""
        if isinstance(part, ox.NamedNode) and part.value not in _EVERYTHING:
            name = self.label(part.value)
            return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} “{name}”"
        return self.term(part)

    def expression(self, part: Expression) -> str:
        """Say an expression."""
        if part.kind in ("min", "max", "exactly"):
            return self._counted(part)
        if part.kind == "facets":
            return self._limited(part)
        if part.kind in _JOINED:
            joint, named = _JOINED[part.kind]
            return joint(list(map(self.term if named else self.kind, part.parts)))
        first, *rest = part.parts
        said = [self.kind(first) if part.kind == "not" else self.term(first)]
        return _MADE[part.kind].format(*said, *map(self.term if part.kind == "value" else self.kind, rest))

    def _counted(self, part: Expression) -> str:
        number = part.parts[0].value if isinstance(part.parts[0], ox.Literal) else "?"
        how = {"min": "at least", "max": "at most", "exactly": "exactly"}[part.kind]
        values = "values" if number != "1" else "value"
        of = f" that is {self.kind(part.parts[2])}" if len(part.parts) > 2 else ""
        return f"something with {how} {number} {values} of {self.term(part.parts[1])}{of}"

    def _limited(self, part: Expression) -> str:
        base, *limits = part.parts
        said = []
        for facet, value in zip(limits[::2], limits[1::2], strict=False):
            name = facet.value if isinstance(facet, ox.NamedNode) else ""
            limit = value.value if isinstance(value, ox.Literal) else str(value)
            said.append(f"{_FACETS.get(name, self.short(name))} {limit}")
        return f"{self.kind(base)} {listed(said, 'and')}"

    def axiom(self, axiom: Axiom, among: Collection[str] = ()) -> str:
        """Say an axiom as a sentence without a full stop.

        `among` are the IRIs that matter: of a long list of disjoint classes only those are named.
        """
        parts = axiom.parts
        if axiom.kind in ("DisjointClasses", "DisjointProperties", "DifferentIndividuals"):
            return self._apart(axiom, among)
        if axiom.kind == "DisjointUnion":
            return f"every {self.bare(parts[0])} is exactly one of {listed([self.kind(p) for p in parts[1:]], 'and')}"
        if axiom.kind == "PropertyChain":
            steps = ", then ".join(self.term(part) for part in parts[1:])
            return f"what is reached by {steps} is a value of {self.term(parts[0])}"
        if axiom.kind == "HasKey":
            keys = listed([self.term(p) for p in parts[1:]], "and")
            return f"no two things that are {self.kind(parts[0])} have the same {keys}"
        said = _SAID.get(axiom.kind)
        if said is None or len(parts) < 1 + max(int(mark) for mark in "012" if f"{{{mark}}}" in said):
            return f"{axiom.kind} of {listed([self.term(part) for part in parts], 'and')}"
        return said.format(*self._arguments(axiom))

    def _arguments(self, axiom: Axiom) -> list[str]:
        parts = axiom.parts
        if axiom.kind == "SubClassOf":
            return [self.bare(parts[0]), self.kind(parts[1])]
        if axiom.kind == "EquivalentClasses":
            return [self.kind(part) for part in parts]
        if axiom.kind in ("Domain", "Range", "ClassAssertion"):
            return [self.term(parts[0]), self.kind(parts[1])]
        return [self.term(part) for part in parts]

    def bare(self, part: Part) -> str:
        """Name a class without an article, to follow “every”."""
        if isinstance(part, ox.NamedNode) and part.value == OWL + "Thing":
            return "thing"
        return self.term(part) if isinstance(part, ox.NamedNode) else f"thing that is {self.kind(part)}"

    def _apart(self, axiom: Axiom, among: Collection[str]) -> str:
        parts = [part for part in axiom.parts if isinstance(part, ox.NamedNode) and part.value in among]
        shown = parts if len(parts) >= 2 else list(axiom.parts)[:_MOST_LISTED]
        left = len(axiom.parts) - len(shown)
        more = f" (they are among {len(axiom.parts)} that are declared apart)" if left else ""
        match axiom.kind:
            case "DisjointClasses" if len(shown) == 2:
                return f"nothing is both {self.kind(shown[0])} and {self.kind(shown[1])}{more}"
            case "DisjointClasses":
                return f"nothing is two of these: {listed([self.kind(part) for part in shown], 'and')}{more}"
            case "DisjointProperties":
                names = listed([self.term(part) for part in shown], "and")
                return f"no two things are related by two of these: {names}{more}"
            case _:
                return f"{listed([self.term(part) for part in shown], 'and')} are different things{more}"


def listed(words: list[str], joint: str) -> str:
    """Join words into a list.

    >>> listed(["a", "b", "c"], "or")
    'a, b or c'
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {joint} {words[-1]}"


_JOINED: Final[dict[str, tuple[Callable[[list[str]], str], bool]]] = {
    "and": (" that is also ".join, False),
    "or": (lambda parts: listed(parts, "or"), False),
    "one of": (lambda parts: f"one of {listed(parts, 'and')}", True),
}
