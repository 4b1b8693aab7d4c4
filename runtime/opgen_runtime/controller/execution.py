"""One reconcile of one key, from the cached object to the user's code. Raises what the user's code raises.

Decided here: what is skipped (gone, paused, not selected), that a finalizer comes before work and goes after
cleanup, and that an object which is being deleted is finalized and never reconciled.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from opgen_runtime.cache import Store
from opgen_runtime.client.client import Client
from opgen_runtime.client.transport import Item
from opgen_runtime.controller import finalizers
from opgen_runtime.controller.outcome import ReconcileTimeout
from opgen_runtime.controller.reconciler import (
    AnyReconciler,
    BlockingReconciler,
    Reconciler,
    RequestReconciler,
    Result,
)
from opgen_runtime.controller.routing import Annotations, Scope
from opgen_runtime.controller.threads import DaemonThreads
from opgen_runtime.objects import ObjectKey, Resource

T = TypeVar("T", bound=Resource)
R = TypeVar("R")


class Execution(Generic[T]):
    """Runs keys of one controller. `finalizer` is empty for none; `timeout` None for no limit."""

    def __init__(
        self,
        *,
        kind: type[T],
        store: Store,
        client: Client,
        reconciler: AnyReconciler[T],
        scope: Scope,
        finalizer: str,
        timeout: float | None,
        threads: DaemonThreads,
    ) -> None:
        self._kind = kind
        self._store = store
        self._client = client
        self._reconciler = reconciler
        self._scope = scope
        self._annotations = Annotations.of(kind.KIND)
        self._finalizer = finalizer
        self._timeout = timeout
        self._threads = threads

    async def run(self, key: ObjectKey, started: Callable[[asyncio.Future[Any]], None]) -> Result | None:
        """Reconcile or finalize a key. `started` is told of a thread that may outlive this call."""
        item = self._store.get(key.namespace, key.name)
        reconciler = self._reconciler
        if item is not None and self._annotations.pauses(item.metadata):
            return None
        if isinstance(reconciler, RequestReconciler):
            if item is not None and not self._scope.selects(item.metadata):
                return None
            return await self._limited(reconciler.reconcile(key))
        if item is None:
            return None
        if item.metadata.deletion_timestamp is not None:
            await self._finalize(reconciler, item, started)
            return None
        if not self._scope.selects(item.metadata):
            return None
        if self._finalizer and self._finalizer not in (item.metadata.finalizers or ()):
            obj = await finalizers.add(self._client, self._kind, item.metadata, self._finalizer)
        else:
            obj = self._kind.from_json(item.raw)
        if isinstance(reconciler, BlockingReconciler):
            return await self._in_thread(functools.partial(reconciler.reconcile, obj), started)
        return await self._limited(reconciler.reconcile(obj))

    async def _finalize(
        self,
        reconciler: Reconciler[T] | BlockingReconciler[T],
        item: Item,
        started: Callable[[asyncio.Future[Any]], None],
    ) -> None:
        if not self._finalizer or self._finalizer not in (item.metadata.finalizers or ()):
            return
        obj = self._kind.from_json(item.raw)
        if isinstance(reconciler, BlockingReconciler):
            await self._in_thread(functools.partial(reconciler.finalize, obj), started)
        else:
            await self._limited(reconciler.finalize(obj))
        await finalizers.remove(self._client, obj, self._finalizer)

    async def _limited(self, work: Coroutine[Any, Any, R]) -> R:
        if self._timeout is None:
            return await work
        deadline = asyncio.timeout(self._timeout)
        try:
            async with deadline:
                return await work
        except TimeoutError as err:
            if not deadline.expired():
                raise  # a timeout of the user's own
            raise self._too_long() from err

    async def _in_thread(self, work: Callable[[], R], started: Callable[[asyncio.Future[Any]], None]) -> R:
        future = self._threads.submit(work)
        started(future)
        done, _ = await asyncio.wait([future], timeout=self._timeout)
        if not done:
            future.add_done_callback(_heard)
            raise self._too_long()
        return future.result()

    def _too_long(self) -> ReconcileTimeout:
        return ReconcileTimeout(f"the reconcile took longer than {self._timeout:g} s and was stopped")


def _heard(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()  # the timeout was reported; what the thread met afterwards changes nothing
