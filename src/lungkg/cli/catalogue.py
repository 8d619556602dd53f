"""The list of canned queries as `lungkg query` prints it for people: under their tags, with how to ask each."""

from collections.abc import Iterable, Iterator

from lungkg.queries import CannedQuery, Parameter


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
