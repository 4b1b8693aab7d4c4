# Copyright ACME
"""What the controller memcached-audit does; yours to write."""

from collections.abc import Sequence

from opgen_runtime import (
    AnnotationsChanged,
    Controller,
    ControllerOptions,
    For,
    GenerationChanged,
    LabelsChanged,
    Manager,
    ObjectKey,
    Owns,
    Reconciler,
    Resource,
    ResourceVersionChanged,
    Watches,
    is_ready,
    set_condition,
)
from opgen_runtime.kinds.apps_v1 import Deployment
from opgen_runtime.kinds.core_v1 import ConfigMap, Node, Secret

from w.api.v1.memcached import Memcached

OPTIONS = ControllerOptions(
    max_concurrent_reconciles=8,
    reconcile_timeout=1.5,
    cache_sync_timeout=30.0,
    rate_limit_base=0.1,
    rate_limit_max=300.0,
    resync_period=36000.0,
    requeue_after=90.0,
    namespaces=("a", "b"),
    label_selector="tier in (a, b),!canary",
    failure_condition="Ready",
)


class MemcachedAuditReconciler(Reconciler[Memcached]):
    """Brings the cluster to what a Memcached asks for."""

    async def reconcile(self, memcached: Memcached) -> None:
        children = await self.client.apply_all(memcached, desired(memcached))
        ready = all(is_ready(child) for child in children)
        async with self.client.status(memcached) as status:  # one patch, none if nothing changed
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

    # A ConfigMap: uncomment what follows. The imports may move to the top.
    # from opgen_runtime import ObjectMeta, child_name

    # children.append(
    #     ConfigMap(
    #         metadata=ObjectMeta(
    #             name=child_name(memcached, "configmap"),
    #             namespace=memcached.metadata.namespace,
    #         ),
    #         data={"key": "value"},
    #     )
    # )
    return children


def memcached_for_node(node: Node) -> Sequence[ObjectKey]:
    """The objects to reconcile when a Node changes: here that of the same name."""
    return [ObjectKey(namespace="", name=node.metadata.name or "")]


def memcached_for_secret(secret: Secret) -> Sequence[ObjectKey]:
    """The objects to reconcile when a Secret changes: here that of the same name."""
    return [ObjectKey(namespace=secret.metadata.namespace or "", name=secret.metadata.name or "")]


def setup(manager: Manager) -> None:
    manager.add(
        Controller(
            "memcached-audit",  # in metrics, logs, overrides; the owner of the fields it applies
            MemcachedAuditReconciler,  # or any callable that takes the controller's client
            For(
                Memcached,
                predicates=[
                    GenerationChanged() | LabelsChanged() | AnnotationsChanged() | ResourceVersionChanged(),
                ],
            ),
            Owns(Deployment),
            Owns(ConfigMap),
            Watches(Node, memcached_for_node),
            Watches(Secret, memcached_for_secret),
            options=OPTIONS,
        )
    )
