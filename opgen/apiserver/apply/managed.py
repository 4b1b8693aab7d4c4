"""metadata.managedFields: which manager owns which fields, after an update and after an apply.

An update takes what it changed from everybody; an apply owns what it names, conflicts with those who own
the same with another value, and removes what it named before and names no longer. `now` is the timestamp
that a changed entry gets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from opgen.apiserver.apply import fieldset
from opgen.apiserver.apply.fieldset import EMPTY, FieldSet
from opgen.apiserver.apply.typed import check, compare, merge, named_members, remove, to_set
from opgen.apiserver.apply.types import Node
from opgen.apiserver.message import JSONObject

BEFORE_FIRST_APPLY = "before-first-apply"
_ANCIENT = "ancient-changes"
_MAX_UPDATE_MANAGERS = 10

_METADATA = (
    "name",
    "namespace",
    "creationTimestamp",
    "selfLink",
    "uid",
    "clusterName",
    "generation",
    "managedFields",
    "resourceVersion",
)
_STRIPPED: FieldSet = {
    "f:apiVersion": {},
    "f:kind": {},
    "f:metadata": {".": {}, **{f"f:{name}": {} for name in _METADATA}},
}

Identity = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Manager:
    """One entry of managedFields."""

    name: str
    operation: str
    api_version: str
    time: str
    subresource: str
    fields: FieldSet

    @property
    def identity(self) -> Identity:
        version = self.api_version if self.operation == "Update" else ""
        return (self.name, self.operation, version, self.subresource)

    def entry(self) -> JSONObject:
        """The entry as it stands in an object."""
        result: JSONObject = {
            "manager": self.name,
            "operation": self.operation,
            "apiVersion": self.api_version,
        }
        if not self.name:
            del result["manager"]
        if self.time:
            result["time"] = self.time
        result["fieldsType"] = "FieldsV1"
        result["fieldsV1"] = self.fields
        if self.subresource:
            result["subresource"] = self.subresource
        return result


Managers = dict[Identity, Manager]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Fields that an apply would change and that another manager owns."""

    manager: Manager
    paths: tuple[tuple[str, ...], ...]


class ApplyConflicts(Exception):
    """An apply without force met other managers' fields."""

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        super().__init__(f"{len(conflicts)} managers")
        self.conflicts = tuple(conflicts)


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes: the field manager, in which version, through which subresource, and when."""

    name: str
    api_version: str
    subresource: str
    now: str
    ignored: FieldSet = field(default_factory=dict)


def decode(entries: Any) -> Managers | None:
    """managedFields as managers; None where an entry isn't one that the server would take."""
    managers: Managers = {}
    for raw in entries or ():
        if not isinstance(raw, dict) or raw.get("operation") not in ("Apply", "Update"):
            return None
        if raw.get("fieldsType") != "FieldsV1" or not fieldset.is_valid(raw.get("fieldsV1") or {}):
            return None
        manager = Manager(
            raw.get("manager") or "",
            raw["operation"],
            raw.get("apiVersion") or "",
            raw.get("time") or "",
            raw.get("subresource") or "",
            raw.get("fieldsV1") or {},
        )
        managers[manager.identity] = manager
    return managers


def encode(managers: Managers) -> list[JSONObject]:
    """Managers as managedFields, in the server's order."""
    ordered = sorted(
        managers.values(), key=lambda m: (m.operation, m.time, m.name, m.api_version, m.subresource)
    )
    return [manager.entry() for manager in ordered]


def is_reset(entries: Any) -> bool:
    """Whether a writer asks to forget all managers, by one empty entry."""
    return isinstance(entries, list) and bool(entries) and entries[0] in ({}, None)


def update(
    node: Node, live: JSONObject | None, new: JSONObject, writer: Writer, managers: Managers
) -> Managers:
    """The managers after an update from `live` to `new` (None for a create)."""
    if not managers and live is not None:
        return managers
    return _cap(_updated(node, base_of(node) if live is None else live, new, writer, managers))


def base_of(node: Node) -> JSONObject:
    """What an empty object of a built-in kind holds: the structs that are always written."""
    return node.zeros | {name: base_of(child) for name, child in node.fields.items() if child.base}


def _updated(node: Node, live: JSONObject, new: JSONObject, writer: Writer, managers: Managers) -> Managers:
    changes = compare(node, live, new)
    if changes.same:
        return managers
    added, modified, removed = (
        fieldset.recursive_difference(paths, writer.ignored)
        for paths in (changes.added, changes.modified, changes.removed)
    )
    taken = fieldset.union(added, modified)
    result = _released(managers, fieldset.union(taken, removed))
    own = fieldset.difference(taken, _STRIPPED)
    if own:
        _own(result, Manager(writer.name, "Update", writer.api_version, writer.now, writer.subresource, own))
    return result


def _own(managers: Managers, manager: Manager) -> None:
    previous = managers.get(manager.identity)
    if previous is not None:
        manager = replace(manager, fields=fieldset.union(manager.fields, previous.fields))
    managers[manager.identity] = manager


def _released(managers: Managers, paths: FieldSet, keep: Identity | None = None) -> Managers:
    """The managers without these paths; those left with nothing are gone."""
    if not paths:
        return dict(managers)
    result: Managers = {}
    for identity, manager in managers.items():
        if identity == keep:
            result[identity] = manager
            continue
        left = fieldset.difference(manager.fields, paths)
        if left is manager.fields:
            result[identity] = manager
        elif left:
            result[identity] = replace(manager, fields=left)
    return result


def _cap(managers: Managers) -> Managers:
    """At most ten update managers: the oldest are merged into one, a version."""
    updates = [m for m in managers.values() if m.operation == "Update"]
    surplus = len(updates) - _MAX_UPDATE_MANAGERS
    if surplus <= 0:
        return managers
    result = dict(managers)
    buckets: dict[str, Manager] = {}
    for manager in sorted(updates, key=lambda m: (m.time, m.name)):
        if surplus <= 0:
            break
        del result[manager.identity]
        bucket = buckets.get(manager.api_version)
        if bucket is None:
            bucket = replace(manager, name=_ANCIENT, subresource="")
            surplus += 1 if bucket.identity not in result else 0
        fields = fieldset.union(bucket.fields, manager.fields)
        buckets[manager.api_version] = replace(bucket, fields=fields, time=manager.time)
        surplus -= 1
    for bucket in buckets.values():
        _own(result, bucket)
    return result


@dataclass(frozen=True, slots=True)
class Applied:
    """An apply's outcome: the merged object (without managedFields) and the managers."""

    obj: JSONObject
    managers: Managers


def apply(
    node: Node,
    live: JSONObject | None,
    config: JSONObject,
    writer: Writer,
    managers: Managers,
    *,
    force: bool,
) -> Applied:
    """Lay `config` over `live` (None for a create) for `writer`. Raises ApplyConflicts, StructureError."""
    check(node, config)
    if live is None:
        live = {"apiVersion": config.get("apiVersion"), "kind": config.get("kind"), **base_of(node)}
    elif not managers:
        before = replace(writer, name=BEFORE_FIRST_APPLY, subresource="")
        managers = _updated(node, base_of(node), live, before, managers)
    identity: Identity = (writer.name, "Apply", "", writer.subresource)
    last = managers.get(identity)
    merged = merge(node, live, config)
    own = fieldset.recursive_difference(to_set(node, config), writer.ignored)
    mine = Manager(
        writer.name, "Apply", writer.api_version, last.time if last else "", writer.subresource, own
    )
    result = {**managers, identity: mine}
    if last is not None and last.fields:
        merged = _prune(node, merged, result, last.fields)
    result = _settle(node, live, merged, writer, result, identity, force=force)
    stripped = fieldset.difference(own, _STRIPPED)
    if stripped:
        # An apply that changes nothing leaves the time as it was, or out.
        result[identity] = replace(mine, fields=stripped, time=writer.now if merged != live else mine.time)
    else:
        result.pop(identity, None)
    return Applied(merged, result)


def _prune(node: Node, merged: JSONObject, managers: Managers, last: FieldSet) -> JSONObject:
    """Without what this manager named last time, unless somebody owns it still."""
    before = named_members(node, last)
    pruned = remove(node, merged, before)
    everything = named_members(node, to_set(node, merged))
    owned: FieldSet = EMPTY
    for manager in managers.values():
        owned = fieldset.union(owned, manager.fields)
    kept = fieldset.union(named_members(node, to_set(node, pruned)), named_members(node, owned))
    pruned = remove(node, merged, fieldset.difference(everything, kept))
    # Only what was named last time may go; what dangles beneath it stays.
    gone = fieldset.difference(everything, named_members(node, to_set(node, pruned)))
    result: JSONObject = remove(node, merged, fieldset.intersection(gone, before))
    return result


def _settle(
    node: Node,
    live: JSONObject,
    merged: JSONObject,
    writer: Writer,
    managers: Managers,
    identity: Identity,
    *,
    force: bool,
) -> Managers:
    changes = compare(node, live, merged)
    if changes.same:
        return dict(managers)
    taken = fieldset.recursive_difference(fieldset.union(changes.added, changes.modified), writer.ignored)
    if not force:
        conflicts = [
            Conflict(manager, tuple(fieldset.paths(shared)))
            for key, manager in managers.items()
            if key != identity and (shared := fieldset.intersection(manager.fields, taken))
        ]
        if conflicts:
            raise ApplyConflicts(conflicts)
    removed = fieldset.recursive_difference(changes.removed, writer.ignored)
    return _released(managers, fieldset.union(taken, removed), keep=identity)


def path_text(path: Sequence[str]) -> str:
    """`.spec.containers[name="a"].image`, as conflicts name a field."""
    return "".join(_element_text(element) for element in path)


def _element_text(element: str) -> str:
    kind, _, text = element.partition(":")
    if kind == "f":
        return f".{text}"
    if kind == "k":
        pairs: dict[str, Any] = msgspec.json.decode(text)
        inner = ",".join(f"{name}={msgspec.json.encode(value).decode()}" for name, value in pairs.items())
        return f"[{inner}]"
    return f"[={text}]"
