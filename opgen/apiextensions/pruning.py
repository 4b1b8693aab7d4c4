"""Drops the fields that a schema does not declare, as the server does before it stores an object.

Works on a private copy's dicts and lists in place. `prune_nulls` then drops nulls that neither the schema
allows nor a default replaces; `defaulting` fills in defaults after both.
"""

from __future__ import annotations

from typing import Any

from opgen.ir.schema import JSON, Schema

META_FIELDS = frozenset(("apiVersion", "kind", "metadata"))


def prune(schema: Schema | None, value: JSON, *, root: bool = True) -> tuple[str, ...]:
    """Drops undeclared fields of `value` in place; returns their paths (`spec.a[0].b`), sorted.

    `root` keeps apiVersion, kind and metadata as those of a resource, whatever the schema says of them.
    """
    unknown: list[str] = []
    if schema is None or not schema.x_preserve_unknown_fields:
        _prune(
            value, schema, "", unknown, resource=root or (schema is not None and schema.x_embedded_resource)
        )
    else:
        _skip(value, schema, "", unknown, resource=root or schema.x_embedded_resource)
    return tuple(sorted(unknown))


def _visit(value: Any, schema: Schema | None, path: str, unknown: list[str]) -> None:
    if schema is None:
        _prune(value, None, path, unknown, resource=False)
    elif schema.x_preserve_unknown_fields:
        _skip(value, schema, path, unknown, resource=schema.x_embedded_resource)
    else:
        _prune(value, schema, path, unknown, resource=schema.x_embedded_resource)


def _prune(value: Any, schema: Schema | None, path: str, unknown: list[str], *, resource: bool) -> None:
    if isinstance(value, dict):
        prefix = f"{path}." if path else ""
        dropped = []
        for key, item in value.items():
            if resource and key in META_FIELDS:
                continue
            if schema is not None and key in schema.properties:
                if type(item) is dict or type(item) is list:
                    _visit(item, schema.properties[key], prefix + key, unknown)
            elif schema is not None and schema.additional_properties is not None:
                if type(item) is dict or type(item) is list:
                    _visit(item, _rest(schema), prefix + key, unknown)
            else:
                dropped.append(key)
        for key in dropped:
            del value[key]
            if path or key not in META_FIELDS:
                unknown.append(prefix + key)
    elif isinstance(value, list):
        items = None if schema is None else schema.items
        for index, item in enumerate(value):
            _visit(item, items, f"{path}[{index}]", unknown)


def _skip(value: Any, schema: Schema, path: str, unknown: list[str], *, resource: bool) -> None:
    """Below x-kubernetes-preserve-unknown-fields: undeclared fields stay, declared ones are pruned inside."""
    if isinstance(value, dict):
        prefix = f"{path}." if path else ""
        for key, item in value.items():
            if resource and key in META_FIELDS:
                continue
            if key in schema.properties:
                _visit(item, schema.properties[key], prefix + key, unknown)
            elif schema.additional_properties is not None:
                _visit(item, _rest(schema), prefix + key, unknown)
    elif isinstance(value, list) and schema.items is not None:
        for index, item in enumerate(value):
            items = schema.items
            _skip(item, items, f"{path}[{index}]", unknown, resource=items.x_embedded_resource)


def _rest(schema: Schema) -> Schema | None:
    """additionalProperties' schema; `true` declares names, yet nothing below them."""
    rest = schema.additional_properties
    return rest if isinstance(rest, Schema) else None


def prune_nulls(schema: Schema | None, value: JSON) -> None:
    """Drops nulls in objects whose schema neither is nullable nor has a default; in place."""
    if schema is None:
        return
    if isinstance(value, dict):
        dropped = []
        for key, item in value.items():
            below = schema.properties.get(key) or _rest(schema)
            if item is None:
                if below is not None and not below.nullable and below.default is None:
                    dropped.append(key)
            elif type(item) is dict or type(item) is list:
                prune_nulls(below, item)
        for key in dropped:
            del value[key]
    elif isinstance(value, list):
        for item in value:
            prune_nulls(schema.items, item)
