"""Canned queries: one .rq file each, plain SPARQL under a grlc-style `#+` header.

A parameter is a variable whose name starts with an underscore, in grlc's spelling: `?_entity_iri`
(an IRI), `?_number_integer`, `?_text` (a plain literal); two underscores make it optional. A value
becomes an RDF term, and that term takes the place of the variable's token: never text in text.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from lungkg import lexer
from lungkg.endpoint_terms import SCHEMA, SPEX, endpoint_of, said
from lungkg.engines import Answer, Engine, screen
from lungkg.engines.base import syntax_error
from lungkg.errors import BadParameter, InputError, Place, QueryError
from lungkg.formats import RESULTS, Format
from lungkg.header import read_header
from lungkg.namespaces import DCTERMS, SH, XSD, Minter
from lungkg.project import THING_TYPES, Project
from lungkg.sources import unknown
from lungkg.triples import COMMENT, LABEL, A, english

_HEADER_KEYS: Final = frozenset({"summary", "description", "tags", "parameters"})
_PARAMETER: Final = re.compile(r"[?$](_{1,2})([A-Za-z0-9]+)(?:_(iri|integer))?")
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}")  # what fits the 64 bits of an engine
_PARAMETER_KEYS: Final = frozenset({"of", "help", "example"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a canned query: `kind` is "iri", "integer" or "literal".

    A value of an "iri" that is neither IRI nor CURIE names a thing of the type `of`.
    """

    name: str
    kind: str
    required: bool
    of: str
    help: str
    example: str


@dataclass(frozen=True)
class CannedQuery:
    """A query with a name, a question that it answers, and parameters."""

    name: str
    summary: str
    description: str
    tags: tuple[str, ...]
    parameters: dict[str, Parameter]
    text: str
    path: Path

    def bind(self, values: Mapping[str, str], project: Project) -> str:
        """Put values in the place of parameters; an optional one that is not given stays a variable.

        Raises BadParameter for a value of the wrong kind, a missing or an unknown parameter.
        """
        terms = {name: self._term(name, value, project) for name, value in values.items()}
        for parameter in self.parameters.values():
            if parameter.required and parameter.name not in terms:
                raise BadParameter(parameter.name, f"is missing; for example {parameter.example}")

        def wanted(token: lexer.Token) -> str | None:
            match = _PARAMETER.fullmatch(token.text) if token.kind == "variable" else None
            return terms.get(match[2]) if match else None

        return lexer.replace(lexer.move_iris(self.text, project.rebase), wanted)

    def _term(self, name: str, value: str, project: Project) -> str:
        parameter = self.parameters.get(name)
        if parameter is None:
            raise BadParameter(name, f"is unknown; {self.name} has {', '.join(self.parameters) or 'no parameters'}")
        if parameter.kind == "integer":
            if not _INTEGER.fullmatch(value):
                raise BadParameter(name, f"must be an integer, not {value[:40]!r}; for example {parameter.example}")
            return str(ox.Literal(str(int(value)), datatype=ox.NamedNode(XSD + "integer")))
        if parameter.kind == "literal":
            return lexer.steady(str(ox.Literal(value)))
        return str(self._iri(parameter, value, project))

    def _iri(self, parameter: Parameter, value: str, project: Project) -> ox.NamedNode:
        prefix, colon, local = value.partition(":")
        if colon and prefix in project.prefixes:
            value = project.prefixes[prefix] + local
        elif not colon:
            value = Minter(project.base).thing(parameter.of, value)
        try:
            return ox.NamedNode(value)
        except ValueError:
            raise BadParameter(
                parameter.name, f"{value!r} is no IRI, CURIE or name; for example {parameter.example}"
            ) from None

    def answer(
        self,
        engine: Engine,
        values: Mapping[str, str],
        project: Project,
        format: Format,
        *,
        timeout: float,
    ) -> Answer:
        """Bind, check that the things named by IRIs exist, and ask the engine.

        Raises BadParameter with names that look alike when a thing does not exist, or what the engine raises.
        """
        text = self.bind(values, project)
        for name, value in values.items():
            if self.parameters[name].kind == "iri":
                self._check_exists(engine, self.parameters[name], value, project)
        return engine.query(text, format, timeout=timeout)

    def _check_exists(self, engine: Engine, parameter: Parameter, value: str, project: Project) -> None:
        iri = self._iri(parameter, value, project)
        if _select(engine, f"SELECT (1 AS ?x) {{ {iri} ?p ?o }} LIMIT 1"):
            return
        start = Minter(project.base).thing(parameter.of, "")
        rows = _select(engine, f"SELECT DISTINCT ?x {{ ?x a ?t FILTER(STRSTARTS(STR(?x), '{start}')) }}")
        known = [row["x"]["value"].removeprefix(start) for row in rows]
        problem = unknown(parameter.of, value, [name for name in known if "#" not in name], Place(self.path))
        hint = problem.hint or f"For example {parameter.example}."
        raise BadParameter(parameter.name, f"{problem.what}. {hint}")


def _select(engine: Engine, text: str) -> list[dict[str, dict[str, str]]]:
    rows: list[dict[str, dict[str, str]]] = json.loads(engine.query(text, RESULTS[0]).content)["results"]["bindings"]
    return rows


def load_catalogue(project: Project) -> dict[str, CannedQuery]:
    """Read all canned queries of a project, by name.

    Raises InputError, with file and line, for a header or a parameter that does not fit.
    """
    problems, catalogue = [], {}
    for path in project.query_files():
        try:
            catalogue[path.stem] = _load(path, project)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return catalogue


def _load(path: Path, project: Project) -> CannedQuery:
    header, text = read_header(path, _HEADER_KEYS)
    try:
        screen(text)
        ox.Store().query(text)
    except SyntaxError as error:
        mended = syntax_error(error, text, project.prefixes)
        raise InputError.at(Place(path, mended.line, mended.column), mended.message, mended.hint) from None
    except QueryError as error:
        raise InputError.at(Place(path), str(error)) from None
    described, tags = header.get("parameters") or {}, header.get("tags") or []
    if not isinstance(described, dict) or not all(isinstance(about, dict) for about in described.values()):
        raise InputError.at(Place(path, 1), "parameters in the #+ header must be a mapping of names to mappings")
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise InputError.at(Place(path, 1), "tags in the #+ header must be a list of words")
    parameters = _parameters(path, described, text)
    return CannedQuery(
        path.stem,
        header["summary"],
        header["description"].strip(),
        tuple(tags),
        parameters,
        text,
        path,
    )


def _parameters(path: Path, described: dict[str, dict[str, str]], text: str) -> dict[str, Parameter]:
    found: dict[str, Parameter] = {}
    for token in lexer.tokens(text):
        if token.kind != "variable" or not token.text[1:].startswith("_"):
            continue
        line = text.count("\n", 0, token.start) + 1
        match = _PARAMETER.fullmatch(token.text)
        if not match:
            raise InputError.at(
                Place(path, line),
                f"{token.text} is no parameter name",
                "Write ?_name, ?_name_iri or ?_name_integer, the name in camelCase.",
            )
        name, kind = match[2], match[3] or "literal"
        about = described.get(name)
        if not about or not about.get("help") or "example" not in about:
            raise InputError.at(Place(path, line), f"the #+ header says no help or example for the parameter {name}")
        if about.keys() - _PARAMETER_KEYS or (kind == "iri" and about.get("of") not in THING_TYPES):
            hint = f"Known: {', '.join(sorted(_PARAMETER_KEYS))}; `of` is one of {', '.join(THING_TYPES)}."
            raise InputError.at(
                Place(path, line), f"what the #+ header says of the parameter {name} does not fit", hint
            )
        found[name] = Parameter(name, kind, match[1] == "_", about.get("of", ""), about["help"], str(about["example"]))
    for name in described:
        if name not in found:
            raise InputError.at(Place(path, 1), f"the #+ header describes {name}, which the query does not use")
    return found


def catalogue_quads(catalogue: Mapping[str, CannedQuery], project: Project) -> Iterator[ox.Quad]:
    """Write the catalogue into its graph, each query as the conventions of SIB's sparql-examples have it.

    The question is its rdfs:comment, the words that editors show. Its target is the endpoint below the
    project's base, since the address that a server will have is not known when the graph is built.
    """
    iris = Minter(project.base)
    graph = ox.NamedNode(iris.graph("queries"))
    for query in catalogue.values():
        form = screen(query.text)
        words = SPEX if form == "DESCRIBE" else SH  # SHACL knows the other three
        node = iris.thing("query", query.name)
        for triple in (
            said(node, A.value, SH + "SPARQLExecutable"),
            said(node, A.value, f"{words}SPARQL{form.capitalize()}Executable"),
            said(node, LABEL.value, english(query.summary)),
            said(node, COMMENT.value, english(query.summary)),
            said(node, DCTERMS + "description", english(query.description)),
            said(node, words + form.lower(), ox.Literal(lexer.move_iris(query.text, project.rebase))),
            said(node, SH + "prefixes", iris.dataset),
            said(node, SCHEMA + "target", endpoint_of(project.base)),
            *(said(node, SCHEMA + "keywords", ox.Literal(tag)) for tag in query.tags),
        ):
            yield ox.Quad(triple.subject, triple.predicate, triple.object, graph)
