"""The claims that the rows of an answer rest on, with everything that says where they come from."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

import pyoxigraph as ox

from lungkg.engines import Engine
from lungkg.errors import EngineError
from lungkg.formats import RESULTS
from lungkg.namespaces import CITO, OA, ONT, PROV
from lungkg.queries.canned import CannedQuery

_AT_ONCE: Final = 500  # things in one query

_LINKS: Final = frozenset(
    {
        *(ONT + name for name in ("source", "focus", "hedge", "inSentence", "statedIn", "restsOn")),
        *(PROV + name for name in ("wasDerivedFrom", "wasGeneratedBy", "wasAssociatedWith")),
        OA + "hasSelector",
        CITO + "citesAsEvidence",
    }
)
"""The properties that lead from a claim to what it comes from."""

_TEXT: Final = ONT + "text"  # of a document, which may be very long
_STATEMENTS: Final = f"""
SELECT ?graph ?s ?p ?o {{
  VALUES ?s {{ %s }}
  GRAPH ?graph {{ ?s ?p ?o FILTER(?p != <{_TEXT}>) }}
}}
"""


def claims_of(query: CannedQuery, rows: Iterable[dict[str, dict[str, Any]]]) -> list[str]:
    """Give the IRIs of the claims in the rows of a JSON answer, each once, in their order."""
    found = (row[query.claims] for row in rows if query.claims in row)
    return list(dict.fromkeys(term["value"] for term in found if term["type"] == "uri"))


def statements(engine: Engine, claims: list[str], **asking: Any) -> Iterator[ox.Quad]:
    """Yield all that is said of claims: words, sentence, document, citations, curators, and what they rest on.

    For inferred claims that is also what they derive from, and the rule. Each statement comes once, with the graph
    that it stands in; the text of a document is left out. `asking` goes to Engine.query.
    """
    known = set(claims)
    asked = list(dict.fromkeys(claims))
    while asked:
        found = list[str]()
        for quad in _said_of(engine, asked, asking):
            yield quad
            value = quad.object
            if quad.predicate.value in _LINKS and isinstance(value, ox.NamedNode) and value.value not in known:
                known.add(value.value)
                found.append(value.value)
        asked = found


def _said_of(engine: Engine, things: list[str], asking: dict[str, Any]) -> Iterator[ox.Quad]:
    for start in range(0, len(things), _AT_ONCE):
        text = _STATEMENTS % " ".join(str(ox.NamedNode(thing)) for thing in things[start : start + _AT_ONCE])
        content = engine.query(text, RESULTS[0], **asking).read()
        solutions = ox.parse_query_results(content, format=ox.QueryResultsFormat.JSON)
        if not isinstance(solutions, ox.QuerySolutions):
            raise EngineError("the engine answers a SELECT query without rows")
        for graph, subject, predicate, value in solutions:
            yield ox.Quad(subject, predicate, value, graph)


def rows_in(content: bytes) -> list[dict[str, dict[str, Any]]]:
    """Give the rows of an answer in SPARQL 1.1 Results JSON."""
    rows: list[dict[str, dict[str, Any]]] = json.loads(content)["results"]["bindings"]
    return rows
