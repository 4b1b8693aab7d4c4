"""The cells of pods and of what runs them: apps, batch, autoscaling, policy."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from opgen.apiserver.cells import read
from opgen.apiserver.cells.ages import age, human_duration
from opgen.apiserver.cells.read import Cells

_POD = ".spec.template.spec"


def _pod_ready(obj: dict[str, Any]) -> str:
    statuses = read.first(obj, ".status.containerStatuses", [])
    return f"{sum(1 for s in statuses if s.get('ready'))}/{len(read.first(obj, '.spec.containers', []))}"


def _pod_status(obj: dict[str, Any]) -> str:
    reason = read.first(obj, ".status.reason") or read.first(obj, ".status.phase", "")
    for status in read.first(obj, ".status.containerStatuses", []):
        state = status.get("state") or {}
        reason = (
            (state.get("waiting") or {}).get("reason")
            or (state.get("terminated") or {}).get("reason")
            or reason
        )
    return "Terminating" if obj["metadata"].get("deletionTimestamp") else str(reason)


def _restarts(obj: dict[str, Any]) -> str:
    return str(sum(s.get("restartCount", 0) for s in read.first(obj, ".status.containerStatuses", [])))


def _job_status(obj: dict[str, Any]) -> str:
    for kind, word in (("Complete", "Complete"), ("Failed", "Failed"), ("Suspended", "Suspended")):
        if read.first(obj, f".status.conditions[?(@.type=='{kind}')].status") == "True":
            return word
    return "Running"


def _completions(obj: dict[str, Any]) -> str:
    wanted = read.first(obj, ".spec.completions")
    done = read.first(obj, ".status.succeeded", 0)
    if wanted is not None:
        return f"{done}/{wanted}"
    parallelism = read.first(obj, ".spec.parallelism", 1)
    return f"{done}/1 of {parallelism}" if parallelism > 1 else f"{done}/1"


def _duration(obj: dict[str, Any]) -> str:
    start, end = read.first(obj, ".status.startTime"), read.first(obj, ".status.completionTime")
    if not start:
        return ""
    if not end:
        return age(start)
    return human_duration((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())


def _last_schedule(obj: dict[str, Any]) -> str:
    return (
        read.ago(".status.lastScheduleTime")(obj) if read.first(obj, ".status.lastScheduleTime") else "<none>"
    )


def _reference(obj: dict[str, Any]) -> str:
    return f"{read.first(obj, '.spec.scaleTargetRef.kind', '')}/{read.first(obj, '.spec.scaleTargetRef.name', '')}"


def _targets(obj: dict[str, Any]) -> str:
    shown = []
    percent = read.first(obj, ".spec.targetCPUUtilizationPercentage")
    if percent is not None:  # autoscaling/v1
        shown.append(f"cpu: <unknown>/{percent}%")
    for metric in read.first(obj, ".spec.metrics", []):
        resource = metric.get("resource") or {}
        wanted = (resource.get("target") or {}).get("averageUtilization")
        shown.append(f"{resource.get('name')}: <unknown>/{wanted}%" if wanted is not None else "<unknown>")
    return ", ".join(shown) or "<none>"


def _containers(path: str = _POD) -> Cells:
    return {
        "Containers": read.joined(f"{path}.containers[*].name"),
        "Images": read.joined(f"{path}.containers[*].image"),
    }


_SELECTOR: Cells = {"Selector": read.selector(".spec.selector")}
_REPLICAS: Cells = {
    "Desired": read.at(".spec.replicas", 0),
    "Current": read.at(".status.replicas", 0),
    "Ready": read.at(".status.readyReplicas", 0),
}

WORKLOADS: dict[str, Cells] = {
    "/pods": {
        "Ready": _pod_ready,
        "Status": _pod_status,
        "Restarts": _restarts,
        "IP": read.text(".status.podIP"),
        "Node": read.text(".spec.nodeName"),
        "Nominated Node": read.text(".status.nominatedNodeName"),
        "Readiness Gates": lambda obj: "<none>",
    },
    "/podtemplates": {
        "Containers": read.joined(".template.spec.containers[*].name"),
        "Images": read.joined(".template.spec.containers[*].image"),
        "Pod Labels": read.labels(".template.metadata.labels"),
    },
    "/replicationcontrollers": {**_REPLICAS, **_containers(), "Selector": read.labels(".spec.selector")},
    "apps/deployments": {
        "Ready": read.fraction(".status.readyReplicas", ".spec.replicas", 1),
        "Up-to-date": read.at(".status.updatedReplicas", 0),
        "Available": read.at(".status.availableReplicas", 0),
        **_containers(),
        **_SELECTOR,
    },
    "apps/replicasets": {**_REPLICAS, **_containers(), **_SELECTOR},
    "apps/statefulsets": {
        "Ready": read.fraction(".status.readyReplicas", ".spec.replicas", 1),
        **_containers(),
    },
    "apps/daemonsets": {
        "Desired": read.at(".status.desiredNumberScheduled", 0),
        "Current": read.at(".status.currentNumberScheduled", 0),
        "Ready": read.at(".status.numberReady", 0),
        "Up-to-date": read.at(".status.updatedNumberScheduled", 0),
        "Available": read.at(".status.numberAvailable", 0),
        "Node Selector": read.labels(f"{_POD}.nodeSelector"),
        **_containers(),
        **_SELECTOR,
    },
    "apps/controllerrevisions": {
        "Controller": read.controller,
        "Revision": read.at(".revision", 0),
    },
    "batch/jobs": {
        "Status": _job_status,
        "Completions": _completions,
        "Duration": _duration,
        **_containers(),
        **_SELECTOR,
    },
    "batch/cronjobs": {
        "Schedule": read.at(".spec.schedule"),
        "Timezone": read.text(".spec.timeZone"),
        "Suspend": lambda obj: "True" if read.first(obj, ".spec.suspend", False) else "False",
        "Active": read.count(".status.active"),
        "Last Schedule": _last_schedule,
        **_containers(".spec.jobTemplate.spec.template.spec"),
        "Selector": lambda obj: "<none>",
    },
    "policy/poddisruptionbudgets": {
        "Min Available": lambda obj: str(read.first(obj, ".spec.minAvailable", "N/A")),
        "Max Unavailable": lambda obj: str(read.first(obj, ".spec.maxUnavailable", "N/A")),
        "Allowed Disruptions": read.at(".status.disruptionsAllowed", 0),
    },
    "autoscaling/horizontalpodautoscalers": {
        "Reference": _reference,
        "Targets": _targets,
        "MinPods": lambda obj: str(read.first(obj, ".spec.minReplicas", "<unset>")),
        "MaxPods": read.at(".spec.maxReplicas", 0),
        "Replicas": read.at(".status.currentReplicas", 0),
    },
}
"""By storage table."""
