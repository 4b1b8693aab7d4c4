"""`eventually`: ask again until it passes, woken by the server's changes instead of by a clock."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar, overload

from opgen_runtime.errors import ApiError

T = TypeVar("T")

INTERVAL = 0.1
"""Seconds after which it asks again, where no change of the server wakes it earlier."""


class Changing(Protocol):
    """What can tell that something changed."""

    def subscribe(self, listener: Callable[[Any], None]) -> Callable[[], None]:
        """Call `listener` after each change; returns what ends that."""
        ...


class Eventually:
    """Call it with a condition, and await it.

    The condition is a function, async or not. It has not passed yet while it raises AssertionError, LookupError or
    an error of the API, or returns False; what else it returns is the result. After `timeout` seconds (of the
    loop's time) its last failure is raised.
    """

    def __init__(self, server: Changing, timeout: float = 10.0) -> None:
        self._server = server
        self.timeout = timeout

    @overload
    async def __call__(self, condition: Callable[[], Awaitable[T]], timeout: float | None = None) -> T: ...
    @overload
    async def __call__(self, condition: Callable[[], T], timeout: float | None = None) -> T: ...
    async def __call__(self, condition: Callable[[], object], timeout: float | None = None) -> object:
        """Wait until `condition` passes; returns what it returned."""
        loop = asyncio.get_running_loop()
        end = loop.time() + (self.timeout if timeout is None else timeout)
        changed = asyncio.Event()

        def wake(_: object) -> None:
            try:
                loop.call_soon_threadsafe(changed.set)
            except RuntimeError:  # the test's loop is closed: it waits no more
                unsubscribe()

        unsubscribe = self._server.subscribe(wake)
        try:
            while True:
                changed.clear()
                failure: BaseException
                try:
                    result = condition()
                    if inspect.isawaitable(result):
                        result = await result
                    if result is not False:
                        return result
                    failure = AssertionError("the condition returned False")
                except (AssertionError, LookupError, ApiError) as error:
                    failure = error
                left = end - loop.time()
                if left <= 0:
                    failure.add_note(f"after waiting {self.timeout if timeout is None else timeout:g} s")
                    raise failure
                await _wait(changed, min(INTERVAL, left))
        finally:
            unsubscribe()


async def _wait(changed: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await changed.wait()
    except TimeoutError:
        return
