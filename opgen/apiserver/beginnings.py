"""What new objects of some built-in kinds have from the start, beyond their schemas' defaults."""

from __future__ import annotations

from collections.abc import Callable

from opgen.apiserver.message import JSONObject


def _namespace(obj: JSONObject) -> JSONObject:
    metadata = obj["metadata"]
    name = metadata.get("name") or ""
    labels = {**(metadata.get("labels") or {}), "kubernetes.io/metadata.name": name}
    spec = {**(obj.get("spec") or {}), "finalizers": ["kubernetes"]}
    return {**obj, "metadata": {**metadata, "labels": labels}, "spec": spec, "status": {"phase": "Active"}}


def _pod(obj: JSONObject) -> JSONObject:
    return {**obj, "status": {"phase": "Pending", "qosClass": "BestEffort"}}


def _claim(obj: JSONObject) -> JSONObject:
    return {**obj, "status": {"phase": "Pending"}}


PREPARE: dict[str, Callable[[JSONObject], JSONObject]] = {
    "/namespaces": _namespace,
    "/pods": _pod,
    "/persistentvolumeclaims": _claim,
}
"""By storage table."""
