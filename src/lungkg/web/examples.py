"""Questions to begin with, and how to send them from a shell and from Python; they fit every project."""

import shlex
from collections.abc import Iterable
from typing import Final, NamedTuple

from lungkg.project import Project
from lungkg.queries import CannedQuery

QUERY: Final = """\
PREFIX ont: <https://w3id.org/lungkg/ont#>
PREFIX biolink: <https://w3id.org/biolink/vocab/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

SELECT ?subject ?relation ?object ?certainty ?claim WHERE {
  ?claim a ont:Claim ;
    biolink:subject/rdfs:label ?subject ;
    biolink:predicate/rdfs:label ?relation ;
    biolink:object/rdfs:label ?object ;
    ont:certainty/rdfs:label ?certainty .
}
ORDER BY ?subject ?relation ?object
LIMIT 100
"""
"""Who does what to what, and how sure the author is; every project with a claim has an answer."""

GRAPH_QUERY: Final = """\
PREFIX ont: <https://w3id.org/lungkg/ont#>

DESCRIBE ?claim WHERE { ?claim a ont:Claim } LIMIT 1
"""
"""One claim with all that is said of it, as a graph."""

COUNT: Final = "SELECT (COUNT(*) AS ?claims) { ?claim a <https://w3id.org/lungkg/ont#Claim> }"

_PYTHON: Final = '''\
import json
from urllib.parse import urlencode
from urllib.request import Request, urlopen

query = """
{query}"""
request = Request(
    {endpoint!r},
    data=urlencode({{"query": query}}).encode(),
    headers={{"Accept": "application/sparql-results+json"}},
)
with urlopen(request) as answer:
    for row in json.load(answer)["results"]["bindings"]:
        print({{name: term["value"] for name, term in row.items()}})
'''


class Example(NamedTuple):
    """A question in words and in SPARQL."""

    name: str
    summary: str
    text: str


def curl(endpoint: str) -> str:
    """Write the command that counts the claims from a shell, as CSV; `endpoint` is the absolute address."""
    return (
        f"curl -fsS {shlex.quote(endpoint)} \\\n"
        "  -H 'Accept: text/csv' \\\n"
        f"  --data-urlencode {shlex.quote('query=' + COUNT)}"
    )


def python(endpoint: str) -> str:
    """Write a script, for Python without any package, that prints the answer to QUERY."""
    return _PYTHON.format(query=QUERY, endpoint=endpoint)


def from_catalogue(catalogue: Iterable[CannedQuery], project: Project) -> list[Example]:
    """Give the canned queries with the example values of their parameters in place."""
    return [
        Example(
            query.name,
            query.summary,
            query.bind({name: parameter.example for name, parameter in query.parameters.items()}, project).strip()
            + "\n",
        )
        for query in catalogue
    ]
