"""What a check found: one model for lint, SHACL, curation remarks and the reasoner."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from lungkg.errors import Place

SEVERITIES: Final = ("Violation", "Warning", "Info")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check has to say.

    `check` names what found it: the IRI of a shape or SPARQL constraint, or the name of a rule of ours.
    `component` and `shape` are the IRIs of the SHACL constraint component and source shape, empty
    outside SHACL. `focus`, `path` and
    `value` are RDF terms in N-Triples form, empty where they do not apply.
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


@dataclass(slots=True)
class Report:
    """The findings of a run, worst first when listed."""

    findings: list[Finding] = field(default_factory=list)

    def add(self, findings: Iterable[Finding]) -> None:
        """Take in the findings of a further check."""
        self.findings.extend(findings)

    def counts(self) -> dict[str, int]:
        """Count the findings by severity; every severity is there, zero included."""
        counted = Counter(finding.severity for finding in self.findings)
        return {severity: counted[severity] for severity in SEVERITIES}

    @property
    def conforms(self) -> bool:
        """Whether no shape found anything, which is what sh:conforms means; lint findings do not count."""
        return not any(finding.component for finding in self.findings)

    @property
    def publishable(self) -> bool:
        """Whether a release may be made of it: warnings may stand, violations may not."""
        return not self.counts()["Violation"]

    def sorted(self) -> list[Finding]:
        """List the findings, worst first, then by what was checked."""
        return sorted(
            self.findings,
            key=lambda f: (SEVERITIES.index(f.severity), f.check, f.focus, f.path, f.value),
        )
