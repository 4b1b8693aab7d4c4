"""The official client, as its users write it: typed groups, custom objects, dynamic, watch, informer, election."""

from __future__ import annotations

import json
import os
import sys
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kubernetes import client, config, dynamic, utils, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.informer import SharedInformer
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock.leaselock import LeaseLock

config.load_kube_config()
api = client.ApiClient()
core, apps, custom = client.CoreV1Api(), client.AppsV1Api(), client.CustomObjectsApi()


def refused(call: Callable[..., Any], *arguments: Any, **options: Any) -> ApiException:
    """The error that a call must end with."""
    try:
        call(*arguments, **options)
    except ApiException as problem:
        return problem
    raise AssertionError("nothing was refused")


# typed groups
core.create_namespace({"metadata": {"name": "shop"}})
for number in range(7):
    core.create_namespaced_config_map(
        "shop",
        client.V1ConfigMap(metadata=client.V1ObjectMeta(name=f"c{number}", labels={"n": str(number % 2)})),
    )
assert len(core.list_namespaced_config_map("shop", label_selector="n=1").items) == 3
page = core.list_namespaced_config_map("shop", limit=3)
names = [item.metadata.name for item in page.items]
while page.metadata._continue:
    page = core.list_namespaced_config_map("shop", limit=3, _continue=page.metadata._continue)
    names += [item.metadata.name for item in page.items]
assert names == [f"c{number}" for number in range(7)], names
patched = core.patch_namespaced_config_map("c0", "shop", {"data": {"a": "1"}})
assert patched.data == {"a": "1"}
problem = refused(core.read_namespaced_config_map, "none", "shop")
assert (problem.status, json.loads(problem.body)["reason"]) == (404, "NotFound")
stale = core.read_namespaced_config_map("c0", "shop")
core.patch_namespaced_config_map("c0", "shop", {"data": {"a": "2"}})
assert refused(core.replace_namespaced_config_map, "c0", "shop", stale).status == 409
utils.create_from_dict(
    api,
    {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": "web:1"}]},
            },
        },
    },
    namespace="shop",
)
deployment = apps.read_namespaced_deployment("web", "shop")
assert deployment.spec.replicas == 1
assert deployment.spec.template.spec.containers[0].image == "web:1"
scale = apps.patch_namespaced_deployment_scale("web", "shop", {"spec": {"replicas": 4}})
assert scale.spec.replicas == 4
assert apps.read_namespaced_deployment("web", "shop").spec.replicas == 4

# custom objects
utils.create_from_dict(api, json.loads(Path(sys.argv[1]).read_text()))
place = ("example.com", "v1", "shop", "widgets")
made = custom.create_namespaced_custom_object(
    *place, {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"size": 1}}
)
assert made["spec"] == {"size": 1, "color": "red"}
custom.patch_namespaced_custom_object_status(*place, "w", {"status": {"ready": True}})
assert custom.get_namespaced_custom_object(*place, "w")["status"] == {"ready": True}
problem = refused(custom.patch_namespaced_custom_object, *place, "w", {"spec": {"size": 0}})
assert problem.status == 422
assert "spec.size" in problem.body

# watch: what is there, then what happens
seen = []
watching = watch.Watch()
for event in watching.stream(custom.list_namespaced_custom_object, *place, timeout_seconds=30):
    seen.append((event["type"], event["object"]["metadata"]["name"]))
    if len(seen) == 1:
        custom.delete_namespaced_custom_object(*place, "w")
    if event["type"] == "DELETED":
        watching.stop()
assert seen == [("ADDED", "w"), ("DELETED", "w")], seen

# dynamic client: discovery and server-side apply
resources = dynamic.DynamicClient(api)
widgets = resources.resources.get(api_version="example.com/v1", kind="Widget")
body = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "d"}, "spec": {"size": 5}}
applied = widgets.server_side_apply(body, namespace="shop", field_manager="mine")
assert applied.metadata.managedFields[0].manager == "mine"
body["spec"]["size"] = 6
assert refused(widgets.server_side_apply, body, namespace="shop", field_manager="other").status == 409

# informer
informer = SharedInformer(core.list_namespaced_config_map, namespace="shop")
added, deleted = threading.Event(), threading.Event()
informer.add_event_handler("ADDED", lambda item: added.set() if item.metadata.name == "late" else None)
informer.add_event_handler("DELETED", lambda item: deleted.set() if item.metadata.name == "late" else None)
informer.start()
core.create_namespaced_config_map("shop", {"metadata": {"name": "late"}})
assert added.wait(30)
core.delete_namespaced_config_map("late", "shop")
assert deleted.wait(30)
informer.stop()

# leader election
led = threading.Event()
election = leaderelection.LeaderElection(
    electionconfig.Config(
        LeaseLock("leader", "shop", str(uuid.uuid4())),
        lease_duration=6,
        renew_deadline=4,
        retry_period=1,
        onstarted_leading=led.set,
        onstopped_leading=None,
    )
)
threading.Thread(target=election.run, daemon=True).start()
assert led.wait(30)
assert client.CoordinationV1Api().read_namespaced_lease("leader", "shop").spec.holder_identity

core.delete_namespace("shop")
sys.stdout.write("done\n")
sys.stdout.flush()
os._exit(0)  # the election's thread never ends by itself
