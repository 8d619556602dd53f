"""The lexer cuts SPARQL as section 19.8 of SPARQL 1.1 says; strings, comments and IRIs do not fool it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lungkg import lexer
from lungkg.engines import screen
from lungkg.errors import QueryRefused

SNIPPETS = (
    "SELECT", "SERVICE", "ASK", " ", "\n", "\r", "\t", "?x", "$y", "<", ">", "<a:b#c>", "'", '"', "'''", '"""', "\\",
    "\\'", "#", "# SERVICE\n", "ex:a", ":", "ex:", "_:b", ".", "-", "@en", "1", "1.5e3", "{", "}", "(", ")", "^^",
    "&&", "%20", "\\u0053", "é", "面", "🍞", "\u0301", "\x00", "'''a\n'b'''", "a", "_",
)  # fmt: skip
queries = st.lists(st.sampled_from(SNIPPETS) | st.text(max_size=3), max_size=30).map("".join)
plain = st.text(alphabet=st.characters(exclude_characters="'\"\\\n\r", exclude_categories=["Cs"]), max_size=20)


def pieces(text: str) -> list[str]:
    """Give the tokens of a text as "kind text"."""
    return [f"{token.kind} {token.text}" for token in lexer.tokens(text)]


TOKENS = {
    "spaces-only": (" \t\r\n", []),
    "comment": ("ASK # SELECT ?x 'y' <z>", ["word ASK"]),
    "comment-ends-with-a-line": ("# a\nASK#b\r{", ["word ASK", "mark {"]),
    "iri": ("<http://a/b>", ["iri <http://a/b>"]),
    "iri-with-fragment": ("<http://a#b> ?c", ["iri <http://a#b>", "variable ?c"]),
    "iri-with-apostrophe": ("<http://a/it's> 'x'", ["iri <http://a/it's>", "string 'x'"]),
    "relative-iri": ("<> <b>", ["iri <>", "iri <b>"]),
    "iris-without-spaces": ("<a><b><c>", ["iri <a>", "iri <b>", "iri <c>"]),
    "single-quoted": ("'a # b'", ["string 'a # b'"]),
    "double-quoted": ('"a <b> ?c"', ['string "a <b> ?c"']),
    "empty-strings": ("'' \"\" '''''' \"\"\"\"\"\"",
        ["string ''", 'string ""', "string ''''''", 'string """"""']),
    "escaped-quote": (r"'it\'s' ?x", [r"string 'it\'s'", "variable ?x"]),
    "escaped-double-quote": (r'"a\"b" ?x', [r'string "a\"b"', "variable ?x"]),
    "escaped-backslash-ends": (r"'a\\' ?x", [r"string 'a\\'", "variable ?x"]),
    "other-quote-inside": ("'say \"hi\"' \"it's\"", ["string 'say \"hi\"'", 'string "it\'s"']),
    "long-single": ("'''a\n'b' ''c'' # d''' ?x", ["string '''a\n'b' ''c'' # d'''", "variable ?x"]),
    "long-double": ('"""a\r\n"b" ""c"" """ ?x', ['string """a\r\n"b" ""c"" """', "variable ?x"]),
    "long-with-escaped-quote": (r"'''a\'''' ?x", [r"string '''a\''''", "variable ?x"]),
    "language-tag": ("'a'@en-GB", ["string 'a'", "language @en-GB"]),
    "datatype": ("'1'^^xsd:int", ["string '1'", "mark ^^", "name xsd:int"]),
    "variables": ("?x $y ?_a1 ?é", ["variable ?x", "variable $y", "variable ?_a1", "variable ?é"]),
    "variable-starting-with-digit": ("?1a", ["variable ?1a"]),
    "variable-with-combining-mark": ("?e\u0301", ["variable ?e\u0301"]),
    "variable-minus-number": ("?a-1", ["variable ?a", "mark -", "number 1"]),
    "variable-before-dot": ("?a.?b", ["variable ?a", "mark .", "variable ?b"]),
    "optional-path": ("ex:p?/ex:q", ["name ex:p", "mark ?", "mark /", "name ex:q"]),
    "integers": ("0 12 +3", ["number 0", "number 12", "mark +", "number 3"]),
    "decimals": ("1.5 .5", ["number 1.5", "number .5"]),
    "doubles": ("1e3 1.E-3 .5e+2", ["number 1e3", "number 1.E-3", "number .5e+2"]),
    "integer-before-dot": ("1.}", ["number 1", "mark .", "mark }"]),
    "blank-nodes": ("_:a _:1 _:a.b _:c.", ["blank _:a", "blank _:1", "blank _:a.b", "blank _:c", "mark ."]),
    "name": ("ex:bread", ["name ex:bread"]),
    "name-with-dots": ("a.b:c.d.", ["name a.b:c.d", "mark ."]),
    "name-with-hyphen": ("my-ex:a-1", ["name my-ex:a-1"]),
    "name-with-colons": ("ex:a:b:", ["name ex:a:b:"]),
    "name-with-percent": ("ex:%41b%20c", ["name ex:%41b%20c"]),
    "name-with-escapes": (r"ex:a\,b\-c", [r"name ex:a\,b\-c"]),
    "name-starting-with-escape": (r"ex:\-bread", [r"name ex:\-bread"]),
    "name-ending-with-escaped-dot": (r"ex:a\. ?x", [r"name ex:a\.", "variable ?x"]),
    "name-starting-with-digit": ("ex:007", ["name ex:007"]),
    "name-of-a-prefix-only": ("ex: ?x", ["name ex:", "variable ?x"]),
    "empty-prefix": (":a :", ["name :a", "name :"]),
    "name-before-a-list": ("ex:a,ex:b;ex:c", ["name ex:a", "mark ,", "name ex:b", "mark ;", "name ex:c"]),
    "name-beyond-latin": ("ex:面包", ["name ex:面包"]),
    "name-with-ideographic-comma": ("ex:面、包", ["name ex:面、包"]),
    "prefix-with-combining-mark": ("e\u0301x:a", ["name e\u0301x:a"]),
    "keyword-as-prefix": ("select:a SELECT:b", ["name select:a", "name SELECT:b"]),
    "keyword-as-local-name": ("ex:SELECT", ["name ex:SELECT"]),
    "keywords": ("SELECT DISTINCT", ["word SELECT", "word DISTINCT"]),
    "word-before-dot": ("true.", ["word true", "mark ."]),
    "less-than": ("?a<?b && ?c>?d",
        ["variable ?a", "mark <", "variable ?b", "mark &&", "variable ?c", "mark >", "variable ?d"]),
    "less-than-number": ("(?a<1)", ["mark (", "variable ?a", "mark <", "number 1", "mark )"]),
    "longest-match-is-an-iri": ("?a<?b&&?c>?d", ["variable ?a", "iri <?b&&?c>", "variable ?d"]),
    "comparisons": ("<= >= != = ||", ["mark <=", "mark >=", "mark !=", "mark =", "mark ||"]),
    "inverse-path": ("^ex:p", ["mark ^", "name ex:p"]),
    "prologue": ("BASE <http://a/>PREFIX ex:<b#>",
        ["word BASE", "iri <http://a/>", "word PREFIX", "name ex:", "iri <b#>"]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), TOKENS.values(), ids=TOKENS.keys())
def test_text_is_cut_into_the_terminals_of_sparql(text: str, expected: list[str]) -> None:
    """Every token has the kind and the extent that the grammar gives it; comments and blanks are left out."""
    actual = pieces(text)

    assert expected == actual


def test_a_token_says_where_it_starts() -> None:
    """A token's start counts characters from 0, skipped text included."""
    expected = [5, 9, 11]
    actual = [token.start for token in lexer.tokens("# é🍞\nASK { ?x")]

    assert expected == actual


def test_a_token_gives_its_text_in_capitals() -> None:
    """Keywords are compared without regard to case."""
    expected = ["SELECT", "?X"]
    actual = [token.upper for token in lexer.tokens("select ?x")]

    assert expected == actual


FORMS = {
    "select": ("SELECT * {}", "SELECT"),
    "ask-in-lower-case": ("ask {}", "ASK"),
    "construct": ("CONSTRUCT WHERE {}", "CONSTRUCT"),
    "describe": ("DeScRiBe <a>", "DESCRIBE"),
    "prologue": ("BASE <http://a/> PREFIX ex: <b#> PREFIX : <c#> ASK {}", "ASK"),
    "prologue-without-spaces": ("PREFIX ex:<http://select/>ASK{}", "ASK"),
    "form-as-prefix": ("PREFIX select: <http://a/> CONSTRUCT WHERE {}", "CONSTRUCT"),
    "form-in-comment": ("# SELECT\nASK {}", "ASK"),
    "form-in-iri": ("BASE <http://a/#SELECT> ASK {}", "ASK"),
    "subselect": ("ASK { SELECT * {} }", "ASK"),
    "insert": ("insert data { <a> <b> 1 }", "UPDATE"),
    "delete-after-prologue": ("PREFIX ask: <a> DELETE WHERE {}", "UPDATE"),
    "with": ("WITH <a> DELETE {} WHERE {}", "UPDATE"),
    "load": ("LOAD <http://a/>", "UPDATE"),
    "clear": ("CLEAR ALL", "UPDATE"),
    "drop": ("DROP GRAPH <a>", "UPDATE"),
    "create": ("CREATE GRAPH <a>", "UPDATE"),
    "copy": ("COPY <a> TO <b>", "UPDATE"),
    "move": ("MOVE <a> TO <b>", "UPDATE"),
    "add": ("ADD <a> TO <b>", "UPDATE"),
    "insert-in-a-query": ("SELECT ?insert { ?insert <delete> 'LOAD' }", "SELECT"),
    "other-word-first": ("EXPLAIN SELECT * {}", ""),
    "empty": ("", ""),
    "comment-only": ("# ASK {}", ""),
    "string-only": ("'ASK {}'", ""),
}


@pytest.mark.parametrize(("text", "expected"), FORMS.values(), ids=FORMS.keys())
def test_the_form_is_the_first_keyword_after_the_prologue(text: str, expected: str) -> None:
    """A request's form is told by its keyword, not by what stands in names, IRIs, strings or comments."""
    actual = lexer.form(text)

    assert expected == actual


KEYWORDS = {
    "plain": ("ASK { SERVICE <a> {} }", True),
    "any-case": ("ASK { sErViCe <a> {} }", True),
    "between-brackets": ("ASK{SERVICE<a>{}}", True),
    "after-number": ("ASK { ?s ?p 1SERVICE <a> {} }", True),
    "after-string": ("ASK { ?s ?p 'a'SERVICE <a> {} }", True),
    "after-line-of-comment": ("# x\nSERVICE", True),
    "after-carriage-return": ("# x\rSERVICE", True),
    "after-less-than": ("ASK { FILTER(?a<?b) SERVICE ?c { FILTER(1>0) } }", True),
    "after-iri-with-fragment": ("ASK { ?s ?p <http://a#> SERVICE <a> {} }", True),
    "after-escaped-quote": (r"ASK { ?s ?p 'a\\' SERVICE <a> {} # '", True),
    "in-comment": ("ASK {} # SERVICE", False),
    "in-string": ("ASK { ?s ?p 'SERVICE' }", False),
    "in-long-string": ("ASK { ?s ?p '''it's\nSERVICE''' }", False),
    "after-escaped-quote-in-string": (r"ASK { ?s ?p 'a\' SERVICE ' }", False),
    "in-iri": ("ASK { ?s <http://a/SERVICE#SERVICE> ?o }", False),
    "as-variable": ("ASK { ?SERVICE a $service }", False),
    "as-prefix": ("ASK { ?s a service:a }", False),
    "as-local-name": ("ASK { ?s a ex:SERVICE }", False),
    "as-local-name-after-escape": (r"ASK { ?s a ex:\-SERVICE }", False),
    "as-local-name-after-dot": ("ASK { ?s a ex:a.SERVICE }", False),
    "as-blank-node": ("ASK { _:SERVICE a ?t }", False),
    "as-language": ("ASK { ?s ?p 'a'@SERVICE }", False),
    "as-part-of-a-word": ("ASK { SERVICES }", False),
}


@pytest.mark.parametrize(("text", "expected"), KEYWORDS.values(), ids=KEYWORDS.keys())
def test_a_keyword_is_found_only_as_a_keyword(text: str, expected: bool) -> None:
    """The letters of a keyword in another kind of token do not count."""
    actual = lexer.has_keyword(text, "SERVICE")

    assert expected == actual


SERVICES = {
    "plain": "ASK { SERVICE <http://a/> {} }",
    "escaped-letters": r"ASK { \u0053ERVICE <http://a/> {} }",
    "keywords-run-together": "ASK { SERVICESILENT <http://a/> {} }",
    "name-without-space": "PREFIX : <http://a/> ASK { SERVICE:b {} }",
    "after-a-boolean": "ASK { ?s ?p trueSERVICE <http://a/> {} }",
    "escaped-quote-in-a-string": "ASK { FILTER('\\u0027' != '') SERVICE <http://a/> {} #'''\n}",
    "quote-after-less-than": "ASK { FILTER(1<'>') SERVICE <http://a/> {} #'\n}",
    "comments-between": "ASK { SERVICE # {\n <http://a/> # }\r {} }",
    "variable": "ASK { BIND(<http://a/> AS ?a) SERVICE?a{} }",
    "escape-in-an-iri": "ASK { FILTER(<http://a/\\u0041#> != '\\u0027') SERVICE <http://a/> {} #'''\n}",
}


@pytest.mark.parametrize("text", SERVICES.values(), ids=SERVICES.keys())
def test_every_spelling_of_service_that_the_engine_takes_is_refused(text: str) -> None:
    """Oxigraph needs no blank after a keyword and decodes escapes inside strings and IRIs only."""
    with pytest.raises(QueryRefused) as refused:
        screen(text)

    assert str(refused.value).startswith("SERVICE is refused")


NO_SERVICES = {
    "comment": ("ASK {} # SERVICE", "ASK"),
    "string": ("SELECT ?s { ?s ?p 'self-SERVICE' }", "SELECT"),
    "variable": ("SELECT ?service { GRAPH ?service { ?services a ?c } GRAPH ?services {} }", "SELECT"),
    "name": ("PREFIX service: <http://a/> DESCRIBE ?s { ?s a service:a , <http://a/SERVICE> }", "DESCRIBE"),
}


@pytest.mark.parametrize(("text", "expected"), NO_SERVICES.values(), ids=NO_SERVICES.keys())
def test_a_query_that_only_speaks_of_services_is_let_through(text: str, expected: str) -> None:
    """The word may stand in names, variables, IRIs, strings and comments."""
    actual = screen(text)

    assert expected == actual


NESTING = {
    "none": ("SELECT *", 0),
    "one": ("ASK {}", 1),
    "side-by-side": ("{} {} ()", 1),
    "three-kinds": ("{ ( [ ] ) }", 3),
    "in-string-and-comment": ("{ '{{{' <a> } # {{{", 1),
    "in-long-string": ('{ """{ " {{""" }', 1),
    "never-closed": ("{{{", 3),
    "closed-too-often": ("}} {", 0),
}


@pytest.mark.parametrize(("text", "expected"), NESTING.values(), ids=NESTING.keys())
def test_nesting_counts_brackets_that_are_tokens(text: str, expected: int) -> None:
    """Brackets of all three kinds nest; those in strings and comments are no brackets."""
    actual = lexer.deepest_nesting(text)

    assert expected == actual


REPLACED = {
    "variable": ("SELECT ?a { ?a ?b 1 }", "SELECT <x:y> { <x:y> ?b 1 }"),
    "not-a-longer-variable": ("?a ?ab ?a1 $a", "<x:y> ?ab ?a1 $a"),
    "not-in-a-string": ("?b '?a' \"?a\" '''?a'''", "?b '?a' \"?a\" '''?a'''"),
    "not-in-a-comment": ("?a # ?a\n?a", "<x:y> # ?a\n<x:y>"),
    "not-in-an-iri": ("<a:?a> ?a", "<a:?a> <x:y>"),
    "first-and-last": ("?a", "<x:y>"),
    "without-spaces": ("?a.?a", "<x:y>.<x:y>"),
    "nothing-to-replace": ("ASK {\r\n}", "ASK {\r\n}"),
    "empty": ("", ""),
}


@pytest.mark.parametrize(("text", "expected"), REPLACED.values(), ids=REPLACED.keys())
def test_whole_tokens_are_replaced_and_all_else_stays(text: str, expected: str) -> None:
    """A token that is wanted gets its new text; comments, blanks and other tokens stay as written."""
    actual = lexer.replace(text, lambda token: "<x:y>" if token.text == "?a" else None)

    assert expected == actual


def test_a_token_can_be_replaced_by_nothing() -> None:
    """The empty text is a replacement like any other."""
    expected = " # all\n "
    actual = lexer.replace("ASK # all\n{ }", lambda _: "")

    assert expected == actual


MOVED = {
    "body": ("ASK { <http://a/id/x> ?p ?o }", "ASK { <http://b/id/x> ?p ?o }"),
    "prefix": ("PREFIX e: <http://a/id/>", "PREFIX e: <http://b/id/>"),
    "base": ("BASE <http://a/>", "BASE <http://b/>"),
    "datatype": ("'1'^^<http://a/t>", "'1'^^<http://b/t>"),
    "elsewhere": ("<http://other/id/x>", "<http://other/id/x>"),
    "string": ("'<http://a/id/x>'", "'<http://a/id/x>'"),
    "long-string": ('"""\n<http://a/id/x>"""', '"""\n<http://a/id/x>"""'),
    "comment": ("# <http://a/id/x>", "# <http://a/id/x>"),
    "less-than": ("FILTER(?a < ?b && ?c > ?d)", "FILTER(?a < ?b && ?c > ?d)"),
}


@pytest.mark.parametrize(("text", "expected"), MOVED.values(), ids=MOVED.keys())
def test_iris_are_moved_wherever_they_are_iris(text: str, expected: str) -> None:
    """The mapping sees what stands between angle brackets, in prologues too, and nothing else."""
    actual = lexer.move_iris(text, lambda iri: iri.replace("http://a/", "http://b/"))

    assert expected == actual


ESCAPES = {
    "none": ("ASK", "ASK"),
    "four-digits": (r"\u0053ERVICE", "SERVICE"),
    "eight-digits": (r"\U00000053ERVICE", "SERVICE"),
    "lower-case-digits": (r"\u00e9", "é"),
    "beyond-the-basic-plane": (r"\U0001F35E", "🍞"),
    "several": (r"\u0041\u0042", "AB"),
    "more-digits-than-needed": (r"\u00410", "A0"),
    "too-few-digits": (r"\u53", r"\u53"),
    "surrogate": (r"\uD83C\uDF5E", r"\uD83C\uDF5E"),
    "beyond-unicode": (r"\U00110000", r"\U00110000"),
    "other-escapes": (r"\t\n\'", r"\t\n\'"),
}


@pytest.mark.parametrize(("text", "expected"), ESCAPES.values(), ids=ESCAPES.keys())
def test_code_point_escapes_become_characters(text: str, expected: str) -> None:
    """The escapes of SPARQL 19.2 are replaced; what names no character stays as written."""
    actual = lexer.unescape(text)

    assert expected == actual


@given(queries)
def test_replacing_nothing_gives_the_text_back(text: str) -> None:
    """No character is lost or moved, whatever the text."""
    untouched = lexer.replace(text, lambda _: None)
    rewritten = lexer.replace(text, lambda token: token.text)

    assert text == untouched
    assert text == rewritten


@given(queries)
def test_what_is_skipped_is_only_blanks_and_comments(text: str) -> None:
    """Every character belongs to a token, a comment or white space."""
    skipped = lexer.replace(text, lambda _: "")

    assert re.fullmatch(r"(?:[ \t\r\n]|#[^\r\n]*)*", skipped)


@pytest.mark.parametrize(
    "frame",
    ["'{}'", '"{}"', "'''{}'''", '"""{}"""', "'a\\'{}'", "'''it's\n{}'''", "1 # {}", "1 # '{}\n# {}"],
    ids=["single", "double", "long-single", "long-double", "after-escape", "lines", "comment", "comments"],
)
@given(before=plain, after=plain)
def test_a_keyword_in_a_string_or_comment_never_counts(frame: str, before: str, after: str) -> None:
    """Whatever stands around it, a keyword inside a string or a comment is not one."""
    words = f"{before} SERVICE {after}"
    text = "ASK { ?s ?p " + frame.replace("{}", words) + "\n}"

    assert not lexer.has_keyword(text, "SERVICE")


@given(before=plain.filter(lambda text: "#" not in text and "<" not in text))
def test_a_keyword_after_a_closed_string_always_counts(before: str) -> None:
    """A string ends at its quote, whatever it holds."""
    text = f"ASK {{ ?s ?p '{before}' SERVICE <a:b> {{}} }}"

    assert lexer.has_keyword(text, "SERVICE")
