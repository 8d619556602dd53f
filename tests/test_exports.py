"""Exports hold what the release says, the same bytes each time; their own validators are asked elsewhere."""

import csv
import gzip
import hashlib
import io
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
import pytest
import rdflib
import yaml

from lungkg.errors import SystemProblem
from lungkg.exports.kgx import EDGE_EXTRAS, EDGE_SLOTS, NODE_EXTRAS, NODE_SLOTS
from lungkg.namespaces import GRAPHS, ONT, PROV, RDF, SKOS
from lungkg.project import Project
from lungkg.release import Release
from tests.exporting import BY_NAME, FOR_DOWNLOAD, Source, bakery, of_quads, quads_of, source

DOC: Final = "000_a5af86fa0d89168c"
CLAIM: Final = f"https://w3id.org/lungkg/id/claim/{DOC}-"
MOVED: Final = "http://localhost:1234/"
LEAFLET: Final = f"{MOVED}id/claim/leaflet-01-"
BIOLINK: Final = "https://w3id.org/biolink/vocab/"


@pytest.fixture(scope="module")
def real(release: Release, project: Project, tmp_path_factory: pytest.TempPathFactory) -> Source:
    """The real project."""
    return source(release, project, tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="module")
def baked(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """The bakery, published elsewhere than where its sources say."""
    return bakery(tmp_path_factory.mktemp("bakery"), MOVED)


def graph(of: Source, name: str) -> set[ox.Triple]:
    """Give what a named graph of the release says."""
    node = ox.NamedNode(f"{of.options.project.base}graph/{name}")
    return {quad.triple for quad in of.options.store.quads_for_pattern(None, None, None, node)}


def things(of: Source, kind: str, name: str) -> set[str]:
    """Give the IRIs of a class in a named graph."""
    node = ox.NamedNode(ONT + kind)
    return {str(said.subject)[1:-1] for said in graph(of, name) if said.object == node}


# Files -------------------------------------------------------------------------------------------

NAMES: Final = {
    "kgx": ["-kgx-nodes.tsv", "-kgx-edges.tsv"],
    "kgx-jsonl": ["-kgx-nodes.jsonl", "-kgx-edges.jsonl"],
    "nanopubs": ["-nanopubs.trig"],
    "sssom": [".sssom.tsv"],
    "ontology": ["-vocabulary.owl", "-vocabulary.ttl"],
    "nquads": [".nq"],
    "trig": [".trig"],
    "turtle": [".ttl"],
}


def test_every_format_is_tested() -> None:
    """No format is without a line in the table of names."""
    assert list(NAMES) == list(BY_NAME)


@pytest.mark.parametrize("form", NAMES)
def test_files_are_named_by_project_and_release(real: Source, form: str) -> None:
    """Each file says what it holds, and of which release."""
    assert list(real.files(form)) == NAMES[form]
    assert real.options.name == f"lungkg-{str(real.options.info['id'])[:12]}"
    assert len(NAMES[form]) == BY_NAME[form].files


@pytest.mark.parametrize("form", NAMES)
@pytest.mark.parametrize("changes", [{}, {"compressed": True}, {"dataset": None}], ids=["again", "compressed", "store"])
def test_the_same_release_gives_the_same_files(
    real: Source, form: str, changes: dict[str, Any], release: Release, project: Project, tmp_path: Path
) -> None:
    """Once more, compressed, or read from the store alone: the content is the same to the byte."""
    again = source(release, project, tmp_path)

    expected = {name.removesuffix(".gz"): content for name, content in real.files(form).items()}
    actual = {name.removesuffix(".gz"): content for name, content in again.files(form, **changes).items()}
    assert expected == actual


@pytest.mark.parametrize("form", NAMES)
def test_compressed_files_carry_no_time(real: Source, form: str, tmp_path: Path) -> None:
    """Equal releases are equal files, compressed too: their headers hold neither a time nor a name."""
    heads = [path.path.read_bytes()[:10] for path in BY_NAME[form].write(real.options, tmp_path)]
    assert not any(head.startswith(b"\x1f\x8b") for head in heads)

    options = Source(real.options, tmp_path).files(form, compressed=True)
    packed = [path for path in tmp_path.iterdir() if path.suffix == ".gz"]
    assert {path.read_bytes()[3:8] for path in packed} <= {b"\0\0\0\0\0"}
    assert len(packed) == sum(name.endswith(".gz") for name in options)


def test_downloads_are_the_files_of_the_formats(real: Source) -> None:
    """What a build offers for download is what `lungkg export` writes, KGX in both its forms."""
    expected = real.files("kgx") | real.files("kgx-jsonl")

    assert expected == real.files(FOR_DOWNLOAD["kgx"])
    assert ["kgx", "nanopubs", "sssom", "ontology"] == list(FOR_DOWNLOAD)


@pytest.mark.parametrize("form", ["kgx", "nanopubs", "nquads", "trig", "turtle"])
def test_a_damaged_release_is_an_error(real: Source, form: str, tmp_path: Path) -> None:
    """A release whose file is cut short is not exported in part."""
    whole = real.options.dataset
    assert whole is not None
    cut = tmp_path / "dataset.nq.gz"
    content = whole.read_bytes()
    cut.write_bytes(content[: len(content) // 4])

    with pytest.raises(SystemProblem, match=r"dataset\.nq\.gz does not decompress .*; build the release again"):
        real.files(form, dataset=cut)


# Documentation -----------------------------------------------------------------------------------

PAGE: Final = (Path(__file__).parents[1] / "docs" / "howto" / "export.md").read_text("utf-8")
EXPLAINED: Final = {
    name
    for line in PAGE.splitlines()
    if line.startswith("| `")
    for name in re.findall(r"`([a-z_-]+)`", line.split(" | ")[0])
}


@pytest.mark.parametrize("name", sorted({*BY_NAME, *NODE_SLOTS, *NODE_EXTRAS, *EDGE_SLOTS, *EDGE_EXTRAS}))
def test_every_format_and_every_column_is_explained(name: str) -> None:
    """In a table of docs/howto/export.md."""
    assert name in EXPLAINED


# KGX ---------------------------------------------------------------------------------------------


def test_kgx_has_a_node_for_each_entity_and_an_edge_for_each_claim(real: Source) -> None:
    """Nothing is left out, and subjects, objects and contexts are among the nodes."""
    nodes, edges = real.objects("nodes"), real.objects("edges")

    assert {node["iri"] for node in nodes.values()} == {
        str(said.subject)[1:-1] for said in graph(real, "entities") if said.predicate.value == RDF + "type"
    }
    assert {edge["iri"] for edge in edges.values()} == things(real, "Claim", "claims") | things(
        real, "InferredClaim", "inferred"
    )
    used = {edge[end] for edge in edges.values() for end in ("subject", "object")}
    used |= {context for edge in edges.values() for context in edge.get("context", [])}
    assert used <= set(nodes)


def test_kgx_edge_of_a_claim(real: Source) -> None:
    """A claim's row says what the claim says: its words and offsets, its hedge, its citations, its note."""
    quote = "In chronically diseased lungs, MSCs appear to promote repair through several mechanisms: tissue regeneration[8,14]"
    expected = {
        "id": f"claim:{DOC}-C39",
        "iri": f"{CLAIM}C39",
        "category": ["biolink:Association"],
        "subject": "entity:mesenchymal-stem-cell",
        "predicate": "biolink:affects",
        "object": "entity:tissue-regeneration",
        "negated": False,
        "name": "C39: mesenchymal stem cell promotes tissue regeneration (in: chronically diseased lung)",
        "knowledge_level": "knowledge_assertion",
        "agent_type": "manual_agent",
        "primary_knowledge_source": "https://w3id.org/lungkg/dataset",
        "publications": [f"document:{DOC}", f"reference:{DOC}-14", f"reference:{DOC}-8"],
        "has_evidence_of_type": ["ECO:0000304"],
        "supporting_text": [quote],
        "original_predicate": "ont:promotes",
        "standing": "stated",
        "certainty": "ont:Tentative",
        "certainty_rank": 3,
        "context": ["entity:chronically-diseased-lung"],
        "hedge": ["appear to"],
        "hedge_start": [1759],
        "hedge_end": [1768],
        "quote": quote,
        "quote_start": 1723,
        "quote_end": 1837,
        "focus": "tissue regeneration[8,14]",
        "focus_start": 1812,
        "focus_end": 1837,
        "document": f"document:{DOC}",
        "sentence": f"sentence:{DOC}-S14",
        "citations": [f"reference:{DOC}-14", f"reference:{DOC}-8"],
        "mechanism_of": [f"claim:{DOC}-C38"],
        "rests_on": ["assumption:msc-stands-for-mesenchymal-stem-cell"],
        "generated_by": f"activity:curation-{DOC}",
        "curator_note": "Listed as a mechanism of C38: that MSCs are said to promote tissue regeneration is read off a "
        'noun in the list. The context is "chronically diseased lungs"; IPF is not named in this sentence.',
    }

    assert expected == real.objects("edges")[f"claim:{DOC}-C39"]


def test_kgx_edge_of_an_inferred_claim(baked: Source) -> None:
    """An inferred claim is marked as a prediction, names what it rests on, and has no words and no document."""
    expected = {
        "id": "inferred:leaflet-01-C1-in-brioche",
        "iri": f"{MOVED}id/inferred/leaflet-01-C1-in-brioche",
        "category": ["biolink:Association"],
        "subject": "entity:cold-proofing",
        "predicate": "biolink:related_to",
        "object": "entity:flavour-of-the-crumb",
        "negated": False,
        "name": "carried over: cold proofing deepens flavour of the crumb (in: brioche)",
        "knowledge_level": "prediction",
        "agent_type": "automated_agent",
        "primary_knowledge_source": f"{MOVED}dataset",
        "has_evidence_of_type": ["ECO:0000362"],
        "original_predicate": "bakery:deepens",
        "standing": "inferred",
        "certainty": "ont:Extrapolated",
        "certainty_rank": 0,
        "context": ["entity:brioche"],
        "derived_from": ["assumption:brioche-is-an-enriched-bread", "claim:leaflet-01-C1"],
        "generated_by": "activity:rule-carry-over-to-narrower-bread",
    }

    assert expected == baked.objects("edges")["inferred:leaflet-01-C1-in-brioche"]


def test_kgx_node(real: Source) -> None:
    """An entity's row has its names, its kind and its matches; a name that curators assume stands apart."""
    node = real.objects("nodes")["entity:mesenchymal-stem-cell"]

    assert node["category"] == ["biolink:Cell"]
    assert node["type"] == ["ont:CellType"]
    assert node["assumed_name"] == ["MSC", "MSCs"]
    assert not set(node["assumed_name"]) & set(node.get("synonym", []))
    assert node["equivalent_identifiers"] == node["exact_match"]
    assert set(node["exact_match"]) <= set(node["xref"])


def test_kgx_nodes_without_a_biolink_class_are_named_things(baked: Source) -> None:
    """A project that says nothing about Biolink is exported nevertheless."""
    assert {tuple(node["category"]) for node in baked.objects("nodes").values()} == {("biolink:NamedThing",)}


@pytest.mark.parametrize(
    ("claim", "expected"), [("C2", (True, "true")), ("C1", (False, ""))], ids=["negated", "affirmed"]
)
def test_kgx_negation(baked: Source, claim: str, expected: tuple[bool, str]) -> None:
    """In a table the cell of what is not negated is empty: readers of KGX take any word there for true."""
    key = f"claim:leaflet-01-{claim}"

    assert expected == (baked.objects("edges")[key]["negated"], baked.table("edges")[key]["negated"])


@pytest.mark.parametrize("of", ["nodes", "edges"])
def test_kgx_tables_and_json_lines_say_the_same(real: Source, of: str) -> None:
    """A list in a cell is joined by |, and what is empty is left out of the JSON."""
    columns = {"nodes": NODE_SLOTS + NODE_EXTRAS, "edges": EDGE_SLOTS + EDGE_EXTRAS}[of]

    expected = {key: {name: cell(row.get(name, "")) for name in columns} for key, row in real.objects(of).items()}
    assert expected == real.table(of)


def cell(value: Any) -> str:
    """Write a value of JSON as a table has it."""
    if isinstance(value, list):
        return "|".join(map(str, value))
    return {True: "true", False: ""}.get(value, str(value)) if isinstance(value, bool) else str(value)


def odd(project: Project, text: str, folder: Path) -> Source:
    """Make a claim whose words are odd."""
    base = project.base
    claim = f"{base}id/claim/d-C1"
    entity = ox.NamedNode(f"{base}id/entity/x")
    said: list[tuple[str, str, ox.NamedNode | ox.Literal]] = [
        (claim, RDF + "type", ox.NamedNode(ONT + "Claim")),
        (claim, BIOLINK + "subject", entity),
        (claim, BIOLINK + "predicate", ox.NamedNode(ONT + "relatedTo")),
        (claim, BIOLINK + "object", entity),
        (claim, BIOLINK + "agent_type", ox.Literal("manual_agent")),
        (claim, ONT + "polarity", ox.NamedNode(ONT + "Affirmed")),
        (f"{claim}#quote", "http://www.w3.org/ns/oa#exact", ox.Literal(text)),
        (f"{claim}#position", "http://www.w3.org/ns/oa#start", ox.Literal(0)),
        (f"{claim}#position", "http://www.w3.org/ns/oa#end", ox.Literal(len(text))),
    ]
    name = ox.NamedNode(f"{base}graph/claims")
    return of_quads(project, [ox.Quad(ox.NamedNode(s), ox.NamedNode(p), o, name) for s, p, o in said], folder)


ODD: Final = {
    "tabs and line breaks": ("a\tb\nc\r\nd", "a b c  d", "a b c  d"),
    "a bar": ("a|b", "a|b", "a¦b"),
    "quotation marks and backslashes": ('"\\n" is \\"', '"\\n" is \\"', '"\\n" is \\"'),
    "beyond ASCII": ("“β-cell” 🫁 é", "“β-cell” 🫁 é", "“β-cell” 🫁 é"),
    "what looks like the end of a literal": ('x"@en <y> .', 'x"@en <y> .', 'x"@en <y> .'),
}


@pytest.mark.parametrize(("text", "quote", "listed"), ODD.values(), ids=ODD)
def test_kgx_keeps_odd_words(project: Project, tmp_path: Path, text: str, quote: str, listed: str) -> None:
    """JSON Lines keep every character; tables replace those that would end a cell or a part of a list."""
    made = odd(project, text, tmp_path)
    row, cells = made.objects("edges")["claim:d-C1"], made.table("edges")["claim:d-C1"]

    assert ([text], text) == (row["supporting_text"], row["quote"])
    assert (listed, quote) == (cells["supporting_text"], cells["quote"])


@pytest.mark.parametrize("text", [text for text, _, _ in ODD.values()], ids=ODD)
def test_nanopubs_keep_odd_words(project: Project, tmp_path: Path, text: str) -> None:
    """The words of a claim come out of TriG as they went in."""
    quads = quads_of(odd(project, text, tmp_path).file("nanopubs"), ox.RdfFormat.TRIG)

    assert ox.Literal(text) in {quad.object for quad in quads}


@pytest.mark.parametrize("claims", [["C1", "C10", "C2", "C1a", "C1-b", "C1_c"]])
def test_fragments_stay_with_their_claims(project: Project, tmp_path: Path, claims: list[str]) -> None:
    """Claims whose IRIs begin alike do not get each other's words, however their lines are sorted."""
    quads = [
        quad
        for number, claim in enumerate(claims)
        for quad in odd(project, "x" * number + claim, tmp_path).options.store
        for quad in [renamed(quad, claim)]
    ]

    edges = of_quads(project, quads, tmp_path).objects("edges")

    assert {f"claim:d-{claim}": "x" * n + claim for n, claim in enumerate(claims)} == {
        key: row["quote"] for key, row in edges.items()
    }


def renamed(quad: ox.Quad, claim: str) -> ox.Quad:
    """Move a quad about claim C1 to another claim."""
    subject = str(quad.subject)[1:-1].replace("d-C1", f"d-{claim}")
    return ox.Quad(ox.NamedNode(subject), quad.predicate, quad.object, quad.graph_name)


@pytest.mark.parametrize("form", ["kgx", "kgx-jsonl", "nanopubs"])
def test_inferred_claims_can_be_left_out(baked: Source, form: str) -> None:
    """Without them nothing names them; with them something does."""
    with_them, without = (b"".join(baked.files(form, inferred=wanted).values()) for wanted in (True, False))

    assert b"inferred" in with_them
    assert b"inferred" not in without.replace(b"@prefix inferred:", b"").replace(b"/id/inferred/> .", b"")


# Nanopublications --------------------------------------------------------------------------------


def parts(of: Source, iri: str) -> dict[str, set[ox.Triple]]:
    """Give the four graphs of the nanopublication of a claim."""
    found: dict[str, set[ox.Triple]] = {}
    for quad in ox.parse(of.file("nanopubs"), format=ox.RdfFormat.TRIG):
        claim, _, part = str(quad.graph_name)[1:-1].partition("#nanopub-")
        if claim == iri:
            found.setdefault(part, set()).add(quad.triple)
    return found


def test_every_claim_is_a_nanopublication(real: Source) -> None:
    """Each claim and inferred claim has four graphs, whose names are fragments of its IRI."""
    graphs = Counter(str(q.graph_name)[1:-1] for q in ox.parse(real.file("nanopubs"), format=ox.RdfFormat.TRIG))

    claims = things(real, "Claim", "claims") | things(real, "InferredClaim", "inferred")
    assert set(graphs) == {
        f"{c}#nanopub-{part}" for c in claims for part in ("head", "assertion", "provenance", "pubinfo")
    }


@pytest.mark.parametrize("number", ["C01", "C04", "C39"])
def test_a_nanopublication_holds_all_that_is_said_of_its_claim(real: Source, number: str) -> None:
    """Assertion and provenance together have every triple about the claim and its spans, and no other of the graph."""
    iri = CLAIM + number
    made = parts(real, iri)

    expected = {said for said in graph(real, "claims") if re.fullmatch(f"<{iri}(#.*)?>", str(said.subject))}
    assert expected == (made["assertion"] | made["provenance"]) & graph(real, "claims")
    assert made["assertion"] - expected == {said for said in made["assertion"] if said in graph(real, "edges")}


ASSERTIONS: Final = {
    "affirmed": (f"{LEAFLET}C1", 1),
    "negated": (f"{LEAFLET}C2", 0),
    "inferred": (f"{MOVED}id/inferred/leaflet-01-C1-in-brioche", 0),
}


@pytest.mark.parametrize(("iri", "expected"), ASSERTIONS.values(), ids=ASSERTIONS)
def test_only_what_is_affirmed_and_said_makes_a_plain_edge(baked: Source, iri: str, expected: int) -> None:
    """As in the graph of edges: a negated claim and an inferred one assert no relation."""
    own = "https://example.org/bakery/ont#"

    assert expected == sum(said.predicate.value.startswith(own) for said in parts(baked, iri)["assertion"])


CREATED: Final = {
    "when its document was read": f"{LEAFLET}C1",
    "when the release is from": f"{MOVED}id/inferred/leaflet-01-C1-in-brioche",
}


@pytest.mark.parametrize("iri", CREATED.values(), ids=CREATED)
def test_a_nanopublication_says_who_when_and_under_which_licence(baked: Source, iri: str) -> None:
    """All of that comes from the project: the time is that of the reading, or of the release, never the clock's."""
    said = {(str(t.subject)[1:-1], t.predicate.value, str(t.object)) for t in parts(baked, iri)["pubinfo"]}
    terms, day = "http://purl.org/dc/terms/", str(baked.options.info["date"])

    expected = {
        (f"{iri}#nanopub", terms + "created", f'"{day}T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>'),
        (f"{iri}#nanopub", terms + "creator", f"<{MOVED}id/agent/curators>"),
        (f"{iri}#nanopub", terms + "isPartOf", f"<{MOVED}dataset>"),
        (f"{iri}#nanopub", terms + "license", f"<{baked.options.project.license}>"),
        (
            f"{MOVED}id/agent/curators",
            "http://www.w3.org/2000/01/rdf-schema#label",
            f'"{baked.options.project.curators}"@en',
        ),
    }
    assert expected == said


DERIVED: Final = {
    "a claim from its document": (f"{LEAFLET}C1", {f"<{MOVED}id/document/leaflet-01>"}),
    "an inferred claim from a claim and an assumption": (
        f"{MOVED}id/inferred/leaflet-01-C1-in-brioche",
        {f"<{LEAFLET}C1>", f"<{MOVED}id/assumption/brioche-is-an-enriched-bread>"},
    ),
}


@pytest.mark.parametrize(("iri", "expected"), DERIVED.values(), ids=DERIVED)
def test_provenance_says_what_the_assertion_is_derived_from(baked: Source, iri: str, expected: set[str]) -> None:
    """The assertion graph is the subject, as nanopublications have it."""
    found = parts(baked, iri)["provenance"]

    derived = [
        t
        for t in found
        if str(t.subject) == f"<{iri}#nanopub-assertion>" and t.predicate.value == PROV + "wasDerivedFrom"
    ]
    assert expected == {str(said.object) for said in derived}


# SSSOM -------------------------------------------------------------------------------------------


def sssom(content: bytes) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Read the header and the rows."""
    lines = content.decode().splitlines()
    head = yaml.safe_load("\n".join(line[2:] for line in lines if line.startswith("#")))
    rows = csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t")
    return head, list(rows)


def test_sssom_has_every_mapping_with_its_remark(real: Source) -> None:
    """The rows are those of the sources, with the labels that the release has, sorted."""
    path = real.options.project.folder("ontology") / "mappings.sssom.tsv"
    expected = sssom(path.read_bytes())[1]
    for row in expected:
        row["subject_id"] = row["subject_id"].replace("lungkg:", "ont:")
    actual = sssom(real.file("sssom"))[1]

    assert sorted(map(str, expected)) == sorted(map(str, actual))
    assert len(expected) > 200


def test_sssom_header(baked: Source) -> None:
    """The set of mappings has an IRI below the base, a licence, a date, and the prefixes that its rows use."""
    head, rows = sssom(baked.file("sssom"))

    expected = {
        "mapping_set_id": f"{MOVED}dataset#mappings",
        "mapping_set_title": "Mappings of the bakery's entities and kinds to an invented thesaurus",
        "mapping_set_version": "0.1.0",
        "creator_label": [baked.options.project.curators],
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "publication_date": baked.options.info["date"],
        "curie_map": {
            "bakery": "https://example.org/bakery/ont#",
            "entity": f"{MOVED}id/entity/",
            "semapv": "https://w3id.org/semapv/vocab/",
            "skos": SKOS,
            "thesaurus": "https://example.org/thesaurus/",
        },
    }
    assert expected == head
    assert all(row["subject_label"] and row["object_label"] for row in rows)


def test_sssom_of_a_match_without_a_row_in_the_sources(project: Project, tmp_path: Path) -> None:
    """It is exported, and nothing is made up about how it came about."""
    ours, theirs = (ox.NamedNode(f"https://example.org/{name}") for name in ("ours", "theirs"))
    name = ox.NamedNode(f"{project.base}graph/entities")
    quads = [ox.Quad(ours, ox.NamedNode(SKOS + "closeMatch"), theirs, name)]

    expected = {
        "subject_id": ours.value,
        "subject_label": "",
        "predicate_id": "skos:closeMatch",
        "object_id": theirs.value,
        "object_label": "",
        "mapping_justification": "semapv:UnspecifiedMatching",
        "comment": "",
    }
    assert [expected] == sssom(of_quads(project, quads, tmp_path).file("sssom"))[1]


TITLES: Final = {
    "as its header says": ("# mapping_set_title: Ours\n", "Ours"),
    "without a header": ("", "Mappings of bakery, claims about baking bread"),
    "with a header that is no YAML": ("# mapping_set_title: [\n", "Mappings of bakery, claims about baking bread"),
    "with a header that is a list": ("# - x\n", "Mappings of bakery, claims about baking bread"),
}


@pytest.mark.parametrize(("header", "expected"), TITLES.values(), ids=TITLES)
def test_sssom_title(baked: Source, tmp_path: Path, header: str, expected: str) -> None:
    """The set is called what the sources call it, or after the project."""
    (tmp_path / "ontology").mkdir()
    (tmp_path / "ontology" / "mappings.sssom.tsv").write_text(header + "subject_id\tobject_id\n", "utf-8")
    project = replace(baked.options.project, root=tmp_path)

    assert expected == sssom(baked.file("sssom", project=project))[0]["mapping_set_title"]


# Ontology ----------------------------------------------------------------------------------------

FORMS: Final = {"-vocabulary.owl": (ox.RdfFormat.RDF_XML, "xml"), "-vocabulary.ttl": (ox.RdfFormat.TURTLE, "turtle")}


@pytest.mark.parametrize("name", FORMS)
def test_the_ontology_comes_out_as_it_is(real: Source, name: str) -> None:
    """Read by Oxigraph, and read by rdflib, both files are the ontology graph."""
    content = real.files("ontology")[name]
    form, word = FORMS[name]
    read = rdflib.Graph().parse(io.BytesIO(content), format=word)

    expected = quads_of(
        ox.serialize(list(graph(real, "ontology")), format=ox.RdfFormat.N_TRIPLES) or b"", ox.RdfFormat.N_TRIPLES
    )
    assert expected == quads_of(content, form)
    written = read.serialize(format="nt").replace('+00:00"', 'Z"')  # rdflib rewrites times on reading
    assert expected == quads_of(written.encode(), ox.RdfFormat.N_TRIPLES)


def test_owlready2_reads_the_ontology(real: Source, tmp_path: Path) -> None:
    """It finds the classes and object properties that the graph declares."""
    owlready2 = pytest.importorskip("owlready2", reason="owlready2 is missing: pip install 'lungkg[reason]'")
    path = tmp_path / "ontology.owl"
    path.write_bytes(real.files("ontology")["-vocabulary.owl"])

    loaded = owlready2.World().get_ontology(path.as_uri()).load(only_local=True)

    for kind, found in (("Class", loaded.classes()), ("ObjectProperty", loaded.object_properties())):
        declared = {
            said.subject.value
            for said in graph(real, "ontology")
            if str(said.object) == f"<http://www.w3.org/2002/07/owl#{kind}>" and isinstance(said.subject, ox.NamedNode)
        }
        assert declared == {term.iri for term in found}


# Dumps -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "form"), [("nquads", ox.RdfFormat.N_QUADS), ("trig", ox.RdfFormat.TRIG)], ids=["nquads", "trig"]
)
def test_dumps_hold_every_graph(real: Source, name: str, form: ox.RdfFormat) -> None:
    """All quads of the release are there, metadata too, and blank nodes keep their names."""
    content = real.file(name)
    found = list(ox.parse(content, format=form))

    assert {quad.graph_name.value.rsplit("/")[-1] for quad in found} == set(GRAPHS)
    assert len(found) == len(real.options.store)
    assert quads_of(content, form) == quads_of(
        real.options.store.dump(format=ox.RdfFormat.N_QUADS) or b"", ox.RdfFormat.N_QUADS
    )


def test_nquads_begin_with_what_the_release_is_named_by(real: Source) -> None:
    """The lines before the metadata are those that make the release id, sorted."""
    lines = real.file("nquads").splitlines(keepends=True)
    end = f"<{real.options.project.base}graph/metadata> .\n".encode()
    stated = [line for line in lines if not line.endswith(end)]

    assert hashlib.sha256(b"".join(stated)).hexdigest() == real.options.info["id"]
    assert lines[: len(stated)] == stated == sorted(stated)
    assert real.options.dataset is not None
    assert gzip.decompress(real.options.dataset.read_bytes()) == b"".join(stated)


def test_turtle_is_the_union_of_the_graphs(real: Source) -> None:
    """Every triple is there once, whichever graph says it."""
    triples = [quad.triple for quad in ox.parse(real.file("turtle"), format=ox.RdfFormat.TURTLE)]

    assert set(triples) == {quad.triple for quad in real.options.store}
