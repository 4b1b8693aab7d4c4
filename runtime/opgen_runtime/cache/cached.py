"""Reads from the cache where it holds what is asked for, and from the server where it does not.

Answered here: kinds that a controller names by For, Owns or Watches, in the namespaces watched. Everything
else goes to `live`: other kinds, those held as metadata only or by label as far as they are not held, field
selectors beyond name and namespace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeVar

from opgen_runtime.cache.cache import Cache
from opgen_runtime.cache.store import Store
from opgen_runtime.cache.writes import current_writes
from opgen_runtime.client.reader import Reader
from opgen_runtime.client.transport import Item
from opgen_runtime.errors import NotFound, Target
from opgen_runtime.objects import ObjectKey, Resource, ResourceType
from opgen_runtime.predicates import Selector

T = TypeVar("T", bound=Resource)

_FIELD = re.compile(r"metadata\.(name|namespace)==?([^,=!]+)")


class CachedReader:
    """A client's reader over a cache. What it returns is decoded for the caller alone."""

    __slots__ = ("_cache", "_live")

    def __init__(self, cache: Cache, live: Reader) -> None:
        self._cache = cache
        self._live = live

    async def get(self, kind: type[T], key: ObjectKey) -> T:
        """One object, not older than what this run wrote. Raises NotFound."""
        store = self._holding(kind.KIND, (key.namespace,))
        if store is None:
            return await self._live.get(kind, key)
        await _catch_up(store, (key.namespace,))
        item = store.get(key.namespace, key.name)
        if item is None and self._cache.is_selective(kind.KIND):
            return await self._live.get(kind, key)
        if item is None:
            what = kind.KIND
            resource = f"{what.plural}.{what.group}" if what.group else what.plural
            target = Target("get", what.group, what.plural, "", key.namespace, key.name)
            raise NotFound(404, "NotFound", f'{resource} "{key.name}" not found', target=target)
        return kind.from_json(item.raw)

    async def list(
        self, kind: type[T], namespaces: Sequence[str], label_selector: str, field_selector: str
    ) -> list[T]:
        """All that match, in no particular order."""
        fields = _name_and_namespace(field_selector)
        store = self._holding(kind.KIND, namespaces or (None,))
        if store is None or fields is None or self._cache.is_selective(kind.KIND):
            return await self._live.list(kind, namespaces, label_selector, field_selector)
        await _catch_up(store, tuple(namespaces) or tuple(store.progress))
        labels = Selector.parse(label_selector)
        return [
            kind.from_json(item.raw)
            for item in _in_namespaces(store, namespaces)
            if labels.matches(item.metadata.labels)
            and item.metadata.name == fields.get("name", item.metadata.name)
            and item.metadata.namespace == fields.get("namespace", item.metadata.namespace)
        ]

    def peek(self, kind: ResourceType, key: ObjectKey) -> Item | None:
        """What the cache holds now of the whole object."""
        store = self._cache.store(kind) if not self._cache.is_partial(kind) else None
        return store.get(key.namespace, key.name) if store is not None else None

    def _holding(self, kind: ResourceType, namespaces: Sequence[str | None]) -> Store | None:
        store = self._cache.store(kind)
        if store is None or self._cache.is_partial(kind) or not store.synced:
            return None
        return store if all(store.covers(namespace) for namespace in namespaces) else None


def _in_namespaces(store: Store, namespaces: Sequence[str]) -> Iterator[Item]:
    for namespace in namespaces or (None,):
        yield from store.items(namespace)


async def _catch_up(store: Store, namespaces: Sequence[str]) -> None:
    writes = current_writes()
    if writes is not None and writes.unseen():
        for namespace in namespaces:
            progress = store.progress_of(namespace)
            if progress is not None:
                await writes.seen(progress)


def _name_and_namespace(field_selector: str) -> dict[str, str] | None:
    """The name and namespace that a field selector asks for; None if it asks for more."""
    found: dict[str, str] = {}
    for part in filter(None, field_selector.split(",")):
        match = _FIELD.fullmatch(part.strip())
        if match is None:
            return None
        found[match[1]] = match[2]
    return found
