"""Blocking reconcilers: threads in real time, with a client whose calls block."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from opgen_runtime import BlockingReconciler, Client, Controller, ControllerOptions, For
from opgen_runtime.controller.threads import DaemonThreads
from opgen_runtime.logs import current_run
from runtime_harness import Widget, bench, widget


class Steps:
    """Lets a test on the loop wait for what a thread says."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.queue: asyncio.Queue[object] = asyncio.Queue()

    def say(self, what: object) -> None:
        self.loop.call_soon_threadsafe(self.queue.put_nowait, what)

    async def heard(self) -> object:
        async with asyncio.timeout(20):
            return await self.queue.get()


async def test_reconcile_and_finalize_run_in_threads_that_know_their_run() -> None:
    steps = Steps()

    class Blocking(BlockingReconciler[Widget]):
        def reconcile(self, obj: Widget, /) -> None:
            with self.client.status(obj) as status:
                status.ready = 7
            run = current_run.get()
            steps.say(("reconcile", run.name if run else None, threading.current_thread().daemon))

        def finalize(self, obj: Widget, /) -> None:
            steps.say(("finalize", obj.metadata.name, self.client.find(Widget, "none", "default")))

    world = bench()
    async with world.running(Controller("blocking", Blocking, For(Widget))):
        await world.client.create(widget())
        assert await steps.heard() == ("reconcile", "a", True)
        stored = await world.client.get(Widget, "a")
        assert stored.metadata.finalizers == ["example.com/blocking"]
        assert stored.status is not None
        assert stored.status.ready == 7
        await world.client.delete(Widget, "a")
        while (heard := await steps.heard()) == ("reconcile", "a", True):
            pass
        assert heard == ("finalize", "a", None)


async def test_an_exception_in_a_thread_is_the_reconciles_error() -> None:
    steps = Steps()

    class Failing(BlockingReconciler[Widget]):
        def __init__(self, client: Client) -> None:
            super().__init__(client)
            self.attempts = 0

        def reconcile(self, obj: Widget, /) -> None:
            self.attempts += 1
            steps.say(self.attempts)
            if self.attempts < 3:
                raise StopIteration("even this one")

    world = bench()
    options = ControllerOptions(max_concurrent_reconciles=2)
    async with world.running(Controller("failing", Failing, For(Widget), options=options)):
        await world.client.create(widget())
        assert [await steps.heard() for _ in range(3)] == [1, 2, 3]


async def test_the_pool_is_bounded_and_reuses_its_threads() -> None:
    threads = DaemonThreads(2, "pool")
    running, most = 0, 0
    lock = threading.Lock()
    both = threading.Barrier(2, timeout=10)

    def work() -> str:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        both.wait()
        with lock:
            running -= 1
        return threading.current_thread().name

    names = await asyncio.gather(*(threads.submit(work) for _ in range(6)))
    assert most == 2
    assert set(names) == {"pool-1", "pool-2"}
    threads.close()


async def test_a_result_that_nobody_waits_for_any_more_is_dropped() -> None:
    threads = DaemonThreads(1, "pool")
    release = threading.Event()
    outcomes: list[Callable[[], str]] = [lambda: "late", lambda: str(1 / 0)]
    for late in outcomes:

        def wait(late: Callable[[], str] = late) -> str:
            assert release.wait(10)
            return late()

        future = threads.submit(wait)
        future.cancel()
    release.set()
    assert await threads.submit(lambda: "next") == "next"
    threads.close()


async def test_a_blocking_client_on_the_loops_own_thread_is_an_error_not_a_hang() -> None:
    class Blocking(BlockingReconciler[Widget]):
        def reconcile(self, obj: Widget, /) -> None: ...

    reconciler = Blocking(bench().client)
    with pytest.raises(RuntimeError, match="event loop"):
        reconciler.client.find(Widget, "a", "default")
