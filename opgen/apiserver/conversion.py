"""Between the version that an object is stored in and the one that is asked for.

Custom resources without a conversion webhook change their apiVersion alone. Of the built-in kinds events are
served in two groups, and stored as core/v1 writes them; autoscalers in two versions, and stored as the newer.
"""

from __future__ import annotations

from opgen.apiserver import autoscalers
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject

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
    if obj.get("apiVersion") != info.api_version:
        return {**obj, "apiVersion": info.api_version}
    return obj


def to_stored(obj: JSONObject, info: ResourceInfo) -> JSONObject:
    """An object of this resource as it is stored."""
    if info.group == EVENTS:
        return {_BACK.get(key, key): value for key, value in obj.items()} | {"apiVersion": "v1"}
    if info.api_version == AUTOSCALING_V1 and info.plural == "horizontalpodautoscalers":
        return autoscalers.to_v2(obj)
    return obj
