"""What a check found: one model for parsing, lint, SHACL, curation remarks, the reasoner and reviews.

A Finding says what is wrong; the places, the sentence, the source line and the mend that explain it are
added by `lungkg.validation.explain`, and `lungkg.reporting` writes them in many formats.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lungkg.errors import Place

SEVERITIES: Final = ("Violation", "Warning", "Info")

UNREADABLE: Final = "unreadable"
"""The check of a finding that says that an input could not be read, so that nothing in it was checked."""

REASONED: Final = ("inconsistent_ontology", "unsatisfiable_class")
"""The checks of findings of the reasoner, which always fail a run."""

EXPIRED: Final = "expired_waiver"
"""The check of a finding that says that a waiver has run out, which always fails a run."""


@dataclass(frozen=True, slots=True)
class Edit:
    """New text for a stretch of a file; lines and columns count from 1, the end is exclusive."""

    path: Path
    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True, slots=True)
class Mend:
    """What to do about a finding: a sentence, a snippet to write, and the edits that do it.

    With `sure`, the edits restore what was meant as far as the data can tell. Without, they show the form,
    and a person has to choose the value.
    """

    text: str
    snippet: str = ""
    edits: tuple[Edit, ...] = ()
    sure: bool = False
    instead: str = ""
    """The value to write in place of the wrong one, in N-Triples form, where that is what to do."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a document that a claim was read from; 0-based characters, end exclusive."""

    document: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check has to say.

    `check` names what found it: the IRI of a shape or SPARQL constraint, or the name of a rule of ours.
    `component` and `shape` are the IRIs of the SHACL constraint component and source shape, empty
    outside SHACL. `focus`, `path` and `value` are RDF terms in N-Triples form, empty where they do not
    apply; `path` is a SPARQL property path where it has several steps.
    """

    severity: str
    check: str
    message: str
    focus: str = ""
    path: str = ""
    value: str = ""
    component: str = ""
    shape: str = ""
    place: Place | None = None
    title: str = ""
    """What people call the check."""
    link: str = ""
    """An IRI to look the check up at."""
    rule_place: Place | None = None
    """Where the check itself is written."""
    sentence: str = ""
    """What is wrong, in one sentence made from the real values; `message` is what the shape's author wrote."""
    line: str = ""
    """The source line at the place."""
    width: int = 1
    """How many columns of that line, from the place on, the finding is about."""
    mend: Mend | None = None
    words: Words | None = None
    causes: tuple[str, ...] = ()
    """Why an inner shape was not met, where the constraint is about one."""
    waived: str = ""
    """Why, by whom and until when this finding is waived; empty when it counts."""

    @property
    def said(self) -> str:
        """What is wrong, in the best words there are."""
        return self.sentence or self.message


@dataclass(slots=True)
class Report:
    """The findings of a run, worst first when listed, and remarks on what was not checked.

    `about` names what was checked where that is not data against shapes, as in a review of the shapes
    themselves: then nothing is said about conformance.
    """

    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    about: str = ""

    def add(self, findings: Iterable[Finding]) -> None:
        """Take in the findings of a further check."""
        self.findings.extend(findings)

    def counts(self) -> dict[str, int]:
        """Count the findings by severity, waived ones apart; every severity is there, zero included."""
        counted = Counter(finding.severity for finding in self.findings if not finding.waived)
        return {severity: counted[severity] for severity in SEVERITIES}

    @property
    def conforms(self) -> bool:
        """Whether no shape found anything, which is what sh:conforms means; lint findings do not count.

        What could not be read was not checked, so it does not conform either.
        """
        return not any(finding.component for finding in self.findings) and not self.unreadable

    @property
    def unreadable(self) -> list[Finding]:
        """The findings that say what could not be read."""
        return [finding for finding in self.findings if finding.check == UNREADABLE]

    @property
    def contradictions(self) -> list[Finding]:
        """What the reasoner found."""
        return [finding for finding in self.findings if finding.check in REASONED and not finding.waived]

    @property
    def publishable(self) -> bool:
        """Whether a release may be made of it: warnings may stand, violations may not."""
        return not any(rank(finding.severity) == 0 and not finding.waived for finding in self.findings)

    def sorted(self) -> list[Finding]:
        """List the findings, worst first, then by what was checked."""
        return sorted(
            self.findings,
            key=lambda f: (rank(f.severity), f.check, f.focus, f.path, f.value),
        )

    def fails(self, threshold: str) -> bool:
        """Say whether a finding of SHACL is as bad as the threshold, one of the severities, or worse.

        What could not be read, what the reasoner found, and a waiver that ran out fail whatever the threshold is.
        """
        expired = any(finding.check == EXPIRED for finding in self.findings)
        return bool(self.unreadable or self.contradictions or expired) or any(
            finding.component and not finding.waived and rank(finding.severity) <= rank(threshold)
            for finding in self.findings
        )


def rank(severity: str) -> int:
    """Rank a severity, worst first; one that a shape made up counts as a violation, for nobody says it is less.

    >>> [rank(severity) for severity in ("Violation", "Warning", "https://example.org/Blunder")]
    [0, 1, 0]
    """
    return SEVERITIES.index(severity) if severity in SEVERITIES else 0
