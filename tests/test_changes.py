"""What changed between two releases: found in bounded memory, told in words, and whole as RDF."""

import gzip
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from lungkg.changes import Changes, compare, find_side, kept_changes, side_of_file, side_of_release
from lungkg.changes.comparison import Field
from lungkg.changes.merge import differences, read_lines
from lungkg.changes.things import things
from lungkg.cli import cli
from lungkg.dumps import CANONICAL
from lungkg.errors import BadParameter, InputError
from lungkg.history import entries
from lungkg.namespaces import RDF, Minter
from tests.bakery import BASE, C2, C3, C4, C6, Releases

GRAPH = f"<{BASE}graph/claims>"


@pytest.fixture(scope="module")
def changes(bakery: Releases) -> Changes:
    """What changed from the first release to the second."""
    return compare(side_of_release(bakery.first), side_of_release(bakery.second))


def diff(bakery: Releases, *words: str) -> Result:
    """Run `lungkg diff`."""
    options = ["--project", str(bakery.project.root), "--out", str(bakery.out)]
    return CliRunner().invoke(cli, ["diff", *options, *words])


# The lines


def blocks(lines: list[bytes], size: int) -> Iterator[list[bytes]]:
    """Cut lines into blocks."""
    return (lines[at : at + size] for at in range(0, len(lines), size))


@pytest.mark.parametrize("seed", range(20))
def test_differences_are_those_of_sets(seed: int) -> None:
    """However the lines are cut into blocks, what only one side has is found, in order."""
    choose = random.Random(seed)  # noqa: S311 # no secret
    every = [f"{number:03}".encode() for number in range(choose.randrange(1, 200))]
    old = [line for line in every if choose.random() < 0.8]
    new = [line for line in every if choose.random() < 0.8]

    found = list(differences(blocks(old, choose.randrange(1, 30)), blocks(new, choose.randrange(1, 30))))

    assert found == [(line in new, line) for line in every if (line in old) != (line in new)]


@pytest.mark.parametrize("name", ["lines.nq", "lines.nq.gz"])
def test_lines_are_read_in_blocks(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compressed or not, with and without an end of the last line, from one block to the next."""
    monkeypatch.setattr("lungkg.changes.merge._BYTES", 4)
    content = b"a\nb\nc\r\nd"
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)

    found = list(read_lines(tmp_path / name))

    assert [line for block in found for line in block] == [b"a", b"b", b"c", b"d"]
    assert len(found) > 1


@pytest.mark.parametrize("size", [2, 2**20])
def test_lines_that_are_not_sorted_are_refused_with_their_number(
    tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a block, and from one to the next."""
    monkeypatch.setattr("lungkg.changes.merge._BYTES", size)
    (tmp_path / "lines.nq").write_bytes(b"a\nc\nb\n")

    with pytest.raises(InputError, match=r"lines\.nq:3: these lines are not sorted\n    Sort them"):
        list(read_lines(tmp_path / "lines.nq"))


# The things


def line(iri: str, property_: str, value: str) -> bytes:
    """Write a quad."""
    return f"<{iri}> <{property_}> {value} {GRAPH} .".encode()


def test_a_thing_has_the_lines_of_its_parts() -> None:
    """Also when another thing, whose name begins alike, comes in between."""
    iris = Minter(BASE)
    one, ten = iris.thing("claim", "D-C1"), iris.thing("claim", "D-C10")
    lines = sorted(line(subject, RDF + "value", '"x"') for subject in (one, f"{one}#quote", ten, f"{ten}#quote"))

    found = {thing.iri: len(thing.added) for thing in things(((True, each) for each in lines), BASE)}

    assert lines[0].startswith(f"<{one}#".encode())
    assert lines[-1].startswith(f"<{one}>".encode())
    assert found == {one: 2, ten: 2}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([(True, RDF + "type"), (True, RDF + "value")], "added", id="added"),
        pytest.param([(False, RDF + "type"), (False, RDF + "value")], "removed", id="removed"),
        pytest.param([(False, RDF + "value"), (True, RDF + "value")], "changed", id="changed"),
        pytest.param([(False, RDF + "type"), (True, RDF + "type")], "changed", id="of-another-type"),
    ],
)
def test_what_has_a_type_is_there(lines: list[tuple[bool, str]], expected: str) -> None:
    """A thing was added when only the new release says what it is."""
    iri = Minter(BASE).thing("claim", "D-C1")

    (found,) = things(((is_new, line(iri, property_, '"x"')) for is_new, property_ in lines), BASE)

    assert (found.kind, found.change) == ("claim", expected)


@pytest.mark.parametrize(
    "ignored",
    [
        pytest.param(f'_:b <{RDF}value> "x" {GRAPH} .', id="a-blank-node"),
        pytest.param(f"<{BASE}ont#a> <{RDF}value> _:b {GRAPH} .", id="a-link-to-one"),
        pytest.param(f"<{BASE}id/entity/a> <{RDF}value> <{BASE}id/entity/b> <{BASE}graph/edges> .", id="an-edge"),
    ],
)
def test_what_tells_nobody_anything_is_left_out(ignored: str) -> None:
    """Blank nodes have new names in each release, and edges are made from claims."""
    assert list(things([(True, ignored.encode())], BASE)) == []


# In words


def test_each_claim_is_told(changes: Changes) -> None:
    """One was added, one removed, one reworded, one cited; the others are not mentioned."""
    told = {change.iri: change.change for change in changes.told if change.kind == "claim"}

    assert told == {C2: "changed", C3: "changed", C4: "removed", C6: "added"}
    assert changes.counts["claim"] == {"added": 1, "removed": 1, "changed": 2}


@pytest.mark.parametrize(
    ("iri", "expected"),
    [
        pytest.param(
            C3,
            Field("quote, exact", ("In brioche, steaming keeps the crust soft",), ("steaming keeps the crust soft",)),
            id="reworded",
        ),
        pytest.param(C2, Field("cites as evidence", (), ("reference [1] of leaflet-01",)), id="cited"),
    ],
)
def test_what_changed_is_said_in_words(changes: Changes, iri: str, expected: Field) -> None:
    """Before and after, by labels, with the parts of a claim as its own."""
    (found,) = (change for change in changes.told if change.iri == iri)

    assert expected in found.fields
    assert not any("http" in field.name for field in found.fields)


def test_a_removed_claim_still_has_its_label(changes: Changes) -> None:
    """The release before knows it."""
    (found,) = (change for change in changes.told if change.iri == C4)

    assert found.label == "C4: steaming enlarges loaf (in: brioche)"


def test_a_release_compared_with_itself_is_the_same(bakery: Releases) -> None:
    """Nothing changed."""
    side = side_of_release(bakery.first)

    assert compare(side, side).equal


def test_what_is_told_has_an_end_and_what_is_counted_has_none(
    bakery: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond so many things of a kind there is a number."""
    monkeypatch.setattr("lungkg.changes.comparison.TOLD", 1)
    found = compare(side_of_release(bakery.first), side_of_release(bakery.second))

    assert len([change for change in found.told if change.kind == "claim"]) == 1
    assert found.untold["claim"] == 3
    assert found.counts["claim"] == {"added": 1, "removed": 1, "changed": 2}


def test_dumps_are_compared_like_releases(bakery: Releases, changes: Changes, tmp_path: Path) -> None:
    """A file tells its id, its base and its labels, so nothing else is needed."""
    shutil.copy(bakery.first.path / CANONICAL, tmp_path / "old.nq.gz")
    (tmp_path / "new.nq").write_bytes(gzip.decompress((bakery.second.path / CANONICAL).read_bytes()))

    found = compare(side_of_file(tmp_path / "old.nq.gz"), side_of_file(tmp_path / "new.nq"))

    assert found.as_json() == changes.as_json()


def test_words_are_kept_with_the_release(bakery: Releases, changes: Changes) -> None:
    """A release has what changed since the one before, and the first one has nothing."""
    assert kept_changes(bakery.second) == changes
    assert kept_changes(bakery.first) is None
    assert bakery.second.info["previous"] == bakery.first.id


# As RDF


def patched(bakery: Releases, patch: bytes) -> set[ox.Quad]:
    """Apply a patch to the first release."""
    quads = set(ox.parse(gzip.decompress((bakery.first.path / CANONICAL).read_bytes()), format=ox.RdfFormat.N_QUADS))
    node = f"{BASE}dataset/{bakery.second.id}#"
    for quad in ox.parse(patch, format=ox.RdfFormat.TRIG):
        graph = str(quad.graph_name).strip("<>")
        if graph.startswith(node):
            word, _, name = graph.removeprefix(node).partition("/")
            moved = ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode(f"{BASE}graph/{name}"))
            (quads.add if word == "added" else quads.remove)(moved)
    return quads


@pytest.mark.parametrize("lines", [3, 10_000])
def test_the_patch_makes_the_newer_release_of_the_older_one(
    bakery: Releases, lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Take away what was removed, add what was added, graph by graph; nothing is missing."""
    monkeypatch.setattr("lungkg.changes.patch._LINES_PER_BLOCK", lines)
    result = diff(bakery, "previous", "current", "--format", "trig")

    expected = set(
        ox.parse(gzip.decompress((bakery.second.path / CANONICAL).read_bytes()), format=ox.RdfFormat.N_QUADS)
    )
    assert result.exit_code == 1
    assert patched(bakery, result.stdout_bytes) == expected


def test_the_patch_is_kept_with_the_release(bakery: Releases) -> None:
    """The same as `lungkg diff` prints."""
    kept = gzip.decompress((bakery.second.path / "changes.trig.gz").read_bytes())

    assert kept == diff(bakery, "previous", "current", "--format", "trig").stdout_bytes


# The command


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(["previous"], 1, id="previous-and-current"),
        pytest.param(["current", "current"], 0, id="the-same"),
        pytest.param(["FIRST", "SECOND"], 1, id="ids"),
        pytest.param(["FOLDER", "OUT"], 1, id="folders"),
        pytest.param(["DUMP", "current"], 1, id="a-dump"),
    ],
)
def test_releases_are_named_in_many_ways(bakery: Releases, words: list[str], code: int) -> None:
    """By word, by the beginning of an id, by folder and by file; 0 means the same and 1 different, as with diff."""
    names = {
        "FIRST": bakery.first.id[:6],
        "SECOND": bakery.second.id,
        "FOLDER": str(bakery.first.path),
        "OUT": str(bakery.out),
        "DUMP": str(bakery.first.path / CANONICAL),
    }

    result = diff(bakery, *(names.get(word, word) for word in words))

    assert result.exit_code == code, result.output
    assert ("claims: 1 added, 1 removed, 2 changed" in result.stdout) == bool(code)


def test_the_text_says_what_and_how(bakery: Releases) -> None:
    """A sign, the claim as a sentence, and what it said before and says now."""
    lines = diff(bakery, "previous").stdout.splitlines()

    assert f"{bakery.first.id[:12]} → {bakery.second.id[:12]}" in lines[0]
    assert "  - C4: steaming enlarges loaf (in: brioche)" in lines
    assert "  + C6: steaming preserves softness of the crust (in: brioche)" in lines
    assert "      quote, exact: In brioche, steaming keeps the crust soft → steaming keeps the crust soft" in lines


def test_json_is_for_programs(bakery: Releases, changes: Changes) -> None:
    """The same as in Python, and it can be read back."""
    content = json.loads(diff(bakery, "previous", "--format", "json").stdout)

    assert content == json.loads(json.dumps(changes.as_json()))
    assert Changes.from_json(content) == changes


def test_markdown_links_to_the_claims(bakery: Releases) -> None:
    """For the notes on a release; what would be markup is escaped."""
    text = diff(bakery, "previous", "--format", "markdown").stdout

    assert f"- removed [C4: steaming enlarges loaf (in: brioche)](<{C4}>)" in text
    assert "  - cites as evidence: added reference \\[1\\] of leaflet-01" in text


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("nothing", "parameter A: is 'nothing', which is no release, folder or file", id="unknown"),
        pytest.param("0000", "there are: ", id="no-such-id"),
        pytest.param("", "which is no release", id="empty"),
    ],
)
def test_an_unknown_release_is_told_with_those_that_are_there(bakery: Releases, name: str, message: str) -> None:
    """The error lists what may be compared."""
    with pytest.raises(BadParameter) as failure:
        find_side(name, bakery.out, "A")

    assert message in str(failure.value)
    assert bakery.first.id[:12] in str(failure.value)


def test_a_file_that_is_no_dump_is_refused(tmp_path: Path) -> None:
    """What is not in a graph of a release cannot be compared."""
    (tmp_path / "a.nq").write_text("<http://a.org/> <http://a.org/> <http://a.org/> .\n")

    with pytest.raises(InputError, match="no line of a release"):
        side_of_file(tmp_path / "a.nq")


@pytest.mark.parametrize("spoilt", [b"zz", b"_:", b"<https://x.org/> zz", b"\xff\xfe", b'<a:z> <a:z> "\\q" GRAPH .'])
def test_a_line_that_is_no_quad_is_refused(bakery: Releases, tmp_path: Path, spoilt: bytes) -> None:
    """Anywhere in a file that is sorted: told, not traced."""
    lines = gzip.decompress((bakery.first.path / CANONICAL).read_bytes()).splitlines()
    wrong = spoilt.replace(b"GRAPH", f"<{BASE}graph/claims>".encode())
    (tmp_path / "a.nq").write_bytes(b"\n".join(sorted([*lines, wrong])) + b"\n")

    with pytest.raises(InputError):
        compare(side_of_release(bakery.first), side_of_file(tmp_path / "a.nq"))
    assert isinstance(diff(bakery, str(tmp_path / "a.nq"), "--format", "trig").exception, InputError)


def test_a_broken_file_is_refused(bakery: Releases, tmp_path: Path) -> None:
    """A gzip file that ends early is told, not traced."""
    content = (bakery.first.path / CANONICAL).read_bytes()
    (tmp_path / "a.nq.gz").write_bytes(content[:-100])

    with pytest.raises(InputError, match=r"a\.nq\.gz: this cannot be read"):
        side_of_file(tmp_path / "a.nq.gz")


def test_releases_under_different_bases_are_not_compared(bakery: Releases, tmp_path: Path) -> None:
    """Every IRI would differ, which tells nothing."""
    content = gzip.decompress((bakery.first.path / CANONICAL).read_bytes()).replace(BASE.encode(), b"http://b.org/")
    (tmp_path / "moved.nq").write_bytes(b"\n".join(sorted(content.splitlines())) + b"\n")

    with pytest.raises(BadParameter, match=r"http://b\.org/"):
        compare(side_of_release(bakery.first), side_of_file(tmp_path / "moved.nq"))


# The history


def test_the_history_has_every_release(bakery: Releases) -> None:
    """The newest first, each with the one before."""
    assert [(entry.id, entry.previous, entry.is_kept) for entry in entries(bakery.out)] == [
        (bakery.second.id, bakery.first.id, True),
        (bakery.first.id, "", True),
    ]


def test_a_release_that_went_is_remembered(bakery: Releases, tmp_path: Path) -> None:
    """It is known to have been there, and is not kept."""
    out = Path(shutil.copytree(bakery.out, tmp_path / "out", symlinks=True))
    shutil.rmtree(out / "releases" / bakery.first.path.name)

    assert [entry.is_kept for entry in entries(out)] == [True, False]
    with pytest.raises(BadParameter, match="not kept any more"):
        find_side(bakery.first.id, out, "A")
    with pytest.raises(BadParameter, match="has none that is kept"):
        find_side("previous", out, "A")


def test_a_history_that_was_lost_comes_back_from_the_releases(bakery: Releases, tmp_path: Path) -> None:
    """A build that was killed before it wrote the history loses nothing that is still there."""
    out = Path(shutil.copytree(bakery.out, tmp_path / "out", symlinks=True))
    (out / "history.json").unlink()

    assert {entry.id for entry in entries(out)} == {bakery.first.id, bakery.second.id}
