"""The metrics that an operator exports, under controller-runtime's names.

Each is defined here once; the code that knows the event calls the function beside it.
"""

from __future__ import annotations

from functools import cache

from prometheus_client import Counter, Histogram

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
