"""A project: the four content folders and what data/project.yaml says about them."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Final

import platformdirs

from lungkg.errors import InputError, Place
from lungkg.namespaces import (
    BIOLINK,
    CITO,
    DCTERMS,
    ECO,
    OA,
    ONT,
    OWL,
    PROV,
    RDF,
    RDFS,
    SH,
    SKOS,
    VOID,
    XSD,
    Rebase,
)
from lungkg.records import Record, read_yaml

CORE_PREFIXES: Final = {
    "biolink": BIOLINK,
    "cito": CITO,
    "dcterms": DCTERMS,
    "ECO": ECO,
    "oa": OA,
    "ont": ONT,
    "owl": OWL,
    "prov": PROV,
    "rdf": RDF,
    "rdfs": RDFS,
    "sh": SH,
    "skos": SKOS,
    "void": VOID,
    "xsd": XSD,
}

_BASE: Final = re.compile(r"https?://[^\s<>\"{}|\\^`#?]+/")

THING_TYPES: Final = (
    "entity", "claim", "inferred", "assumption", "gloss", "document",
    "sentence", "reference", "activity", "agent", "query",
)  # fmt: skip


@dataclass(frozen=True)
class Project:
    """Where a project's files are, and its name, licence and base IRI.

    `written_base` is the base its sources use; `base` is the one to publish under.
    """

    root: Path
    name: str
    title: str
    description: str
    written_base: str
    base: str
    license: str
    publisher: str
    curators: str
    version: str
    issued: str
    own_prefixes: dict[str, str] = field(default_factory=dict)
    keywords: tuple[str, ...] = ()
    access_rights: str = ""

    @property
    def ont(self) -> str:
        """Namespace of the project's own kinds and relations; the core vocabulary is namespaces.ONT."""
        return self.written_base + "ont#"

    @cached_property
    def rebase(self) -> Rebase:
        """Moves IRIs from the base they are written with to the one to publish under."""
        return Rebase(self.written_base, self.base)

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """Every prefix that this project's queries and answers may use, with its namespace."""
        things = {thing: f"{self.base}id/{thing}/" for thing in THING_TYPES}
        own = {} if self.ont == ONT else {self.name: self.ont}
        return {**CORE_PREFIXES, **things, "graph": self.base + "graph/", **own, **self.own_prefixes}

    def folder(self, name: str) -> Path:
        """Give the path of one of the four content folders."""
        return self.root / name

    def ontology_files(self) -> list[Path]:
        """List the Turtle files of the ontology, the core vocabulary first."""
        core = bundled_root() / "ontology" / "claims.ttl"
        own = [path for path in sorted(self.folder("ontology").glob("*.ttl")) if path != core]
        return [core, *own]

    def shape_files(self) -> list[Path]:
        """List the Turtle files with shapes, those for the core vocabulary first."""
        core = sorted((bundled_root() / "shapes" / "core").glob("*.ttl"))
        if not core:
            raise InputError.at(Place(bundled_root() / "shapes" / "core"), "the core shapes are missing")
        return core + sorted(self.folder("shapes").glob("*.ttl"))

    def rule_files(self) -> list[Path]:
        """List the SPARQL CONSTRUCT rules that derive the inferred graph."""
        return sorted((self.folder("ontology") / "rules").glob("*.rq"))

    def query_files(self) -> list[Path]:
        """List the canned queries."""
        return sorted(self.folder("queries").glob("*.rq"))

    def source_files(self) -> list[Path]:
        """List every file that a release is made from, for telling whether something changed."""
        files = {*self.ontology_files(), *self.shape_files()}
        for folder in ("ontology", "data", "shapes", "queries"):
            files |= {path for path in self.folder(folder).rglob("*") if path.is_file()}
        return sorted(files)

    def default_out(self) -> Path:
        """Say where releases go unless told otherwise: beside the sources, or into the user's cache.

        A project inside an installed package must not be written to.
        """
        if self.root == bundled_root() and self.root.name == "content":
            return platformdirs.user_cache_path("lungkg") / f"build-{self.version}"
        return self.root / "build"


def bundled_root() -> Path:
    """Find the content that comes with the software: inside the wheel, or the clone it runs from."""
    package = Path(str(resources.files("lungkg")))
    inside = package / "content"
    return inside if inside.is_dir() else package.parents[1]


def find_root(folder: Path | None) -> Path:
    """Choose the project: the folder asked for, else the current one if it is a project, else ours."""
    if folder is not None:
        return folder.resolve()
    here = Path.cwd()
    return here if (here / "data" / "project.yaml").is_file() else bundled_root()


def load_project(root: Path, base: str | None = None) -> Project:
    """Read `<root>/data/project.yaml`.

    Raises InputError when the folder is no project or the file does not fit its schema.
    """
    path = root / "data" / "project.yaml"
    if not path.is_file():
        raise InputError.at(
            Place(path),
            "this file is missing, so the folder is no project",
            "Name a project with --project DIR.",
        )
    record = read_yaml(path, "project")
    values = record.value
    if base is not None and not _BASE.fullmatch(base):
        hint = 'Nor may it hold a blank or one of < > " { } | \\ ^ ` ? #: IRIs are made by adding to it.'
        raise InputError.at(Place(path), f"the base {base!r} must start with http:// or https:// and end with /", hint)
    _check_prefixes(record)
    return Project(
        root=root,
        name=values["name"],
        title=values["title"],
        description=values["description"],
        written_base=values["base"],
        base=base or values["base"],
        license=values["license"],
        publisher=values["publisher"],
        curators=values.get("curators", values["publisher"]),
        version=values["version"],
        issued=values["issued"],
        own_prefixes=values.get("prefixes", {}),
        keywords=tuple(values.get("keywords", ())),
        access_rights=values.get("access_rights", ""),
    )


def _check_prefixes(record: Record) -> None:
    """Refuse a project name or prefix that would take the place of a built-in one."""
    taken = {*CORE_PREFIXES, *THING_TYPES, "graph"}
    for key, name in [
        ("name", record.value["name"]),
        *(("prefixes", p) for p in record.value.get("prefixes", {})),
    ]:
        if name in taken:
            place = record.place(key) if key == "name" else record.place(key, name)
            raise InputError.at(place, f"{name!r} is a built-in prefix", "Choose another name.")
