"""What the server filled in at creation and keeps on an update that doesn't mention it."""

from __future__ import annotations

from collections.abc import Callable

from opgen.apiserver.beginnings import service_account, tolerations
from opgen.apiserver.message import JSONObject

Carry = Callable[[JSONObject, JSONObject], JSONObject]


def _pod(new: JSONObject, old: JSONObject) -> JSONObject:
    spec, before = dict(new.get("spec") or {}), old.get("spec") or {}
    for name in ("priority", "preemptionPolicy"):
        if name not in spec and name in before:
            spec[name] = before[name]
    spec["tolerations"] = tolerations(spec)
    return {**new, "spec": spec}


def _service(new: JSONObject, old: JSONObject) -> JSONObject:
    """Addresses and ports stay allocated while the service still needs them."""
    spec, before = dict(new.get("spec") or {}), old.get("spec") or {}
    if spec.get("type") == "ExternalName" or before.get("type") == "ExternalName":
        return new
    for name in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        if not spec.get(name) and before.get(name):
            spec[name] = before[name]
    if {spec.get("type"), before.get("type")} <= {"NodePort", "LoadBalancer"}:
        held = {_identity(port): port.get("nodePort") for port in before.get("ports") or ()}
        spec["ports"] = [
            port
            if port.get("nodePort") or not held.get(_identity(port))
            else {**port, "nodePort": held[_identity(port)]}
            for port in spec.get("ports") or ()
        ]
    return {**new, "spec": spec}


def _identity(port: JSONObject) -> tuple[object, object]:
    return port.get("protocol"), port.get("port")


def _daemon_set(new: JSONObject, old: JSONObject) -> JSONObject:
    """The annotation counts the changes of the template."""
    name = "deprecated.daemonset.template.generation"
    count = int((old["metadata"].get("annotations") or {}).get(name, "1"))
    if (new.get("spec") or {}).get("template") != (old.get("spec") or {}).get("template"):
        count += 1
    annotations = {**(new["metadata"].get("annotations") or {}), name: str(count)}
    return {**new, "metadata": {**new["metadata"], "annotations": annotations}}


def _namespace(new: JSONObject, old: JSONObject) -> JSONObject:
    spec = {**(new.get("spec") or {}), "finalizers": (old.get("spec") or {}).get("finalizers")}
    return {**new, "spec": {key: value for key, value in spec.items() if value}}


CARRY: dict[str, Carry] = {
    "/namespaces": _namespace,
    "/pods": _pod,
    "/serviceaccounts": lambda new, old: service_account(new),
    "/services": _service,
    "apps/daemonsets": _daemon_set,
}
"""By storage table."""
