"""What of metadata only the server sets: sent with new objects, changed by updates, and while an object is going."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apiserver_matrix.custom import DEFINITIONS, definition
from apiserver_matrix.request import Request, delete, patch, post

_LONG_AGO = "2020-01-01T00:00:00Z"
_SENT: dict[str, Any] = {
    "selfLink": "x",
    "deletionGracePeriodSeconds": 5,
    "deletionTimestamp": _LONG_AGO,
    "generation": 7,
}
_CHANGES: tuple[tuple[str, Any], ...] = (
    ("selfLink", "y"),
    ("deletionGracePeriodSeconds", 6),
    ("deletionTimestamp", _LONG_AGO),
    ("generation", 9),
    ("generateName", "abc"),
    ("uid", "x"),
    ("creationTimestamp", _LONG_AGO),
    ("creationTimestamp", None),
    ("resourceVersion", "1"),
)


def system_fields(ns: str) -> Iterator[Request]:
    """A ConfigMap and a custom resource."""
    yield post("/api/v1/namespaces", {"metadata": {"name": ns}})
    group = f"{ns}.example.com"
    yield post(DEFINITIONS, definition(group, namespaced=True))
    maps = f"/api/v1/namespaces/{ns}/configmaps"
    gadgets = f"/apis/{group}/v1/namespaces/{ns}/gadgets"
    yield post(maps, {"metadata": {"name": "m", **_SENT}})
    gadget = {"apiVersion": f"{group}/v1", "kind": "Gadget", "spec": {"size": 1}}
    yield Request("POST", gadgets, {**gadget, "metadata": {"name": "g", **_SENT}}, wait=3.0)
    for path in (f"{maps}/m", f"{gadgets}/g"):
        for key, value in _CHANGES:
            yield patch(path, {"metadata": {key: value}})
        yield patch(path, {"metadata": {"finalizers": ["a.b/c"]}})
        yield delete(path)
        for key, value in (("deletionGracePeriodSeconds", None), ("deletionTimestamp", None), *_CHANGES[:3]):
            yield patch(path, {"metadata": {key: value}})
        yield patch(path, {"metadata": {"finalizers": None}})
