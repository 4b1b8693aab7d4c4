"""Who owns what of an object that is written: from the managers it had to those that it has, and whether it changed."""

from __future__ import annotations

from typing import Any

from opgen.apiserver.apply import managed
from opgen.apiserver.apply.managed import Managers, Writer
from opgen.apiserver.apply.typed import StructureError, check
from opgen.apiserver.context import Context
from opgen.apiserver.conversion import to_served
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject
from opgen.apiserver.storage import Item
from opgen.apiserver.webhooks.convert import webhook_of


def managers_of(item: Item) -> Managers:
    """The decoded managedFields of a stored object; kept with it."""
    found: Managers | None = item.memo.get("managers")
    if found is None:
        found = managed.decode(item.obj["metadata"].get("managedFields")) or {}
        item.memo["managers"] = found
    return found


def track(
    context: Context,
    info: ResourceInfo,
    live: JSONObject | None,
    new: JSONObject,
    manager: str,
    subresource: str,
    managers: Managers | None,
) -> Managers:
    """The managers after `manager` has written `new` over the live object, or anew."""
    strategy = context.strategy(info)
    new, live = to_served(new, info), None if live is None else to_served(live, info)
    now = "" if subresource == "scale" else context.timestamp()  # the real server dates all but these
    writer = Writer(manager, info.api_version, subresource, now, strategy.ignored(subresource))
    if live is None:  # a new object's fields that are null were so before it was written
        new = {key: value for key, value in new.items() if value is not None}
    try:
        fits_versions(context, info, managers or {}, live, new)
    except StructureError:  # the real server then knows of no managers any more
        return {}
    try:
        return managed.update(strategy.node, live, new, writer, managers or {})
    except StructureError:
        return managers or {}


def fits_versions(
    context: Context, info: ResourceInfo, managers: Managers, *objects: JSONObject | None
) -> None:
    """Raise StructureError where objects have fields that the version of one of their managers doesn't have.

    The real server shows each manager the objects in its version: their apiVersion changed, and nothing lost.
    """
    if not info.custom or webhook_of(info) is not None:
        return
    for api_version in dict.fromkeys(held.api_version for held in managers.values()):
        other = context.registry.get(info.group, api_version.rpartition("/")[2], info.plural)
        if other is None or other.version == info.version:
            continue
        for obj in objects:
            if obj is not None:
                check(context.strategy(other).node, {**obj, "apiVersion": api_version})


def managers_before(held: Item, entries: Any, subresource: str) -> Managers | None:
    """The managers that an update starts from; None where it asks to forget them all."""
    if not subresource and entries is not None:
        if managed.is_reset(entries):
            return None
        if entries and entries != held.obj["metadata"].get("managedFields"):
            provided = managed.decode(entries)
            if provided:
                return provided
    return managers_of(held)


def is_same(new: JSONObject, old: JSONObject) -> bool:
    """Whether a write changes nothing but the times in managedFields."""
    if new.keys() != old.keys():
        return False
    for key, value in new.items():
        if key != "metadata" and value is not old[key] and value != old[key]:
            return False
    a, b = dict(new["metadata"]), dict(old["metadata"])
    a.pop("resourceVersion", None)
    b.pop("resourceVersion", None)
    ours, theirs = a.pop("managedFields", None), b.pop("managedFields", None)
    return a == b and _untimed(ours) == _untimed(theirs)


def _untimed(entries: Any) -> list[JSONObject]:
    found = [{k: v for k, v in entry.items() if k != "time"} for entry in entries or ()]
    return sorted(found, key=lambda e: [str(e.get(name, "")) for name in _ENTRY_ORDER])


_ENTRY_ORDER = ("operation", "manager", "apiVersion", "subresource")
