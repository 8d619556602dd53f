"""Writes what changed between two versions of shapes, and what that does to data: text, Markdown or JSON."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from lungkg.shapes.difference import Change, by_effect
from lungkg.shapes.impact import FIRST, Case, Impact
from lungkg.shapes.telling import where

FORMATS: Final = ("text", "markdown", "json")
_HEADINGS: Final = {
    "stricter": "Stricter: what passed may fail",
    "looser": "Looser: what failed may pass",
    "different": "Different: what passed may fail, and what failed may pass",
    "wording": "Wording: no data notices",
}


def write_changes(changes: Sequence[Change], impact: Impact | None, form: str) -> str:
    """Write changes in one of FORMATS."""
    if form == "json":
        return json.dumps(_content(changes, impact), indent=2, ensure_ascii=False) + "\n"
    return "\n".join(_lines(changes, impact, markdown=form == "markdown")) + "\n"


def _lines(changes: Sequence[Change], impact: Impact | None, *, markdown: bool) -> Iterator[str]:
    if not changes:
        yield "nothing changed"
    for effect, members in by_effect(changes).items():
        yield f"## {_HEADINGS[effect]}" if markdown else _HEADINGS[effect]
        for change in members:
            yield f"- {change.shape}: {change.sentence}" if markdown else f"  {change.shape}: {change.sentence}"
        yield ""
    if impact is not None:
        yield f"## What this does to {impact.data}" if markdown else f"What this does to {impact.data}"
        yield from _impact(impact, "- " if markdown else "  ")


def _impact(impact: Impact, mark: str) -> Iterator[str]:
    groups = (
        (impact.rejected, impact.first_rejected, "newly rejected"),
        (impact.accepted, impact.first_accepted, "newly accepted"),
        (impact.warned, impact.first_warned, "with other warnings or remarks"),
    )
    for total, cases, what in groups:
        yield f"{mark}{total:,} {what}{':' if total else ''}"
        for case in cases:
            yield f"  {mark}{case.thing}: {case.why.message} ({case.why.check})"
        if total > FIRST:
            yield f"  {mark}… and {total - FIRST:,} more"
    for check, total in impact.by_check.most_common():
        yield f"{mark}{total:,} by {check}"


def _content(changes: Sequence[Change], impact: Impact | None) -> dict[str, Any]:
    content: dict[str, Any] = {
        "changes": [
            {
                "shape": one.shape,
                "effect": one.effect,
                "sentence": one.sentence,
                "place": where(one.place),
            }
            for one in changes
        ]
    }
    if impact is not None:
        content["impact"] = {
            "data": impact.data,
            "rejected": {"count": impact.rejected, "first": [_case(case) for case in impact.first_rejected]},
            "accepted": {"count": impact.accepted, "first": [_case(case) for case in impact.first_accepted]},
            "otherwise": {"count": impact.warned, "first": [_case(case) for case in impact.first_warned]},
            "byCheck": dict(impact.by_check.most_common()),
        }
    return content


def _case(case: Case) -> dict[str, str]:
    why = case.why
    return {
        "thing": case.thing.strip("<>"),
        "focus": why.focus,
        "severity": why.severity,
        "check": why.check,
        "component": why.component,
        "message": why.message,
        "value": why.value,
    }
