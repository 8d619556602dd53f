"""What a project holds, as plain values: documents, their sentences and claims, entities, assumptions.

Nothing here knows RDF; lungkg.triples turns these values into triples.
"""

from dataclasses import dataclass

from lungkg.errors import Place


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a document's text: 0-based characters, end exclusive; quote == text[start:end]."""

    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing that claims speak of; `kind` is the local name of a class of the project's ontology."""

    id: str
    label: str
    kind: str
    definition: str
    alt_labels: tuple[str, ...]
    broader: tuple[str, ...]
    note: str
    place: Place


@dataclass(frozen=True, slots=True)
class Mapping:
    """A row of the SSSOM file: one of our terms, a SKOS match property, an external term."""

    subject: str
    predicate: str
    object: str
    place: Place


@dataclass(frozen=True, slots=True)
class Assumption:
    """Background that no document says: either narrower ⊑ broader, or that names stand for an entity."""

    id: str
    label: str
    comment: str
    narrower: str
    broader: str
    names: tuple[str, ...]
    entity: str
    place: Place


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as its document has it; `id` is unique within the document."""

    id: str
    number: int
    span: Span
    place: Place


@dataclass(frozen=True, slots=True)
class Claim:
    """What one document says: subject, relation and object by local name, and the words that say it."""

    id: str
    sentence: str
    subject: str
    relation: str
    object: str
    contexts: tuple[str, ...]
    context_texts: tuple[str, ...]
    polarity: str
    certainty: str
    hedges: tuple[Span, ...]
    citations: tuple[int, ...]
    source: Span
    focus: Span
    mechanism_of: tuple[str, ...]
    follows_from: tuple[str, ...]
    rests_on: tuple[str, ...]
    note: str
    place: Place


@dataclass(frozen=True, slots=True)
class Gloss:
    """Where a document says what one of its abbreviations stands for."""

    id: str
    sentence: str
    abbreviation: str
    expansion: str
    entity: str
    source: Span
    place: Place


@dataclass(frozen=True, slots=True)
class Document:
    """A source text with its metadata; `curated` is the date (ISO 8601) on which it was last read."""

    id: str
    text: str
    sha256: str
    language: str
    rights: str
    origin: str
    note: str
    curated: str
    references: tuple[int, ...]
    sentences: tuple[Sentence, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Curated:
    """A document together with everything that was read in it."""

    document: Document
    claims: tuple[Claim, ...]
    glosses: tuple[Gloss, ...]
    silent_sentences: tuple[Sentence, ...]
    """Sentences that no claim was read in."""
    stray_text: tuple[Span, ...]
    """Text that stands in no sentence, blanks apart."""
