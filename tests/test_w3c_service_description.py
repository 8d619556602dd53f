"""The W3C's three tests of service descriptions, against GET /sparql; they are words, so what they mean is here.

The schema is that of https://www.w3.org/TR/sparql11-service-description/, section 3: every term used is one of
its terms, and every sd: property has the domain and range that it has there.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from lungkg.namespaces import RDF
from lungkg.project import Project
from lungkg.service_description import describe_service

MANIFEST: Final = Path(__file__).parents[2] / "shared" / "w3c" / "sparql11" / "service-description" / "manifest.ttl"
SD: Final = "http://www.w3.org/ns/sparql-service-description#"
TYPE: Final = ox.NamedNode(RDF + "type")
ENDPOINT: Final = "http://localhost/sparql"  # where Flask's client asks

PROPERTIES: Final = {
    "endpoint": ("Service", ""),
    "feature": ("Service", "Feature"),
    "defaultEntailmentRegime": ("Service", "EntailmentRegime"),
    "entailmentRegime": ("NamedGraph", "EntailmentRegime"),
    "defaultSupportedEntailmentProfile": ("Service", "EntailmentProfile"),
    "supportedEntailmentProfile": ("NamedGraph", "EntailmentProfile"),
    "extensionFunction": ("Service", "Function"),
    "extensionAggregate": ("Service", "Aggregate"),
    "languageExtension": ("Service", "Feature"),
    "supportedLanguage": ("Service", "Language"),
    "propertyFeature": ("Service", "Feature"),
    "defaultDataset": ("Service", "Dataset"),
    "availableGraphs": ("Service", "GraphCollection"),
    "resultFormat": ("Service", "Format"),
    "inputFormat": ("Service", "Format"),
    "defaultGraph": ("Dataset", "Graph"),
    "namedGraph": ("GraphCollection", "NamedGraph"),
    "name": ("NamedGraph", ""),
    "graph": ("NamedGraph", "Graph"),
}
"""Properties with domain and range; a range that is not given is any IRI."""

CLASSES: Final = {
    "Service", "Feature", "Language", "Function", "Aggregate", "EntailmentRegime", "EntailmentProfile",
    "GraphCollection", "Dataset", "Graph", "NamedGraph",
}  # fmt: skip

ABOVE: Final = {"Dataset": "GraphCollection", "Language": "Feature", "Function": "Feature", "Aggregate": "Feature"}

INSTANCES: Final = {
    **dict.fromkeys(["SPARQL10Query", "SPARQL11Query", "SPARQL11Update"], "Language"),
    **dict.fromkeys(
        ["DereferencesURIs", "UnionDefaultGraph", "RequiresDataset", "EmptyGraphs", "BasicFederatedQuery"], "Feature"
    ),
}

ELSEWHERE: Final = {"http://www.w3.org/ns/formats/": "Format", "http://www.w3.org/ns/entailment/": "EntailmentRegime"}
"""Where the W3C keeps the instances of what the schema only names."""


def kinds_of(term: object, triples: Sequence[ox.Triple]) -> set[str]:
    """What a term is, by its type, by the schema or by where its IRI lives."""
    iri = term.value if isinstance(term, ox.NamedNode) else ""
    found = {t.object.value.removeprefix(SD) for t in triples if t.subject == term and t.predicate == TYPE}  # type: ignore[union-attr] # a type is an IRI
    found |= {INSTANCES[local] for local in [iri.removeprefix(SD)] if local in INSTANCES}
    found |= {kind for start, kind in ELSEWHERE.items() if iri.startswith(start)}
    return found | {ABOVE[kind] for kind in found if kind in ABOVE}


def broken_rules(triples: Sequence[ox.Triple]) -> list[str]:
    """Say where a description does not conform to the schema."""
    known = {*PROPERTIES, *CLASSES, *INSTANCES}
    terms = {term.value for triple in triples for term in triple if isinstance(term, ox.NamedNode)}
    broken = [f"no such term: {iri}" for iri in terms if iri.startswith(SD) and iri.removeprefix(SD) not in known]
    for subject, predicate, value in triples:
        local = predicate.value.removeprefix(SD)
        if local not in PROPERTIES:
            continue
        domain, kind = PROPERTIES[local]
        if domain not in kinds_of(subject, triples):
            broken.append(f"{local}: {subject} is no {domain}")
        if not isinstance(value, ox.NamedNode | ox.BlankNode) or (kind and kind not in kinds_of(value, triples)):
            broken.append(f"{local}: {value} is no {kind or 'resource'}")
    names = [t.subject for t in triples if t.predicate.value == SD + "name"]
    graphs = [t.subject for t in triples if t.predicate == TYPE and t.object == ox.NamedNode(SD + "NamedGraph")]
    broken += [f"{graph} has {names.count(graph)} names" for graph in graphs if names.count(graph) != 1]
    endpoints = [t.object for t in triples if t.predicate.value == SD + "endpoint"]
    broken += [f"{one} is the endpoint of several services" for one in set(endpoints) if endpoints.count(one) > 1]
    return sorted(broken)


def test_the_description_conforms_wherever_it_is_asked_for(project: Project) -> None:
    """With all that it can say: graphs, functions, federation."""
    functions = ["http://a.org/function"]
    triples = describe_service("https://a.org/sparql", project, {"claims": 1}, functions=functions, federated=True)

    assert broken_rules(triples) == []


BROKEN: Final = {
    "a-misspelt-property": ("a:s sd:endpont <http://a.org/> .", "no such term"),
    "an-unknown-feature": ("a:s sd:feature sd:UnionGraph .", "no such term"),
    "a-dataset-with-an-endpoint": ("a:d sd:endpoint <http://b.org/> .", "is no Service"),
    "a-format-as-text": ("a:s sd:resultFormat 'text/turtle' .", "is no Format"),
    "a-language-as-a-format": ("a:s sd:resultFormat sd:SPARQL11Query .", "is no Format"),
    "an-address-as-text": ("a:s sd:endpoint 'http://a.org/' .", "is no resource"),
    "a-named-graph-without-a-name": ("a:d sd:namedGraph [ a sd:NamedGraph ] .", "has 0 names"),
    "a-graph-of-two-names": ("a:d sd:namedGraph [ a sd:NamedGraph ; sd:name a:n , a:m ] .", "has 2 names"),
    "an-endpoint-of-two-services": ("a:t a sd:Service ; sd:endpoint a:e .", "several services"),
}


@pytest.mark.parametrize(("more", "rule"), BROKEN.values(), ids=BROKEN)
def test_what_does_not_conform_is_noticed(more: str, rule: str) -> None:
    """The check trips on each rule of the schema; the description without the mistake passes."""
    right = f"""
        @prefix sd: <{SD}> . @prefix a: <http://a.org/> .
        a:s a sd:Service ; sd:endpoint a:e ; sd:feature sd:UnionDefaultGraph ; sd:defaultDataset a:d .
        a:d a sd:Dataset ; sd:namedGraph [ a sd:NamedGraph ; sd:name a:g ] .
    """

    assert broken_rules([quad.triple for quad in ox.parse(right, format=ox.RdfFormat.TURTLE)]) == []
    found = broken_rules([quad.triple for quad in ox.parse(right + more, format=ox.RdfFormat.TURTLE)])
    assert rule in " ".join(found)


# The tests of the manifest, by their names


def returns_rdf(client: FlaskClient) -> None:
    """GET on the endpoint, without a query, returns RDF: Turtle unless something else is asked for."""
    response = client.get("/sparql")

    assert (response.status_code, response.mimetype) == (200, "text/turtle")
    assert len(list(ox.parse(response.data, format=ox.RdfFormat.TURTLE))) > 0


def has_endpoint_triple(client: FlaskClient) -> None:
    """The description names, as sd:endpoint, the address that was asked and no other."""
    triples = described(client)

    assert [t.object for t in triples if t.predicate.value == SD + "endpoint"] == [ox.NamedNode(ENDPOINT)]


def conforms_to_schema(client: FlaskClient) -> None:
    """The description that is served conforms to the schema."""
    assert broken_rules(described(client)) == []


def described(client: FlaskClient, accept: str = "text/turtle") -> list[ox.Triple]:
    """The description as the endpoint gives it."""
    response = client.get("/sparql", headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (200, accept)
    form = ox.RdfFormat.from_media_type(accept)
    assert form is not None
    return [quad.triple for quad in ox.parse(response.data, format=form, base_iri=ENDPOINT)]


TESTS: Final[dict[str, Callable[[FlaskClient], None]]] = {
    "returns-rdf": returns_rdf,
    "has-endpoint-triple": has_endpoint_triple,
    "conforms-to-schema": conforms_to_schema,
}


@pytest.mark.parametrize("name", TESTS)
def test_w3c(name: str, client: FlaskClient) -> None:
    """Each passes, whether or not the manifest is at hand."""
    TESTS[name](client)


@pytest.mark.skipif(not MANIFEST.is_file(), reason="the W3C's tests (../shared/w3c/sparql11) are not at hand")
def test_no_test_of_the_manifest_is_left_out() -> None:
    """Those of the W3C are those that are run."""
    entry = ox.NamedNode("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#ServiceDescriptionTest")
    found = [quad.subject for quad in ox.parse(path=str(MANIFEST), base_iri="urn:manifest") if quad.object == entry]

    assert {str(subject).rstrip(">").rpartition("#")[2] for subject in found} == set(TESTS)


@pytest.mark.parametrize("accept", ["application/n-triples", "application/rdf+xml", "application/ld+json"])
def test_the_description_comes_in_every_format(client: FlaskClient, accept: str) -> None:
    """The same triples, by Accept."""
    assert set(described(client, accept)) == set(described(client))


def test_the_description_that_is_served_has_every_graph(client: FlaskClient) -> None:
    """Ten named graphs, and the union with as many triples as all of them."""
    triples = described(client)
    counts = {
        t.subject: int(t.object.value)
        for t in triples
        if t.predicate.value.endswith("void#triples") and isinstance(t.object, ox.Literal)
    }
    union = ox.NamedNode(f"{ENDPOINT}#default-graph")

    assert len(counts) == 11
    assert counts.pop(union) == sum(counts.values())
