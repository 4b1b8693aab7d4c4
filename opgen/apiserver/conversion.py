"""Between the version that an object is stored in and the one that is asked for.

Custom resources without a conversion webhook change their apiVersion, and lose what the other version doesn't have;
they are always kept in the storage version. Of the built-in kinds events are
served in two groups, and stored as core/v1 writes them; autoscalers in two versions, and stored as the newer.
"""

from __future__ import annotations

from collections.abc import Sequence

from opgen.apiextensions import as_stored, in_version
from opgen.apiserver import autoscalers
from opgen.apiserver.call import current
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject
from opgen.apiserver.status import StatusError, too_many_requests
from opgen.apiserver.storage import Item
from opgen.apiserver.webhooks.convert import convert, webhook_of

EVENTS = "events.k8s.io"
AUTOSCALING_V1 = "autoscaling/v1"
_RENAMED = {
    "involvedObject": "regarding",
    "message": "note",
    "count": "deprecatedCount",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp",
    "source": "deprecatedSource",
    "reportingComponent": "reportingController",
}
_BACK = {new: old for old, new in _RENAMED.items()}


def to_served(obj: JSONObject, info: ResourceInfo) -> JSONObject:
    """A stored object as this resource shows it."""
    if info.group == EVENTS:
        return {_RENAMED.get(key, key): value for key, value in obj.items()} | {
            "apiVersion": info.api_version
        }
    if info.api_version == AUTOSCALING_V1 and info.plural == "horizontalpodautoscalers":
        return autoscalers.to_v1(obj)
    if obj.get("apiVersion") == info.api_version:
        return obj
    hook = webhook_of(info)
    call = current()
    if hook is not None and call.admits:
        return convert(call, hook, [obj], info, info.api_version)[0]
    if hook is None and info.definition is not None:
        return in_version(info.definition, obj, info.version)
    return {**obj, "apiVersion": info.api_version}


def served(item: Item, info: ResourceInfo) -> JSONObject:
    """A stored object as this resource shows it; kept with it where that took more than a word."""
    if item.obj.get("apiVersion") == info.api_version:
        return item.obj
    held: JSONObject | None = item.memo.get(_key(info.api_version))
    if held is None:
        held = to_served(item.obj, info)
        if info.custom and (current().admits or webhook_of(info) is None):
            item.memo[_key(info.api_version)] = held
    return held


def prepare(items: Sequence[Item], info: ResourceInfo) -> None:
    """Convert what isn't yet in this resource's version, all at once, as a list of them is."""
    hook, call = webhook_of(info), current()
    if hook is None or not call.admits:
        return
    key = _key(info.api_version)
    waiting = [i for i in items if i.obj.get("apiVersion") != info.api_version and key not in i.memo]
    if waiting:
        objects = [item.obj for item in waiting]
        try:
            shown = convert(call, hook, objects, info, info.api_version)
        except StatusError as error:
            what = f"{info.api_version}, Kind={info.kind}: {error.message}"
            raise too_many_requests(f"storage is (re)initializing: failed to list {what}", 1) from None
        for item, obj in zip(waiting, shown, strict=True):
            item.memo[key] = obj


def to_storage(obj: JSONObject, info: ResourceInfo) -> tuple[JSONObject, JSONObject | None]:
    """An object of a custom resource as it is stored; and, where a webhook was asked, how it comes back."""
    hook, call = webhook_of(info), current()
    version = info.definition.storage_version if info.definition is not None else None
    if info.definition is None or version is None or version.name == info.version:
        return obj, None
    if hook is None:
        stored = obj.get("apiVersion") == f"{info.group}/{version.name}"
        return obj if stored else as_stored(info.definition, obj), None
    if not call.admits:
        return obj, None
    stored = convert(call, hook, [obj], info, f"{info.group}/{version.name}")[0]
    return stored, convert(call, hook, [stored], info, info.api_version)[0]


def remember(item: Item, back: JSONObject, info: ResourceInfo) -> None:
    """Keep with an object just stored how it comes back in the version that it was written in."""
    own = {name: back["metadata"][name] for name in ("labels", "annotations") if name in back["metadata"]}
    kept = {key: value for key, value in item.obj["metadata"].items() if key not in ("labels", "annotations")}
    item.memo[_key(info.api_version)] = {**back, "metadata": kept | own}


def _key(version: str) -> str:
    return f"object {version}"


def to_stored(obj: JSONObject, info: ResourceInfo) -> JSONObject:
    """An object of this resource as it is stored."""
    if info.group == EVENTS:
        return {_BACK.get(key, key): value for key, value in obj.items()} | {"apiVersion": "v1"}
    if info.api_version == AUTOSCALING_V1 and info.plural == "horizontalpodautoscalers":
        return autoscalers.to_v2(obj)
    return obj
