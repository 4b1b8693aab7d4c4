"""Makes one controller run: events in, keys through the queue, workers, and what follows from each run.

The decisions are elsewhere (`routing`, `queue.state`, `execution`, `outcome`); this is the shell that awaits.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from functools import partial
from typing import Any, Generic, TypeVar

from opgen_runtime.cache import Cache, CachedReader, Store, WriteLog, Writes, recorded
from opgen_runtime.client.apply import MANAGED_BY
from opgen_runtime.client.client import Client
from opgen_runtime.controller import outcome
from opgen_runtime.controller.controller import Controller
from opgen_runtime.controller.execution import Execution
from opgen_runtime.controller.failing import FailureCondition
from opgen_runtime.controller.finalizers import finalizer_name
from opgen_runtime.controller.inbox import Inbox
from opgen_runtime.controller.loops import LoopWatch
from opgen_runtime.controller.options import seconds
from opgen_runtime.controller.outcome import Decision, Kind
from opgen_runtime.controller.reconciler import RequestReconciler, Result, has_finalize
from opgen_runtime.controller.reporting import FailureLog
from opgen_runtime.controller.routing import (
    LOW_PRIORITY,
    Scope,
    Trigger,
)
from opgen_runtime.controller.threads import DaemonThreads
from opgen_runtime.errors import ConfigurationError, DecodeError
from opgen_runtime.events import EventRecorder, Sink
from opgen_runtime.logs import RunInfo, current_run
from opgen_runtime.metrics import ReconcileMetrics, watch_queue
from opgen_runtime.objects import ObjectKey, Resource, ResourceType
from opgen_runtime.predicates import Selector
from opgen_runtime.queue import QueueClosed, Taken, WorkQueue

T = TypeVar("T", bound=Resource)

SECRETS = ResourceType("", "v1", "Secret", "secrets")
CONFIG_MAPS = ResourceType("", "v1", "ConfigMap", "configmaps")

TURN = 0.005
"""Seconds that a worker may go on without waiting for anything before it lets others run."""


class Runner(Generic[T]):
    """One controller at work: `prepare` before the cache starts, `start` after, `stop` at the end."""

    def __init__(self, controller: Controller[T], cache: Cache, client: Client, events: Sink) -> None:
        self.controller = controller
        self.name = controller.name
        self._cache = cache
        options = self._options = controller.options
        self._kind = controller.reconciled.kind
        resource = self._kind.KIND
        self.log = logging.getLogger(f"opgen_runtime.controller.{self.name}")
        self._scope = Scope(cache.scope(resource, options.namespaces), Selector.parse(options.label_selector))
        self._client = client.derive(
            field_owner=self.name, reader=CachedReader(cache, client.reader), listener=WriteLog(cache)
        )
        self._client.namespaces = cache.within(options.namespaces)
        self._recorder = EventRecorder(events, self.name)
        self.queue: WorkQueue[ObjectKey, Trigger] = WorkQueue(
            base=seconds(options.rate_limit_base), maximum=seconds(options.rate_limit_max)
        )
        self._threads = DaemonThreads(options.max_concurrent_reconciles, f"reconcile-{self.name}")
        self._failures = FailureLog(self.log)
        self._loops = LoopWatch()
        self._metrics = ReconcileMetrics(self.name, options.max_concurrent_reconciles)
        self._tasks: list[asyncio.Task[None]] = []
        self._mapping: set[asyncio.Task[None]] = set()
        self._running: dict[ObjectKey, RunInfo] = {}

    # -- before the cache starts -----------------------------------------------------------------------

    def declare(self) -> None:
        """Say what is to be cached, and how much of it: Secrets and ConfigMaps of others are never held whole.

        Every controller does, before any is prepared: only then is it known what a kind's store must hold.
        """
        cache, namespaces = self._cache, self._options.namespaces
        cache.want(self._kind.KIND, namespaces)
        label = f"{MANAGED_BY}={self._client.managed_by}" if self._client.managed_by else None
        for owned in self.controller.owns:
            kind = owned.kind.KIND
            if kind in (SECRETS, CONFIG_MAPS):
                whole = label is not None or kind == CONFIG_MAPS
                cache.want(kind, namespaces, whole=whole, label_selector=label)
            else:
                cache.want(kind, namespaces)
        for watched in self.controller.watches:
            kind = watched.kind.KIND
            cache.want(kind, namespaces, whole=kind not in (SECRETS, CONFIG_MAPS))
        models: list[type[Resource]] = [self._kind, *(source.kind for source in self.controller.watches)]
        for model in models:
            _build(model)

    def prepare(self) -> None:
        """Make the reconciler and what runs it. Needs a running loop."""
        controller, options = self.controller, self._options
        reconciler = controller.reconciler(self._client)
        reconciler.bind(self._recorder, self.log)
        watch_queue(self.queue.state, self.name, asyncio.get_running_loop().time)
        kind = self._kind.KIND
        self._gone = not isinstance(reconciler, RequestReconciler)
        if options.finalizer and isinstance(reconciler, RequestReconciler):
            raise ConfigurationError(f"controller {self.name}: a RequestReconciler has no finalizer")
        finalizer = finalizer_name(kind, self.name, options.finalizer, has_finalize(reconciler))
        self._execution = Execution(
            kind=self._kind,
            store=self._store(kind),
            client=self._client,
            reconciler=reconciler,
            scope=self._scope,
            finalizer=finalizer,
            timeout=seconds(options.reconcile_timeout) if options.reconcile_timeout is not None else None,
            threads=self._threads,
        )
        self._condition = FailureCondition(self._kind, self._client, options.failure_condition, self.log)
        self._inbox = Inbox(
            controller,
            self._scope,
            self.queue,
            self._client,
            self.log,
            finalizer=finalizer,
            tasks=self._mapping,
            suspicious=self._loops.suspicious,
            on_gone=self._forget if self._gone else None,
        )

    def listen(self) -> None:
        """Be told of events; once every controller is prepared."""
        controller = self.controller
        self._store(self._kind.KIND).add_handler(self._inbox.on_reconciled)
        for owned in controller.owns:
            self._store(owned.kind.KIND).add_handler(partial(self._inbox.on_owned, owned))
        for watched in controller.watches:
            self._store(watched.kind.KIND).add_handler(partial(self._inbox.on_watched, watched))

    def _forget(self, key: ObjectKey) -> None:
        """The object is gone, and all that was remembered of it goes too."""
        self.queue.forget(key)
        self._failures.forget(key)
        self._condition.forget(key)
        self._loops.forget(key)

    def _kinds(self) -> list[ResourceType]:
        controller = self.controller
        owned = [source.kind.KIND for source in controller.owns]
        watched: list[ResourceType] = [source.kind.KIND for source in controller.watches]
        return [self._kind.KIND, *owned, *watched]

    def _store(self, kind: ResourceType) -> Store:
        store = self._cache.store(kind)
        if store is None:
            raise ConfigurationError(f"controller {self.name}: {kind.kind} is not watched")
        return store

    # -- running ---------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Wait for the first listing and start the workers. Raises CacheSyncTimeout."""
        patience = seconds(self._options.cache_sync_timeout)
        await self._cache.wait_synced(self._kinds(), patience, f"controller {self.name}")
        await self._inbox.mapped()
        for number in range(self._options.max_concurrent_reconciles):
            self._tasks.append(asyncio.create_task(self._work(), name=f"{self.name} worker {number}"))
        if self._options.resync_period is not None:
            period = seconds(self._options.resync_period)
            self._tasks.append(asyncio.create_task(self._resync(period), name=f"{self.name} resync"))
        workers = self._options.max_concurrent_reconciles
        self.log.info("controller started with %d worker%s", workers, "" if workers == 1 else "s")

    def close(self) -> None:
        """Take no more keys; what runs goes on."""
        self.queue.close()

    def running(self) -> list[str]:
        """The keys that are being worked on now."""
        return [f"{self.name}: {key}" for key in self._running]

    async def drained(self) -> None:
        """Wait until the workers have ended, after `close`."""
        workers = [task for task in self._tasks if "resync" not in task.get_name()]
        if workers:
            await asyncio.wait(workers)

    async def stop(self) -> None:
        """Cancel whatever still goes on."""
        self.queue.close()
        tasks = [*self._tasks, *self._mapping]
        self._tasks = []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._threads.close()

    async def _resync(self, period: float) -> None:
        """Bring every object back each period, spread by a tenth so that controllers don't march in step."""
        store = self._store(self._kind.KIND)
        while True:
            await asyncio.sleep(period * random.uniform(0.9, 1.1))
            for item in store.items():
                key = ObjectKey(item.metadata.namespace, item.metadata.name)
                if self._scope.has(key):
                    self.queue.add(key, priority=LOW_PRIORITY, note=Trigger(self._kind.KIND.kind, "resync"))

    async def _work(self) -> None:
        clock = asyncio.get_running_loop().time
        turn = clock()
        while True:
            try:
                taken = await self.queue.get()
            except QueueClosed:
                return
            await self._handle(taken, clock)
            if clock() - turn > TURN:
                await asyncio.sleep(0)
                turn = clock()

    async def _handle(self, taken: Taken[ObjectKey, Trigger], clock: Callable[[], float]) -> None:
        key = taken.key
        run = RunInfo(self.name, key.namespace, key.name, taken.notes)
        writes = Writes()
        threads: list[asyncio.Future[Any]] = []
        token = current_run.set(run)
        self._running[key] = run
        metrics = self._metrics
        metrics.active.inc()
        metrics.queue_seconds.observe(taken.waited)
        began = clock()
        try:
            with recorded(writes):
                await self._attempt(taken, threads)
            paths = self._loops.ran(key, taken.notes, writes.made)
            if paths is not None:
                self.log.warning("its own writes bring it back again and again: %s", ", ".join(paths))
        finally:
            took = clock() - began
            metrics.seconds.observe(took)
            metrics.work_seconds.observe(took)
            metrics.active.dec()
            del self._running[key]
            current_run.reset(token)
            # The key stays locked until its thread has returned and its writes show in the cache.
            free = partial(writes.when_seen, partial(self.queue.done, key))
            if threads and not threads[-1].done():
                threads[-1].add_done_callback(lambda _: free())
            else:
                free()

    async def _attempt(self, taken: Taken[ObjectKey, Trigger], threads: list[asyncio.Future[Any]]) -> None:
        key = taken.key
        if self.log.isEnabledFor(logging.DEBUG):
            self.log.debug("reconciling: %s", "; ".join(map(str, taken.notes)) or "requeued")
        result: Result | None
        try:
            result = await self._execution.run(key, threads.append)
        except BaseException as err:
            if _ends_the_worker(err):
                raise
            if not outcome.is_gone(err, self._kind.KIND, key):
                await self._failed(taken, err)
                return
            self.log.debug("the object went while it was being reconciled")
            result = None
        decision = outcome.after_success(result, self._options, taken.priority)
        self._metrics.results[decision.result].inc()
        self.queue.forget(key)
        self._failures.succeeded(key)
        self._condition.forget(key)
        if decision.after is not None and self._exists(key):
            self.queue.add(key, priority=decision.priority, after=decision.after, note=_REQUEUE)

    async def _failed(self, taken: Taken[ObjectKey, Trigger], error: BaseException) -> None:
        key = taken.key
        decision = outcome.after_failure(error, taken.priority)
        self._count(decision)
        delay = self.queue.retry(key, priority=decision.priority, note=_RETRY) if decision.backoff else None
        new = self._failures.failed(key, error, decision, delay)
        if new:
            await self._tell(key, error)

    async def _tell(self, key: ObjectKey, error: BaseException) -> None:
        """Show a new failure on the object: an event, and the condition that the options name."""
        item = self._store(self._kind.KIND).get(key.namespace, key.name)
        if item is None:
            return
        reason = "ReconcileFailed" if item.metadata.deletion_timestamp is None else "FinalizeFailed"
        note = outcome.text_of(error)
        self._recorder.about(self._kind.KIND, item.metadata, "Warning", reason, note)
        await self._condition.failed(key, item, error, reason)

    def _count(self, decision: Decision) -> None:
        metrics = self._metrics
        metrics.results[decision.result].inc()
        if decision.kind is Kind.CONFLICT:
            return
        metrics.errors.inc()
        match decision.kind:
            case Kind.TERMINAL:
                metrics.terminal.inc()
            case Kind.PANIC:
                metrics.panics.inc()
            case Kind.TIMEOUT:
                metrics.timeouts.inc()
            case _:
                pass

    def _exists(self, key: ObjectKey) -> bool:
        return not self._gone or self._store(self._kind.KIND).get(key.namespace, key.name) is not None


def _ends_the_worker(error: BaseException) -> bool:
    """Whether it was the worker that was cancelled, or the process that ends. Whatever else user code raises, the
    worker lives on: also the cancellation of a task of its own that it waited for."""
    if isinstance(error, asyncio.CancelledError):
        task = asyncio.current_task()
        return task is None or task.cancelling() > 0
    return isinstance(error, KeyboardInterrupt | GeneratorExit)


_REQUEUE = Trigger("requeue", "asked for by the last run")
_RETRY = Trigger("retry", "after a failure")


def _build(model: type[Resource]) -> None:
    """Models are built when first read: here that is before the first event, not during it."""
    try:
        model.from_dict({"metadata": {"name": ""}})
    except DecodeError:
        return  # built, and right to refuse so little
