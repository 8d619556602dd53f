"""What changed from one release to another: added, removed and changed things, in words and as RDF.

Two sorted dumps are read side by side, so memory is bounded whatever changed; only so many things are told of in
words, and the rest is counted. The RDF is whole.
"""

from lungkg.changes.comparison import Change, Changes, Field, Side, compare
from lungkg.changes.kept import PATCH, WORDS, kept_changes, note_changes
from lungkg.changes.patch import Patch
from lungkg.changes.sides import find_side, side_of_file, side_of_release

__all__ = [
    "PATCH",
    "WORDS",
    "Change",
    "Changes",
    "Field",
    "Patch",
    "Side",
    "compare",
    "find_side",
    "kept_changes",
    "note_changes",
    "side_of_file",
    "side_of_release",
]
