"""`make_ready`: what it writes is what `is_ready` waits for, and what the API server takes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from opgen_runtime import NotFound, ObjectMeta, Resource, is_ready
from opgen_runtime.client import Client
from opgen_runtime.kinds import lookup
from opgen_runtime.kinds.core_v1 import ConfigMap, Pod
from opgen_runtime.objects.readiness import _KINDS as JUDGED
from opgen_runtime.testing import InMemoryTransport

from opgen.apiserver import ApiServer
from opgen.testing import make_ready
from opgen.testing.ready import _KINDS as MADE

LABELS = {"app": "x"}
PODS = {"containers": [{"name": "c", "image": "i"}]}
POD = {"metadata": {"labels": LABELS}, "spec": PODS}
WORKLOAD = {"replicas": 3, "selector": {"matchLabels": LABELS}, "template": POD}
JOB = {"template": {"spec": {**PODS, "restartPolicy": "Never"}}}
CLAIM = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
CASES: dict[tuple[str, str], dict[str, Any]] = {
    ("apps/v1", "Deployment"): WORKLOAD,
    ("apps/v1", "ReplicaSet"): WORKLOAD,
    ("apps/v1", "StatefulSet"): {**WORKLOAD, "serviceName": "x"},
    ("apps/v1", "DaemonSet"): {"selector": {"matchLabels": LABELS}, "template": POD},
    ("v1", "PersistentVolumeClaim"): CLAIM,
    ("v1", "Pod"): PODS,
    ("v1", "Service"): {"type": "LoadBalancer", "ports": [{"port": 80}]},
    ("batch/v1", "Job"): JOB,
    ("example.com/v1", "Widget"): {},
}
DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"plural": "widgets", "kind": "Widget"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {
                    "openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
                },
            }
        ],
    },
}


def test_every_kind_that_is_judged_by_more_than_its_existence_can_be_made_ready() -> None:
    exempt = {("batch", "CronJob"), ("policy", "PodDisruptionBudget")}  # ready at once
    exempt |= {("apiextensions.k8s.io", "CustomResourceDefinition")}  # the server itself says so
    assert set(JUDGED) - exempt == set(MADE)
    assert {(api.rpartition("/")[0], kind) for api, kind in CASES} - {("example.com", "Widget")} == set(MADE)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[1])
def test_it_is_ready_then(case: tuple[str, str]) -> None:
    """On the API server: not ready before, ready after, and asked again nothing changes."""

    async def main() -> None:
        client = Client(
            InMemoryTransport(ApiServer([DEFINITION]).handle), namespace="default", field_owner="t"
        )
        kind: type[Resource] | None = lookup(*case)
        kind = kind if kind is not None else await client.kind(*case)
        metadata = {"name": "x", "namespace": "default"}
        made = kind.from_dict(
            {"apiVersion": case[0], "kind": case[1], "metadata": metadata, "spec": CASES[case]}
        )
        created = await client.create(made)
        if case[1] == "Widget":
            status = {"observedGeneration": 0, "conditions": [{"type": "Stalled", "status": "True"}]}
            await client.subresource(created, "status").patch({"status": status})
            created = await client.get(kind, "x")
        assert not is_ready(created)
        await make_ready(client, [created])
        found = await client.get(kind, "x")
        assert is_ready(found)
        await make_ready(client, [created])
        assert (await client.get(kind, "x")).metadata.resource_version == found.metadata.resource_version

    asyncio.run(main())


def test_what_has_no_status_is_left_alone_and_what_is_not_there_is_told() -> None:
    async def main() -> None:
        client = Client(InMemoryTransport(ApiServer().handle), namespace="default", field_owner="t")
        created = await client.create(ConfigMap(metadata=ObjectMeta(name="x")))
        await make_ready(client, [created])
        with pytest.raises(NotFound):
            await make_ready(client, [created, Pod(metadata=ObjectMeta(name="y"))])

    asyncio.run(main())
