"""Reading one's own writes: what a reconcile has written and the cache has not seen yet.

The client reports each write; the run that made it keeps it here. Its key is not handed out again, and its own
reads of that kind wait, until the cache has come that far; both for `PATIENCE` seconds at most. Events of own
writes are never filtered: a foreign change can hide behind one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from opgen_runtime.cache.cache import Cache
from opgen_runtime.cache.store import Progress, version_number
from opgen_runtime.client.transport import Metadata
from opgen_runtime.objects import ResourceType

PATIENCE = 5.0
"""Seconds after which a write that no watch shows is given up: it may be outside what is watched."""


class Writes:
    """The writes of one run: the newest version written, by the watch that will show it."""

    __slots__ = ("_newest", "made")

    def __init__(self) -> None:
        self._newest: dict[Progress, str] = {}
        self.made = False

    def note(self, progress: Progress, version: str) -> None:
        """This version was written."""
        self.made = True
        last = self._newest.get(progress)
        if last is None or version_number(version) > version_number(last):
            self._newest[progress] = version

    def unseen(self) -> list[tuple[Progress, str]]:
        """What the cache does not show yet."""
        if not self._newest:
            return []
        return [(p, version) for p, version in self._newest.items() if not p.reached(version)]

    def when_seen(self, callback: Callable[[], None]) -> None:
        """Call back once everything shows, or `PATIENCE` is over; at once if it shows already."""
        unseen = self.unseen()
        if not unseen:
            callback()
            return
        left = len(unseen)

        def shown() -> None:
            nonlocal left
            left -= 1
            if left == 0:
                timer.cancel()
                callback()

        def give_up() -> None:
            nonlocal left
            left = -1  # whatever shows later finds nobody waiting
            callback()

        timer = asyncio.get_running_loop().call_later(PATIENCE, give_up)
        for progress, version in unseen:
            progress.when_reached(version, shown)

    async def seen(self, progress: Progress) -> None:
        """Wait until what was written there shows, or `PATIENCE` is over."""
        version = self._newest.get(progress)
        if version is None or progress.reached(version):
            return
        shown = asyncio.get_running_loop().create_future()

        def show() -> None:
            if not shown.done():  # the wait may be over already
                shown.set_result(None)

        progress.when_reached(version, show)
        try:
            async with asyncio.timeout(PATIENCE):
                await shown
        except TimeoutError:
            self._newest.pop(progress, None)


_current: ContextVar[Writes | None] = ContextVar("opgen_writes", default=None)


def current_writes() -> Writes | None:
    """The writes of the run that is being executed, if any."""
    return _current.get()


@contextmanager
def recorded(writes: Writes) -> Iterator[None]:
    """Writes made inside are noted in `writes`."""
    token = _current.set(writes)
    try:
        yield
    finally:
        _current.reset(token)


class WriteLog:
    """What a controller's client tells its writes to."""

    __slots__ = ("_cache",)

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def wrote(self, kind: ResourceType, metadata: Metadata) -> None:
        """Note the write, if it belongs to a run and a watch will show it."""
        writes = _current.get()
        if writes is None:
            return
        store = self._cache.store(kind)
        progress = store.progress_of(metadata.namespace) if store is not None else None
        if progress is None or progress.reached(metadata.resource_version):
            return  # nobody watches it, or nothing was changed
        if store is not None and self._cache.selects(kind, metadata.labels):
            writes.note(progress, metadata.resource_version)
