"""What controllers do on a real cluster when something is deleted: owned objects go, namespaces empty.

Runs after a write, in the same request, until nothing more follows from it; so a test never waits for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from opgen.apiserver import namespace_status
from opgen.apiserver.context import Context
from opgen.apiserver.deletes import CLEANUP, DEFINITIONS, FOREGROUND, ORPHAN, DeleteOptions, delete
from opgen.apiserver.message import JSONObject
from opgen.apiserver.storage import Change, Item, Table, key_of


class Collector:
    """Follows the store's changes and does what they ask for."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._pending: list[Change] = []
        self._owned: dict[str, set[tuple[str, str]]] = {}
        self._uids: dict[str, tuple[str, str]] = {}
        self._definitions_going: set[str] = set()
        context.store.subscribe("", self._note)

    def _note(self, change: Change) -> None:
        place = (change.table, change.key)
        if change.previous is not None:
            for uid in _owners(change.previous):
                self._owned.get(uid, set()).discard(place)
        if not change.deleted:
            for uid in _owners(change.item):
                self._owned.setdefault(uid, set()).add(place)
        uid = change.item.obj["metadata"].get("uid", "")
        if change.deleted:
            self._uids.pop(uid, None)
        else:
            self._uids[uid] = place
        metadata = change.item.obj["metadata"]
        if change.deleted or metadata.get("deletionTimestamp"):
            self._pending.append(change)

    def run(self) -> None:
        """Work until nothing follows any more."""
        while self._pending:
            change = self._pending.pop(0)
            metadata = change.item.obj["metadata"]
            if change.deleted:
                if self._context.controllers:
                    self._owner_gone(metadata.get("uid", ""))
                    self._blockers(change.item)
                    self._namespace_emptier(change.item.namespace)
                self._finish_definition(change.table)
                continue
            held = self._context.store.table(change.table).items.get(change.key)
            if held is None or held.revision != change.revision:
                continue
            if self._unheld(change, held):
                continue
            if change.table == DEFINITIONS:
                self._empty_definition(held)
            if self._context.controllers:
                self._going(change.table, held)

    def _unheld(self, change: Change, held: Item) -> bool:
        """Delete a marked object that nothing holds any more."""
        if held.obj["metadata"].get("finalizers"):
            return False
        if change.table == "/namespaces" and (held.obj.get("spec") or {}).get("finalizers"):
            return False
        self._context.store.delete(change.table, held.namespace, held.name)
        return True

    def _dependents(self, uid: str) -> Iterator[tuple[str, Item]]:
        for table, key in sorted(self._owned.get(uid, ())):
            item = self._context.store.table(table).items.get(key)
            if item is not None:
                yield table, item

    def _owner_gone(self, uid: str) -> None:
        for table, item in list(self._dependents(uid)):
            left = [uid_ for uid_ in _owners(item) if uid_ in self._uids]
            if left:
                self._drop_owner(table, item, uid)
            else:
                self._delete(table, item)

    def _delete(self, table: str, item: Item, propagation: str = "") -> None:
        info = self._context.registry.of_table(table)
        if info is not None and not item.obj["metadata"].get("deletionTimestamp"):
            delete(self._context, info, item.namespace, item.name, DeleteOptions(propagation=propagation))

    def _drop_owner(self, table: str, item: Item, uid: str) -> None:
        metadata = dict(item.obj["metadata"])
        owners = [owner for owner in metadata.get("ownerReferences") or [] if owner.get("uid") != uid]
        if owners:
            metadata["ownerReferences"] = owners
        else:
            metadata.pop("ownerReferences", None)
        self._context.store.put(table, item.namespace, {**item.obj, "metadata": metadata})

    def _going(self, table: str, held: Item) -> None:
        metadata = held.obj["metadata"]
        finalizers = metadata.get("finalizers") or []
        if ORPHAN in finalizers:
            for owned_table, item in list(self._dependents(metadata["uid"])):
                self._drop_owner(owned_table, item, metadata["uid"])
            self._drop_finalizer(table, held, ORPHAN)
        elif FOREGROUND in finalizers:
            self._foreground(table, held)
        elif table == "/namespaces":
            self._namespace_emptier(held.name)

    def _foreground(self, table: str, held: Item) -> None:
        uid = held.obj["metadata"]["uid"]
        for owned_table, item in list(self._dependents(uid)):
            self._delete(owned_table, item, "Foreground")
        blocking = [item for _, item in self._dependents(uid) if _blocks(item, uid)]
        if not blocking:
            self._drop_finalizer(table, held, FOREGROUND)

    def _blockers(self, gone: Item) -> None:
        """An object went: owners that waited for it in the foreground may go too."""
        for uid in _owners(gone):
            place = self._uids.get(uid)
            if place is None:
                continue
            held = self._context.store.table(place[0]).items.get(place[1])
            if held is not None and FOREGROUND in (held.obj["metadata"].get("finalizers") or ()):
                self._foreground(place[0], held)

    def _drop_finalizer(self, table: str, held: Item, finalizer: str) -> None:
        current = self._context.store.table(table).items.get(key_of(held.namespace, held.name))
        if current is None:
            return
        metadata = dict(current.obj["metadata"])
        metadata["finalizers"] = [f for f in metadata.get("finalizers") or [] if f != finalizer]
        if not metadata["finalizers"]:
            del metadata["finalizers"]
        self._context.store.update(table, current.namespace, {**current.obj, "metadata": metadata})

    def _namespace_emptier(self, namespace: str) -> None:
        """Empty a namespace that is being deleted; once it is empty, let it go."""
        store = self._context.store
        held = store.get("/namespaces", "", namespace) if namespace else None
        if held is None or not held.obj["metadata"].get("deletionTimestamp"):
            return
        content = list(self._content(namespace))
        for table, item in content:
            self._delete(table, item)
        if not (held.obj.get("spec") or {}).get("finalizers"):
            return
        left = list(self._content(namespace))
        if left:
            status = held.obj.get("status") or {}
            before = status.get("conditions") or []
            found = namespace_status.conditions(left, before, self._context.timestamp())
            if found != before:
                store.update("/namespaces", "", {**held.obj, "status": {**status, "conditions": found}})
            return
        spec: JSONObject = {k: v for k, v in held.obj["spec"].items() if k != "finalizers"}
        store.update("/namespaces", "", {**held.obj, "spec": spec})

    def _content(self, namespace: str) -> Iterator[tuple[str, Item]]:
        tables: list[tuple[str, Table]] = sorted(self._context.store.tables())
        for table, _ in tables:
            info = self._context.registry.of_table(table)
            if info is not None and info.namespaced:
                for item in self._context.store.items(table, namespace):
                    yield table, item

    def _empty_definition(self, held: Item) -> None:
        """A definition goes after its objects."""
        if CLEANUP not in (held.obj["metadata"].get("finalizers") or ()):
            return
        spec = held.obj["spec"]
        table = f"{spec['group']}/{spec['names']['plural']}"
        self._definitions_going.add(table)
        for item in self._context.store.items(table):
            self._delete(table, item)
        self._finish_definition(table)

    def _finish_definition(self, table: str) -> None:
        if table not in self._definitions_going or self._context.store.table(table).items:
            return
        self._definitions_going.discard(table)
        group, _, plural = table.partition("/")
        held = self._context.store.get(DEFINITIONS, "", f"{plural}.{group}")
        if held is not None:
            self._drop_finalizer(DEFINITIONS, held, CLEANUP)


def _owners(item: Item) -> list[str]:
    owners = item.obj["metadata"].get("ownerReferences")
    if not owners:
        return []
    return [owner["uid"] for owner in owners if isinstance(owner, dict) and owner.get("uid")]


def _blocks(item: Item, uid: str) -> bool:
    return any(
        owner.get("uid") == uid and owner.get("blockOwnerDeletion") is True
        for owner in item.obj["metadata"].get("ownerReferences") or ()
    )
