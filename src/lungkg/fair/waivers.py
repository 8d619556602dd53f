"""Reads data/waivers.yaml: which checks may fail for now, why, who says so, and until when."""

from collections.abc import Collection
from typing import Final

from lungkg.errors import InputError, Problem
from lungkg.fair.results import Waiver
from lungkg.project import Project
from lungkg.records import read_yaml
from lungkg.sources import unknown

FILE: Final = "waivers.yaml"


def read_waivers(project: Project, known: Collection[str]) -> dict[str, Waiver]:
    """Read data/waivers.yaml, if there is one; gives the waivers by check.

    `known` are the identifiers of all checks. Raises InputError for a waiver without a reason, a name or a
    day, for a check that is not known, and for a second waiver of a check.
    """
    path = project.folder("data") / FILE
    if not path.is_file():
        return {}
    problems: list[Problem] = []
    found: dict[str, Waiver] = {}
    for record in read_yaml(path, "waivers").parts("waivers"):
        value, place = record.value, record.place("check")
        check = value["check"]
        if check not in known:
            problems.append(unknown("check", check, known, place, "`lungkg check fair` lists them all."))
        elif check in found:
            problems.append(Problem(place, f"{check} is already waived", "Write one waiver for both."))
        else:
            found[check] = Waiver(
                check, value["reason"].strip(), value["by"].strip(), value["until"], tuple(value.get("only", ()))
            )
    if problems:
        raise InputError(problems)
    return found
