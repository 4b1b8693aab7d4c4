"""Where reads come from. `LiveReader` asks the server each time; a cache offers the same protocol.

A Client takes either; its writes always go to the server. `WriteListener` is how a cache learns of them, so
that who wrote can wait until the cache has seen it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from opgen_runtime.client.exchange import Exchange
from opgen_runtime.client.paths import object_path
from opgen_runtime.client.raw import RawClient
from opgen_runtime.client.transport import Item, Metadata
from opgen_runtime.errors import Expired, Target
from opgen_runtime.objects import ObjectKey, Resource, ResourceType

T = TypeVar("T", bound=Resource)

PAGE_SIZE = 500
"""Objects asked for at a time when everything is listed."""


class Reader(Protocol):
    """Reads objects of kinds with a `KIND`. What is returned belongs to the caller."""

    async def get(self, kind: type[T], key: ObjectKey) -> T:
        """One object. Raises NotFound."""
        ...

    async def list(
        self, kind: type[T], namespaces: Sequence[str], label_selector: str, field_selector: str
    ) -> list[T]:
        """All that match, of all namespaces when `namespaces` is empty."""
        ...

    def peek(self, kind: ResourceType, key: ObjectKey) -> Item | None:
        """What is known of an object without asking anybody; None if nothing is."""
        ...


class WriteListener(Protocol):
    """Is told of each object that the server stored for this client."""

    def wrote(self, kind: ResourceType, metadata: Metadata) -> None:
        """An object was written and now has this metadata."""
        ...


class LiveReader:
    """Asks the server."""

    __slots__ = ("_exchange", "_raw")

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._raw = RawClient(exchange)

    async def get(self, kind: type[T], key: ObjectKey) -> T:
        what = kind.KIND
        path = object_path(what, key.namespace, key.name)
        target = Target("get", what.group, what.plural, "", key.namespace, key.name)
        response = await self._exchange.call(target, path)
        return kind.from_json(response.body)

    async def list(
        self, kind: type[T], namespaces: Sequence[str], label_selector: str, field_selector: str
    ) -> list[T]:
        items = [
            item
            for namespace in namespaces or ("",)
            for item in await _all(self._raw, kind.KIND, namespace, label_selector, field_selector)
        ]
        return [kind.from_json(item.raw) for item in items]

    def peek(self, kind: ResourceType, key: ObjectKey) -> Item | None:
        return None


async def _all(raw: RawClient, kind: ResourceType, namespace: str, labels: str, fields: str) -> list[Item]:
    try:
        return await _paged(raw, kind, namespace, labels, fields, PAGE_SIZE)
    except Expired:  # the pages took longer than the server keeps a version: all at once, then
        return await _paged(raw, kind, namespace, labels, fields, 0)


async def _paged(
    raw: RawClient, kind: ResourceType, namespace: str, labels: str, fields: str, limit: int
) -> list[Item]:
    items: list[Item] = []
    token = ""
    while True:
        page = await raw.list_page(
            kind,
            namespace=namespace,
            label_selector=labels,
            field_selector=fields,
            limit=limit,
            continue_token=token,
        )
        items += page.items
        token = page.continue_token
        if not token:
            return items
