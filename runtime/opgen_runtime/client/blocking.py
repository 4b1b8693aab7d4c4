"""The client for code that runs in a worker thread, such as a BlockingReconciler.

Each verb runs on the event loop of the client beneath and blocks the calling thread until it is done. Called
on the loop's own thread it would wait for itself, so that raises instead.
"""

from __future__ import annotations

import asyncio
import builtins
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar, overload

from opgen_runtime.client.bodies import Data, Desired, OfficialModel, Patch
from opgen_runtime.client.client import Client, PatchType, Propagation
from opgen_runtime.client.paths import Selector
from opgen_runtime.client.status import HasStatus
from opgen_runtime.client.subresource import Subresource
from opgen_runtime.objects import Resource, Unstructured

T = TypeVar("T", bound=Resource)
S = TypeVar("S")
R = TypeVar("R")


class BlockingClient:
    """A Client's verbs as ordinary functions. Arguments, results and errors are the Client's.

    Every verb raises RuntimeError on the event loop's own thread.
    """

    def __init__(self, client: Client, loop: asyncio.AbstractEventLoop) -> None:
        self._client = client
        self._loop = loop

    def get(self, kind: type[T], name: str, namespace: str | None = None) -> T:
        """See Client.get."""
        return self._run(self._client.get(kind, name, namespace))

    def find(self, kind: type[T], name: str, namespace: str | None = None) -> T | None:
        """See Client.find."""
        return self._run(self._client.find(kind, name, namespace))

    def list(
        self,
        kind: type[T],
        *,
        namespace: str | Sequence[str] | None = None,
        label_selector: Selector | None = None,
        field_selector: Selector | None = None,
    ) -> list[T]:
        """See Client.list."""
        return self._run(
            self._client.list(
                kind, namespace=namespace, label_selector=label_selector, field_selector=field_selector
            )
        )

    def kind(self, api_version: str, kind: str) -> type[Unstructured]:
        """See Client.kind."""
        return self._run(self._client.kind(api_version, kind))

    def create(self, obj: T, *, dry_run: bool = False, field_validation: str | None = None) -> T:
        """See Client.create."""
        return self._run(self._client.create(obj, dry_run=dry_run, field_validation=field_validation))

    def update(self, obj: T, *, dry_run: bool = False, field_validation: str | None = None) -> T:
        """See Client.update."""
        return self._run(self._client.update(obj, dry_run=dry_run, field_validation=field_validation))

    def patch(
        self,
        target: T | type[T],
        patch: Patch,
        *,
        name: str = "",
        namespace: str | None = None,
        type: PatchType = "merge",
        dry_run: bool = False,
    ) -> T:
        """See Client.patch."""
        if isinstance(target, Resource):
            return self._run(self._client.patch(target, patch, type=type, dry_run=dry_run))
        return self._run(
            self._client.patch(target, patch, name=name, namespace=namespace, type=type, dry_run=dry_run)
        )

    @overload
    def apply(
        self, obj: T, *, field_owner: str | None = None, force: bool = True, dry_run: bool = False
    ) -> T: ...
    @overload
    def apply(
        self,
        obj: Mapping[str, Any] | OfficialModel,
        *,
        field_owner: str | None = None,
        force: bool = True,
        dry_run: bool = False,
    ) -> Unstructured: ...
    def apply(
        self, obj: Any, *, field_owner: str | None = None, force: bool = True, dry_run: bool = False
    ) -> Resource:
        """See Client.apply."""
        result: Resource = self._run(
            self._client.apply(obj, field_owner=field_owner, force=force, dry_run=dry_run)
        )
        return result

    @overload
    def apply_all(
        self, owner: Resource, desired: Iterable[T], *, field_owner: str | None = None
    ) -> builtins.list[T]: ...
    @overload
    def apply_all(
        self, owner: Resource, desired: Iterable[Desired], *, field_owner: str | None = None
    ) -> builtins.list[Resource]: ...
    def apply_all(
        self, owner: Resource, desired: Iterable[Any], *, field_owner: str | None = None
    ) -> builtins.list[Any]:
        """See Client.apply_all."""
        return self._run(self._client.apply_all(owner, desired, field_owner=field_owner))

    def delete(
        self,
        target: Resource | type[Resource],
        name: str = "",
        namespace: str | None = None,
        *,
        propagation: Propagation | None = None,
        grace_period: int | None = None,
        missing_ok: bool = False,
        dry_run: bool = False,
    ) -> None:
        """See Client.delete."""
        if isinstance(target, Resource):
            deletion = self._client.delete(
                target,
                propagation=propagation,
                grace_period=grace_period,
                missing_ok=missing_ok,
                dry_run=dry_run,
            )
        else:
            deletion = self._client.delete(
                target,
                name,
                namespace,
                propagation=propagation,
                grace_period=grace_period,
                missing_ok=missing_ok,
                dry_run=dry_run,
            )
        self._run(deletion)

    def delete_all_of(
        self,
        kind: type[Resource],
        *,
        namespace: str | None = None,
        label_selector: Selector | None = None,
        field_selector: Selector | None = None,
        propagation: Propagation | None = None,
    ) -> None:
        """See Client.delete_all_of."""
        self._run(
            self._client.delete_all_of(
                kind,
                namespace=namespace,
                label_selector=label_selector,
                field_selector=field_selector,
                propagation=propagation,
            )
        )

    @overload
    def status(self, obj: Unstructured) -> AbstractContextManager[Data]: ...
    @overload
    def status(self, obj: HasStatus[S]) -> AbstractContextManager[S]: ...
    def status(self, obj: Any) -> AbstractContextManager[Any]:
        """`with client.status(obj) as status:`; see Client.status."""
        return self._status(obj)

    def subresource(
        self,
        target: Resource | type[Resource],
        subresource: str,
        name: str = "",
        namespace: str | None = None,
    ) -> BlockingSubresource:
        """See Client.subresource."""
        return BlockingSubresource(self._client.subresource(target, subresource, name, namespace), self._run)

    def logs(
        self,
        pod: str,
        namespace: str | None = None,
        *,
        container: str | None = None,
        previous: bool = False,
        tail_lines: int | None = None,
    ) -> str:
        """See Client.logs."""
        return self._run(
            self._client.logs(pod, namespace, container=container, previous=previous, tail_lines=tail_lines)
        )

    def evict(self, pod: str, namespace: str | None = None, *, grace_period: int | None = None) -> None:
        """See Client.evict."""
        self._run(self._client.evict(pod, namespace, grace_period=grace_period))

    def wait_for(
        self,
        target: T | type[T],
        condition: Callable[[T | None], bool],
        *,
        name: str = "",
        namespace: str | None = None,
        timeout: float = 60.0,
    ) -> T | None:
        """See Client.wait_for; `condition` is called on the event loop's thread."""
        return self._run(
            self._client.wait_for(target, condition, name=name, namespace=namespace, timeout=timeout)
        )

    @contextmanager
    def _status(self, obj: Any) -> Iterator[Any]:
        # Entering and a failed block do no I/O; only what a finished block changed goes through the loop.
        session = self._client.status(obj)
        status = self._run(session.__aenter__())
        try:
            yield status
        except BaseException as err:
            self._run(session.__aexit__(type(err), err, err.__traceback__))
            raise
        self._run(session.__aexit__(None, None, None))

    def _run(self, work: Coroutine[Any, Any, R]) -> R:
        try:
            running: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            running = None
        if running is self._loop:
            work.close()
            raise RuntimeError(
                "a BlockingClient was called on the event loop's own thread: await a Client there"
            )
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()  # an interrupted wait; a finished future ignores this
            raise


class BlockingSubresource:
    """Verbs of a subresource as ordinary functions; see Subresource."""

    def __init__(self, subresource: Subresource, run: Callable[[Coroutine[Any, Any, Data]], Data]) -> None:
        self._subresource = subresource
        self._run = run

    def get(self) -> Data:
        """Read it."""
        return self._run(self._subresource.get())

    def create(self, body: Mapping[str, Any]) -> Data:
        """Post to it."""
        return self._run(self._subresource.create(body))

    def update(self, body: Mapping[str, Any]) -> Data:
        """Replace it."""
        return self._run(self._subresource.update(body))

    def patch(self, patch: Patch, *, type: PatchType = "merge") -> Data:
        """Change part of it."""
        return self._run(self._subresource.patch(patch, type=type))
