"""x-kubernetes-list-type: the items of a set and the keys of a map must be unique."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from opgen.apiextensions.errors import ErrorType, FieldError
from opgen.apiextensions.gotext import to_json
from opgen.apiextensions.memo import Marked
from opgen.apiextensions.metadata import child
from opgen.ir.schema import JSON, Schema

_HOLDS_LISTS = Marked(lambda schema: schema.x_list_type in ("set", "map"))


def validate_list_types(schema: Schema | None, value: JSON, field_path: str = "") -> tuple[FieldError, ...]:
    """One error for each item or key that stands a second time; a third is not told again."""
    errors: list[FieldError] = []
    if schema is not None:
        marked = _HOLDS_LISTS(schema)
        if marked:
            _walk(schema, value, field_path, errors, marked)
    return tuple(errors)


def _walk(schema: Schema, value: Any, path: str, errors: list[FieldError], marked: frozenset[int]) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            if type(item) is dict or type(item) is list:
                below, place = child(schema, key, path)
                if below is not None and id(below) in marked:
                    _walk(below, item, place, errors, marked)
                rest = schema.additional_properties
                if below is not rest and isinstance(rest, Schema) and id(rest) in marked:
                    _walk(rest, item, f"{path}[{key}]", errors, marked)
    elif isinstance(value, list):
        if schema.x_list_type == "set":
            errors.extend(_duplicates(path, value, value))
        elif schema.x_list_type == "map":
            errors.extend(_map_errors(schema, value, path))
        if schema.items is not None and id(schema.items) in marked:
            for index, item in enumerate(value):
                _walk(schema.items, item, f"{path}[{index}]", errors, marked)


def _map_errors(schema: Schema, items: list[Any], path: str) -> list[FieldError]:
    for index, item in enumerate(items):
        if item is not None and not isinstance(item, dict):
            detail = "must be an object for an array of list-type map"
            return [FieldError(f"{path}[{index}]", ErrorType.INVALID, detail, item)]
    names = schema.x_list_map_keys
    keys = [{name: item[name] for name in names if name in item} if item else {} for item in items]
    if len(names) == 1:
        return _duplicates(path, [key.get(names[0], _ABSENT) for key in keys], keys)
    return _duplicates(path, keys, keys)


class _Absent:
    """Stands for the key of an item that has none."""


_ABSENT = _Absent()


def _duplicates(path: str, items: list[Any], shown: list[Any]) -> list[FieldError]:
    """Errors at the second of equal items; `shown` holds what an error names."""
    if len(items) <= 1:
        return []
    times: dict[Hashable, int] = {}
    errors = []
    for index, item in enumerate(items):
        key = to_json(item) if isinstance(item, dict | list) else item
        identity = (type(item) in (dict, list), type(key), key)
        times[identity] = times.get(identity, 0) + 1
        if times[identity] == 2:
            errors.append(FieldError(f"{path}[{index}]", ErrorType.DUPLICATE, "", shown[index]))
    return errors
