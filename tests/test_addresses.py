"""Which IRIs are a project's own, and where each is answered."""

from pathlib import Path
from typing import Final

import pytest

from lungkg.linked.addresses import Addresses, Thing, thing
from lungkg.project import load_project

BAKERY: Final = Path(__file__).parent / "other_project"
BASE: Final = "https://example.org/bakery/"
MOVED: Final = "http://localhost:8080/kg/"
CORE: Final = "https://w3id.org/lungkg/"

IRIS: Final = {
    # base, IRI, path, page
    "thing": (BASE, f"{BASE}id/claim/leaflet-C3", "id/claim/leaflet-C3", "doc/claim/leaflet-C3"),
    "part": (BASE, f"{BASE}id/claim/leaflet-C3#focus-quote", "id/claim/leaflet-C3#focus-quote", "doc/claim/leaflet-C3#focus-quote"),
    "document": (BASE, f"{BASE}doc/claim/leaflet-C3", "doc/claim/leaflet-C3", "doc/claim/leaflet-C3"),
    "form": (BASE, f"{BASE}doc/claim/leaflet-C3.ttl", "doc/claim/leaflet-C3.ttl", "doc/claim/leaflet-C3.ttl"),
    "term": (BASE, f"{BASE}ont#Loaf", "ont#Loaf", "ont#Loaf"),
    "version": (BASE, f"{BASE}ont/0.1.0", "ont/0.1.0", "ont/0.1.0"),
    "term-of-the-core": (BASE, f"{CORE}ont#Claim", "ont#Claim", "ont#Claim"),
    "shape-of-the-core": (BASE, f"{CORE}shapes#ClaimShape", "shapes#ClaimShape", "shapes#ClaimShape"),
    "moved-thing": (MOVED, f"{MOVED}id/claim/leaflet-C3", "id/claim/leaflet-C3", "doc/claim/leaflet-C3"),
    "term-that-does-not-move": (MOVED, f"{BASE}ont#Loaf", "ont#Loaf", "ont#Loaf"),
    "thing-at-the-base-it-was-written-with": (
        MOVED, f"{BASE}id/claim/leaflet-C3", "", "describe?iri=https%3A%2F%2Fexample.org%2Fbakery%2Fid%2Fclaim%2Fleaflet-C3",
    ),
    "thing-of-another-project": (BASE, f"{CORE}id/claim/a", "", "describe?iri=https%3A%2F%2Fw3id.org%2Flungkg%2Fid%2Fclaim%2Fa"),
    "like-a-vocabulary": (BASE, f"{CORE}ontology#a", "", "describe?iri=https%3A%2F%2Fw3id.org%2Flungkg%2Fontology%23a"),
    "of-others": (BASE, "http://www.w3.org/ns/oa#exact", "", "describe?iri=http%3A%2F%2Fwww.w3.org%2Fns%2Foa%23exact"),
    "graph": (BASE, f"{BASE}graph/claims", "graph/claims", "graph/claims"),
}  # fmt: skip


@pytest.mark.parametrize(("base", "iri", "path", "page"), IRIS.values(), ids=IRIS)
def test_every_iri_has_its_place(base: str, iri: str, path: str, page: str) -> None:
    """Ours by their path, those of others at /describe; wherever a project is moved, and the core with it."""
    addresses = Addresses(load_project(BAKERY, base))

    assert (addresses.path(iri), addresses.page(iri)) == (path, page)


THINGS: Final = {
    "thing": (f"{BASE}id/claim/leaflet-C3", Thing("claim", "leaflet-C3")),
    "part": (f"{BASE}id/claim/leaflet-C3#source", Thing("claim", "leaflet-C3")),
    "document": (f"{BASE}doc/claim/leaflet-C3", Thing("claim", "leaflet-C3")),
    "form": (f"{BASE}doc/claim/leaflet-C3.ttl", None),
    "type": (f"{BASE}id/loaf/rye", None),
    "deeper": (f"{BASE}id/claim/a/b", None),
    "term": (f"{BASE}ont#Loaf", None),
    "line-break": (f"{BASE}id/claim/a\n", None),
}


@pytest.mark.parametrize(("iri", "expected"), THINGS.values(), ids=THINGS)
def test_a_thing_is_known_by_its_iri(iri: str, expected: Thing | None) -> None:
    """Itself, by its parts and by its document; what is none is none."""
    assert Addresses(load_project(BAKERY)).thing(iri) == expected


@pytest.mark.parametrize(
    ("type", "local", "found"),
    [
        ("claim", "leaflet-C3", True), ("query", "what-does", True), ("claim", "a.b", False), ("claim", "", False),
        ("claim", "é", False), ("claim", "a b", False), ("loaf", "a", False), ("claim", "a\n", False),
    ],
)  # fmt: skip
def test_names_of_things_are_plain(type: str, local: str, found: bool) -> None:
    """Letters, digits, _ and -; nothing that would be a suffix, a path or a query."""
    assert (thing(type, local) is not None) == found
