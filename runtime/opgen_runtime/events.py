"""Events about objects, for `kubectl describe`: events.k8s.io/v1, aggregated into series.

Recording never waits and never fails a reconcile: what the server refuses is logged and forgotten. `Series`
decides, without a clock of its own, whether an occurrence is a new Event, one more of a series, or too many;
`EventRecorder` sends, from a task that lives only while there is something to send.
"""

from __future__ import annotations

import asyncio
import enum
import logging
import os
import secrets
import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from opgen_runtime.client.client import Client
from opgen_runtime.errors import NotFound, OpgenRuntimeError
from opgen_runtime.objects import Resource, ResourceType, Unstructured

log = logging.getLogger(__name__)

EVENT = ResourceType("events.k8s.io", "v1", "Event", "events")
SERIES_SECONDS = 360.0
"""An occurrence that comes this long after the last one starts a new Event."""
UPDATE_SECONDS = 30.0
"""A running series is written at most this often."""
BURST, REFILL_SECONDS = 25, 300.0
"""Different Events about one object: this many at once, then one each so many seconds."""
MAX_KNOWN = 4096
MAX_NOTE, MAX_REASON = 1024, 128

EventType = Literal["Normal", "Warning"]
Key = tuple[str, ...]


class Verdict(enum.Enum):
    """What to do with an occurrence."""

    NEW = enum.auto()
    REPEATED = enum.auto()
    DROPPED = enum.auto()


@dataclass(slots=True)
class _Known:
    last: float
    written: float
    count: int = 1
    updates: int = 0
    name: str = ""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


@dataclass(slots=True)
class Series:
    """Which Events are running, and how many each object may still have. Times are a loop's, in seconds."""

    _known: dict[Key, _Known] = field(default_factory=dict)
    _buckets: dict[str, _Bucket] = field(default_factory=dict)

    def observe(self, key: Key, about: str, now: float) -> Verdict:
        """Count one occurrence of `key` about the object named by `about`."""
        known = self._known.get(key)
        if known is not None and now - known.last < SERIES_SECONDS:
            known.last = now
            known.count += 1
            return Verdict.REPEATED
        if not self._allowed(about, now):
            return Verdict.DROPPED
        self._known.pop(key, None)
        self._known[key] = _Known(last=now, written=now)
        if len(self._known) > MAX_KNOWN:
            del self._known[next(iter(self._known))]
        return Verdict.NEW

    def named(self, key: Key, name: str) -> None:
        """Remember the Event that stands for the series."""
        if (known := self._known.get(key)) is not None:
            known.name = name

    def due(self, key: Key) -> float:
        """When the series may be written again."""
        known = self._known.get(key)
        if known is None or not known.updates:  # that it repeats at all is worth saying at once
            return float("-inf")
        return known.written + UPDATE_SECONDS

    def count(self, key: Key) -> int:
        """Occurrences so far."""
        known = self._known.get(key)
        return known.count if known is not None else 0

    def update(self, key: Key, now: float) -> tuple[str, int]:
        """The series' Event and count, which are written now; an empty name if it is forgotten."""
        known = self._known.get(key)
        if known is None:
            return "", 0
        known.written = now
        known.updates += 1
        return known.name, known.count

    def forget(self, key: Key) -> None:
        """The Event is gone: the next occurrence is a new one."""
        self._known.pop(key, None)

    def _allowed(self, about: str, now: float) -> bool:
        bucket = self._buckets.pop(about, None) or _Bucket(BURST, now)
        bucket.tokens = min(BURST, bucket.tokens + (now - bucket.at) / REFILL_SECONDS)
        bucket.at = now
        self._buckets[about] = bucket
        if len(self._buckets) > MAX_KNOWN:
            del self._buckets[next(iter(self._buckets))]
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True


@dataclass(slots=True)
class _Pending:
    key: Key
    namespace: str
    body: dict[str, Any] | None
    seen: datetime


class EventRecorder:
    """Records Events about objects on behalf of one controller.

    `controller` is what `kubectl describe` shows as their source. Usable from the event loop and, once that
    runs, from worker threads. `close()` sends what is left.
    """

    def __init__(self, client: Client, controller: str, *, instance: str = "") -> None:
        self._client = client
        self._controller = controller
        self._instance = (instance or f"{socket.gethostname()}-{os.getpid()}")[:MAX_REASON]
        self._series = Series()
        self._pending: dict[Key, _Pending] = {}
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._closing = False
        self._loop: asyncio.AbstractEventLoop | None = _running_loop()

    def event(
        self,
        obj: Resource,
        type: EventType,
        reason: str,
        note: str,
        *,
        action: str = "Reconcile",
        related: Resource | None = None,
    ) -> None:
        """Record that something happened to `obj`.

        `reason` is a short CamelCase word, `note` a sentence (cut at 1024 bytes), `action` what was done.
        The same type, reason and action about the same object within six minutes count up one Event.
        """
        regarding = _reference(obj)
        other = _reference(related) if related is not None else None
        loop = _running_loop()
        if loop is not None:
            self._loop = loop
            self._accept(regarding, type, reason, note, action, other)
        elif self._loop is not None:
            self._loop.call_soon_threadsafe(self._accept, regarding, type, reason, note, action, other)
        else:
            log.warning("an event was recorded before the event loop ran: %s %s", reason, note)

    async def close(self) -> None:
        """Send what is still waiting, at once."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await self._task

    def _accept(
        self,
        regarding: dict[str, Any],
        type: EventType,
        reason: str,
        note: str,
        action: str,
        related: dict[str, Any] | None,
    ) -> None:
        assert self._loop is not None
        key: Key = (type, reason, action, *_identity(regarding), *(_identity(related) if related else ()))
        about = "/".join(_identity(regarding))
        seen, now = datetime.now(UTC), self._loop.time()
        verdict = self._series.observe(key, about, now)
        if verdict is Verdict.DROPPED:
            log.debug("too many events about %s: dropped %s %s", about, reason, note)
            return
        body = None
        if verdict is Verdict.NEW:
            body = self._body(regarding, type, reason, note, action, related, seen)
            self._series.named(key, body["metadata"]["name"])
        waiting = self._pending.get(key)
        if waiting is None:
            namespace = regarding.get("namespace") or "default"
            self._pending[key] = _Pending(key, namespace, body, seen)
        else:
            waiting.seen = seen
        self._wake.set()
        if self._task is None or self._task.done():
            self._task = self._loop.create_task(self._send_all(), name="opgen-events")

    def _body(
        self,
        regarding: dict[str, Any],
        type: EventType,
        reason: str,
        note: str,
        action: str,
        related: dict[str, Any] | None,
        seen: datetime,
    ) -> dict[str, Any]:
        body: dict[str, Any] = {
            "apiVersion": EVENT.api_version,
            "kind": EVENT.kind,
            "metadata": {
                "name": f"{regarding['name'][:230]}.{secrets.token_hex(8)}",
                "namespace": regarding.get("namespace") or "default",
            },
            "eventTime": _micro_time(seen),
            "reportingController": self._controller,
            "reportingInstance": self._instance,
            "action": action[:MAX_REASON],
            "reason": reason[:MAX_REASON],
            "regarding": regarding,
            "note": note.encode()[:MAX_NOTE].decode(errors="ignore"),
            "type": type,
        }
        if related is not None:
            body["related"] = related
        return body

    async def _send_all(self) -> None:
        loop = asyncio.get_running_loop()
        while self._pending:
            now = loop.time()
            ready = [p for p in self._pending.values() if self._closing or self._due(p) <= now]
            for pending in ready:
                del self._pending[pending.key]
                await self._send(pending, now)
            if ready:
                continue
            self._wake.clear()
            pause = min(self._due(p) for p in self._pending.values()) - now
            try:
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def _due(self, pending: _Pending) -> float:
        return float("-inf") if pending.body is not None else self._series.due(pending.key)

    async def _send(self, pending: _Pending, now: float) -> None:
        try:
            if pending.body is not None:
                await self._client.create(Unstructured.of(EVENT).from_dict(pending.body))
                if self._series.count(pending.key) > 1:  # it happened again meanwhile
                    self._pending.setdefault(
                        pending.key, _Pending(pending.key, pending.namespace, None, pending.seen)
                    )
                return
            name, count = self._series.update(pending.key, now)
            if name:
                series = {"count": count, "lastObservedTime": _micro_time(pending.seen)}
                await self._client.patch(
                    Unstructured.of(EVENT), {"series": series}, name=name, namespace=pending.namespace
                )
        except NotFound:
            self._series.forget(pending.key)
        except OpgenRuntimeError as err:
            log.warning("an event was not recorded: %s", err)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _reference(obj: Resource) -> dict[str, Any]:
    kind: ResourceType | None = getattr(type(obj), "KIND", None)
    fields = {
        "apiVersion": kind.api_version if kind else obj.api_version,
        "kind": kind.kind if kind else obj.kind,
        "namespace": obj.metadata.namespace,
        "name": obj.metadata.name,
        "uid": obj.metadata.uid,
        "resourceVersion": obj.metadata.resource_version,
    }
    return {name: value for name, value in fields.items() if value}


def _identity(reference: dict[str, Any]) -> Key:
    return tuple(str(reference.get(part, "")) for part in ("apiVersion", "kind", "namespace", "name", "uid"))


def _micro_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
