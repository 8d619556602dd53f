"""The files of a release: every graph in every format, the same each time, with the checksums that they have."""

import gzip
import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest

from lungkg.build import build
from lungkg.description import count_graphs
from lungkg.downloads import FOLDER, SUMS, Download, adopt, digest_of, listed, located, prefix, sums
from lungkg.dumps import CANONICAL, Dumps
from lungkg.exports import Export, Exported, Exporting
from lungkg.namespaces import GRAPHS, Minter
from lungkg.project import Project, load_project
from lungkg.release import Release
from lungkg.triples import integer
from lungkg.validation.lint import lint_data
from tests import bakery as two
from tests.bakery import Releases

FORMS = {"nquads": ox.RdfFormat.N_QUADS, "trig": ox.RdfFormat.TRIG, "turtle": ox.RdfFormat.TURTLE}


def parsed(release: Release, download: Download) -> list[ox.Quad]:
    """Read a dump."""
    with gzip.open(located(release, download)) as file:
        return list(ox.parse(file.read(), format=FORMS[download.format]))


def of(release: Release, graph: str, form: str) -> Download:
    """Find a dump."""
    (found,) = (d for d in listed(release) if (d.graph, d.format) == (graph, form))
    return found


def plain(quads: Iterable[ox.Quad]) -> Counter[ox.Quad]:
    """Give quads with canonical names of blank nodes, to be compared."""
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return Counter(dataset)


def held(release: Release, project: Project, *graphs: str) -> list[ox.Quad]:
    """Read graphs from the store of a release."""
    store, iris = ox.Store.read_only(str(release.store)), Minter(project.base)
    return [q for g in graphs for q in store.quads_for_pattern(None, None, None, ox.NamedNode(iris.graph(g)))]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("graph", GRAPHS)
def test_the_dump_of_a_graph_is_the_graph(release: Release, project: Project, graph: str, form: str) -> None:
    """Each graph in each format has the triples of the store, in its graph where the format has graphs."""
    quads = held(release, project, graph)
    expected = [ox.Quad(q.subject, q.predicate, q.object) for q in quads] if form == "turtle" else quads

    assert len(quads) > 0
    assert plain(expected) == plain(parsed(release, of(release, graph, form)))


@pytest.mark.parametrize("form", FORMS)
def test_the_dump_of_the_whole_is_all_graphs_but_the_one_that_describes_it(
    release: Release, project: Project, form: str
) -> None:
    """In Turtle all graphs are one."""
    quads = held(release, project, *(graph for graph in GRAPHS if graph != "metadata"))
    expected = [ox.Quad(q.subject, q.predicate, q.object) for q in quads] if form == "turtle" else quads

    assert plain(expected) == plain(parsed(release, of(release, "", form)))


@pytest.mark.parametrize("graph", ["", *GRAPHS])
def test_quads_are_in_the_order_of_their_bytes(release: Release, graph: str) -> None:
    """So that dumps can be compared line by line."""
    lines = gzip.decompress(located(release, of(release, graph, "nquads")).read_bytes()).splitlines()

    assert lines == sorted(set(lines))


def test_the_canonical_dump_is_there_once(release: Release) -> None:
    """The N-Quads of the whole are the file that the release id is computed from, not a second one."""
    path = located(release, of(release, "", "nquads"))

    assert path.is_symlink()
    assert path.resolve() == release.path.resolve() / CANONICAL


def test_names_tell_releases_apart(bakery: Releases) -> None:
    """A name has project, release, graph and format; the alias is the same name in every release."""
    names = {d.name: d.alias for d in listed(bakery.first)}
    others = {d.name: d.alias for d in listed(bakery.second)}

    assert names[f"{prefix('bakery', bakery.first.id)}-claims.ttl.gz"] == "bakery-claims.ttl.gz"
    assert names[f"{prefix('bakery', bakery.first.id)}.nq.gz"] == "bakery.nq.gz"
    assert set(names.values()) == set(others.values())
    assert not set(names) & set(others)


def test_every_file_is_listed_with_its_size_and_checksum(release: Release) -> None:
    """And nothing else is in the folder but the list and the checksums."""
    downloads = listed(release)
    there = {path.name for path in (release.path / FOLDER).iterdir()}

    assert {d.name for d in downloads} == there - {SUMS, "index.json"}
    assert [d for d in downloads if digest_of(located(release, d)) != d.sha256] == []
    assert [d for d in downloads if located(release, d).stat().st_size != d.size] == []
    dumps = [d for d in downloads if d.format]
    assert [d for d in dumps if len(gzip.decompress(located(release, d).read_bytes())) != d.unpacked] == []


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed")
def test_checksums_are_checked_by_the_usual_program(release: Release, tmp_path: Path) -> None:
    """`sha256sum --check` takes the file as it is, and a spoilt file is found."""
    folder = shutil.copytree(release.path / FOLDER, tmp_path / "files")

    whole = subprocess.run(["sha256sum", "--check", "--strict", SUMS], cwd=folder, capture_output=True, check=False)
    (folder / listed(release)[1].name).write_bytes(b"spoilt")
    spoilt = subprocess.run(["sha256sum", "--check", "--strict", SUMS], cwd=folder, capture_output=True, check=False)

    assert (whole.returncode, spoilt.returncode) == (0, 1)
    assert f"{listed(release)[1].name}: FAILED" in spoilt.stdout.decode()


@pytest.mark.slow
def test_equal_sources_give_equal_files(bakery: Releases, tmp_path: Path) -> None:
    """Wherever and whenever they are built, byte for byte."""
    project = two.copy(tmp_path / "project")
    again = two.released(project, tmp_path / "out")

    assert (again.path / FOLDER / SUMS).read_bytes() == (bakery.first.path / FOLDER / SUMS).read_bytes()
    assert listed(again) == listed(bakery.first)


def test_graphs_beyond_a_block_are_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Graphs come in pieces that alternate, and subjects that are cut in two are put together by any reader."""
    monkeypatch.setattr("lungkg.dumps._LINES_PER_BLOCK", 3)
    iris = Minter("https://a.org/")
    lines = sorted(
        f"<https://a.org/s{n // 4}> <https://a.org/p> <https://a.org/o{n}> <{iris.graph(graph)}> .".encode()
        for n in range(20)
        for graph in ("claims", "edges")
    )

    _, downloads = Dumps(tmp_path, iris.base, {"a": "https://a.org/"}).write(lines, tmp_path / CANONICAL)

    expected = Counter(ox.parse(b"\n".join(lines), format=ox.RdfFormat.N_QUADS))
    for name, form in (("dataset.nq.gz", "nquads"), ("dataset.trig.gz", "trig")):
        content = gzip.decompress((tmp_path / name).read_bytes())
        assert expected == Counter(ox.parse(content, format=FORMS[form]))
    assert {d.graph for d in downloads} == {"", *GRAPHS} - {"metadata"}


def test_texts_that_look_like_syntax_stay_texts(tmp_path: Path) -> None:
    """A literal with dots, angles and the name of a graph in it is no end of a line."""
    iris = Minter("https://a.org/")
    text = f'x <{iris.graph("edges")}> . @prefix a: <b> .\n# "\\'
    quad = ox.Quad(
        ox.NamedNode("https://a.org/s"),
        ox.NamedNode("https://a.org/p"),
        ox.Literal(text),
        ox.NamedNode(iris.graph("claims")),
    )
    line = (ox.serialize([quad], format=ox.RdfFormat.N_QUADS) or b"").rstrip(b"\n")

    Dumps(tmp_path, iris.base, {"a": "https://a.org/"}).write([line], tmp_path / CANONICAL)

    content = gzip.decompress((tmp_path / "claims.ttl.gz").read_bytes())
    assert [q.object for q in ox.parse(content, format=ox.RdfFormat.TURTLE)] == [ox.Literal(text)]
    assert list(ox.parse(gzip.decompress((tmp_path / "edges.ttl.gz").read_bytes()), format=ox.RdfFormat.TURTLE)) == []


def test_a_namespace_within_another_is_the_one_that_is_used(tmp_path: Path) -> None:
    """Which prefix shortens an IRI must not depend on the process, so there is one that can."""
    line = b"<https://a.org/b/s> <https://a.org/b/p> <https://a.org/o> <https://a.org/graph/claims> ."

    Dumps(tmp_path, "https://a.org/", {"a": "https://a.org/", "b": "https://a.org/b/"}).write(
        [line], tmp_path / CANONICAL
    )

    content = gzip.decompress((tmp_path / "claims.ttl.gz").read_bytes())
    assert content == b"@prefix b: <https://a.org/b/> .\nb:s b:p <https://a.org/o> .\n"


@pytest.mark.parametrize("name", ["bakery-0123456789ab-nodes.tsv", "bakery-nodes.tsv", "nodes.tsv"])
def test_exports_are_downloads_too(tmp_path: Path, name: str) -> None:
    """They are listed like dumps, under a name that has the release in it, which they get where they lack it."""
    (tmp_path / name).write_bytes(b"id\n")

    download = adopt(tmp_path / name, "Nodes", "text/tab-separated-values", "bakery", "0123456789abcdef")

    assert (download.name, download.alias) == ("bakery-0123456789ab-nodes.tsv", "bakery-nodes.tsv")
    assert (tmp_path / download.name).read_bytes() == b"id\n"
    assert sums([download]) == f"{digest_of(tmp_path / download.name)}  {download.name}\n".encode()


@pytest.mark.slow
def test_what_exports_write_is_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build runs them over the finished store, and describes, lists and checks their files like dumps."""

    def write(exporting: Exporting, folder: Path) -> list[Exported]:
        path = folder / f"{prefix('bakery', str(exporting.info['id']))}-size.txt"
        path.write_text(f"{len(exporting.store)}\n")
        return [Exported(path, "The number of quads", "text/plain")]

    monkeypatch.setattr("lungkg.build.EXPORTS", (Export("size", "Size", write),))
    release = two.released(two.copy(tmp_path / "project"), tmp_path / "out")
    (download,) = (d for d in listed(release) if d.alias == "bakery-size.txt")

    assert digest_of(located(release, download)) == download.sha256
    metadata = next(download for download in listed(release) if download.graph == "metadata")
    assert f'"{download.sha256}"' in gzip.decompress(located(release, metadata).read_bytes()).decode()


@pytest.mark.slow
def test_a_release_with_exports_still_describes_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said of exports is counted, declared, and in the dump of the graph that says it."""

    def write(_: Exporting, folder: Path) -> list[Exported]:
        (folder / "bakery-a.owl").write_text("text")
        return [Exported(folder / "bakery-a.owl", "Words", "application/rdf+xml")]

    monkeypatch.setattr("lungkg.build.EXPORTS", (Export("a", "A", write),))
    project = two.copy(tmp_path / "project")
    release = two.released(project, tmp_path / "out")
    store, iris = ox.Store.read_only(str(release.store)), Minter(project.base)
    metadata = held(release, project, "metadata")
    said = [q.object for q in metadata if q.subject == q.graph_name and q.predicate.value.endswith("void#triples")]

    assert list(lint_data(store)) == []
    assert release.info["triples"] == count_graphs(store, iris)
    assert said == [integer(len(metadata))]
    assert plain(metadata) == plain(parsed(release, of(release, "metadata", "nquads")))


@pytest.mark.slow
def test_only_what_conforms_is_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exports may rely on the shapes: data that break one end in a report, not in an error of an export."""

    def write(_: Exporting, __: Path) -> list[Exported]:
        raise ValueError

    monkeypatch.setattr("lungkg.build.EXPORTS", (Export("a", "A", write),))
    project = two.copy(tmp_path / "project")
    path = project.root / two.CLAIMS
    path.write_text(path.read_text("utf-8").replace('"relation": "deepens"', '"relation": "strengthens"'), "utf-8")

    made = build(load_project(project.root), tmp_path / "out")

    assert made.release is None
    assert made.report.counts()["Violation"] > 0


def test_a_release_without_files_lists_none(tmp_path: Path) -> None:
    """As those of older versions are."""
    assert listed(Release(tmp_path)) == ()


def test_the_list_is_readable_json(release: Release) -> None:
    """Other programs read it from the folder."""
    content = json.loads((release.path / FOLDER / "index.json").read_text("utf-8"))

    assert {"name", "title", "media_type", "size", "sha256", "unpacked", "graph", "format", "alias"} == set(content[0])
