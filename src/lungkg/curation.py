"""Reads one document's folder: its text, its sentences, and the claims that were read in it.

Curators write quotes; where they stand in the text is found here. Everything that does not fit
(words that are not in the text, unknown names, repeated ids) is collected with file and line.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lungkg.errors import InputError, Place, Problem
from lungkg.model import Claim, Curated, Document, Gloss, Sentence, Span
from lungkg.project import Project
from lungkg.records import Record, read_json_lines, read_text, read_yaml
from lungkg.sources import Gatherer, Vocabulary, repeated, unknown

_LOCAL = re.compile(r"[A-Za-z0-9_-]+")


def document_folders(project: Project) -> list[Path]:
    """List the folders below data/documents/.

    Raises InputError when there is none, or when a folder's name cannot be part of an IRI.
    """
    root = project.folder("data") / "documents"
    folders = sorted(path for path in root.glob("*") if path.is_dir())
    if not folders:
        raise InputError.at(Place(root), "there is no document", "Each has a folder here: source.txt, document.yaml …")
    for folder in folders:
        if not _LOCAL.fullmatch(folder.name):
            raise InputError.at(Place(folder), "a document's id may hold letters, digits, - and _ only")
    return folders


def find(words: object, within: Span, place: Place, where: str) -> Span:
    """Find words in a stretch of text, as whole words and exactly once unless an occurrence is named.

    `words` is text, or {"text": …, "occurrence": n} counting from 1. Raises InputError.

    >>> find("ab", Span(10, 15, "ab cd"), Place(Path("x")), "the text")
    Span(start=10, end=12, quote='ab')
    """
    text, occurrence = (words["text"], words["occurrence"]) if isinstance(words, dict) else (str(words), 0)
    before, after = (r"(?<!\w)" if text[:1].isalnum() else ""), (r"(?!\w)" if text[-1:].isalnum() else "")
    starts = [match.start() for match in re.finditer(f"{before}(?={re.escape(text)}{after})", within.quote)]
    if not starts:
        what, hint = f"these words do not stand in {where}: {text!r}", _nearest(text, within.quote)
        raise InputError([Problem(place, what, hint, words=text, among=within.quote)])
    if not occurrence and len(starts) > 1:
        what = f"these words stand in {where} {len(starts)} times: {text!r}"
        hint = f"Say which: {{text: {text!r}, occurrence: 1}}."
        raise InputError(
            [Problem(place, what, hint, instead=f"{{text: {json.dumps(text, ensure_ascii=False)}, occurrence: 1}}")]
        )
    if occurrence > len(starts):
        raise InputError.at(place, f"these words stand in {where} {len(starts)} times, not {occurrence}: {text!r}")
    start = within.start + starts[max(occurrence, 1) - 1]
    return Span(start, start + len(text), text)


def _nearest(text: str, whole: str) -> str:
    """Show how far the words agree with the text, so that a slip is found at a glance."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if text[:middle] in whole else (low, middle - 1)
    if low < 3:  # agreement on a letter or two says nothing
        return "Quotes are verbatim: letters, blanks and punctuation as in source.txt."
    if low == len(text):
        return "There they are only part of a longer word; quote whole words."
    at = whole.index(text[:low]) + low
    return f"They agree up to {text[max(0, low - 30) : low]!r}; the text goes on with {whole[at : at + 30]!r}."


def read_document(folder: Path, vocabulary: Vocabulary) -> Curated:
    """Read one document's folder: source.txt, document.yaml, and claims.yaml or claims.jsonl.

    Raises InputError with every problem found.
    """
    document = _document(folder)
    reader = _Reader(document, vocabulary)
    for kind, record in _claim_records(folder):
        reader.read(kind, record)
    return reader.finish()


def _document(folder: Path) -> Document:
    text = read_text(folder / "source.txt")
    record = read_yaml(folder / "document.yaml", "document")
    value = record.value
    digest = hashlib.sha256((folder / "source.txt").read_bytes()).hexdigest()
    if digest != value["sha256"]:
        raise InputError.at(
            record.place("sha256"),
            f"source.txt has the SHA-256 {digest}, not the one written here",
            "Restore the text; if it was meant to change, re-read every claim and write the new SHA-256.",
        )
    return Document(
        id=folder.name,
        text=text,
        sha256=digest,
        language=value["language"],
        rights=value["rights"],
        origin=value.get("origin", ""),
        note=value.get("note", ""),
        curated=value["curated"],
        references=tuple(value.get("references", ())),
        sentences=tuple(_sentences(text, record)),
        place=record.place(),
    )


def _sentences(text: str, record: Record) -> Iterator[Sentence]:
    """Find the sentences, each after the one before, so that a repeated sentence is no riddle."""
    end = 0
    seen: dict[str, Place] = {}
    for number, part in enumerate(record.parts("sentences"), start=1):
        local, words = part.value["id"], part.value["text"]
        if local in seen:
            raise InputError([repeated("sentence", local, part.place(), seen[local])])
        seen[local] = part.place()
        start = text.find(words, end)
        if start < 0:
            place = part.place("text")
            if words in text:
                raise InputError.at(place, "this sentence overlaps or stands before the one listed before it")
            raise InputError.at(place, f"this sentence is not in source.txt: {words!r}", _nearest(words, text))
        end = start + len(words)
        yield Sentence(local, number, Span(start, end, words), part.place())


def _claim_records(folder: Path) -> Iterator[tuple[str, Record]]:
    yaml_file, lines_file = folder / "claims.yaml", folder / "claims.jsonl"
    if yaml_file.is_file() and lines_file.is_file():
        raise InputError.at(Place(lines_file), "a document has claims.yaml or claims.jsonl, not both")
    if lines_file.is_file():
        records = read_json_lines(lines_file, "claims", ("claim", "gloss"))
        if all(kind == "gloss" for kind, _ in records):
            raise InputError.at(Place(lines_file, 1), "there is no claim in this file")
        yield from records
        return
    whole = read_yaml(yaml_file, "claims")
    yield from (("claim", record) for record in whole.parts("claims"))
    yield from (("gloss", record) for record in whole.parts("glosses"))


@dataclass(frozen=True, slots=True)
class _Link:
    """A claim's mention of another claim, to be checked when all are known."""

    claim: str
    place: Place


class _Reader:
    """Turns the records of one document into claims and glosses, collecting what does not fit."""

    def __init__(self, document: Document, vocabulary: Vocabulary) -> None:
        self.document, self.vocabulary = document, vocabulary
        self.sentences = {sentence.id: sentence for sentence in document.sentences}
        self.claims: dict[str, Claim] = {}
        self.glosses: dict[str, Gloss] = {}
        self.links: list[_Link] = []
        self.seen: dict[str, Place] = {}  # every id, also of records that do not fit
        self.gather = Gatherer()

    def read(self, kind: str, record: Record) -> None:
        """Take in one record."""
        local, sentence = record.value["id"], self.sentences.get(record.value["sentence"])
        if local in self.seen:
            self.gather.note([repeated(kind, local, record.place("id"), self.seen[local])])
        self.seen.setdefault(local, record.place())
        if sentence is None:
            self.gather.note([unknown("sentence", record.value["sentence"], self.sentences, record.place("sentence"))])
            return
        if kind == "gloss":
            gloss = self.gather.attempt(self._gloss, record, sentence)
            if gloss:
                self.glosses.setdefault(local, gloss)
        else:
            claim = self.gather.attempt(self._claim, record, sentence)
            if claim:
                self.claims.setdefault(local, claim)

    def finish(self) -> Curated:
        """Check what could only be checked at the end, and give everything that was read."""
        self.gather.note(
            unknown("claim", link.claim, self.seen, link.place, "Claims link within their document only.")
            for link in self.links
            if link.claim not in self.seen or link.claim in self.glosses
        )
        self.gather.finish()
        spoken = {claim.sentence for claim in self.claims.values()}
        silent = tuple(sentence for sentence in self.document.sentences if sentence.id not in spoken)
        return Curated(
            self.document,
            tuple(self.claims.values()),
            tuple(self.glosses.values()),
            silent,
            _stray(self.document),
        )

    def _claim(self, record: Record, sentence: Sentence) -> Claim:
        value = record.value
        self._check_names(record)
        source = find(value["quote"], sentence.span, record.place("quote"), f"sentence {sentence.id}")
        focus = find(value["focus"], source, record.place("focus"), "the quote") if "focus" in value else source
        hedges = tuple(
            find(words, sentence.span, record.place("hedges", index), f"sentence {sentence.id}")
            for index, words in enumerate(value.get("hedges", ()))
        )
        for index, words in enumerate(value.get("context_text", ())):
            if words not in sentence.span.quote:
                place = record.place("context_text", index)
                raise InputError.at(place, f"these words do not stand in sentence {sentence.id}: {words!r}")
        return Claim(
            id=value["id"],
            sentence=sentence.id,
            subject=value["subject"],
            relation=value["relation"],
            object=value["object"],
            contexts=tuple(value.get("context", ())),
            context_texts=tuple(value.get("context_text", ())),
            polarity=value.get("polarity", "Affirmed"),
            certainty=value["certainty"],
            hedges=hedges,
            citations=tuple(value.get("citations", ())),
            source=source,
            focus=focus,
            mechanism_of=tuple(value.get("mechanism_of", ())),
            follows_from=tuple(value.get("follows_from", ())),
            rests_on=self._rests_on(record, sentence),
            note=value.get("note", ""),
            place=record.place(),
        )

    def _check_names(self, record: Record) -> None:
        value, vocabulary, note = record.value, self.vocabulary, self.gather.note
        note(vocabulary.check_entity(value["subject"], record.place("subject")))
        note(vocabulary.check_relation(value["relation"], record.place("relation")))
        note(vocabulary.check_entity(value["object"], record.place("object")))
        for index, local in enumerate(value.get("context", ())):
            note(vocabulary.check_entity(local, record.place("context", index)))
        for index, number in enumerate(value.get("citations", ())):
            if number not in self.document.references:
                place = record.place("citations", index)
                note([Problem(place, f"{number} is not among the references in document.yaml")])
        for index, local in enumerate(value.get("rests_on", ())):
            if local not in vocabulary.assumptions:
                note([unknown("assumption", local, vocabulary.assumptions, record.place("rests_on", index))])
        for key in ("mechanism_of", "follows_from"):
            self.links += [_Link(local, record.place(key, i)) for i, local in enumerate(value.get(key, ()))]

    def _rests_on(self, record: Record, sentence: Sentence) -> tuple[str, ...]:
        """Find the assumptions about names that a claim rests on, beside those its curator lists.

        A claim rests on one when it speaks of the entity and its sentence uses one of the names.
        """
        spoken_of = {record.value["subject"], record.value["object"], *record.value.get("context", ())}
        found = set(record.value.get("rests_on", ()))
        for assumption in self.vocabulary.assumptions.values():
            if assumption.entity in spoken_of and _uses(sentence.span.quote, assumption.names):
                found.add(assumption.id)
        return tuple(sorted(found))

    def _gloss(self, record: Record, sentence: Sentence) -> Gloss:
        value = record.value
        self.gather.note(self.vocabulary.check_entity(value["entity"], record.place("entity")))
        source = find(value["quote"], sentence.span, record.place("quote"), f"sentence {sentence.id}")
        for key in ("abbreviation", "expansion"):
            if value[key] not in source.quote:
                raise InputError.at(record.place(key), f"{value[key]!r} does not stand in the quote")
        return Gloss(
            value["id"],
            sentence.id,
            value["abbreviation"],
            value["expansion"],
            value["entity"],
            source,
            record.place(),
        )


def _uses(text: str, names: Iterable[str]) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in names)


def _stray(document: Document) -> tuple[Span, ...]:
    """Find the text that stands in no sentence, blanks apart."""
    found, done = [], 0
    for start, end in [*((s.span.start, s.span.end) for s in document.sentences), (len(document.text), 0)]:
        gap = document.text[done:start]
        if gap.strip():
            left = done + len(gap) - len(gap.lstrip())
            found.append(Span(left, left + len(gap.strip()), gap.strip()))
        done = end
    return tuple(found)
