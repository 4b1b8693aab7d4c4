"""What etcd is to the real server: objects, one revision counter, and the history of changes.

An object that is stored is never mutated; a write stores another dict, which may share parts with the
old one. The history serves watches from an older revision, and consistent pages of a list; what is
older than `history` changes is gone, and asking for it is `Compacted`.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from opgen.apiserver.message import JSONObject


class Compacted(Exception):
    """The revision asked for is older than the history reaches."""

    def __init__(self, wanted: int, oldest: int) -> None:
        super().__init__(f"{wanted} < {oldest}")
        self.wanted = wanted
        self.oldest = oldest


class Item:
    """One stored state of an object. `memo` holds what others derive from it (its bytes, its managers)."""

    __slots__ = ("memo", "namespace", "obj", "revision")

    def __init__(self, obj: JSONObject, revision: int, namespace: str) -> None:
        self.obj = obj
        self.revision = revision
        self.namespace = namespace
        self.memo: dict[str, Any] = {}

    @property
    def name(self) -> str:
        return str(self.obj["metadata"]["name"])


class Change:
    """One change: `item` is the state after it (the last state, with a new revision, for a deletion)."""

    __slots__ = ("deleted", "item", "key", "previous", "revision", "table")

    def __init__(
        self, table: str, key: str, revision: int, item: Item, previous: Item | None, deleted: bool
    ) -> None:
        self.table = table
        self.key = key
        self.revision = revision
        self.item = item
        self.previous = previous
        self.deleted = deleted


def key_of(namespace: str, name: str) -> str:
    """The key inside a table; sorts as etcd's keys do."""
    return f"{namespace}/{name}" if namespace else name


class Table:
    """The objects of one resource, by key, and the keys in order."""

    __slots__ = ("items", "keys")

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.keys: list[str] = []


Listener = Callable[[Change], None]


class Store:
    """All objects. Not thread-safe: `server` holds a lock around each request."""

    def __init__(self, *, history: int = 10_000) -> None:
        self.revision = 1
        self.compacted = 0
        self._tables: dict[str, Table] = {}
        self._history: deque[Change] = deque()
        self._limit = max(1, history)
        self._listeners: dict[str, list[Listener]] = {}

    def table(self, table: str) -> Table:
        """The table of that name, made when first asked for."""
        found = self._tables.get(table)
        if found is None:
            found = self._tables[table] = Table()
        return found

    def tables(self) -> Iterator[tuple[str, Table]]:
        """All tables that were ever used."""
        yield from list(self._tables.items())

    def get(self, table: str, namespace: str, name: str) -> Item | None:
        """The object's current state, or None."""
        return self.table(table).items.get(key_of(namespace, name))

    def put(self, table: str, namespace: str, obj: JSONObject) -> Item:
        """Store a new object or another state of one; gives it the next resourceVersion."""
        self.revision += 1
        metadata = {**obj["metadata"], "resourceVersion": str(self.revision)}
        item = Item({**obj, "metadata": metadata}, self.revision, namespace)
        key = key_of(namespace, metadata["name"])
        held = self.table(table)
        previous = held.items.get(key)
        if previous is None:
            insort(held.keys, key)
        held.items[key] = item
        self._record(Change(table, key, self.revision, item, previous, deleted=False))
        return item

    def update(self, table: str, namespace: str, obj: JSONObject) -> Item:
        """Store another state of an object; one that is going and that nothing holds any more is deleted instead.

        It is deleted as it was: no event tells of the state in which nothing held it. That state is returned.
        """
        metadata = obj["metadata"]
        previous = self.get(table, namespace, metadata["name"])
        held = metadata.get("finalizers") or (
            table == "/namespaces" and (obj.get("spec") or {}).get("finalizers")
        )
        if previous is None or held or not metadata.get("deletionTimestamp"):
            return self.put(table, namespace, obj)
        self.delete(table, namespace, metadata["name"])
        version = previous.obj["metadata"]["resourceVersion"]
        last = {**obj, "metadata": {**metadata, "resourceVersion": version}}
        return Item(last, previous.revision, namespace)

    def delete(self, table: str, namespace: str, name: str) -> Item:
        """Remove an object that is there; returns its last state under the deletion's revision."""
        held = self.table(table)
        key = key_of(namespace, name)
        previous = held.items.pop(key)
        del held.keys[bisect_left(held.keys, key)]
        self.revision += 1
        metadata = {**previous.obj["metadata"], "resourceVersion": str(self.revision)}
        item = Item({**previous.obj, "metadata": metadata}, self.revision, namespace)
        self._record(Change(table, key, self.revision, item, previous, deleted=True))
        return item

    def _record(self, change: Change) -> None:
        self._history.append(change)
        if len(self._history) > self._limit:
            self.compacted = self._history.popleft().revision
        for listener in self._listeners.get(change.table, ()):
            listener(change)
        for listener in self._listeners.get("", ()):
            listener(change)

    def compact(self) -> None:
        """Forget the whole history, as etcd's compaction does."""
        self._history.clear()
        self.compacted = self.revision

    def changes_since(self, table: str, revision: int) -> list[Change]:
        """The table's changes after `revision`, in order. Raises Compacted."""
        if revision < self.compacted:
            raise Compacted(revision, self.compacted)
        found: list[Change] = []
        for change in reversed(self._history):
            if change.revision <= revision:
                break
            if change.table == table:
                found.append(change)
        found.reverse()
        return found

    def items(self, table: str, namespace: str = "") -> list[Item]:
        """The current objects in the order of their keys; one namespace's or all."""
        held = self.table(table)
        if not namespace:
            return [held.items[key] for key in held.keys]
        prefix = f"{namespace}/"
        start = bisect_left(held.keys, prefix)
        found: list[Item] = []
        for position in range(start, len(held.keys)):
            key = held.keys[position]
            if not key.startswith(prefix):
                break
            found.append(held.items[key])
        return found

    def items_at(self, table: str, revision: int, namespace: str = "") -> list[Item]:
        """The objects as they were at `revision`. Raises Compacted."""
        changes = self.changes_since(table, revision)
        if not changes:
            return self.items(table, namespace)
        state: dict[str, Item] = dict(self.table(table).items)
        for change in reversed(changes):
            if change.previous is None:
                state.pop(change.key, None)
            else:
                state[change.key] = change.previous
        return [state[key] for key in sorted(state) if not namespace or state[key].namespace == namespace]

    def subscribe(self, table: str, listener: Listener) -> Callable[[], None]:
        """Call `listener` with each change of `table` ("" for all); returns what ends it."""
        listeners = self._listeners.setdefault(table, [])
        listeners.append(listener)

        def unsubscribe() -> None:
            if listener in listeners:
                listeners.remove(listener)

        return unsubscribe
