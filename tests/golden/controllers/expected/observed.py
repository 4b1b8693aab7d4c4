# Copyright ACME
"""What the controller memcached does; yours to write."""

from collections.abc import Sequence

from opgen_runtime import (
    Controller,
    ControllerOptions,
    For,
    Manager,
    ObjectKey,
    Reconciler,
    Resource,
    Watches,
)
from opgen_runtime.kinds.core_v1 import ConfigMap

from w.api.v1.memcached import Memcached

OPTIONS = ControllerOptions()


class MemcachedReconciler(Reconciler[Memcached]):
    """Brings the cluster to what a Memcached asks for."""

    async def reconcile(self, memcached: Memcached) -> None:
        await self.client.apply_all(memcached, desired(memcached))
        async with self.client.status(memcached) as status:  # one patch, none if nothing changed
            status.observed_generation = memcached.metadata.generation


def desired(memcached: Memcached) -> Sequence[Resource]:
    """The objects that a Memcached owns: pure, so that a test needs no server."""
    return ()


def memcached_for_config_map(config_map: ConfigMap) -> Sequence[ObjectKey]:
    """The objects to reconcile when a ConfigMap changes: here that of the same name."""
    return [ObjectKey(namespace=config_map.metadata.namespace or "", name=config_map.metadata.name or "")]


def setup(manager: Manager) -> None:
    manager.add(
        Controller(
            "memcached",  # in metrics, logs, overrides; the owner of the fields it applies
            MemcachedReconciler,  # or any callable that takes the controller's client
            For(Memcached),
            Watches(ConfigMap, memcached_for_config_map),
            options=OPTIONS,
        )
    )
