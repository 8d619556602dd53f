"""Well-behaved visitors who look up claims and check every row of every answer."""

import http.client
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

import pyoxigraph as ox

from questions import JSON, QUESTIONS, Rows, parameters, rows_of

VISITORS: Final = tuple(f"127.0.0.{number}" for number in range(11, 19))
SAMPLE: Final = 500  # claims that are looked up
THINK: Final = 0.05  # seconds between the look-ups of one visitor
PATIENCE: Final = 60  # seconds without an answer make a look-up fail

_POINT: Final = next(question for question in QUESTIONS if question.name == "point")
_UNUSED: Final = 1_000_000  # numbers set aside for each visitor


@dataclass
class Look:
    """How the look-ups of one phase went."""

    seconds: list[float] = field(default_factory=list)  # of the good answers
    refused: int = 0  # 503
    wrong: int = 0
    failed: list[str] = field(default_factory=list)

    def add(self, other: "Look") -> None:
        """Take the figures of another visitor."""
        self.seconds += other.seconds
        self.refused += other.refused
        self.wrong += other.wrong
        self.failed += other.failed

    def quantile(self, part: float) -> float:
        """Give a quantile of the times of good answers in milliseconds."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000 if ordered else float("nan")


def expected_rows(store: Path) -> dict[str, Rows]:
    """Read from the store itself what look-ups of some claims must answer."""
    opened = ox.Store.read_only(str(store))
    found = {}
    for claim in parameters(store, _POINT)[:SAMPLE]:
        text = _POINT.query.replace("$p", claim).replace("$n", str(_UNUSED))
        answer = opened.query(text, use_default_graph_as_union=True)
        if not isinstance(answer, ox.QuerySolutions):
            raise TypeError("a look-up is a SELECT query")
        found[claim] = rows_of(_POINT, answer.serialize(format=ox.QueryResultsFormat.JSON) or b"")
    return found


def visit(url: str, expected: Mapping[str, Rows], phase: int, seconds: float) -> Look:
    """Let all visitors look up claims at once, each from an address of its own; no query is sent twice."""
    with ThreadPoolExecutor(len(VISITORS)) as pool:
        visits = [
            pool.submit(_visit, url, source, expected, (phase * len(VISITORS) + index + 1) * _UNUSED, seconds)
            for index, source in enumerate(VISITORS)
        ]
        whole = Look()
        for one in visits:
            whole.add(one.result())
    return whole


def _visit(url: str, source: str, expected: Mapping[str, Rows], number: int, seconds: float) -> Look:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(
        address.hostname or "", address.port, timeout=PATIENCE, source_address=(source, 0)
    )
    look, claims = Look(), sorted(expected)
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        number += 1
        claim = claims[number % len(claims)]
        text = _POINT.query.replace("$p", claim).replace("$n", str(number))
        began = time.perf_counter()
        try:
            connection.request("GET", f"{address.path}?query={quote(text)}", headers={"Accept": JSON})
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            look.failed.append(repr(error))
            connection.close()  # the next request opens it again
        else:
            _judge(look, response.status, content, expected[claim], time.perf_counter() - began)
        time.sleep(THINK)
    connection.close()
    return look


def _judge(look: Look, status: int, content: bytes, expected: Rows, taken: float) -> None:
    if status == 503:
        look.refused += 1
    elif status != 200:
        look.failed.append(f"status {status}: {content[:80]!r}")
    else:
        look.seconds.append(taken)
        try:
            look.wrong += rows_of(_POINT, content) != expected
        except (ValueError, KeyError) as error:
            look.failed.append(f"a 200 that is no answer: {error}")
