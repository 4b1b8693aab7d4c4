# Copyright ACME
"""What the controller memcached does; yours to write."""

from collections.abc import Sequence

from opgen_runtime import (
    Controller,
    ControllerOptions,
    For,
    GenerationChanged,
    Manager,
    Owns,
    Reconciler,
    Resource,
    is_ready,
    set_condition,
)
from opgen_runtime.kinds.apps_v1 import Deployment

from w.api.v1.memcached import Memcached

OPTIONS = ControllerOptions(max_concurrent_reconciles=4, reconcile_timeout=60.0, failure_condition="Ready")


class MemcachedReconciler(Reconciler[Memcached]):
    """Brings the cluster to what a Memcached asks for."""

    async def reconcile(self, memcached: Memcached) -> None:
        children = await self.client.apply_all(memcached, desired(memcached))
        ready = all(is_ready(child) for child in children)
        async with self.client.status(memcached) as status:  # one patch, none if nothing changed
            status.observed_generation = memcached.metadata.generation
            set_condition(status, "Ready", ready, reason="Available" if ready else "Progressing")

    async def finalize(self, memcached: Memcached) -> None:
        """Undoes what Kubernetes doesn't collect by itself, before a Memcached goes."""


def desired(memcached: Memcached) -> Sequence[Resource]:
    """The objects that a Memcached owns: pure, so that a test needs no server."""
    children: list[Resource] = []
    # A Deployment: uncomment what follows. The imports may move to the top.
    # from opgen_runtime import ObjectMeta, child_name
    # from opgen_runtime.kinds.apps_v1 import DeploymentSpec
    # from opgen_runtime.kinds.core_v1 import Container, PodSpec, PodTemplateSpec
    # from opgen_runtime.kinds.meta_v1 import LabelSelector

    # labels = {
    #     "app.kubernetes.io/name": "memcached",
    #     "app.kubernetes.io/instance": memcached.metadata.name or "",
    # }
    # children.append(
    #     Deployment(
    #         metadata=ObjectMeta(
    #             name=child_name(memcached, "deployment"),
    #             namespace=memcached.metadata.namespace,
    #             labels=labels,
    #         ),
    #         spec=DeploymentSpec(
    #             replicas=1,
    #             selector=LabelSelector(match_labels=labels),
    #             template=PodTemplateSpec(
    #                 metadata=ObjectMeta(labels=labels),
    #                 spec=PodSpec(
    #                     containers=[
    #                         Container(name="main", image="registry.k8s.io/pause:3.10"),
    #                     ],
    #                 ),
    #             ),
    #         ),
    #     )
    # )
    return children


def setup(manager: Manager) -> None:
    manager.add(
        Controller(
            "memcached",  # in metrics, logs, overrides; the owner of the fields it applies
            MemcachedReconciler,  # or any callable that takes the controller's client
            For(Memcached, predicates=[GenerationChanged()]),
            Owns(Deployment),
            options=OPTIONS,
        )
    )
