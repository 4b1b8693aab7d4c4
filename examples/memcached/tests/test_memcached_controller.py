# SPDX-License-Identifier: Apache-2.0
"""The controller memcached on an API server inside the test process."""

from opgen.testing import Eventually, sample
from opgen_runtime import Client, Manager, find_condition
from opgen_runtime.kinds.apps_v1 import Deployment

from memcached.api.v1alpha1.memcached import Memcached
from memcached.controller.memcached_controller import deployment_of, setup


def test_the_deployment_follows_the_spec() -> None:
    """What a Memcached owns follows from it alone, so no server is needed."""
    memcached = sample(Memcached)
    memcached.spec.size = 3
    memcached.spec.port = 12345
    deployment = deployment_of(memcached)
    assert deployment.spec is not None
    assert deployment.spec.replicas == 3
    assert deployment.spec.selector.match_labels == deployment.spec.template.metadata.labels  # type: ignore[union-attr]
    assert deployment.spec.template.spec is not None
    assert deployment.spec.template.spec.containers[0].command == [
        "memcached",
        "--memory-limit=64",
        "--port=12345",
    ]


async def test_status_follows_the_deployment(
    manager: Manager, client: Client, namespace: str, eventually: Eventually
) -> None:
    """The servers that answer are counted, and the condition turns when all do."""
    setup(manager)
    async with manager.running():
        created = await client.create(sample(Memcached, namespace=namespace))
        name = created.metadata.name or ""

        async def progressing() -> Deployment:
            found = await client.get(Memcached, name, namespace)
            condition = find_condition(found.status, "Ready")
            assert condition is not None
            assert (condition.status, condition.reason) == ("False", "Progressing")
            (deployment,) = await client.list(Deployment, namespace=namespace)
            return deployment

        deployment = await eventually(progressing)
        async with client.status(deployment) as status:
            status.replicas = status.ready_replicas = 1

        async def ready() -> None:
            found = await client.get(Memcached, name, namespace)
            condition = find_condition(found.status, "Ready")
            assert condition is not None
            assert condition.message == "1 of 1 servers answer"
            assert condition.status == "True"
            assert found.status is not None
            assert found.status.ready_replicas == 1
            assert found.status.observed_generation == found.metadata.generation

        await eventually(ready)


async def test_a_change_of_spec_reaches_the_deployment(
    manager: Manager, client: Client, namespace: str, eventually: Eventually
) -> None:
    """Scaling a Memcached scales its servers; a deletion ends with nothing left to finalize."""
    setup(manager)
    async with manager.running():
        created = await client.create(sample(Memcached, namespace=namespace))
        name = created.metadata.name or ""

        async def scaled(size: int) -> None:
            deployments = await client.list(Deployment, namespace=namespace)
            assert [d.spec.replicas for d in deployments if d.spec] == [size]

        await eventually(lambda: scaled(1))
        await client.patch(created, {"spec": {"size": 5}})
        await eventually(lambda: scaled(5))
        await client.delete(created)

        async def gone() -> None:
            assert await client.find(Memcached, name, namespace) is None

        await eventually(gone)
