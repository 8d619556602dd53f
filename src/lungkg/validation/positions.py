"""Finds where in a Turtle, TriG, N-Triples or N-Quads text each triple is written.

No parser that we know of tells the positions of triples, so the tokens of a text that pyoxigraph has
parsed are walked again, in the order in which it gave the triples. Each pair of a triple and a spot is
compared; where they do not fit (which only the newest syntax of RDF 1.2 should bring about), the file has
no positions, rather than wrong ones.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import pyoxigraph as ox

from lungkg import lexer
from lungkg.lexer import Token
from lungkg.namespaces import RDF

MOST_NESTED: Final = 100
_LIST_LINKS: Final = (RDF + "first", RDF + "rest")
_END: Final = Token("end", "", 0)


class Mark(NamedTuple):
    """Where a triple is written: the starts of its terms, and the end of its object (0-based characters).

    The members of a collection are no triples of the text, so they have no mark.
    """

    subject: int
    predicate: int
    object: int
    end: int


class _Unplaced(Exception):
    """The text does not go together with the triples."""


def marks(text: str, triples: Sequence[ox.Triple], form: ox.RdfFormat) -> list[Mark | None] | None:
    """Give the mark of each triple, None for the links of a collection; None at all when they do not fit.

    `triples` are those that pyoxigraph parsed from the text, in its order.
    """
    walk = _Walk(text, form)
    try:
        walk.document()
        return list(_paired(text, triples, walk.marks))
    except _Unplaced:
        return None


def _paired(text: str, triples: Sequence[ox.Triple], written: list[Mark | None]) -> Iterator[Mark | None]:
    done = 0
    subjects: dict[int, object] = {}
    for triple in triples:
        mark = written[done] if done < len(written) else None
        fits = mark is not None and _fits(text, triple, mark)
        if mark is not None and fits and subjects.setdefault(mark.subject, triple.subject) == triple.subject:
            yield mark
            done += 1
        elif triple.predicate.value in _LIST_LINKS:
            yield None
        else:
            raise _Unplaced
    if done != len(written):
        raise _Unplaced


def _fits(text: str, triple: ox.Triple, mark: Mark) -> bool:
    """Say whether the tokens at a mark can be those of the triple, by looking at predicate and object."""
    if mark.predicate >= 0 and not _names(text[mark.predicate : mark.object], triple.predicate.value):
        return False
    word, value = text[mark.object : mark.end], triple.object
    if isinstance(value, ox.BlankNode):
        return word[0] in "[(_"
    if isinstance(value, ox.NamedNode):
        return word == "()" or word[0] == "(" or _names(word, value.value)
    if isinstance(value, ox.Literal):
        return word[0] in "\"'" or word == value.value
    return False


def _names(text: str, iri: str) -> bool:
    token = next(lexer.tokens(text), _END)
    if token.kind == "iri":
        tail = token.text[1:-1].rsplit("/", 1)[-1]
        return "\\" in token.text or tail in (".", "..") or iri.endswith(tail)
    if token.kind == "name":
        return iri.endswith(token.text.partition(":")[2].replace("\\", ""))
    return token.text == "a" and iri == RDF + "type"


class _Walk:
    """Walks the tokens as the grammar of TriG 1.1 has them; the text is known to be well-formed."""

    def __init__(self, text: str, form: ox.RdfFormat) -> None:
        self.tokens = lexer.tokens(text)
        self.quads = form == ox.RdfFormat.N_QUADS
        self.now = next(self.tokens, _END)
        self.before = _END
        self.marks: list[Mark | None] = []
        self.depth = 0

    def step(self) -> Token:
        """Give the token here and go to the next one."""
        self.before, self.now = self.now, next(self.tokens, _END)
        return self.before

    def at(self, *marks: str) -> bool:
        """Say whether one of these marks stands here; a string or an IRI is none."""
        return self.now.kind == "mark" and self.now.text in marks

    @property
    def end(self) -> int:
        """Where the token before ends."""
        return self.before.start + len(self.before.text)

    def document(self) -> None:
        """Walk directives, graphs and triples to the end."""
        while self.now is not _END:
            if self.now.upper in ("@PREFIX", "@BASE", "@VERSION") or (
                self.now.kind == "word" and self.now.upper in ("PREFIX", "BASE", "VERSION")
            ):
                self.directive()
            elif self.at("{"):
                self.block()
            elif self.now.kind == "word" and self.now.upper == "GRAPH":
                self.step()
                self.term()
                self.block()
            else:
                self.statement()

    def directive(self) -> None:
        dotted = self.step().text.startswith("@")
        while self.now.kind in ("name", "iri", "string"):
            self.step()
            if self.before.kind != "name":
                break
        if dotted:
            self.step()

    def block(self) -> None:
        self.step()
        while not self.at("}"):
            if self.now is _END:
                raise _Unplaced
            self.statement()
        self.step()

    def statement(self) -> None:
        """Walk the triples of one subject, or a graph that begins with its name."""
        start = self.now.start
        alone = self.at("[")
        if self.at("("):
            self.collection(None)
            alone = False
        elif self.at("["):
            self.step()
            alone = not self.at("]")
            self.properties(start, "]")
            self.step()
        else:
            self.term()
        if self.at("{"):
            self.block()
            return
        if not (alone and self.at(".", "}")):
            self.properties(start, ".", "}")
        if self.at("."):
            self.step()

    def properties(self, subject: int, *closing: str) -> None:
        """Walk predicates and objects up to a closing mark."""
        while not self.at(*closing):
            if self.at(";"):
                self.step()
                continue
            if self.now.kind not in ("iri", "name", "word"):
                raise _Unplaced
            predicate = self.step().start
            self.object(subject, predicate)
            while self.at(","):
                self.step()
                self.object(subject, predicate)
            if self.quads and not self.at("."):
                self.term()

    def object(self, subject: int, predicate: int) -> None:
        """Walk one object; its mark is put where pyoxigraph gives its triple."""
        start, late = self.now.start, False
        if self.at("("):
            self.collection((subject, predicate))
            return
        if self.at("["):
            late = self.nested(start)
        else:
            self.term()
        self.marks.insert(len(self.marks) - late, Mark(subject, predicate, start, self.end))

    def nested(self, start: int) -> bool:
        """Walk what stands in brackets; says whether a plain string is its last object.

        Such a string is complete only when the next token is seen, so pyoxigraph gives its triple late.
        """
        self.depth += 1
        if self.depth > MOST_NESTED:
            raise _Unplaced
        self.step()
        self.properties(start, "]")
        late = self.before.kind == "string"
        self.step()
        self.depth -= 1
        return late

    def collection(self, owner: tuple[int, int] | None) -> None:
        """Walk a collection; the triple that it is the object of comes before those of its members."""
        start, index = self.now.start, len(self.marks)
        if owner is not None:
            self.marks.append(None)
        self.depth += 1
        if self.depth > MOST_NESTED:
            raise _Unplaced
        self.step()
        while not self.at(")"):
            if self.at("("):
                self.collection(None)
            elif self.at("["):
                self.nested(self.now.start)
            else:
                self.term()
        self.step()
        self.depth -= 1
        if owner is not None:
            self.marks[index] = Mark(*owner, start, self.end)

    def term(self) -> None:
        """Walk an IRI, a name, a blank node's label or a literal."""
        if self.now is _END or (self.now.kind == "mark" and self.now.text not in "+-["):
            raise _Unplaced
        token = self.step()
        if token.kind == "mark":  # a sign before a number, or the brackets of an anonymous graph name
            self.step()
        elif token.kind == "string":
            if self.now.kind == "language":
                self.step()
                while self.at("-"):  # a base direction, as in @ar--rtl
                    self.step()
                    if self.now.kind == "word":
                        self.step()
            elif self.at("^^"):
                self.step()
                self.step()
