"""The runtime under each fault of the in-process server: an operator ends where it would have ended without it."""

from __future__ import annotations

import pytest
from opgen_runtime import Client, ObjectMeta, Owns, Result
from runtime_harness import Bench, ConfigMap, Recorded, Widget, bench, settle, virtually, widget

from opgen.apiserver.faults import Fault

HOUR = 3600.0
FAULTS = [
    Fault("drop", verb="patch", resource="configmaps", times=3),
    Fault("lose", verb="patch", resource="configmaps", times=2),
    Fault("lose", verb="patch", resource="widgets", subresource="status"),
    Fault("delay", verb="patch", resource="configmaps", seconds=45.0, times=2),
    Fault("hang", verb="patch", resource="configmaps"),
    Fault("conflict", verb="patch", resource="configmaps", times=2),
    Fault("conflict", verb="patch", resource="widgets", subresource="status", times=2),
    Fault("gone", verb="patch", resource="configmaps"),
    Fault("throttle", verb="patch", resource="configmaps", seconds=5, times=3),
    Fault("fail", verb="patch", resource="configmaps", status=500, times=4),
    Fault("fail", verb="patch", resource="configmaps", status=503, times=4),
    Fault("truncate", verb="patch", resource="configmaps", times=2),
    Fault("drop", verb="watch", resource="widgets"),
    Fault("drop", verb="watch", resource="widgets", after=2, times=4),
    Fault("hang", verb="watch", resource="widgets", after=2),
    Fault("gone", verb="watch", resource="widgets", after=2, times=2),
    Fault("truncate", verb="watch", resource="widgets", after=2, times=2),
    Fault("duplicate", verb="watch", resource="widgets"),
    Fault("fail", verb="watch", resource="widgets", status=500, times=2),
    Fault("throttle", verb="watch", resource="widgets", seconds=3, times=2),
    Fault("delay", verb="watch", resource="widgets", seconds=20.0),
    Fault("lose", verb="watch", resource="widgets"),
    Fault("drop", verb="watch", resource="configmaps", after=1, times=3),
    Fault("gone", verb="watch", resource="configmaps", after=1, times=2),
]


async def mirror(obj: Widget, client: Client) -> Result | None:
    """Keeps a ConfigMap with a widget's size, and says so in its status."""
    size = str(obj.spec.size if obj.spec else 0)
    metadata = ObjectMeta(name=obj.metadata.name, namespace=obj.metadata.namespace)
    await client.apply_all(obj, [ConfigMap(metadata=metadata, data={"size": size})])
    async with client.status(obj) as status:
        status.observed_generation = obj.metadata.generation
    return None


async def converged(bench: Bench) -> tuple[dict[str, str], dict[str, bool]]:
    """Sizes in the widgets' ConfigMaps, and whether each widget's status is of its generation.

    What an old cache made for a widget that is gone is the garbage collector's, which has no such hurry here.
    """
    maps = await bench.client.list(ConfigMap, namespace="default")
    widgets = await bench.client.list(Widget, namespace="default")
    names = {w.metadata.name for w in widgets}
    return (
        {str(m.metadata.name): (m.data or {}).get("size", "") for m in maps if m.metadata.name in names},
        {
            str(w.metadata.name): bool(w.status and w.status.observed_generation == w.metadata.generation)
            for w in widgets
        },
    )


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault).partition(":")[0].replace(" ", ","))
def test_an_operator_ends_where_it_would_have_ended(fault: Fault) -> None:
    async def test() -> None:
        server = bench()
        fault.seen = fault.struck = 0
        server.server.faults.add(fault)
        recorded = Recorded(mirror)
        async with server.running(recorded.controller(Owns(ConfigMap), reconcile_timeout=60.0)):
            for name in ("a", "b", "c"):
                await server.client.create(widget(name))
                await settle()
            await settle(300)
            await server.client.patch(await server.client.get(Widget, "a", "default"), {"spec": {"size": 5}})
            await server.client.delete(Widget, "b", "default")
            await server.client.delete(ConfigMap, "c", "default")
            await settle(HOUR)
        assert fault.struck >= 1
        assert not fault.left
        assert await converged(server) == ({"a": "5", "c": "1"}, {"a": True, "c": True})

    virtually(test())


@pytest.mark.parametrize("keep", [True, False], ids=["history kept", "history lost"])
def test_a_restart_of_the_server_misses_nothing(keep: bool) -> None:
    async def test() -> None:
        server = bench()
        recorded = Recorded(mirror)
        async with server.running(recorded.controller(Owns(ConfigMap))):
            await server.client.create(widget("a"))
            await server.client.create(widget("gone"))
            await settle()
            server.server.faults.add(Fault("drop", verb="watch", times=6))
            server.server.restart(keep_history=keep)
            await server.client.delete(Widget, "gone", "default")
            await server.client.create(widget("b", size=2))
            await server.client.patch(await server.client.get(Widget, "a", "default"), {"spec": {"size": 3}})
            if not keep:
                server.server.restart(keep_history=False)
            await settle(HOUR)
        assert await converged(server) == ({"a": "3", "b": "2"}, {"a": True, "b": True})

    virtually(test())
