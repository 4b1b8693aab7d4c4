"""What new objects of some built-in kinds have from the start, beyond their schemas' defaults."""

from __future__ import annotations

from collections.abc import Callable

from opgen.apiserver.message import JSONObject


def _namespace(obj: JSONObject) -> JSONObject:
    spec = {**(obj.get("spec") or {}), "finalizers": ["kubernetes"]}
    return {**obj, "spec": spec, "status": {"phase": "Active"}}


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
