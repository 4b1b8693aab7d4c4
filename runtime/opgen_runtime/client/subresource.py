"""Any subresource of an object, as plain data: `client.subresource(deployment, "scale")`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from opgen_runtime import json
from opgen_runtime.client.bodies import PATCH_TYPES, Data, Patch, write_query
from opgen_runtime.client.exchange import APPLY_PATCH, JSON, Exchange, Query
from opgen_runtime.client.paths import object_path
from opgen_runtime.errors import Target
from opgen_runtime.objects import ObjectKey, ResourceType


class Subresource:
    """Verbs on one subresource. They take and return plain data, and raise as the client's verbs do."""

    __slots__ = ("_exchange", "_field_owner", "_locate", "_name")

    def __init__(
        self,
        exchange: Exchange,
        locate: Callable[[], Awaitable[tuple[ResourceType, ObjectKey]]],
        name: str,
        field_owner: str,
    ) -> None:
        self._exchange = exchange
        self._locate = locate
        self._name = name
        self._field_owner = field_owner

    async def get(self) -> Data:
        """Read it."""
        return await self._call("get", ())

    async def create(self, body: Mapping[str, Any], *, dry_run: bool = False) -> Data:
        """Post to it, as for `token` or `eviction`."""
        query = write_query(self._field_owner, dry_run=dry_run)
        return await self._call("create", query, json.dumps(body), JSON)

    async def update(self, body: Mapping[str, Any], *, dry_run: bool = False) -> Data:
        """Replace it."""
        query = write_query(self._field_owner, dry_run=dry_run)
        return await self._call("update", query, json.dumps(body), JSON)

    async def patch(self, patch: Patch, *, type: str = "merge", dry_run: bool = False) -> Data:
        """Change part of it; `type` is merge, json or strategic."""
        query = write_query(self._field_owner, dry_run=dry_run)
        return await self._call("patch", query, json.dumps(patch), PATCH_TYPES[type])

    async def apply(
        self, body: Mapping[str, Any], *, field_owner: str = "", force: bool = True, dry_run: bool = False
    ) -> Data:
        """Server-side apply to it; `body` carries apiVersion, kind and metadata.name."""
        query = write_query(field_owner or self._field_owner, dry_run=dry_run)
        query = (*query, ("force", "true" if force else "false"))
        return await self._call("patch", query, json.dumps(body), APPLY_PATCH)

    async def _call(
        self, verb: str, query: Query, body: bytes | None = None, content_type: str = JSON
    ) -> Data:
        kind, key = await self._locate()
        target = Target(verb, kind.group, kind.plural, self._name, key.namespace, key.name)
        path = object_path(kind, key.namespace, key.name, self._name)
        response = await self._exchange.call(target, path, query, body, content_type)
        data: Data = json.loads(response.body)
        return data
