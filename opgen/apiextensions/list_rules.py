"""x-kubernetes-list-type, x-kubernetes-list-map-keys and x-kubernetes-map-type: what goes with what."""

from __future__ import annotations

from collections.abc import Iterator

from opgen.apiextensions.complaints import forbidden, invalid, not_supported, required
from opgen.apiextensions.errors import FieldError, GoText
from opgen.apiextensions.gostructs import items_struct
from opgen.ir.schema import JSON, Schema

_MAP_TYPES = ("atomic", "granular")
_LIST_TYPES = ("atomic", "set", "map")


def list_errors(schema: Schema, path: str, *, atomic_sets: bool) -> Iterator[FieldError]:
    """The errors of one node's list and map types."""
    if schema.x_map_type is not None:
        yield from _type_errors(schema, path, "object", "x-kubernetes-map-type")
        if schema.x_map_type not in _MAP_TYPES:
            yield not_supported(f"{path}.x-kubernetes-map-type", schema.x_map_type, _MAP_TYPES)
    if schema.x_list_type is not None:
        yield from _type_errors(schema, path, "array", "x-kubernetes-list-type")
        if atomic_sets and schema.type == "array" and schema.x_list_type == "set":
            yield from _set_items(schema, path)
        if schema.x_list_type not in _LIST_TYPES:
            yield not_supported(f"{path}.x-kubernetes-list-type", schema.x_list_type, _LIST_TYPES)
    if schema.x_list_map_keys and schema.x_list_type != "map":
        detail = "must be map if x-kubernetes-list-map-keys is non-empty"
        if schema.x_list_type is None:
            yield required(f"{path}.x-kubernetes-list-type", detail)
        else:
            yield invalid(f"{path}.x-kubernetes-list-type", schema.x_list_type, detail)
    if schema.x_list_type == "map":
        yield from _map_shape(schema, path)


def _type_errors(schema: Schema, path: str, wanted: str, keyword: str) -> Iterator[FieldError]:
    detail = f"must be {wanted} if {keyword} is specified"
    if not schema.type:
        yield required(f"{path}.type", detail)
    elif schema.type != wanted:
        yield invalid(f"{path}.type", schema.type, detail)


def has_shared_set(schema: Schema) -> bool:
    """Whether the node is a set whose items are not owned as a whole."""
    return schema.x_list_type == "set" and any(_set_items(schema, ""))


def _set_items(schema: Schema, path: str) -> Iterator[FieldError]:
    items = schema.items
    detail = "must be atomic as item of a list with x-kubernetes-list-type=set"
    if items is None:
        return
    if items.type == "array" and items.x_list_type not in (None, "atomic"):
        yield invalid(f"{path}.items.x-kubernetes-list-type", GoText(items.x_list_type), detail)
    elif items.type == "object" and items.x_map_type != "atomic":
        yield invalid(f"{path}.items.x-kubernetes-map-type", _pointer(items.x_list_type), detail)


def _map_shape(schema: Schema, path: str) -> Iterator[FieldError]:
    """A list of type map: objects with scalar keys."""
    keys = f"{path}.x-kubernetes-list-map-keys"
    if not schema.x_list_map_keys:
        yield required(keys, "must not be empty if x-kubernetes-list-type is map")
    items = schema.items
    if items is None:
        if schema.items_list is None:
            yield required(f"{path}.items", "must have a schema if x-kubernetes-list-type is map")
        else:
            yield invalid(
                f"{path}.items",
                items_struct(schema),
                "must only have a single schema if x-kubernetes-list-type is map",
            )
        return
    if items.type != "object":
        detail = "must be object if parent array's x-kubernetes-list-type is map"
        yield invalid(f"{path}.items.type", items.type, detail)
        return
    seen: set[str] = set()
    shown = list(schema.x_list_map_keys)
    for key in schema.x_list_map_keys:
        found = items.properties.get(key)
        if found is None:
            yield invalid(keys, [*shown], "entries must all be names of item properties")
        elif found.type in ("array", "object"):
            detail = "must be a scalar type if parent array's x-kubernetes-list-type is map"
            yield invalid(f"{path}.items.properties[{key}].type", items.type, detail)
        if key in seen:
            yield invalid(keys, [*shown], "must not contain duplicate entries")
        seen.add(key)


def map_item_errors(schema: Schema, path: str) -> Iterator[FieldError]:
    """Items of sets and maps may not be null, and a map's keys must always be there."""
    items = schema.items
    if items is None or schema.x_list_type not in ("set", "map"):
        return
    if items.nullable:
        detail = f"cannot be nullable when x-kubernetes-list-type is {schema.x_list_type}"
        yield forbidden(f"{path}.items.nullable", detail)
    if schema.x_list_type != "map":
        return
    for key in schema.x_list_map_keys:
        found = items.properties.get(key)
        if found is None:
            continue
        where = f"{path}.items.properties[{key}]"
        if key not in items.required and found.default is None:
            yield required(
                f"{where}.default",
                "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property",
            )
        if found.nullable:
            detail = "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"
            yield forbidden(f"{where}.nullable", detail)


def _pointer(text: str | None) -> JSON:
    return None if text is None else GoText(text)
