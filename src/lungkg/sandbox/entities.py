"""Refuses XML entities that grow: a few lines of them stand for gigabytes of text."""

import re
from collections import Counter
from typing import Final

_DECLARED: Final = re.compile(rb"<!ENTITY\s+(%\s+)?([^\s\"'>]+)\s+(SYSTEM|PUBLIC|\"[^\"]*\"|'[^']*')", re.DOTALL)
_USED: Final = re.compile(rb"&([^\s;&#<]{1,256});")

MOST_GROWN: Final = 10_000_000
"""Bytes that all entities of a document may stand for together."""


def growing(content: bytes) -> str:
    """Say why the entities of an XML document are refused; "" when they are not.

    >>> growing(b'<!ENTITY a "x"><!ENTITY b "&a;&a;">')
    'an XML entity stands for other entities'
    """
    sizes: dict[bytes, int] = {}
    for match in _DECLARED.finditer(content):
        if match[1] or match[3] in (b"SYSTEM", b"PUBLIC"):
            return "an XML entity stands for another file"
        if _USED.search(match[3]):
            return "an XML entity stands for other entities"
        sizes[match[2]] = max(len(match[3]), sizes.get(match[2], 0))
    if content.count(b"<!ENTITY") != len(_DECLARED.findall(content)):
        return "an XML entity is declared in a way that is not taken here"
    used = Counter(_USED.findall(content)) if sizes else Counter()
    if sum(count * sizes.get(name, 0) for name, count in used.items()) > MOST_GROWN:
        return f"its XML entities stand for more than {MOST_GROWN // 1_000_000} MB of text"
    return ""
