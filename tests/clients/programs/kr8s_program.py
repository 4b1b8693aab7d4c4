"""kr8s, blocking and on asyncio."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import kr8s
import kr8s.asyncio
from kr8s.asyncio.objects import Pod as AsyncPod
from kr8s.objects import ConfigMap, CustomResourceDefinition, Deployment, new_class

api = kr8s.api()
assert api.version()["major"] == "1"
CustomResourceDefinition(json.loads(Path(sys.argv[1]).read_text())).create()
Widget = new_class(kind="Widget", version="example.com/v1", namespaced=True)
widget = Widget({"metadata": {"name": "w", "namespace": "default"}, "spec": {"size": 2}})
widget.create()
assert widget.spec.color == "red"
widget.patch({"spec": {"size": 3}})
assert Widget.get("w", namespace="default").spec.size == 3
widget.patch({"status": {"ready": True}}, subresource="status")
widget.refresh()
assert widget.status.ready is True
widget.label(tier="front")
assert [item.name for item in kr8s.get("widgets.example.com", label_selector={"tier": "front"})] == ["w"]
ConfigMap({"metadata": {"name": "c", "namespace": "default"}, "data": {"a": "b"}}).create()
assert ConfigMap.get("c", namespace="default").data.a == "b"
template = {"metadata": {"labels": {"app": "d"}}, "spec": {"containers": [{"name": "d", "image": "d"}]}}
deployment = Deployment(
    {
        "metadata": {"name": "d", "namespace": "default"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "d"}}, "template": template},
    }
)
deployment.create()
deployment.scale(0)
deployment.refresh()
assert deployment.spec.replicas == 0
widget.delete()
assert not widget.exists()


async def main() -> None:
    session = await kr8s.asyncio.api()
    spec = {"containers": [{"name": "p", "image": "p"}]}
    pod = await AsyncPod({"metadata": {"name": "p", "namespace": "default"}, "spec": spec}, api=session)
    await pod.create()
    seen = []
    first = asyncio.Event()

    async def look() -> None:
        async for event, item in session.watch("pods", namespace="default"):
            seen.append((event, item.name))
            first.set()
            if event == "DELETED":
                return

    looking = asyncio.create_task(look())
    await asyncio.wait_for(first.wait(), 30)
    await pod.delete(grace_period=0)
    await asyncio.wait_for(looking, 30)
    assert (seen[0], seen[-1]) == (("ADDED", "p"), ("DELETED", "p")), seen


asyncio.run(main())
sys.stdout.write("done\n")
