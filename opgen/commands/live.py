"""Reads definitions from a cluster, through the runtime's client; loaded by the commands that reach one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Any

from opgen.errors import OpgenError

PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
PAGE = 100


def live_definitions(
    names: Iterable[str] | None, *, context: str, kubeconfig: str = ""
) -> tuple[dict[str, Any], ...]:
    """The definitions of these names (`widgets.example.com`) that are there, or all of them for None.

    Raises OpgenError, in one line, where no cluster answers or it refuses. `context` is never guessed.
    """
    if not context:
        raise OpgenError(
            "a cluster is read only by the name of its context",
            hint="give --context (kubectl config get-contexts)",
        )
    return asyncio.run(_read(None if names is None else sorted(set(names)), context, kubeconfig))


async def _read(names: list[str] | None, context: str, kubeconfig: str) -> tuple[dict[str, Any], ...]:
    from opgen_runtime.client.connect import open_transport
    from opgen_runtime.client.transport import Request, Transport
    from opgen_runtime.errors import OpgenRuntimeError

    async def get(
        transport: Transport, path: str, query: tuple[tuple[str, str], ...] = ()
    ) -> dict[str, Any] | None:
        request = Request("GET", path, query, {"Accept": "application/json"}, timeout=60.0)
        answer = await transport.send(request)
        if answer.status == 404:
            return None
        try:
            found = json.loads(answer.body)
        except ValueError:
            found = {}
        if answer.status != 200 or not isinstance(found, dict):
            message = found.get("message") if isinstance(found, dict) else ""
            raise OpgenError(f"the cluster of the context {context} refuses: {message or answer.status}")
        return found

    try:
        transport, _ = await open_transport(kubeconfig or None, context)
        try:
            if names is not None:
                single = [await get(transport, f"{PATH}/{name}") for name in names]
                return tuple(item for item in single if item is not None)
            items: list[dict[str, Any]] = []
            token = ""
            while True:
                query = (("limit", str(PAGE)), *((("continue", token),) if token else ()))
                page = await get(transport, PATH, query) or {}
                items += [
                    {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", **item}
                    for item in page.get("items") or ()
                ]
                token = (page.get("metadata") or {}).get("continue") or ""
                if not token:
                    return tuple(items)
        finally:
            await transport.close()
    except OpgenRuntimeError as problem:
        raise OpgenError(" ".join(str(problem).split())) from problem
