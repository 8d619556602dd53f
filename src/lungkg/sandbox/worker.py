"""The program that keeps the fence: a process that has everything loaded, and forks a child for each task.

A child does one task and ends, so no visitor's data is ever in a process with that of another, and a fork takes
milliseconds where a new process would take most of a second. The parent of the children runs nothing of a
visitor's: it starts them, waits for them, and kills those that nobody waits for any more.

The kernel bounds a child, because Python cannot bound itself: SIGALRM without a handler ends it at its deadline
even within one call of a regular expression, RLIMIT_AS bounds its memory, RLIMIT_FSIZE its report; RLIMIT_NOFILE
of 0 lets it open nothing more, and the seccomp filter of `lungkg.engines.worker` lets it open no socket.
"""

import ctypes
import errno
import gc
import json
import os
import resource
import select
import signal
import socket
import sys
from contextlib import suppress
from typing import Any, Final

from lungkg.engines import worker
from lungkg.sandbox.judging import judge
from lungkg.sandbox.messages import FENCED, MESSAGE, OUT_OF_MEMORY, READY, TOO_LONG
from lungkg.sandbox.task import Task, Text
from lungkg.validation.fence import close_and_load

_DIES_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG
_NICE: Final = 5  # queries go first

_WARMING: Final = b'''
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix x: <x:> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
x:a a x:A ; x:p 1, 2.5, 1e0, true, "a"@en, "2020-01-01"^^xsd:date, "x"^^xsd:integer, "<a/>"^^rdf:HTML,
  "<a/>"^^rdf:XMLLiteral, "2020-01-01T00:00:00Z"^^xsd:dateTime, "P1D"^^xsd:duration, ( 1 2 ), [ x:q 1 ] .
x:S a sh:NodeShape ; sh:targetClass x:A ; sh:closed true ; sh:property [ sh:path x:p ; sh:minCount 99 ;
  sh:maxCount 1 ; sh:datatype xsd:date ; sh:pattern "^x$" ; sh:flags "i" ; sh:in ( 1 2 ) ; sh:class x:B ;
  sh:nodeKind sh:IRI ; sh:minInclusive 3 ; sh:uniqueLang true ; sh:languageIn ( "de" ) ; sh:hasValue x:b ] ,
  [ sh:path [ sh:inversePath ( x:p [ sh:zeroOrMorePath x:q ] ) ] ; sh:minCount 1 ; sh:name "n" ] ;
  sh:or ( [ sh:not [ sh:class x:A ] ] [ sh:and ( [ sh:xone ( [ sh:nodeKind sh:Literal ] ) ] ) ] ) ;
  sh:sparql [ sh:message "m {?value}" ; sh:select "SELECT $this ?value { $this <x:p> ?value FILTER(?value > 1) }" ] ;
  sh:sparql [ sh:select """SELECT $this { { $this <x:p> ?v } UNION { $this <x:q> ?v }
    BIND(REPLACE(STR(?v), 'a', 'b') AS ?w) }""" ] .
'''


def main(arguments: list[str]) -> None:
    """Serve the parent until it hangs up."""
    settings: dict[str, Any] = json.loads(arguments[0])
    close_and_load()
    _warm()
    gc.freeze()  # children share what is there now
    fenced = worker.close_network()
    worker.limit_stack()
    os.nice(_NICE)
    channel = socket.socket(fileno=settings["channel"])
    channel.sendall(FENCED if fenced else READY)
    Keeper(channel, settings["lifeline"]).run()


def _warm() -> None:
    """Do a task of our own with something of everything, so that whatever is loaded when it is needed is there."""
    text = (Text("warming.ttl", "text/turtle", _WARMING),)
    for form in ("page", "json", "jsonl", "turtle", "markdown", "sarif", "junit", "csv", "text"):
        judge(Task(text, text, own=True, base="x:", prefixes={}, most_triples=1_000, format=form))
    for media_type in ("application/ld+json", "application/rdf+xml", "text/turtle"):
        broken = (Text("broken", media_type, b"<"),)
        judge(Task(broken, text, own=True, base="x:", prefixes={}, most_triples=1_000))


class Keeper:
    """Starts a child for each task that comes by the channel, and tells how it ended by the socket that came along."""

    def __init__(self, channel: socket.socket, lifeline: int) -> None:
        self._channel, self._lifeline = channel, lifeline
        self._children: dict[int, socket.socket] = {}
        self._poll = select.poll()
        self._ended, wakes = os.pipe()
        for handle in (self._ended, wakes):
            os.set_blocking(handle, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
        for handle in (channel.fileno(), lifeline, self._ended):
            self._poll.register(handle, select.POLLIN)

    def run(self) -> None:
        """Serve until the server ends or closes the channel; what runs then is killed."""
        while True:
            ready = {handle for handle, _ in self._poll.poll()}
            if self._lifeline in ready or (self._channel.fileno() in ready and not self._begin()):
                self._end_all()
                return
            if self._ended in ready:
                os.read(self._ended, 4096)
            self._kill_forsaken(ready)
            self._reap()

    def _begin(self) -> bool:
        """Take a task and start its child; False when the server has hung up."""
        message, handles, *_ = socket.recv_fds(self._channel, MESSAGE, 3)
        if not message:
            return False
        caller, task, report = handles
        told = socket.socket(fileno=caller)
        try:
            child = os.fork()
        except OSError:
            told.sendall(b'{"code": -9}')
            told.close()
        else:
            if child == 0:
                _do(json.loads(message), task, report)
            self._children[child] = told
            self._poll.register(told, 0)  # hang-ups are always told
        os.close(task)
        os.close(report)
        return True

    def _kill_forsaken(self, ready: set[int]) -> None:
        for child, told in self._children.items():
            if told.fileno() in ready:
                os.kill(child, signal.SIGKILL)

    def _reap(self) -> None:
        """Tell of the children that have ended."""
        while self._children:
            child, status = os.waitpid(-1, os.WNOHANG)
            if child == 0:
                return
            told = self._children.pop(child)
            self._poll.unregister(told)
            with told, suppress(OSError):
                told.sendall(json.dumps({"code": os.waitstatus_to_exitcode(status)}).encode())

    def _end_all(self) -> None:
        for child in self._children:
            os.kill(child, signal.SIGKILL)
        for child in self._children:
            os.waitpid(child, 0)


def _do(settings: dict[str, Any], task: int, report: int) -> None:
    """Do a task in this process, which is a child's, and end it, whatever happens."""
    code = 1
    try:
        _close_fence(settings)
        with open(task, "rb") as file:  # it has no name
            wanted = Task.unpacked(file.read())
        head, body = _told(wanted)
        with open(report, "wb") as file:  # nor has this
            file.write(json.dumps(head).encode() + b"\n")
            file.write(body)
        code = 0
    except MemoryError:
        code = OUT_OF_MEMORY
    except OSError as error:
        code = TOO_LONG if error.errno == errno.EFBIG else 1
    finally:
        os._exit(code)


def _told(task: Task) -> tuple[dict[str, Any], bytes]:
    try:
        return judge(task)
    except RecursionError:
        return {"error": "deep"}, b""
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 # pySHACL and rdflib raise what they like, over what nobody thought of
        return {"error": "fault", "message": type(error).__name__}, b""


def _close_fence(settings: dict[str, Any]) -> None:
    """Bound this process, for good."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, settings["seconds"])
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    worker.limit_memory(settings["memory"])
    resource.setrlimit(resource.RLIMIT_FSIZE, (settings["report"], settings["report"]))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


if __name__ == "__main__":
    main(sys.argv[1:])
