"""What validation said of a release is kept with it, and shown: as RDF, as JSON, as a page, all of them alike."""

import gzip
import hashlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from lungkg.build import Build, build, check
from lungkg.downloads import listed, located
from lungkg.errors import Place
from lungkg.fair import Assessment, Result
from lungkg.gate import Basis, Hashed, KeptReport, keep, load_report
from lungkg.namespaces import DCTERMS, RDFS, SH
from lungkg.project import Project, load_project
from lungkg.release import Release
from lungkg.report import Edit, Finding, Mend, Report
from lungkg.stores import select
from lungkg.web import status
from tests.bakery import application
from tests.commands import lungkg
from tests.warned import ENTITY, SHAPES, warned

BASE: Final = "https://example.org/bakery/"
ALT_LABEL: Final = "<http://www.w3.org/2004/02/skos/core#altLabel>"
DEFINITION: Final = "<http://www.w3.org/2004/02/skos/core#definition>"
WAIVER: Final = "waived until 2099-12-31 by the bakers' guild: A loaf is a loaf."
FORMS: Final = {
    "ttl": ("text/turtle", ox.RdfFormat.TURTLE),
    "jsonld": ("application/ld+json", ox.RdfFormat.JSON_LD),
    "nt": ("application/n-triples", ox.RdfFormat.N_TRIPLES),
    "rdf": ("application/rdf+xml", ox.RdfFormat.RDF_XML),
    "trig": ("application/trig", ox.RdfFormat.TRIG),
    "nq": ("application/n-quads", ox.RdfFormat.N_QUADS),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with warnings."""
    return warned(tmp_path_factory.mktemp("warned") / "project")


@pytest.fixture(scope="module")
def made(project: Project) -> Build:
    """A build of it."""
    return build(project, project.root.parent / "out")


@pytest.fixture(scope="module")
def release(made: Build) -> Release:
    """Its release."""
    assert made.release is not None, made.report.sorted()
    return made.release


@pytest.fixture(scope="module")
def graph(release: Release) -> ox.Store:
    """The report that was kept, read as RDF."""
    store = ox.Store()
    store.load((release.path / "report.ttl").read_bytes(), format=ox.RdfFormat.TURTLE)
    return store


@pytest.fixture(scope="module")
def web(project: Project, release: Release) -> FlaskClient:
    """A client of a server of it."""
    return application(project, release)[0].test_client()


def rows(store: ox.Store, names: str, pattern: str) -> list[tuple[str, ...]]:
    """Ask for the values of variables where a pattern matches, in order: local names of IRIs, and texts."""
    prefixes = (
        f"PREFIX sh: <{SH}> PREFIX rdfs: <{RDFS}> PREFIX dcterms: <{DCTERMS}> PREFIX prov: <http://www.w3.org/ns/prov#>"
    )
    found = select(store, f"{prefixes} PREFIX spdx: <http://spdx.org/rdf/terms#> SELECT {names} {{ {pattern} }}")
    return sorted(tuple(re.sub(r".*[#/]", "", term.value) for term in row) for row in found)


def triples(content: bytes, form: ox.RdfFormat) -> set[ox.Triple]:
    """Read a document."""
    return {quad.triple for quad in ox.parse(content, format=form)}


# What a build keeps


def test_a_build_with_warnings_publishes(made: Build) -> None:
    """Warnings, infos and what is waived stop nothing."""
    assert made.release is not None
    assert made.report.counts() == {"Violation": 0, "Warning": 2, "Info": 3}


def test_the_report_is_a_validation_report_with_every_result(graph: ox.Store) -> None:
    """Each result has its severity, focus node, path, component, shape and message, as SHACL has it."""
    results = rows(
        graph,
        "?x ?severity ?focus ?path ?component",
        "?r a sh:ValidationReport ; sh:result ?x . ?x a sh:ValidationResult ; sh:resultSeverity ?severity ;"
        " sh:focusNode ?focus ; sh:resultPath ?path ; sh:sourceConstraintComponent ?component",
    )

    assert [row[1:] for row in results] == [
        ("Warning", "enriched-bread", "altLabel", "MinCountConstraintComponent"),
        ("Warning", "brioche", "altLabel", "MinCountConstraintComponent"),
        ("Warning", "loaf", "altLabel", "MinCountConstraintComponent"),
        ("Info", "enriched-bread", "definition", "MinLengthConstraintComponent"),
        ("Info", "loaf", "definition", "MinLengthConstraintComponent"),
    ]
    assert rows(graph, "?c", "?r sh:conforms ?c") == [("false",)]
    assert rows(graph, "?s", "?x sh:sourceShape ?s") == [("Bread-altLabel",)] * 3
    assert set(rows(graph, "?m", "?x sh:resultMessage ?m ; sh:sourceShape ?s")) == {("This bread has no other name.",)}


def test_nothing_in_the_report_is_without_a_name(graph: ox.Store) -> None:
    """Blank nodes would be called differently each time; a shape without a name is told by the one around it."""
    nodes = {node for quad in graph for node in (quad.subject, quad.object)}

    assert [node for node in nodes if isinstance(node, ox.BlankNode)] == []
    assert rows(graph, "?shape ?n", "?x sh:resultSeverity sh:Info ; rdfs:seeAlso ?shape ; sh:focusNode ?n") == [
        ("BreadShape", "enriched-bread"),
        ("BreadShape", "loaf"),
    ]


def test_a_waived_result_is_there_and_says_why(graph: ox.Store) -> None:
    """sh:conforms counts it, as the standard has it; its comment says who let it stand, and until when."""
    waived = rows(
        graph, "?node ?why", "?x sh:focusNode ?node ; rdfs:comment ?why FILTER(STRSTARTS(?why, 'waived until'))"
    )

    assert waived == [("loaf", WAIVER)]


def test_what_is_no_result_of_a_shape_is_not_lost(graph: ox.Store) -> None:
    """The finding about a rule is a part of the report, with the file that it is about."""
    remarks = rows(
        graph,
        "?check ?s ?m ?place",
        "?r dcterms:hasPart ?x . ?x dcterms:identifier ?check ; sh:resultSeverity ?s ; sh:resultMessage ?m ;"
        " <http://purl.org/dc/elements/1.1/source> ?place FILTER NOT EXISTS { ?r sh:result ?x }",
    )

    assert remarks == [("rule-without-result", "Info", "this rule derives nothing", "idle.rq")]


def test_the_report_says_what_was_checked_with_what_and_by_what(graph: ox.Store, release: Release) -> None:
    """The release; its shapes and its ontology with their checksums; the software and its engines."""
    used = rows(graph, "?entity", "?r prov:wasGeneratedBy ?run . ?run prov:used ?entity")
    hashes = rows(
        graph, "?e ?graph ?sha256", "?e prov:specializationOf ?graph ; spdx:checksum/spdx:checksumValue ?sha256"
    )
    agents = rows(
        graph,
        "?name",
        "?agent a prov:SoftwareAgent ; dcterms:title ?name ; <http://www.w3.org/2002/07/owl#versionInfo> ?v",
    )

    assert {name for (name,) in used} == {release.id, "shapes", "ontology"}
    assert [row[:2] for row in hashes] == [("ontology", "ontology"), ("shapes", "shapes")]
    assert agents == [("lungkg",), ("pyoxigraph",), ("pyshacl",)]
    assert rows(graph, "?day", "?r a sh:ValidationReport ; dcterms:issued ?day") == [("2026-11-24T00:00:00Z",)]


@pytest.mark.parametrize("name", ["shapes", "ontology"])
def test_anybody_can_compute_the_checksums(release: Release, name: str) -> None:
    """From the Turtle of the graph, whatever its blank nodes are called: RDFC-1.0, sorted lines, SHA-256."""
    dump = next(d for d in listed(release) if d.graph == name and d.format == "turtle")
    text = gzip.decompress(located(release, dump).read_bytes())
    dataset = ox.Dataset(ox.parse(text, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted(f"{quad.triple} .\n" for quad in dataset)

    report = load_report(release.path)

    assert report is not None
    assert report.head[name]["sha256"] == hashlib.sha256("".join(lines).encode()).hexdigest()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "old", "new", "changed"),
    [
        pytest.param("shapes/bread.ttl", "has no other name", "lacks another name", {"shapes"}, id="shape"),
        pytest.param("ontology/bakery.ttl", "a sort of bread", "a kind of bread", {"ontology"}, id="ontology"),
        pytest.param("data/entities.jsonl", "One bread, baked", "A bread, baked", set(), id="data"),
    ],
)
def test_a_checksum_changes_with_its_graph_alone(
    release: Release, tmp_path: Path, file: str, old: str, new: str, changed: set[str]
) -> None:
    """Two releases were checked by the same shapes exactly when the checksums say so."""
    other = warned(tmp_path / "project")
    path = other.root / file
    assert old in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")

    kept = build(load_project(other.root), tmp_path / "out").kept
    before = load_report(release.path)

    assert kept is not None
    assert before is not None
    assert {name for name in ("shapes", "ontology") if kept.head[name] != before.head[name]} == changed


def test_the_same_sources_give_the_same_report(release: Release, tmp_path: Path) -> None:
    """In another folder, on another day: no clock and no name of a machine's folder is in it."""
    again = build(warned(tmp_path / "elsewhere"), tmp_path / "out").release

    assert again is not None
    for name in ("report.ttl", "report.json"):
        content = (again.path / name).read_bytes()
        assert content == (release.path / name).read_bytes()
        assert str(tmp_path).encode() not in content
        assert str(Path.cwd()).encode() not in content


UNCOMPILED: Final = """
@prefix ont: <https://w3id.org/lungkg/ont#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<https://example.org/bakery/shapes#Claim-or> a sh:NodeShape ; sh:targetClass ont:Claim ; sh:severity sh:Warning ;
    sh:or ( [ sh:path skos:altLabel ; sh:minCount 7 ] [ sh:path skos:hiddenLabel ; sh:minCount 1 ] ) .
"""


@pytest.mark.slow
def test_of_many_findings_the_same_are_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only so many are, in whatever order they are found; pySHACL's order changes from process to process."""
    monkeypatch.setattr("lungkg.build.MOST_EXPLAINED", 1)
    monkeypatch.setattr("lungkg.validation.explain.MOST_OF_EACH", 1)
    project = warned(tmp_path / "project")
    (project.root / "shapes" / "claim.ttl").write_text(UNCOMPILED, "utf-8")
    first = build(project, tmp_path / "first").release
    monkeypatch.setattr("lungkg.build.check", lambda *given: list(check(*given))[::-1])
    second = build(project, tmp_path / "second").release

    assert first is not None
    assert second is not None
    report = (first.path / "report.json").read_bytes()
    assert report.count(b"must do at least one of this") == 1
    assert report.count(b"OrConstraintComponent") == 5
    assert (second.path / "report.json").read_bytes() == report


def test_the_metadata_link_to_the_report(release: Release) -> None:
    """From the dataset and from the release to its report, with the checksum of its Turtle and sh:conforms."""
    store = ox.Store.read_only(str(release.store))
    linked = rows(store, "?dataset ?report", "?dataset <http://www.w3.org/ns/dqv#hasQualityMetadata> ?report")
    told = rows(
        store,
        "?report ?c ?sha256",
        "?report a sh:ValidationReport ; sh:conforms ?c ; spdx:checksum/spdx:checksumValue ?sha256",
    )

    assert linked == [(release.id, "report"), ("dataset", "report")]
    assert told == [("report", "false", hashlib.sha256((release.path / "report.ttl").read_bytes()).hexdigest())]


def test_a_report_without_findings_conforms(bakery: Any) -> None:
    """And says so in words."""
    report = load_report(bakery.second.path)

    assert report is not None
    assert (report.conforms, report.rules, report.total) == (True, (), 0)
    assert report.head["verdict"] == "This release conforms to all shapes, and no other check found anything."


@pytest.mark.slow
def test_another_base_moves_the_report(project: Project, tmp_path: Path) -> None:
    """What is named below the base is named below the new one; shapes stay where they are."""
    moved = build(load_project(project.root, base="http://localhost:8080/"), tmp_path).release
    assert moved is not None
    text = (moved.path / "report.ttl").read_text("utf-8")

    assert f"<http://localhost:8080/dataset/{moved.id}/report>" in text
    assert re.findall(rf"<{BASE}(?!shapes#|ont#)[^>]*>", text) == []
    assert f"<{SHAPES}Bread-altLabel>" in text


@pytest.mark.slow
def test_the_build_names_what_is_waived(project: Project, tmp_path: Path) -> None:
    """On the command line, too."""
    run = lungkg("build", "--project", project.root, "--out", tmp_path)

    assert run.returncode == 0
    assert f"waived: {WAIVER}" in run.stdout.decode()
    assert "No violation stands against this release" in " ".join(run.stdout.decode().split())


# Findings fit to be kept

BASIS: Final = Basis(
    "a" * 64, "2026-01-02", BASE, Hashed("urn:s", "0"), Hashed("urn:o", "1"), 0, "1.0", {"engine": "2"}
)
FINDING: Final = Finding(
    "Warning", f"{SHAPES}S", "It is wrong.", f"<{ENTITY}a>", ALT_LABEL, "", f"{SH}MinCountConstraintComponent", f"{SHAPES}S",
    title="a shape", link=f"{SHAPES}S",
)  # fmt: skip


def kept(findings: list[Finding], project: Project, folder: Path) -> KeptReport:
    """Keep a report of some findings."""
    folder.mkdir(exist_ok=True)
    keep(Report(findings), BASIS, project, folder)
    found = load_report(folder)
    assert found is not None
    return found


def test_the_findings_of_a_rule_are_read_page_by_page(project: Project, tmp_path: Path) -> None:
    """Each page from its place in the file; the findings are there once each, in order."""
    many = [replace(FINDING, focus=f"<{ENTITY}{number:03}>") for number in range(250)]
    report = kept([*reversed(many), replace(FINDING, severity="Info", check="other")], project, tmp_path)

    rule, other = report.rules
    pages = [report.findings(rule, page) for page in (1, 2, 3)]

    assert [len(page) for page in pages] == [100, 100, 50]
    assert [one["focus"] for page in pages for one in page] == [one.focus for one in many]
    assert [one["severity"] for one in report.findings(other, 1)] == ["Info"]
    assert len(report.findings(rule, 1, 5)) == 5
    assert len(json.loads((tmp_path / "report.json").read_bytes())["results"]) == 251


def test_a_long_report_is_one_report(project: Project, tmp_path: Path) -> None:
    """It is written in pieces, and has every result and each prefix once."""
    many = [replace(FINDING, focus=f"<{ENTITY}{number}>") for number in range(2_500)]
    kept(many, project, tmp_path)
    text = (tmp_path / "report.ttl").read_text("utf-8")
    prefixes = re.findall(r"^@prefix \S+", text, re.MULTILINE)

    read = triples(text.encode(), ox.RdfFormat.TURTLE)

    assert sum(triple.predicate.value == f"{SH}result" for triple in read) == 2_500
    assert len(prefixes) == len(set(prefixes))
    assert text.count("sh:ValidationReport") == 1


def test_the_order_of_findings_does_not_matter(project: Project, tmp_path: Path) -> None:
    """Threads find them in any order; blank nodes of shapes have any name."""
    some = [
        replace(FINDING, focus=f"<{ENTITY}{name}>", check=f"{number}b", shape=f"{number}b")
        for number, name in enumerate("abc")
    ]
    others = [replace(one, check="x" + one.check, shape="x" + one.shape) for one in reversed(some)]

    kept(some, project, tmp_path / "one")
    kept(others, project, tmp_path / "other")

    assert (tmp_path / "one" / "report.ttl").read_bytes() == (tmp_path / "other" / "report.ttl").read_bytes()
    assert (tmp_path / "one" / "report.json").read_bytes() == (tmp_path / "other" / "report.json").read_bytes()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(lambda root: root / "data" / "entities.jsonl", "data/entities.jsonl", id="of-the-project"),
        pytest.param(lambda _: Path(__file__).parents[1] / "shapes" / "core" / "claim.ttl", "shapes/core/claim.ttl", id="of-the-software"),
        pytest.param(lambda _: Path("/elsewhere/of/this/machine.ttl"), "machine.ttl", id="elsewhere"),
    ],
)  # fmt: skip
def test_files_are_named_from_the_project(
    project: Project, tmp_path: Path, path: Callable[[Path], Path], expected: str
) -> None:
    """Nothing of a machine is in a report, neither in a place nor in an edit."""
    place = Place(path(project.root), 3, 4)
    mend = Mend("Mend it.", edits=(Edit(place.path, 3, 4, 3, 5, "x"),))
    report = kept([replace(FINDING, place=place, rule_place=place, mend=mend)], project, tmp_path)

    (found,) = report.findings(report.rules[0], 1)

    assert (found["place"], found["rule_place"]) == (f"{expected}:3:4", f"{expected}:3:4")
    assert (found["file"], found["mend"]["edits"][0]["path"]) == (expected, expected)


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        pytest.param([replace(FINDING, component="")], "This release conforms to all shapes. Other checks have 1 warning.", id="lint"),
        pytest.param(
            [FINDING, FINDING],
            "No violation stands against this release. There are 2 warnings, so sh:conforms is false, as SHACL has it.",
            id="warnings",
        ),
        pytest.param(
            [replace(FINDING, severity="Violation", waived="waived")],
            "No violation stands against this release. There is 1 finding that is waived, so sh:conforms is false, as SHACL has it.",
            id="waived",
        ),
    ],
)  # fmt: skip
def test_the_verdict_is_a_sentence(project: Project, tmp_path: Path, findings: list[Finding], expected: str) -> None:
    """It says why a release was published although sh:conforms is false."""
    assert kept(findings, project, tmp_path).head["verdict"] == expected


# Web


def test_the_turtle_is_the_file_of_the_release(web: FlaskClient, release: Release) -> None:
    """Byte for byte, by suffix and by Accept."""
    fixed, negotiated = web.get("/status.ttl"), web.get("/status", headers={"Accept": "text/turtle"})

    assert fixed.data == negotiated.data == (release.path / "report.ttl").read_bytes()
    assert fixed.content_type == "text/turtle; charset=utf-8"
    assert negotiated.headers["Content-Location"] == "/status.ttl"


def test_the_json_has_what_validate_gives_and_the_hashes(web: FlaskClient, release: Release, project: Project) -> None:
    """The keys of `lungkg validate --format json`, in the whole and in each result."""
    run = lungkg("validate", "--project", project.root, "--out", project.root.parent / "out", "--format", "json")
    expected = json.loads(run.stdout)

    response = web.get("/status", headers={"Accept": "application/json"})
    found = response.get_json()

    assert response.data == (release.path / "report.json").read_bytes()
    assert set(expected) <= set(found)
    assert {key: found[key] for key in ("conforms", "counts", "notes")} == {
        key: expected[key] for key in ("conforms", "counts", "notes")
    }
    assert {*expected["results"][0], "width"} == set(found["results"][0])
    assert {one["sentence"] for one in found["results"]} == {one["sentence"] for one in expected["results"]}
    assert re.fullmatch("[0-9a-f]{64}", found["shapes"]["sha256"])


@pytest.mark.parametrize("suffix", FORMS)
def test_other_forms_say_the_same(web: FlaskClient, suffix: str) -> None:
    """By Accept and by suffix."""
    media_type, form = FORMS[suffix]

    fixed, negotiated = web.get(f"/status.{suffix}"), web.get("/status", headers={"Accept": media_type})

    assert (fixed.mimetype, fixed.data) == (media_type, negotiated.data)
    assert triples(fixed.data, form) == triples(web.get("/status.ttl").data, ox.RdfFormat.TURTLE)


def test_the_page_and_the_rdf_agree(web: FlaskClient, graph: ox.Store) -> None:
    """As many findings of each rule and severity here as there."""
    page = web.get("/status", headers={"Accept": "text/html"}).text
    listed_rules = re.findall(
        r'<td>(?:<a[^>]*>)?([^<]*)(?:</a>)?</td><td>(\w+)</td>\s*<td class="number"><a[^>]*>([\d,]+)</a></td><td class="number">(\d+)', page
    )  # fmt: skip
    severities: Counter[str] = Counter()
    for _, severity, total, _waived in listed_rules:
        severities[severity] += int(total)
    numbers = dict(re.findall(r"<dt>(\w+)</dt><dd>([\d,]+)</dd>", page))

    assert [(rule, int(total), int(waived)) for rule, _, total, waived in listed_rules] == [
        ("bread: other name", 3, 1), ("bread, skos:definition", 2, 0), ("rule-without-result", 1, 0),
    ]  # fmt: skip
    assert severities == Counter(name for (name,) in rows(graph, "?s", "?x sh:resultSeverity ?s"))
    assert numbers == {"violations": "0", "warnings": "2", "infos": "3", "waived": "1"}


@pytest.mark.parametrize(
    "part",
    [
        pytest.param("entity:brioche has no skos:altLabel, but needs at least one.", id="sentence"),
        pytest.param("data/entities.jsonl:2", id="place"),
        pytest.param("This bread has no other name.", id="message"),
        pytest.param("Add skos:altLabel", id="mend"),
        pytest.param(WAIVER, id="waiver"),
        pytest.param('href="/doc/entity/brioche"', id="thing"),
        pytest.param('href="/shapes#Bread-altLabel"', id="shape"),
        pytest.param('href="/status.ttl"', id="turtle"),
        pytest.param('href="/status?rule=https%3A%2F%2Fexample.org%2Fbakery%2Fshapes%23Bread-altLabel#findings"', id="rule"),
        pytest.param("5 claims", id="counts"),
        pytest.param("Not checked", id="fairness"),
    ],
)  # fmt: skip
def test_the_page_tells_everything(web: FlaskClient, part: str) -> None:
    """What is wrong, where, why, how to mend it, why it may stand, and where to read on."""
    assert part in unescape(web.get("/status", headers={"Accept": "text/html"}).text)


def test_a_page_about_one_rule_has_what_it_found_alone(web: FlaskClient) -> None:
    """By the check of the rule, as JSON names it."""
    page = web.get("/status.html", query_string={"rule": f"{SHAPES}Bread-altLabel"}).text

    assert page.count('<article class="finding">') == 3
    assert "rule-without-result</a>" not in page.partition('id="findings"')[2]


@pytest.mark.parametrize("path", ["/status.ttl", "/status.json", "/status.html", "/status.nt"])
def test_who_has_it_is_told_so(web: FlaskClient, path: str) -> None:
    """Each form has an entity tag of its own, and HEAD has the headers of GET."""
    first, head = web.get(path), web.head(path)
    again = web.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", first.headers["ETag"])
    assert head.headers["Content-Length"] == str(len(first.data))
    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Cache-Control"] == "public, no-cache"


def test_each_form_has_its_own_tag(web: FlaskClient) -> None:
    """So no cache mixes them up."""
    tags = [web.get(f"/status.{suffix}").headers["ETag"] for suffix in (*FORMS, "json", "html")]

    assert len(set(tags)) == len(tags)


@pytest.mark.parametrize(
    ("path", "status_code", "part"),
    [
        pytest.param("/status.pdf", 404, "there are .ttl, .json, .jsonld, .nt, .rdf, .html, .trig, .nq", id="suffix"),
        pytest.param("/status.html?rule=none", 404, "No rule 'none' found anything here; /status lists those that did", id="rule"),
        pytest.param(f"/status.html?rule={SHAPES.replace('#', '%23')}Bread-altLabel&page=2", 404, "There is no page 2", id="page"),
        pytest.param("/status.html?rule=a&page=0", 400, "must be a number from 1 on, not '0'", id="page-0"),
        pytest.param("/status.html?rule=a&page=x", 400, "parameter page", id="page-x"),
        pytest.param("/status.html?rule=a&page=99999999999999999999999", 400, "parameter page", id="page-long"),
        pytest.param("/status?format=pdf", 400, "parameter format", id="format"),
    ],
)  # fmt: skip
def test_what_there_is_not_is_told(web: FlaskClient, path: str, status_code: int, part: str) -> None:
    """A problem with what there is."""
    response = web.get(path)

    assert (response.status_code, response.mimetype) == (status_code, "application/problem+json")
    assert part in response.get_json(force=True)["detail"]


def test_only_reading_is_allowed(web: FlaskClient) -> None:
    """405 with the methods that there are."""
    refused, options = web.post("/status"), web.options("/status")

    assert refused.status_code == 405
    assert set(options.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_what_is_not_acceptable_is_refused_with_the_list(web: FlaskClient) -> None:
    """406."""
    response = web.get("/status", headers={"Accept": "image/png"})

    assert response.status_code == 406
    assert "text/turtle" in response.get_json(force=True)["detail"]


def test_links_have_the_mount_prefix(web: FlaskClient) -> None:
    """Behind a proxy that gives the server a part of its paths."""
    response = web.get("/status.html", environ_overrides={"SCRIPT_NAME": "/kg"})

    assert 'href="/kg/status.ttl"' in response.text
    assert re.findall(r'href="/(?!kg/)[^"]*"', response.text) == []
    assert response.headers["Content-Location"] == "/kg/status.html"
    assert f"</kg/dataset/{load_id(response.text)}>" in response.headers["Link"]


def load_id(page: str) -> str:
    """Find the release that a page is about."""
    found = re.search(r"/dataset/([0-9a-f]{64})", page)
    assert found is not None
    return found[1]


def test_a_long_report_is_sent_from_its_file(
    web: FlaskClient, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same bytes and tags; other forms of RDF are not made of it, and nobody gets one by Accept."""
    monkeypatch.setattr(status, "_IN_MEMORY", 10)

    for suffix in ("ttl", "json"):
        response, head = web.get(f"/status.{suffix}"), web.head(f"/status.{suffix}")
        tag = {"If-None-Match": response.headers["ETag"]}
        assert response.data == (release.path / f"report.{suffix}").read_bytes()
        assert "Content-Encoding" not in web.get(f"/status.{suffix}", headers={"Accept-Encoding": "gzip"}).headers
        assert head.headers["Content-Length"] == str(len(response.data))
        assert web.get(f"/status.{suffix}", headers=tag).status_code == 304
    assert web.get("/status.nt").status_code == 404
    assert web.get("/status", headers={"Accept": "application/trig"}).status_code == 406
    assert web.get("/status", headers={"Accept": "application/n-triples, text/turtle;q=0.1"}).mimetype == "text/turtle"


def test_the_report_is_at_its_own_iri(web: FlaskClient, release: Release) -> None:
    """Of the release that is served and of all that are kept; the beginning of an id leads there."""
    whole = web.get(f"/dataset/{release.id}/report.ttl")
    short = web.get(f"/dataset/{release.id[:12]}/report.ttl")
    page = web.get(f"/dataset/{release.id}/report", headers={"Accept": "text/html"})

    assert whole.data == web.get("/status.ttl").data
    assert (short.status_code, short.headers["Location"]) == (302, f"/dataset/{release.id}/report.ttl")
    assert 'href="/dataset/' + release.id + '/report.ttl"' in page.text
    assert f'<{BASE}dataset/{release.id}/report>; rel="cite-as"' in page.headers["Link"]


def test_a_release_before_has_its_report_still(bakery: Any) -> None:
    """The one that is served and the one before it, each its own."""
    client = application(bakery.project, bakery.second)[0].test_client()

    before = client.get(f"/dataset/{bakery.first.id}/report.ttl")

    assert before.data == (bakery.first.path / "report.ttl").read_bytes()
    assert f"Status of release {bakery.first.id[:12]}" in client.get(f"/dataset/{bakery.first.id}/report.html").text


@pytest.fixture
def old(project: Project, release: Release, tmp_path: Path) -> tuple[FlaskClient, Path]:
    """A server of a release as it was built before reports were kept, and its folder."""
    home = tmp_path / "releases" / release.id
    home.mkdir(parents=True)
    for name in ("release.json", "report.ttl", "report.json"):
        shutil.copy(release.path / name, home / name)
    return application(project, Release(home))[0].test_client(), home


def test_a_release_without_a_report_says_so(old: tuple[FlaskClient, Path]) -> None:
    """The page has what is known, and what to do; the other forms are not there."""
    page, file = old[0].get("/status", headers={"Accept": "text/html"}), old[0].get("/status.ttl")

    assert page.status_code == 200
    assert "`lungkg build` builds it again, with one" in page.text
    assert "<dt>warnings</dt><dd>2</dd>" in page.text
    assert file.status_code == 404
    assert "lungkg build" in file.get_json(force=True)["detail"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"head": {}, "rules": [{}], "files": {}}'])
def test_a_report_that_cannot_be_read_is_told_without_a_path(old: tuple[FlaskClient, Path], content: str) -> None:
    """503, and nothing of the machine."""
    client, home = old
    (home / "report-index.json").write_text(content, "utf-8")

    response = client.get("/status.html", headers={"Accept": "application/json"})

    assert (response.status_code, str(home) in response.text) == (503, False)
    assert "build the release again" in response.get_json(force=True)["detail"]


def test_a_report_whose_findings_cannot_be_read_is_told_without_a_path(
    old: tuple[FlaskClient, Path], release: Release
) -> None:
    """A file that was cut off."""
    client, home = old
    shutil.copy(release.path / "report-index.json", home / "report-index.json")
    (home / "report.json").write_text("{", "utf-8")

    response = client.get("/status.html")

    assert (response.status_code, str(home) in response.text) == (503, False)


def test_the_page_has_how_fair_the_release_is_as_soon_as_that_is_known(
    old: tuple[FlaskClient, Path], made: Build
) -> None:
    """The checks may be made a while after the release was published."""
    client, home = old
    before = client.get("/status.html").text
    Assessment((Result("X1", "List", "It is.", "Mend it."),)).save(home)

    after = client.get("/status.html").text

    assert made.fair is None
    assert ("Not checked" in before, "1 passed, 0 failed" in before) == (True, False)
    assert ("Not checked" in after, "1 passed, 0 failed" in after) == (False, True)


def test_what_rdf_xml_cannot_hold_is_not_acceptable(project: Project, release: Release, tmp_path: Path) -> None:
    """XML has no way to write some characters; the other forms have."""
    shutil.copy(release.path / "release.json", tmp_path / "release.json")
    kept([replace(FINDING, message="a bell: \x07")], project, tmp_path)
    client = application(project, Release(tmp_path))[0].test_client()

    assert {suffix: client.get(f"/status.{suffix}").status_code for suffix in (*FORMS, "json", "html")} == {
        "ttl": 200, "jsonld": 200, "nt": 200, "rdf": 406, "trig": 200, "nq": 200, "json": 200, "html": 200,
    }  # fmt: skip


def test_every_page_leads_to_the_status(web: FlaskClient) -> None:
    """At its foot."""
    assert '<a href="/status">status</a>' in web.get("/", headers={"Accept": "text/html"}).text
