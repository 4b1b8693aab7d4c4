"""What is known of one kind: its objects as the server sent them, and how far that knowledge reaches.

An object is held as bytes with decoded metadata. Who reads decodes, and so gets a private copy. Decided here:
which event a change is (an object recreated under its name is a deletion and a creation; what vanished while
nobody watched is a deletion), and when a write of our own has arrived. `reflector` feeds a store.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import Protocol

import msgspec

from opgen_runtime import json
from opgen_runtime.client.transport import Item
from opgen_runtime.errors import DecodeError
from opgen_runtime.objects import ObjectKey, ResourceType
from opgen_runtime.predicates import Event, EventType

log = logging.getLogger("opgen_runtime.cache")

Transform = Callable[[Item], Item]
"""Changes what is held of an object, before anybody sees it."""

IndexFunction = Callable[[Item], Iterable[str]]
"""The values under which an index finds an object."""


class Handler(Protocol):
    """Is told of every change, in order, as it is applied. `initial`: it belongs to a first listing."""

    def __call__(self, key: ObjectKey, event: Event, initial: bool, /) -> None: ...


_decode_fields = json.decoder(dict[str, msgspec.Raw])


def strip_managed_fields(item: Item) -> Item:
    """Drops metadata.managedFields, which is often half of an object and of no use to a reconciler."""
    if b'"managedFields"' not in item.raw:
        return item
    try:
        fields = _decode_fields(item.raw)
        metadata = _decode_fields(bytes(fields["metadata"]))
    except (DecodeError, KeyError):
        return item  # whoever reads it meets the error
    if metadata.pop("managedFields", None) is None:
        return item
    fields["metadata"] = msgspec.Raw(json.dumps(metadata))
    return Item(item.metadata, json.dumps(fields))


def metadata_only(item: Item) -> Item:
    """Keeps nothing but apiVersion, kind and metadata, whatever the server sent."""
    try:
        fields = _decode_fields(item.raw)
    except DecodeError:
        return item
    kept = {name: fields[name] for name in ("apiVersion", "kind", "metadata") if name in fields}
    return strip_managed_fields(Item(item.metadata, json.dumps(kept)))


def version_number(version: str) -> int:
    """A resourceVersion as the number that Kubernetes makes of it; -1 where it is none."""
    return int(version) if version.isascii() and version.isdigit() else -1


class Progress:
    """How far one watch has come, and who waits for it to come further."""

    __slots__ = ("_order", "_synced", "_waiters", "number", "version")

    def __init__(self) -> None:
        self.version = ""
        self.number = -1
        self._synced = asyncio.Event()
        self._waiters: list[tuple[int, int, Callable[[], None]]] = []
        self._order = count()

    @property
    def synced(self) -> bool:
        """Whether everything has been listed once."""
        return self._synced.is_set()

    async def wait_synced(self) -> None:
        """Wait until it has."""
        await self._synced.wait()

    def listed(self, version: str) -> None:
        """Everything up to this version has been listed."""
        self._synced.set()
        self.advance(version)

    def advance(self, version: str) -> None:
        """The watch has seen everything up to this version."""
        self.version = version
        number = version_number(version)
        if number > self.number:
            self.number = number
            waiters = self._waiters
            while waiters and waiters[0][0] <= number:
                heapq.heappop(waiters)[2]()

    def reached(self, version: str) -> bool:
        """Whether a write that got this version has been seen. Versions that are no numbers count as seen."""
        return version_number(version) <= self.number

    def when_reached(self, version: str, callback: Callable[[], None]) -> None:
        """Call back once `version` has been seen; at once if it has."""
        number = version_number(version)
        if number <= self.number:
            callback()
        else:
            heapq.heappush(self._waiters, (number, next(self._order), callback))


class Store:
    """The objects of one kind, of all namespaces or of some.

    `namespaces` are the watched ones ("" alone: all, or a cluster-scoped kind).
    """

    def __init__(
        self,
        kind: ResourceType,
        namespaces: Iterable[str] = ("",),
        transform: Transform = strip_managed_fields,
    ) -> None:
        self.kind = kind
        self.progress: dict[str, Progress] = {namespace: Progress() for namespace in namespaces}
        self._transform = transform
        self._objects: dict[str, dict[str, Item]] = {}
        self._handlers: list[Handler] = []
        self._indexes: dict[str, tuple[IndexFunction, dict[str, dict[ObjectKey, None]]]] = {}

    def __len__(self) -> int:
        return sum(map(len, list(self._objects.values())))

    @property
    def bytes_held(self) -> int:
        """The JSON that is held, in bytes."""
        return sum(len(item.raw) for item in self.items())

    @property
    def synced(self) -> bool:
        """Whether every namespace has been listed once."""
        return all(progress.synced for progress in self.progress.values())

    def covers(self, namespace: str | None) -> bool:
        """Whether everything in this namespace (None: in all) is held here."""
        return "" in self.progress or (namespace is not None and namespace in self.progress)

    def progress_of(self, namespace: str) -> Progress | None:
        """The watch that sees objects of this namespace; None if none does."""
        return self.progress.get("") or self.progress.get(namespace)

    def get(self, namespace: str, name: str) -> Item | None:
        """One object, or None."""
        objects = self._objects.get(namespace)
        return objects.get(name) if objects is not None else None

    def items(self, namespace: str | None = None) -> Iterator[Item]:
        """The objects of a namespace, or all; a snapshot, so that the store may change meanwhile."""
        groups = list(self._objects.values()) if not namespace else [self._objects.get(namespace, {})]
        for objects in groups:
            yield from list(objects.values())

    def add_handler(self, handler: Handler) -> None:
        """From now on `handler` is told; first of what is here already, as creations."""
        self._handlers.append(handler)
        for item in self.items():
            meta = item.metadata
            handler(ObjectKey(meta.namespace, meta.name), Event(EventType.CREATE, item), True)

    def add_index(self, name: str, function: IndexFunction) -> None:
        """Index objects under what `function` gives. Adding a name again changes nothing."""
        if name not in self._indexes:
            self._indexes[name] = (function, {})
            for item in self.items():
                self._index(name, None, item)

    def by_index(self, name: str, value: str) -> list[Item]:
        """The objects that an index finds under a value. Raises KeyError for an unknown index."""
        keys = self._indexes[name][1].get(value, {})
        return [item for key in keys if (item := self.get(key.namespace, key.name)) is not None]

    def put(self, item: Item, *, initial: bool = False) -> None:
        """The server says that the object is now this."""
        item = self._transform(item)
        meta = item.metadata
        objects = self._objects.get(meta.namespace)
        if objects is None:
            objects = self._objects[meta.namespace] = {}
        old = objects.get(meta.name)
        if old is not None and old.metadata.uid != meta.uid:
            self.remove(old)
            old = None
        elif old is not None and old.metadata.resource_version == meta.resource_version:
            return  # a relist, or a stream that began a little earlier
        objects = self._objects.setdefault(meta.namespace, objects)
        objects[meta.name] = item
        if self._indexes:
            self._reindex(old, item)
        if self._handlers:
            event = Event(EventType.CREATE, item) if old is None else Event(EventType.UPDATE, item, old)
            self._tell(event, initial)

    def remove(self, last: Item) -> None:
        """The object is gone; `last` is the last form of it that anybody knows."""
        meta = last.metadata
        objects = self._objects.get(meta.namespace)
        old = objects.pop(meta.name, None) if objects is not None else None
        if objects is None or old is None:
            return
        if not objects:
            del self._objects[meta.namespace]
        if self._indexes:
            self._reindex(old, None)
        if self._handlers:
            self._tell(Event(EventType.DELETE, last), False)

    def listing(self, namespace: str) -> Listing:
        """Begin to replace everything of one watched namespace by a new list."""
        return Listing(self, namespace)

    def _tell(self, event: Event, initial: bool) -> None:
        meta = event.new.metadata
        key = ObjectKey(meta.namespace, meta.name)
        for handler in self._handlers:
            try:
                handler(key, event, initial)
            except Exception:  # one that fails must not keep the others, or the watch, from what comes
                log.exception("%s %s: a handler of the cache failed", self.kind.kind, key)

    def _reindex(self, old: Item | None, new: Item | None) -> None:
        for name in self._indexes:
            self._index(name, old, new)

    def _index(self, name: str, old: Item | None, new: Item | None) -> None:
        function, found = self._indexes[name]
        if old is not None:
            key = ObjectKey(old.metadata.namespace, old.metadata.name)
            for value in self._values(function, old):
                keys = found.get(value, {})
                keys.pop(key, None)
                if not keys:
                    found.pop(value, None)
        if new is not None:
            key = ObjectKey(new.metadata.namespace, new.metadata.name)
            for value in self._values(function, new):
                found.setdefault(value, {})[key] = None

    def _values(self, function: IndexFunction, item: Item) -> set[str]:
        try:
            return set(function(item))
        except Exception:  # such as an object that its model cannot read
            meta = item.metadata
            log.exception("%s %s/%s: it could not be indexed", self.kind.kind, meta.namespace, meta.name)
            return set()


class Listing:
    """A list in progress. Objects are put as they come; `finish` removes what the list did not have."""

    __slots__ = ("_initial", "_namespace", "_progress", "_seen", "_store")

    def __init__(self, store: Store, namespace: str) -> None:
        self._store = store
        self._namespace = namespace
        self._progress = store.progress[namespace]
        self._initial = not self._progress.synced
        self._seen: set[tuple[str, str]] = set()

    def put(self, item: Item) -> None:
        """One listed object."""
        meta = item.metadata
        self._seen.add((meta.namespace, meta.name))
        self._store.put(item, initial=self._initial)

    def remove(self, item: Item) -> None:
        """One that was listed and has been deleted since (a streaming list can say so)."""
        self._seen.discard((item.metadata.namespace, item.metadata.name))
        self._store.remove(item)

    def finish(self, version: str) -> None:
        """The list is complete at this version."""
        for item in list(self._store.items(self._namespace or None)):
            meta = item.metadata
            if (meta.namespace, meta.name) not in self._seen:
                self._store.remove(item)
        self._progress.listed(version)
