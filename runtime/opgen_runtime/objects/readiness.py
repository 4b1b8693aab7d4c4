"""Whether an object has become what its spec asks for, by the rules of kstatus (which Helm `--wait`, Flux and
Argo CD share): the generation was observed, nothing is reconciling or stalled, the kind's own counters agree.

One small pure function a kind, over plain data; kinds without one are judged by their Ready condition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from opgen_runtime.objects.struct import Struct

Data = Mapping[str, Any]


def is_ready(obj: Struct | Data) -> bool:
    """Whether the object is current. Objects without a status, such as a ConfigMap, are once they exist."""
    data: Data = obj.to_dict() if isinstance(obj, Struct) else obj
    if not _settled(data):
        return False
    judge = _KINDS.get((_group(obj, data), _kind(obj, data)))
    return judge(data) if judge is not None else _condition(data, "Ready") in (None, "True")


def _group(obj: Struct | Data, data: Data) -> str:
    kind = getattr(obj, "KIND", None)
    if kind is not None:
        return str(kind.group)
    version = str(data.get("apiVersion", ""))
    return version.rpartition("/")[0]


def _kind(obj: Struct | Data, data: Data) -> str:
    kind = getattr(obj, "KIND", None)
    return str(kind.kind) if kind is not None else str(data.get("kind", ""))


def _settled(data: Data) -> bool:
    metadata, status = _map(data, "metadata"), _map(data, "status")
    if metadata.get("deletionTimestamp"):
        return False
    observed, generation = status.get("observedGeneration"), metadata.get("generation")
    if observed is not None and generation is not None and observed != generation:
        return False
    return _condition(data, "Reconciling") != "True" and _condition(data, "Stalled") != "True"


def _map(data: Data, key: str) -> Data:
    found = data.get(key)
    return found if isinstance(found, Mapping) else {}


def _number(data: Data, key: str, default: int = 0) -> int:
    found = data.get(key)
    return found if isinstance(found, int) else default


def _condition_of(data: Data, type: str) -> Data | None:
    conditions = _map(data, "status").get("conditions")
    if not isinstance(conditions, list):
        return None
    return next((c for c in conditions if isinstance(c, Mapping) and c.get("type") == type), None)


def _condition(data: Data, type: str) -> str | None:
    found = _condition_of(data, type)
    return None if found is None else str(found.get("status"))


def _deployment(data: Data) -> bool:
    spec, status = _map(data, "spec"), _map(data, "status")
    wanted = _number(spec, "replicas", 1)
    total, updated = _number(status, "replicas"), _number(status, "updatedReplicas")
    available, ready = _number(status, "availableReplicas"), _number(status, "readyReplicas")
    if updated < wanted or total > wanted or total > updated or available < updated or ready < wanted:
        return False
    progressing = _condition_of(data, "Progressing")
    if progressing is not None and progressing.get("reason") == "ProgressDeadlineExceeded":
        return False
    if spec.get("progressDeadlineSeconds") is not None and _map(data, "status").get("conditions"):
        done = progressing is not None and progressing.get("reason") == "NewReplicaSetAvailable"
        if not done or (progressing or {}).get("status") != "True":
            return False
    return _condition(data, "Available") == "True"


def _replica_set(data: Data) -> bool:
    wanted, status = _number(_map(data, "spec"), "replicas", 1), _map(data, "status")
    if _condition(data, "ReplicaFailure") == "True":
        return False
    labelled, available = _number(status, "fullyLabeledReplicas"), _number(status, "availableReplicas")
    ready, total = _number(status, "readyReplicas"), _number(status, "replicas")
    return labelled >= wanted and available >= wanted and ready >= wanted and total <= wanted


def _stateful_set(data: Data) -> bool:
    spec, status = _map(data, "spec"), _map(data, "status")
    strategy = _map(spec, "updateStrategy")
    if strategy.get("type") == "OnDelete":
        return True
    wanted, total = _number(spec, "replicas", 1), _number(status, "replicas")
    ready, current = _number(status, "readyReplicas"), _number(status, "currentReplicas")
    if total < wanted or ready < wanted or total > wanted:
        return False
    partition = _map(strategy, "rollingUpdate").get("partition")
    if isinstance(partition, int) and partition > 0:
        return _number(status, "updatedReplicas") >= wanted - partition
    return current >= wanted and status.get("currentRevision") == status.get("updateRevision")


def _daemon_set(data: Data) -> bool:
    status = _map(data, "status")
    if status.get("observedGeneration") is None or "desiredNumberScheduled" not in status:
        return False
    wanted = _number(status, "desiredNumberScheduled")
    counters = ("currentNumberScheduled", "updatedNumberScheduled", "numberAvailable", "numberReady")
    return all(_number(status, counter) >= wanted for counter in counters)


def _persistent_volume_claim(data: Data) -> bool:
    return _map(data, "status").get("phase") == "Bound"


def _pod(data: Data) -> bool:
    phase = _map(data, "status").get("phase")
    return phase == "Succeeded" or (phase == "Running" and _condition(data, "Ready") == "True")


def _job(data: Data) -> bool:
    """A Job is current once it has started, unless it failed."""
    if _condition(data, "Failed") == "True":
        return False
    return _condition(data, "Complete") == "True" or bool(_map(data, "status").get("startTime"))


def _service(data: Data) -> bool:
    spec = _map(data, "spec")
    if spec.get("type") != "LoadBalancer":
        return True
    return bool(spec.get("clusterIP")) and bool(_map(_map(data, "status"), "loadBalancer").get("ingress"))


def _custom_resource_definition(data: Data) -> bool:
    return _condition(data, "Established") == "True" and _condition(data, "NamesAccepted") != "False"


def _always(data: Data) -> bool:
    return True


_KINDS: Mapping[tuple[str, str], Callable[[Data], bool]] = {
    ("apps", "Deployment"): _deployment,
    ("apps", "ReplicaSet"): _replica_set,
    ("apps", "StatefulSet"): _stateful_set,
    ("apps", "DaemonSet"): _daemon_set,
    ("", "PersistentVolumeClaim"): _persistent_volume_claim,
    ("", "Pod"): _pod,
    ("", "Service"): _service,
    ("batch", "Job"): _job,
    ("batch", "CronJob"): _always,
    ("policy", "PodDisruptionBudget"): _always,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _custom_resource_definition,
}
