"""Records events (events.k8s.io/v1): a reconciler says what happened, a background task tells the server.

Decided here: what is the same event again (it becomes a series: one patch of a count, at most every few
minutes), and what is given up (a full queue drops the oldest; a refusal is a debug line, for an operator must
not stumble over telling what it does).
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import uuid4

from opgen_runtime.client.client import Client
from opgen_runtime.client.transport import Metadata
from opgen_runtime.errors import NotFound, OpgenRuntimeError
from opgen_runtime.objects import Resource, ResourceType, Unstructured

log = logging.getLogger("opgen_runtime.events")

Event = Unstructured.of(ResourceType("events.k8s.io", "v1", "Event", "events"))

QUEUED = 1000
SERIES_SECONDS = 360.0
"""How long a repetition joins the first event instead of making a new one."""
REMEMBERED = 4096
NOTE_LIMIT = 1024
"""Longest note in bytes, by the server's rule."""


@dataclass(slots=True)
class _Series:
    name: str
    namespace: str
    count: int
    last: float
    told: int = 1


EventKey = tuple[str, str, str, str, str, str]
"""What makes two events the same: object, kind, type, reason, action, note."""


class Sink(Protocol):
    """Takes recorded events."""

    def put(self, key: EventKey, body: dict[str, Any], /) -> None: ...


class DiscardSink:
    """Takes events and drops them: for reconcilers that no manager runs, as in a unit test."""

    def put(self, key: EventKey, body: dict[str, Any], /) -> None:
        """Drop it."""


class EventSink:
    """Sends what recorders record. One a manager; `run` is its background task."""

    def __init__(self, client: Client, instance: str) -> None:
        self._client = client
        self._instance = instance
        self._queue: deque[tuple[EventKey, dict[str, Any]]] = deque(maxlen=QUEUED)
        self._wake = asyncio.Event()
        self._series: dict[EventKey, _Series] = {}

    def put(self, key: EventKey, body: dict[str, Any]) -> None:
        """Queue an event."""
        body["reportingInstance"] = self._instance
        self._queue.append((key, body))
        self._wake.set()

    async def run(self) -> None:
        """Send events until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self.flush()

    async def flush(self) -> None:
        """Send all that is queued now."""
        while self._queue:
            key, body = self._queue.popleft()
            try:
                await self._send(key, body)
            except OpgenRuntimeError as err:
                log.debug("an event could not be recorded: %s", err)

    async def _send(self, key: EventKey, body: dict[str, Any]) -> None:
        now = asyncio.get_running_loop().time()
        series = self._series.get(key)
        if series is not None and now - series.last < SERIES_SECONDS:
            series.count += 1
            series.last = now
            if series.count >= 2 * series.told:  # 2, 4, 8, …: a hot loop is told in a dozen patches
                series.told = series.count
                patch = {"series": {"count": series.count, "lastObservedTime": body["eventTime"]}}
                try:
                    await self._client.patch(Event, patch, name=series.name, namespace=series.namespace)
                except NotFound:
                    del self._series[key]
            return
        created = await self._client.create(Event.from_dict(body))
        meta = created.metadata
        self._series[key] = _Series(meta.name or "", meta.namespace or "", 1, now)
        if len(self._series) > REMEMBERED:
            del self._series[next(iter(self._series))]


class EventRecorder:
    """What a reconciler has as `self.events`. Methods return at once and never raise for the server's sake."""

    def __init__(self, sink: Sink, controller: str) -> None:
        self._sink = sink
        self._controller = controller

    def normal(self, about: Resource, reason: str, note: str, *, action: str = "Reconcile") -> None:
        """Something worth knowing happened. `reason` is CamelCase, for machines; `note` is for people."""
        self._record(about, "Normal", reason, note, action)

    def warning(self, about: Resource, reason: str, note: str, *, action: str = "Reconcile") -> None:
        """Something went wrong."""
        self._record(about, "Warning", reason, note, action)

    def about(
        self,
        kind: ResourceType,
        metadata: Metadata,
        level: str,
        reason: str,
        note: str,
        action: str = "Reconcile",
    ) -> None:
        """Record an event about an object of which only the metadata are known."""
        namespace = metadata.namespace or "default"
        note = note.encode()[:NOTE_LIMIT].decode("utf-8", "ignore")
        regarding = {
            "apiVersion": kind.api_version,
            "kind": kind.kind,
            "namespace": metadata.namespace,
            "name": metadata.name,
            "uid": metadata.uid,
            "resourceVersion": metadata.resource_version,
        }
        body = {
            "apiVersion": "events.k8s.io/v1",
            "kind": "Event",
            "metadata": {"name": f"{metadata.name[:200]}.{uuid4().hex[:16]}", "namespace": namespace},
            "eventTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "reportingController": self._controller,
            "action": action,
            "reason": reason,
            "type": level,
            "note": note,
            "regarding": {field: value for field, value in regarding.items() if value},
        }
        self._sink.put((metadata.uid or metadata.name, kind.kind, level, reason, action, note), body)

    def _record(self, about: Resource, level: str, reason: str, note: str, action: str) -> None:
        meta = about.metadata
        kind: ResourceType | None = getattr(type(about), "KIND", None)
        if kind is None:
            group, _, version = (about.api_version or "").rpartition("/")
            kind = ResourceType(group, version, about.kind or "", "")
        known = Metadata(
            name=meta.name or "",
            namespace=meta.namespace or "",
            uid=meta.uid or "",
            resource_version=meta.resource_version or "",
        )
        self.about(kind, known, level, reason, note, action)
