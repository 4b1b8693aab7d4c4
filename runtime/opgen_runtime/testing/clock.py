"""An event loop whose time is virtual: when nothing is left to run, it jumps to the next timer.

Sleeping an hour costs nothing and takes exactly an hour by `loop.time()`. Real sockets and threads don't know
this time: with them the loop would jump past their answers. So tests under a virtual clock use
`InMemoryTransport`, not HTTP.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

T = TypeVar("T")

PATIENCE = 10.0
"""Real seconds without timer or event after which a test is told that it waits for nothing."""


class _JumpingSelector(selectors.BaseSelector):
    """Asks the real selector without waiting; the time that it should have waited passes at once."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._real = selectors.DefaultSelector()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            events = self._real.select(PATIENCE)
            if not events:
                raise RuntimeError("the test waits for something that cannot happen: no timer, no event")
            return events
        events = self._real.select(0)
        if not events and timeout > 0:
            self._clock.advance(timeout)
        return events

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(_JumpingSelector(clock))
        self._virtual = clock

    def time(self) -> float:
        return self._virtual.now


class VirtualClock:
    """A clock that only moves when its loop has nothing else to do.

    `now` is the loop's time in seconds. Use `new_event_loop` as a loop factory, or `run`:

        VirtualClock().run(test())
    """

    def __init__(self, start: float = 1000.0) -> None:
        self.now = start

    def advance(self, seconds: float) -> None:
        """Let time pass; timers that come due run in the loop's next turn."""
        self.now += seconds

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """A loop that lives by this clock."""
        return _VirtualLoop(self)

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end in a new loop of this clock."""
        with asyncio.Runner(loop_factory=self.new_event_loop) as runner:
            return runner.run(main)
