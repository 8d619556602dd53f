"""What goes into the sandbox and what comes out, and how both are written as bytes."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

PAGE: Final = "page"
"""The format in which a report is given for a page that shows the text beside it: JSON, see `page.py`."""


@dataclass(frozen=True, slots=True)
class Text:
    """RDF as it was sent: what it is called in places, its media type, and its bytes."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be validated, against what, and how the report is to be written.

    `shapes` are a visitor's own when `own` is set: then they are screened, and only they and the data count, while
    `ontology` says which terms are known. Otherwise they are the project's, which `ontology` goes with, and of which
    `chosen` are to be used, or all.
    `context` is what is known of things that the data mentions, in N-Triples. `format`, `group`, `limit` and
    `threshold` are those of `lungkg.reporting`.
    """

    data: tuple[Text, ...]
    shapes: tuple[Text, ...]
    own: bool
    base: str
    prefixes: Mapping[str, str]
    most_triples: int
    ontology: bytes = b""
    context: bytes = b""
    chosen: tuple[str, ...] = ()
    format: str = "json"
    group: str = ""
    limit: int = 0
    threshold: str = "Info"
    notes: tuple[str, ...] = ()

    def packed(self) -> bytes:
        """Write it as bytes: a line of JSON, and behind it the contents that the line tells the lengths of."""
        contents: list[bytes] = []

        def length(value: Any) -> Any:
            contents.append(value)
            return {"bytes": len(value)}

        return json.dumps(asdict(self), default=length).encode() + b"\n" + b"".join(contents)

    @classmethod
    def unpacked(cls, content: bytes) -> "Task":
        """Read what `packed` wrote."""
        head, _, rest = content.partition(b"\n")
        at = 0

        def contents(value: dict[str, Any]) -> Any:
            nonlocal at
            if set(value) != {"bytes"} or not isinstance(value["bytes"], int):
                return value
            piece = rest[at : at + value["bytes"]]
            at += value["bytes"]
            return piece

        told: dict[str, Any] = json.loads(head, object_hook=contents)
        texts = {name: tuple(Text(**one) for one in told[name]) for name in ("data", "shapes")}
        return cls(**{**told, **texts, "chosen": tuple(told["chosen"]), "notes": tuple(told["notes"])})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a validation came to: whether the data conforms, whether it fails by the threshold, and the report."""

    conforms: bool
    fails: bool
    counts: Mapping[str, int]
    body: bytes = field(repr=False)
