"""Fills in a schema's defaults, as the server does when it reads a request or a stored object."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from opgen.apiextensions.gotext import plain_numbers
from opgen.apiextensions.memo import Marked
from opgen.apiextensions.metadata import HOLDS_RESOURCES, Malformed, coerce_embedded
from opgen.ir.schema import JSON, Schema, Value


def apply_defaults(schema: Schema | None, value: JSON) -> None:
    """Sets absent fields that have a default, and nulls that the schema does not allow; in place.

    A null below a schema without a default stays null. Every default set is a copy of its own.
    """
    if schema is not None:
        marked = _MARKED(schema)
        if marked:
            _apply(value, schema, marked)


def copy_json(value: Any) -> Any:
    """A deep copy of a JSON value."""
    if type(value) is dict:
        return {key: copy_json(item) for key, item in value.items()}
    if type(value) is list:
        return [copy_json(item) for item in value]
    return value


def with_stored_defaults(schema: Schema) -> Schema:
    """The schema as the server stores it: its validation leaves its reading of embedded metadata in the defaults."""
    marked = HOLDS_RESOURCES(schema)
    return _with_stored_defaults(schema, marked) if marked else schema


def _with_stored_defaults(schema: Schema, marked: frozenset[int]) -> Schema:
    if id(schema) not in marked:
        return schema
    default = schema.default
    if default is not None:
        coerced = copy_json(default.json)
        _coerce(schema, coerced)
        default = default if coerced == default.json else Value(coerced)
    items = schema.items
    return replace(
        schema,
        default=default,
        properties={name: _with_stored_defaults(below, marked) for name, below in schema.properties.items()},
        items=None if items is None else _with_stored_defaults(items, marked),
    )


def _coerce(schema: Schema, value: JSON) -> None:
    try:
        coerce_embedded(schema, value)
    except Malformed:
        return  # no definition is stored that has such a default


def _stored(schema: Schema) -> JSON:
    """The default as a stored definition has it, a copy: 3 for 3.0, embedded metadata without what it doesn't know."""
    made: JSON = plain_numbers(_default(schema))
    if type(made) is dict or type(made) is list:
        _coerce(schema, made)
    return made


def _default(schema: Schema) -> JSON:
    """The default of a schema, where null counts as none."""
    return None if schema.default is None else schema.default.json


_MARKED = Marked(lambda schema: _default(schema) is not None)


def _apply(value: Any, schema: Schema, marked: frozenset[int]) -> None:
    if isinstance(value, dict):
        for name, below in schema.properties.items():
            if id(below) not in marked:
                continue
            if name not in value or (value[name] is None and not below.nullable):
                if _default(below) is None:
                    continue
                value[name] = _stored(below)
            _apply(value[name], below, marked)
        rest = schema.additional_properties
        if isinstance(rest, Schema) and id(rest) in marked:
            for key, item in value.items():
                if key not in schema.properties:
                    value[key] = _filled(item, rest, marked)
    elif isinstance(value, list) and schema.items is not None and id(schema.items) in marked:
        for index, item in enumerate(value):
            value[index] = _filled(item, schema.items, marked)


def _filled(item: Any, schema: Schema, marked: frozenset[int]) -> Any:
    """A list's item or a map's value: a null that is not allowed becomes the default."""
    if item is None and not schema.nullable:
        item = _stored(schema)
    _apply(item, schema, marked)
    return item
