"""Breaks regular expressions of sh:pattern in small ways."""

import re
from collections.abc import Iterator
from typing import Final

_PIECES: Final = re.compile(
    r"(?P<escape>\\.)|(?P<group>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<count>\{\d+(?:,\d*)?\})|(?P<mark>.)", re.DOTALL
)


def relaxed(pattern: str) -> Iterator[str]:
    r"""Yield what a pattern becomes without an anchor, with another repetition, or with any character for a set.

    >>> list(relaxed("^[a-z]+$"))
    ['[a-z]+$', '^.+$', '^[a-z]*$', '^[a-z]+']
    >>> list(relaxed(r"\.x{2}"))
    ['\\.x{1}', '\\.x{2,}']
    """
    for match in _PIECES.finditer(pattern):
        before, after = pattern[: match.start()], pattern[match.end() :]
        for new in _instead(match):
            yield before + new + after


def _instead(match: re.Match[str]) -> Iterator[str]:
    text = match[0]
    if match.lastgroup == "group":
        yield "."
    elif match.lastgroup == "count":
        least, comma, _most = text[1:-1].partition(",")
        if int(least) > 0:
            yield f"{{{int(least) - 1}{comma}{_most}}}"
        if not comma or _most:
            yield f"{{{least},}}"
    elif match.lastgroup == "mark" and text in "^$":
        yield ""
    elif match.lastgroup == "mark" and text == "+":
        yield "*"
