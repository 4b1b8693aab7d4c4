"""A whole operator against a real API server: watches, owned objects, finalizers, conflicts, permissions."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from opgen_runtime import (
    Client,
    Controller,
    ControllerOptions,
    For,
    GenerationChanged,
    Manager,
    Owns,
    Reconciler,
    set_condition,
)
from opgen_runtime.objects import ResourceType, Unstructured
from runtime_harness import ConfigMap, Widget, definition, widget

pytestmark = pytest.mark.envtest

CRD = Unstructured.of(
    ResourceType("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", False)
)


async def eventually(condition: Callable[[], Awaitable[bool]], seconds: float = 60.0) -> None:
    """Ask until it holds; a real server has no other way."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.02)


@pytest_asyncio.fixture
async def widgets(live_client: Client) -> None:
    """The kind is served."""
    await live_client.apply(definition())

    async def served() -> bool:
        crd = await live_client.get(CRD, "widgets.example.com")
        conditions = (crd.get("status") or {}).get("conditions") or []
        return any(c["type"] == "Established" and c["status"] == "True" for c in conditions)

    await eventually(served)


class Operator(Reconciler[Widget]):
    """Keeps a ConfigMap for each Widget, says so in the status, and cleans up."""

    finalized: list[str] = []  # noqa: RUF012 - one test reads it
    runs = 0

    async def reconcile(self, obj: Widget, /) -> None:
        type(self).runs += 1
        child = ConfigMap(data={"size": str(obj.spec.size if obj.spec else 0)})
        child.metadata.name = f"{obj.metadata.name}-child"
        await self.client.apply_all(obj, [child])
        async with self.client.status(obj) as status:
            status.observed_generation = obj.metadata.generation
            set_condition(status, "Ready", True, reason="Available")

    async def finalize(self, obj: Widget, /) -> None:
        self.finalized.append(obj.metadata.name or "")


def controller(**options: Any) -> Controller[Widget]:
    return Controller(
        "widget",
        Operator,
        For(Widget, predicates=[GenerationChanged()]),
        Owns(ConfigMap),
        options=ControllerOptions(**options),
    )


@pytest.mark.usefixtures("widgets")
async def test_an_operator_lives_through_the_life_of_an_object(
    live_client: Client, live_namespace: str
) -> None:
    client = live_client

    async def settled(size: int) -> bool:
        obj = await client.get(Widget, "a", live_namespace)
        child = await client.find(ConfigMap, "a-child", live_namespace)
        observed = obj.status.observed_generation if obj.status else None
        return observed == obj.metadata.generation and child is not None and child.data == {"size": str(size)}

    async def gone() -> bool:
        return await client.find(Widget, "a", live_namespace) is None

    manager = Manager(client, namespaces=[live_namespace])
    manager.managed_by = "envtest"
    manager.add(controller(max_concurrent_reconciles=4))
    async with manager.running():
        await client.create(widget(namespace=live_namespace))
        await eventually(lambda: settled(1))
        stored = await client.get(Widget, "a", live_namespace)
        assert stored.metadata.finalizers == ["example.com/widget"]
        await client.patch(Widget, {"spec": {"size": 5}}, name="a", namespace=live_namespace)
        await eventually(lambda: settled(5))
        await client.delete(ConfigMap, "a-child", live_namespace)
        await eventually(lambda: settled(5))
        child = await client.get(ConfigMap, "a-child", live_namespace)
        assert [r.uid for r in child.metadata.owner_references or []] == [stored.metadata.uid]
        assert (child.metadata.labels or {}) == {"app.kubernetes.io/managed-by": "envtest"}

        await asyncio.sleep(0.5)
        runs = Operator.runs
        await asyncio.sleep(1.0)
        assert Operator.runs == runs, "an operator at rest must not run"

        await client.delete(Widget, "a", live_namespace)
        await eventually(gone)
        assert Operator.finalized == ["a"]


@pytest.mark.usefixtures("widgets")
async def test_many_objects_converge_and_survive_a_restart_of_the_operator(
    live_client: Client, live_namespace: str
) -> None:
    client = live_client
    names = [f"w{number}" for number in range(60)]
    await asyncio.gather(*(client.create(widget(name, live_namespace)) for name in names))

    async def converged() -> bool:
        found = await client.list(Widget, namespace=live_namespace)
        return all(w.status and w.status.observed_generation == w.metadata.generation for w in found)

    async def empty() -> bool:
        return not await client.list(Widget, namespace=live_namespace)

    for size in (2, 3):
        manager = Manager(client, namespaces=[live_namespace])
        manager.add(controller(max_concurrent_reconciles=8))
        async with manager.running():
            await eventually(converged)
            patch = {"spec": {"size": size}}
            await asyncio.gather(
                *(client.patch(Widget, patch, name=name, namespace=live_namespace) for name in names)
            )
            await eventually(converged)
            if size == 3:
                await client.delete_all_of(Widget, namespace=live_namespace)
                await eventually(empty)


@pytest.mark.usefixtures("widgets")
async def test_the_process_runs_on_a_kubeconfig_and_stops_on_sigterm(
    live_client: Client, live_namespace: str, control_plane: Any, tmp_path: Path
) -> None:
    program = tmp_path / "operator_main.py"
    program.write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parents[2])!r})\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "import test_operator_envtest as it\n"
        "from opgen_runtime.main import run\n"
        "sys.exit(run(lambda manager: manager.add(it.controller())))\n"
    )
    process = subprocess.Popen(  # noqa: ASYNC220 - starting one takes no time
        [
            *(sys.executable, str(program), "--kubeconfig", str(control_plane.kubeconfig)),
            *("--health-probe-bind-address", "127.0.0.1:0", "--zap-encoder", "console"),
        ],
        env=os.environ | {"WATCH_NAMESPACE": live_namespace},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        await live_client.create(widget(namespace=live_namespace))

        async def observed() -> bool:
            obj = await live_client.get(Widget, "a", live_namespace)
            return obj.status is not None and obj.status.observed_generation == 1

        await eventually(observed)
        await live_client.delete(Widget, "a", live_namespace)

        async def gone() -> bool:
            return await live_client.find(Widget, "a", live_namespace) is None

        await eventually(gone)
    finally:
        process.send_signal(signal.SIGTERM)
        _, err = await asyncio.to_thread(process.communicate, timeout=60)
        sys.stderr.write(err)
    assert process.returncode == 0, err
    assert re.search(
        rf"context envtest, server https://\S+, namespaces {live_namespace}", err.splitlines()[0]
    ), err
