"""Writes a review of shapes: as text, Markdown, CSV, or JSON for programs."""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

from rdflib import SH
from rdflib.term import Node

from lungkg.report import Finding
from lungkg.shapes.library import Constraint, Library
from lungkg.shapes.mutants import Mutant
from lungkg.shapes.review import Review
from lungkg.shapes.telling import where

_WIDEST: Final = 72  # columns that a constraint may take in a text; the other formats have it whole
_COLUMNS: Final = ("targets", "values", "violations", "passing", "failing")


def write(review: Review, form: str) -> str:
    """Write a review in one of FORMATS."""
    return _WRITERS[form](review)


def _numbers(review: Review) -> dict[Constraint, dict[str, int]]:
    """Give what is known of each constraint; what nothing was counted for is left out."""
    found: dict[Constraint, dict[str, int]] = {one: {} for one in review.library.constraints}
    for row in review.coverage.rows if review.coverage is not None else ():
        found[row.constraint] |= {"targets": row.targets, "values": row.values, "violations": row.violations}
    if review.outcomes is not None:
        for one in found:
            found[one] |= {"passing": len(review.passing(one)), "failing": len(review.failing(one))}
    return found


def summary(review: Review) -> list[str]:
    """Say in a few lines how the shapes stand."""
    library, lines = review.library, []
    lines.append(f"{len(library.targeted)} shapes with a target, {len(library.constraints)} constraints")
    if review.outcomes is not None:
        fails = sum(outcome.example.fails for outcome in review.outcomes)
        lines.append(f"{len(review.outcomes)} examples: {len(review.outcomes) - fails} passing, {fails} failing")
    if review.coverage is not None:
        asked = sum(row.values > 0 for row in review.coverage.rows)
        lines.append(
            f"{asked} of {len(review.coverage.rows)} constraints had values to check in {review.coverage.data}"
        )
    if review.mutation is not None:
        made = review.mutation
        tried = len(made.killed) + len(made.survivors)
        lines.append(
            f"mutation score {made.score:.1f} %: of {tried} mistakes that data can show, an example notices "
            f"{len(made.killed)}; {len(made.equivalent)} others no data can show"
        )
    counted = Counter(finding.severity for finding in review.report.findings)
    lines.append(", ".join(f"{counted[severity]} {severity.lower()}" for severity in ("Violation", "Warning", "Info")))
    return lines


def _text(review: Review) -> str:
    lines: list[str] = []
    if review.coverage is not None or review.outcomes is not None:
        lines += [*_table(review), ""]
    if review.mutation is not None:
        lines += [*_mutation(review), ""]
    for finding in review.report.sorted():
        lines.append(_line(finding))
    if review.report.findings:
        lines.append("")
    return "\n".join([*lines, *summary(review)]) + "\n"


def _line(finding: Finding) -> str:
    place = f"{where(finding.place)}: " if finding.place else ""
    return f"{place}{finding.severity}: {finding.message} [{finding.check}]"


def _table(review: Review) -> Iterator[str]:
    """Yield the constraints shape by shape, with their numbers."""
    library, numbers = review.library, _numbers(review)
    columns = [name for name in _COLUMNS if any(name in row for row in numbers.values())]
    yield f"{'':{_WIDEST + 6}}" + "".join(f"{name:>11}" for name in columns)
    for top, constraints in _by_shape(library):
        yield f"{library.name(top)}{_about(library, top)}"
        holder: Node | None = top
        for one in constraints:
            if one.holder != holder:
                holder = one.holder
                yield f"  {library.name(holder)}{_about(library, holder)}"
            words = library.words(one.parameter, one.values) if one.parameter != "sparql" else library.name(one.check)
            shown = words if len(words) <= _WIDEST else f"{words[: _WIDEST - 1]}…"
            counts = "".join(f"{numbers[one].get(name, 0):>11,}" for name in columns)
            yield f"    {shown:<{_WIDEST + 2}}{counts}"


def _by_shape(library: Library) -> Iterator[tuple[Node, list[Constraint]]]:
    """Yield the targeted shapes with the constraints that they lead to, their own first; then what none leads to."""
    told: set[Constraint] = set()
    for top in library.targeted:
        reached = library.reached_from(top)
        mine = [one for one in library.constraints if one.holder in reached and one not in told]
        told.update(mine)
        yield top, sorted(mine, key=lambda one: (one.holder != top, library.name(one.holder)))
    rest = [one for one in library.constraints if one not in told]
    for holder in sorted({one.holder for one in rest}, key=library.name):
        yield holder, [one for one in rest if one.holder == holder]


def _about(library: Library, shape: Node) -> str:
    path = library.graph.value(shape, SH.path)
    kinds = sorted(library.short(kind) for kind in library.graph.objects(shape, SH.targetClass))
    return f" ({library.path(path)})" if path is not None else f" ({', '.join(kinds)})" if kinds else ""


def _mutation(review: Review) -> Iterator[str]:
    made = review.mutation
    if made is None:
        return
    yield f"{'mistake':<28}{'noticed':>10}{'tried':>10}"
    for operator, (killed, tried) in made.by_operator().items():
        yield f"{operator:<28}{killed:>10,}{tried:>10,}"
    for mutant in made.equivalent:
        yield f"no data can show {review.library.name(mutant.about)}: {mutant.change}: {mutant.equivalent}"
    for mutant in made.invalid:
        yield f"no engine can run {review.library.name(mutant.about)}: {mutant.change}"


def _markdown(review: Review) -> str:
    library, numbers = review.library, _numbers(review)
    columns = [name for name in _COLUMNS if any(name in row for row in numbers.values())]
    lines = ["# Review of the shapes", "", *(f"- {line}" for line in summary(review)), ""]
    if review.report.findings:
        lines += ["## Findings", "", "| severity | finding | rule | place |", "|---|---|---|---|"]
        for found in review.report.sorted():
            place = _in_row(where(found.place))
            lines.append(f"| {found.severity} | {_in_row(found.message)} | {found.check} | {place} |")
        lines.append("")
    if review.mutation is not None:
        lines += ["## Mistakes that an example notices", "", "| mistake | noticed | tried |", "|---|---:|---:|"]
        lines += [f"| {name} | {n} | {of} |" for name, (n, of) in review.mutation.by_operator().items()]
        lines.append("")
    if columns:
        lines += ["## Constraints", "", f"| shape | constraint | {' | '.join(columns)} |"]
        lines.append(f"|---|---|{'---:|' * len(columns)}")
        for one in library.constraints:
            counts = " | ".join(str(numbers[one].get(name, 0)) for name in columns)
            words = library.words(one.parameter, one.values)
            lines.append(f"| {_in_row(library.name(one.check))} | `{_in_row(words)}` | {counts} |")
    return "\n".join(lines).rstrip() + "\n"


def _in_row(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _csv(review: Review) -> str:
    library, numbers = review.library, _numbers(review)
    made = io.StringIO()
    table = csv.writer(made, lineterminator="\r\n")
    table.writerow(["shape", "constraint", "component", "place", *_COLUMNS])
    for one in library.constraints:
        words = library.words(one.parameter, one.values)
        counts = [numbers[one].get(name, "") for name in _COLUMNS]
        table.writerow([library.name(one.check), words, one.component, where(library.place(one.check)), *counts])
    return made.getvalue()


def _json(review: Review) -> str:
    library, numbers = review.library, _numbers(review)
    content: dict[str, Any] = {
        "summary": summary(review),
        "findings": [_finding(one) for one in review.report.sorted()],
        "constraints": [
            {
                "shape": str(one.holder),
                "check": str(one.check),
                "name": library.name(one.check),
                "component": one.component,
                "constraint": library.words(one.parameter, one.values),
                "place": where(library.place(one.check)),
                **numbers[one],
                **({"examples": review.failing(one)} if review.outcomes is not None else {}),
            }
            for one in library.constraints
        ],
    }
    if review.coverage is not None:
        content["coverage"] = {
            "data": review.coverage.data,
            "targets": {library.name(shape): n for shape, n in review.coverage.targets.items()},
            "untouchedClasses": review.coverage.untouched_classes,
            "untouchedProperties": [
                {"class": class_, "property": link, "triples": n}
                for (class_, link), n in review.coverage.untouched_properties.items()
            ],
        }
    if review.mutation is not None:
        made = review.mutation
        content["mutation"] = {
            "score": round(made.score, 2),
            "noticed": len(made.killed),
            "operators": {name: {"noticed": n, "tried": of} for name, (n, of) in made.by_operator().items()},
            "survivors": [_mutant(one, library) for one in made.survivors],
            "equivalent": [{**_mutant(one, library), "reason": one.equivalent} for one in made.equivalent],
            "invalid": [_mutant(one, library) for one in made.invalid],
        }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "severity": one.severity,
        "rule": one.check,
        "message": one.message,
        "about": one.focus,
        "place": where(one.place),
    }


def _mutant(one: Mutant, library: Library) -> dict[str, str]:
    return {"shape": library.name(one.about), "mistake": one.operator, "change": one.change}


_WRITERS: Final[dict[str, Callable[[Review], str]]] = {
    "text": _text,
    "json": _json,
    "markdown": _markdown,
    "csv": _csv,
}
FORMATS: Final = tuple(_WRITERS)
"""The formats that have the whole review; the report alone can be written in all formats of reports."""
