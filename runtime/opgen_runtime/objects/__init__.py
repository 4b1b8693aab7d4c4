"""What models are made of, and the helpers that every reconciler needs. Nothing here does I/O."""

from opgen_runtime.errors import DecodeError
from opgen_runtime.objects.identity import ObjectKey, ResourceType
from opgen_runtime.objects.meta import Condition, ManagedFieldsEntry, ObjectMeta, OwnerReference
from opgen_runtime.objects.resource import Resource, Unstructured
from opgen_runtime.objects.struct import Nullable, OpenStruct, Struct

__all__ = [
    "Condition",
    "DecodeError",
    "ManagedFieldsEntry",
    "Nullable",
    "ObjectKey",
    "ObjectMeta",
    "OpenStruct",
    "OwnerReference",
    "Resource",
    "ResourceType",
    "Struct",
    "Unstructured",
]
