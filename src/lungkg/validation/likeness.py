"""Finds what was probably meant: names that look like a wrong one, literals that read as the type wanted."""

import difflib
import re
from collections.abc import Callable, Iterable
from typing import Final

import pyoxigraph as ox
import rdflib

from lungkg.namespaces import RDF, XSD
from lungkg.validation.words import Term

_CUTOFF: Final = 0.75
_CUTOFF_OF_WORDS: Final = 0.8
_WORD: Final = r"\w+(?:[-'\u2019]\w+)*"
_STRING: Final = XSD + "string"
_SAMPLES: Final = {
    XSD + "integer": "1",
    XSD + "decimal": "1.0",
    XSD + "double": "1.0e0",
    XSD + "float": "1.0",
    XSD + "boolean": "true",
    XSD + "dateTime": "2000-01-01T00:00:00Z",
    XSD + "date": "2000-01-01",
    XSD + "gYear": "2000",
    XSD + "time": "00:00:00",
    XSD + "anyURI": "https://example.org/",
    _STRING: "…",
}
_FORMS: Final = {
    XSD + "integer": re.compile(r"[+-]?[0-9]+"),
    XSD + "decimal": re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"),
    XSD + "boolean": re.compile(r"true|false|1|0"),
    XSD + "anyURI": re.compile(r"[^\s<>\"{}|\\^`]*"),
}
"""Lexical forms on which rdflib is more generous than XML Schema, or warns."""
_DAY: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(Z|[+-]\d{2}:\d{2})?)?")


def local(iri: str) -> str:
    """Give what stands behind the last # or / of an IRI.

    >>> local("http://example.org/a#b")
    'b'
    """
    return iri.rsplit("#", 1)[-1].rsplit("/", 1)[-1]


def nearest(name: str, known: Iterable[str]) -> str:
    """Find the one IRI of `known` that looks most like this one; "" when none does.

    IRIs are compared by their local names; when those are equal, it is the namespace that differs.

    >>> nearest("http://e/lable", ["http://e/label", "http://e/other"])
    'http://e/label'
    """
    matcher = difflib.SequenceMatcher(b=local(name).lower(), autojunk=False)
    best = (_CUTOFF, 0, "")
    for one in sorted(set(known) - {name}):
        matcher.set_seq1(local(one).lower())
        if matcher.real_quick_ratio() >= best[0] and matcher.quick_ratio() >= best[0]:
            best = max(best, (matcher.ratio(), _common(one, name), one))
    return best[2]


def alike(text: str, whole: str) -> str:
    """Find the words of a text that look most like these; "" when none are close.

    >>> alike("smal brown dogs", "The small brown dog runs.")
    'small brown dog'
    """
    words = [match.span() for match in re.finditer(_WORD, whole)]
    count = max(len(re.findall(_WORD, text)), 1)
    matcher = difflib.SequenceMatcher(b=text, autojunk=False)
    best = (_CUTOFF_OF_WORDS, "")
    for size in {max(count - 1, 1), count, count + 1}:
        for first, last in zip(words, words[size - 1 :], strict=False):
            candidate = whole[first[0] : last[1]]
            matcher.set_seq1(candidate)
            if matcher.real_quick_ratio() > best[0] and matcher.quick_ratio() > best[0] and matcher.ratio() > best[0]:
                best = (matcher.ratio(), candidate)
    return best[1]


def _common(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)


def sample(datatype: str) -> Term:
    """Make a literal of a datatype, to show its form."""
    if datatype == RDF + "langString":
        return ox.Literal("…", language="en")
    return ox.Literal(_SAMPLES.get(datatype, "…"), datatype=ox.NamedNode(datatype))


def is_valid(text: str, datatype: str) -> bool:
    """Say whether a text can be read as a literal of a datatype.

    >>> is_valid("12a", "http://www.w3.org/2001/XMLSchema#integer")
    False
    """
    form = _FORMS.get(datatype)
    if form is not None:
        return form.fullmatch(text) is not None
    return not rdflib.Literal(text, datatype=rdflib.URIRef(datatype), normalize=False).ill_typed


def retyped(value: Term, datatype: str, language: str = "en") -> Term | None:
    """Give the literal of the wanted datatype that a value probably stands for; None when there is none.

    >>> str(retyped(ox.Literal("12"), "http://www.w3.org/2001/XMLSchema#integer"))
    '"12"^^<http://www.w3.org/2001/XMLSchema#integer>'
    """
    if not isinstance(value, ox.Literal):
        return None
    text = value.value
    if datatype == RDF + "langString":
        return ox.Literal(text, language=language)
    if datatype == _STRING:
        return ox.Literal(text)
    for written in (text, text.strip(), *_rewritten(text, datatype)):
        if written and is_valid(written, datatype):
            return ox.Literal(written, datatype=ox.NamedNode(datatype))
    return None


def is_guess(value: Term | None, meant: Term) -> bool:
    """Say whether letters had to be left out to read a value as another one.

    >>> number = ox.Literal("12")
    >>> is_guess(ox.Literal("12.0"), number), is_guess(ox.Literal("12a"), number)
    (False, True)
    """
    if not isinstance(value, ox.Literal) or not isinstance(meant, ox.Literal):
        return False
    letters = re.compile(r"[^\W\d_]")
    return bool(letters.search(value.value)) and not letters.search(meant.value)


def _rewritten(text: str, datatype: str) -> Iterable[str]:
    """Yield other ways to write what a text seems to say."""
    if datatype == XSD + "boolean":
        yield {"yes": "true", "no": "false", "y": "true", "n": "false"}.get(text.strip().lower(), text.strip().lower())
    if datatype == XSD + "integer":
        yield re.sub(r"\.0*$", "", text.strip())
        yield re.sub(r"[,_' ]", "", text)
        yield re.sub(r"[^0-9]", "", text)
    if datatype in (XSD + "decimal", XSD + "double", XSD + "float"):
        yield text.strip().replace(",", ".")
    day = _DAY.search(text)
    if day and datatype in (XSD + "dateTime", XSD + "date"):
        date = f"{day[1]}-{int(day[2]):02}-{int(day[3]):02}"
        time = day[4] or "00:00:00"
        whole = time if time.count(":") == 2 else f"{time}:00"
        yield date if datatype == XSD + "date" else f"{date}T{whole}{day[5] or 'Z'}"


_CHANGES: Final[tuple[Callable[[str], str], ...]] = (
    str.strip,
    str.lower,
    str.upper,
    lambda text: text[:1].upper() + text[1:],
    lambda text: text[:1].lower() + text[1:],
    lambda text: re.sub(r"\s+", "-", text.strip()),
    lambda text: re.sub(r"\s+", "", text),
    lambda text: re.sub(r"[^\w/:#-]+", "-", text).strip("-"),
    lambda text: re.sub(r"[^\w/:#-]+", "", text),
    lambda text: text.rsplit("/", 1)[0] + "/" + re.sub(r"[^A-Za-z0-9_-]+", "-", text.rsplit("/", 1)[-1]),
    lambda text: text.rsplit("/", 1)[0] + "/" + re.sub(r"[^a-z0-9]+", "-", text.rsplit("/", 1)[-1].lower()).strip("-"),
    lambda text: text.replace("_", "-"),
    lambda text: text.replace("-", ":"),
    lambda text: text.rstrip("."),
    lambda text: text.rstrip(".") + ".",
)


def matching(text: str, pattern: str, flags: str) -> str:
    """Find a small change of a text that makes it match a pattern; "" when none does.

    >>> matching("http://e/id/claim/a b", "/id/claim/[A-Za-z0-9_-]+$", "")
    'http://e/id/claim/a-b'
    """
    try:
        wanted = re.compile(pattern, _flags(flags))
    except re.error:
        return ""
    prefix = re.fullmatch(r"\^([\w ,'/:-]+)\$?", pattern)
    tried = [change(text) for change in _CHANGES]
    tried += [f"{prefix[1].rstrip()} {text}", prefix[1]] if prefix else []
    return next((one for one in tried if one != text and wanted.search(one)), "")


def _flags(flags: str) -> int:
    known = {"i": re.IGNORECASE, "s": re.DOTALL, "m": re.MULTILINE, "x": re.VERBOSE}
    found = 0
    for flag in flags:
        found |= known.get(flag, 0)
    return found
