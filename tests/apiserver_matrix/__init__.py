"""A table of requests over every verb, kind and patch type, for the in-process server and a real kube-apiserver.

A request is data: what finds its place in a path is known only when the servers have answered. `{rv}`, `{uid}` and
`{token}` stand for the resourceVersion, uid and continue token that the same server gave last.
"""

from __future__ import annotations

from collections.abc import Iterator

from apiserver_matrix.request import Request
from apiserver_matrix.suites import SUITES

__all__ = ["SUITES", "Request", "requests"]


def requests(suite: str, namespace: str) -> Iterator[Request]:
    """The requests of one suite, for a fresh namespace."""
    return SUITES[suite](namespace)
