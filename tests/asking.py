"""A project about bread with a canned query for each kind of parameter and of answer, served by Flask."""

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flask import Flask

from lungkg.build import build
from lungkg.engines import LocalEngine
from lungkg.limits import Limits
from lungkg.project import Project, load_project
from lungkg.queries import load_catalogue
from lungkg.web import create_app
from lungkg.web.cache import AnswerCache
from lungkg.web.service import Served, Service

BAKERY: Final = Path(__file__).parent / "other_project"
BASE: Final = "https://example.org/bakery/"
LIMITS: Final = Limits(quick_workers=1, slow_workers=1)

_PREFIXES: Final = """
PREFIX biolink: <https://w3id.org/biolink/vocab/>
PREFIX ont: <https://w3id.org/lungkg/ont#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""

QUERIES: Final = {
    "numbers": """\
#+ summary: Which numbers are there?
#+ question: Which numbers are below a hundred?
#+ description: Every number from 0 on, so many that they need pages.
#+ tags: [counting, arithmetic]
#+ for: [bakers, millers]
#+ key: [number]
#+ view: bar
#+ pagination: 40
#+ parameters:
#+   below: {type: integer, help: leaves out what is not smaller, example: 12, default: 100}
SELECT ?number ?even {
  VALUES ?ten { 0 1 2 3 4 5 6 7 8 9 } VALUES ?one { 0 1 2 3 4 5 6 7 8 9 }
  BIND(10 * ?ten + ?one AS ?number)
  BIND((?number / 2 = FLOOR(?number / 2)) AS ?even)
  FILTER(?number < ?__below_integer)
} ORDER BY ?number
""",
    "said-of": """\
#+ summary: What is said to be done by a thing?
#+ question: What is cold proofing said to do?
#+ description: Each row is a claim, stated or inferred.
#+ tags: [claims]
#+ for: [bakers]
#+ key: [claim]
#+ claims: claim
#+ parameters:
#+   entity: {type: entity, label: Entity, help: what acts, example: cold proofing}
#+   context: {type: entity, label: Context, help: where it acts, example: brioche}
SELECT ?relation ?object ?certainty ?standing ?claim {
  VALUES (?type ?standing) { (ont:Claim "stated") (ont:InferredClaim "inferred") }
  ?claim biolink:subject ?_entity_iri ; a ?type ; ont:inContext ?__context_iri ;
    biolink:predicate/rdfs:label ?relation ; biolink:object/rdfs:label ?object ; ont:certainty/rdfs:label ?certainty .
} ORDER BY ?relation ?claim
""",
    "evidence": """\
#+ summary: Which words say a claim?
#+ question: Which words say that steaming keeps the crust soft?
#+ description: The words of the document.
#+ tags: [evidence]
#+ parameters:
#+   claim: {type: claim, help: the claim, example: leaflet-01-C3}
PREFIX oa: <http://www.w3.org/ns/oa#>
SELECT ?quote { ?_claim_iri ont:source/oa:hasSelector/oa:exact ?quote }
""",
    "is-said": """\
#+ summary: Is anything said of a thing?
#+ question: Is anything said of steaming?
#+ description: Yes or no.
#+ parameters:
#+   entity: {type: entity, help: what acts, example: steaming}
ASK { ?claim biolink:subject ?_entity_iri }
""",
    "around": """\
#+ summary: What is around a thing?
#+ question: What is around brioche?
#+ description: All triples that it is the subject of.
#+ parameters:
#+   entity: {type: entity, help: the middle, example: brioche}
CONSTRUCT { ?_entity_iri ?property ?value } WHERE { ?_entity_iri ?property ?value }
""",
    "echo": """\
#+ summary: What was given?
#+ question: What was given with "hello"?
#+ description: The values of the parameters, as they came.
#+ parameters:
#+   text: {type: literal, label: Text, help: any text, example: hello}
#+   day: {type: date, help: a day, example: 2026-11-26}
#+   fresh: {type: boolean, help: a truth, example: true}
#+   count: {type: integer, help: a number, example: 7}
#+   word: {type: literal, help: a word in English, example: crumb}
#+   crust: {type: literal, help: how it is baked, example: soft, choices: [soft, {value: hard, label: rather hard}]}
SELECT ?text ?day ?fresh ?count ?word ?crust {
  BIND(?_text AS ?text)
  BIND(?__day_xsd_date AS ?day) BIND(?__fresh_xsd_boolean AS ?fresh) BIND(?__count_integer AS ?count)
  BIND(?__word_en AS ?word) BIND(?__crust AS ?crust)
}
""",
    "several": """\
#+ summary: What are some things called?
#+ question: What are brioche and a loaf called?
#+ description: The labels of several things.
#+ key: [thing]
#+ parameters:
#+   things: {type: entity, label: Things, help: what to name, example: [brioche, loaf], many: true}
#+   kinds: {type: iri, help: "of these kinds only", example: "bakery:Bread", many: true, choices: {query: "SELECT ?value ?label { ?value rdfs:label ?label FILTER(STRSTARTS(STR(?value), 'https://example.org/bakery/ont#')) }"}}
SELECT ?thing ?label { ?thing rdfs:label ?label FILTER(?thing = ?_things_iri) FILTER EXISTS { ?thing a ?__kinds_iri } } ORDER BY ?thing
""",
    "words": """\
#+ summary: Which words were given?
#+ question: Which words were given, of one and two?
#+ description: Every word once.
#+ key: [word]
#+ parameters:
#+   words: {type: literal, help: "any words, even with line breaks", example: [one, two], many: true}
SELECT DISTINCT ?word { BIND(?_words AS ?word) } ORDER BY ?word
""",
    "changing": """\
#+ summary: Which number comes next?
#+ question: Which number comes next?
#+ description: Another one each time.
SELECT ?number { BIND(RAND() AS ?number) }
""",
}  # fmt: skip
"""The files, without the prefixes."""


@dataclass(frozen=True)
class Bakery:
    """The project as it is served."""

    project: Project
    served: Served
    app: Flask


def write(root: Path, name: str, text: str) -> Path:
    """Write a canned query into a project, its prefixes between header and query."""
    header = [line for line in text.splitlines() if line.startswith("#+")]
    path = root / "queries" / f"{name}.rq"
    path.write_text("\n".join(header) + "\n" + _PREFIXES + "\n".join(text.splitlines()[len(header) :]) + "\n", "utf-8")
    return path


@contextlib.contextmanager
def bakery(folder: Path, limits: Limits = LIMITS) -> Iterator[Bakery]:
    """Build the project with these queries alone, and serve it."""
    root = Path(shutil.copytree(BAKERY, folder / "project"))
    for path in (root / "queries").iterdir():
        path.unlink()
    for name, text in QUERIES.items():
        write(root, name, text)
    project = load_project(root)
    made = build(project, folder / "out")
    assert made.release is not None, made.report.sorted()
    with LocalEngine(made.release.store, project.prefixes, limits, base=project.base) as engine:
        served = Served(engine, project, made.release, load_catalogue(project), AnswerCache(16))
        yield Bakery(project, served, create_app(Service(served), limits))
