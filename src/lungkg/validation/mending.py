"""The ways to change what a finding is about, each giving the edits of the file; `mends` chooses among them."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import pyoxigraph as ox
import rdflib
from rdflib import SH

from lungkg import lexer
from lungkg.namespaces import RDF
from lungkg.report import Edit, Mend
from lungkg.validation import likeness
from lungkg.validation.case import Case
from lungkg.validation.lint import is_builtin
from lungkg.validation.places import Spot, Spots, adding, appending, edit, removing, renaming, replacing
from lungkg.validation.words import Term, members, to_ox

CHOOSE: Final = "the value shows the form only: write the true one"
TYPE: Final = ox.NamedNode(RDF + "type")


@dataclass(frozen=True)
class Mending:
    """A case, where its triples are written, and the ways to change them."""

    case: Case
    spots: Spots

    @cached_property
    def about(self) -> list[Spot]:
        """The triples about the focus node."""
        return self.spots.find(self.case.finding.focus)

    @property
    def spot(self) -> Spot | None:
        """The triple that has the value."""
        found = self.spots.find(self.case.finding.focus, self.case.predicate, self.case.finding.value)
        return found[0] if found else None

    def found(self) -> list[Spot]:
        """The triple that has the value, if it is known."""
        return [self.spot] if self.spot is not None and self.case.predicate else []

    def number(self) -> int:
        """Give the parameter as a number."""
        return int(str(self.case.parameters[0]))

    def turtle(self, term: Term) -> str:
        """Write a term as Turtle."""
        return self.case.names.turtle(term)

    # What is done to a triple

    def written(self, value: Term, text: str, *, sure: bool) -> Mend:
        """Write another value in place of the one that is wrong."""
        edits = replacing(self.spot, value) if self.spot else []
        return replace(self.mend(text, self._snippet(value), edits, sure=sure), instead=str(value))

    def added(self, value: Term, text: str, *, sure: bool) -> Mend:
        """Add a value of the path."""
        edits: list[Edit] = []
        predicate = self.case.predicate
        if predicate and self.case.focus is not None:
            edits = adding(self.about, self.case.focus, ox.NamedNode(predicate), value)
        return self.mend(text, self._snippet(value), edits, sure=sure)

    def removed(self, text: str, spots: list[Spot], *, sure: bool) -> Mend:
        """Remove triples about the focus node."""
        edits = [one for spot in spots for one in removing(spot, self.about)]
        return self.mend(text, "", edits, sure=sure)

    def in_order(self) -> list[Spot]:
        """List the triples that give the values of the path, in the order in which they are written."""
        return self.spots.values(self.case.finding.focus, self.case.predicate)

    def renamed(self, spot: Spot, predicate: str) -> Mend:
        """Write another property."""
        name = self.case.names.short(predicate)
        wrong = self.case.names.short(spot.triple.predicate.value)
        return self.mend(
            f"Did you mean {name}? It says {wrong}", "", renaming(spot, ox.NamedNode(predicate)), sure=True
        )

    def mend(self, text: str, snippet: str, edits: list[Edit], *, sure: bool) -> Mend:
        """Put a mend together; the text becomes a sentence."""
        return Mend(f"{text}{'' if text.endswith(('.', '?')) else '.'}", snippet, tuple(edits), sure)

    def _snippet(self, value: Term) -> str:
        path = self.case.names.short(self.case.predicate) if self.case.predicate else ""
        who = self.turtle(self.case.focus) if isinstance(self.case.focus, ox.NamedNode) else "[]"
        return f"{who} {path} {self.turtle(value)} ." if path else ""

    # What is done to a node

    def described(self, node: ox.NamedNode, kind: str) -> Mend:
        """Say of a node that it is of a class."""
        said, named = self.case.names, ox.NamedNode(kind)
        edits = adding(self.spots.find(str(node)), node, TYPE, named)
        if not edits and self.about:
            edits = appending(self.about[0].source, node, TYPE, named)
        text = f"Describe {said.said(node)} as an instance of {said.short(kind)}, or name one that is"
        return self.mend(text, f"{said.turtle(node)} a {said.short(kind)} .", edits, sure=False)

    def named(self, node: Term, name: ox.NamedNode) -> list[Edit]:
        """Write another name for a node wherever it stands as a subject or value."""
        edits = []
        for spot in [*self.spots.find(str(node)), *self.spots.mentions.get(str(node), ())]:
            if spot.mark is not None and spot.triple.subject == node:
                edits += _renamed(spot, spot.mark.subject, name)
            if spot.mark is not None and spot.triple.object == node:
                edits += _renamed(spot, spot.mark.object, name)
        return list(dict.fromkeys(edits))

    def is_known(self, iri: str) -> bool:
        """Say whether shapes or data know a property: it is declared, built in, or constrained."""
        known = is_builtin(iri) or bool(self.case.facts.types(ox.NamedNode(iri)))
        return known or (None, SH.path, rdflib.URIRef(iri)) in self.case.shapes

    # What could be written

    def example(self) -> tuple[Term | None, bool, str]:
        """Give a value that the property shape would take, whether it is the only one, and how it was found."""
        case = self.case
        for choose in (self._set_value, self._same_as, self._listed, self._instance):
            found = choose()
            if found is not None:
                return found
        datatype = case.parameter("datatype")
        bound = case.parameter("minInclusive")
        if datatype is not None:
            term = to_ox(bound) if bound is not None else likeness.sample(str(datatype))
            return self._shaped(term), False, CHOOSE
        if str(case.parameter("nodeKind")) in (str(SH.IRI), str(SH.BlankNodeOrIRI)) or case.parameter("class"):
            return None, False, ""
        return ox.Literal("…"), False, CHOOSE

    def _shaped(self, term: Term) -> Term:
        """Bring an example into the form that a pattern wants, if that can be done."""
        pattern = self.case.parameter("pattern")
        if pattern is None or not isinstance(term, ox.Literal):
            return term
        text = likeness.matching(term.value, str(pattern), str(self.case.parameter("flags") or "")) or term.value
        return ox.Literal(text, language=term.language) if term.language else ox.Literal(text, datatype=term.datatype)

    def _set_value(self) -> tuple[Term, bool, str] | None:
        value = self.case.parameter("hasValue")
        return (to_ox(value), True, "it is always this") if value is not None else None

    def _same_as(self) -> tuple[Term, bool, str] | None:
        other = self.case.parameter("equals")
        values = self.case.facts.values(self.case.focus, f"<{other}>") if other and self.case.focus else []
        name = self.case.names.short(str(other))
        return (values[0], True, f"it is the same as {name}") if values else None

    def _listed(self) -> tuple[Term, bool, str] | None:
        one_of = self.case.parameter("in")
        options = [to_ox(item) for item in members(self.case.shapes, one_of)] if one_of is not None else []
        if not options:
            return None
        said = f"choose one of {self.case.names.listed(options, 12)}"
        return options[0], len(options) == 1, "it is always this" if len(options) == 1 else said

    def _instance(self) -> tuple[Term, bool, str] | None:
        kind = self.case.parameter("class")
        known = self.case.facts.instances(str(kind)) if kind is not None else []
        there = [one for one in known if one != self.case.focus]
        if not there:
            return None
        name = self.case.names.short(str(kind))
        if len(there) == 1:
            return there[0], True, f"it is the only {name} there is"
        return there[0], False, f"choose an instance of {name}, such as {self.case.names.listed(list(there), 4)}"


def _renamed(spot: Spot, start: int, name: ox.NamedNode) -> list[Edit]:
    """Replace the name of a node; nested brackets have none, and stay."""
    ahead = lexer.tokens(spot.source.text[start : start + 1_000])
    first, second = next(ahead, None), next(ahead, None)
    if first is None or (first.text == "[" and (second is None or second.text != "]")) or first.text == "(":
        return []
    end = start + (second.start + 1 if first.text == "[" and second is not None else len(first.text))
    return [edit(spot.source, start, end, spot.source.written(name))]
