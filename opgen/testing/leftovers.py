"""What a test left in a namespace of a real API server: looked at for the report, and removed.

A kube-apiserver without controllers empties no namespace, so everything in it is deleted here, whatever finalizers
it has. What kinds there are is the server's own answer (aggregated discovery).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from opgen_runtime.client.transport import Request, Transport

_DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_MERGE = {"Content-Type": "application/merge-patch+json"}
_JSON = {"Content-Type": "application/json"}
_AT_ONCE = json.dumps({"gracePeriodSeconds": 0, "propagationPolicy": "Background"}).encode()
_TOGETHER = 16
"""Requests under way at one time."""

Objects = dict[str, list[dict[str, Any]]]
"""From the path of a resource (`/apis/apps/v1/deployments`) to its objects."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One namespaced resource that can be listed: its group's path and its plural."""

    root: str
    plural: str
    api_version: str
    kind: str

    def path(self, namespace: str, name: str = "") -> str:
        """The path of its objects in a namespace, or of one."""
        base = f"{self.root}/namespaces/{quote(namespace)}/{self.plural}"
        return f"{base}/{quote(name)}" if name else base


async def resources(transport: Transport) -> list[Listed]:
    """The namespaced resources that can be listed, each in one version."""
    found: dict[tuple[str, str], Listed] = {}
    for path in ("/api", "/apis"):
        answer = await transport.send(Request("GET", path, (), {"Accept": _DISCOVERY}))
        document = json.loads(answer.body) if answer.status == 200 else {}
        for group in document.get("items") or ():
            name = (group.get("metadata") or {}).get("name", "")
            for version in group.get("versions") or ():
                root = f"/apis/{name}/{version['version']}" if name else f"/api/{version['version']}"
                for one in version.get("resources") or ():
                    if one.get("scope") == "Namespaced" and "list" in (one.get("verbs") or ()):
                        kind = (one.get("responseKind") or {}).get("kind", "")
                        api_version = root.removeprefix("/apis/").removeprefix("/api/")
                        listed = Listed(root, one["resource"], api_version, kind)
                        found.setdefault((name, one["resource"]), listed)
    return list(found.values())


async def objects(transport: Transport, kinds: Iterable[Listed], namespace: str) -> Objects:
    """What is in the namespace, by the path of its resource. A kind that can't be read counts as empty."""
    limit = asyncio.Semaphore(_TOGETHER)

    async def read(kind: Listed) -> list[dict[str, Any]]:
        async with limit:
            answer = await transport.send(Request("GET", kind.path(namespace)))
        items = json.loads(answer.body).get("items") or [] if answer.status == 200 else []
        return [{"apiVersion": kind.api_version, "kind": kind.kind, **item} for item in items]

    kinds = list(kinds)
    lists = await asyncio.gather(*(read(kind) for kind in kinds))
    return {kind.path(namespace): items for kind, items in zip(kinds, lists, strict=True) if items}


async def remove(transport: Transport, kinds: list[Listed], namespace: str, *, finalize: bool) -> None:
    """Delete the namespace and all that is in it. `finalize`: nobody else will, so the namespace itself, too."""
    path = f"/api/v1/namespaces/{quote(namespace)}"
    await transport.send(Request("DELETE", path))  # first, so that nothing new can be made in it
    found = await objects(transport, kinds, namespace)
    limit = asyncio.Semaphore(_TOGETHER)

    async def delete(place: str) -> None:
        async with limit:
            await _delete(transport, place)

    places = [
        f"{where}/{quote(item['metadata']['name'])}"
        for where, items in found.items()
        for item in items
        if not where.endswith("/events")
    ]
    await asyncio.gather(*(delete(place) for place in places))
    if finalize:
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}, "spec": {}}
        await transport.send(Request("PUT", f"{path}/finalize", (), _JSON, json.dumps(body).encode()))


async def remove_cluster_scoped(transport: Transport, paths: Iterable[str]) -> None:
    """Delete objects by their paths, the last made first."""
    for path in reversed(list(paths)):
        await _delete(transport, path)


async def _delete(transport: Transport, path: str) -> None:
    answer = await transport.send(Request("DELETE", path, (), _JSON, _AT_ONCE))
    if answer.status == 404:
        return
    metadata = json.loads(answer.body).get("metadata") or {}
    if metadata.get("finalizers"):
        patch = b'{"metadata":{"finalizers":null}}'
        await transport.send(Request("PATCH", path, (), _MERGE, patch))
