"""Reports: the same findings in every format, each readable by what it is made for."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import html5rdf  # type: ignore[import-untyped]
import jsonschema_rs
import pytest
import rdflib
from rdflib import RDF, SH

from lungkg.cli.show import out, print_findings
from lungkg.errors import Place
from lungkg.report import UNREADABLE, Edit, Finding, Mend, Report, Words
from lungkg.reporting import FORMATS, Layout, write
from lungkg.reporting.listing import verdict, visible

SARIF = json.loads((Path(__file__).parent / "fixtures" / "sarif-parts.schema.json").read_text("utf-8"))
NASTY = "a <b>&\"'|`*[x](javascript:1)\x1b[2J\u202e=1+1\n# \u0000 é 🥖"


def finding(**more: object) -> Finding:
    """A finding that has everything."""
    whole = Finding(
        "Violation",
        "https://example.org/Loaf-weight",
        "A loaf has a weight.",
        focus="<https://example.org/rye>",
        path="<https://example.org/weight>",
        value='"x"',
        component=f"{SH}DatatypeConstraintComponent",
        shape="https://example.org/Loaf-weight",
        place=Place(Path("data/loaf.ttl"), 7, 15),
        title="weight",
        link="https://example.org/Loaf-weight",
        rule_place=Place(Path("shapes/loaf.ttl"), 3, 1),
        sentence='ex:weight of ex:rye must be a whole number (xsd:integer), but is "x", which is plain text.',
        line='    ex:weight "x" ;',
        width=3,
        mend=Mend("Write 1.", "ex:rye ex:weight 1 .", (Edit(Path("data/loaf.ttl"), 7, 15, 7, 18, "1"),)),
        words=Words("https://example.org/leaflet", 4, 9, "a rye"),
        causes=("an inner reason",),
    )
    return replace(whole, **more)  # type: ignore[arg-type]


FULL = Report(
    [
        finding(),
        finding(severity="Warning", focus="<https://example.org/b>", place=Place(Path("data/b.ttl"), 1, 1), mend=None),
        finding(severity="Info", check="https://example.org/other", title="other", place=None, line="", value="_:b1"),
        finding(check="lint", component="", shape="", title="", link="", sentence="", message="a misspelling"),
        finding(focus="<https://example.org/w>", waived="it is old bread (the baker, until 2027-01-01)"),
    ],
    ["Two nodes were not asked."],
)
REPORTS = {
    "empty": Report(),
    "full": FULL,
    "nasty": Report([finding(message=NASTY, sentence=NASTY, line=NASTY, title=NASTY, causes=(NASTY,), waived=NASTY, value=f'"{visible(NASTY)}"'.replace("\n", ""), mend=Mend(NASTY, NASTY), words=Words(NASTY, 0, 1, NASTY))], [NASTY]),
    "without-place": Report([Finding("Warning", "rule", "something is odd")]),
    "unreadable": Report([Finding("Violation", UNREADABLE, "this is not Turtle", place=Place(Path("a.ttl"), 3, 1), line="x")]),
    "fetched": Report([finding(place=Place(Path(), 2, 1, url="https://example.org/ä b.ttl"))]),
    "many": Report([finding(focus=f"<https://example.org/{n}>") for n in range(120)]),
    "own-severity": Report([finding(severity="Blunder")]),
}  # fmt: skip


def written(report: Report, name: str, layout: Layout = Layout()) -> str:  # noqa: B008 - it is frozen
    """A report as text."""
    return b"".join(write(report, name, layout)).decode()


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS.keys())
@pytest.mark.parametrize("group", ["", "shape", "file", "focus"], ids=["ungrouped", "shape", "file", "focus"])
def test_every_report_can_be_written_in_every_format(report: Report, name: str, group: str) -> None:
    """Nothing in a report breaks a format; the checks of each are below."""
    _CHECKS[name](written(report, name, Layout(group)), report)


def _check_text(text: str, report: Report) -> None:
    assert all(one.message.split()[0] in text for one in report.findings)
    assert not set(text) & {"\x1b", "\x00", "\u202e"}


def _check_json(text: str, report: Report) -> None:
    content = json.loads(text)
    listed = content.get("results", [one for group in content.get("groups", ()) for one in group["results"]])
    assert (report.conforms, len(report.findings)) == (content["conforms"], len(listed))


def _check_lines(text: str, report: Report) -> None:
    assert len(report.findings) == len([json.loads(line) for line in text.split("\n") if line])


def _check_csv(text: str, report: Report) -> None:
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert sorted(one.said for one in report.findings) == sorted(row["sentence"] for row in rows)


def _check_turtle(text: str, report: Report) -> None:
    graph = rdflib.Graph().parse(data=text, format="turtle")
    assert [report.conforms] == [value.toPython() for value in graph.objects(None, SH.conforms)]  # type: ignore[attr-defined]
    assert sum(1 for one in report.findings if one.component) == len(set(graph.subjects(RDF.type, SH.ValidationResult)))


def _check_sarif(text: str, report: Report) -> None:
    log = json.loads(text)
    assert [] == [error.message for error in jsonschema_rs.validator_for(SARIF).iter_errors(log)]
    run = log["runs"][0]
    assert len(report.findings) == len(run["results"])
    assert all(run["tool"]["driver"]["rules"][one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])


def _check_junit(text: str, report: Report) -> None:
    root = ET.fromstring(text)  # noqa: S314 - our own
    cases = root.findall("testsuite/testcase")
    assert max(len(report.findings), 1) == len(cases)
    assert sum(1 for one in report.findings if not one.waived) == len(root.findall("testsuite/testcase/failure"))
    assert [str(len(cases)), root.get("failures")] == [
        root.get("tests"),
        str(len(root.findall("testsuite/testcase/failure"))),
    ]


def _check_html(text: str, report: Report) -> None:
    parser = html5rdf.HTMLParser(strict=True)
    parser.parse(text)
    elements = _Elements()
    elements.feed(text)
    assert len(report.findings) == elements.names.count("article")
    assert not {"script", "link", "img", "iframe"} & set(elements.names)
    assert all(one.startswith("https://example.org/") for one in elements.links)


def _check_markdown(text: str, report: Report) -> None:
    rows = [line for line in text.split("\n") if line.startswith("| ") and not line.startswith("| |")]
    assert len(report.findings) == len(rows)
    assert {6} == {row.replace("\\|", "").count("|") for row in rows} | {6}
    assert "<script" not in text


class _Elements(HTMLParser):
    """The names of the elements of a page, and what it links to."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.names.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


_CHECKS = {
    "text": _check_text,
    "json": _check_json,
    "jsonl": _check_lines,
    "turtle": _check_turtle,
    "html": _check_html,
    "markdown": _check_markdown,
    "sarif": _check_sarif,
    "junit": _check_junit,
    "csv": _check_csv,
}


def test_every_format_is_checked() -> None:
    """A new format needs a check of its own."""
    assert set(FORMATS) == set(_CHECKS)


def test_a_finding_in_a_terminal() -> None:
    """Place, sentence, the line with a marker below, why, the author's words, the mend, the claim's words, the rule."""
    assert written(Report([finding()]), "text").split("\n") == [
        'data/loaf.ttl:7:15: Violation: ex:weight of ex:rye must be a whole number (xsd:integer), but is "x", which is plain text.',
        '    7 |     ex:weight "x" ;',
        "      |               ^^^",
        "    because: an inner reason",
        "    rule:  A loaf has a weight.",
        "    mend:  Write 1.",
        "           ex:rye ex:weight 1 .",
        '    words: "a rye" (leaflet, characters 4 to 9)',
        '    by "weight" https://example.org/Loaf-weight (shapes/loaf.ttl:3:1)',
        "does not conform: 1 violation, no warning, no info",
        "",
    ]


def test_a_long_line_is_shown_around_the_place() -> None:
    """The marker stays below what it marks."""
    line = "x" * 500 + "HERE" + "y" * 500
    shown = written(Report([finding(place=Place(Path("a.ttl"), 1, 501), line=line, width=4)]), "text").split("\n")

    at = shown[2].index("^")
    assert ("HERE", "^^^^") == (shown[1][at : at + 4], shown[2][at : at + 4])
    assert len(shown[1]) < 200


def test_groups_have_their_totals_and_limits_say_what_they_left_out() -> None:
    """Of a large report the first of each group are shown, and how many more there are."""
    layout = Layout("shape", limit=2)
    report = Report(
        [*REPORTS["many"].findings, finding(title="crust", check="https://example.org/crust", severity="Warning")]
    )

    text, content = written(report, "text", layout), json.loads(written(report, "json", layout))

    assert ["weight: 120", "… and 118 more", "118 findings are not shown; --limit 0 shows all."] == [
        line for line in text.split("\n") if line.startswith(("weight", "…", "118"))
    ]
    assert [("weight", 120, 2), ("crust", 1, 1)] == [
        (one["name"], one["total"], len(one["results"])) for one in content["groups"]
    ]
    assert 118 == content["left_out"]
    assert 2 == len(json.loads(written(report, "sarif", Layout(limit=2)))["runs"][0]["results"])
    assert "118 more findings" in written(REPORTS["many"], "junit", layout)


def test_sarif_has_what_review_tools_show() -> None:
    """Level, line and columns, snippet, fix with its new text, fingerprint, suppression."""
    run = json.loads(written(FULL, "sarif"))["runs"][0]
    by_level = {one["level"]: one for one in run["results"]}
    first = next(one for one in run["results"] if one.get("fixes"))

    assert {"error", "warning", "note"} == set(by_level)
    assert {"startLine": 7, "startColumn": 15, "endColumn": 18, "snippet": {"text": '    ex:weight "x" ;'}} == first[
        "locations"
    ][0]["physicalLocation"]["region"]
    assert {"uri": "data/loaf.ttl", "uriBaseId": "SRCROOT"} == first["locations"][0]["physicalLocation"][
        "artifactLocation"
    ]
    assert {
        "deletedRegion": {"startLine": 7, "startColumn": 15, "endLine": 7, "endColumn": 18},
        "insertedContent": {"text": "1"},
    } == first["fixes"][0]["artifactChanges"][0]["replacements"][0]
    assert ["it is old bread (the baker, until 2027-01-01)"] == [
        one["suppressions"][0]["justification"] for one in run["results"] if "suppressions" in one
    ]
    moved = finding(place=Place(Path("data/loaf.ttl"), 99, 1))
    assert (
        json.loads(written(Report([finding()]), "sarif"))["runs"][0]["results"][0]["partialFingerprints"]
        == json.loads(written(Report([moved]), "sarif"))["runs"][0]["results"][0]["partialFingerprints"]
    )


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        pytest.param(lambda log: log.update(version="2.0.0"), "2.1.0", id="version"),
        pytest.param(lambda log: log["runs"][0]["results"][0].update(level="fatal"), "fatal", id="level"),
        pytest.param(lambda log: log["runs"][0]["results"][0].pop("message"), "message", id="no-message"),
        pytest.param(lambda log: log["runs"][0].update(colour="red"), "colour", id="unknown-property"),
    ],
)
def test_the_schema_of_sarif_refuses_what_is_no_sarif(spoil: object, what: str) -> None:
    """The check that reports are SARIF can fail."""
    log = json.loads(written(FULL, "sarif"))
    spoil(log)  # type: ignore[operator]

    assert any(what in error.message for error in jsonschema_rs.validator_for(SARIF).iter_errors(log))


@pytest.mark.parametrize(("threshold", "failures"), [("Violation", 2), ("Warning", 3), ("Info", 4)])
def test_junit_fails_from_the_threshold_on(threshold: str, failures: int) -> None:
    """Findings below it are cases that pass and say so in their output; waived ones never fail."""
    root = ET.fromstring(written(FULL, "junit", Layout(threshold=threshold)))  # noqa: S314 - our own

    assert failures == len(root.findall("testsuite/testcase/failure"))
    assert 5 - failures == len(root.findall("testsuite/testcase/system-out"))


@pytest.mark.parametrize(
    ("threshold", "fails"),
    [("Violation", False), ("Warning", True), ("Info", True)],
    ids=["violation", "warning", "info"],
)
def test_a_report_fails_from_a_severity_on(threshold: str, fails: bool) -> None:
    """A warning is no violation, lint never counts, and a waived violation does not either."""
    report = Report([finding(severity="Warning"), finding(waived="so"), finding(component="")])

    assert fails is report.fails(threshold)


def test_what_cannot_be_read_does_not_conform() -> None:
    """Nothing was checked, so nothing can be said to conform."""
    report = REPORTS["unreadable"]

    assert (False, True) == (report.conforms, report.fails("Violation"))
    assert written(report, "text").endswith("not validated: 1 problem of reading\n")
    assert json.loads(written(report, "sarif"))["runs"][0]["invocations"] == [{"executionSuccessful": False}]


def test_a_terminal_shows_column_100_as_such() -> None:
    """The terminal's library would make a picture of the digits between two colons."""
    with out.capture() as captured:
        print_findings(Report([Finding("Violation", "c", "m", place=Place(Path("f.yaml"), 7, 100))]))

    assert captured.get().splitlines()[0] == "f.yaml:7:100: Violation: m"


@pytest.mark.parametrize(
    ("waived", "expected"),
    [
        pytest.param(("", ""), "does not conform: 2 violations, no warning, no info", id="none"),
        pytest.param(("why", ""), "does not conform: 1 violation, no warning, no info, 1 waived", id="one"),
        pytest.param(
            ("why", "why"), "conforms but for what is waived: no violation, no warning, no info, 2 waived", id="all"
        ),
    ],
)
def test_the_verdict_tells_what_is_waived(waived: tuple[str, str], expected: str) -> None:
    """What is waived is counted apart, and does not decide."""
    findings = [Finding("Violation", "c", "m", component="urn:x:c", waived=why) for why in waived]

    assert verdict(Report(findings)) == expected
