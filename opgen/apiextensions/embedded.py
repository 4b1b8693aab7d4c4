"""Embedded resources (x-kubernetes-embedded-resource): their apiVersion, kind and metadata have to be valid."""

from __future__ import annotations

from typing import Any

from opgen.apiextensions.errors import ErrorType, FieldError
from opgen.apiextensions.gotext import lower
from opgen.apiextensions.metadata import HOLDS_RESOURCES, child, read_metadata
from opgen.apiextensions.names import dns1035_label, path_segment
from opgen.apiextensions.objectmeta import validate_metadata
from opgen.ir.schema import JSON, Schema


def validate_embedded(
    schema: Schema | None, value: JSON, field_path: str = "", *, root: bool = False
) -> tuple[FieldError, ...]:
    """What is wrong with the type and metadata of the embedded resources in `value`.

    `root` takes `value` itself for one, whatever its schema says.
    """
    errors: list[FieldError] = []
    if root and isinstance(value, dict) and not (schema is not None and schema.x_embedded_resource):
        errors.extend(_resource_errors(value, field_path))
    if schema is not None:
        marked = HOLDS_RESOURCES(schema)
        if marked:
            _walk(schema, value, field_path, errors, marked)
    return tuple(errors)


def _walk(schema: Schema, value: Any, path: str, errors: list[FieldError], marked: frozenset[int]) -> None:
    if isinstance(value, dict):
        if schema.x_embedded_resource:
            errors.extend(_resource_errors(value, path))
        for key, item in value.items():
            below, place = child(schema, key, path)
            if below is not None and id(below) in marked:
                _walk(below, item, place, errors, marked)
    elif isinstance(value, list) and schema.items is not None and id(schema.items) in marked:
        for index, item in enumerate(value):
            _walk(schema.items, item, f"{path}[{index}]", errors, marked)


def _resource_errors(value: dict[str, Any], path: str) -> list[FieldError]:
    prefix = f"{path}." if path else ""
    errors = [
        FieldError(f"{prefix}{key}", ErrorType.REQUIRED, "", "")
        for key in ("apiVersion", "kind")
        if key not in value
    ]
    for key in ("apiVersion", "kind"):
        if key in value:
            detail = _type_detail(key, value[key])
            if detail:
                errors.append(FieldError(f"{prefix}{key}", ErrorType.INVALID, detail, value[key]))
    if "metadata" in value:
        place = f"{prefix}metadata"
        metadata, error, _ = read_metadata(value["metadata"], place)
        if error:
            errors.append(FieldError(place, ErrorType.INVALID, error, value["metadata"]))
        else:
            # A name is not asked for, and the namespace is judged where there is one.
            metadata.setdefault("name", "fakename")
            errors.extend(
                validate_metadata(metadata, place, namespaced="namespace" in metadata, rule=path_segment)
            )
    return errors


def _type_detail(key: str, value: Any) -> str:
    if not isinstance(value, str):
        return "must be a string"
    if not value:
        return "must not be empty"
    if key == "apiVersion":
        return group_version_error(value)
    wrong = dns1035_label(lower(value))
    return f"may have mixed case, but should otherwise match: {','.join(wrong)}" if wrong else ""


def group_version_error(api_version: str) -> str:
    """What schema.ParseGroupVersion says of an apiVersion, "" if it takes it."""
    return f"unexpected GroupVersion string: {api_version}" if api_version.count("/") > 1 else ""
