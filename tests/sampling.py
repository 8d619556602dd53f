"""Cases of which a sample always runs, and all of them with LUNGKG_EXHAUSTIVE=1, as in CI."""

from collections.abc import Iterable
from typing import Any

import pytest
from _pytest.mark.structures import ParameterSet


def sampled(cases: Iterable[Any], every: int) -> list[ParameterSet]:
    """Mark all cases but each `every`-th, the first among those that stay, as exhaustive."""
    found = []
    for number, case in enumerate(cases):
        one = case if isinstance(case, ParameterSet) else pytest.param(case)
        marks = [*one.marks, *([pytest.mark.exhaustive] * bool(number % every))]
        found.append(pytest.param(*one.values, id=one.id, marks=marks))
    return found
