"""The catalogue: whatever the file of a canned query says that does not fit is an error with file and line."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
import pytest

from lungkg.errors import BadParameter, InputError
from lungkg.project import Project, load_project
from lungkg.queries import CannedQuery, Choice, Parameter, load_catalogue, load_query
from lungkg.queries.canned import Expectation
from lungkg.queries.names import Names

ROOT: Final = Path(__file__).parents[1]

HEAD: Final = "#+ summary: What rises?\n#+ question: Does rye rise?\n#+ description: All that rises.\n"
X: Final = "#+ parameters: {x: {type: literal, help: h, example: e}}\n"


@pytest.fixture
def small(tmp_path: Path) -> Project:
    """A project without queries."""
    (tmp_path / "data").mkdir()
    (tmp_path / "queries").mkdir()
    shutil.copy(ROOT / "data" / "project.yaml", tmp_path / "data")
    return load_project(tmp_path)


def file(project: Project, text: str, name: str = "rises.rq") -> Path:
    """A query in a project."""
    path = project.folder("queries") / name
    path.write_bytes(text.encode())
    return path


def test_a_file_says_everything_about_a_query(small: Project) -> None:
    """Header and text together make the canned query."""
    text = (
        "#+ summary: What rises?\n#+ question: Does rye rise?\n#+ description: >-\n#+   All that\n#+   rises.\n"
        "#+ tags: [bread]\n#+ for: [bakers]\n#+ method: GET\n#+ pagination: 50\n#+ key: [claim]\n#+ view: bar\n"
        "#+ claims: claim\n#+ precomputed: The number of claims.\n#+ parameters:\n"
        "#+   bread: {type: entity, label: Bread, help: 'which ', example: [rye-bread], many: true}\n"
        "#+   level: {type: iri, help: how, example: 'ont:Asserted', default: 'ont:Asserted',\n"
        "#+     choices: ['ont:Asserted', {value: 'ont:Tentative', label: tentative}]}\n"
        "#+   number: {type: integer, help: which, example: 8, choices: {query: 'SELECT ?value ?label { ?label ont:number ?value }'}}\n"
        "#+ expect:\n#+   rows: 3\n#+   columns: {claim: iri, certainty: text, standing: text?}\n"
        "#+   contains: [{claim: 'urn:a', certainty: 5}, {standing: true}]\n"
        "PREFIX ont: <https://w3id.org/lungkg/ont#>\n"
        "SELECT ?claim ?certainty ?standing {\n  ?claim ont:inContext ?_bread_iri ; ont:number ?__number_integer ;\n"
        "  ont:certainty ?_level_iri , ?certainty ; ont:polarity ?standing\n} ORDER BY ?certainty ?claim\n"
    )
    path = file(small, text)

    assert load_catalogue(small) == {
        "rises": CannedQuery(
            name="rises",
            form="SELECT",
            summary="What rises?",
            question="Does rye rise?",
            description="All that rises.",
            text=text,
            path=path,
            tags=("bread",),
            audience=("bakers",),
            parameters={
                "bread": Parameter("bread", "entity", label="Bread", help="which", example=("rye-bread",), many=True),
                "level": Parameter(
                    "level", "iri", required=False, label="level", help="how", example=("ont:Asserted",), default=("ont:Asserted",),
                    choices=(Choice("ont:Asserted", "ont:Asserted"), Choice("ont:Tentative", "tentative")),
                ),
                "number": Parameter(
                    "number", "integer", required=False, label="number", help="which", example=("8",),
                    choices_query="SELECT ?value ?label { ?label ont:number ?value }",
                ),
            },
            variables={"bread": "?_bread_iri", "number": "?__number_integer", "level": "?_level_iri"},
            columns=("claim", "certainty", "standing"),
            key=("claim",),
            page=50,
            view="bar",
            claims="claim",
            precomputed="The number of claims.",
            expect=Expectation(
                3,
                columns={"claim": "iri", "certainty": "text", "standing": "text?"},
                contains=({"claim": "urn:a", "certainty": "5"}, {"standing": "true"}),
                line=19,
            ),
        )
    }  # fmt: skip


def test_the_least_is_summary_question_and_description(small: Project) -> None:
    """Everything else may be left out."""
    query = load_query(file(small, HEAD + "CONSTRUCT WHERE { ?s ?p ?o }"), small)

    assert (query.form, query.view, query.parameters, query.expect) == ("CONSTRUCT", "graph", {}, None)


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
def test_the_line_ends_of_a_file_are_its_own(small: Project, ending: str) -> None:
    """Files of Windows read as others do, and their text stays as it is."""
    text = (HEAD + X + "ASK { ?s ?p ?_x } # end").replace("\n", ending)

    assert load_query(file(small, text), small).text == text


def test_questions_of_many_lines_have_no_line_end_at_theirs(small: Project) -> None:
    """A block of text ends in a line feed, which no question has."""
    text = "#+ summary: >\n#+   What rises?\n#+ question: Does rye rise?\n#+ description: >\n#+   All.\nASK {}"

    query = load_query(file(small, text), small)

    assert (query.summary, query.description) == ("What rises?", "All.")


# What is wrong in a header

EXPECT: Final = "#+ expect: {rows: 1}\n"
SELECT: Final = "SELECT ?a ?b { ?a ?p ?b } ORDER BY ?a ?b"


def described(**keys: str) -> str:
    """A header that describes x, which is a literal unless told otherwise."""
    said = {"type": "literal", "help": "h", "example": "e", **keys}
    return HEAD + "#+ parameters:\n#+   x:\n" + "".join(f"#+     {key}: {value}\n" for key, value in said.items())


HEADERS: dict[str, tuple[str, str]] = {
    "no-header": ("ASK {}", ":1: there is no #+ header"),
    "no-question": ("#+ summary: S\n#+ description: D\nASK {}", ':1:4: the #+ header: "question" is a required property'),
    "question-that-is-none": (
        "#+ summary: S\n#+ question: Rye rises.\n#+ description: D\nASK {}", ":2:14: the #+ header: question: ",
    ),
    "summary-too-long": (HEAD.replace("What rises?", "a" * 101) + "ASK {}", ":1:13: the #+ header: summary: "),
    "unknown-key": (HEAD + "#+ tag: [a]\nASK {}", ":4:4: the #+ header: the key 'tag' is unknown\n    Did you mean tags?"),
    "unknown-key-of-a-parameter": (
        described(helpp="x") + "ASK { ?s ?p ?_x }",
        ":9:8: the #+ header: parameters.x: the key 'helpp' is unknown\n    Did you mean help?",
    ),
    "unknown-key-in-expect": (
        HEAD + "#+ expect: {rows: 1, colums: {}}\nASK {}",
        ":4:22: the #+ header: expect: the key 'colums' is unknown\n    Did you mean columns?",
    ),
    "tags-no-list": (HEAD + "#+ tags: bread\nASK {}", ":4:10: the #+ header: tags: "),
    "tags-in-capitals": (HEAD + "#+ tags: [Bread]\nASK {}", ":4:11: the #+ header: tags[0]: "),
    "tags-twice": (HEAD + "#+ tags: [a, a]\nASK {}", ":4:10: the #+ header: tags: "),
    "tags-empty": (HEAD + "#+ tags:\nASK {}", ":4:9: the #+ header: tags: null is not"),
    "for-a-number": (HEAD + "#+ for: [5]\nASK {}", ":4:10: the #+ header: for[0]: "),
    "method-of-updates": (HEAD + "#+ method: POST\nASK {}", ":4:12: the #+ header: method: "),
    "pages-of-no-row": (HEAD + "#+ pagination: 0\n" + SELECT, ":4:16: the #+ header: pagination: 0 is less than"),
    "pages-too-long": (HEAD + "#+ pagination: 10001\n" + SELECT, ":4:16: the #+ header: pagination: "),
    "view-unknown": (HEAD + "#+ view: pie\nASK {}", ":4:10: the #+ header: view: "),
    "parameters-a-list": (HEAD + "#+ parameters: [x]\nASK {}", ":4:16: the #+ header: parameters: "),
    "parameter-a-text": (HEAD + "#+ parameters: {x: a}\nASK {}", ":4:20: the #+ header: parameters.x: "),
    "parameter-without-help": (
        HEAD + "#+ parameters:\n#+   x: {type: literal, example: e}\nASK { ?s ?p ?_x }",
        ':5:9: the #+ header: parameters.x: "help" is a required property',
    ),
    "parameter-twice": (
        HEAD + "#+ parameters:\n#+   x: {type: literal, help: h, example: e}\n#+   x: {type: iri}\nASK { ?s ?p ?_x }",
        ":6:6: the key 'x' stands here twice",
    ),
    "type-unknown": (described(type="planet") + "ASK { ?s ?p ?_x }", ":6:14: the #+ header: parameters.x.type: "),
    "type-of-another-variable": (
        described(type="date") + "ASK { ?s ?p ?_x }", ":6:14: x is of type date, and ?_x is one for literal",
    ),
    "thing-without-iri": (
        described(type="entity") + "ASK { ?s ?p ?_x }", ":6:14: x is of type entity, and ?_x is one for literal",
    ),
    "many-a-word": (described(many="often") + "ASK { ?s ?p ?_x }", ":9:14: the #+ header: parameters.x.many: "),
    "example-empty": (described(example="''") + "ASK { ?s ?p ?_x }", ":8:17: the #+ header: parameters.x.example: "),
    "example-of-another-type": (
        described(type="integer", example="eight") + "ASK { ?s ?p ?_x_integer }",
        ":8:17: example in the #+ header: parameter x: 'eight' is not an integer",
    ),
    "second-example-of-another-type": (
        described(type="integer", many="true", example="[8, eight]") + "ASK { ?s ?p ?_x_integer }",
        ":8:17: example in the #+ header: parameter x: 'eight' is not an integer",
    ),
    "no-such-day-as-example": (
        described(type="date", example="2026-02-30") + "ASK { ?s ?p ?_x_xsd_date }", ":8:17: example in the #+ header: ",
    ),
    "example-of-a-thing-blank": (
        described(type="entity", example="' '") + "ASK { ?s ?p ?_x_iri }", ":8:17: example in the #+ header: ",
    ),
    "example-no-iri": (
        described(type="iri", example="unknown:x") + "ASK { ?s ?p ?_x_iri }",
        ":8:17: example in the #+ header: parameter x: 'unknown:x' is not an IRI or a CURIE; prefixes are ",
    ),
    "two-examples-of-one": (
        described(example="[a, b]") + "ASK { ?s ?p ?_x }",
        ":8:17: example in the #+ header: parameter x: takes one value, and 2 are given",
    ),
    "example-twice": (described(many="true", example="[a, a]") + "ASK { ?s ?p ?_x }", ":8:17: example of x has a value twice"),
    "default-of-another-type": (
        described(type="integer", example="8", default="eight") + "ASK { ?s ?p ?_x_integer }",
        ":9:17: default in the #+ header: parameter x: 'eight' is not an integer",
    ),
    "two-defaults-of-one": (described(default="[a, b]") + "ASK { ?s ?p ?_x }", ":9:17: default in the #+ header: "),
    "default-not-among-the-choices": (
        described(choices="[d, e]", default="f") + "ASK { ?s ?p ?_x }",
        ":10:17: default in the #+ header: parameter x: 'f' is not one of d, e",
    ),
    "example-not-among-the-choices": (
        described(choices="[a, b]") + "ASK { ?s ?p ?_x }",
        ":8:17: example in the #+ header: parameter x: 'e' is not one of a, b",
    ),
    "example-of-a-thing-not-among-the-choices": (
        described(type="entity", choices="[a, b]") + "ASK { ?s ?p ?_x_iri }", ":8:17: example in the #+ header: ",
    ),
    "choice-of-another-type": (
        described(type="integer", example="1", choices="[1, two]") + "ASK { ?s ?p ?_x_integer }",
        ":9:17: choices in the #+ header: parameter x: 'two' is not an integer",
    ),
    "choice-twice": (
        described(choices="[e, {value: e, label: E}]") + "ASK { ?s ?p ?_x }", ":9:17: choices of x has a value twice",
    ),
    "choices-empty": (described(choices="[]") + "ASK { ?s ?p ?_x }", ":9:17: the #+ header: parameters.x.choices: "),
    "choice-without-label": (
        described(choices="[{value: e}]") + "ASK { ?s ?p ?_x }", ":9:17: the #+ header: parameters.x.choices: ",
    ),
    "query-for-choices-broken": (
        described(choices="{query: 'SELECT ?value'}") + "ASK { ?s ?p ?_x }", ":9:25: this is no SPARQL: ",
    ),
    "query-for-choices-with-an-unknown-prefix": (
        described(choices="{query: 'SELECT ?value ?label { ?value ex:p ?label }'}") + "ASK { ?s ?p ?_x }",
        ":9:25: this is no SPARQL: the prefix ex: is not declared",
    ),
    "query-for-choices-with-other-columns": (
        described(choices="{query: 'SELECT ?value ?name { ?value ?p ?name }'}") + "ASK { ?s ?p ?_x }",
        ":9:25: this is no query for choices\n    Write SELECT ?value ?label { … }.",
    ),
    "query-for-choices-an-ask": (described(choices="{query: 'ASK {}'}") + "ASK { ?s ?p ?_x }", ":9:25: this is no query for"),
    "query-for-choices-an-update": (
        described(choices="{query: 'DELETE WHERE { ?s ?p ?o }'}") + "ASK { ?s ?p ?_x }", ":9:25: updates are refused",
    ),
    "expect-without-rows": (HEAD + "#+ expect: {columns: {a: iri, b: iri}}\n" + SELECT, ':4:12: the #+ header: expect: "rows"'),
    "expect-fewer-than-none": (HEAD + "#+ expect: {rows: -1}\n" + SELECT, ":4:19: the #+ header: expect.rows: -1 is less"),
    "no-rows-without-a-reason": (HEAD + "#+ expect: {rows: 0}\n" + SELECT, ':4:12: the #+ header: expect: "because" is a'),
    "rows-with-a-reason-for-none": (HEAD + "#+ expect: {rows: 1, because: x}\n" + SELECT, ":4:12: the #+ header: expect: "),
    "type-of-a-column-unknown": (
        HEAD + "#+ expect: {rows: 1, columns: {a: iri, b: string}}\n" + SELECT, ":4:43: the #+ header: expect.columns.b: ",
    ),
    "column-that-there-is-not": (
        HEAD + "#+ expect: {rows: 1, columns: {a: iri, c: iri}}\n" + SELECT,
        ":4:43: the query has no column c\n    There are a, b.",
    ),
    "column-without-a-type": (
        HEAD + "#+ expect: {rows: 1, columns: {a: iri}}\n" + SELECT, ":4:31: expect says no type for b",
    ),
    "row-with-an-unknown-column": (
        HEAD + "#+ expect: {rows: 1, contains: [{c: x}]}\n" + SELECT, ":4:37: the query has no column c",
    ),
    "columns-of-a-graph": (
        HEAD + "#+ expect: {rows: 1, contains: [{s: x}]}\nCONSTRUCT WHERE { ?s ?p ?o }",
        ":4:37: the query has no column s\n    CONSTRUCT has no columns.",
    ),
    "answer-of-a-select": (
        HEAD + "#+ expect: {rows: 1, answer: true}\n" + SELECT, ":4:22: answer in expect is for ASK, and this query is no such",
    ),
    "ask-without-an-answer": (HEAD + EXPECT + "ASK {}", ":4:12: answer in expect has to say true or false"),
    "ask-with-rows": (HEAD + "#+ expect: {rows: 2, answer: true}\nASK {}", ":4:19: the answer to ASK is one: rows: 1"),
    "row-among-none": (
        HEAD + "#+ expect: {rows: 0, because: none, contains: [{a: x}]}\n" + SELECT, ":4:37: a row is expected, and rows: 0",
    ),
    "key-that-there-is-not": (HEAD + "#+ key: [c]\n" + SELECT, ":4:9: the query has no column c"),
    "key-without-order": (
        HEAD + "#+ key: [a]\nSELECT ?a { ?a ?p ?b }", ":4:9: ORDER BY does not say ?a, so rows that differ in it only come in any",
    ),
    "key-in-half-the-order": (
        HEAD + "#+ key: [a, b]\nSELECT ?a ?b { ?a ?p ?b } ORDER BY ?a", ":4:9: ORDER BY does not say ?b",
    ),
    "key-in-an-expression": (
        HEAD + "#+ key: [a]\nSELECT ?a { ?a ?p ?b } ORDER BY STRLEN(?a)", ":4:9: ORDER BY does not say ?a",
    ),
    "key-in-the-order-of-a-sub-select": (
        HEAD + "#+ key: [a]\nSELECT ?a { { SELECT ?a { ?a ?p ?b } ORDER BY ?a } }", ":4:9: ORDER BY does not say ?a",
    ),
    "key-with-a-limit": (HEAD + "#+ key: [a]\nSELECT ?a { ?a ?p ?b } ORDER BY ?a LIMIT 5", ":4:9: ORDER BY does not say ?a"),
    "pages-without-a-key": (HEAD + "#+ pagination: 5\n" + SELECT, ":4:16: pages need a key"),
    "claims-that-there-are-not": (HEAD + "#+ claims: claim\n" + SELECT, ":4:12: the query has no column claim"),
    "claims-without-certainty": (
        HEAD + "#+ claims: a\nSELECT ?a ?standing { ?a ?p ?standing }", ":4:12: rows rest on claims, and there is no column certainty",
    ),
    "claims-without-standing": (
        HEAD + "#+ claims: a\nSELECT ?a ?certainty { ?a ?p ?certainty }", ":4:12: rows rest on claims, and there is no column standing",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), HEADERS.values(), ids=HEADERS.keys())
def test_a_header_that_does_not_fit_is_refused_with_its_line(small: Project, text: str, expected: str) -> None:
    """Every key, wrong in every way that can be told without a graph."""
    path = file(small, text)

    with pytest.raises(InputError) as refused:
        load_query(path, small)

    assert str(refused.value).removeprefix(str(path)).startswith(expected)


# What is wrong in the text

TEXTS: dict[str, tuple[str, str]] = {
    "broken": (HEAD + "SELECT ?a {", ":4:12: the query ends too early"),
    "empty": (HEAD, ": this is no SPARQL query"),
    "update": (HEAD + "INSERT DATA { <a:b> <a:c> 1 }", ": updates are refused"),
    "service": (HEAD + "ASK { SERVICE <a:b> {} }", ": SERVICE is refused"),
    "unknown-prefix": (HEAD + "ASK { ?s ont:p ?o }", ":4:10: the prefix ont: is not declared\n    Add this line: PREFIX ont:"),
    "all-columns": (HEAD + "SELECT * { ?s ?p ?o }", ":4:1: SELECT * has no fixed columns"),
    "all-distinct-columns": (HEAD + "SELECT DISTINCT * { ?s ?p ?o }", ":4:1: SELECT * has no fixed columns"),
    "underscore-in-a-name": (HEAD + "ASK {\n ?s ?p ?_start_date }", ":5:8: ?_start_date is no parameter name"),
    "underscores-alone": (HEAD + "ASK { ?s ?p ?__ }", ":4:13: ?__ is no parameter name"),
    "dollar": (HEAD + X + "ASK { ?s ?p ?_x ; ?q $_x }", ":5:22: $_x is no parameter name"),
    "two-spellings": (
        HEAD + X + "ASK { ?s ?p ?_x ; ?q ?__x }", ":5:22: ?__x and ?_x are two spellings of one parameter",
    ),
    "two-types": (HEAD + X + "ASK { ?s ?p ?_x ; ?q ?_x_iri }", ":5:22: ?_x_iri and ?_x are two spellings"),
    "undescribed": (HEAD + "ASK {\n  ?s ?p ?_x_iri }", ":5:9: the #+ header says no type, help and example for the parameter x"),
    "undescribed-among-others": (HEAD + X + "ASK { ?s ?p ?_x , ?_y }", ":5:19: the #+ header says no type, help and example for"),
    "unused": (HEAD + X + "ASK { ?s ?p ?x }", ":4:17: the #+ header describes x, which the query does not use; it uses none"),
    "unused-for-an-underscore": (
        HEAD + X.replace("{x:", "{x_y:") + "ASK { ?s ?p ?_x_en }", ":4:17: the #+ header describes x_y, which the query does not use; it uses x",
    ),
    "used-in-a-string-only": (HEAD + X + "ASK { ?s ?p '?_x' }", ":5:13: '?_x' is a text, and no value takes the place of ?_x"),
    "used-in-an-iri": (HEAD + X + "ASK { ?s <a:?_x> ?_x }", ":5:10: <a:?_x> is a text, and no value takes the place of ?_x"),
    "used-where-less-than-opens-an-iri": (
        HEAD + X + "ASK { ?s ?p ?_x , ?a , ?c FILTER(?a<?_x&&?c>3) }",
        ":5:36: <?_x&&?c> is a text, and no value takes the place of ?_x in it\n    Put a blank behind <",
    ),
    "used-in-a-comment-only": (
        HEAD + X + "ASK { ?s ?p ?o } # ?_x", ":5:20: ?_x stands in a comment, and the query has no such parameter",
    ),
    "mentioned-in-the-header": (HEAD.replace("All", "All ?_y") + X + "ASK { ?s ?p ?_x }", ":3:21: ?_y stands in a comment"),
    "misspelt-in-a-comment": (HEAD + X + "ASK { ?s ?p ?_x } # ?_xy", ":5:21: ?_xy stands in a comment"),
    "reserved": (
        HEAD + X.replace("{x:", "{limit:") + "ASK { ?s ?p ?_limit }", ":4:17: 'limit' is no name for a parameter",
    ),
    "escaped-name": (HEAD + X + "ASK { ?s ?p ?_x , ?\\u005fx }", ":5:19: ? is written with a code point escape"),
    "escaped-keyword": (HEAD + "\\u0041SK {}", ":4:1: \\ is written with a code point escape"),
    "escaped-end-of-a-string": (HEAD + "ASK { ?s ?p 'a\\u0027 }", ":4"),
    "escaped-end-of-a-comment": (HEAD + "ASK { ?s ?p ?o # \\u000a FILTER(?o = 1)\n }", ":5:2: } is written with a code"),
    "in-select": (HEAD + X + "SELECT ?_x { ?s ?p ?_x }", ":5:8: ?_x stands in SELECT, where no value can be"),
    "in-as": (HEAD + X + "SELECT ?s { ?s ?p ?o\nBIND(1 AS ?_x) }", ":6:11: ?_x stands after AS"),
    "in-group-by": (HEAD + X + "SELECT ?s { ?s ?p ?_x } GROUP BY ?s ?_x", ":5:37: ?_x stands in GROUP BY"),
    "in-values": (HEAD + X + "ASK { VALUES ?_x { 1 } ?s ?p ?_x }", ":5:14: ?_x is named by VALUES"),
    "in-bound": (HEAD + X + "ASK { ?s ?p ?_x FILTER(BOUND(?_x)) }", ":5: with values in it this is no SPARQL: "),
    "in-order-by-alone": (HEAD + X + "SELECT ?s { ?s ?p ?_x } ORDER BY ?_x ?s", ":5: with values in it this is no SPARQL: "),
    "text-as-a-property": (HEAD + X + "ASK { ?s ?_x ?o }", ":5: with values in it this is no SPARQL: "),
    "many-in-a-sub-select": (
        HEAD + X.replace("e}", "e, many: true}") + "SELECT ?s { { SELECT ?s { ?s ?p ?_x } } }",
        ":5:33: ?_x takes many values and stands in a sub-select",
    ),
    "many-of-describe": (
        HEAD + X.replace("literal", "entity").replace("e}", "e, many: true}") + "DESCRIBE ?_x_iri",
        ":5:10: ?_x_iri takes many values and stands outside of the groups",
    ),
    "selected-and-never-bound": (HEAD + "SELECT ?a ?bb { ?a ?p ?b }", ":4:11: ?bb has no value: it does not occur in WHERE"),
    "selected-as-and-never-bound": (HEAD + "SELECT (STR(?aa) AS ?b) { ?a ?p ?c }", ":4:13: ?aa has no value"),
    "ordered-by-and-never-bound": (HEAD + "SELECT ?a { ?a ?p ?b } ORDER BY ?c", ":4:33: ?c has no value"),
    "built-and-never-bound": (HEAD + "CONSTRUCT { ?a ?p ?c } WHERE { ?a ?p ?b }", ":4:19: ?c has no value"),
    "selected-twice": (HEAD + "SELECT ?a ?a { ?a ?p ?b }", ":4:26: "),
    "base": (HEAD + "BASE <https://w3id.org/lungkg/> ASK { <id/claim/x> ?p ?o }", ":4:1: BASE makes IRIs of parts"),
    "prefix-of-the-base": (
        HEAD + "PREFIX l: <https://w3id.org/lungkg/> ASK { l:dataset ?p ?o }",
        ":4:11: <https://w3id.org/lungkg/> is too short: a build for another base moves what begins with https://w3id.org/lungkg/id/",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), TEXTS.values(), ids=TEXTS.keys())
def test_a_text_that_would_go_wrong_is_refused_with_its_place(small: Project, text: str, expected: str) -> None:
    """What no engine complains of is found before anybody asks."""
    path = file(small, text)

    with pytest.raises(InputError) as refused:
        load_query(path, small)

    assert str(refused.value).removeprefix(str(path)).startswith(expected)


RIGHT = {
    "bound-by-values-at-the-end": "SELECT ?a ?b { ?a ?p ?c } VALUES ?b { 1 }",
    "bound-by-as": "SELECT (COUNT(?b) AS ?n) { ?a ?p ?b } GROUP BY (STR(?a) AS ?c) HAVING(COUNT(?b) > 1) ORDER BY ?c ?n",
    "bound-in-a-sub-select": "SELECT ?a ?n { { SELECT ?a (COUNT(?b) AS ?n) { ?a ?p ?b } GROUP BY ?a } }",
    "described": "DESCRIBE ?a <urn:b> { ?a ?p ?b }",
    "escapes-in-strings-and-iris": "ASK { ?s <urn:\\u0061> 'caf\\u00e9' }",
    "prefix-below-the-base": "PREFIX e: <https://w3id.org/lungkg/id/entity/> ASK { e:x ?p ?o }",
    "parameter-in-a-comment": "# ?_x\nASK { ?s ?p ?_x }",
    "names-with-underscores": "PREFIX a_b: <urn:a> SELECT ?a_b { ?a_b a_b:_c _:d }",
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT.keys())
def test_what_looks_odd_and_is_right_passes(small: Project, text: str) -> None:
    """No alarm without a fire."""
    head = HEAD + (X if "?_x" in text else "")

    assert load_query(file(small, head + text), small).name == "rises"


ORDERS = {
    "plain": "?a ?b",
    "directions": "DESC(?a) ASC(?b)",
    "brackets": "(?a) DESC( ?b )",
    "among-others": "STRLEN(?a) ?b DESC(?c) ?a",
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS.keys())
def test_a_key_may_stand_anywhere_in_the_order(small: Project, order: str) -> None:
    """As long as each of its columns is a criterion by itself."""
    text = HEAD + f"#+ key: [a, b]\nSELECT ?a ?b {{ ?a ?b ?c }} ORDER BY {order}"

    assert load_query(file(small, text), small).key == ("a", "b")


# Files

FILES: dict[str, tuple[str, str]] = {
    "other-ending": ("rises.sparql", "this file is not read"),
    "ending-in-capitals": ("rises.RQ", "this file is not read"),
    "dot-in-the-name": ("what.rises.rq", "'what.rises' is no name for a query"),
    "capitals": ("Rises.rq", "'Rises' is no name for a query"),
    "blank": ("what rises.rq", "'what rises' is no name for a query"),
    "two-hyphens": ("what--rises.rq", "'what--rises' is no name for a query"),
    "digit-first": ("2rise.rq", "'2rise' is no name for a query"),
}


@pytest.mark.parametrize(("name", "message"), FILES.values(), ids=FILES.keys())
def test_a_file_that_would_not_be_found_is_told(small: Project, name: str, message: str) -> None:
    """A query that nobody can ask is a mistake, too."""
    path = file(small, HEAD + "ASK {}", name)

    with pytest.raises(InputError) as refused:
        load_catalogue(small)

    assert f"{path}: {message}" in str(refused.value)


def test_a_file_in_a_folder_of_its_own_is_told(small: Project) -> None:
    """Queries stand in queries/ itself."""
    (small.folder("queries") / "more").mkdir()
    path = file(small, HEAD + "ASK {}", "more/rises.rq")

    with pytest.raises(InputError, match="this file is not read") as refused:
        load_catalogue(small)

    assert [path] == [problem.place.path for problem in refused.value.problems]


SPOILT: dict[str, tuple[Callable[[Path], Any], str]] = {
    "folder": (lambda path: path.mkdir(), "this file cannot be read"),
    "other-encoding": (lambda path: path.write_bytes(HEAD.encode() + b"# \xff"), "this is not UTF-8 text"),
    "wide-encoding": (lambda path: path.write_bytes(HEAD.encode("utf-16")), "this is not UTF-8 text"),
    "byte-order-mark": (lambda path: path.write_bytes(("\ufeff" + HEAD + "ASK {}").encode()), "byte order mark"),
    "NUL": (lambda path: path.write_bytes((HEAD + "ASK {} # \x00").encode()), "NUL"),
}


@pytest.mark.parametrize(("spoil", "message"), SPOILT.values(), ids=SPOILT.keys())
def test_a_file_that_cannot_be_read_is_told(small: Project, spoil: Callable[[Path], Any], message: str) -> None:
    """It is an error in the sources, not a crash."""
    spoil(small.folder("queries") / "rises.rq")

    with pytest.raises(InputError, match=message):
        load_catalogue(small)


def test_the_mistakes_of_all_files_are_told_at_once(small: Project) -> None:
    """One run shows them all."""
    file(small, HEAD + "ASK {", "one.rq")
    file(small, HEAD + "ASK {}", "two.rq")
    file(small, "ASK {}", "three.rq")

    with pytest.raises(InputError) as refused:
        load_catalogue(small)

    assert ["one.rq", "three.rq"] == [problem.place.path.name for problem in refused.value.problems]


def test_a_project_may_have_no_query(small: Project) -> None:
    """Nothing is nothing."""
    assert load_catalogue(small) == {}


# The choices and the base


def test_a_query_for_choices_has_the_prefixes_of_the_file_and_the_base_of_the_build(small: Project) -> None:
    """Its IRIs move as those of the text do."""
    text = (
        HEAD + "#+ parameters: {x: {type: iri, help: h, example: 'ont:A',\n"
        "#+   choices: {query: 'SELECT ?value ?label { GRAPH <https://w3id.org/lungkg/graph/ontology> { ?value r:label ?label } }'}}}\n"
        "PREFIX r: <http://www.w3.org/2000/01/rdf-schema#> # labels\nASK { ?s r:label ?_x_iri }"
    )
    moved = load_project(small.root, base="http://localhost:1234/")

    query = load_query(file(small, text), moved)

    assert query.choices_text("x", moved) == (
        "PREFIX r: <http://www.w3.org/2000/01/rdf-schema#>\n"
        "SELECT ?value ?label { GRAPH <http://localhost:1234/graph/ontology> { ?value r:label ?label } }"
    )


def test_a_parameter_without_a_query_for_choices_has_none(small: Project) -> None:
    """There is nothing to ask."""
    query = load_query(file(small, HEAD + X + "ASK { ?s ?p ?_x }"), small)

    assert query.choices_text("x", small) == ""


# Values


@pytest.fixture
def asked(small: Project) -> Callable[..., str]:
    """Binds a query with five parameters; no graph is needed for them."""
    text = (
        HEAD + "#+ parameters:\n"
        "#+   text: {type: literal, help: h, example: e}\n"
        "#+   number: {type: integer, help: h, example: 8, default: 9}\n"
        "#+   kind: {type: iri, help: h, example: 'ont:A', many: true, choices: ['ont:A', 'ont:B']}\n"
        "#+   since: {type: date, help: h, example: 2026-11-26}\n"
        "ASK { ?s ?p ?_text , ?_number_integer , ?__kind_iri , ?__since_xsd_date }"
    )
    query = load_query(file(small, text), small)

    def bind(**given: str | list[str]) -> str:
        return query.bind(given, small, Names.of_store(ox.Store(), small)).rpartition("\n")[2]

    return bind


NINE: Final = '"9"^^<http://www.w3.org/2001/XMLSchema#integer>'
A, B = "<https://w3id.org/lungkg/ont#A>", "<https://w3id.org/lungkg/ont#B>"
VALUES: dict[str, tuple[dict[str, Any], str]] = {
    "least": ({"text": "x"}, f'ASK {{ ?s ?p "x" , {NINE} , ?__kind_iri , ?__since_xsd_date }}'),
    "default-overruled": (
        {"text": "x", "number": "8"}, f'ASK {{ ?s ?p "x" , {NINE.replace("9", "8", 1)} , ?__kind_iri , ?__since_xsd_date }}',
    ),
    "one-of-many": ({"text": "x", "kind": "ont:A"}, f'ASK {{ ?s ?p "x" , {NINE} , {A} , ?__since_xsd_date }}'),
    "the-same-twice": ({"text": "x", "kind": ["ont:A", "ont:A"]}, f'ASK {{ ?s ?p "x" , {NINE} , {A} , ?__since_xsd_date }}'),
    "many": (
        {"text": "x", "kind": ["ont:B", "ont:A"]},
        f'ASK {{ VALUES ?__kind_iri {{ {B} {A} }} ?s ?p "x" , {NINE} , ?__kind_iri , ?__since_xsd_date }}',
    ),
    "none-of-many": ({"text": "x", "kind": []}, f'ASK {{ ?s ?p "x" , {NINE} , ?__kind_iri , ?__since_xsd_date }}'),
    "all": (
        {"text": "", "number": "9", "kind": "ont:B", "since": "2026-01-01"},
        f'ASK {{ ?s ?p "" , {NINE} , {B} , "2026-01-01"^^<http://www.w3.org/2001/XMLSchema#date> }}',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), VALUES.values(), ids=VALUES.keys())
def test_values_defaults_and_what_is_left_out_make_the_text(
    asked: Callable[..., str], given: dict[str, Any], expected: str
) -> None:
    """What is not given is its default, or stays a variable."""
    assert expected == asked(**given)


WRONG_VALUES: dict[str, tuple[dict[str, Any], str]] = {
    "missing": ({}, "parameter text: is missing: give a text; for example e"),
    "missing-in-a-list": ({"text": []}, "parameter text: is missing"),
    "unknown": ({"text": "x", "colour": "red"}, "parameter colour: is unknown; rises has text, number, kind, since"),
    "two-of-one": ({"text": ["x", "y"]}, "parameter text: takes one value, and 2 are given"),
    "no-integer": ({"text": "x", "number": "nine"}, "parameter number: 'nine' is not an integer; for example 8"),
    "no-choice": ({"text": "x", "kind": ["ont:A", "ont:C"]}, "parameter kind: 'ont:C' is not one of ont:A, ont:B"),
    "no-date": ({"text": "x", "since": "yesterday"}, "parameter since: 'yesterday' is not a date such as 2026-11-26"),
    "NUL": ({"text": "\x00"}, "parameter text: holds a NUL"),
}


@pytest.mark.parametrize(("given", "message"), WRONG_VALUES.values(), ids=WRONG_VALUES.keys())
def test_a_wrong_value_is_refused(asked: Callable[..., str], given: dict[str, Any], message: str) -> None:
    """With the parameter, what was expected, and an example."""
    with pytest.raises(BadParameter) as refused:
        asked(**given)

    assert str(refused.value).startswith(message)
