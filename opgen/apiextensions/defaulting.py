"""Fills in a schema's defaults, as the server does when it reads a request or a stored object."""

from __future__ import annotations

from typing import Any

from opgen.apiextensions.memo import IdentityCache
from opgen.ir.schema import JSON, Schema, Value


def apply_defaults(schema: Schema | None, value: JSON) -> None:
    """Sets absent fields that have a default, and nulls that the schema does not allow; in place.

    A null below a schema without a default stays null. Every default set is a copy of its own.
    """
    if schema is not None:
        _apply(value, schema)


def copy_json(value: Any) -> Any:
    """A deep copy of a JSON value."""
    if type(value) is dict:
        return {key: copy_json(item) for key, item in value.items()}
    if type(value) is list:
        return [copy_json(item) for item in value]
    return value


def _own_defaults(schema: Schema) -> tuple[tuple[str, Schema, Value], ...]:
    """The properties with a default other than null, which counts as none."""
    return tuple(
        (name, below, below.default)
        for name, below in schema.properties.items()
        if below.default is not None and below.default.json is not None
    )


_defaults: IdentityCache[tuple[tuple[str, Schema, Value], ...]] = IdentityCache(_own_defaults, keep=4096)


def _apply(value: Any, schema: Schema) -> None:
    if isinstance(value, dict):
        if schema.properties:
            for name, below, default in _defaults(schema):
                if name not in value or (value[name] is None and not below.nullable):
                    value[name] = copy_json(default.json)
        rest = schema.additional_properties
        for key, item in value.items():
            found = schema.properties.get(key)
            if found is not None:
                if type(item) is dict or type(item) is list:
                    _apply(item, found)
            elif isinstance(rest, Schema):
                value[key] = _filled(item, rest)
    elif isinstance(value, list) and schema.items is not None:
        for index, item in enumerate(value):
            value[index] = _filled(item, schema.items)


def _filled(item: Any, schema: Schema) -> Any:
    """A list's item or a map's value: a null that is not allowed becomes the default."""
    if item is None and not schema.nullable and schema.default is not None:
        item = copy_json(schema.default.json)
    _apply(item, schema)
    return item
