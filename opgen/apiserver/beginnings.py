"""What the server itself writes into new objects of some built-in kinds, once the client's fields have owners."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from opgen.apiserver.message import JSONObject

_TOLERATIONS = [
    {
        "key": f"node.kubernetes.io/{name}",
        "operator": "Exists",
        "effect": "NoExecute",
        "tolerationSeconds": 300,
    }
    for name in ("not-ready", "unreachable")
]


def _namespace(obj: JSONObject) -> JSONObject:
    spec = {**(obj.get("spec") or {}), "finalizers": ["kubernetes"]}
    return {**obj, "spec": spec, "status": {"phase": "Active"}}


def _pod(obj: JSONObject) -> JSONObject:
    spec = dict(obj.get("spec") or {})
    spec.setdefault("priority", 0)
    spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    spec["tolerations"] = tolerations(spec)
    return {**obj, "spec": spec, "status": {"phase": "Pending", "qosClass": _quality(spec)}}


def tolerations(spec: JSONObject) -> list[JSONObject]:
    """A pod's tolerations with those that every pod gets."""
    given = spec.get("tolerations") or ()
    held = {toleration.get("key") for toleration in given}
    return [*given, *(toleration for toleration in _TOLERATIONS if toleration["key"] not in held)]


def _node(obj: JSONObject) -> JSONObject:
    taint = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    spec = obj.get("spec") or {}
    taints = [held for held in spec.get("taints") or () if held.get("key") != taint["key"]]
    return {**obj, "spec": {**spec, "taints": [*taints, taint]}}


def _persistent_volume(obj: JSONObject) -> JSONObject:
    metadata = obj["metadata"]
    finalizers = [*(metadata.get("finalizers") or ()), "kubernetes.io/pv-protection"]
    status = {"phase": "Pending", "lastPhaseTransitionTime": metadata["creationTimestamp"]}
    return {**obj, "metadata": {**metadata, "finalizers": finalizers}, "status": status}


def _quality(spec: JSONObject) -> str:
    resources = [container.get("resources") or {} for container in spec.get("containers") or ()]
    if not any(r.get("requests") or r.get("limits") for r in resources):
        return "BestEffort"
    for r in resources:
        limits = r.get("limits") or {}
        if not {"cpu", "memory"} <= limits.keys() or (r.get("requests") or limits) != limits:
            return "Burstable"
    return "Guaranteed"


def _claim(obj: JSONObject) -> JSONObject:
    metadata = obj["metadata"]
    finalizers = [*(metadata.get("finalizers") or ()), "kubernetes.io/pvc-protection"]
    return {**obj, "metadata": {**metadata, "finalizers": finalizers}, "status": {"phase": "Pending"}}


def _service(obj: JSONObject) -> JSONObject:
    """With an address and ports; the same name always gets the same, nothing else depends on them."""
    spec = dict(obj.get("spec") or {})
    if spec.get("type") == "ExternalName":
        return obj
    metadata = obj["metadata"]
    number = zlib.crc32(f"{metadata.get('namespace')}/{metadata.get('name')}".encode())
    address = f"10.0.{number >> 8 & 255}.{(number & 255) or 1}"
    spec["clusterIP"] = spec.get("clusterIP") or address
    spec["clusterIPs"] = spec.get("clusterIPs") or [spec["clusterIP"]]
    spec.setdefault("ipFamilies", ["IPv4"])
    spec.setdefault("ipFamilyPolicy", "SingleStack")
    if spec.get("type") in ("NodePort", "LoadBalancer"):
        spec["ports"] = [
            port if port.get("nodePort") else {**port, "nodePort": 30000 + (number + index) % 2768}
            for index, port in enumerate(spec.get("ports") or ())
        ]
    return {**obj, "spec": spec}


def _job(obj: JSONObject) -> JSONObject:
    """With the labels and the selector by which a Job finds its pods."""
    spec = dict(obj.get("spec") or {})
    if spec.get("manualSelector"):
        return obj
    metadata = obj["metadata"]
    uid, name = metadata["uid"], metadata.get("name") or ""
    labels = {
        "batch.kubernetes.io/controller-uid": uid,
        "batch.kubernetes.io/job-name": name,
        "controller-uid": uid,
        "job-name": name,
    }
    template = dict(spec.get("template") or {})
    inner = dict(template.get("metadata") or {})
    template["metadata"] = {**inner, "labels": {**(inner.get("labels") or {}), **labels}}
    spec["template"] = template
    given = spec.get("selector") or {}
    own_label = {"batch.kubernetes.io/controller-uid": uid}
    spec["selector"] = {**given, "matchLabels": {**(given.get("matchLabels") or {}), **own_label}}
    own = {**(metadata.get("labels") or {}), **labels}
    return {
        **obj,
        "metadata": {**metadata, "labels": own} if not metadata.get("labels") else metadata,
        "spec": spec,
    }


def service_account(obj: JSONObject) -> JSONObject:
    """With nothing but the names of its secrets."""
    if not obj.get("secrets"):
        return obj
    named = [{"name": secret["name"]} if secret.get("name") else {} for secret in obj["secrets"]]
    return {**obj, "secrets": named}


def _attributes_class(obj: JSONObject) -> JSONObject:
    metadata = obj["metadata"]
    name = "kubernetes.io/vac-protection"
    held = metadata.get("finalizers") or ()
    return obj if name in held else {**obj, "metadata": {**metadata, "finalizers": [*held, name]}}


PREPARE: dict[str, Callable[[JSONObject], JSONObject]] = {
    "/namespaces": _namespace,
    "/pods": _pod,
    "/persistentvolumeclaims": _claim,
    "/serviceaccounts": service_account,
    "/services": _service,
    "/nodes": _node,
    "/persistentvolumes": _persistent_volume,
    "batch/jobs": _job,
    "storage.k8s.io/volumeattributesclasses": _attributes_class,
}
"""By storage table."""
