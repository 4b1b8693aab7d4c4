"""One watch: from the store's changes to a stream of frames, with bookmarks and a time limit.

Changes arrive by `push`, in whatever thread writes; the frames are made in the loop that reads them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from opgen.apiserver.call import Outside
from opgen.apiserver.message import JSONObject, encode
from opgen.apiserver.selectors import Matcher
from opgen.apiserver.status import StatusError
from opgen.apiserver.storage import Change, Item

BOOKMARK_INTERVAL = 60.0
"""Seconds between bookmarks, where the client allows them."""

Render = Callable[[Item], bytes]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which objects a watch sees; an empty namespace means all."""

    namespace: str = ""
    matches: Matcher | None = None

    def has(self, item: Item | None) -> bool:
        """Whether the object is in the scope."""
        if item is None or (self.namespace and item.namespace != self.namespace):
            return False
        return self.matches is None or self.matches(item.obj)


def event_of(change: Change, scope: Scope) -> tuple[str, Item] | None:
    """The event that a change is for a watch of this scope; None if it isn't seen."""
    before = scope.has(change.previous)
    if change.deleted:
        return ("DELETED", change.item) if before else None
    after = scope.has(change.item)
    if after:
        return ("MODIFIED" if before else "ADDED", change.item)
    if before and change.previous is not None:
        return ("DELETED", _under_revision(change.previous, change.revision))
    return None


def _under_revision(item: Item, revision: int) -> Item:
    metadata = {**item.obj["metadata"], "resourceVersion": str(revision)}
    return Item({**item.obj, "metadata": metadata}, revision, item.namespace)


def frame(kind: str, raw: bytes) -> bytes:
    """One line of the stream."""
    return b'{"type":"%b","object":%b}\n' % (kind.encode(), raw)


class Watcher:
    """The queue between the store and one reader."""

    def __init__(self, scope: Scope, render: Render, bookmark: Callable[[int, bool], bytes]) -> None:
        self._scope = scope
        self._render = render
        self._bookmark = bookmark
        self._queue: deque[Change] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._closed = False
        self._broken = False
        self.revision = 0
        self.unsubscribe: Callable[[], None] = lambda: None

    def push(self, change: Change) -> None:
        """Take a change from the store, in the writer's thread."""
        self._queue.append(change)
        self._notify()

    def breaks(self) -> None:
        """Break the connection: the stream ends with ConnectionResetError."""
        self._broken = True
        self._notify()

    def stop(self) -> None:
        """End the stream after what is queued."""
        self._closed = True
        self._notify()

    def _notify(self) -> None:
        loop = self._loop
        if loop is None or self._waiter is None:
            return
        if loop is _running_loop():
            self._wake()
        else:
            try:
                loop.call_soon_threadsafe(self._wake)
            except RuntimeError:  # the reader's loop is closed: nobody waits any more
                self.unsubscribe()

    def _wake(self) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _drain(self) -> bytes:
        frames: list[bytes] = []
        while self._queue:
            change = self._queue[0]
            event = event_of(change, self._scope)
            if event is not None:
                try:
                    frames.append(frame(event[0], self._render(event[1])))
                except Outside:
                    if frames:
                        break
                    raise
            self._queue.popleft()
            self.revision = change.revision
        return b"".join(frames)

    async def stream(
        self,
        initial: Iterable[bytes],
        *,
        timeout: float,
        bookmarks: bool,
        current: Callable[[], int],
        answer: Callable[[Outside], Awaitable[None]],
    ) -> AsyncIterator[bytes]:
        """The frames until the time is up (seconds) or the watch is stopped.

        `current` is the store's revision; `answer` asks a webhook without which an object can't be shown.
        """
        loop = self._loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        # The last one comes two seconds before the end, so that the next watch begins where this one ended.
        mark = loop.time() + min(BOOKMARK_INTERVAL, timeout - 2.0) if timeout > 2.0 else end
        try:
            first = b"".join(initial)
            if first:
                yield first
            while True:
                if self._broken:
                    raise ConnectionResetError("the server went away")
                self._waiter = loop.create_future()
                revision = current() if not self._queue else 0
                try:
                    frames = self._drain()
                except Outside as outside:
                    await answer(outside)
                    continue
                except StatusError as error:
                    yield frame("ERROR", encode(error.body()))
                    return
                if frames:
                    yield frames
                    continue
                if self._closed:
                    return
                now = loop.time()
                if now >= end:
                    return
                if bookmarks and now >= mark:
                    mark = now + BOOKMARK_INTERVAL
                    yield self._bookmark(max(revision, self.revision), False)
                    continue
                await self._wait(loop, min(end, mark) if bookmarks and mark > now else end)
        finally:
            self.unsubscribe()

    async def _wait(self, loop: asyncio.AbstractEventLoop, until: float) -> None:
        waiter = self._waiter
        if waiter is None or self._queue or self._closed or self._broken:
            return
        timer = loop.call_at(until, self._wake)
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiter = None


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def bookmark_frame(api_version: str, kind: str, revision: int, initial_end: bool) -> bytes:
    """A BOOKMARK; `initial_end` marks the one that ends the initial events."""
    metadata: JSONObject = {"resourceVersion": str(revision)}
    if initial_end:
        metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
    obj: dict[str, Any] = {"kind": kind, "apiVersion": api_version, "metadata": metadata}
    return frame("BOOKMARK", encode(obj))
