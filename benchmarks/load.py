"""Asks a server the same kind of question over and over, and counts how often it answers in a second.

`wrk` (Debian has it) does this with so little work of its own that two cores suffice for it and the server.
Answers slower than SLOW are timed by threads of this program instead, which finish every request that they
began: wrk forgets those that are under way when its time is up. Without wrk the threads do everything, and
what they can ask in a second is then a bound for fast servers; the benchmark says so.
"""

import http.client
import json
import math
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

SLOW: Final = 0.05  # seconds
TOO_LONG: Final = 600  # seconds without an answer, then the socket gives up

_UNUSED: Final = 10_000_000  # numbers set aside for each measurement
_LUA: Final = """\
local parts, parameters, number = {%(parts)s}, {}, %(first)d
local path, headers, asked, repeated = "%(path)s", {["Accept"] = "%(accept)s"}, 0, %(repeated)s
local whole = nil
for line in io.lines("%(values)s") do parameters[#parameters + 1] = line end
local function build()
  local built = {}
  for index, part in ipairs(parts) do
    if part == "%%24p" then built[index] = parameters[asked %% #parameters + 1]
    elseif part == "%%24n" then built[index] = tostring(number + asked)
    else built[index] = part end
  end
  asked = asked + 1
  return wrk.format("GET", path .. table.concat(built), headers)
end
function request()
  if not repeated then return build() end
  whole = whole or build()
  return whole
end
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"asked":%%d,"micros":%%d,"refused":%%d,"broken":%%d,"p50":%%f,"p99":%%f}\\n',
    summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass(frozen=True)
class Plan:
    """Which requests to send: a query with `$p` and `$n` in it, and what to put there.

    A cold plan takes the parameters in turn and counts `$n` up, starting where no other `series` comes to;
    a repeated one sends the same request every time.
    """

    query: str
    accept: str
    parameters: Sequence[str]
    repeated: bool = False
    series: int = 0

    @property
    def first(self) -> int:
        """The first `$n`."""
        return (self.series + 1) * _UNUSED

    def texts(self) -> Iterator[str]:
        """Give the queries, one after the other, without end."""
        for number in count():
            asked = 0 if self.repeated else number
            value = self.parameters[asked % len(self.parameters)]
            yield self.query.replace("$p", value).replace("$n", str(self.first + asked))


@dataclass
class Timing:
    """What was measured: good answers a second, and the time of one in seconds."""

    clients: int
    answers: int
    seconds: float
    median: float
    p99: float
    refused: int = 0
    tool: str = "wrk"
    rate: float = field(default=math.nan)  # answers a second

    def __post_init__(self) -> None:
        if math.isnan(self.rate):
            self.rate = self.answers / self.seconds if self.seconds else 0.0


@dataclass
class Reply:
    """An HTTP answer with the seconds that it took; status 0 means that there was none."""

    status: int
    content: bytes
    seconds: float


class Client:
    """One kept connection to an address such as http://127.0.0.1:8000/sparql."""

    def __init__(self, url: str, timeout: float = TOO_LONG) -> None:
        address = urlsplit(url)
        self._path = address.path
        self._connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=timeout)

    def ask(self, query: str, accept: str) -> Reply:
        """Send one query by GET and read the whole answer."""
        began = time.perf_counter()
        try:
            self._connection.request("GET", f"{self._path}?query={quote(query, safe='')}", headers={"Accept": accept})
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            return Reply(0, repr(error).encode(), time.perf_counter() - began)
        return Reply(response.status, content, time.perf_counter() - began)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def wrk() -> str | None:
    """Find wrk."""
    return shutil.which("wrk")


def measure(url: str, plan: Plan, clients: int, seconds: float, expected: float) -> Timing:
    """Ask for some seconds with a number of clients at once; `expected` is what one answer takes alone, in seconds."""
    program = wrk()
    waiting = max(1.0, clients / (os.cpu_count() or 1))  # times as long it takes with so many at once
    if program and expected * waiting < SLOW:
        return _measure_with_wrk(program, url, plan, clients, seconds)
    return _measure_with_threads(url, plan, clients, seconds)


def _measure_with_wrk(program: str, url: str, plan: Plan, clients: int, seconds: float) -> Timing:
    address = urlsplit(url)
    with tempfile.TemporaryDirectory() as folder:
        script, values = Path(folder) / "plan.lua", Path(folder) / "values"
        values.write_text("".join(quote(value, safe="") + "\n" for value in plan.parameters), "utf-8")
        script.write_text(_script(address.path, plan, values), "utf-8")
        command = [
            program,
            "-t1",
            f"-c{clients}",
            f"-d{max(1, round(seconds))}s",
            "--timeout",
            "60s",
            "-s",
            str(script),
        ]
        ended = subprocess.run(
            [*command, f"http://{address.netloc}/"], capture_output=True, text=True, check=False, timeout=seconds + 90
        )
    found = re.search(r"^RESULT (.*)$", ended.stdout, re.MULTILINE)
    if ended.returncode or not found:
        raise SystemExit(f"wrk failed: {ended.stdout}{ended.stderr}")
    said = json.loads(found[1])
    bad = said["refused"] + said["broken"]
    return Timing(
        clients,
        said["asked"] - said["refused"],
        said["micros"] / 1e6,
        said["p50"] / 1e6,
        said["p99"] / 1e6,
        bad,
    )


def _script(path: str, plan: Plan, values: Path) -> str:
    # Everything is percent-encoded, so no character in it means anything to Lua.
    parts = [part for part in re.split(r"(%24[pn])", quote(plan.query, safe="")) if part]
    return _LUA % {
        "path": f"{path}?query=",
        "accept": plan.accept,
        "first": plan.first,
        "repeated": "true" if plan.repeated else "false",
        "parts": ",".join(f'"{part}"' for part in parts),
        "values": values,
    }


def _measure_with_threads(url: str, plan: Plan, clients: int, seconds: float) -> Timing:
    texts = plan.texts()
    lock = threading.Lock()
    times: list[float] = []
    rates: list[float] = []
    refused = [0]
    began = time.perf_counter()

    def work() -> None:
        client, bad = Client(url), 0
        mine: list[float] = []
        while not mine or time.perf_counter() - began < seconds:
            with lock:
                text = next(texts)
            reply = client.ask(text, plan.accept)
            mine.append(reply.seconds)
            bad += reply.status != 200
        spent = time.perf_counter() - began
        client.close()
        with lock:
            times.extend(mine)
            rates.append((len(mine) - bad) / spent)
            refused[0] += bad

    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times.sort()
    return Timing(
        clients,
        len(times) - refused[0],
        time.perf_counter() - began,
        statistics.median(times),
        times[min(len(times) - 1, int(len(times) * 0.99))],
        refused[0],
        "threads",
        sum(rates),  # each up to the end of its own last answer
    )
