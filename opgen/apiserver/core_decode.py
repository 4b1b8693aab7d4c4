"""Reads an object of a built-in kind as Go's decoder does: types checked, unknown fields found, structs filled in.

The schema is the vendored one; what it doesn't say (which structs are values) is in `structs`.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from dataclasses import dataclass, field
from typing import Any

from opgen.apiextensions import gotime
from opgen.apiserver import protobuf
from opgen.apiserver.apply.types import zero, zero_fields
from opgen.apiserver.quantities import NotAQuantity, canonical
from opgen.apiserver.structs import STRUCTS
from opgen.ir.schema import Schema

_MICRO = tuple(
    ("05.000000", r"[0-9]{2}\.[0-9]{6}") if name == "05" else (name, text) for name, text in gotime.RFC3339
)
_INTEGERS = {"int32": 2**31, "int64": 2**63}


class Unfit(Exception):
    """A value whose type isn't the field's; the message is Go's."""


@dataclass(slots=True)
class Reader:
    """One pass over an object. `unknown` collects the paths of fields that the kind doesn't have."""

    unknown: list[str] = field(default_factory=list)

    def read(self, value: Any, schema: Schema, owner: str, path: str) -> Any:
        """The value as it is stored; raises Unfit. `owner` is the Go struct, `path` the field's path in the object."""
        if schema.ref is not None and schema.ref.name == "Quantity":
            return _quantity(value)
        if schema.x_int_or_string:
            return self._int_or_string(value, owner, path)
        match schema.type:
            case "object" | "" if schema.type or schema.properties:
                return self._object(value, schema, owner, path)
            case "array":
                return self._array(value, schema, owner, path)
            case "string":
                return _string(value, schema, owner, path)
            case "integer":
                return _integer(value, schema, owner, path)
            case "number":
                return _scalar(value, (int, float), "float64", owner, path)
            case "boolean":
                return _scalar(value, (bool,), "bool", owner, path)
            case _:
                return value

    def _int_or_string(self, value: Any, owner: str, path: str) -> Any:
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            return value
        raise _misfit(value, "int32", owner, path)

    def _object(self, value: Any, schema: Schema, owner: str, path: str) -> Any:
        additional = schema.additional_properties
        if not isinstance(value, dict):
            raise _misfit(value, _go_type(schema), owner, path)
        if isinstance(additional, Schema):
            return {key: self._entry(item, additional, owner, path) for key, item in value.items()}
        if not schema.properties:
            return value
        name = schema.ref.name if schema.ref is not None else owner
        result: dict[str, Any] = {}
        for key, item in value.items():
            child = schema.properties.get(key)
            here = f"{path}.{key}" if path else key
            if child is None:
                self.unknown.append(here)
            elif item is not None:
                read = self.read(item, child, name, here)
                if not _omitted(read, child, key, schema):
                    result[key] = read
        for key, filled in empty(schema, name).items():
            result.setdefault(key, filled)
        return result

    def _entry(self, item: Any, schema: Schema, owner: str, path: str) -> Any:
        if item is None and schema.ref is not None and schema.ref.name == "Quantity":
            return "0"
        if item is None and schema.type == "string":
            return ""
        return self.read(item, schema, owner, path)

    def _array(self, value: Any, schema: Schema, owner: str, path: str) -> Any:
        if not isinstance(value, list):
            raise _misfit(value, _go_type(schema), owner, path)
        if schema.items is None:
            return value
        items = schema.items
        nothing = _ZEROS.get(items.type)
        return [
            self.read(nothing if item is None else item, items, owner, f"{path}[{i}]")
            for i, item in enumerate(value)
            if item is not None or nothing is not None
        ]


_ZEROS: dict[str, Any] = {"string": "", "object": {}, "integer": 0, "boolean": False}
"""What null is as an item of a list."""


def empty(schema: Schema, name: str = "") -> dict[str, Any]:
    """What an unset struct of that type is written as."""
    name = schema.ref.name if schema.ref is not None else name
    result = {key: zero(schema.properties[key]) for key in zero_fields(schema) if key in schema.properties}
    for key in STRUCTS.get(name, ()):
        if key in schema.properties:
            result[key] = empty(schema.properties[key])
    return result


def _omitted(value: Any, schema: Schema, key: str, parent: Schema) -> bool:
    """Empty lists and maps of optional fields aren't written, nor zeros that aren't behind a pointer."""
    if not value and parent.ref is not None and isinstance(value, (str, int, float)):
        return key not in zero_fields(parent) and key in protobuf.plain_scalars(str(parent.ref))
    if value == [] and isinstance(value, list):  # a list that is always written is null then
        return True
    return value == {} and isinstance(schema.additional_properties, Schema) and key not in parent.required


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    return {str: "string", int: "number", float: "number", list: "array", dict: "object"}.get(
        type(value), "null"
    )


def _go_type(schema: Schema) -> str:
    if schema.type == "array":
        return "[]" + (_go_type(schema.items) if schema.items is not None else "interface {}")
    if isinstance(schema.additional_properties, Schema):
        return f"map[string]{_go_type(schema.additional_properties)}"
    if schema.ref is not None:
        return f"{schema.ref.api.rpartition('/')[2]}.{schema.ref.name}"
    if schema.type == "integer":
        return schema.format or "int64"
    if schema.format == "byte":
        return "[]uint8"
    return {"boolean": "bool", "number": "float64"}.get(schema.type, schema.type)


def _misfit(value: Any, wanted: str, owner: str, path: str) -> Unfit:
    shown = _kind(value)
    if isinstance(value, float) and not math.isinf(value) and wanted in _INTEGERS:
        shown = f"number {value}"
    place = re.sub(r"\[\d+\]", "", path)
    return Unfit(f"json: cannot unmarshal {shown} into Go struct field {owner}.{place} of type {wanted}")


def _scalar(value: Any, types: tuple[type, ...], wanted: str, owner: str, path: str) -> Any:
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        raise _misfit(value, wanted, owner, path)
    return value


def _integer(value: Any, schema: Schema, owner: str, path: str) -> Any:
    wanted = schema.format or "int64"
    _scalar(value, (int,), wanted, owner, path)
    limit = _INTEGERS.get(wanted, 2**63)
    if not -limit <= value < limit:
        place = re.sub(r"\[\d+\]", "", path)
        raise Unfit(
            f"json: cannot unmarshal number {value} into Go struct field {owner}.{place} of type {wanted}"
        )
    return value


def _string(value: Any, schema: Schema, owner: str, path: str) -> Any:
    if schema.format == "byte":
        return _bytes(value, owner, path)
    wanted = schema.ref.name if schema.ref is not None and schema.ref.name != "Time" else "string"
    if wanted != "string" and schema.ref is not None:
        wanted = f"{schema.ref.api.rpartition('/')[2]}.{wanted}"
    _scalar(value, (str,), wanted, owner, path)
    if schema.format == "date-time":
        try:
            gotime.read(
                value, _MICRO if schema.ref is not None and schema.ref.name == "MicroTime" else gotime.RFC3339
            )
        except gotime.NotATime as error:
            raise Unfit(str(error)) from None
    return value


def _bytes(value: Any, owner: str, path: str) -> Any:
    _scalar(value, (str,), "[]uint8", owner, path)
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        bad = next((i for i, c in enumerate(value) if not (c.isalnum() or c in "+/=")), len(value))
        raise Unfit(
            f"illegal base64 data at input byte {bad // 4 * 4 if bad == len(value) else bad}"
        ) from None
    return value


def _quantity(value: Any) -> Any:
    text = str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
    try:
        return canonical(text if isinstance(text, str) else "")
    except NotAQuantity as error:
        raise Unfit(str(error)) from None
