"""What operators see: metrics for Prometheus, and an access log of one JSON object a line."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TextIO

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from lungkg.web.service import Service

_SECONDS: Final = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
_KINDS: Final = ("sparql", "query", "validate", "health", "metrics", "static")


class Watch:
    """Counts requests and writes the access log; `log` is None for no log."""

    def __init__(self, service: Service, log: TextIO | None = None) -> None:
        self._log = log
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "lungkg_requests", "Requests, by what was asked for and status.", ("kind", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "lungkg_request_seconds",
            "Time from the arrival of a request to the end of its answer, by lane.",
            ("lane",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._bytes = Counter("lungkg_sent_bytes", "Bytes of answers that were sent.", registry=self.registry)
        self.registry.register(_State(service))
        self._children: dict[tuple[str, int], Any] = {}
        self._lanes: dict[str, Any] = {}

    def note(self, scope: Mapping[str, Any], status: int, sent: int, seconds: float, notes: Mapping[str, Any]) -> None:
        """Count a finished request and write its line."""
        path = scope["path"]
        kind = path.strip("/").partition("/")[0]
        kind = kind if kind in _KINDS else "page"
        lane = notes.get("lane") or "none"
        child = self._children.get((kind, status)) or self._child(kind, status)
        child.inc()
        (self._lanes.get(lane) or self._lane(lane)).observe(seconds)
        self._bytes.inc(sent)
        if self._log is not None:
            self._write(scope, path, status, sent, seconds, notes)

    def metrics(self) -> bytes:
        """Write the metrics in the text format of Prometheus."""
        return generate_latest(self.registry)

    def _child(self, kind: str, status: int) -> Any:
        return self._children.setdefault((kind, status), self._requests.labels(kind, str(status)))

    def _lane(self, lane: str) -> Any:
        return self._lanes.setdefault(lane, self._seconds.labels(lane))

    def _write(
        self,
        scope: Mapping[str, Any],
        path: str,
        status: int,
        sent: int,
        seconds: float,
        notes: Mapping[str, Any],
    ) -> None:
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "request": notes.get("request"),
            "client": notes.get("client") or (scope.get("client") or ("",))[0],
            "method": scope["method"],
            "path": path,
            "status": status,
            "outcome": notes.get("outcome", "answered"),
            "query": query_hash(notes["text"]) if "text" in notes else notes.get("query"),
            "lane": notes.get("lane"),
            "rows": notes.get("rows"),
            "bytes": sent,
            "ms": round(seconds * 1000, 2),
        }
        text = json.dumps({name: value for name, value in line.items() if value is not None}, ensure_ascii=False)
        if self._log is not None:
            self._log.write(text + "\n")
            self._log.flush()


def query_hash(text: str) -> str:
    """Give the short name of a query in logs: its text may be private, and long.

    >>> query_hash("ASK {}")
    '1df8943bb9ea'
    """
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=6).hexdigest()


class _State(Collector):
    """What is running and waiting at the moment of asking."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges."""
        served = self._service.served
        state: Callable[[], dict[str, int]] | None = getattr(served.engine, "state", None)
        for name, value in (state() if state else {}).items():
            yield GaugeMetricFamily(f"lungkg_engine_{name}", f"Engine: {name.replace('_', ' ')}.", value=value)
        yield GaugeMetricFamily("lungkg_cache_bytes", "Bytes of answers that are kept.", value=served.answers.size)
        release = GaugeMetricFamily("lungkg_release", "The release that is served.", labels=("id", "date"))
        release.add_metric((served.release.id[:12], str(served.release.info["date"])), 1)
        yield release
