"""The events that the workload controllers record, as data."""

from __future__ import annotations

import uuid

from opgen.apiserver.message import JSONObject
from opgen.apiserver.storage import Item

COMPONENTS = {
    "Deployment": "deployment-controller",
    "ReplicaSet": "replicaset-controller",
    "StatefulSet": "statefulset-controller",
    "DaemonSet": "daemonset-controller",
    "Job": "job-controller",
}


def event(about: Item, reason: str, message: str, now: str) -> JSONObject:
    """One thing that happened to an object, told by its controller."""
    obj = about.obj
    metadata, component = obj["metadata"], COMPONENTS[obj["kind"]]
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{about.name}.{uuid.uuid4().hex[:16]}", "namespace": about.namespace},
        "involvedObject": {
            "apiVersion": obj["apiVersion"],
            "kind": obj["kind"],
            "name": about.name,
            "namespace": about.namespace,
            "uid": metadata["uid"],
            "resourceVersion": metadata.get("resourceVersion", ""),
        },
        "reason": reason,
        "message": message,
        "source": {"component": component},
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": 1,
        "type": "Normal",
        "reportingComponent": component,
        "reportingInstance": "",
    }


def created(about: Item, pod: str) -> tuple[str, str]:
    """Reason and message for a Pod that was made."""
    if about.obj["kind"] == "StatefulSet":
        return "SuccessfulCreate", f"Create Pod {pod} in StatefulSet {about.name} successful"
    return "SuccessfulCreate", f"Created pod: {pod}"


def deleted(about: Item, pod: str) -> tuple[str, str]:
    """Reason and message for a Pod that was deleted."""
    if about.obj["kind"] == "StatefulSet":
        return "SuccessfulDelete", f"Delete Pod {pod} in StatefulSet {about.name} successful"
    return "SuccessfulDelete", f"Deleted pod: {pod}"


def scaled(name: str, before: int, after: int) -> tuple[str, str]:
    """Reason and message for a Deployment that scales one of its ReplicaSets."""
    way = "up" if after > before else "down"
    return "ScalingReplicaSet", f"Scaled {way} replica set {name} from {before} to {after}"
