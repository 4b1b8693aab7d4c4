"""The metrics that an operator exports, under controller-runtime's names.

Each is defined here once; the code that knows the event calls the function beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Protocol
from weakref import WeakKeyDictionary

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

# -- rest_client_*: requests to the API server -----------------------------------------------------------

_SECONDS = (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
_BYTES = (64, 256, 512, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216)

REST_CLIENT_REQUESTS = Counter(
    "rest_client_requests",
    "Number of HTTP requests, by status code, method and host.",
    ("code", "method", "host"),
)
REST_CLIENT_DURATION = Histogram(
    "rest_client_request_duration_seconds", "Request latency in seconds.", ("verb", "host"), buckets=_SECONDS
)
REST_CLIENT_REQUEST_SIZE = Histogram(
    "rest_client_request_size_bytes", "Request size in bytes.", ("verb", "host"), buckets=_BYTES
)
REST_CLIENT_RESPONSE_SIZE = Histogram(
    "rest_client_response_size_bytes", "Response size in bytes.", ("verb", "host"), buckets=_BYTES
)
REST_CLIENT_RETRIES = Counter(
    "rest_client_request_retries",
    "Number of request retries, by status code, method and host.",
    ("code", "method", "host"),
)


@cache
def _requests(method: str, host: str, code: int) -> Counter:
    return REST_CLIENT_REQUESTS.labels(str(code), method, host)


@cache
def _sizes(verb: str, host: str) -> tuple[Histogram, Histogram, Histogram]:
    return (
        REST_CLIENT_DURATION.labels(verb, host),
        REST_CLIENT_REQUEST_SIZE.labels(verb, host),
        REST_CLIENT_RESPONSE_SIZE.labels(verb, host),
    )


def observe_request(
    verb: str, method: str, host: str, status: int, seconds: float, sent: int, received: int
) -> None:
    """One answered request: its verb as RBAC spells it, HTTP method and status, duration, bytes each way."""
    _requests(method, host, status).inc()
    duration, request_size, response_size = _sizes(verb, host)
    duration.observe(seconds)
    request_size.observe(sent)
    response_size.observe(received)


def observe_retry(method: str, host: str, status: int) -> None:
    """One request repeated because the server answered `status` and asked for that."""
    REST_CLIENT_RETRIES.labels(str(status), method, host).inc()


# -- controller_runtime_*: reconciles ---------------------------------------------------------------------

_RECONCILE_SECONDS = (
    *(0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
    *(1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 15.0, 20.0, 25.0, 30.0),
    *(40.0, 50.0, 60.0),
)

RECONCILES = Counter(
    "controller_runtime_reconcile",
    "Number of reconciles, by controller and result.",
    ("controller", "result"),
)
RECONCILE_ERRORS = Counter(
    "controller_runtime_reconcile_errors", "Number of reconciles that failed.", ("controller",)
)
TERMINAL_ERRORS = Counter(
    "controller_runtime_terminal_reconcile_errors",
    "Number of failures that are not retried.",
    ("controller",),
)
RECONCILE_PANICS = Counter(
    "controller_runtime_reconcile_panics", "Number of reconciles that met a bug.", ("controller",)
)
RECONCILE_TIMEOUTS = Counter(
    "controller_runtime_reconcile_timeouts", "Number of reconciles that took too long.", ("controller",)
)
RECONCILE_SECONDS = Histogram(
    "controller_runtime_reconcile_time_seconds",
    "Duration of a reconcile in seconds.",
    ("controller",),
    buckets=_RECONCILE_SECONDS,
)
MAX_CONCURRENT = Gauge(
    "controller_runtime_max_concurrent_reconciles", "Reconciles that may run at once.", ("controller",)
)
ACTIVE_WORKERS = Gauge("controller_runtime_active_workers", "Reconciles that run now.", ("controller",))

RESULTS = ("success", "error", "requeue", "requeue_after")


class ReconcileMetrics:
    """The counters of one controller, looked up once."""

    def __init__(self, controller: str, max_concurrent: int) -> None:
        self.results = {result: RECONCILES.labels(controller, result) for result in RESULTS}
        self.errors = RECONCILE_ERRORS.labels(controller)
        self.terminal = TERMINAL_ERRORS.labels(controller)
        self.panics = RECONCILE_PANICS.labels(controller)
        self.timeouts = RECONCILE_TIMEOUTS.labels(controller)
        self.seconds = RECONCILE_SECONDS.labels(controller)
        self.active = ACTIVE_WORKERS.labels(controller)
        self.queue_seconds = QUEUE_SECONDS.labels(controller, controller)
        self.work_seconds = WORK_SECONDS.labels(controller, controller)
        MAX_CONCURRENT.labels(controller).set(max_concurrent)


# -- workqueue_*: read from the queues themselves, so that counting costs them nothing ---------------------

_QUEUE_SECONDS = (1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0, 1000.0)

QUEUE_SECONDS = Histogram(
    "workqueue_queue_duration_seconds",
    "Seconds that a key was due before it was taken.",
    ("name", "controller"),
    buckets=_QUEUE_SECONDS,
)
WORK_SECONDS = Histogram(
    "workqueue_work_duration_seconds",
    "Seconds from taking a key to being done with it.",
    ("name", "controller"),
    buckets=_QUEUE_SECONDS,
)


class CountedQueue(Protocol):
    """What is read of a queue at each scrape."""

    @property
    def depth(self) -> Mapping[int, int]: ...
    @property
    def running_since(self) -> list[float]: ...
    @property
    def adds(self) -> int: ...
    @property
    def retries(self) -> int: ...


class _Queues(Collector):
    def __init__(self) -> None:
        self.queues: WeakKeyDictionary[CountedQueue, tuple[str, Callable[[], float]]] = WeakKeyDictionary()

    def collect(self) -> Iterator[Metric]:
        labels = ("name", "controller")
        depth = GaugeMetricFamily(
            "workqueue_depth", "Keys that are due, by priority.", labels=(*labels, "priority")
        )
        adds = CounterMetricFamily("workqueue_adds", "Keys that came due.", labels=labels)
        retries = CounterMetricFamily("workqueue_retries", "Keys added after a failure.", labels=labels)
        unfinished = GaugeMetricFamily(
            "workqueue_unfinished_work_seconds", "Seconds of all runs that go on, summed up.", labels=labels
        )
        longest = GaugeMetricFamily(
            "workqueue_longest_running_processor_seconds", "Seconds of the longest run.", labels=labels
        )
        for queue, (name, clock) in list(self.queues.items()):
            key = (name, name)
            for priority, waiting in queue.depth.items():
                depth.add_metric((*key, str(priority)), waiting)
            adds.add_metric(key, queue.adds)
            retries.add_metric(key, queue.retries)
            now = clock()
            seconds = [now - since for since in queue.running_since]
            unfinished.add_metric(key, sum(seconds))
            longest.add_metric(key, max(seconds, default=0.0))
        yield from (depth, adds, retries, unfinished, longest)


_QUEUES = _Queues()
REGISTRY.register(_QUEUES)


def watch_queue(queue: CountedQueue, name: str, clock: Callable[[], float]) -> None:
    """Export this queue's figures as long as it lives; `clock` is the time that it counts by."""
    _QUEUES.queues[queue] = (name, clock)


def exposition() -> bytes:
    """All metrics of the process in Prometheus' text format, the user's own included."""
    return generate_latest(REGISTRY)
