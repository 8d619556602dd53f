"""FAIR, checked by ourselves: the tests of FOOPS! and F-UJI, run over each release before it is published."""

from lungkg.fair.checks import CHECKS, assess
from lungkg.fair.evidence import Evidence, Fetch, Probe, Reply
from lungkg.fair.results import Assessment, Failure, Result, Standing, load_assessment
from lungkg.waivers import Waiver

__all__ = [
    "CHECKS",
    "Assessment",
    "Evidence",
    "Failure",
    "Fetch",
    "Probe",
    "Reply",
    "Result",
    "Standing",
    "Waiver",
    "assess",
    "load_assessment",
]
