"""The built-in Kubernetes types, offline."""

from __future__ import annotations

from opgen.ir.schema import CoreRef

_OBJECTS = frozenset(
    CoreRef("meta/v1", name) for name in ("Condition", "ManagedFieldsEntry", "ObjectMeta", "OwnerReference")
)


def models() -> frozenset[CoreRef]:
    """The built-in types that have a model in opgen_runtime."""
    return _OBJECTS


def model(ref: CoreRef) -> tuple[str, str]:
    """The module and the class of one of `models()`."""
    return "opgen_runtime.objects", ref.name
