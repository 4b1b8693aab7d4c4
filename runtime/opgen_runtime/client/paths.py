"""Where a kind's objects live on the API server: pure functions from names to paths and queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from opgen_runtime.objects import ResourceType

Selector = str | Mapping[str, str | Sequence[str]]
"""A selector as kubectl spells it, or a mapping: `{"app": "x"}`, `{"tier": ["a", "b"]}` (any of them)."""


def group_path(group: str, version: str) -> str:
    """`/api/v1` or `/apis/<group>/<version>`."""
    return f"/apis/{group}/{version}" if group else f"/api/{version}"


def collection_path(kind: ResourceType, namespace: str | None = None) -> str:
    """The path to list and watch from; of all namespaces when `namespace` is None or empty."""
    if namespace and kind.namespaced:
        return f"{group_path(kind.group, kind.version)}/namespaces/{quote(namespace, safe='')}/{kind.plural}"
    return f"{group_path(kind.group, kind.version)}/{kind.plural}"


def object_path(kind: ResourceType, namespace: str | None, name: str, subresource: str = "") -> str:
    """The path of one object, or of a subresource of it. Raises ValueError for an impossible name."""
    if not name or name in (".", "..") or "/" in name or "%" in name:
        raise ValueError(f"{kind.kind}: {name!r} cannot be an object's name")
    if kind.namespaced and not namespace:
        raise ValueError(f"{kind.kind} {name!r} is namespaced: a namespace is needed")
    path = f"{collection_path(kind, namespace)}/{quote(name, safe='')}"
    return f"{path}/{subresource}" if subresource else path


def selector(value: Selector | None) -> str:
    """The query text of a selector; empty for None."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return ",".join(_requirement(key, wanted) for key, wanted in value.items())


def _requirement(key: str, wanted: str | Sequence[str]) -> str:
    if isinstance(wanted, str):
        return f"{key}={wanted}"
    return f"{key} in ({','.join(wanted)})"
