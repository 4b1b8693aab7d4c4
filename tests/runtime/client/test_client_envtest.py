"""The client against a real API server: every verb once, and what only a real server does."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest
from opgen_runtime.client import Client, retry_on_conflict
from opgen_runtime.errors import (
    AlreadyExists,
    ConfigurationError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    OwnershipError,
)
from opgen_runtime.events import EventRecorder, EventSink
from opgen_runtime.objects import ResourceType, Unstructured

pytestmark = pytest.mark.envtest

CONFIG_MAP = ResourceType("", "v1", "ConfigMap", "configmaps")
DEPLOYMENT = ResourceType("apps", "v1", "Deployment", "deployments")
POD = ResourceType("", "v1", "Pod", "pods")
ConfigMap = Unstructured.of(CONFIG_MAP)
Deployment = Unstructured.of(DEPLOYMENT)
Pod = Unstructured.of(POD)


def config_map(name: str, labels: dict[str, str] | None = None, **data: str) -> Unstructured:
    return ConfigMap.from_dict({"metadata": {"name": name, "labels": labels or {}}, "data": data})


def deployment(name: str) -> dict[str, Any]:
    container = {"name": "main", "image": "example.com/nothing"}
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


async def test_an_object_is_created_read_updated_and_deleted(live_client: Client) -> None:
    created = await live_client.create(config_map("a", x="1"))
    assert created.metadata.uid
    with pytest.raises(AlreadyExists):
        await live_client.create(config_map("a"))
    created["data"] = {"x": "2"}
    updated = await live_client.update(created)
    assert (await live_client.get(ConfigMap, "a"))["data"] == {"x": "2"}
    with pytest.raises(Conflict):
        await live_client.update(created)
    await live_client.delete(updated)
    assert await live_client.find(ConfigMap, "a") is None
    with pytest.raises(NotFound):
        await live_client.delete(ConfigMap, "a")
    await live_client.delete(ConfigMap, "a", missing_ok=True)


async def test_an_object_that_was_replaced_is_not_deleted(live_client: Client) -> None:
    first = await live_client.create(config_map("a"))
    await live_client.delete(first)
    await live_client.create(config_map("a"))
    with pytest.raises(Conflict):
        await live_client.delete(first)


async def test_lists_come_in_pages_and_by_selector(
    live_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opgen_runtime.client.reader.PAGE_SIZE", 2)
    for number in range(5):
        await live_client.create(config_map(f"c{number}", {"odd": str(number % 2)}))
    here = live_client.namespace
    assert len(await live_client.list(ConfigMap, namespace=here)) == 5
    odd = await live_client.list(ConfigMap, namespace=here, label_selector={"odd": "1"})
    assert [obj.metadata.name for obj in odd] == ["c1", "c3"]
    both = await live_client.list(ConfigMap, namespace=[here, "no-such"], label_selector={"odd": ["0", "1"]})
    assert len(both) == 5
    one = await live_client.list(ConfigMap, namespace=here, field_selector={"metadata.name": "c4"})
    assert [obj.metadata.name for obj in one] == ["c4"]
    assert len(await live_client.list(ConfigMap)) >= 5
    await live_client.delete_all_of(ConfigMap, label_selector="odd=1")
    assert len(await live_client.list(ConfigMap, namespace=here)) == 3


async def test_patches_of_each_type(live_client: Client) -> None:
    made = await live_client.create(config_map("a", x="1"))
    merged = await live_client.patch(made, {"data": {"y": "2", "x": None}})
    assert merged["data"] == {"y": "2"}
    operations = [{"op": "add", "path": "/data/z", "value": "3"}]
    changed = await live_client.patch(ConfigMap, operations, name="a", type="json")
    assert changed["data"] == {"y": "2", "z": "3"}
    strategic = await live_client.patch(made, {"metadata": {"labels": {"a": "b"}}}, type="strategic")
    assert strategic.metadata.labels == {"a": "b"}


async def test_apply_owns_its_fields_and_forces_others(live_client: Client) -> None:
    wanted = deployment("web")
    applied = await live_client.apply(wanted, field_owner="one")
    assert applied["spec"]["strategy"]["type"] == "RollingUpdate"
    wanted["spec"]["replicas"] = 2
    with pytest.raises(Conflict):
        await live_client.apply(wanted, field_owner="two", force=False)
    assert (await live_client.apply(wanted, field_owner="two"))["spec"]["replicas"] == 2


async def test_a_dry_run_keeps_nothing(live_client: Client) -> None:
    await live_client.create(config_map("a"), dry_run=True)
    live_client.gate.dry_run = True
    await live_client.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "b"}})
    live_client.gate.dry_run = False
    assert await live_client.list(ConfigMap, namespace=live_client.namespace) == []


async def test_unknown_fields_are_refused_when_asked(live_client: Client) -> None:
    wanted = deployment("web")
    wanted["spec"]["replicaz"] = 1
    with pytest.raises(Exception, match=r"spec\.replicaz"):
        await live_client.apply(wanted, field_validation="Strict")


async def test_an_invalid_object_names_its_fields(live_client: Client) -> None:
    wanted = deployment("web")
    wanted["spec"]["template"]["spec"]["containers"] = []
    with pytest.raises(Invalid) as refused:
        await live_client.create(Deployment.from_dict(wanted))
    assert refused.value.causes[0].field == "spec.template.spec.containers"


async def test_status_is_one_patch_of_what_changed(live_client: Client) -> None:
    made = await live_client.create(Deployment.from_dict(deployment("web")))
    async with live_client.status(made) as status:
        status["replicas"] = 3
        status["conditions"] = [{"type": "Mine", "status": "True"}]
    before = made.metadata.resource_version
    async with live_client.status(made) as status:
        status["replicas"] = 3
    assert made.metadata.resource_version == before
    stored = await live_client.get(Deployment, "web")
    assert stored.metadata.resource_version == before
    assert stored["status"]["replicas"] == 3


async def test_status_keeps_what_others_wrote_meanwhile(live_client: Client) -> None:
    mine = await live_client.create(Deployment.from_dict(deployment("web")))
    theirs = await live_client.get(Deployment, "web")
    async with live_client.status(theirs) as status:
        status["conditions"] = [{"type": "Theirs", "status": "True"}]
        status["replicas"] = 7
    async with live_client.status(mine) as status:
        status["conditions"] = [{"type": "Mine", "status": "False"}]
    stored = (await live_client.get(Deployment, "web"))["status"]
    assert [c["type"] for c in stored["conditions"]] == ["Theirs", "Mine"]
    assert stored["replicas"] == 7


async def test_all_desired_objects_get_their_owner(live_client: Client) -> None:
    owner = await live_client.create(config_map("owner"))
    named = live_client.derive(managed_by="tests")
    children = await named.apply_all(owner, [config_map("one"), deployment("two")])
    for child in children:
        references = [(r.uid, r.controller) for r in child.metadata.owner_references or []]
        assert references == [(owner.metadata.uid, True)]
        assert (child.metadata.labels or {})["app.kubernetes.io/managed-by"] == "tests"
    cluster_scoped = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "never"}}
    with pytest.raises(OwnershipError, match="finalize"):
        await live_client.apply_all(owner, [config_map("three"), cluster_scoped])
    assert await live_client.find(ConfigMap, "three") is None


async def test_an_immutable_field_is_an_error_or_a_new_object(live_client: Client) -> None:
    owner = await live_client.create(config_map("owner"))
    (first,) = await live_client.apply_all(owner, [deployment("web")])
    changed = deployment("web")
    changed["spec"]["selector"]["matchLabels"] = {"app": "other"}
    changed["spec"]["template"]["metadata"]["labels"] = {"app": "other"}
    with pytest.raises(Invalid):
        await live_client.apply_all(owner, [changed])
    stranger = await live_client.create(config_map("stranger"))
    with pytest.raises(OwnershipError, match="not deleted"):
        await live_client.apply_all(stranger, [changed], on_immutable="recreate")
    (second,) = await live_client.apply_all(owner, [changed], on_immutable="recreate")
    assert second.metadata.uid != first.metadata.uid


async def test_the_scale_subresource(live_client: Client) -> None:
    made = await live_client.apply(deployment("web"))
    scale = live_client.subresource(made, "scale")
    assert (await scale.get())["spec"]["replicas"] == 1
    assert (await scale.patch({"spec": {"replicas": 4}}))["spec"]["replicas"] == 4


async def test_waiting_for_a_change_and_for_a_deletion(live_client: Client) -> None:
    made = await live_client.create(config_map("a"))

    def has_data(obj: Unstructured | None) -> bool:
        return obj is not None and obj.get("data") == {"x": "1"}

    async with asyncio.TaskGroup() as group:
        changed = group.create_task(live_client.wait_for(made, has_data))
        await live_client.patch(made, {"data": {"x": "1"}})
    assert changed.result() is not None
    async with asyncio.TaskGroup() as group:
        group.create_task(live_client.wait_for(ConfigMap, lambda obj: obj is None, name="a"))
        await live_client.delete(made)


async def test_pages_and_watches_as_bytes(live_client: Client) -> None:
    here = live_client.namespace
    await live_client.create(config_map("a"))
    page = await live_client.raw.list_page(CONFIG_MAP, namespace=here, limit=1)
    assert [item.metadata.name for item in page.items] == ["a"]
    events = live_client.raw.watch(CONFIG_MAP, namespace=here, resource_version=page.resource_version)
    async with aclosing(events):
        await live_client.create(config_map("b"))
        event = await anext(events)
        assert (event.type, event.metadata.name) == ("ADDED", "b")
        await live_client.delete(ConfigMap, "b")
        assert (await anext(events)).type == "DELETED"


async def test_a_streaming_list_ends_with_its_bookmark(live_client: Client) -> None:
    await live_client.create(config_map("a"))
    events = live_client.raw.watch(
        CONFIG_MAP, namespace=live_client.namespace, send_initial_events=True, metadata_only=True
    )
    async with aclosing(events):
        added = await anext(events)
        assert (added.type, added.metadata.name) == ("ADDED", "a")
        assert b"PartialObjectMetadata" in added.raw
        assert (await anext(events)).initial_events_end


async def test_conflicts_are_retried_by_the_helper(live_client: Client) -> None:
    await live_client.create(config_map("a", n="0"))

    async def increment() -> None:
        obj = await live_client.get(ConfigMap, "a")
        obj["data"] = {"n": str(int(obj["data"]["n"]) + 1)}
        await live_client.update(obj)

    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(retry_on_conflict(increment, attempts=20))
    assert (await live_client.get(ConfigMap, "a"))["data"] == {"n": "3"}


async def test_a_refusal_by_rbac_says_what_to_declare(live_client: Client, control_plane: Any) -> None:
    from opgen_runtime.client.config import explicit
    from opgen_runtime.client.live import LiveTransport

    nobody = LiveTransport(explicit(control_plane.url, ca_file=str(control_plane.ca_file)))
    try:
        with pytest.raises(Forbidden) as refused:
            await Client(nobody).get(Deployment, "web")
    finally:
        await nobody.close()
    assert refused.value.rbac_line == '@rbac(groups="apps", resources="deployments", verbs="get")'


async def test_a_kind_without_a_model_is_found_by_discovery(live_client: Client) -> None:
    lease = await live_client.kind("coordination.k8s.io/v1", "Lease")
    assert (lease.KIND.plural, lease.KIND.namespaced) == ("leases", True)
    with pytest.raises(NotFound):
        await live_client.kind("apps/v1", "Nothing")


async def test_a_pod_is_evicted_and_has_no_log_yet(live_client: Client) -> None:
    spec = {
        "containers": [{"name": "main", "image": "example.com/nothing"}],
        "terminationGracePeriodSeconds": 0,
    }
    await live_client.create(Pod.from_dict({"metadata": {"name": "p"}, "spec": spec}))
    assert await live_client.logs("p") == ""
    await live_client.evict("p", grace_period=0)
    assert await live_client.find(Pod, "p") is None


async def test_events_become_series(live_client: Client) -> None:
    about = await live_client.create(config_map("a"))
    sink = EventSink(live_client, "here")
    recorder = EventRecorder(sink, "tests")
    for _ in range(4):
        recorder.warning(about, "Broken", "it does not work")
    recorder.normal(about, "Mended", "it does")
    await sink.flush()
    kind = await live_client.kind("events.k8s.io/v1", "Event")
    found = await live_client.list(kind, namespace=live_client.namespace)
    counts = {event["reason"]: (event.get("series") or {}).get("count") for event in found}
    assert counts == {"Broken": 4, "Mended": None}


async def test_without_a_context_of_that_name(control_plane: Any) -> None:
    with pytest.raises(ConfigurationError, match="nowhere"):
        async with Client.connect(kubeconfig=str(control_plane.kubeconfig), context="nowhere"):
            pass
