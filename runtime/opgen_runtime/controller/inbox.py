"""What a controller makes of the events about the kinds that it watches: keys in its queue, and why.

`routing` has the pure decisions. What is left here: predicates and map functions are the user's code, so that
their failures are reported and keep nobody from an event; async map functions are tasks.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, cast

from opgen_runtime.client.client import Client
from opgen_runtime.client.transport import Metadata
from opgen_runtime.controller.controller import Controller
from opgen_runtime.controller.routing import (
    Annotations,
    Scope,
    Trigger,
    begins_deletion,
    changed_paths,
    owners_in,
    passes,
    priority_of,
)
from opgen_runtime.controller.sources import Owns, Watches
from opgen_runtime.objects import ObjectKey
from opgen_runtime.predicates import Event, EventType, Predicate, Seen
from opgen_runtime.queue import WorkQueue


class Inbox:
    """The cache's handlers for one controller.

    `finalizer` is the controller's, "" for none. `suspicious` says for which keys changed paths are worth
    computing; `on_gone` is told of deletions instead of the queue (None: they are queued like anything else).
    `tasks` holds the async map functions that run.
    """

    def __init__(
        self,
        controller: Controller[Any],
        scope: Scope,
        queue: WorkQueue[ObjectKey, Trigger],
        client: Client,
        log: logging.Logger,
        *,
        finalizer: str,
        tasks: set[asyncio.Task[None]],
        suspicious: Callable[[ObjectKey], bool],
        on_gone: Callable[[ObjectKey], None] | None,
    ) -> None:
        self._kind = controller.reconciled.kind.KIND
        self._predicates = controller.reconciled.predicates
        self._annotations = Annotations.of(self._kind)
        self._finalizer = finalizer
        self._scope = scope
        self._queue = queue
        self._client = client
        self.log = log
        self._suspicious = suspicious
        self._on_gone = on_gone
        self.tasks = tasks

    async def mapped(self) -> None:
        """Wait until every event so far has been mapped to keys."""
        while self.tasks:
            await asyncio.wait(self.tasks)

    def on_reconciled(self, key: ObjectKey, event: Event, initial: bool) -> None:
        if not self._scope.has(key):
            return
        if event.type is EventType.DELETE and self._on_gone is not None:
            self._on_gone(key)
            return
        heard = self._annotations.steered(event) or begins_deletion(event, self._finalizer)
        if heard or self._passes(self._predicates, event):
            trigger = Trigger(self._kind.kind, event.type.value, None, self._paths(event, key))
            self._add(key, event, initial, trigger)

    def on_owned(self, source: Owns, key: ObjectKey, event: Event, initial: bool) -> None:
        if not self._passes(source.predicates, event):
            return
        owners = owners_in(source, self._kind, event, _metadata)
        if owners:
            trigger = Trigger(source.kind.KIND.kind, event.type.value, key, self._paths(event, *owners))
            for owner in owners:
                if self._scope.has(owner):
                    self._add(owner, event, initial, trigger)

    def on_watched(self, source: Watches[Any], key: ObjectKey, event: Event, initial: bool) -> None:
        if not self._scope.has(key) or not self._passes(source.predicates, event):
            return
        work = self._map(source, key, event, initial)
        if source.is_async:
            task = asyncio.create_task(work, name=f"map {source.kind.KIND.kind} {key}")
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        else:
            _run_now(work)

    async def _map(self, source: Watches[Any], key: ObjectKey, event: Event, initial: bool) -> None:
        """Queue whom the object concerned before and concerns now. A map function that fails is reported."""
        found: dict[ObjectKey, None] = {}
        try:
            for seen in (event.old, event.new):
                if seen is not None:
                    obj = source.kind.from_json(seen.raw)
                    keys = await source.keys_async(obj, self._client) if source.is_async else source.keys(obj)
                    found.update(dict.fromkeys(keys))
        except Exception:
            self.log.exception("mapping %s %s to what it concerns failed", source.kind.KIND.kind, key)
        if found:
            trigger = Trigger(source.kind.KIND.kind, event.type.value, key, self._paths(event, *found))
            for target in found:
                if self._scope.has(target):
                    self._add(target, event, initial, trigger)

    def _add(self, key: ObjectKey, event: Event, initial: bool, trigger: Trigger) -> None:
        self._queue.add(key, priority=priority_of(event, initial), note=trigger)

    def _passes(self, predicates: Sequence[Predicate], event: Event) -> bool:
        try:
            return passes(predicates, event)
        except Exception:
            self.log.exception("a predicate failed: the event counts as passed")
            return True

    def _paths(self, event: Event, *keys: ObjectKey) -> tuple[str, ...]:
        wanted = self.log.isEnabledFor(logging.DEBUG) or any(map(self._suspicious, keys))
        return changed_paths(event) if wanted else ()


def _metadata(seen: Seen) -> Metadata:
    return cast("Metadata", seen.metadata)


def _run_now(work: Any) -> None:
    """Runs a coroutine that never waits."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise RuntimeError("a plain map function must not wait")
