"""Between the version that an object is stored in and the one that is asked for.

Custom resources without a conversion webhook change their apiVersion alone. Of the built-in kinds only events are
served in two groups; they are stored as core/v1 writes them.
"""

from __future__ import annotations

from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject

EVENTS = "events.k8s.io"
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
    if obj.get("apiVersion") != info.api_version:
        return {**obj, "apiVersion": info.api_version}
    return obj


def to_stored(obj: JSONObject, info: ResourceInfo) -> JSONObject:
    """An object of this resource as it is stored."""
    if info.group == EVENTS:
        return {_BACK.get(key, key): value for key, value in obj.items()} | {"apiVersion": "v1"}
    return obj
