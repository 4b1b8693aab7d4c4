"""The printer columns of built-in kinds, as kubectl shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from opgen.apiserver.jsonpath import find
from opgen.apiserver.kinds import ResourceInfo

Reader = Callable[[dict[str, Any]], Any]
Row = tuple[str, str, int, Reader]


def _age(obj: dict[str, Any]) -> str:
    from opgen.apiserver.table import age

    return age(obj["metadata"].get("creationTimestamp"))


def _ago(path: str) -> Reader:
    def read(obj: dict[str, Any]) -> str:
        from opgen.apiserver.table import age

        return age(_first(obj, path))

    return read


def _first(obj: Any, path: str, default: Any = None) -> Any:
    found = find(obj, path)
    return found[0] if found and found[0] is not None else default


def _at(path: str, default: Any = "") -> Reader:
    return lambda obj: _first(obj, path, default)


def _text(path: str, default: str = "<none>") -> Reader:
    return lambda obj: str(_first(obj, path, "") or default)


def _count(path: str) -> Reader:
    return lambda obj: len(_first(obj, path, ()))


def _joined(path: str, separator: str = ",") -> Reader:
    return lambda obj: separator.join(str(v) for v in find(obj, path)) or "<none>"


def _labels(path: str) -> Reader:
    def read(obj: dict[str, Any]) -> str:
        labels = _first(obj, path, {})
        return ",".join(f"{key}={labels[key]}" for key in sorted(labels)) or "<none>"

    return read


AGE: Row = ("Age", "string", 0, _age)


def _containers(path: str) -> tuple[Row, Row]:
    return (
        ("Containers", "string", 1, _joined(f"{path}.containers[*].name")),
        ("Images", "string", 1, _joined(f"{path}.containers[*].image")),
    )


_POD = ".spec.template.spec"
_SELECTOR: Row = ("Selector", "string", 1, _labels(".spec.selector.matchLabels"))


def _fraction(done: str, wanted: str, default: int = 0) -> Reader:
    return lambda obj: f"{_first(obj, done, 0)}/{_first(obj, wanted, default)}"


def _pod_ready(obj: dict[str, Any]) -> str:
    statuses = _first(obj, ".status.containerStatuses", [])
    return f"{sum(1 for s in statuses if s.get('ready'))}/{len(_first(obj, '.spec.containers', []))}"


def _pod_status(obj: dict[str, Any]) -> str:
    reason = _first(obj, ".status.reason") or _first(obj, ".status.phase", "")
    for status in _first(obj, ".status.containerStatuses", []):
        state = status.get("state") or {}
        reason = (
            (state.get("waiting") or {}).get("reason")
            or (state.get("terminated") or {}).get("reason")
            or reason
        )
    return "Terminating" if obj["metadata"].get("deletionTimestamp") else str(reason)


def _restarts(obj: dict[str, Any]) -> str:
    return str(sum(s.get("restartCount", 0) for s in _first(obj, ".status.containerStatuses", [])))


def _ports(obj: dict[str, Any]) -> str:
    parts = []
    for port in _first(obj, ".spec.ports", []):
        node = f":{port['nodePort']}" if port.get("nodePort") else ""
        parts.append(f"{port.get('port')}{node}/{port.get('protocol', 'TCP')}")
    return ",".join(parts) or "<none>"


def _node_status(obj: dict[str, Any]) -> str:
    ready = _first(obj, ".status.conditions[?(@.type=='Ready')].status") == "True"
    return "Ready" if ready else "NotReady"


def _last_schedule(obj: dict[str, Any]) -> str:
    return _ago(".status.lastScheduleTime")(obj) if _first(obj, ".status.lastScheduleTime") else "<none>"


def _external_ip(obj: dict[str, Any]) -> str:
    if _first(obj, ".spec.type") == "ExternalName":
        return str(_first(obj, ".spec.externalName", ""))
    found = find(obj, ".status.loadBalancer.ingress[*].ip") + list(_first(obj, ".spec.externalIPs", []))
    if found:
        return ",".join(found)
    return "<pending>" if _first(obj, ".spec.type") == "LoadBalancer" else "<none>"


def _job_status(obj: dict[str, Any]) -> str:
    for kind, word in (("Complete", "Complete"), ("Failed", "Failed"), ("Suspended", "Suspended")):
        if _first(obj, f".status.conditions[?(@.type=='{kind}')].status") == "True":
            return word
    return "Running"


def _completions(obj: dict[str, Any]) -> str:
    wanted = _first(obj, ".spec.completions")
    done = _first(obj, ".status.succeeded", 0)
    if wanted is not None:
        return f"{done}/{wanted}"
    parallelism = _first(obj, ".spec.parallelism", 1)
    return f"{done}/1 of {parallelism}" if parallelism > 1 else f"{done}/1"


def _duration(obj: dict[str, Any]) -> str:
    from datetime import datetime

    from opgen.apiserver.table import age, human_duration

    start, end = _first(obj, ".status.startTime"), _first(obj, ".status.completionTime")
    if not start:
        return ""
    if not end:
        return age(start)
    return human_duration((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())


def _last_seen(obj: dict[str, Any]) -> str:
    from opgen.apiserver.table import age

    for path in (".series.lastObservedTime", ".lastTimestamp", ".eventTime", ".firstTimestamp"):
        when = _first(obj, path)
        if when:
            return age(when)
    return "<unknown>"


def _first_seen(obj: dict[str, Any]) -> str:
    from opgen.apiserver.table import age

    return age(_first(obj, ".firstTimestamp") or _first(obj, ".eventTime"))


def _event_object(obj: dict[str, Any]) -> str:
    about = _first(obj, ".involvedObject", {})
    return f"{str(about.get('kind', '')).lower()}/{about.get('name', '')}"


def _hosts(obj: dict[str, Any]) -> str:
    hosts = [host for host in find(obj, ".spec.rules[*].host") if host]
    return ",".join(hosts) or "*"


def _reference(obj: dict[str, Any]) -> str:
    return f"{_first(obj, '.spec.scaleTargetRef.kind', '')}/{_first(obj, '.spec.scaleTargetRef.name', '')}"


def _targets(obj: dict[str, Any]) -> str:
    shown = []
    for metric in _first(obj, ".spec.metrics", []):
        resource = metric.get("resource") or {}
        wanted = (resource.get("target") or {}).get("averageUtilization")
        shown.append(f"{resource.get('name')}: <unknown>/{wanted}%" if wanted is not None else "<unknown>")
    return ", ".join(shown) or "<none>"


def _source(obj: dict[str, Any]) -> str:
    if _first(obj, ".source.component"):
        return ", ".join(find(obj, ".source.component") + find(obj, ".source.host"))
    return ", ".join(v for v in (_first(obj, ".reportingComponent"), _first(obj, ".reportingInstance")) if v)


def _subjects(kind: str, *, namespaced: bool = False) -> Reader:
    def read(obj: dict[str, Any]) -> str:
        held = [s for s in _first(obj, ".subjects", []) if s.get("kind") == kind]
        return ", ".join(f"{s.get('namespace', '')}/{s['name']}" if namespaced else s["name"] for s in held)

    return read


def _role(obj: dict[str, Any]) -> str:
    return f"{_first(obj, '.roleRef.kind', '')}/{_first(obj, '.roleRef.name', '')}"


_BINDING: tuple[Row, ...] = (
    ("Role", "string", 0, _role),
    AGE,
    ("Users", "string", 1, _subjects("User")),
    ("Groups", "string", 1, _subjects("Group")),
    ("ServiceAccounts", "string", 1, _subjects("ServiceAccount", namespaced=True)),
)


_COLUMNS: dict[str, tuple[Row, ...]] = {
    "/pods": (
        ("Ready", "string", 0, _pod_ready),
        ("Status", "string", 0, _pod_status),
        ("Restarts", "string", 0, _restarts),
        AGE,
        ("IP", "string", 1, _text(".status.podIP")),
        ("Node", "string", 1, _text(".spec.nodeName")),
        ("Nominated Node", "string", 1, _text(".status.nominatedNodeName")),
        ("Readiness Gates", "string", 1, lambda obj: "<none>"),
    ),
    "/services": (
        ("Type", "string", 0, _at(".spec.type")),
        ("Cluster-IP", "string", 0, _text(".spec.clusterIP")),
        ("External-IP", "string", 0, _external_ip),
        ("Port(s)", "string", 0, _ports),
        AGE,
        ("Selector", "string", 1, _labels(".spec.selector")),
    ),
    "/configmaps": (
        ("Data", "string", 0, lambda o: len(o.get("data") or {}) + len(o.get("binaryData") or {})),
        AGE,
    ),
    "/secrets": (
        ("Type", "string", 0, _at(".type")),
        ("Data", "string", 0, lambda obj: len(obj.get("data") or {})),
        AGE,
    ),
    "/serviceaccounts": (AGE,),
    "/namespaces": (("Status", "string", 0, _at(".status.phase")), AGE),
    "/nodes": (
        ("Status", "string", 0, _node_status),
        ("Roles", "string", 0, lambda obj: "<none>"),
        AGE,
        ("Version", "string", 0, _at(".status.nodeInfo.kubeletVersion")),
    ),
    "/events": (
        ("Last Seen", "string", 0, _last_seen),
        ("Type", "string", 0, _at(".type")),
        ("Reason", "string", 0, _at(".reason")),
        ("Object", "string", 0, _event_object),
        ("Subobject", "string", 1, _at(".involvedObject.fieldPath")),
        ("Source", "string", 1, _source),
        ("Message", "string", 0, lambda obj: str(_first(obj, ".message", "")).strip()),
        ("First Seen", "string", 1, _first_seen),
        ("Count", "string", 1, _at(".count", 1)),
        ("Name", "string", 1, lambda obj: obj["metadata"]["name"]),
    ),
    "/persistentvolumeclaims": (
        ("Status", "string", 0, _at(".status.phase")),
        ("Volume", "string", 0, _at(".spec.volumeName")),
        ("Capacity", "string", 0, _at(".status.capacity.storage")),
        ("Access Modes", "string", 0, lambda obj: ",".join(find(obj, ".status.accessModes[*]"))),
        ("StorageClass", "string", 0, _at(".spec.storageClassName")),
        ("VolumeAttributesClass", "string", 0, _text(".spec.volumeAttributesClassName", "<unset>")),
        AGE,
        ("VolumeMode", "string", 1, _at(".spec.volumeMode", "Filesystem")),
    ),
    "apps/deployments": (
        ("Ready", "string", 0, _fraction(".status.readyReplicas", ".spec.replicas", 1)),
        ("Up-to-date", "string", 0, _at(".status.updatedReplicas", 0)),
        ("Available", "string", 0, _at(".status.availableReplicas", 0)),
        AGE,
        *_containers(_POD),
        _SELECTOR,
    ),
    "apps/replicasets": (
        ("Desired", "integer", 0, _at(".spec.replicas", 0)),
        ("Current", "integer", 0, _at(".status.replicas", 0)),
        ("Ready", "integer", 0, _at(".status.readyReplicas", 0)),
        AGE,
        *_containers(_POD),
        _SELECTOR,
    ),
    "apps/statefulsets": (
        ("Ready", "string", 0, _fraction(".status.readyReplicas", ".spec.replicas", 1)),
        AGE,
        *_containers(_POD),
    ),
    "apps/daemonsets": (
        ("Desired", "integer", 0, _at(".status.desiredNumberScheduled", 0)),
        ("Current", "integer", 0, _at(".status.currentNumberScheduled", 0)),
        ("Ready", "integer", 0, _at(".status.numberReady", 0)),
        ("Up-to-date", "integer", 0, _at(".status.updatedNumberScheduled", 0)),
        ("Available", "integer", 0, _at(".status.numberAvailable", 0)),
        ("Node Selector", "string", 0, _labels(f"{_POD}.nodeSelector")),
        AGE,
        *_containers(_POD),
        _SELECTOR,
    ),
    "batch/jobs": (
        ("Status", "string", 0, _job_status),
        ("Completions", "string", 0, _completions),
        ("Duration", "string", 0, _duration),
        AGE,
        *_containers(_POD),
        _SELECTOR,
    ),
    "batch/cronjobs": (
        ("Schedule", "string", 0, _at(".spec.schedule")),
        ("Timezone", "string", 0, _text(".spec.timeZone")),
        ("Suspend", "boolean", 0, lambda obj: "True" if _first(obj, ".spec.suspend", False) else "False"),
        ("Active", "integer", 0, _count(".status.active")),
        ("Last Schedule", "string", 0, _last_schedule),
        AGE,
        *_containers(".spec.jobTemplate.spec.template.spec"),
        ("Selector", "string", 1, lambda obj: "<none>"),
    ),
    "networking.k8s.io/ingresses": (
        ("Class", "string", 0, _text(".spec.ingressClassName")),
        ("Hosts", "string", 0, _hosts),
        ("Address", "string", 0, lambda obj: ",".join(find(obj, ".status.loadBalancer.ingress[*].ip"))),
        ("Ports", "string", 0, lambda obj: "80, 443" if _first(obj, ".spec.tls") else "80"),
        AGE,
    ),
    "networking.k8s.io/networkpolicies": (
        ("Pod-Selector", "string", 0, _labels(".spec.podSelector.matchLabels")),
        AGE,
    ),
    "coordination.k8s.io/leases": (("Holder", "string", 0, _at(".spec.holderIdentity")), AGE),
    "policy/poddisruptionbudgets": (
        ("Min Available", "string", 0, lambda obj: str(_first(obj, ".spec.minAvailable", "N/A"))),
        ("Max Unavailable", "string", 0, lambda obj: str(_first(obj, ".spec.maxUnavailable", "N/A"))),
        ("Allowed Disruptions", "integer", 0, _at(".status.disruptionsAllowed", 0)),
        AGE,
    ),
    "rbac.authorization.k8s.io/roles": (
        ("Created At", "date", 0, lambda obj: obj["metadata"]["creationTimestamp"]),
    ),
    "rbac.authorization.k8s.io/clusterroles": (
        ("Created At", "date", 0, lambda obj: obj["metadata"]["creationTimestamp"]),
    ),
    "rbac.authorization.k8s.io/rolebindings": _BINDING,
    "rbac.authorization.k8s.io/clusterrolebindings": _BINDING,
    "autoscaling/horizontalpodautoscalers": (
        ("Reference", "string", 0, _reference),
        ("Targets", "string", 0, _targets),
        ("MinPods", "string", 0, lambda obj: str(_first(obj, ".spec.minReplicas", "<unset>"))),
        ("MaxPods", "string", 0, _at(".spec.maxReplicas", 0)),
        ("Replicas", "string", 0, _at(".status.currentReplicas", 0)),
        AGE,
    ),
    "apiextensions.k8s.io/customresourcedefinitions": (
        ("Created At", "date", 0, lambda obj: obj["metadata"]["creationTimestamp"]),
    ),
}


def of(info: ResourceInfo) -> tuple[Row, ...] | None:
    """The columns after the name: title, type, priority and reader; None for those of any object."""
    return _COLUMNS.get(info.table)
