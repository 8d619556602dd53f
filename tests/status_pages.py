"""The page about the validation of a release, as tests/test_pages.py renders it: every text that may be hostile is."""

from pathlib import Path
from typing import Any, Final

from lungkg.fair import Standing
from lungkg.formats import GRAPHS
from lungkg.gate import KeptReport, Rule
from lungkg.reporting.listing import visible
from lungkg.web.status import Shown
from tests.dataset_pages import HOSTILE, ID, INFO

ABOUT: Final = {
    **INFO,
    "built": "2026-01-02T03:04:05+00:00",
    "findings": {"Violation": 0, "Warning": 12_345, "Info": 0},
}
FINDING: Final[dict[str, Any]] = {
    "severity": "Warning", "place": HOSTILE, "sentence": HOSTILE, "source_line": HOSTILE, "message": HOSTILE,
    "causes": [HOSTILE], "mend": {"text": HOSTILE, "snippet": HOSTILE}, "focus": f"<{HOSTILE}>", "waived": HOSTILE,
    "words": {"document": "https://example.org/a", "start": 1, "end": 5, "quote": HOSTILE},
}  # fmt: skip
BARE: Final[dict[str, Any]] = {
    "severity": HOSTILE, "place": None, "sentence": "It is wrong.", "source_line": "", "message": "", "causes": [],
    "mend": None, "focus": "", "waived": "", "words": None,
}  # fmt: skip
RULE: Final = Rule(HOSTILE, HOSTILE, HOSTILE, "Warning", 250, 1, (0, 1, 2))
LINT: Final = Rule("lint", "lint", "", HOSTILE, 1, 0, (0,))
HEAD: Final[dict[str, Any]] = {
    "verdict": HOSTILE, "counts": {"Violation": 0, "Warning": 1, "Info": 0}, "waived": 12_345, "notes": [HOSTILE],
    "shapes": {"iri": HOSTILE, "sha256": ID}, "ontology": {"iri": HOSTILE, "sha256": ID},
    "queries": {"expected": 2, "met": 1}, "software": HOSTILE, "engines": {HOSTILE: HOSTILE, "other": "1"},
}  # fmt: skip
REPORT: Final = KeptReport(Path("none"), HEAD, (RULE, LINT), {})
FINDINGS: Final = [Shown(RULE, [FINDING, BARE]), Shown(LINT, [BARE])]


def place(term: str) -> str:
    """Lead nowhere, or to another site."""
    return term if term.startswith("https://") else ""


def marked(_: object) -> tuple[str, str, str]:
    """Mark the middle."""
    return HOSTILE, HOSTILE, HOSTILE


STATUS: Final[dict[str, Any]] = {
    "about": ABOUT, "current": True, "report": REPORT, "path": "status", "wanted": "", "shown": FINDINGS,
    "fairness": {Standing.PASSED: 3, Standing.OPEN_WEB: 1}, "formats": GRAPHS, "missing": "", "place": place,
    "marked": marked, "visible": visible,
}  # fmt: skip

STATUS_PAGES: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "status": ("status.html", STATUS),
    "status-without-findings": ("status.html", {**STATUS, "report": KeptReport(Path("none"), HEAD, (), {}), "shown": []}),
    "status-of-a-rule": ("status.html", {**STATUS, "wanted": HOSTILE, "shown": [Shown(RULE, [FINDING], 2)]}),
    "status-of-many-rules": ("status.html", {**STATUS, "shown": FINDINGS[:1]}),
    "status-of-a-release": ("status.html", {**STATUS, "current": False, "path": f"dataset/{ID}/report", "fairness": None}),
    "status-without-report": ("status.html", {**STATUS, "report": None, "missing": HOSTILE, "shown": []}),
}  # fmt: skip
