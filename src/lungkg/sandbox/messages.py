"""What a keeper and its parent say to each other; the parent needs it without loading what the keeper loads."""

from typing import Final

READY: Final = b"+"
FENCED: Final = b"#"
"""Said by a keeper that is ready, the second one where it is known that no socket can be opened."""

MESSAGE: Final = 128
"""Bytes of each message with a task; all have as many, so that none is taken for a part of another."""

OUT_OF_MEMORY: Final = 2
TOO_LONG: Final = 3
"""Exit codes of a child: it came to the limit of its memory, or of the length of its report."""
