"""What is gone leaves a tombstone, and what cannot be a tombstone is told with its place."""

import re
import shutil
from pathlib import Path
from textwrap import dedent, indent

import pyoxigraph as ox
import pytest

from lungkg.build import build
from lungkg.errors import InputError
from lungkg.project import Project, load_project
from lungkg.redirects import read_redirects
from lungkg.release import current
from tests.commands import lungkg

BAKERY = Path(__file__).parent / "other_project"
ONT = "https://w3id.org/lungkg/ont#"

REST = 'label: "white bread", reason: "It was read twice.", date: "2026-11-20"'
WITHDRAWN = f"- {{withdrawn: claim/leaflet-01-C9, {REST}}}\n"
MERGED = f"- {{merged: entity/white-loaf, into: entity/brioche, {REST}}}\n"


@pytest.fixture
def bakery(tmp_path: Path) -> Project:
    """A copy of the project about baking, to be given redirects."""
    return load_project(Path(shutil.copytree(BAKERY, tmp_path / "bakery")))


def write(project: Project, entries: str) -> None:
    """Write data/redirects.yaml with some entries of its list."""
    text = "redirects:\n" + indent(dedent(entries), "  ")
    (project.folder("data") / "redirects.yaml").write_text(text, encoding="utf-8")


def told(error: InputError) -> list[str]:
    """List the problems, each with its place within the data."""
    return [str(problem).split("/data/", 1)[-1] for problem in error.problems]


def test_no_file_means_no_redirects(bakery: Project) -> None:
    """The file is optional."""
    assert read_redirects(bakery) == []


def test_what_is_gone_leaves_a_tombstone_and_what_is_merged_leads_on(bakery: Project, tmp_path: Path) -> None:
    """The graph of documents has the tombstones, with name, reason, time and successor."""
    write(bakery, WITHDRAWN + MERGED)

    made = build(bakery, tmp_path / "out")

    assert (made.report.sorted(), made.counts["tombstones"]) == ([], 2)
    assert made.release is not None
    store = ox.Store.read_only(str(made.release.store))
    graph = ox.NamedNode("https://example.org/bakery/graph/documents")
    tombstone = ox.NamedNode(ONT + "Tombstone")
    found = {
        str(triple)
        for quad in store.quads_for_pattern(None, None, tombstone, graph)
        for triple in (one.triple for one in store.quads_for_pattern(quad.subject, None, None, None))
    }
    expected = """
        PREFIX dcterms: <http://purl.org/dc/terms/> PREFIX ont: <https://w3id.org/lungkg/ont#>
        PREFIX owl: <http://www.w3.org/2002/07/owl#> PREFIX prov: <http://www.w3.org/ns/prov#>
        PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
        BASE <https://example.org/bakery/id/>
        <claim/leaflet-01-C9> a ont:Tombstone ; rdfs:label "white bread"@en ; rdfs:comment "It was read twice."@en ;
            owl:deprecated true ; prov:invalidatedAtTime "2026-11-20T00:00:00Z"^^xsd:dateTime .
        <entity/white-loaf> a ont:Tombstone ; rdfs:label "white bread"@en ; rdfs:comment "It was read twice."@en ;
            owl:deprecated true ; prov:invalidatedAtTime "2026-11-20T00:00:00Z"^^xsd:dateTime ;
            dcterms:isReplacedBy <entity/brioche> .
    """
    assert {str(quad.triple) for quad in ox.parse(expected, format=ox.RdfFormat.TURTLE)} == found


def test_tombstones_move_with_the_base(bakery: Project, tmp_path: Path) -> None:
    """Both ends of a merger stand below the base to publish under; the vocabulary stays."""
    write(bakery, MERGED)

    made = build(load_project(bakery.root, "http://localhost:1234/"), tmp_path / "out")

    assert made.release is not None
    store = ox.Store.read_only(str(made.release.store))
    replaced = ox.NamedNode("http://purl.org/dc/terms/isReplacedBy")
    links = [(str(quad.subject), str(quad.object)) for quad in store.quads_for_pattern(None, replaced, None, None)]
    assert links == [("<http://localhost:1234/id/entity/white-loaf>", "<http://localhost:1234/id/entity/brioche>")]


@pytest.mark.slow
def test_a_withdrawal_dates_the_release_and_makes_it_another_one(bakery: Project, tmp_path: Path) -> None:
    """The date of the newest tombstone counts like every date of the sources, and so does its text."""
    before = build(bakery, tmp_path / "out").release
    write(bakery, WITHDRAWN.replace("2026-11-20", "2027-03-01"))

    after = build(bakery, tmp_path / "out").release

    assert before is not None
    assert after is not None
    assert before.id != after.id
    assert before.info["sources"] != after.info["sources"]
    assert after.info["date"] == "2027-03-01"


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param(
            f"- {{withdrawn: bread/brioche, {REST}}}\n",
            "redirects.yaml:2:17: there is no type of thing 'bread'\n    There are entity, claim,",
            id="unknown-type",
        ),
        pytest.param(
            f"- {{withdrawn: entitty/brioche, {REST}}}\n",
            "redirects.yaml:2:17: there is no type of thing 'entitty'\n    Did you mean entity",
            id="misspelt-type",
        ),
        pytest.param(
            f"- {{withdrawn: claim/leaflet.01, {REST}}}\n",
            "redirects.yaml:2:17: 'leaflet.01' is no name of a thing\n    Names are of letters",
            id="bad-name",
        ),
        pytest.param(
            f"- {{withdrawn: claim/, {REST}}}\n", "redirects.yaml:2:17: '' is no name of a thing", id="empty-name"
        ),
        pytest.param(
            f"- {{withdrawn: https://example.org/bakery/id/claim/x, {REST}}}\n",
            "redirects.yaml:2:17: there is no type of thing 'https:'",
            id="whole-iri",
        ),
        pytest.param(
            f"- {{withdrawn: brioche, {REST}}}\n", "redirects.yaml:2:17: 'brioche' is no TYPE/NAME", id="no-type"
        ),
        pytest.param(
            f"- {{{REST}}}\n",
            "redirects.yaml:2:5: an entry is about one thing that is gone\n    Write `withdrawn: TYPE/NAME`",
            id="nothing-gone",
        ),
        pytest.param(
            f"- {{withdrawn: claim/a, merged: claim/b, into: claim/c, {REST}}}\n",
            "redirects.yaml:2:5: an entry is about one thing that is gone",
            id="withdrawn-and-merged",
        ),
        pytest.param(
            f"- {{merged: claim/a, {REST}}}\n",
            "redirects.yaml:2:6: what is merged goes into another thing",
            id="merged-into-nothing",
        ),
        pytest.param(
            f"- {{withdrawn: claim/a, into: claim/b, {REST}}}\n",
            "redirects.yaml:2:26: what is withdrawn goes nowhere",
            id="withdrawn-into-something",
        ),
        pytest.param(
            WITHDRAWN + WITHDRAWN, "redirects.yaml:3:17: claim/leaflet-01-C9 is already there, at ", id="repeated"
        ),
        pytest.param(
            f"- {{merged: claim/a, into: claim/a, {REST}}}\n",
            "redirects.yaml:2:29: claim/a → claim/a is a circle",
            id="into-itself",
        ),
        pytest.param(
            f"- {{merged: claim/a, into: claim/b, {REST}}}\n- {{withdrawn: claim/b, {REST}}}\n",
            "redirects.yaml:2:29: claim/b is itself withdrawn",
            id="into-what-is-withdrawn",
        ),
        pytest.param(
            f"- {{merged: claim/a, into: claim/b, {REST}}}\n- {{merged: claim/b, into: claim/c, {REST}}}\n",
            "redirects.yaml:2:29: claim/b is itself merged\n    Name what is left: claim/c.",
            id="chain",
        ),
        pytest.param(
            "- {withdrawn: claim/a, label: a, reason: b, date: yesterday}\n",
            "redirects.yaml:2:53: redirects[0].date: ",
            id="no-date",
        ),
        pytest.param(
            "- {withdrawn: claim/a, label: a, reason: b, date: 2026-02-30}\n",
            "redirects.yaml:2:53: redirects[0].date: ",
            id="no-such-day",
        ),
        pytest.param(
            "- {withdrawn: claim/a, label: a, reason: ' ', date: 2026-02-03}\n",
            "redirects.yaml:2:44: redirects[0].reason: ",
            id="no-reason",
        ),
        pytest.param(
            "- {withdrawn: claim/a, label: a, date: 2026-02-03}\n",
            'redirects.yaml:2:5: redirects[0]: "reason" is a required property',
            id="reason-missing",
        ),
    ],
)  # fmt: skip
def test_an_entry_that_is_wrong_in_itself_is_told_with_its_place(bakery: Project, entries: str, expected: str) -> None:
    """File, line and column, what is wrong, and what to do about it."""
    write(bakery, entries)

    with pytest.raises(InputError) as caught:
        read_redirects(bakery)

    assert [text[: len(expected)] for text in told(caught.value)] == [expected]


def test_a_circle_of_two_is_told_at_both(bakery: Project) -> None:
    """Whichever is mended, both places are known."""
    write(
        bakery,
        f"- {{merged: claim/a, into: claim/b, {REST}}}\n- {{merged: claim/b, into: claim/a, {REST}}}\n",
    )

    with pytest.raises(InputError) as caught:
        read_redirects(bakery)

    assert [text.partition("\n")[0] for text in told(caught.value)] == [
        "redirects.yaml:2:29: claim/a → claim/b → claim/a is a circle",
        "redirects.yaml:3:29: claim/b → claim/a → claim/b is a circle",
    ]


def test_what_is_gone_must_not_be_there(bakery: Project, tmp_path: Path) -> None:
    """A thing of the release cannot be withdrawn, whatever its type; the message says where it is written, if anywhere."""
    things = {
        "entity/brioche": ", at entities.jsonl:2",
        "claim/leaflet-01-C1": ", at claims.jsonl:1",
        "sentence/leaflet-01-S1": ", at document.yaml:9:5",
        "document/leaflet-01": ", at document.yaml:2:1",
        "agent/curators": "",
        "activity/curation-leaflet-01": "",
        "query/what-favours": "",
    }
    write(bakery, "".join(f"- {{withdrawn: {thing}, {REST}}}\n" for thing in things))

    with pytest.raises(InputError) as caught:
        build(bakery, tmp_path / "out")

    lines = [re.sub("at /.*/", "at ", text.partition("\n")[0]) for text in told(caught.value)]
    assert lines == [
        f"redirects.yaml:{line}:17: {thing} is still there{where}"
        for line, (thing, where) in enumerate(things.items(), start=2)
    ]


def test_what_took_its_place_must_be_there(bakery: Project, tmp_path: Path) -> None:
    """The target of a merger is a thing of the release; one that looks alike is named, and nothing is published."""
    write(bakery, f"- {{merged: entity/white-loaf, into: entity/briosche, {REST}}}\n")

    with pytest.raises(InputError) as caught:
        build(bakery, tmp_path / "out")

    assert told(caught.value) == ["redirects.yaml:2:39: there is no entity 'briosche'\n    Did you mean brioche?"]
    assert current(tmp_path / "out") is None


def test_the_command_line_tells_it_without_a_stack_trace(bakery: Project, tmp_path: Path) -> None:
    """Exit code 2, and the place."""
    write(bakery, "- {withdrawn: entity/brioche, label: a, reason: b, date: 2026-11-20}\n")

    run = lungkg("build", "--project", bakery.root, "--out", tmp_path / "out")

    assert (run.returncode, run.stdout) == (2, b"")
    assert "redirects.yaml:2:17: entity/brioche is still there" in run.told
    assert "Traceback" not in run.told


def test_problems_of_redirects_come_with_those_of_other_files(bakery: Project, tmp_path: Path) -> None:
    """A run tells all that is wrong at once."""
    write(bakery, f"- {{withdrawn: bread/brioche, {REST}}}\n")
    (bakery.folder("shapes") / "broken.ttl").write_text("nothing", encoding="utf-8")

    with pytest.raises(InputError) as caught:
        build(bakery, tmp_path / "out")

    assert {problem.place.path.name for problem in caught.value.problems} == {"redirects.yaml", "broken.ttl"}
