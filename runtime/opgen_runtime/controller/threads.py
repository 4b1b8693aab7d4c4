"""Threads for code that blocks: a bounded pool that never holds up the end of the process.

The standard library joins executor threads at exit, so that one that hangs hangs the shutdown: these are daemon
threads. Context variables go along, so that logs and read-your-writes work inside.
"""

from __future__ import annotations

import asyncio
import contextvars
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

R = TypeVar("R")

_Job = tuple[Callable[[], Any], contextvars.Context, asyncio.Future[Any]]


class DaemonThreads:
    """Runs functions in at most `limit` daemon threads. Belongs to one event loop."""

    def __init__(self, limit: int, name: str) -> None:
        self._limit = limit
        self._name = name
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._threads = 0
        self._busy = 0

    def submit(self, function: Callable[[], R]) -> asyncio.Future[R]:
        """Call `function` in a thread; the future ends when it does, whatever is cancelled meanwhile."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        self._busy += 1
        future.add_done_callback(self._finished)
        if self._threads < min(self._busy, self._limit):
            self._threads += 1
            threading.Thread(
                target=self._work, args=(loop,), name=f"{self._name}-{self._threads}", daemon=True
            ).start()
        self._jobs.put((function, contextvars.copy_context(), future))
        return future

    def close(self) -> None:
        """End idle threads; busy ones end after what they do."""
        for _ in range(self._threads):
            self._jobs.put(None)
        self._threads = 0

    def _finished(self, future: asyncio.Future[Any]) -> None:
        self._busy -= 1

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        while (job := self._jobs.get()) is not None:
            function, context, future = job
            try:
                result = context.run(function)
            except BaseException as err:  # noqa: BLE001 - it belongs to whoever awaits the future
                settle: Callable[[], None] = _failing(future, err)
            else:
                settle = _succeeding(future, result)
            try:
                loop.call_soon_threadsafe(settle)
            except RuntimeError:
                return  # the loop is gone, and whoever waited with it


def _failing(future: asyncio.Future[Any], error: BaseException) -> Callable[[], None]:
    if isinstance(error, StopIteration):  # a future cannot hold one
        error = RuntimeError(f"StopIteration: {error}")

    def settle() -> None:
        if not future.done():
            future.set_exception(error)

    return settle


def _succeeding(future: asyncio.Future[Any], result: Any) -> Callable[[], None]:
    def settle() -> None:
        if not future.done():
            future.set_result(result)

    return settle
