"""The list of canned queries that `lungkg query` prints: for people under their tags, for machines as JSON."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lungkg.queries import CannedQuery, Parameter


def search(catalogue: Mapping[str, CannedQuery], words: str) -> list[CannedQuery]:
    """Find the queries that have each of the words somewhere in what their files say, as /query/?q= does."""
    wanted = words.casefold().split()
    return [one for one in catalogue.values() if all(word in _said(one) for word in wanted)]


def _said(canned: CannedQuery) -> str:
    parameters = [f"{one.name} {one.label} {one.help}" for one in canned.parameters.values()]
    questions = (canned.name, canned.summary, canned.question, canned.description)
    return " ".join([*questions, *parameters, *canned.tags, *canned.audience]).casefold()


def listed(queries: Iterable[CannedQuery]) -> str:
    """Write the queries under their first tags: the question, and below it how to ask it."""
    groups: dict[str, list[CannedQuery]] = {}
    for one in queries:
        groups.setdefault(one.tags[0] if one.tags else "other", []).append(one)
    parts = []
    for tag, members in sorted(groups.items()):
        lines = [tag.replace("-", " ")]
        for one in sorted(members, key=lambda member: member.summary):
            lines += [f"  {one.summary}", f"      {' '.join([one.name, *_usage(one)])}"]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _usage(canned: CannedQuery) -> Iterator[str]:
    for parameter in canned.parameters.values():
        option = f"--{parameter.name} {metavar(parameter)}"
        yield option if needed(parameter) else f"[{option}]"


def needed(parameter: Parameter) -> bool:
    """Say whether it has to be given."""
    return parameter.required and not parameter.default


def metavar(parameter: Parameter) -> str:
    """Name the kind of value that stands for it in a usage line."""
    return ("choice" if parameter.choices else "text" if parameter.kind == "literal" else parameter.kind).upper()


def about(canned: CannedQuery) -> dict[str, Any]:
    """Say what the file of a query says, for machines: as /query/index.json does, but for the address."""
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
        "required": needed(parameter),
        "many": parameter.many,
        "example": list(parameter.example),
        "default": list(parameter.default),
        "choices": [{"value": choice.value, "label": choice.label} for choice in parameter.choices],
    }
