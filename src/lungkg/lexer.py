"""Cuts SPARQL text into tokens, so that nothing else has to search in query text.

The terminals are those of SPARQL 1.1 Query Language, section 19.8
(https://www.w3.org/TR/sparql11-query/#sparqlGrammar). A lexer, not a parser: the engine
parses. It is used to find out what kind of request a query is, which variables are parameters,
and to move IRIs, without being fooled by strings, comments, IRIs or code point escapes.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

# The character classes PN_CHARS_BASE, PN_CHARS_U, PN_CHARS and what VARNAME allows, by their code points.
_BASE: Final = (
    r"A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    r"\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_START: Final = _BASE + "_0-9"
_INNER: Final = _START + r"\-\u00b7\u0300-\u036f\u203f\u2040"
_VARIABLE: Final = _START + r"\u00b7\u0300-\u036f\u203f\u2040"
_ESCAPED: Final = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_PLX: Final = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_LOCAL: Final = rf"(?:[{_START}:]|{_PLX})(?:[{_INNER}:]|{_PLX}|\.+(?=[{_INNER}:%\\]))*+"

# Possessive quantifiers keep the time linear whatever the text; "broken" is a quote that is never closed.
_TERMINALS: Final = (
    ("comment", r"\#[^\n\r]*+"),
    ("space", r"[ \t\r\n]++"),
    ("iri", rf"<(?:[^<>\"{{}}|^`\\\x00-\x20]|{_ESCAPED})*+>"),
    ("string", r"'''(?:'{0,2}+(?:[^'\\]|\\.))*+'''|\"\"\"(?:\"{0,2}+(?:[^\"\\]|\\.))*+\"\"\""),
    ("string", r"'(?:[^'\\\n\r]|\\.)*+'|\"(?:[^\"\\\n\r]|\\.)*+\""),
    ("broken", r"'(?:[^'\\\n\r]|\\.)*+|\"(?:[^\"\\\n\r]|\\.)*+"),
    ("variable", rf"[?$][{_START}][{_VARIABLE}]*+"),
    ("language", r"@[a-zA-Z]+(?:-[a-zA-Z0-9]+)*+"),
    ("number", r"(?:\d+\.\d*[eE][+-]?\d+|\.?\d+[eE][+-]?\d+|\d*\.\d+|\d+)"),
    ("blank", rf"_:[{_START}](?:[{_INNER}]|\.+(?=[{_INNER}]))*+"),
    ("name", rf"(?:[{_BASE}][{_INNER}]*+(?:\.+[{_INNER}]++){{0,16}}+)?:(?:{_LOCAL})?"),
    ("word", rf"[{_BASE}][{_INNER}]*+"),
    ("mark", r"\^\^|\|\||&&|<=|>=|!=|."),
)
_TOKEN: Final = re.compile(
    "|".join(f"(?P<{kind}_{i}>{pattern})" for i, (kind, pattern) in enumerate(_TERMINALS)), re.DOTALL
)
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_SHORT_ESCAPE: Final = re.compile(r"(?<!\\)((?:\\\\)*+)\\u([0-9A-Fa-f]{4})")
_BACKSLASHES_BEFORE_U: Final = re.compile(r"(?<!\\)((?:\\\\)+)([uU])")

_GAP: Final = r"(?:[ \t\r\n]|#[^\r\n]*+)*+"
_CALL: Final = re.compile(
    rf"{_GAP}(?:SILENT{_GAP})?"
    r"(?:<[^>]*+>|[?$][^\s{}#<>]++|(?:\\.|[^\s\\{}#<>:])*+:(?:\\.|[^\s\\{}#<>])*+)"
    rf"{_GAP}\{{",
    re.IGNORECASE,
)
_MOST_PLACES: Final = 20

QUERY_FORMS: Final = ("SELECT", "CONSTRUCT", "DESCRIBE", "ASK")
UPDATE_FORMS: Final = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD", "WITH"})


class Token(NamedTuple):
    """A piece of the text: its kind, its text, and where it starts (0-based)."""

    kind: str
    text: str
    start: int

    @property
    def upper(self) -> str:
        """The text in capitals, for comparing keywords."""
        return self.text.upper()


def unescape(text: str) -> str:
    r"""Replace the code point escapes that SPARQL 19.2 allows anywhere in a query.

    >>> unescape(r"\u0053ERVICE")
    'SERVICE'
    """

    def character(match: re.Match[str]) -> str:
        point = int(match[1] or match[2], 16)
        # A surrogate or an impossible code point stays as written: the engine reports it.
        return match[0] if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF else chr(point)

    return _ESCAPE.sub(character, text)


def steady(term: str) -> str:
    r"""Write a term so that it reads the same wherever an engine resolves escapes, before its strings or in them.

    An escaped backslash before a u would be taken for the start of an escape by the ones that do it before. And
    rdflib takes the digits behind \uXXXX for its own, so all escapes are written in full.

    >>> print(steady(r'"C:\\users \u000B1"'))
    "C:\\\U00000075sers \U0000000B1"
    """
    whole = _SHORT_ESCAPE.sub(lambda match: f"{match[1]}\\U0000{match[2]}", term)
    return _BACKSLASHES_BEFORE_U.sub(lambda match: f"{match[1]}\\U000000{ord(match[2]):x}", whole)


def tokens(text: str) -> Iterator[Token]:
    """Yield every token except comments and white space; unescape the text first if it is untrusted.

    >>> [token.text for token in tokens("ASK { ?s <http://a#b> 'x # y' } # end")]
    ['ASK', '{', '?s', '<http://a#b>', "'x # y'", '}']
    """
    for match in _TOKEN.finditer(text):
        kind = (match.lastgroup or "").split("_")[0]
        if kind not in ("comment", "space"):
            yield Token(kind, match[0], match.start())


def form(text: str) -> str:
    """Say which form of request a text is: a query form, "UPDATE", or "" when it is neither.

    >>> form("PREFIX select: <http://a/> CONSTRUCT WHERE { ?s ?p ?o }")
    'CONSTRUCT'
    >>> form("insert data { <a:b> <a:c> 1 }")
    'UPDATE'
    """
    for token in tokens(text):
        if token.kind == "word":
            if token.upper in QUERY_FORMS:
                return token.upper
            if token.upper in UPDATE_FORMS:
                return "UPDATE"
            if token.upper not in ("PREFIX", "BASE"):
                return ""
    return ""


def has_keyword(text: str, keyword: str) -> bool:
    """Say whether a keyword stands anywhere in the text as a keyword.

    >>> has_keyword("ASK { ?service <a:service> 'SERVICE' } # SERVICE", "SERVICE")
    False
    """
    return keyword in text.upper() and any(token.kind == "word" and token.upper == keyword for token in tokens(text))


def may_call_out(text: str) -> bool:
    """Say whether a text may hold a SERVICE clause, in whatever way an engine could read it.

    Engines backtrack where a lexer does not, so this looks at the bare text: SERVICE, perhaps SILENT, then
    something that can name a server, then a brace. It errs on the side of refusing; the count of places is
    bounded to keep the time linear.

    >>> may_call_out("ASK{SERVICESILENT<http://a/>{}}"), may_call_out("ASK { ?service a 'service' }")
    (True, False)
    """
    places = [match.end() for match in re.finditer("SERVICE", text, re.IGNORECASE)]
    return len(places) > _MOST_PLACES or any(_CALL.match(text, place) for place in places)


def calls(text: str) -> list[str] | None:
    """Give the addresses of all SERVICE clauses, or None when one of them is not a plain `SERVICE <address>`.

    >>> calls("ASK { SERVICE SILENT <http://a/> {} }"), calls("ASK { SERVICE ?x {} }")
    (['http://a/'], None)
    """
    places = sum(1 for _ in re.finditer("SERVICE", text, re.IGNORECASE))
    cut = list(tokens(text))
    addresses = []
    for number, token in enumerate(cut):
        if token.kind == "word" and token.upper == "SERVICE":
            rest = [after for after in cut[number + 1 : number + 3] if after.upper != "SILENT"]
            if not rest or rest[0].kind != "iri":
                return None
            addresses.append(rest[0].text[1:-1])
    # A place that the lexer takes for something else (a string, a comment) could be read otherwise by an engine.
    return addresses if len(addresses) == places else None


def deepest_nesting(text: str) -> int:
    """Count how deep the brackets of a text nest."""
    depth = deepest = 0
    for token in tokens(text):
        if token.text in ("{", "(", "["):
            depth += 1
            deepest = max(deepest, depth)
        elif token.text in ("}", ")", "]"):
            depth -= 1
    return deepest


def replace(text: str, wanted: Callable[[Token], str | None]) -> str:
    """Replace tokens: `wanted` gives the new text of a token, or None to leave it as it is.

    >>> replace("SELECT ?a { ?a ?b '?a' }", lambda t: "<a:x>" if t.text == "?b" else None)
    "SELECT ?a { ?a <a:x> '?a' }"
    """
    pieces: list[str] = []
    done = 0
    for token in tokens(text):
        new = wanted(token)
        if new is not None:
            pieces += [text[done : token.start], new]
            done = token.start + len(token.text)
    return "".join([*pieces, text[done:]])


def move_iris(text: str, moved: Callable[[str], str]) -> str:
    """Apply a mapping of IRIs to every IRI written in angle brackets, prefix declarations included."""
    return replace(text, lambda token: f"<{moved(token.text[1:-1])}>" if token.kind == "iri" else None)
