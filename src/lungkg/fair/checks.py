"""All checks, and one run over all of them."""

from collections.abc import Mapping
from typing import Final

from lungkg.fair.evidence import Evidence
from lungkg.fair.foops import FOOPS
from lungkg.fair.fuji_access import FINDABLE_ACCESSIBLE
from lungkg.fair.fuji_reuse import INTEROPERABLE_REUSABLE
from lungkg.fair.results import Assessment
from lungkg.waivers import Waiver

CHECKS: Final = {check.id: check for check in (*FOOPS, *FINDABLE_ACCESSIBLE, *INTEROPERABLE_REUSABLE)}
"""Every check by its identifier, list after list."""


def assess(evidence: Evidence, waivers: Mapping[str, Waiver]) -> Assessment:
    """Run every check over a release; `waivers` are by check."""
    return Assessment(tuple(check.result(evidence, waivers.get(check.id)) for check in CHECKS.values()))
