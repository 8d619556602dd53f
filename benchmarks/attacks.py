"""Hostile things to do to a SPARQL endpoint, and how it ought to take them.

Every attack says which outcomes are right. A query that was stopped is never a 200, and a 200 is whole.
"""

import contextlib
import http.client
import math
import socket
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final
from urllib.parse import quote, urlsplit

JSON: Final = "application/sparql-results+json"
NTRIPLES: Final = "application/n-triples"

STOPPED: Final = frozenset({503, 504, 413})  # no room, deadline, too long an answer
WHOLE_OR_STOPPED: Final = STOPPED | {200}
LEFT: Final = -1  # we hung up ourselves
BROKEN: Final = 0  # the connection ended without a whole answer

_SLACK: Final = 30  # seconds beyond the deadline before we give up waiting
_CHUNK: Final = 1 << 20
_IDLE: Final = 100  # connections at once
_LEAVERS: Final = 5


@dataclass(frozen=True)
class Where:
    """The server to attack, the address to come from, and the deadline in seconds that we expect to be held."""

    url: str
    source: str
    deadline: float
    ends: float  # time.monotonic() at which the attack must be over
    parameter: str = ""  # added to the URL, such as timeout=3, when the server has no deadline of its own


@dataclass(frozen=True)
class Outcome:
    """A status, or LEFT or BROKEN; seconds until it came; and what is to be said about it."""

    status: int
    seconds: float
    note: str = ""


@dataclass(frozen=True)
class Attack:
    """Something hostile, the statuses that are right, and how to do it once."""

    name: str
    right: frozenset[int]
    throw: Callable[[Where, int], Outcome]
    timed: bool = True  # must end within the deadline


def post(where: Where, text: str, accept: str = JSON, content_type: str = "application/sparql-query") -> Outcome:
    """Send a query and read the whole answer; the seconds are those until the status came."""
    address = urlsplit(where.url)
    connection = http.client.HTTPConnection(
        address.hostname or "", address.port, timeout=where.deadline + _SLACK, source_address=(where.source, 0)
    )
    headers = {"Content-Type": content_type, "Accept": accept}
    began = time.perf_counter()
    seconds = math.nan
    try:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # refused early: the answer is there
            connection.request("POST", f"{address.path}?{where.parameter}", text.encode(), headers)
        response = connection.getresponse()
        seconds = time.perf_counter() - began
        size, tail = 0, b""
        while part := response.read(_CHUNK):
            size, tail = size + len(part), (tail + part)[-16:]
    except (OSError, http.client.HTTPException) as error:
        taken = time.perf_counter() - began if math.isnan(seconds) else seconds
        return Outcome(BROKEN, taken, repr(error))
    finally:
        connection.close()
    if response.status == 200 and not _whole(tail, accept):
        return Outcome(BROKEN, seconds, f"a 200 that is cut off after {size} bytes: {tail!r}")
    return Outcome(response.status, seconds, f"{size:,} bytes")


def _whole(tail: bytes, accept: str) -> bool:
    return tail.rstrip().endswith(b"}") if accept == JSON else not tail or tail.endswith(b".\n")


def _query(name: str, right: frozenset[int], text: str, accept: str = JSON) -> Attack:
    """Make an attack of one query; a comment with a number makes each one new."""
    return Attack(name, right, lambda where, number: post(where, f"{text} # {number}", accept))


def _variants(name: str, right: frozenset[int], texts: list[str]) -> Attack:
    return Attack(name, right, lambda where, number: post(where, f"{texts[number % len(texts)]}\n# {number}"))


def _values(lists: int, length: int) -> str:
    numbers = " ".join(map(str, range(length)))
    blocks = " ".join(f"VALUES ?v{index} {{ {numbers} }}" for index in range(lists))
    return f"SELECT (COUNT(*) AS ?n) {{ {blocks} }}"


def _doubling() -> str:
    binds = " ".join(f"BIND(CONCAT(?x{index}, ?x{index}) AS ?x{index + 1})" for index in range(40))
    return f'SELECT (STRLEN(?x40) AS ?n) {{ BIND("0123456789" AS ?x0) {binds} }}'


def _rows_of_operators() -> list[str]:
    """Queries without a bracket too many that are trees as deep as they are long."""
    many = 100_000
    return [
        "SELECT * { FILTER(1" + "+1" * many + " > 0) }",
        "SELECT * { FILTER(true" + "||true" * many + ") }",
        "PREFIX : <urn:> SELECT * { ?s :p" + "/:p" * many + " ?o }",
        "PREFIX : <urn:> SELECT * { ?s :p" + "|:p" * many + " ?o }",
        "SELECT * { {}" + "UNION{}" * many + " }",
    ]


def _nested(where: Where, number: int) -> Outcome:
    deep = 5000
    texts = (
        "SELECT * " + "{" * deep + "}" * deep,
        "SELECT * { FILTER(" + "(" * deep + "1" + ")" * deep + ") }",
        "SELECT * { ?s ?p " + "[ ?p " * deep + "1" + "]" * deep + " }",
        "SELECT * { ?s " + "(" * deep + "<urn:p>" + ")" * deep + " ?o }",
    )
    return post(where, texts[number % len(texts)])


def _long(where: Where, number: int) -> Outcome:
    return post(where, f"SELECT * {{ ?s ?p ?o }} # {number} " + "x" * 10_000_000)


def _slow_reader(where: Where, number: int) -> Outcome:
    """Ask for some ten megabytes, and read a kilobyte a second until the attack is over."""
    address = urlsplit(where.url)
    text = quote(f"SELECT * {{ ?s ?p ?o }} LIMIT {50_000 + number}")
    began = time.perf_counter()
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(where.deadline + _SLACK)
        try:
            connection.bind((where.source, 0))
            connection.connect((address.hostname or "", address.port or 80))
            request = f"GET {address.path}?{where.parameter}&query={text} HTTP/1.1\r\nHost: x\r\nAccept: {JSON}\r\n\r\n"
            connection.sendall(request.encode())
            first = connection.recv(1024)
            seconds = time.perf_counter() - began
            status = int(first.split(b" ")[1])
            read = len(first)
            while time.monotonic() < where.ends - 1 and (part := connection.recv(1024)):
                read += len(part)
                time.sleep(1)
        except (OSError, IndexError, ValueError) as error:
            return Outcome(BROKEN, time.perf_counter() - began, repr(error))
    return Outcome(status, seconds, f"{read:,} bytes read")


def _leave(where: Where, number: int) -> Outcome:
    """Send slow queries and hang up at once, by turns politely and with a reset."""
    address = urlsplit(where.url)
    began = time.perf_counter()
    for index in range(_LEAVERS):
        text = f"SELECT * {{ ?a ?b ?c . ?d ?e ?f }} ORDER BY ?c ?f LIMIT 10 # {number} {index}".encode()
        try:
            with socket.socket() as connection:
                connection.bind((where.source, 0))
                connection.connect((address.hostname or "", address.port or 80))
                head = f"POST {address.path}?{where.parameter} HTTP/1.1\r\nHost: x\r\nAccept: {JSON}\r\n"
                head += f"Content-Type: application/sparql-query\r\nContent-Length: {len(text)}\r\n\r\n"
                connection.sendall(head.encode() + text)
                if index % 2:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError as error:
            return Outcome(BROKEN, time.perf_counter() - began, repr(error))
    time.sleep(1)
    return Outcome(LEFT, 0.0)


def _idle(where: Where, _number: int) -> Outcome:
    """Open connections that say nothing, or half a request, and keep them for a deadline."""
    address = urlsplit(where.url)
    with contextlib.ExitStack() as stack:
        kept = 0
        for index in range(_IDLE):
            connection = stack.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                connection.settimeout(where.deadline)
                connection.bind((where.source, 0))
                connection.connect((address.hostname or "", address.port or 80))
                connection.sendall(b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Le" if index % 2 else b"")
                kept += 1
        time.sleep(max(0.0, min(where.deadline, where.ends - time.monotonic())))
    return Outcome(LEFT, 0.0, f"{kept} of {_IDLE} connections")


def _calls(canary: int) -> list[str]:
    base = f"http://127.0.0.1:{canary}/"
    there = f"<{base}sparql>"
    return [
        f"SELECT * {{ SERVICE {there} {{ ?s ?p ?o }} }}",
        f"SELECT * {{ SERVICE SILENT {there} {{ ?s ?p ?o }} }}",
        f"SELECT * {{ \\u0053ERVICE {there} {{ ?s ?p ?o }} }}",
        f"SELECT * {{ VALUES ?e {{ {there} }} sErViCe ?e {{ ?s ?p ?o }} }}",
        f"PREFIX e: <{base}> SELECT * {{ {{ SELECT * {{ SERVICE#c\ne:sparql {{ ?s ?p ?o }} }} }} }}",
        f"LOAD {there} INTO GRAPH <urn:g>",
    ]


def attacks(canary: int) -> list[Attack]:
    """List the attacks; `canary` is a port of ours that no query may ever reach."""
    two, three = "?a ?b ?c . ?d ?e ?f", "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
    bomb = "(.*a){9}(.*b){9}(x+x+)+y"
    return [
        _query("count of a cross product", STOPPED, f"SELECT (COUNT(*) AS ?n) {{ {three} }}"),
        _query("order of a cross product", STOPPED, f"SELECT * {{ {two} }} ORDER BY ?f ?c LIMIT 10"),
        _query("path with two free ends", STOPPED, "SELECT (COUNT(*) AS ?n) { ?a (<urn:x>|!<urn:x>)* ?b }"),
        _query("giant VALUES", STOPPED, _values(5, 2000)),
        _query("huge CONSTRUCT", STOPPED, f"CONSTRUCT {{ ?a ?e ?c . ?d ?b ?f }} WHERE {{ {two} }}", NTRIPLES),
        _query("huge SELECT *", WHOLE_OR_STOPPED, "SELECT * { ?s ?p ?o . ?s ?q ?r }"),
        _query(
            "regex bomb",
            STOPPED | {400},
            f'SELECT (COUNT(*) AS ?n) {{ {two} FILTER(REGEX(CONCAT(STR(?c), STR(?f)), "{bomb}")) }}',
        ),
        _query(
            "GROUP_CONCAT bomb",
            STOPPED,
            f'SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?c), STR(?f)); separator=" ") AS ?x) {{ {two} }}',
        ),
        # Text that cannot be held makes an unbound value or stops the query; both are right, a crash is not.
        _query("text that doubles 40 times", WHOLE_OR_STOPPED, _doubling()),
        Attack("5,000 nested brackets", frozenset({400}), _nested),
        _variants("100,000 operators in a row", WHOLE_OR_STOPPED | {400}, _rows_of_operators()),
        Attack("query of 10 MB", frozenset({413}), _long),
        _variants("SERVICE and LOAD", frozenset({400, 403}), _calls(canary)),
        Attack("reads 1 kB a second", WHOLE_OR_STOPPED, _slow_reader),
        Attack("hangs up at once", frozenset({LEFT}), _leave, timed=False),
        Attack("idle connections", frozenset({LEFT}), _idle, timed=False),
    ]


def throw_repeatedly(attack: Attack, where: Where, pause: float) -> Iterator[Outcome]:
    """Attack again and again, with a pause in seconds, until the time is up."""
    for number in count():
        if time.monotonic() >= where.ends:
            return
        yield attack.throw(where, number)
        time.sleep(pause)
