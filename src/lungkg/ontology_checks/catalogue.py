"""The checks of ontologies that are queries: those of ROBOT's report and pitfalls of OOPS!, by their names.

Each is a file in queries/<list>/: a `#+` header and a SELECT query that gives a row for each thing that is
wrong, as ?entity, ?property, ?value and perhaps ?other. The queries are our own; names and levels are those
of the lists.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

from lungkg.header import read_header

ROBOT: Final = "ROBOT report"
OOPS: Final = "OOPS!"
SEMANTICS: Final = "OWL 2"
WAIVERS: Final = "waivers"

_FOLDERS: Final = {"robot": ROBOT, "oops": OOPS}
_LINKS: Final = {
    ROBOT: "http://robot.obolibrary.org/report_queries/{name}",
    OOPS: "https://oops.linkeddata.es/catalogue.jsp",
}
_SEVERITIES: Final = {
    "ERROR": "Violation", "WARN": "Warning", "INFO": "Info",
    "critical": "Violation", "important": "Warning", "minor": "Info",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name and level on its list, what it demands, and how to mend what it finds.

    `query` is empty where it is no query; `off` says that it runs only when it is asked for.
    """

    name: str
    listing: str
    level: str
    wants: str
    message: str
    mend: str
    query: str = ""
    off: bool = False

    @property
    def severity(self) -> str:
        """The severity of its findings."""
        return _SEVERITIES[self.level]

    @property
    def link(self) -> str:
        """Where its list tells about it; "" for our own."""
        return _LINKS.get(self.listing, "").format(name=self.name)


SEMANTIC_CHECKS: Final = (
    Check(
        "unsatisfiable_class", SEMANTICS, "ERROR", "Every class can have members.",
        "{entity} can have no member", "Take one of these axioms out, or put the class elsewhere.",
    ),
    Check(
        "inconsistent_ontology", SEMANTICS, "ERROR", "The ontology contradicts itself nowhere.",
        "the ontology contradicts itself", "Take one of these statements or axioms out.",
    ),
    Check(
        "owl2_dl", SEMANTICS, "ERROR", "The ontology is in OWL 2 DL.",
        "{construct} is not allowed in OWL 2 DL",
        "Say it another way: outside OWL 2 DL reasoners may give wrong answers.",
    ),
    Check(
        "owl2_profile", SEMANTICS, "ERROR", "The ontology is in the profile that is asked for.",
        "{construct} is not allowed in OWL 2 {profile}", "Say it another way, or do without the profile.",
    ),
)  # fmt: skip
"""The checks that are no queries."""


@cache
def checks() -> dict[str, Check]:
    """Give all checks by their names, list by list."""
    found: dict[str, Check] = {}
    for folder, listing in _FOLDERS.items():
        for path in sorted(_home(folder).glob("*.rq")):
            header, query = read_header(path, "ontology-check")
            value = header.value
            off = value.get("off") is True
            found[path.stem] = Check(
                path.stem, listing, value["level"], value["wants"], value["message"], value["mend"], query, off
            )
    return found | {check.name: check for check in SEMANTIC_CHECKS}


def _home(folder: str) -> Path:
    return Path(str(resources.files("lungkg").joinpath("ontology_checks", "queries", folder)))
