"""The page of a validation in each of its states, with hostile texts in every place."""

import json
from typing import Any, Final

from lungkg.formats import GRAPHS
from lungkg.sandbox import Text
from lungkg.web.validate_asked import EXAMPLES, REPORTS, Asked
from lungkg.web.validate_page import ALL_LINES, shown
from lungkg.web.validate_release import Offered, Rules

HOSTILE: Final = "</td></textarea><script>alert(\"x\")</script><img src=x onerror='alert(1)'>&amp;"
SHAPE: Final = Offered("https://example.org/bakery/shapes#LoafShape", HOSTILE)
RULES: Final = Rules(b"", b"", {SHAPE.iri: SHAPE}, "0.1.0")
PAGE: Final = REPORTS[1]
DATA: Final = Text("data.ttl", "text/turtle", f"# a\n{HOSTILE}\n".encode() + b"# b\n" * (ALL_LINES + 9))
OWN: Final = Text(f"shapes-{HOSTILE[:20]}.ttl", "text/turtle", HOSTILE.encode())


def finding(**more: Any) -> dict[str, Any]:
    """Make a finding of the sandbox."""
    return {
        "severity": "Violation", "file": "data.ttl", "line": 2, "column": 3, "width": 4, "said": HOSTILE, "message": HOSTILE,
        "causes": [HOSTILE], "mend": HOSTILE, "snippet": HOSTILE, "focus": HOSTILE, "rule": HOSTILE, "link": SHAPE.iri,
        "rule_place": f"{OWN.name}:1", "rule_line": 1, "waived": "", **more,
    }  # fmt: skip


def report(*findings: dict[str, Any]) -> bytes:
    """Write a report as the sandbox does."""
    checks = [{"severity": "Violation", "rule": HOSTILE, "link": SHAPE.iri, "count": 12345}] if findings else []
    told = {
        "verdict": HOSTILE, "conforms": not findings, "counts": {}, "notes": [HOSTILE], "checks": checks,
        "left_out": 12345 if findings else 0, "findings": findings,
    }  # fmt: skip
    return json.dumps(told).encode()


def state(asked: Asked | None, **more: Any) -> tuple[str, dict[str, Any]]:
    """Give the template and what it needs."""
    common = {
        "rules": RULES, "asked": asked, "texts": {"data": HOSTILE, "own-shapes": HOSTILE}, "examples": EXAMPLES,
        "reports": REPORTS, "data_formats": GRAPHS,
    }  # fmt: skip
    return "validate.html", {**common, **more}


FINDINGS: Final = (
    finding(),
    finding(line=ALL_LINES, column=0, causes=[], message="", mend="", snippet="", rule_line=0, rule_place="", link=""),
    finding(line=0, file="", waived=HOSTILE, severity="Warning"),
    finding(file="elsewhere.ttl", severity="Info"),
)
TEXTS: Final = [("data", DATA), ("shapes", OWN)]
ASKED: Final = Asked(PAGE, 1.0, DATA, HOSTILE, (HOSTILE,), limit=7)

VALIDATION_PAGES: Final = {
    "validate": state(Asked(PAGE, 1.0), texts={}),
    "validate-without-rules": state(None, rules=None),
    "validate-example": state(Asked(PAGE, 1.0, example="failing")),
    "validated": state(
        ASKED, shown=shown(report(*FINDINGS), TEXTS, lambda _: "/deep%20er/kg/shapes#a"), used=[SHAPE], path="doc/claim/a"
    ),
    "validated-by-own-shapes": state(Asked(PAGE, 1.0, DATA, own=OWN), shown=shown(report(*FINDINGS), TEXTS, lambda _: "")),
    "validated-and-good": state(ASKED, shown=shown(report(), [("data", DATA)], lambda _: "")),
    "validated-nothing": state(ASKED, shown=shown(report(), [("data", Text("data.ttl", "text/turtle", b""))], lambda _: "")),
    "validated-without-lines": state(
        ASKED, shown=shown(report(finding(line=0)), [("data", Text("data.rdf", "application/rdf+xml", b"<x/>"))], lambda _: "")
    ),
    "validation-refused": state(
        Asked(PAGE, 1.0, DATA),
        problem={"status": 400, "title": HOSTILE, "detail": HOSTILE, "file": "data.ttl", "line": 2, "column": 3, "source": HOSTILE},
    ),
}  # fmt: skip
