"""Replacing an object whose change the server refuses because a field is immutable: deleted, awaited, made anew.

Only on request (`on_immutable="recreate"`), and only an object that the same owner controls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from opgen_runtime import json
from opgen_runtime.client.bodies import Data, delete_options
from opgen_runtime.client.exchange import JSON
from opgen_runtime.client.raw import metadata_of
from opgen_runtime.client.wait import wait_for
from opgen_runtime.errors import Invalid, NotFound, OwnershipError
from opgen_runtime.objects import ObjectKey, ResourceType

if TYPE_CHECKING:
    from opgen_runtime.client.base import ClientBase

OnImmutable = Literal["error", "recreate"]

GONE_SECONDS = 60.0
"""How long the deletion may take: finalizers and grace periods belong to it."""


def is_immutable(error: Invalid) -> bool:
    """Whether it was an immutable field that the server refused to change, in its own words."""
    texts = [error.message, *(cause.message for cause in error.causes)]
    return any(
        "immutable" in text or "updates to statefulset spec for fields other than" in text for text in texts
    )


async def remove(client: ClientBase, kind: ResourceType, key: ObjectKey, owner: Data | None) -> None:
    """Delete the object and wait until it is gone. Raises OwnershipError if `owner` does not control it."""
    target, path = client.at("get", kind, key)
    try:
        metadata = metadata_of((await client.exchange.call(target, path)).body)
        controllers = [r.uid for r in metadata.owner_references or () if r.controller]
        if owner is not None and controllers != [owner["uid"]]:
            raise OwnershipError(
                f"{kind.kind} {key} is not controlled by {owner['kind']} {owner['name']}: not deleted"
            )
        options = delete_options("Background", None, metadata.uid, None)
        target, path = client.at("delete", kind, key)
        await client.exchange.call(target, path, (), json.dumps(options), JSON)
    except NotFound:
        return

    def gone(raw: bytes | None) -> bool:
        return raw is None or metadata_of(raw).uid != metadata.uid

    if not client.gate.dry_run:
        await wait_for(client.raw, kind, key, bytes, gone, GONE_SECONDS)
