"""Explains findings: gives each its place and source line, a sentence, a mend, and the words that a claim has."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import pyoxigraph as ox
import rdflib
from rdflib import RDFS, SH
from rdflib.term import Node

from lungkg import lexer
from lungkg.errors import Place
from lungkg.namespaces import OA, ONT
from lungkg.namespaces import RDF as RDF_NS
from lungkg.namespaces import SH as SH_NS
from lungkg.report import Finding, Mend, Words
from lungkg.validation import likeness
from lungkg.validation.case import Case, find_node
from lungkg.validation.facts import Facts
from lungkg.validation.files import Source
from lungkg.validation.mends import mend
from lungkg.validation.places import Spot, Spots, edit, line_at
from lungkg.validation.sentences import sentence
from lungkg.validation.terms_used import CHECK as UNKNOWN
from lungkg.validation.words import Names, parse_term

MOST_EXPLAINED: Final = 2_000
MOST_OF_EACH: Final = 100
"""Findings beyond these have their place and message only, for to explain each takes milliseconds."""

_SELECTED: Final = f"<{ONT}source>/<{OA}hasSelector>/<{OA}"
_AT_PROPERTY: Final = ("closed",)


@dataclass(frozen=True)
class Explainer:
    """Explains the findings of one run; `data` and `rules` are the files of the data and of the shapes."""

    shapes: rdflib.Graph
    store: ox.Store
    names: Names
    data: list[Source]
    rules: list[Source]
    declared: frozenset[str] = frozenset()
    """IRIs of what ontology and data declare, for telling what was meant."""
    most: int = MOST_EXPLAINED

    @cached_property
    def _names_of(self) -> dict[tuple[str, str, str], tuple[str, str, Place | None]]:
        """What the checks are called, by check, shape and component."""
        return {}

    @cached_property
    def _facts(self) -> Facts:
        return Facts(self.store)

    def explained(self, findings: Iterable[Finding]) -> list[Finding]:
        """Place findings and explain them: of many the first of each check, as they are written, and `most` in all."""
        found = list(findings)
        spots = Spots(self.data, {node for one in found for node in (one.focus, one.value) if _is_node(node)})
        checks = {f"<{one.check}>" for one in found} | {f"<{one.shape}>" for one in found}
        lint = {node for one in found if not one.component for node in (one.focus, f"<{one.value}>")}
        blank = {f"_:{name}" for one in found for name in (one.check, one.shape) if name}
        rules = Spots(self.rules, checks | lint | blank)
        placed = sorted((self._named(self._placed(one, spots), rules) for one in found), key=_where)
        seen: Counter[tuple[str, str]] = Counter()
        explained, left = [], self.most
        for one in placed:
            check = (one.check, one.component)
            seen[check] += 1
            if left or seen[check] <= MOST_OF_EACH:
                explained.append(self._explain(one, spots, rules))
                left = max(left - 1, 0)
            else:
                explained.append(one)
        return explained

    def _named(self, finding: Finding, rules: Spots) -> Finding:
        """Name the check of a finding, for people to read and to look up."""
        if not finding.component:
            return finding
        key = (finding.check, finding.shape, finding.component)
        if key not in self._names_of:
            title = _title(self.shapes, finding, self.names)
            self._names_of[key] = (title, _link(self.shapes, finding), _rule_place(rules, finding))
        title, link, place = self._names_of[key]
        return replace(finding, title=title, link=link, rule_place=place)

    def _explain(self, finding: Finding, spots: Spots, rules: Spots) -> Finding:
        if finding.component:
            case = Case(finding, self.shapes, self.names, self._facts)
            said = sentence(case)
            if not said and not finding.message:
                said = f"{case.who} does not meet the constraint {finding.title}."
            return replace(
                finding,
                message=finding.message if _has_message(self.shapes, finding) or not said else "",
                path=finding.path if finding.path.startswith("<") else case.sparql_path,
                sentence=said,
                mend=mend(case, spots),
                words=self._words(finding),
            )
        return self._lint(finding, rules) if finding.check in _MEANT else finding

    def _placed(self, finding: Finding, spots: Spots) -> Finding:
        """Give a finding the place of what it is about, unless it has one with a line already."""
        if finding.place is not None and finding.place.line:
            return finding
        spot, offset = _offset(finding, spots, self._surplus(finding, spots))
        return finding if spot is None else _at(finding, spot, offset)

    def _surplus(self, finding: Finding, spots: Spots) -> str:
        """Give, of too many values, the first one that is too many, as they are written."""
        case = Case(finding, self.shapes, self.names, self._facts)
        if case.component != "maxCount" or not case.parameters:
            return ""
        rest = spots.values(finding.focus, case.predicate)[int(str(case.parameters[0])) :]
        return str(rest[0].triple.object) if rest else ""

    def _words(self, finding: Finding) -> Words | None:
        """Find the words that the claim was read from which the focus node is, or is a part of."""
        node = parse_term(finding.focus.split("#")[0] + ">" if "#" in finding.focus else finding.focus)
        if not isinstance(node, ox.NamedNode):
            return None
        texts = [self._facts.values(node, f"{_SELECTED}{end}>") for end in ("start", "end", "exact")]
        documents = self._facts.values(node, f"<{ONT}source>/<{OA}hasSource>")
        values = [one[0].value for one in [*texts, documents] if one and not isinstance(one[0], ox.BlankNode)]
        if len(values) != 4 or not values[0].isdigit() or not values[1].isdigit():
            return None
        return Words(values[3], int(values[0]), int(values[1]), values[2])

    # What is wrong with the shapes themselves

    def _lint(self, finding: Finding, rules: Spots) -> Finding:
        iri = finding.value.strip("<>")
        known = _MEANT[finding.check](self)
        near = likeness.nearest(iri, known)
        found = next(_naming(rules.find(finding.focus), iri, self.names.prefixes), None)
        if found is None:
            spots = [spot for spot in rules.mentions.get(f"<{iri}>", ()) if spot.mark is not None]
            found = (spots[0], spots[0].mark.object, "") if spots and spots[0].mark else None
        made = finding
        if found is not None:
            made = _at(finding, found[0], found[1])
        if not near:
            return made
        short = self.names.short(near)
        edits = []
        if found is not None and found[2]:
            source = found[0].source
            edits.append(edit(source, found[1], found[1] + len(found[2]), source.written(ox.NamedNode(near))))
        return replace(made, mend=Mend(f"Did you mean {short}?", "", tuple(edits), sure=True))


_MEANT: Final[dict[str, Callable[[Explainer], Iterable[str]]]] = {
    "unknown-shacl-term": lambda _: (str(term) for term in dir(SH) if term.startswith(SH_NS)),
    "undeclared-class": lambda at: at.declared,
    "undeclared-property": lambda at: at.declared,
    "undeclared-value": lambda at: at.declared,
    "undeclared-term": lambda at: at.declared,
}
"""The rules of lint about terms, and the terms that may have been meant."""


def _where(finding: Finding) -> tuple[str, int, int]:
    place = finding.place
    return (place.name, place.line, place.column) if place else ("", 0, 0)


def _is_node(text: str) -> bool:
    return text.startswith(("<", "_:", '"'))


def _naming(spots: list[Spot], iri: str, prefixes: dict[str, str]) -> Iterator[tuple[Spot, int, str]]:
    """Yield where a statement names an IRI: the spot, the offset, and the token."""
    for spot in spots:
        if spot.mark is not None:
            known = {**prefixes, **spot.source.prefixes}
            start = spot.mark.predicate
            for token in lexer.tokens(spot.source.text[start : spot.mark.end]):
                if _resolved(token, known) == iri:
                    yield spot, start + token.start, token.text


def _resolved(token: lexer.Token, prefixes: dict[str, str]) -> str:
    if token.kind == "iri":
        return token.text[1:-1]
    prefix, colon, local = token.text.partition(":")
    return prefixes.get(prefix, "") + local if token.kind == "name" and colon else ""


def _offset(finding: Finding, spots: Spots, surplus: str) -> tuple[Spot | None, int]:
    """Choose the spot that a finding is about, and the offset of the term in it."""
    value = surplus or (finding.value if finding.value != finding.focus else "")
    iri = finding.path[1:-1] if finding.path.count("<") == 1 and finding.path.startswith("<") else ""
    at_property = finding.component.removeprefix(SH_NS).lower().startswith(_AT_PROPERTY)
    at_property |= finding.check == UNKNOWN and iri != RDF_NS + "type"
    for found in (
        spots.find(finding.focus, iri, value) if iri and value else [],
        spots.find(finding.focus, "", value) if value else [],
        spots.find(finding.focus, iri) if iri and value else [],
        spots.mentions.get(value, []) if value and not value.startswith('"') else [],
    ):
        for spot in found:
            if spot.mark is not None:
                return spot, spot.mark.predicate if at_property else spot.mark.object
    for spot in spots.about.get(finding.focus, ()):
        if spot.mark is not None:
            return spot, spot.mark.subject
    for spot in spots.mentions.get(finding.focus, ()):
        if spot.mark is not None:
            return spot, spot.mark.object
    anywhere = spots.about.get(finding.focus) or spots.mentions.get(finding.focus)
    return (anywhere[0] if anywhere else None), -1


def _at(finding: Finding, spot: Spot, offset: int) -> Finding:
    """Put a finding at an offset of a file; without lines, at the file."""
    if offset < 0:
        return replace(finding, place=spot.source.place)
    place = spot.place(offset)
    line = line_at(spot.source, place.line)
    token = next(lexer.tokens(spot.source.text[offset : offset + 1_000]), lexer.Token("end", "", 0))
    width = min(len(token.text.split("\n")[0]), len(line) - place.column + 1)
    return replace(finding, place=place, line=line, width=max(width, 1))


def _has_message(shapes: rdflib.Graph, finding: Finding) -> bool:
    """Say whether the shape's author wrote a message; else it is pySHACL's, which speaks of Python's literals."""
    nodes = (find_node(shapes, name) for name in (finding.check, finding.shape) if name)
    return any(node is not None and (node, SH.message, None) in shapes for node in nodes)


def _title(shapes: rdflib.Graph, finding: Finding, names: Names) -> str:
    """Name the check for people: its label, or that of the shape that an anonymous one belongs to."""
    node, path = find_node(shapes, finding.check) or find_node(shapes, finding.shape), ""
    for _ in range(5):
        if node is None:
            break
        label = shapes.value(node, SH.name) or shapes.value(node, RDFS.label)
        if label is not None or isinstance(node, rdflib.URIRef):
            own = str(label) if label is not None else names.short(str(node))
            return _owner(shapes, node) + own + path
        step = shapes.value(node, SH.path)
        path = f", {names.short(str(step))}{path}" if isinstance(step, rdflib.URIRef) else path
        node = next(iter(shapes.subjects(None, node)), None)
    return names.short(finding.component)


def _owner(shapes: rdflib.Graph, node: Node) -> str:
    """Name the node shape that a property shape or query constraint belongs to, where it has a label."""
    owners = sorted([*shapes.subjects(SH.property, node), *shapes.subjects(SH.sparql, node)], key=str)
    labels = [shapes.value(owner, SH.name) or shapes.value(owner, RDFS.label) for owner in owners]
    return next((f"{label}: " for label in labels if label is not None), "")


def _link(shapes: rdflib.Graph, finding: Finding) -> str:
    """Give the IRI of the check, or of the nearest shape around it that has one."""
    node = find_node(shapes, finding.check) or find_node(shapes, finding.shape)
    for _ in range(5):
        if node is None or isinstance(node, rdflib.URIRef):
            break
        node = next(iter(shapes.subjects(None, node)), None)
    return str(node) if isinstance(node, rdflib.URIRef) else ""


def _rule_place(rules: Spots, finding: Finding) -> Place | None:
    """Find where the check is written."""
    for name in (finding.check, finding.shape):
        for node in (f"<{name}>", f"_:{name}"):
            for spot in rules.about.get(node, ()):
                if spot.mark is not None:
                    return spot.place(spot.mark.subject)
    return None


def names_of(sources: Iterable[Source], more: dict[str, str]) -> Names:
    """Gather the prefixes of some files, after others."""
    prefixes = dict(more)
    for source in sources:
        for prefix, namespace in source.prefixes.items():
            if prefix and prefixes.get(prefix, namespace) == namespace:
                prefixes[prefix] = namespace
    return Names(prefixes)
