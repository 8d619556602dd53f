"""Canned queries of every form and with every kind of parameter, for the small project of tests/other_project."""

import shutil
from pathlib import Path
from typing import Final

from lungkg.build import build
from lungkg.project import load_project
from lungkg.release import Release

BAKERY: Final = Path(__file__).parent / "other_project"

CLAIMS: Final = """\
#+ summary: What is claimed of sorts of bread?
#+ question: What is claimed of enriched bread and of brioche?
#+ description: >-
#+   A row is a claim that is stated for one of these sorts of bread. What is inferred is left out.
#+ tags: [claims, bread]
#+ for: [bakers]
#+ key: [claim]
#+ pagination: 2
#+ claims: claim
#+ parameters:
#+   bread: {type: entity, help: the sorts of bread, example: [enriched-bread, brioche], many: true}
#+   certainty:
#+     type: literal
#+     help: how sure the author is
#+     example: potential
#+     choices: [asserted, {value: potential, label: it may be so}]

PREFIX ont: <https://w3id.org/lungkg/ont#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

SELECT DISTINCT ?says ?certainty ?standing ?claim
WHERE {
  ?claim a ont:Claim ;
    rdfs:label ?says ;
    ont:inContext ?_bread_iri ;
    ont:certainty/rdfs:label ?certainty , ?__certainty_en .
  BIND("stated" AS ?standing)
}
ORDER BY ?claim
"""

VALUES: Final = """\
#+ summary: What becomes of values?
#+ question: What becomes of 8, of a day and of words?
#+ description: A row is what was given.
#+ tags: [values]
#+ parameters:
#+   number: {type: integer, help: a number, example: 8}
#+   day: {type: date, help: a day, example: "2026-11-24"}
#+   words: {type: literal, help: some words, example: 'say "hi", twice'}
#+   sure: {type: boolean, help: whether it is so, example: false, default: true}

PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

SELECT ?number ?half ?day ?sure ?words ?thing ?nothing
WHERE {
  BIND(?_number_integer AS ?number)
  BIND(?_number_integer / 16 AS ?half)
  BIND(?_day_xsd_date AS ?day)
  BIND(?_sure_xsd_boolean AS ?sure)
  BIND(?_words AS ?words)
  BIND(xsd:date AS ?thing)
  OPTIONAL { xsd:date rdfs:comment ?nothing }
}
"""

TRUTH: Final = """\
#+ summary: Is anything claimed of a sort of bread?
#+ question: Is anything claimed of brioche?
#+ description: Yes when a claim is stated for it.
#+ tags: [bread]
#+ parameters:
#+   bread: {type: entity, help: the sort of bread, example: brioche}

PREFIX ont: <https://w3id.org/lungkg/ont#>

ASK { ?claim a ont:Claim ; ont:inContext ?_bread_iri }
"""

GRAPH: Final = """\
#+ summary: What is said of a thing?
#+ question: What is said of brioche?
#+ description: Every statement whose subject it is.
#+ tags: [entities]
#+ parameters:
#+   thing: {type: entity, help: the thing, example: brioche}

CONSTRUCT { ?_thing_iri ?property ?value } WHERE { ?_thing_iri ?property ?value }
"""

QUESTIONS: Final = {"bread-claims": CLAIMS, "given-values": VALUES, "is-claimed": TRUTH, "said-of": GRAPH}


def copy_bakery(folder: Path) -> Path:
    """Copy the bakery with these queries in place of its own; gives the folder of the project."""
    root = folder / "bakery"
    shutil.copytree(BAKERY, root, ignore=shutil.ignore_patterns("*.rq"))
    shutil.copytree(BAKERY / "ontology" / "rules", root / "ontology" / "rules", dirs_exist_ok=True)
    (root / "queries").mkdir(exist_ok=True)
    for name, text in QUESTIONS.items():
        (root / "queries" / f"{name}.rq").write_text(text, "utf-8")
    return root


def build_bakery(root: Path) -> Release:
    """Build it into the folder that it has by default."""
    project = load_project(root)
    made = build(project, project.default_out())
    assert made.release is not None, made.report.sorted()
    return made.release
