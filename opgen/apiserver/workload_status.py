"""The statuses that the workload controllers and a kubelet write, as data."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from opgen.apiserver.message import JSONObject

NODE = "opgen-node"
"""The node that all Pods run on."""
_HOST = "192.0.2.10"


def is_ready(pod: JSONObject) -> bool:
    """Whether a Pod counts as ready."""
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(c.get("type") == "Ready" and c.get("status") == "True" for c in conditions)


def _condition(
    type: str, status: bool | None, reason: str, message: str, now: str, held: Sequence[JSONObject]
) -> JSONObject:
    """A condition with its times; the time of the last transition stays where the status does. None is Unknown."""
    text = "Unknown" if status is None else "True" if status else "False"
    before = next((c for c in held if c.get("type") == type), None)
    same = before is not None and before.get("status") == text
    unchanged = (
        same and before is not None and (before.get("reason"), before.get("message")) == (reason, message)
    )
    if unchanged and before is not None:
        return before
    return {
        "type": type,
        "status": text,
        "lastUpdateTime": now,
        "lastTransitionTime": before["lastTransitionTime"] if same and before is not None else now,
        "reason": reason,
        "message": message,
    }


def _counted(**counts: int) -> JSONObject:
    return {name: count for name, count in counts.items() if count}


def deployment(obj: JSONObject, new: JSONObject | None, sets: Sequence[JSONObject], now: str) -> JSONObject:
    """`new` is the current ReplicaSet among `sets`; a paused Deployment may have none."""
    wanted = obj["spec"].get("replicas", 1)

    def total(name: str) -> int:
        return sum((one.get("status") or {}).get(name, 0) for one in sets)

    updated = ((new or {}).get("status") or {}).get("replicas", 0)
    available = total("availableReplicas")
    held = (obj.get("status") or {}).get("conditions") or ()
    enough = available >= wanted - _unavailable(obj["spec"], wanted)
    whether = "has" if enough else "does not have"
    first = _condition(
        "Available",
        enough,
        "MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable",
        f"Deployment {whether} minimum availability.",
        now,
        held,
    )
    complete = updated == wanted == available == total("replicas")
    second = _progress(obj, new, complete, now, held)
    asked = sum(one["spec"].get("replicas", 1) for one in sets)
    changes = [second, first] if obj["spec"].get("paused") else [first, second]
    return {
        "observedGeneration": obj["metadata"].get("generation", 1),
        **_counted(
            replicas=total("replicas"),
            updatedReplicas=updated,
            readyReplicas=total("readyReplicas"),
            availableReplicas=available,
            unavailableReplicas=max(0, asked - available),
        ),
        "terminatingReplicas": 0,
        "conditions": _in_order(held, changes),
    }


def _in_order(held: Sequence[JSONObject], changes: Sequence[JSONObject]) -> list[JSONObject]:
    """The conditions after some were set: one that changes moves to the end."""
    found = list(held)
    for change in changes:
        if change not in found:
            found = [*(one for one in found if one["type"] != change["type"]), change]
    return found


def _progress(
    obj: JSONObject, new: JSONObject | None, complete: bool, now: str, held: Sequence[JSONObject]
) -> JSONObject:
    if obj["spec"].get("paused") or new is None:
        return _condition("Progressing", None, "DeploymentPaused", "Deployment is paused", now, held)
    text = "has successfully progressed" if complete else "is progressing"
    reason = "NewReplicaSetAvailable" if complete else "ReplicaSetUpdated"
    return _condition(
        "Progressing", True, reason, f'ReplicaSet "{new["metadata"]["name"]}" {text}.', now, held
    )


def _unavailable(spec: JSONObject, wanted: int) -> int:
    """How many Pods of a Deployment may be missing."""
    limit = ((spec.get("strategy") or {}).get("rollingUpdate") or {}).get("maxUnavailable", 0)
    if isinstance(limit, str) and limit.endswith("%") and limit[:-1].isdigit():
        return wanted * int(limit[:-1]) // 100
    return limit if isinstance(limit, int) else 0


def replica_set(obj: JSONObject, pods: Sequence[JSONObject]) -> JSONObject:
    """Of a ReplicaSet that has its Pods."""
    ready = sum(map(is_ready, pods))
    return {
        "replicas": len(pods),
        **_counted(fullyLabeledReplicas=len(pods), readyReplicas=ready, availableReplicas=ready),
        "terminatingReplicas": 0,
        "observedGeneration": obj["metadata"].get("generation", 1),
    }


def stateful_set(obj: JSONObject, pods: Sequence[JSONObject], revision: str) -> JSONObject:
    """Of a StatefulSet whose Pods are all of one revision."""
    ready = sum(map(is_ready, pods))
    return {
        "observedGeneration": obj["metadata"].get("generation", 1),
        "replicas": len(pods),
        **_counted(readyReplicas=ready, currentReplicas=len(pods), updatedReplicas=len(pods)),
        "currentRevision": revision,
        "updateRevision": revision,
        "collisionCount": 0,
        "availableReplicas": ready,
    }


def daemon_set(obj: JSONObject, pods: Sequence[JSONObject]) -> JSONObject:
    """Of a DaemonSet on one node."""
    ready = sum(map(is_ready, pods))
    return {
        "currentNumberScheduled": len(pods),
        "numberMisscheduled": 0,
        "desiredNumberScheduled": 1,
        "numberReady": ready,
        "observedGeneration": obj["metadata"].get("generation", 1),
        "updatedNumberScheduled": len(pods),
        **_counted(numberAvailable=ready, numberUnavailable=1 - ready),
    }


def job(obj: JSONObject, pods: int, succeeded: int, wanted: int, now: str, indexes: str = "") -> JSONObject:
    """Of a Job with so many Pods; complete once enough of them succeeded. `indexes` are those that did."""
    status: JSONObject = {"startTime": (obj.get("status") or {}).get("startTime") or now}
    status |= _counted(active=pods - succeeded, succeeded=succeeded)
    if indexes:
        status["completedIndexes"] = indexes
    status |= {"uncountedTerminatedPods": {}, "ready": 0, "terminating": 0}
    if succeeded >= wanted:
        message = "Reached expected number of succeeded pods"
        condition = {
            "status": "True",
            "lastProbeTime": now,
            "lastTransitionTime": now,
            "reason": "CompletionsReached",
            "message": message,
        }
        status["completionTime"] = now
        status["conditions"] = [{"type": type, **condition} for type in ("SuccessCriteriaMet", "Complete")]
    return status


def suspended(now: str) -> JSONObject:
    """Of a Job that waits."""
    condition = {
        "type": "Suspended",
        "status": "True",
        "lastProbeTime": now,
        "lastTransitionTime": now,
        "reason": "JobSuspended",
        "message": "Job suspended",
    }
    counts = {"uncountedTerminatedPods": {}, "ready": 0, "terminating": 0}
    return {"conditions": [condition], **counts}


def budget(obj: JSONObject, pods: Sequence[JSONObject], now: str) -> JSONObject:
    """Of a PodDisruptionBudget that selects these Pods."""
    spec, status = obj["spec"], obj.get("status") or {}
    expected, healthy = len(pods), sum(map(is_ready, pods))
    if spec.get("maxUnavailable") is not None:
        desired = max(0, expected - _share(spec["maxUnavailable"], expected))
    else:
        desired = _share(spec.get("minAvailable", 1), expected)
    allowed = max(0, healthy - desired) if expected else 0
    generation = obj["metadata"].get("generation", 1)
    condition: JSONObject = {
        "type": "DisruptionAllowed",
        "status": "True" if allowed else "False",
        "observedGeneration": generation,
        "lastTransitionTime": now,
        "reason": "SufficientPods" if allowed else "InsufficientPods",
        "message": "",
    }
    for before in status.get("conditions") or ():
        if before.get("type") == condition["type"] and before.get("status") == condition["status"]:
            condition["lastTransitionTime"] = before["lastTransitionTime"]
    return {
        "observedGeneration": generation,
        "disruptionsAllowed": allowed,
        "currentHealthy": healthy,
        "desiredHealthy": desired,
        "expectedPods": expected,
        "conditions": [condition],
    }


def _share(value: int | str, whole: int) -> int:
    """A count, or a share of the whole, rounded up."""
    if isinstance(value, str):
        return -(-whole * int(value[:-1]) // 100) if value[:-1].isdigit() and value.endswith("%") else 0
    return value


def most(spec: JSONObject, replicas: int) -> int:
    """How many Pods a Deployment may have while it rolls."""
    strategy = spec.get("strategy") or {}
    if strategy.get("type") == "Recreate" or not replicas:
        return replicas
    return replicas + _share((strategy.get("rollingUpdate") or {}).get("maxSurge", "25%"), replicas)


_POD_CONDITIONS = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")


def pod(obj: JSONObject, now: str, *, ends: bool) -> JSONObject:
    """Of a Pod that runs, or that `ends` well."""
    address = _address(obj)
    running: JSONObject = {"running": {"startedAt": now}}
    ended: JSONObject = {
        "terminated": {"exitCode": 0, "reason": "Completed", "startedAt": now, "finishedAt": now}
    }
    spec = obj["spec"]
    conditions: list[JSONObject] = []
    for type in _POD_CONDITIONS:
        false = ends and type in ("PodReadyToStartContainers", "Ready", "ContainersReady")
        condition: JSONObject = {"type": type, "status": "False" if false else "True"}
        condition |= {"lastProbeTime": None, "lastTransitionTime": now}
        if ends and type != "PodReadyToStartContainers" and type != "PodScheduled":
            condition["reason"] = "PodCompleted"
        conditions.append(condition)
    status: JSONObject = {
        "phase": "Succeeded" if ends else "Running",
        "conditions": conditions,
        "hostIP": _HOST,
        "hostIPs": [{"ip": _HOST}],
        "podIP": address,
        "podIPs": [{"ip": address}],
        "startTime": now,
    }
    if spec.get("initContainers"):
        status["initContainerStatuses"] = [
            _container(one, ended, ready=True, started=False) for one in spec["initContainers"]
        ]
    status["containerStatuses"] = [
        _container(one, ended if ends else running, ready=not ends, started=not ends)
        for one in spec.get("containers") or ()
    ]
    status["qosClass"] = (obj.get("status") or {}).get("qosClass", "BestEffort")
    return status


def _container(container: JSONObject, state: JSONObject, *, ready: bool, started: bool) -> JSONObject:
    return {
        "name": container["name"],
        "state": state,
        "lastState": {},
        "ready": ready,
        "restartCount": 0,
        "image": container.get("image", ""),
        "imageID": "",
        "started": started,
    }


def _address(obj: JSONObject) -> str:
    number = zlib.crc32(obj["metadata"]["uid"].encode())
    return f"10.244.{number >> 8 & 255}.{(number & 255) or 1}"
