"""The official client's asyncio half."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from kubernetes.aio import client, config, watch
from kubernetes.aio.client.exceptions import ApiException

DEFINITION = json.loads(Path(sys.argv[1]).read_text())


async def main() -> None:
    await config.load_kube_config()
    async with client.ApiClient() as api:
        core, custom = client.CoreV1Api(api), client.CustomObjectsApi(api)
        extensions = client.ApiextensionsV1Api(api)
        await extensions.create_custom_resource_definition(DEFINITION)
        place = ("example.com", "v1", "default", "widgets")
        body = {
            "apiVersion": "example.com/v1",
            "kind": "Widget",
            "metadata": {"name": "w"},
            "spec": {"size": 1},
        }
        made = await custom.create_namespaced_custom_object(*place, body)
        assert made["spec"]["color"] == "red"

        async def look() -> list[str]:
            seen = []
            stream = watch.Watch().stream(core.list_namespaced_secret, "default", timeout_seconds=30)
            async for event in stream:
                seen.append(event["type"])
                if len(seen) == 3:
                    break
            return seen

        looking = asyncio.create_task(look())
        await core.create_namespaced_secret("default", {"metadata": {"name": "s"}, "stringData": {"a": "b"}})
        secret = await core.read_namespaced_secret("s", "default")
        assert secret.data == {"a": "Yg=="}, secret.data
        await core.patch_namespaced_secret("s", "default", {"stringData": {"a": "c"}})
        await core.delete_namespaced_secret("s", "default")
        assert await looking == ["ADDED", "MODIFIED", "DELETED"]
        try:
            await custom.create_namespaced_custom_object(*place, body)
        except ApiException as problem:
            status = problem.status
        assert status == 409
    sys.stdout.write("done\n")


asyncio.run(main())
