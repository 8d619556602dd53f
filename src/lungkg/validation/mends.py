"""Suggests how to mend what a shape found: a sentence, a snippet, and edits of the file where that is possible.

A mend is sure when the data itself says what was meant; otherwise it shows the form, and says that the value
has to be chosen.
"""

from collections.abc import Callable
from typing import Final

import pyoxigraph as ox
from rdflib import SH

from lungkg.namespaces import XSD
from lungkg.report import Mend
from lungkg.validation import likeness
from lungkg.validation.case import Case
from lungkg.validation.mending import CHOOSE, Mending
from lungkg.validation.places import Spots, adding, removing, replacing
from lungkg.validation.sentences import allowed_properties, compared
from lungkg.validation.words import Term, listed, members, to_ox


def mend(case: Case, spots: Spots) -> Mend | None:
    """Suggest what to do about a finding; None where only a person can know, as for sh:not."""
    write = _MENDS.get(case.component)
    if write is None or case.shape is None or not case.parameters or case.focus is None:
        return None
    try:
        return write(Mending(case, spots))
    except ValueError:  # the shape asks for what no term can be, such as the language "*"
        return None


def _min_count(at: Mending) -> Mend | None:
    case = at.case
    if case.predicate and not case.values:
        strange = [spot for spot in at.about if not at.is_known(spot.triple.predicate.value)]
        near = likeness.nearest(case.predicate, (spot.triple.predicate.value for spot in strange))
        if near:
            return at.renamed(next(spot for spot in strange if spot.triple.predicate.value == near), case.predicate)
    value, sure, why = at.example()
    if value is None:
        return Mend(f"Add {case.path}, with the IRI of what is meant.", f"{at.case.who} {case.path} <…> .")
    return at.added(value, f"Add {case.path}: {why}", sure=sure and at.number() == 1)


def _max_count(at: Mending) -> Mend | None:
    keep, values, said = at.number(), at.case.values, at.case.names.listed
    spots = at.in_order()
    if len(spots) != len(values):  # some stand where there are no places, or at the end of a longer path
        return Mend(f"Keep {'one' if keep == 1 else keep or 'none'} of {said(values)}, and remove the others.")
    surplus = [value for spot in spots[keep:] if isinstance(value := spot.triple.object, Term)]
    kept = [value for spot in spots[:keep] if isinstance(value := spot.triple.object, Term)]
    text = (
        f"Keep {said(kept)} and remove {said(surplus)}, or the other way round" if keep else f"Remove {said(surplus)}"
    )
    return at.removed(text, spots[keep:], sure=not keep)


def _class(at: Mending) -> Mend | None:
    case, value = at.case, at.case.value
    kind = str(case.parameters[0])
    there = [one for one in case.facts.instances(kind) if one not in (value, case.focus)]
    name = case.names.short(kind)
    if isinstance(value, ox.NamedNode):
        near = likeness.nearest(value.value, (one.value for one in there))
        if near and case.path:
            return at.written(ox.NamedNode(near), f"Did you mean {case.names.short(near)}?", sure=True)
        if not case.facts.types(value):
            return at.described(value, kind)
    if there and case.path:
        some = case.names.listed(list(there), 4)
        only = len(there) == 1
        return at.written(there[0], f"Write {'the only' if only else 'an'} instance of {name}: {some}", sure=only)
    return None


def _datatype(at: Mending) -> Mend | None:
    case, value = at.case, at.case.value
    datatype = str(case.parameters[0])
    allowed = case.parameter("languageIn")
    language = str(members(case.shapes, allowed)[0]) if allowed is not None else _language(at)
    meant = likeness.retyped(value, datatype, language) if value is not None else None
    if meant is None or not case.path:
        example = likeness.sample(datatype)
        return at.written(example, f"Write {case.names.turtle(example)} or the like; {CHOOSE}", sure=False)
    guess = likeness.is_guess(value, meant)
    return at.written(meant, f"Write {case.names.said(meant)}{', if that is meant' if guess else ''}", sure=not guess)


def _language(at: Mending) -> str:
    """Find the language that the node's other texts are in."""
    tags = [spot.triple.object.language for spot in at.about if isinstance(spot.triple.object, ox.Literal)]
    spoken = [tag for tag in tags if tag]
    return max(set(spoken), key=spoken.count) if spoken else "en"


def _node_kind(at: Mending) -> Mend | None:
    value, kinds = at.case.value, str(at.case.parameters[0])
    if isinstance(value, ox.Literal) and "IRI" in kinds:
        text = value.value.strip()
        if text.startswith(("http://", "https://", "urn:")) and not set(text) & set(' <>"{}|^`\\'):
            return at.written(ox.NamedNode(text), f"Write it as an IRI: <{text}>", sure=True)
    if isinstance(value, ox.NamedNode) and kinds == str(SH.Literal):
        return at.written(ox.Literal(value.value), "Write it as text", sure=False)
    if isinstance(value, ox.BlankNode):
        return _given_name(at, value)
    return None


def _given_name(at: Mending, value: ox.BlankNode) -> Mend:
    """Give an IRI to a blank node that begins a statement or has a label."""
    name = ox.NamedNode("https://example.org/name-it")
    text = f"Give the node an IRI of its own, such as {name}, and use it wherever the node is meant"
    return at.mend(text, "", at.named(value, name), sure=False)


def _bound(at: Mending) -> Mend | None:
    bound = to_ox(at.case.parameters[0])
    inclusive = at.case.component.endswith("Inclusive")
    more = "more" if at.case.component.startswith("min") else "less"
    if not isinstance(bound, ox.Literal):
        return None
    if not inclusive:
        step = 1 if at.case.component.startswith("min") else -1
        if bound.datatype.value != XSD + "integer":
            return Mend(f"Write {more} than {at.case.names.said(bound)}.")
        bound = ox.Literal(str(int(bound.value) + step), datatype=bound.datatype)
    return at.written(bound, f"Write {at.case.names.said(bound)} or {more}; {CHOOSE}", sure=False)


def _with_text(literal: ox.Literal, text: str) -> ox.Literal:
    """Make a literal of the same type or language with another text."""
    if literal.language:
        return ox.Literal(text, language=literal.language)
    return ox.Literal(text, datatype=literal.datatype)


def _max_length(at: Mending) -> Mend | None:
    value, most = at.case.value, at.number()
    if not isinstance(value, ox.Literal):
        return None
    return at.written(_with_text(value, value.value[:most]), f"Shorten it to {most} characters; {CHOOSE}", sure=False)


def _min_length(at: Mending) -> Mend | None:
    value, least = at.case.value, at.number()
    if not isinstance(value, ox.Literal):
        return None
    return at.written(
        _with_text(value, value.value.ljust(least, "…")), f"Write at least {least} characters; {CHOOSE}", sure=False
    )


def _pattern(at: Mending) -> Mend | None:
    case, value = at.case, at.case.value
    text = value.value if isinstance(value, ox.Literal | ox.NamedNode) else ""
    meant = likeness.matching(text, str(case.parameters[0]), str(case.parameter("flags") or ""))
    if not meant:
        return None
    if isinstance(value, ox.Literal):
        new = _with_text(value, meant)
        return at.written(new, f"Write {case.names.said(new)}", sure=False)
    try:
        name = ox.NamedNode(meant)
    except ValueError:
        return None
    if case.path:
        return at.written(name, f"Write {case.names.said(name)}", sure=False)
    return _renamed_node(at, name)


def _renamed_node(at: Mending, name: ox.NamedNode) -> Mend:
    """Give the focus node another IRI, wherever it is written."""
    text = f"Rename it to {at.turtle(name)}, here and wherever it is meant"
    focus = at.case.focus
    return at.mend(text, "", at.named(focus, name) if focus is not None else [], sure=False)


def _language_in(at: Mending) -> Mend | None:
    tags = [str(item) for item in members(at.case.shapes, at.case.parameters[0])]
    value = at.case.value
    if not isinstance(value, ox.Literal) or not tags:
        return None
    close = [tag for tag in tags if value.language and value.language.split("-")[0] == tag.split("-")[0]]
    meant = ox.Literal(value.value, language=(close or tags)[0].lower())
    quoted = [f'"{tag}"' for tag in tags]
    return at.written(meant, f"Say that it is text in {listed(quoted)}, if it is", sure=len(tags) == 1)


def _unique_lang(at: Mending) -> Mend | None:
    seen: set[str] = set()
    surplus = []
    for spot in at.in_order():
        tag = spot.triple.object.language if isinstance(spot.triple.object, ox.Literal) else None
        surplus += [spot] if tag in seen else []
        seen |= {tag} if tag else set()
    values = [value for spot in surplus if isinstance(value := spot.triple.object, Term)]
    text = f"Keep one of each language: remove {at.case.names.listed(values)}, or the others"
    return at.removed(text, surplus, sure=False) if surplus else None


def _in(at: Mending) -> Mend | None:
    case, value = at.case, at.case.value
    options = [to_ox(item) for item in members(case.shapes, case.parameters[0])]
    text = value.value if isinstance(value, ox.Literal | ox.NamedNode) else ""
    by_text = {one.value: one for one in reversed(options) if not isinstance(one, ox.BlankNode)}
    exact = by_text.get(text)
    near = exact or by_text.get(likeness.nearest(text, by_text))
    if near is not None and near != value:
        return at.written(near, f"Did you mean {case.names.said(near)}?", sure=True)
    if not options:
        return None
    return at.written(options[0], f"Choose one of {case.names.listed(options, 12)}", sure=len(options) == 1)


def _has_value(at: Mending) -> Mend | None:
    case = at.case
    terms = [to_ox(node) for node in case.parameters]
    missing = next((term for term in terms if term not in case.values), terms[0])
    single = str(case.parameter("maxCount")) == "1"
    wrong = [value for value in case.values if value not in terms]
    if case.predicate and wrong and single:
        found = at.spots.find(case.finding.focus, case.predicate, str(wrong[0]))
        edits = tuple(replacing(found[0], missing)) if found else ()
        return Mend(f"Write {case.names.said(missing)} instead of {case.names.said(wrong[0])}.", "", edits, sure=True)
    return at.added(missing, f"Add {case.path} {case.names.said(missing)}", sure=True) if case.predicate else None


def _equals(at: Mending) -> Mend | None:
    case, value = at.case, at.case.value
    if value is None or case.focus is None or not case.predicate:
        return None
    other = compared(case)[0]
    holder, lacking = (case.predicate, other) if value in case.values else (other, case.predicate)
    there = case.facts.values(case.focus, f"<{lacking}>")
    strange = [one for one in there if one not in case.facts.values(case.focus, f"<{holder}>")]
    name, said = case.names.short(lacking), case.names.said(value)
    snippet = f"{case.names.turtle(case.focus)} {name} {at.turtle(value)} ."
    if len(strange) == 1:  # the two differ in one value
        found = at.spots.find(case.finding.focus, lacking, str(strange[0]))
        edits = replacing(found[0], value) if found else []
        return at.mend(f"Make {name} {said}, or the other way round", snippet, edits, sure=False)
    if there:  # all others agree
        found = at.spots.find(case.finding.focus, holder, str(value))
        edits = removing(found[0], at.about) if found else []
        return at.mend(f"Remove {said} from {case.names.short(holder)}, or add it to {name}", "", edits, sure=False)
    edits = adding(at.about, case.focus, ox.NamedNode(lacking), value)
    return at.mend(f"Add {name} {said}", snippet, edits, sure=True)


def _disjoint(at: Mending) -> Mend | None:
    said = at.case.names.said(at.case.value) if at.case.value is not None else "the value"
    other = listed([at.case.names.short(one) for one in compared(at.case)])
    return at.removed(f"Remove {said} from {at.case.path}, or from {other}", at.found(), sure=False)


def _less(at: Mending) -> Mend | None:
    """Exchange the two values, when that puts them in order."""
    case = at.case
    other = str(case.parameters[0])
    others = at.spots.find(case.finding.focus, other)
    one = at.spot
    if one is None or len(others) != 1 or case.value is None or str(case.value) == str(others[0].triple.object):
        return Mend(f"Write a smaller {case.path}, or a larger {case.names.short(other)}.")
    value = others[0].triple.object
    if not isinstance(value, Term):
        return None
    edits = [*replacing(one, value), *replacing(others[0], case.value)]
    return at.mend(f"Exchange {case.path} and {case.names.short(other)}, or correct one of them", "", edits, sure=False)


def _closed(at: Mending) -> Mend | None:
    case = at.case
    there = case.facts.predicates(case.focus) if case.focus is not None else []
    missing = [iri for iri in allowed_properties(case) if iri not in there]
    near = likeness.nearest(case.predicate, missing)
    if near and at.spot is not None:
        return at.renamed(at.spot, near)
    return at.removed(f"Remove {case.path}, or allow it in the shape", at.found(), sure=False)


_MENDS: Final[dict[str, Callable[[Mending], Mend | None]]] = {
    "minCount": _min_count,
    "maxCount": _max_count,
    "class": _class,
    "datatype": _datatype,
    "nodeKind": _node_kind,
    "minInclusive": _bound,
    "maxInclusive": _bound,
    "minExclusive": _bound,
    "maxExclusive": _bound,
    "minLength": _min_length,
    "maxLength": _max_length,
    "pattern": _pattern,
    "languageIn": _language_in,
    "uniqueLang": _unique_lang,
    "in": _in,
    "hasValue": _has_value,
    "equals": _equals,
    "disjoint": _disjoint,
    "lessThan": _less,
    "lessThanOrEquals": _less,
    "closed": _closed,
}
"""The components for which something can be suggested; the others ask for what only a person can know."""
