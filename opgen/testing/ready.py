"""`make_ready`: what Kubernetes' own controllers write into a status, for tests on an API server without them.

`ready_status` is the other side of `opgen_runtime.objects.readiness`: by its rules an object with that status is ready.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from opgen_runtime.client import Client
from opgen_runtime.objects import Resource, is_ready

Data = Mapping[str, Any]


async def make_ready(client: Client, objects: Iterable[Resource]) -> None:
    """Give each object, as it is on the server, the status that `is_ready` waits for. Ready ones stay as they are.

    Raises NotFound for one that isn't there, so `await eventually(lambda: make_ready(client, desired(owner)))` waits
    until all of them were created.
    """
    for obj in objects:
        current = await client.get(type(obj), obj.metadata.name or "", obj.metadata.namespace)
        if not is_ready(current):
            status = ready_status(current)
            await client.subresource(current, "status").patch({"status": status})


def ready_status(obj: Resource) -> dict[str, Any]:
    """The status with which the object is ready, as a merge patch.

    A kind that isn't built in gets the condition Ready, and the generation observed where it says which one was.
    """
    return _KINDS.get((obj.KIND.group, obj.KIND.kind), _other)(obj.to_dict())


def _map(data: Data, key: str) -> Data:
    found = data.get(key)
    return found if isinstance(found, Mapping) else {}


def _observed(data: Data) -> dict[str, Any]:
    return {"observedGeneration": _map(data, "metadata").get("generation", 1)}


def _condition(type: str, reason: str) -> dict[str, Any]:
    return {"type": type, "status": "True", "reason": reason, "message": "", "lastTransitionTime": _now()}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _replicas(data: Data) -> int:
    found = _map(data, "spec").get("replicas")
    return found if isinstance(found, int) else 1


def _counted(data: Data, *counters: str) -> dict[str, Any]:
    return _observed(data) | dict.fromkeys(counters, _replicas(data))


def _deployment(data: Data) -> dict[str, Any]:
    counted = _counted(data, "replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
    conditions = [
        _condition("Available", "MinimumReplicasAvailable"),
        _condition("Progressing", "NewReplicaSetAvailable"),
    ]
    return counted | {"conditions": conditions}


def _replica_set(data: Data) -> dict[str, Any]:
    counters = ("replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas")
    return _counted(data, *counters) | {"conditions": None}


def _stateful_set(data: Data) -> dict[str, Any]:
    counters = ("replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas")
    return _counted(data, *counters) | {"currentRevision": "1", "updateRevision": "1"}


def _daemon_set(data: Data) -> dict[str, Any]:
    scheduled = ("desiredNumberScheduled", "currentNumberScheduled", "updatedNumberScheduled")
    counters = (*scheduled, "numberAvailable", "numberReady")
    return _observed(data) | dict.fromkeys(counters, 1) | {"numberMisscheduled": 0}


def _claim(data: Data) -> dict[str, Any]:
    spec = _map(data, "spec")
    capacity = _map(_map(spec, "resources"), "requests")
    return {"phase": "Bound", "accessModes": spec.get("accessModes"), "capacity": dict(capacity)}


def _pod(data: Data) -> dict[str, Any]:
    return {"phase": "Running", "conditions": [_condition("Ready", "")]}


def _job(data: Data) -> dict[str, Any]:
    """Done: its one run succeeded."""
    return {
        "startTime": _now(),
        "completionTime": _now(),
        "succeeded": 1,
        "conditions": [
            _condition("SuccessCriteriaMet", "CompletionsReached"),
            _condition("Complete", "CompletionsReached"),
        ],
    }


def _service(data: Data) -> dict[str, Any]:
    return {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}


def _other(data: Data) -> dict[str, Any]:
    status = _map(data, "status")
    given = status.get("conditions")
    kept = [
        condition
        for condition in (given if isinstance(given, list) else [])
        if condition.get("type") not in ("Ready", "Reconciling", "Stalled")
    ]
    observed = _observed(data) if "observedGeneration" in status else {}
    return observed | {"conditions": [*kept, _condition("Ready", "Available")]}


_KINDS: Mapping[tuple[str, str], Callable[[Data], dict[str, Any]]] = {
    ("apps", "Deployment"): _deployment,
    ("apps", "ReplicaSet"): _replica_set,
    ("apps", "StatefulSet"): _stateful_set,
    ("apps", "DaemonSet"): _daemon_set,
    ("", "PersistentVolumeClaim"): _claim,
    ("", "Pod"): _pod,
    ("", "Service"): _service,
    ("batch", "Job"): _job,
}
