"""The scale subresource's fields in an object: replicas must be 32-bit integers from 0 on, the selector a text."""

from __future__ import annotations

from typing import Any

from opgen.apiextensions.errors import ErrorType, FieldError
from opgen.apiextensions.gotext import typed
from opgen.ir.definition import Scale

_MAX = (1 << 31) - 1


def validate_scale_spec(scale: Scale | None, obj: dict[str, Any]) -> tuple[FieldError, ...]:
    """What is wrong with the wanted replicas."""
    return () if scale is None else _replicas(scale.spec_replicas_path, obj)


def validate_scale_status(scale: Scale | None, obj: dict[str, Any]) -> tuple[FieldError, ...]:
    """What is wrong with the replicas that there are, and with the selector."""
    if scale is None:
        return ()
    errors = _replicas(scale.status_replicas_path, obj)
    path = scale.label_selector_path
    if path is not None:
        _, detail = _nested(obj, path, str, "string")
        if detail:
            errors += (FieldError(path, ErrorType.INVALID, detail, ""),)
    return errors


def _replicas(path: str, obj: dict[str, Any]) -> tuple[FieldError, ...]:
    value, detail = _nested(obj, path, int, "int64")
    if detail:
        value = 0
    elif value is not None and value < 0:
        detail = "should be a non-negative integer"
    elif value is not None and value > _MAX:
        detail = f"should be less than or equal to {_MAX}"
    return (FieldError(path, ErrorType.INVALID, detail, value),) if detail else ()


def _nested(obj: dict[str, Any], path: str, kind: type, name: str) -> tuple[Any, str]:
    """The value at a JSON path, None if there is none, and the accessor's error or ""."""
    value: Any = obj
    fields = path.removeprefix(".").split(".")
    for place, key in enumerate(fields):
        if value is None:
            return None, ""
        if not isinstance(value, dict):
            where = f".{'.'.join(fields[: place + 1])}"
            return None, f"{where} accessor error: {typed(value)}, expected map[string]interface{{}}"
        if key not in value:
            return None, ""
        value = value[key]
    if type(value) is kind:
        return value, ""
    where = f".{'.'.join(fields)}"
    return None, f"{where} accessor error: {typed(value)}, expected {name}"
