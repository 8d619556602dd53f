"""The ten questions of the endpoint benchmark, and the comparison of what servers answer.

In a query, `$p` stands for a parameter out of a list, and `$n` for a number that is never used twice when the
question is asked cold: no cache of whole answers can know it. The number changes nothing in the rows.
"""

import json
import random
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from lungkg.namespaces import XSD
from lungkg.stores import select

JSON: Final = "application/sparql-results+json"
NTRIPLES: Final = "application/n-triples"

Rows = Counter[Hashable]

_PREFIXES: Final = """\
PREFIX ont: <https://w3id.org/lungkg/ont#>
PREFIX biolink: <https://w3id.org/biolink/vocab/>
PREFIX cito: <http://purl.org/spar/cito/>
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""

_CLAIMS: Final = "SELECT DISTINCT ?p { ?p a ont:Claim } ORDER BY ?p"
_SUBJECTS: Final = "SELECT DISTINCT ?p { ?c a ont:Claim ; biolink:subject ?p } ORDER BY ?p"
_CONTEXTS: Final = "SELECT DISTINCT ?p { ?c ont:inContext ?w . ?w (skos:broader|ont:withinContext)* ?p } ORDER BY ?p"
_RELATIONS: Final = "SELECT DISTINCT ?p { ?c a ont:Claim ; biolink:predicate ?p } ORDER BY ?p"
_POSITIVE: Final = """SELECT DISTINCT ?p { ?p rdfs:subPropertyOf* ont:positivelyAffects
  FILTER EXISTS { ?c a ont:Claim ; biolink:predicate ?p } } ORDER BY ?p"""
_WORDS: Final = """SELECT DISTINCT ?p { ?c a ont:Claim ; biolink:subject/rdfs:label ?label
  BIND(LCASE(SUBSTR(?label, 9, STRLEN(?label) - 9)) AS ?p) } ORDER BY ?p"""


@dataclass(frozen=True)
class Question:
    """A query, with where its parameters come from: a SELECT query for ?p."""

    name: str
    asks: str
    parameters: str
    text: str

    @property
    def query(self) -> str:
        """The whole text, with `$p` and `$n` in it."""
        return _PREFIXES + self.text

    @property
    def accept(self) -> str:
        """The media type that every server is asked for."""
        return NTRIPLES if self.text.startswith("CONSTRUCT") else JSON


QUESTIONS: Final = (
    Question(
        "point",
        "everything said of one claim",
        _CLAIMS,
        "SELECT ?property ?value { <$p> ?property ?value } LIMIT $n",
    ),
    Question(
        "star",
        "one claim with its labels and its words",
        _CLAIMS,
        """SELECT ?subject ?relation ?object ?certainty ?polarity ?start ?end ?words {
  <$p> biolink:subject/rdfs:label ?subject ; biolink:predicate/rdfs:label ?relation ;
    biolink:object/rdfs:label ?object ; ont:certainty/rdfs:label ?certainty ; ont:polarity/rdfs:label ?polarity ;
    ont:source/oa:hasSelector ?position , ?quote .
  ?position oa:start ?start ; oa:end ?end . ?quote oa:exact ?words
} LIMIT $n""",
    ),
    Question(
        "path",
        "claims for a context or a narrower one, up the hierarchy",
        _CONTEXTS,
        """SELECT ?claim ?where {
  ?where (skos:broader|ont:withinContext)* <$p> . ?claim a ont:Claim ; ont:inContext ?where
} LIMIT $n""",
    ),
    Question(
        "two hops",
        "what is affected by what an entity affects",
        _SUBJECTS,
        """SELECT ?middle ?end ?first ?second {
  ?first biolink:subject <$p> ; biolink:object ?middle .
  ?second biolink:subject ?middle ; biolink:object ?end
} LIMIT $n""",
    ),
    Question(
        "group by",
        "claims and subjects for each relation and certainty",
        _RELATIONS,
        """SELECT ?relation ?certainty (COUNT(?claim) AS ?claims) (COUNT(DISTINCT ?subject) AS ?subjects) {
  ?claim a ont:Claim ; biolink:predicate ?relation ; ont:certainty ?certainty ; biolink:subject ?subject
} GROUP BY ?relation ?certainty HAVING (COUNT(?claim) < $n)""",
    ),
    Question(
        "top 20",
        "the entities that a relation is most often claimed of",
        _RELATIONS,
        """SELECT ?entity ?label (COUNT(?claim) AS ?claims) {
  ?claim a ont:Claim ; biolink:predicate <$p> ; biolink:object ?entity . ?entity rdfs:label ?label
} GROUP BY ?entity ?label HAVING (COUNT(?claim) < $n) ORDER BY DESC(?claims) ?entity LIMIT 20""",
    ),
    Question(
        "text",
        "claims whose label contains some words",
        _WORDS,
        """SELECT ?claim ?label {
  ?claim a ont:Claim ; rdfs:label ?label FILTER(CONTAINS(LCASE(?label), "$p"))
} LIMIT $n""",
    ),
    Question(
        "construct",
        "all claims about an entity, as triples",
        _SUBJECTS,
        "CONSTRUCT { ?claim ?property ?value } WHERE { ?claim biolink:subject <$p> ; ?property ?value } LIMIT $n",
    ),
    Question(
        "conflict",
        "claims that others deny, or contradict with the opposite effect on the same thing",
        _POSITIVE,
        """SELECT ?one ?other {
  ?one biolink:predicate <$p> ; biolink:subject ?s ; biolink:object ?o ; ont:polarity ont:Affirmed .
  ?other biolink:predicate ?relation ; biolink:subject ?s ; biolink:object ?o ; ont:polarity ?polarity
  FILTER(?polarity = ont:Negated && ?relation = <$p>
    || ?polarity = ont:Affirmed && EXISTS { ?relation rdfs:subPropertyOf* ont:negativelyAffects })
} LIMIT $n""",
    ),
    Question(
        "ask",
        "does anything say that an entity promotes something, or a narrower relation",
        _SUBJECTS,
        """ASK {
  ?relation rdfs:subPropertyOf* ont:positivelyAffects .
  ?claim biolink:subject <$p> ; biolink:predicate ?relation ; ont:polarity ont:Affirmed ; biolink:object ?object
  FILTER(?object != <urn:number:$n>)
}""",
    ),
)


def parameters(store: Path, question: Question) -> list[str]:
    """Read the values that a question can be asked for from a store, in a fixed order that favours none."""
    rows = select(ox.Store.read_only(str(store)), _PREFIXES + question.parameters)
    values = [row["p"].value for row in rows]
    random.Random(1).shuffle(values)
    return values


def rows_of(question: Question, content: bytes) -> Rows:
    """Read an answer as a multiset of rows in value space; an ASK is one row, a CONSTRUCT a set of triples.

    Raises ValueError for what is not the format that was asked for.
    """
    if question.accept == NTRIPLES:
        try:
            return Counter(set(ox.parse(content, format=ox.RdfFormat.N_TRIPLES)))
        except SyntaxError as error:
            raise ValueError(str(error)) from None
    loaded = json.loads(content)
    if "boolean" in loaded:
        return Counter([loaded["boolean"]])
    if loaded["head"]["vars"] == ["__ASK_RETVAL"]:  # Virtuoso 7.2
        return Counter([bool(loaded["results"]["bindings"])])
    return Counter(
        frozenset((name, _value(term)) for name, term in row.items()) for row in loaded["results"]["bindings"]
    )


def _value(term: dict[str, Any]) -> Hashable:
    """Numbers are compared as numbers, and a plain string is an xsd:string."""
    kind, value, datatype = term["type"], term["value"], term.get("datatype", XSD + "string")
    if datatype in (XSD + "integer", XSD + "int", XSD + "decimal"):
        return Decimal(value)
    return "literal" if kind == "typed-literal" else kind, value, term.get("xml:lang", ""), datatype
