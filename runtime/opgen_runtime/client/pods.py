"""What only Pods have: logs and eviction."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from opgen_runtime import json
from opgen_runtime.client.exchange import JSON, Exchange, Query
from opgen_runtime.client.paths import object_path
from opgen_runtime.errors import Target
from opgen_runtime.objects import ResourceType

POD = ResourceType("", "v1", "Pod", "pods")
_ANY = "*/*"
_SILENCE_SECONDS = 30 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class LogOptions:
    """Which part of which container's log."""

    container: str | None = None
    previous: bool = False
    tail_lines: int | None = None
    since_seconds: int | None = None
    timestamps: bool = False

    def query(self, *, follow: bool = False) -> Query:
        """The options as the server spells them."""
        pairs = (
            ("container", self.container or ""),
            ("previous", "true" if self.previous else ""),
            ("tailLines", "" if self.tail_lines is None else str(self.tail_lines)),
            ("sinceSeconds", "" if self.since_seconds is None else str(self.since_seconds)),
            ("timestamps", "true" if self.timestamps else ""),
            ("follow", "true" if follow else ""),
        )
        return tuple(pair for pair in pairs if pair[1])


async def logs(exchange: Exchange, namespace: str, pod: str, options: LogOptions) -> str:
    """The log so far; bytes that are no UTF-8 read as replacement characters."""
    response = await exchange.call(
        _target("get", "log", namespace, pod),
        object_path(POD, namespace, pod, "log"),
        options.query(),
        accept=_ANY,
    )
    return response.body.decode("utf-8", "replace")


async def follow(exchange: Exchange, namespace: str, pod: str, options: LogOptions) -> AsyncIterator[str]:
    """Lines as they come, the last one also where it has no newline."""
    response = await exchange.call(
        _target("get", "log", namespace, pod),
        object_path(POD, namespace, pod, "log"),
        options.query(follow=True),
        accept=_ANY,
        stream=True,
        timeout=_SILENCE_SECONDS,
    )
    rest = response.body
    try:
        if response.chunks is not None:
            async for chunk in response.chunks:
                *whole, rest = (rest + chunk).split(b"\n")
                for line in whole:
                    yield line.decode("utf-8", "replace")
        for line in rest.splitlines():
            yield line.decode("utf-8", "replace")
    finally:
        await response.close()


async def evict(exchange: Exchange, namespace: str, pod: str, grace_period: int | None, query: Query) -> None:
    """Ask for the eviction of a Pod."""
    body: dict[str, Any] = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": pod, "namespace": namespace},
    }
    if grace_period is not None:
        body["deleteOptions"] = {"gracePeriodSeconds": grace_period}
    await exchange.call(
        _target("create", "eviction", namespace, pod),
        object_path(POD, namespace, pod, "eviction"),
        query,
        json.dumps(body),
        JSON,
    )


def _target(verb: str, subresource: str, namespace: str, pod: str) -> Target:
    return Target(verb, "", "pods", subresource, namespace, pod)
