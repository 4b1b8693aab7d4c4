"""Puts the shared server back as it was before a test: its namespace, and cluster-scoped objects that it left."""

from __future__ import annotations

from typing import Any

from opgen.apiserver import ApiServer


def snapshot(server: ApiServer) -> set[str]:
    """The uids of all cluster-scoped objects."""
    with server.locked() as context:
        found: set[str] = set()
        for table, _ in context.store.tables():
            info = context.registry.of_table(table)
            if info is not None and not info.namespaced:
                found.update(item.obj["metadata"]["uid"] for item in context.store.items(table))
        return found


def purge(server: ApiServer, namespace: str, before: set[str]) -> None:
    """Remove everything in the namespace whatever finalizers it has, and cluster-scoped objects not in `before`.

    Definitions stay: those that a test installs are the test's to remove.
    """
    with server.locked() as context:
        store = context.store
        for table, _ in list(store.tables()):
            info = context.registry.of_table(table)
            if info is None or info.plural == "customresourcedefinitions":
                continue
            for item in store.items(table, namespace if info.namespaced else ""):
                if info.namespaced or item.obj["metadata"]["uid"] not in before:
                    current = store.get(table, item.namespace, item.name)
                    if current is not None:
                        store.delete(table, item.namespace, item.name)
    server.settle()


def objects(server: ApiServer, namespace: str) -> list[dict[str, Any]]:
    """Everything in the namespace, by kind and name."""
    with server.locked() as context:
        return [
            item.obj
            for table, _ in sorted(context.store.tables())
            if (info := context.registry.of_table(table)) is not None and info.namespaced
            for item in context.store.items(table, namespace)
        ]
