"""Kubernetes' API conventions for what is new: said only where asked for, since not every project keeps them.

What the old definition had already is no news, whatever the conventions say of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from opgen.apiextensions.compare.reasons import Reason
from opgen.apiextensions.compare.where import Where
from opgen.ir.definition import Definition, Version
from opgen.ir.schema import Schema

_CONDITION = ("lastTransitionTime", "message", "observedGeneration", "reason", "status", "type")


def breaches(old: Definition, new: Definition) -> Iterator[Reason]:
    """Conventions that new or changed parts of a definition do not keep."""
    for version in new.versions:
        before = old.version(version.name)
        known = set() if before is None else {(r.code, r.path) for r in _version(before, 0)}
        for reason in _version(version, new.versions.index(version)):
            if (reason.code, reason.path) not in known:
                yield reason


def _version(version: Version, index: int) -> Iterator[Reason]:
    if version.schema is None:
        return
    where = Where(version.name, "", f"spec.versions[{index}].schema.openAPIV3Schema")
    yield from _node(version.schema, where)
    if "status" in version.schema.properties and not version.status_subresource:
        yield where.property("status").reason("convention-status", "has no status subresource")


def _node(schema: Schema, where: Where) -> Iterator[Reason]:
    match schema.type:
        case "boolean":
            yield where.reason("convention-bool", "is a boolean")
        case "number":
            yield where.reason("convention-float", "is a floating-point number")
        case "array":
            yield from _list(schema, where)
    if schema.format.startswith("uint"):
        yield where.reason("convention-uint", "is an unsigned integer")
    if schema.type == "object" and schema.additional_properties not in (None, False):
        yield where.reason("convention-map", "is a map")
    for name, child in schema.properties.items():
        if not (name == "metadata" and not where.path):
            yield from _node(child, where.property(name))
    if schema.items is not None:
        yield from _node(schema.items, where.items())
    if isinstance(schema.additional_properties, Schema):
        yield from _node(schema.additional_properties, where.values())


def _list(schema: Schema, where: Where) -> Iterator[Reason]:
    if not schema.x_list_type:
        yield where.reason("convention-list-type", "has no x-kubernetes-list-type")
    if where.path.rpartition(".")[2] != "conditions" or schema.items is None:
        return
    if schema.x_list_type != "map" or "type" not in schema.x_list_map_keys:
        yield where.reason("convention-conditions", "are not a list of type map with the key type")
    missing = [name for name in _CONDITION if name not in schema.items.properties]
    if missing and schema.items.properties:
        below = where.items()
        yield below.reason("convention-conditions", f"have no {', '.join(missing)}")
