"""The client that reconcilers and scripts hold: typed verbs on objects.

Reads go to a `Reader` (the server, or a manager's cache), writes through the `Exchange`. What is not a verb of
one object lives beside it: `status` sessions, server-side `apply`, `wait`, `pods`.
"""

from __future__ import annotations

import builtins
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal, TypeVar, cast, overload

from opgen_runtime import json
from opgen_runtime.client import pods, wait
from opgen_runtime.client.base import ClientBase, class_of
from opgen_runtime.client.bodies import (
    PATCH_TYPES,
    Data,
    Desired,
    OfficialModel,
    Patch,
    as_resource,
    delete_options,
    full_body,
    key_of,
    namespace_of,
)
from opgen_runtime.client.exchange import JSON, Query
from opgen_runtime.client.paths import Selector, collection_path, selector
from opgen_runtime.client.raw import metadata_of
from opgen_runtime.client.recreate import OnImmutable
from opgen_runtime.client.status import HasStatus, StatusSession
from opgen_runtime.client.subresource import Subresource
from opgen_runtime.client.transport import Metadata
from opgen_runtime.errors import NotFound, Target
from opgen_runtime.objects import ObjectKey, Resource, ResourceType, Unstructured

T = TypeVar("T", bound=Resource)
S = TypeVar("S")

PatchType = Literal["merge", "json", "strategic"]
Propagation = Literal["Background", "Foreground", "Orphan"]


class Client(ClientBase):
    """Reads and writes objects of one cluster. Safe to share between tasks of one event loop.

    Every verb raises ApiError (by reason: NotFound, Conflict, …) for a refusal, ConnectionFailed where no
    answer came, DecodeError for an object that is not what its model says, and writes raise WriteFenced where
    this process may not write.
    """

    @staticmethod
    @asynccontextmanager
    async def connect(
        kubeconfig: str | None = None, context: str | None = None, namespace: str | None = None
    ) -> AsyncIterator[Client]:
        """A client for a script: `async with Client.connect() as client:`.

        Without arguments: KUBECONFIG, then the Pod that this runs in, then ~/.kube/config. Raises, with one
        line, ConfigurationError where no cluster is configured and ConnectionFailed where none answers.
        """
        from opgen_runtime.client.connect import (
            open_transport,  # aiohttp: not wanted by who brings a transport
        )

        transport, config = await open_transport(kubeconfig, context)
        try:
            yield Client(transport, namespace=namespace or config.namespace, host=config.server)
        finally:
            await transport.close()

    # -- reading ---------------------------------------------------------------------------------------

    async def kind(self, api_version: str, kind: str) -> type[Unstructured]:
        """The class of a kind without a model, its plural found by discovery. Raises NotFound."""
        return Unstructured.of(await self._discovery.find(api_version, kind))

    async def get(self, kind: type[T], name: str, namespace: str | None = None) -> T:
        """One object. Raises NotFound."""
        return await self._reader.get(kind, self._key(kind.KIND, name, namespace))

    async def find(self, kind: type[T], name: str, namespace: str | None = None) -> T | None:
        """One object, or None if there is none."""
        try:
            return await self.get(kind, name, namespace)
        except NotFound:
            return None

    async def list(
        self,
        kind: type[T],
        *,
        namespace: str | Sequence[str] | None = None,
        label_selector: Selector | None = None,
        field_selector: Selector | None = None,
    ) -> list[T]:
        """All objects that match, read in pages. `namespace` names one or several; None means the client's
        `namespaces`, `""` all of them."""
        if namespace is None:
            chosen: tuple[str, ...] = self.namespaces
        else:
            chosen = ((namespace,) if namespace else ()) if isinstance(namespace, str) else tuple(namespace)
        if not kind.KIND.namespaced:
            chosen = ()
        return await self._reader.list(kind, chosen, selector(label_selector), selector(field_selector))

    # -- writing ---------------------------------------------------------------------------------------

    async def create(self, obj: T, *, dry_run: bool = False, field_validation: str | None = None) -> T:
        """Create the object and return it as stored. Raises AlreadyExists, Invalid."""
        kind = await self._kind_of(obj)
        namespace = namespace_of(kind, obj.metadata.namespace, self.namespace)
        target = Target("create", kind.group, kind.plural, "", namespace, obj.metadata.name or "")
        body = full_body(obj, kind)
        query = self._write_query(dry_run, field_validation)
        return await self._write(obj, kind, target, collection_path(kind, namespace), query, body)

    async def update(self, obj: T, *, dry_run: bool = False, field_validation: str | None = None) -> T:
        """Replace the object by what is given and return it as stored.

        It must carry the resourceVersion that it was read with (ValueError otherwise), so that nothing that
        others wrote meanwhile is lost: then Conflict is raised. `apply` and `patch` need no such care.
        """
        if not obj.metadata.resource_version:
            raise ValueError("an update needs the resourceVersion of the object that was read; else apply it")
        kind = await self._kind_of(obj)
        target, path = self.at("update", kind, key_of(obj, kind, self.namespace))
        query = self._write_query(dry_run, field_validation)
        return await self._write(obj, kind, target, path, query, full_body(obj, kind))

    @overload
    async def patch(
        self,
        target: T,
        patch: Patch,
        *,
        type: PatchType = "merge",
        dry_run: bool = False,
        field_validation: str | None = None,
    ) -> T: ...
    @overload
    async def patch(
        self,
        target: type[T],
        patch: Patch,
        *,
        name: str,
        namespace: str | None = None,
        type: PatchType = "merge",
        dry_run: bool = False,
        field_validation: str | None = None,
    ) -> T: ...
    async def patch(
        self,
        target: T | type[T],
        patch: Patch,
        *,
        name: str = "",
        namespace: str | None = None,
        type: PatchType = "merge",
        dry_run: bool = False,
        field_validation: str | None = None,
    ) -> T:
        """Change part of an object (an object, or a kind and a name) and return it as stored.

        `type` is merge, json (a list of operations) or strategic (built-in kinds only).
        """
        kind, key = await self._locate(target, name, namespace)
        what, path = self.at("patch", kind, key)
        query = self._write_query(dry_run, field_validation)
        response = await self.exchange.call(what, path, query, json.dumps(patch), PATCH_TYPES[type])
        self._heard(kind, response)
        return cast("T", class_of(target, kind).from_json(response.body))

    @overload
    async def apply(
        self,
        obj: T,
        *,
        field_owner: str | None = None,
        force: bool = True,
        dry_run: bool = False,
        field_validation: str | None = None,
    ) -> T: ...
    @overload
    async def apply(
        self,
        obj: Mapping[str, Any] | OfficialModel,
        *,
        field_owner: str | None = None,
        force: bool = True,
        dry_run: bool = False,
        field_validation: str | None = None,
    ) -> Unstructured: ...
    async def apply(
        self,
        obj: Desired,
        *,
        field_owner: str | None = None,
        force: bool = True,
        dry_run: bool = False,
        field_validation: str | None = None,
    ) -> Resource:
        """Server-side apply of the fields that are set; returns the object as stored, of the class given.

        `force` takes fields over from other owners; without it they are a Conflict. Nothing is sent when the
        same was applied before and the cache still holds that very result.
        """
        resource = as_resource(obj)
        kind = await self._kind_of(resource)
        return await self._applier.apply(
            self,
            resource,
            kind,
            field_owner=self.field_owner if field_owner is None else field_owner,
            force=force,
            query=self._write_query(dry_run, field_validation, owner=""),
            remember=not (dry_run or self.gate.dry_run),
        )

    @overload
    async def apply_all(
        self,
        owner: Resource,
        desired: Iterable[T],
        *,
        field_owner: str | None = None,
        on_immutable: OnImmutable = "error",
    ) -> builtins.list[T]: ...
    @overload
    async def apply_all(
        self,
        owner: Resource,
        desired: Iterable[Desired],
        *,
        field_owner: str | None = None,
        on_immutable: OnImmutable = "error",
    ) -> builtins.list[Resource]: ...
    async def apply_all(
        self,
        owner: Resource,
        desired: Iterable[Any],
        *,
        field_owner: str | None = None,
        on_immutable: OnImmutable = "error",
    ) -> builtins.list[Any]:
        """Apply the objects in order, each owned and controlled by `owner`, in its namespace unless they name
        another. Raises OwnershipError, before anything is sent, if Kubernetes can't hold that ownership.

        `on_immutable="recreate"` deletes and makes anew a child whose change the server refuses because a field
        is immutable (needs the verb `delete`).
        """
        return await self._applier.apply_all(self, owner, desired, field_owner, on_immutable)

    @overload
    async def delete(
        self,
        target: Resource,
        *,
        propagation: Propagation | None = None,
        grace_period: int | None = None,
        resource_version: str | None = None,
        missing_ok: bool = False,
        dry_run: bool = False,
    ) -> None: ...
    @overload
    async def delete(
        self,
        target: type[Resource],
        name: str,
        namespace: str | None = None,
        *,
        propagation: Propagation | None = None,
        grace_period: int | None = None,
        uid: str | None = None,
        resource_version: str | None = None,
        missing_ok: bool = False,
        dry_run: bool = False,
    ) -> None: ...
    async def delete(
        self,
        target: Resource | type[Resource],
        name: str = "",
        namespace: str | None = None,
        *,
        propagation: Propagation | None = None,
        grace_period: int | None = None,
        uid: str | None = None,
        resource_version: str | None = None,
        missing_ok: bool = False,
        dry_run: bool = False,
    ) -> None:
        """Delete an object (an object, or a kind and a name).

        An object that was read is deleted only if it is still the same one, by UID: Conflict otherwise.
        `grace_period` is in seconds; `missing_ok` makes NotFound a success.
        """
        kind, key = await self._locate(target, name, namespace)
        if isinstance(target, Resource):
            uid = target.metadata.uid
        options = delete_options(propagation, grace_period, uid, resource_version)
        what, path = self.at("delete", kind, key)
        try:
            response = await self.exchange.call(what, path, _dry(dry_run), json.dumps(options), JSON)
        except NotFound:
            if not missing_ok:
                raise
            return
        self._heard(kind, response)

    async def delete_all_of(
        self,
        kind: type[Resource],
        *,
        namespace: str | None = None,
        label_selector: Selector | None = None,
        field_selector: Selector | None = None,
        propagation: Propagation | None = None,
        grace_period: int | None = None,
        dry_run: bool = False,
    ) -> None:
        """Delete every object that matches, in one namespace (the client's own unless given)."""
        what = kind.KIND
        where = namespace_of(what, namespace, self.namespace)
        pairs = (("labelSelector", selector(label_selector)), ("fieldSelector", selector(field_selector)))
        query = tuple(pair for pair in pairs if pair[1]) + _dry(dry_run)
        options = delete_options(propagation, grace_period, None, None)
        target = Target("deletecollection", what.group, what.plural, "", where)
        await self.exchange.call(target, collection_path(what, where), query, json.dumps(options), JSON)

    # -- subresources ----------------------------------------------------------------------------------

    @overload
    def status(self, obj: Unstructured) -> StatusSession[Data]: ...
    @overload
    def status(self, obj: HasStatus[S]) -> StatusSession[S]: ...
    def status(self, obj: Any) -> StatusSession[Any]:
        """Change the status: `async with client.status(obj) as status: status.ready = True`.

        One merge patch of what changed, nothing if nothing did or the block raises. On Conflict the change is
        made on the object as it is then. The status of the object given is brought up to date. Raises as every verb.
        """

        async def send(body: bytes) -> Metadata:
            kind = await self._kind_of(obj)
            key = key_of(obj, kind, self.namespace)
            response = await self._patch_status(kind, key, body)
            return self._heard(kind, response) or metadata_of(response.body)

        async def read() -> Mapping[str, Any]:
            kind = await self._kind_of(obj)
            target, path = self.at("get", kind, key_of(obj, kind, self.namespace))
            response = await self.exchange.call(target, path)
            return cast("Mapping[str, Any]", json.loads(response.body))

        return StatusSession(obj, send, read)

    def subresource(
        self,
        target: Resource | type[Resource],
        subresource: str,
        name: str = "",
        namespace: str | None = None,
    ) -> Subresource:
        """A subresource such as `scale` of an object (an object, or a kind and a name)."""

        async def locate() -> tuple[ResourceType, ObjectKey]:
            return await self._locate(target, name, namespace)

        return Subresource(self.exchange, locate, subresource, self.field_owner)

    async def logs(
        self,
        pod: str,
        namespace: str | None = None,
        *,
        container: str | None = None,
        previous: bool = False,
        tail_lines: int | None = None,
        since_seconds: int | None = None,
        timestamps: bool = False,
    ) -> str:
        """What a container of a Pod has logged so far."""
        options = pods.LogOptions(container, previous, tail_lines, since_seconds, timestamps)
        return await pods.logs(self.exchange, namespace or self.namespace, pod, options)

    def follow_logs(
        self,
        pod: str,
        namespace: str | None = None,
        *,
        container: str | None = None,
        tail_lines: int | None = None,
        since_seconds: int | None = None,
        timestamps: bool = False,
    ) -> AsyncIterator[str]:
        """Lines of a container's log as they come, until it ends. Silence has no limit here."""
        options = pods.LogOptions(container, False, tail_lines, since_seconds, timestamps)
        return pods.follow(self.exchange, namespace or self.namespace, pod, options)

    async def evict(
        self,
        pod: str,
        namespace: str | None = None,
        *,
        grace_period: int | None = None,
        dry_run: bool = False,
    ) -> None:
        """Delete a Pod as far as its disruption budgets allow. Raises TooManyRequests where they do not."""
        where = namespace or self.namespace
        await pods.evict(self.exchange, where, pod, grace_period, _dry(dry_run))

    async def wait_for(
        self,
        target: T | type[T],
        condition: Callable[[T | None], bool],
        *,
        name: str = "",
        namespace: str | None = None,
        timeout: float = 60.0,
    ) -> T | None:
        """Wait until `condition` holds for the object, None standing for its absence; returns what it held for.

        `lambda obj: obj is None` waits for deletion. `timeout` is in seconds; raises WaitTimedOut.
        """
        kind, key = await self._locate(target, name, namespace)
        read = cast("Callable[[bytes], T]", class_of(target, kind).from_json)
        return await wait.wait_for(self.raw, kind, key, read, condition, timeout)

    async def _write(
        self, obj: T, kind: ResourceType, target: Target, path: str, query: Query, body: Data
    ) -> T:
        response = await self.exchange.call(target, path, query, json.dumps(body), JSON)
        self._heard(kind, response)
        return type(obj).from_json(response.body)


def _dry(dry_run: bool) -> Query:
    return (("dryRun", "All"),) if dry_run else ()
