"""Finds the thing that a person means by a name: local name, label, abbreviation, CURIE or IRI.

The names of entities are read from the engine once per release and looked up without regard to case. A name
that fits nothing, or more than one thing, is an error that lists what was perhaps meant.
"""

import difflib
import json
import threading
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final
from weakref import WeakKeyDictionary

import pyoxigraph as ox
from cachetools import LRUCache

from lungkg.engines import Engine
from lungkg.engines.base import DEFAULT_TIMEOUT
from lungkg.errors import BadParameter, EngineTimeout
from lungkg.formats import RESULTS
from lungkg.namespaces import PROV, Minter
from lungkg.project import Project
from lungkg.queries.parameters import CLASSES, Parameter, written
from lungkg.stores import select

_FRESH_SECONDS: Final = 10.0  # a miss does not read the names again before they are this old
_SHOWN: Final = 8  # candidates in an error
_COMPARED: Final = 100  # names that are compared with a misspelt one
_ALIKE: Final = 0.6
_KNOWN: Final = 8192  # things that are known to be there
_GRAM: Final = 3  # characters
_SCHEMES: Final = frozenset({"ark", "did", "doi", "info", "mailto", "tag", "urn"})  # of IRIs without a double slash

_ENTITY_NAMES: Final = """
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?thing ?name ?label {
  { ?thing skos:prefLabel ?name BIND(?name AS ?label) }
  UNION { ?thing skos:altLabel ?name }
  UNION { ?thing skos:exactMatch ?name }
  UNION { ?thing skos:exactMatch/skos:notation ?name }
  FILTER(STRSTARTS(STR(?thing), %s))
}
"""
_NEAR: Final = """
SELECT ?thing {
  %s ?thing a ?class
  BIND(LCASE(STRAFTER(STR(?thing), %s)) AS ?local)
  FILTER(CONTAINS(?local, %s) || STRSTARTS(?local, %s))
} LIMIT %d
"""
_AGENTS: Final = tuple(PROV + kind for kind in ("Agent", "Organization", "Person", "SoftwareAgent"))


Ask = Callable[[str], list[dict[str, str]]]
"""Gives the rows of a SELECT query, every term as a plain text."""


class _Index:
    """The names of a release's entities."""

    def __init__(self, ask: Ask, start: str) -> None:
        self.labels: dict[str, str] = {}
        self.named: dict[str, set[str]] = defaultdict(set)
        self._grams: dict[str, list[str]] = {}
        for row in ask(_ENTITY_NAMES % _literal(start)):
            thing, name = row["thing"], row["name"]
            self.named[_folded(name)].add(thing)
            if "label" in row:
                self.named[_folded(thing.removeprefix(start))].add(thing)
                self.labels[thing] = name
        self.read = time.monotonic()

    def find(self, names: Iterable[str]) -> set[str]:
        """Give the entities that have one of the names."""
        return {thing for name in names for thing in self.named.get(_folded(name), ())}

    def near(self, text: str) -> list[str]:
        """Give the entities with names like a text, the most alike first.

        To compare a text with all names takes seconds where there are many, so those that share most of its
        rarer pieces are chosen first.
        """
        grams = self._grams or self._cut()
        lists = sorted((grams[gram] for gram in set(_pieces(_folded(text))) if gram in grams), key=len)
        shared = Counter(name for names in lists[: max(_GRAM, len(lists) // 2)] for name in names)
        names = _alike(text, (name for name, _ in shared.most_common(_COMPARED)))
        return list(dict.fromkeys(thing for name in names for thing in sorted(self.named[name])))

    def _cut(self) -> dict[str, list[str]]:
        grams: dict[str, list[str]] = defaultdict(list)
        for name in self.named:
            for gram in set(_pieces(name)):
                grams[gram].append(name)
        self._grams = dict(grams)
        return self._grams


class _Memory:
    """What is remembered of the names in a release: the index, and things that were found to be there."""

    def __init__(self) -> None:
        self.reading = threading.Lock()
        self.index: _Index | None = None
        self.there: LRUCache[str, bool] = LRUCache(_KNOWN)
        self.guard = threading.Lock()


class Names:
    """Looks up what parameters name, in a project; `ask` is asked, and `owner` is what the names are kept for.

    Nobody waits longer than `patience` seconds for another thread to read the names.
    """

    _memories: Final[WeakKeyDictionary[object, _Memory]] = WeakKeyDictionary()
    _lock: Final = threading.Lock()

    def __init__(self, project: Project, ask: Ask, owner: object, patience: float = DEFAULT_TIMEOUT) -> None:
        self._project, self._ask, self._patience = project, ask, patience
        self._owner = owner  # keeps the memory alive
        with self._lock:
            self._memory = self._memories.get(owner) or self._memories.setdefault(owner, _Memory())

    @classmethod
    def of_engine(cls, engine: Engine, project: Project, *, timeout: float, **asking: Any) -> "Names":
        """Look names up by asking an engine; `asking` are further arguments of Engine.query, such as `client`."""

        def ask(text: str) -> list[dict[str, str]]:
            content = engine.query(text, RESULTS[0], timeout=timeout, **asking).read()
            rows = json.loads(content)["results"]["bindings"]
            return [{name: term["value"] for name, term in row.items()} for row in rows]

        return cls(project, ask, engine, timeout)

    @classmethod
    def of_store(cls, store: ox.Store, project: Project) -> "Names":
        """Look names up in a store of this process, as a build does."""

        def ask(text: str) -> list[dict[str, str]]:
            rows = select(store, text)
            names = [variable.value for variable in rows.variables]
            return [{name: row[name].value for name in names if row[name] is not None} for row in rows]

        return cls(project, ask, ask)

    def read(self) -> None:
        """Read the names of entities now, so that nobody who looks one up has to wait for it."""
        self._index()

    def find(self, parameter: Parameter, text: str) -> ox.NamedNode:
        """Give the thing that a value names, or the IRI that it is.

        Raises BadParameter when there is none, or when it could be more than one; both say which are near.
        """
        parameter.check_text(text)
        name = text.strip()
        if not name:
            raise parameter.wrong(text)
        iri = self._as_iri(name)
        if parameter.kind == "iri":
            if iri is None:
                raise parameter.wrong(text, f"; prefixes are {', '.join(self._project.prefixes)}")
            return iri
        start = Minter(self._project.base).thing(parameter.kind, "")
        for node in (_node(start + name), iri):
            if node is not None and _is_thing(node, start) and self._is_there(node):
                return node
        if parameter.kind != "entity":
            raise self._none(parameter, text, iri)
        return self._entity(parameter, text, [name, *([iri.value] if iri else [])])

    def _as_iri(self, name: str) -> ox.NamedNode | None:
        """Read a CURIE or a whole IRI, which may be written with the base that the sources are written with."""
        prefix, colon, local = name.partition(":")
        if colon and prefix in self._project.prefixes:
            return _node(self._project.prefixes[prefix] + local)
        if local.startswith("//") or prefix.lower() in _SCHEMES:
            return _node(self._project.rebase(name))
        return None

    def _is_there(self, node: ox.NamedNode) -> bool:
        memory = self._memory
        with memory.guard:
            known = node.value in memory.there
        index = memory.index
        if known or (index is not None and node.value in index.labels):
            return True
        found = bool(self._ask(f"SELECT (1 AS ?x) {{ {node} ?p ?o }} LIMIT 1"))
        if found:
            with memory.guard:
                memory.there[node.value] = True
        return found

    def _entity(self, parameter: Parameter, text: str, names: list[str]) -> ox.NamedNode:
        index = self._index()
        found = index.find(names)
        if not found and time.monotonic() - index.read > _FRESH_SECONDS:
            index = self._index(again=True)  # a remote engine may have got another release
            found = index.find(names)
        if len(found) == 1:
            return ox.NamedNode(found.pop())
        start = Minter(self._project.base).thing("entity", "")
        if found:
            several = _listed([_shown(index, thing, start) for thing in sorted(found)])
            raise BadParameter(parameter.name, f"{text[:80]!r} is the name of more than one entity: {several}")
        raise _unknown(parameter, text, [_shown(index, thing, start) for thing in index.near(text)])

    def _none(self, parameter: Parameter, text: str, iri: ox.NamedNode | None) -> BadParameter:
        """Make the error for a thing that is not there, with names that hold what was given, or begin like it."""
        return _unknown(parameter, text, self._near(parameter.kind, iri.value if iri else text.strip()))

    def near(self, kind: str, local: str) -> list[str]:
        """Give the local names of things of a type that are like one which is not there, the nearest first."""
        start = Minter(self._project.base).thing(kind, "")
        if kind == "entity":
            return [thing.removeprefix(start) for thing in self._index().near(local)]
        return self._near(kind, local)[:_SHOWN]

    def _near(self, kind: str, name: str) -> list[str]:
        """Give the local names of things that hold a name, or begin like it and are much alike."""
        start = Minter(self._project.base).thing(kind, "")
        local = name.removeprefix(start).lower()
        classes = _AGENTS if kind == "agent" else (CLASSES[kind],)
        values = f"VALUES ?class {{ {' '.join(f'<{one}>' for one in classes)} }}"
        asked = _NEAR % (values, _literal(start), _literal(local), _literal(local[: (len(local) + 1) // 2]), _COMPARED)
        names = sorted({row["thing"].removeprefix(start) for row in self._ask(asked)})
        names = [name for name in names if "#" not in name]
        holding = [name for name in names if local in name.lower()]
        return holding or difflib.get_close_matches(local, names, n=_SHOWN, cutoff=_ALIKE)

    def _index(self, *, again: bool = False) -> _Index:
        memory = self._memory
        if not memory.reading.acquire(timeout=self._patience):
            raise EngineTimeout(self._patience)
        try:
            index = memory.index
            if index is None or (again and time.monotonic() - index.read > _FRESH_SECONDS):
                index = memory.index = _Index(self._ask, Minter(self._project.base).thing("entity", ""))
            return index
        finally:
            memory.reading.release()


def _unknown(parameter: Parameter, text: str, near: list[str]) -> BadParameter:
    hint = f"; did you mean {', '.join(near[:_SHOWN])}?" if near else ""
    example = f"; for example {parameter.example[0]}" if parameter.example and not near else ""
    return BadParameter(parameter.name, f"there is no {parameter.noun} {text[:80]!r}{hint}{example}")


def _shown(index: _Index, thing: str, start: str) -> str:
    local, label = thing.removeprefix(start), index.labels.get(thing)
    return f"{local} ({label})" if label and label != local else local


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _alike(text: str, names: Iterable[str]) -> list[str]:
    return difflib.get_close_matches(_folded(text), list(names), n=_SHOWN, cutoff=_ALIKE)


def _pieces(name: str) -> Iterator[str]:
    """Cut a name into pieces of three characters; its ends are pieces, too."""
    padded = f"  {name} "
    return (padded[at : at + _GRAM] for at in range(len(padded) - _GRAM + 1))


def _folded(name: str) -> str:
    """Write a name so that names that differ in case, spaces or Unicode form alone are equal."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _is_thing(node: ox.NamedNode, start: str) -> bool:
    """Say whether an IRI names a thing, and not a part of one such as …#source."""
    local = node.value.removeprefix(start)
    return node.value.startswith(start) and bool(local) and not set(local) & set("#/?")


def _literal(text: str) -> str:
    return written(ox.Literal(text))


def _node(iri: str) -> ox.NamedNode | None:
    try:
        return ox.NamedNode(iri)
    except ValueError:
        return None
