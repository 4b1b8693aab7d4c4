"""ObjectMeta and a definition's status as decoder tables: checked like the rest, kept as raw data."""

from __future__ import annotations

from typing import Any

from opgen.apiextensions.gojson import Bool, GoType, Int, Map, Nested, Raw, Slice, State, String, Struct
from opgen.apiextensions.gotime import NotATime, read

_STRING = String()
_STRINGS = Slice(_STRING, "")
_BOOL = Bool()
_INT64 = Int(64)
_ANY = Raw(lambda value: value)


def _read_time(state: State, value: Any) -> str | None:
    if isinstance(value, str):
        try:
            read(value)
        except NotATime as wrong:
            state.error = str(wrong)
        return value
    if value is not None:
        state.mismatch(value, "string")
    return None


_TIMESTAMP = Nested("v1.Time", _read_time)


def _raw(**arguments: Any) -> dict[str, Any]:
    return arguments


def _struct(name: str, fields: dict[str, GoType]) -> Struct:
    """A struct whose decoded form is plain data under the wire names."""
    return Struct("v1", name, {wire: (wire, go_type) for wire, go_type in fields.items()}, _raw)


_OWNER_REFERENCE = _struct(
    "OwnerReference",
    {
        "apiVersion": _STRING,
        "kind": _STRING,
        "name": _STRING,
        "uid": String("types.UID"),
        "controller": _BOOL,
        "blockOwnerDeletion": _BOOL,
    },
)

_MANAGED_FIELDS = _struct(
    "ManagedFieldsEntry",
    {
        "manager": _STRING,
        "operation": String("v1.ManagedFieldsOperationType"),
        "apiVersion": _STRING,
        "time": _TIMESTAMP,
        "fieldsType": _STRING,
        "fieldsV1": _ANY,
        "subresource": _STRING,
    },
)

OBJECT_META = _struct(
    "ObjectMeta",
    {
        "name": _STRING,
        "generateName": _STRING,
        "namespace": _STRING,
        "selfLink": _STRING,
        "uid": String("types.UID"),
        "resourceVersion": _STRING,
        "generation": _INT64,
        "creationTimestamp": _TIMESTAMP,
        "deletionTimestamp": _TIMESTAMP,
        "deletionGracePeriodSeconds": _INT64,
        "labels": Map(_STRING, ""),
        "annotations": Map(_STRING, ""),
        "ownerReferences": Slice(_OWNER_REFERENCE, {}),
        "finalizers": _STRINGS,
        "managedFields": Slice(_MANAGED_FIELDS, {}),
    },
)

CONDITION = _struct(
    "CustomResourceDefinitionCondition",
    {
        "type": String("v1.CustomResourceDefinitionConditionType"),
        "status": String("v1.ConditionStatus"),
        "lastTransitionTime": _TIMESTAMP,
        "reason": _STRING,
        "message": _STRING,
        "observedGeneration": _INT64,
    },
)
