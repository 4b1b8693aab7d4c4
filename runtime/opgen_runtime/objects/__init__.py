"""What models are made of, and the helpers that every reconciler needs. Nothing here does I/O."""

from pydantic import Field

from opgen_runtime.errors import DecodeError
from opgen_runtime.objects.conditions import (
    ConditionLike,
    find_condition,
    is_condition_true,
    remove_condition,
    set_condition,
)
from opgen_runtime.objects.identity import ObjectKey, ResourceType
from opgen_runtime.objects.limits import Int32, OneOf, Unique
from opgen_runtime.objects.meta import Condition, ManagedFieldsEntry, ObjectMeta, OwnerReference
from opgen_runtime.objects.owners import (
    check_ownership,
    child_name,
    controller_of,
    is_owned_by,
    owner_reference,
    set_controller_reference,
    set_owner_reference,
)
from opgen_runtime.objects.quantity import format_quantity, parse_quantity, same_quantity
from opgen_runtime.objects.readiness import is_ready
from opgen_runtime.objects.resource import Resource, Unstructured
from opgen_runtime.objects.struct import Nullable, OpenStruct, Struct
from opgen_runtime.objects.unions import at_most_one, exactly_one, tagged

__all__ = [
    "Condition",
    "ConditionLike",
    "DecodeError",
    "Field",
    "Int32",
    "ManagedFieldsEntry",
    "Nullable",
    "ObjectKey",
    "ObjectMeta",
    "OneOf",
    "OpenStruct",
    "OwnerReference",
    "Resource",
    "ResourceType",
    "Struct",
    "Unique",
    "Unstructured",
    "at_most_one",
    "check_ownership",
    "child_name",
    "controller_of",
    "exactly_one",
    "find_condition",
    "format_quantity",
    "is_condition_true",
    "is_owned_by",
    "is_ready",
    "owner_reference",
    "parse_quantity",
    "remove_condition",
    "same_quantity",
    "set_condition",
    "set_controller_reference",
    "set_owner_reference",
    "tagged",
]
