"""Server-side apply, for one object and for all that an owner owns.

Decides whether an apply has to be sent at all: a server's defaulting can make every apply of the same data a
write, so the last result is remembered (a hash of what was sent, the version that came back), and as long as
the cache holds just that version nothing is sent. A foreign change moves the version, and the next apply goes
out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from opgen_runtime import json
from opgen_runtime.client.bodies import Data, Desired, applied_body, as_resource, key_of
from opgen_runtime.client.exchange import APPLY_PATCH, Query
from opgen_runtime.client.raw import metadata_of
from opgen_runtime.client.recreate import OnImmutable, is_immutable, remove
from opgen_runtime.errors import Invalid, OwnershipError
from opgen_runtime.objects import (
    ObjectKey,
    Resource,
    ResourceType,
    Unstructured,
    check_ownership,
    owner_reference,
)

if TYPE_CHECKING:
    from opgen_runtime.client.base import ClientBase

MANAGED_BY = "app.kubernetes.io/managed-by"
MEMORY = 50_000
"""Results remembered; the oldest are forgotten first, which costs one apply each."""

_Slot = tuple[ResourceType, ObjectKey, str]


class Applier:
    """Applies objects for a client and remembers the results."""

    __slots__ = ("_memory",)

    def __init__(self) -> None:
        self._memory: dict[_Slot, tuple[bytes, str]] = {}

    async def apply(
        self,
        client: ClientBase,
        obj: Resource,
        kind: ResourceType,
        *,
        field_owner: str,
        force: bool,
        query: Query,
        remember: bool,
        owner: Data | None = None,
        namespace: str = "",
        on_immutable: OnImmutable = "error",
    ) -> Resource:
        """Apply one object; `owner` is a reference to add, `namespace` the default for objects without one."""
        key = key_of(obj, kind, namespace or client.namespace)
        data = applied_body(obj, kind, key.namespace)
        _own(data["metadata"], owner, client.managed_by)
        body = json.dumps(data)
        shape = type(obj) if getattr(type(obj), "KIND", None) is not None else Unstructured.of(kind)
        slot, digest = (kind, key, field_owner), hashlib.blake2b(body, digest_size=16).digest()
        if (last := self._memory.get(slot)) is not None and last[0] == digest:
            cached = client.peek(kind, key)
            if cached is not None and cached.metadata.resource_version == last[1]:
                return shape.from_json(cached.raw)
        query = (*query, ("fieldManager", field_owner), ("force", "true" if force else "false"))
        try:
            response = await client.send_apply(kind, key, query, body, APPLY_PATCH)
        except Invalid as err:
            if on_immutable == "error" or not is_immutable(err):
                raise
            await remove(client, kind, key, owner)
            if client.gate.dry_run or ("dryRun", "All") in query:
                return shape.from_json(body)  # it was not really deleted, so it would be refused again
            response = await client.send_apply(kind, key, query, body, APPLY_PATCH)
        if remember:
            self._remember(slot, digest, metadata_of(response.body).resource_version)
        return shape.from_json(response.body)

    async def apply_all(
        self,
        client: ClientBase,
        owner: Resource,
        desired: Iterable[Desired],
        field_owner: str | None,
        on_immutable: OnImmutable = "error",
    ) -> list[Resource]:
        """See `Client.apply_all`."""
        reference: Data = owner_reference(owner).to_dict()
        namespace = owner.metadata.namespace or ""
        planned = await _plan(client, owner, desired)
        applied: list[Resource] = []
        for obj, kind in planned:
            applied.append(
                await self.apply(
                    client,
                    obj,
                    kind,
                    field_owner=client.field_owner if field_owner is None else field_owner,
                    force=True,
                    query=(("fieldValidation", client.field_validation),) if client.field_validation else (),
                    remember=not client.gate.dry_run,
                    owner=reference,
                    namespace=namespace,
                    on_immutable=on_immutable,
                )
            )
        return applied

    def _remember(self, slot: _Slot, digest: bytes, version: str) -> None:
        self._memory.pop(slot, None)  # to the end: what is applied often is forgotten last
        self._memory[slot] = (digest, version)
        if len(self._memory) > MEMORY:
            del self._memory[next(iter(self._memory))]


async def _plan(
    client: ClientBase, owner: Resource, desired: Iterable[Desired]
) -> list[tuple[Resource, ResourceType]]:
    """All objects with their kinds, after every check that needs no server."""
    planned: list[tuple[Resource, ResourceType]] = []
    seen: set[tuple[ResourceType, ObjectKey]] = set()
    for item in desired:
        obj = as_resource(item)
        kind = await client.kind_of(obj)
        if getattr(type(obj), "KIND", None) is None:
            obj = Unstructured.of(kind).from_dict(obj.to_dict())
        check_ownership(owner, obj)
        key = key_of(obj, kind, owner.metadata.namespace or client.namespace)
        if not owner.KIND.namespaced and kind.namespaced and not obj.metadata.namespace:
            raise OwnershipError(f"{kind.kind} {key.name} needs a namespace: its owner has none")
        if (kind, key) in seen:
            raise ValueError(f"{kind.kind} {key} is desired twice")
        seen.add((kind, key))
        planned.append((obj, kind))
    return planned


def _own(metadata: Data, owner: Data | None, managed_by: str) -> None:
    references: list[Any] = list(metadata.get("ownerReferences") or ())
    if owner is not None:
        references = [r for r in references if r.get("uid") != owner["uid"]] + [owner]
        metadata["ownerReferences"] = references
    if references and managed_by:
        metadata["labels"] = {MANAGED_BY: managed_by, **(metadata.get("labels") or {})}
