"""Building a release: the same from the same sources, all or nothing, and clear about what is wrong."""

import gzip
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from lungkg.build import STAGES, Build, build, fingerprint
from lungkg.errors import InputError, SystemProblem
from lungkg.project import Project, load_project
from lungkg.release import KEPT, Release, current, staging
from tests.commands import lungkg
from tests.sampling import sampled
from tests.warned import NAMED, warned

DOCUMENT = "data/documents/000_a5af86fa0d89168c"
SHA256 = "2c4b3cc5c40356dd96aca993b001c87117225c03449f9bd4888e0375caab6918"


def edit(path: Path, old: str, new: str) -> None:
    """Replace the first occurrence of a text in a file; it must be there."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def without_queries(project: Path) -> Path:
    """Take the canned queries out of a project, which expect the answers that the real data give."""
    for path in (project / "queries").glob("*.rq"):
        path.unlink()
    return project


# What is built


def test_the_real_project_conforms(built: Build) -> None:
    """No check has anything to say about the real project."""
    assert built.report.sorted() == []


def test_the_summary_counts_what_was_read(built: Build) -> None:
    """The counts are those of the sources."""
    assert built.counts == {
        "documents": 1, "sentences": 14, "claims": 44, "glosses": 3, "entities": 55, "assumptions": 3, "inferred": 7,
    }  # fmt: skip


def test_the_source_text_is_the_one_that_was_given(project: Project) -> None:
    """The document is in the repository byte for byte."""
    content = (project.root / DOCUMENT / "source.txt").read_bytes()

    assert hashlib.sha256(content).hexdigest() == SHA256


def test_the_release_id_is_the_hash_of_its_sorted_lines(release: Release) -> None:
    """Anyone can compute the id from the dump: SHA-256 of sorted N-Quads, metadata left out."""
    content = gzip.decompress((release.path / "dataset.nq.gz").read_bytes())

    lines = content.splitlines()
    assert lines == sorted(set(lines))
    assert hashlib.sha256(content).hexdigest() == release.id
    assert b"/graph/metadata>" not in content


def test_the_dump_is_what_the_store_holds(release: Release, project: Project) -> None:
    """The store rewrote no literal: it dumps the very lines that were hashed."""
    store = ox.Store.read_only(str(release.store))
    metadata = ox.NamedNode(f"{project.base}graph/metadata")
    held = [quad for quad in store.quads_for_pattern(None, None, None, None) if quad.graph_name != metadata]

    lines = sorted((ox.serialize(held, format=ox.RdfFormat.N_QUADS) or b"").splitlines())
    assert lines == gzip.decompress((release.path / "dataset.nq.gz").read_bytes()).splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("seed", ["0", "1"])
def test_equal_sources_give_equal_releases(release: Release, tmp_path: Path, seed: str) -> None:
    """Another process with another hash seed builds the same id and the same dump, byte for byte."""
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    code = (
        "import sys; from pathlib import Path; from lungkg.build import build; from lungkg.project import *;"
        "print(build(load_project(bundled_root()), Path(sys.argv[1])).release.path)"
    )

    run = subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=environment, capture_output=True, check=True)

    other = Release(Path(run.stdout.decode().strip()))
    assert other.id == release.id
    assert (other.path / "dataset.nq.gz").read_bytes() == (release.path / "dataset.nq.gz").read_bytes()


def test_the_base_moves_things_and_leaves_vocabulary(project: Project, tmp_path: Path) -> None:
    """--base moves id/, graph/ and dataset in data, SPARQL text and prefixes, but neither ont# nor shapes#."""
    made = build(load_project(project.root, base="http://localhost:8080/"), tmp_path)

    assert made.release is not None
    text = gzip.decompress((made.release.path / "dataset.nq.gz").read_bytes()).decode()
    assert re.findall(r"<https://w3id\.org/lungkg/(?!ont|shapes)[^>]*>", text) == []
    assert "<http://localhost:8080/id/claim/000_a5af86fa0d89168c-C39>" in text
    assert "http://localhost:8080/ont" not in text
    assert "http://localhost:8080/shapes" not in text


def test_the_date_of_a_release_comes_from_its_sources(release: Release) -> None:
    """The date is the newest one in the sources, never the clock's."""
    assert release.info["date"] == "2026-11-24"


def test_the_fingerprint_changes_with_any_source(copied: Path) -> None:
    """Touching a query, a shape or a document, renaming a document or another base make a new build necessary."""
    prints = [fingerprint(load_project(copied)), fingerprint(load_project(copied, base="http://localhost/"))]
    for name in ("queries/what-does.rq", "shapes/disease.ttl", "ontology/kinds.ttl", f"{DOCUMENT}/document.yaml"):
        with (copied / name).open("a") as file:
            file.write("\n")
        prints.append(fingerprint(load_project(copied)))
    (copied / DOCUMENT).rename((copied / DOCUMENT).with_name("another-id"))
    prints.append(fingerprint(load_project(copied)))

    assert len(set(prints)) == len(prints)


# What is wrong is said with file and line, and the release before stays

NOT_IN_TEXT = "these words do not stand in sentence S01"
SPOILT: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "a-character-missing-in-a-quote": (
        lambda d: edit(d / "claims.yaml", "are prone to develop infections.\"", "are pron to develop infections.\""),
        r"claims\.yaml:\d+:\d+", NOT_IN_TEXT,
    ),
    "a-misspelt-entity": (
        lambda d: edit(d / "claims.yaml", "subject: mesenchymal-stem-cell", "subject: mesenchymal-stem-cel"),
        r"claims\.yaml:\d+:\d+", "Did you mean mesenchymal-stem-cell?",
    ),
    "a-misspelt-relation": (
        lambda d: edit(d / "claims.yaml", "relation: promotes", "relation: promote"),
        r"claims\.yaml:\d+:\d+", "Did you mean promotes?",
    ),
    "a-duplicate-id": (
        lambda d: edit(d / "claims.yaml", "id: C02", "id: C01"), r"claims\.yaml:\d+:\d+", "the claim 'C01' is already there",
    ),
    "a-tab": (lambda d: edit(d / "claims.yaml", "    sentence: S01", "\tsentence: S01"), r"claims\.yaml:\d+:\d+", "tab"),
    "an-empty-claims-file": (lambda d: (d / "claims.yaml").write_text(""), r"claims\.yaml:1", "this file is empty"),
    "no-claims-file": (lambda d: (d / "claims.yaml").unlink(), r"claims\.yaml", "this file is missing"),
    "no-source-text": (lambda d: (d / "source.txt").unlink(), r"source\.txt", "this file is missing"),
    "another-source-text": (
        lambda d: edit(d / "source.txt", "COPD", "CPD"), r"document\.yaml:\d+:\d+", "SHA-256",
    ),
    "an-unknown-certainty": (
        lambda d: edit(d / "claims.yaml", "certainty: Asserted", "certainty: Sure"), r"claims\.yaml:\d+:\d+", "certainty",
    ),
    "a-field-that-does-not-exist": (
        lambda d: edit(d / "claims.yaml", "    certainty: Asserted", "    certanty: Asserted"), r"claims\.yaml:\d+:\d+", "certanty",
    ),
    "a-citation-that-is-no-reference": (
        lambda d: edit(d / "claims.yaml", "citations: [1]", "citations: [9]"), r"claims\.yaml:\d+:\d+", "9 is not among the references",
    ),
    "an-unknown-sentence": (
        lambda d: edit(d / "claims.yaml", "sentence: S14", "sentence: S15"), r"claims\.yaml:\d+:\d+", "no sentence 'S15'",
    ),
    "broken-turtle": (
        lambda d: (d.parents[2] / "ontology" / "kinds.ttl").write_text("@prefix : <a:> .\n:a :b"), r"kinds\.ttl:2", "not Turtle",
    ),
    "a-broken-query": (
        lambda d: edit(d.parents[2] / "queries" / "what-does.rq", "SELECT", "SELEKT"), r"what-does\.rq", "SPARQL",
    ),
    "a-mapping-to-an-undeclared-term": (
        lambda d: edit(d.parents[2] / "ontology" / "mappings.sssom.tsv", "MONDO:0004979", "MONDO:9999999"),
        r"mappings\.sssom\.tsv:\d+", "not a declared external term",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sampled(SPOILT, 3))
def test_a_mistake_in_the_sources_is_one_clear_error_and_changes_nothing(
    copied: Path, tmp_path: Path, name: str
) -> None:
    """The error names file and line and says what to do; the served release is the one from before."""
    spoil, place, part = SPOILT[name]
    out = tmp_path / "out"
    before = build(load_project(copied), out).release
    spoil(copied / DOCUMENT)

    with pytest.raises(InputError) as caught:
        build(load_project(copied), out)

    assert re.search(place, str(caught.value))
    assert part in str(caught.value)
    assert current(out) == before
    assert sorted(path.name for path in out.iterdir()) == [".lock", "current", "history.json", "releases"]


def test_data_that_breaks_a_shape_is_reported_and_not_published(copied: Path, tmp_path: Path) -> None:
    """A claim whose relation cannot have its subject is a finding at that subject, and nothing is published."""
    claims = without_queries(copied) / DOCUMENT / "claims.yaml"
    edit(claims, "subject: stem-cell\n    relation: regenerates", "subject: asthma\n    relation: regenerates")

    made = build(load_project(copied), tmp_path / "out")

    assert made.release is None
    assert current(tmp_path / "out") is None
    line = claims.read_text("utf-8").split("\n").index("    subject: asthma") + 1
    found = {(one.check.split("#")[-1], one.focus, str(one.place)) for one in made.report.sorted()}
    assert found == {
        ("Statement-subjectKind", "<https://w3id.org/lungkg/id/claim/000_a5af86fa0d89168c-C08>", f"{claims}:{line}:14"),
    }


@pytest.mark.parametrize(
    ("file", "old", "new", "check"),
    [
        pytest.param("shapes/disease.ttl", "sh:minCount", "sh:mincount", "unknown-shacl-term", id="misspelt-sh-term"),
        pytest.param("shapes/disease.ttl", "sh:targetClass ont:Disease", "sh:targetClass ont:Disaese", "undeclared-class", id="misspelt-target"),
        pytest.param("shapes/disease.ttl", "skos:exactMatch", "skos:exactlyMatch", "undeclared-property", id="misspelt-path"),
        pytest.param("queries/what-does.rq", "ont:certaintyRank", "ont:certainityRank", "undeclared-term", id="misspelt-in-query"),
        pytest.param(
            "ontology/rules/extrapolate-to-narrower-context.rq", "ont:assumesBroader", "ont:assumesWider", "undeclared-term",
            id="misspelt-in-rule",
        ),
        pytest.param("ontology/kinds.ttl", "skos:definition", "skos:defintion", "undeclared-term", id="misspelt-in-ontology"),
    ],
)  # fmt: skip
def test_a_misspelt_term_is_never_silent(
    copied: Path, tmp_path: Path, file: str, old: str, new: str, check: str
) -> None:
    """What SHACL and SPARQL engines pass over in silence is a violation here, wherever it is misspelt."""
    edit(copied / file, old, new)

    made = build(load_project(copied), tmp_path / "out")

    assert made.release is None
    assert check in {finding.check for finding in made.report.sorted() if finding.severity == "Violation"}


QUESTION = (
    "#+ summary: Which claims are there?\n#+ question: Which claims are there?\n#+ description: All of them.\n"
    "#+ expect: {rows: 44, columns: {claim: iri}}\n#+ key: [claim]\nPREFIX ont: <https://w3id.org/lungkg/ont#>\n"
    "SELECT ?claim { ?claim a ont:Claim } ORDER BY ?claim\n"
)
PARAMETER = "#+ parameters: {claim: {type: claim, help: h, example: 000_a5af86fa0d89168c-C39}}\n#+ key: [claim]"
UNANSWERED: dict[str, tuple[dict[str, str], str]] = {
    "fewer-rows": ({"rows: 44": "rows: 45"}, "there are 44 rows, and at least 45 are expected"),
    "example-of-nothing": (
        {"#+ key: [claim]": PARAMETER.replace("C39", "C99"), "{ ?claim a": "{ ?_claim_iri a ?type . ?claim a"},
        "there is no claim '000_a5af86fa0d89168c-C99'; did you mean",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("edits", "message"), UNANSWERED.values(), ids=UNANSWERED.keys())
def test_a_release_whose_questions_go_unanswered_is_not_published(
    copied: Path, tmp_path: Path, edits: dict[str, str], message: str
) -> None:
    """The violation names the query, its file and line, and what is wrong with the answer."""
    path = without_queries(copied) / "queries" / "which-claims.rq"
    path.write_text(QUESTION, "utf-8")
    for old, new in edits.items():
        edit(path, old, new)

    made = build(load_project(copied), tmp_path / "out")

    assert made.release is None
    assert current(tmp_path / "out") is None
    (finding,) = made.report.sorted()
    assert (finding.severity, finding.check) == ("Violation", "expect")
    assert finding.message.startswith("which-claims: ")
    assert message in finding.message
    assert str(finding.place) == f"{path}:4"


def test_what_was_left_unread_is_a_warning(copied: Path, tmp_path: Path) -> None:
    """A sentence without a claim, and text without a sentence, are told and do not stop the release."""
    document = without_queries(copied) / DOCUMENT / "document.yaml"
    text = document.read_text("utf-8")
    first = text.index("  - id: S01")
    second = text.index("  - id: S02")
    document.write_text(text[:first] + text[second:], "utf-8")
    claims = copied / DOCUMENT / "claims.yaml"
    words = claims.read_text("utf-8")
    start, end = words.index("  - id: C01"), words.index("  # S02")
    claims.write_text(words[:start] + words[end:], "utf-8")
    start, end = words.index("  - id: C37"), words.index("  # S14")
    claims.write_text(claims.read_text("utf-8").replace(words[start:end], ""), "utf-8")

    made = build(load_project(copied), tmp_path / "out")

    assert made.release is not None
    warnings = [
        (finding.severity, finding.check, str(finding.place).rsplit("/", 1)[-1]) for finding in made.report.sorted()
    ]
    assert ("Warning", "text-without-sentence", "source.txt:1") in warnings
    assert [entry[1] for entry in warnings].count("sentence-without-claim") == 1


# Waivers

BREAD = "https://example.org/bakery/shapes#Bread-altLabel"
FORBIDDEN = NAMED.replace("sh:severity sh:Warning", "sh:severity sh:Violation")
WAIVERS = "waivers:\n- {{check: '{check}', reason: It is being mended., by: the bakers, until: {until}{only}}}\n"
ENTITIES = "https://example.org/bakery/id/entity/"


@pytest.mark.parametrize(
    ("waivers", "published", "violations", "waived"),
    [
        pytest.param("waivers: []", False, [BREAD] * 3, 0, id="none"),
        pytest.param(WAIVERS.format(check=BREAD, until="2099-12-31", only=""), True, [], 3, id="all"),
        pytest.param(
            WAIVERS.format(check=BREAD, until="2099-12-31", only=f", only: ['{ENTITIES}loaf']"), False, [BREAD] * 2, 1, id="one",
        ),
        pytest.param(
            WAIVERS.format(check=BREAD, until="2020-12-31", only=""), False, ["expired_waiver", *[BREAD] * 3], 0, id="expired",
        ),
    ],
)  # fmt: skip
def test_what_a_shape_forbids_stands_as_long_as_it_is_waived(
    tmp_path: Path, waivers: str, published: bool, violations: list[str], waived: int
) -> None:
    """A waived violation stops nothing and is told; one that is not covered, or not any more, stops the build."""
    root = warned(tmp_path / "project").root
    (root / "shapes" / "bread.ttl").write_text(FORBIDDEN, "utf-8")
    (root / "data" / "waivers.yaml").write_text(waivers, "utf-8")

    made = build(load_project(root), tmp_path / "out")

    found = [finding for finding in made.report.sorted() if finding.severity == "Violation"]
    assert [finding.check for finding in found if not finding.waived] == violations
    assert len([finding for finding in found if finding.waived]) == waived
    assert (made.release is not None, current(tmp_path / "out") is not None) == (published, published)


@pytest.mark.slow
def test_a_waiver_of_a_shape_that_ran_out_is_told_with_its_sentence(tmp_path: Path) -> None:
    """Which one, since when, whose, why, and where it is written; the release before stays."""
    root = warned(tmp_path / "project").root
    before = build(load_project(root), tmp_path / "out").release
    path = root / "data" / "waivers.yaml"
    edit(path, "2099-12-31", "2020-12-31")

    made = build(load_project(root), tmp_path / "out")

    (finding,) = [finding for finding in made.report.sorted() if finding.check == "expired_waiver"]
    assert finding.message == f"the waiver of {BREAD} ran out on 2020-12-31 (the bakers' guild: A loaf is a loaf.)"
    assert str(finding.place) == f"{path}:2:12"
    assert (made.release, made.kept) == (None, None)
    assert current(tmp_path / "out") == before


@pytest.mark.slow
def test_a_build_that_stops_says_how_to_have_the_whole_report(tmp_path: Path) -> None:
    """And the command that it names writes it."""
    root = warned(tmp_path / "project").root
    (root / "shapes" / "bread.ttl").write_text(FORBIDDEN, "utf-8")
    options = ("--project", root, "--out", tmp_path / "out")

    stopped = lungkg("build", *options)
    written = lungkg("validate", *options, "--format", "html", "--output", tmp_path / "report.html")

    assert (stopped.returncode, written.returncode) == (1, 1)
    assert "`lungkg validate --format html --output FILE` writes all that was found" in stopped.told
    assert (tmp_path / "report.html").read_text("utf-8").count('<article class="Violation') == 3


# All or nothing


@pytest.mark.slow
@pytest.mark.parametrize("stage", sampled(STAGES, 4))
def test_a_killed_build_leaves_the_last_release_and_the_next_build_is_clean(
    copied: Path, tmp_path: Path, stage: str
) -> None:
    """kill -9 in any stage: the release before stays current, and the next build leaves no rubbish."""
    out = tmp_path / "out"
    before = build(load_project(without_queries(copied)), out).release
    assert before is not None
    edit(copied / "data" / "project.yaml", "version: 0.1.0", "version: 0.2.0")
    edit(copied / "data" / "entities.yaml", "The organ of breathing.", "An organ of breathing.")
    code = (
        "import os, signal, sys; from pathlib import Path; from lungkg.build import build; from lungkg.project import *\n"
        "def kill(stage, done, total):\n"
        "    if stage == sys.argv[3]: os.kill(os.getpid(), signal.SIGKILL)\n"
        "build(load_project(Path(sys.argv[1])), Path(sys.argv[2]), progress=kill)"
    )

    run = subprocess.run([sys.executable, "-c", code, str(copied), str(out), stage], check=False)

    assert run.returncode == -signal.SIGKILL
    assert current(out) == before
    assert ox.Store.read_only(str(before.store)).query("ASK { GRAPH ?g { ?s ?p ?o } }")
    after = build(load_project(copied), out).release
    assert after is not None
    assert after.id != before.id
    assert sorted(path.name for path in out.iterdir()) == [".lock", "current", "history.json", "releases"]


def test_building_the_same_content_again_never_touches_the_current_release(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build of equal content that ends anywhere while publishing leaves the release before whole."""
    out = tmp_path / "out"
    before = build(load_project(without_queries(copied)), out).release
    edit(copied / "data" / "entities.yaml", "# Cells", "# cells")

    def killed(_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lungkg.release._sync", killed)
    with pytest.raises(KeyboardInterrupt):
        build(load_project(copied), out)
    monkeypatch.undo()
    interrupted = current(out)
    again = build(load_project(copied), out).release

    assert before is not None
    assert again is not None
    assert interrupted == before
    assert ox.Store.read_only(str(before.store)).query("ASK { GRAPH ?g { ?s ?p ?o } }")
    assert (again.id, current(out)) == (before.id, again)
    assert again.path != before.path


def test_one_build_at_a_time(tmp_path: Path) -> None:
    """A second build in the same place is refused while the first one runs."""
    with staging(tmp_path), pytest.raises(SystemProblem, match="another build is running"), staging(tmp_path):
        pass


def test_an_output_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    """A file where the folder should be is told, not traced."""
    (tmp_path / "out").write_text("")

    with pytest.raises(SystemProblem, match="cannot read or write"), staging(tmp_path / "out"):
        pass


def test_the_last_five_releases_are_kept(copied: Path, tmp_path: Path) -> None:
    """Older releases go, the current one and the four before it stay."""
    out = tmp_path / "out"
    without_queries(copied)
    ids = []
    for number in range(KEPT + 2):
        edit(copied / "data" / "entities.yaml", "The organ of breathing", f"The organ of breathing {number}")
        made = build(load_project(copied), out)
        assert made.release is not None
        ids.append(made.release.id)
        edit(copied / "data" / "entities.yaml", f"The organ of breathing {number}", "The organ of breathing")

    assert {path.name for path in (out / "releases").iterdir()} == set(ids[-KEPT:])
    release = current(out)
    assert release is not None
    assert release.id == ids[-1]


def test_release_json_says_what_a_release_is(release: Release) -> None:
    """The facts of the build are beside the release, wall-clock ones there only."""
    info = json.loads((release.path / "release.json").read_text("utf-8"))

    assert {"id", "date", "base", "software", "sources", "counts", "triples", "findings", "built", "seconds"} <= set(
        info
    )
    assert info["findings"] == {"Violation": 0, "Warning": 0, "Info": 0}
