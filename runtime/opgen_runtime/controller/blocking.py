"""Threads for code that blocks: a bounded pool that never holds up the end of the process, and a client for it.

The standard library joins executor threads at exit, so that one that hangs hangs the shutdown: these are daemon
threads. Context variables go along, so that logs and read-your-writes work inside.
"""

from __future__ import annotations

import asyncio
import contextvars
import queue
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar, overload

from opgen_runtime.client.bodies import Data, Desired, Patch
from opgen_runtime.client.client import Client, PatchType, Propagation
from opgen_runtime.client.paths import Selector
from opgen_runtime.client.status import HasStatus
from opgen_runtime.objects import Resource, Unstructured

T = TypeVar("T", bound=Resource)
S = TypeVar("S")
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


class BlockingClient:
    """The verbs of Client for threads: each call waits for its answer. Raises RuntimeError on the loop's thread.

    Made on the loop's thread, of a Client that belongs to it. `client` is that Client.
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None  # made before there is one, as in a test of pure parts

    def get(self, kind: type[T], name: str, namespace: str | None = None) -> T:
        """See Client.get."""
        return self._wait(self.client.get(kind, name, namespace))

    def find(self, kind: type[T], name: str, namespace: str | None = None) -> T | None:
        """See Client.find."""
        return self._wait(self.client.find(kind, name, namespace))

    def list(
        self,
        kind: type[T],
        *,
        namespace: str | Sequence[str] | None = None,
        label_selector: Selector | None = None,
        field_selector: Selector | None = None,
    ) -> list[T]:
        """See Client.list."""
        found = self.client.list(
            kind, namespace=namespace, label_selector=label_selector, field_selector=field_selector
        )
        return self._wait(found)

    def create(self, obj: T, *, dry_run: bool = False) -> T:
        """See Client.create."""
        return self._wait(self.client.create(obj, dry_run=dry_run))

    def update(self, obj: T, *, dry_run: bool = False) -> T:
        """See Client.update."""
        return self._wait(self.client.update(obj, dry_run=dry_run))

    def patch(self, target: T, patch: Patch, *, type: PatchType = "merge", dry_run: bool = False) -> T:
        """See Client.patch."""
        return self._wait(self.client.patch(target, patch, type=type, dry_run=dry_run))

    @overload
    def apply(self, obj: T, *, field_owner: str | None = None, force: bool = True) -> T: ...
    @overload
    def apply(
        self, obj: Mapping[str, Any], *, field_owner: str | None = None, force: bool = True
    ) -> Unstructured: ...
    def apply(
        self, obj: Resource | Mapping[str, Any], *, field_owner: str | None = None, force: bool = True
    ) -> Resource:
        """See Client.apply."""
        applied: Coroutine[Any, Any, Resource] = self.client.apply(obj, field_owner=field_owner, force=force)
        return self._wait(applied)

    def apply_all(
        self, owner: Resource, desired: Iterable[Desired], *, field_owner: str | None = None
    ) -> Sequence[Resource]:
        """See Client.apply_all."""
        return self._wait(self.client.apply_all(owner, desired, field_owner=field_owner))

    def delete(
        self, target: Resource, *, propagation: Propagation | None = None, missing_ok: bool = False
    ) -> None:
        """See Client.delete."""
        self._wait(self.client.delete(target, propagation=propagation, missing_ok=missing_ok))

    @overload
    def status(self, obj: Unstructured) -> AbstractContextManager[Data]: ...
    @overload
    def status(self, obj: HasStatus[S]) -> AbstractContextManager[S]: ...
    def status(self, obj: Any) -> Any:
        """See Client.status: `with self.client.status(widget) as status:`."""
        return self._status(obj)

    def wait(self, awaitable: Awaitable[R]) -> R:
        """Wait for anything else that `client` can do: `wait(self.client.client.evict("pod"))`."""
        return self._wait(awaitable)

    @contextmanager
    def _status(self, obj: Any) -> Iterator[Any]:
        session = self.client.status(obj)
        status = self._wait(session.__aenter__())
        try:
            yield status
        except BaseException as err:
            self._wait(session.__aexit__(type(err), err, err.__traceback__))
            raise
        self._wait(session.__aexit__(None, None, None))

    def _wait(self, awaitable: Awaitable[R]) -> R:
        async def run() -> R:
            return await awaitable

        coroutine = run()
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            pass
        else:
            coroutine.close()
            raise RuntimeError("a BlockingClient would block the event loop here: use Client, and await it")
        if self._loop is None:
            coroutine.close()
            raise RuntimeError("this BlockingClient was made outside of an event loop")
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

