# SPDX-License-Identifier: Apache-2.0
"""Keeps a Deployment of memcached servers for each Memcached, and says in its status how many answer."""

from collections.abc import Sequence

from opgen_runtime import (
    Controller,
    ControllerOptions,
    For,
    Manager,
    ObjectMeta,
    Owns,
    Reconciler,
    Resource,
    child_name,
    set_condition,
)
from opgen_runtime.kinds.apps_v1 import Deployment, DeploymentSpec
from opgen_runtime.kinds.core_v1 import Container, ContainerPort, PodSpec, PodTemplateSpec
from opgen_runtime.kinds.meta_v1 import LabelSelector

from memcached.api.v1alpha1.memcached import Memcached

OPTIONS = ControllerOptions(max_concurrent_reconciles=4, reconcile_timeout=60.0, failure_condition="Ready")


class MemcachedReconciler(Reconciler[Memcached]):
    """Brings the cluster to what a Memcached asks for."""

    async def reconcile(self, memcached: Memcached) -> None:
        (deployment,) = await self.client.apply_all(memcached, [deployment_of(memcached)])
        answering = deployment.status.ready_replicas or 0 if deployment.status else 0
        wanted = memcached.spec.size
        async with self.client.status(memcached) as status:
            status.observed_generation = memcached.metadata.generation
            status.ready_replicas = answering
            set_condition(
                status,
                "Ready",
                answering >= wanted,
                reason="Available" if answering >= wanted else "Progressing",
                message=f"{answering} of {wanted} servers answer",
            )

    async def finalize(self, memcached: Memcached) -> None:
        """The Deployment is collected by Kubernetes; who watches is told that the cache's content goes."""
        self.log.info("the cache %s goes, and what it holds with it", memcached.metadata.name)


def desired(memcached: Memcached) -> Sequence[Resource]:
    """The objects that a Memcached owns: pure, so that a test needs no server."""
    return (deployment_of(memcached),)


def deployment_of(memcached: Memcached) -> Deployment:
    """The Deployment of a Memcached's servers."""
    spec = memcached.spec
    labels = {
        "app.kubernetes.io/name": "memcached",
        "app.kubernetes.io/instance": memcached.metadata.name or "",
    }
    server = Container(
        name="memcached",
        image=spec.image,
        command=["memcached", f"--memory-limit={spec.memory_megabytes}", f"--port={spec.port}"],
        ports=[ContainerPort(name="memcached", container_port=spec.port)],
    )
    return Deployment(
        metadata=ObjectMeta(
            name=child_name(memcached, "servers"), namespace=memcached.metadata.namespace, labels=labels
        ),
        spec=DeploymentSpec(
            replicas=spec.size,
            selector=LabelSelector(match_labels=labels),
            template=PodTemplateSpec(metadata=ObjectMeta(labels=labels), spec=PodSpec(containers=[server])),
        ),
    )


def setup(manager: Manager) -> None:
    manager.add(
        Controller(
            "memcached",  # in metrics, logs, overrides; the owner of the fields it applies
            MemcachedReconciler,  # or any callable that takes the controller's client
            For(Memcached),
            Owns(Deployment),
            options=OPTIONS,
        )
    )
