"""Questions to begin with, and how to send them from a shell and from Python; they fit every project."""

import contextlib
import keyword
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple, overload

from lungkg.errors import BadParameter
from lungkg.project import Project
from lungkg.queries import CannedQuery
from lungkg.queries.names import Names

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


Given = Mapping[str, Sequence[str]]
"""The values of each parameter, as they were given."""


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


def curl_of(address: str, given: Given, form: str) -> str:
    """Write the command that asks a canned query; `address` is the absolute one, `form` that of the query."""
    suffix = "csv" if form in ("SELECT", "ASK") else "ttl"
    pairs = [f"{name}={value}" for name, values in given.items() for value in values]
    lines = [f"curl -fsS{' --get' if pairs else ''} {shlex.quote(f'{address}.{suffix}')}"]
    return " \\\n  ".join(lines + [f"--data-urlencode {shlex.quote(pair)}" for pair in pairs])


def python_of(endpoint: str, query: CannedQuery, given: Given) -> str:
    """Write the script that asks a canned query by `lungkg.connect`."""
    values = {name: list(found) if query.parameters[name].many else found[0] for name, found in given.items()}
    plain = all(name.isidentifier() and not keyword.iskeyword(name) for name in values)
    written = [f"{name}={value!r}" for name, value in values.items()] if plain else [f"**{values!r}"] if values else []
    call = f"graph.query({', '.join([repr(query.name), *written])})"
    show = {
        "SELECT": f"    for row in {call}:\n        print(row)",
        "ASK": f"    print({call})",
    }.get(query.form, f'    print({call}.serialize(format="turtle"))')
    return f"from lungkg import connect\n\nwith connect({endpoint!r}) as graph:\n{show}\n"


def from_catalogue(catalogue: Iterable[CannedQuery], project: Project, names: Names) -> list[Example]:
    """Give the canned queries with the example values of their parameters in place.

    One whose example names nothing in this graph is left out. Raises EngineError when names cannot be looked up.
    """
    found = []
    for query in catalogue:
        with contextlib.suppress(BadParameter):
            text = query.bind(query.examples, project, names)
            found.append(Example(query.name, query.summary, without_header(text)))
    return found


def without_header(text: str) -> str:
    """Give a query without the `#+` lines of its file.

    >>> without_header("#+ summary: all\\n\\nASK {}")
    'ASK {}\\n'
    """
    return "\n".join(line for line in text.split("\n") if not line.startswith("#+")).strip() + "\n"


class Lazy(Sequence[Example]):
    """Examples that are made when a page shows them, and not for the many pages that do not."""

    def __init__(self, make: Callable[[], Sequence[Example]]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Sequence[Example]:
        return self._make()

    def __len__(self) -> int:
        return len(self._made)

    @overload
    def __getitem__(self, index: int) -> Example: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Example]: ...

    def __getitem__(self, index: int | slice) -> Example | Sequence[Example]:
        return self._made[index]
