"""The list of canned queries: which of them speak of something, and what each file says of itself."""

from collections.abc import Mapping
from typing import Any

from lungkg.queries.canned import CannedQuery
from lungkg.queries.parameters import Parameter


def search(catalogue: Mapping[str, CannedQuery], words: str) -> list[CannedQuery]:
    """Find the queries that have each of the words somewhere in what their files say."""
    wanted = words.casefold().split()
    return [one for one in catalogue.values() if all(word in _said(one) for word in wanted)]


def _said(canned: CannedQuery) -> str:
    parameters = [f"{one.name} {one.label} {one.help}" for one in canned.parameters.values()]
    questions = (canned.name, canned.summary, canned.question, canned.description)
    return " ".join([*questions, *parameters, *canned.tags, *canned.audience]).casefold()


def about(canned: CannedQuery) -> dict[str, Any]:
    """Say what the file of a query says, for machines."""
    return {
        "name": canned.name,
        "summary": canned.summary,
        "question": canned.question,
        "description": canned.description,
        "form": canned.form,
        "view": canned.view,
        "tags": list(canned.tags),
        "for": list(canned.audience),
        "columns": list(canned.columns),
        "key": list(canned.key),
        "claims": canned.claims or None,
        "parameters": [_described(parameter) for parameter in canned.parameters.values()],
    }


def _described(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "type": parameter.kind,
        "label": parameter.label,
        "help": parameter.help,
        "expected": parameter.expected,
        "required": parameter.required and not parameter.default,
        "many": parameter.many,
        "example": list(parameter.example),
        "default": list(parameter.default),
        "choices": [{"value": choice.value, "label": choice.label} for choice in parameter.choices],
    }
