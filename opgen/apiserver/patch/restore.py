"""What the real server says of a patched object that isn't of its kind's type, where the patch was a strategic one.

Such an object never was JSON: it goes from plain maps to the type, and the complaint names neither field nor path.
"""

from __future__ import annotations

from typing import Any

from opgen.ir.schema import Schema

_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "bool"),
    (str, "string"),
    (int, "int64"),
    (float, "float64"),
    (dict, "map"),
    (list, "slice"),
)


def problem(value: Any, schema: Schema) -> str:
    """The first complaint about a value; empty where it fits, or where its type reads JSON itself."""
    if value is None or schema.x_int_or_string or (schema.ref is not None and schema.ref.name in _OWN):
        return ""
    kind = next(name for type_, name in _KINDS if isinstance(value, type_))
    match schema.type:
        case "object":
            return _object(value, kind, schema)
        case "array":
            if kind != "slice":
                return f"cannot restore slice from {kind}"
            return _first(problem(item, schema.items) for item in value) if schema.items is not None else ""
        case "string":
            if kind == "string":
                return ""
            return f"cannot convert {kind} to string" if kind == "int64" else "unrecognized type: string"
        case "integer":
            wanted = schema.format or "int64"
            if kind == "int64" or (kind == "float64" and float(value).is_integer()):
                return ""
            return (
                f"cannot convert float64 to {wanted}" if kind == "float64" else f"unrecognized type: {wanted}"
            )
        case "boolean":
            return "" if kind == "bool" else "unrecognized type: bool"
        case _:
            return ""


_OWN = frozenset(("IntOrString", "MicroTime", "Quantity", "RawExtension", "Time"))


def _object(value: Any, kind: str, schema: Schema) -> str:
    additional = schema.additional_properties
    if isinstance(additional, Schema):
        if kind != "map":
            return f"cannot restore map from {kind}"
        return _first(problem(item, additional) for item in value.values())
    if not schema.properties:
        return ""
    if kind != "map":
        return f"cannot restore struct from: {kind}"
    return _first(problem(value[name], child) for name, child in schema.properties.items() if name in value)


def _first(problems: Any) -> str:
    return next((text for text in problems if text), "")
