"""lightkube: typed resources, generic resources, apply, patches, watch."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from lightkube import ApiError, Client
from lightkube.generic_resource import create_namespaced_resource
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apiextensions_v1 import CustomResourceDefinition
from lightkube.resources.core_v1 import ConfigMap, Namespace
from lightkube.types import PatchType

client = Client(field_manager="lightkube-test")
client.create(CustomResourceDefinition.from_dict(json.loads(Path(sys.argv[1]).read_text())))
Widget = create_namespaced_resource("example.com", "v1", "Widget", "widgets")
client.create(Namespace(metadata=ObjectMeta(name="shop")))
client.create(Widget(metadata=ObjectMeta(name="w", namespace="shop"), spec={"size": 1}))
assert client.get(Widget, "w", namespace="shop").spec["color"] == "red"
client.patch(Widget, "w", {"spec": {"size": 2}}, namespace="shop", patch_type=PatchType.MERGE)
status = Widget.Status(metadata=ObjectMeta(name="w", namespace="shop"), status={"ready": True})
client.apply(status, force=True)
assert client.get(Widget.Status, "w", namespace="shop").status == {"ready": True}
made = client.apply(
    ConfigMap(
        apiVersion="v1", kind="ConfigMap", metadata=ObjectMeta(name="c", namespace="shop"), data={"a": "1"}
    )
)
assert made.metadata.managedFields[0].manager == "lightkube-test"
for event, item in client.watch(ConfigMap, namespace="shop"):
    if event == "ADDED" and item.data == {"a": "1"}:
        client.delete(ConfigMap, "c", namespace="shop")
    if event == "DELETED":
        break
for number in range(5):
    client.create(ConfigMap(metadata=ObjectMeta(name=f"n{number}", namespace="shop", labels={"x": "y"})))
assert len(list(client.list(ConfigMap, namespace="shop", labels={"x": "y"}, chunk_size=2))) == 5
status = 0
try:
    client.get(ConfigMap, "none", namespace="shop")
except ApiError as problem:
    status = problem.status.code
assert status == 404
client.deletecollection(ConfigMap, namespace="shop")
assert list(client.list(ConfigMap, namespace="shop")) == []
sys.stdout.write("done\n")
