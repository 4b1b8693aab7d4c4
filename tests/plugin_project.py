"""A small project with one definition, its model, its samples and tests, for runs of pytest on several servers."""

from __future__ import annotations

from pathlib import Path

CONFIG = """
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
filterwarnings = error
"""
CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, kind: Widget}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {type: object, properties: {size: {type: integer, default: 3}}}
"""
MODEL = """
from typing import ClassVar
from opgen_runtime.objects import Resource, ResourceType, Struct

class WidgetSpec(Struct):
    size: int = 1

class Widget(Resource):
    KIND: ClassVar[ResourceType] = ResourceType("example.com", "v1", "Widget", "widgets")
    spec: WidgetSpec | None = None
"""
SAMPLE = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: widget-sample}\nspec: {size: 5}\n"
TESTS = """
import pytest
from opgen_runtime import Controller, For, Manager, Reconciler
from opgen_runtime.errors import NotFound
from opgen_runtime.kinds.core_v1 import ConfigMap, Namespace
from opgen_runtime.objects import ObjectMeta, OwnerReference
from model import Widget, WidgetSpec
from opgen.testing import sample

KEPT = ObjectMeta(name="kept", finalizers=["example.com/never"])

class Doubler(Reconciler[Widget]):
    async def reconcile(self, widget):
        if widget.spec.size < 10:
            await self.client.patch(widget, {"spec": {"size": widget.spec.size * 2}})

@pytest.mark.parametrize("number", range(3))
async def test_reconciles_and_leaves_things(manager, client, namespace, eventually, number):
    manager.add(Controller("widget", Doubler, For(Widget)))
    async with manager.running():
        await client.create(sample(Widget, namespace=namespace))
        await client.create(Widget(metadata=KEPT, spec=WidgetSpec(size=20)))

        async def doubled():
            assert (await client.get(Widget, "widget-sample")).spec.size == 10
        await eventually(doubled)

async def test_of_the_whole_cluster_finds_nothing_of_other_tests(client, namespace):
    # Only in one process: workers that share a server have their tests at the same time.
    await client.create(Namespace(metadata=ObjectMeta(name=f"{namespace}-more")))
    left = {w.metadata.namespace for w in await client.list(Widget, namespace="") if w.metadata.name == "kept"}
    assert left <= {namespace}

async def test_kubectl(kubectl, client, namespace):
    manifest = '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "b"}}'
    assert "configmap/c created" in await kubectl("apply", "-f", "-", input=manifest)
    assert (await kubectl.json("get", "configmap", "c"))["metadata"]["namespace"] == namespace
    assert (await client.get(ConfigMap, "c")).data == {"a": "b"}

def test_kubectl_without_a_loop(kubectl, namespace):
    assert kubectl.run("get", "widgets", "-o", "name") == ""
    with pytest.raises(AssertionError, match="not found"):
        kubectl.run("get", "widget", "none")

async def test_in_virtual_time(clock, client):
    assert clock.now >= 0
"""


def write(folder: Path) -> None:
    """The project's files."""
    (folder / "pytest.ini").write_text(CONFIG)
    (folder / "model.py").write_text(MODEL)
    bases = folder / "config" / "crd" / "bases"
    bases.mkdir(parents=True)
    (bases / "example.com_widgets.yaml").write_text(CRD)
    samples = folder / "config" / "samples"
    samples.mkdir()
    (samples / "example_v1_widget.yaml").write_text(SAMPLE)
    (samples / "example_v1_widget_full.yaml").write_text(SAMPLE.replace("5", "7"))
