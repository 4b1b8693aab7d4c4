# Copyright ACME
"""What the controller memcached does; yours to write."""

from collections.abc import Sequence

from opgen_runtime import Controller, ControllerOptions, For, Manager, Reconciler, Resource

from w.api.v1.memcached import Memcached

OPTIONS = ControllerOptions()


class MemcachedReconciler(Reconciler[Memcached]):
    """Brings the cluster to what a Memcached asks for."""

    async def reconcile(self, memcached: Memcached) -> None:
        await self.client.apply_all(memcached, desired(memcached))


def desired(memcached: Memcached) -> Sequence[Resource]:
    """The objects that a Memcached owns: pure, so that a test needs no server."""
    return ()


def setup(manager: Manager) -> None:
    manager.add(
        Controller(
            "memcached",  # in metrics, logs, overrides; the owner of the fields it applies
            MemcachedReconciler,  # or any callable that takes the controller's client
            For(Memcached),
            options=OPTIONS,
        )
    )
