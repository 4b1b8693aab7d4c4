"""Finds a kind's plural and scope by asking the server, once for each group and version.

Needed only for kinds without a model; a model carries its own `KIND`.
"""

from __future__ import annotations

import msgspec

from opgen_runtime import json
from opgen_runtime.client.exchange import Exchange
from opgen_runtime.client.paths import group_path
from opgen_runtime.errors import NotFound, Target
from opgen_runtime.objects import ResourceType


class _ApiResource(msgspec.Struct):
    name: str = ""
    kind: str = ""
    namespaced: bool = False
    group: str = ""
    version: str = ""


class _ApiResourceList(msgspec.Struct):
    resources: list[_ApiResource] | None = None


_decode = json.decoder(_ApiResourceList)


class Discovery:
    """Remembers what was found; a kind that was not is asked for again, since its CRD may come."""

    __slots__ = ("_exchange", "_known")

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._known: dict[tuple[str, str], ResourceType] = {}

    async def find(self, api_version: str, kind: str) -> ResourceType:
        """The kind as the server knows it. Raises NotFound if it has no such kind."""
        known = self._known.get((api_version, kind))
        if known is None:
            await self._load(api_version)
            known = self._known.get((api_version, kind))
        if known is None:
            raise NotFound(404, "NotFound", f"the server has no kind {kind!r} in {api_version!r}")
        return known

    async def _load(self, api_version: str) -> None:
        group, _, version = api_version.rpartition("/")
        target = Target("get", group, "")
        response = await self._exchange.call(target, group_path(group, version))
        for resource in _decode(response.body).resources or ():
            if "/" not in resource.name:
                self._known.setdefault(
                    (api_version, resource.kind),
                    ResourceType(group, version, resource.kind, resource.name, resource.namespaced),
                )
