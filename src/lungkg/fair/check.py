"""What a check is: an identifier, a sentence of what it wants, how to mend what fails, and a function."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lungkg.fair.evidence import Evidence
from lungkg.fair.results import Failure, OpenWeb, Result
from lungkg.waivers import Waiver

Answer = Sequence[Failure] | OpenWeb
"""The failures, none when it passes, or what has to be looked up elsewhere."""

Examine = Callable[[Evidence], Answer]


@dataclass(frozen=True, slots=True)
class Check:
    """One test of a list, by the identifier that it has there."""

    id: str
    listing: str
    wants: str
    mend: str
    examine: Examine

    def result(self, evidence: Evidence, waiver: Waiver | None = None) -> Result:
        """Run the check over a release."""
        answer = self.examine(evidence)
        if isinstance(answer, OpenWeb):
            return Result(self.id, self.listing, self.wants, self.mend, (), answer.look_up, waiver)
        return Result(self.id, self.listing, self.wants, self.mend, tuple(answer), "", waiver)


def check(listing: str, identifier: str, wants: str, mend: str = "") -> Callable[[Examine], Check]:
    """Make a check of the function below."""

    def made(examine: Examine) -> Check:
        return Check(identifier, listing, wants, mend, examine)

    return made
