"""The queue as workers see it: `get` waits, timers wake. All decisions are `state`'s.

Belongs to one event loop; nothing here is safe to call from another thread.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic

from opgen_runtime.queue.state import K, N, QueueState, Taken


class QueueClosed(Exception):
    """The queue hands out nothing any more: the worker that got this is to end."""


class WorkQueue(Generic[K, N]):
    """A priority queue with per-key exclusion, delays and backoff.

    `base` and `maximum` are seconds of backoff; `clock` gives the time (default: the running loop's).
    """

    def __init__(
        self, *, base: float = 0.005, maximum: float = 1000.0, clock: Callable[[], float] | None = None
    ) -> None:
        self.state: QueueState[K, N] = QueueState(base=base, maximum=maximum)
        self._clock = clock
        self._getters: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def now(self) -> float:
        """The time by which this queue counts."""
        return self._clock() if self._clock is not None else asyncio.get_running_loop().time()

    def add(self, key: K, *, priority: int = 0, after: float = 0.0, note: N | None = None) -> None:
        """See QueueState.add. On a closed queue it does nothing."""
        if not self._closed:
            self.state.add(key, self.now(), priority=priority, after=after, note=note)
            self._wake()

    def retry(self, key: K, *, priority: int = 0, note: N | None = None) -> float:
        """See QueueState.retry: add after the backoff, and return that delay in seconds."""
        delay = self.state.retry(key, self.now(), priority=priority, note=note)
        self._wake()
        return delay

    def forget(self, key: K) -> None:
        """Reset the key's backoff."""
        self.state.forget(key)

    def done(self, key: K) -> None:
        """Unlock a key that `get` handed out."""
        self.state.done(key, self.now())
        self._wake()

    async def get(self) -> Taken[K, N]:
        """Wait for the next key and lock it. Raises QueueClosed after `close`."""
        while True:
            if self._closed:
                raise QueueClosed
            taken = self.state.take(self.now())
            if taken is not None:
                if self._getters and self.state.has_ready:
                    self._wake()  # a timer or `done` can free several keys but wakes one worker
                return taken
            self._arm()
            getter = asyncio.get_running_loop().create_future()
            self._getters.append(getter)
            try:
                await getter
            except BaseException:
                if getter.done() and not getter.cancelled():
                    self._wake()  # it was woken for a key and will not take it: somebody else must
                raise

    def close(self) -> None:
        """Hand out nothing any more; whoever waits in `get` is told."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._getters:
            self._wake()

    def _wake(self) -> None:
        # Who is woken takes from the state itself, and so can find nothing: that costs one turn, no key.
        while self._getters:
            getter = self._getters.popleft()
            if not getter.done():  # a cancelled one lies here until its turn
                getter.set_result(None)
                return

    def _arm(self) -> None:
        due = self.state.next_due()
        timer = self._timer
        if due is None or (timer is not None and timer.when() <= due):
            return
        if timer is not None:
            timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(due, self._on_time)

    def _on_time(self) -> None:
        self._timer = None
        self._wake()
