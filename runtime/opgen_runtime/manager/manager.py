"""Holds the controllers of an operator, and starts and stops everything in order.

Start: probes and metrics, caches, then the controllers, each once what it watches is listed. Stop: controllers
take no more keys and finish what they do, then whatever is left is cancelled and named, then caches, and the
probes last. `main` makes one for a process, `running` is for tests and for embedding.
"""

from __future__ import annotations

import asyncio
import logging
import os
import platform
import signal
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from opgen_runtime.cache import Cache
from opgen_runtime.client.client import Client
from opgen_runtime.client.transport import Transport
from opgen_runtime.controller.controller import Controller
from opgen_runtime.controller.runner import Runner
from opgen_runtime.errors import OpgenRuntimeError
from opgen_runtime.events import EventSink
from opgen_runtime.manager.serving import Answer, Check, SideServer, metrics_route, probe
from opgen_runtime.objects import Resource

log = logging.getLogger("opgen_runtime.manager")

T = TypeVar("T", bound=Resource)

_SIGNALS = (signal.SIGTERM, signal.SIGINT)

PING_SECONDS = 0.8
"""How long the main loop may take to answer a probe; kubelet gives up after a second."""


class StopTimeout(OpgenRuntimeError):
    """What was running did not end in time and was cancelled. The message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagerOptions:
    """namespaces: what is watched (None: the whole cluster). metrics_bind_address, health_probe_bind_address:
    such as ":8080"; "0" or "" for none. graceful_shutdown_timeout: seconds that running reconciles get at the
    end; negative: as long as they take. instance: who reports events (default: the host's name)."""

    namespaces: Sequence[str] | None = None
    metrics_bind_address: str = "0"
    health_probe_bind_address: str = "0"
    graceful_shutdown_timeout: float = 30.0
    instance: str = ""


class Manager:
    """Runs controllers against one cluster.

    `client` (or `transport`, from which one is made) reaches it; `client` reads live, those of reconcilers from
    the cache. `managed_by`, usually the project's name, is the label app.kubernetes.io/managed-by of what is
    applied with an owner; it may be set until the start.
    """

    def __init__(
        self,
        client: Client | None = None,
        *,
        transport: Transport | None = None,
        namespaces: Sequence[str] | None = None,
        options: ManagerOptions | None = None,
    ) -> None:
        if client is None:
            if transport is None:
                raise TypeError("a Manager needs a client or a transport")
            client = Client(transport)
        self.client = client
        self.managed_by = client.managed_by
        self.options = options if options is not None else ManagerOptions(namespaces=namespaces)
        self.namespaces = namespaces if namespaces is not None else self.options.namespaces
        self._controllers: dict[str, Controller[Any]] = {}
        self._health: dict[str, Check] = {}
        self._ready: dict[str, Check] = {}
        self._runnables: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self._runners: list[Runner[Any]] = []
        self._started = False
        self.failure: BaseException | None = None
        self._stopping = asyncio.Event()
        self._signals: set[signal.Signals] = set()
        self._stopped = False
        self._events: EventSink | None = None
        self._sender: asyncio.Task[None] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.server: SideServer | None = None
        self.cache: Cache | None = None

    # -- what is to run --------------------------------------------------------------------------------

    def add(self, controller: Controller[T]) -> None:
        """Run this controller. Raises ValueError if one of the same name is there."""
        self._unstarted()
        if controller.name in self._controllers:
            raise ValueError(f"there is a controller named {controller.name} already: name one differently")
        self._controllers[controller.name] = controller

    def add_runnable(self, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run this as a task beside the controllers, once the caches are filled; cancelled at the end."""
        self._unstarted()
        self._runnables.append(run)

    def add_health_check(self, name: str, check: Check) -> None:
        """Ask this for /healthz: it says what is wrong, or "". Called from another thread."""
        self._health[name] = check

    def add_ready_check(self, name: str, check: Check) -> None:
        """Ask this for /readyz: it says what is wrong, or "". Called from another thread."""
        self._ready[name] = check

    def _unstarted(self) -> None:
        if self._started:
            raise RuntimeError("the manager has started: add everything before")

    # -- running ---------------------------------------------------------------------------------------

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Manager]:
        """Start everything, wait until all caches are filled, and stop in order at the end.

        Raises CacheSyncTimeout and ConfigurationError at the start, StopTimeout at the end.
        """
        try:
            await self.start()
            yield self
        finally:
            await self.stop()

    async def start(self) -> None:
        """Start everything; returns once the caches are filled. `stop` must follow, also after a failure."""
        if self._started:
            raise RuntimeError("a manager runs once: make another one")
        self._started = True
        cache = self.cache = Cache(self.client.raw, self.namespaces)
        events = self._events = EventSink(self.client, self.options.instance or platform.node())
        client = self.client.derive(managed_by=self.managed_by)
        self._runners = [Runner(c, cache, client, events) for c in self._controllers.values()]
        await self._serve(cache)
        for runner in self._runners:
            runner.declare()
        for runner in self._runners:
            runner.prepare()
        for runner in self._runners:
            runner.listen()
        cache.start()
        self._sender = self._supervised(events.run(), "events")
        await self._start_controllers()
        self._tasks = [self._supervised(run(), getattr(run, "__name__", "task")) for run in self._runnables]

    async def stop(self) -> None:
        """Stop everything in order. May be called twice, and without a start.

        Raises StopTimeout if running reconciles did not end in time; everything is stopped then, too.
        """
        self._stopping.set()
        if self._stopped or not self._started:
            return
        self._stopped = True
        try:
            await _cancel(self._tasks)
            await self._drain()
        finally:
            for runner in self._runners:
                await runner.stop()
            if self._events is not None:
                await self._last_events(self._events)
            await _cancel([self._sender] if self._sender is not None else [])
            if self.cache is not None:
                await self.cache.stop()
            if self.server is not None:
                self.server.stop()

    async def _start_controllers(self) -> None:
        starting = [asyncio.create_task(runner.start()) for runner in self._runners]
        try:
            await asyncio.gather(*starting)
        except BaseException:
            for task in starting:
                task.cancel()
            await asyncio.gather(*starting, return_exceptions=True)
            raise

    async def _last_events(self, events: EventSink) -> None:
        try:
            async with asyncio.timeout(1.0):
                await events.flush()
        except TimeoutError:
            log.debug("the last events were not recorded in time")

    async def _drain(self) -> None:
        """Let running reconciles end. Raises StopTimeout, naming them, when they don't."""
        for runner in self._runners:
            runner.close()
        patience = self.options.graceful_shutdown_timeout
        try:
            async with asyncio.timeout(patience if patience >= 0 else None):
                for runner in self._runners:
                    await runner.drained()
        except TimeoutError:
            stuck = [name for runner in self._runners for name in runner.running()]
            raise StopTimeout(f"still running after {patience:g} s: {', '.join(stuck)}") from None

    def _supervised(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s failed", task.get_name(), exc_info=error)
            self.failure = error
            self._stopping.set()

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT, or until something fails; the same signal again kills at once.

        Another one does not: Ctrl-C reaches a whole process group, and a parent then passes SIGTERM on. A signal
        during the start ends it in order too: some controllers may be at work while others still list, and the
        first process of a container would not hear a signal that nobody handles.
        """
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._on_signal, number)
        try:
            starting = asyncio.create_task(self.start(), name="start")
            told = asyncio.create_task(self._stopping.wait(), name="stop")
            try:
                await asyncio.wait((starting, told), return_when=asyncio.FIRST_COMPLETED)
                if starting.done():
                    await starting
                    log.info("started: %s", ", ".join(self._controllers) or "no controllers")
                    await told
            finally:
                await _cancel([starting, told])
                await self.stop()
        finally:
            for number in _SIGNALS:
                loop.remove_signal_handler(number)
        if self.failure is not None:
            raise self.failure

    def _on_signal(self, number: signal.Signals) -> None:
        if number in self._signals:
            log.error("%s again: killed", number.name)
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        self._signals.add(number)
        if not self._stopping.is_set():
            log.info("%s: stopping, running reconciles are finished first", number.name)
        self._stopping.set()

    # -- probes ----------------------------------------------------------------------------------------

    async def _serve(self, cache: Cache) -> None:
        options = self.options
        loop = asyncio.get_running_loop()
        health: dict[str, Check] = {"loop": lambda: _ping(loop), **self._health}
        ready: dict[str, Check] = {"caches": lambda: _unlisted(cache), **self._ready}

        def probes(path: str, query: str) -> Answer | None:
            return probe(path, query, "/healthz", health) or probe(path, query, "/readyz", ready)

        same = options.metrics_bind_address == options.health_probe_bind_address

        def both(path: str, query: str) -> Answer | None:
            return metrics_route(path, query) or probes(path, query)

        routes = {
            options.metrics_bind_address: both if same else metrics_route,
            options.health_probe_bind_address: both if same else probes,
        }
        self.server = SideServer(routes)
        await self.server.start()


async def _cancel(tasks: Sequence[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _ping(loop: asyncio.AbstractEventLoop) -> str:
    answered = threading.Event()
    try:
        loop.call_soon_threadsafe(answered.set)
    except RuntimeError:
        return "the event loop is closed"
    return "" if answered.wait(PING_SECONDS) else f"the event loop has been blocked for {PING_SECONDS} s"


def _unlisted(cache: Cache) -> str:
    missing = [store.kind.kind for store in cache.stores() if not store.synced]
    return f"not listed yet: {', '.join(missing)}" if missing else ""
