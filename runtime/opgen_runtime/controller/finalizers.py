"""A controller's finalizer on the objects that it reconciles: put there before any work, removed after cleanup.

Only its own entry is ever touched. Both writes carry the resourceVersion, so that an entry that somebody else
adds meanwhile is not lost: that is a Conflict, and the key comes back.
"""

from __future__ import annotations

from typing import TypeVar

from opgen_runtime.client.client import Client
from opgen_runtime.client.transport import Metadata
from opgen_runtime.errors import NotFound
from opgen_runtime.objects import Resource, ResourceType

T = TypeVar("T", bound=Resource)


def finalizer_name(kind: ResourceType, controller: str, option: bool | str | None, wanted: bool) -> str:
    """The finalizer of a controller; empty if it has none. `wanted`: its reconciler has a `finalize`."""
    if isinstance(option, str):
        return option
    if option is False or not (option or wanted):
        return ""
    return f"{kind.group or 'core'}/{controller}"


async def add(client: Client, kind: type[T], metadata: Metadata, finalizer: str) -> T:
    """Put the finalizer on the object; returns the object as stored."""
    finalizers = [*(metadata.finalizers or ()), finalizer]
    return await _patch(client, kind, metadata, finalizers)


async def remove(client: Client, obj: Resource, finalizer: str) -> None:
    """Take the finalizer off; an object that is gone already is fine."""
    meta = obj.metadata
    finalizers = [entry for entry in meta.finalizers or () if entry != finalizer]
    metadata = Metadata(meta.name or "", meta.namespace or "", "", meta.resource_version or "")
    try:
        await _patch(client, type(obj), metadata, finalizers)
    except NotFound:
        return


async def _patch(client: Client, kind: type[T], metadata: Metadata, finalizers: list[str]) -> T:
    patch = {"metadata": {"finalizers": finalizers, "resourceVersion": metadata.resource_version}}
    return await client.patch(kind, patch, name=metadata.name, namespace=metadata.namespace)
