"""What a check found, and what that means on a day: passed, failed, waived, or to be looked up elsewhere."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from lungkg.errors import SystemProblem
from lungkg.waivers import Waiver

FILE: Final = "fair.json"
"""The name of the file in the folder of a release."""


class Standing(StrEnum):
    """How a check stands on a day."""

    PASSED = "passed"
    FAILED = "failed"
    WAIVED = "waived"
    OPEN_WEB = "open web"


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that a check is not content with: an IRI or an address, and what is wrong with it."""

    about: str
    message: str


@dataclass(frozen=True, slots=True)
class OpenWeb:
    """The answer of a check that cannot be told from here; says what to look up where."""

    look_up: str


@dataclass(frozen=True, slots=True)
class Result:
    """What one check found.

    `listing` is the list that the check is on, `wants` what it demands, `mend` how to get there. `look_up` is
    empty unless the check needs the open web.
    """

    check: str
    listing: str
    wants: str
    mend: str
    failures: tuple[Failure, ...] = ()
    look_up: str = ""
    waiver: Waiver | None = None

    def unwaived(self, day: str) -> tuple[Failure, ...]:
        """List the failures that no waiver covers on a day (ISO 8601)."""
        if self.waiver is None or not self.waiver.holds(day):
            return self.failures
        return tuple(failure for failure in self.failures if not self.waiver.covers(failure.about))

    def standing(self, day: str) -> Standing:
        """Say how the check stands on a day (ISO 8601): a waiver that has run out waives nothing."""
        if self.look_up:
            return Standing.OPEN_WEB
        if not self.failures:
            return Standing.PASSED
        return Standing.FAILED if self.unwaived(day) else Standing.WAIVED


@dataclass(frozen=True, slots=True)
class Assessment:
    """The results of all checks over one release, in the order of the lists."""

    results: tuple[Result, ...]

    def counts(self, day: str) -> dict[Standing, int]:
        """Count the checks by how they stand on a day; every standing is there, zero included."""
        counted = Counter(result.standing(day) for result in self.results)
        return {standing: counted[standing] for standing in Standing}

    def listings(self) -> dict[str, list[Result]]:
        """Give the results by the list that they are on."""
        found: dict[str, list[Result]] = {}
        for result in self.results:
            found.setdefault(result.listing, []).append(result)
        return found

    def idle_waivers(self) -> list[Waiver]:
        """List the waivers of checks that have nothing to waive: they can go."""
        return [
            result.waiver
            for result in self.results
            if result.waiver and not any(result.waiver.covers(failure.about) for failure in result.failures)
        ]

    def written(self) -> bytes:
        """Write the results as JSON; equal assessments give equal bytes."""
        content = {"checks": [asdict(result) for result in self.results]}
        return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()

    def save(self, folder: Path) -> None:
        """Write fair.json into the folder of a release, in one step: it may be published already."""
        part = folder / f".{FILE}"
        part.write_bytes(self.written())
        part.replace(folder / FILE)


def load_assessment(folder: Path) -> Assessment | None:
    """Read fair.json from the folder of a release; None when it was built without these checks.

    Raises SystemProblem when the file is not what a build writes.
    """
    path = folder / FILE
    try:
        content = json.loads(path.read_text("utf-8"))
        return Assessment(tuple(_result(entry) for entry in content["checks"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SystemProblem(f"{path} cannot be read: {error}; build the release again") from None


def _result(entry: Mapping[str, Any]) -> Result:
    waiver = entry["waiver"]
    return Result(
        **{key: entry[key] for key in ("check", "listing", "wants", "mend", "look_up")},
        failures=tuple(Failure(**failure) for failure in entry["failures"]),
        waiver=Waiver(**{**waiver, "only": tuple(waiver["only"])}) if waiver else None,
    )
