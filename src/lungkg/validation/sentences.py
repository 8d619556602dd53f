"""Says in one sentence what a finding of SHACL is about: a template a constraint component, filled with real values.

The shapes' own messages are kept beside it; they say what the author meant, this says what stands there.
"""

from collections import Counter
from collections.abc import Callable
from typing import Final

import pyoxigraph as ox
from rdflib import SH
from rdflib.term import Node

from lungkg.validation.case import Case
from lungkg.validation.words import Term, demand, kind_of, listed, phrase, to_ox


def sentence(case: Case) -> str:
    """Say what is wrong; "" where only the shape's own message can, as for sh:sparql."""
    write = _TEMPLATES.get(case.component)
    if write is None or case.shape is None or not case.parameters:
        return ""
    try:
        text = write(case)
    except ValueError:  # a parameter that no engine could use, either
        return ""
    return f"{text}." if text else ""


def _times(count: int) -> str:
    return {0: "no", 1: "one", 2: "two", 3: "three"}.get(count, str(count))


def _min_count(case: Case) -> str:
    wanted, there = int(str(case.parameters[0])), len(case.values)
    exactly = str(case.parameter("maxCount")) == str(wanted)
    need = f"{'exactly' if exactly else 'at least'} {_times(wanted)}"
    has = f"only {_times(there)}" if there else "no"
    return f"{case.who} has {has} {case.path}, but needs {need}"


def _max_count(case: Case) -> str:
    allowed, there = int(str(case.parameters[0])), case.values
    most = f"at most {_times(allowed)}" if allowed else "none"
    return f"{case.who} has {_times(len(there))} {case.path} ({case.names.listed(there)}), but {most} may stand there"


def _on_value(case: Case, demanded: str, because: str) -> str:
    """Say that a value of the path, or the focus node itself, does not do what is demanded."""
    value = case.value
    if case.path and value is not None:
        return f"{case.path} of {case.who} must {demanded}, but is {case.names.said(value)}{because}"
    return f"{case.who} must {demanded}" + (f", but {because.removeprefix(', which ')}" if because else "")


def _simple(case: Case) -> str:
    return _on_value(case, phrase(case.shapes, case.component, case.parameters[0], case.names), "")


def _class(case: Case) -> str:
    value = case.value
    types = case.facts.types(value) if value is not None else []
    here = {kind.value for kind in types if isinstance(kind, ox.NamedNode)}
    missed = [kind for kind in case.parameters if not here & case.facts.below(str(kind))] or case.parameters
    if types:
        because = f", which is an instance of {case.names.listed(types)}"
    elif isinstance(value, ox.Literal):
        because = f", which is {kind_of(value, case.names)}"
    elif value is not None and case.facts.predicates(value):
        because = ", which has no type"
    else:
        because = ", which the data does not describe"
    wanted = listed([case.names.said(to_ox(kind)) for kind in missed])
    return _on_value(case, f"be an instance of {wanted}", because)


def _datatype(case: Case) -> str:
    value, wanted = case.value, case.parameters[0]
    same = isinstance(value, ox.Literal) and value.datatype.value == str(wanted)
    because = ", which cannot be read as one" if same else f", which is {kind_of(value, case.names)}" if value else ""
    return _on_value(case, phrase(case.shapes, "datatype", wanted, case.names), because)


def _kind(case: Case) -> str:
    because = f", which is {kind_of(case.value, case.names)}" if case.value is not None else ""
    return _on_value(case, phrase(case.shapes, case.component, case.parameters[0], case.names), because)


def _length(case: Case) -> str:
    value = case.value
    count = len(value.value) if isinstance(value, ox.NamedNode | ox.Literal) else 0
    because = ", which is a blank node" if isinstance(value, ox.BlankNode) else f", which has {count}"
    return _on_value(case, phrase(case.shapes, case.component, case.parameters[0], case.names), because)


def _has_value(case: Case) -> str:
    terms = [to_ox(node) for node in case.parameters]
    if not case.path:
        return f"{case.who} must be {case.names.listed(terms)}"
    missing = [term for term in terms if term not in case.values] or terms
    has = f"has only {case.names.listed(case.values)}" if case.values else "has none"
    return f"{case.who} must have {case.names.listed(missing)} as {case.path}, but {has}"


def _unique_lang(case: Case) -> str:
    tags = Counter(value.language for value in case.values if isinstance(value, ox.Literal) and value.language)
    twice = [tag for tag, count in tags.items() if count > 1]
    same: list[Term] = [value for value in case.values if isinstance(value, ox.Literal) and value.language in twice]
    languages = listed([f'"{tag}"' for tag in sorted(twice)])
    several = f"{case.who} has several {case.path} in {languages} ({case.names.listed(same)})"
    return f"{several}, but each language may stand there once"


def compared(case: Case) -> list[str]:
    """List the properties that a pair constraint compares with and that the value breaks it with, as IRIs."""
    others = [str(other) for other in case.parameters]
    if case.focus is None or case.value is None:
        return others[:1]
    has = {other: case.value in case.facts.values(case.focus, f"<{other}>") for other in others}
    if case.component == "disjoint":
        return [other for other in others if has[other]] or others[:1]
    if case.component == "equals":
        return [other for other in others if has[other] != (case.value in case.values)] or others[:1]
    return others[:1]


def _other(case: Case) -> tuple[str, list[Term]]:
    """The property that a pair constraint compares with, and its values."""
    other = compared(case)[0]
    values = case.facts.values(case.focus, f"<{other}>") if case.focus is not None else []
    return case.names.short(other), values


def _equals(case: Case) -> str:
    name, others = _other(case)
    value = case.value
    holder = name if value in others else case.path
    said = case.names.said(value) if value is not None else "a value"
    return f"{case.path} and {name} of {case.who} must have the same values, but only {holder} has {said}"


def _disjoint(case: Case) -> str:
    names = [case.names.short(other) for other in compared(case)]
    said = case.names.said(case.value) if case.value is not None else "a value"
    all_have = "both" if len(names) == 1 else "all of them"
    return f"{case.path} and {listed(names)} of {case.who} must share no value, but {all_have} have {said}"


def _less(case: Case) -> str:
    name, others = _other(case)
    order = "less than" if case.component == "lessThan" else "at most"
    said = case.names.said(case.value) if case.value is not None else "a value"
    return f"{case.path} of {case.who} must be {order} {name}, but {said} is not {order} {case.names.listed(others)}"


def allowed_properties(case: Case) -> list[str]:
    """List the IRIs of the properties that a closed shape allows."""
    if case.shape is None:
        return []
    paths = [case.shapes.value(one, SH.path) for one in case.shapes.objects(case.shape, SH.property)]
    ignored = case.parameter("ignoredProperties")
    more: list[Node] = list(case.shapes.items(ignored)) if ignored is not None else []
    return sorted({str(path) for path in [*paths, *more] if path is not None})


def _closed(case: Case) -> str:
    allowed = listed(sorted(case.names.short(iri) for iri in allowed_properties(case)), 12)
    said = f" {case.names.said(case.value)}" if case.value is not None else ""
    return f"{case.who} has {case.path}{said}, but its shape allows only {allowed or 'no property'}"


def _inner(case: Case) -> str:
    """Write what sh:node, sh:or, sh:and, sh:xone and sh:property ask of a value."""
    asked = " and ".join(phrase(case.shapes, case.component, node, case.names) for node in case.parameters)
    lead = {"xone": "exactly one of ", "or": "at least one of "}.get(case.component, "")
    value = case.value
    said = f"{case.path} {case.names.said(value)} of {case.who}" if case.path and value is not None else case.who
    return f"{said} must do {lead}this: {asked}" if lead or case.component == "and" else f"{said} must {asked}"


def _not(case: Case) -> str:
    asked = " or ".join(demand(case.shapes, node, case.names) for node in case.parameters)
    value = case.value
    said = f"{case.path} {case.names.said(value)} of {case.who}" if case.path and value is not None else case.who
    return f"{said} must not {asked}, but does"


def _qualified(case: Case) -> str:
    shape = case.parameter("qualifiedValueShape")
    asked = demand(case.shapes, shape, case.names) if shape is not None else "fit"
    count = _times(int(str(case.parameters[0])))
    least = case.component == "qualifiedMinCount"
    bound, there = ("at least", "fewer") if least else ("at most", "more")
    return f"Of the values of {case.path} of {case.who}, {bound} {count} must {asked}, but there are {there}"


_TEMPLATES: Final[dict[str, Callable[[Case], str]]] = {
    "minCount": _min_count,
    "maxCount": _max_count,
    "class": _class,
    "datatype": _datatype,
    "nodeKind": _kind,
    "minInclusive": _simple,
    "maxInclusive": _simple,
    "minExclusive": _simple,
    "maxExclusive": _simple,
    "minLength": _length,
    "maxLength": _length,
    "pattern": _simple,
    "languageIn": _kind,
    "uniqueLang": _unique_lang,
    "in": _simple,
    "hasValue": _has_value,
    "equals": _equals,
    "disjoint": _disjoint,
    "lessThan": _less,
    "lessThanOrEquals": _less,
    "closed": _closed,
    "node": _inner,
    "property": _inner,
    "and": _inner,
    "or": _inner,
    "xone": _inner,
    "not": _not,
    "qualifiedMinCount": _qualified,
    "qualifiedMaxCount": _qualified,
}
"""Every component of SHACL core."""
