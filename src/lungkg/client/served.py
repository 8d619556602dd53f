"""Canned queries of a lungkg server, asked at its own addresses: /query/NAME beside /sparql."""

import json
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit
from urllib.request import Request

from lungkg.client.canned import Given, Question, Reply, check_limit, unknown
from lungkg.engines.wire import Credentials, Deadline, Wire, excerpt
from lungkg.engines.wire import Reply as Received
from lungkg.errors import AnswerTooLong, BadParameter, EngineFault, QueryError

_MOST_ROWS: Final = 10_000  # of a page
_ROWS: Final = "application/sparql-results+json"
_GRAPH: Final = "text/turtle"
_STARTS: Final = 3  # how often to begin anew when another release comes in between


class ServedCanned:
    """The canned queries of the server whose SPARQL endpoint has this address.

    Whether it is one of lungkg is told by its list of queries, which is asked for before anything else.
    """

    def __init__(self, endpoint: str, user: str | None = None, password: str | None = None) -> None:
        self._endpoint = endpoint
        self._wire = Wire(None if user is None and password is None else Credentials(user, password or ""))
        self._known: dict[str, Question] = {}

    def questions(self, timeout: float) -> dict[str, Question]:
        """Give all of them by name, as the server lists them now. Raises QueryError when it is none of lungkg."""
        address = self._address("index.json")
        reply = self._wire.send(_request(address, "application/json"), Deadline(timeout))
        try:
            listed: Any = json.loads(reply.content)["queries"] if reply.status == 200 else None
            self._known = {one["name"]: _question(one) for one in listed}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise QueryError(
                f"canned queries are asked of a project or of a server of lungkg, and {self._endpoint} is none: "
                f"there is no list of them at {address}. Send the query itself: .select(text)"
            ) from None
        return dict(self._known)

    def text(self, name: str, given: Given, limit: int | None, timeout: float) -> str:  # noqa: ARG002 # see Canned
        """Refuse: a server gives answers; the SPARQL stands on its page."""
        raise QueryError(
            f"the SPARQL of a canned query is made of the files of a project; {self._address(name)} shows it in a "
            "browser"
        )

    def answer(self, name: str, given: Given, limit: int | None, timeout: float) -> Reply:
        """Ask for the whole answer, page by page, or for its first rows."""
        if limit is not None:
            check_limit(limit)
        if name not in self._known and name not in self.questions(timeout):
            raise unknown(name, self._known)
        deadline = Deadline(timeout)
        for _ in range(_STARTS - 1):
            try:
                return self._whole(name, given, limit, deadline)
            except BadParameter as error:
                if error.name != "after":  # else there is another release since the first page
                    raise
        return self._whole(name, given, limit, deadline)

    def _whole(self, name: str, given: Given, limit: int | None, deadline: Deadline) -> Reply:
        """Put the pages together."""
        wanted = {} if limit is None else {"limit": min(limit, _MOST_ROWS)}
        reply = self._page(name, {**given, **wanted}, deadline)
        if reply.media_type == _GRAPH:
            return Reply("CONSTRUCT", reply.content)
        document = page = self._document(name, reply)
        if "boolean" in document:
            return Reply("ASK", reply.content)
        rows = document["results"]["bindings"]
        while (following := page.get("next")) and (limit is None or len(rows) < limit):
            left = _MOST_ROWS if limit is None else min(limit - len(rows), _MOST_ROWS)
            place = {"limit": left, "after": parse_qs(urlsplit(following).query)["after"]}
            page = self._document(name, self._page(name, {**given, **place}, deadline))
            rows += page["results"]["bindings"]
        return Reply("SELECT", json.dumps({"head": document["head"], "results": {"bindings": rows}}).encode())

    def _page(self, name: str, fields: Any, deadline: Deadline) -> Received:
        """Ask by a form, which takes values of any length, and give the reply when it is an answer."""
        deadline.check()
        seconds = {
            "timeout": f"{max(0.001, deadline.left()):.3f}"
        }  # so that the server, too, stops when nobody waits any more
        address = self._address(name)
        form = urlencode({**fields, **seconds}, doseq=True)
        reply = self._wire.send(_request(address, f"{_ROWS}, {_GRAPH}", form), deadline)
        if reply.status != 200:
            raise _problem(reply, address)
        if reply.media_type not in (_ROWS, _GRAPH):
            raise EngineFault(address, f"answers with {reply.media_type or 'no media type'}: {excerpt(reply)}")
        return reply

    def _document(self, name: str, reply: Received) -> dict[str, Any]:
        try:
            document: dict[str, Any] = json.loads(reply.content)
            if "boolean" in document or "bindings" in document["results"]:
                return document
        except (ValueError, KeyError, TypeError):
            pass
        raise EngineFault(self._address(name), f"answers with JSON that is no result: {excerpt(reply)}")

    def _address(self, name: str) -> str:
        """Give what stands beside the endpoint.

        >>> ServedCanned("http://127.0.0.1:8080/kg/sparql")._address("what-does")
        'http://127.0.0.1:8080/kg/query/what-does'
        """
        return urljoin(self._endpoint.partition("?")[0].rstrip("/"), f"query/{name}")


def _request(address: str, accept: str, form: str | None = None) -> Request:
    return Request(address, None if form is None else form.encode(), {"Accept": accept})  # noqa: S310 # the engine has checked it


def _question(told: Any) -> Question:
    parameters = {one["name"]: f"{one['help']}: {one['expected']}" for one in told["parameters"]}
    return Question(told["name"], told["summary"], parameters)


def _problem(reply: Received, address: str) -> Exception:
    """Give the error that a problem of the server stands for; of 503 and 504 the wire has made one already."""
    try:
        told = json.loads(reply.content)
        detail = str(told["detail"])
    except (ValueError, KeyError, TypeError):
        return EngineFault(address, f"answers {reply.status}: {excerpt(reply)}")
    lead, _, rest = detail.partition(": ")
    if reply.status == 400 and lead.startswith("parameter "):
        return BadParameter(lead.removeprefix("parameter "), rest)
    if reply.status == 413 and "limit" in told:
        return AnswerTooLong(int(told["limit"]["answer_size"]))
    return EngineFault(address, f"answers {reply.status}: {detail}")
